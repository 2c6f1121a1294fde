"""What a severity option, a status, a resolution or a service means in our process, by the schema.

Pure and total: what cannot be known gets the safe answer, and a sentence that says so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from chalicelib.domain.codec import ANSWER_LIMIT
from chalicelib.domain.incident import Resolution, Severity, Status
from chalicelib.domain.schema import ANY, IncidentSchema, Marks
from chalicelib.intake.jira_values import Option, read_line, read_options, read_text

_Meaning = TypeVar("_Meaning")


def look_up(option: Option, table: Mapping[str, _Meaning]) -> _Meaning | None:
    """By name, else by id: names are translated and renamed, ids are not."""
    found = table.get(option.name.casefold()) if option.name else None
    return table.get(option.id.casefold()) if found is None and option.id else found


def severity_of(value: object, schema: IncidentSchema) -> tuple[Severity, str | None]:
    """The severity, and what had to be guessed. Of several options the worst counts."""
    options = read_options(value)
    if not options:
        guess = schema.severity_when_empty
        empty = value in (None, "", [])
        return guess, f"severity is {'empty' if empty else 'unreadable'}: treated as {guess.value}"
    doubts: list[str] = []
    if len(options) > 1:
        doubts.append("several severities are set: the worst counts")
    severities: list[Severity] = []
    for option in options:
        severity = look_up(option, schema.severities)
        if severity is None:
            severity = schema.severity_in_doubt
            doubts.append(f'severity "{option.name or option.id}" is not mapped: treated as {severity.value}')
        severities.append(severity)
    return min(severities), "; ".join(doubts) or None


def status_of(value: object, schema: IncidentSchema) -> tuple[Status, str, str | None]:
    """The status, Jira's name of it, and what had to be guessed.

    A status that nobody mapped is resolved when Jira counts its category as done, else new: in doubt, page.
    """
    options = read_options(value)
    if not options:
        return Status.NEW, "", "status is missing or unreadable: treated as new"
    option = options[0]
    status = look_up(option, schema.statuses)
    if status is not None:
        return status, option.name, None
    status = Status.RESOLVED if category_of(value) == "done" else Status.NEW
    return status, option.name, f'status "{option.name or option.id}" is not mapped: treated as {status.value}'


def resolution_of(value: object, status: Status, schema: IncidentSchema) -> Resolution | None:
    """How it ended; None while it has not. A resolution left behind on a reopened issue says nothing."""
    if status is not Status.RESOLVED:
        return None
    known = (look_up(option, schema.resolutions) for option in read_options(value))
    return next((resolution for resolution in known if resolution), Resolution.DONE)


def service_of(value: object, schema: IncidentSchema) -> tuple[str | None, str | None]:
    """The faulty service, None when nobody knows it; and what had to be guessed.

    Some fields (Assets, affected services) tell ids only: then the id is its name. Of several the first that settings know
    counts.
    """
    options = read_options(value)
    if not options:
        return None, None if value in (None, "", []) else "faulty service is unreadable"
    known = (option for option in options if (option.name or option.id).casefold() in schema.services)
    option = next(known, options[0])
    service = option.name or option.id
    if service.casefold() in schema.unknown_services:
        return None, None
    doubts = [f'several faulty services are set: "{service}" counts'] if len(options) > 1 else []
    if not option.name and service.casefold() not in schema.services:
        doubts.append(f'faulty service "{service}" has no name, and settings do not know its id')
    return service, "; ".join(doubts) or None


def is_marked(fields: Mapping[str, Any], labels: Collection[str], marks: Marks, *, in_doubt: bool) -> bool:
    """Whether a label, the security level or the field sets the issue apart.

    in_doubt: the answer when a level or value is set that cannot be read.
    """
    if any(label.casefold() in marks.labels for label in labels):
        return True
    values = marks.values if marks.field else frozenset[str]()
    wanted = (("security", marks.security_levels), (marks.field or "", values))
    return any(_holds_one(fields.get(name), names, in_doubt=in_doubt) for name, names in wanted if names)


def _holds_one(value: object, names: Collection[str], *, in_doubt: bool) -> bool:
    if value in (None, "", [], False):
        return False
    options = read_options(value)
    if not options:
        return in_doubt
    return ANY in names or any(label.casefold() in names for option in options for label in (option.name, option.id) if label)


def customers_notice(value: object, schema: IncidentSchema) -> tuple[bool, str | None]:
    """Whether a human said that customers notice it, and what had to be guessed. Only a plain yes is one."""
    if value in (None, "", [], False):
        return False, None
    options = read_options(value)
    if not options:
        return False, "customer visible is unreadable: treated as no"
    says_yes = {look_up(option, dict.fromkeys(schema.customer_visible_values, True)) is True for option in options}
    if len(says_yes) > 1:
        return False, "customer visible says yes and something else: treated as no"
    return says_yes == {True}, None


def answer_of(value: object) -> str:
    """What a field answers, whatever its kind: a text, a number, or the names of the chosen options; "" for nothing."""
    is_choice = isinstance(value, list) or (isinstance(value, Mapping) and ("value" in value or "name" in value))
    if is_choice:
        return read_text(", ".join(option.name for option in read_options(value) if option.name), ANSWER_LIMIT)
    return read_text(value, ANSWER_LIMIT)


def category_of(status: object) -> str:
    """ "new", "indeterminate" or "done"; "" where it is not told."""
    category = status.get("statusCategory") if isinstance(status, Mapping) else None
    return read_line(category.get("key")).casefold() if isinstance(category, Mapping) else ""
