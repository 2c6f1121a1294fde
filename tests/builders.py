"""Dull, fixed values; a test names only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain.alias import alias_of
from chalicelib.domain.incident import Change, Incident, IssueId, IssueKey, Person, Severity, Status
from chalicelib.domain.notes import Note, Source
from chalicelib.domain.paging import Alert, AlertStatus, PageRecord, PageState, Roster, RosterKind
from chalicelib.domain.routing import BusinessHours, Delivery, RoutingTable

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
TIMEOUTS_S = (3.0, 1.5)
"""How long an adapter under test waits to connect and to read: a busy machine may pause for a second."""
PATIENT_S = (10.0, 30.0)
"""For whom no answer is held back: however long the machine pauses, nothing fails for it."""
TOO_LATE_S = 10.0
"""How long a fault holds an answer back that should find nobody waiting any more."""
MIA = Person("acc-mia", "Mia Moore", "mia@example.com")
EMMA = Person("acc-emma", "Emma Reyes", "emma@example.com")
ROBOT = Person("acc-robot", "Automation for Jira", is_human=False)
FIREBELL = Person("acc-firebell", "Firebell")


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def an_incident(**changes: Any) -> Incident:
    return replace(
        Incident(
            id=IssueId("10002"),
            key=IssueKey("HOT-42"),
            project="HOT",
            issue_type="Incident",
            summary="Checkout is down",
            severity=Severity.SEV1,
            status=Status.NEW,
            status_name="New",
            created_at=NOW,
            updated_at=NOW,
            service="Bitbucket",
            products=("Payments",),
            reporter=EMMA,
            url="https://example.atlassian.net/browse/HOT-42",
        ),
        **changes,
    )


def a_change(what: str, new: str | None, by: Person | None = MIA, *, old: str | None = None, after_s: float = 60) -> Change:
    return Change(what, NOW + seconds(after_s), by, old, new)


def a_note(id_: str = "slack:C1:1.000001", **changes: Any) -> Note:
    return replace(Note(id_, NOW + seconds(300), "Mia Moore", "Cache flushed", Source.MARKED), **changes)


def a_roster(name: str, **changes: Any) -> Roster:
    roster = Roster(name, "opsgenie", RosterKind.SCHEDULE, name.replace("-", " ").title(), f"id-{name}", f"id-{name}")
    return replace(roster, **changes)


def a_routing_table(*rosters: Roster, **changes: Any) -> RoutingTable:
    named = {
        roster.name: roster for roster in (a_roster("bitbucket-im"), a_roster("imoc"), a_roster("bitbucket-team"), *rosters)
    }
    hours = BusinessHours("Europe/London", frozenset(range(5)), NOW.replace(hour=9).time(), NOW.replace(hour=17).time())
    table = RoutingTable(
        rosters=named,
        imoc=("imoc",),
        services={"bitbucket": {Severity.SEV1: "bitbucket-im", Severity.SEV2: "bitbucket-im"}},
        deliveries={"bitbucket": Delivery("bitbucket-team", hours)},
    )
    return replace(table, **changes)


def a_page(target: str = "im", state: PageState = PageState.CONFIRMED, **changes: Any) -> PageRecord:
    """A page begun at NOW; confirmed five seconds later unless its state is an earlier one."""
    roster = "bitbucket-im" if target == "im" else "imoc"
    record = PageRecord(
        issue_id=IssueId("10002"),
        episode=1,
        target=target,
        alias=alias_of(IssueId("10002"), target, ""),
        roster=roster,
        pager="opsgenie",
        state=state,
        claim="c-old",
        since=NOW,
        until=NOW,
        reason=f"{roster} is on call",
        attempt=1,
    )
    if state not in (PageState.SENDING, PageState.UNKNOWN, PageState.REFUSED):
        record = replace(record, accepted_at=NOW, request_id="r-1")
    if state in (PageState.CONFIRMED, PageState.ACKED, PageState.CLOSED, PageState.ENDING, PageState.ENDED):
        record = replace(record, confirmed_at=NOW, alert_ids=("a-1",), shown=True, on_call=("mia@example.com",))
    return replace(record, **changes)


def an_alert(id_: str = "a-1", status: AlertStatus = AlertStatus.OPEN, **changes: Any) -> Alert:
    alert = Alert(id_, "firebell:10002", status, NOW)
    if status is not AlertStatus.OPEN:
        alert = replace(alert, by="mia@example.com", at=NOW + seconds(90))
    return replace(alert, **changes)
