"""The three pagers over HTTP: what each refuses, as its vendor does, and the webhooks each sends."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from chalicelib.intake.pager_events import PagerAction, parse_opsgenie_event, parse_pagerduty_event
from sandbox.emulator import Emulator
from sandbox.pagers.desk import Desk, DeskRoster
from sandbox.pagers.jsm_operations import JsmEmulator
from sandbox.pagers.opsgenie import OpsgenieEmulator
from sandbox.pagers.pagerduty import PagerDutyEmulator
from tests.builders import NOW, seconds
from tests.reconcile.small_world import FakeClock

KEY, MAIL, MIA, ALIAS = "the-key", "bot@example.com", "mia@example.com", "firebell:10002"
HOOK = "https://firebell.example.com/hook"
GENIE = {"Authorization": f"GenieKey {KEY}"}
BASIC = {"Authorization": "Basic " + base64.b64encode(f"{MAIL}:{KEY}".encode()).decode()}
TOKEN = {"Authorization": f"Token token={KEY}", "From": MAIL}
ALERT: dict[str, Any] = {"message": "Down", "alias": ALIAS, "responders": [{"type": "schedule", "id": "ros-1"}]}
EVENT: dict[str, Any] = {
    "routing_key": "routing-1",
    "event_action": "trigger",
    "dedup_key": ALIAS,
    "payload": {"summary": "Down", "source": "HOT-1", "severity": "critical"},
}


@dataclass
class Face:
    """One emulator called without a network. delivered: URL, headers and body of every webhook."""

    emulator: OpsgenieEmulator | JsmEmulator | PagerDutyEmulator
    desk: Desk
    delivered: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)

    def __call__(self, method: str, path: str, headers: Mapping[str, str], body: object = None) -> TestResponse:
        options: dict[str, Any] = {} if body is None else {"json": body}
        return Client(self.emulator.app).open(path, method=method, headers=dict(headers), **options)

    def pass_time(self) -> None:
        assert isinstance(self.desk.clock, FakeClock)
        self.desk.clock.at += seconds(1)

    def pump(self) -> None:
        self.pass_time()
        self.emulator.pump(self._deliver)

    def _deliver(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        self.delivered.append((url, headers, body))
        return 202


def a_face(name: str) -> Face:
    desk = Desk(FakeClock(NOW))
    desk.add_roster(DeskRoster("ros-1", "Incident managers", "service" if name == "pagerduty" else "schedule", (MIA,)))
    emulator: Emulator
    if name == "opsgenie":
        hook = {"X-Firebell-Secret": "long-and-random"}
        return Face(OpsgenieEmulator(desk, desk.clock, key=KEY, hook_url=HOOK, hook_headers=hook), desk)
    if name == "jsm":
        hook = {"X-Firebell-Secret": "long-and-random"}
        emulator = JsmEmulator(
            desk, desk.clock, key=KEY, cloud_id="cloud-1", mail=MAIL, token=KEY, hook_url=HOOK, hook_headers=hook
        )
        return Face(emulator, desk)
    emulator = PagerDutyEmulator(
        desk, desk.clock, token=KEY, routing_keys={"routing-1": "ros-1", "routing-2": "gone"}, users=frozenset({MAIL}),
        hook_url=HOOK, hook_secret="signing-secret",
    )  # fmt: skip
    return Face(emulator, desk)


@pytest.fixture(params=["opsgenie", "jsm"])
def family(request: pytest.FixtureRequest) -> tuple[Face, str]:
    """Opsgenie and JSM's integration API, with the path before /v2."""
    return a_face(request.param), {"opsgenie": "", "jsm": "/jsm/ops/integration"}[request.param]


@pytest.fixture
def pagerduty() -> Face:
    return a_face("pagerduty")


def test_an_accepted_alert_has_a_request_id_and_a_rate_limit_header(family: tuple[Face, str]):
    face, base = family
    answer = face("POST", f"{base}/v2/alerts", GENIE, ALERT)
    assert (answer.status_code, answer.headers["X-RateLimit-State"]) == (202, "OK")
    assert answer.get_json()["requestId"] in face.desk.requests


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"message": ""}, id="no message"),
        pytest.param({"message": "x" * 131}, id="long message"),
        pytest.param({"alias": "x" * 513}, id="long alias"),
        pytest.param({"description": "x" * 15_001}, id="long description"),
        pytest.param({"responders": []}, id="no responder"),
        pytest.param({"responders": [{"type": "schedule", "id": "gone"}]}, id="unknown responder"),
        pytest.param({"tags": ["x"] * 21}, id="many tags"),
        pytest.param({"tags": ["x" * 51]}, id="long tag"),
        pytest.param({"details": {"a": "x" * 8000}}, id="long details"),
        pytest.param({"priority": "P0"}, id="unknown priority"),
        pytest.param({"extraProperties": {}}, id="a member of the other API"),
    ],
)
def test_an_alert_beyond_the_limits_is_refused(family: tuple[Face, str], changes: dict[str, object]):
    face, base = family
    assert face("POST", f"{base}/v2/alerts", GENIE, {**ALERT, **changes}).status_code == 422
    face.pass_time()
    face.desk.advance()
    assert face.desk.alerts == []


