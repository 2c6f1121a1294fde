"""Every minute: find what a lost webhook, a crash or the passing of time left behind, and ring the bell for it.

The sweep reconciles nothing itself: one slow vendor would starve the last incident in its list.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from chalicelib.domain.incident import IssueId
from chalicelib.errors import IntegrationError
from chalicelib.ports.queue import Cause, Message
from chalicelib.ports.tickets import IssueRef
from chalicelib.reconcile.pager_keys import ask_pagers
from chalicelib.reconcile.world import World

OVERLAP = timedelta(minutes=15)
"""Search results lag behind writes, and sweeps are missed: look back further than the last complete one."""

FIRST_WINDOW = timedelta(minutes=60)
LONGEST_WINDOW = timedelta(days=7)

GIVES_UP = timedelta(seconds=45)
"""From a sweep's beginning: the function has 60 s, and one call after this may take six."""

DUE_GIVES_UP = timedelta(seconds=30)
"""What is due comes first and leaves the search its share. What is left stays due; what is always due was before it."""

SORTED_BY = timedelta(seconds=1)
"""Within so little, a search may show what is newer first."""


def sweep(world: World) -> int:
    """Queue one message per due or recently updated incident; return how many.

    A failing half never stops the other; but only a sweep in which all went well counts as complete, so that the next
    one looks back far enough. One that has no time for all counts as far as it came, and the next goes on from there: a bulk
    edit of thousands must not keep it at the oldest of them for ever. Last of all, once an hour, the pagers' keys are tried.
    """
    now = world.clock.now()
    rung: set[IssueId] = set()
    is_due_rung = _ring_due(world, now, rung)
    swept_to = _ring_updated(world, now, rung)
    if is_due_rung and swept_to is not None:
        try:
            world.ledger.set_swept(swept_to)
        except IntegrationError as error:
            world.log.info("sweep_mark_failed", error=str(error))
    ask_pagers(world, now, now + GIVES_UP)
    return len(rung)


def window_minutes(swept_at: datetime | None, now: datetime) -> int:
    """How many minutes back to search, from the start of the last complete sweep. Pure."""
    window = FIRST_WINDOW if swept_at is None else now - swept_at + OVERLAP
    return minutes_back(max(window, OVERLAP))


def minutes_back(span: timedelta) -> int:
    """As a search takes it. Pure."""
    return math.ceil(min(span, LONGEST_WINDOW).total_seconds() / 60)


def _ring_due(world: World, now: datetime, rung: set[IssueId]) -> bool:
    try:
        due = world.ledger.due(now)
    except IntegrationError as error:
        world.log.alarm("sweep_failed", half="ledger", error=str(error))
        return False
    were_rung = True
    for issue_id in due:
        if world.clock.now() >= now + DUE_GIVES_UP:
            world.log.info("sweep_stopped_early", half="ledger", rung=len(rung), due=len(due))
            break
        were_rung = _ring(world, issue_id, rung) and were_rung
    return were_rung


def _ring_updated(world: World, now: datetime, rung: set[IssueId]) -> datetime | None:
    """Up to which time all that was updated has been rung; None where that was not all, or some could not be.

    Where nobody can tell how far the last sweeps came, the last hour is rung, and that counts as nothing.
    """
    is_known, swept_at = True, None
    try:
        swept_at = world.ledger.swept_at()
    except IntegrationError as error:
        world.log.info("sweep_mark_unreadable", error=str(error))
        is_known = False
    try:
        swept_to, were_rung = _ring_new(world, swept_at or now - FIRST_WINDOW, now, rung)
        if swept_to == now:
            were_rung = _ring_late(world, window_minutes(swept_at, now), now, rung) and were_rung
        return swept_to if were_rung and is_known else None
    except IntegrationError as error:
        world.log.alarm("sweep_failed", half="search", error=str(error))
        return None


def _ring_new(world: World, since: datetime, now: datetime, rung: set[IssueId]) -> tuple[datetime | None, bool]:
    """What was updated since then, oldest first: how far there was time for it, and whether all of that could be rung."""
    swept_to, were_rung = None, True
    window = max(world.clock.now() - since, timedelta(0)) + timedelta(minutes=1)  # of when it is asked, not of `now`
    for ref in world.tickets().recently_updated(minutes_back(window)):
        if world.clock.now() >= now + GIVES_UP:
            world.log.info("sweep_stopped_early", half="search", rung=len(rung), swept_to=str(swept_to))
            return swept_to, were_rung
        if ref.updated_at >= since:
            were_rung = _ring_found(world, ref, now, rung) and were_rung
            swept_to = ref.updated_at - SORTED_BY
    return now, were_rung


def _ring_late(world: World, within_minutes: int, now: datetime, rung: set[IssueId]) -> bool:
    """What the search did not show the last time, though it was there. The newest first: what lags is young."""
    were_rung = True
    for ref in world.tickets().recently_updated(within_minutes, newest_first=True):
        if world.clock.now() >= now + GIVES_UP:
            world.log.info("sweep_stopped_early", half="overlap", rung=len(rung))
            break
        were_rung = _ring_found(world, ref, now, rung) and were_rung
    return were_rung


def _ring_found(world: World, ref: IssueRef, now: datetime, rung: set[IssueId]) -> bool:
    """What a search found. One that has been rung in this sweep is known to be due, or was made so."""
    if ref.id in rung:
        return True
    is_due = _make_due(world, ref, now)
    return _ring(world, ref.id, rung) and is_due


def _make_due(world: World, ref: IssueRef, now: datetime) -> bool:
    """What nobody has looked after as it is now stays due until somebody has: the next search may not show it any more."""
    try:
        known = world.ledger.read(ref.id).incident
        is_seen = known is not None and known.latest is not None and known.latest.updated_at >= ref.updated_at
        is_due = known is not None and known.due_at is not None and known.due_at <= now
        if not (is_seen or is_due):
            return world.ledger.set_due(ref.id, known.rev if known is not None else 0, now)
    except IntegrationError as error:
        world.log.alarm("sweep_failed", half="search", issue=ref.id, error=str(error))
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
