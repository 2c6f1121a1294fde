"""What people are told of their roles: each change once, in the room, with a mention."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.incident import Person, Status
from chalicelib.domain.people import MANAGER
from sandbox.emulator import FaultKind
from tests.adapters.chat_world import EMMA, MIA
from tests.artifacts.room_world import ROLES, WORDS, RoomWorld, a_room_world, shown
from tests.builders import EMMA as EMMA_AT_JIRA
from tests.builders import MIA as MIA_AT_JIRA
from tests.builders import a_change

TOM = Person("acc-tom", "Tom Teal", "tom@example.com")


@pytest.fixture
def world() -> Iterator[RoomWorld]:
    with a_room_world(reporter=None) as world:
        yield world


def told(world: RoomWorld, role: str = MANAGER) -> list[str]:
    link = "<https://example.atlassian.net/browse/HOT-42|HOT-42>"
    return [message.text.replace(link, "HOT-42") for message in world.marked(f"told:{role}:")]


def test_who_gets_a_role_is_told_what_it_does(world: RoomWorld):
    world.settle(roles={"tech_lead": (MIA_AT_JIRA,)})
    assert told(world, "tech_lead") == [f"<@{MIA}>: you have the role Tech lead in HOT-42 now."]
    assert "What a tech lead does:\n• " in shown(world.marked("told:tech_lead:1")[0])


def test_who_is_mentioned_is_in_the_room_already(world: RoomWorld):
    """A mention of somebody outside reaches nobody."""
    world.settle(assignee=MIA_AT_JIRA)
    assert world.calls.index("conversations.invite") < len(world.calls) - 1
    assert world.calls[-1] == "chat.postMessage"


def test_a_role_that_nobody_has_is_not_worth_a_word(world: RoomWorld):
    world.settle()
    assert told(world) == []
    assert not any(name.startswith("told") for name in world.records)


def test_a_new_manager_is_a_handover_and_both_are_told(world: RoomWorld):
    world.settle(assignee=MIA_AT_JIRA)
    world.settle(assignee=EMMA_AT_JIRA)
    assert told(world)[1:] == [f"<@{MIA}> hands over to <@{EMMA}>, who is Incident manager of HOT-42 now."]
    assert "What an incident manager does" in shown(world.marked("told")[1])


def test_to_and_fro_is_told_each_time(world: RoomWorld):
    for person in (MIA_AT_JIRA, EMMA_AT_JIRA, MIA_AT_JIRA):
        world.settle(assignee=person)
        world.settle()
    assert len(told(world)) == 3
    assert told(world)[2].startswith(f"<@{EMMA}> hands over to <@{MIA}>")


@pytest.mark.parametrize("has_history", [True, False])
def test_a_manager_before_whom_chat_does_not_know_is_called_by_what_is_known(world: RoomWorld, has_history: bool):
    world.settle(assignee=TOM, changes=(a_change("assignee", "acc-tom", TOM),) if has_history else ())
    world.settle(assignee=EMMA_AT_JIRA)
    assert told(world)[1].startswith(f"*{'Tom Teal' if has_history else 'the manager before'}* hands over to <@{EMMA}>")


def test_who_cannot_be_matched_is_told_by_name(world: RoomWorld):
    world.settle(assignee=TOM)
    assert told(world) == ["*Tom Teal*: you have the role Incident manager in HOT-42 now."]


def test_of_several_only_who_is_new_is_told(world: RoomWorld):
    world.settle(roles={"tech_lead": (MIA_AT_JIRA,)})
    world.settle(roles={"tech_lead": (MIA_AT_JIRA, EMMA_AT_JIRA, TOM)})
    assert told(world, "tech_lead")[1:] == [f"<@{EMMA}> and *Tom Teal*: you have the role Tech lead in HOT-42 now."]
    world.settle(roles={"tech_lead": (EMMA_AT_JIRA,)})
    assert told(world, "tech_lead")[2:] == [f"Tech lead of HOT-42 now: <@{EMMA}>."]
    assert world.marked("told:tech_lead:3")[0].blocks == []


def test_the_order_of_people_is_no_news(world: RoomWorld):
    world.settle(roles={"tech_lead": (MIA_AT_JIRA, EMMA_AT_JIRA)})
    world.settle(roles={"tech_lead": (EMMA_AT_JIRA, MIA_AT_JIRA)})
    assert len(told(world, "tech_lead")) == 1


def test_when_a_role_is_given_up_the_room_hears_of_it(world: RoomWorld):
    world.settle(assignee=MIA_AT_JIRA)
    world.settle(assignee=None)
    world.settle(assignee=MIA_AT_JIRA)
    assert told(world)[1:] == [
        "HOT-42 has nobody in the role Incident manager now.", f"<@{MIA}>: you have the role Incident manager in HOT-42 now."
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("gone", "told_so"),
    [
        pytest.param({"assignee": None}, "HOT-42 has nobody in the role Incident manager now.", id="removed"),
        pytest.param(
            {"assignee": replace(MIA_AT_JIRA, active=False)},
            f"HOT-42 has nobody in the role Incident manager now: the account of <@{MIA}> was switched off.",
            id="switched off",
        ),
    ],
)
def test_when_its_manager_leaves_while_it_is_being_fixed_the_room_hears_of_it_and_of_what_happens_next(
    world: RoomWorld, gone: dict[str, Any], told_so: str
):
    world.settle(assignee=MIA_AT_JIRA, status=Status.FIXING)
    world.settle(**gone)
    world.settle()
    assert told(world)[1:] == [
        f"{told_so} Who takes it? Otherwise the incident managers on call are paged within five minutes."
    ]


def test_another_manager_after_one_whose_account_was_switched_off_takes_over(world: RoomWorld):
    world.settle(assignee=MIA_AT_JIRA, status=Status.FIXING)
    world.settle(assignee=replace(MIA_AT_JIRA, active=False))
    world.settle(assignee=EMMA_AT_JIRA)
    assert told(world)[2:] == [f"<@{EMMA}>: you have the role Incident manager in HOT-42 now."]


def test_whoever_has_another_role_and_an_account_that_was_switched_off_has_it_no_more(world: RoomWorld):
    world.settle(roles={"tech_lead": (MIA_AT_JIRA, EMMA_AT_JIRA)})
    world.settle(roles={"tech_lead": (replace(MIA_AT_JIRA, active=False), EMMA_AT_JIRA)})
    assert told(world, "tech_lead")[1:] == [f"Tech lead of HOT-42 now: <@{EMMA}>."]


def test_a_role_without_a_text_is_told_without_one(world: RoomWorld):
    world.settle(roles={"scribe": (MIA_AT_JIRA,)})
    [message] = world.marked("told:scribe")
    assert message.blocks == []


def test_a_resolved_incident_tells_nobody_any_more(world: RoomWorld):
    world.settle(assignee=MIA_AT_JIRA)
    world.settle(assignee=EMMA_AT_JIRA, status=Status.RESOLVED)
    assert len(told(world)) == 1


def test_a_drill_says_so(world: RoomWorld):
    world.settle(assignee=MIA_AT_JIRA, is_drill=True)
    assert told(world)[0].startswith(f"[DRILL] <@{MIA}>: you have the role")


@pytest.mark.parametrize("later", [MIA_AT_JIRA, EMMA_AT_JIRA, None])
def test_a_lost_answer_is_not_said_twice_and_says_what_is_true_then(world: RoomWorld, later: Person | None):
    world.settle()
    world.break_slack("chat.postMessage", FaultKind.RESET_AFTER, times=1)
    world.settle(assignee=MIA_AT_JIRA)
    world.pass_time(31)
    world.settle_until_done(assignee=later)
    [text] = told(world)
    holder = {MIA_AT_JIRA: MIA, EMMA_AT_JIRA: EMMA}.get(later) if later else "nobody"
    assert str(holder) in text


def test_a_person_who_cannot_be_looked_up_for_now_is_told_later(world: RoomWorld):
    world.break_slack("users.lookupByEmail")
    world.settle(assignee=MIA_AT_JIRA)
    assert told(world) == []
    world.repair_slack()
    world.settle_until_done()
    assert len(told(world)) == 1


def test_a_missing_scope_leaves_the_name(world: RoomWorld):
    world.slack.emulator.refuse["users.lookupByEmail"] = ["missing_scope"] * 9
    world.settle(assignee=MIA_AT_JIRA)
    assert told(world)[0].startswith("*Mia Moore*: you have the role")


@pytest.mark.parametrize("role", [role for role in ROLES if role.template])
def test_the_duties_are_short_and_bulleted(role: Any):
    lines = WORDS.render(f"roles/{role.template}.txt").strip().splitlines()
    assert lines[0].endswith(":")
    assert 4 <= len(lines[1:]) <= 8
    assert all(line.startswith("• ") and len(line) < 120 for line in lines[1:])


def test_every_text_belongs_to_a_role():
    names = {path.stem for path in (Path(__file__).parents[2] / "templates/roles").iterdir()}
    assert names == {role.template for role in ROLES if role.template}
