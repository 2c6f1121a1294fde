"""What all emulators share: a strict HTTP surface, faults that can be switched on per operation, and a recorder.

Strict: an unknown path, method or query parameter, or a body where none belongs, is an error and is noted in
`violations`, never a friendly 200.
"""

from __future__ import annotations

import json
import selectors
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.serving import WSGIRequestHandler, make_server

from chalicelib.ports.world import Clock

Answer = tuple[int, Any] | tuple[int, Any, Mapping[str, str]]
"""What a handler returns: status, JSON-able body (None for an empty one), and perhaps headers."""


class FaultKind(StrEnum):
    TIMEOUT_BEFORE = "timeout before the effect"
    TIMEOUT_AFTER = "timeout after the effect"
    RESET_BEFORE = "reset before the effect"
    RESET_AFTER = "reset after the effect"
    RATE_LIMITED = "429"
    UNAVAILABLE = "503"
    ERROR_BEFORE = "500 before the effect"
    ERROR_AFTER = "500 after the effect"
    UNAUTHORIZED = "401"
    FORBIDDEN = "403"
    NOT_FOUND = "404"
    CONFLICT = "409"
    ERROR_INSIDE = "200 with an error inside"
    GARBAGE = "200 with half a body"
    SLOW = "slow"


_STATUS = {
    FaultKind.RATE_LIMITED: 429,
    FaultKind.UNAVAILABLE: 503,
    FaultKind.ERROR_BEFORE: 500,
    FaultKind.UNAUTHORIZED: 401,
    FaultKind.FORBIDDEN: 403,
    FaultKind.NOT_FOUND: 404,
    FaultKind.CONFLICT: 409,
}
_AFTER = (FaultKind.TIMEOUT_AFTER, FaultKind.RESET_AFTER, FaultKind.ERROR_AFTER, FaultKind.GARBAGE)


@dataclass(frozen=True, slots=True)
class Fault:
    """times: how many calls it hits; None until cleared. skip: how many go well before, so that a later page of a list can be
    struck.

    delay_s: how long SLOW and the time-outs hold the answer back from a caller that does not hang up before.
    """

    kind: FaultKind
    times: int | None = 1
    retry_after: str | None = None
    delay_s: float = 5.0
    skip: int = 0


class Faults:
    """Which operation fails how. "*" stands for every operation. Safe to use from several threads."""

    def __init__(self) -> None:
        self._planned: dict[str, Fault] = {}
        self._lock = threading.Lock()

    def switch_on(self, operation: str, fault: Fault) -> None:
        with self._lock:
            self._planned[operation] = fault

    def clear(self, operation: str | None = None) -> None:
        with self._lock:
            if operation is None:
                self._planned.clear()
            else:
                self._planned.pop(operation, None)

    def take(self, operation: str) -> Fault | None:
        with self._lock:
            for name in (operation, "*"):
                fault = self._planned.get(name)
                if fault is not None and fault.skip:
                    self._planned[name] = replace(fault, skip=fault.skip - 1)
                elif fault is not None:
                    self._use(name, fault)
                    return fault
        return None

    def planned(self) -> dict[str, Fault]:
        with self._lock:
            return dict(self._planned)

    def _use(self, name: str, fault: Fault) -> None:
        if fault.times is None:
            return
        if fault.times <= 1:
            del self._planned[name]
        else:
            self._planned[name] = replace(fault, times=fault.times - 1)


class Recorder(Protocol):
    def record(self, exchange: dict[str, object]) -> None: ...


class ListRecorder:
    def __init__(self) -> None:
        self.exchanges: list[dict[str, object]] = []

    def record(self, exchange: dict[str, object]) -> None:
        self.exchanges.append(exchange)


