"""What Opsgenie and JSM Operations share over HTTP: the integration API's operations, its limits, and the hooks out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import request

from sandbox.emulator import Answer, Emulator
from sandbox.pagers.desk import ACKED, CLOSED, Desk, DeskAlert, DeskRequest, Happening, NewAlert, RefusedError, Turn, iso

Deliver = Callable[[str, Mapping[str, str], bytes], int]
"""Posts a webhook: URL, headers, body -> the status that came back, 0 for none."""

ALERT_MEMBERS = frozenset(
    ("message", "alias", "description", "responders", "visibleTo", "actions", "tags", "details", "entity", "source",
     "priority", "user", "note")
)  # fmt: skip
LIMITS = {"message": 130, "alias": 512, "description": 15_000, "entity": 512, "source": 100, "note": 25_000, "user": 100}
PRIORITIES = ("P1", "P2", "P3", "P4", "P5")


def accepted(request_id: str) -> Answer:
    body = {"result": "Request will be processed", "took": 0.01, "requestId": request_id}
    return 202, body, {"X-Request-Id": request_id, "X-RateLimit-State": "OK"}


def refusal(status: int, message: str) -> Answer:
    return status, {"message": message, "took": 0.01, "requestId": "refused"}


def register_integration(emulator: Emulator, desk: Desk, key: str, vendor: str, *, ids_only: bool) -> None:
    """The operations of the integration API under /v2. ids_only: responders by name are refused (JSM Operations)."""

    def authorised() -> bool:
        return request.headers.get("Authorization") == f"GenieKey {key}"

    @emulator.operation("create_alert", "POST", "/v2/alerts", vendor=vendor, body=True)
    def create_alert() -> Answer:
        if not authorised():
            return refusal(401, "Could not authenticate")
        body: Any = request.get_json(force=True, silent=True)
        problem = _problem_with(body)
        if problem:
            return refusal(422, problem)
        responder = body["responders"][0]
        roster_id = _roster_id(desk, responder, ids_only=ids_only)
        new = NewAlert(
            body.get("alias", ""), roster_id, body["message"], body.get("description", ""), body.get("priority", "P3"),
            tuple(body.get("tags", ())), body.get("details", {}),
        )  # fmt: skip
        try:
            return accepted(desk.request_create(new))
        except RefusedError as error:
            return refusal(422, str(error))

    @emulator.operation("request_status", "GET", "/v2/alerts/requests/<request_id>", vendor=vendor)
    def request_status(request_id: str) -> Answer:
        if not authorised():
            return refusal(401, "Could not authenticate")
        found = desk.request(request_id)
        if found is None:
            return refusal(404, "Request not found. It might not be processed, yet.")
        return 200, {"data": status_of(found, desk), "took": 0.01, "requestId": request_id}

    def change(action: str, identifier: str) -> Answer:
        if not authorised():
            return refusal(401, "Could not authenticate")
        body = request.get_json(force=True, silent=True) or {}
        unknown = set(body) - {"user", "note", "source"}
        if unknown:
            return refusal(422, f"unknown members {sorted(unknown)}")
        alert_id = identifier
        if request.args.get("identifierType", "id") == "alias":
            living = desk.open_alerts(identifier)
            alert_id = living[0].id if living else identifier
        return accepted(desk.request_change(action, alert_id, body.get("user") or "Firebell API", body.get("note", "")))

    by = frozenset({"identifierType"})

    @emulator.operation("acknowledge_alert", "POST", "/v2/alerts/<identifier>/acknowledge", vendor=vendor, query=by, body=True)
    def acknowledge_alert(identifier: str) -> Answer:
        return change("Acknowledge", identifier)

    @emulator.operation("close_alert", "POST", "/v2/alerts/<identifier>/close", vendor=vendor, query=by, body=True)
    def close_alert(identifier: str) -> Answer:
        return change("Close", identifier)


def status_of(found: DeskRequest, desk: Desk) -> dict[str, Any]:
    alert = desk.alert(found.alert_id) if found.alert_id else None
    words = {"Create": "Created alert", "Acknowledge": "Alert acknowledged", "Close": "Alert closed"}
    return {
        "success": found.error is None,
        "isSuccess": found.error is None,
        "action": found.action,
        "processedAt": iso(found.process_at),
        "integrationId": "integration-1",
        "status": found.error or words[found.action],
        "alertId": found.alert_id or "",
        "alias": alert.alias if alert else "",
    }


def hook_body(happening: Happening, integration: str) -> dict[str, Any]:
    """What both vendors post: numbers of nanoseconds, an integer priority, keys in no order to rely on."""
    alert = happening.alert
    nanoseconds = int(happening.at.timestamp() * 1_000_000_000)
    return {
        "source": {"name": "", "type": "api"},
        "alert": {
            "tags": list(alert.tags),
            "message": alert.message,
            "username": happening.by or "System",
            "alertId": alert.id,
            "source": "Firebell",
            "alias": alert.alias,
            "tinyId": alert.tiny_id,
            "createdAt": int(alert.created_at.timestamp() * 1000),
            "updatedAt": nanoseconds,
            "userId": "",
            "entity": "",
            "priority": int(alert.priority[1:]),
        },
        "action": {"create": "Create", "acknowledge": "Acknowledge", "close": "Close"}[happening.action],
        "integrationId": "integration-2",
        "integrationName": integration,
    }


def alert_as_opsgenie(alert: DeskAlert, turn: Turn) -> dict[str, Any]:
    report: dict[str, Any] = {}
    for past in alert.turns:
        if past.at <= turn.at:
            after_ms = int((past.at - alert.created_at).total_seconds() * 1000)
            if past.status == ACKED:
                report |= {"ackTime": after_ms, "acknowledgedBy": past.by}
            if past.status == CLOSED:
                report |= {"closeTime": after_ms, "closedBy": past.by}
    return {
        "id": alert.id,
        "tinyId": alert.tiny_id,
        "alias": alert.alias,
        "message": alert.message,
        "status": "closed" if turn.status == CLOSED else "open",
        "acknowledged": turn.status == ACKED,
        "isSeen": turn.status != "open",
        "tags": list(alert.tags),
        "snoozed": False,
        "count": alert.count,
        "createdAt": iso(alert.created_at),
        "updatedAt": iso(turn.at),
        "source": "Firebell",
        "owner": turn.by or "",
        "priority": alert.priority,
        "responders": [{"type": alert.roster.kind, "id": alert.roster.id}],
        "integration": {"id": "integration-1", "name": "Firebell", "type": "API"},
        "report": report,
    }


def _length(text: str) -> int:
    """In UTF-16 units, as Java counts: an emoji is two. Nobody says what the vendor counts, so this is the strict reading."""
    return len(text.encode("utf-16-le")) // 2


def _problem_with(body: Any) -> str:
    if not isinstance(body, dict):
        return "the body is no JSON object"
    unknown = set(body) - ALERT_MEMBERS
    if unknown:
        return f"unknown members {sorted(unknown)}"
    if not body.get("message"):
        return "Message can not be empty."
    for name, limit in LIMITS.items():
        if _length(body.get(name, "")) > limit:
            return f"{name} is longer than {limit}"
    if not body.get("responders"):
        return "responders are missing: nobody would be rung"
    if sum(_length(k) + _length(v) for k, v in body.get("details", {}).items()) > 8000:
        return "details are longer than 8000"
    if len(body.get("tags", ())) > 20 or any(_length(tag) > 50 for tag in body.get("tags", ())):
        return "at most 20 tags of 50 characters"
    if body.get("priority", "P3") not in PRIORITIES:
        return f"priority {body['priority']!r}"
    return ""


def _roster_id(desk: Desk, responder: Mapping[str, str], *, ids_only: bool) -> str:
    if "id" in responder or ids_only:
        return responder.get("id", "(no id)")
    name = responder.get("name") or responder.get("username") or ""
    roster = desk.roster_named(name)
    return roster.id if roster else name
