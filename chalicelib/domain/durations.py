"""How long it took: from when to when, in what unit, and as people read it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from chalicelib.domain.incident import DETECTED, IMPACT_ENDED, IMPACT_STARTED, Incident, last_reopening

CLOCKS_DIFFER = timedelta(minutes=1)
"""Who enters "now" by a clock that is a little fast has not told the future; and people tell minutes, Jira milliseconds."""


class Unit(StrEnum):
    SECONDS = "seconds"
    MINUTES = "minutes"
    HOURS = "hours"

    @property
    def seconds(self) -> int:
        return {Unit.SECONDS: 1, Unit.MINUTES: 60, Unit.HOURS: 3600}[self]


@dataclass(frozen=True, slots=True)
class TimeFields:
    """Ids of the fields, None where the issue has none. ttr, ttd: numbers in `unit`. ttr_text, ttd_text: as people read it."""

    impact_started: str | None = None
    detected: str | None = None
    impact_ended: str | None = None
    ttr: str | None = None
    ttd: str | None = None
    ttr_text: str | None = None
    ttd_text: str | None = None
    unit: Unit = Unit.MINUTES


@dataclass(frozen=True, slots=True)
class ImpactTimes:
    """Aware; None where nobody has said so. defaulted: our names of those that are Firebell's, and no human's."""

    started_at: datetime | None = None
    detected_at: datetime | None = None
    ended_at: datetime | None = None
    defaulted: frozenset[str] = frozenset()


def violations(times: ImpactTimes, now: datetime) -> Iterator[str]:
    """What cannot be right about them, each a sentence's beginning for people."""
    if _is_detected_early(times) and DETECTED not in times.defaulted:  # ours contradicts nobody: it is only no detection
        yield "it was detected before its impact started"
    yield from _impossible(times, now)


def to_recover(times: ImpactTimes, now: datetime) -> int | None:
    """Whole seconds from the start of the impact to its end; None where one is not known, or something cannot be right about
    them. When it was detected does not matter."""
    return None if any(_impossible(times, now)) else between(times.started_at, times.ended_at)


def to_detect(times: ImpactTimes, now: datetime) -> int | None:
    """Whole seconds from the start of the impact to its detection; None also where Firebell filled in the start."""
    is_told = IMPACT_STARTED not in times.defaulted and not _is_detected_early(times)
    return between(times.started_at, times.detected_at) if is_told and not any(_impossible(times, now)) else None


def _impossible(times: ImpactTimes, now: datetime) -> Iterator[str]:
    started, detected, ended = times.started_at, times.detected_at, times.ended_at
    if started and ended and _is_before(started, ended):
        yield "its impact ended before it started"
    for name, at in (("start of impact", started), ("detection", detected), ("end of impact", ended)):
        if at and is_to_come(at, now):
            yield f"its {name} is in the future"


def _is_detected_early(times: ImpactTimes) -> bool:
    return times.started_at is not None and times.detected_at is not None and _is_before(times.started_at, times.detected_at)


def _is_before(started: datetime, at: datetime) -> bool:
    """Less than a minute is none: who enters 10:05 for the start of what was raised at 10:04:35 has told the truth."""
    return started - at >= CLOCKS_DIFFER


def is_stale(ended_at: datetime | None, reopened_at: datetime | None) -> bool:
    """An end of impact from before the incident was last opened again: nobody knows whether it went on after that."""
    return ended_at is not None and reopened_at is not None and ended_at < reopened_at


def is_end_in_question(incident: Incident, ended_at: datetime | None) -> bool:
    """Such an end that nobody has touched since: whoever sets it right to an earlier time has told it anew. Pure."""
    opened_at = last_reopening(incident)
    is_told_since = any(one.what == IMPACT_ENDED and opened_at and one.at >= opened_at for one in incident.changes)
    return is_stale(ended_at, opened_at) and not is_told_since


def is_to_come(at: datetime, now: datetime) -> bool:
    return at > now + CLOCKS_DIFFER


def between(start: datetime | None, end: datetime | None) -> int | None:
    """Whole seconds; None where one is not known."""
    return seconds_between(start, end) if start is not None and end is not None else None


def seconds_between(start: datetime, end: datetime) -> int:
    """Whole seconds. Never less than none: two clocks may differ by moments."""
    return max(0, round((end - start).total_seconds()))


def in_words(seconds: int) -> str:
    """1 h 42 min; days from two on, seconds below a minute."""
    minutes, rest = divmod(max(0, seconds), 60)
    if minutes == 0:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if hours and minutes else f"{hours} h" if hours else f"{minutes} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def precisely(seconds: int) -> str:
    """The same with its seconds below ten minutes: beside a promise, or another so short, 1 min 59 s is no 1 min."""
    minutes, rest = divmod(max(0, seconds), 60)
    return f"{minutes} min {rest} s" if rest and 0 < minutes < 10 else in_words(seconds)
