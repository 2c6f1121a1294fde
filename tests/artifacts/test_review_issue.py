"""The review issue: made once, some minutes after the resolve, linked to its incident, and found again whatever was lost."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.artifacts.artifact import Artifact, Scene
from chalicelib.artifacts.review_issue import ReviewIssue, ReviewPlace, left_open, review_link
from chalicelib.domain.incident import IssueId, IssueKey, Linked, Person, Resolution, Severity, Status
from chalicelib.domain.people import Role
from chalicelib.domain.policy import PagingPolicy
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from chalicelib.ports.tickets import Left, Tickets
from sandbox.emulator import Fault, FaultKind
from sandbox.jira import issues
from sandbox.jira.markup import shown, structure
from sandbox.jira.records import JiraProject
from sandbox.jira.schema import DRILL_LABEL, PRIVATE_LABEL
from tests.adapters.jira_world import EMMA, MIA
from tests.adapters.test_wiki_markup import HOSTILE, as_read
from tests.artifacts.desk_world import FINAL_AFTER, WORDS, Desk, a_desk
from tests.artifacts.passes import is_settled
from tests.builders import MIA as MIA_AT_JIRA
from tests.builders import NOW, TOO_LATE_S, a_change, a_note, an_incident

PLACE = ReviewPlace("REV")
RESOLVED = a_change("status", "resolved", after_s=3600)
LOST = (FaultKind.TIMEOUT_AFTER, FaultKind.RESET_AFTER, FaultKind.ERROR_AFTER, FaultKind.GARBAGE)


def a_review(tickets: Callable[[], Tickets], place: ReviewPlace = PLACE, **options: Any) -> ReviewIssue:
    roles = (Role("incident_manager", "Incident manager"), Role("tech_lead", "Tech lead"))
    questions = {"customers": "How many are affected?", "symptoms": "What do they see?"}
    return ReviewIssue(tickets, WORDS, place, FINAL_AFTER, PagingPolicy(**options), roles, frozenset(), questions)


def reviewing(place: ReviewPlace = PLACE, **incident: Any) -> AbstractContextManager[Desk]:
    def artifacts(tickets: Callable[[], Tickets]) -> tuple[Artifact[Any], ...]:
        return (a_review(tickets, place),)

    return a_desk(artifacts, **incident)


def nobody_asks() -> Tickets:
    raise AssertionError("a decision is pure")


def a_scene(*records: ArtifactRecord, now_s: float = 3600, **changes: Any) -> Scene:
    resolved = {"status": Status.RESOLVED, "resolution": Resolution.DONE, "changes": (RESOLVED,)}
    incident = an_incident(**(resolved | changes))
    return Scene(incident, NOW + timedelta(seconds=now_s), wanted=False, records={record.name: record for record in records})


def described(scene: Scene, place: ReviewPlace = PLACE) -> str:
    [spec] = a_review(nobody_asks, place).want(scene)
    return spec.content.description


def said(desk: Desk) -> list[str]:
    return [text for record in desk.passes.records.values() for text in record.says]


def is_linked(desk: Desk) -> bool:
    [review] = desk.reviews()
    return [(link.kind, link.inward, link.outward) for link in desk.model.links] == [("Relates", desk.issue.id, review.id)]


# --- for which incidents, and when ----------------------------------------------------------------------------------------


def test_it_is_due_five_minutes_after_the_resolve():
    [spec] = a_review(nobody_asks).want(a_scene())
    assert spec.not_before == RESOLVED.at + FINAL_AFTER
    assert spec.content.project == "REV"
    assert spec.content.label == "firebell-review-10002"


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"status": Status.FIXING, "resolution": None}, id="open"),
        pytest.param({"resolution": Resolution.DUPLICATE}, id="a duplicate"),
        pytest.param({"resolution": Resolution.CANCELLED}, id="cancelled"),
        pytest.param({"is_drill": True}, id="a drill"),
        pytest.param({"severity": Severity.SEV3}, id="severity 3"),
        pytest.param({"now_s": 3600 + 86_400}, id="over for a day when we came to see it"),
    ],
)
def test_there_is_none_of(changes: dict[str, Any]):
    assert a_review(nobody_asks).want(a_scene(**changes)) == ()


def test_what_was_adopted_at_go_live_is_not_ours_to_review():
    assert a_review(nobody_asks, go_live=NOW + timedelta(seconds=1)).want(a_scene()) == ()


@pytest.mark.parametrize(
    ("place", "project"),
    [
        pytest.param(PLACE, "", id="no project for those"),
        pytest.param(replace(PLACE, private_project="SEC"), "SEC", id="a project of its own"),
    ],
)
def test_a_private_incident_is_reviewed_only_in_a_project_for_those(place: ReviewPlace, project: str):
    [spec] = a_review(nobody_asks, place).want(a_scene(is_private=True))
    assert spec.content.project == project


def test_its_link_is_known_once_it_is_there():
    record = ArtifactRecord(IssueId("10002"), "review_issue", ArtifactState.MADE, "c", NOW, vendor_id="7", link="https://r")
    assert (review_link(a_scene()), review_link(a_scene(record))) == ("", "https://r")
    assert a_review(nobody_asks).want(a_scene(record, summary="Another")) == ()


# --- what it says ---------------------------------------------------------------------------------------------------------


def test_it_tells_what_is_known_and_lists_what_is_left_to_clean_up():
    room = ArtifactRecord(
        IssueId("10002"), "chat_room", ArtifactState.MADE, "c", NOW, vendor_id="C1", link="https://slack.example.com/C1"
    )
    scene = replace(
        a_scene(
            room,
            assignee=MIA_AT_JIRA,
            roles={"tech_lead": (Person("acc-omar", "Omar Haddad"),)},
            impact={"customers": "About 300"},
            impact_started_at=NOW - timedelta(minutes=5),
            linked=(
                Linked(IssueKey("FIX-1"), "relates to", "Relates", "To Do"),
                Linked(IssueKey("FIX-2"), "relates to", "Relates", "Done", done=True),
            ),
        ),
        notes=(a_note(),),
    )
    text = shown(described(scene))
    for line in (
        "Summary: Checkout is down",
        "Severity: 1",
        "Incident manager: Mia Moore",
        "Tech lead: Omar Haddad",
        "Impact began: 2026-11-23 02:55 UTC",
        "Detected: unknown",
        "Raised: 2026-11-23 03:00 UTC",
        "Resolved: 2026-11-23 04:00 UTC",
        "How many are affected? About 300",
        "What do they see? (unknown)",
        "FIX-1 (To Do)",
        "2026-11-23 03:05:00 Mia Moore: Cache flushed",
        "2026-11-23 04:00:00 Mia Moore: resolved it",
    ):
        assert line in text.split("\n"), line
    assert "* Chat room: https://slack.example.com/C1" in described(scene)
    assert "FIX-2" not in text


def test_where_nothing_is_left_it_says_so():
    assert "Nothing that is linked to the incident is still open." in described(a_scene())


def test_what_a_linked_issue_is_about_is_left_to_jira_to_show():
    """It may have a security level: our account sees it, and whoever reads the review may not."""
    with reviewing() as desk:
        secret = desk.model.create_incident(EMMA, "Passwords were stolen")
        secret.fields["security"] = {"id": "7", "name": "Staff only"}
        issues.link(desk.model, "Relates", desk.issue, secret, MIA)
        desk.resolve()
        desk.passes.settle_for(400)
        [review] = desk.reviews()
        assert f"{secret.key} (New)" in shown(review.fields["description"]).split("\n")
        assert "stolen" not in str(review.fields)


def test_what_it_duplicates_is_not_to_be_cleaned_up():
    assert left_open(an_incident(linked=(Linked(IssueKey("HOT-7"), "duplicates", "Duplicate"),))) == ()


def test_of_a_private_incident_it_tells_no_words_of_people():
    scene = replace(
        a_scene(
            is_private=True,
            impact={"customers": "About 300"},
            linked=(Linked(IssueKey("FIX-1"), "relates to", "Relates", "To Do"),),
        ),
        notes=(a_note(),),
    )
    [spec] = a_review(nobody_asks, replace(PLACE, private_project="SEC")).want(scene)
    assert spec.content.summary == "Review of HOT-42"
    for secret in ("Checkout", "300", "FIX-1", "Cache"):
        assert secret not in spec.content.description


def test_a_very_long_incident_fits_and_the_text_says_how_much_is_missing():
    notes = tuple(a_note(f"n-{number}", text="{" * 900, by="*" * 80) for number in range(500))
    text = described(replace(a_scene(impact={"customers": "[" * 500, "symptoms": "!" * 500}), notes=notes))
    assert len(text) <= 32_767
    assert "And 452 entries after these." in text


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_change_nothing_about_it_but_its_words(hostile: str):
    def a_text(words: str) -> str:
        changes: dict[str, Any] = {
            "summary": words,
            "service": words,
            "products": (words,),
            "assignee": Person("acc-mia", words),
            "impact": {"customers": words},
            "linked": (Linked(IssueKey("FIX-1"), "relates to", "Relates", words),),
            "links": {"chat_room": words},
        }
        return described(replace(a_scene(**changes), notes=(a_note(text=words, by=words),)))

    assert structure(a_text(hostile)) == structure(a_text("dull"))
    assert f"Summary: {as_read(hostile)}" in shown(a_text(hostile)).split("\n")


# --- at Jira --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data_center", [False, True], ids=["Cloud", "Data Center"])
def test_it_is_made_once_and_linked_and_then_people_may_do_with_it_what_they_like(data_center: bool):
    with reviewing(data_center=data_center) as desk:
        desk.passes.settle()
        desk.resolve()
        desk.passes.settle_for(290)
        assert desk.reviews() == []
        assert is_settled(desk.passes.settle_for(62))
        [review] = desk.reviews()
        assert (review.fields["summary"], review.fields["labels"], review.issue_type) == (
            "Review of HOT-1: Checkout is down", [f"firebell-review-{desk.issue.id}"], "Task",
        )  # fmt: skip
        assert is_linked(desk)
        assert desk.passes.records["review_issue"].link == "https://example.atlassian.net/browse/REV-1"
        issues.label(desk.model, review, [], MIA)
        desk.model.delete(review, MIA)
        writes = desk.writes()
        assert is_settled(desk.passes.settle_for(1000))
        assert (desk.writes(), len(desk.reviews())) == (writes, 1)


def test_a_resolve_that_is_taken_back_in_time_makes_none():
    with reviewing() as desk:
        desk.resolve()
        desk.passes.settle_for(200)
        desk.reopen()
        assert is_settled(desk.passes.settle_for(1000))
        assert desk.reviews() == []


def test_a_second_resolve_has_the_same_review():
    with reviewing() as desk:
        for _ in range(2):
            desk.resolve()
            desk.passes.settle_for(400)
            desk.reopen()
            desk.passes.settle()
        assert len(desk.reviews()) == 1


def test_the_time_begins_anew_with_every_resolve():
    with reviewing() as desk:
        desk.resolve()
        desk.passes.settle_for(200)
        desk.reopen()
        desk.passes.settle()
        desk.resolve()
        desk.passes.settle_for(290)
        assert desk.reviews() == []
        desk.passes.settle_for(62)
        assert len(desk.reviews()) == 1


@pytest.mark.parametrize("what", ["opened again", "made private", "deleted", "moved away"])
def test_what_changes_in_the_very_moment_is_seen(what: str):
    with reviewing() as desk:
        desk.resolve()
        desk.passes.settle()
        desk.passes.observe = None
        desk.passes.pass_time(301)
        match what:
            case "opened again":
                desk.reopen()
            case "made private":
                issues.label(desk.model, desk.issue, [PRIVATE_LABEL], MIA)
            case "moved away":
                desk.model.move(desk.issue, "REV", MIA)
            case _:
                desk.model.delete(desk.issue, MIA)
        desk.passes.settle()
        assert desk.jira.emulator.count("create_issue") == 0


def test_a_private_incident_has_none_of_ours_and_its_comment_says_so_until_it_is_private_no_more():
    with reviewing() as desk:
        desk.issue.fields["labels"] = [PRIVATE_LABEL]
        desk.resolve()
        assert is_settled(desk.passes.settle_for(400))
        assert desk.reviews() == []
        assert said(desk) == ["the incident is private, and no project is set for reviews of those: make the review yourself"]
        issues.label(desk.model, desk.issue, [], MIA)
        desk.passes.settle()
        assert len(desk.reviews()) == 1
        assert said(desk) == []


def test_a_drill_has_none():
    with reviewing() as desk:
        desk.issue.fields["labels"] = [DRILL_LABEL]
        desk.resolve()
        desk.passes.settle_for(400)
        assert (desk.reviews(), desk.passes.records) == ([], {})


def test_where_new_issues_cannot_be_linked_it_is_linked_afterwards():
    with reviewing() as desk:
        issues.add_project(desk.model, JiraProject("REV", links_on_create=False))
        desk.resolve()
        assert is_settled(desk.passes.settle_for(400))
        assert is_linked(desk)


def test_a_review_whose_link_has_to_wait_is_known_and_shown_meanwhile():
    with reviewing() as desk:
        issues.add_project(desk.model, JiraProject("REV", links_on_create=False))
        desk.resolve()
        desk.passes.pass_time(301)
        desk.jira.emulator.faults.switch_on("link_issue", Fault(FaultKind.UNAVAILABLE))
        assert not is_settled(desk.passes.settle())
        assert desk.passes.records["review_issue"].link == "https://example.atlassian.net/browse/REV-1"
        searches = desk.jira.emulator.count("search")
        assert is_settled(desk.passes.settle_for(62))
        assert is_linked(desk)
        assert desk.jira.emulator.count("search") == searches


def test_a_link_that_jira_refuses_is_said_and_the_review_counts_all_the_same():
    with reviewing(replace(PLACE, link_type="Reviews")) as desk:
        desk.resolve()
        assert is_settled(desk.passes.settle_for(400))
        assert len(desk.reviews()) == 1
        [text] = said(desk)
        assert "No issue link type with name 'Reviews' found" in text


def test_a_project_that_asks_for_more_is_told_in_jiras_words_and_tried_again():
    with reviewing() as desk:
        issues.add_project(desk.model, JiraProject("REV", required=("customfield_77",)))
        desk.resolve()
        desk.passes.settle_for(400)
        assert "customfield_77 is required" in desk.passes.records["review_issue"].trouble
        issues.add_project(desk.model, JiraProject("REV"))
        assert is_settled(desk.passes.settle_for(700))
        assert (len(desk.reviews()), desk.passes.records["review_issue"].trouble) == (1, "")


def test_what_could_not_be_made_for_a_day_is_given_up():
    with reviewing() as desk:
        issues.add_project(desk.model, JiraProject("REV", required=("customfield_77",)))
        desk.resolve()
        desk.passes.settle_for(400)
        desk.passes.pass_time(86_400)
        desk.passes.settle()
        assert is_settled(desk.passes.settle())


def test_an_incident_that_is_deleted_after_its_review_was_begun_is_settled_in_the_end():
    with reviewing() as desk:
        desk.resolve()
        desk.passes.pass_time(301)
        desk.passes.die(0, after=True)
        desk.reopen()
        desk.passes.settle()
        desk.passes.observe = None
        desk.model.delete(desk.issue, MIA)
        assert is_settled(desk.passes.settle_for(300))
        assert desk.reviews() == []


# --- exactly once ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("links_on_create", [True, False], ids=["linked at once", "linked afterwards"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", range(4))
def test_a_worker_that_dies_anywhere_leaves_one_review(number: int, after: bool, links_on_create: bool):
    """Four effects: the intent, the issue, its link, the confirmation. The search runs a minute behind."""
    with reviewing() as desk:
        desk.model.lag = timedelta(seconds=60)
        issues.add_project(desk.model, JiraProject("REV", links_on_create=links_on_create))
        desk.resolve()
        desk.passes.pass_time(301)
        desk.passes.die(number, after=after)
        assert is_settled(desk.passes.settle_for(300))
        assert is_linked(desk)


@pytest.mark.parametrize("links_on_create", [True, False], ids=["linked at once", "linked afterwards"])
@pytest.mark.parametrize("operation", ["create_issue", "link_issue"])
@pytest.mark.parametrize("kind", LOST)
def test_an_answer_that_is_lost_leads_to_no_second_review(kind: FaultKind, operation: str, links_on_create: bool):
    with reviewing() as desk:
        desk.model.lag = timedelta(seconds=60)
        issues.add_project(desk.model, JiraProject("REV", links_on_create=links_on_create))
        desk.resolve()
        desk.jira.emulator.faults.switch_on(operation, Fault(kind, delay_s=TOO_LATE_S))
        assert is_settled(desk.passes.settle_for(900))
        assert is_linked(desk)


@pytest.mark.parametrize("kind", [FaultKind.UNAVAILABLE, FaultKind.RATE_LIMITED, FaultKind.RESET_BEFORE, FaultKind.FORBIDDEN])
@pytest.mark.parametrize("operation", ["create_issue", "get_issue", "search", "link_issue"])
def test_a_passing_fault_only_delays_it(kind: FaultKind, operation: str):
    with reviewing() as desk:
        issues.add_project(desk.model, JiraProject("REV", links_on_create=False))
        desk.resolve()
        desk.passes.pass_time(301)
        desk.jira.emulator.faults.switch_on(operation, Fault(kind))
        assert is_settled(desk.passes.settle_for(900))
        assert is_linked(desk)


def test_a_lost_review_is_found_and_kept_though_the_incident_is_open_again():
    with reviewing() as desk:
        desk.resolve()
        desk.passes.pass_time(301)
        desk.passes.die(1, after=True)
        desk.reopen()
        assert is_settled(desk.passes.settle_for(300))
        [review] = desk.reviews()
        assert desk.passes.records["review_issue"].vendor_id == review.id


def test_a_lost_review_is_found_though_the_incident_was_made_private_since():
    with reviewing(replace(PLACE, private_project="SEC")) as desk:
        issues.add_project(desk.model, JiraProject("SEC"))
        desk.resolve()
        desk.passes.pass_time(301)
        desk.passes.die(1, after=True)
        issues.label(desk.model, desk.issue, [PRIVATE_LABEL], MIA)
        assert is_settled(desk.passes.settle_for(300))
        assert is_linked(desk)
        assert not [issue for issue in desk.model.issues.values() if issue.project == "SEC"]


def test_one_that_was_begun_and_never_made_is_not_made_while_the_incident_is_open_again():
    with reviewing() as desk:
        desk.resolve()
        desk.passes.pass_time(301)
        desk.passes.die(0, after=True)
        desk.reopen()
        assert is_settled(desk.passes.settle_for(300))
        assert desk.reviews() == []
        desk.resolve()
        assert is_settled(desk.passes.settle_for(400))
        assert is_linked(desk)


def test_workers_who_do_not_know_of_each_other_make_one():
    with reviewing() as desk:
        desk.resolve()
        desk.passes.pass_time(301)
        for _ in range(3):
            desk.passes.settle_by_many()
            desk.passes.pass_time(31)
        assert is_settled(desk.passes.settle_for(200))
        assert is_linked(desk)


@pytest.mark.parametrize("summary", ['"} OR project = SEC', "a\nb", "x" * 255, "{code}[~admin]"])
def test_any_summary_makes_a_review_that_is_found_again(summary: str):
    with reviewing(summary=summary) as desk:
        desk.resolve()
        desk.passes.pass_time(301)
        desk.passes.die(1, after=True)
        assert is_settled(desk.passes.settle_for(300))
        assert is_linked(desk)
        [review] = desk.reviews()
        assert review.fields["summary"].startswith(f"Review of HOT-1: {' '.join(summary.split())[:200]}")


def test_a_review_that_could_not_be_made_for_a_day_is_given_up_and_people_are_told():
    with reviewing() as desk:
        desk.resolve_and_fail_for_a_day("create_issue", FaultKind.UNAVAILABLE)
        [said] = desk.passes.records["review_issue"].says
        assert "not tried any more" in said
        desk.jira.emulator.faults.clear("create_issue")
        desk.passes.settle_for(600)
        assert desk.reviews() == []


def test_a_review_is_made_once_the_issue_is_back_where_it_was(monkeypatch: pytest.MonkeyPatch):
    with reviewing() as desk:
        desk.passes.settle()
        desk.resolve()
        desk.passes.settle()
        desk.passes.pass_time(301)
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(desk.jira.tickets, "read", lambda id_: Left(id_, "moved to OPS"))
            desk.passes.settle()
        desk.passes.settle_for(3600)
        assert len(desk.reviews()) == 1


def test_a_review_of_what_was_private_before_is_not_made_twice():
    with reviewing() as desk:
        desk.issue.fields["labels"] = [PRIVATE_LABEL]
        issues.add_project(desk.model, JiraProject("REV", links_on_create=False))
        desk.model.lag = timedelta(seconds=60)
        desk.resolve()
        desk.passes.settle()
        desk.passes.pass_time(301)
        desk.passes.settle()
        desk.issue.fields["labels"] = []
        lost = Fault(FaultKind.TIMEOUT_AFTER, times=1, skip=1, delay_s=TOO_LATE_S)
        desk.jira.emulator.faults.switch_on("create_issue", lost)
        for _ in range(40):
            desk.passes.settle()
            desk.passes.pass_time(6)
        assert len(desk.reviews()) == 1
