"""What only Jira can know of the settings: whose token it has, whether its search takes our projects and types of issues, which
fields there are and what they hold, and which of its statuses and severities mean nothing to us."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.errors import IntegrationError, SettingsError
from chalicelib.reconcile.sweep import LONGEST_WINDOW, minutes_back
from chalicelib.settings import Settings
from cli.jira import jira_of
from cli.own_account import problems_with_account

if TYPE_CHECKING:
    from chalicelib.adapters.jira_cloud import JiraCloud

OPTIONS, TIME, PEOPLE, NUMBER, TEXT = "options", "a date and time", "people", "a number", "a text"
_TYPES = {TIME: "datetime", PEOPLE: "user", NUMBER: "number", TEXT: "string"}
_NO_OPTIONS = frozenset({"date", "datetime", "user"})
"""Options come in many types, those of apps among them; these are none."""


@dataclass(frozen=True, slots=True)
class Told:
    """One line each. notes: what is allowed, and may surprise somebody."""

    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def told_by_jira(known: Settings, secrets: str) -> Told:
    """secrets: the JSON. Whoever is not let in is told that once; else one question without an answer hides no other's."""
    try:
        jira = jira_of(known, secrets)
        problems = problems_with_account(known, jira)
    except SettingsError as error:
        return Told(error.problems)
    except IntegrationError as error:
        return Told((f"jira.own_account: Jira does not say whose token jira_token is: {error}",))
    notes: list[str] = []
    try:
        problems += problems_with_fields(known, jira.fields())
    except IntegrationError as error:
        problems.append(f"jira.fields: Jira does not say which fields there are: {error}")
    try:
        problems += _problems_with_severities(jira, notes)
    except IntegrationError as error:
        problems.append(f"jira.projects, jira.issue_types: the sweep's search, and what it finds, fails: {error}")
    for project in sorted(known.schema.projects):
        try:
            notes += (f"jira.statuses: in {project}, {doubt}" for doubt in jira.doubts_about_statuses(project))
        except IntegrationError as error:
            problems.append(f"jira.projects: Jira does not say which statuses {project} has: {error}")
    return Told(tuple(problems), tuple(notes))


def problems_with_fields(known: Settings, fields: Mapping[str, str]) -> list[str]:
    """fields: as `JiraDescribed.fields` tells them. Pure."""
    problems = []
    for setting, id_, what in _configured(known):
        if id_ and id_ not in fields:
            problems.append(
                f"{setting}: there is no field {id_!r} that the account of jira_token can see, so it would read as empty"
            )
        elif id_ and not _holds(what, fields[id_]):
            problems.append(f"{setting}: {id_!r} holds {fields[id_]!r}; name a field that holds {what}")
    return problems


def _problems_with_severities(jira: JiraCloud, notes: list[str]) -> Iterator[str]:
    """Of any incident that the sweep's own search finds: who misspelt a project or a type has Jira refuse it.

    As far back as a sweep ever looks: so there is most likely one to be found.
    """
    found = next(iter(jira.recently_updated(minutes_back(LONGEST_WINDOW))), None)
    doubts = None if found is None else jira.doubts_about_severities(found.id)
    if doubts is None:
        which = "Jira shows no incident of the last week" if found is None else f"{found.key} does not show them for editing"
        notes.append(f"jira.severities was not held against the field's options: {which}")
    yield from (f"jira.severities: {doubt}; write what it means" for doubt in doubts or ())


def _configured(known: Settings) -> Iterator[tuple[str, str | None, str]]:
    """Where it is set, the field's id, and what it must hold."""
    schema, times = known.schema, known.metrics.times
    where = "jira.fields"
    for name, id_ in (
        ("severity", schema.severity_field), ("service", schema.service_field), ("products", schema.products_field),
        ("escalate_to", schema.escalate_field), ("detected_by", schema.detected_by_field),
        ("customer_visible", schema.customer_visible_field),
        *((f"impact.{name}", id_) for name, id_ in schema.impact_fields.items()),
    ):  # fmt: skip
        yield f"{where}.{name}", id_, OPTIONS
    yield from (
        (f"{table}.field", marks.field, OPTIONS) for table, marks in (("private", schema.private), ("drill", schema.drill))
    )
    yield f"{where}.impact_started", schema.impact_started_field, TIME
    yield f"{where}.detected", schema.detected_field, TIME
    yield f"{where}.impact_ended", schema.impact_ended_field, TIME
    yield from ((f"{where}.roles.{name}", id_, PEOPLE) for name, id_ in schema.role_fields.items())
    yield from ((f"{where}.links.{name}", id_, TEXT) for name, id_ in schema.link_fields.items())
    yield from ((f"{where}.{name}", id_, NUMBER) for name, id_ in (("ttr", times.ttr), ("ttd", times.ttd)))
    yield from ((f"{where}.{name}", id_, TEXT) for name, id_ in (("ttr_text", times.ttr_text), ("ttd_text", times.ttd_text)))


def _holds(what: str, told: str) -> bool:
    return told not in _NO_OPTIONS if what == OPTIONS else told == _TYPES[what]
