"""A failing script -> the shortest one found that breaks the same promise.

Parts are left out, scalars get their defaults, times are made smaller and rounder, over and over, until nothing more can go.
Pure and deterministic apart from playing, and every step is shorter than the one before, so that it ends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import MISSING, dataclass, field, fields, replace
from typing import Any

from simulation.script import Act, HookFate, Outage, Raise, Script, Strike, script_to_json
from simulation.trial import broken_by

Judge = Callable[[Script], str | None]
"""The name of the promise that a script breaks."""
Part = Raise | Act | Strike | Outage | HookFate

BUDGET = 3_000
"""Plays; about twenty seconds."""
_DULL = Script()
_LISTS = ("strikes", "outages", "fates", "acts", "raises", "poisoned", "redelivered", "reactions")
_NEVER_EMPTY = ("raises", "reactions")
_SCALARS = tuple(f.name for f in fields(Script) if f.name not in _LISTS)
_ROUND_S = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 100.0, 200.0, 300.0, 400.0, 600.0, 900.0)
_OTHER_SCHEDULES = (1, 2, 3, 4, 5, 6)
_REACTIONS = ("ack 5", "ignore")


@dataclass(frozen=True, slots=True)
class Shrunk:
    """complete: nothing more could be left out; else the budget was used up before."""

    script: Script
    invariant: str
    plays: int
    complete: bool


def shrink(script: Script, judge: Judge = broken_by, *, budget: int = BUDGET) -> Shrunk:
    """Raises ValueError when the script breaks no promise."""
    invariant = judge(script)
    if invariant is None:
        raise ValueError("this life breaks no promise: there is nothing to shrink")
    search = _Search(script, invariant, judge, budget)
    # Leaving something out shifts who goes first; so where the schedule matters, each step may try a few others.
    for schedules in ((), _OTHER_SCHEDULES):
        search.schedules = schedules
        before = None
        while before != search.best and not search.is_exhausted:
            before = search.best
            _shorten(search)
        if not search.best.schedule:
            break
    return Shrunk(search.best, invariant, search.plays, not search.is_exhausted)


def size(script: Script) -> tuple[int, int, int, float]:
    """What "shorter" means: fewer parts, then fewer values that are not the default, then fewer letters, then less time."""
    parts = sum(len(getattr(script, name)) for name in _LISTS)
    unusual = sum(getattr(script, name) != getattr(_DULL, name) for name in _SCALARS) + (script.reactions != _DULL.reactions)
    in_parts = sum(f.default not in (MISSING, getattr(part, f.name)) for part in _parts(script) for f in fields(part))
    return parts, unusual + in_parts, len(script_to_json(script)), _time_in(script)


@dataclass(slots=True)
class _Search:
    """best: the shortest so far that breaks the promise."""

    best: Script
    invariant: str
    judge: Judge
    budget: int
    plays: int = 1
    schedules: tuple[int, ...] = ()
    tried: set[Script] = field(default_factory=set)

    @property
    def is_exhausted(self) -> bool:
        return self.plays >= self.budget

    def take(self, candidate: Script) -> bool:
        """Whether it is shorter and breaks the same promise; it is the best then."""
        others = self.schedules if candidate.schedule else ()
        return any(self._take(candidate.but(schedule=n)) for n in (candidate.schedule, *others))

    def _take(self, candidate: Script) -> bool:
        if self.is_exhausted or candidate in self.tried or size(candidate) >= size(self.best):
            return False
        self.tried.add(candidate)
        self.plays += 1
        if self.judge(candidate) != self.invariant:
            return False
        self.best = candidate
        return True


def _shorten(search: _Search) -> None:
    for name in _LISTS:
        _drop_parts(search, name)
    for name in _SCALARS:
        search.take(search.best.but(**{name: getattr(_DULL, name)}))
    for name in _LISTS:
        number = 0
        while number < len(getattr(search.best, name)):
            _simplify_part(search, name, number)
            number += 1


# --- leaving out ----------------------------------------------------------------------------------------------------------


def _drop_parts(search: _Search, name: str) -> None:
    """ddmin: leave out halves, then quarters, and so on down to single parts."""
    least = 1 if name in _NEVER_EMPTY else 0
    length = len(getattr(search.best, name))
    if not least and length and search.take(search.best.but(**{name: ()})):
        return
    step = (length + 1) // 2
    while step and length > least:
        begin = 0
        while begin < len(getattr(search.best, name)):
            values = getattr(search.best, name)
            kept = [number for number in range(len(values)) if not begin <= number < begin + step]
            if len(kept) < least or not search.take(keep(search.best, name, kept)):
                begin += step
        step //= 2


def keep(script: Script, name: str, kept: Sequence[int]) -> Script:
    """Only these parts of a list. Incidents are numbered anew, and what is about one that is gone goes with it."""
    values = getattr(script, name)
    shorter = script.but(**{name: tuple(values[number] for number in kept)})
    if name != "raises":
        return shorter
    number_of = {old: new for new, old in enumerate(kept)}
    return shorter.but(
        acts=tuple(replace(a, incident=number_of[a.incident]) for a in script.acts if a.incident in number_of),
        strikes=tuple(
            s if s.incident is None else replace(s, incident=number_of[s.incident])
            for s in script.strikes
            if s.incident is None or s.incident in number_of
        ),
        poisoned=tuple(number_of[number] for number in script.poisoned if number in number_of),
    )


# --- making simpler -------------------------------------------------------------------------------------------------------


def _simplify_part(search: _Search, name: str, number: int) -> None:
    again = True
    while again:
        values = getattr(search.best, name)
        again = any(
            search.take(search.best.but(**{name: (*values[:number], simpler, *values[number + 1 :])}))
            for simpler in _simpler(values[number])
        )


def _simpler(value: object) -> Iterator[object]:
    """Simpler ones of one part, the simplest first."""
    if isinstance(value, str):
        yield from _REACTIONS
    elif isinstance(value, Raise | Act | Strike | Outage | HookFate):
        for f in fields(value):
            now = getattr(value, f.name)
            for other in _simpler_field(f.name, now, f.default):
                if other != now:
                    yield replace(value, **{f.name: other})


def _simpler_field(name: str, now: Any, default: Any) -> Iterator[Any]:
    if default is not MISSING:
        yield default
    if name.endswith("_s"):
        yield from (s for s in _ROUND_S if s < now)
        yield float(round(now))
        yield float(round(now, 1))
    elif name == "nth":
        yield from range(1, now)


def _time_in(script: Script) -> float:
    """All seconds and counts in its parts."""
    named = (getattr(part, f.name) for part in _parts(script) for f in fields(part) if f.name.endswith("_s") or f.name == "nth")
    return float(sum(named))


def _parts(script: Script) -> tuple[Part, ...]:
    return (*script.raises, *script.acts, *script.strikes, *script.outages, *script.fates)
