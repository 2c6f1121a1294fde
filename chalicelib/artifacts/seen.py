"""The issue as it is at the moment of an effect: a pass may have read it a while ago."""

from __future__ import annotations

from chalicelib.domain.incident import Incident, IssueId
from chalicelib.errors import TemporaryError
from chalicelib.ports.tickets import Left, Missing, Tickets


def seen_now(tickets: Tickets, issue_id: IssueId) -> Incident | Left:
    """Raises TemporaryError where it cannot be seen: it may come back and be as it was, and that makes no new version of it."""
    now = tickets.read(issue_id)
    if isinstance(now, Missing):
        raise TemporaryError("jira", "read", "the issue cannot be seen at the moment")
    return now
