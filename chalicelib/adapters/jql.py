"""Jira's query language: names and labels that people chose, inside a query that stays what it was written as."""

from __future__ import annotations

from collections.abc import Collection

_SPELLED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quoted(names: Collection[str]) -> str:
    """Names for `in (...)`, sorted, each one a JQL string: nothing in it can end the string."""
    return ", ".join(f'"{"".join(map(_spelled, name))}"' for name in sorted(names))


def _spelled(character: str) -> str:
    if character < " " or character == "\x7f":
        return _SPELLED.get(character, f"\\u{ord(character):04x}")
    return _SPELLED.get(character, character)
