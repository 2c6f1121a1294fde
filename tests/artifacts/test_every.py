"""All artifacts together: what a whole company wants of an incident."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, NoReturn

import pytest

from chalicelib.artifacts.artifact import Scene
from chalicelib.artifacts.channels import Channels, MailPlace, Telling
from chalicelib.artifacts.every import ChatPlace, Company, WikiPlace, every_artifact
from chalicelib.artifacts.review_issue import ReviewPlace
from chalicelib.artifacts.staff_words import Reach
from chalicelib.artifacts.status_pages import StatusPages
from chalicelib.domain.durations import TimeFields
from chalicelib.domain.incident import Resolution, Severity, Status
from chalicelib.domain.people import PeopleTable
from chalicelib.domain.telling import TellingPolicy
from tests.artifacts.telling_world import PAGING, PRODUCTS, WORDS
from tests.builders import MIA, NOW, a_change, a_page, a_routing_table, an_incident, seconds
from tests.reconcile.small_world import OneAfterAnother


def nobody() -> NoReturn:
    pytest.fail("what is wanted is worked out without asking anybody")


TELLING = Telling(
    TellingPolicy(products=PRODUCTS), WORDS, WORDS, WORDS, a_routing_table(), frozenset({"HOT"}),
    pages=StatusPages("secret", nobody, nobody, nobody), mail=MailPlace(nobody, WORDS, "example.com", ("staff@example.com",)),
    support_projects=("SUP",), review=ReviewPlace("REV"),
)  # fmt: skip
COMPANY = Company(
    nobody, nobody, WORDS, PAGING, link_fields={"chat_room": "f-1"}, times=TimeFields("f-2", "f-3", "f-4", "f-5"),
    chat=ChatPlace(nobody, OneAfterAnother()), calls=nobody, wiki=WikiPlace(nobody, "INC"), telling=TELLING, facts=nobody,
)  # fmt: skip
OVER_AFTER_S = 600


def wanted(scene: Scene) -> set[str]:
    return {spec.name for artifact in every_artifact(COMPANY) for spec in artifact.want(scene)}


def an_ended_scene(**changes: Any) -> Scene:
    """Paged and never taken, resolved ten minutes later, and nothing was made of it. changes: of the incident."""
    resolve = a_change("status", "resolved", MIA, old="new", after_s=OVER_AFTER_S)
    incident = an_incident(
        status=Status.RESOLVED, changes=(resolve,), updated_at=resolve.at, customer_visible=True, products=tuple(PRODUCTS),
        resolution=Resolution.DONE, **changes,
    )  # fmt: skip
    return Scene(incident, NOW + seconds(OVER_AFTER_S + 30), wanted=False, rung=(a_page(),))


def test_what_was_over_before_anything_was_made_gets_what_comes_after_a_resolve_and_no_place():
    names = wanted(an_ended_scene())
    assert names == {"facts", "impact_times", "impact_times:start", "notes:comments", "review_issue", "support_cases"}


@pytest.mark.parametrize(
    ("days", "times"),
    [
        pytest.param(3, {"impact_times", "impact_times:start"}, id="days ago: its times are filled in"),
        pytest.param(8, set(), id="more than a week ago"),
    ],
)
def test_nothing_is_made_of_what_was_over_before_firebell_came_to_know_it_but_its_times_and_facts(days: int, times: set[str]):
    long_ago = replace(an_ended_scene(), rung=(), now=NOW + timedelta(days=days))
    assert wanted(long_ago) == {"facts", "notes:comments", *times}


@pytest.mark.parametrize(
    ("changes", "reach", "of_drills"),
    [
        pytest.param({}, Reach(), Reach(mail=False), id="all of it, but drills send no mail"),
        pytest.param({"mail": None}, Reach(mail=False), Reach(mail=False), id="no mail"),
        pytest.param({"pages": None}, Reach(page=False), Reach(mail=False, page=False), id="no pages"),
        pytest.param({"pages": StatusPages("s", public=nobody)}, Reach(page=False), Reach(False, False), id="not for staff"),
    ],
)
def test_what_staff_are_pointed_to_is_what_there_is(changes: dict[str, Any], reach: Reach, of_drills: Reach):
    telling = replace(TELLING, **changes)
    announcer = Channels(telling, nobody, WORDS, PAGING, PeopleTable(), (), {}).announcer(WORDS)
    assert (announcer.reach, announcer.drills_reach) == (reach, of_drills)


@pytest.mark.parametrize(("when_empty", "after_s"), [(Severity.SEV3, 60), (Severity.SEV2, 0)])
def test_facts_count_an_empty_severity_as_settings_say(when_empty: Severity, after_s: int):
    company = replace(COMPANY, severity_when_empty=when_empty)
    facts = next(artifact for artifact in every_artifact(company) if artifact.name == "facts")
    [spec] = facts.want(Scene(an_incident(changes=(a_change("severity", "1", after_s=60),)), NOW))
    assert spec.content.major_at == NOW + seconds(after_s)
