"""What is true of an incident over time, from Jira's model alone: a yardstick that shares no rule with the code it measures."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any

from sandbox.company import BOT
from sandbox.jira import schema as names
from sandbox.jira.model import JiraIssue
from simulation.company import DEFAULT_ASSIGNEE, ROBOT

_NOBODY = {BOT.account_id, ROBOT.account_id, DEFAULT_ASSIGNEE.account_id}
_MAJOR = {names.SEVERITIES[1], names.SEVERITIES[2]}


@dataclass(slots=True)
class Timeline:
    """A yes or no that changes over time; no before its first entry."""

    at_ms: list[int] = field(default_factory=list)
    value: list[bool] = field(default_factory=list)

    def note(self, ms: int, value: bool) -> None:
        if value != self.now:
            self.at_ms.append(ms)
            self.value.append(value)

    @property
    def now(self) -> bool:
        return self.value[-1] if self.value else False

    @property
    def ever(self) -> bool:
        return any(self.value)

    @property
    def since_ms(self) -> int:
        return self.at_ms[-1] if self.at_ms else 0

    def held_throughout(self, value: bool, from_ms: int, to_ms: int) -> bool:
        """Whether it had that value all the time between, both ends included."""
        first = bisect_right(self.at_ms, from_ms) - 1
        last = bisect_right(self.at_ms, to_ms) - 1
        values = {self.value[n] if n >= 0 else False for n in range(first, last + 1)}
        return values == {value}

    def stretches(self, end_ms: int) -> list[tuple[int, int]]:
        """(from, to) of every yes; an open one ends at end_ms."""
        found = []
        for number, (ms, value) in enumerate(zip(self.at_ms, self.value, strict=True)):
            if value:
                found.append((ms, self.at_ms[number + 1] if number + 1 < len(self.at_ms) else end_ms))
        return found


@dataclass(slots=True)
class Truth:
    """wanted: major, open, in its project and not deleted. taken: a human has it, in Jira, and took it since it is wanted.
    held: the same, whenever they took it. needs_page: wanted and not taken.

    unproven: not taken, but assigned or being fixed, so that only the history tells.
    called: wanted, and somebody besides is asked for. abandoned: not resolved, and somebody had it who has it no more, or it is
    New again. left: wanted, and abandoned. given: to whom it is assigned, we assigned it. new: nobody is at it yet, or again.
    changes_ms: each time that the issue changed. hidden: we may not see it now. low: open, and of severity 3.
    """

    wanted: Timeline = field(default_factory=Timeline)
    taken: Timeline = field(default_factory=Timeline)
    held: Timeline = field(default_factory=Timeline)
    needs_page: Timeline = field(default_factory=Timeline)
    unproven: Timeline = field(default_factory=Timeline)
    called: Timeline = field(default_factory=Timeline)
    abandoned: Timeline = field(default_factory=Timeline)
    left: Timeline = field(default_factory=Timeline)
    given: Timeline = field(default_factory=Timeline)
    new: Timeline = field(default_factory=Timeline)
    changes_ms: list[int] = field(default_factory=list)
    hidden: Timeline = field(default_factory=Timeline)
    low: Timeline = field(default_factory=Timeline)

    @property
    def changed_ms(self) -> int:
        """When it last changed."""
        return self.changes_ms[-1] if self.changes_ms else 0

    def note(self, ms: int, issue: JiraIssue) -> None:
        is_open = issue.status != "Resolved" and not is_gone(issue) and issue.issue_type == "Incident"
        wanted = is_major(issue) and is_open
        self.low.note(ms, is_open and not is_major(issue))
        taken = _is_taken(issue)
        self.wanted.note(ms, wanted)
        self.taken.note(ms, taken)
        self.held.note(ms, _is_taken(issue, anew=False))
        self.needs_page.note(ms, wanted and not taken)
        self.unproven.note(ms, not taken and (issue.status == "Fixing" or not is_nobodys(issue)))
        self.called.note(ms, wanted and bool(issue.fields.get(names.ESCALATE_TO)))
        self.abandoned.note(ms, issue.status != "Resolved" and _leaving(issue) is not None)
        self.left.note(ms, wanted and self.abandoned.now)
        self.given.note(ms, not is_nobodys(issue) and _last(issue, "assignee")[0] == BOT.account_id)
        self.new.note(ms, issue.status == "New")
        self.changes_ms.append(ms)
        self.hidden.note(ms, issue.hidden)


def is_gone(issue: JiraIssue) -> bool:
    """Deleted, or moved to where it is no business of ours."""
    return issue.deleted or issue.project != "HOT"


def is_major(issue: JiraIssue) -> bool:
    option = issue.fields[names.SEVERITY]
    return option is None or option["value"] in _MAJOR


def _is_taken(issue: JiraIssue, *, anew: bool = True) -> bool:
    """anew: since people were last needed anew."""
    by, to = _last(issue, "status", anew=anew)
    if issue.status == "Fixing" and to == "Fixing" and by not in _NOBODY:
        return True
    by, to = _last(issue, "assignee", anew=anew)
    return issue.assignee is not None and by not in _NOBODY and by == to == issue.assignee.account_id


def is_nobodys(issue: JiraIssue) -> bool:
    return issue.assignee is None or issue.assignee.account_id == DEFAULT_ASSIGNEE.account_id


def was_left_after_us(issue: JiraIssue) -> bool:
    """Left, and not by a reopening, after our own assignment or move, of which the issue's history tells."""
    leaving = _leaving(issue)
    ours = [n for n, author, _ in _moves(issue) if author == BOT.account_id]
    return leaving is not None and bool(ours) and ours[-1] < leaving[0] and not _is_reopening(leaving[1])


