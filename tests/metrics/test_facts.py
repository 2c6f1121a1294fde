"""What is counted of an incident, and what is not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import UnreadableEvent
from chalicelib.metrics.facts import fact_of, month_of, newest, quarter_of
from chalicelib.metrics.rows import line_of_fact, line_of_sighting, read_sighting
from tests.metrics.incidents import LONG_AFTER, OFFICE, RAISED, a_fact, a_sighting, many_sightings

MINUTE = timedelta(minutes=1)


def test_durations_are_told_in_whole_seconds_from_the_moments_of_the_dictionary():
    fact = a_fact(
        told_staff_at=RAISED + 11 * MINUTE, told_public_at=RAISED + 20 * MINUTE, engaged={"tech_lead": RAISED + 7 * MINUTE}
    )
    assert (fact.time_to_recover_s, fact.time_to_detect_s) == (6_000, 300)
    assert (fact.time_to_page_s, fact.time_to_acknowledge_s) == (2, 90)
    assert (fact.time_to_tell_staff_s, fact.time_to_tell_public_s) == (660, 1_200)
    assert fact.time_to_engage_s == {"tech_lead": 420}


@pytest.mark.parametrize(
    ("changes", "violation"),
    [
        pytest.param({"impact_ended_at": RAISED - 6 * MINUTE}, "its impact ended before it started", id="ended early"),
        pytest.param({"impact_started_at": LONG_AFTER + 2 * MINUTE}, "its start of impact is in the future", id="future"),
    ],
)
def test_times_out_of_order_are_said_and_not_computed(changes: dict[str, Any], violation: str):
    fact = a_fact(**changes)
    assert violation in fact.violations
    assert (fact.time_to_recover_s, fact.time_to_detect_s) == (None, None)


@pytest.mark.parametrize(
    ("defaulted", "wrong"),
    [((), ("it was detected before its impact started",)), (("detected",), ())],
    ids=["told", "filled in"],
)
def test_a_detection_before_the_start_withholds_no_time_to_recover(defaulted: tuple[str, ...], wrong: tuple[str, ...]):
    fact = a_fact(detected_at=RAISED - 6 * MINUTE, defaulted=defaulted)
    assert (fact.time_to_recover_s, fact.time_to_detect_s, fact.violations) == (6_000, None, wrong)


def test_an_incident_that_was_over_before_anybody_noticed_is_in_order():
    fact = a_fact(detected_at=RAISED + 200 * MINUTE)
    assert (fact.violations, fact.time_to_recover_s, fact.time_to_detect_s) == ((), 6_000, 12_300)


def test_a_defaulted_start_counts_in_no_time_to_detect():
    fact = a_fact(impact_started_at=RAISED, defaulted=("impact_started",))
    assert (fact.time_to_detect_s, fact.time_to_recover_s) == (None, 5_700)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        pytest.param({}, "", id="an incident"),
        pytest.param({"is_drill": True}, "drill", id="drill"),
        pytest.param({"resolution": "duplicate"}, "duplicate", id="duplicate"),
        pytest.param({"resolution": "cancelled"}, "cancelled", id="cancelled"),
        pytest.param({"is_drill": True, "resolution": "cancelled"}, "drill", id="cancelled drill"),
        pytest.param({"is_gone": True}, "gone", id="deleted, or moved away"),
        pytest.param({"is_gone": True, "is_drill": True}, "gone", id="a drill that is gone"),
    ],
)
def test_what_counts_nowhere_says_why(changes: dict[str, Any], why: str):
    assert a_fact(**changes).excluded == why


def test_its_month_is_that_of_its_creation_in_utc():
    offset = datetime.fromisoformat("2026-12-01T00:30:00+01:00")
    assert month_of(offset) == "2026-11"
    assert [quarter_of(month) for month in ("2026-01", "2026-03", "2026-04", "2026-12")] == [
        "2026-Q1", "2026-Q1", "2026-Q2", "2026-Q4",
    ]  # fmt: skip


def test_it_was_raised_in_business_hours_or_out_of_them():
    assert not fact_of(a_sighting(), OFFICE).in_hours
    assert fact_of(a_sighting(created_at=datetime(2026, 11, 23, 12, tzinfo=UTC)), OFFICE).in_hours


@given(st.permutations([1, 2, 3]))
def test_the_newest_version_counts_in_whatever_order_they_came(order: list[int]):
    versions = [a_sighting(version=number, severity=number) for number in order]
    assert [one.severity for one in newest(versions).values()] == [3]


def test_of_one_version_written_twice_the_later_counts():
    early, late = a_sighting(severity=1), a_sighting(severity=2, observed_at=LONG_AFTER + MINUTE)
    assert newest([late, early]) == newest([early, late]) == {"10002": late}


def test_what_is_written_is_read_back_as_it_was():
    for seen in many_sightings(200):
        assert read_sighting(line_of_sighting(seen)) == seen
        assert fact_of(read_sighting(line_of_fact(fact_of(seen, None))), None) == fact_of(seen, None)


@pytest.mark.parametrize(
    "line", ["", "{}", "[]", '{"schema": 2}', '{"schema": 1, "key": "HOT-1"}', '{"schema": 1, "created_at": 7}', "\ud800"]
)
def test_a_row_of_somebody_elses_is_unreadable(line: str):
    with pytest.raises(UnreadableEvent):
        read_sighting(line)
