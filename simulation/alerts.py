"""What an alert at a pager tells by itself: whose it is, where in the chain, and what a human did to it."""

from __future__ import annotations

from chalicelib.domain.alias import CHAIN, FIRST, NEXT, SECOND, parse_alias
from sandbox.pagers.desk import OPEN, DeskAlert, Turn
from simulation.company import FIREBELL_AT_PAGER, SITE_TAG


def target_of(alias: str) -> str:
    parsed = parse_alias(alias, SITE_TAG)
    return parsed[1] if parsed else ""


def is_older(alert: DeskAlert, than: DeskAlert) -> bool:
    return alert.alias == than.alias and alert.id != than.id and alert.created_at <= than.created_at


def place_of(target: str) -> int | None:
    """The place in a chain: im, then imoc1, imoc2...; None of what is in none."""
    head = target.removeprefix(NEXT).removesuffix(SECOND)
    number = head.removeprefix(CHAIN)
    return 0 if head == FIRST else int(number) if head.startswith(CHAIN) and number.isdecimal() else None


def is_act(turn: Turn) -> bool:
    """A human's."""
    return turn.status != OPEN and turn.by != FIREBELL_AT_PAGER


def has_run_out(alert: DeskAlert) -> bool:
    """It was acknowledged, and its pager rings it anew by itself."""
    return alert.status == OPEN and alert.turns[-1].by is None and len(alert.turns) > 1


def acted(alert: DeskAlert) -> bool:
    return any(is_act(turn) for turn in alert.turns)
