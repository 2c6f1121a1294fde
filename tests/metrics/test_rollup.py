"""What facts add up to, however they are parted and ordered."""

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.metrics.facts import fact_of
from chalicelib.metrics.rollup import TTR, Figures, Gathered, figures_of, gather
from tests.metrics.incidents import LONG_AFTER, OFFICE, RAISED, a_fact, many_sightings

FACTS = tuple(fact_of(seen, OFFICE) for seen in many_sightings(120))


def figures(gathered: Gathered, by: str = "all", which: str = "", metric: str = TTR) -> Figures | None:
    found = [one for one in figures_of("2026-11", gathered) if (one.by, one.which, one.metric) == (by, which, metric)]
    return found[0] if found else None


@settings(max_examples=20, deadline=None)
@given(st.integers(0, len(FACTS)), st.integers(0, 1_000))
def test_a_rollup_of_all_is_the_merge_of_its_parts_in_any_order(cut: int, seed: int):
    shuffled = list(FACTS)
    random.Random(seed).shuffle(shuffled)
    merged = Gathered()
    for part in (shuffled[:cut], shuffled[cut:]):
        merged.add(gather(part, LONG_AFTER))
    whole = gather(FACTS, LONG_AFTER)
    assert list(figures_of("2026-Q4", merged)) == list(figures_of("2026-Q4", whole))
    assert (merged.excluded, merged.quality) == (whole.excluded, whole.quality)


def test_drills_duplicates_and_cancelled_ones_are_counted_as_excluded_and_nowhere_else():
    gathered = gather([a_fact(), a_fact(is_drill=True), a_fact(resolution="duplicate")], LONG_AFTER)
    assert gathered.excluded == {"drill": 1, "duplicate": 1}
    told = figures(gathered)
    assert told is not None
    assert (told.incidents, told.n) == (1, 1)


def test_an_incident_counts_in_each_of_its_products_and_once_in_all():
    gathered = gather([a_fact(products=("Cloud", "Mobile", "Cloud")), a_fact(products=())], LONG_AFTER)
    counted = {which: gathered.incidents["product", which] for which in ("Cloud", "Mobile", "(not told)")}
    assert (counted, gathered.incidents["all", ""]) == ({"Cloud": 1, "Mobile": 1, "(not told)": 1}, 2)


def test_what_is_still_open_is_not_dropped():
    """Two are over after 100 minutes; three have lasted for two months, so the typical one lasts longer than 100 minutes."""
    facts = [a_fact(), a_fact(), *(a_fact(status="fixing", impact_ended_at=None) for _ in range(3))]
    told = figures(gather(facts, LONG_AFTER))
    assert told is not None
    assert (told.median, told.n, told.still_open, told.median_with_open) == (6_000, 2, 3, None)


@pytest.mark.parametrize(
    ("changes", "median"),
    [
        pytest.param({"impact_ended_at": None}, None, id="goes on"),
        pytest.param({}, 6_000, id="its impact has ended"),
        pytest.param({"impact_started_at": None}, 6_000, id="ended, and nobody knows since when"),
        pytest.param({"impact_ended_at": RAISED - timedelta(days=1)}, None, id="an end that cannot be right"),
    ],
)
def test_what_is_known_to_be_over_does_not_go_on_though_nobody_has_resolved_it(changes: dict[str, Any], median: float | None):
    """One is over after 100 minutes; of two others nobody has said that they are resolved."""
    told = figures(gather([a_fact(), *(a_fact(status="fixing", **changes) for _ in range(2))], LONG_AFTER))
    assert told is not None
    assert (told.n, told.still_open, told.median_with_open) == (1, 2, median)


def test_where_everything_is_open_it_is_said_that_it_is():
    told = figures(gather([a_fact(status="new", impact_ended_at=None)], LONG_AFTER))
    assert told is not None
    assert (told.n, told.still_open, told.median) == (0, 1, None)


def test_few_incidents_have_a_median_and_no_interval():
    told = figures(gather([a_fact(), a_fact()], LONG_AFTER))
    assert told is not None
    assert (told.median, told.median_interval, told.p95, told.geometric_mean_interval) == (6_000, None, None, None)


def test_missing_defaulted_edited_and_impossible_times_are_counted():
    facts = [
        a_fact(impact_started_at=None), a_fact(defaulted=("impact_started", "detected")), a_fact(edited=("impact_ended",)),
        a_fact(impact_ended_at=RAISED - timedelta(days=1)), a_fact(impact_ended_at=None),
        a_fact(reopened_at=RAISED + timedelta(days=1)), a_fact(reopened_at=RAISED + timedelta(days=1), status="fixing"),
    ]  # fmt: skip
    assert gather(facts, LONG_AFTER).quality == {
        "missing:impact_started": 1, "defaulted:impact_started": 1, "defaulted:detected": 1, "edited:impact_ended": 1,
        "violation": 1, "missing:impact_ended": 1, "stale:impact_ended": 1,
    }  # fmt: skip


def test_an_incident_that_was_reopened_is_not_over():
    fact = replace(a_fact(), seen=replace(a_fact().seen, status="fixing"))
    told = figures(gather([fact], LONG_AFTER))
    assert told is not None
    assert (told.n, told.still_open) == (0, 1)
