"""A life as a value: the company, what people do, what breaks. Everything that happens follows from it, byte for byte.

A script is a list of small, independent parts, so that a failing one can be made shorter by leaving parts out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Raise:
    """Somebody raises an incident. Incidents are numbered from 0 in the order in which they stand in the script."""

    at_s: float
    severity: int | None = 1
    service: str | None = "Bitbucket"
    assignee: str = ""


@dataclass(frozen=True, slots=True)
class Act:
    """Somebody does something to an incident; `people.ACTS` says what. What cannot be done then is left undone."""

    at_s: float
    what: str
    incident: int = 0


@dataclass(frozen=True, slots=True)
class Strike:
    """The nth call (from 1) of an operation fails; `until` (inclusive) makes a run of them. incident: only calls about it."""

    operation: str
    nth: int
    fault: str
    until: int = 0
    incident: int | None = None


@dataclass(frozen=True, slots=True)
class Outage:
    """Every call of a system ("opsgenie", "jira", "ledger"...) or operation fails for a while."""

    system: str
    from_s: float
    for_s: float
    fault: str


@dataclass(frozen=True, slots=True)
class HookFate:
    """What becomes of the nth webhook (from 1) of a sender ("jira", "pager"): lost, doubled, late, forged, replayed,
    unreadable.

    by_s: how late, or how much later the second one comes.
    """

    sender: str
    nth: int
    fate: str
    by_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Script:
    """One life.

    company: whose rosters and pagers, a key of `company.COMPANIES`. reactions: what whoever is rung does, ring by ring, the
    last for all others: "ack", "close", "fix", "assign", "ignore", with the seconds it takes ("ack 5").
    schedule: seeds latencies and who goes first; 0: fixed latencies, first come first served. workers: at most so many at once.
    *_lag_s: how far Jira's search, the pagers' lists and the ledger's index run behind. takes_s: how long a pager sits on a
    request. *_skew_s: Jira's, the pagers' and our workers' clocks against the true time. deaf: (from, for) in which the first
    pager accepts and processes nothing. poisoned: incidents whose every reading kills the function, until healed_s.
    redelivered: the queue's deliveries (from 1) that come twice. places: the company has chat, wiki and video calls.
    telling: it has status pages and mail. counted: it counts its incidents; rollup_offset_s: when the first hourly rollup is.
    strikes_first: a call is struck as planned also in an outage.
    long_ago: what became of the alerts that the pagers hold since 300 days before, "": there are none. "closed", or
    "left" acknowledged: of another stage, under each incident's aliases; "acked" or "open": of another Jira whose issue has the
    same id, under the aliases that pages had before Jiras were told apart.
    """

    company: str = "two pagers"
    begins: str = "2026-11-23T03:00:00+00:00"
    raises: tuple[Raise, ...] = (Raise(0.0),)
    acts: tuple[Act, ...] = ()
    reactions: tuple[str, ...] = ("ack 5",)
    strikes: tuple[Strike, ...] = ()
    outages: tuple[Outage, ...] = ()
    fates: tuple[HookFate, ...] = ()
    schedule: int = 0
    workers: int = 2
    sweep_offset_s: float = 30.0
    search_lag_s: float = 0.0
    list_lag_s: float = 0.0
    index_lag_s: float = 0.0
    takes_s: float = 0.3
    jira_skew_s: float = 0.0
    pager_skew_s: float = 0.0
    worker_skew_s: float = 0.0
    pager_hooks: bool = True
    deaf: tuple[float, float] = (0.0, 0.0)
    poisoned: tuple[int, ...] = ()
    healed_s: float = 0.0
    redelivered: tuple[int, ...] = ()
    places: bool = False
    telling: bool = False
    counted: bool = False
    rollup_offset_s: float = 600.0
    strikes_first: bool = False
    long_ago: str = ""

    @property
    def disturbed_until_ms(self) -> int:
        """When the script itself stops disturbing: acts, outages, late webhooks; then hidden issues are shown again."""
        moments = [raised.at_s for raised in self.raises]
        moments += [act.at_s for act in self.acts]
        moments += [outage.from_s + outage.for_s for outage in self.outages]
        moments += [sum(self.deaf), self.healed_s if self.poisoned else 0.0]
        last = max(moments)
        last += self.search_lag_s
        late = (fate.by_s for fate in self.fates if fate.fate in ("late", "replayed", "doubled"))
        return int(max([last, *(last + by_s for by_s in late)]) * 1000)

    def but(self, **changes: Any) -> Script:
        return replace(self, **changes)


_PARTS: dict[str, type] = {"raises": Raise, "acts": Act, "strikes": Strike, "outages": Outage, "fates": HookFate}


def script_to_json(script: Script) -> str:
    """Only what differs from a dull life, so that a shortened script is short to read."""
    dull = Script()
    shown = {f.name: asdict(script)[f.name] for f in fields(Script) if getattr(script, f.name) != getattr(dull, f.name)}
    return json.dumps(shown, separators=(",", ":"))


def script_from_json(text: str) -> Script:
    """The inverse. Raises TypeError or ValueError for what is no script."""
    told = json.loads(text)
    values: dict[str, Any] = {name: _tuple(name, value) if isinstance(value, list) else value for name, value in told.items()}
    return Script(**values)


def _tuple(name: str, values: Iterable[Any]) -> tuple[Any, ...]:
    part = _PARTS.get(name)
    return tuple(part(**value) for value in values) if part else tuple(values)
