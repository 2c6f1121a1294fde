"""What topics of an update are called, and what staff read where nobody has an answer."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.domain.announcement import Audience
from chalicelib.domain.orders import Topic
from chalicelib.domain.text import one_line
from chalicelib.ports.words import Words


def title_of(words: Words, topic: Topic, audience: Audience = Audience.STAFF) -> str:
    if audience is Audience.PUBLIC:
        return one_line(words.render("public/topic.txt", topic=topic.value))
    return one_line(words.render("updates/topic.txt", topic=topic.value, answered=True))


def titled(
    words: Words, answers: Iterable[tuple[Topic, str]], audience: Audience = Audience.STAFF
) -> tuple[tuple[str, str], ...]:
    return tuple((title_of(words, topic, audience), answer) for topic, answer in answers)


def said_unknown(words: Words, topics: Iterable[Topic]) -> tuple[str, ...]:
    """A sentence for each."""
    return tuple(one_line(words.render("updates/topic.txt", topic=topic.value, answered=False)) for topic in topics)
