"""The raw bytes of a webhook -> one JSON object, or UnreadableEvent. Nothing is believed about its members."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.errors import UnreadableEvent

_LONGEST_INT = 400
"""Digits. Python refuses to convert integers beyond 4300; one absurd number must not make an incident unreadable."""


def load_object(body: bytes) -> dict[str, Any]:
    """Parse once. UTF-8 with or without a byte order mark, UTF-16 and UTF-32; of duplicate members the last one counts.

    Raises UnreadableEvent saying what was wrong and where.
    """
    try:
        loaded = json.loads(body, parse_int=_to_int)
    except RecursionError as error:
        raise UnreadableEvent("the body is nested too deeply") from error
    except ValueError as error:  # bad JSON, and bytes that are no text
        raise UnreadableEvent(f"the body is not JSON: {error}"[:200]) from error
    if not isinstance(loaded, dict):
        raise UnreadableEvent(f"the body is a JSON {_KINDS.get(type(loaded), 'number')}, not an object")
    return loaded


_KINDS = {list: "array", str: "string", bool: "boolean", type(None): "null"}


def _to_int(digits: str) -> int | float:
    return int(digits) if len(digits) <= _LONGEST_INT else float(digits)
