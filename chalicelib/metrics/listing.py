"""What the report shows of single incidents, gathered month by month. Pure: nothing of a fact is kept but what is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.domain.routing import BusinessHours
from chalicelib.metrics.facts import Fact
from chalicelib.metrics.rollup import lasted_so_far
from chalicelib.metrics.sightings import Sighting


@dataclass(frozen=True, slots=True)
class Row:
    """One incident. summary: "" where it may not be told. recover_s, detect_s: None where they are not known or cannot be
    right. open_s: how long it has lasted so far; None when it is resolved."""

    key: str
    url: str
    summary: str
    is_private: bool
    severity: int
    service: str
    raised_at: datetime
    detect_s: int | None
    recover_s: int | None
    open_s: int | None
    violations: tuple[str, ...]

    @property
    def longest_s(self) -> int:
        return max(self.recover_s or 0, self.open_s or 0)


@dataclass(frozen=True, slots=True)
class Load:
    """Whom Firebell paged. hours: pages in each hour of the day, 24 of them. out_of_hours: of these."""

    roster: str
    hours: tuple[int, ...]
    out_of_hours: int

    @property
    def total(self) -> int:
        return sum(self.hours)


@dataclass(slots=True)
class Listing:
    """What a page shows of single incidents. Those that count nowhere are in its load alone: they woke people all the same.

    hours: the company's business hours, in whose zone load is told; None: every hour is one. majors: were severity 1 or 2 once;
    of these unpaged_taken were taken by a human without a page, and unpaged had neither.
    """

    as_of: datetime
    hours: BusinessHours | None = None
    rows: list[Row] = field(default_factory=list)
    load: Counter[tuple[str, int]] = field(default_factory=Counter)
    out_of_hours: Counter[str] = field(default_factory=Counter)
    managers: Counter[str] = field(default_factory=Counter)
    managers_out_of_hours: Counter[str] = field(default_factory=Counter)
    majors: int = 0
    unpaged_taken: int = 0
    unpaged: int = 0
    pages: int = 0
    creates: int = 0
    fallbacks: int = 0

    @property
    def zone(self) -> str:
        return self.hours.time_zone if self.hours is not None else "UTC"

    def add(self, facts: Iterable[Fact]) -> None:
        zone = ZoneInfo(self.zone)
        for fact in facts:
            self._add_load(fact.seen, zone)
            if not fact.excluded:
                self.rows.append(_row(fact, self.as_of))
                self._add_manager(fact)
                self._add_promises(fact)

    def _add_load(self, seen: Sighting, zone: ZoneInfo) -> None:
        """Whoever was paged, also for what was cancelled, by when that was: what is raised by day may page by night."""
        paged_at = seen.paged_at or seen.major_at or seen.created_at
        hour = paged_at.astimezone(zone).hour
        is_out = self.hours is not None and not self.hours.contain(paged_at)
        for roster in seen.rosters:
            self.load[roster, hour] += 1
            self.out_of_hours[roster] += is_out

    def _add_manager(self, fact: Fact) -> None:
        if fact.seen.manager:
            self.managers[fact.seen.manager] += 1
            self.managers_out_of_hours[fact.seen.manager] += not fact.in_hours

    def _add_promises(self, fact: Fact) -> None:
        seen = fact.seen
        self.pages += seen.pages
        self.creates += seen.creates
        self.fallbacks += seen.fallbacks
        if seen.major_at is not None:
            self.majors += 1
            if seen.paged_at is None:
                self.unpaged_taken += seen.acknowledged_at is not None
                self.unpaged += seen.acknowledged_at is None


def _row(fact: Fact, as_of: datetime) -> Row:
    seen = fact.seen
    return Row(
        seen.key, seen.url,
        "" if seen.is_private else seen.summary,
        seen.is_private, seen.severity, seen.service, seen.created_at,
        detect_s=fact.time_to_detect_s,
        recover_s=None if fact.is_open else fact.time_to_recover_s,
        open_s=round(lasted_so_far(fact, as_of).seconds) if fact.is_open else None,
        violations=fact.violations,
    )  # fmt: skip


def load_of(listing: Listing) -> list[Load]:
    """The most burdened first."""
    rosters = {roster for roster, _ in listing.load}
    load = [
        Load(roster, tuple(listing.load[roster, hour] for hour in range(24)), listing.out_of_hours[roster])
        for roster in rosters
    ]
    return sorted(load, key=lambda one: (-one.total, one.roster))
