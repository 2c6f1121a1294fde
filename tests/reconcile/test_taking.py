"""Acknowledging at the pager and taking it in Jira are the same, whichever comes first, and never chase each other.

First whole lives in the small world; then the artifact alone, with the real adapter before a strict Jira over HTTP.
"""

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
from chalicelib.domain.incident import Incident, IssueId, Status
from chalicelib.domain.paging import AlertStatus, PageState
from chalicelib.domain.people import PeopleTable
from chalicelib.domain.policy import PagingPolicy
from chalicelib.ports.ledger import ArtifactRecord
from chalicelib.ports.queue import Cause
from chalicelib.reconcile.artifacts import Outcome, settle_artifacts
from chalicelib.reconcile.world import World
from sandbox.emulator import Fault, FaultKind
from sandbox.jira.model import JiraIssue
from simulation.twins import MemoryLedger
from tests.adapters.jira_world import BOT, EMMA, MIA, OMAR, JiraWorld, a_jira, hire
from tests.builders import MIA as MIA_AT_JIRA
from tests.builders import NOW, a_change, a_page, an_incident, seconds
from tests.reconcile.small_world import Killed, Mortality, PlainWords, SmallWorld, later

INCIDENT = an_incident()
ID = INCIDENT.id


# --- whole lives -------------------------------------------------------------------------------------------------------


def a_ringing_world(**policy: Any) -> SmallWorld:
    world = SmallWorld(policy=PagingPolicy(own_account="acc-firebell", **policy))
    world.jira_has(INCIDENT)
    world.webhook(INCIDENT)
    world.pass_time(10)
    return world


def in_jira(world: SmallWorld) -> Incident:
    issue = world.tickets.issues[ID]
    assert isinstance(issue, Incident)
    return issue


def until_nothing_changes(world: SmallWorld) -> int:
    """Every change of the issue comes back as a webhook; returns how many passes it took until one wrote nothing."""
    for passes in range(1, 20):
        before, issue = world.writes(), in_jira(world)
        world.webhook(issue)
        world.pass_time(60, sweeping=True)
        if world.writes() == before:
            return passes
    raise AssertionError("it never settles")


def test_acknowledged_at_the_pager_it_is_moved_and_assigned_and_nothing_follows_from_that():
    world = a_ringing_world()
    world.pager.act("a-1", AlertStatus.ACKED, "mia@example.com")
    world.ring(INCIDENT, Cause.PAGER)
    assert (in_jira(world).assignee, in_jira(world).status) == (MIA_AT_JIRA, Status.FIXING)
    assert until_nothing_changes(world) <= 2
    assert [alert.by for alert in world.pager.alerts] == ["mia@example.com"]
    assert world.tickets.comments == {}
    assert len(world.pager.rings) == 1


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"assignee": MIA_AT_JIRA, "changes": (a_change("assignee", "acc-mia", MIA_AT_JIRA),)}, id="assigned"),
        pytest.param({"status": Status.FIXING, "changes": (a_change("status", "fixing", MIA_AT_JIRA),)}, id="moved"),
    ],
)
def test_taken_in_jira_it_is_acknowledged_at_the_pager_and_nothing_follows_from_that(how: dict[str, Any]):
    world = a_ringing_world()
    taken = later(INCIDENT, 20, **how)
    world.jira_has(taken)
    world.webhook(taken)
    world.pass_time(10)
    assert [alert.by for alert in world.pager.alerts] == ["firebell"]
    assert until_nothing_changes(world) <= 2
    assert (in_jira(world).assignee, in_jira(world).status) == (taken.assignee, taken.status)


def test_both_at_once_end_with_what_the_human_chose_in_jira():
    world = a_ringing_world()
    world.pager.act("a-1", AlertStatus.ACKED, "mia@example.com")
    emma = replace(MIA_AT_JIRA, account_id="acc-emma", name="Emma Reyes")
    world.jira_has(later(INCIDENT, 20, assignee=emma, changes=(a_change("assignee", "acc-emma", emma),)))
    until_nothing_changes(world)
    assert (in_jira(world).assignee, in_jira(world).status) == (emma, Status.FIXING)
    assert world.tickets.assigned == {}


def test_a_human_who_undoes_it_is_not_fought():
    world = a_ringing_world()
    world.pager.act("a-1", AlertStatus.ACKED, "mia@example.com")
    world.ring(INCIDENT, Cause.PAGER)
    until_nothing_changes(world)
    world.jira_has(later(in_jira(world), 90, assignee=None, status=Status.NEW))
    world.tickets.assigned.clear()
    world.tickets.moved.clear()
    until_nothing_changes(world)
    assert (world.tickets.assigned, world.tickets.moved) == ({}, {})


def test_a_sibling_that_we_acknowledge_makes_nobody_incident_manager_but_whoever_answered():
    world = a_ringing_world(ack_timeout_s=60)
    world.pass_time(120, sweeping=True)
    assert world.states() == {"1:im": "confirmed", "1:imoc1": "confirmed"}
    world.tickets.accounts.append(replace(MIA_AT_JIRA, account_id="acc-omar", name="Omar Haddad", email="omar@example.com"))
    world.pager.act("a-2", AlertStatus.ACKED, "omar@example.com")
    until_nothing_changes(world)
    assert [alert.by for alert in world.pager.alerts] == ["omar@example.com", "firebell"]
    assignee = in_jira(world).assignee
    assert assignee is not None
    assert assignee.account_id == "acc-omar"


def test_who_cannot_be_matched_is_said_once_and_no_more_when_somebody_has_it():
    world = a_ringing_world()
    world.tickets.accounts.clear()
    world.pager.act("a-1", AlertStatus.ACKED, "mia@example.com")
    world.ring(INCIDENT, Cause.PAGER)
    until_nothing_changes(world)
    [said] = world.tickets.comments.values()
    assert "mia@example.com acknowledged, but" in said
    world.jira_has(later(in_jira(world), 90, assignee=MIA_AT_JIRA))
    until_nothing_changes(world)
    [said] = world.tickets.comments.values()
    assert "acknowledged, but" not in said


def test_a_new_episode_is_taken_by_whoever_acknowledges_it():
    world = a_ringing_world()
    world.pager.act("a-1", AlertStatus.ACKED, "mia@example.com")
    until_nothing_changes(world)
    for status, old, after_s in ((Status.RESOLVED, "fixing", 200), (Status.NEW, "resolved", 400)):
        issue = in_jira(world)
        changes = (*issue.changes, a_change("status", status.value, MIA_AT_JIRA, old=old, after_s=after_s))
        world.jira_has(later(issue, after_s, status=status, assignee=None, changes=changes))
        world.webhook(in_jira(world))
        world.pass_time(100, sweeping=True)
    world.tickets.assigned.clear()
    world.pager.act("a-2", AlertStatus.ACKED, "mia@example.com")
    until_nothing_changes(world)
    assert (in_jira(world).assignee, in_jira(world).status) == (MIA_AT_JIRA, Status.FIXING)
    assert len(world.pager.rings) == 2


# --- over HTTP ---------------------------------------------------------------------------------------------------------


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
    with a_jira() as jira:
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
