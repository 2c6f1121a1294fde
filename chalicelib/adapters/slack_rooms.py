"""Rooms at Slack: channels, who is in them, and their bookmarks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from chalicelib.adapters.slack_calls import ROOMS_PER_PAGE, SlackCalls, is_closed, raise_closed
from chalicelib.adapters.slack_http import VENDOR, SlackRefused
from chalicelib.adapters.slack_text import topic as topic_for_slack
from chalicelib.adapters.slack_values import purpose_of, room_of
from chalicelib.errors import PermanentError
from chalicelib.intake.slack_notation import unescape
from chalicelib.ports.chat import Bookmark, NameTaken, NotInvited, Room

MEMBERS_PER_PAGE = "999"
INVITED_AT_ONCE = 100
_NAME_RULES = "lower-case letters, digits, - and _, at most 80"

_INSIDE = frozenset(("already_in_channel", "cant_invite_self"))
_ABOUT_SOMEBODY = _INSIDE | frozenset(
    ("user_not_found", "no_user", "cant_invite", "user_is_bot", "user_is_restricted", "user_is_ultra_restricted",
     "ura_max_channels", "org_user_not_in_team", "no_external_invite_permission", "invitee_cant_see_channel")
)  # fmt: skip
"""Refusals of an invitation that one of the invited is to blame for, also where Slack names nobody."""


class SlackRooms(SlackCalls):
    def open_room(self, name: str, *, private: bool) -> Room:
        us = self._ourselves()
        body = {"name": name, "is_private": private}
        try:
            return self._http.write("open_room", "conversations.create", body, lambda answer: room_of(answer["channel"], us))
        except SlackRefused as error:
            if error.code == "name_taken":
                raise NameTaken(VENDOR, "open_room", f"another room is called {name}") from None
            if error.code.startswith("invalid_name"):
                raise PermanentError(VENDOR, "open_room", f"{error.code}: {name!r} is no name: {_NAME_RULES}") from None
            raise

    def find_rooms(self, names: Collection[str], marker: str) -> tuple[Room, ...]:
        """Slack finds no room by its name, so this reads the list of those that we are in, until one bears the marker.

        Not that of all: a big workspace has more of it than Slack hands out in the minute after which we begin anew.
        """
        us = self._ourselves()

        def take(channel: Any) -> Room | None:
            return room_of(channel, us) if channel.get("name") in names else None

        query = {"types": "public_channel,private_channel", "exclude_archived": "false", "limit": ROOMS_PER_PAGE}
        found: list[Room] = []
        for room in self._http.pages("find_rooms", "users.conversations", query, "channels", take):
            if room is not None:
                found.append(room)
                if room.marker == marker:
                    break
        return tuple(found)

    def read_room(self, room_id: str) -> Room | None:
        us = self._ourselves()
        query = {"channel": room_id}
        try:
            return self._http.read("read_room", "conversations.info", query, lambda answer: room_of(answer["channel"], us))
        except SlackRefused as error:
            if error.code == "channel_not_found":
                return None
            raise

    def mark_room(self, room_id: str, marker: str, words: str) -> None:
        purpose = purpose_of(marker, words)
        self._write_in("mark_room", "conversations.setPurpose", {"channel": room_id, "purpose": purpose})

    def set_topic(self, room_id: str, topic: str) -> None:
        self._write_in("set_topic", "conversations.setTopic", {"channel": room_id, "topic": topic_for_slack(topic)})

    def archive(self, room_id: str) -> None:
        done = ("already_archived", "is_archived", "channel_not_found")
        self._write_in("archive", "conversations.archive", {"channel": room_id}, also_fine=done)

    def join(self, room_id: str) -> None:
        self._write_in("join", "conversations.join", {"channel": room_id})

    def members(self, room_id: str) -> frozenset[str]:
        query = {"channel": room_id, "limit": MEMBERS_PER_PAGE}
        try:
            return frozenset(self._http.pages("members", "conversations.members", query, "members", str))
        except SlackRefused as error:
            raise_closed("members", error)

    def invite(self, room_id: str, user_ids: Sequence[str]) -> tuple[NotInvited, ...]:
        wanted = [user_id for user_id in dict.fromkeys(user_ids) if user_id]
        refused: dict[str, str] = {}
        for start in range(0, len(wanted), INVITED_AT_ONCE):
            refused |= self._invite_batch(room_id, wanted[start : start + INVITED_AT_ONCE])
        return tuple(NotInvited(user_id, why) for user_id, why in refused.items() if why not in _INSIDE)

    def _invite_batch(self, room_id: str, batch: Sequence[str]) -> dict[str, str]:
        """Invite who can be; return who was refused, and why.

        One bad id fails the whole batch. Slack names those to blame, and the rest is invited without them; where it names
        nobody, the batch is halved until one is left.
        """
        body = {"channel": room_id, "users": ",".join(batch)}
        try:
            self._http.write("invite", "conversations.invite", body, lambda _: None)
        except SlackRefused as error:
            blamed = _blamed(error, batch)
        else:
            return {}
        if blamed:
            rest = [user_id for user_id in batch if user_id not in blamed]
            return blamed | (self._invite_batch(room_id, rest) if rest else {})
        middle = len(batch) // 2
        return self._invite_batch(room_id, batch[:middle]) | self._invite_batch(room_id, batch[middle:])

    def read_bookmarks(self, room_id: str) -> tuple[Bookmark, ...]:
        return tuple(bookmark for _, bookmark in self._bookmarks("read_bookmarks", room_id))

    def put_bookmark(self, room_id: str, title: str, url: str) -> bool:
        known = next((known for known in self._bookmarks("put_bookmark", room_id) if known[1].title == title), None)
        if known is None:
            body = {"channel_id": room_id, "title": title, "type": "link", "link": url}
            self._write_in("put_bookmark", "bookmarks.add", body)
            return True
        bookmark_id, bookmark = known
        if bookmark.url == url:
            return False
        body = {"channel_id": room_id, "bookmark_id": bookmark_id, "title": title, "link": url}
        self._write_in("put_bookmark", "bookmarks.edit", body)
        return True

    def _bookmarks(self, operation: str, room_id: str) -> tuple[tuple[str, Bookmark], ...]:
        """Each with Slack's id of it. Titles are escaped as everything that people type."""

        def take(answer: Any) -> tuple[tuple[str, Bookmark], ...]:
            return tuple(
                (str(found["id"]), Bookmark(unescape(str(found["title"])), unescape(str(found.get("link") or ""))))
                for found in answer["bookmarks"]
            )

        try:
            return self._http.read(operation, "bookmarks.list", {"channel_id": room_id}, take)
        except SlackRefused as error:
            raise_closed(operation, error)


def _blamed(error: SlackRefused, batch: Sequence[str]) -> dict[str, str]:
    """Whom of the batch Slack names, and why, whatever its word for that; nobody when it names none of several.

    Raises when the room is to blame.
    """
    named = {user_id: why for user_id, why in error.by_user.items() if user_id in batch and not is_closed(why)}
    if named:
        return named
    if error.code not in _ABOUT_SOMEBODY:
        raise_closed("invite", error)
    return {batch[0]: error.code} if len(batch) == 1 else {}
