from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.codec import (
    ANSWER_LIMIT,
    CHANGES_LIMIT,
    DESCRIPTION_LIMIT,
    PEOPLE_LIMIT,
    cut,
    incident_from_json,
    incident_to_json,
    page_record_from_json,
    page_record_to_json,
)
from chalicelib.domain.incident import Change, Incident, IssueId, IssueKey, Linked, Person, Resolution, Severity, Status
from chalicelib.domain.paging import PageRecord, PageState
from chalicelib.errors import UnreadableEvent
from tests.builders import MIA, NOW, a_change, a_page, an_incident

TEXTS = st.text(st.sampled_from("aZ9 -:é支💥\n"), max_size=12)
ZONES = st.sampled_from([UTC, timezone(timedelta(hours=5.5))])
TIMES = st.builds(lambda second, zone: (NOW + timedelta(seconds=second)).astimezone(zone), st.floats(-1e9, 1e9), ZONES)
PEOPLE = st.builds(Person, TEXTS, TEXTS, st.none() | TEXTS, st.booleans(), st.booleans())
TUPLES = st.lists(TEXTS, max_size=3).map(tuple)
CHANGES = st.builds(Change, TEXTS, TIMES, st.none() | PEOPLE, st.none() | TEXTS, st.none() | TEXTS)
LINKED = st.builds(Linked, TEXTS.map(IssueKey), TEXTS, TEXTS, TEXTS, TEXTS, st.booleans())

INCIDENTS = st.builds(
    Incident,
    id=TEXTS.map(IssueId),
    key=TEXTS.map(IssueKey),
    project=TEXTS,
    issue_type=TEXTS,
    summary=TEXTS,
    severity=st.sampled_from(Severity),
    status=st.sampled_from(Status),
    created_at=TIMES,
    updated_at=TIMES,
    description=TEXTS,
    service=st.none() | TEXTS,
    products=TUPLES,
    status_name=TEXTS,
    resolution=st.none() | st.sampled_from(Resolution),
    assignee=st.none() | PEOPLE,
    reporter=st.none() | PEOPLE,
    roles=st.dictionaries(TEXTS, st.lists(PEOPLE, max_size=2).map(tuple), max_size=2),
    labels=TUPLES,
    impact_started_at=st.none() | TIMES,
    detected_at=st.none() | TIMES,
    impact_ended_at=st.none() | TIMES,
    links=st.dictionaries(TEXTS, TEXTS, max_size=2),
    impact=st.dictionaries(TEXTS, TEXTS, max_size=2),
    escalate_to=TUPLES,
    detected_by=TEXTS,
    customer_visible=st.booleans(),
    linked=st.lists(LINKED, max_size=2).map(tuple),
    is_private=st.booleans(),
    is_drill=st.booleans(),
    url=TEXTS,
    changes=st.lists(CHANGES, max_size=3).map(tuple),
    changes_complete=st.booleans(),
    doubts=TUPLES,
)

OF_AN_EARLIER_VERSION = {
    "id": "10002", "key": "HOT-42", "project": "HOT", "issue_type": "Incident", "summary": "Checkout is down", "severity": 1,
    "status": "new", "created_at": "2026-11-23T03:00:00+00:00", "updated_at": "2026-11-23T03:00:00+00:00",
    "roles": {"tech_lead": [{"id": "acc-mia", "name": "Mia Moore", "email": "mia@example.com"}]},
    "links": {"chat_room": "https://chat.example.com/1"},
}  # fmt: skip
"""As the first release wrote a snapshot."""

OPTIONAL_TIMES = st.none() | TIMES
PAGES = st.builds(
    PageRecord,
    issue_id=TEXTS.map(IssueId),
    episode=st.integers(1, 99),
    target=TEXTS,
    alias=TEXTS,
    roster=TEXTS,
    pager=TEXTS,
    state=st.sampled_from(PageState),
    claim=TEXTS,
    since=TIMES,
    until=TIMES,
    reason=TEXTS,
    attempt=st.integers(0, 9),
    request_id=st.none() | TEXTS,
    alert_ids=TUPLES,
    accepted_at=OPTIONAL_TIMES,
    confirmed_at=OPTIONAL_TIMES,
    acked_at=OPTIONAL_TIMES,
    acked_by=st.none() | TEXTS,
    closed_at=OPTIONAL_TIMES,
    closed_by=st.none() | TEXTS,
    ack_sent_at=OPTIONAL_TIMES,
    acked_by_us=st.booleans(),
    not_before=OPTIONAL_TIMES,
    looks_failed=st.integers(0, 9),
    unseen=st.booleans(),
    out_of_service=st.booleans(),
    on_call=st.none() | TUPLES,
    unwanted_since=OPTIONAL_TIMES,
    last_error=st.none() | TEXTS,
)


def through_json(stored: dict[str, Any]) -> Any:
    return json.loads(json.dumps(stored, allow_nan=False))


@given(INCIDENTS)
def test_an_incident_comes_back_as_it_was(incident: Incident) -> None:
    assert incident_from_json(through_json(incident_to_json(incident))) == incident


@given(PAGES)
def test_a_page_comes_back_as_it_was(page: PageRecord) -> None:
    assert page_record_from_json(through_json(page_record_to_json(page))) == page


