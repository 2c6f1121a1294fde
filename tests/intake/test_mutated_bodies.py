"""Whatever becomes of a body on its way, only an event, an "ignored" or an "unreadable" ever comes out."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.codec import incident_from_json, incident_to_json
from chalicelib.domain.incident import Incident
from chalicelib.errors import IgnoredEvent, UnreadableEvent
from chalicelib.intake.jira_event import JiraEvent, parse_jira_event
from chalicelib.intake.jira_history import parse_history
from chalicelib.intake.jira_issue import NotAnIncident, PartialIssue, parse_issue
from chalicelib.intake.pager_events import PagerEvent, parse_opsgenie_event, parse_pagerduty_event
from tests.intake.samples import JIRA, PAGERS, SCHEMA, sample

ODD = ["[Object]", "", "null", "HOT-1", "firebell:10002", "2026-11-23", "0001-01-01T00:00+23:00", 10**400, -1, 2**63]
TEXTS = st.text(st.sampled_from("aZ0-:. é支💥\n\0\ud800"), max_size=20)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.sampled_from(ODD)
VALUES = (
    LEAVES | st.lists(LEAVES, max_size=3) | st.dictionaries(st.sampled_from(["id", "name", "value", "key", "type"]), LEAVES)
)


def _paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    members: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        members = list(value.items())
    elif isinstance(value, list):
        members = list(enumerate(value))
    return [here] * bool(here) + [path for name, member in members for path in _paths(member, (*here, name))]


@st.composite
def mutated(draw: st.DrawFn, originals: list[Any]) -> Any:
    """One of the originals with a few members dropped, replaced, wrapped in a list or swapped with another member."""
    value = copy.deepcopy(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(1, 4))):
        paths = _paths(value)
        if not paths:
            break
        *parents, name = draw(st.sampled_from(paths))
        holder = value
        for parent in parents:
            holder = holder[parent]
        match draw(st.sampled_from(["drop", "replace", "wrap", "swap"])):
            case "drop":
                del holder[name]
            case "replace":
                holder[name] = draw(VALUES)
            case "wrap":
                holder[name] = [holder[name]]
            case "swap":
                donor = value
                for step in draw(st.sampled_from(paths)):
                    donor = donor[step] if step in donor or isinstance(donor, list) else donor
                holder[name] = copy.deepcopy(donor)
    return value


@st.composite
def spliced(draw: st.DrawFn, bodies: list[bytes]) -> bytes:
    """A body cut short, or with some bytes put in or taken out anywhere."""
    body = draw(st.sampled_from(bodies))
    start = draw(st.integers(0, len(body)))
    end = draw(st.integers(start, min(len(body), start + 40)))
    tail = b"" if draw(st.booleans()) else body[end:]
    return body[:start] + draw(st.binary(max_size=8) | st.sampled_from([b'"', b"}", b"\\ud800", b"NaN", b"[" * 2000])) + tail


JIRA_BODIES = [path.read_bytes() for path in JIRA]
PAGER_BODIES = [path.read_bytes() for path in PAGERS]
ISSUES = [issue for body in JIRA_BODIES if isinstance(issue := json.loads(body).get("issue"), dict)]


def outcome_of(parse: Callable[[], object]) -> object:
    try:
        return parse()
    except (IgnoredEvent, UnreadableEvent):
        return None


def check_jira(body: bytes) -> None:
    event = outcome_of(lambda: parse_jira_event(body, {}, SCHEMA))
    assert event is None or isinstance(event, JiraEvent)
    if event and event.snapshot:
        check_incident(event.snapshot)


def check_incident(incident: Incident) -> None:
    """Everything that comes out fits a queue message, survives it, and is text that can be sent."""
    stored = json.dumps(incident_to_json(incident), allow_nan=False)
    stored.encode("utf-8")
    incident.summary.encode("utf-8")
    assert len(stored) < 200_000
    assert incident_from_json(json.loads(stored)) == incident


@given(mutated([json.loads(body) for body in JIRA_BODIES]))
@settings(max_examples=400)
def test_a_mutated_jira_event_comes_to_a_clear_end(event: Any) -> None:
    check_jira(json.dumps(event).encode())


@given(spliced(JIRA_BODIES))
@settings(max_examples=400)
def test_a_spliced_jira_body_comes_to_a_clear_end(body: bytes) -> None:
    check_jira(body)


@given(mutated(ISSUES), st.booleans())
@settings(max_examples=400)
def test_a_mutated_issue_comes_to_a_clear_end(issue: Any, whole: bool) -> None:
    outcome = outcome_of(lambda: parse_issue(issue, SCHEMA, changes=(), whole=whole))
    assert outcome is None or isinstance(outcome, Incident | NotAnIncident | PartialIssue)
    assert not (whole and isinstance(outcome, PartialIssue))


@given(mutated([sample("jira/rest_issue__history_and_document")["changelog"]]))
def test_a_mutated_history_comes_to_a_clear_end(changelog: Any) -> None:
    changes = outcome_of(lambda: parse_history(changelog, SCHEMA))
    assert changes is None or isinstance(changes, tuple)


@given(
    mutated([json.loads(body) for body in PAGER_BODIES]).map(lambda event: json.dumps(event).encode()) | spliced(PAGER_BODIES)
)
@settings(max_examples=300)
def test_a_mutated_pager_event_comes_to_a_clear_end(body: bytes) -> None:
    for parse in (parse_opsgenie_event, parse_pagerduty_event):
        event = outcome_of(lambda parse=parse: parse(body, ""))  # type: ignore[misc]
        assert event is None or isinstance(event, PagerEvent)
