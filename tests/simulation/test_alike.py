"""Faults that differ in nothing but their names share a life in the table: so they must make the same life of any scenario."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from simulation import faults
from simulation.coverage import Struck, calls_of, singles
from simulation.faults import Fault
from simulation.operations import AGAIN, BY_NAME, OF_COUNTING, OPERATIONS, Operation
from simulation.scenarios import MAIN, SCENARIOS
from simulation.script import Strike
from simulation.trial import judge

COUNTED = "an incident is counted"
CALLS = calls_of({name: SCENARIOS[name] for name in (MAIN, "people meet", "reopened", "pagerduty: acknowledged", COUNTED)})
SHARED = [
    pytest.param(
        next(scenario for scenario in CALLS if operation.name in CALLS[scenario]),
        operation,
        kind,
        id=f"{operation.name}-{kind[0].name}",
    )
    for operation in (*OPERATIONS, *OF_COUNTING)
    for kind in operation.kinds
    if len(kind) > 1 and any(operation.name in calls for calls in CALLS.values())
]


@pytest.mark.parametrize(("scenario", "operation", "kind"), SHARED)
def test_faults_of_one_kind_tell_the_same_story_but_for_their_names(scenario, operation, kind):
    stories = {_nameless(scenario, operation, fault) for fault in (kind[0], kind[-1])}
    assert len(stories) == 1


def test_every_fault_is_of_one_kind():
    for operation in (*OPERATIONS, *OF_COUNTING):
        assert sorted(f.name for kind in operation.kinds for f in kind) == sorted(f.name for f in operation.faults)


@pytest.mark.parametrize(
    ("one", "other", "reading", "writing"),
    [
        pytest.param(faults.RESET_BEFORE, faults.ERROR_BEFORE, True, True, id="two words for the same"),
        pytest.param(faults.UNAUTHORIZED, faults.FORBIDDEN, True, True, id="both are out of service"),
        pytest.param(faults.ERROR_BEFORE, faults.ERROR_AFTER, True, False, id="only a write has an effect"),
        pytest.param(faults.TIMEOUT_BEFORE, faults.TIMEOUT_LATE, True, False, id="only a write can land late"),
        pytest.param(faults.CRASH_BEFORE, faults.CRASH_AFTER, True, False, id="only a write is done before a crash"),
        pytest.param(faults.RATE_LIMITED_1, faults.RATE_LIMITED_30, False, False, id="how long to wait"),
        pytest.param(faults.ERROR_BEFORE, faults.UNAUTHORIZED, False, False, id="whether it is out of service"),
        pytest.param(faults.TIMEOUT_BEFORE, faults.RESET_BEFORE, False, False, id="how long it takes"),
        pytest.param(faults.NOT_FOUND, faults.CONFLICT, False, False, id="what the caller gets"),
        pytest.param(faults.SLOW_BEFORE, faults.CRASH_BEFORE, False, False, id="when the function ends"),
    ],
)
def test_faults_are_of_one_kind_when_nobody_can_tell_them_apart(one, other, reading, writing):
    assert _are_one(one, other, Operation("jira", "look")) == reading
    assert _are_one(one, other, Operation("jira", "change", writes=True)) == writing
    assert _are_one(one, other, Operation("jira", "change", writes=True, conflict=AGAIN)) == writing


def test_no_cell_is_lost_by_sharing_lives():
    together = list(singles(CALLS, list(CALLS), often=True))
    apart = list(singles(CALLS, list(CALLS), often=True, each=True))
    assert len(together) < 0.7 * len(apart)
    assert _cells(together) == _cells(apart)


def test_a_shared_life_names_all_its_faults():
    reset = Strike("jira.read", 1, "reset before")
    assert (
        str(Struck(MAIN, (reset,), ("429", "5xx before"))) == "acknowledged: jira.read call 1: reset before / 429 / 5xx before"
    )


def _cells(lives: Iterable[Struck]) -> set[tuple[str | int, ...]]:
    return {(life.scenario, life.strikes[0].nth if life.strikes else 0, *cell) for life in lives for cell in life.cells}


def _are_one(one: Fault, other: Fault, operation: Operation) -> bool:
    return any({one, other} <= set(kind) for kind in operation.kinds)


def _nameless(scenario: str, operation: Operation, fault: Fault) -> str:
    """The story, without the times before each line, in which a name like "429" might be read."""
    trial = judge(Struck(scenario, (Strike(operation.name, 1, fault.name),)).script, tell=True)
    assert trial.verdict is not None
    assert BY_NAME[operation.name] is operation
    return "\n".join(line[14:].replace(fault.name, "a fault") for line in trial.verdict.story)
