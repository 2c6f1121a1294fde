"""What is said once for every new fact: each saying has a number, and the last one tells what people know already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.ports.ledger import ArtifactRecord


@dataclass(frozen=True, slots=True)
class Saying:
    """name: its key in the ledger, "<kind>:<number>". before: the last one that is over with, None for the first."""

    name: str
    number: int
    before: ArtifactRecord | None

    @property
    def known(self) -> str:
        """The fingerprint of what people know already."""
        return self.before.fingerprint if self.before is not None else ""


def next_saying(kind: str, fingerprint: str, records: Mapping[str, ArtifactRecord]) -> Saying | None:
    """The one to say now; None when the last one said just this.

    One that is still under way is said to its end, whatever has become of the facts: perhaps people have read it.
    """
    number = len([name for name in records if name.rpartition(":")[0] == kind])
    last = records.get(f"{kind}:{number}")
    if last is not None and not last.fingerprint:
        return Saying(last.name, number, records.get(f"{kind}:{number - 1}"))
    if last is not None and last.fingerprint == fingerprint:
        return None
    return Saying(f"{kind}:{number + 1}", number + 1, last)
