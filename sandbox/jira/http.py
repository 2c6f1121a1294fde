"""Jira over HTTP: the REST operations that Firebell uses, strictly, and the pump that delivers its webhooks."""

from __future__ import annotations

import base64
import hmac
import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import request

from chalicelib.ports.world import Clock
from sandbox.emulator import Answer, Emulator, Faults, Recorder
from sandbox.jira.edits import EditRefusedError, wait_before_write
from sandbox.jira.http_described import register_described, unknown_in_search
from sandbox.jira.http_edits import not_there, register_cloud_people, register_edits
from sandbox.jira.http_issues import register_issues
from sandbox.jira.issues import labelled
from sandbox.jira.model import JiraModel, JiraUser, Webhook, comment_json
from sandbox.jira.records import JiraIssue

VENDOR = "jira-v3"
HISTORIES_WITH_ISSUE = 100
UNAUTHENTICATED = {"errorMessages": ["Client must be authenticated to access this resource."], "errors": {}}
_STRING = r'"(?:[^"\\\r\n]|\\(?:["\\nrt]|u[0-9a-f]{4}))*"'
_LIST = rf"{_STRING}(?:, {_STRING})*"
_RECENT = re.compile(
    rf"project in \((?P<projects>{_LIST})\) AND issuetype in \((?P<types>{_LIST})\)"
    r" AND updated >= -(?P<minutes>\d+)m ORDER BY updated (?P<order>ASC|DESC)"
)
_LABELLED = re.compile(rf"project in \((?P<projects>{_LIST})\) AND labels in \((?P<labels>{_LIST})\) ORDER BY created ASC")
_IN_PROJECT = re.compile(r"project = (?P<project>[A-Z]+) ORDER BY created ASC")

Deliver = Callable[[str, Mapping[str, str], bytes], int]


