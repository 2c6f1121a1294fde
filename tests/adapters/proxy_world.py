"""A company's proxy in the environment, over loopback: it answers everything with an empty object."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from sandbox.emulator import serve


@contextmanager
def a_companys_proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, str]]]:
    """The hosts that it was asked for, each with the credentials that came along. inside.example.com needs no proxy."""
    asked: list[tuple[str, str]] = []

    def app(environ: dict[str, Any], start_response: Callable[[str, list[tuple[str, str]]], object]) -> Iterable[bytes]:
        asked.append((environ["HTTP_HOST"], environ.get("HTTP_AUTHORIZATION", "")))
        start_response("200 OK", [("Content-Type", "application/json")])
        return [b"{}"]

    with serve(app) as [url]:
        for name in ("http_proxy", "HTTP_PROXY"):
            monkeypatch.setenv(name, url)
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.setenv(name, "inside.example.com")
        yield asked
