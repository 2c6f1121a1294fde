"""Where notes come from that nobody has to tell us: they are read, level by level, and the ledger is brought into line.

Artifacts of their own kind: what each makes is that the ledger holds what was written elsewhere. Their names in the ledger
begin with "notes:", by which the runner knows that the notes are to be read again before anything shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from itertools import dropwhile

from chalicelib.artifacts.artifact import Made, Scene, Spec, Unfinished, spec_of
from chalicelib.artifacts.mentioned import Mentioned
from chalicelib.artifacts.order_source import OrdersToRead, keep_orders, orders_to_read
from chalicelib.artifacts.timeline_events import US
from chalicelib.domain.incident import IssueId, Status
from chalicelib.domain.notes import (
    COMMENT_PREFIX,
    NOTES_LIMIT,
    Note,
    Source,
    bounded,
    facts_of_names,
    names_in,
    of_message,
    of_room,
)
from chalicelib.domain.telling import TellingPolicy
from chalicelib.domain.wiki_text import BULLET, Names, has_files, lines_of
from chalicelib.errors import IntegrationError, TemporaryError
from chalicelib.ports.chat import Chat, RoomClosed, RoomMessage
from chalicelib.ports.ledger import Ledger
from chalicelib.ports.tickets import Comment, Tickets

COMMENTS, ROOM = "notes:comments", "notes:room"
BEGINS_WITH = "note:"
WORDLESS = "(a message without words)"
READ_EVERY = timedelta(minutes=15)
READ_BACK = timedelta(hours=1)
"""Longer than a quarter of an hour, since nobody may have looked in between."""

READ_AT_MOST = timedelta(days=2)
"""How far back a resolved incident's room is read."""

TOO_MANY = (f"The timeline holds {NOTES_LIMIT} notes, and takes no more.",)


@dataclass(frozen=True, slots=True)
class KnownNotes:
    """known: of this source, as the ledger has them. others: how many of other sources it has."""

    known: tuple[Note, ...]
    others: int


@dataclass(frozen=True, slots=True)
class CommentsToRead:
    """None: nobody would be shown them."""

    notes: KnownNotes | None
    orders: OrdersToRead | None


@dataclass(frozen=True, slots=True)
class CommentNotes:
    """Jira comments that begin with `note:`, and those that order an update. Read once for every version of the issue.

    Notes are read while there is a timeline to show them, orders of every major incident, and of a lowered one that people were
    told of. own_account: the account id Firebell acts as; what it writes is neither. policy: None where nothing is published.
    go_live: nothing from before it is an order.
    """

    tickets: Callable[[], Tickets]
    ledger: Callable[[], Ledger]
    own_account: str = ""
    policy: TellingPolicy | None = None
    go_live: datetime | None = None
    after: tuple[str, ...] = ("state_document",)
    name: str = COMMENTS
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[CommentsToRead], ...]:
        incident = scene.incident
        is_shown = scene.id_of("state_document") is not None and not incident.is_private
        content = CommentsToRead(
            known_notes(scene, COMMENT_PREFIX) if is_shown else None,
            orders_to_read(scene, self.policy, self.go_live) if self.policy is not None else None,
        )
        if content.notes is None and content.orders is None:
            return ()
        # Whoever comments, edits or deletes a comment makes a new version of the issue.
        return (spec_of(self.name, incident, content, incident.updated_at.isoformat(), is_shown, content.orders is not None),)

    def find(self, spec: Spec[CommentsToRead]) -> Made | None:
        return Made(spec.incident.id)  # there is nothing to find: doing it twice does it once

    def make(self, spec: Spec[CommentsToRead]) -> Made:
        return self.change(Made(spec.incident.id), spec)

    def change(self, known: Made, spec: Spec[CommentsToRead]) -> Made:
        tickets, ledger, incident = self.tickets(), self.ledger(), spec.incident
        said = [comment for comment in tickets.read_comments(incident.id) if not is_by(comment, self.own_account)]
        notes_known, orders_known = spec.content.notes, spec.content.orders
        people = Mentioned(tickets, incident, _names_known(spec.content))
        says: tuple[str, ...] = ()
        trouble: TemporaryError | None = None
        if notes_known is not None:
            notes = [note for comment in said if (note := note_of(comment, people)) is not None]
            gone = {note.id for note in notes_known.known} - {note.id for note in notes}
            says += bring_into_line(ledger, incident.id, notes_known, notes, gone)
        if orders_known is not None:
            try:
                says += keep_orders(tickets, ledger, incident, said, orders_known, people)
            except Unfinished as unfinished:
                says, trouble = (*says, *unfinished.so_far.says), unfinished
        trouble = trouble or people.trouble
        if trouble is not None:
            raise Unfinished(Made(known.vendor_id, says=says), trouble) from trouble
        return Made(known.vendor_id, says=says)


