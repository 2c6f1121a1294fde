"""Jira Data Center: the same rules behind REST v2 alone, a personal access token, the old search, and login names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request

from chalicelib.ports.world import Clock
from sandbox.emulator import Answer, Faults
from sandbox.jira.edits import EditRefusedError
from sandbox.jira.http import UNAUTHENTICATED, JiraEmulator, issue_shown, issues_found, no_comment, problem_with_comment
from sandbox.jira.model import JiraModel, JiraUser, comment_json
from sandbox.jira.records import JiraIssue
from sandbox.jira.schema import FIELD_NAMES


class JiraDataCenterEmulator(JiraEmulator):
    """bot and everybody else have a `login`. token: of the bot."""

    VERSIONS = ("2",)
    vendor = "jira-data-center"

    def __init__(self, model: JiraModel, clock: Clock, *, bot: JiraUser, token: str, faults: Faults | None = None) -> None:
        super().__init__(model, clock, bot=bot, mail="", token=token, faults=faults)
        self._expected = f"Bearer {token}"

    def to_nobody(self, headers: Mapping[str, str]) -> Answer:
        return 401, UNAUTHENTICATED, headers

    def assignee_in(self, sent: dict[str, Any]) -> str | None:
        if set(sent) != {"name"}:
            raise EditRefusedError(400, "name is required, and nothing else.")
        if sent["name"] is None:
            return None
        user = self.model.user_by_login(str(sent["name"]))
        return user.account_id if user else str(sent["name"])

    def _register(self, base: str) -> None:
        model, vendor = self.model, self.vendor

        @self.on_issue("get_issue", "GET", f"{base}/issue/<id_or_key>", query=frozenset({"expand", "fields"}))
        def get_issue(issue: JiraIssue) -> Answer:
            total = len(issue.histories)
            histories = [entry | {"items": list(map(_by_name, entry["items"]))} for entry in issue.histories]
            more = {
                "changelog": {"startAt": 0, "maxResults": total, "total": total, "histories": histories},
                "names": FIELD_NAMES,
            }
            asked = request.args.get("expand", "").split(",")
            return 200, issue_shown(model, issue) | {name: value for name, value in more.items() if name in asked}

        @self.operation("search", "POST", f"{base}/search", vendor=vendor, body=True)
        def search() -> Answer:
            body: Any = request.get_json(force=True, silent=True)
            if not isinstance(body, dict) or set(body) - {"jql", "fields", "startAt", "maxResults"}:
                return 400, {"errorMessages": ["unknown members in the search"], "errors": {}}
            try:
                found = issues_found(model, str(body.get("jql")), self.clock.now())
            except EditRefusedError as refusal:
                return refusal.status, {"errorMessages": refusal.messages, "errors": {}}
            start, size = int(body.get("startAt", 0)), min(int(body.get("maxResults", 50)), 1000)
            shown = [self._shown(model.issue_json(one), body) for one in found[start : start + size]]
            return 200, {"startAt": start, "maxResults": size, "total": len(found), "issues": shown}

        self._register_comments(base)

    def _register_comments(self, base: str) -> None:
        model, vendor = self.model, self.vendor

        @self.on_issue("list_comments", "GET", f"{base}/issue/<id_or_key>/comment")
        def list_comments(issue: JiraIssue) -> Answer:
            return 200, {"total": len(issue.comments), "comments": [comment_json(issue, one) for one in issue.comments]}

        @self.on_issue("add_comment", "POST", f"{base}/issue/<id_or_key>/comment", body=True)
        def add_comment(issue: JiraIssue) -> Answer:
            sent: Any = request.get_json(force=True, silent=True)
            if problem := problem_with_comment(sent):
                return 400, {"errorMessages": [], "errors": {"comment": problem}}
            made = model.comment(issue, sent["body"], self.bot, list(sent.get("properties", ())))
            return 201, comment_json(issue, made)

        self._register_one_comment(base)

        @self.operation("list_properties", "GET", f"{base}/comment/<comment_id>/properties", vendor=vendor)
        def list_properties(comment_id: str) -> Answer:
            found = self._properties_of(comment_id)
            if found is None:
                return no_comment(comment_id)
            return 200, {"keys": [{"self": "", "key": one["key"]} for one in found]}

        @self.operation("get_property", "GET", f"{base}/comment/<comment_id>/properties/<key>", vendor=vendor)
        def get_property(comment_id: str, key: str) -> Answer:
            found = next((one for one in self._properties_of(comment_id) or () if one["key"] == key), None)
            return (200, found) if found else (404, {"errorMessages": ["The property does not exist."], "errors": {}})

    def _properties_of(self, comment_id: str) -> list[dict[str, Any]] | None:
        """None where there is no such comment that we may see."""
        visible = (issue for issue in self.model.issues.values() if self.model.visible(issue.id) is issue)
        everywhere = (comment for issue in visible for comment in issue.comments)
        return next((comment.properties for comment in everywhere if comment.id == comment_id), None)

    def _register_people(self, base: str) -> None:
        model, vendor = self.model, self.vendor

        @self.operation(
            "search_users", "GET", f"{base}/user/search", vendor=vendor, query=frozenset({"username", "maxResults"})
        )
        def search_users() -> Answer:
            found = model.search_users(request.args.get("username", ""))
            return 200, [user.as_json() for user in found[: int(request.args.get("maxResults", "50"))]]

        @self.operation("get_user", "GET", f"{base}/user", vendor=vendor, query=frozenset({"key", "username", "expand"}))
        def get_user() -> Answer:
            user = model.users.get(request.args.get("key", "")) or model.user_by_login(request.args.get("username", ""))
            if user is None:
                return 404, {"errorMessages": ["The user does not exist."], "errors": {}}
            groups = sorted(model.groups_of(user.account_id))
            items = [{"name": name, "self": ""} for name in groups] if request.args.get("expand") == "groups" else []
            return 200, user.as_json() | {"groups": {"size": len(groups), "items": items}}


def _by_name(item: dict[str, Any]) -> dict[str, Any]:
    """Histories give no ids of fields."""
    return {name: value for name, value in item.items() if name != "fieldId"}
