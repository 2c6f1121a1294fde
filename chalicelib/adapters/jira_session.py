"""One signed-in session with a Jira, over the `jira` package (REST v2, so that rich text is wiki markup, as in webhooks).

The package's own retries are off, and its exceptions never leave this module: their text holds request headers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import requests
from jira import JIRA, JIRAError

from chalicelib.adapters.http import (
    RATE_LIMITED,
    UNFIT,
    KeptConnections,
    in_time,
    keep_out_the_environment,
    not_signed_in,
    retry_after_s,
)
from chalicelib.adapters.world import SystemClock
from chalicelib.domain.incident import IssueId
from chalicelib.domain.schema import IncidentSchema
from chalicelib.domain.text import fits_a_header
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.ports.world import Clock

T = TypeVar("T")

VENDOR = "jira"
TIMEOUTS_S = (1.0, 5.0)


class JiraRefusal(Exception):
    """Jira's own no, for the adapters that know what to do about it; nobody else sees it.

    errors: field id -> why. words: all that it says, for people. plain: the same for everybody else.
    """

    def __init__(self, operation: str, message: str, status: int, body: Mapping[str, Any]) -> None:
        super().__init__(operation, message)
        self.status, self.plain = status, PermanentError(VENDOR, operation, message)
        errors, general = body.get("errors"), body.get("errorMessages")
        self.errors = {str(name): str(why) for name, why in errors.items()} if isinstance(errors, dict) else {}
        told = [str(one) for one in general] if isinstance(general, list) else []
        self.words = "; ".join([*told, *self.errors.values()])[:200] or message


class JiraSession:
    """Asks, and turns what goes wrong into our errors. One try."""

    def _connect(
        self,
        base_url: str,
        credentials: Mapping[str, Any],
        schema: IncidentSchema,
        timeouts_s: tuple[float, float],
        clock: Clock | None,
        *,
        by_proxy: bool,
    ) -> None:
        """credentials: as the package takes them, each a text or a pair of texts."""
        self._schema = schema
        self._can_be_sent = all(fits_a_header("".join(texts)) for texts in credentials.values())
        self._clock = clock or SystemClock()
        self._limit_s = sum(timeouts_s)
        options = {"rest_api_version": "2", "check_update": False}
        self._client = JIRA(
            base_url, options, get_server_info=False, max_retries=0, timeout=timeouts_s, logging=False, **credentials
        )
        keep_out_the_environment(self._client._session, base_url, by_proxy=by_proxy)
        self._connections = KeptConnections(self._client._session, self._clock)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._schema.site})"

    def _call(
        self,
        operation: str,
        method: str,
        path: str,
        take: Callable[[Any], T],
        *,
        query: Mapping[str, str | list[str]] | None = None,
        body: object = None,
    ) -> T:
        """What `take` makes of the answer. Raises TemporaryError or PermanentError."""
        try:
            return self._try(operation, method, path, take, query=query, body=body)
        except JiraRefusal as refusal:
            raise refusal.plain from None

    def _try(
        self,
        operation: str,
        method: str,
        path: str,
        take: Callable[[Any], T],
        *,
        query: Mapping[str, str | list[str]] | None = None,
        body: object = None,
    ) -> T:
        """The same over the package's session, with its credentials and time-outs; but a refusal is a JiraRefusal."""

        def call() -> Any:
            url = self._client._get_url(path)
            answer = self._client._session.request(method, url, params=query, json=body)
            if as_nobody := not_signed_in(answer.headers):
                raise TemporaryError(VENDOR, operation, as_nobody, out_of_service=True)
            return answer.json() if answer.content else None

        return self._ask(operation, call, take)

    def _call_part(
        self,
        operation: str,
        method: str,
        issue_id: IssueId,
        part: str,
        take: Callable[[Any], T],
        *,
        query: Mapping[str, str | list[str]] | None = None,
        body: object = None,
    ) -> T | None:
        """The same for a part of an issue; None: there is none. Raises TemporaryError where the issue cannot be seen."""
        try:
            return self._try(operation, method, f"issue/{issue_id}/{part}", take, query=query, body=body)
        except JiraRefusal as refusal:
            if refusal.status != 404:
                raise refusal.plain from None
        self._see(operation, issue_id, lambda issue: issue["id"], "updated")
        return None

    def _see(self, operation: str, issue: str, take: Callable[[Any], T], fields: str) -> T:
        """What `take` makes of some of an issue's fields. Raises TemporaryError where it cannot be seen.

        All of an issue that we may not see answers 404, as what is gone does; only the words differ, and they are in the
        account's language. It may come back and be as it was, so what is missing is gone only if the issue itself shows now.
        """
        try:
            return self._try(operation, "GET", f"issue/{issue}", take, query={"fields": fields})
        except JiraRefusal as refusal:
            if refusal.status == 404:
                raise TemporaryError(VENDOR, operation, "the issue cannot be seen at the moment") from None
            raise refusal.plain from None

    def _ask(self, operation: str, call: Callable[[], Any], take: Callable[[Any], T]) -> T:
        if not self._can_be_sent:
            raise TemporaryError(VENDOR, operation, UNFIT, out_of_service=True)
        self._connections.drop_idle()
        try:
            return take(in_time(call, self._limit_s))
        except JIRAError as error:
            # Not `from error`: its text holds the request's headers.
            raise self._translated(operation, error) from None
        except requests.RequestException as error:
            raise TemporaryError(VENDOR, operation, f"no answer ({type(error).__name__})") from None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            why = f"an answer that cannot be read ({type(error).__name__})"
            raise TemporaryError(VENDOR, operation, why) from None

    def _translated(self, operation: str, error: JIRAError) -> TemporaryError | JiraRefusal:
        status = error.status_code or 0
        message = f"{status} {(error.text or '')[:200]}".strip()
        headers = error.response.headers if error.response is not None else {}
        if status in (401, 403):
            return TemporaryError(VENDOR, operation, message, out_of_service=True)
        if status in (*RATE_LIMITED, 408) or status >= 500 or status == 0:
            wait_s = retry_after_s(headers, self._clock, is_limited=status in RATE_LIMITED)
            return TemporaryError(VENDOR, operation, message, retry_after_s=wait_s)
        if as_nobody := not_signed_in(headers):
            return TemporaryError(VENDOR, operation, as_nobody, out_of_service=True)
        return JiraRefusal(operation, message, status, _body_of(error))


def _body_of(error: JIRAError) -> Mapping[str, Any]:
    try:
        body = error.response.json() if error.response is not None else None
    except (ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
