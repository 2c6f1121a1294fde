"""A Jira webhook -> which issue to look at, and the incident as the sender saw it if it saw it whole.

The same endpoint serves admin webhooks of Cloud and of Data Center, Jira Automation ("Jira format": an object with an
`issue`; "Automation format": the issue itself) and whatever else carries an issue; the event's name decides little.
What is ignored here is most of the traffic, so that is decided before the issue is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.incident import Change, Incident, IssueId, IssueKey
from chalicelib.domain.schema import IncidentSchema
from chalicelib.errors import IgnoredEvent, UnreadableEvent
from chalicelib.intake.body import load_object
from chalicelib.intake.jira_history import changed_field, changed_option, items_of, parse_own_changes
from chalicelib.intake.jira_issue import Identity, NotAnIncident, PartialIssue, identify, parse_issue, project_of, updated_of
from chalicelib.intake.jira_values import read_line, read_time
from chalicelib.ports.queue import Cause

_NOT_ABOUT_AN_INCIDENT = re.compile(
    r"(jira:)?(worklog|sprint|board|version|user|project)_(created|updated|deleted|started|closed|released|unreleased|moved)"
)
_DELETED = frozenset({"jira:issue_deleted", "issue_deleted"})
_CREATED = frozenset({"jira:issue_created", "issue_created"})


@dataclass(frozen=True, slots=True)
class JiraEvent:
    """Something happened to an issue that is, was or may be an incident.

    key: "" when not told. snapshot: None when the sender told too little; `no_snapshot` says why. sent_at: the body's
    own time. is_retry: Jira has tried before, so minutes have passed. delivery_id: the same across retries.
    gone_version: the `updated` of an issue that was deleted or left.
    """

    issue_id: IssueId
    key: IssueKey
    cause: Cause
    snapshot: Incident | None
    sent_at: datetime | None
    is_retry: bool
    delivery_id: str | None
    no_snapshot: str = ""
    gone_version: datetime | None = None


def parse_jira_event(body: bytes, headers: Mapping[str, str], schema: IncidentSchema) -> JiraEvent:
    """headers: lower-case names.

    Raises IgnoredEvent with the reason for what is none of our business, UnreadableEvent when the body is no JSON
    object or its issue has no id. An issue of ours of which anything else is unreadable still rings the bell.
    """
    if not body:
        raise UnreadableEvent("the body is empty: untick 'Exclude body' at Jira's webhook")
    event = load_object(body)
    name = read_line(event.get("webhookEvent")) or read_line(event.get("issue_event_type_name"))
    issue = _issue_in(event, name)
    if _NOT_ABOUT_AN_INCIDENT.fullmatch(name):
        raise IgnoredEvent(f"{name} changes nothing about an incident")
    who = identify(issue, schema)
    key = who.key if isinstance(who, Identity) else IssueKey(read_line(issue.get("key")))
    snapshot, no_snapshot, has_left = None, "", False
    if isinstance(who, Identity):
        snapshot, no_snapshot = _read_snapshot(event, issue, name, schema)
    elif has_left := _has_left(event, issue, schema):
        no_snapshot = f"it left: {who.reason}"
    else:
        raise IgnoredEvent(who.reason)
    is_gone = has_left or name.casefold() in _DELETED
    return JiraEvent(
        issue_id=who.issue_id,
        key=key,
        cause=Cause.DELETED if is_gone else Cause.CHANGED,
        gone_version=updated_of(issue) if is_gone else None,
        snapshot=snapshot,
        sent_at=_sent_at(event),
        is_retry="x-atlassian-webhook-retry" in headers,
        delivery_id=read_line(headers.get("x-atlassian-webhook-identifier")) or None,
        no_snapshot=no_snapshot,
    )


def _issue_in(event: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    issue = event.get("issue")
    if isinstance(issue, Mapping):
        return issue
    if issue is not None:
        raise UnreadableEvent(f"issue is a {type(issue).__name__}, not an object")
    if isinstance(event.get("fields"), Mapping):
        return event  # Jira Automation's own format
    # Data Center's comment events name the issue only in a link. Nothing tells whether it is one of ours, and
    # the same comment comes once more as an issue event.
    raise IgnoredEvent(f"{name or 'an event without a name'} carries no issue")


def _read_snapshot(
    event: Mapping[str, Any], issue: Mapping[str, Any], name: str, schema: IncidentSchema
) -> tuple[Incident | None, str]:
    """The incident, or why there is none. Nothing about a created issue happened before: its history is complete."""
    is_new = name.casefold() in _CREATED
    try:
        changes = () if is_new else _own_changes(event, issue, schema)
        reading = parse_issue(issue, schema, changes=changes, changes_complete=is_new)
    except UnreadableEvent as error:
        return None, str(error)
    match reading:
        case Incident():
            return reading, ""
        case PartialIssue(missing=missing):
            return None, missing
        case NotAnIncident(reason=reason):
            return None, reason


def _own_changes(event: Mapping[str, Any], issue: Mapping[str, Any], schema: IncidentSchema) -> tuple[Change, ...]:
    fields = issue.get("fields")
    if not isinstance(fields, Mapping):
        return ()
    at = _sent_at(event) or _time_or_none(fields.get("updated"))
    if at is None:
        return ()
    return parse_own_changes(event.get("changelog"), schema, user=event.get("user"), at=at, fields=fields)


def _has_left(event: Mapping[str, Any], issue: Mapping[str, Any], schema: IncidentSchema) -> bool:
    """Was it an incident until this event? Yes when the old key or type says so, and when it moved from who knows where."""
    projects = {project.casefold() for project in schema.projects}
    types = {issue_type.casefold() for issue_type in schema.issue_types}
    moved = read_line(event.get("issue_event_type_name")) == "issue_moved"
    old_key, was_incident_type = "", False
    for item in items_of(event.get("changelog")):
        old = changed_option(item, "from")
        labels = {label.casefold() for label in (old.name, old.id)} if old else set()
        match changed_field(item):
            case "key":
                old_key = old.name if old else ""
            case "project":
                moved = True
                if labels & projects:
                    return True
            case "issuetype":
                was_incident_type = bool(labels & types)
    if project_of(old_key):
        return project_of(old_key).casefold() in projects
    is_in_our_project = project_of(read_line(issue.get("key"))).casefold() in projects
    return moved or (was_incident_type and is_in_our_project)


def _sent_at(event: Mapping[str, Any]) -> datetime | None:
    return _time_or_none(event.get("timestamp"))


def _time_or_none(value: object) -> datetime | None:
    try:
        return read_time(value)
    except ValueError:
        return None
