"""Statuspage's rules without HTTP: incidents with their updates, components, and who was told of what.

`resolved` says nothing about components: whoever set one to an outage must set it back. A state is applied to a component that
the incident shows, and to no other: the vendor's words, strictly. An update is added by a text or by
another status; a change of name, components or metadata alone adds none. Text of updates is shown as HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from threading import RLock
from typing import Any

from chalicelib.ports.world import Clock

NAME_LIMIT, BODY_LIMIT = 255, 25_000
STATUSES = ("investigating", "identified", "monitoring", "resolved")
OPERATIONAL = "operational"
STATES = (OPERATIONAL, "under_maintenance", "degraded_performance", "partial_outage", "major_outage")
RESOLVED, POSTMORTEM = "resolved", "postmortem"


class Refusal(StrEnum):
    NO_PAGE = "no such page"
    NO_INCIDENT = "no such incident"
    NO_UPDATE = "no such update"
    NO_COMPONENT = "no such component"
    INVALID = "invalid"


class RefusedError(Exception):
    """The vendor says no. The text is what it would answer."""

    def __init__(self, reason: Refusal, words: str = "") -> None:
        super().__init__(words or reason.value)
        self.reason = reason


@dataclass(slots=True)
class PageComponent:
    """history: every state it was set to, with the time and by what: an incident's id, or "" for by itself."""

    id: str
    name: str
    status: str = OPERATIONAL
    history: list[tuple[datetime, str, str]] = field(default_factory=list)


@dataclass(slots=True)
class PageUpdate:
    """notified: whether subscribers were told when it was added. edits: the texts it had before."""

    id: str
    status: str
    body: str
    at: datetime
    notified: bool
    edits: list[str] = field(default_factory=list)


@dataclass(slots=True)
class PageIncident:
    """updates: oldest first. names: those it had before."""

    id: str
    page_id: str
    name: str
    status: str
    created_at: datetime
    updates: list[PageUpdate] = field(default_factory=list)
    component_ids: list[str] = field(default_factory=list)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    resolved_at: datetime | None = None
    names: list[str] = field(default_factory=list)

    @property
    def link(self) -> str:
        return f"https://stspg.io/{self.id}"


@dataclass(frozen=True, slots=True)
class Notice:
    """Something subscribers got. of: the update's id."""

    page_id: str
    incident_id: str
    of: str
    at: datetime


@dataclass(slots=True)
class EmulatedPage:
    id: str
    name: str
    components: dict[str, PageComponent] = field(default_factory=dict)
    incidents: dict[str, PageIncident] = field(default_factory=dict)

    def unresolved(self) -> list[PageIncident]:
        return [incident for incident in self.newest() if incident.status not in (RESOLVED, POSTMORTEM)]

    def newest(self) -> list[PageIncident]:
        """Newest first, as lists show them."""
        return list(reversed(self.incidents.values()))


