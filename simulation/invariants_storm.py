"""What was promised of a storm: pages and our comment for everybody, nothing else before a human's word, everything after it.

A word is that somebody takes the incident, in Jira or at the pager, or that it is resolved or lowered; given once for all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from chalicelib.domain.alias import is_of_the_chain
from chalicelib.domain.incident import IssueId
from sandbox.pagers.desk import ACKED
from simulation.alerts import target_of
from simulation.truth import is_gone

if TYPE_CHECKING:
    from simulation.invariants import Invariants
    from simulation.watch import Facts

HOLDS = "a storm holds what waits for a human's word"
SAID = "our comment says whether the rest waits"
LANDS_MS = 60_000
"""How old the knowledge of an effect may be that lands late."""
_WAITS = "everything else waits until somebody takes this issue"


def happened(checks: Invariants, facts: Facts, what: str) -> None:
    """Something beyond page and comment: not where whoever does it could have read that a storm holds it."""
    running, now = checks.loop.running, checks.loop.now_ms
    began_ms = running.notes["began"] if running is not None else now - LANDS_MS
    if facts.went_on_ms is not None:
        return
    facts.went_on_ms = now
    if facts.stormy_ms is not None and facts.stormy_ms < began_ms and not any(True for _ in _words(checks, facts)):
        checks.broken(HOLDS, f"{what} of {facts.issue.key}, and nobody has said a word")


def is_held(checks: Invariants, facts: Facts) -> bool:
    """In the end: nobody has it, and nothing has gone on since it was declared."""
    if facts.stormy_ms is None or not facts.truth.wanted.now or facts.truth.taken.now or facts.went_on_ms is not None:
        return False
    pages = [page for page in checks.ledger.read(IssueId(facts.issue.id)).pages if page.is_of_the_chain]
    return not any(page.acked_at or page.episode > 1 for page in pages)


def spoken_ms(checks: Invariants, facts: Facts, until_ms: int) -> int:
    """When a human's word was given last until then, after which everything is to be made; 0 where nobody waited for one."""
    words = (ms for ms in _words(checks, facts) if ms <= until_ms) if facts.stormy_ms is not None else ()
    return max(words, default=0)


def healed(checks: Invariants, facts: Facts) -> None:
    """Our comment says that the rest waits where it does, and nowhere else; unless Jira says that there is none any more.

    A word that was taken back may have been heard, and is given once for all.
    """
    issue = facts.issue
    lied = [s for s in checks.struck if s.operation == "jira.edit_comment" and s.fault.name == "404"]
    if is_gone(issue) or any(s.incident == issue.id for s in lied):
        return  # a comment that Jira says is gone was removed by a human, and is not written again until it would say more
    said = any(_WAITS in comment.body for comment in issue.comments if comment.properties)
    was_removed = any(act.what == "remove our comment" for act in checks.script.acts)
    if said and not is_held(checks, facts):
        checks.broken(SAID, f"{issue.key} waits for nobody, and its comment says that it does")
    elif is_held(checks, facts) and not (said or was_removed or any(True for _ in _words(checks, facts))):
        checks.broken(SAID, f"{issue.key} waits for a human's word, and no comment says so")


def _words(checks: Invariants, facts: Facts) -> Iterator[int]:
    """When each was given: taken in Jira or at the pager, over, or wanted again."""
    truth = facts.truth
    yield from (ms for ms, value in zip(truth.taken.at_ms, truth.taken.value, strict=True) if value)
    yield from truth.wanted.at_ms[1:]
    for _, alert in facts.alerts:
        if is_of_the_chain(target_of(alert.alias)):
            yield from (checks.ms_of(turn.at) for turn in alert.turns if turn.status == ACKED)
