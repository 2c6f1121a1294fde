"""The issue's history -> the changes that the process cares about: what made it an incident, status, assignee, severity,
privacy, roles and impact times; oldest first.

Fields are known by `fieldId`, else by the untranslated `field` name that Data Center gives: custom fields by that of settings
(severity) or those that Jira tells with the issue. A change between two statuses or options that mean the same to us is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.domain.incident import DETECTED, IMPACT_ENDED, IMPACT_STARTED, INCIDENT, PRIVATE, ROLE, Change, Person, Status
from chalicelib.domain.schema import IncidentSchema
from chalicelib.errors import UnreadableEvent
from chalicelib.intake.jira_issue import project_of
from chalicelib.intake.jira_meaning import is_marked, look_up, status_of
from chalicelib.intake.jira_values import Option, read_id, read_line, read_options, read_person, read_time

Fields = Mapping[str, Any]


def parse_history(
    changelog: object, schema: IncidentSchema, *, fields: Fields | None = None, names: Mapping[str, str] | None = None
) -> tuple[Change, ...]:
    """Read a REST changelog: {"histories": [...]}, {"values": [...]}, or such a list itself.

    fields: the issue's own; they tell what an unmapped status means and which account an old user key belongs to.
    names: field id -> what its history calls it, where that gives no ids.
    Raises UnreadableEvent when an entry that matters does not say when.
    """
    if isinstance(changelog, Mapping):
        changelog = changelog.get("histories") or changelog.get("values")
    entries = [entry for entry in _list(changelog) if isinstance(entry, Mapping)]
    reader = _Reader(schema, names or {})
    reader.learn(fields or {}, *(entry.get("author") for entry in entries))
    dated: list[tuple[datetime, int, list[Change]]] = []
    for entry in entries:
        items = [item for item in items_of(entry) if reader.what(item)]
        if items:
            at = _when(entry)
            number = read_id(entry.get("id"))
            changes = list(reader.changes(items, read_person(entry.get("author")), at))
            dated.append((at, int(number) if number.isascii() and number.isdigit() else 0, changes))
    dated.sort(key=lambda entry: entry[:2])
    return tuple(change for _, _, changes in dated for change in changes)


def parse_own_changes(
    changelog: object, schema: IncidentSchema, *, user: object, at: datetime, fields: Fields | None = None
) -> tuple[Change, ...]:
    """Read a webhook's `changelog`: what this one event changed, done by `user`. Never raises."""
    reader = _Reader(schema)
    reader.learn(fields or {}, user)
    return tuple(reader.changes(items_of(changelog), read_person(user), at))


def items_of(changelog: object) -> list[Mapping[str, Any]]:
    """The `items` of a changelog or a history entry that are objects."""
    items = changelog.get("items") if isinstance(changelog, Mapping) else None
    return [item for item in _list(items) if isinstance(item, Mapping)]


def changed_field(item: Mapping[str, Any]) -> str:
    """`fieldId`, else the `field` name, casefolded. Names may be translated, ids never are."""
    return (read_line(item.get("fieldId")) or read_line(item.get("field"))).casefold()


def changed_option(item: Mapping[str, Any], side: str) -> Option | None:
    """What the field held before (side "from") or after ("to"); None when it was unset."""
    option = Option(read_line(item.get(f"{side}String")), read_id(item.get(side)).strip("[]"))
    return option if option.name or option.id else None


