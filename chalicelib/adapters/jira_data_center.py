"""Jira Data Center as Tickets: REST v2 with a personal access token, and the search that Cloud has removed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

from chalicelib.adapters.jira_cloud import PAGE_SIZE, PROPERTY, JiraCloud, T, comments_of
from chalicelib.adapters.jira_session import TIMEOUTS_S, JiraRefusal
from chalicelib.domain.incident import IssueId, Person
from chalicelib.domain.schema import IncidentSchema
from chalicelib.intake.jira_values import read_person
from chalicelib.ports.tickets import Comment
from chalicelib.ports.world import Clock


class JiraDataCenter(JiraCloud):
    """token: a personal access token. Differs from Cloud in how it signs in, searches, finds our comment, and names people.

    Its history knows fields by their names alone, so these are asked for with it.
    """

    _EXPAND = "changelog,names"

    def __init__(
        self,
        base_url: str,
        token: str,
        schema: IncidentSchema,
        *,
        timeouts_s: tuple[float, float] = TIMEOUTS_S,
        clock: Clock | None = None,
        by_proxy: bool = False,
    ) -> None:
        self._connect(base_url, {"token_auth": token}, schema, timeouts_s, clock, by_proxy=by_proxy)

    def _histories_from(self, begin: int, issue_id: str) -> list[Any]:
        """Data Center sends the whole history with the issue; a total that says otherwise is a broken answer."""
        raise ValueError(f"the history of {issue_id} came incomplete")

    def _search(self, jql: str, fields: Sequence[str], take: Callable[[Mapping[str, Any]], T]) -> Iterator[T]:
        def take_page(page: Any) -> tuple[list[T], int]:
            return [take(issue) for issue in page["issues"]], int(page["total"])

        start = 0
        while True:
            body = {"jql": jql, "fields": list(fields), "startAt": start, "maxResults": PAGE_SIZE}
            found, total = self._call("search", "POST", "search", take_page, body=body)
            yield from found
            start += len(found)
            if start >= total or not found:
                return

    def find_comment(self, issue_id: IssueId, marker: str) -> str | None:
        """Data Center lists comments without their properties, so each property is asked for."""
        comments = self._call("find_comment", "GET", f"issue/{issue_id}/comment", lambda answer: answer["comments"])
        for comment in comments:
            if self._has_marker(str(comment["id"]), marker):
                return str(comment["id"])
        return None

    def read_comments(self, issue_id: IssueId) -> tuple[Comment, ...]:
        """Data Center sends them all at once."""
        return comments_of(self._call("read_comments", "GET", f"issue/{issue_id}/comment", lambda answer: answer["comments"]))

    def _has_marker(self, comment_id: str, marker: str) -> bool:
        def take(answer: Mapping[str, Any]) -> bool:
            return any(key.get("key") == PROPERTY for key in answer["keys"])

        if not self._call("find_comment", "GET", f"comment/{comment_id}/properties", take):
            return False
        path = f"comment/{comment_id}/properties/{PROPERTY}"
        return self._call("find_comment", "GET", path, lambda answer: bool(answer["value"].get("marker") == marker))

    def find_people(self, mail: str) -> tuple[Person, ...]:
        """Data Center looks for the text in login names, names and addresses, and shows addresses to whoever may see them."""
        return self._search_people(mail, {"username": mail, "maxResults": "50"})

    def people(self, account_ids: Collection[str]) -> Mapping[str, Person]:
        """Data Center knows no bulk: each key is asked for."""
        asked = ((key, self._account("people", key)) for key in dict.fromkeys(account_ids))
        return {key: person for key, account in asked if account and (person := read_person(account))}

    def groups_of(self, account_id: str) -> frozenset[str]:
        """Data Center tells them with the account, when asked to."""
        account = self._account("groups_of", account_id, expand="groups")
        return frozenset(str(group["name"]) for group in account["groups"]["items"]) if account else frozenset()

    def _user(self, person: Person) -> dict[str, str | None]:
        """Data Center is told people by their login names; the key that tells them apart for ever is not taken."""
        account = self._account("people", person.account_id)
        return {"name": str(account["name"]) if account else person.account_id}

    def _nobody(self) -> dict[str, str | None]:
        return {"name": None}

    def _account(self, operation: str, key: str, **more: str) -> Mapping[str, Any] | None:
        def take(answer: Mapping[str, Any]) -> Mapping[str, Any]:
            return {**answer, "name": answer["name"], "key": answer["key"]}

        try:
            return self._try(operation, "GET", "user", take, query={"key": key, **more})
        except JiraRefusal as refusal:
            if refusal.status == 404:
                return None
            raise refusal.plain from None
