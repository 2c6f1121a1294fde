"""When the impact began, was detected and ended, and how long that took: in the issue's own fields.

What a human entered is never overwritten: only what is empty is filled, after a look at the issue as it is then, and a
default that a human takes out stays out. An end that is still ours follows the resolve: it is emptied while the incident is
open again. What is computed of the times is ours, and written anew whenever they change. What others dealt with before Firebell
came to know it stays as they left it, durations too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from chalicelib.artifacts.artifact import Made, Scene, Spec, spec_of
from chalicelib.artifacts.page import is_adopted
from chalicelib.artifacts.seen import here_now
from chalicelib.domain.durations import (
    CLOCKS_DIFFER,
    ImpactTimes,
    TimeFields,
    in_words,
    is_end_in_question,
    is_to_come,
    to_detect,
    to_recover,
    violations,
)
from chalicelib.domain.incident import (
    DETECTED,
    IMPACT_ENDED,
    IMPACT_STARTED,
    IMPACT_TIMES,
    Incident,
    Status,
    incident_since,
    resolved_since,
)
from chalicelib.domain.policy import PagingPolicy
from chalicelib.ports.tickets import FieldValue, Tickets

NAME, START, LOOK_AGAIN = "impact_times", "impact_times:start", "impact_times:look_again"
TRY_AGAIN = "impact_times:try_again"
START_DEFAULTS_AFTER = timedelta(days=1)
"""From the resolve on: until then people are asked when it began."""

REFUSED_RETRY, REFUSED_FOR = timedelta(hours=1), timedelta(days=7)
"""A human puts the field on its screen, and does not tell us. For so long after the resolve is it tried again."""

OVER_LONG_AGO = timedelta(days=7)
"""What was resolved so long before Firebell had anything to do with it is history: a webhook about its labels rewrites none."""

_REFUSED = "Jira does not take a value into the field "


@dataclass(frozen=True, slots=True)
class Times:
    """defaults: our name of a time -> what to fill in where it is empty; of the end also what to put in the place of ours,
    None: nothing. durations: field id -> what it should hold.

    wrong: what cannot be right about them, for people; asked: what may not be.
    """

    defaults: tuple[tuple[str, datetime | None], ...]
    durations: tuple[tuple[str, FieldValue], ...]
    wrong: tuple[str, ...]
    asked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImpactTimesInJira:
    """Two records: one of detection, end and durations, and one of the start, which a human is given a day to tell.

    `Made.vendor_id` holds the defaults that were filled in, as "<name> <time>" after each other.
    """

    tickets: Callable[[], Tickets]
    fields: TimeFields
    policy: PagingPolicy
    after: tuple[str, ...] = ("links",)
    name: str = NAME
    speaks_when_held: bool = False

    @property
    def own_account(self) -> str:
        """Whose changes in the history are ours; "" where nobody knows."""
        return self.policy.own_account

    def want(self, scene: Scene) -> tuple[Spec[Times], ...]:
        """A drill has times too; they count nowhere."""
        if is_others(scene, self.policy):
            return ()
        times = effective(scene, self.own_account)
        specs = [self._of_start(scene, times), _of_what_is_to_come(times, scene), _of_another_try(scene)]
        wrong = tuple(violations(times, scene.now))
        defaults = tuple(self._defaults(scene, times))
        durations = tuple(self._durations(times, scene))
        asked = tuple(_in_question(scene.incident, times))
        if defaults or durations or wrong or asked or scene.has_begun(self.name):
            # Told by what holds, not by what is missing: when our own value comes back from Jira nothing has changed.
            facts = (
                times.detected_at,
                times.ended_at,
                durations,
                wrong,
                *asked,
                *self._unforeseen(scene, times),
                *_tries(scene),
            )
            fill = spec_of(self.name, scene.incident, Times(defaults, durations, wrong, asked), *facts)
            specs.insert(0, replace(fill, is_awaited=True))  # what was refused is booked by the pass behind this one
        return tuple(spec for spec in specs if spec is not None)

    def find(self, spec: Spec[Times]) -> Made | None:
        """What an earlier try wrote is read with the rest."""
        del spec
        return None

    def make(self, spec: Spec[Times]) -> Made:
        return self._fill(spec, {})

    def change(self, known: Made, spec: Spec[Times]) -> Made:
        return self._fill(spec, _remembered(known.vendor_id))

    def _of_start(self, scene: Scene, times: ImpactTimes) -> Spec[Times] | None:
        incident, resolved_at = scene.incident, resolved_since(scene.incident)
        start = _default_start(incident, times.ended_at, self.own_account)
        if self.fields.impact_started is None or resolved_at is None or start is None:
            return None
        not_before = resolved_at + START_DEFAULTS_AFTER
        content = Times(((IMPACT_STARTED, start),), (), ())
        fill = spec_of(START, incident, content, "asked", *_tries(scene), not_before=not_before)
        return replace(fill, is_awaited=True)

    def _defaults(self, scene: Scene, times: ImpactTimes) -> Iterator[tuple[str, datetime | None]]:
        incident = scene.incident
        if self.fields.detected and incident.detected_at is None and times.detected_at:
            yield DETECTED, times.detected_at
        if self.fields.impact_ended and incident.impact_ended_at != times.ended_at:
            yield IMPACT_ENDED, times.ended_at

    def _unforeseen(self, scene: Scene, times: ImpactTimes) -> tuple[str, ...]:
        """An end of ours that is not so any more, and that the record does not know: a write that came late put it there, after
        all had been brought into line. One that the record knows is replaced once, and is no change when that comes back."""
        told = scene.incident.impact_ended_at
        is_known = told is None or told == times.ended_at or _filled(scene).get(IMPACT_ENDED) == _as_text(told)
        return () if is_known or told is None else (_as_text(told),)

    def _durations(self, times: ImpactTimes, scene: Scene) -> Iterator[tuple[str, FieldValue]]:
        """What was computed before something was wrong is emptied: it is not of the times that stand beside it."""
        for number, text, seconds in (
            (self.fields.ttr, self.fields.ttr_text, to_recover(times, scene.now)),
            (self.fields.ttd, self.fields.ttd_text, to_detect(times, scene.now)),
        ):
            is_known = seconds is not None or scene.has_begun(self.name)  # else there is nothing of ours to empty
            if number and is_known:
                yield number, None if seconds is None else round(seconds / self.fields.unit.seconds, 2)
            if text and is_known:
                yield text, None if seconds is None else in_words(seconds)

    def _fill(self, spec: Spec[Times], written: Mapping[str, str]) -> Made:
        """written: defaults that we filled in before, and never do again but for the end."""
        defaults = {name: at for name, at in spec.content.defaults if name == IMPACT_ENDED or name not in written}
        values: dict[str, FieldValue] = dict(spec.content.durations)
        if defaults:
            now = here_now(self.tickets(), spec.incident.id)
            due = {
                IMPACT_STARTED: now.impact_started_at is None,
                DETECTED: now.detected_at is None,
                # It may have been resolved or opened again meanwhile: then the next pass knows better.
                IMPACT_ENDED: IMPACT_ENDED in defaults
                and now.impact_ended_at != defaults[IMPACT_ENDED] == _end(now, written, self.own_account),
            }
            defaults = {name: at for name, at in defaults.items() if due[name]}
        ids = {
            IMPACT_STARTED: self.fields.impact_started,
            DETECTED: self.fields.detected,
            IMPACT_ENDED: self.fields.impact_ended,
        }
        values |= {field_id: at for name, at in defaults.items() if (field_id := ids[name])}
        put = self.tickets().put_fields(spec.incident.id, values, quiet=True) if values else None
        refused = put.refused if put is not None else {}
        put_there = {name: at for name, at in defaults.items() if ids[name] not in refused}
        filled = {name: _as_text(at) for name, at in put_there.items() if at is not None}
        kept = {name: at for name, at in written.items() if name not in put_there}
        says = (
            *(
                f"{sentence}; nothing is computed of these until that is corrected"
                for sentence in _capitalized(spec.content.wrong)
            ),
            *_capitalized(spec.content.asked),
            *(
                f"{_REFUSED}{field_id} ({why}). The field has to be on the edit screen, and the issue's status without the "
                "workflow property jira.issue.editable = false; tried again every hour, until a week after the resolve"
                for field_id, why in refused.items()
            ),
        )
        remembered = " ".join(f"{name} {at}" for name, at in {**kept, **filled}.items())
        return Made(remembered or "nothing", says=says)


def is_others(scene: Scene, policy: PagingPolicy) -> bool:
    """It was dealt with without us. What we began stays in step. Pure."""
    if scene.has_begun(NAME) or scene.has_begun(START):
        return False
    resolved_at = resolved_since(scene.incident)
    is_history = resolved_at is not None and scene.now >= resolved_at + OVER_LONG_AGO
    return is_history or is_adopted(scene.incident, policy)


def _in_question(incident: Incident, times: ImpactTimes) -> Iterator[str]:
    """A human's end stays when the incident is opened again; once that is resolved, only they know whether it still holds."""
    if resolved_since(incident) is not None and is_end_in_question(incident, times.ended_at):
        yield "its end of impact is from before it was opened again; please correct it if the impact went on"


