"""firebell.toml and the environment -> Settings. Collects every mistake before it complains about any.

The same shape stands in firebell.schema.json for editors and in docs/configuration.md for people; tests keep the three
alike. Nothing here connects to anything: what only a vendor can know is asked by `firebell check --resolve`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import time
from pathlib import Path
from typing import Any

from chalicelib.domain.alias import site_tag
from chalicelib.domain.incident import Severity
from chalicelib.domain.paging import Roster, RosterKind
from chalicelib.domain.policy import Mode, PagingPolicy
from chalicelib.domain.routing import BusinessHours, Delivery, RoutingTable, fold_name
from chalicelib.errors import SettingsError
from chalicelib.settings import JiraSettings, PagerSettings, Settings
from chalicelib.settings_jira import OWN_ACCOUNT, read_api_url, read_schema
from chalicelib.settings_metrics import read_metrics
from chalicelib.settings_people import read_people, read_roles
from chalicelib.settings_places import read_chat, read_questions, read_severity_scale, read_video, read_wiki
from chalicelib.settings_table import LINK, Shape, Table, did_you_mean
from chalicelib.settings_telling import read_telling

PAGERS = ("opsgenie", "jsm", "pagerduty")
REACTION = Shape(re.compile(r"[a-z0-9_'+-]{1,100}"), "an emoji's name without colons", "pushpin")
PLAIN_MAIL = Shape(re.compile(r"[!-?A-~]+@[!-?A-~]+"), "a mail address that fits a header", "firebell@example.com")
CLOUD_ID = Shape(re.compile(r"[A-Za-z0-9-]+"), "a site's id (not its address)", "11223344-a1b2-3b33-c444-def123456789")
ROSTER_NAME = Shape(
    re.compile(r'(?! |second$|.*( |\.second)$)[^"\\\x00-\x1f\x7f]{1,100}'),
    'a name that an alias can hold: at most 100 characters, no " or \\, not "second", nor ".second" at its end',
    "databases",
)
"""An alias (`domain.alias`) is looked for in quotes, and ".second" means the second of a target there."""
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DEFAULT_URLS = {
    "opsgenie": {"base_url": "https://api.opsgenie.com"},
    "jsm": {
        "base_url": "https://api.atlassian.com/jsm/ops",
        "integration_url": "https://api.atlassian.com/jsm/ops/integration",
    },
    "pagerduty": {"base_url": "https://api.pagerduty.com", "events_url": "https://events.pagerduty.com"},
}


def read_settings(path: Path, environ: Mapping[str, str]) -> Settings:
    """Raises SettingsError with every problem found."""
    return settings_from(read_document(path), environ)


def read_document(path: Path) -> dict[str, Any]:
    """The file as TOML sees it. Raises SettingsError when there is none, or it is no TOML."""
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise SettingsError((f"{path}: cannot be read ({error.strerror}); set FIREBELL_SETTINGS to where it is",)) from error
    except UnicodeDecodeError as error:
        raise SettingsError((f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8",)) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError((f"{path}: not TOML: {error}",)) from error


def settings_from(document: Mapping[str, Any], environ: Mapping[str, str], *, ids_required: bool = True) -> Settings:
    """The same from a parsed file. ids_required=False: before `check --resolve` a JSM roster may lack its id."""
    top = Table.top(document)
    settings = read_top(top, environ, ids_required=ids_required)
    top.complain_about_unread_keys()
    if top.problems:
        raise SettingsError(tuple(top.problems))
    return settings


def read_top(top: Table, environ: Mapping[str, str], *, ids_required: bool = True) -> Settings:
    """Settings to be thrown away when `top.problems` is not empty afterwards: what was wrong holds a stand-in."""
    mode = _mode(top, environ)
    jira = top.table("jira", holds="site, projects, issue_types, own_account")
    fields = jira.table("fields", holds="severity, service, products")
    schema = read_schema(top, jira, fields)
    base_url = read_api_url(jira, schema.site)
    deployment = jira.choice("deployment", ("cloud", "data-center"), "cloud")
    paging = top.table("paging", holds="imoc")
    pagers = _pagers(top.table("pagers", holds=f"one table per pager: {', '.join(PAGERS)}"))
    rosters = _rosters(top.table("rosters", holds="one table per roster"), pagers, ids_required=ids_required)
    hours = {name: _hours(table) for name, table in top.table("hours").each()}
    services, deliveries = _services(top.table("services"), rosters, hours, schema.unknown_services)
    chat = read_chat(top, schema.unknown_services)
    wiki = read_wiki(top, base_url, deployment or "cloud")
    own = [schema.site, base_url, *([wiki.base_url] if wiki else []), *([chat.base_url] if chat else [])]
    return Settings(
        mode=mode,
        schema=replace(schema, services=frozenset(services)),
        paging=_policy(top, jira, paging, schema.site),
        routing=RoutingTable(
            rosters=rosters,
            imoc=tuple(paging.names("imoc", rosters, "roster", required=True)),
            services=services,
            deliveries=deliveries,
            escalations=_escalations(top.table("escalations"), fields, rosters),
            drill=tuple(paging.names("drill", rosters, "roster", required="drill" in paging.values)),
        ),
        jira=JiraSettings(base_url, deployment or "cloud", jira.text("raise_url", shape=LINK)),
        pagers=pagers,
        roles=read_roles(top.table("roles"), schema),
        people=read_people(top.table("people")),
        chat=chat,
        video=read_video(top),
        wiki=wiki,
        questions=read_questions(top.table("questions"), schema),
        severity_scale=read_severity_scale(top.table("severity_scale")),
        note_reaction=top.table("notes").text("reaction", "pushpin", shape=REACTION),
        telling=read_telling(top, own, schema),
        metrics=read_metrics(top, fields, schema, hours),
    )


def _escalations(table: Table, fields: Table, rosters: Collection[str]) -> dict[str, str]:
    """Option of "Escalate to" -> roster. A service needs no row: it leads to whoever is paged for it."""
    if table.values and "escalate_to" not in fields.values:
        fields.problem("escalate_to", "is missing; name the field whose options they are, or take [escalations] out")
    escalations: dict[str, str] = {}
    for title, option in table.each():
        if fold_name(title) in escalations:
            table.problem(title, "is there twice, in another spelling; take one out")
        escalations[fold_name(title)] = option.name("roster", rosters, "roster") or ""
    return escalations


def _mode(top: Table, environ: Mapping[str, str]) -> Mode:
    """FIREBELL_MODE wins; an empty one counts as not set, because deployment templates like to set empty ones."""
    modes = tuple(mode.value for mode in Mode)
    written = top.choice("mode", modes, Mode.SHADOW.value)
    chosen = environ.get("FIREBELL_MODE") or written
    if chosen not in modes and chosen is not None:
        listed = ", ".join(modes)
        top.problems.append(f"environment FIREBELL_MODE: is {chosen!r}; set one of {listed}{did_you_mean(chosen, modes)}")
    return Mode(chosen) if chosen in modes else Mode.SHADOW


def _policy(top: Table, jira: Table, paging: Table, site: str) -> PagingPolicy:
    return PagingPolicy(
        ack_timeout_s=paging.number("ack_timeout_s", 300, at_least=30, at_most=3600),
        go_live=top.moment("go_live"),
        storm_majors=paging.number("storm_majors", 10, at_least=1, at_most=1000),
        storm_window_s=paging.number("storm_window_s", 300, at_least=60, at_most=3600),
        default_assignees=frozenset(jira.texts("default_assignees")),
        own_account=jira.text("own_account", required=OWN_ACCOUNT),
        site_tag=site_tag(site),
    )


def _pagers(table: Table) -> dict[str, PagerSettings]:
    pagers = {}
    for name in table.values:
        if name not in PAGERS:
            table.raw(name)
            listed = ", ".join(PAGERS)
            table.problem(name, f"there is no such pager; there are {listed}{did_you_mean(name, PAGERS)}")
            continue
        pager, urls = table.table(name), _DEFAULT_URLS[name]
        pagers[name] = PagerSettings(
            base_url=pager.url("base_url", urls["base_url"]),
            integration_url=pager.url("integration_url", urls["integration_url"]) if name == "jsm" else "",
            cloud_id=pager.text("cloud_id", required=True, shape=CLOUD_ID) if name == "jsm" else "",
            events_url=pager.url("events_url", urls["events_url"]) if name == "pagerduty" else "",
            from_mail=pager.text("from_mail", required=True, shape=PLAIN_MAIL) if name == "pagerduty" else "",
        )
    return pagers


def _rosters(table: Table, pagers: Collection[str], *, ids_required: bool) -> dict[str, Roster]:
    tables = table.each()
    rosters = {name: _roster(one, name, pagers, ids_required=ids_required) for name, one in tables}
    for name, one in tables:
        if not ROSTER_NAME.pattern.fullmatch(name):
            table.problem(name, f"is not {ROSTER_NAME.what}; write one like {ROSTER_NAME.example!r}")
        if "second" in one.values:
            _check_second(one, rosters[name], rosters)
    return rosters


def _check_second(table: Table, roster: Roster, rosters: Mapping[str, Roster]) -> None:
    second = table.name("second", [name for name in rosters if name != roster.name], "other roster")
    if second and rosters[second].pager == roster.pager:
        table.problem("second", f"{second!r} is at {roster.pager} too; name one at another pager, for when that is down")


def _roster(table: Table, name: str, pagers: Collection[str], *, ids_required: bool) -> Roster:
    pager = table.choice("pager", PAGERS)
    kind = table.choice("kind", tuple(kind.value for kind in RosterKind))
    if pager and pagers and pager not in pagers:
        table.problem("pager", f"is {pager!r}, which is not configured; add the table [pagers.{pager}]")
    if pager and kind and (pager == "pagerduty") != (kind == RosterKind.SERVICE):
        advice = 'write "service"' if pager == "pagerduty" else 'write "schedule", "team", "escalation" or "user"'
        table.problem("kind", f"is {kind!r}, and {pager} cannot page that; {advice}")
    known_id = table.text("id")
    if pager == "jsm" and ids_required and "id" not in table.values:
        table.problem("id", "is missing, and JSM Operations pages by id only; `firebell check --resolve` looks it up")
    return Roster(
        name=name,
        pager=pager or "",
        kind=RosterKind(kind or RosterKind.SCHEDULE),
        title=table.text("title", required=True),
        id=known_id,
        schedule_id=table.text("schedule_id", known_id if kind == RosterKind.SCHEDULE else ""),
        second=table.text("second") or None,
    )


def _hours(table: Table) -> BusinessHours:
    days = table.names("days", DAYS, "day", required=True) if "days" in table.values else list(DAYS[:5])
    table.raw("days")
    start, end = table.time_of_day("start", time(9)), table.time_of_day("end", time(17))
    if start >= end:
        table.problem("end", f"{end:%H:%M} is not later than start, {start:%H:%M}; hours end on the day they begin")
    return BusinessHours(table.time_zone("time_zone"), frozenset(DAYS.index(day) for day in days), start, end)


def _services(
    table: Table, rosters: Collection[str], hours: Mapping[str, BusinessHours], unknown: Collection[str]
) -> tuple[dict[str, dict[Severity, str]], dict[str, Delivery]]:
    services: dict[str, dict[Severity, str]] = {}
    deliveries: dict[str, Delivery] = {}
    for title, told in table.values.items():
        an_example = told if isinstance(told, str) else next(iter(rosters), "imoc")
        name, service = fold_name(title), table.table(title, holds=f'rosters, like 1 = "{an_example}"')
        if name in services:
            table.problem(title, "is there twice, in another spelling; join the two")
        if name in unknown:
            table.problem(
                title, "means that nobody knows the service (jira.unknown_services), which goes to the IMOC; take it out"
            )
        majors = {str(severity.value): severity for severity in Severity if severity.is_major}
        found = {severity: service.name(key, rosters, "roster") for key, severity in majors.items() if key in service.values}
        services[name] = {severity: roster for severity, roster in found.items() if roster}
        service.asked.update(majors)
        delivery = service.table("delivery")
        if "delivery" in service.values:
            roster, named = delivery.name("roster", rosters, "roster"), delivery.name("hours", hours, "table [hours.<name>]")
            if roster and named:
                deliveries[name] = Delivery(roster, hours[named])
        elif told == {}:
            table.problem(title, "names no roster; write 1, 2 or delivery")
    return services, deliveries
