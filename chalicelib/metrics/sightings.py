"""What is known of an incident at one time, as far as figures need it: one row for every version of it.

Everything comes from the issue, its history, and the ledger's records of pages and artifacts; so an incident from before
Firebell gives a sighting too, with what its history alone can tell. Nothing is computed here but which moment is meant:
see docs/metrics.md, which names the source of each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.alias import is_of_the_chain
from chalicelib.domain.announcement import PUBLIC_CHANNELS, STAFF_CHANNELS, said_on
from chalicelib.domain.durations import ImpactTimes
from chalicelib.domain.incident import (
    IMPACT_TIMES,
    ROLE,
    Change,
    Incident,
    Severity,
    Status,
    incident_since,
    last_reopening,
    resolved_since,
)
from chalicelib.domain.paging import PageRecord
from chalicelib.domain.people import MANAGER
from chalicelib.domain.policy import PagingPolicy
from chalicelib.domain.taken import is_by_human
from chalicelib.ports.ledger import FOUND_BY_SWEEP, ArtifactRecord

WORDS = ("summary",)
"""What is left out of a private one, and of one that is gone."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """All times are aware UTC; None where it did not happen, or nobody knows.

    version: 1 for the first, higher with each; of two with the same number the one observed later counts. summary, manager: ""
    where they may not be told. major_at: when it first was severity 1 or 2. defaulted: which impact times Firebell filled
    in; edited: which ones a human changed after they had a value. engaged: role -> when somebody first had it.
    reopened_at: the last time. rosters: those that were paged. creates: requests for a page that were sent; pages: pages that
    were wanted. found_by_sweep: no webhook had told of it. is_gone: it was deleted, or moved to where it is no incident.
    """

    issue_id: str
    version: int
    observed_at: datetime
    key: str
    project: str
    severity: int
    status: str
    created_at: datetime
    url: str = ""
    summary: str = ""
    service: str = ""
    products: tuple[str, ...] = ()
    detected_by: str = ""
    resolution: str = ""
    is_private: bool = False
    is_drill: bool = False
    manager: str = ""
    major_at: datetime | None = None
    paged_at: datetime | None = None
    acknowledged_at: datetime | None = None
    told_staff_at: datetime | None = None
    told_public_at: datetime | None = None
    impact_started_at: datetime | None = None
    detected_at: datetime | None = None
    impact_ended_at: datetime | None = None
    resolved_at: datetime | None = None
    engaged: Mapping[str, datetime] = field(default_factory=dict)
    reopened: int = 0
    reopened_at: datetime | None = None
    defaulted: tuple[str, ...] = ()
    edited: tuple[str, ...] = ()
    rosters: tuple[str, ...] = ()
    pages: int = 0
    fallbacks: int = 0
    creates: int = 0
    found_by_sweep: bool = False
    is_gone: bool = False

    @property
    def impact_times(self) -> ImpactTimes:
        return ImpactTimes(self.impact_started_at, self.detected_at, self.impact_ended_at, frozenset(self.defaulted))

    @property
    def is_wordless(self) -> bool:
        """No version of it may tell words, not those from before either."""
        return self.is_private or self.is_gone


def sighting_of(
    incident: Incident,
    policy: PagingPolicy,
    *,
    version: int,
    observed_at: datetime,
    pages: Collection[PageRecord] = (),
    records: Mapping[str, ArtifactRecord] | None = None,
    times: ImpactTimes | None = None,
    with_names: bool = False,
    when_empty: Severity = Severity.SEV2,
    is_gone: bool = False,
) -> Sighting:
    """pages: every page there ever was. times: as they hold; None: as the issue says. with_names: the company wants to see who
    managed what. when_empty: what no severity counts as."""
    known = records or {}
    times = times or ImpactTimes(incident.impact_started_at, incident.detected_at, incident.impact_ended_at)
    first_pages = [page for page in pages if is_of_the_chain(page.target)]
    seen = Sighting(
        issue_id=incident.id,
        version=version,
        observed_at=observed_at,
        key=incident.key,
        project=incident.project,
        severity=incident.severity.value,
        status=incident.status.value,
        created_at=incident.created_at,
        url=incident.url,
        summary=incident.summary,
        service=incident.service or "",
        products=incident.products,
        detected_by=incident.detected_by,
        resolution=incident.resolution.value if incident.resolution else "",
        is_private=incident.is_private,
        is_drill=incident.is_drill,
        manager=incident.assignee.name if with_names and incident.assignee else "",
        major_at=_major_at(incident, when_empty),
        paged_at=_first(page.accepted_at for page in first_pages),
        acknowledged_at=_first((*(page.acked_at for page in first_pages), _taken_at(incident, policy))),
        told_staff_at=_told(known, STAFF_CHANNELS),
        told_public_at=_told(known, PUBLIC_CHANNELS),
        impact_started_at=times.started_at,
        detected_at=times.detected_at,
        impact_ended_at=times.ended_at,
        resolved_at=resolved_since(incident),
        engaged=_engaged(incident, policy),
        reopened=sum(change.old == Status.RESOLVED for change in incident.changes if change.what == "status"),
        reopened_at=last_reopening(incident),
        defaulted=tuple(name for name in IMPACT_TIMES if name in times.defaulted),
        edited=tuple(name for name in IMPACT_TIMES if _is_edited(incident, name, policy)),
        rosters=tuple(sorted({page.roster for page in pages if page.accepted_at})),
        pages=len(first_pages),
        fallbacks=sum(page.target != "im" for page in first_pages),
        creates=sum(max(page.attempt, 1) for page in first_pages),
        found_by_sweep=FOUND_BY_SWEEP in known,
        is_gone=is_gone,
    )
    moments: dict[str, Any] = {name: _to_the_millisecond(at) for name in _TIMES if (at := getattr(seen, name)) is not None}
    whole = replace(seen, engaged={role: _to_the_millisecond(at) for role, at in seen.engaged.items()}, **moments)
    return hushed(whole) if whole.is_wordless else whole


def hushed(seen: Sighting) -> Sighting:
    """Without what may not be told of a private incident, or of one that is gone."""
    without: dict[str, Any] = dict.fromkeys(WORDS, "")
    return replace(seen, **without)


_TIMES = tuple(one.name for one in fields(Sighting) if one.name.endswith("_at"))


def _to_the_millisecond(at: datetime) -> datetime:
    """As Jira tells and as rows hold: what is read back must be what was computed with."""
    return at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)


def _first(times: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in times if at is not None), default=None)


def _major_at(incident: Incident, when_empty: Severity) -> datetime | None:
    """Since it was raised, became an incident, or was first made so."""

    def is_major(told: str | None) -> bool:
        return (Severity(int(told)) if told else when_empty).is_major

    begun = incident_since(incident)
    changes = [change for change in incident.changes if change.what == "severity"]
    if is_major(changes[0].old) if changes else incident.severity.is_major:
        return begun
    return next((max(begun, change.at) for change in changes if is_major(change.new)), None)


def _taken_at(incident: Incident, policy: PagingPolicy) -> datetime | None:
    """When a human first took it in Jira, whoever has it now."""
    return next((change.at for change in incident.changes if _takes(change, policy)), None)


def _takes(change: Change, policy: PagingPolicy) -> bool:
    if change.by is None or not is_by_human(change.by, policy):
        return False
    is_for_themselves = change.what == "assignee" and change.new == change.by.account_id
    return is_for_themselves or (change.what == "status" and change.new == Status.FIXING)


def _told(records: Mapping[str, ArtifactRecord], channels: tuple[str, ...]) -> datetime | None:
    return _first(record.made_at for _, record in said_on(records, channels))


def _engaged(incident: Incident, policy: PagingPolicy) -> dict[str, datetime]:
    """Role -> when somebody first had it, by the history; one that was there from the beginning, when it was raised."""
    engaged: dict[str, datetime] = {}
    nobody = (None, "", *policy.default_assignees)
    touched: set[str] = set()
    for change in incident.changes:
        role = MANAGER if change.what == "assignee" else change.what.removeprefix(ROLE)
        if role == change.what:
            continue
        if role not in touched and change.old not in nobody:
            engaged[role] = incident.created_at
        if change.new not in nobody:
            engaged.setdefault(role, change.at)
        touched.add(role)
    had = {role for role, people in incident.roles.items() if people}
    if incident.assignee is not None and incident.assignee.account_id not in nobody:
        had.add(MANAGER)
    for role in had - touched:
        engaged[role] = incident.created_at
    return dict(sorted(engaged.items()))


def _is_edited(incident: Incident, name: str, policy: PagingPolicy) -> bool:
    return any(
        change.what == name and change.old is not None and change.by is not None and is_by_human(change.by, policy)
        for change in incident.changes
    )
