"""What a workspace holds, and how Slack spells names, times and text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

TEXT_LIMIT, EDITED_LIMIT, TOPIC_LIMIT, NAME_LIMIT, STATUS_LIMIT = 40_000, 4_000, 250, 80, 100
BLOCKS_LIMIT, SECTION_LIMIT, BOOKMARKS_LIMIT, INVITED_LIMIT = 50, 3_000, 100, 100
TOGETHER_LIMIT, CONTAINER = 12_000, 80
"""Of all blocks, each with what it takes besides its text; Slack does not say how it counts."""
BOT_ID = "B00000001"
"""Of the app, beside its user's: what marks a message as a program's."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_AMPERSAND = re.compile(r"&(?!(amp|lt|gt);)")
_BRACKET = re.compile(r"<(?!(?:[@#!]|[a-z][a-z0-9+.-]*:)[^<>]*>)")
_ADDRESS = re.compile(r"(?<![<|])\bhttps?://[^\s<>|]+")
_NAME = re.compile(r"[a-z0-9_-]+")
_BROADCAST = re.compile(r"<!(channel|here|everyone|group)\b")


class ChatRefused(Exception):
    """ok:false. code: Slack's word. errors: per person, for invitations."""

    def __init__(self, code: str, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.errors = dict(errors or {})


@dataclass(slots=True)
class ChatUser:
    """status_until: epoch seconds, 0 for no end. is_guest: may be invited nowhere. refused_as: as what else an invitation of
    them is refused (no_permission, org_user_not_in_team)."""

    id: str
    name: str
    email: str = ""
    is_bot: bool = False
    is_admin: bool = False
    is_guest: bool = False
    refused_as: str = ""
    deleted: bool = False
    status_text: str = ""
    status_emoji: str = ""
    status_until: int = 0


@dataclass(frozen=True, slots=True)
class Told:
    """A topic or a purpose, who set it and when. by: "" when nobody ever did."""

    value: str = ""
    by: str = ""
    at: int = 0


@dataclass(slots=True)
class ChatMessage:
    """ts: its id and its time. text: with Slack's markup. subtype: "" for what somebody said."""

    ts: str
    user: str
    text: str
    is_bot: bool = False
    subtype: str = ""
    blocks: list[Any] = field(default_factory=list)
    metadata: dict[str, Any] | None = None
    thread_ts: str = ""
    edited_ts: str = ""
    reactions: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class ChatBookmark:
    id: str
    title: str
    link: str


@dataclass(slots=True)
class ChatRoom:
    """im_with: the other person of a direct conversation, "" for a room."""

    id: str
    name: str
    creator: str
    created: datetime
    is_private: bool
    members: list[str]
    im_with: str = ""
    is_archived: bool = False
    is_deleted: bool = False
    topic: Told = Told()
    purpose: Told = Told()
    previous_names: list[str] = field(default_factory=list)
    messages: list[ChatMessage] = field(default_factory=list)
    pins: list[str] = field(default_factory=list)
    bookmarks: list[ChatBookmark] = field(default_factory=list)

    def message(self, ts: str) -> ChatMessage | None:
        return next((message for message in self.messages if message.ts == ts), None)


def ts_of(moment: datetime) -> str:
    since = moment - EPOCH
    return f"{since.days * 86_400 + since.seconds}.{since.microseconds:06d}"


def moment_of(ts: str) -> datetime:
    seconds, _, micros = ts.partition(".")
    return EPOCH + timedelta(seconds=int(seconds), microseconds=int(micros or 0))


def as_slack_keeps_it(text: str, *, linkify: bool) -> str:
    """What is not markup is escaped; with `linkify`, bare addresses become links."""
    kept = _BRACKET.sub("&lt;", _AMPERSAND.sub("&amp;", text))
    kept = re.sub(r"(<[^<>]*>)|>", lambda match: match[1] or "&gt;", kept)
    return _ADDRESS.sub(lambda match: f"<{match[0]}>", kept) if linkify else kept


def as_people_type_it(text: str) -> str:
    """A client escapes all that somebody types, and makes links of addresses."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _ADDRESS.sub(lambda match: f"<{match[0]}>", escaped)


def is_broadcast(text: str) -> bool:
    """It rings everybody in the room."""
    return _BROADCAST.search(text) is not None


def require_name(name: str) -> None:
    if not name:
        raise ChatRefused("invalid_name_required")
    if len(name) > NAME_LIMIT:
        raise ChatRefused("invalid_name_maxlength")
    if not _NAME.fullmatch(name):
        raise ChatRefused("invalid_name_specials")
    if not name.strip("-_"):
        raise ChatRefused("invalid_name_punctuation")


def require_blocks(blocks: list[Any]) -> None:
    """Sections of text only: the one kind that Firebell writes."""
    if len(blocks) > BLOCKS_LIMIT:
        raise ChatRefused("invalid_blocks")
    for block in blocks:
        text = block.get("text") if isinstance(block, dict) and block.get("type") == "section" else None
        said = text.get("text") if isinstance(text, dict) and text.get("type") == "mrkdwn" else None
        if not isinstance(said, str) or not 0 < utf16(said) <= SECTION_LIMIT:
            raise ChatRefused("invalid_blocks")
    if sum(utf16(block["text"]["text"]) + CONTAINER for block in blocks) > TOGETHER_LIMIT:
        raise ChatRefused("msg_blocks_too_long")


def utf16(text: str) -> int:
    """Length as JavaScript counts it: the strict reading of limits that nobody explains."""
    return len(text.encode("utf-16-le")) // 2
