"""When somebody whom "Escalate to" called comes online, the incident manager is asked which role they get. Once each."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from chalicelib.artifacts.artifact import Made, Scene, Spec, spec_of
from chalicelib.artifacts.chat_people import ChatPeople, holders
from chalicelib.artifacts.in_room import MEMBERS, ROOM, marker_of, room_of, said_already, unless_closed
from chalicelib.domain.alias import first_of, is_escalation
from chalicelib.domain.paging import PageRecord
from chalicelib.domain.people import MANAGER, Told, told_by_jira, told_by_pager
from chalicelib.domain.rich_text import Link, Text, compose
from chalicelib.ports.chat import Chat, Post
from chalicelib.ports.words import Words

KIND = "arrived"


@dataclass(frozen=True, slots=True)
class Arrival:
    """who: as the pager names them. manager: who is asked; None while there is nobody. called: the roster that was paged."""

    room_id: str
    who: Told
    manager: Told | None
    called: str


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Each is said to the end as it was begun: who has become the manager since is told by others."""

    chat: Callable[[], Chat]
    words: Words
    people: ChatPeople
    default_assignees: Collection[str] = frozenset()
    after: tuple[str, ...] = (ROOM, MEMBERS)
    name: str = KIND
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[Arrival], ...]:
        room_id = room_of(scene)
        if room_id is None or not scene.wanted:
            return ()
        manager = next(iter(holders(scene.incident, MANAGER, self.default_assignees)), None)
        return tuple(
            spec_of(
                f"{KIND}:{first_of(page.target)}:{page.episode}",
                scene.incident,
                Arrival(room_id, told_by_pager(page.acked_by), told_by_jira(manager) if manager else None, page.roster),
                page.acked_by,
            )
            for page in scene.called
            if page.acked_by and _is_arrival(page)
        )

    def find(self, spec: Spec[Arrival]) -> Made | None:
        return said_already(self.chat(), spec.content.room_id, spec.incident, spec.name)

    def make(self, spec: Spec[Arrival]) -> Made | None:
        def say() -> Made:
            post = self._post(spec)
            return Made(self.chat().post(spec.content.room_id, post, marker_of(spec.incident, spec.name)))

        return unless_closed(say)

    def change(self, known: Made, spec: Spec[Arrival]) -> Made | None:
        """It was said: before its answer was lost, or about somebody else who answered the same call first."""
        del spec
        return known

    def _post(self, spec: Spec[Arrival]) -> Post:
        arrival, incident = spec.content, spec.incident
        template = self.words.render("chat/arrived.txt", drill=incident.is_drill, asked=arrival.manager is not None)
        pieces: dict[str, Text] = {
            "issue": (Link(incident.url, incident.key),),
            "who": (self.people.mention(arrival.who),),
            "called": arrival.called,
            "manager": (self.people.mention(arrival.manager),) if arrival.manager is not None else "",
        }
        return Post(compose(template.strip(), **pieces))


def _is_arrival(page: PageRecord) -> bool:
    return is_escalation(page.target) and page.is_acked and page.is_answered
