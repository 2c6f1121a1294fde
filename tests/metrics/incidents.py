"""Incidents by the handful and by the thousand, for everything that counts them."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain.routing import BusinessHours
from chalicelib.metrics.facts import Fact, fact_of
from chalicelib.metrics.sightings import Sighting

RAISED = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
LONG_AFTER = datetime(2027, 1, 31, tzinfo=UTC)
SERVICES = ("Bitbucket", "Jira", "Checkout", "Löschdienst", "")
PRODUCTS = ("Cloud", "Data Center", "Mobile")


def a_sighting(**changes: Any) -> Sighting:
    """A Sev 1 that was detected after 5 minutes and over after 100."""
    return replace(
        Sighting(
            "10002", 1, LONG_AFTER, "HOT-42", "HOT", 1, "resolved", RAISED,
            service="Bitbucket", products=("Cloud",), major_at=RAISED, resolved_at=RAISED + timedelta(minutes=95),
            impact_started_at=RAISED - timedelta(minutes=5), detected_at=RAISED, impact_ended_at=RAISED + timedelta(minutes=95),
            paged_at=RAISED + timedelta(seconds=2), acknowledged_at=RAISED + timedelta(seconds=90),
        ),
        **changes,
    )  # fmt: skip


def a_fact(**changes: Any) -> Fact:
    return fact_of(a_sighting(**changes), None)


def many_sightings(number: int, *, seed: int = 1, first: datetime = RAISED, days: int = 90) -> Iterator[Sighting]:
    """As a company has them: skewed durations, some open, private, defaulted or reopened; drills and duplicates."""
    chance = random.Random(seed)
    for index in range(number):
        raised = (first + timedelta(days=days) * chance.random()).replace(microsecond=0)
        started = raised - timedelta(seconds=int(math.exp(chance.gauss(6, 1))))
        is_open = chance.random() < 0.02
        ended = None if is_open else raised + timedelta(seconds=int(math.exp(chance.gauss(8, 1.2))))
        paged = raised + timedelta(milliseconds=int(1000 * math.exp(chance.gauss(0, 0.5))))
        yield a_sighting(
            issue_id=str(10_000 + index), key=f"HOT-{index + 1}", severity=chance.choice((1, 2, 2, 3)), created_at=raised,
            status="fixing" if is_open else "resolved", service=chance.choice(SERVICES), major_at=raised,
            products=tuple(chance.sample(PRODUCTS, chance.randrange(3))), is_private=chance.random() < 0.05,
            is_drill=chance.random() < 0.03, resolution=chance.choice(("", "done", "done", "duplicate")),
            impact_started_at=started if chance.random() < 0.9 else None, detected_at=raised, impact_ended_at=ended,
            resolved_at=ended, paged_at=paged, acknowledged_at=paged + timedelta(seconds=int(math.exp(chance.gauss(4, 1)))),
            defaulted=("impact_started",) if chance.random() < 0.1 else (), reopened=int(chance.random() < 0.05),
            detected_by=chance.choice(("Customer", "Alarm", "")), rosters=("Incident managers",),
            found_by_sweep=index % 50 == 7, engaged={"incident_manager": paged + timedelta(seconds=chance.randrange(30, 900))},
        )  # fmt: skip


OFFICE = BusinessHours(
    "Europe/London", frozenset(range(5)), datetime.min.time().replace(hour=9), datetime.min.time().replace(hour=17)
)
