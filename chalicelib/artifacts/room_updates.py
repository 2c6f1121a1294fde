"""The room as a channel: what staff are told is said there too; and whoever wrote an order hears what became of it.

Orders that do not count, words that keep a post from customers, drafts, what waits for a second person, and the one question
whether customers notice it. Where there is no room, or it is closed to us, our comment in Jira says so (see `OrderAnswers`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from chalicelib.artifacts.announcements import Announcements, Filled, Held
from chalicelib.artifacts.artifact import Made, Scene, Spec, is_dealt_with, spec_of
from chalicelib.artifacts.in_room import ROOM as PLACE
from chalicelib.artifacts.in_room import marker_of, room_of, said_already, unless_closed
from chalicelib.artifacts.last_word import ending_of, listed
from chalicelib.artifacts.rulings import Ruling, Standing
from chalicelib.artifacts.seen import check_no_secret
from chalicelib.artifacts.topic_words import title_of
from chalicelib.domain.announcement import OPENING, ROOM, Announcement, Audience
from chalicelib.domain.rich_text import Link, Strong, Text, compose, plain
from chalicelib.domain.telling import Review
from chalicelib.domain.text import one_line
from chalicelib.ports.chat import Chat, Post
from chalicelib.ports.tickets import Tickets
from chalicelib.ports.words import Words

AUDIENCES = {Audience.STAFF: "staff", Audience.PUBLIC: "customers"}
ANSWERS = "updates"
"""The artifact whose words the comment shows: by far the longest."""

DRAFT, REFUSED, HELD, WAITING, PUBLIC, QUESTION = "draft", "refused", "held", "waiting", "public", "question"
LEFT_OPEN = "left_open"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to say about updates. id: part of its record's name. kind: of templates/chat/updates.txt. body: of the update.

    announcement: where this is the update itself, and not a word about it.
    """

    id: str
    kind: str
    title: str
    author: str = ""
    audience: str = ""
    why: str = ""
    body: str = ""
    unknown: str = ""
    announcement: Announcement | None = None


@dataclass(frozen=True, slots=True)
class InTheRoom:
    room_id: str
    remark: Remark


@dataclass(frozen=True, slots=True)
class RoomUpdates:
    """Records are "room:<id of the announcement>", and "room:<kind>-<id>" for words about one."""

    chat: Callable[[], Chat]
    words: Words
    announcer: Announcements
    tickets: Callable[[], Tickets]
    after: tuple[str, ...] = (PLACE, "notes:comments")
    name: str = ROOM
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[InTheRoom], ...]:
        room_id = room_of(scene)
        if room_id is None:
            return ()
        others = (self._spec(scene, room_id, remark) for remark in remarks(self.announcer, scene))
        return (*self._told(scene, room_id), *others)

    def find(self, spec: Spec[InTheRoom]) -> Made | None:
        return said_already(self.chat(), spec.content.room_id, spec.incident, spec.name)

    def make(self, spec: Spec[InTheRoom]) -> Made | None:
        def say() -> Made | None:
            if not self._stands(spec):
                return None
            marker = marker_of(spec.incident, spec.name)
            return Made(self.chat().post(spec.content.room_id, self._post(spec), marker))

        return unless_closed(say)

    def change(self, known: Made, spec: Spec[InTheRoom]) -> Made | None:
        """In its place, which notifies nobody. None: a human deleted the message."""

        def correct() -> Made | None:
            if not self._stands(spec):
                return known
            marker = marker_of(spec.incident, spec.name)
            is_there = self.chat().edit_message(spec.content.room_id, known.vendor_id, self._post(spec), marker)
            return known if is_there else None

        return unless_closed(correct)

    def _told(self, scene: Scene, room_id: str) -> Iterator[Spec[InTheRoom]]:
        """Updates one after the other; the opening is what the pinned brief says already."""
        filled = {one.announcement.id: one for one in self.announcer.filled(scene)}
        announced = self.announcer.staff(scene)
        for announcement in announced:
            if announcement.id == OPENING:
                continue
            spec = self._spec(scene, room_id, _update(announcement, filled.get(announcement.id), self.announcer))
            yield replace(spec, is_awaited=announcement is not announced[-1])
            if not is_dealt_with(scene.records.get(spec.name), spec):
                return

    def _spec(self, scene: Scene, room_id: str, remark: Remark) -> Spec[InTheRoom]:
        told = remark.announcement
        facts: tuple[object, ...] = (remark.kind, remark.author, remark.why, remark.body, remark.unknown)
        if told is not None and remark.id == told.id:  # the update itself, and not a word about one for customers
            facts = told.version
        spec = spec_of(
            f"{ROOM}:{remark.id}",
            scene.incident,
            InTheRoom(room_id, remark),
            *facts,
            not_before=told.not_before if told is not None else None,
        )
        record = scene.records.get(spec.name)
        if told is None or (record is not None and record.vendor_id is not None):
            return spec
        # What did not stand at the moment of the effect is tried again with the next version of the issue.
        return replace(spec, if_closed=f"{spec.fingerprint} {scene.incident.updated_at.isoformat()}")

    def _stands(self, spec: Spec[InTheRoom]) -> bool:
        told = spec.content.remark.announcement
        if told is None:  # a draft, say
            check_no_secret(self.tickets(), spec.incident)
            return True
        return self.announcer.still_stands(self.tickets(), spec.incident, told)

    def _post(self, spec: Spec[InTheRoom]) -> Post:
        remark = spec.content.remark
        first, *others = _sections(self.words, remark, Link(spec.incident.url, spec.incident.key), drill=spec.incident.is_drill)
        body = [_bulleted(part) for part in remark.body.split("\n\n") if part.strip()]
        return Post(first, (first, *body, *others) if body or others else ())


