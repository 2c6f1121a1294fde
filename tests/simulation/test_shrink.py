"""A failing life becomes the shortest one that breaks the same promise; the promise here is planted, nothing is played."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from simulation.draw import draw
from simulation.script import Act, HookFate, Outage, Raise, Script, Strike
from simulation.shrink import keep, shrink, size

Judge = Callable[[Script], str | None]

STRIKE = Strike("opsgenie.find", 4, "429", until=7)
OUTAGE = Outage("jira", 30.0, 900.0, "403")

CROWDED = Script(
    company="pagerduty",
    raises=tuple(Raise(float(number * 7), severity=2) for number in range(13)),
    acts=(Act(50.0, "resolve", 2), Act(61.7, "reopen", 9), Act(70.0, "delete", 11)),
    reactions=("close 30", "ignore", "take 15"),
    strikes=(Strike("jira.read", 3, "404"), STRIKE, Strike("ledger.see", 2, "throttled", incident=9)),
    outages=(OUTAGE, Outage("queue", 1.0, 5.0, "throttled")),
    fates=(HookFate("jira", 2, "late", 400.0),),
    schedule=4711,
    workers=8,
    list_lag_s=20.0,
    poisoned=(9,),
    healed_s=300.0,
    redelivered=(3, 5),
)


def whoever(breaks: Callable[[Script], bool]) -> Judge:
    return lambda script: "the planted one" if breaks(script) else None


def test_what_does_not_matter_is_left_out():
    assert shrink(CROWDED, whoever(lambda script: True)).script == Script()


def test_parts_that_are_needed_together_stay_together():
    both = whoever(
        lambda script: (
            any(strike.operation == "opsgenie.find" for strike in script.strikes)
            and any(outage.system == "jira" for outage in script.outages)
        )
    )
    expected = Script(strikes=(Strike("opsgenie.find", 1, "429"),), outages=(Outage("jira", 0.0, 0.0, "403"),))
    assert shrink(CROWDED, both).script == expected


def test_a_value_that_is_needed_stays():
    assert shrink(CROWDED, whoever(lambda script: script.list_lag_s > 10)).script == Script(list_lag_s=20.0)


def test_times_become_as_small_and_round_as_they_may():
    needed = whoever(lambda script: any(act.what == "reopen" and act.at_s >= 55 for act in script.acts))
    [act] = shrink(CROWDED, needed).script.acts
    assert act == Act(60.0, "reopen")


def test_incidents_are_numbered_anew_when_others_are_left_out():
    ninth = whoever(
        lambda script: any(
            act.what == "reopen" and act.incident < len(script.raises) and script.raises[act.incident].at_s == 63.0
            for act in script.acts
        )
    )
    shortest = shrink(CROWDED, ninth).script
    assert shortest.raises == (Raise(63.0),)
    assert [act.incident for act in shortest.acts] == [0]


def test_what_is_about_an_incident_that_is_gone_goes_with_it():
    kept = keep(CROWDED, "raises", [0, 9])
    assert kept.acts == (Act(61.7, "reopen", 1),)
    assert kept.poisoned == (1,)
    assert [strike.incident for strike in kept.strikes] == [None, None, 1]


def test_only_the_same_promise_counts():
    def judge(script: Script) -> str:
        return "the planted one" if script.strikes else "another one"

    shrunk = shrink(CROWDED, judge)
    assert len(shrunk.script.strikes) == 1
    assert shrunk.invariant == "the planted one"


def test_a_schedule_that_matters_may_be_another_one():
    """Leaving something out shifts who goes first: then some other order may show the same."""
    needed = whoever(lambda script: (script.schedule == 4711 and len(script.raises) == 13) or script.schedule == 3)
    shortest = shrink(CROWDED, needed).script
    assert shortest == Script(schedule=3)


def test_the_budget_is_kept_and_the_best_so_far_returned():
    plays = 0

    def judge(script: Script) -> str:
        nonlocal plays
        plays += 1
        return "the planted one"

    shrunk = shrink(CROWDED, judge, budget=4)
    assert plays == shrunk.plays == 4
    assert not shrunk.complete
    assert size(shrunk.script) < size(CROWDED)


def test_a_good_life_has_nothing_to_shrink():
    with pytest.raises(ValueError, match="breaks no promise"):
        shrink(CROWDED, lambda script: None)


def test_shrinking_is_deterministic():
    needed = whoever(lambda script: len(script.raises) + len(script.acts) > 4 and script.schedule % 2 == 1)
    script = CROWDED.but(schedule=4713)
    assert shrink(script, needed) == shrink(script, needed)


@pytest.mark.parametrize("seed", range(20))
def test_every_drawn_life_can_become_the_dullest(seed):
    assert shrink(draw(seed), whoever(lambda script: True)).script == Script()
