"""A message as it travels on the queue: a small, versioned JSON envelope in ASCII.

ASCII, because the queue refuses some control characters and counts bytes; JSON's escapes avoid both surprises.
"""

from __future__ import annotations

import json
from datetime import datetime

from chalicelib.domain.codec import incident_from_json, incident_to_json
from chalicelib.domain.incident import IssueId
from chalicelib.errors import UnreadableEvent
from chalicelib.ports.queue import Cause, Message, Orphan, Said

VERSION = 1
LONGEST_DELAY_S = 900
LONGEST_BODY = 1_048_576
"""Bytes; the queue's own limit, set as MaximumMessageSize in .chalice/resources.json."""


def message_to_body(message: Message) -> str:
    """The envelope. A snapshot too large even after the codec's cuts is left out: the message is still a doorbell."""
    envelope: dict[str, object] = {"v": VERSION, "issue": message.issue_id, "cause": message.cause.value}
    if message.gone_version is not None:
        envelope["gone_version"] = message.gone_version.isoformat()
    if message.orphan is not None:
        told = message.orphan
        envelope["orphan"] = [told.target, told.pager, told.alert_id, told.sent_at and told.sent_at.isoformat()]
    if message.put_off:
        envelope["put_off"] = message.put_off
    if message.said is not None:
        envelope["said"] = [message.said.room_id, message.said.message_id, message.said.tries]
    if message.booked is not None:
        envelope["booked"] = message.booked.isoformat()
    if message.snapshot is not None:
        body = json.dumps(envelope | {"snapshot": incident_to_json(message.snapshot)}, separators=(",", ":"))
        if len(body) <= LONGEST_BODY:
            return body
    return json.dumps(envelope, separators=(",", ":"))


def parse_message(body: str) -> Message:
    """The inverse. Raises UnreadableEvent for everything that this version did not write; unknown members are ignored."""
    try:
        envelope = json.loads(body)
        version = envelope["v"]
        if version != VERSION:
            raise UnreadableEvent(f"queue message of version {version!r}; this is version {VERSION}")
        issue_id, stored = envelope["issue"], envelope.get("snapshot")
        if not isinstance(issue_id, str) or not issue_id:
            raise UnreadableEvent(f"queue message for the issue {issue_id!r}")
        snapshot = incident_from_json(stored) if stored is not None else None
        told = envelope.get("orphan")
        orphan = _orphan(*told) if told is not None else None
        gone = envelope.get("gone_version")
        gone_version = datetime.fromisoformat(gone) if gone is not None else None
        put_off = int(envelope.get("put_off", 0))
        told = envelope.get("said")
        said = Said(str(told[0]), str(told[1]), int(told[2])) if told is not None else None
        at = envelope.get("booked")
        booked = datetime.fromisoformat(at) if at is not None else None
        return Message(IssueId(issue_id), Cause(envelope["cause"]), snapshot, orphan, gone_version, put_off, said, booked)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise UnreadableEvent(f"queue message: {type(error).__name__} {error}") from error


def _orphan(target: str, pager: str, alert_id: str = "", sent_at: str | None = None) -> Orphan:
    return Orphan(str(target), str(pager), str(alert_id), datetime.fromisoformat(sent_at) if sent_at is not None else None)


def grave_to_body(body: bytes, reason: str) -> str:
    """What goes to the dead-letter queue: the reason, and as much of the body as fits. Bytes that are no text are escaped."""
    reason, text = reason[:1000], body[:LONGEST_BODY].decode("utf-8", "backslashreplace")
    while True:
        grave = json.dumps({"v": VERSION, "unreadable": text, "reason": reason}, separators=(",", ":"))
        if len(grave) <= LONGEST_BODY:
            return grave
        # One character may take up to twelve bytes when escaped: shrink in proportion until it fits.
        text = text[: len(text) * LONGEST_BODY // len(grave) - 1000]
