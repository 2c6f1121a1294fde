"""The artifacts of a life: those of every company, and those of one where people meet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.artifacts.artifact import Artifact
from chalicelib.artifacts.every import ChatPlace, Company, WikiPlace, every_artifact
from chalicelib.domain.incident import Severity
from chalicelib.domain.people import MANAGER, Role
from chalicelib.ports.chat import Chat
from chalicelib.ports.tickets import Tickets
from chalicelib.ports.video_calls import VideoCalls
from chalicelib.ports.wiki import Wiki
from chalicelib.ports.words import Words
from chalicelib.reconcile.world import World
from sandbox.company import SPACE
from sandbox.jira.schema import example_schema
from simulation.company import SimulatedCompany
from simulation.metrics_bureau import FIELDS, Bureau
from simulation.newsroom import Newsroom
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
QUIET_ONCE_TOLD = timedelta(minutes=7)
"""Where people are told in the room that it is over."""


def artifacts_of(
    company: SimulatedCompany,
    places: Places | None,
    newsroom: Newsroom | None,
    bureau: Bureau | None,
    tickets: Callable[[], Tickets],
    world: World,
    words: Words,
) -> tuple[Artifact[Any], ...]:
    basic = Company(tickets, lambda: world.ledger, words, company.policy, company.people)
    if bureau is not None:
        basic = replace(basic, times=FIELDS, facts=lambda: bureau.facts)
    if newsroom is not None:
        telling = newsroom.telling(lambda: world.ledger, world.clock, words, company.table)
        basic = replace(basic, telling=telling, roles=ROLES, questions=QUESTIONS, scale=SCALE)
    if places is None:
        return every_artifact(basic)

    def chat() -> Chat:
        tickets()  # reads the secrets, as every vendor does
        return places.chat

    def wiki() -> Wiki:
        tickets()
        return places.wiki

    def video() -> VideoCalls:
        tickets()
        return places.video

    where_people_meet = replace(
        basic,
        roles=ROLES,
        questions=QUESTIONS,
        scale=SCALE,
        link_fields=example_schema().link_fields,
        chat=ChatPlace(chat, world.together, QUIET if newsroom is None else QUIET_ONCE_TOLD),
        calls=video,
        wiki=WikiPlace(wiki, SPACE),
    )
    return every_artifact(where_people_meet)
