"""The impact's times and durations reach their fields, and never in the place of what a human wrote or took out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from chalicelib.artifacts.artifact import Artifact, Scene
from chalicelib.artifacts.impact_times import LOOK_AGAIN, NAME, START, ImpactTimesInJira, defaulted_in
from chalicelib.domain.durations import CLOCKS_DIFFER, TimeFields, Unit
from chalicelib.domain.incident import DETECTED, IMPACT_ENDED, IMPACT_STARTED, Change, Incident, IssueId, Person, Status
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from sandbox.emulator import Fault, FaultKind
from sandbox.jira.model import JiraIssue
from sandbox.jira.schema import example_schema
from tests.adapters.jira_world import EMMA, JiraWorld, a_jira
from tests.artifacts.passes import EVERY_DEATH, Passes, is_settled
from tests.builders import MIA, NOW, TOO_LATE_S, a_change, an_incident, seconds
from tests.reconcile.small_world import FakeTickets, SmallWorld

SCHEMA = example_schema()
ALL = TimeFields("started", "detected", "ended", "ttr", "ttd", "ttr_text", "ttd_text")
RESOLVED: dict[str, Any] = {"status": Status.RESOLVED, "changes": (a_change("status", Status.RESOLVED, after_s=6_000),)}
START_OF_IMPACT = NOW - timedelta(minutes=5)


LATER = NOW + seconds(7_000)


def times(fields: TimeFields = ALL, now: datetime = LATER, records: Any = (), **changes: Any) -> dict[str, Any]:
    """What is wanted now, by record: (defaults, durations, wrong), or from when on."""
    scene = Scene(an_incident(**changes), now, records={record.name: record for record in records})
    specs = ImpactTimesInJira(FakeTickets, fields).want(scene)
    return {
        spec.name: spec.not_before
        if spec.not_before and now < spec.not_before
        else (dict(spec.content.defaults), dict(spec.content.durations), spec.content.wrong)
        for spec in specs
    }


def record(filled: str, name: str = NAME) -> ArtifactRecord:
    return ArtifactRecord(an_incident().id, name, ArtifactState.MADE, "c", NOW, vendor_id=filled)


# --- what is wanted -------------------------------------------------------------------------------------------------------


def test_detection_defaults_to_the_moment_the_issue_was_created():
    assert times() == {NAME: ({DETECTED: NOW}, {}, ())}


def test_the_end_defaults_to_the_moment_it_was_resolved_and_durations_follow():
    told = times(impact_started_at=START_OF_IMPACT, detected_at=NOW, **RESOLVED)[NAME]
    assert told == (
        {IMPACT_ENDED: NOW + seconds(6_000)},
        {"ttr": 105.0, "ttr_text": "1 h 45 min", "ttd": 5.0, "ttd_text": "5 min"},
        (),
    )


@pytest.mark.parametrize(
    ("unit", "number"),
    [
        pytest.param(Unit.SECONDS, 6_300, id="s"),
        pytest.param(Unit.MINUTES, 105, id="min"),
        pytest.param(Unit.HOURS, 1.75, id="h"),
    ],
)
def test_numbers_are_in_the_unit_of_settings(unit: Unit, number: float):
    told = times(replace(ALL, unit=unit), impact_started_at=START_OF_IMPACT, **RESOLVED)[NAME]
    assert told[1]["ttr"] == number


def test_the_start_is_a_humans_answer_for_a_day_after_the_resolve_and_then_detection():
    detected = NOW - seconds(60)
    assert times(detected_at=detected, **RESOLVED)[START] == NOW + seconds(6_000) + timedelta(days=1)
    late = times(detected_at=detected, now=NOW + seconds(6_000) + timedelta(days=1), **RESOLVED)
    assert late[START] == ({IMPACT_STARTED: detected}, {}, ())


def test_a_defaulted_start_gives_a_time_to_recover_and_no_time_to_detect():
    filled = (record(f"{DETECTED} 2026-11-23T03:00:00+00:00"), record(f"{IMPACT_STARTED} 2026-11-23T03:00:00+00:00", START))
    told = times(impact_started_at=NOW, detected_at=NOW, records=filled, **RESOLVED)[NAME]
    assert (told[1]["ttr"], told[1]["ttd"]) == (100.0, None)


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        pytest.param(
            {"impact_started_at": NOW + seconds(60)}, "it was detected before its impact started", id="detected before start"
        ),
        pytest.param(
            {"impact_started_at": NOW, "impact_ended_at": NOW - seconds(60)}, "its impact ended before it started", id="end"
        ),
        pytest.param({"impact_ended_at": NOW + seconds(9_000)}, "its end of impact is in the future", id="future"),
    ],
)
def test_times_out_of_order_are_said_and_nothing_is_computed(changes: dict[str, Any], wrong: str):
    _, durations, said = times(**changes)[NAME]
    assert (durations, wrong in said) == ({}, True)


def test_what_was_computed_before_times_were_out_of_order_is_emptied():
    _, durations, _ = times(records=[record("nothing")], impact_started_at=NOW + seconds(60), **RESOLVED)[NAME]
    assert durations == dict.fromkeys(("ttr", "ttr_text", "ttd", "ttd_text"))


def test_without_fields_there_is_nothing_to_write():
    assert times(TimeFields(), **RESOLVED) == {}


def test_a_default_of_ours_is_known_as_long_as_nobody_changed_it():
    records = {NAME: record(f"{DETECTED} 2026-11-23T03:00:00+00:00")}
    assert defaulted_in(Scene(an_incident(detected_at=NOW), NOW, records=records)) == {DETECTED}
    assert defaulted_in(Scene(an_incident(detected_at=NOW + seconds(60)), NOW, records=records)) == frozenset()


OURS = Person("firebell", "Firebell")


@pytest.mark.parametrize(
    ("changes", "defaulted"),
    [
        pytest.param([a_change(DETECTED, "2026", OURS)], {DETECTED}, id="we wrote it, and the answer was lost"),
        pytest.param([a_change(DETECTED, "2026", OURS), a_change(DETECTED, "2027", MIA)], set(), id="a human wrote it since"),
        pytest.param([a_change(DETECTED, "2026", None)], set(), id="nobody knows who"),
    ],
)
def test_the_history_tells_whose_a_time_is_where_no_record_does(changes: list[Change], defaulted: set[str]):
    scene = Scene(an_incident(detected_at=NOW, changes=tuple(changes)), NOW)
    assert defaulted_in(scene, OURS.account_id) == defaulted


@pytest.mark.parametrize("name", [DETECTED, IMPACT_STARTED])
def test_a_default_that_a_human_takes_out_stays_out_though_its_answer_was_lost(name: str):
    taken_out = (*RESOLVED["changes"], a_change(name, "2026", OURS), a_change(name, None, MIA, old="2026"))
    late = LATER + timedelta(days=2)
    scene = Scene(an_incident(status=Status.RESOLVED, changes=taken_out), late)
    specs = ImpactTimesInJira(FakeTickets, ALL, OURS.account_id).want(scene)
    assert name not in {filled for spec in specs for filled, _ in spec.content.defaults}


def test_a_time_that_is_to_come_is_looked_at_again_when_it_has_come():
    wrong = times(impact_started_at=START_OF_IMPACT, impact_ended_at=LATER + seconds(600), **RESOLVED)
    assert wrong[LOOK_AGAIN] == LATER + seconds(600) - CLOCKS_DIFFER
    assert wrong[NAME][1:] == ({}, ("its end of impact is in the future",))
    come = times(now=wrong[LOOK_AGAIN], impact_started_at=START_OF_IMPACT, impact_ended_at=LATER + seconds(600), **RESOLVED)
    assert LOOK_AGAIN not in come
    assert come[NAME][1]["ttr_text"] == "2 h 11 min"


def test_a_clock_that_is_a_little_fast_tells_no_future():
    assert times(detected_at=LATER + CLOCKS_DIFFER) == {}


def test_an_answered_start_is_asked_for_no_more_and_troubles_nobody():
    """Its record, had a default been tried and refused by then, is given up by the runner: nothing of it is wanted."""
    late = LATER + timedelta(days=2)
    assert START in times(detected_at=NOW, now=late, **RESOLVED)
    assert START not in times(detected_at=NOW, impact_started_at=START_OF_IMPACT, now=late, **RESOLVED)


# --- what is written ------------------------------------------------------------------------------------------------------

FIELDS = TimeFields(SCHEMA.impact_started_field, SCHEMA.detected_field, SCHEMA.impact_ended_field)


@dataclass
class InJira(Passes):
    def begin(self, jira: JiraWorld, issue: JiraIssue) -> None:
        self.jira, self.issue = jira, issue

    def a_human_writes(self, field: str | None, at: datetime | None) -> None:
        assert field is not None
        value = at.isoformat(timespec="milliseconds").replace("+00:00", "+0000") if at else None
        self.jira.model.set_field(self.issue, field, value, EMMA)

    @property
    def detected_at(self) -> datetime | None:
        return self.read().detected_at

    def read(self) -> Incident:
        return cast(Incident, self.jira.tickets.read(IssueId(self.issue.id)))

    def writes(self) -> int:
        asked = [exchange for exchange in self.jira.recorder.exchanges if exchange["method"] != "GET"]
        self.jira.recorder.exchanges.clear()
        return len(asked)


@contextmanager
def passes_at_jira() -> Iterator[InJira]:
    with a_jira() as jira:
        issue = jira.model.create_incident(EMMA, "Checkout is down")
        incident = cast(Incident, jira.tickets.read(IssueId(issue.id)))

        def artifacts(small: SmallWorld) -> tuple[Artifact[Any], ...]:
            tickets = small.mortality.wrap(jira.tickets, "jira")
            return (ImpactTimesInJira(lambda: tickets, FIELDS),)

        passes = InJira(artifacts, incident, clock=jira.clock)
        passes.begin(jira, issue)
        passes.observe = passes.read
        passes.writes()
        yield passes


def test_the_default_is_written_once_and_nobody_is_notified():
    with passes_at_jira() as passes:
        mails = passes.jira.model.mails
        passes.settle()
        assert passes.detected_at == passes.incident.created_at.replace(microsecond=0)
        assert (passes.writes(), passes.jira.model.mails) == (1, mails)
        assert is_settled(passes.settle())
        assert passes.writes() == 0


def test_what_a_human_entered_is_never_overwritten_also_not_while_a_pass_is_under_way():
    theirs = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
    with passes_at_jira() as passes:
        before = passes.read()
        passes.observe = lambda: before
        passes.a_human_writes(FIELDS.detected, theirs)
        passes.settle()
        assert passes.detected_at == theirs


def test_a_default_that_a_human_takes_out_stays_out():
    with passes_at_jira() as passes:
        passes.settle()
        passes.a_human_writes(FIELDS.detected, None)
        passes.settle_for(120)
        assert passes.detected_at is None
        assert is_settled(passes.settle())


@pytest.mark.parametrize(("number", "after"), EVERY_DEATH)
def test_it_may_die_at_every_effect(number: int, after: bool):
    with passes_at_jira() as passes:
        passes.die(number, after=after)
        passes.settle_for(90)
        assert passes.detected_at == passes.incident.created_at.replace(microsecond=0)
        assert is_settled(passes.settle())


def test_a_lost_answer_is_repaired_by_looking():
    with passes_at_jira() as passes:
        passes.jira.emulator.faults.switch_on("put_issue", Fault(FaultKind.TIMEOUT_AFTER, delay_s=TOO_LATE_S))
        passes.settle_for(90)
        assert passes.detected_at == passes.incident.created_at.replace(microsecond=0)
        assert len([entry for entry in passes.issue.histories if entry["items"][0]["fieldId"] == FIELDS.detected]) == 1


def test_five_workers_at_once_write_it_once():
    with passes_at_jira() as passes:
        passes.settle_by_many()
        assert passes.writes() == 1
