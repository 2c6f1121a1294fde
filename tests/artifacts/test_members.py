"""Who is invited: everybody with a part in the incident, once in a lifetime; who cannot be is named."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.artifacts.chat_people import AT_ONCE, ChatPeople
from chalicelib.artifacts.chat_room import ChatRoom
from chalicelib.artifacts.members import Members
from chalicelib.domain.incident import Person, Severity
from chalicelib.domain.paging import PageState
from chalicelib.domain.people import Told, Unmatched
from sandbox.chat.values import ChatUser
from sandbox.emulator import FaultKind
from tests.adapters.chat_world import BOT, EMMA, GUEST, MIA, ROOT
from tests.artifacts.room_world import NORA, TABLE, RoomWorld, a_room_world
from tests.builders import EMMA as EMMA_AT_JIRA
from tests.builders import MIA as MIA_AT_JIRA
from tests.builders import NOW, ROBOT, a_page, seconds
from tests.reconcile.small_world import OneAfterAnother

HIDDEN = Person("acc-hidden", "Hedda Hide")
STRANGER = Person("acc-stranger", "Sten Strand", "sten@example.com")
GUEST_AT_JIRA = Person("acc-guest", "Gus Guest", "guest@example.com")


@pytest.fixture
def world() -> Iterator[RoomWorld]:
    with a_room_world() as world:
        yield world


def inside(world: RoomWorld) -> set[str]:
    return set(world.room.members) - {BOT}


@pytest.mark.parametrize(
    ("changes", "invited"),
    [
        pytest.param({}, {EMMA}, id="who reported it"),
        pytest.param({"reporter": ROBOT}, set(), id="no program"),
        pytest.param({"reporter": None, "assignee": MIA_AT_JIRA}, {MIA}, id="the manager"),
        pytest.param({"roles": {"tech_lead": (MIA_AT_JIRA,)}}, {EMMA, MIA}, id="who has a role"),
        pytest.param({"reporter": None, "assignee": NORA}, {ROOT}, id="by the table, whose second address it is"),
    ],
)
def test_who_has_a_part_in_it_is_invited(world: RoomWorld, changes: dict[str, Any], invited: set[str]):
    world.settle(**changes)
    assert inside(world) == invited
    assert world.says("members") == ()


def test_a_default_assignee_is_nobody(world: RoomWorld):
    world.members = {"default_assignees": frozenset({MIA_AT_JIRA.account_id})}
    world.settle(assignee=MIA_AT_JIRA)
    assert inside(world) == {EMMA}


def test_who_acknowledged_the_page_is_invited(world: RoomWorld):
    world.pages = (a_page(state=PageState.ACKED, acked_by="mia@example.com", acked_at=NOW),)
    world.settle()
    assert inside(world) == {EMMA, MIA}


@pytest.mark.parametrize(
    ("by_us", "invited"),
    [pytest.param(True, {EMMA}, id="ours"), pytest.param(False, {EMMA, MIA}, id="theirs, before we asked")],
)
def test_an_acknowledgement_that_we_asked_for_is_nobodys(world: RoomWorld, by_us: bool, invited: set[str]):
    """Whatever the two clocks say."""
    acked = a_page(state=PageState.ACKED, acked_by="mia@example.com", acked_at=NOW, ack_sent_at=NOW - seconds(5))
    world.pages = (replace(acked, acked_by_us=by_us),)
    world.settle()
    assert inside(world) == invited


STANDING: dict[str, Any] = {
    "always": (Told(slack_id=ROOT),),
    "by_severity": {Severity.SEV1: (Told(mail="mia@example.com"),), Severity.SEV2: (Told(slack_id="U404"),)},
    "by_service": {"bitbucket": (Told(mail="nora@example.org"),)},
}


def test_standing_guests_are_invited_by_severity_and_service(world: RoomWorld):
    world.members = STANDING
    world.settle(service="  BitBucket ")
    assert inside(world) == {EMMA, MIA, ROOT}


def test_a_raised_severity_brings_its_guests(world: RoomWorld):
    world.members = STANDING
    world.settle(severity=Severity.SEV2, service=None)
    assert inside(world) == {EMMA, ROOT}
    assert world.says("members") == ("U404 cannot be invited: user_not_found.",)
    world.settle(severity=Severity.SEV1)
    assert inside(world) == {EMMA, MIA, ROOT}
    assert world.says("members") == ()


def test_nobody_is_invited_to_a_private_incident_who_is_not_named_in_it(world: RoomWorld):
    world.members = STANDING
    world.settle(is_private=True)
    assert inside(world) == {EMMA}
    assert "nobody is invited who is not named in it" in world.says("members")[0]


def test_a_drill_bothers_no_standing_guests(world: RoomWorld):
    world.members = STANDING
    world.settle(is_drill=True)
    assert (inside(world), world.says("members")) == ({EMMA}, ())


def test_everybody_is_invited_with_one_request(world: RoomWorld):
    world.settle(assignee=MIA_AT_JIRA, roles={"scribe": (NORA,)})
    assert world.calls.count("conversations.invite") == 1
    assert world.records["members"].vendor_id == ",".join(sorted((EMMA, MIA, ROOT)))


def test_who_left_on_purpose_is_not_dragged_back(world: RoomWorld):
    world.settle(assignee=MIA_AT_JIRA)
    world.slack.model.leave(MIA, world.room.id)
    world.settle(roles={"tech_lead": (NORA,)})
    assert inside(world) == {EMMA, ROOT}
    world.settle(assignee=EMMA_AT_JIRA)
    world.settle(assignee=MIA_AT_JIRA)
    assert inside(world) == {EMMA, ROOT}


@pytest.mark.parametrize(
    ("who", "says"),
    [
        pytest.param(
            STRANGER, "Sten Strand cannot be matched: Slack has nobody with the address sten@example.com; "
            "add them to [people].",
            id="not at Slack",
        ),
        pytest.param(
            HIDDEN,
            "Hedda Hide cannot be matched: their mail address is hidden, and Slack does not know the account acc-hidden; "
            "add them to [people].",
            id="address hidden",
        ),
        pytest.param(GUEST_AT_JIRA, "Gus Guest cannot be invited: user_is_restricted.", id="may not be invited"),
    ],
)  # fmt: skip
def test_who_cannot_be_there_is_named_and_keeps_nobody_out(world: RoomWorld, who: Person, says: str):
    world.settle(assignee=who, roles={"tech_lead": (MIA_AT_JIRA,)})
    assert inside(world) == {EMMA, MIA}
    assert world.says("members") == (says,)
    before = len(world.calls)
    world.settle()
    assert len(world.calls) == before


def test_who_may_be_invited_later_is_invited_when_something_changes(world: RoomWorld):
    world.settle(assignee=GUEST_AT_JIRA)
    world.slack.model.users[GUEST].is_guest = False
    world.settle(roles={"tech_lead": (MIA_AT_JIRA,)})
    assert GUEST in inside(world)
    assert world.says("members") == ()


def test_one_who_cannot_be_looked_up_for_now_keeps_nobody_out_and_is_invited_later(world: RoomWorld):
    world.break_slack("users.lookupByEmail", FaultKind.UNAVAILABLE, times=1)
    world.settle(assignee=MIA_AT_JIRA)
    assert inside(world) == {EMMA}
    world.slack.model.leave(EMMA, world.room.id)
    world.settle_until_done()
    assert inside(world) == {MIA}, "Emma left while Mia was awaited"


def test_one_whom_slack_refuses_to_look_up_is_named_and_looked_up_again(world: RoomWorld):
    world.slack.emulator.refuse["users.lookupByEmail"] = ["invalid_arguments"]
    world.settle(assignee=MIA_AT_JIRA, reporter=None)
    assert "cannot be looked up" in " ".join(world.says("members"))
    world.settle_until_done()
    assert inside(world) == {MIA}
    assert world.says("members") == ()


def test_a_missing_scope_keeps_out_only_whom_it_is_needed_for(world: RoomWorld):
    world.members = {"always": (Told(slack_id=ROOT),)}
    world.slack.emulator.refuse["users.lookupByEmail"] = ["missing_scope"] * 9
    world.settle()
    assert inside(world) == {ROOT}
    assert "missing_scope" in world.records["members"].trouble


def test_slack_being_away_costs_a_few_time_outs_and_not_one_for_everybody(world: RoomWorld):
    crowd = tuple(Person(f"acc-{number}", f"P{number}", f"p{number}@example.com") for number in range(20))
    world.break_slack("users.lookupByEmail")
    world.settle(ChatRoom, Members, roles={"tech_lead": crowd})
    assert world.calls.count("users.lookupByEmail") == AT_ONCE


def test_hundreds_of_people_come_in_batches(world: RoomWorld):
    for number in range(150):
        world.slack.model.add_user(ChatUser(f"U{number:07d}X", f"p{number}"))
    world.members = {"always": tuple(Told(slack_id=f"U{number:07d}X") for number in range(150))}
    world.settle()
    assert len(inside(world)) == 151


def test_everybody_is_looked_up_once(world: RoomWorld):
    people = ChatPeople(lambda: world.slack.chat, TABLE, OneAfterAnother())
    assert {people.find(Told(mail="mia@example.com")) for _ in range(3)} == {MIA}
    assert world.calls.count("users.lookupByEmail") == 1
    assert isinstance(people.find(Told(name="Sten", mail="sten@example.com")), Unmatched)


def test_a_table_that_names_a_chat_id_asks_nobody(world: RoomWorld):
    table = replace(TABLE, rows=(replace(TABLE.rows[0], slack_id="U0123"),))
    people = ChatPeople(lambda: pytest.fail("nobody is asked"), table, OneAfterAnother())
    assert people.find(Told(account_id="acc-nora")) == "U0123"