@dataclass(slots=True)
class StatusModel:
    """notices: who was told of what, oldest first. deleted: incidents that people deleted. Safe to use from threads."""

    clock: Clock
    pages: dict[str, EmulatedPage] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    deleted: list[PageIncident] = field(default_factory=list)
    _numbers: int = 0
    _lock: RLock = field(default_factory=RLock, repr=False)

    def add_page(self, page_id: str, name: str, components: Mapping[str, str]) -> EmulatedPage:
        """components: id -> name."""
        named = {id_: PageComponent(id_, title) for id_, title in components.items()}
        page = self.pages[page_id] = EmulatedPage(page_id, name, named)
        return page

    # --- what programs and people do alike -------------------------------------------------------------------------

    def page(self, page_id: str) -> EmulatedPage:
        if page_id not in self.pages:
            raise RefusedError(Refusal.NO_PAGE)
        return self.pages[page_id]

    def incident(self, page_id: str, incident_id: str) -> PageIncident:
        found = self.page(page_id).incidents.get(incident_id)
        if found is None:
            raise RefusedError(Refusal.NO_INCIDENT)
        return found

    def open(self, page_id: str, values: Mapping[str, Any]) -> PageIncident:
        """values: the members of a create, by their names at the vendor."""
        with self._lock:
            page = self.page(page_id)
            if not values.get("name"):
                raise RefusedError(Refusal.INVALID, "Name can't be blank")
            self._check(page, values)
            incident = PageIncident(self._id("i"), page.id, "", values.get("status", STATUSES[0]), self.clock.now())
            page.incidents[incident.id] = incident
            self._apply(page, incident, values)
            self._say(incident, values.get("body", ""), told=values.get("deliver_notifications", True))
            return incident

    def change(self, page_id: str, incident_id: str, values: Mapping[str, Any]) -> PageIncident:
        """values: the members of an update. A text or another status is a new update, and told unless it is said otherwise."""
        with self._lock:
            page, incident = self.page(page_id), self.incident(page_id, incident_id)
            if "name" in values and not values["name"]:
                raise RefusedError(Refusal.INVALID, "Name can't be blank")
            self._check(page, values)
            is_news = bool(values.get("body")) or values.get("status", incident.status) != incident.status
            self._apply(page, incident, values)
            if is_news:
                self._say(incident, values.get("body", ""), told=values.get("deliver_notifications", True))
            return incident

    def change_update(self, page_id: str, incident_id: str, update_id: str, body: str, *, told: bool) -> PageUpdate:
        with self._lock:
            incident = self.incident(page_id, incident_id)
            update = next((update for update in incident.updates if update.id == update_id), None)
            if update is None:
                raise RefusedError(Refusal.NO_UPDATE)
            self._check_body(body)
            update.edits.append(update.body)
            update.body = body
            if told:
                self.notices.append(Notice(page_id, incident.id, update.id, self.clock.now()))
            return update

    def set_component(self, page_id: str, component_id: str, status: str, by: str = "") -> PageComponent:
        with self._lock:
            component = self.page(page_id).components.get(component_id)
            if component is None:
                raise RefusedError(Refusal.NO_COMPONENT)
            if status not in STATES:
                raise RefusedError(Refusal.INVALID, f"Status {status!r} is not included in the list")
            if component.status != status:
                component.status = status
                component.history.append((self.clock.now(), status, by))
            return component

    # --- what only people do ---------------------------------------------------------------------------------------

    def delete(self, page_id: str, incident_id: str) -> None:
        with self._lock:
            self.deleted.append(self.page(page_id).incidents.pop(incident_id))

    def publish_postmortem(self, page_id: str, incident_id: str, body: str) -> None:
        """The page's form sets a status that no update may set."""
        with self._lock:
            incident = self.incident(page_id, incident_id)
            incident.status = POSTMORTEM
            self._say(incident, body, told=False)

    def delete_update(self, page_id: str, incident_id: str, update_id: str) -> None:
        with self._lock:
            incident = self.incident(page_id, incident_id)
            incident.updates = [update for update in incident.updates if update.id != update_id]

    def _check(self, page: EmulatedPage, values: Mapping[str, Any]) -> None:
        """Everything before anything is changed: a refusal has no effect."""
        name, states = values.get("name", ""), values.get("components", {})
        if len(name) > NAME_LIMIT:
            raise RefusedError(Refusal.INVALID, f"Name is too long (maximum is {NAME_LIMIT} characters)")
        self._check_body(values.get("body", ""))
        if values.get("status", STATUSES[0]) not in STATUSES:
            raise RefusedError(Refusal.INVALID, f"Status {values['status']!r} is not valid for a realtime incident")
        if wrong := [status for status in states.values() if status not in STATES]:
            raise RefusedError(Refusal.INVALID, f"Component status {wrong[0]!r} is not included in the list")
        if any(not isinstance(value, dict) for value in values.get("metadata", {}).values()):
            raise RefusedError(Refusal.INVALID, "Metadata top-level values must be objects")
        if unknown := sorted({*values.get("component_ids", ()), *states} - set(page.components)):
            raise RefusedError(Refusal.NO_COMPONENT, f"Components not found: {', '.join(unknown)}")

    def _check_body(self, body: str) -> None:
        if len(body) > BODY_LIMIT:
            raise RefusedError(Refusal.INVALID, f"Body is too long (maximum is {BODY_LIMIT} characters)")

    def _apply(self, page: EmulatedPage, incident: PageIncident, values: Mapping[str, Any]) -> None:
        if "name" in values:
            incident.names += [incident.name] if incident.name else []
            incident.name = values["name"]
        if "component_ids" in values:
            incident.component_ids = list(values["component_ids"])
        for component_id, status in values.get("components", {}).items():
            if component_id in incident.component_ids:
                self.set_component(page.id, component_id, status, by=incident.id)
        if "metadata" in values:
            incident.metadata = values["metadata"]
        if "status" in values:
            incident.status = values["status"]
            incident.resolved_at = self.clock.now() if incident.status == RESOLVED else None

    def _say(self, incident: PageIncident, body: str, *, told: bool) -> None:
        update = PageUpdate(self._id("u"), incident.status, body, self.clock.now(), told)
        incident.updates.append(update)
        if told:
            self.notices.append(Notice(incident.page_id, incident.id, update.id, update.at))

    def _id(self, kind: str) -> str:
        self._numbers += 1
        return f"{kind}{self._numbers:011d}"
