"""What would happen to an incident in another mode, said once per outcome: nothing is touched but the ledger."""

from __future__ import annotations

import hashlib

from chalicelib.artifacts.page import is_open
from chalicelib.artifacts.page_plan import PageView
from chalicelib.domain.incident import Incident, doubts_without_values
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState, Book
from chalicelib.reconcile.world import World

SHADOW = "shadow"
"""The name of a record that is no artifact's: what would happen."""


def say_what_would_happen(incident: Incident, gone: str | None, view: PageView, book: Book, world: World) -> None:
    """gone: why it is no incident of ours any more. view: as if no page had been made yet. book: what is known."""
    would = _what_would_happen(incident, gone, view)
    fingerprint = hashlib.sha256(would.encode()).hexdigest()
    record = next((r for r in book.artifacts if r.name == SHADOW), None)
    if record is not None and record.fingerprint == fingerprint:
        return
    now = world.clock.now()
    new = ArtifactRecord(incident.id, SHADOW, ArtifactState.MADE, world.tokens.token(), now, fingerprint)
    stored = world.ledger.insert(new) if record is None else world.ledger.replace(record, new)
    if stored:
        world.log.info("shadow", issue=incident.key, would=would)


def _what_would_happen(incident: Incident, gone: str | None, view: PageView) -> str:
    if view.wanted and not view.taken:
        first = view.route.chain[0]
        then = [link.roster.name for link in view.route.chain[1:]]
        others = ", ".join(then) or "nobody"
        would = f"page {first.roster.name} through {first.roster.pager}, because {first.why}; then {others}"
    elif view.delivery is not None:
        would = f"alert {view.delivery.roster.name} without waking anybody"
    else:
        would = f"page nobody, because {gone or _why_nobody(incident, wanted=view.wanted)}"
    doubts = doubts_without_values(incident)
    return f"{would}; in doubt: {doubts}" if doubts else would


def _why_nobody(incident: Incident, *, wanted: bool) -> str:
    if wanted:
        return "somebody has taken it"
    if incident.severity.is_major and is_open(incident):
        return "it was raised before go_live, and nothing has made it worse since"
    return "it is resolved or not major"


def is_begun(book: Book) -> bool:
    """By a mode that touches more than the ledger, and not over yet."""
    return book.has_living_pages or any(record.name != SHADOW for record in book.artifacts)
