"""A vendor's limit of so many requests in a second, kept by all workers and functions together: turns booked in the ledger."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

from chalicelib.errors import TemporaryError
from chalicelib.ports.ledger import Ledger
from chalicelib.ports.world import Clock

PATIENCE = timedelta(seconds=2)
"""A turn that comes sooner is waited for; a later one is left to others, and the runner comes again."""


class Turns:
    """Called before every request; returns when the request may go out. name: of the limit, as the ledger calls it."""

    def __init__(
        self,
        name: str,
        every: timedelta,
        ledger: Callable[[], Ledger],
        clock: Clock,
        *,
        patience: timedelta = PATIENCE,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._name, self._every, self._patience = name, every, patience
        self._ledger, self._clock, self._sleep = ledger, clock, sleep

    def __call__(self, operation: str) -> None:
        """Raises TemporaryError with `retry_after_s` when the turn is not soon; then none was booked."""
        now = self._clock.now()
        turn = self._ledger().take_turn(self._name, now, self._every, until=now + self._patience)
        wait_s = (turn - now).total_seconds()
        if turn > now + self._patience:
            raise TemporaryError(self._name, operation, "its limit is used up for now", retry_after_s=wait_s)
        if wait_s > 0:
            self._sleep(wait_s)


def unlimited(operation: str) -> None:
    """For a command that asks a few things once."""