@pytest.mark.parametrize("value", [an_incident(), a_page()], ids=["incident", "page"])
def test_every_time_comes_back_in_utc(value: Incident | PageRecord) -> None:
    stored = incident_to_json(value) if isinstance(value, Incident) else page_record_to_json(value)
    back = incident_from_json(stored) if isinstance(value, Incident) else page_record_from_json(stored)
    times = [time for field in fields(back) if isinstance(time := getattr(back, field.name), datetime)]
    assert times
    assert all(time.tzinfo is UTC for time in times)


def test_the_description_is_cut_and_says_so() -> None:
    stored = incident_to_json(an_incident(description="x" * 9000))
    assert len(stored["description"]) == DESCRIPTION_LIMIT
    assert stored["description"].endswith("x…")
    assert incident_to_json(incident_from_json(stored)) == stored


def test_answers_are_cut_and_a_role_keeps_its_first_people() -> None:
    incident = an_incident(impact={"customers": "x" * 900}, roles={"helpers": (MIA,) * (PEOPLE_LIMIT + 1)})
    back = incident_from_json(incident_to_json(incident))
    assert back.impact == {"customers": cut("x" * 900, ANSWER_LIMIT)}
    assert len(back.roles["helpers"]) == PEOPLE_LIMIT


def test_what_an_earlier_version_wrote_is_neither_private_nor_a_drill() -> None:
    back = incident_from_json(OF_AN_EARLIER_VERSION)
    assert (back.key, back.roles, back.links) == ("HOT-42", {"tech_lead": (MIA,)}, {"chat_room": "https://chat.example.com/1"})
    assert (back.impact, back.escalate_to, back.is_private, back.is_drill) == ({}, (), False, False)


def test_only_the_newest_changes_are_kept() -> None:
    changes = tuple(a_change("status", str(number)) for number in range(CHANGES_LIMIT + 5))
    assert incident_from_json(incident_to_json(an_incident(changes=changes))).changes == changes[5:]


@pytest.mark.parametrize("length", [0, 1, 9, 10, 11, 99])
def test_cutting_twice_changes_nothing(length: int) -> None:
    once = cut("é" * length, 10)
    assert len(once) == min(length, 10)
    assert cut(once, 10) == once


def test_what_is_empty_takes_no_room() -> None:
    assert set(incident_to_json(an_incident())).isdisjoint({"assignee", "labels", "roles", "changes", "resolution"})
    assert "acked_at" not in page_record_to_json(a_page())


def test_nobody_on_call_is_not_the_same_as_not_asked() -> None:
    nobody, not_asked = a_page(on_call=()), a_page(on_call=None)
    assert page_record_from_json(page_record_to_json(nobody)).on_call == ()
    assert page_record_from_json(page_record_to_json(not_asked)).on_call is None


def test_members_of_a_later_version_are_ignored() -> None:
    incident, page = an_incident(assignee=MIA), a_page()
    assert incident_from_json(incident_to_json(incident) | {"mood": "tense"}) == incident
    assert page_record_from_json(page_record_to_json(page) | {"mood": "tense"}) == page


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"id": None, "severity": 9}, id="unknown severity"),
        pytest.param({"created_at": "soon"}, id="no time"),
        pytest.param({"created_at": "2026-11-23T10:00:00"}, id="naive time"),
        pytest.param({"assignee": "mia"}, id="no person"),
        pytest.param({"roles": []}, id="no roles"),
    ],
)
def test_a_broken_incident_is_unreadable(broken: dict[str, Any]) -> None:
    with pytest.raises(UnreadableEvent, match="stored incident"):
        incident_from_json(incident_to_json(an_incident()) | broken)
    with pytest.raises(UnreadableEvent, match="stored incident"):
        incident_from_json({})


@pytest.mark.parametrize("broken", [{"state": "asleep"}, {"until": None}, {"alert_ids": 7}])
def test_a_broken_page_is_unreadable(broken: dict[str, Any]) -> None:
    with pytest.raises(UnreadableEvent, match="stored page"):
        page_record_from_json(page_record_to_json(a_page()) | broken)
    with pytest.raises(UnreadableEvent, match="stored page"):
        page_record_from_json({})


def test_a_big_incident_fits_a_queue_message() -> None:
    """A long history of long names and answers, with every role filled to its limit by people with usual names."""
    person, usual = Person("i" * 255, "💥" * 80, "m" * 255), Person("i" * 43, "n" * 40, "m" * 40)
    changes = tuple(a_change("assignee", "n" * 60, person, old="o" * 60) for _ in range(2 * CHANGES_LIMIT))
    incident = an_incident(description="💥" * 9000, changes=changes, assignee=person, labels=("l" * 255,) * 50)
    roles = {f"role_{number}": (usual,) * 50 for number in range(5)}
    impact = {f"question_{number}": "a" * 9000 for number in range(8)}
    linked = (Linked(IssueKey("k" * 20), "r" * 40, "t" * 40, "s" * 40, "i" * 40),) * 50
    incident = replace(incident, roles=roles, impact=impact, escalate_to=("t" * 40,) * 20, linked=linked)
    assert len(json.dumps(incident_to_json(incident))) < 256 * 1024
