"""What people are reminded of: in the incident's room, each a few times, and never once it has been done.

A reminder's record is `remind:<topic>:<number>`; a topic names one occasion, so that the next one is told anew.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from chalicelib.artifacts.artifact import Made, Scene, Spec, spec_of
from chalicelib.artifacts.chat_people import ChatPeople, holders
from chalicelib.artifacts.in_room import MEMBERS, ROOM, again_when_opened, marker_of, room_of, said_already, unless_closed
from chalicelib.artifacts.last_word import Ending, ending_of
from chalicelib.artifacts.tenures import Tenure, names_of, tenures
from chalicelib.domain.checklist import topic_of
from chalicelib.domain.durations import is_end_in_question
from chalicelib.domain.incident import DETECTED, IMPACT_ENDED, IMPACT_STARTED, Incident, Severity, reopened_at
from chalicelib.domain.orders import Topic
from chalicelib.domain.people import MANAGER, PeopleTable, Role, Told, Unmatched, told_by_jira
from chalicelib.domain.reminding import ReminderPolicy
from chalicelib.domain.rich_text import Link, Strong, Text, compose
from chalicelib.domain.routing import RoutingTable, fold_name, route
from chalicelib.errors import PermanentError
from chalicelib.ports.chat import Chat, Post
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from chalicelib.ports.words import Words

KIND = "remind"
TIMES = {
    IMPACT_STARTED: "when the impact began",
    DETECTED: "when it was detected",
    IMPACT_ENDED: "when the impact ended",
}
"""Our names of the times that an issue may have fields for, and how they are asked for."""
STALE = " (it was opened again after the end that stands there)"

TIMES_AFTER = timedelta(minutes=30)
"""So long after it was raised somebody may be expected to know when the impact began."""
AFTER_RESOLVE = timedelta(minutes=10)


class About(StrEnum):
    UPDATE = "update"  # people wait for the next update
    MANAGER = "manager"  # nobody is the incident manager
    PUBLIC = "public"  # customers notice it, and have been told nothing, or that it is over
    HANDOVER = "handover"  # somebody has had a role for too long
    TIMES = "times"  # nobody has said when the impact began or ended


@dataclass(frozen=True, slots=True)
class Due:
    """Something to remind of. topic: the occasion. at: when it is due for the first time. times: how often it is said.

    who: is asked, None where there is nobody. said_for: what is named in it: the time promised, a role, the times missing.
    relief: to whom a role can be handed over; "" where nobody is known. direct: said to them alone, if they can be found.
    reopened: whoever was told of it reads that it is over, and it was opened again.
    """

    about: About
    topic: str
    at: datetime
    times: int
    who: Told | None = None
    said_for: str = ""
    relief: str = ""
    direct: bool = False
    reopened: bool = False


@dataclass(frozen=True, slots=True)
class Reminding:
    room_id: str
    due: Due


@dataclass(frozen=True, slots=True)
class Known:
    """What a scene tells of what was told. staff_at: when staff heard last, None where they have not. promised: when they
    hear again, as the newest update promised it. public: customers can be told (there is a page), and have been. over: the last
    that they were told is that it is resolved."""

    staff_at: datetime | None = None
    promised: datetime | None = None
    staff_over: bool = False
    public_can: bool = False
    public_was: bool = False
    public_over: bool = False


@dataclass(frozen=True, slots=True)
class Reminders:
    """next_update: how soon people hear again where nothing was promised. asked: our names of the times that this company's
    issues have fields for, and their titles. known: reads from a scene what was told; pure."""

    chat: Callable[[], Chat]
    words: Words
    people: ChatPeople
    policy: ReminderPolicy
    next_update: Mapping[Severity, timedelta]
    known: Callable[[Scene], Known]
    roles: tuple[Role, ...]
    routing: RoutingTable
    default_assignees: Collection[str] = frozenset()
    asked: Mapping[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = (ROOM, MEMBERS)
    name: str = KIND
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[Reminding], ...]:
        room_id, is_open = scene.id_of(ROOM), room_of(scene) is not None
        if room_id is None:
            return ()
        return tuple(
            again_when_opened(spec_of(name, scene.incident, Reminding(room_id, due), name, not_before=at), scene)
            for due in self.dues(scene)
            if is_open or (due.direct and due.who is not None)  # in a room that is closed to us it waits
            for name, at in next_of(due, scene.records, self.policy.again_after)
        )

    def find(self, spec: Spec[Reminding]) -> Made | None:
        due = spec.content.due
        if (user_id := self._alone(due)) is not None:
            found = self.chat().find_direct_message(user_id, marker_of(spec.incident, spec.name))
            if found is not None:
                return Made(found.message_id)
        return said_already(self.chat(), spec.content.room_id, spec.incident, spec.name)

    def make(self, spec: Spec[Reminding]) -> Made | None:
        def say() -> Made:
            post, marker = self._post(spec), marker_of(spec.incident, spec.name)
            if (user_id := self._alone(spec.content.due)) is not None:
                try:
                    return Made(self.chat().direct_message(user_id, post, marker).message_id)
                except PermanentError:  # they cannot be written to: others can see to it
                    pass
            return Made(self.chat().post(spec.content.room_id, post, marker))

        return unless_closed(say)

    def change(self, known: Made, spec: Spec[Reminding]) -> Made | None:
        """It was said, before its answer was lost."""
        del spec
        return known

    def dues(self, scene: Scene) -> Iterator[Due]:
        """Pure. When it is resolved, nothing but the times that are missing; when it was lowered, the update that people who
        were told of it wait for."""
        ending = ending_of(scene.incident)
        manager = next(iter(holders(scene.incident, MANAGER, self.default_assignees)), None)
        who = told_by_jira(manager) if manager is not None else None
        if ending is not None:
            yield from self._times_at_the_end(scene.incident, ending, who)
            return
        known = self.known(scene)
        yield from self._update(scene.incident, known, who)
        if scene.wanted:
            yield from self._manager(scene)
            yield from self._public(scene.incident, known, who)
            yield from (due for role in self.roles for due in self._handovers(role, scene))
            yield from self._times(scene.incident, who)

    def _update(self, incident: Incident, known: Known, who: Told | None) -> Iterator[Due]:
        if known.staff_at is None:
            return
        reopened = reopened_at(incident) if known.staff_over else None
        since, promised = (reopened, None) if reopened is not None else (known.staff_at, known.promised)
        at = promised or since + self.next_update.get(incident.severity, timedelta(hours=1))
        said_for = _clock(promised) if promised is not None else ""
        topic, times = f"update-{_stamp(since)}", self.policy.times
        yield Due(About.UPDATE, topic, at, times, who, said_for, reopened=reopened is not None)

    def _manager(self, scene: Scene) -> Iterator[Due]:
        had = tenures(MANAGER, scene, self.default_assignees)
        if any(tenure.until is None for tenure in had):
            return
        since = max((tenure.until for tenure in had if tenure.until is not None), default=scene.incident.created_at)
        since = max(since, reopened_at(scene.incident) or since)
        yield Due(About.MANAGER, f"manager-{_stamp(since)}", since + self.policy.manager_after, self.policy.times)

    def _public(self, incident: Incident, known: Known, who: Told | None) -> Iterator[Due]:
        """Those who were told of it once hear how it goes on, whatever the issue says of customers."""
        if incident.is_private or incident.is_drill or not known.public_can:
            return
        reopened, after = reopened_at(incident) if known.public_over else None, self.policy.public_after
        if reopened is not None:
            topic = f"public-{_stamp(reopened)}"
            yield Due(About.PUBLIC, topic, reopened + after, self.policy.times, who, reopened=True)
        elif not known.public_was and are_customers_affected(incident):
            yield Due(About.PUBLIC, "public", incident.created_at + after, self.policy.times, who)

    def _handovers(self, role: Role, scene: Scene) -> Iterator[Due]:
        for tenure in tenures(role.name, scene, self.default_assignees):
            if tenure.until is None:
                who, at = self._told(tenure, role, scene.incident), self._handover_at(tenure)
                topic = f"handover-{role.name}-{tenure.account_id}-{_stamp(tenure.since)}".replace(":", "-")
                relief = relief_for(role.name, scene.incident, self.routing)
                yield Due(About.HANDOVER, topic, at, self.policy.times, who, role.title, relief)

    def _told(self, tenure: Tenure, role: Role, incident: Incident) -> Told:
        named = {person.account_id: person for person in holders(incident, role.name, self.default_assignees)}
        person = named.get(tenure.account_id)
        [name] = names_of([tenure.account_id], incident, self._table)
        return told_by_jira(person) if person is not None else Told(name, account_id=tenure.account_id)

    @property
    def _table(self) -> PeopleTable:
        return self.people.table

    def _handover_at(self, tenure: Tenure) -> datetime:
        """Earlier by night, which is where they are, if that is known."""
        row = self._table.row_of(Told(account_id=tenure.account_id))
        usual = tenure.since + self.policy.handover_after
        at_night = self.policy.night.next_from(
            tenure.since + self.policy.at_night_after, row.time_zone if row is not None else ""
        )
        return min(usual, at_night) if at_night is not None else usual

    def _times(self, incident: Incident, who: Told | None) -> Iterator[Due]:
        if missing := self._missing(incident, (IMPACT_STARTED, DETECTED)):
            yield Due(
                About.TIMES, "times", incident.created_at + TIMES_AFTER, min(1, self.policy.times), who, missing, direct=True
            )

    def _times_at_the_end(self, incident: Incident, ending: Ending, who: Told | None) -> Iterator[Due]:
        missing = self._missing(incident, tuple(self.asked))
        if missing and not ending.is_quiet:
            at, times = ending.at + AFTER_RESOLVE, min(1, self.policy.times)
            yield Due(About.TIMES, f"times-resolved-{ending.number}", at, times, who, missing, direct=True)

    def _missing(self, incident: Incident, names: Collection[str]) -> str:
        known = {
            IMPACT_STARTED: incident.impact_started_at,
            DETECTED: incident.detected_at,
            IMPACT_ENDED: incident.impact_ended_at,
        }
        is_old = is_end_in_question(incident, incident.impact_ended_at)
        asked = ((name, title) for name, title in self.asked.items() if name in names)
        return ", ".join(
            title if known[name] is None else title + STALE
            for name, title in asked
            if known[name] is None or (name == IMPACT_ENDED and is_old)
        )

    def _alone(self, due: Due) -> str | None:
        """Chat's id of whom it is said to alone; None where the room hears it."""
        if not due.direct or due.who is None:
            return None
        found = self.people.find(due.who)
        return None if isinstance(found, Unmatched) else found

    def _post(self, spec: Spec[Reminding]) -> Post:
        due, incident = spec.content.due, spec.incident
        template = self.words.render(
            "chat/reminder.txt",
            drill=incident.is_drill,
            about=due.about.value,
            asked=due.who is not None,
            promised=due.about is About.UPDATE and bool(due.said_for),
            relief=bool(due.relief),
            reopened=due.reopened,
        )
        pieces: dict[str, Text] = {
            "issue": (Link(incident.url, incident.key),),
            "who": (self.people.mention(due.who),) if due.who is not None else "",
            "what": due.said_for,
            "relief": (Strong(due.relief),),
        }
        return Post(compose(template.strip(), **pieces))


