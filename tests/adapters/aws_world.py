"""AWS in memory (moto), with the table and the queues of .chalice/resources.json; and SDK clients that lose an answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from moto import mock_aws

from sandbox.atomic_dynamodb import atomic_writes

REGION = "eu-central-1"
RESOURCES = Path(__file__).parents[2] / ".chalice" / "resources.json"
TABLE = "firebell-test"


@contextmanager
def aws_in_memory(monkeypatch: Any) -> Iterator[None]:
    """No request leaves this process."""
    for name, value in {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}.items():
        monkeypatch.setenv(name, value)
    with atomic_writes(), mock_aws():
        yield


def resource(logical_id: str) -> dict[str, Any]:
    """The properties that the deployment template gives this resource."""
    properties: dict[str, Any] = json.loads(RESOURCES.read_text("utf-8"))["Resources"][logical_id]["Properties"]
    return properties


def make_table() -> Any:
    """The ledger's table as it is deployed, under a name of our own; returns a client."""
    client = boto3.client("dynamodb", config=Config(retries={"total_max_attempts": 2, "mode": "standard"}))
    shape = resource("Ledger")
    names = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    client.create_table(TableName=TABLE, **{name: shape[name] for name in names})
    return client


def make_queue(name: str, logical_id: str) -> tuple[Any, str]:
    """A queue as it is deployed (its redrive policy left out), under a name of our own; returns a client and the URL."""
    client = boto3.client("sqs")
    shape = resource(logical_id)
    attributes: Any = {name: str(shape[name]) for name in ("VisibilityTimeout", "MaximumMessageSize") if name in shape}
    return client, client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]


def lose_the_next_answer(client: Any, operation: str) -> list[str]:
    """The next call takes effect, but its answer never arrives: the SDK repeats the call by itself.

    Returns the list of requests, which grows as they are made.
    """
    requests: list[str] = []

    def count(**_: Any) -> None:
        requests.append(operation)

    def lose(*, response: Any, **_: Any) -> float | None:
        if len(requests) > 1 or response is None:
            return None
        http: AWSResponse = response[0]
        return 0.0 if http.status_code == 200 else None

    client.meta.events.register(f"before-send.dynamodb.{operation}", count)
    client.meta.events.register_first(f"needs-retry.dynamodb.{operation}", lose)
    return requests
