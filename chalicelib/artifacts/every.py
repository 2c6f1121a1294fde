"""Every artifact there is but the page, in one explicit list. What a company has no place for is never made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
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
from chalicelib.domain.incident import Severity
from chalicelib.domain.people import PeopleTable, Role, Told
from chalicelib.domain.policy import PagingPolicy
from chalicelib.ports.chat import Chat
from chalicelib.ports.tickets import Tickets
from chalicelib.ports.words import Words
from chalicelib.ports.world import Together


@dataclass(frozen=True, slots=True)
class ChatPlace:
    """always, by_severity, by_service (by `fold_name` of the service): who is invited to every room, or to some."""

    chat: Callable[[], Chat]
    together: Together
    archive_after: timedelta = timedelta(days=7)
    always: tuple[Told, ...] = ()
    by_severity: Mapping[Severity, tuple[Told, ...]] = field(default_factory=dict)
    by_service: Mapping[str, tuple[Told, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Company:
    """What artifacts are made of. roles: every one, the incident manager first. questions: about the impact, by our names.

    scale: what each severity means. chat: None where there is none.
    """

    tickets: Callable[[], Tickets]
    words: Words
    policy: PagingPolicy
    people: PeopleTable = field(default_factory=PeopleTable)
    roles: tuple[Role, ...] = ()
    questions: Mapping[str, str] = field(default_factory=dict)
    scale: Mapping[Severity, str] = field(default_factory=dict)
    chat: ChatPlace | None = None


def every_artifact(company: Company) -> tuple[Artifact[Any], ...]:
    """The comment is first, since what went wrong with a page waits for nobody, and last, to say what became of the rest."""
    comment = StatusComment(company.tickets, company.words)
    others: tuple[Artifact[Any], ...] = (
        TakingInJira(company.tickets, company.policy, company.people),
        *(_in_chat(company, company.chat) if company.chat is not None else ()),
    )
    return (comment, *others, replace(comment, after=tuple(artifact.name for artifact in others)))


def _in_chat(company: Company, place: ChatPlace) -> tuple[Artifact[Any], ...]:
    chat, words, roles = place.chat, company.words, company.roles
    nobody = company.policy.default_assignees
    people = ChatPeople(chat, company.people, place.together)
    return (
        ChatRoom(chat, words),
        Members(
            chat, people, tuple(role.name for role in roles), nobody,
            always=place.always, by_severity=place.by_severity, by_service=place.by_service,
        ),
        Topic(chat, words, roles, nobody),
        Brief(chat, words, company.questions, company.scale),
        Bookmarks(chat, words),
        Roles(chat, words, people, roles, nobody),
        Headline(chat, words),
        ArchivedRoom(chat, place.archive_after),
    )  # fmt: skip
