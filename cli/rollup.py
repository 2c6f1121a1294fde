"""`firebell rollup`: what happens every hour by itself, now; and everything anew out of the events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from chalicelib.errors import TemporaryError, UnreadableEvent
from chalicelib.metrics.run import Rollup
from cli.fact_store import TEMPLATES, FolderOption, complain, fact_store
from cli.settings_file import SHIPPED, SettingsOption, load_or_exit

RebuildOption = Annotated[
    bool, typer.Option("--rebuild", help="Everything anew out of the events, not only what is new. Changes no event.")
]


@dataclass
class _Shown:
    """The rollup's log, as one moving line; what is wrong stays on the screen."""

    progress: Progress
    task: TaskID
    alarms: int = 0

    def info(self, event: str, **fields: object) -> None:
        if event == "period_rolled_up":
            done = f"{fields['period']}: {fields['incidents']} incidents count"
            self.progress.update(self.task, advance=1, description=escape(done))

    def alarm(self, event: str, **fields: object) -> None:
        self.alarms += 1
        told = ", ".join(f"{name} {value}" for name, value in fields.items())
        self.progress.console.print(f"[red]{escape(event)}[/]: {escape(told)}")


def rollup(rebuild: RebuildOption = False, folder: FolderOption = None, settings: SettingsOption = SHIPPED) -> None:
    """Merge new versions of incidents and write figures and reports, once and now. Exits with 1 where something was wrong.

    While the hourly one runs it is refused, and so is the hourly one meanwhile: that is repeated after a minute.
    """
    from chalicelib.adapters.report_pages import ReportPages  # brings Jinja2

    known = load_or_exit(settings)
    store = fact_store(folder)
    columns = (SpinnerColumn(), TextColumn("{task.completed} periods"), TextColumn("{task.description}"), TimeElapsedColumn())
    try:
        with Progress(*columns, console=Console(stderr=True, highlight=False, soft_wrap=True)) as progress:
            log = _Shown(progress, progress.add_task("", total=None))
            work = Rollup(store, log, known.metrics.hours, ReportPages(TEMPLATES))
            now = datetime.now(UTC)
            ran = work.rebuild(now) if rebuild else work.run(now)
    except (TemporaryError, UnreadableEvent, OSError) as error:
        raise complain(f"The rollup stopped; run it again: {error}") from error
    typer.echo(f"merged {ran.merged} versions; {len(ran.months)} months, {len(ran.quarters)} quarters computed")
    if log.alarms:
        raise typer.Exit(1)
