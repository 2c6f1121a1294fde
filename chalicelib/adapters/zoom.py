"""Zoom as VideoCalls: meetings of one host, made with server-to-server OAuth.

A meeting is scheduled, never instant: only scheduled ones are listed, so only they can be found again. The marker stands
first in the agenda, of which lists show 250 characters. Zoom takes no key of ours on a create.

Sources: https://developers.zoom.us/docs/internal-apps/s2s-oauth/ and, for what the daily limit answers,
https://devforum.zoom.us/t/18928
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import quote

from chalicelib.adapters.http import HttpSession
from chalicelib.adapters.world import SystemClock
from chalicelib.domain.text import cut
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.ports.video_calls import Call
from chalicelib.ports.world import Clock

T = TypeVar("T")

TIMEOUTS_S = (1.0, 3.0)
TOPIC_LIMIT, AGENDA_LIMIT = 200, 2000
PAGE_SIZE = 300
PAGES_LIMIT = 10
"""A host with more meetings than this is not searched to the end: the newest call could be missed, and is said to be."""
SPARE = timedelta(seconds=60)
"""A token is given up this long before its end, so that it does not end on the way."""


class Zoom:
    """One host. api_url: https://api.zoom.us; oauth_url: https://zoom.us; host: the mail address the meetings belong to.

    Scopes: meeting:write:meeting:admin, meeting:read:list_meetings:admin, meeting:read:meeting:admin.
    """

    name = "zoom"

    def __init__(
        self,
        *,
        api_url: str,
        oauth_url: str,
        account_id: str,
        client_id: str,
        client_secret: str,
        host: str,
        timeouts_s: tuple[float, float] = TIMEOUTS_S,
        clock: Clock | None = None,
    ) -> None:
        self._api_url, self._account_id, self._host = api_url, account_id, host
        self._timeouts_s, self._clock = timeouts_s, clock or SystemClock()
        basic = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self._secrets = (client_secret, basic)
        self._oauth = HttpSession(
            self.name,
            oauth_url,
            {"Authorization": f"Basic {basic}"},
            secrets=self._secrets,
            timeouts_s=timeouts_s,
            clock=self._clock,
        )
        self._api: HttpSession | None = None
        self._api_until = datetime.min.replace(tzinfo=UTC)
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"Zoom({self._api_url}, {self._host})"

    def find_call(self, marker: str, topic: str) -> Call | None:
        wanted = cut(topic, TOPIC_LIMIT)
        query = {"type": "scheduled", "page_size": str(PAGE_SIZE)}
        oldest: tuple[str, Call] | None = None

        def take(answer: Any) -> tuple[list[tuple[str, Call]], str]:
            """Ours on this page with the time each was made, and what asks for the next page ("" on the last)."""
            ours = [meeting for meeting in answer["meetings"] if _is_ours(meeting, marker, wanted)]
            return [(str(meeting["created_at"]), _call(meeting)) for meeting in ours], answer.get("next_page_token") or ""

        for _ in range(PAGES_LIMIT):
            found, token = self._ask("find_call", "GET", self._meetings, take, query=query)
            oldest = min([*found, *([oldest] if oldest else [])], key=lambda made: made[0], default=None)
            if not token:
                return oldest[1] if oldest else None
            query["next_page_token"] = token
        if oldest is not None:
            return oldest[1]
        raise PermanentError(
            self.name, "find_call", f"{self._host} has too many meetings to search; give Firebell its own host"
        )

    def make_call(self, marker: str, topic: str, agenda: str) -> Call:
        body = {
            "topic": cut(topic, TOPIC_LIMIT),
            "type": 2,
            "agenda": cut(f"{marker}\n{agenda}", AGENDA_LIMIT),
            "default_password": True,  # without one, whoever guesses eleven digits is in
            "settings": {"join_before_host": True, "jbh_time": 0, "waiting_room": False},
        }
        try:
            return self._ask("make_call", "POST", self._meetings, _call, body=body)
        except (TemporaryError, PermanentError) as error:
            if _is_daily_limit(error.message):
                raise self._used_up(error) from None
            raise

    def read_call(self, call_id: str) -> Call | None:
        try:
            return self._ask("read_call", "GET", f"/v2/meetings/{quote(call_id, safe='')}", _call)
        except PermanentError as error:
            if error.message.startswith("404"):
                return None
            raise

    def problems(self) -> tuple[str, ...]:
        """Asks for the host's meetings, with a scope that is needed anyway; any other failure than these is raised."""
        query = {"type": "scheduled", "page_size": "1"}
        try:
            self._ask("problems", "GET", self._meetings, lambda answer: answer["meetings"], query=query)
        except PermanentError as error:
            return (f"zoom does not list the meetings of {self._host!r}: {error.message}",)
        except TemporaryError as error:
            if error.out_of_service and error.retry_after_s is None:
                return (f"zoom does not let us in: {error.message}",)
            raise
        return ()

    @property
    def _meetings(self) -> str:
        return f"/v2/users/{quote(self._host, safe='@')}/meetings"

    def _ask(
        self,
        operation: str,
        method: str,
        path: str,
        take: Callable[[Any], T],
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
    ) -> T:
        """One call; once more with a new token when the old one was refused, for then it had no effect."""
        session = self._session(operation)
        try:
            return session.ask(operation, method, path, take, query=query, body=body)
        except TemporaryError as error:
            if not error.message.startswith("401"):
                raise
        except PermanentError as error:
            if "does not contain scopes" in error.message:  # 400 with code 4711
                raise TemporaryError(self.name, operation, error.message, out_of_service=True) from None
            raise
        session = self._session(operation, instead_of=session)
        return session.ask(operation, method, path, take, query=query, body=body)

    def _session(self, operation: str, instead_of: HttpSession | None = None) -> HttpSession:
        """A session with a token that is still good; several threads share one, since each new token may end an older one."""
        with self._lock:
            if self._api is None or self._api is instead_of or self._clock.now() >= self._api_until:
                token, lasts_s = self._new_token(operation)
                self._api_until = self._clock.now() + timedelta(seconds=lasts_s) - SPARE
                self._api = HttpSession(
                    self.name,
                    self._api_url,
                    {"Authorization": f"Bearer {token}"},
                    secrets=(token, *self._secrets),
                    timeouts_s=self._timeouts_s,
                    clock=self._clock,
                )
            return self._api

    def _new_token(self, operation: str) -> tuple[str, float]:
        query = {"grant_type": "account_credentials", "account_id": self._account_id}

        def take(answer: Any) -> tuple[str, float]:
            return answer["access_token"] + "", float(answer["expires_in"])

        try:
            return self._oauth.ask(operation, "POST", "/oauth/token", take, query=query)
        except PermanentError as error:
            # Wrong credentials are 400 here. A human will repair them, and until then Zoom is down.
            raise TemporaryError(self.name, operation, f"no token: {error.message}", out_of_service=True) from None

    def _used_up(self, error: TemporaryError | PermanentError) -> TemporaryError:
        """Zoom's daily limit, which counts from midnight UTC and often comes without a Retry-After."""
        now = self._clock.now()
        midnight = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), datetime.min.time(), UTC)
        words = f"{error.message} (Zoom lets {self._host} make or change 100 meetings a day; again at {midnight:%H:%M} UTC)"
        return TemporaryError(
            self.name, error.operation, words, retry_after_s=(midnight - now).total_seconds(), out_of_service=True
        )


def _call(meeting: Mapping[str, Any]) -> Call:
    """Only what everybody may have: never start_url, which makes its holder the host, and never a passcode by itself."""
    return Call(str(meeting["id"]), meeting["join_url"] + "")


def _is_ours(meeting: Mapping[str, Any], marker: str, topic: str) -> bool:
    return meeting.get("topic") == topic or marker in str(meeting.get("agenda") or "").split()


def _is_daily_limit(message: str) -> bool:
    """429 in words of today, or 300 in those of the published contract."""
    words = message.casefold()
    return "daily rate limit" in words or ("created/updated" in words and "in one day" in words)
