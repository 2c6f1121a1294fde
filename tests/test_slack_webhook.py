"""Slack's events and its command, through the deployed application: durable before they are answered, each a note once."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

import app
from chalicelib import bootstrap
from chalicelib.adapters.aws import forget_clients
from chalicelib.domain.incident import IssueId
from chalicelib.domain.notes import NOTES_LIMIT, Note, Source
from chalicelib.intake.queue_message import parse_message
from chalicelib.ports.queue import Cause, Said
from tests.adapters.aws_world import aws_in_memory
from tests.adapters.chat_world import EMMA, MIA, SECRET, a_chat
from tests.builders import a_note, seconds
from tests.test_app import Platform

ISSUE, ROOM, TS = IssueId("10002"), "C0HOT42", "1795402800.000100"
FORM = "application/x-www-form-urlencoded"


class Slack:
    """What Slack sends to the deployed application."""

    def __init__(self, platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
        self.platform, self._monkeypatch = platform, monkeypatch
        self.secrets("old", "new")
        bootstrap.give(clock=platform.clock)
        bootstrap.ledger().set_room(ROOM, ISSUE)

    def secrets(self, *live: str) -> None:
        self._monkeypatch.setenv("FIREBELL_SECRETS", json.dumps({"slack_signing_secret": live}))

    def post(
        self, body: bytes, *, secret: str = "new", late_s: float = 0, kind: str = "application/json", **more: str
    ) -> tuple[int, dict[str, Any]]:
        sent_at = str(int((self.platform.clock.now() - seconds(late_s)).timestamp()))
        digest = hmac.new(secret.encode(), f"v0:{sent_at}:".encode() + body, hashlib.sha256).hexdigest()
        headers = {"X-Slack-Request-Timestamp": sent_at, "X-Slack-Signature": f"v0={digest}", "Content-Type": kind}
        return self.platform.post("/webhooks/slack", body, headers | more)

    def event(self, event: dict[str, Any], event_id: str = "Ev1", **more: Any) -> tuple[int, dict[str, Any]]:
        envelope = {"type": "event_callback", "event_id": event_id, "event": event}
        return self.post(json.dumps(envelope).encode(), **more)

    def command(self, text: str, *, trigger: str = "1.2.U1", room: str = ROOM, **more: Any) -> str:
        form = {"command": "/firebell", "text": text, "channel_id": room, "user_id": "U1", "user_name": "mia"}
        status, answer = self.post(urlencode({**form, "trigger_id": trigger}).encode(), kind=FORM, **more)
        assert (status, answer["response_type"]) == (200, "ephemeral")
        return str(answer["text"])

    def messages(self) -> list[Any]:
        return [parse_message(body) for body in self.platform.messages(self.platform.work)]

    @property
    def notes(self) -> tuple[Note, ...]:
        return bootstrap.ledger().read(ISSUE).notes


def a_reaction(kind: str = "reaction_added", name: str = "pushpin", room: str = ROOM) -> dict[str, Any]:
    item = {"type": "message", "channel": room, "ts": TS}
    return {"type": kind, "user": "U1", "reaction": name, "item": item, "event_ts": "1795402860.000200"}


def a_deletion() -> dict[str, Any]:
    return {"type": "message", "subtype": "message_deleted", "channel": ROOM, "deleted_ts": TS, "event_ts": TS, "ts": TS}


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Slack]:
    with aws_in_memory(monkeypatch):
        bootstrap.reset()
        forget_clients()
        yield Slack(Platform(monkeypatch, tmp_path), monkeypatch)
    bootstrap.reset()
    forget_clients()


def test_slack_is_told_that_we_are_there(slack: Slack):
    status, answer = slack.post(json.dumps({"type": "url_verification", "challenge": "abc"}).encode())
    assert (status, answer) == (200, {"challenge": "abc"})


@pytest.mark.parametrize("secret", ["old", "new"])
@pytest.mark.parametrize(
    "event",
    [
        pytest.param(a_reaction(), id="marked"),
        pytest.param(a_reaction(name="pushpin::skin-tone-2"), id="marked with a tone"),
        pytest.param(a_reaction("reaction_removed"), id="unmarked"),
        pytest.param(a_deletion(), id="deleted"),
    ],
)
def test_what_may_change_a_note_is_on_the_queue_before_it_is_answered(slack: Slack, event: dict[str, Any], secret: str):
    assert slack.event(event, secret=secret)[0] == 202
    [message] = slack.messages()
    assert (message.issue_id, message.cause, message.said) == (ISSUE, Cause.CHANGED, Said(ROOM, TS))


@pytest.mark.parametrize(
    ("event", "why"),
    [
        pytest.param(a_reaction(name="eyes"), "eyes", id="another reaction"),
        pytest.param(a_reaction(room="C0OTHER"), "C0OTHER", id="another room"),
        pytest.param(
            {"type": "message", "channel": ROOM, "user": "U1", "text": "hi", "ts": TS, "event_ts": TS}, "said", id="said"
        ),
        pytest.param({"type": "app_home_opened", "user": "U1"}, "app_home_opened", id="not followed"),
    ],
)
def test_what_changes_no_note_is_answered_with_the_reason(slack: Slack, event: dict[str, Any], why: str):
    status, answer = slack.event(event)
    assert (status, answer["outcome"]) == (200, "ignored")
    assert why in answer["detail"]
    assert slack.messages() == []


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"secret": "guess"}, id="a wrong secret"),
        pytest.param({"secret": ""}, id="an empty secret"),
        pytest.param({"late_s": 301}, id="overheard, and played again"),
        pytest.param({"late_s": -301}, id="from the future"),
        pytest.param({"X-Slack-Signature": ""}, id="no signature"),
        pytest.param({"X-Slack-Request-Timestamp": "soon"}, id="no time"),
    ],
)
def test_strangers_get_401_and_leave_no_trace(slack: Slack, how: dict[str, Any]):
    assert slack.event(a_reaction(), **how)[0] == 401
    assert slack.messages() == []


def test_without_a_secret_everybody_is_a_stranger(slack: Slack):
    slack.secrets()
    bootstrap.secret_store.cache_clear()
    bootstrap.gate.cache_clear()
    bootstrap.reception.cache_clear()
    assert slack.event(a_reaction(), secret="")[0] == 401


def test_an_event_that_cannot_be_made_durable_is_asked_for_again(slack: Slack, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FIREBELL_QUEUE_URL", slack.platform.work + "-that-is-gone")
    bootstrap.queue.cache_clear()
    assert slack.event(a_reaction())[0] == 503


def test_a_repetition_is_taken_like_the_first(slack: Slack):
    for number in ("", "1", "2"):
        more = {"X-Slack-Retry-Num": number, "X-Slack-Retry-Reason": "http_timeout"} if number else {}
        assert slack.event(a_reaction(), **more)[0] == 202
    assert {message.said for message in slack.messages()} == {Said(ROOM, TS)}


def test_what_cannot_be_read_is_kept_for_a_human_and_not_sent_again(slack: Slack):
    assert slack.post(b'{"type": "event_callback"}')[0] == 202
    assert len(slack.platform.messages(slack.platform.dead)) == 1


def test_a_queue_message_without_a_chat_changes_nothing_and_blocks_nothing(slack: Slack):
    slack.event(a_reaction())
    [message] = slack.messages()
    bootstrap.firebell().look_after(message)
    assert slack.notes == ()


# --- the command -----------------------------------------------------------------------------------------------------


def test_what_somebody_notes_is_a_note_before_they_are_answered(slack: Slack):
    assert slack.command("note  Cache flushed, *all* of it") == "It is on the timeline."
    at = slack.platform.clock.now()
    assert slack.notes == (Note("slack-command:1.2.U1", at, "mia", "Cache flushed, *all* of it", Source.COMMAND),)
    [message] = slack.messages()
    assert (message.issue_id, message.cause, message.said) == (ISSUE, Cause.CHANGED, None)


@pytest.mark.parametrize(
    ("typed", "noted"),
    [
        pytest.param("note: Cache flushed", "Cache flushed", id="a colon, as in comments"),
        pytest.param("Note:Cache flushed", "Cache flushed", id="no space"),
        pytest.param("note\nCache flushed\nand again", "Cache flushed\nand again", id="a line break"),
        pytest.param("note\u00a0Cache flushed", "Cache flushed", id="a space that does not break"),
        pytest.param("note :fire: is out", ":fire: is out", id="an emoji"),
    ],
)
def test_a_note_is_one_however_it_is_set_off(slack: Slack, typed: str, noted: str):
    assert slack.command(typed) == "It is on the timeline."
    assert [note.text for note in slack.notes] == [noted]


def test_the_same_command_twice_is_one_note_and_the_same_words_twice_are_two(slack: Slack):
    for trigger in ("1.1.U1", "1.1.U1", "2.1.U1"):
        slack.command("note Restarted", trigger=trigger)
    assert len(slack.notes) == 2


@pytest.mark.parametrize("text", ["", "help", "HELP", "notes", "note-worthy", "status"])
def test_anything_else_gets_help(slack: Slack, text: str):
    answer = slack.command(text)
    assert "`/firebell note <text>`" in answer
    assert ":pushpin:" in answer
    assert slack.notes == ()


@pytest.mark.parametrize(
    ("text", "room", "told"),
    [
        pytest.param("note", ROOM, "Write what happened", id="nothing said"),
        pytest.param("note   ", ROOM, "Write what happened", id="only space"),
        pytest.param("note Restarted", "C0OTHER", "not the room of an incident", id="another room"),
    ],
)
def test_what_is_no_note_is_told(slack: Slack, text: str, room: str, told: str):
    assert told in slack.command(text, room=room)
    assert slack.notes == ()


def test_a_full_timeline_says_so(slack: Slack):
    for number in range(NOTES_LIMIT):
        bootstrap.ledger().add_note(ISSUE, a_note(f"jira:{number}"))
    assert "takes no more" in slack.command("note Restarted")


def test_who_types_while_the_ledger_is_away_is_told_that_it_is_not_noted(slack: Slack, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FIREBELL_TABLE", "no-such-table")
    bootstrap.ledger.cache_clear()
    assert "send it again" in slack.command("note Restarted")


def test_a_note_that_is_kept_is_confirmed_though_nobody_could_be_rung(slack: Slack, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("FIREBELL_QUEUE_URL", slack.platform.work + "-that-is-gone")
    bootstrap.queue.cache_clear()
    assert slack.command("note Restarted") == "It is on the timeline."
    assert len(slack.notes) == 1


def test_whatever_people_do_in_the_room_and_however_slack_tells_it_comes_to_one_note_each(slack: Slack):
    """The emulator's own requests, sent twice, through the deployed application and the real adapter."""
    with a_chat() as chat:
        room = chat.a_room_with_people()
        bootstrap.ledger().set_room(room.id, ISSUE)
        slack.secrets(SECRET)
        bootstrap.secret_store.cache_clear()
        bootstrap.gate.cache_clear()
        bootstrap.reception.cache_clear()
        chat.model.outbox.double = 99
        flushed, silly = (chat.model.say(MIA, room.id, text) for text in ("Flushed", "Coffee?"))
        for ts in (flushed, silly):
            chat.model.react(EMMA, room.id, ts, "pushpin")
        chat.model.edit(MIA, room.id, flushed, "Flushed twice")
        chat.model.unreact(EMMA, room.id, silly, "pushpin")

        def deliver(_: str, headers: Mapping[str, str], body: bytes) -> int:
            return slack.platform.post("/webhooks/slack", body, dict(headers))[0]

        chat.emulator.pump(deliver)
        assert chat.emulator.command(deliver, EMMA, room.id, "note Restarted") == 200
        assert chat.emulator.challenge(deliver, "abc") == 200
        firebell = bootstrap.firebell()
        firebell = replace(firebell, world=replace(firebell.world, chat=lambda: chat.chat))
        told = [message for message in iter_until_empty(slack.messages) if message.said]
        for message in told:
            firebell.look_after(message)
        assert len(told) > 4
        assert sorted((note.by, note.text) for note in slack.notes) == [("emma", "Restarted"), ("mia", "Flushed twice")]


def iter_until_empty(take: Callable[[], list[Any]]) -> Iterator[Any]:
    while found := take():
        yield from found


def test_the_route_takes_posts_only():
    assert app.app.routes["/webhooks/slack"].keys() == {"POST"}
