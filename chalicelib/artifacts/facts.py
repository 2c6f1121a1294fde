"""What is counted of an incident, put into the fact store once for every version of it. docs/metrics.md says what it means.

It comes after everything else, since it tells when each of that was done.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from chalicelib.artifacts.artifact import FACTS, Made, Scene, Spec, spec_of
from chalicelib.artifacts.impact_times import effective, is_others, of_the_past
from chalicelib.domain.durations import ImpactTimes, violations
from chalicelib.domain.incident import Severity
from chalicelib.domain.policy import PagingPolicy
from chalicelib.metrics.facts import month_of
from chalicelib.metrics.layout import inbox_key
from chalicelib.metrics.rows import line_of_sighting
from chalicelib.metrics.sightings import Sighting, sighting_of
from chalicelib.ports.fact_store import FactStore

_WHENEVER = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class IncidentFacts:
    """with_names: who managed what may be seen there. when_empty: what no severity counts as.

    The record's vendor_id is the number of the last version.
    """

    store: Callable[[], FactStore]
    policy: PagingPolicy
    after: tuple[str, ...]
    with_names: bool = False
    when_empty: Severity = Severity.SEV2
    name: str = FACTS
    speaks_when_held: bool = True

    def want(self, scene: Scene) -> tuple[Spec[Sighting], ...]:
        """Of every incident, whatever its severity, of drills and what is gone too: what counts nowhere is counted as that."""
        record = scene.records.get(self.name)
        # A number is used once, also where nobody knows what became of it: the rollup may be merging that version just now, and
        # what it has merged it deletes by name.
        version = 1 if record is None else int(record.vendor_id or 0) + record.attempt + 1
        seen = sighting_of(
            scene.incident, self.policy, version=version, observed_at=scene.now, pages=scene.rung, records=scene.records,
            times=self._times(scene), with_names=self.with_names, when_empty=self.when_empty, is_gone=scene.gone,
        )  # fmt: skip
        if scene.hidden:  # as it is known when it is first so: a later pass may know less of its history, never more
            return (spec_of(self.name, scene.incident, seen, "hidden"),)
        # What was in the future may have come meanwhile: then its durations can be right.
        wrong = tuple(violations(seen.impact_times, scene.now))
        return (spec_of(self.name, scene.incident, seen, replace(seen, version=0, observed_at=_WHENEVER), wrong),)

    def _times(self, scene: Scene) -> ImpactTimes | None:
        """As Jira's durations are computed, also where a field takes no value; while a storm holds it, none are. Of what others
        dealt with nothing is written there, and it counts as an import has counted it."""
        if scene.held:
            return None
        if is_others(scene, self.policy):
            return of_the_past(scene.incident, scene.now, self.policy.own_account)
        return effective(scene, self.policy.own_account)

    def find(self, spec: Spec[Sighting]) -> Made | None:
        """A version that was put there and not noted stays there: the next one is newer."""
        del spec
        return None

    def make(self, spec: Spec[Sighting]) -> Made:
        seen = spec.content
        key = inbox_key(month_of(seen.created_at), seen.issue_id, seen.version)
        self.store().put(key, line_of_sighting(seen).encode("utf-8", "replace"), "application/json")
        return Made(str(seen.version))

    def change(self, known: Made, spec: Spec[Sighting]) -> Made:
        del known
        return self.make(spec)
