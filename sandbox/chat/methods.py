"""Slack's methods as the app may call them: what each takes, needs and answers. No HTTP.

Only what Firebell uses: any other method, argument or type of argument is a violation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sandbox.chat.limits import POSTING
from sandbox.chat.model import ChatModel
from sandbox.chat.slack_json import bookmark_json, channel_json, message_json, profile_json, user_json
from sandbox.chat.values import BOT_ID, ChatMessage, ChatRefused, ChatRoom, as_slack_keeps_it

T = TypeVar("T")

Arguments = Mapping[str, Any]
Run = Callable[[ChatModel, str, Arguments], dict[str, Any]]

TEAM_URL = "https://example.slack.com/"
_OF_ROOMS = {"manage": ("channels:manage", "groups:write", "im:write")} | {
    verb: (f"channels:{verb}", f"groups:{verb}", f"im:{verb}") for verb in ("read", "history")
}
ROOMS_SHOWN = 100
"""Rooms in a page of a list of them."""

_TYPES = {"public_channel": 0, "private_channel": 1, "im": 2}


@dataclass(frozen=True, slots=True)
class Method:
    """scope: one that is always needed, or "manage", "read" or "history" of whatever kind of room it is about.

    takes: arguments and their types. needs: those that must be there. user_only: no bot can do it.
    """

    verb: str
    tier: int
    run: Run
    takes: Mapping[str, type]
    needs: frozenset[str]
    scope: str = ""
    user_only: bool = False

    def scopes(self, model: ChatModel, arguments: Arguments) -> tuple[str, ...]:
        """All of these are needed for this call."""
        kinds = _OF_ROOMS.get(self.scope)
        if kinds is None:
            return (self.scope,) if self.scope else ()
        if "types" in arguments:
            return tuple(kinds[_TYPES[kind]] for kind in arguments["types"].split(",") if kind in _TYPES)
        return (kinds[_kind_of(model, arguments)],)


def typed(value: str, kind: type) -> Any:
    """A query's text as what it stands for; itself when it stands for nothing of the kind."""
    if kind is bool and value in ("true", "false", "1", "0"):
        return value in ("true", "1")
    if kind is int and value.isdigit():
        return int(value)
    return value


def _kind_of(model: ChatModel, arguments: Arguments) -> int:
    room = model.rooms.get(arguments.get("channel", ""))
    if room is None:
        return 1 if arguments.get("is_private") else 0
    return 2 if room.im_with else int(room.is_private)


def _auth_test(model: ChatModel, by: str, _: Arguments) -> dict[str, Any]:
    user = model.users[by]
    told = {"url": TEAM_URL, "team": "Example", "user": user.name, "team_id": model.team_id, "user_id": by}
    return told | ({"bot_id": BOT_ID} if user.is_bot else {})


def _create(model: ChatModel, by: str, arguments: Arguments) -> dict[str, Any]:
    room = model.create(by, arguments["name"], private=arguments.get("is_private", False))
    return {"channel": channel_json(model, room, by)}


def _list_mine(model: ChatModel, by: str, arguments: Arguments) -> dict[str, Any]:
    """Only what one is in. Pages hold fewer than asked for, as Slack reserves itself."""
    kinds = arguments.get("types", "public_channel").split(",")
    if not set(kinds) <= set(_TYPES):
        raise ChatRefused("invalid_types")
    wanted = {_TYPES[kind] for kind in kinds}
    mine = [room for room in model.visible(by) if by in room.members]
    rooms = [room for room in mine if (2 if room.im_with else int(room.is_private)) in wanted]
    if arguments.get("exclude_archived"):
        rooms = [room for room in rooms if not room.is_archived]
    page, cursor = _page(rooms, lambda room: room.id, arguments, most=999, shorter=ROOMS_SHOWN)
    shown = [channel_json(model, room, by) for room in page]
    for channel in shown:
        channel.pop("is_member", None)  # of course one is
    return {"channels": shown, "response_metadata": {"next_cursor": cursor}}


def _info(model: ChatModel, by: str, arguments: Arguments) -> dict[str, Any]:
    return {"channel": channel_json(model, model.room(by, arguments["channel"]), by)}


def _members(model: ChatModel, by: str, arguments: Arguments) -> dict[str, Any]:
    room = model.room(by, arguments["channel"])
    page, cursor = _page(room.members, str, arguments, most=999)
    return {"members": list(page), "response_metadata": {"next_cursor": cursor}}


def _set_topic(model: ChatModel, by: str, arguments: Arguments) -> dict[str, Any]:
    model.set_topic(by, arguments["channel"], arguments["topic"])
    return _info(model, by, arguments)


def _set_purpose(model: ChatModel, by: str, arguments: Arguments) -> dict[str, Any]:
    model.set_purpose(by, arguments["channel"], arguments["purpose"])
    return _info(model, by, arguments)


def _invite(model: ChatModel, by: str, arguments: Arguments) -> dict[str, Any]:
    model.invite(by, arguments["channel"], [user for user in arguments["users"].split(",") if user])
    return _info(model, by, arguments)


