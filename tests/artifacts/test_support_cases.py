"""Cases of support: counted while the incident lasts, and each told exactly once when it is over."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.artifacts.artifact import Artifact, Scene
from chalicelib.artifacts.support_cases import MOST_NOTES, SupportCases, SupportNotes, support_count, support_link
from chalicelib.ports.tickets import Tickets
from sandbox.emulator import Fault, FaultKind
from sandbox.jira import issues
from sandbox.jira.markup import shown, structure
from sandbox.jira.schema import DRILL_LABEL, PRIVATE_LABEL
from tests.adapters.jira_world import BOT, EMMA, MIA
from tests.adapters.test_wiki_markup import HOSTILE, as_read
from tests.artifacts.desk_world import FINAL_AFTER, WORDS, Desk, a_desk
from tests.artifacts.passes import is_settled
from tests.builders import NOW, TOO_LATE_S, an_incident


def artifacts(tickets: Callable[[], Tickets]) -> tuple[Artifact[Any], ...]:
    return (SupportCases(tickets, ("SUP", "CUS"), FINAL_AFTER), SupportNotes(tickets, WORDS, FINAL_AFTER))


def support(**options: Any) -> AbstractContextManager[Desk]:
    return a_desk(artifacts, **options)


def counted(desk: Desk) -> tuple[int | None, str]:
    scene = Scene(desk.passes.incident, NOW, records=desk.passes.records)
    return support_count(scene), support_link(scene)


def said(desk: Desk) -> list[str]:
    return [text for record in desk.passes.records.values() for text in record.says]


def settle_in_the_end(desk: Desk) -> None:
    desk.passes.settle_for(400)


# --- counted --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data_center", [False, True], ids=["Cloud", "Data Center"])
def test_cases_are_counted_by_the_incidents_key_in_capitals_or_not(data_center: bool):
    with support(data_center=data_center) as desk:
        desk.a_case("HOT-1")
        desk.a_case("hot-1", project="CUS")
        desk.a_case("HOT-11")
        desk.passes.settle()
        count, link = counted(desk)
        assert count == 2
        assert "jql=" in link
        assert "HOT-1" in link


def test_nobody_knows_a_count_before_somebody_has_looked():
    scene = Scene(an_incident(), NOW)
    assert (support_count(scene), support_link(scene)) == (None, "")


def test_the_count_is_no_older_than_ten_minutes_and_is_not_made_more_often():
    with support() as desk:
        desk.passes.settle()
        desk.a_case()
        outcomes = desk.passes.settle_for(590)
        assert is_settled(outcomes)
        assert (counted(desk)[0], desk.jira.emulator.count("search")) == (0, 1)
        [due] = [outcome.due for outcome in outcomes]
        assert due == NOW + timedelta(minutes=10)
        desk.passes.pass_time(31)
        desk.passes.settle()
        assert (counted(desk)[0], desk.jira.emulator.count("search")) == (1, 2)


def test_a_settled_incident_asks_and_writes_nothing():
    with support() as desk:
        desk.a_case()
        desk.passes.settle()
        before, effects = len(desk.jira.emulator.calls), len(desk.passes.effects)
        desk.passes.settle()
        assert (len(desk.jira.emulator.calls), len(desk.passes.effects)) == (before, effects)


def test_the_incident_is_no_case_of_its_own():
    with a_desk(lambda tickets: (SupportCases(tickets, ("HOT",), FINAL_AFTER),)) as desk:
        issues.label(desk.model, desk.issue, ["HOT-1"], EMMA)
        desk.passes.settle()
        assert counted(desk)[0] == 0


def test_cases_are_found_by_former_keys_too():
    with support() as desk:
        desk.a_case("HOT-1")
        desk.passes.settle()
        desk.model.move(desk.issue, "HOT", MIA)
        desk.a_case("hot-2")
        desk.passes.pass_time(601)
        desk.passes.settle()
        assert counted(desk)[0] == 2


@pytest.mark.parametrize(
    ("labels", "severity"), [pytest.param([DRILL_LABEL], 1, id="a drill"), pytest.param([], 3, id="severity 3")]
)
def test_nobody_looks_for_cases_of(labels: list[str], severity: int):
    with support(severity=severity) as desk:
        desk.issue.fields["labels"] = labels
        desk.a_case()
        desk.passes.settle()
        desk.resolve()
        settle_in_the_end(desk)
        assert desk.jira.emulator.count("search") == 0


@pytest.mark.parametrize("kind", [FaultKind.UNAVAILABLE, FaultKind.TIMEOUT_AFTER, FaultKind.GARBAGE])
def test_a_search_that_fails_leaves_the_last_count_and_is_made_again(kind: FaultKind):
    with support() as desk:
        desk.a_case()
        desk.passes.settle()
        desk.a_case()
        desk.passes.pass_time(601)
        desk.jira.emulator.faults.switch_on("search", Fault(kind, delay_s=TOO_LATE_S))
        desk.passes.settle()
        assert counted(desk)[0] == 1
        desk.passes.settle_for(700)
        assert counted(desk)[0] == 2


# --- told -----------------------------------------------------------------------------------------------------------------


def test_some_minutes_after_the_resolve_each_case_gets_one_note_that_customers_cannot_read():
    with support() as desk:
        cases = [desk.a_case(), desk.a_case("hot-1")]
        desk.passes.settle()
        late = desk.a_case()
        desk.resolve()
        desk.passes.settle_for(290)
        assert [desk.notes(case) for case in (*cases, late)] == [[], [], []]
        assert is_settled(desk.passes.settle_for(100))
        for case in (*cases, late):
            [note] = desk.notes(case)
            assert {"key": "sd.public.comment", "value": {"internal": True}} in note.properties
            assert "HOT\\-1, is resolved since 2026-11-23 03:00 UTC" in note.body
            assert "About: Checkout is down" in note.body
            assert "https://example.atlassian.net/browse/HOT-1" in note.body
        assert counted(desk)[0] == 3
        writes = desk.writes()
        assert is_settled(desk.passes.settle_for(2000))
        assert desk.writes() == writes


def test_a_resolve_that_is_taken_back_in_time_tells_nobody():
    with support() as desk:
        case = desk.a_case()
        desk.passes.settle()
        desk.resolve()
        desk.passes.settle_for(200)
        desk.reopen()
        desk.passes.settle_for(1000)
        assert desk.notes(case) == []


def test_after_a_second_resolve_only_new_cases_are_told():
    with support() as desk:
        first = desk.a_case()
        desk.passes.settle()
        desk.resolve()
        settle_in_the_end(desk)
        desk.reopen()
        second = desk.a_case()
        desk.passes.settle()
        desk.resolve()
        settle_in_the_end(desk)
        assert (len(desk.notes(first)), len(desk.notes(second))) == (1, 1)


def test_where_customers_could_read_it_nothing_is_written_and_people_are_told():
    with support() as desk:
        desk.a_case()
        public = desk.a_case(project="CUS")
        desk.passes.settle()
        assert said(desk) == []
        desk.resolve()
        settle_in_the_end(desk)
        assert desk.notes(public) == []
        assert said(desk) == ["no note was left in CUS-1: customers could read it there; tell support yourself"]


def test_of_a_private_incident_nothing_is_noted_anywhere_and_people_are_told():
    with support() as desk:
        desk.issue.fields["labels"] = [PRIVATE_LABEL]
        case = desk.a_case()
        desk.passes.settle()
        desk.resolve()
        settle_in_the_end(desk)
        assert (desk.notes(case), counted(desk)[0]) == ([], 1)
        assert said(desk) == ["the incident is private, so no note was left in its 1; tell support yourself"]


@pytest.mark.parametrize(
    ("resolution", "linked", "words"),
    [
        pytest.param("Duplicate", True, "closed as a duplicate of HOT\\-2, where it goes on", id="duplicate"),
        pytest.param("Duplicate", False, "closed as a duplicate.", id="duplicate of nobody knows what"),
        pytest.param("Cancelled", False, "closed as no incident", id="cancelled"),
    ],
)
def test_a_note_says_how_it_ended(resolution: str, linked: bool, words: str):
    with support() as desk:
        case = desk.a_case()
        if linked:
            issues.link(desk.model, "Duplicate", desk.issue, desk.model.create_incident(MIA, "All is down"), MIA)
        desk.passes.settle()
        desk.resolve(resolution)
        settle_in_the_end(desk)
        [note] = desk.notes(case)
        assert words in note.body


def test_a_case_that_is_gone_is_said_and_not_tried_for_ever(monkeypatch: pytest.MonkeyPatch):
    with support() as desk:
        case, other = desk.a_case(), desk.a_case()
        desk.passes.settle()
        desk.resolve()
        desk.passes.settle_for(290)
        found = desk.jira.tickets.find_issues

        def gone_since(*asked: Any) -> Any:
            answer = found(*asked)
            case.deleted = True
            return answer

        monkeypatch.setattr(desk.jira.tickets, "find_issues", gone_since)
        assert is_settled(desk.passes.settle_for(100))
        assert len(desk.notes(other)) == 1
        [text] = said(desk)
        assert text.startswith("a case of support took no note (404")


def test_of_very_many_cases_the_first_hundred_are_told_some_at_a_time():
    with support() as desk:
        cases = [desk.a_case() for _ in range(MOST_NOTES + 5)]
        desk.passes.settle()
        desk.resolve()
        desk.passes.pass_time(301)
        desk.passes.settle()
        desk.passes.settle()
        assert sum(len(desk.notes(case)) for case in cases) == 10
        assert is_settled(desk.passes.settle_for(400))
        assert [len(desk.notes(case)) for case in cases] == [1] * MOST_NOTES + [0] * 5
        assert said(desk) == ["of 105, the first 100 got a note; tell support yourself about the rest"]


# --- exactly once ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", range(5))
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_worker_that_dies_anywhere_leaves_one_note(number: int, after: bool):
    """Five effects: intent and confirmation of the last search, and both around the one note."""
    with support() as desk:
        case = desk.a_case()
        desk.passes.settle()
        desk.resolve()
        desk.passes.pass_time(301)
        desk.passes.die(len(desk.passes.effects) + number, after=after)
        assert is_settled(desk.passes.settle_for(200))
        assert len(desk.notes(case)) == 1
        assert counted(desk)[0] == 1


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT_AFTER, FaultKind.RESET_AFTER, FaultKind.ERROR_AFTER, FaultKind.GARBAGE])
def test_a_note_whose_answer_is_lost_is_not_left_twice(kind: FaultKind):
    with support() as desk:
        case = desk.a_case()
        desk.passes.settle()
        desk.resolve()
        desk.jira.emulator.faults.switch_on("add_comment", Fault(kind, delay_s=TOO_LATE_S))
        desk.passes.settle_for(400)
        assert is_settled(desk.passes.settle())
        assert len(desk.notes(case)) == 1


def test_workers_who_do_not_know_of_each_other_leave_one_note():
    with support() as desk:
        cases = [desk.a_case() for _ in range(3)]
        desk.passes.settle()
        desk.resolve()
        desk.passes.pass_time(301)
        for _ in range(3):
            desk.passes.settle_by_many()
            desk.passes.pass_time(31)
        assert is_settled(desk.passes.settle_for(60))
        assert [len(desk.notes(case)) for case in cases] == [1, 1, 1]


def test_a_note_that_cannot_be_left_is_given_up_after_a_day():
    with support() as desk:
        desk.a_case()
        desk.passes.settle()
        desk.resolve()
        desk.jira.emulator.faults.switch_on("add_comment", Fault(FaultKind.FORBIDDEN, times=None))
        desk.passes.settle_for(400)
        assert not is_settled(desk.passes.settle())
        desk.passes.pass_time(86_400)
        desk.passes.settle()
        assert is_settled(desk.passes.settle())


# --- words ----------------------------------------------------------------------------------------------------------------


def test_whoever_notes_it_is_known_by_a_marker_and_never_by_words():
    with support() as desk:
        case = desk.a_case()
        desk.model.comment(case, "the incident behind this case, HOT-1, is resolved", BOT)
        desk.passes.settle()
        desk.resolve()
        settle_in_the_end(desk)
        assert len(desk.notes(case)) == 2


@pytest.mark.parametrize("summary", HOSTILE)
def test_hostile_summaries_change_nothing_about_a_note_but_its_words(summary: str):
    bodies: list[str] = []
    for words in ("Checkout is down", summary):
        with support(summary=words) as desk:
            case = desk.a_case()
            desk.passes.settle()
            desk.resolve()
            settle_in_the_end(desk)
            bodies += [note.body for note in desk.notes(case)]
    dull, hostile = bodies
    assert structure(hostile) == structure(dull) == ["strong", "line", "line", "address"]
    assert f"About: {as_read(summary)}" in shown(hostile).split("\n")


def test_no_note_is_left_of_what_has_become_private_since():
    with support() as desk:
        case = desk.a_case()
        desk.passes.settle()
        desk.resolve()
        desk.passes.settle()
        desk.passes.pass_time(301)
        desk.passes.observe = None
        issues.label(desk.model, desk.issue, [PRIVATE_LABEL], MIA)
        desk.passes.settle()
        assert (desk.notes(case), counted(desk)[0]) == ([], 1)


def test_cases_that_cannot_be_looked_for_in_a_day_are_given_up_once_and_people_are_told():
    with support() as desk:
        desk.a_case("HOT-1")
        desk.resolve_and_fail_for_a_day("search", FaultKind.FORBIDDEN)
        assert any("tell support yourself" in said for record in desk.passes.records.values() for said in record.says)
        before = desk.writes()
        desk.passes.settle_for(3600)
        assert desk.writes() == before


def test_a_case_that_cannot_be_told_in_a_day_is_given_up_and_people_are_told():
    with support() as desk:
        desk.a_case("HOT-1")
        desk.resolve_and_fail_for_a_day("add_comment", FaultKind.FORBIDDEN)
        assert any("tell support yourself" in said for record in desk.passes.records.values() for said in record.says)
