"""Has somebody taken the incident in Jira? Only a human's own act counts, and the history says whose it was."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.episode import wanted_again_at
from chalicelib.domain.incident import Change, Incident, Person, Status
from chalicelib.domain.policy import PagingPolicy


@dataclass(frozen=True, slots=True)
class Taking:
    """by: who took it. how: for people."""

    by: Person
    how: str


def taken_in_jira(incident: Incident, policy: PagingPolicy) -> Taking | None:
    """Return who took it, or None. Pure.

    A default assignee, an assignment by somebody else, and what Firebell or automation did take nothing. Nor does what was
    done before it was opened again or made major: whoever had it then may be asleep now (docs/decisions/0040).
    """
    return _taken_since(wanted_again_at(incident), incident, policy)


def _taken_since(since: datetime | None, incident: Incident, policy: PagingPolicy) -> Taking | None:
    if incident.status is Status.FIXING:
        moved = _last(incident, "status", since)
        if moved and moved.new == Status.FIXING and is_by_human(moved.by, policy):
            assert moved.by is not None
            return Taking(moved.by, f"{moved.by.name} moved it to {incident.status_name or 'Fixing'}")
    if incident.assignee and not _is_default(incident.assignee, policy.default_assignees):
        assigned = _last(incident, "assignee", since)
        if (
            assigned
            and assigned.by
            and assigned.new == assigned.by.account_id == incident.assignee.account_id
            and is_by_human(assigned.by, policy)
        ):
            return Taking(assigned.by, f"{assigned.by.name} assigned it to themselves")
    return None


@dataclass(frozen=True, slots=True)
class Leaving:
    """Since when nobody has an incident, by Jira's clock. place: among its changes; -1 for what was so from the first.

    reopened: by its being open again with nobody assigned, and not by somebody who had it.
    """

    at: datetime
    place: int
    reopened: bool = False


def left_without_manager(incident: Incident, policy: PagingPolicy) -> Leaving | None:
    """Since when an incident has nobody, though somebody had it or had resolved it. Pure.

    Whoever had it took it back to New, or was taken off it. Whose account was switched off has left, since they were given it:
    Jira's history does not tell when that was. What automation moves to Fixing nobody has taken, and who is assigned without
    having taken it has nothing.
    """
    if incident.status is Status.RESOLVED or not incident.changes_complete:
        return None
    if incident.assignee is not None and not _is_default(incident.assignee, policy.default_assignees):
        if incident.assignee.active:
            return _taken_back(incident, policy)
        given = [Leaving(change.at, n) for n, change in enumerate(incident.changes) if change.what == "assignee"]
        return given[-1] if given else Leaving(incident.created_at, -1)
    taken_back: Leaving | None = None
    for n, change in reversed(list(enumerate(incident.changes))):
        if change.what == "assignee" and change.old not in (None, *policy.default_assignees):
            # What came after made it only from nobody's to a default assignee's, who is nobody, too.
            return Leaving(change.at, n)
        if change.what != "status":
            continue
        is_by_robot = change.new == Status.FIXING and _is_by_automation(change.by, policy)
        if change.old == Status.RESOLVED and (change.new == Status.NEW or is_by_robot):
            return Leaving(change.at, n, reopened=True)
        if (change.old, change.new) == (Status.FIXING, Status.NEW):
            taken_back = Leaving(change.at, n)  # unless it had been left before that
        elif not is_by_robot:
            break  # whoever moved it to Fixing after that knew that nobody had it
    return taken_back


def _taken_back(incident: Incident, policy: PagingPolicy) -> Leaving | None:
    """It has an assignee, who neither took it nor got it from us: who moved it to Fixing had it, until it was moved back.

    Who took it before it was opened again or made major had it until then.
    """
    given = _last(incident, "assignee")
    if (given is not None and _gives(given, policy)) or taken_in_jira(incident, policy):
        return None
    moves = [(n, change) for n, change in enumerate(incident.changes) if change.what in ("assignee", "status")]
    if not moves or (moves[-1][1].old, moves[-1][1].new) != (Status.FIXING, Status.NEW):
        return None
    n, moved_back = moves[-1]
    again_at = wanted_again_at(incident) if _taken_since(None, incident, policy) else None
    return Leaving(max(moved_back.at, again_at or moved_back.at), n)


def was_given_back(incident: Incident, policy: PagingPolicy, since: datetime) -> bool:
    """Whether it was left after we had given it to whoever answered the page. Pure.

    Jira's own history has both in their order, where the pager's clock and Jira's could not tell. since: when the page began to
    be wanted, by Jira's clock: whom we had given it before answered another.
    """
    leaving = left_without_manager(incident, policy)
    given = [n for n, change in enumerate(incident.changes) if change.at >= since and _gives(change, policy)]
    return leaving is not None and bool(given) and leaving.place >= given[-1]


def was_given(incident: Incident, policy: PagingPolicy, since: datetime) -> bool:
    """Whether it is theirs to whom we have given it since then, by Jira's clock: they answered the page. Pure."""
    given = _last(incident, "assignee")
    if given is None or given.at < since or incident.assignee is None or not incident.assignee.active:
        return False
    return _gives(given, policy) and given.new == incident.assignee.account_id


def _gives(change: Change, policy: PagingPolicy) -> bool:
    """Ours, for whoever answered the page."""
    is_ours = change.by is not None and change.by.account_id == policy.own_account
    return is_ours and (change.new == Status.FIXING if change.what == "status" else change.what == "assignee")


def _is_by_automation(person: Person | None, policy: PagingPolicy) -> bool:
    return person is not None and not person.is_human and person.account_id != policy.own_account


def may_have_been_taken(incident: Incident, policy: PagingPolicy) -> bool:
    """True when a snapshot without its history leaves open whether somebody took it."""
    if incident.changes_complete or taken_in_jira(incident, policy):
        return False
    has_assignee = incident.assignee is not None and not _is_default(incident.assignee, policy.default_assignees)
    return incident.status is Status.FIXING or has_assignee


def _last(incident: Incident, what: str, since: datetime | None = None) -> Change | None:
    """since: None where all of its history counts, also what an import dates before its creation."""
    last = next((change for change in reversed(incident.changes) if change.what == what), None)
    return last if last is not None and (since is None or last.at >= since) else None


def is_by_human(person: Person | None, policy: PagingPolicy) -> bool:
    return person is not None and person.is_human and person.account_id != policy.own_account


def _is_default(person: Person, default_assignees: Collection[str]) -> bool:
    return person.account_id in default_assignees
