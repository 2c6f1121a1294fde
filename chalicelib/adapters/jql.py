"""Jira's query language: names and labels that people chose, inside a query that stays what it was written as."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlencode

from chalicelib.domain.schema import IncidentSchema

_SPELLED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def open_incidents_url(schema: IncidentSchema) -> str:
    """Where Jira lists what is not over, newest first, to whoever may see it.

    By Jira's own category, not by our names of statuses: an unknown name makes Jira refuse the whole query.
    """
    which = f"project in ({quoted(schema.projects)}) AND issuetype in ({quoted(schema.issue_types)})"
    return f"{schema.site}/issues/?{urlencode({'jql': f'{which} AND statusCategory != Done ORDER BY created DESC'})}"


def quoted(names: Collection[str]) -> str:
    """Names for `in (...)`, sorted, each one a JQL string: nothing in it can end the string."""
    return ", ".join(f'"{"".join(map(_spelled, name))}"' for name in sorted(names))


def _spelled(character: str) -> str:
    if character < " " or character == "\x7f":
        return _SPELLED.get(character, f"\\u{ord(character):04x}")
    return _SPELLED.get(character, character)
