"""Every minute: find what a lost webhook, a crash or the passing of time left behind, and ring the bell for it.

The sweep reconciles nothing itself: one slow vendor would starve the last incident in its list.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from chalicelib.domain.incident import IssueId
from chalicelib.errors import IntegrationError
from chalicelib.ports.queue import Cause, Message
from chalicelib.reconcile.world import World

OVERLAP = timedelta(minutes=15)
"""Search results lag behind writes, and sweeps are missed: look back further than the last complete one."""

FIRST_WINDOW = timedelta(minutes=60)
LONGEST_WINDOW = timedelta(days=7)


def sweep(world: World) -> int:
    """Queue one message per due or recently updated incident; return how many.

    A failing half never stops the other; but only a sweep in which all went well counts as complete, so that the next
    one looks back far enough.
    """
    now = world.clock.now()
    rung: set[IssueId] = set()
    complete = _ring_due(world, now, rung)
    complete = _ring_updated(world, now, rung) and complete
    if complete:
        try:
            world.ledger.set_swept(now)
        except IntegrationError as error:
            world.log.info("sweep_mark_failed", error=str(error))
    return len(rung)


def window_minutes(swept_at: datetime | None, now: datetime) -> int:
    """How many minutes back to search, from the start of the last complete sweep. Pure."""
    window = FIRST_WINDOW if swept_at is None else now - swept_at + OVERLAP
    return math.ceil(min(max(window, OVERLAP), LONGEST_WINDOW).total_seconds() / 60)


def _ring_due(world: World, now: datetime, rung: set[IssueId]) -> bool:
    try:
        due = world.ledger.due(now)
    except IntegrationError as error:
        world.log.alarm("sweep_failed", half="ledger", error=str(error))
        return False
    were_rung = [_ring(world, issue_id, rung) for issue_id in due]
    return all(were_rung)


def _ring_updated(world: World, now: datetime, rung: set[IssueId]) -> bool:
    try:
        swept_at = world.ledger.swept_at()
    except IntegrationError as error:
        world.log.info("sweep_mark_unreadable", error=str(error))
        swept_at = None
    complete = True
    try:
        for ref in world.tickets().recently_updated(window_minutes(swept_at, now)):
            complete = _make_due(world, ref.id, now) and complete
            complete = _ring(world, ref.id, rung) and complete
    except IntegrationError as error:
        world.log.alarm("sweep_failed", half="search", error=str(error))
        return False
    return complete


def _make_due(world: World, issue_id: IssueId, now: datetime) -> bool:
    """What nobody has ever looked after stays due until somebody has: the next search may not show it any more."""
    try:
        if world.ledger.read(issue_id).incident is None:
            world.ledger.set_due(issue_id, 0, now)
    except IntegrationError as error:
        world.log.alarm("sweep_failed", half="search", issue=issue_id, error=str(error))
        return False
    return True


def _ring(world: World, issue_id: IssueId, rung: set[IssueId]) -> bool:
    """One that cannot be rung never keeps the bell from the others."""
    if issue_id in rung:
        return True
    try:
        world.queue.send(Message(issue_id, Cause.SWEEP))
    except IntegrationError as error:
        world.log.alarm("sweep_failed", half="queue", issue=issue_id, error=str(error))
        return False
    rung.add(issue_id)
    return True
