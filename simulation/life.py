"""Plays a script to its end: until the world has healed and nothing moves any more; then the last checks."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.artifacts.in_room import INSIDE, MEMBERS, ROOM, Presence
from chalicelib.artifacts.note_sources import READ_EVERY
from chalicelib.artifacts.order_source import TOLD_WITHIN
from chalicelib.artifacts.page_times import LOST, ORPHAN, ORPHAN_OWED, REFUSED_ALONE_RETRY, REFUSED_RETRY, UNREACHABLE
from chalicelib.artifacts.status_held_back import LOOK_AGAIN
from chalicelib.domain.incident import IssueId
from chalicelib.domain.ordered import orders_in
from chalicelib.domain.paging import PageRecord, PageState
from chalicelib.ports.ledger import ArtifactState
from simulation import beside, bounds
from simulation.artifacts import QUIET, QUIET_ONCE_TOLD
from simulation.bounds import PagedIn
from simulation.company import ACK_TIMEOUT_S
from simulation.invariants import ViolationError
from simulation.script import Script
from simulation.truth import is_gone
from simulation.watch import Facts
from simulation.wire import Struck
from simulation.world import Life

QUIET_MS = 130_000
"""Nothing was written for so long, over two sweeps: it has converged."""
CONVERGES_MS = 600_000
"""The promise: everything converges within ten minutes of the world's healing."""
RESTLESS_MS = 7_200_000
"""Whoever still moves now and then, so long after, will do so for ever."""
SWEEP_AFTER_MS = 95_000
"""Whatever happens, the sweep after it is played."""
SOON = timedelta(minutes=10)
NEEDED_MS = 1_200_000
CHUNK_MS = 29_000


@dataclass(slots=True)
class Verdict:
    """violation: the first broken promise, None in a good life. calls: per operation. paged: how fast, per class of fault."""

    violation: ViolationError | None
    excused: Counter[str]
    calls: dict[str, int]
    struck: list[Struck]
    paged: list[PagedIn]
    rings: int
    ended_ms: int
    story: list[str] = field(default_factory=list)

    @property
    def digest(self) -> str:
        return hashlib.sha256("\n".join(self.story).encode()).hexdigest()


def play(script: Script, *, tell: bool = False) -> Verdict:
    """The whole life of a script. tell: keep the story, one line per thing that happened."""
    story: list[str] = []
    life = Life(script, (lambda ms, who, what: story.append(_line(ms, who, what))) if tell else None)
    _run(life)
    invariants = life.invariants
    if invariants.violation is None:
        _check_the_end(life)
    paged = [timing for facts in life.watch.facts.values() for timing in bounds.timings(life, facts)]
    for timing in paged:
        if timing.is_late:
            invariants.broken("paged in time", str(timing))
    if tell and invariants.violation is not None:
        story.append(f"{'VIOLATED':>12}  {invariants.violation}")
    rings = sum(len(desk.rings) for desk in life.desks.values())
    return Verdict(
        invariants.violation, invariants.excused, life.wire.plan.calls, life.wire.struck, paged, rings, life.loop.now_ms, story
    )


def _run(life: Life) -> None:
    """In steps, until nothing has been written for a while and nobody has a reason to expect more."""
    disturbed_until = life.script.disturbed_until_ms + 1000
    quiet_from, writes, until, read_back_ms = 0, -1, 0, 0
    while life.invariants.violation is None:
        until = max(until + CHUNK_MS, life.loop.now_ms)
        life.loop.run(until)
        if life.loop.is_endless:
            life.invariants.broken("a life comes to its end", "more happens than in any other")
        count = life.writes
        if count != writes:
            writes, quiet_from = count, until
        healed = max(disturbed_until, life.wire.over_ms)
        if life.letters == 0 and life.loop.alive == 0 and until - quiet_from >= QUIET_MS:
            if not _may_rest(life):
                continue
            moment = _next_moment(life, until)
            if moment is None and until >= healed + QUIET_MS:
                return
            if life.bureau is not None:
                healed = max(healed, life.bureau.last_ms, _last_wait(life))
            if until > healed + RESTLESS_MS and any(f.issue.deleted for f in life.watch.facts.values()):
                return  # what Jira never told us to be deleted is tried for ever; only a human can tell
            if until > healed + RESTLESS_MS:
                life.invariants.broken("everything converges in ten minutes", f"still busy after {until / 1000:.0f} s")
            life.rest_until(_rest_ends(life, moment or healed))
            until = max(until, (moment or healed + CHUNK_MS) - CHUNK_MS)
            if life.bureau is not None and life.meeting is not None:
                read_back_ms = until  # a room is read back in the first pass after a rest, and a mark in it is found then
        elif until - quiet_from < QUIET_MS and quiet_from > max(healed, _last_wait(life), read_back_ms) + CONVERGES_MS:
            life.invariants.broken("everything converges in ten minutes", f"still moving after {until / 1000:.0f} s")


