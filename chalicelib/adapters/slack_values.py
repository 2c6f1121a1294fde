"""Slack's JSON -> our values, and where our markers are in it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chalicelib.adapters.slack_text import TOPIC_LIMIT, topic
from chalicelib.intake.slack_notation import slack_to_plain, time_of
from chalicelib.ports.chat import Identity, Reaction, Room, RoomMessage, Setter

EVENT_TYPE = "firebell"
_MARKER = re.compile(r"\[(firebell:[^\]\s]+)\]")
_SPOKEN = frozenset(("", "bot_message", "thread_broadcast", "me_message", "file_share"))
"""Subtypes of messages that somebody said; the others tell of joins, topics and pins."""


def metadata_of(marker: str) -> dict[str, Any]:
    """What we hang on a message so as to find it again. Shown to nobody."""
    return {"event_type": EVENT_TYPE, "event_payload": {"marker": marker}}


def purpose_of(marker: str, words: str) -> str:
    """A room's description: the words, cut so that the marker stays whole."""
    tail = f"[{marker}]"
    return f"{topic(words, TOPIC_LIMIT - len(tail) - 1)} {tail}".strip()


def room_of(channel: Mapping[str, Any], us: Identity) -> Room:
    """A conversation of Slack's. Shared by create, list and info."""
    told, purpose = channel["topic"], slack_to_plain(str(channel["purpose"]["value"]))
    marker = _MARKER.search(purpose)
    room_id = str(channel["id"])
    return Room(
        id=room_id,
        name=str(channel["name"]),
        marker=marker[1] if marker else "",
        made_by_us=channel.get("creator") == us.user_id,
        topic=slack_to_plain(str(told["value"])),
        topic_by=_setter(str(told.get("creator") or ""), us),
        is_archived=bool(channel["is_archived"]),
        is_private=bool(channel.get("is_private")),
        link=f"{us.team_url.rstrip('/')}/archives/{room_id}",
        description=purpose,
        is_inside=bool(channel.get("is_member", True)),  # not told in the list of what one is in
    )


def message_of(found: Mapping[str, Any], us: Identity) -> RoomMessage | None:
    """None for what nobody said: joins, changed topics, pins."""
    if found.get("type") != "message" or str(found.get("subtype") or "") not in _SPOKEN:
        return None
    message_id, thread_id = str(found["ts"]), str(found.get("thread_ts") or "")
    return RoomMessage(
        id=message_id,
        at=time_of(message_id),
        by="" if found.get("bot_id") else str(found.get("user") or ""),
        text=slack_to_plain(str(found.get("text") or "")),
        marker=marker_of(found, us),
        thread_id="" if thread_id == message_id else thread_id,
        reactions=tuple(_reaction(reaction) for reaction in found.get("reactions") or ()),
    )


def marker_of(found: Mapping[str, Any], us: Identity) -> str:
    """The marker of a message of ours. Other apps can write the same metadata, but not as our user."""
    metadata = found.get("metadata") or {}
    if found.get("user") != us.user_id or metadata.get("event_type") != EVENT_TYPE:
        return ""
    return str((metadata.get("event_payload") or {}).get("marker") or "")


def _setter(user_id: str, us: Identity) -> Setter:
    if not user_id:
        return Setter.NOBODY
    return Setter.US if user_id == us.user_id else Setter.SOMEBODY


def _reaction(found: Mapping[str, Any]) -> Reaction:
    # A skin tone is part of the name ("wave::skin-tone-2"), and not of what is meant.
    return Reaction(str(found["name"]).partition("::")[0], tuple(str(user) for user in found.get("users") or ()))
