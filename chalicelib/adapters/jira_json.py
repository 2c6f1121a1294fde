"""What is written to Jira, and what is read before, as JSON: field values and transitions. Knows no HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.incident import Person
from chalicelib.intake.jira_values import Option, read_options
from chalicelib.ports.tickets import FieldValue


@dataclass(frozen=True, slots=True)
class Transition:
    """needs: names of the fields that its screen asks for and nobody has filled."""

    id: str
    name: str
    to: Option
    needs: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name} -> {self.to.name or self.to.id}"


def field_json(value: FieldValue, user: Callable[[Person], Any]) -> Any:
    """user: how this Jira is told a person. Times as Jira wants them: milliseconds, and an offset without a colon."""
    match value:
        case datetime():
            at = value.astimezone(UTC)
            return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}+0000"
        case Person():
            return user(value)
        case tuple():
            return [user(person) for person in value]
    return value


def transitions_in(answer: Mapping[str, Any]) -> Iterator[Transition]:
    """Those that we may use now. KeyError, TypeError or ValueError for what no Jira says."""
    for one in answer["transitions"]:
        if one.get("isAvailable", True):
            fields = one.get("fields") or {}
            needs = (
                str(told.get("name") or name)
                for name, told in fields.items()
                if told["required"] and not told.get("hasDefaultValue")
            )
            [to] = read_options(one["to"])
            yield Transition(str(one["id"]), str(one["name"]), to, tuple(needs))
