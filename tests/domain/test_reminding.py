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
    ],
)
def test_the_next_update_was_promised_for(text: str, moment: datetime | None):
    """Said at 14:20 UTC, which is 15:20 in Berlin."""
    assert promised_at(text, SAID, "Europe/Berlin") == moment
