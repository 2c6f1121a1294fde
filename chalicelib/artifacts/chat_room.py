"""The incident's chat room: called exactly as the issue, private for a private incident, found again by its id."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.artifacts.artifact import Made, Scene, Spec, Unfinished, spec_of
from chalicelib.artifacts.in_room import ROOM, marker_of, unless_closed
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.ports.chat import Chat, NameTaken, Room
from chalicelib.ports.words import Words

NAMES = 5
"""How many are tried: the issue's key, then with -2, -3 and so on."""


@dataclass(frozen=True, slots=True)
class RoomPlan:
    """words: what the room's description says beside our marker; never the summary."""

    name: str
    private: bool
    words: str

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name, *(f"{self.name}-{number}" for number in range(2, NAMES + 1)))


@dataclass(frozen=True, slots=True)
class ChatRoom:
    chat: Callable[[], Chat]
    words: Words
    after: tuple[str, ...] = ()
    name: str = ROOM
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[RoomPlan], ...]:
        """For majors that people are called for; one that exists is kept right, also when resolved or lowered."""
        incident = scene.incident
        if not (scene.has_begun(self.name) or (scene.wanted and incident.severity.is_major)):
            return ()
        words = self.words.render("chat/room.txt", key=incident.key, url=incident.url, drill=incident.is_drill)
        return (spec_of(self.name, incident, RoomPlan(incident.key.lower(), incident.is_private, words.strip())),)

    def find(self, spec: Spec[RoomPlan]) -> Made | None:
        room = self._ours(spec)
        return _made(room, spec) if room is not None else None

    def make(self, spec: Spec[RoomPlan]) -> Made | None:
        plan, searched = spec.content, False
        for name in plan.names:
            try:
                room = self.chat().open_room(name, private=plan.private)
            except NameTaken:
                # Perhaps by ourselves: under this name or one of those that would be next.
                ours = self._ours(spec) if not searched else None
                searched = True
                if ours is not None:
                    return self.change(_made(ours, spec), spec)
                continue
            return self._marked(room, spec)
        names = f"{plan.names[0]} to {plan.names[-1]}"
        message = f"the names {names} are taken by other rooms, perhaps archived or private ones: rename or delete one of them"
        raise PermanentError(self.chat().name, "open_room", message)

    def change(self, known: Made, spec: Spec[RoomPlan]) -> Made | None:
        """By its id, whatever it is called now. What a human wrote into its description stays."""
        room = self.chat().read_room(known.vendor_id)
        if room is None or room.is_archived:
            return None
        is_ours_to_write = room.marker == marker_of(spec.incident) or not room.description
        return self._marked(room, spec) if is_ours_to_write else _made(room, spec)

    def _marked(self, room: Room, spec: Spec[RoomPlan]) -> Made | None:
        made = _made(room, spec)

        def mark() -> Made:
            self.chat().mark_room(room.id, marker_of(spec.incident), spec.content.words)
            return made

        try:
            return unless_closed(mark)
        except TemporaryError as error:
            raise Unfinished(made, error) from error

    def _ours(self, spec: Spec[RoomPlan]) -> Room | None:
        """The first of our names under which there is a room for this incident."""
        found = {room.name: room for room in self.chat().find_rooms(spec.content.names)}
        rooms = [found[name] for name in spec.content.names if name in found]
        return next((room for room in rooms if room.is_for(marker_of(spec.incident))), None)


def _made(room: Room, spec: Spec[RoomPlan]) -> Made:
    says = []
    if room.name != spec.content.name and room.name in spec.content.names:
        says.append(f"Another room is called {spec.content.name} already, so this one is {room.name}.")
    if spec.content.private and not room.is_private:
        says.append(
            "The incident is private now, but its room is public, and everybody can read what was said there. Only people can "
            "change that: convert it to a private channel. Until then nothing is posted there that shows the summary."
        )
    return Made(room.id, room.link, tuple(says))
