"""Log: fixed event names with fields; the operators' view. Never a secret, a body or a mail address."""

from __future__ import annotations

from typing import Protocol


class Log(Protocol):
    def info(self, event: str, **fields: object) -> None: ...

    def alarm(self, event: str, **fields: object) -> None:
        """Something an owner must look at: an alarm of `.chalice/resources.json` counts these."""
        ...
