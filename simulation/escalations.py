"""Whoever "Escalate to" names: what was promised of their pages, beside what holds for every page.

A yardstick of its own: an escalation belongs to no chain, nobody's taking the incident ends it, and no page of the chain
depends on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain.alias import ESCALATION
from sandbox.pagers.desk import CLOSED, DeskAlert
from simulation.company import ASKED_FOR

if TYPE_CHECKING:
    from simulation.invariants import Invariants
    from simulation.watch import Facts, PageAsked

FUNCTION_MS = 30_000
"""The longest that a function may act on what it read."""
TARGET = f"{ESCALATION}{ASKED_FOR}"


def page_asked(checks: Invariants, facts: Facts, asked: PageAsked) -> None:
    """Nobody is called whom nobody asks for, nor before the incident manager has been."""
    now = asked.ms
    if facts.truth.called.held_throughout(False, now - FUNCTION_MS, now):
        if checks.was_blind_to_jira(facts, now):
            checks.excused["E5"] += 1
        elif asked.function == "late effect":
            checks.excused["E2"] += 1
        else:
            checks.broken("nobody is called whom nobody asks for", f"{asked.alias} through {asked.pager}")
    elif asked.function != "late effect":
        checks.page_first(facts, f"{asked.alias}: somebody else is called")


def alert_made(checks: Invariants, facts: Facts, alert: DeskAlert) -> None:
    """Once while they are asked for, also after they closed it."""
    earlier = [a for _, a in facts.called_alerts if a.alias == alert.alias]
    if not earlier:
        return
    if earlier[-1].status != CLOSED:
        checks.broken("one open alert", f"{alert.alias} has {earlier[-1].id} and {alert.id}")
    asks = [asked for asked in facts.called_asked if asked.alias == alert.alias]
    first_ms = min((asked.ms for asked in asks), default=checks.loop.now_ms)
    if facts.truth.called.held_throughout(True, first_ms, checks.loop.now_ms):
        checks.excuse_second_ring(facts, alert, earlier[-1], asks)


def alert_changed(checks: Invariants, facts: Facts, method: str, alert: DeskAlert) -> None:
    """We never acknowledge it, and close it only when nobody asks for them any more."""
    now = checks.loop.now_ms
    asked = min((a.ms for a in facts.called_asked if a.alias == alert.alias), default=now)
    if method != "close":
        checks.broken("only what somebody has is acknowledged", f"{alert.id} under {alert.alias}")
    elif alert.status != CLOSED and facts.truth.called.held_throughout(True, asked, now):
        if checks.was_blind_to_jira(facts, now):
            checks.excused["E5"] += 1
        else:
            checks.broken("a wanted page is never closed", f"{alert.id} under {alert.alias}")


def healed(checks: Invariants, facts: Facts, known: set[str]) -> None:
    truth = facts.truth
    if facts.issue.deleted and not facts.told_deleted:
        return
    if truth.called.now and not facts.called_asked:
        checks.broken("everybody who is asked for is called", f"{TARGET} of {facts.issue.key} was never paged")
    for pager, alert in facts.called_alerts:
        if alert.status == CLOSED:
            continue
        if alert.id not in known:
            checks.broken("ledger equals world", f"{alert.id} at {pager} is unknown to the ledger")
        if not truth.called.now and alert.id in known:
            checks.broken("what nobody wants is closed", f"{alert.id} under {alert.alias} at {pager} is still open")
