"""An incident that is open on a page and may not be told of any more: people must end it there by hand, and are told so."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.artifacts.artifact import Made, Scene, Spec, spec_of
from chalicelib.artifacts.status_channel import Channel
from chalicelib.artifacts.status_told import is_open_on

LEFT_OPEN = "nothing more is told on the page, since the incident is private or a drill by now: please end it there by hand"


@dataclass(frozen=True, slots=True)
class StatusPageLeftOpen:
    """Touches nothing but the ledger."""

    channel: Channel
    speaks_when_held: bool = False

    @property
    def name(self) -> str:
        return f"{self.channel.name}_left_open"

    @property
    def after(self) -> tuple[str, ...]:
        return (self.channel.name,)

    def want(self, scene: Scene) -> tuple[Spec[bool], ...]:
        """Taken back when it may be told of again."""
        is_left = is_open_on(self.channel.name, scene.records) and not self.channel.may_tell(scene.incident)
        if not (is_left or self.name in scene.records):
            return ()
        return (spec_of(self.name, scene.incident, is_left),)

    def find(self, spec: Spec[bool]) -> Made | None:
        return None

    def make(self, spec: Spec[bool]) -> Made:
        return Made(self.name, says=(LEFT_OPEN,) if spec.content else ())

    def change(self, known: Made, spec: Spec[bool]) -> Made:
        return self.make(spec)
