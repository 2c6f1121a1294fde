"""Wiki and video calls, simulated: the ports over the emulators' models behind the wire.

Each translates between a port and a model and decides nothing; tests hold them to the suites of the real adapters. What no
artifact calls yet is not on the wire.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from chalicelib.adapters.storage_format import is_marked, marked
from chalicelib.domain.text import cut
from chalicelib.errors import PermanentError
from chalicelib.ports.video_calls import Call
from chalicelib.ports.wiki import Conflict, Locked, WikiPage, WikiPageState
from sandbox.video.model import AGENDA_LIMIT, SHOWN_AGENDA, TOPIC_LIMIT, Meeting, VideoModel
from sandbox.wiki.model import ARCHIVED, CURRENT, TITLE_LIMIT, TRASHED, Refusal, RefusedError, StoredPage, WikiModel
from simulation.places_watch import CALL, PAGE, TIMELINE, PlaceWatch
from simulation.wire import Wire, operation

T = TypeVar("T")

_ANY_STATE = (CURRENT, ARCHIVED, TRASHED)
_NEWEST = 25
_WIKI_URL = "https://example.atlassian.net/wiki"
_STATUS = dict.fromkeys((Refusal.NO_SPACE, Refusal.NO_PARENT, Refusal.NO_PAGE), 404) | {Refusal.TOO_LARGE: 413}


class ModelWiki:
    """us: our account."""

    name = "confluence"

    def __init__(self, model: WikiModel, us: str, wire: Wire, sees: PlaceWatch) -> None:
        self._model, self._us, self._wire, self._sees = model, us, wire, sees

    def find_page(self, space_key: str, marker: str) -> WikiPage | None:
        return self._call("find_page", marker, lambda: self._labelled(marker) or self._among_newest(space_key, marker))

    def create_page(self, space_key: str, parent_id: str | None, title: str, body: str, marker: str) -> WikiPage:
        def without_label() -> WikiPage:
            return self._post(space_key, parent_id, title, body, marker)[0]

        def create() -> WikiPage:
            page, is_new = self._post(space_key, parent_id, title, body, marker)
            if not is_new:
                return page
            self._model.label(page.id, marker, self._us)
            return replace(page, labels=frozenset({marker}))

        return self._call("create_page", marker, create, part=without_label)

    def label_page(self, page_id: str, marker: str) -> None:
        def label() -> None:
            self._sees.wrote(self._sees.of_marker(marker), f"a label on {page_id}")
            try:
                self._model.label(page_id, marker, self._us)
            except RefusedError as refusal:
                raise self._refused("label_page", refusal) from None

        self._call("label_page", marker, label)

    def read_page(self, page_id: str) -> WikiPage | None:
        """Not on the wire."""
        page = self._model.page(page_id)
        return self._shown(page, with_body=True, with_labels=True) if page is not None else None

    def space_of(self, page_id: str) -> str | None:
        """Not on the wire."""
        page = self._model.page(page_id)
        return self._model.spaces[page.space_id].key if page is not None and page.state == CURRENT else None

    def replace_body(self, page: WikiPage, body: str, marker: str, *, title: str | None = None) -> WikiPage | Conflict | Locked:
        """Not on the wire."""
        self._sees.wrote(self._sees.of_marker(marker), f"the page {page.title}")
        wanted = cut(title, TITLE_LIMIT) if title is not None else page.title
        try:
            written = self._model.update(page.id, page.version + 1, wanted, marked(body, marker), self._us, "Firebell")
        except RefusedError as refusal:
            if refusal.reason is Refusal.STALE:
                return Conflict(str(refusal))
            if refusal.reason is Refusal.NO_PAGE:
                return Locked()
            raise self._refused("replace_body", refusal) from None
        return replace(self._shown(written, with_body=True), labels=page.labels)

    def problems_with(self, space_key: str, parent_id: str | None) -> tuple[str, ...]:
        raise AssertionError("only asked by `firebell check --resolve`")

    def _call(self, method: str, marker: str, effect: Callable[[], T], part: Callable[[], T] | None = None) -> T:
        self._sees.calls += 1
        return self._wire.call(operation(self.name, method), self._sees.of_marker(marker), effect, part=part)

    def _post(self, space_key: str, parent_id: str | None, title: str, body: str, marker: str) -> tuple[WikiPage, bool]:
        """Under our title, or one that is surely free; whether it is new."""
        issue_id = self._sees.of_marker(marker)
        self._sees.wrote(issue_id, f"the page {title}")
        space_id = self._space_id("create_page", space_key)
        own = " ".join(title.split())
        for wanted in (cut(own, TITLE_LIMIT), f"{cut(own, TITLE_LIMIT - len(marker) - 3)} ({marker})"):
            try:
                page = self._model.create(space_id, wanted, marked(body, marker), self._us, parent_id=parent_id)
            except RefusedError as refusal:
                same = (page for page in self._ours(marker) if page.space_id == space_id and page.title == wanted)
                ours = next(same, None)
                if ours is not None:
                    return self._shown(ours, with_body=True), False
                if refusal.reason is not Refusal.TITLE_TAKEN:
                    raise self._refused("create_page", refusal) from None
            else:
                shown = self._shown(page, with_body=True)
                kind = TIMELINE if marker.endswith(TIMELINE) else PAGE
                self._sees.made(issue_id, kind, self._wire.loop.now_ms, page.id, shown.url, f"{title}\n{body}")
                return shown, True
        raise PermanentError(self.name, "create_page", f"other pages have the title {own!r}, with our marker too")

    def _labelled(self, marker: str) -> WikiPage | None:
        found = self._best([page for page in self._model.searched(marker) if page.author == self._us])
        return replace(self._shown(found), labels=frozenset({marker})) if found is not None else None

    def _among_newest(self, space_key: str, marker: str) -> WikiPage | None:
        space_id = self._space_id("find_page", space_key)
        newest = [page for page in self._model.listed(_ANY_STATE) if page.space_id == space_id][:_NEWEST]
        ours = [page for page in newest if page.author == self._us and is_marked(page.version.body, marker)]
        found = self._best(ours)
        return self._shown(found, with_body=True) if found is not None else None

    def _ours(self, marker: str) -> list[StoredPage]:
        pages = self._model.listed(_ANY_STATE)
        return [page for page in pages if page.author == self._us and is_marked(page.version.body, marker)]

    def _best(self, pages: Sequence[StoredPage]) -> StoredPage | None:
        return min(pages, key=lambda page: (page.state != CURRENT, page.created_at), default=None)

    def _space_id(self, method: str, key: str) -> str:
        found = next((space.id for space in self._model.spaces.values() if key in (space.key, space.alias)), None)
        if found is None:
            raise PermanentError(self.name, method, f"no space with the key {key!r}")
        return found

    def _shown(self, page: StoredPage, *, with_body: bool = False, with_labels: bool = False) -> WikiPage:
        return WikiPage(
            id=page.id,
            url=f"{_WIKI_URL}/spaces/{self._model.spaces[page.space_id].alias}/pages/{page.id}",
            title=page.title,
            version=page.version.number,
            state=WikiPageState(page.state),
            labels=frozenset(page.labels) if with_labels else frozenset(),
            by_us=page.version.by == self._us,
            body=page.version.body if with_body else None,
        )

    def _refused(self, method: str, refusal: RefusedError) -> PermanentError:
        return PermanentError(self.name, method, f"{_STATUS.get(refusal.reason, 400)} {refusal}")


class ModelVideo:
    """host: whose meetings they are."""

    name = "zoom"

    def __init__(self, model: VideoModel, host: str, wire: Wire, sees: PlaceWatch) -> None:
        self._model, self._host, self._wire, self._sees = model, host, wire, sees

    def find_call(self, marker: str, topic: str) -> Call | None:
        def look() -> Call | None:
            wanted = cut(topic, TOPIC_LIMIT)
            ours = [m for m in self._model.listed(self._host) if m.topic == wanted or marker in m.agenda[:SHOWN_AGENDA].split()]
            found = min(ours, key=lambda meeting: meeting.created_at, default=None)
            return _call(found) if found is not None else None

        return self._call("find_call", marker, look)

    def make_call(self, marker: str, topic: str, agenda: str) -> Call:
        issue_id = self._sees.of_marker(marker)

        def create() -> Call:
            self._sees.wrote(issue_id, f"the call {topic}")
            text = cut(f"{marker}\n{agenda}", AGENDA_LIMIT)
            made = _call(self._model.create(self._host, cut(topic, TOPIC_LIMIT), text, with_password=True))
            self._sees.made(issue_id, CALL, self._wire.loop.now_ms, made.id, made.join_link, f"{topic}\n{agenda}")
            return made

        return self._call("make_call", marker, create)

    def read_call(self, call_id: str) -> Call | None:
        """Not on the wire."""
        meeting = self._model.meeting(int(call_id)) if call_id.isdigit() else None
        return _call(meeting) if meeting is not None else None

    def problems(self) -> tuple[str, ...]:
        raise AssertionError("only asked by `firebell check --resolve`")

    def _call(self, method: str, marker: str, effect: Callable[[], T]) -> T:
        self._sees.calls += 1
        return self._wire.call(operation(self.name, method), self._sees.of_marker(marker), effect)


def _call(meeting: Meeting) -> Call:
    return Call(str(meeting.id), meeting.join_url)
