from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain.incident import Severity, Status
from chalicelib.errors import IgnoredEvent, UnreadableEvent
from chalicelib.intake.jira_event import JiraEvent, parse_jira_event
from chalicelib.ports.queue import Cause
from tests.intake.samples import JIRA, MIA, SCHEMA, raw, sample


def event_of(body: bytes | dict[str, Any], headers: dict[str, str] | None = None) -> JiraEvent:
    return parse_jira_event(body if isinstance(body, bytes) else json.dumps(body).encode(), headers or {}, SCHEMA)


def test_a_created_incident_comes_with_its_whole_history() -> None:
    event = event_of(raw("jira/issue_created__sev1"))
    assert (event.issue_id, event.key, event.cause) == ("10002", "HOT-42", Cause.CHANGED)
    assert event.sent_at == datetime(2026, 11, 23, 10, 5, tzinfo=UTC)
    assert event.snapshot is not None
    assert event.snapshot.severity is Severity.SEV1
    assert event.snapshot.changes == ()
    assert event.snapshot.changes_complete


def test_an_updated_incident_knows_only_its_own_changes() -> None:
    snapshot = event_of(raw("jira/issue_updated__taken")).snapshot
    assert snapshot is not None
    assert not snapshot.changes_complete
    assert [(change.what, change.new, change.by and change.by.account_id) for change in snapshot.changes] == [
        ("assignee", MIA, MIA),
        ("status", "fixing", MIA),
    ]
    assert snapshot.changes[0].at == datetime(2026, 11, 23, 10, 6, 0, 10_000, tzinfo=UTC)


def test_a_raised_severity_is_told() -> None:
    snapshot = event_of(raw("jira/issue_updated__severity_raised")).snapshot
    assert snapshot is not None
    assert [(change.what, change.old, change.new) for change in snapshot.changes] == [("severity", "3", "1")]


def test_what_automation_did_no_human_did() -> None:
    snapshot = event_of(raw("jira/issue_updated__resolved_by_automation")).snapshot
    assert snapshot is not None
    assert snapshot.status is Status.RESOLVED
    [change] = snapshot.changes
    assert change.by is not None
    assert not change.by.is_human


@pytest.mark.parametrize(
    "name",
    [
        "issue_updated__data_center",
        "no_event_name__old_server",
        "issue_unknown__full_issue",
        "automation__jira_format",
        "automation__automation_format",
        "issue_updated__translated_names",
        "issue_updated__moved_in",
    ],
)
def test_an_issue_inside_is_enough_whoever_sent_it(name: str) -> None:
    event = event_of(raw(f"jira/{name}"))
    assert event.cause is Cause.CHANGED
    assert event.snapshot is not None
    assert event.snapshot.id == event.issue_id
    assert not event.snapshot.changes_complete


@pytest.mark.parametrize(
    "name",
    [
        "comment_created__cloud_partial_issue",
        "attachment_created__summary_only",
        "issue_updated__documentation_sample",
        "issue_updated__objects_flattened",
    ],
)
def test_a_partial_issue_rings_the_bell_and_erases_nothing(name: str) -> None:
    event = event_of(raw(f"jira/{name}"))
    assert (event.issue_id, event.key, event.snapshot) == ("10002", "HOT-42", None)
    assert "does not tell" in event.no_snapshot


@pytest.mark.parametrize(("name", "key"), [("moved_out", "BACK-7"), ("type_changed_away", "HOT-42")])
def test_an_issue_that_stops_being_an_incident_rings_the_bell(name: str, key: str) -> None:
    event = event_of(raw(f"jira/issue_updated__{name}"))
    assert (event.issue_id, event.key, event.cause, event.snapshot) == ("10002", key, Cause.DELETED, None)


def test_a_move_from_who_knows_where_rings_the_bell() -> None:
    event = sample("jira/issue_updated__moved_out")
    event["changelog"]["items"] = [item for item in event["changelog"]["items"] if item["field"] == "project"]
    assert event_of(event).snapshot is None


def test_a_move_between_two_other_projects_is_ignored() -> None:
    event = sample("jira/issue_updated__moved_out")
    for item in event["changelog"]["items"]:
        if item["field"] == "Key":
            item["fromString"] = "FRONT-1"
    with pytest.raises(IgnoredEvent, match="project BACK holds no incidents"):
        event_of(event)


def test_a_deleted_incident_is_told_apart() -> None:
    event = event_of(raw("jira/issue_deleted__cloud"))
    assert event.cause is Cause.DELETED
    assert event.snapshot is not None


