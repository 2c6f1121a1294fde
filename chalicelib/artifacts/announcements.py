"""Who announces: every channel asks the same announcer, so that all of them say the same."""

from __future__ import annotations

from typing import Protocol

from chalicelib.artifacts.artifact import Scene
from chalicelib.domain.announcement import OPENING, Announcement, Audience, Progress
from chalicelib.domain.incident import Incident, Status
from chalicelib.ports.tickets import Tickets


class Announcer(Protocol):
    """In the order in which they are to be told; one that was told stays in the list, as it would read now.

    What is missing from a list although it was told is left as it was told: its order has been edited into something that
    may not be published.
    """

    def staff(self, scene: Scene) -> tuple[Announcement, ...]:
        """Pure."""
        ...

    def public(self, scene: Scene) -> tuple[Announcement, ...]:
        """Pure."""
        ...

    def still_stands(self, tickets: Tickets, incident: Incident, announcement: Announcement) -> bool:
        """Asked just before every effect: may it be told at this very moment? Reads the issue, and the order's comment.

        False: the channel makes nothing, and returns None from `make`, or what is known from `change`. Raises
        TemporaryError where Jira cannot say.
        """
        ...


def still_stands(tickets: Tickets, incident: Incident, announcement: Announcement) -> bool:
    """The incident is neither private by now nor gone, is what it was (a drill, resolved), and its order says what it said."""
    now = tickets.read(incident.id)
    if not isinstance(now, Incident) or now.is_private or now.is_drill is not incident.is_drill:
        return False
    if announcement.progress is Progress.RESOLVED and now.status is not Status.RESOLVED:
        return False
    if announcement.id == OPENING and announcement.audience is Audience.STAFF and not now.severity.is_major:
        return False
    order = announcement.order
    if order is None:
        return True
    comment = tickets.read_comment(incident.id, order.comment_id)
    return comment is not None and comment.text == order.text
