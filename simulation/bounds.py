"""How fast a page must be accepted, per class of what went wrong: the one table, and the measuring against it.

A class holds from the moment named in its row. Where several things went wrong, the slowest class counts, from the moment the
last of them was over; a `Retry-After` is part of the fault that asked for it, half a minute of it where a look was answered so
(`Struck.over_ms`): whoever is needed waits for no more. Where a sweep is what finds an incident, a sweep that died on its way
there is one of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chalicelib.domain.alias import DELIVERY, is_succession
from chalicelib.domain.incident import IssueId
from chalicelib.domain.paging import PageState
from chalicelib.reconcile.firebell import YOUNG
from sandbox.pagers.desk import ACKED, CLOSED, OPEN, DeskAlert
from simulation.alerts import target_of
from simulation.company import FIREBELL_AT_PAGER
from simulation.faults import Ending
from simulation.ringing import FUNCTION_MS, LATELY_MS, PASS_MS, UNSEEN_MS, is_struck_between
from simulation.taking import is_only_found, is_taken_by
from simulation.wire import Struck

if TYPE_CHECKING:
    from simulation.watch import Facts
    from simulation.world import Life


@dataclass(frozen=True, slots=True)
class Bound:
    """seconds: from `since`, for people, until some pager has accepted the page."""

    name: str
    seconds: int
    since: str


CLEAN = Bound("clean", 5, "the webhook is durable")
BEHIND = Bound(
    "clean, and Jira is read first", 10,
    "the webhook is durable: Jira's clock is far off, so that nobody can tell its age, it is not the first and came alone, or "
    "only the history tells whether somebody has it",
)  # fmt: skip
NEXT_EPISODE = Bound(
    "right after another episode", 60,
    "the webhook is durable, and the pager has had as long as it takes to close the old alert: that must be seen closed first; "
    "with no second pager, the only one hears again",
)  # fmt: skip
PASSING = Bound("a passing fault, message durable", 60, "the last fault or its Retry-After is over")
SEVERAL = Bound("several passing faults, message durable", 120, "the last fault or its Retry-After is over")
DEATH = Bound("a function died", 180, "it died, or the issue became searchable")
LOST = Bound("webhook lost or late", 180, "the issue is searchable and the last fault over")
SECOND = Bound("primary pager down, second configured", 300, "a page was needed, or the issue became searchable")
SILENT = Bound(
    "primary pager accepts and rings nobody", 300,
    "a page was needed, or the issue became searchable, and the second had as long as it takes: until somebody is rung",
)  # fmt: skip

BOUNDS = (CLEAN, BEHIND, NEXT_EPISODE, PASSING, SEVERAL, DEATH, LOST, SECOND, SILENT)

AGAIN_MS = 60_000
"""What could not be written down is tried again within a minute."""

IN_TIME_MS = 3_000
"""A webhook that is durable so soon after the change was neither lost nor late."""


@dataclass(frozen=True, slots=True)
class PagedIn:
    """One stretch in which an incident needed somebody. took_ms: since the class's moment; None: nobody was asked for."""

    bound: Bound
    issue_key: str
    needed_ms: int
    accepted_ms: int | None
    since_ms: int
    ended_ms: int

    @property
    def deadline_ms(self) -> int:
        return self.since_ms + self.bound.seconds * 1000

    @property
    def is_late(self) -> bool:
        return self.deadline_ms < self.ended_ms and (self.accepted_ms is None or self.accepted_ms > self.deadline_ms)

    @property
    def took_ms(self) -> int | None:
        return None if self.accepted_ms is None else max(0, self.accepted_ms - self.since_ms)

    def __str__(self) -> str:
        when = "never" if self.accepted_ms is None else f"at +{self.accepted_ms / 1000:.1f} s"
        return (
            f"{self.issue_key} needed somebody from +{self.needed_ms / 1000:.1f} s, a pager accepted {when}; "
            f"{self.bound.name}: {self.bound.seconds} s from +{self.since_ms / 1000:.1f} s"
        )


