"""The pinned message: one, true, in its place; and the bookmarks beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chalicelib.artifacts.brief import Brief
from chalicelib.domain.incident import Status
from chalicelib.domain.orders import Topic
from chalicelib.domain.rich_text import plain
from chalicelib.ports.ledger import ArtifactState
from sandbox.emulator import FaultKind
from tests.artifacts.room_world import LINKS, QUESTIONS, WORDS, RoomWorld, a_room_world, shown
from tests.builders import MIA as MIA_AT_JIRA
from tests.builders import NOW
from tests.domain.test_deployments import a_deployment


@pytest.fixture
def world() -> Iterator[RoomWorld]:
    with a_room_world() as world:
        yield world


def brief(world: RoomWorld) -> str:
    [message] = world.marked("brief")
    return shown(message).replace("<https://example.atlassian.net/browse/HOT-42|HOT-42>", "HOT-42")


def test_what_is_known_and_what_is_asked(world: RoomWorld):
    world.settle(impact={"customers": "about 40 %\nof them"}, impact_started_at=NOW)
    assert (
        brief(world)
        == """HOT-42: *severity 1*
*Checkout is down*

Faulty service: Bitbucket
Affected products: Payments
Reported by: Emma Reyes
Impact since: 2026-11-23 03:00 UTC

Please confirm the severity; if it is wrong, change it in HOT-42.
*Severity 1*: everybody is hit (now)
*Severity 2*: many are hit
*Severity 3*: a nuisance

What we know of the impact; answer in HOT-42, and it shows here:
• How many customers are affected? *about 40 % of them*
• What do they see? *unknown*
• Is data at risk? *unknown*

Video call: <https://call.example.com/hot-42>
State document: <https://wiki.example.com/hot-42>"""
    )


def test_what_updates_have_answered_shows_too():
    known = {Topic.OUTSIDE: "50 %", Topic.CAUSE: "a full\ndisk"}
    with a_room_world() as world:
        post = Brief(lambda: world.slack.chat, world.read, WORDS, QUESTIONS, {}, lambda _: known)
        world.settle(impact={"customers": "about 40 %", "security": "no"})
        [spec] = post.want(world.scene())
        text = "\n\n".join(map(plain, spec.content.words.sections))
    assert (
        "• How many customers are affected? 50 %\n• What do they see? unknown\n• Is data at risk? no\n• Root cause: a full disk"
    ) in text


@pytest.mark.parametrize(("count", "shown"), [(None, False), (0, True), (3, True)])
def test_customers_cases_show_once_somebody_has_counted_them(count: int | None, shown: bool):
    with a_room_world() as world:
        world.settle()
        [spec] = Brief(lambda: world.slack.chat, world.read, WORDS, {}, {}, cases=lambda _: count).want(world.scene())
    text = "".join(plain(section) for section in spec.content.words.sections)
    assert (f"Support cases: {count}" in text) is shown
    assert ("Support" in text) is shown


def test_what_is_not_known_says_so(world: RoomWorld):
    world.settle(service=None, products=(), reporter=None)
    assert "Faulty service: not known\nAffected products: not known\nReported by: not known" in brief(world)
    assert "Impact since: not known; reported 2026-11-23 03:00 UTC" in brief(world)


def test_it_is_pinned_and_rendered_again_in_its_place(world: RoomWorld):
    world.settle()
    world.settle(impact={"symptoms": "an empty basket"})
    assert "What do they see? *an empty basket*" in brief(world)
    assert world.room.pins == [world.marked("brief")[0].ts]
    assert world.calls.count("pins.add") == 1


def test_a_resolved_incident_asks_for_no_severity(world: RoomWorld):
    world.settle()
    world.settle(status=Status.RESOLVED)
    assert brief(world).startswith("HOT-42: *severity 1*, resolved\n")
    assert "Please confirm" not in brief(world)


def test_what_was_changed_before_the_impact_is_shown_as_it_was_told(world: RoomWorld):
    world.recent = (a_deployment(900, what="flag <!channel> on", by="", url=""), a_deployment(600))
    world.settle()
    assert (
        "\n\nChanged at Bitbucket in the two hours before the impact:\n"
        "• 02:45 UTC: flag &lt;!channel&gt; on\n"
        "• 02:50 UTC: deploy api 1.2.3, by Mia (https://ci.example/1)\n\n"
    ) in brief(world)
    assert world.slack.model.broadcasts == []
    calls = len(world.calls)
    world.settle()
    assert len(world.calls) == calls


