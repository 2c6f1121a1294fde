"""docs/metrics.md is the dictionary: it has every column and every figure, and nothing that there is not."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from chalicelib.metrics import layout
from chalicelib.metrics.facts import SCHEMA
from chalicelib.metrics.report import QUALITY
from chalicelib.metrics.report_charts import ALWAYS, DOTS
from chalicelib.metrics.rollup import ENGAGE, METRICS, Figures
from chalicelib.metrics.trend import MONTHS

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "metrics.md").read_text("utf-8")
STATEMENT = (DOCS / "athena.sql").read_text("utf-8")


def rows_of(section: str) -> list[list[str]]:
    """The cells of its first table, without heading."""
    text = PAGE.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    table = re.search(r"(?:^\|.*\|\n)+", text, re.MULTILINE)
    assert table, f"no table in {section}"
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[0].splitlines()[2:]]


def names_in(cells: list[list[str]]) -> list[str]:
    return [name for row in cells for name in re.findall(r"`([^`]+)`", row[0])]


def test_every_column_of_the_table_is_explained_and_no_other():
    columns = re.search(r"firebell_incidents \((.+?)\n\)", STATEMENT, re.DOTALL)
    assert columns
    names = re.findall(r"(\w+) (?:string|int|bigint|boolean|array<\w+>|map<\w+,\w+>)", columns[1])
    assert names_in(rows_of("Rows")) == [*names, "month"]


def test_every_metric_is_explained_and_no_other():
    assert names_in(rows_of("Metrics")) == [*METRICS, f"{ENGAGE}<role>"]


def test_every_figure_is_explained_and_no_other():
    assert names_in(rows_of("Figures")) == [one.name for one in fields(Figures)]


def test_everything_that_is_counted_of_quality_is_explained():
    told = PAGE.partition("| quality |")[2]
    assert [what for what in QUALITY if f"`{what}`" not in told and f"`{what.split(':')[0]}:<time>`" not in told] == []


def test_every_place_is_named():
    places = (layout.INBOX, layout.EVENTS, layout.INCIDENTS, layout.ROLLUPS, layout.REPORTS, layout.MANIFEST)
    assert [place for place in places if f"| `{place}" not in PAGE] == []


def test_the_page_says_which_schema_it_is_of_and_how_much_a_report_shows():
    assert f"schema {SCHEMA}." in PAGE
    assert f"more than {DOTS:,}" in PAGE
    assert f"the {ALWAYS}\n  longest" in PAGE
    assert MONTHS == 12