def timings(life: Life, facts: Facts) -> Iterator[PagedIn]:
    """Every stretch in which this incident needed somebody and was not being paged already."""
    if facts.was_hidden and not facts.durable_ms and not facts.read_ms:
        return  # hidden before anybody told of it, and a permission that comes back is no change that a search shows
    episodes = facts.truth.wanted.stretches(life.loop.now_ms)
    for number, (needed, ended) in enumerate(facts.truth.needs_page.stretches(life.loop.now_ms)):
        if life.invariants.nobody_can_know(facts, needed):
            continue
        place = next(n for n, (begin, end) in enumerate(episodes) if begin <= needed <= end)
        begin = seen_beginning(facts, episodes, place)
        asks = [asked for asked in facts.asked if not asked.alias.endswith(DELIVERY)]
        # What a pager took in before, and made only now, rings as well.
        made = [life.invariants.ms_of(alert.created_at) for _, alert in facts.alerts if not alert.alias.endswith(DELIVERY)]
        gap = (episodes[place - 1][1], needed)
        is_known_anew = (
            number > 0 and needed == episodes[place][0] and (is_noticed(facts, *gap) or _was_told_of(life, facts, *gap))
        )
        # One episode, no second page (E4): but of which nothing has come, that is no page, and somebody is rung in time.
        is_paged = any(begin <= asked.ms < needed for asked in asks) and any(begin <= ms < needed for ms in made)
        if is_paged and begin < episodes[place][0]:
            life.invariants.excused["E4"] += 1
        if (is_paged and not is_known_anew) or _rings_already(life, facts, begin, needed, ended):
            continue
        if not number or is_known_anew:
            yield from _silence(life, facts, needed, ended, min((ms for ms in made if needed <= ms <= ended), default=None))
        # Whoever might take over what was left is asked for the same end.
        heirs = (asked for asked in facts.called_asked if is_succession(target_of(asked.alias)))
        asked = (asked.ms for asked in (*asks, *heirs))
        accepted = min((ms for ms in (*asked, *made) if needed <= ms <= ended), default=None)
        durable = min((ms for ms in facts.durable_ms if ms >= needed), default=None)
        until = accepted if accepted is not None else ended
        struck = [
            s for s in _struck_around(life, needed, until) if s.incident in (None, facts.issue.id) and not _is_beside_it(s)
        ]  # fmt: skip
        was_hidden = facts.was_hidden_between(needed - FUNCTION_MS, until)
        lag_ms = int(life.script.search_lag_s * 1000)
        if was_hidden:
            lag_ms += life.script.disturbed_until_ms  # nobody can find what is hidden
        free_ms = _freed(life, needed, until)
        hears_ms = _hears_again(life, needed, until) if number else needed
        told = durable if durable is not None and durable - needed <= IN_TIME_MS and not was_hidden else None
        is_second_asked = _is_deaf(life, needed, until) and life.invariants.company.has_second
        if number and (is_second_asked or not struck) and told is not None:
            bound = SECOND if is_second_asked else NEXT_EPISODE
            since = max([told, *(s.over_ms for s in struck)]) + int(life.script.takes_s * 1000)
            timing = PagedIn(bound, facts.issue.key, needed, accepted, since, ended)
        else:
            found = max(searchable(facts, needed, lag_ms), _last_dead_sweep(life, needed, until))
            timing = _timing(life, facts, needed, ended, accepted, durable, struck, found, was_hidden=was_hidden)
        turn_ms = _turn_came(facts, needed, until)
        yield replace(timing, since_ms=max(timing.since_ms, free_ms, hears_ms, turn_ms))


def _rings_already(life: Life, facts: Facts, begin: int, needed: int, ended: int) -> bool:
    """Somebody is being rung for it from before, has taken it over, or had in hand what nobody knew of (E6)."""
    if any(_is_heirs(life, facts, alert, begin, needed) for alert in facts.successions):
        return True
    rang_on = begin < needed and any(_rings_on(life, a, begin, needed) for _, a in facts.alerts)
    if rang_on or any(_rings_on(life, a, needed, ended) for _, a in facts.alerts):
        return True
    if any(_stands_unknown(life, facts, alert, needed) for _, alert in facts.alerts):
        life.invariants.excused["E6"] += 1
        return True
    if any(_seems_answered_now(life, alert, needed) for _, alert in facts.alerts):
        life.invariants.excused["E10"] += 1
        return True
    return False


def _seems_answered_now(life: Life, alert: DeskAlert, needed_ms: int) -> bool:
    """By a pager's clock that is ahead of Jira's, who answered just before this was needed again answered after that."""
    checks = life.invariants
    return checks.was_acted_on_between(alert, needed_ms - checks.pager_ahead_ms(), needed_ms)


