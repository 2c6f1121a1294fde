"""One table of firebell.toml, read key by key: typed values come out, problems are noted and never raised.

Every table remembers what was asked of it, so that at the end each key nobody asked for is a problem too: a misspelt
setting must not pass for one left out. A problem is one line: where (the path in the file), what is wrong, what to do.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any
from urllib.parse import urlsplit

LOOPBACK = ("127.0.0.1", "localhost", "::1")
MIDNIGHT_AT_THE_END = time.max
"""What "24:00" becomes: the day's last microsecond, the latest that a `datetime.time` can say."""

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Shape:
    """What a text must look like. pattern: of the whole text. example: for people."""

    pattern: re.Pattern[str]
    what: str
    example: str


LINK = Shape(re.compile(r"https://[^\s/?#@]+([/?#]\S*)?"), "an https:// address", "https://meet.example.com/incidents")
OUR_NAME = Shape(re.compile(r"[a-z][a-z0-9_]*"), "a name in small letters", "tech_lead")


@dataclass(slots=True)
class Table:
    """path: where it stands in the file, "" for the top. problems, tables: shared by all tables of one file."""

    path: str
    values: Mapping[str, Any]
    problems: list[str]
    tables: list[Table]
    asked: set[str] = field(default_factory=set)

    @classmethod
    def top(cls, document: Mapping[str, Any]) -> Table:
        table = cls("", document, [], [])
        table.tables.append(table)
        return table

    def problem(self, key: str, what: str) -> None:
        self.problems.append(f"{self.where(key)}: {what}")

    def where(self, key: str) -> str:
        """The dotted path of a key, written as in TOML."""
        part = key if _BARE_KEY.fullmatch(key) else '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return f"{self.path}.{part}" if self.path else part

    def raw(self, key: str) -> Any:
        self.asked.add(key)
        return self.values.get(key)

    def keep_apart(self, key: str, other: str) -> None:
        """Note a problem where a place for what only some may read is the one that all read. Both are texts that were read."""
        secret, public = (str(self.values.get(name, "")).strip().casefold() for name in (key, other))
        if secret and secret == public:
            self.problem(key, f"is the same as {self.where(other)}, which everybody reads; name another or leave it out")

    def text(self, key: str, default: str = "", *, required: bool | str = False, shape: Shape | None = None) -> str:
        """required: whether it has to be written, or what, for people, where no shape says so."""
        value = self.raw(key)
        if value is None:
            if required:
                what = required if isinstance(required, str) else "a text"
                self.problem(key, f"is missing; write {f'{shape.what} like {shape.example!r}' if shape else what}")
            return default
        if not isinstance(value, str) or not value.strip():
            self.problem(key, f"is {value!r}; write a text in quotes that is not empty")
            return default
        return self._shaped(key, value, shape) or default

    def texts(self, key: str, *, required: str = "", shape: Shape | None = None) -> list[str]:
        """A list of texts. required: what at least one of must be named; "" when the list may be empty."""
        value = self.raw(key)
        if value is None:
            value = []
        if not isinstance(value, list) or not all(isinstance(text, str) and text.strip() for text in value):
            self.problem(key, f'is {value!r}; write a list of texts, like ["one", "two"]')
            return []
        if required and not value:
            self.problem(key, f"{'is empty' if key in self.values else 'is missing'}; name at least one {required}")
        return [found for text in value if (found := self._shaped(key, text, shape))]

    def _shaped(self, key: str, value: str, shape: Shape | None) -> str:
        text = " ".join(value.split())
        if shape and not shape.pattern.fullmatch(text):
            self.problem(key, f"{value!r} is not {shape.what}; write one like {shape.example!r}")
            return ""
        return text

    def names(self, key: str, known: Collection[str], what: str, *, required: bool = False) -> list[str]:
        """A list of different names, each of which must be known."""
        found: list[str] = []
        for name in self.texts(key, required=what if required else ""):
            if name not in known:
                self.problem(key, f"there is no {what} {name!r}{did_you_mean(name, known)}")
            elif name in found:
                self.problem(key, f"{name!r} is listed twice; take one out")
            else:
                found.append(name)
        return found

    def name(self, key: str, known: Collection[str], what: str) -> str | None:
        """One name that must be known; None where it is missing or wrong."""
        name = self.text(key)
        if not name:
            if key not in self.values:
                self.problem(key, f"is missing; name a {what}")
            return None
        if name not in known:
            self.problem(key, f"there is no {what} {name!r}{did_you_mean(name, known)}")
            return None
        return name

    def choice(self, key: str, choices: Collection[str], default: str | None = None) -> str | None:
        """One of the choices; the default where it is missing, and None where it is wrong or has to be written."""
        value = self.raw(key)
        if value is None and default is not None:
            return default
        listed = ", ".join(f'"{choice}"' for choice in choices)
        if value is None:
            self.problem(key, f"is missing; write one of {listed}")
        elif value not in choices:
            self.problem(key, f"is {value!r}; write one of {listed}{did_you_mean(value, choices)}")
        else:
            return str(value)
        return None

    def number(self, key: str, default: int, *, at_least: int, at_most: int) -> int:
        value = self.raw(key)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or not at_least <= value <= at_most:
            self.problem(key, f"is {value!r}; write a whole number from {at_least} to {at_most}")
            return default
        return value

    def flag(self, key: str) -> bool:
        """False where it is left out."""
        value = self.raw(key)
        if value is not None and not isinstance(value, bool):
            self.problem(key, f"is {value!r}; write true or false, without quotes")
        return value is True

    def url(self, key: str, default: str = "", *, required: bool | str = False) -> str:
        """An address without a slash at its end; "" where it is missing or wrong."""
        text = self.text(key, default, required=required).rstrip("/")
        if text and not _is_secure(text):
            advice = f'write "https://{text}"' if "//" not in text else "write https:// (http:// only for this machine)"
            self.problem(key, f"{text!r} is not an address that can be trusted; {advice}, without user, password or query")
            return ""
        return text

    def moment(self, key: str) -> datetime | None:
        value = self.raw(key)
        if value is None:
            return None
        if not isinstance(value, datetime) or value.tzinfo is None:
            shown = value.isoformat() if isinstance(value, date) else repr(value)
            self.problem(key, f"is {shown}; write date, time and offset without quotes, like 2027-01-01T00:00:00Z")
            return None
        return value.astimezone(UTC)

    def time_of_day(self, key: str, default: time) -> time:
        value = self.raw(key)
        if value is None:
            return default
        if isinstance(value, time):
            return value
        if value == "24:00":
            return MIDNIGHT_AT_THE_END
        if isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
            return time.fromisoformat(value)
        self.problem(key, f'is {value!r}; write a time of day like "{default:%H:%M}"')
        return default

    def time_zone(self, key: str, default: str = "") -> str:
        """An IANA name that this machine knows; it has to be written where there is no default."""
        from zoneinfo import ZoneInfo  # only where a zone was written

        name = self.text(key, required=not default)
        if not name:
            return default or "UTC"
        try:
            ZoneInfo(name)
        except (KeyError, OSError, ValueError):  # unknown, a folder, or no name at all
            self.problem(key, f'there is no time zone {name!r} on this machine; write one like "Europe/London"')
            return "UTC"
        return name

    def table(self, key: str, *, holds: str = "") -> Table:
        """A table inside this one. holds: what has to be in it, or is; "" when it may be left out."""
        value = self.raw(key)
        problems = self.problems
        if not isinstance(value, Mapping):
            if value is not None or holds:
                is_there = "is missing" if value is None else f"is {value!r}"
                self.problem(key, f"{is_there}; write a table, [{self.where(key)}]{f', with {holds}' if holds else ''}")
            # The one problem was named; that all of its keys are missing is no news.
            value, problems = {}, []
        table = Table(self.where(key), value, problems, self.tables)
        self.tables.append(table)
        return table

    def each(self) -> list[tuple[str, Table]]:
        """Every key as a table, for tables whose keys people choose."""
        return [(key, self.table(key)) for key in self.values]

    def complain_about_unread_keys(self) -> None:
        """Once all was asked: every key of any table that nobody asked for is a problem."""
        for table in self.tables:
            for key in table.values:
                if key not in table.asked:
                    hint = did_you_mean(key, table.asked - set(table.values)) or "; take it out"
                    table.problem(key, f"is not a setting{hint}")


def _is_secure(address: str) -> bool:
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    clean = bool(host) and not (parts.username or parts.query or parts.fragment or " " in address)
    return clean and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))


def did_you_mean(text: object, known: Collection[str]) -> str:
    """ "; did you mean ...?" where something known is close; else the known names where they are few, else ""."""
    from difflib import get_close_matches  # only a mistake needs it

    folded = {str(name).casefold(): str(name) for name in known}
    close = get_close_matches(str(text).casefold(), folded, 1)
    return f"; did you mean {folded[close[0]]!r}?" if close else ""
