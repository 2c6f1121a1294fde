"""What a CI told is handed to whatever shows it, with the incident that it may have caused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from chalicelib.artifacts.artifact import Made, Scene, Spec
from chalicelib.domain.deployments import Deployment
from chalicelib.domain.incident import Incident, Severity, Status
from chalicelib.errors import TemporaryError
from tests.builders import a_change, an_incident, seconds
from tests.domain.test_deployments import a_deployment
from tests.reconcile.small_world import SmallWorld, later


@dataclass
class Onlooker:
    """An artifact that wants nothing and keeps what it was shown."""

    shown: list[Scene] = field(default_factory=list)
    name: str = "onlooker"
    after: tuple[str, ...] = ()
    speaks_when_held: bool = True

    def want(self, scene: Scene) -> tuple[Spec[str], ...]:
        self.shown.append(scene)
        return ()

    def find(self, spec: Spec[str]) -> Made | None:
        raise AssertionError(spec)

    def make(self, spec: Spec[str]) -> Made:
        raise AssertionError(spec)

    def change(self, known: Made, spec: Spec[str]) -> Made | None:
        raise AssertionError(known, spec)


class Passes:
    def __init__(self, *told: Deployment) -> None:
        self.small, self.onlooker = SmallWorld(), Onlooker()
        rules = replace(self.small.firebell.rules, artifacts=lambda: (self.onlooker,))
        self.small.firebell = replace(self.small.firebell, rules=rules)
        for deployment in told:
            self.small.ledger.add_change(deployment)

    def look_after(self, incident: Incident) -> Scene:
        self.small.jira_has(incident)
        self.small.ring(incident)
        self.small.ring(incident)  # the first rings, and waits for the pager
        return self.onlooker.shown[-1]


def test_what_was_changed_before_it_is_shown_with_it():
    scene = Passes(a_deployment(), a_deployment(service="Jira"), a_deployment(9000)).look_after(an_incident())
    assert scene.recent == (a_deployment(),)


def test_what_is_changed_afterwards_is_noted_and_not_taken_for_the_cause():
    passes = Passes(a_deployment(), a_deployment(-60, what="roll back"))
    passes.small.clock.at += seconds(120)
    scene = passes.look_after(an_incident())
    assert scene.recent == (a_deployment(),)
    assert [note.text for note in scene.notes] == ["deploy api 1.2.3", "roll back"]


def test_a_second_pass_writes_nothing_and_shows_the_same():
    passes = Passes(a_deployment())
    taken = an_incident(status=Status.FIXING, changes=(a_change("status", Status.FIXING),))
    before = passes.look_after(taken)
    writes = passes.small.ledger.writes
    passes.small.ring(taken)
    assert passes.small.ledger.writes == writes
    assert passes.small.mortality.effects.count("ledger.add_note") == 1
    assert passes.onlooker.shown[-1].recent == before.recent


def test_when_it_is_over_the_same_is_still_shown_though_the_change_has_expired():
    passes = Passes(a_deployment())
    passes.look_after(an_incident())
    passes.small.ledger._changes.clear()
    scene = passes.look_after(later(an_incident(), 60, status=Status.RESOLVED))
    assert scene.recent == (a_deployment(),)


def test_of_a_service_that_was_corrected_the_right_one_is_shown():
    passes = Passes(a_deployment(), a_deployment(service="Jira", what="deploy jira"))
    passes.look_after(an_incident())
    [shown] = passes.look_after(later(an_incident(), 60, service="Jira")).recent
    assert shown.what == "deploy jira"


@pytest.mark.parametrize(
    "incident",
    [
        pytest.param(an_incident(service=None), id="nobody knows the service"),
        pytest.param(an_incident(severity=Severity.SEV3), id="not major"),
        pytest.param(an_incident(status=Status.RESOLVED), id="over before we saw it"),
    ],
)
def test_nothing_is_asked_where_nobody_would_be_shown(incident: Incident, monkeypatch: pytest.MonkeyPatch):
    passes = Passes(a_deployment())
    monkeypatch.setattr(type(passes.small.ledger), "changes_of", _fail(AssertionError("asked")))
    assert passes.look_after(incident).recent == ()


def test_a_ledger_that_does_not_answer_stops_nothing(monkeypatch: pytest.MonkeyPatch):
    passes = Passes(a_deployment())
    monkeypatch.setattr(type(passes.small.ledger), "changes_of", _fail(TemporaryError("dynamodb", "changes_of", "timed out")))
    assert passes.look_after(an_incident()).recent == ()
    assert len(passes.small.pager.rings) == 1
    assert "changes_unread" in [event for event, _ in passes.small.log.events]
    assert passes.small.log.alarms == []


def _fail(error: Exception) -> Callable[..., Any]:
    def fail(*_: Any) -> Any:
        raise error

    return fail
