"""Workflows: which transition leads from which status to which, who may use it, and what its screen asks for.

Ids differ from project to project, as in any Jira that has grown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sandbox.jira.records import JiraIssue, JiraUser, status_json
from sandbox.jira.schema import FIELD_NAMES


@dataclass(frozen=True, slots=True)
class Transition:
    """sources: statuses it starts from, empty for all. hidden_from: account ids that a condition keeps from using it.

    screen: ids of the fields on its screen; required: those of them that must be filled.
    """

    id: str
    name: str
    to: str
    sources: frozenset[str] = frozenset()
    hidden_from: frozenset[str] = frozenset()
    screen: tuple[str, ...] = ()
    required: frozenset[str] = frozenset()


Workflow = tuple[Transition, ...]


def default_workflow(project: str) -> Workflow:
    first = 10 * (1 + sum(map(ord, project)) % 80)
    return (
        Transition(str(first + 1), "Start work", "Fixing", frozenset({"New"})),
        Transition(str(first + 11), "Stop work", "New", frozenset({"Fixing"})),
        Transition(str(first + 21), "Resolve", "Resolved", frozenset({"New", "Fixing"})),
        Transition(str(first + 31), "Reopen", "New", frozenset({"Resolved"})),
    )


def offered(workflow: Workflow, issue: JiraIssue, user: JiraUser) -> list[Transition]:
    return [
        one for one in workflow if (not one.sources or issue.status in one.sources) and user.account_id not in one.hidden_from
    ]


def transition_json(one: Transition, *, with_fields: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": one.id,
        "name": one.name,
        "to": status_json(one.to),
        "hasScreen": bool(one.screen),
        "isGlobal": not one.sources,
        "isInitial": False,
        "isAvailable": True,
        "isConditional": bool(one.hidden_from),
        "isLooped": False,
    }
    return body | ({"fields": {name: _field_json(name, one) for name in one.screen}} if with_fields else {})


def problems_with_screen(one: Transition, fields: dict[str, Any]) -> dict[str, str]:
    """Field id -> why, for everything that Jira would complain about."""
    unknown = {name: not_on_screen(name) for name in fields if name not in one.screen}
    missing = {name: f"{name_of(name)} is required." for name in one.screen if name in one.required and not fields.get(name)}
    return unknown | missing


def not_on_screen(name: str) -> str:
    return f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."


def name_of(name: str) -> str:
    return FIELD_NAMES.get(name, name.capitalize())


def _field_json(name: str, one: Transition) -> dict[str, Any]:
    is_custom = name.startswith("customfield_")
    kind: dict[str, Any] = {"type": "string"} | ({} if is_custom else {"system": name})
    return {
        "required": name in one.required,
        "schema": kind,
        "name": name_of(name),
        "key": name,
        "hasDefaultValue": False,
        "operations": ["set"],
    }
