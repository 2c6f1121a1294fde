"""Telling people in the room which role they have now and what it does, once for each change. A new manager is a handover."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace

from chalicelib.artifacts.artifact import Made, Scene, Spec
from chalicelib.artifacts.chat_people import ChatPeople, everybody_named, holders
from chalicelib.artifacts.in_room import MEMBERS, ROOM, marker_of, room_of, said_already, unless_closed
from chalicelib.artifacts.numbered import Saying, next_saying
from chalicelib.domain.incident import Incident, Status
from chalicelib.domain.people import MANAGER, Role, Told, told_by_jira
from chalicelib.domain.rich_text import Link, Mention, Piece, Text, compose
from chalicelib.ports.chat import Chat, Post
from chalicelib.ports.words import Words

KIND = "told"


@dataclass(frozen=True, slots=True)
class Telling:
    """new: who has just got the role. left: who had it before, of a manager only. all: who has it now.

    switched_off: nobody has it, because the account of whoever left was. called: others will be asked to take it.
    """

    room_id: str
    role: Role
    new: tuple[Told, ...]
    left: tuple[Told, ...]
    all: tuple[Told, ...]
    switched_off: bool = False
    called: bool = False


@dataclass(frozen=True, slots=True)
class Roles:
    """roles: as in the settings. after: a mention of somebody outside the room would not reach them.

    Each record's fingerprint lists the account ids of who has the role, and its vendor_id is the message's, with chat's ids
    of those people behind it: Jira tells nothing of the manager before but an id.
    """

    chat: Callable[[], Chat]
    words: Words
    people: ChatPeople
    roles: tuple[Role, ...]
    default_assignees: Collection[str] = frozenset()
    after: tuple[str, ...] = (ROOM, MEMBERS)
    name: str = KIND
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[Telling], ...]:
        """When it is resolved, nothing new; what is under way is said to its end."""
        room_id = room_of(scene)
        if room_id is None:
            return ()
        is_over = scene.incident.status is Status.RESOLVED
        specs = (spec for role in self.roles for spec in self._about(role, room_id, scene))
        return tuple(spec for spec in specs if not is_over or scene.has_begun(spec.name))

    def find(self, spec: Spec[Telling]) -> Made | None:
        return said_already(self.chat(), spec.content.room_id, spec.incident, spec.name)

    def make(self, spec: Spec[Telling]) -> Made | None:
        def tell() -> Made:
            post, ids = self._post(spec)
            message_id = self.chat().post(spec.content.room_id, post, marker_of(spec.incident, spec.name))
            return Made(" ".join((message_id, *ids)))

        return unless_closed(tell)

    def change(self, known: Made, spec: Spec[Telling]) -> Made | None:
        """Only after a lost answer: what was said then says now what is true."""

        def correct() -> Made | None:
            post, ids = self._post(spec)
            message_id = known.vendor_id.split(" ")[0]
            marker = marker_of(spec.incident, spec.name)
            is_there = self.chat().edit_message(spec.content.room_id, message_id, post, marker)
            return Made(" ".join((message_id, *ids))) if is_there else None

        return unless_closed(correct)

    def _about(self, role: Role, room_id: str, scene: Scene) -> Iterator[Spec[Telling]]:
        people = holders(scene.incident, role.name, self.default_assignees)
        fingerprint = json.dumps(sorted(person.account_id for person in people))
        saying = next_saying(f"{KIND}:{role.name}", fingerprint, scene.records)
        if saying is None or (saying.number == 1 and not people and not scene.has_begun(saying.name)):
            return
        before = frozenset(json.loads(saying.known or "[]"))
        new = tuple(told_by_jira(person) for person in people if person.account_id not in before)
        everybody = tuple(told_by_jira(person) for person in people)
        telling = Telling(room_id, role, new, (), everybody)
        if role.name == MANAGER:
            telling = self._about_manager(telling, sorted(before), saying, scene)
        yield Spec(saying.name, scene.incident, telling, fingerprint)

    def _about_manager(self, telling: Telling, before: Sequence[str], saying: Saying, scene: Scene) -> Telling:
        incident = scene.incident
        is_free = not telling.all
        assigned = incident.assignee
        return replace(
            telling,
            left=tuple(_former(before, saying, incident)),
            switched_off=is_free and assigned is not None and assigned.account_id in before and not assigned.active,
            called=is_free and scene.wanted and incident.status is Status.FIXING,
        )

    def _post(self, spec: Spec[Telling]) -> tuple[Post, list[str]]:
        """What is said, and chat's ids of those who have the role now."""
        told, incident = spec.content, spec.incident
        mentions = {who: self.people.mention(who) for who in dict.fromkeys((*told.all, *told.left))}
        template = self.words.render(
            "chat/told.txt",
            drill=incident.is_drill,
            new=bool(told.new),
            left=bool(told.left),
            held=bool(told.all),
            switched_off=told.switched_off,
            called=told.called,
        )
        pieces: dict[str, Text] = {
            "issue": (Link(incident.url, incident.key),),
            "role": told.role.title,
            "new": _listed([mentions[who] for who in told.new]),
            "left": _listed([mentions[who] for who in told.left]),
            "holders": _listed([mentions[who] for who in told.all]),
        }
        text = compose(template.strip(), **pieces)
        duties = self._duties(told.role) if told.new else ""
        ids = [mention.user_id for who in told.all if isinstance(mention := mentions[who], Mention)]
        return Post(text, (text, duties) if duties else ()), ids

    def _duties(self, role: Role) -> str:
        return self.words.render(f"roles/{role.template}.txt").strip() if role.template else ""


def _former(account_ids: Sequence[str], saying: Saying, incident: Incident) -> Iterator[Told]:
    """Who had the role before, by what can still be known of them."""
    names = {person.account_id: person for person in everybody_named(incident)}
    chat_ids = (saying.before.vendor_id or "").split(" ")[1:] if saying.before is not None else []
    for account_id in account_ids:
        person = names.get(account_id)
        told = told_by_jira(person) if person is not None else Told(account_id=account_id, name="the manager before")
        yield Told(told.name, told.mail, account_id, slack_id=chat_ids[0]) if len(chat_ids) == 1 else told


def _listed(people: Sequence[Piece]) -> tuple[Piece, ...]:
    """One, two and three."""
    pieces: list[Piece] = []
    for number, person in enumerate(people, 1):
        if pieces:
            pieces.append(" and " if number == len(people) else ", ")
        pieces.append(person)
    return tuple(pieces)
