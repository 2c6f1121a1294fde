"""PagerDuty as a Pager: Events v2 for the page, the REST API for everything that needs an answer.

A roster is a service: its routing key rings whoever its escalation policy names. Events v2 is asynchronous and gives no
request id, so a page is confirmed by looking its dedup key up. Sources: the Events v2 and REST API references.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from chalicelib.adapters.http import HttpSession
from chalicelib.adapters.opsgenie import read_or_none
from chalicelib.domain.paging import Alert, AlertStatus, PageRequest, Roster, RosterKind, Urgency
from chalicelib.domain.text import cut, cut_details
from chalicelib.errors import PermanentError
from chalicelib.ports.pager import Confirmation

SUMMARY_LIMIT, DETAILS_LIMIT, DESCRIPTION_LIMIT = 1024, 8_000, 15_000
SEVERITIES = {Urgency.SEV1: "critical", Urgency.SEV2: "error", Urgency.LOW: "info"}
_STATUS = {"triggered": AlertStatus.OPEN, "acknowledged": AlertStatus.ACKED, "resolved": AlertStatus.CLOSED}


class PagerDuty:
    """One account. routing_keys: roster name -> integration key; from_mail: a valid user, whom REST writes are logged as."""

    name = "pagerduty"

    def __init__(
        self,
        base_url: str,
        events_url: str,
        token: str,
        routing_keys: Mapping[str, str],
        from_mail: str,
        *,
        timeouts_s: tuple[float, float] = (1.0, 2.0),
        by_proxy: bool = False,
    ) -> None:
        headers = {
            "Authorization": f"Token token={token}",
            "Accept": "application/vnd.pagerduty+json;version=2",
            "Content-Type": "application/json",
            "From": from_mail,
        }
        self._events = HttpSession(
            self.name, events_url, {}, secrets=routing_keys.values(), timeouts_s=timeouts_s, by_proxy=by_proxy
        )
        self._rest = HttpSession(self.name, base_url, headers, secrets=(token,), timeouts_s=timeouts_s, by_proxy=by_proxy)
        self._routing_keys = dict(routing_keys)

    def open_page(self, request: PageRequest) -> str:
        key = self._routing_keys.get(request.roster.name)
        if not key:
            raise PermanentError(self.name, "open_page", f"no routing key for roster {request.roster.name} in the secrets")
        link = request.details.get("link", "")
        event: dict[str, object] = {
            "routing_key": key,
            "event_action": "trigger",
            "dedup_key": request.alias,
            "client": "Firebell",
            "payload": {
                "summary": cut(request.message, SUMMARY_LIMIT),
                "source": request.details.get("issue") or "Firebell",
                "severity": SEVERITIES[request.urgency],
                "custom_details": {
                    **cut_details(request.details, DETAILS_LIMIT),
                    "description": cut(request.description, DESCRIPTION_LIMIT),
                    "tags": ", ".join(request.tags),
                },
            },
        }
        if link:
            event |= {"client_url": link, "links": [{"href": link, "text": "The issue in Jira"}]}
        self._events.ask("open_page", "POST", "/v2/enqueue", _taken, body=event)
        return ""

    def confirm(self, alias: str, request_id: str) -> Confirmation:
        """By the alert that is there now. One that is closed proves nothing: it may be from before this request."""
        living = (alert.id for alert in self.find(alias) if alert.status is not AlertStatus.CLOSED)
        return Confirmation(alert_id=next(living, None))

    def find(self, alias: str) -> tuple[Alert, ...]:
        """Incidents of a dedup key. Those with child alerts show no key of their own, but are listed under their alerts'."""
        query = {"incident_key": alias, "date_range": "all", "sort_by": "created_at:desc", "limit": "100"}

        def take(answer: Any) -> tuple[Alert, ...]:
            alerts = (_alert(found, alias) for found in answer["incidents"] if (found.get("incident_key") or alias) == alias)
            return tuple(sorted(alerts, key=lambda alert: alert.created_at, reverse=True))

        return self._rest.ask("find", "GET", "/incidents", take, query=query)

    def read(self, alert_id: str) -> Alert | None:
        path = f"/incidents/{quote(alert_id, safe='')}"
        return read_or_none(lambda: self._rest.ask("read", "GET", path, lambda answer: _alert(answer["incident"])))

    def acknowledge(self, alert_id: str, note: str) -> None:
        """PagerDuty takes no note here. Acknowledging what is resolved would reopen it, so the incident is read first."""
        alert = self.read(alert_id)
        if alert is None:
            raise PermanentError(self.name, "acknowledge", f"404 no incident {alert_id}")
        if alert.status is AlertStatus.OPEN:
            self._set_status("acknowledge", alert_id, {"status": "acknowledged"})

    def close(self, alert_id: str, note: str) -> None:
        try:
            self._set_status("close", alert_id, {"status": "resolved", "resolution": note})
        except PermanentError:
            # Resolving what is resolved is refused; then what we wanted is true already.
            alert = self.read(alert_id)
            if alert is None or alert.status is not AlertStatus.CLOSED:
                raise

    def on_call(self, roster: Roster) -> tuple[str, ...] | None:
        if not roster.schedule_id:
            return None
        query = {"schedule_ids[]": roster.schedule_id, "earliest": "true"}

        def take(answer: Any) -> tuple[str, ...]:
            people = (str(entry["user"].get("summary") or entry["user"]["id"]) for entry in answer["oncalls"])
            return tuple(dict.fromkeys(people))  # a schedule in two policies names its people twice

        return self._rest.ask("on_call", "GET", "/oncalls", take, query=query)

    def resolve_id(self, kind: RosterKind, title: str) -> str:
        query = {"name": title, "limit": "100"}

        def take(answer: Any) -> list[str]:
            return [str(found["id"]) for found in answer["services"] if found.get("name") == title]

        ids = self._rest.ask("resolve_id", "GET", "/services", take, query=query)
        if len(ids) != 1:
            raise PermanentError(self.name, "resolve_id", f"{len(ids)} of {kind} {title!r}; expected one")
        return ids[0]

    def _set_status(self, operation: str, alert_id: str, change: Mapping[str, str]) -> None:
        body = {"incident": {"type": "incident_reference", **change}}
        self._rest.ask(operation, "PUT", f"/incidents/{quote(alert_id, safe='')}", lambda answer: answer["incident"], body=body)


def _taken(answer: Any) -> None:
    """Of an event: anything but success proves nothing, whatever the HTTP status."""
    if answer["status"] != "success":
        raise ValueError(answer["status"])


def _alert(found: Mapping[str, Any], alias: str = "") -> Alert:
    """An incident of PagerDuty's, which is what it calls an alert that rings people. alias: what it was found by.

    A service lets acknowledgements run out (`acknowledgement_timeout`, half an hour unless somebody changed it), and then no
    user is who last changed the status; a user is where one escalates or reassigns what was acknowledged.
    """
    status = _STATUS[found["status"]]
    by, at = None, None
    changed_by = found.get("last_status_change_by") or {}
    if status is AlertStatus.ACKED and found.get("acknowledgements"):
        last = found["acknowledgements"][-1]
        by, at = last["acknowledger"].get("summary") or last["acknowledger"]["id"], _time(last["at"])
    elif status is AlertStatus.CLOSED:
        by, at = changed_by.get("summary"), _time(found.get("last_status_change_at"))
    key = found.get("incident_key") or alias
    rings_by_itself = status is AlertStatus.OPEN and changed_by.get("type") not in ("user_reference", "user")
    return Alert(str(found["id"]), str(key), status, datetime.fromisoformat(found["created_at"]), by, at, rings_by_itself)


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
