"""Who is in the incident's room: everybody who has a part in it is invited, once. Whoever leaves has their reasons."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from chalicelib.artifacts.artifact import Made, Scene, Spec, Unfinished, spec_of
from chalicelib.artifacts.chat_people import ChatPeople, holders
from chalicelib.artifacts.in_room import MEMBERS, ROOM, again_when_opened, presence_of, room_of, unless_closed
from chalicelib.artifacts.taking import NAME as TAKING
from chalicelib.artifacts.taking import TAKING_OVER
from chalicelib.domain.incident import Incident, Severity
from chalicelib.domain.paging import PageRecord
from chalicelib.domain.people import MANAGER, Told, Unmatched, told_by_jira, told_by_pager
from chalicelib.domain.routing import fold_name
from chalicelib.errors import IntegrationError, TemporaryError
from chalicelib.ports.chat import Chat


@dataclass(frozen=True, slots=True)
class Guests:
    """people: in the order of importance. says: what is known before anybody is asked. emptied: how often the room was emptied:
    who was invited before, was not since."""

    room_id: str
    people: tuple[Told, ...]
    says: tuple[str, ...] = ()
    emptied: int = 0


@dataclass(frozen=True, slots=True)
class Members:
    """always, by_severity, by_service (by `fold_name` of the service): standing guests, by chat's id or an address.

    vendor_id: chat's ids of all who were invited since the room was emptied, sorted, with commas between them; behind
    "<how often>:" once it was.
    """

    chat: Callable[[], Chat]
    people: ChatPeople
    roles: tuple[str, ...] = ()
    default_assignees: Collection[str] = frozenset()
    always: tuple[Told, ...] = ()
    by_severity: Mapping[Severity, tuple[Told, ...]] = field(default_factory=dict)
    by_service: Mapping[str, tuple[Told, ...]] = field(default_factory=dict)
    after: tuple[str, ...] = (ROOM, TAKING, TAKING_OVER)
    name: str = MEMBERS
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[Guests], ...]:
        room_id = room_of(scene)
        if room_id is None:
            return ()
        standing = self._standing(scene.incident)
        says: tuple[str, ...] = ()
        if scene.incident.is_private and standing:
            says = ("The incident is private, so nobody is invited who is not named in it. Invite by hand who may know of it.",)
        # A private incident is no business of standing guests, and a drill bothers its own people only.
        invited = () if scene.incident.is_private or scene.incident.is_drill else standing
        people = dict.fromkeys((*self._involved(scene.incident), *_who_acknowledged((*scene.pages, *scene.called)), *invited))
        guests = Guests(room_id, tuple(people), says, presence_of(scene).emptied)
        return (again_when_opened(spec_of(self.name, scene.incident, guests), scene),)

    def find(self, spec: Spec[Guests]) -> Made | None:
        """Whom a lost request invited, nobody knows: they are all invited once more, which means nothing to who is inside."""
        return None

    def make(self, spec: Spec[Guests]) -> Made | None:
        return unless_closed(lambda: self._invite(spec.content, frozenset()))

    def change(self, known: Made, spec: Spec[Guests]) -> Made | None:
        emptied, _, ids = known.vendor_id.rpartition(":")
        is_so_still = int(emptied or 0) == spec.content.emptied
        invited = frozenset(one for one in ids.split(",") if one) if is_so_still else frozenset[str]()
        return unless_closed(lambda: self._invite(spec.content, invited))

    def _involved(self, incident: Incident) -> Iterator[Told]:
        for role in dict.fromkeys((MANAGER, *self.roles)):
            yield from (told_by_jira(person) for person in holders(incident, role, self.default_assignees))
        if incident.reporter is not None and incident.reporter.is_human:
            yield told_by_jira(incident.reporter)

    def _standing(self, incident: Incident) -> tuple[Told, ...]:
        of_severity = self.by_severity.get(incident.severity, ())
        return (*self.always, *of_severity, *self.by_service.get(fold_name(incident.service), ()))

    def _invite(self, guests: Guests, invited: frozenset[str]) -> Made:
        found, says, failure = self._look_up(guests.people)
        new = [user_id for user_id in found if user_id not in invited]
        refused = self.chat().invite(guests.room_id, new) if new else ()
        says += [f"{found[one.user_id]} cannot be invited: {one.why}." for one in refused]
        invited |= set(new) - {one.user_id for one in refused}
        since = f"{guests.emptied}:" if guests.emptied else ""
        made = Made(since + ",".join(sorted(invited)), says=(*guests.says, *says))
        if failure is not None:
            raise Unfinished(made, failure)
        return made

    def _look_up(self, people: Sequence[Told]) -> tuple[dict[str, Told], list[str], TemporaryError | None]:
        """Chat's id -> who it is; what is to be said of the others; and why some could not be looked up for now."""
        found: dict[str, Told] = {}
        says: list[str] = []
        failure: TemporaryError | None = None
        answers = self.people.find_all(people)
        for who in people:
            match answers.get(who):
                case str(user_id):
                    found.setdefault(user_id, who)
                case Unmatched() as unmatched:
                    says.append(f"{unmatched}.")
                case TemporaryError() as error:
                    failure = failure or error
                case IntegrationError() as error:
                    says.append(f"{who} cannot be looked up: {error.message}.")
                    failure = failure or TemporaryError(error.vendor, error.operation, error.message)
        return found, says, failure


def _who_acknowledged(pages: Sequence[PageRecord]) -> Iterator[Told]:
    return (told_by_pager(page.acked_by) for page in pages if page.is_answered and page.acked_by)
