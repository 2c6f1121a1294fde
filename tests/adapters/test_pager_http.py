"""The HTTP session that all pagers share: what it makes of answers, of connections that die, and of secrets in either."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.http import LONGEST_WAIT_S, HttpSession, retry_after_s
from chalicelib.adapters.opsgenie import ask_confirmation
from chalicelib.errors import IntegrationError, PermanentError, TemporaryError
from sandbox.emulator import serve
from tests.adapters.idle_world import a_vendor_that_forgets
from tests.adapters.proxy_world import a_companys_proxy
from tests.adapters.slow_world import HEAD, a_vendor_that_writes
from tests.adapters.socket_world import a_server
from tests.builders import NOW, TIMEOUTS_S, seconds
from tests.reconcile.small_world import FakeClock

KEY = "secret-key-0123456789"
StartResponse = Callable[[str, list[tuple[str, str]]], object]


def a_session(url: str, **changes: Any) -> HttpSession:
    headers = {"Authorization": f"GenieKey {KEY}"}
    return HttpSession("opsgenie", url, headers, secrets=(KEY,), timeouts_s=TIMEOUTS_S, clock=FakeClock(NOW), **changes)


def a_vendor_that_answers(status: str, body: bytes, *headers: tuple[str, str]) -> Any:
    def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        # Read first: a connection closed over what nobody read is reset, and the answer is lost with it now and then.
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response(status, [("Content-Type", "application/json"), *headers])
        return [body]

    return app


def ask(url: str) -> object:
    return a_session(url).ask("find", "GET", "/v2/alerts", lambda answer: answer)


@pytest.mark.parametrize(
    ("status", "kind", "down"),
    [
        pytest.param("400 Bad Request", PermanentError, None, id="malformed"),
        pytest.param("404 Not Found", PermanentError, None, id="unknown"),
        pytest.param("422 Unprocessable Entity", PermanentError, None, id="refused"),
        pytest.param("301 Moved Permanently", PermanentError, None, id="moved"),
        pytest.param("401 Unauthorized", TemporaryError, True, id="key revoked"),
        pytest.param("403 Forbidden", TemporaryError, True, id="key without the right"),
        pytest.param("408 Request Timeout", TemporaryError, False, id="too slow for them"),
        pytest.param("420 Enhance Your Calm", TemporaryError, False, id="the other rate limit"),
        pytest.param("429 Too Many Requests", TemporaryError, False, id="rate limit"),
        pytest.param("500 Internal Server Error", TemporaryError, False, id="broken"),
        pytest.param("503 Service Unavailable", TemporaryError, False, id="away"),
    ],
)
def test_each_status_is_one_of_our_errors(status: str, kind: type[IntegrationError], down: bool | None):
    with serve(a_vendor_that_answers(status, b'{"message": "No."}')) as [url], pytest.raises(kind, match=r"No\.") as caught:
        ask(url)
    assert getattr(caught.value, "out_of_service", None) is down


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found"])
@pytest.mark.parametrize("reason", ["AUTHENTICATED_FAILED", "AUTHENTICATION_DENIED"])
def test_what_atlassian_tells_nobody_in_particular_is_no_answer_to_us(status: str, reason: str):
    app = a_vendor_that_answers(status, b'{"results": []}', ("X-Seraph-LoginReason", reason))
    with serve(app) as [url], pytest.raises(TemporaryError, match=reason) as caught:
        ask(url)
    assert caught.value.out_of_service


def test_what_atlassian_tells_us_is_an_answer():
    app = a_vendor_that_answers("200 OK", b'{"results": []}', ("X-Seraph-LoginReason", "OK"))
    with serve(app) as [url]:
        assert ask(url) == {"results": []}


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b'{"data": [', id="half"),
        pytest.param(b"<html>maintenance</html>", id="a page for people"),
        pytest.param(b"[]", id="another shape"),
        pytest.param(b"\xff\xfe\x00", id="bytes"),
        pytest.param(b"[" * 100_000, id="too deep to parse"),
    ],
)
def test_a_2xx_without_the_expected_parts_proves_nothing(body: bytes):
    with serve(a_vendor_that_answers("200 OK", body)) as [url], pytest.raises(TemporaryError):
        a_session(url).ask("find", "GET", "/", lambda answer: answer["data"])


@pytest.mark.parametrize(("status", "pending"), [("404 Not Found", True), ("422 Unprocessable Entity", False)])
def test_only_an_unknown_request_is_one_that_may_still_be_processed(status: str, pending: bool):
    with serve(a_vendor_that_answers(status, b"{}")) as [url]:
        if pending:
            assert ask_confirmation(a_session(url), "request-1").pending
        else:
            with pytest.raises(PermanentError):
                ask_confirmation(a_session(url), "request-1")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param({"message": "Key format is not valid"}, "Key format is not valid", id="opsgenie"),
        pytest.param({"errors": [{"title": "Not found", "code": "NF"}]}, "title: Not found; code: NF", id="jsm"),
        pytest.param({"error": {"message": "Not Found", "code": 2100}}, "Not Found", id="pagerduty"),
        pytest.param({"status": "invalid event", "message": "Event object is invalid"}, "Event object is invalid", id="events"),
        pytest.param({"message": "Too long: Checkout \ud83d"}, "Too long: Checkout ?", id="cut through a character"),
    ],
)
def test_the_vendors_own_words_are_kept(body: object, words: str):
    app = a_vendor_that_answers("400 Bad Request", json.dumps(body).encode())
    with serve(app) as [url], pytest.raises(PermanentError) as caught:
        ask(url)
    assert caught.value.message == f"400 {words}"


@pytest.mark.parametrize("before", [0, 190])
def test_a_key_that_the_vendor_repeats_never_shows_not_even_cut_in_half(before: int):
    words = {"message": "x" * before + KEY + "y" * 300}
    app = a_vendor_that_answers("422 Unprocessable Entity", json.dumps(words).encode())
    with serve(app) as [url], pytest.raises(PermanentError) as caught:
        ask(url)
    assert KEY[:6] not in caught.value.message
    assert len(caught.value.message) <= len("422 ") + 200


@pytest.mark.parametrize(
    "key",
    [
        pytest.param(f"{KEY}\u200b", id="a space that nobody sees"),
        pytest.param(f"{KEY}\n", id="a line break"),
        pytest.param(f"{KEY}\x00", id="a control character"),
    ],
)
def test_a_credential_that_no_header_can_hold_counts_as_down_and_does_not_show(key: str):
    with serve(a_vendor_that_answers("200 OK", b"{}")) as [url], pytest.raises(TemporaryError) as caught:
        HttpSession("opsgenie", url, {"Authorization": f"GenieKey {key}"}).ask("find", "GET", "/v2/alerts", str)
    assert caught.value.out_of_service
    assert caught.value.message == "a credential holds a character that no header can"
    assert KEY not in repr(caught.value.__context__)


def test_no_credential_shows_when_a_session_is_printed():
    assert KEY not in repr(a_session("https://api.example.com"))


def test_credentials_are_not_carried_to_where_an_answer_points():
    seen: list[str] = []

    def elsewhere(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        seen.append(environ.get("HTTP_AUTHORIZATION", ""))
        start_response("200 OK", [("Content-Type", "application/json")])
        return [b"{}"]

    with serve(elsewhere) as [there]:
        app = a_vendor_that_answers("302 Found", b"", ("Location", there))
        with serve(app) as [url], pytest.raises(PermanentError):
            ask(url)
    assert seen == []


def test_the_environment_changes_neither_the_way_nor_the_credentials(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with serve(a_vendor_that_answers("200 OK", b'{"ok": true}')) as [url]:
        assert ask(url) == {"ok": True}


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str]]]:
    with a_companys_proxy(monkeypatch) as asked:
        yield asked


def test_a_command_goes_by_the_companys_proxy_and_takes_no_password_from_netrc(
    proxy: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine api.example.com login mia password hunter2\n", "utf-8")
    monkeypatch.setenv("NETRC", str(netrc))
    a_session("http://api.example.com", by_proxy=True).ask("find", "GET", "/v2/alerts", lambda answer: answer)
    assert proxy == [("api.example.com", f"GenieKey {KEY}")]


def test_what_needs_no_proxy_goes_by_none(proxy: list[tuple[str, str]]):
    with pytest.raises(TemporaryError):
        a_session("http://inside.example.com", by_proxy=True).ask("find", "GET", "/v2/alerts", lambda answer: answer)
    assert proxy == []


def read_request(stream: IO[bytes]) -> bytes:
    """One request whose body is "{}"."""
    return b"".join(iter(stream.readline, b"\r\n")) + stream.read(2)


@contextmanager
def a_server_that_hangs_up_on_the_second_request() -> Iterator[tuple[str, list[bytes], list[int]]]:
    """Keeps the connection open after its first answer, reads the second request, and closes without a word."""
    requests: list[bytes] = []
    connections: list[int] = []

    def serve(connection: socket.socket) -> None:
        connections.append(1)
        with connection.makefile("rb") as stream:
            requests.append(read_request(stream))
            if len(requests) == 1:
                connection.sendall(HEAD + b"{}")
                requests.append(read_request(stream))

    with a_server(serve) as url:
        yield url, requests, connections


def test_a_create_on_a_kept_connection_that_dies_is_reported_and_never_sent_twice():
    with a_server_that_hangs_up_on_the_second_request() as (url, requests, connections):
        session = a_session(url)
        session.ask("open_page", "POST", "/v2/alerts", lambda answer: answer, body={})
        with pytest.raises(TemporaryError):
            session.ask("open_page", "POST", "/v2/alerts", lambda answer: answer, body={})
        assert (len(requests), len(connections)) == (2, 1)


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param([bytes([byte]) for byte in HEAD + b"{}"], id="its head"),
        pytest.param([HEAD.replace(b": 2", b": 62"), *[b" "] * 60, b"{}"], id="its body"),
    ],
)
def test_an_answer_that_trickles_is_not_waited_for(parts: list[bytes]):
    """The library's time-outs are for each wait: a pass would die in this call, and begin the next with the same."""
    with a_vendor_that_writes(*parts, every_s=0.1) as url:
        session = HttpSession("opsgenie", url, {}, timeouts_s=(0.4, 0.4), clock=FakeClock(NOW))
        with pytest.raises(TemporaryError, match="no answer in time"):
            session.ask("find", "GET", "/v2/alerts", lambda answer: answer)