def _may_rest(life: Life) -> bool:
    """Not while somebody is needed and nobody was asked for: then every sweep counts."""
    return not any(
        facts.truth.needs_page.now and not any(asked.ms >= facts.truth.wanted.since_ms for asked in facts.asked)
        for facts in life.watch.facts.values()
        if life.loop.now_ms < facts.truth.needs_page.since_ms + NEEDED_MS
    )


def _rest_ends(life: Life, moment_ms: int) -> int:
    """The sweep before a moment is played, for it may book a wake-up. What a rollup does no sweep has to see."""
    if life.bureau is None or moment_ms != life.bureau.planned_ms:
        return moment_ms - 30_000
    after_ms = min((ms for ms in _moments(life) if ms >= moment_ms), default=moment_ms + RESTLESS_MS)
    return min(moment_ms + 60_000, after_ms - 30_000)


def _next_moment(life: Life, now_ms: int) -> int | None:
    """The next moment at which anything may change; None when nothing more can happen."""
    event_ms = life.next_event_ms()
    events = [] if event_ms is None else [event_ms, event_ms + SWEEP_AFTER_MS]
    return min((moment for moment in [*events, *_moments(life)] if moment > now_ms), default=None)


def _moments(life: Life) -> list[int]:
    """At which time alone may change something, and the sweep after each."""
    moments: list[int] = []
    for outage in life.script.outages:
        moments += [int(outage.from_s * 1000), int((outage.from_s + outage.for_s) * 1000)]
    moments += [int(sum(life.script.deaf) * 1000), life.script.disturbed_until_ms]
    lag_ms = int(life.script.search_lag_s * 1000)
    moments += [facts.truth.changed_ms + lag_ms for facts in life.watch.facts.values()]
    moments += [*_waits(life), *_left_for(life), *_counted_ms(life)]
    if life.bureau is not None and life.bureau.planned_ms is not None:  # while a rollup is waited for, somebody comes
        moments += [ms for ms in _looks(life) if ms <= life.bureau.planned_ms]
    moments += [s.over_ms for s in life.wire.struck]
    return [*moments, *(moment + SWEEP_AFTER_MS for moment in moments)]


def _waits(life: Life) -> list[int]:
    """When people and records have waited long enough, and the sweep after that."""
    waits = []
    for facts in life.watch.facts.values():
        book = life.ledger.read(IssueId(facts.issue.id))
        waits += [ms for page in book.pages if page.state is not PageState.ENDED for ms in _one_more_comes(life, page)]
        if facts.is_left_unsaid:
            continue  # each try puts off when it is tried again
        moments = [artifact.not_before for artifact in book.artifacts]
        due_at = book.incident.due_at if book.incident is not None else None
        # What is due only in the morning is its business-hours alert: that nobody waits for.
        moments.append(due_at if due_at is not None and due_at - life.loop.now() < SOON else None)
        for page in book.pages:
            if page.state is not PageState.ENDED:
                moments += [page.until, page.not_before, page.since + UNREACHABLE, _after(page.unwanted_since, ORPHAN)]
                moments += [_after(page.accepted_at, LOST), _after(page.confirmed_at, timedelta(seconds=ACK_TIMEOUT_S))]
                if page.state is PageState.REFUSED:
                    moments += [page.until + REFUSED_ALONE_RETRY, page.until + REFUSED_RETRY]
        if life.meeting is not None and facts.issue.status == "Resolved":  # its room is archived then
            quiet = QUIET if life.newsroom is None else QUIET_ONCE_TOLD
            moments.append(life.loop.moment(facts.moved_ms) + quiet + timedelta(seconds=life.script.jira_skew_s))
        if life.meeting is not None:  # where the room was closed to us somebody looks in the next quarter of an hour
            refused = (a for a in book.artifacts if a.name in (ROOM, MEMBERS) and a.state is ArtifactState.CLOSED)
            moments += [artifact.until + READ_EVERY for artifact in refused]
        if life.newsroom is not None:
            moments += life.newsroom.moments(facts.issue.id, book, timedelta(seconds=life.script.jira_skew_s))
        waits += [ms for moment in moments if moment is not None for ms in _and_a_while(life, moment)]
    return waits


def _left_for(life: Life) -> Iterator[int]:
    """When an incident that somebody has left has waited long enough for another, by whichever clock."""
    ahead = int(life.invariants.skew_ms()) + 1
    for facts in life.watch.facts.values():
        if facts.truth.left.now:
            yield from (facts.truth.left.since_ms + wait + ahead for wait in (beside.LEFT_MS, beside.PATIENCE_MS))


