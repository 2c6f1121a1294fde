"""Issues that are no incidents, at Jira: cases of support that are counted, and the one that reviews an incident.

A new issue is made together with its link where the project allows that: then the incident itself, which is never stale,
leads to what a lost answer left behind, and nobody has to wait for the search.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from chalicelib.adapters.jira_edits import JiraEdits
from chalicelib.adapters.jira_session import VENDOR, JiraRefusal
from chalicelib.adapters.jql import quoted
from chalicelib.domain.incident import IssueId, IssueKey
from chalicelib.domain.text import cut, one_line
from chalicelib.errors import PermanentError
from chalicelib.ports.tickets import Found, FoundIssue, LinkTo, NewIssue, Refused

T = TypeVar("T")

SUMMARY_LIMIT, DESCRIPTION_LIMIT = 255, 32_767
LINKS = "issuelinks"


class JiraIssues(JiraEdits):
    @abstractmethod
    def _search(self, jql: str, fields: Sequence[str], take: Callable[[Mapping[str, Any]], T]) -> Iterator[T]:
        """What `take` makes of every issue that the query finds, page by page; raises rather than ending early."""

    def find_issues(self, projects: Collection[str], labels: Collection[str]) -> Found:
        jql = f"project in ({quoted(projects)}) AND labels in ({quoted(labels)}) ORDER BY created ASC"

        def take(issue: Mapping[str, Any]) -> FoundIssue:
            return self._found(issue, takes_secrets=issue["fields"]["project"].get("projectTypeKey") == "service_desk")

        # Two pages may show the same issue, when one before it lost its label in between.
        issues = {issue.id: issue for issue in self._search(jql, ["project"], take)}
        return Found(tuple(issues.values()), f"{self._schema.site.rstrip('/')}/issues/?jql={quote(jql, safe='')}")

    def find_linked(self, issue_id: IssueId, project: str, label: str) -> FoundIssue | None:
        def keys(issue: Mapping[str, Any]) -> list[str]:
            others = (link.get("outwardIssue") or link.get("inwardIssue") for link in issue["fields"][LINKS])
            return [str(other["key"]) for other in others if str(other["key"]).rpartition("-")[0] == project]

        def if_labelled(issue: Mapping[str, Any]) -> FoundIssue | None:
            return self._created(issue) if label in issue["fields"]["labels"] else None

        for key in self._see("find_linked", issue_id, keys, LINKS):
            if found := self._of_linked(key, if_labelled, "labels"):
                return found
        return None

    def _of_linked(self, key: str, take: Callable[[Mapping[str, Any]], T], fields: str) -> T | None:
        """None where it is gone since: Jira shows no link to what we may not see."""
        try:
            return self._call("find_linked", "GET", f"issue/{key}", take, query={"fields": fields})
        except PermanentError as error:
            if error.message.startswith("404"):
                return None
            raise

    def create_issue(self, new: NewIssue) -> FoundIssue:
        """Never an incident: whoever set the wrong type is told, and nobody is paged for it."""
        if self._schema.may_be_incident(new.project, new.issue_type):
            raise PermanentError(VENDOR, "create_issue", f"{new.issue_type} in {new.project} may be an incident itself")
        fields = {
            "project": {"key": new.project},
            "issuetype": {"id": new.issue_type} if new.issue_type.isdecimal() else {"name": new.issue_type},
            "summary": cut(one_line(new.summary), SUMMARY_LIMIT),
            "description": cut(new.description, DESCRIPTION_LIMIT),
            "labels": [new.label],
        }
        link = {"type": {"name": new.linked.kind}, "inwardIssue": {"key": new.linked.key}}
        try:
            return self._create({"fields": fields, "update": {LINKS: [{"add": link}]}})
        except JiraRefusal as refusal:
            if set(refusal.errors) != {LINKS}:
                raise refusal.plain from None
        # The field of links is not on the screen for new issues, or there is no such type: `link_issue` tells which.
        try:
            return self._create({"fields": fields})
        except JiraRefusal as refusal:
            raise refusal.plain from None

    def link_issue(self, issue_id: IssueId, to: LinkTo) -> Refused | None:
        """Jira says of a link that there is already that it was made, and makes none; but a request saved is one less that
        can fail."""
        if self._is_linked(issue_id, to):
            return None
        body = {"type": {"name": to.kind}, "inwardIssue": {"key": to.key}, "outwardIssue": {"id": issue_id}}
        try:
            self._try("link_issue", "POST", "issueLink", lambda _: None, body=body)
        except JiraRefusal as refusal:
            if refusal.status not in (400, 404):
                raise refusal.plain from None
            if refusal.status == 404:
                self._see("link_issue", to.key, lambda issue: issue["id"], "updated")
            return Refused(refusal.words)
        return None

    def _is_linked(self, issue_id: IssueId, to: LinkTo) -> bool:
        """Whichever way a human turned it."""

        def look(issue: Mapping[str, Any]) -> bool:
            links = issue["fields"][LINKS]
            ends = ((link["type"]["name"], link.get("inwardIssue") or link["outwardIssue"]) for link in links)
            return any((kind, other["key"]) == (to.kind, to.key) for kind, other in ends)

        return self._call("link_issue", "GET", f"issue/{issue_id}", look, query={"fields": LINKS})

    def _create(self, body: Mapping[str, Any]) -> FoundIssue:
        return self._try("create_issue", "POST", "issue", self._created, body=body)

    def _created(self, issue: Mapping[str, Any]) -> FoundIssue:
        return self._found(issue, takes_secrets=False)

    def _found(self, issue: Mapping[str, Any], *, takes_secrets: bool) -> FoundIssue:
        key = str(issue["key"])
        url = f"{self._schema.site.rstrip('/')}/browse/{key}"
        return FoundIssue(IssueId(str(issue["id"])), IssueKey(key), url, takes_secrets)
