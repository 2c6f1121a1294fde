"""Figures as files: JSON for programs and the report, CSV for spreadsheets. Pure; the same figures give the same bytes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from chalicelib.metrics import layout
from chalicelib.metrics.facts import SCHEMA
from chalicelib.metrics.rollup import Figures, Gathered
from chalicelib.metrics.rows import time_of
from chalicelib.metrics.statistics import Interval

_NAMES = tuple(one.name for one in fields(Figures))
_INTERVALS = tuple(name for name in _NAMES if name.endswith("_interval"))


def figures_as_json(period: str, gathered: Gathered, figures: Sequence[Figures], as_of: datetime) -> bytes:
    told = {
        "schema": SCHEMA,
        "period": period,
        "as_of": time_of(as_of),
        "excluded": dict(sorted(gathered.excluded.items())),
        "quality": dict(sorted(gathered.quality.items())),
        "reopened": gathered.reopened["all", ""],
        "found_by_sweep": gathered.found_by_sweep,
        "figures": [_members(one) for one in figures],
    }
    return layout.readable(told)


def _members(figures: Figures) -> dict[str, Any]:
    told = {name: getattr(figures, name) for name in _NAMES}
    return {
        name: [value.low, value.high] if isinstance(value, Interval) else value
        for name, value in told.items()
        if value is not None
    }


def figures_from_json(content: bytes, by: str) -> list[Figures]:
    """The inverse, of one kind of group."""
    return [_read(one) for one in json.loads(content)["figures"] if one["by"] == by]


def _read(members: dict[str, Any]) -> Figures:
    told: dict[str, Any] = {name: Interval(*value) if name in _INTERVALS else value for name, value in members.items()}
    return Figures(**told)


def figures_as_csv(figures: Iterable[Figures]) -> bytes:
    """An interval has two columns: median_low, median_high."""
    columns: list[str] = []
    for name in _NAMES:
        stem = name.removesuffix("_interval")
        columns += [f"{stem}_low", f"{stem}_high"] if name in _INTERVALS else [name]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    for one in figures:
        writer.writerow(_cells(one))
    return text.getvalue().encode("utf-8", "replace")


def _cells(figures: Figures) -> list[Any]:
    cells: list[Any] = []
    for name in _NAMES:
        value = getattr(figures, name)
        if name in _INTERVALS:
            cells += [value.low, value.high] if value is not None else ["", ""]
        else:
            cells.append(_harmless(value) if isinstance(value, str) else "" if value is None else value)
    return cells


def _harmless(text: str) -> str:
    """A spreadsheet takes what begins so for a formula, and names of services are typed by people."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
