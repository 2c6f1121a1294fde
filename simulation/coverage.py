"""Tables of faults: every fault of every operation laid over every scenario that calls it, and every pair over the main path.

Which operations and faults there are follows from `operations`: a row that no scenario reaches is a failure by itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from simulation.crew import spread
from simulation.faults import FAULTS
from simulation.operations import ALL_OPERATIONS as OPERATIONS
from simulation.operations import BY_NAME, OF_TELLING, WHEN_COUNTED
from simulation.scenarios import MAIN, SCENARIOS
from simulation.script import Script, Strike
from simulation.telling import replay_command
from simulation.trial import Broken, judge

CHUNK = 60
_SHOWN = 5

Progress = Callable[[int, int], None]
"""Told how many lives of how many have been played."""


@dataclass(frozen=True, slots=True)
class Struck:
    """A scenario with strikes laid over it. alike: other faults that, in place of its one strike, would make the same life."""

    scenario: str
    strikes: tuple[Strike, ...]
    alike: tuple[str, ...] = ()

    @property
    def script(self) -> Script:
        clean = SCENARIOS[self.scenario]
        if not self.strikes:
            return clean
        # The first that fits a call strikes it, and what is laid over a scenario hides what it has of its own.
        return clean.but(strikes=(*self.strikes, *clean.strikes), strikes_first=bool(clean.outages))

    @property
    def cells(self) -> set[tuple[str, str]]:
        """(operation, fault): all that this life shows."""
        return {(s.operation, fault) for s in self.strikes for fault in (s.fault, *self.alike)}

    def __str__(self) -> str:
        said = " and ".join(f"{s.operation} call {s.nth}: {' / '.join((s.fault, *self.alike))}" for s in self.strikes)
        return f"{self.scenario}: {said or 'as it is'}"


@dataclass(slots=True)
class Coverage:
    """lives: in which it really struck, per (operation, fault); faults that share a life are counted each. cells: (scenario,
    operation, fault) that struck. missed: lives in which something planned did not. unreached: operations that none calls.

    broken, missed: in the order of the table.
    """

    lives: Counter[tuple[str, str]] = field(default_factory=Counter)
    cells: set[tuple[str, str, str]] = field(default_factory=set)
    missed: list[Struck] = field(default_factory=list)
    broken: list[tuple[Struck, Broken]] = field(default_factory=list)
    unreached: tuple[str, ...] = ()
    played: int = 0

    @property
    def is_good(self) -> bool:
        return not (self.broken or self.missed or self.unreached or self.unstruck)

    @property
    def unstruck(self) -> list[str]:
        """Faults that no life had, though some scenario calls their operation."""
        reached = (operation for operation in OPERATIONS if operation.name not in self.unreached)
        return [f"{o.name}: {f.name}" for o in reached for f in o.faults if not self.lives[o.name, f.name]]


def calls_of(scenarios: Mapping[str, Script]) -> dict[str, dict[str, int]]:
    """Play each scenario as it is; return its calls per operation."""
    calls = {}
    for name, script in scenarios.items():
        verdict = judge(script).verdict
        calls[name] = verdict.calls if verdict is not None else {}
    return calls


def unreached_by(calls: Mapping[str, Mapping[str, int]]) -> tuple[str, ...]:
    return tuple(o.name for o in OPERATIONS if not any(o.name in called for called in calls.values()))


def fewest(calls: Mapping[str, Mapping[str, int]]) -> list[str]:
    """A few scenarios that reach together what all of them reach; the main path is one of them."""
    struck = {scenario: {name for name in called if _is_struck(name, scenario)} for scenario, called in calls.items()}
    chosen, missing = [MAIN], {name for called in struck.values() for name in called} - struck[MAIN]
    while missing:
        best = max(struck, key=lambda scenario: len(missing & struck[scenario]))
        chosen.append(best)
        missing -= struck[best]
    return chosen


def _is_struck(operation: str, scenario: str) -> bool:
    """A life in which people are told, or incidents counted, is long: what other scenarios call as well is struck there."""
    script = SCENARIOS[scenario]
    own = (*(OF_TELLING if script.telling else ()), *(WHEN_COUNTED if script.counted else ()))
    return not (script.telling or script.counted) or BY_NAME[operation] in own


def singles(
    calls: Mapping[str, Mapping[str, int]], scenarios: Sequence[str], *, often: bool, each: bool = False
) -> Iterator[Struck]:
    """Every fault of every call. often: of the first, the second and the last call of an operation; else of the first only.

    each: a life for each fault by itself; else those that differ in nothing but their names share one.
    """
    yield from (Struck(scenario, ()) for scenario in scenarios)
    for operation in OPERATIONS:
        for scenario in scenarios:
            count = calls[scenario].get(operation.name, 0) if _is_struck(operation.name, scenario) else 0
            for nth in sorted({1, min(2, count), count} if often else {1}) if count else ():
                for fault, *alike in [[fault] for fault in operation.faults] if each else operation.kinds:
                    yield Struck(scenario, (Strike(operation.name, nth, fault.name),), tuple(one.name for one in alike))


def pairs(calls: Mapping[str, int]) -> Iterator[Struck]:
    """On the main path: every two faults of the first calls of two operations."""
    every = [Strike(o.name, 1, f.name) for o in OPERATIONS if o.name in calls for f in o.faults]
    for number, first in enumerate(every):
        for second in every[number + 1 :]:
            if first.operation != second.operation:
                yield Struck(MAIN, (first, second))


def cover(lives: Sequence[Struck], jobs: int, progress: Progress = lambda done, of: None) -> Coverage:
    coverage = Coverage()
    found: dict[int, Broken] = {}
    missed: list[int] = []
    for (begin, chunk), played in spread(_play, _chunks(lives), jobs):
        for number, (struck, broken) in enumerate(played, begin):
            coverage.lives.update(struck)
            coverage.cells.update((lives[number].scenario, *cell) for cell in struck)
            if struck != lives[number].cells:
                missed.append(number)
            if broken is not None:
                found[number] = broken
        coverage.played += len(chunk)
        progress(coverage.played, len(lives))
    coverage.broken = [(lives[number], found[number]) for number in sorted(found)]
    coverage.missed = [lives[number] for number in sorted(missed)]
    return coverage


def _chunks(lives: Sequence[Struck]) -> Iterator[tuple[int, list[Struck]]]:
    ahead = iter(lives)
    begin = 0
    while chunk := list(islice(ahead, CHUNK)):
        yield begin, chunk
        begin += len(chunk)


def _play(piece: tuple[int, list[Struck]]) -> list[tuple[set[tuple[str, str]], Broken | None]]:
    """In a process of its own. Per life: its cells that happened, and the promise that it broke."""
    played = []
    for life in piece[1]:
        trial = judge(life.script)
        happened = {(s.operation, s.fault.name) for s in trial.verdict.struck} if trial.verdict is not None else life.cells
        strikes = tuple(strike for strike in life.strikes if (strike.operation, strike.fault) in happened)
        played.append((replace(life, strikes=strikes).cells, trial.broken))
    return played


# --- to be read -----------------------------------------------------------------------------------------------------------


def show_table(console: Console, coverage: Coverage) -> None:
    """Rows are operations, columns are faults; a number counts struck calls, one in each life."""
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("operation")
    for letter in _letters():
        table.add_column(letter, justify="right")
    for operation in OPERATIONS:
        possible = {fault.name for fault in operation.faults}
        cells = [_cell(coverage, operation.name, fault) if fault in possible else "·" for fault in FAULTS]
        table.add_row(operation.name, *cells)
    console.print(table)
    for name in coverage.unstruck:
        console.print(f"[bold red]{escape(name)} struck nowhere[/]")
    for life in coverage.missed[:_SHOWN]:
        console.print(f"[bold red]{escape(str(life))} did not strike[/]")
    count, strikes = len(coverage.cells), coverage.lives.total()
    console.print(f"{count:,} cells of operation, fault and scenario; {strikes:,} calls struck, in {coverage.played:,} lives")
    console.print("  ".join(f"{letter} {fault}" for letter, fault in zip(_letters(), FAULTS, strict=True)), style="dim")
    legend = "a number: calls that it struck; !: a life broke a promise; ·: not a fault of it; -: reached by no scenario"
    console.print(legend + "\n", style="dim")


def _letters() -> list[str]:
    return [chr(ord("a") + number) for number in range(len(FAULTS))]


def _cell(coverage: Coverage, operation: str, fault: str) -> str:
    if operation in coverage.unreached:
        return "[bold red]-[/]"
    broken = any((operation, fault) in life.cells for life, _ in coverage.broken)
    count = str(coverage.lives[operation, fault])
    return f"[bold red]{count}![/]" if broken else count


def show_broken(console: Console, coverage: Coverage) -> None:
    """How many lives broke what, and the first few of each with the command that replays it."""
    for name in coverage.unreached:
        console.print(f"[bold red]{name} is reached by no scenario[/]: simulation/scenarios.py needs one")
    by_invariant: dict[str, list[tuple[Struck, Broken]]] = {}
    for life, broken in coverage.broken:
        by_invariant.setdefault(broken.invariant, []).append((life, broken))
    for invariant, lives in by_invariant.items():
        console.print(f"[bold red]{len(lives)} lives broke: {escape(invariant)}[/]")
        for life, broken in lives[:_SHOWN]:
            console.print(
                f"  {escape(str(life))}\n    {escape(broken.text)}\n    {escape(replay_command(life.script))}", soft_wrap=True
            )
