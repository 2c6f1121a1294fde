"""What only PagerDuty does: keys that incidents do not show, reopening by acknowledging, one open incident per integration."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from chalicelib.domain.paging import AlertStatus
from chalicelib.errors import PermanentError
from sandbox.pagers.pagerduty import PagerDutyEmulator
from tests.adapters.pager_world import ALIAS, VendorWorld, a_page_in, a_pager


@pytest.fixture
def world() -> Iterator[VendorWorld]:
    with a_pager("pagerduty") as world:
        yield world


def test_an_incident_that_does_not_show_its_key_is_found_by_it_all_the_same(world: VendorWorld):
    """Incidents with child alerts have no incident key of their own; a look that missed them would page again and again."""
    assert isinstance(world.emulator, PagerDutyEmulator)
    world.emulator.shows_keys = False
    alert_id = a_page_in(world)
    assert [(alert.id, alert.alias) for alert in world.pager.find(ALIAS)] == [(alert_id, ALIAS)]
    assert world.pager.find("firebell:1") == ()


def test_acknowledging_what_a_human_closed_does_not_reopen_it(world: VendorWorld):
    alert_id = a_page_in(world)
    world.desk.close(alert_id, "mia@example.com")
    world.pager.acknowledge(alert_id, "somebody has it")
    alert = world.pager.read(alert_id)
    assert alert is not None
    assert alert.status is AlertStatus.CLOSED


def test_acknowledging_what_somebody_acknowledged_keeps_their_name(world: VendorWorld):
    alert_id = a_page_in(world)
    world.desk.acknowledge(alert_id, "mia@example.com")
    world.pager.acknowledge(alert_id, "somebody has it")
    alert = world.pager.read(alert_id)
    assert alert is not None
    assert alert.by == "mia@example.com"


def test_an_acknowledgement_that_runs_out_is_told_from_one_that_a_human_took_back(world: VendorWorld):
    alert_id = a_page_in(world)
    world.pager.acknowledge(alert_id, "somebody has it")
    world.pass_time(1800)
    run_out = world.pager.read(alert_id)
    world.desk.acknowledge(alert_id, "mia@example.com")
    world.desk.escalate(alert_id, "mia@example.com")
    taken_back = world.pager.read(alert_id)
    assert run_out is not None
    assert taken_back is not None
    assert (run_out.status, run_out.rings_by_itself) == (AlertStatus.OPEN, True)
    assert (taken_back.status, taken_back.rings_by_itself) == (AlertStatus.OPEN, False)


def test_acknowledging_what_pagerduty_does_not_know_is_an_error(world: VendorWorld):
    with pytest.raises(PermanentError, match="404"):
        world.pager.acknowledge("nothing", "somebody has it")


def test_closing_what_pagerduty_does_not_know_is_an_error(world: VendorWorld):
    with pytest.raises(PermanentError):
        world.pager.close("nothing", "resolved")


def test_the_same_key_under_another_integration_is_another_incident(world: VendorWorld):
    a_page_in(world)
    world.pager.open_page(world.request(roster=replace(world.roster, name="other")))
    world.pass_time()
    assert len(world.pager.find(ALIAS)) == 2


def test_a_person_on_call_under_two_policies_is_named_once(world: VendorWorld):
    world.desk.add_roster(
        replace(world.desk.rosters["ros-1"], on_call=("mia@example.com", "omar@example.com", "mia@example.com"))
    )
    assert world.pager.on_call(world.roster) == ("mia@example.com", "omar@example.com")


def test_a_service_whose_name_is_part_of_others_is_resolved_by_its_whole_name(world: VendorWorld):
    wanted = world.desk.rosters.pop("ros-1")
    for number in range(120):
        world.desk.add_roster(replace(wanted, id=f"ros-1{number}", name=f"Bitbucket IM {number}"))
    world.desk.add_roster(wanted)
    assert world.pager.resolve_id(world.roster.kind, "Bitbucket IM") == "ros-1"
