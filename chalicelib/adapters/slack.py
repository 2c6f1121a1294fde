"""Slack's Web API as Chat: rooms are channels, made and kept by our bot user.

Every operation is one request, but: lists come in pages; the first operation of a process asks who we are; `invite` repeats
itself without those whom Slack refuses; `put_bookmark` and `find_direct_message` look before they act. Nothing is tried twice.
Source: https://docs.slack.dev/reference/methods
"""

from __future__ import annotations

from chalicelib.adapters.slack_http import TIMEOUTS_S, VENDOR, SlackSession
from chalicelib.adapters.slack_messages import SlackMessages
from chalicelib.adapters.slack_people import SlackPeople
from chalicelib.adapters.slack_rooms import SlackRooms
from chalicelib.ports.world import Clock

BASE_URL = "https://slack.com/api"
SCOPES = frozenset(
    ("bookmarks:read", "bookmarks:write", "channels:history", "channels:join", "channels:manage", "channels:read",
     "chat:write", "commands",
     "groups:history", "groups:read", "groups:write", "im:history", "im:read", "pins:write", "reactions:read", "users:read",
     "users:read.email", "users.profile:read")
)  # fmt: skip
"""What the bot's token needs; `firebell check --resolve` compares it with what it has. What each is for stands in
docs/configuration.md. Some are for events that Slack sends us, not for methods that we call."""
USER_SCOPES = frozenset(("users.profile:write",))


class Slack(SlackRooms, SlackMessages, SlackPeople):
    """One workspace. token: the bot's (xoxb-). user_token: an administrator's (xoxp-), "" where statuses are left alone."""

    name = VENDOR

    def __init__(
        self,
        token: str,
        user_token: str = "",
        *,
        base_url: str = BASE_URL,
        timeouts_s: tuple[float, float] = TIMEOUTS_S,
        clock: Clock | None = None,
    ) -> None:
        def session(of_whom: str) -> SlackSession:
            return SlackSession(base_url, of_whom, timeouts_s=timeouts_s, clock=clock)

        super().__init__(session(token), session(user_token) if user_token else None)

    def __repr__(self) -> str:
        return f"Slack({self._http!r})"
