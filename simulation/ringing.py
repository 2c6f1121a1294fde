"""Whenever somebody is rung: whether they are needed, whether it is they, whether those before them had their time, and who is
rung after them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from chalicelib.domain.alias import CHAIN, DELIVERY, ESCALATION, FIRST, NEXT, SECOND, is_of_the_chain, makes_manager
from chalicelib.domain.paging import PageState
from sandbox.jira.schema import SERVICE
from sandbox.pagers.desk import ACKED, CLOSED, OPEN, DeskAlert
from simulation import taking
from simulation.alerts import acted, has_run_out, is_act, is_older, place_of, target_of
from simulation.faults import Effect, Ending

if TYPE_CHECKING:
    from simulation.invariants import Invariants
    from simulation.truth import Timeline
    from simulation.watch import Facts, PageAsked
    from simulation.wire import Struck

FUNCTION_MS = 30_000
"""The longest that a function may act on what it read."""
PASS_MS = 20_000
"""The longest from reading an alert to ringing somebody else because of it: the page stage gives up after 15 s."""
LATELY_MS = 200_000
"""What went wrong so long ago may still keep us from knowing who was rung."""
PAGE_FIRST_MS = 60_000
YOUNG_MS = 120_000
HIDDEN_MS = YOUNG_MS + FUNCTION_MS
"""So long after Jira could not be read, somebody may still act on what was known before."""
LONDON = ZoneInfo("Europe/London")
UNSEEN_MS = 30_000
"""A page of which nothing is seen for so long has the next in the chain rung."""
FOLLOWED_MS = 150_000
"""How long after its time-out an unanswered alert may wait for the next in the chain: two sweeps and a look."""
SEEN_MS = 180_000
"""What happened at a pager is seen so soon: two sweeps pass in that time, whatever webhook is lost, and one may die."""
SENT_MS = 60_000
"""A create that went wrong is looked for, or given up, in a minute."""
REFUSED_MS = 300_000
"""What a pager refuses for good is asked of it again so much later, while anybody else is rung."""
_THEIR_TIME_MS = {PageState.ACCEPTED: 0, PageState.CONFIRMED: 0, PageState.REFUSED: REFUSED_MS}
"""How long after the ledger learns that of a page, the time of whoever it rings begins."""
_OURS = ("ledger", "queue", "secrets", "jira")
_KNOWN_TARGET = re.compile(r"delivery|(im|(next\.)?imoc[1-9][0-9]*|to\.[a-z0-9-]+)(\.second)?")


def page_asked(checks: Invariants, facts: Facts, asked: PageAsked) -> None:
    """Nobody is rung for what is over, nor over the heads of those who have it."""
    target = target_of(asked.alias)
    if not _KNOWN_TARGET.fullmatch(target):
        checks.broken("an alias is known without the ledger", asked.alias)
    if asked.roster not in _rosters_of(checks, target):
        checks.broken("whoever is responsible is rung", f"{asked.alias} through {asked.pager}: {asked.roster}")
    if target == DELIVERY:
        _check_delivery(checks, facts, asked)
    if not is_of_the_chain(target):
        return
    _check_need(checks, facts, asked)
    _check_fallback(checks, facts, asked)
    if target.endswith(SECOND) and not asked.is_late:
        _check_second(checks, facts, asked)
    if asked.ledger_failed and not asked.is_late:
        _check_blind(checks, facts, asked)


def _check_need(checks: Invariants, facts: Facts, asked: PageAsked) -> None:
    """It is not over, and nobody has it, as far as whoever rings can know."""
    truth, now = facts.truth, asked.ms
    if _was_known_to_be_over(checks, facts, asked):
        checks.broken("nobody is rung for what is over", f"{asked.alias} through {asked.pager}, and the ledger knew better")
    elif truth.wanted.held_throughout(False, now - _acts_on_ms(checks, asked), now):
        forgets = asked.ledger_failed and facts.issue.deleted  # Jira's word of it is in the ledger
        if forgets:
            checks.excused["E5"] += 1
        else:
            excuse(checks, facts, asked, "nobody is rung for what is over")
    elif truth.taken.held_throughout(True, now - _acts_on_ms(checks, asked), now):
        excuse(checks, facts, asked, "nobody is rung for what somebody has")


def _acts_on_ms(checks: Invariants, asked: PageAsked) -> int:
    """How old what it acts on may be: intake believes a webhook that is 30 s old by Jira's clock."""
    is_intake = asked.by is not None and asked.by.name == "intake"
    return FUNCTION_MS + (min(FUNCTION_MS, int(checks.skew_ms())) if is_intake else 0)


