"""Who announces: every channel asks the same announcer, so that all of them say the same.

What there is to tell follows from the incident, its orders and the records, anew in every pass: the opening, one announcement
for every order, and the last word.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from chalicelib.artifacts.artifact import Scene, once_per_scene
from chalicelib.artifacts.chat_people import everybody_named
from chalicelib.artifacts.last_word import ending_of, is_over_for_customers, public_last_word
from chalicelib.artifacts.order_source import begun
from chalicelib.artifacts.public_words import Approved, public_names, public_opening, public_subject, public_update
from chalicelib.artifacts.rulings import Ruling, Standing, rulings
from chalicelib.artifacts.seen import seen_now
from chalicelib.artifacts.staff_words import Completed, Reach, staff_opening, staff_update
from chalicelib.artifacts.status_told import is_open_on
from chalicelib.domain.announcement import (
    OPENING,
    PUBLIC_CHANNELS,
    STAFF_CHANNELS,
    Announcement,
    Audience,
    Order,
    Progress,
)
from chalicelib.domain.checklist import PUBLIC_TOPICS, Answers, newest_answers
from chalicelib.domain.guard import Guarded, Hit, find_internal, names_of
from chalicelib.domain.incident import Incident, Status, last_reopening
from chalicelib.domain.ordered import Ordered, orders_in
from chalicelib.domain.orders import Topic, Update
from chalicelib.domain.people import PeopleTable
from chalicelib.domain.policy import PagingPolicy
from chalicelib.domain.taken import taken_in_jira
from chalicelib.domain.telling import TellingPolicy
from chalicelib.ports.tickets import Tickets
from chalicelib.ports.words import Words

NO_PRODUCTS = "no affected product has a name that customers know; choose the affected products in the issue"

Ending = Callable[[Scene], tuple[Announcement, ...]]


class Announcer(Protocol):
    """In the order in which they are to be told; one that was told stays in the list, as it would read now.

    What is missing from a list although it was told is left as it was told: its order has been edited into something that
    may not be published.
    """

    def staff(self, scene: Scene) -> tuple[Announcement, ...]:
        """Pure."""
        ...

    def public(self, scene: Scene) -> tuple[Announcement, ...]:
        """Pure."""
        ...

    def still_stands(self, tickets: Tickets, incident: Incident, announcement: Announcement) -> bool:
        """Asked just before every effect: may it be told at this very moment? Reads the issue, and the order's comment.

        False: the channel makes nothing, and returns None from `make`, or what is known from `change`. Raises
        TemporaryError where Jira cannot say.
        """
        ...


@dataclass(frozen=True, slots=True)
class Held:
    """Customers are not told this. why: sentences' ends, for people. announcement: None where not even its name is known."""

    id: str
    why: tuple[str, ...]
    announcement: Announcement | None = None


@dataclass(frozen=True, slots=True)
class Filled:
    """announcement: as it is told. unknown: what the order left open, and staff read to be unknown; customers never do."""

    ruling: Ruling
    announcement: Announcement
    unknown: tuple[Topic, ...]


