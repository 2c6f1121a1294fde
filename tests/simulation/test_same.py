"""A seed is a whole life: drawn the same, played to its end, told the same everywhere."""

from __future__ import annotations

from simulation.draw import draw
from simulation.life import play
from simulation.same import ToldTwice, played_twice
from simulation.script import script_from_json, script_to_json

SEEDS = range(200)


def test_the_same_seed_tells_the_same_story_in_two_processes():
    told = list(played_twice([3, 5, 25]))
    assert [one.seed for one in told] == [3, 5, 25]
    assert [one.difference for one in told if not one.is_same] == []


def test_a_difference_is_shown_at_the_line_where_it_begins():
    told = ToldTwice(3, ("raise", "page"), ("raise", "wait", "page"))
    assert not told.is_same
    assert told.difference == "line 2: 'page', then 'wait'"


def test_whatever_is_drawn_can_be_played_to_its_end():
    """Whether it keeps every promise is for campaigns to say."""
    for seed in SEEDS:
        assert play(draw(seed)).ended_ms > 0


def test_whatever_is_drawn_can_be_written_down():
    assert [seed for seed in SEEDS if script_from_json(script_to_json(draw(seed))) != draw(seed)] == []
