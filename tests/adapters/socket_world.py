"""A server down to the socket, for answers that no HTTP library would give."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


@contextmanager
def a_server(serve: Callable[[socket.socket], None]) -> Iterator[str]:
    """Its URL. serve: has one connection to itself, in a thread of its own; who hangs up on it ends that."""

    def run(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            serve(connection)

    def listen(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=run, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=listen, args=(listener,), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)
