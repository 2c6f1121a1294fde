"""Jira over HTTP, what changes an issue: assignee, transitions, fields; and the people and rights that one asks for first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from flask import request

from sandbox.emulator import Answer
from sandbox.jira.edits import EditRefusedError, assign, perform, put_fields
from sandbox.jira.model import JiraModel, JiraUser
from sandbox.jira.records import SITE, JiraIssue
from sandbox.jira.workflow import offered, transition_json

RIGHTS = ("ADMINISTER", "ADMINISTER_PROJECTS")
_MOST_PEOPLE = 200


class Face(Protocol):
    """An emulator that these operations can be registered with. vendor: whose contract its exchanges belong to."""

    vendor: str
    model: JiraModel
    bot: JiraUser

    def too_many_writes(self, issue: JiraIssue) -> Answer | None: ...
    def assignee_in(self, sent: dict[str, Any]) -> Any: ...
    def operation(
        self, name: str, method: str, path: str, *, vendor: str, query: frozenset[str] = ..., body: bool = ...
    ) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]: ...
    def on_issue(
        self, name: str, method: str, path: str, *, query: frozenset[str] = ..., body: bool = ...
    ) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]: ...


def register_edits(face: Face, base: str) -> None:
    model, vendor = face.model, face.vendor

    def edit(issue: JiraIssue, members: set[str], change: Callable[[JiraIssue, dict[str, Any]], None]) -> Answer:
        """One write: not too often, understood, and done, or refused in Jira's words."""
        if answer := face.too_many_writes(issue):
            return answer
        sent: Any = request.get_json(force=True, silent=True)
        if not isinstance(sent, dict) or set(sent) - members:
            return 400, {"errorMessages": ["Invalid request payload. Refer to the REST API documentation."], "errors": {}}
        try:
            change(issue, sent)
        except EditRefusedError as refusal:
            return refusal.status, {"errorMessages": refusal.messages, "errors": refusal.errors}
        return 204, None

    @face.on_issue("assign", "PUT", f"{base}/issue/<id_or_key>/assignee", body=True)
    def assign_issue(issue: JiraIssue) -> Answer:
        return edit(
            issue,
            {"accountId", "name", "key"},
            lambda issue, sent: assign(model, issue, face.assignee_in(sent), face.bot),
        )

    @face.on_issue("put_issue", "PUT", f"{base}/issue/<id_or_key>", query=frozenset({"notifyUsers"}), body=True)
    def put_issue(issue: JiraIssue) -> Answer:
        notify = request.args.get("notifyUsers", "true") != "false"
        return edit(
            issue,
            {"fields"},
            lambda issue, sent: put_fields(model, issue, dict(sent.get("fields") or {}), face.bot, notify=notify),
        )

    @face.on_issue("list_transitions", "GET", f"{base}/issue/<id_or_key>/transitions", query=frozenset({"expand"}))
    def list_transitions(issue: JiraIssue) -> Answer:
        with_fields = request.args.get("expand") == "transitions.fields"
        found = offered(model.workflow_of(issue.project), issue, face.bot)
        return 200, {"expand": "transitions", "transitions": [transition_json(one, with_fields=with_fields) for one in found]}

    @face.on_issue("transition", "POST", f"{base}/issue/<id_or_key>/transitions", body=True)
    def post_transition(issue: JiraIssue) -> Answer:
        def move(issue: JiraIssue, sent: dict[str, Any]) -> None:
            chosen = sent.get("transition")
            if not isinstance(chosen, dict) or not chosen.get("id"):
                raise EditRefusedError(400, "Missing 'transition' identifier")
            perform(model, issue, str(chosen["id"]), dict(sent.get("fields") or {}), face.bot)

        return edit(issue, {"transition", "fields"}, move)

    @face.operation(
        "my_permissions", "GET", f"{base}/mypermissions", vendor=vendor, query=frozenset({"permissions", "issueId"})
    )
    def my_permissions() -> Answer:
        if model.visible(request.args.get("issueId", "")) is None:
            return not_there()
        asked = [name for name in request.args.get("permissions", "").split(",") if name in RIGHTS]
        return 200, {"permissions": {name: _right(name, has_it=model.is_admin and name != RIGHTS[0]) for name in asked}}


def register_cloud_people(face: Face, base: str) -> None:
    model, vendor = face.model, face.vendor

    @face.operation(
        "search_users", "GET", f"{base}/user/search", vendor=vendor, query=frozenset({"query", "startAt", "maxResults"})
    )
    def search_users() -> Answer:
        if not request.args.get("query"):
            return 400, {"errorMessages": ["The query parameter is required."], "errors": {}}
        found = model.search_users(request.args["query"])
        return 200, [user.as_json() for user in found[: int(request.args.get("maxResults", "50"))]]

    @face.operation(
        "bulk_users", "GET", f"{base}/user/bulk", vendor=vendor, query=frozenset({"accountId", "startAt", "maxResults"})
    )
    def bulk_users() -> Answer:
        wanted = request.args.getlist("accountId")
        if not wanted:
            return 400, {"errorMessages": ["The accountId parameter is required."], "errors": {}}
        size = min(int(request.args.get("maxResults", "10")), _MOST_PEOPLE)
        found = [model.users[one].as_json() for one in dict.fromkeys(wanted) if one in model.users]
        page = {"maxResults": size, "startAt": 0, "total": len(found), "isLast": len(found) <= size}
        return 200, {**page, "values": found[:size]}

    @face.operation("user_groups", "GET", f"{base}/user/groups", vendor=vendor, query=frozenset({"accountId"}))
    def user_groups() -> Answer:
        account_id = request.args.get("accountId", "")
        if account_id not in model.users:
            return 404, {"errorMessages": ["Specified user does not exist."], "errors": {}}
        return 200, [group_json(name) for name in sorted(model.groups_of(account_id))]


def group_json(name: str) -> dict[str, str]:
    return {"name": name, "groupId": f"id-of-{name}", "self": f"{SITE}/rest/api/2/group?groupId=id-of-{name}"}


def not_there() -> Answer:
    return 404, {"errorMessages": ["Issue does not exist or you do not have permission to see it."], "errors": {}}


def _right(name: str, *, has_it: bool) -> dict[str, Any]:
    return {
        "id": str(RIGHTS.index(name)),
        "key": name,
        "name": name.replace("_", " ").capitalize(),
        "type": "GLOBAL" if name == RIGHTS[0] else "PROJECT",
        "description": "",
        "havePermission": has_it,
    }
