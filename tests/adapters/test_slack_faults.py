"""What may go wrong between us and Slack: every fault at every operation, and every way in which Slack says no."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter

from chalicelib.adapters.slack import SCOPES, Slack
from chalicelib.adapters.slack_http import DOWN, PASSING
from chalicelib.errors import IntegrationError, PermanentError, TemporaryError
from chalicelib.ports.chat import PersonStatus
from sandbox.chat.slack import SlackEmulator
from sandbox.emulator import Fault, FaultKind, serve
from tests.adapters.chat_world import EMMA, MARKER, MIA, TOKEN, USER_TOKEN, ChatWorld, a_chat, a_post
from tests.adapters.test_pager_http import a_vendor_that_answers
from tests.builders import NOW, TIMEOUTS_S, TOO_LATE_S, seconds

Operation = Callable[[ChatWorld], object]
ROOM, MESSAGE = "C00000001", "1795402800.000003"

OPERATIONS: dict[str, tuple[str, Operation]] = {
    "who_am_i": ("auth.test", lambda world: world.chat.who_am_i()),
    "open_room": ("conversations.create", lambda world: world.chat.open_room("hot-2", private=False)),
    "find_rooms": ("users.conversations", lambda world: world.chat.find_rooms(("hot-1234", "hot-1234-2"), MARKER)),
    "read_room": ("conversations.info", lambda world: world.chat.read_room(ROOM)),
    "mark_room": ("conversations.setPurpose", lambda world: world.chat.mark_room(ROOM, MARKER, "words")),
    "set_topic": ("conversations.setTopic", lambda world: world.chat.set_topic(ROOM, "Sev 1")),
    "invite": ("conversations.invite", lambda world: world.chat.invite(ROOM, [EMMA])),
    "members": ("conversations.members", lambda world: world.chat.members(ROOM)),
    "join": ("conversations.join", lambda world: world.chat.join(ROOM)),
    "archive": ("conversations.archive", lambda world: world.chat.archive(ROOM)),
    "post": ("chat.postMessage", lambda world: world.chat.post(ROOM, a_post(), MARKER)),
    "find_message": ("conversations.history", lambda world: world.chat.find_message(ROOM, MARKER)),
    "edit_message": ("chat.update", lambda world: world.chat.edit_message(ROOM, our_message(world), a_post("2"), MARKER)),
    "pin": ("pins.add", lambda world: world.chat.pin(ROOM, our_message(world))),
    "direct_message": ("chat.postMessage", lambda world: world.chat.direct_message(MIA, a_post(), MARKER)),
    "find_direct_message": ("users.conversations", lambda world: world.chat.find_direct_message(MIA, MARKER)),
    "read_bookmarks": ("bookmarks.list", lambda world: world.chat.read_bookmarks(ROOM)),
    "put_bookmark": ("bookmarks.add", lambda world: world.chat.put_bookmark(ROOM, "Issue", "https://x.example")),
    "find_user_by_mail": ("users.lookupByEmail", lambda world: world.chat.find_user_by_mail("mia@example.com")),
    "name_of": ("users.profile.get", lambda world: world.chat.name_of(MIA)),
    "read_status": ("users.profile.get", lambda world: world.chat.read_status(MIA)),
    "set_status": ("users.profile.set", lambda world: world.chat.set_status(MIA, PersonStatus("HOT-1234"))),
    "messages": ("conversations.history", lambda world: world.chat.messages(ROOM, NOW - seconds(9))),
    "read_message": ("conversations.replies", lambda world: world.chat.read_message(ROOM, our_message(world))),
}
"""Each operation of the port, and the method of Slack's that is struck."""

LASTING = (FaultKind.NOT_FOUND, FaultKind.CONFLICT)
HARMLESS = (FaultKind.SLOW,)
AFTER = (FaultKind.TIMEOUT_AFTER, FaultKind.RESET_AFTER, FaultKind.ERROR_AFTER, FaultKind.GARBAGE)


def our_message(world: ChatWorld) -> str:
    return next(message.ts for message in world.model.rooms[ROOM].messages if message.metadata)


@pytest.fixture
def world() -> Iterator[ChatWorld]:
    """A room with Mia, a message of ours and one of hers."""
    with a_chat() as world:
        room = world.a_room()
        assert room.id == ROOM
        world.model.invite(room.creator, room.id, [MIA])
        metadata = {"event_type": "firebell", "event_payload": {"marker": MARKER}}
        world.model.post(room.creator, room.id, "Paged", metadata=metadata)
        world.model.say(MIA, room.id, "I look")
        yield world


