"""Queue: what makes an event durable before it is answered. SQS provides it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from chalicelib.domain.incident import Incident, IssueId


class Cause(StrEnum):
    """Why somebody wants this incident looked at. Only LOOK and DELETED carry knowledge; the rest are doorbells."""

    CHANGED = "changed"
    DELETED = "deleted"  # or moved away: Jira said so; believed only together with a 404
    SWEEP = "sweep"
    WAKE = "wake"
    PAGER = "pager"
    LOOK = "look"  # an alert may exist that the ledger does not know


@dataclass(frozen=True, slots=True)
class Orphan:
    """An alert that somebody told of: its target, the pager it is at, and its id there where that is known.

    sent_at: when it was asked for, if whoever did that tells of it.
    """

    target: str
    pager: str
    alert_id: str = ""
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """A message in a chat room that may be a note, or one no longer. tries: how often it could not be read."""

    room_id: str
    message_id: str
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """Look at this incident. snapshot: the incident as the sender saw it, if it saw it whole.

    gone_version: with DELETED, the issue's `updated` when it was deleted or moved away.
    orphan: where an alert may exist that the ledger does not know: always with LOOK, and with PAGER what it told of.
    put_off: how often it was put off because the ledger refused what its pass asked for, or was away when a sweep rang.
    said: read this in the chat, and nothing else; an earlier version takes it for a doorbell.
    booked: with WAKE, for when; it may come early by its receiver's clock.
    """

    issue_id: IssueId
    cause: Cause
    snapshot: Incident | None = None
    orphan: Orphan | None = None
    gone_version: datetime | None = None
    put_off: int = 0
    said: Said | None = None
    booked: datetime | None = None


class Queue(Protocol):
    """Raises TemporaryError when the message is not known to be durable."""

    def send(self, message: Message, delay_s: int = 0) -> None:
        """delay_s: 0 to 900 whole seconds."""
        ...

    def bury(self, body: bytes, reason: str) -> None:
        """Put what cannot be read on the dead-letter queue, cut to what fits, with the reason."""
        ...
