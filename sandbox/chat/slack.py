"""Slack over HTTP: its Web API, strictly, and the signed requests that it sends to the app."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import request

from chalicelib.ports.world import Clock
from sandbox.chat.events import ChatHook
from sandbox.chat.limits import RateLimits
from sandbox.chat.methods import METHODS, Arguments, Method, typed
from sandbox.chat.model import ChatModel
from sandbox.chat.values import EPOCH, ChatRefused
from sandbox.emulator import Answer, Emulator, Faults, Recorder

VENDOR = "slack-web"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"

Deliver = Callable[[str, Mapping[str, str], bytes], int]
"""Posts a request: URL, headers, body -> the status that came back, 0 for none."""


@dataclass(frozen=True, slots=True)
class ChatToken:
    """Whose it is, and what it may do."""

    user_id: str
    scopes: frozenset[str]


class SlackEmulator(Emulator):
    """tokens: by their text. `pump` delivers due events to hook_url, signed with hook_secret.

    limits: switch `on` to have 429. revoked: tokens that are no longer any good. refuse: codes with which the next calls of a
    method are answered, ok:false in 200, before they do anything.
    """

    def __init__(
        self,
        model: ChatModel,
        clock: Clock,
        *,
        tokens: Mapping[str, ChatToken],
        hook_url: str = "",
        hook_secret: str = "",
        faults: Faults | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        super().__init__("slack", clock, faults or Faults(), recorder)
        self.model, self.tokens = model, dict(tokens)
        self.hook_url, self._hook_secret = hook_url, hook_secret
        self.limits = RateLimits(clock)
        self.revoked: set[str] = set()
        self.refuse: dict[str, list[str]] = {}
        self._commands = 0
        for name, method in METHODS.items():
            self._register(name, method)

    # --- what the app calls ------------------------------------------------------------------------------------

    def _register(self, name: str, method: Method) -> None:
        is_read = method.verb == "GET"
        query = frozenset(method.takes) if is_read else frozenset[str]()

        @self.operation(name, method.verb, f"/api/{name}", vendor=VENDOR, query=query, body=not is_read)
        def call() -> Answer:
            return self._called(name, method)

    def _called(self, name: str, method: Method) -> Answer:
        """In the order in which Slack looks: who is it, too often, allowed, and only then what it is about."""
        word = request.headers.get("Authorization", "").removeprefix("Bearer ")
        token = self.tokens.get(word)
        if token is None:
            return _refusal("invalid_auth" if word else "not_authed")
        if word in self.revoked:
            return _refusal("token_revoked")
        try:
            arguments = self._arguments(method)
        except ChatRefused as error:
            self.violations.append(f"slack {name}: {error.code}")
            return _refusal("invalid_arguments")
        wait_s = self.limits.wait_s(name, method.tier, str(arguments.get("channel", "")))
        if wait_s is not None:
            return 429, {"ok": False, "error": "ratelimited"}, {"Retry-After": str(wait_s)}
        if planned := self.refuse.get(name):
            return _refusal(planned.pop(0))
        return self._run(method, token, arguments)

    def _run(self, method: Method, token: ChatToken, arguments: Arguments) -> Answer:
        needed = method.scopes(self.model, arguments)
        headers = {"X-OAuth-Scopes": ",".join(sorted(token.scopes)), "X-Accepted-OAuth-Scopes": ",".join(needed)}
        if method.user_only and self.model.users[token.user_id].is_bot:
            return _refusal("not_allowed_token_type", headers)
        missing = [scope for scope in needed if scope not in token.scopes]
        if missing:
            more = {"needed": ",".join(missing), "provided": ",".join(sorted(token.scopes))}
            return _refusal("missing_scope", headers, more)
        try:
            return 200, {"ok": True, **method.run(self.model, token.user_id, arguments)}, headers
        except ChatRefused as error:
            errors = [{"user": user, "ok": False, "error": why} for user, why in error.errors.items()]
            return _refusal(error.code, headers, {"errors": errors} if errors else {})

    def _arguments(self, method: Method) -> dict[str, Any]:
        """What was sent, typed. ChatRefused, saying what was wrong, where Slack would misunderstand or ignore it."""
        if method.verb == "GET":
            sent = {name: typed(value, method.takes[name]) for name, value in request.args.items()}
        else:
            if request.mimetype != JSON:
                raise ChatRefused(f"a body of the type {request.mimetype}")
            body = request.get_json(silent=True)
            if not isinstance(body, dict):
                raise ChatRefused("the body is no JSON object")
            sent = body
        for name, value in sent.items():
            kind = method.takes.get(name)
            if kind is None or type(value) is not kind:
                raise ChatRefused(f"argument {name}={value!r}, where it takes {kind and kind.__name__}")
        missing = sorted(method.needs - set(sent))
        if missing:
            raise ChatRefused(f"argument {', '.join(missing)} is missing")
        return sent

    # --- what the app is sent ----------------------------------------------------------------------------------

    def pump(self, deliver: Deliver) -> None:
        """Deliver what is due; what the app did not take comes again, as Slack does it."""
        for hook in self.model.outbox.take_due():
            body = json.dumps(hook.body).encode()
            status = deliver(self.hook_url, self.signed(body, JSON, hook), body)
            if not 200 <= status < 300:
                self.model.outbox.failed(hook, status)

    def challenge(self, deliver: Deliver, words: str) -> int:
        """What is sent when somebody enters the app's address in its settings."""
        body = json.dumps({"token": "verification-token", "challenge": words, "type": "url_verification"}).encode()
        return deliver(self.hook_url, self.signed(body, JSON), body)

    def command(self, deliver: Deliver, by: str, room_id: str, text: str, command: str = "/firebell") -> int:
        """Somebody types a slash command. It is sent once, whatever becomes of it, and stands in no history."""
        self._commands += 1
        room, user = self.model.rooms[room_id], self.model.users[by]
        now = int((self.clock.now() - EPOCH).total_seconds())
        form = {
            "token": "verification-token",
            "team_id": self.model.team_id,
            "team_domain": "example",
            "channel_id": room.id,
            "channel_name": "privategroup" if room.is_private else room.name,
            "user_id": by,
            "user_name": user.name,
            "command": command,
            "text": text,
            "api_app_id": "A00000001",
            "is_enterprise_install": "false",
            "response_url": "https://hooks.slack.com/commands/1234/5678",
            "trigger_id": f"{now}.{self._commands}.{by}",
        }
        body = urlencode(form).encode()
        return deliver(self.hook_url, self.signed(body, FORM), body)

    def signed(self, body: bytes, content_type: str, hook: ChatHook | None = None) -> dict[str, str]:
        sent_at = str(int((self.clock.now() - EPOCH).total_seconds()))
        base = f"v0:{sent_at}:".encode() + body
        digest = hmac.new(self._hook_secret.encode(), base, hashlib.sha256).hexdigest()
        headers = {
            "Content-Type": content_type,
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
            "X-Slack-Request-Timestamp": sent_at,
            "X-Slack-Signature": f"v0={digest}",
        }
        if hook is not None and hook.tries:
            headers |= {"X-Slack-Retry-Num": str(hook.tries), "X-Slack-Retry-Reason": hook.reason}
        return headers


def _refusal(code: str, headers: Mapping[str, str] | None = None, more: Mapping[str, Any] | None = None) -> Answer:
    return 200, {"ok": False, "error": code, **(more or {})}, headers or {}
