"""Slack's face towards the app: what it sends is what our intake admits and reads."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from chalicelib.intake.signature import verify_slack_signature
from chalicelib.intake.slack_event import Challenge, ChatEvent, Ignored, SlackRequest, What, parse_slack_request
from sandbox.chat.model import ChatModel
from sandbox.chat.slack import SlackEmulator
from sandbox.chat.values import ChatRoom
from tests.adapters.chat_world import BOT, EMMA, MIA, SECRET, a_workspace
from tests.builders import NOW, seconds
from tests.reconcile.small_world import FakeClock


class App:
    """Takes what it is sent, if it is signed; status: its answer."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock, self.status = clock, 200
        self.got: list[SlackRequest] = []
        self.headers: list[Mapping[str, str]] = []

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        sent_at, signature = headers["X-Slack-Request-Timestamp"], headers["X-Slack-Signature"]
        verify_slack_signature(body, sent_at, signature, [SECRET], self.clock.now())
        self.got.append(parse_slack_request(body, headers["Content-Type"], self.clock.now()))
        self.headers.append(headers)
        return self.status


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def model(clock: FakeClock) -> ChatModel:
    return a_workspace(clock)


@pytest.fixture
def emulator(model: ChatModel, clock: FakeClock) -> SlackEmulator:
    return SlackEmulator(model, clock, tokens={}, hook_url="https://firebell.example/webhooks/slack", hook_secret=SECRET)


@pytest.fixture
def app(clock: FakeClock) -> App:
    return App(clock)


def a_room(model: ChatModel, *, private: bool = False) -> ChatRoom:
    room = model.create(BOT, "hot-1", private=private)
    model.invite(BOT, room.id, [MIA, EMMA])
    model.outbox.hooks.clear()
    return room


@pytest.mark.parametrize("private", [False, True])
def test_everything_that_people_do_is_read_as_what_they_did(model: ChatModel, emulator: SlackEmulator, app: App, private: bool):
    room = a_room(model, private=private)
    ts = model.say(MIA, room.id, "rolled back <v2>")
    model.react(EMMA, room.id, ts, "pushpin")
    model.unreact(EMMA, room.id, ts, "pushpin")
    model.edit(MIA, room.id, ts, "rolled back")
    model.delete_message(MIA, room.id, ts)
    model.set_topic(MIA, room.id, "R & D")
    model.leave(EMMA, room.id)
    model.rename(MIA, room.id, "other")
    model.archive(MIA, room.id)
    model.unarchive(MIA, room.id)
    model.delete_room(MIA, room.id)
    emulator.pump(app)
    events = [event for event in app.got if isinstance(event, ChatEvent)]
    assert [(event.what, event.who, event.text) for event in events] == [
        (What.SAID, MIA, "rolled back <v2>"), (What.REACTED, EMMA, "pushpin"), (What.UNREACTED, EMMA, "pushpin"),
        (What.EDITED, MIA, "rolled back"), (What.DELETED, "", ""), (What.TOPIC, MIA, "R & D"), (What.LEFT, EMMA, ""),
        (What.RENAMED, "", "other"), (What.ARCHIVED, MIA, ""), (What.UNARCHIVED, MIA, ""), (What.ROOM_DELETED, "", ""),
    ]  # fmt: skip
    assert {event.room_id for event in events} == {room.id}
    assert {event.message_id for event in events[:5]} == {ts}


def test_what_we_say_ourselves_comes_back_and_is_ignored(model: ChatModel, emulator: SlackEmulator, app: App):
    room = a_room(model)
    message = model.post(BOT, room.id, "Paged Mia")
    model.update(BOT, room.id, message.ts, "Mia has it", [], None)
    emulator.pump(app)
    assert app.got == [Ignored("a program said it")] * 2


def test_a_slash_command_is_sent_once_whatever_the_answer(model: ChatModel, emulator: SlackEmulator, app: App):
    room = a_room(model)
    app.status = 500
    assert emulator.command(app, MIA, room.id, "note rolled back & restarted") == 500
    emulator.pump(app)
    [event] = app.got
    assert isinstance(event, ChatEvent)
    assert (event.what, event.command, event.room_id, event.who) == (What.COMMAND, "/firebell", room.id, MIA)
    assert event.text == "note rolled back & restarted"


def test_two_commands_are_told_apart(model: ChatModel, emulator: SlackEmulator, app: App):
    room = a_room(model)
    for _ in range(2):
        emulator.command(app, MIA, room.id, "note x")
    assert len({event.event_id for event in app.got if isinstance(event, ChatEvent)}) == 2


def test_a_challenge_reaches_the_app(emulator: SlackEmulator, app: App):
    assert emulator.challenge(app, "are you there?") == 200
    assert app.got == [Challenge("are you there?")]


def test_a_repeated_event_says_so_and_is_signed_anew(model: ChatModel, emulator: SlackEmulator, app: App, clock: FakeClock):
    room = a_room(model)
    model.say(MIA, room.id, "x")
    app.status = 503
    for s in (0, 0, 60, 300, 600):
        clock.at += seconds(s)
        emulator.pump(app)
    assert [headers.get("X-Slack-Retry-Num") for headers in app.headers] == [None, "1", "2", "3"]
    assert app.headers[1]["X-Slack-Retry-Reason"] == "http_error"
    assert len({event.event_id for event in app.got if isinstance(event, ChatEvent)}) == 1
