"""A pager that refuses us is told of before somebody must be rung."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.errors import IntegrationError, PermanentError, TemporaryError
from chalicelib.reconcile.pager_keys import ASKED_AT_MINUTE, NOBODYS, ask_pagers, is_refusal
from tests.builders import NOW, an_incident, seconds
from tests.reconcile.small_world import SmallWorld

INCIDENT = an_incident()
THEN = NOW.replace(minute=ASKED_AT_MINUTE)


def a_world_at(then: object = THEN) -> SmallWorld:
    world = SmallWorld()
    world.clock.at = world.queue.now = then  # type: ignore[assignment]
    return world


@pytest.mark.parametrize(
    ("error", "is_one"),
    [
        pytest.param(TemporaryError("opsgenie", "find", "401", out_of_service=True), True, id="the key is revoked"),
        pytest.param(TemporaryError("jsm", "confirm", "403", out_of_service=True), True, id="the key that pages is"),
        pytest.param(PermanentError("opsgenie", "find", "410 Gone"), True, id="it is no more"),
        pytest.param(PermanentError("opsgenie", "confirm", "422 no such request"), False, id="there is no such request"),
        pytest.param(TemporaryError("opsgenie", "find", "429", retry_after_s=600.0), False, id="not now"),
        pytest.param(TemporaryError("opsgenie", "find", "timed out"), False, id="no answer"),
    ],
)
def test_only_what_a_human_must_repair_is_a_refusal(error: IntegrationError, is_one: bool):
    assert is_refusal(error) is is_one


@pytest.mark.parametrize("operation", ["find", "confirm"])
def test_once_an_hour_the_owners_hear_of_a_pager_that_refuses_us(operation: str):
    world = a_world_at(NOW)
    world.second.fail(operation, times=1_000, out_of_service=True)
    for minute in range(180):
        world.clock.at = NOW + timedelta(minutes=minute)
        world.sweep()
    told = [fields for event, fields in world.log.events if event == "pager_refuses_us"]
    assert [fields["pager"] for fields in told] == ["pagerduty"] * 3


def test_one_that_is_away_is_only_logged_and_keeps_no_other_from_being_asked():
    world = a_world_at()
    world.pager.fail("find")
    world.second.fail("find", out_of_service=True)
    world.sweep()
    assert world.log.alarms == ["pager_refuses_us"]
    failed = [fields for event, fields in world.log.events if event == "pager_failed"]
    assert [fields["pager"] for fields in failed] == ["opsgenie"]


def test_nothing_is_rung_and_no_pager_is_asked_before_all_messages_are_sent():
    world = a_world_at()
    world.jira_has(INCIDENT)
    messages: list[int] = []
    find = world.pager.find

    def finding(alias: str) -> object:
        messages.append(len(world.queue))
        return find(alias)

    world.pager.find = finding  # type: ignore[assignment,method-assign]
    assert world.sweep() == 1
    assert messages == [1]
    assert world.pager.rings == []
    assert world.ledger.swept_at() == THEN


def test_whoever_has_no_time_left_asks_nobody():
    world = a_world_at()
    world.pager.fail("find", out_of_service=True)
    ask_pagers(world.world, THEN, give_up_at=THEN)
    assert world.log.alarms == []


def test_nobody_has_the_alias_that_is_asked_for():
    from chalicelib.domain.alias import parse_alias

    assert parse_alias(NOBODYS, "") is None


def test_a_look_that_fails_is_logged():
    world = SmallWorld()
    world.jira_has(INCIDENT)
    world.webhook(INCIDENT)
    world.pass_time(10)
    world.pager.fail("read", times=1)
    world.clock.at += seconds(60)
    world.ring(INCIDENT)
    failed = [fields for event, fields in world.log.events if event == "pager_failed"]
    assert [(fields["operation"], fields["target"]) for fields in failed] == [("look", "im")]
