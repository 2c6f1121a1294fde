"""Values of paging: rosters, alerts at the pager, and our own record of a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.alias import is_of_the_chain, is_succession, makes_manager
from chalicelib.domain.incident import IssueId


class RosterKind(StrEnum):
    """What a roster is at its pager."""

    SCHEDULE = "schedule"
    TEAM = "team"
    ESCALATION = "escalation"
    USER = "user"
    SERVICE = "service"  # PagerDuty: whom to ring is a property of the service


@dataclass(frozen=True, slots=True)
class Roster:
    """Somebody to page, as configured.

    name: ours, the key in firebell.toml. pager: adapter name. title: the roster's name at the pager, for people.
    id: the pager's own id ("" when the pager takes names and none was resolved yet).
    schedule_id: whose on-call list tells whether anybody is there; "" when the roster has none (a user, say).
    second: name of another roster, at another pager, paged when this one's pager cannot be reached.
    """

    name: str
    pager: str
    kind: RosterKind
    title: str
    id: str = ""
    schedule_id: str = ""
    second: str | None = None


class AlertStatus(StrEnum):
    OPEN = "open"
    ACKED = "acked"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as the pager shows it now. by: who acknowledged or closed it, as the pager names them (mail or id).

    rings_by_itself: it is open, and its pager says that no human made it so: where it was acknowledged, that has run out.
    """

    id: str
    alias: str
    status: AlertStatus
    created_at: datetime
    by: str | None = None
    at: datetime | None = None
    rings_by_itself: bool = False


class Urgency(StrEnum):
    """SEV1 and SEV2 wake people, LOW does not."""

    SEV1 = "sev1"
    SEV2 = "sev2"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What is asked of the pager. Texts are uncut: each adapter cuts to its vendor's limits on character boundaries."""

    alias: str
    roster: Roster
    message: str
    description: str
    urgency: Urgency
    tags: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)


class PageState(StrEnum):
    """States of a page, from `page-protocol`: see docs/page-protocol.md."""

    SENDING = "sending"
    UNKNOWN = "unknown"
    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    ACKED = "acked"
    CLOSED = "closed"
    REFUSED = "refused"
    ENDING = "ending"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class PageRecord:
    """One page of one episode to one target: what we intended, and what we know of it.

    target: see domain.alias. alias: what the pager knows it by (no episode in it). claim: random token of whoever may act
    until `until`. attempt: creates sent. alert_ids: every alert ever seen for this page, the one that decides its state
    first, then the newest. shown: its pager has shown us one of them, and not only told that it was made. looks_failed:
    look-ups in a row that got no answer, or closes that did not show. unseen: accepted 30 s ago and still no alert, or made
    60 s ago and never shown. on_call: who was on call when we asked; () means nobody; None means not asked,
    or no schedule to ask. told_ids: alerts that the pager told of and could not be asked about yet. look_owed: it was to
    be looked for by its alias, and its pager did not answer. blind_sent_at: when it was last sent without the ledger, as
    far as we were told. former_ids: alerts that were being closed by us when the
    page was wanted again: once closed, they count for nothing. sent_before: it was sent, and not known to exist, when
    the incident needed nobody any more. unwanted_since: since when it is not wanted, and not known
    to exist. acked_by_us: when the first acknowledgement was seen, we had asked for one already (ack_sent_at): somebody
    has it in Jira, or answered at a sibling. No clock can tell: the pager's and ours differ. unanswered: it is the last of
    its chain, nobody has answered any of them, and whoever runs the service was told.
    """

    issue_id: IssueId
    episode: int
    target: str
    alias: str
    roster: str
    pager: str
    state: PageState
    claim: str
    since: datetime
    until: datetime
    reason: str = ""
    attempt: int = 0
    request_id: str | None = None
    alert_ids: tuple[str, ...] = ()
    told_ids: tuple[str, ...] = ()
    look_owed: bool = False
    sent_before: bool = False
    former_ids: tuple[str, ...] = ()
    blind_sent_at: datetime | None = None
    accepted_at: datetime | None = None
    confirmed_at: datetime | None = None
    acked_at: datetime | None = None
    acked_by: str | None = None
    acked_by_us: bool = False
    closed_at: datetime | None = None
    closed_by: str | None = None
    ack_sent_at: datetime | None = None
    not_before: datetime | None = None
    looks_failed: int = 0
    shown: bool = False
    unseen: bool = False
    out_of_service: bool = False
    unanswered: bool = False
    on_call: tuple[str, ...] | None = None
    unwanted_since: datetime | None = None
    last_error: str | None = None

    @property
    def sk(self) -> str:
        """The record's key within its incident's partition."""
        return f"page#{self.episode:04d}#{self.target}"

    @property
    def is_of_the_chain(self) -> bool:
        """See domain.alias; so do the next two."""
        return is_of_the_chain(self.target)

    @property
    def is_succession(self) -> bool:
        return is_succession(self.target)

    @property
    def makes_manager(self) -> bool:
        return makes_manager(self.target)

    @property
    def is_acked(self) -> bool:
        """Somebody acknowledged it; that one more alert turned up late and rings does not undo that."""
        return self.state is PageState.ACKED or (self.state is PageState.CONFIRMED and self.acked_at is not None)

    @property
    def is_answered(self) -> bool:
        """A human acknowledged it at the pager: not we, for somebody who had it already."""
        return self.acked_at is not None and not self.acked_by_us
