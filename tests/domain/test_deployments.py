"""Which changes may have caused an incident, and how they are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest

from chalicelib.domain.deployments import (
    Deployment,
    deployment_from_json,
    deployment_to_json,
    deployments_in,
    lead_up,
    line_of,
    looked_at_from,
    note_of,
)
from chalicelib.domain.incident import Incident
from chalicelib.errors import UnreadableEvent
from tests.builders import NOW, a_note, an_incident, seconds

IMPACT = NOW - seconds(1800)


def a_deployment(before_s: float = 600, **changes: Any) -> Deployment:
    return replace(
        Deployment("Bitbucket", "deploy api 1.2.3", NOW - seconds(before_s), "Mia", "https://ci.example/1"), **changes
    )


@pytest.mark.parametrize(
    ("incident", "before_s", "counts"),
    [
        pytest.param(an_incident(), 0, True, id="as it was raised"),
        pytest.param(an_incident(), 7200, True, id="two hours before"),
        pytest.param(an_incident(), 7201, False, id="longer ago"),
        pytest.param(an_incident(), -1, False, id="afterwards"),
        pytest.param(an_incident(impact_started_at=IMPACT), 1800, True, id="as its impact began"),
        pytest.param(an_incident(impact_started_at=IMPACT), 1799, False, id="after its impact began"),
        pytest.param(an_incident(impact_started_at=IMPACT), 9000, True, id="two hours before its impact"),
        pytest.param(an_incident(impact_started_at=IMPACT), 9001, False, id="longer before its impact"),
    ],
)
def test_what_was_changed_in_the_two_hours_before_the_start_of_impact_counts(incident: Incident, before_s: float, counts: bool):
    assert bool(lead_up([a_deployment(before_s)], incident)) is counts
    assert (a_deployment(before_s).at >= looked_at_from(incident)) or not counts


def test_they_are_told_oldest_first():
    late, early = a_deployment(60), a_deployment(120)
    assert lead_up([late, early], an_incident()) == (early, late)


@pytest.mark.parametrize(
    ("deployment", "line"),
    [
        pytest.param(a_deployment(), "02:50 UTC: deploy api 1.2.3, by Mia (https://ci.example/1)", id="whole"),
        pytest.param(a_deployment(by="", url=""), "02:50 UTC: deploy api 1.2.3", id="nobody knows who"),
    ],
)
def test_a_change_is_one_line_for_people(deployment: Deployment, line: str):
    assert line_of(deployment) == line


def test_the_same_content_has_the_same_key_however_it_was_spelled():
    again = a_deployment(service="  BITBUCKET ", at=a_deployment().at.astimezone(timezone(timedelta(hours=2))))
    assert again.key == a_deployment().key
    others = {
        one.key for one in (a_deployment(service="x"), a_deployment(what="x"), a_deployment(by="x"), a_deployment(url="x"))
    } | {a_deployment(61).key}
    assert len(others | {again.key}) == 6


def test_a_change_is_kept_as_a_note_and_read_back():
    notes = (note_of(a_deployment()), a_note(), note_of(a_deployment(service="Jira")))
    assert deployments_in(notes, "bitbucket") == (a_deployment(service="bitbucket"),)
    assert deployments_in(notes, None) == ()


def test_what_is_stored_is_read_back():
    for deployment in (a_deployment(), a_deployment(by="", url="")):
        assert deployment_from_json(deployment_to_json(deployment)) == deployment


@pytest.mark.parametrize("at", [None, "soon", "2026-11-23T03:00:00"])
def test_what_cannot_have_been_stored_is_unreadable(at: Any):
    with pytest.raises(UnreadableEvent):
        deployment_from_json({"service": "x", "what": "y", "at": at})
