"""What people know by now: when staff heard last, what was promised, whether customers heard, and what was answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from chalicelib.artifacts.artifact import Scene
from chalicelib.artifacts.last_word import StaffLastWord
from chalicelib.artifacts.reminders import Known
from chalicelib.artifacts.told import answers_known, known_to_people, still_news
from chalicelib.domain.incident import Status
from chalicelib.domain.orders import Topic
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from tests.artifacts.telling_world import WORDS, a_policy, a_record, a_scene, an_announcer, an_order
from tests.builders import EMMA, NOW, a_change, seconds


def told(name: str, after_s: float, vendor_id: str = "v-1") -> ArtifactRecord:
    return replace(a_record(name, vendor_id), made_at=NOW + seconds(after_s))


FIRST = an_order("update: Baskets stay empty.\nNext update: 3:30 UTC", 120)
SECOND = an_order("update: They fill again.\nRoot cause: a full disk\nNext update: in 20 minutes", 600)
NOT_HEEDED = an_order("update: I know better.\nNext update: 9:00 UTC\nRoot cause: gremlins", 700, by=EMMA)


@pytest.mark.parametrize(
    ("scene", "known"),
    [
        pytest.param(a_scene(), Known(), id="nobody was told"),
        pytest.param(a_scene(told=[told("mail:opening", 60)]), Known(NOW + seconds(60)), id="the opening"),
        pytest.param(
            a_scene(told=[told("staff_page:opening", 60), told("mail:opening", 90), told("brief", 400)]),
            Known(NOW + seconds(90)),
            id="on two channels",
        ),
        pytest.param(a_scene(FIRST, told=[told("mail:opening", 60)]), Known(NOW + seconds(60)), id="not told yet: no promise"),
        pytest.param(
            a_scene(FIRST, told=[told("mail:opening", 60), told("mail:order-10120", 180)]),
            Known(NOW + seconds(180), NOW + seconds(1800)),
            id="a promise",
        ),
        pytest.param(
            a_scene(FIRST, SECOND, NOT_HEEDED, told=[told("mail:order-10120", 180), told("room:order-10600", 660)]),
            Known(NOW + seconds(660), NOW + seconds(1800)),
            id="a later one, and one of somebody who may not",
        ),
        pytest.param(a_scene(told=[told("public_page:opening", 60)]), Known(public_was=True), id="customers, and nobody else"),
        pytest.param(
            a_scene(told=[told("mail:opening", 60), told("staff_page:resolved-1", 900)]),
            Known(NOW + seconds(60), staff_over=True),
            id="that it is over",
        ),
        pytest.param(
            a_scene(told=[told("mail:resolved-1", 900), told("mail:order-10120", 1800)]),
            Known(NOW + seconds(1800)),
            id="and that it goes on",
        ),
        pytest.param(
            a_scene(told=[told("public_page:opening", 60), told("public_page:resolved-1", 900, "i1/u2/resolved//")]),
            Known(public_was=True, public_over=True),
            id="customers, that it is over",
        ),
        pytest.param(
            a_scene(
                told=[
                    told("public_page:resolved-1", 900, "i1/u2/resolved//"),
                    told("public_page:order-1", 1800, "i1/u3/identified//"),
                ]
            ),
            Known(public_was=True),
            id="customers, and that it goes on",
        ),
        pytest.param(
            a_scene(
                told=[
                    told("public_page:opening", 60),
                    told("public_page:resolved-1", 900, "i1/u2/resolved//"),
                    replace(a_record("public_page:order-1", "i1////", ArtifactState.CLOSED), says=("deleted",)),
                ]
            ),
            Known(public_was=True),
            id="somebody deleted it on the page",
        ),
        pytest.param(
            a_scene(told=[replace(a_record("mail:opening", None, ArtifactState.SENDING))]), Known(), id="it is on its way"
        ),
    ],
)
def test_people_know(scene: Scene, known: Known):
    assert known_to_people(scene, a_policy(), has_public_page=False, time_zone="UTC") == known


DAY_S = 86_400.0
OVER = {"status": Status.RESOLVED, "changes": (a_change("status", Status.RESOLVED, after_s=600),)}
THERE = ["room:order-10120", "staff_page:opening", "staff_page:order-10120"]


@pytest.mark.parametrize(
    ("scene", "news"),
    [
        pytest.param(a_scene(FIRST, told=THERE, after_s=DAY_S + 60), ["opening", "order-10120"], id="of today"),
        pytest.param(a_scene(FIRST, told=THERE, after_s=3 * DAY_S), ["opening"], id="open for days"),
        pytest.param(a_scene(FIRST, told=THERE, after_s=3 * DAY_S, **OVER), [], id="over for days: it is new to the company"),
        pytest.param(
            a_scene(FIRST, told=[*THERE, "mail:opening", "mail:order-10120"], after_s=3 * DAY_S, **OVER),
            ["opening", "order-10120", "resolved-1"],
            id="was told there: it stays, and ends there",
        ),
        pytest.param(
            a_scene(FIRST, told=[*THERE, a_record("mail:opening", None, ArtifactState.SENDING)], after_s=3 * DAY_S, **OVER),
            ["opening", "resolved-1"],
            id="begun there, and away for days",
        ),
        pytest.param(
            a_scene(FIRST, told=[*THERE, a_record("mail:opening", None, ArtifactState.CLOSED)], after_s=3 * DAY_S, **OVER),
            [],
            id="let go there",
        ),
    ],
)
def test_a_channel_begins_nothing_of_long_ago(scene: Scene, news: list[str]):
    announcer = an_announcer(endings=(StaffLastWord(WORDS, a_policy()),))
    assert [one.id for one in still_news("mail", scene, announcer.staff(scene))] == news


def test_customers_can_be_told_where_there_is_a_page():
    assert known_to_people(a_scene(), a_policy(), has_public_page=True, time_zone="UTC").public_can


@pytest.mark.parametrize(
    ("zone", "at"),
    [
        pytest.param("UTC", NOW.replace(hour=4), id="UTC"),
        pytest.param("Asia/Kolkata", NOW.replace(hour=22, minute=30), id="half past ten in the evening, UTC"),
    ],
)
def test_a_promise_without_a_zone_is_in_the_companys(zone: str, at: datetime):
    scene = a_scene(an_order("update: x\nNext update: 4:00", 120), told=[told("mail:order-10120", 180)])
    assert known_to_people(scene, a_policy(), has_public_page=True, time_zone=zone).promised == at


def test_the_newest_answers_of_who_may_give_them_count():
    scene = a_scene(FIRST, SECOND, NOT_HEEDED, impact={"customers": "ten"})
    answers = answers_known(scene, a_policy())
    assert answers[Topic.CAUSE] == "a full disk"
    assert answers[Topic.OUTSIDE] == "ten"
