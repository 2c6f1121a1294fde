"""Every deployed function lives through what it is for, each call to AWS is written down, and its role must allow just those.

One invocation after the other, each a cold start as in a function of its own: nobody lives on what another one has read.
"""

from __future__ import annotations

import hashlib
import hmac
import inspect
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from boto3.session import Session

import app
from chalicelib import bootstrap
from chalicelib.adapters.aws import forget_clients
from chalicelib.adapters.dynamodb import DynamoDbLedger
from chalicelib.ports.ledger import Ledger
from chalicelib.reconcile import sweep as sweeping
from sandbox import company as companies
from sandbox.company import SECRETS, Company
from sandbox.emulator import serve
from sandbox.lambdas import SCHEDULE_EVENT, Context, proxy_event, queue_event
from sandbox.mail.ses import SesEmulator
from tests.adapters.aws_world import TABLE, aws_in_memory, make_queue, make_table
from tests.packaging.aws_calls import Asked, Calls, allowed, arn, asked, is_allowed, unused
from tests.reconcile.small_world import FakeClock, FakeLog

FUNCTIONS = ("APIHandler", "Worker", "Sweep", "Rollup")
FRONT = "http://front"


@dataclass
class Deployed:
    """The functions of the stack, the company around them, and what each has asked AWS for."""

    company: Company
    clock: FakeClock
    sqs: Any
    work_url: str
    calls: Calls = field(default_factory=Calls)
    log: FakeLog = field(default_factory=FakeLog)
    ledger_used: dict[str, set[str]] = field(default_factory=dict)

    def invoke(self, function: str, handler: Callable[..., Any], event: Mapping[str, Any]) -> Any:
        bootstrap.give(clock=self.clock, log=self.log)
        forget_clients()
        with self.calls.during(function):
            return handler(dict(event), Context())

    def deliver(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        answer = self.invoke("APIHandler", app.app, proxy_event(urlsplit(url).path, "POST", headers, body))
        return int(answer["statusCode"])

    def pass_s(self, s: float) -> None:
        self.clock.at += timedelta(seconds=s)

    def run(self, minutes: int) -> None:
        """Webhooks, then the worker until the queue is empty, then the sweep; minute by minute."""
        for _ in range(minutes):
            self.work()
            self.invoke("Sweep", app.sweep, SCHEDULE_EVENT)
            self.work()
            self.pass_s(60)

    def work(self) -> None:
        while self._pump() + self._take_messages():
            pass

    def _pump(self) -> int:
        before = len(self.log.events)
        for sender in self.company.senders:
            sender.pump(self.deliver)
        return len(self.log.events) - before

    def _take_messages(self) -> int:
        messages = self.sqs.receive_message(QueueUrl=self.work_url, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            self.invoke("Worker", app.worker, queue_event(message["Body"], message["MessageId"], 1))
            self.sqs.delete_message(QueueUrl=self.work_url, ReceiptHandle=message["ReceiptHandle"])
        return len(messages)

    def tell_a_change(self) -> int:
        told = {"service": "bitbucket", "what": "deploy api", "at": (self.clock.at - timedelta(minutes=20)).isoformat()}
        return self.signed(
            "/webhooks/changes", json.dumps(told | {"by": "ci"}).encode(), "X-Firebell-Signature", "changes_webhook"
        )

    def signed(self, path: str, body: bytes, header: str, secret: str) -> int:
        [key] = SECRETS[secret]
        signature = f"sha256={hmac.new(key.encode(), body, hashlib.sha256).hexdigest()}"
        return self.deliver(f"{FRONT}{path}", {header: signature, "Content-Type": "application/json"}, body)


@contextmanager
def deployed(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[tuple[Deployed, dict[str, str]]]:
    """With the ARN of each resource of the template."""
    clock = FakeClock()
    company = companies.found(clock)
    ses = SesEmulator(company.mail.model, clock, access_key="test")
    with aws_in_memory(monkeypatch), serve(*company.emulators, ses) as urls:
        ours = Session()
        make_table()
        sqs, work = make_queue("work", "WorkQueue")
        _, dead = make_queue("dead", "DeadLetters")
        ours.client("s3").create_bucket(Bucket="facts", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        secret = ours.client("secretsmanager").create_secret(Name="credentials", SecretString=json.dumps(SECRETS))["ARN"]
        by_name = dict(zip((emulator.name for emulator in company.emulators), urls, strict=False))
        settings = folder / "firebell.toml"
        companies.write_settings(settings, {**by_name, "mail": "smtp://127.0.0.1:9"})
        settings.write_text(with_ses(settings.read_text("utf-8")), "utf-8")
        monkeypatch.delenv("FIREBELL_SECRETS", raising=False)
        monkeypatch.delenv("FIREBELL_MODE", raising=False)
        for name, value in {
            "AWS_ENDPOINT_URL_SESV2": urls[-1],
            "FIREBELL_SETTINGS": str(settings),
            "FIREBELL_SECRET_ID": secret,
            "FIREBELL_TABLE": TABLE,
            "FIREBELL_QUEUE_URL": work,
            "FIREBELL_DEAD_LETTER_URL": dead,
            "FIREBELL_FACTS": "facts",
        }.items():
            monkeypatch.setenv(name, value)
        companies.point_hooks_at(company, FRONT)
        stack = Deployed(company, clock, sqs, work)
        heard = Session()
        stack.calls.listen_to(heard)
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", heard)
        count_ledger(stack, monkeypatch)
        yield stack, {
            "Ledger": arn("dynamodb", f"table/{TABLE}"), "WorkQueue": arn("sqs", "work"), "DeadLetters": arn("sqs", "dead"),
            "Facts": "arn:aws:s3:::facts", "Credentials": secret,
        }  # fmt: skip
    bootstrap.reset()
    forget_clients()


def with_ses(settings: str) -> str:
    """Mail by SES, since that is what needs a right."""
    without_host = re.sub(r'host = "[^"]*"\nport = \d+\nsecurity = "none"\n', "", settings)
    return without_host.replace('kind = "smtp"', 'kind = "ses"')


LEDGER = frozenset(name for name, _ in inspect.getmembers(Ledger, inspect.isfunction) if not name.startswith("_"))


def count_ledger(stack: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    def counted(name: str) -> Callable[..., Any]:
        real = getattr(DynamoDbLedger, name)

        def call(*given: Any, **named: Any) -> Any:
            stack.ledger_used.setdefault(stack.calls.at_work or "", set()).add(name)
            return real(*given, **named)

        return call

    for name in LEDGER:
        monkeypatch.setattr(DynamoDbLedger, name, counted(name))


def live(stack: Deployed) -> None:
    """A month in short: what is told, noted, corrected, lost, unreadable, resolved, deleted and counted."""
    company = stack.company
    model, chat = company.jira_model, company.slack.model
    assert stack.tell_a_change() == 200
    issue = model.create_incident(companies.EMMA, "Checkout is down", severity=1, products=("Payments",))
    stack.run(2)
    [alert] = company.opsgenie.desk.alerts
    company.opsgenie.desk.acknowledge(alert.id, companies.MIA.email or "")
    stack.run(2)
    room = next(one for one in chat.rooms.values() if one.name == "hot-1")
    mia = next(user.id for user in chat.users.values() if user.email == companies.MIA.email)
    if mia not in room.members:
        chat.invite(chat.bot.id, room.id, [mia])
    chat.react(mia, room.id, chat.say(mia, room.id, "It was the proxy"), "pushpin")
    assert company.slack.command(stack.deliver, mia, room.id, "note restarted the proxy") == 200
    note = model.comment(issue, "note: flushed the cache", companies.MIA)
    model.comment(issue, "public identified: Some payments fail.", companies.MIA)
    stack.run(2)
    model.delete_comment(issue, note, companies.MIA)
    model.edit_summary(issue, "Checkout is slow", companies.EMMA)
    stack.run(2)
    model.transition(issue, "Resolved", companies.MIA, "Done")
    model.lose = 1
    model.create_incident(companies.EMMA, "Nobody heard of it", severity=1)
    gone = model.create_incident(companies.EMMA, "A mistake", severity=3)
    stack.run(2)
    model.delete(gone, companies.EMMA)
    assert stack.signed("/webhooks/jira", b"{", "X-Hub-Signature", "jira_webhook") == 202
    stack.sqs.send_message(QueueUrl=stack.work_url, MessageBody="not a message")
    stack.run(2)
    stack.invoke("Rollup", app.rollup, SCHEDULE_EVENT)


def test_every_function_may_do_what_it_does_and_nothing_else(
    template: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    with deployed(monkeypatch, tmp_path) as (stack, arns):
        live(stack)
    rights = {function: allowed(template, function, arns) for function in FUNCTIONS}
    calls = stack.calls.by
    refused = {one: sorted(call for call in calls[one] if not is_allowed(call, rights[one])) for one in FUNCTIONS}
    assert refused == {one: [] for one in FUNCTIONS}
    assert {one: unused(rights[one], calls[one]) for one in FUNCTIONS} == {one: [] for one in FUNCTIONS}
    # What these lives do not touch, they cannot tell anything of.
    assert set.union(*stack.ledger_used.values()) == LEDGER
    assert stack.ledger_used["Sweep"] == set(re.findall(r"\bledger\.(\w+)\(", inspect.getsource(sweeping)))
    assert [one for one in stack.log.alarms if one in ("sweep_failed", "not_durable", "ledger_away")] == []


def test_a_call_that_nobody_has_looked_up_is_noticed():
    with pytest.raises(NotImplementedError, match="dynamodb Scan"):
        list(asked("dynamodb", "Scan", {"TableName": TABLE}))


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        pytest.param(Asked("s3:PutObject", "arn:aws:s3:::facts/inbox/1"), True, id="below"),
        pytest.param(Asked("s3:PutObject", "arn:aws:s3:::facts/incidents/1"), False, id="beside"),
        pytest.param(Asked("s3:GetObject", "arn:aws:s3:::facts/inbox/1"), False, id="another action"),
    ],
)
def test_a_right_is_for_one_action_on_what_its_pattern_covers(call: Asked, expected: bool):
    assert is_allowed(call, {Asked("s3:PutObject", "arn:aws:s3:::facts/inbox/*")}) is expected
