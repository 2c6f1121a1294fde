"""Jira's issue JSON -> a frozen Incident, whoever sent it: a webhook, an automation rule, or our own REST read.

The issue id is the identity: keys change when an issue moves. Whether the issue is an incident at all is decided
first, from three members, because most of the traffic is not. A value that makes no sense becomes a doubt that people
can read; only id, key, `created` and `updated` cannot be guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.codec import CHANGES_LIMIT, DESCRIPTION_LIMIT, PEOPLE_LIMIT
from chalicelib.domain.incident import Change, Incident, IssueId, IssueKey, Person
from chalicelib.domain.schema import IncidentSchema
from chalicelib.errors import UnreadableEvent
from chalicelib.intake.jira_links import read_links
from chalicelib.intake.jira_meaning import (
    answer_of,
    customers_notice,
    is_marked,
    resolution_of,
    service_of,
    severity_of,
    status_of,
)
from chalicelib.intake.jira_values import read_id, read_line, read_options, read_people, read_person, read_text, read_time

_KEY = re.compile(r"(\w{1,100})-[0-9]{1,19}")
_MANY = 50
"""Labels, products or options of one field that are kept."""
_LINK_LIMIT = 2000


@dataclass(frozen=True, slots=True)
class Identity:
    """Which issue, and what kind. key, project and issue_type are "" when the sender did not tell them."""

    issue_id: IssueId
    key: IssueKey
    project: str
    issue_type: str


@dataclass(frozen=True, slots=True)
class NotAnIncident:
    """An issue of another project or type. reason: for people."""

    issue_id: IssueId
    reason: str


@dataclass(frozen=True, slots=True)
class PartialIssue:
    """Too little of the issue to conclude anything but that something happened to it. key may be "". missing: for people."""

    issue_id: IssueId
    key: IssueKey
    missing: str = ""


def identify(issue: Mapping[str, Any], schema: IncidentSchema) -> Identity | NotAnIncident:
    """Decide from id, key, project and type alone whether this can be an incident. What was not told excludes nothing.

    Raises UnreadableEvent when there is no id.
    """
    told_id = read_id(issue.get("id"))
    if not (told_id.isascii() and told_id.isdigit()):
        raise UnreadableEvent("issue.id is missing" if "id" not in issue else "issue.id is not a number")
    issue_id = IssueId(told_id)
    told_key = issue.get("key")
    key = IssueKey(told_key if isinstance(told_key, str) and _KEY.fullmatch(told_key) else "")
    fields = _fields(issue)
    project = _project_key(fields.get("project")) or project_of(key)
    if project and project.casefold() not in {one.casefold() for one in schema.projects}:
        return NotAnIncident(issue_id, f"project {project} holds no incidents")
    told_type = fields.get("issuetype")
    kinds = [label for option in read_options(told_type) for label in (option.name, option.id) if label]
    if not {one.casefold() for one in schema.issue_types}.isdisjoint(kind.casefold() for kind in kinds):
        return Identity(issue_id, key, project, kinds[0])
    if kinds and isinstance(told_type, Mapping):
        return NotAnIncident(issue_id, f"issue type {kinds[0]} is no incident")
    # Not told, or in a shape that no Jira sends ("[Object]"): the issue itself has to be read.
    return Identity(issue_id, key, project, "")


def updated_of(issue: Mapping[str, Any]) -> datetime | None:
    """The version of whatever issue this is, by Jira's clock. None where it is not told or unreadable."""
    try:
        return read_time(_fields(issue).get("updated"))
    except ValueError:
        return None


