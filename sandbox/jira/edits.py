"""What Jira makes of an edit that comes over its API: who may, what it complains about, and how often.

One edit is one entry in the history, one webhook and one mail per watcher, however many fields it sets. It is done whole or
not at all. An edit that changes nothing is taken and leaves no trace.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sandbox.jira.model import JiraModel
from sandbox.jira.records import JiraIssue, JiraUser, item
from sandbox.jira.schema import FIELD_NAMES, FIELD_TYPES
from sandbox.jira.workflow import not_on_screen, offered, problems_with_screen

LIMITS = ((20, timedelta(seconds=2)), (100, timedelta(seconds=30)))
"""Writes to one issue, and within how long."""

TOLD_WHEN_NOT_ADMIN = "To discard the user notification either admin or project admin permissions are required."


class EditRefusedError(Exception):
    """status: of the answer. errors: field id -> why; messages: about the whole edit."""

    def __init__(self, status: int, *messages: str, errors: Mapping[str, str] | None = None) -> None:
        super().__init__(status, messages, errors)
        self.status, self.messages, self.errors = status, list(messages), dict(errors or {})

    @property
    def words(self) -> str:
        return "; ".join([*self.messages, *self.errors.values()])


def wait_before_write(model: JiraModel, issue: JiraIssue) -> float | None:
    """Count one write to the issue; seconds to wait when it is one too many, which then does not count."""
    now = model.clock.now()
    issue.writes = [at for at in issue.writes if now - at < LIMITS[-1][1]]
    for most, within in LIMITS:
        recent = [at for at in issue.writes if now - at < within]
        if len(recent) >= most:
            return (recent[-most] + within - now).total_seconds()
    issue.writes.append(now)
    return None


def put_fields(model: JiraModel, issue: JiraIssue, fields: Mapping[str, Any], by: JiraUser, *, notify: bool = True) -> None:
    """fields: as JSON. Raises EditRefusedError."""
    if not notify and not model.is_admin:
        raise EditRefusedError(403, TOLD_WHEN_NOT_ADMIN)
    errors = {name: why for name, value in fields.items() if (why := _problem(model, name, value))}
    if errors:
        raise EditRefusedError(400, errors=errors)
    new = {name: _stored(model, name, value) for name, value in fields.items()}
    changed = {name: value for name, value in new.items() if issue.fields.get(name) != value}
    if changed:
        items = [_item(name, issue.fields.get(name), value) for name, value in changed.items()]
        issue.fields |= changed
        model.changed(issue, by, items, notify=notify)


def assign(model: JiraModel, issue: JiraIssue, account: Any, by: JiraUser) -> None:
    """account: an id, None for nobody. Raises EditRefusedError."""
    user = model.users.get(str(account)) if account is not None else None
    if account is not None and user is None:
        raise EditRefusedError(400, errors={"assignee": f"User '{account}' does not exist."})
    if user and not user.active:
        raise EditRefusedError(400, errors={"assignee": f"User '{user.name}' cannot be assigned issues."})
    if (issue.assignee.account_id if issue.assignee else None) != account:
        model.assign(issue, user, by)


def perform(model: JiraModel, issue: JiraIssue, transition_id: str, fields: Mapping[str, Any], by: JiraUser) -> None:
    """Move it by a transition. Raises EditRefusedError."""
    known = offered(model.workflow_of(issue.project), issue, by)
    chosen = next((one for one in known if one.id == transition_id), None)
    if chosen is None:
        raise EditRefusedError(
            400, f"The workflow operation {transition_id} is not valid for the current state of the issue ({issue.status})."
        )
    problems = problems_with_screen(chosen, dict(fields))
    if problems:
        raise EditRefusedError(400, errors=problems)
    own = {name: value for name, value in fields.items() if name != "resolution"}
    resolution = fields.get("resolution") or {}
    model.transition(issue, chosen.to, by, resolution.get("name"))
    if own:
        put_fields(model, issue, own, by)


def _problem(model: JiraModel, name: str, value: Any) -> str:
    if name not in FIELD_NAMES or name in model.off_screen:
        return not_on_screen(name)
    if value is None:
        return ""
    match FIELD_TYPES[name]:
        case "url":
            is_one = isinstance(value, str) and urlsplit(value).scheme in ("http", "https") and bool(urlsplit(value).hostname)
            return "" if is_one else "A valid URL is required."
        case "text":
            is_fine = isinstance(value, str) and len(value) <= 32_767
            return "" if is_fine else "Operation value must be a string"
        case "datetime":
            return "" if _is_time(value) else "Operation value must be a string in the format yyyy-MM-dd'T'HH:mm:ss.SSSZ"
        case "number":
            return "" if isinstance(value, int | float) and not isinstance(value, bool) else "Operation value must be a number"
        case "user":
            return "" if _user_in(model, value) else "Specify a valid user."
        case "users":
            is_fine = isinstance(value, list) and all(_user_in(model, one) for one in value)
            return "" if is_fine else "Specify valid users."
    return "" if isinstance(value, dict | list) else "Specify a valid option."


def _stored(model: JiraModel, name: str, value: Any) -> Any:
    """As Jira shows it afterwards: what is emptied is null, people are whole."""
    if value in (None, "", []):
        return None
    if FIELD_TYPES[name] == "users":
        return [user.as_json() for one in value if (user := _user_in(model, one))]
    if FIELD_TYPES[name] == "user":
        user = _user_in(model, value)
        return user.as_json() if user else None
    return value


def _user_in(model: JiraModel, value: Any) -> JiraUser | None:
    """{"accountId"} on Cloud, {"name"} on Data Center, and nothing besides."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    if "accountId" in value:
        user = model.users.get(str(value["accountId"]))
        return user if user and not user.login else None
    return model.user_by_login(str(value.get("name")))


def _is_time(value: Any) -> bool:
    try:
        datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%f%z")
    except (TypeError, ValueError):
        return False
    return len(value) == len("2026-11-23T03:00:00.000+0000")


def _item(name: str, old: Any, new: Any) -> dict[str, Any]:
    kind = "custom" if name.startswith("customfield_") else "jira"
    return item(FIELD_NAMES[name], name, kind, *(_shown(one) for one in (old, new)), *(_id_of(one) for one in (old, new)))


def _shown(value: Any) -> str | None:
    if isinstance(value, list):
        return ", ".join(filter(None, map(_shown, value)))
    if isinstance(value, dict):
        return str(value.get("displayName") or value.get("value") or value.get("name"))
    return None if value is None else str(value)


def _id_of(value: Any) -> str | None:
    if isinstance(value, list):
        return f"[{', '.join(filter(None, map(_id_of, value)))}]"
    return str(value.get("accountId") or value.get("key") or value.get("id")) if isinstance(value, dict) else None
