"""Planted bugs of the places where people meet: each a mistake that a sensible person could have made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.artifacts import links
from chalicelib.artifacts.artifact import Made, Scene, Spec, spec_of
from chalicelib.artifacts.brief import Brief
from chalicelib.artifacts.chat_room import ChatRoom, RoomPlan
from chalicelib.artifacts.in_room import InRoom, unless_closed
from chalicelib.artifacts.inside import InsideRoom
from chalicelib.artifacts.members import Members
from chalicelib.artifacts.state_document import Document, StateDocument
from chalicelib.artifacts.topic import Topic
from chalicelib.artifacts.video_call import VideoCall
from chalicelib.domain.incident import Incident
from chalicelib.intake.jira_event import JiraEvent
from chalicelib.ports.chat import Chat, Setter
from chalicelib.ports.tickets import Tickets
from chalicelib.reconcile.artifacts import settle_artifacts
from chalicelib.reconcile.firebell import Firebell
from chalicelib.reconcile.pages import PageStage
from simulation import invariants_storm as storm
from simulation.draw import draw
from simulation.planting import Bug, any_of, put
from simulation.scenarios import SCENARIOS
from simulation.script import Act, Outage, Raise, Script, Strike

FIRST = "the page comes first"
ONCE = "everything is said once"


def _life(*acts: Act, **changes: Any) -> Callable[[int], Script]:
    """A life in which people meet and do this, in 60 variations of everything else that the seed brings."""
    return lambda seed: draw(seed).but(places=True, acts=acts, raises=Script().raises, **changes)


_opened_again = _life(*SCENARIOS["people meet, and open their room again"].acts)


def _nothing_wanted(*args: Any) -> tuple[Spec[Any], ...]:
    return ()


def _nowhere(*args: Any) -> None:
    return None


def _titled(self: StateDocument, content: Document) -> Made | None:
    """By its title, which belongs to people."""
    pages: Any = self.wiki()
    page = next((page for page in pages._model.pages.values() if page.title == content.title), None)
    return Made(page.id, pages._shown(page).url) if page is not None else None


def _whoever_set_it(self: Topic, spec: Spec[InRoom[str]]) -> Made | None:
    def set_topic() -> Made:
        chat = self.chat()
        chat.set_topic(spec.content.room_id, spec.content.fitting(chat, self.tickets(), spec.incident))
        return Made(spec.content.room_id)

    return unless_closed(set_topic)


def _never_over_theirs(self: Topic, spec: Spec[InRoom[str]], *, honest: Any = Topic.make) -> Made | None:
    room = self.chat().read_room(spec.content.room_id)
    is_theirs = room is not None and room.topic_by is Setter.SOMEBODY
    return Made(spec.content.room_id) if is_theirs else honest(self, spec)


def _for_ever_new(self: Topic, scene: Scene, *, honest: Any = Topic.want) -> tuple[Spec[InRoom[str]], ...]:
    return tuple(spec_of(spec.name, spec.incident, spec.content, scene.now) for spec in honest(self, scene))


def _all_of_ours(ours: Mapping[str, str], written: Mapping[str, str], incident: Incident) -> dict[str, str]:
    return {name: link for name, link in ours.items() if incident.links.get(name) != link}


def _made_anew(self: ChatRoom, known: Made, spec: Spec[RoomPlan], *, honest: Any = ChatRoom.change) -> Made | None:
    room = self.chat().read_room(known.vendor_id) if known.vendor_id else None
    changed: Made | None = honest(self, known, spec) if room is not None else self.make(spec)
    return changed


def _places_first(self: PageStage, view_of: Any, *, settle: Any = PageStage.settle) -> datetime | None:
    """Everything but the comment, which others watch over."""
    if view_of(self.book).wanted:
        artifacts = [artifact for artifact in self.rules.artifacts() if "comment" not in artifact.name]
        records = {record.name: record for record in self.book.artifacts}
        scene = Scene(self.incident, self.world.clock.now(), records=records)
        settle_artifacts(artifacts, scene, self.world, give_up_at=self.give_up_at)
    due: datetime | None = settle(self, view_of)
    return due


def _room_at_intake(self: Firebell, event: JiraEvent, *, honest: Any = Firebell.receive) -> bool:
    if event.snapshot is not None and self._pages_now(event):
        scene = Scene(event.snapshot, self.world.clock.now())
        for room in (artifact for artifact in self.rules.artifacts() if isinstance(artifact, ChatRoom)):
            for spec in room.want(scene):
                room.make(spec)
    paged: bool = honest(self, event)
    return paged


def _everybody_again(self: Members, known: Made, spec: Spec[Any]) -> Made | None:
    return unless_closed(lambda: self._invite(spec.content, frozenset()))


def _once_in_a_lifetime(self: Members, known: Made, spec: Spec[Any]) -> Made | None:
    """Whoever was invited was invited."""
    invited = frozenset(known.vendor_id.rpartition(":")[2].split(","))
    return unless_closed(lambda: self._invite(spec.content, invited))


def _said_anew(self: Brief, known: Made, spec: Spec[InRoom[Any]]) -> Made | None:
    return self.make(spec)


def _whatever_room(self: InRoom[Any], chat: Chat, tickets: Tickets, incident: Incident) -> Any:
    return self.words


def _when_there_is_a_room(self: VideoCall, scene: Scene, *, honest: Any = VideoCall.want) -> tuple[Spec[Any], ...]:
    return tuple(honest(self, scene)) if scene.id_of("chat_room") else ()


def _nothing_held(*args: Any, **named: Any) -> bool:
    return False


def _held_until_taken(self: Firebell, stage: PageStage, *, wanted: bool, taken: bool, honest: Any = Firebell._is_held) -> bool:
    """Whatever has become of it."""
    held: bool = honest(self, stage, wanted=True, taken=taken)
    return held


def _held_in_every_episode(
    self: Firebell, stage: PageStage, *, wanted: bool, taken: bool, honest: Any = Firebell._is_held
) -> bool:
    """As if each were the first."""
    pages = tuple(replace(page, episode=1) for page in stage.book.pages)
    held: bool = honest(self, replace(stage, book=replace(stage.book, pages=pages)), wanted=wanted, taken=taken)
    return held


def _stormy(*acts: tuple[float, str]) -> Callable[[int], Script]:
    """A life in which it storms, nobody takes anything, and somebody does this to the last of them."""
    thirteen = tuple(Raise(float(number)) for number in range(13))
    return lambda seed: draw(seed).but(
        places=True,
        raises=thirteen,
        reactions=("ignore",),
        acts=tuple(Act(at_s, what, len(thirteen) - 1) for at_s, what in acts),
    )


def _lost(operation: str) -> tuple[Strike, ...]:
    return (Strike(operation, 1, "5xx after"),)


PLACE_BUGS = (
    Bug("a call without a look", "A call whose answer was lost is made again.",
        put((VideoCall, "_find", _nowhere)), 60, any_of("one video_call per incident"), _life(strikes=_lost("zoom.make_call"))),
    Bug("the document known by its title", "A document whose answer was lost is looked for by what people can change.",
        put((StateDocument, "_find", _titled)), 60, any_of("one state_document per incident"),
        _life(Act(15.0, "retitle the page"), strikes=_lost("confluence.create_page"))),
    Bug("the topic set over any other", "What a human wrote over it lasts until anything changes.",
        put((Topic, "make", _whoever_set_it)), 60, any_of("a topic that a human set stays"),
        _life(Act(40.0, "change the topic"), Act(60.0, "rename"))),
    Bug("a human's topic first", "What a human put before our topic stays, summary and all, though it becomes private.",
        put((Topic, "make", _never_over_theirs)), 60, any_of("what is private stays in its room"),
        _life(Act(40.0, "change the topic"), Act(60.0, "make it private"))),
    Bug("the topic set at every pass", "It is the same, and set again with every sweep.",
        put((Topic, "want", _for_ever_new), (Topic, "make", _whoever_set_it)), 60, any_of("a topic is set once"), _life()),
    Bug("links over links", "Our link is written wherever it is not.",
        put((links, "_to_write", _all_of_ours)), 60, any_of("a link that a human wrote stays"),
        _life(Act(0.3, "write a link to the room"))),
    Bug("a room instead of the one that was deleted", "Where there is no room, one is made.",
        put((ChatRoom, "change", _made_anew)), 60, any_of("one chat_room per incident"),
        _life(Act(60.0, "delete the room"), Act(61.0, "make it private"))),
    Bug("places before the page", "Room, call and document are made while the pager is still waiting.",
        put((PageStage, "settle", _places_first)), 60, any_of(FIRST), _life()),
    Bug("the room made at intake", "The webhook makes the room, so that it is there at once.",
        put((Firebell, "receive", _room_at_intake)), 60, any_of(FIRST), _life()),
    Bug("whoever left is invited again", "Everybody who should be in the room is invited whenever anybody is.",
        put((Members, "change", _everybody_again)), 60, any_of("whoever has left is left alone"),
        _life(Act(60.0, "leave the room"), Act(90.0, "name a tech lead"))),
    Bug("invited once in a lifetime", "Whoever archiving has put out of the room is not invited once it is open again.",
        put((Members, "change", _once_in_a_lifetime)), 60, any_of("who has something to do is in the room"), _opened_again),
    Bug("nobody looks whether the room is open", "A room that is archived while it is needed is left without a word.",
        put((InsideRoom, "want", _nothing_wanted)), 60, any_of("people know that their room is closed to us"), _opened_again),
    Bug("the brief said anew", "A change of the brief is another message.",
        put((Brief, "change", _said_anew)), 60, any_of(ONCE), _life(Act(60.0, "rename"))),
    Bug("the summary in any room", "What became private is told as before.",
        put((InRoom, "fitting", _whatever_room)), 60, any_of("what is private stays in its room"),
        _life(Act(60.0, "make it private"), Act(120.0, "rename"))),
    Bug("the call after the room", "There is no call before there is a room to show it in.",
        put((VideoCall, "want", _when_there_is_a_room)), 60, any_of("no place waits for another", "there is a video_call"),
        _life(outages=(Outage("slack", 0.0, 1500.0, "5xx before"),))),
    Bug("a storm holds nothing back", "Hundreds of rooms, calls and documents are made for one mistake in a bulk change.",
        put((Firebell, "_is_held", _nothing_held)), 20, any_of(storm.HOLDS), _stormy()),
    Bug("held until it is taken", "What is resolved in a storm waits for somebody to take it.",
        put((Firebell, "_is_held", _held_until_taken)), 20, any_of(storm.SAID), _stormy((200.0, "resolve"))),
    Bug("held again once it is reopened", "That somebody resolved it once counts as no word.",
        put((Firebell, "_is_held", _held_in_every_episode)), 20, any_of(storm.SAID),
        _stormy((200.0, "resolve"), (500.0, "reopen"))),
)  # fmt: skip
