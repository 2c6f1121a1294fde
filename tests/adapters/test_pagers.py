"""One contract for all pagers: whatever is true of the port is true of Opsgenie, JSM Operations and PagerDuty alike.

And of the simulator's two pagers, as far as they go: `vendor` is for what only HTTP and a vendor's limits can do.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from chalicelib.domain.paging import AlertStatus, RosterKind
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.reconcile.pager_keys import ASKED_AT_MINUTE, ask_pagers
from sandbox.emulator import Fault, FaultKind
from tests.adapters.pager_world import ALIAS, KEY, PagerWorld, VendorWorld, a_page_in, a_pager, a_simulated_pager
from tests.builders import NOW, TOO_LATE_S, seconds
from tests.reconcile.small_world import SmallWorld

LASTING = (FaultKind.NOT_FOUND, FaultKind.CONFLICT, FaultKind.SLOW)
"""No passing fault: refusals, and what is no error at all."""


VENDORS = ("opsgenie", "jsm", "pagerduty")
SIMULATED = {"simulated": False, "simulated, synchronous": True}


@contextmanager
def any_pager(name: str) -> Iterator[PagerWorld]:
    if name in SIMULATED:
        yield a_simulated_pager(synchronous=SIMULATED[name])
    else:
        with a_pager(name) as world:
            yield world


@pytest.fixture(params=[*VENDORS, *SIMULATED])
def world(request: pytest.FixtureRequest) -> Iterator[PagerWorld]:
    with any_pager(request.param) as world:
        yield world


@pytest.fixture(params=VENDORS)
def vendor(request: pytest.FixtureRequest) -> Iterator[VendorWorld]:
    with a_pager(request.param) as world:
        yield world


def test_a_page_is_accepted_then_made_and_rings_who_is_on_call(world: PagerWorld):
    request_id = world.pager.open_page(world.request())
    assert world.pager.confirm(ALIAS, request_id).pending
    assert world.desk.rings == []
    world.pass_time()
    confirmation = world.pager.confirm(ALIAS, request_id)
    [alert] = world.pager.find(ALIAS)
    assert confirmation.alert_id == alert.id
    assert (alert.status, alert.alias, alert.created_at) == (AlertStatus.OPEN, ALIAS, NOW + seconds(1))
    assert [ring.people for ring in world.desk.rings] == [("mia@example.com",)]


def test_an_alert_that_is_over_confirms_no_later_request(world: PagerWorld):
    alert_id = a_page_in(world)
    world.desk.close(alert_id, "mia@example.com")
    world.pass_time()
    request_id = world.pager.open_page(world.request())
    assert world.pager.confirm(ALIAS, request_id).pending
    world.pass_time()
    assert world.pager.confirm(ALIAS, request_id).alert_id not in (None, alert_id)


def test_an_open_alert_absorbs_a_second_request(world: PagerWorld):
    a_page_in(world)
    world.pager.open_page(world.request())
    world.pass_time()
    assert len(world.pager.find(ALIAS)) == 1
    assert len(world.desk.rings) == 1


def test_an_alert_of_another_alias_is_not_found(world: PagerWorld):
    a_page_in(world)
    assert world.pager.find("firebell:1000") == ()


def test_an_acknowledgement_shows_who_and_when(world: PagerWorld):
    alert_id = a_page_in(world)
    world.clock.at += seconds(30)
    world.desk.acknowledge(alert_id, "mia@example.com")
    alert = world.pager.read(alert_id)
    assert alert is not None
    assert (alert.status, alert.by, alert.at) == (AlertStatus.ACKED, "mia@example.com", NOW + seconds(31))


def test_we_can_acknowledge_and_close_by_id_and_a_second_close_is_no_error(world: PagerWorld):
    alert_id = a_page_in(world)
    world.pager.acknowledge(alert_id, "somebody has it")
    world.pass_time()
    assert world.pager.find(ALIAS)[0].status is AlertStatus.ACKED
    for _ in range(2):
        world.pager.close(alert_id, "resolved")
        world.pass_time()
    closed = world.pager.read(alert_id)
    assert closed is not None
    assert closed.status is AlertStatus.CLOSED


def test_a_look_shows_closed_alerts_too_newest_first(world: PagerWorld):
    first = a_page_in(world)
    world.desk.close(first, "mia@example.com")
    world.pass_time(60)
    second = a_page_in(world)
    assert [(alert.id, alert.status) for alert in world.pager.find(ALIAS)] == [
        (second, AlertStatus.OPEN),
        (first, AlertStatus.CLOSED),
    ]


def test_an_alert_of_last_winter_is_still_found(world: PagerWorld):
    """An incident may be reopened after months: what was closed then must not be taken for an alert that never was."""
    alert_id = a_page_in(world)
    world.desk.close(alert_id, "mia@example.com")
    world.pass_time(300 * 24 * 3600)
    assert [alert.id for alert in world.pager.find(ALIAS)] == [alert_id]


def test_an_alert_nobody_knows_reads_as_none(world: PagerWorld):
    assert world.pager.read("nothing") is None


def test_who_is_on_call_and_that_nobody_is(world: PagerWorld):
    assert world.pager.on_call(world.roster) == ("mia@example.com",)
    assert world.pager.on_call(replace(world.roster, id="empty", schedule_id="empty")) == ()
    team = replace(world.roster, kind=RosterKind.TEAM, schedule_id="")
    assert world.pager.on_call(team) is None


def test_a_roster_that_does_not_exist_is_refused_for_good(world: PagerWorld):
    with pytest.raises(PermanentError):
        world.pager.open_page(world.request(roster=replace(world.roster, name="gone", id="gone", title="Gone")))


def test_a_name_becomes_an_id_and_an_unknown_one_an_error(vendor: VendorWorld):
    assert vendor.pager.resolve_id(vendor.roster.kind, "Bitbucket IM") == "ros-1"
    with pytest.raises(PermanentError):
        vendor.pager.resolve_id(vendor.roster.kind, "No such roster")


def test_endless_texts_are_cut_to_what_the_vendor_takes(vendor: VendorWorld):
    long = "né👩\u200d🚀🇸🇪" * 5000
    request = vendor.request(message=long, description=long, tags=("x" * 99,) * 30, details={"a": long, "b": long})
    vendor.pager.open_page(request)
    vendor.pass_time()
    [alert] = vendor.desk.alerts
    assert alert.message.endswith("…")


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind not in LASTING])
def test_every_passing_fault_is_a_temporary_error_that_leaks_nothing(vendor: VendorWorld, kind: FaultKind):
    vendor.emulator.faults.switch_on(vendor.create, Fault(kind, delay_s=TOO_LATE_S))
    with pytest.raises(TemporaryError) as caught:
        vendor.pager.open_page(vendor.request())
    assert KEY not in f"{caught.value!r} {caught.value}"
    assert caught.value.out_of_service is (kind in (FaultKind.UNAUTHORIZED, FaultKind.FORBIDDEN))


def test_a_2xx_with_an_error_inside_is_no_success_of_any_operation(vendor: VendorWorld):
    alert_id = a_page_in(vendor)
    pager = vendor.pager
    for call in (
        lambda: pager.open_page(vendor.request()), lambda: pager.find(ALIAS), lambda: pager.read(alert_id),
        lambda: pager.acknowledge(alert_id, "why"), lambda: pager.close(alert_id, "why"), lambda: pager.on_call(vendor.roster),
    ):  # fmt: skip
        vendor.emulator.faults.switch_on("*", Fault(FaultKind.ERROR_INSIDE))
        with pytest.raises(TemporaryError):
            call()


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT_AFTER, FaultKind.RESET_AFTER, FaultKind.ERROR_AFTER, FaultKind.GARBAGE])
def test_what_a_lost_answer_made_is_found_by_looking(vendor: VendorWorld, kind: FaultKind):
    vendor.emulator.faults.switch_on(vendor.create, Fault(kind, delay_s=TOO_LATE_S))
    with pytest.raises(TemporaryError):
        vendor.pager.open_page(vendor.request())
    vendor.pass_time()
    assert len(vendor.pager.find(ALIAS)) == 1


@pytest.mark.parametrize(
    ("header", "wait_s", "down"),
    [
        pytest.param("1", 1.0, False, id="one second"),
        pytest.param("30", 30.0, False, id="half a minute"),
        pytest.param("3600", 3600.0, True, id="an hour counts as down"),
        pytest.param("soon", None, False, id="nonsense"),
        pytest.param(None, None, False, id="absent"),
    ],
)
def test_retry_after_is_understood(vendor: VendorWorld, header: str | None, wait_s: float | None, down: bool):
    vendor.emulator.faults.switch_on(vendor.find, Fault(FaultKind.RATE_LIMITED, retry_after=header))
    with pytest.raises(TemporaryError) as caught:
        vendor.pager.find(ALIAS)
    assert (caught.value.retry_after_s, caught.value.out_of_service) == (wait_s, down)


@pytest.mark.parametrize(
    ("name", "operation"),
    [("opsgenie", "list_alerts"), ("jsm", "list_alerts"), ("jsm", "request_status"), ("pagerduty", "list_incidents")],
)
@pytest.mark.parametrize("kind", [None, FaultKind.UNAUTHORIZED, FaultKind.FORBIDDEN])
def test_each_key_that_can_be_tried_is(name: str, operation: str, kind: FaultKind | None):
    small = SmallWorld()
    with a_pager(name) as world:
        if kind is not None:
            world.emulator.faults.switch_on(operation, Fault(kind))
        ask_pagers(replace(small.world, pagers={name: world.pager}), NOW.replace(minute=ASKED_AT_MINUTE), NOW + seconds(45))
        assert world.emulator.count(operation) >= 1
        assert world.desk.alerts == []
    assert small.log.alarms == ["pager_refuses_us"] * (kind is not None)


@pytest.mark.parametrize("name", ["opsgenie", *SIMULATED])
def test_lists_may_lag_behind_and_single_alerts_do_not(name: str):
    with any_pager(name) as world:
        alert_id = a_page_in(world)
        world.desk.lag = seconds(10)
        assert world.pager.find(ALIAS) == ()
        assert world.pager.read(alert_id) is not None
        world.pass_time(10)
        assert len(world.pager.find(ALIAS)) == 1


@pytest.mark.parametrize("name", ["opsgenie", *SIMULATED])
def test_a_broken_pager_accepts_and_never_rings(name: str):
    with any_pager(name) as world:
        world.desk.deaf = True
        request_id = world.pager.open_page(world.request())
        world.pass_time(60)
        assert world.pager.confirm(ALIAS, request_id).pending
        assert world.desk.rings == []


@pytest.mark.parametrize("name", ["opsgenie", "jsm", "simulated"])
def test_a_request_that_is_dropped_after_it_was_accepted_says_why(name: str):
    with any_pager(name) as world:
        world.desk.refuses_late = True
        request_id = world.pager.open_page(world.request(roster=replace(world.roster, id="gone")))
        assert world.pager.confirm(ALIAS, request_id).pending
        world.pass_time()
        assert "gone" in (world.pager.confirm(ALIAS, request_id).failed or "")
        assert world.desk.alerts == []


def test_opsgenie_takes_names_where_no_id_is_known():
    with a_pager("opsgenie") as world:
        nameless = replace(world.roster, id="", schedule_id="")
        assert world.pager.on_call(nameless) == ("mia@example.com",)
        world.pager.open_page(world.request(roster=nameless))
        world.pass_time()
        assert [ring.people for ring in world.desk.rings] == [("mia@example.com",)]


def test_a_schedule_renamed_since_the_settings_were_checked_still_tells_who_is_on_call():
    with a_pager("opsgenie") as world:
        assert world.pager.on_call(replace(world.roster, schedule_id="", title="Old name")) == ("mia@example.com",)


def test_jsm_pages_by_id_only():
    with a_pager("jsm") as world, pytest.raises(PermanentError, match="no id"):
        world.pager.open_page(world.request(roster=replace(world.roster, id="")))


def test_the_desk_rings_nobody_for_an_empty_roster():
    with a_pager("opsgenie") as world:
        world.pager.open_page(world.request(roster=replace(world.roster, id="empty")))
        world.pass_time()
        assert len(world.desk.alerts) == 1
        assert world.desk.rings == []
