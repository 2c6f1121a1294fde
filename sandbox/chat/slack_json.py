"""What a workspace holds, as Slack's answers show it. Shapes: contracts/slack-web.json and the samples beside it."""

from __future__ import annotations

from typing import Any

from sandbox.chat.model import ChatModel
from sandbox.chat.values import BOT_ID, EPOCH, ChatBookmark, ChatMessage, ChatRoom, ChatUser, Told


def channel_json(model: ChatModel, room: ChatRoom, by: str) -> dict[str, Any]:
    created = int((room.created - EPOCH).total_seconds())
    if room.im_with:
        other = next(member for member in room.members if member != by)
        return {"id": room.id, "created": created, "is_archived": False, "is_im": True, "is_org_shared": False, "user": other}
    return {
        "id": room.id,
        "name": room.name,
        "is_channel": not room.is_private,
        "is_group": room.is_private,
        "is_im": False,
        "is_mpim": False,
        "is_private": room.is_private,
        "created": created,
        "is_archived": room.is_archived,
        "is_general": False,
        "unlinked": 0,
        "name_normalized": room.name,
        "is_shared": False,
        "is_org_shared": False,
        "is_ext_shared": False,
        "pending_shared": [],
        "creator": room.creator,
        "is_member": by in room.members,
        "context_team_id": model.team_id,
        "topic": _told_json(room.topic),
        "purpose": _told_json(room.purpose),
        "previous_names": list(room.previous_names),
    }


def message_json(model: ChatModel, room: ChatRoom, message: ChatMessage, *, metadata: bool) -> dict[str, Any]:
    body: dict[str, Any] = {"type": "message", "user": message.user, "text": message.text, "ts": message.ts}
    body |= {"team": model.team_id}
    if message.subtype:
        body["subtype"] = message.subtype
    if message.is_bot and not message.subtype:
        body["bot_id"] = BOT_ID
    if message.blocks:
        body["blocks"] = message.blocks
    if metadata and message.metadata is not None:
        body["metadata"] = message.metadata
    if message.edited_ts:
        body["edited"] = {"user": message.user, "ts": message.edited_ts}
    if message.reactions:
        shown = message.reactions.items()
        body["reactions"] = [{"name": name, "users": list(people), "count": len(people)} for name, people in shown]
    if message.ts in room.pins:
        body["pinned_to"] = [room.id]
    return body | _thread_json(room, message)


def _thread_json(room: ChatRoom, message: ChatMessage) -> dict[str, Any]:
    if message.thread_ts and message.thread_ts != message.ts:
        return {"thread_ts": message.thread_ts}
    answers = [found for found in room.messages if found.thread_ts == message.ts and found is not message]
    if not answers:
        return {}
    return {"thread_ts": message.ts, "reply_count": len(answers), "latest_reply": answers[-1].ts}


def user_json(model: ChatModel, user: ChatUser) -> dict[str, Any]:
    return {
        "id": user.id,
        "team_id": model.team_id,
        "name": user.name,
        "deleted": user.deleted,
        "profile": profile_json(user),
        "is_admin": user.is_admin,
        "is_bot": user.is_bot,
        "is_app_user": False,
        "updated": 0,
    }


def profile_json(user: ChatUser) -> dict[str, Any]:
    return {
        "title": "",
        "phone": "",
        "skype": "",
        "real_name": user.name,
        "real_name_normalized": user.name,
        "display_name": user.name,
        "display_name_normalized": user.name,
        "fields": {},
        "status_text": user.status_text,
        "status_emoji": user.status_emoji,
        "status_expiration": user.status_until,
        "avatar_hash": "",
        "email": user.email or None,
    }


def bookmark_json(room: ChatRoom, bookmark: ChatBookmark) -> dict[str, Any]:
    return {
        "id": bookmark.id,
        "channel_id": room.id,
        "title": bookmark.title,
        "link": bookmark.link,
        "emoji": "",
        "type": "link",
        "date_created": 0,
        "date_updated": 0,
        "rank": "i",
    }


def _told_json(told: Told) -> dict[str, Any]:
    return {"value": told.value, "creator": told.by, "last_set": told.at}
