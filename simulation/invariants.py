"""Every promise of the design as a check: after each effect, and once the world has healed.

What is accepted is counted by its letter (`EXCEPTIONS`), and only under exactly its conditions. A new
artifact adds its checks here.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.artifacts.impact_times import LOOK_AGAIN
from chalicelib.domain.alias import (
    CHAIN,
    DELIVERY,
    ESCALATION,
    FIRST,
    NEXT,
    SECOND,
    alias_of,
    is_beside,
    makes_manager,
    parse_alias,
)  # fmt: skip
from chalicelib.domain.incident import IssueId
from chalicelib.domain.paging import PageRecord, PageState
from chalicelib.intake.reply import Reply
from chalicelib.ports.ledger import ArtifactState, Book
from chalicelib.ports.queue import Message
from chalicelib.reconcile.left_open import NAME as LEFT_OPEN
from sandbox.jira.schema import SERVICE
from sandbox.pagers.desk import ACKED, CLOSED, OPEN, Desk, DeskAlert, Turn
from simulation import beside, invariants_storm, taking
from simulation.bounds import is_seen, seen_beginning
from simulation.company import FIREBELL_AT_PAGER, SITE_TAG, SimulatedCompany
from simulation.faults import Ending
from simulation.loop import Loop
from simulation.script import Script
from simulation.truth import Timeline, is_gone, is_nobodys
from simulation.twins import MemoryLedger
from simulation.watch import Facts, PageAsked
from simulation.wire import Struck

EXCEPTIONS = tuple(f"E{number}" for number in range(1, 10))
"""What is accepted, by its letter: docs/page-protocol.md, and docs/simulation.md for the last two."""
FUNCTION_MS = 30_000
"""The longest that a function may act on what it read."""
PASS_MS = 20_000
"""The longest from reading an alert to ringing somebody else because of it: the page stage gives up after 15 s."""
PAGE_FIRST_MS = 60_000
YOUNG_MS = 120_000
HIDDEN_MS = YOUNG_MS + FUNCTION_MS
"""So long after Jira could not be read, somebody may still act on what was known before."""
LONDON = ZoneInfo("Europe/London")
COVERED_MS = 420_000
"""Without the ledger, what was made so lately by the pager's clock is for this change."""
UNSEEN_MS = 30_000
"""A page of which nothing is seen for so long has the next in the chain rung."""
FLOOD, FLOOD_WINDOW_MS = 60, 60_000
"""More messages about one incident than that are no longer explained by webhooks, repeats and merged wake-ups."""
SEARCHED_BACK_MS = 900_000
FOLLOWED_MS = 150_000
"""How long after its time-out an unanswered alert may wait for the next in the chain: two sweeps and a look."""

_PRIVATE = ("@example.com", "the-jira-signing-secret", "the-old-secret", "header-secret", "pagerduty-signing")
_MASK = "<mail>"
_LOOKS = ("find", "read")
_QUESTIONS = (*_LOOKS, "confirm", "on_call")
"""Waited for in vain, each is the answer to that pager's other looks for 3 s."""
_THERE = (PageState.ACCEPTED, PageState.CONFIRMED)
_OURS = ("ledger", "queue", "secrets", "jira")
_OF_JIRA = ("jira.read", "secrets.get")
"""What it takes to read an issue."""
_KNOWN_TARGET = re.compile(r"delivery|(im|(next\.)?imoc[1-9][0-9]*|to\.[a-z0-9-]+)(\.second)?")


class ViolationError(Exception):
    """A promise was broken. invariant: its name."""

    def __init__(self, invariant: str, what: str) -> None:
        super().__init__(f"{invariant}: {what}")
        self.invariant = invariant


