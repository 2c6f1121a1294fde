"""A status page: the real adapter over loopback HTTP to Statuspage's strict emulator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from chalicelib.adapters.statuspage import Statuspage
from chalicelib.adapters.turns import Turns
from chalicelib.domain.announcement import Progress
from chalicelib.ports.status_pages import StatusIncident, StatusPage, StatusPost
from sandbox.emulator import ListRecorder, serve
from sandbox.status.model import EmulatedPage, PageIncident, StatusModel
from sandbox.status.statuspage import StatuspageEmulator
from simulation.twins import MemoryLedger
from tests.adapters.wiki_world import keep_exchanges
from tests.builders import NOW, TIMEOUTS_S, seconds
from tests.reconcile.small_world import FakeClock

TOKEN = "statuspage-key-0123456789"
PUBLIC, STAFF, DRILLS = "pagepublic01", "pagestaff001", "pagedrills01"
PAYMENTS, LOGIN = "comppayments", "complogin001"
MARKER, MARK = "a1b2c3marker", "d4e5f6mark01"
EVERY = timedelta(seconds=1)


@dataclass
class StatusWorld:
    """The public page unless said otherwise. slept: the waits for turns, in seconds."""

    page: StatusPage
    model: StatusModel
    clock: FakeClock
    emulator: StatuspageEmulator
    recorder: ListRecorder
    url: str
    ledger: MemoryLedger
    slept: list[float]

    @property
    def shown(self) -> EmulatedPage:
        return self.model.pages[PUBLIC]

    @property
    def incidents(self) -> list[PageIncident]:
        return list(self.shown.incidents.values())

    def adapter(self, page_id: str = PUBLIC, token: str = TOKEN, **changes: Any) -> Statuspage:
        given = {"turn": self.turns(), "timeouts_s": TIMEOUTS_S, "clock": self.clock, **changes}
        return Statuspage(self.url, page_id, token, **given)

    def turns(self) -> Turns:
        """As another worker has them: the ledger is all that it shares with others."""

        def sleep(s: float) -> None:
            self.slept.append(s)
            self.clock.at += seconds(s)

        return Turns("statuspage", EVERY, lambda: self.ledger, self.clock, sleep=sleep)

    def open(self, **changes: Any) -> StatusIncident:
        return self.page.open(MARKER, MARK, a_post(**changes))

    def bodies(self) -> list[str]:
        """Of the only incident, oldest first."""
        [incident] = self.incidents
        return [update.body for update in incident.updates]


def a_post(**changes: Any) -> StatusPost:
    given: dict[str, Any] = {
        "progress": Progress.INVESTIGATING,
        "body": "We are investigating.",
        "name": "Issues with Payments",
    }
    return StatusPost(**{**given, **changes})


def a_status_model(clock: FakeClock) -> StatusModel:
    model = StatusModel(clock)
    for page_id, name in ((PUBLIC, "Example status"), (STAFF, "Example staff"), (DRILLS, "Example drills")):
        model.add_page(page_id, name, {PAYMENTS: "Payments", LOGIN: "Login"})
    return model


@contextmanager
def a_statuspage() -> Iterator[StatusWorld]:
    clock, recorder, ledger = FakeClock(NOW), ListRecorder(), MemoryLedger()
    model = a_status_model(clock)
    emulator = StatuspageEmulator(model, clock, token=TOKEN, recorder=recorder)
    with serve(emulator) as [url]:
        world = StatusWorld(None, model, clock, emulator, recorder, url, ledger, [])  # type: ignore[arg-type]
        world.page = world.adapter()
        yield world
    assert emulator.violations == []
    assert emulator.refused_for_limit == 0
    keep_exchanges(recorder)
