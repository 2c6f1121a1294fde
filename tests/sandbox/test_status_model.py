"""The rules of Statuspage, without HTTP, and the strictness of its face."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from sandbox.emulator import serve
from sandbox.status.model import PageIncident, Refusal, RefusedError, StatusModel
from sandbox.status.statuspage import StatuspageEmulator
from tests.adapters.status_world import DRILLS, LOGIN, PAYMENTS, PUBLIC, TOKEN, a_status_model
from tests.builders import NOW, seconds
from tests.reconcile.small_world import FakeClock


@pytest.fixture
def model() -> StatusModel:
    return a_status_model(FakeClock(NOW))


def an_incident(model: StatusModel, **values: Any) -> PageIncident:
    return model.open(PUBLIC, {"name": "Issues", "body": "We look.", **values})


def refused(reason: Refusal):
    return pytest.raises(RefusedError, check=lambda error: error.reason is reason)


def test_subscribers_are_told_of_every_update_unless_it_is_quiet(model: StatusModel):
    incident = an_incident(model)
    model.change(PUBLIC, incident.id, {"body": "More."})
    model.change(PUBLIC, incident.id, {"body": "Quietly.", "deliver_notifications": False})
    model.change_update(PUBLIC, incident.id, incident.updates[0].id, "We looked.", told=True)
    assert [notice.of for notice in model.notices] == [update.id for update in (*incident.updates[:2], incident.updates[0])]


def test_a_text_or_another_status_is_an_update_and_nothing_else_is(model: StatusModel):
    incident = an_incident(model)
    quiet: list[dict[str, Any]] = [{"name": "Other"}, {"metadata": {"x": {}}}, {"components": {LOGIN: "major_outage"}}]
    for values in (*quiet, {"status": "investigating"}):
        model.change(PUBLIC, incident.id, values)
    assert len(incident.updates) == 1
    model.change(PUBLIC, incident.id, {"status": "monitoring"})
    model.change(PUBLIC, incident.id, {"body": "Still."})
    assert [(update.status, update.body) for update in incident.updates[1:]] == [("monitoring", ""), ("monitoring", "Still.")]


def test_resolved_leaves_components_alone(model: StatusModel):
    incident = an_incident(model, component_ids=[PAYMENTS], components={PAYMENTS: "major_outage"})
    model.change(PUBLIC, incident.id, {"status": "resolved"})
    assert model.pages[PUBLIC].components[PAYMENTS].status == "major_outage"
    assert model.pages[PUBLIC].unresolved() == []


def test_every_state_a_component_was_in_is_remembered(model: StatusModel):
    incident = an_incident(model, component_ids=[PAYMENTS], components={PAYMENTS: "major_outage"})
    model.set_component(PUBLIC, PAYMENTS, "operational")
    model.set_component(PUBLIC, PAYMENTS, "operational")
    history = model.pages[PUBLIC].components[PAYMENTS].history
    assert history == [(NOW, "major_outage", incident.id), (NOW, "operational", "")]


def test_a_state_is_applied_to_what_the_incident_shows_and_to_nothing_else(model: StatusModel):
    incident = an_incident(model, component_ids=[LOGIN])
    model.change(PUBLIC, incident.id, {"components": {PAYMENTS: "major_outage", LOGIN: "partial_outage"}})
    assert incident.component_ids == [LOGIN]
    assert {id_: one.status for id_, one in model.pages[PUBLIC].components.items()} == {
        PAYMENTS: "operational", LOGIN: "partial_outage"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        pytest.param({"name": ""}, Refusal.INVALID, id="no name"),
        pytest.param({"name": "x" * 256}, Refusal.INVALID, id="name too long"),
        pytest.param({"body": "x" * 25_001}, Refusal.INVALID, id="body too long"),
        pytest.param({"status": "scheduled"}, Refusal.INVALID, id="a status of maintenances"),
        pytest.param({"components": {PAYMENTS: "broken"}}, Refusal.INVALID, id="no such state"),
        pytest.param({"metadata": {"key": "HOT-1"}}, Refusal.INVALID, id="metadata that is no object"),
        pytest.param({"components": {"gone": "major_outage"}}, Refusal.NO_COMPONENT, id="no such component"),
        pytest.param({"component_ids": ["gone"]}, Refusal.NO_COMPONENT, id="no such component shown"),
    ],
)
def test_what_statuspage_refuses_has_no_effect(model: StatusModel, values: dict[str, Any], reason: Refusal):
    with refused(reason):
        an_incident(model, **values)
    assert model.pages[PUBLIC].incidents == {}
    incident = an_incident(model)
    with refused(reason):
        model.change(PUBLIC, incident.id, {"body": "More.", **values})
    assert (incident.name, len(incident.updates), len(model.notices)) == ("Issues", 1, 1)


def test_what_is_not_there_is_refused(model: StatusModel):
    incident = an_incident(model)
    with refused(Refusal.NO_PAGE):
        model.open("nowhere", {"name": "x"})
    with refused(Refusal.NO_INCIDENT):
        model.change(DRILLS, incident.id, {"name": "x"})
    with refused(Refusal.NO_UPDATE):
        model.change_update(PUBLIC, incident.id, "u0", "x", told=False)
    with refused(Refusal.NO_COMPONENT):
        model.set_component(PUBLIC, "gone", "operational")
    model.delete(PUBLIC, incident.id)
    with refused(Refusal.NO_INCIDENT):
        model.incident(PUBLIC, incident.id)


# --- its face over HTTP ---------------------------------------------------------------------------------------------------


class Client:
    def __init__(self, emulator: StatuspageEmulator, url: str) -> None:
        self.emulator, self._url = emulator, f"{url}/v1/pages/{PUBLIC}"

    def __call__(self, method: str, path: str, token: str = TOKEN, **options: Any) -> requests.Response:
        headers = {"Authorization": f"OAuth {token}"}
        return requests.request(method, self._url + path, headers=headers, timeout=5, **options)


@pytest.fixture
def client(model: StatusModel) -> Iterator[Client]:
    emulator = StatuspageEmulator(model, model.clock, token=TOKEN)
    with serve(emulator) as [url]:
        yield Client(emulator, url)


@pytest.mark.parametrize(
    ("method", "path", "options"),
    [
        pytest.param("GET", "/nonsense", {}, id="path"),
        pytest.param("DELETE", "/incidents/i1", {}, id="method"),
        pytest.param("GET", "/incidents?sort=new", {}, id="parameter"),
        pytest.param("GET", "/components", {"json": {}}, id="a body where none belongs"),
        pytest.param("POST", "/incidents", {"json": {"name": "x"}}, id="not wrapped"),
        pytest.param("POST", "/incidents", {"json": {"incident": {"name": "x", "title": "y"}}}, id="member"),
        pytest.param("POST", "/incidents", {"json": {"incident": {"name": 7}}}, id="type"),
        pytest.param("POST", "/incidents", {"data": "{"}, id="no JSON"),
    ],
)
def test_what_statuspage_would_not_understand_is_noted(client: Client, method: str, path: str, options: dict[str, Any]):
    assert client(method, path, **options).status_code >= 400
    assert len(client.emulator.violations) == 1
    assert client.emulator.model.pages[PUBLIC].incidents == {}


def test_without_the_key_nothing_is_answered(client: Client):
    assert client("GET", "/components", token="another").status_code == 401
    assert client("POST", "/incidents", token="", json={"incident": {"name": "x"}}).status_code == 401


@pytest.mark.parametrize("status", [420, 429])
def test_more_than_sixty_calls_in_a_minute_are_refused_until_the_minute_is_over(client: Client, status: int):
    client.emulator.limit_status = status
    assert {client("GET", "/components").status_code for _ in range(60)} == {200}
    assert client("POST", "/incidents", json={"incident": {"name": "x"}}).status_code == status
    assert client("GET", "/components", token="another").status_code == 401
    assert (client.emulator.refused_for_limit, client.emulator.model.pages[PUBLIC].incidents) == (1, {})
    clock = client.emulator.clock
    assert isinstance(clock, FakeClock)
    clock.at += seconds(60)
    assert client("GET", "/components").status_code == 200


def test_lists_come_in_pages_newest_first(client: Client):
    names = [f"Issue {number}" for number in range(5)]
    for name in names:
        client.emulator.model.open(PUBLIC, {"name": name})
    assert [row["name"] for row in client("GET", "/incidents?limit=2").json()] == ["Issue 4", "Issue 3"]
    assert [row["name"] for row in client("GET", "/incidents/unresolved?per_page=2&page=3").json()] == ["Issue 0"]
    assert client("GET", "/incidents/unresolved?page=2").json() == []
    assert client("GET", "/incidents?limit=101").status_code == 422
