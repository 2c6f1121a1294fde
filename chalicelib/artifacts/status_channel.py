"""A status page as a channel of announcements: whose it is, what is told there, and how what was told is found again."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from chalicelib.artifacts.announcements import Announcer
from chalicelib.artifacts.artifact import Scene, once_per_scene
from chalicelib.artifacts.status_told import Told, history_of, records_of
from chalicelib.artifacts.told import still_news
from chalicelib.domain.announcement import Announcement, Audience, ComponentState, Progress
from chalicelib.domain.incident import Incident, IssueId, Severity
from chalicelib.domain.routing import fold_name
from chalicelib.domain.telling import Product, TellingPolicy
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from chalicelib.ports.status_pages import StatusPage, UnknownComponents
from chalicelib.ports.tickets import Tickets

T = TypeVar("T")

MARK_LENGTH = 24
BY_SEVERITY = {Severity.SEV1: ComponentState.MAJOR_OUTAGE, Severity.SEV2: ComponentState.PARTIAL_OUTAGE}


@dataclass(frozen=True, slots=True, repr=False)
class Marks:
    """What incidents and updates are known by on a page that anybody may read: without the secret, nobody can tell which issue
    a mark stands for, or try which it could be."""

    secret: str

    def marker_of(self, channel: str, issue_id: IssueId) -> str:
        """Of the incident on the page."""
        return self._mark("incident", channel, issue_id)

    def mark_of(self, channel: str, issue_id: IssueId, announcement_id: str) -> str:
        """Of one update."""
        return self._mark("update", channel, issue_id, announcement_id)

    def _mark(self, *parts: str) -> str:
        digest = hmac.new(self.secret.encode(), "\n".join(parts).encode(), hashlib.sha256)
        return digest.hexdigest()[:MARK_LENGTH]


@dataclass(frozen=True, slots=True)
class Headline:
    """What the incident on the page is called, and how the components on it do: kept right without telling anybody."""

    name: str
    components: Mapping[str, ComponentState]

    def __str__(self) -> str:
        """A print, to tell a change by."""
        states = sorted((id_, state.value) for id_, state in self.components.items())
        return hashlib.sha256(repr((self.name, states)).encode()).hexdigest()[:MARK_LENGTH]


@dataclass(frozen=True, slots=True)
class Channel:
    """name: of the channel, as records begin. for_drills: drills are told there, and nothing else is."""

    name: str
    audience: Audience
    page: Callable[[], StatusPage]
    announcer: Announcer
    tickets: Callable[[], Tickets]
    policy: TellingPolicy
    marks: Marks
    for_drills: bool = False

    @property
    def headline_name(self) -> str:
        """Of the artifact and its record."""
        return f"{self.name}_name"

    def may_tell(self, incident: Incident) -> bool:
        """Of private incidents nowhere, of drills on their own page."""
        return not incident.is_private and incident.is_drill is self.for_drills

    def announced(self, scene: Scene) -> tuple[Announcement, ...]:
        """What is to be told there, or was; nothing of a private incident, whatever the announcer says."""
        if not self.may_tell(scene.incident):
            return ()
        announced = self.announcer.staff(scene) if self.audience is Audience.STAFF else self.announcer.public(scene)
        return still_news(self.name, scene, announced)

    @once_per_scene
    def records(self, scene: Scene) -> Mapping[str, ArtifactRecord]:
        """By announcement."""
        return records_of(self.name, scene.records)

    @once_per_scene
    def history(self, scene: Scene) -> tuple[Told, ...]:
        """What was told, the last one last."""
        return history_of(self.records(scene).values())

    def set_by_us(self, scene: Scene) -> frozenset[str]:
        """Components whose state we ever set in this incident."""
        headline = scene.records.get(self.headline_name)
        ours = [*self.history(scene), *([Told.parse(headline.vendor_id)] if headline and headline.vendor_id else [])]
        return frozenset(id_ for told in ours for id_ in told.components)

    def headline(self, scene: Scene, subject: str) -> Headline:
        """For staff, components do as bad as the incident is. What the public sees of them, a human says."""
        state = BY_SEVERITY.get(scene.incident.severity)
        if self.audience is Audience.PUBLIC or state is None:
            return Headline(subject, {})
        return Headline(subject, dict.fromkeys(self.affected(scene), state))

    def states_of(self, announcement: Announcement, headline: Headline) -> dict[str, ComponentState]:
        """What an update says of components: for staff by severity until it is resolved, for the public as it was ordered."""
        if self.audience is Audience.STAFF:
            return dict(headline.components) if announcement.progress is not Progress.RESOLVED else {}
        named = ((self.component_of(product), state) for product, state in announcement.components)
        return {id_: state for id_, state in named if id_}

    def affected(self, scene: Scene) -> tuple[str, ...]:
        """Components of the incident's products. The drills' page has components of its own, which stand for nothing."""
        if self.for_drills:
            return ()
        ids = (self.component_of(product) for product in scene.incident.products)
        return tuple(dict.fromkeys(filter(None, ids)))

    def component_of(self, product: str) -> str:
        """Its id; "" where the product has none there."""
        known = self.policy.products.get(fold_name(product), Product())
        return known.staff_component if self.audience is Audience.STAFF else known.public_component


def is_over(record: ArtifactRecord | None) -> bool:
    return record is not None and record.state in (ArtifactState.MADE, ArtifactState.CLOSED)


def known_only(act: Callable[[tuple[str, ...]], T]) -> tuple[T, tuple[str, ...], tuple[str, ...]]:
    """What `act` comes to when it leaves these components out: none at first, and then those that the page does not have.

    With the ids left out, and what people must know of that.
    """
    try:
        return act(()), (), ()
    except UnknownComponents as unknown:
        says = f"the page has no component {', '.join(unknown.ids)}: correct it in the settings"
        return act(unknown.ids), unknown.ids, (says,)
