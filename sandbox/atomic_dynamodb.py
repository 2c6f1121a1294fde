"""moto's DynamoDB with atomic writes, as AWS has them.

moto checks a condition and writes in two steps, without a lock: of sixteen threads, two may win the same conditional
update (7 of 60 races when measured). Every promise about claims rests on that never happening.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from moto.dynamodb.models import DynamoDBBackend

WRITES = ("put_item", "update_item", "delete_item", "transact_write_items")


@contextmanager
def atomic_writes() -> Iterator[None]:
    """One write at a time, in this process, until the end of the block. May be nested."""
    lock = threading.RLock()
    originals = {name: getattr(DynamoDBBackend, name) for name in WRITES}
    for name, original in originals.items():
        setattr(DynamoDBBackend, name, _locked(original, lock))
    try:
        yield
    finally:
        for name, original in originals.items():
            setattr(DynamoDBBackend, name, original)


def _locked(write: Callable[..., Any], lock: threading.RLock) -> Callable[..., Any]:
    @wraps(write)
    def one_at_a_time(*args: Any, **kwargs: Any) -> Any:
        with lock:
            return write(*args, **kwargs)

    return one_at_a_time
