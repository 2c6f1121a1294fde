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


def check_no_secret(tickets: Tickets, incident: Incident) -> None:
    """Asked just before something is said where more people read it than the issue. Raises TemporaryError where the incident
    has become private since this pass read it, or has left, or is hidden from us, as a security level may do: the next pass
    sees it too, and decides.

    While Jira is away, what the pass has read counts: people meet in these places, and they wait for nobody.
    """
    if incident.is_private:
        return  # what is said is made for that
    try:
        now = tickets.read(incident.id)
    except TemporaryError:
        return
    if not isinstance(now, Incident) or now.is_private:
        raise TemporaryError("jira", "read", "the incident has become private, or cannot be seen, at this very moment")


def _unseen() -> TemporaryError:
    return TemporaryError("jira", "read", "the issue cannot be seen at the moment")
