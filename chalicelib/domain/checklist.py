"""Is an update complete, and what do people know by now? Pure.

Answers come from labelled lines of updates and from fields in Jira; the newest one on a topic wins. What nobody has answered
staff are told to be unknown, in so many words, and whoever wrote the update is told what was filled in. When the next update
comes is always said: there is a time for every severity.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chalicelib.domain.ordered import Ordered
from chalicelib.domain.orders import LABELS, Topic, Update
from chalicelib.domain.text import one_line

Answers = Mapping[Topic, str]

STAFF_TOPICS = tuple(Topic)
PUBLIC_TOPICS = (Topic.CAUSE, Topic.ETA, Topic.NEXT)
"""What customers are told of: whom it hits and how is what the update itself says."""

_TOPICS = {**{topic.value: topic for topic in Topic}, "symptoms": Topic.IMPACT}
"""What a question in settings may be called, beside a label."""


@dataclass(frozen=True, slots=True)
class Checked:
    """known: the answer to each topic that has one. unknown: what has none, in the order of asking."""

    known: tuple[tuple[Topic, str], ...]
    unknown: tuple[Topic, ...]


def topic_of(question: str) -> Topic | None:
    """What a question in settings asks for: by its name, which is a topic's or a label's ("root_cause", "customers")."""
    name = question.casefold()
    return _TOPICS.get(name) or LABELS.get(name.replace("_", " "))


def newest_answers(orders: Iterable[Ordered], impact: Mapping[str, str]) -> Answers:
    """What is known after these updates, oldest first, and with these fields of the issue as they are now.

    Fields have no time of their own. But every update kept what they said when it was read: a field that says something else
    by then was answered since the update before.
    """
    answers: dict[Topic, str] = {}
    before: Mapping[str, str] = {}
    for order in orders:
        before = _fields_into(answers, before, dict(order.impact))
        update = order.asked
        if isinstance(update, Update):
            answers.pop(Topic.NEXT, None)  # whoever speaks again has kept their promise, and may make another
            answers |= dict(update.answers)
    _fields_into(answers, before, impact)
    return answers


def _fields_into(answers: dict[Topic, str], before: Mapping[str, str], now: Mapping[str, str]) -> Mapping[str, str]:
    for name, text in now.items():
        topic, answer = topic_of(name), one_line(text)
        if topic is not None and answer and answer != one_line(before.get(name, "")):
            answers[topic] = answer
    return now


def check(answers: Answers, topics: Iterable[Topic]) -> Checked:
    asked = tuple(topics)
    known = tuple((topic, answers[topic]) for topic in asked if answers.get(topic))
    return Checked(known, tuple(topic for topic in asked if not answers.get(topic)))


def questions_answered(questions: Mapping[str, str], impact: Mapping[str, str], answers: Answers) -> dict[str, str]:
    """Each question, by name, with the newest answer: of a topic's where it asks for one, else what the field says."""
    topics = {name: topic_of(name) for name in questions}
    return {name: (answers.get(topic, "") if topic else "") or impact.get(name, "") for name, topic in topics.items()}


def beside_questions(questions: Mapping[str, str], answers: Answers) -> tuple[tuple[Topic, str], ...]:
    """Every topic that is answered and that no question asks for, with its answer."""
    asked = {topic_of(name) for name in questions}
    return tuple((topic, answers[topic]) for topic in Topic if topic in answers and topic not in asked)
