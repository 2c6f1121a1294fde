"""The last word: what staff and customers are told once an incident has been resolved for a while.

Announcements only; channels tell them. A mistaken resolve is common: moved back before it is told, nothing is said. What was
another incident, or none, ends quietly. The functions for customers are given nothing of the incident but what they are to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from chalicelib.artifacts.artifact import Scene
from chalicelib.artifacts.tenures import names_of, tenures
from chalicelib.artifacts.topic_words import titled
from chalicelib.domain.announcement import RESOLVED, Announcement, Audience, Progress
from chalicelib.domain.checklist import Answers, beside_questions, questions_answered
from chalicelib.domain.durations import in_words, is_end_in_question, seconds_between
from chalicelib.domain.incident import Incident, Resolution, Severity, Status, incident_since, resolved_since
from chalicelib.domain.orders import Topic
from chalicelib.domain.people import MANAGER, PeopleTable, Role
from chalicelib.domain.telling import TellingPolicy
from chalicelib.domain.text import cut, one_line
from chalicelib.ports.words import Words

LONGEST_ANSWER, LONGEST_SUBJECT = 500, 240
_EMPTY_LINES = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Ending:
    """The last time it was resolved, by Jira's clock. number: which time; history only grows, so a number stays."""

    number: int
    at: datetime
    how: Resolution

    @property
    def announcement_id(self) -> str:
        return f"{RESOLVED}-{self.number}"

    @property
    def is_quiet(self) -> bool:
        return self.how is not Resolution.DONE


def ending_of(incident: Incident) -> Ending | None:
    """None while it is open. Pure."""
    at = resolved_since(incident)
    if at is None:
        return None
    resolves = [change for change in incident.changes if change.what == "status" and change.new == Status.RESOLVED]
    return Ending(max(1, len(resolves)), at, incident.resolution or Resolution.DONE)


def is_over_for_customers(incident: Incident) -> bool:
    """Whoever closes a duplicate says where it goes on, and not that it is over: that a human tells customers, by an order."""
    return incident.status is Status.RESOLVED and incident.resolution is not Resolution.DUPLICATE


