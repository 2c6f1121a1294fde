"""The one comment is there when there is something to say, and never goes on saying what is over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.artifacts.artifact import Made, Scene
from chalicelib.artifacts.comment import Note, StatusComment, title_of
from chalicelib.domain.paging import PageRecord, PageState
from chalicelib.domain.text import width
from chalicelib.errors import TemporaryError
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from tests.artifacts.desk_world import WORDS
from tests.builders import NOW, an_incident, seconds
from tests.reconcile.small_world import FakeTickets, PlainWords

INCIDENT = an_incident()
CONFIRMED = PageRecord(
    issue_id=INCIDENT.id, episode=1, target="im", alias="firebell:10002", roster="bitbucket-im", pager="opsgenie",
    state=PageState.CONFIRMED, claim="", since=NOW, until=NOW, accepted_at=NOW + seconds(1), confirmed_at=NOW + seconds(3),
)  # fmt: skip

MADE = ArtifactRecord(INCIDENT.id, "comment", ArtifactState.MADE, "c", NOW, vendor_id="c-1")


def said(*pages: PageRecord, unpaged: bool = False, begun: bool = False, room: ArtifactRecord | None = None) -> str | None:
    tickets = FakeTickets()
    records = {record.name: record for record in (MADE if begun else None, room) if record is not None}
    scene = Scene(INCIDENT, NOW, pages, unpaged=unpaged, records=records)
    specs = StatusComment(lambda: tickets, PlainWords()).want(scene)
    return specs[0].content if specs else None


def test_a_page_that_went_well_needs_no_comment():
    assert said(CONFIRMED) is None


def test_what_was_said_once_stays_true():
    text = said(CONFIRMED, begun=True) or ""
    assert "unpaged: False" in text
    assert "ringing" in text


def test_that_nobody_answers_is_said_though_only_one_page_rings():
    assert "nobody has answered" in (said(replace(CONFIRMED, unanswered=True)) or "")


@pytest.mark.parametrize("state", [PageState.UNKNOWN, PageState.ENDED])
def test_a_page_that_was_missing_until_nobody_needed_it_is_said_too(state: PageState):
    given_up = replace(CONFIRMED, state=state, accepted_at=None, confirmed_at=None, unwanted_since=NOW + seconds(90))
    text = said(given_up, begun=True) or ""
    assert "unpaged: False" in text
    assert "never accepted, and not needed any more" in text


def test_an_orphan_that_was_only_looked_for_needs_no_comment():
    looked_for = replace(CONFIRMED, state=PageState.UNKNOWN, accepted_at=None, confirmed_at=None, unwanted_since=NOW)
    assert said(looked_for) is None


ROOM = replace(MADE, name="chat_room", vendor_id="C1")


@pytest.mark.parametrize(
    ("room", "told"),
    [
        (ROOM, None),
        (replace(ROOM, trouble="slack cannot be reached"), Note("Chat room", "slack cannot be reached")),
        (replace(ROOM, says=("Mia is not at Slack",)), Note("Chat room", "Mia is not at Slack")),
        (replace(ROOM, name="said:headline:2", trouble="slack asks us to wait"), Note("Announcement", "slack asks us to wait")),
    ],
)
def test_what_people_must_know_of_another_artifact_is_said(room: ArtifactRecord, told: Note | None):
    text = said(CONFIRMED, room=room)
    assert (text is None) is (told is None)
    assert told is None or repr(told) in (text or "")


DOUBTFUL = replace(INCIDENT, doubts=('severity "P1" is not mapped: treated as 2',))
SAYS_THE_DOUBT = repr(Note("In doubt", DOUBTFUL.doubts[0]))


@pytest.mark.parametrize(
    ("changes", "is_said"),
    [
        pytest.param({}, True, id="while it wakes people"),
        pytest.param({"wanted": False}, None, id="no comment for what wakes nobody"),
        pytest.param({"wanted": False, "records": {"comment": MADE}}, True, id="in the comment that there is"),
        pytest.param({"incident": INCIDENT, "records": {"comment": MADE}}, False, id="not once it is mapped"),
    ],
)
def test_what_had_to_be_guessed_is_said(changes: dict[str, Any], is_said: bool | None):
    scene = replace(Scene(DOUBTFUL, NOW, (CONFIRMED,)), **changes)
    texts = [spec.content for spec in StatusComment(FakeTickets, PlainWords()).want(scene)]
    assert [SAYS_THE_DOUBT in text for text in texts] == ([] if is_said is None else [is_said])


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("chat_room", "Chat room"),
        ("told:tech_lead:2", "Role of the tech lead"),
        ("told:incident_manager:1", "Role of the incident manager"),
        ("said:headline:12", "Announcement"),
        ("arrived:to.databases:1", "Arrival of databases"),
        ("notes:room", "Notes from the room"),
        ("notes:comments", "Notes from the comments"),
        ("bookmarks:video_call", "Bookmark of the video call"),
        ("status:acc-mia", "The manager's status in chat"),
        ("facts", "What is counted"),
        ("start_in_question", "Start of impact"),
        ("impact_times:start", "Times of the impact"),
        ("taking", "Taking the incident"),
        ("taking:next", "Taking the incident"),
        ("members", "Invitations to the room"),
        ("mail:final:2", "Mail"),
    ],
)
def test_people_read_what_it_is_about_in_their_own_words(name: str, title: str):
    assert title_of(name) == title


def test_what_several_of_one_kind_have_to_say_is_said_once():
    missing = ("the page has no component x",)
    records = {name: replace(MADE, name=name, says=missing) for name in ("staff_page:opening", "staff_page:order-1")}
    [spec] = StatusComment(FakeTickets, PlainWords()).want(Scene(INCIDENT, NOW, (CONFIRMED,), records=records))
    assert spec.content.count("has no component x") == 1


def with_notes(count: int, length: int, *, letter: str = "x") -> str:
    """The comment, while nobody has been paged, a room is missing and so many updates of that length wait."""
    says = tuple(f"n-{number}! {letter * length}" for number in range(count))
    waiting = replace(MADE, name="updates", says=says)
    room = replace(ROOM, name="video_call", trouble="zoom cannot be reached")
    scene = Scene(INCIDENT, NOW, (CONFIRMED,), unpaged=True, records={one.name: one for one in (waiting, room)})
    [spec] = StatusComment(FakeTickets, WORDS).want(scene)
    return spec.content


def test_what_fits_is_said_whole():
    text = with_notes(9, 3000)
    assert text.count("x" * 3000) == 9
    assert "too much" not in text


@pytest.mark.parametrize(
    ("count", "letter", "at_least"),
    [
        pytest.param(12, "x", 12, id="shortened"),
        pytest.param(200, "x", 100, id="some left out"),
        pytest.param(200, "\U0001f525", 100, id="however Jira counts them"),
    ],
)
def test_what_is_too_much_is_shortened_and_the_last_notes_are_left_out_first(count: int, letter: str, at_least: int):
    text = with_notes(count, 3000, letter=letter)
    assert width(text) <= 32_767
    assert "Nobody has been paged yet" in text
    assert "zoom cannot be reached" in text
    assert "ringing" in text
    kept = sum(f"n-{number}!" in text for number in range(count))
    assert kept >= at_least
    assert f"n-{kept - 1}!" in text
    left_out = f", and {count - kept} more are left out" if count > kept else ""
    assert f"(!) That is too much for one comment: long notes are shortened{left_out}." in text


def test_while_its_issue_cannot_be_seen_nobody_has_removed_it():
    """It would be left as it is until it should say something else."""
    tickets = FakeTickets(comments={"c-1": "old"})
    comment = StatusComment(lambda: tickets, PlainWords())
    [spec] = comment.want(Scene(INCIDENT, NOW, (CONFIRMED,), unpaged=True))
    with pytest.raises(TemporaryError):
        comment.change(Made("c-1"), spec)
    tickets.issues[INCIDENT.id] = INCIDENT
    assert comment.change(Made("c-1"), spec) == Made("c-1")
    assert tickets.comments == {"c-1": spec.content}
    tickets.comments.clear()
    assert comment.change(Made("c-1"), spec) is None
