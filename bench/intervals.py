"""How often an interval holds the truth, per figure and number of incidents, on histories whose truth is known."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from fractions import Fraction

from bench.measure import machine, verdict
from chalicelib.metrics.statistics import (
    BOOTSTRAP_UP_TO,
    GEOMETRIC_INTERVAL_FROM,
    MEDIAN,
    P75,
    P90,
    P95,
    Interval,
    geometric_mean_interval,
    quantile_interval,
)

PROMISED = 0.94
NUMBERS = (6, 13, GEOMETRIC_INTERVAL_FROM, 36, BOOTSTRAP_UP_TO, BOOTSTRAP_UP_TO + 1, 72, 200)
SAMPLE = 400_001
"""Drawn once per history to know its quantiles to about a thousandth."""

Draw = Callable[[random.Random], float]


def _lognormal(chance: random.Random) -> float:
    return math.exp(chance.gauss(8, 1.2))


def _with_long_ones(chance: random.Random) -> float:
    """One in five is of another kind, and takes thirty times as long."""
    return math.exp(chance.gauss(7, 0.8) if chance.random() < 0.8 else chance.gauss(10.5, 0.7))


def _exponential(chance: random.Random) -> float:
    return chance.expovariate(1 / 5_000)


HISTORIES: dict[str, Draw] = {"lognormal": _lognormal, "one in five long": _with_long_ones, "exponential": _exponential}
QUANTILES = {"median": MEDIAN, "p75": P75, "p90": P90, "p95": P95}


def main(histories: int) -> int:
    print(f"{machine()}; {histories} histories per line")
    print(f"{'history':18}{'figure':>16}{'n':>6}{'holds it':>10}")
    worst = 1.0
    for title, draw in HISTORIES.items():
        truths = _truths(draw)
        for n in NUMBERS:
            chance = random.Random(n)
            held: dict[str, list[bool]] = {}
            for number in range(histories):
                values = sorted(draw(chance) for _ in range(n))
                for figure, interval in _intervals(values, str(number)):
                    held.setdefault(figure, []).append(interval.low <= truths[figure] <= interval.high)
            for figure, answers in held.items():
                share = sum(answers) / len(answers)
                worst = min(worst, share)
                print(f"{title:18}{figure:>16}{n:>6}{share:>10.4f}", flush=True)
    return (
        0
        if verdict(f"an interval that is shown holds the truth in {PROMISED:.0%}", worst >= PROMISED, f"{worst:.2%} at worst")
        else 1
    )


def _truths(draw: Draw) -> dict[str, float]:
    chance = random.Random(0)
    sample = sorted(draw(chance) for _ in range(SAMPLE))
    exact = {figure: _at(sample, q) for figure, q in QUANTILES.items()}
    return {**exact, "geometric mean": math.exp(math.fsum(map(math.log, sample)) / SAMPLE)}


def _at(ordered: Sequence[float], q: Fraction) -> float:
    return ordered[int((len(ordered) - 1) * q)]


def _intervals(values: Sequence[float], seed: str) -> list[tuple[str, Interval]]:
    told = [(figure, quantile_interval(values, q)) for figure, q in QUANTILES.items()]
    told.append(("geometric mean", geometric_mean_interval(values, seed)))
    return [(figure, interval) for figure, interval in told if interval is not None]
