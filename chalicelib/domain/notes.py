"""Notes: what people, and what Firebell learns, put down about an incident while it goes on; the timeline shows them.

A note's id says where it came from and is the same however often it is told: "slack:<room>:<message>" of a marked message,
"slack-command:<trigger>", "jira:<comment>", "order:<comment>" and "change:<service>:<content>". Whoever tells it again
changes or repeats it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from chalicelib.domain.codec import cut
from chalicelib.domain.wiki_text import Names
from chalicelib.errors import UnreadableEvent

TEXT_LIMIT = 2_000
BY_LIMIT = 120
NOTES_LIMIT = 300
"""Notes that an incident can have. They are read together with its pages, which must not grow slow."""

ORDERS_LIMIT = 100
"""Orders among them: these are taken also where there are too many notes already."""


class Source(StrEnum):
    MARKED = "marked"  # a message in the room that somebody marked
    COMMAND = "command"
    COMMENT = "comment"
    CHANGE = "change"  # somebody changed the service, and their CI told us
    ORDER = "order"  # a comment that orders an update, or agrees to one (see `domain.ordered`)


@dataclass(frozen=True, slots=True)
class Note:
    """at: aware UTC, when it was said or done. by: as people call them, "" when nobody knows. link: where it stands, or "".

    facts: what else its source knows of it, in order of their names.
    """

    id: str
    at: datetime
    by: str
    text: str
    source: Source
    link: str = ""
    facts: tuple[tuple[str, str], ...] = ()


_NAME = "name:"


def facts_of_names(names: Names) -> tuple[tuple[str, str], ...]:
    """As what a note's source knows of it: of whom its text mentions."""
    return tuple((f"{_NAME}{account_id}", name) for account_id, name in names)


def names_in(note: Note) -> Names:
    return tuple((fact.removeprefix(_NAME), name) for fact, name in note.facts if fact.startswith(_NAME))


def bounded(note: Note) -> Note:
    """As it is kept. Bounding twice changes nothing. An order is bounded by whoever reads it, since it is published whole."""
    text = note.text if note.source is Source.ORDER else cut(note.text, TEXT_LIMIT)
    return replace(note, text=text, by=cut(note.by, BY_LIMIT), link=note.link[:TEXT_LIMIT])


def in_order(notes: Iterable[Note]) -> tuple[Note, ...]:
    return tuple(sorted(notes, key=lambda note: (note.at, note.id)))


def of_message(room_id: str, message_id: str) -> str:
    """The id of the note that a marked message is."""
    return f"{of_room(room_id)}{message_id}"


def of_room(room_id: str) -> str:
    """How the ids of all marked messages of a room begin."""
    return f"slack:{room_id}:"


COMMENT_PREFIX, ORDER_PREFIX = "jira:", "order:"


def note_to_json(note: Note) -> dict[str, Any]:
    kept = bounded(note)
    told: dict[str, Any] = {
        "id": kept.id,
        "at": kept.at.astimezone(UTC).isoformat(),
        "by": kept.by,
        "text": kept.text,
        "source": kept.source.value,
        "link": kept.link,
        "facts": dict(kept.facts),
    }
    return {name: value for name, value in told.items() if value}


def note_from_json(stored: Mapping[str, Any]) -> Note:
    """The inverse. Raises UnreadableEvent for what `note_to_json` cannot have written."""
    try:
        at = datetime.fromisoformat(stored["at"])
        if at.tzinfo is None:
            raise ValueError("a time without an offset")
        told = (stored.get("by", ""), stored.get("text", ""), Source(stored["source"]), stored.get("link", ""))
        facts = tuple((str(name), str(fact)) for name, fact in sorted(stored.get("facts", {}).items()))
        return Note(stored["id"], at, *told, facts=facts)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnreadableEvent(f"stored note: {type(error).__name__} {error}") from error
