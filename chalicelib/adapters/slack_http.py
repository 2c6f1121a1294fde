"""Slack's way of answering: HTTP 200 with "ok", and a word for what went wrong.

Over our own session, not slack_sdk: its client has one time-out for connecting and reading, repeats a request after a dropped
connection unless told otherwise, opens a new connection for each, and would double the deployment package.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

import requests

from chalicelib.adapters.http import HttpSession, retry_after_s
from chalicelib.adapters.world import SystemClock
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.ports.chat import RefusedForGood
from chalicelib.ports.world import Clock

T = TypeVar("T")

VENDOR = "slack"
TIMEOUTS_S = (1.0, 3.0)
LONGEST_LIST = 200
"""Pages. A list that goes on after that goes round in circles."""

PASSING = frozenset(
    ("ratelimited", "rate_limited", "internal_error", "fatal_error", "request_timeout", "service_unavailable",
     "team_added_to_org", "fetch_members_failed", "message_limit_exceeded", "external_channel_migrating")
)  # fmt: skip
"""A later try may go well."""

_REINSTALL = "reinstall the Slack app and put its new token into the secrets"
DOWN = {
    "invalid_auth": f"the token is not valid: {_REINSTALL}",
    "not_authed": f"no token was sent: {_REINSTALL}",
    "token_revoked": f"the token was revoked: {_REINSTALL}",
    "token_expired": f"the token has expired: {_REINSTALL}",
    "account_inactive": "the app was removed or its user deactivated: install it again and put its new token into the secrets",
    "not_allowed_token_type": "wrong kind of token: rooms need the bot's (xoxb-), a person's status a user's (xoxp-)",
    "no_permission": "the token's owner may not do this: ask a Slack administrator",
    "org_login_required": "the workspace is moving into an Enterprise organisation: wait, or reinstall the app",
    "ekm_access_denied": "an administrator suspended access to the workspace",
    "access_denied": "an administrator denied the app access to this",
    "two_factor_setup_required": "the token's owner must set up two-factor authentication",
}
"""Nobody but a human repairs these: until then Slack is down for us."""

HINTS = {
    "restricted_action": "an administrator allows this to others only",
    "not_admin": "the user token must be an administrator's to set the status of others, on a paid plan",
    "cannot_update_admin_user": "this person is an administrator of a higher rank than the user token's owner",
    "cant_update_message": "the message is not ours",
    "channel_not_found": "no such room, or a private one that we are not in",
    "user_disabled": "this account is deactivated",
    "messages_tab_disabled": "the app's settings forbid direct messages: switch on its messages tab",
}


class SlackRefused(RefusedForGood):
    """ok:false for a reason that stays. code: Slack's word. by_user: the same per person, where Slack tells."""

    def __init__(self, operation: str, message: str, code: str, by_user: Mapping[str, str]) -> None:
        super().__init__(VENDOR, operation, message)
        self.code = code
        self.by_user = by_user


class SlackSession(HttpSession):
    """Requests with one token. scopes: what the token may do, as Slack said with its last answer; None before.

    On top of what every session raises: ok:false is a TemporaryError, out of service for what only a human repairs, or
    SlackRefused; an answer that says neither ok nor why not is a TemporaryError.
    """

    def __init__(
        self,
        base_url: str,
        token: str,
        *,
        timeouts_s: tuple[float, float] = TIMEOUTS_S,
        clock: Clock | None = None,
        by_proxy: bool = False,
    ) -> None:
        self._own_clock = clock or SystemClock()
        super().__init__(
            VENDOR, base_url, {"Authorization": f"Bearer {token}"}, secrets=(token,), timeouts_s=timeouts_s,
            clock=self._own_clock, by_proxy=by_proxy,
        )  # fmt: skip
        self.scopes: frozenset[str] | None = None

    def read(self, operation: str, method: str, query: Mapping[str, str], take: Callable[[Any], T]) -> T:
        """GET a method of Slack's ("conversations.info") -> what `take` makes of its answer."""
        return self.ask(operation, "GET", f"/{method}", take, query=query)

    def write(self, operation: str, method: str, body: Mapping[str, object], take: Callable[[Any], T]) -> T:
        return self.ask(operation, "POST", f"/{method}", take, body=body)

    def pages(
        self, operation: str, method: str, query: Mapping[str, str], member: str, take: Callable[[Any], T]
    ) -> Iterator[T]:
        """What `take` makes of each item in this member of a method that answers in pages, asked for as they are consumed."""

        def take_page(answer: Any) -> tuple[list[T], str]:
            more = answer.get("response_metadata") or {}
            return [take(item) for item in answer[member]], str(more.get("next_cursor") or "")

        cursor = ""
        for _ in range(LONGEST_LIST):
            asked = {**query, "cursor": cursor} if cursor else query
            items, cursor = self.read(operation, method, asked, take_page)
            yield from items
            if not cursor:
                return
        raise PermanentError(VENDOR, operation, f"{method} does not come to an end")

    def _check(self, operation: str, answer: requests.Response) -> None:
        super()._check(operation, answer)
        told = answer.headers.get("X-OAuth-Scopes")
        if told is not None:
            self.scopes = frozenset(scope.strip() for scope in told.split(",") if scope.strip())
        try:
            body = answer.json()
        except (ValueError, RecursionError):
            return  # `ask` meets the same, and says so
        if not isinstance(body, dict) or not isinstance(body.get("ok"), bool):
            raise TemporaryError(VENDOR, operation, f"{answer.status_code} with an answer that does not say whether it is ok")
        if not body["ok"]:
            raise self._error(operation, body, answer.headers)

    def _error(self, operation: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> PermanentError | TemporaryError:
        code = body.get("error")
        if not isinstance(code, str) or not code:
            return TemporaryError(VENDOR, operation, "not ok, and no word why")
        code = self._without_secrets(code)[:100]
        if code in PASSING:
            return TemporaryError(
                VENDOR, operation, code, retry_after_s=retry_after_s(headers, self._own_clock, is_limited=True)
            )
        if code == "missing_scope":
            scope = self._without_secrets(str(body.get("needed") or "that it does not name"))[:100]
            why = f"the app lacks the scope {scope}: add it in the app's settings and reinstall the app"
            return TemporaryError(VENDOR, operation, f"{code}: {why}", out_of_service=True)
        by_user = _by_user(body.get("errors"))
        if code in DOWN and not by_user:  # no_permission for one of the invited is about them alone
            return TemporaryError(VENDOR, operation, f"{code}: {DOWN[code]}", out_of_service=True)
        words = f"{code}: {HINTS[code]}" if code in HINTS else code
        return SlackRefused(operation, words, code, by_user)


def _by_user(errors: object) -> dict[str, str]:
    if not isinstance(errors, list):
        return {}
    told = [error for error in errors if isinstance(error, dict)]
    return {str(error["user"]): str(error["error"]) for error in told if error.get("user") and error.get("error")}
