"""Whether we are inside the incident's room while it is open. What was archived and is open again is entered again.

Archiving a public room takes everybody out of it, us too, and whoever opens it again brings nobody back. So people are told
when it is archived, and once it is open again, it is kept right again, and everybody is invited as if it were new.
Source: https://slack.com/help/articles/213185307-Archive-or-delete-a-channel
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.artifacts.artifact import Made, Scene, Spec, Unfinished, spec_of
from chalicelib.artifacts.in_room import ARCHIVE, INSIDE, MEMBERS, ROOM, Presence, presence_of
from chalicelib.artifacts.note_sources import READ_EVERY
from chalicelib.domain.incident import Incident, Status
from chalicelib.errors import TemporaryError
from chalicelib.ports.chat import Chat, Closed, RefusedForGood, Room, RoomClosed
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState

_INVITE = "Invite Firebell to have that again."
SAYS = {
    Closed.ARCHIVED: "The room is archived, so nothing is said or kept right there. Unarchive it; if Firebell is not back "
    "within a quarter of an hour, invite it.",
    Closed.NOT_INSIDE: f"Firebell is not in the room any more, so nothing is said or kept right there. {_INVITE}",
    Closed.GONE: "The room was deleted, or is private and Firebell was removed from it, so nothing is said or kept right "
    f"there. If there still is one: {_INVITE}",
}


@dataclass(frozen=True, slots=True)
class Look:
    """before: what is known already. tells: people are told what to do about it, as long as people are called at all."""

    room_id: str
    before: Presence
    tells: bool = True


@dataclass(frozen=True, slots=True)
class InsideRoom:
    """Looked at once a quarter of an hour while the incident is open and looked after, and anew once we have archived the room.

    Where the room is closed to us, somebody comes to look again, and looks once more when the incident is resolved: a room that
    is open again by then hears how it ended. `Made.vendor_id` holds a Presence.
    """

    chat: Callable[[], Chat]
    after: tuple[str, ...] = ()
    name: str = INSIDE
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[Look], ...]:
        incident, room, known = scene.incident, scene.records.get(ROOM), scene.records.get(self.name)
        if room is None or not room.vendor_id:
            return ()
        if incident.status is Status.RESOLVED:
            before = _closed_since(scene, room)
            last = Look(room.vendor_id, before, tells=False)
            return (self._spec(incident, last, "resolved"),) if before.closed is not None else ()
        archived_by_us = _archived_by_us(scene, room.vendor_id)
        quarter = max(timedelta(), scene.now - incident.created_at) // READ_EVERY
        if known is None and archived_by_us is None and not quarter:
            return ()
        before = _closed_since(scene, room)
        if archived_by_us is not None and (known is None or known.until < archived_by_us.until):
            before = replace(before, closed=Closed.ARCHIVED)
        look = self._at(quarter, incident, Look(room.vendor_id, before, tells=scene.wanted), archived_by_us)
        is_done = known is not None and known.fingerprint == look.fingerprint
        if is_done and scene.wanted and before.closed in (Closed.ARCHIVED, Closed.NOT_INSIDE):
            look = self._at(quarter + 1, incident, look.content, archived_by_us)
        return (look,)

    def find(self, spec: Spec[Look]) -> Made | None:
        """Looking twice is looking once, and so is entering."""
        del spec
        return None

    def make(self, spec: Spec[Look]) -> Made:
        return self._look(spec.content)

    def change(self, known: Made, spec: Spec[Look]) -> Made:
        del known
        return self._look(spec.content)

    def _at(self, quarter: int, incident: Incident, look: Look, archived: ArtifactRecord | None) -> Spec[Look]:
        not_before = incident.created_at + quarter * READ_EVERY if quarter else None
        return self._spec(incident, look, quarter, archived and archived.until, not_before=not_before)

    def _spec(self, incident: Incident, look: Look, *facts: object, not_before: datetime | None = None) -> Spec[Look]:
        spec = spec_of(self.name, incident, look, look.room_id, look.tells, *facts, not_before=not_before)
        # Is it open again, the room itself is kept right in the next pass. Is it closed, people are told in Jira, and the sweep
        # comes by whatever we write there: then it is known when to look again.
        return replace(spec, is_awaited=look.before.closed is not None)

    def _look(self, look: Look) -> Made:
        before = look.before
        room = self.chat().read_room(look.room_id)
        if room is None:
            return _shut(look, Closed.GONE)
        if room.is_archived:
            return _shut(look, Closed.ARCHIVED)
        if room.is_inside:
            return Made(str(before.back(room)))
        if before.closed is not Closed.ARCHIVED:  # a human put us out
            return _shut(look, Closed.NOT_INSIDE)
        return self._enter(room, look)

    def _enter(self, room: Room, look: Look) -> Made:
        try:
            self.chat().join(room.id)
        except RoomClosed as error:
            return _shut(look, error.why)
        except RefusedForGood:
            return _shut(look, Closed.NOT_INSIDE)
        except TemporaryError as error:
            if not error.out_of_service:
                raise
            # The scope may be missing: whoever invites us is quicker than who adds it.
            raise Unfinished(Made(str(look.before), says=_says(look, Closed.NOT_INSIDE)), error) from error
        return Made(str(look.before.back(room)))


def _archived_by_us(scene: Scene, room_id: str) -> ArtifactRecord | None:
    """None also where we were to archive it anew and did not: the record is that of the last try then, given up or not."""
    record = scene.records.get(ARCHIVE)
    if record is None or record.state is not ArtifactState.MADE or record.vendor_id != room_id:
        return None
    return record if record.attempt == 0 and record.fingerprint else None


def _closed_since(scene: Scene, room: ArtifactRecord) -> Presence:
    """As we have seen it last, unless we were refused there since: it may be open again before we look.

    What is tried again is tried because we saw it open.
    """
    seen, kept = presence_of(scene), (room, scene.records.get(MEMBERS))
    is_refused = any(one is not None and one.state is ArtifactState.CLOSED and one.attempt == 0 for one in kept)
    return replace(seen, closed=Closed.NOT_INSIDE) if is_refused and seen.closed is None else seen


def _shut(look: Look, why: Closed) -> Made:
    return Made(str(replace(look.before, closed=why)), says=_says(look, why))


def _says(look: Look, why: Closed) -> tuple[str, ...]:
    return (SAYS[why],) if look.tells else ()
