"""A vendor that answers, byte by byte, for longer than anybody waits, or whose answers are odd down to the bytes."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.adapters.socket_world import a_server

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n"


@contextmanager
def a_vendor_that_writes(*parts: bytes, every_s: float = 0.0) -> Iterator[str]:
    """The same to every request: each part, one after the other, and then it listens for the next one."""

    def serve(connection: socket.socket) -> None:
        while connection.recv(65_536):
            for part in parts:
                connection.sendall(part)
                time.sleep(every_s)

    with a_server(serve) as url:
        yield url
