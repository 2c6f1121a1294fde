"""What was promised of counting: one row per incident, what a human told of times stays, and events are enough.

Called at each effect by the ports and, once the world has healed, by `life`. Rows are read here as JSON, and computed anew.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.artifacts.impact_times import START, START_DEFAULTS_AFTER
from chalicelib.domain.incident import DETECTED, IMPACT_ENDED, IMPACT_STARTED, IssueId
from chalicelib.intake.jira_values import read_time
from chalicelib.metrics import layout
from chalicelib.metrics.run import Rollup
from chalicelib.ports.ledger import ArtifactState
from sandbox.jira import schema as names
from sandbox.jira.model import JiraIssue
from simulation import invariants_storm
from simulation.metrics_bureau import Bureau
from simulation.metrics_watch import TIMES, TimeFacts
from simulation.truth import is_gone
from simulation.twins import MemoryFacts

if TYPE_CHECKING:
    from simulation.invariants import Invariants
    from simulation.watch import Facts, Watch

ONE_ROW = "one row per incident"
TRUE_ROW = "a row says what is so"
NEWEST = "the newest version is the row"
KEPT_TIME = "a time that a human told stays"
TAKEN_OUT = "a time that a human took out stays out"
FOLLOWS = "a default end is the last resolve, and none while it is open"
FILLED = "a time that nobody tells is filled in"
ORDERED = "start, detection and end are in order, or said not to be"
DURATIONS = "durations in Jira are those of the times that stand there"
WORDLESS = "a private incident is counted without words"
GONE = "what is gone counts no more"
EMPTY = "the inbox is emptied"
KNOWN_FIRST = "what leaves the inbox has been counted"
MANIFEST = "the manifest says what is there"
ONCE = "an event is written once"
ENOUGH = "events are enough"
QUIET = "one more rollup changes nothing"

FUNCTION_MS = 30_000
"""The longest that a function may act on what it read."""
LANDS_MS = 60_000
"""How old the knowledge of an effect may be that lands late."""
CLOCKS_DIFFER = timedelta(minutes=1)
_STATUS = {"New": "new", "Fixing": "fixing", "Resolved": "resolved"}
_RESOLUTION = {"Done": "done", "Duplicate": "duplicate", "Cancelled": "cancelled"}
_ENDED = {"impact_started": "impact_started_at", "detected": "detected_at", "impact_ended": "impact_ended_at"}

_DATES = re.compile(rb'"(?:as_of|written_at)": "[^"]*"')

Row = Mapping[str, Any]


@dataclass(slots=True)
class CountInvariants:
    checks: Invariants
    watch: Watch
    bureau: Bureau = field(init=False)

    def note(self, issue: JiraIssue) -> None:
        """The issue may have changed."""
        self.bureau.sees.note(issue, self.checks.loop.now_ms)

    # --- at each effect ----------------------------------------------------------------------------------------

    def puts(self, issue_id: str, fields: Mapping[str, object], read_ms: int | None) -> None:
        """Nothing before the page; and of the three times only what is empty, and was not emptied by a human. The end that is
        still ours may become another resolve, or nothing."""
        facts = self.watch.facts[issue_id]
        self.note(facts.issue)
        self.checks.page_first(facts, f"fields of {facts.issue.key}")
        invariants_storm.happened(self.checks, facts, f"fields of {facts.issue.key}")
        for name, field_id in TIMES.items():
            if field_id in fields:
                self._check_time(facts, name, self.bureau.sees.of(issue_id).times[name], fields[field_id], read_ms)

    def _check_time(self, facts: Facts, name: str, time: TimeFacts, new: object, read_ms: int | None) -> None:
        key = facts.issue.key
        if name == IMPACT_ENDED and time.value is not None and time.is_ours:
            if new is not None and new not in _resolves(facts.issue):
                self.checks.broken(FOLLOWS, f"the end of {key} was {time.value}, and becomes {new}")
            return
        promise = _broken_by(time, new)
        if promise and read_ms is not None and time.by_people_ms >= read_ms:
            self.checks.excused["E7"] += 1  # within the one call between our read and our write
        elif promise:
            self.checks.broken(promise, f"{name} of {key} was {time.value}, and becomes {new}")

    def counts(self, issue_id: str, line: str) -> None:
        """A version comes into the inbox: after the page, and without words of what has been private since before."""
        facts, row = self.watch.facts[issue_id], json.loads(line)
        ours, now = self.bureau.sees.of(issue_id), self.checks.loop.now_ms
        self.note(facts.issue)
        self.checks.page_first(facts, f"version {row['version']} of {facts.issue.key} in the fact store")
        ours.put.add(row["version"])
        since = now - (LANDS_MS if self.bureau.wire.is_landing else FUNCTION_MS)
        is_secret = ours.private.held_throughout(True, since, now) and not self.checks.was_blind_to_jira(facts, now)
        if is_secret and facts.issue.fields["summary"] in line:
            self.checks.broken(WORDLESS, f"version {row['version']} of {facts.issue.key}")

    def rolls_up(self, key: str, content: bytes) -> None:
        """A file of incidents never goes back."""
        if not key.startswith(layout.INCIDENTS):
            return
        rows = _rows(content)
        told = {row["issue_id"]: _age(row) for row in rows}
        if len(told) < len(rows):
            self.checks.broken(ONE_ROW, f"{len(rows)} rows of {len(told)} incidents in {key}")
        before = self.bureau.store.files.get(key)
        for row in _rows(before) if before is not None else ():
            new = told.get(row["issue_id"], (0, ""))
            if new < _age(row):
                self.checks.broken(NEWEST, f"{row['key']} had version {_age(row)} in {key}, and has {new}")
        self._check_words(rows)

    def _check_words(self, rows: Collection[Row]) -> None:
        """Once its row is private, or gone, events tell no words of it either, from whenever they are."""
        secret = {row["issue_id"] for row in rows if row.get("is_private") or row.get("is_gone")}
        for one in self._events() if secret else ():
            if one["issue_id"] in secret and "summary" in one:
                self.checks.broken(WORDLESS, f"version {one['version']} of {one['key']} in the events")

    def deletes(self, keys: Collection[str]) -> None:
        """Only what the months hold by now, each as new or newer; and the manifest says so."""
        manifest = json.loads(self.bureau.store.files.get(layout.MANIFEST, b'{"months": {}}'))["months"]
        for key in keys:
            row = self._version_in(key)
            if row is None:
                continue
            month = layout.month_of_inbox_key(key) or ""
            counted = {one["issue_id"]: _age(one) for one in self._month(month)}
            if counted.get(row["issue_id"], (0, "")) < _age(row) or month not in manifest:
                self.checks.broken(KNOWN_FIRST, f"{key} is deleted, and {month} does not have it")

    def _version_in(self, key: str) -> Row | None:
        content = self.bureau.store.files.get(key)
        return json.loads(content) if content is not None else None

    # --- once the world has healed -----------------------------------------------------------------------------

    def healed(self, facts: Facts) -> None:
        """Of one incident."""
        issue, rows = facts.issue, [row for row in self._every_row() if row["issue_id"] == facts.issue.id]
        if len(rows) > 1:
            self.checks.broken(ONE_ROW, f"{issue.key} has {len(rows)}")
        is_visible = not (is_gone(issue) or facts.was_hidden)
        if not rows and (is_visible or self._was_put(issue.id)):
            self.checks.broken(ONE_ROW, f"{issue.key} has none")
        if is_visible and rows:
            self._check_row(facts, rows[0])
            self._check_jira(facts)
        if rows and self._is_known_to_be_gone(issue) and (rows[0].get("excluded") != "gone" or "summary" in rows[0]):
            self.checks.broken(GONE, f"{issue.key} counts, or tells words: {rows[0]}")

    def _is_known_to_be_gone(self, issue: JiraIssue) -> bool:
        """Nobody can know what no word came of: a 404 may be a lost permission."""
        known = self.checks.ledger.read(IssueId(issue.id)).incident
        if not is_gone(issue) or known is None or known.deleted_at is None:
            return False
        return known.latest is None or known.latest.updated_at <= known.deleted_at

    def _was_put(self, issue_id: str) -> bool:
        return bool(self.bureau.sees.of(issue_id).put)

    def _check_row(self, facts: Facts, row: Row) -> None:
        issue = facts.issue
        labels = issue.fields["labels"]
        is_private = names.PRIVATE_LABEL in labels
        severity = issue.fields[names.SEVERITY]
        times = self._times(issue)
        ours = self.bureau.sees.of(issue.id).times
        expected = {
            "key": issue.key,
            "project": issue.project,
            "severity": _severity(severity["value"] if severity else None),
            "status": _STATUS[issue.status],
            "created_at": issue.created,
            "summary": None if is_private else issue.fields["summary"],
            "resolution": _RESOLUTION[issue.resolution] if issue.resolution else None,
            "is_private": is_private or None,
            "is_drill": (names.DRILL_LABEL in labels) or None,
            "is_gone": None,
            "impact_started_at": times[IMPACT_STARTED],
            "detected_at": times[DETECTED],
            "impact_ended_at": times[IMPACT_ENDED],
            "resolved_at": _last_resolve(issue),
            "defaulted": [name for name in TIMES if ours[name].value and ours[name].is_ours] or None,
        }
        for name, value in expected.items():
            told = _at(row[name]) if name.endswith("_at") and name in row else row.get(name)
            if told != value:
                self.checks.broken(TRUE_ROW, f"{name} of {issue.key} is {value}, and its row says {told}")
        month = f"{issue.created.astimezone(UTC):%Y-%m}"
        if not any(one["issue_id"] == issue.id for one in self._month(month)):
            self.checks.broken(ONE_ROW, f"{issue.key} was raised in {month}, and its row is elsewhere")

    def _check_order(self, row: Row) -> None:
        started, detected, ended = (_at(row.get(name)) for name in _ENDED.values())
        observed = _at(row["observed_at"])
        assert observed is not None
        ours = row.get("defaulted", ())
        is_early, wrong = _is_late(started, detected), _is_wrong(started, detected, ended, observed)
        if (wrong or (is_early and DETECTED not in ours)) is not bool(row.get("violations")):
            self.checks.broken(ORDERED, f"{row['key']} from {started} over {detected} to {ended}: {row.get('violations')}")
        ttr = None if wrong or not (started and ended) else _seconds(started, ended)
        is_told = IMPACT_STARTED not in ours and not is_early
        ttd = None if wrong or not (started and detected and is_told) else _seconds(started, detected)
        if (row.get("time_to_recover_s"), row.get("time_to_detect_s")) != (ttr, ttd):
            told = f"{row.get('time_to_recover_s')} and {row.get('time_to_detect_s')} s"
            self.checks.broken(ORDERED, f"{row['key']} took {ttr} and {ttd} s, and its row says {told}")

    def _check_jira(self, facts: Facts) -> None:
        """Times and durations in the issue itself. While a storm holds an incident back, nothing is written there."""
        issue, now = facts.issue, self.checks.loop.now()
        if invariants_storm.is_held(self.checks, facts):
            return
        ours = self.bureau.sees.of(issue.id).times
        times = self._times(issue)
        resolved = _last_resolve(issue)
        is_late = resolved is not None and now - resolved > START_DEFAULTS_AFTER + timedelta(minutes=10)
        is_late = is_late and not _is_after(times[DETECTED] or issue.created, times[IMPACT_ENDED])
        due = {IMPACT_STARTED: is_late, DETECTED: True, IMPACT_ENDED: resolved is not None}
        for name, is_due in due.items():
            if is_due and not ours[name].touched:
                self.checks.broken(FILLED, f"{name} of {issue.key} is empty")
        if ours[IMPACT_ENDED].is_ours and times[IMPACT_ENDED] != resolved:
            self.checks.broken(FOLLOWS, f"that of {issue.key} is {times[IMPACT_ENDED]}, and it was resolved {resolved}")
        started, detected, ended = times.values()
        wrong = _is_wrong(started, detected, ended, now)
        is_told = not ours[IMPACT_STARTED].is_ours and not _is_late(started, detected)
        ttr = None if wrong or not (started and ended) else round(_seconds(started, ended) / 60, 2)
        ttd = None if wrong or not (started and detected and is_told) else round(_seconds(started, detected) / 60, 2)
        for what, number, text, expected in (("TTR", names.TTR, names.TTR_TEXT, ttr), ("TTD", names.TTD, names.TTD_TEXT, ttd)):
            found = issue.fields.get(number)
            if found != expected or bool(issue.fields.get(text)) is not (expected is not None):
                self.checks.broken(DURATIONS, f"{what} of {issue.key} is {found} min, and should be {expected}")

    def ended(self) -> None:
        """Of the whole store."""
        left = [key for key in self.bureau.store.files if key.startswith(layout.INBOX)]
        if left:
            self.checks.broken(EMPTY, f"{len(left)} versions stay, the first {left[0]}")
            return
        for row in self._every_row():
            self._check_order(row)
        self._check_words(list(self._every_row()))
        self._check_manifest()
        self._check_events()
        self._check_rebuild()

    def _check_manifest(self) -> None:
        content = self.bureau.store.files.get(layout.MANIFEST)
        told = json.loads(content)["months"] if content is not None else {}
        there = {}
        for key in self._keys(layout.INCIDENTS):
            rows = self._month(month := layout.month_of_incidents_key(key))
            there[month] = {"incidents": len(rows), "open": any(map(_is_open, rows))}
        if told != there:
            self.checks.broken(MANIFEST, f"it says {told}, and there is {there}")

    def _check_events(self) -> None:
        """Each version once, unless a rollup was cut short; and each row is one of them."""
        versions = Counter((one["issue_id"], one["version"]) for one in self._events())
        twice = [version for version, count in versions.items() if count > 1]
        if twice and not self.bureau.cut_short:
            self.checks.broken(ONCE, f"version {twice[0][1]} of {twice[0][0]} stands there {versions[twice[0]]} times")
        for row in self._every_row():
            if (row["issue_id"], row["version"]) not in versions:
                self.checks.broken(ENOUGH, f"no event tells of version {row['version']} of {row['key']}")

    def _check_rebuild(self) -> None:
        """Byte for byte, as of the same moment; and a run that has nothing to do leaves all as it is."""
        now = self.checks.loop.now() + timedelta(seconds=1)
        grown = _Copy({key: content for key, content in self.bureau.store.files.items() if key != layout.LOCK})
        Rollup(grown, self.bureau.log).run(now)
        if grown.writes and not any(_is_open(row) for row in self._every_row()):
            self.checks.broken(QUIET, f"{grown.writes} writes, though nothing is new or open")
        rebuilt = _Copy({key: content for key, content in grown.files.items() if key.startswith(layout.EVENTS)})
        Rollup(rebuilt, self.bureau.log).rebuild(now)
        told, anew = (
            {key: _undated(key, content) for key, content in store.files.items()} for store in (grown, rebuilt)
        )  # fmt: skip
        differing = sorted(key for key in {*told, *anew} if told.get(key) != anew.get(key))
        if differing:
            self.checks.broken(ENOUGH, f"a rebuild writes {len(differing)} files otherwise, the first {differing[0]}")

    def is_given_up(self, issue_id: str, artifact: str) -> bool:
        """Begun, and a human told the start meanwhile, or it was reopened; whether it is filled in is looked at by itself."""
        records = self.checks.ledger.read(IssueId(issue_id)).artifacts
        return artifact == START and any(one.name == START and one.state is ArtifactState.GONE for one in records)

    # --- small things ------------------------------------------------------------------------------------------

    def _keys(self, prefix: str) -> list[str]:
        return sorted(key for key in self.bureau.store.files if key.startswith(prefix))

    def _month(self, month: str) -> list[Row]:
        content = self.bureau.store.files.get(layout.incidents_key(month))
        return _rows(content) if content is not None else []

    def _every_row(self) -> Iterator[Row]:
        for key in self._keys(layout.INCIDENTS):
            yield from _rows(self.bureau.store.files[key])

    def _events(self) -> Iterator[Row]:
        for key in self._keys(layout.EVENTS):
            yield from _rows(self.bureau.store.files[key])

    def _times(self, issue: JiraIssue) -> dict[str, datetime | None]:
        return {name: _at(issue.fields.get(field_id)) for name, field_id in TIMES.items()}


def _broken_by(time: TimeFacts, new: object) -> str:
    """The promise that a write of ours over this time breaks; "" where it may be written."""
    if time.value is not None:
        return KEPT_TIME if _at(time.value) != new else ""
    if new is None:
        return KEPT_TIME
    return TAKEN_OUT if time.taken_out else ""


class _Copy(MemoryFacts):
    """A copy, to try things on."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        super().__init__()
        self.files, self.writes = dict(files), 0

    def put(self, key: str, content: bytes, content_type: str) -> None:
        self.writes += 1
        super().put(key, content, content_type)


