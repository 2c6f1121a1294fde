"""PagerDuty over HTTP: Events v2 and the part of the REST API that Firebell uses. An alert here is an incident there."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from flask import request

from chalicelib.ports.world import Clock
from sandbox.emulator import Answer, Emulator, Faults, Recorder
from sandbox.pagers.desk import ACKED, CLOSED, Desk, DeskAlert, Happening, NewAlert, RefusedError, Turn
from sandbox.pagers.opsgenie_family import Deliver

REST, EVENTS = "pagerduty-rest", "pagerduty-events-v2"
_STATUS = {"open": "triggered", ACKED: "acknowledged", CLOSED: "resolved"}
_EVENT_TYPES = {"create": "incident.triggered", "acknowledge": "incident.acknowledged", "close": "incident.resolved"}
_PRIORITY = {"critical": "P1", "error": "P2", "warning": "P3", "info": "P5"}


class PagerDutyEmulator(Emulator):
    """routing_keys: integration key -> roster id. A dedup key joins an open incident only under the same routing key."""

    def __init__(
        self,
        desk: Desk,
        clock: Clock,
        *,
        token: str,
        routing_keys: dict[str, str],
        users: frozenset[str],
        hook_url: str = "",
        hook_secret: str = "",
        faults: Faults | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        super().__init__("pagerduty", clock, faults or Faults(), recorder)
        self.desk = desk
        self._token, self._routing_keys, self._users = token, routing_keys, users
        self.hook_url, self._hook_secret = hook_url, hook_secret
        self._register_events()
        self._register_rest()

    def pump(self, deliver: Deliver) -> None:
        self.desk.advance()
        while self.desk.outbox:
            happening = self.desk.outbox.pop(0)
            if self.hook_url:
                body = json.dumps(_hook_body(happening)).encode()
                digest = hmac.new(self._hook_secret.encode(), body, hashlib.sha256).hexdigest()
                deliver(self.hook_url, {"X-PagerDuty-Signature": f"v1={digest}", "X-Webhook-Id": "hook-1"}, body)

    def _register_events(self) -> None:
        @self.operation("enqueue", "POST", "/v2/enqueue", vendor=EVENTS, body=True)
        def enqueue() -> Answer:
            body: Any = request.get_json(force=True, silent=True)
            problems = _problems_with(body)
            if not problems and body["routing_key"] not in self._routing_keys:
                problems = ["routing_key is invalid"]
            if problems:
                return 400, {"status": "invalid event", "message": "Event object is invalid", "errors": problems}
            payload = body["payload"]
            new = NewAlert(
                body["dedup_key"], self._routing_keys[body["routing_key"]], payload["summary"],
                str(payload.get("custom_details", {}).get("description", "")), _PRIORITY[payload["severity"]],
            )  # fmt: skip
            try:
                self.desk.request_create(new)
            except RefusedError as error:
                return 400, {"status": "invalid event", "message": str(error), "errors": [str(error)]}
            return 202, {"status": "success", "message": "Event processed", "dedup_key": body["dedup_key"]}

    def _register_rest(self) -> None:
        desk = self.desk

        def denied(*, writes: bool = False) -> Answer | None:
            if request.headers.get("Authorization") != f"Token token={self._token}":
                return 401, {"error": {"message": "Unauthorized", "code": 2006}}
            if writes and request.headers.get("From") not in self._users:
                return 400, {"error": {"message": "Requester User Not Found", "code": 1008}}
            return None

        @self.operation(
            "list_incidents", "GET", "/incidents", vendor=REST,
            query=frozenset({"incident_key", "date_range", "sort_by", "limit", "offset", "statuses[]"}),
        )  # fmt: skip
        def list_incidents() -> Answer:
            if answer := denied():
                return answer
            found = [_incident(alert, turn) for alert, turn in desk.listed(request.args.get("incident_key", ""))]
            return 200, {"incidents": found, "limit": 100, "offset": 0, "more": False, "total": None}

        @self.operation("get_incident", "GET", "/incidents/<alert_id>", vendor=REST)
        def get_incident(alert_id: str) -> Answer:
            if answer := denied():
                return answer
            alert = desk.alert(alert_id)
            if alert is None:
                return 404, {"error": {"message": "Not Found", "code": 2100}}
            return 200, {"incident": _incident(alert, alert.turns[-1])}

        @self.operation("put_incident", "PUT", "/incidents/<alert_id>", vendor=REST, body=True)
        def put_incident(alert_id: str) -> Answer:
            if answer := denied(writes=True):
                return answer
            alert = desk.alert(alert_id)
            if alert is None:
                return 404, {"error": {"message": "Not Found", "code": 2100}}
            change = (request.get_json(force=True, silent=True) or {}).get("incident", {})
            if change.get("status") not in ("acknowledged", "resolved") or alert.status == CLOSED:
                return 400, {"error": {"message": "Incident Already Resolved", "code": 1001, "errors": ["already resolved"]}}
            act = desk.acknowledge if change["status"] == "acknowledged" else desk.close
            act(alert_id, request.headers["From"])
            return 200, {"incident": _incident(alert, alert.turns[-1])}

        @self.operation(
            "oncalls",
            "GET",
            "/oncalls",
            vendor=REST,
            query=frozenset({"schedule_ids[]", "escalation_policy_ids[]", "earliest"}),
        )
        def oncalls() -> Answer:
            if answer := denied():
                return answer
            roster = desk.rosters.get(request.args.get("schedule_ids[]", ""))
            people = roster.on_call if roster else ()
            return 200, {"oncalls": [_oncall(person) for person in people], "limit": 25, "offset": 0, "more": False}

        @self.operation("list_services", "GET", "/services", vendor=REST, query=frozenset({"query", "limit"}))
        def list_services() -> Answer:
            if answer := denied():
                return answer
            services = [roster for roster in desk.rosters.values() if roster.kind == "service"]
            found = [{"id": s.id, "type": "service", "name": s.name, "summary": s.name} for s in services]
            return 200, {"services": found, "limit": 25, "offset": 0, "more": False}


def _problems_with(body: Any) -> list[str]:
    if not isinstance(body, dict):
        return ["the body is no JSON object"]
    problems = [f"{name} is missing" for name in ("routing_key", "event_action", "dedup_key", "payload") if not body.get(name)]
    payload = body.get("payload") or {}
    problems += [f"payload.{name} is missing" for name in ("summary", "source", "severity") if not payload.get(name)]
    if len(payload.get("summary", "")) > 1024:
        problems.append("payload.summary is longer than 1024")
    if len(body.get("dedup_key") or "") > 255:
        problems.append("dedup_key is longer than 255")
    return problems


def _incident(alert: DeskAlert, turn: Turn) -> dict[str, Any]:
    acks = [past for past in alert.turns if past.status == ACKED and past.at <= turn.at]
    return {
        "id": alert.id,
        "type": "incident",
        "summary": alert.message,
        "self": f"https://api.pagerduty.com/incidents/{alert.id}",
        "html_url": f"https://example.pagerduty.com/incidents/{alert.id}",
        "incident_number": int(alert.tiny_id),
        "title": alert.message,
        "created_at": alert.created_at.isoformat(),
        "status": _STATUS[turn.status],
        "incident_key": alert.alias,
        "service": {"id": alert.roster.id, "type": "service_reference", "summary": alert.roster.name},
        "urgency": "low" if alert.priority == "P5" else "high",
        "acknowledgements": [{"at": past.at.isoformat(), "acknowledger": _user(past.by)} for past in acks]
        if turn.status == ACKED
        else [],
        "last_status_change_at": turn.at.isoformat(),
        "last_status_change_by": _user(turn.by),
    }


def _user(name: str | None) -> dict[str, str]:
    return {"id": "PUSER1", "type": "user_reference", "summary": name or "System"}


def _oncall(person: str) -> dict[str, Any]:
    policy = {"id": "PPOLICY", "type": "escalation_policy_reference", "summary": "Default"}
    return {"user": _user(person), "escalation_policy": policy, "escalation_level": 1, "start": None, "end": None}


def _hook_body(happening: Happening) -> dict[str, Any]:
    return {
        "event": {
            "id": f"event-{happening.alert.id}-{happening.action}",
            "event_type": _EVENT_TYPES[happening.action],
            "resource_type": "incident",
            "occurred_at": happening.at.isoformat(),
            "agent": _user(happening.by) if happening.by else None,
            "client": None,
            "data": _incident(happening.alert, happening.alert.turns[-1]),
        }
    }
