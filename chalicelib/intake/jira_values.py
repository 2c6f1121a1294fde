"""One value of a Jira field -> one of our types. Tolerant: a value whose shape makes no sense reads as nothing.

What comes in is whatever JSON some Jira, some automation rule or some proxy in between made of the field.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.codec import cut
from chalicelib.domain.incident import Person
from chalicelib.intake.adf import adf_to_text

LINE_LIMIT = 255
"""Characters of a one-line text: what Jira itself allows in a summary, a label or an option."""

_NAME_LIMIT = 80
"""Characters of a person's name that are kept: it is repeated in every line of the history."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CONTROLS = dict.fromkeys([*range(9), *range(11, 32), 127])  # all but tab and newline


@dataclass(frozen=True, slots=True)
class Option:
    """An option of a select field, a status, an issue type...: name or id may be "", never both."""

    name: str
    id: str


def read_text(value: object, limit: int) -> str:
    """A string, a number or an ADF document as text of at most `limit` characters that every vendor's API takes."""
    if isinstance(value, str):
        text = value[: 2 * limit]
    elif isinstance(value, dict):
        text = adf_to_text(value, 2 * limit)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        text = _number(value)
    else:
        return ""
    if not text.isascii():  # a lone surrogate cannot be sent anywhere
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if not text.isprintable():
        text = text.translate(_CONTROLS)
    return cut(text.strip(), limit)


def read_line(value: object, limit: int = LINE_LIMIT) -> str:
    """The same on one line."""
    return cut(" ".join(read_text(value, 2 * limit).split()), limit)


def read_id(value: object) -> str:
    """An id given as a number or a string; "" when it is neither."""
    if isinstance(value, str):
        return read_line(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**19 else ""


def read_options(value: object) -> tuple[Option, ...]:
    """A select, checkboxes, a component, a priority...: an object, a plain string or number, or a list of any of them."""
    if isinstance(value, list):
        return tuple(option for one in value if not isinstance(one, list) for option in read_options(one))
    if isinstance(value, dict):
        names = (
            read_line(value.get(member)) for member in ("value", "name") if isinstance(value.get(member), str | int | float)
        )
        option = Option(next((name for name in names if name), ""), read_id(value.get("id")))
    else:
        option = Option(read_line(value), "")
    return (option,) if option.name or option.id else ()


def read_person(value: object) -> Person | None:
    """A user as Cloud (accountId, mail often hidden) or Data Center (key, name) shows one; None for anything else."""
    if not isinstance(value, dict):
        return None
    identity = next((told for member in ("accountId", "key", "name") if (told := read_id(value.get(member)))), "")
    if not identity:
        return None
    mail = read_line(value.get("emailAddress"))
    return Person(
        account_id=identity,
        name=read_line(value.get("displayName"), _NAME_LIMIT) or read_line(value.get("name"), _NAME_LIMIT) or identity,
        email=mail if "@" in mail else None,
        active=value.get("active") not in (False, "false"),
        is_human=value.get("accountType") != "app",
    )


def read_people(value: object) -> tuple[Person, ...]:
    """A single or a multiple user picker."""
    people = value if isinstance(value, list) else [value]
    return tuple(person for one in people if (person := read_person(one)))


def read_time(value: object, time_zone: str = "UTC") -> datetime:
    """Aware UTC from ISO 8601 (any offset, or none: then in `time_zone`; a date alone is its midnight) or epoch milliseconds.

    Raises ValueError for anything else.
    """
    try:
        if isinstance(value, str):
            written = value.strip()
            if written.isascii() and written.isdigit() and 11 <= len(written) <= 15:
                return _EPOCH + timedelta(milliseconds=int(written))
            at = datetime.fromisoformat(written)
            return (at if at.tzinfo else at.replace(tzinfo=ZoneInfo(time_zone))).astimezone(UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return _EPOCH + timedelta(milliseconds=value)
    except OverflowError as error:
        raise ValueError("out of range") from error
    raise ValueError("no time")


def _number(value: float) -> str:
    """3.0 is how Jira writes a number field that holds 3."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
