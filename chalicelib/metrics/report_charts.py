"""The data of the report's charts, as plain JSON values: templates/report/charts.js draws them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chalicelib.metrics.facts import month_of
from chalicelib.metrics.listing import Row
from chalicelib.metrics.rollup import EVERYTHING, TTD, TTR, Figures
from chalicelib.metrics.statistics import LEAST
from chalicelib.metrics.trend import Month

DOTS = 10_000
"""Dots of one chart. Of more incidents every so many-th by duration is shown, and the longest; the page says so."""

ALWAYS = 200
"""The longest, which are shown in any case."""

STEPS = 400
"""Of a distribution's curve: more are not seen on any screen."""

Known = Mapping[tuple[str, str, str], Figures]


def island_of(rows: Sequence[Row], known: Known, trend: Sequence[Month]) -> dict[str, Any]:
    """dots: [seconds, severity, is still open, key, service, month] of each incident, by metric; of: how many there are.

    typical: [severity, median, low, high] by metric. curve: [seconds, share of those over by then] by metric.
    trend: [month, metric, median, low, high, number].
    """
    recover = sorted(
        one for row in rows if (one := _dot(row, row.open_s if row.recover_s is None else row.recover_s)) is not None
    )
    detect = sorted(one for row in rows if (one := _dot(row, row.detect_s, may_be_open=False)) is not None)
    dots = {"recover": recover, "detect": detect}
    return {
        "dots": {name: _thinned(some) for name, some in dots.items()},
        "of": {name: len(some) for name, some in dots.items()},
        "typical": {"recover": _typical(known, TTR), "detect": _typical(known, TTD)},
        "curve": {name: _curve([one[0] for one in some if not one[2]]) for name, some in dots.items()},
        "trend": [point for month in trend for point in _points(month)],
    }


def _dot(row: Row, seconds: int | None, *, may_be_open: bool = True) -> list[Any] | None:
    """A logarithm knows no zero: what is shorter than a second counts as one, as in the figures."""
    if seconds is None:
        return None
    is_open = may_be_open and row.open_s is not None
    return [max(seconds, int(LEAST)), row.severity, int(is_open), row.key, row.service, month_of(row.raised_at)]


def _thinned(dots: list[list[Any]]) -> list[list[Any]]:
    """dots: ascending by duration."""
    if len(dots) <= DOTS:
        return dots
    common, longest = dots[:-ALWAYS], dots[-ALWAYS:]
    wanted = DOTS - ALWAYS
    return [common[index * len(common) // wanted] for index in range(wanted)] + longest


def _typical(known: Known, metric: str) -> list[list[Any]]:
    """Of each severity."""
    found = (one for (by, _, of), one in sorted(known.items()) if by == "severity" and of == metric)
    return [[int(one.which), _at_least(one.median), *_ends(one)] for one in found if one.median is not None]


def _curve(seconds: Sequence[float]) -> list[list[float]]:
    """seconds: ascending. From none at the shortest on: a step where each is over; of many, at as many of them as are seen."""
    n = len(seconds)
    ranks = sorted({*range(n)} if n <= STEPS else {round((n - 1) * step / (STEPS - 1)) for step in range(STEPS)})
    return [[seconds[0], 0.0], *([seconds[rank], round((rank + 1) / n, 5)] for rank in ranks)] if n else []


def _points(month: Month) -> Iterator[list[Any]]:
    for metric, figures in (("recover", month.recover), ("detect", month.detect)):
        if figures is not None and figures.by == EVERYTHING and figures.median is not None:
            yield [month.month, metric, _at_least(figures.median), *_ends(figures), figures.n]


def _ends(figures: Figures) -> tuple[float | None, float | None]:
    ends = figures.median_interval
    return (_at_least(ends.low), _at_least(ends.high)) if ends is not None else (None, None)


def _at_least(seconds: float | None) -> float | None:
    return None if seconds is None else max(seconds, LEAST)
