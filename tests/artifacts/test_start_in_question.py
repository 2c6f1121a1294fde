"""Without a room, the comment asks when the impact began: while nobody has said so, and not a moment longer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import pytest

from chalicelib.artifacts.artifact import Artifact, Scene
from chalicelib.artifacts.channels import Telling
from chalicelib.artifacts.comment import StatusComment
from chalicelib.artifacts.every import ChatPlace, Company, every_artifact
from chalicelib.artifacts.start_in_question import NAME, QUESTION, StartInQuestion
from chalicelib.domain.durations import TimeFields
from chalicelib.domain.incident import Incident, Resolution, Severity, Status
from chalicelib.domain.policy import PagingPolicy
from chalicelib.domain.reminding import ReminderPolicy
from chalicelib.domain.telling import TellingPolicy
from chalicelib.ports.chat import Chat
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from simulation.twins import MemoryLedger
from tests.artifacts.passes import Passes, is_settled
from tests.builders import NOW, a_change, a_routing_table, an_incident, seconds
from tests.reconcile.small_world import FakeTickets, OneAfterAnother, PlainWords, SmallWorld

OVER: dict[str, Any] = {"status": Status.RESOLVED, "changes": (a_change("status", Status.RESOLVED, after_s=600),)}
HALF_AN_HOUR, A_DAY = 1_800, 86_400
BEGUN = ArtifactRecord(an_incident().id, NAME, ArtifactState.MADE, "c", NOW, vendor_id=NAME)


@pytest.mark.parametrize(
    ("changes", "after_s", "asked_after_s"),
    [
        pytest.param({}, 0, HALF_AN_HOUR, id="open: half an hour after it was raised"),
        pytest.param({}, A_DAY, HALF_AN_HOUR, id="open for a day"),
        pytest.param({"is_drill": True}, 0, HALF_AN_HOUR, id="a drill is an exercise in answering too"),
        pytest.param({"impact_started_at": NOW}, A_DAY, None, id="known"),
        pytest.param({"severity": Severity.SEV3}, A_DAY, None, id="not major"),
        pytest.param(OVER, 600, 1_200, id="over: ten minutes after the resolve"),
        pytest.param(OVER, 599 + A_DAY, 1_200, id="over: for a day"),
        pytest.param(OVER, 600 + A_DAY, None, id="over: then it is filled in"),
        pytest.param({**OVER, "impact_started_at": NOW}, 600, None, id="over, and known"),
        pytest.param({**OVER, "resolution": Resolution.DUPLICATE}, 600, None, id="a duplicate"),
    ],
)
def test_it_is_asked_for_while_it_is_missing(changes: dict[str, Any], after_s: float, asked_after_s: float | None):
    incident = an_incident(**changes)
    scene = Scene(incident, NOW + seconds(after_s), wanted=incident.status is not Status.RESOLVED)
    wanted = StartInQuestion(PagingPolicy()).want(scene)
    told = [(spec.content, spec.not_before) for spec in wanted if spec.name == NAME]
    assert told == ([] if asked_after_s is None else [(True, NOW + seconds(asked_after_s))])


def test_a_pass_comes_by_when_it_is_asked_no_more():
    """Also where no start will be filled in then, because the impact had ended before it was detected."""
    scene = Scene(an_incident(**OVER, impact_ended_at=NOW - seconds(60)), NOW + seconds(1_200), wanted=False)
    wanted = StartInQuestion(PagingPolicy()).want(scene)
    assert max(spec.not_before for spec in wanted if spec.not_before is not None) == NOW + seconds(600 + A_DAY)


def test_a_pass_comes_by_after_every_resolve():
    """What the ledger knows of the first is no answer to the second."""
    changes = (*OVER["changes"], a_change("status", Status.FIXING, old=Status.RESOLVED, after_s=700))
    again = (*changes, a_change("status", Status.RESOLVED, old=Status.FIXING, after_s=800))
    scenes = [Scene(an_incident(**OVER | {"changes": told}), NOW + seconds(1_200)) for told in (OVER["changes"], again)]
    first, second = ([spec.fingerprint for spec in StartInQuestion(PagingPolicy()).want(scene)] for scene in scenes)
    assert (first[0] == second[0], first[1] == second[1]) == (True, False)


def test_of_what_nobody_is_called_for_nothing_is_asked_while_it_is_open():
    assert StartInQuestion(PagingPolicy()).want(Scene(an_incident(), NOW, wanted=False)) == ()


@pytest.mark.parametrize("changes", [{}, OVER], ids=["open", "over"])
def test_of_what_was_adopted_nothing_is_asked(changes: dict[str, Any]):
    adopts = PagingPolicy(go_live=NOW + seconds(1))
    assert StartInQuestion(adopts).want(Scene(an_incident(**changes), NOW + seconds(600), wanted=False)) == ()


def test_once_it_is_known_it_is_asked_no_more():
    scene = Scene(an_incident(impact_started_at=NOW), NOW, records={NAME: BEGUN})
    [spec] = StartInQuestion(PagingPolicy()).want(scene)
    assert (spec.content, spec.not_before) == (False, None)


# --- in the comment -------------------------------------------------------------------------------------------------------


class Asked(Passes):
    """With the comment, as Jira keeps it."""

    def __init__(self, **changes: Any) -> None:
        incident = an_incident(**changes)
        self.tickets = FakeTickets({incident.id: incident})

        def artifacts(small: SmallWorld) -> tuple[Artifact[Any], ...]:
            tickets = small.mortality.wrap(self.tickets, "jira")
            return (StartInQuestion(PagingPolicy(), after=()), StatusComment(lambda: tickets, PlainWords(), after=(NAME,)))

        super().__init__(artifacts, incident)

    @property
    def comments(self) -> list[str]:
        return list(self.tickets.comments.values())

    def is_asked(self) -> bool:
        return any(QUESTION in text for text in self.comments)


def test_there_is_no_comment_before_it_is_time_to_ask():
    asked = Asked()
    asked.settle_for(HALF_AN_HOUR - 60)
    assert asked.comments == []
    asked.settle_for(120)
    assert (len(asked.comments), asked.is_asked()) == (1, True)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(lambda one: replace(one, impact_started_at=NOW), id="answered"),
        pytest.param(lambda one: replace(one, severity=Severity.SEV3), id="of no interest any more"),
    ],
)
def test_the_sentence_is_gone_when_it_is_answered_and_comes_back_when_the_answer_is_taken_out(
    answer: Callable[[Incident], Incident],
):
    asked = Asked()
    asked.settle_for(HALF_AN_HOUR + 60)
    before, asked.incident = asked.incident, answer(asked.incident)
    asked.settle()
    assert (len(asked.comments), asked.is_asked()) == (1, False)
    asked.incident = before
    asked.settle()
    assert (len(asked.comments), asked.is_asked()) == (1, True)


def test_it_is_written_once_and_a_settled_incident_is_left_alone():
    asked = Asked()
    asked.settle_for(HALF_AN_HOUR + 60)
    assert is_settled(asked.settle())
    asked.pass_time(A_DAY)
    assert is_settled(asked.settle())


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", range(5))
def test_it_may_die_at_every_effect(number: int, after: bool):
    """Of the question two, of the comment three."""
    asked = Asked()
    asked.pass_time(HALF_AN_HOUR)
    asked.die(number, after=after)
    asked.pass_time(31)
    asked.settle_for(240)
    assert (len(asked.comments), asked.is_asked()) == (1, True)


# --- who asks -------------------------------------------------------------------------------------------------------------


def asks_in_jira(*, field: bool = True, chat: bool = False, reminded: int | None = 2) -> bool:
    """reminded: how often; None where nobody is told anything."""
    small, words = SmallWorld(), PlainWords()
    policy = ReminderPolicy(times=reminded or 0)
    telling = Telling(TellingPolicy(), words, words, words, a_routing_table(), reminders=policy)
    company = Company(
        lambda: small.tickets, MemoryLedger, words, PagingPolicy(), times=TimeFields("started" if field else None),
        chat=ChatPlace(lambda: cast("Chat", None), OneAfterAnother()) if chat else None,
        telling=telling if reminded is not None else None,
    )  # fmt: skip
    return any(isinstance(artifact, StartInQuestion) for artifact in every_artifact(company))


@pytest.mark.parametrize(
    ("company", "asks"),
    [
        pytest.param({}, True, id="no chat"),
        pytest.param({"reminded": None}, True, id="no chat, and nobody is told anything"),
        pytest.param({"chat": True, "reminded": None}, True, id="a room in which nobody is reminded"),
        pytest.param({"chat": True}, False, id="the room is reminded"),
        pytest.param({"field": False}, False, id="no field for the answer"),
        pytest.param({"reminded": 0}, False, id="reminders are switched off"),
    ],
)
def test_the_comment_asks_where_no_room_does(company: dict[str, Any], asks: bool):
    assert asks_in_jira(**company) is asks
