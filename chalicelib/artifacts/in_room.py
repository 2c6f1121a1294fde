"""What everything in an incident's chat room has in common: where it is, how it is found again, and what may be said there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from chalicelib.artifacts.artifact import Made, Scene
from chalicelib.artifacts.seen import check_no_secret
from chalicelib.domain.alias import PREFIX
from chalicelib.domain.incident import Incident
from chalicelib.ports.chat import Chat, RoomClosed
from chalicelib.ports.tickets import Tickets

ROOM, CALL, DOCUMENT = "chat_room", "video_call", "state_document"
"""Artifacts, and the link fields of the same names."""

Words = TypeVar("Words")


def marker_of(incident: Incident, *parts: str) -> str:
    """firebell:<issue id>:<part>...; of the room itself without parts."""
    return ":".join((PREFIX, incident.id, *parts))


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
    """None while there is no room."""
    room_id = scene.id_of(ROOM)
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
