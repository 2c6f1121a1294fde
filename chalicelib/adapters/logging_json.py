"""The log: one JSON line per event on standard output, where CloudWatch picks it up.

Mail addresses and anything long enough to be a token are masked, wherever they stand: vendors quote them in their errors.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache

LONGEST_TEXT = 500

_encode = json.JSONEncoder(ensure_ascii=False).encode

_MAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_SHORTEST_TOKEN = 20
"""The shortest credential in use: PagerDuty's."""
_TOKEN = re.compile(rf"(?=[\w+=-]*\d)(?=[\w+=-]*[A-Za-z])[\w+=-]{{{_SHORTEST_TOKEN},}}")
"""Event names have no digits, so they pass."""

_SECRET_FIELD = re.compile(r"token|secret|password|authorization|api_?key|routing_key|signature", re.IGNORECASE)
_ID_FIELD = re.compile(r"(?:^|_)(?:id|ids|issue|at|roster|would)$")
"""Vendors' ids, and names that people chose for their rosters, are as long as tokens, and operators need them whole."""


def _to_stdout(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class JsonLog:
    """write: where a line goes; now: the time shown in it."""

    def __init__(
        self, write: Callable[[str], None] = _to_stdout, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._write = write
        self._now = now

    def info(self, event: str, **fields: object) -> None:
        self._line("INFO", event, fields)

    def alarm(self, event: str, **fields: object) -> None:
        """Counted by the metric filters of .chalice/resources.json: they match level = ALARM."""
        self._line("ALARM", event, fields)

    def _line(self, level: str, event: str, fields: Mapping[str, object]) -> None:
        head = {"level": level, "event": event, "at": self._now().isoformat(timespec="milliseconds")}
        shown = {name: _shown(name, value) for name, value in fields.items() if name not in head}
        self._write(_encode(head | shown))


def _shown(name: str, value: object) -> object:
    """The value as JSON takes it, with nothing in it that must not be logged."""
    is_secret, keeps_ids = _kind_of(name)
    if is_secret:
        return "***"
    if isinstance(value, str):
        return _masked(value, keep_ids=keeps_ids)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _shown(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_shown(name, item) for item in value]
    return _masked(str(value), keep_ids=keeps_ids)


@lru_cache(maxsize=256)  # the same few names in every line
def _kind_of(name: str) -> tuple[bool, bool]:
    """Whether a field of this name is secret, and whether it keeps what is as long as a token."""
    return _SECRET_FIELD.search(name) is not None, _ID_FIELD.search(name) is not None


def _masked(text: str, *, keep_ids: bool) -> str:
    if not text.isascii():
        # Half a character, as vendors leave behind that cut their words in UTF-16: no stream could write it.
        text = text.encode("utf-8", "replace").decode("utf-8")
    if "@" in text:
        text = _MAIL.sub("<mail>", text)
    if len(text) >= _SHORTEST_TOKEN and not keep_ids:
        text = _TOKEN.sub(lambda found: found.group()[:4] + "***", text)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"