@dataclass(frozen=True, slots=True)
class Announcements:
    """endings: what staff are told once it is over. people: those whose names no customer reads, beside the issue's own.

    projects: keys of Jira's projects. public_words: None where customers read the language of staff. reach, drills_reach: by
    what staff hear of incidents, and of drills.
    """

    words: Words
    policy: TellingPolicy
    paging: PagingPolicy = field(default_factory=PagingPolicy)
    people: PeopleTable = field(default_factory=PeopleTable)
    projects: frozenset[str] = frozenset()
    endings: tuple[Ending, ...] = ()
    public_words: Words | None = None
    reach: Reach = field(default_factory=Reach)
    drills_reach: Reach = field(default_factory=Reach)

    # --- staff ---------------------------------------------------------------------------------------------------

    @once_per_scene
    def staff(self, scene: Scene) -> tuple[Announcement, ...]:
        if scene.incident.is_private:
            return ()
        opening = self._staff_opening(scene)
        told = [*([opening] if opening is not None else []), *self._ordered(scene, Audience.STAFF)]
        if not (told or begun(scene.records, STAFF_CHANNELS)):
            return ()  # what nobody heard of needs no last word
        return (*told, *(one for ending in self.endings for one in ending(scene)))

    def _staff_opening(self, scene: Scene) -> Announcement | None:
        """Once somebody has taken it or speaks for it, or some time after it was raised. Told, it follows the incident."""
        incident = scene.incident
        if not (scene.wanted and incident.severity.is_major) and OPENING not in begun(scene.records, STAFF_CHANNELS):
            return None
        at_once = self.policy.opens_at_once or self.is_taken(scene) or any(map(_counts, self.rulings(scene)))
        not_before = incident.created_at + (timedelta() if at_once else self.policy.opens_after)
        return staff_opening(self.words, incident, scene.link_of("chat_room"), self._reach(incident), not_before)

    def is_taken(self, scene: Scene) -> bool:
        acknowledged = any(page.acked_at is not None for page in (*scene.pages, *scene.rung))
        return acknowledged or taken_in_jira(scene.incident, self.paging) is not None

    def _staff_update(self, scene: Scene, ruling: Ruling, said: Update, before: Sequence[Ruling]) -> Filled:
        order = ruling.order
        known = newest_answers([*(one.order for one in before), order], dict(order.impact))
        update = Completed(order, said, known, self._next_by(ruling), _is_over(order, scene.incident))
        told = staff_update(self.words, scene.incident, update, self._reach(scene.incident), ruling.not_before)
        return Filled(ruling, replace(told, order=_order_of(order)), update.unknown)

    def _reach(self, incident: Incident) -> Reach:
        return self.drills_reach if incident.is_drill else self.reach

    # --- customers -----------------------------------------------------------------------------------------------

    def public(self, scene: Scene) -> tuple[Announcement, ...]:
        return tuple(announcement for announcement, why in self._public(scene) if not why and announcement is not None)

    def held(self, scene: Scene) -> tuple[Held, ...]:
        """What would be told to customers, and is not: the guard found a word, or no product has a name for them. Pure."""
        if self._may_be_public(scene) and not self._products(scene) and not begun(scene.records, PUBLIC_CHANNELS):
            orders = [one.order.announcement_id for one in self._accepted(scene, Audience.PUBLIC)]
            opening = [OPENING] if self._is_opened_by_the_issue(scene) else []
            return tuple(Held(id_, (NO_PRODUCTS,)) for id_ in orders or opening)
        return tuple(Held(announcement.id, why, announcement) for announcement, why in self._public(scene) if why)

    @once_per_scene
    def _public(self, scene: Scene) -> tuple[tuple[Announcement, tuple[str, ...]], ...]:
        """Each announcement for customers with what keeps it back."""
        told_before = begun(scene.records, PUBLIC_CHANNELS)
        if not self._may_be_public(scene) or not (self._products(scene) or told_before):
            return ()
        told = self._public_unguarded(scene, told_before)
        return tuple((announcement, self.objections(announcement, self.guarded(scene))) for announcement in told)

    def _public_unguarded(self, scene: Scene, told_before: Collection[str]) -> Iterator[Announcement]:
        words, products = self.public_words or self.words, self._products(scene)
        orders = self._ordered(scene, Audience.PUBLIC)
        # The words of an order open it, where one was given before anything was told.
        if OPENING in told_before or (not orders and not told_before and self._is_opened_by_the_issue(scene)):
            yield public_opening(words, products, scene.incident.created_at)
        yield from orders
        ending = ending_of(scene.incident)
        if ending is not None and told_before and is_over_for_customers(scene.incident):
            subject = public_subject(words, products)
            yield public_last_word(words, products, scene.incident.severity, ending, self.policy, subject)

    def _public_update(
        self, scene: Scene, ruling: Ruling, said: Update, before: Sequence[Ruling], fit: Sequence[Ruling]
    ) -> Filled:
        """before: those that customers read, or are to read. fit: those of them that hold nothing back; their answers are told
        on. Nothing of the issue goes into the words."""
        order = ruling.order
        own_words = [replace(one.order, impact=()) for one in (*_since_reopening(fit, order, scene.incident), ruling)]
        progress = said.progress or _progress_after(before, scene.incident, is_resolved=order.resolved)
        approved = Approved(
            said,
            progress,
            _still_expected(newest_answers(own_words, {}), said, progress),
            "" if progress is Progress.RESOLVED else self._next_by(ruling),
        )
        words, products = self.public_words or self.words, self._products(scene)
        told = public_update(words, order.announcement_id, products, approved, ruling.not_before)
        # Of the products of its time: whoever names another one later says nothing of how that does.
        named = order.products if order.products is not None else scene.incident.products
        components = tuple((product, said.state) for product in named) if said.state is not None else ()
        # The text stays as it was written; opened again, it is not said that it is over.
        is_over = order.resolved and is_over_for_customers(scene.incident)
        progress = said.progress or _progress_after(before, scene.incident, is_resolved=is_over)
        own = dict(said.answers)
        on = tuple(
            (topic.value, approved.answers[topic])
            for topic in PUBLIC_TOPICS
            if topic is not Topic.NEXT and topic in approved.answers and topic not in own
        )
        told = replace(told, progress=progress, order=_order_of(order), components=components, told_on=on)
        return Filled(ruling, told, unknown=())

    @once_per_scene
    def _unfit(self, scene: Scene) -> frozenset[str]:
        """Ids of comments that order what customers may not read, by its own words alone."""
        orders = ((one, one.asked) for one in self._accepted(scene, Audience.PUBLIC))
        alone = ((one, self._public_update(scene, one, said, (), ())) for one, said in orders if said is not None)
        guarded = self.guarded(scene)
        return frozenset(one.order.comment_id for one, told in alone if self.objections(told.announcement, guarded))

    def is_left_open(self, scene: Scene) -> bool:
        """It was closed as a duplicate, and customers read that it goes on: nothing but an order, or a hand, ends that."""
        is_closed = scene.incident.status is Status.RESOLVED and not is_over_for_customers(scene.incident)
        is_open = any(is_open_on(channel, scene.records) for channel in PUBLIC_CHANNELS)
        return is_closed and is_open and self._may_be_public(scene)

    def public_draft(self, scene: Scene) -> Announcement | None:
        """What customers would read if somebody said that they notice it; None where that is not the question.

        Asked once somebody has the incident: nobody else can answer.
        """
        incident = scene.incident
        if not (self._may_be_public(scene) and scene.wanted and incident.severity.is_major and self.is_taken(scene)):
            return None
        said = self.is_said(incident) or self._accepted(scene, Audience.PUBLIC) or begun(scene.records, PUBLIC_CHANNELS)
        products = self._products(scene)
        if said or not products:
            return None
        return public_opening(self.public_words or self.words, products, incident.created_at)

    def _may_be_public(self, scene: Scene) -> bool:
        return not (scene.incident.is_private or scene.incident.is_drill)

    def _is_opened_by_the_issue(self, scene: Scene) -> bool:
        """Not of one that was there before us: what its field says was said long ago."""
        return scene.wanted and self.is_said(scene.incident)

    def is_said(self, incident: Incident) -> bool:
        """A human has said in the issue that customers notice it."""
        return incident.customer_visible or (self.policy.opens_on_fixing and _moved_to_fixing(incident, self.paging))

    def _products(self, scene: Scene) -> tuple[str, ...]:
        return public_names(scene.incident.products, self.policy.products)

    # --- the guard -----------------------------------------------------------------------------------------------

    def objections_to_draft(self, scene: Scene, draft: Announcement) -> tuple[str, ...]:
        """What would keep it back if it were no draft."""
        if draft.audience is Audience.STAFF:
            return ()
        nothing_known = () if self._products(scene) or begun(scene.records, PUBLIC_CHANNELS) else (NO_PRODUCTS,)
        return (*nothing_known, *self.objections(draft, self.guarded(scene)))

    def objections(self, announcement: Announcement, guarded: Guarded) -> tuple[str, ...]:
        """Of a text for customers: which words are not for them."""
        return tuple(map(_objection, find_internal(f"{announcement.subject}\n{announcement.body}", guarded)))

    @once_per_scene
    def guarded(self, scene: Scene) -> Guarded:
        incident, policy = scene.incident, self.policy
        people = tuple(everybody_named(incident))
        rows = self.people.rows
        accounts = {one.account_id for one in people} | {one for row in rows for one in (row.account_id, row.slack_id)}
        orders = orders_in(scene.notes)
        others = {order.by for order in orders} | {name for order in orders for _, name in order.names}
        keys = (incident.key, *(linked.key for linked in incident.linked))
        links = (incident.url, *incident.links.values(), *(record.link for record in scene.records.values()))
        return Guarded(
            projects=self.projects | {incident.project} | {key.rpartition("-")[0] for key in keys},
            hosts=policy.guarded_hosts,
            own_hosts=frozenset(_hosts(links)),
            names=names_of(people, (*(row.name for row in rows), *others)),
            words=policy.guarded_words | (accounts - {""}) | {name for name, one in policy.products.items() if not one.public},
            allowed=frozenset(product.public for product in policy.products.values() if product.public),
        )

    # --- orders --------------------------------------------------------------------------------------------------

    def rulings(self, scene: Scene) -> tuple[Ruling, ...]:
        return rulings(self.policy, scene)

    def filled(self, scene: Scene) -> tuple[Filled, ...]:
        """Every order that could be read and is not refused, a draft too, as it is told or would be. Pure."""
        ruled, found = self.rulings(scene), []
        for ruling in ruled:
            if ruling.asked is None or ruling.standing is Standing.REFUSED:
                continue
            before = [one for one in ruled if _counts(one) and one.order.at <= ruling.order.at and one is not ruling]
            if ruling.audience is Audience.STAFF:
                found.append(self._staff_update(scene, ruling, ruling.asked, before))
            else:
                unfit, theirs = self._unfit(scene), [one for one in before if one.audience is Audience.PUBLIC]
                fit = [one for one in theirs if one.order.comment_id not in unfit]
                read = [one for one in theirs if one.is_told or one in fit]
                found.append(self._public_update(scene, ruling, ruling.asked, read, fit))
        return tuple(found)

    def _ordered(self, scene: Scene, audience: Audience) -> tuple[Announcement, ...]:
        told = (one for one in self.filled(scene) if _counts(one.ruling))
        return tuple(one.announcement for one in told if one.ruling.audience is audience)

    def _accepted(self, scene: Scene, audience: Audience) -> tuple[Ruling, ...]:
        return tuple(one for one in self.rulings(scene) if _counts(one) and one.audience is audience)

    def _next_by(self, ruling: Ruling) -> str:
        """When people hear again at the latest, to the minute; "" when it is over."""
        order = ruling.order
        wait = self.policy.next_update.get(order.severity)
        if order.resolved or wait is None:
            return ""
        may_be_told_at = max(ruling.not_before, order.edited_at + self.policy.hold)  # of a draft, too
        at = (may_be_told_at + wait + timedelta(seconds=59)).astimezone(UTC)
        return f"{at:%H:%M} UTC"

    def still_stands(self, tickets: Tickets, incident: Incident, announcement: Announcement) -> bool:
        is_public_opening = announcement.id == OPENING and announcement.audience is Audience.PUBLIC
        return still_stands(tickets, incident, announcement, lambda now: not is_public_opening or self.is_said(now))


