"""boto3 clients: short time-outs, one retry (none for mail), built on first use and kept while the function is warm.

Endpoints come from the environment (AWS_ENDPOINT_URL, AWS_ENDPOINT_URL_SQS, ...): boto3 reads those by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal, overload

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.errors import TemporaryError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.client import DynamoDBClient
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_secretsmanager.client import SecretsManagerClient
    from mypy_boto3_sqs.client import SQSClient

CONNECT_TIMEOUT_S = 1
READ_TIMEOUT_S = 1
ATTEMPTS = 2
MAIL_TIMEOUT_S, MAIL_ATTEMPTS = 8, 1
"""SES does not know a repeated mail, so nobody but the ledger may repeat one, and an answer is worth waiting for."""
STORE_TIMEOUT_S = 3
"""S3 takes longer than a table; a row that is put there comes last, when nobody waits for anything any more."""
PATIENT_TIMEOUT_S, PATIENT_ATTEMPTS = 20, 4
"""Of what has a quarter of an hour, as the rollup."""

Service = Literal["dynamodb", "sqs", "secretsmanager", "s3", "sesv2"]

_building = Lock()


@overload
def client(name: Literal["dynamodb"]) -> DynamoDBClient: ...
@overload
def client(name: Literal["sqs"]) -> SQSClient: ...
@overload
def client(name: Literal["secretsmanager"]) -> SecretsManagerClient: ...
@overload
def client(name: Literal["s3"], *, patient: bool = ...) -> S3Client: ...
@overload
def client(name: Literal["sesv2"]) -> Any: ...
def client(name: Service, *, patient: bool = False) -> Any:
    """The one client of this service. Clients are safe to share between threads; building one is not, hence the lock."""
    with _building:
        return _build(name, patient)


def forget_clients() -> None:
    """Build anew on next use: the endpoints in the environment have changed."""
    with _building:
        _build.cache_clear()


@cache
def _build(name: Service, patient: bool) -> Any:
    import boto3
    from botocore.config import Config

    if patient:
        connect_s, read_s, attempts = PATIENT_TIMEOUT_S, PATIENT_TIMEOUT_S, PATIENT_ATTEMPTS
    else:
        connect_s, (read_s, attempts) = CONNECT_TIMEOUT_S, _PATIENCE.get(name, (READ_TIMEOUT_S, ATTEMPTS))
    config = Config(
        connect_timeout=connect_s, read_timeout=read_s, retries={"total_max_attempts": attempts, "mode": "standard"}
    )  # fmt: skip
    return boto3.client(name, config=config)


_PATIENCE: Mapping[str, tuple[int, int]] = {"sesv2": (MAIL_TIMEOUT_S, MAIL_ATTEMPTS), "s3": (STORE_TIMEOUT_S, ATTEMPTS)}
"""Read time-out in seconds and attempts, where they are not those of what the page needs."""


def error_code(error: ClientError) -> str:
    """AWS's own name for what went wrong, e.g. "ConditionalCheckFailedException"."""
    return str(error.response.get("Error", {}).get("Code", ""))


def unreachable(service: str, operation: str, error: BotoCoreError | ClientError) -> TemporaryError:
    """What AWS did not do, as ours. A missing table or permission is temporary too: a human repairs it, and until then
    Firebell must do what it does when the service is away."""
    return TemporaryError(service, operation, str(error)[:300])
