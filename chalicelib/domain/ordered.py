"""An order as it is kept: the comment, its author, and what was known of the incident when it was read. Pure values.

What an update says must not change because the incident goes on: an update that has been told is frozen, but for its author's
own edits. So the answers about the impact and the severity of its time are kept with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.domain.announcement import order_id
from chalicelib.domain.incident import Severity
from chalicelib.domain.notes import ORDER_PREFIX, Note, Source, facts_of_names, names_in
from chalicelib.domain.orders import TEXT_LIMIT, Approval, Refused, Update, parse_order
from chalicelib.domain.wiki_text import Names

_BY, _EDITED, _GROUP, _SEVERITY, _RESOLVED = "by", "edited", "group", "severity", "resolved"
_CASES, _PRODUCTS, _IMPACT, _HAND = "cases", "products", "impact:", "hand:"
_AMID = "amid"
PRIVATE, DRILL = "private", "drill"


@dataclass(frozen=True, slots=True)
class Ordered:
    """account_id: the author's, "" when nobody knows; by: as people call them. in_group: in one whose members may order.

    text: exactly as it was read; of what is too long, enough to see that it is. severity, resolved: how the incident was
    when it was written; what could be told only later counts as from then. impact: answers by our names when it was read.
    cases: how many customers' cases there were then, None where nobody had counted them. names: of whom it mentions.
    products: as Jira calls them, of an order for customers: how these do is what it says; None of others, and of one from
    before they were kept. hands: accounts of who wrote the comment first and last; of what was told, the last may be somebody
    else than account_id.
    """

    comment_id: str
    at: datetime
    edited_at: datetime
    account_id: str
    by: str
    text: str
    in_group: bool = False
    severity: Severity = Severity.SEV2
    resolved: bool = False
    impact: tuple[tuple[str, str], ...] = ()
    cases: int | None = None
    names: Names = ()
    products: tuple[str, ...] | None = None
    hands: tuple[str, ...] = ()
    amid: str = ""
    """PRIVATE or DRILL, where the incident was that when these words were first read: they were meant for nobody else."""

    @property
    def asked(self) -> Update | Approval | Refused | None:
        """What it orders, with people by name."""
        return parse_order(self.text, self.names)

    @property
    def note_id(self) -> str:
        return f"{ORDER_PREFIX}{self.comment_id}"

    @property
    def announcement_id(self) -> str:
        return order_id(self.comment_id)


def note_of_order(order: Ordered) -> Note:
    facts = (
        (_BY, order.account_id),
        (_EDITED, order.edited_at.astimezone(UTC).isoformat()),
        (_GROUP, "yes" if order.in_group else "no"),
        (_SEVERITY, str(order.severity.value)),
        (_RESOLVED, "yes" if order.resolved else "no"),
        *(((_CASES, str(order.cases)),) if order.cases is not None else ()),
        *(((_PRODUCTS, "\n".join(order.products)),) if order.products is not None else ()),
        *((f"{_IMPACT}{name}", answer) for name, answer in order.impact),
        *facts_of_names(order.names),
        *((f"{_HAND}{account_id}", "yes") for account_id in order.hands),
        *(((_AMID, order.amid),) if order.amid else ()),
    )
    return Note(order.note_id, order.at, order.by, order.text[: TEXT_LIMIT + 1], Source.ORDER, facts=tuple(sorted(facts)))


def order_of_note(note: Note) -> Ordered:
    facts = dict(note.facts)
    return Ordered(
        note.id.removeprefix(ORDER_PREFIX),
        note.at,
        datetime.fromisoformat(facts[_EDITED]),
        facts[_BY],
        note.by,
        note.text,
        facts[_GROUP] == "yes",
        Severity(int(facts[_SEVERITY])),
        facts[_RESOLVED] == "yes",
        tuple((name.removeprefix(_IMPACT), fact) for name, fact in note.facts if name.startswith(_IMPACT)),
        int(facts[_CASES]) if _CASES in facts else None,
        names_in(note),
        tuple(filter(None, facts[_PRODUCTS].split("\n"))) if _PRODUCTS in facts else None,
        tuple(name.removeprefix(_HAND) for name, _ in note.facts if name.startswith(_HAND)),
        facts.get(_AMID, ""),
    )


def orders_in(notes: Iterable[Note]) -> tuple[Ordered, ...]:
    """In the order in which they were written."""
    found = [order_of_note(note) for note in notes if note.source is Source.ORDER]
    return tuple(sorted(found, key=lambda order: (order.at, order.comment_id)))
