"""What the rollup costs: everything anew out of the events of ten years, and the hour in which one incident changed.

DuckDB computes the same counts, quantiles and means over the same files in the same run: the least that could be done.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench.measure import Quiet, machine, verdict
from chalicelib.adapters.report_pages import ReportPages
from chalicelib.metrics import layout
from chalicelib.metrics.facts import month_of
from chalicelib.metrics.rows import line_of_sighting
from chalicelib.metrics.run import Rollup
from cli.fact_store import FactFolder
from cli.words import TEMPLATES
from tests.metrics.incidents import OFFICE, many_sightings

FIRST = datetime(2017, 1, 1, tzinfo=UTC)
NOW = datetime(2027, 1, 1, tzinfo=UTC)
MONTHS = 120
MOST_MEMORY_MB = 300

SQL = """
SELECT {by} AS which, count(*), count(x), quantile_cont(x, [0.5, 0.75, 0.9, 0.95]), exp(avg(ln(greatest(x, 1)))), avg(x)
FROM (SELECT *, {metric}_s AS x FROM read_json('{folder}/incidents/v1/*/facts.ndjson.gz', format='newline_delimited',
      columns={{'excluded': 'VARCHAR', 'severity': 'VARCHAR', 'service': 'VARCHAR', 'in_hours': 'BOOLEAN',
                '{metric}_s': 'BIGINT'}},
      hive_partitioning=true, hive_types={{'month': 'VARCHAR'}}))
WHERE excluded IS NULL GROUP BY month, which
"""


class Files(FactFolder):
    """Counts what it is asked."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.read: list[str] = []
        self.written: list[str] = []

    def get(self, key: str) -> bytes | None:
        self.read.append(key)
        return super().get(key)

    def put(self, key: str, content: bytes, content_type: str) -> None:
        super().put(key, content, content_type)
        self.written.append(key)


def main(incidents: int) -> int:
    print(f"{machine()}; {incidents} incidents in {MONTHS} months")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_events(Files(folder), incidents)
        # A process of its own: what memory writing the events took must not show.
        rebuilt = subprocess.run(
            [sys.executable, "-m", "bench.rollup", str(folder)], check=True, capture_output=True, text=True
        )
        took_s, peak_mb = map(float, rebuilt.stdout.split())
        print(f"rebuild from events: {took_s:.0f} s, {incidents / took_s:.0f} incidents/s, peak memory {peak_mb:.0f} MB")
        print(f"DuckDB, three of our five groups for one of our metrics: {_with_duckdb(folder):.1f} s")
        _one_changed(folder)
        return 0 if verdict(f"peak memory below {MOST_MEMORY_MB} MB", peak_mb < MOST_MEMORY_MB, f"{peak_mb:.0f} MB") else 1


def _write_events(store: Files, incidents: int) -> None:
    span, each = (NOW - FIRST) / MONTHS, incidents // MONTHS
    for number in range(MONTHS):
        lines: dict[str, list[str]] = {}
        for seen in many_sightings(each, seed=number, first=FIRST + number * span, days=span // timedelta(days=1)):
            issue_id = str(int(seen.issue_id) + number * each)
            lines.setdefault(month_of(seen.created_at), []).append(line_of_sighting(replace(seen, issue_id=issue_id)))
        for month, of_month in lines.items():
            store.put(layout.events_key(month, of_month), layout.packed(of_month), "application/gzip")


def _with_duckdb(folder: Path) -> float:
    import duckdb

    engine = duckdb.connect()
    started = time.perf_counter()
    for by in ("severity", "service", "in_hours"):
        engine.execute(SQL.format(by=by, metric="time_to_recover", folder=folder)).fetchall()
    return time.perf_counter() - started


def _one_changed(folder: Path) -> None:
    store = Files(folder)
    changed = replace(next(many_sightings(1, first=NOW - timedelta(days=40), days=1)), version=9)
    store.put(layout.inbox_key(month_of(changed.created_at), changed.issue_id, 9), line_of_sighting(changed).encode(), "")
    _close_all(store)
    store.read.clear()
    store.written.clear()
    started = time.perf_counter()
    Rollup(store, Quiet(), OFFICE, ReportPages(TEMPLATES)).run(NOW)
    took_s = time.perf_counter() - started
    size = sum((folder / key).stat().st_size for key in store.written if (folder / key).is_file())
    read, written = len(store.read), f"{len(store.written)} ({size / 1e6:.1f} MB)"
    print(f"one changed incident: {read} files read, {written} written in {took_s:.1f} s")


def _close_all(store: Files) -> None:
    """Nothing is open any more in ten years' months: else they are computed anew for that alone."""
    content = store.get(layout.MANIFEST)
    assert content is not None
    store.put(layout.MANIFEST, content.replace(b'"open": true', b'"open": false'), "")


def _rebuild(folder: Path) -> None:
    started = time.perf_counter()
    Rollup(Files(folder), Quiet(), OFFICE, ReportPages(TEMPLATES)).rebuild(NOW)
    print(time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


if __name__ == "__main__":
    _rebuild(Path(sys.argv[1]))
