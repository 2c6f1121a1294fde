"""What a company decided about reminding people; when it is night, and when an update was promised. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Night:
    """start <= local time < end, over midnight where start is later than end; never, where they are the same.

    time_zone: the company's; people whose own is known have their own night.
    """

    time_zone: str = "UTC"
    start: time = time(22)
    end: time = time(7)

    def contains(self, moment: datetime, time_zone: str = "") -> bool:
        local = moment.astimezone(ZoneInfo(time_zone or self.time_zone)).time()
        if self.start <= self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end

    def next_from(self, moment: datetime, time_zone: str = "") -> datetime | None:
        """`moment` where that is in the night, else when the next one begins; None where there is no night."""
        if self.start == self.end:
            return None
        if self.contains(moment, time_zone):
            return moment
        zone = ZoneInfo(time_zone or self.time_zone)
        today = moment.astimezone(zone).date()
        begins = (datetime.combine(today + timedelta(days=n), self.start, zone).astimezone(UTC) for n in range(3))
        return next(one for one in begins if one > moment)


@dataclass(frozen=True, slots=True)
class ReminderPolicy:
    """times: how often each thing is said, at most; 0 for never. again_after: between one time and the next.

    manager_after: nobody is the incident manager so long after it was raised. public_after: customers notice it, and the public
    has heard nothing for so long. handover_after: somebody has had a role for so long; at_night_after: the same where it
    is night for them by then.
    """

    times: int = 2
    again_after: timedelta = timedelta(minutes=15)
    manager_after: timedelta = timedelta(minutes=10)
    public_after: timedelta = timedelta(minutes=15)
    handover_after: timedelta = timedelta(hours=8)
    at_night_after: timedelta = timedelta(hours=4)
    night: Night = field(default_factory=Night)


_AT = re.compile(
    r"(?:(?P<first>^\W*)|\b(?P<said>at|by|before|until|till|around|about)\s+)?"
    r"\b(?P<hour>[01]?\d|2[0-3])(?P<mark>[:.h])(?P<minute>[0-5]\d)(?=\b|[ap]\.?m\b|(?:UTC|GMT|Z)\b)"
    r"(?:\s*(?P<half>[ap]\.?m\b\.?))?(?:\s*(?P<zone>UTC|GMT|Z)\b)?",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"\s*[+\-\u2212]\s*\d")
_ELSEWHERE = re.compile(
    r"[\s(]*(?P<name>[A-Z]{2,5}\b|[A-Z]\w+/\w+|"
    r"(?i:[ecmp][sd]t|cest|cet|bst|ist|eastern|central|mountain|pacific|(?:\w+\s){1,2}time)\b)"
)
"""What may be the name of a zone. Other words that are written so cost nothing but the promise."""
_IN = re.compile(
    r"\b(?:in|within)\s+(?P<number>\d{1,3}|an?|one|half an)\s*(?P<unit>m(?:in(?:ute)?s?)?|h(?:(?:ou)?rs?)?)\b", re.IGNORECASE
)
_WORDS = {"a": 1, "an": 1, "one": 1, "half an": 0.5}


def promised_at(text: str, said_at: datetime, time_zone: str) -> datetime | None:
    """When the next update comes, as somebody wrote it: "10:30 UTC", "at 4:15 pm", "in 30 minutes". None for other words, and
    for a time in a zone that is neither UTC nor theirs: a promise that is read too late reminds nobody.

    time_zone: of whoever wrote it, where they named none. A time of day is the next one after it was said.
    """
    if (after := _IN.search(text)) is not None:
        number = float(_WORDS.get(after["number"].casefold(), after["number"]))
        return said_at + number * timedelta(**{"hours" if after["unit"].casefold().startswith("h") else "minutes": 1})
    at = next((found for found in _AT.finditer(text) if _is_a_time(found)), None)
    if at is None or _is_elsewhere(at, said_at.astimezone(ZoneInfo(time_zone))):
        return None
    hour, half = int(at["hour"]), (at["half"] or "").casefold()
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    zone = UTC if at["zone"] else ZoneInfo(time_zone)
    day = said_at.astimezone(zone).date()
    days = (datetime.combine(day + timedelta(days=n), time(hour, int(at["minute"])), zone) for n in range(3))
    return next((moment.astimezone(UTC) for moment in days if moment > said_at), None)


def _is_a_time(found: re.Match[str]) -> bool:
    """A point alone does not say so: 2.15 may be a release."""
    is_all = found["first"] is not None and not found.string[found.end() :].strip(" .!")
    return found["mark"] != "." or is_all or any(found[says_so] for says_so in ("said", "half", "zone"))


def _is_elsewhere(found: re.Match[str], said_at: datetime) -> bool:
    """said_at: in the company's zone, whose own names in summer and winter are known."""
    after = found.string[found.end() :]
    if found["zone"] or _OFFSET.match(after):
        return _OFFSET.match(after) is not None
    named, own = _ELSEWHERE.match(after), {moment.tzname() for moment in (said_at, said_at + timedelta(days=182))}
    return named is not None and named["name"].upper() not in own
