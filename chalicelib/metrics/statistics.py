"""Figures that describe durations, and how sure one can be of them. Pure: the same values give the same figures, to the bit.

Durations are skewed: a few long ones carry the mean. So quantiles and the geometric mean describe them, and the mean only
stands beside. An interval is given only where so many values can carry it: at least 94 % of such intervals hold the truth
(measured by `bench/intervals.py` for each figure and number of values).
"""

from __future__ import annotations

import math
import random  # noqa: TID251 (seeded: the same values give the same interval)
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from operator import mul
from statistics import NormalDist

LEVEL = 0.95
MEDIAN, P75, P90, P95 = Fraction(1, 2), Fraction(3, 4), Fraction(9, 10), Fraction(19, 20)
P95_FROM = 60
"""Fewer values say nothing of one in twenty."""

LEAST = 1.0
"""Seconds. A shorter duration counts as this in the geometric mean, which knows no zero."""

GEOMETRIC_INTERVAL_FROM = 20
BOOTSTRAP_UP_TO = 60
"""Above this the interval is Student's, which the bootstrap approaches, at a thousandth of the cost."""

RESAMPLES = 999
POWER = 0.8

_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float


def quantile(ordered: Sequence[float], q: Fraction) -> float:
    """By linear interpolation between the two nearest ranks (type 7; what SQL engines call a continuous percentile).

    ordered: ascending, whole seconds, not empty. To the millisecond, which is exact: these quantiles lie at twentieths between
    two ranks. Engines that round theirs so agree to the last digit, however their processor adds.
    """
    at = (len(ordered) - 1) * float(q)
    below = math.floor(at)
    low, high = float(ordered[below]), float(ordered[math.ceil(at)])
    return round(low + (high - low) * (at - below), 3)


def quantile_interval(ordered: Sequence[float], q: Fraction) -> Interval | None:
    """Two of the values, between which the quantile lies with 95 % confidence whatever the distribution.

    None where so few values cannot tell. Source: order statistics; the number of values below the quantile is binomial.
    """
    ranks = _ranks(len(ordered), q)
    return Interval(float(ordered[ranks[0]]), float(ordered[ranks[1]])) if ranks is not None else None


@lru_cache(maxsize=4096)
def _ranks(n: int, q: Fraction) -> tuple[int, int] | None:
    """Ranks (from 0) of the two values: the nearest to each other with at most 2.5 % outside on either side."""
    tail = (1 - LEVEL) / 2
    below = 0.0
    low, high = -1, n
    for k, chance in _binomial(n, float(q)):
        if below <= tail:  # P(fewer than k values below the quantile)
            low = k - 1
        below += chance
        if below >= 1 - tail:
            high = k
            break
    return (low, high) if low >= 0 and high < n else None


def _binomial(n: int, p: float) -> Iterable[tuple[int, float]]:
    """(k, chance of k of n), ascending, from where it begins to matter."""
    spread = math.sqrt(n * p * (1 - p))
    first, last = max(0, math.floor(n * p - 12 * spread - 12)), min(n, math.ceil(n * p + 12 * spread + 12))
    for k in range(first, last + 1):
        chance = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
        yield k, math.exp(chance + k * math.log(p) + (n - k) * math.log1p(-p))


def mean(values: Sequence[float]) -> float:
    """values: not empty."""
    return math.fsum(values) / len(values)


def geometric_mean(values: Sequence[float]) -> float:
    """values: seconds, not empty; what is shorter than `LEAST` counts as that."""
    return math.exp(mean(_logarithms(values)))


def geometric_mean_interval(values: Sequence[float], seed: str) -> Interval | None:
    """95 %: of the studentized bootstrap of the logarithms but no narrower than Student's, and for many values just that.

    None below `GEOMETRIC_INTERVAL_FROM`. seed: names what the values are of, so that the interval is the same whenever it is
    computed, in whatever order they came.
    """
    n = len(values)
    if n < GEOMETRIC_INTERVAL_FROM:
        return None
    logs = sorted(_logarithms(values))
    centre, error = _mean_and_error(logs)
    if error == 0:
        return Interval(math.exp(centre), math.exp(centre))
    low, high = _student_ends(n)
    if n <= BOOTSTRAP_UP_TO:
        # The wider of both: where nearly all are the same, resamples know too little of the few that are not.
        strays = _bootstrap_ends(logs, centre, seed)
        low, high = min(low, strays[0]), max(high, strays[1])
    return Interval(math.exp(centre - high * error), math.exp(centre - low * error))


