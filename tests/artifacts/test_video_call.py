"""One call per incident, made once, left to people, and none beside a human's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.fixed_link import FixedLink
from chalicelib.adapters.jinja_words import JinjaWords
from chalicelib.adapters.jitsi import Jitsi
from chalicelib.artifacts.artifact import Artifact, Scene
from chalicelib.artifacts.video_call import CallText, VideoCall
from chalicelib.domain.incident import Severity
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from chalicelib.ports.video_calls import VideoCalls
from sandbox.emulator import Fault, FaultKind
from tests.adapters.test_zoom import HOST, ZoomWorld, a_zoom
from tests.artifacts.passes import EVERY_DEATH, Passes, is_settled
from tests.builders import NOW, TOO_LATE_S, an_incident
from tests.reconcile.small_world import SmallWorld

WORDS = JinjaWords(Path(__file__).parents[2] / "templates")
THEIRS = {"video_call": "https://meet.example.com/theirs"}
BEGUN = ArtifactRecord(an_incident().id, "video_call", ArtifactState.SENDING, "c", NOW)
MADE = replace(BEGUN, state=ArtifactState.MADE, vendor_id="92", link="https://example.zoom.us/j/92")


def a_call_of(calls: VideoCalls, tickets: Any = None) -> VideoCall:
    return VideoCall(lambda: calls, lambda: tickets, WORDS)


def a_scene(record: ArtifactRecord | None = None, *, wanted: bool = True, **changes: Any) -> Scene:
    return Scene(an_incident(**changes), NOW, wanted=wanted, records={"video_call": record} if record else {})


@contextmanager
def passes_at_zoom() -> Iterator[tuple[Passes, ZoomWorld]]:
    with a_zoom() as zoom:

        def artifacts(small: SmallWorld) -> tuple[Artifact[Any], ...]:
            return (a_call_of(small.mortality.wrap(zoom.calls, "zoom"), small.tickets),)

        yield Passes(artifacts, clock=zoom.clock), zoom


# --- when there is one ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scene", "wished"),
    [
        pytest.param(a_scene(), [True], id="people are called for it"),
        pytest.param(a_scene(wanted=False), [], id="nobody is called: minor, resolved, adopted"),
        pytest.param(a_scene(links=THEIRS), [], id="a human has put a link there"),
        pytest.param(a_scene(MADE), [], id="made"),
        pytest.param(a_scene(MADE, summary="Checkout is slow"), [], id="made, and the summary changed"),
        pytest.param(a_scene(MADE, wanted=False), [], id="made, and resolved"),
        pytest.param(a_scene(BEGUN), [True], id="begun"),
        pytest.param(a_scene(BEGUN, wanted=False), [False], id="begun, and resolved: looked for only"),
        pytest.param(a_scene(BEGUN, links=THEIRS), [False], id="begun, and a human was faster: looked for only"),
    ],
)
def test_when_a_call_is_wished_for(scene: Scene, wished: list[bool]):
    assert [spec.content.is_needed for spec in a_call_of(FixedLink("x")).want(scene)] == wished


def test_what_it_is_made_of_may_change_and_calls_for_nothing():
    [before] = a_call_of(FixedLink("x")).want(a_scene(BEGUN))
    [after] = a_call_of(FixedLink("x")).want(a_scene(BEGUN, summary="Checkout is slow", severity=Severity.SEV2))
    assert before.content != after.content
    assert before.fingerprint == after.fingerprint


@pytest.mark.parametrize(
    ("changes", "topic", "agenda"),
    [
        pytest.param({}, "HOT-42", "HOT-42: severity 1, Checkout is down", id="an incident"),
        pytest.param({"is_private": True}, "HOT-42", "HOT-42", id="a private one"),
        pytest.param(
            {"is_drill": True},
            "[DRILL] HOT-42",
            "[DRILL] This is an exercise.\nHOT-42: severity 1, Checkout is down",
            id="a drill",
        ),
        pytest.param({"summary": "Checkout\n is  down"}, "HOT-42", "HOT-42: severity 1, Checkout is down", id="line breaks"),
    ],
)
def test_what_people_see_in_their_calendars(changes: dict[str, Any], topic: str, agenda: str):
    [spec] = a_call_of(FixedLink("x")).want(a_scene(**changes))
    assert spec.content.content == CallText("firebell-10002", topic, agenda)


# --- at Zoom --------------------------------------------------------------------------------------------------------------


def test_one_meeting_whatever_becomes_of_the_incident_and_only_its_join_link_is_kept():
    with passes_at_zoom() as (passes, zoom):
        passes.settle()
        [meeting] = zoom.model.meetings.values()
        assert passes.effects == ["ledger.insert", "zoom.make_call", "ledger.replace"]
        assert (passes.records["video_call"].vendor_id, passes.records["video_call"].link) == (
            str(meeting.id),
            meeting.join_url,
        )
        assert meeting.agenda == "firebell-10002\nHOT-42: severity 1, Checkout is down"
        passes.incident = an_incident(summary="Checkout is slow")
        assert is_settled(passes.settle())
        passes.wanted = False
        assert is_settled(passes.settle())
        assert len(passes.effects) == 3
        assert meeting.start_url not in repr(passes.records)


@pytest.mark.parametrize("is_lost", [False, True], ids=["answered", "lost answer"])
def test_a_door_that_zoom_keeps_closed_is_told_to_people(is_lost: bool):
    with passes_at_zoom() as (passes, zoom):
        zoom.model.locked = {"waiting_room": True}
        if is_lost:
            zoom.emulator.faults.switch_on("create_meeting", Fault(FaultKind.RESET_AFTER))
        passes.settle_for(60)
        assert passes.records["video_call"].says == (
            f"Zoom keeps a waiting room here: somebody must sign in as {HOST} and let people in.",
        )
        assert is_settled(passes.settle())


@pytest.mark.parametrize(("number", "after"), EVERY_DEATH)
def test_a_worker_that_dies_leaves_one_meeting(number: int, after: bool):
    with passes_at_zoom() as (passes, zoom):
        passes.die(number, after=after)
        assert is_settled(passes.settle_for(120))
        [meeting] = zoom.model.meetings.values()
        assert passes.records["video_call"].link == meeting.join_url


def test_many_workers_make_one_meeting():
    with passes_at_zoom() as (passes, zoom):
        passes.settle_by_many()
        passes.settle_for(60)
        assert len(zoom.model.meetings) == 1


def test_a_lost_answer_is_repaired_by_looking():
    with passes_at_zoom() as (passes, zoom):
        zoom.emulator.faults.switch_on("create_meeting", Fault(FaultKind.TIMEOUT_AFTER, delay_s=TOO_LATE_S))
        passes.settle()
        assert not passes.records["video_call"].link
        passes.settle_for(60)
        [meeting] = zoom.model.meetings.values()
        assert passes.records["video_call"].link == meeting.join_url


def test_zoom_that_is_away_is_told_of_once_and_repaired_later():
    with passes_at_zoom() as (passes, zoom):
        zoom.emulator.faults.switch_on("create_meeting", Fault(FaultKind.UNAVAILABLE, times=None))
        passes.settle_for(300)
        assert passes.records["video_call"].trouble == "zoom cannot be reached"
        zoom.emulator.faults.clear()
        passes.settle_for(600)
        assert passes.records["video_call"].trouble == ""
        assert len(zoom.model.meetings) == 1


def test_a_human_whose_link_comes_while_zoom_is_away_needs_no_other():
    with passes_at_zoom() as (passes, zoom):
        zoom.emulator.faults.switch_on("create_meeting", Fault(FaultKind.UNAVAILABLE, times=None))
        passes.settle_for(300)
        zoom.emulator.faults.clear()
        passes.incident = an_incident(links=THEIRS)
        assert is_settled(passes.settle_for(600))
        record = passes.records["video_call"]
        assert (record.state, record.trouble, dict(zoom.model.meetings)) == (ArtifactState.CLOSED, "", {})


def test_what_was_given_up_is_made_when_it_is_needed_again_once():
    with passes_at_zoom() as (passes, zoom):
        zoom.emulator.faults.switch_on("create_meeting", Fault(FaultKind.UNAVAILABLE))
        passes.settle()
        passes.wanted = False
        passes.settle_for(60)
        assert passes.records["video_call"].state is ArtifactState.CLOSED
        passes.wanted = True
        zoom.emulator.faults.switch_on("create_meeting", Fault(FaultKind.TIMEOUT_AFTER, delay_s=TOO_LATE_S))
        passes.settle_for(120)
        [meeting] = zoom.model.meetings.values()
        assert passes.records["video_call"].link == meeting.join_url


def test_a_meeting_that_a_human_deleted_is_not_made_again_and_not_asked_for():
    with passes_at_zoom() as (passes, zoom):
        passes.settle()
        zoom.model.delete(next(iter(zoom.model.meetings)))
        zoom.emulator.faults.switch_on("*", Fault(FaultKind.UNAVAILABLE, times=None))
        passes.incident = an_incident(summary="Checkout is slow")
        assert is_settled(passes.settle_for(60))
        assert not zoom.model.meetings


def test_the_meeting_that_a_human_retitled_is_still_ours():
    with passes_at_zoom() as (passes, zoom):
        passes.die(1, after=True)
        [meeting] = zoom.model.meetings.values()
        zoom.model.retitle(meeting.id, "War room")
        passes.settle_for(60)
        assert list(zoom.model.meetings.values()) == [meeting]


def test_the_day_on_which_zoom_makes_no_more_meetings_ends():
    with passes_at_zoom() as (passes, zoom):
        zoom.model.a_day = 0
        passes.settle()
        assert passes.records["video_call"].trouble == "zoom asks us to wait"
        zoom.model.a_day = 100
        passes.pass_time(24 * 3600)
        passes.settle()
        assert [meeting.host for meeting in zoom.model.meetings.values()] == [HOST]


# --- elsewhere ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("calls", "beginning"),
    [
        pytest.param(Jitsi("https://jitsi.example.com", "a secret of 16 bytes"), "https://jitsi.example.com/fire", id="Jitsi"),
        pytest.param(FixedLink("https://meet.example.com/hot"), "https://meet.example.com/hot", id="fixed link"),
    ],
)
def test_a_call_that_takes_no_call(calls: VideoCalls, beginning: str):
    passes = Passes(lambda small: (a_call_of(calls, small.tickets),))
    passes.settle()
    assert passes.records["video_call"].link.startswith(beginning)
    assert is_settled(passes.settle())


def test_what_becomes_private_before_its_call_is_made_has_a_call_without_its_summary():
    with passes_at_zoom() as (passes, zoom):
        secret = passes.small.tickets.issues[passes.incident.id] = an_incident(is_private=True)
        passes.settle()
        assert zoom.model.meetings == {}
        passes.incident = secret
        assert is_settled(passes.settle_for(62))
        [meeting] = zoom.model.meetings.values()
        assert "Checkout" not in meeting.agenda
