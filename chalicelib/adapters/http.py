"""One HTTP session per vendor: explicit time-outs, one try, and answers turned into our errors once.

A create must never be repeated by a layer below the ledger, so nothing here retries, not even on a stale connection.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from threading import Lock, Thread
from typing import Any, TypeVar

import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.util.retry import Retry

from chalicelib.adapters.world import SystemClock
from chalicelib.domain.text import fits_a_header
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.ports.world import Clock

T = TypeVar("T")

CONNECT_TIMEOUT_S = 1.0
READ_TIMEOUT_S = 2.0
MESSAGE_LIMIT = 200
LONGEST_WAIT_S = 86_400.0
"""A Retry-After beyond a day means no more than "down", and must not overflow a date when it is added to now."""
LONGEST_IDLE = timedelta(seconds=20)
"""Shorter than any vendor keeps an idle connection, longer than the breaks within a pass."""
RATE_LIMITED = (420, 429)
UNFIT = "a credential holds a character that no header can"
"""Said instead of asking: what the library raises for it is of several kinds, not all of them its own, and quotes the value."""
SIGNED_OUT = ("AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED")
"""Of `X-Seraph-LoginReason`: a wrong, expired or revoked token; too many wrong ones, until somebody solves a captcha."""


class HttpSession:
    """Requests to one vendor. headers: credentials included; they never reach an error or a repr.

    secrets: what must not show even when the vendor repeats it in its own words. by_proxy: see `keep_out_the_environment`.

    Raises TemporaryError for time-outs, resets, 420, 429, 5xx and bodies that are no JSON; the same with
    out_of_service for 401, 403, headers that cannot be sent and what was answered as to nobody; PermanentError for every
    other status that is not 2xx.
    """

    def __init__(
        self,
        vendor: str,
        base_url: str,
        headers: Mapping[str, str],
        *,
        secrets: Iterable[str] = (),
        timeouts_s: tuple[float, float] = (CONNECT_TIMEOUT_S, READ_TIMEOUT_S),
        clock: Clock | None = None,
        by_proxy: bool = False,
    ) -> None:
        self.vendor = vendor
        self._secrets = tuple(secret for secret in secrets if secret)
        self._base_url = base_url.rstrip("/")
        self._timeouts_s = timeouts_s
        self._clock = clock or SystemClock()
        self._session = _Staying()
        keep_out_the_environment(self._session, base_url, by_proxy=by_proxy)
        self._session.headers.update(headers)
        self._can_be_sent = all(map(fits_a_header, headers.values()))
        self._connections = KeptConnections(self._session, self._clock)
        no_retry = HTTPAdapter(max_retries=Retry(0, read=False, redirect=False, status=0))
        self._session.mount("https://", no_retry)
        self._session.mount("http://", no_retry)

    def __repr__(self) -> str:
        return f"HttpSession({self.vendor}, {self._base_url})"

    def ask(
        self,
        operation: str,
        method: str,
        path: str,
        take: Callable[[Any], T],
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
    ) -> T:
        """What `take` makes of the JSON of a 2xx answer (None when it has no body).

        operation: the port's word for it, shown in errors. An answer without the parts that `take` reaches for is a
        TemporaryError: it proves neither that something happened nor that it did not.
        """
        if not self._can_be_sent:
            raise TemporaryError(self.vendor, operation, UNFIT, out_of_service=True)
        self._connections.drop_idle()

        def send() -> requests.Response:
            return self._session.request(
                method,
                self._base_url + path,
                params=query,
                json=body,
                timeout=self._timeouts_s,
                allow_redirects=False,
            )

        try:
            answer = in_time(send, sum(self._timeouts_s))
        except requests.RequestException as error:
            # The exception's text holds the URL and sometimes headers; its type says enough.
            raise TemporaryError(self.vendor, operation, _words_for(error)) from None
        self._check(operation, answer)
        try:
            return take(answer.json() if answer.content else None)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
            why = f"{answer.status_code} with an answer that cannot be read ({type(error).__name__})"
            raise TemporaryError(self.vendor, operation, why) from None

    def _check(self, operation: str, answer: requests.Response) -> None:
        status = answer.status_code
        as_nobody = not_signed_in(answer.headers)
        if 200 <= status < 300 and not as_nobody:
            return
        message = f"{status} {self._without_secrets(_message_in(answer))[:MESSAGE_LIMIT]}".strip()
        if status in (401, 403):
            raise TemporaryError(self.vendor, operation, message, out_of_service=True)
        if status < 200:
            answer.close()
            self._session.close()  # the answer itself is still to come, and would be taken for the next one's
            raise TemporaryError(self.vendor, operation, message)
        if status in RATE_LIMITED or status >= 500 or status == 408:
            wait_s = retry_after_s(answer.headers, self._clock, is_limited=status in RATE_LIMITED)
            raise TemporaryError(self.vendor, operation, message, retry_after_s=wait_s)
        if as_nobody:
            raise TemporaryError(self.vendor, operation, as_nobody, out_of_service=True)
        raise PermanentError(self.vendor, operation, message)

    def _without_secrets(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


class _Staying(requests.Session):
    """Never goes where it is sent, nor reads where that is: for a bad address the library raises what is not always its own."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


