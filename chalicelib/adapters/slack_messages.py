"""Messages at Slack: said, found again, edited, pinned, and read back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

from chalicelib.adapters.slack_calls import ROOMS_PER_PAGE, SlackCalls, raise_closed
from chalicelib.adapters.slack_http import VENDOR, SlackRefused
from chalicelib.adapters.slack_text import message
from chalicelib.adapters.slack_values import marker_of, message_of, metadata_of
from chalicelib.errors import PermanentError
from chalicelib.intake.slack_notation import ts_of
from chalicelib.ports.chat import MessageRef, Post, RoomClosed, RoomMessage

T = TypeVar("T")

MESSAGES_PER_PAGE = "200"
THREADS_READ = 40
"""Threads whose answers are read at once, those answered last: Slack lets each method be asked some fifty times a minute."""
_NO_MESSAGE = ("message_not_found", "thread_not_found")


class SlackMessages(SlackCalls):
    def post(self, room_id: str, post: Post, marker: str) -> str:
        return self._post("post", room_id, post, marker).message_id

    def find_message(self, room_id: str, marker: str, since: datetime | None = None) -> str | None:
        us = self._ourselves()

        def take(found: Any) -> str | None:
            return str(found["ts"]) if marker_of(found, us) == marker else None

        found = self._history("find_message", room_id, since, take)
        return next((message_id for message_id in found if message_id is not None), None)

    def edit_message(self, room_id: str, message_id: str, post: Post, marker: str) -> bool:
        body = {"channel": room_id, "ts": message_id, **message(post, is_edit=True), "metadata": metadata_of(marker)}
        return self._write_to_message("edit_message", "chat.update", body)

    def pin(self, room_id: str, message_id: str) -> bool:
        body = {"channel": room_id, "timestamp": message_id}
        return self._write_to_message("pin", "pins.add", body, also_fine=("already_pinned",))

    def direct_message(self, user_id: str, post: Post, marker: str) -> MessageRef:
        try:
            return self._post("direct_message", user_id, post, marker)
        except RoomClosed as error:
            raise PermanentError(VENDOR, "direct_message", f"{user_id} cannot be written to: {error.message}") from None

    def find_direct_message(self, user_id: str, marker: str, since: datetime | None = None) -> MessageRef | None:
        """Two lists: Slack opens a conversation when it is first written in, and tells its id only then or here."""

        def take(channel: Any) -> str | None:
            return str(channel["id"]) if channel.get("user") == user_id else None

        query = {"types": "im", "limit": ROOMS_PER_PAGE}
        rooms = self._http.pages("find_direct_message", "users.conversations", query, "channels", take)
        room_id = next((room_id for room_id in rooms if room_id is not None), None)
        found = self.find_message(room_id, marker, since) if room_id is not None else None
        return MessageRef(room_id, found) if room_id is not None and found is not None else None

    def messages(self, room_id: str, since: datetime) -> tuple[RoomMessage, ...]:
        us = self._ourselves()
        answered: dict[str, float] = {}

        def take(told: Any) -> RoomMessage | None:
            if told.get("latest_reply"):
                answered[str(told["ts"])] = float(told["latest_reply"])
            return message_of(told, us)

        found = {said.id: said for said in self._history("messages", room_id, since, take) if said is not None}
        for thread_id in sorted(answered, key=lambda ts: answered[ts], reverse=True)[:THREADS_READ]:
            found |= {said.id: said for said in self._thread("messages", room_id, thread_id) if said is not None}
        return tuple(sorted(found.values(), key=lambda said: (said.at, said.id)))

    def read_message(self, room_id: str, message_id: str) -> RoomMessage | None:
        """By way of its thread: a room's history shows no answers in threads; a thread's shows lone messages as well."""
        us = self._ourselves()
        query = {
            "channel": room_id,
            "ts": message_id,
            "oldest": message_id,
            "latest": message_id,
            "inclusive": "true",
            "limit": MESSAGES_PER_PAGE,
            "include_all_metadata": "true",
        }

        def take(answer: Any) -> RoomMessage | None:
            # The thread's first message comes along, whatever was asked for.
            return next((message_of(told, us) for told in answer["messages"] if told["ts"] == message_id), None)

        try:
            return self._http.read("read_message", "conversations.replies", query, take)
        except SlackRefused as error:
            if error.code in _NO_MESSAGE:
                return None
            raise_closed("read_message", error)

    def _history(self, operation: str, room_id: str, since: datetime | None, take: Callable[[Any], T]) -> Iterator[T]:
        """Newest first, as far back as `since`, which itself is left out."""
        query = {"channel": room_id, "limit": MESSAGES_PER_PAGE, "include_all_metadata": "true"}
        if since is not None:
            query["oldest"] = ts_of(since)
        try:
            yield from self._http.pages(operation, "conversations.history", query, "messages", take)
        except SlackRefused as error:
            raise_closed(operation, error)

    def _thread(self, operation: str, room_id: str, thread_id: str) -> Iterator[RoomMessage | None]:
        """What it answers comes along. Nothing where it was deleted meanwhile."""
        us = self._ourselves()
        query = {"channel": room_id, "ts": thread_id, "limit": MESSAGES_PER_PAGE, "include_all_metadata": "true"}
        try:
            yield from self._http.pages(
                operation, "conversations.replies", query, "messages", lambda told: message_of(told, us)
            )
        except SlackRefused as error:
            if error.code not in _NO_MESSAGE:
                raise_closed(operation, error)

    def _post(self, operation: str, channel: str, post: Post, marker: str) -> MessageRef:
        body = {
            "channel": channel,
            **message(post),
            "metadata": metadata_of(marker),
            "unfurl_links": False,
            "unfurl_media": False,
        }

        def take(answer: Any) -> MessageRef:
            return MessageRef(str(answer["channel"]), str(answer["ts"]))

        try:
            return self._http.write(operation, "chat.postMessage", body, take)
        except SlackRefused as error:
            raise_closed(operation, error)

    def _write_to_message(
        self, operation: str, method: str, body: Mapping[str, object], *, also_fine: tuple[str, ...] = ()
    ) -> bool:
        """False when the message is not there any more."""
        try:
            self._write_in(operation, method, body, also_fine=also_fine)
        except SlackRefused as error:
            if error.code in _NO_MESSAGE:
                return False
            raise
        return True
