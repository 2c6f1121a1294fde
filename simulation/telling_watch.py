"""Sees what people are told by status pages and mail, keeps the facts, and asks the checks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from chalicelib.artifacts.status_channel import Marks
from chalicelib.domain.announcement import DRILL_PAGE, OPENING, ORDER, PUBLIC_PAGE, RESOLVED, STAFF_PAGE, ComponentState
from chalicelib.domain.incident import IssueId
from sandbox.jira.model import JiraIssue
from simulation.truth import Timeline

PAGES = (STAFF_PAGE, PUBLIC_PAGE, DRILL_PAGE)
MOST_RESOLVES = 12
_MAIL = re.compile(r"firebell\.(\d+)\.([\w-]+)@")


@dataclass(frozen=True, slots=True)
class Version:
    """What a comment says from `ms` on. token: the word that only this version has; "" where it is gone. leaks: it has words
    that are not for customers."""

    ms: int
    token: str
    leaks: bool = False


@dataclass(slots=True)
class OrderFacts:
    """account: of its author. asked: what it begins with."""

    account: str
    is_public: bool
    asked: str
    versions: list[Version]

    def at(self, ms: int) -> Version | None:
        """In force then."""
        return next((version for version in reversed(self.versions) if version.ms <= ms), None)

    def since(self, from_ms: int, to_ms: int) -> list[Version]:
        """All that were in force between."""
        first = self.at(from_ms)
        return [*([first] if first is not None else []), *(one for one in self.versions if from_ms < one.ms <= to_ms)]


@dataclass(frozen=True, slots=True)
class Told:
    """token: of the order's version, "" where nobody ordered it."""

    ms: int
    channel: str
    announcement: str
    token: str


@dataclass(slots=True)
class TellingFacts:
    """What people were told of one incident, and what they did about it.

    told: in order. opened: incidents on each page, those that people deleted too. deleted, ended: pages on which people deleted
    it, or resolved it by hand and when. mails: how often each was handed over, by its id and address; letters: its id, by what
    it says and the address. holders: accounts that ever had it
    or spoke for it. resolves: when it was resolved. products: components on the public page of those that were named, from
    when on.
    """

    orders: dict[str, OrderFacts] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    opened: dict[str, list[str]] = field(default_factory=lambda: {page: [] for page in PAGES})
    deleted: set[str] = field(default_factory=set)
    ended: dict[str, int] = field(default_factory=dict)
    mails: Counter[tuple[str, str]] = field(default_factory=Counter)
    letters: dict[tuple[str, str], str] = field(default_factory=dict)
    holders: dict[str, int] = field(default_factory=dict)
    resolves: list[int] = field(default_factory=list)
    major: Timeline = field(default_factory=Timeline)
    private: Timeline = field(default_factory=Timeline)
    drill: Timeline = field(default_factory=Timeline)
    visible: Timeline = field(default_factory=Timeline)
    products: list[tuple[int, frozenset[str]]] = field(default_factory=list)
    resolved: Timeline = field(default_factory=Timeline)
    duplicate: Timeline = field(default_factory=Timeline)

    def named(self, from_ms: int, to_ms: int) -> frozenset[str]:
        """Components of all products that were named at any moment between."""
        before = [ids for ms, ids in self.products if ms <= from_ms]
        return frozenset().union(*before[-1:], *(ids for ms, ids in self.products if from_ms < ms <= to_ms))

    def was_told(self, channel: str, announcement: str) -> bool:
        return any((one.channel, one.announcement) == (channel, announcement) for one in self.told)


class TellingChecks(Protocol):
    """Asked before an effect; the facts hold what was before it."""

    def note(self, issue: JiraIssue) -> None: ...

    def opens(self, issue_id: str, page: str) -> None: ...

    def publishes(self, issue_id: str, channel: str, announcement: str, words: str, *, again: bool = False) -> None: ...

    def amends(self, issue_id: str, announcement: str, before: str, words: str) -> None: ...

    def renames(self, issue_id: str, page: str, name: str) -> None: ...

    def shows(self, issue_id: str, page: str, states: Mapping[str, ComponentState]) -> None: ...

    def moves(self, issue_id: str, page: str, announcement: str, status: str, new: str) -> None: ...

    def mails(self, issue_id: str, message_id: str, address: str, words: str) -> None: ...

    def asks(self, before_ms: int, now_ms: int) -> None: ...


class Unasked:
    """For people to whom nobody made promises."""

    def note(self, issue: JiraIssue) -> None: ...

    def opens(self, issue_id: str, page: str) -> None: ...

    def publishes(self, issue_id: str, channel: str, announcement: str, words: str, *, again: bool = False) -> None: ...

    def amends(self, issue_id: str, announcement: str, before: str, words: str) -> None: ...

    def renames(self, issue_id: str, page: str, name: str) -> None: ...

    def shows(self, issue_id: str, page: str, states: Mapping[str, ComponentState]) -> None: ...

    def moves(self, issue_id: str, page: str, announcement: str, status: str, new: str) -> None: ...

    def mails(self, issue_id: str, message_id: str, address: str, words: str) -> None: ...

    def asks(self, before_ms: int, now_ms: int) -> None: ...


class TellingWatch:
    """calls: everything that was asked of pages, mail and comments; writes: what changed anything.

    read_ms: when whoever asks now last read the issue; comment_read_ms: and the comment with this id.
    """

    def __init__(self, checks: TellingChecks, marks: Marks, issue_ids: Callable[[], list[str]]) -> None:
        self.checks, self._marks, self._issue_ids = checks, marks, issue_ids
        self.facts: dict[str, TellingFacts] = {}
        self.calls = 0
        self.writes = 0
        self.asked_ms: int | None = None
        self.read_ms: Callable[[], int | None] = lambda: None
        self.comment_read_ms: Callable[[str], int | None] = lambda comment_id: None
        self._known: dict[str, tuple[str, str]] = {}

    def of(self, issue_id: str) -> TellingFacts:
        return self.facts.setdefault(issue_id, TellingFacts())

    # --- which incident is it about ----------------------------------------------------------------------------

    def of_mark(self, mark: str) -> tuple[str | None, str]:
        """The issue, and which announcement, "" for the incident on the page itself; marks reveal nothing by themselves."""
        if mark not in self._known:
            for issue_id in self._issue_ids():
                self._learn(issue_id)
        return self._known.get(mark, (None, ""))

    def of_mail(self, message_id: str) -> tuple[str | None, str]:
        found = _MAIL.match(message_id)
        return (found[1], found[2]) if found else (None, "")

    def _learn(self, issue_id: str) -> None:
        ids = [OPENING, *(f"{RESOLVED}-{n}" for n in range(1, MOST_RESOLVES))]
        ids += [f"{ORDER}-{comment_id}" for comment_id in self.of(issue_id).orders]
        for page in PAGES:
            self._known[self._marks.marker_of(page, IssueId(issue_id))] = (issue_id, "")
            for id_ in ids:
                self._known[self._marks.mark_of(page, IssueId(issue_id), id_)] = (issue_id, id_)

    # --- told by the ports -------------------------------------------------------------------------------------

    def asks(self, now_ms: int) -> None:
        """A request leaves for the status pages."""
        if self.asked_ms is not None:
            self.checks.asks(self.asked_ms, now_ms)
        self.asked_ms = now_ms
