"""What others can still see of an incident that became private is listed once, where only those inside can read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.artifacts.already_visible import AlreadyVisible
from chalicelib.artifacts.artifact import Scene
from chalicelib.artifacts.chat_room import ChatRoom
from chalicelib.domain.incident import IssueId
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from sandbox.emulator import FaultKind
from tests.artifacts.room_world import WORDS, RoomWorld, a_room_world
from tests.builders import MIA, NOW, TOO_LATE_S, a_change, a_page, an_incident

SECRET = an_incident(is_private=True)
DOCUMENT = ArtifactRecord(
    SECRET.id, "state_document", ArtifactState.MADE, "c", NOW, "f", "1", link="https://w.example/wiki/spaces/INC/pages/1/x"
)
TIMELINE = replace(DOCUMENT, name="timeline", vendor_id="2", link="https://w.example/wiki/spaces/INC/pages/2/x")


@pytest.fixture
def world() -> Iterator[RoomWorld]:
    with a_room_world(links={}) as world:
        yield world


REVIEW = replace(DOCUMENT, name="review_issue", vendor_id="3", link="https://jira.example/browse/REV-7")
ON_STAFF_PAGE = replace(DOCUMENT, name="staff_page:opening", vendor_id="p1/u1", link="https://status.example/incidents/p1")
MAILED = replace(DOCUMENT, name="mail:opening", vendor_id=" 2026-11-23T03:00:00+00:00 HOT-42 - Sev 1", link="")
NOTED = replace(DOCUMENT, name="support_note:10901", vendor_id="5", link="")


def things(*records: ArtifactRecord, space: str = "", project: str = "", **changes: Any) -> tuple[str, ...]:
    scene = Scene(SECRET, NOW, records={record.name: record for record in records}, **changes)
    artifact = AlreadyVisible(WORDS, private_space_key=space, private_project=project)
    return tuple(thing for spec in artifact.want(scene) for thing in spec.content.things)


def put(world: RoomWorld, *records: ArtifactRecord) -> None:
    for record in records:
        world.small.ledger.insert(record)


def test_pages_that_others_read_are_listed_with_whatever_was_made_beside_them():
    call = replace(DOCUMENT, name="video_call", link="https://call.example/1")
    assert things(DOCUMENT, TIMELINE, call, rung=(a_page(), a_page("imoc1"), a_page("im.second", pager="pagerduty"))) == (
        "the state document, with the summary and all that was written there: https://w.example/wiki/spaces/INC/pages/1/x",
        "the timeline, with who did what and all notes: https://w.example/wiki/spaces/INC/pages/2/x",
        "the video call, for whoever has its link: https://call.example/1",
        "the pages at opsgenie, with the summary",
        "the pages at pagerduty, with the summary",
    )


@pytest.mark.parametrize(
    ("record", "place"),
    [
        pytest.param(replace(DOCUMENT, name="chat_room"), "", id="a private room"),
        pytest.param(replace(DOCUMENT, state=ArtifactState.CLOSED), "", id="put away by a human"),
        pytest.param(replace(DOCUMENT, state=ArtifactState.SENDING, link=""), "", id="not made yet"),
        pytest.param(DOCUMENT, "INC", id="in the space for secrets"),
        pytest.param(REVIEW, "REV", id="a review in the project for secrets"),
        pytest.param(replace(REVIEW, vendor_id="", link=""), "", id="no review, since there is no project for it"),
        pytest.param(replace(ON_STAFF_PAGE, state=ArtifactState.CLOSED, vendor_id=None), "", id="let go, and not on the page"),
        pytest.param(replace(MAILED, state=ArtifactState.GONE, vendor_id=None), "", id="given up, and not mailed"),
        pytest.param(replace(NOTED, vendor_id=""), "", id="a case that took no note"),
    ],
)
def test_what_was_private_from_the_first_has_nothing_to_list(record: ArtifactRecord, place: str):
    assert things(record, space=place, project=place, rung=(a_page(),)) == ()


@pytest.mark.parametrize(
    ("records", "thing"),
    [
        pytest.param(
            [REVIEW], "the review, with the summary and what happened when: https://jira.example/browse/REV-7", id="a review"
        ),
        pytest.param(
            [ON_STAFF_PAGE, replace(ON_STAFF_PAGE, name="staff_page:resolved-1", vendor_id="p1/u2/resolved")],
            "the incident on the status page of staff, with the summary: https://status.example/incidents/p1",
            id="on the status page of staff, and over there",
        ),
        pytest.param(
            [replace(ON_STAFF_PAGE, name="public_page:opening", link="")],
            "the incident on the status page of customers, in the words that they were told",
            id="on the status page of customers",
        ),
        pytest.param(
            [replace(ON_STAFF_PAGE, name="drill_page:opening", link="")],
            "the incident on the status page of drills, with the summary",
            id="on the status page of drills",
        ),
        pytest.param([MAILED], "the mails to staff, with the summary in their subject", id="mails"),
        pytest.param(
            [replace(MAILED, state=ArtifactState.GONE)],
            "the mails to staff, with the summary in their subject",
            id="perhaps a mail",
        ),
        pytest.param(
            [
                NOTED, replace(NOTED, name="support_note:10902"),
                replace(DOCUMENT, name="support_cases", vendor_id="", link="https://jira.example/issues/?jql=x"),
            ],
            "the notes in support's cases (2), with the summary: https://jira.example/issues/?jql=x",
            id="notes to support",
        ),
    ],
)  # fmt: skip
def test_whatever_was_told_elsewhere_is_listed_and_shows_that_it_was_no_secret(records: list[ArtifactRecord], thing: str):
    assert things(*records, rung=(a_page(),)) == (thing, "the pages at opsgenie, with the summary")


def test_where_nothing_else_was_made_jiras_history_shows_that_it_was_no_secret():
    """The phones rang with its summary, and there is neither a wiki nor a chat."""
    made_private = replace(SECRET, changes=(a_change("private", "yes", after_s=60),))
    for incident, listed in ((SECRET, 0), (made_private, 1), (replace(made_private, is_private=False), 0)):
        specs = AlreadyVisible(WORDS).want(Scene(incident, NOW, rung=(a_page(),)))
        assert [spec.content.things for spec in specs] == [("the pages at opsgenie, with the summary",)] * listed


def test_what_somebody_deleted_on_a_status_page_is_not_listed():
    deleted = replace(ON_STAFF_PAGE, name="staff_page:order-1", state=ArtifactState.CLOSED, vendor_id="p1", says=("deleted",))
    assert things(ON_STAFF_PAGE, deleted) == ()


def test_an_incident_that_is_no_secret_lists_nothing(world: RoomWorld):
    put(world, DOCUMENT)
    world.settle()
    assert "already_visible" not in world.records


def test_while_everybody_can_read_the_room_the_list_is_in_the_comment(world: RoomWorld):
    world.settle()
    put(world, DOCUMENT)
    world.settle(is_private=True)
    assert world.marked("already_visible") == []
    assert world.says("already_visible") == (
        "the state document, with the summary and all that was written there: https://w.example/wiki/spaces/INC/pages/1/x",
    )


def test_a_public_room_alone_shows_that_it_was_no_secret(world: RoomWorld):
    world.settle()
    world.pages = (a_page(),)
    world.settle(is_private=True)
    assert world.says("already_visible") == ("the pages at opsgenie, with the summary",)


def test_in_a_private_room_its_manager_is_told_once_and_the_comment_says_nothing(world: RoomWorld):
    put(world, DOCUMENT)
    world.settle(is_private=True, assignee=MIA)
    world.settle(summary="Checkout is slow")
    [message] = world.marked("already_visible")
    assert message.text.startswith(
        "<@U0000MIA>: <https://example.atlassian.net/browse/HOT-42|HOT-42> is private now. Others can still see:"
    )
    assert "• the state document" in message.text
    assert world.says("already_visible") == ()


def test_what_turns_up_later_is_added_in_its_place(world: RoomWorld):
    put(world, DOCUMENT)
    world.settle(is_private=True)
    put(world, TIMELINE)
    world.settle()
    [message] = world.marked("already_visible")
    assert "the timeline" in message.text


def test_a_lost_answer_tells_nobody_twice(world: RoomWorld):
    put(world, DOCUMENT)
    world.settle(ChatRoom, is_private=True)
    world.killer.kill_at, world.killer.after = len(world.killer.calls) + 1, True
    with pytest.raises(BaseException, match="after post"):
        world.settle(AlreadyVisible)
    world.killer.kill_at = None
    world.pass_time(31)
    world.settle(AlreadyVisible)
    assert len(world.marked("already_visible")) == 1


def test_where_a_human_closed_the_room_the_comment_tells(world: RoomWorld):
    put(world, DOCUMENT)
    world.settle(ChatRoom, is_private=True)
    world.slack.model.archive(next(iter(world.room.members)), world.room.id)
    world.settle(AlreadyVisible)
    assert len(world.says("already_visible")) == 1


def test_when_it_is_private_no_more_the_comment_forgets_it(world: RoomWorld):
    world.settle()
    put(world, DOCUMENT)
    world.settle(is_private=True)
    world.settle(is_private=False)
    assert world.says("already_visible") == ()


def test_when_it_becomes_private_once_more_it_is_listed_once_more(world: RoomWorld):
    put(world, DOCUMENT)
    world.settle(is_private=True)
    world.settle(is_private=False)
    world.settle(is_private=True)
    assert len(world.marked("already_visible")) == 2


def test_what_others_still_see_is_posted_once_where_an_answer_is_lost():
    def made(name: str, link: str) -> ArtifactRecord:
        return ArtifactRecord(IssueId("10002"), name, ArtifactState.MADE, "c", NOW, vendor_id="1", link=link, made_at=NOW)

    with a_room_world() as world:
        world.settle()
        world.small.ledger.insert(made("state_document", "https://wiki/doc"))
        world.settle(is_private=True)
        assert world.room is not None
        world.room.is_private = True  # as the comment asks people to
        world.small.ledger.insert(made("timeline", "https://wiki/timeline"))
        world.break_slack("chat.postMessage", FaultKind.TIMEOUT_AFTER, times=1, delay_s=TOO_LATE_S)
        for _ in range(3):
            world.settle()
            world.pass_time(31)
        assert len(world.marked("already_visible")) == 1
