"""The rollup run: nothing is lost, whatever dies; and what it writes is what a rebuild from events would write."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.errors import TemporaryError
from chalicelib.metrics import layout
from chalicelib.metrics.rows import line_of_sighting
from chalicelib.metrics.run import HELD, Ran, Rollup
from chalicelib.metrics.sightings import Sighting
from simulation.twins import MemoryFacts
from tests.metrics.fact_world import Dying, Heard, Watched, filled, put, results, survive_every_death
from tests.metrics.incidents import LONG_AFTER, OFFICE, RAISED, a_sighting, many_sightings

NOW = LONG_AFTER


def rollup(store: MemoryFacts, log: Heard | None = None) -> Rollup:
    return Rollup(store, log or Heard(), OFFICE)


def rows(store: MemoryFacts, month: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in layout.unpacked(store.files[layout.incidents_key(month)])]


SIGHTINGS = tuple(many_sightings(150, days=120))


def test_every_incident_has_one_row_in_the_month_of_its_creation():
    store = MemoryFacts()
    put(store, *SIGHTINGS)
    ran = rollup(store).run(NOW)
    assert (ran.merged, ran.quarters) == (150, ("2026-Q4", "2027-Q1"))
    told = [row["issue_id"] for month in ran.months for row in rows(store, month)]
    assert sorted(told) == sorted(seen.issue_id for seen in SIGHTINGS)
    assert list(store.keys(layout.INBOX)) == []


def test_a_month_that_did_not_change_is_not_touched():
    store = MemoryFacts()
    december = RAISED + timedelta(days=20)
    put(store, a_sighting(), a_sighting(issue_id="10003", created_at=december))
    rollup(store).run(NOW)
    before = dict(store.files)
    put(store, a_sighting(issue_id="10003", version=2, severity=2, created_at=december))
    assert rollup(store).run(NOW + timedelta(hours=1)) == Ran(1, ("2026-12",), ("2026-Q4",))
    changed = {key for key in store.files if store.files[key] != before.get(key)}
    assert not any("2026-11" in key for key in changed)


def test_nothing_new_means_nothing_written():
    store = MemoryFacts()
    put(store, a_sighting())
    rollup(store).run(NOW)
    before = dict(store.files)
    assert rollup(store).run(NOW + timedelta(hours=1)) == Ran()
    assert store.files == before


def test_what_is_still_open_is_counted_anew_every_hour():
    store = MemoryFacts()
    put(store, a_sighting(status="fixing", impact_ended_at=None))
    rollup(store).run(NOW)
    assert rollup(store).run(NOW + timedelta(hours=1)) == Ran(0, ("2026-11",), ("2026-Q4",))


def test_the_order_in_which_versions_come_does_not_matter():
    versions = [a_sighting(version=number, severity=1 + number % 3) for number in range(1, 6)]
    seen = []
    for seed in range(5):
        store = MemoryFacts()
        shuffled = list(versions)
        random.Random(seed).shuffle(shuffled)
        for one in shuffled:
            put(store, one)
            rollup(store).run(NOW)
        seen.append(results(store))
    assert all(one == seen[0] for one in seen)
    assert seen[0][layout.incidents_key("2026-11")] is not None


def test_a_rebuild_from_events_writes_the_same_bytes():
    store = MemoryFacts()
    for first in range(0, len(SIGHTINGS), 40):
        put(store, *SIGHTINGS[first : first + 40])
        put(store, *(replace(seen, version=2, severity=1) for seen in SIGHTINGS[first : first + 5]))
        rollup(store).run(NOW)
    grown = dict(store.files)
    for key in list(results(store)):
        del store.files[key]
    rollup(store).rebuild(NOW)
    assert store.files == grown


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_it_may_die_at_every_write_and_be_repeated(after: bool):
    def told() -> MemoryFacts:
        return filled(*SIGHTINGS[:20])

    assert survive_every_death(lambda store: rollup(store).run(NOW), told, writes=60, after=after) > 10


class Interrupted(MemoryFacts):
    """Somebody else does something just before the month is written."""

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        super().__init__()
        self.meanwhile = meanwhile

    def put(self, key: str, content: bytes, content_type: str) -> None:
        if key.startswith(layout.INCIDENTS):
            self.meanwhile()
        super().put(key, content, content_type)


def test_of_two_at_once_one_is_refused_and_nothing_is_lost():
    def by_hand() -> None:
        with pytest.raises(TemporaryError, match="another rollup"):
            rollup(store).run(NOW + timedelta(seconds=1))
        refused.append(True)

    refused: list[bool] = []
    store = Interrupted(by_hand)
    put(store, a_sighting())
    assert rollup(store).run(NOW).merged == 1
    assert refused == [True]


def test_one_that_was_killed_keeps_others_waiting_for_no_longer_than_its_time():
    class Killed(BaseException):
        """Nobody tidies up."""

    class Gone(Interrupted):
        def replace(self, key: str, old: bytes | None, new: bytes) -> bool:
            if old is None or b"null" in old:
                return super().replace(key, old, new)
            raise Killed

    def die() -> None:
        raise Killed

    store = Gone(die)
    put(store, a_sighting())
    with pytest.raises(Killed):
        rollup(store).run(NOW)
    survivor = MemoryFacts()
    survivor.files = store.files
    with pytest.raises(TemporaryError, match="cut short"):
        rollup(survivor).run(NOW + HELD - timedelta(seconds=1))
    assert rollup(survivor).run(NOW + HELD).merged == 1


def test_one_that_failed_lets_the_next_begin():
    put(start := MemoryFacts(), a_sighting())
    with pytest.raises(TemporaryError):
        rollup(Dying(start.files, 2, after=False)).run(NOW)
    assert rollup(start).run(NOW).merged == 1


def test_a_version_that_comes_while_it_runs_stays_in_the_inbox():
    class Busy(MemoryFacts):
        def put(self, key: str, content: bytes, content_type: str) -> None:
            super().put(key, content, content_type)
            if key == layout.MANIFEST:
                put(self, a_sighting(version=2, severity=2))

    store = Busy()
    put(store, a_sighting())
    rollup(store).run(NOW)
    assert len(list(store.keys(layout.INBOX))) == 1


def test_what_nobody_can_read_stays_where_it_is_and_is_said():
    store, log = MemoryFacts(), Heard()
    store.put("inbox/v1/month=2026-11/10002-000001.json", b"{}", "application/json")
    store.put("inbox/v1/README", b"hello", "text/plain")
    put(store, a_sighting(issue_id="10003"))
    rollup(store, log).run(NOW)
    assert sorted(log.alarms) == ["fact_unreadable", "stranger_in_inbox"]
    assert len(list(store.keys(layout.INBOX))) == 2
    assert [row["issue_id"] for row in rows(store, "2026-11")] == ["10003"]


def test_the_manifest_is_written_last():
    store = Watched()
    put(store, a_sighting())
    store.written.clear()
    rollup(store).run(NOW)
    assert store.written[-1] == layout.MANIFEST


def test_drills_and_duplicates_have_a_row_that_says_why_they_do_not_count():
    store = MemoryFacts()
    put(store, a_sighting(is_drill=True), a_sighting(issue_id="10003", resolution="duplicate"))
    rollup(store).run(NOW)
    assert [row["excluded"] for row in rows(store, "2026-11")] == ["drill", "duplicate"]
    told = json.loads(store.files[layout.figures_key("2026-11", "json")])
    assert (told["excluded"], told["figures"]) == ({"drill": 1, "duplicate": 1}, [])


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85", "\n", "\r\n"])
def test_a_summary_may_hold_whatever_some_take_for_the_end_of_a_line(mark: str):
    store = MemoryFacts()
    for number in (1, 2):
        put(store, a_sighting(version=number, summary=f"Checkout{mark}is down"))
        rollup(store).run(NOW)
    assert rows(store, "2026-11")[0]["summary"] == f"Checkout{mark}is down"
    assert len(events(store)) == 2


def test_figures_and_manifest_are_read_and_compared_line_by_line():
    store = MemoryFacts()
    put(store, a_sighting(service="Bücher"), a_sighting(issue_id="10003", service="Search", is_drill=True))
    rollup(store).run(NOW)
    told = store.files[layout.figures_key("2026-11", "json")].decode()
    figures = json.loads(told)["figures"]
    lines = [line.removesuffix(",") for line in told.splitlines()]
    assert [json.loads(line) for line in lines if line.startswith('{"')] == figures
    assert '"Bücher"' in told
    assert {'"excluded": {', '"drill": 1', '"reopened": 0'} < {*lines}
    assert '"2026-11": {"incidents": 2, "open": false}' in store.files[layout.MANIFEST].decode().splitlines()


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"a": [], "b": {}, "c": None}, id="nothing in it"),
        pytest.param({"a": [1, {"b": "\u2028{}"}], "c": {"d": [1, 2]}, "e": 0.1}, id="all kinds"),
    ],
)
def test_what_is_readable_is_json(told: dict[str, Any]):
    assert json.loads(layout.readable(told)) == told


def test_files_hold_no_date_of_their_own():
    assert layout.packed(["a"]) == layout.packed(["a"])
    assert gzip.decompress(layout.packed(["a", "ü"])) == "a\nü\n".encode()


def test_a_name_that_a_spreadsheet_would_take_for_a_formula_is_harmless():
    store = MemoryFacts()
    put(store, a_sighting(service='=HYPERLINK("https://evil.example.com")'))
    rollup(store).run(NOW)
    table = store.files[layout.figures_key("2026-11", "csv")].decode()
    assert "'=HYPERLINK" in table
    assert ",=HYPERLINK" not in table.replace('"=HYPERLINK', ",=HYPERLINK")


def test_leap_days_and_the_turn_of_the_year_have_their_months():
    store = MemoryFacts()
    put(
        store,
        a_sighting(created_at=datetime(2028, 2, 29, 23, 59, 59, tzinfo=UTC)),
        a_sighting(issue_id="10003", created_at=datetime.fromisoformat("2028-01-01T00:30:00+02:00")),
    )
    assert rollup(store).run(NOW).months == ("2027-12", "2028-02")


SECRET = "a leak of customers' data"


def a_version(number: int, *, private: bool = False, **changes: Any) -> Sighting:
    return a_sighting(version=number, is_private=private, summary="" if private else SECRET, **changes)


OTHER = a_sighting(issue_id="10003", summary="Checkout is down")


def events(store: MemoryFacts) -> list[dict[str, Any]]:
    return [json.loads(line) for key in store.keys(layout.EVENTS) for line in layout.unpacked(store.files[key])]


def has_words(store: MemoryFacts) -> bool:
    """Of the incident that became private, anywhere; of the other one they stay."""
    assert sum(row.get("summary") == OTHER.summary for row in events(store)) == 1
    packed = {key for key in store.files if key.endswith(".gz")}
    told = (gzip.decompress(content) if key in packed else content for key, content in store.files.items())
    return any(SECRET.encode() in content for content in told)


@pytest.mark.parametrize(
    "runs",
    [
        pytest.param([[a_version(1), OTHER], [a_version(2, private=True)]], id="told before it became private"),
        pytest.param([[a_version(1), OTHER, a_version(2, private=True)]], id="both wait in the inbox"),
        pytest.param([[OTHER, a_version(2, private=True)], [a_version(1)]], id="what was told comes late"),
        pytest.param(
            [[a_version(1), OTHER], [a_version(2)], [a_version(3, private=True)], [a_version(4, private=True)]],
            id="two files told it",
        ),
        pytest.param(
            [[a_version(1, private=True), OTHER], [a_version(2)], [a_version(3, private=True)]], id="private, told, private"
        ),
        pytest.param([[a_version(1), OTHER], [a_sighting(version=2, is_gone=True)]], id="deleted"),
    ],
)
def test_an_incident_that_became_private_or_went_loses_its_words_in_the_events_too(runs: list[list[Sighting]]):
    store = MemoryFacts()
    for hour, versions in enumerate(runs):
        put(store, *versions)
        rollup(store).run(NOW + timedelta(hours=hour))
    assert not has_words(store)
    told = sorted((row["issue_id"], row["version"]) for row in events(store))
    assert told == sorted((seen.issue_id, seen.version) for versions in runs for seen in versions)
    grown = dict(store.files)
    for key in list(results(store)):
        del store.files[key]
    rollup(store).rebuild(NOW + timedelta(hours=len(runs) - 1))
    assert results(store).keys() == {key for key in grown if not key.startswith(layout.EVENTS)}
    assert store.files[layout.incidents_key("2026-11")] == grown[layout.incidents_key("2026-11")]
    assert {key: store.files[key] for key in store.keys(layout.EVENTS)} == {
        key: content for key, content in grown.items() if key.startswith(layout.EVENTS)
    }


def test_one_that_is_private_no_more_keeps_the_words_that_are_told_of_it_since():
    store = MemoryFacts()
    for version in (a_version(1), a_version(2, private=True), a_version(3)):
        put(store, version)
        rollup(store).run(NOW)
    assert [row.get("summary") for row in sorted(events(store), key=lambda row: row["version"])] == [None, None, SECRET]
    assert rows(store, "2026-11")[0]["summary"] == SECRET


def test_words_that_an_older_version_of_firebell_left_go_when_it_is_rebuilt():
    store = MemoryFacts()
    lines = [line_of_sighting(seen) for seen in (a_version(1), OTHER, a_version(2, private=True))]
    store.put(layout.events_key("2026-11", lines), layout.packed(lines), "application/gzip")
    rollup(store).rebuild(NOW)
    assert not has_words(store)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_hushing_may_die_at_every_write_and_be_repeated(after: bool):
    def run(store: MemoryFacts) -> None:
        rollup(store).run(NOW)

    def told() -> MemoryFacts:
        store = MemoryFacts()
        put(store, a_version(1), OTHER)
        run(store)
        put(store, a_version(2))
        run(store)
        put(store, a_version(3, private=True))
        return store

    def has_none(survivor: MemoryFacts) -> None:
        assert not has_words(survivor)

    assert survive_every_death(run, told, writes=20, after=after, check=has_none) > 8


def test_a_file_of_events_without_such_words_is_not_written_again():
    store = Watched()
    put(store, OTHER)
    rollup(store).run(NOW)
    put(store, a_version(1))
    rollup(store).run(NOW)
    store.written.clear()
    put(store, a_version(2, private=True))
    rollup(store).run(NOW)
    assert sum(key.startswith(layout.EVENTS) for key in store.written) == 2  # the file that told it, and the new one
