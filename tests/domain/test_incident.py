"""What the history tells of an incident."""

from __future__ import annotations

import pytest

from chalicelib.domain.incident import Change, incident_since
from tests.builders import NOW, a_change, an_incident, seconds

ENTERED = a_change("incident", "yes", after_s=100)
TYPED = a_change("incident", "yes", after_s=200)
LEFT = a_change("incident", None, old="yes", after_s=300)
BACK = a_change("incident", "yes", after_s=400)


@pytest.mark.parametrize(
    ("changes", "after_s"),
    [
        pytest.param((), 0, id="raised as one"),
        pytest.param((ENTERED,), 100, id="moved in"),
        pytest.param((ENTERED, TYPED), 200, id="moved in, and given its type later"),
        pytest.param((LEFT, BACK), 0, id="raised as one, left and came back"),
        pytest.param((ENTERED, LEFT, BACK), 100, id="moved in, left and came back"),
    ],
)
def test_an_incident_begins_with_the_last_step_that_made_it_one(changes: tuple[Change, ...], after_s: float):
    incident = an_incident(changes=changes)
    assert incident_since(incident) == (NOW + seconds(after_s) if after_s else incident.created_at)
