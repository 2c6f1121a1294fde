"""A fact store in memory for whoever runs the rollup: filled, listened to, and dying at every write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalicelib.errors import TemporaryError
from chalicelib.metrics import layout
from chalicelib.metrics.facts import month_of
from chalicelib.metrics.rows import line_of_sighting
from chalicelib.metrics.sightings import Sighting
from simulation.twins import MemoryFacts


class Heard:
    def __init__(self) -> None:
        self.alarms: list[str] = []

    def info(self, event: str, **fields: object) -> None: ...

    def alarm(self, event: str, **fields: object) -> None:
        self.alarms.append(event)


class Dying(MemoryFacts):
    """Dies before or after its nth write."""

    def __init__(self, files: dict[str, bytes], dies_at: int, *, after: bool) -> None:
        super().__init__()
        self.files, self.left, self.after = files, dies_at, after

    def _write(self, act: Any) -> None:
        self.left -= 1
        if self.left == 0 and not self.after:
            raise TemporaryError("s3", "put", "gone")
        act()
        if self.left == 0:
            raise TemporaryError("s3", "put", "gone")

    def put(self, key: str, content: bytes, content_type: str) -> None:
        self._write(lambda: super(Dying, self).put(key, content, content_type))

    def delete(self, keys: Any) -> None:
        self._write(lambda: super(Dying, self).delete(keys))


def put(store: MemoryFacts, *sightings: Sighting) -> None:
    for seen in sightings:
        key = layout.inbox_key(month_of(seen.created_at), seen.issue_id, seen.version)
        store.put(key, line_of_sighting(seen).encode(), "application/json")


def filled(*sightings: Sighting) -> MemoryFacts:
    put(store := MemoryFacts(), *sightings)
    return store


def results(store: MemoryFacts) -> dict[str, bytes]:
    """What people read: all but the events, whose files tell how they came."""
    return {key: content for key, content in store.files.items() if not key.startswith(layout.EVENTS)}


class Watched(MemoryFacts):
    """written: the keys of what was put, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[str] = []

    def put(self, key: str, content: bytes, content_type: str) -> None:
        self.written.append(key)
        super().put(key, content, content_type)


def survive_every_death(
    run: Callable[[MemoryFacts], object], told: Callable[[], MemoryFacts], *, writes: int, after: bool,
    check: Callable[[MemoryFacts], object] = lambda survivor: None,
) -> int:  # fmt: skip
    """Killed at its nth write, for each of so many, and repeated: people read what they would have read. How often it died.

    told: the store as it is before; check: of each that survived.
    """
    run(whole := told())
    deaths = 0
    for dies_at in range(1, writes):
        dying = Dying(told().files, dies_at, after=after)
        try:
            run(dying)
        except TemporaryError:
            deaths += 1
        survivor = MemoryFacts()
        survivor.files = dying.files
        run(survivor)
        check(survivor)
        assert results(survivor) == results(whole), dies_at
    return deaths
