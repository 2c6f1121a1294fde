"""Statuspage over HTTP: the operations of its REST API that Firebell uses, strictly."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import request

from chalicelib.ports.world import Clock
from sandbox.emulator import Answer, Emulator, Faults, Recorder
from sandbox.pagers.desk import iso
from sandbox.status.model import (
    EmulatedPage,
    PageComponent,
    PageIncident,
    PageUpdate,
    Refusal,
    RefusedError,
    StatusModel,
)

VENDOR = "statuspage"
V1 = "/v1/pages"
WINDOW = timedelta(seconds=60)
CALLS_IN_WINDOW = 60
ROWS_LIMIT = 100
MEMBERS: Mapping[str, type] = {
    "name": str, "status": str, "body": str, "metadata": dict, "deliver_notifications": bool, "components": dict,
    "component_ids": list,
}  # fmt: skip
_STATUS = dict.fromkeys((Refusal.NO_PAGE, Refusal.NO_INCIDENT, Refusal.NO_UPDATE), 404) | {
    Refusal.NO_COMPONENT: 422,
    Refusal.INVALID: 422,
}


class StatuspageEmulator(Emulator):
    """token: the API key. limit_status: what it answers to more than one call a second, over a minute: 420 or 429."""

    def __init__(
        self,
        model: StatusModel,
        clock: Clock,
        *,
        token: str,
        faults: Faults | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        super().__init__("statuspage", clock, faults or Faults(), recorder)
        self.model, self.limit_status, self._token = model, 420, token
        self.refused_for_limit = 0
        self._answered_at: list[datetime] = []
        self._register_pages()
        self._register_incidents()
        self._register_writes()

    def denied(self) -> Answer | None:
        if request.headers.get("Authorization") != f"OAuth {self._token}":
            return 401, {"error": "Could not authenticate"}
        now = self.clock.now()
        with self._lock:
            self._answered_at = [at for at in self._answered_at if now - at < WINDOW]
            if len(self._answered_at) < CALLS_IN_WINDOW:
                self._answered_at.append(now)
                return None
            self.refused_for_limit += 1
        return self.limit_status, {"error": "You have exceeded your API rate limit"}

    def _register_pages(self) -> None:
        @self.operation("get_page", "GET", f"{V1}/<page_id>", vendor=VENDOR)
        def get_page(page_id: str) -> Answer:
            return self._answer(lambda: (200, page_json(self.model.page(page_id))))

        rows = frozenset({"page", "per_page"})

        @self.operation("list_components", "GET", f"{V1}/<page_id>/components", vendor=VENDOR, query=rows)
        def list_components(page_id: str) -> Answer:
            def listed() -> Answer:
                page = self.model.page(page_id)
                return 200, [component_json(page, one) for one in _shown(list(page.components.values()), "per_page")]

            return self._answer(listed)

    def _register_incidents(self) -> None:
        rows = frozenset({"page", "per_page"})

        @self.operation("list_unresolved", "GET", f"{V1}/<page_id>/incidents/unresolved", vendor=VENDOR, query=rows)
        def list_unresolved(page_id: str) -> Answer:
            def listed() -> Answer:
                page = self.model.page(page_id)
                return 200, [incident_json(page, one) for one in _shown(page.unresolved(), "per_page")]

            return self._answer(listed)

        rows = frozenset({"q", "limit", "page"})

        @self.operation("list_incidents", "GET", f"{V1}/<page_id>/incidents", vendor=VENDOR, query=rows)
        def list_incidents(page_id: str) -> Answer:
            def listed() -> Answer:
                page = self.model.page(page_id)
                return 200, [incident_json(page, one) for one in _shown(page.newest(), "limit")]

            return self._answer(listed)

        @self.operation("get_incident", "GET", f"{V1}/<page_id>/incidents/<incident_id>", vendor=VENDOR)
        def get_incident(page_id: str, incident_id: str) -> Answer:
            def read() -> Answer:
                return 200, incident_json(self.model.page(page_id), self.model.incident(page_id, incident_id))

            return self._answer(read)

    def _register_writes(self) -> None:
        @self.operation("create_incident", "POST", f"{V1}/<page_id>/incidents", vendor=VENDOR, body=True)
        def create_incident(page_id: str) -> Answer:
            def create() -> Answer:
                made = self.model.open(page_id, self._sent("incident", MEMBERS))
                return 201, incident_json(self.model.page(page_id), made)

            return self._answer(create)

        @self.operation("update_incident", "PATCH", f"{V1}/<page_id>/incidents/<incident_id>", vendor=VENDOR, body=True)
        def update_incident(page_id: str, incident_id: str) -> Answer:
            def update() -> Answer:
                changed = self.model.change(page_id, incident_id, self._sent("incident", MEMBERS))
                return 200, incident_json(self.model.page(page_id), changed)

            return self._answer(update)

        path = f"{V1}/<page_id>/incidents/<incident_id>/incident_updates/<update_id>"

        @self.operation("amend_update", "PATCH", path, vendor=VENDOR, body=True)
        def amend_update(page_id: str, incident_id: str, update_id: str) -> Answer:
            def amend() -> Answer:
                sent = self._sent("incident_update", {"body": str, "deliver_notifications": bool})
                told = sent.get("deliver_notifications", True)
                changed = self.model.change_update(page_id, incident_id, update_id, sent["body"], told=told)
                return 200, update_json(incident_id, changed)

            return self._answer(amend)

    def _sent(self, wrapped_in: str, members: Mapping[str, type]) -> Mapping[str, Any]:
        """What was sent; the vendor drops members that it does not know, which is a mistake of ours."""
        sent: Any = request.get_json(force=True, silent=True)
        values = sent.get(wrapped_in) if isinstance(sent, dict) and set(sent) == {wrapped_in} else None
        if not isinstance(values, dict):
            raise self._misunderstood(f"the body is no {{{wrapped_in}: ...}}")
        if wrong := sorted(n for n, value in values.items() if n not in members or not isinstance(value, members[n])):
            raise self._misunderstood(f"members that are unknown or of another type: {wrong}")
        return values

    def _misunderstood(self, what: str) -> RefusedError:
        self.violations.append(f"{self.name} {request.method} {request.path}: {what}")
        return RefusedError(Refusal.INVALID, what)

    def _answer(self, act: Any) -> Answer:
        try:
            answer: Answer = act()
        except RefusedError as error:
            return _STATUS[error.reason], {"error": [str(error)]}
        return answer


def _shown(rows: list[Any], size_name: str) -> list[Any]:
    size, number = int(request.args.get(size_name, ROWS_LIMIT)), int(request.args.get("page", 1))
    if not 1 <= size <= ROWS_LIMIT or number < 1:
        raise RefusedError(Refusal.INVALID, f"{size_name} {size}, page {number}")
    return rows[(number - 1) * size : number * size]


def page_json(page: EmulatedPage) -> dict[str, Any]:
    return {"id": page.id, "name": page.name, "subdomain": page.id, "time_zone": "UTC"}


def component_json(page: EmulatedPage, component: PageComponent) -> dict[str, Any]:
    return {
        "id": component.id,
        "page_id": page.id,
        "name": component.name,
        "description": "",
        "group": False,
        "position": list(page.components).index(component.id) + 1,
        "status": component.status,
    }


def incident_json(page: EmulatedPage, incident: PageIncident) -> dict[str, Any]:
    """With its updates, newest first, and its components as they are now."""
    return {
        "id": incident.id,
        "page_id": page.id,
        "name": incident.name,
        "status": incident.status,
        "impact": "none",
        "shortlink": incident.link,
        "created_at": iso(incident.created_at),
        "updated_at": iso(incident.updates[-1].at if incident.updates else incident.created_at),
        **({"resolved_at": iso(incident.resolved_at)} if incident.resolved_at else {}),
        "metadata": dict(incident.metadata),
        "incident_updates": [update_json(incident.id, update) for update in reversed(incident.updates)],
        "components": [component_json(page, page.components[id_]) for id_ in incident.component_ids],
    }


def update_json(incident_id: str, update: PageUpdate) -> dict[str, Any]:
    return {
        "id": update.id,
        "incident_id": incident_id,
        "status": update.status,
        "body": update.body,
        "created_at": iso(update.at),
        "display_at": iso(update.at),
        "deliver_notifications": update.notified,
        "affected_components": [],
    }
