"""The topic: what it shows, what gives way when it gets long, and when it is set at all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.slack_text import escape
from chalicelib.artifacts.artifact import Scene
from chalicelib.artifacts.in_room import InRoom
from chalicelib.artifacts.topic import LIMIT, SHORTEST_SUMMARY, Topic
from chalicelib.domain.incident import Person, Severity, Status
from chalicelib.domain.text import width
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from tests.adapters.chat_world import BOT, EMMA
from tests.artifacts.room_world import LINKS, ROLES, WORDS, a_room_world
from tests.builders import MIA, NOW, ROBOT, an_incident

ISSUE = "https://example.atlassian.net/browse/HOT-42"
ROOM = ArtifactRecord(
    an_incident().id, "chat_room", ArtifactState.MADE, "c", NOW, "f", "C1", link="https://slack.example.com/C1"
)
QUEUE = Person("acc-default", "Queue")
CALL, DOCUMENT = LINKS["video_call"], LINKS["state_document"]
TEAM: dict[str, tuple[Person, ...]] = {
    "tech_lead": (Person("acc-tom", "Tom Teal"), Person("acc-tess", "Tess Tan")),
    "communications_manager": (Person("acc-cleo", "Cleo Cole"),),
}


def topic_of(records: tuple[ArtifactRecord, ...] = (ROOM,), **changes: Any) -> InRoom[str] | None:
    topic = Topic(
        lambda: pytest.fail("want is pure"), lambda: pytest.fail("want is pure"), WORDS, ROLES, frozenset({"acc-default"})
    )
    scene = Scene(an_incident(**changes), NOW, records={record.name: record for record in records})
    specs = topic.want(scene)
    return specs[0].content if specs else None


def text_of(**changes: Any) -> str:
    content = topic_of(**changes)
    assert content is not None
    return content.words


@pytest.mark.parametrize(
    ("changes", "topic"),
    [
        pytest.param({}, f"Sev 1: Checkout is down | IM: nobody yet | {ISSUE}", id="nobody has it"),
        pytest.param({"assignee": MIA}, f"Sev 1: Checkout is down | IM: Mia Moore | {ISSUE}", id="a manager"),
        pytest.param({"assignee": ROBOT}, f"Sev 1: Checkout is down | IM: nobody yet | {ISSUE}", id="a program"),
        pytest.param({"assignee": QUEUE}, f"Sev 1: Checkout is down | IM: nobody yet | {ISSUE}", id="default"),
        pytest.param(
            {"assignee": MIA, "roles": TEAM},
            "Sev 1: Checkout is down | IM: Mia Moore | Tech lead: Tom Teal, Tess Tan | Communications manager: Cleo Cole"
            f" | {ISSUE}",
            id="roles",
        ),
        pytest.param(
            {"assignee": MIA, "links": LINKS},
            f"Sev 1: Checkout is down | IM: Mia Moore | {ISSUE} | Call: {CALL} | Document: {DOCUMENT}",
            id="links",
        ),
        pytest.param({"is_drill": True}, f"[DRILL] Sev 1: Checkout is down | IM: nobody yet | {ISSUE}", id="drill"),
        pytest.param(
            {"status": Status.RESOLVED, "severity": Severity.SEV2},
            f"RESOLVED. Sev 2: Checkout is down | IM: nobody yet | {ISSUE}",
            id="resolved",
        ),
        pytest.param({"summary": "Checkout\n is  down"}, f"Sev 1: Checkout is down | IM: nobody yet | {ISSUE}", id="one line"),
    ],
)
def test_what_a_topic_shows(changes: dict[str, Any], topic: str):
    assert text_of(**changes) == topic


def test_without_a_room_there_is_no_topic():
    assert topic_of(records=()) is None
    assert topic_of(records=(replace(ROOM, state=ArtifactState.CLOSED),)) is None


def test_a_public_rooms_topic_hides_the_summary_of_a_private_incident():
    content = topic_of(is_private=True)
    assert content is not None
    assert content.discreet == f"Sev 1 | IM: nobody yet | {ISSUE}"
    assert "Checkout is down" in content.words


def test_the_summary_gives_way_first():
    text = text_of(summary="word " * 60, assignee=MIA, roles=TEAM, links=LINKS)
    assert "word word wor" in text
    assert "…" in text
    assert width(text) == LIMIT
    assert "Mia Moore" in text
    assert text.endswith(DOCUMENT)


def test_then_the_links_from_the_last_for_they_are_pinned_above_the_room_too():
    links = {name: f"https://example.com/{'x' * 30}/{name}" for name in LINKS}
    text = text_of(summary="word " * 60, assignee=MIA, roles=TEAM, links=links)
    assert "Document" not in text
    assert f"Call: {links['video_call']}" in text
    assert "IM: Mia Moore | Tech lead: Tom Teal, Tess Tan | Communications manager: Cleo Cole" in text
    assert ISSUE in text
    assert len(text.partition(": ")[2].partition(" | ")[0]) >= SHORTEST_SUMMARY - 1


def test_then_the_roles_from_the_last():
    long = {
        name: tuple(replace(one, name=f"{one.name} {'of Somewhere ' * 3}") for one in people) for name, people in TEAM.items()
    }
    text = text_of(summary="word " * 60, assignee=MIA, roles={**long, "scribe": (replace(MIA, name="M" * 40),)}, links=LINKS)
    assert "IM: Mia Moore | Tech lead: " in text
    assert "Scribe" not in text


def test_links_are_whole_or_not_there():
    links = {name: f"https://example.com/{'x' * 60}/{name}" for name in LINKS}
    text = text_of(assignee=MIA, roles=TEAM, links=links)
    assert ISSUE in text
    assert "https://example.com" not in text.replace(links["video_call"], "")
    assert "Document" not in text


@pytest.mark.parametrize("length", range(0, 140, 4))
def test_each_gives_way_only_when_those_before_it_are_gone(length: int):
    links = {name: f"https://example.com/{'x' * length}/{name}" for name in LINKS}
    text = text_of(summary="word " * 60, assignee=MIA, roles=TEAM, links=links)
    summary = text.removeprefix("Sev 1").removeprefix(": ").partition(" | ")[0]
    has_call, has_document = links["video_call"] in text, links["state_document"] in text
    assert len(summary) >= SHORTEST_SUMMARY - 1
    assert "Tech lead" in text
    assert "Communications manager" in text
    if has_document:
        assert has_call
    full = (
        f"Sev 1: {'x' * SHORTEST_SUMMARY} | IM: Mia Moore | Tech lead: Tom Teal, Tess Tan | Communications manager: Cleo Cole"
    )
    whole = f"{full} | {ISSUE} | Call: {links['video_call']}"
    assert has_call is (width(whole) <= LIMIT)
    assert has_document is (width(f"{whole} | Document: {links['state_document']}") <= LIMIT)


def test_what_grows_when_it_is_escaped_is_counted_as_it_will_be():
    text = text_of(summary="R&D & Q&A " * 40, assignee=MIA, links=LINKS)
    assert LIMIT - 8 <= width(escape(text)) <= LIMIT


@given(
    st.text(max_size=400), st.lists(st.text(max_size=60), max_size=3), st.text(st.sampled_from("ab&<é👩\u200d🚀 "), max_size=80)
)
def test_no_topic_is_too_long_however_it_is_counted(summary: str, names: list[str], manager: str):
    people = tuple(Person(f"acc-{number}", name) for number, name in enumerate(names))
    text = text_of(summary=summary, roles={"tech_lead": people}, assignee=Person("acc-mia", manager), links=LINKS)
    assert width(escape(text.replace("<", "‹").replace(">", "›"))) <= LIMIT
    assert ISSUE in text
    assert "\n" not in text


@pytest.mark.parametrize("private", [False, True])
def test_a_topic_that_a_human_set_stays_until_they_empty_it(private: bool):
    with a_room_world() as world:
        world.settle(is_private=private)
        world.slack.model.set_topic(EMMA, world.room.id, "Do NOT restart db-3")
        world.settle(assignee=MIA, severity=Severity.SEV2)
        assert (world.room.topic.by, world.room.topic.value) == (EMMA, "Do NOT restart db-3")
        writes = world.small.ledger.writes
        world.settle()
        assert world.small.ledger.writes == writes
        world.slack.model.set_topic(EMMA, world.room.id, "")
        world.settle(severity=Severity.SEV1)
        assert (world.room.topic.by, "Sev 1" in world.room.topic.value) == (BOT, True)


def test_a_topic_that_stands_there_is_not_set_again():
    """Each setting is a line in the room."""
    with a_room_world() as world:
        world.settle()
        world.break_slack("conversations.info")
        world.settle(severity=Severity.SEV2)
        world.repair_slack()
        world.settle_until_done(severity=Severity.SEV1)
        assert world.calls.count("conversations.setTopic") == 1


def test_a_topic_that_a_human_set_before_ours_stays():
    with a_room_world() as world:
        world.break_slack("conversations.setTopic")
        world.settle()
        world.slack.model.set_topic(EMMA, world.room.id, "Do NOT restart db-3")
        world.repair_slack()
        world.settle_until_done()
        assert world.room.topic.value == "Do NOT restart db-3"


@pytest.mark.parametrize("summary", ["Checkout is down", ""])
def test_no_topic_of_a_humans_outlives_that_the_incident_is_private_where_others_can_read_it(summary: str):
    """They may have added a word to ours."""
    with a_room_world(summary=summary) as world:
        world.settle()
        world.slack.model.set_topic(EMMA, world.room.id, f"Room 5 | {world.room.topic.value}")
        world.settle(is_private=True)
        assert (world.room.topic.by, world.room.topic.value[:22]) == (BOT, "Sev 1 | IM: nobody yet")
        writes = world.small.ledger.writes
        world.settle()
        assert world.small.ledger.writes == writes
