"""What every command does with firebell.toml: find it, read it, or say all that is wrong with it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from chalicelib.errors import SettingsError
from chalicelib.settings import Settings, load

SHIPPED = Path(__file__).resolve().parents[1] / "firebell.toml"

SettingsOption = Annotated[
    Path, typer.Option("--settings", envvar="FIREBELL_SETTINGS", help="The settings file.", show_default="firebell.toml")
]


def load_or_exit(path: Path) -> Settings:
    """The settings; with exit code 1 and every problem on stderr where there are none."""
    try:
        return load(path, os.environ)
    except SettingsError as error:
        say_problems(path, error.problems)
        raise typer.Exit(1) from error


def say_problems(where: Path | str, problems: Iterable[str]) -> None:
    """where: the file, or the variable. One line each, so that they can be searched, and end in a terminal where they fit."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    problems = tuple(problems)
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    console.print(f"[bold red]{count}[/] in {escape(str(where))}")
    for problem in problems:
        which, colon, what = problem.partition(": ")
        console.print(f"  [red]✗[/] [bold]{escape(which)}[/]{colon}{escape(what)}")
