"""The issue in which an incident is reviewed: made once, some minutes after the resolve, and then people's own.

For majors that were resolved for real: not for duplicates, cancelled ones and drills, nor for what was over long before
Firebell came to see it. A private incident is reviewed in a project of its own or, where there is none, not by us; then the
incident's comment says so. Opened again before its time, an incident has no review; once it has one, a second resolve makes
no other.

It is made together with its link to the incident, and found again by that; where the project does not allow that, by its
label. The search for a label may lag, so what may have been made is not looked for before a while has gone by.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.artifacts.artifact import MEETING_PLACES, Made, Scene, Spec, Unfinished, spec_of
from chalicelib.artifacts.chat_people import holders
from chalicelib.artifacts.page import is_adopted
from chalicelib.artifacts.seen import here_now
from chalicelib.artifacts.state_document import LinkRow, QuestionRow, RoleRow
from chalicelib.artifacts.timeline_events import Event, Row, events_of, row_of
from chalicelib.domain.incident import DUPLICATES, Incident, IssueId, Linked, Resolution, resolved_since
from chalicelib.domain.people import Role
from chalicelib.domain.policy import PagingPolicy
from chalicelib.domain.text import cut, one_line
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from chalicelib.ports.tickets import LinkTo, NewIssue, Refused, Tickets
from chalicelib.ports.words import Words

NAME = "review_issue"
LATEST = timedelta(days=1)
"""After a resolve: what was over for longer when we came to see it is not ours to review, and what could not be made by then
is not tried any more."""

SEARCH_LAG = timedelta(seconds=90)
"""How far Jira's search may run behind."""

MOST_EVENTS, LONGEST_EVENT, LONGEST_TEXT = 100, 200, 32_000
"""Characters that people could take for markup need two; so of what is full of them, fewer events are told."""

_PLACES = {**MEETING_PLACES, "state_document": "State document", "timeline": "Timeline"}
_GIVEN_UP = "it could not be made for a day, and is not tried any more: look for it, or make it yourself"
_NO_PLACE = "the incident is private, and no project is set for reviews of those: make the review yourself"


@dataclass(frozen=True, slots=True)
class ReviewPlace:
    """issue_type: name or id. link_type: name. private_project: where private incidents are reviewed; "" for nowhere."""

    project: str
    issue_type: str = "Task"
    link_type: str = "Relates"
    private_project: str = ""


@dataclass(frozen=True, slots=True)
class Time:
    name: str
    at: str


@dataclass(frozen=True, slots=True)
class Review:
    """resolved_at: the resolve that it is for; None where it is only to be looked for. project: where to make it; "" where it
    may only be spoken of. projects: where it may be, also from before the incident was made private. label: by which it is
    found."""

    resolved_at: datetime | None
    project: str
    projects: tuple[str, ...]
    label: str
    summary: str
    description: str
    is_given_up: bool = False


def review_link(scene: Scene) -> str:
    """Where people find it; "" while there is none. Pure."""
    record = scene.records.get(NAME)
    return record.link if record is not None else ""


