"""The embedded stack: moto for AWS, the emulators, and the real handlers behind thin copies of what AWS puts around them.

The handlers run unchanged; only endpoints differ, and a clock that can be made to run fast, so that a minute of waiting
takes a second in a demo.
"""

from __future__ import annotations

import json
import logging
import math
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import requests
from moto.server import ThreadedMotoServer

from chalicelib import bootstrap
from chalicelib.adapters.aws import forget_clients
from chalicelib.ports.pager import Pager
from chalicelib.ports.queue import Message, Queue
from chalicelib.settings_table import LOOPBACK
from sandbox import company as companies
from sandbox.atomic_dynamodb import atomic_writes
from sandbox.company import Company
from sandbox.emulator import Recorder, serve
from sandbox.lambdas import SCHEDULE_EVENT, Context, Killed, Poller, api_gateway, separate_requests
from sandbox.mail.server import serving

REGION = "eu-central-1"
RESOURCES = Path(__file__).parents[1] / ".chalice" / "resources.json"
SWEEP_EVERY_S, ROLLUP_EVERY_S = 60, 3600
FACTS = "firebell-facts"
HOOK_TIMEOUT_S = 15


class FastClock:
    """The real time, multiplied while nobody is at work. speed can change while it runs; time never jumps.

    Whoever is at work has as long as they would have: a claim of 30 s, multiplied, would be over while its holder is still
    at the vendor's, and another would do the same once more.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._real = time.monotonic()
        self._shown = datetime.now(UTC)
        self._speed = 1.0
        self._at_work = 0

    @property
    def speed(self) -> float:
        return self._speed

    def now(self) -> datetime:
        with self._lock:
            return self._read(time.monotonic())

    def run_at(self, speed: float) -> None:
        with self._lock:
            self._settle()
            self._speed = speed

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Until the end of the block it is the real time, however fast the clock is to run."""
        self._work(1)
        try:
            yield
        finally:
            self._work(-1)

    def _work(self, more: int) -> None:
        with self._lock:
            self._settle()
            self._at_work += more

    def _settle(self) -> None:
        real = time.monotonic()
        self._shown, self._real = self._read(real), real

    def _read(self, real: float) -> datetime:
        return self._shown + timedelta(seconds=(real - self._real) * (1.0 if self._at_work else self._speed))


@dataclass(frozen=True, slots=True)
class FastQueue:
    """The real queue, with delays shortened as the clock runs faster."""

    inner: Queue
    clock: FastClock

    def send(self, message: Message, delay_s: int = 0) -> None:
        self.inner.send(message, math.ceil(delay_s / self.clock.speed) if delay_s else 0)

    def bury(self, body: bytes, reason: str) -> None:
        self.inner.bury(body, reason)


class KillSwitch:
    """Kills whoever next opens a page, before or right after the pager has got it."""

    def __init__(self) -> None:
        self.armed: str | None = None

    def wrap(self, pagers: Mapping[str, Pager]) -> Mapping[str, Pager]:
        return {name: _Mortal(pagers, name, self) for name in pagers}


class _Mortal:
    """A pager whose caller may die."""

    def __init__(self, pagers: Mapping[str, Pager], name: str, switch: KillSwitch) -> None:
        self._pagers, self.name, self._switch = pagers, name, switch

    def __getattr__(self, operation: str) -> Any:
        real = getattr(self._pagers[self.name], operation)
        if operation != "open_page" or self._switch.armed is None:
            return real

        def dying(*arguments: Any) -> Any:
            when, self._switch.armed = self._switch.armed, None
            if when == "after":
                real(*arguments)
            raise Killed

        return dying


@dataclass
class Stack:
    """A running stack. url: the front; aws: moto's endpoint; killed: handlers that died, for the curious."""

    company: Company
    clock: FastClock
    url: str
    urls: dict[str, str]
    aws: str
    sqs: Any
    queue_url: str
    kill: KillSwitch
    sweeping: bool = True
    errors: list[BaseException] = field(default_factory=list)
    on_hook: Callable[[str, int], None] | None = None
    delivered: int = 0
    _at_work: list[object] = field(default_factory=list)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """While this runs, something may come of it that no list shows."""
        self._at_work.append(None)  # appending and popping are atomic
        try:
            yield
        finally:
            self._at_work.pop()

    def is_idle(self) -> bool:
        """True when nothing is under way: no webhook, no request at a pager, no message, no handler. Time may bring more."""
        before = self.delivered
        # What a handler left behind is on a list before its message is gone, and what was delivered in between was counted.
        return self._is_quiet() and self.waiting() == 0 and self._is_quiet() and before == self.delivered

    def _is_quiet(self) -> bool:
        company = self.company
        is_busy = any(pager.desk.is_busy for pager in company.pagers) or bool(company.slack.model.outbox.hooks)
        return not (self._at_work or company.jira_model.webhooks or is_busy)

    def deliver(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Post a webhook as a vendor would; 0 when nobody answers."""
        self.delivered += 1
        try:
            status = requests.post(url, data=body, headers=dict(headers), timeout=HOOK_TIMEOUT_S).status_code
        except requests.RequestException:
            status = 0
        if self.on_hook is not None:
            self.on_hook(url, status)
        return status

    def waiting(self) -> int:
        """Messages on the work queue: waiting, delayed or being handled."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed", "ApproximateNumberOfMessagesNotVisible"]
        attributes = self.sqs.get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=names)["Attributes"]
        return sum(int(value) for value in attributes.values())


