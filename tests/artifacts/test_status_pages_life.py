"""Status pages through a whole incident: one incident on each page and no update twice, whatever dies or gets lost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

import pytest

from chalicelib.domain.announcement import ComponentState
from chalicelib.domain.incident import Severity, Status
from sandbox.emulator import Fault, FaultKind
from tests.adapters.status_world import PAYMENTS, PUBLIC, STAFF, TOKEN
from tests.artifacts.passes import is_settled
from tests.artifacts.status_page_world import (
    RESOLVED_ISSUE,
    PagesWorld,
    a_pages_world,
    an_announcement,
    for_public,
    the_end,
)
from tests.builders import TIMEOUTS_S, TOO_LATE_S, seconds
from tests.reconcile.small_world import Killed

LOST = (FaultKind.TIMEOUT_AFTER, FaultKind.RESET_AFTER, FaultKind.ERROR_AFTER, FaultKind.GARBAGE)
Pass = Callable[[PagesWorld], object]


def a_life(world: PagesWorld, settle: Pass) -> None:
    """Told to staff and public, updated, renamed, edited, and resolved."""
    world.announcer.to_staff = [an_announcement()]
    settle(world)
    ordered = for_public(world.ordered("1", "Some payments fail"), state=ComponentState.PARTIAL_OUTAGE)
    world.announcer.to_staff.append(world.ordered("2", "A cache is full"))
    world.announcer.to_public = [ordered]
    settle(world)
    world.is_now(severity=Severity.SEV2)
    world.announcer.to_staff[0] = replace(world.announcer.to_staff[0], subject="HOT-42 - Sev 2 - Checkout is slow")
    world.announcer.to_staff[1] = world.ordered("2", "A disk is full")
    settle(world)
    world.is_now(**RESOLVED_ISSUE)
    world.announcer.to_staff.append(the_end())
    world.announcer.to_public.append(for_public(the_end()))
    settle(world)


def assert_all_was_told_once(world: PagesWorld) -> None:
    assert world.bodies(STAFF) == [
        "We are investigating an incident affecting Payments.", "A disk is full is what we know.", "The incident is resolved."
    ]  # fmt: skip
    assert world.bodies(PUBLIC) == ["Some payments fail is what we know.", "The incident is resolved."]
    assert (world.only(STAFF).name, world.only(PUBLIC).name) == (
        "HOT-42 - Sev 2 - Checkout is slow", "Investigating issues with Example Pay"
    )  # fmt: skip
    assert (world.only(STAFF).status, world.only(PUBLIC).status) == ("resolved", "resolved")
    assert (world.states(STAFF)[PAYMENTS], world.states(PUBLIC)[PAYMENTS]) == ("operational", "operational")
    assert (world.told(STAFF), world.told(PUBLIC)) == (3, 2)


def once(world: PagesWorld) -> None:
    world.settle()


def until_it_is_settled(world: PagesWorld) -> None:
    for _ in range(20):
        with suppress(Killed):
            if is_settled(world.settle()):
                return
        world.passes.pass_time(31)
    raise AssertionError("never settled")


def test_a_clean_life_costs_one_call_to_open_and_to_amend_two_to_update_and_three_to_look_milder():
    with a_pages_world() as world:
        a_life(world, once)
        assert_all_was_told_once(world)
        counted = {name: world.status.emulator.count(name) for name in ("create_incident", "update_incident", "amend_update")}
        assert counted == {"create_incident": 2, "update_incident": 4, "amend_update": 1}
        assert world.calls() == 2 + 3 * 2 + 2 + 3 + 1, (
            "reads before updates, open incidents before resolves, both before a milder state, an edit"
        )


def effects_of_a_life() -> int:
    with a_pages_world() as world:
        a_life(world, until_it_is_settled)
        assert_all_was_told_once(world)
        return len(world.passes.effects)


def test_a_worker_that_dies_around_any_effect_leaves_one_of_everything():
    total = effects_of_a_life()
    assert total > 20
    for number in range(total):
        for after in (False, True):
            with a_pages_world() as world:
                world.passes.small.mortality.kill_at, world.passes.small.mortality.after = number, after
                a_life(world, until_it_is_settled)
                assert_all_was_told_once(world)


@pytest.mark.parametrize("kind", LOST)
@pytest.mark.parametrize("operation", ["create_incident", "update_incident", "amend_update"])
def test_lost_answers_repeat_nothing(operation: str, kind: FaultKind):
    for skip in range({"create_incident": 2, "update_incident": 4, "amend_update": 1}[operation]):
        with a_pages_world(timeouts_s=TIMEOUTS_S) as world:
            world.status.emulator.faults.switch_on(operation, Fault(kind, delay_s=TOO_LATE_S, skip=skip))
            a_life(world, until_it_is_settled)
            assert_all_was_told_once(world)


def test_five_workers_at_once_tell_everything_once():
    with a_pages_world() as world:

        def by_many(world: PagesWorld) -> None:
            world.passes.settle_by_many()
            until_it_is_settled(world)

        a_life(world, by_many)
        assert_all_was_told_once(world)


def test_a_settled_life_writes_nothing_and_asks_nobody():
    with a_pages_world() as world:
        a_life(world, until_it_is_settled)
        effects, calls = len(world.passes.effects), world.calls()
        for _ in range(3):
            world.passes.pass_time(600)
            assert is_settled(world.settle())
        assert (len(world.passes.effects), world.calls()) == (effects, calls)


def test_a_page_that_is_away_keeps_no_other_waiting_and_is_made_up_for():
    with a_pages_world() as world:
        world.status.emulator.faults.switch_on("create_incident", Fault(FaultKind.UNAVAILABLE, times=None))
        world.announcer.to_staff = [an_announcement()]
        world.settle(300)
        assert world.record("staff_page:opening").trouble == "statuspage cannot be reached"
        world.status.emulator.faults.clear()
        world.settle(600)
        assert (len(world.bodies()), world.told(), world.record("staff_page:opening").trouble) == (1, 1, "")


def test_a_key_that_was_taken_away_is_said_at_once_and_never_shown():
    with a_pages_world() as world:
        world.status.emulator.faults.switch_on("*", Fault(FaultKind.UNAUTHORIZED))
        world.announcer.to_staff = [an_announcement()]
        world.settle()
        record = world.record("staff_page:opening")
        assert record.trouble.startswith("statuspage: 401")
        assert TOKEN not in f"{record}"


def test_a_limit_that_others_use_up_delays_and_loses_nothing():
    with a_pages_world() as world:
        status, passes = world.status, world.passes
        for _ in range(40):
            status.ledger.take_turn("statuspage", status.clock.at, seconds(1), until=status.clock.at + seconds(60))
        world.announcer.to_staff = [an_announcement()]
        [outcome, *_] = world.settle()
        assert (world.calls(), outcome.due) == (0, passes.small.clock.at + seconds(40))
        until_it_is_settled(world)
        assert (len(world.bodies()), world.told()) == (1, 1)


def test_what_was_opened_and_is_announced_no_more_before_it_was_noted_is_found_by_whatever_comes_next():
    """The order's answer was lost, and its author took it back; another order follows."""
    with a_pages_world() as world:
        world.status.emulator.faults.switch_on("create_incident", Fault(FaultKind.ERROR_AFTER))
        world.announcer.to_public = [for_public(world.ordered("1", "First"))]
        world.settle()
        world.announcer.to_public = [for_public(world.ordered("2", "Second"))]
        until_it_is_settled(world)
        assert world.bodies(PUBLIC) == ["First is what we know.", "Second is what we know."]
        assert world.passes.incident.status is Status.NEW
