"""An incident as it is now: the frozen value on which every decision is made."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from itertools import takewhile
from typing import NewType

_QUOTED = re.compile('"(?:.*"|.*)', re.DOTALL)
"""From the first quote to the last: a value may hold quotes too."""

IssueId = NewType("IssueId", str)
"""Jira's issue id: the identity. Keys change when an issue moves."""

IssueKey = NewType("IssueKey", str)
"""What people call it, e.g. HOT-1234."""


DUPLICATES = "duplicates"
"""How Jira reads a link from a duplicate to the issue that stays."""


class Severity(IntEnum):
    """1 is worst. Major (1 and 2) pages; 3 is the delivery team's."""

    SEV1 = 1
    SEV2 = 2
    SEV3 = 3

    @property
    def is_major(self) -> bool:
        return self <= Severity.SEV2


class Status(StrEnum):
    """The three stations of the process; settings say which Jira statuses mean which."""

    NEW = "new"
    FIXING = "fixing"
    RESOLVED = "resolved"


class Resolution(StrEnum):
    """How a resolved incident ended, as far as the process cares."""

    DONE = "done"
    DUPLICATE = "duplicate"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at Jira. active: False for an account that was switched off; nothing can be assigned to it.

    account_id: Cloud accountId, or key/name on Data Center. email: None when hidden by profile privacy.
    is_human: False for apps and automation (accountType "app").
    """

    account_id: str
    name: str
    email: str | None = None
    active: bool = True
    is_human: bool = True


IMPACT_STARTED, DETECTED, IMPACT_ENDED = "impact_started", "detected", "impact_ended"
"""What the times of the impact are called, in changes and in settings."""

IMPACT_TIMES = (IMPACT_STARTED, DETECTED, IMPACT_ENDED)

PRIVATE = "private"
"""What a change of something that makes an incident private is called, in changes."""

INCIDENT = "incident"
"""What a change is called by which the issue became an incident, or was none any more, in changes."""

ROLE = "role:"
"""How changes of who has a role begin: "role:tech_lead"."""


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the issue's history that the process cares about.

    what: "status" (values are `Status`), "assignee" (account ids), "severity" (digits "1" to "3"); "private" ("yes", of one
    label, level or field that makes it so); "incident" ("yes", of a project or issue type of incidents); an impact time or
    "role:<role>" (values as Jira writes them, only to tell set from unset). None where unset.
    """

    what: str
    at: datetime
    by: Person | None
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class Linked:
    """Another issue that this one is linked to. relation: as Jira reads it from here ("duplicates", "is caused by").

    kind: the link type's name ("Duplicate"). done: its status is of the category "done". No summary: it may have a security
    level that nobody tells us of, and what is known of it here is read by people who may not see it.
    """

    key: IssueKey
    relation: str
    kind: str = ""
    status: str = ""
    issue_type: str = ""
    done: bool = False


@dataclass(frozen=True, slots=True)
class Incident:
    """The issue as read at `updated_at`. All times are aware UTC.

    severity is already interpreted (see `IncidentSchema`); service is None when unset or "Unknown".
    roles, links, impact: by our own names of them; who or what is not named is absent. impact: question -> answer.
    escalate_to: teams or services that somebody wants paged too, as the options of that field are called.
    detected_by: what noticed it first (a customer, an alarm), as the option of that field is called; "" when nobody said.
    customer_visible: a human said in the issue that customers notice it. linked: issues it is linked to.
    is_private: nothing about it may be said outside its own room. is_drill: nobody but the drill's own people is bothered.
    changes: oldest first. changes_complete: False when this came from a webhook about an issue that existed before,
    which tells only its own change, or when its history is longer than anybody has time to read; then "nobody took it" cannot
    be concluded from an assignee or a Fixing status.
    """

    id: IssueId
    key: IssueKey
    project: str
    issue_type: str
    summary: str
    severity: Severity
    status: Status
    created_at: datetime
    updated_at: datetime
    description: str = ""
    service: str | None = None
    products: tuple[str, ...] = ()
    status_name: str = ""
    resolution: Resolution | None = None
    assignee: Person | None = None
    reporter: Person | None = None
    roles: Mapping[str, tuple[Person, ...]] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    impact_started_at: datetime | None = None
    detected_at: datetime | None = None
    impact_ended_at: datetime | None = None
    links: Mapping[str, str] = field(default_factory=dict)
    impact: Mapping[str, str] = field(default_factory=dict)
    escalate_to: tuple[str, ...] = ()
    customer_visible: bool = False
    detected_by: str = ""
    linked: tuple[Linked, ...] = ()
    is_private: bool = False
    is_drill: bool = False
    url: str = ""
    changes: tuple[Change, ...] = ()
    changes_complete: bool = True
    doubts: tuple[str, ...] = ()
    """What the parser had to guess (an unmapped severity option, ...); shown to people, never decided on.

    A field's value stands in quotes.
    """

    @property
    def survivor(self) -> Linked | None:
        """The issue that this one duplicates, where it is linked so; an open one before a closed one."""
        others = [one for one in self.linked if one.relation.casefold() == DUPLICATES]
        return min(others, key=lambda one: one.done, default=None)

    @property
    def drill_mark(self) -> str:
        """What stands before everything that people read of a drill; "" of an incident."""
        return "[DRILL] " if self.is_drill else ""


def doubts_without_values(incident: Incident) -> str:
    """For a log: a field that settings take for another may hold people's names. "" for none. Pure."""
    return "; ".join(_QUOTED.sub("(a value)", doubt) for doubt in incident.doubts)


def became_private(incident: Incident) -> bool:
    """It is private, and was none once, as far as its history tells; in doubt it was. Pure."""
    return incident.is_private and any(change.what == PRIVATE and change.new is not None for change in incident.changes)


def incident_since(incident: Incident) -> datetime:
    """When it was raised, or became an incident afterwards, by Jira's clock. Pure.

    It may take two steps, into the project and into the type: the later counts. From where it left it has been one before.
    """
    lines = (change for change in incident.changes if change.what == INCIDENT)
    entered = list(takewhile(lambda change: change.old is None, lines))
    return entered[-1].at if entered else incident.created_at


def resolved_since(incident: Incident) -> datetime | None:
    """When it was last resolved, by Jira's clock; None while it is open. Pure."""
    if incident.status is not Status.RESOLVED:
        return None
    moves = (change.at for change in reversed(incident.changes) if change.what == "status" and change.new == Status.RESOLVED)
    return next(moves, incident.updated_at)


def last_reopening(incident: Incident) -> datetime | None:
    """When it was last opened again after a resolve, by Jira's clock; None where it never was. Pure."""
    moves = (change.at for change in reversed(incident.changes) if change.what == "status" and change.old == Status.RESOLVED)
    return next(moves, None)


def reopened_at(incident: Incident) -> datetime | None:
    """When it was last opened again, by Jira's clock; None where it is resolved, or never was. Pure."""
    return last_reopening(incident) if incident.status is not Status.RESOLVED else None
