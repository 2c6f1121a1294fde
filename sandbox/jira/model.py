"""Jira's rules without HTTP: who changed what when, what is searchable already, and which webhook tells about it.

An issue's id never changes, its key does when it moves. Every change adds to the history, moves `updated` on, and queues
one webhook. Search shows an issue as it was `lag` ago.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.ports.world import Clock
from sandbox.jira import schema as names

SITE = "https://example.atlassian.net"


@dataclass(frozen=True, slots=True)
class JiraUser:
    account_id: str
    name: str
    email: str | None = None
    active: bool = True
    app: bool = False

    def as_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "self": f"{SITE}/rest/api/2/user?accountId={self.account_id}",
            "accountId": self.account_id,
            "displayName": self.name,
            "active": self.active,
            "timeZone": "Europe/London",
            "accountType": "app" if self.app else "atlassian",
            "avatarUrls": {},
        }
        return body | ({"emailAddress": self.email} if self.email else {})


@dataclass(slots=True)
class JiraComment:
    id: str
    author: JiraUser
    body: str
    created: datetime
    updated: datetime
    properties: list[dict[str, Any]]


@dataclass(slots=True)
class JiraIssue:
    id: str
    key: str
    project: str
    issue_type: str
    created: datetime
    updated: datetime
    creator: JiraUser
    fields: dict[str, Any]
    status: str = "New"
    resolution: str | None = None
    assignee: JiraUser | None = None
    histories: list[dict[str, Any]] = field(default_factory=list)
    comments: list[JiraComment] = field(default_factory=list)
    deleted: bool = False
    hidden: bool = False


@dataclass(slots=True)
class Webhook:
    """One event on its way: the body as it was made then, and how often it has been tried."""

    identifier: str
    body: dict[str, Any]
    due: datetime
    tries: int = 0


@dataclass(slots=True)
class JiraModel:
    """lag: how far search runs behind. mails: how many notification mails Jira would have sent.

    lose, double: what happens to the next webhooks: dropped, or delivered twice.
    """

    clock: Clock
    users: dict[str, JiraUser] = field(default_factory=dict)
    issues: dict[str, JiraIssue] = field(default_factory=dict)
    lag: timedelta = timedelta()
    retry_pause: timedelta = timedelta(minutes=5)
    webhooks: list[Webhook] = field(default_factory=list)
    lose: int = 0
    double: int = 0
    mails: int = 0
    _numbers: int = 10000
    _keys: dict[str, int] = field(default_factory=dict)

    # --- what people do ----------------------------------------------------------------------------------------

    def add_user(self, user: JiraUser) -> JiraUser:
        self.users[user.account_id] = user
        return user

    def create_incident(
        self,
        by: JiraUser,
        summary: str,
        *,
        severity: int | None = 1,
        service: str | None = "Bitbucket",
        products: tuple[str, ...] = (),
        description: str = "",
        assignee: JiraUser | None = None,
        project: str = "HOT",
        issue_type: str = "Incident",
    ) -> JiraIssue:
        now = self.clock.now()
        fields = {
            "summary": summary,
            "description": description or None,
            "labels": [],
            names.SEVERITY: _option(names.SEVERITIES[severity]) if severity else None,
            names.SERVICE: _option(service),
            names.PRODUCTS: [_option(product) for product in products] or None,
            **dict.fromkeys((names.STARTED, names.DETECTED, names.ENDED, names.TECH_LEAD, names.COMMUNICATIONS)),
            **dict.fromkeys((names.CHAT_ROOM, names.VIDEO_CALL, names.DOCUMENT)),
        }
        issue = JiraIssue(self._number(), self._next_key(project), project, issue_type, now, now, by, fields, assignee=assignee)
        self.issues[issue.id] = issue
        self._ring(issue, "jira:issue_created", "issue_created", by)
        return issue

    def transition(self, issue: JiraIssue, status: str, by: JiraUser, resolution: str | None = None) -> None:
        items = [_item("status", "status", "jira", issue.status, status, status_id(issue.status), status_id(status))]
        issue.status = status
        issue.resolution = (resolution or "Done") if status == "Resolved" else None
        self._changed(issue, by, items)

    def assign(self, issue: JiraIssue, to: JiraUser | None, by: JiraUser) -> None:
        old = issue.assignee
        issue.assignee = to
        item = _item(
            "assignee", "assignee", "jira",
            old.name if old else None, to.name if to else None,
            old.account_id if old else None, to.account_id if to else None,
        )  # fmt: skip
        self._changed(issue, by, [item])

    def set_severity(self, issue: JiraIssue, severity: int, by: JiraUser) -> None:
        old, new = issue.fields[names.SEVERITY], _option(names.SEVERITIES[severity])
        assert new is not None
        issue.fields[names.SEVERITY] = new
        old_value, old_id = (old["value"], old["id"]) if old else (None, None)
        self._changed(issue, by, [_item("Severity", names.SEVERITY, "custom", old_value, new["value"], old_id, new["id"])])

    def set_service(self, issue: JiraIssue, service: str | None, by: JiraUser) -> None:
        old = issue.fields[names.SERVICE]
        issue.fields[names.SERVICE] = _option(service)
        old_value = old["value"] if old else None
        self._changed(issue, by, [_item("Faulty service", names.SERVICE, "custom", old_value, service, None, None)])

    def edit_summary(self, issue: JiraIssue, summary: str, by: JiraUser) -> None:
        old = issue.fields["summary"]
        issue.fields["summary"] = summary
        self._changed(issue, by, [_item("summary", "summary", "jira", old, summary, None, None)])

    def move(self, issue: JiraIssue, project: str, by: JiraUser) -> None:
        """To another project: the key changes, the id stays."""
        old_project, old_key = issue.project, issue.key
        issue.project, issue.key = project, self._next_key(project)
        items = [
            _item("project", "project", "jira", old_project, project, old_project, project),
            _item("Key", "Key", "jira", old_key, issue.key, None, None),
        ]
        self._changed(issue, by, items)

    def delete(self, issue: JiraIssue, by: JiraUser) -> None:
        issue.deleted = True
        self._ring(issue, "jira:issue_deleted", "issue_deleted", by)

    def comment(self, issue: JiraIssue, body: str, by: JiraUser, properties: list[dict[str, Any]] | None = None) -> JiraComment:
        now = self.clock.now()
        comment = JiraComment(self._number(), by, body, now, now, properties or [])
        issue.comments.append(comment)
        issue.updated = now
        self.mails += 0 if _is_internal(comment) else 1
        self._ring(issue, "comment_created", None, by, comment=comment)
        return comment

    def edit_comment(self, issue: JiraIssue, comment: JiraComment, body: str, by: JiraUser, *, notify: bool) -> None:
        comment.body, comment.updated = body, self.clock.now()
        issue.updated = comment.updated
        self.mails += 1 if notify else 0
        self._ring(issue, "comment_updated", None, by, comment=comment)

    # --- what can be read --------------------------------------------------------------------------------------

    def visible(self, id_or_key: str) -> JiraIssue | None:
        """By id or by key; None for what was deleted or is hidden from us."""
        found = self.issues.get(id_or_key) or next((i for i in self.issues.values() if i.key == id_or_key), None)
        return found if found and not found.deleted and not found.hidden else None

    def updated_since(self, moment: datetime, projects: set[str], types: set[str]) -> list[JiraIssue]:
        """What the search index shows: nothing that was updated less than `lag` ago, oldest first."""
        indexed = self.clock.now() - self.lag
        found = [
            issue
            for issue in self.issues.values()
            if moment <= issue.updated <= indexed
            and issue.project in projects
            and issue.issue_type in types
            and not issue.deleted
            and not issue.hidden
        ]
        return sorted(found, key=lambda issue: (issue.updated, issue.id))

    def issue_json(self, issue: JiraIssue) -> dict[str, Any]:
        """GET issue without expand, REST v2: rich text is wiki markup."""
        return {
            "expand": "renderedFields,names,schema,operations,editmeta,changelog",
            "id": issue.id,
            "self": f"{SITE}/rest/api/2/issue/{issue.id}",
            "key": issue.key,
            "fields": {
                **issue.fields,
                "issuetype": {"id": "10004", "name": issue.issue_type, "subtask": False, "self": f"{SITE}/it"},
                "project": _project_json(issue.project),
                "status": status_json(issue.status),
                "resolution": {"id": "1", "name": issue.resolution, "self": f"{SITE}/r"} if issue.resolution else None,
                "priority": {"id": "2", "name": "High", "self": f"{SITE}/p"},
                "assignee": issue.assignee.as_json() if issue.assignee else None,
                "reporter": issue.creator.as_json(),
                "creator": issue.creator.as_json(),
                "created": jira_time(issue.created),
                "updated": jira_time(issue.updated),
            },
        }

    # --- webhooks ----------------------------------------------------------------------------------------------

    def take_due_webhooks(self) -> list[Webhook]:
        """The webhooks to deliver now, off the list; hand what fails with a retried status back to `failed`."""
        now = self.clock.now()
        due = [hook for hook in self.webhooks if hook.due <= now]
        self.webhooks = [hook for hook in self.webhooks if hook.due > now]
        return due

    def failed(self, hook: Webhook, status: int) -> None:
        """Jira tries again on 408, 409, 425, 429, 5xx and silence, up to five times; every other status is final."""
        if hook.tries < 5 and (status in (0, 408, 409, 425, 429) or status >= 500):
            hook.tries += 1
            hook.due = self.clock.now() + self.retry_pause
            self.webhooks.append(hook)

    def _changed(self, issue: JiraIssue, by: JiraUser, items: list[dict[str, Any]]) -> None:
        now = self.clock.now()
        issue.updated = max(now, issue.updated + timedelta(milliseconds=1))
        entry = {"id": self._number(), "author": by.as_json(), "created": jira_time(now), "items": items}
        issue.histories.append(entry)
        self.mails += 1
        self._ring(issue, "jira:issue_updated", "issue_generic", by, changelog={"id": entry["id"], "items": items})

    def _ring(
        self,
        issue: JiraIssue,
        event: str,
        event_type: str | None,
        by: JiraUser,
        *,
        changelog: Mapping[str, Any] | None = None,
        comment: JiraComment | None = None,
    ) -> None:
        now = self.clock.now()
        whole = self.issue_json(issue)
        if comment is not None:
            # Comment events of Cloud carry the issue in part.
            kept = ("summary", "issuetype", "project", "assignee", "priority", "status")
            whole["fields"] = {name: whole["fields"][name] for name in kept}
        body: dict[str, Any] = {"timestamp": int(now.timestamp() * 1000), "webhookEvent": event}
        if event_type:
            body["issue_event_type_name"] = event_type
        body |= {"user": by.as_json(), "issue": whole}
        if changelog is not None:
            body["changelog"] = changelog
        if comment is not None:
            body["comment"] = comment_json(issue, comment)
        if self.lose > 0:
            self.lose -= 1
            return
        for _ in range(2 if self.double > 0 else 1):
            self.webhooks.append(Webhook(f"hook-{self._number()}", body, now))
        self.double = max(0, self.double - 1)

    def _number(self) -> str:
        self._numbers += 1
        return str(self._numbers)

    def _next_key(self, project: str) -> str:
        self._keys[project] = self._keys.get(project, 0) + 1
        return f"{project}-{self._keys[project]}"


def jira_time(at: datetime) -> str:
    """Jira's spelling: milliseconds, and an offset without a colon."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "+0000")


