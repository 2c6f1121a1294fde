"""`firebell report`: the page of a month or a quarter, made now from the facts that are stored."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from chalicelib.adapters.logging_json import JsonLog
from chalicelib.errors import PermanentError, TemporaryError, UnreadableEvent
from chalicelib.metrics import layout
from chalicelib.metrics.facts import month_of
from chalicelib.metrics.run import Rollup
from chalicelib.ports.fact_store import FactStore
from cli.fact_store import TEMPLATES, FolderOption, complain, fact_store
from cli.settings_file import SHIPPED, SettingsOption, load_or_exit

PERIOD = re.compile(r"\d{4}-(0[1-9]|1[0-2]|Q[1-4])")

OutOption = Annotated[Path, typer.Option("--out", help="The file to write.", dir_okay=False)]
PeriodOption = Annotated[
    str,
    typer.Option("--period", help="A month or a quarter: 2026-11, 2026-Q4. The present month by default.", show_default=False),
]


def report(
    out: OutOption = Path("report.html"),
    period: PeriodOption = "",
    folder: FolderOption = None,
    settings: SettingsOption = SHIPPED,
) -> None:
    """Write the report of a month or a quarter: one HTML file that needs nothing else."""
    from chalicelib.adapters.report_pages import ReportPages  # brings Jinja2

    now = datetime.now(UTC)
    period = period or month_of(now)
    if not PERIOD.fullmatch(period):
        raise typer.BadParameter(f"{period!r} is neither a month (2026-11) nor a quarter (2026-Q4)", param_hint="--period")
    known = load_or_exit(settings)
    store = fact_store(folder)
    try:
        page = Rollup(store, JsonLog(), known.metrics.hours, ReportPages(TEMPLATES)).page(period, now)
        if page is None:
            raise complain(f"Nothing is known of {period}. {_known(store)}")
    except (TemporaryError, PermanentError, UnreadableEvent, OSError) as error:
        raise complain(f"No report: {error}") from error
    try:
        out.write_bytes(page)
    except OSError as error:
        raise complain(f"{out}: {error.strerror}") from error
    typer.echo(f"{out}: {len(page) / 1e6:.1f} MB")


def _known(store: FactStore) -> str:
    months = sorted({layout.month_of_incidents_key(key) for key in store.keys(layout.INCIDENTS)})
    if not months:
        return "The rollup has written no month yet."
    return f"There is {months[0]} to {months[-1]}." if len(months) > 1 else f"There is {months[0]}."