@pytest.mark.parametrize(
    ("name", "method", "path"),
    [
        ("opsgenie", "POST", "/v2/alerts"),
        ("opsgenie", "GET", '/v2/alerts?query=alias: "a"'),
        ("opsgenie", "GET", "/v2/alerts/alert-1"),
        ("opsgenie", "GET", "/v2/alerts/requests/request-1"),
        ("opsgenie", "POST", "/v2/alerts/alert-1/close"),
        ("opsgenie", "GET", "/v2/schedules/ros-1/on-calls"),
        ("opsgenie", "GET", "/v2/schedules/ros-1"),
        ("jsm", "POST", "/jsm/ops/integration/v2/alerts"),
        ("jsm", "GET", '/jsm/ops/api/cloud-1/v1/alerts?query=alias: "a"'),
        ("jsm", "GET", "/jsm/ops/api/cloud-1/v1/alerts/alert-1"),
        ("jsm", "GET", "/jsm/ops/api/cloud-1/v1/schedules/ros-1/on-calls"),
        ("jsm", "GET", "/jsm/ops/api/cloud-1/v1/schedules"),
        ("jsm", "GET", "/jsm/ops/api/cloud-1/v1/teams"),
        ("pagerduty", "GET", "/incidents?incident_key=a"),
        ("pagerduty", "GET", "/incidents/alert-1"),
        ("pagerduty", "PUT", "/incidents/alert-1"),
        ("pagerduty", "GET", "/oncalls"),
        ("pagerduty", "GET", "/services"),
    ],
)
def test_nobody_is_served_with_a_wrong_key(name: str, method: str, path: str):
    body: dict[str, str] | None = {} if method in ("POST", "PUT") else None
    wrong = {"Authorization": "GenieKey wrong", "From": MAIL}
    assert a_face(name)(method, path, wrong, body).status_code == 401


def test_jsm_takes_neither_names_nor_the_other_apis_credentials():
    face = a_face("jsm")
    by_name = {**ALERT, "responders": [{"type": "schedule", "name": "Incident managers"}]}
    assert face("POST", "/jsm/ops/integration/v2/alerts", GENIE, by_name).status_code == 422
    assert face("POST", "/jsm/ops/integration/v2/alerts", BASIC, ALERT).status_code == 401
    assert face("GET", "/jsm/ops/api/cloud-1/v1/teams", GENIE).status_code == 401
    assert face("GET", "/jsm/ops/api/cloud-2/v1/teams", BASIC).status_code == 404


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"routing_key": "wrong"}, id="unknown integration"),
        pytest.param({"routing_key": "routing-2"}, id="integration of nothing"),
        pytest.param({"event_action": "open"}, id="unknown action"),
        pytest.param({"dedup_key": "x" * 256}, id="long key"),
        pytest.param({"payload": {**EVENT["payload"], "summary": "x" * 1025}}, id="long summary"),
        pytest.param({"payload": {**EVENT["payload"], "severity": "fatal"}}, id="unknown severity"),
        pytest.param({"payload": {**EVENT["payload"], "details": {}}}, id="unknown member of the payload"),
        pytest.param({"payload": {"summary": "Down"}}, id="no source"),
        pytest.param({"incident_key": ALIAS}, id="a member of the first version"),
    ],
)
def test_a_malformed_event_is_refused(pagerduty: Face, changes: dict[str, object]):
    assert pagerduty("POST", "/v2/enqueue", {}, {**EVENT, **changes}).status_code == 400
    pagerduty.pass_time()
    pagerduty.desk.advance()
    assert pagerduty.desk.alerts == []


