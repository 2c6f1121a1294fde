"""The main paths are lived without a broken promise, and together they call everything that there is to call."""

from __future__ import annotations

import pytest

from simulation.coverage import Struck, calls_of, cover, fewest, pairs, singles, unreached_by
from simulation.operations import ALL_OPERATIONS, BY_NAME
from simulation.scenarios import MAIN, SCENARIOS
from simulation.script import Script, Strike, script_from_json
from simulation.telling import short_json
from simulation.trial import judge

CALLS = calls_of(SCENARIOS)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_keeps_every_promise(name):
    assert judge(SCENARIOS[name]).broken is None


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_leaves_nothing_to_chance(name):
    assert SCENARIOS[name].schedule == 0


def test_every_operation_is_called_by_some_scenario():
    assert not list(unreached_by(CALLS))


def test_few_scenarios_reach_what_all_of_them_reach():
    few = fewest(CALLS)
    assert few[0] == MAIN
    assert len(few) < len(SCENARIOS) / 2
    assert unreached_by({name: CALLS[name] for name in few}) == unreached_by(CALLS)


def test_every_fault_of_every_operation_strikes_somewhere():
    struck = {(s.operation, s.fault) for life in singles(CALLS, fewest(CALLS), often=False) for s in life.strikes}
    expected = {(o.name, f.name) for o in ALL_OPERATIONS for f in o.faults if o.name not in unreached_by(CALLS)}
    assert struck == expected


def test_the_first_the_second_and_the_last_call_are_struck():
    reads = [s.nth for life in singles(CALLS, [MAIN], often=True) for s in life.strikes if s.operation == "jira.read"]
    assert sorted(set(reads)) == [1, 2, CALLS[MAIN]["jira.read"]]


def test_a_pair_is_two_faults_of_two_operations():
    lives = list(pairs({"jira.read": 8, "queue.send": 8, "pagerduty.find": 0} | {}))
    assert all(len({strike.operation for strike in life.strikes}) == 2 for life in lives)
    faults = [len(BY_NAME[name].faults) for name in ("jira.read", "queue.send", "pagerduty.find")]
    assert len(lives) == faults[0] * faults[1] + faults[0] * faults[2] + faults[1] * faults[2]


def test_a_struck_scenario_says_which_call_failed_how():
    struck = Struck(MAIN, (Strike("jira.read", 1, "404"), Strike("queue.send", 2, "throttled")))
    assert str(struck) == "acknowledged: jira.read call 1: 404 and queue.send call 2: throttled"


def test_lives_are_counted_per_operation_and_fault():
    told = []
    lives = [Struck(MAIN, ()), Struck(MAIN, (Strike("jira.read", 1, "429"),))]
    coverage = cover(lives, 1, lambda done, of: told.append((done, of)))
    assert coverage.lives == {("jira.read", "429"): 1}
    assert told == [(2, 2)]


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_script_is_printed_short_and_read_back_the_same(name):
    assert script_from_json(short_json(SCENARIOS[name])) == SCENARIOS[name]


def test_a_part_is_printed_without_its_defaults():
    script = Script(strikes=(Strike("jira.read", 1, "404"),))
    assert short_json(script) == '{"strikes":[{"operation":"jira.read","nth":1,"fault":"404"}]}'
