"""The process is killed at every boundary between two effects; the next passes finish the work, once.

Each story is first played undisturbed to count its effects, then again for each of them, killed before it and right after.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from _pytest.mark import ParameterSet

from chalicelib.domain.incident import Status
from chalicelib.domain.paging import AlertStatus, PageState
from chalicelib.ports.ledger import ArtifactState
from chalicelib.ports.queue import Cause
from tests.builders import an_incident
from tests.reconcile.small_world import Killed, SmallWorld, later

INCIDENT = an_incident()


def a_webhook_arrives(world: SmallWorld) -> None:
    world.jira_has(INCIDENT)
    with suppress(Killed):
        world.webhook(INCIDENT)


def a_sweep_finds_it(world: SmallWorld) -> None:
    world.jira_has(INCIDENT)
    with suppress(Killed):
        world.sweep()


def nobody_is_on_call(world: SmallWorld) -> None:
    world.pager.empty_rosters.add("bitbucket-im")
    a_webhook_arrives(world)


def the_ledger_is_away_at_first(world: SmallWorld) -> None:
    world.broken.away = True
    a_webhook_arrives(world)
    world.pass_time(15)
    world.broken.away = False


def nobody_answers(world: SmallWorld) -> None:
    a_webhook_arrives(world)
    world.pass_time(660, sweeping=True)


def it_is_resolved(world: SmallWorld) -> None:
    world.jira_has(INCIDENT)
    with suppress(Killed):
        world.webhook(INCIDENT)
    world.pass_time(80, sweeping=True)
    resolved = later(INCIDENT, 80, status=Status.RESOLVED)
    world.jira_has(resolved)
    with suppress(Killed):
        world.webhook(resolved)
    world.pass_time(180, sweeping=True)  # What was sent twice goes on ending for a while: a duplicate may come late.


STORIES: dict[str, tuple[Callable[[SmallWorld], None], int, bool]] = {
    "a webhook arrives": (a_webhook_arrives, 1, True),
    "a sweep finds it": (a_sweep_finds_it, 1, True),
    "nobody is on call": (nobody_is_on_call, 2, True),
    "nobody answers": (nobody_answers, 2, True),
    "the ledger is away at first": (the_ledger_is_away_at_first, 1, True),
    "it is resolved": (it_is_resolved, 1, False),
}
"""The story, how many people it rings, and whether their alerts stay open."""


def play(name: str, kill_at: int | None, *, after: bool = False) -> SmallWorld:
    world = SmallWorld()
    world.mortality.kill_at, world.mortality.after = kill_at, after
    STORIES[name][0](world)
    world.pass_time(240, sweeping=True)
    return world


def every_death() -> list[ParameterSet]:
    deaths: list[ParameterSet] = []
    for name in STORIES:
        for number, effect in enumerate(play(name, None).mortality.effects):
            deaths += [
                pytest.param(name, number, after, id=f"{name}: {'after' if after else 'before'} {number} {effect}")
                for after in (False, True)
            ]
    return deaths


@pytest.mark.parametrize(("name", "number", "after"), every_death())
def test_whoever_is_killed_wherever_the_right_people_ring_once(name: str, number: int, after: bool):
    _, rings, stays_open = STORIES[name]
    world = play(name, number, after=after)
    assert len(world.pager.rings) == rings
    assert len(world.pager.rings) == len(set(world.pager.rings))
    assert len(world.pager.open_alerts()) == (rings if stays_open else 0)
    assert len(world.tickets.comments) == (1 if rings > 1 else 0)
    assert ("nobody_answers" in world.log.alarms) == (name == "nobody answers")
    assert_ledger_is_the_world(world)
    before = world.writes()
    world.ring(INCIDENT, Cause.SWEEP)
    assert world.writes() == before, "a second reconcile writes nothing"


def assert_ledger_is_the_world(world: SmallWorld) -> None:
    book = world.ledger.read(INCIDENT.id)
    alerts = {alert.id: alert.status for alert in world.pager.alerts}
    expected = {
        PageState.CONFIRMED: AlertStatus.OPEN,
        PageState.ACKED: AlertStatus.ACKED,
        PageState.CLOSED: AlertStatus.CLOSED,
        PageState.ENDED: AlertStatus.CLOSED,
    }
    for page in book.pages:
        for alert_id in page.alert_ids[:1]:
            assert alerts[alert_id] is expected[page.state]
    known = {alert_id for page in book.pages for alert_id in page.alert_ids}
    assert known == set(alerts)
    assert all(artifact.state is ArtifactState.MADE for artifact in book.artifacts)
