"""One alert per incident, episode and target, for ever; and under which accepted exception there is a second."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from chalicelib.domain.alias import DELIVERY
from chalicelib.domain.incident import IssueId
from chalicelib.domain.paging import PageState
from sandbox.pagers.desk import CLOSED, DeskAlert
from simulation import taking
from simulation.alerts import is_older, target_of
from simulation.ringing import FUNCTION_MS, HIDDEN_MS, PASS_MS, YOUNG_MS

if TYPE_CHECKING:
    from simulation.invariants import Invariants
    from simulation.watch import Facts, PageAsked

COVERED_MS = 420_000
"""Without the ledger, what was made so lately by the pager's clock is for this change."""


def alert_made(checks: Invariants, facts: Facts, pager: str, alert: DeskAlert) -> None:
    """One alert per incident, episode and target, for ever."""
    target = target_of(alert.alias)
    earlier = [(p, a) for p, a in facts.alerts if a.alias == alert.alias]
    if not earlier:
        return
    last = earlier[-1][1]
    asks = [asked for asked in facts.asked if asked.alias == alert.alias]
    if last.status != CLOSED and last.scope != alert.scope and any(asked.ledger_failed for asked in asks):
        # PagerDuty joins alerts of one integration only, and blind pages go to whoever the service names now.
        checks.excused["E1"] += 1
    elif last.status != CLOSED and pager == earlier[-1][0]:
        checks.broken("one open alert", f"{alert.alias} has {last.id} and {alert.id}")
    if target == DELIVERY:
        return
    first_ms = max((asked.ms for asked in asked_before(checks, asks, last)), default=checks.ms_of(last.created_at))
    if facts.truth.wanted.held_throughout(True, first_ms, checks.loop.now_ms):
        excuse_second_ring(checks, facts, alert, last, asks)


def excuse_second_ring(checks: Invariants, facts: Facts, alert: DeskAlert, last: DeskAlert, asks: Sequence[PageAsked]) -> None:
    """A second ring in one episode: E1 while the ledger is away, E2 when no look could have shown the first."""
    takes_ms, made_ms = int(checks.script.takes_s * 1000), checks.ms_of(last.created_at)
    repeat = next((a for a in reversed(asks) if a.ms <= checks.loop.now_ms - takes_ms + 5), asks[-1])
    # A create that landed late was sent when the fault struck it.
    sent = [s.at_ms for s in checks.struck if s.operation.endswith(".open_page") and s.incident == facts.issue.id]
    first_ms = min([asks[0].ms, *sent])
    before = asked_before(checks, asks, last)
    at_once = any(a.ledger_failed for a in before if repeat.ms - a.ms < FUNCTION_MS)
    # How old it is is asked before the look, and the create comes after that.
    is_young = repeat.ms - checks.updated_ms(facts) <= YOUNG_MS + PASS_MS + checks.skew_ms()
    lag_ms = int(checks.script.list_lag_s * 1000)
    looks = [look for look in facts.looked if look.alias == alert.alias and first_ms < look.ms <= repeat.sent_ms]
    own = [look.ms for look in looks if repeat.by is not None and look.by is repeat.by]
    # Whoever cannot read the ledger, and sees that it was closed a moment ago, rings nobody.
    covered_ms = COVERED_MS + (checks.script.pager_skew_s - abs(checks.script.worker_skew_s)) * 1000
    saw_it = repeat.ledger_failed and bool(own) and own[-1] >= made_ms + lag_ms and repeat.ms - made_ms < covered_ms
    is_blind = (repeat.ledger_failed or at_once) and is_young and not saw_it
    if is_blind or (before and before[-1].ledger_failed and _was_taken_for_an_older(checks, facts, last)):
        checks.excused["E1"] += 1
        return
    recent = own or [look.ms for look in looks if look.ms >= repeat.sent_ms - PASS_MS]
    # Those of the page before tell nothing of this one, unless this was sent before that was made.
    older = [checks.ms_of(a.created_at) for _, a in (*facts.alerts, *facts.called_alerts) if is_older(a, last)]
    previous_ms = max((a.sent_ms for a in asks if a.sent_ms < repeat.sent_ms), default=first_ms)
    begun_ms = max(first_ms, min(max(older, default=first_ms), previous_ms))
    failed = [s for s in checks.failed_looks(facts) if begun_ms < s.at_ms <= repeat.sent_ms]
    blind_looks = bool(recent) and recent[-1] < made_ms + lag_ms
    doubted = len(failed) >= 3 or any((s.fault.retry_after_s or 0) > 3 or s.fault.out_of_service for s in failed)
    was_hidden = facts.was_hidden_between(begun_ms - HIDDEN_MS, repeat.sent_ms)
    if was_hidden or last.id in checks.closed_blind or _was_ended_on_an_old_word(checks, facts, made_ms):
        checks.excused["E5"] += 1
    elif blind_looks or doubted:
        checks.excused["E2"] += 1
    else:
        checks.broken("one page per incident, episode and target", f"{alert.alias} rang again: {last.id}, then {alert.id}")


def _was_taken_for_an_older(checks: Invariants, facts: Facts, last: DeskAlert) -> bool:
    """For one more of the page of the time before, and ended with that."""
    pages = [page for page in checks.ledger.read(IssueId(facts.issue.id)).pages if page.alias == last.alias]
    before = [page for page in pages if page.episode < pages[-1].episode]
    return taking.was_closed_by_us(last) or any(last.id in p.alert_ids and p.state is PageState.ENDED for p in before)


def _was_ended_on_an_old_word(checks: Invariants, facts: Facts, since_ms: int) -> bool:
    """With Jira unreadable, words of its being over and wanted again came late, one after the other."""
    if len(facts.truth.wanted.at_ms) < 2 or not checks.was_blind_to_jira(facts, checks.loop.now_ms):
        return False
    return any(state is PageState.ENDING and ms > since_ms for states in facts.states.values() for ms, state in states)


def first_asked_ms(checks: Invariants, asks: Sequence[PageAsked], alert: DeskAlert, alerts: Sequence[DeskAlert]) -> int:
    """When a page was first asked for that may have become this alert: after the last one under its alias was made. Where a
    pager made several at once, late, the last that it was asked for."""
    before_ms = max((checks.ms_of(a.created_at) for a in alerts if is_older(a, alert)), default=-1)
    asked_ms = [asked.ms for asked in asked_before(checks, asks, alert)]
    last_ms = max(asked_ms, default=checks.ms_of(alert.created_at))
    return min((ms for ms in asked_ms if ms > before_ms), default=last_ms)


def asked_before(checks: Invariants, asks: Sequence[PageAsked], alert: DeskAlert) -> list[PageAsked]:
    """Under its alias, until it was made."""
    made_ms = checks.ms_of(alert.created_at)
    return [asked for asked in asks if asked.alias == alert.alias and asked.ms <= made_ms]
