"""How soon what rings for nobody stops ringing: closed where nobody is needed, acknowledged where somebody has it.

A yardstick of its own: when somebody was needed, as Jira's model tells, and when an alert rang, as the pager's does.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from chalicelib.domain.alias import is_of_the_chain
from sandbox.pagers.desk import OPEN, DeskAlert
from simulation.alerts import has_run_out, target_of
from simulation.bounds import searchable
from simulation.ringing import seen_by

if TYPE_CHECKING:
    from simulation.invariants import Invariants
    from simulation.watch import Facts

STOPS = "what rings for nobody is silenced in time"


def healed(checks: Invariants, facts: Facts) -> None:
    """Held to it is what we sent and know of, of an issue that we may see, where a worker was free.

    No search shows what was deleted or moved away: that is seen in the end. Somebody's own acknowledgement that has run out is
    left to them.
    """
    was_gone = any(act.what in ("delete", "move away") for act in checks.script.acts)
    if facts.was_hidden or was_gone or len(checks.script.raises) > checks.script.workers:
        return
    blind = {asked.alias for asked in facts.asked if asked.ledger_failed}
    for _, alert in facts.alerts:
        is_ours = is_of_the_chain(target_of(alert.alias)) and alert.id in facts.known_ids and alert.alias not in blind
        if is_ours and not has_run_out(alert):
            _check_silenced(checks, facts, alert)


def _check_silenced(checks: Invariants, facts: Facts, alert: DeskAlert) -> None:
    needed = facts.truth.needs_page.stretches(checks.loop.now_ms)
    free = [(earlier[1], later[0]) for earlier, later in pairwise([*needed, (checks.loop.now_ms, 0)])]
    for rings_ms, stops_ms in _rings(checks, alert):
        for begin_ms, end_ms in free:
            from_ms, to_ms = max(rings_ms, begin_ms), min(stops_ms, end_ms)
            if from_ms < to_ms and to_ms > (late_ms := _may_ring_until(checks, facts, from_ms, to_ms)):
                told = f"from +{from_ms / 1000:.1f} s to +{to_ms / 1000:.1f} s, and not only to +{late_ms / 1000:.1f} s"
                checks.broken(STOPS, f"{alert.id} under {alert.alias} rang for nobody {told}")


def _rings(checks: Invariants, alert: DeskAlert) -> Iterator[tuple[int, int]]:
    """(from, to) of each time that it rang."""
    ends_ms = [*(checks.ms_of(turn.at) for turn in alert.turns[1:]), checks.loop.now_ms]
    for turn, until_ms in zip(alert.turns, ends_ms, strict=True):
        if turn.status == OPEN:
            yield checks.ms_of(turn.at), until_ms


def _may_ring_until(checks: Invariants, facts: Facts, from_ms: int, to_ms: int) -> int:
    """Until it is seen what the pager shows, from when a search shows what Jira does."""
    found_ms = searchable(facts, from_ms, int(checks.script.search_lag_s * 1000))
    return seen_by(checks, facts, found_ms, to_ms)
