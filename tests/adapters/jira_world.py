"""Jira: the real adapter over loopback HTTP to its strict emulator, and the simulated one over the same model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from chalicelib.adapters.jira_cloud import JiraCloud
from chalicelib.ports.tickets import Tickets
from sandbox.emulator import ListRecorder, serve
from sandbox.jira.http import JiraEmulator
from sandbox.jira.model import JiraModel, JiraUser
from sandbox.jira.schema import example_schema
from simulation.loop import Loop
from simulation.ports import ModelTickets
from simulation.watch import Unchecked, Watch
from simulation.wire import FaultPlan, Wire
from tests.builders import NOW
from tests.reconcile.small_world import FakeClock

TOKEN = "jira-token-0123456789"
MIA = JiraUser("acc-mia", "Mia Moore", "mia@example.com")
EMMA = JiraUser("acc-emma", "Emma Reyes")
BOT = JiraUser("acc-firebell", "Firebell")


@dataclass
class TicketsWorld:
    """Jira, whatever stands behind the port."""

    tickets: Tickets
    model: JiraModel
    clock: FakeClock


@dataclass
class JiraWorld(TicketsWorld):
    """Jira over HTTP."""

    emulator: JiraEmulator
    recorder: ListRecorder
    secret: str = "hook-secret"


def simulated_tickets() -> TicketsWorld:
    """The simulator's, with nothing going wrong."""
    clock = FakeClock(NOW)
    model = JiraModel(clock)
    loop = Loop(NOW, None)
    wire = Wire(loop, FaultPlan(), None, None)
    return TicketsWorld(ModelTickets(model, example_schema(), BOT, wire, Watch(loop, {}, Unchecked())), model, clock)


@contextmanager
def a_jira() -> Iterator[JiraWorld]:
    clock, recorder = FakeClock(NOW), ListRecorder()
    model = JiraModel(clock)
    emulator = JiraEmulator(
        model, clock, bot=BOT, mail="bot@example.com", token=TOKEN, hook_secret="hook-secret", recorder=recorder
    )
    with serve(emulator) as [url]:
        tickets = JiraCloud(url, "bot@example.com", TOKEN, example_schema(), timeouts_s=(0.5, 0.3), clock=clock)
        yield JiraWorld(tickets, model, clock, emulator, recorder)
    assert emulator.violations == []
