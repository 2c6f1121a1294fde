"""Announcements on a status page: the first opens an incident there, each further one is an update of it, once and in order.

What people do on the page stands: a deleted incident is not opened again, and one that they resolved by hand stays resolved.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from chalicelib.artifacts.artifact import Made, Scene, Spec, is_dealt_with, spec_of
from chalicelib.artifacts.note_sources import COMMENTS
from chalicelib.artifacts.seen import check_no_secret
from chalicelib.artifacts.status_channel import Channel, is_over, known_only
from chalicelib.artifacts.status_components import not_milder, set_free, well_again
from chalicelib.artifacts.status_told import Told, is_put_away, was_resolved
from chalicelib.domain.announcement import RESOLVED, Announcement, Audience, ComponentState, Progress
from chalicelib.domain.incident import Incident
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from chalicelib.ports.status_pages import StatusIncident, StatusPage, StatusPost

DELETED = "somebody deleted the incident on the page: nothing more is told there"


@dataclass(frozen=True, slots=True)
class Publication:
    """announcement: None where it is only to be looked whether it was told: it is announced no more.

    incident_id: on the page; "" where none is known. is_uncertain: another announcement may have opened one. name: what the
    incident is called. headline: print of that and the states by severity. states: of components, by id. affected: components
    to show. resolved: the last we told was that it is resolved. is_last: nothing was told after it. ours: components whose
    state we have ever set.
    """

    announcement: Announcement | None
    incident_id: str
    is_uncertain: bool = False
    name: str = ""
    headline: str = ""
    states: Mapping[str, ComponentState] = field(default_factory=dict)
    affected: tuple[str, ...] = ()
    resolved: bool = False
    is_last: bool = False
    ours: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class StatusPageUpdates:
    channel: Channel
    after: tuple[str, ...] = ("chat_room", COMMENTS)  # what a pass reads of orders, it tells so
    speaks_when_held: bool = False

    @property
    def name(self) -> str:
        return self.channel.name

    def want(self, scene: Scene) -> tuple[Spec[Publication], ...]:
        """Every announcement up to the first that is not over with: the next only when the one before is. What was let go and
        is tried again is not over: two that are tried at once would each open an incident."""
        records, announced = self.channel.records(scene), self.channel.announced(scene)
        listed = {announcement.id for announcement in announced}
        begun = [id_ for id_, record in records.items() if record.state is ArtifactState.SENDING and id_ not in listed]
        specs = [self._only_looked_for(scene, id_) for id_ in begun]
        if any(map(is_put_away, records.values())):
            return tuple(specs)
        for announcement in announced:
            spec = self._publication(scene, announcement, announced[0].subject, records)
            specs.append(replace(spec, is_awaited=announcement is not announced[-1] or self._calls_for_the_end(announcement)))
            if not is_dealt_with(records.get(announcement.id), spec):
                break
        return tuple(specs)

    def find(self, spec: Spec[Publication]) -> Made | None:
        """By the mark, which comes with an update in the same write."""
        content, page = spec.content, self.channel.page()
        incident = page.read(content.incident_id) if content.incident_id else page.find(self._marker(spec))
        if incident is None or self._mark(spec) not in incident.posted:
            return None
        return self._made(incident, spec, content.states)

    def make(self, spec: Spec[Publication]) -> Made | None:
        """None where it may not be told any more, where a human resolved the incident on the page by hand, and where there
        is nothing to resolve."""
        content, announcement = spec.content, spec.content.announcement
        if announcement is None or not self._still_stands(spec.incident, announcement):
            return None
        page, incident = self.channel.page(), None
        if content.incident_id:
            incident = page.read(content.incident_id)
            if incident is None:
                return _put_away(content.incident_id)
        elif content.is_uncertain:
            incident = page.find(self._marker(spec))
        if incident is None:
            return None if announcement.progress is Progress.RESOLVED else self._open(page, spec, announcement)
        if self._mark(spec) in incident.posted:
            return self.change(self._made(incident, spec, content.states), spec)  # as what is found is
        return self._update(page, incident, spec, announcement)

    def change(self, known: Made, spec: Spec[Publication]) -> Made:
        """A text that was edited later, or what a lost answer left."""
        content, told, page = spec.content, Told.parse(known.vendor_id), self.channel.page()
        announcement = content.announcement
        if announcement is None:
            return known
        if not self._still_stands(spec.incident, announcement):
            check_no_secret(self.channel.tickets(), spec.incident)  # told otherwise once it may be, so not remembered as told
            return known
        is_there = not told.update_id or page.amend(told.incident_id, told.update_id, announcement.body)
        if not is_there and page.read(told.incident_id) is None:
            return _put_away(told.incident_id)
        if announcement.progress is Progress.RESOLVED:
            held_back = self._restore(page, told.incident_id, content.ours)
            return replace(known, vendor_id=str(replace(told, held_back=held_back)))
        if content.is_last and self.channel.audience is Audience.PUBLIC and content.states:
            return self._restated(page, known, told, content)
        return known

    # --- what to tell ----------------------------------------------------------------------------------------------

    def _publication(
        self, scene: Scene, announcement: Announcement, subject: str, records: Mapping[str, ArtifactRecord]
    ) -> Spec[Publication]:
        """A change is told by what it says; its name and the states by severity are the headline's matter."""
        channel, history = self.channel, self.channel.history(scene)
        others = [record for id_, record in records.items() if id_ != announcement.id]
        record, headline = records.get(announcement.id), channel.headline(scene, subject)
        content = Publication(
            announcement,
            incident_id=history[0].incident_id if history else "",
            is_uncertain=any(not is_over(other) for other in others),
            name=headline.name,
            headline=str(headline),
            states=channel.states_of(announcement, headline),
            affected=channel.affected(scene),
            resolved=was_resolved(history),
            is_last=bool(history and record and record.vendor_id == str(history[-1])),
            ours=channel.set_by_us(scene),
        )
        facts = (*announcement.version, announcement.components)
        name = f"{channel.name}:{announcement.id}"
        spec = spec_of(name, scene.incident, content, *facts, not_before=announcement.not_before)
        # What did not stand at the moment of the effect is tried again with the next version of the issue.
        if_closed = f"{spec.fingerprint} {scene.incident.updated_at.isoformat()}"
        # Two passes that know different orders may each take another announcement for the first, and open an incident for it.
        return replace(spec, if_closed=if_closed, sole_among="" if content.incident_id else channel.name)

    def _calls_for_the_end(self, announcement: Announcement) -> bool:
        """Customers get a last word only of what they were told of: nobody wants it before, however long it has been over."""
        return announcement.audience is Audience.PUBLIC and not announcement.id.startswith(RESOLVED)

    def _only_looked_for(self, scene: Scene, announcement_id: str) -> Spec[Publication]:
        """Begun, and announced no more: a lost answer may have left it."""
        history = self.channel.history(scene)
        content = Publication(None, history[0].incident_id if history else "")
        return spec_of(f"{self.channel.name}:{announcement_id}", scene.incident, content, "announced no more")

    def _still_stands(self, incident: Incident, announcement: Announcement) -> bool:
        return self.channel.announcer.still_stands(self.channel.tickets(), incident, announcement)

    # --- telling ---------------------------------------------------------------------------------------------------

    def _open(self, page: StatusPage, spec: Spec[Publication], announcement: Announcement) -> Made:
        content = spec.content
        states = self._not_milder(page, content.states)

        def act(left_out: tuple[str, ...]) -> StatusIncident:
            affected = tuple(id_ for id_ in content.affected if id_ not in left_out)
            named = _without(left_out, states)
            post = StatusPost(announcement.progress, announcement.body, content.name, named, affected)
            return page.open(self._marker(spec), self._mark(spec), post)

        opened, left_out, says = known_only(act)
        return self._made(opened, spec, _without(left_out, states), says, content.headline)

    def _update(
        self, page: StatusPage, incident: StatusIncident, spec: Spec[Publication], announcement: Announcement
    ) -> Made | None:
        content, progress = spec.content, announcement.progress
        is_the_end = progress is Progress.RESOLVED
        # What staff see of a component follows the severity; an update only brings it back after a resolve.
        is_said = self.channel.audience is Audience.PUBLIC or content.resolved
        states, held_back = self._not_milder(page, content.states, incident.id) if is_said else {}, dict[str, str]()
        if incident.progress is Progress.RESOLVED and not content.resolved:
            if announcement.order is None:
                left = set_free(page, incident, content.ours)
                # Nothing was told with it; the record only holds what is to be looked at again.
                return Made(str(Told(incident.id, held_back=left)), incident.link) if left and is_the_end else None
            progress = Progress.RESOLVED
        elif is_the_end:
            free, held_back = well_again(page, incident, content.ours)
            states = {**free, **states}

        def act(left_out: tuple[str, ...]) -> StatusIncident | None:
            post = StatusPost(progress, announcement.body, components=_without(left_out, states))
            return page.update(incident, self._mark(spec), post)

        updated, left_out, says = known_only(act)
        if updated is None:
            return _put_away(incident.id)
        return self._made(updated, spec, _without(left_out, states), says, held_back=held_back)

    def _restated(self, page: StatusPage, known: Made, told: Told, content: Publication) -> Made:
        """The order was edited, and says otherwise how the products do."""
        incident = page.read(told.incident_id)
        if incident is None:
            return _put_away(told.incident_id)
        is_there, left_out, says = known_only(
            lambda left_out: page.restate(incident, components=_without(left_out, content.states))
        )
        if not is_there:
            return _put_away(told.incident_id)
        set_now = {**dict.fromkeys(told.components), **_without(left_out, content.states)}
        return replace(known, vendor_id=str(replace(told, components=tuple(set_now))), says=says or known.says)

    # --- how products do -------------------------------------------------------------------------------------------

    def _not_milder(
        self, page: StatusPage, states: Mapping[str, ComponentState], ours: str = ""
    ) -> Mapping[str, ComponentState]:
        """What customers are shown stands as it was ordered."""
        return not_milder(page, states, ours) if self.channel.audience is Audience.STAFF else states

    def _restore(self, page: StatusPage, incident_id: str, ours: Collection[str]) -> Mapping[str, str]:
        """What is held back still, and how it does."""
        incident = page.read(incident_id)
        if incident is None or incident.progress is not Progress.RESOLVED:
            return {}
        return set_free(page, incident, ours)

    # --- the parts -------------------------------------------------------------------------------------------------

    def _made(
        self,
        incident: StatusIncident,
        spec: Spec[Publication],
        states: Mapping[str, ComponentState],
        says: tuple[str, ...] = (),
        headline: str = "",
        held_back: Mapping[str, str] | None = None,
    ) -> Made:
        """headline: where this update brought it along for sure."""
        announcement, update_id = spec.content.announcement, incident.posted.get(self._mark(spec), "")
        progress = announcement.progress if announcement is not None else incident.progress
        told = Told(incident.id, update_id, progress or "", headline, tuple(states), held_back or {})
        return Made(str(told), incident.link, says)

    def _marker(self, spec: Spec[Publication]) -> str:
        return self.channel.marks.marker_of(self.channel.name, spec.incident.id)

    def _mark(self, spec: Spec[Publication]) -> str:
        return self.channel.marks.mark_of(self.channel.name, spec.incident.id, spec.name.partition(":")[2])


def _without(ids: Collection[str], states: Mapping[str, ComponentState]) -> dict[str, ComponentState]:
    return {id_: state for id_, state in states.items() if id_ not in ids}


def _put_away(incident_id: str) -> Made:
    return Made(str(Told(incident_id)), says=(DELETED,), put_away=True)
