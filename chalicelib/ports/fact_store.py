"""Fact store: files of rows that people and query engines read. S3 provides it."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Protocol


class FactStore(Protocol):
    """Raises TemporaryError when the store cannot be reached. Reads see every write that was answered before."""

    def keys(self, prefix: str) -> Iterator[str]:
        """Every key that begins so, in the order of the keys. Never ends early without raising."""
        ...

    def get(self, key: str) -> bytes | None:
        """None: there is none."""
        ...

    def put(self, key: str, content: bytes, content_type: str) -> None:
        """Write it whole, over what is there."""
        ...

    def replace(self, key: str, old: bytes | None, new: bytes) -> bool:
        """Write `new` where `old` lies (None: nothing does), or leave it as it is: then False. Of two at once one succeeds."""
        ...

    def delete(self, keys: Collection[str]) -> None:
        """Deleting what is not there is success."""
        ...