class JsonLinesRecorder:
    """One exchange per line: vendor, method, url, request_type, request, status, response_type, response."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def record(self, exchange: dict[str, object]) -> None:
        line = json.dumps(exchange, ensure_ascii=False) + "\n"
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(line)


@dataclass(frozen=True, slots=True)
class Call:
    operation: str
    at: datetime


_COMPILING = threading.Lock()
"""Werkzeug makes a syntax tree of each route, and CPython 3.11 counts how deep it is for all threads together: two at a time
are a SystemError now and then."""


@dataclass
class Emulator:
    """One vendor over HTTP. Handlers are registered with `operation` and return an `Answer`.

    answered: how many of `calls` are over; fewer than there were while one is under way.
    """

    name: str
    clock: Clock
    faults: Faults = field(default_factory=Faults)
    recorder: Recorder | None = None
    latency_s: float = 0.0
    calls: list[Call] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    answered: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        with _COMPILING:
            self.app = Flask(self.name)
        self.app.json.sort_keys = False  # type: ignore[attr-defined]
        self.app.register_error_handler(HTTPException, self._unknown)

    def denied(self) -> Answer | None:
        """The refusal for a caller who did not prove itself. Asked before every operation that is not open to all."""
        return None

    def operation(
        self, name: str, method: str, path: str, *, vendor: str, query: frozenset[str] = frozenset(), body: bool = False,
        is_open: bool = False,
    ) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:  # fmt: skip
        """Register a handler. vendor: the API contract its exchanges belong to. query: the parameters it may get."""

        def register(handler: Callable[..., Answer]) -> Callable[..., Answer]:
            def answer(**arguments: str) -> Answer:
                return (None if is_open else self.denied()) or handler(**arguments)

            def view(**arguments: str) -> Response:
                self.calls.append(Call(name, self.clock.now()))
                try:
                    return self._serve(name, vendor, query, body, lambda: answer(**arguments))
                finally:
                    with self._lock:
                        self.answered += 1

            with _COMPILING:
                self.app.add_url_rule(path, f"{name} {method} {path}", view, methods=[method])
            return handler

        return register

    @property
    def is_busy(self) -> bool:
        """A call is under way, perhaps one whose caller has lost patience."""
        return self.answered < len(self.calls)

    def count(self, operation: str) -> int:
        return sum(call.operation == operation for call in self.calls)

    def strict_error(self, status: int, what: str) -> Response:
        """The vendor would not have understood this: remember it, so that a test can say so."""
        self.violations.append(f"{self.name} {request.method} {request.path}: {what}")
        return _response((status, {"message": what, "errors": [what]}))

    def _serve(self, name: str, vendor: str, query: frozenset[str], body: bool, handler: Callable[[], Answer]) -> Response:
        if self.latency_s:
            time.sleep(self.latency_s)
        unknown = sorted(set(request.args) - query)
        if unknown:
            return self.strict_error(400, f"unknown query parameter {', '.join(unknown)}")
        if request.get_data() and not body:
            return self.strict_error(400, "a body where none belongs")
        fault = self.faults.take(name)
        if fault is not None and fault.kind not in _AFTER and fault.kind is not FaultKind.SLOW:
            return _faulty(fault, None)
        if fault is not None and fault.kind is FaultKind.SLOW:
            _hold_back(fault.delay_s)
        response = _response(handler())
        if fault is not None and fault.kind in _AFTER:
            return _faulty(fault, response)
        self._record(vendor, response)
        return response

    def _unknown(self, error: HTTPException) -> Response:
        if isinstance(error, InternalServerError):
            return self.strict_error(500, f"the emulator itself failed: {error.original_exception!r}")
        return self.strict_error(error.code or 500, f"{error.name}: no such operation")

    def _record(self, vendor: str, response: Response) -> None:
        if self.recorder is None or response.status_code >= 500:
            return
        self.recorder.record(
            {
                "vendor": vendor,
                "method": request.method,
                "url": request.url,
                "request_type": request.content_type,
                "request": _json_or_text(request.get_data(as_text=True)),
                "status": response.status_code,
                "response_type": response.content_type,
                "response": _json_or_text(response.get_data(as_text=True)),
            }
        )


def _response(answer: Answer) -> Response:
    status, body = answer[0], answer[1]
    response = Response(status=status) if body is None else Response(json.dumps(body), status, mimetype="application/json")
    for name, value in (answer[2] if len(answer) > 2 else {}).items():
        response.headers[name] = value
    return response


def _faulty(fault: Fault, response: Response | None) -> Response:
    """The answer that a fault makes of a call; `response` is what the vendor would have said after the effect."""
    match fault.kind:
        case FaultKind.TIMEOUT_BEFORE | FaultKind.TIMEOUT_AFTER:
            _hold_back(fault.delay_s)
            return Response(status=504)
        case FaultKind.RESET_BEFORE | FaultKind.RESET_AFTER:
            _reset_connection()
            return Response(status=502)
        case FaultKind.ERROR_AFTER:
            return _response((500, {"message": "Internal error"}))
        case FaultKind.ERROR_INSIDE:
            words = "Internal error"
            return _response(
                (200, {"status": "error", "error": {"message": words}, "message": words, "errorMessages": [words]})
            )
        case FaultKind.GARBAGE:
            assert response is not None
            text = response.get_data()
            return Response(text[: max(1, len(text) // 2)] or b"{", 200, mimetype="application/json")
        case _:
            words = HTTPStatus(_STATUS[fault.kind]).phrase
            headers = {"Retry-After": fault.retry_after} if fault.retry_after is not None else {}
            return _response((_STATUS[fault.kind], {"message": words, "errorMessages": [words]}, headers))


def _hold_back(delay_s: float) -> None:
    """So long, or until the caller has hung up: who waits for whom must not depend on how busy the machine is.

    Its request has been read and it sends no second one before the answer, so whatever can be read is the end.
    """
    with selectors.DefaultSelector() as selector:
        selector.register(request.environ["werkzeug.socket"], selectors.EVENT_READ)
        selector.select(delay_s)


def _reset_connection() -> None:
    """Close the connection the hard way: the client sees a reset, not an answer."""
    connection = request.environ.get("werkzeug.socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        connection.close()


def _json_or_text(text: str) -> object:
    if not text:
        return None
    try:
        return json.loads(text)
    except ValueError:
        return text


class _QuietHandler(WSGIRequestHandler):
    """HTTP/1.1 with keep-alive, no access log, and no delayed answers (Nagle)."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1

    def setup(self) -> None:
        super().setup()
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Nothing: the emulators keep their own record of calls."""

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:
        """A fault of ours, or a client that lost patience."""


def _ignore(*_: object) -> None:
    """A connection that we reset ourselves, or whose client lost patience, is no news."""


@contextmanager
def serve(*emulators: Emulator | Any, ports: tuple[int, ...] = ()) -> Iterator[list[str]]:
    """Serve each emulator (or WSGI application) on loopback; yields their base URLs. Free ports unless given."""
    servers = []
    for number, emulator in enumerate(emulators):
        app = emulator.app if isinstance(emulator, Emulator) else emulator
        port = ports[number] if number < len(ports) else 0
        server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_QuietHandler)
        server.daemon_threads = True  # type: ignore[attr-defined]
        server.handle_error = _ignore  # type: ignore[method-assign,assignment]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        servers.append(server)
    try:
        yield [f"http://127.0.0.1:{server.server_port}" for server in servers]
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
