"""A company that tells people, and the orders it is given; dull, fixed values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from chalicelib.adapters.jinja_words import JinjaWords
from chalicelib.artifacts.announcements import Announcements
from chalicelib.artifacts.artifact import Scene
from chalicelib.artifacts.page import is_wanted
from chalicelib.domain.incident import Incident, IssueId, Person
from chalicelib.domain.notes import Note
from chalicelib.domain.ordered import Ordered, note_of_order
from chalicelib.domain.people import Known, PeopleTable
from chalicelib.domain.policy import PagingPolicy
from chalicelib.domain.telling import Product, TellingPolicy
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from tests.builders import FIREBELL, MIA, NOW, an_incident, seconds

WORDS = JinjaWords(Path(__file__).parents[2] / "templates")
PRODUCTS = {
    "payments": Product("Example Pay", "s-pay", "p-pay"),
    "web shop": Product("the web shop", "s-web", "p-web"),
    "ledger": Product("", "s-led", ""),
}
PAGING = PagingPolicy(own_account=FIREBELL.account_id)
TABLE = PeopleTable((Known("Nora Quist", ("nora@example.org",), "acc-nora", (), "U0NORA123"),))


def a_policy(**changes: Any) -> TellingPolicy:
    return replace(TellingPolicy(products=PRODUCTS), **changes)


def an_announcer(policy: TellingPolicy | None = None, **changes: Any) -> Announcements:
    return replace(Announcements(WORDS, policy or a_policy(), PAGING, TABLE), **changes)


def an_order(text: str = "update: Baskets stay empty.", after_s: float = 120, by: Person = MIA, **changes: Any) -> Ordered:
    at = NOW + seconds(after_s)
    number = str(10_000 + int(after_s))
    return replace(Ordered(number, at, at, by.account_id, by.name, text, severity=an_incident().severity), **changes)


def a_record(name: str, vendor_id: str | None = "v-1", state: ArtifactState = ArtifactState.MADE) -> ArtifactRecord:
    return ArtifactRecord(IssueId("10002"), name, state, "c", NOW, "f", vendor_id)


def records(*names: str | ArtifactRecord) -> dict[str, ArtifactRecord]:
    made = [a_record(one) if isinstance(one, str) else one for one in names]
    return {record.name: record for record in made}


def a_scene(*orders: Ordered, told: Iterable[str | ArtifactRecord] = (), after_s: float = 300, **changes: Any) -> Scene:
    """A taken severity 1 whose manager is Mia, five minutes after it was raised. changes: of the incident."""
    incident: Incident = an_incident(**{"assignee": MIA, **changes})
    notes: tuple[Note, ...] = tuple(map(note_of_order, orders))
    now, wanted = NOW + seconds(after_s), is_wanted(incident, PAGING)
    return Scene(incident, now, wanted=wanted, notes=notes, records=records(*told))
