"""One virtual clock, what is due on it, and functions that can be interleaved wherever they wait.

Real code runs in greenlets. Whenever it reaches a port it sleeps on the virtual clock, and whatever is due first goes on; so
several functions are interleaved at every port call, in one thread, always in the same order for the same choices.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from random import Random
from threading import local
from typing import Any

from greenlet import getcurrent, greenlet

_MS = timedelta(milliseconds=1)


class Killed(BaseException):
    """The function's process is gone. Nothing may catch this."""


@dataclass(slots=True, eq=False)
class Invocation:
    """One running Lambda function. deadline_ms: when the platform kills it. skew: its own clock against the true time.

    notes: what the world remembers about it while it runs; `dead` is set when it was killed, also for its threads.
    """

    name: str
    deadline_ms: int
    skew: timedelta
    notes: dict[str, Any] = field(default_factory=dict)
    dead: bool = False


class _Idle(local):
    """Greenlets that wait for the next function of their thread, whichever life it belongs to."""

    def __init__(self) -> None:
        self.workers: list[greenlet] = []


_idle = _Idle()


def _serve(job: Callable[[], None]) -> None:
    """One function after another: a greenlet that begins costs more than most functions do."""
    me = getcurrent()
    while True:
        job()
        del job  # and with it the life that it belonged to
        _idle.workers.append(me)
        job = me.parent.switch()


ENDLESS = 1_000_000
"""Things to do in one life. The busiest of hundreds had 23,000."""


class Loop:
    """start: the true time at which it begins. ties: breaks ties between what is due at the same time; None: first come."""

    def __init__(self, start: datetime, ties: Random | None) -> None:
        self._start = start
        self.ties = ties
        self._tie: Callable[[], float] = ties.random if ties is not None else float
        self._heap: list[tuple[int, float, int, Callable[[], object]]] = []
        self._count = 0
        self._at, self._at_ms = start, 0
        self._until_ms = 0
        self._is_stopped = False
        self._nothing_follows = False
        self.now_ms = 0
        self.running: Invocation | None = None
        self.alive = 0
        self._hub = getcurrent()

    def now(self) -> datetime:
        """The true time."""
        if self._at_ms != self.now_ms:
            self._at, self._at_ms = self.moment(self.now_ms), self.now_ms
        return self._at

    def moment(self, ms: int) -> datetime:
        return self._start + timedelta(milliseconds=ms)

    def ms_of(self, moment: datetime) -> int:
        return int((moment - self._start) / _MS)

    @property
    def is_endless(self) -> bool:
        """More was to be done than any life has: something calls for itself twice."""
        return self._count >= ENDLESS

    def at(self, ms: int, action: Callable[[], object]) -> None:
        """Do it then, or now if that is past."""
        self._count += 1
        if self._count >= ENDLESS:
            self.stop()
        heapq.heappush(self._heap, (max(ms, self.now_ms), self._tie(), self._count, action))

    def after(self, ms: int, action: Callable[[], object]) -> None:
        self.at(self.now_ms + ms, action)

    def spawn(self, invocation: Invocation, work: Callable[[], object], ended: Callable[[BaseException | None], None]) -> None:
        """Run it from now on. ended: told once, with what it raised (Killed, or a function's unhandled error) or None."""

        def job() -> None:
            error: BaseException | None = None
            try:
                work()
            except (Killed, Exception) as raised:  # noqa: BLE001  this is the platform: whatever a function does, it goes on
                error = raised
                invocation.dead = invocation.dead or isinstance(raised, Killed)
            self.alive -= 1
            ended(error)

        self.alive += 1
        worker = _idle.workers.pop() if _idle.workers else greenlet(_serve, parent=self._hub)
        # Until it first waits, whoever began it may have more to do now: time must not pass before.
        self.running, self._nothing_follows = invocation, False
        worker.switch(job)
        self.running = None

    def sleep(self, ms: int) -> None:
        """Let time pass for whoever runs now. Raises Killed when its function ends meanwhile."""
        invocation = self.running
        assert invocation is not None, "only a function can wait"
        self._count += 1
        wake_ms, tie = min(self.now_ms + ms, invocation.deadline_ms), self._tie()
        if self._is_next((wake_ms, tie, self._count)):
            self.now_ms = wake_ms
        else:
            wake: Callable[[], object] = partial(self._resume, getcurrent(), invocation)
            heapq.heappush(self._heap, (wake_ms, tie, self._count, wake))
            self._hub.switch()
        if invocation.dead or self.now_ms >= invocation.deadline_ms:
            invocation.dead = True
            raise Killed("its time was up, or its process died")

    def together(self, tasks: Sequence[Callable[[], None]]) -> None:
        """Run tasks as threads of the running function; return when all have ended."""
        invocation, me = self.running, getcurrent()
        assert invocation is not None
        open_tasks = len(tasks)
        waiting = False

        def ended(_: BaseException | None) -> None:
            nonlocal open_tasks
            open_tasks -= 1
            if open_tasks == 0 and waiting:
                self.at(self.now_ms, partial(self._resume, me, invocation))

        for task in tasks:
            self.at(self.now_ms, lambda task=task: self.spawn(invocation, task, ended))  # type: ignore[misc]
        waiting = True
        if open_tasks:
            self._hub.switch()
        if invocation.dead:
            raise Killed("a thread of it was killed")

    def run(self, until_ms: int) -> None:
        """Do everything that is due until then, as long as nobody stops it."""
        self._until_ms = until_ms
        heap = self._heap
        while heap and heap[0][0] <= until_ms and not self._is_stopped:
            self.now_ms, _, _, action = heapq.heappop(heap)
            action()
        if not self._is_stopped and until_ms > self.now_ms:
            self.now_ms = until_ms

    def stop(self) -> None:
        """Nothing is begun any more."""
        self._is_stopped = True

    def next_ms(self, *, but: Callable[[], object]) -> int | None:
        """When the next thing is due, leaving out this one."""
        return min((ms for ms, _, _, action in self._heap if action != but), default=None)

    def _is_next(self, due: tuple[int, float, int]) -> bool:
        """Whether `run` would do this next, so that whoever waits for it need not go through `run` at all."""
        heap = self._heap
        return self._nothing_follows and due[0] <= self._until_ms and not self._is_stopped and not (heap and heap[0] < due)

    def _resume(self, worker: greenlet, invocation: Invocation) -> None:
        self.running, self._nothing_follows = invocation, True
        worker.switch()
        self.running = None
