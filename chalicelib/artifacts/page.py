"""When a page should exist and what it says. How it is made exactly once is `page_protocol`'s business."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import islice
from pathlib import Path
from string import Template

from chalicelib.domain.episode import begins_episode
from chalicelib.domain.incident import Change, Incident, Status
from chalicelib.domain.paging import PageRecord, PageRequest, Roster, Urgency
from chalicelib.domain.policy import PagingPolicy
from chalicelib.domain.taken import may_have_been_taken
from chalicelib.domain.text import cut, one_line

DOUBTS, DOUBT = 5, 300
"""So many doubts are told in a page, and so many characters of each: they must not push out what the page is about."""


@dataclass(frozen=True, slots=True)
class PageTexts:
    """The words of templates/page: each a `string.Template` with the names that `page_request` fills.

    private: what stands for summary and description where nothing may be said.
    """

    message: str
    description: str
    storm: str
    private: str


def read_page_texts(folder: Path) -> PageTexts:
    """templates/page."""
    return PageTexts(*((folder / f"{field.name}.txt").read_text("utf-8") for field in fields(PageTexts)))


def is_wanted(incident: Incident, policy: PagingPolicy) -> bool:
    """True while the incident is one that wakes people: major, open, and not merely adopted at go-live. Pure."""
    return incident.severity.is_major and is_open(incident) and not is_adopted(incident, policy)


def is_delivery_wanted(incident: Incident, policy: PagingPolicy) -> bool:
    """True while a severity 3 is open that its delivery team may want to hear of. Pure."""
    return not incident.severity.is_major and is_open(incident) and not is_adopted(incident, policy)


def is_open(incident: Incident) -> bool:
    return incident.status is not Status.RESOLVED


def can_be_decided_from_snapshot(incident: Incident, policy: PagingPolicy) -> bool:
    """True when a webhook's snapshot alone proves what history would: who took it, what ended its adoption."""
    if incident.changes_complete:
        return True
    return not may_have_been_taken(incident, policy) and not _is_older_than_go_live(incident, policy)


def _is_older_than_go_live(incident: Incident, policy: PagingPolicy) -> bool:
    return policy.go_live is not None and incident.created_at < policy.go_live


def is_adopted(incident: Incident, policy: PagingPolicy) -> bool:
    """Older than go-live, and not made worse since: people already deal with it, so it wakes nobody."""
    return _is_older_than_go_live(incident, policy) and not any(_made_worse_since_go_live(incident, policy))


def _made_worse_since_go_live(incident: Incident, policy: PagingPolicy) -> Iterator[Change]:
    for change in incident.changes:
        is_since = policy.go_live is not None and change.at >= policy.go_live
        if is_since and (begins_episode(change) or _raises_to_major(change)):
            yield change


def _raises_to_major(change: Change) -> bool:
    is_rise = change.old is None or (change.new is not None and change.old > change.new)
    return change.what == "severity" and change.new in {"1", "2"} and is_rise


def wanted_since(incident: Incident, policy: PagingPolicy) -> datetime:
    """Since when somebody is to hear of it, by Jira's clock; where its history is known in part only, no later than that. Pure.

    Of what is not wanted: since when it would be.
    """
    begun = (change.at for change in incident.changes if begins_episode(change))
    worse = _made_worse_since_go_live(incident, policy) if _is_older_than_go_live(incident, policy) else iter(())
    return max([incident.created_at, *begun, *(change.at for change in islice(worse, 1))])


def urgency_of(incident: Incident) -> Urgency:
    if not incident.severity.is_major:
        return Urgency.LOW
    return Urgency.SEV1 if incident.severity == 1 else Urgency.SEV2


def page_request(
    incident: Incident, roster: Roster, record: PageRecord, texts: PageTexts, *, stormy: bool = False, join: Sequence[str] = ()
) -> PageRequest:
    """Return what the pager is asked to say. Pure; texts come uncut, the adapter knows its vendor's limits.

    join: how to join, a line each. A private incident's page says neither summary nor description.

    These words live in templates/page as `string.Template`s and not as Jinja2: they stand between a webhook and a
    ringing phone, and Jinja2 alone would cost more than everything else there (docs/decisions/0003).
    """
    words = {
        "key": incident.key,
        "severity": str(incident.severity.value),
        "summary": one_line(texts.private if incident.is_private else incident.summary),
        "description": texts.private.strip() if incident.is_private else incident.description.strip() or "(no description)",
        "service": incident.service or "not known",
        "products": ", ".join(incident.products) or "not known",
        "reporter": incident.reporter.name if incident.reporter else "not known",
        "link": incident.url,
        "why": record.reason,
        "storm": texts.storm.strip() + "\n" if stormy else "",
        "storm_mark": "[STORM] " if stormy else "",
        "drill_mark": incident.drill_mark,
        "join": "".join(f"{line}\n" for line in join),
        "doubts": "".join(f"In doubt: {cut(one_line(doubt), DOUBT)}\n" for doubt in incident.doubts[:DOUBTS]),
    }
    return PageRequest(
        alias=record.alias,
        roster=roster,
        message=Template(texts.message).safe_substitute(words).strip(),
        description=Template(texts.description).safe_substitute(words).strip(),
        urgency=urgency_of(incident),
        tags=(
            "firebell",
            f"sev{incident.severity.value}",
            *(["storm"] if stormy else []),
            *(["drill"] if incident.is_drill else []),
        ),
        details={
            "issue": incident.key,
            "severity": str(incident.severity.value),
            "service": incident.service or "",
            "products": ", ".join(incident.products),
            "link": incident.url,
            "why": record.reason,
        },
    )