def in_time(call: Callable[[], T], limit_s: float) -> T:
    """What it returns or raises; requests.Timeout after so many seconds.

    The library's own time-outs bound each wait, and not their sum: a name may have many addresses, and an answer may come byte
    by byte, for longer than a function lives. What is given up goes on until its vendor hangs up.
    """
    returned: list[T] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            returned.append(call())
        except BaseException as error:  # noqa: BLE001 - raised below, by whoever waits
            raised.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(limit_s)
    if raised:
        raise raised[0]
    if not returned:
        raise requests.Timeout
    return returned[0]


class KeptConnections:
    """Hangs up, before the next request, on a vendor that was asked nothing for long. Safe to use from several threads.

    Between two events an instance of a function is frozen, does not hear that the vendor hangs up, and may have its idle
    connections purged: what it sends by one of those is lost, and it cannot tell that from a lost answer. Nothing has been
    sent yet, so this repeats nothing. Source: https://docs.aws.amazon.com/lambda/latest/dg/best-practices.html
    """

    def __init__(self, session: requests.Session, clock: Clock) -> None:
        self._session, self._clock = session, clock
        self._asked_at = clock.now()
        self._lock = Lock()

    def drop_idle(self) -> None:
        # Under the lock, so that nobody takes a connection of a pool that is just being closed.
        with self._lock:
            now = self._clock.now()
            if now - self._asked_at > LONGEST_IDLE:
                self._session.close()  # its pools only: it goes on with new ones
            self._asked_at = now


def keep_out_the_environment(session: requests.Session, base_url: str, *, by_proxy: bool) -> None:
    """No netrc, whose passwords would go instead of ours, and no proxy: a function has none to go by.

    by_proxy: for commands on people's machines, where a company's proxy may be the only way out: the one that the environment
    names for this address, and the certificates by which it is trusted.
    """
    session.trust_env = False
    if by_proxy:
        session.proxies.update(get_environ_proxies(base_url))
        session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True


def not_signed_in(headers: Mapping[str, str]) -> str:
    """Why the answer is one to nobody in particular, "" where it is one to us.

    Atlassian takes whoever cannot be signed in for an anonymous visitor wherever those are let in, and says so in this header
    alone: a search finds nothing, and an issue is not there. Source: https://jira.atlassian.com/browse/ID-6351 and
    https://support.atlassian.com/jira/kb/jira-cloud-jql-search-rest-api-returns-200-ok-without-api-token/
    """
    reason = headers.get("X-Seraph-LoginReason", "").strip()
    return f"the token is not accepted ({reason})" if reason in SIGNED_OUT else ""


def retry_after_s(headers: Mapping[str, str], clock: Clock, *, is_limited: bool) -> float | None:
    """Seconds the vendor asks us to wait, at most a day; None when it says nothing, or nonsense.

    is_limited: the answer is that we ask too often. Only then the end of a window (PagerDuty's ratelimit-reset, Atlassian's
    X-RateLimit-Reset, which its gateway gives instead of a Retry-After) is when to ask again: any answer may tell of it.
    Retry-After is seconds, an HTTP date, or, as Zoom writes it, an ISO time.
    """
    for name in ("Retry-After", "ratelimit-reset") if is_limited else ("Retry-After",):
        text = headers.get(name, "").strip()
        if text.isascii() and text.replace(".", "", 1).isdigit():
            return min(float(text), LONGEST_WAIT_S)
        if (at := _moment(text)) is not None:
            return _wait_until(at, clock)
    reset = _moment(headers.get("X-RateLimit-Reset", "").strip()) if is_limited else None
    return _wait_until(reset, clock) if reset is not None else None


def _moment(text: str) -> datetime | None:
    """An HTTP date or an ISO time with a zone; None for anything else."""
    for parse in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            at = parse(text)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
        return at if at.tzinfo else None
    return None


def _wait_until(at: datetime, clock: Clock) -> float:
    return min(max(0.0, (at - clock.now()).total_seconds()), LONGEST_WAIT_S)


def _words_for(error: requests.RequestException) -> str:
    if isinstance(error, requests.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    return f"connection failed ({type(error).__name__})"


def _message_in(answer: requests.Response) -> str:
    """The vendor's own words, from whichever of its shapes this is."""
    try:
        body = answer.json()
    except (ValueError, RecursionError):
        return ""
    if not isinstance(body, dict):
        return ""
    error = body.get("error")
    for words in (body.get("message"), error.get("message") if isinstance(error, dict) else error, body.get("errors")):
        if words:
            return _plain(words)
    return ""


def _plain(words: object) -> str:
    if isinstance(words, dict):
        return "; ".join(f"{name}: {_plain(value)}" for name, value in words.items())
    if isinstance(words, list):
        return "; ".join(_plain(word) for word in words)
    return str(words)
