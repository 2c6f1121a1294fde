"""Jira over HTTP, what its administrators made: fields, a project's types and statuses, and what a field can be set to."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sandbox.emulator import Answer
from sandbox.jira import schema as names
from sandbox.jira.http_edits import Face
from sandbox.jira.model import JiraModel
from sandbox.jira.records import SITE, JiraIssue, option, status_json

INCIDENTS = "HOT"
_CUSTOM = "com.atlassian.jira.plugin.system.customfieldtypes"
_SCHEMAS = {
    "option": {"type": "option", "custom": f"{_CUSTOM}:select"},
    "options": {"type": "array", "items": "option", "custom": f"{_CUSTOM}:multiselect"},
    "datetime": {"type": "datetime", "custom": f"{_CUSTOM}:datetime"},
    "user": {"type": "user", "custom": f"{_CUSTOM}:userpicker"},
    "users": {"type": "array", "items": "user", "custom": f"{_CUSTOM}:multiuserpicker"},
    "url": {"type": "string", "custom": f"{_CUSTOM}:url"},
    "text": {"type": "string", "custom": f"{_CUSTOM}:textfield"},
    "number": {"type": "number", "custom": f"{_CUSTOM}:float"},
}
_SYSTEM = {
    "summary": {"type": "string"},
    "priority": {"type": "priority"},
    "assignee": {"type": "user"},
    "labels": {"type": "array", "items": "string"},
    "components": {"type": "array", "items": "component"},
}


def register_described(face: Face, base: str) -> None:
    model, vendor = face.model, face.vendor

    @face.operation("fields", "GET", f"{base}/field", vendor=vendor)
    def fields() -> Answer:
        return 200, [
            {"id": "issuekey", "name": "Key", "custom": False},
            *map(_system, _SYSTEM),
            *map(_custom, names.FIELD_TYPES),
        ]

    @face.operation("statuses", "GET", f"{base}/project/<project>/statuses", vendor=vendor)
    def statuses(project: str) -> Answer:
        if project not in _types_by_project(model):
            return 404, {"errorMessages": [f"No project could be found with key '{project}'."], "errors": {}}
        return 200, [
            {
                "self": f"{SITE}/it", "id": "10004", "name": kind, "subtask": False,
                "statuses": [status_json(status) for status in names.STATUSES],
            }
            for kind in sorted(_types_by_project(model)[project])
        ]  # fmt: skip

    @face.on_issue("edit_meta", "GET", f"{base}/issue/<id_or_key>/editmeta")
    def edit_meta(_: JiraIssue) -> Answer:
        shown = (id_ for id_ in names.FIELD_TYPES if id_ not in model.off_screen)
        return 200, {"fields": {id_: _editable(id_) for id_ in shown}}


def unknown_in_search(model: JiraModel, projects: Collection[str], types: Collection[str]) -> str:
    """What Jira says of a project or a type that is nowhere: one wrong name, and the whole search is refused."""
    there = _types_by_project(model)
    kinds = {"10004", *(kind for of_one in there.values() for kind in of_one)}
    wrong = [(name, "project") for name in projects if name not in there] + [
        (one, "issuetype") for one in types if one not in kinds
    ]
    return " ".join(f"The value '{name}' does not exist for the field '{field}'." for name, field in wrong)


def _types_by_project(model: JiraModel) -> dict[str, set[str]]:
    there = {INCIDENTS: {"Incident"}} | {key: set(project.issue_types) for key, project in model.projects.items()}
    for issue in model.issues.values():
        there.setdefault(issue.project, set()).add(issue.issue_type)
    return there


def _system(id_: str) -> dict[str, Any]:
    schema = {**_SYSTEM[id_], "system": id_}
    return {"id": id_, "name": id_.title(), "custom": False, **_usable(id_), "clauseNames": [id_], "schema": schema}


def _custom(id_: str) -> dict[str, Any]:
    clauses = [f"cf[{id_.partition('_')[2]}]", names.FIELD_NAMES[id_]]
    told = {"id": id_, "name": names.FIELD_NAMES[id_], "custom": True, "clauseNames": clauses, "schema": _schema(id_)}
    return told | _usable(id_)


def _usable(id_: str) -> dict[str, Any]:
    return {"key": id_, "orderable": True, "navigable": True, "searchable": True}


def _schema(id_: str) -> dict[str, Any]:
    return {**_SCHEMAS[names.FIELD_TYPES[id_]], "customId": int(id_.partition("_")[2])}


def _editable(id_: str) -> dict[str, Any]:
    """allowedValues: of the only list that we know to be whole."""
    values = {"allowedValues": [option(value) for value in names.SEVERITIES.values()]} if id_ == names.SEVERITY else {}
    return {
        "required": False, "schema": _schema(id_), "name": names.FIELD_NAMES[id_], "key": id_, "operations": ["set"], **values,
    }  # fmt: skip
