"""JSM Operations over HTTP: the integration API below /jsm/ops/integration, REST below /jsm/ops/api/{cloudId}/v1."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

from flask import request

from chalicelib.ports.world import Clock
from sandbox.emulator import Answer, Emulator, Faults, Recorder
from sandbox.pagers.desk import ACKED, CLOSED, Desk, DeskAlert, Turn, iso
from sandbox.pagers.opsgenie_family import Deliver, hook_body, register_integration

VENDOR = "jsm-ops"
_ALIAS_QUERY = re.compile(r'alias: "(?P<alias>[^"]*)"')


class JsmEmulator(Emulator):
    """key: GenieKey of the integration; mail and token: the site's credentials."""

    def __init__(
        self,
        desk: Desk,
        clock: Clock,
        *,
        key: str,
        cloud_id: str,
        mail: str,
        token: str,
        hook_url: str = "",
        hook_headers: dict[str, str] | None = None,
        faults: Faults | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        super().__init__("jsm", clock, faults or Faults(), recorder)
        self.desk = desk
        self.hook_url, self._hook_headers = hook_url, hook_headers or {}
        self._basic = "Basic " + base64.b64encode(f"{mail}:{token}".encode()).decode()
        integration = _Prefixed(self, "/jsm/ops/integration")
        register_integration(integration, desk, key, "jsm-ops-integration", ids_only=True)
        self._register_rest(f"/jsm/ops/api/{cloud_id}/v1")

    def pump(self, deliver: Deliver) -> None:
        for happening in self.desk.take_outbox():
            if self.hook_url:
                deliver(self.hook_url, self._hook_headers, json.dumps(hook_body(happening, "Firebell hook")).encode())

    def _register_rest(self, base: str) -> None:
        desk = self.desk

        def denied() -> Answer | None:
            if request.headers.get("Authorization") != self._basic:
                return 401, {"code": 401, "message": "Unauthorized"}
            return None

        @self.operation(
            "list_alerts", "GET", f"{base}/alerts", vendor=VENDOR,
            query=frozenset({"query", "sort", "order", "size", "offset", "from", "to"}),
        )  # fmt: skip
        def list_alerts() -> Answer:
            if answer := denied():
                return answer
            match = _ALIAS_QUERY.fullmatch(request.args.get("query", ""))
            if match is None:
                return 422, {"errors": [{"title": "this emulator understands one query: alias", "code": "query"}]}
            found = [_alert_as_jsm(alert, turn) for alert, turn in desk.listed(match["alias"])]
            size = min(int(request.args.get("size", "20")), 100)
            return 200, {"values": found[:size], "count": len(found), "links": {}}

        @self.operation("get_alert", "GET", f"{base}/alerts/<alert_id>", vendor=VENDOR)
        def get_alert(alert_id: str) -> Answer:
            if answer := denied():
                return answer
            alert = desk.alert(alert_id)
            if alert is None:
                return 404, {"errors": [{"title": f"Alert {alert_id} does not exist", "code": "NOT_FOUND"}]}
            return 200, _alert_as_jsm(alert, alert.turns[-1])

        @self.operation(
            "on_calls", "GET", f"{base}/schedules/<schedule_id>/on-calls", vendor=VENDOR, query=frozenset({"flat", "date"})
        )
        def on_calls(schedule_id: str) -> Answer:
            if answer := denied():
                return answer
            roster = desk.rosters.get(schedule_id)
            if roster is None or roster.kind != "schedule":
                return 404, {"errors": [{"title": "Schedule does not exist", "code": "NOT_FOUND"}]}
            return 200, {"onCallUsers": list(roster.on_call)}

        @self.operation(
            "list_schedules", "GET", f"{base}/schedules", vendor=VENDOR, query=frozenset({"query", "size", "offset"})
        )
        def list_schedules() -> Answer:
            if answer := denied():
                return answer
            wanted = request.args.get("query", "")
            found = [
                {"id": roster.id, "name": roster.name, "timezone": "Etc/UTC", "enabled": True}
                for roster in desk.rosters.values()
                if roster.kind == "schedule" and _matches(roster.name, wanted)
            ]
            return 200, {"values": found, "links": {}}

        @self.operation("list_teams", "GET", f"{base}/teams", vendor=VENDOR)
        def list_teams() -> Answer:
            if answer := denied():
                return answer
            teams = [roster for roster in desk.rosters.values() if roster.kind == "team"]
            return 200, {"platformTeams": [{"teamId": team.id, "teamName": team.name} for team in teams]}


class _Prefixed(Emulator):
    """The same emulator with its paths below a prefix."""

    def __init__(self, inner: Emulator, prefix: str) -> None:
        self._inner, self._prefix = inner, prefix

    def operation(self, name: str, method: str, path: str, **options: Any) -> Any:
        return self._inner.operation(name, method, self._prefix + path, **options)


def _matches(name: str, query: str) -> bool:
    return name.startswith(query[:-1]) if query.endswith("*") else not query or name == query


def _alert_as_jsm(alert: DeskAlert, turn: Turn) -> dict[str, Any]:
    moments = {past.status: past for past in alert.turns if past.at <= turn.at}
    body: dict[str, Any] = {
        "id": alert.id,
        "tinyId": alert.tiny_id,
        "createdAt": iso(alert.created_at),
        "updatedAt": iso(turn.at),
        "message": alert.message,
        "entity": "",
        "source": "Firebell",
        "status": {ACKED: "acked", CLOSED: "closed"}.get(turn.status, "open"),
        "alias": alert.alias,
        "tags": list(alert.tags),
        "extraProperties": dict(alert.details),
        "description": alert.description,
        "acknowledged": ACKED in moments,
        "count": alert.count,
        "owner": moments[ACKED].by if ACKED in moments else "",
        "snoozed": False,
        "priority": alert.priority,
        "responders": [{"id": alert.roster.id, "type": alert.roster.kind}],
        "actions": [],
        "seen": turn.status != "open",
    }
    if ACKED in moments:
        body["ackTime"] = iso(moments[ACKED].at)
    if CLOSED in moments:
        body["closeTime"] = iso(moments[CLOSED].at)
    return body
