"""The parts of the world every program forgets to ask for: time, randomness, and doing several things at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware UTC."""
        ...


class Tokens(Protocol):
    def token(self) -> str:
        """A random token nobody else has."""
        ...


class Together(Protocol):
    def run(self, tasks: Sequence[Callable[[], None]]) -> None:
        """Run all tasks concurrently and return when all have ended. Tasks do not raise."""
        ...
