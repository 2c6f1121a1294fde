"""What a life with places has beside every other: the places, who sees them, and what was promised of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from simulation.invariants import Invariants
from simulation.invariants_places import PlaceInvariants
from simulation.loop import Loop
from simulation.places import Places, found
from simulation.places_watch import PlaceWatch
from simulation.watch import Watch
from simulation.wire import Wire


@dataclass(slots=True)
class Meeting:
    loop: Loop
    wire: Wire
    invariants: Invariants
    watch: Watch
    search_lag: timedelta
    places: Places = field(init=False)
    checks: PlaceInvariants = field(init=False)

    def __post_init__(self) -> None:
        self.checks = PlaceInvariants(self.invariants, self.watch)
        self.invariants.is_given_up = self.checks.is_given_up
        self.places = self.checks.places = found(self.loop, self.wire, self.checks, self.watch, search_lag=self.search_lag)

    @property
    def sees(self) -> PlaceWatch:
        return self.places.sees
