"""When it is night, and what somebody meant who promised a time."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from chalicelib.domain.reminding import Night, promised_at


def at(hour: int, minute: int = 0, day: int = 10) -> datetime:
    return datetime(2026, 12, day, hour, minute, tzinfo=UTC)


NIGHT = Night("UTC", time(22), time(7))


@pytest.mark.parametrize(
    ("night", "moment", "zone", "next_from"),
    [
        pytest.param(NIGHT, at(21, 59), "", at(22), id="before"),
        pytest.param(NIGHT, at(22), "", at(22), id="begins"),
        pytest.param(NIGHT, at(2), "", at(2), id="after midnight"),
        pytest.param(NIGHT, at(7), "", at(22), id="over"),
        pytest.param(NIGHT, at(12), "America/Denver", at(12), id="their own night: 5 in Denver"),
        pytest.param(NIGHT, at(15), "America/Denver", at(5, day=11), id="not their night yet"),
        pytest.param(Night("Asia/Kolkata", time(22), time(7)), at(17), "", at(17), id="the company's: 22:30 in Kolkata"),
        pytest.param(Night("UTC", time(0), time(6)), at(7), "", at(0, day=11), id="from midnight on"),
        pytest.param(Night("UTC", time(0), time(6)), at(5), "", at(5), id="within one day"),
        pytest.param(Night("UTC", time(22), time(22)), at(23), "", None, id="no night at all"),
    ],
)
def test_it_is_night(night: Night, moment: datetime, zone: str, next_from: datetime | None):
    assert night.next_from(moment, zone) == next_from
    assert night.contains(moment, zone) is (next_from == moment)


def test_a_night_that_begins_in_a_skipped_hour_begins_after_it():
    """Clocks in Berlin go from 2 to 3 on 2027-03-28, at 1 UTC."""
    night = Night("Europe/Berlin", time(2, 30), time(7))
    assert night.next_from(datetime(2027, 3, 28, 0, 30, tzinfo=UTC)) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)


SAID = at(14, 20)


def test_words_without_end_take_no_time():
    spaces = " " * 20_000
    assert promised_at(f"{spaces}({spaces}16.30{spaces}a{spaces}at{spaces}16.30{spaces}x", SAID, "UTC") == at(16, 30)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("10:30 UTC in the room", at(10, 30, day=11), id="tomorrow"),
        pytest.param("15:00 UTC", at(15), id="later today"),
        pytest.param("at 15:00 GMT by mail", at(15), id="GMT"),
        pytest.param("16:00", at(15), id="the company's zone"),
        pytest.param("4:30 pm on the page", at(15, 30), id="afternoon"),
        pytest.param("12:15 am", at(23, 15), id="after midnight"),
        pytest.param("at 16.00", at(15), id="a point"),
        pytest.param("in 30 minutes", SAID + timedelta(minutes=30), id="minutes"),
        pytest.param("within 2 hours, by mail", SAID + timedelta(hours=2), id="hours"),
        pytest.param("in an hour", SAID + timedelta(hours=1), id="an hour"),
        pytest.param("in half an hour", SAID + timedelta(minutes=30), id="half an hour"),
        pytest.param("in 45m", SAID + timedelta(minutes=45), id="short"),
        pytest.param("soon", None, id="soon"),
        pytest.param("", None, id="nothing"),
        pytest.param("when we know more about 10 customers", None, id="a number"),
        pytest.param("25:00", None, id="no time"),
        pytest.param("4:30pm, 16:30Z", at(15, 30), id="without a space"),
        pytest.param("16:30Z", at(16, 30), id="as computers write UTC"),
        pytest.param("15:30 EST", None, id="another zone"),
        pytest.param("3:30 pm pst, by mail", None, id="another one, in small letters"),
        pytest.param("15:30 (IST)", None, id="in brackets"),
        pytest.param("15:30 Eastern", None, id="in a word"),
        pytest.param("15:30 New York time", None, id="in words"),
        pytest.param("15:30 America/New_York", None, id="as computers call it"),
        pytest.param("15:30 GMT+2", None, id="hours off Greenwich"),
        pytest.param("15:30+05:30", None, id="an offset"),
        pytest.param("15:30 -0500", None, id="an offset to the west"),
        pytest.param("16:30 CET on the page", at(15, 30), id="the company's own, by its name"),
        pytest.param("16:30 CEST", at(15, 30), id="by its name in summer"),
        pytest.param("16:30 UTC (17:30 CET)", at(16, 30), id="in both"),
        pytest.param("16:30 - in the room", at(15, 30), id="a dash"),
        pytest.param("after release 2.15 is out", None, id="a release"),
        pytest.param("2.15 is out soon", None, id="it begins with one"),
        pytest.param("once 2.15 is out, at 16:30", at(15, 30), id="a release, and a time"),
        pytest.param("16.30", at(15, 30), id="a point, and nothing else"),
        pytest.param("4.30 pm", at(15, 30), id="a point in the afternoon"),
        pytest.param("16.30 UTC", at(16, 30), id="a point in UTC"),
    ],
)
def test_the_next_update_was_promised_for(text: str, moment: datetime | None):
    """Said at 14:20 UTC, which is 15:20 in Berlin."""
    assert promised_at(text, SAID, "Europe/Berlin") == moment