def _rosters_of(checks: Invariants, target: str) -> set[str]:
    """Who may be rung under this target, whatever the incident's service is or was."""
    table, first = checks.company.table, target.removesuffix(SECOND).removeprefix(NEXT)
    names: set[str] = set()
    if first == DELIVERY:
        names = {delivery.roster for delivery in table.deliveries.values()}
    elif first == FIRST:
        names = {name for by_severity in table.services.values() for name in by_severity.values()}
    elif first.startswith(ESCALATION):
        names = {first.removeprefix(ESCALATION)}
    elif first.startswith(CHAIN):
        names = {table.imoc[int(first.removeprefix(CHAIN)) - 1]}
    return {table.rosters[name].second or "" for name in names} if target.endswith(SECOND) else names


def _check_delivery(checks: Invariants, facts: Facts, asked: PageAsked) -> None:
    """A severity 3 wakes nobody: its team hears of it in business hours, while it is one."""
    begun = max(((sk, states[0][0]) for sk, states in facts.states.items() if sk.endswith(DELIVERY)), default=("", asked.ms))
    local = checks.loop.moment(begun[1]).astimezone(LONDON)
    minute = local.hour * 60 + local.minute
    if not (local.weekday() < 5 and 9 * 60 - 1 <= minute <= 17 * 60 + 30):
        checks.broken("a severity 3 wakes nobody", f"{asked.alias} through {asked.pager}, begun at {local:%a %H:%M}")
    if facts.truth.low.held_throughout(False, asked.ms - FUNCTION_MS, asked.ms):
        excuse(checks, facts, asked, "nobody is called whom nobody asks for")


def _check_second(checks: Invariants, facts: Facts, asked: PageAsked) -> None:
    """The second is rung only while the first cannot be reached: not where it took the page, and nothing went wrong."""
    first, since_ms = target_of(asked.alias).removesuffix(SECOND), facts.truth.wanted.since_ms
    was_taken_in = any(target_of(one.alias) == first and since_ms <= one.ms for one in facts.asked)
    if was_taken_in and not _went_wrong(checks, facts, since_ms):
        checks.broken("the second is rung only while the first cannot be reached", f"{asked.alias} through {asked.pager}")


def _went_wrong(checks: Invariants, facts: Facts, since_ms: int) -> bool:
    """Anything that may have kept us from knowing who was rung."""
    lately_ms = since_ms - LATELY_MS
    return bool(checks.script.deaf[1]) or any(
        s.incident in (None, facts.issue.id) and s.over_ms >= lately_ms for s in checks.struck
    )


def check_their_time(
    checks: Invariants, facts: Facts, asked: PageAsked, alerts: Sequence[tuple[str, DeskAlert]], begin_ms: int
) -> None:
    """Whoever was just rung, and whom it rings, has their time before anybody else is woken."""
    place, timeout_ms = place_of(target_of(asked.alias)), checks.company.policy.ack_timeout_s * 1000 - 2_000
    if asked.is_late or place is None or _is_corrected(facts) or _went_wrong(checks, facts, begin_ms):
        return
    if any(one.alias == asked.alias and begin_ms <= one.ms for one in (*facts.asked, *facts.called_asked)):
        return  # asked before, when those had not been rung yet
    for pager, alert in alerts:
        # What became of a request PagerDuty tells by its list alone.
        shown_after_s = checks.script.takes_s + (checks.script.list_lag_s if pager == "pagerduty" else 0)
        if shown_after_s * 1000 >= UNSEEN_MS:
            continue  # somebody else was rung because nothing was seen of it
        made_ms, before = checks.ms_of(alert.created_at), place_of(target_of(alert.alias))
        is_soon = begin_ms <= made_ms and asked.ms - made_ms < timeout_ms
        if before is not None and before < place and alert.status == OPEN and alert.roster.on_call and is_soon:
            checks.broken(
                "whoever was rung has their time", f"{asked.alias} through {asked.pager}, and {alert.id} has just rung"
            )


