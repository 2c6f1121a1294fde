"""`python -m cli`, or ./firebell: every command there is, in the order in which people meet them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.check import check
from cli.history import import_history
from cli.render import render
from cli.report import report
from cli.rollup import rollup
from cli.route import route

RecordOption = Annotated[Path | None, typer.Option("--record", help="Write every HTTP exchange there, as JSON lines.")]

PortOption = Annotated[int, typer.Option("--port", min=0, max=65535, help="Of the page; 0 takes a free one.")]


def demo(record: RecordOption = None) -> None:
    """Watch incidents being paged and told of, on this machine, in about a minute."""
    from cli.demo import play  # brings moto and the emulators

    raise typer.Exit(play(record))


def serve(port: PortOption = 8400) -> None:
    """Keep the same stack running, with a page to look at and act in."""
    from cli.serve import serve as keep_serving

    raise typer.Exit(keep_serving(port))


COMMANDS = (demo, serve, check, route, render, rollup, report)

app = typer.Typer(
    name="firebell", help="Firebell: the incident process runs by itself.", no_args_is_help=True, add_completion=False
)
for command in COMMANDS:
    app.command()(command)
app.command("import")(import_history)

if __name__ == "__main__":
    app(prog_name="firebell")
