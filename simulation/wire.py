"""Between Firebell and every port: time passes, faults strike, and the watch sees each effect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet

from chalicelib.errors import PermanentError, TemporaryError
from simulation.faults import FAULTS, Effect, Ending, Fault
from simulation.loop import Invocation, Killed, Loop
from simulation.operations import AGAIN, AWS, BY_NAME, Operation
from simulation.script import Outage, Script, Strike

T = TypeVar("T")

TIMEOUT_MS = {
    "opsgenie": 3000, "pagerduty": 3000, "jira": 6000, "slack": 4000, "confluence": 4000, "zoom": 4000, "statuspage": 4000,
    "mail": 4000, "ledger": 2000, "queue": 2000, "secrets": 2000, "facts": 6000, "rollup": 80_000,
}  # fmt: skip
LATE_MS = {system: 400 if system in AWS else 4000 for system in TIMEOUT_MS}
CLOCKS_DIFFER_MS = 1_100
"""Whoever asks again may have a clock that is a second ahead of the one that was told to wait."""
LOOK_WAIT_MS = 30_000
"""A pager that asks for more patience with reading is believed no longer: a look changes nothing there, and whoever is needed,
or has answered meanwhile, waits for it."""
_USUAL_MS = {
    "opsgenie": 120, "pagerduty": 150, "jira": 200, "slack": 150, "confluence": 250, "zoom": 300, "statuspage": 250,
    "mail": 300, "ledger": 6, "queue": 8, "secrets": 20, "facts": 40, "rollup": 40,
}  # fmt: skip
_SPREAD = (0.0, 0.2, 0.5, 1.0, 1.0, 1.5, 3.0, 9.0)
_POSSIBLE_MS = {system: tuple(int(usual * share) for share in _SPREAD) for system, usual in _USUAL_MS.items()}
"""What a call takes in an interleaved life."""


@dataclass(slots=True)
class Struck:
    """One fault that happened. over_ms: when it is over, Retry-After included, of which a pager's to a look counts for
    `LOOK_WAIT_MS` at most. undercut_ms: when it was not waited for.

    function: whose call it struck.
    """

    operation: str
    fault: Fault
    at_ms: int
    over_ms: int
    incident: str | None
    function: str
    undercut_ms: int | None = None


@dataclass(slots=True)
class FaultPlan:
    """Which call fails how: planned strikes by count, and outages by time. numbers: incident number -> issue id."""

    strikes: dict[str, list[Strike]] = field(default_factory=dict)
    outages: list[Outage] = field(default_factory=list)
    numbers: dict[int, str] = field(default_factory=dict)
    poisoned: frozenset[int] = frozenset()
    healed_ms: int = 0
    strikes_first: bool = False
    calls: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, script: Script) -> FaultPlan:
        poisoned, healed_ms = frozenset(script.poisoned), int(script.healed_s * 1000)
        plan = cls(poisoned=poisoned, healed_ms=healed_ms, strikes_first=script.strikes_first)
        for strike in script.strikes:
            plan.strikes.setdefault(strike.operation, []).append(strike)
        plan.outages = sorted(script.outages, key=lambda outage: outage.system in BY_NAME)  # a whole system's first
        return plan

    def take(self, operation: Operation, now_ms: int, incident: str | None) -> tuple[Fault, int] | None:
        """The fault that strikes this call, and when it ends; None for a call that goes well."""
        name = operation.name
        nth = self.calls[name] = self.calls.get(name, 0) + 1
        if self.poisoned and name == "jira.read" and now_ms < self.healed_ms and self.is_poisoned(incident):
            return FAULTS["crash before"], self.healed_ms
        planned, lasting = self._planned(name, nth, now_ms, incident), self._lasting(operation, now_ms)
        return (planned or lasting) if self.strikes_first else (lasting or planned)

    def _lasting(self, operation: Operation, now_ms: int) -> tuple[Fault, int] | None:
        for outage in self.outages:
            if outage.system not in (operation.system, operation.name) or outage.fault not in operation.fault_names:
                continue
            if outage.from_s * 1000 <= now_ms < (outage.from_s + outage.for_s) * 1000:
                return FAULTS[outage.fault], int((outage.from_s + outage.for_s) * 1000)
        return None

    def _planned(self, name: str, nth: int, now_ms: int, incident: str | None) -> tuple[Fault, int] | None:
        for strike in self.strikes.get(name, ()):
            if strike.incident is not None and self.numbers.get(strike.incident) != incident:
                continue
            if strike.nth <= nth <= max(strike.nth, strike.until):
                return FAULTS[strike.fault], now_ms
        return None

    def is_poisoned(self, incident: str | None) -> bool:
        return any(self.numbers.get(number) == incident for number in self.poisoned)


class Wire:
    """choices: None makes every call take its usual time; else latencies vary, and the effect comes early or late in them.

    over_ms: when the last fault so far is over. latest: what each thread has called last.
    """

    def __init__(self, loop: Loop, plan: FaultPlan, choices: Random | None, tell: Callable[[str, str], None] | None) -> None:
        self.loop, self.plan, self._choices, self._tell = loop, plan, choices, tell
        self.struck: list[Struck] = []
        self.over_ms = 0
        self.is_landing = False
        self.latest: dict[greenlet, str] = {}
        self._asked_to_wait: dict[tuple[str, str], tuple[int, Struck]] = {}

    def call(
        self,
        operation: Operation,
        incident: str | None,
        effect: Callable[[], T],
        *,
        missing: Callable[[], T] | None = None,
        part: Callable[[], T] | None = None,
        about: str | None = None,
    ) -> T:
        """One call at a port. missing: the answer to a 404; part: does a part of it, and answers or raises.

        about: what a Retry-After holds for, where one incident has several (a page's alias); else the incident.
        """
        if self.loop.running is None:
            return effect()  # whoever looks at the world from outside
        if self.loop.running.dead:
            raise Killed("another thread of it was killed")
        self.latest[getcurrent()] = operation.name
        if self._asked_to_wait and incident is not None:
            self._note_impatience(operation.name, about or incident)
        found = self.plan.take(operation, self.loop.now_ms, incident)
        if found is None:
            return self._undisturbed(operation, effect)
        return self._strike(operation, found[0], found[1], incident, about or incident, effect, missing, part)

    def _note_impatience(self, name: str, about: str) -> None:
        until_ms, struck = self._asked_to_wait.get((name, about), (0, None))
        if struck is not None and self.loop.now_ms < until_ms - CLOCKS_DIFFER_MS and struck.undercut_ms is None:
            struck.undercut_ms = self.loop.now_ms

    def _undisturbed(self, operation: Operation, effect: Callable[[], T]) -> T:
        if self._choices is None:
            self.loop.sleep(_USUAL_MS[operation.system])
            return effect()
        ms = _POSSIBLE_MS[operation.system][int(self._choices.random() * len(_SPREAD))]
        if self._choices.random() < 0.5:
            self.loop.sleep(ms)
            return effect()
        result = effect()
        self.loop.sleep(ms)
        return result

    def _strike(
        self,
        operation: Operation,
        fault: Fault,
        over_ms: int,
        incident: str | None,
        about: str | None,
        effect: Callable[[], T],
        missing: Callable[[], T] | None,
        part: Callable[[], T] | None,
    ) -> T:
        loop = self.loop
        takes_ms = TIMEOUT_MS[operation.system] if fault.takes == "timeout" else _USUAL_MS[operation.system]
        wait_ms = int((fault.retry_after_s or 0) * 1000)
        # Without the storm count, or a turn, everything else is remembered all the same; and what the SDK repeats is written.
        is_lost = operation.method not in ("count_major", "take_turn") and fault.effect is not Effect.TWICE
        if operation.is_aws and is_lost and loop.running is not None:
            loop.running.notes[f"{operation.system}_failed"] = True
        over_ms = max(over_ms, loop.now_ms + takes_ms + (min(wait_ms, LOOK_WAIT_MS) if operation.is_look else wait_ms))
        self.over_ms = max(self.over_ms, over_ms)
        assert loop.running is not None
        self.struck.append(Struck(operation.name, fault, loop.now_ms, over_ms, incident, loop.running.name))
        if wait_ms and about is not None:
            self._asked_to_wait[operation.name, about] = (loop.now_ms + takes_ms + wait_ms, self.struck[-1])
        if self._tell:
            self._tell("fault", f"{operation.name}: {fault.name}")
        match fault.effect:
            case Effect.DONE if operation.writes:
                effect()
            case Effect.LATE if operation.writes:
                late = partial(self._land, loop.running, effect)
                loop.after(takes_ms + LATE_MS[operation.system], late)
            case Effect.TWICE:
                # The adapter recognises its own repeated write and reports the first one's success.
                result = effect()
                effect()
                loop.sleep(takes_ms)
                return result
            case Effect.PART:
                assert part is not None, f"{operation.name} has no parts"
                loop.sleep(takes_ms)
                return part()
        if fault.ending is Ending.KILLED:
            assert loop.running is not None
            loop.running.dead = True
            raise Killed(f"{operation.name}: {fault.name}")
        loop.sleep(3_600_000 if fault.ending is Ending.TOO_SLOW else takes_ms)
        return self._end(operation, fault, effect, missing)

    def _land(self, sender: Invocation | None, effect: Callable[[], Any]) -> None:
        """A late effect: still that of the function which sent it, and there is nobody to tell that it was refused."""
        self.loop.running, self.is_landing = sender, True
        try:
            effect()
        except (PermanentError, TemporaryError):
            return
        finally:
            self.loop.running, self.is_landing = None, False

    def _end(self, operation: Operation, fault: Fault, effect: Callable[[], T], missing: Callable[[], T] | None) -> T:
        match fault.ending:
            case Ending.ANSWER:
                return effect()
            case Ending.MISSING if missing is not None:
                return missing()
            case Ending.MISSING:
                raise PermanentError(operation.system, operation.method, "404 not found")
            case Ending.CONFLICT if operation.conflict == AGAIN:
                raise TemporaryError(operation.system, operation.method, fault.name)
            case Ending.PERMANENT | Ending.CONFLICT:
                raise PermanentError(operation.system, operation.method, f"400 {fault.name}")
            case _:
                raise TemporaryError(
                    operation.system, operation.method, fault.name,
                    retry_after_s=fault.retry_after_s, out_of_service=fault.out_of_service,
                )  # fmt: skip


def operation(system: str, method: str) -> Operation:
    return BY_NAME[f"{system}.{method}"]
