"""What a seed is drawn as, by kind."""

from __future__ import annotations

from simulation.draw import Kind, draw

SEEDS = range(300)


def test_a_bare_life_is_the_page_path_alone():
    assert not any(life.places or life.telling or life.counted for life in (draw(seed, Kind.BARE) for seed in SEEDS))


def test_other_kinds_are_the_same_life_and_more():
    for seed in SEEDS:
        bare, restless, everything = draw(seed, Kind.BARE), draw(seed, Kind.RESTLESS), draw(seed)
        for more in (restless, everything):
            assert set(bare.acts) <= set(more.acts)
            assert set(bare.strikes) <= set(more.strikes)
            assert (bare.raises, bare.fates, bare.schedule) == (more.raises, more.fates, more.schedule)


def test_in_a_restless_life_people_change_their_minds():
    assert all(len(draw(seed, Kind.RESTLESS).acts) >= len(draw(seed, Kind.BARE).acts) + 2 for seed in SEEDS)


def test_in_a_calm_life_nothing_fails_and_people_do_the_rest():
    lives = [draw(seed, Kind.CALM) for seed in SEEDS]
    assert not any(life.strikes or life.outages or life.fates for life in lives)
    assert all(life.acts for life in lives)
