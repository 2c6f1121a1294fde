"""One row per incident, with everything that is counted of it: computed from its newest sighting alone. Pure.

A duration that cannot be right is not computed but said (`violations`); what may not count at all is kept, and counted as
excluded.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from chalicelib.domain.durations import between, is_stale, to_detect, to_recover, violations
from chalicelib.domain.incident import Resolution, Status
from chalicelib.domain.routing import BusinessHours
from chalicelib.metrics.sightings import Sighting

SCHEMA = 1
"""Of the rows in S3. A field that is added keeps the number; one that changes its meaning gets the next."""

DRILL, GONE = "drill", "gone"


@dataclass(frozen=True, slots=True)
class Fact:
    """Durations are whole seconds, None where they did not happen or cannot be right.

    month: "2026-11", of the creation in UTC, so that it never changes. excluded: why it counts nowhere ("gone",
    "drill", "duplicate", "cancelled"), else "". violations: what is wrong with its times, for people. in_hours: raised in the
    business hours of settings.
    """

    seen: Sighting
    month: str
    excluded: str
    in_hours: bool
    time_to_detect_s: int | None = None
    time_to_recover_s: int | None = None
    time_to_page_s: int | None = None
    time_to_acknowledge_s: int | None = None
    time_to_tell_staff_s: int | None = None
    time_to_tell_public_s: int | None = None
    time_to_engage_s: Mapping[str, int] = field(default_factory=dict)
    violations: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        return self.seen.status != Status.RESOLVED

    @property
    def is_end_stale(self) -> bool:
        """Its end of impact is from before it was opened again."""
        return is_stale(self.seen.impact_ended_at, self.seen.reopened_at)


def newest(sightings: Iterable[Sighting]) -> dict[str, Sighting]:
    """Issue id -> its newest sighting, in whatever order they came."""
    found: dict[str, Sighting] = {}
    for one in sightings:
        known = found.get(one.issue_id)
        if known is None or (known.version, known.observed_at) < (one.version, one.observed_at):
            found[one.issue_id] = one
    return found


def fact_of(seen: Sighting, hours: BusinessHours | None) -> Fact:
    """hours: the company's business hours; None: every hour is one."""
    return Fact(
        seen,
        month=month_of(seen.created_at),
        excluded=_excluded(seen),
        in_hours=hours is None or hours.contain(seen.created_at),
        time_to_detect_s=to_detect(seen.impact_times, seen.observed_at),
        time_to_recover_s=to_recover(seen.impact_times, seen.observed_at),
        time_to_page_s=between(seen.major_at, seen.paged_at),
        time_to_acknowledge_s=between(seen.major_at, seen.acknowledged_at),
        time_to_tell_staff_s=between(seen.major_at, seen.told_staff_at),
        time_to_tell_public_s=between(seen.major_at, seen.told_public_at),
        time_to_engage_s={role: took for role, at in seen.engaged.items() if (took := between(seen.major_at, at)) is not None},
        violations=tuple(violations(seen.impact_times, seen.observed_at)),
    )


def month_of(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m}"


def quarter_of(month: str) -> str:
    """ "2026-11" -> "2026-Q4"."""
    year, number = month.split("-")
    return f"{year}-Q{(int(number) + 2) // 3}"


def months_of(period: str) -> tuple[str, ...]:
    """Those of a quarter, or the month itself."""
    year, _, number = period.partition("-Q")
    return tuple(f"{year}-{int(number) * 3 - back:02}" for back in (2, 1, 0)) if number else (period,)


def month_after(month: str, later: int) -> str:
    """`later` may be negative: "2026-01", -1 -> "2025-12"."""
    year, number = map(int, month.split("-"))
    months = year * 12 + number - 1 + later
    return f"{months // 12:04}-{months % 12 + 1:02}"


def _excluded(seen: Sighting) -> str:
    if seen.is_gone:
        return GONE
    if seen.is_drill:
        return DRILL
    return seen.resolution if seen.resolution in (Resolution.DUPLICATE, Resolution.CANCELLED) else ""
