"""`python -m simulation`: lives by the thousand, or one of them told as a story. Exit code 1: a promise was broken."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from simulation import coverage
from simulation.campaign import ROOT, Chunk, Results, run
from simulation.crew import all_cores
from simulation.draw import Kind, draw
from simulation.same import played_twice
from simulation.scenarios import MAIN, SCENARIOS
from simulation.script import Script, script_from_json
from simulation.shrink import BUDGET
from simulation.telling import report, tell, tell_first_few, tell_shortest
from simulation.trial import judge

SecondsOption = Annotated[float | None, typer.Option("--seconds", min=0.0, help="How long; else until the last seed.")]
SeedsOption = Annotated[str, typer.Option("--seeds", help="A:B plays A to B-1; A: goes on until the time is up.")]
JobsOption = Annotated[int, typer.Option("--jobs", min=1, help="Processes; one per core by default.")]
ResultOption = Annotated[Path, typer.Option("--result", dir_okay=False, help="Started again with it, it goes on.")]
KindOption = Annotated[
    Kind,
    typer.Option("--kind", help="bare: the page path alone. restless: and people who change their minds. calm: people alone."),
]
BudgetOption = Annotated[int, typer.Option("--budget", min=1, help="Plays spent on making a history shorter.")]
ScriptOption = Annotated[str | None, typer.Option("--script", help="A life as JSON, as printed with a broken promise.")]
EachOption = Annotated[bool, typer.Option("--each", help="A life for each fault, also where two differ only in name.")]
PairsOption = Annotated[bool, typer.Option("--pairs", help="Every two faults on the main path, too.")]
OftenOption = Annotated[bool, typer.Option("--often", help="The second and the last call of each operation, too.")]
QuickOption = Annotated[bool, typer.Option("--quick", help="Only in as few scenarios as reach everything.")]
CORES = all_cores()
SeedArgument = Annotated[int, typer.Argument(min=0)]
SomeSeed = Annotated[int | None, typer.Argument(min=0)]
Seeds = Annotated[list[int], typer.Argument(min=0)]

app = typer.Typer(name="simulation", help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.command()
def campaign(
    seconds: SecondsOption = None,
    seeds: SeedsOption = "0:",
    kind: KindOption = Kind.ALL,
    jobs: JobsOption = CORES,
    result: ResultOption = ROOT / "build" / "campaign.jsonl",
    budget: BudgetOption = BUDGET,
) -> None:
    """Play seed after seed and report how fast people were paged, what was excused, and what was broken."""
    first, last = _range(seeds)
    if last is None and seconds is None:
        raise typer.BadParameter("endless seeds need --seconds")
    console = _console()
    began = time.monotonic()
    with _progress(console, seconds if last is None else last - first) as show:

        def progress(results: Results, chunk: Chunk) -> None:
            lives, broken = results.tally.lives, len(results.violations)
            done = time.monotonic() - began if last is None else float(results.seeds)
            show(done, f"{lives:,} lives, up to seed {chunk.last}, {broken} broken")

        results = run(first, last, result, jobs=jobs, kind=kind, seconds=seconds, progress=progress)
    report(console, results, time.monotonic() - began)
    if results.violations:
        tell_first_few(console, results.violations, kind, budget)
    raise typer.Exit(1 if results.violations or not results.ranges else 0)


@app.command()
def replay(seed: SomeSeed = None, script: ScriptOption = None, kind: KindOption = Kind.ALL) -> None:
    """Tell one life as a story, with its virtual times, and the verdict."""
    if (seed is None) == (script is None):
        raise typer.BadParameter("either a seed or --script")
    raise typer.Exit(0 if tell(_console(), _script(script) if script is not None else draw(seed or 0, kind)) else 1)


@app.command()
def shrink(seed: SeedArgument, kind: KindOption = Kind.ALL, budget: BudgetOption = BUDGET) -> None:
    """Tell the shortest life found that breaks the same promise as the seed's."""
    script = draw(seed, kind)
    if judge(script).broken is None:
        typer.echo(f"seed {seed} breaks no promise")
        return
    tell_shortest(_console(), script, f"seed {seed}", budget)
    raise typer.Exit(1)


@app.command()
def table(
    pairs: PairsOption = False, quick: QuickOption = False, often: OftenOption = False, each: EachOption = False,
    jobs: JobsOption = CORES,
) -> None:  # fmt: skip
    """Lay every fault of every operation over its first call in each scenario, one at a time."""
    console = _console()
    calls = coverage.calls_of(SCENARIOS)
    scenarios = coverage.fewest(calls) if quick else list(SCENARIOS)
    lives = list(coverage.singles(calls, scenarios, often=often, each=each))
    singles = _cover(console, lives, jobs, f"one fault at a time, over {len(scenarios)} scenarios")
    singles.unreached = coverage.unreached_by(calls)
    coverage.show_table(console, singles)
    coverage.show_broken(console, singles)
    good = singles.is_good
    if pairs:
        doubles = _cover(console, list(coverage.pairs(calls[MAIN])), jobs, "two faults at a time, on the main path")
        coverage.show_broken(console, doubles)
        good = good and not doubles.broken
    console.print("[bold green]every promise was kept[/]" if good else "[bold red]not as promised[/]")
    raise typer.Exit(0 if good else 1)


@app.command()
def same(seeds: Seeds) -> None:
    """Play the same seeds in two fresh processes: the stories must be the same, byte for byte."""
    different = False
    for told in played_twice(seeds):
        typer.echo(f"seed {told.seed}: {told.digest}" if told.is_same else f"seed {told.seed} differs: {told.difference}")
        different = different or not told.is_same
    raise typer.Exit(1 if different else 0)


@app.command()
def bugs(names: Annotated[list[str] | None, typer.Argument(help="Only these.")] = None) -> None:
    """Plant design bugs, one at a time: how many seeds until each is caught, and by which promise."""
    from simulation.bugs import main as plant

    raise typer.Exit(plant(names or []))


def _range(seeds: str) -> tuple[int, int | None]:
    first, colon, last = seeds.partition(":")
    if not (colon and first.isdecimal() and (last.isdecimal() or not last)):
        raise typer.BadParameter(f"seeds look like 0:1000 or 500:, not {seeds}")
    return int(first), int(last) if last else None


def _script(text: str) -> Script:
    try:
        return script_from_json(text)
    except (TypeError, ValueError) as error:
        raise typer.BadParameter(f"no script: {error}") from error


def _console() -> Console:
    """As wide as the tables need where nobody's terminal says how wide it is."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=160)


def _cover(console: Console, lives: list[coverage.Struck], jobs: int, title: str) -> coverage.Coverage:
    began = time.monotonic()
    with _progress(console, len(lives)) as show:
        covered = coverage.cover(lives, jobs, lambda done, of: show(done, f"{done:,} of {of:,} lives: {title}"))
    console.print(f"[bold]{covered.played:,}[/] lives, {title}, in {time.monotonic() - began:.0f} s\n")
    return covered


@contextmanager
def _progress(console: Console, total: float | None) -> Iterator[Callable[[float, str], None]]:
    """A bar on a terminal; elsewhere a line now and then."""
    if console.is_terminal:
        columns = (BarColumn(40), TextColumn("{task.description}"), TimeElapsedColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("starting", total=total)
            yield lambda done, text: bar.update(task, completed=done, description=text)
        return
    shown_at = time.monotonic()

    def line(done: float, text: str) -> None:
        nonlocal shown_at
        if time.monotonic() >= shown_at + 10:
            shown_at = time.monotonic()
            typer.echo(text)

    yield line


if __name__ == "__main__":
    app(prog_name="python -m simulation")
