"""The artifacts of a life: those of every company, and those of one where people meet."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from chalicelib.artifacts.archive import ArchivedRoom
from chalicelib.artifacts.artifact import Artifact
from chalicelib.artifacts.bookmarks import Bookmarks
from chalicelib.artifacts.brief import Brief
from chalicelib.artifacts.chat_people import ChatPeople
from chalicelib.artifacts.chat_room import ChatRoom
from chalicelib.artifacts.comment import StatusComment
from chalicelib.artifacts.headline import Headline
from chalicelib.artifacts.members import Members
from chalicelib.artifacts.roles import Roles
from chalicelib.artifacts.taking import TakingInJira
from chalicelib.artifacts.topic import Topic
from chalicelib.artifacts.video_call import VideoCall
from chalicelib.domain.incident import Severity
from chalicelib.domain.people import MANAGER, Role
from chalicelib.ports.chat import Chat
from chalicelib.ports.tickets import Tickets
from chalicelib.ports.words import Words
from simulation.company import DEFAULT_ASSIGNEE, SimulatedCompany
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
_DEFAULTS = frozenset({DEFAULT_ASSIGNEE.account_id})


def artifacts_of(
    company: SimulatedCompany, places: Places | None, tickets: Callable[[], Tickets], words: Words
) -> tuple[Artifact[Any], ...]:
    comment, taking = StatusComment(tickets, words), TakingInJira(tickets, company.policy, company.people)
    if places is None:
        return (comment, taking, StatusComment(tickets, words, after=("taking",)))

    def chat() -> Chat:
        tickets()  # reads the secrets, as every vendor does
        return places.chat

    people = ChatPeople(chat, company.people)
    made: tuple[Artifact[Any], ...] = (
        comment,
        taking,
        ChatRoom(chat, words),
        VideoCall(lambda: places.video, words),
        Topic(chat, words, ROLES, _DEFAULTS),
        Members(chat, people, tuple(role.name for role in ROLES), _DEFAULTS),
        Roles(chat, words, people, ROLES, _DEFAULTS),
        Headline(chat, words),
        Brief(chat, words, QUESTIONS, SCALE),
        Bookmarks(chat, words),
        ArchivedRoom(chat, QUIET),
    )
    return (*made, StatusComment(tickets, words, after=tuple(artifact.name for artifact in made[1:])))
