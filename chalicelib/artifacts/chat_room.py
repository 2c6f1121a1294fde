"""The incident's chat room: called exactly as the issue, private for a private incident, found again by its id."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from chalicelib.artifacts.artifact import Made, Scene, Spec, Unfinished, spec_of
from chalicelib.artifacts.in_room import ROOM, again_when_opened, marker_of, unless_closed
from chalicelib.artifacts.seen import check_no_secret
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.ports.chat import Chat, NameTaken, Room
from chalicelib.ports.ledger import ArtifactRecord
from chalicelib.ports.tickets import Tickets
from chalicelib.ports.words import Words

_PUBLIC = (
    "The incident is private now, but its room is public, and everybody can read what was said there. Only people can "
    "change that: convert it to a private channel. Until then nothing is posted there that shows the summary."
)
_NO_ROOM = Made("")
"""It was looked for and is not there, and nobody needs it."""
NAMES = 5
"""How many are tried: the issue's key, then with -2, -3 and so on."""


@dataclass(frozen=True, slots=True)
class RoomPlan:
    """words: what the room's description says beside our marker; never the summary. former: what else a lost answer may have
    called it: the issue's keys of then.

    is_needed: False where there is none yet and it is only to be looked for, since a lost answer may have left one.
    """

    name: str
    private: bool
    words: str
    is_needed: bool = True
    former: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return _names(self.name)

    @property
    def all_names(self) -> tuple[str, ...]:
        return (*self.names, *(name for former in self.former for name in _names(former)))


@dataclass(frozen=True, slots=True)
class ChatRoom:
    chat: Callable[[], Chat]
    tickets: Callable[[], Tickets]
    words: Words
    after: tuple[str, ...] = ()
    name: str = ROOM
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[RoomPlan], ...]:
        """For majors that people are called for; one that exists is kept right, also when resolved or lowered."""
        incident, record = scene.incident, scene.records.get(self.name)
        is_needed = scene.wanted and incident.severity.is_major
        if record is None and not is_needed:
            return ()
        is_known = record is not None and bool(record.vendor_id)
        words = self.words.render("chat/room.txt", key=incident.key, url=incident.url, drill=incident.is_drill)
        plan = RoomPlan(incident.key.lower(), incident.is_private, words.strip(), is_needed or is_known)
        former = tuple(name for name in (record.intended if record is not None else ()) if name != plan.name)
        # By what names it is looked for is no reason to touch a room; that it is open again is one.
        spec = spec_of(self.name, incident, replace(plan, former=former), plan, intended=plan.name)
        return (again_when_opened(spec, scene),)

    def find(self, spec: Spec[RoomPlan]) -> Made | None:
        room = self._ours(spec)
        if room is not None:
            return _made(room, spec)
        return None if spec.content.is_needed else _NO_ROOM

    def make(self, spec: Spec[RoomPlan]) -> Made | None:
        plan, searched = spec.content, False
        check_no_secret(self.tickets(), spec.incident)  # only people can make a room private later
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
            if (made := self._marked(room, spec)) is None:
                # Later only its id tells that there was one: names change, and what is archived is not found by them.
                raise Unfinished(_made(room, spec), TemporaryError(self.chat().name, "mark_room", "it was closed at once"))
            return made
        names = f"{plan.names[0]} to {plan.names[-1]}"
        message = f"the names {names} are taken by other rooms, perhaps archived or private ones: rename or delete one of them"
        raise PermanentError(self.chat().name, "open_room", message)

    def change(self, known: Made, spec: Spec[RoomPlan]) -> Made | None:
        """By its id, whatever it is called now. What a human wrote into its description stays."""
        if not known.vendor_id:  # never made, and perhaps needed again
            found = self.find(spec)
            return self.change(found, spec) if found is not None and found.vendor_id else self._anew(spec)
        room = self.chat().read_room(known.vendor_id)
        if room is None or room.is_archived or not room.is_inside:
            return None
        is_ours_to_write = room.marker == marker_of(spec.incident) or not room.description
        return self._marked(room, spec) if is_ours_to_write else _made(room, spec)

    def _anew(self, spec: Spec[RoomPlan]) -> Made | None:
        return self.make(spec) if spec.content.is_needed else None

    def _marked(self, room: Room, spec: Spec[RoomPlan]) -> Made | None:
        made = _made(room, spec)

        def mark() -> Made:
            self.chat().mark_room(room.id, marker_of(spec.incident), spec.content.words)
            return made

        try:
            return unless_closed(mark)
        except TemporaryError as error:
            raise Unfinished(made, error) from error
        except PermanentError as error:
            # Its id must not be lost: without our mark, only the name tells that it is ours, and names change.
            raise Unfinished(made, TemporaryError(error.vendor, error.operation, error.message)) from error

    def _ours(self, spec: Spec[RoomPlan]) -> Room | None:
        """The first of our names under which there is a room for this incident."""
        names, marker = spec.content.all_names, marker_of(spec.incident)
        ours = {room.name: room for room in self.chat().find_rooms(names, marker) if room.is_for(marker)}
        return next((ours[name] for name in names if name in ours), None)


def _names(name: str) -> tuple[str, ...]:
    return (name, *(f"{name}-{number}" for number in range(2, NAMES + 1)))


def is_public_though_private(record: ArtifactRecord | None) -> bool:
    """The incident became private after its room was opened for everybody. Pure."""
    return record is not None and _PUBLIC in record.says


def _made(room: Room, spec: Spec[RoomPlan]) -> Made:
    says = []
    if room.name != spec.content.name and room.name in spec.content.names:
        says.append(f"Another room is called {spec.content.name} already, so this one is {room.name}.")
    if spec.content.private and not room.is_private:
        says.append(_PUBLIC)
    return Made(room.id, room.link, tuple(says))
