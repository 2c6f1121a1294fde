"""Chat, wiki and video calls for `over_http`: the requests of each operation, something to do with it, and who does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

from chalicelib.adapters.confluence import Confluence
from chalicelib.adapters.slack import SCOPES, Slack
from chalicelib.adapters.zoom import Zoom
from chalicelib.errors import TemporaryError
from chalicelib.ports.chat import Post
from chalicelib.ports.world import Clock
from sandbox.chat.model import ChatModel
from sandbox.chat.slack import ChatToken, SlackEmulator
from sandbox.chat.values import ChatUser
from sandbox.company import BOT, CHAT_BOT, EMMA, SPACE
from sandbox.emulator import Emulator
from sandbox.video.model import VideoModel
from sandbox.video.zoom import ZoomEmulator
from sandbox.wiki.confluence import ConfluenceEmulator
from sandbox.wiki.model import WikiModel
from simulation.chat_port import ModelChat
from simulation.faults import Effect
from simulation.places_ports import ModelVideo, ModelWiki
from simulation.places_watch import PlaceWatch, Unasked
from simulation.wire import Wire

Do = Callable[[Any], object]
Became = Callable[[], Effect]

CROWD = 101
WARM_UPS = 10
"""One more than are invited at once."""
_KEY, _MAIL = "secret-key-0123456789", "firebell@example.com"
_POST = Post("Checkout is down")

WRITES, READS = True, False
REQUESTS: Mapping[str, Mapping[str, tuple[tuple[str, bool], ...]]] = {
    "slack": {
        "open_room": (("conversations.create", WRITES),),
        "find_rooms": (("users.conversations", READS),),
        "read_room": (("conversations.info", READS),),
        "mark_room": (("conversations.setPurpose", WRITES),),
        "set_topic": (("conversations.setTopic", WRITES),),
        "invite": (("conversations.invite", WRITES),),
        "archive": (("conversations.archive", WRITES),),
        "join": (("conversations.join", WRITES),),
        "post": (("chat.postMessage", WRITES),),
        "find_message": (("conversations.history", READS),),
        "edit_message": (("chat.update", WRITES),),
        "pin": (("pins.add", WRITES),),
        "put_bookmark": (("bookmarks.list", READS), ("bookmarks.add", WRITES)),
        "find_user_by_mail": (("users.lookupByEmail", READS),),
    },
    "confluence": {
        "find_page": (("search", READS), ("list_pages", READS)),
        "create_page": (("create_page", WRITES),),
        "label_page": (("add_label", WRITES),),
    },
    "zoom": {"find_call": (("list_meetings", READS),), "make_call": (("create_meeting", WRITES),)},
}
"""Name at the emulator, and whether it writes. What is asked once in the life of a process is no part of any operation."""

FAILS_IN_PART = {"create_page": "add_label", "invite": "conversations.invite"}
"""Whose failure leaves a part of the operation done."""


@dataclass(slots=True)
class PlaceDeeds:
    """Each operation on a room, a page or a call of its own."""

    system: str
    clock: Clock
    chat: ChatModel = field(init=False)
    wiki: WikiModel = field(init=False)
    video: VideoModel = field(init=False)
    _numbers: count[int] = field(default_factory=lambda: count(10_002))

    def __post_init__(self) -> None:
        self.chat, self.wiki = ChatModel(self.clock, CHAT_BOT), WikiModel(self.clock)
        self.video = VideoModel(self.clock, {_MAIL})
        self.wiki.add_space(SPACE, "Incidents", EMMA.account_id)
        for number in range(CROWD):
            self.chat.add_user(ChatUser(f"U{number:05d}", f"u{number}", f"u{number}@example.com"))

    def deed(self, method: str, *, in_part: bool) -> tuple[Do, Became]:
        number = next(self._numbers)
        if self.system == "slack":
            return self._in_chat(method, f"hot-{number}", f"firebell:{number}", in_part=in_part)
        if self.system == "confluence":
            return self._in_wiki(method, f"HOT-{number}", f"firebell-{number}", in_part=in_part)
        return self._in_video(method, f"HOT-{number}", f"firebell-{number}")

    def _in_chat(self, method: str, name: str, marker: str, *, in_part: bool) -> tuple[Do, Became]:
        if method == "open_room":
            return lambda chat: chat.open_room(name, private=False), lambda: _done(self.chat.room_named(name) is not None)
        if method == "find_user_by_mail":
            return lambda chat: chat.find_user_by_mail("u1@example.com"), _nothing
        us, room = CHAT_BOT.id, self.chat.create(CHAT_BOT.id, name)
        message, theirs = self.chat.post(us, room.id, "Paged"), self.chat.create("U00001", f"{name}-theirs")
        crowd = [f"U{number:05d}" for number in range(CROWD if in_part else 1)]

        def invited() -> Effect:
            inside = len(room.members) - 1
            return Effect.PART if 0 < inside < len(crowd) else _done(inside > 0)

        deeds: dict[str, tuple[Do, Became]] = {
            "find_rooms": (lambda chat: chat.find_rooms((name,), marker), _nothing),
            "read_room": (lambda chat: chat.read_room(room.id), _nothing),
            "mark_room": (lambda chat: chat.mark_room(room.id, marker, "x"), lambda: _done(marker in room.purpose.value)),
            "set_topic": (lambda chat: chat.set_topic(room.id, "Sev 1"), lambda: _done(room.topic.value == "Sev 1")),
            "invite": (lambda chat: chat.invite(room.id, crowd), invited),
            "join": (lambda chat: chat.join(theirs.id), lambda: _done(us in theirs.members)),
            "archive": (lambda chat: chat.archive(room.id), lambda: _done(room.is_archived)),
            "post": (lambda chat: chat.post(room.id, _POST, marker), lambda: _done(len(room.messages) > 1)),
            "find_message": (lambda chat: chat.find_message(room.id, marker), _nothing),
            "edit_message": (
                lambda chat: chat.edit_message(room.id, message.ts, _POST, marker), lambda: _done(bool(message.edited_ts)),
            ),
            "pin": (lambda chat: chat.pin(room.id, message.ts), lambda: _done(bool(room.pins))),
            "put_bookmark": (
                lambda chat: chat.put_bookmark(room.id, "Issue", "https://x.example"), lambda: _done(bool(room.bookmarks)),
            ),
        }  # fmt: skip
        return deeds[method]

    def _in_wiki(self, method: str, title: str, marker: str, *, in_part: bool) -> tuple[Do, Became]:
        if method == "find_page":
            return lambda wiki: wiki.find_page(SPACE, marker), _nothing

        def became() -> Effect:
            # Where the answer was lost, nobody asked for a label, and the page is made all the same.
            page = next((page for page in self.wiki.pages.values() if page.title == title), None)
            return Effect.PART if in_part and page is not None and not page.labels else _done(page is not None)

        if method == "create_page":
            return lambda wiki: wiki.create_page(SPACE, None, title, "<p>x</p>", marker), became
        [space] = self.wiki.spaces
        page = self.wiki.create(space, title, "", BOT.account_id)
        return lambda wiki: wiki.label_page(page.id, marker), lambda: _done(marker in page.labels)

    def _in_video(self, method: str, topic: str, marker: str) -> tuple[Do, Became]:
        if method == "find_call":
            return lambda calls: calls.find_call(marker, topic), _nothing
        made = self.video.meetings
        return lambda calls: calls.make_call(marker, topic, "x"), lambda: _done(any(m.topic == topic for m in made.values()))

    # --- who does it -------------------------------------------------------------------------------------------

    def simulated(self, wire: Wire) -> Any:
        sees = PlaceWatch(Unasked())
        if self.system == "slack":
            return ModelChat(self.chat, wire, sees)
        if self.system == "confluence":
            return ModelWiki(self.wiki, BOT.account_id, wire, sees)
        return ModelVideo(self.video, _MAIL, wire, sees)

    def emulator(self) -> Emulator:
        if self.system == "slack":
            return SlackEmulator(self.chat, self.clock, tokens={_KEY: ChatToken(CHAT_BOT.id, SCOPES)})
        if self.system == "confluence":
            return ConfluenceEmulator(self.wiki, self.clock, account=BOT.account_id, mail=_MAIL, token=_KEY)
        return ZoomEmulator(self.video, self.clock, account_id="account", client_id="client", client_secret=_KEY)

    def adapter(self, url: str, timeouts_s: tuple[float, float]) -> Any:
        """Warm: what it asks once, it has asked."""
        if self.system == "slack":
            chat = Slack(_KEY, base_url=f"{url}/api", timeouts_s=timeouts_s, clock=self.clock)
            warm(partial(chat.find_rooms, ("none",), "firebell:1"))
            return chat
        if self.system == "confluence":
            wiki = Confluence(url, _MAIL, _KEY, timeouts_s=timeouts_s, clock=self.clock)
            warm(partial(wiki.find_page, SPACE, "firebell-1"))
            return wiki
        calls = Zoom(
            api_url=url, oauth_url=url, account_id="account", client_id="client", client_secret=_KEY, hosts=(_MAIL,),
            timeouts_s=timeouts_s, clock=self.clock,
        )  # fmt: skip
        warm(partial(calls.find_call, "firebell-1", "none"))
        return calls


def warm(ask: Callable[[], object]) -> None:
    """An impatient adapter may have to ask more than once on a busy machine, and no fault is laid yet."""
    for _ in range(WARM_UPS):
        try:
            ask()
        except TemporaryError:
            continue
        return
    ask()


def _done(it_is: bool) -> Effect:
    return Effect.DONE if it_is else Effect.NONE


def _nothing() -> Effect:
    return Effect.NONE
