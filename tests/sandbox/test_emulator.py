"""The base of all emulators: strict about what it is asked, faulty on request, and honest in what it records."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import requests
from flask import request

from sandbox.emulator import Answer, Emulator, Fault, FaultKind, Faults, JsonLinesRecorder, ListRecorder, serve
from simulation.over_http import wait_while
from tests.builders import NOW
from tests.reconcile.small_world import FakeClock

BEFORE = [FaultKind.TIMEOUT_BEFORE, FaultKind.RESET_BEFORE, FaultKind.RATE_LIMITED, FaultKind.UNAVAILABLE]
BEFORE += [FaultKind.ERROR_BEFORE, FaultKind.UNAUTHORIZED, FaultKind.FORBIDDEN, FaultKind.NOT_FOUND]
BEFORE += [FaultKind.CONFLICT, FaultKind.ERROR_INSIDE]
AFTER = [FaultKind.TIMEOUT_AFTER, FaultKind.RESET_AFTER, FaultKind.ERROR_AFTER, FaultKind.GARBAGE, FaultKind.SLOW]


class Counter(Emulator):
    """A vendor that counts."""

    def __init__(self, recorder: ListRecorder | JsonLinesRecorder | None = None) -> None:
        super().__init__("counter", FakeClock(NOW), recorder=recorder)
        self.value = 0

        @self.operation("read", "GET", "/value", vendor="counter-v1", query=frozenset({"unit"}))
        def read() -> Answer:
            return 200, {"value": self.value}

        @self.operation("add", "POST", "/value/<name>", vendor="counter-v1", body=True)
        def add(name: str) -> Answer:
            self.value += int(request.get_json()["by"])
            return 201, {"name": name, "value": self.value}, {"X-Counted": "yes"}

        @self.operation("forget", "DELETE", "/value", vendor="counter-v1")
        def forget() -> Answer:
            self.value = 0
            return 204, None


class Client:
    def __init__(self, emulator: Counter, url: str) -> None:
        self.emulator, self._url = emulator, url
        self._session = requests.Session()

    def __call__(self, method: str, path: str, **options: Any) -> requests.Response:
        return self._session.request(method, self._url + path, timeout=options.pop("timeout", 5), **options)

    def add(self, **options: Any) -> requests.Response:
        return self("POST", "/value/apples", json={"by": 2}, **options)


@pytest.fixture
def recorder() -> ListRecorder:
    return ListRecorder()


@pytest.fixture
def client(recorder: ListRecorder) -> Iterator[Client]:
    emulator = Counter(recorder)
    with serve(emulator) as [url]:
        yield Client(emulator, url)


def test_a_handler_gives_status_body_and_headers(client: Client):
    answer = client.add()
    assert (answer.status_code, answer.json(), answer.headers["X-Counted"]) == (201, {"name": "apples", "value": 2}, "yes")
    assert client("DELETE", "/value").status_code == 204
    assert client.emulator.violations == []


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "said"),
    [
        pytest.param("GET", "/values", {}, 404, "Not Found", id="unknown path"),
        pytest.param("PUT", "/value", {}, 405, "Method Not Allowed", id="unknown method"),
        pytest.param(
            "GET", "/value", {"params": {"unit": "kg", "unti": "g"}}, 400, "query parameter unti", id="unknown parameter"
        ),
        pytest.param("GET", "/value", {"json": {}}, 400, "a body where none belongs", id="unexpected body"),
        pytest.param("POST", "/value/apples", {"json": {}}, 500, "KeyError('by')", id="the emulator's own mistake"),
    ],
)
def test_what_the_vendor_would_not_understand_is_an_error_and_a_violation(
    client: Client, method: str, path: str, options: dict[str, Any], status: int, said: str
):
    assert client(method, path, **options).status_code == status
    [violation] = client.emulator.violations
    assert violation.startswith(f"counter {method} {path}:")
    assert said in violation


def test_calls_are_counted_per_operation_with_their_time(client: Client):
    client.add()
    assert isinstance(client.emulator.clock, FakeClock)
    client.emulator.clock.at += timedelta(seconds=5)
    client("GET", "/value")
    assert [(call.operation, call.at - NOW) for call in client.emulator.calls] == [
        ("add", timedelta()),
        ("read", timedelta(seconds=5)),
    ]
    assert client.emulator.count("add") == 1


HELD_BACK = (FaultKind.TIMEOUT_BEFORE, FaultKind.TIMEOUT_AFTER)


def suffer(client: Client, fault: Fault) -> requests.Response | None:
    """The answer of a create under a fault; None when none came."""
    client.emulator.faults.switch_on("add", fault)
    try:
        return client.add(timeout=0.2 if fault.kind in HELD_BACK else 10)
    except (requests.ConnectionError, requests.Timeout):
        return None


def a_fault(kind: FaultKind, **how: Any) -> Fault:
    """Slow, but not too slow; held back, for as long as anybody waits."""
    return Fault(kind, delay_s=0.01 if kind is FaultKind.SLOW else 60, **how)


@pytest.mark.parametrize("kind", BEFORE)
def test_a_fault_before_the_effect_leaves_nothing_behind(client: Client, kind: FaultKind):
    suffer(client, Fault(kind))
    assert client("GET", "/value").json() == {"value": 0}


@pytest.mark.parametrize("kind", AFTER)
def test_a_fault_after_the_effect_leaves_it_done(client: Client, kind: FaultKind):
    suffer(client, a_fault(kind))
    assert client("GET", "/value").json() == {"value": 2}


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        pytest.param(FaultKind.TIMEOUT_BEFORE, None, id="timeout"),
        pytest.param(FaultKind.RESET_BEFORE, None, id="reset"),
        pytest.param(FaultKind.RESET_AFTER, None, id="reset after"),
        pytest.param(FaultKind.RATE_LIMITED, 429, id="429"),
        pytest.param(FaultKind.UNAVAILABLE, 503, id="503"),
        pytest.param(FaultKind.ERROR_BEFORE, 500, id="500"),
        pytest.param(FaultKind.ERROR_AFTER, 500, id="500 after"),
        pytest.param(FaultKind.UNAUTHORIZED, 401, id="401"),
        pytest.param(FaultKind.FORBIDDEN, 403, id="403"),
        pytest.param(FaultKind.NOT_FOUND, 404, id="404"),
        pytest.param(FaultKind.CONFLICT, 409, id="409"),
        pytest.param(FaultKind.ERROR_INSIDE, 200, id="error inside"),
        pytest.param(FaultKind.GARBAGE, 200, id="garbage"),
        pytest.param(FaultKind.SLOW, 201, id="slow"),
    ],
)
def test_each_fault_looks_like_what_it_is_called(client: Client, kind: FaultKind, status: int | None):
    answer = suffer(client, a_fault(kind, retry_after="7"))
    assert (answer.status_code if answer is not None else None) == status
    if kind is FaultKind.RATE_LIMITED:
        assert answer is not None
        assert answer.headers["Retry-After"] == "7"
    if kind is FaultKind.ERROR_INSIDE:
        assert answer is not None
        assert answer.json()["error"] == {"message": "Internal error"}
    if kind is FaultKind.GARBAGE:
        assert answer is not None
        with pytest.raises(requests.JSONDecodeError):
            answer.json()


def test_a_fault_hits_as_often_as_it_was_told_and_a_star_hits_everything():
    faults = Faults()
    faults.switch_on("add", Fault(FaultKind.SLOW, times=2))
    faults.switch_on("*", Fault(FaultKind.UNAVAILABLE, times=None))
    taken = [faults.take(operation) for operation in ("add", "read", "add", "add", "read")]
    kinds = [fault.kind for fault in taken if fault is not None]
    slow, away = FaultKind.SLOW, FaultKind.UNAVAILABLE
    assert kinds == [slow, away, slow, away, away]


def test_a_fault_can_let_calls_go_well_first():
    faults = Faults()
    faults.switch_on("read", Fault(FaultKind.UNAVAILABLE, skip=1))
    taken = [faults.take("read") for _ in range(3)]
    assert [fault.kind if fault is not None else None for fault in taken] == [None, FaultKind.UNAVAILABLE, None]


def test_an_emulator_is_busy_while_a_call_is_under_way_whose_caller_has_lost_patience():
    emulator, is_done = Counter(), Event()

    @emulator.operation("brood", "POST", "/brood", vendor="counter-v1")
    def brood() -> Answer:
        is_done.wait(30)
        return 204, None

    with serve(emulator) as [url]:
        with suppress(requests.Timeout):
            requests.post(f"{url}/brood", timeout=0.2)
        wait_while(lambda: not emulator.calls)
        assert emulator.is_busy
        is_done.set()
        wait_while(lambda: emulator.is_busy)
        assert not emulator.is_busy


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        pytest.param(FaultKind.TIMEOUT_BEFORE, 0, id="before the effect"),
        pytest.param(FaultKind.TIMEOUT_AFTER, 2, id="after the effect"),
        pytest.param(FaultKind.SLOW, 2, id="the effect comes late"),
    ],
)
def test_an_answer_is_held_back_until_nobody_waits_for_it(client: Client, kind: FaultKind, value: int):
    client.emulator.faults.switch_on("add", Fault(kind, delay_s=3600))
    with pytest.raises(requests.Timeout):
        client.add(timeout=0.2)
    wait_while(lambda: not client.emulator.calls or client.emulator.is_busy)
    assert client("GET", "/value").json() == {"value": value}


def test_faults_are_cleared_one_by_one_or_all_at_once():
    faults = Faults()
    for operation in ("add", "read", "forget"):
        faults.switch_on(operation, Fault(FaultKind.SLOW, times=None))
    faults.clear("add")
    assert faults.take("add") is None
    assert set(faults.planned()) == {"read", "forget"}
    faults.clear()
    assert faults.planned() == {}


def test_an_exchange_is_recorded_whole(client: Client, recorder: ListRecorder):
    client.add()
    [exchange] = recorder.exchanges
    assert str(exchange.pop("url")).endswith("/value/apples")
    assert exchange == {
        "vendor": "counter-v1",
        "method": "POST",
        "request_type": "application/json",
        "request": {"by": 2},
        "status": 201,
        "response_type": "application/json",
        "response": {"name": "apples", "value": 2},
    }


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind is not FaultKind.SLOW])
def test_a_faulted_answer_is_not_recorded_as_the_vendors(client: Client, recorder: ListRecorder, kind: FaultKind):
    suffer(client, Fault(kind))
    assert recorder.exchanges == []


def test_exchanges_are_written_one_json_line_each(tmp_path: Path):
    path = tmp_path / "exchanges.jsonl"
    emulator = Counter(JsonLinesRecorder(path))
    with serve(emulator) as [url]:
        client = Client(emulator, url)
        client.add()
        client("DELETE", "/value")
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert [(line["method"], line["status"], line["response"]) for line in lines] == [
        ("POST", 201, {"name": "apples", "value": 2}),
        ("DELETE", 204, None),
    ]


def test_several_emulators_are_served_side_by_side_and_are_gone_afterwards():
    first, second = Counter(), Counter()
    with serve(first, second) as urls:
        Client(first, urls[0]).add()
        assert Client(second, urls[1])("GET", "/value").json() == {"value": 0}
    with pytest.raises(requests.ConnectionError):
        requests.get(urls[0] + "/value", timeout=1)
