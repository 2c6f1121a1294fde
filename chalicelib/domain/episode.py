"""When people begin to be needed anew: what they did about it before was about something that was over, or small."""

from __future__ import annotations

from datetime import datetime

from chalicelib.domain.incident import INCIDENT, Change, Incident, Status


def begins_episode(change: Change) -> bool:
    """It made the issue an incident, reopened it, or made it major."""
    if change.what == INCIDENT:
        return change.new is not None
    if change.what == "status":
        return change.old == Status.RESOLVED and change.new != Status.RESOLVED
    return change.what == "severity" and change.old == "3" and change.new != "3"


def wanted_again_at(incident: Incident) -> datetime | None:
    """When somebody was last to hear of it again, by Jira's clock; None of what has been wanted from the first. Pure."""
    return next((change.at for change in reversed(incident.changes) if begins_episode(change)), None)
