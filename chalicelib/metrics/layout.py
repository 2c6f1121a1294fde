"""Where which rows lie in the fact store, and how a file of them is written. Pure: the same rows give the same bytes.

inbox/v1/month=2026-11/10002-000001.json        a version of an incident, until the rollup has merged it
events/v1/month=2026-11/<content>.ndjson.gz     every version there ever was; only ever added to, but
                                                for words of what became private
incidents/v1/month=2026-11/facts.ndjson.gz      one row per incident, rewritten whole
rollups/v1/period=2026-11/figures.json, .csv    figures of a month or a quarter ("2026-Q4")
reports/v1/period=2026-11/report.html           the same for people
manifest.json                                   what is complete; written last
lock.json                                       until when whoever writes all this, but for the inbox, is alone with it
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

INBOX, EVENTS, INCIDENTS, ROLLUPS, REPORTS = "inbox/v1/", "events/v1/", "incidents/v1/", "rollups/v1/", "reports/v1/"
MANIFEST = "manifest.json"
LOCK = "lock.json"

_INBOX_KEY = re.compile(re.escape(INBOX) + r"month=(\d{4}-\d{2})/([^/]+)-(\d+)\.json")


def inbox_key(month: str, issue_id: str, version: int) -> str:
    return f"{INBOX}month={month}/{issue_id}-{version:06}.json"


def month_of_inbox_key(key: str) -> str | None:
    """None for what somebody else has put there."""
    match = _INBOX_KEY.fullmatch(key)
    return match[1] if match else None


def version_of_inbox_key(key: str) -> tuple[str, int] | None:
    """Issue id and version; None for what somebody else has put there."""
    match = _INBOX_KEY.fullmatch(key)
    return (match[2], int(match[3])) if match else None


def events_prefix(month: str) -> str:
    return f"{EVENTS}month={month}/"


def events_key(month: str, lines: Sequence[str]) -> str:
    """Named after what is in it when it is first written: a run that is repeated writes the same file again."""
    return f"{events_prefix(month)}{hashlib.sha256(_joined(lines)).hexdigest()[:32]}.ndjson.gz"


def month_of_events_key(key: str) -> str:
    """The inverse, as far as the month goes."""
    return key.removeprefix(f"{EVENTS}month=").partition("/")[0]


def incidents_key(month: str) -> str:
    return f"{INCIDENTS}month={month}/facts.ndjson.gz"


def figures_key(period: str, kind: str) -> str:
    """kind: "json" or "csv"."""
    return f"{ROLLUPS}period={period}/figures.{kind}"


def report_key(period: str) -> str:
    return f"{REPORTS}period={period}/report.html"


def month_of_incidents_key(key: str) -> str:
    return key.removeprefix(f"{INCIDENTS}month=").partition("/")[0]


def packed(lines: Iterable[str]) -> bytes:
    """Newline-delimited, gzip without a date in it."""
    return gzip.compress(_joined(lines), mtime=0)


def unpacked(content: bytes) -> list[str]:
    """Raises OSError for what is no gzip."""
    # Not splitlines: for it lines end in characters too that JSON leaves as they are, and people paste such into summaries.
    return [line for line in gzip.decompress(content).decode("utf-8").split("\n") if line]


_ENCODED = json.JSONEncoder(ensure_ascii=False).encode


def readable(told: Mapping[str, Any]) -> bytes:
    """One JSON object with a line for each of its members, and for each thing in those: people read and compare it.

    Not json.dumps(indent=1): that never uses the fast encoder.
    """
    lines = (f"{_ENCODED(name)}: {_in_lines(value)}" for name, value in told.items())
    return "{{\n{}\n}}\n".format(",\n".join(lines)).encode("utf-8", "replace")


def _in_lines(value: Any) -> str:
    if value and isinstance(value, list):
        return "[\n{}\n]".format(",\n".join(map(_ENCODED, value)))
    if value and isinstance(value, dict):
        return "{{\n{}\n}}".format(",\n".join(f"{_ENCODED(name)}: {_ENCODED(one)}" for name, one in value.items()))
    return _ENCODED(value)


def _joined(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8", "replace")
