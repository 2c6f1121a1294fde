"""A vendor that answers, byte by byte, for longer than anybody waits, or whose answers are odd down to the bytes."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n"


@contextmanager
def a_vendor_that_writes(*parts: bytes, every_s: float = 0.0) -> Iterator[str]:
    """The same to every request: each part, one after the other, and then it listens for the next one."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve(connection: socket.socket) -> None:
            with connection, suppress(OSError):  # whoever has had enough hangs up
                while connection.recv(65_536):
                    for part in parts:
                        connection.sendall(part)
                        time.sleep(every_s)

        def listen() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)