def _of_what_is_to_come(times: ImpactTimes, scene: Scene) -> Spec[Times] | None:
    """Somebody has entered a time that is not yet: once it has come, a pass finds that nothing is wrong any more. This is there
    for the date alone; then it is wanted no more, and is made only by a pass in which that comes. It writes nothing to Jira."""
    to_come = [at for at in (times.started_at, times.detected_at, times.ended_at) if at and is_to_come(at, scene.now)]
    if not to_come:
        return None
    return spec_of(LOOK_AGAIN, scene.incident, Times((), (), ()), not_before=min(to_come) - CLOCKS_DIFFER)


def _of_another_try(scene: Scene) -> Spec[Times] | None:
    """Jira refused a field: an hour later all is tried once more. As above it is there for the date alone: that it is over is a
    fact by which what was refused is told from what is to be tried."""
    records = (scene.records.get(name) for name in (NAME, START))
    tried_at = [one.until for one in records if one is not None and any(said.startswith(_REFUSED) for said in one.says)]
    resolved_at = resolved_since(scene.incident)
    if not tried_at or (resolved_at is not None and scene.now >= resolved_at + REFUSED_FOR):
        return None
    at = max(tried_at)
    again = spec_of(TRY_AGAIN, scene.incident, Times((), (), ()), at, not_before=at + REFUSED_RETRY)
    return replace(again, is_awaited=True)


