"""What customers read: made of public product names, how far it has come, and words that somebody approved for them.

By construction: nothing here is ever given the incident, so there is no path from an issue to a public text but the author of
an order. What comes out is looked at by `domain.guard` all the same. Nor is anything said to be unknown that nobody called so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.artifacts.last_word import listed, tidy
from chalicelib.artifacts.topic_words import titled
from chalicelib.domain.announcement import OPENING, Announcement, Audience, Progress
from chalicelib.domain.checklist import PUBLIC_TOPICS, Answers, check
from chalicelib.domain.orders import Topic, Update
from chalicelib.domain.routing import fold_name
from chalicelib.domain.telling import Product
from chalicelib.domain.text import cut, one_line
from chalicelib.ports.status_pages import NAME_LIMIT
from chalicelib.ports.words import Words


@dataclass(frozen=True, slots=True)
class Approved:
    """Words that their author meant for customers. answers: of this and of earlier updates for customers.

    progress: how far it has come by them. next_by: when people hear again unless the author promised another time; "" where
    nothing follows.
    """

    said: Update
    progress: Progress
    answers: Answers
    next_by: str = ""


def public_names(products: Iterable[str], known: Mapping[str, Product]) -> tuple[str, ...]:
    """Of products as Jira calls them, those that customers know, as they know them; each once."""
    names = (known[fold_name(name)].public for name in products if fold_name(name) in known)
    return tuple(dict.fromkeys(one_line(name) for name in names if name.strip()))


def public_subject(words: Words, products: Sequence[str]) -> str:
    return cut(one_line(words.render("public/subject.txt", products=listed(products))), NAME_LIMIT)


def public_opening(words: Words, products: Sequence[str], not_before: datetime) -> Announcement:
    body = tidy(words.render("public/opening.txt", products=listed(products)))
    subject = public_subject(words, products)
    return Announcement(OPENING, Audience.PUBLIC, Progress.INVESTIGATING, subject, body, not_before)


def public_update(words: Words, id_: str, products: Sequence[str], approved: Approved, not_before: datetime) -> Announcement:
    said, checked = approved.said, check(approved.answers, PUBLIC_TOPICS)
    known = [
        *((topic, answer) for topic, answer in said.answers if topic not in PUBLIC_TOPICS),
        *((topic, answer) for topic, answer in checked.known if topic is not Topic.NEXT),
    ]
    body = words.render(
        "public/update.txt",
        summary=said.summary,
        status=said.status,
        steps=said.steps,
        known=titled(words, known, Audience.PUBLIC),
        next_update=dict(said.answers).get(Topic.NEXT, ""),
        next_by=approved.next_by,
    )
    return Announcement(id_, Audience.PUBLIC, approved.progress, public_subject(words, products), tidy(body), not_before)
