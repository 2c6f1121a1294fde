"""The issue as it is at the moment of an effect: a pass may have read it a while ago."""

from __future__ import annotations

from chalicelib.domain.incident import Incident, IssueId
from chalicelib.errors import TemporaryError
from chalicelib.ports.tickets import Left, Missing, Tickets


def seen_now(tickets: Tickets, issue_id: IssueId) -> Incident | Left:
    """Raises TemporaryError where it cannot be seen: it may come back and be as it was, and that makes no new version of it."""
    now = tickets.read(issue_id)
    if isinstance(now, Missing):
        raise _unseen()
    return now


def here_now(tickets: Tickets, issue_id: IssueId) -> Incident:
    """Raises TemporaryError also where it has left our projects: it may come back as well, and be as it was."""
    now = seen_now(tickets, issue_id)
    if isinstance(now, Left):
        raise _unseen()
    return now


def _unseen() -> TemporaryError:
    return TemporaryError("jira", "read", "the issue cannot be seen at the moment")
