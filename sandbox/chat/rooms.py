"""The rooms of a workspace: who may make, see, change and enter them. `model.py` has what happens inside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from threading import RLock
from typing import Any

from chalicelib.ports.world import Clock
from sandbox.chat.events import Outbox
from sandbox.chat.values import (
    EPOCH,
    INVITED_LIMIT,
    TOPIC_LIMIT,
    ChatMessage,
    ChatRefused,
    ChatRoom,
    ChatUser,
    Told,
    as_slack_keeps_it,
    moment_of,
    require_name,
    ts_of,
    utf16,
)


@dataclass(slots=True)
class Rooms:
    """bot: the app's user. names_the_blamed: whether a refused invitation says who was to blame.

    broadcasts: messages that rang a whole room, which Firebell's never should.
    """

    clock: Clock
    bot: ChatUser
    team_id: str = "T00000001"
    names_the_blamed: bool = True
    users: dict[str, ChatUser] = field(default_factory=dict)
    rooms: dict[str, ChatRoom] = field(default_factory=dict)
    broadcasts: list[ChatMessage] = field(default_factory=list)
    outbox: Outbox = field(init=False)
    _numbers: int = 0
    _last_ts: str = "0.000000"
    _lock: RLock = field(default_factory=RLock, repr=False)

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.clock, self.team_id)
        self.add_user(self.bot)

    def add_user(self, user: ChatUser) -> ChatUser:
        self.users[user.id] = user
        return user

    # --- rooms -------------------------------------------------------------------------------------------------

    def create(self, by: str, name: str, *, private: bool = False) -> ChatRoom:
        """A name is taken by every room there is: archived ones, and private ones that nobody here can see."""
        with self._lock:
            require_name(name)
            if self._is_taken(name):
                raise ChatRefused("name_taken")
            room = ChatRoom(self._id("C"), name, by, self.clock.now(), private, [by])
            self.rooms[room.id] = room
            return room

    def visible(self, by: str) -> list[ChatRoom]:
        """The rooms and direct conversations that this user can see, oldest first."""
        return [room for room in self.rooms.values() if not room.is_deleted and (not _is_closed(room) or by in room.members)]

    def room(self, by: str, room_id: str) -> ChatRoom:
        """Public, or private with `by` inside; else as good as not there."""
        room = self.rooms.get(room_id)
        if room is None or room.is_deleted or (_is_closed(room) and by not in room.members):
            raise ChatRefused("channel_not_found")
        return room

    def room_named(self, name: str) -> ChatRoom | None:
        """For tests and people at the emulator: whatever its state, unless it was deleted."""
        return next((room for room in self.rooms.values() if room.name == name and not room.is_deleted), None)

    def rename(self, by: str, room_id: str, name: str) -> None:
        with self._lock:
            room = self._writable(by, room_id)
            require_name(name)
            if self._is_taken(name):
                raise ChatRefused("name_taken")
            room.previous_names.append(room.name)
            room.name = name
            channel = {"id": room.id, "name": name, "created": int((room.created - EPOCH).total_seconds())}
            self._tell(room, {"type": _kind(room) + "_rename", "channel": channel})

    def archive(self, by: str, room_id: str) -> None:
        """A public room loses its members, for good; a private one keeps them."""
        with self._lock:
            room = self.room(by, room_id)
            if room.is_archived:
                raise ChatRefused("already_archived")
            self._inside(by, room_id)
            room.is_archived = True
            self._tell(room, {"type": _kind(room) + "_archive", "channel": room.id, "user": by})
            if not room.is_private:
                room.members.clear()

    def unarchive(self, by: str, room_id: str) -> None:
        """Whoever does it is inside then."""
        with self._lock:
            room = self.room(by, room_id)
            if self.users[by].is_bot:
                raise ChatRefused("not_in_channel")
            if not room.is_archived:
                raise ChatRefused("not_archived")
            room.is_archived = False
            if by not in room.members:
                room.members.append(by)
            self._tell(room, {"type": _kind(room) + "_unarchive", "channel": room.id, "user": by})

    def delete_room(self, by: str, room_id: str) -> None:
        """For administrators, in the app: the one way by which a name comes free."""
        with self._lock:
            room = self.room(by, room_id)
            room.is_deleted = True
            self._tell(room, {"type": _kind(room) + "_deleted", "channel": room.id})

    def set_topic(self, by: str, room_id: str, topic: str) -> None:
        with self._lock:
            room = self._writable(by, room_id)
            room.topic = self._told(by, topic)
            ts = self._said_by_slack(room, by, "channel_topic", f"<@{by}> set the channel topic: {room.topic.value}")
            event = {"type": "message", "subtype": "channel_topic", "user": by, "channel": room.id}
            self._tell(room, event | {"topic": room.topic.value, "ts": ts})

    def set_purpose(self, by: str, room_id: str, purpose: str) -> None:
        with self._lock:
            room = self._writable(by, room_id)
            room.purpose = self._told(by, purpose)

    # --- who is inside -----------------------------------------------------------------------------------------

    def join(self, by: str, room_id: str) -> None:
        with self._lock:
            room = self.room(by, room_id)
            if room.is_archived:
                raise ChatRefused("is_archived")
            if by not in room.members:
                self._admit(room, by)

    def invite(self, by: str, room_id: str, users: Sequence[str]) -> None:
        """All or nobody."""
        with self._lock:
            room = self._writable(by, room_id)
            if not users:
                raise ChatRefused("no_user")
            if len(users) > INVITED_LIMIT:
                raise ChatRefused("too_many_users")
            errors = {user: why for user in users if (why := self._why_not(by, room, user))}
            if errors:
                raise ChatRefused(next(iter(errors.values())), errors if self.names_the_blamed else None)
            for user in users:
                self._admit(room, user)

    def leave(self, user: str, room_id: str) -> None:
        with self._lock:
            room = self._inside(user, room_id)
            room.members.remove(user)
            self._tell(room, {"type": "member_left_channel", "user": user, "channel": room.id})

    def remove(self, by: str, room_id: str, user: str) -> None:
        self._inside(by, room_id)
        self.leave(user, room_id)

    # --- rules -------------------------------------------------------------------------------------------------

    def _inside(self, by: str, room_id: str) -> ChatRoom:
        room = self.room(by, room_id)
        if by not in room.members:
            raise ChatRefused("not_in_channel")
        return room

    def _writable(self, by: str, room_id: str, closed: str = "is_archived") -> ChatRoom:
        """closed: what who writes into an archived room is told, inside or not."""
        room = self.room(by, room_id)
        if room.is_archived:
            raise ChatRefused(closed)
        return self._inside(by, room_id)

    def _is_taken(self, name: str) -> bool:
        return any(room.name == name and not room.is_deleted for room in self.rooms.values())

    def _why_not(self, by: str, room: ChatRoom, user_id: str) -> str:
        user = self.users.get(user_id)
        if user is None:
            return "user_not_found"
        if user_id == by:
            return "cant_invite_self"
        if user_id in room.members:
            return "already_in_channel"
        if user.deleted:
            return "cant_invite"
        return "user_is_restricted" if user.is_guest else user.refused_as

    def _admit(self, room: ChatRoom, user: str) -> None:
        room.members.append(user)
        self._said_by_slack(room, user, "channel_join", f"<@{user}> has joined the channel")
        self._tell(room, {"type": "member_joined_channel", "user": user, "channel": room.id, "team": self.team_id})

    def _told(self, by: str, text: str) -> Told:
        kept = as_slack_keeps_it(text, linkify=False)
        if utf16(kept) > TOPIC_LIMIT:
            raise ChatRefused("too_long")
        return Told(as_slack_keeps_it(text, linkify=True), by, int((self.clock.now() - EPOCH).total_seconds()))

    def _said_by_slack(self, room: ChatRoom, user: str, subtype: str, text: str) -> str:
        message = ChatMessage(self._ts(), user, text, self.users[user].is_bot, subtype)
        room.messages.append(message)
        return message.ts

    def _tell(self, room: ChatRoom, event: dict[str, Any]) -> None:
        """An app hears of rooms that its bot is in, and of public ones that they are archived, renamed or deleted."""
        is_about_room = str(event["type"]).startswith(("channel_", "group_"))
        if self.bot.id in room.members or (is_about_room and not room.is_private):
            self.outbox.emit(event | {"event_ts": event.get("ts") or self._ts()})

    def _ts(self) -> str:
        """Now, but never the same twice: a message's time is its id."""
        after = moment_of(self._last_ts) + timedelta(microseconds=1)
        self._last_ts = ts_of(max(self.clock.now(), after))
        return self._last_ts

    def _id(self, letter: str) -> str:
        self._numbers += 1
        return f"{letter}{self._numbers:08d}"


def _is_closed(room: ChatRoom) -> bool:
    return room.is_private or bool(room.im_with)


def _kind(room: ChatRoom) -> str:
    return "group" if room.is_private else "channel"
