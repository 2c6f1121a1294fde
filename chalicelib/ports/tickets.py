"""Tickets: where incidents live and people work. Jira provides it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.incident import Incident, IssueId, IssueKey


@dataclass(frozen=True, slots=True)
class Left:
    """The issue can be read and is no incident (moved to another project, other type). reason: for people."""

    issue_id: IssueId
    reason: str


@dataclass(frozen=True, slots=True)
class Missing:
    """The issue answers 404: deleted, or hidden from us. Only a "deleted" event tells which."""

    issue_id: IssueId


@dataclass(frozen=True, slots=True)
class IssueRef:
    id: IssueId
    key: IssueKey


class Tickets(Protocol):
    """Raises TemporaryError or PermanentError; 401 and 403 are TemporaryError(out_of_service=True)."""

    def read(self, issue_id: IssueId) -> Incident | Left | Missing:
        """The issue as it is now, with its complete history (`changes_complete` is True)."""
        ...

    def recently_updated(self, within_minutes: int) -> Iterator[IssueRef]:
        """Incident issues updated in the last minutes, by search: may lag behind writes. Never ends early without raising."""
        ...

    def find_comment(self, issue_id: IssueId, marker: str) -> str | None:
        """Id of our own comment carrying this marker (an entity property, not its text); None when there is none."""
        ...

    def add_comment(self, issue_id: IssueId, marker: str, text: str) -> str:
        """Add a comment (internal on service-desk requests) in wiki markup, carrying the marker; return its id."""
        ...

    def edit_comment(self, issue_id: IssueId, comment_id: str, text: str) -> bool:
        """Replace the text without notifying anybody. False: a human deleted the comment."""
        ...
