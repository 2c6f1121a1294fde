"""How long it took, and what cannot be right about it."""

from __future__ import annotations

from datetime import datetime

import pytest

from chalicelib.domain.durations import CLOCKS_DIFFER, ImpactTimes, between, in_words, precisely, violations
from tests.builders import NOW, seconds


@pytest.mark.parametrize(
    ("took_s", "words"),
    [
        pytest.param(-5, "0 s", id="clocks that disagree"),
        pytest.param(59, "59 s", id="seconds"),
        pytest.param(60, "1 min", id="a minute"),
        pytest.param(3_600, "1 h", id="an hour"),
        pytest.param(6_120, "1 h 42 min", id="hours and minutes"),
        pytest.param(90_000, "25 h", id="a day and an hour"),
        pytest.param(172_800, "2 d", id="days"),
        pytest.param(180_000, "2 d 2 h", id="days and hours"),
    ],
)
def test_durations_read_as_people_say_them(took_s: int, words: str):
    assert in_words(took_s) == words


@pytest.mark.parametrize(
    ("took_s", "words"),
    [(59, "59 s"), (60, "1 min"), (119, "1 min 59 s"), (599, "9 min 59 s"), (659, "10 min"), (3_601, "1 h")],
)
def test_what_is_short_is_told_to_the_second_where_that_matters(took_s: int, words: str):
    assert precisely(took_s) == words


@pytest.mark.parametrize(
    ("start", "end", "took_s"),
    [
        pytest.param(NOW, NOW + seconds(60.4), 60, id="whole seconds"),
        pytest.param(NOW, NOW - seconds(1), 0, id="never less than none"),
        pytest.param(None, NOW, None, id="nobody knows when it began"),
        pytest.param(NOW, None, None, id="it goes on"),
    ],
)
def test_between_two_moments(start: datetime | None, end: datetime | None, took_s: int | None):
    assert between(start, end) == took_s


@pytest.mark.parametrize(
    ("times", "wrong"),
    [
        pytest.param(ImpactTimes(NOW, NOW, NOW), [], id="all at once"),
        pytest.param(ImpactTimes(None, NOW, NOW - seconds(1)), [], id="ended before it was detected, which may be"),
        pytest.param(ImpactTimes(NOW, NOW - seconds(60)), ["it was detected before its impact started"], id="detected early"),
        pytest.param(ImpactTimes(NOW, None, NOW - seconds(60)), ["its impact ended before it started"], id="ended early"),
        pytest.param(ImpactTimes(NOW, NOW - seconds(59), NOW - seconds(59)), [], id="in the same minute, as people tell it"),
        pytest.param(ImpactTimes(detected_at=NOW + CLOCKS_DIFFER), [], id="a fast clock"),
        pytest.param(
            ImpactTimes(detected_at=NOW + CLOCKS_DIFFER + seconds(1)), ["its detection is in the future"], id="to come"
        ),
    ],
)
def test_what_cannot_be_right_is_told(times: ImpactTimes, wrong: list[str]):
    assert list(violations(times, NOW)) == wrong