def _check_turn(checks: Invariants, facts: Facts, asked: PageAsked) -> None:
    """One after the other, also of those who were rung in vain before: whoever is asked for now has half a minute to be rung,
    before the next in the chain is asked for."""
    begin_ms = next((begin for begin, _ in checks.needed_anew(facts) if begin == facts.truth.needs_page.since_ms), None)
    place, chain = place_of(target_of(asked.alias)) or 0, [one for one in facts.asked if is_of_the_chain(target_of(one.alias))]
    if asked.is_late or begin_ms is None or _is_corrected(facts) or _was_disturbed(checks, facts, begin_ms, asked.ms):
        return
    since = [one for one in chain if one.ms >= begin_ms]
    before = [one for one in since if (place_of(target_of(one.alias)) or 0) < place]
    if not before or any(one.alias == asked.alias for one in since):
        return
    is_soon = asked.ms - before[0].ms < UNSEEN_MS - 2_000
    if is_soon and _is_somebody_there(checks, before[0].roster):
        checks.broken("one after the other is rung", f"{asked.alias} just after {before[0].alias}")


def _is_somebody_there(checks: Invariants, roster: str) -> bool:
    return bool(checks.company.on_call.get(checks.company.table.rosters[roster].id))


def _was_disturbed(checks: Invariants, facts: Facts, from_ms: int, to_ms: int) -> bool:
    """Anything went wrong about it then, or so shortly before that a function may still have been kept by it."""
    return bool(checks.script.deaf[1]) or is_struck_between(facts, checks.struck, from_ms, to_ms)


def is_struck_between(facts: Facts, struck: Iterable[Struck], from_ms: int, to_ms: int) -> bool:
    return any(
        s.incident in (None, facts.issue.id) and s.at_ms <= to_ms and max(s.at_ms + FUNCTION_MS, s.over_ms) >= from_ms
        for s in struck
    )


def _is_corrected(facts: Facts) -> bool:
    """Of another service, somebody else is the first."""
    return any(item["fieldId"] == SERVICE for entry in facts.issue.histories for item in entry["items"])


def _rang_at(checks: Invariants, alert: DeskAlert, ms: int) -> bool:
    return checks.ms_of(alert.created_at) <= ms and not _was_over(checks, alert, ms)


def check_following(
    checks: Invariants, facts: Facts, needed: Timeline, alerts: Sequence[tuple[str, DeskAlert]], begin_ms: int
) -> None:
    """Whoever was rung and did nothing is followed by the next in the chain; soon where nobody is on call there.

    One who is asked to take over follows as well as one of the chain.
    """
    asks = [asked for asked in (*facts.asked, *facts.called_asked) if makes_manager(target_of(asked.alias))]
    chain = [(alert, place_of(target_of(alert.alias))) for alert in facts.for_managers]
    answered_ms = min(
        (checks.ms_of(turn.at) for a, _ in chain for turn in a.turns if is_act(turn) and checks.ms_of(turn.at) >= begin_ms),
        default=checks.loop.now_ms,
    )
    known = [one for states in facts.states.values() for one in states]
    learnt = [(ms, ms + _THEIR_TIME_MS[state]) for ms, state in known if state in _THEIR_TIME_MS]
    is_corrected = _is_corrected(facts)
    for pager, alert in alerts:
        place = place_of(target_of(alert.alias))
        if place is None:
            continue
        # That the first pager cannot be reached is why its second rings, and keeps nobody from following that.
        is_borne = target_of(alert.alias).endswith(SECOND)
        disturbed = (
            s.over_ms for s in checks.struck if not (is_borne and s.operation.partition(".")[0] not in (pager, *_OURS))
        )
        # What was made blind for another service rings, as far as anybody knows, whoever is on call for this one.
        is_mistaken = is_corrected and any(a.ledger_failed and a.alias == alert.alias for a in facts.asked)
        timeout_ms = checks.company.policy.ack_timeout_s * 1000 if alert.roster.on_call or is_mistaken else 0
        since_ms = max([checks.ms_of(alert.created_at), *disturbed])
        made_ms = (checks.ms_of(a.created_at) for a, other in chain if other is not None and other <= place)
        for ms, until_ms in sorted((*learnt, *((ms, ms) for ms in made_ms))):  # whoever turns out to ring has their time first
            since_ms = max(since_ms, until_ms) if ms <= since_ms + timeout_ms + FOLLOWED_MS else since_ms
        late_ms = since_ms + timeout_ms + FOLLOWED_MS
        rang_ms = min((checks.ms_of(turn.at) for turn in alert.turns if turn.status != OPEN), default=checks.loop.now_ms)
        if late_ms < begin_ms or late_ms > min(rang_ms, answered_ms) or not needed.held_throughout(True, since_ms, late_ms):
            continue
        behind = [a for a, other in chain if other is not None and other > place]
        if any(_rang_at(checks, a, late_ms) for a in behind):
            continue
        if place >= len(checks.company.table.imoc):
            if not any(ms >= begin_ms and key in facts.keys for ms, key in checks.told_of_silence):
                checks.broken(
                    "owners hear that nobody answers", f"{alert.id} under {alert.alias} rings on, and nobody was told"
                )
        elif not any(begin_ms <= asked.ms <= late_ms and (place_of(target_of(asked.alias)) or 0) > place for asked in asks):
            checks.broken("who does not answer is followed", f"{alert.id} under {alert.alias} rings on, and nobody else")


