"""What a life and a campaign look like to people: the story, the verdict, the tables, and the command that shows it again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from dataclasses import MISSING, fields
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from simulation.bounds import BOUNDS
from simulation.campaign import Results, Violation
from simulation.draw import Kind, draw
from simulation.invariants import EXCEPTIONS
from simulation.script import Script
from simulation.shrink import shrink
from simulation.trial import judge

FIRST_FEW = 3
"""Of each broken promise, so many seeds are named, and of all of them so many are told as a story."""
_DULL = Script()


def short_json(script: Script) -> str:
    """Only what is not the default, in the parts, too."""
    shown = {f.name: _short(getattr(script, f.name)) for f in fields(Script) if getattr(script, f.name) != _default(f.name)}
    return json.dumps(shown, separators=(",", ":"), ensure_ascii=False)


def _default(name: str) -> Any:
    return getattr(_DULL, name)


def _short(value: Any) -> Any:
    if not isinstance(value, tuple):
        return value
    return [
        {f.name: getattr(part, f.name) for f in fields(part) if f.default is MISSING or getattr(part, f.name) != f.default}
        if hasattr(part, "__dataclass_fields__")
        else part
        for part in value
    ]


def replay_command(script: Script) -> str:
    return f"python -m simulation replay --script {shlex.quote(short_json(script))}"


def tell(console: Console, script: Script) -> bool:
    """The whole story of a life, line by line, and the verdict. Return whether every promise was kept."""
    trial = judge(script, tell=True)
    say = Plain(console)
    for line in trial.verdict.story if trial.verdict is not None else ():
        if line.lstrip().startswith("VIOLATED"):
            console.print(escape(line), style="bold red", soft_wrap=True)
        else:
            say(line)
    say("")
    if trial.verdict is not None:
        for timing in trial.verdict.paged:
            say(str(timing))
        for letter, times in sorted(trial.verdict.excused.items()):
            say(f"accepted exception {letter}: {times}")
    verdict = f"[bold red]broken[/]: {escape(trial.broken.text)}" if trial.broken else "[bold green]every promise was kept[/]"
    console.print(verdict, soft_wrap=True)
    say(replay_command(script))
    return trial.broken is None


class Plain:
    """Prints words as they are: not wrapped, and nothing in them taken for markup."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def __call__(self, text: str) -> None:
        self._console.print(text, soft_wrap=True, markup=False, highlight=False)


def tell_shortest(console: Console, script: Script, what: str, budget: int) -> None:
    """The shortest life found that breaks the same promise, as a story."""
    shrunk = shrink(script, budget=budget)
    console.rule(f"{escape(what)}, shortened in {shrunk.plays} plays" + ("" if shrunk.complete else " and not to the end"))
    tell(console, shrunk.script)


# --- a campaign -----------------------------------------------------------------------------------------------------------


def report(console: Console, results: Results, elapsed_s: float) -> None:
    tally, core_seconds = results.tally, results.core_seconds
    rate = tally.lives / core_seconds if core_seconds else 0.0
    console.print(
        f"\n[bold]{tally.lives:,}[/] lives ({_seeds(results)}), {tally.rings:,} rings, {tally.strikes.total():,} faults "
        f"of {len(tally.strikes)} kinds; {rate:.0f} lives/s/core, {elapsed_s:.0f} s now\n",
        soft_wrap=True,
    )
    _report_times(console, results)
    _report_exceptions(console, results)
    _report_violations(console, results.violations)


def _seeds(results: Results) -> str:
    """As ranges: 0:300, 500:600."""
    ranges: list[list[int]] = []
    for first, last in sorted(results.ranges):
        if ranges and ranges[-1][1] == first:
            ranges[-1][1] = last
        else:
            ranges.append([first, last])
    return "seeds " + ", ".join(f"{first}:{last}" for first, last in ranges) if ranges else "no seeds"


def _report_times(console: Console, results: Results) -> None:
    table = Table(title="time to page", title_justify="left", box=None, pad_edge=False)
    table.add_column("class")
    for name in ("n", "p50 s", "p99 s", "max s", "bound s"):
        table.add_column(name, justify="right")
    table.add_column("since")
    paged = results.tally.paged
    for bound in BOUNDS:
        timings = paged.get(bound.name)
        if timings is None or not timings.count:
            table.add_row(bound.name, "0", "", "", "", str(bound.seconds), bound.since)
            continue
        times = [timings.quantile_ms(0.5), timings.quantile_ms(0.99), timings.max_ms]
        table.add_row(bound.name, f"{timings.count:,}", *(f"{ms / 1000:.2f}" for ms in times), str(bound.seconds), bound.since)
    console.print(table)
    nobody = sum(timings.nobody for timings in paged.values())
    console.print(f"{nobody:,} more were over before anybody had to be asked for\n", style="dim")


def _report_exceptions(console: Console, results: Results) -> None:
    """Hasty lives apart: in them people react before anybody could have seen the page."""
    tally = results.tally
    table = Table(title="accepted exceptions", title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    table.add_column("lives", justify="right")
    for letter in EXCEPTIONS:
        table.add_column(letter, justify="right")
    table.add_row("usual", f"{tally.lives - tally.hasty:,}", *(str(tally.excused[letter]) for letter in EXCEPTIONS))
    table.add_row("hasty", f"{tally.hasty:,}", *(str(tally.hasty_excused[letter]) for letter in EXCEPTIONS))
    console.print(table)
    console.print()


def _report_violations(console: Console, violations: list[Violation]) -> None:
    if not violations:
        console.print("[bold green]every promise was kept[/]")
        return
    table = Table(title="broken promises", title_justify="left", box=None, pad_edge=False)
    for name in ("promise", "lives", "of them hasty", "seeds"):
        table.add_column(name, justify="left" if name in ("promise", "seeds") else "right")
    for invariant, found in by_promise(violations):
        seeds = ", ".join(str(violation.seed) for violation in found[:8]) + (" ..." if len(found) > 8 else "")
        table.add_row(escape(invariant), str(len(found)), str(sum(violation.is_hasty for violation in found)), seeds)
    console.print(table)


def by_promise(violations: list[Violation]) -> Iterator[tuple[str, list[Violation]]]:
    for invariant in sorted({violation.invariant for violation in violations}):
        yield invariant, [violation for violation in violations if violation.invariant == invariant]


def tell_first_few(console: Console, violations: list[Violation], kind: Kind, budget: int) -> None:
    """The first of each broken promise, shortened, as a story."""
    firsts = [found[0] for _, found in by_promise(violations)]
    for first in sorted(firsts)[:FIRST_FEW]:
        tell_shortest(console, draw(first.seed, kind), f"seed {first.seed}", budget)
    if len(firsts) > FIRST_FEW:
        which = "" if kind is Kind.ALL else f" --kind {kind}"
        console.print(f"\nthe others: python -m simulation shrink SEED{which}", style="dim")
