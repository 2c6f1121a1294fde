"""Acknowledge = take it: what was promised of our own assignments and moves, beside what holds for every write.

A yardstick of its own: what people did at the pagers and in Jira, as the models show it, and what we wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.domain.alias import is_of_the_chain
from chalicelib.domain.incident import IssueId
from sandbox.pagers.desk import ACKED, CLOSED, DeskAlert, Turn
from simulation.alerts import target_of
from simulation.company import FIREBELL_AT_PAGER
from simulation.truth import is_nobodys, was_left_after_us

if TYPE_CHECKING:
    from simulation.invariants import Invariants
    from simulation.watch import Facts

FUNCTION_MS = 30_000
"""The longest that a function may act on what it read."""
KEPT = "what a human chose in Jira stays"
ONCE = "taken once per acknowledgement"
RIGHT = "the incident goes to who acknowledged"
TAKEN = "what somebody acknowledged is theirs in Jira"
OVER = "nobody is given what is over"


@dataclass(frozen=True, slots=True)
class Edit:
    """We are about to change an issue. what: "assignee" or "status". new: the account id, or the status.

    read_ms: when its reader saw the issue right before this call; None when it did something else in between.
    """

    ms: int
    what: str
    new: str | None
    read_ms: int | None


def edited(checks: Invariants, facts: Facts, edit: Edit) -> None:
    """We give it to nobody else, once, and over nobody's head. Told before it is so."""
    issue = facts.issue
    is_next = any(turn.status == ACKED for alert in facts.successions for turn in alert.turns)
    since = max(facts.truth.wanted.since_ms, _abandoned_since(facts, edit.ms) if is_next else 0)
    checks.page_first(facts, f"{edit.what} of {issue.key}")
    running = checks.loop.running
    began_ms = running.notes["began"] if running is not None else 0
    # Who began before it was wanted again may still act for whoever had it then.
    since_ms = checks.seen_since(facts) if began_ms >= facts.truth.wanted.since_ms else 0
    acknowledged = {checks.company.account_of(by) for by in _acknowledged_by(checks, facts, since_ms)}
    if edit.what == "assignee" and edit.new not in acknowledged:
        checks.broken(RIGHT, f"{issue.key} is assigned to {edit.new}, who acknowledged nothing")
    if any(one.what == edit.what and one.ms >= since for one in facts.edits):
        checks.broken(ONCE, f"{edit.what} of {issue.key} a second time")
    if not facts.truth.wanted.now:
        _excuse(checks, edit, facts.truth.wanted.since_ms, OVER, f"{edit.what} of {issue.key}, which nobody wants")
    if edit.what == "assignee" and not is_nobodys(issue):
        _excuse(checks, edit, facts.assigned_ms, KEPT, f"{issue.key} is taken from {issue.assignee} for {edit.new}")
    if edit.what == "status" and issue.status != "New":
        _excuse(checks, edit, facts.moved_ms, KEPT, f"{issue.key} is moved from {issue.status}")


def healed(checks: Invariants, facts: Facts, begun_ms: int) -> None:
    """Whoever acknowledged has it, unless somebody else has it or has changed it since.

    begun_ms: when the episode began for whoever only sees what was read (E4): taken once in it is enough.
    """
    issue, truth = facts.issue, facts.truth
    if not truth.wanted.now:
        return
    _check_taken_over(checks, facts)
    in_hand = [alert for alert in _alerts_in_hand(checks, facts) if alert.status == ACKED]
    acks = [checks.ms_of(turn.at) for alert in in_hand for turn in alert.turns if is_taken_by(turn)]
    if not acks:
        return
    acked_ms = min(acks)
    done = {edit.what for edit in facts.edits if edit.ms >= begun_ms}
    if issue.status == "New" and "status" not in done and facts.moved_ms < acked_ms:
        checks.broken(TAKEN, f"{issue.key} was acknowledged, and is still new")
    accounts = {checks.company.account_of(by) for by in _acknowledged_by(checks, facts, 0)}
    if is_nobodys(issue) and "assignee" not in done and facts.assigned_ms < acked_ms and None not in accounts:
        checks.broken(TAKEN, f"{issue.key} was acknowledged, and nobody has it")


