"""Proof that the simulator can catch anything: design bugs, planted one at a time, that it must catch within so many seeds.

Each is a mistake that a sensible person could have made. A bug that survives shows an invariant that is missing.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from unittest.mock import patch

from chalicelib.artifacts import page_protocol as protocol
from chalicelib.artifacts import page_turns as turns
from chalicelib.artifacts import taking
from chalicelib.artifacts.artifact import Artifact, Made, Scene, Spec, spec_of
from chalicelib.artifacts.page import is_wanted, page_request
from chalicelib.artifacts.page_plan import PageView, Send, Sighting, Write
from chalicelib.artifacts.taking import Acknowledgement, TakingInJira
from chalicelib.domain import alias, paging
from chalicelib.domain import taken as in_hands
from chalicelib.domain.incident import Incident, IssueId, Status
from chalicelib.domain.paging import Alert, AlertStatus, PageRecord, PageState
from chalicelib.domain.people import Unmatched, told_by_pager
from chalicelib.domain.policy import PagingPolicy
from chalicelib.domain.routing import Route, route
from chalicelib.domain.taken import Taking, left_without_manager, taken_in_jira
from chalicelib.errors import IntegrationError, TemporaryError
from chalicelib.intake.gate import Gate
from chalicelib.intake.jira_event import JiraEvent
from chalicelib.intake.reply import Reply
from chalicelib.ports.ledger import ArtifactRecord, Book, IncidentRecord, Record
from chalicelib.ports.queue import Cause, Message
from chalicelib.ports.tickets import Left, Missing
from chalicelib.reception import Reception
from chalicelib.reconcile import artifacts, blind, firebell, observe, page_views
from chalicelib.reconcile import sweep as sweep_module
from chalicelib.reconcile.firebell import Firebell
from chalicelib.reconcile.pages import PageStage
from chalicelib.reconcile.world import Rules, World
from simulation import taking as in_jira
from simulation.bugs_metrics import COUNT_BUGS
from simulation.bugs_places import PLACE_BUGS
from simulation.bugs_telling import TELLING_BUGS
from simulation.life import play
from simulation.planting import Bug, Plant, Unread, any_of
from simulation.planting import put as _put
from simulation.ports import DeskPager, ModelTickets
from simulation.script import Act, HookFate, Outage, Raise, Script, Strike
from simulation.twins import MemoryLedger
from simulation.world import Life

_Round = protocol._Round

TIME = "paged in time"
UNPAGED = "no major incident goes unpaged"
ONCE = "one page per incident, episode and target"
ONE_OPEN = "one open alert"
SHOWN = "the ledger says only what the world shows"
EQUAL = "ledger equals world"
OVER = "nobody is rung for what is over"
CLOSED_WANTED = "a wanted page is never closed"
LEFT_OPEN = "what nobody wants is closed"
CONVERGES = "everything converges in ten minutes"
SOMEBODYS = "somebody has it, or it rings"
ONLY_TAKEN = "only what somebody has is acknowledged"
WOKEN = "nobody is woken over an acknowledgement"


@dataclass(frozen=True, slots=True)
class Caught:
    """after: how many seeds it took. invariant: "" for a survivor."""

    bug: str
    after: int
    invariant: str

    @property
    def survived(self) -> bool:
        return not self.invariant


def catch(bug: Bug) -> Caught:
    """Play seeds until the bug breaks what it should break, where the clean code does not."""
    for seed in range(bug.within):
        script = bug.script(seed)
        with bug.plant():
            violation = play(script).violation
        if violation is not None and violation.invariant in bug.breaks and play(script).violation is None:
            return Caught(bug.name, seed + 1, violation.invariant)
    return Caught(bug.name, bug.within, "")


def report(names: Sequence[str] = (), *, workers: int | None = None) -> int:
    """Catch all, or those named; print the table; return how many survived."""
    bugs = [bug for bug in BUGS.values() if not names or bug.name in names]
    print(f"{'bug':<44} {'seeds':>5} {'limit':>6}  invariant")
    survivors = 0
    with ProcessPoolExecutor(workers) as processes:
        for bug, caught in zip(bugs, processes.map(_catch_named, [bug.name for bug in bugs]), strict=True):
            survivors += caught.survived
            print(f"{bug.name:<44} {caught.after:>5} {bug.within:>6}  {caught.invariant or 'SURVIVED'}", flush=True)
    print(f"{len(bugs) - survivors} of {len(bugs)} caught")
    return survivors


def _catch_named(name: str) -> Caught:
    return catch(BUGS[name])


def main(argv: Sequence[str]) -> int:
    """`python -m simulation.bugs [name ...]`: 1 if any bug survives, 2 for a name that is none."""
    unknown = [name for name in argv if name not in BUGS]
    if unknown:
        print(f"no such bug: {', '.join(unknown)}; there are: {', '.join(BUGS)}", file=sys.stderr)
        return 2
    return 1 if report(argv) else 0


# --- planting --------------------------------------------------------------------------------------------------


def _swept_lives(life_changed: Callable[[Life], None]) -> tuple[Any, str, Any]:
    """A change to how a life is wired."""
    build = Life._build

    def changed(self: Life) -> None:
        build(self)
        life_changed(self)

    return Life, "_build", changed


# --- what to ring under, and when ------------------------------------------------------------------------------


@contextmanager
def _random_alias() -> Iterator[None]:
    count = 0

    def alias_of(issue_id: IssueId, target: str, tag: str) -> str:
        nonlocal count
        count += 1
        return f"firebell-{tag}:{issue_id}:{target}.{count}"

    with patch.object(protocol, "alias_of", alias_of), patch.object(blind, "alias_of", alias_of):
        yield


@contextmanager
def _one_alias_for_all() -> Iterator[None]:
    def alias_of(issue_id: IssueId, target: str, tag: str) -> str:
        return alias.alias_of(issue_id, target, "")

    with patch.object(protocol, "alias_of", alias_of), patch.object(blind, "alias_of", alias_of):
        yield


def _confirmed_first(self: PageStage, old: PageRecord | None, claimed: PageRecord, *, send: Any = PageStage._send) -> None:
    now = self.world.clock.now()
    confirmed = replace(claimed, state=PageState.CONFIRMED, confirmed_at=now, accepted_at=now)
    self._write(old, confirmed)
    roster = self.rules.routing.rosters[claimed.roster]
    try:
        request = page_request(self.incident, roster, claimed, self.rules.page_texts)
        self._pager(claimed).open_page(request)
    except IntegrationError as error:
        self._log_failure("open_page", claimed, error)
        return
    self.paged = True


def _insert_over(self: MemoryLedger, record: Record) -> bool:
    self.writes += 1
    self._records.setdefault(record.issue_id, {})[record.sk] = record
    return True


def _replace_over(self: MemoryLedger, old: Record, new: Record) -> bool:
    return _insert_over(self, new)


def _repeat_blindly(self: Any, record: PageRecord, *, wanted: bool, not_ours: set[str], resolve: Any = _Round._resolve) -> None:
    ready_at = max(record.until, record.not_before or record.until)
    if wanted and record.attempt and record.unwanted_since is None and self.now >= ready_at:
        self.to_send.append(Send(record, turns.sending(record, self.claim, self.now)))
    else:
        resolve(self, record, wanted=wanted, not_ours=not_ours)


def _find_open(self: DeskPager, alias: str, *, find: Any = DeskPager.find) -> tuple[Alert, ...]:
    return tuple(alert for alert in find(self, alias) if alert.status is not AlertStatus.CLOSED)


def _end_unseen(self: Any, record: PageRecord, *, wanted: bool, not_ours: set[str]) -> None:
    self.steps.append(Write(record, replace(record, state=PageState.ENDED)))


def _ring_again(record: PageRecord, alert: Alert | None, now: datetime) -> PageRecord:
    return replace(record, state=PageState.UNKNOWN, alert_ids=(), accepted_at=None, until=now, not_before=None)


def _however_old(
    alerts: Sequence[Alert], record: PageRecord, not_ours: set[str], since: Any, *, honest: Any = turns.ours_in
) -> tuple[Alert, ...]:
    found: tuple[Alert, ...] = honest(alerts, record, not_ours, None)
    return found


def _left_is_ours(
    record: PageRecord, found: tuple[Alert, ...], claim: str, now: datetime, since: Any, *, honest: Any = turns.known_by
) -> PageRecord:
    known: PageRecord = honest(record, found, claim, now, None)
    return known


def _not_closed(alerts: Sequence[Alert], record: PageRecord, not_ours: set[str], since: Any) -> tuple[Alert, ...]:
    return tuple(a for a in alerts if a.id not in not_ours and a.status is not AlertStatus.CLOSED)


def _close_before_create(self: PageStage, old: PageRecord | None, claimed: PageRecord, *, send: Any = PageStage._send) -> None:
    if old is not None and claimed.attempt > 1:
        try:
            for alert in self._pager(claimed).find(claimed.alias):
                if alert.status is not AlertStatus.CLOSED:
                    self._pager(claimed).close(alert.id, "so that it rings once more")
        except IntegrationError as error:
            self._log_failure("close", claimed, error)
    send(self, old, claimed)


def _listed(self: Sighting) -> tuple[Alert, ...]:
    return self.alerts or ()


def _close_what_lasts(self: Any, record: PageRecord, *, taken: bool, watch: Any = _Round._watch) -> None:
    """By alias, whatever the incident says."""
    old_enough = record.confirmed_at is not None and self.now >= record.confirmed_at + timedelta(seconds=30)
    if taken and old_enough:
        self.steps.append(Write(record, turns.ending(record, self.claim, self.now)))
    else:
        watch(self, record, taken=taken)


def _believes_nothing(retry_after_s: float | None) -> timedelta:
    return timedelta()


def _as_before(record: PageRecord, now: datetime) -> PageRecord:
    return replace(record, since=now, unwanted_since=None)


def _acks_everything(self: Any, record: PageRecord, *, taken: bool, watch: Any = _Round._watch) -> None:
    watch(self, record, taken=True)


def _without_second(*args: Any, honest: Any = route) -> Route:
    found: Route = honest(*args)
    return replace(found, chain=tuple(link for link in found.chain if not link.is_second))


@dataclass(frozen=True, slots=True)
class _Blindfolded:
    """A pager that shows nothing."""

    pager: Any

    def find(self, alias: str) -> tuple[Alert, ...]:
        return ()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.pager, name)


def _page_blindly(incident: Incident, world: World, rules: Rules, *, honest: Any = blind.page_blind) -> bool:
    pagers = {name: _Blindfolded(pager) for name, pager in world.pagers.items()}
    paged: bool = honest(incident, replace(world, pagers=pagers), rules)
    return paged


def _while_fixed(incident: Incident, book: Book, policy: PagingPolicy) -> datetime | None:
    return _also_while_it_rings(incident, book, policy) if incident.status is Status.FIXING else None


def _also_while_it_rings(incident: Incident, book: Book, policy: PagingPolicy) -> datetime | None:
    leaving = left_without_manager(incident, policy)
    return leaving.at if leaving is not None else None


def _nothing(*args: Any, **named: Any) -> None:
    return None


def _none(*args: Any, **named: Any) -> tuple[()]:
    return ()


def _never(*args: Any, **named: Any) -> bool:
    return False


def _always(*args: Any, **named: Any) -> bool:
    return True


# --- who has it, and what is newest ----------------------------------------------------------------------------


def _default_takes(incident: Incident, policy: PagingPolicy, *, honest: Any = taken_in_jira) -> Taking | None:
    if incident.assignee and incident.assignee.account_id in policy.default_assignees:
        return Taking(incident.assignee, "it is assigned")
    taking: Taking | None = honest(incident, policy)
    return taking


def _assigned_takes(incident: Incident, policy: PagingPolicy, *, honest: Any = taken_in_jira) -> Taking | None:
    if incident.assignee and incident.assignee.account_id not in policy.default_assignees:
        return Taking(incident.assignee, "it is assigned")
    taking: Taking | None = honest(incident, policy)
    return taking


def _told_last(known: Incident | None, told: Incident | None) -> Incident | None:
    return told or known


def _see_anything(self: MemoryLedger, snapshot: Incident, *, due_at: datetime | None, stormy: bool = False) -> bool:
    known = self._incidents.get(snapshot.id) or IncidentRecord(snapshot.id)
    self._put(replace(known, latest=snapshot, due_at=due_at or known.due_at, stormy=stormy or known.stormy))
    return True


def _missing_is_gone(self: ModelTickets, issue_id: IssueId, *, honest: Any = ModelTickets.read) -> Incident | Left | Missing:
    reading: Incident | Left | Missing = honest(self, issue_id)
    return Left(issue_id, "Jira answers 404") if isinstance(reading, Missing) else reading


def _takes(whether: Callable[..., Any]) -> Plant:
    return _put((firebell, "taken_in_jira", whether), (page_views, "taken_in_jira", whether))


def _from_any_snapshot(self: Firebell, event: JiraEvent) -> bool:
    """However old it is."""
    told, policy = event.snapshot, self.rules.policy
    return told is not None and is_wanted(told, policy) and taken_in_jira(told, policy) is None


def _only_living(records: tuple[PageRecord, ...], *, wanted: bool, honest: Any = firebell._running) -> Any:
    return honest(tuple(r for r in records if r.state is not PageState.ENDED), wanted=wanted)


# --- intake ----------------------------------------------------------------------------------------------------


def _answer_first(self: Firebell, event: JiraEvent, *, honest: Any = Firebell.receive) -> bool:
    try:
        paged: bool = honest(self, event)
    except TemporaryError:
        return False
    return paged


def _refuse_the_undurable(self: Reception, body: bytes, admit: Any, ring: Any, *, honest: Any = Reception._answered) -> Reply:
    reply: Reply = honest(self, body, admit, ring)
    return replace(reply, status=400) if reply.status == 503 else reply


# --- passes ----------------------------------------------------------------------------------------------------


@contextmanager
def _sweep_by_itself() -> Iterator[None]:
    known: list[Firebell] = []

    def ring(world: World, issue_id: IssueId, rung: set[IssueId]) -> None:
        if issue_id not in rung:
            rung.add(issue_id)
            known[-1].look_after(Message(issue_id, Cause.SWEEP))

    with _put((sweep_module, "_ring", ring), _swept_lives(lambda life: known.append(life.firebell)))():
        yield


@contextmanager
def _leased() -> Iterator[None]:
    leases: dict[IssueId, datetime] = {}
    look_after, page_first = Firebell.look_after, Firebell._page_first

    def leased(self: Firebell, issue_id: IssueId) -> bool:
        now = self.world.clock.now()
        if now < leases.get(issue_id, now):
            return False
        leases[issue_id] = now + timedelta(seconds=30)
        return True

    def look(self: Firebell, message: Message, handed_out: int = 1) -> None:
        if leased(self, message.issue_id):
            look_after(self, message, handed_out)
        else:
            self.world.queue.send(message, 30)

    def page(self: Firebell, snapshot: Incident) -> bool:
        return leased(self, snapshot.id) and page_first(self, snapshot)

    with _put((Firebell, "look_after", look), (Firebell, "_page_first", page), _swept_lives(lambda life: leases.clear()))():
        yield


def _comment_first(self: PageStage, view_of: Any, *, settle: Any = PageStage.settle) -> datetime | None:
    if view_of(self.book).wanted and not any(page.accepted_at for page in self.book.pages):
        now, records = self.world.clock.now(), {record.name: record for record in self.book.artifacts}
        scene = Scene(self.incident, now, unpaged=True, records=records)
        artifacts.settle_artifacts(self.rules.artifacts(), scene, self.world, give_up_at=self.give_up_at)
    due: datetime | None = settle(self, view_of)
    return due


def _make_again(
    artifact: Artifact[Any], spec: Spec[Any], claimed: ArtifactRecord, *, is_first: bool, honest: Any = artifacts._perform
) -> ArtifactRecord:
    made: ArtifactRecord = honest(artifact, spec, claimed, is_first=True)
    return made


def _tell_who(self: PageStage, record: PageRecord, *, ask: Any = PageStage._ask_roster) -> tuple[str, ...] | None:
    answer: tuple[str, ...] | None = ask(self, record)
    self.world.log.info("on_call", issue=self.incident.key, people=", ".join(answer or ()))
    return answer


def _called_at_once(view: PageView, page: Sequence[PageRecord], *at: Any, honest: Any = protocol._beside) -> Any:
    asked_for = honest(view, page, *at)
    return (replace(one, wanted=view.wanted and bool(one.route.chain), is_behind=False) for one in asked_for)


def _called_for_ever(view: PageView, page: Sequence[PageRecord], *at: Any, honest: Any = protocol._beside) -> Any:
    return (replace(one, wanted=view.wanted and bool(one.wanted or one.records)) for one in honest(view, page, *at))


def _called_while_free(view: PageView, page: Sequence[PageRecord], *at: Any, honest: Any = protocol._beside) -> Any:
    has_it = any(record.is_acked for record in page)
    return (replace(one, wanted=one.wanted and not has_it) for one in honest(view, page, *at))


# --- who has it in Jira ------------------------------------------------------------------------------------------


def _taken_as_seen(self: TakingInJira, spec: Spec[Acknowledgement | None], *, honest: Any = TakingInJira.make) -> Made:
    made: Made = honest(replace(self, tickets=lambda: Unread(self.tickets(), spec.incident)), spec)
    return made


def _free_is_enough(self: TakingInJira, scene: Scene, acked: Acknowledgement) -> Spec[Acknowledgement | None]:
    """Taken whenever nobody has it, however often."""
    now = scene.incident
    return spec_of(self.name, now, acked, acked.by, now.status, now.assignee and now.assignee.account_id)


def _nobody_at_all(incident: Incident, policy: PagingPolicy) -> bool:
    return incident.assignee is None


def _by_anybody(self: TakingInJira, scene: Scene, *, honest: Any = TakingInJira.want) -> tuple[Spec[Any], ...]:
    specs: tuple[Spec[Any], ...] = honest(self, replace(scene, pages=(*scene.pages, *scene.called)))
    return specs


def _who_first(
    self: TakingInJira, issue_id: IssueId, acked: Acknowledgement, *, honest: Any = TakingInJira._take
) -> Iterator[str]:
    who = self._who(self.tickets(), told_by_pager(acked.by))
    return iter((str(who),)) if isinstance(who, Unmatched) else honest(self, issue_id, acked)


def _tried_once(self: TakingInJira, spec: Spec[Acknowledgement | None], *, honest: Any = TakingInJira.make) -> Made:
    try:
        made: Made = honest(self, spec)
    except IntegrationError as error:
        return Made(spec.incident.id, says=(str(error),))
    return made


# --- lives in which a rare thing is common ---------------------------------------------------------------------


_MAJOR = (Raise(0.0),)


def _lonely(seed: int, **changes: Any) -> Script:
    """One major incident, with nobody's mistakes but the script's own; the seed's latencies."""
    calm: dict[str, Any] = {"raises": _MAJOR, "acts": (), "reactions": ("ack 5",), "schedule": seed + 1}
    return Script().but(**(calm | changes))


