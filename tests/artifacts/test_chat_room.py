"""The incident's room: its name, whose it is, and what humans do to it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from chalicelib.artifacts.artifact import Scene
from chalicelib.artifacts.chat_room import NAMES, ChatRoom, RoomPlan
from chalicelib.domain.incident import Severity, Status
from chalicelib.ports.ledger import ArtifactState
from sandbox.emulator import FaultKind
from tests.adapters.chat_world import BOT, EMMA, MIA
from tests.artifacts.room_world import WORDS, RoomWorld, a_room_world
from tests.builders import NOW, TOO_LATE_S, an_incident

ISSUE = "https://example.atlassian.net/browse/HOT-42"


@pytest.fixture
def world() -> Iterator[RoomWorld]:
    with a_room_world() as world:
        yield world


def plan_of(**changes: object) -> RoomPlan | None:
    wanted = bool(changes.pop("wanted", True))
    specs = ChatRoom(lambda: pytest.fail("want is pure"), lambda: pytest.fail("want is pure"), WORDS).want(
        Scene(an_incident(**changes), NOW, wanted=wanted)
    )
    return specs[0].content if specs else None


@pytest.mark.parametrize(
    ("changes", "exists"),
    [
        pytest.param({}, True, id="severity 1"),
        pytest.param({"severity": Severity.SEV2}, True, id="severity 2"),
        pytest.param({"severity": Severity.SEV3}, False, id="severity 3"),
        pytest.param({"wanted": False}, False, id="resolved, or only adopted"),
    ],
)
def test_a_room_is_for_majors_that_people_are_called_for(changes: dict[str, object], exists: bool):
    assert (plan_of(**changes) is not None) is exists


@pytest.mark.parametrize(
    ("changes", "plan"),
    [
        pytest.param({}, ("hot-42", False, f"Incident HOT-42: {ISSUE}"), id="plain"),
        pytest.param(
            {"is_drill": True},
            ("hot-42", False, f"[DRILL] Incident HOT-42: {ISSUE}"),
            id="drill",
        ),
        pytest.param({"is_private": True}, ("hot-42", True, f"Incident HOT-42: {ISSUE}"), id="private"),
    ],
)
def test_its_name_is_the_key_and_its_description_says_what_it_is_for(changes: dict[str, object], plan: tuple[str, bool, str]):
    assert plan_of(**changes) == RoomPlan(*plan)


def test_a_room_stays_right_after_resolve_and_at_severity_3(world: RoomWorld):
    world.settle(ChatRoom)
    scene = Scene(replace(world.incident, severity=Severity.SEV3), NOW, wanted=False, records=world.records)
    assert ChatRoom(lambda: pytest.fail("want is pure"), lambda: pytest.fail("want is pure"), WORDS).want(scene)


@pytest.mark.parametrize("private", [False, True])
def test_a_room_is_made_marked_and_linked(world: RoomWorld, private: bool):
    world.settle(ChatRoom, is_private=private)
    assert (world.room.name, world.room.is_private) == ("hot-42", private)
    assert world.room.purpose.value.endswith("[firebell:10002]")
    assert world.records["chat_room"].link == f"https://example.slack.com/archives/{world.room.id}"
    assert world.calls == ["auth.test", "conversations.create", "conversations.setPurpose"]


@pytest.mark.parametrize("kind", ["open", "archived", "private"])
def test_a_name_that_others_have_gets_a_suffix_and_people_are_told(world: RoomWorld, kind: str):
    theirs = world.slack.model.create(MIA, "hot-42", private=kind == "private")
    if kind == "archived":
        world.slack.model.archive(MIA, theirs.id)
    world.settle(ChatRoom)
    assert world.room.name == "hot-42-2"
    assert world.says("chat_room") == ("Another room is called hot-42 already, so this one is hot-42-2.",)


def test_a_room_that_we_made_for_another_incident_is_not_this_ones(world: RoomWorld):
    other = world.slack.model.create(BOT, "hot-42")
    world.slack.chat.mark_room(other.id, "firebell:9", "Incident OLD-1")
    world.settle(ChatRoom)
    assert world.slack.model.room_named("hot-42-2") is not None


def test_when_all_names_are_taken_people_are_told_what_to_do(world: RoomWorld):
    for name in ("hot-42", *(f"hot-42-{number}" for number in range(2, NAMES + 1))):
        world.slack.model.create(MIA, name)
    world.settle(ChatRoom)
    assert "rename or delete one of them" in world.records["chat_room"].trouble


@pytest.mark.parametrize("name", ["hot-42", "hot-42-2"])
def test_a_room_whose_record_was_lost_is_adopted(world: RoomWorld, name: str):
    if name != "hot-42":
        world.slack.model.create(MIA, "hot-42")
    ours = world.slack.model.create(BOT, name)
    world.slack.chat.mark_room(ours.id, "firebell:10002", "Incident HOT-42")
    world.settle(ChatRoom)
    assert world.records["chat_room"].vendor_id == ours.id
    assert world.room is ours


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT_AFTER, FaultKind.RESET_AFTER, FaultKind.GARBAGE])
@pytest.mark.parametrize("taken", [False, True])
def test_a_lost_answer_leaves_one_room(world: RoomWorld, kind: FaultKind, taken: bool):
    """Also under the second name, after whoever had the first gave it up."""
    if taken:
        theirs = world.slack.model.create(MIA, "hot-42")
    world.break_slack("conversations.create", kind, times=1, delay_s=TOO_LATE_S, skip=int(taken))
    world.settle(ChatRoom)
    if taken:
        world.slack.model.delete_room(MIA, theirs.id)
    world.pass_time(31)
    world.settle(ChatRoom)
    assert world.room.name == ("hot-42-2" if taken else "hot-42")
    assert world.room.purpose.value.endswith("[firebell:10002]")


@pytest.mark.parametrize("taken", [False, True])
def test_a_lost_answer_leaves_one_room_though_the_issue_is_called_otherwise_by_then(world: RoomWorld, taken: bool):
    if taken:
        world.slack.model.create(MIA, "hot-42")
    world.break_slack("conversations.create", FaultKind.TIMEOUT_AFTER, times=1, delay_s=TOO_LATE_S, skip=int(taken))
    world.settle(ChatRoom)
    world.pass_time(31)
    world.settle(ChatRoom, key="OPS-7")
    assert world.room.name == ("hot-42-2" if taken else "hot-42")
    assert world.records["chat_room"].vendor_id == world.room.id
    assert world.says("chat_room") == ()
    world.settle(ChatRoom)
    assert len([call for call in world.calls if call == "conversations.create"]) == 1 + taken


def test_a_room_that_could_not_be_marked_is_known_by_its_id_and_marked_later(world: RoomWorld):
    world.break_slack("conversations.setPurpose")
    world.settle(ChatRoom)
    assert world.records["chat_room"].vendor_id == world.room.id
    world.slack.model.rename(BOT, world.room.id, "checkout-is-down")
    world.repair_slack()
    world.settle_until_done()
    assert world.room.purpose.value.endswith("[firebell:10002]")
    assert world.room.name == "checkout-is-down"


def test_many_names_are_searched_in_one_go(world: RoomWorld):
    """Reading the list of all rooms is slow, and only a few times a minute allowed."""
    for name in ("hot-42", "hot-42-2", "hot-42-3"):
        world.slack.model.create(MIA, name)
    world.settle(ChatRoom)
    assert world.room.name == "hot-42-4"
    assert world.calls.count("users.conversations") == 1


# --- humans ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["archived", "deleted", "put us out"])
def test_a_room_that_a_human_closed_is_never_made_again(world: RoomWorld, how: str):
    world.settle_until_done(is_private=True)
    room = world.room
    if how == "archived":
        world.slack.model.archive(EMMA, room.id)
    elif how == "deleted":
        world.slack.model.delete_room(EMMA, room.id)
    else:
        world.slack.model.remove(EMMA, room.id, BOT)
    world.settle_until_done(is_drill=True)
    world.settle_until_done(summary="Checkout is slow", severity=Severity.SEV2, assignee=world.incident.reporter)
    assert world.records["chat_room"].state is ArtifactState.CLOSED
    assert len(world.slack.model.rooms) == 1
    before = len(world.calls)
    world.settle()
    assert len(world.calls) == before


def test_a_room_that_a_human_closed_before_it_was_marked_is_known_by_its_id(world: RoomWorld):
    world.slack.emulator.refuse["conversations.setPurpose"] = ["is_archived"]
    world.settle(ChatRoom)
    world.slack.model.archive(world.slack.model.bot.id, world.room.id)
    world.settle_until_done(key="OPS-7")
    assert world.records["chat_room"].state is ArtifactState.CLOSED
    assert len(world.slack.model.rooms) == 1


def test_a_renamed_room_is_found_by_its_id(world: RoomWorld):
    world.settle()
    world.slack.model.rename(EMMA, world.room.id, "checkout-is-down")
    world.settle(summary="Checkout is slow", is_drill=True)
    assert world.room.topic.value.startswith("[DRILL] Sev 1: Checkout is slow")
    assert len(world.slack.model.rooms) == 1
    assert world.says("chat_room") == ()


def test_a_description_that_a_human_wrote_stays(world: RoomWorld):
    world.settle()
    world.slack.model.set_purpose(EMMA, world.room.id, "We meet at ten")
    world.settle(is_drill=True)
    assert world.room.purpose.value == "We meet at ten"


def test_an_archived_room_is_closed_whatever_its_description(world: RoomWorld):
    world.settle()
    world.slack.model.set_purpose(EMMA, world.room.id, "We met at ten")
    world.slack.model.archive(EMMA, world.room.id)
    world.settle(is_drill=True)
    assert world.records["chat_room"].state is ArtifactState.CLOSED


# --- private ---------------------------------------------------------------------------------------------------


def test_a_room_that_should_be_private_now_stays_public_and_people_are_told(world: RoomWorld):
    world.settle()
    world.settle(is_private=True)
    assert not world.room.is_private
    assert "convert it to a private channel" in world.says("chat_room")[0]


def test_nothing_new_in_a_public_room_shows_the_summary_of_a_private_incident(world: RoomWorld):
    world.settle()
    before = len(world.said)
    world.settle_until_done(is_private=True, summary="Passwords are stolen", assignee=world.incident.reporter)
    world.settle_until_done(status=Status.RESOLVED, summary="All passwords are stolen")
    shown = [world.room.topic.value, *(f"{m.text} {m.blocks}" for m in world.said)]
    assert len(world.said) > before
    assert not any("stolen" in text for text in shown)
    assert "Checkout is down" not in world.room.topic.value


def test_a_private_room_says_everything(world: RoomWorld):
    world.settle(is_private=True)
    world.settle_until_done(summary="Passwords are stolen")
    assert "stolen" in world.room.topic.value
    assert sum("stolen" in f"{m.text} {m.blocks}" for m in world.said) == 2


def test_in_a_room_that_was_converted_by_hand_everything_is_said_again(world: RoomWorld):
    world.settle()
    world.settle(is_private=True)
    world.room.is_private = True
    world.settle_until_done(summary="Passwords are stolen")
    assert "stolen" in world.room.topic.value


def test_what_becomes_private_before_its_room_is_open_gets_a_private_room(world: RoomWorld):
    """Only people could make it private later."""
    world.by_now = replace(world.incident, is_private=True)
    world.settle(ChatRoom)
    assert [room for room in world.slack.model.rooms.values() if room.creator == world.slack.model.bot.id] == []
    world.by_now = None
    world.pass_time(31)
    world.settle(ChatRoom, is_private=True)
    assert world.room.is_private