def test_every_operation_of_the_port_is_struck():
    from chalicelib.ports.chat import Chat

    assert set(OPERATIONS) == {name for name in vars(Chat) if not name.startswith("_")} - {"can_set_status", "name"}


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind not in HARMLESS])
def test_every_fault_of_every_operation_is_one_of_our_errors_and_leaks_nothing(world: ChatWorld, name: str, kind: FaultKind):
    method, call = OPERATIONS[name]
    world.emulator.faults.switch_on(method, Fault(kind, delay_s=TOO_LATE_S))
    with pytest.raises(PermanentError if kind in LASTING else TemporaryError) as caught:
        call(world)
    error: IntegrationError = caught.value
    assert (error.vendor, error.operation) == ("slack", name)
    assert TOKEN not in f"{error!r} {error}"
    assert USER_TOKEN not in f"{error!r} {error}"
    if isinstance(error, TemporaryError):
        assert error.out_of_service is (kind in (FaultKind.UNAUTHORIZED, FaultKind.FORBIDDEN))
    assert world.emulator.count(method) == 1, "nothing is tried twice"


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_slow_answer_is_an_answer(world: ChatWorld, name: str):
    method, call = OPERATIONS[name]
    world.emulator.faults.switch_on(method, Fault(FaultKind.SLOW, delay_s=0.1))
    call(world)


@pytest.mark.parametrize("kind", AFTER)
def test_a_room_whose_answer_was_lost_is_found_and_is_ours(world: ChatWorld, kind: FaultKind):
    world.emulator.faults.switch_on("conversations.create", Fault(kind, delay_s=TOO_LATE_S))
    with pytest.raises(TemporaryError):
        world.chat.open_room("hot-77", private=True)
    [room] = world.chat.find_rooms(("hot-77",), "firebell:77")
    assert room.is_for("firebell:77")


@pytest.mark.parametrize("kind", AFTER)
def test_a_message_whose_answer_was_lost_is_found_by_its_marker(world: ChatWorld, kind: FaultKind):
    for said in (
        lambda: world.chat.post(ROOM, a_post(), "firebell:1:lost"),
        lambda: world.chat.direct_message(MIA, a_post(), "firebell:1:lost"),
    ):
        world.emulator.faults.switch_on("chat.postMessage", Fault(kind, delay_s=TOO_LATE_S))
        with pytest.raises(TemporaryError):
            said()
    assert world.chat.find_message(ROOM, "firebell:1:lost") is not None
    assert world.chat.find_direct_message(MIA, "firebell:1:lost") is not None


@pytest.mark.parametrize("kind", AFTER)
def test_an_invitation_whose_answer_was_lost_can_be_repeated(world: ChatWorld, kind: FaultKind):
    world.emulator.faults.switch_on("conversations.invite", Fault(kind, delay_s=TOO_LATE_S))
    with pytest.raises(TemporaryError):
        world.chat.invite(ROOM, [EMMA])
    assert world.chat.invite(ROOM, [EMMA]) == ()


def test_the_second_page_of_a_list_may_fail_and_then_nothing_is_said_about_the_whole(world: ChatWorld):
    for number in range(250):
        world.model.say(MIA, ROOM, f"{number}")
    world.emulator.faults.switch_on("conversations.history", Fault(FaultKind.UNAVAILABLE, skip=1))
    with pytest.raises(TemporaryError):
        world.chat.find_message(ROOM, "firebell:none")


# --- too often -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "wait_s", "down"),
    [
        pytest.param("1", 1.0, False, id="one second"),
        pytest.param("30", 30.0, False, id="half a minute"),
        pytest.param("3600", 3600.0, True, id="an hour counts as down"),
        pytest.param("soon", None, False, id="nonsense"),
        pytest.param("-1", None, False, id="below zero"),
        pytest.param("", None, False, id="empty"),
        pytest.param(None, None, False, id="absent"),
    ],
)
def test_retry_after_is_understood(world: ChatWorld, header: str | None, wait_s: float | None, down: bool):
    world.emulator.faults.switch_on("chat.postMessage", Fault(FaultKind.RATE_LIMITED, retry_after=header))
    with pytest.raises(TemporaryError) as caught:
        world.chat.post(ROOM, a_post(), MARKER)
    assert (caught.value.retry_after_s, caught.value.out_of_service) == (wait_s, down)