def _silence(life: Life, facts: Facts, needed: int, ended: int, rang: int | None) -> Iterator[PagedIn]:
    """To accept is not to ring. Held to it is who has a second pager, while nothing but the first fails, and kills nobody."""
    asked = min((asked.ms for asked in facts.asked if needed <= asked.ms <= ended), default=ended)
    until = ended if rang is None else rang
    if until - asked <= UNSEEN_MS:
        return
    struck = _struck_around(life, needed, until)
    is_the_first = all(s.operation.startswith("opsgenie.") and not s.fault.is_death for s in struck)
    if not (life.invariants.company.has_second and is_the_first) or facts.was_hidden or len(life.issues) > life.script.workers:
        return
    found = searchable(facts, needed, int(life.script.search_lag_s * 1000))
    yield PagedIn(SILENT, facts.issue.key, needed, rang, found + int(life.script.takes_s * 1000), ended)


def _struck_around(life: Life, needed_ms: int, until_ms: int) -> list[Struck]:
    """What may still have been felt then."""
    return [s for s in life.wire.struck if s.at_ms <= until_ms and max(s.at_ms + LATELY_MS, s.over_ms) >= needed_ms]


def _is_beside_it(struck: Struck) -> bool:
    """What is counted comes after the page, in a function of its own or last in a pass: it delays no page, unless one died."""
    system = struck.operation.partition(".")[0]
    return system == "rollup" or (system == "facts" and not struck.fault.is_death)


def _freed(life: Life, needed_ms: int, until_ms: int) -> int:
    """When one was killed of as many hanging workers as there are, whomever they hung for: before that none could come."""
    hung = sorted(
        s.at_ms for s in life.wire.struck
        if s.function == "worker" and s.fault.ending is Ending.TOO_SLOW and needed_ms - FUNCTION_MS <= s.at_ms <= until_ms
    )  # fmt: skip
    workers = life.script.workers
    return hung[-workers] + FUNCTION_MS if len(hung) >= workers else needed_ms


def _turn_came(facts: Facts, needed_ms: int, until_ms: int) -> int:
    """When a worker first took a message about it, if all had been busy with other incidents until then."""
    first = next(((ms, waited) for ms, waited in facts.handed_out if needed_ms <= ms <= until_ms), None)
    return first[0] if first is not None and first[1] else needed_ms


def _is_heirs(life: Life, facts: Facts, alert: DeskAlert, begin_ms: int, needed_ms: int) -> bool:
    """Whoever answered, when it had been left, has it from us, or nobody else has had it since: also where it is New again."""
    taken = [ms for turn in alert.turns if is_taken_by(turn) and begin_ms <= (ms := life.invariants.ms_of(turn.at)) < needed_ms]
    if not taken:
        return False
    is_free = facts.truth.abandoned.held_throughout(True, taken[0], needed_ms)
    return is_free or facts.truth.given.held_throughout(True, needed_ms, needed_ms)


def _rings_on(life: Life, alert: DeskAlert, needed_ms: int, ended_ms: int) -> bool:
    """The alert of the last time was open when somebody was needed again, or would have been had nobody had it, and we did not
    close it: then it is the page."""
    turns = [(life.invariants.ms_of(turn.at), turn) for turn in alert.turns]
    before = [turn for ms, turn in turns if ms <= needed_ms]
    after = [turn for ms, turn in turns if needed_ms < ms <= ended_ms]
    is_open = bool(before) and before[-1].status == OPEN and not alert.alias.endswith(DELIVERY)
    return is_open and not (after and after[0].by == FIREBELL_AT_PAGER and after[0].status == CLOSED)


def _stands_unknown(life: Life, facts: Facts, alert: DeskAlert, needed_ms: int) -> bool:
    """Somebody acknowledged it, and nobody could know that it had to be closed: under its alias nothing rings again."""
    before = [turn for turn in alert.turns if life.invariants.ms_of(turn.at) <= needed_ms]
    if not before or before[-1].status != ACKED:
        return False
    acked_ms = life.invariants.ms_of(before[-1].at)
    if needed_ms - acked_ms <= PASS_MS and is_only_found(life.invariants, facts, alert):
        return True  # whoever sent it may know better, so it was not being ended when they answered
    return life.invariants.why_unknown(facts, alert) == "E6" or _is_still_told(life, facts, alert, needed_ms)


