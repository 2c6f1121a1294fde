"""Marked messages become notes: of the room as it is now, whatever was told, how often, and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.artifacts.artifact import Scene
from chalicelib.artifacts.note_sources import READ_AT_MOST, RoomNotes
from chalicelib.domain.incident import Incident, Status
from chalicelib.domain.notes import NOTES_LIMIT, Note, Source
from chalicelib.intake.queue_message import message_to_body, parse_message
from chalicelib.ports.chat import Post
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from chalicelib.ports.queue import Cause, Message, Said
from chalicelib.reconcile.artifacts import Outcome, settle_artifacts
from chalicelib.reconcile.notes import TRIES
from sandbox.chat.values import ChatRoom
from sandbox.emulator import Fault, FaultKind
from tests.adapters.chat_world import BOT, EMMA, MIA, ChatWorld, a_chat
from tests.builders import NOW, a_note, an_incident, seconds
from tests.reconcile.small_world import Killed, SmallWorld

ISSUE = an_incident().id


class Bridge:
    """An incident with its room, where people talk and mark."""

    def __init__(self, chat: ChatWorld) -> None:
        self.chat, self.small = chat, SmallWorld()
        wrapped = self.small.mortality.wrap(chat.chat, "chat")
        world = replace(self.small.world, chat=lambda: wrapped)
        self.small.world, self.small.firebell = world, replace(self.small.firebell, world=world)
        self.room: ChatRoom = chat.a_room_with_people()
        self.incident = an_incident()
        self.small.ledger.insert(
            ArtifactRecord(ISSUE, "chat_room", ArtifactState.MADE, "c", NOW, "f", self.room.id, link="https://x.example")
        )

    def say(self, text: str, *, thread: str = "", by: str = MIA) -> str:
        self.pass_time(1)
        return self.chat.model.say(by, self.room.id, text, thread)

    def mark(self, ts: str, *, by: str = EMMA, name: str = "pushpin") -> None:
        self.chat.model.react(by, self.room.id, ts, name)

    def told(self, ts: str, tries: int = 0) -> None:
        """Slack told of this message: so the queue holds it."""
        message = Message(ISSUE, Cause.CHANGED, said=Said(self.room.id, ts, tries))
        self.small.queue.send(parse_message(message_to_body(message)))
        self.small.work()

    def settle(self) -> list[Outcome]:
        now = self.small.clock.now()
        book = self.small.ledger.read(ISSUE)
        scene = Scene(self.incident, now, records={record.name: record for record in book.artifacts}, notes=book.notes)
        chat = self.small.world.chat
        assert chat is not None
        source = RoomNotes(chat, lambda: self.small.world.ledger)
        return settle_artifacts([source], scene, self.small.world, give_up_at=now + seconds(20))

    def pass_time(self, s: float) -> None:
        self.chat.pass_time(s)
        self.small.clock.at += seconds(s)
        self.small.queue.now = self.small.clock.at

    def resolve(self) -> None:
        self.incident = replace(self.incident, status=Status.RESOLVED)

    @property
    def notes(self) -> list[tuple[str, str]]:
        return [(note.by, note.text) for note in self.small.ledger.read(ISSUE).notes]

    def vendor_calls(self) -> int:
        return len(self.chat.emulator.calls)


@pytest.fixture
def bridge() -> Iterator[Bridge]:
    with a_chat() as chat:
        yield Bridge(chat)


# --- what Slack tells ------------------------------------------------------------------------------------------------


def test_a_marked_message_is_a_note_of_whoever_said_it_when_they_said_it(bridge: Bridge):
    ts = bridge.say("Flushed the <cache> & restarted")
    bridge.pass_time(600)
    bridge.mark(ts)
    bridge.told(ts)
    [note] = bridge.small.ledger.read(ISSUE).notes
    at = NOW + seconds(1)
    assert note == Note(f"slack:{bridge.room.id}:{ts}", note.at, "mia", "Flushed the <cache> & restarted", Source.MARKED)
    assert abs((note.at - at).total_seconds()) < 1


def test_told_thrice_it_is_one_note(bridge: Bridge):
    ts = bridge.say("Flushed")
    bridge.mark(ts)
    for _ in range(3):
        bridge.told(ts)
    assert bridge.notes == [("mia", "Flushed")]


def test_an_answer_in_a_thread_can_be_marked_too(bridge: Bridge):
    ts = bridge.say("It was the proxy", thread=bridge.say("What is it?"), by=EMMA)
    bridge.mark(ts)
    bridge.told(ts)
    assert bridge.notes == [("emma", "It was the proxy")]


def test_another_reaction_marks_nothing(bridge: Bridge):
    ts = bridge.say("Flushed")
    bridge.mark(ts, name="eyes")
    bridge.told(ts)
    assert bridge.notes == []


def test_what_we_said_ourselves_is_ours_when_somebody_marks_it(bridge: Bridge):
    ts = bridge.chat.chat.post(bridge.room.id, Post("Severity is 1 now"), "firebell:10002")
    bridge.mark(ts)
    bridge.told(ts)
    assert bridge.notes == [("Firebell", "Severity is 1 now")]


@pytest.mark.parametrize(
    ("act", "left"),
    [
        pytest.param(lambda b, ts: b.chat.model.unreact(EMMA, b.room.id, ts, "pushpin"), [], id="unmarked"),
        pytest.param(lambda b, ts: b.chat.model.delete_message(MIA, b.room.id, ts), [], id="deleted"),
        pytest.param(
            lambda b, ts: b.chat.model.edit(MIA, b.room.id, ts, "Flushed twice"), [("mia", "Flushed twice")], id="edited"
        ),
        pytest.param(lambda b, ts: b.mark(ts, by=MIA), [("mia", "Flushed")], id="marked again"),
    ],
)
def test_a_note_is_what_the_message_is_now_whatever_order_it_was_told_in(bridge: Bridge, act: Any, left: list[tuple[str, str]]):
    ts = bridge.say("Flushed")
    bridge.mark(ts)
    bridge.told(ts)
    act(bridge, ts)
    bridge.told(ts)
    assert bridge.notes == left


def test_one_of_two_marks_taken_away_leaves_the_note(bridge: Bridge):
    ts = bridge.say("Flushed")
    bridge.mark(ts)
    bridge.mark(ts, by=MIA)
    bridge.chat.model.unreact(EMMA, bridge.room.id, ts, "pushpin")
    bridge.told(ts)
    assert bridge.notes == [("mia", "Flushed")]


def test_a_name_that_is_not_to_be_had_costs_no_note(bridge: Bridge):
    bridge.chat.emulator.faults.switch_on("users.profile.get", Fault(FaultKind.UNAVAILABLE))
    ts = bridge.say("Flushed")
    bridge.mark(ts)
    bridge.told(ts)
    assert bridge.notes == [("", "Flushed")]


def test_afterwards_somebody_looks_after_the_incident_and_nobody_pages_in_between(bridge: Bridge):
    bridge.small.jira_has(bridge.incident)
    ts = bridge.say("Flushed")
    bridge.mark(ts)
    bridge.small.queue.send(Message(ISSUE, Cause.CHANGED, said=Said(bridge.room.id, ts)))
    first = bridge.small.queue.receive()
    assert first is not None
    bridge.small.firebell.look_after(first)
    assert bridge.small.pager.rings == []
    assert bridge.small.queue.receive() == Message(ISSUE, Cause.CHANGED)


def test_of_a_message_that_is_no_note_nobody_is_rung_for_whatever_becomes_of_it(bridge: Bridge):
    ts = bridge.say("hello")
    bridge.told(ts)
    bridge.chat.model.delete_message(MIA, bridge.room.id, ts)
    bridge.told(ts)
    assert len(bridge.small.queue) == 0
    assert [event for event, _ in bridge.small.log.events] == []


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("effect", range(2))
def test_killed_while_a_note_is_removed_it_is_gone_and_somebody_looks_after_it_then(bridge: Bridge, effect: int, after: bool):
    ts = bridge.say("Flushed")
    bridge.mark(ts)
    bridge.told(ts)
    bridge.chat.model.unreact(EMMA, bridge.room.id, ts, "pushpin")
    bridge.small.mortality.effects.clear()
    bridge.small.mortality.kill_at, bridge.small.mortality.after = effect, after
    message = Message(ISSUE, Cause.CHANGED, said=Said(bridge.room.id, ts))
    with pytest.raises(Killed):
        bridge.small.firebell.look_after(message)
    bridge.small.mortality.kill_at = None
    bridge.small.firebell.look_after(message)
    assert bridge.notes == []
    bridge.pass_time(4)
    assert bridge.small.queue.receive() == Message(ISSUE, Cause.CHANGED)


def test_while_slack_is_away_it_is_tried_later_and_not_for_ever(bridge: Bridge):
    bridge.chat.emulator.faults.switch_on("*", Fault(FaultKind.UNAVAILABLE, times=None))
    ts = bridge.say("Flushed")
    bridge.mark(ts)
    bridge.told(ts)
    assert len(bridge.small.queue) == 1, "one message that comes later, and none that fails"
    bridge.chat.emulator.faults.clear()
    bridge.pass_time(31)
    bridge.small.work()
    assert bridge.notes == [("mia", "Flushed")]
    bridge.chat.emulator.faults.switch_on("*", Fault(FaultKind.UNAVAILABLE, times=None))
    bridge.told(ts, TRIES - 1)
    assert "note_lost" in bridge.small.log.alarms


def test_a_room_that_is_gone_is_no_reason_to_come_back(bridge: Bridge):
    ts = bridge.say("Flushed")
    del bridge.chat.model.rooms[bridge.room.id]
    bridge.told(ts)
    assert len(bridge.small.queue) == 0
    assert bridge.small.log.alarms == []


def test_more_notes_than_a_timeline_holds_are_not_kept(bridge: Bridge):
    for number in range(NOTES_LIMIT):
        bridge.small.ledger.add_note(ISSUE, a_note(f"jira:{number}"))
    ts = bridge.say("Flushed")
    bridge.mark(ts)
    bridge.told(ts)
    assert len(bridge.notes) == NOTES_LIMIT


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("effect", range(2))
def test_killed_at_any_effect_it_is_one_note_and_somebody_looks_after_it(bridge: Bridge, effect: int, after: bool):
    ts = bridge.say("Flushed")
    bridge.mark(ts)
    bridge.small.mortality.kill_at, bridge.small.mortality.after = effect, after
    message = Message(ISSUE, Cause.CHANGED, said=Said(bridge.room.id, ts))
    with pytest.raises(Killed):
        bridge.small.firebell.look_after(message)
    bridge.small.mortality.kill_at = None
    bridge.small.firebell.look_after(message)
    assert bridge.notes == [("mia", "Flushed")]
    assert bridge.small.queue.receive() == Message(ISSUE, Cause.CHANGED)


def test_an_earlier_version_reads_it_as_a_doorbell():
    body = message_to_body(Message(ISSUE, Cause.CHANGED, said=Said("C1", "1.000001", 2)))
    assert '"cause":"changed"' in body
    assert parse_message(body).said == Said("C1", "1.000001", 2)
    assert parse_message('{"v":1,"issue":"10002","cause":"changed"}') == Message(ISSUE, Cause.CHANGED)


# --- what Slack did not tell -----------------------------------------------------------------------------------------


def test_which_incident_a_room_is_for_is_remembered_as_soon_as_it_is_there_and_without_asking_slack(bridge: Bridge):
    bridge.settle()
    assert bridge.small.ledger.issue_of_room(bridge.room.id) == ISSUE
    assert bridge.vendor_calls() == 0


def test_a_lost_memory_of_the_room_is_repaired(bridge: Bridge):
    bridge.settle()
    bridge.small.ledger._rooms.clear()
    bridge.pass_time(900)
    bridge.settle()
    assert bridge.small.ledger.issue_of_room(bridge.room.id) == ISSUE


def test_marks_that_nobody_told_of_are_read_back_once_a_quarter_of_an_hour(bridge: Bridge):
    bridge.settle()
    bridge.mark(bridge.say("Flushed"))
    bridge.settle()
    assert bridge.notes == []
    bridge.pass_time(900)
    bridge.settle()
    assert bridge.notes == [("mia", "Flushed")]
    calls, writes = bridge.vendor_calls(), bridge.small.ledger.writes
    for _ in range(3):
        bridge.pass_time(120)
        assert not any(outcome.changed or outcome.pending for outcome in bridge.settle())
    assert (bridge.vendor_calls(), bridge.small.ledger.writes) == (calls, writes)


def test_at_resolve_the_whole_room_is_read_once_and_then_never_again(bridge: Bridge):
    bridge.settle()
    bridge.mark(bridge.say("Flushed"))
    bridge.pass_time(4 * 3600)
    bridge.resolve()
    bridge.settle()
    assert bridge.notes == [("mia", "Flushed")]
    calls, writes = bridge.vendor_calls(), bridge.small.ledger.writes
    bridge.pass_time(READ_AT_MOST.total_seconds())
    bridge.settle()
    assert (bridge.vendor_calls(), bridge.small.ledger.writes) == (calls, writes)


def test_a_marked_answer_in_a_thread_that_nobody_told_of_is_read_back_too(bridge: Bridge):
    bridge.settle()
    thread = bridge.say("What is it?")
    bridge.say("Nobody knows", thread=bridge.say("And the cache?"))
    bridge.mark(bridge.say("It was the proxy", thread=thread))
    bridge.pass_time(900)
    bridge.settle()
    assert bridge.notes == [("mia", "It was the proxy")]


def test_an_answer_whose_mark_was_taken_away_in_silence_is_no_note_any_more(bridge: Bridge):
    ts = bridge.say("It was the proxy", thread=bridge.say("What is it?"))
    bridge.mark(ts)
    bridge.told(ts)
    bridge.chat.model.unreact(EMMA, bridge.room.id, ts, "pushpin")
    bridge.resolve()
    bridge.settle()
    assert bridge.notes == []


def test_a_mark_taken_away_in_silence_is_seen_and_what_was_not_read_stays(bridge: Bridge):
    thread = bridge.say("It was the proxy", thread=bridge.say("What is it?"))
    kept, lost = bridge.say("Flushed"), bridge.say("Restarted")
    for ts in (thread, kept, lost):
        bridge.mark(ts)
        bridge.told(ts)
    bridge.small.ledger.add_note(ISSUE, a_note("jira:1", by="Emma", text="Told", at=NOW))
    bridge.chat.model.unreact(EMMA, bridge.room.id, lost, "pushpin")
    bridge.resolve()
    bridge.settle()
    assert bridge.notes == [("Emma", "Told"), ("mia", "It was the proxy"), ("mia", "Flushed")]


def test_names_are_asked_for_once_each_and_not_again(bridge: Bridge):
    for text in ("one", "two", "three"):
        bridge.mark(bridge.say(text))
    bridge.pass_time(900)
    bridge.settle()
    bridge.pass_time(900)
    bridge.settle()
    assert bridge.chat.emulator.count("users.profile.get") == 1


@pytest.mark.parametrize("incident", [an_incident(), an_incident(status=Status.RESOLVED)], ids=["open", "resolved"])
def test_without_a_room_nothing_is_done(incident: Incident):
    assert RoomNotes(lambda: pytest.fail("asked"), lambda: pytest.fail("asked")).want(Scene(incident, NOW)) == ()


def test_a_private_room_that_a_human_archived_is_read_and_one_that_is_gone_is_not_asked_for_again(bridge: Bridge):
    bridge.room.is_private = True
    bridge.mark(bridge.say("Flushed"))
    bridge.chat.model.archive(BOT, bridge.room.id)
    bridge.pass_time(900)
    bridge.settle()
    assert bridge.notes == [("mia", "Flushed")]
    del bridge.chat.model.rooms[bridge.room.id]
    bridge.pass_time(900)
    [outcome] = bridge.settle()
    assert not outcome.pending
    assert bridge.notes == [("mia", "Flushed")]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("effect", range(4))
def test_read_back_and_killed_at_any_effect_every_note_is_there_once(bridge: Bridge, effect: int, after: bool):
    for text in ("Flushed", "Restarted"):
        bridge.mark(bridge.say(text))
    bridge.resolve()
    bridge.small.mortality.kill_at, bridge.small.mortality.after = effect, after
    for _ in range(3):
        try:
            bridge.settle()
        except Killed:
            bridge.small.mortality.kill_at = None
        bridge.pass_time(61)
    assert bridge.notes == [("mia", "Flushed"), ("mia", "Restarted")]
