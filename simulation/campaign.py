"""Seed after seed, for a while or to the last one: play, count, write down, go on where the last run stopped.

The result file has one line per finished chunk of seeds; when a run ends, neighbours become one, so that the record of a
million lives is small enough to be kept with the code. A line counts only for the very code that it was made with.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Any

from simulation.crew import spread
from simulation.draw import Kind, draw
from simulation.tally import Tally, is_hasty
from simulation.trial import judge

ROOT = Path(__file__).parents[1]
CHUNK = 100
"""Seeds per line: about a second of one core."""
_CODE = ("simulation", "chalicelib", "sandbox", "templates")


@dataclass(frozen=True, slots=True, order=True)
class Violation:
    seed: int
    invariant: str
    text: str
    is_hasty: bool


@dataclass(slots=True)
class Chunk:
    """The lives of the seeds from first to last, last left out. seconds: of one core. code: what they were played with."""

    first: int
    last: int
    seconds: float
    code: str
    kind: Kind
    tally: Tally = field(default_factory=Tally)
    violations: list[Violation] = field(default_factory=list)

    def as_json(self) -> str:
        shown = {
            "first": self.first, "last": self.last, "seconds": round(self.seconds, 3), "code": self.code, "kind": self.kind,
            "violations": [asdict(violation) for violation in self.violations], **self.tally.as_json(),
        }  # fmt: skip
        return json.dumps(shown, separators=(",", ":"))

    def append(self, following: Chunk) -> None:
        """following: begins where this one ends."""
        self.last = following.last
        self.seconds += following.seconds
        self.tally.merge(following.tally)
        self.violations += following.violations

    @classmethod
    def from_json(cls, line: str) -> Chunk:
        """Raises ValueError or KeyError for a line that was cut short."""
        told: dict[str, Any] = json.loads(line)
        violations = [Violation(**violation) for violation in told["violations"]]
        return cls(
            told["first"], told["last"], told["seconds"], told["code"], Kind(told["kind"]), Tally.from_json(told), violations
        )


@dataclass(slots=True)
class Results:
    """All finished chunks of one campaign, added up as they come: of a million lives there are ten thousand.

    ranges: the seeds of each, the last left out. seeds: how many these are, also those that were passed over.
    """

    tally: Tally = field(default_factory=Tally)
    violations: list[Violation] = field(default_factory=list)
    ranges: list[tuple[int, int]] = field(default_factory=list)
    seeds: int = 0
    core_seconds: float = 0.0

    @classmethod
    def of(cls, chunks: Iterable[Chunk]) -> Results:
        results = cls()
        for chunk in chunks:
            results.add(chunk)
        return results

    def add(self, chunk: Chunk) -> None:
        self.tally.merge(chunk.tally)
        self.violations = sorted((*self.violations, *chunk.violations))
        self.ranges.append((chunk.first, chunk.last))
        self.seeds += chunk.last - chunk.first
        self.core_seconds += chunk.seconds


Played = Callable[[int, int], Chunk]
Progress = Callable[[Results, Chunk], None]


def run(
    first: int,
    last: int | None,
    result: Path,
    *,
    jobs: int,
    kind: Kind = Kind.ALL,
    seconds: float | None = None,
    progress: Progress = lambda results, chunk: None,
    now: Callable[[], float] = time.monotonic,
) -> Results:
    """Play the seeds from first to last (None: no last one), for at most so many seconds; skip what the file has already.

    The chunks that are under way when the time is up are finished, and counted.
    """
    results = Results.of(finished(result, first, last, kind=kind))
    ends = None if seconds is None else now() + seconds
    todo = chunks(first, last, tuple(results.ranges))
    result.parent.mkdir(parents=True, exist_ok=True)
    _end_the_last_line(result)
    with result.open("a", encoding="utf-8") as file:
        for _, chunk in spread(partial(play_chunk, kind=kind), _while_time(todo, ends, now), jobs):
            results.add(chunk)
            file.write(chunk.as_json() + "\n")
            file.flush()
            progress(results, chunk)
    fold(result, kind=kind)
    return results


def _while_time(todo: Iterable[tuple[int, int]], ends: float | None, now: Callable[[], float]) -> Iterator[tuple[int, int]]:
    for piece in todo:
        if ends is not None and now() >= ends:
            return
        yield piece


def chunks(first: int, last: int | None, done: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """(first, last) of what is left to do, in order; endless without a last one."""
    gaps = []
    begin = first
    for done_first, done_last in sorted(done):
        if done_first > begin:
            gaps.append((begin, done_first))
        begin = max(begin, done_last)
    for gap_first, gap_last in gaps:
        for at in range(gap_first, gap_last, CHUNK):
            yield at, min(at + CHUNK, gap_last)
    for at in count(begin, CHUNK) if last is None else range(begin, last, CHUNK):
        yield at, at + CHUNK if last is None else min(at + CHUNK, last)


def finished(result: Path, first: int, last: int | None, *, kind: Kind = Kind.ALL) -> Iterator[Chunk]:
    """What the file has of these seeds, made with the code as it is now. A line that was cut short does not count."""
    if not result.exists():
        return
    for line in result.read_text("utf-8").splitlines():
        chunk = _read(line, kind)
        if chunk is not None and first <= chunk.first and (last is None or chunk.last <= last):
            yield chunk


def _read(line: str, kind: Kind) -> Chunk | None:
    """None for what other code did, or another kind of lives, and for a line that was cut short."""
    try:
        chunk = Chunk.from_json(line)
    except (ValueError, KeyError, TypeError):
        return None
    return chunk if (chunk.code, chunk.kind) == (fingerprint(), kind) else None


def fold(result: Path, *, kind: Kind = Kind.ALL) -> None:
    """Make one line of all neighbouring chunks of this code and kind. What other code left, or another kind, stays as it is."""
    ours: list[Chunk] = []
    others: list[str] = []
    for line in result.read_text("utf-8").splitlines():
        if (read := _read(line, kind)) is not None:
            ours.append(read)
        else:
            others.append(line)
    folded: list[Chunk] = []
    for chunk in sorted(ours, key=lambda chunk: chunk.first):
        if folded and folded[-1].last == chunk.first:
            folded[-1].append(chunk)
        else:
            folded.append(chunk)
    beside = result.with_name(f"{result.name}.new")
    beside.write_text("".join(f"{line}\n" for line in (*others, *(chunk.as_json() for chunk in folded))), "utf-8")
    beside.replace(result)


def _end_the_last_line(result: Path) -> None:
    """Whoever was killed while writing left half a line: what follows must not be glued to it."""
    if result.exists() and not result.read_bytes().endswith(b"\n") and result.stat().st_size:
        with result.open("a", encoding="utf-8") as file:
            file.write("\n")


@cache
def fingerprint() -> str:
    """Of everything that a life depends on."""
    digest = hashlib.sha256()
    for folder in _CODE:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in (".py", ".txt", ".jinja", ".j2", ".json", ".md"):
                digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def play_chunk(seeds: tuple[int, int], *, kind: Kind = Kind.ALL) -> Chunk:
    """In a process of its own."""
    first, last = seeds
    chunk = Chunk(first, last, 0.0, fingerprint(), kind)
    began = time.process_time()
    for seed in range(first, last):
        script = draw(seed, kind)
        trial = judge(script)
        chunk.tally.add(script, trial.verdict)
        if trial.broken is not None:
            chunk.violations.append(Violation(seed, trial.broken.invariant, trial.broken.text, is_hasty(script)))
    chunk.seconds = time.process_time() - began
    return chunk