def _life(**changes: Any) -> Callable[[int], Script]:
    return partial(_lonely, **changes)


_BUGS = (
    Bug("alias from a random id", "Every request has an alias of its own, so nothing absorbs or finds it.",
        _random_alias, 400, any_of(ONCE, ONE_OPEN, EQUAL, LEFT_OPEN, TIME, "an alias is known without the ledger")),
    Bug("one alias for all Jiras", "Issues of the same id have the same alias, whichever Jira they are in.",
        _one_alias_for_all, 60, any_of(UNPAGED, TIME, "what is not ours is left alone"), _life(long_ago="open")),
    Bug("confirmed before the call", "The record says confirmed before the pager was asked.",
        _put((PageStage, "_send", _confirmed_first)), 60, any_of(SHOWN, TIME)),
    Bug("no claim", "Whoever writes last wins: no write is conditional.",
        _put((MemoryLedger, "insert", _insert_over), (MemoryLedger, "replace", _replace_over)), 400,
        any_of(ONCE, ONE_OPEN, SHOWN, EQUAL, TIME, LEFT_OPEN, "one comment per incident", CONVERGES)),
    Bug("the sweep reconciles by itself", "One incident that kills the sweep keeps all after it waiting.",
        _sweep_by_itself, 60, any_of(TIME, UNPAGED, CONVERGES),
        _life(raises=(Raise(0.0), Raise(0.0)), poisoned=(0,), healed_s=900.0,
              fates=(HookFate("jira", 1, "lost"), HookFate("jira", 2, "lost")))),
    Bug("repeat without a look", "A create without an answer is sent again unlooked.",
        _put((_Round, "_resolve", _repeat_blindly)), 60, any_of(ONCE),
        _life(reactions=("close 2",), strikes=(Strike("opsgenie.open_page", 1, "timeout after"),), pager_hooks=False)),
    Bug("look at open alerts only", "The search leaves out what somebody has closed.",
        _put((DeskPager, "find", _find_open)), 60, any_of(ONCE, EQUAL, SHOWN),
        _life(reactions=("close 2",), strikes=(Strike("opsgenie.open_page", 1, "timeout after"),), pager_hooks=False)),
    Bug("one more alert is not looked for", "What was sent without the ledger, or twice, is looked for once.",
        _put((_Round, "_is_watched_for_more", _never)), 60, any_of(EQUAL),
        _life(reactions=("close 30", "ignore"), takes_s=45.0, pager_hooks=False,
              outages=(Outage("ledger", 0.0, 30.0, "401"),))),
    Bug("ended without looking", "A page that is no longer wanted counts as closed at once.",
        _put((_Round, "_end", _end_unseen)), 60, any_of(SHOWN, LEFT_OPEN, EQUAL)),
    Bug("alerts of old episodes forgotten", "An alert of an ended episode is taken for this one's.",
        _put((turns, "ours_in", lambda alerts, *_: tuple(alerts))), 800, any_of(TIME, UNPAGED, SHOWN, EQUAL)),
    Bug("alerts of long ago adopted", "What a look finds closed is this page's, however old it is.",
        _put((turns, "ours_in", _however_old)), 60, any_of(UNPAGED, TIME),
        _life(fates=(HookFate("jira", 1, "lost"),), long_ago="closed")),
    Bug("what was left behind is adopted", "An alert that another stage left acknowledged is this page's.",
        _put((turns, "known_by", _left_is_ours)), 60, any_of("the page comes first", UNPAGED),
        _life(fates=(HookFate("jira", 1, "lost"),), long_ago="left")),
    Bug("a lease on the whole incident", "Thirty seconds before the page stage, and nobody else may page.",
        _leased, 60, any_of(TIME), _life(raises=(Raise(0.0, 3),), acts=(Act(3.0, "raise to 1"),))),
    Bug("every pass its own retry", "Wake-ups are never merged: each pass books another.",
        _put((MemoryLedger, "book_wake", _always)), 400, any_of(CONVERGES, "wake-ups coalesce")),
    Bug("given up while the ledger is away", "What is handed out for the last time is not put off.",
        _put((firebell, "HANDED_OUT", 9)), 10, any_of("nothing is lost"),
        _life(acts=(Act(0.0, "find the service"),), strikes=(Strike("ledger.book_wake", 1, "crash before"),),
              outages=(Outage("ledger", 20.0, 900.0, "reset after"),))),
    Bug("IMOC without a look", "The next is woken on the ledger's word alone.",
        _put((_Round, "_all_verified", _always), (protocol, "_one_after_the_other", iter)), 60, any_of(WOKEN),
        lambda seed: _lonely(seed, company="pagerduty", pager_hooks=False, sweep_offset_s=10.0,
                             reactions=(f"ack {280 + seed % 20}",), strikes=(Strike("ledger.replace", 4, "throttled"),))),
    Bug("the webhook's order trusted", "What came last counts as newest.",
        _put((observe, "newest", _told_last), (firebell, "newest", _told_last), (MemoryLedger, "see", _see_anything),
             (firebell, "_is_outdated", _never)),
        60, any_of(OVER), _life(acts=(Act(5.0, "resolve"),), fates=(HookFate("jira", 1, "doubled", 20.0),))),
    Bug("202 before the queue", "The sender hears 202 although nothing was stored.",
        _put((Firebell, "receive", _answer_first)), 60, any_of("durable before 2xx")),
    Bug("page again after a close", "A closed alert of an open incident is rung again.",
        _put((turns, "closed", _ring_again), (turns, "ours_in", _not_closed)), 60, any_of(ONCE)),
    Bug("chores before the page", "The comment is written first.",
        _put((PageStage, "settle", _comment_first)), 60, any_of("the page comes first")),
    Bug("a default assignee has it", "Whom Jira assigns by default counts as having taken it.",
        _takes(_default_takes), 60, any_of(TIME, UNPAGED, ONLY_TAKEN)),
    Bug("assigned by somebody else", "Whoever is assigned counts as having taken it.",
        _takes(_assigned_takes), 60, any_of(TIME, UNPAGED, ONLY_TAKEN)),
    Bug("taken, and it rings on", "What somebody took in Jira is not acknowledged at the pager.",
        _put((_Round, "_acknowledge", _nothing)), 60, any_of("what somebody has stops ringing", WOKEN)),
    Bug("acknowledged too early", "An alert is acknowledged as soon as it is seen.",
        _put((_Round, "_watch", _acks_everything)), 60, any_of(ONLY_TAKEN)),
    Bug("closed before each repeat", "So that a repeat rings for certain, what is open under the alias is closed first.",
        _put((PageStage, "_send", _close_before_create), (_Round, "_resolve", _repeat_blindly)), 400, any_of(CLOSED_WANTED)),
    Bug("closed once taken", "Whatever is open under the alias of a taken incident is closed.",
        _put((_Round, "_watch", _close_what_lasts)), 400, any_of(CLOSED_WANTED)),
    Bug("Retry-After ignored", "A pager that asks for time is asked again at once.",
        _put((turns, "believed", _believes_nothing)), 60, any_of("Retry-After is kept"),
        _life(strikes=(Strike("opsgenie.open_page", 1, "429, again in 30 s"),))),
    Bug("an hour's patience with looking", "A pager that wants not to be read is not, for as long as it says.",
        _put((turns, "LONGEST_LOOK_WAIT", timedelta(hours=1))), 60, any_of(TIME, "what rings for nobody is silenced in time"),
        _life(reactions=("ignore",), acts=(Act(30.0, "resolve"),),
              outages=tuple(Outage(f"opsgenie.{look}", 29.0, 3.0, "429, again in 3600 s") for look in ("read", "find")))),
    Bug("wanted again, and believed to ring", "What was so of a page when it was wanted before still counts.",
        _put((turns, "missed_anew", _as_before)), 60, any_of("one after the other is rung"),
        _life(acts=(Act(10.0, "resolve"), Act(500.0, "reopen"), Act(520.0, "resolve"), Act(600.0, "reopen")),
              reactions=("ack 60",), strikes=(Strike("opsgenie.open_page", 2, "a part of it", 4),),
              outages=(Outage("ledger", 499.0, 35.0, "5xx before"),))),
    Bug("everybody at once when it is wanted again", "Whoever had not been reached before is rung out of turn.",
        _put((_Round, "_is_to_ring", _always)), 60, any_of("one after the other is rung"),
        _life(acts=(Act(75.0, "resolve"), Act(150.0, "reopen")), reactions=("ack 60",),
              strikes=(Strike("opsgenie.open_page", 1, "a part of it", 3),))),
    Bug("the second of a refusal stays silent", "A pager that refuses every page has no second.",
        _put((_Round, "_is_refused", _never)), 60, any_of(TIME),
        _life(reactions=("ack 5",), schedule=5, outages=(Outage("opsgenie.open_page", 0.0, 3000.0, "409"),))),
    Bug("an answer of before counts", "Whoever closed the page while nobody was needed has answered what is wanted next.",
        _put((_Round, "_becomes_of_before", _never)), 60, any_of(TIME),
        _life(acts=(Act(7.0, "take"), Act(60.0, "resolve"), Act(120.0, "unassign"), Act(121.0, "reopen")),
              reactions=("close 30", "ignore"), strikes=(Strike("opsgenie.open_page", 1, "timeout after"),),
              outages=(Outage("opsgenie.find", 0.0, 128.0, "5xx before"), Outage("opsgenie.read", 0.0, 128.0, "5xx before")))),
    Bug("a list that fails hides what is known", "An alert that is read by its id is not believed while the list fails.",
        _put((Sighting, "shown", property(_listed))), 60, any_of(WOKEN),
        _life(reactions=("ack 60", "ignore"), outages=(Outage("opsgenie.find", 0.0, 1000.0, "5xx before"),))),
    Bug("4xx for what could not be stored", "Jira drops for good what gets a 400.",
        _put((Reception, "_answered", _refuse_the_undurable)), 60, any_of("no authentic event gets a 4xx")),
    Bug("forged webhooks accepted", "No signature is checked.",
        _put((Gate, "admit_jira", _nothing)), 60, any_of("nobody is let in who does not belong")),
    Bug("the second pager never rung", "While the first pager is down, nobody is rung.",
        _put((page_views, "route", _without_second)), 60, any_of(TIME, UNPAGED),
        _life(outages=(Outage("opsgenie", 0.0, 900.0, "5xx before"),))),
    Bug("the fallback never rung", "Nobody acknowledges, and nobody else is woken.",
        _put((_Round, "_is_spent", _never)), 60, any_of("who does not answer is followed")),
    Bug("blind page without a look", "While the ledger is away, what was closed or acknowledged is rung again.",
        _put((firebell, "page_blind", _page_blindly)), 400, any_of(ONCE, "no blind page without a look")),
    Bug("closed alerts are no answer", "While the ledger is away, whoever closes the page is rung again for it.",
        _put((blind, "COVERED", timedelta(0))), 60, any_of(ONCE),
        _life(reactions=("close 5",), outages=(Outage("ledger", 0.0, 110.0, "401"),))),
    Bug("orphans not adopted", "What was rung without the ledger is never looked for.",
        _put((_Round, "_adopt_orphans", _nothing), (_Round, "_adopts_the_told_orphan", _never),
             (_Round, "_may_have_missed_one", _never), (_Round, "_hears", _never)), 60, any_of(EQUAL, LEFT_OPEN),
        _life(reactions=("ignore",), acts=(Act(15.0, "resolve"),), outages=(Outage("ledger", 0.0, 30.0, "throttled"),))),
    Bug("a mail address in a log line", "Who is on call is logged.",
        _put((PageStage, "_ask_roster", _tell_who)), 50,
        any_of("nothing private is logged")),
    Bug("comment without a find", "A comment whose answer was lost is made again.",
        _put((artifacts, "_perform", _make_again)), 60, any_of("one comment per incident"),
        _life(reactions=("ignore",), strikes=(Strike("jira.add_comment", 1, "5xx after"),))),
    Bug("a 404 ends the page", "An issue that we may not see counts as deleted.",
        _put((ModelTickets, "read", _missing_is_gone)), 60, any_of(ONCE, CLOSED_WANTED, TIME),
        _life(acts=(Act(2.0, "hide"),))),
    Bug("deleted, and rung by a late webhook", "What was deleted is remembered by nobody.",
        _put((firebell, "_is_outdated", _never), (observe, "left_at", _nothing), (Firebell, "_pages_now", _from_any_snapshot),
             (firebell, "_running", _only_living)),
        60, any_of(OVER, LEFT_OPEN, CONVERGES),
        _life(acts=(Act(5.0, "delete"),), fates=(HookFate("jira", 1, "doubled", 400.0),))),
    Bug("a 2xx is a page", "What the pager accepted is never looked for again.",
        _put((_Round, "_follow_up", _nothing)), 60, any_of("leases end", TIME, EQUAL)),
    Bug("no overlap between sweeps", "The sweep searches exactly since the last one, though the index lags.",
        _put((sweep_module, "OVERLAP", timedelta(0)), (sweep_module, "FIRST_WINDOW", timedelta(minutes=1))),
        60, any_of(TIME, UNPAGED),
        _life(search_lag_s=600.0, fates=(HookFate("jira", 1, "lost"),))),
    Bug("everybody at once", "Whoever is asked for is paged beside the incident manager, not after.",
        _put((protocol, "_beside", _called_at_once)), 60, any_of("the page comes first"),
        _life(acts=(Act(1.0, "ask for somebody"),), strikes=(Strike("opsgenie.open_page", 1, "5xx before"),))),
    Bug("asked for once and for all", "The alert of somebody who is not asked for any more stays.",
        _put((protocol, "_beside", _called_for_ever)), 60, any_of(LEFT_OPEN, "nobody is called whom nobody asks for"),
        _life(acts=(Act(20.0, "ask for somebody"), Act(30.0, "ask for nobody")), reactions=("ignore",))),
    Bug("an escalation makes an incident manager", "Whoever acknowledges any page has the incident.",
        _put((paging, "is_of_the_chain", _always)), 60, any_of(ONLY_TAKEN, "who does not answer is followed", CONVERGES),
        _life(acts=(Act(20.0, "ask for somebody"),), reactions=("ignore", "ack 5"))),
    Bug("whoever leaves is replaced at once", "The incident managers on call are asked without a moment's patience.",
        _put((page_views, "LEFT", timedelta(0))), 60, any_of("whoever has left may come back within five minutes"),
        _life(reactions=("fix 20",), acts=(Act(10.0, "take"), Act(90.0, "unassign")))),
    Bug("nobody notices who leaves", "An incident that is being fixed counts as taken for ever.",
        _put((page_views, "left_without_manager", _nothing)), 60, any_of("somebody is asked to take over"),
        _life(reactions=("fix 20",), acts=(Act(10.0, "take"), Act(90.0, "unassign")))),
    Bug("what is given back rings nobody", "Only an incident that is being fixed can be left.",
        _put((page_views, "nobodys_since", _while_fixed)), 60, any_of("somebody is asked to take over"),
        _life(reactions=("ignore",), acts=(Act(60.0, "take"), Act(90.0, "unassign")))),
    Bug("given back while it rings", "Whoever gives a new incident back has others called, though its page rings on.",
        _put((page_views, "nobodys_since", _also_while_it_rings)), 60, any_of("what rings for somebody needs nobody besides"),
        _life(reactions=("ignore",), acts=(Act(0.02, "take"), Act(0.05, "unassign")))),
    Bug("whoever answered has it for ever", "Who gets the incident from us and gives it back before fixing it is not replaced.",
        _put((page_views, "was_given_back", _never)), 60, any_of(SOMEBODYS, "somebody is asked to take over"),
        _life(reactions=("ack 5", "ignore"), acts=(Act(60.0, "reopen"), Act(61.0, "unassign")))),
    Bug("a robot that fixes has it", "What automation moves to Fixing counts as if somebody knew that nobody has it.",
        _put((in_hands, "_is_by_automation", _never)), 60, any_of(SOMEBODYS, "somebody is asked to take over"),
        _life(reactions=("ignore",), acts=(Act(20.0, "take"), Act(23.0, "unassign"), Act(24.0, "fix by a robot")))),
    Bug("rung twice for one end", "Whoever rings in the chain is rung once more to take over.",
        _put((protocol, "_ringing", _none)), 60, any_of("nobody is rung twice for one end"),
        _life(reactions=("ignore",), acts=(
            Act(2.0, "fix by a robot"), Act(9.0, "assign to somebody else"), Act(60.0, "unassign"),
        ))),
    Bug("nobody is called once somebody has it", "Whoever is asked for when the incident has been taken is not paged.",
        _put((protocol, "_beside", _called_while_free)), 60, any_of("everybody who is asked for is called"),
        _life(acts=(Act(60.0, "ask for somebody"),))),
    Bug("assigned as the pass saw it", "The issue is not read again before it is changed, and somebody has it by then.",
        _put((TakingInJira, "make", _taken_as_seen)), 60, any_of(in_jira.KEPT),
        lambda seed: _lonely(seed, acts=(Act(5.5 + seed % 25 / 10, "assign to somebody else"),))),
    Bug("assigned whenever nobody has it", "Whoever is unassigned by a human is assigned again.",
        _put((TakingInJira, "_taking", _free_is_enough), (taking, "_since_wanted", lambda incident: ())),
        60, any_of(in_jira.ONCE), _life(acts=(Act(30.0, "unassign"),))),
    Bug("a default assignee is somebody", "What Jira assigns by default is never given to who acknowledged.",
        _put((taking, "_is_free", _nobody_at_all)), 60, any_of(in_jira.TAKEN), _life(raises=(Raise(0.0, assignee="default"),))),
    Bug("whoever acknowledges anything has it", "The acknowledgement of an escalation makes an incident manager.",
        _put((TakingInJira, "want", _by_anybody), (paging, "makes_manager", _always)), 60, any_of(in_jira.RIGHT),
        _life(acts=(Act(20.0, "ask for somebody"),), reactions=("ignore", "ack 5"))),
    Bug("the unknown are at nothing", "Who it is comes first, and what somebody unknown acknowledged stays new.",
        _put((TakingInJira, "_take", _who_first)), 60, any_of(in_jira.TAKEN),
        _life(company="two imoc rosters", raises=(Raise(0.0, service="Unknown"),))),
    Bug("given up at once", "A look-up that fails is told, and not repeated.",
        _put((TakingInJira, "make", _tried_once)), 60, any_of(in_jira.TAKEN),
        _life(strikes=(Strike("jira.find_people", 1, "timeout before"),))),
    Bug("assigned when it is over", "What is resolved meanwhile is assigned all the same.",
        _put((taking, "is_wanted", _always)), 400, any_of(in_jira.OVER),
        lambda seed: _lonely(seed, acts=(Act(5.5 + seed % 25 / 10, "resolve"),))),
)  # fmt: skip

BUGS: Mapping[str, Bug] = {bug.name: bug for bug in (*_BUGS, *PLACE_BUGS, *TELLING_BUGS, *COUNT_BUGS)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