def _names_known(content: CommentsToRead) -> Iterator[Names]:
    """By earlier readings."""
    yield from (names_in(note) for note in content.notes.known) if content.notes else ()
    yield from (order.names for order in content.orders.known) if content.orders else ()


def is_by(comment: Comment, account_id: str) -> bool:
    return comment.by is not None and bool(account_id) and comment.by.account_id == account_id


def note_of(comment: Comment, people: Mentioned) -> Note | None:
    """None: it is none. People are asked only of what is one."""
    if not _noted(comment):
        return None
    names, by = people.names_in(comment.text), comment.by.name if comment.by else ""
    text = _noted(comment, names)
    note_id = f"{COMMENT_PREFIX}{comment.id}"
    return bounded(Note(note_id, comment.at, by, text, Source.COMMENT, facts=facts_of_names(names)))


def _noted(comment: Comment, names: Names = ()) -> str:
    """What it notes down, quotations of others below that too; "" where it is no note."""
    lines = tuple(dropwhile(lambda line: line.is_quoted, lines_of(comment.text, names)))
    opening = lines[0].words.removeprefix(BULLET) if lines else ""
    if opening[: len(BEGINS_WITH)].casefold() != BEGINS_WITH:
        return ""
    words = "\n".join((opening[len(BEGINS_WITH) :], *(line.words for line in lines[1:]))).strip()
    return words or (WORDLESS if has_files(comment.text) else "")


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


@dataclass(frozen=True, slots=True)
class RoomToRead:
    """since: how far back to read; None: nothing can have been missed yet."""

    room_id: str
    since: datetime | None
    notes: KnownNotes


@dataclass(frozen=True, slots=True)
class RoomNotes:
    """Messages in the room that somebody marked and Slack did not tell us of; and which incident the room is for.

    Read back once a quarter of an hour while the incident is open and looked after, and once when it is resolved: this
    never has anybody look after an incident. mark: the reaction, without colons.
    """

    chat: Callable[[], Chat]
    ledger: Callable[[], Ledger]
    mark: str = "pushpin"
    after: tuple[str, ...] = ("chat_room",)
    name: str = ROOM
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[RoomToRead], ...]:
        incident, room_id = scene.incident, scene.id_of("chat_room")
        if room_id is None:
            return ()
        quarter = max(timedelta(), scene.now - incident.created_at) // READ_EVERY
        is_over = incident.status is Status.RESOLVED
        since = scene.now - READ_BACK if quarter else None
        if is_over:
            since = max(incident.created_at, scene.now - READ_AT_MOST)
        content = RoomToRead(room_id, since, known_notes(scene, of_room(room_id)))
        return (spec_of(self.name, incident, content, room_id, "resolved" if is_over else quarter),)

    def find(self, spec: Spec[RoomToRead]) -> Made | None:
        return Made(spec.content.room_id)  # as with comments

    def make(self, spec: Spec[RoomToRead]) -> Made:
        return self.change(Made(spec.content.room_id), spec)

    def change(self, known: Made, spec: Spec[RoomToRead]) -> Made:
        room, issue_id = spec.content, spec.incident.id
        self.ledger().set_room(room.room_id, issue_id)
        if room.since is None:
            return replace(known, vendor_id=room.room_id)
        try:
            notes, gone = self._read(room, room.since)
        except RoomClosed:
            return Made(room.room_id)  # a human did it: there is nothing to read any more, and nothing to repair
        return Made(room.room_id, says=bring_into_line(self.ledger(), issue_id, room.notes, notes, gone))

    def _read(self, room: RoomToRead, since: datetime) -> tuple[list[Note], list[str]]:
        """The notes there are, and the ids of those that are none any more. What is further back stays as it is."""
        chat = self.chat()
        held, name_of = {note.id: note for note in room.notes.known}, name_in_chat(chat)
        notes, gone = [], []
        for message in chat.messages(room.room_id, since):
            before = held.get(of_message(room.room_id, message.id))
            if is_marked(message, self.mark):
                by = before.by if before is not None else ""
                notes.append(note_of_message(room.room_id, message, by or author_of(message, name_of)))
            elif before is not None:
                gone.append(before.id)
        return notes, gone


def is_marked(message: RoomMessage, mark: str) -> bool:
    return any(reaction.name == mark for reaction in message.reactions)


def author_of(message: RoomMessage, name_of: Callable[[str], str]) -> str:
    return US if message.marker else name_of(message.by)


def note_of_message(room_id: str, message: RoomMessage, by: str) -> Note:
    text = message.text.strip() or WORDLESS
    return bounded(Note(of_message(room_id, message.id), message.at, by, text, Source.MARKED))


def name_in_chat(chat: Chat) -> Callable[[str], str]:
    """What the chat calls somebody, asked for once each; "" where it does not say, for a note is worth more than its author."""

    @cache
    def name_of(user_id: str) -> str:
        try:
            return (chat.name_of(user_id) or "") if user_id else ""
        except IntegrationError:
            return ""

    return name_of
