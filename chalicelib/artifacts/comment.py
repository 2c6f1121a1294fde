"""Firebell's one Jira comment per incident: what went wrong with paging and what happens next. Edited in place.

It exists only when there is something to say: a page that went out and was acknowledged needs no comment.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.artifacts.artifact import Scene, Spec
from chalicelib.domain.paging import PageRecord, PageState
from chalicelib.ports.tickets import Tickets
from chalicelib.ports.words import Words

MARKER = "status"

_STATE_WORDS = {
    PageState.SENDING: "not accepted yet, trying again",
    PageState.UNKNOWN: "not accepted yet, trying again",
    PageState.ACCEPTED: "accepted, waiting for the alert",
    PageState.CONFIRMED: "ringing",
    PageState.REFUSED: "refused by the pager",
    PageState.ENDING: "being closed",
    PageState.ENDED: "closed",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One page as people read it. Times as "10:04:59 UTC", so that the text changes only when the facts do."""

    at: str
    roster: str
    pager: str
    why: str
    state: str


@dataclass(frozen=True, slots=True)
class StatusComment:
    tickets: Callable[[], Tickets]
    words: Words
    name: str = "comment"
    speaks_when_held: bool = True

    def want(self, scene: Scene) -> Spec | None:
        """A comment once a page is missing, went astray or needed help, or a storm holds the rest back; then it stays true."""
        if not (scene.unpaged or scene.held or self.name in scene.begun or _needs_saying(scene.pages)):
            return None
        text = self.words.render(
            "comment.wiki.j2",
            key=scene.incident.key,
            unpaged=scene.unpaged,
            held=scene.held,
            lines=tuple(_line(page) for page in scene.pages),
            nobody_on_call=tuple(page.roster for page in scene.pages if page.on_call == ()),
        )
        return Spec(scene.incident, hashlib.sha256(text.encode()).hexdigest(), text)

    def find(self, spec: Spec) -> str | None:
        return self.tickets().find_comment(spec.incident.id, MARKER)

    def make(self, spec: Spec) -> str:
        return self.tickets().add_comment(spec.incident.id, MARKER, spec.content)

    def change(self, vendor_id: str, spec: Spec) -> bool:
        return self.tickets().edit_comment(spec.incident.id, vendor_id, spec.content)


def _needs_saying(pages: Sequence[PageRecord]) -> bool:
    """More than one page, or one that went astray."""
    return len(pages) > 1 or any(p.state is PageState.REFUSED or p.unseen or p.on_call == () for p in pages)


def _line(page: PageRecord) -> Line:
    return Line(_clock(page.since), page.roster, page.pager, page.reason, _state(page))


def _state(page: PageRecord) -> str:
    if page.state is PageState.ACKED and page.acked_at:
        return f"acknowledged{_by(page.acked_by)} at {_clock(page.acked_at)}"
    if page.state is PageState.CLOSED and page.closed_at:
        return f"closed at the pager{_by(page.closed_by)} at {_clock(page.closed_at)}"
    if page.state is PageState.CONFIRMED and page.on_call == ():
        return "open at the pager, but nobody is on call"
    if page.accepted_at is None and page.unwanted_since:
        return "never accepted, and not needed any more"
    word = _STATE_WORDS[page.state]
    # Only reasons that stay the same while we retry: a changing text would be a new edit with every attempt.
    return f"{word}: {page.last_error}" if page.state is PageState.REFUSED and page.last_error else word


def _by(person: str | None) -> str:
    return f" by {person}" if person else ""


def _clock(at: datetime) -> str:
    return f"{at.time().isoformat('seconds')} UTC"
