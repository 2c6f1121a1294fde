"""Where notes come from that nobody has to tell us: they are read, level by level, and the ledger is brought into line.

Artifacts of their own kind: what each makes is that the ledger holds what was written elsewhere. Their names in the ledger
begin with "notes:", by which the runner knows that the notes are to be read again before anything shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from chalicelib.artifacts.artifact import Made, Scene, Spec, spec_of
from chalicelib.domain.incident import IssueId
from chalicelib.domain.notes import COMMENT_PREFIX, NOTES_LIMIT, Note, Source, bounded
from chalicelib.ports.ledger import Ledger
from chalicelib.ports.tickets import Comment, Tickets

COMMENTS = "notes:comments"
BEGINS_WITH = "note:"
TOO_MANY = (f"The timeline holds {NOTES_LIMIT} notes, and takes no more.",)


@dataclass(frozen=True, slots=True)
class KnownNotes:
    """known: of this source, as the ledger has them. others: how many of other sources it has."""

    known: tuple[Note, ...]
    others: int


@dataclass(frozen=True, slots=True)
class CommentNotes:
    """Jira comments that begin with `note:`. Read once for every version of the issue, while there is a timeline to show them.

    own_account: the account id Firebell acts as; what it writes is never a note.
    """

    tickets: Callable[[], Tickets]
    ledger: Callable[[], Ledger]
    own_account: str = ""
    after: tuple[str, ...] = ("state_document",)
    name: str = COMMENTS
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[KnownNotes], ...]:
        if scene.id_of("state_document") is None or scene.incident.is_private:
            return ()
        content = known_notes(scene, COMMENT_PREFIX)
        # Whoever comments, edits or deletes a comment makes a new version of the issue.
        return (spec_of(self.name, scene.incident, content, scene.incident.updated_at.isoformat()),)

    def find(self, spec: Spec[KnownNotes]) -> Made | None:
        return Made(spec.incident.id)  # there is nothing to find: doing it twice does it once

    def make(self, spec: Spec[KnownNotes]) -> Made:
        return self.change(Made(spec.incident.id), spec)

    def change(self, known: Made, spec: Spec[KnownNotes]) -> Made:
        said = self.tickets().read_comments(spec.incident.id)
        notes = [note_of(comment) for comment in said if is_note(comment, self.own_account)]
        gone = {note.id for note in spec.content.known} - {note.id for note in notes}
        return Made(known.vendor_id, says=bring_into_line(self.ledger(), spec.incident.id, spec.content, notes, gone))


def is_note(comment: Comment, own_account: str) -> bool:
    by_us = comment.by is not None and bool(own_account) and comment.by.account_id == own_account
    return not by_us and comment.text.lstrip()[: len(BEGINS_WITH)].casefold() == BEGINS_WITH and bool(_rest(comment))


def note_of(comment: Comment) -> Note:
    by = comment.by.name if comment.by else ""
    return bounded(Note(f"{COMMENT_PREFIX}{comment.id}", comment.at, by, _rest(comment), Source.COMMENT))


def _rest(comment: Comment) -> str:
    return comment.text.lstrip()[len(BEGINS_WITH) :].strip()


def known_notes(scene: Scene, prefix: str) -> KnownNotes:
    known = tuple(note for note in scene.notes if note.id.startswith(prefix))
    return KnownNotes(known, len(scene.notes) - len(known))


def bring_into_line(
    ledger: Ledger, issue_id: IssueId, held: KnownNotes, notes: Iterable[Note], gone: Iterable[str]
) -> tuple[str, ...]:
    """Write only what differs; return what people must know. Safe to repeat after any half of it."""
    kept = {note.id: note for note in held.known}
    for note_id in sorted(gone):
        ledger.remove_note(issue_id, note_id)
        kept.pop(note_id, None)
    too_many = False
    for note in notes:
        if kept.get(note.id) == note:
            continue
        if note.id not in kept and len(kept) + held.others >= NOTES_LIMIT:
            too_many = True
            continue
        ledger.add_note(issue_id, note)
        kept[note.id] = note
    return TOO_MANY if too_many else ()
