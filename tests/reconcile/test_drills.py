"""A drill rings its own people and nobody else, whatever happens; one that turns out to be real rings for real."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.incident import Incident, IssueId, IssueKey, Status
from chalicelib.domain.paging import AlertStatus
from chalicelib.domain.policy import PagingPolicy
from chalicelib.domain.routing import RoutingTable
from tests.builders import MIA, NOW, a_change, a_roster, a_routing_table, an_incident, seconds
from tests.reconcile.small_world import SmallWorld, later

DRILL = an_incident(is_drill=True)


def a_table() -> RoutingTable:
    return a_routing_table(
        a_roster("testers"), a_roster("databases"), escalations={"databases": "databases"}, drill=("testers",)
    )


def a_world(incident: Incident = DRILL) -> SmallWorld:
    world = SmallWorld(table=a_table())
    world.jira_has(incident)
    world.webhook(incident)
    world.pass_time(10)
    return world


def rung(world: SmallWorld) -> list[str]:
    return [roster for roster, _ in world.pager.rings]


def test_a_drill_that_nobody_answers_rings_no_incident_manager_on_call():
    world = a_world()
    world.pass_time(400, sweeping=True)
    assert rung(world) == ["testers"]


def test_a_drill_without_the_ledger_rings_the_testers_too():
    world = SmallWorld(table=a_table())
    world.jira_has(DRILL)
    world.broken.away = True
    world.webhook(DRILL)
    assert rung(world) == ["testers"]


def test_whoever_is_asked_for_in_a_drill_is_rung_at_the_testers():
    world = a_world(an_incident(is_drill=True, escalate_to=("Databases",)))
    world.pass_time(30, sweeping=True)
    assert rung(world) == ["testers", "testers"]


def test_a_drill_whose_manager_left_rings_the_testers():
    left = an_incident(
        is_drill=True, status=Status.FIXING, updated_at=NOW + seconds(60), assignee=None,
        changes=(
            a_change("status", "fixing", MIA, old="new", after_s=30),
            a_change("assignee", "acc-mia", MIA, after_s=31),
            a_change("assignee", None, MIA, old="acc-mia", after_s=60),
        ),
    )  # fmt: skip
    world = SmallWorld(table=a_table())
    world.jira_has(left)
    world.pass_time(60)
    world.ring(left)
    world.pass_time(420, sweeping=True)
    assert rung(world) == ["testers"]


def test_drills_make_no_storm_that_would_hold_back_what_is_real():
    world = SmallWorld(table=a_table(), policy=PagingPolicy(own_account="acc-firebell", storm_majors=2))
    for number in range(5):
        drill = replace(DRILL, id=IssueId(f"2000{number}"), key=IssueKey(f"HOT-{number}"))
        world.jira_has(drill)
        world.webhook(drill)
    real = an_incident()
    world.jira_has(real)
    world.webhook(real)
    world.pass_time(10)
    assert "storm" not in world.log.alarms


@pytest.mark.parametrize("answered", [pytest.param(False, id="nobody answered"), pytest.param(True, id="answered already")])
def test_a_drill_that_turns_out_to_be_real_rings_whom_an_incident_rings(answered: bool):
    """Unless somebody has it: then they know that it is real, for they were told by the issue they have."""
    world = a_world()
    if answered:
        world.pager.act("a-1", AlertStatus.ACKED, "mia@example.com")
    world.jira_has(replace(later(DRILL, 60), is_drill=False))
    world.pass_time(60, sweeping=True)
    assert rung(world) == (["testers"] if answered else ["testers", "bitbucket-im"])
