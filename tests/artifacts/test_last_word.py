"""What is said once an incident has been resolved for a while: when, to whom, and what never."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.jinja_words import JinjaWords
from chalicelib.artifacts.artifact import Scene
from chalicelib.artifacts.last_word import (
    Ending,
    StaffLastWord,
    ending_of,
    listed,
    public_last_word,
    staff_subject,
    tidy,
)
from chalicelib.domain.announcement import Announcement, Audience, Progress
from chalicelib.domain.incident import IMPACT_ENDED, INCIDENT, Change, Incident, IssueKey, Linked, Resolution, Severity, Status
from chalicelib.domain.orders import Topic
from chalicelib.domain.people import MANAGER, Role
from chalicelib.domain.telling import TellingPolicy
from tests.builders import EMMA, NOW, a_change, an_incident, seconds

WORDS = JinjaWords(Path(__file__).parents[2] / "templates")
POLICY = TellingPolicy()
RESOLVED_AT = NOW + seconds(3600)
RESOLVED = a_change("status", "resolved", old="fixing", after_s=3600)


def resolved(*changes: Change, **more: Any) -> Incident:
    return an_incident(status=Status.RESOLVED, resolution=Resolution.DONE, changes=(*changes, RESOLVED), **more)


def staff(incident: Incident, **parts: Any) -> tuple[Announcement, ...]:
    return StaffLastWord(WORDS, POLICY, **parts)(Scene(incident, NOW + seconds(4000)))


def body(incident: Incident, **parts: Any) -> str:
    [word] = staff(incident, **parts)
    return word.body


def move(new: str, old: str, after_s: float) -> Change:
    return a_change("status", new, old=old, after_s=after_s)


@pytest.mark.parametrize(
    ("incident", "ending"),
    [
        pytest.param(an_incident(), None, id="open"),
        pytest.param(resolved(), Ending(1, RESOLVED_AT, Resolution.DONE), id="resolved"),
        pytest.param(replace(resolved(), status=Status.FIXING), None, id="moved back"),
        pytest.param(
            resolved(move("resolved", "new", 60), move("fixing", "resolved", 120)),
            Ending(2, RESOLVED_AT, Resolution.DONE),
            id="once more",
        ),
        pytest.param(
            an_incident(status=Status.RESOLVED), Ending(1, NOW, Resolution.DONE), id="resolved, and the history does not tell"
        ),
        pytest.param(
            replace(resolved(), resolution=Resolution.DUPLICATE), Ending(1, RESOLVED_AT, Resolution.DUPLICATE), id="duplicate"
        ),
    ],
)
def test_it_was_resolved_for_the_last_time(incident: Incident, ending: Ending | None):
    assert ending_of(incident) == ending
    assert bool(staff(incident)) is (ending is not None)


def test_the_last_word_is_numbered_and_waits_so_that_a_mistake_can_be_taken_back():
    [word] = staff(resolved(move("resolved", "new", 60), move("fixing", "resolved", 120)))
    assert (word.id, word.not_before) == ("resolved-2", RESOLVED_AT + timedelta(minutes=5))
    assert (word.audience, word.progress, word.order) == (Audience.STAFF, Progress.RESOLVED, None)
    assert word.subject == "HOT-42 - Sev 1 - Checkout is down"


def test_staff_get_the_whole_story():
    incident = resolved(
        a_change("assignee", "acc-mia", after_s=60),
        move("fixing", "new", 60),
        a_change("assignee", "acc-emma", old="acc-mia", after_s=1800),
        assignee=EMMA,
        impact={"customers": "some of\nthem"},
        impact_started_at=NOW - seconds(600),
        impact_ended_at=NOW + seconds(3000),
    )
    told = body(
        incident,
        roles=(Role(MANAGER, "Incident manager"), Role("tech_lead", "Tech lead")),
        questions={"customers": "How many customers?", "data": "Data?"},
        has_review=True,
        support_cases=lambda scene: 3,
        answers=lambda scene: {Topic.CAUSE: "an expired certificate", Topic.OUTSIDE: "all of them", Topic.NEXT: "in an hour"},
    )
    assert (
        told
        == """\
