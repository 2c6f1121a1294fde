"""Sees the impact's times in Jira, and what is put into the fact store, keeps the facts, and asks the checks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from chalicelib.domain.incident import DETECTED, IMPACT_ENDED, IMPACT_STARTED
from sandbox.jira import schema as names
from sandbox.jira.model import JiraIssue
from simulation.truth import Timeline

TIMES = {IMPACT_STARTED: names.STARTED, DETECTED: names.DETECTED, IMPACT_ENDED: names.ENDED}
"""How rows call them -> the field in Jira."""


@dataclass(slots=True)
class TimeFacts:
    """One of the three times. value: as Jira shows it. is_ours: we wrote it, and nobody has changed it since.

    touched: it had a value once. by_people_ms: when people last changed it. taken_out: a value of ours, by a human.
    """

    value: str | None = None
    is_ours: bool = False
    touched: bool = False
    by_people_ms: int = -1
    taken_out: bool = False


@dataclass(slots=True)
class CountFacts:
    """put: versions of the row that lie in the inbox, or lay there."""

    times: dict[str, TimeFacts] = field(default_factory=lambda: {name: TimeFacts() for name in TIMES})
    private: Timeline = field(default_factory=Timeline)
    put: set[int] = field(default_factory=set)


class CountChecks(Protocol):
    """Asked before an effect; the facts hold what was before it."""

    def puts(self, issue_id: str, fields: Mapping[str, object], read_ms: int | None) -> None: ...

    def counts(self, issue_id: str, line: str) -> None: ...

    def rolls_up(self, key: str, content: bytes) -> None: ...

    def deletes(self, keys: Collection[str]) -> None: ...


class CountWatch:
    """calls: everything that passes asked of the fact store, and of Jira's fields. writes: what they changed there."""

    def __init__(self, checks: CountChecks) -> None:
        self.checks = checks
        self.facts: dict[str, CountFacts] = {}
        self.calls = 0
        self.writes = 0

    def of(self, issue_id: str) -> CountFacts:
        return self.facts.setdefault(issue_id, CountFacts())

    def note(self, issue: JiraIssue, now_ms: int, *, by_us: bool = False) -> None:
        """The issue may have changed."""
        ours = self.of(issue.id)
        ours.private.note(now_ms, names.PRIVATE_LABEL in issue.fields["labels"])
        for name, field_id in TIMES.items():
            time, value = ours.times[name], issue.fields.get(field_id)
            if value == time.value:
                continue
            if not by_us:
                time.by_people_ms = now_ms
                time.taken_out = time.taken_out or (value is None and time.is_ours)
            time.value, time.is_ours, time.touched = value, by_us, True
