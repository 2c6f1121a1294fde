"""Month after month: the typical durations, and by what factor they changed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.metrics.rollup import EVERYTHING, TTD, TTR, Figures

MONTHS = 12
"""That one report shows, up to its own."""


@dataclass(frozen=True, slots=True)
class Month:
    """One of the trend. changed: by what factor the typical time to recover differs from the month before."""

    month: str
    recover: Figures | None
    detect: Figures | None
    changed: float | None = None


def trend_of(history: Sequence[tuple[str, Sequence[Figures]]]) -> tuple[Month, ...]:
    months: list[Month] = []
    for month, figures in history:
        of_metric = {one.metric: one for one in figures if one.by == EVERYTHING}
        recover = of_metric.get(TTR)
        before = months[-1].recover if months else None
        months.append(Month(month, recover, of_metric.get(TTD), _changed(before, recover)))
    return tuple(months)


def _changed(before: Figures | None, now: Figures | None) -> float | None:
    if before is None or now is None or before.geometric_mean is None or now.geometric_mean is None:
        return None
    return now.geometric_mean / before.geometric_mean
