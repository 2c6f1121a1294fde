"""How components of a page do, where several incidents on it show the same one."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from chalicelib.domain.announcement import ComponentState
from chalicelib.ports.status_pages import StatusIncident, StatusPage

OUTAGES = frozenset((ComponentState.DEGRADED, ComponentState.PARTIAL_OUTAGE, ComponentState.MAJOR_OUTAGE))
"""States that end with an incident; whoever put a product under maintenance ends that."""

_BY_WEIGHT = tuple(ComponentState)
"""The best first."""


def not_milder(page: StatusPage, states: Mapping[str, ComponentState], ours: str = "") -> dict[str, ComponentState]:
    """For staff: these states, but for components that do worse and that another open incident shows. ours: our incident's id,
    once it has one.

    The page does not tell which incident made it so. In doubt a product looks too bad, until one of them is over.
    """
    if all(state is ComponentState.MAJOR_OUTAGE for state in states.values()):
        return dict(states)
    shown = {id_: state for other in page.unresolved() if other.id != ours for id_, state in other.affected.items()}
    worse = {id_ for id_, state in states.items() if shown.get(id_) in _BY_WEIGHT[_BY_WEIGHT.index(state) + 1 :]}
    return {id_: state for id_, state in states.items() if id_ not in worse}


def set_free(page: StatusPage, incident: StatusIncident, ours: Collection[str]) -> dict[str, str]:
    """Show as well again what is; return what another open incident holds back, and how that does."""
    free, held_back = well_again(page, incident, ours)
    if free:
        page.restate(incident, components=free)
    return held_back


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
