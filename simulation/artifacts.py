"""The artifacts of a life: those of every company, and those of one where people meet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from chalicelib.artifacts.artifact import Artifact
from chalicelib.artifacts.every import ChatPlace, Company, WikiPlace, every_artifact
from chalicelib.artifacts.note_sources import CommentNotes, RoomNotes
from chalicelib.artifacts.timeline import Timeline
from chalicelib.domain.incident import Severity
from chalicelib.domain.people import MANAGER, Role
from chalicelib.ports.chat import Chat
from chalicelib.ports.ledger import Ledger
from chalicelib.ports.tickets import Tickets
from chalicelib.ports.video_calls import VideoCalls
from chalicelib.ports.wiki import Wiki
from chalicelib.ports.words import Words
from chalicelib.ports.world import Together
from sandbox.company import SPACE
from sandbox.jira.schema import example_schema
from simulation.company import SimulatedCompany
from simulation.places import Places

ROLES = (
    Role(MANAGER, "Incident manager", "incident_manager"),
    Role("tech_lead", "Tech lead", "tech_lead"),
    Role("communications_manager", "Communications manager", "communications_manager"),
)
QUESTIONS = {"customers": "How many customers are affected?", "symptoms": "What do they see?"}
SCALE = {Severity.SEV1: "everybody is hit", Severity.SEV2: "many are hit", Severity.SEV3: "a nuisance"}
QUIET = timedelta(minutes=5)
"""After a resolve, until the room is archived: short, so that lives see it."""


_NOT_YET = (CommentNotes, RoomNotes, Timeline)
"""Whose calls no fault strikes yet."""


def artifacts_of(
    company: SimulatedCompany,
    places: Places | None,
    tickets: Callable[[], Tickets],
    ledger: Callable[[], Ledger],
    words: Words,
    together: Together,
) -> tuple[Artifact[Any], ...]:
    if places is None:
        return every_artifact(Company(tickets, ledger, words, company.policy, company.people))

    def chat() -> Chat:
        tickets()  # reads the secrets, as every vendor does
        return places.chat

    def wiki() -> Wiki:
        tickets()
        return places.wiki

    def video() -> VideoCalls:
        tickets()
        return places.video

    everything = every_artifact(
        Company(
            tickets, ledger, words, company.policy, company.people, ROLES, QUESTIONS, SCALE, example_schema().link_fields,
            chat=ChatPlace(chat, together, QUIET), calls=video, wiki=WikiPlace(wiki, SPACE),
        )
    )  # fmt: skip
    return tuple(artifact for artifact in everything if not isinstance(artifact, _NOT_YET))
