"""Products that were left in an outage at the end, because another open incident on the page shows them.

Whoever ends that one may not know of them: it said nothing of how they do, or it is a human's. So we look again, for a week: a
milder incident may well outlast ours by days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.artifacts.artifact import Made, Scene, Spec
from chalicelib.artifacts.status_channel import Channel
from chalicelib.artifacts.status_components import set_free
from chalicelib.artifacts.status_told import Told, parse_states, print_states, told_in_order
from chalicelib.domain.announcement import Progress
from chalicelib.domain.incident import Status
from chalicelib.ports.ledger import ArtifactRecord

LOOK_AGAIN = timedelta(minutes=15)
GIVE_UP_AFTER = timedelta(days=7)
STILL_HELD = (
    "a product was left in an outage on the page, because another incident there was still open a week after the end of this "
    "one: set it right by hand"
)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """incident_id: ours on the page. states: how the components did when they were left. is_last_look: later nobody looks."""

    incident_id: str
    states: Mapping[str, str]
    is_last_look: bool


@dataclass(frozen=True, slots=True)
class StatusPageHeldBack:
    """Its record holds what was held back at the last look."""

    channel: Channel
    speaks_when_held: bool = False

    @property
    def name(self) -> str:
        return f"{self.channel.name}_held_back"

    @property
    def after(self) -> tuple[str, ...]:
        return (self.channel.name,)

    def want(self, scene: Scene) -> tuple[Spec[HeldBack], ...]:
        """At once, since the other may have been resolved at the same moment, and then every quarter of an hour. Pure."""
        told = told_in_order(self.channel.records(scene).values())
        if not told or scene.incident.status is not Status.RESOLVED or not self.channel.may_tell(scene.incident):
            return ()
        last, record = told[-1], scene.records.get(self.name)
        what, looked = Told.parse(last.vendor_id or ""), _look_at(last, record)
        left = parse_states(looked.vendor_id or "") if looked is not None else what.held_back
        if not left:
            return ()
        is_last_look = scene.now - (last.made_at or last.until) >= GIVE_UP_AFTER
        content = HeldBack(what.incident_id, left, is_last_look)
        looked_at = looked.until if looked is not None else None
        print_of = f"{last.name} {looked_at.isoformat() if looked_at is not None else ''}"
        not_before = looked_at + LOOK_AGAIN if looked_at is not None else None
        # The next look is wanted only once this one is over, and nothing rings when another incident is.
        return (Spec(self.name, scene.incident, content, print_of, not_before=not_before, is_awaited=True),)

    def find(self, spec: Spec[HeldBack]) -> Made | None:
        """Bringing it about is safe to repeat."""
        return None

    def make(self, spec: Spec[HeldBack]) -> Made:
        """What people have set otherwise since, opened again or deleted is theirs."""
        content, page = spec.content, self.channel.page()
        incident = page.read(content.incident_id)
        if incident is None or incident.progress is not Progress.RESOLVED:
            return Made("")
        as_we_left_it = [id_ for id_, state in content.states.items() if incident.affected.get(id_) == state]
        held_back = set_free(page, incident, as_we_left_it)
        if held_back and content.is_last_look:
            return Made("", says=(STILL_HELD,))
        return Made(print_states(held_back))

    def change(self, known: Made, spec: Spec[HeldBack]) -> Made:
        return self.make(spec)


def _look_at(last: ArtifactRecord, record: ArtifactRecord | None) -> ArtifactRecord | None:
    """The record, where there was a look since this end; another end is another matter."""
    return record if record is not None and record.fingerprint.startswith(f"{last.name} ") else None
