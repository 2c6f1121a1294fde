"""How components on a page do at the end of an incident: what no other incident there shows is well again."""

from __future__ import annotations

from collections.abc import Collection

from chalicelib.domain.announcement import ComponentState
from chalicelib.ports.status_pages import StatusIncident, StatusPage

OUTAGES = frozenset((ComponentState.DEGRADED, ComponentState.PARTIAL_OUTAGE, ComponentState.MAJOR_OUTAGE))
"""States that end with an incident; whoever put a product under maintenance ends that."""


def well_again(
    page: StatusPage, incident: StatusIncident, ours: Collection[str]
) -> tuple[dict[str, ComponentState], dict[str, str]]:
    """Of those we set to an outage, which are well again; and which another open incident shows still, and how they do."""
    broken = {id_: incident.affected[id_] for id_ in ours if incident.affected.get(id_) in OUTAGES}
    if not broken:
        return {}, {}
    taken = frozenset(id_ for other in page.unresolved() if other.id != incident.id for id_ in other.affected)
    held_back = {id_: state for id_, state in broken.items() if id_ in taken}
    return {id_: ComponentState.OPERATIONAL for id_ in broken if id_ not in taken}, held_back
