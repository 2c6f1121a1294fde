"""A whole life over HTTP with one fault in it: one ring per target, everything closed, and the ledger equals the pagers.

`table(strikes())` is the same with every fault in every plot: over a thousand lives, a few minutes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

from simulation.faults import HTTP_FAULTS
from simulation.life_over_http import (
    ONE_OF_A_KIND,
    PLOTS,
    Houses,
    HttpLife,
    Plot,
    Struck,
    Told,
    live,
    should_ring,
    strikes,
    table,
)
from simulation.over_http import REQUESTS, SYSTEMS
from simulation.places_over_http import REQUESTS as PLACES
from simulation.telling_over_http import REQUESTS as TELLING


@pytest.fixture(scope="module")
def houses() -> Iterator[Houses]:
    with Houses().open() as houses:
        yield houses


@pytest.fixture(scope="module")
def chosen() -> list[Struck]:
    return strikes(ONE_OF_A_KIND, once=True)


@pytest.fixture(scope="module")
def told(chosen: list[Struck]) -> Mapping[Struck, Told]:
    return table(chosen)


@pytest.mark.parametrize("plot", PLOTS, ids=lambda plot: plot.name)
def test_a_life_in_which_nothing_goes_wrong(houses: Houses, plot: Plot):
    life = HttpLife(plot, houses)
    life.play()
    assert life.wrong == []
    assert life.rings == {"im" if plot.service == "Bitbucket" else "imoc1": 1}


def test_a_life_with_one_fault_keeps_every_promise(told: Mapping[Struck, Told]):
    assert {struck.id: found.wrong for struck, found in told.items() if found.wrong} == {}


def test_a_fault_rings_whom_it_should_and_nobody_twice(told: Mapping[Struck, Told]):
    surprises = {struck.id: found.rings for struck, found in told.items() if found.rings != should_ring(struck)}
    assert surprises == {}


def test_the_same_fault_makes_the_same_life(houses: Houses, chosen: list[Struck], told: Mapping[Struck, Told]):
    for struck in chosen[::20]:
        assert live(struck, houses) == told[struck]


def test_every_operation_is_struck_that_a_life_calls(chosen: list[Struck]):
    """Our own comment is looked for only after an add that may have got lost: to strike that look takes a second fault. And
    a company without places has no links to write, one that tells nobody reads no comments."""
    struck = {(one.system, one.method) for one in chosen}
    everything = {(system, method) for system in SYSTEMS if system not in {*PLACES, *TELLING} for method in REQUESTS[system]}
    never = ("find_comment", "put_fields", "read_comments", "read_comment", "groups_of")
    assert everything - struck == {("jira", method) for method in never}
    assert {one.fault for one in chosen} == set(ONE_OF_A_KIND) <= set(HTTP_FAULTS)
