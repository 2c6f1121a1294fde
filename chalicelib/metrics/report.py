"""What the report of a period says: its figures, its single incidents, and what so many can and cannot show.

Pure: the same facts give the same contents, in whatever order they came. How it looks is templates/report/'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

from chalicelib.domain.incident import IMPACT_ENDED, IMPACT_STARTED, IMPACT_TIMES
from chalicelib.domain.routing import BusinessHours
from chalicelib.metrics.listing import Listing, Load, Row, load_of
from chalicelib.metrics.report_charts import island_of
from chalicelib.metrics.rollup import ENGAGE, EVERYTHING, METRICS, TTD, TTR, Figures, Gathered
from chalicelib.metrics.statistics import MEDIAN, quantile
from chalicelib.metrics.trend import Month, trend_of

LISTED = 500
"""Rows of the table of incidents: more would be scrolled by nobody. Of more incidents it holds the longest."""

ROSTERS = 40
"""Rows of the table of load; the least burdened of more are left out."""

GROUPS = 40
"""Rows of one kind of group; the smallest of more are left out."""

P99 = Fraction(99, 100)
P99_FROM = 300
"""Fewer values say nothing of one in a hundred."""

AT_ONCE_S, AFTER_A_FAULT_S = 5, 60
"""Firebell's own promise of a page: when all is well, and after any one passing fault."""

QUALITY = (
    *(f"missing:{name}" for name in (IMPACT_STARTED, IMPACT_ENDED)),
    *(f"defaulted:{name}" for name in IMPACT_TIMES),
    *(f"edited:{name}" for name in IMPACT_TIMES),
    f"stale:{IMPACT_ENDED}",
    "violation",
)  # fmt: skip
GROUPED_BY = ("severity", "service", "product", "detected_by", "hours")


@dataclass(frozen=True, slots=True)
class Promises:
    """Firebell's own. median_s, slowest_s, p99_s: from being major to an accepted page; None where there were too few.

    at_once, after_a_fault: how many were paged within AT_ONCE_S and AFTER_A_FAULT_S. retries: requests beyond one per page.
    found_by_sweep: of incidents of every severity, those of which no webhook had told.
    """

    majors: int
    paged: int
    at_once: int
    after_a_fault: int
    unpaged_taken: int
    unpaged: int
    pages: int
    retries: int
    fallbacks: int
    found_by_sweep: int = 0
    median_s: float | None = None
    p99_s: float | None = None
    slowest_s: float | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """which: "1", "Bitbucket", "in". detect, recover: None where nothing of it has that metric."""

    which: str
    incidents: int
    recover: Figures | None
    detect: Figures | None


@dataclass(frozen=True, slots=True)
class Contents:
    """period: "2026-11" or "2026-Q4". zone: in whose hours load is told. left_out: incidents that the table has no room for.

    metrics: of all incidents together, in the order of METRICS, then each role. has_hours: the company has business hours.
    island: the data of the charts, as JSON values.
    """

    period: str
    as_of: datetime
    zone: str
    has_hours: bool
    incidents: int
    still_open: int
    reopened: int
    excluded: tuple[tuple[str, int], ...]
    recover: Figures | None
    detect: Figures | None
    metrics: tuple[Figures, ...]
    groups: tuple[tuple[str, tuple[Group, ...], int], ...]
    trend: tuple[Month, ...]
    quality: tuple[tuple[str, int], ...]
    wrong: tuple[Row, ...]
    promises: Promises
    load: tuple[Load, ...]
    load_left_out: int
    people: tuple[tuple[str, int, int], ...]
    rows: tuple[Row, ...]
    left_out: int
    island: Mapping[str, Any]


def contents_of(
    period: str,
    listing: Listing,
    gathered: Gathered,
    figures: Iterable[Figures],
    history: Sequence[tuple[str, Sequence[Figures]]],
    hours: BusinessHours | None = None,
) -> Contents:
    """history: month -> its figures of all incidents together, the last of them the period's last, in the order of time."""
    known = {(one.by, one.which, one.metric): one for one in figures}
    rows = sorted(listing.rows, key=lambda row: (row.raised_at, row.key))
    listed = rows if len(rows) <= LISTED else sorted(rows, key=lambda row: (-row.longest_s, row.raised_at, row.key))[:LISTED]
    load = load_of(listing)
    trend = trend_of(history)
    return Contents(
        period,
        listing.as_of.astimezone(UTC),
        listing.zone,
        has_hours=hours is not None,
        incidents=gathered.incidents[EVERYTHING, ""],
        still_open=len(gathered.so_far.get((EVERYTHING, ""), ())),
        reopened=gathered.reopened[EVERYTHING, ""],
        excluded=tuple(sorted(gathered.excluded.items())),
        recover=known.get((EVERYTHING, "", TTR)),
        detect=known.get((EVERYTHING, "", TTD)),
        metrics=_of_all(known),
        groups=tuple((by, *_groups(by, gathered, known)) for by in GROUPED_BY),
        trend=trend,
        quality=tuple((what, gathered.quality[what]) for what in QUALITY),
        wrong=tuple(row for row in rows if row.violations)[:LISTED],
        promises=_promises(
            listing, gathered.found_by_sweep, sorted(gathered.values.get(((EVERYTHING, ""), "time_to_page"), ()))
        ),
        load=tuple(load[:ROSTERS]),
        load_left_out=max(0, len(load) - ROSTERS),
        people=tuple(
            (name, number, listing.managers_out_of_hours[name])
            for name, number in sorted(listing.managers.items(), key=lambda item: (-item[1], item[0]))
        ),
        rows=tuple(listed),
        left_out=len(rows) - len(listed),
        island=island_of(rows, known, trend),
    )


def _of_all(known: Mapping[tuple[str, str, str], Figures]) -> tuple[Figures, ...]:
    roles = sorted(metric for by, _, metric in known if by == EVERYTHING and metric.startswith(ENGAGE))
    return tuple(one for metric in (*METRICS, *roles) if (one := known.get((EVERYTHING, "", metric))) is not None)


def _groups(
    by: str, gathered: Gathered, known: Mapping[tuple[str, str, str], Figures]
) -> tuple[tuple[Group, ...], int]:  # fmt: skip
    """The largest groups of one kind, and how many are left out."""
    sizes = [(which, number) for (kind, which), number in gathered.incidents.items() if kind == by and number]
    in_order = sorted(sizes, key=lambda item: (item[0],) if by in ("severity", "hours") else (-item[1], item[0]))
    shown = tuple(
        Group(which, number, known.get((by, which, TTR)), known.get((by, which, TTD))) for which, number in in_order[:GROUPS]
    )
    return shown, len(in_order) - len(shown)


def _promises(listing: Listing, found_by_sweep: int, to_page: Sequence[int]) -> Promises:
    """to_page: seconds, ascending."""
    return Promises(
        listing.majors,
        len(to_page),
        at_once=sum(seconds <= AT_ONCE_S for seconds in to_page),
        after_a_fault=sum(seconds <= AFTER_A_FAULT_S for seconds in to_page),
        unpaged_taken=listing.unpaged_taken,
        unpaged=listing.unpaged,
        pages=listing.pages,
        retries=max(0, listing.creates - listing.pages),
        fallbacks=listing.fallbacks,
        found_by_sweep=found_by_sweep,
        median_s=quantile(to_page, MEDIAN) if to_page else None,
        p99_s=quantile(to_page, P99) if len(to_page) >= P99_FROM else None,
        slowest_s=float(to_page[-1]) if to_page else None,
    )
