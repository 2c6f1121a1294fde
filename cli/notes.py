"""What is allowed in firebell.toml and yet may surprise somebody. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from chalicelib.artifacts.links import LINKED
from chalicelib.domain.incident import Severity
from chalicelib.domain.policy import Mode
from chalicelib.domain.routing import RoutingTable
from chalicelib.domain.schema import ANY, IncidentSchema
from chalicelib.settings import Settings
from chalicelib.settings_table import did_you_mean


def notes_on(settings: Settings, now: datetime) -> list[str]:
    """One sentence each: what follows from the settings, and what to do if that is not wanted."""
    return [
        *_going_live(settings, now),
        *_services(settings.routing),
        *_seconds(settings.routing),
        *_drills(settings),
        *_marks(settings.schema),
        *_links(settings.schema),
        *_left_over(settings),
    ]


def _going_live(settings: Settings, now: datetime) -> Iterator[str]:
    if settings.paging.go_live is not None and settings.paging.go_live > now:
        begins = f"{settings.paging.go_live:%Y-%m-%d %H:%M} UTC"
        yield f"go_live is still to come: what is created before {begins} pages nobody, nor would it in shadow mode"
    if settings.mode is not Mode.SHADOW and settings.paging.go_live is None:
        yield "go_live is not set: major incidents that are open already will be paged too"
    by_title = [name for name, roster in settings.routing.rosters.items() if roster.pager == "opsgenie" and not roster.id]
    if by_title:
        listed = ", ".join(by_title)
        yield f"Opsgenie finds rosters without an id by their titles, which people change: {listed}; run check --resolve"


def _services(routing: RoutingTable) -> Iterator[str]:
    if not routing.services:
        yield "no services: every major incident goes to the IMOC"
    for service, rosters in routing.services.items():
        missing = [str(number) for number in (1, 2) if number not in rosters]
        if missing:
            yield f"{service} has no roster for severity {' and '.join(missing)}: that goes to the IMOC"
        elif rosters[Severity.SEV1] != rosters[Severity.SEV2]:
            yield f"{service}: an open incident that is raised from severity 2 to 1 does not ring {rosters[Severity.SEV1]}"


def _seconds(routing: RoutingTable) -> Iterator[str]:
    if not any(routing.rosters[name].second for name in routing.imoc):
        yield "no roster of the IMOC chain has a second: while its pager is down, nobody is paged until it is back"


def has_drills(settings: Settings) -> bool:
    """Whether anything can make an incident a drill."""
    return bool(settings.schema.drill.labels or settings.schema.drill.field)


def _drills(settings: Settings) -> Iterator[str]:
    rosters, telling = settings.routing.drill, settings.telling
    if has_drills(settings):
        if not rosters:
            yield "paging.drill is not set: a drill wakes whoever an incident would, marked [DRILL]"
        return
    if rosters:
        yield "paging.drill is paged for nothing: no mark in [drill] tells a drill"
    told = [
        *(["status_pages.drills"] if telling.status_pages is not None and telling.status_pages.drills is not None else []),
        *(["mail.drills_to"] if telling.mail is not None and telling.mail.drills_to else []),
    ]
    if told:
        listed = " and ".join(told)
        yield f"no mark in [drill] tells a drill: {listed} will hear of none, and an exercise is an incident to everybody"


def _marks(schema: IncidentSchema) -> Iterator[str]:
    for name, marks, kind in (("private", schema.private, "private"), ("drill", schema.drill, "a drill")):
        if marks.field and ANY in marks.values:
            yield f'{name}.values is not set: whatever {name}.field holds makes an incident {kind}, an explicit "No" too'


def _links(schema: IncidentSchema) -> Iterator[str]:
    for name in schema.link_fields:
        if name not in LINKED:
            yield f"jira.fields.links.{name} has no link: there are {', '.join(LINKED)}{did_you_mean(name, LINKED)}"


def _left_over(settings: Settings) -> Iterator[str]:
    routing = settings.routing
    used = routing.paged
    for name in routing.rosters:
        if name not in used:
            yield f"rosters.{name} is paged for nothing"
    pagers = {routing.rosters[name].pager for name in used}
    for name in settings.pagers:
        if name not in pagers:
            yield f"pagers.{name} has nobody to page"
