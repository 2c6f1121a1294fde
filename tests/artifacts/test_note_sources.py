"""What people note down elsewhere comes into the ledger: once, as it says now, and for as long as it is there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.artifacts.artifact import Scene
from chalicelib.artifacts.note_sources import TOO_MANY, CommentNotes
from chalicelib.artifacts.timeline import Timeline
from chalicelib.domain.incident import Incident, Person
from chalicelib.domain.notes import NOTES_LIMIT, Note, Source
from chalicelib.errors import TemporaryError
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from chalicelib.ports.tickets import Comment
from chalicelib.reconcile.artifacts import Outcome, settle_artifacts
from tests.adapters.wiki_world import a_confluence
from tests.artifacts.test_timeline import WORDS, a_document
from tests.builders import FIREBELL, MIA, NOW, a_note, an_incident, seconds
from tests.reconcile.small_world import FakeTickets, Killed, SmallWorld, later

ISSUE = an_incident().id


def a_comment(text: str = "note: cache flushed", id_: str = "10100", **changes: Any) -> Comment:
    return replace(Comment(id_, NOW + seconds(60), MIA, text, NOW + seconds(60)), **changes)


@pytest.mark.parametrize(
    ("text", "noted"),
    [
        pytest.param("note: cache flushed", "cache flushed", id="as we ask for it"),
        pytest.param("  NOTE:cache flushed", "cache flushed", id="in any case, with space before and none behind"),
        pytest.param("note: one\n\n* two", "one\n- two", id="of several lines"),
        pytest.param("*note:* cache flushed", "cache flushed", id="bold"),
        pytest.param("{*}Note{*}: cache {{flushed}}", "cache flushed", id="as the editor writes bold beside a letter"),
        pytest.param("* note: [cache|https://example.com/c] flushed", "cache (https://example.com/c) flushed", id="a bullet"),
        pytest.param("note: ran\n{code:bash}\nrm -rf cache\n{code}", "ran\nrm -rf cache", id="with code"),
        pytest.param("note:\n!graph.png|thumbnail!", "(a message without words)", id="a picture alone"),
        pytest.param("note: see [^dump.txt]", "see", id="with an attachment"),
        pytest.param("{quote}\nAgain?\n{quote}\nnote: cache flushed", "cache flushed", id="below a quotation"),
        pytest.param("{quote}\nnote: cache flushed\n{quote}\nDid it help?", None, id="quoted"),
        pytest.param("bq. note: cache flushed", None, id="quoted alone"),
        pytest.param("please note: we are down", None, id="somewhere in it"),
        pytest.param("notes: cache", None, id="another word"),
        pytest.param("note:", None, id="nothing said"),
        pytest.param("*note:*", None, id="nothing said in bold"),
    ],
)
def test_a_comment_that_begins_with_note_is_one(text: str, noted: str | None):
    passes = Passes()
    passes.said(a_comment(text))
    passes.settle()
    assert [note.text for note in passes.notes] == ([noted] if noted is not None else [])


def test_a_note_of_somebody_who_is_gone_is_one():
    passes = Passes()
    passes.said(a_comment(by=None))
    passes.settle()
    assert [note.by for note in passes.notes] == [""]


def test_a_note_calls_people_by_name_and_asks_once():
    passes = Passes()
    passes.tickets.accounts.append(Person("712020:fd5c", "Łukasz Nowak"))
    passes.said(a_comment("note: [~accountid:712020:fd5c] flushed [~accountid:gone]'s cache"), a_comment("[~accountid:x]", "2"))
    for _ in range(2):
        passes.settle()
        assert [note.text for note in passes.notes] == ["@Łukasz Nowak flushed @somebody's cache"]
        passes.said(*passes.tickets.said)
    assert passes.tickets.looked_up == [["712020:fd5c", "gone"], ["gone"]]


def test_a_jira_that_cannot_say_who_they_are_keeps_no_note_back_and_is_asked_again():
    passes = Passes()
    passes.tickets.accounts.append(Person("712020:fd5c", "Łukasz Nowak"))
    passes.tickets.people_error = TemporaryError("jira", "people", "timed out")
    passes.said(a_comment("note: [~accountid:712020:fd5c] flushed it"))
    passes.settle()
    assert [note.text for note in passes.notes] == ["@somebody flushed it"]
    passes.tickets.people_error = None
    passes.small.clock.at += seconds(61)
    passes.settle()
    assert [note.text for note in passes.notes] == ["@Łukasz Nowak flushed it"]


def test_what_we_write_ourselves_is_no_note():
    passes = Passes()
    passes.said(a_comment(by=FIREBELL))
    passes.settle()
    assert passes.notes == ()


class Passes:
    """One incident whose comments are read again and again."""

    def __init__(self) -> None:
        self.small = SmallWorld()
        self.incident = an_incident()
        self.small.ledger.insert(a_document())
        self.reads = 0
        self.tickets = self.small.tickets

    def source(self) -> CommentNotes:
        def tickets() -> Any:
            self.reads += 1
            return self.tickets

        return CommentNotes(tickets, lambda: self.small.world.ledger, FIREBELL.account_id)

    def settle(self, *more: Any) -> list[Outcome]:
        now = self.small.clock.now()
        book = self.small.ledger.read(ISSUE)
        records = {record.name: record for record in book.artifacts}
        scene = Scene(self.incident, now, records=records, notes=book.notes)
        return settle_artifacts([*more, self.source()], scene, self.small.world, give_up_at=now + seconds(20))

    def said(self, *comments: Comment) -> None:
        """People wrote, so the issue has a new version."""
        self.tickets.said[:] = comments
        self.incident = later(self.incident, (self.incident.updated_at - NOW).total_seconds() + 1)

    @property
    def notes(self) -> tuple[Note, ...]:
        return self.small.ledger.read(ISSUE).notes

    @property
    def record(self) -> ArtifactRecord:
        return next(one for one in self.small.ledger.read(ISSUE).artifacts if one.name == "notes:comments")


def test_what_is_noted_in_a_comment_is_kept_with_author_and_time():
    passes = Passes()
    passes.said(a_comment(), a_comment("looking", "10101"))
    passes.settle()
    assert passes.notes == (Note("jira:10100", NOW + seconds(60), "Mia Moore", "cache flushed", Source.COMMENT),)


def test_comments_are_read_once_for_every_version_of_the_issue():
    passes = Passes()
    for _ in range(2):
        passes.said(a_comment())
        for _ in range(3):
            passes.settle()
    assert passes.reads == 2


def test_an_edited_comment_says_what_it_says_now_and_a_deleted_one_is_gone():
    passes = Passes()
    passes.small.ledger.add_note(ISSUE, a_note())
    passes.said(a_comment())
    passes.settle()
    passes.said(a_comment("note: cache flushed twice"))
    passes.settle()
    assert [note.text for note in passes.notes] == ["cache flushed twice", "Cache flushed"]
    passes.said()
    passes.settle()
    assert passes.notes == (a_note(),), "what came from elsewhere stays"


@pytest.mark.parametrize(
    ("incident", "document"),
    [
        pytest.param(an_incident(is_private=True), a_document(), id="private"),
        pytest.param(an_incident(), a_document(state=ArtifactState.CLOSED), id="no timeline"),
    ],
)
def test_nothing_is_read_that_nobody_would_be_shown(incident: Incident, document: ArtifactRecord):
    scene = Scene(incident, NOW, records={"state_document": document})
    assert Passes().source().want(scene) == ()


def test_more_notes_than_a_timeline_holds_are_not_kept_and_that_is_said():
    passes = Passes()
    passes.small.ledger.add_note(ISSUE, a_note())
    passes.said(*(a_comment(f"note: {number}", str(number)) for number in range(NOTES_LIMIT + 5)))
    for _ in range(2):
        passes.settle()
        assert len(passes.notes) == NOTES_LIMIT
        assert passes.record.says == TOO_MANY
        passes.said(*passes.tickets.said)


def test_a_jira_that_is_away_is_asked_again():
    passes = Passes()
    passes.said(a_comment())
    passes.tickets.error = TemporaryError("jira", "read_comments", "timed out")
    passes.settle()
    assert passes.notes == ()
    passes.tickets.error = None
    passes.small.clock.at += seconds(61)
    passes.settle()
    assert len(passes.notes) == 1


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("effect", range(6))
def test_killed_at_any_effect_every_note_is_there_once_in_the_end(effect: int, after: bool):
    passes = Passes()
    passes.small.ledger.add_note(ISSUE, a_note("jira:10099"))
    passes.said(a_comment(), a_comment("note: restarted", "10102"))
    passes.small.mortality.kill_at, passes.small.mortality.after = effect, after
    for _ in range(3):
        try:
            passes.settle()
        except Killed:
            passes.small.mortality.kill_at = None
        passes.small.clock.at += seconds(61)
    assert [note.id for note in passes.notes] == ["jira:10100", "jira:10102"]


def test_the_timeline_shows_it_in_the_same_pass():
    with a_confluence() as wiki:
        passes = Passes()
        parent = wiki.make()
        passes.small.ledger.replace(a_document(), a_document(vendor_id=parent.id))
        passes.said(a_comment())
        passes.settle(Timeline(lambda: wiki.wiki, lambda: FakeTickets({ISSUE: passes.incident}), WORDS, "INC"))
        assert "cache flushed" in wiki.ours()[-1].version.body