def _tries(scene: Scene) -> tuple[str, ...]:
    """Which further try this is; nothing as long as there was none."""
    record = scene.records.get(TRY_AGAIN)
    return (record.fingerprint,) if record is not None and record.fingerprint else ()


def effective(scene: Scene, own_account: str = "") -> ImpactTimes:
    """The times as they hold: what the issue says, else what it defaults to. A start that nobody told is none."""
    return _holding(scene.incident, _filled(scene), own_account)


def of_the_past(incident: Incident, now: datetime, own_account: str = "") -> ImpactTimes:
    """The times as they would hold had Firebell looked after it from the start. Of what it did write once no record tells, only
    the history. Pure."""
    times, resolved_at = _holding(incident, {}, own_account), resolved_since(incident)
    start = _default_start(incident, times.ended_at, own_account)
    if start is None or resolved_at is None or now < resolved_at + START_DEFAULTS_AFTER:
        return times
    return replace(times, started_at=start, defaulted=times.defaulted | {IMPACT_STARTED})


def _holding(incident: Incident, filled: Mapping[str, str], own_account: str) -> ImpactTimes:
    """filled: what we filled in, by our records. Whose a time is tells the history, where it tells of the field: the answer to
    our write may have been lost, and then no record does."""
    is_taken_out = DETECTED in filled or DETECTED in _ever_filled(incident, own_account)
    detected = incident.detected_at or (None if is_taken_out else incident_since(incident))
    ended = _end(incident, filled, own_account)
    times = (
        (IMPACT_STARTED, incident.impact_started_at, incident.impact_started_at),
        (DETECTED, incident.detected_at, detected),
        (IMPACT_ENDED, incident.impact_ended_at, ended),
    )
    defaulted = frozenset(
        name for name, told, holds in times
        if holds is not None and (told is None or _is_ours(name, told, incident, filled, own_account))
    )  # fmt: skip
    return ImpactTimes(incident.impact_started_at, detected, ended, defaulted)


