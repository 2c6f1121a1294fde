"""The bookmarks above the incident's room: issue, video call, document.

One that a human removed stays away until it should lead elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.artifacts.artifact import Made, Scene, Spec, spec_of
from chalicelib.artifacts.in_room import CALL, DOCUMENT, ROOM, again_when_opened, room_of, unless_closed
from chalicelib.ports.chat import Bookmark, Chat
from chalicelib.ports.words import Words

ISSUE = "issue"


@dataclass(frozen=True, slots=True)
class Placed:
    room_id: str
    bookmark: Bookmark


@dataclass(frozen=True, slots=True)
class Bookmarks:
    """Each is an artifact of its own, so that a change of one brings back none of the others."""

    chat: Callable[[], Chat]
    words: Words
    after: tuple[str, ...] = (ROOM, CALL, DOCUMENT)
    name: str = "bookmarks"
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[Placed], ...]:
        room_id = room_of(scene)
        if room_id is None:
            return ()
        links = {ISSUE: scene.incident.url, CALL: scene.link_of(CALL), DOCUMENT: scene.link_of(DOCUMENT)}
        specs = (
            spec_of(f"{self.name}:{what}", scene.incident, Placed(room_id, Bookmark(self._title(what), url)))
            for what, url in links.items()
            if url
        )
        return tuple(again_when_opened(spec, scene) for spec in specs)

    def find(self, spec: Spec[Placed]) -> Made | None:
        """Putting it again is harmless: it is looked for by its title."""
        return None

    def make(self, spec: Spec[Placed]) -> Made | None:
        def put() -> Made:
            placed = spec.content
            self.chat().put_bookmark(placed.room_id, placed.bookmark.title, placed.bookmark.url)
            return Made(placed.bookmark.title)

        return unless_closed(put)

    def change(self, known: Made, spec: Spec[Placed]) -> Made | None:
        return self.make(spec)

    def _title(self, what: str) -> str:
        return self.words.render("chat/bookmark.txt", what=what).strip()
