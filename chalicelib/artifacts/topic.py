"""The topic of the incident's room: how bad, who has which role, and where to go. In 250 characters, shortened with sense.

A topic that people wrote is theirs: ours comes back with the next change after they have emptied it. Not so of a private
incident whose room others can read: what they wrote may have begun with ours, summary and all, so it is replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from chalicelib.artifacts.artifact import Made, Scene, Spec, spec_of
from chalicelib.artifacts.chat_people import holders
from chalicelib.artifacts.in_room import CALL, DOCUMENT, ROOM, InRoom, again_when_opened, in_room, unless_closed
from chalicelib.domain.incident import Incident, Status
from chalicelib.domain.people import MANAGER, Role
from chalicelib.domain.text import cut, one_line, width
from chalicelib.ports.chat import Chat, Setter
from chalicelib.ports.tickets import Tickets
from chalicelib.ports.words import Words

LIMIT = 250
SHORTEST_SUMMARY, LONGEST_NAMES = 24, 40
"""Characters. Less of a summary tells nothing, and a role's holders are cut to so many."""


@dataclass(frozen=True, slots=True)
class Held:
    """A role as the topic shows it."""

    title: str
    names: str


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a topic may show; "" for what there is none of. roles: the important ones first, without the manager."""

    drill: bool
    resolved: bool
    severity: int
    summary: str
    manager: str
    roles: tuple[Held, ...]
    issue: str
    call: str
    document: str


@dataclass(frozen=True, slots=True)
class Topic:
    """roles: as in the settings; the manager is always shown first."""

    chat: Callable[[], Chat]
    tickets: Callable[[], Tickets]
    words: Words
    roles: tuple[Role, ...]
    default_assignees: Collection[str] = frozenset()
    after: tuple[str, ...] = (ROOM, CALL, DOCUMENT)
    name: str = "topic"
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[InRoom[str]], ...]:
        facts = self._facts(scene)
        content = in_room(scene, self._fitted(facts), self._fitted(replace(facts, summary="")))
        if content is None:
            return ()
        # Whether it is private decides on a topic of theirs, also where ours has no summary to hide.
        return (again_when_opened(spec_of(self.name, scene.incident, content, content, scene.incident.is_private), scene),)

    def find(self, spec: Spec[InRoom[str]]) -> Made | None:
        """Setting it again is harmless."""
        return None

    def make(self, spec: Spec[InRoom[str]]) -> Made | None:
        def set_topic() -> Made | None:
            """Over nothing, or over what we said; and over what somebody else wrote where it may tell others too much."""
            room_id, chat = spec.content.room_id, self.chat()
            topic = spec.content.fitting(chat, self.tickets(), spec.incident)
            room = chat.read_room(room_id)  # last, so that hardly anybody writes between our look and our write
            if room is None:
                return None
            is_exposed = spec.incident.is_private and not room.is_private
            is_theirs = bool(room.topic) and room.topic_by is Setter.SOMEBODY and not is_exposed
            if not is_theirs and room.topic != topic:  # each setting is a line in the room
                chat.set_topic(room_id, topic)
            return Made(room_id)

        return unless_closed(set_topic)

    def change(self, known: Made, spec: Spec[InRoom[str]]) -> Made | None:
        return self.make(spec)

    def _facts(self, scene: Scene) -> Facts:
        incident = scene.incident
        others = [role for role in self.roles if role.name != MANAGER]
        held = [Held(role.title, names) for role in others if (names := self._names(incident, role.name))]
        return Facts(
            drill=incident.is_drill,
            resolved=incident.status is Status.RESOLVED,
            severity=incident.severity.value,
            summary=one_line(incident.summary),
            manager=self._names(incident, MANAGER),
            roles=tuple(held),
            issue=incident.url,
            call=scene.link_of(CALL),
            document=scene.link_of(DOCUMENT),
        )

    def _names(self, incident: Incident, role: str) -> str:
        people = holders(incident, role, self.default_assignees)
        return cut(", ".join(one_line(person.name) for person in people), LONGEST_NAMES)

    def _fitted(self, facts: Facts) -> str:
        """The first of the ever shorter topics that fits; the last, if none does, for the vendor to cut."""
        text = ""
        for shorter in _ever_shorter(facts):
            text = self._render(shorter)
            excess = _escaped_width(text) - LIMIT
            if excess <= 0:
                return text
            room = _escaped_width(shorter.summary) - excess
            if room >= SHORTEST_SUMMARY:
                return self._render(replace(shorter, summary=_cut_escaped(shorter.summary, room)))
        return text

    def _render(self, facts: Facts) -> str:
        return self.words.render("chat/topic.txt", facts=facts).strip()


def _ever_shorter(facts: Facts) -> Iterator[Facts]:
    """A shortened summary; then without the links that are in the brief and the bookmarks too, the last one first; then fewer
    roles, the last one first; then no summary. Issue and manager stay."""
    yield from (facts, replace(facts, document=""))
    unlinked = replace(facts, document="", call="")
    for count in range(len(facts.roles), -1, -1):
        yield replace(unlinked, roles=facts.roles[:count])
    yield replace(unlinked, roles=(), summary="")


def _escaped_width(text: str) -> int:
    """How long a vendor may think it is that keeps & as &amp;."""
    return width(text) + 4 * text.count("&")


def _cut_escaped(text: str, room: int) -> str:
    shortened = cut(text, room)
    while (excess := _escaped_width(shortened) - room) > 0:
        shortened = cut(text, width(shortened) - max(1, excess // 5))
    return shortened
