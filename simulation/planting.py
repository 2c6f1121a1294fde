"""What a planted bug is, and how it is planted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from chalicelib.domain.incident import Incident, IssueId
from simulation.draw import draw
from simulation.script import Script

Plant = Callable[[], AbstractContextManager[object]]


@dataclass(frozen=True, slots=True)
class Bug:
    """wrong: what, in one sentence. within: seeds, from 0. breaks: the invariants that catch it. script: seed -> its life."""

    name: str
    wrong: str
    plant: Plant
    within: int
    breaks: frozenset[str]
    script: Callable[[int], Script] = draw


@dataclass(frozen=True, slots=True)
class Unread:
    """Jira as a pass has seen it."""

    tickets: Any
    seen: Incident

    def read(self, issue_id: IssueId) -> Incident:
        return self.seen

    def __getattr__(self, name: str) -> Any:
        return getattr(self.tickets, name)


def any_of(*invariants: str) -> frozenset[str]:
    """Those of which each would catch it."""
    return frozenset(invariants)


def put(*changes: tuple[Any, str, Any]) -> Plant:
    """A plant that replaces these attributes: (where, name, by what)."""

    @contextmanager
    def planted() -> Iterator[None]:
        with ExitStack() as stack:
            for where, name, by in changes:
                stack.enter_context(patch.object(where, name, by))
            yield

    return planted
