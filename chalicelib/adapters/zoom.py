"""Zoom as VideoCalls: meetings of one host or of several, made with server-to-server OAuth.

A meeting is scheduled, never instant: only scheduled ones are listed, so only they can be found again. The marker stands
first in the agenda, of which lists show 250 characters. Zoom takes no key of ours on a create.

A host's second meeting at the same time cannot be joined before the host: it needs another host, or people stand before a
closed door.

Sources: https://developers.zoom.us/docs/internal-apps/s2s-oauth/, for what the daily limit answers
https://devforum.zoom.us/t/18928, and for meetings at the same time
https://support.zoom.com/hc/en/article?id=zm_kb&sysparm_article=KB0068522
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import quote
from zlib import crc32

from chalicelib.adapters.http import HttpSession
from chalicelib.adapters.world import SystemClock
from chalicelib.domain.text import cut
from chalicelib.errors import IntegrationError, PermanentError, TemporaryError
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

LONGEST_SEARCH, LONGEST_CHOICE = timedelta(seconds=12), timedelta(seconds=3)
"""No list is asked for later than this. Each may take some four seconds, as may the call itself, and whoever is at it has half
a minute: then somebody else looks, and does not see what is made only afterwards."""

A_CALL = timedelta(hours=8)
"""For so long a call may still be going on."""

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Meeting:
    made_at: datetime
    call: Call


@dataclass(frozen=True, slots=True)
class _Listing:
    """is_whole: all meetings of the host were looked at. is_there: False for a host that is gone, and its meetings with it."""

    host: str
    meetings: tuple[_Meeting, ...] = ()
    is_whole: bool = True
    is_there: bool = True


class Zoom:
    """api_url: https://api.zoom.us; oauth_url: https://zoom.us; hosts: the mail addresses whose meetings they are, one or more.

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
        hosts: Sequence[str],
        timeouts_s: tuple[float, float] = TIMEOUTS_S,
        clock: Clock | None = None,
        by_proxy: bool = False,
    ) -> None:
        self._api_url, self._account_id, self._hosts = api_url, account_id, tuple(hosts)
        self._timeouts_s, self._clock, self._by_proxy = timeouts_s, clock or SystemClock(), by_proxy
        basic = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self._secrets = (client_secret, basic)
        self._oauth = HttpSession(
            self.name,
            oauth_url,
            {"Authorization": f"Basic {basic}"},
            secrets=self._secrets,
            timeouts_s=timeouts_s,
            clock=self._clock,
            by_proxy=by_proxy,
        )
        self._api: HttpSession | None = None
        self._api_until = _NEVER
        self._lock = Lock()

    def __repr__(self) -> str:
        return f"Zoom({self._api_url}, {', '.join(self._hosts)})"

    def find_call(self, marker: str, topic: str) -> Call | None:
        """At every host: whose turn it was is not kept, and the hosts may be others since. One that is not seen may have it."""
        wanted, until = cut(topic, TOPIC_LIMIT), self._clock.now() + LONGEST_SEARCH

        def is_wanted(meeting: Any) -> bool:
            return _is_ours(meeting, marker, wanted)

        listings = [self._list("find_call", host, is_wanted, until) for host in self._hosts]
        found = [meeting for listing in listings for meeting in listing.meetings]
        if found:
            return self._with_settings(min(found, key=lambda meeting: meeting.made_at).call)
        if endless := [listing.host for listing in listings if not listing.is_whole]:
            words = f"{', '.join(endless)} has too many meetings to search; give Firebell its own host"
            raise PermanentError(self.name, "find_call", words)
        return None

    def _with_settings(self, listed: Call) -> Call | None:
        """Lists show none. People need its link more than what else is to be said of it."""
        try:
            return self.read_call(listed.id)
        except IntegrationError:
            return listed

    def _list(self, operation: str, host: str, is_wanted: Callable[[Any], bool], until: datetime) -> _Listing:
        query = {"type": "scheduled", "page_size": str(PAGE_SIZE)}

        def take(answer: Any) -> tuple[list[_Meeting], str]:
            """Those on this page, and what asks for the next page ("" on the last)."""
            wanted = [meeting for meeting in answer["meetings"] if is_wanted(meeting)]
            read = [_Meeting(_moment(meeting["created_at"]), _call(meeting)) for meeting in wanted]
            return read, answer.get("next_page_token") or ""

        listing = _Listing(host)
        for _ in range(PAGES_LIMIT):
            if self._clock.now() >= until:
                raise TemporaryError(self.name, operation, f"no time left to list the meetings of {host}")
            try:
                found, token = self._ask(operation, "GET", _meetings_of(host), take, query=query)
            except PermanentError as error:
                if not _is_gone(error.message):
                    raise
                return replace(listing, is_there=False)
            listing = replace(listing, meetings=(*listing.meetings, *found))
            if not token:
                return listing
            query["next_page_token"] = token
        return replace(listing, is_whole=False)

    def _next_host(self, marker: str) -> str:
        """One without a call that may still be going on; else the one whose newest call is the oldest.

        Of several free ones the marker says which: incidents at one moment do not see each other's calls. One whose calls
        cannot be seen, or not in time, is taken only where none can; what is wrong there, making the call tells.
        """
        if len(self._hosts) == 1:
            return self._hosts[0]
        self._session("make_call")  # without a token no host can be asked, and that is to be said at once
        newest, unseen, until = {}, [], self._clock.now() + LONGEST_CHOICE
        for host in self._hosts:
            try:
                listing = self._list("make_call", host, lambda meeting: {"created_at", "join_url"} <= meeting.keys(), until)
            except IntegrationError:
                unseen.append(host)
                continue
            if listing.is_there:
                newest[host] = max((meeting.made_at for meeting in listing.meetings), default=_NEVER)
        free = [host for host, made_at in newest.items() if made_at < self._clock.now() - A_CALL] if newest else unseen
        if free:
            return free[crc32(marker.encode()) % len(free)]
        return min(newest, key=lambda host: newest[host], default=self._hosts[0])

    def make_call(self, marker: str, topic: str, agenda: str) -> Call:
        host = self._next_host(marker)
        body = {
            "topic": cut(topic, TOPIC_LIMIT),
            "type": 2,
            "agenda": cut(f"{marker}\n{agenda}", AGENDA_LIMIT),
            "default_password": True,  # without one, whoever guesses eleven digits is in
            "settings": {"join_before_host": True, "jbh_time": 0, "waiting_room": False},
        }
        try:
            return self._ask("make_call", "POST", _meetings_of(host), _call, body=body)
        except (TemporaryError, PermanentError) as error:
            if _is_daily_limit(error.message):
                raise self._used_up(error, host) from None
            raise

    def read_call(self, call_id: str) -> Call | None:
        try:
            return self._ask("read_call", "GET", f"/v2/meetings/{quote(call_id, safe='')}", _call)
        except PermanentError as error:
            if error.message.startswith("404"):
                return None
            raise

    def problems(self) -> tuple[str, ...]:
        """Asks for each host's meetings, with a scope that is needed anyway; any other failure than these is raised."""
        query = {"type": "scheduled", "page_size": "1"}
        problems = []
        for host in self._hosts:
            try:
                self._ask("problems", "GET", _meetings_of(host), lambda answer: answer["meetings"], query=query)
            except PermanentError as error:
                problems.append(f"zoom does not list the meetings of {host!r}: {error.message}")
            except TemporaryError as error:
                if error.out_of_service and error.retry_after_s is None:
                    return (f"zoom does not let us in: {error.message}",)
                raise
        return tuple(problems)

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
                    by_proxy=self._by_proxy,
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

    def _used_up(self, error: TemporaryError | PermanentError, host: str) -> TemporaryError:
        """Zoom's daily limit, which counts from midnight UTC and often comes without a Retry-After."""
        now = self._clock.now()
        midnight = datetime.combine(now.astimezone(UTC).date() + timedelta(days=1), datetime.min.time(), UTC)
        words = f"{error.message} (Zoom lets {host} make or change 100 meetings a day; again at {midnight:%H:%M} UTC)"
        return TemporaryError(
            self.name, error.operation, words, retry_after_s=(midnight - now).total_seconds(), out_of_service=True
        )


