"""Planted bugs of counting: each a mistake that a sensible person could have made."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.artifacts import facts, impact_times
from chalicelib.artifacts.artifact import Made, Scene, Spec
from chalicelib.artifacts.facts import IncidentFacts
from chalicelib.artifacts.impact_times import ImpactTimesInJira, Times
from chalicelib.domain.incident import IMPACT_ENDED, Incident, resolved_since
from chalicelib.metrics import layout, run
from chalicelib.metrics.facts import Fact, month_of
from chalicelib.metrics.rollup import Gathered
from chalicelib.metrics.rows import line_of_sighting
from chalicelib.metrics.run import Ran, Rollup
from chalicelib.metrics.sightings import Sighting, sighting_of
from chalicelib.reconcile import artifacts
from chalicelib.reconcile.firebell import Firebell
from chalicelib.reconcile.pages import PageStage
from simulation import invariants_metrics as promised
from simulation.draw import draw
from simulation.planting import Bug, Unread, any_of, put
from simulation.script import Act, Raise, Script, Strike

_OVER_NEW_YEAR = "2026-12-31T23:57:00+00:00"


def _life(*acts: Act, **changes: Any) -> Callable[[int], Script]:
    """A life that is counted and in which people do this, in the variations of everything else that the seed brings."""

    def script(seed: int) -> Script:
        dull: dict[str, Any] = {"strikes": (), "outages": (), "fates": (), "jira_skew_s": 0.0, "rollup_offset_s": 100.0}
        return draw(seed).but(
            places=False, telling=False, counted=True, acts=acts, raises=(Raise(0.0),), reactions=("ack 5",), **(dull | changes)
        )  # fmt: skip

    return script


def _deleted_as_read(self: Rollup, key: str, *, honest: Any = Rollup._arrived) -> Sighting | None:
    seen: Sighting | None = honest(self, key)
    self.store.delete([key])
    return seen


def _oldest(sightings: Iterable[Sighting]) -> dict[str, Sighting]:
    return {one.issue_id: one for one in sorted(sightings, key=lambda one: -one.version)}


def _all_of_it(self: Rollup, month: str, new: list[Sighting], *, honest: Any = Rollup._merge) -> list[Fact]:
    lines = sorted(line_of_sighting(seen) for seen in (*self._known(month), *new))
    if new:
        self.store.put(layout.events_key(month, lines), layout.packed(lines), "application/gzip")
    merged: list[Fact] = honest(self, month, new)
    return merged


def _in_the_month_of_its_change(self: IncidentFacts, spec: Spec[Sighting]) -> Made:
    seen = spec.content
    key = layout.inbox_key(month_of(seen.observed_at), seen.issue_id, seen.version)
    self.store().put(key, line_of_sighting(seen).encode(), "application/json")
    return Made(str(seen.version))


def _with_its_words(incident: Incident, *args: Any, **named: Any) -> Sighting:
    return replace(sighting_of(incident, *args, **named), summary=incident.summary)


def _next_number(self: IncidentFacts, scene: Scene, *, honest: Any = IncidentFacts.want) -> tuple[Spec[Sighting], ...]:
    """Whatever became of the one before."""
    record = scene.records.get(self.name)
    version = int(record.vendor_id) + 1 if record is not None and record.vendor_id else 1
    return tuple(replace(spec, content=replace(spec.content, version=version)) for spec in honest(self, scene))


def _facts_first(self: PageStage, view_of: Any, *, settle: Any = PageStage.settle) -> datetime | None:
    if view_of(self.book).wanted:
        records = {record.name: record for record in self.book.artifacts}
        scene = Scene(self.incident, self.world.clock.now(), records=records)
        counting = [one for one in self.rules.artifacts() if one.name == "facts"]
        artifacts.settle_artifacts(counting, scene, self.world, give_up_at=self.give_up_at)
    due: datetime | None = settle(self, view_of)
    return due


def _filled_as_seen(self: ImpactTimesInJira, spec: Spec[Times], *args: Any, honest: Any = ImpactTimesInJira._fill) -> Made:
    made: Made = honest(replace(self, tickets=lambda: Unread(self.tickets(), spec.incident)), spec, *args)
    return made


def _first_end(incident: Incident, filled: Any, *args: Any) -> datetime | None:
    return incident.impact_ended_at or (None if IMPACT_ENDED in filled else resolved_since(incident))


def _side_by_side(self: Rollup, now: datetime, work: Callable[[], Ran]) -> Ran:
    return work()


def _busy(seed: int) -> Script:
    """Versions come while the hourly rollup and somebody's rebuild overlap."""
    renames = tuple(Act(58.0 + number * 0.35, "rename") for number in range(6))
    return Script(
        counted=True, rollup_offset_s=60.0, schedule=seed + 1, acts=(*renames, Act(60 + seed % 13 / 10, "rebuild by hand"))
    )  # fmt: skip


