"""Slack's rate limits: so many calls of a method in a minute, and one message a second in a channel. No sleeping."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.ports.world import Clock

TIERS = {1: 1, 2: 20, 3: 50, 4: 100, 5: 600}
"""Calls per minute; 5 stands for the special ones."""
POSTING = 0
"""In place of a tier: one call per second and channel."""


@dataclass(slots=True)
class RateLimits:
    """on: off unless asked for, so that a test about something else may hurry."""

    clock: Clock
    on: bool = False
    _calls: dict[str, list[datetime]] = field(default_factory=dict)

    def wait_s(self, method: str, tier: int, channel: str) -> int | None:
        """None when the call may go ahead, which then counts; else for how many whole seconds to wait."""
        if not self.on:
            return None
        key, calls, window = (f"{method} {channel}", 1, 1) if tier == POSTING else (method, TIERS[tier], 60)
        now = self.clock.now()
        recent = [at for at in self._calls.get(key, []) if now - at < timedelta(seconds=window)]
        if len(recent) >= calls:
            self._calls[key] = recent
            return max(1, math.ceil(window - (now - recent[0]).total_seconds()))
        self._calls[key] = [*recent, now]
        return None