def _one_more_comes(life: Life, page: PageRecord) -> Iterator[int]:
    """Until when an alert of it may come late: what is ending waits for that, whoever can or cannot read its issue."""
    for moment in (page.unwanted_since, page.accepted_at, page.blind_sent_at):
        if moment is not None:
            yield from _and_a_while(life, moment + ORPHAN_OWED)


def _and_a_while(life: Life, moment: datetime) -> tuple[int, int]:
    return life.loop.ms_of(moment), life.loop.ms_of(moment) + QUIET_MS


def _after(moment: datetime | None, wait: timedelta) -> datetime | None:
    return None if moment is None else moment + wait


def _last_wait(life: Life) -> int:
    return max(
        [*_waits(life), *_left_for(life), *_looks(life), *_silences(life), *(ms + QUIET_MS for ms in _counted_ms(life))],
        default=0,
    )


def _looks(life: Life) -> Iterator[int]:
    """When a room was looked at, and while it is closed to us when it will be looked at again, a quarter of an hour later, for
    which somebody comes; and so with products that another incident on a page holds back. Those are due times."""
    for facts in life.watch.facts.values():
        for artifact in life.ledger.read(IssueId(facts.issue.id)).artifacts:
            if artifact.name == INSIDE:
                is_closed = bool(artifact.vendor_id) and Presence.parse(artifact.vendor_id or "").closed is not None
                yield life.loop.ms_of(artifact.until + (READ_EVERY if is_closed else timedelta())) + QUIET_MS
            elif artifact.name.endswith("_held_back"):
                yield life.loop.ms_of(artifact.until + (LOOK_AGAIN if artifact.vendor_id else timedelta())) + QUIET_MS


def _silences(life: Life) -> Iterator[int]:
    """When somebody had not answered for so long that others were asked, also where all of that is over by now."""
    for facts in life.watch.facts.values():
        pages = life.ledger.read(IssueId(facts.issue.id)).pages
        for page in pages:
            silent_at = _after(page.confirmed_at, timedelta(seconds=ACK_TIMEOUT_S))
            if silent_at is not None and any(other.accepted_at and other.accepted_at >= silent_at for other in pages):
                yield life.loop.ms_of(silent_at)


def _counted_ms(life: Life) -> list[int]:
    """When time alone makes another row of an incident, or fills in a time of it."""
    if life.bureau is None:
        return []
    return [life.loop.ms_of(at) for facts in life.watch.facts.values() for at in life.bureau.moments(facts.issue)]


def _check_the_end(life: Life) -> None:
    for facts in life.watch.facts.values():
        life.invariants.healed(facts)
        if life.meeting is not None:
            life.meeting.checks.healed(facts)
        if life.promised is not None:
            life.promised.healed(facts)
        if life.counting is not None:
            life.counting.healed(facts)
    if life.counting is not None and life.invariants.violation is None:
        life.counting.ended()
    # With the queue away too, a message cannot even be put off: then it is given up, and the sweep comes back to its incident.
    is_excused = life.script.poisoned or any(s.operation == "queue.send" for s in life.wire.struck)
    if life.lost and not is_excused:
        life.invariants.broken("nothing is lost", f"{len(life.lost)} messages on the dead-letter queue")
    for facts in life.watch.facts.values():
        if life.invariants.violation is None:
            for _ in range(_passes_to_settle(life, facts)):
                life.settle_once_more(facts.issue.id)
            life.invariants.wrote_when_settled(facts.issue.key, life.settle_once_more(facts.issue.id))
            if life.meeting is not None:
                life.meeting.checks.settled(facts)


def _passes_to_settle(life: Life, facts: Facts) -> int:
    """For what rings no bell: a room is looked at and read back every quarter of an hour, and nothing tells when a permission
    comes back, an order that was not told becomes too old for it, or that an issue has left whose webhook was lost."""
    passes = 0
    if life.newsroom is not None:
        orders = orders_in(life.ledger.read(IssueId(facts.issue.id)).notes)
        # That is said in our comment, which is then read with the others.
        passes += 2 * any(life.loop.now() - order.edited_at > TOLD_WITHIN for order in orders)
    if life.meeting is not None:
        places = life.meeting.sees.of(facts.issue.id)
        # A room that is closed to us is looked at, it is open again, and what had found it closed is tried once more.
        passes += 1 + bool(places.closed_ms or places.archived) + bool(places.opened_ms)
    if facts.was_hidden or is_gone(facts.issue):
        passes += 2  # the comment is written only now
        passes += int(life.counting is not None)  # the times, of which durations and a row are made
        passes += life.newsroom.announcements(facts.issue.id) if life.newsroom is not None else 0  # one after the other
    return passes


def _line(ms: int, who: str, what: str) -> str:
    return f"+{ms / 1000:10.3f} s  {who:<10} {what}"
