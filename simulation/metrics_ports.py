"""The fact store as passes and the rollup see it, behind the wire; and Jira where the watch sees whose times are written.

Each translates between a port and a model and decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TypeVar

from chalicelib.domain.incident import IssueId
from chalicelib.errors import TemporaryError
from chalicelib.metrics import layout
from chalicelib.ports.tickets import FieldValue, Put
from simulation.metrics_watch import CountWatch
from simulation.places import PlacedTickets
from simulation.ports import ModelTickets
from simulation.telling_ports import CommentsOnWire, CommentsOnWireAtPlaces
from simulation.twins import MemoryFacts
from simulation.wire import Wire, operation

T = TypeVar("T")


class FactsOfPasses:
    """Passes put versions into the inbox, and do nothing else there. came: told that something lies there now."""

    def __init__(self, store: MemoryFacts, wire: Wire, sees: CountWatch, came: Callable[[], None]) -> None:
        self._store, self._wire, self._sees, self._came = store, wire, sees, came
        self._put = operation("facts", "put")

    def keys(self, prefix: str) -> Iterator[str]:
        raise AssertionError("never in a pass")

    def get(self, key: str) -> bytes | None:
        raise AssertionError("never in a pass")

    def replace(self, key: str, old: bytes | None, new: bytes) -> bool:
        raise AssertionError("never in a pass")

    def delete(self, keys: Collection[str]) -> None:
        raise AssertionError("never in a pass")

    def put(self, key: str, content: bytes, content_type: str) -> None:
        named = layout.version_of_inbox_key(key)
        issue_id = named[0] if named is not None else ""

        def write() -> None:
            self._sees.writes += 1
            self._sees.checks.counts(issue_id, content.decode())
            self._store.put(key, content, content_type)
            self._came()

        self._sees.calls += 1
        self._wire.call(self._put, issue_id, write, about=key)


class FactsOfRollup:
    """All of it, with the patience of who has a quarter of an hour."""

    def __init__(self, store: MemoryFacts, wire: Wire, sees: CountWatch) -> None:
        self._store, self._wire, self._sees = store, wire, sees
        self._operations = {method: operation("rollup", method) for method in ("keys", "get", "replace", "put", "delete")}

    def keys(self, prefix: str) -> Iterator[str]:
        broken: list[TemporaryError] = []

        def look() -> list[str]:
            return list(self._store.keys(prefix))

        def first_half() -> list[str]:
            found = look()
            broken.append(TemporaryError("s3", "keys", "the second page failed"))
            return found[: len(found) // 2]

        yield from self._call("keys", look, first_half)
        if broken:
            raise broken[0]

    def get(self, key: str) -> bytes | None:
        return self._call("get", lambda: self._store.get(key))

    def put(self, key: str, content: bytes, content_type: str) -> None:
        def write() -> None:
            self._sees.checks.rolls_up(key, content)
            self._store.put(key, content, content_type)

        self._call("put", write)

    def replace(self, key: str, old: bytes | None, new: bytes) -> bool:
        return self._call("replace", lambda: self._store.replace(key, old, new))

    def delete(self, keys: Collection[str]) -> None:
        def remove(some: Collection[str]) -> None:
            self._sees.checks.deletes(some)
            self._store.delete(some)

        def first_half() -> None:
            remove(list(keys)[: len(keys) // 2])
            raise TemporaryError("s3", "delete", "some keys stay")

        if keys:
            self._call("delete", lambda: remove(keys), first_half)

    def _call(self, method: str, effect: Callable[[], T], part: Callable[[], T] | None = None) -> T:
        return self._wire.call(self._operations[method], None, effect, part=part)


class CountedTickets(ModelTickets):
    """Jira where incidents are counted."""

    counted: CountWatch

    def count_for(self, counted: CountWatch) -> None:
        self.counted = counted

    def put_fields(self, issue_id: IssueId, fields: Mapping[str, FieldValue], *, quiet: bool = True) -> Put:
        self.counted.calls += 1
        return super().put_fields(issue_id, fields, quiet=quiet)

    def _put(self, issue_id: IssueId, fields: Mapping[str, FieldValue], quiet: bool, read_ms: int | None) -> Put:
        self.counted.writes += 1
        self.counted.checks.puts(issue_id, fields, read_ms)
        done = super()._put(issue_id, fields, quiet, read_ms)
        self.counted.note(self._model.issues[issue_id], self._wire.loop.now_ms, by_us=True)
        return done


class CountedAtPlaces(CountedTickets, PlacedTickets):
    """The same where people meet."""


class CountedAndTold(CountedTickets, CommentsOnWire):
    """The same where people are told."""


class CountedAtPlacesAndTold(CountedTickets, CommentsOnWireAtPlaces):
    """The same where both is so."""


COUNTED: Mapping[type[ModelTickets], type[CountedTickets]] = {
    ModelTickets: CountedTickets,
    PlacedTickets: CountedAtPlaces,
    CommentsOnWire: CountedAndTold,
    CommentsOnWireAtPlaces: CountedAtPlacesAndTold,
}
