"""`firebell check`: every mistake in firebell.toml and in the words of templates/ at once, or what the settings mean; with
--resolve, the pagers' ids, what Statuspage, Confluence, Zoom and Jira do not know, and what Slack forbids us."""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from chalicelib.domain.incident import Severity
from chalicelib.domain.policy import Mode
from chalicelib.domain.routing import BusinessHours, RoutingTable, route
from chalicelib.errors import SettingsError
from chalicelib.settings import Settings
from chalicelib.settings_telling import TellingSettings
from cli.notes import has_drills, notes_on
from cli.own_account import problems_with_placeholder
from cli.secrets import SECRETS_VARIABLE, secrets_in
from cli.settings_file import SHIPPED, SettingsOption, load_or_exit, say_problems

MODES = {
    Mode.SHADOW: "decides and logs whom it would page; touches nothing but its own ledger",
    Mode.PAGE_ONLY: "pages; does nothing else",
    Mode.FULL: "pages, and does everything else",
}
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

ResolveOption = Annotated[
    bool,
    typer.Option(
        "--resolve",
        help=f"Ask the pagers for ids and write those that are missing, Statuspage for its pages, Confluence for its spaces, "
        f"Zoom for its hosts, Slack what we may do, and Jira who we are and what it has; keys from {SECRETS_VARIABLE} (JSON).",
    ),
]


def check(settings: SettingsOption = SHIPPED, resolve: ResolveOption = False) -> None:
    """Name every mistake in the settings and in the templates at once, or say what the settings mean."""
    notes = _resolve(settings) if resolve else ()
    known = load_or_exit(settings)
    if problems := problems_with_placeholder(known):
        say_problems(settings, problems)
        raise typer.Exit(1)
    _check_words(known)
    show(settings, known, Console(highlight=False), notes)


def _check_words(known: Settings) -> None:
    from cli.words import TEMPLATES, problems_with_words_of  # this brings jinja2

    if problems := problems_with_words_of(known):
        say_problems(TEMPLATES, problems)
        raise typer.Exit(1)


def _resolve(path: Path) -> tuple[str, ...]:
    """What the vendors say that may surprise somebody; what they say is wrong ends the command."""
    from chalicelib.settings_reader import read_document, settings_from
    from chalicelib.settings_secrets import missing_routing_keys
    from chalicelib.vendors import pager_client  # brings requests
    from cli.chat import problems_with_scopes
    from cli.manner import AT_A_DESK
    from cli.places import problems_with_places
    from cli.resolve import problems_with_key, resolve_ids, write_ids
    from cli.status_pages import problems_with_pages
    from cli.tickets import Told, told_by_jira

    text = os.environ.get(SECRETS_VARIABLE)
    if not text:
        raise typer.BadParameter(f"set {SECRETS_VARIABLE} to the JSON with the pagers' keys", param_hint="--resolve")
    try:
        known = settings_from(read_document(path), os.environ, ids_required=False)
        secrets = secrets_in(text)
        pagers = {name: pager_client(name, pager, secrets, AT_A_DESK) for name, pager in known.pagers.items()}
        resolved = resolve_ids(known.routing.rosters, pagers)
        write_ids(path, resolved.ids)
    except SettingsError as error:
        say_problems(path, error.problems)
        raise typer.Exit(1) from error
    console = Console(highlight=False, soft_wrap=True)
    for name, id_ in resolved.ids.items():
        console.print(f"  [green]✓[/] wrote [bold]rosters.{escape(name)}.id[/] = {escape(id_)}")
    jira = told_by_jira(known, text) if secrets.jira_token else Told()
    found = (
        *secrets.problems,
        *resolved.problems,
        *(problems_with_key(pagers["jsm"], "jsm_integration_key") if "jsm" in pagers and secrets.jsm_integration_key else ()),
        *missing_routing_keys(known.routing, secrets),
        *problems_with_pages(known.telling, secrets),
        *problems_with_places(known, secrets),
        *problems_with_scopes(known.chat, secrets),
        *jira.problems,
    )
    problems = tuple(dict.fromkeys(found))  # a slip of the hand may be in the way of several
    if problems:
        say_problems(path, problems)
        raise typer.Exit(1)
    return jira.notes


def show(path: Path, known: Settings, console: Console, more_notes: Iterable[str] = ()) -> None:
    """What the settings mean, in the order in which people ask. more_notes: what vendors said."""
    console.print(f"[bold green]✓[/] {escape(str(path))} has no mistakes\n", soft_wrap=True)
    console.print(_overview(known))
    console.print(_routing(known.routing))
    notes = [*notes_on(known, datetime.now(UTC)), *more_notes, *_notes_on_secrets(known)]
    if notes:
        console.print("\n[bold yellow]Worth knowing[/]")
    for note in notes:
        console.print(f"  [yellow]•[/] {escape(note)}", soft_wrap=True)


