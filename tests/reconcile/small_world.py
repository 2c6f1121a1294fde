"""A world small enough to hold in one's head: one clock, a pager, Jira and a queue in memory, and Firebell in it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.artifacts.every import Company, every_artifact
from chalicelib.artifacts.page import PageTexts
from chalicelib.domain.incident import Change, Incident, IssueId, IssueKey, Person, Status
from chalicelib.domain.paging import Alert, AlertStatus, PageRecord, PageRequest, Roster, RosterKind
from chalicelib.domain.policy import Mode, PagingPolicy
from chalicelib.domain.routing import RoutingTable
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.intake.jira_event import JiraEvent
from chalicelib.ports.pager import Confirmation
from chalicelib.ports.queue import Cause, Message
from chalicelib.ports.tickets import (
    Comment,
    FieldValue,
    Found,
    FoundIssue,
    IssueRef,
    Left,
    LinkTo,
    Missing,
    Moved,
    NewIssue,
    NotMoved,
    Put,
    Refused,
)
from chalicelib.reconcile.firebell import Firebell
from chalicelib.reconcile.sweep import sweep
from chalicelib.reconcile.world import Rules, World
from simulation.twins import MemoryLedger, MemoryQueue
from tests.builders import FIREBELL, MIA, NOW, a_routing_table, seconds

VISIBILITY_S = 180
"""When the queue hands a message out again whose worker died."""

TEXTS = PageTexts("[$key] Sev $severity: $storm_mark$summary", "$link $why\n$storm$join$description", "a storm", "private")


@dataclass
class FakeClock:
    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass
class CountingTokens:
    count: int = 0

    def token(self) -> str:
        self.count += 1
        return f"token-{self.count}"


class OneAfterAnother:
    def run(self, tasks: Sequence[Callable[[], None]]) -> None:
        for task in tasks:
            task()


@dataclass
class FakeLog:
    events: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)

    def info(self, event: str, **fields: object) -> None:
        self.events.append((event, fields))

    def alarm(self, event: str, **fields: object) -> None:
        self.events.append((event, fields))
        self.alarms.append(event)


@dataclass
class FakePager:
    """One open alert per alias, closed ones stay; `before` and `after` a create may raise what a test plants."""

    clock: FakeClock
    name: str = "opsgenie"
    alerts: list[Alert] = field(default_factory=list)
    rings: list[tuple[str, str]] = field(default_factory=list)
    empty_rosters: set[str] = field(default_factory=set)
    refused_rosters: set[str] = field(default_factory=set)
    failures: dict[str, list[Exception]] = field(default_factory=dict)
    lost_answers: list[Exception] = field(default_factory=list)
    processes: bool = True
    shows: bool = True
    """False: whoever asks may not see alerts, so that none is found."""
    writes: int = 0

    def fail(self, operation: str, *, times: int = 1, **kind: object) -> None:
        error = TemporaryError(self.name, operation, "timed out", **kind)  # type: ignore[arg-type]
        self.failures.setdefault(operation, []).extend([error] * times)

    def _enter(self, operation: str) -> None:
        if self.failures.get(operation):
            raise self.failures[operation].pop(0)

    def open_page(self, request: PageRequest) -> str:
        self._enter("open_page")
        self.writes += 1
        if request.roster.name in self.refused_rosters:
            raise PermanentError(self.name, "open_page", f"no such responder {request.roster.title}")
        if self.processes and not any(a.alias == request.alias and a.status is not AlertStatus.CLOSED for a in self.alerts):
            self.alerts.insert(0, Alert(f"a-{len(self.alerts) + 1}", request.alias, AlertStatus.OPEN, self.clock.at))
            self.rings.append((request.roster.name, request.message))
        if self.lost_answers:
            raise self.lost_answers.pop()
        return request.alias

    def confirm(self, alias: str, request_id: str) -> Confirmation:
        self._enter("confirm")
        made = (alert for alert in self.alerts if alert.alias == (request_id or alias))
        found = [alert for alert in made if alert.status is not AlertStatus.CLOSED]
        return Confirmation(alert_id=found[0].id) if found else Confirmation()

    def find(self, alias: str) -> tuple[Alert, ...]:
        self._enter("find")
        return tuple(alert for alert in self.alerts if self.shows and alert.alias == alias)

    def read(self, alert_id: str) -> Alert | None:
        self._enter("read")
        return next((alert for alert in self.alerts if self.shows and alert.id == alert_id), None)

    def acknowledge(self, alert_id: str, note: str) -> None:
        self._enter("acknowledge")
        self.writes += 1
        self.act(alert_id, AlertStatus.ACKED, "firebell")

    def close(self, alert_id: str, note: str) -> None:
        self._enter("close")
        self.writes += 1
        self.act(alert_id, AlertStatus.CLOSED, "firebell")

    def on_call(self, roster: Roster) -> tuple[str, ...] | None:
        self._enter("on_call")
        return () if roster.name in self.empty_rosters else (f"somebody-of-{roster.name}@example.com",)

    def resolve_id(self, kind: RosterKind, title: str) -> str:
        raise AssertionError("never on the page's path")

    def act(self, alert_id: str, status: AlertStatus, by: str) -> None:
        self.alerts = [
            replace(a, status=status, by=by, at=self.clock.at) if a.id == alert_id and a.status is not AlertStatus.CLOSED else a
            for a in self.alerts
        ]

    def open_alerts(self) -> list[Alert]:
        return [alert for alert in self.alerts if alert.status is not AlertStatus.CLOSED]


@dataclass
class FakeTickets:
    issues: dict[IssueId, Incident | Left] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    error: Exception | None = None
    searched: list[int] = field(default_factory=list)
    accounts: list[Person] = field(default_factory=lambda: [MIA])
    assigned: dict[IssueId, Person | None] = field(default_factory=dict)
    moved: dict[IssueId, Status] = field(default_factory=dict)
    fields: dict[IssueId, dict[str, FieldValue]] = field(default_factory=dict)
    said: list[Comment] = field(default_factory=list)
    groups: dict[str, set[str]] = field(default_factory=dict)
    groups_error: Exception | None = None
    people_error: Exception | None = None
    looked_up: list[list[str]] = field(default_factory=list)
    cases: list[FoundIssue] = field(default_factory=list)
    created: list[tuple[FoundIssue, NewIssue]] = field(default_factory=list)
    writes: int = 0

    def read(self, issue_id: IssueId) -> Incident | Left | Missing:
        if self.error:
            raise self.error
        return self.issues.get(issue_id, Missing(issue_id))

    def recently_updated(self, within_minutes: int, *, newest_first: bool = False) -> Iterator[IssueRef]:
        if self.error:
            raise self.error
        self.searched.append(within_minutes)
        found = (
            IssueRef(issue.id, issue.key, issue.updated_at) for issue in self.issues.values() if isinstance(issue, Incident)
        )
        return iter(sorted(found, key=lambda ref: ref.updated_at, reverse=newest_first))

    def find_comment(self, issue_id: IssueId, marker: str) -> str | None:
        if self.error:
            raise self.error
        return next(iter(self.comments), None)

    def read_comments(self, issue_id: IssueId) -> tuple[Comment, ...]:
        if self.error:
            raise self.error
        return tuple(self.said)

    def read_comment(self, issue_id: IssueId, comment_id: str) -> Comment | None:
        if self.error:
            raise self.error
        self._must_be_seen(issue_id)
        return next((comment for comment in self.said if comment.id == comment_id), None)

    def groups_of(self, account_id: str) -> frozenset[str]:
        if error := self.error or self.groups_error:
            raise error
        return frozenset(self.groups.get(account_id, ()))

    def add_comment(self, issue_id: IssueId, marker: str, text: str) -> str:
        if self.error:
            raise self.error
        self.writes += 1
        self.comments[f"c-{len(self.comments) + 1}"] = text
        return f"c-{len(self.comments)}"

    def edit_comment(self, issue_id: IssueId, comment_id: str, text: str) -> bool:
        if self.error:
            raise self.error
        self._must_be_seen(issue_id)
        self.writes += 1
        if comment_id not in self.comments:
            return False
        self.comments[comment_id] = text
        return True

    def assign(self, issue_id: IssueId, person: Person | None) -> Refused | None:
        if self.error:
            raise self.error
        self.writes += 1
        self.assigned[issue_id] = person
        self._change(issue_id, "assignee", person.account_id if person else None, assignee=person)
        return None

    def move_to(self, issue_id: IssueId, status: Status) -> Moved | NotMoved:
        if self.error:
            raise self.error
        self.writes += 1
        self.moved[issue_id] = status
        self._change(issue_id, "status", status, status=status, status_name=status.value.capitalize())
        return Moved(f"To {status.value}", status.value.capitalize())

    def _must_be_seen(self, issue_id: IssueId) -> None:
        if issue_id not in self.issues:
            raise TemporaryError("jira", "read", "the issue cannot be seen at the moment")

    def _change(self, issue_id: IssueId, what: str, new: str | None, **changes: Any) -> None:
        """We have changed the issue a moment after whoever changed it last."""
        issue = self.issues.get(issue_id)
        if isinstance(issue, Incident):
            at = issue.updated_at + timedelta(milliseconds=100)
            history = (*issue.changes, Change(what, at, FIREBELL, None, new))
            self.issues[issue_id] = replace(issue, updated_at=at, changes=history, **changes)

    def put_fields(self, issue_id: IssueId, fields: Mapping[str, FieldValue], *, quiet: bool = True) -> Put:
        if self.error:
            raise self.error
        self.writes += 1
        self.fields.setdefault(issue_id, {}).update(fields)
        return Put(tuple(fields), {}, quiet)

    def find_issues(self, projects: Collection[str], labels: Collection[str]) -> Found:
        if self.error:
            raise self.error
        return Found(tuple(self.cases), "https://example.atlassian.net/issues/?jql=labels")

    def find_linked(self, issue_id: IssueId, project: str, label: str) -> FoundIssue | None:
        if self.error:
            raise self.error
        self._must_be_seen(issue_id)
        return next((made for made, new in self.created if (new.project, new.label) == (project, label)), None)

    def create_issue(self, new: NewIssue) -> FoundIssue:
        if self.error:
            raise self.error
        self.writes += 1
        number = len(self.created) + 1
        key = IssueKey(f"{new.project}-{number}")
        self.created.append(
            (FoundIssue(IssueId(str(90_000 + number)), key, f"https://example.atlassian.net/browse/{key}"), new)
        )
        return self.created[-1][0]

    def link_issue(self, issue_id: IssueId, to: LinkTo) -> Refused | None:
        if self.error:
            raise self.error
        return None

    def find_people(self, mail: str) -> tuple[Person, ...]:
        if self.error:
            raise self.error
        return tuple(person for person in self.accounts if person.email == mail and person.active)

    def people(self, account_ids: Collection[str]) -> Mapping[str, Person]:
        self.looked_up.append(list(account_ids))
        if error := self.error or self.people_error:
            raise error
        return {person.account_id: person for person in self.accounts if person.account_id in account_ids}


class PlainWords:
    def render(self, template: str, **values: object) -> str:
        return "\n".join([template, *(f"{name}: {value}" for name, value in sorted(values.items()))])


@dataclass
class BrokenLedger:
    """A ledger that answers nothing while `away`, and refuses everything while it `refuses`."""

    inner: MemoryLedger
    away: bool = False
    refuses: bool = False

    def __getattr__(self, name: str) -> object:
        if self.refuses:
            raise PermanentError("dynamodb", name, "item too large")
        if self.away:
            raise TemporaryError("dynamodb", name, "timed out")
        return getattr(self.inner, name)


class Killed(BaseException):
    """The process is gone; nothing may catch this."""


EFFECTS = frozenset(
    {"insert", "replace", "see", "set_due", "mark_deleted", "book_wake", "count_major", "set_swept", "send"}
    | {"open_page", "acknowledge", "close", "add_comment", "edit_comment", "assign", "move_to"}
    | {"make_call", "create_page", "label_page", "replace_body", "put_fields", "add_note", "remove_note"}
    | {"create_issue", "link_issue", "put"}
    | {"open", "update", "amend", "restate"}
)


@dataclass
class Mortality:
    """Counts the effects, and kills the process before or right after the n-th (from 0)."""

    kill_at: int | None = None
    after: bool = False
    effects: list[str] = field(default_factory=list)

    def wrap(self, inner: object, name: str) -> Any:
        return _Mortal(self, inner, name)

    def perform(self, name: str, call: Callable[[], object]) -> object:
        number = len(self.effects)
        self.effects.append(name)
        if number == self.kill_at and not self.after:
            raise Killed(f"before {name}")
        result = call()
        if number == self.kill_at:
            raise Killed(f"after {name}")
        return result


class _Mortal:
    def __init__(self, mortality: Mortality, inner: object, name: str) -> None:
        self._mortality, self._inner, self._name = mortality, inner, name

    def __getattr__(self, operation: str) -> Any:
        real = getattr(self._inner, operation)
        if operation not in EFFECTS:
            return real
        label = f"{self._name}.{operation}"
        return lambda *given, **named: self._mortality.perform(label, lambda: real(*given, **named))


class SmallWorld:
    """Drives Firebell by hand: `webhook`, `work` (everything due on the queue), `pass_time`, `sweep`."""

    def __init__(
        self, *, mode: Mode = Mode.FULL, policy: PagingPolicy | None = None, table: RoutingTable | None = None, **has: Any
    ) -> None:
        """has: what the company has besides, see `Company`."""
        self.clock = FakeClock()
        self.ledger = MemoryLedger()
        self.broken = BrokenLedger(self.ledger)
        self.queue = MemoryQueue(NOW)
        self.tickets = FakeTickets()
        self.pager = FakePager(self.clock)
        self.second = FakePager(self.clock, "pagerduty")
        self.log = FakeLog()
        self.policy = policy or PagingPolicy(own_account="acc-firebell")
        self.mortality = Mortality()
        tickets = self.mortality.wrap(self.tickets, "jira")
        artifacts = every_artifact(Company(lambda: tickets, lambda: self.world.ledger, PlainWords(), self.policy, **has))
        self.world = World(
            ledger=self.mortality.wrap(self.broken, "ledger"),
            queue=self.mortality.wrap(self.queue, "queue"),
            tickets=lambda: tickets,
            pagers={
                "opsgenie": self.mortality.wrap(self.pager, "opsgenie"),
                "pagerduty": self.mortality.wrap(self.second, "pagerduty"),
            },
            clock=self.clock,
            tokens=CountingTokens(),
            together=OneAfterAnother(),
            log=self.log,
        )
        rules = Rules(mode, self.policy, table or a_routing_table(), TEXTS, lambda: artifacts)
        self.firebell = Firebell(self.world, rules)

    def jira_has(self, incident: Incident | Left) -> None:
        self.tickets.issues[incident.id if isinstance(incident, Incident) else incident.issue_id] = incident

    def webhook(self, incident: Incident, *, is_retry: bool = False, cause: Cause = Cause.CHANGED) -> bool:
        event = JiraEvent(incident.id, incident.key, cause, incident, self.clock.at, is_retry, "d-1")
        return self.firebell.receive(event)

    def ring(self, incident: Incident, cause: Cause = Cause.WAKE, snapshot: Incident | None = None) -> None:
        self.firebell.look_after(Message(incident.id, cause, snapshot))

    def work(self) -> None:
        """Handle every message that is due, and whatever they make due at once; a killed worker's message comes back."""
        while (message := self.queue.receive()) is not None:
            try:
                self.firebell.look_after(message)
            except Killed:
                self.queue.send(message, VISIBILITY_S)

    def pass_time(self, s: float, *, sweeping: bool = False) -> None:
        """Let time pass second by second, working; with a sweep every minute if asked."""
        for _ in range(int(s)):
            self.clock.at += timedelta(seconds=1)
            self.queue.now = self.clock.at
            if sweeping and (self.clock.at - NOW).total_seconds() % 60 == 0:
                with suppress(Killed):
                    self.sweep()
            self.work()

    def sweep(self) -> int:
        return sweep(self.world)

    def page(self, target: str = "im", episode: int = 1) -> PageRecord:
        pages = self.ledger.read(IssueId("10002")).pages
        return next(page for page in pages if (page.target, page.episode) == (target, episode))

    def states(self) -> dict[str, str]:
        return {f"{p.episode}:{p.target}": p.state.value for p in self.ledger.read(IssueId("10002")).pages}

    def writes(self) -> int:
        return self.ledger.writes + self.pager.writes + self.second.writes + self.tickets.writes


def later(incident: Incident, after_s: float, **changes: object) -> Incident:
    return replace(incident, updated_at=NOW + seconds(after_s), **changes)  # type: ignore[arg-type]
