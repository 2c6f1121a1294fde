"""Each pager with one desk, clock and roster: a real adapter over loopback HTTP to its strict emulator, or simulated."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.adapters.jsm_operations import JsmOperations
from chalicelib.adapters.opsgenie import Opsgenie
from chalicelib.adapters.pagerduty import PagerDuty
from chalicelib.domain.paging import PageRequest, Roster, RosterKind, Urgency
from chalicelib.ports.pager import Pager
from sandbox.emulator import Emulator, ListRecorder, serve
from sandbox.pagers.desk import Desk, DeskRoster
from sandbox.pagers.jsm_operations import JsmEmulator
from sandbox.pagers.opsgenie import OpsgenieEmulator
from sandbox.pagers.pagerduty import PagerDutyEmulator
from simulation.loop import Loop
from simulation.ports import DeskPager
from simulation.watch import Unchecked, Watch
from simulation.wire import FaultPlan, Wire
from tests.builders import NOW, TIMEOUTS_S
from tests.reconcile.small_world import FakeClock

KEY = "secret-key-0123456789"
ALIAS = "firebell:10002"


@dataclass
class PagerWorld:
    """Any pager, whatever stands behind the port."""

    pager: Pager
    desk: Desk
    clock: FakeClock
    roster: Roster

    def request(self, **changes: object) -> PageRequest:
        values: dict[str, object] = {
            "alias": ALIAS,
            "roster": self.roster,
            "message": "[HOT-42] Sev 1: Checkout is down",
            "description": "Carts fail",
            "urgency": Urgency.SEV1,
            "tags": ("firebell", "sev1"),
            "details": {"issue": "HOT-42", "link": "https://example.atlassian.net/browse/HOT-42"},
        }
        return PageRequest(**{**values, **changes})  # type: ignore[arg-type]

    def pass_time(self, s: float = 1) -> None:
        self.clock.at += timedelta(seconds=s)
        self.desk.advance()


@dataclass
class VendorWorld(PagerWorld):
    """A pager over HTTP. create, find: the emulator's words for opening a page and for looking."""

    emulator: Emulator
    recorder: ListRecorder
    create: str
    find: str


def a_simulated_pager(*, synchronous: bool) -> PagerWorld:
    """The simulator's, with nothing going wrong."""
    clock = FakeClock(NOW)
    name = "pagerduty" if synchronous else "opsgenie"
    desk, roster = _a_desk(name, clock)
    loop = Loop(NOW, None)
    wire = Wire(loop, FaultPlan(), None, None)
    pager = DeskPager(name, desk, wire, Watch(loop, {name: desk}, Unchecked()), synchronous=synchronous)
    return PagerWorld(pager, desk, clock, roster)


def _a_desk(name: str, clock: FakeClock) -> tuple[Desk, Roster]:
    desk = Desk(clock)
    kind = RosterKind.SERVICE if name == "pagerduty" else RosterKind.SCHEDULE
    desk.add_roster(DeskRoster("ros-1", "Bitbucket IM", kind.value, ("mia@example.com",)))
    desk.add_roster(DeskRoster("empty", "Nobody", "schedule"))
    return desk, Roster("bitbucket-im", name, kind, "Bitbucket IM", "ros-1", "ros-1")


@contextmanager
def a_pager(name: str) -> Iterator[VendorWorld]:
    clock, recorder = FakeClock(NOW), ListRecorder()
    desk, roster = _a_desk(name, clock)
    emulator: Emulator
    if name == "opsgenie":
        emulator = OpsgenieEmulator(desk, clock, key=KEY, recorder=recorder)
    elif name == "jsm":
        emulator = JsmEmulator(desk, clock, key=KEY, cloud_id="cloud-1", mail="bot@example.com", token=KEY, recorder=recorder)
    else:
        keys = {"routing-1": "ros-1", "routing-2": "gone", "routing-3": "ros-1"}
        emulator = PagerDutyEmulator(
            desk, clock, token=KEY, routing_keys=keys, users=frozenset({"bot@example.com"}), recorder=recorder
        )
    with serve(emulator) as [url]:
        pager: Pager
        if name == "opsgenie":
            pager = Opsgenie(url, KEY, timeouts_s=TIMEOUTS_S)
        elif name == "jsm":
            pager = JsmOperations(
                integration_url=f"{url}/jsm/ops/integration", integration_key=KEY, rest_url=f"{url}/jsm/ops",
                cloud_id="cloud-1", mail="bot@example.com", token=KEY, timeouts_s=TIMEOUTS_S,
            )  # fmt: skip
        else:
            keys = {"bitbucket-im": "routing-1", "gone": "routing-2", "other": "routing-3"}
            pager = PagerDuty(url, url, KEY, keys, "bot@example.com", timeouts_s=TIMEOUTS_S)
        create = "enqueue" if name == "pagerduty" else "create_alert"
        find = "list_incidents" if name == "pagerduty" else "list_alerts"
        yield VendorWorld(pager, desk, clock, roster, emulator, recorder, create, find)
    assert emulator.violations == []


def a_page_in(world: PagerWorld) -> str:
    """Page, let it be processed, and return the alert's id."""
    request_id = world.pager.open_page(world.request())
    world.pass_time()
    alert_id = world.pager.confirm(ALIAS, request_id).alert_id
    assert alert_id is not None
    return alert_id
