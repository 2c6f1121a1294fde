"""An issue that has left (deleted, moved, retyped) is looked after no more, and what stands open on a status page stays so.

We end nothing there: nobody has said that it is over. Nor is anything written into the issue, which may belong to others by
now, and be read by anybody. So an owner is called, once for what was told last.
"""

from __future__ import annotations

from dataclasses import replace

from chalicelib.artifacts.status_told import history_of, is_open_on, records_of
from chalicelib.domain.announcement import STATUS_PAGES
from chalicelib.domain.incident import Incident
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState, Book
from chalicelib.reconcile.world import World

NAME = "left_open_on_page"
"""Called as the alarm: a record that is no artifact's: what stood open when the alarm was given, as its fingerprint."""


def call_for_what_is_left_open(incident: Incident, why: str, book: Book, world: World) -> None:
    """why: it is no incident of ours any more, for people. Safe to repeat; the alarm may come twice where we die behind it."""
    records = {record.name: record for record in book.artifacts}
    pages = [page for page in STATUS_PAGES if is_open_on(page, records) or _may_be_opened(page, records)]
    if not pages:
        return
    told = [history_of(records_of(page, records).values()) for page in pages]
    fingerprint = ",".join(f"{page}:{one[-1] if one else ''}" for page, one in zip(pages, told, strict=True))
    known = records.get(NAME)
    if known is not None and known.fingerprint == fingerprint:
        return
    links = [record.link for page in pages for record in records_of(page, records).values() if record.link]
    world.log.alarm(
        "left_open_on_page", issue=incident.key, why=why, pages=", ".join(pages), links=", ".join(dict.fromkeys(links))
    )
    if known is not None:
        world.ledger.replace(known, replace(known, fingerprint=fingerprint))
    else:
        now, token = world.clock.now(), world.tokens.token()
        world.ledger.insert(ArtifactRecord(incident.id, NAME, ArtifactState.MADE, token, now, fingerprint, made_at=now))


def _may_be_opened(page: str, records: dict[str, ArtifactRecord]) -> bool:
    """Begun, and the answer was lost or is still to come."""
    return any(record.state is ArtifactState.SENDING for record in records_of(page, records).values())
