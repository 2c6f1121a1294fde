"""A pager's own webhook -> which page of ours it is about. A doorbell: the alert is read before anything is believed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chalicelib.domain.alias import parse_alias
from chalicelib.domain.incident import IssueId
from chalicelib.errors import IgnoredEvent
from chalicelib.intake.body import load_object
from chalicelib.intake.jira_values import read_id, read_line


class PagerAction(StrEnum):
    CREATED = "created"
    ACKED = "acked"
    CLOSED = "closed"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class PagerEvent:
    """Something happened to an alert under an alias of ours. alert_id: "" when the sender did not tell it."""

    issue_id: IssueId
    target: str
    alert_id: str
    action: PagerAction

    @property
    def is_new(self) -> bool:
        """An alert was born, perhaps one that the ledger does not know."""
        return self.action is PagerAction.CREATED


_OPSGENIE_ACTIONS = {"create": PagerAction.CREATED, "acknowledge": PagerAction.ACKED, "close": PagerAction.CLOSED}
_PAGERDUTY_ACTIONS = {
    "incident.triggered": PagerAction.CREATED,
    "incident.acknowledged": PagerAction.ACKED,
    "incident.resolved": PagerAction.CLOSED,
}


def parse_opsgenie_event(body: bytes, tag: str) -> PagerEvent:
    """Opsgenie's webhook integration, and JSM Operations', which sends the same: {"action", "alert": {"alertId", "alias"}}.

    Raises IgnoredEvent for alerts of others and for actions that name no alias (Escalate), UnreadableEvent for no JSON.
    """
    event = load_object(body)
    name = read_line(event.get("action"))
    alert = _object(event, "alert")
    return _event_of(alert.get("alias"), alert.get("alertId"), name, _OPSGENIE_ACTIONS, tag)


def parse_pagerduty_event(body: bytes, tag: str) -> PagerEvent:
    """PagerDuty's webhooks v3: {"event": {"event_type", "data": {"id", "incident_key"}}}; the older two versions are ignored.

    Raises IgnoredEvent for incidents of others and for events about anything else, UnreadableEvent for no JSON.
    """
    event = _object(load_object(body), "event")
    name = read_line(event.get("event_type"))
    incident = _object(event, "data")
    return _event_of(incident.get("incident_key"), incident.get("id"), name, _PAGERDUTY_ACTIONS, tag)


def _event_of(alias: object, alert_id: object, name: str, actions: Mapping[str, PagerAction], tag: str) -> PagerEvent:
    what = name or "an event without a name"
    if not isinstance(alias, str) or not alias:
        raise IgnoredEvent(f"{what} names no alias")
    ours = parse_alias(alias, tag)
    if ours is None:
        raise IgnoredEvent(f"{what} is about an alert that is not ours")
    return PagerEvent(*ours, read_id(alert_id), actions.get(name.casefold(), PagerAction.OTHER))


def _object(parent: Mapping[str, Any], member: str) -> Mapping[str, Any]:
    value = parent.get(member)
    return value if isinstance(value, Mapping) else {}
