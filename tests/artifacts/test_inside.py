"""A room that was archived while its incident is open: people are told, and once it is open again, all is as it was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.adapters.slack import SCOPES
from chalicelib.artifacts.artifact import Scene
from chalicelib.artifacts.in_room import Presence
from chalicelib.artifacts.inside import SAYS, InsideRoom, Look
from chalicelib.domain.incident import Severity, Status
from chalicelib.ports.chat import Closed
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from sandbox.emulator import FaultKind
from tests.adapters.chat_world import BOT, EMMA, MIA, ROOT, TOKEN
from tests.artifacts.room_world import NORA, RoomWorld, a_room_world
from tests.builders import MIA as MIA_AT_JIRA
from tests.builders import NOW, an_incident, seconds

QUARTER = 900
ROOM = ArtifactRecord(an_incident().id, "chat_room", ArtifactState.MADE, "c", NOW, vendor_id="C1")
MEMBERS = replace(ROOM, name="members", vendor_id="U1")
ARCHIVED = replace(ROOM, name="archive", until=NOW + seconds(100), fingerprint="f")
SEEN = replace(ROOM, name="inside", until=NOW + seconds(50), vendor_id="0 0 open")


@pytest.fixture
def world() -> Iterator[RoomWorld]:
    with a_room_world(assignee=MIA_AT_JIRA) as world:
        yield world


def people(world: RoomWorld) -> set[str]:
    return set(world.room.members) - {BOT}


def a_quarter_later(world: RoomWorld, **changes: Any) -> None:
    """Two passes: what a look has found is acted on in the next one, which it asks for."""
    world.pass_time(QUARTER)
    world.settle(**changes)
    world.settle_until_done()


def looks(*records: ArtifactRecord, at_s: float = 0, **changes: Any) -> list[tuple[Look, float | None]]:
    """What is looked at, and from which second on."""
    inside = InsideRoom(lambda: pytest.fail("want is pure"))
    scene = Scene(an_incident(**changes), NOW + seconds(at_s), records={record.name: record for record in records})
    specs = inside.want(scene)
    return [(spec.content, (spec.not_before - NOW).total_seconds() if spec.not_before else None) for spec in specs]


# --- when anybody looks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("records", "at_s", "before"),
    [
        pytest.param((), 1000, None, id="no room"),
        pytest.param((replace(ROOM, vendor_id=""),), 1000, None, id="a room that was never made"),
        pytest.param((ROOM,), 800, None, id="a new one"),
        pytest.param((ROOM,), 1000, Presence(), id="a quarter of an hour old"),
        pytest.param((ROOM, ARCHIVED), 800, Presence(closed=Closed.ARCHIVED), id="archived by us"),
        pytest.param((ROOM, ARCHIVED, SEEN), 800, Presence(closed=Closed.ARCHIVED), id="archived by us since"),
        pytest.param((ROOM, replace(ARCHIVED, until=NOW), SEEN), 800, Presence(), id="archived by us before we looked last"),
        pytest.param((ROOM, replace(ARCHIVED, vendor_id="")), 800, None, id="which could not be archived"),
        pytest.param((ROOM, replace(ARCHIVED, attempt=1), SEEN), 800, Presence(), id="which could not be archived once more"),
        pytest.param((ROOM, replace(ARCHIVED, fingerprint=""), SEEN), 800, Presence(), id="which was given up"),
        pytest.param(
            (replace(ROOM, state=ArtifactState.CLOSED),), 1000, Presence(closed=Closed.NOT_INSIDE), id="closed when written in"
        ),
        pytest.param(
            (ROOM, replace(MEMBERS, state=ArtifactState.CLOSED)),
            1000,
            Presence(closed=Closed.NOT_INSIDE),
            id="closed when invited to",
        ),
        pytest.param(
            (replace(ROOM, state=ArtifactState.CLOSED, attempt=2),), 1000, Presence(), id="open again, and hard to write in"
        ),
    ],
)
def test_when_the_room_is_looked_at(records: tuple[ArtifactRecord, ...], at_s: float, before: Presence | None):
    assert [look for look, _ in looks(*records, at_s=at_s)] == ([Look("C1", before)] if before is not None else [])


def test_nobody_looks_after_the_resolve():
    assert looks(ROOM, ARCHIVED, SEEN, at_s=1000, status=Status.RESOLVED) == []


@pytest.mark.parametrize(
    "presence", [Presence(), Presence(2, 1), Presence(1, 0, Closed.NOT_INSIDE), Presence(0, 0, Closed.GONE)]
)
def test_a_presence_reads_back(presence: Presence):
    assert Presence.parse(str(presence)) == presence


# --- archived --------------------------------------------------------------------------------------------------


def test_a_room_that_we_archived_is_whole_again_once_the_incident_and_the_room_are_open_again(world: RoomWorld):
    world.settle()
    world.settle_until_done(status=Status.RESOLVED)
    world.archive()
    world.pass_time(QUARTER)
    world.settle_until_done(status=Status.NEW)
    assert world.says("inside") == (SAYS[Closed.ARCHIVED],)
    said = len(world.said)
    world.slack.model.unarchive(EMMA, world.room.id)
    a_quarter_later(world)
    assert (people(world), BOT in world.room.members) == ({EMMA, MIA}, True)
    assert world.says("inside") == ()
    assert world.room.topic.value.startswith("Sev 1: Checkout is down | IM: Mia")
    assert ["is open again" in message.text for message in world.said[said:]] == [True]


@pytest.mark.parametrize("private", [False, True])
def test_a_room_that_a_human_archived_and_opened_again_is_kept_right(world: RoomWorld, private: bool):
    world.settle(is_private=private)
    world.slack.model.leave(EMMA, world.room.id)
    world.slack.model.archive(MIA, world.room.id)
    a_quarter_later(world)
    assert world.says("inside") == (SAYS[Closed.ARCHIVED],)
    world.settle_until_done(summary="Checkout is slow", is_drill=True)
    world.slack.model.unarchive(ROOT if not private else MIA, world.room.id)
    a_quarter_later(world)
    assert world.says("inside") == ()
    assert "Checkout is slow" in world.room.topic.value
    # A private room kept its people, and who had left it has their reasons.
    assert people(world) == ({MIA} if private else {ROOT, EMMA, MIA})


def test_what_found_the_room_closed_before_anybody_looked_is_made_up_for(world: RoomWorld):
    world.settle()
    world.slack.model.archive(MIA, world.room.id)
    world.settle_until_done(severity=world.incident.severity, summary="Checkout is slow", roles={"tech_lead": (NORA,)})
    assert world.records["topic"].state is ArtifactState.CLOSED
    a_quarter_later(world)
    world.slack.model.unarchive(MIA, world.room.id)
    a_quarter_later(world)
    assert "Checkout is slow" in world.room.topic.value
    assert people(world) == {EMMA, MIA, ROOT}


def test_who_could_not_be_invited_is_once_a_room_is_seen_open_that_nobody_saw_closed(world: RoomWorld):
    world.settle(is_private=True)
    world.slack.model.archive(MIA, world.room.id)
    world.settle_until_done(roles={"tech_lead": (NORA,)})
    assert world.records["members"].state is ArtifactState.CLOSED
    world.slack.model.unarchive(MIA, world.room.id)
    a_quarter_later(world)
    assert people(world) == {EMMA, MIA, ROOT}


def test_somebody_comes_back_to_see_whether_it_is_open_again(world: RoomWorld):
    world.settle()
    world.slack.model.archive(MIA, world.room.id)
    a_quarter_later(world)
    [again] = [outcome for outcome in world.settle() if outcome.name == "inside"]
    assert (again.due, again.pending, again.changed) == (NOW + seconds(2 * QUARTER), False, False)
    calls = len(world.calls)
    world.settle()
    assert len(world.calls) == calls


def test_what_people_were_told_goes_with_the_resolve_and_nobody_looks_twice(world: RoomWorld):
    world.settle()
    world.slack.model.archive(MIA, world.room.id)
    a_quarter_later(world)
    calls = len(world.calls)
    for _ in range(3):
        a_quarter_later(world, status=Status.RESOLVED)
    assert (world.says("inside"), world.calls[calls:]) == ((), ["conversations.info"])


def test_nobody_is_asked_to_open_the_room_of_a_lowered_incident_and_once_it_is_open_it_is_kept_right(world: RoomWorld):
    world.settle()
    world.slack.model.archive(MIA, world.room.id)
    a_quarter_later(world)
    world.is_wanted = False
    a_quarter_later(world, severity=Severity.SEV3)
    assert world.says("inside") == ()
    world.is_wanted = True
    world.settle_until_done(severity=Severity.SEV2)
    assert world.says("inside") == (SAYS[Closed.ARCHIVED],)
    world.is_wanted = False
    world.slack.model.unarchive(MIA, world.room.id)
    a_quarter_later(world, severity=Severity.SEV3)
    assert ("Sev 3" in world.room.topic.value, world.says("inside")) == (True, ())


@pytest.mark.parametrize("is_seen", [False, True])
def test_a_room_that_is_open_again_just_before_the_resolve_hears_of_it(world: RoomWorld, is_seen: bool):
    world.settle()
    world.slack.model.archive(MIA, world.room.id)
    if is_seen:
        a_quarter_later(world)
    else:
        world.settle_until_done(is_drill=True)
        assert world.records["chat_room"].state is ArtifactState.CLOSED
    world.slack.model.unarchive(MIA, world.room.id)
    if not is_seen:  # whom we have not seen put out we do not follow in
        world.slack.model.invite(MIA, world.room.id, [BOT])
    said = len(world.said)
    world.settle(status=Status.RESOLVED)
    world.settle_until_done()
    assert ["resolved" in message.text.lower() for message in world.said[said:]] == [True]
    assert "RESOLVED" in world.room.topic.value
    assert people(world) == {EMMA, MIA}
    calls = len(world.calls)
    a_quarter_later(world)
    assert len(world.calls) == calls


def test_a_room_that_cannot_be_kept_right_was_opened_once(world: RoomWorld):
    world.settle()
    world.slack.model.archive(MIA, world.room.id)
    world.settle_until_done(is_drill=True)
    world.slack.model.unarchive(MIA, world.room.id)
    world.slack.model.invite(MIA, world.room.id, [BOT])
    world.break_slack("conversations.setPurpose")
    for _ in range(3):
        world.pass_time(QUARTER)
        world.settle()
        world.settle()
    assert world.records["chat_room"].trouble
    assert Presence.parse(world.records["inside"].vendor_id or "") == Presence(1, 1)


@pytest.mark.parametrize("passes", [1, 3])
def test_what_we_could_not_archive_we_have_not_archived(world: RoomWorld, passes: int):
    world.settle()
    world.settle_until_done(status=Status.RESOLVED)
    world.archive()
    world.settle_until_done(status=Status.NEW)
    world.slack.model.unarchive(EMMA, world.room.id)
    a_quarter_later(world)
    assert (people(world), world.records["inside"].vendor_id) == ({EMMA, MIA}, "1 1 open")
    world.slack.model.leave(MIA, world.room.id)
    world.settle_until_done(status=Status.RESOLVED, updated_at=world.small.clock.now())
    world.pass_time(60)
    world.break_slack("conversations.archive")
    world.archive()
    assert world.records["archive"].last_error
    for _ in range(passes):
        world.archive(status=Status.NEW)
        world.settle()
    assert (people(world), world.records["inside"].vendor_id) == ({EMMA}, "1 1 open")


# --- put out ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "why"),
    [("put us out", Closed.NOT_INSIDE), ("put us out of a private one", Closed.GONE), ("deleted", Closed.GONE)],
)
def test_whoever_put_us_out_is_told_and_not_fought(world: RoomWorld, how: str, why: Closed):
    world.settle(is_private="private" in how)
    if how == "deleted":
        world.slack.model.delete_room(MIA, world.room.id)
    else:
        world.slack.model.remove(MIA, world.room.id, BOT)
    for _ in range(3):
        a_quarter_later(world)
    assert world.says("inside") == (SAYS[why],)
    assert BOT not in world.room.members or how == "deleted"
    assert "conversations.join" not in world.calls


def test_whoever_invites_us_again_has_a_room_that_is_kept_right(world: RoomWorld):
    world.settle()
    world.slack.model.remove(MIA, world.room.id, BOT)
    a_quarter_later(world, summary="Checkout is slow")
    assert "slow" not in world.room.topic.value
    world.slack.model.invite(MIA, world.room.id, [BOT])
    a_quarter_later(world)
    assert "slow" in world.room.topic.value
    assert world.says("inside") == ()


def test_without_the_scope_people_are_told_to_invite_us_or_to_add_it(world: RoomWorld):
    token = world.slack.emulator.tokens[TOKEN]
    world.slack.emulator.tokens[TOKEN] = replace(token, scopes=SCOPES - {"channels:join"})
    world.settle()
    world.slack.model.archive(MIA, world.room.id)
    a_quarter_later(world)
    world.slack.model.unarchive(MIA, world.room.id)
    world.pass_time(QUARTER)
    world.settle()
    assert world.says("inside") == (SAYS[Closed.NOT_INSIDE],)
    assert "channels:join" in world.records["inside"].trouble
    world.slack.model.invite(MIA, world.room.id, [BOT])
    a_quarter_later(world)
    assert people(world) == {EMMA, MIA}
    assert (world.says("inside"), world.records["inside"].trouble) == ((), "")


@pytest.mark.parametrize("answer", ["a failure", "nobody's word"])
def test_an_entering_that_failed_is_tried_again(world: RoomWorld, answer: str):
    world.settle()
    world.slack.model.archive(MIA, world.room.id)
    a_quarter_later(world)
    world.slack.model.unarchive(ROOT, world.room.id)
    if answer == "a failure":
        world.slack.emulator.refuse["conversations.join"] = ["internal_error"]
    else:
        world.break_slack("conversations.join", FaultKind.NOT_FOUND, times=1)
    a_quarter_later(world)
    assert people(world) == {ROOT, EMMA, MIA}
