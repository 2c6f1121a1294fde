"""VideoCalls: where people talk. Zoom, Jitsi or a fixed link provide it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Call:
    """join_link: for everybody who should join. Nothing that gives a host's rights is ever kept or shown.

    says: what keeps people from just joining, one sentence each.
    """

    id: str
    join_link: str
    says: tuple[str, ...] = ()


class VideoCalls(Protocol):
    """Every operation tries once and raises TemporaryError or PermanentError; 401 and 403 are out of service.

    marker: the stable name of a call, such as "firebell-10002". topic: what people see, the issue key.
    """

    name: str

    def find_call(self, marker: str, topic: str) -> Call | None:
        """The oldest call that was made for this marker, or that has exactly this topic; None when there is none."""
        ...

    def make_call(self, marker: str, topic: str, agenda: str) -> Call:
        """A call that people can join before any host, or that says why not. The agenda is cut to what the vendor takes."""
        ...

    def read_call(self, call_id: str) -> Call | None:
        """The call as it is now; None when somebody deleted it, or it has expired."""
        ...

    def problems(self) -> tuple[str, ...]:
        """What a human must correct before calls can be made, one line each, for `firebell check --resolve`."""
        ...
