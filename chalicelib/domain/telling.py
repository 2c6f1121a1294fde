"""What a company decided about telling people: when, whose word counts, and what products are called. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from chalicelib.domain.announcement import Audience
from chalicelib.domain.incident import Severity


class Review(StrEnum):
    """Whether somebody else reads an update before it is published."""

    OFF = "off"
    SUGGESTED = "suggested"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Product:
    """public: how customers know it; "" for what they never hear of. The components are ids on the pages, or ""."""

    public: str = ""
    staff_component: str = ""
    public_component: str = ""


@dataclass(frozen=True, slots=True)
class TellingPolicy:
    """opens_at_once: staff are told before anybody has taken the incident; else `opens_after` it was raised at the latest.

    hold: how long an order waits, so that it can be changed or taken back. opens_on_fixing: a human who moves the issue to
    Fixing confirms that customers notice it. order_groups: names of Jira groups whose members may give orders, beside the
    manager and the communications manager. guarded_words: never in a public text, casefolded. guarded_hosts: internal ones.
    products: by `fold_name` of what Jira calls them. next_update: how soon people hear again when no time was promised.
    final_after: how long after a resolve the last word is said. reaches: who is told anything by any channel.
    """

    opens_at_once: bool = False
    opens_after: timedelta = timedelta(minutes=10)
    hold: timedelta = timedelta(seconds=60)
    opens_on_fixing: bool = False
    order_groups: frozenset[str] = frozenset()
    review: Review = Review.OFF
    guarded_words: frozenset[str] = frozenset()
    guarded_hosts: frozenset[str] = frozenset()
    products: Mapping[str, Product] = field(default_factory=dict)
    next_update: Mapping[Severity, timedelta] = field(
        default_factory=lambda: {Severity.SEV1: timedelta(minutes=30), Severity.SEV2: timedelta(minutes=60)}
    )
    final_after: timedelta = timedelta(minutes=5)
    reaches: frozenset[Audience] = frozenset(Audience)
    staff_language: str = ""
    public_language: str = ""
    """"" for the templates themselves, else the folder below templates/ that is looked into first ("de")."""
