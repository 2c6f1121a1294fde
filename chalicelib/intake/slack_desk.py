"""What Slack told or somebody typed -> a note, or a message on the queue. Within Slack's three seconds: Slack is not asked.

Events come at least once and may be lost; they say which message to look at, and no more is believed of them. A command
comes once and stands in no history: it is a note before it is answered, or whoever typed it is told that it is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from string import Template

from chalicelib.domain.notes import NOTES_LIMIT, Note, Source, bounded
from chalicelib.errors import IgnoredEvent, IntegrationError, UnreadableEvent
from chalicelib.intake.reply import Reply
from chalicelib.intake.slack_event import Challenge, ChatEvent, Ignored, SlackRequest, Unreadable, What
from chalicelib.ports.ledger import Ledger
from chalicelib.ports.log import Log
from chalicelib.ports.queue import Cause, Message, Queue, Said

COMMAND_PREFIX = "slack-command:"

_NOTE = re.compile(r"note(?::|\s|$)(.*)", re.IGNORECASE | re.DOTALL)
"""A colon too, as in comments of Jira; one after a space may begin an emoji."""


@dataclass(frozen=True, slots=True)
class CommandTexts:
    """The words of templates/command: each a `string.Template` with $command and $mark."""

    help: str
    noted: str
    nothing: str
    no_room: str
    full: str
    failed: str


def read_command_texts(folder: Path) -> CommandTexts:
    """templates/command."""
    return CommandTexts(*((folder / f"{field.name}.txt").read_text("utf-8").strip() for field in fields(CommandTexts)))


@dataclass(frozen=True, slots=True)
class SlackDesk:
    """mark: the reaction that makes a message a note, without colons."""

    ledger: Ledger
    queue: Queue
    log: Log
    mark: str
    texts: Callable[[], CommandTexts]

    def take(self, request: SlackRequest) -> Reply:
        """Raises IgnoredEvent, UnreadableEvent, and IntegrationError when an event could not be made durable."""
        match request:
            case Challenge():
                return Reply(200, "challenge", "", {"challenge": request.text})
            case Ignored():
                raise IgnoredEvent(request.reason)
            case Unreadable():
                raise UnreadableEvent(request.reason)
            case ChatEvent(what=What.COMMAND):
                return self._answer(request)
            case ChatEvent():
                return self._event(request)

    def _event(self, event: ChatEvent) -> Reply:
        is_reaction = event.what in (What.REACTED, What.UNREACTED)
        if not is_reaction and event.what not in (What.EDITED, What.DELETED):
            raise IgnoredEvent(f"{event.what} changes no note")
        if is_reaction and event.text != self.mark:
            raise IgnoredEvent(f"the reaction {event.text} marks nothing")
        issue_id = self.ledger.issue_of_room(event.room_id)
        if issue_id is None:
            raise IgnoredEvent(f"{event.room_id} is no incident's room")
        self.queue.send(Message(issue_id, Cause.CHANGED, said=Said(event.room_id, event.message_id)))
        return Reply(202, "queued", issue_id)

    def _answer(self, event: ChatEvent) -> Reply:
        note, said = _NOTE.fullmatch(event.text.strip()), self.texts()
        if note is None:
            return self._tell(event, said.help)
        try:
            return self._tell(event, self._note(event, note[1].strip(), said))
        except IntegrationError as error:
            self.log.alarm("not_durable", error=str(error))
            return self._tell(event, said.failed)

    def _note(self, event: ChatEvent, text: str, said: CommandTexts) -> str:
        if not text:
            return said.nothing
        issue_id = self.ledger.issue_of_room(event.room_id)
        if issue_id is None:
            return said.no_room
        if len(self.ledger.read(issue_id).notes) >= NOTES_LIMIT:
            return said.full
        note = Note(f"{COMMAND_PREFIX}{event.event_id}", event.at, event.name or event.who, text, Source.COMMAND)
        self.ledger.add_note(issue_id, bounded(note))
        try:
            self.queue.send(Message(issue_id, Cause.CHANGED))
        except IntegrationError as error:
            # It is durable: the next pass shows it.
            self.log.info("not_rung", issue=issue_id, error=str(error))
        return said.noted

    def _tell(self, event: ChatEvent, template: str) -> Reply:
        """To whoever typed it, and nobody else."""
        text = Template(template).safe_substitute(command=event.command, mark=self.mark)
        return Reply(200, "answered", "", {"response_type": "ephemeral", "text": text})
