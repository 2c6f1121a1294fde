"""What an incident on a page is called and how bad it looks follows the issue, and nobody is told of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.announcement import ComponentState
from chalicelib.domain.incident import Severity, Status
from sandbox.status.model import PageIncident
from tests.adapters.status_world import LOGIN, PAYMENTS, PUBLIC, STAFF
from tests.artifacts.passes import is_settled
from tests.artifacts.status_page_world import RESOLVED_ISSUE, PagesWorld, a_pages_world, an_announcement, for_public, the_end

SLOW = "HOT-42 - Sev 2 - Checkout is slow"


@pytest.fixture
def world() -> Iterator[PagesWorld]:
    """Told of on the staff's page."""
    with a_pages_world() as world:
        world.announcer.to_staff = [an_announcement()]
        world.settle()
        yield world


def rename(world: PagesWorld, **changes: Any) -> None:
    world.is_now(**changes)
    world.announcer.to_staff[0] = replace(world.announcer.to_staff[0], subject=SLOW)


def test_an_incident_that_was_just_opened_needs_no_second_call(world: PagesWorld):
    assert (world.calls(), list(world.passes.records)) == (1, ["staff_page:opening"])


def test_another_summary_or_severity_renames_it_quietly_and_asks_first_what_is_there(world: PagesWorld):
    rename(world, severity=Severity.SEV2)
    calls = world.calls()
    world.settle()
    assert (world.only().name, world.states()) == (SLOW, {PAYMENTS: "partial_outage", LOGIN: "operational"})
    assert (world.calls(), world.told(), len(world.bodies())) == (calls + 3, 1, 1)
    assert is_settled(world.settle())


def test_a_product_that_is_affected_too_is_shown(world: PagesWorld):
    world.is_now(products=("Payments", "Login"))
    world.settle()
    assert world.states() == {PAYMENTS: "major_outage", LOGIN: "major_outage"}


def test_a_product_that_was_named_by_mistake_is_well_again(world: PagesWorld):
    world.is_now(products=("Login",))
    world.settle()
    assert world.states() == {PAYMENTS: "operational", LOGIN: "major_outage"}
    world.status.model.set_component(STAFF, PAYMENTS, "degraded_performance")
    world.is_now(severity=Severity.SEV2)
    world.settle()
    assert world.states() == {PAYMENTS: "degraded_performance", LOGIN: "partial_outage"}, "by then a human says so"
    assert is_settled(world.settle())


def test_a_product_that_was_named_by_mistake_is_left_while_another_incident_shows_it(world: PagesWorld):
    other = world.status.model.open(STAFF, {"name": "Another", "component_ids": [PAYMENTS]})
    world.is_now(products=("Login",))
    world.settle()
    assert world.states() == {PAYMENTS: "major_outage", LOGIN: "major_outage"}
    world.status.model.change(STAFF, other.id, {"status": "resolved"})
    world.is_now(**RESOLVED_ISSUE)
    world.announcer.to_staff.append(the_end())
    world.settle()
    assert world.states() == {PAYMENTS: "operational", LOGIN: "operational"}


def a_worse_one(world: PagesWorld, component_id: str) -> PageIncident:
    """Another incident on the page, by which this component does as bad as can be."""
    named = {"component_ids": [component_id], "components": {component_id: "major_outage"}}
    return world.status.model.open(STAFF, {"name": "Another", **named})


def test_a_product_that_does_worse_by_another_incident_is_shown_and_left(world: PagesWorld):
    rename(world, severity=Severity.SEV2)
    world.settle()
    other = a_worse_one(world, LOGIN)
    world.is_now(products=("Payments", "Login"))
    world.settle()
    ours, _ = world.incidents()
    assert (ours.component_ids, world.states()) == ([PAYMENTS, LOGIN], {PAYMENTS: "partial_outage", LOGIN: "major_outage"})
    world.is_now(severity=Severity.SEV1)
    world.settle()
    world.is_now(severity=Severity.SEV2)
    world.settle()
    assert world.states() == {PAYMENTS: "partial_outage", LOGIN: "major_outage"}
    world.status.model.change(STAFF, other.id, {"status": "resolved"})
    world.is_now(**RESOLVED_ISSUE)
    world.announcer.to_staff.append(the_end())
    assert is_settled(world.settle(62))


