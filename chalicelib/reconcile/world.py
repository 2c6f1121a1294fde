"""What a pass works with: the ports, and the company's rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.artifacts.artifact import Artifact
from chalicelib.artifacts.page import PageTexts
from chalicelib.domain.policy import Mode, PagingPolicy
from chalicelib.domain.routing import RoutingTable
from chalicelib.ports.ledger import Ledger
from chalicelib.ports.log import Log
from chalicelib.ports.pager import Pager
from chalicelib.ports.queue import Queue
from chalicelib.ports.tickets import Tickets
from chalicelib.ports.world import Clock, Together, Tokens

if TYPE_CHECKING:
    from chalicelib.ports.chat import Chat  # the page needs none


@dataclass(frozen=True, slots=True)
class World:
    """Everything outside. `tickets` is a function and `pagers` may build on access: the page's path needs neither Jira
    nor a pager that is not rung. `chat` is None where none is configured."""

    ledger: Ledger
    queue: Queue
    tickets: Callable[[], Tickets]
    pagers: Mapping[str, Pager]
    clock: Clock
    tokens: Tokens
    together: Together
    log: Log
    chat: Callable[[], Chat] | None = None


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything the company chose. note_mark: the reaction that makes a message a note, without colons."""

    mode: Mode
    policy: PagingPolicy
    routing: RoutingTable
    page_texts: PageTexts
    artifacts: Callable[[], tuple[Artifact[Any], ...]]
    note_mark: str = "pushpin"