def is_left_by_reopening(issue: JiraIssue) -> bool:
    """Nobody has had it since it was opened again."""
    leaving = _leaving(issue)
    return leaving is not None and _is_reopening(leaving[1])


def _is_reopening(move: dict[str, Any]) -> bool:
    return move.get("fromString") == "Resolved"


def _leaving(issue: JiraIssue) -> tuple[int, dict[str, Any]] | None:
    """Its last move, if that left it to nobody: whoever had it was taken off, or took it back to New, or it is New again."""
    if not is_nobodys(issue):
        return _taken_back(issue)
    taken_back: tuple[int, dict[str, Any]] | None = None
    # From nobody to the default assignee, or back, changes nothing; nor does what a robot fixes, unless that reopens it.
    for n, by, move in reversed(_moves(issue)):
        is_robot = by == ROBOT.account_id and move["toString"] == "Fixing"
        if move["fieldId"] == "assignee":
            if move["from"] not in (None, DEFAULT_ASSIGNEE.account_id):
                return n, move
        elif _is_reopening(move) and (is_robot or move["toString"] == "New"):
            return n, move
        elif move["toString"] == "New":
            taken_back = n, move  # unless nobody had it before, whom a robot's move says nothing of
        elif not is_robot:
            break
    return taken_back


def _taken_back(issue: JiraIssue) -> tuple[int, dict[str, Any]] | None:
    """Who is assigned has not taken it, nor got it from us, and who moved it to Fixing moved it back."""
    moves = _moves(issue)
    if not moves or _is_taken(issue) or _last(issue, "assignee")[0] == BOT.account_id:
        return None
    n, _, move = moves[-1]
    return (n, move) if (move["fromString"], move["toString"]) == ("Fixing", "New") else None


def _moves(issue: JiraIssue) -> list[tuple[int, str, dict[str, Any]]]:
    """In order, by whom, and what: who has it and how far it is."""
    entries = [(entry["author"]["accountId"], item) for entry in issue.histories for item in entry["items"]]
    return [
        (n, by, item) for n, (by, item) in enumerate(entries)
        if item["fieldId"] in ("assignee", "status") and item["from"] != item["to"]
    ]  # fmt: skip


def _last(issue: JiraIssue, what: str, *, anew: bool = False) -> tuple[str | None, str | None]:
    """Who last changed it to what. To make it what it was changes nothing. anew: not before people were needed anew.

    What is done in the same millisecond is one act: there is no telling which came first.
    """
    began: str | None = None
    for entry in reversed(issue.histories):
        if began not in (None, entry["created"]):
            break
        for item in entry["items"]:
            if item["fieldId"] == what and item["from"] != item["to"]:
                return entry["author"]["accountId"], item["toString"] if what == "status" else item["to"]
        if anew and any(map(_is_beginning, entry["items"])):
            began = entry["created"]
    return None, None


def _is_beginning(item: dict[str, Any]) -> bool:
    """Opened again, made major, or moved to where incidents are."""
    was, became = item["fromString"], item["toString"]
    if item["fieldId"] == "status":
        return bool(was == "Resolved" and became != "Resolved")
    if item["fieldId"] == names.SEVERITY:
        return bool(was == names.SEVERITIES[3] and became != was)
    return bool(item["fieldId"] == "project" and became == "HOT" and was != "HOT")