def status_id(status: str) -> str:
    return str(3 + list(names.STATUSES).index(status))


def status_json(status: str) -> dict[str, Any]:
    category = names.STATUSES[status]
    return {
        "self": f"{SITE}/rest/api/2/status/{status_id(status)}",
        "id": status_id(status),
        "name": status,
        "statusCategory": {"id": 4, "key": category, "colorName": "yellow", "name": category.title()},
    }


def comment_json(issue: JiraIssue, comment: JiraComment, *, properties: bool = False) -> dict[str, Any]:
    body: dict[str, Any] = {
        "self": f"{SITE}/rest/api/2/issue/{issue.id}/comment/{comment.id}",
        "id": comment.id,
        "author": comment.author.as_json(),
        "updateAuthor": comment.author.as_json(),
        "body": comment.body,
        "created": jira_time(comment.created),
        "updated": jira_time(comment.updated),
        "jsdPublic": not _is_internal(comment),
    }
    return body | ({"properties": comment.properties} if properties else {})


def _is_internal(comment: JiraComment) -> bool:
    return any(prop["key"] == "sd.public.comment" and prop["value"].get("internal") for prop in comment.properties)


def _project_json(project: str) -> dict[str, Any]:
    return {"self": f"{SITE}/rest/api/2/project/{project}", "id": f"1{len(project)}", "key": project, "name": project}


def _option(value: str | None) -> dict[str, str] | None:
    if value is None:
        return None
    number = sum(map(ord, value)) + 10_000
    return {"self": f"{SITE}/rest/api/2/customFieldOption/{number}", "value": value, "id": str(number)}


def _item(
    field_name: str, field_id: str, kind: str, old: str | None, new: str | None, old_id: str | None, new_id: str | None
) -> dict[str, Any]:
    return {
        "field": field_name,
        "fieldtype": kind,
        "fieldId": field_id,
        "from": old_id,
        "fromString": old,
        "to": new_id,
        "toString": new,
    }
