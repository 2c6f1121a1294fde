"""Pager: rings people. Opsgenie, JSM Operations and PagerDuty provide it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.paging import Alert, PageRequest, Roster, RosterKind


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What became of an accepted request. pending: no answer yet. failed: why the pager dropped it. Else alert_id."""

    alert_id: str | None = None
    failed: str | None = None

    @property
    def pending(self) -> bool:
        return self.alert_id is None and self.failed is None


class Pager(Protocol):
    """Every operation makes at most two HTTP requests, tries once, and raises TemporaryError or PermanentError.

    401 and 403 are TemporaryError(out_of_service=True): a human will repair the key, and until then the pager is down.
    """

    name: str

    def open_page(self, request: PageRequest) -> str:
        """Ask for an alert under `request.alias`; return the pager's request id ("" where it has none).

        A return means "accepted", not "rung". An open alert under the same alias absorbs the request.
        PermanentError: the pager refuses the request or the roster; nothing was made.
        """
        ...

    def confirm(self, alias: str, request_id: str) -> Confirmation: ...

    def find(self, alias: str) -> tuple[Alert, ...]:
        """All alerts ever made under this exact alias, newest first, closed ones included. May lag behind writes."""
        ...

    def read(self, alert_id: str) -> Alert | None:
        """One alert as it is now; None when the pager does not know it."""
        ...

    def acknowledge(self, alert_id: str, note: str) -> None: ...

    def close(self, alert_id: str, note: str) -> None:
        """Close by id, never by alias. Closing what is closed is success. The note says why, where the vendor takes one."""
        ...

    def on_call(self, roster: Roster) -> tuple[str, ...] | None:
        """Who is on call now, as the pager names them; () when nobody is; None when this roster cannot tell."""
        ...

    def resolve_id(self, kind: RosterKind, title: str) -> str | None:
        """The pager's id for a roster's name. Used when settings are checked, never on the page's path.

        None: of this kind the pager cannot be asked by name.
        PermanentError when there is none or more than one of that name.
        """
        ...
