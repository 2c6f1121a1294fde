"""The room of a resolved incident is archived when it has been quiet for long enough, once per resolve."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.artifacts.archive import ArchivedRoom
from chalicelib.artifacts.artifact import Scene
from chalicelib.domain.incident import Status
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from chalicelib.reconcile.artifacts import Outcome, settle_artifacts
from sandbox.emulator import Fault, FaultKind
from tests.adapters.chat_world import BOT, MIA, a_chat
from tests.builders import NOW, a_change, an_incident, seconds
from tests.reconcile.small_world import SmallWorld

WEEK = timedelta(days=7)
RESOLVED = {"status": Status.RESOLVED, "changes": (a_change("status", "resolved", after_s=60),)}
REOPENED = {**RESOLVED, "changes": (a_change("status", "new", after_s=61), a_change("status", "resolved", after_s=99))}
ROOM = ArtifactRecord(an_incident().id, "chat_room", ArtifactState.MADE, "c", NOW, vendor_id="C1")
AT = NOW + seconds(60) + WEEK


@pytest.mark.parametrize(
    ("changes", "room", "due"),
    [
        pytest.param({}, ROOM, None, id="open"),
        pytest.param(RESOLVED, None, None, id="no room"),
        pytest.param(RESOLVED, replace(ROOM, state=ArtifactState.CLOSED), None, id="a human archived it"),
        pytest.param(RESOLVED, ROOM, AT, id="a week after the resolve"),
        pytest.param({"status": Status.RESOLVED, "updated_at": NOW}, ROOM, NOW + WEEK, id="resolved nobody knows when"),
        pytest.param(REOPENED, ROOM, NOW + seconds(99) + WEEK, id="a week after the last resolve"),
    ],
)  # fmt: skip
def test_when_it_is_archived(changes: dict[str, Any], room: ArtifactRecord | None, due: object):
    scene = Scene(an_incident(**changes), NOW, records={"chat_room": room} if room else {})
    found = ArchivedRoom(lambda: None, WEEK).want(scene)  # type: ignore[arg-type,return-value]
    assert [spec.not_before for spec in found] == ([due] if due else [])


def test_the_room_is_archived_when_its_time_has_come_and_a_human_may_open_it_again():
    incident = an_incident(**RESOLVED)
    with a_chat() as slack:
        room, small = slack.a_room_with_people(), SmallWorld()

        def settle() -> None:
            records = {record.name: record for record in small.ledger.read(incident.id).artifacts}
            scene = Scene(incident, small.clock.at, records={"chat_room": replace(ROOM, vendor_id=room.id), **records})
            archived = ArchivedRoom(lambda: slack.chat, WEEK)
            settle_artifacts([archived], scene, small.world, give_up_at=small.clock.at + seconds(20))

        settle()
        assert not room.is_archived
        small.clock.at = AT
        settle()
        assert room.is_archived
        room.is_archived = False
        settle()
        assert not room.is_archived


def test_where_only_others_may_archive_people_are_asked_to_and_it_is_tried_once_per_resolve():
    incident = an_incident(**RESOLVED)
    with a_chat() as slack:
        room, small = slack.a_room_with_people(), SmallWorld()
        slack.emulator.refuse["conversations.archive"] = ["restricted_action"]
        small.clock.at = AT

        def settle() -> list[Outcome]:
            records = {record.name: record for record in small.ledger.read(incident.id).artifacts}
            scene = Scene(incident, small.clock.at, records={"chat_room": replace(ROOM, vendor_id=room.id), **records})
            archived = ArchivedRoom(lambda: slack.chat, WEEK)
            return settle_artifacts([archived], scene, small.world, give_up_at=small.clock.at + seconds(20))

        [outcome] = settle()
        small.clock.at += WEEK
        assert not any(one.pending or one.changed for one in settle())
        assert slack.emulator.count("conversations.archive") == 1
        assert (outcome.pending, room.is_archived) == (False, False)
        [record] = small.ledger.read(incident.id).artifacts
        assert record.says == (
            "The room cannot be archived: restricted_action: an administrator allows this to others only. Archive it by "
            "hand when nobody needs it.",
        )
        incident = an_incident(**REOPENED)
        small.clock.at += WEEK
        settle()
        assert room.is_archived


def test_an_answer_that_is_not_the_chats_own_word_is_no_refusal():
    incident = an_incident(**RESOLVED)
    with a_chat() as slack:
        room, small = slack.a_room_with_people(), SmallWorld()
        slack.emulator.faults.switch_on("conversations.archive", Fault(FaultKind.NOT_FOUND, times=1))
        small.clock.at = AT
        for _ in range(2):
            records = {record.name: record for record in small.ledger.read(incident.id).artifacts}
            scene = Scene(incident, small.clock.at, records={"chat_room": replace(ROOM, vendor_id=room.id), **records})
            archived = ArchivedRoom(lambda: slack.chat, WEEK)
            settle_artifacts([archived], scene, small.world, give_up_at=small.clock.at + seconds(20))
            small.clock.at += seconds(301)
        assert room.is_archived


def test_a_room_that_we_were_removed_from_is_left_alone():
    incident = an_incident(**RESOLVED)
    with a_chat() as slack:
        room, small = slack.a_room_with_people(), SmallWorld()
        slack.model.remove(MIA, room.id, BOT)
        small.clock.at = AT
        scene = Scene(incident, AT, records={"chat_room": replace(ROOM, vendor_id=room.id)})
        archived = ArchivedRoom(lambda: slack.chat, WEEK)
        [outcome] = settle_artifacts([archived], scene, small.world, give_up_at=AT + seconds(20))
        assert not outcome.pending
        assert not room.is_archived