def _is_still_told(life: Life, facts: Facts, alert: DeskAlert, needed_ms: int) -> bool:
    """It was made blind, and whoever was to write down what its message tells of it could not: the ledger was away until just
    before, or they died over it each time."""
    blind = [asked.ms for asked in facts.asked if asked.ledger_failed and asked.alias == alert.alias and asked.ms < needed_ms]
    pages = life.ledger.read(IssueId(facts.issue.id)).pages
    is_known = any(page.alias == alert.alias and life.loop.ms_of(page.since) <= needed_ms for page in pages)
    if not blind or is_known:
        return False
    struck = [s for s in life.wire.struck if s.operation.startswith("ledger.") and s.incident in (None, facts.issue.id)]
    return any(blind[0] <= s.at_ms <= needed_ms and (s.fault.is_death or s.over_ms >= needed_ms - AGAIN_MS) for s in struck)


def _hears_again(life: Life, needed_ms: int, until_ms: int) -> int:
    """When a pager that takes requests and does nothing recovers: before that it closes no old alert, and rings nobody.

    Where there is a second, that one rings.
    """
    is_waited_for = _is_deaf(life, needed_ms, until_ms) and not life.invariants.company.has_second
    return int(sum(life.script.deaf) * 1000) if is_waited_for else needed_ms


def _is_deaf(life: Life, needed_ms: int, until_ms: int) -> bool:
    """The first pager takes requests and does nothing: it is as good as down."""
    begin_ms, end_ms = int(life.script.deaf[0] * 1000), int(sum(life.script.deaf) * 1000)
    return begin_ms <= until_ms and needed_ms < end_ms


def searchable(facts: Facts, needed_ms: int, lag_ms: int) -> int:
    """When a search shows it: every change that comes before the last has been indexed puts that off."""
    at_ms = needed_ms + lag_ms
    for changed_ms in facts.truth.changes_ms:
        if needed_ms < changed_ms < at_ms:
            at_ms = changed_ms + lag_ms
    return at_ms


def _last_dead_sweep(life: Life, needed_ms: int, until_ms: int) -> int:
    """A sweep that died in passing left the rest to the next. What kills whoever reads it is no excuse: no sweep does."""
    deaths = [s for s in life.wire.struck if s.function == "sweep" and s.fault.is_death and s.at_ms <= until_ms]
    return max((s.over_ms for s in deaths if s.operation != "jira.read"), default=needed_ms)


def seen_beginning(facts: Facts, episodes: list[tuple[int, int]], place: int) -> int:
    """When this episode began for whoever only sees what was read.

    A gap that nobody read, or in which the old page could not be ended because its pager did not answer, was none (E4).
    """
    while place > 0:
        if is_seen(facts, episodes[place - 1][1], episodes[place][0]):
            break
        place -= 1
    return episodes[place][0]


def is_seen(facts: Facts, begin_ms: int, end_ms: int) -> bool:
    """Whether anybody noticed this gap: in it the issue was read, or a page was being ended, and in the end every page was."""
    return _was_read(facts, begin_ms, end_ms) and _all_ended(facts, end_ms, is_calm=was_read_in_time(facts, begin_ms, end_ms))


def is_noticed(facts: Facts, begin_ms: int, end_ms: int) -> bool:
    """Whether every page was ended in this gap, or marked as not wanted where nobody knew whether it exists.

    Less than to be seen: whoever answered what turns out to exist may have it still. But whoever is rung now is rung anew.
    """
    marked = {sk for sk, marks in facts.marked.items() if marks.held_throughout(True, end_ms, end_ms)}
    return _was_read(facts, begin_ms, end_ms) and _all_ended(facts, end_ms, is_calm=False, marked=marked)


def _was_told_of(life: Life, facts: Facts, begin_ms: int, end_ms: int) -> bool:
    """Whoever read it in this gap could write that down, whatever its pager did."""
    beside = [s for s in facts.struck if s.fault.is_death or not life.invariants.is_at_pager(s)]
    return _was_read_in_peace(facts, beside, begin_ms, end_ms)


def _was_read(facts: Facts, begin_ms: int, end_ms: int) -> bool:
    ended_ms = [ms for states in facts.states.values() for ms, state in states if state is PageState.ENDING]
    return any(begin_ms <= ms < end_ms for ms in (*facts.read_ms, *ended_ms))


