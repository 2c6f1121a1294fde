"""Sees what is made, said and written at chat, wiki and video calls, keeps the facts, and asks the checks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sandbox.chat.values import Told
from sandbox.jira.model import JiraIssue
from simulation.truth import Timeline

ROOM, CALL, PAGE = "chat_room", "video_call", "state_document"
KINDS = (ROOM, CALL, PAGE)
TIMELINE = "timeline"
"""A page of its own below the state document; it has no field."""

_MARKER = re.compile(r"firebell[:-](\d+)")
_ROOM_NAME = re.compile(r"[a-z]+-\d+")


@dataclass(slots=True)
class PlaceFacts:
    """What became of the places of one incident, by kind.

    made: (when, vendor id), everything that we ever made. links: what we showed people. topics: when we set which, by room.
    said: how often we posted each marker, by room and marker. archived: by us.

    Of people, deleted: messages of ours, by room and marker. left: who left which room, and when. topic_ms: when they last set
    the topic of which. closed: the kinds that they took away. closed_ms, opened_ms: when they last closed the room, and opened
    it again, 0 for never. people: mail addresses of who has the incident or a role; named: when each got it. human_links: when
    somebody first wrote which field; emptied: or took a link of ours away; filled: fields that had one. private: as they have
    it.
    """

    made: dict[str, list[tuple[int, str]]] = field(default_factory=lambda: {kind: [] for kind in (*KINDS, TIMELINE)})
    links: dict[str, set[str]] = field(default_factory=lambda: {kind: set() for kind in (*KINDS, TIMELINE)})
    topics: dict[str, tuple[int, str]] = field(default_factory=dict)
    said: Counter[tuple[str, str]] = field(default_factory=Counter)
    deleted: set[tuple[str, str]] = field(default_factory=set)
    left: dict[tuple[str, str], int] = field(default_factory=dict)
    topic_ms: dict[str, int] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    archived: bool = False
    closed_ms: int = 0
    opened_ms: int = 0
    people: set[str] = field(default_factory=set)
    named: dict[str, list[int]] = field(default_factory=dict)
    human_links: dict[str, int] = field(default_factory=dict)
    filled: set[str] = field(default_factory=set)
    emptied: dict[str, int] = field(default_factory=dict)
    private: Timeline = field(default_factory=Timeline)


class PlaceChecks(Protocol):
    """Asked before an effect, or after one that happened (made, said, set, invited); the facts hold what was before it."""

    def note(self, issue: JiraIssue) -> None: ...

    def wrote(self, issue_id: str, what: str) -> None: ...

    def made(self, issue_id: str, kind: str, vendor_id: str, words: str) -> None: ...

    def said(self, issue_id: str, room_id: str, marker: str, words: str) -> None: ...

    def sets_topic(self, issue_id: str, room_id: str, before: Told, topic: str) -> None: ...

    def invited(self, issue_id: str, room_id: str, user_ids: Sequence[str]) -> None: ...

    def puts(self, issue_id: str, fields: Mapping[str, object], read_ms: int | None) -> None: ...


class Unasked:
    """For places that nobody makes promises about."""

    def note(self, issue: JiraIssue) -> None: ...

    def wrote(self, issue_id: str, what: str) -> None: ...

    def made(self, issue_id: str, kind: str, vendor_id: str, words: str) -> None: ...

    def said(self, issue_id: str, room_id: str, marker: str, words: str) -> None: ...

    def sets_topic(self, issue_id: str, room_id: str, before: Told, topic: str) -> None: ...

    def invited(self, issue_id: str, room_id: str, user_ids: Sequence[str]) -> None: ...

    def puts(self, issue_id: str, fields: Mapping[str, object], read_ms: int | None) -> None: ...


class PlaceWatch:
    """id_of_key: an issue's id by any key that it ever had. writes: what changed anything; calls: everything that was asked."""

    def __init__(self, checks: PlaceChecks, id_of_key: Callable[[str], str | None] = lambda key: None) -> None:
        self.checks, self._id_of_key = checks, id_of_key
        self.facts: dict[str, PlaceFacts] = {}
        self.writes = 0
        self.calls = 0
        self._places: dict[tuple[str, str], str] = {}

    def of(self, issue_id: str) -> PlaceFacts:
        return self.facts.setdefault(issue_id, PlaceFacts())

    # --- which incident is it about ----------------------------------------------------------------------------

    def of_name(self, name: str) -> str | None:
        """A room's name begins with the issue's key."""
        key = _ROOM_NAME.match(name)
        return self._id_of_key(key[0].upper()) if key else None

    def of_room(self, room_id: str) -> str | None:
        return self._places.get((ROOM, room_id))

    def of_marker(self, marker: str) -> str | None:
        found = _MARKER.match(marker)
        return found[1] if found else None

    # --- told by the ports -------------------------------------------------------------------------------------

    def wrote(self, issue_id: str | None, what: str) -> None:
        self.writes += 1
        if issue_id is not None:
            self.checks.wrote(issue_id, what)

    def made(self, issue_id: str | None, kind: str, ms: int, vendor_id: str, link: str, words: str) -> None:
        """words: all that it shows from the beginning."""
        if issue_id is None:
            return
        self.checks.made(issue_id, kind, vendor_id, words)
        self.of(issue_id).made[kind].append((ms, vendor_id))
        self.of(issue_id).links[kind].add(link)
        self._places[kind, vendor_id] = issue_id