def _rows(content: bytes) -> list[Row]:
    return [json.loads(line) for line in layout.unpacked(content)]


def _age(row: Row) -> tuple[int, str]:
    return row["version"], row["observed_at"]


def _is_open(row: Row) -> bool:
    return row["status"] != "resolved" and not row.get("excluded")


def _undated(key: str, content: bytes) -> bytes:
    """Without the moment as of which it was made: what is over is not made anew."""
    return _DATES.sub(b"", content) if key.endswith(".json") else content


def _at(told: object) -> datetime | None:
    return read_time(told) if told else None


def _seconds(begin: datetime, end: datetime) -> int:
    return max(0, round((end - begin).total_seconds()))


def _is_wrong(started: datetime | None, detected: datetime | None, ended: datetime | None, now: datetime) -> bool:
    """An impact that ended before it was detected may be."""
    return _is_late(started, ended) or any(at and at > now + CLOCKS_DIFFER for at in (started, detected, ended))


def _is_late(started: datetime | None, at: datetime | None) -> bool:
    """A difference of less than the minute that people tell is none."""
    return started is not None and at is not None and started - at >= timedelta(minutes=1)


def _is_after(at: datetime, ended: datetime | None) -> bool:
    """What ended before it was detected has no start that could be filled in."""
    return ended is not None and at > ended


def _severity(option: str | None) -> int:
    """What nobody has set counts as major (2)."""
    return next((number for number, name in names.SEVERITIES.items() if name == option), 2)


def _last_resolve(issue: JiraIssue) -> datetime | None:
    return _resolves(issue)[-1] if issue.status == "Resolved" else None


def _resolves(issue: JiraIssue) -> list[datetime]:
    """When it was resolved, each time."""
    items = ((entry, item) for entry in issue.histories for item in entry["items"])
    return [
        read_time(entry["created"]) for entry, item in items if item["fieldId"] == "status" and item["toString"] == "Resolved"
    ]
