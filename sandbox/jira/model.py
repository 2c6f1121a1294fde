"""Jira's rules without HTTP: who changed what when, what is searchable already, and which webhook tells about it.

An issue's id never changes, its key does when it moves. Every change adds to the history, moves `updated` on, and queues
one webhook. Search shows an issue as it was `lag` ago.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from chalicelib.ports.world import Clock
from sandbox.jira import schema as names
from sandbox.jira.records import (
    SITE,
    JiraComment,
    JiraIssue,
    JiraLink,
    JiraProject,
    JiraUser,
    Webhook,
    comment_json,
    is_internal,
    item,
    jira_time,
    link_json,
    option,
    project_json,
    status_id,
    status_json,
)
from sandbox.jira.workflow import Workflow, default_workflow

__all__ = ["JiraComment", "JiraIssue", "JiraModel", "JiraUser", "Webhook", "comment_json"]


@dataclass(slots=True)
class JiraModel:
    """lag: how far search runs behind. mails_to: account id -> how many notification mails Jira would have sent them.
    mailed: (about which issue, because of whom, to whom) of each.

    lose, double: what happens to the next webhooks: dropped, or delivered twice.
    is_admin: whether Firebell's account administers the project. off_screen: fields that are not on the edit screen.
    groups: name -> account ids of its members.
    projects: those of other issues than incidents, by key.
    """

    clock: Clock
    users: dict[str, JiraUser] = field(default_factory=dict)
    issues: dict[str, JiraIssue] = field(default_factory=dict)
    lag: timedelta = timedelta()
    retry_pause: timedelta = timedelta(minutes=5)
    webhooks: list[Webhook] = field(default_factory=list)
    lose: int = 0
    double: int = 0
    mails_to: dict[str, int] = field(default_factory=dict)
    mailed: list[tuple[str, str, str]] = field(default_factory=list)
    people_changed: int = 0
    is_admin: bool = True
    off_screen: set[str] = field(default_factory=set)
    workflows: dict[str, Workflow] = field(default_factory=dict)
    groups: dict[str, set[str]] = field(default_factory=dict)
    projects: dict[str, JiraProject] = field(default_factory=dict)
    links: list[JiraLink] = field(default_factory=list)
    _numbers: int = 10000
    _keys: dict[str, int] = field(default_factory=dict)

    # --- what people do ----------------------------------------------------------------------------------------

    def add_user(self, user: JiraUser) -> JiraUser:
        self.users[user.account_id] = user
        return user

    def deactivate(self, account_id: str) -> None:
        self.users[account_id] = replace(self.users[account_id], active=False)
        self.people_changed += 1

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
        fields = {
            "summary": summary,
            "description": description or None,
            "labels": [],
            names.SEVERITY: option(names.SEVERITIES[severity]) if severity else None,
            names.SERVICE: option(service),
            names.PRODUCTS: [option(product) for product in products] or None,
            "security": None,
            **dict.fromkeys(names.EMPTY_AT_FIRST),
        }
        return self._begin(project, issue_type, fields, by, assignee)

    def add_issue(self, project: str, issue_type: str, fields: Mapping[str, Any], by: JiraUser) -> JiraIssue:
        """Any other issue. fields: what it holds beside what every issue has."""
        return self._begin(project, issue_type, {"description": None, "labels": [], "security": None, **fields}, by, None)

    def _begin(
        self, project: str, issue_type: str, fields: dict[str, Any], by: JiraUser, assignee: JiraUser | None
    ) -> JiraIssue:
        now = self.clock.now()
        issue = JiraIssue(self._number(), self._next_key(project), project, issue_type, now, now, by, fields, assignee=assignee)
        self.issues[issue.id] = issue
        self._watched_by(issue, by)
        self._mail(issue, by)
        self._ring(issue, "jira:issue_created", "issue_created", by)
        return issue

    def add_link(self, link: JiraLink, by: JiraUser) -> None:
        """Both issues change, and nobody is mailed."""
        self.links.append(replace(link, id=self._number()))
        ends = self.issues[link.inward], self.issues[link.outward]
        for issue, other in (ends, ends[::-1]):
            told = f"This issue is linked to {other.key}"
            self.changed(issue, by, [item("Link", "Link", "jira", None, told, None, other.key)], notify=False)

    def transition(self, issue: JiraIssue, status: str, by: JiraUser, resolution: str | None = None) -> None:
        items = [item("status", "status", "jira", issue.status, status, status_id(issue.status), status_id(status))]
        issue.status = status
        issue.resolution = (resolution or "Done") if status == "Resolved" else None
        self.changed(issue, by, items)

    def assign(self, issue: JiraIssue, to: JiraUser | None, by: JiraUser) -> None:
        old = issue.assignee
        issue.assignee = to
        change = item(
            "assignee", "assignee", "jira",
            old.name if old else None, to.name if to else None,
            old.account_id if old else None, to.account_id if to else None,
        )  # fmt: skip
        self.changed(issue, by, [change])

    def set_severity(self, issue: JiraIssue, severity: int, by: JiraUser) -> None:
        old, new = issue.fields[names.SEVERITY], option(names.SEVERITIES[severity])
        assert new is not None
        issue.fields[names.SEVERITY] = new
        old_value, old_id = (old["value"], old["id"]) if old else (None, None)
        self.changed(issue, by, [item("Severity", names.SEVERITY, "custom", old_value, new["value"], old_id, new["id"])])

    def set_service(self, issue: JiraIssue, service: str | None, by: JiraUser) -> None:
        old = issue.fields[names.SERVICE]
        issue.fields[names.SERVICE] = option(service)
        old_value = old["value"] if old else None
        self.changed(issue, by, [item("Faulty service", names.SERVICE, "custom", old_value, service, None, None)])

    def edit_summary(self, issue: JiraIssue, summary: str, by: JiraUser) -> None:
        old = issue.fields["summary"]
        issue.fields["summary"] = summary
        self.changed(issue, by, [item("summary", "summary", "jira", old, summary, None, None)])

    def set_field(self, issue: JiraIssue, name: str, value: Any, by: JiraUser) -> None:
        """Any other field, by hand; value: as Jira shows it."""
        old = issue.fields.get(name)
        issue.fields[name] = value
        before, after = (None if one is None else str(one) for one in (old, value))
        self.changed(issue, by, [item(names.FIELD_NAMES.get(name, name), name, "custom", before, after, None, None)])

    def move(self, issue: JiraIssue, project: str, by: JiraUser) -> None:
        """To another project: the key changes, the id stays."""
        old_project, old_key = issue.project, issue.key
        issue.project, issue.key = project, self._next_key(project)
        items = [
            item("project", "project", "jira", old_project, project, old_project, project),
            item("Key", "Key", "jira", old_key, issue.key, None, None),
        ]
        self.changed(issue, by, items)

    def delete(self, issue: JiraIssue, by: JiraUser) -> None:
        issue.deleted = True
        self._ring(issue, "jira:issue_deleted", "issue_deleted", by)

    def comment(self, issue: JiraIssue, body: str, by: JiraUser, properties: list[dict[str, Any]] | None = None) -> JiraComment:
        now = self.clock.now()
        comment = JiraComment(self._number(), by, body, now, now, properties or [])
        issue.comments.append(comment)
        issue.updated = max(now, issue.updated)
        self._watched_by(issue, by)
        if not is_internal(comment):
            self._mail(issue, by)
        self._ring(issue, "comment_created", None, by, comment=comment)
        return comment

    def edit_comment(self, issue: JiraIssue, comment: JiraComment, body: str, by: JiraUser, *, notify: bool) -> None:
        comment.body, comment.updated, comment.editor = body, self.clock.now(), by
        issue.updated = max(comment.updated, issue.updated)
        if notify:
            self._mail(issue, by)
        self._ring(issue, "comment_updated", None, by, comment=comment)

    def delete_comment(self, issue: JiraIssue, comment: JiraComment, by: JiraUser) -> None:
        issue.comments.remove(comment)
        issue.updated = max(self.clock.now(), issue.updated + timedelta(milliseconds=1))
        self._ring(issue, "comment_deleted", None, by, comment=comment)

    @property
    def mails(self) -> int:
        return sum(self.mails_to.values())

    def mails_by(self, issue: JiraIssue, by: JiraUser) -> Counter[str]:
        """Account id -> the mails they got about this issue because of what `by` did."""
        return Counter(to for about, cause, to in self.mailed if (about, cause) == (issue.id, by.account_id))

    # --- what can be read --------------------------------------------------------------------------------------

    def visible(self, id_or_key: str) -> JiraIssue | None:
        """By id or by key; None for what was deleted or is hidden from us."""
        found = self.issues.get(id_or_key) or next((i for i in self.issues.values() if i.key == id_or_key), None)
        return found if found and not found.deleted and not found.hidden else None

    def user_by_login(self, login: str) -> JiraUser | None:
        return next((user for user in self.users.values() if user.login and user.login == login), None)

    def groups_of(self, account_id: str) -> frozenset[str]:
        return frozenset(name for name, members in self.groups.items() if account_id in members)

    def search_users(self, text: str) -> list[JiraUser]:
        """Active people one of whose names, or whose address or login, begins with the text; hidden addresses count too."""
        start = text.strip().casefold()
        return [
            user
            for user in self.users.values()
            if user.active
            and start
            and any(word.casefold().startswith(start) for word in (*user.name.split(), user.name, user.email or "", user.login))
        ]

    def workflow_of(self, project: str) -> Workflow:
        return self.workflows.get(project) or default_workflow(project)

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
                **{name: self._as_now(value) for name, value in issue.fields.items()},
                "issuetype": {"id": "10004", "name": issue.issue_type, "subtask": False, "self": f"{SITE}/it"},
                "project": project_json(issue.project, self._kind_of(issue.project)),
                "status": status_json(issue.status),
                "resolution": {"id": "1", "name": issue.resolution, "self": f"{SITE}/r"} if issue.resolution else None,
                "priority": {"id": "2", "name": "High", "self": f"{SITE}/p"},
                "assignee": self._user_now(issue.assignee).as_json() if issue.assignee else None,
                "reporter": self._user_now(issue.creator).as_json(),
                "creator": self._user_now(issue.creator).as_json(),
                "created": jira_time(issue.created),
                "updated": jira_time(issue.updated),
                "issuelinks": self._links_of(issue),
            },
        }

    def beside(self, issue: JiraIssue) -> list[datetime]:
        """When each issue that it is linked to was changed last: what is shown of them changes with that."""
        links = ((link.inward, link.outward) for link in self.links)
        return [self.issues[ends[1 - ends.index(issue.id)]].updated for ends in links if issue.id in ends]

    def _kind_of(self, project: str) -> str:
        return self.projects[project].kind if project in self.projects else "service_desk"

    def _links_of(self, issue: JiraIssue) -> list[dict[str, Any]]:
        """To issues that we may see."""
        ends = [(link, "outward", link.outward) for link in self.links if link.inward == issue.id]
        ends += [(link, "inward", link.inward) for link in self.links if link.outward == issue.id]
        return [link_json(link, way, other) for link, way, id_ in ends if (other := self.visible(id_))]

    def _user_now(self, user: JiraUser) -> JiraUser:
        return self.users.get(user.account_id, user)

    def _as_now(self, value: Any) -> Any:
        """People in fields as they are now: since they were picked they may have been deactivated."""
        if isinstance(value, list):
            return [self._as_now(one) for one in value]
        if isinstance(value, dict):
            user = self.users.get(str(value.get("accountId") or value.get("key")))
            return user.as_json() if user else value
        return value

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

    def changed(self, issue: JiraIssue, by: JiraUser, items: list[dict[str, Any]], *, notify: bool = True) -> None:
        """The issue was changed just now: history, webhook, mails."""
        now = self.clock.now()
        issue.updated = max(now, issue.updated + timedelta(milliseconds=1))
        entry = {"id": self._number(), "author": by.as_json(), "created": jira_time(now), "items": items}
        issue.histories.append(entry)
        if notify:
            self._mail(issue, by)
        self._ring(issue, "jira:issue_updated", "issue_generic", by, changelog={"id": entry["id"], "items": items})

    def _watched_by(self, issue: JiraIssue, user: JiraUser) -> None:
        """Whoever creates an issue or comments on it watches it from then on."""
        if not user.app:
            issue.watchers[user.account_id] = None

    def _mail(self, issue: JiraIssue, by: JiraUser) -> None:
        """One mail each to watchers, reporter and assignee; nobody is told of what they did themselves."""
        told = {*issue.watchers, issue.creator.account_id, *([issue.assignee.account_id] if issue.assignee else [])}
        for account_id in sorted(told - {by.account_id}):
            user = self.users.get(account_id)
            if user is None or (user.active and not user.app):
                self.mails_to[account_id] = self.mails_to.get(account_id, 0) + 1
                self.mailed.append((issue.id, by.account_id, account_id))

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
