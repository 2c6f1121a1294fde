"""What happened, as the timeline tells it: out of the issue's history, the pages, what was made, and the notes. Pure.

Every time is the time at which it happened, as whoever did it or knows it says; so telling it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.artifacts.artifact import Scene
from chalicelib.domain.announcement import Audience
from chalicelib.domain.deployments import is_change_to
from chalicelib.domain.incident import Change, Incident, Person, Status
from chalicelib.domain.notes import Note, Source
from chalicelib.domain.ordered import orders_in
from chalicelib.domain.orders import Update
from chalicelib.domain.paging import PageRecord

US = "Firebell"
NOBODY_KNOWS = "somebody"

_OPENED = {
    "chat_room": "opened the chat room",
    "video_call": "opened the video call",
    "state_document": "began the state document",
}
_KINDS = ("status", "severity", "assignee")
_TOLD = {Audience.STAFF: "told staff", Audience.PUBLIC: "told customers"}
_MOVED = {Status.NEW: "moved it back to New", Status.FIXING: "moved it to Fixing", Status.RESOLVED: "resolved it"}


@dataclass(frozen=True, slots=True)
class Event:
    at: datetime
    who: str
    what: str


@dataclass(frozen=True, slots=True)
class Row:
    """An event as people read it; at: UTC, to the second."""

    at: str
    who: str
    what: str


def row_of(event: Event) -> Row:
    return Row(f"{event.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}", event.who, event.what)


def events_of(scene: Scene) -> tuple[Event, ...]:
    """Oldest first; of one moment, in the order in which one thing leads to the next."""
    names = _Names(scene.incident)
    told = [
        _raised(scene.incident),
        *(_changed(change, names) for change in scene.incident.changes if change.what in _KINDS),
        *(event for page in scene.rung for event in _paged(page, names)),
        *_opened(scene),
        *(_noted(note) for note in _shown(scene)),
        *_published(scene),
    ]
    return tuple(sorted(told, key=lambda event: event.at))


def _raised(incident: Incident) -> Event:
    first = next((change.old for change in incident.changes if change.what == "severity" and change.old), None)
    who = incident.reporter.name if incident.reporter else NOBODY_KNOWS
    return Event(incident.created_at, who, f"raised it with severity {first or incident.severity.value}")


def _changed(change: Change, names: _Names) -> Event:
    who = change.by.name if change.by else NOBODY_KNOWS
    match change.what:
        case "status":
            what = _MOVED[Status(change.new)] if change.new else "moved it"
        case "severity":
            was = f" from {change.old}" if change.old else ""
            what = f"changed the severity{was} to {change.new}" if change.new else "took the severity away"
        case _:
            what = _assigned(change, names)
    return Event(change.at, who, what)


def _assigned(change: Change, names: _Names) -> str:
    if change.new is None:
        return "took the incident manager off"
    if change.by is not None and change.new == change.by.account_id:
        return "became the incident manager"
    return f"made {names.of_account(change.new)} the incident manager"


def _paged(page: PageRecord, names: _Names) -> Iterator[Event]:
    if page.accepted_at:
        yield Event(page.accepted_at, US, f"paged {page.roster} through {page.pager}, because {page.reason}")
    if page.acked_at:
        yield Event(page.acked_at, names.at_pager(page.acked_by), f"acknowledged the page of {page.roster}")
    if page.closed_at:
        yield Event(page.closed_at, names.at_pager(page.closed_by), f"closed the alert of {page.roster} at the pager")


def _opened(scene: Scene) -> Iterator[Event]:
    for name, words in _OPENED.items():
        record = scene.records.get(name)
        if record is not None and record.made_at is not None:
            yield Event(record.made_at, US, f"{words}: {record.link}" if record.link else words)


def _shown(scene: Scene) -> Iterator[Note]:
    """Not what was changed at another service, which this one was taken for at first; nor orders: what came of them is told."""
    service = scene.incident.service
    for note in scene.notes:
        if note.source is not Source.ORDER and (note.source is not Source.CHANGE or is_change_to(service, note)):
            yield note


def _published(scene: Scene) -> Iterator[Event]:
    """Updates that people were told, when the first of them were."""
    for order in orders_in(scene.notes):
        asked = order.asked
        told = [record.made_at for name, record in scene.records.items() if name.partition(":")[2] == order.announcement_id]
        times = [at for at in told if at is not None]
        if isinstance(asked, Update) and times:
            said = "\n".join(filter(None, (asked.summary, *asked.status, *asked.steps)))
            yield Event(min(times), order.by or NOBODY_KNOWS, f"{_TOLD[asked.audience]}: {said}")


def _noted(note: Note) -> Event:
    text = f"Change to the service: {note.text}" if note.source is Source.CHANGE else note.text
    return Event(note.at, note.by or NOBODY_KNOWS, f"{text}\n{note.link}" if note.link else text)


class _Names:
    """Names of whoever the issue itself tells of."""

    def __init__(self, incident: Incident) -> None:
        people: list[Person | None] = [incident.assignee, incident.reporter, *(change.by for change in incident.changes)]
        known = [person for person in (*people, *(one for role in incident.roles.values() for one in role)) if person]
        self._accounts: Mapping[str, str] = {person.account_id: person.name for person in known}
        self._mails: Mapping[str, str] = {person.email.casefold(): person.name for person in known if person.email}

    def of_account(self, account_id: str) -> str:
        return self._accounts.get(account_id, "somebody else")

    def at_pager(self, told: str | None) -> str:
        """Whom the pager calls so: by address or account, else as it calls them."""
        if not told:
            return NOBODY_KNOWS
        return self._mails.get(told.casefold()) or self._accounts.get(told) or told
