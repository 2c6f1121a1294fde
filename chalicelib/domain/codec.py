"""Incidents and pages as JSON: what a queue message and a ledger item hold.

Lossless, with bounds that keep a message below the queue's 256 kB however much people write into an issue: the
description is cut to DESCRIPTION_LIMIT characters, each answer about the impact to ANSWER_LIMIT, the history to its newest
CHANGES_LIMIT lines, a role to its first PEOPLE_LIMIT people, and linked issues to the first LINKED_LIMIT. The parser of
issues applies the same bounds, so what it made comes back equal. What is empty is left out. Members that this version does
not know are ignored, so that two versions can share a queue during a deployment.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.incident import Change, Incident, IssueId, IssueKey, Linked, Person, Resolution, Severity, Status
from chalicelib.domain.paging import PageRecord, PageState
from chalicelib.errors import UnreadableEvent

DESCRIPTION_LIMIT = 4000
CHANGES_LIMIT = 100
ANSWER_LIMIT = 500
PEOPLE_LIMIT = 10
LINKED_LIMIT = 20


def cut(text: str, limit: int) -> str:
    """At most `limit` characters; an ellipsis says that something is gone. Cutting twice changes nothing."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def incident_to_json(incident: Incident) -> dict[str, Any]:
    """Return only strings, numbers, booleans, lists and dicts; times as ISO 8601 in UTC."""
    return _filled(
        {
            "id": incident.id,
            "key": incident.key,
            "project": incident.project,
            "issue_type": incident.issue_type,
            "summary": incident.summary,
            "severity": incident.severity.value,
            "status": incident.status.value,
            "created_at": _from_time(incident.created_at),
            "updated_at": _from_time(incident.updated_at),
            "description": cut(incident.description, DESCRIPTION_LIMIT),
            "service": incident.service,
            "products": list(incident.products),
            "status_name": incident.status_name,
            "resolution": incident.resolution.value if incident.resolution else None,
            "assignee": _from_person(incident.assignee),
            "reporter": _from_person(incident.reporter),
            "roles": {role: [_from_person(one) for one in people[:PEOPLE_LIMIT]] for role, people in incident.roles.items()},
            "labels": list(incident.labels),
            "impact_started_at": _from_time(incident.impact_started_at),
            "detected_at": _from_time(incident.detected_at),
            "impact_ended_at": _from_time(incident.impact_ended_at),
            "links": dict(incident.links),
            "impact": {question: cut(answer, ANSWER_LIMIT) for question, answer in incident.impact.items()},
            "escalate_to": list(incident.escalate_to),
            "detected_by": incident.detected_by or None,
            "customer_visible": incident.customer_visible,
            "linked": [_from_linked(one) for one in incident.linked[:LINKED_LIMIT]],
            "private": incident.is_private,
            "drill": incident.is_drill,
            "url": incident.url,
            "changes": [_from_change(change) for change in incident.changes[-CHANGES_LIMIT:]],
            "changes_incomplete": not incident.changes_complete,
            "doubts": list(incident.doubts),
        }
    )


