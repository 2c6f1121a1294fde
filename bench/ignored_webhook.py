"""What a webhook costs that is signed and none of our business (most of the traffic): CPU, and calls to AWS.

The real Lambda handler is called in this process, warm, with API Gateway's event; the baseline is a bare handler that
verifies one HMAC and parses the same event's body. CPU is that of the whole process, which does nothing else, log line
included. Calls to AWS are counted where botocore makes them; an incident's webhook shows that the counter counts.
"""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from moto import mock_aws

from bench.bare import bare_handler, signature_of
from bench.incidents import created_webhook
from bench.measure import machine, quantile, verdict
from chalicelib import bootstrap
from chalicelib.adapters.aws import forget_clients
from sandbox import company as companies
from sandbox.jira.model import JiraModel
from sandbox.lambdas import Context, proxy_event

NOWHERE = "http://127.0.0.1:1"
ROUND = 50
LARGE = 200_000
"""Characters of description in the large one: Jira's webhooks reach 236 kB."""

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


@dataclass
class Cost:
    """cpu_ms: per webhook, one figure per round."""

    title: str
    body_bytes: int
    cpu_ms: dict[str, list[float]] = field(default_factory=lambda: {"bare handler": [], "Firebell": []})


@dataclass
class Findings:
    """aws_calls: all that ignored webhooks made; control: what one webhook of an incident made."""

    costs: list[Cost] = field(default_factory=list)
    aws_calls: int = 0
    control: int = 0


def main(runs: int) -> int:
    """Print the figures; return the exit status."""
    print(f"a signed webhook that is no incident; {machine()}; {runs} warm runs each, rounds of {min(runs, ROUND)}")
    findings = measure(runs)
    print(f"{'CPU milliseconds per webhook':44} median    min")
    for cost in findings.costs:
        for who, rounds in cost.cpu_ms.items():
            title = f"{who}, {cost.title} ({cost.body_bytes / 1000:.1f} kB)"
            print(f"{title:44} {quantile(rounds, 0.5):6.3f} {min(rounds):6.3f}")
    counts = verdict(
        "AWS calls of an incident's webhook, to show that they are counted", findings.control > 0, str(findings.control)
    )
    none = verdict("AWS calls of all ignored webhooks together", findings.aws_calls == 0, str(findings.aws_calls))
    return 0 if counts and none else 1


def measure(runs: int) -> Findings:
    with _deployed() as (handler, aws_calls), open(os.devnull, "w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        found = Findings()
        for title, characters in (("as usual", 1000), ("large", LARGE)):
            event = _event("OPS", "Task", characters)
            cost = Cost(title, len(event["body"]))
            for who, times in cost.cpu_ms.items():
                times.extend(_rounds(handler if who == "Firebell" else bare_handler, event, runs))
            found.costs.append(cost)
        found.aws_calls = len(aws_calls)
        assert handler(_event("HOT", "Incident", 1000), Context())["statusCode"] == 202
        found.control = len(aws_calls) - found.aws_calls
    return found


def _rounds(handler: Handler, event: dict[str, Any], runs: int) -> Iterator[float]:
    """CPU milliseconds per webhook, one figure per round; the first call is warm-up."""
    assert handler(event, Context())["statusCode"] == 200
    size = min(runs, ROUND)
    for _ in range(max(1, runs // size)):
        began = time.process_time()
        for _ in range(size):
            handler(event, Context())
        yield (time.process_time() - began) * 1000 / size


class _Now:
    def now(self) -> datetime:
        return datetime.now(UTC)


def _event(project: str, issue_type: str, characters: int) -> dict[str, Any]:
    """What API Gateway hands over for the webhook of a new issue."""
    model = JiraModel(_Now())
    issue = model.create_incident(
        companies.EMMA, "Renew the certificate", description="x" * characters, project=project, issue_type=issue_type
    )
    body = json.dumps(created_webhook(model, issue).body).encode()
    headers = {"Content-Type": "application/json; charset=UTF-8", "X-Hub-Signature": signature_of(body)}
    return proxy_event("/webhooks/jira", "POST", headers, body)


@contextmanager
def _deployed() -> Iterator[tuple[Handler, list[str]]]:
    """The real handler, in an environment as deployed (AWS is moto), and the list of its calls to AWS, which grows."""
    calls: list[str] = []
    with _environment_restored(), tempfile.TemporaryDirectory() as folder, mock_aws():
        settings = Path(folder) / "firebell.toml"
        companies.write_settings(settings, companies.urls_at(NOWHERE))
        os.environ.update(
            AWS_DEFAULT_REGION="eu-central-1",
            FIREBELL_SETTINGS=str(settings),
            FIREBELL_SECRETS=json.dumps(companies.SECRETS),
            FIREBELL_TABLE="firebell",
            FIREBELL_MODE="shadow",
        )
        for name in ("FIREBELL_QUEUE_URL", "FIREBELL_DEAD_LETTER_URL"):
            os.environ[name] = boto3.client("sqs").create_queue(QueueName=name)["QueueUrl"]
        bootstrap.reset()
        forget_clients()
        boto3.setup_default_session()
        session: Any = boto3.DEFAULT_SESSION
        session.events.register("before-call", lambda model, **_: calls.append(model.name))
        try:
            import app

            yield app.app, calls
        finally:
            boto3.DEFAULT_SESSION = None
            bootstrap.reset()
            forget_clients()


@contextmanager
def _environment_restored() -> Iterator[None]:
    saved = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(saved)
