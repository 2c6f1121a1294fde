"""Status pages and mail, simulated: the ports over the emulators' models behind the wire; and Jira's comments on it.

Each translates between a port and a model and decides nothing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet

from chalicelib.adapters.mail_format import Sender, mime_of
from chalicelib.adapters.statuspage_text import page_body, page_name
from chalicelib.domain.announcement import ComponentState, Progress
from chalicelib.domain.incident import IssueId
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.ports.mailer import AnswerLost, Mail, Sent
from chalicelib.ports.status_pages import StatusIncident, StatusPost, UnknownComponents
from chalicelib.ports.tickets import Comment
from sandbox.mail.model import MailModel
from sandbox.status.model import PageIncident, Refusal, RefusedError, StatusModel
from simulation.faults import UNANSWERED
from simulation.places import PlacedTickets
from simulation.ports import ModelTickets
from simulation.telling_watch import TellingWatch
from simulation.wire import Wire, operation

T = TypeVar("T")

_OURS, _MARKER, _UPDATES = "firebell", "incident", "updates"
_PROGRESS = {progress.value: progress for progress in Progress}


class ModelStatusPage:
    """One page. channel: as records call it. turn: asked before every request."""

    name = "statuspage"

    def __init__(
        self, model: StatusModel, page_id: str, channel: str, turn: Callable[[str], None], wire: Wire, sees: TellingWatch
    ) -> None:
        self._model, self._page_id, self._channel, self._turn = model, page_id, channel, turn
        self._wire, self._sees = wire, sees

    def find(self, marker: str) -> StatusIncident | None:
        def look() -> StatusIncident | None:
            every = self._model.page(self._page_id).incidents.values()
            ours = [one for one in every if one.metadata.get(_OURS, {}).get(_MARKER) == marker]
            return self._shown(min(ours, key=lambda one: one.created_at)) if ours else None

        return self._call("find", self._sees.of_mark(marker)[0], look)

    def open(self, marker: str, mark: str, post: StatusPost) -> StatusIncident:
        issue_id, announcement = self._sees.of_mark(mark)

        def make() -> StatusIncident:
            if issue_id is not None:
                self._sees.checks.opens(issue_id, self._channel)
            self._says(issue_id, announcement, post)
            values = self._values(post) | {"metadata": {_OURS: {_MARKER: marker, _UPDATES: {}}}}
            made = self._told(lambda: self._model.open(self._page_id, values), "open", values["component_ids"])
            if issue_id is not None:
                self._sees.of(issue_id).opened[self._channel].append(made.id)
            return self._marked(made, mark)

        return self._call("open", issue_id, make, about=mark)

    def read(self, incident_id: str) -> StatusIncident | None:
        def look() -> StatusIncident | None:
            found = self._model.page(self._page_id).incidents.get(incident_id)
            return self._shown(found) if found is not None else None

        return self._call("read", self._issue_of(incident_id), look, missing=lambda: None)

    def update(self, incident: StatusIncident, mark: str, post: StatusPost) -> StatusIncident | None:
        issue_id, announcement = self._sees.of_mark(mark)

        def change() -> StatusIncident | None:
            if incident.id not in self._model.page(self._page_id).incidents:
                return None
            self._says(issue_id, announcement, post)
            if issue_id is not None:
                status = self._model.incident(self._page_id, incident.id).status
                self._sees.checks.moves(issue_id, self._channel, announcement, status, post.progress)
            values = self._values(post, incident.affected)
            changed = self._told(lambda: self._model.change(self._page_id, incident.id, values), "update", [*post.components])
            return self._marked(changed, mark)

        return self._call("update", issue_id, change, about=mark)

    def restate(
        self,
        incident: StatusIncident,
        *,
        name: str | None = None,
        components: Mapping[str, ComponentState] | None = None,
        affected: Collection[str] = (),
    ) -> bool:
        issue_id = self._issue_of(incident.id)

        def change() -> bool:
            if incident.id not in self._model.page(self._page_id).incidents:
                return False
            self._sees.writes += 1
            values: dict[str, Any] = {"deliver_notifications": False}
            if name is not None:
                values["name"] = page_name(name)
                if issue_id is not None:
                    self._sees.checks.renames(issue_id, self._channel, values["name"])
            if components:
                if issue_id is not None:
                    self._sees.checks.shows(issue_id, self._channel, components)
                values["components"] = {id_: state.value for id_, state in components.items()}
            if named := (*affected, *(components or ())):
                values["component_ids"] = [*dict.fromkeys((*incident.affected, *named))]
            self._told(lambda: self._model.change(self._page_id, incident.id, values), "restate", named)
            return True

        return self._call("restate", issue_id, change)

    def amend(self, incident_id: str, update_id: str, body: str) -> bool:
        found = self._model.page(self._page_id).incidents.get(incident_id)
        marks = {of: mark for mark, of in found.metadata[_OURS][_UPDATES].items()} if found is not None else {}
        issue_id, announcement = self._sees.of_mark(marks.get(update_id, ""))

        def change() -> bool:
            if issue_id is not None:
                self._sees.checks.publishes(issue_id, self._channel, announcement, body, again=True)
                before = next((one.body for one in found.updates if one.id == update_id), "") if found is not None else ""
                self._sees.checks.amends(issue_id, announcement, before, page_body(body))
            self._sees.writes += 1
            try:
                self._model.change_update(self._page_id, incident_id, update_id, page_body(body), told=False)
            except RefusedError as refusal:
                if refusal.reason in (Refusal.NO_INCIDENT, Refusal.NO_UPDATE):
                    return False
                raise PermanentError(self.name, "amend", str(refusal)) from None
            return True

        return self._call("amend", issue_id, change, about=update_id, missing=lambda: False)

    def unresolved(self) -> tuple[StatusIncident, ...]:
        return self._call("unresolved", None, lambda: tuple(map(self._shown, self._model.page(self._page_id).unresolved())))

    def component_states(self) -> Mapping[str, str]:
        raise AssertionError("only asked by a human")

    def problems_with(self, component_ids: Collection[str]) -> tuple[str, ...]:
        raise AssertionError("only asked by `firebell check --resolve`")

    def _call(
        self,
        method: str,
        issue_id: str | None,
        effect: Callable[[], T],
        *,
        about: str | None = None,
        missing: Callable[[], T] | None = None,
    ) -> T:
        self._sees.calls += 1
        self._turn(method)
        self._sees.asks(self._wire.loop.now_ms)
        return self._wire.call(operation(self.name, method), issue_id, effect, about=about, missing=missing)

    def _says(self, issue_id: str | None, announcement: str, post: StatusPost) -> None:
        self._sees.writes += 1
        if issue_id is not None:
            self._sees.checks.shows(issue_id, self._channel, post.components)
            self._sees.checks.publishes(issue_id, self._channel, announcement, f"{post.name or ''}\n{post.body}")

    def _values(self, post: StatusPost, shown: Collection[str] = ()) -> dict[str, Any]:
        values: dict[str, Any] = {
            "status": post.progress.value, "body": page_body(post.body), "deliver_notifications": post.notify,
            "components": {id_: state.value for id_, state in post.components.items()},
            "component_ids": [*dict.fromkeys((*shown, *post.affected, *post.components))],
        }  # fmt: skip
        return values if post.name is None else values | {"name": page_name(post.name)}

    def _told(self, act: Callable[[], PageIncident], method: str, component_ids: Collection[str]) -> PageIncident:
        try:
            return act()
        except RefusedError as refusal:
            if refusal.reason is Refusal.NO_COMPONENT:
                known = self._model.page(self._page_id).components
                missing = tuple(id_ for id_ in component_ids if id_ not in known)
                raise UnknownComponents(self.name, method, missing) from None
            raise PermanentError(self.name, method, f"422 {refusal}") from None

    def _marked(self, incident: PageIncident, mark: str) -> StatusIncident:
        """The mark comes with the update."""
        incident.metadata[_OURS][_UPDATES][mark] = incident.updates[-1].id
        return self._shown(incident)

    def _shown(self, found: PageIncident) -> StatusIncident:
        there = {update.id for update in found.updates}
        marks = found.metadata.get(_OURS, {}).get(_UPDATES, {})
        components = self._model.page(self._page_id).components
        return StatusIncident(
            found.id,
            found.link,
            _PROGRESS.get(found.status),
            found.name,
            {mark: id_ if id_ in there else "" for mark, id_ in marks.items()},
            {id_: components[id_].status for id_ in found.component_ids},
        )

    def _issue_of(self, incident_id: str) -> str | None:
        ours = (id_ for id_, facts in self._sees.facts.items() if incident_id in facts.opened[self._channel])
        return next(ours, None)


class ModelMailer:
    """A server that takes mail and tells nobody of it later."""

    name = "mail"

    def __init__(self, model: MailModel, sender: Sender, wire: Wire, sees: TellingWatch) -> None:
        self._model, self._sender, self._wire, self._sees = model, sender, wire, sees

    def send(self, mail: Mail, to: tuple[str, ...]) -> Sent:
        issue_id, announcement = self._sees.of_mail(mail.message_id)
        content = mime_of(mail, self._sender)

        def take() -> Sent:
            self._sees.writes += 1
            if issue_id is not None:
                self._sees.checks.publishes(issue_id, self.name, announcement, f"{mail.subject}\n{mail.text}", again=True)
                for address in to:
                    self._sees.checks.mails(issue_id, mail.message_id, address, mail.text)
            self._model.take(self._sender.address, to, content)
            return Sent()

        self._sees.calls += 1
        try:
            return self._wire.call(operation(self.name, "send"), issue_id, take, about=mail.message_id)
        except TemporaryError as error:
            if error.message in UNANSWERED:
                raise AnswerLost(self.name, "send", error.message) from error
            raise


class CommentsOnWire(ModelTickets):
    """Jira where comments order what people are told: reading them takes time and may fail."""

    told: TellingWatch

    def follow(self, told: TellingWatch) -> None:
        self.told = told
        self._comment_ms: dict[tuple[greenlet, str], int] = {}
        told.read_ms = lambda: self._read_ms.get(getcurrent())
        told.comment_read_ms = lambda comment_id: self._comment_ms.get((getcurrent(), comment_id))

    def read_comments(self, issue_id: IssueId) -> tuple[Comment, ...]:
        self.told.calls += 1
        told = super().read_comments
        return self._wire.call(operation("jira", "read_comments"), issue_id, lambda: told(issue_id))

    def read_comment(self, issue_id: IssueId, comment_id: str) -> Comment | None:
        told = super().read_comment

        def look() -> Comment | None:
            self._comment_ms[getcurrent(), comment_id] = self._wire.loop.now_ms
            return told(issue_id, comment_id)

        def missing() -> None:
            self._seen("read_comment", issue_id)

        self.told.calls += 1
        return self._wire.call(operation("jira", "read_comment"), issue_id, look, missing=missing)

    def groups_of(self, account_id: str) -> frozenset[str]:
        told = super().groups_of
        self.told.calls += 1
        asked = operation("jira", "groups_of")
        return self._wire.call(asked, None, lambda: told(account_id), missing=frozenset)


class CommentsOnWireAtPlaces(CommentsOnWire, PlacedTickets):
    """The same where people meet."""


def seconds_up(seconds: float) -> int:
    """Milliseconds, never fewer than asked for."""
    return math.ceil(seconds * 1000)
