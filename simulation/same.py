"""The same seed tells the same story, byte for byte, in whatever process it is played."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import zip_longest

from simulation.crew import spread
from simulation.draw import draw
from simulation.trial import judge


@dataclass(frozen=True, slots=True)
class ToldTwice:
    """One seed in two processes, whose hashes of strings are seeded differently. A story: its lines."""

    seed: int
    first: tuple[str, ...]
    second: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        return self.first == self.second

    @property
    def digest(self) -> str:
        return sha256("\n".join(self.first).encode()).hexdigest()

    @property
    def difference(self) -> str:
        """Where they part, for people."""
        pairs = enumerate(zip_longest(self.first, self.second), 1)
        return next((f"line {number}: {one!r}, then {other!r}" for number, (one, other) in pairs if one != other), "")


def played_twice(seeds: Sequence[int]) -> Iterator[ToldTwice]:
    [(_, first)] = spread(tell_stories, [tuple(seeds)], 1)
    [(_, second)] = spread(tell_stories, [tuple(reversed(seeds))], 1)  # nothing of one life shows in the next
    for seed in seeds:
        yield ToldTwice(seed, first[seed], second[seed])


def tell_stories(seeds: tuple[int, ...]) -> dict[int, tuple[str, ...]]:
    return {seed: tell_story(seed) for seed in seeds}


def tell_story(seed: int) -> tuple[str, ...]:
    """Every line, then how it ended."""
    trial = judge(draw(seed), tell=True)
    lines = trial.verdict.story if trial.verdict is not None else []
    return (*lines, trial.broken.text if trial.broken is not None else "every promise was kept")
