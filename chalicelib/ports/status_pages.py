"""Status pages: where customers, or the staff, read what is going on. Statuspage provides them, one `StatusPage` each."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from chalicelib.domain.announcement import ComponentState, Progress

NAME_LIMIT = 255
BODY_LIMIT = 25_000


@dataclass(frozen=True, slots=True)
class StatusPost:
    """What to say. name: of the incident on the page, None to leave it. body: plain text, as in `Announcement`.

    components: id on the page -> state; those that are not named stay as they are. affected: ids to show as affected.
    notify: whether subscribers are told.
    """

    progress: Progress
    body: str
    name: str | None = None
    components: Mapping[str, ComponentState] = field(default_factory=dict)
    affected: tuple[str, ...] = ()
    notify: bool = True


@dataclass(frozen=True, slots=True)
class StatusIncident:
    """An incident on the page as it is now. posted: our mark of each update on it -> the vendor's id of that update.

    link: for people. progress: None for a word that is none of ours (a human may have written one).
    """

    id: str
    link: str
    progress: Progress | None
    posted: Mapping[str, str] = field(default_factory=dict)


class StatusPage(Protocol):
    """Every operation tries once and raises TemporaryError or PermanentError; 401 and 403 are out of service.

    A marker is the stable name of an incident on this page, a mark that of one update of it. Both are kept beside the
    incident, where its readers may see them: they reveal nothing (see `artifacts.status_pages.marker_of`).
    The page's limit is kept here: an operation whose turn has not come raises TemporaryError with `retry_after_s`.
    """

    name: str

    def find(self, marker: str) -> StatusIncident | None:
        """Our incident of this marker, open or resolved lately; the oldest, should there be several. None: there is none."""
        ...

    def open(self, marker: str, mark: str, post: StatusPost) -> StatusIncident:
        """A new incident on the page, whose first update carries `mark`. Not safe to repeat without `find`."""
        ...

    def read(self, incident_id: str) -> StatusIncident | None:
        """None: a human deleted it."""
        ...

    def update(self, incident_id: str, mark: str, post: StatusPost) -> StatusIncident | None:
        """One more update, carrying `mark`. Not safe to repeat without looking at `posted`. None: a human deleted it."""
        ...

    def amend(self, incident_id: str, update_id: str, body: str) -> bool:
        """Replace the text of an update, telling nobody. False: a human deleted it. Safe to repeat."""
        ...

    def component_states(self) -> Mapping[str, str]:
        """Id of every component of the page -> its state, in the vendor's word."""
        ...

    def set_component(self, component_id: str, state: ComponentState) -> None:
        """Without an incident: a product is well again, or a human said how it does. Safe to repeat."""
        ...

    def problems_with(self, component_ids: Collection[str]) -> tuple[str, ...]:
        """What a human must correct before incidents can be opened there, one line each, for the check at start-up."""
        ...
