"""Jira Data Center as Tickets: REST v2 with a personal access token, and the search that Cloud has removed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.adapters.jira_cloud import PAGE_SIZE, PROPERTY, TIMEOUTS_S, JiraCloud, recently_updated_jql, refs_in
from chalicelib.domain.incident import IssueId
from chalicelib.domain.schema import IncidentSchema
from chalicelib.ports.tickets import IssueRef
from chalicelib.ports.world import Clock


class JiraDataCenter(JiraCloud):
    """token: a personal access token. Differs from Cloud in how it signs in, searches, and finds its own comment."""

    def __init__(
        self,
        base_url: str,
        token: str,
        schema: IncidentSchema,
        *,
        timeouts_s: tuple[float, float] = TIMEOUTS_S,
        clock: Clock | None = None,
    ) -> None:
        self._connect(base_url, {"token_auth": token}, schema, timeouts_s, clock)

    def _all_histories(self, issue_id: str) -> list[Any]:
        """Data Center sends the whole history with the issue; a total that says otherwise is a broken answer."""
        raise ValueError(f"the history of {issue_id} came incomplete")

    def recently_updated(self, within_minutes: int) -> Iterator[IssueRef]:
        start = 0
        while True:
            body = {
                "jql": recently_updated_jql(self._schema, within_minutes),
                "fields": ["updated"],
                "startAt": start,
                "maxResults": PAGE_SIZE,
            }
            refs, total = self._call("search", "POST", "search", lambda page: (refs_in(page), int(page["total"])), body=body)
            yield from refs
            start += len(refs)
            if start >= total or not refs:
                return

    def find_comment(self, issue_id: IssueId, marker: str) -> str | None:
        """Data Center lists comments without their properties, so each property is asked for."""
        comments = self._call("find_comment", "GET", f"issue/{issue_id}/comment", lambda answer: answer["comments"])
        for comment in comments:
            if self._has_marker(str(comment["id"]), marker):
                return str(comment["id"])
        return None

    def _has_marker(self, comment_id: str, marker: str) -> bool:
        def take(answer: Mapping[str, Any]) -> bool:
            return any(key.get("key") == PROPERTY for key in answer["keys"])

        if not self._call("find_comment", "GET", f"comment/{comment_id}/properties", take):
            return False
        path = f"comment/{comment_id}/properties/{PROPERTY}"
        return self._call("find_comment", "GET", path, lambda answer: bool(answer["value"].get("marker") == marker))