def test_of_many_changes_the_last_are_shown_and_the_rest_counted(world: RoomWorld):
    world.recent = tuple(a_deployment(700 - number, what=f"deploy {number}! {'x' * 600}") for number in range(20))
    world.settle()
    assert "• and 12 before these\n• 02:48 UTC: deploy 12! " in brief(world)
    assert "deploy 19!" in brief(world)
    assert "How many customers are affected?" in brief(world)


def test_a_public_room_of_a_private_incident_is_told_of_no_change(world: RoomWorld):
    world.recent = (a_deployment(),)
    world.settle()
    world.settle(is_private=True)
    assert "deploy" not in brief(world)


def test_a_drill_says_so_first(world: RoomWorld):
    world.settle(is_drill=True)
    assert brief(world).startswith("[DRILL] HOT-42: *severity 1*\n")


def test_a_public_room_of_a_private_incident_points_to_the_issue(world: RoomWorld):
    world.settle()
    world.settle(is_private=True, impact={"customers": "all of them"})
    assert brief(world).startswith("HOT-42: *severity 1*\n\nThe incident is private and this room is public")
    assert not any(word in brief(world) for word in ("Checkout", "Bitbucket", "Payments", "all of them"))


def test_what_people_type_is_text_and_nothing_else(world: RoomWorld):
    world.settle(summary="<!channel> *now* {issue}", impact={"customers": "<@U0000MIA>\n\n{scale}" + "x" * 9000})
    assert world.slack.model.broadcasts == []
    assert "&lt;!channel&gt; ∗now∗ {issue}" in brief(world)
    assert "&lt;@U0000MIA&gt; {scale}xxx" in brief(world)
    assert "Is data at risk?" in brief(world)
    assert len(world.marked("brief")[0].blocks) == 5


def test_a_brief_that_a_human_deleted_is_gone(world: RoomWorld):
    world.settle()
    world.slack.model.delete_message(world.marked("brief")[0].user, world.room.id, world.marked("brief")[0].ts)
    world.settle(impact={"symptoms": "an empty basket"})
    world.settle(impact={"symptoms": "an empty page"})
    assert world.marked("brief") == []
    assert world.records["brief"].state is ArtifactState.CLOSED


def test_unpinning_is_not_fought(world: RoomWorld):
    world.settle()
    world.room.pins.clear()
    world.settle(impact={"symptoms": "an empty basket"})
    assert world.room.pins == []


@pytest.mark.parametrize(
    ("method", "kind"),
    [("chat.postMessage", FaultKind.RESET_AFTER), ("pins.add", FaultKind.UNAVAILABLE), ("pins.add", FaultKind.RESET_AFTER)],
)
def test_a_lost_answer_leaves_one_brief_that_is_pinned(world: RoomWorld, method: str, kind: FaultKind):
    world.break_slack(method, kind, times=1)
    world.settle()
    world.settle_until_done()
    assert world.room.pins == [world.marked("brief")[0].ts]
    assert brief(world)


# --- bookmarks -------------------------------------------------------------------------------------------------


def bookmarks(world: RoomWorld) -> dict[str, str]:
    return {bookmark.title: bookmark.link for bookmark in world.room.bookmarks}


def test_issue_call_and_document_are_bookmarked(world: RoomWorld):
    world.settle()
    assert bookmarks(world) == {
        "Issue in Jira": "https://example.atlassian.net/browse/HOT-42",
        "Video call": LINKS["video_call"],
        "State document": LINKS["state_document"],
    }


def test_a_link_that_there_is_not_yet_is_bookmarked_when_there_is(world: RoomWorld):
    world.settle(links={})
    assert set(bookmarks(world)) == {"Issue in Jira"}
    world.settle(links=LINKS)
    assert len(bookmarks(world)) == 3


def test_a_changed_link_changes_its_bookmark_and_no_other(world: RoomWorld):
    world.settle()
    before = len(world.calls)
    world.settle(links={**LINKS, "video_call": "https://other.example.com"})
    assert bookmarks(world)["Video call"] == "https://other.example.com"
    assert len(bookmarks(world)) == 3
    assert world.calls[before:].count("bookmarks.list") == 1


def test_a_bookmark_that_a_human_removed_stays_away_while_its_link_is_the_same(world: RoomWorld):
    world.settle()
    issue = next(bookmark for bookmark in world.room.bookmarks if bookmark.title == "Issue in Jira")
    world.room.bookmarks.remove(issue)
    world.settle(assignee=MIA_AT_JIRA, links={**LINKS, "video_call": "https://other.example.com"})
    assert set(bookmarks(world)) == {"Video call", "State document"}
