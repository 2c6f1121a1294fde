"""Jitsi as VideoCalls: a room is its name, so a call needs no call. Whoever knows the link is in: the name is a secret."""

from __future__ import annotations

import base64
import hashlib
import hmac

from chalicelib.errors import TemporaryError
from chalicelib.ports.video_calls import Call

SECRET_BYTES = 16
ROOM_BYTES = 20
"""160 bits: nobody finds a room by trying."""

_TOO_SHORT = f"the secret for Jitsi rooms is shorter than {SECRET_BYTES} bytes: make a longer one"


class Jitsi:
    """base_url: the server, such as https://meet.example.com. secret: at least 16 bytes that are used for nothing else.

    A room is derived from the secret and the marker, so every pass and every worker finds the same one. Another secret
    means other rooms: an incident under way keeps the link that the ledger has.
    """

    name = "jitsi"

    def __init__(self, base_url: str, secret: str) -> None:
        self._base_url, self._secret = base_url.rstrip("/"), secret.encode()

    def __repr__(self) -> str:
        return f"Jitsi({self._base_url})"

    def find_call(self, marker: str, topic: str) -> Call | None:
        return self._call("find_call", marker)

    def make_call(self, marker: str, topic: str, agenda: str) -> Call:
        return self._call("make_call", marker)

    def read_call(self, call_id: str) -> Call | None:
        return Call(call_id, f"{self._base_url}/{call_id}")

    def problems(self) -> tuple[str, ...]:
        return (_TOO_SHORT,) if self._is_guessable else ()

    @property
    def _is_guessable(self) -> bool:
        return len(self._secret) < SECRET_BYTES

    def _call(self, operation: str, marker: str) -> Call:
        if self._is_guessable:
            raise TemporaryError(self.name, operation, _TOO_SHORT, out_of_service=True)  # a human will repair it
        digest = hmac.new(self._secret, f"jitsi:{marker}".encode(), hashlib.sha256).digest()
        room = "firebell-" + base64.b32encode(digest[:ROOM_BYTES]).decode().lower()
        return Call(room, f"{self._base_url}/{room}")
