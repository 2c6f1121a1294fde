"""The timeline tells what happened, in order; it is Firebell's own page, and never made again once it was put away."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.jinja_words import JinjaWords
from chalicelib.artifacts.artifact import Scene
from chalicelib.artifacts.timeline import EVENTS_LIMIT, LOCKED, Timeline
from chalicelib.artifacts.timeline_events import Event, events_of
from chalicelib.domain.incident import Incident, Status
from chalicelib.domain.notes import Note, Source
from chalicelib.domain.ordered import Ordered, note_of_order
from chalicelib.domain.paging import PageState
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from chalicelib.reconcile.artifacts import Outcome, settle_artifacts
from sandbox.emulator import Fault, FaultKind
from sandbox.wiki.model import StoredPage
from tests.adapters.wiki_world import MIA as MIA_AT_THE_WIKI
from tests.adapters.wiki_world import WikiWorld, a_confluence
from tests.builders import EMMA, FIREBELL, MIA, NOW, a_change, a_note, a_page, an_incident, seconds
from tests.reconcile.small_world import Killed, SmallWorld

WORDS = JinjaWords(Path(__file__).parents[2] / "templates")


def a_document(**changes: Any) -> ArtifactRecord:
    record = ArtifactRecord(an_incident().id, "state_document", ArtifactState.MADE, "c", NOW, "f", "1")
    return replace(record, **changes)


def a_scene(incident: Incident | None = None, **changes: Any) -> Scene:
    return Scene(incident or an_incident(), NOW, records={"state_document": a_document()}, **changes)


def told(scene: Scene) -> list[tuple[float, str, str]]:
    """Seconds after the incident was raised, who, what."""
    return [((event.at - NOW).total_seconds(), event.who, event.what) for event in events_of(scene)]


# --- what it tells ---------------------------------------------------------------------------------------------------


def test_everything_is_told_with_time_and_author_in_order():
    incident = an_incident(
        assignee=MIA,
        changes=(
            a_change("severity", "1", EMMA, old="2", after_s=30),
            a_change("assignee", MIA.account_id, MIA, after_s=95),
            a_change("status", Status.FIXING, MIA, old=Status.NEW, after_s=96),
            a_change("status", Status.RESOLVED, MIA, old=Status.FIXING, after_s=3600),
        ),
    )
    acked = a_page(state=PageState.ACKED, acked_at=NOW + seconds(90), acked_by="MIA@example.com", accepted_at=NOW + seconds(2))
    room = ArtifactRecord(
        incident.id, "chat_room", ArtifactState.MADE, "c", NOW, "f", "C1", link="https://x.example", made_at=NOW + seconds(3)
    )
    scene = replace(a_scene(incident, rung=(acked,), notes=(a_note(),)), records={"chat_room": room})
    assert told(scene) == [
        (0, "Emma Reyes", "raised it with severity 2"),
        (2, "Firebell", "paged bitbucket-im through opsgenie, because bitbucket-im is on call"),
        (3, "Firebell", "opened the chat room: https://x.example"),
        (30, "Emma Reyes", "changed the severity from 2 to 1"),
        (90, "Mia Moore", "acknowledged the page of bitbucket-im"),
        (95, "Mia Moore", "became the incident manager"),
        (96, "Mia Moore", "moved it to Fixing"),
        (300, "Mia Moore", "Cache flushed"),
        (3600, "Mia Moore", "resolved it"),
    ]


@pytest.mark.parametrize(
    ("change", "who", "what"),
    [
        pytest.param(
            a_change("assignee", MIA.account_id, EMMA), "Emma Reyes", "made Mia Moore the incident manager", id="given"
        ),
        pytest.param(
            a_change("assignee", "acc-gone", EMMA), "Emma Reyes", "made somebody else the incident manager", id="unknown"
        ),
        pytest.param(a_change("assignee", None, EMMA), "Emma Reyes", "took the incident manager off", id="taken off"),
        pytest.param(
            a_change("assignee", MIA.account_id, FIREBELL), "Firebell", "made Mia Moore the incident manager", id="by us"
        ),
        pytest.param(a_change("severity", "2", None), "somebody", "changed the severity to 2", id="nobody knows who"),
        pytest.param(a_change("severity", None, EMMA), "Emma Reyes", "took the severity away", id="no severity"),
        pytest.param(a_change("status", None, EMMA), "Emma Reyes", "moved it", id="a status that means nothing to us"),
    ],
)
def test_a_change_is_told_as_what_somebody_did(change: Any, who: str, what: str):
    [_, event] = events_of(a_scene(an_incident(assignee=MIA, changes=(change,))))
    assert (event.who, event.what) == (who, what)


def test_the_pages_of_an_earlier_episode_and_of_escalations_are_told_too():
    rung = (a_page(), a_page("to.bitbucket-team", closed_at=NOW + seconds(5), closed_by="42", roster="bitbucket-team"))
    assert [what for _, _, what in told(a_scene(rung=rung))][1:] == [
        "paged bitbucket-im through opsgenie, because bitbucket-im is on call",
        "paged bitbucket-team through opsgenie, because imoc is on call",
        "closed the alert of bitbucket-team at the pager",
    ]


def test_a_page_that_no_pager_accepted_is_no_event():
    assert len(events_of(a_scene(rung=(a_page(state=PageState.SENDING),)))) == 1


def test_a_change_that_a_ci_told_says_so_and_where_to_look():
    note = Note("change:bitbucket:1", NOW - seconds(600), "", "deploy api 1.2.3", Source.CHANGE, "https://ci.example/1")
    first = events_of(a_scene(notes=(note,)))[0]
    assert first == Event(note.at, "somebody", "Change to the service: deploy api 1.2.3\nhttps://ci.example/1")


def test_an_update_is_told_of_once_people_were_told_it():
    order = Ordered("7", NOW, NOW, "acc-mia", "Mia Moore", "*public identified:* Some payments fail.\n* We look\nETA: noon")
    draft = replace(order, comment_id="8", text="draft: update: Slow.")
    notes = (note_of_order(order), note_of_order(draft))
    scene = a_scene(notes=notes)
    assert [what for _, _, what in told(scene)] == ["raised it with severity 1"]
    records = {
        f"{name}:order-7": ArtifactRecord(an_incident().id, name, ArtifactState.MADE, "c", NOW, made_at=NOW + seconds(after_s))
        for name, after_s in (("public_page", 70), ("room", 90))
    }
    assert told(replace(scene, records=records))[1:] == [
        (70.0, "Mia Moore", "told customers: Some payments fail.\nWe look"),
    ]


def test_a_change_to_the_service_that_it_was_taken_for_at_first_is_not_told():
    note = Note("change:jira:1", NOW, "", "deploy jira", Source.CHANGE)
    for service in ("Bitbucket", None):
        assert len(events_of(a_scene(an_incident(service=service), notes=(note,)))) == 1


# --- when it is wanted -----------------------------------------------------------------------------------------------


def a_timeline(wiki: Any = None, tickets: Any = None) -> Timeline:
    return Timeline(lambda: wiki, lambda: tickets, WORDS, "INC")


@pytest.mark.parametrize(
    "scene",
    [
        pytest.param(replace(a_scene(), records={}), id="no state document"),
        pytest.param(replace(a_scene(), records={"state_document": a_document(state=ArtifactState.CLOSED)}), id="put away"),
        pytest.param(replace(a_scene(), records={"state_document": a_document(vendor_id=None)}), id="not made yet"),
        pytest.param(a_scene(an_incident(is_private=True)), id="private"),
    ],
)
def test_without_a_state_document_there_is_none_and_none_of_a_private_incident(scene: Scene):
    assert a_timeline().want(scene) == ()


def test_it_looks_otherwise_only_when_there_is_more_to_tell():
    [before], [same], [more] = (
        a_timeline().want(scene)
        for scene in (a_scene(), replace(a_scene(), now=NOW + seconds(60), wanted=False), a_scene(notes=(a_note(),)))
    )
    assert before.fingerprint == same.fingerprint != more.fingerprint


def test_a_summary_is_not_in_it():
    [spec] = a_timeline().want(a_scene(an_incident(summary="Payroll of ACME")))
    assert "ACME" not in spec.content.body


def test_a_drill_is_marked():
    [spec] = a_timeline().want(a_scene(an_incident(is_drill=True)))
    assert spec.content.title == "[DRILL] HOT-42: Timeline"
    assert "[DRILL]" in spec.content.body


def test_of_very_many_events_the_newest_are_shown_and_the_rest_counted():
    notes = tuple(a_note(f"jira:{number}", text=f"n-{number}!", at=NOW + seconds(number)) for number in range(EVENTS_LIMIT + 9))
    [spec] = a_timeline().want(a_scene(notes=notes))
    assert "10 earlier entries are not shown." in spec.content.body
    assert "n-8!" not in spec.content.body
    assert "n-9!" in spec.content.body


# --- in the wiki -----------------------------------------------------------------------------------------------------


@dataclass
class Passes:
    """One incident with a state document in the wiki, looked after again and again."""

    wiki: WikiWorld
    small: SmallWorld
    document: StoredPage
    incident: Incident

    def settle(self) -> list[Outcome]:
        now = self.small.clock.now()
        self.small.tickets.issues.setdefault(self.incident.id, self.incident)
        book = self.small.ledger.read(self.incident.id)
        scene = Scene(
            self.incident, now, records={record.name: record for record in book.artifacts}, rung=book.pages, notes=book.notes
        )
        artifacts = [a_timeline(self.small.mortality.wrap(self.wiki.wiki, "wiki"), self.small.tickets)]
        return settle_artifacts(artifacts, scene, self.small.world, give_up_at=now + seconds(20))

    def note(self, text: str) -> None:
        self.small.ledger.add_note(self.incident.id, a_note(f"jira:{text}", text=text))

    def pass_time(self, s: float) -> None:
        self.small.clock.at += seconds(s)
        self.wiki.clock.at += seconds(s)

    def pages(self) -> list[StoredPage]:
        """The timelines that there are, in whatever state."""
        return [page for page in self.wiki.ours() if page.id != self.document.id]

    @property
    def page(self) -> StoredPage:
        [page] = self.pages()
        return page


@pytest.fixture
def passes() -> Iterator[Passes]:
    with a_confluence() as wiki:
        made = wiki.make()
        small = SmallWorld()
        small.ledger.insert(a_document(vendor_id=made.id))
        yield Passes(wiki, small, wiki.model.pages[made.id], an_incident())


def test_it_is_made_below_the_state_document_and_then_left_alone(passes: Passes):
    passes.settle()
    assert (passes.page.title, passes.page.parent_id) == ("HOT-42: Timeline", passes.document.id)
    assert "raised it with severity 1" in passes.page.version.body
    before = len(passes.wiki.emulator.calls), passes.small.ledger.writes
    again = passes.settle()
    assert (len(passes.wiki.emulator.calls), passes.small.ledger.writes) == before
    assert not any(outcome.changed or outcome.pending for outcome in again)


def test_what_is_noted_later_is_written_into_it_in_one_more_version(passes: Passes):
    passes.settle()
    passes.note("Cache flushed")
    passes.settle()
    assert "Cache flushed" in passes.page.version.body
    assert len(passes.page.versions) == 2


def test_what_a_human_typed_into_it_is_overwritten_and_their_title_is_kept(passes: Passes):
    passes.settle()
    passes.wiki.model.edit(passes.page.id, "<p>mine</p>", MIA_AT_THE_WIKI)
    passes.wiki.model.retitle(passes.page.id, "What happened", MIA_AT_THE_WIKI)
    passes.note("Cache flushed")
    passes.settle()
    assert "mine" not in passes.page.version.body
    assert "Cache flushed" in passes.page.version.body
    assert passes.page.title == "What happened"


def test_whoever_types_while_we_write_is_read_again(passes: Passes, monkeypatch: pytest.MonkeyPatch):
    passes.settle()
    wiki: Any = passes.wiki.wiki
    real: Callable[..., Any] = wiki.replace_body
    typed = iter([True, False])

    def replace_body(*given: Any, **named: Any) -> Any:
        if next(typed):
            passes.wiki.model.edit(passes.page.id, "<p>mine</p>", MIA_AT_THE_WIKI)
        return real(*given, **named)

    monkeypatch.setattr(wiki, "replace_body", replace_body)
    passes.note("Cache flushed")
    passes.settle()
    assert "Cache flushed" in passes.page.version.body


def test_what_is_noted_is_written_also_where_its_label_cannot_be_set(passes: Passes):
    """It only serves to find the page should its id be lost."""
    passes.wiki.emulator.scopes -= {"read:label:confluence"}
    passes.settle()
    passes.note("Cache flushed")
    [outcome] = passes.settle()
    assert not outcome.pending
    assert not passes.page.labels
    assert "Cache flushed" in passes.page.version.body


def test_a_page_that_people_have_closed_to_us_is_tried_once_a_version_and_that_is_said(passes: Passes):
    passes.settle()
    passes.wiki.model.editors[passes.page.id] = {MIA_AT_THE_WIKI}
    passes.note("Cache flushed")
    [outcome] = passes.settle()
    assert not outcome.pending
    assert outcome.record is not None
    assert (outcome.record.says, outcome.record.trouble) == ((LOCKED,), "")
    asked = len(passes.wiki.emulator.calls)
    for _ in range(3):
        passes.pass_time(301)
        assert not any(again.pending or again.changed for again in passes.settle())
    assert len(passes.wiki.emulator.calls) == asked


def test_a_page_that_may_be_edited_again_goes_on(passes: Passes):
    passes.settle()
    passes.wiki.model.editors[passes.page.id] = {MIA_AT_THE_WIKI}
    passes.note("Cache flushed")
    passes.settle()
    passes.wiki.model.editors.clear()
    passes.note("Back to normal")
    [outcome] = passes.settle()
    assert outcome.record is not None
    assert outcome.record.says == ()
    assert "Cache flushed" in passes.page.version.body
    assert "Back to normal" in passes.page.version.body


@pytest.mark.parametrize("put_away", ["trash", "archive", "purge"])
def test_what_a_human_put_away_is_not_made_again(passes: Passes, put_away: str):
    passes.settle()
    getattr(passes.wiki.model, put_away)(passes.page.id)
    there = len(passes.pages())
    for text in ("Cache flushed", "Cache flushed again"):
        passes.note(text)
        passes.pass_time(60)
        passes.settle()
    assert len(passes.pages()) == there
    assert not any("Cache flushed" in page.version.body for page in passes.pages())
    [record] = [one for one in passes.small.ledger.read(passes.incident.id).artifacts if one.name == "timeline"]
    assert record.state is ArtifactState.CLOSED


@pytest.mark.parametrize("put_away", ["trash", "archive", "purge"])
def test_below_a_state_document_that_was_put_away_there_is_none_and_nothing_is_wrong(passes: Passes, put_away: str):
    getattr(passes.wiki.model, put_away)(passes.document.id)
    for _ in range(2):
        [outcome] = passes.settle()
        assert passes.pages() == []
        assert outcome.record is not None
        assert (outcome.pending, outcome.record.trouble) == (False, "")


def test_a_lost_answer_leaves_one_page(passes: Passes):
    passes.wiki.emulator.faults.switch_on("create_page", Fault(FaultKind.RESET_AFTER))
    for _ in range(3):
        passes.settle()
        passes.pass_time(61)
    assert "raised it" in passes.page.version.body


def test_a_wiki_that_is_away_is_told_of_once_and_caught_up_with(passes: Passes):
    passes.wiki.emulator.faults.switch_on("*", Fault(FaultKind.UNAVAILABLE, times=None))
    for _ in range(4):
        passes.settle()
        passes.pass_time(301)
    [record] = [one for one in passes.small.ledger.read(passes.incident.id).artifacts if one.name == "timeline"]
    assert record.trouble == "confluence cannot be reached"
    passes.wiki.emulator.faults.clear()
    passes.settle()
    assert "raised it" in passes.page.version.body


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("effect", range(4))
def test_killed_at_any_effect_there_is_one_page_in_the_end(passes: Passes, effect: int, after: bool):
    passes.small.mortality.kill_at, passes.small.mortality.after = effect, after
    for round_ in range(4):
        try:
            passes.settle()
        except Killed:
            passes.small.mortality.kill_at = None
        passes.pass_time(61)
        if round_ == 1:
            passes.note("Cache flushed")
    assert "Cache flushed" in passes.page.version.body


def test_five_workers_at_once_make_one_page(passes: Passes):
    workers = [threading.Thread(target=passes.settle) for _ in range(5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    passes.pass_time(61)
    passes.settle()
    assert "raised it" in passes.page.version.body


# --- where others read it ---------------------------------------------------------------------------------------------


def test_nothing_is_written_of_what_has_become_private_since(passes: Passes):
    passes.small.tickets.issues[passes.incident.id] = an_incident(is_private=True)
    passes.settle()
    assert passes.pages() == []


def test_nothing_more_is_written_of_what_has_become_private_since(passes: Passes):
    passes.settle()
    passes.note("The payroll of ACME")
    passes.small.tickets.issues[passes.incident.id] = an_incident(is_private=True)
    passes.settle()
    assert "ACME" not in passes.page.version.body


def test_it_is_below_a_document_that_was_made_while_the_incident_was_private(passes: Passes):
    """In the space for those: a page cannot be below one of another space."""
    space = passes.wiki.model.add_space("SEC", "Secrets", MIA_AT_THE_WIKI)
    made = passes.wiki.wiki.create_page("SEC", None, "HOT-42", "<p/>", "firebell-10002")
    passes.document = passes.wiki.model.pages[made.id]
    [known] = passes.small.ledger.read(passes.incident.id).artifacts
    passes.small.ledger.replace(known, a_document(vendor_id=made.id, link=made.url))
    for _ in range(2):
        assert not any(outcome.pending for outcome in passes.settle())
    timeline = next(page for page in passes.pages() if page.title == "HOT-42: Timeline")
    assert (timeline.parent_id, timeline.space_id) == (made.id, space.id)


def test_it_is_below_its_document_wherever_people_moved_that(passes: Passes):
    elsewhere = passes.wiki.model.add_space("OPS", "Operations", MIA_AT_THE_WIKI)
    passes.wiki.model.move(passes.document.id, elsewhere.home)
    [outcome] = passes.settle()
    assert not outcome.pending
    assert (passes.page.parent_id, passes.page.space_id) == (passes.document.id, elsewhere.id)


def test_it_is_below_a_document_in_a_space_that_was_renamed(passes: Passes):
    passes.wiki.model.rename_space(passes.document.space_id, "INCIDENTS")
    [outcome] = passes.settle()
    assert not outcome.pending
    assert passes.page.parent_id == passes.document.id


def test_one_below_a_secret_document_is_found_again_after_a_lost_answer(passes: Passes):
    passes.wiki.model.add_space("SEC", "Secrets", MIA_AT_THE_WIKI)
    made = passes.wiki.wiki.create_page("SEC", None, "HOT-42", "<p/>", "firebell-10002")
    [known] = passes.small.ledger.read(passes.incident.id).artifacts
    passes.small.ledger.replace(known, a_document(vendor_id=made.id, link=made.url))
    passes.small.mortality.kill_at, passes.small.mortality.after = 1, True
    with pytest.raises(Killed):
        passes.settle()
    passes.small.mortality.kill_at = None
    passes.pass_time(31)
    passes.settle()
    assert len([page for page in passes.pages() if page.title == "HOT-42: Timeline"]) == 1
