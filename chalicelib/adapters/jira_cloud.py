"""Jira Cloud as Tickets: incidents, their history, the search, and our comment. What else is written is `JiraEdits`,
other issues are `JiraIssues`, and what administrators made is `JiraDescribed`.

Imported only by the worker and the sweep: the `jira` package alone costs more than everything on the page's path.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import quote

from chalicelib.adapters.jira_described import JiraDescribed
from chalicelib.adapters.jira_issues import JiraIssues
from chalicelib.adapters.jira_session import TIMEOUTS_S, VENDOR
from chalicelib.adapters.jql import quoted
from chalicelib.domain.incident import Change, Incident, IssueId, IssueKey, Person
from chalicelib.domain.schema import IncidentSchema
from chalicelib.errors import PermanentError, TemporaryError, UnreadableEvent
from chalicelib.intake.jira_history import parse_history
from chalicelib.intake.jira_issue import NotAnIncident, PartialIssue, parse_issue, updated_of
from chalicelib.intake.jira_values import read_person, read_text, read_time
from chalicelib.ports.tickets import Comment, IssueRef, Left, Missing
from chalicelib.ports.world import Clock

T = TypeVar("T")

PAGE_SIZE = 100
LONGEST_HISTORY = 1_000
"""So many entries are read, the newest. Where something edits an issue every minute there are soon more, and each hundred takes
up to half a second of every pass."""

HISTORY_GIVES_UP = timedelta(seconds=8)

COMMENT_LIMIT = 4_000
"""More than is kept of any comment, so that whoever keeps it can tell what is too long."""

PROPERTY = "firebell"
"""Key of the entity property that marks our comment; its value is {"marker": <name>}."""


class JiraCloud(JiraIssues, JiraDescribed):
    """base_url: the site, or https://api.atlassian.com/ex/jira/{cloudId} for scoped tokens. Connects to nothing when built."""

    _EXPAND = "changelog"

    def __init__(
        self,
        base_url: str,
        mail: str,
        token: str,
        schema: IncidentSchema,
        *,
        timeouts_s: tuple[float, float] = TIMEOUTS_S,
        clock: Clock | None = None,
        by_proxy: bool = False,
    ) -> None:
        self._connect(base_url, {"basic_auth": (mail, token)}, schema, timeouts_s, clock, by_proxy=by_proxy)

    def read(self, issue_id: IssueId) -> Incident | Left | Missing:
        try:
            # Not the package's own `issue`: it logs the whole answer, people and all, when that is no JSON.
            return self._call("read", "GET", f"issue/{issue_id}", self._incident, query={"expand": self._EXPAND})
        except PermanentError as error:
            if error.message.startswith("404"):
                return Missing(issue_id)
            raise

    def _incident(self, issue: Mapping[str, Any]) -> Incident | Left:
        try:
            changes, is_all = self._history(issue)
            found = parse_issue(issue, self._schema, changes=changes, changes_complete=is_all, whole=True)
        except UnreadableEvent as error:
            raise PermanentError(VENDOR, "read", str(error)) from error
        if isinstance(found, NotAnIncident):
            return Left(found.issue_id, found.reason, updated_of(issue))
        assert not isinstance(found, PartialIssue), "a whole issue is never partial"
        return found

    def _history(self, issue: Mapping[str, Any]) -> tuple[tuple[Change, ...], bool]:
        """Oldest first: what came with the issue, the newest, and what else is needed. Whether that is all of it."""
        changelog = issue["changelog"]
        entries, total = list(changelog["histories"]), int(changelog["total"])
        begin = max(0, total - LONGEST_HISTORY)
        if total > len(entries):
            read = self._histories_from(begin, str(issue["id"]))
            entries = list({str(entry["id"]): entry for entry in (*entries, *read)}.values())
        changes = parse_history({"histories": entries}, self._schema, fields=issue["fields"], names=issue.get("names"))
        return changes, begin == 0 or len(entries) >= total

    def _histories_from(self, begin: int, issue_id: str) -> list[Any]:
        """begin: how many of the oldest to leave out. Whoever waits for this may have a page to make, so it ends in time."""
        give_up_at = self._clock.now() + HISTORY_GIVES_UP
        histories: list[Any] = []
        while True:
            query = {"startAt": str(begin + len(histories)), "maxResults": str(PAGE_SIZE)}
            page = self._call("read", "GET", f"issue/{issue_id}/changelog", lambda answer: answer, query=query)
            histories += page["values"]
            if page.get("isLast") or begin + len(histories) >= page["total"] or not page["values"]:
                return histories
            if self._clock.now() >= give_up_at:
                raise TemporaryError(VENDOR, "read", "its history takes too long to read")

    def own_account(self) -> str:
        """The account whose token this is: its id; on Data Center its key."""

        def take(answer: object) -> str:
            person = read_person(answer)
            if person is None:
                raise ValueError("nobody")
            return person.account_id

        return self._call("own_account", "GET", "myself", take)

    def recently_updated(self, within_minutes: int, *, newest_first: bool = False) -> Iterator[IssueRef]:
        jql = recently_updated_jql(self._schema, within_minutes, newest_first=newest_first)
        yield from self._search(jql, ["updated"], _ref)

    def found_by(self, jql: str) -> Iterator[IssueRef]:
        """Every issue that somebody's query finds. Raises PermanentError, in Jira's words, for a query that it cannot read.

        Never ends early without raising.
        """
        yield from self._search(jql, ["updated"], _ref)

    def _search(self, jql: str, fields: Sequence[str], take: Callable[[Mapping[str, Any]], T]) -> Iterator[T]:
        body: dict[str, object] = {"jql": jql, "fields": list(fields), "maxResults": PAGE_SIZE}

        def take_page(page: Any) -> tuple[list[T], str | None]:
            is_last = page.get("isLast", "nextPageToken" not in page)
            return [take(issue) for issue in page["issues"]], None if is_last else str(page["nextPageToken"])

        while True:
            found, next_page = self._call("search", "POST", "search/jql", take_page, body=body)
            yield from found
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

    def read_comments(self, issue_id: IssueId) -> tuple[Comment, ...]:
        found: list[Mapping[str, Any]] = []
        while True:
            query = {"expand": "properties", "startAt": str(len(found)), "maxResults": str(PAGE_SIZE)}
            page, total = self._call("read_comments", "GET", f"issue/{issue_id}/comment", comments_in, query=query)
            found += page
            if len(found) >= total or not page:
                return comments_of(found)

    def read_comment(self, issue_id: IssueId, comment_id: str) -> Comment | None:
        def take(answer: Mapping[str, Any]) -> Comment | None:
            return None if answer.get("visibility") else comment_of(answer)

        return self._call_part("read_comment", "GET", issue_id, f"comment/{quote(comment_id, safe='')}", take)

    def add_comment(self, issue_id: IssueId, marker: str, text: str) -> str:
        properties = [
            {"key": PROPERTY, "value": {"marker": marker}},
            {"key": "sd.public.comment", "value": {"internal": True}},
        ]
        body = {"body": text, "properties": properties}
        return self._call("add_comment", "POST", f"issue/{issue_id}/comment", lambda answer: str(answer["id"]), body=body)

    def edit_comment(self, issue_id: IssueId, comment_id: str, text: str) -> bool:
        def take(answer: Mapping[str, Any]) -> str:
            return str(answer["id"])

        query, body = {"notifyUsers": "false"}, {"body": text}
        path = f"comment/{quote(comment_id, safe='')}"
        return self._call_part("edit_comment", "PUT", issue_id, path, take, query=query, body=body) is not None


