"""The places together: made side by side, shown in each other, linked in Jira with one edit, and none of them held up."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest

from chalicelib.adapters.jinja_words import JinjaWords
from chalicelib.artifacts.artifact import Artifact
from chalicelib.artifacts.links import LinkFields
from chalicelib.artifacts.state_document import StateDocument
from chalicelib.artifacts.video_call import VideoCall
from chalicelib.domain.incident import Incident, IssueId
from chalicelib.domain.people import Role
from sandbox.emulator import Emulator, Fault, FaultKind
from sandbox.jira.model import JiraIssue
from sandbox.jira.schema import DOCUMENT, VIDEO_CALL, example_schema
from tests.adapters.jira_world import EMMA, JiraWorld, a_jira
from tests.adapters.test_document_words import shown
from tests.adapters.test_zoom import ZoomWorld, a_zoom
from tests.adapters.wiki_world import WikiWorld, a_confluence
from tests.artifacts.passes import Passes, is_settled
from tests.reconcile.small_world import SmallWorld

WORDS = JinjaWords(Path(__file__).parents[2] / "templates")


@dataclass
class Places:
    passes: Passes
    zoom: ZoomWorld
    wiki: WikiWorld
    jira: JiraWorld
    issue: JiraIssue

    @property
    def edits(self) -> list[list[str]]:
        """The fields of each edit of the issue, ours and others'."""
        return [[item["fieldId"] for item in entry["items"]] for entry in self.issue.histories]

    def asked(self) -> dict[str, list[str]]:
        """What every vendor was asked since the last time."""
        asked = {}
        for name, emulator in self.emulators.items():
            exchanges = cast(Any, emulator.recorder).exchanges
            asked[name] = [f"{exchange['method']} {urlsplit(exchange['url']).path}" for exchange in exchanges]
            exchanges.clear()
        return asked

    @property
    def emulators(self) -> dict[str, Emulator]:
        return {"zoom": self.zoom.emulator, "confluence": self.wiki.emulator, "jira": self.jira.emulator}


@contextmanager
def all_places() -> Iterator[Places]:
    with a_zoom() as zoom, a_confluence() as wiki, a_jira() as jira:
        issue = jira.model.create_incident(EMMA, "Checkout is down")

        def observe() -> Incident:
            return cast(Incident, jira.tickets.read(IssueId(issue.id)))

        def artifacts(small: SmallWorld) -> tuple[Artifact[Any], ...]:
            calls, pages = small.mortality.wrap(zoom.calls, "zoom"), small.mortality.wrap(wiki.wiki, "confluence")
            tickets = small.mortality.wrap(jira.tickets, "jira")
            return (
                VideoCall(lambda: calls, lambda: tickets, WORDS),
                StateDocument(
                    lambda: pages, lambda: tickets, WORDS, "INC", None, (Role("incident_manager", "Incident manager"),), (), {}
                ),
                LinkFields(lambda: tickets, example_schema().link_fields),
            )

        yield Places(Passes(artifacts, observe(), clock=zoom.clock, observe=observe), zoom, wiki, jira, issue)


def test_everything_is_made_and_linked_in_one_pass_with_one_edit():
    with all_places() as places:
        places.passes.settle()
        [meeting], [page] = places.zoom.model.meetings.values(), places.wiki.ours()
        assert ["Video call", meeting.join_url] in shown(places.wiki.wiki.read_page(page.id).body)  # type: ignore[arg-type, union-attr]
        assert (places.issue.fields[VIDEO_CALL], page.id in places.issue.fields[DOCUMENT]) == (meeting.join_url, True)
        assert places.edits == [[VIDEO_CALL, DOCUMENT]]


def test_what_is_asked_on_the_way_in_a_process_that_knows_nothing_yet():
    """The longest chain without a chat room: read, two calls at Zoom, three at Confluence, and two at Jira;
    and before either place is made Jira is asked whether that may be said there."""
    with all_places() as places:
        places.asked()
        places.passes.settle()
        [page] = places.wiki.ours()
        issue = f"/rest/api/2/issue/{places.issue.id}"
        assert places.asked() == {
            "zoom": ["POST /oauth/token", "POST /v2/users/incidents@example.com/meetings"],
            "confluence": [
                "GET /wiki/api/v2/spaces",
                "POST /wiki/api/v2/pages",
                f"POST /wiki/rest/api/content/{page.id}/label",
            ],
            "jira": [*[f"GET {issue}"] * 4, f"PUT {issue}"],
        }


def test_a_second_pass_asks_nobody_but_jira_what_the_incident_is():
    with all_places() as places:
        places.passes.settle()
        places.asked()
        effects = len(places.passes.effects)
        assert is_settled(places.passes.settle())
        assert {name: len(asked) for name, asked in places.asked().items()} == {"zoom": 0, "confluence": 0, "jira": 1}
        assert len(places.passes.effects) == effects


def test_new_words_in_the_incident_call_for_nothing_here():
    with all_places() as places:
        places.passes.settle()
        effects = len(places.passes.effects)
        places.jira.model.edit_summary(places.issue, "Checkout is slow", EMMA)
        places.jira.model.set_severity(places.issue, 2, EMMA)
        assert is_settled(places.passes.settle())
        assert len(places.passes.effects) == effects


@pytest.mark.parametrize(("away", "there"), [("zoom", DOCUMENT), ("confluence", VIDEO_CALL)])
def test_one_that_is_away_keeps_no_other_waiting_and_follows_in_an_edit_of_its_own(away: str, there: str):
    with all_places() as places:
        places.emulators[away].faults.switch_on("*", Fault(FaultKind.UNAVAILABLE, times=None))
        places.passes.settle()
        assert places.edits == [[there]]
        places.emulators[away].faults.clear()
        places.passes.settle_for(60)
        assert sorted(places.edits) == sorted([[there], [DOCUMENT if there == VIDEO_CALL else VIDEO_CALL]])


def test_jira_that_is_away_keeps_nothing_from_being_made():
    with all_places() as places:
        places.jira.emulator.faults.switch_on("put_issue", Fault(FaultKind.UNAVAILABLE, times=None))
        places.passes.settle_for(60)
        assert (len(places.zoom.model.meetings), len(places.wiki.ours()), places.edits) == (1, 1, [])
        places.jira.emulator.faults.clear()
        places.passes.settle_for(300)
        assert places.edits == [[VIDEO_CALL, DOCUMENT]]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", range(9))
def test_a_worker_that_dies_anywhere_leaves_one_of_each_and_the_links_right(number: int, after: bool):
    with all_places() as places:
        places.passes.die(number, after=after)
        assert is_settled(places.passes.settle_for(120))
        [meeting], [page] = places.zoom.model.meetings.values(), places.wiki.ours()
        assert (places.issue.fields[VIDEO_CALL], page.id in places.issue.fields[DOCUMENT]) == (meeting.join_url, True)


def test_many_workers_leave_one_of_each_and_the_links_right():
    with all_places() as places:
        places.passes.settle_by_many()
        places.passes.settle_for(60)
        [meeting], [page] = places.zoom.model.meetings.values(), places.wiki.ours()
        assert (places.issue.fields[VIDEO_CALL], page.id in places.issue.fields[DOCUMENT]) == (meeting.join_url, True)
