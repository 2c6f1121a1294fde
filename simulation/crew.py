"""Work spread over processes: the loop's greenlets live in one thread, so that a process plays one life at a time."""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def all_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def spread(work: Callable[[T], R], pieces: Iterable[T], jobs: int) -> Iterator[tuple[T, R]]:
    """Do every piece in some fresh process; yield (piece, result) in the order in which they end.

    Pieces are taken one by one as processes become free, so that there may be endlessly many and the taker decides when to
    stop. work: a function of a module. Whoever stops listening ends the processes.
    """
    ahead = iter(pieces)
    pool = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"), initializer=_collect_less_often)
    under_way: dict[Future[R], T] = {}
    try:
        while True:
            while len(under_way) <= jobs:  # one more than there are processes, so that none waits for us
                piece = next(ahead, None)
                if piece is None:
                    break
                under_way[pool.submit(work, piece)] = piece
            if not under_way:
                return
            for future in wait(under_way, return_when=FIRST_COMPLETED).done:
                yield under_way.pop(future), future.result()
    finally:
        pool.shutdown(cancel_futures=True)


def _collect_less_often() -> None:
    """Lives leave little garbage, and looking for it as often as Python does costs a few percent. Without any, memory grows."""
    gc.set_threshold(10_000, 20, 20)
