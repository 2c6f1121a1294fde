"""Ledger: what Firebell intended and knows, one partition per incident. DynamoDB provides it.

Every write is conditional. "False" means somebody else was faster: read again, never insist. A write whose answer was
lost and that the SDK repeated is recognised by its own content and counts as success.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from chalicelib.domain.deployments import Deployment
from chalicelib.domain.incident import Incident, IssueId
from chalicelib.domain.notes import Note
from chalicelib.domain.paging import PageRecord, PageState


@dataclass(frozen=True, slots=True)
class IncidentRecord:
    """What is known of the incident as a whole.

    latest: the newest snapshot seen, by Jira's `updated`. rev: +1 with every write of this item except wake-ups.
    due_at: from when on the sweep visits it every minute; None when nothing is left to do.
    wake_at: when the one pending wake-up message arrives. deleted_at: the
    newest `updated` we had seen when the issue was deleted or had left: by Jira's clock, so that it can be compared.
    stormy: it was declared in a storm of majors, so everything beyond the page waits for a human's word.
    """

    issue_id: IssueId
    rev: int = 0
    latest: Incident | None = None
    due_at: datetime | None = None
    wake_at: datetime | None = None
    deleted_at: datetime | None = None
    stormy: bool = False


class ArtifactState(StrEnum):
    SENDING = "sending"
    MADE = "made"
    GONE = "gone"  # begun, and wanted no more before it was there
    CLOSED = "closed"  # a human deleted it on purpose


@dataclass(frozen=True, slots=True)
class ArtifactRecord:
    """One artifact other than the page: intended, then confirmed.

    fingerprint: of the specification last applied. attempt: tries since then, whose effects nobody knows. link: where people
    find it. says: what people must know about it, one sentence each. trouble: why it is not there yet, for people; last_error:
    the same for us. made_at: when it was first there; None also for what an earlier version made. intended: by what names it
    may be at its vendor while its id is not known, where those can change.
    """

    issue_id: IssueId
    name: str
    state: ArtifactState
    claim: str
    until: datetime
    fingerprint: str = ""
    vendor_id: str | None = None
    attempt: int = 0
    not_before: datetime | None = None
    last_error: str | None = None
    link: str = ""
    says: tuple[str, ...] = ()
    trouble: str = ""
    made_at: datetime | None = None
    intended: tuple[str, ...] = ()

    @property
    def sk(self) -> str:
        return f"artifact#{self.name}"

    @property
    def is_unanswered(self) -> bool:
        """Begun, and not heard of since: whoever fails says when to come back. What was given up keeps it.

        Asks no clock: the claim may run out between the look at it and the next claim, and whoever gets that knows that it did.
        """
        return self.attempt > 0 and self.not_before is None


Record = PageRecord | ArtifactRecord

FOUND_BY_SWEEP = "found_by_sweep"
"""The name of a record that is no artifact's: no webhook had told of this incident when a sweep found it."""


@dataclass(frozen=True, slots=True)
class Book:
    """Everything the ledger holds for one incident, read in one strongly consistent query. notes: in order of their time."""

    incident: IncidentRecord | None
    pages: tuple[PageRecord, ...] = ()
    artifacts: tuple[ArtifactRecord, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def has_living_pages(self) -> bool:
        return any(page.state is not PageState.ENDED for page in self.pages)


class Ledger(Protocol):
    """Raises TemporaryError when the ledger cannot be reached or throttles."""

    def read(self, issue_id: IssueId) -> Book: ...

    def insert(self, record: Record) -> bool:
        """Write a record that must not exist yet."""
        ...

    def replace(self, old: Record, new: Record) -> bool:
        """Write `new` where `old` is (same key); only if the stored state and claim are still those of `old`."""
        ...

    def add_note(self, issue_id: IssueId, note: Note) -> bool:
        """Keep a note under its id, bounded. False: it is there already, and says the same."""
        ...

    def remove_note(self, issue_id: IssueId, note_id: str) -> None:
        """Removing what is not there is success."""
        ...

    def set_room(self, room_id: str, issue_id: IssueId) -> None:
        """Remember which incident a chat room is for. Setting what is set is success; later calls win."""
        ...

    def issue_of_room(self, room_id: str) -> IssueId | None:
        """None: no room of ours."""
        ...

    def add_change(self, deployment: Deployment) -> None:
        """Remember a change to a service for a week. The same again, or one with the same content, is success."""
        ...

    def changes_of(self, service: str, since: datetime, until: datetime) -> tuple[Deployment, ...]:
        """Changes to this service, however it is spelled, from `since` to `until`: the newest 50, oldest first."""
        ...

    def see(self, snapshot: Incident, *, due_at: datetime | None, stormy: bool = False) -> bool:
        """Store the newest snapshot, only if none newer (by `updated_at`) is stored; equal ages overwrite. rev+1.

        due_at is set when given and left alone when None; stormy is set when True and left alone when False.
        """
        ...

    def mark_deleted(self, issue_id: IssueId, at: datetime, *, due_at: datetime | None) -> None:
        """Remember that the issue is gone as of this version (`updated`), unless a newer one is known.

        Make it due if told when. rev+1, unless nothing changes.
        """
        ...

    def set_due(self, issue_id: IssueId, rev: int, due_at: datetime | None) -> bool:
        """Move the due time, only if the incident item is still at `rev` (0: does not exist yet). rev+1."""
        ...

    def book_wake(self, issue_id: IssueId, at: datetime, now: datetime) -> bool:
        """Book the one pending wake-up for `at`; False when one is booked in (now, at] already."""
        ...

    def due(self, now: datetime) -> Sequence[IssueId]:
        """Incidents whose due time has passed. From an index that may lag; complete for everything older than that."""
        ...

    def count_major(self, issue_id: IssueId, at: datetime, window_s: int, enough: int) -> int:
        """Remember a new major incident and return how many different ones there were in the window ending at `at`.

        Counts no further than `enough`: this stands before a page, and must not grow slow in the very storm it finds.
        """
        ...

    def take_turn(self, name: str, now: datetime, every: timedelta, *, until: datetime) -> datetime:
        """When the caller may go ahead, of all who share what is called so: one `every`. Booked, unless it is after `until`."""
        ...

    def swept_at(self) -> datetime | None:
        """When the last complete sweep began."""
        ...

    def set_swept(self, at: datetime) -> None:
        """Remember a complete sweep; never moves backwards."""
        ...
