"""In-memory twins of the ledger and the queue: the same semantics as DynamoDB's and SQS's adapters, without a network.

They pass the same contract suites (tests/adapters), so that what is proved over them holds for the real ones.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock

from chalicelib.domain.codec import CHANGES_LIMIT, DESCRIPTION_LIMIT, cut
from chalicelib.domain.deployments import DEPLOYMENTS_LIMIT, Deployment
from chalicelib.domain.incident import Incident, IssueId
from chalicelib.domain.notes import Note, bounded, in_order
from chalicelib.domain.paging import PageRecord
from chalicelib.domain.routing import fold_name
from chalicelib.intake.queue_message import LONGEST_DELAY_S
from chalicelib.ports.ledger import ArtifactRecord, Book, IncidentRecord, Record
from chalicelib.ports.queue import Message


@dataclass(slots=True)
class MemoryLedger:
    """Atomic per call, strongly consistent. `writes` counts what changed something, for "a settled pass writes nothing"."""

    writes: int = 0
    _incidents: dict[IssueId, IncidentRecord] = field(default_factory=dict)
    _records: dict[IssueId, dict[str, Record]] = field(default_factory=dict)
    _books: dict[IssueId, Book] = field(default_factory=dict)
    """What was read and not written since: most reads find what the last one did."""
    _notes: dict[IssueId, dict[str, Note]] = field(default_factory=dict)
    _rooms: dict[str, IssueId] = field(default_factory=dict)
    _changes: dict[str, dict[str, Deployment]] = field(default_factory=dict)
    _majors: list[tuple[datetime, IssueId]] = field(default_factory=list)
    _swept_at: datetime | None = None
    _turns: dict[str, datetime] = field(default_factory=dict)
    """Name of a limit -> from when on it is free."""
    _lock: Lock = field(default_factory=Lock)

    def read(self, issue_id: IssueId) -> Book:
        with self._lock:
            book = self._books.get(issue_id)
            if book is None:
                records = [record for _, record in sorted(self._records.get(issue_id, {}).items())]
                book = self._books[issue_id] = Book(
                    self._incidents.get(issue_id),
                    tuple(record for record in records if isinstance(record, PageRecord)),
                    tuple(record for record in records if isinstance(record, ArtifactRecord)),
                    in_order(self._notes.get(issue_id, {}).values()),
                )
            return book

    def insert(self, record: Record) -> bool:
        with self._lock:
            partition = self._records.setdefault(record.issue_id, {})
            if record.sk in partition:
                return partition[record.sk] == record
            partition[record.sk] = record
            self._written(record.issue_id)
            return True

    def replace(self, old: Record, new: Record) -> bool:
        with self._lock:
            stored = self._records.get(old.issue_id, {}).get(old.sk)
            if stored is None:
                return False
            if (stored.state, stored.claim) != (old.state, old.claim):
                return stored == new
            self._records[old.issue_id][new.sk] = new
            self._written(old.issue_id)
            return True

    def add_note(self, issue_id: IssueId, note: Note) -> bool:
        with self._lock:
            notes, kept = self._notes.setdefault(issue_id, {}), bounded(note)
            if notes.get(note.id) == kept:
                return False
            notes[note.id] = kept
            self._written(issue_id)
            return True

    def remove_note(self, issue_id: IssueId, note_id: str) -> None:
        with self._lock:
            if self._notes.get(issue_id, {}).pop(note_id, None) is not None:
                self._written(issue_id)

    def set_room(self, room_id: str, issue_id: IssueId) -> None:
        with self._lock:
            self.writes += 1
            self._rooms[room_id] = issue_id

    def issue_of_room(self, room_id: str) -> IssueId | None:
        return self._rooms.get(room_id)

    def add_change(self, deployment: Deployment) -> None:
        with self._lock:
            self.writes += 1
            self._changes.setdefault(fold_name(deployment.service), {})[deployment.key] = deployment

    def changes_of(self, service: str, since: datetime, until: datetime) -> tuple[Deployment, ...]:
        with self._lock:
            known = self._changes.get(fold_name(service), {}).values()
            found = sorted((one for one in known if since <= one.at <= until), key=lambda one: (one.at, one.key))
            return tuple(found[-DEPLOYMENTS_LIMIT:])

    def see(self, snapshot: Incident, *, due_at: datetime | None, stormy: bool = False) -> bool:
        with self._lock:
            known = self._incidents.get(snapshot.id) or IncidentRecord(snapshot.id)
            if known.latest is not None and known.latest.updated_at > snapshot.updated_at:
                return False
            latest = replace(
                snapshot, description=cut(snapshot.description, DESCRIPTION_LIMIT), changes=snapshot.changes[-CHANGES_LIMIT:]
            )
            self._put(replace(known, latest=latest, due_at=due_at or known.due_at, stormy=stormy or known.stormy))
            return True

    def mark_deleted(self, issue_id: IssueId, at: datetime, *, due_at: datetime | None) -> None:
        with self._lock:
            known = self._incidents.get(issue_id) or IncidentRecord(issue_id)
            is_older = known.deleted_at is not None and known.deleted_at > at
            if not is_older or due_at is not None:
                self._put(replace(known, deleted_at=known.deleted_at if is_older else at, due_at=due_at or known.due_at))

    def set_due(self, issue_id: IssueId, rev: int, due_at: datetime | None) -> bool:
        with self._lock:
            known = self._incidents.get(issue_id) or IncidentRecord(issue_id)
            if known.rev != rev:
                return False
            self._put(replace(known, due_at=due_at))
            return True

    def book_wake(self, issue_id: IssueId, at: datetime, now: datetime) -> bool:
        with self._lock:
            known = self._incidents.get(issue_id) or IncidentRecord(issue_id)
            if known.wake_at is not None and now < known.wake_at <= at:
                return False
            self._incidents[issue_id] = replace(known, wake_at=at)
            self._written(issue_id)
            return True

    def due(self, now: datetime) -> Sequence[IssueId]:
        with self._lock:
            due = [
                (item.due_at, id_) for id_, item in self._incidents.items() if item.due_at is not None and item.due_at <= now
            ]
            return [id_ for _, id_ in sorted(due)]

    def count_major(self, issue_id: IssueId, at: datetime, window_s: int, enough: int) -> int:
        with self._lock:
            begin = at - timedelta(seconds=window_s)
            self.writes += 1
            self._majors.append((at, issue_id))
            return min(enough, len({major for when, major in self._majors if begin <= when <= at}))

    def take_turn(self, name: str, now: datetime, every: timedelta, *, until: datetime) -> datetime:
        with self._lock:
            turn = max(now, self._turns.get(name, now))
            if turn <= until:
                self.writes += 1
                self._turns[name] = turn + every
            return turn

    def swept_at(self) -> datetime | None:
        return self._swept_at

    def set_swept(self, at: datetime) -> None:
        with self._lock:
            if self._swept_at is None or at > self._swept_at:
                self._swept_at = at

    def _put(self, item: IncidentRecord) -> None:
        self._incidents[item.issue_id] = replace(item, rev=item.rev + 1)
        self._written(item.issue_id)

    def _written(self, issue_id: IssueId) -> None:
        self.writes += 1
        self._books.pop(issue_id, None)


@dataclass(slots=True)
class MemoryQueue:
    """Messages become due in order of time; `receive` takes what is due. `now` is whoever drives the world."""

    now: datetime
    dead: list[tuple[bytes, str]] = field(default_factory=list)
    error: Exception | None = None
    _waiting: list[tuple[datetime, int, Message]] = field(default_factory=list)
    _count: int = 0

    def send(self, message: Message, delay_s: int = 0) -> None:
        if not 0 <= delay_s <= LONGEST_DELAY_S:
            raise ValueError(f"a delay of {delay_s} s; the queue takes 0 to {LONGEST_DELAY_S}")
        if self.error:
            raise self.error
        self._count += 1
        heapq.heappush(self._waiting, (self.now + timedelta(seconds=delay_s), self._count, message))

    def bury(self, body: bytes, reason: str) -> None:
        self.dead.append((body, reason))

    def receive(self) -> Message | None:
        """The next due message, taken off the queue; None when none is due."""
        if self._waiting and self._waiting[0][0] <= self.now:
            return heapq.heappop(self._waiting)[2]
        return None

    def next_due(self) -> datetime | None:
        return self._waiting[0][0] if self._waiting else None

    def __len__(self) -> int:
        return len(self._waiting)


@dataclass(slots=True)
class HandClock:
    """Time passes when somebody moves `at`."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def pass_s(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass(slots=True)
class CountedTokens:
    """token-1, token-2, ...: different from each other and the same in every run."""

    count: int = 0

    def token(self) -> str:
        self.count += 1
        return f"token-{self.count}"


class MemoryFacts:
    """A FactStore in memory."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def keys(self, prefix: str) -> Iterator[str]:
        return iter(sorted(key for key in self.files if key.startswith(prefix)))

    def get(self, key: str) -> bytes | None:
        return self.files.get(key)

    def put(self, key: str, content: bytes, content_type: str) -> None:
        self.files[key] = content

    def replace(self, key: str, old: bytes | None, new: bytes) -> bool:
        if self.files.get(key) != old:
            return False
        self.files[key] = new
        return True

    def delete(self, keys: Collection[str]) -> None:
        for key in keys:
            self.files.pop(key, None)
