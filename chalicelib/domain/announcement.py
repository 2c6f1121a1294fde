"""What is to be told to whom: one announcement, told once to one audience, by every channel that reaches it. Pure values.

Staff are told what Firebell knows. The public is told nothing but what a template says of public product names and a status
word, and what an incident manager wrote for them: a public announcement is made without ever seeing the incident.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")


class Audience(StrEnum):
    STAFF = "staff"
    PUBLIC = "public"


class Progress(StrEnum):
    """How far an incident has come, in the words of status pages."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"


class ComponentState(StrEnum):
    """How a product does. What the public page shows counts in published uptime, so only a human says it there."""

    OPERATIONAL = "operational"
    DEGRADED = "degraded_performance"
    PARTIAL_OUTAGE = "partial_outage"
    MAJOR_OUTAGE = "major_outage"


OPENING, RESOLVED, ORDER = "opening", "resolved", "order"
"""Ids of announcements: "opening", "order-<comment id>", and "resolved-<n>" for the nth time it was resolved."""


def said_on(records: Mapping[str, T], channels: Collection[str]) -> Iterator[tuple[str, T]]:
    """Id -> record of the opening and of orders on these channels: no question, draft or refusal in the room, and not the last
    word. records: by name, "<channel>:<id>"."""
    for name, record in records.items():
        channel, _, id_ = name.partition(":")
        if channel in channels and id_.startswith((OPENING, f"{ORDER}-")):
            yield id_, record


STAFF_PAGE, PUBLIC_PAGE, DRILL_PAGE, MAIL, ROOM = "staff_page", "public_page", "drill_page", "mail", "room"
"""Channels, which are artifacts: a channel's record of an announcement is called "<channel>:<id>"."""

STATUS_PAGES = (STAFF_PAGE, PUBLIC_PAGE, DRILL_PAGE)
STAFF_CHANNELS, PUBLIC_CHANNELS = (STAFF_PAGE, DRILL_PAGE, MAIL, ROOM), (PUBLIC_PAGE,)
CHANNELS = (*STAFF_CHANNELS, *PUBLIC_CHANNELS)


def order_id(comment_id: str) -> str:
    return f"{ORDER}-{comment_id}"


@dataclass(frozen=True, slots=True)
class Order:
    """The comment that ordered an announcement. text: as it was read; it is looked at again just before the effect, and
    an announcement whose order is gone or says something else by now is not made.

    at: when it was written or last edited. Part of the announcement's version, so that a text that was taken back and put
    there again is published after all.
    """

    comment_id: str
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Announcement:
    """One thing to tell.

    id: stable, and part of the name of every channel's record. subject: one line; the page's incident and the mail's subject
    are called so. body: plain text; an empty line parts paragraphs, "- " begins a bullet, and nothing else has a
    meaning. not_before: from when on it may be told. order: None where Firebell speaks of its own accord.
    components: product, as Jira calls it -> how it does; only what is to be changed.
    """

    id: str
    audience: Audience
    progress: Progress
    subject: str
    body: str
    not_before: datetime
    order: Order | None = None
    components: tuple[tuple[str, ComponentState], ...] = ()
    told_on: tuple[tuple[str, str], ...] = ()
    """Answers of earlier orders in it, which their authors may take back."""

    @property
    def version(self) -> tuple[object, ...]:
        """What a channel tells a change of its words by. Of an order that is its comment alone: what was told stays as it was
        until its author edits it, however the incident goes on, and whatever a pass from before has made of it since."""
        if self.order is None:
            return (self.body,)
        return (self.order.text, self.order.at, *((self.told_on,) if self.told_on else ()))
