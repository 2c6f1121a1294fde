"""Sightings and facts as the lines of a file: JSON objects whose members are columns. Written and read nowhere else.

The same value gives the same line, byte for byte: members in the order of the fields, what is empty left out, times as
"2026-11-23T03:00:00.000Z".
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import MISSING, fields
from datetime import UTC, datetime
from typing import Any

from chalicelib.errors import UnreadableEvent
from chalicelib.metrics.facts import SCHEMA, Fact
from chalicelib.metrics.sightings import WORDS, Sighting

_DEFAULTS = {one.name: one.default_factory() if one.default_factory is not MISSING else one.default for one in fields(Sighting)}
_TUPLES = frozenset({"products", "defaulted", "edited", "rosters"})
_COMPUTED = tuple(one.name for one in fields(Fact) if one.name not in ("seen", "month"))
"""The month is in the file's name, where engines take it from."""


def line_of_sighting(seen: Sighting) -> str:
    return _line({"schema": SCHEMA, **_members(seen)})


def line_of_fact(fact: Fact) -> str:
    computed = {name: _plain(getattr(fact, name)) for name in _COMPUTED}
    told = {name: value for name, value in computed.items() if value not in (None, "", [], {})}
    return _line({"schema": SCHEMA, **_members(fact.seen), **told})


def read_sighting(line: str) -> Sighting:
    """The inverse of both; what a fact has besides is computed anew. Raises UnreadableEvent for what neither has written."""
    try:
        stored = json.loads(line)
        if stored["schema"] != SCHEMA:
            raise UnreadableEvent(f"a row of schema {stored['schema']}, and this version reads {SCHEMA}")
        return Sighting(**{name: _value(name, stored[name]) for name in _DEFAULTS if name in stored})
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnreadableEvent(f"stored incident row: {type(error).__name__} {error}") from error


def hushed_line(line: str, issue_ids: Collection[str]) -> str:
    """The same, without words if it is of one of these incidents. Whatever else it has stays, also what nobody here knows."""
    told = json.loads(line)
    if told["issue_id"] not in issue_ids or not any(name in told for name in WORDS):
        return line
    return _line({name: value for name, value in told.items() if name not in WORDS})


def _members(seen: Sighting) -> dict[str, Any]:
    told = {name: getattr(seen, name) for name in _DEFAULTS}
    return {name: _plain(value) for name, value in told.items() if value != _DEFAULTS[name]}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return time_of(value)
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _value(name: str, stored: Any) -> Any:
    if name.endswith("_at"):
        return datetime.fromisoformat(stored)
    if name == "engaged":
        return {role: datetime.fromisoformat(at) for role, at in stored.items()}
    return tuple(stored) if name in _TUPLES else stored


def time_of(at: datetime) -> str:
    """To the millisecond, which is what Jira tells."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _line(members: dict[str, Any]) -> str:
    return json.dumps(members, ensure_ascii=False, separators=(",", ":"))
