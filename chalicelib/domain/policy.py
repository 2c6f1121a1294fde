"""The company's choices about paging: values only; settings fill them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Mode(StrEnum):
    """How much of the world Firebell may touch. SHADOW: only its own ledger."""

    SHADOW = "shadow"
    PAGE_ONLY = "page-only"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class PagingPolicy:
    """ack_timeout_s: seconds a confirmed page may go unacknowledged before the next in the chain is paged.

    go_live: issues created before it are adopted without a page unless afterwards their severity rises, they are reopened,
    or they become incidents.
    storm_majors: more new majors than this within storm_window_s is a storm.
    default_assignees: account ids that count as nobody. own_account: the account id Firebell acts as.
    site_tag: what pages of this Jira are told apart by from those of others, see domain.alias.
    """

    ack_timeout_s: int = 300
    go_live: datetime | None = None
    storm_majors: int = 10
    storm_window_s: int = 300
    default_assignees: frozenset[str] = frozenset()
    own_account: str = ""
    site_tag: str = ""