@dataclass(slots=True)
class Invariants:
    """The first violation is kept and ends the life. excused: how often each accepted exception was needed.

    dead_letters: messages that the queue has given up, as they come to be.
    """

    loop: Loop
    script: Script
    company: SimulatedCompany
    struck: Sequence[Struck]
    ledger: MemoryLedger
    desks: Mapping[str, Desk]
    dead_letters: Sequence[Message] = ()
    violation: ViolationError | None = None
    excused: Counter[str] = field(default_factory=Counter)
    is_given_up: Callable[[str, str], bool] = lambda issue_id, artifact: False
    closed_blind: set[str] = field(default_factory=set)
    """Alerts that an old word of their incident being over closed while Jira could not be read (E5)."""
    told_of_silence: list[tuple[int, str]] = field(default_factory=list)
    """When owners were told that nobody answers, and of which issue."""
    called_for_pages: set[str] = field(default_factory=set)
    """Keys of issues for which an owner was called, since they had left and are open on a status page."""

    def broken(self, invariant: str, what: str) -> None:
        if self.violation is None:
            self.violation = ViolationError(invariant, f"{what} (+{self.loop.now_ms / 1000:.3f} s)")
            self.loop.stop()

    # --- after each effect -------------------------------------------------------------------------------------

    def page_asked(self, facts: Facts, asked: PageAsked) -> None:
        """Nobody is rung for what is over, nor over the heads of those who have it."""
        target = _target(asked.alias)
        if not _KNOWN_TARGET.fullmatch(target):
            self.broken("an alias is known without the ledger", asked.alias)
        if asked.roster not in self._rosters_of(target):
            self.broken("whoever is responsible is rung", f"{asked.alias} through {asked.pager}: {asked.roster}")
        if target == DELIVERY:
            self._check_delivery(facts, asked)
            return
        if is_beside(target):
            beside.page_asked(self, facts, asked)
            return
        self._check_need(facts, asked)
        self._check_fallback(facts, asked)
        if target.endswith(SECOND) and not asked.is_late:
            self._check_second(facts, asked)
        if asked.ledger_failed and not asked.is_late:
            self._check_blind(facts, asked)

    def _check_need(self, facts: Facts, asked: PageAsked) -> None:
        """It is not over, and nobody has it, as far as whoever rings can know."""
        truth, now = facts.truth, asked.ms
        if self._was_known_to_be_over(facts, asked):
            self.broken("nobody is rung for what is over", f"{asked.alias} through {asked.pager}, and the ledger knew better")
        elif truth.wanted.held_throughout(False, now - self._acts_on_ms(asked), now):
            forgets = asked.ledger_failed and facts.issue.deleted  # Jira's word of it is in the ledger
            if self.was_blind_to_jira(facts, now) or self.is_a_secret_departure(facts) or forgets:
                self.excused["E5"] += 1
            elif asked.is_late:
                self.excused["E2"] += 1
            else:
                self.broken("nobody is rung for what is over", f"{asked.alias} through {asked.pager}, unwanted for over 30 s")
        elif truth.taken.held_throughout(True, now - self._acts_on_ms(asked), now):
            if self.was_blind_to_jira(facts, now):
                self.excused["E5"] += 1
            elif asked.is_late:
                self.excused["E2"] += 1
            else:
                self.broken("nobody is rung for what somebody has", f"{asked.alias} through {asked.pager}")

    def _acts_on_ms(self, asked: PageAsked) -> int:
        """How old what it acts on may be: intake believes a webhook that is 30 s old by Jira's clock."""
        is_intake = asked.by is not None and asked.by.name == "intake"
        return FUNCTION_MS + (min(FUNCTION_MS, int(self.skew_ms())) if is_intake else 0)

    def _rosters_of(self, target: str) -> set[str]:
        """Who may be rung under this target, whatever the incident's service is or was."""
        table, first = self.company.table, target.removesuffix(SECOND).removeprefix(NEXT)
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

    def _check_delivery(self, facts: Facts, asked: PageAsked) -> None:
        """A severity 3 wakes nobody: its team hears of it in business hours, while it is one."""
        begun = max(
            ((sk, states[0][0]) for sk, states in facts.states.items() if sk.endswith(DELIVERY)), default=("", asked.ms)
        )
        local = self.loop.moment(begun[1]).astimezone(LONDON)
        minute = local.hour * 60 + local.minute
        if not (local.weekday() < 5 and 9 * 60 - 1 <= minute <= 17 * 60 + 30):
            self.broken("a severity 3 wakes nobody", f"{asked.alias} through {asked.pager}, begun at {local:%a %H:%M}")
        if facts.truth.low.held_throughout(False, asked.ms - FUNCTION_MS, asked.ms):
            beside.excuse(self, facts, asked, "nobody is called whom nobody asks for")

    def _check_second(self, facts: Facts, asked: PageAsked) -> None:
        """The second is rung only while the first cannot be reached: not where it took the page, and nothing went wrong."""
        first, since_ms = _target(asked.alias).removesuffix(SECOND), facts.truth.wanted.since_ms
        was_taken_in = any(_target(one.alias) == first and since_ms <= one.ms for one in facts.asked)
        if was_taken_in and not self._went_wrong(facts, since_ms):
            self.broken("the second is rung only while the first cannot be reached", f"{asked.alias} through {asked.pager}")

    def _went_wrong(self, facts: Facts, since_ms: int) -> bool:
        """Anything that may have kept us from knowing who was rung."""
        lately_ms = since_ms - 200_000
        return bool(self.script.deaf[1]) or any(
            s.incident in (None, facts.issue.id) and s.over_ms >= lately_ms for s in self.struck
        )

    def check_their_time(self, facts: Facts, asked: PageAsked, alerts: Sequence[tuple[str, DeskAlert]], begin_ms: int) -> None:
        """Whoever was just rung, and whom it rings, has their time before anybody else is woken."""
        place, timeout_ms = _place(_target(asked.alias)), self.company.policy.ack_timeout_s * 1000 - 2_000
        # Of another service, somebody else is the first.
        is_corrected = any(item["fieldId"] == SERVICE for entry in facts.issue.histories for item in entry["items"])
        is_slow = self.script.takes_s * 1000 >= UNSEEN_MS  # then it was rung because nothing was seen of the one before
        if asked.is_late or place is None or is_corrected or is_slow or self._went_wrong(facts, begin_ms):
            return
        for _, alert in alerts:
            made_ms, before = self.ms_of(alert.created_at), _place(_target(alert.alias))
            is_soon = begin_ms <= made_ms and asked.ms - made_ms < timeout_ms
            was_asked_later = any(
                one.alias == asked.alias and begin_ms <= one.ms for one in (*facts.asked, *facts.called_asked)
            )
            if (
                before is not None
                and before < place
                and alert.status == OPEN
                and alert.roster.on_call
                and is_soon
                and not was_asked_later
            ):
                self.broken(
                    "whoever was rung has their time", f"{asked.alias} through {asked.pager}, and {alert.id} has just rung"
                )

    def _was_known_to_be_over(self, facts: Facts, asked: PageAsked) -> bool:
        """Before whoever sent it began, and it could have read that: then no older word may decide, however young it is."""
        if facts.truth.wanted.now or facts.over_known_ms is None or asked.ledger_failed or asked.is_late:
            return False
        return facts.over_known_ms < asked.began_ms

    def _check_blind(self, facts: Facts, asked: PageAsked) -> None:
        """Whoever cannot read the ledger looks at the pager before ringing."""
        began = asked.began_ms
        mine = [s for s in self.struck if s.at_ms >= began and s.incident in (None, facts.issue.id)]
        has_looked = any(look.ms >= began and look.alias == asked.alias for look in facts.looked)
        has_tried = any(s.operation.endswith(".find") for s in mine)
        remembers = all(s.fault.ending is Ending.ANSWER for s in mine if s.operation.startswith("ledger."))
        if not (has_looked or has_tried or remembers):
            self.broken("no blind page without a look", f"{asked.alias} through {asked.pager}, without the ledger")

    def alert_made(self, facts: Facts, pager: str, alert: DeskAlert) -> None:
        """One alert per incident, episode and target, for ever."""
        target = _target(alert.alias)
        if is_beside(target):
            beside.alert_made(self, facts, alert)
            return
        earlier = [(p, a) for p, a in facts.alerts if a.alias == alert.alias]
        if not earlier:
            return
        last = earlier[-1][1]
        asks = [asked for asked in facts.asked if asked.alias == alert.alias]
        if last.status != CLOSED and last.scope != alert.scope and any(asked.ledger_failed for asked in asks):
            # PagerDuty joins alerts of one integration only, and blind pages go to whoever the service names now.
            self.excused["E1"] += 1
        elif last.status != CLOSED and pager == earlier[-1][0]:
            self.broken("one open alert", f"{alert.alias} has {last.id} and {alert.id}")
        if target == DELIVERY:
            return
        first_ms = max((asked.ms for asked in self._asked_before(asks, last)), default=self.ms_of(last.created_at))
        if facts.truth.wanted.held_throughout(True, first_ms, self.loop.now_ms):
            self.excuse_second_ring(facts, alert, last, asks)

    def excuse_second_ring(self, facts: Facts, alert: DeskAlert, last: DeskAlert, asks: Sequence[PageAsked]) -> None:
        """A second ring in one episode: E1 while the ledger is away, E2 when no look could have shown the first."""
        takes_ms, made_ms = int(self.script.takes_s * 1000), self.ms_of(last.created_at)
        repeat = next((a for a in reversed(asks) if a.ms <= self.loop.now_ms - takes_ms + 5), asks[-1])
        # A create that landed late was sent when the fault struck it.
        sent = [s.at_ms for s in self.struck if s.operation.endswith(".open_page") and s.incident == facts.issue.id]
        first_ms = min([asks[0].ms, *sent])
        before = self._asked_before(asks, last)
        at_once = any(a.ledger_failed for a in before if repeat.ms - a.ms < FUNCTION_MS)
        # How old it is is asked before the look, and the create comes after that.
        is_young = repeat.ms - self.updated_ms(facts) <= YOUNG_MS + PASS_MS + self.skew_ms()
        lag_ms = int(self.script.list_lag_s * 1000)
        looks = [look for look in facts.looked if look.alias == alert.alias and first_ms < look.ms <= repeat.sent_ms]
        own = [look.ms for look in looks if repeat.by is not None and look.by is repeat.by]
        # Whoever cannot read the ledger, and sees that it was closed a moment ago, rings nobody.
        covered_ms = COVERED_MS + (self.script.pager_skew_s - abs(self.script.worker_skew_s)) * 1000
        saw_it = repeat.ledger_failed and bool(own) and own[-1] >= made_ms + lag_ms and repeat.ms - made_ms < covered_ms
        is_blind = (repeat.ledger_failed or at_once) and is_young and not saw_it
        if is_blind or (before and before[-1].ledger_failed and self._was_taken_for_an_older(facts, last)):
            self.excused["E1"] += 1
            return
        recent = own or [look.ms for look in looks if look.ms >= repeat.sent_ms - PASS_MS]
        # Those of the page before tell nothing of this one, unless this was sent before that was made.
        older = [self.ms_of(a.created_at) for _, a in (*facts.alerts, *facts.called_alerts) if _is_older(a, last)]
        previous_ms = max((a.sent_ms for a in asks if a.sent_ms < repeat.sent_ms), default=first_ms)
        begun_ms = max(first_ms, min(max(older, default=first_ms), previous_ms))
        failed = [s for s in self.failed_looks(facts) if begun_ms < s.at_ms <= repeat.sent_ms]
        blind_looks = bool(recent) and recent[-1] < made_ms + lag_ms
        doubted = len(failed) >= 3 or any((s.fault.retry_after_s or 0) > 3 or s.fault.out_of_service for s in failed)
        was_hidden = facts.was_hidden_between(begun_ms - HIDDEN_MS, repeat.sent_ms)
        if was_hidden or last.id in self.closed_blind or self._was_ended_on_an_old_word(facts, made_ms):
            self.excused["E5"] += 1
        elif blind_looks or doubted:
            self.excused["E2"] += 1
        else:
            self.broken("one page per incident, episode and target", f"{alert.alias} rang again: {last.id}, then {alert.id}")

    def _was_taken_for_an_older(self, facts: Facts, last: DeskAlert) -> bool:
        """For one more of the page of the time before, and ended with that."""
        pages = [page for page in self.ledger.read(IssueId(facts.issue.id)).pages if page.alias == last.alias]
        is_older = any(last.id in p.alert_ids and p.state is PageState.ENDED for p in pages if p.episode < pages[-1].episode)
        return taking.was_closed_by_us(last) or is_older

    def _was_ended_on_an_old_word(self, facts: Facts, since_ms: int) -> bool:
        """With Jira unreadable, words of its being over and wanted again came late, one after the other."""
        if len(facts.truth.wanted.at_ms) < 2 or not self.was_blind_to_jira(facts, self.loop.now_ms):
            return False
        return any(state is PageState.ENDING and ms > since_ms for states in facts.states.values() for ms, state in states)

    def alert_changed(self, facts: Facts, method: str, alert: DeskAlert) -> None:
        """We close only what nobody wants, and acknowledge only what somebody has."""
        truth, now = facts.truth, self.loop.now_ms
        if alert.alias.startswith(alias_of(IssueId(facts.issue.id), FIRST, "")):
            self.broken("what is not ours is left alone", f"{method} of {alert.id} under {alert.alias}")
        if _target(alert.alias) == DELIVERY:
            return
        if is_beside(_target(alert.alias)):
            beside.alert_changed(self, facts, method, alert)
            return
        if method == "close":
            asked_ms = self.first_asked_ms(facts.asked, alert, [a for _, a in facts.alerts])
            if alert.status != CLOSED and truth.wanted.held_throughout(True, asked_ms, now):
                # With Jira unreadable, an old word of its being over may come late; where there was none, nothing is over.
                if len(truth.wanted.at_ms) > 1 and self.was_blind_to_jira(facts, now):
                    self.excused["E5"] += 1
                    self.closed_blind.add(alert.id)
                elif any(asked.ledger_failed for asked in self._asked_before(facts.asked, alert)[-1:]):
                    self.excused["E1"] += 1  # it is taken for one more of the page of before
                elif self.ms_of(alert.created_at) - asked_ms > FUNCTION_MS and self.was_acted_on(facts, asked_ms):
                    self.excused["E2"] += 1  # made late, when somebody had answered another page: it ends with the old one
                else:
                    self.broken("a wanted page is never closed", f"{alert.id} under {alert.alias}")
        elif self.is_a_secret_departure(facts) or self.was_blind_to_jira(facts, now):
            if not self._was_taken(facts, now):
                self.excused["E5"] += 1
        elif not self._was_taken(facts, now):
            self.broken("only what somebody has is acknowledged", f"{alert.id} under {alert.alias}")

    def first_asked_ms(self, asks: Sequence[PageAsked], alert: DeskAlert, alerts: Sequence[DeskAlert]) -> int:
        """When a page was first asked for that may have become this alert: after the last one under its alias was made."""
        before_ms = max((self.ms_of(a.created_at) for a in alerts if _is_older(a, alert)), default=-1)
        asked_ms = (a.ms for a in self._asked_before(asks, alert) if a.ms > before_ms)
        return min(asked_ms, default=self.ms_of(alert.created_at))

    def _asked_before(self, asks: Sequence[PageAsked], alert: DeskAlert) -> list[PageAsked]:
        """Under its alias, until it was made."""
        made_ms = self.ms_of(alert.created_at)
        return [asked for asked in asks if asked.alias == alert.alias and asked.ms <= made_ms]

    def _is_kept(self, alert_id: str, ended: PageRecord) -> bool:
        """Two were made of one page, by workers who did not see each other's: the newer one has its alert, and closes it."""
        pages = self.ledger.read(ended.issue_id).pages
        return any(
            alert_id in page.alert_ids and page.episode > ended.episode and page.state is not PageState.ENDED for page in pages
        )

    def _was_taken(self, facts: Facts, now: int) -> bool:
        if not facts.truth.taken.held_throughout(False, now - FUNCTION_MS, now):
            return True
        return self.was_acted_on(facts, self.seen_since(facts), also_heirs=True)

    def seen_since(self, facts: Facts) -> int:
        """When the last episode began for whoever only sees what was read."""
        episodes = facts.truth.wanted.stretches(self.loop.now_ms)
        return seen_beginning(facts, episodes, len(episodes) - 1) if episodes else 0

    def was_acted_on(self, facts: Facts, since_ms: int, *, also_heirs: bool = False) -> bool:
        """By a human, at a page of the chain; also_heirs: or at one that looks for another manager."""
        heirs = (alert for _, alert in facts.called_alerts if also_heirs and makes_manager(_target(alert.alias)))
        alerts = (*(alert for _, alert in facts.alerts), *heirs)
        turns = (turn for alert in alerts for turn in alert.turns)
        return any(_is_act(turn) and self.ms_of(turn.at) >= since_ms for turn in turns)

    def recorded(self, facts: Facts, new: PageRecord) -> None:
        """What the ledger calls confirmed, acknowledged, closed or ended is so at the pager."""
        if new.state not in (PageState.CONFIRMED, PageState.ACKED, PageState.CLOSED, PageState.ENDED):
            return
        desk = self.desks[new.pager]
        alerts = [alert for alert in desk.alerts if alert.id in new.alert_ids]
        if len(alerts) < len(new.alert_ids) or (new.state is not PageState.ENDED and not alerts):
            self.broken("the ledger says only what the world shows", f"{new.sk} is {new.state} without its alert")
        newest = next((a for a in alerts if new.alert_ids and a.id == new.alert_ids[0]), None)
        statuses = {turn.status for turn in newest.turns} if newest else set()
        if new.state is PageState.ACKED and ACKED not in statuses:
            self.broken("the ledger says only what the world shows", f"{new.sk} is acked, {newest and newest.id} never was")
        if new.state is PageState.CLOSED and CLOSED not in statuses and not self._hides_alerts():
            self.broken("the ledger says only what the world shows", f"{new.sk} is closed, {newest and newest.id} never was")
        is_open = new.state is PageState.ENDED and any(a.status != CLOSED and not self._is_kept(a.id, new) for a in alerts)
        if is_open and not self._hides_alerts():
            self.broken("the ledger says only what the world shows", f"{new.sk} has ended, and its alert is open")

    def _hides_alerts(self) -> bool:
        """The pager answered 404 for an alert that it has."""
        return any(
            s.fault.ending is Ending.MISSING and s.operation.endswith(".read") and self.is_at_pager(s) for s in self.struck
        )

    def commented(self, facts: Facts) -> None:
        self.page_first(facts, f"a comment on {facts.issue.key}")

    def edited(self, facts: Facts, edit: taking.Edit) -> None:
        taking.edited(self, facts, edit)

    def page_first(self, facts: Facts, what: str) -> None:
        """While a page is wanted, nothing else is written before some pager has accepted it, for at most a minute."""
        truth, now = facts.truth, self.loop.now_ms
        running = self.loop.running
        began_ms = running.notes["began"] if running is not None else now
        minute_ms = PAGE_FIRST_MS - abs(self.script.worker_skew_s) * 1000
        if not truth.needs_page.held_throughout(True, began_ms, now) or now - truth.wanted.since_ms >= minute_ms:
            return
        since = truth.wanted.since_ms
        was_wanted_before = len(truth.wanted.at_ms) > 2
        if was_wanted_before and not is_seen(facts, truth.wanted.at_ms[-2], since):
            self.excused["E4"] += 1  # nobody saw that it was not wanted for a while
            return
        if self._acts_on_an_older_word(facts, began_ms):
            self.excused["E5"] += 1
            return
        if not any(asked.ms >= since - FUNCTION_MS for asked in facts.asked if _target(asked.alias) != DELIVERY) and not any(
            alert.status != CLOSED for _, alert in facts.alerts if _target(alert.alias) != DELIVERY
        ):
            self.broken("the page comes first", f"{what} before any pager has accepted the page")

    def _acts_on_an_older_word(self, facts: Facts, began_ms: int) -> bool:
        """It could not read Jira, and neither its message nor the ledger, when it began, told that somebody is needed."""
        could_not_read = any(
            s.operation in _OF_JIRA and s.at_ms >= began_ms and s.incident in (None, facts.issue.id) for s in self.struck
        )
        running, version = self.loop.running, facts.needed_version
        told = running.notes.get("told") if running is not None else None
        is_told = told is not None and version is not None and told >= version
        return could_not_read and not is_told and (facts.needed_known_ms is None or facts.needed_known_ms > began_ms)

    def queued(self, facts: Facts) -> None:
        """Whatever happens to an incident, we ask ourselves to look at it now and then only: wake-ups are merged.

        What others tell is theirs: of an incident that changes each second there is a message each second.
        """
        since = self.loop.now_ms - FLOOD_WINDOW_MS
        if len(facts.queued_ms) <= FLOOD or facts.queued_ms[-FLOOD - 1] <= since:
            return
        if any(s.at_ms >= since - FLOOD_WINDOW_MS for s in self.struck if s.operation.startswith("ledger.")):
            return  # nothing can be merged while nothing can be remembered
        self.broken(
            "wake-ups coalesce", f"over {FLOOD} messages of our own about {facts.issue.key} in {FLOOD_WINDOW_MS // 1000} s"
        )

    def answered(self, facts: Facts, reply: Reply | None, began_ms: int) -> None:
        """began_ms: when it was told. An authentic event gets a 2xx once it is durable, else a 5xx that Jira repeats."""
        if reply is None:
            return
        if reply.status == 202 and not any(ms >= began_ms for ms in facts.durable_ms):
            self.broken("durable before 2xx", f"{facts.issue.key}: {reply.outcome} and no message")
        if 400 <= reply.status < 500:
            self.broken("no authentic event gets a 4xx", f"{facts.issue.key}: {reply.status} {reply.detail}")

    def pager_answered(self, reply: Reply | None) -> None:
        if reply is not None and 400 <= reply.status < 500:
            self.broken("no authentic event gets a 4xx", f"a pager's: {reply.status} {reply.detail}")

    def stranger_answered(self, reply: Reply | None) -> None:
        if reply is not None and reply.status not in (401, 503):
            self.broken("nobody is let in who does not belong", f"a forged webhook got {reply.status}")

    def logged(self, line: str) -> None:
        if '"nobody_answers"' in line:
            self.told_of_silence.append((self.loop.now_ms, json.loads(line)["issue"]))
        if f'"{LEFT_OPEN}"' in line:
            self.called_for_pages.add(json.loads(line)["issue"])
        for private in _PRIVATE:
            if private in line:
                self.broken("nothing private is logged", line[:200])
        if _MASK in line:
            self.broken("nothing private is logged", f"the log had to mask it: {line[:200]}")

    # --- fallbacks ---------------------------------------------------------------------------------------------

    def _check_fallback(self, facts: Facts, asked: PageAsked) -> None:
        """The next in the chain is woken only when those before cannot be expected to come."""
        now = asked.ms
        self.check_their_time(facts, asked, facts.alerts, self.seen_since(facts))
        place = _place(_target(asked.alias)) or 0
        before = [
            (pager, alert) for pager, alert in facts.alerts if _target(alert.alias) != DELIVERY
            and (((_place(_target(alert.alias)) or 0) < place and alert.status != CLOSED) or _acted(alert))
        ]  # fmt: skip
        heirs = [a for _, a in facts.called_alerts if makes_manager(_target(a.alias)) and any(map(taking.is_taken_by, a.turns))]
        newest = {alert.alias: alert for alert in (*(alert for _, alert in before), *heirs)}
        for alert in newest.values():
            acted_ms = [self.ms_of(turn.at) for turn in alert.turns if _is_act(turn)]
            if alert.alias == asked.alias or not acted_ms or now - acted_ms[0] < PASS_MS + self.script.list_lag_s * 1000:
                continue
            if not facts.truth.wanted.held_throughout(True, self.ms_of(alert.created_at), now):
                continue
            if any(_is_older(alert, other) and other.status == OPEN for _, other in (*facts.alerts, *facts.called_alerts)):
                continue  # of two alerts of one page, the one that rings decides
            if _has_run_out(alert) and not facts.answered:
                continue  # before anybody saw that it was acknowledged
            failed = [s for s in self.failed_looks(facts) if s.over_ms >= acted_ms[0] - PAGE_FIRST_MS]
            unknown = alert.id not in facts.known_ids
            if alert.id in self.closed_blind or self._was_gap_hidden(facts, now):
                self.excused["E5"] += 1  # resolved and reopened before somebody acted, and told of after that
            elif self._was_wanted_unknown(facts, acted_ms[0]):
                self.excused["E5"] += 1  # they acted on the page of before
            elif failed or asked.ledger_failed or unknown:
                self.excused["E3"] += 1
            else:
                self.broken("nobody is woken over an acknowledgement", f"{asked.alias}, though {alert.id} was acted on")

    def _was_gap_hidden(self, facts: Facts, now: int) -> bool:
        """That it was not wanted for a while, or is again, could not be seen when it was so, nor long after."""
        at_ms = facts.truth.wanted.at_ms
        return len(at_ms) > 2 and facts.was_hidden_between(at_ms[-2] - HIDDEN_MS, now)

    def _was_wanted_unknown(self, facts: Facts, at_ms: int) -> bool:
        """That it is wanted again the ledger learned only after that."""
        was_wanted_before = len(facts.truth.wanted.at_ms) > 2
        is_known = facts.needed_known_ms is not None and facts.needed_known_ms <= at_ms
        return was_wanted_before and facts.truth.needs_page.since_ms == facts.truth.wanted.since_ms and not is_known

    # --- once the world has healed -----------------------------------------------------------------------------

    def healed(self, facts: Facts) -> None:
        """Ledger equals world, nothing is left over, and nobody who is needed was forgotten."""
        issue, truth = facts.issue, facts.truth
        book = self.ledger.read(IssueId(issue.id))
        if facts.was_hidden and not facts.durable_ms and not facts.read_ms:
            return  # hidden before anybody told of it, and not updated since: nobody can know
        known = {id_ for page in book.pages for id_ in page.alert_ids}
        for pager, alert in facts.alerts:
            self._check_alert_at_rest(facts, book, pager, alert, is_known=alert.id in known)
        for page in book.pages:
            self._check_record_at_rest(page, is_left_alone=facts.is_left_unsaid, is_nobodys=truth.left.now)
        beside.healed(self, facts, known)
        taking.healed(self, facts, self.seen_since(facts))
        invariants_storm.healed(self, facts)
        for artifact in book.artifacts:
            is_open = artifact.state not in (ArtifactState.MADE, ArtifactState.CLOSED)
            is_a_date = artifact.name == LOOK_AGAIN  # there for its date alone: once that has come, it need not be made
            if not is_gone(issue) and is_open and not is_a_date and not self.is_given_up(issue.id, artifact.name):
                self.broken("everything is made in the end", f"{artifact.name} is {artifact.state}")
        ours = [comment for comment in issue.comments if comment.properties]
        if len(ours) > 1:
            self.broken("one comment per incident", f"{len(ours)} on {issue.key}")
        if truth.needs_page.now and not self._was_rung(facts):
            if self.nobody_can_know(facts, truth.needs_page.since_ms):
                self.excused["E5"] += 1
            else:
                self.broken("no major incident goes unpaged", f"{issue.key} needs somebody, and nobody was rung")
        self._check_somebody_has_it(facts)
        self._check_patience(facts)
        self.check_following(facts, truth.needs_page, facts.alerts, self.seen_since(facts))
        self._check_quiet(facts, known)

    def _was_rung(self, facts: Facts) -> bool:
        """In this episode: by an alert that was made in it, or that rang on into it and was not ended by us."""
        begin_ms = self.seen_since(facts)
        chain = [a for _, a in (*facts.alerts, *facts.called_alerts) if makes_manager(_target(a.alias))]
        is_open_or_new = any(a.status != CLOSED or self.ms_of(a.created_at) >= begin_ms for a in chain)
        return is_open_or_new or self.was_acted_on(facts, begin_ms, also_heirs=True)

    def _check_somebody_has_it(self, facts: Facts) -> None:
        """What is wanted rings on, or a human has it: in Jira, or since they answered and had not given it back by then."""
        truth, issue = facts.truth, facts.issue
        if not truth.wanted.now or truth.taken.now or not is_nobodys(issue) or facts.was_hidden:
            return
        since_ms = truth.abandoned.since_ms if taking.was_given_back(facts) else self.seen_since(facts)
        rings = any(a.status == OPEN and makes_manager(_target(a.alias)) for _, a in (*facts.alerts, *facts.called_alerts))
        if not rings and not self.was_acted_on(facts, since_ms, also_heirs=True):
            self.broken("somebody has it, or it rings", f"{issue.key} is nobody's, and nothing rings for anybody")

    def _check_patience(self, facts: Facts) -> None:
        """A vendor that asks for time gets it: nothing is written again about this incident before.

        Not held to it: reads; whoever cannot remember; the other targets at a pager that is out of service for long.
        """
        for struck in self.struck:
            if struck.incident != facts.issue.id or struck.undercut_ms is None or not _waits(struck.operation):
                continue
            begin, end = struck.at_ms - FUNCTION_MS, struck.undercut_ms
            forgotten = any(s.operation.startswith("ledger.") and begin <= s.at_ms <= end for s in self.struck)
            if not forgotten and not struck.fault.out_of_service:
                again = f"{struck.operation} at +{struck.at_ms / 1000:.1f} s, again at +{struck.undercut_ms / 1000:.1f} s"
                self.broken("Retry-After is kept", f"{again}: {struck.fault.name}")

    def check_following(self, facts: Facts, needed: Timeline, alerts: Sequence[tuple[str, DeskAlert]], begin_ms: int) -> None:
        """Whoever was rung and did nothing is followed by the next in the chain; soon where nobody is on call there.

        One who is asked to take over follows as well as one of the chain.
        """
        both = [alert for _, alert in (*facts.alerts, *facts.called_alerts) if makes_manager(_target(alert.alias))]
        asks = [asked for asked in (*facts.asked, *facts.called_asked) if makes_manager(_target(asked.alias))]
        chain = [(alert, _place(_target(alert.alias))) for alert in both]
        answered_ms = min(
            (self.ms_of(turn.at) for a, _ in chain for turn in a.turns if _is_act(turn) and self.ms_of(turn.at) >= begin_ms),
            default=self.loop.now_ms,
        )
        for pager, alert in alerts:
            place = _place(_target(alert.alias))
            if place is None:
                continue
            # That the first pager cannot be reached is why its second rings, and keeps nobody from following that.
            is_borne = _target(alert.alias).endswith(SECOND)
            disturbed = (
                s.over_ms for s in self.struck if not (is_borne and s.operation.partition(".")[0] not in (pager, *_OURS))
            )
            timeout_ms = self.company.policy.ack_timeout_s * 1000 if alert.roster.on_call else 0
            since_ms = max([self.ms_of(alert.created_at), *disturbed])
            learnt = [ms for states in facts.states.values() for ms, state in states if state in _THERE]
            made = (self.ms_of(a.created_at) for a, other in chain if other is not None and other <= place)
            for ms in sorted((*learnt, *made)):  # whoever turns out to ring has their time first
                since_ms = max(since_ms, ms) if ms <= since_ms + timeout_ms + FOLLOWED_MS else since_ms
            late_ms = since_ms + timeout_ms + FOLLOWED_MS
            rang_ms = min((self.ms_of(turn.at) for turn in alert.turns if turn.status != OPEN), default=self.loop.now_ms)
            if late_ms < begin_ms or late_ms > min(rang_ms, answered_ms) or not needed.held_throughout(True, since_ms, late_ms):
                continue
            behind = [a for a, other in chain if other is not None and other > place and a.status != CLOSED]
            if any(self.ms_of(a.created_at) <= late_ms for a in behind):
                continue
            if place >= len(self.company.table.imoc):
                if not any(ms >= begin_ms and key in facts.keys for ms, key in self.told_of_silence):
                    self.broken(
                        "owners hear that nobody answers", f"{alert.id} under {alert.alias} rings on, and nobody was told"
                    )
            elif not any(begin_ms <= asked.ms <= late_ms and (_place(_target(asked.alias)) or 0) > place for asked in asks):
                self.broken("who does not answer is followed", f"{alert.id} under {alert.alias} rings on, and nobody else")

    def _check_quiet(self, facts: Facts, known: set[str]) -> None:
        """What somebody has in hand rings nobody else: taken in Jira, or acknowledged at the pager by a human."""
        truth, since_ms = facts.truth, self.seen_since(facts)
        answers = (
            turn for _, alert in facts.alerts if alert.status == ACKED and alert.id in known for turn in alert.turns
            if turn.status == ACKED and turn.by != FIREBELL_AT_PAGER and self.ms_of(turn.at) >= since_ms
        )  # fmt: skip
        if not (truth.wanted.now and (truth.taken.now or any(answers))):
            return
        for pager, alert in facts.alerts:
            is_excused = alert.id not in known and self.why_unknown(facts, alert)  # counted where the ledger is checked
            is_theirs = _has_run_out(alert) and any(_is_act(turn) for turn in alert.turns)
            if alert.status == OPEN and _target(alert.alias) != DELIVERY and not is_excused and not is_theirs:
                self.broken("what somebody has stops ringing", f"{alert.id} under {alert.alias} at {pager} is still open")

    def _is_in_somebodys_hands(self, pages: Sequence[PageRecord], alert: DeskAlert) -> bool:
        handled = (PageState.ACKED, PageState.CLOSED)
        return alert.status == ACKED and any(page.alias == alert.alias and page.state in handled for page in pages)

    def why_unknown(self, facts: Facts, alert: DeskAlert) -> str:
        """The accepted exception under which nobody may know of it; "" when somebody must."""
        blind = [asked for asked in self._asked_before(facts.asked, alert) if asked.ledger_failed]
        is_untold = any(asked.queue_failed for asked in blind) or (bool(blind) and self._was_told_in_vain(facts, alert))
        return "E6" if is_untold else ""

    def _was_told_in_vain(self, facts: Facts, alert: DeskAlert) -> bool:
        """The message that tells of this page is among the dead letters."""
        told = [message.orphan for message in self.dead_letters if message.issue_id == facts.issue.id]
        return any(orphan is not None and orphan.target == _target(alert.alias) for orphan in told)

    def _check_alert_at_rest(self, facts: Facts, book: Book, pager: str, alert: DeskAlert, *, is_known: bool) -> None:
        if alert.status == CLOSED:
            return
        why = "" if is_known else self.why_unknown(facts, alert)
        in_hand = facts.truth.wanted.now and not is_known and self._is_in_somebodys_hands(book.pages, alert)
        if in_hand and why != "E6":
            return  # one more (E1, E2) that came late and of which nobody told: it is ended with the others
        if why:
            self.excused[why] += 1
            return
        if not is_known:
            self.broken("ledger equals world", f"{alert.id} at {pager} is unknown to the ledger")
        if facts.is_left_unsaid:
            return  # only a human can tell; it is logged every minute
        if not (facts.truth.low if _target(alert.alias) == DELIVERY else facts.truth.wanted).now:
            self.broken("what nobody wants is closed", f"{alert.id} under {alert.alias} at {pager} is still open")

    def _check_record_at_rest(self, page: PageRecord, *, is_left_alone: bool, is_nobodys: bool) -> None:
        """is_left_alone: Jira will never show it again, and nobody said why. What others have sent is theirs until then.

        is_nobodys: left, so that an acknowledgement which runs out is not given again.
        """
        statuses = {alert.id: alert.status for alert in self.desks[page.pager].alerts}
        newest = statuses.get(page.alert_ids[0]) if page.alert_ids else None
        if page.state in (PageState.SENDING, PageState.ACCEPTED, PageState.ENDING):
            self.broken("leases end", f"{page.sk} is still {page.state}")
        # What was acknowledged is in somebody's hands, and is not read any more: they may close it.
        expected = {
            PageState.CONFIRMED: (OPEN,),
            PageState.ACKED: (ACKED, CLOSED, *([OPEN] if is_nobodys else [])),
            PageState.ENDED: (CLOSED,),
            PageState.CLOSED: (CLOSED,),
        }
        if is_left_alone:
            return
        is_wrong = page.state in expected and newest is not None and newest not in expected[page.state]
        run_out = {alert.id for alert in self.desks[page.pager].alerts if _has_run_out(alert)}
        is_wrong = is_wrong and not (page.is_answered and page.alert_ids[0] in run_out)  # a human's own is left to them
        if is_wrong and not self._is_kept(page.alert_ids[0], page) and not self._hides_alerts():
            self.broken("ledger equals world", f"{page.sk} is {page.state}, its alert {page.alert_ids[0]} is {newest}")

    def wrote_when_settled(self, issue_key: str, writes: tuple[int, int, int, int]) -> None:
        if any(writes):
            ledger, pagers, jira, places = writes
            told = f"{ledger} ledger, {pagers} pager, {jira} Jira writes, {places} calls at places"
            self.broken("settled means settled", f"{issue_key}: {told}")

    # --- small things ------------------------------------------------------------------------------------------

    def ms_of(self, moment: datetime) -> int:
        """True time of a moment on the pagers' clock."""
        return self.loop.ms_of(moment - timedelta(seconds=self.script.pager_skew_s))

    def skew_ms(self) -> float:
        return abs(self.script.jira_skew_s) * 1000 + abs(self.script.worker_skew_s) * 1000

    def is_at_pager(self, struck: Struck) -> bool:
        return struck.operation.partition(".")[0] in self.desks

    def failed_looks(self, facts: Facts) -> list[Struck]:
        """Looks at a pager that failed, about this incident."""

        def is_look(struck: Struck) -> bool:
            return struck.operation.rpartition(".")[2] in (_QUESTIONS if struck.fault.takes == "timeout" else _LOOKS)

        return [s for s in self.struck if self.is_at_pager(s) and is_look(s) and s.incident in (None, facts.issue.id)]

    def is_a_secret_departure(self, facts: Facts) -> bool:
        """Gone, and Jira's word of it has only just reached the ledger, if at all: a 404 looks as if a permission was lost."""
        has_left = facts.issue.deleted or (facts.was_hidden and facts.issue.project != "HOT")
        return has_left and (facts.gone_known_ms is None or self.loop.now_ms - facts.gone_known_ms < FUNCTION_MS)

    def nobody_can_know(self, facts: Facts, since_ms: int) -> bool:
        """Of what became so while the issue was hidden, if no word of it came and it was shown later than a search looks back.

        A permission that comes back is no change: no webhook tells of it, and `updated` stays what it was.
        """
        if any(ms >= since_ms for ms in (*facts.told_ms, *facts.read_ms)):
            return False
        hidden = facts.truth.hidden.stretches(self.loop.now_ms)
        return any(begin <= since_ms < end and end - self.updated_ms(facts) > SEARCHED_BACK_MS for begin, end in hidden)

    def updated_ms(self, facts: Facts) -> int:
        """When Jira last saw a change, a comment of ours included: true time of its `updated`."""
        return self.loop.ms_of(facts.issue.updated - timedelta(seconds=self.script.jira_skew_s))

    def was_blind_to_jira(self, facts: Facts, now: int) -> bool:
        if facts.was_hidden_between(now - HIDDEN_MS, now):
            return True
        return any(
            s.operation in _OF_JIRA and now - s.over_ms < HIDDEN_MS and s.incident in (None, facts.issue.id)
            for s in self.struck
        )


