"""What changed, said in the room: severity, summary, resolved, reopened. Each change once, however often it goes to and fro."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.artifacts.artifact import Made, Scene, Spec
from chalicelib.artifacts.in_room import ROOM, InRoom, in_room, marker_of, said_already, unless_closed
from chalicelib.artifacts.numbered import next_saying
from chalicelib.domain.incident import Incident, Status
from chalicelib.domain.rich_text import Link, Strong, Text, compose
from chalicelib.domain.text import one_line
from chalicelib.ports.chat import Chat, Post
from chalicelib.ports.tickets import Tickets
from chalicelib.ports.words import Words

KIND = "said:headline"
_SILENT = "nothing"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a headline tells. summary: a hash of it. Kept as a fingerprint, so that the next one knows what has changed."""

    severity: int
    resolved: bool
    summary: str

    @classmethod
    def of(cls, incident: Incident) -> Facts:
        summary = hashlib.sha256(one_line(incident.summary).encode()).hexdigest()[:32]
        return cls(incident.severity.value, incident.status is Status.RESOLVED, summary)

    @classmethod
    def parse(cls, fingerprint: str) -> Facts:
        severity, state, summary = fingerprint.split(" ")
        return cls(int(severity), state == "resolved", summary)

    def __str__(self) -> str:
        return f"{self.severity} {'resolved' if self.resolved else 'open'} {self.summary}"


@dataclass(frozen=True, slots=True)
class Headline:
    """The first says nothing: it only remembers what the brief and the topic show of the incident from the beginning."""

    chat: Callable[[], Chat]
    tickets: Callable[[], Tickets]
    words: Words
    after: tuple[str, ...] = (ROOM,)
    name: str = KIND
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[InRoom[Post | None]], ...]:
        facts = Facts.of(scene.incident)
        saying = next_saying(KIND, str(facts), scene.records)
        if saying is None:
            return ()
        words = discreet = None
        if saying.known:
            before = Facts.parse(saying.known)
            words = self._post(scene.incident, before, facts, discreet=False)
            discreet = self._post(scene.incident, before, facts, discreet=True)
        content = in_room(scene, words, discreet)
        return (Spec(saying.name, scene.incident, content, str(facts)),) if content is not None else ()

    def find(self, spec: Spec[InRoom[Post | None]]) -> Made | None:
        content = spec.content
        if content.words is None:
            return None
        return said_already(self.chat(), content.room_id, spec.incident, spec.name)

    def make(self, spec: Spec[InRoom[Post | None]]) -> Made | None:
        content = spec.content

        def say() -> Made:
            if content.words is None:
                return Made(_SILENT)
            post = content.fitting(self.chat(), self.tickets(), spec.incident)
            assert post is not None
            return Made(self.chat().post(content.room_id, post, marker_of(spec.incident, spec.name)))

        return unless_closed(say)

    def change(self, known: Made, spec: Spec[InRoom[Post | None]]) -> Made | None:
        """Only after a lost answer: what was said then says now what is true."""
        content = spec.content

        def correct() -> Made | None:
            post, marker = content.fitting(self.chat(), self.tickets(), spec.incident), marker_of(spec.incident, spec.name)
            assert post is not None
            return known if self.chat().edit_message(content.room_id, known.vendor_id, post, marker) else None

        return unless_closed(correct)

    def _post(self, incident: Incident, before: Facts, now: Facts, *, discreet: bool) -> Post:
        template = self.words.render(
            "chat/headline.txt",
            drill=incident.is_drill,
            resolved=now.resolved,
            reopened=before.resolved and not now.resolved,
            just_resolved=now.resolved and not before.resolved,
            worse=now.severity < before.severity,
            better=now.severity > before.severity,
            renamed=now.summary != before.summary,
            discreet=discreet,
        )
        pieces: dict[str, Text] = {
            "issue": (Link(incident.url, incident.key),),
            "severity": (Strong(str(now.severity)),),
            "before": str(before.severity),
            "summary": (Strong(one_line(incident.summary)),),
        }
        return Post(compose(template.strip(), **pieces))
