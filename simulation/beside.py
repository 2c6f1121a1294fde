"""Pages beside the chain: what was promised of them, beside what holds for every page.

Whoever "Escalate to" names is called while they are named; when its manager has left an incident that is being fixed, the
incident managers on call are, five minutes later. Nobody's taking the incident ends such a page, and no page of the chain
depends on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain.alias import CHAIN, NEXT, is_succession
from sandbox.pagers.desk import ACKED, CLOSED, OPEN, DeskAlert, Turn
from simulation import ringing, second_ring
from simulation.alerts import target_of
from simulation.bounds import was_read_in_time
from simulation.ringing import FUNCTION_MS
from simulation.taking import is_taken_by, was_closed_by_us, was_given_back
from simulation.truth import Timeline, is_left_by_reopening

if TYPE_CHECKING:
    from simulation.invariants import Invariants
    from simulation.watch import Facts, PageAsked

LEFT_MS = 300_000
SEEN_MS = 90_000
"""What nobody told of, the next sweep sees."""
PATIENCE_MS = 2 * LEFT_MS
"""Left for so long, and nobody asked: then nobody will be."""


def page_asked(checks: Invariants, facts: Facts, asked: PageAsked) -> None:
    """Nobody is called whom nobody asks for, nor before the incident manager has been, nor too soon after one has left."""
    now, why = asked.ms, _why(facts, asked.alias)
    if why.held_throughout(False, now - FUNCTION_MS, now):
        ringing.excuse(checks, facts, asked, "nobody is called whom nobody asks for")
    elif not asked.is_late:
        checks.page_first(facts, f"{asked.alias}: somebody else is called")
        if _is_next(asked.alias):
            _succession_asked(checks, facts, asked)


def _succession_asked(checks: Invariants, facts: Facts, asked: PageAsked) -> None:
    now = asked.ms
    is_known_new = facts.issue.status == "New" and now - facts.moved_ms >= FUNCTION_MS
    if is_known_new and not _was_silenced(checks, facts, now):
        checks.broken("what rings for somebody needs nobody besides", asked.alias)
    if _rings_already(checks, facts, asked):
        checks.broken("nobody is rung twice for one end", f"{asked.alias} through {asked.pager}")
    begun_ms = seen_since(facts, facts.truth.left)
    ringing.check_their_time(checks, facts, asked, facts.called_alerts, begun_ms)
    soonest_ms = LEFT_MS - FUNCTION_MS - checks.skew_ms()
    is_first = not any(_is_next(one.alias) and one.ms >= begun_ms for one in facts.called_asked)
    if is_first and now - facts.truth.abandoned.since_ms < soonest_ms and facts.truth.left.now:
        checks.broken("whoever has left may come back within five minutes", asked.alias)


def _rings_already(checks: Invariants, facts: Facts, asked: PageAsked) -> bool:
    """The same people are being rung by the chain, and our records have known that for as long as a function may run.

    An acknowledgement that ran out was a human's, and what it left is between them and their pager.
    """
    target, known_ms = target_of(asked.alias), asked.ms - FUNCTION_MS
    chain = [
        a for _, a in facts.alerts if a.status == OPEN and a.id in facts.known_ids and checks.ms_of(a.created_at) < known_ms
    ]
    never_had = [a for a in chain if not any(turn.status == ACKED for turn in a.turns)]
    twins = [a for a in never_had if target == NEXT + target_of(a.alias)]
    return any(facts.truth.wanted.held_throughout(True, checks.ms_of(a.created_at), asked.ms) for a in twins)


def alert_made(checks: Invariants, facts: Facts, alert: DeskAlert) -> None:
    """Once while they are asked for, also after they closed it."""
    earlier = [a for _, a in facts.called_alerts if a.alias == alert.alias]
    if not earlier:
        return
    if earlier[-1].status != CLOSED:
        checks.broken("one open alert", f"{alert.alias} has {earlier[-1].id} and {alert.id}")
    asks = [asked for asked in facts.called_asked if asked.alias == alert.alias]
    first_ms = min((asked.ms for asked in asks), default=checks.loop.now_ms)
    now = checks.loop.now_ms
    # What is taken back to New rings for somebody by itself: whoever might take over is let go, and asked anew after that.
    stayed = not is_succession(target_of(alert.alias)) or any(
        facts.truth.new.held_throughout(is_new, first_ms, now) for is_new in (True, False)
    )
    if stayed and _why(facts, alert.alias).held_throughout(True, first_ms, now):
        second_ring.excuse_second_ring(checks, facts, alert, earlier[-1], asks)


def alert_changed(checks: Invariants, facts: Facts, method: str, alert: DeskAlert) -> None:
    """We acknowledge an escalation only for whoever has acknowledged another alert of it, and close only what nobody asks for
    any more."""
    now = checks.loop.now_ms
    asked = second_ring.first_asked_ms(checks, facts.called_asked, alert, [a for _, a in facts.called_alerts])
    if method != "close":
        was_had = any(is_taken_by(turn) for _, a in facts.called_alerts if a.alias == alert.alias for turn in a.turns)
        if not was_had and not any(a.alias != alert.alias and a.alias.partition(NEXT)[1] for _, a in facts.called_alerts):
            checks.broken("only what somebody has is acknowledged", f"{alert.id} under {alert.alias}")
    elif alert.status != CLOSED and _why(facts, alert.alias).held_throughout(True, asked, now):
        if checks.was_blind_to_jira(facts, now):
            checks.excused["E5"] += 1
        elif not (_is_next(alert.alias) and _rings_by_itself(checks, facts)):
            checks.broken("a wanted page is never closed", f"{alert.id} under {alert.alias}")


def healed(checks: Invariants, facts: Facts, known: set[str]) -> None:
    truth = facts.truth
    if facts.is_left_unsaid:
        return
    is_called = not truth.called.now or _was_called(facts, is_next=False)
    if not is_called and not checks.nobody_can_know(facts, truth.called.since_ms):
        checks.broken("everybody who is asked for is called", f"somebody asked for in {facts.issue.key} was never paged")
    is_left = truth.left.now and checks.loop.now_ms - truth.left.since_ms > PATIENCE_MS + checks.skew_ms()
    needs_nobody = _rings_by_itself(checks, facts)
    is_looked_for = _was_called(facts, is_next=True) or any(a.status == OPEN and _is_imoc(a.alias) for _, a in facts.alerts)
    if is_left and not (needs_nobody or is_looked_for) and not checks.nobody_can_know(facts, truth.left.since_ms):
        checks.broken("somebody is asked to take over", f"{facts.issue.key} was left, and nobody was asked to take it over")
    if not needs_nobody:
        heirs = [(pager, alert) for pager, alert in facts.called_alerts if _is_next(alert.alias)]
        ringing.check_following(checks, facts, truth.left, heirs, seen_since(facts, truth.left))
    for pager, alert in facts.called_alerts:
        if alert.status == CLOSED:
            continue
        if alert.id not in known:
            checks.broken("ledger equals world", f"{alert.id} at {pager} is unknown to the ledger")
        elif not _why(facts, alert.alias).now:
            checks.broken("what nobody wants is closed", f"{alert.id} under {alert.alias} at {pager} is still open")


def _was_called(facts: Facts, *, is_next: bool) -> bool:
    """Since they are asked for, or by an alert that stands from before."""
    begun_ms = seen_since(facts, facts.truth.left if is_next else facts.truth.called)
    stands = any(_is_next(a.alias) == is_next and a.status != CLOSED for _, a in facts.called_alerts)
    return stands or any(_is_next(one.alias) == is_next and one.ms >= begun_ms for one in facts.called_asked)


def seen_since(facts: Facts, asked_for: Timeline) -> int:
    """Since when they are asked for, for whoever only sees what was read and had time to act on that."""
    stretches = asked_for.stretches(asked_for.since_ms)
    place = len(stretches) - 1
    while place > 0 and not was_read_in_time(facts, stretches[place - 1][1], stretches[place][0]):
        place -= 1
    return stretches[place][0] if stretches else 0


def _was_silenced(checks: Invariants, facts: Facts, now: int) -> bool:
    """We acknowledged its page, and nobody answered it, or so lately that a sweep may not have seen it; or they gave it back.

    Who answers while it is taken in Jira, or once we have tried to acknowledge that page, comes after us: it counts as ours.
    Whose alert we have closed since, when the issue left for a moment, has nothing in hand any more; and of one that was made
    while the ledger was away nobody knew yet.
    """
    if was_given_back(facts):
        return True
    latest = {alert.alias: alert for _, alert in facts.alerts}.values()
    ours = {sk.rpartition("#")[2] for sk in facts.silenced - facts.answered}
    newest = [a for a in latest if a.id in facts.known_ids and not was_closed_by_us(a) and target_of(a.alias) not in ours]
    answers = sorted(
        (checks.ms_of(turn.at), is_taken_by(turn)) for alert in newest for turn in _standing(alert) if turn.status == ACKED
    )
    if not answers:
        return any(turn.status == ACKED for _, alert in facts.alerts for turn in alert.turns)
    first_ms, is_theirs = answers[0]
    is_known = checks.seen_since(facts) <= first_ms <= now - SEEN_MS and not checks.failed_looks(facts)
    was_free = facts.truth.taken.held_throughout(False, first_ms - FUNCTION_MS, first_ms)
    return not (is_theirs and is_known and was_free)


def _standing(alert: DeskAlert) -> list[Turn]:
    """Since its pager last rang it by itself: what ran out before anybody saw it was never known."""
    rung = max((n for n, turn in enumerate(alert.turns) if turn.status == OPEN and turn.by is None), default=0)
    return alert.turns[rung:]


def _rings_by_itself(checks: Invariants, facts: Facts) -> bool:
    """Nobody besides is needed then: unless its page was acknowledged by us alone, or by whoever has given it back, and nothing
    rings for anybody else."""
    if facts.issue.status != "New" and not is_left_by_reopening(facts.issue):
        return False
    statuses = {alert.status for _, alert in facts.alerts}
    is_theirs = checks.was_acted_on(facts, checks.seen_since(facts)) and not was_given_back(facts)
    return ACKED not in statuses or OPEN in statuses or is_theirs


def _why(facts: Facts, alias: str) -> Timeline:
    return facts.truth.left if _is_next(alias) else facts.truth.called


def _is_imoc(alias: str) -> bool:
    """An incident manager on call, in the chain: rung for the same end as whoever might take over."""
    return target_of(alias).startswith(CHAIN)


def _is_next(alias: str) -> bool:
    return is_succession(target_of(alias))
