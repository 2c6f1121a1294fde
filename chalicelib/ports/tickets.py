"""Tickets: where incidents live and people work. Jira provides it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from chalicelib.domain.incident import Incident, IssueId, IssueKey, Person, Status


@dataclass(frozen=True, slots=True)
class Left:
    """The issue can be read and is no incident (moved to another project, other type). reason: for people.

    updated_at: by Jira's clock: no older word of it can bring it back. None where Jira did not tell.
    """

    issue_id: IssueId
    reason: str
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    """The issue answers 404: deleted, or hidden from us. Only a "deleted" event tells which."""

    issue_id: IssueId


@dataclass(frozen=True, slots=True)
class IssueRef:
    """updated_at: as the search knew it."""

    id: IssueId
    key: IssueKey
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class FoundIssue:
    """url: where people find it. takes_secrets: a comment there can be kept from customers: it belongs to a service desk."""

    id: IssueId
    key: IssueKey
    url: str
    takes_secrets: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """Issues with some label. link: where people see them, as they are then."""

    issues: tuple[FoundIssue, ...]
    link: str


@dataclass(frozen=True, slots=True)
class LinkTo:
    """kind: a link type's name. key: the issue at its other end, from which the type reads outward."""

    kind: str
    key: IssueKey


@dataclass(frozen=True, slots=True)
class NewIssue:
    """issue_type: its name or id. summary: one line. description: wiki markup. label: by which it is found again.

    linked: to what it belongs, where it can be said at once.
    """

    project: str
    issue_type: str
    summary: str
    description: str
    label: str
    linked: LinkTo


FieldValue = str | float | datetime | Person | tuple[Person, ...] | None
"""What a field can be set to: a text or an address, a number, a moment, one or several people; None empties it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The ticket system understood and will not do it, however often it is asked. why: its own words, for people."""

    why: str


@dataclass(frozen=True, slots=True)
class Moved:
    """transition, status_name: as the ticket system calls them."""

    transition: str
    status_name: str


@dataclass(frozen=True, slots=True)
class NotMoved:
    """No transition that we may use leads there.

    why: for people. offered: those that there are now, as "name -> status". needs: names of the fields that the one which
    leads there asks for, when that is why.
    """

    why: str
    offered: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Put:
    """written: ids of the fields that now hold what was asked. refused: id of each other -> why, for people.

    quiet: nobody was notified. False when it was not asked for, or we lack the right to keep people out of it.
    """

    written: tuple[str, ...] = ()
    refused: Mapping[str, str] = field(default_factory=dict)
    quiet: bool = True


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody wrote. at: when it was written first, edited_at: last. by: None when nobody knows any more.

    edited_by: whose words it holds now, where somebody else than its author edited it; administrators can. Its account id is
    "" where nobody knows who that was.
    text: plain, or wiki markup; ends in an ellipsis where it is longer than anybody here reads.
    """

    id: str
    at: datetime
    by: Person | None
    text: str
    edited_at: datetime
    edited_by: Person | None = None


class Tickets(Protocol):
    """Raises TemporaryError or PermanentError; 401 and 403 are TemporaryError(out_of_service=True).

    Nothing of an issue counts as gone while the issue itself cannot be seen: that is a TemporaryError.
    """

    def read(self, issue_id: IssueId) -> Incident | Left | Missing:
        """The issue as it is now, with its history; the end of one that no pass has time for (`changes_complete` False)."""
        ...

    def recently_updated(self, within_minutes: int, *, newest_first: bool = False) -> Iterator[IssueRef]:
        """Incident issues updated in the last minutes, oldest first unless told otherwise, by search: may lag behind writes.

        Never ends early without raising.
        """
        ...

    def find_comment(self, issue_id: IssueId, marker: str) -> str | None:
        """Id of our own comment carrying this marker (an entity property, not its text); None when there is none."""
        ...

    def read_comments(self, issue_id: IssueId) -> tuple[Comment, ...]:
        """Every comment that all who see the issue may read, oldest first; none that carries a marker of ours.

        Data Center does not show markers here: there ours are among them.
        """
        ...

    def read_comment(self, issue_id: IssueId, comment_id: str) -> Comment | None:
        """One comment as it is now; None when it was deleted, or not all who see the issue may read it any more."""
        ...

    def add_comment(self, issue_id: IssueId, marker: str, text: str) -> str:
        """Add a comment (internal on service-desk requests) in wiki markup, carrying the marker; return its id."""
        ...

    def edit_comment(self, issue_id: IssueId, comment_id: str, text: str) -> bool:
        """Replace the text without notifying anybody. False: a human deleted the comment."""
        ...

    def assign(self, issue_id: IssueId, person: Person | None) -> Refused | None:
        """Assign it to them, or to nobody. None: done. Notifies as the ticket system does. Safe to repeat."""
        ...

    def move_to(self, issue_id: IssueId, status: Status) -> Moved | NotMoved:
        """Move it by whatever transition leads to a status that means this. Ask only when it is not there already."""
        ...

    def put_fields(self, issue_id: IssueId, fields: Mapping[str, FieldValue], *, quiet: bool = True) -> Put:
        """Set fields (by id, see `IncidentSchema`) in one write; what is refused does not keep the others from being set.

        quiet: notify nobody, where that is permitted. Safe to repeat. Nothing is asked when there are no fields.
        """
        ...

    def find_issues(self, projects: Collection[str], labels: Collection[str]) -> Found:
        """Every issue of these projects that has one of the labels exactly, by search: may lag behind writes.

        Complete, or it raises.
        """
        ...

    def find_linked(self, issue_id: IssueId, project: str, label: str) -> FoundIssue | None:
        """The issue of that project that has the label and that this one is linked to. No search: sees the last write."""
        ...

    def create_issue(self, new: NewIssue) -> FoundIssue:
        """Make it, linked where the project lets new issues be linked. Not safe to repeat: look with `find_linked` and
        `find_issues` before. Raises PermanentError in the ticket system's own words, which name the fields it asks for; and
        for what would be an incident itself."""
        ...

    def link_issue(self, issue_id: IssueId, to: LinkTo) -> Refused | None:
        """None: it is linked so now. Safe to repeat."""
        ...

    def find_people(self, mail: str) -> tuple[Person, ...]:
        """Active accounts that it shows for this address: those that show it, else those that hide theirs. May be empty."""
        ...

    def people(self, account_ids: Collection[str]) -> Mapping[str, Person]:
        """The accounts with these ids, deactivated ones too; unknown ids are left out."""
        ...

    def groups_of(self, account_id: str) -> frozenset[str]:
        """Names of the groups that this account is in now; none for an account that is not known."""
        ...
