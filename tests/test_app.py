"""What a sender of webhooks gets back: a 2xx once the event is durable, a 5xx it will retry, and 401 for strangers."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import boto3
import pytest
from chalice.test import Client

import app
from chalicelib import bootstrap, reception
from chalicelib.adapters.aws import client, forget_clients
from chalicelib.bootstrap_metrics import fact_store
from chalicelib.domain.incident import IssueId
from chalicelib.domain.policy import PagingPolicy
from chalicelib.errors import SettingsError
from chalicelib.intake.queue_message import message_to_body, parse_message
from chalicelib.metrics.facts import month_of
from chalicelib.metrics.layout import inbox_key
from chalicelib.metrics.rows import line_of_sighting
from chalicelib.metrics.sightings import sighting_of
from chalicelib.ports.queue import Cause, Message
from sandbox import company as companies
from sandbox.jira.http import JiraEmulator
from sandbox.jira.model import JiraModel
from sandbox.lambdas import SCHEDULE_EVENT, Context, queue_event
from tests.adapters.aws_world import TABLE, aws_in_memory, make_queue, make_table
from tests.builders import NOW, an_incident
from tests.reconcile.small_world import FakeClock, FakeLog

NOWHERE = "http://127.0.0.1:1"


class Platform:
    """The deployed application in shadow mode, with its table and queues."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        make_table()
        self.sqs, self.work = make_queue("work", "WorkQueue")
        _, self.dead = make_queue("dead", "DeadLetters")
        settings = folder / "firebell.toml"
        companies.write_settings(settings, companies.urls_at(NOWHERE))
        for name, value in {
            "FIREBELL_SETTINGS": str(settings),
            "FIREBELL_SECRETS": json.dumps({**companies.SECRETS, "jira_webhook": ["old", "new"]}),
            "FIREBELL_TABLE": TABLE,
            "FIREBELL_QUEUE_URL": self.work,
            "FIREBELL_DEAD_LETTER_URL": self.dead,
            "FIREBELL_MODE": "shadow",
        }.items():
            monkeypatch.setenv(name, value)
        self.clock = FakeClock()
        model = JiraModel(self.clock)
        self.jira = JiraEmulator(model, self.clock, bot=companies.BOT, mail="", token="")
        model.create_incident(companies.EMMA, "Checkout is down")
        [hook] = model.take_due_webhooks()
        self.body = self.jira.body_of(hook)

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
        with Client(app.app, stage_name="dev", project_dir=str(Path(app.__file__).parent)) as client:
            answer = client.http.post(path, headers={"Content-Type": "application/json", **headers}, body=body)
            return answer.status_code, answer.json_body

    def signed(self, body: bytes, secret: str = "new", **headers: str) -> tuple[int, dict[str, Any]]:
        digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return self.post("/webhooks/jira", body, {"X-Hub-Signature": f"sha256={digest}", **headers})

    def messages(self, queue: str) -> list[str]:
        found = self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        return [message["Body"] for message in found]


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Platform]:
    with aws_in_memory(monkeypatch):
        bootstrap.reset()
        forget_clients()
        yield Platform(monkeypatch, tmp_path)
    bootstrap.reset()
    forget_clients()


@pytest.mark.parametrize("secret", ["old", "new"])
def test_an_incident_signed_with_either_live_secret_is_durable_before_it_is_accepted(platform: Platform, secret: str):
    assert platform.signed(platform.body, secret)[0] == 202
    [message] = [parse_message(body) for body in platform.messages(platform.work)]
    assert (message.cause, message.snapshot is not None) == (Cause.CHANGED, True)


@pytest.mark.parametrize("content_type", ["application/json; charset=UTF-8", "text/plain", "application/x-www-form-urlencoded"])
def test_no_content_type_is_turned_away(platform: Platform, content_type: str):
    assert platform.signed(platform.body, **{"Content-Type": content_type})[0] == 202


def test_who_cannot_sign_may_come_in_with_the_secret_header(platform: Platform):
    assert platform.post("/webhooks/jira", platform.body, {"X-Firebell-Secret": "jira-header-secret"})[0] == 202


