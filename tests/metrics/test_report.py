"""What the report says, and what it keeps to itself."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.routing import BusinessHours
from chalicelib.metrics import report_charts
from chalicelib.metrics.facts import Fact, fact_of
from chalicelib.metrics.listing import Listing
from chalicelib.metrics.report import LISTED, QUALITY, Contents, contents_of
from chalicelib.metrics.rollup import Figures, figures_of, gather
from chalicelib.metrics.statistics import Interval
from chalicelib.metrics.trend import trend_of
from tests.metrics.incidents import OFFICE, RAISED, a_fact, many_sightings

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def contents(
    facts: Iterable[Fact],
    hours: BusinessHours | None = None,
    history: Sequence[tuple[str, Sequence[Figures]]] = (),
) -> Contents:
    facts = list(facts)
    gathered = gather(facts, NOW)
    listing = Listing(NOW, hours)
    listing.add(facts)
    return contents_of("2026-11", listing, gathered, list(figures_of("2026-11", gathered)), history, hours)


def at(hour: int, **changes: Any) -> Fact:
    moment = RAISED.replace(hour=hour)
    return a_fact(created_at=moment, major_at=moment, paged_at=moment, **changes)


def figures(**changes: Any) -> Figures:
    return replace(Figures("2026-11", "all", "", "time_to_recover", incidents=30, n=30), **changes)


MANY = [fact_of(seen, OFFICE) for seen in many_sightings(300, first=RAISED, days=7)]


def test_an_empty_month_has_nothing_to_say_and_says_so():
    told = contents([])
    assert (told.incidents, told.rows, told.recover, told.metrics, told.load) == (0, (), None, (), ())
    assert told.island["dots"] == {"recover": [], "detect": []}


def test_the_order_of_the_facts_does_not_matter():
    shuffled = list(MANY)
    random.Random(1).shuffle(shuffled)
    assert contents(shuffled, OFFICE) == contents(MANY, OFFICE)


def test_months_that_are_added_one_after_the_other_are_the_whole():
    whole, parts = Listing(NOW), Listing(NOW)
    whole.add(MANY)
    parts.add(MANY[:100])
    parts.add(MANY[100:])
    assert parts == whole


@pytest.mark.parametrize("changes", [{"is_drill": True}, {"resolution": "duplicate"}, {"resolution": "cancelled"}])
def test_what_counts_nowhere_is_shown_nowhere_but_as_a_number(changes: dict[str, Any]):
    told = contents([a_fact(key="HOT-1"), a_fact(issue_id="2", key="HOT-2", manager="Mia", pages=5, **changes)])
    assert [row.key for row in told.rows] == ["HOT-1"]
    assert "HOT-2" not in json.dumps(told.island)
    assert (told.incidents, told.promises.majors, told.promises.pages, told.load, told.people) == (1, 1, 0, (), ())
    assert sum(number for _, number in told.excluded) == 1


def test_a_private_incident_is_a_key_and_its_times():
    [row] = contents([a_fact(is_private=True, summary="a leak of customers' data")]).rows
    assert (row.key, row.summary, row.recover_s, row.is_private) == ("HOT-42", "", 6000, True)


def test_an_open_incident_is_a_dot_at_how_long_it_has_lasted():
    told = contents([a_fact(status="fixing", impact_ended_at=None, resolved_at=None)])
    lasted = round((NOW - RAISED).total_seconds()) + 300
    assert (told.rows[0].recover_s, told.rows[0].open_s, told.still_open) == (None, lasted, 1)
    assert told.island["dots"]["recover"] == [[lasted, 1, 1, "HOT-42", "Bitbucket", "2026-11"]]
    assert told.island["curve"]["recover"] == []


def test_an_open_incident_whose_impact_has_ended_counts_as_open_and_lasts_no_longer():
    told = contents([a_fact(status="fixing")])
    assert (told.rows[0].recover_s, told.rows[0].open_s) == (None, 6_000)
    assert told.island["curve"]["recover"] == []


def test_an_open_incident_that_was_opened_again_after_its_end_goes_on():
    told = contents([a_fact(status="fixing", reopened_at=RAISED + timedelta(hours=2))])
    assert told.rows[0].open_s == round((NOW - RAISED).total_seconds()) + 300


def test_what_took_no_time_has_a_place_on_a_logarithmic_axis():
    told = contents([a_fact(impact_started_at=RAISED, impact_ended_at=RAISED)])
    assert told.island["dots"]["recover"][0][0] == 1
    assert told.island["typical"]["recover"][0][1] == 1


def test_every_incident_is_a_dot():
    told = contents(MANY)
    assert len(told.island["dots"]["recover"]) == told.recover.n + told.still_open if told.recover else False
    assert told.island["of"]["recover"] == len(told.island["dots"]["recover"])


def test_of_too_many_dots_every_so_many_th_is_shown_and_the_longest_all(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(report_charts, "DOTS", 100)
    monkeypatch.setattr(report_charts, "ALWAYS", 10)
    shown, whole = contents(MANY).island, sorted(row.longest_s for row in contents(MANY).rows if row.longest_s)
    seconds = [dot[0] for dot in shown["dots"]["recover"]]
    assert (len(seconds), shown["of"]["recover"]) == (100, len(whole))
    assert seconds[-10:] == whole[-10:]
    assert seconds == sorted(seconds)
    assert seconds[0] == whole[0]


def test_a_curve_begins_with_none_ends_when_all_are_over_and_has_no_more_steps_than_are_seen():
    some = report_charts._curve([60, 60, 300])
    many = report_charts._curve(list(range(5000)))
    assert some == [[60, 0.0], [60, 0.33333], [60, 0.66667], [300, 1.0]]
    assert (len(many), many[1], many[-1]) == (report_charts.STEPS + 1, [0, 0.0002], [4999, 1.0])


def test_a_long_table_holds_the_longest_and_says_how_many_are_left_out():
    facts = [a_fact(issue_id=str(n), key=f"HOT-{n}", impact_ended_at=RAISED + timedelta(minutes=n)) for n in range(LISTED + 7)]
    told = contents(facts)
    assert (len(told.rows), told.left_out) == (LISTED, 7)
    assert (told.rows[0].key, told.rows[-1].key) == (f"HOT-{LISTED + 6}", "HOT-7")


def test_a_short_table_is_in_the_order_in_which_they_were_raised():
    assert [row.key for row in contents([at(9, key="B"), at(3, key="A", issue_id="2")]).rows] == ["A", "B"]


# --- load and promises ----------------------------------------------------------------------------------------------------


def test_load_is_told_in_the_hours_of_the_company():
    [load] = contents([at(23, rosters=("imoc",))], BusinessHours("Asia/Kolkata", OFFICE.days, OFFICE.start, OFFICE.end)).load
    assert [hour for hour, number in enumerate(load.hours) if number] == [4]
    assert (load.roster, load.total) == ("imoc", 1)


def test_the_most_burdened_roster_is_first_and_nights_are_counted():
    facts = [
        fact_of(at(3, rosters=("imoc", "team")).seen, OFFICE),
        fact_of(at(10, issue_id="2", rosters=("team",)).seen, OFFICE),
    ]
    assert [(one.roster, one.total, one.out_of_hours) for one in contents(facts, OFFICE).load] == [
        ("team", 2, 1),
        ("imoc", 1, 1),
    ]


@pytest.mark.parametrize(
    "changes",
    [{"is_drill": True}, {"resolution": "duplicate"}, {"resolution": "cancelled"}, {"is_gone": True}],
    ids=lambda changes: next(iter(changes)),
)
def test_whoever_was_woken_for_nothing_was_woken(changes: dict[str, Any]):
    [load] = contents([a_fact(rosters=("imoc",), **changes)], OFFICE).load
    assert (load.roster, load.total, load.hours[3], load.out_of_hours) == ("imoc", 1, 1, 1)


@pytest.mark.parametrize(
    ("raised", "paged", "out_of_hours"),
    [pytest.param(10, 22, 1, id="made worse in the evening"), pytest.param(3, 10, 0, id="made worse in the morning")],
)
def test_a_page_is_out_of_hours_by_when_it_came(raised: int, paged: int, out_of_hours: int):
    seen = replace(at(raised, rosters=("imoc",)).seen, paged_at=RAISED.replace(hour=paged))
    [load] = contents([fact_of(seen, OFFICE)], OFFICE).load
    assert (load.hours[paged], load.out_of_hours) == (1, out_of_hours)


def test_names_are_there_only_where_the_facts_have_them():
    assert contents([a_fact()]).people == ()
    assert contents([a_fact(manager="Mia Moore")]).people == (("Mia Moore", 1, 0),)


def paged_after(seconds: int, number: int = 1, **changes: Any) -> list[Fact]:
    paged_at = RAISED + timedelta(seconds=seconds)
    return [a_fact(issue_id=f"{seconds}-{n}", paged_at=paged_at, **changes) for n in range(number)]


def test_promises_are_counted_against_what_was_promised():
    facts = [*paged_after(2, 3, pages=1, creates=1), *paged_after(30, pages=2, creates=4, fallbacks=1), *paged_after(200)]
    told = contents(facts).promises
    assert (told.paged, told.at_once, told.after_a_fault, told.pages, told.retries, told.fallbacks) == (5, 3, 4, 5, 2, 1)
    assert (told.median_s, told.slowest_s, told.p99_s) == (2.0, 200.0, None)


def test_what_the_sweep_found_is_told_whatever_its_severity_and_not_of_a_drill():
    saved = {"found_by_sweep": True}
    facts = [
        a_fact(**saved),
        a_fact(issue_id="2", severity=3, major_at=None, **saved),
        a_fact(issue_id="3", is_drill=True, **saved),
    ]
    assert contents([*facts, a_fact(issue_id="4")]).promises.found_by_sweep == 2


def test_the_p99_waits_for_300_pages():
    assert contents(paged_after(2, 299)).promises.p99_s is None
    assert contents(paged_after(2, 300)).promises.p99_s == 2.0


def test_a_major_incident_that_nobody_was_paged_for_is_counted_by_whether_somebody_had_it():
    never = {"paged_at": None, "acknowledged_at": None}
    told = contents(
        [a_fact(paged_at=None), a_fact(issue_id="2", **never), a_fact(issue_id="3", severity=3, major_at=None, **never)]
    ).promises
    assert (told.majors, told.paged, told.unpaged_taken, told.unpaged) == (2, 0, 1, 1)


# --- quality, groups, trend -----------------------------------------------------------------------------------------------


def test_every_kind_of_doubt_is_told_with_its_number_even_none():
    told = contents([a_fact(impact_started_at=None, edited=("detected",))])
    assert dict(told.quality) == dict.fromkeys(QUALITY, 0) | {"missing:impact_started": 1, "edited:detected": 1}


def test_everything_that_the_rollup_counts_of_quality_is_told():
    facts = [a_fact(defaulted=(time,), edited=(time,)) for time in ("impact_started", "detected", "impact_ended")]
    facts += [a_fact(impact_ended_at=None), a_fact(impact_started_at=None), a_fact(impact_ended_at=RAISED - timedelta(days=1))]
    facts += [a_fact(reopened_at=RAISED + timedelta(days=1))]
    assert set(gather(facts, NOW).quality) == set(QUALITY)


def test_times_that_cannot_be_right_are_named():
    told = contents([a_fact(impact_ended_at=RAISED - timedelta(days=1))])
    assert [(row.key, row.violations) for row in told.wrong] == [("HOT-42", ("its impact ended before it started",))]


def test_groups_are_shown_by_size_and_severities_by_number():
    groups = {by: [group.which for group in shown] for by, shown, _ in contents(MANY).groups}
    assert groups["severity"] == ["1", "2", "3"]
    sizes = [group.incidents for by, shown, _ in contents(MANY).groups if by == "service" for group in shown]
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.parametrize(
    ("before", "now", "told"),
    [
        pytest.param({"smallest_change": 1.8}, {"smallest_change": 1.8}, True, id="more, though less than is noticed for sure"),
        pytest.param({"smallest_change": 1.8}, {"smallest_change": 3.0}, False, id="no more than chance"),
        pytest.param({"smallest_change": 1.8}, {"n": 19}, None, id="too few now"),
        pytest.param({"n": 19}, {"smallest_change": 1.8}, None, id="too few before"),
    ],
)
def test_a_change_may_be_more_than_chance(before: dict[str, Any], now: dict[str, Any], told: bool | None):
    history = [
        ("2026-10", [figures(geometric_mean=100.0, **before)]),
        ("2026-11", [figures(geometric_mean=160.0, **now)]),
    ]
    assert trend_of(history)[-1].is_beyond_chance is told


def test_the_trend_tells_by_what_factor_the_typical_time_changed():
    months = trend_of(
        [
            ("2026-09", []),
            ("2026-10", [figures(geometric_mean=100.0, median=90.0)]),
            ("2026-11", [figures(geometric_mean=150.0, median=140.0, median_interval=Interval(100.0, 200.0))]),
        ]
    )
    assert [(month.month, month.changed) for month in months] == [("2026-09", None), ("2026-10", None), ("2026-11", 1.5)]
    assert [month.is_beyond_chance for month in months] == [None, None, True]
    points = [point for month in months for point in report_charts._points(month)]
    assert points == [["2026-10", "recover", 90.0, None, None, 30], ["2026-11", "recover", 140.0, 100.0, 200.0, 30]]
