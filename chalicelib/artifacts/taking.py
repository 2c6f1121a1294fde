"""Acknowledge = take it: whoever acknowledged the page gets the Jira issue, and it moves to Fixing.

The first acknowledgement of an episode counts, once; when its manager has left an incident, so does the first of the page by
which another was looked for. Jira's own history tells what we did since the incident began to be
wanted, so nothing is done twice, not even when a human undid it before we could note that it was done. No clock is compared:
the pager's and Jira's may be minutes apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.artifacts.artifact import Made, Scene, Spec, spec_of
from chalicelib.artifacts.page import is_wanted
from chalicelib.artifacts.seen import seen_now
from chalicelib.domain.episode import begins_episode
from chalicelib.domain.incident import Change, Incident, IssueId, Person, Status
from chalicelib.domain.paging import PageRecord
from chalicelib.domain.people import PeopleTable, Told, Unmatched, completed, match, told_by_jira, told_by_pager
from chalicelib.domain.policy import PagingPolicy
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from chalicelib.ports.tickets import Left, NotMoved, Refused, Tickets

NAME = "taking"
TAKING_OVER = f"{NAME}:next"
"""From a manager who has left it. Of its own, and never beside the first: both read that nobody has it before they assign."""


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """by: as the pager names them, "" when it does not. at: by the pager's clock. is_next: somebody had it and has left it."""

    episode: int
    by: str
    at: datetime
    is_next: bool = False


@dataclass(frozen=True, slots=True)
class Steps:
    """What is left to do in Jira."""

    move: bool
    assign: bool


def acknowledgements(pages: Sequence[PageRecord]) -> tuple[Acknowledgement, ...]:
    """Those by which a human takes the incident, the first one first. Pure.

    A page that we acknowledged, or asked to, was somebody's already: they have it in Jira, or answered at a sibling.
    """
    known = (
        Acknowledgement(page.episode, page.acked_by or "", page.acked_at, not page.is_of_the_chain)
        for page in pages
        if page.makes_manager and page.is_acked and page.is_answered and page.acked_at is not None
    )
    return tuple(sorted(known, key=lambda one: one.at))


def steps_left(incident: Incident, policy: PagingPolicy, *, is_next: bool = False) -> Steps:
    """What to change on an issue whose page somebody acknowledged. Pure; needs the complete history."""
    if not is_wanted(incident, policy):
        return Steps(move=False, assign=False)
    if is_next:
        return Steps(move=False, assign=_is_free(incident, policy))
    ours = [change for change in _since_wanted(incident) if change.by and change.by.account_id == policy.own_account]
    return Steps(
        move=incident.status is Status.NEW and not any(c.what == "status" and c.new == Status.FIXING for c in ours),
        assign=_is_free(incident, policy) and not any(c.what == "assignee" and c.new is not None for c in ours),
    )


