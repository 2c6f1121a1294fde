"""When somebody looks at an incident again: from when on every sweep does, and a wake-up for what is due before the next."""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import datetime, timedelta

from chalicelib.domain.incident import Incident
from chalicelib.errors import IntegrationError
from chalicelib.ports.ledger import ArtifactRecord, Book
from chalicelib.ports.queue import Cause, Message
from chalicelib.reconcile.artifacts import is_unfinished
from chalicelib.reconcile.pages import ALWAYS
from chalicelib.reconcile.world import World

WAKE_HORIZON = timedelta(seconds=60)
"""What is due later than this is the sweep's."""


def move_due(incident: Incident, book: Book, due_at: datetime | None, known: Collection[ArtifactRecord], world: World) -> None:
    """Whoever settles an incident keeps it due for what another pass was about to begin when they read the book.

    What stands there only later is kept due by whoever begins it: they read the book once more after that. known: what
    this pass has seen of the artifacts, and has come back for.
    """
    if book.incident is None or due_at == book.incident.due_at:
        return
    # Lost to a newer observation: then that pass is still under way and decides.
    is_moved = world.ledger.set_due(incident.id, book.incident.rev, due_at)
    if not is_moved or due_at == ALWAYS:
        return
    latest = world.ledger.read(incident.id)
    if latest.incident is not None and _goes_on(latest, incident, known):
        world.ledger.set_due(incident.id, latest.incident.rev, ALWAYS)


def _goes_on(book: Book, incident: Incident, known: Collection[ArtifactRecord]) -> bool:
    """Whether others have begun something of it, or know of a newer version and perhaps of something due at a time."""
    if book.has_living_pages:
        return True
    latest = book.incident.latest if book.incident is not None else None
    if latest is not None and latest.updated_at > incident.updated_at:
        return True
    return any(is_unfinished(record) and record not in known for record in book.artifacts)


def wake(message: Message, book: Book, due: datetime | None, now: datetime, world: World, *, key: str) -> None:
    """A message to ourselves for when it is due, if that is before the next sweep and none is on its way.

    message: what woke this pass. book: as this pass knows it. key: of the issue, for the log.
    """
    if due is None or due - now >= WAKE_HORIZON:
        return
    issue_id, delay_s = message.issue_id, max(1, math.ceil((due - now).total_seconds()))
    at = now + timedelta(seconds=delay_s)
    if world.ledger.book_wake(issue_id, at, _free_from(message, book, now)):
        try:
            world.queue.send(Message(issue_id, Cause.WAKE, booked=at), delay_s)
        except IntegrationError as error:
            world.log.alarm("wake_not_queued", issue=key, error=str(error))


def _free_from(message: Message, book: Book, now: datetime) -> datetime:
    """From when no wake-up is pending. The one that woke us is none any more, even if it came early by our own clock;
    one that was booked for sooner meanwhile still is."""
    booked = book.incident.wake_at if book.incident else None
    return max(now, booked) if booked is not None and booked == message.booked else now
