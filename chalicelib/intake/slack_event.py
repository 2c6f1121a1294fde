"""What Slack sends us -> what happened, in which room, by whom. Pure and total: everything comes out as one of the values here.

Events come at least once and in no order; `event_id` is the same each time. Slash commands come once, and are in no room's
history: what we do not take in then is lost. Check the signature (`signature.py`) over the raw bytes before any of this.
Source: https://docs.slack.dev/apis/events-api, https://docs.slack.dev/interactivity/implementing-slash-commands
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qsl

from chalicelib.errors import UnreadableEvent
from chalicelib.intake.body import load_object
from chalicelib.intake.jira_values import read_line, read_text
from chalicelib.intake.slack_notation import slack_to_plain, time_of

TEXT_LIMIT = 4_000
FORM = "application/x-www-form-urlencoded"
_RAW_LIMIT = 40_000
_ID = re.compile(r"[A-Z0-9]{1,64}", re.ASCII)


class What(StrEnum):
    """`text` is: what was said (SAID, EDITED), the reaction's name (REACTED, UNREACTED), the new name (RENAMED) or topic
    (TOPIC), the words after the command (COMMAND), and "" elsewhere."""

    SAID = "said"
    EDITED = "edited"
    DELETED = "deleted"
    REACTED = "reacted"
    UNREACTED = "unreacted"
    ARCHIVED = "archived"
    UNARCHIVED = "unarchived"
    RENAMED = "renamed"
    ROOM_DELETED = "room deleted"
    TOPIC = "topic"
    JOINED = "joined"
    LEFT = "left"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class ChatEvent:
    """event_id: the same in every delivery. who: user id, "" where Slack does not say. message_id: "" when about no message.

    at: aware UTC. thread_id: the message that a SAID one answers. command: "/firebell" of a COMMAND, and name: who typed it.
    """

    event_id: str
    what: What
    room_id: str
    who: str
    at: datetime
    text: str = ""
    message_id: str = ""
    thread_id: str = ""
    command: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Challenge:
    """Slack asks whether we are there: answer 200 with this text alone."""

    text: str


@dataclass(frozen=True, slots=True)
class Ignored:
    """Well formed, and none of our business. Answer 200."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """No sense can be made of it. Answer 200 nevertheless, or Slack sends it thrice and at last switches the events off."""

    reason: str


SlackRequest = ChatEvent | Challenge | Ignored | Unreadable


class _UnreadableError(Exception):
    """A member that must be there is not, or is nonsense."""


def parse_slack_request(body: bytes, content_type: str, sent_at: datetime) -> SlackRequest:
    """An event, a slash command or an interaction. sent_at: of X-Slack-Request-Timestamp; commands bear no other time."""
    try:
        if content_type.partition(";")[0].strip().lower() == FORM:
            return _form(body, sent_at)
        return _envelope(load_object(body))
    except (_UnreadableError, UnreadableEvent) as error:
        return Unreadable(str(error))


def _envelope(envelope: Mapping[str, Any]) -> SlackRequest:
    kind = read_line(envelope.get("type"))
    if kind == "url_verification":
        challenge = envelope.get("challenge")
        return Challenge(challenge) if isinstance(challenge, str) else Unreadable("a challenge without a challenge")
    if kind != "event_callback":
        return Ignored(f"{kind or 'something without a type'} is no event")
    event = envelope.get("event")
    if not isinstance(event, Mapping):
        raise _UnreadableError("an event_callback without an event")
    event_id = read_line(envelope.get("event_id"))
    if not event_id:
        raise _UnreadableError("an event without an id: it could not be told from its repetition")
    name = read_line(event.get("type"))
    parse = _EVENTS.get(name)
    return parse(event_id, event) if parse is not None else Ignored(f"{name or 'an event without a type'} is not followed")


def _message(event_id: str, event: Mapping[str, Any]) -> SlackRequest:
    subtype = read_line(event.get("subtype"))
    match subtype:
        case "message_changed":
            return _changed(event_id, event)
        case "message_deleted":
            message_id = _ts(event, "deleted_ts")
            return ChatEvent(event_id, What.DELETED, _room(event), "", _at(event), message_id=message_id)
        case "channel_topic" | "group_topic":
            return ChatEvent(event_id, What.TOPIC, _room(event), _who(event), _at(event), _said(event.get("topic")))
        case "" | "thread_broadcast" | "me_message" | "file_share":
            return _spoken(event_id, What.SAID, _room(event), event, _at(event))
        case _:
            return Ignored(f"a message of the kind {subtype}")


def _changed(event_id: str, event: Mapping[str, Any]) -> SlackRequest:
    inner = event.get("message")
    if not isinstance(inner, Mapping):
        raise _UnreadableError("a changed message without the message")
    if inner.get("subtype") == "tombstone":
        # What is left of a deleted message that had been answered.
        return ChatEvent(event_id, What.DELETED, _room(event), "", _at(event), message_id=_ts(inner, "ts"))
    return _spoken(event_id, What.EDITED, _room(event), inner, _at(event))


def _spoken(event_id: str, what: What, room_id: str, message: Mapping[str, Any], at: datetime) -> SlackRequest:
    if message.get("bot_id"):
        return Ignored("a program said it")
    message_id, thread_id = _ts(message, "ts"), _id_of_message(message.get("thread_ts"))
    return ChatEvent(
        event_id, what, room_id, _who(message), at, _said(message.get("text")), message_id,
        thread_id if thread_id != message_id else "",
    )  # fmt: skip


def _reaction(what: What) -> Callable[[str, Mapping[str, Any]], SlackRequest]:
    def parse(event_id: str, event: Mapping[str, Any]) -> SlackRequest:
        item = event.get("item")
        if not isinstance(item, Mapping) or item.get("type") != "message":
            return Ignored("a reaction to something else than a message")
        name = read_line(event.get("reaction")).partition("::")[0]  # without the skin tone
        if not name:
            raise _UnreadableError("a reaction without a name")
        return ChatEvent(event_id, what, _room(item), _who(event), _at(event), name, _ts(item, "ts"))

    return parse


def _about_room(what: What) -> Callable[[str, Mapping[str, Any]], SlackRequest]:
    def parse(event_id: str, event: Mapping[str, Any]) -> SlackRequest:
        channel = event.get("channel")
        if isinstance(channel, Mapping):  # a renamed room comes whole
            name = read_line(channel.get("name"))
            return ChatEvent(event_id, what, _room({"channel": channel.get("id")}), _who(event), _at(event), name)
        return ChatEvent(event_id, what, _room(event), _who(event), _at(event))

    return parse


_EVENTS: Mapping[str, Callable[[str, Mapping[str, Any]], SlackRequest]] = {
    "message": _message,
    "reaction_added": _reaction(What.REACTED),
    "reaction_removed": _reaction(What.UNREACTED),
    "member_joined_channel": _about_room(What.JOINED),
    "member_left_channel": _about_room(What.LEFT),
} | {
    f"{kind}_{turn}": _about_room(what)
    for kind in ("channel", "group")  # a group is a private room
    for turn, what in (
        ("archive", What.ARCHIVED),
        ("unarchive", What.UNARCHIVED),
        ("rename", What.RENAMED),
        ("deleted", What.ROOM_DELETED),
    )
}


def _form(body: bytes, sent_at: datetime) -> SlackRequest:
    try:
        form = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=200))
    except ValueError as error:  # bytes that are no text, and floods of fields
        raise _UnreadableError(f"the form cannot be read: {error}"[:200]) from error
    if "payload" in form:
        return Ignored("an interaction: there are no buttons of ours")
    if form.get("ssl_check"):
        return Ignored("a check of our certificate")
    command, trigger = read_line(form.get("command")), read_line(form.get("trigger_id"))
    if not command:
        return Ignored("a form without a command")
    if not trigger:
        raise _UnreadableError("a command without a trigger_id: it could not be told from its repetition")
    room_id, who = _room({"channel": form.get("channel_id")}), _who({"user": form.get("user_id")})
    name = read_line(form.get("user_name"))
    return ChatEvent(trigger, What.COMMAND, room_id, who, sent_at, _said(form.get("text")), command=command, name=name)


def _room(holder: Mapping[str, Any]) -> str:
    room_id = _id(holder.get("channel"))
    if not room_id:
        raise _UnreadableError("it does not say in which room")
    return room_id


def _who(holder: Mapping[str, Any]) -> str:
    return _id(holder.get("user"))


def _id(value: object) -> str:
    return value if isinstance(value, str) and _ID.fullmatch(value) else ""


def _ts(holder: Mapping[str, Any], member: str) -> str:
    message_id = _id_of_message(holder.get(member))
    if not message_id:
        raise _UnreadableError(f"{member} is no message of Slack's")
    return message_id


def _id_of_message(value: object) -> str:
    return value if isinstance(value, str) and _time_or_none(value) is not None else ""


def _at(event: Mapping[str, Any]) -> datetime:
    at = _time_or_none(event.get("event_ts")) or _time_or_none(event.get("ts"))
    if at is None:
        raise _UnreadableError("it does not say when")
    return at


def _time_or_none(value: object) -> datetime | None:
    try:
        return time_of(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None


def _said(value: object) -> str:
    return read_text(slack_to_plain(value[:_RAW_LIMIT]), TEXT_LIMIT) if isinstance(value, str) else ""
