"""What a CI tells of deployments and changes -> values. Strict, since whoever sends it can correct it: docs/changes.md."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from chalicelib.domain.deployments import KEPT_FOR, Deployment
from chalicelib.errors import RefusedInput
from chalicelib.intake.jira_values import read_time

MOST = 100
AHEAD = timedelta(minutes=10)
"""A CI's clock may be that much ahead of ours."""

LIMITS = {"service": 255, "what": 500, "at": 40, "by": 120, "url": 2000}
_NEEDED = ("service", "what", "at")


def parse_changes(body: bytes, now: datetime) -> tuple[Deployment, ...]:
    """One change, or a list of at most 100. Raises RefusedInput that names the change and the member that is wrong."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RefusedInput("the body is not JSON") from error
    if isinstance(told, Mapping):
        return (_change(told, "", now),)
    if not isinstance(told, list):
        raise RefusedInput("the body is neither a change nor a list of changes")
    if not 0 < len(told) <= MOST:
        raise RefusedInput(f"a list of {len(told)} changes; send 1 to {MOST} at a time")
    return tuple(_change(one, f"change {number}: ", now) for number, one in enumerate(told, 1))


def _change(told: Any, which: str, now: datetime) -> Deployment:
    if not isinstance(told, Mapping):
        raise RefusedInput(f"{which}is no object")
    unknown = sorted(set(told) - set(LIMITS))
    if unknown:
        raise RefusedInput(f"{which}{str(unknown[0])[:40]!r} is unknown; there are {', '.join(LIMITS)}")
    texts = {name: _text(told.get(name), name, which) for name in LIMITS}
    return Deployment(
        texts["service"], texts["what"], _moment(texts["at"], which, now), texts["by"], _address(texts["url"], which)
    )


def _text(value: Any, name: str, which: str) -> str:
    if value is None and name not in _NEEDED:
        return ""
    if value is None:
        raise RefusedInput(f"{which}{name} is missing")
    if not isinstance(value, str):
        raise RefusedInput(f"{which}{name} is no text")
    text = " ".join(value.encode("utf-8", "replace").decode("utf-8").split())
    if not text and name in _NEEDED:
        raise RefusedInput(f"{which}{name} is empty")
    if len(text) > LIMITS[name]:
        raise RefusedInput(f"{which}{name} has {len(text)} characters; at most {LIMITS[name]}")
    return text


def _moment(text: str, which: str, now: datetime) -> datetime:
    try:
        at = read_time(text) if datetime.fromisoformat(text).tzinfo else None
    except ValueError:
        at = None
    if at is None:
        raise RefusedInput(f"{which}at is no time with an offset; write one like 2026-11-24T10:00:00Z")
    if not now - KEPT_FOR <= at <= now + AHEAD:
        raise RefusedInput(f"{which}at is more than {KEPT_FOR.days} days ago, or lies ahead")
    return at


def _address(text: str, which: str) -> str:
    try:
        is_one = not text or (urlsplit(text).scheme in ("https", "http") and bool(urlsplit(text).hostname))
    except ValueError:
        is_one = False
    if not is_one:
        raise RefusedInput(f"{which}url is no web address; write one that begins with https://")
    return text
