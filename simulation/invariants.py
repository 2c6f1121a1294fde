"""Every promise of the design as a check: after each effect, and once the world has healed.

What is accepted is counted by its letter (`EXCEPTIONS`), and only under exactly its conditions. A new
artifact adds its checks here.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from chalicelib.artifacts.impact_times import LOOK_AGAIN
from chalicelib.domain.alias import DELIVERY, FIRST, alias_of, is_beside
from chalicelib.domain.incident import IssueId
from chalicelib.domain.paging import PageRecord, PageState
from chalicelib.intake.reply import Reply
from chalicelib.ports.ledger import ArtifactState, Book
from chalicelib.ports.queue import Message
from chalicelib.reconcile.left_open import NAME as LEFT_OPEN
from sandbox.pagers.desk import ACKED, CLOSED, OPEN, Desk, DeskAlert
from simulation import beside, invariants_storm, ringing, second_ring, silencing, taking
from simulation.alerts import has_run_out, is_act, target_of
from simulation.bounds import is_noticed, is_seen, seen_beginning
from simulation.company import FIREBELL_AT_PAGER, SimulatedCompany
from simulation.faults import Ending
from simulation.loop import Loop
from simulation.ringing import FUNCTION_MS, HIDDEN_MS, PAGE_FIRST_MS, PASS_MS
from simulation.script import Script
from simulation.truth import is_gone, is_nobodys
from simulation.twins import MemoryLedger
from simulation.watch import Facts, PageAsked
from simulation.wire import Struck

EXCEPTIONS = tuple(f"E{number}" for number in range(1, 11))
"""What is accepted, by its letter: docs/page-protocol.md, and docs/simulation.md for E8 and E9."""
FLOOD, FLOOD_WINDOW_MS = 60, 60_000
"""More messages about one incident than that are no longer explained by webhooks, repeats and merged wake-ups."""
SEARCHED_BACK_MS = 900_000

_PRIVATE = ("@example.com", "the-jira-signing-secret", "the-old-secret", "header-secret", "pagerduty-signing")
_MASK = "<mail>"
_LOOKS = ("find", "read")
_QUESTIONS = (*_LOOKS, "confirm", "on_call")
"""Waited for in vain, each is the answer to that pager's other looks for 3 s."""
_OF_JIRA = ("jira.read", "secrets.get")
"""What it takes to read an issue."""


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
        ringing.page_asked(self, facts, asked)
        if is_beside(target_of(asked.alias)):
            beside.page_asked(self, facts, asked)

    def alert_made(self, facts: Facts, pager: str, alert: DeskAlert) -> None:
        if is_beside(target_of(alert.alias)):
            beside.alert_made(self, facts, alert)
        else:
            second_ring.alert_made(self, facts, pager, alert)

    def alert_changed(self, facts: Facts, method: str, alert: DeskAlert) -> None:
        """We close only what nobody wants, and acknowledge only what somebody has."""
        truth, now = facts.truth, self.loop.now_ms
        if alert.alias.startswith(alias_of(IssueId(facts.issue.id), FIRST, "")):
            self.broken("what is not ours is left alone", f"{method} of {alert.id} under {alert.alias}")
        if target_of(alert.alias) == DELIVERY:
            return
        if is_beside(target_of(alert.alias)):
            beside.alert_changed(self, facts, method, alert)
            return
        if method == "close":
            asked_ms = second_ring.first_asked_ms(self, facts.asked, alert, [a for _, a in facts.alerts])
            if alert.status != CLOSED and truth.wanted.held_throughout(True, asked_ms, now):
                self._closed_though_wanted(facts, alert, asked_ms)
        elif self.is_a_secret_departure(facts) or self.was_blind_to_jira(facts, now):
            if not self._was_taken(facts, now):
                self.excused["E5"] += 1
        elif not self._was_taken(facts, now):
            self.broken("only what somebody has is acknowledged", f"{alert.id} under {alert.alias}")

    def _closed_though_wanted(self, facts: Facts, alert: DeskAlert, asked_ms: int) -> None:
        # With Jira unreadable, an old word of its being over may come late; where there was none, nothing is over.
        if len(facts.truth.wanted.at_ms) > 1 and self.was_blind_to_jira(facts, self.loop.now_ms):
            self.excused["E5"] += 1
            self.closed_blind.add(alert.id)
        elif any(asked.ledger_failed for asked in second_ring.asked_before(self, facts.asked, alert)[-1:]):
            self.excused["E1"] += 1  # it is taken for one more of the page of before
        elif self.ms_of(alert.created_at) - asked_ms > FUNCTION_MS and self.was_acted_on(facts, asked_ms):
            self.excused["E2"] += 1  # made late, when somebody had answered another page: it ends with the old one
        elif self._seemed_answered_before(facts, alert):
            self.excused["E10"] += 1
        else:
            self.broken("a wanted page is never closed", f"{alert.id} under {alert.alias}")

    def _seemed_answered_before(self, facts: Facts, alert: DeskAlert) -> bool:
        """By a pager's clock that is behind Jira's, who answered just after a reopening answered before it."""
        since_ms = facts.truth.wanted.since_ms
        return self.was_acted_on_between(alert, since_ms, since_ms - self.pager_ahead_ms())

    def _is_kept(self, alert_id: str, ended: PageRecord) -> bool:
        """Two were made of one page, by workers who did not see each other's: the newer one has its alert, and closes it."""
        pages = self.ledger.read(ended.issue_id).pages
        return any(
            alert_id in page.alert_ids and page.episode > ended.episode and page.state is not PageState.ENDED for page in pages
        )

    def _was_taken(self, facts: Facts, now: int) -> bool:
        truth = facts.truth
        if not truth.taken.held_throughout(False, now - FUNCTION_MS, now):
            return True
        since_ms = self.seen_since(facts)
        # Somebody had it, who has handed it on since: what was acknowledged for them stands, and another page of it follows
        # that. Where nobody is named, a deaf pager acknowledges at last what it was asked for before.
        is_handed_on = not truth.left.now and not truth.taken.held_throughout(False, since_ms, now)
        is_named = not is_nobodys(facts.issue)
        return (is_handed_on and (is_named or bool(self.script.deaf[1]))) or self.was_acted_on(facts, since_ms, also_heirs=True)

    def seen_since(self, facts: Facts) -> int:
        """When the last episode began for whoever only sees what was read."""
        episodes = facts.truth.wanted.stretches(self.loop.now_ms)
        return seen_beginning(facts, episodes, len(episodes) - 1) if episodes else 0

    def needed_anew(self, facts: Facts) -> list[tuple[int, int]]:
        """(from, to) of each time that somebody was needed and everybody knew that it was a new time: the first, or after a gap
        that was noticed."""
        wanted = facts.truth.wanted.stretches(self.loop.now_ms)
        gaps = {later[0]: (earlier[1], later[0]) for earlier, later in pairwise(wanted)}
        first_ms = wanted[0][0] if wanted else 0
        return [
            (begin, end) for begin, end in facts.truth.needs_page.stretches(self.loop.now_ms)
            if begin == first_ms or (begin in gaps and is_noticed(facts, *gaps[begin]))
        ]  # fmt: skip

    def was_acted_on(self, facts: Facts, since_ms: int, *, also_heirs: bool = False) -> bool:
        """By a human, at a page of the chain; also_heirs: or at one that looks for another manager."""
        alerts = [alert for _, alert in facts.alerts] + (facts.successions if also_heirs else [])
        turns = (turn for alert in alerts for turn in alert.turns)
        return any(is_act(turn) and self.ms_of(turn.at) >= since_ms for turn in turns)

    def was_acted_on_between(self, alert: DeskAlert, from_ms: float, until_ms: float) -> bool:
        return any(is_act(turn) and from_ms <= self.ms_of(turn.at) < until_ms for turn in alert.turns)

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
        if self._acts_on_an_older_word(facts, began_ms) or self._was_just_in_the_way(facts, since):
            self.excused["E5"] += 1
            return
        if not any(asked.ms >= since - FUNCTION_MS for asked in facts.asked if target_of(asked.alias) != DELIVERY) and not any(
            alert.status != CLOSED for _, alert in facts.alerts if target_of(alert.alias) != DELIVERY
        ):
            self.broken("the page comes first", f"{what} before any pager has accepted the page")

    def _was_just_in_the_way(self, facts: Facts, since_ms: int) -> bool:
        """Whoever looked a moment ago saw an alert of before that does not close: nothing waits for a page at such a pager."""
        closed_ms = (
            self.ms_of(alert.turns[-1].at) for _, alert in facts.alerts
            if taking.was_closed_by_us(alert) and self.ms_of(alert.created_at) < since_ms - PAGE_FIRST_MS
        )  # fmt: skip
        return any(since_ms <= ms and self.loop.now_ms - ms <= PASS_MS for ms in closed_ms)

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
        ringing.check_following(self, facts, truth.needs_page, facts.alerts, self.seen_since(facts))
        ringing.check_silence(self, facts)
        ringing.check_answers_seen(self, facts)
        silencing.healed(self, facts)
        self._check_quiet(facts, known)

    def _was_rung(self, facts: Facts) -> bool:
        """In this episode: by an alert that was made in it, or that rang on into it and was not ended by us."""
        begin_ms = self.seen_since(facts)
        is_open_or_new = any(a.status != CLOSED or self.ms_of(a.created_at) >= begin_ms for a in facts.for_managers)
        return is_open_or_new or self.was_acted_on(facts, begin_ms, also_heirs=True)

    def _check_somebody_has_it(self, facts: Facts) -> None:
        """What is wanted rings on, or a human has it: in Jira, or since they answered and had not given it back by then."""
        truth, issue = facts.truth, facts.issue
        if not truth.wanted.now or truth.taken.now or not is_nobodys(issue) or facts.was_hidden:
            return
        since_ms = beside.seen_since(facts, truth.left) if taking.was_given_back(facts) else self.seen_since(facts)
        rings = any(alert.status == OPEN for alert in facts.for_managers)
        if rings or self.was_acted_on(facts, since_ms, also_heirs=True):
            return
        if truth.held.now and truth.held.since_ms >= self.seen_since(facts):
            self.excused["E4"] += 1  # taken before a gap that nobody noticed
        else:
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

    def _check_quiet(self, facts: Facts, known: set[str]) -> None:
        """What somebody has in hand rings nobody else: taken in Jira, or acknowledged at the pager by a human."""
        truth, since_ms = facts.truth, self.seen_since(facts)
        # Nobody can tell who was first at a page that we were about to acknowledge too, for whoever has left it since.
        pages = self.ledger.read(IssueId(facts.issue.id)).pages if truth.left.now else ()
        counted = known.difference(*(page.alert_ids for page in pages if page.acked_by_us))
        answers = (
            turn for _, alert in facts.alerts if alert.status == ACKED and alert.id in counted for turn in alert.turns
            if turn.status == ACKED and turn.by != FIREBELL_AT_PAGER and self.ms_of(turn.at) >= since_ms
        )  # fmt: skip
        if not (truth.wanted.now and (truth.taken.now or any(answers))):
            return
        for pager, alert in facts.alerts:
            is_excused = alert.id not in known and self.why_unknown(facts, alert)  # counted where the ledger is checked
            is_theirs = has_run_out(alert) and any(is_act(turn) for turn in alert.turns)
            if alert.status == OPEN and target_of(alert.alias) != DELIVERY and not is_excused and not is_theirs:
                self.broken("what somebody has stops ringing", f"{alert.id} under {alert.alias} at {pager} is still open")

    def _is_in_somebodys_hands(self, pages: Sequence[PageRecord], alert: DeskAlert) -> bool:
        handled = (PageState.ACKED, PageState.CLOSED)
        return alert.status == ACKED and any(page.alias == alert.alias and page.state in handled for page in pages)

    def why_unknown(self, facts: Facts, alert: DeskAlert) -> str:
        """The accepted exception under which nobody may know of it; "" when somebody must."""
        blind = [asked for asked in second_ring.asked_before(self, facts.asked, alert) if asked.ledger_failed]
        is_untold = any(asked.queue_failed for asked in blind) or (bool(blind) and self._was_told_in_vain(facts, alert))
        return "E6" if is_untold else ""

    def _was_told_in_vain(self, facts: Facts, alert: DeskAlert) -> bool:
        """The message that tells of this page is among the dead letters."""
        told = [message.orphan for message in self.dead_letters if message.issue_id == facts.issue.id]
        return any(orphan is not None and orphan.target == target_of(alert.alias) for orphan in told)

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
        if not (facts.truth.low if target_of(alert.alias) == DELIVERY else facts.truth.wanted).now:
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
        run_out = {alert.id for alert in self.desks[page.pager].alerts if has_run_out(alert)}
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

    def pager_ahead_ms(self) -> float:
        """By how much the pagers' clock is ahead of Jira's; negative where it is behind."""
        return (self.script.pager_skew_s - self.script.jira_skew_s) * 1000

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
