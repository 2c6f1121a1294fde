"""The rollup writes the page of every period whose figures have changed, and of those whose trend shows them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.errors import PermanentError
from chalicelib.metrics import layout
from chalicelib.metrics.facts import month_after, months_of
from chalicelib.metrics.report import Contents
from chalicelib.metrics.run import Rollup
from chalicelib.metrics.sightings import Sighting
from chalicelib.metrics.tables import figures_from_json
from simulation.twins import MemoryFacts
from tests.metrics.fact_world import Heard, filled, put, results, survive_every_death
from tests.metrics.incidents import LONG_AFTER, OFFICE, a_sighting, many_sightings

NOW = LONG_AFTER


def told(contents: Contents) -> bytes:
    """Everything that a page is made of, but when."""
    return repr(contents).encode()


def rollup(store: MemoryFacts, log: Heard | None = None) -> Rollup:
    return Rollup(store, log or Heard(), OFFICE, told)


def reports(store: MemoryFacts) -> list[str]:
    return [key.partition("period=")[2].partition("/")[0] for key in store.keys(layout.REPORTS)]


def raised(year: int, month: int, **changes: Any) -> Sighting:
    return a_sighting(issue_id=f"{year}-{month}", created_at=datetime(year, month, 5, tzinfo=UTC), **changes)


def test_a_month_and_its_quarter_have_a_report():
    put(store := MemoryFacts(), a_sighting())
    rollup(store).run(NOW)
    assert reports(store) == ["2026-11", "2026-Q4"]
    assert b"HOT-42" in store.files[layout.report_key("2026-Q4")]


def test_without_pages_there_are_figures_all_the_same():
    put(store := MemoryFacts(), a_sighting())
    Rollup(store, Heard(), OFFICE).run(NOW)
    assert reports(store) == []
    assert layout.figures_key("2026-11", "json") in store.files


def test_a_month_that_changes_late_changes_the_reports_whose_trend_shows_it_and_no_other():
    put(
        store := MemoryFacts(), *(raised(year, 11) for year in (2024, 2025)), raised(2025, 1), raised(2025, 12), raised(2026, 1)
    )
    rollup(store).run(NOW)
    before = dict(store.files)
    put(store, raised(2025, 1, version=2, impact_started_at=datetime(2025, 1, 1, tzinfo=UTC)))
    rollup(store).run(NOW)
    changed = [key for key in reports(store) if store.files[layout.report_key(key)] != before[layout.report_key(key)]]
    assert changed == ["2025-01", "2025-11", "2025-12", "2025-Q1", "2025-Q4"]


def test_a_quarter_has_the_incidents_of_its_months():
    put(store := MemoryFacts(), raised(2026, 10, key="HOT-1"), raised(2026, 12, key="HOT-2"))
    rollup(store).run(NOW)
    page = store.files[layout.report_key("2026-Q4")]
    assert b"HOT-1" in page
    assert b"HOT-2" in page


def test_a_rebuild_writes_the_same_reports():
    store = MemoryFacts()
    sightings = list(many_sightings(120))
    for first in range(0, len(sightings), 40):
        put(store, *sightings[first : first + 40])
        rollup(store).run(NOW)
    grown = dict(store.files)
    for key in list(results(store)):
        del store.files[key]
    rollup(store).rebuild(NOW)
    assert store.files == grown
    assert reports(store)


def test_it_may_die_while_it_writes_reports_and_be_repeated():
    sightings = list(many_sightings(20))
    assert survive_every_death(lambda store: rollup(store).run(NOW), lambda: filled(*sightings), writes=40, after=False) > 15


def test_broken_words_cost_the_report_and_not_the_figures():
    def broken(contents: Contents) -> bytes:
        raise PermanentError("report", "render", "templates/report: 'x' is undefined")

    put(store := MemoryFacts(), a_sighting())
    log = Heard()
    Rollup(store, log, OFFICE, broken).run(NOW)
    assert log.alarms == ["report_broken"]
    assert (reports(store), layout.MANIFEST in store.files, list(store.keys(layout.INBOX))) == ([], True, [])


def test_a_page_is_made_of_what_is_stored():
    put(store := MemoryFacts(), a_sighting())
    rollup(store).run(NOW)
    assert rollup(store).page("2026-11", NOW) == store.files[layout.report_key("2026-11")]
    assert rollup(store).page("2025-11", NOW) is None
    assert Rollup(store, Heard()).page("2026-11", NOW) is None


def test_figures_are_read_back_as_they_were_written():
    put(store := MemoryFacts(), *many_sightings(80, days=5))
    rollup(store).run(NOW)
    content = store.files[layout.figures_key("2026-11", "json")]
    figures = figures_from_json(content, "all")
    assert figures
    assert {one.by for one in figures} == {"all"}
    assert any(one.median_interval is not None for one in figures)


@pytest.mark.parametrize(
    ("period", "months"),
    [("2026-11", ("2026-11",)), ("2026-Q1", ("2026-01", "2026-02", "2026-03")), ("2026-Q4", ("2026-10", "2026-11", "2026-12"))],
)
def test_a_period_has_its_months(period: str, months: tuple[str, ...]):
    assert months_of(period) == months


@pytest.mark.parametrize(
    ("later", "month"), [(0, "2026-01"), (-1, "2025-12"), (11, "2026-12"), (12, "2027-01"), (-13, "2024-12")]
)
def test_months_are_counted_over_the_turn_of_the_year(later: int, month: str):
    assert month_after("2026-01", later) == month