def _target(alias: str) -> str:
    parsed = parse_alias(alias, SITE_TAG)
    return parsed[1] if parsed else ""


def _is_older(alert: DeskAlert, than: DeskAlert) -> bool:
    return alert.alias == than.alias and alert.id != than.id and alert.created_at <= than.created_at


def _waits(operation: str) -> bool:
    return operation.rpartition(".")[2] in (
        "open_page",
        "acknowledge",
        "close",
        "add_comment",
        "edit_comment",
        "assign",
        "move_to",
    )


def _place(target: str) -> int | None:
    """The place in a chain: im, then imoc1, imoc2...; None of what is in none."""
    head = target.removeprefix(NEXT).removesuffix(SECOND)
    number = head.removeprefix(CHAIN)
    return 0 if head == FIRST else int(number) if head.startswith(CHAIN) and number.isdecimal() else None


def _is_act(turn: Turn) -> bool:
    """A human's."""
    return turn.status != OPEN and turn.by != FIREBELL_AT_PAGER


def _has_run_out(alert: DeskAlert) -> bool:
    """It was acknowledged, and its pager rings it anew by itself."""
    return alert.status == OPEN and alert.turns[-1].by is None and len(alert.turns) > 1


def _acted(alert: DeskAlert) -> bool:
    return any(_is_act(turn) for turn in alert.turns)
