"""The manager's status shows the issue while they manage it; what people set themselves stays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.artifacts.chat_people import ChatPeople
from chalicelib.artifacts.im_status import ManagerStatus
from chalicelib.domain.incident import IssueKey, Status
from chalicelib.reconcile.artifacts import settle_artifacts
from sandbox.emulator import FaultKind
from tests.adapters.chat_world import EMMA, MIA, a_chat
from tests.artifacts.room_world import TABLE, RoomWorld, a_room_world
from tests.builders import EMMA as EMMA_AT_JIRA
from tests.builders import MIA as MIA_AT_JIRA
from tests.builders import an_incident, seconds
from tests.reconcile.small_world import OneAfterAnother, SmallWorld

OURS = ("Incident manager of HOT-42", ":fire_engine:")


@pytest.fixture
def world() -> Iterator[RoomWorld]:
    with a_room_world(reporter=None) as world:
        mia = world.slack.model.users[MIA]
        mia.status_text, mia.status_emoji = "Lunch", ":pizza:"
        yield world


def settle(world: RoomWorld, **changes: Any) -> None:
    world.incident = replace(world.incident, **changes)
    status_of_manager = ManagerStatus(lambda: world.killer, ChatPeople(lambda: world.killer, TABLE, OneAfterAnother()))
    settle_artifacts([status_of_manager], world.scene(), world.small.world, give_up_at=world.small.clock.now() + seconds(20))


def status(world: RoomWorld, user: str = MIA) -> tuple[str, str]:
    user_ = world.slack.model.users[user]
    return user_.status_text, user_.status_emoji


def test_it_shows_the_issue_and_is_restored_when_it_is_resolved(world: RoomWorld):
    settle(world, assignee=MIA_AT_JIRA)
    assert status(world) == OURS
    settle(world, status=Status.RESOLVED)
    assert status(world) == ("Lunch", ":pizza:")


def test_a_status_that_would_have_run_out_by_then_is_not_restored(world: RoomWorld):
    """Set again, it would tell of what is long over."""
    world.slack.model.users[MIA].status_until = int(world.small.clock.at.timestamp()) + 1800
    settle(world, assignee=MIA_AT_JIRA)
    world.pass_time(1801)
    settle(world, status=Status.RESOLVED)
    assert (status(world), world.slack.model.users[MIA].status_until) == (("", ""), 0)


def test_a_status_that_has_not_run_out_is_restored_with_its_end(world: RoomWorld):
    until = int(world.small.clock.at.timestamp()) + 1800
    world.slack.model.users[MIA].status_until = until
    settle(world, assignee=MIA_AT_JIRA)
    world.pass_time(1700)
    settle(world, status=Status.RESOLVED)
    assert (status(world), world.slack.model.users[MIA].status_until) == (("Lunch", ":pizza:"), until)


def test_a_handover_restores_the_one_and_sets_the_other(world: RoomWorld):
    settle(world, assignee=MIA_AT_JIRA)
    settle(world, assignee=EMMA_AT_JIRA)
    assert (status(world), status(world, EMMA)) == (("Lunch", ":pizza:"), OURS)
    settle(world, assignee=MIA_AT_JIRA)
    assert (status(world), status(world, EMMA)) == (OURS, ("", ""))


def test_a_second_pass_asks_nothing(world: RoomWorld):
    settle(world, assignee=MIA_AT_JIRA)
    calls = len(world.calls)
    settle(world)
    assert len(world.calls) == calls


def test_a_status_that_they_set_meanwhile_stays(world: RoomWorld):
    settle(world, assignee=MIA_AT_JIRA)
    world.slack.model.users[MIA].status_text = "On the phone"
    settle(world, status=Status.RESOLVED)
    assert status(world)[0] == "On the phone"


def test_after_a_lost_answer_it_is_not_taken_for_theirs(world: RoomWorld):
    world.break_slack("users.profile.set", FaultKind.RESET_AFTER, times=1)
    settle(world, assignee=MIA_AT_JIRA)
    world.pass_time(31)
    settle(world)
    settle(world, status=Status.RESOLVED)
    assert status(world) == ("", "")


def test_without_an_administrators_token_nothing_is_asked():
    with a_chat(user_token="") as slack:
        world = RoomWorld(slack, SmallWorld(), an_incident(reporter=None))
        settle(world, assignee=MIA_AT_JIRA)
        assert world.calls == []


def test_of_two_incidents_neither_puts_back_the_others_word(world: RoomWorld):
    world.slack.model.users[MIA].status_text = "Incident manager of HOT-41"
    settle(world, assignee=MIA_AT_JIRA)
    assert status(world) == OURS
    settle(world, status=Status.RESOLVED)
    assert status(world) == ("", "")


def test_their_own_status_comes_back_also_where_the_issue_gets_another_key_meanwhile(world):
    settle(world, assignee=MIA_AT_JIRA)
    settle(world, key=IssueKey("OPS-7"))
    settle(world, status=Status.RESOLVED)
    assert status(world) == ("Lunch", ":pizza:")
