"""Which orders count, by what is true now; and why the others do not, for their authors. Pure.

An order that was told counts for good: people have read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from chalicelib.artifacts.artifact import Scene, once_per_scene
from chalicelib.artifacts.last_word import is_over_for_customers
from chalicelib.artifacts.order_source import TOLD_WITHIN, may_order, told_of_it, told_orders
from chalicelib.domain.announcement import Audience, Progress
from chalicelib.domain.incident import Incident, Status, last_reopening
from chalicelib.domain.ordered import DRILL, PRIVATE, Ordered, orders_in
from chalicelib.domain.orders import TEXT_LIMIT, TOO_LONG, Approval, Refused, Update
from chalicelib.domain.telling import Review, TellingPolicy

_NOWHERE = {
    Audience.PUBLIC: "there is no status page for customers, so nobody would be told",
    Audience.STAFF: "there is no room, no mail and no status page for staff, so nobody would be told",
}


_AGAIN = "; write it again if it is still to be told"


class Standing(Enum):
    """ACCEPTED: to be told, or told. DRAFT: only to be shown. WAITING: for a second person. REFUSED: see `why`."""

    ACCEPTED = auto()
    DRAFT = auto()
    WAITING = auto()
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class Ruling:
    """asked: None where the order could not be read. why: a sentence's end, of what is refused or waits.

    not_before: from when on it may be told. is_told: some channel has told it.
    """

    order: Ordered
    standing: Standing
    asked: Update | None
    not_before: datetime
    why: str = ""
    is_told: bool = False

    @property
    def audience(self) -> Audience | None:
        return self.asked.audience if self.asked is not None else None


@once_per_scene
def rulings(policy: TellingPolicy, scene: Scene) -> tuple[Ruling, ...]:
    """Of every order, in the order in which they are to be told: what was told first, then as they become due."""
    orders, told = orders_in(scene.notes), told_orders(scene.records)
    agreed = [order for order in orders if isinstance(order.asked, Approval)]
    hear = told_of_it(scene.records)
    heard = [one.at for one in orders if one.comment_id in told and isinstance(one.asked, Update) and one.asked.is_public]
    newest = max(heard, default=None)
    found = [
        _ruling(order, scene.incident, policy, agreed, hear, newest, now=scene.now, is_told=order.comment_id in told)
        for order in orders
    ]
    ruled = [ruling for ruling in found if ruling is not None]
    return tuple(sorted(ruled, key=lambda one: one.order.at + policy.hold if one.is_told else one.not_before))


def _ruling(
    order: Ordered,
    incident: Incident,
    policy: TellingPolicy,
    agreed: list[Ordered],
    hear: frozenset[Audience],
    newest: datetime | None,
    *,
    now: datetime,
    is_told: bool,
) -> Ruling | None:
    asked = order.asked
    if asked is None and len(order.text) > TEXT_LIMIT:
        asked = TOO_LONG  # what it begins with of its own, behind a long quotation, is not kept
    if asked is None or isinstance(asked, Approval):
        return None
    not_before = order.edited_at + policy.hold
    if isinstance(asked, Refused):
        return Ruling(order, Standing.REFUSED, None, not_before, asked.why)
    if asked.is_draft:
        return Ruling(order, Standing.DRAFT, asked, order.edited_at)
    if order.amid == DRILL and not incident.is_drill:  # also where it was told on the drills' own page
        return Ruling(order, Standing.REFUSED, asked, not_before, f"it was written while this was a drill{_AGAIN}")
    why = "" if is_told else (
        _objection_to_what_it_was(order, asked, incident, newest)
        or _objection(order, asked, incident, policy, hear)
        or _objection_to_its_age(order, now)
    )  # fmt: skip
    if why:
        return Ruling(order, Standing.REFUSED, asked, not_before, why)
    if policy.review is Review.REQUIRED:
        agreed_at = _agreed_at(order, incident, agreed)
        if agreed_at is None:
            why = 'somebody else who may order it has commented "approved"'
            return Ruling(order, Standing.WAITING, asked, not_before, why, is_told)
        not_before = max(not_before, agreed_at)
    return Ruling(order, Standing.ACCEPTED, asked, not_before, is_told=is_told)


def _agreed_at(order: Ordered, incident: Incident, agreed: list[Ordered]) -> datetime | None:
    """When another person who may order it first agreed to the text as it is now; nobody who wrote or last edited it is."""
    own = (order.account_id, *order.hands)
    times = (
        one.edited_at
        for one in agreed
        if one.edited_at >= order.edited_at and one.account_id not in own and may_give_orders(one, incident)
    )
    return min(times, default=None)


def may_give_orders(order: Ordered, incident: Incident) -> bool:
    return order.in_group or may_order(incident, order.account_id)


def _objection(order: Ordered, asked: Update, incident: Incident, policy: TellingPolicy, hear: frozenset[Audience]) -> str:
    """Why it may not be told; "" if it may. hear: who was told of it before, and waits for more."""
    if not may_give_orders(order, incident):
        groups = " or a member of " + ", ".join(sorted(policy.order_groups)) if policy.order_groups else ""
        return f"only the incident manager, the communications manager{groups} can order that"
    if incident.is_private:
        return "the incident is private, so nothing about it is published"
    if asked.audience not in policy.reaches:
        return _NOWHERE[asked.audience]
    if not incident.severity.is_major and asked.audience not in hear:
        return "only incidents of severity 1 and 2 are told about"
    if asked.is_public and incident.is_drill:
        return "this is a drill, and customers are told nothing of drills"
    is_elsewhere = incident.status is Status.RESOLVED and not is_over_for_customers(incident)
    if asked.is_public and is_elsewhere and Audience.PUBLIC not in hear:
        return "it was closed as a duplicate, and customers have heard nothing of it; order it in the issue where it goes on"
    if asked.progress is Progress.RESOLVED and incident.status is not Status.RESOLVED:
        return "the incident is not resolved yet; resolve the issue, and customers are told"
    if is_over_for_customers(incident) and asked.progress not in (None, Progress.RESOLVED):
        return "the incident is resolved; open the issue again if it is not over"
    return ""


def _objection_to_what_it_was(order: Ordered, asked: Update, incident: Incident, newest: datetime | None) -> str:
    """It was written for another state of things, and nobody has said since that it is to be told. newest: when the newest
    was written that customers have read."""
    if order.amid == PRIVATE and not incident.is_private:
        return f"it was written while the incident was private{_AGAIN}"
    if not asked.is_public:
        return ""
    opened_at = last_reopening(incident)
    if asked.progress is Progress.RESOLVED:
        is_of_before = opened_at is not None and order.edited_at < opened_at
        return f"the incident was opened again since{_AGAIN}" if is_of_before else ""
    return f"customers have read something newer since{_AGAIN}" if newest is not None and order.edited_at < newest else ""


def _objection_to_its_age(order: Ordered, now: datetime) -> str:
    """What waited so long, for a vendor, a second person or a word to be corrected, is no news any more."""
    is_old = now - order.edited_at > TOLD_WITHIN
    return f"it is more than a day old{_AGAIN}" if is_old else ""
