"""A workspace's rules without HTTP: who may do what in which room, and what everybody then sees.

The app and people act by the same methods, each as `by`; what only a token or HTTP can break is in `slack.py`. Refusals are
ChatRefused with Slack's own words. Several threads may use a model; it starts none, and time is its clock's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.chat.rooms import Rooms
from sandbox.chat.values import (
    BOOKMARKS_LIMIT,
    BOT_ID,
    EDITED_LIMIT,
    STATUS_LIMIT,
    TEXT_LIMIT,
    ChatBookmark,
    ChatMessage,
    ChatRefused,
    ChatRoom,
    ChatUser,
    as_people_type_it,
    as_slack_keeps_it,
    is_broadcast,
    require_blocks,
    utf16,
)


@dataclass(slots=True)
class ChatModel(Rooms):
    # --- what is said ------------------------------------------------------------------------------------------

    def say(self, by: str, room_id: str, text: str, thread_ts: str = "") -> str:
        """A person types it: everything is escaped, nothing is a command."""
        return self.post(by, room_id, as_people_type_it(text), thread_ts=thread_ts).ts

    def post(
        self, by: str, room_id: str, text: str, *, blocks: list[Any] | None = None, metadata: dict[str, Any] | None = None,
        thread_ts: str = "",
    ) -> ChatMessage:  # fmt: skip
        """text: in Slack's markup, as it will be kept."""
        with self._lock:
            room = self._writable(by, room_id)
            self._require_words(text, blocks or [])
            is_bot = self.users[by].is_bot
            message = ChatMessage(self._ts(), by, text, is_bot, "", blocks or [], metadata, thread_ts)
            room.messages.append(message)
            self._note_broadcast(message)
            self._tell(room, _message_event(room, message) | {"ts": message.ts})
            return message

    def update(self, by: str, room_id: str, ts: str, text: str, blocks: list[Any], metadata: dict[str, Any] | None) -> None:
        with self._lock:
            room = self._writable(by, room_id, closed="is_inactive")
            message = self._message(room, ts)
            if message.user != by or message.subtype:
                raise ChatRefused("cant_update_message")
            self._require_words(text, blocks, EDITED_LIMIT)
            message.text, message.blocks, message.metadata = text, blocks, metadata
            message.edited_ts = self._ts()
            self._note_broadcast(message)
            event = {"type": "message", "subtype": "message_changed", "channel": room.id, "ts": message.edited_ts}
            self._tell(room, event | {"message": _message_event(room, message) | {"ts": ts}})

    def edit(self, by: str, room_id: str, ts: str, text: str) -> None:
        """A person edits what they said."""
        self.update(by, room_id, ts, as_people_type_it(text), [], None)

    def delete_message(self, by: str, room_id: str, ts: str) -> None:
        """Its author or an administrator."""
        with self._lock:
            room = self._writable(by, room_id)
            message = self._message(room, ts)
            if message.user != by and not self.users[by].is_admin:
                raise ChatRefused("cant_delete_message")
            room.messages.remove(message)
            room.pins = [pin for pin in room.pins if pin != ts]
            event = {"type": "message", "subtype": "message_deleted", "channel": room.id, "deleted_ts": ts}
            self._tell(room, event | {"ts": self._ts()})

    def react(self, by: str, room_id: str, ts: str, name: str) -> None:
        with self._lock:
            room = self._writable(by, room_id)
            people = self._message(room, ts).reactions.setdefault(name, [])
            if by in people:
                raise ChatRefused("already_reacted")
            people.append(by)
            self._tell(room, _reaction_event("reaction_added", room, by, ts, name))

    def unreact(self, by: str, room_id: str, ts: str, name: str) -> None:
        with self._lock:
            room = self._writable(by, room_id)
            reactions = self._message(room, ts).reactions
            if by not in reactions.get(name, []):
                raise ChatRefused("no_reaction")
            reactions[name].remove(by)
            if not reactions[name]:
                del reactions[name]
            self._tell(room, _reaction_event("reaction_removed", room, by, ts, name))

    def history(self, by: str, room_id: str) -> list[ChatMessage]:
        """What stands in the room itself, newest first. Archived rooms can be read."""
        messages = self._inside(by, room_id).messages
        return [message for message in reversed(messages) if message.thread_ts in ("", message.ts)]

    def thread(self, by: str, room_id: str, ts: str) -> list[ChatMessage]:
        """The message that this one belongs to and all answers to it, oldest first."""
        room = self._inside(by, room_id)
        message = room.message(ts)
        if message is None:
            raise ChatRefused("thread_not_found")
        first = message.thread_ts or ts
        return [found for found in room.messages if first in (found.ts, found.thread_ts)]

    def open_direct(self, by: str, user_id: str) -> ChatRoom:
        """The direct conversation of two, made when first needed."""
        with self._lock:
            user = self.users.get(user_id)
            if user is None or user_id == by:
                raise ChatRefused("channel_not_found")
            if user.is_bot:
                raise ChatRefused("cannot_dm_bot")
            known = (room for room in self.rooms.values() if room.im_with and set(room.members) == {by, user_id})
            room = next(known, None)
            if room is None:
                room = ChatRoom(self._id("D"), "", by, self.clock.now(), True, [by, user_id], user_id)
                self.rooms[room.id] = room
            return room

    # --- pins, bookmarks, people -------------------------------------------------------------------------------

    def pin(self, by: str, room_id: str, ts: str) -> None:
        with self._lock:
            room = self._writable(by, room_id)
            self._message(room, ts)
            if ts in room.pins:
                raise ChatRefused("already_pinned")
            room.pins.append(ts)

    def unpin(self, by: str, room_id: str, ts: str) -> None:
        with self._lock:
            room = self._writable(by, room_id)
            if ts not in room.pins:
                raise ChatRefused("no_pin")
            room.pins.remove(ts)

    def add_bookmark(self, by: str, room_id: str, title: str, link: str) -> ChatBookmark:
        with self._lock:
            room = self._writable(by, room_id)
            if not link.startswith(("https://", "http://")):
                raise ChatRefused("invalid_link")
            if len(room.bookmarks) >= BOOKMARKS_LIMIT:
                raise ChatRefused("too_many_bookmarks")
            bookmark = ChatBookmark(self._id("Bk"), as_slack_keeps_it(title, linkify=False), link)
            room.bookmarks.append(bookmark)
            return bookmark

    def edit_bookmark(self, by: str, room_id: str, bookmark_id: str, title: str, link: str) -> ChatBookmark:
        with self._lock:
            room = self._writable(by, room_id)
            bookmark = next((known for known in room.bookmarks if known.id == bookmark_id), None)
            if bookmark is None:
                raise ChatRefused("not_found")
            bookmark.title, bookmark.link = as_slack_keeps_it(title, linkify=False), link
            return bookmark

    def user_with_mail(self, mail: str) -> ChatUser:
        """Deactivated accounts are not found."""
        known = (user for user in self.users.values() if user.email and user.email.lower() == mail.lower())
        user = next((user for user in known if not user.deleted and not user.is_bot), None)
        if user is None:
            raise ChatRefused("users_not_found")
        return user

    def set_status(self, user_id: str, text: str, emoji: str, until: int) -> None:
        if utf16(text) > STATUS_LIMIT or (emoji and not (emoji.startswith(":") and emoji.endswith(":"))):
            raise ChatRefused("invalid_profile")
        user = self.users[user_id]
        user.status_text, user.status_emoji, user.status_until = as_slack_keeps_it(text, linkify=False), emoji, until

    # --- rules -------------------------------------------------------------------------------------------------

    def _message(self, room: ChatRoom, ts: str) -> ChatMessage:
        message = room.message(ts)
        if message is None:
            raise ChatRefused("message_not_found")
        return message

    def _require_words(self, text: str, blocks: list[Any], limit: int = TEXT_LIMIT) -> None:
        if not text.strip() and not blocks:
            raise ChatRefused("no_text")
        if utf16(text) > limit:
            raise ChatRefused("msg_too_long")
        require_blocks(blocks)

    def _note_broadcast(self, message: ChatMessage) -> None:
        sections = [block["text"]["text"] for block in message.blocks]
        if any(is_broadcast(text) for text in (message.text, *sections)):
            self.broadcasts.append(message)


def _message_event(room: ChatRoom, message: ChatMessage) -> dict[str, Any]:
    channel_type = "im" if room.im_with else "group" if room.is_private else "channel"
    event = {"type": "message", "channel": room.id, "user": message.user, "text": message.text, "channel_type": channel_type}
    event |= {"bot_id": BOT_ID} if message.is_bot else {}
    return event | ({"thread_ts": message.thread_ts} if message.thread_ts else {})


def _reaction_event(kind: str, room: ChatRoom, by: str, ts: str, name: str) -> dict[str, Any]:
    item = {"type": "message", "channel": room.id, "ts": ts}
    return {"type": kind, "user": by, "reaction": name, "item": item}