def seen_by(checks: Invariants, facts: Facts, from_ms: int, to_ms: int) -> int:
    """When at the latest it is seen what a pager shows from then on: the faults until to_ms are over, and it has had its time.

    A Retry-After to a create holds up what is sent, and nobody who looks.
    """
    script = checks.script
    over_ms = [
        s.at_ms + SENT_MS if s.operation.endswith(".open_page") else s.over_ms
        for s in checks.struck if s.at_ms <= to_ms and s.incident in (None, facts.issue.id)
    ]  # fmt: skip
    if script.deaf[1]:
        over_ms.append(int(sum(script.deaf) * 1000))
    return max([from_ms, *over_ms]) + int((script.takes_s + script.list_lag_s + script.index_lag_s) * 1000) + SEEN_MS


def check_answers_seen(checks: Invariants, facts: Facts) -> None:
    """Owners do not hear that nobody answers when somebody has, and that had to be seen by then.

    Not held to it is what was sent without the ledger, nor what is nobody's again.
    """
    left = facts.truth.left
    if facts.was_hidden or left.now:
        return
    told = [ms for ms, key in checks.told_of_silence if key in facts.keys and not left.held_throughout(True, ms, ms)]
    blind = {asked.alias for asked in facts.asked if asked.ledger_failed}
    for alert in facts.for_managers:
        last, acted_ms = alert.turns[-1], checks.ms_of(alert.turns[-1].at)
        if last.status != ACKED or not is_act(last) or acted_ms < facts.truth.wanted.since_ms or alert.alias in blind:
            continue
        if any(ms > seen_by(checks, facts, acted_ms, ms) for ms in told):
            checks.broken("who answers is seen", f"{alert.id} was acknowledged, and owners heard that nobody answers")


def check_silence(checks: Invariants, facts: Facts) -> None:
    """Where pagers take every page and ring nobody, owners hear of it each time anew.

    Held to it is who has no second pager, while nothing goes wrong but that: each in the chain has half a minute to be rung.
    """
    lost = [s for s in checks.struck if s.fault.effect is Effect.PART and s.operation.endswith(".open_page")]
    made = [alert for alert in facts.for_managers if is_of_the_chain(target_of(alert.alias))]
    for begin_ms, end_ms in checks.needed_anew(facts):
        late_ms = begin_ms + UNSEEN_MS * (2 + len(checks.company.table.imoc)) + FOLLOWED_MS
        rings = any(checks.ms_of(a.created_at) <= late_ms and not _was_over(checks, a, begin_ms) for a in made)
        others = [s for s in checks.struck if s not in lost]
        is_disturbed = facts.was_hidden or checks.company.has_second or is_struck_between(facts, others, begin_ms, late_ms)
        asked = any(begin_ms <= one.ms <= late_ms - FOLLOWED_MS for one in facts.asked)
        if rings or is_disturbed or not asked or end_ms < late_ms or checks.script.workers < len(checks.script.raises):
            continue
        if not any(begin_ms <= ms <= late_ms and key in facts.keys for ms, key in checks.told_of_silence):
            checks.broken(
                "owners hear that nobody answers", f"needed from +{begin_ms / 1000:.1f} s, nothing rings, and nobody was told"
            )


def _was_over(checks: Invariants, alert: DeskAlert, at_ms: int) -> bool:
    """It rang nobody any more then."""
    return any(turn.status == CLOSED and checks.ms_of(turn.at) <= at_ms for turn in alert.turns)


def _was_known_to_be_over(checks: Invariants, facts: Facts, asked: PageAsked) -> bool:
    """Before whoever sent it began, and it could have read that: then no older word may decide, however young it is."""
    if facts.truth.wanted.now or facts.over_known_ms is None or asked.ledger_failed or asked.is_late:
        return False
    return facts.over_known_ms < asked.began_ms


