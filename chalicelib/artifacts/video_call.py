"""The call in which people talk: one per incident, made once and left to them. Only the link to join is ever kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.artifacts.artifact import Made, Scene
from chalicelib.artifacts.once import MadeOnce, stable_name
from chalicelib.domain.text import one_line
from chalicelib.ports.tickets import Tickets
from chalicelib.ports.video_calls import Call, VideoCalls
from chalicelib.ports.words import Words


@dataclass(frozen=True, slots=True)
class CallText:
    """topic: what people see, and by what Zoom finds a call again; never the summary, which changes and may be secret."""

    marker: str
    topic: str
    agenda: str


@dataclass(frozen=True, slots=True)
class VideoCall(MadeOnce[CallText]):
    calls: Callable[[], VideoCalls]
    tickets: Callable[[], Tickets]
    words: Words
    after: tuple[str, ...] = ()
    name: str = "video_call"
    speaks_when_held: bool = False

    def _content(self, scene: Scene) -> CallText:
        incident = scene.incident
        agenda = self.words.render(
            "call/agenda.txt",
            key=incident.key,
            severity=str(incident.severity.value),
            summary="" if incident.is_private else one_line(incident.summary),
            drill=incident.is_drill,
        )
        return CallText(stable_name(incident), f"{incident.drill_mark}{incident.key}", agenda)

    def _find(self, content: CallText) -> Made | None:
        call = self.calls().find_call(content.marker, content.topic)
        return _made(call) if call is not None else None

    def _make(self, content: CallText) -> Made:
        return _made(self.calls().make_call(content.marker, content.topic, content.agenda))


def _made(call: Call) -> Made:
    return Made(call.id, call.join_link, call.says)
