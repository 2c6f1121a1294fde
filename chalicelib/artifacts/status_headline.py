"""What an incident on a status page is called, and how bad it looks for staff: follows what it is about, quietly."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.artifacts.artifact import Made, Scene, Spec
from chalicelib.artifacts.seen import seen_now
from chalicelib.artifacts.status_channel import Channel, Headline, known_only
from chalicelib.artifacts.status_components import not_milder, well_again
from chalicelib.artifacts.status_told import Told, is_put_away
from chalicelib.domain.announcement import Audience
from chalicelib.domain.incident import Incident, Status


@dataclass(frozen=True, slots=True)
class Shown:
    """headline: of the incident with this id on the page. ours: components whose state we set before. no_more: those of them
    that are of no product of the incident now."""

    incident_id: str
    headline: Headline
    ours: frozenset[str]
    no_more: frozenset[str]


@dataclass(frozen=True, slots=True)
class StatusPageHeadline:
    channel: Channel
    speaks_when_held: bool = False

    @property
    def name(self) -> str:
        return self.channel.headline_name

    @property
    def after(self) -> tuple[str, ...]:
        return (self.channel.name,)

    def want(self, scene: Scene) -> tuple[Spec[Shown], ...]:
        """Nothing while the incident is opened as it should be called, and nothing any more once it is resolved."""
        history, announced = self.channel.history(scene), self.channel.announced(scene)
        is_gone = any(map(is_put_away, self.channel.records(scene).values()))
        if not history or not announced or is_gone or scene.incident.status is Status.RESOLVED:
            return ()
        headline, record = self.channel.headline(scene, announced[0].subject), scene.records.get(self.name)
        if str(headline) == (record.fingerprint if record is not None else history[0].headline):
            return ()
        ours = frozenset(
            Told.parse(record.vendor_id).components if record and record.vendor_id else self.channel.set_by_us(scene)
        )
        # For staff, what was named by mistake is well again; what customers are shown, a human orders.
        no_more = ours.difference(self.channel.affected(scene)) if self.channel.audience is Audience.STAFF else frozenset()
        return (Spec(self.name, scene.incident, Shown(history[0].incident_id, headline, ours, no_more), str(headline)),)

    def find(self, spec: Spec[Shown]) -> Made | None:
        """Bringing it about is safe to repeat."""
        return None

    def make(self, spec: Spec[Shown]) -> Made | None:
        """None as well where the incident is one by now that nothing may be said of."""
        content, headline = spec.content, spec.content.headline
        if not self._may_be_said(spec.incident):
            return None
        page = self.channel.page()
        incident = page.read(content.incident_id)
        if incident is None:
            return None
        free, held_back = well_again(page, incident, content.no_more)
        states = not_milder(page, headline.components, incident.id)

        def act(left_out: tuple[str, ...]) -> bool:
            named = {id_: state for id_, state in {**states, **free}.items() if id_ not in left_out}
            affected = tuple(id_ for id_ in headline.components if id_ not in left_out)
            return page.restate(incident, name=headline.name, components=named, affected=affected)

        is_there, left_out, says = known_only(act)
        ours = (content.ours - content.no_more) | held_back.keys() | states.keys()
        told = Told(content.incident_id, components=tuple(sorted(ours.difference(left_out))))
        return Made(str(told), says=says) if is_there else None

    def change(self, known: Made, spec: Spec[Shown]) -> Made | None:
        return self.make(spec)

    def _may_be_said(self, incident: Incident) -> bool:
        now = seen_now(self.channel.tickets(), incident.id)
        return isinstance(now, Incident) and self.channel.may_tell(now) and now.status is not Status.RESOLVED
