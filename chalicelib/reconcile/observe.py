"""The incident as it is now: what Jira says, else the newest that anybody has told us."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.codec import CHANGES_LIMIT
from chalicelib.domain.incident import Incident
from chalicelib.errors import IntegrationError
from chalicelib.ports.ledger import Book
from chalicelib.ports.queue import Cause, Message
from chalicelib.ports.tickets import Left, Missing, Tickets

HAS_LEFT = "it was deleted or moved away"
"""Said to people where nobody knows which."""


@dataclass(frozen=True, slots=True)
class Observation:
    """incident: None when nothing at all is known of it. gone: deleted, or no incident any more; why, for people.

    gone_version: the issue's `updated` when Jira itself showed that it had left.

    trouble: why Jira could not be read; then a 401, 403 or 404 ends nothing and the newest snapshot decides.
    hidden: a 404, so that nothing can be written there either.
    """

    incident: Incident | None
    gone: str | None = None
    trouble: str | None = None
    hidden: bool = False
    gone_version: datetime | None = None

    @property
    def is_unknown(self) -> bool:
        """Jira failed, rather than that it answered 404: what is true now nobody knows."""
        return self.trouble is not None and not self.hidden


def observe(message: Message, book: Book, tickets: Callable[[], Tickets]) -> Observation:
    """Read the issue, and never let anything older than the ledger's newest snapshot decide.

    tickets: may itself fail, when the credentials cannot be read; then Jira cannot be read.
    """
    latest = book.incident.latest if book.incident else None
    try:
        reading = tickets().read(message.issue_id)
    except IntegrationError as error:
        known = newest(latest, message.snapshot)
        told = _is_told_of_its_leaving(message, known) or left_at(book, known)
        return Observation(known, gone=HAS_LEFT if told else None, trouble=str(error))
    match reading:
        case Left():
            return Observation(newest(latest, message.snapshot), gone=reading.reason, gone_version=reading.updated_at)
        case Missing():
            known = newest(latest, message.snapshot)
            if _is_told_of_its_leaving(message, known) or left_at(book, known):
                return Observation(known, gone="it was deleted")
            return Observation(known, trouble="Jira answers 404 though nobody deleted the issue: permission lost?", hidden=True)
        case Incident():
            return Observation(newest(latest, with_its_past(reading, latest)))


def with_its_past(read: Incident, known: Incident | None) -> Incident:
    """Of a history too long to be read to its beginning, what came before is taken from what is known. Pure.

    Whatever goes on is read every minute, so nothing lies between the two.
    """
    if read.changes_complete or known is None:
        return read
    past = (change for change in known.changes if not read.changes or change.at < read.changes[0].at)
    return replace(read, changes=(*past, *read.changes)[-CHANGES_LIMIT:], changes_complete=known.changes_complete)


def newest(known: Incident | None, told: Incident | None) -> Incident | None:
    """The later of the two by Jira's own `updated`. Of one age: the one with its history, else the one told now."""
    if known is None or told is None:
        return told or known
    if known.updated_at == told.updated_at and known.changes_complete and not told.changes_complete:
        return known
    return known if known.updated_at > told.updated_at else told


def left_at(book: Book, known: Incident | None) -> datetime | None:
    """The version as which it was gone, unless somebody has seen a newer one alive. Both by Jira's clock, never by ours."""
    version = book.incident.deleted_at if book.incident else None
    return None if version is None or (known is not None and known.updated_at > version) else version


def has_left_since(before: Book, book: Book, incident: Incident) -> bool:
    """Somebody has found it gone since this was read as `before`, and nobody has seen a newer version alive."""
    known = before.incident.deleted_at if before.incident else None
    version = left_at(book, incident)
    return version is not None and version != known


def _is_told_of_its_leaving(message: Message, known: Incident | None) -> bool:
    """Unless somebody has seen it alive since: then it has come back. Whatever names no version is believed."""
    if message.cause is not Cause.DELETED:
        return False
    return message.gone_version is None or known is None or known.updated_at <= message.gone_version
