"""Every artifact there is but the page, in one explicit list. What a company has no place for is never made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from chalicelib.artifacts.already_visible import AlreadyVisible
from chalicelib.artifacts.archive import ArchivedRoom
from chalicelib.artifacts.arrivals import Arrivals
from chalicelib.artifacts.artifact import Artifact, Scene
from chalicelib.artifacts.bookmarks import Bookmarks
from chalicelib.artifacts.brief import Brief
from chalicelib.artifacts.channels import Channels, Telling
from chalicelib.artifacts.chat_people import ChatPeople
from chalicelib.artifacts.chat_room import ChatRoom
from chalicelib.artifacts.comment import StatusComment
from chalicelib.artifacts.facts import IncidentFacts
from chalicelib.artifacts.headline import Headline
from chalicelib.artifacts.im_status import ManagerStatus
from chalicelib.artifacts.impact_times import ImpactTimesInJira
from chalicelib.artifacts.inside import InsideRoom
from chalicelib.artifacts.links import LinkFields
from chalicelib.artifacts.members import Members
from chalicelib.artifacts.note_sources import CommentNotes, RoomNotes
from chalicelib.artifacts.roles import Roles
from chalicelib.artifacts.start_in_question import StartInQuestion
from chalicelib.artifacts.state_document import StateDocument
from chalicelib.artifacts.support_cases import support_count
from chalicelib.artifacts.taking import NAME as TAKING
from chalicelib.artifacts.taking import TAKING_OVER, TakingInJira
from chalicelib.artifacts.timeline import Timeline
from chalicelib.artifacts.told import answers_known
from chalicelib.artifacts.topic import Topic
from chalicelib.artifacts.video_call import VideoCall
from chalicelib.domain.checklist import Answers
from chalicelib.domain.durations import TimeFields
from chalicelib.domain.incident import Severity
from chalicelib.domain.people import PeopleTable, Role, Told
from chalicelib.domain.policy import PagingPolicy
from chalicelib.ports.chat import Chat
from chalicelib.ports.fact_store import FactStore
from chalicelib.ports.ledger import Ledger
from chalicelib.ports.tickets import Tickets
from chalicelib.ports.video_calls import VideoCalls
from chalicelib.ports.wiki import Wiki
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
class WikiPlace:
    """parent_id: the page to put documents under; None is the space's home page. private_space_key: "" for no documents of
    private incidents."""

    wiki: Callable[[], Wiki]
    space_key: str
    parent_id: str | None = None
    private_space_key: str = ""


@dataclass(frozen=True, slots=True)
class Company:
    """What artifacts are made of. roles: every one, the incident manager first. questions: about the impact, by our names.

    scale: what each severity means. link_fields: our name of a link -> id of its field. note_mark: the
    reaction that makes a message a note. times: the fields of times and durations. chat, calls, wiki: None where there is
    none. telling: None where nobody is told anything. facts: None where nothing is counted. with_names: facts say who managed
    what. severity_when_empty: what an incident without one counts as.
    """

    tickets: Callable[[], Tickets]
    ledger: Callable[[], Ledger]
    words: Words
    policy: PagingPolicy
    people: PeopleTable = field(default_factory=PeopleTable)
    roles: tuple[Role, ...] = ()
    questions: Mapping[str, str] = field(default_factory=dict)
    scale: Mapping[Severity, str] = field(default_factory=dict)
    link_fields: Mapping[str, str] = field(default_factory=dict)
    note_mark: str = "pushpin"
    times: TimeFields = field(default_factory=TimeFields)
    chat: ChatPlace | None = None
    calls: Callable[[], VideoCalls] | None = None
    wiki: WikiPlace | None = None
    telling: Telling | None = None
    facts: Callable[[], FactStore] | None = None
    with_names: bool = False
    severity_when_empty: Severity = Severity.SEV2


def every_artifact(company: Company) -> tuple[Artifact[Any], ...]:
    """The comment is first, since what went wrong with a page waits for nobody, and last, to say what became of the rest."""
    comment = StatusComment(company.tickets, company.words)
    telling = company.telling
    channels = _channels(company, telling) if telling is not None else None
    others: tuple[Artifact[Any], ...] = (
        TakingInJira(company.tickets, company.policy, company.people),
        TakingInJira(company.tickets, company.policy, company.people, after=(TAKING,), name=TAKING_OVER),
        *((VideoCall(company.calls, company.tickets, company.words),) if company.calls is not None else ()),
        *(_in_wiki(company, company.wiki) if company.wiki is not None else ()),
        *(_from_comments(company) if company.wiki is not None or company.telling is not None else ()),
        LinkFields(company.tickets, company.link_fields),
        ImpactTimesInJira(company.tickets, company.times, company.policy),
        *((StartInQuestion(company.policy),) if _asks_in_jira(company) else ()),
        *(_in_chat(company, company.chat, channels) if company.chat is not None else ()),
        *(channels.outside_the_room() if channels is not None else ()),
        *((_already_visible(company),) if company.chat is None else ()),
    )
    names = tuple(artifact.name for artifact in others)
    facts = _facts(company, company.facts, names) if company.facts is not None else ()
    return (comment, *others, *facts, replace(comment, after=(*names, *(one.name for one in facts))))


def _facts(company: Company, store: Callable[[], FactStore], after: tuple[str, ...]) -> tuple[IncidentFacts, ...]:
    return (IncidentFacts(store, company.policy, after, company.with_names, company.severity_when_empty),)


def _asks_in_jira(company: Company) -> bool:
    """Since when it has been going on: there is a field for the answer, no room is reminded, and reminders are wanted."""
    telling = company.telling
    is_room_reminded = company.chat is not None and telling is not None
    is_wanted = telling is None or telling.reminders.times > 0
    return company.times.impact_started is not None and is_wanted and not is_room_reminded


def _already_visible(
    company: Company, chat: Callable[[], Chat] | None = None, people: ChatPeople | None = None
) -> AlreadyVisible:
    review = company.telling.review if company.telling is not None else None
    return AlreadyVisible(
        company.words, chat, people, company.policy.default_assignees,
        private_space_key=company.wiki.private_space_key if company.wiki is not None else "",
        private_project=review.private_project if review is not None else "",
    )  # fmt: skip


def _in_wiki(company: Company, place: WikiPlace) -> tuple[Artifact[Any], ...]:
    policy = company.policy
    return (
        StateDocument(
            place.wiki, company.tickets, company.words, place.space_key, place.parent_id, company.roles,
            policy.default_assignees, company.questions, private_space_key=place.private_space_key,
        ),
        Timeline(place.wiki, company.tickets, company.words, place.space_key, company.note_mark),
    )  # fmt: skip


def _from_comments(company: Company) -> tuple[Artifact[Any], ...]:
    """Notes for the timeline, and orders to tell people something."""
    orders, paging = company.telling.policy if company.telling is not None else None, company.policy
    return (CommentNotes(company.tickets, company.ledger, paging.own_account, orders, paging.go_live),)


def _answers(telling: Telling | None) -> Callable[[Scene], Answers] | None:
    """What updates and the issue say by now."""
    return (lambda scene: answers_known(scene, telling.policy)) if telling is not None else None


def _channels(company: Company, telling: Telling) -> Channels:
    return Channels(telling, company.tickets, company.words, company.policy, company.people, company.roles, company.questions)


def _in_chat(company: Company, place: ChatPlace, channels: Channels | None) -> tuple[Artifact[Any], ...]:
    chat, tickets, words, roles = place.chat, company.tickets, company.words, company.roles
    nobody = company.policy.default_assignees
    people = ChatPeople(chat, company.people, place.together)
    return (
        ChatRoom(chat, tickets, words),
        InsideRoom(chat),
        Members(
            chat, people, tuple(role.name for role in roles), nobody,
            always=place.always, by_severity=place.by_severity, by_service=place.by_service,
        ),
        Topic(chat, tickets, words, roles, nobody),
        Brief(chat, tickets, words, company.questions, company.scale, _answers(company.telling), support_count),
        Bookmarks(chat, words),
        Roles(chat, words, people, roles, nobody),
        Arrivals(chat, words, people, nobody),
        _already_visible(company, chat, people),
        ManagerStatus(chat, people, nobody),
        Headline(chat, tickets, words),
        RoomNotes(chat, company.ledger, company.note_mark),
        ArchivedRoom(chat, place.archive_after),
        *(channels.in_the_room(chat, people) if channels is not None else ()),
    )  # fmt: skip
