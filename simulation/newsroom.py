"""Who tells people in a life with telling: three status pages, a mail server, and what the company decided about them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from chalicelib.adapters.mail_format import Sender
from chalicelib.adapters.statuspage import EVERY
from chalicelib.adapters.turns import Turns
from chalicelib.artifacts.channels import MailPlace, Telling
from chalicelib.artifacts.status_channel import Marks
from chalicelib.artifacts.status_pages import StatusPages
from chalicelib.domain.announcement import DRILL_PAGE, PUBLIC_PAGE, STAFF_PAGE
from chalicelib.domain.incident import Severity
from chalicelib.domain.reminding import ReminderPolicy
from chalicelib.domain.routing import RoutingTable, fold_name
from chalicelib.domain.telling import Product, TellingPolicy
from chalicelib.ports.ledger import Book, Ledger
from chalicelib.ports.words import Words
from chalicelib.ports.world import Clock
from sandbox import company
from sandbox.mail.model import MailModel
from sandbox.status.model import StatusModel
from simulation.loop import Loop
from simulation.telling_ports import ModelMailer, ModelStatusPage, seconds_up
from simulation.telling_watch import TellingChecks, TellingWatch
from simulation.wire import Wire

MARKED_WITH = "what marks are made with"
LONG = timedelta(days=365)
PAGE_IDS = {STAFF_PAGE: company.STAFF_PAGE, PUBLIC_PAGE: company.PUBLIC_PAGE, DRILL_PAGE: company.DRILLS_PAGE}

POLICY = TellingPolicy(
    products={
        fold_name(name): Product(f"{name} by Example", staff, public)
        for name, staff, public in zip(company.PRODUCTS, company.COMPONENTS["staff"], company.COMPONENTS["public"], strict=True)
    },
    order_groups=frozenset({"speakers"}),
    next_update={Severity.SEV1: timedelta(minutes=5), Severity.SEV2: timedelta(minutes=8)},
)
REMINDERS = ReminderPolicy(
    times=1, manager_after=timedelta(minutes=4), public_after=timedelta(minutes=4), handover_after=LONG, at_night_after=LONG
)
"""Soon, so that lives see them."""
_REMINDED = timedelta(minutes=9)


@dataclass(slots=True)
class Newsroom:
    """The models, and the ports before them."""

    wire: Wire
    sees: TellingWatch
    status_model: StatusModel
    mail_model: MailModel
    orders: int = 0
    pages: dict[str, ModelStatusPage] = field(default_factory=dict)

    @property
    def loop(self) -> Loop:
        return self.wire.loop

    def token(self) -> str:
        """A word that nobody has used yet."""
        self.orders += 1
        return f"basket{self.orders}x"

    def telling(self, ledger: Callable[[], Ledger], clock: Clock, words: Words, routing: RoutingTable) -> Telling:
        """What artifacts are made of."""
        turns = Turns("statuspage", EVERY, ledger, clock, sleep=lambda seconds: self.loop.sleep(seconds_up(seconds)))
        self.pages = {
            channel: ModelStatusPage(self.status_model, page_id, channel, turns, self.wire, self.sees)
            for channel, page_id in PAGE_IDS.items()
        }
        sender = Sender(company.SENDER, "Firebell", company.INCIDENT_DESK)
        mailer = ModelMailer(self.mail_model, sender, self.wire, self.sees)
        staff, public, drills = (partial(self.pages.__getitem__, channel) for channel in PAGE_IDS)
        return Telling(
            POLICY,
            words,
            words,
            words,
            routing,
            frozenset({"HOT"}),
            reminders=REMINDERS,
            pages=StatusPages(MARKED_WITH, staff, public, drills),
            mail=MailPlace(lambda: mailer, words, "example.com", (company.STAFF_LIST,), (company.DRILLS_LIST,)),
        )

    def announcements(self, issue_id: str) -> int:
        """How many there may be: the opening, the orders and the last words."""
        ours = self.sees.of(issue_id)
        return 1 + len(ours.orders) + len(ours.resolves)

    def moments(self, issue_id: str, book: Book, skew: timedelta) -> Iterator[datetime]:
        """At which time alone makes something to tell. skew: of Jira's clock."""
        ours = self.sees.of(issue_id)
        began = [*ours.major.at_ms, *ours.private.at_ms, *ours.drill.at_ms, *ours.visible.at_ms]
        yield from (self.loop.moment(ms) + POLICY.opens_after + skew for ms in began)
        yield from (self.loop.moment(ms) + POLICY.final_after + skew for ms in ours.resolves)
        written = (one.ms for order in ours.orders.values() for one in order.versions)
        yield from (self.loop.moment(ms) + POLICY.hold + skew for ms in written)
        yield from (one.made_at + _REMINDED for one in book.artifacts if one.made_at is not None and ":" in one.name)


def set_up(loop: Loop, wire: Wire, checks: TellingChecks, issue_ids: Callable[[], list[str]]) -> Newsroom:
    """Open for business."""
    status = StatusModel(loop)
    for channel, page_id in PAGE_IDS.items():
        ids = company.COMPONENTS["public" if channel == PUBLIC_PAGE else "staff"] if channel != DRILL_PAGE else ()
        status.add_page(page_id, channel, dict(zip(ids, company.PRODUCTS, strict=False)))
    mail = MailModel(loop, (company.SENDER,), dict(company.MAILING_LISTS))
    return Newsroom(wire, TellingWatch(checks, Marks(MARKED_WITH), issue_ids), status, mail)
