"""A campaign adds up, and goes on where it stopped."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from simulation import campaign
from simulation.campaign import CHUNK, Chunk, Results, Violation, chunks, fingerprint, finished, play_chunk, run
from simulation.draw import Kind, draw
from simulation.invariants import EXCEPTIONS
from simulation.life import play
from simulation.script import Script
from simulation.tally import Tally, Timings, is_hasty, round_up


def a_chunk(first: int = 0, last: int = 100, *, code: str | None = None, kind: Kind = Kind.ALL) -> Chunk:
    tally = Tally(lives=last - first, hasty=2, rings=3)
    tally.excused["E2"] += 1
    tally.strikes["jira.read: 404"] += 5
    tally.paged["clean"] = timings(120, 2_345, None)
    return Chunk(first, last, 1.5, code or fingerprint(), kind, tally, [Violation(first + 1, "a promise", "it broke", False)])


def timings(*took_ms: int | None) -> Timings:
    found = Timings()
    for ms in took_ms:
        found.add(ms)
    return found


# --- which seeds are left --------------------------------------------------------------------------------------------------


def test_seeds_are_played_in_chunks():
    assert list(chunks(0, 250, [])) == [(0, 100), (100, 200), (200, 250)]


def test_finished_chunks_are_left_out_and_gaps_are_filled():
    assert list(chunks(0, 450, [(0, 100), (300, 400)])) == [(100, 200), (200, 300), (400, 450)]


def test_without_a_last_seed_there_is_always_another_chunk():
    endless = chunks(50, None, [(50, 150)])
    assert [next(endless), next(endless)] == [(150, 250), (250, 350)]


def test_a_finished_campaign_leaves_nothing():
    assert list(chunks(0, 100, [(0, 100)])) == []


def test_every_exception_that_is_excused_has_its_column():
    known = set(
        re.findall(r'"(E\d+)"', "".join(path.read_text("utf-8") for path in Path(campaign.__file__).parent.glob("*.py")))
    )
    assert sorted(known) == sorted(EXCEPTIONS)


# --- the result file -------------------------------------------------------------------------------------------------------


def test_a_chunk_survives_being_written_down():
    assert Chunk.from_json(a_chunk().as_json()) == a_chunk()


def test_only_what_the_very_same_code_did_counts(tmp_path):
    result = tmp_path / "result.jsonl"
    result.write_text(f"{a_chunk(0, 100, code='older').as_json()}\n{a_chunk(100, 200).as_json()}\n", "utf-8")
    assert [chunk.first for chunk in finished(result, 0, None)] == [100]


def test_lives_of_one_kind_are_counted_apart_from_those_of_another(tmp_path):
    result = tmp_path / "result.jsonl"
    result.write_text(f"{a_chunk(0, 100).as_json()}\n{a_chunk(100, 200, kind=Kind.BARE).as_json()}\n", "utf-8")
    assert [chunk.first for chunk in finished(result, 0, None, kind=Kind.BARE)] == [100]
    assert [chunk.first for chunk in finished(result, 0, None)] == [0]


def test_a_line_that_was_cut_short_does_not_count(tmp_path):
    result = tmp_path / "result.jsonl"
    result.write_text(a_chunk().as_json() + "\n" + a_chunk(100, 200).as_json()[:50], "utf-8")
    assert [chunk.first for chunk in finished(result, 0, None)] == [0]


def test_a_chunk_outside_the_seeds_asked_for_does_not_count(tmp_path):
    result = tmp_path / "result.jsonl"
    result.write_text(a_chunk(100, 200).as_json() + "\n", "utf-8")
    assert list(finished(result, 0, 150)) == []


def test_a_run_started_again_plays_only_what_is_missing(tmp_path, monkeypatch):
    played = []

    def here(work, pieces, jobs):
        for first, last in pieces:
            played.append((first, last))
            yield (first, last), a_chunk(first, last)

    monkeypatch.setattr(campaign, "spread", here)
    result = tmp_path / "build" / "result.jsonl"
    run(0, 2 * CHUNK, result, jobs=1)
    with result.open("a", encoding="utf-8") as file:
        file.write('{"first":200,"la')  # killed while it wrote
    results = run(0, 3 * CHUNK, result, jobs=1)
    assert played == [(0, 100), (100, 200), (200, 300)]
    assert results.tally.lives == 300


def test_a_campaign_ends_when_its_time_is_up(tmp_path, monkeypatch):
    monkeypatch.setattr(campaign, "spread", lambda work, pieces, jobs: ((piece, a_chunk(*piece)) for piece in pieces))
    seconds = iter(range(100))
    results = run(0, None, tmp_path / "result.jsonl", jobs=1, seconds=3, now=lambda: next(seconds))
    assert results.ranges == [(0, 100), (100, 200)]


def test_a_chunk_played_in_processes_is_the_chunk_played_here(tmp_path):
    results = run(7, 12, tmp_path / "result.jsonl", jobs=2)
    assert (results.tally, results.violations) == ((here := play_chunk((7, 12))).tally, here.violations)
    assert json.loads((tmp_path / "result.jsonl").read_text("utf-8"))["lives"] == 5


@pytest.mark.parametrize("kind", Kind)
def test_a_chunk_plays_lives_of_its_kind(kind: Kind):
    expected = Tally()
    for script in (draw(seed, kind) for seed in range(7, 12)):
        expected.add(script, play(script))
    assert play_chunk((7, 12), kind=kind).tally == expected


def test_when_a_run_ends_neighbouring_chunks_become_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(campaign, "spread", lambda work, pieces, jobs: ((piece, a_chunk(*piece)) for piece in pieces))
    result = tmp_path / "result.jsonl"
    older, bare, apart = a_chunk(0, 100, code="older"), a_chunk(0, 100, kind=Kind.BARE), a_chunk(500, 600)
    result.write_text("".join(f"{chunk.as_json()}\n" for chunk in (apart, older, bare)) + '{"first":', "utf-8")
    before = run(0, 300, result, jobs=1)
    lines = [Chunk.from_json(line) for line in result.read_text("utf-8").splitlines()[:2]]
    assert lines == [older, bare], "what this run did not make stays as it is"
    assert [(chunk.first, chunk.last) for chunk in finished(result, 0, None)] == [(0, 300), (500, 600)]
    after = run(0, 300, result, jobs=1)
    assert (after.tally, after.violations, after.core_seconds) == (before.tally, before.violations, before.core_seconds)


# --- what it adds up to ----------------------------------------------------------------------------------------------------


def test_chunks_add_up():
    total = Results.of([a_chunk(0, 100), a_chunk(100, 250)])
    assert total.tally.lives == 250
    assert total.tally.excused == {"E2": 2}
    assert total.tally.paged["clean"] == timings(120, 120, 2_345, 2_345, None, None)
    assert [violation.seed for violation in total.violations] == [1, 101]


def test_quantiles_are_never_below_the_true_ones():
    times = timings(*range(1, 1001))
    assert times.count == 1000
    assert times.quantile_ms(0.5) == 500
    assert times.quantile_ms(0.99) == 990
    assert times.quantile_ms(1.0) == times.max_ms == 1000


def test_a_time_that_nobody_took_is_counted_apart():
    times = timings(None, 4)
    assert (times.count, times.nobody, times.quantile_ms(0.5)) == (1, 1, 4)


@pytest.mark.parametrize(("ms", "rounded"), [(0, 0), (99, 99), (101, 110), (120, 120), (1_234, 1_300), (99_001, 100_000)])
def test_long_times_keep_two_digits_and_are_rounded_up(ms, rounded):
    assert round_up(ms) == rounded


def test_lives_in_which_people_react_in_a_blink_are_hasty():
    assert is_hasty(Script(reactions=("ack 5", "close 0.2")))
    assert not is_hasty(Script(reactions=("ack 5", "close 30")))
