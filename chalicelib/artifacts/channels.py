"""Everything that tells people: the same announcements by status pages, by mail and in the room, and what belongs to telling.

What a company has no channel for is never made. Every channel has the words of its own language.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chalicelib.artifacts.announcements import Announcements
from chalicelib.artifacts.artifact import Artifact
from chalicelib.artifacts.chat_people import ChatPeople
from chalicelib.artifacts.last_word import StaffLastWord
from chalicelib.artifacts.mails import Mails
from chalicelib.artifacts.reminders import Reminders
from chalicelib.artifacts.review_issue import ReviewIssue, ReviewPlace
from chalicelib.artifacts.room_updates import OrderAnswers, RoomUpdates
from chalicelib.artifacts.staff_words import Reach
from chalicelib.artifacts.status_pages import StatusPages, status_page_artifacts
from chalicelib.artifacts.support_cases import SupportCases, SupportNotes, support_count
from chalicelib.artifacts.told import answers_known, known_to_people
from chalicelib.domain.people import PeopleTable, Role
from chalicelib.domain.policy import PagingPolicy
from chalicelib.domain.reminding import ReminderPolicy
from chalicelib.domain.routing import RoutingTable
from chalicelib.domain.telling import TellingPolicy
from chalicelib.ports.chat import Chat
from chalicelib.ports.mailer import Mailer
from chalicelib.ports.tickets import Tickets
from chalicelib.ports.words import Words


@dataclass(frozen=True, slots=True)
class MailPlace:
    """domain: of the sender's address. to: lists of the staff; drills_to: those of drills."""

    mailer: Callable[[], Mailer]
    words: Words
    domain: str
    to: tuple[str, ...]
    drills_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Telling:
    """words: of staff; public_words, drill_words: of the customers' page, and of the page for drills.

    projects: keys of Jira's projects. time_zone: in which people write a time of day without saying so. times: our names of
    the times that issues have fields for, and their titles. support_projects: where customers' cases are; none for no cases.
    pages, mail, review: None where there is none.
    """

    policy: TellingPolicy
    words: Words
    public_words: Words
    drill_words: Words
    routing: RoutingTable
    projects: frozenset[str] = frozenset()
    time_zone: str = "UTC"
    times: Mapping[str, str] = field(default_factory=dict)
    reminders: ReminderPolicy = field(default_factory=ReminderPolicy)
    pages: StatusPages | None = None
    mail: MailPlace | None = None
    support_projects: tuple[str, ...] = ()
    review: ReviewPlace | None = None


@dataclass(frozen=True, slots=True)
class Channels:
    """roles: every one, the incident manager first. questions: about the impact, by our names."""

    telling: Telling
    tickets: Callable[[], Tickets]
    words: Words
    paging: PagingPolicy
    people: PeopleTable
    roles: tuple[Role, ...]
    questions: Mapping[str, str]
    _announcers: dict[int, Announcements] = field(default_factory=dict, init=False, repr=False, compare=False)

    def announcer(self, words: Words) -> Announcements:
        """All of them say the same, each in its own words; those with the same words share one."""
        known = self._announcers.get(id(words))
        return known if known is not None else self._announcers.setdefault(id(words), self._announcer(words))

    def _announcer(self, words: Words) -> Announcements:
        telling = self.telling
        last_word = StaffLastWord(
            words,
            telling.policy,
            self.roles,
            self.questions,
            self.people,
            self._nobody,
            has_review=telling.review is not None,
            support_cases=support_count if telling.support_projects else None,
            answers=lambda scene: answers_known(scene, telling.policy),
        )
        mail, pages = telling.mail, telling.pages
        return Announcements(
            words,
            telling.policy,
            self.paging,
            self.people,
            telling.projects,
            (last_word,),
            telling.public_words,
            Reach(mail is not None and bool(mail.to), pages is not None and pages.staff is not None),
            Reach(mail is not None and bool(mail.drills_to), pages is not None and pages.drills is not None),
        )

    def outside_the_room(self) -> Iterator[Artifact[Any]]:
        telling, tickets, final_after = self.telling, self.tickets, self.telling.policy.final_after
        if telling.support_projects:
            yield SupportCases(tickets, telling.support_projects, final_after)
            yield SupportNotes(tickets, self.words, final_after)
        if telling.pages is not None:
            drills = StatusPages(telling.pages.secret, drills=telling.pages.drills)
            others = replace(telling.pages, drills=None)
            yield from status_page_artifacts(others, self.announcer(telling.words), tickets, telling.policy)
            yield from status_page_artifacts(drills, self.announcer(telling.drill_words), tickets, telling.policy)
        if telling.mail is not None:
            mail = telling.mail
            announcer = self.announcer(mail.words)
            yield Mails(mail.mailer, tickets, mail.words, announcer, mail.domain, mail.to, mail.drills_to)
        yield OrderAnswers(telling.words, self.announcer(telling.words))
        if telling.review is not None:
            yield ReviewIssue(
                tickets, self.words, telling.review, final_after, self.paging, self.roles, self._nobody, self.questions
            )

    def in_the_room(self, chat: Callable[[], Chat], people: ChatPeople) -> Iterator[Artifact[Any]]:
        telling = self.telling
        yield RoomUpdates(chat, telling.words, self.announcer(telling.words), self.tickets)
        has_public_page = telling.pages is not None and telling.pages.public is not None
        yield Reminders(
            chat,
            telling.words,
            people,
            telling.reminders,
            telling.policy.next_update,
            lambda scene: known_to_people(scene, telling.policy, has_public_page=has_public_page, time_zone=telling.time_zone),
            self.roles,
            telling.routing,
            self._nobody,
            telling.times,
        )

    @property
    def _nobody(self) -> Collection[str]:
        return self.paging.default_assignees
