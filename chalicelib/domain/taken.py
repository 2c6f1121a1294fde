"""Has somebody taken the incident in Jira? Only a human's own act counts, and the history says whose it was."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.incident import Change, Incident, Person, Status
from chalicelib.domain.policy import PagingPolicy


@dataclass(frozen=True, slots=True)
class Taking:
    """by: who took it. how: for people."""

    by: Person
    how: str


def taken_in_jira(incident: Incident, policy: PagingPolicy) -> Taking | None:
    """Return who took it, or None. Pure.

    A default assignee, an assignment by somebody else, and what Firebell or automation did take nothing.
    """
    if incident.status is Status.FIXING:
        moved = _last(incident, "status")
        if moved and moved.new == Status.FIXING and is_by_human(moved.by, policy):
            assert moved.by is not None
            return Taking(moved.by, f"{moved.by.name} moved it to {incident.status_name or 'Fixing'}")
    if incident.assignee and not _is_default(incident.assignee, policy.default_assignees):
        assigned = _last(incident, "assignee")
        if (
            assigned
            and assigned.by
            and assigned.new == assigned.by.account_id == incident.assignee.account_id
            and is_by_human(assigned.by, policy)
        ):
            return Taking(assigned.by, f"{assigned.by.name} assigned it to themselves")
    return None


def left_without_manager(incident: Incident, policy: PagingPolicy) -> datetime | None:
    """Since when an incident has nobody, though somebody had it; by Jira's clock. Pure.

    Whoever had it took it back to New, or was taken off it. Whose account was switched off has left, since they were given it:
    Jira's history does not tell when that was.
    """
    if incident.status is Status.RESOLVED or not incident.changes_complete:
        return None
    given = _last(incident, "assignee")
    if incident.assignee is not None and not _is_default(incident.assignee, policy.default_assignees):
        if incident.assignee.active:
            return None
        return given.at if given is not None else incident.created_at
    taken_back_at: datetime | None = None
    for change in reversed(incident.changes):
        if change.what == "assignee" and change.old not in (None, *policy.default_assignees):
            return change.at  # what came after made it only from nobody's to a default assignee's, who is nobody, too
        if change.what == "status":
            if (change.old, change.new) != (Status.FIXING, Status.NEW):
                break  # whoever moved it to Fixing after that knew that nobody had it
            taken_back_at = change.at  # unless it had been left before that
    return taken_back_at


def may_have_been_taken(incident: Incident, policy: PagingPolicy) -> bool:
    """True when a snapshot without its history leaves open whether somebody took it."""
    if incident.changes_complete or taken_in_jira(incident, policy):
        return False
    has_assignee = incident.assignee is not None and not _is_default(incident.assignee, policy.default_assignees)
    return incident.status is Status.FIXING or has_assignee


def _last(incident: Incident, what: str) -> Change | None:
    return next((change for change in reversed(incident.changes) if change.what == what), None)


def is_by_human(person: Person | None, policy: PagingPolicy) -> bool:
    return person is not None and person.is_human and person.account_id != policy.own_account


def _is_default(person: Person, default_assignees: Collection[str]) -> bool:
    return person.account_id in default_assignees
