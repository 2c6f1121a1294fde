"""One contract, two stores: S3 (in moto) and the twin in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from chalicelib.adapters.s3 import S3FactStore
from chalicelib.errors import TemporaryError
from chalicelib.ports.fact_store import FactStore
from simulation.twins import MemoryFacts
from tests.adapters.aws_world import aws_in_memory

BUCKET = "facts"


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with aws_in_memory(monkeypatch):
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket=BUCKET)
        yield s3


@pytest.fixture(params=["memory", "s3"])
def store(request: pytest.FixtureRequest) -> FactStore:
    if request.param == "memory":
        return MemoryFacts()
    client = request.getfixturevalue("client")
    return S3FactStore(BUCKET, lambda: client)


def test_what_was_put_is_there_whole_and_can_be_put_again(store: FactStore):
    store.put("a/1", b"one", "text/plain")
    store.put("a/1", "zwölf".encode(), "text/plain")
    assert store.get("a/1") == "zwölf".encode()


def test_what_nobody_put_is_not_there(store: FactStore):
    assert store.get("a/1") is None
    assert list(store.keys("")) == []


def test_of_two_who_write_in_the_place_of_the_same_one_succeeds(store: FactStore):
    assert store.replace("lock", None, b"mine")
    assert not store.replace("lock", None, b"theirs")
    assert not store.replace("lock", b"free", b"theirs")
    assert store.replace("lock", b"mine", b"free")
    assert store.get("lock") == b"free"
    assert not store.replace("nowhere", b"free", b"mine")
    assert store.get("nowhere") is None


def test_whoever_finds_what_it_has_written_itself_has_succeeded(client: Any):
    """The SDK repeats what was not answered, and the repetition is refused."""
    store = S3FactStore(BUCKET, lambda: client)
    store.put("lock", b"mine", "text/plain")
    assert store.replace("lock", None, b"mine")


def test_keys_are_those_that_begin_so_in_their_order(store: FactStore):
    for key in ("b/2", "a/2", "a/10", "ab/1"):
        store.put(key, b"", "text/plain")
    assert list(store.keys("a/")) == ["a/10", "a/2"]


def test_deleting_deletes_just_these_and_may_be_repeated(store: FactStore):
    store.put("a/1", b"", "text/plain")
    store.put("a/2", b"", "text/plain")
    store.delete(["a/1", "a/3"])
    store.delete(["a/1"])
    store.delete([])
    assert list(store.keys("")) == ["a/2"]


def test_more_keys_than_one_answer_holds_are_listed_and_deleted_all(client: Any):
    store = S3FactStore(BUCKET, lambda: client)
    for number in range(1_001):
        store.put(f"inbox/{number:04}", b"", "text/plain")
    keys = list(store.keys("inbox/"))
    assert len(keys) == 1_001
    store.delete(keys)
    assert list(store.keys("")) == []


@pytest.mark.parametrize("operation", ["keys", "get", "put", "replace", "delete"])
@pytest.mark.parametrize(
    "error",
    [
        pytest.param(ConnectTimeoutError(endpoint_url="https://s3"), id="away"),
        pytest.param(ClientError({"Error": {"Code": "SlowDown", "Message": "slower"}}, "S3"), id="throttled"),
        pytest.param(ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "S3"), id="not allowed"),
        pytest.param(ClientError({"Error": {"Code": "NoSuchBucket", "Message": "no"}}, "S3"), id="no bucket"),
    ],
)
def test_a_store_that_does_not_answer_is_a_temporary_error(operation: str, error: Exception):
    class Broken:
        def __getattr__(self, name: str) -> Any:
            raise error

    broken: Any = Broken()
    store = S3FactStore(BUCKET, lambda: broken)
    calls: dict[str, Any] = {
        "keys": lambda: list(store.keys("")),
        "get": lambda: store.get("a"),
        "put": lambda: store.put("a", b"", "text/plain"),
        "replace": lambda: store.replace("a", None, b""),
        "delete": lambda: store.delete(["a"]),
    }
    with pytest.raises(TemporaryError):
        calls[operation]()


def test_a_key_that_could_not_be_deleted_is_told():
    class Refusing:
        def delete_objects(self, **asked: Any) -> dict[str, Any]:
            return {"Errors": [{"Key": "a", "Message": "Internal Error"}]}

    refusing: Any = Refusing()
    with pytest.raises(TemporaryError, match="Internal Error"):
        S3FactStore(BUCKET, lambda: refusing).delete(["a"])
