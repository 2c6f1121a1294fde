"""PagerDuty over HTTP: Events v2 and the part of the REST API that Firebell uses. An alert here is an incident there."""

from __future__ import annotations

import hmac
import json
from datetime import datetime, timedelta
from typing import Any

from flask import request

from chalicelib.ports.world import Clock
from sandbox.emulator import Answer, Emulator, Faults, Recorder
from sandbox.pagers.desk import ACKED, CLOSED, Desk, DeskAlert, Happening, NewAlert, RefusedError, Turn, iso
from sandbox.pagers.opsgenie_family import Deliver

REST, EVENTS = "pagerduty-rest", "pagerduty-events-v2"
_STATUS = {"open": "triggered", ACKED: "acknowledged", CLOSED: "resolved"}
_EVENT_TYPES = {
    "create": "incident.triggered",
    "acknowledge": "incident.acknowledged",
    "unacknowledge": "incident.unacknowledged",
    "close": "incident.resolved",
}
_PRIORITY = {"critical": "P1", "error": "P2", "warning": "P3", "info": "P5"}
_EVENT_MEMBERS = {"routing_key", "event_action", "dedup_key", "payload", "client", "client_url", "links", "images"}
_PAYLOAD_MEMBERS = {"summary", "source", "severity", "timestamp", "component", "group", "class", "custom_details"}
_CHANGES = {"acknowledged", "resolved"}
ACKNOWLEDGEMENT_TIMEOUT = timedelta(seconds=1800)
"""A service's, where nobody has changed it."""
MONTH = timedelta(days=30)
"""How far back a list of incidents reaches that does not say date_range=all."""


class PagerDutyEmulator(Emulator):
    """routing_keys: integration key -> roster id. A dedup key joins an open incident only under the same routing key.

    shows_keys: whether incidents show the key they are found by. Those with child alerts, on many accounts all, do not.
    """

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
        desk.ack_lasts = ACKNOWLEDGEMENT_TIMEOUT
        self.shows_keys = True
        self._hooks_sent = 0
        self._token, self._routing_keys, self._users = token, routing_keys, users
        self.hook_url, self._hook_secret = hook_url, hook_secret
        self._register_events()
        self._register_rest()

    def pump(self, deliver: Deliver) -> None:
        """Process what is due and deliver the webhooks of what happened. A hook that fails is not repeated."""
        for happening in self.desk.take_outbox():
            if self.hook_url:
                body = json.dumps(hook_body(happening)).encode()
                self._hooks_sent += 1
                headers = hook_headers(body, self._hook_secret) | {"X-Webhook-Id": f"hook-{self._hooks_sent}"}
                deliver(self.hook_url, headers, body)

    def _register_events(self) -> None:
        @self.operation("enqueue", "POST", "/v2/enqueue", vendor=EVENTS, body=True)
        def enqueue() -> Answer:
            body: Any = request.get_json(force=True, silent=True)
            problems = _problems_with(body)
            if not problems and body["routing_key"] not in self._routing_keys:
                problems = ["routing_key is invalid"]
            if problems:
                return 400, {"status": "invalid event", "message": "Event object is invalid", "errors": problems}
            if body["event_action"] == "trigger":
                try:
                    self.desk.request_create(self._new_alert(body))
                except RefusedError as error:
                    return 400, {"status": "invalid event", "message": str(error), "errors": [str(error)]}
            else:
                self._request_change(body)
            return 202, {"status": "success", "message": "Event processed", "dedup_key": body["dedup_key"]}

    def _new_alert(self, event: Any) -> NewAlert:
        key, payload = event["routing_key"], event["payload"]
        return NewAlert(
            event["dedup_key"], self._routing_keys[key], payload["summary"],
            str(payload.get("custom_details", {}).get("description", "")), _PRIORITY[payload["severity"]], scope=key,
        )  # fmt: skip

    def _request_change(self, event: Any) -> None:
        """Acknowledge or resolve what is open under the key; PagerDuty drops what finds nothing open."""
        action = {"acknowledge": "Acknowledge", "resolve": "Close"}[event["event_action"]]
        for alert in self.desk.open_alerts(event["dedup_key"]):
            if alert.scope == event["routing_key"]:
                self.desk.request_change(action, alert.id, None)

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
            query=frozenset({"incident_key", "date_range", "sort_by", "limit"}),
        )  # fmt: skip
        def list_incidents() -> Answer:
            if answer := denied():
                return answer
            everything = request.args.get("date_range") == "all"
            found = [
                self._incident(alert, turn)
                for alert, turn in desk.listed(request.args.get("incident_key", ""))
                if everything or self.clock.now() - alert.created_at <= MONTH
            ]
            limit = min(int(request.args.get("limit", "25")), 100)
            return 200, {"incidents": found[:limit], "limit": limit, "offset": 0, "more": len(found) > limit}

        @self.operation("get_incident", "GET", "/incidents/<alert_id>", vendor=REST)
        def get_incident(alert_id: str) -> Answer:
            if answer := denied():
                return answer
            alert = desk.alert(alert_id)
            if alert is None:
                return 404, {"error": {"message": "Not Found", "code": 2100}}
            return 200, {"incident": self._incident(alert, alert.turns[-1])}

        @self.operation("put_incident", "PUT", "/incidents/<alert_id>", vendor=REST, body=True)
        def put_incident(alert_id: str) -> Answer:
            if answer := denied(writes=True):
                return answer
            alert = desk.alert(alert_id)
            if alert is None:
                return 404, {"error": {"message": "Not Found", "code": 2100}}
            change = (request.get_json(force=True, silent=True) or {}).get("incident", {})
            if change.get("type") not in ("incident", "incident_reference") or change.get("status") not in _CHANGES:
                return 400, {"error": {"message": "Invalid Input Provided", "code": 2001, "errors": ["type or status"]}}
            if change["status"] == "resolved" and alert.status == CLOSED:
                return 400, {"error": {"message": "Incident Already Resolved", "code": 1001, "errors": ["already resolved"]}}
            if alert.status == CLOSED:
                act = desk.reopen
            else:
                act = desk.acknowledge if change["status"] == "acknowledged" else desk.close
            act(alert_id, request.headers["From"])
            return 200, {"incident": self._incident(alert, alert.turns[-1])}

        @self.operation("oncalls", "GET", "/oncalls", vendor=REST, query=frozenset({"schedule_ids[]", "earliest"}))
        def oncalls() -> Answer:
            if answer := denied():
                return answer
            roster = desk.rosters.get(request.args.get("schedule_ids[]", ""))
            people = roster.on_call if roster else ()
            found = [_oncall(person, number, self.clock.now()) for number, person in enumerate(people, 1)]
            return 200, {"oncalls": found, "limit": 25, "offset": 0, "more": False}

        @self.operation("list_services", "GET", "/services", vendor=REST, query=frozenset({"name", "query", "limit"}))
        def list_services() -> Answer:
            if answer := denied():
                return answer
            part, name = request.args.get("query", ""), request.args.get("name")
            services = [roster for roster in desk.rosters.values() if roster.kind == "service" and part in roster.name]
            found = [
                {"id": s.id, "type": "service", "name": s.name, "summary": s.name, "escalation_policy": _policy(1)}
                for s in services
                if name in (None, s.name)
            ]
            limit = min(int(request.args.get("limit", "25")), 100)
            return 200, {"services": found[:limit], "limit": limit, "offset": 0, "more": len(found) > limit}

    def _incident(self, alert: DeskAlert, turn: Turn) -> dict[str, Any]:
        shown = _incident(alert, turn)
        if not self.shows_keys:
            del shown["incident_key"]
        return shown


