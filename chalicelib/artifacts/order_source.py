"""Which orders there are in an issue's comments, and that the ledger holds them.

What was written before anybody would have told it is no order: before go_live, long ago, or of a lesser incident.
An order is whose words it holds: administrators can edit what others wrote. One that was told somewhere is frozen: only its
author, or somebody else who may order, changes it by an edit, and only into another update of its kind.
Deleting its comment deletes nothing, for people have read it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache

from chalicelib.artifacts.artifact import Made, Scene, Unfinished
from chalicelib.artifacts.last_word import ending_of, is_over_for_customers
from chalicelib.artifacts.mentioned import Mentioned
from chalicelib.artifacts.support_cases import support_count
from chalicelib.domain.announcement import ORDER, PUBLIC_CHANNELS, STAFF_CHANNELS, Audience, said_on
from chalicelib.domain.incident import Change, Incident, Severity, incident_since, resolved_since
from chalicelib.domain.notes import ORDERS_LIMIT, Note
from chalicelib.domain.ordered import DRILL, PRIVATE, Ordered, note_of_order, orders_in
from chalicelib.domain.orders import Approval, Refused, Update, parse_order
from chalicelib.domain.people import COMMUNICATIONS
from chalicelib.domain.telling import Review, TellingPolicy
from chalicelib.errors import IntegrationError, TemporaryError
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState, Ledger
from chalicelib.ports.tickets import Comment, Tickets

IN_ONE_GO = timedelta(seconds=5)
"""A comment that is written in the dialog that resolves an issue may be stored a moment before the resolve is."""

TOLD_WITHIN = timedelta(days=1)
"""How old the words of an order may be when they are first told."""

JUST_BEFORE = timedelta(minutes=15)
"""Who raises an incident to a major one may have written what is to be told of it on the way there."""

TOO_MANY = (f"There are {ORDERS_LIMIT} orders to publish something in the comments, and no more are taken.",)


@dataclass(frozen=True, slots=True)
class OrdersToRead:
    """since: what was last edited before, and is not known, is no order. known: as the ledger has them. told: ids of comments
    whose order was told by some channel. cases: how many customers' cases there are, None where nobody counts them. ended:
    who have begun to be told the last word of the last resolve. That comes after every order that may be told."""

    policy: TellingPolicy
    since: datetime
    known: tuple[Ordered, ...]
    told: frozenset[str]
    cases: int | None = None
    ended: frozenset[Audience] = frozenset()


def orders_to_read(scene: Scene, policy: TellingPolicy, go_live: datetime | None) -> OrdersToRead | None:
    """None where nothing is ever published: not major, told to nobody, and no order was there before."""
    known = orders_in(scene.notes)
    if not (scene.incident.severity.is_major or known or told_of_it(scene.records)):
        return None
    oldest = scene.now - TOLD_WITHIN
    since = max(oldest, go_live) if go_live is not None else oldest
    return OrdersToRead(policy, since, known, told_orders(scene.records), support_count(scene), _ended(scene))


def told_of_it(records: Mapping[str, ArtifactRecord]) -> frozenset[Audience]:
    """Who heard of it, or may have. They wait for more, whatever its severity has become."""
    by_audience = {Audience.STAFF: STAFF_CHANNELS, Audience.PUBLIC: PUBLIC_CHANNELS}
    return frozenset(audience for audience, channels in by_audience.items() if begun(records, channels))


def begun(records: Mapping[str, ArtifactRecord], channels: Collection[str]) -> frozenset[str]:
    """Ids of the opening and of orders that one of the channels has begun to tell, and did not let go of untold."""
    return frozenset(id_ for id_, record in said_on(records, channels) if _may_be_there(record))


def _may_be_there(record: ArtifactRecord) -> bool:
    return record.vendor_id is not None or record.state is ArtifactState.SENDING


def _ended(scene: Scene) -> frozenset[Audience]:
    ending = ending_of(scene.incident)
    if ending is None:
        return frozenset()
    by_channel = {**dict.fromkeys(STAFF_CHANNELS, Audience.STAFF), **dict.fromkeys(PUBLIC_CHANNELS, Audience.PUBLIC)}
    return frozenset(who for name, who in by_channel.items() if f"{name}:{ending.announcement_id}" in scene.records)


def told_orders(records: Mapping[str, ArtifactRecord]) -> frozenset[str]:
    """Ids of comments whose order some channel has told."""
    ids = (name.partition(":")[2] for name, record in records.items() if record.vendor_id is not None)
    return frozenset(id_.removeprefix(f"{ORDER}-") for id_ in ids if id_.startswith(f"{ORDER}-"))


def may_order(incident: Incident, account_id: str) -> bool:
    """The incident manager, and who speaks for the incident; by what is true now. Groups are another matter."""
    people = (incident.assignee, *incident.roles.get(COMMUNICATIONS, ()))
    return bool(account_id) and any(person is not None and person.account_id == account_id for person in people)


def keep_orders(
    tickets: Tickets, ledger: Ledger, incident: Incident, said: Iterable[Comment], orders: OrdersToRead, people: Mentioned
) -> tuple[str, ...]:
    """Bring the ledger into line with these comments; return what people must know. Safe to repeat after any half of it.

    people: says what those are called that they mention. Raises Unfinished where Jira could not say which groups an author is
    in: everything else is done by then.
    """
    known = {order.comment_id: order for order in orders.known}
    groups = _Groups(tickets, orders.policy.order_groups)
    found: dict[str, Ordered] = {}
    in_vain: list[str] = []
    for comment in said:
        if comment.id not in known and _is_of_before(comment, incident, orders.since):
            continue
        before = known.get(comment.id) if comment.id in orders.told else None
        order = _order(comment, before, incident, orders, groups, people)
        if order is not None:
            found[comment.id] = order if before else _as_first_read(order, known.get(comment.id), incident)
        elif before is not None and comment.text != before.text:
            in_vain.append(_in_vain(comment))
    kept = {id_: order for id_, order in known.items() if id_ in orders.told} | found
    for id_ in sorted(known.keys() - kept.keys()):
        ledger.remove_note(incident.id, known[id_].note_id)
    too_many = False
    for number, order in enumerate(kept.values()):
        too_many = too_many or number >= ORDERS_LIMIT
        if number < ORDERS_LIMIT and _as_kept(known.get(order.comment_id)) != note_of_order(order):
            ledger.add_note(incident.id, note_of_order(order))
    says = (*in_vain, *(TOO_MANY if too_many else ()))
    if groups.trouble is not None:
        raise Unfinished(Made(incident.id, says=says), groups.trouble)
    return says


def _as_first_read(order: Ordered, before: Ordered | None, incident: Incident) -> Ordered:
    if before is not None and before.edited_at == order.edited_at:
        return replace(order, amid=before.amid)
    return replace(order, amid=PRIVATE if incident.is_private else DRILL if incident.is_drill else "")


def _in_vain(comment: Comment) -> str:
    """Whoever takes back words that were told believes that they are gone."""
    asked, who = parse_order(comment.text), comment.edited_by or comment.by
    why = f": {asked.why}" if isinstance(asked, Refused) else ""
    name = who.name if who is not None and who.name else "Somebody"
    return f"{name} edited a comment that had been told, into what cannot be{why}. What was told stands as it was."


def _as_kept(order: Ordered | None) -> Note | None:
    return note_of_order(order) if order is not None else None


def _order(
    comment: Comment, told: Ordered | None, incident: Incident, orders: OrdersToRead, groups: _Groups, people: Mentioned
) -> Ordered | None:
    """told: the order as it was told, where it was."""
    asked = parse_order(comment.text)
    if asked is None or (isinstance(asked, Approval) and orders.policy.review is Review.OFF):
        return None
    writer = comment.edited_by or comment.by
    account_id, by = (writer.account_id, writer.name) if writer is not None else ("", "")
    if told is not None:
        is_author = bool(account_id) and account_id == told.account_id
        may_edit = is_author or may_order(incident, account_id) or groups.hold(account_id)
        before = told.asked
        is_like_it = (
            isinstance(asked, Update)
            and isinstance(before, Update)
            and (asked.audience, asked.is_draft) == (before.audience, before.is_draft)
        )
        if not (is_like_it and may_edit):
            return None
        names = people.names_in(comment.text, told.names)
        return replace(told, edited_at=comment.edited_at, text=comment.text, names=names, hands=_hands(comment))
    in_group = not may_order(incident, account_id) and groups.hold(account_id)
    return Ordered(
        comment.id, comment.at, comment.edited_at, account_id, by, comment.text,
        in_group, _severity_of(comment, incident), _is_of_after(asked, comment, incident, orders),
        tuple(sorted(incident.impact.items())),
        orders.cases, people.names_in(comment.text),
        incident.products if isinstance(asked, Update) and asked.is_public else None,
        _hands(comment),
    )  # fmt: skip


def _hands(comment: Comment) -> tuple[str, ...]:
    people = (comment.by, comment.edited_by)
    return tuple(sorted({one.account_id for one in people if one is not None and one.account_id}))


def _is_of_after(asked: Update | Approval | Refused, comment: Comment, incident: Incident, orders: OrdersToRead) -> bool:
    """Both times are Jira's, so it does not matter who reads the order, and when."""
    resolved_at = resolved_since(incident)
    if isinstance(asked, Update) and asked.is_public and not is_over_for_customers(incident):
        return False
    is_ended = isinstance(asked, Update) and asked.audience in orders.ended
    return resolved_at is not None and (is_ended or comment.edited_at >= resolved_at - IN_ONE_GO)


