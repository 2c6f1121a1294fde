"""The real clock, real randomness and real threads."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class RandomTokens:
    def token(self) -> str:
        """96 random bits: nobody else has it."""
        return secrets.token_hex(12)


class Threads:
    """Runs tasks at the same time, each in a thread of its own."""

    def run(self, tasks: Sequence[Callable[[], None]]) -> None:
        """Return when all have ended. Tasks do not raise; one that does is a bug, shown once the others are done."""
        if len(tasks) == 1:
            tasks[0]()
            return
        if not tasks:
            return
        with ThreadPoolExecutor(max_workers=len(tasks)) as pool:
            started = [pool.submit(task) for task in tasks]
        for task in started:
            task.result()
