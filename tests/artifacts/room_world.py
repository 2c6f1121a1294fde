"""An incident's room with everything in it, over HTTP against the strict Slack, brought into line by the real runner."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from chalicelib.adapters.jinja_words import JinjaWords
from chalicelib.artifacts.already_visible import AlreadyVisible
from chalicelib.artifacts.archive import ArchivedRoom
from chalicelib.artifacts.arrivals import Arrivals
from chalicelib.artifacts.artifact import Artifact, Scene
from chalicelib.artifacts.bookmarks import Bookmarks
from chalicelib.artifacts.brief import Brief
from chalicelib.artifacts.chat_people import ChatPeople
from chalicelib.artifacts.chat_room import ChatRoom
from chalicelib.artifacts.headline import Headline
from chalicelib.artifacts.inside import InsideRoom
from chalicelib.artifacts.members import Members
from chalicelib.artifacts.roles import Roles
from chalicelib.artifacts.topic import Topic
from chalicelib.domain.deployments import Deployment
from chalicelib.domain.incident import Incident, Person, Severity, Status
from chalicelib.domain.paging import PageRecord
from chalicelib.domain.people import MANAGER, Known, PeopleTable, Role
from chalicelib.ports.chat import Chat
from chalicelib.ports.ledger import ArtifactRecord
from chalicelib.ports.tickets import Left, Missing, Tickets
from chalicelib.reconcile.artifacts import Outcome, settle_artifacts
from sandbox.chat.values import ChatMessage
from sandbox.chat.values import ChatRoom as EmulatedRoom
from sandbox.emulator import Fault, FaultKind
from tests.adapters.chat_world import ChatWorld, a_chat
from tests.builders import an_incident, seconds
from tests.reconcile.small_world import FakeTickets, OneAfterAnother, SmallWorld

WORDS = JinjaWords(Path(__file__).parents[2] / "templates")
ROLES = (
    Role(MANAGER, "Incident manager", "incident_manager"),
    Role("tech_lead", "Tech lead", "tech_lead"),
    Role("communications_manager", "Communications manager", "communications_manager"),
    Role("scribe", "Scribe"),
)
QUESTIONS = {"customers": "How many customers are affected?", "symptoms": "What do they see?", "security": "Is data at risk?"}
SCALE = {Severity.SEV1: "everybody is hit", Severity.SEV2: "many are hit", Severity.SEV3: "a nuisance"}
LINKS = {"video_call": "https://call.example.com/hot-42", "state_document": "https://wiki.example.com/hot-42"}
NORA = Person("acc-nora", "Nora")
TABLE = PeopleTable((Known("nora", ("nora@example.org", "root@example.com"), "acc-nora"),))


@dataclass
class Killer:
    """Kills the worker before, or right after, its n-th call of the chat (from 0)."""

    chat: Chat
    kill_at: int | None = None
    after: bool = False
    calls: list[str] = field(default_factory=list)

    def __getattr__(self, operation: str) -> Any:
        real = getattr(self.chat, operation)
        return partial(self._call, operation, real) if callable(real) else real

    def _call(self, operation: str, real: Callable[..., Any], *given: Any, **named: Any) -> Any:
        number = len(self.calls)
        self.calls.append(operation)
        if number == self.kill_at and not self.after:
            raise KilledWorker(f"before {operation}")
        result = real(*given, **named)
        if number == self.kill_at:
            raise KilledWorker(f"after {operation}")
        return result


class KilledWorker(BaseException):
    """The process is gone; nothing may catch this."""


def artifacts(chat: Chat, tickets: Callable[[], Tickets], **members: Any) -> tuple[Artifact[Any], ...]:
    def the_chat() -> Chat:
        return chat

    people = ChatPeople(the_chat, TABLE, OneAfterAnother())
    return (
        ChatRoom(the_chat, tickets, WORDS),
        InsideRoom(the_chat),
        Topic(the_chat, tickets, WORDS, ROLES),
        Members(the_chat, people, tuple(role.name for role in ROLES), **members),
        Roles(the_chat, WORDS, people, ROLES),
        Arrivals(the_chat, WORDS, people),
        Headline(the_chat, tickets, WORDS),
        Brief(the_chat, tickets, WORDS, QUESTIONS, SCALE),
        Bookmarks(the_chat, WORDS),
        AlreadyVisible(WORDS, the_chat, people),
    )


@dataclass
class RoomWorld:
    """`settle` is one pass over the incident as it is now. by_now: what has become of it since that pass read it.
    is_wanted: people are called for it, unless it is resolved."""

    slack: ChatWorld
    small: SmallWorld
    incident: Incident
    pages: tuple[PageRecord, ...] = ()
    recent: tuple[Deployment, ...] = ()
    members: dict[str, Any] = field(default_factory=dict)
    called: tuple[PageRecord, ...] = ()
    by_now: Incident | Left | Missing | None = None
    is_wanted: bool = True

    def __post_init__(self) -> None:
        self.killer = Killer(self.slack.chat)
        self.small.clock = self.slack.clock
        self.small.world = replace(self.small.world, clock=self.slack.clock)

    def settle(self, *kinds: type, **changes: Any) -> list[Outcome]:
        """kinds: only these artifacts; all, if none are named. changes: what has become of the incident."""
        self.incident = replace(self.incident, **changes)
        made = artifacts(self.killer, self.read, **self.members)
        wanted = [artifact for artifact in made if not kinds or isinstance(artifact, kinds)]
        return settle_artifacts(wanted, self.scene(), self.small.world, give_up_at=self.small.clock.now() + seconds(20))

    def read(self) -> Any:
        """Tickets, in which the incident is as it is by now."""
        found = self.by_now if self.by_now is not None else self.incident
        return FakeTickets({} if isinstance(found, Missing) else {self.incident.id: found})

    def settle_until_done(self, **changes: Any) -> None:
        for _ in range(12):
            if not any(outcome.pending for outcome in self.settle(**changes)):
                return
            self.pass_time(301)
        raise AssertionError("does not settle")

    def scene(self) -> Scene:
        wanted = self.is_wanted and self.incident.status is not Status.RESOLVED
        return Scene(
            self.incident, self.small.clock.now(), self.pages, self.called, wanted=wanted, records=self.records,
            recent=self.recent, rung=(*self.pages, *self.called),
        )  # fmt: skip

    def archive(self, **changes: Any) -> None:
        """We do: it has been resolved for long enough. changes: what has become of the incident."""
        self.incident = replace(self.incident, **changes)
        archived = ArchivedRoom(lambda: self.slack.chat, timedelta())
        settle_artifacts([archived], self.scene(), self.small.world, give_up_at=self.small.clock.now() + seconds(20))

    def pass_time(self, s: float) -> None:
        self.slack.pass_time(s)

    def break_slack(self, method: str = "*", kind: FaultKind = FaultKind.UNAVAILABLE, **how: Any) -> None:
        self.slack.emulator.faults.switch_on(method, Fault(kind, **{"times": None, **how}))

    def repair_slack(self) -> None:
        self.slack.emulator.faults.clear()

    @property
    def records(self) -> dict[str, ArtifactRecord]:
        return {record.name: record for record in self.small.ledger.read(self.incident.id).artifacts}

    @property
    def room(self) -> EmulatedRoom:
        [room] = [
            room for room in self.slack.model.rooms.values() if room.creator == self.slack.model.bot.id and not room.im_with
        ]
        return room

    @property
    def said(self) -> list[ChatMessage]:
        return self.slack.said(self.room)

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.said]

    @property
    def calls(self) -> list[str]:
        return [call.operation for call in self.slack.emulator.calls]

    def says(self, name: str) -> tuple[str, ...]:
        return self.records[name].says

    def marked(self, what: str) -> list[ChatMessage]:
        """Messages of ours whose marker ends so."""
        found = [(message, (message.metadata or {}).get("event_payload", {}).get("marker", "")) for message in self.said]
        return [message for message, marker in found if marker.startswith(f"firebell:10002:{what}")]


@contextmanager
def a_room_world(**changes: Any) -> Iterator[RoomWorld]:
    with a_chat() as slack:
        yield RoomWorld(slack, SmallWorld(), an_incident(**{"links": LINKS, **changes}))


def shown(message: ChatMessage) -> str:
    return "\n\n".join(str(block["text"]["text"]) for block in message.blocks)
