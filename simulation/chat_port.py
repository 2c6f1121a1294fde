"""Chat, simulated: the real Slack adapter over the workspace's model, behind the wire. None of Slack's rules stands here.

What no artifact calls yet is not on the wire.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import TypeVar

from chalicelib.domain.rich_text import plain
from chalicelib.errors import TemporaryError
from chalicelib.ports.chat import NotInvited, Post, Room
from sandbox.chat.model import ChatModel
from simulation.places_watch import ROOM, PlaceWatch
from simulation.slack_inside import SlackInside
from simulation.wire import Wire, operation

T = TypeVar("T")


class ModelChat(SlackInside):
    def __init__(self, model: ChatModel, wire: Wire, sees: PlaceWatch) -> None:
        super().__init__(model)
        self._wire, self._sees, self._model = wire, sees, model

    def open_room(self, name: str, *, private: bool) -> Room:
        issue_id = self._sees.of_name(name)
        honest = super().open_room

        def create() -> Room:
            self._sees.wrote(issue_id, f"the room {name}")
            room = honest(name, private=private)
            self._sees.made(issue_id, ROOM, self._wire.loop.now_ms, room.id, room.link, name)
            return room

        return self._call("open_room", issue_id, create)

    def find_rooms(self, names: Collection[str], marker: str) -> tuple[Room, ...]:
        honest = super().find_rooms
        return self._call("find_rooms", self._sees.of_name(next(iter(names), "")), lambda: honest(names, marker))

    def read_room(self, room_id: str) -> Room | None:
        honest = super().read_room

        def look() -> Room | None:
            running = self._wire.loop.running
            if running is not None:
                running.notes[f"read {room_id}"] = self._wire.loop.now_ms
            return honest(room_id)

        return self._call("read_room", self._sees.of_room(room_id), look)

    def mark_room(self, room_id: str, marker: str, words: str) -> None:
        honest = super().mark_room
        self._write("mark_room", room_id, lambda: honest(room_id, marker, words), words=words)

    def set_topic(self, room_id: str, topic: str) -> None:
        issue_id, honest = self._sees.of_room(room_id), super().set_topic

        def put() -> None:
            before = self._model.rooms[room_id].topic
            honest(room_id, topic)  # a room that we are not in keeps its own
            if issue_id is not None:
                self._sees.checks.sets_topic(issue_id, room_id, before, topic)
                self._sees.of(issue_id).topics[room_id] = (self._wire.loop.now_ms, topic)

        self._write("set_topic", room_id, put, words=topic)

    def invite(self, room_id: str, user_ids: Sequence[str]) -> tuple[NotInvited, ...]:
        issue_id, honest = self._sees.of_room(room_id), super().invite

        def admit(chosen: Sequence[str]) -> tuple[NotInvited, ...]:
            self._sees.wrote(issue_id, f"an invitation into {room_id}")
            outside = set(chosen) - set(self._model.rooms[room_id].members)
            refused = honest(room_id, chosen)
            if issue_id is not None:
                self._sees.checks.invited(issue_id, room_id, sorted(outside - {one.user_id for one in refused}))
            return refused

        def some_of_them() -> tuple[NotInvited, ...]:
            admit(user_ids[: len(user_ids) // 2])
            raise TemporaryError("slack", "invite", "the first were invited, then nothing")

        return self._call("invite", issue_id, lambda: admit(user_ids), part=some_of_them)

    def join(self, room_id: str) -> None:
        honest = super().join
        self._write("join", room_id, lambda: honest(room_id))

    def archive(self, room_id: str) -> None:
        issue_id, honest = self._sees.of_room(room_id), super().archive

        def close() -> None:
            honest(room_id)
            if issue_id is not None:
                self._sees.of(issue_id).archived = True

        self._write("archive", room_id, close)

    def post(self, room_id: str, post: Post, marker: str) -> str:
        issue_id, honest = self._sees.of_room(room_id), super().post

        def say() -> str:
            said = honest(room_id, post, marker)
            if issue_id is not None:
                self._sees.checks.said(issue_id, room_id, marker, _words(post))
                self._sees.of(issue_id).said[room_id, marker] += 1
            return said

        return self._write("post", room_id, say, about=marker)

    def find_message(self, room_id: str, marker: str, since: datetime | None = None) -> str | None:
        honest = super().find_message
        return self._call("find_message", self._sees.of_room(room_id), lambda: honest(room_id, marker, since))

    def edit_message(self, room_id: str, message_id: str, post: Post, marker: str) -> bool:
        honest = super().edit_message
        return self._write(
            "edit_message", room_id, lambda: honest(room_id, message_id, post, marker), words=_words(post), about=marker
        )

    def pin(self, room_id: str, message_id: str) -> bool:
        honest = super().pin
        return self._write("pin", room_id, lambda: honest(room_id, message_id))

    def put_bookmark(self, room_id: str, title: str, url: str) -> bool:
        honest = super().put_bookmark
        return self._write("put_bookmark", room_id, lambda: honest(room_id, title, url), about=title)

    def find_user_by_mail(self, mail: str) -> str | None:
        honest = super().find_user_by_mail
        return self._call("find_user_by_mail", None, lambda: honest(mail))

    def _write(self, method: str, room_id: str, effect: Callable[[], T], *, words: str = "", about: str | None = None) -> T:
        issue_id = self._sees.of_room(room_id)

        def write() -> T:
            self._sees.wrote(issue_id, f"{method} in {room_id}")
            done = effect()
            if issue_id is not None and words:
                self._sees.checks.said(issue_id, room_id, "", words)
            return done

        return self._call(method, issue_id, write, about=about and f"{room_id} {about}")

    def _call(
        self,
        method: str,
        issue_id: str | None,
        effect: Callable[[], T],
        *,
        part: Callable[[], T] | None = None,
        about: str | None = None,
    ) -> T:
        self._sees.calls += 1
        return self._wire.call(operation("slack", method), issue_id, effect, part=part, about=about)


def _words(post: Post) -> str:
    return "\n".join(plain(text) for text in (post.text, *post.sections))
