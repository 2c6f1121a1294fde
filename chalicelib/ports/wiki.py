"""Wiki: pages where people write down what is going on. Confluence provides it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol


class WikiPageState(StrEnum):
    """Where people keep a page. Whatever is not current was put away on purpose and is not made again."""

    CURRENT = "current"
    ARCHIVED = "archived"
    TRASHED = "trashed"


@dataclass(frozen=True, slots=True)
class WikiPage:
    """A page as it was when it was read or written.

    url: for people. version: counts every change, people's included. labels: as far as they were read; a page whose marker
    is missing here needs `label_page`. by_us: whether the newest version is Firebell's. body: storage format, None where it
    was not read; never shown when the page is printed, since it is what people wrote.
    """

    id: str
    url: str
    title: str
    version: int
    state: WikiPageState = WikiPageState.CURRENT
    labels: frozenset[str] = frozenset()
    by_us: bool = True
    body: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Conflict:
    """Somebody changed the page since it was read: read it again, then decide again. why: the vendor's words."""

    why: str


@dataclass(frozen=True, slots=True)
class Locked:
    """The page was read a moment ago, and we may not write it: people have closed it to us."""


class Wiki(Protocol):
    """Every operation tries once and raises TemporaryError or PermanentError; 401 and 403 are out of service.

    space_key: the key of a space, or the one that people see since they renamed it; by that it may be out of reach where there
    are hundreds of spaces, which `problems_with` tells.

    A marker is the stable name of a page, such as "firebell-10002" or "firebell-10002-timeline": lower-case letters,
    digits and hyphens, made of the issue's id. Titles belong to people and identify nothing.

    The marker goes into the page twice: hidden in its first body, so in the same instant that the page exists, and as a
    label, which survives edits. A crash or a lost answer between the two leaves a page that `find_page` still finds by
    its body, without the label in `labels`; `label_page` repairs it.
    """

    name: str

    def find_page(self, space_key: str, marker: str) -> WikiPage | None:
        """Our page of this marker: a current one before an archived or trashed one, the oldest first. None: there is none.

        At most five requests (two more for a space that was renamed), and two once the space and our account are known. The
        label is found wherever people moved the page, but the index behind it may lag; pages without it are found among
        the newest of the space. A copy that somebody made of our page is not ours.
        """
        ...

    def create_page(self, space_key: str, parent_id: str | None, title: str, body: str, marker: str) -> WikiPage:
        """Make a page below `parent_id`, or below the space's home page.

        Another page of this title: the marker is added to ours. Our own page of this title, left by a lost answer: that
        one is returned, whatever its state. A label that could not be set is missing in `labels`; the page exists.
        PermanentError: the space or the parent is not there, the body is not well formed, or it is over 5 MB.
        """
        ...

    def label_page(self, page_id: str, marker: str) -> None:
        """Safe to call twice."""
        ...

    def read_page(self, page_id: str) -> WikiPage | None:
        """The page as it is now, in the trash too; None when it is gone for good or hidden from us."""
        ...

    def space_of(self, page_id: str) -> str | None:
        """The key of the space that a page is in, wherever people moved it; None where it was put away or is hidden from us."""
        ...

    def replace_body(self, page: WikiPage, body: str, marker: str, *, title: str | None = None) -> WikiPage | Conflict | Locked:
        """Write a new version upon exactly `page.version`.

        page: current, and just read: writing to a page that was trashed since would bring it back.
        """
        ...

    def problems_with(self, space_key: str, parent_id: str | None) -> tuple[str, ...]:
        """What a human must correct before pages can be made there, one line each, for `firebell check --resolve`."""
        ...