def still_stands(
    tickets: Tickets, incident: Incident, announcement: Announcement, also: Callable[[Incident], bool] = lambda _: True
) -> bool:
    """The issue is still what it was, and the order's comment says what it said. also: what else has to be true of it now.

    Raises TemporaryError where the issue cannot be seen.
    """
    now = seen_now(tickets, incident.id)
    if not isinstance(now, Incident) or not _is_as_it_was(now, incident, announcement) or not also(now):
        return False
    return order_stands(tickets, incident, announcement)


def order_stands(tickets: Tickets, incident: Incident, announcement: Announcement) -> bool:
    """The comment is there, and says what it said. What nobody ordered stands."""
    order = announcement.order
    if order is None:
        return True
    comment = tickets.read_comment(incident.id, order.comment_id)
    return comment is not None and comment.text == order.text


def _is_as_it_was(now: Incident, before: Incident, announcement: Announcement) -> bool:
    if now.is_private or now.is_drill is not before.is_drill:
        return False
    if announcement.id == OPENING and not now.severity.is_major:
        return False
    # Moved back after a resolve by mistake, or called a duplicate by now: then it is not said that it is over.
    is_as_it_ended = now.status is Status.RESOLVED and now.resolution is before.resolution
    return announcement.progress is not Progress.RESOLVED or is_as_it_ended