def _notes_on_secrets(known: Settings) -> list[str]:
    """Nothing where they are not at hand."""
    from chalicelib.adapters.secrets_manager import unknown_members  # this brings botocore
    from chalicelib.ports.secrets import MEMBERS
    from chalicelib.settings_secrets import unfit_secrets
    from chalicelib.settings_table import did_you_mean

    text = os.environ.get(SECRETS_VARIABLE)
    if not text:
        return []
    try:
        secrets = secrets_in(text)
        unknown = [f"secret {n}: there is none of that name{did_you_mean(n, MEMBERS)}" for n in unknown_members(text)]
        problems = (*secrets.problems, *unknown, *unfit_secrets(known, secrets))
        return [f"{SECRETS_VARIABLE}: {problem}" for problem in problems]
    except SettingsError as error:
        return [f"{SECRETS_VARIABLE}: {problem}" for problem in error.problems]


def _overview(known: Settings) -> Table:
    schema, paging = known.schema, known.paging
    where = f"{schema.site} ({known.jira.deployment})"
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    rows = {
        "mode": f"[bold]{known.mode.value}[/]: {MODES[known.mode]}",
        "go live": f"{paging.go_live:%Y-%m-%d %H:%M} UTC; older issues are not paged" if paging.go_live else "not set",
        "incidents": escape(f"{_list(schema.issue_types)} in {_list(schema.projects)} at {where}"),
        **{f"severity {s.value}": escape(_list(n for n, meant in schema.severities.items() if meant is s)) for s in Severity},
        "otherwise": f"empty: {schema.severity_when_empty.value}; not listed here: {schema.severity_in_doubt.value}",
        "pagers": escape(", ".join(f"{name} at {pager.base_url}" for name, pager in known.pagers.items())),
        "patience": f"{paging.ack_timeout_s} s without acknowledgement, then the next in line",
        "drills": escape(_drills(known)),
        "staff hear": escape(_staff(known.telling)),
        "customers hear": escape(_customers(known.telling)),
        "storm": f"more than {paging.storm_majors} new majors within {paging.storm_window_s} s",
    }
    for what, meaning in rows.items():
        table.add_row(what, meaning)
    return table


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _routing(routing: RoutingTable) -> Table:
    """One row per service, and one for all others; the IMOC chain stands in that row alone."""
    table = Table(title="\n[bold]Who is paged[/]", title_justify="left", box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("service", "severity 1", "severity 2", "severity 3"):
        table.add_column(heading, overflow="fold")
    for service in sorted({*routing.services, *routing.deliveries}):
        majors = [_first(service, severity, routing) for severity in (Severity.SEV1, Severity.SEV2)]
        table.add_row(escape(service), *majors, escape(_delivery(service, routing)))
    imoc = escape(_imoc(routing))
    table.add_row("[italic]any other, or no answer[/]", imoc, imoc, "Jira only")
    return table


def _first(service: str, severity: Severity, routing: RoutingTable) -> str:
    first, *others = route(service, severity, routing).chain
    if first.target != "im":
        return "[dim]IMOC[/]"
    second = next((f" [dim](or {escape(link.roster.name)})[/]" for link in others if link.target == "im.second"), "")
    return escape(first.roster.name) + second


def _imoc(routing: RoutingTable) -> str:
    rosters = (routing.rosters[name] for name in routing.imoc)
    return ", then ".join(roster.name + (f" (or {roster.second})" if roster.second else "") for roster in rosters)


def _drills(known: Settings) -> str:
    if not has_drills(known):
        return "there are none: no mark in [drill] tells one"
    return f"page {', then '.join(known.routing.drill)}, and nobody else" if known.routing.drill else "page like incidents"


def _staff(telling: TellingSettings) -> str:
    page = telling.status_pages.staff if telling.status_pages is not None else None
    ways = [
        *([f"on page {page.page_id}"] if page is not None else []),
        *([f"by mail to {_list(telling.mail.to)}"] if telling.mail is not None else []),
    ]
    return ", ".join(ways) or "in the room only"


def _customers(telling: TellingSettings) -> str:
    page = telling.status_pages.public if telling.status_pages is not None else None
    public = {product.public for product in telling.policy.products.values() if product.public}
    return f"on page {page.page_id}, of {_list(public)}" if page is not None else "nothing"


def _delivery(service: str, routing: RoutingTable) -> str:
    delivery = routing.deliveries.get(service)
    return f"{delivery.roster}, {_hours(delivery.hours)}" if delivery else "Jira only"


def _hours(hours: BusinessHours) -> str:
    days = sorted(hours.days)
    is_a_run = len(days) > 2 and days[-1] - days[0] == len(days) - 1
    named = f"{DAYS[days[0]]}-{DAYS[days[-1]]}" if is_a_run else " ".join(DAYS[day] for day in days)
    end = "24:00" if hours.end.microsecond else f"{hours.end:%H:%M}"
    return f"{named} {hours.start:%H:%M}-{end} {hours.time_zone}"
