"""Jira's issue links -> `Linked`, as the issue that carries them reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chalicelib.domain.codec import LINKED_LIMIT
from chalicelib.domain.incident import DUPLICATES, IssueKey, Linked
from chalicelib.intake.jira_meaning import category_of
from chalicelib.intake.jira_values import read_line, read_options

_KEY = re.compile(r"\w{1,100}-[0-9]{1,19}")
_NAME_LIMIT = 60


def read_links(value: object) -> tuple[Linked, ...]:
    """The first LINKED_LIMIT: what this issue duplicates, then what is open, then the rest. What makes no sense is left out."""
    found = [linked for link in value if (linked := read_link(link))] if isinstance(value, list) else []
    return tuple(sorted(found, key=lambda one: (one.relation.casefold() != DUPLICATES, one.done))[:LINKED_LIMIT])


def read_link(link: object) -> Linked | None:
    """REST v2, v3 and webhooks agree: the other issue is the inward or the outward one, and its type names both ways."""
    if not isinstance(link, Mapping):
        return None
    way = "outward" if isinstance(link.get("outwardIssue"), Mapping) else "inward"
    other, kind = _object(link.get(f"{way}Issue")), _object(link.get("type"))
    key = other.get("key")
    if not (isinstance(key, str) and _KEY.fullmatch(key)):
        return None
    fields = _object(other.get("fields"))
    return Linked(
        key=IssueKey(key),
        relation=read_line(kind.get(way), _NAME_LIMIT),
        kind=read_line(kind.get("name"), _NAME_LIMIT),
        status=_name(fields.get("status")),
        issue_type=_name(fields.get("issuetype")),
        done=category_of(fields.get("status")) == "done",
    )


def _name(value: object) -> str:
    return next((read_line(option.name, _NAME_LIMIT) for option in read_options(value)), "")


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
