"""What the page protocol decides from, and what it decides: plain values. The deciding itself is `page_protocol`'s."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chalicelib.domain.incident import IssueId
from chalicelib.domain.paging import Alert, PageRecord
from chalicelib.domain.policy import PagingPolicy
from chalicelib.domain.routing import Link, Route
from chalicelib.ports.pager import Confirmation

ADOPTED = "an alert may exist that nobody remembers"
TOLD = "an alert may exist that was sent without the ledger"
"""The reasons of records that were begun only to look for an orphan."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a look in this pass found. alerts: None when the look failed; by_alias: the pager's whole list was asked.

    again: this pass has looked for the same page in vain before. read: where only the list failed, every alert of the page
    that is known, as it was read by its id.
    """

    alerts: tuple[Alert, ...] | None
    by_alias: bool = False
    error: str | None = None
    retry_after_s: float | None = None
    out_of_service: bool = False
    again: bool = False
    read: tuple[Alert, ...] = ()

    @property
    def shown(self) -> tuple[Alert, ...]:
        """What is known of these alerts now; of others, that are not known yet, only `alerts` tells."""
        return self.read if self.alerts is None else self.alerts


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything read at the pagers in this pass, by record key. on_calls: None means the answer was "cannot tell"."""

    sightings: Mapping[str, Sighting] = field(default_factory=dict)
    confirmations: Mapping[str, Confirmation] = field(default_factory=dict)
    on_calls: Mapping[str, tuple[str, ...] | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PageView:
    """All that the decision depends on.

    wanted: the incident is major and open (an episode goes on). taken: a human took it in Jira, or has answered to take over.
    wanted_since: since when it is, or would be, by Jira's clock, or earlier; None where nobody knows. wanted_again_at: when it
    last began to be, by Jira's clock; None where it always was.
    route: the chain for this service; for a severity 3 the chain it would have as a major one (orphans are sought there).
    delivery: severity 3, open, and its team wants to hear of it; delivery_opens_at: when it may be disturbed (now or later).
    beside: who is called besides, by `group_of` their targets: whom people asked for, and who may take over what its manager
    has left. beside_at: when time alone will add to them, or has: nobody has the incident then. is_behind: nothing is sent
    before the page itself was. elsewhere: pages that ring for the same purpose beside these: their rosters are not rung again.
    direct: a first webhook, young and newest: the one case in which a page may be sent without looking first.
    look_asked: an alert may exist that the ledger does not know; orphan: under which target, where that is known;
    told_id: the alert's own id, where that is; told_sent_at: when it was asked for, where that is.
    first_sight: the ledger knows nothing of the incident.
    unread: Jira could not be read, so that what is known may be older than what somebody paged from.
    """

    issue_id: IssueId
    wanted: bool
    taken: bool
    route: Route
    records: tuple[PageRecord, ...]
    policy: PagingPolicy
    direct: bool = False
    look_asked: bool = False
    orphan: Link | None = None
    told_id: str = ""
    told_sent_at: datetime | None = None
    first_sight: bool = False
    unread: bool = False
    delivery: Link | None = None
    delivery_opens_at: datetime | None = None
    beside: Mapping[str, Route] = field(default_factory=dict)
    beside_at: datetime | None = None
    is_behind: bool = False
    elsewhere: tuple[PageRecord, ...] = ()
    wanted_since: datetime | None = None
    wanted_again_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LookUp:
    """Read the alert at its pager: everything under its alias, or only the ids we know."""

    record: PageRecord
    by_alias: bool


@dataclass(frozen=True, slots=True)
class AskConfirmation:
    record: PageRecord


@dataclass(frozen=True, slots=True)
class AskRoster:
    record: PageRecord


@dataclass(frozen=True, slots=True)
class Write:
    """Ledger only. old None: the record must not exist yet."""

    old: PageRecord | None
    new: PageRecord


@dataclass(frozen=True, slots=True)
class Send:
    """Claim, then ask the pager for an alert."""

    old: PageRecord | None
    new: PageRecord


@dataclass(frozen=True, slots=True)
class Acknowledge:
    old: PageRecord
    new: PageRecord
    alert_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Close:
    old: PageRecord
    new: PageRecord
    alert_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TellOwners:
    """An alarm, and then that it was raised. alarm: its name, docs/runbook.md."""

    old: PageRecord
    new: PageRecord
    alarm: str


Step = LookUp | AskConfirmation | AskRoster | Write | Send | Acknowledge | Close | TellOwners


@dataclass(frozen=True, slots=True)
class Plan:
    """steps: at most one per record. due: the earliest moment at which time alone changes the plan; None: never."""

    steps: tuple[Step, ...]
    due: datetime | None


def record_of(step: Step) -> PageRecord:
    """The record that it is about, as it will be."""
    match step:
        case LookUp() | AskConfirmation() | AskRoster():
            return step.record
        case Write() | Send() | Acknowledge() | Close() | TellOwners():
            return step.new
