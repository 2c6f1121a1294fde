"""What staff read: the incident as it is, and updates in their author's words, completed by what is known or said unknown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from chalicelib.artifacts.last_word import listed, staff_subject, tidy
from chalicelib.artifacts.topic_words import said_unknown, titled
from chalicelib.domain.announcement import OPENING, Announcement, Audience, ComponentState, Progress
from chalicelib.domain.checklist import STAFF_TOPICS, Answers, check
from chalicelib.domain.incident import Incident, Severity
from chalicelib.domain.ordered import Ordered
from chalicelib.domain.orders import Topic, Update
from chalicelib.ports.words import Words

BY_SEVERITY = {Severity.SEV1: ComponentState.MAJOR_OUTAGE, Severity.SEV2: ComponentState.PARTIAL_OUTAGE}
"""How the page of staff shows a product. What it does not show of a lesser incident stays as it is."""

_ASKED = tuple(topic for topic in STAFF_TOPICS if topic is not Topic.NEXT)


@dataclass(frozen=True, slots=True)
class Reach:
    """By what staff hear of an incident outside its room."""

    mail: bool = True
    page: bool = True


@dataclass(frozen=True, slots=True)
class Completed:
    """An update with what is known from elsewhere. next_by: as in `public_words.Approved`.

    is_over: the incident was resolved when it was written, and is so now. Its text stays as it was written then."""

    order: Ordered
    said: Update
    answers: Answers
    next_by: str
    is_over: bool = False

    @property
    def unknown(self) -> tuple[Topic, ...]:
        return () if self.order.resolved else check(self.answers, _ASKED).unknown

    @property
    def progress(self) -> Progress:
        if self.is_over:
            return Progress.RESOLVED
        return Progress.IDENTIFIED if self.answers.get(Topic.CAUSE) else Progress.INVESTIGATING


def staff_opening(words: Words, incident: Incident, room: str, reach: Reach, not_before: datetime) -> Announcement:
    body = words.render(
        "updates/opening.txt",
        drill=incident.is_drill,
        products=listed(incident.products),
        key=incident.key,
        url=incident.url,
        room=room,
        mail=reach.mail,
        page=reach.page,
    )
    state = BY_SEVERITY.get(incident.severity)
    components = tuple((product, state) for product in incident.products) if state is not None else ()
    return Announcement(
        OPENING, Audience.STAFF, Progress.INVESTIGATING, staff_subject(incident), tidy(body), not_before, components=components
    )


def staff_update(words: Words, incident: Incident, update: Completed, reach: Reach, not_before: datetime) -> Announcement:
    said = update.said
    body = words.render(
        "updates/update.txt",
        drill=incident.is_drill,
        summary=said.summary,
        status=said.status,
        steps=said.steps,
        known=titled(words, check(update.answers, _ASKED).known),
        support=update.order.cases,
        unknown=said_unknown(words, update.unknown),
        next_update=dict(said.answers).get(Topic.NEXT, ""),
        next_by=update.next_by,
        mail=reach.mail,
        page=reach.page,
    )
    subject = staff_subject(incident)
    return Announcement(update.order.announcement_id, Audience.STAFF, update.progress, subject, tidy(body), not_before)