def test_acknowledge_and_resolve_events_change_what_is_open_and_are_dropped_otherwise(pagerduty: Face):
    statuses = []
    for action in ("acknowledge", "trigger", "acknowledge", "resolve", "acknowledge"):
        event = {**EVENT, "event_action": action}
        assert pagerduty("POST", "/v2/enqueue", {}, event).status_code == 202
        pagerduty.pass_time()
        pagerduty.desk.advance()
        statuses.append([alert.status for alert in pagerduty.desk.alerts])
    assert statuses == [[], ["open"], ["acked"], ["closed"], ["closed"]]


def an_incident(face: Face) -> str:
    face("POST", "/v2/enqueue", {}, EVENT)
    face.pass_time()
    face.desk.advance()
    return face.desk.alerts[0].id


@pytest.mark.parametrize(
    ("headers", "change"),
    [
        pytest.param({**TOKEN, "From": "stranger@example.com"}, {"type": "incident", "status": "resolved"}, id="stranger"),
        pytest.param(TOKEN, {"status": "resolved"}, id="no type"),
        pytest.param(TOKEN, {"type": "incident", "status": "closed"}, id="another vendor's word"),
    ],
)
def test_a_malformed_change_of_an_incident_is_refused(pagerduty: Face, headers: dict[str, str], change: dict[str, str]):
    incident = an_incident(pagerduty)
    assert pagerduty("PUT", f"/incidents/{incident}", headers, {"incident": change}).status_code == 400
    assert pagerduty.desk.alerts[0].status == "open"


def test_resolving_twice_is_refused_and_acknowledging_then_reopens(pagerduty: Face):
    path = f"/incidents/{an_incident(pagerduty)}"
    resolve, acknowledge = ({"incident": {"type": "incident", "status": to}} for to in ("resolved", "acknowledged"))
    answers = [pagerduty("PUT", path, TOKEN, body).status_code for body in (resolve, resolve, acknowledge)]
    assert (answers, pagerduty.desk.alerts[0].status) == ([200, 400, 200], "acked")


def test_a_list_without_date_range_forgets_what_is_older_than_a_month(pagerduty: Face):
    an_incident(pagerduty)
    assert isinstance(pagerduty.desk.clock, FakeClock)
    pagerduty.desk.clock.at += seconds(31 * 24 * 3600)
    lengths = [
        len(pagerduty("GET", f"/incidents?incident_key={ALIAS}{more}", TOKEN).get_json()["incidents"])
        for more in ("", "&date_range=all")
    ]
    assert lengths == [0, 1]


def life_of_an_alert(face: Face) -> None:
    """Made, acknowledged and closed, each told by a webhook."""
    if isinstance(face.emulator, PagerDutyEmulator):
        face("POST", "/v2/enqueue", {}, EVENT)
    else:
        face(
            "POST",
            "/v2/alerts" if isinstance(face.emulator, OpsgenieEmulator) else "/jsm/ops/integration/v2/alerts",
            GENIE,
            ALERT,
        )
    face.pump()
    alert_id = face.desk.alerts[0].id
    for act in (face.desk.acknowledge, face.desk.close):
        act(alert_id, MIA)
        face.pump()


@pytest.mark.parametrize("name", ["opsgenie", "jsm", "pagerduty"])
def test_webhooks_tell_the_life_of_an_alert_in_words_that_intake_understands(name: str):
    face = a_face(name)
    life_of_an_alert(face)
    parse = parse_pagerduty_event if name == "pagerduty" else parse_opsgenie_event
    events = [parse(body, "") for _, _, body in face.delivered]
    assert [event.action for event in events] == [PagerAction.CREATED, PagerAction.ACKED, PagerAction.CLOSED]
    assert {(event.issue_id, event.target, event.alert_id) for event in events} == {("10002", "im", face.desk.alerts[0].id)}
    assert {url for url, _, _ in face.delivered} == {HOOK}


def test_opsgenie_and_jsm_hooks_carry_the_secret_header(family: tuple[Face, str]):
    face, _ = family
    life_of_an_alert(face)
    assert [headers["X-Firebell-Secret"] for _, headers, _ in face.delivered] == ["long-and-random"] * 3


def test_pagerdutys_hooks_are_signed_and_each_has_an_id_of_its_own(pagerduty: Face):
    life_of_an_alert(pagerduty)
    for _, headers, body in pagerduty.delivered:
        digest = hmac.new(b"signing-secret", body, hashlib.sha256).hexdigest()
        assert headers["X-PagerDuty-Signature"] == f"v1={digest}"
    assert len({headers["X-Webhook-Id"] for _, headers, _ in pagerduty.delivered}) == 3
