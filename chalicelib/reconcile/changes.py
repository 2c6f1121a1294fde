"""What was changed at the faulty service: read once in a pass, and kept with the incident, because it expires elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.domain.deployments import looked_at_from, note_of
from chalicelib.domain.incident import Incident
from chalicelib.domain.notes import NOTES_LIMIT, Note, in_order
from chalicelib.errors import IntegrationError
from chalicelib.reconcile.world import World


def with_changes(notes: Sequence[Note], incident: Incident, world: World) -> tuple[Note, ...]:
    """The incident's notes, with every change to its service from two hours before its impact until now.

    Never raises: without it, everything else goes on, and the next pass asks again.
    """
    if incident.service is None:
        return tuple(notes)
    known = {note.id: note for note in notes}
    try:
        for deployment in world.ledger.changes_of(incident.service, looked_at_from(incident), world.clock.now()):
            note = note_of(deployment)
            if note.id not in known and len(known) < NOTES_LIMIT:
                world.ledger.add_note(incident.id, note)
                known[note.id] = note
    except IntegrationError as error:
        world.log.info("changes_unread", issue=incident.key, error=str(error))
    return in_order(known.values())
