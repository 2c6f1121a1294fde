"""Slack: the real adapter over loopback HTTP to its strict emulator, and the simulated one over the same model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.adapters.slack import SCOPES, USER_SCOPES, Slack
from chalicelib.ports.chat import Chat, Post
from sandbox.chat.model import ChatModel
from sandbox.chat.slack import ChatToken, SlackEmulator
from sandbox.chat.values import ChatMessage, ChatRoom, ChatUser
from sandbox.emulator import ListRecorder, serve
from simulation.chat_port import ModelChat
from simulation.loop import Loop
from simulation.places_watch import PlaceWatch, Unasked
from simulation.wire import FaultPlan, Wire
from tests.builders import NOW, TIMEOUTS_S
from tests.reconcile.small_world import FakeClock

TOKEN, USER_TOKEN, SECRET = "xoxb-0123456789-bot", "xoxp-0123456789-admin", "signing-secret"
BOT, MIA, EMMA, ROOT, GONE, GUEST = "U0000BOT", "U0000MIA", "U000EMMA", "U000ROOT", "U000GONE", "U00GUEST"
MARKER = "firebell:10002"


@dataclass
class AnyChat:
    """A workspace, whatever stands behind the port."""

    chat: Chat
    model: ChatModel
    clock: FakeClock

    def a_room(self, name: str = "hot-1234", *, private: bool = False) -> ChatRoom:
        """Made by us, with nobody else in it."""
        return self.model.create(BOT, name, private=private)

    def a_room_with_people(self, *, private: bool = False) -> ChatRoom:
        room = self.a_room(private=private)
        self.model.invite(BOT, room.id, [MIA, EMMA])
        return room

    def said(self, room: ChatRoom) -> list[ChatMessage]:
        """What somebody said in it, oldest first."""
        return [message for message in room.messages if not message.subtype]

    def pass_time(self, s: float) -> None:
        self.clock.at += timedelta(seconds=s)


@dataclass
class ChatWorld(AnyChat):
    """Slack over HTTP."""

    emulator: SlackEmulator
    recorder: ListRecorder
    url: str


def a_simulated_chat() -> AnyChat:
    """The simulator's, with nothing going wrong."""
    clock = FakeClock(NOW)
    model = a_workspace(clock)
    wire = Wire(Loop(NOW, None), FaultPlan(), None, None)
    return AnyChat(ModelChat(model, wire, PlaceWatch(Unasked())), model, clock)


def a_workspace(clock: FakeClock) -> ChatModel:
    model = ChatModel(clock, ChatUser(BOT, "firebell", is_bot=True))
    model.add_user(ChatUser(MIA, "mia", "mia@example.com"))
    model.add_user(ChatUser(EMMA, "emma", "emma@example.com"))
    model.add_user(ChatUser(ROOT, "root", "root@example.com", is_admin=True))
    model.add_user(ChatUser(GONE, "gone", "gone@example.com", deleted=True))
    model.add_user(ChatUser(GUEST, "guest", "guest@example.com", is_guest=True))
    return model


def a_post(text: str = "Checkout is down", *sections: str) -> Post:
    return Post(text, sections)


@contextmanager
def a_chat(*, scopes: frozenset[str] = SCOPES, user_token: str = USER_TOKEN, strict: bool = True) -> Iterator[ChatWorld]:
    """strict: at the end, nothing may have been asked that Slack would not have understood."""
    clock, recorder = FakeClock(NOW), ListRecorder()
    model = a_workspace(clock)
    tokens = {TOKEN: ChatToken(BOT, scopes), USER_TOKEN: ChatToken(ROOT, USER_SCOPES)}
    emulator = SlackEmulator(model, clock, tokens=tokens, hook_secret=SECRET, recorder=recorder)
    with serve(emulator) as [url]:
        chat = Slack(TOKEN, user_token, base_url=f"{url}/api", timeouts_s=TIMEOUTS_S, clock=clock)
        yield ChatWorld(chat, model, clock, emulator, recorder, url)
    assert not strict or emulator.violations == []
