"""`python -m cli`, or ./firebell: every command there is, in the order in which people meet them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from cli.check import check
from cli.route import route

RecordOption = Annotated[Path | None, typer.Option("--record", help="Write every HTTP exchange there, as JSON lines.")]


def demo(record: RecordOption = None) -> None:
    """Watch incidents being paged, on this machine, in about 20 seconds."""
    from cli.demo import play  # brings moto and the emulators

    raise typer.Exit(play(record))


COMMANDS = (demo, check, route)

app = typer.Typer(name="firebell", help="Firebell: the incident process runs by itself.", no_args_is_help=True, add_completion=False)
for command in COMMANDS:
    app.command()(command)

if __name__ == "__main__":
    app(prog_name="firebell")
