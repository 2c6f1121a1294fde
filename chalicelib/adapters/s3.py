"""The fact store in S3."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.aws import error_code, unreachable
from chalicelib.errors import TemporaryError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

DELETED_AT_ONCE = 1000
"""What one request takes."""

_ANOTHER_IS_THERE = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey")
"""What a conditional write is answered where something else lies there, or is just being written."""


class S3FactStore:
    """client: builds the boto3 client on first use."""

    def __init__(self, bucket: str, client: Callable[[], S3Client]) -> None:
        self._bucket = bucket
        self._client = client

    def keys(self, prefix: str) -> Iterator[str]:
        try:
            for page in self._client().get_paginator("list_objects_v2").paginate(Bucket=self._bucket, Prefix=prefix):
                yield from (one["Key"] for one in page.get("Contents", ()))
        except (BotoCoreError, ClientError) as error:
            raise unreachable("s3", "keys", error) from error

    def get(self, key: str) -> bytes | None:
        try:
            return self._client().get_object(Bucket=self._bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error_code(error) == "NoSuchKey":
                return None
            raise unreachable("s3", "get", error) from error
        except BotoCoreError as error:
            raise unreachable("s3", "get", error) from error

    def put(self, key: str, content: bytes, content_type: str) -> None:
        try:
            self._client().put_object(Bucket=self._bucket, Key=key, Body=content, ContentType=content_type)
        except (BotoCoreError, ClientError) as error:
            raise unreachable("s3", "put", error) from error

    def replace(self, key: str, old: bytes | None, new: bytes) -> bool:
        """What was answered too late is repeated by the SDK, and finds what it has written itself: that is success."""
        client = self._client()
        try:
            if old is None:
                client.put_object(Bucket=self._bucket, Key=key, Body=new, IfNoneMatch="*")
                return True
            found = client.get_object(Bucket=self._bucket, Key=key)
            if found["Body"].read() != old:
                return False
            client.put_object(Bucket=self._bucket, Key=key, Body=new, IfMatch=found["ETag"])
        except ClientError as error:
            if error_code(error) in _ANOTHER_IS_THERE:
                return self.get(key) == new
            raise unreachable("s3", "replace", error) from error
        except BotoCoreError as error:
            raise unreachable("s3", "replace", error) from error
        return True

    def delete(self, keys: Collection[str]) -> None:
        left = iter(keys)
        while some := list(islice(left, DELETED_AT_ONCE)):
            try:
                told = self._client().delete_objects(
                    Bucket=self._bucket, Delete={"Objects": [{"Key": key} for key in some], "Quiet": True}
                )
            except (BotoCoreError, ClientError) as error:
                raise unreachable("s3", "delete", error) from error
            refused = told.get("Errors", [])
            if refused:
                raise TemporaryError("s3", "delete", f"{len(refused)} keys stay, the first because {refused[0].get('Message')}")