def incident_from_json(stored: Mapping[str, Any]) -> Incident:
    """The inverse. Raises UnreadableEvent for what `incident_to_json` cannot have written."""
    try:
        return Incident(
            id=IssueId(stored["id"]),
            key=IssueKey(stored["key"]),
            project=stored["project"],
            issue_type=stored["issue_type"],
            summary=stored.get("summary", ""),
            severity=Severity(stored["severity"]),
            status=Status(stored["status"]),
            created_at=_to_time(stored["created_at"]),
            updated_at=_to_time(stored["updated_at"]),
            description=stored.get("description", ""),
            service=stored.get("service"),
            products=tuple(stored.get("products", ())),
            status_name=stored.get("status_name", ""),
            resolution=Resolution(stored["resolution"]) if "resolution" in stored else None,
            assignee=_to_person(stored.get("assignee")),
            reporter=_to_person(stored.get("reporter")),
            roles={role: _to_people(people) for role, people in stored.get("roles", {}).items()},
            labels=tuple(stored.get("labels", ())),
            impact_started_at=_to_time_or_none(stored.get("impact_started_at")),
            detected_at=_to_time_or_none(stored.get("detected_at")),
            impact_ended_at=_to_time_or_none(stored.get("impact_ended_at")),
            links=dict(stored.get("links", {})),
            impact=dict(stored.get("impact", {})),
            escalate_to=tuple(stored.get("escalate_to", ())),
            detected_by=stored.get("detected_by", ""),
            customer_visible=bool(stored.get("customer_visible", False)),
            linked=tuple(_to_linked(one) for one in stored.get("linked", ())),
            is_private=bool(stored.get("private", False)),
            is_drill=bool(stored.get("drill", False)),
            url=stored.get("url", ""),
            changes=tuple(_to_change(change) for change in stored.get("changes", ())),
            changes_complete=not stored.get("changes_incomplete", False),
            doubts=tuple(stored.get("doubts", ())),
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnreadableEvent(f"stored incident: {type(error).__name__} {error}") from error


_TIMES = frozenset(
    {
        "since",
        "until",
        "blind_sent_at",
        "accepted_at",
        "confirmed_at",
        "acked_at",
        "closed_at",
        "ack_sent_at",
        "not_before",
        "unwanted_since",
    }
)
_LISTS = frozenset({"alert_ids", "told_ids", "former_ids", "on_call"})
_DEFAULTS = {field.name: field.default for field in fields(PageRecord)}


def page_record_to_json(record: PageRecord) -> dict[str, Any]:
    """Every field that is not at its default. `on_call` keeps the difference between nobody (empty) and not asked (absent)."""
    stored: dict[str, Any] = {}
    for name, default in _DEFAULTS.items():
        value = getattr(record, name)
        if default is not MISSING and value == default:
            continue
        if name in _TIMES:
            value = _from_time(value)
        elif name in _LISTS:
            value = list(value)
        stored[name] = value.value if isinstance(value, PageState) else value
    return stored


def page_record_from_json(stored: Mapping[str, Any]) -> PageRecord:
    """The inverse. Raises UnreadableEvent for what `page_record_to_json` cannot have written."""
    try:
        values = {name: stored[name] for name in _DEFAULTS if name in stored}
        values |= {name: _to_time(values[name]) for name in _TIMES if name in values}
        values |= {name: tuple(values[name]) for name in _LISTS if name in values}
        values["state"] = PageState(values["state"])
        return PageRecord(**values)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnreadableEvent(f"stored page: {type(error).__name__} {error}") from error


def _filled(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value not in (None, [], {}, False)}


def _from_time(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None


def _to_time(stored: str) -> datetime:
    at = datetime.fromisoformat(stored)
    if at.tzinfo is None:
        raise ValueError(f"{stored} has no offset")
    return at


def _to_time_or_none(stored: str | None) -> datetime | None:
    return _to_time(stored) if stored else None


def _from_linked(linked: Linked) -> dict[str, Any]:
    return _filled(
        {
            "key": linked.key,
            "relation": linked.relation,
            "kind": linked.kind,
            "status": linked.status,
            "type": linked.issue_type,
            "done": linked.done,
        }
    )


def _to_linked(stored: Mapping[str, Any]) -> Linked:
    told = (stored.get("kind", ""), stored.get("status", ""), stored.get("type", ""))
    return Linked(IssueKey(stored["key"]), stored.get("relation", ""), *told, done=bool(stored.get("done", False)))


def _from_person(person: Person | None) -> dict[str, Any] | None:
    if person is None:
        return None
    optional = _filled({"email": person.email, "gone": not person.active, "robot": not person.is_human})
    return {"id": person.account_id, "name": person.name, **optional}


def _to_person(stored: Mapping[str, Any] | None) -> Person | None:
    if stored is None:
        return None
    return Person(
        stored["id"], stored["name"], stored.get("email"), active=not stored.get("gone"), is_human=not stored.get("robot")
    )


def _to_people(stored: Iterable[Mapping[str, Any]]) -> tuple[Person, ...]:
    return tuple(person for person in map(_to_person, stored) if person)


def _from_change(change: Change) -> dict[str, Any]:
    at, by = _from_time(change.at), _from_person(change.by)
    moved = {"what": change.what, "at": at, "by": by, "old": change.old, "new": change.new}
    return {name: value for name, value in moved.items() if value is not None}


def _to_change(stored: Mapping[str, Any]) -> Change:
    by = _to_person(stored.get("by"))
    return Change(stored["what"], _to_time(stored["at"]), by, stored.get("old"), stored.get("new"))