class JiraEmulator(Emulator):
    """bot: the account behind mail and token. `pump` delivers due webhooks to hook_url, signed with hook_secret."""

    VERSIONS: tuple[str, ...] = ("2", "3")
    vendor = VENDOR

    def __init__(
        self,
        model: JiraModel,
        clock: Clock,
        *,
        bot: JiraUser,
        mail: str,
        token: str,
        hook_url: str = "",
        hook_secret: str = "",
        faults: Faults | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        super().__init__("jira", clock, faults or Faults(), recorder)
        self.model, self.bot = model, bot
        self._expected = "Basic " + base64.b64encode(f"{mail}:{token}".encode()).decode()
        self.hook_url, self._hook_secret = hook_url, hook_secret
        for version in self.VERSIONS:
            self._register(f"/rest/api/{version}")
            register_edits(self, f"/rest/api/{version}")
            register_issues(self, f"/rest/api/{version}")
            register_described(self, f"/rest/api/{version}")
            self._register_people(f"/rest/api/{version}")
            self._register_myself(f"/rest/api/{version}")

    def pump(self, deliver: Deliver) -> None:
        """Deliver what is due; what the receiver did not take is tried again as Jira does."""
        for hook in self.model.take_due_webhooks():
            status = deliver(self.hook_url, self.headers_of(hook), webhook_body(hook))
            if not 200 <= status < 300:
                self.model.failed(hook, status)

    def body_of(self, hook: Webhook) -> bytes:
        return webhook_body(hook)

    def headers_of(self, hook: Webhook) -> dict[str, str]:
        return webhook_headers(hook, webhook_body(hook), self._hook_secret)

    def denied(self) -> Answer | None:
        told = request.headers.get("Authorization")
        return (
            None if told == self._expected else self.to_nobody({"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"} if told else {})
        )

    def to_nobody(self, headers: Mapping[str, str]) -> Answer:
        """Cloud takes whoever cannot be signed in for a visitor, to whom no project is open here. Only a header tells."""
        if request.path.endswith("/search/jql"):
            return 200, {"issues": [], "isLast": True}, headers
        if "id_or_key" in (request.view_args or {}):
            return *not_there()[:2], headers
        return 401, UNAUTHENTICATED, headers

    def on_issue(
        self, name: str, method: str, path: str, *, query: frozenset[str] = frozenset(), body: bool = False
    ) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
        """An operation on one issue, named in the path by <id_or_key>: its handler gets the issue, if the bot may see it."""

        def register(handler: Callable[..., Answer]) -> Callable[..., Answer]:
            def found(id_or_key: str, **others: str) -> Answer:
                issue = self.model.visible(id_or_key)
                return not_there() if issue is None else handler(issue, **others)

            self.operation(name, method, path, vendor=self.vendor, query=query, body=body)(found)
            return handler

        return register

    def assignee_in(self, sent: dict[str, Any]) -> str | None:
        if set(sent) != {"accountId"}:
            raise EditRefusedError(400, "accountId is required, and nothing else.")
        account: str | None = sent["accountId"]
        return account

    def _register_people(self, base: str) -> None:
        register_cloud_people(self, base)

    def _register_myself(self, base: str) -> None:
        @self.operation("myself", "GET", f"{base}/myself", vendor=self.vendor)
        def myself() -> Answer:
            return 200, self.bot.as_json()

    def too_many_writes(self, issue: JiraIssue) -> Answer | None:
        """Count one write to the issue; the 429 when it is one too many."""
        wait_s = wait_before_write(self.model, issue)
        if wait_s is None:
            return None
        headers = {
            "Retry-After": str(math.ceil(wait_s)),
            "RateLimit-Reason": "jira-per-issue-on-write",
            "X-RateLimit-Reset": (self.clock.now() + timedelta(seconds=wait_s)).isoformat(timespec="seconds"),
        }
        return 429, {"errorMessages": ["Rate limit exceeded."], "errors": {}}, headers

    def _register(self, base: str) -> None:
        model = self.model

        @self.on_issue("get_issue", "GET", f"{base}/issue/<id_or_key>", query=frozenset({"expand", "fields"}))
        def get_issue(issue: JiraIssue) -> Answer:
            body = issue_shown(model, issue)
            if "changelog" in request.args.get("expand", ""):
                shown = list(reversed(issue.histories))[:HISTORIES_WITH_ISSUE]
                total = len(issue.histories)
                body["changelog"] = {"startAt": 0, "maxResults": len(shown), "total": total, "histories": shown}
            return 200, body

        @self.on_issue(
            "get_changelog", "GET", f"{base}/issue/<id_or_key>/changelog",
            query=frozenset({"startAt", "maxResults"}),
        )  # fmt: skip
        def get_changelog(issue: JiraIssue) -> Answer:
            start, size = int(request.args.get("startAt", "0")), min(int(request.args.get("maxResults", "100")), 100)
            values = issue.histories[start : start + size]
            total = len(issue.histories)
            page = {"startAt": start, "maxResults": size, "total": total, "isLast": start + size >= total, "values": values}
            return 200, page

        @self.operation("search", "POST", f"{base}/search/jql", vendor=VENDOR, body=True)
        def search() -> Answer:
            return self._search(request.get_json(force=True, silent=True))

        @self.operation("old_search", "POST", f"{base}/search", vendor=VENDOR, body=True, is_open=True)
        def old_search() -> Answer:
            return 410, {"errorMessages": ["The requested API has been removed. Use /rest/api/3/search/jql."], "errors": {}}

        @self.on_issue(
            "list_comments", "GET", f"{base}/issue/<id_or_key>/comment",
            query=frozenset({"expand", "startAt", "maxResults"}),
        )  # fmt: skip
        def list_comments(issue: JiraIssue) -> Answer:
            start, size = int(request.args.get("startAt", "0")), min(int(request.args.get("maxResults", "50")), 100)
            wanted = "properties" in request.args.get("expand", "")
            shown = [comment_json(issue, c, properties=wanted) for c in issue.comments[start : start + size]]
            return 200, {"startAt": start, "maxResults": size, "total": len(issue.comments), "comments": shown}

        @self.on_issue("add_comment", "POST", f"{base}/issue/<id_or_key>/comment", body=True)
        def add_comment(issue: JiraIssue) -> Answer:
            if answer := self.too_many_writes(issue):
                return answer
            sent: Any = request.get_json(force=True, silent=True)
            if problem := problem_with_comment(sent):
                return 400, {"errorMessages": [], "errors": {"comment": problem}}
            comment = model.comment(issue, sent["body"], self.bot, list(sent.get("properties", ())))
            return 201, comment_json(issue, comment)

        self._register_one_comment(base)

    def _register_one_comment(self, base: str) -> None:
        model = self.model

        @self.on_issue(
            "get_comment", "GET", f"{base}/issue/<id_or_key>/comment/<comment_id>", query=frozenset({"expand"}),
        )  # fmt: skip
        def get_comment(issue: JiraIssue, comment_id: str) -> Answer:
            comment = next((c for c in issue.comments if c.id == comment_id), None)
            return no_comment(comment_id) if comment is None else (200, comment_json(issue, comment))

        @self.on_issue(
            "edit_comment", "PUT", f"{base}/issue/<id_or_key>/comment/<comment_id>",
            query=frozenset({"notifyUsers"}), body=True,
        )  # fmt: skip
        def edit_comment(issue: JiraIssue, comment_id: str) -> Answer:
            comment = next((c for c in issue.comments if c.id == comment_id), None)
            if comment is None:
                return no_comment(comment_id)
            if answer := self.too_many_writes(issue):
                return answer
            sent: Any = request.get_json(force=True, silent=True)
            if problem := problem_with_comment(sent):
                return 400, {"errorMessages": [], "errors": {"comment": problem}}
            notify = request.args.get("notifyUsers", "true") != "false"
            model.edit_comment(issue, comment, sent["body"], self.bot, notify=notify)
            return 200, comment_json(issue, comment)

    def _search(self, body: Any) -> Answer:
        if not isinstance(body, dict) or set(body) - {"jql", "fields", "maxResults", "nextPageToken", "reconcileIssues"}:
            return 400, {"errorMessages": ["unknown members in the search"], "errors": {}}
        try:
            found = issues_found(self.model, str(body.get("jql")), self.clock.now())
        except EditRefusedError as refusal:
            return refusal.status, {"errorMessages": refusal.messages, "errors": {}}
        start, size = int(body.get("nextPageToken") or 0), min(int(body.get("maxResults", 50)), 100)
        shown = [self._shown(issue_json, body) for issue_json in map(self.model.issue_json, found[start : start + size])]
        page: dict[str, Any] = {"issues": shown, "isLast": start + size >= len(found)}
        if not page["isLast"]:
            page["nextPageToken"] = str(start + size)
        return 200, page

    def _shown(self, issue: dict[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
        """Only the fields asked for; without any, only the id, as the real search does."""
        if not body.get("fields"):
            return {"id": issue["id"]}
        fields = {name: value for name, value in issue["fields"].items() if name in body["fields"]}
        return {"id": issue["id"], "key": issue["key"], "self": issue["self"], "fields": fields}


def issue_shown(model: JiraModel, issue: JiraIssue) -> dict[str, Any]:
    """Every field of it, or those that were asked for."""
    body, asked = model.issue_json(issue), request.args.get("fields")
    if asked is None:
        return body
    return body | {"fields": {name: body["fields"].get(name) for name in asked.split(",")}}


def issues_found(model: JiraModel, jql: str, now: datetime) -> list[JiraIssue]:
    """What the kinds of JQL find that Firebell asks, and one that people do. Raises EditRefusedError for any other."""
    if match := _LABELLED.fullmatch(jql):
        return labelled(model, _names(match["projects"]), _names(match["labels"]))
    if match := _RECENT.fullmatch(jql):
        since = now - timedelta(minutes=int(match["minutes"]))
        projects, types = _names(match["projects"]), _names(match["types"])
        if unknown := unknown_in_search(model, projects, types):
            raise EditRefusedError(400, unknown)
        found = model.updated_since(since, set(projects), set(types))
        return found if match["order"] == "ASC" else found[::-1]
    if match := _IN_PROJECT.fullmatch(jql):
        return sorted((one for one in model.issues.values() if one.project == match["project"]), key=lambda one: one.created)
    raise EditRefusedError(400, f"Error in the JQL Query: {jql!r}")


def webhook_body(hook: Webhook) -> bytes:
    return json.dumps(hook.body, ensure_ascii=False).encode()


def webhook_headers(hook: Webhook, body: bytes, secret: str) -> dict[str, str]:
    """As Jira signs and numbers what it sends; a retry says so."""
    digest = hmac.digest(secret.encode(), body, "sha256").hex()
    headers = {
        "Content-Type": "application/json; charset=UTF-8",
        "X-Hub-Signature": f"sha256={digest}",
        "X-Atlassian-Webhook-Identifier": hook.identifier,
        "X-Atlassian-Webhook-Flow": "Primary",
    }
    return headers | ({"X-Atlassian-Webhook-Retry": str(hook.tries)} if hook.tries else {})


def _names(listed: str) -> list[str]:
    """What the strings of a list say: JQL spells them as JSON does."""
    return [json.loads(one) for one in re.findall(_STRING, listed)]


def no_comment(comment_id: str) -> Answer:
    """Of an issue that may be seen."""
    return 404, {"errorMessages": [f"Can not find a comment for the id: {comment_id}."], "errors": {}}


def problem_with_comment(sent: Any) -> str:
    if not isinstance(sent, dict) or set(sent) - {"body", "properties", "visibility"}:
        return "unknown members"
    if not isinstance(sent.get("body"), str) or not sent["body"].strip():
        return "Comment body can not be empty!"
    return "The entered text is too long." if len(sent["body"]) > 32_767 else ""