def _default_start(incident: Incident, ended_at: datetime | None, own_account: str) -> datetime | None:
    """Detection, a day after the resolve. None where a start is known, or a human took ours out: also where the answer to our
    write was lost, so that no record tells. Nor of an impact that had ended before it was detected."""
    if incident.impact_started_at is not None or IMPACT_STARTED in _ever_filled(incident, own_account):
        return None
    start = incident.detected_at or incident_since(incident)
    return None if ended_at is not None and start > ended_at else start


def _end(incident: Incident, filled: Mapping[str, str], own_account: str) -> datetime | None:
    """The end as it holds. A human's stays, and so does it when they took out ours; ours is the last resolve, whatever stands
    there. filled: what we filled in, by our records."""
    told, resolved_at = incident.impact_ended_at, resolved_since(incident)
    if told is None:
        return None if _is_taken_out(IMPACT_ENDED, incident, filled, own_account) else resolved_at
    if not _is_ours(IMPACT_ENDED, told, incident, filled, own_account):
        return told
    # What only a webhook told has no history, and some have none of their resolve: then nobody knows better.
    is_known = resolved_at is None or any(one.what == "status" and one.new == Status.RESOLVED for one in incident.changes)
    is_so = not is_known or (resolved_at is not None and _as_text(told) == _as_text(resolved_at))
    return told if is_so else resolved_at


def _is_ours(name: str, at: datetime, incident: Incident, filled: Mapping[str, str], own_account: str) -> bool:
    writer = _last_writer(name, incident) if own_account else None
    return filled.get(name) == _as_text(at) if writer is None else writer == own_account


def _is_taken_out(name: str, incident: Incident, filled: Mapping[str, str], own_account: str) -> bool:
    """It is empty, it was filled in once, and not we emptied it."""
    writer = _last_writer(name, incident) if own_account else None
    return writer != own_account and (name in filled or name in _ever_filled(incident, own_account))


def _last_writer(name: str, incident: Incident) -> str | None:
    """The account that changed this time last, where the history names one."""
    return next((one.by.account_id for one in reversed(incident.changes) if one.what == name and one.by is not None), None)


def _ever_filled(incident: Incident, own_account: str) -> set[str]:
    """Times into which we wrote something, by the history."""
    ours = (change for change in incident.changes if change.by is not None and change.by.account_id == own_account)
    return {change.what for change in ours if change.what in IMPACT_TIMES and change.new is not None} if own_account else set()


def _filled(scene: Scene) -> dict[str, str]:
    records = (scene.records.get(NAME), scene.records.get(START))
    return {
        name: at for record in records if record is not None for name, at in _remembered(record.vendor_id or "").items()
    }  # fmt: skip


def _remembered(vendor_id: str) -> dict[str, str]:
    words = vendor_id.split()
    return dict(zip(words[::2], words[1::2], strict=False))


def _as_text(at: datetime) -> str:
    """To the second: fields of Jira keep no more of what is typed, and some drop the rest of what is written."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _capitalized(sentences: tuple[str, ...]) -> Iterator[str]:
    return (sentence[0].upper() + sentence[1:] for sentence in sentences)
