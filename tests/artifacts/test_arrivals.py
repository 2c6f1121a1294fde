"""Whoever "Escalate to" called and who comes online is brought in: invited, and the manager is asked which role they get."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chalicelib.domain.incident import Status
from chalicelib.domain.paging import PageRecord, PageState
from tests.adapters.chat_world import EMMA, MIA
from tests.artifacts.room_world import RoomWorld, a_room_world
from tests.builders import EMMA as EMMA_AT_JIRA
from tests.builders import NOW, a_page

LINK = "<https://example.atlassian.net/browse/HOT-42|HOT-42>"


@pytest.fixture
def world() -> Iterator[RoomWorld]:
    with a_room_world(reporter=None, assignee=EMMA_AT_JIRA) as world:
        yield world


def called(state: PageState = PageState.ACKED, by: str = "mia@example.com", **changes: object) -> PageRecord:
    acked = {"acked_at": NOW, "acked_by": by} if state is PageState.ACKED else {}
    return a_page("to.databases", state, roster="databases", **{**acked, **changes})


def arrived(world: RoomWorld) -> list[str]:
    return [message.text.replace(LINK, "HOT-42") for message in world.marked("arrived:")]


def test_who_answers_the_call_is_invited_and_the_manager_is_asked_once(world: RoomWorld):
    world.called = (called(),)
    world.settle()
    world.settle()
    assert MIA in world.room.members
    assert arrived(world) == [
        f"<@{MIA}> has answered the call for databases in HOT-42. <@{EMMA}>: which role do they get? Put them into its field "
        "in HOT-42, and they are told what it does."
    ]


def test_without_a_manager_nobody_is_asked(world: RoomWorld):
    world.called = (called(),)
    world.settle(assignee=None)
    assert arrived(world) == [f"<@{MIA}> has answered the call for databases in HOT-42."]


def test_whoever_chat_does_not_know_is_named(world: RoomWorld):
    world.called = (called(by="stranger@example.org"),)
    world.settle(assignee=None)
    assert arrived(world) == ["*stranger@example.org* has answered the call for databases in HOT-42."]


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(called(PageState.CONFIRMED), id="nobody has answered"),
        pytest.param(called(ack_sent_at=NOW, acked_by_us=True), id="we acknowledged it"),
        pytest.param(a_page("next.imoc1", PageState.ACKED, acked_at=NOW, acked_by="mia@example.com"), id="the next manager"),
    ],
)
def test_nothing_is_said_of(page: PageRecord, world: RoomWorld):
    world.called = (page,)
    world.settle()
    assert arrived(world) == []


def test_nothing_is_asked_any_more_when_it_is_resolved(world: RoomWorld):
    world.settle()
    world.called = (called(),)
    world.settle(status=Status.RESOLVED)
    assert arrived(world) == []
