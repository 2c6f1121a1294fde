"""Status pages: where customers, or the staff, read what is going on. Statuspage provides them, one `StatusPage` each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from chalicelib.domain.announcement import ComponentState, Progress
from chalicelib.errors import PermanentError

NAME_LIMIT = 255
BODY_LIMIT = 25_000


@dataclass(frozen=True, slots=True)
class StatusPost:
    """What to say. name: of the incident on the page, None to leave it. body: plain text, as in `Announcement`.

    components: id on the page -> state; those that are not named stay as they are. affected: ids to show as affected,
    beside those in `components` and what the incident shows already. notify: whether subscribers are told.
    """

    progress: Progress
    body: str
    name: str | None = None
    components: Mapping[str, ComponentState] = field(default_factory=dict)
    affected: tuple[str, ...] = ()
    notify: bool = True


@dataclass(frozen=True, slots=True)
class StatusIncident:
    """An incident on the page as it is now.

    link: for people. progress: None for a word that is none of ours (a human may have written one). posted: our mark of each
    update on it -> the vendor's id of that update, "" where a human took it away or rewrote it. affected: id of each component
    that it shows -> the state in which that is now, in the vendor's word. beside: what stands beside it at the vendor, to be
    handed back as it is.
    """

    id: str
    link: str
    progress: Progress | None
    name: str = ""
    posted: Mapping[str, str] = field(default_factory=dict)
    affected: Mapping[str, str] = field(default_factory=dict)
    beside: Mapping[str, object] = field(default_factory=dict, repr=False, compare=False)


class UnknownComponents(PermanentError):
    """The page has no such components, so nothing was done. ids: those it does not have."""

    def __init__(self, vendor: str, operation: str, ids: tuple[str, ...]) -> None:
        super().__init__(vendor, operation, f"the page has no component {', '.join(ids)}")
        self.ids = ids


class StatusPage(Protocol):
    """Every operation tries once and raises TemporaryError or PermanentError; 401 and 403 are out of service.

    A marker is the stable name of an incident on this page, a mark that of one update of it. Both are kept beside the
    incident, where its readers may see them: they reveal nothing (see `artifacts.status_pages.Marks`).
    The page's limit is kept here: an operation whose turn has not come raises TemporaryError with `retry_after_s`.
    """

    name: str

    def find(self, marker: str) -> StatusIncident | None:
        """Our incident of this marker, open or among the newest; the oldest, should there be several. None: there is none."""
        ...

    def open(self, marker: str, mark: str, post: StatusPost) -> StatusIncident:
        """A new incident on the page, whose first update carries `mark`. Not safe to repeat without `find`.

        Raises UnknownComponents.
        """
        ...

    def read(self, incident_id: str) -> StatusIncident | None:
        """None: a human deleted it."""
        ...

    def update(self, incident: StatusIncident, mark: str, post: StatusPost) -> StatusIncident | None:
        """One more update, carrying `mark`, to an incident just read. Not safe to repeat without looking at `posted`.

        None: a human deleted it. Raises UnknownComponents.
        """
        ...

    def restate(
        self,
        incident: StatusIncident,
        *,
        name: str | None = None,
        components: Mapping[str, ComponentState] | None = None,
        affected: Collection[str] = (),
    ) -> bool:
        """Another name, or other states of components, of an incident just read: no update, and nobody is told. components,
        affected: as in `StatusPost`. False: a human deleted it. Safe to repeat. Raises UnknownComponents."""
        ...

    def amend(self, incident_id: str, update_id: str, body: str) -> bool:
        """Replace the text of an update, telling nobody. False: a human deleted it. Safe to repeat."""
        ...

    def unresolved(self) -> tuple[StatusIncident, ...]:
        """Every incident that is open on the page, ours and others'."""
        ...

    def component_states(self) -> Mapping[str, str]:
        """Id of every component of the page -> its state, in the vendor's word."""
        ...

    def problems_with(self, component_ids: Collection[str]) -> tuple[str, ...]:
        """What a human must correct before incidents can be opened there, one line each, for `firebell check --resolve`."""
        ...
