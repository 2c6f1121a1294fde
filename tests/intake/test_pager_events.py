from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest

from chalicelib.errors import IgnoredEvent, UnreadableEvent
from chalicelib.intake.pager_events import PagerAction, PagerEvent, parse_opsgenie_event, parse_pagerduty_event
from tests.intake.samples import raw, sample

TAG = "0a1b2c"


@pytest.mark.parametrize(
    ("name", "target", "action"),
    [
        ("acknowledge", "im", PagerAction.ACKED),
        ("close__imoc", "imoc1", PagerAction.CLOSED),
        ("create__integer_priority", "im", PagerAction.CREATED),
        ("add_note", "im", PagerAction.OTHER),
    ],
)
def test_an_opsgenie_event_says_which_page_it_is_about(name: str, target: str, action: PagerAction) -> None:
    event = parse_opsgenie_event(raw(f"opsgenie/{name}"), TAG)
    assert (event.issue_id, event.target, event.action) == ("10002", target, action)
    assert event.alert_id == "052652ac-5d1c-464a-812a-7dd18bbfba8c-1795428300000"


@pytest.mark.parametrize(
    ("name", "action"),
    [
        ("incident_acknowledged", PagerAction.ACKED),
        ("incident_resolved", PagerAction.CLOSED),
        ("incident_triggered", PagerAction.CREATED),
        ("incident_reassigned", PagerAction.OTHER),
    ],
)
def test_a_pagerduty_event_says_which_page_it_is_about(name: str, action: PagerAction) -> None:
    event = parse_pagerduty_event(raw(f"pagerduty/{name}"), TAG)
    assert event == PagerEvent(event.issue_id, "im.second", "Q2CKYRLH85UNN4", action)
    assert event.issue_id == "10002"
    assert event.is_new is (action is PagerAction.CREATED)


@pytest.mark.parametrize(
    ("parse", "name", "reason"),
    [
        (parse_opsgenie_event, "opsgenie/close__not_ours", "Close is about an alert that is not ours"),
        (parse_opsgenie_event, "opsgenie/escalate__alert_id_only", "Escalate names no alias"),
        (parse_pagerduty_event, "pagerduty/incident_acknowledged__not_ours", "incident.acknowledged is about an alert"),
        (parse_pagerduty_event, "pagerduty/incident_resolved__no_incident_key", "incident.resolved names no alias"),
        (parse_pagerduty_event, "pagerduty/pagey_ping", "pagey.ping names no alias"),
        (parse_pagerduty_event, "pagerduty/messages_v2", "an event without a name names no alias"),
    ],
)
def test_everything_else_is_ignored_with_the_reason(parse: Callable[[bytes, str], PagerEvent], name: str, reason: str) -> None:
    with pytest.raises(IgnoredEvent, match=reason):
        parse(raw(name), TAG)


@pytest.mark.parametrize("parse", [parse_opsgenie_event, parse_pagerduty_event])
@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_object_is_unreadable(parse: Callable[[bytes, str], PagerEvent], body: bytes) -> None:
    with pytest.raises(UnreadableEvent):
        parse(body, TAG)


@pytest.mark.parametrize(
    "alert",
    [
        pytest.param({"alias": "firebell:10002"}, id="no alert id"),
        pytest.param({"alias": "firebell:10002", "alertId": 7, "priority": [], "tags": None}, id="numbers and nonsense"),
    ],
)
def test_the_alias_is_all_that_is_needed(alert: dict[str, Any]) -> None:
    event = parse_opsgenie_event(json.dumps({"action": 5, "alert": alert}).encode(), TAG)
    assert (event.issue_id, event.action, event.alert_id) == ("10002", PagerAction.OTHER, str(alert.get("alertId", "")))


@pytest.mark.parametrize("alert", [None, "x", [], {"alias": 5}, {"alias": None}, {"alias": ""}, {"alias": ["firebell:10002"]}])
def test_an_alert_without_an_alias_is_ignored(alert: Any) -> None:
    with pytest.raises(IgnoredEvent):
        parse_opsgenie_event(json.dumps(sample("opsgenie/acknowledge") | {"alert": alert}).encode(), TAG)


@pytest.mark.parametrize(
    ("alias", "is_ours"),
    [
        pytest.param("firebell-0a1b2c:10002:imoc1", True, id="made for this Jira"),
        pytest.param("firebell:10002:imoc1", True, id="from before there were tags: its record tells whose it is"),
        pytest.param("firebell-ffffff:10002:imoc1", False, id="of another Jira that pages through the same account"),
    ],
)
def test_an_alert_of_another_jira_rings_no_bell(alias: str, is_ours: bool) -> None:
    body = json.dumps({"action": "Create", "alert": {"alertId": "a-1", "alias": alias}}).encode()
    with nullcontext() if is_ours else pytest.raises(IgnoredEvent, match="not ours"):
        event = parse_opsgenie_event(body, TAG)
        assert (event.issue_id, event.target) == ("10002", "imoc1")
