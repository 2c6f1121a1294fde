"""What others can still see of an incident that has become private: listed once for its manager, who can take it away.

In the room where only those inside can read it, else in the one comment in Jira. Of a room that everybody can read the
room's own artifact tells. That it does, that there is anything which is never made of a secret, or Jira's history, shows that
the incident was none once: then its pages and its call have told the summary too. Of one that was private from the first there
is nothing to list.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from chalicelib.artifacts.artifact import Made, Scene, Spec, spec_of
from chalicelib.artifacts.chat_people import ChatPeople, holders
from chalicelib.artifacts.chat_room import is_public_though_private
from chalicelib.artifacts.in_room import CALL, DOCUMENT, MEMBERS, ROOM, marker_of, room_of, said_already
from chalicelib.artifacts.review_issue import NAME as REVIEW
from chalicelib.artifacts.status_told import is_put_away, records_of
from chalicelib.artifacts.support_cases import NOTE, support_link
from chalicelib.domain.announcement import DRILL_PAGE, MAIL, PUBLIC_PAGE, STAFF_PAGE
from chalicelib.domain.incident import became_private
from chalicelib.domain.people import MANAGER, Told, told_by_jira
from chalicelib.domain.rich_text import Link, Text, compose
from chalicelib.ports.chat import Chat, Post, RoomClosed
from chalicelib.ports.ledger import ArtifactState
from chalicelib.ports.words import Words

NAME = "already_visible"
PUBLISHED: Mapping[str, str] = {
    DOCUMENT: "the state document, with the summary and all that was written there",
    "timeline": "the timeline, with who did what and all notes",
    REVIEW: "the review, with the summary and what happened when",
}
"""Artifact -> what others read there of an incident that was no secret when it was made. None of them is made of a secret
one, but for a document and a review in the places for secret ones."""

ON_PAGES: Mapping[str, str] = {
    STAFF_PAGE: "the incident on the status page of staff, with the summary",
    DRILL_PAGE: "the incident on the status page of drills, with the summary",
    PUBLIC_PAGE: "the incident on the status page of customers, in the words that they were told",
}
"""Channel -> what others read there."""


@dataclass(frozen=True, slots=True)
class Listing:
    """things: what can still be seen, and where. manager: whom it is for; None while there is nobody."""

    room_id: str | None
    things: tuple[str, ...]
    manager: Told | None


@dataclass(frozen=True, slots=True)
class AlreadyVisible:
    """chat, people: None where there is no chat. private_space_key, private_project: of documents and of reviews that only some
    can read, as their links say them; "" for none.

    `Made.vendor_id` is the message's id in the room; "" where the comment tells it.
    """

    words: Words
    chat: Callable[[], Chat] | None = None
    people: ChatPeople | None = None
    default_assignees: Collection[str] = frozenset()
    private_space_key: str = ""
    private_project: str = ""
    after: tuple[str, ...] = (ROOM, CALL, *PUBLISHED, *ON_PAGES, MAIL, NOTE, MEMBERS)
    name: str = NAME
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[Listing], ...]:
        """Anew each time it becomes private; and again, in its place, when more turns out to be there."""
        things = tuple(self._things(scene)) if scene.incident.is_private else ()
        if not things and not scene.has_begun(self.name):
            return ()
        manager = next(iter(holders(scene.incident, MANAGER, self.default_assignees)), None)
        told = told_by_jira(manager) if manager is not None else None
        return (spec_of(self.name, scene.incident, Listing(room_of(scene), things, told), things),)

    def find(self, spec: Spec[Listing]) -> Made | None:
        if self.chat is None or spec.content.room_id is None:
            return None
        return said_already(self.chat(), spec.content.room_id, spec.incident, self.name)

    def make(self, spec: Spec[Listing]) -> Made:
        listing = spec.content
        if not listing.things:
            return Made("")
        said = self._say(spec, "")
        return Made(said) if said is not None else Made("", says=listing.things)

    def change(self, known: Made, spec: Spec[Listing]) -> Made:
        """Where it was said, though the room may be another now; what was said stays when it is no secret any more."""
        if not spec.content.things or not known.vendor_id:
            return self.make(spec)
        said = self._say(spec, known.vendor_id)
        return Made(said) if said is not None else Made("", says=spec.content.things)

    def _say(self, spec: Spec[Listing], message_id: str) -> str | None:
        """The message's id; None where there is no room that only those inside can read. message_id: said before, or ""."""
        room_id = spec.content.room_id
        if self.chat is None or self.people is None or room_id is None:
            return None
        chat, marker = self.chat(), marker_of(spec.incident, self.name)
        try:
            room = chat.read_room(room_id)
            if room is None or not room.is_private:
                return None
            post = self._post(spec, self.people)
            if message_id:
                chat.edit_message(room_id, message_id, post, marker)  # deleted by a human: they have read it
                return message_id
            return chat.post(room_id, post, marker)
        except RoomClosed:
            return None

    def _post(self, spec: Spec[Listing], people: ChatPeople) -> Post:
        listing, incident = spec.content, spec.incident
        template = self.words.render("chat/visible.txt", drill=incident.is_drill, asked=listing.manager is not None)
        pieces: dict[str, Text] = {
            "issue": (Link(incident.url, incident.key),),
            "manager": (people.mention(listing.manager),) if listing.manager is not None else "",
            "things": "\n".join(f"• {thing}" for thing in listing.things),
        }
        return Post(compose(template.strip(), **pieces))

    def _things(self, scene: Scene) -> Iterator[str]:
        told = (*self._published(scene), *_on_status_pages(scene), *_sent(scene))
        yield from told
        if not (told or is_public_though_private(scene.records.get(ROOM)) or became_private(scene.incident)):
            return
        if call := scene.link_of(CALL):
            yield f"the video call, for whoever has its link: {call}"
        pagers = dict.fromkeys(page.pager for page in scene.rung if page.accepted_at)
        yield from (f"the pages at {pager}, with the summary" for pager in pagers)

    def _published(self, scene: Scene) -> Iterator[str]:
        """What is there, and where others than some can read it."""
        for name, what in PUBLISHED.items():
            record = scene.records.get(name)
            if record is not None and record.state is ArtifactState.MADE and record.link and not self._is_hidden(record.link):
                yield f"{what}: {record.link}"

    def _is_hidden(self, link: str) -> bool:
        space, project = self.private_space_key, self.private_project
        return (bool(space) and f"/spaces/{space}/" in link) or (bool(project) and f"/browse/{project}-" in link)


def _on_status_pages(scene: Scene) -> Iterator[str]:
    """Also what is resolved there."""
    for channel, what in ON_PAGES.items():
        records = records_of(channel, scene.records).values()
        told = [record for record in records if record.state is ArtifactState.MADE and record.vendor_id]
        if told and not any(map(is_put_away, records)):
            yield _at(what, next((record.link for record in told if record.link), ""))


def _sent(scene: Scene) -> Iterator[str]:
    """A mail of which nobody knows whether it came counts as one that did."""
    if any(record.vendor_id is not None for record in records_of(MAIL, scene.records).values()):
        yield "the mails to staff, with the summary in their subject"
    if notes := sum(bool(record.vendor_id) for record in records_of(NOTE, scene.records).values()):
        yield _at(f"the notes in support's cases ({notes}), with the summary", support_link(scene))


def _at(what: str, link: str) -> str:
    return f"{what}: {link}" if link else what
