"""What people do to the places of an incident. What cannot be done at that moment is left undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sandbox.chat.values import ChatRefused, ChatRoom
from sandbox.company import CHAT_ADMIN, EMMA, OMAR, PIA
from sandbox.jira import schema as names
from sandbox.jira.model import JiraIssue, JiraModel
from sandbox.jira.schema import PRIVATE_LABEL
from sandbox.wiki.model import CURRENT, RefusedError
from simulation.places import Places
from simulation.places_watch import CALL, PAGE, ROOM

LINK_FIELDS = {ROOM: names.CHAT_ROOM, CALL: names.VIDEO_CALL, PAGE: names.DOCUMENT}
OWN_LINK = "https://elsewhere.example.com/"
"""What a link begins with that a human wrote."""

NOTE = "note: the cache was flushed"

PlaceAct = Callable[[Places, JiraModel, JiraIssue], None]
RoomAct = Callable[[Places, ChatRoom, str], None]
"""Somebody inside does it."""


def _in_room(act: RoomAct) -> PlaceAct:
    def done(places: Places, model: JiraModel, issue: JiraIssue) -> None:
        del model
        room = _room(places, issue)
        if room is not None:
            act(places, room, _somebody_inside(places, room))

    return done


def _room(places: Places, issue: JiraIssue) -> ChatRoom | None:
    made = places.sees.of(issue.id).made[ROOM]
    room = places.chat_model.rooms[made[-1][1]] if made else None
    return room if room is not None and not room.is_deleted else None


def _somebody_inside(places: Places, room: ChatRoom) -> str:
    """Whoever is there; else the administrator comes in."""
    human = next((user for user in room.members if not places.chat_model.users[user].is_bot), None)
    if human is None:
        room.members.append(CHAT_ADMIN.id)
    return human or CHAT_ADMIN.id


def _archive(places: Places, room: ChatRoom, by: str) -> None:
    places.chat_model.archive(by, room.id)
    _taken_away(places, room)


def _delete(places: Places, room: ChatRoom, by: str) -> None:
    places.chat_model.delete_room(by, room.id)
    _taken_away(places, room)


def _remove_us(places: Places, room: ChatRoom, by: str) -> None:
    places.chat_model.remove(by, room.id, places.chat_model.bot.id)
    _taken_away(places, room)


def _open_again(places: Places, room: ChatRoom, by: str) -> None:
    """Whoever had left a public room has left another one: all were put out of it since."""
    places.chat_model.unarchive(by, room.id)
    ours = places.sees.of(places.sees.of_room(room.id) or "")
    ours.opened_ms = places.now_ms
    if not room.is_private:
        ours.left = {who: ms for who, ms in ours.left.items() if who[0] != room.id}


def _taken_away(places: Places, room: ChatRoom) -> None:
    ours = places.sees.of(places.sees.of_room(room.id) or "")
    ours.closed.add(ROOM)
    ours.closed_ms = places.now_ms


def _delete_brief(places: Places, room: ChatRoom, by: str) -> None:
    del by
    ours = [message for message in room.messages if message.is_bot and not message.subtype]
    pinned = [message for message in ours if message.ts in room.pins]
    for message in (pinned or ours)[:1]:
        if CHAT_ADMIN.id not in room.members:
            room.members.append(CHAT_ADMIN.id)
        places.chat_model.delete_message(CHAT_ADMIN.id, room.id, message.ts)
        marker = (message.metadata or {}).get("event_payload", {}).get("marker", "")
        places.sees.of(places.sees.of_room(room.id) or "").deleted.add((room.id, marker))


def _talk(places: Places, room: ChatRoom, by: str) -> None:
    places.chat_model.say(by, room.id, "It was the cache")


def _change_topic(places: Places, room: ChatRoom, by: str) -> None:
    """A word behind what it is about, as it stood there."""
    about = room.topic.value.partition(" | ")[0]
    places.chat_model.set_topic(by, room.id, f"{about} | We meet in room 5")
    places.sees.of(places.sees.of_room(room.id) or "").topic_ms[room.id] = places.now_ms


def _mark(places: Places, room: ChatRoom, by: str) -> None:
    said = next((message.ts for message in reversed(room.messages) if not message.subtype), "")
    places.chat_model.react(by, room.id, said, "pushpin")


def _leave(places: Places, room: ChatRoom, by: str) -> None:
    places.chat_model.leave(by, room.id)
    issue_id = places.sees.of_room(room.id) or ""
    places.sees.of(issue_id).left[room.id, by] = places.now_ms


def _page(act: Callable[[Places, str], None], *, takes_away: bool = False) -> PlaceAct:
    def done(places: Places, model: JiraModel, issue: JiraIssue) -> None:
        del model
        made = places.sees.of(issue.id).made[PAGE]
        page = places.wiki_model.pages.get(made[-1][1]) if made else None
        if page is not None and page.state == CURRENT:
            act(places, page.id)
            if takes_away:
                places.sees.of(issue.id).closed.add(PAGE)

    return done


def _delete_call(places: Places, model: JiraModel, issue: JiraIssue) -> None:
    del model
    made = places.sees.of(issue.id).made[CALL]
    if made and int(made[-1][1]) in places.video_model.meetings:
        places.video_model.delete(int(made[-1][1]))
        places.sees.of(issue.id).closed.add(CALL)


def _write_link(kind: str) -> PlaceAct:
    return lambda places, model, issue: model.set_field(issue, LINK_FIELDS[kind], f"{OWN_LINK}{kind}", EMMA)


def _empty_links(places: Places, model: JiraModel, issue: JiraIssue) -> None:
    del places
    for name in LINK_FIELDS.values():
        if issue.fields.get(name):
            model.set_field(issue, name, None, EMMA)


def _note(places: Places, model: JiraModel, issue: JiraIssue) -> None:
    del places
    model.comment(issue, NOTE, EMMA)


def _label(*labels: str) -> PlaceAct:
    return lambda places, model, issue: model.set_field(issue, "labels", list(labels), EMMA)


PLACE_ACTS: Mapping[str, PlaceAct] = {
    "archive the room": _in_room(_archive),
    "delete the room": _in_room(_delete),
    "remove us from the room": _in_room(_remove_us),
    "rename the room": _in_room(lambda places, room, by: places.chat_model.rename(by, room.id, f"war-{room.id.lower()}")),
    "change the topic": _in_room(_change_topic),
    "delete the brief": _in_room(_delete_brief),
    "leave the room": _in_room(_leave),
    "talk in the room": _in_room(_talk),
    "mark a message": _in_room(_mark),
    "note something": _note,
    "trash the page": _page(lambda places, page_id: places.wiki_model.trash(page_id), takes_away=True),
    "put the page away": _page(lambda places, page_id: places.wiki_model.archive(page_id), takes_away=True),
    "purge the page": _page(lambda places, page_id: places.wiki_model.purge(page_id), takes_away=True),
    "retitle the page": _page(lambda places, page_id: places.wiki_model.retitle(page_id, f"The outage {page_id}", EMMA.name)),
    "write into the page": _page(lambda places, page_id: places.wiki_model.edit(page_id, "<p>Theory: DNS</p>", EMMA.name)),
    "delete the call": _delete_call,
    "write a link to the room": _write_link(ROOM),
    "write a link to the call": _write_link(CALL),
    "write a link to the page": _write_link(PAGE),
    "empty the links": _empty_links,
    "name a tech lead": lambda places, model, issue: model.set_field(issue, names.TECH_LEAD, OMAR.as_json(), EMMA),
    "name a communications manager": lambda places, model, issue: model.set_field(
        issue, names.COMMUNICATIONS, PIA.as_json(), EMMA
    ),
    "make it private": _label(PRIVATE_LABEL),
    "make it public": _label(),
}


COMEBACKS: Mapping[str, PlaceAct] = {"open the room again": _in_room(_open_again)}
"""Drawn apart from the others, and only where there is something to come back to."""

AT_PLACES: Mapping[str, PlaceAct] = {**PLACE_ACTS, **COMEBACKS}


def act_in_places(what: str, places: Places, model: JiraModel, issue: JiraIssue) -> None:
    if issue.deleted:
        return
    try:
        AT_PLACES[what](places, model, issue)
    except (ChatRefused, RefusedError):
        return
