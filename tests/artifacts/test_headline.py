"""What is announced: each change once, in the order in which they come, and nothing of what the room began with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.artifacts.headline import Facts, Headline
from chalicelib.artifacts.numbered import next_saying
from chalicelib.domain.incident import Severity, Status
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from sandbox.emulator import FaultKind
from tests.artifacts.room_world import RoomWorld, a_room_world
from tests.builders import NOW, TOO_LATE_S, an_incident


@pytest.fixture
def world() -> Iterator[RoomWorld]:
    with a_room_world() as world:
        yield world


def headlines(world: RoomWorld) -> list[str]:
    link = "<https://example.atlassian.net/browse/HOT-42|HOT-42>"
    return [message.text.replace(link, "HOT-42") for message in world.marked("said:headline:")]


def test_what_the_room_began_with_is_no_news(world: RoomWorld):
    world.settle()
    assert headlines(world) == []
    assert world.records["said:headline:1"].state is ArtifactState.MADE


def test_remembering_it_asks_nobody(world: RoomWorld):
    world.settle()
    before = len(world.calls)
    world.settle(Headline)
    assert len(world.calls) == before


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"severity": Severity.SEV1}, "HOT-42 is worse than thought: severity *1*, it was 2.", id="worse"),
        pytest.param({"severity": Severity.SEV3}, "HOT-42 is less severe now: severity *3*, it was 2.", id="better"),
        pytest.param({"summary": "Checkout is <slow>"}, "HOT-42 is now: *Checkout is &lt;slow&gt;*", id="summary"),
        pytest.param({"status": Status.RESOLVED}, "HOT-42 is resolved. Thank you, everybody.", id="resolved"),
        pytest.param({"is_drill": True, "summary": "All is down"}, "[DRILL] HOT-42 is now: *All is down*", id="drill"),
        pytest.param(
            {"severity": Severity.SEV1, "summary": "All is down"},
            "HOT-42 is worse than thought: severity *1*, it was 2.\nHOT-42 is now: *All is down*",
            id="both at once",
        ),
    ],
)
def test_a_change_is_announced_once(world: RoomWorld, changes: dict[str, Any], said: str):
    world.settle(severity=Severity.SEV2)
    world.settle(**changes)
    world.settle()
    assert headlines(world) == [said]


@pytest.mark.parametrize("changes", [{"description": "more"}, {"summary": " Checkout  is down "}, {"status": Status.FIXING}])
def test_what_a_headline_does_not_tell_is_not_announced(world: RoomWorld, changes: dict[str, Any]):
    world.settle()
    world.settle(**changes)
    assert headlines(world) == []


def test_to_and_fro_is_announced_each_time(world: RoomWorld):
    for severity in (Severity.SEV1, Severity.SEV2, Severity.SEV1, Severity.SEV2):
        world.settle(severity=severity)
        world.settle()
    assert len(headlines(world)) == 3


def test_reopening_is_announced(world: RoomWorld):
    for status in (Status.NEW, Status.RESOLVED, Status.FIXING, Status.RESOLVED):
        world.settle(status=status)
    assert [text.partition(",")[0] for text in headlines(world)] == [
        "HOT-42 is resolved. Thank you", "HOT-42 is open again", "HOT-42 is resolved. Thank you"
    ]  # fmt: skip


@pytest.mark.parametrize("kind", [FaultKind.RESET_AFTER, FaultKind.TIMEOUT_AFTER, FaultKind.RESET_BEFORE])
def test_a_lost_answer_is_not_said_twice(world: RoomWorld, kind: FaultKind):
    world.settle()
    world.break_slack("chat.postMessage", kind, times=1, delay_s=TOO_LATE_S)
    world.settle(severity=Severity.SEV2)
    world.settle_until_done()
    assert headlines(world) == ["HOT-42 is less severe now: severity *2*, it was 1."]


def test_what_was_said_and_lost_is_corrected_when_it_is_not_true_any_more(world: RoomWorld):
    world.settle()
    world.break_slack("chat.postMessage", FaultKind.RESET_AFTER, times=1)
    world.settle(severity=Severity.SEV2)
    world.pass_time(31)
    world.settle_until_done(severity=Severity.SEV1)
    assert headlines(world) == ["HOT-42 is at severity *1*. Disregard what was said in between."]
    world.settle(severity=Severity.SEV2)
    assert len(headlines(world)) == 2


def test_facts_survive_the_ledger():
    facts = Facts.of(an_incident())
    assert Facts.parse(str(facts)) == facts


A_RECORD = ArtifactRecord(an_incident().id, "said:1", ArtifactState.MADE, "c", NOW, "old")


@pytest.mark.parametrize(
    ("records", "name", "known"),
    [
        pytest.param([], "said:1", "", id="the first"),
        pytest.param([A_RECORD], "said:2", "old", id="a new fact"),
        pytest.param([replace(A_RECORD, fingerprint="new")], None, "", id="said already"),
        pytest.param([replace(A_RECORD, state=ArtifactState.CLOSED, fingerprint="new")], None, "", id="the room was closed"),
        pytest.param([replace(A_RECORD, state=ArtifactState.SENDING, fingerprint="")], "said:1", "", id="the first under way"),
        pytest.param(
            [replace(A_RECORD, fingerprint="new"), replace(A_RECORD, name="said:2", fingerprint="")], "said:2", "new",
            id="under way, and the facts went back",
        ),
        pytest.param([replace(A_RECORD, name="said:other:1", fingerprint="new")], "said:1", "", id="another kind"),
    ],
)  # fmt: skip
def test_which_saying_comes_next(records: list[ArtifactRecord], name: str | None, known: str):
    saying = next_saying("said", "new", {record.name: record for record in records})
    assert (saying.name if saying else None) == name
    assert (saying.known if saying else "") == known


def test_more_than_nine_are_counted(world: RoomWorld):
    for number in range(12):
        world.settle(summary=f"Checkout is down {number}")
    assert len(headlines(world)) == 11
    assert "said:headline:12" in world.records
