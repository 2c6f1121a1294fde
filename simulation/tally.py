"""What many lives add up to: small enough for one line per chunk, exact enough for quantiles. Values add up in any order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate
from math import ceil
from typing import Any

from simulation.bounds import PagedIn
from simulation.draw import _HASTY
from simulation.life import Verdict
from simulation.script import Script

UP_TO_MS = 100
"""Timings up to here are kept as they are, longer ones with two digits, rounded up."""


def is_hasty(script: Script) -> bool:
    """Somebody reacts within the blink in which nobody could have seen the page; such lives are counted apart."""
    return any(reaction in _HASTY for reaction in script.reactions)


@dataclass(slots=True)
class Timings:
    """One class of bound. steps: rounded milliseconds -> how often. nobody: nobody was asked for, and needed not be."""

    steps: Counter[int] = field(default_factory=Counter)
    max_ms: int = 0
    nobody: int = 0

    def add(self, took_ms: int | None) -> None:
        if took_ms is None:
            self.nobody += 1
        else:
            self.steps[round_up(took_ms)] += 1
            self.max_ms = max(self.max_ms, took_ms)

    def merge(self, other: Timings) -> None:
        self.steps.update(other.steps)
        self.max_ms = max(self.max_ms, other.max_ms)
        self.nobody += other.nobody

    @property
    def count(self) -> int:
        return self.steps.total()

    def quantile_ms(self, share: float) -> int:
        """Never below the true one. Only where something was counted."""
        rank = ceil(share * self.count)
        steps = sorted(self.steps)
        sums = accumulate(self.steps[step] for step in steps)
        return min(self.max_ms, next(step for step, so_far in zip(steps, sums, strict=True) if so_far >= rank))


def round_up(ms: int) -> int:
    if ms <= UP_TO_MS:
        return ms
    unit: int = 10 ** (len(str(ms)) - 2)
    return -(-ms // unit) * unit


@dataclass(slots=True)
class Tally:
    """excused: by letter; hasty_excused: in hasty lives. strikes: per "operation: fault". paged: by the name of the bound."""

    lives: int = 0
    hasty: int = 0
    rings: int = 0
    excused: Counter[str] = field(default_factory=Counter)
    hasty_excused: Counter[str] = field(default_factory=Counter)
    strikes: Counter[str] = field(default_factory=Counter)
    paged: dict[str, Timings] = field(default_factory=dict)

    def add(self, script: Script, verdict: Verdict | None) -> None:
        """verdict: None for a life that could not be played to its end."""
        self.lives += 1
        self.hasty += is_hasty(script)
        if verdict is None:
            return
        self.rings += verdict.rings
        (self.hasty_excused if is_hasty(script) else self.excused).update(verdict.excused)
        self.strikes.update(f"{struck.operation}: {struck.fault.name}" for struck in verdict.struck)
        self.time(verdict.paged)

    def time(self, paged: Iterable[PagedIn]) -> None:
        for timing in paged:
            self.paged.setdefault(timing.bound.name, Timings()).add(timing.took_ms)

    def merge(self, other: Tally) -> None:
        self.lives += other.lives
        self.hasty += other.hasty
        self.rings += other.rings
        self.excused.update(other.excused)
        self.hasty_excused.update(other.hasty_excused)
        self.strikes.update(other.strikes)
        for name, timings in other.paged.items():
            self.paged.setdefault(name, Timings()).merge(timings)

    def as_json(self) -> dict[str, Any]:
        paged = {name: {"steps": t.steps, "max_ms": t.max_ms, "nobody": t.nobody} for name, t in self.paged.items()}
        return {
            "lives": self.lives, "hasty": self.hasty, "rings": self.rings, "excused": self.excused,
            "hasty_excused": self.hasty_excused, "strikes": self.strikes, "paged": paged,
        }  # fmt: skip

    @classmethod
    def from_json(cls, told: dict[str, Any]) -> Tally:
        paged = {
            name: Timings(Counter({int(ms): count for ms, count in t["steps"].items()}), t["max_ms"], t["nobody"])
            for name, t in told["paged"].items()
        }
        counters = {name: Counter(told[name]) for name in ("excused", "hasty_excused", "strikes")}
        return cls(told["lives"], told["hasty"], told["rings"], **counters, paged=paged)