def _join(model: ChatModel, by: str, arguments: Arguments) -> dict[str, Any]:
    model.join(by, arguments["channel"])
    return _info(model, by, arguments)


def _archive(model: ChatModel, by: str, arguments: Arguments) -> dict[str, Any]:
    model.archive(by, arguments["channel"])
    return {}


def _post(model: ChatModel, by: str, arguments: Arguments) -> dict[str, Any]:
    channel = arguments["channel"]
    room_id = model.open_direct(by, channel).id if channel.startswith("U") else channel
    text = as_slack_keeps_it(arguments.get("text", ""), linkify=arguments.get("parse") != "none")
    metadata = _metadata(arguments)
    message = model.post(by, room_id, text, blocks=arguments.get("blocks"), metadata=metadata)
    shown = message_json(model, model.rooms[room_id], message, metadata=True)
    return {"channel": room_id, "ts": message.ts, "message": shown}


def _update(model: ChatModel, by: str, arguments: Arguments) -> dict[str, Any]:
    room_id, ts = arguments["channel"], arguments["ts"]
    text = as_slack_keeps_it(arguments.get("text", ""), linkify=arguments.get("parse") != "none")
    room = model.rooms.get(room_id)
    old = room.message(ts) if room is not None else None
    # What an update does not mention stays: old blocks under a new text are a mistake that people make.
    blocks = arguments.get("blocks", old.blocks if old else [])
    metadata = _metadata(arguments) if "metadata" in arguments else old.metadata if old else None
    model.update(by, room_id, ts, text, blocks, metadata)
    return {"channel": room_id, "ts": ts, "text": text, "message": {"type": "message", "user": by, "text": text}}


def _metadata(arguments: Arguments) -> dict[str, Any] | None:
    metadata: dict[str, Any] | None = arguments.get("metadata")
    if metadata is None:
        return None
    right = isinstance(metadata.get("event_type"), str) and isinstance(metadata.get("event_payload"), dict)
    if not right or set(metadata) != {"event_type", "event_payload"}:
        raise ChatRefused("invalid_metadata_format")
    return metadata


def _history(model: ChatModel, by: str, arguments: Arguments) -> dict[str, Any]:
    room = model.room(by, arguments["channel"])
    found = _between(model.history(by, room.id), arguments)
    return _messages(model, room, found, arguments) | {
        "pin_count": len(room.pins),
        "channel_actions_ts": None,
        "channel_actions_count": 0,
    }


def _replies(model: ChatModel, by: str, arguments: Arguments) -> dict[str, Any]:
    """The first message of the thread comes along, whatever the bounds."""
    room = model.room(by, arguments["channel"])
    first, *answers = model.thread(by, room.id, arguments["ts"])
    return _messages(model, room, [first, *_between(answers, arguments)], arguments)


def _between(messages: Sequence[ChatMessage], arguments: Arguments) -> list[ChatMessage]:
    oldest, latest = arguments.get("oldest", ""), arguments.get("latest", "")
    edge = arguments.get("inclusive", False)
    return [
        message
        for message in messages
        if (not oldest or _order(message.ts) > _order(oldest) or (edge and message.ts == oldest))
        and (not latest or _order(message.ts) < _order(latest) or (edge and message.ts == latest))
    ]


def _order(ts: str) -> tuple[int, int]:
    seconds, _, micros = ts.partition(".")
    if not (seconds.isdigit() and (not micros or micros.isdigit())):
        raise ChatRefused("invalid_ts_oldest")
    return int(seconds), int(micros.ljust(6, "0"))


def _messages(model: ChatModel, room: ChatRoom, found: Sequence[ChatMessage], arguments: Arguments) -> dict[str, Any]:
    page, cursor = _page(found, lambda message: message.ts, arguments, most=999)
    wanted = arguments.get("include_all_metadata", False)
    shown = [message_json(model, room, message, metadata=wanted) for message in page]
    body: dict[str, Any] = {"messages": shown, "has_more": bool(cursor)}
    return body | ({"response_metadata": {"next_cursor": cursor}} if cursor else {})


def _page(
    items: Sequence[T], key: Callable[[T], str], arguments: Arguments, *, most: int, shorter: int = 1000
) -> tuple[Sequence[T], str]:
    """A page and the cursor of the next, "" at the end. A cursor names the last item shown, so that new ones shift nothing.

    most: that may be asked for. shorter: no page is longer, whatever was asked for.
    """
    start, limit = 0, arguments.get("limit", 100)
    if not 1 <= limit <= most:
        raise ChatRefused("invalid_limit")
    if cursor := arguments.get("cursor", ""):
        after = [number for number, item in enumerate(items) if cursor == f"next:{key(item)}"]
        if not after:
            raise ChatRefused("invalid_cursor")
        start = after[0] + 1
    limit = min(limit, shorter)
    page = items[start : start + limit]
    return page, f"next:{key(page[-1])}" if start + limit < len(items) else ""


def _pin(model: ChatModel, by: str, arguments: Arguments) -> dict[str, Any]:
    model.pin(by, arguments["channel"], arguments["timestamp"])
    return {}