def _check_taken_over(checks: Invariants, facts: Facts) -> None:
    """Whoever acknowledged that somebody is asked to take over has it, unless somebody was given it, or left it, since.

    Who is assigned, and has taken nothing, is a human's choice, and stays.
    """
    if not is_nobodys(facts.issue):
        return
    known = {
        id_ for page in checks.ledger.read(IssueId(facts.issue.id)).pages for id_ in page.alert_ids if not page.acked_by_us
    }
    called = [alert for alert in facts.successions if alert.status == ACKED and alert.id in known]
    turns = [
        turn for a in called for turn in a.turns if is_taken_by(turn) and checks.ms_of(turn.at) >= facts.truth.left.since_ms
    ]
    if facts.truth.left.now and turns and None not in {checks.company.account_of(turn.by or "") for turn in turns}:
        checks.broken(TAKEN, f"{facts.issue.key} was acknowledged by whoever was asked to take over, and nobody has it")


def _abandoned_since(facts: Facts, now: int) -> int:
    """Since when it is, or was for whoever may still act on that; else 0."""
    stretches = facts.truth.abandoned.stretches(now)
    return max((begin for begin, end in stretches if now - end <= FUNCTION_MS), default=0)


def _excuse(checks: Invariants, edit: Edit, changed_ms: int, invariant: str, what: str) -> None:
    """E7: it happened within the one call between our read and our write."""
    if edit.read_ms is not None and changed_ms >= edit.read_ms:
        checks.excused["E7"] += 1
    else:
        checks.broken(invariant, what)


def _acknowledged_by(checks: Invariants, facts: Facts, since_ms: int) -> Iterator[str]:
    for alert in facts.for_managers:
        # What we only found is not ended at once when nobody needs it: who answers it then has it when it is wanted again.
        counts_ms = 0 if is_only_found(checks, facts, alert) else since_ms
        yield from (turn.by or "" for turn in alert.turns if is_taken_by(turn) and checks.ms_of(turn.at) >= counts_ms)


def is_only_found(checks: Invariants, facts: Facts, alert: DeskAlert) -> bool:
    """Sent by whoever could not write that down."""
    return any(alert.id in page.alert_ids and not page.attempt for page in checks.ledger.read(IssueId(facts.issue.id)).pages)


def is_taken_by(turn: Turn) -> bool:
    """Somebody acknowledged; not we, who do it to alerts that nobody need answer any more."""
    return turn.status == ACKED and turn.by != FIREBELL_AT_PAGER


def was_closed_by_us(alert: DeskAlert) -> bool:
    return alert.status == CLOSED and alert.turns[-1].by == FIREBELL_AT_PAGER


def was_given_back(facts: Facts) -> bool:
    """In this episode we had given it to whoever answered, or moved it for them, and after that it was left."""
    return any(edit.ms >= facts.truth.wanted.since_ms for edit in facts.edits) and was_left_after_us(facts.issue)


def _alerts_in_hand(checks: Invariants, facts: Facts) -> Iterator[DeskAlert]:
    """Those of the running episode by which its pages are known, where nobody but a human may have acknowledged them.

    Nobody can tell who was first at a page that we were about to acknowledge too.
    """
    pages = checks.ledger.read(IssueId(facts.issue.id)).pages
    known = {
        page.alert_ids[0]
        for page in pages
        if page.alert_ids and not page.acked_by_us and (page.is_acked or page.ack_sent_at is None)
    }
    since = facts.truth.wanted.since_ms
    chain = (alert for _, alert in facts.alerts if is_of_the_chain(target_of(alert.alias)))
    return (alert for alert in chain if alert.id in known and checks.ms_of(alert.created_at) >= since)