@pytest.mark.parametrize(
    "headers",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"X-Hub-Signature": "sha256=" + "0" * 64}, id="a wrong signature"),
        pytest.param({"X-Hub-Signature": "sha1=abc"}, id="another method"),
        pytest.param({"X-Firebell-Secret": "guess"}, id="a wrong secret"),
        pytest.param({"X-Firebell-Secret": ""}, id="an empty secret"),
        pytest.param({"X-Hub-Signature": "", "X-Firebell-Secret": "jira-header-secret"}, id="an empty signature"),
    ],
)
def test_strangers_get_401_and_leave_no_trace(platform: Platform, headers: dict[str, str]):
    assert platform.post("/webhooks/jira", platform.body, headers)[0] == 401
    assert platform.messages(platform.work) == []


def test_without_any_secret_configured_everybody_is_a_stranger(platform: Platform, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FIREBELL_SECRETS", "{}")
    assert platform.signed(platform.body, secret="")[0] == 401


def test_a_secret_that_cannot_be_used_makes_nobody_a_stranger(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """Jira would drop for good what gets a 401, and comes again after a 503. Of no concern to who proves itself otherwise."""
    monkeypatch.setenv("FIREBELL_SECRETS", json.dumps({"jira_webhook": {"live": "secret"}, "jira_header": "in"}))
    assert platform.signed(platform.body, secret="secret")[0] == 503
    assert platform.post("/webhooks/jira", platform.body, {"X-Firebell-Secret": "guess"})[0] == 401
    assert platform.post("/webhooks/jira", platform.body, {"X-Firebell-Secret": "in"})[0] == 202
    assert "secret jira_webhook: write a text, or a list of at most two" in capsys.readouterr().out


def test_a_door_whose_secret_cannot_be_used_is_not_said_to_have_none(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("FIREBELL_SECRETS", json.dumps({**companies.SECRETS, "jira_webhook": 1, "jira_header": ""}))
    assert platform.signed(platform.body)[0] == 503
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in lines if line["level"] == "ALARM"] == ["unfit_secret"], "and strangers raise none"
    assert "no_secret" not in {line["event"] for line in lines}


def test_at_start_up_it_is_said_whose_webhooks_are_all_refused(
    platform: Platform, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("FIREBELL_SECRETS", json.dumps({"jira_header": [" "], "jsm_webhook": "x", "pagerduty_webhook": "y"}))
    for _ in range(2):
        assert platform.signed(platform.body, secret="")[0] == 401
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    said = [(line["level"], line["error"].split(":")[0]) for line in lines if line["event"] in ("no_secret", "unfit_secret")]
    assert said == [
        ("ALARM", "neither jira_webhook nor jira_header is configured"),
        ("INFO", "opsgenie_webhook is not configured"),
        ("ALARM", "jira_mail is missing, so Jira can neither be read nor written"),
        ("ALARM", "jira_token is missing, so Jira can neither be read nor written"),
        ("ALARM", "opsgenie_key is missing, so opsgenie rings nobody"),
        ("ALARM", "pagerduty_token is missing, so no alert can be looked up, acknowledged or closed at pagerduty"),
        ("ALARM", "rosters.imoc-pagerduty"),
        ("ALARM", "slack_bot_token is missing, so no rooms are made"),
        *(
            ("ALARM", f"zoom_{name} is missing, so no video calls are made")
            for name in ("account_id", "client_id", "client_secret")
        ),
        ("ALARM", "wiki_token and jira_token are missing, so no documents are made"),
        ("ALARM", "statuspage_token is missing, so nothing is told on status pages"),
    ]


def test_what_is_no_incident_is_answered_at_once_with_the_reason_and_no_call_to_aws(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("FIREBELL_QUEUE_URL")
    monkeypatch.delenv("FIREBELL_TABLE")
    body = platform.body.replace(b'"HOT', b'"OPS')
    status, answer = platform.signed(body)
    assert (status, answer["outcome"]) == (200, "ignored")
    assert "OPS" in answer["detail"]


def test_what_is_authentic_and_unreadable_is_kept_for_a_human(platform: Platform):
    assert platform.signed(b'{"issue": [')[0] == 202
    [grave] = platform.messages(platform.dead)
    assert "issue" in grave


def test_what_is_too_large_gets_413(platform: Platform, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reception, "MAX_BODY_BYTES", 100)
    assert platform.signed(platform.body)[0] == 413


def test_jira_is_asked_to_come_again_when_the_secrets_cannot_be_read(platform: Platform, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("FIREBELL_SECRETS")
    monkeypatch.setenv("FIREBELL_SECRET_ID", "no-such-secret")
    assert platform.signed(platform.body)[0] == 503


def test_secrets_come_from_the_store_and_a_rotated_one_is_fetched_anew(platform: Platform, monkeypatch: pytest.MonkeyPatch):
    store = boto3.client("secretsmanager")
    store.create_secret(Name="firebell", SecretString=json.dumps({"jira_webhook": ["old"]}))
    monkeypatch.delenv("FIREBELL_SECRETS")
    monkeypatch.setenv("FIREBELL_SECRET_ID", "firebell")
    assert platform.signed(platform.body, "old")[0] == 202
    store.put_secret_value(SecretId="firebell", SecretString=json.dumps({"jira_webhook": ["old", "new"]}))
    assert platform.signed(platform.body, "new")[0] == 202


def test_jira_is_asked_to_come_again_when_the_queue_takes_nothing(platform: Platform, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FIREBELL_QUEUE_URL", platform.work + "-that-is-gone")
    assert platform.signed(platform.body)[0] == 503


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        pytest.param("/webhooks/opsgenie", {"X-Firebell-Secret": "opsgenie-hook-secret"}, id="opsgenie"),
        pytest.param("/webhooks/jsm", {"X-Firebell-Secret": "jsm-hook-secret"}, id="jsm"),
    ],
)
def test_a_pagers_webhook_is_a_doorbell_for_the_incident_of_its_alias(platform: Platform, path: str, headers: dict[str, str]):
    body = json.dumps({"action": "Acknowledge", "alert": {"alertId": "a-1", "alias": "firebell:10002:imoc1"}}).encode()
    assert platform.post(path, body, headers)[0] == 202
    [message] = [parse_message(body) for body in platform.messages(platform.work)]
    assert (message.issue_id, message.cause) == ("10002", Cause.PAGER)
    assert platform.post(path, body, {"X-Firebell-Secret": "guess"})[0] == 401


def test_pagerduty_signs_its_webhooks(platform: Platform):
    data = {"id": "P1", "incident_key": "firebell:10002"}
    body = json.dumps({"event": {"event_type": "incident.triggered", "data": data}}).encode()
    digest = hmac.new(b"pagerduty-hook-secret", body, hashlib.sha256).hexdigest()
    assert platform.post("/webhooks/pagerduty", body, {"X-PagerDuty-Signature": f"v1=00,v1={digest}"})[0] == 202
    [message] = [parse_message(body) for body in platform.messages(platform.work)]
    assert message.cause is Cause.LOOK, "a new alert may be one that the ledger does not know"
    assert platform.post("/webhooks/pagerduty", body, {})[0] == 401


def test_somebody_elses_alert_is_ignored(platform: Platform):
    body = json.dumps({"action": "Create", "alert": {"alertId": "a-1", "alias": "disk-full"}}).encode()
    assert platform.post("/webhooks/opsgenie", body, {"X-Firebell-Secret": "opsgenie-hook-secret"})[0] == 200


def test_whoever_looks_after_an_incident_is_told_how_often_its_message_was_handed_out(monkeypatch: pytest.MonkeyPatch):
    told: list[tuple[str, int]] = []
    looking = SimpleNamespace(look_after=lambda message, handed_out: told.append((message.issue_id, handed_out)))
    monkeypatch.setattr(bootstrap, "firebell", lambda: looking)
    app.worker(queue_event(message_to_body(Message(IssueId("10002"), Cause.SWEEP)), "m-1", 3), None)
    assert told == [("10002", 3)]


def test_a_queue_message_that_nobody_can_read_is_buried_and_blocks_nothing(platform: Platform):
    answer = app.worker(queue_event('{"v": 99}', "m-1", 1), None)
    assert answer == {"batchItemFailures": []}
    assert len(platform.messages(platform.dead)) == 1


# --- addresses for people --------------------------------------------------------------------------------------------------


@pytest.fixture
def settings_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Neither secrets nor a ledger nor a queue: the environment names none."""
    for name in list(os.environ):
        if name.startswith(("FIREBELL_", "AWS_")):
            monkeypatch.delenv(name)
    settings = tmp_path / "firebell.toml"
    companies.write_settings(settings, companies.urls_at(NOWHERE))
    monkeypatch.setenv("FIREBELL_SETTINGS", str(settings))
    bootstrap.reset()
    yield settings
    bootstrap.reset()


def led_to(path: str) -> tuple[int, str, str]:
    """Status, Location, and what is said."""
    with Client(app.app, stage_name="dev", project_dir=str(Path(app.__file__).parent)) as client:
        answer = client.http.get(path)
        return answer.status_code, answer.headers.get("Location", ""), answer.body.decode()


def test_the_short_address_leads_to_the_form_on_which_an_incident_is_raised(settings_alone: Path):
    form = "https://example.atlassian.net/servicedesk/customer/portal/1"
    written = settings_alone.read_text("utf-8").replace("[jira]\n", f'[jira]\nraise_url = "{form}"\n')
    settings_alone.write_text(written, "utf-8")
    assert led_to("/")[:2] == (302, form)


def test_the_short_address_says_what_is_missing(settings_alone: Path):
    status, where, said = led_to("/")
    assert (status, where) == (404, "")
    assert "jira.raise_url is not set" in said


def test_what_is_going_on_is_shown_by_jira_to_whom_it_lets(settings_alone: Path):
    status, where, _ = led_to("/incidents")
    page, _, query = where.partition("?")
    assert (status, page) == (302, "https://example.atlassian.net/issues/")
    assert parse_qs(query) == {
        "jql": ['project in ("HOT") AND issuetype in ("Incident") AND statusCategory != Done ORDER BY created DESC']
    }


# --- what is counted ------------------------------------------------------------------------------------------------------


def test_the_rollup_says_what_is_missing_where_it_has_no_bucket(platform: Platform):
    with pytest.raises(SettingsError, match="FIREBELL_FACTS is not set"):
        app.rollup(dict(SCHEDULE_EVENT), Context())


def test_the_rollup_merges_what_is_in_the_inbox(platform: Platform, monkeypatch: pytest.MonkeyPatch):
    boto3.client("s3").create_bucket(Bucket="facts", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    monkeypatch.setenv("FIREBELL_FACTS", "facts")
    seen = sighting_of(an_incident(), PagingPolicy(), version=1, observed_at=NOW)
    key = inbox_key(month_of(NOW), seen.issue_id, 1)
    fact_store().put(key, line_of_sighting(seen).encode(), "application/json")
    assert app.rollup(dict(SCHEDULE_EVENT), Context()) == {"merged": 1}
    assert list(fact_store().keys("inbox/")) == []


@pytest.mark.parametrize(
    ("patient", "read_s", "attempts"),
    [pytest.param(False, 3, 2, id="in the pass of an incident"), pytest.param(True, 20, 4, id="in the rollup")],
)
def test_the_store_is_waited_for_as_long_as_somebody_has_time(platform: Platform, patient: bool, read_s: int, attempts: int):
    config: Any = client("s3", patient=patient).meta.config
    assert (config.read_timeout, config.retries) == (read_s, {"total_max_attempts": attempts, "mode": "standard"})


def test_without_a_bucket_nothing_is_counted_and_that_is_said_once(platform: Platform):
    log = FakeLog()
    bootstrap.give(log=log)
    names = [one.name for _ in range(2) for one in bootstrap.artifacts()]
    assert "facts" not in names
    assert [event for event, _ in log.events].count("facts_off") == 1