@dataclass(slots=True)
class _Reader:
    schema: IncidentSchema
    names: Mapping[str, str] = field(default_factory=dict)
    status_now: dict[str, Status] = field(default_factory=dict)
    types: set[str] = field(init=False)
    """Names and ids of issue types that are incidents, casefolded."""
    accounts: dict[str, str] = field(default_factory=dict)
    by_id: dict[str, str] = field(init=False)
    by_name: dict[str, str] = field(init=False)
    """What a custom field means, by its id; and by its name, where the history gives no id."""

    def __post_init__(self) -> None:
        schema = self.schema
        self.types = {one.casefold() for one in schema.issue_types}
        times = {
            IMPACT_STARTED: schema.impact_started_field,
            DETECTED: schema.detected_field,
            IMPACT_ENDED: schema.impact_ended_field,
        }
        self.by_id = {name.casefold(): PRIVATE for name in ("labels", "security", schema.private.field) if name}
        self.by_id |= {field_id.casefold(): what for what, field_id in times.items() if field_id}
        self.by_id |= {field_id.casefold(): f"{ROLE}{role}" for role, field_id in schema.role_fields.items()}
        self.by_id[schema.severity_field.casefold()] = "severity"
        told = {name.casefold(): self.by_id.get(field_id.casefold(), "") for field_id, name in self.names.items()}
        self.by_name = {schema.severity_field_name.casefold(): "severity"} | {name: what for name, what in told.items() if what}

    def learn(self, fields: Fields, *users: object) -> None:
        """Remember what the issue's own fields tell about names that appear in its history."""
        status, _, _ = status_of(fields.get("status"), self.schema)
        for option in read_options(fields.get("status")):
            self.status_now |= dict.fromkeys(_labels(option), status)
        for option in read_options(fields.get("issuetype")):
            if not self.types.isdisjoint(_labels(option)):
                self.types |= _labels(option)
        for user in (fields.get("assignee"), fields.get("reporter"), *users):
            person = read_person(user)
            if person and isinstance(user, Mapping):
                known_as = (read_id(user.get("key")), read_id(user.get("name")))
                self.accounts |= {name: person.account_id for name in known_as if name}

    def what(self, item: Mapping[str, Any]) -> str | None:
        name = changed_field(item)
        if name in ("status", "assignee"):
            return name
        if name in ("issuetype", "key"):  # a move tells both keys; of projects it tells ids and names, and we know their keys
            return INCIDENT
        return self.by_id.get(name) or (None if item.get("fieldId") else self.by_name.get(name))

    def changes(self, items: list[Mapping[str, Any]], by: Person | None, at: datetime) -> Iterator[Change]:
        for item in items:
            what = self.what(item)
            if what is None:
                continue
            old, new = self._value(what, item, "from"), self._value(what, item, "to")
            if old != new:
                yield Change(what, at, by, old, new)

    def _value(self, what: str, item: Mapping[str, Any], side: str) -> str | None:
        option = changed_option(item, side)
        if option is None:
            return None
        if what == INCIDENT:
            return "yes" if self._is_of_incidents(item, option) else None
        if what == PRIVATE:
            return "yes" if self._is_private(item, option) else None
        if what == "status":
            status = look_up(option, self.schema.statuses) or look_up(option, self.status_now) or Status.NEW
            return status.value
        if what == "severity":
            return str((look_up(option, self.schema.severities) or self.schema.severity_in_doubt).value)
        if what != "assignee":
            return option.id or option.name
        account = read_id(item.get(f"tmp{side.capitalize()}AccountId")) or option.id or option.name
        return self.accounts.get(account, account)

    def _is_of_incidents(self, item: Mapping[str, Any], option: Option) -> bool:
        """Whether issues of this type, or with such a key, may be incidents. Of both only the later made it one."""
        if changed_field(item) == "key":
            return project_of(option.name).casefold() in {project.casefold() for project in self.schema.projects}
        return not self.types.isdisjoint(_labels(option))

    def _is_private(self, item: Mapping[str, Any], option: Option) -> bool:
        """Whether this one value makes it so. Labels come as one text."""
        name, marks = changed_field(item), self.schema.private
        if name == "labels":
            return is_marked({}, option.name.split(), marks, in_doubt=True)
        held = {"name": option.name, "id": option.id}
        return is_marked({"security" if name == "security" else marks.field or "": held}, (), marks, in_doubt=True)


def _labels(option: Option) -> set[str]:
    return {label.casefold() for label in (option.name, option.id) if label}


def _when(entry: Mapping[str, Any]) -> datetime:
    try:
        return read_time(entry.get("created"))
    except ValueError as error:
        raise UnreadableEvent(f"history entry {read_id(entry.get('id'))}: created is not a time") from error


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
