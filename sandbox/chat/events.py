"""Events on their way to the app: when each is due, and again if it was not taken. No HTTP, no signature."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chalicelib.ports.world import Clock
from sandbox.chat.values import EPOCH

PAUSES = (timedelta(), timedelta(minutes=1), timedelta(minutes=5))
"""Before the first, second and third repetition."""


@dataclass(slots=True)
class ChatHook:
    """body: the whole envelope. tries: how often it has failed. reason: why the last time."""

    body: dict[str, Any]
    due: datetime
    tries: int = 0
    reason: str = ""


@dataclass(slots=True)
class Outbox:
    """lose, double: what happens to the next events: never sent, or sent twice."""

    clock: Clock
    team_id: str
    hooks: list[ChatHook] = field(default_factory=list)
    lose: int = 0
    double: int = 0
    _numbers: int = 0

    def emit(self, event: dict[str, Any]) -> None:
        self._numbers += 1
        now = self.clock.now()
        body = {
            "token": "verification-token",
            "team_id": self.team_id,
            "api_app_id": "A00000001",
            "event": event,
            "type": "event_callback",
            "event_id": f"Ev{self._numbers:08d}",
            "event_time": int((now - EPOCH).total_seconds()),
        }
        if self.lose > 0:
            self.lose -= 1
            return
        self.hooks += [ChatHook(body, now) for _ in range(2 if self.double > 0 else 1)]
        self.double = max(0, self.double - 1)

    def take_due(self) -> list[ChatHook]:
        """What to deliver now, off the list; hand what was not taken back to `failed`."""
        now = self.clock.now()
        due = [hook for hook in self.hooks if hook.due <= now]
        self.hooks = [hook for hook in self.hooks if hook.due > now]
        return due

    def failed(self, hook: ChatHook, status: int) -> None:
        """Everything but a 2xx within three seconds is repeated three times: at once, after a minute, after five.

        status: 0 for no answer.
        """
        if hook.tries >= len(PAUSES):
            return
        hook.due = self.clock.now() + PAUSES[hook.tries]
        hook.tries += 1
        hook.reason = "http_error" if status else "http_timeout"
        self.hooks.append(hook)

    def next_due(self) -> datetime | None:
        return min((hook.due for hook in self.hooks), default=None)