@dataclass(frozen=True, slots=True)
class TakingInJira:
    """The vendor's id of a taking is the issue's. A content of None: there is nothing left to take, or to say.

    name: NAME or TAKING_OVER.
    """

    tickets: Callable[[], Tickets]
    policy: PagingPolicy
    table: PeopleTable
    after: tuple[str, ...] = ()
    name: str = NAME
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[Acknowledgement | None], ...]:
        """Once per episode: a second acknowledgement, or one that turns up late, takes nothing from whoever has it."""
        record, pages = scene.records.get(self.name), scene.called if self.name == TAKING_OVER else scene.pages
        counted = acknowledgements(pages) if scene.wanted else ()
        if not counted:
            return (self._over(scene, "not wanted"),) if record is not None and _is_unfinished(record) else ()
        over = self._over(scene, f"episode {counted[0].episode}")
        takings = [self._taking(scene, one) for one in counted]
        if record is not None and (record.fingerprint == over.fingerprint or self._is_settled(scene.incident, record)):
            return (over,)
        return (next((one for one in takings if record is not None and one.fingerprint == record.fingerprint), takings[0]),)

    def find(self, spec: Spec[Acknowledgement | None]) -> Made | None:
        """Nothing to adopt: the issue's history tells `make` what was done already."""
        return None

    def make(self, spec: Spec[Acknowledgement | None]) -> Made:
        says = tuple(self._take(spec.incident.id, spec.content)) if spec.content is not None else ()
        return Made(spec.incident.id, says=says)

    def change(self, known: Made, spec: Spec[Acknowledgement | None]) -> Made | None:
        """A later episode, acknowledged anew; or nothing is left to take."""
        return self.make(spec)

    def _taking(self, scene: Scene, acked: Acknowledgement) -> Spec[Acknowledgement | None]:
        facts = (acked.episode, acked.by, acked.at.isoformat())
        return replace(self._spec(scene, acked, *facts), sole_among=NAME)

    def _over(self, scene: Scene, why: str) -> Spec[Acknowledgement | None]:
        return self._spec(scene, None, "over", why)

    def _spec(self, scene: Scene, content: Acknowledgement | None, *facts: object) -> Spec[Acknowledgement | None]:
        return spec_of(self.name, scene.incident, content, *facts)

    def _is_settled(self, incident: Incident, record: ArtifactRecord) -> bool:
        """Somebody has done by hand what we asked for, so that nothing need be said any more."""
        has_it = not _is_free(incident, self.policy) and incident.status is not Status.NEW
        return record.state is ArtifactState.MADE and bool(record.says) and has_it

    def _take(self, issue_id: IssueId, acked: Acknowledgement) -> Iterator[str]:
        """Move, then assign: who it is may be unknown, that somebody is at it is not. Yields what people must know.

        The issue is read right before each write, so that only what a human does within that one call is not seen (E7).
        """
        tickets, told = self.tickets(), told_by_pager(acked.by)
        left = self._left(tickets, issue_id, acked)
        if left.move:
            moved = tickets.move_to(issue_id, Status.FIXING)
            if isinstance(moved, NotMoved):
                yield f"{told} acknowledged, but the issue was not moved to Fixing: {moved.why}; move it yourself"
        if not left.assign:
            return
        who = self._who(tickets, told)
        if isinstance(who, Unmatched):
            yield f"{who.who} acknowledged, but {who.why}; assign it to them yourself"
        elif self._left(tickets, issue_id, acked).assign:
            refused = tickets.assign(issue_id, who)
            if isinstance(refused, Refused):
                yield f"{told} acknowledged, but the issue was not assigned to {who.name}: {refused.why}; assign it yourself"

    def _left(self, tickets: Tickets, issue_id: IssueId, acked: Acknowledgement) -> Steps:
        now = seen_now(tickets, issue_id)
        if isinstance(now, Left):
            return Steps(move=False, assign=False)
        return steps_left(now, self.policy, is_next=acked.is_next)

    def _who(self, tickets: Tickets, told: Told) -> Person | Unmatched:
        known = completed(told, self.table)
        people = dict(tickets.people([known.account_id])) if known.account_id else {}
        if not people and known.mail:
            people = {person.account_id: person for person in tickets.find_people(known.mail)}
        found = match(told, [told_by_jira(person) for person in people.values()], self.table, at="Jira", asked_for=known.mail)
        if isinstance(found, Unmatched):
            return found
        person = people[found.found.account_id]
        if not person.is_human or person.account_id == self.policy.own_account:
            return Unmatched(str(told), f"{person.name} is no human at Jira")
        return person


def _is_free(incident: Incident, policy: PagingPolicy) -> bool:
    assignee = incident.assignee
    return assignee is None or not assignee.active or assignee.account_id in policy.default_assignees


def _since_wanted(incident: Incident) -> tuple[Change, ...]:
    """The history since it was last reopened or made major, in Jira's own order; all of it when it never was."""
    begins = (number for number, change in enumerate(incident.changes) if begins_episode(change))
    return incident.changes[max(begins, default=-1) + 1 :]


def _is_unfinished(record: ArtifactRecord) -> bool:
    return record.state is ArtifactState.SENDING or bool(record.says) or bool(record.last_error)
