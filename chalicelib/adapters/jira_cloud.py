"""Jira Cloud as Tickets, over the `jira` package's session (REST v2, so that rich text is wiki markup, as in webhooks).

Imported only by the worker and the sweep: the package alone costs more than everything on the page's path. Its own
retries are off, and its exceptions never leave this module: their text holds request headers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeVar

import requests
from jira import JIRA, JIRAError

from chalicelib.adapters.http import RATE_LIMITED, retry_after_s
from chalicelib.adapters.world import SystemClock
from chalicelib.domain.incident import Change, Incident, IssueId, IssueKey
from chalicelib.domain.schema import IncidentSchema
from chalicelib.errors import PermanentError, TemporaryError, UnreadableEvent
from chalicelib.intake.jira_history import parse_history
from chalicelib.intake.jira_issue import NotAnIncident, PartialIssue, parse_issue
from chalicelib.ports.tickets import IssueRef, Left, Missing
from chalicelib.ports.world import Clock

T = TypeVar("T")

VENDOR = "jira"
TIMEOUTS_S = (1.0, 5.0)
PAGE_SIZE = 100
PROPERTY = "firebell"
"""Key of the entity property that marks our comment; its value is {"marker": <name>}."""


class JiraCloud:
    """base_url: the site, or https://api.atlassian.com/ex/jira/{cloudId} for scoped tokens. Connects to nothing when built."""

    def __init__(
        self,
        base_url: str,
        mail: str,
        token: str,
        schema: IncidentSchema,
        *,
        timeouts_s: tuple[float, float] = TIMEOUTS_S,
        clock: Clock | None = None,
    ) -> None:
        self._connect(base_url, {"basic_auth": (mail, token)}, schema, timeouts_s, clock)

    def _connect(
        self,
        base_url: str,
        credentials: Mapping[str, Any],
        schema: IncidentSchema,
        timeouts_s: tuple[float, float],
        clock: Clock | None,
    ) -> None:
        self._schema = schema
        self._clock = clock or SystemClock()
        options = {"rest_api_version": "2", "check_update": False}
        self._client = JIRA(
            base_url, options, get_server_info=False, max_retries=0, timeout=timeouts_s, logging=False, **credentials
        )
        self._client._session.trust_env = False  # no proxy and no netrc from the environment

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._schema.site})"

    def read(self, issue_id: IssueId) -> Incident | Left | Missing:
        try:
            # Not the package's own `issue`: it logs the whole answer, people and all, when that is no JSON.
            return self._call("read", "GET", f"issue/{issue_id}", self._incident, query={"expand": "changelog"})
        except PermanentError as error:
            if error.message.startswith("404"):
                return Missing(issue_id)
            raise

    def _incident(self, issue: Mapping[str, Any]) -> Incident | Left:
        try:
            found = parse_issue(issue, self._schema, changes=self._history(issue), whole=True)
        except UnreadableEvent as error:
            raise PermanentError(VENDOR, "read", str(error)) from error
        if isinstance(found, NotAnIncident):
            return Left(found.issue_id, found.reason)
        assert not isinstance(found, PartialIssue), "a whole issue is never partial"
        return found

    def _history(self, issue: Mapping[str, Any]) -> tuple[Change, ...]:
        """The whole history, oldest first: what came with the issue, or every page of it when that was not all."""
        changelog = issue["changelog"]
        histories = list(changelog["histories"])
        if changelog["total"] > len(histories):
            histories = self._all_histories(str(issue["id"]))
        return parse_history({"histories": histories}, self._schema, fields=issue["fields"])

    def _all_histories(self, issue_id: str) -> list[Any]:
        histories: list[Any] = []
        while True:
            query = {"startAt": str(len(histories)), "maxResults": str(PAGE_SIZE)}
            page = self._call("read", "GET", f"issue/{issue_id}/changelog", lambda answer: answer, query=query)
            histories += page["values"]
            if page.get("isLast") or len(histories) >= page["total"] or not page["values"]:
                return histories

    def recently_updated(self, within_minutes: int) -> Iterator[IssueRef]:
        body: dict[str, object] = {
            "jql": recently_updated_jql(self._schema, within_minutes),
            "fields": ["updated"],
            "maxResults": PAGE_SIZE,
        }

        def take(page: Any) -> tuple[list[IssueRef], str | None]:
            return refs_in(page), None if page.get("isLast", True) else page.get("nextPageToken")

        while True:
            refs, next_page = self._call("search", "POST", "search/jql", take, body=body)
            yield from refs
            if not next_page:
                return
            body["nextPageToken"] = next_page

    def find_comment(self, issue_id: IssueId, marker: str) -> str | None:
        def take(page: Any) -> tuple[str | None, int, int]:
            """Our comment on this page, how many comments the page has, and how many there are."""
            comments = page["comments"]
            ours = (str(comment["id"]) for comment in comments if _marker_of(comment) == marker)
            return next(ours, None), len(comments), int(page["total"])

        start = 0
        while True:
            query = {"expand": "properties", "startAt": str(start), "maxResults": str(PAGE_SIZE)}
            found, shown, total = self._call("find_comment", "GET", f"issue/{issue_id}/comment", take, query=query)
            start += shown
            if found is not None or start >= total or not shown:
                return found

    def add_comment(self, issue_id: IssueId, marker: str, text: str) -> str:
        properties = [
            {"key": PROPERTY, "value": {"marker": marker}},
            {"key": "sd.public.comment", "value": {"internal": True}},
        ]
        body = {"body": text, "properties": properties}
        return self._call("add_comment", "POST", f"issue/{issue_id}/comment", lambda answer: str(answer["id"]), body=body)

    def edit_comment(self, issue_id: IssueId, comment_id: str, text: str) -> bool:
        path = f"issue/{issue_id}/comment/{comment_id}"
        try:
            self._call(
                "edit_comment", "PUT", path, lambda answer: answer["id"], query={"notifyUsers": "false"}, body={"body": text}
            )
        except PermanentError as error:
            if error.message.startswith("404"):
                return False
            raise
        return True

    def _call(
        self,
        operation: str,
        method: str,
        path: str,
        take: Callable[[Any], T],
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
    ) -> T:
        """One call for which the package has no method, over its session: same credentials, same time-outs."""

        def call() -> Any:
            url = self._client._get_url(path)
            return self._client._session.request(method, url, params=query, json=body).json()

        return self._ask(operation, call, take)

    def _ask(self, operation: str, call: Callable[[], Any], take: Callable[[Any], T]) -> T:
        try:
            return take(call())
        except JIRAError as error:
            # Not `from error`: its text holds the request's headers.
            raise self._translated(operation, error) from None
        except requests.RequestException as error:
            raise TemporaryError(VENDOR, operation, f"no answer ({type(error).__name__})") from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            why = f"an answer that cannot be read ({type(error).__name__})"
            raise TemporaryError(VENDOR, operation, why) from None

    def _translated(self, operation: str, error: JIRAError) -> TemporaryError | PermanentError:
        status = error.status_code or 0
        message = f"{status} {(error.text or '')[:200]}".strip()
        if status in (401, 403):
            return TemporaryError(VENDOR, operation, message, out_of_service=True)
        if status in (*RATE_LIMITED, 408) or status >= 500 or status == 0:
            headers = error.response.headers if error.response is not None else {}
            return TemporaryError(VENDOR, operation, message, retry_after_s=_wait_s(headers, self._clock))
        return PermanentError(VENDOR, operation, message)


