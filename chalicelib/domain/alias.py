"""What the pager knows a page by: stable per incident and target, with no episode in it, so it is known without the ledger.

Issue ids are one Jira's own, and several may page through one account: so it holds a tag of the site, too.

Targets: "im", "imoc1", "imoc2"... are the chain, in which an incident manager is looked for; "drill1", "drill2"... are the
chain of a drill, so that one which turns out to be real pages for real; "delivery" is a severity 3's team. Beside them:
"to.<roster>" is whoever the issue's "Escalate to" names, and "next.imoc1"... (of a drill "next.drill1"...) the chain in which
another incident manager is looked for when one has left. Each but the delivery's may have a "<target>.second".
"""

from __future__ import annotations

import hashlib

from chalicelib.domain.incident import IssueId

PREFIX = "firebell"
FIRST = "im"
CHAIN = "imoc"
DRILL = "drill"
DELIVERY = "delivery"
ESCALATION = "to."
NEXT = "next."
SECOND = ".second"


def site_tag(site: str) -> str:
    """Six hexadecimal digits that stand for a Jira, from the address people open it at. Pure."""
    where = site.casefold().rpartition("://")[2].rstrip("/")
    return hashlib.sha256(where.encode()).hexdigest()[:6]


def alias_of(issue_id: IssueId, target: str, tag: str) -> str:
    """The alias or dedup key of a page: "firebell-<tag>:<issue id>", with ":<target>" for every target but "im".

    tag: see `site_tag`; "" leaves it out, as all did once.
    """
    prefix = _prefix(tag)
    return f"{prefix}:{issue_id}" if target == FIRST else f"{prefix}:{issue_id}:{target}"


def parse_alias(alias: str, tag: str) -> tuple[IssueId, str] | None:
    """The issue id and target of an alias that `alias_of` made for this site; None for everybody else's. Pure, never raises.

    One without a tag is taken for ours: pages begun before there were tags keep theirs. Whether it is, their records tell.
    Issue ids are digits: anything else ("firebell:HOT-1") was typed by somebody, and must not choose what we read.
    """
    prefix, _, rest = alias.partition(":")
    digits, colon, target = rest.partition(":")
    is_ours = prefix in (_prefix(tag), _prefix(""))
    if not is_ours or not (digits.isascii() and digits.isdigit()) or (colon and target in ("", FIRST)):
        return None
    return IssueId(digits), target or FIRST


def _prefix(tag: str) -> str:
    return f"{PREFIX}-{tag}" if tag else PREFIX


def is_of_the_chain(target: str) -> bool:
    """It looks for the first incident manager of an episode."""
    return target != DELIVERY and not is_beside(target)


def is_beside(target: str) -> bool:
    """A page beside the chain: nobody's taking the incident ends it, and it ends no page of the chain."""
    return target.startswith((ESCALATION, NEXT))


def is_escalation(target: str) -> bool:
    return target.startswith(ESCALATION)


def is_succession(target: str) -> bool:
    """It looks for another incident manager, where one has left."""
    return target.startswith(NEXT)


def makes_manager(target: str) -> bool:
    """Whoever acknowledges it becomes the incident manager."""
    return is_of_the_chain(target) or is_succession(target)


def first_of(target: str) -> str:
    """The target of which this one is the second, or itself."""
    return target.removesuffix(SECOND)


def group_of(target: str) -> str:
    """Of pages beside the chain: those of one group follow each other, and know nothing of the others."""
    return NEXT if is_succession(target) else first_of(target)
