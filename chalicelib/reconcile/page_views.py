"""What the page protocol is told of an incident: what is wanted now, whom that would ring, and what is known of its pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.artifacts import page_protocol as protocol
from chalicelib.artifacts.page import is_delivery_wanted, is_wanted, wanted_since
from chalicelib.artifacts.page_plan import PageView
from chalicelib.domain.alias import NEXT
from chalicelib.domain.episode import wanted_again_at
from chalicelib.domain.incident import Incident, Severity, Status
from chalicelib.domain.paging import PageState, Roster, RosterKind
from chalicelib.domain.policy import PagingPolicy
from chalicelib.domain.routing import Escalations, Link, Route, escalations, route, succession
from chalicelib.domain.taken import left_without_manager, taken_in_jira, was_given, was_given_back
from chalicelib.ports.ledger import Book
from chalicelib.ports.queue import Message, Orphan
from chalicelib.reconcile.world import Rules

LEFT = timedelta(minutes=5)
"""An incident that its manager has left waits so long for another before the incident managers on call are asked."""

_NOWHERE = Route()


def page_view(
    incident: Incident, gone: str | None, book: Book, rules: Rules, now: datetime, *,
    direct: bool = False, look_asked: bool = False, first_sight: bool = False, orphan: Link | None = None,
    told: Orphan | None = None, unread: bool = False,
) -> PageView:  # fmt: skip
    """gone: why it is no incident of ours any more. orphan, told: the alert that the message behind this pass tells of."""
    policy, table = rules.policy, rules.routing.by_which(incident)
    major = incident.severity if incident.severity.is_major else Severity.SEV2
    hears_of_it = gone is None and is_delivery_wanted(incident, _adopting(incident, book, policy))
    low = route(incident.service, Severity.SEV3, table) if hears_of_it else _NOWHERE
    left_at = nobodys_since(incident, book, policy)
    return PageView(
        issue_id=incident.id,
        wanted=gone is None and is_page_wanted(incident, book, policy),
        taken=is_taken(incident, book, policy),
        route=route(incident.service, major, table),
        records=book.pages,
        policy=policy,
        direct=direct,
        look_asked=look_asked,
        orphan=orphan,
        told_id=told.alert_id if told else "",
        told_sent_at=told.sent_at if told else None,
        first_sight=first_sight,
        unread=unread,
        delivery=low.delivery,
        delivery_opens_at=low.hours.opens_at(now) if low.hours else None,
        beside=beside(incident, left_at, rules, now),
        beside_at=None if left_at is None else left_at + LEFT,
        wanted_since=wanted_since(incident, policy),
        wanted_again_at=wanted_again_at(incident),
    )


def is_taken(incident: Incident, book: Book, policy: PagingPolicy) -> bool:
    """A human has it: they took it in Jira, or answered the page to take over, and have it from us since or will.

    Of the chain an answer counts by itself; what we assign for one of the last time may land when it is wanted again.
    """
    answers = [page for page in book.pages if page.is_succession and page.is_answered]
    is_theirs = bool(answers) and was_given(incident, policy, wanted_since(incident, policy))
    has_answered = any(page.is_acked and protocol.is_under_way(page) for page in answers)
    return has_answered or is_theirs or taken_in_jira(incident, policy) is not None


def is_page_wanted(incident: Incident, book: Book, policy: PagingPolicy) -> bool:
    return is_wanted(incident, _adopting(incident, book, policy))


def _adopting(incident: Incident, book: Book, policy: PagingPolicy) -> PagingPolicy:
    """What has a page under way is not adopted: a history that is known in part may not show why, and ends no page."""
    goes_on = not incident.changes_complete and any(map(protocol.is_under_way, book.pages))
    return replace(policy, go_live=None) if goes_on else policy


def nobodys_since(incident: Incident, book: Book, policy: PagingPolicy) -> datetime | None:
    """Since when nobody has what somebody had.

    What is New, or open again, rings for somebody by itself, unless its page was acknowledged: by us, for whoever has given it
    back since, or by a human who got it from us and has given it back. What a human has answered otherwise is in their hands:
    the issue becomes theirs, and is being fixed. Whoever answered to take over keeps that until they have it.
    """
    leaving = left_without_manager(incident, policy)
    if leaving is None:
        return None
    running = [page for page in book.pages if page.is_of_the_chain and protocol.is_under_way(page)]
    is_answered = any(page.is_answered or page.state is PageState.CLOSED for page in running)
    is_silent = is_answered or any(page.is_acked for page in running)
    is_theirs = is_answered and not was_given_back(incident, policy, wanted_since(incident, policy))
    has_heir = any(p.is_succession and p.is_acked and p.is_answered and protocol.is_under_way(p) for p in book.pages)
    is_left = (incident.status is Status.FIXING or has_heir) and not leaving.reopened
    return leaving.at if is_left or (is_silent and not is_theirs) else None


def beside(incident: Incident, left_at: datetime | None, rules: Rules, now: datetime) -> dict[str, Route]:
    """Whom to call beside the chain, by group: whom people ask for, and who might take over from a manager who left then."""
    is_left = left_at is not None and now >= left_at + LEFT
    return {**escalations_of(incident, rules).routes, **({NEXT: _succession(incident, rules)} if is_left else {})}


def escalations_of(incident: Incident, rules: Rules) -> Escalations:
    return escalations(incident.escalate_to, incident.severity, rules.routing.by_which(incident))


def _succession(incident: Incident, rules: Rules) -> Route:
    return succession(rules.routing.by_which(incident))


def link_of_orphan(message: Message, incident: Incident, rules: Rules) -> Link | None:
    """The link that an orphan would have been. Of a service that was corrected since, only a name for people is left."""
    if message.orphan is None:
        return None
    target, pager = message.orphan.target, message.orphan.pager
    services = [incident.service, *([message.snapshot.service] if message.snapshot else ())]
    table = rules.routing.by_which(incident)
    routes = [route(service, Severity.SEV2, table) for service in services]
    links = [
        link
        for one in (*routes, *escalations_of(incident, rules).routes.values(), _succession(incident, rules))
        for link in one.chain
    ]
    known = next((link for link in links if link.target == target and link.roster.pager == pager), None)
    return known or Link(target, Roster("unknown", pager, RosterKind.SCHEDULE, "unknown"), "")
