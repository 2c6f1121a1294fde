"""The status pages of a company: for its staff, for its customers, and for drills. Each is a channel of announcements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib.artifacts.announcements import Announcer
from chalicelib.artifacts.artifact import Artifact
from chalicelib.artifacts.status_channel import Channel, Marks
from chalicelib.artifacts.status_headline import StatusPageHeadline
from chalicelib.artifacts.status_held_back import StatusPageHeldBack
from chalicelib.artifacts.status_left_open import StatusPageLeftOpen
from chalicelib.artifacts.status_updates import StatusPageUpdates
from chalicelib.domain.announcement import DRILL_PAGE, PUBLIC_PAGE, STAFF_PAGE, Audience
from chalicelib.domain.telling import TellingPolicy
from chalicelib.ports.status_pages import StatusPage
from chalicelib.ports.tickets import Tickets


@dataclass(frozen=True, slots=True)
class StatusPages:
    """staff, public, drills: None where there is no such page. secret: what marks are made with; whoever changes it while an
    incident is told of makes Firebell unable to find what a lost answer left."""

    secret: str
    staff: Callable[[], StatusPage] | None = None
    public: Callable[[], StatusPage] | None = None
    drills: Callable[[], StatusPage] | None = None


def status_page_artifacts(
    pages: StatusPages, announcer: Announcer, tickets: Callable[[], Tickets], policy: TellingPolicy
) -> tuple[Artifact[Any], ...]:
    """Drills are told on their own page or nowhere."""
    marks = Marks(pages.secret)
    channels: list[Channel] = []
    if pages.staff is not None:
        channels.append(Channel(STAFF_PAGE, Audience.STAFF, pages.staff, announcer, tickets, policy, marks))
    if pages.public is not None:
        channels.append(Channel(PUBLIC_PAGE, Audience.PUBLIC, pages.public, announcer, tickets, policy, marks))
    if pages.drills is not None:
        channels.append(Channel(DRILL_PAGE, Audience.STAFF, pages.drills, announcer, tickets, policy, marks, for_drills=True))
    kinds = (StatusPageUpdates, StatusPageHeadline, StatusPageHeldBack, StatusPageLeftOpen)
    return tuple(kind(channel) for channel in channels for kind in kinds)
