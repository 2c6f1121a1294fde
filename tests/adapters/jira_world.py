"""The real Jira adapter over loopback HTTP to its strict emulator."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from chalicelib.adapters.jira_cloud import JiraCloud
from sandbox.emulator import ListRecorder, serve
from sandbox.jira.http import JiraEmulator
from sandbox.jira.model import JiraModel, JiraUser
from sandbox.jira.schema import example_schema
from tests.builders import NOW
from tests.reconcile.small_world import FakeClock

TOKEN = "jira-token-0123456789"
MIA = JiraUser("acc-mia", "Mia Moore", "mia@example.com")
EMMA = JiraUser("acc-emma", "Emma Reyes")
BOT = JiraUser("acc-firebell", "Firebell")


@dataclass
class JiraWorld:
    tickets: JiraCloud
    emulator: JiraEmulator
    model: JiraModel
    clock: FakeClock
    recorder: ListRecorder
    secret: str = "hook-secret"


@contextmanager
def a_jira() -> Iterator[JiraWorld]:
    clock, recorder = FakeClock(NOW), ListRecorder()
    model = JiraModel(clock)
    emulator = JiraEmulator(
        model, clock, bot=BOT, mail="bot@example.com", token=TOKEN, hook_secret="hook-secret", recorder=recorder
    )
    with serve(emulator) as [url]:
        tickets = JiraCloud(url, "bot@example.com", TOKEN, example_schema(), timeouts_s=(0.5, 0.3), clock=clock)
        yield JiraWorld(tickets, emulator, model, clock, recorder)
    assert emulator.violations == []