def test_a_second_message_within_a_second_is_refused_and_later_it_goes_through(world: ChatWorld):
    world.emulator.limits.on = True
    world.chat.post(ROOM, a_post(), MARKER)
    with pytest.raises(TemporaryError) as caught:
        world.chat.post(ROOM, a_post(), MARKER)
    assert caught.value.retry_after_s == 1
    world.pass_time(1)
    world.chat.post(ROOM, a_post(), MARKER)


def test_the_tier_of_a_method_is_kept_and_says_when_it_is_over(world: ChatWorld):
    world.emulator.limits.on = True
    for _ in range(20):
        world.chat.set_topic(ROOM, "Sev 1")
        world.pass_time(1)
    with pytest.raises(TemporaryError) as caught:
        world.chat.set_topic(ROOM, "Sev 1")
    assert caught.value.retry_after_s == 40
    world.chat.read_room(ROOM)
    world.pass_time(40)
    world.chat.set_topic(ROOM, "Sev 1")


# --- ok: false -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_passing_no_is_temporary(world: ChatWorld, name: str):
    method, call = OPERATIONS[name]
    for code in sorted(PASSING):
        world.emulator.refuse[method] = [code]
        with pytest.raises(TemporaryError, match=code) as caught:
            call(world)
        assert not caught.value.out_of_service


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_no_that_only_a_human_repairs_is_down_and_says_what_to_do(world: ChatWorld, name: str):
    method, call = OPERATIONS[name]
    for code in (*sorted(DOWN), "missing_scope"):
        world.emulator.refuse[method] = [code]
        with pytest.raises(TemporaryError, match=f"{code}: ") as caught:
            call(world)
        assert caught.value.out_of_service


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_no_that_nobody_has_heard_of_is_permanent(world: ChatWorld, name: str):
    method, call = OPERATIONS[name]
    world.emulator.refuse[method] = ["brand_new_error"]
    with pytest.raises(PermanentError, match="brand_new_error"):
        call(world)


@pytest.mark.parametrize("token", ["", "xoxb-wrong"])
def test_a_wrong_token_is_down_until_a_human_repairs_it(world: ChatWorld, token: str):
    chat = Slack(token, base_url=f"{world.url}/api")
    with pytest.raises(TemporaryError, match="put its new token into the secrets") as caught:
        chat.who_am_i()
    assert caught.value.out_of_service


def test_a_revoked_token_is_down(world: ChatWorld):
    world.emulator.revoked.add(TOKEN)
    with pytest.raises(TemporaryError, match="token_revoked") as caught:
        world.chat.read_room(ROOM)
    assert caught.value.out_of_service


def test_a_bots_token_in_place_of_a_persons_says_so():
    scopes = SCOPES | {"users.profile:write"}
    with a_chat(user_token=TOKEN, scopes=scopes) as world, pytest.raises(TemporaryError, match="wrong kind of token"):
        world.chat.set_status(MIA, PersonStatus("HOT-1234"))


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param("200 OK", b"", id="nothing"),
        pytest.param("200 OK", b"<html>Slack is down</html>", id="HTML"),
        pytest.param("200 OK", b'{"ok": true, "channel": {"id": "C1"', id="half"),
        pytest.param("200 OK", b"[" * 100_000, id="too deep"),
        pytest.param("200 OK", b"[]", id="a list"),
        pytest.param("200 OK", b"null", id="null"),
        pytest.param("200 OK", b'{"channel": {}}', id="ok is missing"),
        pytest.param("200 OK", b'{"ok": "true", "channel": {}}', id="ok is a word"),
        pytest.param("200 OK", b'{"ok": false}', id="no, and no word why"),
        pytest.param("200 OK", b'{"ok": false, "error": {"code": 1}}', id="no, and no word of Slack's"),
        pytest.param("200 OK", b'{"ok": true}', id="ok, and nothing with it"),
        pytest.param("200 OK", b'{"ok": true, "channel": {"id": "C1"}}', id="ok, and too little with it"),
        pytest.param("502 Bad Gateway", b"", id="a gateway's"),
    ],
)
def test_an_answer_that_makes_no_sense_is_temporary(status: str, body: bytes):
    with serve(a_vendor_that_answers(status, body)) as [url]:
        chat = Slack(TOKEN, base_url=url, timeouts_s=TIMEOUTS_S)
        for call in (
            lambda: chat.read_room(ROOM),
            lambda: chat.post(ROOM, a_post(), MARKER),
            lambda: chat.find_rooms(("hot-1",), MARKER),
        ):
            with pytest.raises(TemporaryError):
                call()


