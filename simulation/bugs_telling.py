"""Planted bugs of telling people: each a mistake that a sensible person could have made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

from chalicelib.adapters.turns import Turns
from chalicelib.artifacts import announcements, order_source, rulings
from chalicelib.artifacts.announcements import Announcements
from chalicelib.artifacts.artifact import Made, Scene, Spec
from chalicelib.artifacts.last_word import Ending, StaffLastWord
from chalicelib.artifacts.mails import Mails
from chalicelib.artifacts.rulings import Ruling
from chalicelib.artifacts.status_updates import Publication, StatusPageUpdates
from chalicelib.domain.announcement import PUBLIC_PAGE, STAFF_PAGE, Announcement
from chalicelib.domain.incident import Incident, Status
from chalicelib.ports.mailer import Mail
from chalicelib.ports.tickets import Tickets
from chalicelib.reconcile import firebell
from simulation import invariants_telling as promised
from simulation.draw import draw
from simulation.planting import Bug, any_of, put
from simulation.script import Act, Outage, Raise, Script, Strike

ORDERED, FOR_CUSTOMERS, NOTICED = "order an update", "order one for customers", "say that customers notice"
TAKEN_BACK, HUSHED = "take the order back", "hush it up"
_HELD_S = 60.0
_NUMBERS = count(1)


def _life(*acts: Act, **changes: Any) -> Callable[[int], Script]:
    """A life in which people are told and do this, in the variations of everything else that the seed brings."""

    def script(seed: int) -> Script:
        return draw(seed).but(
            places=False,
            telling=True,
            acts=acts,
            raises=(Raise(0.0),),
            reactions=("ack 5",),
            fates=(),
            jira_skew_s=0.0,
            **changes,
        )

    return script


def _just_before_it_is_told(*before: Act, what: str) -> Callable[[int], Script]:
    """The act falls into the seconds around the end of the hold."""
    ordered_s = before[-1].at_s
    return lambda seed: _life(*before, Act(ordered_s + _HELD_S - 0.5 + seed % 20 / 10, what))(seed)


def _nowhere(*args: Any) -> None:
    return None


def _guarded_once(
    self: Announcements, scene: Scene, *, honest: Any = Announcements._public
) -> tuple[tuple[Announcement, tuple[str, ...]], ...]:
    """What customers have read already is not looked at again."""
    told = {name for name, record in scene.records.items() if record.vendor_id}
    return tuple((one, () if f"{PUBLIC_PAGE}:{one.id}" in told else why) for one, why in honest(self, scene))


def _held_from_writing(order: Any, *args: Any, honest: Any = rulings._ruling, **named: Any) -> Ruling | None:
    ruling, policy = honest(order, *args, **named), args[1]
    return replace(ruling, not_before=order.at + policy.hold) if ruling is not None else None


def _over_when_read(asked: Any, comment: Any, incident: Incident, orders: Any) -> bool:
    return incident.status is Status.RESOLVED


def _by_its_words(self: Announcement) -> tuple[object, ...]:
    return (self.body, self.order.at if self.order is not None else None)


def _opened_again(self: StatusPageUpdates, spec: Spec[Publication], *, honest: Any = StatusPageUpdates.make) -> Made | None:
    made: Made | None = honest(self, spec)
    if made is not None and made.put_away and spec.content.announcement is not None:
        return self._open(self.channel.page(), spec, spec.content.announcement)
    return made


def _only_the_order(self: Announcements, tickets: Tickets, incident: Incident, announcement: Announcement) -> bool:
    return announcements.order_stands(tickets, incident, announcement)


def _never_the_same(self: Mails, *args: Any, honest: Any = Mails._mail) -> Mail:
    mail: Mail = honest(self, *args)
    name, _, host = mail.message_id.partition("@")
    return replace(mail, message_id=f"{name}-{next(_NUMBERS)}@{host}")


def _said_by_being_fixed(self: Announcements, incident: Incident) -> bool:
    return incident.customer_visible or incident.status is Status.FIXING


def _at_once(self: StaffLastWord, scene: Scene, *, honest: Any = StaffLastWord.__call__) -> tuple[Announcement, ...]:
    return tuple(replace(one, not_before=scene.now) for one in honest(self, scene))


def _after_the_page(self: Mails, scene: Scene, *, honest: Any = Mails.want) -> tuple[Spec[Any], ...]:
    on_page = any(name.startswith(f"{STAFF_PAGE}:") and record.made_at for name, record in scene.records.items())
    return tuple(honest(self, scene)) if on_page else ()


def _order_without_products(*args: Any, honest: Any = order_source._order) -> Any:
    order = honest(*args)
    return replace(order, products=None) if order is not None else None


def _over_with_every_resolve(incident: Incident) -> bool:
    return incident.status is Status.RESOLVED


_ORDERED_FOR_CUSTOMERS = Act(20.0, FOR_CUSTOMERS)

TELLING_BUGS = (
    Bug("guarded once", "What customers have read already may be edited into anything.",
        put((Announcements, "_public", _guarded_once)), 60, any_of(promised.CLEAN),
        _life(_ORDERED_FOR_CUSTOMERS, Act(160.0, "edit a leak into it"))),
    Bug("no mark is looked for", "An incident whose answer was lost is opened again.",
        put((StatusPageUpdates, "find", _nowhere)), 60, any_of(promised.ONE_INCIDENT),
        _life(strikes=(Strike("statuspage.open", 1, "timeout after"),))),
    Bug("held from when it was written", "Who edits an order has less time to think again.",
        put((rulings, "_ruling", _held_from_writing)), 60, any_of(promised.HELD),
        _life(Act(20.0, ORDERED), Act(65.0, "edit the order"))),
    Bug("the order as it was read", "Nobody looks whether it still stands.",
        put((announcements, "order_stands", lambda *args: True)), 200, any_of(promised.STANDS),
        _just_before_it_is_told(Act(20.0, ORDERED), what=TAKEN_BACK)),
    Bug("over when it was read", "An order belongs to the time at which somebody came to read it.",
        put((order_source, "_is_of_after", _over_when_read), (Announcement, "version", property(_by_its_words))), 200,
        any_of(promised.FROZEN), _just_before_it_is_told(Act(20.0, ORDERED), what="resolve")),
    Bug("a text that follows", "What was told is amended whenever it would be said otherwise now.",
        put((Announcement, "version", property(_by_its_words))), 200, any_of(promised.FROZEN),
        _just_before_it_is_told(Act(10.0, "resolve"), Act(30.0, ORDERED), what="reopen")),
    Bug("no turns", "Every worker asks when it likes.",
        put((Turns, "__call__", _nowhere)), 60, any_of(promised.LIMIT),
        _life(Act(20.0, NOTICED), Act(30.0, ORDERED), Act(30.0, FOR_CUSTOMERS))),
    Bug("opened again", "What a human deleted on the page comes back with the next update.",
        put((StatusPageUpdates, "make", _opened_again)), 60, any_of(promised.ONE_INCIDENT),
        _life(Act(20.0, ORDERED), Act(50.0, "delete it for staff"))),
    Bug("one last word for ever", "What is resolved once more was told already.",
        put((Ending, "announcement_id", property(lambda self: "resolved-1"))), 60,
        any_of(promised.TOLD, promised.ENDED_ONCE),
        _life(Act(60.0, "resolve"), Act(500.0, "reopen"), Act(560.0, "resolve"))),
    Bug("told on what was read before", "Nobody asks at the effect whether it has become private.",
        put((Announcements, "still_stands", _only_the_order)), 200, any_of(promised.ALLOWED),
        _just_before_it_is_told(Act(20.0, ORDERED), what=HUSHED)),
    Bug("a new mail each time", "A mail that is sent again has another id.",
        put((Mails, "_mail", _never_the_same)), 60, any_of(promised.ONCE),
        _life(strikes=(Strike("mail.send", 1, "timeout after"),))),
    Bug("fixing means that customers notice", "An acknowledgement tells the world.",
        put((Announcements, "is_said", _said_by_being_fixed)), 60, any_of(promised.SAID_BY_A_HUMAN), _life()),
    Bug("anybody orders", "Whoever comments speaks for the company.",
        put((rulings, "may_order", lambda *args: True)), 60, any_of(promised.SAID_BY_A_HUMAN),
        _life(Act(20.0, "somebody else orders"))),
    Bug("the last word at once", "A resolve by mistake is told before it is taken back.",
        put((StaffLastWord, "__call__", _at_once)), 60, any_of(promised.ENDED_ONCE),
        _life(Act(60.0, "resolve"), Act(200.0, "reopen"))),
    Bug("a duplicate is over", "Customers read that the outage is over that goes on in another issue.",
        put((announcements, "is_over_for_customers", _over_with_every_resolve)), 60, any_of(promised.OVER),
        _life(_ORDERED_FOR_CUSTOMERS, Act(120.0, "resolve as a duplicate"))),
    Bug("products as they are now", "Whoever names another product shows customers an outage of it.",
        put((order_source, "_order", _order_without_products)), 60, any_of(promised.AS_ORDERED),
        _life(Act(20.0, "order an outage"), Act(140.0, "name another product"))),
    Bug("severity 3 is silence", "Whoever was told of an incident hears nothing more when it is lowered.",
        put((rulings, "told_of_it", lambda records: frozenset())), 60, any_of(promised.TOLD),
        _life(_ORDERED_FOR_CUSTOMERS, Act(120.0, "lower to 3"), Act(200.0, FOR_CUSTOMERS))),
    Bug("nobody is called", "An issue that has left is nobody's business, nor what stands on a page.",
        put((firebell, "call_for_what_is_left_open", _nowhere)), 60, any_of(promised.SAID_OPEN),
        _life(_ORDERED_FOR_CUSTOMERS, Act(120.0, "move away"))),
    Bug("mail after the page", "Nobody gets mail before the status page has it.",
        put((Mails, "want", _after_the_page)), 60, any_of("no channel waits for another", promised.TOLD),
        _life(outages=(Outage("statuspage", 0.0, 3000.0, "5xx before"),))),
)  # fmt: skip