@contextmanager
def running(
    *,
    log: Any = None,
    recorder: Recorder | None = None,
    workers: int = 2,
    pager: str = "opsgenie",
    front_port: int = 0,
    pages: Callable[[Stack], Any] | None = None,
    pages_port: int = 0,
) -> Iterator[Stack]:
    """Start everything on free ports, yield it, and stop it. log: a Log to use instead of JSON lines on standard output.

    pages: makes one more WSGI application of the stack (served under `urls["pages"]`).
    """
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    logging.getLogger("botocore").setLevel(logging.ERROR)
    clock, kill = FastClock(), KillSwitch()
    company = companies.found(clock, recorder)
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    aws = f"http://{host}:{port}"
    saved = dict(os.environ)
    stopped = threading.Event()
    with (
        atomic_writes(),
        tempfile.TemporaryDirectory() as folder,
        serve(*company.emulators) as urls,
        serving(company.mail) as (mail_host, mail_port),
    ):
        try:
            by_name = dict(zip((emulator.name for emulator in company.emulators), urls, strict=True))
            by_name["mail"] = f"smtp://{mail_host}:{mail_port}"
            _set_environment(Path(folder), aws, by_name, pager)
            requests.post(f"{aws}/moto-api/reset", timeout=5)  # moto's memory is the process's, not the server's
            sqs, queue_url = _make_aws(aws)
            bootstrap.give(clock=clock, log=log, queue=lambda real: FastQueue(real, clock), pagers=kill.wrap)
            forget_clients()
            import app

            separate_requests()
            stack = Stack(company, clock, "", by_name, aws, sqs, queue_url, kill)
            fronts: list[Any] = [api_gateway(app.app)]
            if pages is not None:
                fronts.append(pages(stack))
            with serve(*fronts, ports=(front_port, pages_port)) as front_urls:
                stack.url = front_urls[0]
                if pages is not None:
                    stack.urls["pages"] = front_urls[1]
                companies.point_hooks_at(company, stack.url)
                threads = _start_threads(stack, app, workers, stopped)
                try:
                    yield stack
                finally:
                    stopped.set()
                    for thread in threads:
                        thread.join(timeout=5)
        finally:
            moto.stop()
            bootstrap.reset()
            forget_clients()
            os.environ.clear()
            os.environ.update(saved)


def _set_environment(folder: Path, aws: str, urls: Mapping[str, str], pager: str) -> None:
    settings = folder / "firebell.toml"
    companies.write_settings(settings, urls, pager=pager)
    os.environ.update(
        AWS_ENDPOINT_URL=aws,
        AWS_ACCESS_KEY_ID="embedded",
        AWS_SECRET_ACCESS_KEY="embedded",
        AWS_DEFAULT_REGION=REGION,
        FIREBELL_SETTINGS=str(settings),
        FIREBELL_SECRETS=json.dumps(companies.SECRETS),
    )
    os.environ.pop("FIREBELL_MODE", None)
    for name in ("no_proxy", "NO_PROXY"):  # a company's proxy cannot reach what is on this machine
        os.environ[name] = ",".join(filter(None, (os.environ.get(name), *LOOPBACK)))


def _make_aws(aws: str) -> tuple[Any, str]:
    """The table, the queues and the bucket, in the shape in which they are deployed."""
    shapes = json.loads(RESOURCES.read_text("utf-8"))["Resources"]
    table = shapes["Ledger"]["Properties"]
    kept = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    boto3.client("dynamodb", endpoint_url=aws).create_table(TableName="firebell", **{name: table[name] for name in kept})
    sqs = boto3.client("sqs", endpoint_url=aws)
    dead = sqs.create_queue(QueueName="firebell-dead")["QueueUrl"]
    dead_arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    work = sqs.create_queue(
        QueueName="firebell-work",
        Attributes={
            "VisibilityTimeout": str(shapes["WorkQueue"]["Properties"]["VisibilityTimeout"]),
            "RedrivePolicy": json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": "5"}),
        },
    )["QueueUrl"]
    boto3.client("s3", endpoint_url=aws).create_bucket(
        Bucket=FACTS, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )  # fmt: skip
    os.environ.update(
        FIREBELL_TABLE="firebell", FIREBELL_QUEUE_URL=work, FIREBELL_DEAD_LETTER_URL=dead, FIREBELL_FACTS=FACTS
    )  # fmt: skip
    return sqs, work


def _start_threads(stack: Stack, app: Any, workers: int, stopped: threading.Event) -> list[threading.Thread]:
    def pump(emulator: Any) -> None:
        while not stopped.is_set():
            with stack.at_work():
                emulator.pump(stack.deliver)
            stopped.wait(0.01)

    began_at = stack.clock.now()
    schedules = [[app.sweep, SWEEP_EVERY_S, began_at], [app.rollup, ROLLUP_EVERY_S, began_at]]

    def tick() -> None:
        while not stopped.is_set():
            for schedule in schedules:
                function, every_s, ran_at = schedule
                with stack.at_work():
                    if stack.sweeping and stack.clock.now() - ran_at >= timedelta(seconds=every_s):
                        schedule[2] = stack.clock.now()
                        try:
                            with stack.clock.at_work():
                                function(dict(SCHEDULE_EVENT), Context())
                        except Exception as error:  # noqa: BLE001  this is the platform: the next time comes all the same
                            stack.errors.append(error)
            stopped.wait(0.02)

    def work(event: dict[str, Any], context: Context) -> Any:
        with stack.clock.at_work():
            return app.worker(event, context)

    polls = [Poller(stack.sqs, stack.queue_url, work, stopped, stack.errors.append).run for _ in range(workers)]
    pumps = [lambda emulator=emulator: pump(emulator) for emulator in stack.company.senders]
    threads = [threading.Thread(target=target, daemon=True) for target in (*polls, *pumps, tick)]
    for thread in threads:
        thread.start()
    return threads
