"""The ports, simulated: the vendors' own rules (the emulators' models, the ledger's twin) behind the wire.

Each class translates between a port and a model and decides nothing; tests hold them to the suites of the real adapters.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from greenlet import getcurrent, greenlet

from chalicelib.adapters.jira_json import field_json
from chalicelib.domain.deployments import Deployment
from chalicelib.domain.incident import Incident, IssueId, IssueKey, Person, Status
from chalicelib.domain.notes import Note
from chalicelib.domain.paging import Alert, AlertStatus, PageRequest, Roster, RosterKind
from chalicelib.domain.schema import IncidentSchema
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.intake.jira_history import parse_history
from chalicelib.intake.jira_issue import NotAnIncident, PartialIssue, parse_issue, updated_of
from chalicelib.intake.jira_values import read_people, read_person
from chalicelib.ports.ledger import Book, Record
from chalicelib.ports.pager import Confirmation
from chalicelib.ports.queue import Message
from chalicelib.ports.secrets import Secrets
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
from sandbox.jira import edits, issues
from sandbox.jira.model import JiraComment, JiraIssue, JiraModel, JiraUser
from sandbox.jira.workflow import name_of, offered
from sandbox.pagers.desk import ACKED, CLOSED, Desk, DeskAlert, NewAlert, RefusedError, Turn
from simulation.company import FIREBELL_AT_PAGER
from simulation.loop import Loop
from simulation.twins import MemoryLedger
from simulation.watch import Watch
from simulation.wire import Wire, operation

T = TypeVar("T")

_STATUS = {"open": AlertStatus.OPEN, ACKED: AlertStatus.ACKED, CLOSED: AlertStatus.CLOSED}


class DeskPager:
    """A pager over its desk. synchronous: acknowledging and closing take effect at once, and no request ids (PagerDuty)."""

    def __init__(self, name: str, desk: Desk, wire: Wire, watch: Watch, *, synchronous: bool = False) -> None:
        self.name, self._desk, self._wire, self._watch, self._synchronous = name, desk, wire, watch, synchronous
        self._operations = {
            method: operation(name, method)
            for method in ("open_page", "confirm", "find", "read", "acknowledge", "close", "on_call")
        }

    def open_page(self, request: PageRequest) -> str:
        roster = request.roster
        new = NewAlert(request.alias, roster.id, request.message, scope=roster.id if self._synchronous else "")

        sent_ms = self._wire.loop.now_ms

        def note_request() -> None:
            is_late = self._wire.is_landing
            self._watch.page_requested(self.name, request.alias, roster.name, sent_ms=sent_ms, is_late=is_late)

        def create() -> str:
            try:
                request_id = self._desk.request_create(new)
            except RefusedError as error:
                raise PermanentError(self.name, "open_page", str(error)) from error
            note_request()
            return "" if self._synchronous else request_id

        def accepted_only() -> str:
            note_request()
            return "" if self._synchronous else "request-dropped"

        issue = request.details.get("issue", "")
        return self._wire.call(
            self._operations["open_page"], self._watch.id_of(issue), create, part=accepted_only, about=request.alias
        )

    def confirm(self, alias: str, request_id: str) -> Confirmation:
        def ask() -> Confirmation:
            if self._synchronous:
                living = (alert.id for alert in self._found(alias) if alert.status is not AlertStatus.CLOSED)
                return Confirmation(alert_id=next(living, None))
            request = self._desk.request(request_id)
            if request is None:
                return Confirmation()
            return Confirmation(alert_id=request.alert_id, failed=request.error)

        return self._wire.call(
            self._operations["confirm"],
            self._watch.id_of_alias(alias),
            ask,
            missing=None if self._synchronous else Confirmation,
        )

    def find(self, alias: str) -> tuple[Alert, ...]:
        def look() -> tuple[Alert, ...]:
            self._watch.looked(alias)
            return self._found(alias)

        return self._wire.call(self._operations["find"], self._watch.id_of_alias(alias), look)

    def read(self, alert_id: str) -> Alert | None:
        def look() -> Alert | None:
            alert = self._desk.alert(alert_id)
            return _alert(alert, alert.turns[-1]) if alert is not None else None

        return self._wire.call(self._operations["read"], self._watch.id_of_alert(alert_id), look, missing=lambda: None)

    def acknowledge(self, alert_id: str, note: str) -> None:
        self._change("acknowledge", "Acknowledge", alert_id, note)

    def close(self, alert_id: str, note: str) -> None:
        self._change("close", "Close", alert_id, note)

    def on_call(self, roster: Roster) -> tuple[str, ...] | None:
        def ask() -> tuple[str, ...] | None:
            known = self._desk.rosters.get(roster.schedule_id)
            return known.on_call if known is not None else None

        return self._wire.call(self._operations["on_call"], None, ask)

    def resolve_id(self, kind: RosterKind, title: str) -> str:
        raise AssertionError("never on the page's path")

    def _found(self, alias: str) -> tuple[Alert, ...]:
        return tuple(_alert(alert, turn) for alert, turn in self._desk.listed(alias))

    def _change(self, method: str, action: str, alert_id: str, note: str) -> None:
        def act() -> None:
            self._watch.alert_changed(self.name, method, alert_id)
            if not self._synchronous:
                self._desk.request_change(action, alert_id, FIREBELL_AT_PAGER, note)
            elif method == "close":
                self._desk.close(alert_id, FIREBELL_AT_PAGER)
            else:
                self._desk.acknowledge(alert_id, FIREBELL_AT_PAGER)
            self._watch.stir_desk()

        self._wire.call(self._operations[method], self._watch.id_of_alert(alert_id), act, about=alert_id)


def _alert(alert: DeskAlert, turn: Turn) -> Alert:
    status = _STATUS[turn.status]
    if status is AlertStatus.OPEN:
        return Alert(alert.id, alert.alias, status, alert.created_at, rings_by_itself=turn.by is None)
    return Alert(alert.id, alert.alias, status, alert.created_at, turn.by, turn.at)


class ModelTickets:
    """Jira over its model: issues parsed by the real parsers, searches as stale as the model's index."""

    def __init__(self, model: JiraModel, schema: IncidentSchema, bot: JiraUser, wire: Wire, watch: Watch) -> None:
        self._model, self._schema, self._bot, self._wire, self._watch = model, schema, bot, wire, watch
        self._parsed: dict[str, tuple[tuple[object, ...], Incident | Left]] = {}
        self._read_ms: dict[greenlet, int] = {}
        self._operations = {
            method: operation("jira", method)
            for method in (
                "read",
                "recently_updated",
                "find_comment",
                "add_comment",
                "edit_comment",
                "assign",
                "move_to",
                "find_people",
                "people",
                "put_fields",
                "find_issues",
                "find_linked",
                "create_issue",
                "link_issue",
            )
        }

    def read(self, issue_id: IssueId) -> Incident | Left | Missing:
        def look() -> Incident | Left | Missing:
            issue = self._model.visible(issue_id)
            if issue is None:
                return Missing(issue_id)
            self._watch.issue_read(issue_id)
            self._read_ms[getcurrent()] = self._watch.loop.now_ms
            return self._incident(issue)

        return self._wire.call(self._operations["read"], issue_id, look, missing=lambda: Missing(issue_id))

    def recently_updated(self, within_minutes: int, *, newest_first: bool = False) -> Iterator[IssueRef]:
        def search() -> list[JiraIssue]:
            since = self._model.clock.now() - timedelta(minutes=within_minutes)
            found = self._model.updated_since(since, set(self._schema.projects), set(self._schema.issue_types))
            return found[::-1] if newest_first else found

        broken: list[TemporaryError] = []

        def first_half() -> list[JiraIssue]:
            found = search()
            broken.append(TemporaryError("jira", "search", "the second page failed"))
            return found[: len(found) // 2]

        for issue in self._wire.call(self._operations["recently_updated"], None, search, part=first_half):
            yield IssueRef(IssueId(issue.id), IssueKey(issue.key), issue.updated)
        if broken:
            raise broken[0]

    def find_comment(self, issue_id: IssueId, marker: str) -> str | None:
        def look() -> str | None:
            issue = self._model.visible(issue_id)
            if issue is None:
                raise PermanentError("jira", "find_comment", "404 no such issue")
            ours = (c.id for c in issue.comments if c.properties and c.properties[0]["value"] == {"marker": marker})
            return next(ours, None)

        return self._wire.call(self._operations["find_comment"], issue_id, look)

    def add_comment(self, issue_id: IssueId, marker: str, text: str) -> str:
        def add() -> str:
            issue = self._model.visible(issue_id)
            if issue is None:
                raise PermanentError("jira", "add_comment", "404 no such issue")
            self._watch.commented(issue_id)
            properties = [
                {"key": "firebell", "value": {"marker": marker}},
                {"key": "sd.public.comment", "value": {"internal": True}},
            ]
            made = self._model.comment(issue, text, self._bot, properties)
            self._watch.stir_jira()
            return made.id

        return self._wire.call(self._operations["add_comment"], issue_id, add)

    def edit_comment(self, issue_id: IssueId, comment_id: str, text: str) -> bool:
        def edit() -> bool:
            issue = self._seen("edit_comment", issue_id)
            comment = next((c for c in issue.comments if c.id == comment_id), None)
            if comment is None:
                return False
            self._watch.commented(issue_id)
            self._model.edit_comment(issue, comment, text, self._bot, notify=False)
            self._watch.stir_jira()
            return True

        def missing() -> bool:
            self._seen("edit_comment", issue_id)
            return False

        return self._wire.call(self._operations["edit_comment"], issue_id, edit, missing=missing)

    def read_comments(self, issue_id: IssueId) -> tuple[Comment, ...]:
        """Not on the wire yet: no artifact of the simulator asks, so no fault could ever show."""
        found = self._there("read_comments", issue_id).comments
        told = [comment for comment in found if not any(prop["key"] == "firebell" for prop in comment.properties)]
        return tuple(map(_comment_of, told))

    def read_comment(self, issue_id: IssueId, comment_id: str) -> Comment | None:
        """Not on the wire yet either."""
        found = self._seen("read_comment", issue_id).comments
        return next((_comment_of(comment) for comment in found if comment.id == comment_id), None)

    def assign(self, issue_id: IssueId, person: Person | None) -> Refused | None:
        account, read_ms = person.account_id if person else None, self._just_read_ms()

        def put() -> Refused | None:
            issue = self._there("assign", issue_id)
            if (issue.assignee.account_id if issue.assignee else None) != account:
                self._watch.edited(issue_id, "assignee", account, read_ms)
            try:
                edits.assign(self._model, issue, account, self._bot)
            except edits.EditRefusedError as refusal:
                return Refused(refusal.words)
            self._watch.issue_changed(issue)
            self._watch.stir_jira()
            return None

        return self._wire.call(self._operations["assign"], issue_id, put)

    def move_to(self, issue_id: IssueId, status: Status) -> Moved | NotMoved:
        read_ms = self._just_read_ms()
        return self._wire.call(self._operations["move_to"], issue_id, lambda: self._move(issue_id, status, read_ms))

    def _move(self, issue_id: IssueId, status: Status, read_ms: int | None) -> Moved | NotMoved:
        issue = self._there("move_to", issue_id)
        found = offered(self._model.workflow_of(issue.project), issue, self._bot)
        leading = [one for one in found if self._schema.statuses.get(one.to.casefold()) is status]
        told = tuple(f"{one.name} -> {one.to}" for one in found)
        if not leading:
            return NotMoved(f"no transition leads to a status that means {status.value}", told)
        chosen = min(leading, key=lambda one: len(one.required))
        needs = tuple(name_of(name) for name in chosen.screen if name in chosen.required)
        if needs:
            return NotMoved(f'the transition "{chosen.name}" asks for {", ".join(needs)}', told, needs)
        self._watch.edited(issue_id, "status", chosen.to, read_ms)
        edits.perform(self._model, issue, chosen.id, {}, self._bot)
        self._watch.issue_changed(issue)
        self._watch.stir_jira()
        return Moved(chosen.name, chosen.to)

    def _just_read_ms(self) -> int | None:
        """When whoever calls saw an issue, if that was their last call."""
        me = getcurrent()
        return self._read_ms.get(me) if self._wire.latest.get(me) == "jira.read" else None

    def put_fields(self, issue_id: IssueId, fields: Mapping[str, FieldValue], *, quiet: bool = True) -> Put:
        read_ms = self._just_read_ms()
        return self._wire.call(self._operations["put_fields"], issue_id, lambda: self._put(issue_id, fields, quiet, read_ms))

    def _put(self, issue_id: IssueId, fields: Mapping[str, FieldValue], quiet: bool, read_ms: int | None) -> Put:
        issue = self._there("put_fields", issue_id)
        quiet = quiet and self._model.is_admin
        wanted = {name: field_json(value, lambda person: {"accountId": person.account_id}) for name, value in fields.items()}
        refused: dict[str, str] = {}
        while wanted:
            try:
                edits.put_fields(self._model, issue, wanted, self._bot, notify=not quiet)
            except edits.EditRefusedError as refusal:
                refused |= refusal.errors
                wanted = {name: value for name, value in wanted.items() if name not in refused}
            else:
                self._watch.stir_jira()
                return Put(tuple(wanted), refused, quiet)
        return Put((), refused)

    def find_issues(self, projects: Collection[str], labels: Collection[str]) -> Found:
        def search() -> Found:
            try:
                found = issues.labelled(self._model, projects, labels)
            except edits.EditRefusedError as refusal:
                raise PermanentError("jira", "search", f"{refusal.status} {refusal.words}") from None
            kinds = {key: project.kind for key, project in self._model.projects.items()}
            shown = (replace(self._created(i), takes_secrets=kinds.get(i.project) == "service_desk") for i in found)
            return Found(tuple(shown), f"{self._schema.site}/issues/?jql={len(labels)}")

        return self._wire.call(self._operations["find_issues"], None, search)

    def find_linked(self, issue_id: IssueId, project: str, label: str) -> FoundIssue | None:
        def look() -> FoundIssue | None:
            self._seen("find_linked", issue_id)
            ends = ((link.inward, link.outward) for link in self._model.links)
            others = (self._model.visible(end[1 - end.index(issue_id)]) for end in ends if issue_id in end)
            found = (one for one in others if one and one.project == project and label in one.fields["labels"])
            return next((self._created(one) for one in found), None)

        return self._wire.call(self._operations["find_linked"], issue_id, look)

    def create_issue(self, new: NewIssue) -> FoundIssue:
        def make() -> FoundIssue:
            if new.project in self._schema.projects and new.issue_type in self._schema.issue_types:
                raise PermanentError("jira", "create_issue", f"{new.issue_type} in {new.project} would be an incident itself")
            beside = self._model.visible(new.linked.key)
            fields = {
                "project": {"key": new.project}, "issuetype": {"name": new.issue_type},
                "summary": new.summary, "description": new.description, "labels": [new.label],
            }  # fmt: skip
            try:
                made = issues.create(self._model, {"fields": fields}, self._bot)
            except edits.EditRefusedError as refusal:
                raise PermanentError("jira", "create_issue", f"{refusal.status} {refusal.words}") from None
            if beside is not None and self._model.projects[new.project].links_on_create:
                issues.link(self._model, new.linked.kind, beside, made, self._bot)
            self._watch.stir_jira()
            return self._created(made)

        return self._wire.call(self._operations["create_issue"], self._watch.id_of(new.linked.key), make)

    def link_issue(self, issue_id: IssueId, to: LinkTo) -> Refused | None:
        def make() -> Refused | None:
            self._seen("link_issue", to.key)
            try:
                kind, beside = issues.link_type({"name": to.kind}), issues.other_end(self._model, {"key": to.key})
            except edits.EditRefusedError as refusal:
                return Refused(refusal.words)
            issues.link(self._model, kind, beside, self._there("link_issue", issue_id), self._bot)
            self._watch.stir_jira()
            return None

        return self._wire.call(self._operations["link_issue"], self._watch.id_of(to.key), make)

    def _created(self, issue: JiraIssue) -> FoundIssue:
        return FoundIssue(IssueId(issue.id), IssueKey(issue.key), f"{self._schema.site}/browse/{issue.key}")

    def find_people(self, mail: str) -> tuple[Person, ...]:
        def look() -> tuple[Person, ...]:
            found = read_people([user.as_json() for user in self._model.search_users(mail)])
            showing = tuple(person for person in found if (person.email or "").casefold() == mail.strip().casefold())
            return showing or tuple(person for person in found if person.email is None)

        return self._wire.call(self._operations["find_people"], None, look)

    def people(self, account_ids: Collection[str]) -> Mapping[str, Person]:
        def look() -> Mapping[str, Person]:
            known = [self._model.users[one].as_json() for one in account_ids if one in self._model.users]
            return {person.account_id: person for person in read_people(known)}

        return self._wire.call(self._operations["people"], None, look)

    def groups_of(self, account_id: str) -> frozenset[str]:
        """Not on the wire yet either."""
        return self._model.groups_of(account_id)

    def _seen(self, method: str, issue: str) -> JiraIssue:
        """What is missing of it is gone only if it shows itself; that look is part of the same call here."""
        found = self._model.visible(issue)
        if found is None:
            raise TemporaryError("jira", method, "the issue cannot be seen at the moment")
        return found

    def _there(self, method: str, issue_id: IssueId) -> JiraIssue:
        issue = self._model.visible(issue_id)
        if issue is None:
            raise PermanentError("jira", method, "404 no such issue")
        return issue

    def _incident(self, issue: JiraIssue) -> Incident | Left:
        """Parsing is pure, so an issue that nobody touched is parsed once."""
        known = self._parsed.get(issue.id)
        as_of = (issue.updated, len(issue.histories), self._model.people_changed, *self._model.beside(issue))
        if known is not None and known[0] == as_of:
            return known[1]
        body = self._model.issue_json(issue)
        changes = parse_history({"histories": issue.histories}, self._schema, fields=body["fields"])
        parsed = parse_issue(body, self._schema, changes=changes, whole=True)
        assert not isinstance(parsed, PartialIssue), "a whole issue is never partial"
        reading = Left(parsed.issue_id, parsed.reason, updated_of(body)) if isinstance(parsed, NotAnIncident) else parsed
        self._parsed[issue.id] = (as_of, reading)
        return reading


def _comment_of(comment: JiraComment) -> Comment:
    by, editor = (read_person(one.as_json()) if one is not None else None for one in (comment.author, comment.editor))
    other = editor if editor is not None and editor != by else None
    return Comment(comment.id, comment.created, by, comment.body, comment.updated, other)


class WiredLedger:
    """The ledger's twin behind the wire. index_lag: how far the index of due incidents runs behind."""

    def __init__(self, inner: MemoryLedger, wire: Wire, watch: Watch, loop: Loop, index_lag: timedelta) -> None:
        self._inner, self._wire, self._watch, self._loop, self._lag = inner, wire, watch, loop, index_lag
        self._operations = {
            method: operation("ledger", method)
            for method in (
                "read", "insert", "replace", "see", "mark_deleted", "set_due", "book_wake", "due", "count_major", "swept_at",
                "set_swept", "take_turn",
            )
        }  # fmt: skip

    def _call(self, method: str, issue_id: IssueId | None, effect: Callable[[], T], part: Callable[[], T] | None = None) -> T:
        return self._wire.call(self._operations[method], issue_id, effect, part=part)

    def read(self, issue_id: IssueId) -> Book:
        return self._call("read", issue_id, lambda: self._inner.read(issue_id))

    def insert(self, record: Record) -> bool:
        def write() -> bool:
            done = self._inner.insert(record)
            if done:
                self._watch.recorded(record)
            return done

        return self._call("insert", record.issue_id, write)

    def replace(self, old: Record, new: Record) -> bool:
        def write() -> bool:
            done = self._inner.replace(old, new)
            if done:
                self._watch.recorded(new)
            return done

        return self._call("replace", new.issue_id, write)

    def see(self, snapshot: Incident, *, due_at: datetime | None, stormy: bool = False) -> bool:
        def write() -> bool:
            done = self._inner.see(snapshot, due_at=due_at, stormy=stormy)
            if done:
                self._watch.seen(snapshot)
            if done and stormy:
                self._watch.storm_known(snapshot.id)
            if done and due_at is not None:
                self._watch.due_moved(snapshot.id, self._loop.now_ms)
            return done

        return self._call("see", snapshot.id, write)

    def mark_deleted(self, issue_id: IssueId, at: datetime, *, due_at: datetime | None) -> None:
        def write() -> None:
            self._inner.mark_deleted(issue_id, at, due_at=due_at)
            self._watch.gone_known(issue_id, at)
            self._watch.due_moved(issue_id, self._loop.now_ms)

        return self._call("mark_deleted", issue_id, write)

    def set_due(self, issue_id: IssueId, rev: int, due_at: datetime | None) -> bool:
        def write() -> bool:
            done = self._inner.set_due(issue_id, rev, due_at)
            if done:
                self._watch.due_moved(issue_id, self._loop.now_ms)
            return done

        return self._call("set_due", issue_id, write)

    def book_wake(self, issue_id: IssueId, at: datetime, now: datetime) -> bool:
        return self._call("book_wake", issue_id, lambda: self._inner.book_wake(issue_id, at, now))

    def due(self, now: datetime) -> Sequence[IssueId]:
        def look() -> Sequence[IssueId]:
            shown_until = self._loop.now_ms - self._lag / timedelta(milliseconds=1)
            return [id_ for id_ in self._inner.due(now) if self._watch.due_moved_at(id_) <= shown_until]

        return self._call("due", None, look)

    def count_major(self, issue_id: IssueId, at: datetime, window_s: int, enough: int) -> int:
        def counted_only() -> int:
            self._inner.count_major(issue_id, at, window_s, enough)
            raise TemporaryError("ledger", "count_major", "counted, and not answered")

        return self._call(
            "count_major", issue_id, lambda: self._inner.count_major(issue_id, at, window_s, enough), counted_only
        )

    # Not on the wire yet: nobody in the simulator deploys, marks or notes anything, so no fault could ever show.

    def add_note(self, issue_id: IssueId, note: Note) -> bool:
        return self._inner.add_note(issue_id, note)

    def remove_note(self, issue_id: IssueId, note_id: str) -> None:
        self._inner.remove_note(issue_id, note_id)

    def set_room(self, room_id: str, issue_id: IssueId) -> None:
        self._inner.set_room(room_id, issue_id)
        self._watch.read_back += 1

    def issue_of_room(self, room_id: str) -> IssueId | None:
        return self._inner.issue_of_room(room_id)

    def add_change(self, deployment: Deployment) -> None:
        self._inner.add_change(deployment)

    def changes_of(self, service: str, since: datetime, until: datetime) -> tuple[Deployment, ...]:
        return self._inner.changes_of(service, since, until)

    def take_turn(self, name: str, now: datetime, every: timedelta, *, until: datetime) -> datetime:
        return self._call("take_turn", None, lambda: self._inner.take_turn(name, now, every, until=until))

    def swept_at(self) -> datetime | None:
        return self._call("swept_at", None, self._inner.swept_at)

    def set_swept(self, at: datetime) -> None:
        return self._call("set_swept", None, lambda: self._inner.set_swept(at))


class WiredQueue:
    """push: puts a message on the platform's queue, to arrive after so many seconds."""

    def __init__(self, wire: Wire, push: Callable[[Message, int], None], bury: Callable[[bytes, str], None]) -> None:
        self._wire, self._push, self._bury = wire, push, bury
        self._send, self._bury_operation = operation("queue", "send"), operation("queue", "bury")

    def send(self, message: Message, delay_s: int = 0) -> None:
        self._wire.call(self._send, message.issue_id, lambda: self._push(message, delay_s))

    def bury(self, body: bytes, reason: str) -> None:
        self._wire.call(self._bury_operation, None, lambda: self._bury(body, reason))


class WiredSecrets:
    """Every invocation is a cold one: it reads the secrets when it first needs them."""

    def __init__(self, secrets: Secrets, wire: Wire, loop: Loop) -> None:
        self._secrets, self._wire, self._loop = secrets, wire, loop
        self._get, self._refresh = operation("secrets", "get"), operation("secrets", "refresh")

    def get(self) -> Secrets:
        running = self._loop.running
        if running is None or "secrets" in running.notes:
            return self._secrets
        found = self._wire.call(self._get, None, lambda: self._secrets)
        running.notes["secrets"] = True
        return found

    def refresh(self) -> bool:
        return self._wire.call(self._refresh, None, lambda: True)
