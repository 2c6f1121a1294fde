"""Everything that can go wrong with one call at a port: what became of the effect, and what the caller gets.

A fault here is what the *adapter* makes of it; tests/simulation/test_faults_over_http.py holds the real adapters to this table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Effect(StrEnum):
    """What became of the effect. LATE: it lands after the caller has given up. PART: `Operation.part` says what that is."""

    NONE = "none"
    DONE = "done"
    LATE = "late"
    PART = "part"
    TWICE = "twice"


class Ending(StrEnum):
    """What the caller gets."""

    ANSWER = "an answer"
    TEMPORARY = "TemporaryError"
    PERMANENT = "PermanentError"
    MISSING = "404"  # what that means is the operation's, as with the next
    CONFLICT = "409"
    KILLED = "killed"
    TOO_SLOW = "still waiting when its function is killed"


@dataclass(frozen=True, slots=True)
class Fault:
    """takes: "timeout" waits the adapter's whole time-out, "none" no time at all."""

    name: str
    effect: Effect
    ending: Ending
    takes: str = "none"
    retry_after_s: float | None = None
    out_of_service: bool = False

    def as_seen(self, *, writes: bool) -> Fault:
        """All that can be told of it behind the port but its name: what is lost of a call that writes nothing is its answer."""
        is_lost_on_it = not writes and self.effect in (Effect.DONE, Effect.LATE)
        return replace(self, name="", effect=Effect.NONE if is_lost_on_it else self.effect)

    @property
    def is_death(self) -> bool:
        return self.ending in (Ending.KILLED, Ending.TOO_SLOW)


_N, _D, _T = Effect.NONE, Effect.DONE, Ending.TEMPORARY

TIMEOUT_BEFORE = Fault("timeout before", _N, _T, "timeout")
TIMEOUT_AFTER = Fault("timeout after", _D, _T, "timeout")
TIMEOUT_LATE = Fault("timeout, lands later", Effect.LATE, _T, "timeout")
RESET_BEFORE = Fault("reset before", _N, _T)
RESET_AFTER = Fault("reset after", _D, _T)
RATE_LIMITED = Fault("429", _N, _T)
RATE_LIMITED_1 = Fault("429, again in 1 s", _N, _T, retry_after_s=1)
RATE_LIMITED_30 = Fault("429, again in 30 s", _N, _T, retry_after_s=30)
RATE_LIMITED_3600 = Fault("429, again in 3600 s", _N, _T, retry_after_s=3600, out_of_service=True)
RATE_LIMITED_GARBAGE = Fault("429, again in garbage", _N, _T)
ERROR_BEFORE = Fault("5xx before", _N, _T)
ERROR_AFTER = Fault("5xx after", _D, _T)
UNAUTHORIZED = Fault("401", _N, _T, out_of_service=True)
FORBIDDEN = Fault("403", _N, _T, out_of_service=True)
NOT_FOUND = Fault("404", _N, Ending.MISSING)
CONFLICT = Fault("409", _N, Ending.CONFLICT)
GARBAGE = Fault("half a body", _D, _T)
ERROR_INSIDE = Fault("200 with an error inside", _N, _T)
PART = Fault("a part of it", Effect.PART, _T)
SLOW_BEFORE = Fault("too slow, nothing done", _N, Ending.TOO_SLOW)
SLOW_AFTER = Fault("too slow, and done", _D, Ending.TOO_SLOW)
CRASH_BEFORE = Fault("crash before", _N, Ending.KILLED)
CRASH_AFTER = Fault("crash after", _D, Ending.KILLED)
SENT_TWICE = Fault("answer lost, SDK repeats", Effect.TWICE, Ending.ANSWER)
REFUSED = Fault("request refused", _N, Ending.PERMANENT)
THROTTLED = Fault("throttled", _N, _T)

UNANSWERED = frozenset(
    fault.name for fault in (TIMEOUT_BEFORE, TIMEOUT_AFTER, TIMEOUT_LATE, RESET_BEFORE, RESET_AFTER, GARBAGE, ERROR_INSIDE)
)
"""No answer came, or none that says yes or no. Where nobody can look it is never known whether anything was done."""
SAYS_WHEN = (RATE_LIMITED_1, RATE_LIMITED_30, RATE_LIMITED_3600, RATE_LIMITED_GARBAGE)
"""Not from vendors that never say when to come again."""

DEATHS = (SLOW_BEFORE, SLOW_AFTER, CRASH_BEFORE, CRASH_AFTER)

HTTP_FAULTS = (
    TIMEOUT_BEFORE, TIMEOUT_AFTER, TIMEOUT_LATE, RESET_BEFORE, RESET_AFTER, RATE_LIMITED, RATE_LIMITED_1, RATE_LIMITED_30,
    RATE_LIMITED_3600, RATE_LIMITED_GARBAGE, ERROR_BEFORE, ERROR_AFTER, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT, GARBAGE,
    ERROR_INSIDE, PART, *DEATHS,
)  # fmt: skip
AWS_FAULTS = (
    TIMEOUT_BEFORE, TIMEOUT_AFTER, TIMEOUT_LATE, RESET_BEFORE, RESET_AFTER, THROTTLED, ERROR_BEFORE, ERROR_AFTER, UNAUTHORIZED,
    SENT_TWICE, REFUSED, PART, *DEATHS,
)  # fmt: skip

FAULTS = {fault.name: fault for fault in (*HTTP_FAULTS, *AWS_FAULTS)}
