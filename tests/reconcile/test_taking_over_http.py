"""Whoever takes an acknowledged issue is killed, crowded and refused: the real adapter before a strict Jira over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import Any

import pytest

from chalicelib.artifacts.artifact import Scene
from chalicelib.artifacts.comment import StatusComment
from chalicelib.artifacts.taking import TakingInJira
from chalicelib.domain.incident import Incident, IssueId
from chalicelib.domain.paging import PageState
from chalicelib.domain.people import PeopleTable
from chalicelib.domain.policy import PagingPolicy
from chalicelib.ports.ledger import ArtifactRecord
from chalicelib.reconcile.artifacts import Outcome, settle_artifacts
from chalicelib.reconcile.world import World
from sandbox.emulator import Fault, FaultKind
from sandbox.jira.model import JiraIssue
from simulation.twins import MemoryLedger
from tests.adapters.jira_world import BOT, EMMA, MIA, OMAR, JiraWorld, a_jira, hire
from tests.builders import NOW, PATIENT_S, a_page, seconds
from tests.reconcile.small_world import Killed, Mortality, PlainWords, SmallWorld


class OneAtATime:
    """The ledger's twin for several threads: every write of the real one is a condition and an effect in one."""

    def __init__(self, inner: MemoryLedger) -> None:
        self._inner, self._lock = inner, Lock()

    def __getattr__(self, name: str) -> Any:
        def call(*given: Any, **named: Any) -> Any:
            with self._lock:
                return getattr(self._inner, name)(*given, **named)

        return call


@dataclass
class Passes:
    """The artifact and the comment after it, on one issue that Mia acknowledged."""

    jira: JiraWorld
    by: str = "mia@example.com"
    small: SmallWorld = field(default_factory=SmallWorld)
    mortality: Mortality = field(default_factory=Mortality)

    def __post_init__(self) -> None:
        hire(self.jira.model)
        self.issue: JiraIssue = self.jira.model.create_incident(EMMA, "Checkout is down")
        self.small.clock.at = self.jira.clock.at
        tickets = self.mortality.wrap(self.jira.tickets, "jira")
        ledger = self.mortality.wrap(OneAtATime(self.small.ledger), "ledger")
        policy = PagingPolicy(own_account=BOT.account_id)
        self.artifacts = (
            TakingInJira(lambda: tickets, policy, PeopleTable()),
            StatusComment(lambda: tickets, PlainWords(), after=("taking",)),
        )
        self.world: World = replace(self.small.world, ledger=ledger)

    def settle(self, *, over: bool = False) -> list[Outcome]:
        incident = self.jira.tickets.read(IssueId(self.issue.id))
        assert isinstance(incident, Incident)
        page = a_page(state=PageState.ACKED, acked_at=NOW, acked_by=self.by)
        now = self.small.clock.now()
        scene = Scene(incident, now, () if over else (page,), wanted=not over, records=self.records)
        return settle_artifacts(self.artifacts, scene, self.world, give_up_at=now + seconds(20))

    def pass_s(self, s: float) -> None:
        self.jira.clock.at += seconds(s)
        self.small.clock.at = self.jira.clock.at

    @property
    def records(self) -> dict[str, ArtifactRecord]:
        return {record.name: record for record in self.small.ledger.read(IssueId(self.issue.id)).artifacts}

    @property
    def ours(self) -> list[str]:
        """What we changed, by Jira's own history."""
        entries = (entry for entry in self.issue.histories if entry["author"]["accountId"] == BOT.account_id)
        return [item["fieldId"] for entry in entries for item in entry["items"]]


@pytest.fixture
def passes() -> Iterator[Passes]:
    with a_jira(PATIENT_S) as jira:
        yield Passes(jira)


def test_a_second_pass_asks_jira_nothing(passes: Passes):
    passes.settle()
    assert (passes.issue.assignee, passes.issue.status) == (MIA, "Fixing")
    calls, writes = len(passes.jira.emulator.calls), passes.small.ledger.writes
    passes.settle()
    reads = 2  # whoever asks for the pass reads the issue and its history
    assert (len(passes.jira.emulator.calls) - calls, passes.small.ledger.writes - writes) <= (reads, 0)
    assert passes.ours == ["status", "assignee"]


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", range(4))
@pytest.mark.parametrize("human", ["leaves it", "undoes it"])
def test_killed_wherever_it_is_taken_once(passes: Passes, number: int, after: bool, human: str):
    passes.mortality.kill_at, passes.mortality.after = number, after
    with suppress(Killed):
        passes.settle()
    done = passes.ours
    if human == "undoes it" and done:
        passes.jira.model.transition(passes.issue, "New", EMMA)
        passes.jira.model.assign(passes.issue, OMAR, EMMA)
    passes.mortality.kill_at = None
    for _ in range(3):
        passes.pass_s(60)
        passes.settle()
    assert len(set(passes.ours)) == len(passes.ours)
    if human == "leaves it":
        assert (passes.issue.assignee, passes.issue.status) == (MIA, "Fixing")
    elif done:
        assert (passes.issue.assignee, passes.issue.status) == (OMAR, "New")
    assert len(passes.mortality.effects) >= 4


def test_five_workers_at_once_take_it_once(passes: Passes):
    with ThreadPoolExecutor(5) as pool:
        list(pool.map(lambda _: passes.settle(), range(5)))
    assert passes.ours == ["status", "assignee"]


def test_while_jira_refuses_us_it_is_told_once_and_repaired_later(passes: Passes):
    passes.jira.emulator.faults.switch_on("assign", Fault(FaultKind.FORBIDDEN, times=3))
    for _ in range(3):
        passes.settle()
        passes.pass_s(301)
    assert passes.ours == ["status"]
    assert len(passes.issue.comments) == 1
    assert "taking" in passes.issue.comments[0].body.casefold()
    passes.settle()
    assert (passes.issue.assignee, passes.records["taking"].trouble) == (MIA, "")
    assert "403" not in passes.issue.comments[0].body


def test_what_was_never_finished_is_over_when_the_incident_is(passes: Passes):
    passes.jira.emulator.faults.switch_on("search_users", Fault(FaultKind.ERROR_BEFORE))
    passes.settle()
    passes.pass_s(60)
    passes.jira.model.transition(passes.issue, "Resolved", EMMA)
    passes.settle(over=True)
    assert not any(outcome.pending or outcome.changed for outcome in passes.settle(over=True))
    assert passes.ours == ["status"]


def test_somebody_whose_address_jira_hides_is_found_by_it(passes: Passes):
    passes.by = "omar@example.com"
    passes.settle()
    assert passes.issue.assignee == OMAR
