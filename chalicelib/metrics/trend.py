"""Month after month: the typical durations, and by what factor they changed. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.metrics.rollup import EVERYTHING, TTD, TTR, Figures
from chalicelib.metrics.statistics import GEOMETRIC_INTERVAL_FROM, is_beyond_chance

MONTHS = 12
"""That one report shows, up to its own."""


@dataclass(frozen=True, slots=True)
class Month:
    """One of the trend. changed: by what factor the typical time to recover differs from the month before. is_beyond_chance:
    whether that is more than chance; None where one of the two is too small to tell."""

    month: str
    recover: Figures | None
    detect: Figures | None
    changed: float | None = None
    is_beyond_chance: bool | None = None


def trend_of(history: Sequence[tuple[str, Sequence[Figures]]]) -> tuple[Month, ...]:
    months: list[Month] = []
    for month, figures in history:
        of_metric = {one.metric: one for one in figures if one.by == EVERYTHING}
        recover = of_metric.get(TTR)
        before = months[-1].recover if months else None
        changed = _changed(before, recover)
        months.append(Month(month, recover, of_metric.get(TTD), changed, _is_beyond_chance(changed, before, recover)))
    return tuple(months)


def _changed(before: Figures | None, now: Figures | None) -> float | None:
    if before is None or now is None or before.geometric_mean is None or now.geometric_mean is None:
        return None
    return now.geometric_mean / before.geometric_mean


def _is_beyond_chance(changed: float | None, *compared: Figures | None) -> bool | None:
    noticed = [one.smallest_change or 1.0 for one in compared if one is not None and one.n >= GEOMETRIC_INTERVAL_FROM]
    return is_beyond_chance(changed, *noticed) if changed is not None and len(noticed) == len(compared) else None