def test_a_deleted_issue_of_which_only_the_id_is_known_rings_the_bell() -> None:
    event = event_of({"webhookEvent": "jira:issue_deleted", "issue": {"id": "10002"}})
    assert (event.issue_id, event.key, event.cause, event.snapshot) == ("10002", "", Cause.DELETED, None)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("issue_updated__other_project", "project BACK holds no incidents"),
        ("issue_updated__other_type", "issue type Task is no incident"),
        ("comment_created__cloud_other_project", "project BACK holds no incidents"),
        ("comment_created__server_without_issue", "comment_created carries no issue"),
        ("worklog_updated__full_issue", "jira:worklog_updated changes nothing about an incident"),
        ("sprint_started", "sprint_started carries no issue"),
        ("project_created", "project_created carries no issue"),
        ("user_deleted__no_event_name", "an event without a name carries no issue"),
    ],
)
def test_what_is_none_of_our_business_is_ignored_with_the_reason(name: str, reason: str) -> None:
    with pytest.raises(IgnoredEvent, match=f"^{reason}$"):
        event_of(raw(f"jira/{name}"))


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        pytest.param(b"", "the body is empty: untick 'Exclude body' at Jira's webhook", id="empty"),
        pytest.param(b"payload=%7B%7D", "not JSON", id="a form"),
        pytest.param(b'{"issue": ', "not JSON", id="truncated"),
        pytest.param(b'{"issue": "\xff"}', "not JSON", id="not utf-8"),
        pytest.param(b"[1]", "array, not an object", id="array"),
        pytest.param(b"null", "null, not an object", id="null"),
        pytest.param(b"[" * 100_000, "nested too deeply", id="deep"),
        pytest.param(b'{"issue": "HOT-42"}', "issue is a str", id="issue is a string"),
        pytest.param(b'{"issue": {"key": "HOT-42"}}', "id is missing", id="no id"),
        pytest.param(b'{"key": "HOT-42", "fields": {}}', "id is missing", id="automation format without id"),
    ],
)
def test_what_cannot_be_read_says_why(body: bytes, reason: str) -> None:
    with pytest.raises(UnreadableEvent, match=reason):
        event_of(body)


def test_encodings_and_numbers_beyond_reason_are_survived() -> None:
    body = raw("jira/issue_created__sev1")
    plain = event_of(body)
    assert event_of(b"\xef\xbb\xbf" + body) == plain
    assert event_of(body.decode().encode("utf-16")) == plain
    assert event_of(body.replace(b'"workratio": -1', b'"workratio": ' + b"9" * 9000)) == plain
    assert event_of(body.replace(b'"workratio": -1', b'"workratio": NaN, "a": -Infinity')) == plain
    assert event_of(b'{"issue": 1, "timestamp": 2,' + body.strip()[1:]) == plain


@pytest.mark.parametrize("sent", ["2026-11-23 10:05:00,123 extra", None, {}, 10**40, True])
def test_a_timestamp_that_makes_no_sense_is_none(sent: Any) -> None:
    event = event_of(sample("jira/issue_updated__taken") | {"timestamp": sent})
    assert event.sent_at is None
    assert event.snapshot is not None
    assert event.snapshot.changes[0].at == event.snapshot.updated_at


def test_an_issue_of_ours_with_an_unreadable_part_still_rings_the_bell() -> None:
    event = sample("jira/issue_updated__taken")
    event["issue"]["fields"]["updated"] = "a moment ago"
    ring = event_of(event)
    assert ring.snapshot is None
    assert ring.no_snapshot == "issue 10002: fields.updated is 'a moment ago', not a time"


def test_retries_and_delivery_ids_come_from_the_headers() -> None:
    body = raw("jira/issue_created__sev1")
    first = event_of(body, {"x-atlassian-webhook-identifier": "d-1"})
    again = event_of(body, {"x-atlassian-webhook-identifier": "d-1", "x-atlassian-webhook-retry": "1"})
    assert (first.is_retry, first.delivery_id) == (False, "d-1")
    assert (again.is_retry, again.delivery_id) == (True, "d-1")
    assert event_of(body).delivery_id is None


def test_a_big_description_does_not_make_a_big_snapshot() -> None:
    event = sample("jira/issue_created__sev1")
    event["issue"]["fields"]["description"] = "ü" * 236_000
    snapshot = event_of(event).snapshot
    assert snapshot is not None
    assert len(snapshot.description) == 4000


@pytest.mark.parametrize("path", JIRA, ids=lambda path: path.stem)
def test_every_sample_comes_to_a_clear_end(path: Any) -> None:
    try:
        event = event_of(path.read_bytes())
    except IgnoredEvent:
        return
    assert (event.snapshot is None) == bool(event.no_snapshot)
