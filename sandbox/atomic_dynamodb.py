"""moto's DynamoDB with atomic writes, as AWS has them.

moto checks a condition and writes in two steps, without a lock: of sixteen threads, two may win the same conditional
update (7 of 60 races when measured). Every promise about claims rests on that never happening. Nor does it read well while
another thread writes: what is counted through must not grow meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from moto.dynamodb.models import DynamoDBBackend

OPERATIONS = ("put_item", "update_item", "delete_item", "transact_write_items", "query", "scan")


@contextmanager
def atomic_writes() -> Iterator[None]:
    """One of these at a time, in this process, until the end of the block. May be nested."""
    lock = threading.RLock()
    originals = {name: getattr(DynamoDBBackend, name) for name in OPERATIONS}
    for name, original in originals.items():
        setattr(DynamoDBBackend, name, _locked(original, lock))
    try:
        yield
    finally:
        for name, original in originals.items():
            setattr(DynamoDBBackend, name, original)


def _locked(operation: Callable[..., Any], lock: threading.RLock) -> Callable[..., Any]:
    @wraps(operation)
    def one_at_a_time(*args: Any, **kwargs: Any) -> Any:
        with lock:
            return operation(*args, **kwargs)

    return one_at_a_time