COUNT_BUGS = (
    Bug("rollups side by side", "Whoever runs it by hand does not ask whether the hourly one is at it.",
        put((Rollup, "_alone", _side_by_side)), 200, any_of(promised.NEWEST, promised.ENOUGH, promised.MANIFEST), _busy),
    Bug("deleted as it is read", "A version leaves the inbox before the month that it belongs to is written.",
        put((Rollup, "_arrived", _deleted_as_read)), 60, any_of(promised.KNOWN_FIRST), _life(Act(20.0, "rename"))),
    Bug("the first version stays", "What came first is the row.",
        put((run, "newest", _oldest)), 60, any_of(promised.NEWEST, promised.KNOWN_FIRST, promised.TRUE_ROW),
        _life(Act(20.0, "rename"))),
    Bug("a month is appended whole", "With each new version all the others become events again.",
        put((Rollup, "_merge", _all_of_it)), 60, any_of(promised.ONCE), _life(Act(20.0, "rename"), Act(300.0, "rename"))),
    Bug("in the month of its change", "Who is resolved next year is counted in both.",
        put((IncidentFacts, "make", _in_the_month_of_its_change)), 60, any_of(promised.ONE_ROW, promised.KNOWN_FIRST),
        _life(Act(400.0, "resolve"), begins=_OVER_NEW_YEAR)),
    Bug("a number used again", "A version whose answer was lost is put once more under its name.",
        put((IncidentFacts, "want", _next_number)), 60, any_of(promised.ONCE, promised.KNOWN_FIRST, promised.NEWEST),
        _life(strikes=(Strike("facts.put", 1, "timeout after"),), rollup_offset_s=20.0)),
    Bug("counted before the page", "The row is written first.",
        put((PageStage, "settle", _facts_first)), 60, any_of("the page comes first"),
        _life(strikes=(Strike("opsgenie.open_page", 1, "5xx before", 3),))),
    Bug("private, and counted with its words", "The summary stands in the fact store.",
        put((facts, "sighting_of", _with_its_words)), 60, any_of(promised.WORDLESS, promised.TRUE_ROW),
        _life(Act(20.0, "keep it secret"))),
    Bug("private, and told by its events", "What was told before it became private stays.",
        put((Rollup, "_hush", lambda *args: None)), 60, any_of(promised.WORDLESS), _life(Act(400.0, "keep it secret"))),
    Bug("our own time is somebody's", "What was filled in counts as told.",
        put((impact_times, "_is_ours", lambda *args: False)), 60,
        any_of(promised.TRUE_ROW, promised.DURATIONS), _life(Act(60.0, "resolve"))),
    Bug("filled in as the pass saw it", "The issue is not read again before its times are written.",
        put((ImpactTimesInJira, "_fill", _filled_as_seen)), 200, any_of(promised.KEPT_TIME),
        lambda seed: _life(Act(0.3 + seed % 40 / 20, "say when it was detected"))(seed)),
    Bug("filled in for ever", "What a human took out comes back.",
        put((impact_times, "_filled", lambda scene: {}), (impact_times, "_ever_filled", lambda *args: set()),
            (ImpactTimesInJira, "change", lambda self, known, spec: self.make(spec))), 60, any_of(promised.TAKEN_OUT),
        _life(Act(60.0, "take out the detection"), Act(70.0, "say when it began"))),
    Bug("the first end stays", "A default end is filled in once, and stands when it is opened again.",
        put((impact_times, "_end", _first_end)), 60, any_of(promised.FOLLOWS),
        _life(Act(60.0, "resolve"), Act(200.0, "reopen"))),
    Bug("gone, and counted", "What is deleted has the row that it had.",
        put((Firebell, "_count", lambda *args, **named: ([], None))), 60, any_of(promised.GONE), _life(Act(60.0, "delete"))),
    Bug("nothing is open", "A month in which something goes on counts as complete.",
        put((Gathered, "is_open", property(lambda self: False))), 60, any_of(promised.MANIFEST), _life()),
)  # fmt: skip