def _problems_with(body: Any) -> list[str]:
    if not isinstance(body, dict):
        return ["the body is no JSON object"]
    problems = [f"{name} is unknown" for name in sorted(set(body) - _EVENT_MEMBERS)]
    problems += [f"{name} is missing" for name in ("routing_key", "event_action", "dedup_key") if not body.get(name)]
    if body.get("event_action") not in ("trigger", "acknowledge", "resolve"):
        problems.append("event_action is invalid")
    if len(body.get("dedup_key") or "") > 255:
        problems.append("dedup_key is longer than 255")
    return problems + (_payload_problems(body.get("payload") or {}) if body.get("event_action") == "trigger" else [])


def _payload_problems(payload: Any) -> list[str]:
    problems = [f"payload.{name} is unknown" for name in sorted(set(payload) - _PAYLOAD_MEMBERS)]
    problems += [f"payload.{name} is missing" for name in ("summary", "source", "severity") if not payload.get(name)]
    if len(payload.get("summary", "").encode("utf-16-le")) > 2 * 1024:  # as the strictest would count
        problems.append("payload.summary is longer than 1024")
    if payload.get("severity") not in _PRIORITY:
        problems.append("payload.severity is invalid")
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
        "created_at": _seconds(alert.created_at),
        "status": _STATUS[turn.status],
        "incident_key": alert.alias,
        "service": _service(alert),
        "urgency": "low" if alert.priority == "P5" else "high",
        "acknowledgements": [{"at": _seconds(past.at), "acknowledger": _user(past.by)} for past in acks]
        if turn.status == ACKED
        else [],
        "last_status_change_at": _seconds(turn.at),
        "last_status_change_by": _user(turn.by) if turn.by else _service(alert),
    }


def _service(alert: DeskAlert) -> dict[str, str]:
    return {"id": alert.roster.id, "type": "service_reference", "summary": alert.roster.name}


def _user(name: str | None) -> dict[str, str]:
    return {"id": "PUSER1", "type": "user_reference", "summary": name or "System"}


def _policy(number: int) -> dict[str, str]:
    return {"id": f"PPOLICY{number}", "type": "escalation_policy_reference", "summary": f"Policy {number}"}


def _oncall(person: str, policy: int, now: datetime) -> dict[str, Any]:
    begin, end = _seconds(now - timedelta(hours=1)), _seconds(now + timedelta(hours=7))
    return {"user": _user(person), "escalation_policy": _policy(policy), "escalation_level": 1, "start": begin, "end": end}


def _seconds(moment: datetime) -> str:
    """PagerDuty's times have no fractions."""
    return iso(moment, "seconds")


def hook_headers(body: bytes, secret: str) -> dict[str, str]:
    signature = hmac.digest(secret.encode(), body, "sha256").hex()
    return {"X-PagerDuty-Signature": f"v1={signature}"}


def hook_body(happening: Happening) -> dict[str, Any]:
    return {
        "event": {
            "id": f"event-{happening.alert.id}-{happening.action}",
            "event_type": _EVENT_TYPES[happening.action],
            "resource_type": "incident",
            "occurred_at": iso(happening.at),
            "agent": _user(happening.by) if happening.by else None,
            "client": None,
            "data": _incident(happening.alert, happening.alert.turns[-1]),
        }
    }
