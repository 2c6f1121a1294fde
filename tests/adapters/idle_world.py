"""A vendor that has forgotten whoever was silent for a minute, and whose hanging up nobody heard."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import IO

from chalicelib.ports.world import Clock
from tests.adapters.socket_world import a_server

KEPT_FOR = timedelta(seconds=60)
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n[]"


@contextmanager
def a_vendor_that_forgets(clock: Clock) -> Iterator[tuple[str, list[str]]]:
    """Its URL, and what became of each request: "answered" or "lost". To the client every connection looks alive."""
    fates: list[str] = []

    def serve(connection: socket.socket) -> None:
        heard_at = clock.now()
        with connection.makefile("rb") as stream:
            while _read_request(stream):
                if clock.now() - heard_at >= KEPT_FOR:
                    fates.append("lost")
                    return
                heard_at = clock.now()
                fates.append("answered")
                connection.sendall(ANSWER)

    with a_server(serve) as url:
        yield url, fates


def _read_request(stream: IO[bytes]) -> bool:
    """False once the client has hung up."""
    head = []
    while (line := stream.readline()) not in (b"", b"\r\n"):
        head.append(line)
    length = next((int(line.split(b":")[1]) for line in head if line.lower().startswith(b"content-length:")), 0)
    stream.read(length)
    return bool(head)