def _counts(ruling: Ruling) -> bool:
    return ruling.standing is Standing.ACCEPTED


def _order_of(order: Ordered) -> Order:
    return Order(order.comment_id, order.text, order.by, order.edited_at)


def _is_over(order: Ordered, incident: Incident) -> bool:
    """It was resolved when this was written, and is so now."""
    return order.resolved and incident.status is Status.RESOLVED


def _progress_after(before: Iterable[Ruling], incident: Incident, *, is_resolved: bool) -> Progress:
    """How far it had come by what customers were told before; nobody has to say it again."""
    if is_resolved:
        return Progress.RESOLVED
    said = [
        one.asked.progress for one in before
        if one.asked is not None and one.asked.progress is not None and not _is_over_no_more(one, incident)
    ]  # fmt: skip
    return said[-1] if said else Progress.INVESTIGATING


def _is_over_no_more(said: Ruling, incident: Incident) -> bool:
    """It says that it is over, of an issue that is open, or was opened again since."""
    if said.asked is None or said.asked.progress is not Progress.RESOLVED:
        return False
    opened_at = last_reopening(incident)
    return incident.status is not Status.RESOLVED or (opened_at is not None and said.order.at < opened_at)


def _since_reopening(rulings: Iterable[Ruling], order: Ordered, incident: Incident) -> list[Ruling]:
    """Whose answers an order takes over: what was known of the last time says nothing of this."""
    opened_at = last_reopening(incident)
    if opened_at is None or order.at < opened_at:
        return list(rulings)
    return [one for one in rulings if one.order.at >= opened_at]


def _still_expected(answers: Answers, said: Update, progress: Progress) -> Answers:
    """When it was to be resolved is not told on with the word that it is."""
    if progress is not Progress.RESOLVED or Topic.ETA in dict(said.answers):
        return answers
    return {topic: answer for topic, answer in answers.items() if topic is not Topic.ETA}


def _moved_to_fixing(incident: Incident, paging: PagingPolicy) -> bool:
    """By a human, and not back since."""
    if incident.status is Status.NEW:
        return False
    moves = [one for one in incident.changes if one.what == "status" and one.new == Status.FIXING]
    by = moves[-1].by if moves else None
    return by is not None and by.is_human and by.account_id != paging.own_account


def _hosts(links: Iterable[str]) -> Iterator[str]:
    for link in links:
        try:
            host = urlsplit(link).hostname
        except ValueError:
            continue
        if host:
            yield host


def _objection(hit: Hit) -> str:
    return f'"{hit.word}" is {hit.kind.value}'
