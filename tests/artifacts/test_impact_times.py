"""The impact's times and durations reach their fields, and never in the place of what a human wrote or took out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, cast

import pytest

from chalicelib.artifacts.artifact import Artifact, Scene
from chalicelib.artifacts.impact_times import LOOK_AGAIN, NAME, START, ImpactTimesInJira, effective, of_the_past
from chalicelib.domain.durations import CLOCKS_DIFFER, TimeFields, Unit
from chalicelib.domain.incident import (
    DETECTED,
    IMPACT_ENDED,
    IMPACT_STARTED,
    INCIDENT,
    Change,
    Incident,
    IssueId,
    Person,
    Status,
)
from chalicelib.domain.policy import PagingPolicy
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from sandbox.emulator import Fault, FaultKind
from sandbox.jira import schema as names
from sandbox.jira.model import JiraIssue
from sandbox.jira.schema import example_schema
from tests.adapters.jira_world import BOT, EMMA, JiraWorld, a_jira
from tests.artifacts.passes import EVERY_DEATH, Passes, is_settled
from tests.builders import MIA, NOW, PATIENT_S, TIMEOUTS_S, TOO_LATE_S, a_change, an_incident, seconds
from tests.reconcile.small_world import FakeTickets, SmallWorld

SCHEMA = example_schema()
ALL = TimeFields("started", "detected", "ended", "ttr", "ttd", "ttr_text", "ttd_text")
RESOLVED: dict[str, Any] = {"status": Status.RESOLVED, "changes": (a_change("status", Status.RESOLVED, after_s=6_000),)}
START_OF_IMPACT = NOW - timedelta(minutes=5)


LATER = NOW + seconds(7_000)
FIRST, SECOND = NOW + seconds(6_000), NOW + seconds(6_600)
REOPENED = (a_change("status", Status.RESOLVED, after_s=6_000), a_change("status", Status.NEW, old="resolved", after_s=6_300))
AGAIN = (*REOPENED, a_change("status", Status.RESOLVED, after_s=6_600))


def times(fields: TimeFields = ALL, now: datetime = LATER, records: Any = (), **changes: Any) -> dict[str, Any]:
    """What is wanted now, by record: (defaults, durations, wrong), or from when on."""
    scene = Scene(an_incident(**changes), now, records={record.name: record for record in records})
    specs = ImpactTimesInJira(FakeTickets, fields, PagingPolicy()).want(scene)
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


@pytest.mark.parametrize(
    ("old", "detected"),
    [pytest.param(None, NOW + seconds(600), id="moved here later"), pytest.param("yes", NOW, id="moved away, and back")],
)
def test_what_became_an_incident_later_is_detected_then(old: str | None, detected: datetime):
    moves = [a_change(INCIDENT, "yes" if old is None else None, old=old, after_s=600)]
    moves += [a_change(INCIDENT, "yes", after_s=900)] if old else []
    assert times(changes=tuple(moves)) == {NAME: ({DETECTED: detected}, {}, ())}


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
            {"impact_started_at": NOW + seconds(60), "detected_at": NOW}, "it was detected before its impact started",
            id="detected before start",
        ),
        pytest.param(
            {"impact_started_at": NOW, "impact_ended_at": NOW - seconds(60)}, "its impact ended before it started", id="end"
        ),
        pytest.param({"impact_ended_at": NOW + seconds(9_000)}, "its end of impact is in the future", id="future"),
    ],
)  # fmt: skip
def test_times_out_of_order_are_said_and_nothing_is_computed(changes: dict[str, Any], wrong: str):
    _, durations, said = times(**changes)[NAME]
    assert (durations, wrong in said) == ({}, True)


def test_what_was_computed_before_times_were_out_of_order_is_emptied():
    _, durations, _ = times(records=[record("nothing")], impact_started_at=NOW + seconds(6_600), **RESOLVED)[NAME]
    assert durations == dict.fromkeys(("ttr", "ttr_text", "ttd", "ttd_text"))


LIVE_SINCE = PagingPolicy(go_live=NOW + seconds(1))
OF_BEFORE: dict[str, Any] = {"impact_started_at": START_OF_IMPACT, "impact_ended_at": NOW - seconds(60)}  # in no order


@pytest.mark.parametrize(
    ("policy", "days", "known", "changes", "is_written"),
    [
        pytest.param(LIVE_SINCE, 0, (), {}, False, id="adopted"),
        pytest.param(LIVE_SINCE, 0, (), RESOLVED, False, id="adopted, and over"),
        pytest.param(LIVE_SINCE, 0, (), OF_BEFORE, False, id="adopted, and nothing is said of it either"),
        pytest.param(LIVE_SINCE, 2, (NAME,), RESOLVED, True, id="adopted, and we had begun"),
        pytest.param(
            LIVE_SINCE, 2, (), {"changes": AGAIN, "status": Status.RESOLVED}, True, id="reopened since, and over again"
        ),
        pytest.param(PagingPolicy(), 6, (), RESOLVED, True, id="known a few days late"),
        pytest.param(PagingPolicy(), 8, (), RESOLVED, False, id="over long before we knew"),
        pytest.param(PagingPolicy(), 998, (), RESOLVED | OF_BEFORE, False, id="years ago"),
        pytest.param(PagingPolicy(), 8, (START,), RESOLVED, True, id="over for long, and ours"),
        pytest.param(PagingPolicy(), 998, (), {}, True, id="open for years"),
    ],
)
def test_what_others_dealt_with_stays_as_they_left_it(
    policy: PagingPolicy, days: int, known: tuple[str, ...], changes: dict[str, Any], is_written: bool
):
    records = {name: record("nothing", name) for name in known}
    scene = Scene(an_incident(**changes), LATER + timedelta(days=days), records=records)
    assert bool(ImpactTimesInJira(FakeTickets, ALL, policy).want(scene)) is is_written


@pytest.mark.parametrize(
    ("detected_at", "wrong"),
    [
        pytest.param(None, (), id="by our own default, which contradicts nobody"),
        pytest.param(NOW, ("it was detected before its impact started",), id="by a human's word"),
    ],
)
def test_a_detection_before_the_start_withholds_the_time_to_detect_alone(detected_at: datetime | None, wrong: tuple[str, ...]):
    told = times(records=[record("nothing")], impact_started_at=NOW + seconds(600), detected_at=detected_at, **RESOLVED)[NAME]
    assert (told[1]["ttr"], told[1]["ttd"], told[2]) == (90.0, None, wrong)


@pytest.mark.parametrize(
    ("end_s", "is_filled"),
    [pytest.param(-600, False, id="over before it was raised"), pytest.param(600, True, id="over since")],
)
def test_no_start_is_filled_in_behind_the_end(end_s: float, is_filled: bool):
    late: dict[str, Any] = {"detected_at": NOW, "impact_ended_at": NOW + seconds(end_s), "now": LATER + timedelta(days=2)}
    assert (START in times(**late, **RESOLVED)) is is_filled
    past = an_incident(impact_ended_at=late["impact_ended_at"], **RESOLVED)
    assert (of_the_past(past, late["now"]).started_at is not None) is is_filled


def test_without_fields_there_is_nothing_to_write():
    assert times(TimeFields(), **RESOLVED) == {}


def test_a_default_of_ours_is_known_as_long_as_nobody_changed_it():
    records = {NAME: record(f"{DETECTED} 2026-11-23T03:00:00+00:00")}
    assert effective(Scene(an_incident(detected_at=NOW), NOW, records=records)).defaulted == {DETECTED}
    assert effective(Scene(an_incident(detected_at=NOW + seconds(60)), NOW, records=records)).defaulted == frozenset()


OURS = Person("firebell", "Firebell")
OUR_POLICY = PagingPolicy(own_account=OURS.account_id)


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
    assert effective(scene, OURS.account_id).defaulted == defaulted


@pytest.mark.parametrize("name", [DETECTED, IMPACT_STARTED])
def test_a_default_that_a_human_takes_out_stays_out_though_its_answer_was_lost(name: str):
    taken_out = (*RESOLVED["changes"], a_change(name, "2026", OURS), a_change(name, None, MIA, old="2026"))
    late = LATER + timedelta(days=2)
    scene = Scene(an_incident(status=Status.RESOLVED, changes=taken_out), late)
    specs = ImpactTimesInJira(FakeTickets, ALL, OUR_POLICY).want(scene)
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


OUR_END = a_change(IMPACT_ENDED, "first", OURS, after_s=6_001)
EMPTIED = a_change(IMPACT_ENDED, None, OURS, old="first", after_s=6_301)
TAKEN_OUT = a_change(IMPACT_ENDED, None, MIA, old="first", after_s=6_200)
BY_HAND = a_change(IMPACT_ENDED, "first", MIA, after_s=6_250)
CORRECTED = a_change(IMPACT_ENDED, "earlier", MIA, old="first", after_s=6_350)
KNOWN = "impact_ended 2026-11-23T04:40:00+00:00"


@pytest.mark.parametrize(
    ("ended_at", "moves", "edits", "known", "holds"),
    [
        pytest.param(FIRST, REOPENED, (OUR_END,), KNOWN, None, id="ours, while it is open again"),
        pytest.param(FIRST, AGAIN, (OUR_END,), KNOWN, SECOND, id="ours, and it was resolved again before anybody looked"),
        pytest.param(None, AGAIN, (OUR_END, EMPTIED), "nothing", SECOND, id="emptied by us, and resolved again"),
        pytest.param(None, AGAIN, (OUR_END, EMPTIED), KNOWN, SECOND, id="emptied by us, and the answer was lost"),
        pytest.param(None, AGAIN, (OUR_END, TAKEN_OUT), KNOWN, None, id="taken out by a human"),
        pytest.param(FIRST, REOPENED, (OUR_END, TAKEN_OUT, BY_HAND), KNOWN, FIRST, id="a human's, equal to ours, while open"),
        pytest.param(FIRST, AGAIN, (OUR_END, TAKEN_OUT, BY_HAND), KNOWN, FIRST, id="a human's, equal to ours, resolved again"),
        pytest.param(FIRST, AGAIN, (), "nothing", FIRST, id="a human's, told by no history"),
        pytest.param(FIRST, AGAIN, (), KNOWN, SECOND, id="ours, told by the record alone"),
        pytest.param(FIRST, (), (), KNOWN, FIRST, id="ours, and no history tells of a resolve"),
    ],
)
def test_a_default_end_follows_the_resolve(
    ended_at: datetime | None, moves: Any, edits: Any, known: str, holds: datetime | None
):
    status = Status.NEW if moves is REOPENED else Status.RESOLVED
    incident = an_incident(status=status, impact_ended_at=ended_at, detected_at=NOW, changes=(*moves, *edits))
    scene = Scene(incident, LATER, records={NAME: record(known)})
    assert effective(scene, OURS.account_id).ended_at == holds
    specs = ImpactTimesInJira(FakeTickets, ALL, OUR_POLICY).want(scene)
    defaults = dict(next(spec.content.defaults for spec in specs if spec.name == NAME))
    assert defaults == ({} if holds == ended_at else {IMPACT_ENDED: holds})


def test_what_was_computed_with_a_default_end_is_emptied_with_it():
    reopened: dict[str, Any] = {"changes": (*REOPENED, OUR_END), "impact_started_at": START_OF_IMPACT, "impact_ended_at": FIRST}
    assert times(records=[record(KNOWN)], **reopened)[NAME][1]["ttr"] is None


@pytest.mark.parametrize(
    ("ended_at", "moves", "edits", "is_asked"),
    [
        pytest.param(FIRST, AGAIN, (OUR_END, BY_HAND), True, id="a human's, from before"),
        pytest.param(FIRST, REOPENED, (OUR_END, BY_HAND), False, id="it is open again"),
        pytest.param(SECOND, AGAIN, (OUR_END, BY_HAND), False, id="told anew"),
        pytest.param(FIRST, AGAIN, (OUR_END, CORRECTED), False, id="set right to an earlier time since"),
        pytest.param(FIRST, AGAIN, (OUR_END,), False, id="ours, which follows"),
        pytest.param(FIRST, AGAIN[:1], (BY_HAND,), False, id="never opened again"),
    ],
)
def test_a_humans_end_from_before_it_was_opened_again_is_asked_for(ended_at: datetime, moves: Any, edits: Any, is_asked: bool):
    status = Status.NEW if moves is REOPENED else Status.RESOLVED
    incident = an_incident(status=status, impact_ended_at=ended_at, detected_at=NOW, changes=(*moves, *edits))
    specs = ImpactTimesInJira(FakeTickets, ALL, OUR_POLICY).want(Scene(incident, LATER))
    assert any(spec.content.asked for spec in specs) is is_asked


def test_an_import_takes_the_last_resolve_for_the_end():
    times = of_the_past(an_incident(status=Status.RESOLVED, changes=AGAIN), LATER)
    assert (times.ended_at, IMPACT_ENDED in times.defaulted) == (SECOND, True)
    assert of_the_past(an_incident(changes=REOPENED), LATER).ended_at is None


START_WRITTEN = {"impact_started_at": NOW, "detected_at": NOW}


@pytest.mark.parametrize(
    ("edits", "own_account", "defaulted"),
    [
        pytest.param([], OURS.account_id, {IMPACT_ENDED}, id="a human's, from when it was raised"),
        pytest.param([a_change(IMPACT_STARTED, "2026", OURS)], OURS.account_id, {IMPACT_STARTED, IMPACT_ENDED}, id="ours"),
        pytest.param(
            [a_change(IMPACT_STARTED, "2026", OURS), a_change(IMPACT_STARTED, "2027", MIA)], OURS.account_id, {IMPACT_ENDED},
            id="a human wrote it since",
        ),
        pytest.param([a_change(IMPACT_STARTED, "2026", OURS)], "", {IMPACT_ENDED}, id="nobody knows which account is ours"),
    ],
)  # fmt: skip
def test_an_import_knows_by_the_history_what_firebell_filled_in(edits: list[Change], own_account: str, defaulted: set[str]):
    past = an_incident(status=Status.RESOLVED, changes=(*RESOLVED["changes"], *edits), **START_WRITTEN)
    assert of_the_past(past, LATER + timedelta(days=30), own_account).defaulted == defaulted


@pytest.mark.parametrize("name", [IMPACT_STARTED, DETECTED, IMPACT_ENDED])
def test_an_import_fills_in_nothing_that_a_human_took_out(name: str):
    edits = (a_change(name, "2026", OURS), a_change(name, None, MIA, old="2026"))
    past = an_incident(status=Status.RESOLVED, changes=(*RESOLVED["changes"], *edits))
    times = of_the_past(past, LATER + timedelta(days=30), OURS.account_id)
    assert times.defaulted == {IMPACT_STARTED, DETECTED, IMPACT_ENDED} - {name}


# --- what is written ------------------------------------------------------------------------------------------------------

FIELDS = TimeFields(SCHEMA.impact_started_field, SCHEMA.detected_field, SCHEMA.impact_ended_field)
WITH_TTR = replace(FIELDS, ttr=names.TTR)


@dataclass
class InJira(Passes):
    def begin(self, jira: JiraWorld, issue: JiraIssue) -> None:
        self.jira, self.issue = jira, issue

    def a_human_writes(self, field: str | None, at: datetime | None) -> None:
        assert field is not None
        value = at.isoformat(timespec="milliseconds").replace("+00:00", "+0000") if at else None
        self.jira.model.set_field(self.issue, field, value, EMMA)

    def moves_to(self, status: str) -> datetime:
        """Ten minutes later; when that was."""
        self.pass_time(600)
        self.jira.model.transition(self.issue, status, EMMA)
        return self.issue.updated.replace(microsecond=self.issue.updated.microsecond // 1000 * 1000)

    @property
    def detected_at(self) -> datetime | None:
        return self.read().detected_at

    @property
    def ended_at(self) -> datetime | None:
        return self.read().impact_ended_at

    @property
    def ttr_min(self) -> object:
        return self.issue.fields.get(names.TTR)

    def read(self) -> Incident:
        return cast(Incident, self.jira.tickets.read(IssueId(self.issue.id)))

    def writes(self) -> int:
        asked = [exchange for exchange in self.jira.recorder.exchanges if exchange["method"] != "GET"]
        self.jira.recorder.exchanges.clear()
        return len(asked)


@contextmanager
def passes_at_jira(
    own_account: str = BOT.account_id, fields: TimeFields = FIELDS, timeouts_s: tuple[float, float] = PATIENT_S
) -> Iterator[InJira]:
    with a_jira(timeouts_s) as jira:
        issue = jira.model.create_incident(EMMA, "Checkout is down")
        incident = cast(Incident, jira.tickets.read(IssueId(issue.id)))

        def artifacts(small: SmallWorld) -> tuple[Artifact[Any], ...]:
            tickets = small.mortality.wrap(jira.tickets, "jira")
            return (ImpactTimesInJira(lambda: tickets, fields, PagingPolicy(own_account=own_account)),)

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
    with passes_at_jira(timeouts_s=TIMEOUTS_S) as passes:
        passes.jira.emulator.faults.switch_on("put_issue", Fault(FaultKind.TIMEOUT_AFTER, delay_s=TOO_LATE_S))
        passes.settle_for(90)
        assert passes.detected_at == passes.incident.created_at.replace(microsecond=0)
        assert len([entry for entry in passes.issue.histories if entry["items"][0]["fieldId"] == FIELDS.detected]) == 1


def test_five_workers_at_once_write_it_once():
    with passes_at_jira() as passes:
        passes.settle_by_many()
        assert passes.writes() == 1


def a_reopened_one(passes: InJira) -> None:
    """Resolved, looked after, and opened again."""
    passes.a_human_writes(FIELDS.impact_started, passes.issue.created - timedelta(minutes=5))
    passes.settle()
    first = passes.moves_to("Resolved")
    passes.settle_for(120)
    assert (passes.ended_at, passes.ttr_min) == (first, 15.0)
    passes.moves_to("New")


@pytest.mark.parametrize(
    "own_account", [pytest.param(BOT.account_id, id="the history tells"), pytest.param("", id="records tell")]
)
def test_a_default_end_goes_when_it_is_opened_again_and_comes_back_with_the_last_resolve(own_account: str):
    with passes_at_jira(own_account, WITH_TTR) as passes:
        a_reopened_one(passes)
        passes.writes()
        passes.settle()
        assert (passes.ended_at, passes.ttr_min, passes.writes()) == (None, None, 1)
        assert is_settled(passes.settle())
        second = passes.moves_to("Resolved")
        passes.settle()
        took_min = round((second - passes.issue.created).total_seconds() / 60 + 5, 2)
        assert (passes.ended_at, passes.ttr_min, passes.writes()) == (second, took_min, 1)
        assert is_settled(passes.settle())
        assert passes.writes() == 0


@pytest.mark.parametrize(("number", "after"), EVERY_DEATH)
@pytest.mark.parametrize("status", [pytest.param("New", id="opened again"), pytest.param("Resolved", id="resolved again")])
def test_it_may_die_wherever_the_end_follows(status: str, number: int, after: bool):
    with passes_at_jira(fields=WITH_TTR) as passes:
        a_reopened_one(passes)
        last = None
        if status == "Resolved":
            passes.settle()
            last = passes.moves_to("Resolved")
        passes.die(len(passes.effects) + number, after=after)
        passes.settle_for(120)
        assert passes.ended_at == last
        assert is_settled(passes.settle())
        passes.moves_to("Fixing")
        passes.settle_for(120)
        assert passes.ended_at is None
        last = passes.moves_to("Resolved")
        passes.settle_for(120)
        assert passes.ended_at == last


@pytest.mark.parametrize(
    ("theirs", "end"),
    [
        pytest.param("New", None, id="a default end is filled in no more once it was opened again"),
        pytest.param(EMMA, datetime(2026, 11, 23, 3, 7, tzinfo=UTC), id="nor over a human's"),
    ],
)
def test_the_issue_is_looked_at_right_before_an_end_is_written(theirs: Any, end: datetime | None):
    with passes_at_jira(fields=WITH_TTR) as passes:
        passes.settle()
        passes.moves_to("Resolved")
        before = passes.read()
        passes.observe = lambda: before
        if theirs == "New":
            passes.moves_to("New")
        else:
            passes.a_human_writes(FIELDS.impact_ended, end)
        passes.settle()
        assert passes.ended_at == end


def test_a_humans_end_is_not_emptied_while_a_pass_is_under_way():
    theirs = datetime(2026, 11, 23, 3, 7, tzinfo=UTC)
    with passes_at_jira(fields=WITH_TTR) as passes:
        a_reopened_one(passes)
        before = passes.read()
        passes.observe = lambda: before
        passes.a_human_writes(FIELDS.impact_ended, theirs)
        passes.settle()
        assert passes.ended_at == theirs
        passes.observe = passes.read
        passes.settle_for(60)
        assert (passes.ended_at, is_settled(passes.settle())) == (theirs, True)


def test_a_default_end_that_comes_late_is_taken_out_again():
    with passes_at_jira(fields=WITH_TTR) as passes:
        a_reopened_one(passes)
        late = passes.issue.fields[names.ENDED]
        passes.settle_for(60)
        passes.jira.model.set_field(passes.issue, names.ENDED, late, BOT)
        passes.settle_for(60)
        assert (passes.ended_at, is_settled(passes.settle())) == (None, True)


def test_an_end_that_jira_does_not_take_back_is_not_tried_on_and_on():
    with passes_at_jira(fields=WITH_TTR) as passes:
        a_reopened_one(passes)
        passes.writes()
        passes.jira.model.off_screen.add(names.ENDED)
        passes.settle_for(120)
        assert (passes.ttr_min, is_settled(passes.settle())) == (None, True)
        assert "does not take a value" in " ".join(passes.records[NAME].says)


def a_refused_one(passes: InJira) -> None:
    """Resolved, and its time to recover refused."""
    passes.a_human_writes(FIELDS.impact_started, passes.issue.created - timedelta(minutes=5))
    passes.jira.model.off_screen.add(names.TTR)
    passes.moves_to("Resolved")
    passes.settle()
    assert passes.ttr_min is None
    passes.writes()


def test_a_field_that_jira_refused_is_tried_again_after_an_hour_and_filled_once_it_is_on_its_screen():
    with passes_at_jira(fields=WITH_TTR) as passes:
        a_refused_one(passes)
        passes.settle_for(3_500)
        assert (passes.writes(), is_settled(passes.settle())) == (0, True)
        passes.settle_for(200)
        tried = passes.writes()
        assert (tried > 0, len(passes.records[NAME].says)) == (True, 1)
        passes.jira.model.off_screen.clear()
        passes.settle_for(3_700)
        assert (passes.ttr_min, passes.records[NAME].says) == (15.0, ())
        passes.writes()
        passes.settle_for(7_300)
        assert (passes.writes(), is_settled(passes.settle())) == (0, True)


def test_whoever_refuses_a_field_is_asked_every_hour_by_the_passes_that_are_booked_alone():
    with passes_at_jira(fields=WITH_TTR) as passes:
        a_refused_one(passes)
        tried = []
        while passes.small.clock.at < NOW + timedelta(hours=5):
            dues = [outcome.due for outcome in passes.settle() if outcome.due is not None]
            if passes.writes():
                tried.append(passes.small.clock.at)
            assert dues, "nobody comes back"
            passes.pass_time(max(1.0, (min(dues) - passes.small.clock.at).total_seconds()))
        assert len(tried) >= 3
        assert all(later - sooner >= timedelta(hours=1) for sooner, later in pairwise(tried))


def test_a_field_that_jira_refuses_holds_up_no_change_of_the_others():
    with passes_at_jira(fields=WITH_TTR) as passes:
        a_refused_one(passes)
        passes.moves_to("Fixing")
        passes.settle()
        assert passes.ended_at is None


def test_a_field_that_jira_refuses_is_let_be_a_week_after_the_resolve():
    with passes_at_jira(fields=WITH_TTR) as passes:
        a_refused_one(passes)
        passes.pass_time(7 * 86_400)
        assert not any(outcome.due for outcome in passes.settle())


def test_a_start_that_jira_refused_is_tried_again_too():
    with passes_at_jira(fields=FIELDS) as passes:
        passes.jira.model.off_screen.add(names.STARTED)
        passes.moves_to("Resolved")
        passes.settle_for(120)
        passes.pass_time(86_400)
        passes.settle_for(120)
        assert passes.read().impact_started_at is None
        passes.jira.model.off_screen.clear()
        passes.settle_for(3_700)
        assert passes.read().impact_started_at == passes.detected_at
