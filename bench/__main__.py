"""`python -m bench`: every benchmark in turn, each in a process of its own; or one of them by name."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

RunsOption = Annotated[int, typer.Option("--runs", min=1, help="Warm runs per figure.")]
IncidentsOption = Annotated[int, typer.Option("--incidents", min=1, help="Raised at once.")]
StartsOption = Annotated[int, typer.Option("--starts", min=1, help="Cold starts per figure.")]
FolderArgument = Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Holds jira/, opsgenie/, jsm/, pagerduty/.")]
FolderOption = Annotated[Path | None, typer.Option("--payloads", exists=True, file_okay=False, help="For `payloads`, too.")]

app = typer.Typer(name="bench", help=__doc__, add_completion=False, pretty_exceptions_enable=False)


def page(runs: RunsOption = 200) -> None:
    """From a webhook to the alert request at the pager, in milliseconds; and what is called before it."""
    from bench import time_to_page

    raise typer.Exit(time_to_page.main(runs))


def once(incidents: IncidentsOption = 20) -> None:
    """Alerts per incident, when webhooks come many times or many incidents come at once."""
    from bench import exactly_once

    raise typer.Exit(exactly_once.main(incidents))


def ignored(runs: RunsOption = 500) -> None:
    """CPU and AWS calls of a webhook that is none of our business: most of the traffic."""
    from bench import ignored_webhook

    raise typer.Exit(ignored_webhook.main(runs))


def cold(starts: StartsOption = 15) -> None:
    """Size, start and memory of the deployment package, under AWS's own runtime client."""
    from bench import cold_start

    raise typer.Exit(cold_start.main(starts))


def places(runs: Annotated[int, typer.Option("--runs", min=1, help="Incidents.")] = 10) -> None:
    """From a webhook to room, call and document made and linked in Jira, next to the longest chain of calls."""
    from bench import places as meeting

    raise typer.Exit(meeting.main(runs))


def intervals(histories: Annotated[int, typer.Option("--histories", min=1, help="Per line.")] = 2_000) -> None:
    """How often the intervals of the metrics hold the truth, per figure and number of incidents."""
    from bench import intervals as coverage

    raise typer.Exit(coverage.main(histories))


def rollup(incidents: Annotated[int, typer.Option("--incidents", min=1_200, help="In ten years.")] = 1_000_000) -> None:
    """Everything anew out of the events of ten years, and the hour in which one incident changed; next to DuckDB."""
    from bench import rollup as years

    raise typer.Exit(years.main(incidents))


def canaries(incidents: Annotated[int, typer.Option("--incidents", min=1, help="Generated.")] = 100_000) -> None:
    """A word in every field of every incident: how often customers would read it, and how often the guard finds a slip."""
    from bench import canaries as singing

    raise typer.Exit(singing.main(incidents))


def payloads(folder: FolderArgument) -> None:
    """Run every recorded webhook of a folder through its parser and count what came out."""
    from bench import payloads as counting

    raise typer.Exit(counting.main(folder))


IN_TURN = (page, once, places, ignored, cold, canaries)

for command in (*IN_TURN, payloads, intervals, rollup):
    app.command()(command)


@app.callback(invoke_without_command=True)
def everything(context: typer.Context, folder: FolderOption = None) -> None:
    if context.invoked_subcommand is not None:
        return
    runs = [[command.__name__] for command in IN_TURN] + ([["payloads", str(folder)]] if folder else [])
    failed = []
    for arguments in runs:
        typer.echo(f"--- {arguments[0]}")
        # A process of its own: no thread or cache of one benchmark shows in the figures of the next.
        if subprocess.run([sys.executable, "-m", "bench", *arguments], check=False).returncode != 0:
            failed.append(arguments[0])
        typer.echo()
    typer.echo(f"not as promised: {', '.join(failed)}" if failed else "all as promised")
    raise typer.Exit(1 if failed else 0)


if __name__ == "__main__":
    app(prog_name="python -m bench")