def recently_updated_jql(schema: IncidentSchema, within_minutes: int) -> str:
    """Relative minutes, so that neither our clock nor the account's time zone matters."""
    projects, types = _quoted(schema.projects), _quoted(schema.issue_types)
    return f"project in ({projects}) AND issuetype in ({types}) AND updated >= -{within_minutes}m ORDER BY updated ASC"


def refs_in(page: Mapping[str, Any]) -> list[IssueRef]:
    """What a page of search results names, or KeyError: an answer without results is no empty one."""
    return [IssueRef(IssueId(str(found["id"])), IssueKey(str(found["key"]))) for found in page["issues"]]


def _quoted(names: frozenset[str]) -> str:
    return ", ".join('"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' for name in sorted(names))


def _marker_of(comment: Mapping[str, Any]) -> str | None:
    for prop in comment.get("properties") or ():
        if prop.get("key") == PROPERTY and isinstance(prop.get("value"), dict):
            return str(prop["value"].get("marker"))
    return None


def _wait_s(headers: Mapping[str, str], clock: Clock) -> float | None:
    """Retry-After, else the moment in X-RateLimit-Reset, which gateway answers carry alone."""
    wait = retry_after_s(headers, clock)
    if wait is not None:
        return wait
    try:
        reset = datetime.fromisoformat(headers.get("X-RateLimit-Reset", ""))
    except ValueError:
        return None
    return max(0.0, (reset - clock.now()).total_seconds()) if reset.tzinfo else None