@pytest.mark.parametrize("location", [b"/caf\xe9", b"http://["])
def test_a_redirect_to_nowhere_is_one_of_our_errors(location: bytes):
    answer = b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\nContent-Length: 0\r\n\r\n"
    with a_vendor_that_writes(answer) as url, pytest.raises(PermanentError, match="302"):
        ask(url)


def test_an_answer_before_the_answer_is_none_and_never_that_of_the_next_request():
    with a_vendor_that_writes(b"HTTP/1.1 103 Early Hints\r\n\r\n", HEAD + b"{}") as url:
        session = a_session(url)
        for _ in range(2):
            with pytest.raises(TemporaryError, match="103"):
                session.ask("open_page", "POST", "/v2/alerts", lambda answer: answer, body={})


def test_after_an_idle_spell_a_page_goes_by_a_new_connection():
    clock = FakeClock(NOW)
    with a_vendor_that_forgets(clock) as (url, fates):
        session = HttpSession("opsgenie", url, {}, timeouts_s=TIMEOUTS_S, clock=clock)
        for _ in range(3):
            session.ask("open_page", "POST", "/v2/alerts", lambda answer: answer, body={})
            clock.at += seconds(61)
        assert fates == ["answered"] * 3


def test_within_a_pass_connections_are_kept():
    clock = FakeClock(NOW)
    with a_server_that_hangs_up_on_the_second_request() as (url, requests, connections):
        session = HttpSession("opsgenie", url, {}, timeouts_s=TIMEOUTS_S, clock=clock)
        session.ask("find", "POST", "/v2/alerts", lambda answer: answer, body={})
        clock.at += seconds(20)
        with pytest.raises(TemporaryError):
            session.ask("find", "POST", "/v2/alerts", lambda answer: answer, body={})
        assert (len(requests), len(connections)) == (2, 1)


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [
        pytest.param("0", 0.0, id="at once"),
        pytest.param("1.5", 1.5, id="a fraction"),
        pytest.param("Mon, 23 Nov 2026 03:01:00 GMT", 60.0, id="a date"),
        pytest.param("Mon, 23 Nov 2020 03:01:00 GMT", 0.0, id="a date gone by"),
        pytest.param("2026-11-24T00:00:00Z", 75_600.0, id="an ISO time, as Zoom writes it"),
        pytest.param("2026-11-24T00:00:00", None, id="an ISO time of nowhere"),
        pytest.param("-5", None, id="below zero"),
        pytest.param("soon", None, id="a word"),
        pytest.param("", None, id="empty"),
        pytest.param("٣", None, id="a digit of another script"),
        pytest.param("9" * 400, LONGEST_WAIT_S, id="more than a clock can add"),
        pytest.param("Mon, 23 Nov 9999 03:01:00 GMT", LONGEST_WAIT_S, id="a date beyond caring"),
    ],
)
def test_retry_after_is_read_leniently(header: str, wait_s: float | None):
    assert retry_after_s({"Retry-After": header}, FakeClock(NOW), is_limited=True) == wait_s


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        pytest.param({"X-RateLimit-Reset": "2026-11-23T03:00:40Z"}, 40.0, id="alone"),
        pytest.param({"X-RateLimit-Reset": "2026-11-23T03:00:40Z", "Retry-After": "5"}, 5.0, id="beside a Retry-After"),
        pytest.param({"X-RateLimit-Reset": "1732330800"}, None, id="not a time"),
    ],
)
def test_atlassians_gateway_gives_a_moment_instead(headers: dict[str, str], wait_s: float | None):
    assert retry_after_s(headers, FakeClock(NOW), is_limited=True) == wait_s


def test_pagerduty_says_it_under_its_own_name():
    assert retry_after_s({"ratelimit-reset": "7"}, FakeClock(NOW), is_limited=True) == 7.0


@pytest.mark.parametrize("name", ["ratelimit-reset", "X-RateLimit-Reset"])
def test_the_end_of_a_window_is_no_retry_after_where_we_did_not_ask_too_often(name: str):
    value = "7" if name == "ratelimit-reset" else "2026-11-23T03:00:40Z"
    assert retry_after_s({name: value}, FakeClock(NOW), is_limited=False) is None
    app = a_vendor_that_answers("500 Internal Server Error", b"{}", (name, value))
    with serve(app) as [url], pytest.raises(TemporaryError) as caught:
        ask(url)
    assert caught.value.retry_after_s is None


@given(st.one_of(st.text(), st.from_regex(r"\A\w{3}, \d{1,30} \w{3} \d{1,30} \d{1,9}:\d{1,9}:\d{1,9} [+-]\d{1,20}\Z")))
def test_no_retry_after_is_too_strange(header: str):
    wait_s = retry_after_s({"Retry-After": header}, FakeClock(NOW), is_limited=True)
    assert wait_s is None or 0 <= wait_s <= LONGEST_WAIT_S