def test_a_token_that_slack_repeats_never_shows():
    body = json.dumps({"ok": False, "error": f"strange {TOKEN}", "needed": TOKEN}).encode()
    missing = json.dumps({"ok": False, "error": "missing_scope", "needed": TOKEN}).encode()
    for told in (body, missing):
        with serve(a_vendor_that_answers("200 OK", told)) as [url]:
            chat = Slack(TOKEN, base_url=url)
            with pytest.raises(IntegrationError) as caught:
                chat.who_am_i()
            assert TOKEN not in f"{caught.value!r} {caught.value} {chat!r}"


def test_a_list_that_goes_round_in_circles_ends():
    channel = {"name": "other", "id": "C1"}
    body = json.dumps(
        {"ok": True, "user_id": "U1", "team_id": "T1", "team": "x", "url": "https://x", "channels": [channel],
         "response_metadata": {"next_cursor": "again"}}
    ).encode()  # fmt: skip
    with serve(a_vendor_that_answers("200 OK", body)) as [url], pytest.raises(PermanentError, match="come to an end"):
        Slack(TOKEN, base_url=url).find_rooms(("hot-1",), MARKER)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["C1", "1795402800.000001", "message"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "name", "topic", "purpose", "value", "creator", "is_archived", "ts", "type", "text", "user",
                         "reactions", "users", "metadata", "event_type", "event_payload", "next_cursor", "title", "link",
                         "latest_reply"]),
        inner, max_size=5,
    ),
    max_leaves=12,
)  # fmt: skip
MEMBERS = ["channel", "channels", "messages", "members", "user", "profile", "bookmarks", "ts", "response_metadata"]


class CannedAnswer(BaseAdapter):
    """In place of the network: the same answer to everything."""

    def __init__(self, answer: dict[str, Any]) -> None:
        super().__init__()
        self.content = json.dumps(answer).encode()

    def send(self, request: PreparedRequest, *_: Any, **__: Any) -> Response:
        response = Response()
        response.status_code, response._content, response.request = 200, self.content, request
        return response

    def close(self) -> None:
        pass


@given(st.dictionaries(st.sampled_from(MEMBERS), JSON))
@settings(max_examples=150, deadline=None)
def test_whatever_slack_answers_nothing_but_our_errors_comes_out(answer: dict[str, Any]):
    us = {"ok": True, "user_id": "U1", "team_id": "T1", "team": "x", "url": "https://x"}
    chat = Slack(TOKEN, base_url="http://slack.test")
    chat._http._session.mount("http://slack.test", CannedAnswer({**us, **answer}))
    for call in (
        lambda: chat.find_rooms(("hot-1",), MARKER), lambda: chat.read_room(ROOM), lambda: chat.members(ROOM),
        lambda: chat.messages(ROOM, NOW), lambda: chat.read_message(ROOM, MESSAGE), lambda: chat.find_message(ROOM, MARKER),
        lambda: chat.read_bookmarks(ROOM), lambda: chat.find_user_by_mail("x@example.com"), lambda: chat.read_status(MIA),
    ):  # fmt: skip
        with suppress(IntegrationError):
            call()


def test_the_emulator_notes_what_slack_would_not_understand(world: ChatWorld):
    emulator: SlackEmulator = world.emulator
    chat = Slack(TOKEN, base_url=f"{world.url}/api")
    for method, body in (
        ("chat.postMessage", {"channel": ROOM, "text": "x", "surprise": 1}),
        ("chat.postMessage", {"text": "x"}),
        ("conversations.create", {"name": "hot-3", "is_private": "true"}),
        ("conversations.kick", {"channel": ROOM}),
    ):
        with pytest.raises(IntegrationError):
            chat._http.write("test", method, body, lambda answer: answer)
    with pytest.raises(IntegrationError):
        chat._http.read("test", "conversations.info", {"channel": ROOM, "token": "x"}, lambda answer: answer)
    assert len(emulator.violations) == 5
    emulator.violations.clear()