def parse_issue(
    issue: Mapping[str, Any],
    schema: IncidentSchema,
    *,
    changes: Sequence[Change] | None = None,
    changes_complete: bool = True,
    whole: bool = False,
) -> Incident | NotAnIncident | PartialIssue:
    """Read one issue.

    changes: from `parse_history`; None when the sender told nothing of the history, then it is not complete either.
    whole: the sender promises every field (a REST read): one that is absent is empty. Then the answer is never a
    PartialIssue. Otherwise an issue without `updated`, `created`, status, summary or severity member is partial.
    Raises UnreadableEvent, saying field and what was wrong, for a required part that cannot be read.
    """
    who = identify(issue, schema)
    if isinstance(who, NotAnIncident):
        return who
    fields = _fields(issue)
    missing = _missing(who, fields, schema, whole=whole)
    if missing and not whole:
        return PartialIssue(who.issue_id, who.key, missing)
    if missing:
        raise UnreadableEvent(f"issue {who.issue_id}: {missing}")
    reader = _FieldReader(who.issue_id, fields, schema.time_zone, [])
    severity, status = severity_of(fields.get(schema.severity_field), schema), status_of(fields.get("status"), schema)
    service = service_of(fields.get(schema.service_field), schema)
    visible = customers_notice(fields.get(schema.customer_visible_field or ""), schema)
    reader.doubts.extend(doubt for doubt in (severity[1], status[2], service[1], visible[1]) if doubt)
    labels = reader.labels()
    return Incident(
        id=who.issue_id,
        key=who.key,
        project=who.project,
        issue_type=who.issue_type,
        summary=reader.summary(),
        severity=severity[0],
        status=status[0],
        status_name=status[1],
        created_at=reader.required_time("created"),
        updated_at=reader.required_time("updated"),
        description=read_text(fields.get("description"), DESCRIPTION_LIMIT),
        service=service[0],
        products=reader.names(schema.products_field),
        resolution=resolution_of(fields.get("resolution"), status[0], schema),
        assignee=reader.person("assignee"),
        reporter=reader.person("reporter"),
        roles={role: people for role, name in schema.role_fields.items() if (people := reader.people(name))},
        labels=labels,
        impact_started_at=reader.time(schema.impact_started_field),
        detected_at=reader.time(schema.detected_field),
        impact_ended_at=reader.time(schema.impact_ended_field),
        detected_by=reader.choice(schema.detected_by_field),
        escalate_to=reader.names(schema.escalate_field) if schema.escalate_field else (),
        customer_visible=visible[0],
        linked=read_links(fields.get("issuelinks")),
        is_private=is_marked(fields, labels, schema.private, in_doubt=True),
        is_drill=is_marked(fields, labels, schema.drill, in_doubt=False),
        impact={name: told for name, field_id in schema.impact_fields.items() if (told := answer_of(fields.get(field_id)))},
        links={link: url for link, name in schema.link_fields.items() if (url := read_text(fields.get(name), _LINK_LIMIT))},
        url=f"{schema.site.rstrip('/')}/browse/{who.key}",
        changes=tuple(changes or ())[-CHANGES_LIMIT:],
        changes_complete=changes is not None and changes_complete,
        doubts=tuple(reader.doubts),
    )


def project_of(key: str) -> str:
    """ "HOT-42" -> "HOT"; "" for what is no issue key."""
    match = _KEY.fullmatch(key)
    return match[1] if match else ""


@dataclass(frozen=True, slots=True)
class _FieldReader:
    """Reads fields by name and notes what it could not make sense of."""

    issue_id: IssueId
    fields: Mapping[str, Any]
    time_zone: str
    doubts: list[str]

    def required_time(self, name: str) -> datetime:
        try:
            return read_time(self.fields.get(name), self.time_zone)
        except ValueError as error:
            wrong = read_line(repr(self.fields.get(name)), 60)
            raise UnreadableEvent(f"issue {self.issue_id}: fields.{name} is {wrong}, not a time") from error

    def time(self, name: str | None) -> datetime | None:
        value = self.fields.get(name) if name else None
        if value in (None, ""):
            return None
        try:
            return read_time(value, self.time_zone)
        except ValueError:
            self.doubts.append(f"{name} is not a time")
            return None

    def summary(self) -> str:
        summary = read_line(self.fields.get("summary"))
        if not summary:
            self.doubts.append("summary is missing or unreadable")
        return summary or "(no summary)"

    def person(self, name: str) -> Person | None:
        value = self.fields.get(name)
        person = read_person(value)
        if person is None and value:
            self.doubts.append(f"{name} is unreadable")
        return person

    def people(self, name: str) -> tuple[Person, ...]:
        return read_people(self.fields.get(name))[:PEOPLE_LIMIT]

    def names(self, name: str) -> tuple[str, ...]:
        return tuple(option.name for option in read_options(self.fields.get(name)) if option.name)[:_MANY]

    def choice(self, name: str | None) -> str:
        """The first that is chosen; "" for nothing."""
        return next(iter(self.names(name)), "") if name else ""

    def labels(self) -> tuple[str, ...]:
        value = self.fields.get("labels")
        if not isinstance(value, list):
            if value is not None:
                self.doubts.append("labels are not a list")
            return ()
        return tuple(label for one in value if isinstance(one, str) and (label := read_line(one)))[:_MANY]


def _missing(who: Identity, fields: Mapping[str, Any], schema: IncidentSchema, *, whole: bool) -> str:
    """What cannot be guessed and was not told, for people; "" when nothing is missing."""
    missing = [name for name in ("key", "project", "issue_type") if not getattr(who, name)]
    missing += [name for name in ("created", "updated") if fields.get(name) is None]
    if not whole:
        missing += [name for name in ("summary", "status", schema.severity_field) if name not in fields]
    return f"it does not tell {', '.join(missing)}" if missing else ""


def _fields(issue: Mapping[str, Any]) -> Mapping[str, Any]:
    fields = issue.get("fields")
    return fields if isinstance(fields, Mapping) else {}


def _project_key(project: object) -> str:
    return read_line(project.get("key")) if isinstance(project, Mapping) and isinstance(project.get("key"), str) else ""