def was_read_in_time(facts: Facts, begin_ms: int, end_ms: int) -> bool:
    """Whoever read it in this gap had time to act on that, and nothing kept them from it."""
    return _was_read_in_peace(facts, facts.struck, begin_ms, end_ms)


def _was_read_in_peace(facts: Facts, struck: Collection[Struck], begin_ms: int, end_ms: int) -> bool:
    """It was read, long enough before that was over, and none of these kept whoever read it from acting on that."""
    return any(
        begin_ms <= ms < end_ms - FUNCTION_MS and not is_struck_between(facts, struck, ms, ms + FUNCTION_MS)
        for ms in facts.read_ms
    )


def _all_ended(facts: Facts, at_ms: int, *, is_calm: bool, marked: Collection[str] = ()) -> bool:
    """False when nothing was recorded until then: with the ledger away, nobody remembers that there was a gap.

    What we acknowledged for whoever had answered a page that has ended, has to end with that one. is_calm: somebody read in
    time that it was not wanted, and nothing kept them from ending what they knew: then it counts as ended.
    """
    last = {sk: state for sk, states in facts.states.items() for ms, state in states if ms < at_ms}
    known = (PageState.CONFIRMED, PageState.ACKED, PageState.CLOSED) if is_calm else ()
    over = {sk for sk, state in last.items() if state in (PageState.ENDED, PageState.ENDING, *known)}.union(marked)
    answered = {_episode(sk) for sk in over & facts.answered}
    ours = {sk for sk in facts.silenced - facts.answered if _episode(sk) in answered}
    return bool(last) and set(last) <= over | ours


def _episode(sk: str) -> str:
    """Of a page's key in the ledger, as PageRecord makes it."""
    return sk.split("#")[1]


def _timing(
    life: Life, facts: Facts, needed: int, ended: int, accepted: int | None, durable: int | None, struck: list[Struck],
    found: int, *, was_hidden: bool,
) -> PagedIn:  # fmt: skip
    key = facts.issue.key
    over = max((s.over_ms for s in struck), default=needed)
    is_lost = durable is None or durable - needed > IN_TIME_MS or was_hidden
    # What could not be written down long before is written by now, and keeps nobody from ringing the second.
    felt = [s for s in struck if max(s.at_ms + AGAIN_MS, s.over_ms) >= needed]
    if life.invariants.company.has_second and felt and all(s.operation.startswith("opsgenie.") for s in felt):
        since = found + LOST.seconds * 1000 if is_lost else needed
        if over + PASSING.seconds * 1000 > since + SECOND.seconds * 1000:
            return PagedIn(SECOND, key, needed, accepted, since, ended)
    if is_lost:
        return PagedIn(LOST, key, needed, accepted, max(found, over), ended)
    if any(s.fault.is_death for s in struck):
        return PagedIn(DEATH, key, needed, accepted, max(found, over), ended)
    assert durable is not None
    if len({s.operation for s in struck}) > 1:
        return PagedIn(SEVERAL, key, needed, accepted, max(durable, over), ended)
    if struck:
        return PagedIn(PASSING, key, needed, accepted, max(durable, over), ended)
    is_off = abs(life.script.jira_skew_s) + life.script.worker_skew_s > YOUNG.total_seconds()
    comes_alone = any(fate.sender == "jira" and fate.fate in ("lost", "late") for fate in life.script.fates)
    is_unproven = facts.truth.unproven.held_throughout(True, needed, needed)
    if not (is_off or comes_alone or is_unproven):
        return PagedIn(CLEAN, key, needed, accepted, durable, ended)
    bound = PASSING if _is_crowded(life, needed, accepted if accepted is not None else ended) else BEHIND
    return PagedIn(bound, key, needed, accepted, durable, ended)


def _is_crowded(life: Life, needed_ms: int, until_ms: int) -> bool:
    """Only a worker can page, and there are more incidents than workers: they wait for what struck the others, or it storms."""
    is_storm = len(life.issues) > life.invariants.company.policy.storm_majors
    began_ms = needed_ms - FUNCTION_MS
    strikes = sum(s.function == "worker" and began_ms <= s.at_ms <= until_ms for s in life.wire.struck)
    return len(life.issues) > life.script.workers and (is_storm or strikes >= life.script.workers)