@dataclass(frozen=True, slots=True)
class Line:
    """A fact and what is known of it, as people read it: one line each."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class StaffLastWord:
    """roles: every one, the manager first. questions: about the impact, by our names. has_review: a review follows.

    support_cases: how many customers' cases there are; None where nobody counts them. answers: what the newest updates and
    the fields of the issue say of the impact, the root cause and so on.
    """

    words: Words
    policy: TellingPolicy
    roles: tuple[Role, ...] = ()
    questions: Mapping[str, str] = field(default_factory=dict)
    people: PeopleTable = field(default_factory=PeopleTable)
    default_assignees: Collection[str] = frozenset()
    has_review: bool = False
    support_cases: Callable[[Scene], int | None] | None = None
    answers: Callable[[Scene], Answers] | None = None

    def __call__(self, scene: Scene) -> tuple[Announcement, ...]:
        ending = ending_of(scene.incident)
        if ending is None:
            return ()
        body = self._ended(scene.incident, ending) if ending.is_quiet else self._recap(scene, ending)
        return (
            Announcement(
                ending.announcement_id,
                Audience.STAFF,
                Progress.RESOLVED,
                staff_subject(scene.incident),
                tidy(body),
                ending.at + self.policy.final_after,
            ),
        )

    def _recap(self, scene: Scene, ending: Ending) -> str:
        incident = scene.incident
        return self.words.render(
            "updates/resolved.txt",
            drill=incident.is_drill,
            again=ending.number > 1,
            key=incident.key,
            severity=severity_words(incident.severity),
            summary=one_line(incident.summary),
            products=listed(incident.products),
            duration=in_words(seconds_between(_started(incident), _ended(incident) or ending.at)),
            impact=tuple(self._impact(scene)),
            times=tuple(_times(incident, ending)),
            roles=tuple(self._roles(scene)),
            support=self.support_cases(scene) if self.support_cases is not None else None,
            review=self.has_review and incident.severity.is_major and not incident.is_drill,
        )

    def _ended(self, incident: Incident, ending: Ending) -> str:
        survivor = incident.survivor
        return self.words.render(
            "updates/ended.txt",
            drill=incident.is_drill,
            duplicate=ending.how is Resolution.DUPLICATE,
            key=incident.key,
            other=survivor.key if survivor is not None else "",
            other_link=_beside(incident, survivor.key) if survivor is not None else "",
        )

    def _impact(self, scene: Scene) -> Iterator[Line]:
        known = self.answers(scene) if self.answers is not None else {}
        # There is no next update to wait for.
        answers: dict[Topic, str] = {topic: answer for topic, answer in known.items() if topic is not Topic.NEXT}
        answered = questions_answered(self.questions, scene.incident.impact, answers)
        told = [(self.questions[name], answer) for name, answer in answered.items()]
        told += [(f"{title}:", answer) for title, answer in titled(self.words, beside_questions(self.questions, answers))]
        yield from (Line(title, cut(one_line(answer), LONGEST_ANSWER)) for title, answer in told if answer.strip())

    def _roles(self, scene: Scene) -> Iterator[Line]:
        """Also those who have handed theirs over."""
        for role in self.roles or (Role(MANAGER, "Incident manager"),):
            had = [tenure.account_id for tenure in tenures(role.name, scene, self.default_assignees)]
            if had:
                yield Line(role.title, ", then ".join(names_of(had, scene.incident, self.people)))


def public_last_word(
    words: Words, products: Sequence[str], severity: Severity, ending: Ending, policy: TellingPolicy, subject: str
) -> Announcement:
    """products: as customers know them. subject: what the incident on the page is called. A postmortem is promised where the
    severity is major, and never for what was no incident. Not for duplicates: see `is_over_for_customers`."""
    if ending.is_quiet:
        body = words.render("public/ended.txt", products=listed(products))
    else:
        body = words.render(
            "public/resolved.txt", products=listed(products), again=ending.number > 1, postmortem=severity.is_major
        )
    return Announcement(
        ending.announcement_id, Audience.PUBLIC, Progress.RESOLVED, subject, tidy(body), ending.at + policy.final_after
    )


def staff_subject(incident: Incident) -> str:
    """HOT-42 - Sev 1 - Checkout is down; only the summary is shortened to fit."""
    before = f"{incident.drill_mark}{incident.key} - {severity_words(incident.severity)} - "
    return before + cut(one_line(incident.summary), LONGEST_SUBJECT - len(before))


def severity_words(severity: Severity) -> str:
    return f"Sev {severity.value}"


def listed(names: Sequence[str]) -> str:
    """A, A and B, A, B and C; "" for none."""
    *others, last = (one_line(name) for name in names or ("",))
    return f"{', '.join(others)} and {last}" if others else last


def tidy(text: str) -> str:
    """No more than one empty line between paragraphs: a template leaves more where a part of it is not said."""
    return _EMPTY_LINES.sub("\n\n", "\n".join(line.rstrip() for line in text.splitlines())).strip()


def _started(incident: Incident) -> datetime:
    return incident.impact_started_at or incident_since(incident)


def _ended(incident: Incident) -> datetime | None:
    """As somebody told it; not an end of which nobody knows whether it still holds."""
    told = incident.impact_ended_at
    return None if is_end_in_question(incident, told) else told


def _times(incident: Incident, ending: Ending) -> Iterator[Line]:
    fixing = (change.at for change in incident.changes if change.what == "status" and change.new == Status.FIXING)
    told = (
        ("Impact began", incident.impact_started_at),
        ("Detected", incident.detected_at),
        ("Raised", incident.created_at),
        ("Fixing began", next(fixing, None)),
        ("Impact ended", _ended(incident)),
        ("Resolved", ending.at),
    )
    known = [(title, at) for title, at in told if at is not None]
    yield from (Line(title, f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC") for title, at in sorted(known, key=lambda one: one[1]))


def _beside(incident: Incident, key: str) -> str:
    """The address of another issue of the same Jira; "" where our own is not known."""
    return incident.url.removesuffix(incident.key) + key if incident.url.endswith(incident.key) else ""
