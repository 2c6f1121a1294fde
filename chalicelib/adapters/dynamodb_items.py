"""Items of the ledger's table and the records they stand for. Pure.

    pk               sk                    attributes
    issue#10002      incident              rev, latest (JSON), updated_at, due_at + due_shard, wake_at, deleted_at, stormy
    issue#10002      page#0001#im          state, claim, body (JSON)
    issue#10002      artifact#comment      state, claim, body (JSON)
    issue#10002      note#jira:10100       writer, body (JSON)
    room#C0123       room                  issue_id
    change#bitbucket <ms>#<content hash>   body (JSON), expires_at
    majors           <ms>#10002            expires_at (seconds: DynamoDB's own expiry, which may come days late)
    sweep            last                  at
    turns#statuspage next                  free_at

Times are epoch milliseconds with their fraction, so that what is read equals what was written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import MISSING, fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from chalicelib.domain.codec import incident_from_json, page_record_from_json, page_record_to_json
from chalicelib.domain.deployments import KEPT_FOR, Deployment, deployment_from_json, deployment_to_json
from chalicelib.domain.incident import IssueId
from chalicelib.domain.notes import Note, in_order, note_from_json, note_to_json
from chalicelib.domain.paging import PageRecord
from chalicelib.domain.routing import fold_name
from chalicelib.errors import UnreadableEvent
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState, Book, IncidentRecord, Record

Item = Mapping[str, Any]
"""As boto3's client gives it: attribute -> {"S": text} or {"N": digits} or {"BOOL": bool}."""

INCIDENT = "incident"
_PARTITION = "issue#"
_NOTE = "note#"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TIMES = frozenset({"until", "not_before", "made_at"})


def partition_of(issue_id: IssueId) -> dict[str, str]:
    return {"S": f"{_PARTITION}{issue_id}"}


def issue_id_of(item: Item) -> IssueId:
    return IssueId(item["pk"]["S"].removeprefix(_PARTITION))


def number_of(at: datetime) -> dict[str, str]:
    return {"N": str(Decimal((at - _EPOCH) // _MICROSECOND) / 1000)}


def time_of(number: Mapping[str, str]) -> datetime:
    return _EPOCH + timedelta(microseconds=int(Decimal(number["N"]) * 1000))


def item_of(record: Record) -> dict[str, Any]:
    """state and claim stand by themselves, because conditions compare them."""
    stored = page_record_to_json(record) if isinstance(record, PageRecord) else artifact_record_to_json(record)
    return {
        "pk": partition_of(record.issue_id),
        "sk": {"S": record.sk},
        "state": {"S": record.state.value},
        "claim": {"S": record.claim},
        "body": {"S": _dumped(stored)},
    }


def _dumped(stored: Mapping[str, Any]) -> str:
    return json.dumps(stored, separators=(",", ":"), ensure_ascii=False, sort_keys=True)


def note_key(issue_id: IssueId, note_id: str) -> dict[str, Any]:
    return {"pk": partition_of(issue_id), "sk": {"S": f"{_NOTE}{note_id}"}}


def note_item(issue_id: IssueId, note: Note) -> dict[str, Any]:
    return {**note_key(issue_id, note.id), "body": {"S": _dumped(note_to_json(note))}}


def change_item(deployment: Deployment) -> dict[str, Any]:
    return {
        "pk": changes_of(deployment.service),
        "sk": {"S": f"{sortable(deployment.at)}#{deployment.key}"},
        "body": {"S": _dumped(deployment_to_json(deployment))},
        "expires_at": {"N": str(int((deployment.at + KEPT_FOR).timestamp()))},
    }


def changes_of(service: str) -> dict[str, str]:
    return {"S": f"change#{fold_name(service)}"}


def deployments_of(items: Iterable[Item]) -> tuple[Deployment, ...]:
    """What cannot be read is left out, as with notes."""
    found: list[Deployment] = []
    for item in items:
        with suppress(UnreadableEvent, KeyError, ValueError):
            found.append(deployment_from_json(json.loads(item["body"]["S"])))
    return tuple(sorted(found, key=lambda one: (one.at, one.key)))


def sortable(at: datetime) -> str:
    """Milliseconds since 1970, in digits that sort as they count."""
    return f"{int(at.timestamp() * 1000):015d}"


def _notes_of(items: Iterable[Item]) -> tuple[Note, ...]:
    """What cannot be read is left out: nobody's page depends on it."""
    notes: list[Note] = []
    for item in items:
        with suppress(UnreadableEvent, KeyError, ValueError):
            notes.append(note_from_json(json.loads(item["body"]["S"])))
    return in_order(notes)


def book_of(items: Iterable[Item]) -> Book:
    incident: IncidentRecord | None = None
    pages: list[PageRecord] = []
    artifacts: list[ArtifactRecord] = []
    notes: list[Item] = []
    for item in items:
        sk = item["sk"]["S"]
        if sk == INCIDENT:
            incident = _incident_record_of(item)
        elif sk.startswith("page#"):
            pages.append(page_record_from_json(json.loads(item["body"]["S"])))
        elif sk.startswith("artifact#"):
            artifacts.append(artifact_record_from_json(json.loads(item["body"]["S"])))
        elif sk.startswith(_NOTE):
            notes.append(item)
    return Book(incident, tuple(pages), tuple(artifacts), _notes_of(notes))


def artifact_record_to_json(record: ArtifactRecord) -> dict[str, Any]:
    """Every field that is not at its default; times as ISO 8601 in UTC."""
    stored: dict[str, Any] = {}
    for field in fields(ArtifactRecord):
        value = getattr(record, field.name)
        if field.default is MISSING or value != field.default:
            stored[field.name] = value.astimezone(UTC).isoformat() if field.name in _TIMES else value
    return stored | {"state": record.state.value}


def artifact_record_from_json(stored: Mapping[str, Any]) -> ArtifactRecord:
    """The inverse. Raises UnreadableEvent for what `artifact_record_to_json` cannot have written."""
    try:
        values = {field.name: stored[field.name] for field in fields(ArtifactRecord) if field.name in stored}
        values |= {name: datetime.fromisoformat(values[name]) for name in _TIMES if name in values}
        values |= {name: tuple(values[name]) for name in ("says", "intended") if name in values}
        return ArtifactRecord(**values | {"state": ArtifactState(stored["state"])})
    except (KeyError, TypeError, ValueError) as error:
        raise UnreadableEvent(f"stored artifact: {type(error).__name__} {error}") from error


def _incident_record_of(item: Item) -> IncidentRecord:
    def at(name: str) -> datetime | None:
        return time_of(item[name]) if name in item else None

    return IncidentRecord(
        issue_id=issue_id_of(item),
        rev=int(item["rev"]["N"]) if "rev" in item else 0,
        latest=incident_from_json(json.loads(item["latest"]["S"])) if "latest" in item else None,
        due_at=at("due_at"),
        wake_at=at("wake_at"),
        deleted_at=at("deleted_at"),
        stormy="stormy" in item,
    )
