"""One incident that is told of on status pages: the real runner, the real adapter, and an announcer whose list a test fills."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chalicelib.adapters.statuspage import Statuspage
from chalicelib.artifacts.announcements import Announcements, Announcer
from chalicelib.artifacts.artifact import Artifact, Scene
from chalicelib.artifacts.status_pages import StatusPages, status_page_artifacts
from chalicelib.domain.announcement import OPENING, ORDER, RESOLVED, Announcement, Audience, ComponentState, Order, Progress
from chalicelib.domain.incident import Incident, Status
from chalicelib.domain.telling import Product, TellingPolicy
from chalicelib.ports.ledger import ArtifactRecord
from chalicelib.ports.tickets import Comment, Tickets
from chalicelib.reconcile.artifacts import Outcome
from sandbox.status.model import PageIncident
from tests.adapters.status_world import DRILLS, LOGIN, PAYMENTS, PUBLIC, STAFF, StatusWorld, a_statuspage
from tests.artifacts.passes import Passes
from tests.builders import MIA, NOW, PATIENT_S, an_incident, seconds
from tests.reconcile.small_world import FakeTickets, PlainWords, SmallWorld

SECRET = "status-mark-secret-0123456789"
POLICY = TellingPolicy(
    products={
        "payments": Product("Example Pay", staff_component=PAYMENTS, public_component=PAYMENTS),
        "login": Product("Example ID", staff_component=LOGIN, public_component=LOGIN),
    }
)


@dataclass
class Announced:
    """An announcer that says what a test puts into its lists."""

    to_staff: list[Announcement] = field(default_factory=list)
    to_public: list[Announcement] = field(default_factory=list)

    def staff(self, scene: Scene) -> tuple[Announcement, ...]:
        return tuple(self.to_staff)

    def public(self, scene: Scene) -> tuple[Announcement, ...]:
        return tuple(self.to_public)

    def still_stands(self, tickets: Tickets, incident: Incident, announcement: Announcement) -> bool:
        return Announcements(PlainWords(), POLICY).still_stands(tickets, incident, announcement)


@dataclass
class PagesWorld:
    """jira: what Jira says now; a pass observes it, and what a test changes `behind` a pass shows only at the effect."""

    status: StatusWorld
    passes: Passes
    announcer: Announced
    jira: FakeTickets

    def settle(self, s: float = 0) -> list[Outcome]:
        return self.passes.settle_for(s) if s else self.passes.settle()

    def is_now(self, **changes: Any) -> None:
        """The issue was changed, and the next pass sees it."""
        updated_at = self.passes.incident.updated_at + seconds(1)
        self.passes.incident = replace(self.passes.incident, **{"updated_at": updated_at, **changes})
        self.behind()

    def behind(self, **changes: Any) -> None:
        """The issue is changed between a pass's reading and its effects."""
        self.jira.issues[self.passes.incident.id] = replace(self.passes.incident, **changes)

    def ordered(self, comment_id: str, text: str, **changes: Any) -> Announcement:
        """Somebody has written an order; it stands in the comments."""
        self.jira.said = [one for one in self.jira.said if one.id != comment_id]
        self.jira.said.append(Comment(comment_id, NOW, MIA, text, NOW))
        order = Order(comment_id, text, MIA.account_id, NOW)
        return an_announcement(f"{ORDER}-{comment_id}", body=f"{text} is what we know.", order=order, **changes)

    def incidents(self, page_id: str = STAFF) -> list[PageIncident]:
        return list(self.status.model.pages[page_id].incidents.values())

    def only(self, page_id: str = STAFF) -> PageIncident:
        [incident] = self.incidents(page_id)
        return incident

    def bodies(self, page_id: str = STAFF) -> list[str]:
        return [update.body for update in self.only(page_id).updates]

    def states(self, page_id: str = STAFF) -> dict[str, str]:
        return {id_: one.status for id_, one in self.status.model.pages[page_id].components.items()}

    def told(self, page_id: str = STAFF) -> int:
        """How often subscribers of the page were told something."""
        return sum(notice.page_id == page_id for notice in self.status.model.notices)

    def calls(self) -> int:
        return len(self.status.emulator.calls)

    def record(self, name: str) -> ArtifactRecord:
        return self.passes.records[name]

    @property
    def now(self) -> datetime:
        return self.passes.small.clock.at


@contextmanager
def a_pages_world(
    announces: Announcer | None = None, *, timeouts_s: tuple[float, float] = PATIENT_S, **incident: Any
) -> Iterator[PagesWorld]:
    """announces: in place of the lists."""
    announcer, jira = Announced(), FakeTickets()
    with a_statuspage() as status:

        def artifacts(small: SmallWorld) -> tuple[Artifact[Any], ...]:
            def page(page_id: str) -> Statuspage:
                wrapped: Statuspage = small.mortality.wrap(status.adapter(page_id, timeouts_s=timeouts_s), page_id)
                return wrapped

            staff, public, drills = page(STAFF), page(PUBLIC), page(DRILLS)
            pages = StatusPages(SECRET, lambda: staff, lambda: public, lambda: drills)
            return status_page_artifacts(pages, announces or announcer, lambda: jira, POLICY)

        world = PagesWorld(
            status,
            Passes(
                artifacts, an_incident(**{"products": ("Payments",), "customer_visible": True, **incident}), clock=status.clock
            ),
            announcer,
            jira,
        )
        world.behind()
        yield world


def an_announcement(id_: str = OPENING, **changes: Any) -> Announcement:
    given: dict[str, Any] = {
        "audience": Audience.STAFF,
        "progress": Progress.INVESTIGATING,
        "subject": "HOT-42 - Sev 1 - Checkout is down",
        "body": "We are investigating an incident affecting Payments.",
        "not_before": NOW,
        "order": None,
        "components": (),
    }
    return Announcement(id_, **{**given, **changes})


def the_end(number: int = 1, **changes: Any) -> Announcement:
    given = {"progress": Progress.RESOLVED, "body": "The incident is resolved."}
    return an_announcement(f"{RESOLVED}-{number}", **{**given, **changes})


def for_public(announcement: Announcement, *, state: ComponentState | None = None) -> Announcement:
    return replace(
        announcement,
        audience=Audience.PUBLIC,
        subject="Investigating issues with Example Pay",
        components=(("Payments", state),) if state is not None else (),
    )


RESOLVED_ISSUE: dict[str, Any] = {"status": Status.RESOLVED}