def _check_blind(checks: Invariants, facts: Facts, asked: PageAsked) -> None:
    """Whoever cannot read the ledger looks at the pager before ringing."""
    began = asked.began_ms
    mine = [s for s in checks.struck if s.at_ms >= began and s.incident in (None, facts.issue.id)]
    has_looked = any(look.ms >= began and look.alias == asked.alias for look in facts.looked)
    has_tried = any(s.operation.endswith(".find") for s in mine)
    remembers = all(s.fault.ending is Ending.ANSWER for s in mine if s.operation.startswith("ledger."))
    if not (has_looked or has_tried or remembers):
        checks.broken("no blind page without a look", f"{asked.alias} through {asked.pager}, without the ledger")


def _check_fallback(checks: Invariants, facts: Facts, asked: PageAsked) -> None:
    """The next in the chain is woken only when those before cannot be expected to come."""
    now = asked.ms
    check_their_time(checks, facts, asked, facts.alerts, checks.seen_since(facts))
    _check_turn(checks, facts, asked)
    place = place_of(target_of(asked.alias)) or 0
    before = [
        alert for _, alert in facts.alerts if target_of(alert.alias) != DELIVERY
        and (((place_of(target_of(alert.alias)) or 0) < place and alert.status != CLOSED) or acted(alert))
    ]  # fmt: skip
    heirs = [alert for alert in facts.successions if any(map(taking.is_taken_by, alert.turns))]
    newest = {alert.alias: alert for alert in (*before, *heirs)}
    for alert in newest.values():
        acted_ms = [checks.ms_of(turn.at) for turn in alert.turns if is_act(turn)]
        if alert.alias == asked.alias or not acted_ms or now - acted_ms[0] < PASS_MS + checks.script.list_lag_s * 1000:
            continue
        if not facts.truth.wanted.held_throughout(True, checks.ms_of(alert.created_at), now):
            continue
        if any(is_older(alert, other) and other.status == OPEN for _, other in (*facts.alerts, *facts.called_alerts)):
            continue  # of two alerts of one page, the one that rings decides
        if has_run_out(alert) and not facts.answered:
            continue  # before anybody saw that it was acknowledged
        unknown = alert.id not in facts.known_ids
        failed = [
            s for s in checks.failed_looks(facts)
            if s.over_ms >= acted_ms[0] - PAGE_FIRST_MS and (unknown or not _is_list_that_answers(s))
        ]  # fmt: skip
        if alert.id in checks.closed_blind or _was_gap_hidden(checks, facts, now):
            checks.excused["E5"] += 1  # resolved and reopened before somebody acted, and told of after that
        elif _was_wanted_unknown(checks, facts, acted_ms[0]):
            checks.excused["E5"] += 1  # they acted on the page of before
        elif asked.ledger_failed or ((failed or unknown) and not _had_to_be_seen(checks, facts, alert, acted_ms[0], now)):
            checks.excused["E3"] += 1
        else:
            checks.broken("nobody is woken over an acknowledgement", f"{asked.alias}, though {alert.id} was acted on")


def _is_list_that_answers(struck: Struck) -> bool:
    """That a list fails hides nothing of what is known, and is read by its id; one that hangs is why nothing else is asked."""
    return struck.operation.endswith(".find") and struck.fault.takes != "timeout"


def _had_to_be_seen(checks: Invariants, facts: Facts, alert: DeskAlert, acted_ms: int, now: int) -> bool:
    """Long after whatever went wrong, of a page that somebody could write down."""
    is_blind = facts.was_hidden or any(one.ledger_failed for one in facts.asked if one.alias == alert.alias)
    return not is_blind and now > seen_by(checks, facts, acted_ms, now)


def _was_gap_hidden(checks: Invariants, facts: Facts, now: int) -> bool:
    """That it was not wanted for a while, or is again, could not be seen when it was so, nor long after."""
    at_ms = facts.truth.wanted.at_ms
    return len(at_ms) > 2 and facts.was_hidden_between(at_ms[-2] - HIDDEN_MS, now)


def _was_wanted_unknown(checks: Invariants, facts: Facts, at_ms: int) -> bool:
    """That it is wanted again the ledger learned only after that."""
    was_wanted_before = len(facts.truth.wanted.at_ms) > 2
    is_known = facts.needed_known_ms is not None and facts.needed_known_ms <= at_ms
    return was_wanted_before and facts.truth.needs_page.since_ms == facts.truth.wanted.since_ms and not is_known


def excuse(checks: Invariants, facts: Facts, asked: PageAsked, invariant: str) -> None:
    if checks.was_blind_to_jira(facts, asked.ms) or checks.is_a_secret_departure(facts):
        checks.excused["E5"] += 1
    elif asked.is_late:
        checks.excused["E2"] += 1
    else:
        checks.broken(invariant, f"{asked.alias} through {asked.pager}")
