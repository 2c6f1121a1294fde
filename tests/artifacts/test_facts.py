"""One row per version of an incident, whatever happens on the way to the store."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.artifacts.artifact import Artifact, Scene
from chalicelib.artifacts.facts import IncidentFacts
from chalicelib.domain.incident import Severity, Status
from chalicelib.domain.policy import PagingPolicy
from chalicelib.errors import TemporaryError
from chalicelib.metrics.facts import fact_of, newest
from chalicelib.metrics.rows import read_sighting
from chalicelib.metrics.sightings import Sighting
from simulation.twins import MemoryFacts
from tests.artifacts.passes import EVERY_DEATH, Passes, is_settled
from tests.builders import NOW, a_change, an_incident, seconds
from tests.reconcile.small_world import SmallWorld


class Facts(Passes):
    def __init__(self, **changes: Any) -> None:
        self.store = MemoryFacts()

        def artifacts(small: SmallWorld) -> tuple[Artifact[Any], ...]:
            store = small.mortality.wrap(self.store, "s3")
            return (IncidentFacts(lambda: store, PagingPolicy(), after=()),)

        super().__init__(artifacts, an_incident(**changes))

    @property
    def rows(self) -> list[Sighting]:
        return [read_sighting(self.store.files[key].decode()) for key in self.store.keys("inbox/v1/month=2026-11/")]

    @property
    def newest(self) -> Sighting:
        return newest(self.rows)["10002"]


def test_every_version_has_a_row_and_what_did_not_change_has_none():
    passes = Facts()
    passes.settle()
    assert is_settled(passes.settle())
    passes.incident = replace(passes.incident, severity=Severity.SEV2)
    passes.settle()
    assert [(row.version, row.severity) for row in passes.rows] == [(1, 1), (2, 2)]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"severity": Severity.SEV3}, id="severity 3"),
        pytest.param({"is_drill": True}, id="drill"),
        pytest.param({"status": Status.RESOLVED}, id="resolved before we saw it"),
    ],
)
def test_there_is_a_row_of_every_incident(changes: dict[str, Any]):
    passes = Facts(**changes)
    passes.wanted = False
    passes.settle()
    assert len(passes.rows) == 1


def test_time_that_passes_makes_no_version():
    passes = Facts()
    passes.settle()
    passes.pass_time(86_400)
    assert is_settled(passes.settle())


@pytest.mark.parametrize(("number", "after"), EVERY_DEATH)
def test_it_may_die_at_every_effect(number: int, after: bool):
    passes = Facts()
    passes.die(number, after=after)
    passes.incident = replace(passes.incident, severity=Severity.SEV2)
    passes.settle_for(60)
    assert passes.newest.severity == 2
    assert is_settled(passes.settle())


def test_a_number_whose_answer_was_lost_is_not_used_again():
    """The rollup may have read that version already: it deletes by name what it has merged."""
    passes = Facts()
    passes.die(1, after=True)
    passes.settle_for(60)
    passes.incident = replace(passes.incident, severity=Severity.SEV2)
    passes.settle_for(60)
    assert [row.version for row in passes.rows] == [1, 2, 3]


def test_a_store_that_is_away_is_tried_again():
    passes = Facts()
    put, failures = passes.store.put, 2

    def unreliable(key: str, content: bytes, content_type: str) -> None:
        nonlocal failures
        failures -= 1
        if failures >= 0:
            raise TemporaryError("s3", "put", "slower")
        put(key, content, content_type)

    passes.store.put = unreliable  # type: ignore[method-assign]
    passes.settle_for(120)
    assert len(passes.rows) == 1


def test_five_workers_at_once_make_one_row():
    passes = Facts()
    passes.settle_by_many()
    assert len(passes.rows) == 1


RESOLVED_NOW: dict[str, Any] = {
    "created_at": NOW - seconds(6_600), "impact_started_at": NOW - seconds(6_900), "status": Status.RESOLVED,
    "changes": (a_change("status", Status.RESOLVED, after_s=-600),),
}  # fmt: skip


def test_times_count_as_they_hold_whether_or_not_jira_takes_them():
    passes = Facts(**RESOLVED_NOW)
    passes.settle()
    fact = fact_of(passes.newest, None)
    assert (fact.time_to_detect_s, fact.time_to_recover_s, fact.seen.defaulted) == (300, 6_300, ("detected", "impact_ended"))
    assert is_settled(passes.settle())


@pytest.mark.parametrize(
    ("go_live", "days", "started_at"),
    [
        pytest.param(NOW, 2, NOW - seconds(6_600), id="from before go-live: as an import has counted it"),
        pytest.param(None, 30, NOW - seconds(6_600), id="resolved long before we had to do with it: the same"),
        pytest.param(None, 2, None, id="ours: it is filled in in Jira first"),
    ],
)
def test_what_others_dealt_with_counts_as_it_was_imported(go_live: datetime | None, days: int, started_at: datetime | None):
    facts = IncidentFacts(MemoryFacts, PagingPolicy(go_live=go_live), after=())
    incident = an_incident(**RESOLVED_NOW | {"impact_started_at": None})
    [spec] = facts.want(Scene(incident, NOW + timedelta(days=days)))
    assert spec.content.impact_started_at == started_at


def test_what_a_storm_holds_has_the_times_of_its_issue_alone():
    scene = Scene(an_incident(**RESOLVED_NOW), NOW, held=True)
    [spec] = IncidentFacts(MemoryFacts, PagingPolicy(), after=()).want(scene)
    assert (spec.content.detected_at, spec.content.impact_ended_at, spec.content.defaulted) == (None, None, ())


def test_what_was_in_the_future_is_counted_anew_when_it_has_come():
    passes = Facts(impact_started_at=NOW, impact_ended_at=NOW + seconds(600), status=Status.RESOLVED)
    passes.settle()
    assert fact_of(passes.newest, None).time_to_recover_s is None
    passes.pass_time(600)
    passes.settle()
    assert fact_of(passes.newest, None).time_to_recover_s == 600
    assert is_settled(passes.settle())