@dataclass(frozen=True, slots=True)
class OrderAnswers:
    """The same words in our comment in Jira, where their author reads them: what is refused, held back or waits; all of it
    where there is no room, or it is closed to us. Makes nothing but its record, whose words the comment shows."""

    words: Words
    announcer: Announcements
    after: tuple[str, ...] = (PLACE, "notes:comments")
    name: str = ANSWERS
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[tuple[str, ...]], ...]:
        has_room = room_of(scene) is not None
        found = [
            one for one in remarks(self.announcer, scene) if not has_room or one.kind in (REFUSED, HELD, WAITING, LEFT_OPEN)
        ]
        says = tuple(self._line(remark, scene.incident.key, drill=scene.incident.is_drill) for remark in found)
        if not says and not scene.has_begun(self.name):
            return ()
        return (spec_of(self.name, scene.incident, says),)

    def find(self, spec: Spec[tuple[str, ...]]) -> Made | None:
        return None

    def make(self, spec: Spec[tuple[str, ...]]) -> Made:
        return Made(self.name, says=spec.content)

    def change(self, known: Made, spec: Spec[tuple[str, ...]]) -> Made:
        return self.make(spec)

    def _line(self, remark: Remark, key: str, *, drill: bool) -> str:
        sections = _sections(self.words, remark, key, drill=drill)
        first, *others = (one_line(plain(section)) for section in sections)
        body = f'"{one_line(remark.body)}"' if remark.body and remark.kind != HELD else ""
        return " ".join(filter(None, (first, body, *others)))


def remarks(announcer: Announcements, scene: Scene) -> Iterator[Remark]:
    """All that is to be said about updates, and is none itself. Pure."""
    if scene.incident.is_private:
        yield from (_refused(ruling) for ruling in announcer.rulings(scene) if ruling.standing is Standing.REFUSED)
        return
    public = announcer.public(scene)
    for filled in announcer.filled(scene):
        ruling, told = filled.ruling, filled.announcement
        if ruling.standing is Standing.DRAFT:
            why = "; ".join(announcer.objections_to_draft(scene, told))
            yield _about(announcer, filled, DRAFT, f"{DRAFT}-{ruling.order.comment_id}", why=why)
        elif ruling.standing is Standing.WAITING:
            yield _about(announcer, filled, WAITING, f"{WAITING}-{ruling.order.comment_id}", why=ruling.why)
        elif announcer.policy.review is Review.SUGGESTED and scene.now < ruling.not_before and not ruling.is_told:
            yield _about(announcer, filled, "suggested", f"{WAITING}-{ruling.order.comment_id}")
        elif told.audience is Audience.PUBLIC and told in public:
            yield _about(announcer, filled, PUBLIC, f"{PUBLIC}-{ruling.order.comment_id}", announcement=told)
    yield from (_refused(ruling) for ruling in announcer.rulings(scene) if ruling.standing is Standing.REFUSED)
    yield from map(_held, announcer.held(scene))
    ending = ending_of(scene.incident)
    if ending is not None and announcer.is_left_open(scene):
        survivor = scene.incident.survivor
        yield Remark(f"{LEFT_OPEN}-{ending.number}", LEFT_OPEN, "Customers", why=survivor.key if survivor is not None else "")
    draft = announcer.public_draft(scene)
    if draft is not None:
        yield Remark(QUESTION, QUESTION, "Customers", body=draft.body)


def _update(told: Announcement, filled: Filled | None, announcer: Announcements) -> Remark:
    if filled is None or told.order is None:
        return Remark(told.id, "over", "Resolved", body=told.body, announcement=told)
    return Remark(told.id, "told", "Update", told.order.by, "", "", told.body, _unknown(filled, announcer), told)


def _about(
    announcer: Announcements, filled: Filled, kind: str, id_: str, *, why: str = "", announcement: Announcement | None = None
) -> Remark:
    told = filled.announcement
    author, audience = filled.ruling.order.by or "somebody", AUDIENCES[told.audience]
    title = {DRAFT: "Draft", PUBLIC: "Customers"}.get(kind, "To be read")
    return Remark(id_, kind, title, author, audience, why, told.body, _unknown(filled, announcer), announcement)


def _refused(ruling: Ruling) -> Remark:
    id_ = f"{REFUSED}-{ruling.order.comment_id}"
    return Remark(id_, REFUSED, "Not published", ruling.order.by or "somebody", why=ruling.why)


def _held(held: Held) -> Remark:
    body = held.announcement.body if held.announcement is not None else ""
    return Remark(f"{HELD}-{held.id}", HELD, "Held back", why="; ".join(held.why), body=body)


def _unknown(filled: Filled, announcer: Announcements) -> str:
    return listed([title_of(announcer.words, topic).lower() for topic in filled.unknown])


def _sections(words: Words, remark: Remark, issue: Link | str, *, drill: bool) -> tuple[Text, ...]:
    template = words.render(
        "chat/updates.txt", kind=remark.kind, drill=drill, why=bool(remark.why), unknown=bool(remark.unknown)
    )
    pieces: dict[str, Text] = {
        "issue": (issue,),
        "title": (Strong(remark.title),),
        "author": one_line(remark.author) or "somebody",
        "audience": remark.audience,
        "why": remark.why,
        "unknown": remark.unknown,
    }
    return tuple(compose(part.strip(), **pieces) for part in template.split("\n\n") if part.strip())


def _bulleted(part: str) -> str:
    return "\n".join(f"• {line[2:]}" if line.startswith("- ") else line for line in part.split("\n"))