def _is_of_before(comment: Comment, incident: Incident, since: datetime) -> bool:
    """It was written when nobody would have told it, so nobody waits for it: colleagues say "update:" to each other, too."""
    later = _severities_since(comment, incident)
    was_lesser = bool(later) and later[0].old == str(Severity.SEV3)
    raised = (change.at for change in later if change.new in (str(Severity.SEV1), str(Severity.SEV2)))
    is_of_a_lesser = was_lesser and next(raised, comment.edited_at) > comment.edited_at + JUST_BEFORE
    is_of_none = comment.edited_at < incident_since(incident) - JUST_BEFORE
    return comment.edited_at < since or is_of_a_lesser or is_of_none


def _severities_since(comment: Comment, incident: Incident) -> list[Change]:
    return [change for change in incident.changes if change.what == "severity" and change.at > comment.edited_at]


def _severity_of(comment: Comment, incident: Incident) -> Severity:
    """As it was when this was written, by Jira's history; where that was not major, as it first was since: it is told no
    sooner."""
    later = _severities_since(comment, incident)
    values = (*(change.old for change in later[:1]), *(change.new for change in later))
    since = (Severity(int(value)) for value in values if value is not None)
    return next((severity for severity in since if severity.is_major), incident.severity)


class _Groups:
    """Asks only where there are groups to ask for, and once for each account. trouble: why Jira could not say, once."""

    def __init__(self, tickets: Tickets, wanted: frozenset[str]) -> None:
        self._wanted = frozenset(name.casefold() for name in wanted)
        self.trouble: TemporaryError | None = None
        self._groups_of: Callable[[str], frozenset[str]] = cache(tickets.groups_of)

    def hold(self, account_id: str) -> bool:
        if not (account_id and self._wanted):
            return False
        try:
            return not self._wanted.isdisjoint(name.casefold() for name in self._groups_of(account_id))
        except TemporaryError as error:
            self.trouble = error
        except IntegrationError as error:
            self.trouble = TemporaryError("jira", "groups_of", str(error))
        return False
