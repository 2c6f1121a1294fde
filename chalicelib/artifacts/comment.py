"""Firebell's one Jira comment per incident: what went wrong and what happens next. Edited in place.

It exists only when there is something to say: a page that went out and was acknowledged needs no comment, nor does
anything else that is as it should be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.artifacts.artifact import Made, Scene, Spec, spec_of
from chalicelib.artifacts.room_updates import ANSWERS
from chalicelib.domain.alias import ESCALATION
from chalicelib.domain.paging import PageRecord, PageState
from chalicelib.domain.text import cut, width
from chalicelib.ports.tickets import Tickets
from chalicelib.ports.words import Words

MARKER = "status"
NAME = "comment"
LONGEST, SHORT_NOTE = 32_000, 300
"""Characters of a comment, of which Jira takes 32,767, and of each note where all of them are too long for that."""

_TITLES = {
    "already_visible": "Still visible to others",
    "archive": "Archiving the room",
    "arrived": "Arrival of {part}",
    "bookmarks": "Bookmark of the {part}",
    "brief": "Pinned brief",
    "facts": "What is counted",
    "impact_times": "Times of the impact",
    "inside": "Chat room",
    "links": "Links in this issue",
    "members": "Invitations to the room",
    "notes": "Notes from the {part}",
    "remind": "Reminder",
    "said:headline": "Announcement",
    "start_in_question": "Start of impact",
    "status": "The manager's status in chat",
    "taking": "Taking the incident",
    "told": "Role of the {part}",
    "topic": "Topic of the room",
}
"""What a record's name begins with -> what people call it. {part}: what comes behind that, without a number."""

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
class Note:
    """What people must know about one artifact."""

    about: str
    text: str


@dataclass(frozen=True, slots=True)
class StatusComment:
    """May stand in the list of artifacts twice: what went wrong with a page waits for nobody, and what became of the others
    is said in the same pass."""

    tickets: Callable[[], Tickets]
    words: Words
    after: tuple[str, ...] = ()
    name: str = NAME
    speaks_when_held: bool = True

    def want(self, scene: Scene) -> tuple[Spec[str], ...]:
        """A comment once a page is missing, went astray or needed help, something else did, or a storm holds the rest back.

        Then it stays true.
        """
        notes = _notes(scene)
        is_news = (
            scene.unpaged or scene.held or bool(notes) or _needs_saying(scene.pages) or any(map(_went_astray, scene.called))
        )
        if not (is_news or scene.has_begun(self.name)):
            return ()
        return (spec_of(self.name, scene.incident, self._fitted(scene, notes)),)

    def _fitted(self, scene: Scene, notes: Sequence[Note]) -> str:
        """Whole, or with its notes shortened, as many as there is room for: what became of the page is always said."""
        text = self._text(scene, notes)
        if width(text) <= LONGEST:
            return text
        short = [replace(note, text=cut(note.text, SHORT_NOTE)) for note in notes]
        for kept in range(len(short), -1, -1):
            text = self._text(scene, short[:kept], left_out=len(short) - kept, is_shortened=True)
            if width(text) <= LONGEST:
                return text
        return cut(text, LONGEST)

    def _text(self, scene: Scene, notes: Sequence[Note], *, left_out: int = 0, is_shortened: bool = False) -> str:
        return self.words.render(
            "comment.wiki.j2",
            key=scene.incident.key,
            unpaged=scene.unpaged,
            held=scene.held,
            lines=tuple(_line(page) for page in (*scene.pages, *scene.called)),
            nobody_on_call=tuple(page.roster for page in (*scene.pages, *scene.called) if page.on_call == ()),
            notes=tuple(notes),
            shortened=is_shortened,
            left_out=left_out,
        )

    def find(self, spec: Spec[str]) -> Made | None:
        found = self.tickets().find_comment(spec.incident.id, MARKER)
        return Made(found) if found is not None else None

    def make(self, spec: Spec[str]) -> Made:
        return Made(self.tickets().add_comment(spec.incident.id, MARKER, spec.content))

    def change(self, known: Made, spec: Spec[str]) -> Made | None:
        return known if self.tickets().edit_comment(spec.incident.id, known.vendor_id, spec.content) else None


def _notes(scene: Scene) -> tuple[Note, ...]:
    """Of the comment itself nothing: who could read it does not need it."""
    others = [(name, record) for name, record in scene.records.items() if name != NAME]
    in_order = sorted(others, key=lambda one: (one[0] == ANSWERS, one[0]))  # left out first where there is too much
    told = [(name, (*record.says, record.trouble)) for name, record in in_order]
    unknown = (Note("Escalate to", f"nobody is known for {name}: nobody was paged for it") for name in scene.unknown)
    said = (Note(title_of(name), text) for name, texts in told for text in texts if text)
    return (*unknown, *_doubts(scene), *dict.fromkeys(said))  # several of one kind may say the same


def _doubts(scene: Scene) -> Iterator[Note]:
    """They are no news of what wakes nobody: a status that nobody mapped would leave a comment in every issue."""
    if scene.wanted or scene.has_begun(NAME):
        yield from (Note("In doubt", doubt) for doubt in scene.incident.doubts)


def title_of(name: str) -> str:
    """told:tech_lead:2 -> Role of the tech lead; chat_room, which has no words of its own -> Chat room. Pure."""
    parts = name.split(":")
    for length in (2, 1):
        if (words := _TITLES.get(":".join(parts[:length]))) is not None:
            part = next(iter(parts[length:]), "").removeprefix(ESCALATION)
            return words.format(part=part.replace("_", " "))
    return parts[0].replace("_", " ").capitalize()


def _needs_saying(pages: Sequence[PageRecord]) -> bool:
    """More than one page, or one that went astray."""
    return len(pages) > 1 or any(map(_went_astray, pages))


def _went_astray(page: PageRecord) -> bool:
    return page.state is PageState.REFUSED or page.unseen or page.on_call == () or page.unanswered


def _line(page: PageRecord) -> Line:
    return Line(_clock(page.since), page.roster, page.pager, page.reason, _state(page))


def _state(page: PageRecord) -> str:
    if page.state is PageState.ACKED and page.acked_at:
        return f"acknowledged{_by(page.acked_by)} at {_clock(page.acked_at)}"
    if page.state is PageState.CLOSED and page.closed_at:
        return f"closed at the pager{_by(page.closed_by)} at {_clock(page.closed_at)}"
    if page.state is PageState.CONFIRMED and page.on_call == ():
        return "open at the pager, but nobody is on call"
    if page.state is PageState.CONFIRMED and page.unanswered:
        return "open at the pager; nobody has answered, and nobody is left to call"
    if page.accepted_at is None and page.unwanted_since:
        return "never accepted, and not needed any more"
    word = _STATE_WORDS[page.state]
    # Only reasons that stay the same while we retry: a changing text would be a new edit with every attempt.
    return f"{word}: {page.last_error}" if page.state is PageState.REFUSED and page.last_error else word


def _by(person: str | None) -> str:
    return f" by {person}" if person else ""


def _clock(at: datetime) -> str:
    return f"{at.time().isoformat('seconds')} UTC"