def next_of(due: Due, records: Mapping[str, ArtifactRecord], again_after: timedelta) -> Iterator[tuple[str, datetime]]:
    """The one that is to be said next, and from when on; nothing where it was said often enough. Pure.

    However late one was said, the next one waits its time: two at once would be a nuisance.
    """
    before: datetime | None = None
    for number in range(1, due.times + 1):
        name = f"{KIND}:{due.topic}:{number}"
        record = records.get(name)
        if record is None or record.state is not ArtifactState.MADE:  # one that found the room closed is not said either
            yield name, due.at if before is None else max(due.at + (number - 1) * again_after, before + again_after)
            return
        before = record.made_at or record.until


def are_customers_affected(incident: Incident) -> bool:
    """A human said so: in the field, or in an answer about customers outside that is not "none"."""
    asked = (name for name in incident.impact if "customer" in name.casefold() and topic_of(name) is not Topic.INSIDE)
    return incident.customer_visible or any(not _is_nobody(fold_name(incident.impact[name])) for name in asked)


_NOT_KNOWN = frozenset({"", "unknown", "not known", "n/a", "-", "?"})
_NOBODY = re.compile(
    r"(?:no|none|nobody|zero|0)(?:\W+(?:customers?|users?|one|yet|so|far|at|all|known|affected|reported|only|staff))*\W*"
)
"""And words that change nothing of it: "none yet", "no, only staff"; not "no customer can log in", and not "0.5 %"."""


def _is_nobody(answer: str) -> bool:
    return answer.strip(" .") in _NOT_KNOWN or _NOBODY.fullmatch(answer.strip()) is not None


def relief_for(role: str, incident: Incident, routing: RoutingTable) -> str:
    """Who is on call for it: a roster as the pager calls it; "" where none is known. Pure."""
    if role == MANAGER:
        chain = route(incident.service, incident.severity, routing).chain
        return chain[0].roster.title if chain else ""
    delivery = routing.deliveries.get(fold_name(incident.service))
    return routing.rosters[delivery.roster].title if delivery is not None else ""


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%S}"


def _clock(at: datetime) -> str:
    return f"{at.astimezone(UTC):%H:%M} UTC"
