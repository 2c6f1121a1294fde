"""Jira: the real adapter over loopback HTTP to its strict emulator, and the simulated one over the same model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from chalicelib.adapters.jira_cloud import JiraCloud
from chalicelib.adapters.jira_data_center import JiraDataCenter
from chalicelib.ports.tickets import Tickets
from sandbox.emulator import ListRecorder, serve
from sandbox.jira.data_center import JiraDataCenterEmulator
from sandbox.jira.http import JiraEmulator
from sandbox.jira.model import JiraModel, JiraUser
from sandbox.jira.schema import example_schema
from simulation.loop import Loop
from simulation.ports import ModelTickets
from simulation.watch import Unchecked, Watch
from simulation.wire import FaultPlan, Wire
from tests.builders import NOW, TIMEOUTS_S
from tests.reconcile.small_world import FakeClock

TOKEN = "jira-token-0123456789"
MIA = JiraUser("acc-mia", "Mia Moore", "mia@example.com")
OMAR = JiraUser("acc-omar", "Omar Haddad", "omar@example.com", mail_hidden=True)
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
    url: str
    secret: str = "hook-secret"


def simulated_tickets() -> TicketsWorld:
    """The simulator's, with nothing going wrong."""
    clock = FakeClock(NOW)
    model = JiraModel(clock)
    loop = Loop(NOW, None)
    wire = Wire(loop, FaultPlan(), None, None)
    return TicketsWorld(ModelTickets(model, example_schema(), BOT, wire, Watch(loop, {}, Unchecked())), model, clock)


def hire(model: JiraModel, *, data_center: bool = False) -> None:
    """Everybody has an account; on Data Center a login name too, and an address that shows."""
    for user in (MIA, OMAR, EMMA, BOT):
        login = user.name.split()[0].lower()
        model.add_user(replace(user, login=login, mail_hidden=False) if data_center else user)


@contextmanager
def a_data_center() -> Iterator[JiraWorld]:
    clock = FakeClock(NOW)
    model = JiraModel(clock)
    hire(model, data_center=True)
    emulator = JiraDataCenterEmulator(model, clock, bot=model.users[BOT.account_id], token=TOKEN)
    with serve(emulator) as [url]:
        tickets = JiraDataCenter(url, TOKEN, example_schema(), timeouts_s=TIMEOUTS_S, clock=clock)
        yield JiraWorld(tickets, model, clock, emulator, ListRecorder(), url)
    assert emulator.violations == []


@contextmanager
def a_jira(timeouts_s: tuple[float, float] = TIMEOUTS_S) -> Iterator[JiraWorld]:
    clock, recorder = FakeClock(NOW), ListRecorder()
    model = JiraModel(clock)
    emulator = JiraEmulator(
        model, clock, bot=BOT, mail="bot@example.com", token=TOKEN, hook_secret="hook-secret", recorder=recorder
    )
    with serve(emulator) as [url]:
        tickets = JiraCloud(url, "bot@example.com", TOKEN, example_schema(), timeouts_s=timeouts_s, clock=clock)
        yield JiraWorld(tickets, model, clock, emulator, recorder, url)
    assert emulator.violations == []