def test_a_product_that_was_ours_and_left_as_bad_as_it_was_is_well_again_when_it_is_named_no_more(world: PagesWorld):
    other = world.status.model.open(STAFF, {"name": "Another", "component_ids": [PAYMENTS]})
    rename(world, severity=Severity.SEV2)
    world.settle()
    assert world.states()[PAYMENTS] == "major_outage", "nobody knows whose it is"
    world.status.model.change(STAFF, other.id, {"status": "resolved"})
    world.is_now(products=("Login",))
    world.settle()
    assert world.states() == {PAYMENTS: "operational", LOGIN: "partial_outage"}


def test_a_product_under_maintenance_stays_so_when_it_is_named_no_more(world: PagesWorld):
    world.status.model.set_component(STAFF, PAYMENTS, "under_maintenance")
    world.is_now(products=("Login",))
    world.settle()
    assert world.states()[PAYMENTS] == "under_maintenance"


def test_what_was_changed_back_is_right_again(world: PagesWorld):
    first = world.announcer.to_staff[0]
    rename(world)
    world.settle()
    world.announcer.to_staff[0] = first
    world.settle()
    assert (world.only().name, is_settled(world.settle())) == (first.subject, True)


def test_an_incident_lowered_to_severity_3_is_renamed_and_its_products_are_left(world: PagesWorld):
    rename(world, severity=Severity.SEV3)
    world.settle()
    assert (world.only().name, world.states()[PAYMENTS]) == (SLOW, "major_outage")


def test_the_public_sees_another_name_but_no_state_of_ours():
    with a_pages_world() as world:
        world.announcer.to_public = [for_public(an_announcement(), state=ComponentState.DEGRADED)]
        world.settle()
        world.announcer.to_public[0] = replace(world.announcer.to_public[0], subject="Investigating issues with Example ID")
        world.is_now(severity=Severity.SEV2, products=("Login",))
        world.settle()
        assert world.only(PUBLIC).name == "Investigating issues with Example ID"
        assert world.states(PUBLIC)[PAYMENTS] == "degraded_performance"


def test_nothing_is_renamed_any_more_once_it_is_resolved(world: PagesWorld):
    rename(world, status=Status.RESOLVED)
    assert is_settled(world.settle())


@pytest.mark.parametrize("by_then", [{"is_private": True}, {"is_drill": True}, {"status": Status.RESOLVED}])
def test_nothing_is_renamed_that_may_not_be_told_of_at_the_moment_of_the_effect(world: PagesWorld, by_then: dict[str, Any]):
    rename(world)
    world.behind(**by_then)
    calls = world.calls()
    world.settle(60)
    assert world.calls() == calls


def test_what_cannot_be_seen_for_a_while_is_renamed_once_it_can(world: PagesWorld):
    rename(world)
    del world.jira.issues[world.passes.incident.id]
    world.settle()
    world.behind()
    assert is_settled(world.settle(100))
    assert world.only().name == SLOW


def test_a_deleted_incident_is_not_brought_back_for_its_name(world: PagesWorld):
    world.status.model.delete(STAFF, world.only().id)
    rename(world)
    world.settle()
    assert (world.incidents(), is_settled(world.settle(60))) == ([], True)


def test_a_component_that_the_page_does_not_have_is_said(world: PagesWorld):
    del world.status.model.pages[STAFF].components[LOGIN]
    world.is_now(products=("Payments", "Login"))
    world.settle()
    assert world.record("staff_page_name").says == (f"the page has no component {LOGIN}: correct it in the settings",)
    assert is_settled(world.settle())


def test_at_the_end_a_product_that_was_affected_later_is_well_again_too(world: PagesWorld):
    world.is_now(products=("Payments", "Login"))
    world.settle()
    world.is_now(**RESOLVED_ISSUE)
    world.announcer.to_staff.append(the_end())
    world.settle()
    assert world.states() == {PAYMENTS: "operational", LOGIN: "operational"}