def _meetings_of(host: str) -> str:
    return f"/v2/users/{quote(host, safe='@')}/meetings"


def _moment(text: str) -> datetime:
    """Aware. Raises ValueError or TypeError for what is no ISO time."""
    return datetime.fromisoformat(text).astimezone(UTC)


def _call(meeting: Mapping[str, Any]) -> Call:
    """Only what everybody may have: never start_url, which makes its holder the host, and never a passcode by itself."""
    return Call(str(meeting["id"]), meeting["join_url"] + "", tuple(_closed_doors(meeting)))


def _closed_doors(meeting: Mapping[str, Any]) -> Iterator[str]:
    """What an account's administrator has locked holds, whatever was asked: Zoom answers 201 all the same, and the settings
    that the meeting has."""
    settings = meeting.get("settings") or {}
    host = meeting.get("host_email") or "its host"
    if settings.get("waiting_room") is True:
        yield f"Zoom keeps a waiting room here: somebody must sign in as {host} and let people in."
    elif settings.get("join_before_host") is False:
        yield f"Zoom lets nobody in before the host here: somebody must sign in as {host}."
    if settings.get("meeting_authentication") is True:
        yield "Zoom lets in only people who are signed in there."


def _is_ours(meeting: Mapping[str, Any], marker: str, topic: str) -> bool:
    return meeting.get("topic") == topic or marker in str(meeting.get("agenda") or "").split()


def _is_gone(message: str) -> bool:
    """The host was deleted, or is in another account: code 1001, in one of two wordings. Another 404 says nothing of it, and
    whoever believed that would make a second call."""
    return message.startswith("404") and "not exist" in message


def _is_daily_limit(message: str) -> bool:
    """429 in words of today, or 300 in those of the published contract."""
    words = message.casefold()
    return "daily rate limit" in words or ("created/updated" in words and "in one day" in words)
