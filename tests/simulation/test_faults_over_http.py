"""The simulator's table of faults is what the real adapters make of HTTP: every operation x every fault, nothing skipped."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from simulation.faults import ERROR_AFTER, FORBIDDEN, HTTP_FAULTS, PART, SAYS_WHEN
from simulation.operations import ALL_OPERATIONS, PLACES
from simulation.over_http import REQUESTS, SYSTEMS, Cell, Outcome, cells, in_simulation, told_by_table, translate

CELLS = tuple(cells())
IN_TABLE = {"opsgenie": "opsgenie", "jsm": "opsgenie", "pagerduty": "pagerduty", "jira": "jira"} | {
    name: name for name in (*PLACES, "statuspage")
}
IN_TABLE |= {"ses": "mail", "smtp": "mail"}
NEVER = {"ses": (ERROR_AFTER, *SAYS_WHEN), "smtp": (ERROR_AFTER, *SAYS_WHEN, FORBIDDEN)}
"""A no is believed, neither says when to come again, and SMTP has no word for a 403."""


@pytest.fixture(scope="module")
def outcomes() -> Mapping[Cell, Outcome]:
    return translate(CELLS)


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: cell.id)
def test_an_adapter_makes_of_a_fault_what_the_table_says(outcomes: Mapping[Cell, Outcome], cell: Cell):
    assert outcomes[cell] == told_by_table(cell)


@pytest.mark.parametrize("cell", [cell for cell in CELLS if cell.is_main], ids=lambda cell: cell.id)
def test_a_simulated_port_does_what_the_table_says(cell: Cell):
    assert in_simulation(cell) == told_by_table(cell)


def test_every_fault_has_struck_every_operation(outcomes: Mapping[Cell, Outcome]):
    """Not applicable is only what the table itself leaves out: deaths, which no adapter sees, parts of what has none, and
    what a vendor never says."""
    wanted = {
        (system, operation.method, fault.name)
        for system, row in IN_TABLE.items()
        for operation in ALL_OPERATIONS
        for fault in HTTP_FAULTS
        if operation.system == row and not fault.is_death and (fault is not PART or operation.part)
        if fault not in NEVER.get(system, ())
    }
    assert {(cell.system, cell.operation.method, cell.fault.name) for cell in outcomes} == wanted
    assert len(outcomes) == len(CELLS) == len(set(CELLS))
    assert len(wanted) == len([cell for cell in CELLS if cell.is_main])


def test_every_operation_that_leaves_our_account_stands_here():
    assert set(IN_TABLE) == set(SYSTEMS) == set(REQUESTS)
    for system, row in IN_TABLE.items():
        assert set(REQUESTS[system]) == {operation.method for operation in ALL_OPERATIONS if operation.system == row}
    assert {operation.system for operation in ALL_OPERATIONS if not operation.is_aws} == set(IN_TABLE.values())
