"""How a page is made exactly once: the state machine of docs/page-protocol.md, pure.

In: what is wanted, our records, and what this very pass has seen at the pager. Out: the next steps and when to come
back. `reconcile` performs the steps and asks again until there are none; so every decision, also the one that follows
a look, is made here, from values.

    none ─claim──> sending ──2xx──> accepted ──seen at the pager──> confirmed ──> acked
                    │  ^               │ no trace after 60 s           │            │
       no answer,   │  │ nothing found  v                              │  human     │
       until passed └──┴──────────> unknown ──found (by alias) ────────┴─> closed <─┘
    any state, no longer wanted ──look──> found open: ending ──look: closed──> ended
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.artifacts import page_turns as turns
from chalicelib.artifacts.page_plan import (
    ADOPTED,
    TOLD,
    Acknowledge,
    AskConfirmation,
    AskRoster,
    Close,
    LookUp,
    PageView,
    Plan,
    Seen,
    Send,
    Sighting,
    Step,
    TellOwners,
    Write,
    record_of,
)
from chalicelib.artifacts.page_times import (
    ACK_AGAIN,
    CLAIM,
    CLOSES_BEFORE_DOUBT,
    FIRST_CHECK,
    LATER_AGAIN,
    LOOKS_BEFORE_DOUBT,
    LOST,
    MISSING,
    NEXT_CHECK,
    ORPHAN,
    ORPHAN_OWED,
    OVERTAKEN,
    REFUSED_ALONE_RETRY,
    REFUSED_RETRY,
    UNREACHABLE,
    UNSEEN,
)  # fmt: skip
from chalicelib.domain.alias import DELIVERY, NEXT, SECOND, alias_of, group_of, is_beside, is_of_the_chain
from chalicelib.domain.paging import Alert, AlertStatus, PageRecord, PageState
from chalicelib.domain.routing import Link, Route


def decide(view: PageView, seen: Seen, now: datetime, claim: str) -> Plan:
    """Return the next steps towards what is wanted, and when to come back. Pure; no steps means "in agreement".

    claim: a random token for whatever this round claims.
    """
    told_beside = view.orphan is not None and is_beside(view.orphan.target)
    page = tuple(r for r in view.records if r.is_of_the_chain)
    # Only what a pager has accepted: of two that are begun at once, the chain's goes on, and the other waits for it.
    heirs = _ringing(r for r in view.records if r.is_succession and r.accepted_at is not None)
    of_page = replace(view, elsewhere=heirs)
    round_ = _Round(replace(of_page, look_asked=False, orphan=None, told_id="") if told_beside else of_page, seen, now, claim)
    delivery = tuple(r for r in view.records if r.target == DELIVERY)
    round_.chain(page, wanted=view.wanted)
    round_.delivery(delivery)
    for own_view in _beside(view, page, seen, now):
        own = _Round(own_view, seen, now, claim, round_.steps, due=round_.due)
        own.chain(own_view.records, wanted=own_view.wanted)
        round_.due = own.due
    if view.wanted and view.beside_at is not None:
        round_.wait(view.beside_at)
    return Plan(tuple(sorted(_one_after_the_other(round_.steps), key=_turn)), round_.due)


def _one_after_the_other(steps: Sequence[Step]) -> Iterator[Step]:
    """Nobody is rung to take over in the very round in which more becomes known of the page: it may ring the same people. Nor
    is anybody rung once more in the round in which an answer to the page turns out."""
    news = [step.new.state for step in steps if isinstance(step, Write) and step.new.is_of_the_chain]
    is_answered = PageState.ACKED in news or PageState.CLOSED in news
    for step in steps:
        waits = isinstance(step, Send) and ((news and step.new.is_succession) or (is_answered and step.new.is_of_the_chain))
        if not waits:
            yield step


def _turn(step: Step) -> int:
    """There may be no time for all: the page itself comes first, then whoever has not been rung besides."""
    record = record_of(step)
    if record.is_of_the_chain:
        return 0
    return 1 if record.accepted_at is None else 2


def _beside(view: PageView, page: Sequence[PageRecord], seen: Seen, now: datetime) -> Iterator[PageView]:
    """Each group beside the chain as pages of their own, which nobody's taking the incident ends.

    A new one waits until some pager has accepted the page itself, for at most a minute, and is begun on Jira's own word only.
    What was wanted before and is wanted again begins anew, and so does the waiting. One that is under way, and was not accepted
    by the time that a page is missing again, is sent behind that.
    """
    waited = (r.accepted_at or now >= r.since + UNREACHABLE if is_under_way(r) else _is_in_the_way(r, seen) for r in page)
    is_free = view.taken or any(waited)
    told = [group_of(view.orphan.target)] if view.orphan is not None and is_beside(view.orphan.target) else []
    records = [r for r in view.records if is_beside(r.target)]
    for group in dict.fromkeys((*view.beside, *(group_of(r.target) for r in records), *told)):
        own = tuple(r for r in records if group_of(r.target) == group)
        wanted = view.wanted and group in view.beside and ((is_free and not view.unread) or any(map(is_under_way, own)))
        yield replace(
            view, records=own, wanted=wanted, taken=False, route=view.beside.get(group, Route()), direct=False,
            first_sight=False, look_asked=view.look_asked and group in told, delivery=None, is_behind=not is_free,
            wanted_again_at=None,
            elsewhere=_ringing(page) if group == NEXT else (),
        )  # fmt: skip


def _ringing(records: Iterable[PageRecord]) -> tuple[PageRecord, ...]:
    over = (PageState.REFUSED, PageState.ACKED, PageState.CLOSED)
    return tuple(r for r in records if is_under_way(r) and r.state not in over and not r.is_acked)


def is_under_way(record: PageRecord) -> bool:
    """Made because a page is wanted now, and not left over from when one was."""
    return record.state not in (PageState.ENDING, PageState.ENDED) and record.unwanted_since is None


def does_not_close(record: PageRecord) -> bool:
    """Left over, and in the way of the next: a pager that does not close it would ring nobody either."""
    return record.state is PageState.ENDING and record.looks_failed >= CLOSES_BEFORE_DOUBT


def _is_in_the_way(record: PageRecord, seen: Seen) -> bool:
    """It still shows, to this very pass: what did not close for minutes may have been closed since the last look."""
    sighting = seen.sightings.get(record.sk)
    if sighting is None or not does_not_close(record):
        return False
    return sighting.alerts is None or any(alert.status is not AlertStatus.CLOSED for alert in sighting.alerts)


def _may_ring_somebody(record: PageRecord) -> bool:
    return is_under_way(record) and record.accepted_at is not None and not record.unseen and record.on_call != ()


def _is_without_trace(record: PageRecord) -> bool:
    return record.unseen and record.state in (PageState.SENDING, PageState.UNKNOWN, PageState.ACCEPTED)


def current_episode(records: Sequence[PageRecord], *, wanted: bool) -> int:
    """A new episode begins only when a page is wanted and every record of all earlier ones has ended."""
    if not records:
        return 1
    last = max(record.episode for record in records)
    if wanted and all(record.state is PageState.ENDED for record in records):
        return last + 1
    return last


@dataclass(slots=True)
class _Round:
    """One round of deciding: collects steps and the earliest due time."""

    view: PageView
    seen: Seen
    now: datetime
    claim: str
    steps: list[Step] = field(default_factory=list)
    to_send: list[Send] = field(default_factory=list)
    due: datetime | None = None

    # --- groups of records -------------------------------------------------------------------------------------

    def chain(self, records: tuple[PageRecord, ...], *, wanted: bool) -> None:
        """The page and its fallbacks: at most one new link at a time, and only when those before it are spent."""
        episode = current_episode(records, wanted=wanted)
        current = tuple(r for r in records if r.episode == episode)
        # What we acknowledged for whoever has left since silences nothing that rings; nor does it ring anybody else at once.
        is_left = self.view.beside_at is not None
        taken = self.view.taken or any(r.is_acked and not (is_left and r.acked_by_us) for r in current)
        is_closed = any(r.state is PageState.CLOSED for r in current)
        over = taken or is_closed or any(r.is_acked for r in current)
        self._advance_all(records, episode, wanted=wanted, taken=taken, over=over)
        if self._adopts_the_told_orphan(current, episode):
            return
        if not current and not wanted:
            self._adopt_orphans(records, self.view.route)
        elif wanted and not taken and not over:
            self._next_link(current, episode)
        elif wanted and not taken and not is_closed:
            self._tell_owners([r for r in current if r.state is not PageState.ENDED and not r.is_acked])
        elif wanted and taken and not current and (self.view.first_sight or self.view.look_asked):
            self._adopt_orphans(records, self.view.route)

    def delivery(self, records: tuple[PageRecord, ...]) -> None:
        """The optional low-urgency alert of a severity 3: one link, no fallback, begun in business hours only."""
        view = self.view
        if not records and view.delivery is None:
            return
        wanted = view.delivery is not None
        episode = current_episode(records, wanted=wanted)
        current = [r for r in records if r.episode == episode]
        taken = view.taken or any(r.is_acked for r in current)
        self._advance_all(records, episode, wanted=wanted, taken=taken, over=False)
        if current or taken or view.delivery is None or view.delivery_opens_at is None:
            return
        if self.now < view.delivery_opens_at:
            self.wait(view.delivery_opens_at)
        else:
            self.steps.append(Write(None, self._new(view.delivery, episode, PageState.UNKNOWN)))

    def _advance_all(self, records: Sequence[PageRecord], episode: int, *, wanted: bool, taken: bool, over: bool) -> None:
        """over: somebody has it, or closed a page of this episode, so that none is sent (again)."""
        current = tuple(record for record in records if record.episode == episode)
        alone = not any(map(_may_ring_somebody, current))
        for record in records:
            ours = record.episode == episode
            if self._is_overtaken(record, records):
                continue
            if ours and record.state is PageState.ENDED and self._may_have_missed_one(record):
                # What is closed of it was closed when it ended.
                unwanted_since = None if self._is_first(record) else self.now
                again = replace(record, unwanted_since=unwanted_since, acked_at=None, acked_by=None, acked_by_us=False)
                again = replace(again, ack_sent_at=None, former_ids=record.alert_ids)
                self.steps.append(Write(record, replace(again, state=PageState.UNKNOWN)))
                continue
            others = {id_ for r in records if r.episode != record.episode for id_ in r.alert_ids}
            is_left_behind = self._is_left_behind(record, current)
            to_ring = wanted and ours and not is_left_behind and self._is_to_ring(record)
            is_left_alone = not to_ring and not is_left_behind and self._is_somebody_elses(record)
            is_heard = record.state is not PageState.ENDED and self._is_told_of(record) and self._hears(record, others)
            if not is_left_alone and not is_heard:
                self._advance(record, wanted=to_ring, taken=taken, over=over, not_ours=others, alone=alone)
        self._send_those_due(current)

    def _is_to_ring(self, record: PageRecord) -> bool:
        """An orphan is only looked for, unless it is the first in the chain; what was sent to it is kept.

        So is what nobody knows of since it was wanted before: now its turn comes after whoever is before it in the chain.
        """
        is_sent = record.reason not in (ADOPTED, TOLD) or record.attempt or record.alert_ids
        is_of_before = record.unwanted_since is not None and record.target != DELIVERY
        if is_sent and not is_of_before:
            return True
        return self._is_first(record)

    def _is_first(self, record: PageRecord) -> bool:
        return bool(self.view.route.chain) and self.view.route.chain[0].target == record.target

    def _is_left_behind(self, record: PageRecord, current: Sequence[PageRecord]) -> bool:
        """We acknowledged it for whoever had answered another page, and that one has ended: nobody has it any more."""
        if record.state is not PageState.ACKED or not record.acked_by_us or record.ack_sent_at is None or self.view.taken:
            return False
        answered = [r for r in current if r.is_answered]
        are_over = all(r.state in (PageState.ENDING, PageState.ENDED) for r in answered)
        return are_over and any(record.ack_sent_at <= r.until for r in answered)

    def _is_overtaken(self, record: PageRecord, records: Sequence[PageRecord]) -> bool:
        """A late worker left this record behind, and a newer page under the same alias has no known alert yet.

        Whatever a look found now could be that page's alert, and must not be closed.
        """
        pending = (PageState.SENDING, PageState.UNKNOWN, PageState.ACCEPTED)
        return record.state is not PageState.ENDED and any(
            r.target == record.target and r.episode > record.episode and r.state in pending for r in records
        )

    def _may_have_missed_one(self, record: PageRecord) -> bool:
        return self._is_told_of(record) and record.sk not in self.seen.sightings

    def _is_told_of(self, record: PageRecord) -> bool:
        """Whoever asks for a look may mean this page; a pager's webhook says which. What is known of already is no news."""
        orphan, sent_at = self.view.orphan, self.view.told_sent_at
        is_meant = self.view.look_asked and (orphan is None or orphan.target == record.target)
        is_known = sent_at is not None and record.blind_sent_at is not None and sent_at <= record.blind_sent_at
        is_owed = record.look_owed or bool(record.told_ids)  # told_ids alone: in records from before there was look_owed
        return is_owed or (is_meant and not is_known) or self._is_watched_for_more(record)

    def _is_watched_for_more(self, record: PageRecord) -> bool:
        """Its alert is known, and another may come. In every other state it is looked for by its alias anyway."""
        is_known = record.state in (PageState.CONFIRMED, PageState.ACKED, PageState.CLOSED)
        is_held = record.not_before is not None and self.now < record.not_before
        return is_known and not is_held and (self._may_ring_again(record) or self._was_watched(record))

    def _was_watched(self, record: PageRecord) -> bool:
        """It was looked for while another might come: what was seen then is heard, though that time may be over by now."""
        sighting = self.seen.sightings.get(record.sk)
        return sighting is not None and sighting.by_alias and bool(self._owed(record))

    def _may_ring_again(self, record: PageRecord) -> bool:
        return any(self.now < until for until in self._owed(record))

    def _owed(self, record: PageRecord) -> tuple[datetime, ...]:
        """Sent more than once, or without the ledger: until when a duplicate may come late, and its pager may tell nobody.

        One that an earlier episode is owed comes under the same alias, and is this one's.
        """
        siblings = (r for r in self.view.records if r.target == record.target and r.episode <= record.episode)
        return tuple(turns.owed_until(r) for r in siblings if turns.was_repeated(r))

    def _adopts_the_told_orphan(self, current: Sequence[PageRecord], episode: int) -> bool:
        """Whoever asks for a look knows which target it may be: the service, and with it the chain, may have changed since."""
        orphan = self.view.orphan
        if not self.view.look_asked or orphan is None or orphan.target == DELIVERY:
            return False
        if any(record.target == orphan.target for record in current):
            return False
        record = replace(self._new(orphan, episode, PageState.UNKNOWN), reason=TOLD)
        self.steps.append(Write(None, self._minding(record)))
        return True

    def _adopt_orphans(self, records: Sequence[PageRecord], route: Route) -> None:
        """Nothing is wanted and nothing known, yet an alert may exist that was sent while the ledger was away."""
        if not records and route.chain and (self.view.first_sight or self.view.look_asked):
            reason = TOLD if self.view.look_asked else ADOPTED
            # Not wanted from the first: or how long it is missing would count from here once it is.
            record = replace(self._new(route.chain[0], 1, PageState.UNKNOWN), reason=reason, unwanted_since=self.now)
            self.steps.append(Write(None, self._minding(record)))

    def _minding(self, record: PageRecord) -> PageRecord:
        """This page was sent without the ledger: whoever did so left word of it, and knows of no alert."""
        orphan, sent_at = self.view.orphan, self.view.told_sent_at
        if sent_at is None or not self.view.look_asked or orphan is None or orphan.target != record.target:
            return record
        return replace(record, blind_sent_at=max(sent_at, record.blind_sent_at or sent_at))

    def _send_those_due(self, current: Sequence[PageRecord]) -> None:
        """Send again what was never accepted, unless somebody whom another page rang meanwhile turns out to have answered."""
        elsewhere = self._rung_elsewhere()
        for send in self.to_send if not self.view.is_behind else ():
            if send.new.target in elsewhere and send.new.accepted_at is None:
                continue  # known only now: it was begun before that was found
            ringing = [r for r in current if r.sk != send.new.sk and r.state in (PageState.ACCEPTED, PageState.CONFIRMED)]
            if self._all_verified(ringing):
                self.steps.append(send)
        self.to_send.clear()

    # --- the chain ---------------------------------------------------------------------------------------------

    def _next_link(self, current: Sequence[PageRecord], episode: int) -> None:
        gives_way = {r.target: r for r in current if r.state is PageState.ENDED or not self._is_to_ring(r)}
        by_target = {record.target: record for record in current if record.target not in gives_way}
        beside = self._rung_elsewhere()
        sent = {
            target: record for target, record in by_target.items() if record.accepted_at is not None or target not in beside
        }
        link = self._due_link(begun := {**beside, **sent})
        if link is None:
            if not self._has_second_to_come(begun):
                self._tell_owners(tuple(by_target.values()), tuple(beside.values()))
            return
        if not current and self.view.direct:
            record = self._new(link, episode, PageState.SENDING)
            self.steps.append(Send(None, replace(record, attempt=1, until=self.now + CLAIM)))
        elif self._all_verified(current):
            reason = self._why_next(link, current)
            # An orphan that is looked for, or never was, or a page that ended before its siblings did, gives way to this.
            old = gives_way.get(link.target)
            new = replace(self._new(link, episode, PageState.UNKNOWN), reason=reason)
            if old is not None:
                new = turns.in_place_of(old, new, self.now)
            self.steps.append(Write(old, new))

    def _rung_elsewhere(self) -> dict[str, PageRecord]:
        """By target, the pages that ring elsewhere for its roster. The first of the page itself is never left to another."""
        chain, rung = self.view.route.chain, {record.roster: record for record in self.view.elsewhere}
        later = chain[1:] if chain and is_of_the_chain(chain[0].target) else chain
        return {link.target: rung[link.roster.name] for link in later if link.roster.name in rung}

    def _tell_owners(self, rung: Sequence[PageRecord], beside: Sequence[PageRecord] = ()) -> None:
        """Of whoever looks for an incident manager in vain, once: what no pager has accepted is told of as such.

        beside: what rings for the same end, and may be answered yet.
        """
        if not any(record.accepted_at for record in rung) or any(record.unanswered for record in rung):
            return
        last = max(rung, key=lambda record: (record.since, record.sk))
        is_exhausted = all(self._is_unreachable(record) or self._is_spent(record) for record in (*rung, *beside))
        if last.makes_manager and is_exhausted and self._all_verified(rung):
            self.steps.append(TellOwners(last, replace(last, unanswered=True), "nobody_answers"))

    def _due_link(self, records: Mapping[str, PageRecord]) -> Link | None:
        """The first link without a record whose predecessors are all spent or out of reach; None when one still runs."""
        unreachable_pagers: set[str] = set()
        primary_down = False
        for link in self.view.route.chain:
            record = records.get(link.target)
            if link.is_second and not primary_down:
                continue
            if not link.is_second:
                primary_down = False
                if record is None and link.roster.pager in unreachable_pagers:
                    primary_down = True  # ringing at the same dead pager helps nobody; its second may
                    continue
            if record is None:
                return link
            if self._is_unreachable(record):
                unreachable_pagers.add(record.pager)
                primary_down = not link.is_second
            elif self._is_refused(record, records):
                primary_down = not link.is_second
            elif self._is_missing(record):
                primary_down = not link.is_second  # its pager may have lost this one only, and ring the next
            elif not self._is_spent(record):
                return None
        return None

    def _is_unreachable(self, record: PageRecord) -> bool:
        if _is_in_the_way(record, self.seen):
            return True
        if record.accepted_at is not None or record.state not in (PageState.SENDING, PageState.UNKNOWN):
            return False
        if record.out_of_service:
            return True
        return self._is_past(record.since + UNREACHABLE)

    def _is_refused(self, record: PageRecord, records: Mapping[str, PageRecord]) -> bool:
        """Its pager says no, and to whoever comes behind it too: that is no better than one which cannot be reached."""
        heard = any(_may_ring_somebody(one) and not self._is_spent(one) for one in records.values())
        if record.state is not PageState.REFUSED or heard:
            return False
        return self._is_past(record.since + UNREACHABLE)

    def _is_missing(self, record: PageRecord) -> bool:
        """Its pager accepts and rings nobody: that is no better than one which does not accept."""
        if not _is_without_trace(record):
            return False
        return self._is_past(record.since + MISSING)

    def _has_second_to_come(self, records: Mapping[str, PageRecord]) -> bool:
        tried = (one for one in records.values() if _is_without_trace(one) or one.state is PageState.REFUSED)
        seconds = {f"{one.target}{SECOND}" for one in tried}
        return any(link.target in seconds and link.target not in records for link in self.view.route.chain)

    def _is_spent(self, record: PageRecord) -> bool:
        """Nobody can be expected to come from this page any more, as far as the record knows."""
        if record.state is PageState.REFUSED or record.unseen or record.on_call == ():
            return True
        if record.state is not PageState.CONFIRMED or record.confirmed_at is None:
            return False
        return self._is_past(record.confirmed_at + timedelta(seconds=self.view.policy.ack_timeout_s))

    def _all_verified(self, current: Sequence[PageRecord]) -> bool:
        """Right before anybody else is woken, every page so far is looked at once more; three failed looks: go on."""
        verified = True
        for record in current:
            sighting = self.seen.sightings.get(record.sk)
            if record.state in (PageState.REFUSED, PageState.ENDED) or record.looks_failed >= LOOKS_BEFORE_DOUBT:
                continue
            # Accepted, lost, and sent again after a look or three failed ones: its pager may be away for long.
            was_asked = record.state is not PageState.ACCEPTED or (sighting is not None and sighting.alerts is None)
            is_lost = _is_without_trace(record) and record.attempt > 1 and was_asked
            # Nobody needed it, and its pager is to be left alone: whoever is needed now does not wait for that.
            is_held = record.unwanted_since is not None and record.not_before is not None and self.now < record.not_before
            if is_lost or is_held or self._is_unreachable(record):
                continue
            if sighting is None:
                verified = False
                if record.state in (PageState.ACCEPTED, PageState.CONFIRMED) and not self._is_busy_with(record):
                    if record.not_before and self.now < record.not_before:
                        self.wait(record.not_before)
                    else:
                        self.steps.append(LookUp(record, by_alias=not record.alert_ids))
            elif sighting.alerts is None:
                verified = False
                is_early = record.not_before is not None and self.now < record.not_before
                if not is_early and not self._is_busy_with(record):
                    self.steps.append(Write(record, turns.look_failed(record, sighting, self.now)))
        return verified and not any(self._is_busy_with(record) for record in current)

    def _is_busy_with(self, record: PageRecord) -> bool:
        return any(record_of(step).sk == record.sk for step in self.steps)

    def _why_next(self, link: Link, current: Sequence[PageRecord]) -> str:
        if not current or link == self.view.route.chain[0]:
            return link.why
        # A second stands in for its own first, or for whoever was tried at that one's pager: others may have been paged since.
        pagers = [one.roster.pager for one in self.view.route.chain if f"{one.target}{SECOND}" == link.target]
        own = (record for record in current if f"{record.target}{SECOND}" == link.target)
        alike = (record for record in reversed(current) if record.pager in pagers)
        last = next(own, None) or next(alike, current[-1])
        if link.is_second and not last.unseen:
            return f"{last.pager} cannot be reached ({last.last_error or 'no answer'})"
        if last.state is PageState.REFUSED:
            return f"{last.pager} refused to page {last.roster}: {last.last_error}"
        if last.on_call == ():
            return f"nobody is on call in {last.roster}"
        if last.unseen:
            return f"{last.pager} accepted the page for {last.roster} and shows no alert"
        if last.state is PageState.CONFIRMED:
            return f"{last.roster} did not acknowledge within {self.view.policy.ack_timeout_s} s"
        return f"{last.roster} could not be paged"

    # --- one record --------------------------------------------------------------------------------------------

    def _advance(self, record: PageRecord, *, wanted: bool, taken: bool, over: bool, not_ours: set[str], alone: bool) -> None:
        to_send = wanted and not taken and not over
        if self._becomes_of_before(record):
            self.steps.append(Write(record, replace(record, sent_before=True)))
            return
        match record.state:
            case PageState.SENDING | PageState.UNKNOWN:
                self._resolve(record, wanted=to_send, not_ours=not_ours)
            case PageState.REFUSED:
                self._retry_refused(record, wanted=to_send, alone=alone)
            case PageState.ACCEPTED:
                self._follow_up(record, wanted=to_send, not_ours=not_ours)
            case PageState.CONFIRMED | PageState.ACKED | PageState.CLOSED if not wanted:
                # Not after a look: what somebody answers from now on must not look like an answer to what is wanted next.
                self.steps.append(Write(record, turns.ending(record, self.claim, self.now)))
            case PageState.CONFIRMED:
                self._watch(record, taken=taken)
            case PageState.ACKED if record.acked_by_us:
                self._keep_acknowledged(record)
            case PageState.ENDING if wanted and record.not_before is not None and self.now < record.not_before:
                held_for = record.not_before - self.now
                anew = turns.begun_anew(record, self.now, out_of_service=held_for > UNREACHABLE)
                has_had_its_turn = bool(record.former_ids) and record.accepted_at is None
                if not self._is_first(record) and record.target != DELIVERY and not has_had_its_turn:
                    anew = replace(anew, unwanted_since=self.now)  # its turn comes after whoever is before it in the chain
                self.steps.append(Write(record, anew))
            case PageState.ENDING:
                self._end(record, wanted=wanted, not_ours=not_ours)

    def _becomes_of_before(self, record: PageRecord) -> bool:
        """It was sent, nobody has seen it, and nobody is needed: whoever answers it answers nothing that comes after."""
        is_pending = record.state in (PageState.SENDING, PageState.UNKNOWN, PageState.ACCEPTED)
        was_sent = record.attempt > 0 or record.blind_sent_at is not None
        return is_pending and was_sent and not record.sent_before and not self._is_needed(record)

    def _is_needed(self, record: PageRecord) -> bool:
        return self.view.delivery is not None if record.target == DELIVERY else self.view.wanted

    def _is_somebody_elses(self, record: PageRecord) -> bool:
        """Found, not sent by this record: whoever sent it may have known better than we do.

        So it is while Jira cannot be read, and until whoever read Jira before it was found has done with that.
        """
        found = record.state in (PageState.CONFIRMED, PageState.ACKED, PageState.CLOSED)
        if not found or record.reason not in (ADOPTED, TOLD) or record.attempt:
            return False
        surer_at = (record.confirmed_at or self.now) + OVERTAKEN
        if not self.view.unread:
            self.wait(surer_at)
        return self.view.unread or self.now < surer_at

    def _hears(self, record: PageRecord, not_ours: set[str]) -> bool:
        """An alert is told of once: look for it now, whatever else this page waits for. True while that is under way.

        While the pager cannot be asked, the alert's id is kept in mind. It may be one that we expect, or one more than we
        know of; then it is known from now on, and ended with the others.
        """
        sighting = self.seen.sightings.get(record.sk)
        if sighting is None or (sighting.alerts is not None and not sighting.by_alias):
            self.steps.append(LookUp(record, by_alias=True))
            return True
        heard = self._heard(record, sighting, not_ours)
        if heard == record:
            return False
        # A claim of its own: the state may be the same, and whoever read the record before must not write over what is known.
        claim = record.claim if record.state is PageState.SENDING else self.claim
        self.steps.append(Write(record, replace(heard, claim=claim)))
        return True

    def _heard(self, record: PageRecord, sighting: Sighting, not_ours: set[str]) -> PageRecord:
        told = self.view.told_id
        if sighting.alerts is None:
            is_news = told and told not in record.alert_ids
            # However long that lasts: the time in which one more may come can be over when its pager answers again.
            owed = replace(record, look_owed=True)
            return replace(owed, told_ids=turns.joined((told,), record.told_ids)) if is_news else self._minding(owed)
        minded = self._minding(replace(record, told_ids=(), look_owed=False))
        found = turns.ours_in(sighting.alerts, record, not_ours, self.view.wanted_since)
        more = [alert for alert in found if alert.id not in record.alert_ids]
        is_handled = record.state in (PageState.ACKED, PageState.CLOSED)
        if found and record.state in (PageState.SENDING, PageState.UNKNOWN, PageState.ACCEPTED, PageState.REFUSED):
            return self._found(minded, found)
        # What somebody has tells nothing new of what is acknowledged, but of what was closed.
        telling = (AlertStatus.OPEN, AlertStatus.ACKED) if record.state is PageState.CLOSED else (AlertStatus.OPEN,)
        is_news = any(alert.status in telling for alert in more) if is_handled else bool(more)
        if is_news and (is_handled or record.state is PageState.CONFIRMED):
            return self._known_by(minded, found)
        if self._ends_what_it_knows(record):
            return minded
        return replace(minded, alert_ids=turns.joined(record.alert_ids, tuple(alert.id for alert in more)))

    def _resolve(self, record: PageRecord, *, wanted: bool, not_ours: set[str]) -> None:
        """Nobody knows whether this page exists: look first, and only then send."""
        if wanted and record.unwanted_since is not None:
            # How long a page has been missing counts from when it is wanted, and its pager may be back.
            self.steps.append(Write(record, turns.missed_anew(record, self.now)))
            return
        is_under_way = record.state is PageState.SENDING and self.now < record.until
        if not wanted and record.unwanted_since is None and not is_under_way:
            # A claim of its own: whoever read the record before must not send it any more.
            unwanted = replace(record, state=PageState.UNKNOWN, claim=self.claim, unwanted_since=self.now, looks_failed=0)
            # At once, not after a look: a pager that cannot be asked must not make an old page look long missing later.
            self.steps.append(Write(record, unwanted))
            return
        ready_at = max(record.until, record.not_before or record.until)
        if self.now < ready_at:
            self._look_meanwhile(record, ready_at, not_ours=not_ours)
            return
        sighting = self.seen.sightings.get(record.sk)
        if sighting is None or not sighting.by_alias:
            self.steps.append(LookUp(record, by_alias=True))
        elif sighting.alerts is None:
            self._resolve_blind(record, sighting, wanted=wanted)
        elif found := turns.ours_in(sighting.alerts, record, not_ours, self.view.wanted_since):
            self.steps.append(Write(record, self._found(record, found)))
        elif wanted:
            # Where there is nothing, nothing of before is left to be found.
            self.to_send.append(Send(record, turns.sending(replace(record, sent_before=False), self.claim, self.now)))
        else:
            self._give_up(record)

    def _found(self, record: PageRecord, found: tuple[Alert, ...]) -> PageRecord:
        answered = self._answered_before(record, found)
        is_known = set(answered).issubset(record.former_ids)
        known = self._known_by(record, found) if is_known else turns.proving_nothing(record, answered)
        return self._ended_if_of_before(record, known)

    def _ended_if_of_before(self, record: PageRecord, known: PageRecord) -> PageRecord:
        """In one step, where nobody is needed: it must not be taken for ringing, or answered, in between.

        Not what was only found: whoever sent it may have known better than we do.
        """
        is_over = record.sent_before and record.attempt > 0 and not self._is_needed(record)
        return turns.ending(known, self.claim, self.now) if is_over else known

    def _answered_before(self, record: PageRecord, found: Sequence[Alert]) -> tuple[str, ...]:
        """All that was found of what was sent before the page began to be wanted again, where somebody had answered or closed
        it when it did: of this they know nothing. Nor is anything of before that was sent without the ledger since then, or
        nobody knows when.
        """
        view = self.view
        if not self._is_needed(record) or view.taken or not record.sent_before:
            return ()
        # Nobody knows when that was of what is called besides, nor where Jira's history cannot be read.
        wanted_again_at = view.wanted_again_at or record.since
        sent_blind_at = (record.blind_sent_at, view.told_sent_at if view.look_asked else None)
        is_blind = view.look_asked and view.told_sent_at is None and not view.told_id
        if is_blind or any(at is not None and at >= wanted_again_at for at in sent_blind_at):
            return ()
        were_answered = all(turns.was_answered_before(alert, wanted_again_at) for alert in found)
        return tuple(alert.id for alert in found) if were_answered else ()

    def _look_meanwhile(self, record: PageRecord, ready_at: datetime, *, not_ours: set[str]) -> None:
        """A long Retry-After holds up what is sent, and no reading: what was sent before that may ring by now."""
        sighting = self.seen.sightings.get(record.sk)
        is_long = self.now >= record.until and ready_at - self.now > LATER_AGAIN
        may_ring = is_long and turns.was_repeated(record) and not record.former_ids  # of those a close may be what has to wait
        if may_ring and (sighting is None or not sighting.by_alias):
            self.steps.append(LookUp(record, by_alias=True))
            return
        alerts = sighting.alerts if may_ring and sighting is not None else None
        if found := turns.ours_in(alerts or (), record, not_ours, self.view.wanted_since):
            self.steps.append(Write(record, self._found(record, found)))
        else:
            self.wait(ready_at)

    def _resolve_blind(self, record: PageRecord, sighting: Sighting, *, wanted: bool) -> None:
        """The look failed. In doubt, page: after three of them, or when the next may be asked for too late."""
        failed = turns.look_failed(record, sighting, self.now, patient=not wanted)
        if wanted and failed.looks_failed >= LOOKS_BEFORE_DOUBT:
            self.to_send.append(Send(record, turns.sending(failed, self.claim, self.now)))
        elif wanted:
            self.steps.append(Write(record, failed))
        else:
            self._fail_to_end(record, failed)

    def _fail_to_end(self, record: PageRecord, failed: PageRecord) -> None:
        """Nobody needs it, and its pager cannot be asked: its alert may ring on."""
        is_told = turns.is_to_be_told(record, failed)
        self.steps.append(TellOwners(record, failed, "page_not_closed") if is_told else Write(record, failed))

    def _give_up(self, record: PageRecord) -> None:
        """Not wanted, not found. It may still turn up, so look once more before believing it."""
        assert record.unwanted_since is not None
        is_told_now = record.reason == TOLD and record.blind_sent_at is None
        is_known = not set(record.alert_ids).issubset(record.former_ids)  # of what was sent, and not of what it ended before
        is_owed = (record.attempt > 0 or is_told_now) and not is_known
        believed_at = record.unwanted_since + (ORPHAN_OWED if is_owed else ORPHAN)
        if record.blind_sent_at is not None:
            believed_at = max(believed_at, record.blind_sent_at + ORPHAN_OWED)
        if self.now >= believed_at:
            self.steps.append(Write(record, replace(record, state=PageState.ENDED, not_before=None)))
        else:
            self.wait(believed_at)

    def _retry_refused(self, record: PageRecord, *, wanted: bool, alone: bool) -> None:
        """Ask again, also where nobody needs it any more: what was refused once may have been accepted before."""
        retry_at = record.until + (REFUSED_ALONE_RETRY if alone else REFUSED_RETRY)
        if wanted and self.now < retry_at:
            self.wait(retry_at)
            return
        self.steps.append(Write(record, replace(record, state=PageState.UNKNOWN, not_before=None, until=self.now)))

    def _follow_up(self, record: PageRecord, *, wanted: bool, not_ours: set[str]) -> None:
        """A 2xx is not a page: ask what became of the request until an alert is seen."""
        assert record.accepted_at is not None
        is_told_on = self._is_needed(record) and self.view.beside_at is not None  # by `_tell_owners`, of what is not sent again
        if not wanted and not is_told_on and record.unanswered:
            self.steps.append(Write(record, replace(record, unanswered=False)))  # wanted again, it is told of again
            return
        if wanted and self._ask_roster(record):
            return
        if self.now < record.until:
            self.wait(record.until)
            return
        confirmation = self.seen.confirmations.get(record.sk)
        if confirmation is None:
            self.steps.append(AskConfirmation(record))
        elif confirmation.failed is not None:
            refused = turns.refused(record, confirmation.failed, self.now)
            self.steps.append(TellOwners(record, refused, "page_refused") if wanted else Write(record, refused))
        elif confirmation.alert_id is not None and confirmation.alert_id not in not_ours:
            self._confirm(record, confirmation.alert_id)
        elif self.now < record.accepted_at + UNSEEN:
            self._wait_to_be_shown(record)
        else:
            self._follow_up_by_look(record, not_ours)

    def _confirm(self, record: PageRecord, alert_id: str) -> None:
        """It was made. It is read at once, too: of what was never shown to us, nobody can say later that it was closed.

        What was sent may have gone into an alert of before, that somebody has in hand, and rung nobody: until that is read, it
        is not believed.
        """
        known = replace(record, alert_ids=turns.joined((alert_id,), record.alert_ids))
        sighting = self.seen.sightings.get(record.sk)
        if sighting is None:
            self.steps.append(LookUp(known, by_alias=False))
            return
        told = [alert for alert in sighting.shown if alert.id == alert_id]
        may_be_of_before = self._is_needed(record) and (record.sent_before or alert_id in record.former_ids)
        if may_be_of_before and sighting.alerts is None and not told:
            if alert_id in record.alert_ids:
                self._wait_to_be_shown(record)
            else:
                self.steps.append(Write(record, replace(known, claim=self.claim)))  # so that the next look reads it by its id
        elif answered := self._answered_before(record, told):
            if turns.liveliest(told).status is AlertStatus.ACKED:
                # It took in what was sent, and its pager rang nobody: it is in the way.
                again = turns.ending(replace(record, accepted_at=None, not_before=None), self.claim, self.now)
            else:
                again = turns.missed_anew(replace(record, state=PageState.UNKNOWN, until=self.now), self.now)
            self.steps.append(Write(record, turns.proving_nothing(again, answered)))
        else:
            shown = any(not self._rang_nobody(alert, record) for alert in told)
            confirmed = turns.confirmed(replace(known, shown=record.shown or shown), self.now)
            self.steps.append(Write(record, self._ended_if_of_before(record, confirmed)))

    def _next_check(self) -> datetime:
        """With the next page that waits to be seen, if that is soon: or each of several would wake somebody of its own."""
        soon, late = self.now + FIRST_CHECK, self.now + NEXT_CHECK
        others = (r.until for r in self.view.records if r.state is PageState.ACCEPTED)
        return min((until for until in others if soon <= until < late), default=late)

    def _follow_up_by_look(self, record: PageRecord, not_ours: set[str]) -> None:
        assert record.accepted_at is not None
        sighting = self.seen.sightings.get(record.sk)
        if sighting is None:
            self.steps.append(LookUp(record, by_alias=True))
        elif found := turns.ours_in(sighting.alerts or (), record, not_ours, self.view.wanted_since):
            self.steps.append(Write(record, self._found(record, found)))
        else:
            self._wait_to_be_shown(record)

    def _wait_to_be_shown(self, record: PageRecord) -> None:
        assert record.accepted_at is not None
        if self.now >= record.accepted_at + LOST:
            lost = replace(record, state=PageState.UNKNOWN, unseen=True, until=self.now, not_before=None)
            self.steps.append(Write(record, lost))
            return
        unseen = record.unseen or self.now >= record.accepted_at + UNSEEN
        self.steps.append(Write(record, replace(record, unseen=unseen, until=self._next_check())))

    def _watch(self, record: PageRecord, *, taken: bool) -> None:
        """It rings. Read it, so that a lost hook, or no hooks at all, hides neither an acknowledgement nor a close.

        No due time here: while a page lives, every sweep comes by.
        """
        if record.not_before and self.now < record.not_before:
            self.wait(record.not_before)
            return
        sighting = self.seen.sightings.get(record.sk)
        if sighting is None:
            self.steps.append(LookUp(record, by_alias=False))
            return
        if sighting.alerts is None and not sighting.read:
            if taken:
                self.steps.append(Write(record, turns.look_failed(record, sighting, self.now, patient=True)))
            return
        known = [alert for alert in sighting.shown if alert.id in record.alert_ids]
        self._believe(record, known, taken=taken, is_listed=sighting.alerts is not None)

    def _believe(self, record: PageRecord, known: Sequence[Alert], *, taken: bool, is_listed: bool) -> None:
        """What its pager shows of a page that is wanted. is_listed: also in its list, where that was asked."""
        alert = turns.liveliest(known) if known else None
        had = next((a for a in known if a.status is AlertStatus.ACKED), None)
        if alert is None and self.now < turns.hidden_until(record, (), self.now):
            pass
        elif alert is None and not record.shown:
            self._doubt(record)
        elif alert is not None and not record.shown and self._rang_nobody(alert, record):
            # It took in what was sent, and its pager rang nobody.
            in_the_way = replace(record, accepted_at=None, not_before=None)  # a look that failed holds up no close
            self.steps.append(Write(record, turns.ending(in_the_way, self.claim, self.now)))
        elif alert is not None and not record.shown:
            self.steps.append(Write(record, replace(record, shown=True, unseen=False)))
        elif alert is not None and turns.is_former(alert, record):
            self.steps.append(Write(record, turns.begun_anew(record, self.now)))
        elif alert is None or alert.status is AlertStatus.CLOSED:
            self.steps.append(Write(record, turns.closed(record, alert, self.now)))
        elif alert.status is AlertStatus.ACKED:
            self.steps.append(Write(record, turns.acked(record, alert, self.now)))
        elif had is not None and not record.is_acked and record.ack_sent_at is None:
            self.steps.append(Write(record, replace(turns.had_by(record, had, self.now), claim=self.claim)))
        elif record.looks_failed and is_listed:  # or those of a list that fails would never be three
            self.steps.append(Write(record, replace(record, looks_failed=0, not_before=None)))
        elif taken:
            self._acknowledge(record, tuple(a.id for a in known if a.status is AlertStatus.OPEN))
        else:
            self._ask_roster(record)

    def _rang_nobody(self, alert: Alert, record: PageRecord) -> bool:
        """What was sent went into an alert of before, that was left over or that somebody had in hand."""
        is_left_over = turns.is_left_over(alert, record, self.view.wanted_since)
        return is_left_over or turns.is_in_hand_from_before(alert, record)

    def _doubt(self, record: PageRecord) -> None:
        """Its pager says that it was made, and shows it neither by its id nor in its list: perhaps we may not see it."""
        if not record.unseen:
            self.steps.append(TellOwners(record, replace(record, unseen=True), "alert_not_shown"))

    def _acknowledge(self, record: PageRecord, alert_ids: tuple[str, ...]) -> None:
        """Somebody has it in Jira, at another roster or by another alert: stop these from escalating.

        A human who has acknowledged one of them goes on counting: then it was not us.
        """
        if self.now >= record.until:
            sent_at = record.ack_sent_at if record.is_acked else self.now
            asked = replace(record, ack_sent_at=sent_at, until=self.now + ACK_AGAIN, claim=self.claim)
            self.steps.append(Acknowledge(record, asked, alert_ids))
        else:
            self.wait(record.until - ACK_AGAIN + FIRST_CHECK)
            self.wait(record.until)

    def _keep_acknowledged(self, record: PageRecord) -> None:
        """Where a pager lets acknowledgements run out and rings anew, ours is given again for whoever has the incident.

        A human's own is between them and their pager, and so is what a human made ring again. What nobody has rings. No due
        time: every sweep looks.
        """
        if self.view.beside_at is not None and not self.view.taken:
            return
        if record.not_before and self.now < record.not_before:
            self.wait(record.not_before)
            return
        sighting = self.seen.sightings.get(record.sk)
        if sighting is None:
            self.steps.append(LookUp(record, by_alias=False))
            return
        run_out = tuple(a.id for a in sighting.shown if a.rings_by_itself and a.id in record.alert_ids)
        if run_out:
            self._acknowledge(record, run_out)

    def _ask_roster(self, record: PageRecord) -> bool:
        """Ask once who is on call: a page that rings nobody is no page. True while that is under way."""
        if record.on_call is not None or record.target == DELIVERY:
            return False
        if record.sk not in self.seen.on_calls:
            self.steps.append(AskRoster(record))
            return True
        answer = self.seen.on_calls[record.sk]
        if answer is None:
            return False
        self.steps.append(Write(record, replace(record, on_call=answer)))
        return True

    def _end(self, record: PageRecord, *, wanted: bool, not_ours: set[str]) -> None:
        """Close by id whatever is open under our alias, and believe it only when the pager shows it closed.

        wanted: again, so that the next episode must not wait; a duplicate that comes late is then that one's. What did not
        close for minutes is looked for at once then, before anybody concludes from that.
        """
        ready_at = max(record.until, record.not_before or record.until)
        waits = self.now < ready_at
        if waits and not (wanted and does_not_close(record)):
            self.wait(ready_at)
            return
        sighting = self.seen.sightings.get(record.sk)
        if sighting is None or not sighting.by_alias:
            self.steps.append(LookUp(record, by_alias=True))
            return
        found = turns.ours_in(sighting.shown, record, not_ours, self.view.wanted_since)
        if self._ends_what_it_knows(record):
            found = tuple(alert for alert in found if alert.id in record.alert_ids)
        if wanted and any(self._was_made_for_now(alert, record) for alert in found):
            self.steps.append(Write(record, turns.begun_anew(record, self.now)))
            return
        ids = turns.joined(tuple(alert.id for alert in found), record.alert_ids)
        still_open = tuple(alert.id for alert in found if alert.status is not AlertStatus.CLOSED)
        if still_open and waits:
            self.wait(ready_at)
        elif still_open:
            tries = record.looks_failed + 1
            until = self.now + turns.try_again(tries)
            closing = replace(record, claim=self.claim, until=until, not_before=None, alert_ids=ids, looks_failed=tries)
            self.steps.append(Close(record, closing, still_open))
        elif sighting.alerts is None and waits:
            self.wait(ready_at)
        elif sighting.alerts is None:
            self._fail_to_end(record, turns.look_failed(record, sighting, self.now, patient=True))
        elif (hidden_until := turns.hidden_until(record, sighting.alerts, self.now)) > self.now:
            self.wait(hidden_until)
        elif self._may_ring_again(record) and not wanted:
            self.wait(max(self._owed(record)))
        else:
            ended = replace(record, state=PageState.ENDED, alert_ids=ids, not_before=None, looks_failed=0, last_error=None)
            self.steps.append(Write(record, ended))

    def _was_made_for_now(self, alert: Alert, record: PageRecord) -> bool:
        """Its pager made late what was sent while the old alert was in the way: it rings those who are to be rung first."""
        is_new = alert.status is AlertStatus.OPEN and alert.id not in record.alert_ids
        again_at = self.view.wanted_again_at
        return is_new and self._is_first(record) and again_at is not None and alert.created_at >= again_at

    def _ends_what_it_knows(self, record: PageRecord) -> bool:
        """Nothing was sent for it, and a page is wanted: what else rings under its alias is that, sent without the ledger."""
        return self.view.wanted and record.state is PageState.ENDING and not record.attempt

    # --- small things ------------------------------------------------------------------------------------------

    def _known_by(self, record: PageRecord, found: tuple[Alert, ...]) -> PageRecord:
        return turns.known_by(record, found, self.claim, self.now, self.view.wanted_since if self.view.wanted else None)

    def _new(self, link: Link, episode: int, state: PageState) -> PageRecord:
        return PageRecord(
            issue_id=self.view.issue_id,
            episode=episode,
            target=link.target,
            alias=alias_of(self.view.issue_id, link.target, self.view.policy.site_tag),
            roster=link.roster.name,
            pager=link.roster.pager,
            state=state,
            claim=self.claim,
            since=self.now,
            until=self.now,
            reason=link.why,
        )

    def _is_past(self, deadline: datetime) -> bool:
        """What depends on it is decided anew when it comes."""
        self.wait(deadline)
        return self.now >= deadline

    def wait(self, until: datetime) -> None:
        if until > self.now and (self.due is None or until < self.due):
            self.due = until
