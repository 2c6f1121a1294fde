"""The timeline: a page below the state document that is Firebell's own, written anew whenever there is more to tell.

What people type into it is overwritten, and the page says so. Once a human has put it away it is not made again. Of a
private incident nothing is written: the wiki is outside its room.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.artifacts.artifact import Made, Scene, Spec, spec_of
from chalicelib.artifacts.once import stable_name
from chalicelib.artifacts.seen import check_no_secret
from chalicelib.artifacts.state_document import is_in_space, set_label
from chalicelib.artifacts.timeline_events import events_of, row_of
from chalicelib.domain.announcement import CHANNELS
from chalicelib.domain.incident import Incident
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.ports.tickets import Tickets
from chalicelib.ports.wiki import Conflict, Wiki, WikiPage, WikiPageState
from chalicelib.ports.words import Words

NAME = "timeline"
EVENTS_LIMIT = 400
"""The newest that the page shows: whoever reads it under stress reads no more."""

TRIES = 3
"""Somebody who types while we write is read again, but not for ever."""


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """parent_id: the state document. space_key: where that is."""

    space_key: str
    parent_id: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """space_key: where state documents are; private_space_key: those that were made while the incident was private, "" for
    none. mark: the reaction that makes a message a note, without colons."""

    wiki: Callable[[], Wiki]
    tickets: Callable[[], Tickets]
    words: Words
    space_key: str
    mark: str = "pushpin"
    private_space_key: str = ""
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
        page = TimelinePage(self._space(scene), parent_id, title_of(incident), body)
        return (spec_of(self.name, incident, page, body),)

    def _space(self, scene: Scene) -> str:
        """Where its document is: a page cannot be below one of another space."""
        document = scene.records.get("state_document")
        is_secret = document is not None and is_in_space(document.link, self.private_space_key)
        return self.private_space_key if is_secret else self.space_key

    def find(self, spec: Spec[TimelinePage]) -> Made | None:
        found = self.wiki().find_page(spec.content.space_key, marker_of(spec.incident))
        return _made(found) if found is not None else None

    def make(self, spec: Spec[TimelinePage]) -> Made | None:
        """None where people put the state document away since: then nothing is below it."""
        check_no_secret(self.tickets(), spec.incident)
        page, wiki = spec.content, self.wiki()
        try:
            return _made(wiki.create_page(page.space_key, page.parent_id, page.title, page.body, marker_of(spec.incident)))
        except PermanentError:
            if _is_there(wiki.read_page(page.parent_id)):
                raise
            return None

    def change(self, known: Made, spec: Spec[TimelinePage]) -> Made | None:
        check_no_secret(self.tickets(), spec.incident)
        wiki, marker = self.wiki(), marker_of(spec.incident)
        why = ""
        for _ in range(TRIES):
            page = wiki.read_page(known.vendor_id)
            if page is None or not _is_there(page):
                return None
            set_label(wiki, page, marker)
            written = wiki.replace_body(page, spec.content.body, marker)
            if not isinstance(written, Conflict):
                return _made(written)
            why = written.why
        raise TemporaryError(wiki.name, "replace_body", why)


def marker_of(incident: Incident) -> str:
    return f"{stable_name(incident)}-{NAME}"


def title_of(incident: Incident) -> str:
    return f"{incident.drill_mark}{incident.key}: Timeline"


def _is_there(page: WikiPage | None) -> bool:
    return page is not None and page.state is WikiPageState.CURRENT


def _made(page: WikiPage) -> Made:
    return Made(page.id, page.url)