@dataclass(frozen=True, slots=True)
class ReviewIssue:
    """final_after: see `TellingPolicy`. questions: about the impact, by our name of them, in order."""

    tickets: Callable[[], Tickets]
    words: Words
    place: ReviewPlace
    final_after: timedelta
    policy: PagingPolicy
    roles: tuple[Role, ...] = ()
    nobody: Collection[str] = frozenset()
    questions: Mapping[str, str] = field(default_factory=dict)
    after: tuple[str, ...] = (*_PLACES, "notes:comments", "notes:room")
    name: str = NAME
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[Review], ...]:
        record = scene.records.get(self.name)
        if record is not None and record.state is ArtifactState.MADE and record.link:
            return ()
        resolved_at = resolved_since(scene.incident)
        if resolved_at is not None and scene.now >= resolved_at + LATEST and (record is None or not record.vendor_id):
            return self._given_up(scene, record, resolved_at)
        if resolved_at is None or not self._is_fit(scene.incident):
            return self._only_looked_for(scene)
        not_before = resolved_at + self.final_after
        if record is not None and not record.vendor_id and (record.state is ArtifactState.SENDING or record.attempt):
            not_before = max(not_before, record.until + SEARCH_LAG)
        review = self._review(scene, resolved_at)
        return (spec_of(self.name, scene.incident, review, resolved_at, review.project, not_before=not_before),)

    def _given_up(self, scene: Scene, record: ArtifactRecord | None, resolved_at: datetime) -> tuple[Spec[Review], ...]:
        """What was begun and failed for a day: people are told that there may be none, and nobody tries again."""
        if record is None or not (record.state is ArtifactState.SENDING or record.last_error):
            return ()
        review = replace(self._review(scene, None), is_given_up=True)
        return (spec_of(self.name, scene.incident, review, "given up", resolved_at),)

    def find(self, spec: Spec[Review]) -> Made | None:
        tickets, review = self.tickets(), spec.content
        if review.is_given_up:
            return None
        linked = (tickets.find_linked(spec.incident.id, project, review.label) for project in review.projects)
        found = next(filter(None, linked), None)
        if found is None:
            found = next(iter(tickets.find_issues(review.projects, (review.label,)).issues), None)
        return Made(found.id, found.url) if found is not None else None

    def make(self, spec: Spec[Review]) -> Made | None:
        """None where it was only looked for, or what it is for has changed this very moment."""
        review = spec.content
        if review.is_given_up:
            return Made("", says=(_GIVEN_UP,))
        if review.resolved_at is None:
            return None
        if not review.project:
            return Made("", says=(_NO_PLACE,))
        now = here_now(self.tickets(), spec.incident.id)
        if resolved_since(now) != review.resolved_at or now.is_private != spec.incident.is_private:
            return None
        new = NewIssue(
            review.project, self.place.issue_type, review.summary, review.description, review.label, self._link_to(now)
        )
        created = self.tickets().create_issue(new)
        return self._linked(Made(created.id, created.url), now)

    def change(self, known: Made, spec: Spec[Review]) -> Made | None:
        """What was found, or made and not linked yet; or it was only spoken of, and may be made by now."""
        made = known if known.vendor_id else self.find(spec)
        return self._linked(made, spec.incident) if made is not None else self.make(spec)

    def _linked(self, made: Made, incident: Incident) -> Made:
        try:
            answer = self.tickets().link_issue(IssueId(made.vendor_id), self._link_to(incident))
        except TemporaryError as error:
            raise Unfinished(made, error) from error
        except PermanentError as error:
            answer = Refused(error.message)
        return made if answer is None else replace(made, says=(f"it cannot be linked to the incident ({answer.why})",))

    def _link_to(self, incident: Incident) -> LinkTo:
        return LinkTo(self.place.link_type, incident.key)

    def _is_fit(self, incident: Incident) -> bool:
        is_real = incident.resolution is Resolution.DONE and incident.severity.is_major and not incident.is_drill
        return is_real and not is_adopted(incident, self.policy)

    def _only_looked_for(self, scene: Scene) -> tuple[Spec[Review], ...]:
        """Not needed, or not any more; but a lost answer may have left it."""
        record = scene.records.get(self.name)
        if record is None or (record.vendor_id is not None and record.state is not ArtifactState.SENDING):
            return ()
        review = self._review(scene, None)
        return (spec_of(self.name, scene.incident, review, "looked", not_before=record.until + SEARCH_LAG),)

    # --- what it says ---------------------------------------------------------------------------------------------------

    def _review(self, scene: Scene, resolved_at: datetime | None) -> Review:
        place, incident = self.place, scene.incident
        summary = "" if incident.is_private else one_line(incident.summary)
        return Review(
            resolved_at,
            place.private_project if incident.is_private else place.project,
            tuple(project for project in (place.project, place.private_project) if project),
            f"firebell-review-{incident.id}",
            self.words.render("review/summary.txt", key=incident.key, summary=summary).strip(),
            self._description(scene, summary) if resolved_at is not None else "",
        )

    def _description(self, scene: Scene, summary: str) -> str:
        """With as many of its first events as there is room for."""
        events = () if scene.incident.is_private else events_of(scene)
        text, most = self._text(scene, summary, events, MOST_EVENTS), MOST_EVENTS
        while len(text) > LONGEST_TEXT and most:
            most //= 2
            text = self._text(scene, summary, events, most)
        return text

    def _text(self, scene: Scene, summary: str, events: Sequence[Event], most: int) -> str:
        """Of a private incident only what its page may say, too."""
        incident = scene.incident
        questions = {} if incident.is_private else self.questions
        links = {title: scene.link_of(name) for name, title in _PLACES.items()}
        people = {role.title: holders(incident, role.name, self.nobody) for role in self.roles}
        return self.words.render(
            "review/description.wiki.j2",
            link=incident.url,
            summary=summary,
            severity=str(incident.severity.value),
            service=incident.service or "not known",
            products=", ".join(incident.products) or "not known",
            roles=tuple(RoleRow(title, ", ".join(one.name for one in some) or "nobody") for title, some in people.items()),
            times=_times(incident),
            links=tuple(LinkRow(title, address) for title, address in links.items() if address),
            questions=tuple(QuestionRow(text, incident.impact.get(name, "")) for name, text in questions.items()),
            open=() if incident.is_private else left_open(incident),
            events=tuple(map(_row, events[:most])),
            left_out=max(0, len(events) - most),
        ).strip()


def left_open(incident: Incident) -> tuple[Linked, ...]:
    """What it is linked to and is not done: to be cleaned up. Other incidents that it is a duplicate of are not. Pure."""
    return tuple(one for one in incident.linked if not one.done and one.relation.casefold() != DUPLICATES)


def _times(incident: Incident) -> tuple[Time, ...]:
    times = {
        "Impact began": incident.impact_started_at,
        "Detected": incident.detected_at,
        "Raised": incident.created_at,
        "Resolved": resolved_since(incident),
        "Impact ended": incident.impact_ended_at,
    }
    return tuple(Time(name, f"{at:%Y-%m-%d %H:%M} UTC" if at else "unknown") for name, at in times.items())


def _row(event: Event) -> Row:
    row = row_of(event)
    return Row(row.at, row.who, cut(one_line(row.what), LONGEST_EVENT))
