"""What the pager knows a page by: stable per incident and target, with no episode in it, so it is known without the ledger.

Targets: "im", "imoc1", "imoc2"... are the chain, in which an incident manager is looked for; "delivery" is a severity 3's
team; "to.<roster>" is whoever the issue's "Escalate to" names. Each but the delivery's may have a "<target>.second".
"""

from __future__ import annotations

from chalicelib.domain.incident import IssueId

_PREFIX = "firebell"
_FIRST = "im"
DELIVERY = "delivery"
ESCALATION = "to."
SECOND = ".second"


def alias_of(issue_id: IssueId, target: str) -> str:
    """The alias or dedup key of a page: "firebell:<issue id>", with ":<target>" for every target but "im"."""
    return f"{_PREFIX}:{issue_id}" if target == _FIRST else f"{_PREFIX}:{issue_id}:{target}"


def parse_alias(alias: str) -> tuple[IssueId, str] | None:
    """The issue id and target of an alias that `alias_of` made; None for everybody else's. Pure, never raises.

    Issue ids are digits: anything else ("firebell:HOT-1") was typed by somebody, and must not choose what we read.
    """
    prefix, _, rest = alias.partition(":")
    digits, colon, target = rest.partition(":")
    if prefix != _PREFIX or not (digits.isascii() and digits.isdigit()) or (colon and target in ("", _FIRST)):
        return None
    return IssueId(digits), target or _FIRST


def is_of_the_chain(target: str) -> bool:
    """Whoever acknowledges it becomes the incident manager."""
    return target != DELIVERY and not is_escalation(target)


def is_escalation(target: str) -> bool:
    return target.startswith(ESCALATION)


def first_of(target: str) -> str:
    """The target of which this one is the second, or itself."""
    return target.removesuffix(SECOND)
