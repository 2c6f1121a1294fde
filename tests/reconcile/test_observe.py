"""What is known of an incident: what Jira says, and what Firebell remembers of it."""

from __future__ import annotations

import pytest

from chalicelib.domain.incident import Change, Incident
from chalicelib.reconcile.observe import with_its_past
from tests.builders import EMMA, MIA, a_change, an_incident

TAKEN = a_change("assignee", "acc-mia", MIA, after_s=10)
FIXING = a_change("status", "fixing", MIA, after_s=20)
GIVEN = a_change("assignee", "acc-emma", EMMA, old="acc-mia", after_s=30)


@pytest.mark.parametrize(
    ("read", "known", "seen", "complete"),
    [
        pytest.param((GIVEN,), (TAKEN, FIXING), (TAKEN, FIXING, GIVEN), True, id="goes on where the known ends"),
        pytest.param((FIXING, GIVEN), (TAKEN, FIXING), (TAKEN, FIXING, GIVEN), True, id="the known reaches into it"),
        pytest.param((), (TAKEN, FIXING), (TAKEN, FIXING), True, id="nothing that matters for a long time"),
        pytest.param((GIVEN,), None, (GIVEN,), False, id="nothing is known"),
    ],
)
def test_a_history_too_long_to_read_is_what_was_known_and_its_end(
    read: tuple[Change, ...], known: tuple[Change, ...] | None, seen: tuple[Change, ...], complete: bool
):
    latest = None if known is None else an_incident(changes=known)
    found = with_its_past(an_incident(changes=read, changes_complete=False), latest)
    assert (found.changes, found.changes_complete) == (seen, complete)


def test_what_is_known_in_part_only_stays_so():
    known = an_incident(changes=(TAKEN,), changes_complete=False)
    found = with_its_past(an_incident(changes=(GIVEN,), changes_complete=False), known)
    assert (found.changes, found.changes_complete) == ((TAKEN, GIVEN), False)


def test_a_history_that_was_read_whole_needs_no_memory():
    read: Incident = an_incident(changes=(GIVEN,))
    assert with_its_past(read, an_incident(changes=(TAKEN, FIXING))) is read
