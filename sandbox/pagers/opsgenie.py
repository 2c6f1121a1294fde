"""Opsgenie over HTTP."""

from __future__ import annotations

import json
import re

from flask import request

from chalicelib.ports.world import Clock
from sandbox.emulator import Answer, Emulator, Faults, Recorder
from sandbox.pagers.desk import Desk
from sandbox.pagers.opsgenie_family import Deliver, alert_as_opsgenie, hook_body, refusal, register_integration

VENDOR = "opsgenie-v2"
_ALIAS_QUERY = re.compile(r'alias: "(?P<alias>[^"]*)"')


class OpsgenieEmulator(Emulator):
    """key: the API key it accepts. `pump` delivers webhooks to hook_url with the secret header."""

    def __init__(
        self,
        desk: Desk,
        clock: Clock,
        *,
        key: str,
        hook_url: str = "",
        hook_headers: dict[str, str] | None = None,
        faults: Faults | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        super().__init__("opsgenie", clock, faults or Faults(), recorder)
        self.desk = desk
        self._key, self.hook_url, self._hook_headers = key, hook_url, hook_headers or {}
        register_integration(self, desk, key, VENDOR, ids_only=False)
        self._register_reads()

    def pump(self, deliver: Deliver) -> None:
        """Process what is due and deliver the webhooks of what happened. A hook that fails is not repeated."""
        for happening in self.desk.take_outbox():
            if self.hook_url:
                deliver(self.hook_url, self._hook_headers, json.dumps(hook_body(happening, "Firebell hook")).encode())

    def _register_reads(self) -> None:
        desk = self.desk

        def authorised() -> bool:
            return request.headers.get("Authorization") == f"GenieKey {self._key}"

        by = frozenset({"identifierType"})

        @self.operation(
            "list_alerts", "GET", "/v2/alerts", vendor=VENDOR, query=frozenset({"query", "sort", "order", "limit", "offset"})
        )
        def list_alerts() -> Answer:
            if not authorised():
                return refusal(401, "Could not authenticate")
            match = _ALIAS_QUERY.fullmatch(request.args.get("query", ""))
            if match is None:
                return refusal(422, 'this emulator understands one query: alias: "..."')
            found = [alert_as_opsgenie(alert, turn) for alert, turn in desk.listed(match["alias"])]
            limit = min(int(request.args.get("limit", "20")), 100)
            return 200, {"data": found[:limit], "paging": {}, "took": 0.01, "requestId": "list"}

        @self.operation("get_alert", "GET", "/v2/alerts/<identifier>", vendor=VENDOR, query=by)
        def get_alert(identifier: str) -> Answer:
            if not authorised():
                return refusal(401, "Could not authenticate")
            alert = desk.alert(identifier)
            if alert is None:
                return refusal(404, f"Alert with id [{identifier}] does not exist")
            body = alert_as_opsgenie(alert, alert.turns[-1])
            extra = {"description": alert.description, "details": dict(alert.details), "entity": "", "actions": []}
            return 200, {"data": {**body, **extra}, "took": 0.01, "requestId": "get"}

        @self.operation(
            "on_calls", "GET", "/v2/schedules/<identifier>/on-calls", vendor=VENDOR,
            query=frozenset({"scheduleIdentifierType", "flat"}),
        )  # fmt: skip
        def on_calls(identifier: str) -> Answer:
            if not authorised():
                return refusal(401, "Could not authenticate")
            by_name = request.args.get("scheduleIdentifierType", "id") == "name"
            roster = desk.roster_named(identifier) if by_name else desk.rosters.get(identifier)
            if roster is None or roster.kind != "schedule":
                return refusal(404, "Schedule does not exist")
            parent = {"id": roster.id, "name": roster.name, "enabled": True}
            data = {"_parent": parent, "onCallRecipients": list(roster.on_call)}
            return 200, {"data": data, "took": 0.01, "requestId": "on-calls"}

        for plural, kind in (("schedules", "schedule"), ("teams", "team"), ("escalations", "escalation")):
            self._register_lookup(plural, kind, by)

    def _register_lookup(self, plural: str, kind: str, by: frozenset[str]) -> None:
        @self.operation(f"get_{kind}", "GET", f"/v2/{plural}/<identifier>", vendor=VENDOR, query=by)
        def get_roster(identifier: str) -> Answer:
            if request.headers.get("Authorization") != f"GenieKey {self._key}":
                return refusal(401, "Could not authenticate")
            by_name = request.args.get("identifierType", "id") == "name"
            roster = self.desk.roster_named(identifier) if by_name else self.desk.rosters.get(identifier)
            if roster is None or roster.kind != kind:
                return refusal(404, f"{kind} does not exist")
            return 200, {"data": {"id": roster.id, "name": roster.name}, "took": 0.01, "requestId": f"get-{kind}"}
