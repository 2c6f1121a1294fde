"""An engine that reads the same files finds the same figures: DuckDB, by SQL that shares nothing with our code."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from chalicelib.metrics import layout
from chalicelib.metrics.rollup import METRICS, TTR
from chalicelib.metrics.rows import line_of_fact
from chalicelib.metrics.run import Rollup
from simulation.twins import MemoryFacts
from tests.metrics.fact_world import Heard, put
from tests.metrics.incidents import LONG_AFTER, OFFICE, a_fact, many_sightings

DDL = (Path(__file__).parents[2] / "docs" / "athena.sql").read_text("utf-8")
TYPES = {
    "int": "INTEGER", "bigint": "BIGINT", "string": "VARCHAR", "boolean": "BOOLEAN", "array<string>": "VARCHAR[]",
    "map<string,string>": "MAP(VARCHAR, VARCHAR)", "map<string,bigint>": "MAP(VARCHAR, BIGINT)",
}  # fmt: skip
GROUPS = {
    "all": "''", "severity": "severity::VARCHAR", "service": "coalesce(service, '(not told)')",
    "product": "unnest(CASE WHEN coalesce(len(products), 0) > 0 THEN list_distinct(products) ELSE ['(not told)'] END)",
    "detected_by": "coalesce(detected_by, '(not told)')", "hours": "CASE WHEN in_hours THEN 'in' ELSE 'out' END",
}  # fmt: skip


def columns() -> dict[str, str]:
    """As the table for Athena declares them."""
    body = DDL[DDL.index("firebell_incidents (") + 20 : DDL.index(")\nPARTITIONED")]
    return {name: TYPES[kind] for name, kind in re.findall(r"(\w+) ((?:map|array)<[^>]*>|\w+)", body)}


@pytest.fixture(scope="module")
def store() -> MemoryFacts:
    store = MemoryFacts()
    put(store, *many_sightings(3_000, days=92))
    Rollup(store, Heard(), OFFICE).run(LONG_AFTER)
    return store


@pytest.fixture(scope="module")
def engine(store: MemoryFacts, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    folder = tmp_path_factory.mktemp("facts")
    for key in store.keys(layout.INCIDENTS):
        path = folder / key
        path.parent.mkdir(parents=True)
        path.write_bytes(store.files[key])
    engine = duckdb.connect()
    engine.execute(
        f"CREATE TABLE facts AS SELECT * FROM read_json('{folder}/incidents/v1/*/facts.ndjson.gz', "
        f"format='newline_delimited', columns={columns()}, hive_partitioning=true, hive_types={{'month': 'VARCHAR'}})"
    )
    return engine


def told(store: MemoryFacts, period: str, by: str, metric: str) -> dict[str, dict[str, Any]]:
    figures = json.loads(store.files[layout.figures_key(period, "json")])["figures"]
    return {one["which"]: one for one in figures if (one["by"], one["metric"]) == (by, metric)}


@pytest.mark.parametrize("by", GROUPS)
@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("period", ["2026-12", "2026-Q4"])
def test_duckdb_agrees(store: MemoryFacts, engine: duckdb.DuckDBPyConnection, period: str, by: str, metric: str):
    """Counts and quantiles exactly, means to 1e-9."""
    months = ("2026-10", "2026-11", "2026-12") if "Q" in period else (period,)
    over = " AND status = 'resolved'" if metric == TTR else ""
    found = engine.execute(
        f"""
        SELECT which, count(*), count(x), round(quantile_cont(x, 0.5), 3), round(quantile_cont(x, 0.75), 3),
               round(quantile_cont(x, 0.9), 3), round(quantile_cont(x, 0.95), 3),
               exp(avg(ln(greatest(x, 1))) FILTER (x IS NOT NULL)), avg(x)
        FROM (SELECT {GROUPS[by]} AS which, CASE WHEN true{over} THEN {metric}_s END AS x
              FROM facts WHERE excluded IS NULL AND month IN {months!r})
        GROUP BY which HAVING count(x) > 0
        """.replace(",)", ")")
    ).fetchall()
    ours = told(store, period, by, metric)
    assert {row[0] for row in found} == {which for which, one in ours.items() if one["n"]}
    for which, incidents, n, median, p75, p90, p95, geometric, mean in found:
        one = ours[which]
        assert (one["incidents"], one["n"]) == (incidents, n)
        assert (one["median"], one["p75"], one["p90"]) == (median, p75, p90)
        assert one.get("p95") == (p95 if n >= 60 else None)
        assert [one["geometric_mean"], one["mean"]] == pytest.approx([geometric, mean], rel=1e-9)


def test_what_is_excluded_is_counted_alike(store: MemoryFacts, engine: duckdb.DuckDBPyConnection):
    counted = engine.execute("SELECT excluded, count(*) FROM facts WHERE excluded IS NOT NULL AND month = '2026-12' GROUP BY 1")
    assert dict(counted.fetchall()) == json.loads(store.files[layout.figures_key("2026-12", "json")])["excluded"]


def test_what_the_sweep_found_is_counted_alike(store: MemoryFacts, engine: duckdb.DuckDBPyConnection):
    counted = engine.execute("SELECT count(*) FILTER (found_by_sweep) FROM facts WHERE excluded IS NULL AND month = '2026-12'")
    ours = json.loads(store.files[layout.figures_key("2026-12", "json")])["found_by_sweep"]
    assert counted.fetchall() == [(ours,)]
    assert ours > 5


def test_the_table_for_athena_has_a_column_for_everything_that_a_row_can_hold():
    whole = a_fact(
        url="u", summary="s", detected_by="d", resolution="duplicate", is_private=True, is_drill=True, manager="m", engaged={
            "tech_lead": LONG_AFTER}, reopened=1, reopened_at=LONG_AFTER, defaulted=("detected",), edited=("detected",),
        rosters=("r",), pages=1, fallbacks=1, creates=1, found_by_sweep=True, is_gone=True, told_staff_at=LONG_AFTER,
        told_public_at=LONG_AFTER,
    )  # fmt: skip
    broken = a_fact(detected_at=None, impact_ended_at=a_fact().seen.created_at.replace(year=2020))
    members = {*json.loads(line_of_fact(whole)), *json.loads(line_of_fact(broken))}
    assert members == set(columns())
