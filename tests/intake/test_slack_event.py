"""What Slack sends: who signed it, and what each kind of request comes to."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.errors import Unauthentic
from chalicelib.intake.signature import verify_slack_signature
from chalicelib.intake.slack_event import (
    FORM,
    TEXT_LIMIT,
    Challenge,
    ChatEvent,
    Ignored,
    SlackRequest,
    Unreadable,
    What,
    parse_slack_request,
)
from chalicelib.intake.slack_notation import time_of, ts_of
from tests.builders import NOW, seconds
from tests.intake.test_mutated_bodies import mutated, spliced

JSON = "application/json"
TS, LATER = "1795402800.000100", "1795402860.000200"


def an_envelope(event: object, **changes: object) -> dict[str, Any]:
    return {"token": "x", "team_id": "T1", "type": "event_callback", "event_id": "Ev1", "event": event, **changes}


def parse(event: object, **changes: object) -> SlackRequest:
    return parse_slack_request(json.dumps(an_envelope(event, **changes)).encode(), JSON, NOW)


def parse_form(**fields: str) -> SlackRequest:
    return parse_slack_request(urlencode(fields).encode(), f"{FORM}; charset=utf-8", NOW)


def happened(what: What, text: str = "", message_id: str = "", *, who: str = "UMIA", at: str = LATER) -> ChatEvent:
    return ChatEvent("Ev1", what, "C1", who, time_of(at), text, message_id)


SAID = {
    "type": "message",
    "channel": "C1",
    "user": "UMIA",
    "text": "a &lt; b &amp; <https://x.example|c>",
    "ts": TS,
    "event_ts": TS,
}
REACTED = {
    "type": "reaction_added", "user": "UMIA", "reaction": "pushpin", "item_user": "UEMMA", "event_ts": LATER,
    "item": {"type": "message", "channel": "C1", "ts": TS},
}  # fmt: skip
CHANGED = {
    "type": "message", "subtype": "message_changed", "channel": "C1", "ts": LATER, "event_ts": LATER, "hidden": True,
    "message": {"type": "message", "user": "UMIA", "text": "better", "ts": TS, "edited": {"user": "UMIA", "ts": LATER}},
    "previous_message": {"type": "message", "user": "UMIA", "text": "good", "ts": TS},
}  # fmt: skip
DELETED = {
    "type": "message", "subtype": "message_deleted", "channel": "C1", "ts": LATER, "event_ts": LATER, "deleted_ts": TS,
}  # fmt: skip
TOPIC = {
    "type": "message", "subtype": "channel_topic", "channel": "C1", "user": "UMIA", "topic": "We meet &amp; talk",
    "text": "<@UMIA> set the channel topic", "ts": LATER, "event_ts": LATER,
}  # fmt: skip
RENAMED = {"type": "channel_rename", "channel": {"id": "C1", "name": "checkout", "created": 1}, "event_ts": LATER}
ARCHIVED = {"type": "channel_archive", "channel": "C1", "user": "UMIA", "event_ts": LATER}
JOINED = {"type": "member_joined_channel", "user": "UMIA", "channel": "C1", "team": "T1", "event_ts": LATER}
EVENTS: list[dict[str, Any]] = [SAID, REACTED, CHANGED, DELETED, TOPIC, RENAMED, ARCHIVED, JOINED]
COMMAND = {
    "token": "x", "team_id": "T1", "channel_id": "C1", "channel_name": "hot-1234", "user_id": "UMIA", "user_name": "mia",
    "command": "/firebell", "text": "note rolled back &amp; restarted", "trigger_id": "1.2.3abc",
    "response_url": "https://hooks.slack.com/commands/1/2",
}  # fmt: skip


# --- what happened ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        pytest.param(SAID, happened(What.SAID, "a < b & c (https://x.example)", TS, at=TS), id="said"),
        pytest.param({**SAID, "thread_ts": TS}, happened(What.SAID, "a < b & c (https://x.example)", TS, at=TS), id="answered"),
        pytest.param({**SAID, "subtype": "file_share", "text": ""}, happened(What.SAID, "", TS, at=TS), id="a file"),
        pytest.param(CHANGED, happened(What.EDITED, "better", TS), id="edited"),
        pytest.param(DELETED, happened(What.DELETED, "", TS, who=""), id="deleted"),
        pytest.param(
            {**CHANGED, "message": {"subtype": "tombstone", "ts": TS, "user": "USLACKBOT"}},
            happened(What.DELETED, "", TS, who=""), id="deleted, with answers left",
        ),
        pytest.param(REACTED, happened(What.REACTED, "pushpin", TS), id="reaction"),
        pytest.param({**REACTED, "reaction": "wave::skin-tone-3"}, happened(What.REACTED, "wave", TS), id="skin tone"),
        pytest.param({**REACTED, "type": "reaction_removed"}, happened(What.UNREACTED, "pushpin", TS), id="reaction gone"),
        pytest.param(TOPIC, happened(What.TOPIC, "We meet & talk"), id="topic"),
        pytest.param({**TOPIC, "subtype": "group_topic"}, happened(What.TOPIC, "We meet & talk"), id="private topic"),
        pytest.param(RENAMED, happened(What.RENAMED, "checkout", who=""), id="renamed"),
        pytest.param({**RENAMED, "type": "group_rename"}, happened(What.RENAMED, "checkout", who=""), id="private renamed"),
        pytest.param(ARCHIVED, happened(What.ARCHIVED), id="archived"),
        pytest.param({**ARCHIVED, "type": "group_archive"}, happened(What.ARCHIVED), id="private archived"),
        pytest.param({**ARCHIVED, "type": "channel_unarchive"}, happened(What.UNARCHIVED), id="unarchived"),
        pytest.param({**ARCHIVED, "type": "channel_deleted"}, happened(What.ROOM_DELETED), id="room deleted"),
        pytest.param(JOINED, happened(What.JOINED), id="joined"),
        pytest.param({**JOINED, "type": "member_left_channel"}, happened(What.LEFT), id="left"),
    ],
)  # fmt: skip
def test_an_event_says_what_happened_where_by_whom_and_when(event: dict[str, Any], expected: ChatEvent) -> None:
    assert parse(event) == expected


def test_an_answer_in_a_thread_says_what_it_answers() -> None:
    event = parse({**SAID, "thread_ts": "1795402700.000001"})
    assert isinstance(event, ChatEvent)
    assert event.thread_id == "1795402700.000001"


def test_a_slash_command_says_where_by_whom_and_its_words() -> None:
    assert parse_form(**COMMAND) == ChatEvent(
        "1.2.3abc", What.COMMAND, "C1", "UMIA", NOW, "note rolled back & restarted", command="/firebell", name="mia"
    )


def test_a_challenge_is_to_be_echoed() -> None:
    body = json.dumps({"type": "url_verification", "challenge": "3eZbrw1a", "token": "x"}).encode()
    assert parse_slack_request(body, JSON, NOW) == Challenge("3eZbrw1a")


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        pytest.param(parse({**SAID, "bot_id": "B1"}), "a program said it", id="our own words"),
        pytest.param(parse({**CHANGED, "message": {**SAID, "bot_id": "B1"}}), "a program said it", id="our own edit"),
        pytest.param(parse({**SAID, "subtype": "channel_join"}), "a message of the kind channel_join", id="join"),
        pytest.param(parse({"type": "app_home_opened"}), "app_home_opened is not followed", id="not followed"),
        pytest.param(parse({}), "an event without a type is not followed", id="no type of event"),
        pytest.param(parse({**REACTED, "item": {"type": "file"}}), "something else than a message", id="reaction to a file"),
        pytest.param(parse({}, type="app_rate_limited"), "app_rate_limited is no event", id="rate limited"),
        pytest.param(parse({}, type=None), "something without a type is no event", id="no type"),
        pytest.param(parse_form(payload="{}"), "an interaction", id="interaction"),
        pytest.param(parse_form(ssl_check="1"), "a check of our certificate", id="certificate"),
        pytest.param(parse_form(text="x"), "a form without a command", id="no command"),
    ],
)
def test_everything_else_is_ignored_with_the_reason(request_: SlackRequest, reason: str) -> None:
    assert isinstance(request_, Ignored)
    assert reason in request_.reason


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        pytest.param(parse(SAID, event_id=""), "without an id", id="no event id"),
        pytest.param(parse(None), "without an event", id="no event"),
        pytest.param(parse({**SAID, "channel": None}), "in which room", id="no room"),
        pytest.param(parse({**SAID, "channel": "<!here>"}), "in which room", id="a room that is none"),
        pytest.param(parse({**SAID, "ts": "soon"}), "ts is no message", id="no message id"),
        pytest.param(parse({**ARCHIVED, "event_ts": None}), "does not say when", id="no time"),
        pytest.param(parse({**ARCHIVED, "event_ts": "9" * 40 + ".1"}), "does not say when", id="a time beyond time"),
        pytest.param(parse({**REACTED, "reaction": []}), "without a name", id="no reaction"),
        pytest.param(parse({**CHANGED, "message": "x"}), "without the message", id="no message"),
        pytest.param(parse_form(**{**COMMAND, "trigger_id": ""}), "without a trigger_id", id="no trigger"),
        pytest.param(parse_form(**{**COMMAND, "channel_id": ""}), "in which room", id="command nowhere"),
        pytest.param(parse_slack_request(b'{"type": "url_verification"}', JSON, NOW), "without a challenge", id="no challenge"),
        pytest.param(parse_slack_request(b"{", JSON, NOW), "not JSON", id="no JSON"),
        pytest.param(parse_slack_request(b"", JSON, NOW), "not JSON", id="nothing"),
        pytest.param(parse_slack_request(b"[]", JSON, NOW), "a JSON array", id="an array"),
        pytest.param(parse_slack_request(b"[" * 100_000, JSON, NOW), "too deeply", id="too deep"),
        pytest.param(parse_slack_request(b"\xff=1", FORM, NOW), "cannot be read", id="no text"),
        pytest.param(parse_slack_request(b"a=1&" * 500, FORM, NOW), "cannot be read", id="a flood of fields"),
    ],
)
def test_garbage_is_unreadable_with_the_reason(request_: SlackRequest, reason: str) -> None:
    assert isinstance(request_, Unreadable)
    assert reason in request_.reason


def test_endless_words_are_cut() -> None:
    event = parse({**SAID, "text": "&amp;" * 99_999})
    assert isinstance(event, ChatEvent)
    assert len(event.text) == TEXT_LIMIT


def check(request: SlackRequest) -> None:
    """Everything that comes out can be stored and sent on."""
    assert isinstance(request, ChatEvent | Challenge | Ignored | Unreadable)
    if isinstance(request, ChatEvent):
        assert request.event_id
        assert request.room_id
        "".join((request.event_id, request.text, request.who, request.command)).encode()
        assert request.at.utcoffset() is not None


BODIES = [json.dumps(an_envelope(event)).encode() for event in EVENTS]
FORMS = [urlencode(COMMAND).encode()]


@given(mutated([an_envelope(event) for event in EVENTS]))
@settings(max_examples=400)
def test_a_mutated_event_comes_to_a_clear_end(envelope: Any) -> None:
    check(parse_slack_request(json.dumps(envelope).encode(), JSON, NOW))


@given(spliced([*BODIES, *FORMS]), st.sampled_from([JSON, FORM, "", "text/plain"]))
@settings(max_examples=300)
def test_a_spliced_body_comes_to_a_clear_end(body: bytes, content_type: str) -> None:
    check(parse_slack_request(body, content_type, NOW))


@given(st.datetimes(min_value=NOW.replace(tzinfo=None)).map(lambda at: at.replace(tzinfo=NOW.tzinfo)))
def test_a_time_in_slacks_spelling_is_the_same_time(at: Any) -> None:
    if at.year < 5000:
        assert time_of(ts_of(at)) == at


# --- who sent it -----------------------------------------------------------------------------------------------

BODY = b'{"type": "event_callback"}'
SENT = str(int(NOW.timestamp()))


def sign(secret: str, sent: str = SENT, body: bytes = BODY) -> str:
    return "v0=" + hmac.new(secret.encode(), f"v0:{sent}:".encode() + body, hashlib.sha256).hexdigest()


def test_slacks_own_test_vector_is_accepted() -> None:
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar"
        b"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    header = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    now = time_of("1531420618.0")
    verify_slack_signature(body, "1531420618", header, ["8f742231b10e8888abcd99yyyzzz85a5"], now)


@pytest.mark.parametrize("secret", ["old", "new"])
@pytest.mark.parametrize("off_s", [-300, 0, 299])
def test_either_live_secret_admits_within_five_minutes(secret: str, off_s: int) -> None:
    verify_slack_signature(BODY, SENT, sign(secret), ["old", "new"], NOW + seconds(off_s))


@pytest.mark.parametrize(
    ("sent", "header"),
    [
        pytest.param(None, sign("key"), id="no time"),
        pytest.param("", sign("key", ""), id="empty time"),
        pytest.param("soon", sign("key", "soon"), id="a time that is none"),
        pytest.param(f"+{SENT}", sign("key", f"+{SENT}"), id="a sign before it"),
        pytest.param("٣", sign("key", "٣"), id="a digit of another script"),
        pytest.param("9" * 400, sign("key", "9" * 400), id="an absurd time"),
        pytest.param(str(int(SENT) - 301), sign("key", str(int(SENT) - 301)), id="too old"),
        pytest.param(str(int(SENT) + 301), sign("key", str(int(SENT) + 301)), id="too new"),
        pytest.param(SENT, sign("key", str(int(SENT) - 1)), id="signed with another time"),
        pytest.param(SENT, None, id="no signature"),
        pytest.param(SENT, sign("key")[3:], id="no version"),
        pytest.param(SENT, "v1" + sign("key")[2:], id="another version"),
        pytest.param(SENT, sign("key")[:-1], id="too short"),
        pytest.param(SENT, sign("other"), id="another secret"),
        pytest.param(SENT, sign("key", body=BODY + b" "), id="another body"),
        pytest.param(SENT, sign(""), id="signed with nothing"),
        pytest.param(SENT, "v0=\ud800", id="lone surrogate"),
    ],
)
def test_anything_else_is_refused(sent: str | None, header: str | None) -> None:
    with pytest.raises(Unauthentic):
        verify_slack_signature(BODY, sent, header, ["key"], NOW)


@pytest.mark.parametrize("secrets", [[], [""], ["", " "]])
def test_without_a_secret_nobody_is_let_in(secrets: list[str]) -> None:
    with pytest.raises(Unauthentic, match="no secret is configured"):
        verify_slack_signature(BODY, SENT, sign(""), secrets, NOW)


@given(st.text(st.characters(codec=None), max_size=80), st.text(st.characters(codec=None), max_size=80))
def test_no_header_raises_anything_else(sent: str, header: str) -> None:
    with pytest.raises(Unauthentic):
        verify_slack_signature(BODY, sent, header, ["a long secret that nobody guesses"], NOW)
