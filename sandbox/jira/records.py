"""What the Jira emulator keeps, and how Jira shows it as JSON."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox.jira import schema as names

SITE = "https://example.atlassian.net"


@dataclass(frozen=True, slots=True)
class JiraUser:
    """mail_hidden: by profile privacy; the search finds them by it all the same.

    login: on Data Center only, where account_id is the key.
    """

    account_id: str
    name: str
    email: str | None = None
    active: bool = True
    app: bool = False
    mail_hidden: bool = False
    login: str = ""

    def as_json(self) -> dict[str, Any]:
        shown = {"emailAddress": self.email} if self.email and not self.mail_hidden else {}
        if self.login:
            return {
                "self": f"{SITE}/rest/api/2/user?username={self.login}",
                "name": self.login,
                "key": self.account_id,
                "avatarUrls": {},
                "displayName": self.name,
                "active": self.active,
                "timeZone": "Europe/London",
            } | shown
        body: dict[str, Any] = {
            "self": f"{SITE}/rest/api/2/user?accountId={self.account_id}",
            "accountId": self.account_id,
            "displayName": self.name,
            "active": self.active,
            "timeZone": "Europe/London",
            "accountType": "app" if self.app else "atlassian",
            "avatarUrls": {},
        }
        return body | shown


@dataclass(slots=True)
class JiraComment:
    """visibility: of what is for a role or a group only. editor: who edited it last, None for nobody."""

    id: str
    author: JiraUser
    body: str
    created: datetime
    updated: datetime
    properties: list[dict[str, Any]]
    visibility: dict[str, Any] | None = None
    editor: JiraUser | None = None


LINK_TYPES = {
    "Relates": ("10003", "relates to", "relates to"),
    "Blocks": ("10000", "is blocked by", "blocks"),
    "Duplicate": ("10002", "is duplicated by", "duplicates"),
}
"""Name -> id, and how it reads inward and outward."""


@dataclass(frozen=True, slots=True)
class JiraProject:
    """kind: "software" or "service_desk". required: fields that a new issue must bring beside the usual ones.

    links_on_create: the field of links is on the screen for new issues.
    """

    key: str
    kind: str = "software"
    issue_types: tuple[str, ...] = ("Task",)
    required: tuple[str, ...] = ()
    links_on_create: bool = True

    def id_of(self, issue_type: str) -> str:
        return str(10_100 + self.issue_types.index(issue_type))


@dataclass(frozen=True, slots=True)
class JiraLink:
    """inward, outward: ids of issues, read as "<inward> blocks <outward>". The inward one shows the other as outwardIssue."""

    id: str
    kind: str
    inward: str
    outward: str


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
    watchers: dict[str, None] = field(default_factory=dict)
    writes: list[datetime] = field(default_factory=list)
    labels_since: list[tuple[datetime, tuple[str, ...]]] = field(default_factory=list)
    deleted: bool = False
    hidden: bool = False


@dataclass(slots=True)
class Webhook:
    """One event on its way: the body as it was made then, and how often it has been tried."""

    identifier: str
    body: dict[str, Any]
    due: datetime
    tries: int = 0


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
        "updateAuthor": (comment.editor or comment.author).as_json(),
        "body": comment.body,
        "created": jira_time(comment.created),
        "updated": jira_time(comment.updated),
        "jsdPublic": not is_internal(comment),
    }
    if comment.visibility:
        body["visibility"] = comment.visibility
    return body | ({"properties": comment.properties} if properties else {})


def is_internal(comment: JiraComment) -> bool:
    return any(prop["key"] == "sd.public.comment" and prop["value"].get("internal") for prop in comment.properties)


def project_json(project: str, kind: str) -> dict[str, Any]:
    return {
        "self": f"{SITE}/rest/api/2/project/{project}",
        "id": f"1{len(project)}",
        "key": project,
        "name": project,
        "projectTypeKey": kind,
    }


def link_json(link: JiraLink, way: str, other: JiraIssue) -> dict[str, Any]:
    """way: "inward" or "outward", which the other issue is."""
    number, inward, outward = LINK_TYPES[link.kind]
    kind = {"id": number, "name": link.kind, "inward": inward, "outward": outward}
    shown = {
        "summary": other.fields["summary"],
        "status": status_json(other.status),
        "priority": {"id": "2", "name": "High", "self": f"{SITE}/p"},
        "issuetype": {"id": "10004", "name": other.issue_type, "subtask": False, "self": f"{SITE}/it"},
    }
    return {
        "id": link.id,
        "self": f"{SITE}/rest/api/2/issueLink/{link.id}",
        "type": {**kind, "self": f"{SITE}/rest/api/2/issueLinkType/{number}"},
        f"{way}Issue": {
            "id": other.id,
            "key": other.key,
            "self": f"{SITE}/rest/api/2/issue/{other.id}",
            "fields": shown,
        },
    }


def option(value: str | None) -> dict[str, str] | None:
    if value is None:
        return None
    number = sum(map(ord, value)) + 10_000
    return {"self": f"{SITE}/rest/api/2/customFieldOption/{number}", "value": value, "id": str(number)}


def item(
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
