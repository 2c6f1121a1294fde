"""What everything in an incident's chat room has in common: where it is, how it is found again, and what may be said there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from chalicelib.artifacts.artifact import Content, Made, Scene, Spec
from chalicelib.artifacts.seen import check_no_secret
from chalicelib.domain.alias import PREFIX
from chalicelib.domain.incident import Incident
from chalicelib.ports.chat import Chat, Closed, Room, RoomClosed
from chalicelib.ports.tickets import Tickets

ROOM, CALL, DOCUMENT = "chat_room", "video_call", "state_document"
"""Artifacts, and the link fields of the same names."""

INSIDE, ARCHIVE, MEMBERS = "inside", "archive", "members"
"""Artifacts: whether we are in the room, that it is archived at last, and who was invited to it."""

Words = TypeVar("Words")


def marker_of(incident: Incident, *parts: str) -> str:
    """firebell:<issue id>:<part>...; of the room itself without parts."""
    return ":".join((PREFIX, incident.id, *parts))


@dataclass(frozen=True, slots=True)
class Presence:
    """How we are in the room. opened: how often it was open to us again after it was not. emptied: how often it was then empty,
    as far as anybody knows. closed: why it is not open to us now; None while it is."""

    opened: int = 0
    emptied: int = 0
    closed: Closed | None = None

    @classmethod
    def parse(cls, text: str) -> Presence:
        opened, emptied, closed = text.split(" ", 2)
        return cls(int(opened), int(emptied), Closed(closed) if closed != _OPEN else None)

    def __str__(self) -> str:
        return f"{self.opened} {self.emptied} {self.closed or _OPEN}"

    def back(self, room: Room) -> Presence:
        """We are inside: again, if we were not. A private room keeps its people whatever becomes of it."""
        if self.closed is None:
            return self
        return Presence(self.opened + 1, self.emptied + (not room.is_private))


_OPEN = "open"


def presence_of(scene: Scene) -> Presence:
    """As we have seen it last."""
    record = scene.records.get(INSIDE)
    return Presence.parse(record.vendor_id) if record is not None and record.vendor_id else Presence()


def room_of(scene: Scene) -> str | None:
    """The room's id; None while there is none, or it is closed to us."""
    return scene.id_of(ROOM) if presence_of(scene).closed is None else None


def again_when_opened(spec: Spec[Content], scene: Scene) -> Spec[Content]:
    """What found the room closed is tried again once it is open."""
    opened = presence_of(scene).opened
    return replace(spec, if_closed=f"{spec.fingerprint} {opened}") if opened else spec


@dataclass(frozen=True, slots=True)
class InRoom(Generic[Words]):
    """words: for a room that only those inside can read, or for an incident that is no secret. discreet: for any room."""

    room_id: str
    words: Words
    discreet: Words

    def fitting(self, chat: Chat, tickets: Tickets, incident: Incident) -> Words:
        """What may be said there now. Looks at the room only where it matters: a public one can be made private, by hand.

        Raises TemporaryError where the incident has become private since this pass read it.
        """
        check_no_secret(tickets, incident)
        if self.words == self.discreet:
            return self.words
        room = chat.read_room(self.room_id)
        return self.words if room is not None and room.is_private else self.discreet


def in_room(scene: Scene, words: Words, discreet: Words) -> InRoom[Words] | None:
    """None while there is no room, or it is closed to us."""
    room_id = room_of(scene)
    if room_id is None:
        return None
    return InRoom(room_id, words, discreet if scene.incident.is_private else words)


def unless_closed(act: Callable[[], Made | None]) -> Made | None:
    """None as well when a human closed the room, or put us out of it: then nothing is tried there until facts change."""
    try:
        return act()
    except RoomClosed:
        return None


def said_already(chat: Chat, room_id: str, incident: Incident, name: str) -> Made | None:
    """The message that a try whose answer was lost may have left."""

    def look() -> Made | None:
        found = chat.find_message(room_id, marker_of(incident, name))
        return Made(found) if found is not None else None

    return unless_closed(look)
