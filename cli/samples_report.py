"""What the report is filled with, as samples: a month of every kind, one of few, one of an open incident, and an empty one.

Made by the code that makes real ones, so a figure that is renamed is missing here too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import cache
from typing import Any

from chalicelib.domain.routing import BusinessHours
from chalicelib.metrics.facts import Fact, fact_of
from chalicelib.metrics.listing import Listing
from chalicelib.metrics.report import Contents, contents_of
from chalicelib.metrics.rollup import Figures, figures_of, gather
from chalicelib.metrics.sightings import Sighting

PERIOD, BEFORE = "2026-11", "2026-10"
RAISED, AS_OF = datetime(2026, 11, 23, 3, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
OFFICE = BusinessHours("Europe/London", frozenset(range(5)), time(9), time(17))
ENOUGH_FOR_ALL = 310
"""More incidents than any figure and interval needs, and than tables of groups have room for."""


@cache
def contents_of_samples() -> tuple[Contents, ...]:
    """Between them they reach every branch of the template; a test says so."""
    many = [_fact(number) for number in range(ENOUGH_FOR_ALL)]
    everything = [
        *many,
        _fact(401, status="fixing", impact_ended_at=None, resolved_at=None),
        _fact(402, impact_ended_at=RAISED - timedelta(days=1), url="https://example.atlassian.net/browse/HOT-402"),
        _fact(403, is_private=True, reopened=1, found_by_sweep=True),
        _fact(404, is_drill=True),
        _fact(405, resolution="duplicate"),
    ]
    same = [_fact(number, impact_started_at=RAISED, impact_ended_at=RAISED + timedelta(hours=1)) for number in range(30)]
    shorter = [_fact(number, lasted_s=10 + number % 7) for number in range(ENOUGH_FOR_ALL)]
    few = many[:5]
    return (
        _contents([]),
        _contents([_fact(1, status="fixing", impact_ended_at=None, impact_started_at=None, resolved_at=None, rosters=())]),
        _contents([_fact(1, severity=3, major_at=None, paged_at=None)]),
        _of_too_many(_contents(few)),
        _contents(same, before=few),
        _contents(many[:100], before=shorter),
        _contents(everything, hours=OFFICE, before=many),
    )


def _of_too_many(few: Contents) -> Contents:
    """A quarter of more incidents than charts and table have room for: so many would take seconds to make."""
    of = dict.fromkeys(few.island["of"], 20_000)
    return replace(few, period="2026-Q4", left_out=19_500, island={**few.island, "of": of})


def _contents(
    facts: Sequence[Fact], *, hours: BusinessHours | None = None, before: Sequence[Fact] = ()
) -> Contents:  # fmt: skip
    gathered, listing = gather(facts, AS_OF), Listing(AS_OF, hours)
    listing.add(facts)
    figures = list(figures_of(PERIOD, gathered))
    history: list[tuple[str, list[Figures]]] = [(PERIOD, figures)]
    if before:
        history.insert(0, (BEFORE, list(figures_of(BEFORE, gather(before, AS_OF)))))
    return contents_of(PERIOD, listing, gathered, figures, history, hours)


def _fact(number: int, *, lasted_s: int = 0, **changes: Any) -> Fact:
    """Over after some time that differs from one to the next, and with everything that a row can hold."""
    lasted = timedelta(seconds=lasted_s or 600 + number * number % 9000)
    seen = Sighting(
        str(number), 1, AS_OF, f"HOT-{number}", "HOT", 1 + number % 2, "resolved", RAISED,
        summary="Checkout <is> down & {out}", service=f"Service {number % 60}", products=("Cloud",), detected_by="Alarm",
        manager="Mia Moore", major_at=RAISED, paged_at=RAISED + timedelta(seconds=2), acknowledged_at=RAISED + lasted / 2,
        impact_started_at=RAISED - timedelta(seconds=60 + number), detected_at=RAISED, impact_ended_at=RAISED + lasted,
        resolved_at=RAISED + lasted, engaged={"tech_lead": RAISED}, rosters=("imoc", f"team-{number % 60}"), pages=1, creates=2,
    )  # fmt: skip
    return fact_of(replace(seen, **changes), OFFICE)