def recently_updated_jql(schema: IncidentSchema, within_minutes: int, *, newest_first: bool = False) -> str:
    """Relative minutes, so that neither our clock nor the account's time zone matters."""
    projects, types, order = quoted(schema.projects), quoted(schema.issue_types), "DESC" if newest_first else "ASC"
    return f"project in ({projects}) AND issuetype in ({types}) AND updated >= -{within_minutes}m ORDER BY updated {order}"


def _ref(issue: Mapping[str, Any]) -> IssueRef:
    return IssueRef(IssueId(str(issue["id"])), IssueKey(str(issue["key"])), read_time(issue["fields"]["updated"]))


def comments_in(page: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], int]:
    """The comments on this page, and how many there are."""
    return list(page["comments"]), int(page["total"])


def comments_of(found: Iterable[Mapping[str, Any]]) -> tuple[Comment, ...]:
    """Without those that are for a role or a group only, and ours as far as their marker shows."""
    told = [comment for comment in found if not comment.get("visibility") and _marker_of(comment) is None]
    return tuple(sorted(map(comment_of, told), key=lambda comment: comment.at))


def comment_of(comment: Mapping[str, Any]) -> Comment:
    written, edited = comment["created"], comment.get("updated") or comment["created"]
    text = read_text(comment["body"], COMMENT_LIMIT)
    by, editor = read_person(comment.get("author")), read_person(comment.get("updateAuthor"))
    if editor is None and read_time(edited) != read_time(written):
        editor = Person("", "")
    other = editor if editor is not None and (by is None or editor.account_id != by.account_id) else None
    return Comment(str(comment["id"]), read_time(written), by, text, read_time(edited), other)


def _marker_of(comment: Mapping[str, Any]) -> str | None:
    for prop in comment.get("properties") or ():
        if prop.get("key") == PROPERTY and isinstance(prop.get("value"), dict):
            return str(prop["value"].get("marker"))
    return None