def _list_bookmarks(model: ChatModel, by: str, arguments: Arguments) -> dict[str, Any]:
    room = model.room(by, arguments["channel_id"])
    return {"bookmarks": [bookmark_json(room, bookmark) for bookmark in room.bookmarks]}


def _add_bookmark(model: ChatModel, by: str, arguments: Arguments) -> dict[str, Any]:
    if arguments["type"] != "link":
        raise ChatRefused("invalid_bookmark_type")
    bookmark = model.add_bookmark(by, arguments["channel_id"], arguments["title"], arguments.get("link", ""))
    return {"bookmark": bookmark_json(model.rooms[arguments["channel_id"]], bookmark)}


def _edit_bookmark(model: ChatModel, by: str, arguments: Arguments) -> dict[str, Any]:
    room_id = arguments["channel_id"]
    bookmark = model.edit_bookmark(by, room_id, arguments["bookmark_id"], arguments["title"], arguments["link"])
    return {"bookmark": bookmark_json(model.rooms[room_id], bookmark)}


def _lookup(model: ChatModel, _: str, arguments: Arguments) -> dict[str, Any]:
    return {"user": user_json(model, model.user_with_mail(arguments["email"]))}


def _get_profile(model: ChatModel, by: str, arguments: Arguments) -> dict[str, Any]:
    user = model.users.get(arguments.get("user", by))
    if user is None:
        raise ChatRefused("user_not_found")
    return {"profile": profile_json(user)}


def _set_profile(model: ChatModel, by: str, arguments: Arguments) -> dict[str, Any]:
    """Naming anybody is for administrators."""
    if "user" in arguments and not model.users[by].is_admin:
        raise ChatRefused("not_admin")
    user = model.users.get(arguments.get("user", by))
    if user is None:
        raise ChatRefused("user_not_found")
    profile = arguments["profile"]
    if set(profile) != {"status_text", "status_emoji", "status_expiration"}:
        raise ChatRefused("invalid_profile")
    model.set_status(user.id, profile["status_text"], profile["status_emoji"], profile["status_expiration"])
    return {"username": user.name, "profile": profile_json(user)}


_PAGED: Mapping[str, type] = {"limit": int, "cursor": str}
_SPAN: Mapping[str, type] = {"oldest": str, "latest": str, "inclusive": bool, "include_all_metadata": bool, **_PAGED}
_WORDS: Mapping[str, type] = {
    "channel": str, "text": str, "blocks": list, "metadata": dict, "parse": str, "link_names": bool,
}  # fmt: skip
_UNFURL: Mapping[str, type] = {"unfurl_links": bool, "unfurl_media": bool}


def _method(
    verb: str, tier: int, run: Run, scope: str, needs: str = "", takes: Mapping[str, type] | None = None, *, user: bool = False
) -> Method:
    """needs: names of strings that must be there, unless `takes` gives them another type."""
    required = needs.split()
    return Method(verb, tier, run, {**dict.fromkeys(required, str), **(takes or {})}, frozenset(required), scope, user)


METHODS: Mapping[str, Method] = {
    "auth.test": _method("GET", 5, _auth_test, ""),
    "conversations.create": _method("POST", 2, _create, "manage", "name", {"is_private": bool}),
    "users.conversations": _method("GET", 3, _list_mine, "read", "types", {"exclude_archived": bool, **_PAGED}),
    "conversations.info": _method("GET", 3, _info, "read", "channel"),
    "conversations.members": _method("GET", 4, _members, "read", "channel", _PAGED),
    "conversations.setTopic": _method("POST", 2, _set_topic, "manage", "channel topic"),
    "conversations.setPurpose": _method("POST", 2, _set_purpose, "manage", "channel purpose"),
    "conversations.invite": _method("POST", 3, _invite, "manage", "channel users"),
    "conversations.join": _method("POST", 3, _join, "channels:join", "channel"),
    "conversations.archive": _method("POST", 2, _archive, "manage", "channel"),
    "conversations.history": _method("GET", 3, _history, "history", "channel", _SPAN),
    "conversations.replies": _method("GET", 3, _replies, "history", "channel ts", _SPAN),
    "chat.postMessage": _method("POST", POSTING, _post, "chat:write", "channel", {**_WORDS, **_UNFURL}),
    "chat.update": _method("POST", 3, _update, "chat:write", "channel ts", _WORDS),
    "pins.add": _method("POST", 2, _pin, "pins:write", "channel timestamp"),
    "bookmarks.list": _method("GET", 3, _list_bookmarks, "bookmarks:read", "channel_id"),
    "bookmarks.add": _method("POST", 2, _add_bookmark, "bookmarks:write", "channel_id title type", {"link": str}),
    "bookmarks.edit": _method("POST", 2, _edit_bookmark, "bookmarks:write", "channel_id bookmark_id title link"),
    "users.lookupByEmail": _method("GET", 3, _lookup, "users:read.email", "email"),
    "users.profile.get": _method("GET", 4, _get_profile, "users.profile:read", "", {"user": str}),
    "users.profile.set": _method(
        "POST", 3, _set_profile, "users.profile:write", "profile", {"profile": dict, "user": str}, user=True
    ),
}  # fmt: skip
