"""Opsgenie's Alert API v2 as a Pager. It ends on 2027-04-05; JSM Operations is its successor and equal here.

Source: https://docs.opsgenie.com/docs/alert-api
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from chalicelib.adapters.http import HttpSession
from chalicelib.domain.paging import Alert, AlertStatus, PageRequest, Roster, RosterKind, Urgency
from chalicelib.domain.text import cut, cut_details
from chalicelib.errors import PermanentError
from chalicelib.ports.pager import Confirmation

MESSAGE_LIMIT, DESCRIPTION_LIMIT, DETAILS_LIMIT, NOTE_LIMIT = 130, 15_000, 8_000, 25_000
TAG_LIMIT, TAGS_LIMIT = 50, 20
SOURCE = "Firebell"
_FOLDERS = {
    RosterKind.SCHEDULE: "schedules",
    RosterKind.TEAM: "teams",
    RosterKind.ESCALATION: "escalations",
    RosterKind.USER: "users",
}
PRIORITIES = {Urgency.SEV1: "P1", Urgency.SEV2: "P2", Urgency.LOW: "P5"}


class Opsgenie:
    """One Opsgenie account. base_url: https://api.opsgenie.com, or https://api.eu.opsgenie.com."""

    name = "opsgenie"

    def __init__(
        self, base_url: str, api_key: str, *, timeouts_s: tuple[float, float] = (1.0, 2.0), by_proxy: bool = False
    ) -> None:
        key = {"Authorization": f"GenieKey {api_key}"}
        self._http = HttpSession(self.name, base_url, key, secrets=(api_key,), timeouts_s=timeouts_s, by_proxy=by_proxy)

    def open_page(self, request: PageRequest) -> str:
        body = alert_body(request, responder_of(request.roster))
        return self._http.ask("open_page", "POST", "/v2/alerts", lambda answer: str(answer["requestId"]), body=body)

    def confirm(self, alias: str, request_id: str) -> Confirmation:
        return ask_confirmation(self._http, request_id)

    def find(self, alias: str) -> tuple[Alert, ...]:
        query = {"query": f'alias: "{alias}"', "sort": "createdAt", "order": "desc", "limit": "100"}

        def take(answer: Any) -> tuple[Alert, ...]:
            return tuple(_alert(found) for found in answer["data"] if found.get("alias") == alias)

        return self._http.ask("find", "GET", "/v2/alerts", take, query=query)

    def read(self, alert_id: str) -> Alert | None:
        return read_or_none(
            lambda: self._http.ask(
                "read",
                "GET",
                f"/v2/alerts/{quote(alert_id, safe='')}",
                lambda answer: _alert(answer["data"]),
                query={"identifierType": "id"},
            )
        )

    def acknowledge(self, alert_id: str, note: str) -> None:
        self._act("acknowledge", alert_id, note)

    def close(self, alert_id: str, note: str) -> None:
        self._act("close", alert_id, note)

    def on_call(self, roster: Roster) -> tuple[str, ...] | None:
        is_schedule = roster.kind is RosterKind.SCHEDULE
        schedule_id = roster.schedule_id or (roster.id if is_schedule else "")
        schedule = schedule_id or (roster.title if is_schedule else "")
        if not schedule:
            return None
        by = "id" if schedule_id else "name"
        query = {"scheduleIdentifierType": by, "flat": "true"}

        def take(answer: Any) -> tuple[str, ...]:
            return tuple(str(name) for name in answer["data"].get("onCallRecipients") or ())

        return self._http.ask("on_call", "GET", f"/v2/schedules/{quote(schedule, safe='')}/on-calls", take, query=query)

    def resolve_id(self, kind: RosterKind, title: str) -> str:
        path = _FOLDERS.get(kind)
        if path is None:
            raise PermanentError(self.name, "resolve_id", f"{kind} {title!r}: Opsgenie has no such thing")
        query = None if kind is RosterKind.USER else {"identifierType": "name"}
        where = f"/v2/{path}/{quote(title, safe='')}"
        return self._http.ask("resolve_id", "GET", where, lambda answer: str(answer["data"]["id"]), query=query)

    def _act(self, action: str, alert_id: str, note: str) -> None:
        body = {"note": cut(note, NOTE_LIMIT), "source": SOURCE}
        path = f"/v2/alerts/{quote(alert_id, safe='')}/{action}"
        self._http.ask(action, "POST", path, lambda answer: answer["requestId"], query={"identifierType": "id"}, body=body)


def responder_of(roster: Roster) -> dict[str, str]:
    """Whom to ring: by id where one is known, else by name, as Opsgenie allows."""
    if roster.id:
        return {"type": roster.kind.value, "id": roster.id}
    return {"type": roster.kind.value, ("username" if roster.kind is RosterKind.USER else "name"): roster.title}


def alert_body(request: PageRequest, responder: Mapping[str, str]) -> dict[str, object]:
    """The body of a create, cut to the vendor's limits; JSM Operations' integration API takes the same."""
    return {
        "message": cut(request.message, MESSAGE_LIMIT),
        "alias": request.alias,
        "description": cut(request.description, DESCRIPTION_LIMIT),
        "responders": [responder],
        "tags": [cut(tag, TAG_LIMIT) for tag in request.tags[:TAGS_LIMIT]],
        "details": cut_details(request.details, DETAILS_LIMIT),
        "entity": request.details.get("issue", ""),
        "source": SOURCE,
        "priority": PRIORITIES[request.urgency],
    }


def ask_confirmation(http: HttpSession, request_id: str) -> Confirmation:
    """What became of a request; nothing yet while the vendor answers 404, as it does for a moment after accepting one."""
    path = f"/v2/alerts/requests/{quote(request_id, safe='')}"
    try:
        return http.ask("confirm", "GET", path, lambda answer: confirmation_of(answer["data"]))
    except PermanentError as error:
        if is_unknown(error):
            return Confirmation()
        raise


def confirmation_of(status: Mapping[str, Any]) -> Confirmation:
    """What a request status says: made, dropped, or nothing yet."""
    if status.get("isSuccess") and status.get("alertId"):
        return Confirmation(alert_id=str(status["alertId"]))
    if status.get("isSuccess") is False and status.get("processedAt"):
        return Confirmation(failed=str(status.get("status") or "the pager dropped the request"))
    return Confirmation()


def read_or_none(read: Callable[[], Alert]) -> Alert | None:
    """The alert, or None for a 404."""
    try:
        return read()
    except PermanentError as error:
        if is_unknown(error):
            return None
        raise


def is_unknown(error: PermanentError) -> bool:
    """Whether the vendor does not know the thing that was asked for."""
    return error.message.startswith("404")


def _alert(found: Mapping[str, Any]) -> Alert:
    """An alert as Opsgenie shows it; times of acknowledge and close are milliseconds after its creation."""
    created_at = datetime.fromisoformat(found["createdAt"])
    report = found.get("report") or {}
    if found["status"] == "closed":
        status, by, after_ms = AlertStatus.CLOSED, report.get("closedBy"), report.get("closeTime")
    elif found.get("acknowledged"):
        status, by, after_ms = AlertStatus.ACKED, report.get("acknowledgedBy"), report.get("ackTime")
    else:
        status, by, after_ms = AlertStatus.OPEN, None, None
    at = created_at + timedelta(milliseconds=after_ms) if after_ms is not None else None
    return Alert(str(found["id"]), str(found.get("alias", "")), status, created_at, by or None, at)
