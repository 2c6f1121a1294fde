"""Size, start and memory of the deployment package, next to a bare Chalice application packaged the same way.

Both zips are made now, by Chalice and `deployment.bundle` (so both hold their bytecode), and started in turn, each start
in a fresh process. Init is what the promise is about; but Firebell builds its clients on first use and the bare application
while it starts, so the first event is shown too: for the webhook, one of an incident that has to be queued and paged (AWS is
moto, the pager its emulator, both in the process of the benchmark); for the worker, the message that this webhook left.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.bare import SECRET
from bench.execution_environment import Start, link_runtime, start
from bench.incidents import drain, raise_unheard
from bench.measure import Quiet, machine, quantile, verdict
from deployment.bundle import LARGEST, bundle
from deployment.package import ZIP_NAME, chalice_package, package
from sandbox.lambdas import proxy_event, queue_event
from sandbox.stack import Stack, running

ROOT = Path(__file__).resolve().parents[1]
MOST_TIMES_BARE = 1.3
"""The webhook function's init, at most, in those of the bare application."""


@dataclass(frozen=True, slots=True)
class Function:
    title: str
    code: Path
    handler: str
    make_event: Callable[[], Any]
    is_right: Callable[[Any], bool]
    starts: list[Start] = field(default_factory=list)

    def median(self, figure: str) -> float:
        return quantile([float(getattr(each, figure)) for each in self.starts], 0.5)

    def least(self, figure: str) -> float:
        return min(float(getattr(each, figure)) for each in self.starts)

    def median_until_answered(self) -> float:
        return quantile([each.init_ms + each.first_ms for each in self.starts], 0.5)


def main(starts: int) -> int:
    """Print the figures; return the exit status."""
    print(f"the deployment package; {machine()}; {starts} starts each, in turn")
    with tempfile.TemporaryDirectory(prefix="firebell-bench-") as temporary:
        folder = Path(temporary)
        firebell_zip, bare_zip = package(ROOT, folder / "build", "dev").zip, _bare_zip(folder / "bare")
        size, bare_size = firebell_zip.stat().st_size, bare_zip.stat().st_size
        firebell, bare = _unpacked(firebell_zip), _unpacked(bare_zip)
        runtime = folder / "runtime"
        runtime.mkdir()
        link_runtime(runtime)
        with running(log=Quiet(), workers=0) as stack:
            stack.sweeping = False
            functions = [
                Function("bare application", bare, "app.app", lambda: _webhook(stack), _has_queued),
                Function("Firebell, webhook", firebell, "app.app", lambda: _webhook(stack), _has_paged),
                Function("Firebell, worker", firebell, "app.worker", lambda: _message(stack), _has_handled),
            ]
            _start_in_turn(functions, runtime, starts)
    print(f"{'':20} {'init ms':^15} {'first event ms':^15} {'init + first ms':^15}  memory MB after")
    print(f"{'':20} {'median    min':>15} {'median    min':>15} {'median':>12}       init    first event")
    for function in functions:
        _show(function)
    print(f"package: bare application {bare_size:,} bytes, Firebell {size:,} bytes".replace(",", " "))
    baseline, webhook, _worker = functions
    times = webhook.median("init_ms") / baseline.median("init_ms")
    until_answered = webhook.median_until_answered() / baseline.median_until_answered()
    seen = f"{times:.2f} times; by the minima {webhook.least('init_ms') / baseline.least('init_ms'):.2f}"
    print(f"webhook function, until its first webhook is answered: {until_answered:.2f} times the bare application")
    small = verdict(f"package <= {LARGEST / 1e6:.0f} MB", size <= LARGEST, f"{size / 1e6:.2f} MB")
    quick = verdict(f"init of the webhook function <= {MOST_TIMES_BARE} times the bare one's", times <= MOST_TIMES_BARE, seen)
    return 0 if small and quick else 1


def _start_in_turn(functions: list[Function], runtime: Path, starts: int) -> None:
    """One round first that does not count: it reads everything from disk."""
    environment = {name: value for name, value in os.environ.items() if name.startswith(("AWS_", "FIREBELL_"))}
    environment["BARE_SECRET"] = SECRET.decode()
    for number in range(starts + 1):
        for function in functions:
            begun = start(function.code, runtime, function.handler, environment, function.make_event())
            if not function.is_right(begun.answer):
                raise RuntimeError(f"{function.title}: {begun.answer}")
            if number:
                function.starts.append(begun)


def _webhook(stack: Stack) -> dict[str, Any]:
    """Of a new incident. Takes off the queue what nobody has worked on."""
    drain(stack)
    incident = raise_unheard(stack)
    return proxy_event("/webhooks/jira", "POST", incident.headers, incident.body)


def _message(stack: Stack) -> dict[str, Any]:
    """The one that the last webhook left."""
    [message] = stack.sqs.receive_message(QueueUrl=stack.queue_url)["Messages"]
    return queue_event(message["Body"], message["MessageId"], 1)


def _has_queued(answer: Any) -> bool:
    return bool(answer["statusCode"] == 202)


def _has_paged(answer: Any) -> bool:
    return _has_queued(answer) and bool(json.loads(answer["body"])["outcome"] == "paged")


def _has_handled(answer: Any) -> bool:
    return bool(answer == {"batchItemFailures": []})


def _bare_zip(work: Path) -> Path:
    tree, out, unpacked = work / "tree", work / "out", work / "unpacked"
    chalice = tree / ".chalice"
    chalice.mkdir(parents=True)
    shutil.copyfile(Path(__file__).with_name("bare_app.py"), tree / "app.py")
    (tree / "requirements.txt").touch()
    (chalice / "config.json").write_text('{"version": "2.0", "app_name": "bare", "stages": {"dev": {}}}', "utf-8")
    (chalice / "resources.json").write_text('{"Resources": {}}', "utf-8")
    chalice_package(tree, out, "dev")
    bundle(out / ZIP_NAME, unpacked, work / ZIP_NAME)
    return work / ZIP_NAME


def _unpacked(zip_path: Path) -> Path:
    code = zip_path.parent / "code"
    with zipfile.ZipFile(zip_path) as archive:
        archive.extractall(code)
    return code


def _show(function: Function) -> None:
    init, first = function.median("init_ms"), function.median("first_ms")
    print(
        f"{function.title:20} {init:8.0f} {function.least('init_ms'):6.0f} {first:8.0f} {function.least('first_ms'):6.0f}"
        f" {function.median_until_answered():12.0f} {function.median('init_mb'):10.0f} {function.median('first_mb'):14.0f}"
    )
