"""What the pager knows a page by: stable per incident and target, with no episode in it, so it is known without the ledger."""

from __future__ import annotations

from chalicelib.domain.incident import IssueId

_PREFIX = "firebell"
FIRST = "im"


def alias_of(issue_id: IssueId, target: str) -> str:
    """The alias or dedup key of a page: "firebell:<issue id>", with ":<target>" for every target but "im"."""
    return f"{_PREFIX}:{issue_id}" if target == FIRST else f"{_PREFIX}:{issue_id}:{target}"


def parse_alias(alias: str) -> tuple[IssueId, str] | None:
    """The issue id and target of an alias that `alias_of` made; None for everybody else's. Pure, never raises.

    Issue ids are digits: anything else ("firebell:HOT-1") was typed by somebody, and must not choose what we read.
    """
    prefix, _, rest = alias.partition(":")
    digits, colon, target = rest.partition(":")
    if prefix != _PREFIX or not (digits.isascii() and digits.isdigit()) or (colon and target in ("", FIRST)):
        return None
    return IssueId(digits), target or FIRST
