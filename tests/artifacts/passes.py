"""One incident that is looked after again and again: some artifacts, the real runner, a ledger in memory."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from chalicelib.adapters.world import RandomTokens
from chalicelib.artifacts.artifact import Artifact, Scene
from chalicelib.domain.incident import Incident
from chalicelib.domain.notes import Note
from chalicelib.ports.ledger import ArtifactRecord
from chalicelib.reconcile.artifacts import Outcome, settle_artifacts
from tests.builders import an_incident, seconds
from tests.reconcile.small_world import FakeClock, Killed, SmallWorld

EVERY_DEATH = [
    pytest.param(number, after, id=f"{'after' if after else 'before'} effect {number}")
    for number in range(3)
    for after in (False, True)
]
"""Before and after each of the three effects that making one thing takes: the intent, the thing, the confirmation."""


@dataclass
class Passes:
    """artifacts: made from this world's way of wrapping a port, so that effects are counted and can kill.

    observe: the incident as a pass reads it; `incident` by default. What has become of it since is what
    `small.tickets` tell.
    """

    artifacts: Callable[[SmallWorld], tuple[Artifact[Any], ...]]
    incident: Incident = field(default_factory=an_incident)
    wanted: bool = True
    notes: tuple[Note, ...] = ()
    clock: FakeClock | None = None
    observe: Callable[[], Incident] | None = None
    small: SmallWorld = field(default_factory=SmallWorld)

    def __post_init__(self) -> None:
        self.all = self.artifacts(self.small)

    def settle(self) -> list[Outcome]:
        now = self.small.clock.now()
        incident = self.observe() if self.observe else self.incident
        self.small.tickets.issues.setdefault(incident.id, incident)
        scene = Scene(incident, now, wanted=self.wanted, records=self.records, notes=self.notes)
        return settle_artifacts(self.all, scene, self.small.world, give_up_at=now + seconds(20))

    def settle_for(self, s: float) -> list[Outcome]:
        """A pass every half minute; what the last one came to."""
        outcomes = self.settle()
        for _ in range(int(s / 31)):
            self.pass_time(31)
            outcomes = self.settle()
        return outcomes

    def pass_time(self, s: float) -> None:
        self.small.clock.at += seconds(s)
        if self.clock is not None:
            self.clock.at += seconds(s)

    def die(self, number: int, *, after: bool) -> None:
        """A pass that is killed at this effect."""
        self.small.mortality.kill_at, self.small.mortality.after = number, after
        with pytest.raises(Killed):
            self.settle()
        self.small.mortality.kill_at = None

    def settle_by_many(self, workers: int = 5) -> None:
        """Workers that do not know of each other, at the same moment."""
        self.small.world = replace(self.small.world, tokens=RandomTokens())
        with ThreadPoolExecutor(workers) as pool:
            for done in [pool.submit(self.settle) for _ in range(workers)]:
                done.result()

    @property
    def effects(self) -> list[str]:
        return self.small.mortality.effects

    @property
    def records(self) -> dict[str, ArtifactRecord]:
        return {record.name: record for record in self.small.ledger.read(self.incident.id).artifacts}


def is_settled(outcomes: list[Outcome]) -> bool:
    return not any(outcome.changed or outcome.pending for outcome in outcomes)
