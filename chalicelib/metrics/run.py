"""The rollup: merges new versions into their months, and computes what has changed. Once an hour, one at a time.

It can die anywhere and be repeated: what it has merged stays in the inbox until everything made of it is written.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.routing import BusinessHours
from chalicelib.errors import PermanentError, TemporaryError, UnreadableEvent
from chalicelib.metrics import layout
from chalicelib.metrics.facts import Fact, fact_of, month_after, months_of, newest, quarter_of
from chalicelib.metrics.listing import Listing
from chalicelib.metrics.report import Contents, contents_of
from chalicelib.metrics.rollup import EVERYTHING, Figures, Gathered, figures_of, gather
from chalicelib.metrics.rows import hushed_line, line_of_fact, line_of_sighting, read_sighting, time_of
from chalicelib.metrics.sightings import Sighting, hushed
from chalicelib.metrics.tables import figures_as_csv, figures_as_json, figures_from_json
from chalicelib.metrics.trend import MONTHS
from chalicelib.ports.fact_store import FactStore
from chalicelib.ports.log import Log

MOST_AT_ONCE = 10_000
"""Versions that one run merges; the next one takes the rest. Each is a request: so many take some five minutes of fifteen."""

HELD = timedelta(minutes=20)
"""So long is a rollup alone: longer than its function may run. One that was killed keeps others waiting for the rest of it."""

_FREE = b'{"until": null}'
_GZIP, _JSON, _CSV = "application/gzip", "application/json", "text/csv; charset=utf-8"
_HTML = "text/html; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Ran:
    """merged: versions. months, quarters: those whose figures were computed anew."""

    merged: int = 0
    months: tuple[str, ...] = ()
    quarters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rollup:
    """hours: the company's business hours; None: it has none. report: makes the page of a period; None: there are none."""

    store: FactStore
    log: Log
    hours: BusinessHours | None = None
    report: Callable[[Contents], bytes] | None = None

    def run(self, now: datetime) -> Ran:
        """Merge what is in the inbox. Months in which something still goes on are computed anew too: it goes on for longer.

        Raises TemporaryError when the store cannot be reached, or another rollup is at it: then nothing is lost, and the next
        run does it.
        """
        return self._alone(now, lambda: self._roll_up(now, self._manifest()))

    def rebuild(self, now: datetime) -> Ran:
        """Everything anew from the events alone, and from what is still in the inbox. Raises as `run` does."""
        return self._alone(now, lambda: self._rebuild(now))

    def _alone(self, now: datetime, work: Callable[[], Ran]) -> Ran:
        """Of two at once the slower would write a month as it was before the other, whose versions have left the inbox."""
        held = self.store.get(layout.LOCK)
        until = json.loads(held)["until"] if held is not None else None
        if until is not None and now < datetime.fromisoformat(until):
            raise TemporaryError("s3", "lock", f"another rollup is at it, or was cut short: this waits until {until} at most")
        mine = json.dumps({"until": (now + HELD).isoformat()}).encode()
        if not self.store.replace(layout.LOCK, held, mine):
            raise TemporaryError("s3", "lock", "another rollup has just begun")
        try:
            return work()
        finally:
            self.store.replace(layout.LOCK, mine, _FREE)

    def _rebuild(self, now: datetime) -> Ran:
        months = sorted({layout.month_of_events_key(key) for key in self.store.keys(layout.EVENTS)})
        manifest = {}
        for month in months:
            seen = newest(self._events(month)).values()
            self._hush(month, {one.issue_id for one in seen if one.is_wordless})
            manifest[month] = {"incidents": len(self._written(month, seen)), "open": True}
        return self._roll_up(now, manifest)

    def _roll_up(self, now: datetime, manifest: dict[str, Any]) -> Ran:
        """manifest: what is known of each month; those that are "open" are computed whether something new came or not."""
        inbox = self._inbox()
        still_open = {month for month, told in manifest.items() if told["open"]}
        months = sorted({*inbox, *still_open})
        merged: list[str] = []
        for month in months:
            new = {key: seen for key in inbox.get(month, ()) if (seen := self._arrived(key)) is not None}
            facts = self._merge(month, list(new.values()))
            merged += new
            manifest[month] = self._compute(month, gather(facts, now), now, len(facts))
        quarters = sorted({quarter_of(month) for month in months})
        for quarter in quarters:
            self._compute(quarter, self._gathered(quarter, manifest, now), now, 0)
        self._write_reports(_periods_shown(months, inbox, manifest), now)
        if months:
            told = {"schema": 1, "written_at": time_of(now), "months": dict(sorted(manifest.items()))}
            self.store.put(layout.MANIFEST, layout.readable(told), _JSON)
        self.store.delete(merged)
        return Ran(len(merged), tuple(months), tuple(quarters))

    def page(self, period: str, now: datetime) -> bytes | None:
        """The report of a month or a quarter as it is stored now; None where nothing is known of it, or `report` is None.

        Raises PermanentError for broken words.
        """
        if self.report is None:
            return None
        gathered, listing, is_known = Gathered(), Listing(now, self.hours), False
        for month in months_of(period):
            facts = [fact_of(seen, self.hours) for seen in self._known(month)]
            gathered.add(gather(facts, now))
            listing.add(facts)
            is_known = is_known or bool(facts)
        if not is_known:
            return None
        history = list(self._history(months_of(period)[-1]))
        return self.report(contents_of(period, listing, gathered, list(figures_of(period, gathered)), history, self.hours))

    def _history(self, last: str) -> Iterator[tuple[str, list[Figures]]]:
        """Month -> its figures of everything together, of those that are known, up to the last."""
        for back in reversed(range(MONTHS)):
            month = month_after(last, -back)
            content = self.store.get(layout.figures_key(month, "json"))
            if content is not None:
                yield month, figures_from_json(content, EVERYTHING)

    def _write_reports(self, periods: Iterable[str], now: datetime) -> None:
        """A template that a company broke must not stop its figures."""
        try:
            for period in periods:
                page = self.page(period, now)
                if page is not None:
                    self.store.put(layout.report_key(period), page, _HTML)
        except PermanentError as error:
            self.log.alarm("report_broken", error=str(error))

    def _inbox(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for number, key in enumerate(self.store.keys(layout.INBOX)):
            if number >= MOST_AT_ONCE:
                break
            month = layout.month_of_inbox_key(key)
            if month is None:
                self.log.alarm("stranger_in_inbox", key=key, error="not written by this version; move it away")
            else:
                found.setdefault(month, []).append(key)
        return found

    def _manifest(self) -> dict[str, Any]:
        stored = self.store.get(layout.MANIFEST)
        months: dict[str, Any] = json.loads(stored)["months"] if stored is not None else {}
        return months

    def _arrived(self, key: str) -> Sighting | None:
        content = self.store.get(key)
        if content is None:
            return None  # another run was here, and died before it could say so
        try:
            return read_sighting(content.decode("utf-8", "replace"))
        except UnreadableEvent as error:
            self.log.alarm("fact_unreadable", key=key, error=str(error))
            return None

    def _merge(self, month: str, new: list[Sighting]) -> list[Fact]:
        known = self._known(month)
        if not new:
            return [fact_of(seen, self.hours) for seen in known]
        secret = {one.issue_id for one in newest([*known, *new]).values() if one.is_wordless}
        # Also of one whose row is wordless already: a run that died may have written events of when it was not.
        self._hush(month, secret & {one.issue_id for one in new})
        lines = sorted(line_of_sighting(hushed(seen) if seen.issue_id in secret else seen) for seen in new)
        self.store.put(layout.events_key(month, lines), layout.packed(lines), _GZIP)
        return self._written(month, [*known, *new])

    def _hush(self, month: str, secret: Collection[str]) -> None:
        """What events told of incidents before they became private, or went, goes: the only change of what once was written. A
        file keeps its name."""
        for key in list(self.store.keys(layout.events_prefix(month))) if secret else ():
            lines = self._lines(key)
            told = [hushed_line(line, secret) for line in lines]
            if told != lines:
                self.store.put(key, layout.packed(told), _GZIP)

    def _known(self, month: str) -> list[Sighting]:
        return [read_sighting(line) for line in self._lines(layout.incidents_key(month))]

    def _events(self, month: str) -> Iterable[Sighting]:
        for key in self.store.keys(layout.events_prefix(month)):
            yield from map(read_sighting, self._lines(key))

    def _lines(self, key: str) -> list[str]:
        """No line where there is no such file."""
        content = self.store.get(key)
        return layout.unpacked(content) if content is not None else []

    def _written(self, month: str, sightings: Iterable[Sighting]) -> list[Fact]:
        """One row per incident, in the order in which they were raised."""
        seen = sorted(newest(sightings).values(), key=lambda one: (one.created_at, one.issue_id))
        facts = [fact_of(one, self.hours) for one in seen]
        self.store.put(layout.incidents_key(month), layout.packed(map(line_of_fact, facts)), _GZIP)
        return facts

    def _compute(self, period: str, gathered: Gathered, now: datetime, incidents: int) -> dict[str, Any]:
        figures = list(figures_of(period, gathered))
        self.store.put(layout.figures_key(period, "json"), figures_as_json(period, gathered, figures, now), _JSON)
        self.store.put(layout.figures_key(period, "csv"), figures_as_csv(figures), _CSV)
        self.log.info("period_rolled_up", period=period, incidents=gathered.incidents[EVERYTHING, ""])
        return {"incidents": incidents, "open": gathered.is_open}

    def _gathered(self, quarter: str, manifest: dict[str, Any], now: datetime) -> Gathered:
        """One month after the other, so that never more than the values of a quarter are held."""
        whole = Gathered()
        for month in sorted(manifest):
            if quarter_of(month) == quarter:
                whole.add(gather((fact_of(seen, self.hours) for seen in self._known(month)), now))
        return whole


def _periods_shown(months: Iterable[str], changed: Iterable[str], known: Collection[str]) -> list[str]:
    """Whose reports show one of these months: those of themselves, and for what changed also of those whose trend has it.

    months: computed anew. changed: those of them that got a new version. known: every month there is.
    """
    shown = {*months, *(month_after(month, later) for month in changed for later in range(MONTHS))} & {*known}
    return sorted({*shown, *map(quarter_of, shown)})
