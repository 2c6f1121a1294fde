"""The sweep itself: what it rings first, and what becomes of the rest when there is more than it has time for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.domain.incident import Incident, IssueId, IssueKey, Status
from chalicelib.errors import TemporaryError
from chalicelib.ports.queue import Message, Queue
from chalicelib.reconcile.pages import ALWAYS
from chalicelib.reconcile.sweep import DUE_GIVES_UP, GIVES_UP, sweep
from tests.builders import NOW, an_incident, seconds
from tests.reconcile.small_world import FakeClock, SmallWorld


@dataclass
class SlowQueue:
    """Takes a second for each message, and refuses those for some issues."""

    inner: Queue
    clock: FakeClock
    took: list[IssueId]
    refuses: frozenset[IssueId] = frozenset()

    def send(self, message: Message, delay_s: int = 0) -> None:
        self.clock.at += seconds(1)
        if message.issue_id in self.refuses:
            raise TemporaryError("sqs", "send", "timed out")
        self.took.append(message.issue_id)


class SlowWorld(SmallWorld):
    """Nobody works here: what is rung stays so, and what is due stays due."""

    def __init__(self, refuses: frozenset[IssueId] = frozenset()) -> None:
        super().__init__()
        self.took: list[IssueId] = []
        slow = SlowQueue(self.queue, self.clock, self.took, refuses)
        self.slow = replace(self.world, queue=slow)  # type: ignore[arg-type]

    def edit(self, numbers: range, *, begin_s: float, every_s: float) -> list[IssueId]:
        """Settled issues that are edited one after the other."""
        for place, number in enumerate(numbers):
            at = NOW + timedelta(seconds=begin_s + place * every_s)
            incident = replace(an_issue(number), updated_at=at)
            self.jira_has(incident)
            self.ledger.see(incident, due_at=None)
        return [an_issue(number).id for number in numbers]

    def sweep_at(self, s: float) -> list[IssueId]:
        """Whom a sweep rings that begins then."""
        self.clock.at = NOW + seconds(s)
        self.took.clear()
        sweep(self.slow)
        return list(self.took)


def an_issue(number: int) -> Incident:
    return an_incident(id=IssueId(str(number)), key=IssueKey(f"HOT-{number}"), status=Status.RESOLVED)


def test_more_than_a_sweep_has_time_for_is_rung_by_the_next_ones():
    world = SlowWorld()
    world.ledger.set_swept(NOW)
    edited = world.edit(range(20_000, 20_120), begin_s=1, every_s=0.4)
    rung = [world.sweep_at(60), world.sweep_at(120), world.sweep_at(180)]
    assert [len(one) for one in rung] == [45, 45, 45]
    assert set().union(*rung) == set(edited)
    assert world.ledger.swept_at() == NOW + seconds(180), "and what is left of its time goes to what a search shows late"


def test_a_lost_webhook_behind_a_bulk_edit_is_found_within_three_sweeps():
    world = SlowWorld()
    world.ledger.set_swept(NOW)
    world.edit(range(20_000, 20_100), begin_s=1, every_s=0.4)
    world.jira_has(replace(an_incident(), updated_at=NOW + seconds(50)))
    assert an_incident().id in {*world.sweep_at(60), *world.sweep_at(120), *world.sweep_at(180)}


def test_a_sweep_ends_before_its_function_does_and_says_so():
    world = SlowWorld()
    world.edit(range(20_000, 20_100), begin_s=-60, every_s=0.4)
    world.sweep_at(60)
    assert world.clock.at == NOW + seconds(60) + GIVES_UP
    assert "sweep_stopped_early" in [event for event, _ in world.log.events]
    assert world.log.alarms == []


def test_what_is_due_comes_first_and_leaves_the_search_its_share():
    world = SlowWorld()
    world.ledger.set_swept(NOW)
    for number in range(30_000, 30_100):
        world.ledger.set_due(IssueId(str(number)), 0, NOW)
    world.ledger.set_due(IssueId("40000"), 0, ALWAYS)
    edited = world.edit(range(20_000, 20_100), begin_s=1, every_s=0.4)
    rung = world.sweep_at(60)
    assert rung[0] == "40000"
    assert len(rung) == GIVES_UP.total_seconds()
    assert rung[int(DUE_GIVES_UP.total_seconds()) :] == edited[:15]


def test_what_the_search_showed_late_is_rung_the_newest_first():
    world = SlowWorld()
    world.ledger.set_swept(NOW + seconds(600))
    edited = world.edit(range(20_000, 20_100), begin_s=500, every_s=0.4)
    assert world.sweep_at(660) == edited[::-1][:45]
    assert world.ledger.swept_at() == NOW + seconds(660)


def test_one_that_cannot_be_rung_holds_the_mark_and_nobody_else():
    world = SlowWorld(refuses=frozenset({IssueId("20001")}))
    world.ledger.set_swept(NOW)
    edited = world.edit(range(20_000, 20_003), begin_s=1, every_s=0.4)
    late = world.edit(range(20_010, 20_013), begin_s=-60, every_s=0.4)
    assert set(world.sweep_at(60)) == {*edited, *late} - {"20001"}
    assert world.ledger.swept_at() == NOW


def test_what_is_due_already_is_not_looked_up():
    world = SlowWorld()
    world.jira_has(an_issue(20_000))
    world.ledger.see(an_issue(20_000), due_at=ALWAYS)
    reads: list[IssueId] = []
    read = world.ledger.read

    class Counting:
        def __getattr__(self, name: str) -> object:
            return getattr(world.ledger, name)

        def read(self, issue_id: IssueId) -> object:
            reads.append(issue_id)
            return read(issue_id)

    world.slow = replace(world.slow, ledger=Counting())  # type: ignore[arg-type]
    assert world.sweep_at(60) == ["20000"]
    assert reads == []
