"""Acknowledging at the pager and taking it in Jira are the same, whichever comes first, and never chase each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.incident import Incident, Status
from chalicelib.domain.paging import AlertStatus
from chalicelib.domain.policy import PagingPolicy
from chalicelib.ports.queue import Cause
from tests.builders import MIA as MIA_AT_JIRA
from tests.builders import a_change, an_incident
from tests.reconcile.small_world import SmallWorld, later

INCIDENT = an_incident()
ID = INCIDENT.id


def a_ringing_world(**policy: Any) -> SmallWorld:
    world = SmallWorld(policy=PagingPolicy(own_account="acc-firebell", **policy))
    world.jira_has(INCIDENT)
    world.webhook(INCIDENT)
    world.pass_time(10)
    return world


def in_jira(world: SmallWorld) -> Incident:
    issue = world.tickets.issues[ID]
    assert isinstance(issue, Incident)
    return issue


def until_nothing_changes(world: SmallWorld) -> int:
    """Every change of the issue comes back as a webhook; returns how many passes it took until one wrote nothing."""
    for passes in range(1, 20):
        before, issue = world.writes(), in_jira(world)
        world.webhook(issue)
        world.pass_time(60, sweeping=True)
        if world.writes() == before:
            return passes
    raise AssertionError("it never settles")


def test_acknowledged_at_the_pager_it_is_moved_and_assigned_and_nothing_follows_from_that():
    world = a_ringing_world()
    world.pager.act("a-1", AlertStatus.ACKED, "mia@example.com")
    world.ring(INCIDENT, Cause.PAGER)
    assert (in_jira(world).assignee, in_jira(world).status) == (MIA_AT_JIRA, Status.FIXING)
    assert until_nothing_changes(world) <= 2
    assert [alert.by for alert in world.pager.alerts] == ["mia@example.com"]
    assert world.tickets.comments == {}
    assert len(world.pager.rings) == 1


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"assignee": MIA_AT_JIRA, "changes": (a_change("assignee", "acc-mia", MIA_AT_JIRA),)}, id="assigned"),
        pytest.param({"status": Status.FIXING, "changes": (a_change("status", "fixing", MIA_AT_JIRA),)}, id="moved"),
    ],
)
def test_taken_in_jira_it_is_acknowledged_at_the_pager_and_nothing_follows_from_that(how: dict[str, Any]):
    world = a_ringing_world()
    taken = later(INCIDENT, 20, **how)
    world.jira_has(taken)
    world.webhook(taken)
    world.pass_time(10)
    assert [alert.by for alert in world.pager.alerts] == ["firebell"]
    assert until_nothing_changes(world) <= 2
    assert (in_jira(world).assignee, in_jira(world).status) == (taken.assignee, taken.status)


def test_both_at_once_end_with_what_the_human_chose_in_jira():
    world = a_ringing_world()
    world.pager.act("a-1", AlertStatus.ACKED, "mia@example.com")
    emma = replace(MIA_AT_JIRA, account_id="acc-emma", name="Emma Reyes")
    world.jira_has(later(INCIDENT, 20, assignee=emma, changes=(a_change("assignee", "acc-emma", emma),)))
    until_nothing_changes(world)
    assert (in_jira(world).assignee, in_jira(world).status) == (emma, Status.FIXING)
    assert world.tickets.assigned == {}


def test_a_human_who_undoes_it_is_not_fought():
    world = a_ringing_world()
    world.pager.act("a-1", AlertStatus.ACKED, "mia@example.com")
    world.ring(INCIDENT, Cause.PAGER)
    until_nothing_changes(world)
    world.jira_has(later(in_jira(world), 90, assignee=None, status=Status.NEW))
    world.tickets.assigned.clear()
    world.tickets.moved.clear()
    until_nothing_changes(world)
    assert (world.tickets.assigned, world.tickets.moved) == ({}, {})


def test_a_sibling_that_we_acknowledge_makes_nobody_incident_manager_but_whoever_answered():
    world = a_ringing_world(ack_timeout_s=60)
    world.pass_time(120, sweeping=True)
    assert world.states() == {"1:im": "confirmed", "1:imoc1": "confirmed"}
    world.tickets.accounts.append(replace(MIA_AT_JIRA, account_id="acc-omar", name="Omar Haddad", email="omar@example.com"))
    world.pager.act("a-2", AlertStatus.ACKED, "omar@example.com")
    until_nothing_changes(world)
    assert [alert.by for alert in world.pager.alerts] == ["omar@example.com", "firebell"]
    assignee = in_jira(world).assignee
    assert assignee is not None
    assert assignee.account_id == "acc-omar"


def test_who_cannot_be_matched_is_said_once_and_no_more_when_somebody_has_it():
    world = a_ringing_world()
    world.tickets.accounts.clear()
    world.pager.act("a-1", AlertStatus.ACKED, "mia@example.com")
    world.ring(INCIDENT, Cause.PAGER)
    until_nothing_changes(world)
    [said] = world.tickets.comments.values()
    assert "mia@example.com acknowledged, but" in said
    world.jira_has(later(in_jira(world), 90, assignee=MIA_AT_JIRA))
    until_nothing_changes(world)
    [said] = world.tickets.comments.values()
    assert "acknowledged, but" not in said


def test_a_new_episode_is_taken_by_whoever_acknowledges_it():
    world = a_ringing_world()
    world.pager.act("a-1", AlertStatus.ACKED, "mia@example.com")
    until_nothing_changes(world)
    for status, old, after_s in ((Status.RESOLVED, "fixing", 200), (Status.NEW, "resolved", 400)):
        issue = in_jira(world)
        changes = (*issue.changes, a_change("status", status.value, MIA_AT_JIRA, old=old, after_s=after_s))
        world.jira_has(later(issue, after_s, status=status, assignee=None, changes=changes))
        world.webhook(in_jira(world))
        world.pass_time(100, sweeping=True)
    world.tickets.assigned.clear()
    world.pager.act("a-2", AlertStatus.ACKED, "mia@example.com")
    until_nothing_changes(world)
    assert (in_jira(world).assignee, in_jira(world).status) == (MIA_AT_JIRA, Status.FIXING)
    assert len(world.pager.rings) == 2
