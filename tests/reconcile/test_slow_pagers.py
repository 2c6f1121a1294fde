"""A pager that keeps everybody waiting: how long a pass may take, and who is rung all the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest

from chalicelib.errors import TemporaryError
from chalicelib.ports.queue import Cause, Message
from chalicelib.reconcile.firebell import ARTIFACTS_GIVE_UP, PAGES_GIVE_UP
from chalicelib.reconcile.pages import LONGEST_CALL
from tests.builders import NOW, a_roster, a_routing_table, an_incident, seconds
from tests.reconcile.small_world import FakePager, SmallWorld

SECOND_RINGS_IN_S = 75
"""A minute until the first pager counts as out of reach, and a sweep or a wake-up."""


@dataclass
class SlowPager:
    """Takes its time for every call, and then gives the answer of `inner`, or none where it hangs."""

    inner: FakePager
    pass_time: Callable[[float], None]
    takes_s: float = 3.0
    hangs: bool = True
    calls: list[tuple[float, str]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.inner.name

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def ask(*told: Any) -> Any:
            self.calls.append(((self.inner.clock.at - NOW).total_seconds(), operation))
            self.pass_time(self.takes_s)
            if self.hangs:
                raise TemporaryError(self.name, operation, "no answer in time")
            return getattr(self.inner, operation)(*told)

        return ask


@dataclass
class SlowWorld:
    """Somebody is asked for at each of so many teams, all at the first pager; one more is at the second."""

    teams: int
    takes_s: float = 3.0
    hangs: bool = True
    longest_s: float = 0.0
    passes: list[list[tuple[float, str]]] = field(default_factory=list)

    def __post_init__(self) -> None:
        teams = [a_roster(f"team-{n}") for n in range(self.teams)]
        second = a_roster("other", pager="pagerduty")
        first = a_roster("bitbucket-im", second="other")
        beside = {team.name: team.name for team in (*teams, second)}
        table = a_routing_table(first, second, *teams, escalations=beside)
        self.small = SmallWorld(table=table)
        self.slow = SlowPager(self.small.pager, self.pass_time, self.takes_s, self.hangs)
        self.small.world.pagers["opsgenie"] = self.slow  # type: ignore[index]
        self.incident = an_incident(escalate_to=tuple(beside))
        self.small.jira_has(self.incident)

    def pass_time(self, s: float) -> None:
        self.small.clock.at += seconds(s)
        self.small.queue.now = self.small.clock.at

    def live(self, s: float) -> None:
        """Message after message, and a sweep every minute; a pass takes the time that its calls take."""
        world, swept_at = self.small, NOW
        world.queue.send(Message(self.incident.id, Cause.CHANGED, self.incident))
        while world.clock.at < NOW + seconds(s):
            if world.clock.at >= swept_at + seconds(60):
                swept_at = world.clock.at
                world.sweep()
            message = world.queue.receive()
            if message is None:
                self.pass_time(1)
                continue
            begun_at, asked = world.clock.at, len(self.slow.calls)
            world.firebell.look_after(message)
            self.passes.append(self.slow.calls[asked:])
            self.longest_s = max(self.longest_s, (world.clock.at - begun_at).total_seconds())

    def rang_at_second_in_s(self, alias: str) -> float:
        return min((alert.created_at - NOW).total_seconds() for alert in self.small.second.alerts if alert.alias == alias)


@pytest.mark.parametrize("teams", [0, 2, 7, 8, 14, 40])
def test_however_many_pages_wait_at_a_pager_that_hangs_the_second_pager_rings(teams: int):
    world = SlowWorld(teams)
    world.live(200)
    assert world.rang_at_second_in_s("firebell:10002:im.second") <= SECOND_RINGS_IN_S
    assert world.rang_at_second_in_s("firebell:10002:to.other") <= SECOND_RINGS_IN_S
    assert world.longest_s <= (PAGES_GIVE_UP + LONGEST_CALL).total_seconds()


def test_in_one_pass_a_pager_that_hangs_is_asked_once_in_six_seconds_and_not_for_every_page():
    world = SlowWorld(8)
    world.live(120)
    looks = [[at_s for at_s, operation in calls if operation == "find"] for calls in world.passes]
    assert any(looks)
    assert all(later >= earlier + 6 for one in looks for earlier, later in pairwise(one))


def test_a_pager_that_cannot_be_asked_is_asked_for_each_page_all_the_same():
    """In doubt, page: looks that got no answer keep no page from being sent."""
    world = SlowWorld(8)
    world.live(200)
    assert [operation for _, operation in world.slow.calls].count("open_page") >= 9


@pytest.mark.parametrize("teams", [8, 14])
def test_where_there_is_no_time_for_all_whoever_has_not_been_rung_yet_comes_first(teams: int):
    """Each call is answered, and takes so long that a pass cannot even read all that ring already."""
    world = SlowWorld(teams, takes_s=1.9, hangs=False)
    world.live(200)
    assert len(world.small.pager.rings) == teams + 1
    assert world.longest_s <= ARTIFACTS_GIVE_UP.total_seconds()
