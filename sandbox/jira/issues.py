"""Issues that are no incidents: how they are made over Jira's API, linked to others, labelled, and found by their labels.

The index shows the labels that an issue had `lag` ago.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.jira.edits import EditRefusedError
from sandbox.jira.model import JiraModel
from sandbox.jira.records import LINK_TYPES, JiraIssue, JiraLink, JiraProject, JiraUser, item
from sandbox.jira.workflow import not_on_screen

LINKS = "issuelinks"
_ALWAYS = ("project", "issuetype", "summary", "description", "labels")
NO_PROJECT = "Specify a valid project ID or key"


@dataclass(frozen=True, slots=True)
class _New:
    project: str
    issue_type: str
    fields: dict[str, Any]
    links: tuple[tuple[str, JiraIssue], ...]


def add_project(model: JiraModel, project: JiraProject) -> JiraProject:
    model.projects[project.key] = project
    return project


def raise_case(model: JiraModel, project: str, summary: str, by: JiraUser, *labels: str) -> JiraIssue:
    """What a customer or an agent does."""
    issue = model.add_issue(project, model.projects[project].issue_types[0], {"summary": summary, "labels": list(labels)}, by)
    _remember_labels(model, issue)
    return issue


def label(model: JiraModel, issue: JiraIssue, labels: Collection[str], by: JiraUser) -> None:
    """The labels that it has from now on."""
    before = " ".join(issue.fields.get("labels") or ())
    issue.fields["labels"] = list(labels)
    _remember_labels(model, issue)
    model.changed(issue, by, [item("labels", "labels", "jira", before, " ".join(labels), None, None)], notify=False)


def labelled(model: JiraModel, projects: Collection[str], labels: Collection[str]) -> list[JiraIssue]:
    """What the index shows, oldest first; labels are told apart by case. Raises EditRefusedError for a project nobody knows."""
    known = {*model.projects, *(issue.project for issue in model.issues.values())}
    if unknown := [f"The value '{one}' does not exist for the field 'project'." for one in projects if one not in known]:
        raise EditRefusedError(400, *unknown)
    indexed = model.clock.now() - model.lag
    return [
        issue
        for issue in sorted(model.issues.values(), key=lambda issue: (issue.created, int(issue.id)))
        if issue.project in projects
        and issue.created <= indexed
        and model.visible(issue.id) is issue
        and not set(labels).isdisjoint(_labels_at(model, issue))
    ]


def create(model: JiraModel, sent: Mapping[str, Any], by: JiraUser) -> JiraIssue:
    """POST issue. Raises EditRefusedError, in Jira's words, by field."""
    new = _understood(model, sent)
    issue = model.add_issue(new.project, new.issue_type, new.fields, by)
    _remember_labels(model, issue)
    for kind, other in new.links:
        link(model, kind, other, issue, by)
    return issue


def link(model: JiraModel, kind: str, inward: JiraIssue, outward: JiraIssue, by: JiraUser) -> None:
    """A link that there is already is none to make."""
    wanted = JiraLink("", kind, inward.id, outward.id)
    if any((one.kind, one.inward, one.outward) == (kind, inward.id, outward.id) for one in model.links):
        return
    model.add_link(wanted, by)


def link_type(sent: Any) -> str:
    """The name of the type that was named. Raises EditRefusedError."""
    told = sent if isinstance(sent, dict) else {}
    found = next(
        (name for name, (number, *_) in LINK_TYPES.items() if told.get("name") == name or told.get("id") == number), None
    )
    if found is None:
        raise EditRefusedError(404, f"No issue link type with name '{told.get('name')}' found.")
    return found


def other_end(model: JiraModel, sent: Any) -> JiraIssue:
    """By id or key. Raises EditRefusedError."""
    named = str((sent if isinstance(sent, dict) else {}).get("key") or (sent or {}).get("id") or "")
    issue = model.visible(named)
    if issue is None:
        raise EditRefusedError(404, "Issue Does Not Exist")
    return issue


def _understood(model: JiraModel, sent: Mapping[str, Any]) -> _New:
    fields = dict(sent.get("fields") or {})
    project = model.projects.get(str(_object(fields.get("project")).get("key")))
    if project is None:
        raise EditRefusedError(400, errors={"project": NO_PROJECT})
    told_type = _object(fields.get("issuetype"))
    issue_type = next(
        (name for name in project.issue_types if told_type in ({"name": name}, {"id": project.id_of(name)})), None
    )
    if issue_type is None:
        raise EditRefusedError(400, errors={"issuetype": "Specify an issue type"})
    errors = {name: not_on_screen(name) for name in fields if name not in (*_ALWAYS, *project.required)}
    errors |= {name: f"{name} is required." for name in project.required if not fields.get(name)}
    errors |= _problems(fields)
    links: list[tuple[str, JiraIssue]] = []
    for name, changes in dict(sent.get("update") or {}).items():
        if name != LINKS or not project.links_on_create:
            errors[name] = not_on_screen(name)
            continue
        try:
            links += [(link_type(one["add"]["type"]), other_end(model, one["add"]["inwardIssue"])) for one in changes]
        except EditRefusedError as refusal:
            errors[name] = refusal.words
    if errors:
        raise EditRefusedError(400, errors=errors)
    own = {name: value for name, value in fields.items() if name not in ("project", "issuetype")}
    return _New(project.key, issue_type, own, tuple(links))


def _problems(fields: Mapping[str, Any]) -> dict[str, str]:
    summary, description, labels = fields.get("summary"), fields.get("description"), fields.get("labels") or []
    problems: dict[str, str] = {}
    if not isinstance(summary, str) or not summary.strip():
        problems["summary"] = "You must specify a summary of the issue."
    elif re.search(r"[\r\n]", summary):
        problems["summary"] = "The summary is invalid because it contains newline characters."
    elif len(summary) > 255:
        problems["summary"] = "Summary can't exceed 255 characters."
    if description is not None and not isinstance(description, str):
        problems["description"] = "Operation value must be a string"
    elif description and len(description) > 32_767:
        problems["description"] = "The entered text is too long. It exceeds the allowed limit of 32,767 characters."
    if any(not isinstance(one, str) or re.search(r"\s", one) or not 0 < len(one) <= 255 for one in labels):
        problems["labels"] = f"The label '{labels}' contains spaces which is invalid."
    return problems


def _remember_labels(model: JiraModel, issue: JiraIssue) -> None:
    issue.labels_since.append((model.clock.now(), tuple(issue.fields.get("labels") or ())))


def _labels_at(model: JiraModel, issue: JiraIssue) -> tuple[str, ...]:
    indexed = model.clock.now() - model.lag
    return next((labels for since, labels in reversed(issue.labels_since) if since <= indexed), ())


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
