"""The timeline: a page below the state document that is Firebell's own, written anew whenever there is more to tell.

What people type into it is overwritten, and the page says so. Once a human has put it away it is not made again; where they
have closed it to us, each version is tried once. Of a private incident nothing is written: the wiki is outside its room.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from chalicelib.artifacts.artifact import Made, Scene, Spec, spec_of
from chalicelib.artifacts.once import stable_name
from chalicelib.artifacts.seen import check_no_secret
from chalicelib.artifacts.state_document import set_label
from chalicelib.artifacts.timeline_events import events_of, row_of
from chalicelib.domain.announcement import CHANNELS
from chalicelib.domain.incident import Incident
from chalicelib.errors import TemporaryError
from chalicelib.ports.tickets import Tickets
from chalicelib.ports.wiki import Conflict, Locked, Wiki, WikiPage, WikiPageState
from chalicelib.ports.words import Words

NAME = "timeline"
EVENTS_LIMIT = 400
"""The newest that the page shows: whoever reads it under stress reads no more."""

LOCKED = "people have closed this page to Firebell; it goes on when it may be edited again and something more happens"

TRIES = 3
"""Somebody who types while we write is read again, but not for ever."""


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """parent_id: the state document."""

    parent_id: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """space_key: where state documents are made. mark: the reaction that makes a message a note, without colons."""

    wiki: Callable[[], Wiki]
    tickets: Callable[[], Tickets]
    words: Words
    space_key: str
    mark: str = "pushpin"
    after: tuple[str, ...] = ("chat_room", "video_call", "state_document", "notes:comments", "notes:room", *CHANNELS)
    name: str = NAME
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[TimelinePage], ...]:
        incident, parent_id = scene.incident, scene.id_of("state_document")
        if parent_id is None or incident.is_private:
            return ()
        events = events_of(scene)
        body = self.words.render(
            "document/timeline.xml",
            key=incident.key,
            issue_link=incident.url,
            drill=incident.is_drill,
            mark=self.mark,
            left_out=max(0, len(events) - EVENTS_LIMIT),
            events=tuple(row_of(event) for event in events[-EVENTS_LIMIT:]),
        )
        # Place and title are for making it: afterwards both are people's to change.
        page = TimelinePage(parent_id, title_of(incident), body)
        return (spec_of(self.name, incident, page, body),)

    def find(self, spec: Spec[TimelinePage]) -> Made | None:
        wiki = self.wiki()
        space_key = wiki.space_of(spec.content.parent_id) or self.space_key
        found = wiki.find_page(space_key, marker_of(spec.incident))
        return _made(found) if found is not None else None

    def make(self, spec: Spec[TimelinePage]) -> Made | None:
        """Where its document is: a page cannot be below one of another space. None where people put that away since."""
        check_no_secret(self.tickets(), spec.incident)
        page, wiki = spec.content, self.wiki()
        space_key = wiki.space_of(page.parent_id)
        if space_key is None:
            return None
        return _made(wiki.create_page(space_key, page.parent_id, page.title, page.body, marker_of(spec.incident)))

    def change(self, known: Made, spec: Spec[TimelinePage]) -> Made | None:
        check_no_secret(self.tickets(), spec.incident)
        wiki, marker = self.wiki(), marker_of(spec.incident)
        why = ""
        for _ in range(TRIES):
            page = wiki.read_page(known.vendor_id)
            if page is None or page.state is not WikiPageState.CURRENT:
                return None
            set_label(wiki, page, marker)
            written = wiki.replace_body(page, spec.content.body, marker)
            match written:
                case WikiPage():
                    return _made(written)
                case Locked():
                    return replace(_made(page), says=(LOCKED,))
                case Conflict(why):
                    continue
        raise TemporaryError(wiki.name, "replace_body", why)


def marker_of(incident: Incident) -> str:
    return f"{stable_name(incident)}-{NAME}"


def title_of(incident: Incident) -> str:
    return f"{incident.drill_mark}{incident.key}: Timeline"


def _made(page: WikiPage) -> Made:
    return Made(page.id, page.url)
