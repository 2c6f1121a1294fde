"""A message in the room was marked, unmarked, edited or deleted: read it as it is now, and bring its note into line.

Neither the event nor its order is believed. A message of the queue carries nothing but which one to look at, and this is
the whole of its work: no page is ever behind it.
"""

from __future__ import annotations

from dataclasses import replace

from chalicelib.artifacts.note_sources import author_of, is_marked, name_in_chat, note_of_message
from chalicelib.domain.notes import NOTES_LIMIT, of_message
from chalicelib.errors import IntegrationError, TemporaryError
from chalicelib.ports.queue import Cause, Message, Said
from chalicelib.reconcile.world import World

TRIES = 6
"""Then it is given up: half an hour has passed, and what stands in the room itself is read back anyway."""

GONE_AFTER_S = 3
"""Longer than the ledger takes to remove a note: who is rung for that finds it gone."""

_FIRST_WAIT_S, _LONGEST_WAIT_S = 30, 900


def take_note(message: Message, said: Said, world: World, mark: str) -> None:
    """Raises TemporaryError when neither chat nor ledger nor queue does its part: then the queue brings it again."""
    try:
        _bring_into_line(message, said, world, mark)
    except TemporaryError as error:
        if said.tries + 1 >= TRIES:
            world.log.alarm("note_lost", issue=message.issue_id, error=str(error))
            return
        wait_s = max(error.retry_after_s or 0, _FIRST_WAIT_S * 2**said.tries)
        again = replace(message, said=replace(said, tries=said.tries + 1))
        world.queue.send(again, int(min(wait_s, _LONGEST_WAIT_S)))
        return
    except IntegrationError as error:
        world.log.info("note_unread", issue=message.issue_id, error=str(error))


def _bring_into_line(message: Message, said: Said, world: World, mark: str) -> None:
    if world.chat is None:
        world.log.info("note_unread", issue=message.issue_id, error="no chat is configured")
        return
    chat, note_id = world.chat(), of_message(said.room_id, said.message_id)
    found = chat.read_message(said.room_id, said.message_id)
    notes = {note.id: note for note in world.ledger.read(message.issue_id).notes}
    if found is None or not is_marked(found, mark):
        if note_id in notes:
            # Rung for before it is gone: who dies in between finds it still there.
            world.queue.send(Message(message.issue_id, Cause.CHANGED), GONE_AFTER_S)
            world.ledger.remove_note(message.issue_id, note_id)
    elif note_id in notes or len(notes) < NOTES_LIMIT:
        by = author_of(found, name_in_chat(chat))
        world.ledger.add_note(message.issue_id, note_of_message(said.room_id, found, by))
        # Even if it is not new: whoever brought it before may have died before this.
        world.queue.send(Message(message.issue_id, Cause.CHANGED))
    else:
        world.log.info("note_refused", issue=message.issue_id, error=f"there are {NOTES_LIMIT} already")
