"""`firebell route`: who would be paged for this service and severity, in which order, and why."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from chalicelib.domain.incident import Severity
from chalicelib.domain.paging import Roster
from chalicelib.domain.routing import Link, Route, fold_name
from chalicelib.domain.routing import route as decide_route
from chalicelib.settings import Settings
from cli.settings_file import SHIPPED, SettingsOption, load_or_exit

ServiceOption = Annotated[str, typer.Option("--service", help="The faulty service, as Jira calls it; Unknown if nobody knows.")]
SeverityOption = Annotated[str, typer.Option("--severity", help="1, 2 or 3, or what Jira calls it.")]
AtOption = Annotated[
    datetime | None,
    typer.Option(
        "--at",
        formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%z"],
        help="When (UTC unless it has an offset); now by default. Only severity 3 depends on it.",
        show_default=False,
    ),
]
DrillOption = Annotated[bool, typer.Option("--drill", help="As a drill.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]


def route(
    service: ServiceOption = "",
    severity: SeverityOption = "1",
    at: AtOption = None,
    drill: DrillOption = False,
    as_json: JsonOption = False,
    settings: SettingsOption = SHIPPED,
) -> None:
    """Who would be paged for this service and severity, in which order, and why."""
    known = load_or_exit(settings)
    level = _severity(severity, known)
    unknown = fold_name(service) in known.schema.unknown_services
    found = decide_route(None if unknown else service, level, known.routing.for_drills() if drill else known.routing)
    moment = at or datetime.now(UTC)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if as_json:
        typer.echo(json.dumps(_as_json(service, level, found, moment), indent=2, ensure_ascii=False))
    else:
        _show(service, level, found, known, moment)


def _severity(text: str, known: Settings) -> Severity:
    names = {str(severity.value): severity for severity in Severity} | dict(known.schema.severities)
    severity = names.get(fold_name(text))
    if severity is None:
        raise typer.BadParameter(f"{text!r} is none of {', '.join(names)}", param_hint="--severity")
    return severity


def _show(service: str, severity: Severity, found: Route, known: Settings, moment: datetime) -> None:
    console = Console(highlight=False)
    title = f"{service.strip() or 'No service'}, severity {severity.value}"
    console.print(f"[bold]{escape(title)}[/]\n")
    if found.chain:
        console.print(_chain_table(found.chain, known.paging.ack_timeout_s))
    elif found.delivery:
        _show_delivery(console, found, moment)
    else:
        console.print(f"Nobody is paged: {escape(found.why)}")
    _show_hint(console, service, known)


def _chain_table(chain: tuple[Link, ...], ack_timeout_s: int) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("", "whom", "when", "why"):
        table.add_column(heading, overflow="fold")
    number = 0
    for before, link in zip((None, *chain), chain, strict=False):
        number += not link.is_second
        if before is None:
            when = "at once"
        elif link.is_second:
            when = f"{before.roster.pager} is down for a minute"
        else:
            when = f"nobody on call, refused, or no acknowledgement for {ack_timeout_s} s"
        mark = "↳" if link.is_second else str(number)
        whom = f"[bold]{escape(link.roster.name)}[/]\n[dim]{escape(_at_the_pager(link.roster))}[/]"
        table.add_row(mark, whom, when, escape(link.why))
    return table


def _at_the_pager(roster: Roster) -> str:
    known = f" ({roster.id})" if roster.id else ""
    return f"{roster.pager} {roster.kind.value}: {roster.title}{known}"


def _show_delivery(console: Console, found: Route, moment: datetime) -> None:
    assert found.delivery is not None
    assert found.hours is not None
    opens = found.hours.opens_at(moment)
    begin = f"{opens:%a %Y-%m-%d %H:%M} UTC, when the team's hours begin ({found.hours.time_zone})"
    when = "at once, in the team's hours" if opens == moment else begin
    roster = found.delivery.roster
    console.print(f"Nobody is woken. A low-urgency alert goes to [bold]{escape(roster.name)}[/] {escape(when)}")
    console.print(f"[dim]{escape(_at_the_pager(roster))}[/]")


def _show_hint(console: Console, service: str, known: Settings) -> None:
    """A service that is not in the table is most often a slip of the hand."""
    services = {*known.routing.services, *known.routing.deliveries}
    name = fold_name(service)
    if name and name not in services and name not in known.schema.unknown_services:
        listed = ", ".join(sorted(services)) or "none"
        console.print(f"\n[yellow]{escape(service.strip())} is not in the routing table.[/] Services there: {escape(listed)}")


def _as_json(service: str, severity: Severity, found: Route, moment: datetime) -> dict[str, Any]:
    delivery = None
    if found.delivery and found.hours:
        opens = found.hours.opens_at(moment)
        delivery = _link_json(found.delivery) | {"opens_at": opens.isoformat(), "open_now": opens == moment}
    return {
        "service": service,
        "severity": severity.value,
        "why": found.why,
        "chain": [_link_json(link) for link in found.chain],
        "delivery": delivery,
    }


def _link_json(link: Link) -> dict[str, Any]:
    return {
        "target": link.target,
        "roster": link.roster.name,
        "pager": link.roster.pager,
        "kind": link.roster.kind.value,
        "title": link.roster.title,
        "id": link.roster.id,
        "only_if_unreachable": link.is_second,
        "why": link.why,
    }
