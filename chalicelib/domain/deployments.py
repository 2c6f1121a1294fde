"""Deployments and other changes to a service, as its CI tells them: what may have caused an incident. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain.incident import Incident
from chalicelib.domain.notes import Note, Source, bounded
from chalicelib.domain.routing import fold_name
from chalicelib.errors import UnreadableEvent

LEAD = timedelta(hours=2)
"""How long before the start of impact a change may have caused it."""

KEPT_FOR = timedelta(days=7)
DEPLOYMENTS_LIMIT = 50
"""Changes to one service that are looked at: the newest."""

_PREFIX = "change:"


@dataclass(frozen=True, slots=True)
class Deployment:
    """service: as Jira calls it. what: "deploy api 1.2.3". at: aware UTC. by, url: "" when not told."""

    service: str
    what: str
    at: datetime
    by: str = ""
    url: str = ""

    @property
    def key(self) -> str:
        """The same for the same content: a CI that tells it twice has told it once."""
        told = (fold_name(self.service), self.what, self.at.astimezone(UTC).isoformat(), self.by, self.url)
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def looked_at_from(incident: Incident) -> datetime:
    """From when on changes count: two hours before the start of impact, or before it was raised while nobody knows that."""
    return _start(incident) - LEAD


def lead_up(deployments: Iterable[Deployment], incident: Incident) -> tuple[Deployment, ...]:
    """What was changed in the two hours before the start of impact, oldest first."""
    since, until = looked_at_from(incident), _start(incident)
    return tuple(sorted((one for one in deployments if since <= one.at <= until), key=lambda one: (one.at, one.key)))


def line_of(deployment: Deployment) -> str:
    """One line for people: "10:00 UTC: deploy api 1.2.3, by Mia (https://ci.example.com/1)". Plain text, as it was told."""
    by = f", by {deployment.by}" if deployment.by else ""
    url = f" ({deployment.url})" if deployment.url else ""
    return f"{deployment.at.astimezone(UTC):%H:%M} UTC: {deployment.what}{by}{url}"


def note_of(deployment: Deployment) -> Note:
    """As the timeline keeps it, longer than the deployment itself is kept."""
    id_ = f"{_prefix(deployment.service)}{deployment.key}"
    return bounded(Note(id_, deployment.at, deployment.by, deployment.what, Source.CHANGE, deployment.url))


def deployments_in(notes: Iterable[Note], service: str | None) -> tuple[Deployment, ...]:
    """Those of the notes that are changes to this service."""
    if service is None:
        return ()
    ours = (note for note in notes if is_change_to(service, note))
    return tuple(Deployment(service, note.text, note.at, note.by, note.link) for note in ours)


def is_change_to(service: str | None, note: Note) -> bool:
    """service: None when nobody knows which; then nothing is a change to it."""
    return service is not None and note.source is Source.CHANGE and note.id.startswith(_prefix(service))


def _prefix(service: str) -> str:
    return f"{_PREFIX}{fold_name(service)}:"


def _start(incident: Incident) -> datetime:
    return incident.impact_started_at or incident.created_at


def deployment_to_json(deployment: Deployment) -> dict[str, Any]:
    told = {"service": deployment.service, "what": deployment.what, "at": deployment.at.astimezone(UTC).isoformat()}
    return told | {name: value for name, value in (("by", deployment.by), ("url", deployment.url)) if value}


def deployment_from_json(stored: Any) -> Deployment:
    """The inverse. Raises UnreadableEvent for what `deployment_to_json` cannot have written."""
    try:
        at = datetime.fromisoformat(stored["at"])
        if at.tzinfo is None:
            raise ValueError("a time without an offset")
        return Deployment(stored["service"], stored["what"], at, stored.get("by", ""), stored.get("url", ""))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UnreadableEvent(f"stored change: {type(error).__name__} {error}") from error
