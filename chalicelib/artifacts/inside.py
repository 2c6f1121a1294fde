"""Whether we are inside the incident's room while it is open. What was archived and is open again is entered again.

Archiving a public room takes everybody out of it, us too, and whoever opens it again brings nobody back. So people are told
when it is archived, and once it is open again, it is kept right again, and everybody is invited as if it were new.
Source: https://slack.com/help/articles/213185307-Archive-or-delete-a-channel
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.artifacts.artifact import Made, Scene, Spec, Unfinished, spec_of
from chalicelib.artifacts.in_room import ARCHIVE, INSIDE, ROOM, Presence, presence_of
from chalicelib.artifacts.note_sources import READ_EVERY
from chalicelib.domain.incident import Incident, Status
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.ports.chat import Chat, Closed, Room, RoomClosed
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
    """before: what is known already. room_id: "" where nobody has to look, for the incident is over."""

    room_id: str
    before: Presence


@dataclass(frozen=True, slots=True)
class InsideRoom:
    """Looked at once a quarter of an hour while the incident is open and looked after, and anew once we have archived the room.

    Where the room is closed to us, somebody comes to look again. `Made.vendor_id` holds a Presence.
    """

    chat: Callable[[], Chat]
    after: tuple[str, ...] = ()
    name: str = INSIDE
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[Look], ...]:
        incident, room, known = scene.incident, scene.records.get(ROOM), scene.records.get(self.name)
        if room is None or not room.vendor_id:
            return ()
        before = presence_of(scene)
        if incident.status is Status.RESOLVED:  # nobody has to do anything about it now
            is_told = known is not None and bool(known.says)
            return (spec_of(self.name, incident, Look("", before), "resolved"),) if is_told else ()
        archived_by_us = _archived_by_us(scene, room.vendor_id)
        quarter = max(timedelta(), scene.now - incident.created_at) // READ_EVERY
        if known is None and archived_by_us is None and not quarter:
            return ()
        if archived_by_us is not None and (known is None or known.until < archived_by_us.until):
            before = replace(before, closed=Closed.ARCHIVED)
        elif room.state is ArtifactState.CLOSED and before.closed is None:  # closed, and open again before we looked
            before = replace(before, closed=Closed.NOT_INSIDE)
        look = self._at(quarter, incident, Look(room.vendor_id, before), archived_by_us)
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
        facts = (look.room_id, quarter, archived and archived.until)
        spec = spec_of(self.name, incident, look, *facts, not_before=not_before)
        # Is it open again, the room itself is kept right in the next pass. Is it closed, people are told in Jira, and the sweep
        # comes by whatever we write there: then it is known when to look again.
        return replace(spec, is_awaited=look.before.closed is not None)

    def _look(self, look: Look) -> Made:
        before = look.before
        if not look.room_id:
            return Made(str(before))
        room = self.chat().read_room(look.room_id)
        if room is None:
            return _shut(before, Closed.GONE)
        if room.is_archived:
            return _shut(before, Closed.ARCHIVED)
        if room.is_inside:
            return Made(str(before.back(room)))
        if before.closed is not Closed.ARCHIVED:  # a human put us out
            return _shut(before, Closed.NOT_INSIDE)
        return self._enter(room, before)

    def _enter(self, room: Room, before: Presence) -> Made:
        try:
            self.chat().join(room.id)
        except RoomClosed as error:
            return _shut(before, error.why)
        except PermanentError:
            return _shut(before, Closed.NOT_INSIDE)
        except TemporaryError as error:
            if not error.out_of_service:
                raise
            # The scope may be missing: whoever invites us is quicker than who adds it.
            raise Unfinished(Made(str(before), says=(SAYS[Closed.NOT_INSIDE],)), error) from error
        return Made(str(before.back(room)))


def _archived_by_us(scene: Scene, room_id: str) -> ArtifactRecord | None:
    record = scene.records.get(ARCHIVE)
    is_done = record is not None and record.state is ArtifactState.MADE and record.vendor_id == room_id
    return record if is_done else None


def _shut(before: Presence, why: Closed) -> Made:
    return Made(str(replace(before, closed=why)), says=(SAYS[why],))
