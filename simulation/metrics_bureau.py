"""Who counts incidents in a life that is counted: the fact store, and the rollup that the platform starts every hour."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from chalicelib.artifacts.impact_times import START_DEFAULTS_AFTER
from chalicelib.artifacts.reminders import AFTER_RESOLVE, TIMES_AFTER
from chalicelib.domain.durations import CLOCKS_DIFFER, TimeFields
from chalicelib.errors import TemporaryError
from chalicelib.intake.jira_values import read_time
from chalicelib.metrics import layout
from chalicelib.metrics.run import Rollup
from chalicelib.ports.log import Log
from sandbox.jira import schema as names
from sandbox.jira.model import JiraIssue
from simulation.loop import Loop
from simulation.metrics_ports import FactsOfPasses, FactsOfRollup
from simulation.metrics_watch import CountChecks, CountWatch
from simulation.twins import MemoryFacts
from simulation.wire import Wire

FIELDS = TimeFields(
    names.STARTED, names.DETECTED, names.ENDED, names.TTR, names.TTD, names.TTR_TEXT, names.TTD_TEXT
)  # fmt: skip
ROLLUP_MS = 900_000
"""As .chalice sets it."""
HOUR_MS = 3_600_000
REPEATED_MS = (60_000, 120_000)
"""What the platform started and what failed is repeated so long after, twice."""
FAR = timedelta(days=3)
"""Nobody waits for a time that lies farther in the future."""

Invoke = Callable[[str, int, Callable[[], object], Callable[[BaseException | None], None]], None]


def _is_refused(error: BaseException) -> bool:
    """Because another one is at it."""
    return isinstance(error, TemporaryError) and error.operation == "lock"


@dataclass(slots=True)
class Bureau:
    """offset_ms: into each hour. cut_short: a rollup failed in the middle. last_ms: when one was
    last begun or ended; planned_ms: when the next hour's is due."""

    wire: Wire
    checks: CountChecks
    offset_ms: int
    store: MemoryFacts = field(default_factory=MemoryFacts)
    sees: CountWatch = field(init=False)
    facts: FactsOfPasses = field(init=False)
    cut_short: bool = False
    last_ms: int = 0
    _invoke: Invoke = field(init=False)
    log: Log = field(init=False)
    planned_ms: int | None = None

    def __post_init__(self) -> None:
        self.sees = CountWatch(self.checks)
        self.facts = FactsOfPasses(self.store, self.wire, self.sees, self.plan)

    def open(self, invoke: Invoke, log: Log) -> None:
        """invoke: runs a function on the platform: (its name, how long it may run, what it does, told how it ended)."""
        self._invoke, self.log = invoke, log

    @property
    def loop(self) -> Loop:
        return self.wire.loop

    # --- the rollup --------------------------------------------------------------------------------------------

    def plan(self) -> None:
        """The next hour's, unless that is planned already. One that has nothing to merge is left out: it changes only until
        when what is open has lasted."""
        if self.planned_ms is None:
            hours = max(0, -(-(self.loop.now_ms + 1 - self.offset_ms) // HOUR_MS))
            self.planned_ms = self.offset_ms + hours * HOUR_MS
            self.loop.at(self.planned_ms, self._begin)

    def run(self, what: Callable[[Rollup, datetime], object], *, repeats: tuple[int, ...] = ()) -> None:
        """By whomever it is started. repeats: when again, where it fails."""
        self.last_ms = self.loop.now_ms

        def ended(error: BaseException | None) -> None:
            self.last_ms = self.loop.now_ms
            if error is not None:
                self.cut_short = self.cut_short or not _is_refused(error)
                if repeats:
                    self.loop.after(repeats[0], partial(self.run, what, repeats=repeats[1:]))
                self.plan()
            elif self.has_inbox:
                self.plan()

        work = Rollup(FactsOfRollup(self.store, self.wire, self.sees), self.log)
        self._invoke("rollup", ROLLUP_MS, lambda: what(work, self._now()), ended)

    @property
    def has_inbox(self) -> bool:
        return any(key.startswith(layout.INBOX) for key in self.store.files)

    def _begin(self) -> None:
        self.planned_ms = None
        self.run(Rollup.run, repeats=REPEATED_MS)

    def _now(self) -> datetime:
        running = self.loop.running
        return self.loop.now() + (running.skew if running is not None else timedelta())

    # --- what is due -------------------------------------------------------------------------------------------

    def moments(self, issue: JiraIssue) -> Iterator[datetime]:
        """At which time alone makes another row, or fills in a time. Where people and Jira's clock say so."""
        if not issue.fields.get(names.STARTED):  # it is asked for, and then filled in
            yield issue.created + TIMES_AFTER
            for history in issue.histories:
                if any(item["fieldId"] == "status" and item["toString"] == "Resolved" for item in history["items"]):
                    resolved_at = read_time(history["created"])
                    yield from (resolved_at + AFTER_RESOLVE, resolved_at + START_DEFAULTS_AFTER)
        now = self.loop.now()
        told = (issue.fields.get(name) for name in (names.STARTED, names.DETECTED, names.ENDED))
        for at in (*map(read_time, filter(None, told)), issue.created, issue.updated):
            if at - now < FAR:
                yield at - CLOCKS_DIFFER
