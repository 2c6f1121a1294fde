"""Chat: rooms, what is said in them, and the people there. Slack provides it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from chalicelib.domain.rich_text import Text
from chalicelib.errors import PermanentError


class Setter(StrEnum):
    """Who set a topic last."""

    NOBODY = "nobody"
    US = "us"
    SOMEBODY = "somebody"


@dataclass(frozen=True, slots=True)
class Room:
    """A room as it is now.

    marker: which of our incidents it is for, by the room's description; "" when it says nothing.
    made_by_us: our account created it. topic: plain text; the vendor may have rewritten emojis, so compare `topic_by` first.
    link: opens it for a person who may see it. description: plain text, the marker included; "" when nobody wrote one.
    is_inside: our account is a member.
    """

    id: str
    name: str
    marker: str
    made_by_us: bool
    topic: str
    topic_by: Setter
    is_archived: bool
    is_private: bool
    link: str
    description: str = ""
    is_inside: bool = True

    def is_for(self, marker: str) -> bool:
        """The room is ours, for this marker: a name alone never proves it.

        What we created and had no time to mark counts; what we created and marked for another incident does not.
        """
        return self.marker == marker or (self.made_by_us and not self.marker)


@dataclass(frozen=True, slots=True)
class NotInvited:
    """why: in the vendor's words."""

    user_id: str
    why: str


@dataclass(frozen=True, slots=True)
class Post:
    """What to say. sections: paragraphs; where there are some, `text` is what notifications show of them."""

    text: Text
    sections: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageRef:
    room_id: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Reaction:
    """name: without colons ("pushpin"). by: user ids, in no order; a vendor may leave some out of a long list."""

    name: str
    by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RoomMessage:
    """What somebody said. by: user id, "" when a program said it. text: plain. marker: ours, "" on everybody else's.

    thread_id: the message it answers, "" when it stands in the room itself.
    """

    id: str
    at: datetime
    by: str
    text: str
    marker: str = ""
    thread_id: str = ""
    reactions: tuple[Reaction, ...] = ()


@dataclass(frozen=True, slots=True)
class Bookmark:
    title: str
    url: str


@dataclass(frozen=True, slots=True)
class PersonStatus:
    """emoji: a name without colons, or "". until: None for no end. Both texts empty: no status."""

    text: str = ""
    emoji: str = ""
    until: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        return self.until is not None and self.until <= now


@dataclass(frozen=True, slots=True)
class Identity:
    """Who we are at the chat. scopes: what we may do; None when the vendor does not tell."""

    user_id: str
    team_id: str
    team: str
    team_url: str
    scopes: frozenset[str] | None


class RefusedForGood(PermanentError):
    """The chat itself says that it will not do this; no strange answer of whatever stood in for it meanwhile."""


class NameTaken(PermanentError):
    """Another room has the name: perhaps archived, perhaps private and invisible to us."""


class Closed(StrEnum):
    ARCHIVED = "archived"
    GONE = "gone"
    NOT_INSIDE = "not inside"


class RoomClosed(PermanentError):
    """A human archived the room (ARCHIVED), deleted it or removed us from a private one (GONE), or from a public one."""

    def __init__(self, vendor: str, operation: str, message: str, why: Closed) -> None:
        super().__init__(vendor, operation, message)
        self.why = why


class Chat(Protocol):
    """Every operation tries each request once and raises TemporaryError or PermanentError.

    A refused token or a missing scope is TemporaryError(out_of_service=True) that says what to do: a human will repair it.
    Whatever writes to a room raises RoomClosed when a human closed it. Texts are cut to what the vendor takes. A marker is a
    key of ours that starts with "firebell:"; nobody sees a message's. Ids are the vendor's, and never change.
    """

    name: str

    @property
    def can_set_status(self) -> bool:
        """False where no token of a person is configured: then `set_status` is a PermanentError."""
        ...

    def who_am_i(self) -> Identity: ...

    def open_room(self, name: str, *, private: bool) -> Room:
        """Create a room without marker, and with us alone in it. Raises NameTaken, or PermanentError for a name not allowed."""
        ...

    def find_rooms(self, names: Collection[str], marker: str) -> tuple[Room, ...]:
        """The rooms of these exact names among those we are in, in no order; nothing after the one that bears the marker.

        One search for all of them, which may take several requests. Archived ones only where the vendor leaves us inside.
        """
        ...

    def read_room(self, room_id: str) -> Room | None:
        """None when it was deleted, or is private and we are not inside any more."""
        ...

    def mark_room(self, room_id: str, marker: str, words: str) -> None:
        """Write into the room's description what it is for (`words`), and our marker."""
        ...

    def set_topic(self, room_id: str, topic: str) -> None:
        """topic: plain text; addresses in it may be shown as links. Setting what is set is success."""
        ...

    def invite(self, room_id: str, user_ids: Sequence[str]) -> tuple[NotInvited, ...]:
        """Invite everybody who can be; return who could not. Being inside already is success."""
        ...

    def members(self, room_id: str) -> frozenset[str]:
        """User ids, us included. RoomClosed when the room is gone. A vendor may take all members out of a room it archives."""
        ...

    def join(self, room_id: str) -> None:
        """Enter a public room; being inside is success. RefusedForGood for any other room."""
        ...

    def archive(self, room_id: str) -> None:
        """Archiving what is archived or gone is success. RefusedForGood where only others may."""
        ...

    def post(self, room_id: str, post: Post, marker: str) -> str:
        """Say something; return the message's id. Not idempotent: look with `find_message` before repeating it."""
        ...

    def find_message(self, room_id: str, marker: str, since: datetime | None = None) -> str | None:
        """The newest message of ours in the room itself with this marker, as far back as `since`."""
        ...

    def edit_message(self, room_id: str, message_id: str, post: Post, marker: str) -> bool:
        """Replace a message of ours. False when a human deleted it."""
        ...

    def pin(self, room_id: str, message_id: str) -> bool:
        """Pin a message; pinned already is success. False when a human deleted it."""
        ...

    def direct_message(self, user_id: str, post: Post, marker: str) -> MessageRef:
        """Say something to one person. Edited like any other message. PermanentError when they cannot be written to."""
        ...

    def find_direct_message(self, user_id: str, marker: str, since: datetime | None = None) -> MessageRef | None: ...

    def read_bookmarks(self, room_id: str) -> tuple[Bookmark, ...]: ...

    def put_bookmark(self, room_id: str, title: str, url: str) -> bool:
        """One bookmark under this title with this address. False when there was nothing to do."""
        ...

    def find_user_by_mail(self, mail: str) -> str | None:
        """None when nobody, or only a deactivated account, has this address."""
        ...

    def name_of(self, user_id: str) -> str | None:
        """What people call them there; None for a person that the chat does not know."""
        ...

    def read_status(self, user_id: str) -> PersonStatus | None:
        """None for a person that the chat does not know."""
        ...

    def set_status(self, user_id: str, status: PersonStatus) -> None: ...

    def messages(self, room_id: str, since: datetime) -> tuple[RoomMessage, ...]:
        """What was said in the room after `since`, with all answers in threads that began after it, and with reactions.

        Oldest first. Of very many threads only those answered last.
        RoomClosed when the room is gone or we are not inside; an archived room can be read where we still are.
        """
        ...

    def read_message(self, room_id: str, message_id: str) -> RoomMessage | None:
        """One message as it is now, in a thread or not; None when it was deleted."""
        ...
