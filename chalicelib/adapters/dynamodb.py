"""The ledger in DynamoDB: one table, one partition per incident (`dynamodb_items` shows the items).

Every write is one conditional call. boto3 repeats a write whose answer was lost; the repetition then fails its own
condition, and is recognised by what it left behind: the whole record, or the random `writer` of an incident item.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.aws import error_code, unreachable
from chalicelib.adapters.dynamodb_items import (
    INCIDENT,
    Item,
    book_of,
    change_item,
    changes_of,
    deployments_of,
    issue_id_of,
    item_of,
    note_item,
    note_key,
    number_of,
    partition_of,
    sortable,
    time_of,
)
from chalicelib.domain.codec import incident_to_json
from chalicelib.domain.deployments import DEPLOYMENTS_LIMIT, Deployment
from chalicelib.domain.incident import Incident, IssueId
from chalicelib.domain.notes import Note
from chalicelib.errors import PermanentError, TemporaryError, UnreadableEvent
from chalicelib.ports.ledger import Book, Record

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient

DUE_INDEX = "due"
_DUE_SHARD = {"S": "due"}
"""The index has one partition: a company has few unsettled incidents at a time."""

_MAJORS = {"S": "majors"}
_SWEEP = {"pk": {"S": "sweep"}, "sk": {"S": "last"}}
_COUNT_UP = "rev = if_not_exists(rev, :zero) + :one"
_COUNT_VALUES: Mapping[str, Any] = {":zero": {"N": "0"}, ":one": {"N": "1"}}


class DynamoDbLedger:
    """Strongly consistent but for `due`, whose index may lag by a moment. client: builds the client on first use."""

    def __init__(self, table: str, client: Callable[[], DynamoDBClient]) -> None:
        self._table = table
        self._client = client

    def read(self, issue_id: IssueId) -> Book:
        """What cannot be read (a newer version wrote it and was rolled back, or somebody's hand) must not stop a page: it is a
        ledger that is away, until somebody repairs it."""
        key = {":pk": partition_of(issue_id)}
        try:
            return book_of(self._query("read", KeyConditionExpression="pk = :pk", ExpressionAttributeValues=key))
        except (UnreadableEvent, KeyError, TypeError, ValueError) as error:
            raise TemporaryError("dynamodb", "read", f"issue {issue_id}: {type(error).__name__} {error}"[:300]) from error

    def insert(self, record: Record) -> bool:
        return self._put("insert", item_of(record), {"ConditionExpression": "attribute_not_exists(pk)"})

    def replace(self, old: Record, new: Record) -> bool:
        condition = {
            "ConditionExpression": "#state = :state AND claim = :claim",
            "ExpressionAttributeNames": {"#state": "state"},
            "ExpressionAttributeValues": {":state": {"S": old.state.value}, ":claim": {"S": old.claim}},
        }
        return self._put("replace", item_of(new), condition)

    def add_note(self, issue_id: IssueId, note: Note) -> bool:
        item = note_item(issue_id, note) | {"writer": {"S": uuid4().hex}}
        condition = {
            "ConditionExpression": "attribute_not_exists(pk) OR body <> :body",
            "ExpressionAttributeValues": {":body": item["body"]},
        }
        return self._put("add_note", item, condition)

    def remove_note(self, issue_id: IssueId, note_id: str) -> None:
        with _translated("remove_note"):
            self._client().delete_item(TableName=self._table, Key=note_key(issue_id, note_id))

    def set_room(self, room_id: str, issue_id: IssueId) -> None:
        self._put("set_room", {**_room(room_id), "issue_id": {"S": issue_id}}, {})

    def issue_of_room(self, room_id: str) -> IssueId | None:
        # A query, since it is all that the function of the webhooks may do.
        key = {":pk": _room(room_id)["pk"]}
        items = list(self._query("issue_of_room", KeyConditionExpression="pk = :pk", ExpressionAttributeValues=key))
        return IssueId(items[0]["issue_id"]["S"]) if items else None

    def add_change(self, deployment: Deployment) -> None:
        self._put("add_change", change_item(deployment), {})

    def changes_of(self, service: str, since: datetime, until: datetime) -> tuple[Deployment, ...]:
        with _translated("changes_of"):
            found = self._client().query(
                TableName=self._table,
                KeyConditionExpression="pk = :pk AND sk BETWEEN :begin AND :end",
                ExpressionAttributeValues={
                    ":pk": changes_of(service),
                    ":begin": {"S": sortable(since)},
                    ":end": {"S": f"{sortable(until)}#~"},
                },
                ScanIndexForward=False,
                Limit=DEPLOYMENTS_LIMIT,
            )["Items"]
        return tuple(one for one in deployments_of(found) if since <= one.at <= until)

    def see(self, snapshot: Incident, *, due_at: datetime | None, stormy: bool = False) -> bool:
        latest = json.dumps(incident_to_json(snapshot), separators=(",", ":"), ensure_ascii=False)
        sets = ["latest = :latest", "updated_at = :updated_at", _COUNT_UP]
        values: dict[str, Any] = {":latest": {"S": latest}, ":updated_at": number_of(snapshot.updated_at), **_COUNT_VALUES}
        if due_at is not None:
            sets += ["due_at = :due_at", "due_shard = :due_shard"]
            values |= {":due_at": number_of(due_at), ":due_shard": _DUE_SHARD}
        if stormy:
            sets.append("stormy = :true")
            values[":true"] = {"BOOL": True}
        condition = "attribute_not_exists(updated_at) OR updated_at <= :updated_at"
        return self._update("see", snapshot.id, f"SET {', '.join(sets)}", condition, values)

    def mark_deleted(self, issue_id: IssueId, at: datetime, *, due_at: datetime | None) -> None:
        sets, values = [_COUNT_UP], dict(_COUNT_VALUES)
        if due_at is not None:
            sets += ["due_at = :due_at", "due_shard = :due_shard"]
            values |= {":due_at": number_of(due_at), ":due_shard": _DUE_SHARD}
        condition = "attribute_not_exists(deleted_at) OR deleted_at <= :at"
        change = f"SET {', '.join((*sets, 'deleted_at = :at'))}"
        is_newest = self._update("mark_deleted", issue_id, change, condition, {**values, ":at": number_of(at)})
        if not is_newest and due_at is not None:
            self._update("mark_deleted", issue_id, f"SET {', '.join(sets)}", None, values)

    def set_due(self, issue_id: IssueId, rev: int, due_at: datetime | None) -> bool:
        # An item made by `book_wake` has no rev yet, which reads as 0.
        condition, values = ("rev = :rev", {":rev": {"N": str(rev)}}) if rev else ("attribute_not_exists(rev)", {})
        values = {**values, **_COUNT_VALUES}
        if due_at is None:
            change = f"SET {_COUNT_UP}, writer = :writer REMOVE due_at, due_shard"
        else:
            change = f"SET {_COUNT_UP}, writer = :writer, due_at = :due_at, due_shard = :due_shard"
            values |= {":due_at": number_of(due_at), ":due_shard": _DUE_SHARD}
        return self._update("set_due", issue_id, change, condition, values, writer="writer")

    def book_wake(self, issue_id: IssueId, at: datetime, now: datetime) -> bool:
        values = {":at": number_of(at), ":now": number_of(now)}
        condition = "attribute_not_exists(wake_at) OR wake_at <= :now OR wake_at > :at"
        change = "SET wake_at = :at, wake_writer = :writer"
        return self._update("book_wake", issue_id, change, condition, values, writer="wake_writer")

    def due(self, now: datetime) -> Sequence[IssueId]:
        items = self._query(
            "due",
            consistent=False,  # an index cannot be read otherwise
            IndexName=DUE_INDEX,
            KeyConditionExpression="due_shard = :shard AND due_at <= :now",
            ExpressionAttributeValues={":shard": _DUE_SHARD, ":now": number_of(now)},
        )
        return [issue_id_of(item) for item in items]

    def count_major(self, issue_id: IssueId, at: datetime, window_s: int, enough: int) -> int:
        begin = at - timedelta(seconds=window_s)
        with _translated("count_major"):
            self._client().put_item(
                TableName=self._table,
                Item={
                    "pk": _MAJORS,
                    "sk": {"S": f"{sortable(at)}#{issue_id}"},
                    "expires_at": {"N": str(int(at.timestamp()) + 2 * window_s)},
                },
            )
            # The sort key is the time, so what expired and was not yet removed is outside the range. Twice as many as
            # needed, since an incident may have been told of twice; one page of the newest is all that is ever read.
            found = self._client().query(
                TableName=self._table,
                ConsistentRead=True,
                KeyConditionExpression="pk = :pk AND sk BETWEEN :begin AND :end",
                ExpressionAttributeValues={
                    ":pk": _MAJORS,
                    ":begin": {"S": sortable(begin)},
                    ":end": {"S": f"{sortable(at)}#~"},
                },
                ScanIndexForward=False,
                Limit=2 * enough,
            )["Items"]
        return min(enough, len({item["sk"]["S"].partition("#")[2] for item in found}))

    def take_turn(self, name: str, now: datetime, every: timedelta, *, until: datetime) -> datetime:
        """One write where nobody waits, and one more for everybody who was faster; one that the SDK repeats wastes a turn."""
        turn = now
        while (free_at := self._book_turn(name, turn, turn + every)) is not None:
            if free_at > until:
                return free_at
            turn = free_at
        return turn

    def _book_turn(self, name: str, turn: datetime, next_turn: datetime) -> datetime | None:
        """None: it is ours. Else from when on the limit is free, which only ever moves on."""
        with _translated("take_turn"):
            try:
                self._client().update_item(
                    TableName=self._table,
                    Key={"pk": {"S": f"turns#{name}"}, "sk": {"S": "next"}},
                    UpdateExpression="SET free_at = :next",
                    ConditionExpression="attribute_not_exists(free_at) OR free_at <= :turn",
                    ExpressionAttributeValues={":turn": number_of(turn), ":next": number_of(next_turn)},
                    ReturnValuesOnConditionCheckFailure="ALL_OLD",
                )
            except ClientError as failure:
                return time_of(_stored_instead(failure)["free_at"])
        return None

    def swept_at(self) -> datetime | None:
        with _translated("swept_at"):
            item = self._client().get_item(TableName=self._table, Key=_SWEEP, ConsistentRead=True).get("Item")
        return time_of(cast("Item", item)["at"]) if item else None

    def set_swept(self, at: datetime) -> None:
        condition = {
            "ConditionExpression": "attribute_not_exists(pk) OR #at < :at",
            "ExpressionAttributeNames": {"#at": "at"},
            "ExpressionAttributeValues": {":at": number_of(at)},
        }
        self._put("set_swept", {**_SWEEP, "at": number_of(at)}, condition)

    # --- calls -------------------------------------------------------------------------------------------------

    def _put(self, operation: str, item: Item, condition: Mapping[str, Any]) -> bool:
        """False when the condition does not hold, unless what is stored is just what we wanted to write."""
        with _translated(operation):
            try:
                self._client().put_item(
                    TableName=self._table, Item=item, ReturnValuesOnConditionCheckFailure="ALL_OLD", **condition
                )
            except ClientError as failure:
                return _stored_instead(failure) == item
        return True

    def _update(
        self,
        operation: str,
        issue_id: IssueId,
        change: str,
        condition: str | None,
        values: Mapping[str, Any],
        *,
        writer: str | None = None,
    ) -> bool:
        """Change the incident item. writer: the attribute in which this very call is recognised when it is repeated."""
        call: dict[str, Any] = {"ExpressionAttributeValues": dict(values)}
        token = {"S": uuid4().hex}
        if writer is not None:
            call["ExpressionAttributeValues"][":writer"] = token
        if condition is not None:
            call |= {"ConditionExpression": condition, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        key = {"pk": partition_of(issue_id), "sk": {"S": INCIDENT}}
        with _translated(operation):
            try:
                self._client().update_item(TableName=self._table, Key=key, UpdateExpression=change, **call)
            except ClientError as failure:
                stored = _stored_instead(failure)
                return writer is not None and stored.get(writer) == token
        return True

    def _query(self, operation: str, *, consistent: bool = True, **call: Any) -> Iterator[Item]:
        """Every item, page by page. A later page that fails raises: nobody takes a part for the whole."""
        while True:
            with _translated(operation):
                answer = self._client().query(TableName=self._table, ConsistentRead=consistent, **call)
            yield from answer["Items"]
            if "LastEvaluatedKey" not in answer:
                return
            call["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _stored_instead(failure: ClientError) -> Item:
    """The item for which a condition did not hold; raises again when that was not what failed."""
    if error_code(failure) != "ConditionalCheckFailedException":
        raise failure
    return cast("Mapping[str, Item]", failure.response).get("Item", {})


@contextmanager
def _translated(operation: str) -> Iterator[None]:
    """A request that DynamoDB can never accept is a bug or too large an item; everything else may pass."""
    try:
        yield
    except ClientError as error:
        if error_code(error) == "ValidationException":
            raise PermanentError("dynamodb", operation, str(error)[:300]) from error
        raise unreachable("dynamodb", operation, error) from error
    except BotoCoreError as error:
        raise unreachable("dynamodb", operation, error) from error
    except KeyError as error:  # a 200 that is none of DynamoDB's, from something in between
        raise TemporaryError("dynamodb", operation, f"an answer without {error}") from error


def _room(room_id: str) -> dict[str, Any]:
    return {"pk": {"S": f"room#{room_id}"}, "sk": {"S": "room"}}