def _logarithms(values: Iterable[float]) -> list[float]:
    return [math.log(max(value, LEAST)) for value in values]


def _mean_and_error(logs: Sequence[float]) -> tuple[float, float]:
    """The mean, and its standard error: nought where all are the same, though their mean may be a last digit off."""
    if min(logs) == max(logs):
        return logs[0], 0.0
    centre = math.fsum(logs) / len(logs)
    spread = math.fsum((value - centre) ** 2 for value in logs)
    return centre, math.sqrt(spread / (len(logs) - 1) / len(logs))


def _bootstrap_ends(logs: Sequence[float], centre: float, seed: str) -> tuple[float, float]:
    """The 2.5 % and the 97.5 % of how far resampled means stray, counted in their own standard errors."""
    chance = random.Random(seed)  # noqa: S311
    n, shifted = len(logs), [value - centre for value in logs]
    strays: list[float] = []
    # Ends: of values that are not all the same a resample of n is, once in e times at most.
    while len(strays) < RESAMPLES:
        again = chance.choices(shifted, k=n)
        stray = math.fsum(again) / n
        squares = math.fsum(map(mul, again, again))
        spread = squares - n * stray * stray
        if spread > 1e-9 * squares:  # else they are all the same, and what is left is rounding
            strays.append(stray / math.sqrt(spread / (n - 1) / n))
    strays.sort()
    return strays[round((RESAMPLES + 1) * 0.025) - 1], strays[round((RESAMPLES + 1) * 0.975) - 1]


def _student_ends(n: int) -> tuple[float, float]:
    """Student's t for n - 1 degrees of freedom, by its expansion around the normal: right to 5 digits from 20 on."""
    z, f = _NORMAL.inv_cdf((1 + LEVEL) / 2), n - 1
    t = z + (z**3 + z) / (4 * f) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * f**2)
    t += (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * f**3)
    return -t, t


@dataclass(frozen=True, slots=True)
class Lasted:
    """How long something took, or has taken so far. is_over: False while it goes on: it will be at least so long."""

    seconds: float
    is_over: bool


def median_with_open(lasted: Iterable[Lasted]) -> float | None:
    """The Kaplan-Meier median: what still goes on counts as "at least so long" and is not dropped. None: not reached yet."""
    in_order = sorted(lasted, key=lambda one: (one.seconds, not one.is_over))
    left, lasting = len(in_order), 1.0
    for one in in_order:
        if one.is_over:
            lasting *= (left - 1) / left
            if lasting <= 0.5 + 1e-9:  # exactly one half, but for rounding
                return one.seconds
        left -= 1
    return None


def smallest_change_seen(values: Sequence[float]) -> float | None:
    """By what factor the typical duration must change to be noticed with 80 % certainty between two periods like this one.

    2.0 means: halving or doubling. None below `GEOMETRIC_INTERVAL_FROM` values, or where they are all the same.
    Source: the two-sample comparison of logarithms at 5 %.
    """
    if len(values) < GEOMETRIC_INTERVAL_FROM:
        return None
    _, error = _mean_and_error(_logarithms(values))
    if error == 0:
        return None
    return math.exp(_noticed_from() * error)


def _noticed_from() -> float:
    """A change of logarithms between two equal periods, in standard errors of one."""
    return (_NORMAL.inv_cdf((1 + LEVEL) / 2) + _NORMAL.inv_cdf(POWER)) * math.sqrt(2)


def is_beyond_chance(changed: float, *noticed: float) -> bool:
    """Whether the typical durations of two periods differ by more than chance alone brings about in one of twenty cases.

    changed: the factor between them. noticed: `smallest_change_seen` of each, which tells its standard error; 1.0 where all are
    the same. Not to be confused with that one: what it calls large enough to be noticed has to be larger than chance, too.
    """
    errors = (math.log(factor) / _noticed_from() for factor in noticed)
    return abs(math.log(changed)) > _NORMAL.inv_cdf((1 + LEVEL) / 2) * math.hypot(*errors)
