"""An issue that leaves while it is open on a status page: an owner is called, once, and nothing is written anywhere."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.artifacts.status_told import Told
from chalicelib.domain.announcement import Progress
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from chalicelib.ports.queue import Cause
from chalicelib.ports.tickets import Left
from chalicelib.reconcile.left_open import NAME
from tests.builders import NOW, an_incident, seconds
from tests.reconcile.small_world import SmallWorld, later

INCIDENT = an_incident()
LEFT = Left(INCIDENT.id, "it is in project OPS now")


def a_record(name: str, told: Told | None, state: ArtifactState = ArtifactState.MADE, **more: Any) -> ArtifactRecord:
    vendor_id, link = (str(told), "https://status.example.com/i-1") if told is not None else (None, "")
    return ArtifactRecord(INCIDENT.id, name, state, "c", NOW, "f", vendor_id, link=link, made_at=NOW, **more)


def a_world_with(*records: ArtifactRecord) -> SmallWorld:
    world = SmallWorld()
    world.jira_has(INCIDENT)
    world.webhook(INCIDENT)
    for record in records:
        world.ledger.insert(record)
    return world


OPEN = a_record("public_page:order-1", Told("i-1", "u-1", Progress.IDENTIFIED))
RESOLVED = a_record("public_page:resolved-1", Told("i-1", "u-2", Progress.RESOLVED))


def leave(world: SmallWorld, at_s: float = 10) -> None:
    world.clock.at = NOW + seconds(at_s)
    world.jira_has(LEFT)
    world.ring(INCIDENT, Cause.CHANGED)


@pytest.mark.parametrize(
    ("records", "alarms"),
    [
        pytest.param([OPEN], 1, id="open for customers"),
        pytest.param([a_record("staff_page:opening", Told("i-1", "u-1", Progress.INVESTIGATING))], 1, id="open for staff"),
        pytest.param(
            [a_record("public_page:opening", None, ArtifactState.SENDING)], 1, id="nobody knows whether it was opened"
        ),
        pytest.param([OPEN, RESOLVED], 0, id="over there"),
        pytest.param(
            [a_record("public_page:opening", Told("i-1"), ArtifactState.CLOSED, says=("deleted",))], 0, id="deleted there"
        ),
        pytest.param([a_record("mail:opening", Told("m-1")), a_record("public_page_name", Told("i-1"))], 0, id="no page"),
    ],
)
def test_what_is_left_open_on_a_page_calls_an_owner_once(records: list[ArtifactRecord], alarms: int):
    world = a_world_with(*records)
    leave(world)
    world.pass_time(200, sweeping=True)
    assert world.log.alarms.count(NAME) == alarms
    writes = world.writes()
    world.ring(INCIDENT, Cause.CHANGED)
    assert world.writes() == writes


def test_the_alarm_says_what_and_where():
    world = a_world_with(OPEN)
    leave(world)
    [fields] = [fields for event, fields in world.log.events if event == NAME]
    link = "https://status.example.com/i-1"
    assert fields == {"issue": "HOT-42", "why": "it is in project OPS now", "pages": "public_page", "links": link}


def test_a_deleted_issue_calls_as_well():
    world = a_world_with(OPEN)
    del world.tickets.issues[INCIDENT.id]
    world.ring(INCIDENT, Cause.DELETED)
    assert world.log.alarms.count(NAME) == 1


def test_what_comes_back_is_told_of_and_leaves_again_calls_again():
    world = a_world_with(OPEN)
    leave(world)
    world.jira_has(later(INCIDENT, 20))
    world.ring(INCIDENT, Cause.CHANGED)
    leave(world, 30)
    assert world.log.alarms.count(NAME) == 1, "nothing was told meanwhile"
    record = a_record("public_page:order-2", Told("i-1", "u-3", Progress.MONITORING))
    world.ledger.insert(record)
    leave(world, 40)
    assert world.log.alarms.count(NAME) == 2


def test_nobody_is_called_while_the_ledger_does_not_say_what_is_open_and_then_somebody_is():
    world = a_world_with(OPEN)
    world.jira_has(LEFT)
    world.clock.at = NOW + seconds(10)
    world.broken.away = True
    world.ring(INCIDENT, Cause.CHANGED)
    assert NAME not in world.log.alarms
    world.broken.away = False
    world.pass_time(60, sweeping=True)
    assert world.log.alarms.count(NAME) == 1
