"""Confluence's rules without HTTP: which titles are free, which version comes next, what the search index shows already.

A page's id never changes; title, parent, space and state do. Every edit and retitling makes a version, moving and trashing
do not. Pages may be used from several threads: emulators answer on one each, and people act on another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from threading import RLock

from chalicelib.ports.world import Clock
from sandbox.wiki.storage import problem_with

CURRENT, ARCHIVED, TRASHED = "current", "archived", "trashed"
BODY_LIMIT = 5 * 1024 * 1024
TITLE_LIMIT = 255
LABEL_LIMIT = 255
_NOT_IN_LABELS = set("!#&()*,.:;<>?@[]^ \t\n")


class Refusal(StrEnum):
    TITLE_TAKEN = "title taken"
    NO_TITLE = "no title, or one that is too long"
    MALFORMED = "malformed body"
    TOO_LARGE = "too large"
    NO_SPACE = "no such space"
    NO_PARENT = "no such parent"
    NO_PAGE = "no such page"
    READ_ONLY = "may be seen, and not edited"
    STALE = "stale version"
    BAD_LABEL = "label with characters that labels do not have"


class RefusedError(Exception):
    """The vendor says no. The text is what it would answer."""

    def __init__(self, reason: Refusal, words: str = "") -> None:
        super().__init__(words or reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class WikiSpace:
    """id: as numeric as Confluence's. key: the first one, for ever. home: the page under which pages without a parent go.

    alias: what people see and write for its key since they renamed it; the key until then.
    """

    id: str
    key: str
    name: str
    home: str
    alias: str
    archived: bool = False


@dataclass(frozen=True, slots=True)
class WikiVersion:
    number: int
    title: str
    body: str
    by: str
    at: datetime
    message: str = ""


@dataclass(slots=True)
class StoredPage:
    """labels: with the time since when each is there, for the index."""

    id: str
    space_id: str
    parent_id: str | None
    versions: list[WikiVersion]
    state: str = CURRENT
    labels: dict[str, datetime] = field(default_factory=dict)

    @property
    def version(self) -> WikiVersion:
        return self.versions[-1]

    @property
    def title(self) -> str:
        return self.version.title

    @property
    def author(self) -> str:
        return self.versions[0].by

    @property
    def created_at(self) -> datetime:
        return self.versions[0].at


@dataclass(slots=True)
class WikiModel:
    """lag: how far search runs behind; lists and single pages do not. trash_holds_titles: seen so, and switchable.

    hidden: pages that we may not see. editors: page -> the only ones who may edit it, where people have restricted that.
    """

    clock: Clock
    spaces: dict[str, WikiSpace] = field(default_factory=dict)
    pages: dict[str, StoredPage] = field(default_factory=dict)
    lag: timedelta = timedelta()
    trash_holds_titles: bool = True
    hidden: set[str] = field(default_factory=set)
    editors: dict[str, set[str]] = field(default_factory=dict)
    _numbers: int = 98_304
    _lock: RLock = field(default_factory=RLock, repr=False)

    def add_space(self, key: str, name: str, by: str, *, archived: bool = False) -> WikiSpace:
        with self._lock:
            space_id, home = self._number(), self._number()
            space = self.spaces[space_id] = WikiSpace(space_id, key, name, home, key, archived)
            self._add(StoredPage(home, space_id, None, [WikiVersion(1, f"{name} Home", "", by, self.clock.now())]))
        return space

    # --- what programs and people do alike -------------------------------------------------------------------------

    def create(self, space_id: str, title: str, body: str, by: str, *, parent_id: str | None = None) -> StoredPage:
        with self._lock:
            space = self.spaces.get(space_id)
            if space is None or space.archived:
                raise RefusedError(Refusal.NO_SPACE)
            parent = self._living(parent_id or space.home, Refusal.NO_PARENT)
            if parent.space_id != space_id:
                raise RefusedError(Refusal.NO_PARENT)
            self._check(space_id, title, body)
            version = WikiVersion(1, title, body, by, self.clock.now())
            return self._add(StoredPage(self._number(), space_id, parent.id, [version]))

    def update(self, page_id: str, number: int, title: str, body: str, by: str, message: str = "") -> StoredPage:
        """A new version, which must be the next. Writing to a trashed page only brings it back, as the vendor warns."""
        with self._lock:
            page = self.page(page_id)
            if page is None or page.state == ARCHIVED or not self._may_edit(page_id, by):
                raise RefusedError(Refusal.NO_PAGE)
            if number != page.version.number + 1:
                words = f"Version must be incremented on update. Current version is: {page.version.number}"
                raise RefusedError(Refusal.STALE, words)
            if page.state == TRASHED:
                self.restore(page_id)
                title, body = page.title, page.version.body
            self._check(page.space_id, title, body, besides=page.id)
            page.versions.append(WikiVersion(number, title, body, by, self.clock.now(), message))
            return page

    def label(self, page_id: str, name: str, by: str) -> StoredPage:
        with self._lock:
            page = self._living(page_id, Refusal.NO_PAGE)
            if not self._may_edit(page_id, by):
                raise RefusedError(Refusal.READ_ONLY)
            if not name or len(name) > LABEL_LIMIT or name != name.lower() or _NOT_IN_LABELS & set(name):
                raise RefusedError(Refusal.BAD_LABEL)
            page.labels.setdefault(name, self.clock.now())
            return page

    def page(self, page_id: str) -> StoredPage | None:
        """A page in any state, unless it was purged or is hidden from us."""
        return None if page_id in self.hidden else self.pages.get(page_id)

    def listed(self, states: Sequence[str] = (CURRENT, ARCHIVED)) -> list[StoredPage]:
        """What lists show, newest first: as it is now, since they come from the database."""
        shown = [page for page in self.pages.values() if page.state in states and page.id not in self.hidden]
        return sorted(shown, key=lambda page: (page.created_at, int(page.id)), reverse=True)

    def searched(self, label: str) -> list[StoredPage]:
        """What the index shows for a label: as it was `lag` ago, current pages only."""
        then = self.clock.now() - self.lag
        return [page for page in self.listed((CURRENT,)) if label in page.labels and page.labels[label] <= then]

    # --- what only people do ---------------------------------------------------------------------------------------

    def edit(self, page_id: str, body: str, by: str) -> None:
        page = self.pages[page_id]
        self.update(page_id, page.version.number + 1, page.title, body, by)

    def retitle(self, page_id: str, title: str, by: str) -> None:
        page = self.pages[page_id]
        self.update(page_id, page.version.number + 1, title, page.version.body, by)

    def move(self, page_id: str, parent_id: str) -> None:
        """Below another page, perhaps in another space; no new version."""
        with self._lock:
            page, parent = self.pages[page_id], self._living(parent_id, Refusal.NO_PARENT)
            if page.space_id != parent.space_id:
                self._check(parent.space_id, page.title, "")
            page.parent_id, page.space_id = parent.id, parent.space_id

    def copy(self, page_id: str, title: str, by: str) -> StoredPage:
        """With body and labels, as the wiki copies; its author is who copied."""
        with self._lock:
            page = self.pages[page_id]
            made = self.create(page.space_id, title, page.version.body, by, parent_id=page.parent_id)
            made.labels = dict.fromkeys(page.labels, self.clock.now())
            return made

    def rename_space(self, space_id: str, alias: str) -> None:
        """Its key, as people call it."""
        self.spaces[space_id] = replace(self.spaces[space_id], alias=alias)

    def trash(self, page_id: str) -> None:
        """Its children move up to its parent, as the wiki does."""
        with self._lock:
            page = self.pages[page_id]
            page.state = TRASHED
            for child in self.pages.values():
                if child.parent_id == page_id and child.state != TRASHED:
                    child.parent_id = page.parent_id

    def archive(self, page_id: str) -> None:
        self.pages[page_id].state = ARCHIVED

    def restore(self, page_id: str) -> None:
        """Back from trash or archive, unless its title was given away since."""
        with self._lock:
            page = self.pages[page_id]
            self._check(page.space_id, page.title, "", besides=page.id)
            page.state = CURRENT

    def purge(self, page_id: str) -> None:
        """Gone for good, and its title free."""
        with self._lock:
            del self.pages[page_id]

    def _may_edit(self, page_id: str, by: str) -> bool:
        return by in self.editors.get(page_id, {by})

    def _check(self, space_id: str, title: str, body: str, besides: str = "") -> None:
        if not title.strip() or len(title) > TITLE_LIMIT:
            raise RefusedError(Refusal.NO_TITLE)
        if len(body.encode("utf-8", "replace")) > BODY_LIMIT:
            raise RefusedError(Refusal.TOO_LARGE)
        if problem := problem_with(body):
            raise RefusedError(Refusal.MALFORMED, problem)
        holding = (CURRENT, ARCHIVED, TRASHED) if self.trash_holds_titles else (CURRENT,)
        for page in self.pages.values():
            same = page.title.casefold() == title.casefold() and page.space_id == space_id
            if same and page.id != besides and page.state in holding:
                words = "A page with this title already exists: A page already exists with the same TITLE in this space"
                raise RefusedError(Refusal.TITLE_TAKEN, words)

    def _living(self, page_id: str, otherwise: Refusal) -> StoredPage:
        page = self.page(page_id)
        if page is None or page.state != CURRENT:
            raise RefusedError(otherwise)
        return page

    def _add(self, page: StoredPage) -> StoredPage:
        self.pages[page.id] = page
        return page

    def _number(self) -> str:
        self._numbers += 1
        return str(self._numbers)
