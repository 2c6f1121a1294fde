"""JSM Operations as a Pager: alerts through the integration API, look-ups and on-call through the site's REST API.

The integration API is Opsgenie's (GenieKey, notes, ids or aliases) but knows four operations only; REST takes ids only,
no notes, and names people by account id. Sources: contracts of both, and Atlassian's migration guide.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from chalicelib.adapters.http import HttpSession
from chalicelib.adapters.opsgenie import NOTE_LIMIT, SOURCE, alert_body, ask_confirmation, read_or_none
from chalicelib.domain.paging import Alert, AlertStatus, PageRequest, Roster, RosterKind
from chalicelib.domain.text import cut
from chalicelib.errors import PermanentError
from chalicelib.ports.pager import Confirmation

_STATUS = {
    "open": AlertStatus.OPEN,
    "snoozed": AlertStatus.OPEN,
    "acked": AlertStatus.ACKED,
    "resolved": AlertStatus.CLOSED,
    "closed": AlertStatus.CLOSED,
}


class JsmOperations:
    """One Atlassian site. integration_url and rest_url: without the version; mail and token: the site's credentials."""

    name = "jsm"

    def __init__(
        self,
        *,
        integration_url: str,
        integration_key: str,
        rest_url: str,
        cloud_id: str,
        mail: str,
        token: str,
        timeouts_s: tuple[float, float] = (1.0, 2.0),
        by_proxy: bool = False,
    ) -> None:
        key = {"Authorization": f"GenieKey {integration_key}"}
        basic = {"Authorization": "Basic " + base64.b64encode(f"{mail}:{token}".encode()).decode()}
        self._integration = HttpSession(
            self.name, integration_url, key, secrets=(integration_key,), timeouts_s=timeouts_s, by_proxy=by_proxy
        )
        site = f"{rest_url}/api/{quote(cloud_id, safe='')}/v1"
        self._rest = HttpSession(self.name, site, basic, secrets=(token,), timeouts_s=timeouts_s, by_proxy=by_proxy)

    def open_page(self, request: PageRequest) -> str:
        roster = request.roster
        if not roster.id:
            raise PermanentError(self.name, "open_page", f"roster {roster.name} has no id, and JSM pages by id only")
        body = alert_body(request, {"type": roster.kind.value, "id": roster.id})
        return self._integration.ask("open_page", "POST", "/v2/alerts", lambda answer: str(answer["requestId"]), body=body)

    def confirm(self, alias: str, request_id: str) -> Confirmation:
        return ask_confirmation(self._integration, request_id)

    def find(self, alias: str) -> tuple[Alert, ...]:
        query = {"query": f'alias: "{alias}"', "sort": "createdAt", "order": "desc", "size": "100"}

        def take(answer: Any) -> tuple[Alert, ...]:
            return tuple(_alert(found) for found in answer["values"] if found.get("alias") == alias)

        return self._rest.ask("find", "GET", "/alerts", take, query=query)

    def read(self, alert_id: str) -> Alert | None:
        return read_or_none(lambda: self._rest.ask("read", "GET", f"/alerts/{quote(alert_id, safe='')}", _alert))

    def acknowledge(self, alert_id: str, note: str) -> None:
        self._act("acknowledge", alert_id, note)

    def close(self, alert_id: str, note: str) -> None:
        self._act("close", alert_id, note)

    def on_call(self, roster: Roster) -> tuple[str, ...] | None:
        """Account ids. A token without operations access to the team gets an empty list, not an error: it looks like nobody."""
        schedule = roster.schedule_id or (roster.id if roster.kind is RosterKind.SCHEDULE else "")
        if not schedule:
            return None
        path = f"/schedules/{quote(schedule, safe='')}/on-calls"

        def take(answer: Any) -> tuple[str, ...]:
            return tuple(str(person) for person in answer["onCallUsers"] or ())

        return self._rest.ask("on_call", "GET", path, take, query={"flat": "true"})

    def resolve_id(self, kind: RosterKind, title: str) -> str | None:
        if kind is RosterKind.SCHEDULE:
            query = {"query": title, "size": "50"}
            ids = self._rest.ask(
                "resolve_id", "GET", "/schedules", partial(_ids_of, title, "values", "id", "name"), query=query
            )
        elif kind is RosterKind.TEAM:
            ids = self._rest.ask("resolve_id", "GET", "/teams", partial(_ids_of, title, "platformTeams", "teamId", "teamName"))
        else:
            return None
        if len(ids) != 1:
            raise PermanentError(self.name, "resolve_id", f"{len(ids)} of {kind} {title!r}; expected one")
        return ids[0]

    def _act(self, action: str, alert_id: str, note: str) -> None:
        body = {"note": cut(note, NOTE_LIMIT), "source": SOURCE}
        path = f"/v2/alerts/{quote(alert_id, safe='')}/{action}"
        query = {"identifierType": "id"}
        self._integration.ask(action, "POST", path, lambda answer: answer["requestId"], query=query, body=body)


def _ids_of(title: str, members: str, id_: str, name: str, answer: Any) -> list[str]:
    return [str(found[id_]) for found in answer[members] if found.get(name) == title]


def _alert(found: Mapping[str, Any]) -> Alert:
    """An alert as JSM shows it. It does not say who acknowledged or closed it; an acknowledged alert's owner is who did."""
    status = _STATUS[found["status"]]
    if status is AlertStatus.OPEN and found.get("acknowledged"):
        status = AlertStatus.ACKED
    moment = {AlertStatus.OPEN: None, AlertStatus.ACKED: "ackTime", AlertStatus.CLOSED: "closeTime"}[status]
    at = datetime.fromisoformat(found[moment]) if moment and found.get(moment) else None
    by = (found.get("owner") or None) if status is AlertStatus.ACKED else None
    return Alert(str(found["id"]), str(found.get("alias", "")), status, datetime.fromisoformat(found["createdAt"]), by, at)
