"""What all of Slack's operations share: one session, who we are, and what the refusal of a room means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from chalicelib.adapters.slack_http import VENDOR, SlackRefused, SlackSession
from chalicelib.ports.chat import Closed, Identity, RoomClosed

ROOMS_PER_PAGE = "999"
"""Asked for. Slack may hand out fewer, whatever is left."""

_CLOSED = {
    "is_archived": (Closed.ARCHIVED, "the room was archived"),
    "is_inactive": (Closed.ARCHIVED, "the room was archived"),  # what an edit is told
    "channel_not_found": (Closed.GONE, "the room was deleted, or is private and we were removed from it"),
    "not_in_channel": (Closed.NOT_INSIDE, "we were removed from the room"),
}


class SlackCalls:
    """Base of the groups of operations. session: with the bot's token."""

    def __init__(self, session: SlackSession) -> None:
        self._http = session
        self._us: Identity | None = None

    def who_am_i(self) -> Identity:
        return identify(self._http)

    def _ourselves(self) -> Identity:
        """Asked for once: a token stays with its bot user."""
        if self._us is None:
            self._us = self.who_am_i()
        return self._us

    def _write_in(self, operation: str, method: str, body: Mapping[str, object], *, also_fine: tuple[str, ...] = ()) -> None:
        """A write whose answer tells nothing new. also_fine: refusals that say it is so already. Raises RoomClosed."""
        try:
            self._http.write(operation, method, body, lambda _: None)
        except SlackRefused as error:
            if error.code not in also_fine:
                raise_closed(operation, error)


def identify(session: SlackSession) -> Identity:
    def take(answer: Any) -> Identity:
        user_id, team_id, team, url = (str(answer[name]) for name in ("user_id", "team_id", "team", "url"))
        return Identity(user_id, team_id, team, url, session.scopes)

    return session.read("who_am_i", "auth.test", {}, take)


def is_closed(code: str) -> bool:
    """Slack's word tells that a human closed the room, or put us out of it."""
    return code in _CLOSED


def raise_closed(operation: str, error: SlackRefused) -> NoReturn:
    """RoomClosed when the refusal says so, else the refusal itself."""
    if error.code in _CLOSED:
        why, words = _CLOSED[error.code]
        raise RoomClosed(VENDOR, operation, words, why) from None
    raise error
