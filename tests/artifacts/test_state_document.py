"""One document per incident, made from what was known then, and from then on people's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.jinja_words import JinjaWords
from chalicelib.artifacts.artifact import Artifact, Scene
from chalicelib.artifacts.state_document import Document, StateDocument
from chalicelib.domain.incident import Person
from chalicelib.domain.people import Role
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from chalicelib.ports.wiki import Wiki
from sandbox.emulator import Fault, FaultKind
from tests.adapters.test_document_words import shown
from tests.adapters.wiki_world import MARKER, MIA, US, WikiWorld, a_confluence
from tests.artifacts.passes import EVERY_DEATH, Passes, is_settled
from tests.builders import EMMA, NOW, TOO_LATE_S, an_incident
from tests.builders import MIA as MIA_AT_JIRA
from tests.reconcile.small_world import SmallWorld

WORDS = JinjaWords(Path(__file__).parents[2] / "templates")
ROLES = (Role("incident_manager", "Incident manager"), Role("tech_lead", "Tech lead"))
QUESTIONS = {"symptoms": "What do they see?", "customers": "How many are affected?"}
ROOM = ArtifactRecord(
    an_incident().id, "chat_room", ArtifactState.MADE, "c", NOW, vendor_id="C1", link="https://example.slack.com/C1"
)
CALL_TO_BE = ArtifactRecord(an_incident().id, "video_call", ArtifactState.SENDING, "c", NOW)
KNOWN: dict[str, Any] = {
    "assignee": MIA_AT_JIRA,
    "roles": {"tech_lead": (EMMA, Person("acc-omar", "Omar Haddad"))},
    "impact": {"customers": "About 300"},
}


def a_document_of(wiki: Wiki | None = None, tickets: Any = None, *, private_space_key: str = "") -> StateDocument:
    return StateDocument(lambda: wiki, lambda: tickets, WORDS, "INC", None, ROLES, {"acc-nobody"}, QUESTIONS, private_space_key)  # type: ignore[arg-type,return-value]


def a_scene(*records: ArtifactRecord, wanted: bool = True, **changes: Any) -> Scene:
    return Scene(an_incident(**changes), NOW, wanted=wanted, records={record.name: record for record in records})


def document(scene: Scene, *, private_space_key: str = "") -> Document:
    [spec] = a_document_of(private_space_key=private_space_key).want(scene)
    return spec.content.content


@contextmanager
def passes_at_confluence(private_space_key: str = "") -> Iterator[tuple[Passes, WikiWorld]]:
    with a_confluence() as wiki:

        def artifacts(small: SmallWorld) -> tuple[Artifact[Any], ...]:
            return (
                a_document_of(
                    small.mortality.wrap(wiki.wiki, "confluence"), small.tickets, private_space_key=private_space_key
                ),
            )

        yield Passes(artifacts, clock=wiki.clock), wiki


# --- what it says ---------------------------------------------------------------------------------------------------------


def test_it_says_what_is_known_and_what_is_not_yet():
    rows = shown(document(a_scene(ROOM, CALL_TO_BE, **KNOWN)).body)
    assert rows[:9] == [
        ["Incident", "HOT-42"],
        ["Summary", "Checkout is down"],
        ["Severity", "1"],
        ["Incident manager", "Mia Moore"],
        ["Tech lead", "Emma Reyes, Omar Haddad"],
        ["Chat room", "https://example.slack.com/C1"],
        ["Video call", "not there yet; the incident will show it"],
        ["Question", "Answer so far"],
        ["What do they see?", "not known yet"],
    ]
    assert rows[9] == ["How many are affected?", "About 300"]


@pytest.mark.parametrize("assignee", [None, Person("acc-nobody", "Support desk")], ids=["nobody", "a default assignee"])
def test_nobody_is_somebody_yet(assignee: Person | None):
    assert ["Incident manager", "nobody yet"] in shown(document(a_scene(assignee=assignee)).body)


def test_a_humans_link_is_shown_and_what_a_human_took_away_is_not():
    scene = a_scene(replace(ROOM, state=ArtifactState.CLOSED), links={"video_call": "https://meet.example.com/theirs"})
    body = document(scene).body
    assert ["Video call", "https://meet.example.com/theirs"] in shown(body)
    assert "Chat room" not in body


@pytest.mark.parametrize(
    ("changes", "title"),
    [
        pytest.param({}, "HOT-42: Checkout is down", id="an incident"),
        pytest.param({"is_drill": True}, "[DRILL] HOT-42: Checkout is down", id="a drill"),
        pytest.param({"summary": "Checkout\nis  down"}, "HOT-42: Checkout is down", id="line breaks"),
    ],
)
def test_it_is_called(changes: dict[str, Any], title: str):
    assert document(a_scene(**changes)).title == title


def test_a_private_incident_has_none():
    assert a_document_of().want(a_scene(is_private=True)) == ()


def test_in_a_space_of_their_own_documents_of_private_incidents_say_nothing():
    made = document(a_scene(is_private=True, **KNOWN), private_space_key="SECRET")
    assert (made.title, made.spaces, made.parent_id) == ("HOT-42", ("SECRET", "INC"), None)
    assert "Checkout" not in made.body
    assert "300" not in made.body


def test_where_a_human_has_put_a_link_there_is_none_of_ours():
    assert a_document_of().want(a_scene(links={"state_document": "https://wiki.example.com/theirs"})) == ()


# --- at Confluence --------------------------------------------------------------------------------------------------------


def test_it_is_made_once_and_whatever_people_do_with_it_stays():
    with passes_at_confluence() as (passes, wiki):
        passes.settle()
        [page] = wiki.ours()
        assert passes.effects == ["ledger.insert", "confluence.create_page", "ledger.replace"]
        assert passes.records["state_document"].vendor_id == page.id
        assert page.id in passes.records["state_document"].link
        assert (page.title, set(page.labels)) == ("HOT-42: Checkout is down", {MARKER})
        wiki.model.edit(page.id, "<p>Ours now</p>", MIA)
        wiki.model.retitle(page.id, "What happened", MIA)
        wiki.recorder.exchanges.clear()
        passes.incident = an_incident(summary="Checkout is slow", **KNOWN)
        assert is_settled(passes.settle())
        passes.wanted = False
        assert is_settled(passes.settle())
        assert (page.title, page.version.body) == ("What happened", "<p>Ours now</p>")
        assert wiki.recorder.exchanges == []


@pytest.mark.parametrize(("number", "after"), EVERY_DEATH)
def test_a_worker_that_dies_leaves_one_document(number: int, after: bool):
    with passes_at_confluence() as (passes, wiki):
        passes.die(number, after=after)
        assert is_settled(passes.settle_for(120))
        [page] = wiki.ours()
        assert passes.records["state_document"].vendor_id == page.id


def test_many_workers_make_one_document():
    with passes_at_confluence() as (passes, wiki):
        passes.settle_by_many()
        passes.settle_for(60)
        assert len(wiki.ours()) == 1


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT_AFTER, FaultKind.RESET_AFTER, FaultKind.ERROR_AFTER, FaultKind.GARBAGE])
def test_a_lost_answer_is_repaired_by_looking_and_the_label_with_it(kind: FaultKind):
    with passes_at_confluence() as (passes, wiki):
        wiki.emulator.faults.switch_on("create_page", Fault(kind, delay_s=TOO_LATE_S))
        passes.settle()
        passes.settle_for(60)
        [page] = wiki.ours()
        assert passes.records["state_document"].vendor_id == page.id
        assert set(page.labels) == {MARKER}


def test_a_document_whose_label_could_not_be_set_is_there_all_the_same():
    with passes_at_confluence() as (passes, wiki):
        wiki.emulator.faults.switch_on("add_label", Fault(FaultKind.FORBIDDEN, times=None))
        assert not any(outcome.pending for outcome in passes.settle())
        [page] = wiki.ours()
        assert page.id in passes.records["state_document"].link


def test_a_label_that_failed_in_passing_is_set_at_once():
    with passes_at_confluence() as (passes, wiki):
        wiki.emulator.faults.switch_on("add_label", Fault(FaultKind.UNAVAILABLE))
        passes.settle()
        [page] = wiki.ours()
        assert set(page.labels) == {MARKER}


def test_confluence_that_is_away_is_told_of_once_and_repaired_later():
    with passes_at_confluence() as (passes, wiki):
        wiki.emulator.faults.switch_on("*", Fault(FaultKind.UNAVAILABLE, times=None))
        passes.settle_for(300)
        assert passes.records["state_document"].trouble == "confluence cannot be reached"
        wiki.emulator.faults.clear()
        passes.settle_for(600)
        assert passes.records["state_document"].trouble == ""
        assert len(wiki.ours()) == 1


def test_a_space_that_is_not_there_is_told_of_in_words_and_made_up_for_when_it_is():
    with a_confluence() as wiki:
        passes = Passes(lambda small: (replace(a_document_of(wiki.wiki, small.tickets), space_key="NEW"),), clock=wiki.clock)
        passes.settle()
        words = "confluence: no space with the key 'NEW'; of one that was renamed, write the first key"
        assert passes.records["state_document"].trouble == words
        wiki.model.add_space("NEW", "New", MIA)
        assert is_settled(passes.settle_for(600))
        assert len(wiki.ours()) == 1


@pytest.mark.parametrize("put_away", ["trash", "archive"])
def test_a_document_that_a_human_put_away_is_not_made_again_even_if_we_had_not_noted_it_yet(put_away: str):
    with passes_at_confluence() as (passes, wiki):
        passes.die(1, after=True)
        [page] = wiki.ours()
        getattr(wiki.model, put_away)(page.id)
        assert is_settled(passes.settle_for(120))
        passes.incident = an_incident(summary="Checkout is slow")
        assert is_settled(passes.settle())
        assert wiki.ours() == [page]
        assert passes.records["state_document"].state is ArtifactState.CLOSED


def test_a_document_in_the_trash_that_only_its_title_gives_away_is_not_made_again():
    with passes_at_confluence() as (passes, wiki):
        wiki.emulator.faults.switch_on("add_label", Fault(FaultKind.UNAVAILABLE, times=None))
        made = wiki.make()
        wiki.model.trash(made.id)
        passes.settle()
        assert [page.id for page in wiki.ours()] == [made.id]
        assert passes.records["state_document"].state is ArtifactState.CLOSED
        assert is_settled(passes.settle_for(60))


def test_a_document_that_a_human_deleted_is_not_made_again_and_not_asked_for():
    with passes_at_confluence() as (passes, wiki):
        passes.settle()
        wiki.model.trash(wiki.ours()[0].id)
        wiki.recorder.exchanges.clear()
        passes.incident = an_incident(summary="Checkout is slow")
        assert is_settled(passes.settle_for(60))
        assert wiki.recorder.exchanges == []


def test_somebody_elses_page_of_that_title_is_left_alone():
    with passes_at_confluence() as (passes, wiki):
        theirs = wiki.model.create(wiki.space.id, "HOT-42: Checkout is down", "<p>Theirs</p>", MIA)
        passes.settle()
        [page] = wiki.ours()
        assert page.title == f"HOT-42: Checkout is down ({MARKER})"
        assert theirs.version.body == "<p>Theirs</p>"


def test_an_incident_that_turned_private_before_its_document_was_noted_keeps_the_one():
    with passes_at_confluence("SECRET") as (passes, wiki):
        secret = wiki.model.add_space("SECRET", "Secrets", MIA)
        wiki.emulator.faults.switch_on("add_label", Fault(FaultKind.UNAVAILABLE, times=None))
        passes.die(1, after=True)
        wiki.emulator.faults.clear()
        passes.incident = an_incident(is_private=True)
        passes.settle_for(60)
        [page] = wiki.ours()
        assert (page.space_id, page.author) == (wiki.space.id, US)
        assert passes.records["state_document"].vendor_id == page.id
        assert secret.id != page.space_id


def test_a_private_incidents_document_goes_into_the_space_for_them():
    with passes_at_confluence("SECRET") as (passes, wiki):
        secret = wiki.model.add_space("SECRET", "Secrets", MIA)
        passes.incident = an_incident(is_private=True)
        passes.settle()
        [page] = wiki.ours()
        assert (page.space_id, page.title) == (secret.id, "HOT-42")


@pytest.mark.parametrize(("space", "titles"), [("", []), ("SEC", ["HOT-42"])], ids=["nowhere", "in the space for secrets"])
def test_what_becomes_private_before_it_is_made_is_made_for_few_or_not_at_all(space: str, titles: list[str]):
    with passes_at_confluence(space) as (passes, wiki):
        wiki.model.add_space("SEC", "Secrets", "admin")
        secret = passes.small.tickets.issues[passes.incident.id] = an_incident(is_private=True)
        passes.settle()
        assert wiki.ours() == []
        passes.incident = secret
        assert is_settled(passes.settle_for(62))
        assert [page.title for page in wiki.ours()] == titles


def test_a_document_whose_answer_was_lost_while_it_was_private_is_found_once_it_is_not():
    with passes_at_confluence("SECRET") as (passes, wiki):
        wiki.model.add_space("SECRET", "Secrets", MIA)
        passes.incident = passes.small.tickets.issues[passes.incident.id] = an_incident(is_private=True)
        wiki.emulator.faults.switch_on("create_page", Fault(FaultKind.TIMEOUT_AFTER, times=1, delay_s=TOO_LATE_S))
        passes.settle()
        passes.incident = passes.small.tickets.issues[passes.incident.id] = an_incident()
        passes.settle_for(120)
        assert len(wiki.ours()) == 1
