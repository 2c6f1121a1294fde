"""Everything in the room together: once, whatever dies; told once when Slack is away; nothing where a human closed it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, suppress
from dataclasses import replace

import pytest

from chalicelib.adapters.world import Threads
from chalicelib.artifacts.chat_room import ChatRoom
from chalicelib.domain.incident import Severity, Status
from chalicelib.ports.ledger import ArtifactState
from sandbox.emulator import FaultKind
from tests.adapters.chat_world import BOT, EMMA, MIA, ROOT
from tests.artifacts.room_world import LINKS, NORA, KilledWorker, RoomWorld, a_room_world
from tests.builders import EMMA as EMMA_AT_JIRA
from tests.builders import MIA as MIA_AT_JIRA
from tests.builders import TOO_LATE_S
from tests.reconcile.small_world import Mortality

IN_THE_ROOM = frozenset(
    ("conversations.setTopic", "conversations.invite", "chat.postMessage", "chat.update", "pins.add", "bookmarks.add",
     "bookmarks.edit")
)  # fmt: skip
WRITES = IN_THE_ROOM | {"conversations.create", "conversations.setPurpose"}


@pytest.fixture
def world() -> Iterator[RoomWorld]:
    with a_room_world(assignee=MIA_AT_JIRA) as world:
        yield world


def assert_all_is_there_once(world: RoomWorld) -> None:
    room = world.room
    assert (room.name, sorted(room.members)) == ("hot-42", sorted((BOT, MIA, EMMA)))
    incident = world.incident
    assert room.topic.value.startswith(f"Sev {incident.severity.value}: {incident.summary} | IM: ")
    [brief] = world.marked("brief")
    assert room.pins == [brief.ts]
    assert len(room.bookmarks) == 3
    markers = [(message.metadata or {})["event_payload"]["marker"] for message in world.said]
    assert len(markers) == len(set(markers))


def it_begins(world: RoomWorld) -> None:
    world.settle()


def it_is_lowered_and_handed_over(world: RoomWorld) -> None:
    world.settle()
    world.settle(severity=Severity.SEV2, assignee=EMMA_AT_JIRA)


STORIES = [it_begins, it_is_lowered_and_handed_over]


def a_story() -> AbstractContextManager[RoomWorld]:
    return a_room_world(assignee=MIA_AT_JIRA, roles={"scribe": (MIA_AT_JIRA,)})


def calls_of(story: Callable[[RoomWorld], None]) -> int:
    with a_story() as world:
        story(world)
        return len(world.killer.calls)


def test_a_settled_room_is_left_alone(world: RoomWorld):
    world.settle()
    assert_all_is_there_once(world)
    calls, writes = len(world.calls), world.small.ledger.writes
    outcomes = world.settle()
    assert not any(outcome.changed or outcome.pending for outcome in outcomes)
    assert (len(world.calls), world.small.ledger.writes) == (calls, writes)


def test_a_clean_incident_costs_few_calls(world: RoomWorld):
    """Chain: create, describe, look up two people, invite, tell; beside it the brief and its pin, topic (after a look) and
    bookmarks."""
    world.settle()
    assert len(world.calls) == 17
    assert sum(call in WRITES for call in world.calls) == 10


def test_a_new_summary_costs_exactly_the_calls_that_show_it(world: RoomWorld):
    world.settle()
    before = len(world.calls)
    world.settle(summary="Checkout is slow")
    assert sorted(world.calls[before:]) == ["chat.postMessage", "chat.update", "conversations.info", "conversations.setTopic"]


@pytest.mark.parametrize("story", STORIES)
def test_killed_around_any_call_everything_is_there_once(story: Callable[[RoomWorld], None]):
    total = calls_of(story)
    assert total >= 10
    for kill_at in range(total):
        for after in (False, True):
            with a_story() as world:
                world.killer.kill_at, world.killer.after = kill_at, after
                with suppress(KilledWorker):
                    story(world)
                world.pass_time(31)
                if story is it_is_lowered_and_handed_over:
                    world.settle_until_done(severity=Severity.SEV2, assignee=EMMA_AT_JIRA)
                world.settle_until_done()
                assert_all_is_there_once(world)


def test_killed_around_any_write_to_the_ledger_everything_is_there_once():
    with a_room_world(assignee=MIA_AT_JIRA) as world:
        world.settle()
        total = world.small.ledger.writes
    for kill_at in range(total):
        for after in (False, True):
            with a_room_world(assignee=MIA_AT_JIRA) as world:
                mortality = Mortality(kill_at, after)
                alive = world.small.world
                world.small.world = replace(alive, ledger=mortality.wrap(world.small.ledger, "ledger"))
                with suppress(BaseException):
                    world.settle()
                world.small.world = alive
                world.pass_time(31)
                world.settle_until_done()
                assert_all_is_there_once(world)


def test_five_workers_at_once_make_everything_once(world: RoomWorld):
    world.small.world = replace(world.small.world, together=Threads())
    with ThreadPoolExecutor(5) as pool:
        for done in [pool.submit(world.settle) for _ in range(5)]:
            done.result()
    world.settle_until_done()
    assert_all_is_there_once(world)
    assert world.calls.count("conversations.create") == 1
    assert world.calls.count("conversations.invite") == 1
    assert world.calls.count("chat.postMessage") == 2


def test_slack_away_is_told_once_and_repaired_when_it_is_back(world: RoomWorld):
    world.break_slack()
    troubles = []
    for _ in range(5):
        world.settle()
        troubles.append({record.trouble for record in world.records.values()})
        world.pass_time(301)
    assert troubles == [{""}, {""}, *[{"slack cannot be reached"}] * 3]
    world.repair_slack()
    world.settle_until_done()
    assert_all_is_there_once(world)
    assert not any(record.trouble for record in world.records.values())


def test_slack_that_asks_us_to_wait_is_obeyed(world: RoomWorld):
    world.break_slack("conversations.create", FaultKind.RATE_LIMITED, times=1, retry_after="90")
    world.settle()
    world.pass_time(80)
    world.settle()
    assert world.calls.count("conversations.create") == 1
    world.pass_time(11)
    world.settle_until_done()
    assert_all_is_there_once(world)


def test_a_revoked_token_says_what_to_do(world: RoomWorld):
    world.slack.emulator.refuse["conversations.create"] = ["token_revoked"]
    world.settle()
    assert "reinstall the Slack app" in world.records["chat_room"].trouble


def test_within_slacks_own_limits_it_all_comes_to_be(world: RoomWorld):
    world.slack.emulator.limits.on = True
    world.settle_until_done()
    assert_all_is_there_once(world)


@pytest.mark.parametrize("method", sorted(IN_THE_ROOM - {"pins.add"}))
def test_one_that_fails_keeps_no_other_back(world: RoomWorld, method: str):
    world.settle(links={"video_call": "https://call.example.com"})
    before = len(world.calls)
    world.break_slack(method)
    world.settle(severity=Severity.SEV2, links=LINKS, assignee=None, roles={"tech_lead": (MIA_AT_JIRA, NORA)})
    assert method in world.calls[before:]
    failed = {record.name.partition(":")[0] for record in world.records.values() if record.last_error}
    assert len(failed) <= (2 if method == "chat.postMessage" else 1)
    world.repair_slack()
    world.settle_until_done()
    world.slack.model.leave(ROOT, world.room.id)
    assert_all_is_there_once(world)


@pytest.mark.parametrize("how", ["archived", "deleted", "put us out"])
@pytest.mark.parametrize("first", [True, False])
def test_in_a_room_that_a_human_closed_nothing_is_tried_again_and_again(world: RoomWorld, how: str, first: bool):
    """Also when it was closed before the rest was made."""
    if first:
        world.break_slack("conversations.setPurpose")
        world.settle()
        world.repair_slack()
    else:
        world.settle()
    model = world.slack.model
    if how == "archived":
        model.archive(EMMA, world.room.id)
    elif how == "deleted":
        model.delete_room(EMMA, world.room.id)
    else:
        model.remove(EMMA, world.room.id, BOT)
    world.settle_until_done(severity=Severity.SEV2, assignee=EMMA_AT_JIRA, roles={"tech_lead": (MIA_AT_JIRA,)})
    assert not any(record.trouble or record.state is ArtifactState.SENDING for record in world.records.values())
    before = len(world.calls)
    world.pass_time(3600)
    world.settle()
    assert world.calls[before:] == ["conversations.info"]  # whether it is open to us again
    assert len(model.rooms) == 1


def test_a_room_that_was_opened_again_is_kept_right(world: RoomWorld):
    world.settle()
    world.slack.model.archive(EMMA, world.room.id)
    world.settle_until_done(severity=Severity.SEV2)
    world.pass_time(900)
    world.settle()
    world.slack.model.unarchive(EMMA, world.room.id)
    world.pass_time(900)
    world.settle_until_done(severity=Severity.SEV1)
    world.settle_until_done()
    assert_all_is_there_once(world)
    world.settle_until_done(severity=Severity.SEV2)
    assert world.room.topic.value.startswith("Sev 2")
    assert "it was 1" in world.marked("said:headline:4")[0].text


def test_a_resolved_incident_says_so_and_asks_for_nobody(world: RoomWorld):
    world.settle()
    world.settle_until_done(status=Status.RESOLVED)
    assert world.room.topic.value.startswith("RESOLVED. ")
    assert "is resolved" in world.texts[-1]


def test_what_is_said_in_a_room_for_all_waits_where_the_incident_has_become_private_since(world: RoomWorld):
    world.settle()
    said, topic = len(world.said), world.room.topic.value
    world.by_now = replace(world.incident, summary="The payroll of ACME", is_private=True)
    world.settle(summary="The payroll of ACME")
    assert not any("ACME" in message.text for message in world.said)
    assert (len(world.said), world.room.topic.value) == (said, topic)
    world.by_now = None
    world.pass_time(31)
    world.settle(is_private=True)
    assert not any("ACME" in message.text for message in world.said)
    assert "ACME" not in world.room.topic.value


def test_a_room_that_was_looked_for_in_vain_is_found_under_the_name_of_a_try_since():
    with a_room_world() as world:
        world.break_slack("conversations.create")
        world.settle(ChatRoom)
        world.pass_time(31)
        world.is_wanted = False
        world.settle(ChatRoom, severity=Severity.SEV3)
        world.is_wanted = True
        world.repair_slack()
        world.break_slack("conversations.create", FaultKind.TIMEOUT_AFTER, times=1, delay_s=TOO_LATE_S)
        world.pass_time(31)
        world.settle(ChatRoom, severity=Severity.SEV1)
        world.pass_time(31)
        world.settle(ChatRoom, key="OPS-7")
        assert [room.name for room in world.slack.model.rooms.values()] == ["hot-42"]