HOT-42 is resolved.

Sev 1: Checkout is down
Affected: Payments
Duration: 1 h
Support cases: 3

Impact
- How many customers? all of them
- Root cause: an expired certificate

Times
- Impact began: 2026-11-23 02:50 UTC
- Raised: 2026-11-23 03:00 UTC
- Fixing began: 2026-11-23 03:01 UTC
- Impact ended: 2026-11-23 03:50 UTC
- Resolved: 2026-11-23 04:00 UTC

Who had which role
- Incident manager: Mia Moore, then Emma Reyes

A post-incident review will follow.

The incident is resolved; there will be no further communications about it."""
    )


@pytest.mark.parametrize(
    ("changes", "parts", "said", "unsaid"),
    [
        pytest.param({}, {}, [], ["Support cases", "Impact\n", "review", "drill"], id="what nobody knows is left out"),
        pytest.param({}, {"support_cases": lambda scene: 0}, ["Support cases: 0"], [], id="no case is a number"),
        pytest.param({"products": ()}, {}, ["products not known"], [], id="no products"),
        pytest.param({"severity": Severity.SEV3}, {"has_review": True}, [], ["review"], id="no review of a minor one"),
        pytest.param({"is_drill": True}, {"has_review": True}, ["This was a drill."], ["review"], id="drill"),
    ],
)
def test_of_a_resolved_incident_staff_read(changes: dict[str, Any], parts: dict[str, Any], said: list[str], unsaid: list[str]):
    told = body(resolved(**changes), **parts)
    assert [words for words in said if words not in told] == []
    assert [words for words in unsaid if words in told] == []


def test_a_second_resolve_says_that_it_is_one():
    told = body(resolved(move("resolved", "new", 60), move("fixing", "resolved", 120)))
    assert told.startswith("HOT-42 had been opened again after it was resolved. It is resolved once more.")


TWICE = (move("resolved", "new", 60), move("fixing", "resolved", 120))


@pytest.mark.parametrize(
    ("changes", "more", "told"),
    [
        pytest.param((), {}, "Duration: 1 h\n", id="until the resolve"),
        pytest.param((), {"impact_ended_at": NOW + seconds(600)}, "Duration: 10 min\n", id="until its end"),
        pytest.param(TWICE, {"impact_ended_at": NOW + seconds(60)}, "Duration: 1 h\n", id="the end is from before a reopening"),
        pytest.param(
            (*TWICE, a_change(IMPACT_ENDED, "earlier", old="later", after_s=200)), {"impact_ended_at": NOW + seconds(60)},
            "Duration: 1 min\n", id="and was set right since",
        ),
        pytest.param((a_change(INCIDENT, "yes", after_s=1800),), {}, "Duration: 30 min\n", id="an incident since half an hour"),
        pytest.param(
            (a_change(INCIDENT, "yes", after_s=1800),), {"impact_started_at": NOW}, "Duration: 1 h\n", id="and it began before"
        ),
    ],
)  # fmt: skip
def test_it_lasted_from_the_start_to_an_end_that_holds(changes: tuple[Change, ...], more: dict[str, Any], told: str):
    said = body(resolved(*changes, **more))
    assert told in said
    assert ("Impact ended" in said) is (bool(more.get("impact_ended_at")) and "1 h" not in told)


def a_duplicate(*linked: Linked) -> Incident:
    return replace(resolved(), resolution=Resolution.DUPLICATE, linked=linked)


@pytest.mark.parametrize(
    ("incident", "told"),
    [
        pytest.param(
            a_duplicate(Linked(IssueKey("HOT-7"), "is blocked by"), Linked(IssueKey("HOT-40"), "duplicates")),
            "HOT-42 was the same incident as HOT-40. Everything goes on there: https://example.atlassian.net/browse/HOT-40",
            id="the other is linked",
        ),
        pytest.param(
            a_duplicate(
                Linked(IssueKey("HOT-39"), "duplicates", done=True), Linked(IssueKey("HOT-40"), "Duplicates", done=False)
            ),
            "HOT-42 was the same incident as HOT-40.",
            id="of two, the open one",
        ),
        pytest.param(
            a_duplicate(Linked(IssueKey("HOT-43"), "is duplicated by")),
            "HOT-42 was the same as another incident.",
            id="it is the other's survivor",
        ),
        pytest.param(a_duplicate(), "HOT-42 was the same as another incident.", id="no link"),
        pytest.param(
            replace(resolved(), resolution=Resolution.CANCELLED), "HOT-42 turned out to be no incident.", id="cancelled"
        ),
    ],
)
def test_what_was_no_incident_of_its_own_ends_quietly(incident: Incident, told: str):
    quiet = body(incident, has_review=True, support_cases=lambda scene: 3)
    assert quiet.startswith(told)
    assert quiet.endswith("There will be no further communications about HOT-42.")
    assert "review" not in quiet
    assert "Support" not in quiet


@pytest.mark.parametrize(
    ("products", "severity", "ending", "told"),
    [
        pytest.param(
            ("Jira", "Bitbucket"), Severity.SEV1, Ending(1, NOW, Resolution.DONE),
            "Service has been restored for Jira and Bitbucket.\n"
            "We will publish a postmortem once we have completed our investigation.",
            id="severity 1",
        ),
        pytest.param(
            ("Jira",), Severity.SEV3, Ending(1, NOW, Resolution.DONE), "Service has been restored for Jira.", id="severity 3"
        ),
        pytest.param((), Severity.SEV3, Ending(1, NOW, Resolution.DONE), "Service has been restored.", id="no products"),
        pytest.param(
            ("Jira",), Severity.SEV3, Ending(2, NOW, Resolution.DONE),
            "The issue had returned, and has been resolved again.\nService has been restored for Jira.",
            id="once more",
        ),
        pytest.param(
            ("Jira",), Severity.SEV1, Ending(2, NOW, Resolution.CANCELLED), "This incident has been resolved.", id="cancelled"
        ),
    ],
)  # fmt: skip
def test_customers_are_told(products: tuple[str, ...], severity: Severity, ending: Ending, told: str):
    word = public_last_word(WORDS, products, severity, ending, POLICY, "Investigating issues with Jira")
    assert word == Announcement(
        f"resolved-{ending.number}",
        Audience.PUBLIC,
        Progress.RESOLVED,
        "Investigating issues with Jira",
        told,
        NOW + timedelta(minutes=5),
    )


@pytest.mark.parametrize(
    ("names", "told"),
    [
        pytest.param((), "", id="none"),
        pytest.param(("A",), "A", id="one"),
        pytest.param(("A", "B"), "A and B", id="two"),
        pytest.param(("A", "B", "C"), "A, B and C", id="three"),
        pytest.param(("A\nB",), "A B", id="one line"),
    ],
)
def test_names_are_listed(names: tuple[str, ...], told: str):
    assert listed(names) == told


def test_only_the_summary_of_a_subject_is_shortened():
    subject = staff_subject(an_incident(summary="x" * 900, severity=Severity.SEV2, is_drill=True))
    assert subject.startswith("[DRILL] HOT-42 - Sev 2 - xxx")
    assert subject.endswith("x…")
    assert len(subject) == 240


def test_what_people_typed_begins_no_line_of_its_own():
    """A bullet or a heading of theirs would pass for one of ours."""
    told = body(resolved(summary="a\n- b", impact={"q": "c\n\n- d"}), questions={"q": "Q?"})
    assert "Sev 1: a - b\n" in told
    assert "- Q? c - d\n" in told


def test_a_text_is_tidied():
    assert tidy("\n a \n\n\n\nb  \n") == "a\n\nb"
