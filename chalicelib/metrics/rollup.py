"""Figures per period and group, out of facts. Pure: the order of the facts does not matter, nor how they were parted.

Quantiles of parts do not add up to those of the whole; so parts are gathered as values, merged, and described at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.metrics.facts import Fact
from chalicelib.metrics.statistics import (
    MEDIAN,
    P75,
    P90,
    P95,
    P95_FROM,
    Interval,
    Lasted,
    geometric_mean,
    geometric_mean_interval,
    mean,
    median_with_open,
    quantile,
    quantile_interval,
    smallest_change_seen,
)

TTR, TTD = "time_to_recover", "time_to_detect"
METRICS = (
    TTR, TTD, "time_to_page", "time_to_acknowledge", "time_to_tell_staff", "time_to_tell_public",
)  # fmt: skip
ENGAGE = "time_to_engage:"
EVERYTHING = "all"
NOT_TOLD = "(not told)"

Group = tuple[str, str]
"""(by what, which): ("severity", "1"), ("service", "Bitbucket"), ("all", "")."""


@dataclass(slots=True)
class Gathered:
    """What the figures of one period are made of.

    values: of each metric in each group, in seconds. so_far: how long those that are still open have lasted. incidents: in
    each group; reopened: how often. found_by_sweep: incidents of which no webhook had told. excluded: why -> how many.
    quality: what is missing or wrong -> how many.
    """

    values: dict[tuple[Group, str], list[int]] = field(default_factory=dict)
    so_far: dict[Group, list[Lasted]] = field(default_factory=dict)
    incidents: Counter[Group] = field(default_factory=Counter)
    reopened: Counter[Group] = field(default_factory=Counter)
    found_by_sweep: int = 0
    excluded: Counter[str] = field(default_factory=Counter)
    quality: Counter[str] = field(default_factory=Counter)

    @property
    def is_open(self) -> bool:
        """Something of it still goes on, so its figures change with time alone."""
        return bool(self.so_far)

    def add(self, other: Gathered) -> None:
        """Everything of `other` as well."""
        for key, values in other.values.items():
            self.values.setdefault(key, []).extend(values)
        for group, lasted in other.so_far.items():
            self.so_far.setdefault(group, []).extend(lasted)
        for mine, theirs in (
            (self.incidents, other.incidents), (self.reopened, other.reopened),
        ):  # fmt: skip
            mine.update(theirs)
        self.found_by_sweep += other.found_by_sweep
        self.excluded.update(other.excluded)
        self.quality.update(other.quality)


def gather(facts: Iterable[Fact], as_of: datetime) -> Gathered:
    """as_of: until when what is still open has lasted."""
    gathered = Gathered()
    for fact in facts:
        if fact.excluded:
            gathered.excluded[fact.excluded] += 1
            continue
        gathered.found_by_sweep += fact.seen.found_by_sweep
        gathered.quality.update(_quality(fact))
        durations = dict(_durations(fact))
        for group in groups_of(fact):
            gathered.incidents[group] += 1
            gathered.reopened[group] += fact.seen.reopened
            for metric, seconds in durations.items():
                gathered.values.setdefault((group, metric), []).append(seconds)
            if fact.is_open:
                gathered.so_far.setdefault(group, []).append(lasted_so_far(fact, as_of))
    return gathered


def lasted_so_far(fact: Fact, as_of: datetime) -> Lasted:
    """How long an open one has lasted. It is not resolved yet, but its impact may be over: not by an end that was told before
    it was opened again."""
    if fact.time_to_recover_s is not None and not fact.is_end_stale:
        return Lasted(fact.time_to_recover_s, is_over=True)
    seen = fact.seen
    began = seen.impact_started_at or seen.detected_at or seen.created_at
    ended = None if fact.violations or fact.is_end_stale else seen.impact_ended_at
    until = as_of if ended is None else min(as_of, ended)
    return Lasted(max(0, round((until - began).total_seconds())), is_over=False)


def groups_of(fact: Fact) -> Iterator[Group]:
    """Every group it counts in. One with several products counts in each of them, and once in all."""
    seen = fact.seen
    yield EVERYTHING, ""
    yield "severity", str(seen.severity)
    yield "service", seen.service or NOT_TOLD
    yield from (("product", product) for product in sorted(set(seen.products)) or (NOT_TOLD,))
    yield "detected_by", seen.detected_by or NOT_TOLD
    yield "hours", "in" if fact.in_hours else "out"


def _durations(fact: Fact) -> Iterator[tuple[str, int]]:
    for metric in METRICS:
        seconds: int | None = getattr(fact, f"{metric}_s")
        if seconds is not None and not (metric == TTR and fact.is_open):
            yield metric, seconds
    yield from ((f"{ENGAGE}{role}", seconds) for role, seconds in fact.time_to_engage_s.items())


def _quality(fact: Fact) -> Iterator[str]:
    seen = fact.seen
    yield from (f"defaulted:{name}" for name in seen.defaulted)
    yield from (f"edited:{name}" for name in seen.edited)
    if seen.impact_started_at is None:
        yield "missing:impact_started"
    if seen.impact_ended_at is None and not fact.is_open:
        yield "missing:impact_ended"
    if fact.is_end_stale and not fact.is_open:
        yield "stale:impact_ended"
    if fact.violations:
        yield "violation"


@dataclass(frozen=True, slots=True)
class Figures:
    """One metric of one group in one period. Seconds.

    incidents: in the group. n: those that have this metric. still_open: those that are not resolved; median_with_open counts
    them as lasting at least so long, or as long as their impact has (time to recover only). Intervals are of 95 %; None where
    n cannot carry one. smallest_change: by what factor the next period must differ for it to be noticed.
    """

    period: str
    by: str
    which: str
    metric: str
    incidents: int
    n: int
    still_open: int = 0
    median: float | None = None
    median_interval: Interval | None = None
    p75: float | None = None
    p75_interval: Interval | None = None
    p90: float | None = None
    p90_interval: Interval | None = None
    p95: float | None = None
    p95_interval: Interval | None = None
    geometric_mean: float | None = None
    geometric_mean_interval: Interval | None = None
    mean: float | None = None
    median_with_open: float | None = None
    smallest_change: float | None = None


def figures_of(period: str, gathered: Gathered) -> Iterator[Figures]:
    """Of every metric in every group that has it, in an order of their own; time to recover also where all are open."""
    keys = {*gathered.values, *((group, TTR) for group in gathered.so_far)}
    for group, metric in sorted(keys):
        values = sorted(gathered.values.get((group, metric), []))
        so_far = gathered.so_far.get(group, []) if metric == TTR else []
        yield _figures(period, group, metric, gathered.incidents[group], values, so_far)


def _figures(
    period: str, group: Group, metric: str, incidents: int, values: list[int], so_far: list[Lasted]
) -> Figures:  # fmt: skip
    by, which = group
    n = len(values)
    lasted = (*(Lasted(one, is_over=True) for one in values), *so_far)
    with_open = median_with_open(lasted) if metric == TTR else None
    if not values:
        return Figures(period, by, which, metric, incidents, n, len(so_far), median_with_open=with_open)
    return Figures(
        period, by, which, metric, incidents, n, len(so_far),
        median=quantile(values, MEDIAN),
        median_interval=quantile_interval(values, MEDIAN),
        p75=quantile(values, P75),
        p75_interval=quantile_interval(values, P75),
        p90=quantile(values, P90),
        p90_interval=quantile_interval(values, P90),
        p95=quantile(values, P95) if n >= P95_FROM else None,
        p95_interval=quantile_interval(values, P95) if n >= P95_FROM else None,
        geometric_mean=geometric_mean(values),
        geometric_mean_interval=geometric_mean_interval(values, f"{metric}|{by}|{which}"),
        mean=mean(values),
        median_with_open=with_open,
        smallest_change=smallest_change_seen(values),
    )  # fmt: skip
