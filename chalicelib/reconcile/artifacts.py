"""Makes every artifact but the page exactly once: intended, done, confirmed; looked for before it is ever repeated."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from chalicelib.artifacts.artifact import Artifact, Made, Scene, Spec, Unfinished
from chalicelib.domain.notes import Note
from chalicelib.errors import IntegrationError, TemporaryError
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from chalicelib.reconcile.world import World

CLAIM = timedelta(seconds=30)
"""Longer than any adapter's calls for one artifact take together."""

PERMANENT_RETRY = timedelta(seconds=300)

NOTES = "notes:"
"""How the names of artifacts begin that bring notes into the ledger."""

RETRY = timedelta(seconds=30)
"""For what is wrong with ourselves."""

AT_ONCE_AGAIN = timedelta(seconds=5)
"""Where another pass was quicker: what it does takes a moment."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one artifact in this pass.

    record: what the ledger holds of it now, as far as we know. due: when to come back to it; pending: not what it should
    be yet; changed: the ledger was written to.
    """

    name: str
    record: ArtifactRecord | None = None
    due: datetime | None = None
    pending: bool = False
    changed: bool = False


def settle_artifacts(artifacts: Sequence[Artifact[Any]], scene: Scene, world: World, *, give_up_at: datetime) -> list[Outcome]:
    """Bring all artifacts into line; one that fails never stops another.

    Those that show nothing of each other are settled at once, those that come after them next, with whatever there is by
    then. Nothing is begun after give_up_at: then the rest is due at once.
    """
    outcomes: list[Outcome] = []
    owners = frozenset(artifact.name for artifact in artifacts)
    for ready in _in_waves([artifact for artifact in artifacts if not scene.held or artifact.speaks_when_held]):
        now = world.clock.now()
        if now >= give_up_at:
            return [*outcomes, Outcome("", due=now, pending=True)]
        unfinished = _unfinished(scene.records, owners)
        wave: list[Outcome] = []
        tasks: list[Callable[[], None]] = []
        for artifact in ready:
            specs = _specs(artifact, scene, world, wave)
            if specs is not None:
                tasks += [_task(artifact, spec, scene, world, wave) for spec in specs]
                wave += _give_up_others(unfinished.get(artifact.name, ()), specs, scene, world, now)
        world.together.run(tasks)
        outcomes += wave
        scene = _after(wave, scene, world)
    return outcomes


def _after(wave: Sequence[Outcome], scene: Scene, world: World) -> Scene:
    """The same scene where nothing has changed, so that what was worked out of it is not worked out again."""
    records = [outcome.record for outcome in wave if outcome.record is not None]
    new = {record.name: record for record in records if scene.records.get(record.name) is not record}
    notes = _notes_after(wave, scene, world)
    return replace(scene, records={**scene.records, **new}, notes=notes) if new or notes is not scene.notes else scene


def _notes_after(wave: Sequence[Outcome], scene: Scene, world: World) -> tuple[Note, ...]:
    """As they are now, when something of this wave may have brought new ones."""
    if not any(outcome.changed and outcome.name.startswith(NOTES) for outcome in wave):
        return scene.notes
    try:
        return world.ledger.read(scene.incident.id).notes
    except IntegrationError as error:
        world.log.info("notes_unread", issue=scene.incident.key, error=str(error))
        return scene.notes


def _in_waves(artifacts: Sequence[Artifact[Any]]) -> list[list[Artifact[Any]]]:
    """Each comes in a wave behind those that it comes after."""
    waves = _waves(tuple((artifact.name, artifact.after) for artifact in artifacts))
    return [[artifacts[place] for place in wave] for wave in waves]


@cache
def _waves(order: tuple[tuple[str, tuple[str, ...]], ...]) -> tuple[tuple[int, ...], ...]:
    """Places in this order of names and of what each comes after. Nobody comes after itself: the comment is there twice.

    The same for every pass of a company, and asked in each.
    """
    waves, waiting = [], dict(enumerate(order))
    while waiting:
        names = Counter(name for name, _ in waiting.values())
        ready = [
            place for place, (name, after) in waiting.items() if not any(names[other] > (other == name) for other in after)
        ]
        assert ready, f"these come after each other: {[name for name, _ in waiting.values()]}"
        waves.append(tuple(ready))
        waiting = {place: artifact for place, artifact in waiting.items() if place not in ready}
    return tuple(waves)


def _specs(artifact: Artifact[Any], scene: Scene, world: World, outcomes: list[Outcome]) -> tuple[Spec[Any], ...] | None:
    """None: nobody knows what it wants. The second place with a broad except, for the reason of the first."""
    try:
        return artifact.want(scene)
    except Exception as error:  # noqa: BLE001
        outcomes.append(_stumbled(artifact.name, error, scene, world))
        return None


def _unfinished(records: Mapping[str, ArtifactRecord], owners: frozenset[str]) -> Mapping[str, Sequence[ArtifactRecord]]:
    """What was begun and is not what it should be; by the artifact whose it is."""
    unfinished: defaultdict[str, list[ArtifactRecord]] = defaultdict(list)
    for record in records.values():
        if is_unfinished(record):
            unfinished[owner_of(record.name, owners)].append(record)
    return unfinished


def is_unfinished(record: ArtifactRecord) -> bool:
    return record.state is ArtifactState.SENDING or bool(record.last_error or record.trouble)


def owner_of(name: str, owners: frozenset[str]) -> str:
    """Whose record it is: that of its own name, or of one of several, "<artifact>:<which>"; "" where it is nobody's."""
    while name and name not in owners:
        name = name.rpartition(":")[0]
    return name


def _give_up_others(
    unfinished: Sequence[ArtifactRecord], specs: Sequence[Spec[Any]], scene: Scene, world: World, now: datetime
) -> list[Outcome]:
    """What was begun and is wanted no more (its room was closed, say): nobody comes back to it, so it troubles nobody.

    Wanted again, it is looked for before it is made: a lost answer may have left it. What cannot be looked for needs to know
    whether its last try was answered (see `ArtifactRecord.is_unanswered`). What is in somebody's hands is left to them, who
    may die of it. unfinished: of one artifact.
    """
    outcomes, wanted = [], {spec.name for spec in specs}
    for record in unfinished:
        if record.name in wanted:
            continue
        if now < record.until:
            outcomes.append(Outcome(record.name, record, due=record.until, pending=True))
            continue
        state = ArtifactState.GONE if record.state is ArtifactState.SENDING else record.state
        attempt = record.attempt if record.is_unanswered else 0
        given_up = replace(record, state=state, fingerprint="", attempt=attempt, not_before=None, last_error=None, trouble="")
        try:
            changed = world.ledger.replace(record, given_up)
        except IntegrationError as error:
            world.log.info("not_given_up", issue=scene.incident.key, artifact=record.name, error=str(error))
            continue
        outcomes.append(Outcome(record.name, given_up if changed else record, changed=changed))
    return outcomes


def _task(artifact: Artifact[Any], spec: Spec[Any], scene: Scene, world: World, outcomes: list[Outcome]) -> Callable[[], None]:
    return lambda: outcomes.append(_settle(artifact, spec, scene, world))


def _settle(artifact: Artifact[Any], spec: Spec[Any], scene: Scene, world: World) -> Outcome:
    """Has a broad except: whatever a single artifact does, the others and the page go on."""
    try:
        return _bring_into_line(artifact, spec, scene, world)
    except Exception as error:  # noqa: BLE001
        return _stumbled(spec.name, error, scene, world)


def _stumbled(name: str, error: Exception, scene: Scene, world: World) -> Outcome:
    world.log.alarm("artifact_failed", issue=scene.incident.key, artifact=name, error=str(error)[:300])
    return Outcome(name, scene.records.get(name), due=world.clock.now() + RETRY, pending=True)


def _bring_into_line(artifact: Artifact[Any], spec: Spec[Any], scene: Scene, world: World) -> Outcome:
    record = scene.records.get(spec.name)
    now = world.clock.now()
    if record is not None and _is_right(record, spec):
        return Outcome(spec.name, record)
    if spec.not_before is not None and now < spec.not_before:
        return Outcome(spec.name, record, due=spec.not_before)
    in_hands = [record] if record is not None else []
    in_hands += [sibling for sibling in _siblings(spec, scene.records.values()).values() if _is_under_way(sibling)]
    wait = max((_waits_until(each) for each in in_hands), default=now)
    if now < wait:
        return Outcome(spec.name, record, due=wait, pending=True)
    claimed = _claim(spec, record, world, now)
    if claimed is None:
        return Outcome(spec.name, record, due=now + AT_ONCE_AGAIN, pending=True)
    try:
        if not _is_alone(spec, scene, world):
            return _put_back(claimed, world, now)
        result = _perform(artifact, spec, claimed, is_first=record is None)
    except IntegrationError as error:
        return _failed(claimed, error, scene, world)
    world.ledger.replace(claimed, result)
    world.log.info("artifact", issue=scene.incident.key, artifact=spec.name, state=result.state)
    return Outcome(spec.name, result, due=now if spec.is_awaited else None, changed=True)


def _waits_until(record: ArtifactRecord) -> datetime:
    return max(record.until, record.not_before or record.until)


def _siblings(spec: Spec[Any], records: Iterable[ArtifactRecord]) -> dict[str, ArtifactRecord]:
    """All others that would make the same thing."""
    if not spec.sole_among:
        return {}
    others = (record for record in records if record.name != spec.name)
    return {one.name: one for one in others if one.name == spec.sole_among or one.name.startswith(f"{spec.sole_among}:")}


def _is_under_way(record: ArtifactRecord) -> bool:
    """Begun, or begun anew, and not yet at its end."""
    return record.state is ArtifactState.SENDING or record.attempt > 0


def _is_alone(spec: Spec[Any], scene: Scene, world: World) -> bool:
    """Nobody has begun another since this pass looked. Asked only once our own claim is in the ledger: of two who begin at
    once, at least the later one sees the other.
    """
    if not spec.sole_among:
        return True
    return _siblings(spec, world.ledger.read(spec.incident.id).artifacts) == _siblings(spec, scene.records.values())


def _put_back(claimed: ArtifactRecord, world: World, now: datetime) -> Outcome:
    """Nothing was tried. Who comes next looks before they make it."""
    again_at = now + AT_ONCE_AGAIN
    put_back = replace(claimed, until=now, not_before=again_at, attempt=claimed.attempt - 1)
    world.ledger.replace(claimed, put_back)
    return Outcome(claimed.name, put_back, due=again_at, pending=True, changed=True)


def _is_right(record: ArtifactRecord, spec: Spec[Any]) -> bool:
    """What a human took away is right as it is, until it should look otherwise: they may have brought it back.

    Of what is being changed, or failed to be, nobody knows how it looks now: not as its fingerprint says, perhaps.
    """
    is_over = record.state in (ArtifactState.MADE, ArtifactState.CLOSED) and record.attempt == 0
    return is_over and record.fingerprint == spec.fingerprint_of(record.state)


def _claim(spec: Spec[Any], record: ArtifactRecord | None, world: World, now: datetime) -> ArtifactRecord | None:
    """The intent, before the effect; None when another worker holds it."""
    token = world.tokens.token()
    names = (spec.intended,) if spec.intended else ()
    if record is None:
        new = ArtifactRecord(
            spec.incident.id, spec.name, ArtifactState.SENDING, token, now + CLAIM, attempt=1, intended=names
        )  # fmt: skip
        return new if world.ledger.insert(new) else None
    names = tuple(dict.fromkeys((*record.intended, *names))) if not record.vendor_id else ()
    new = replace(record, claim=token, until=now + CLAIM, attempt=record.attempt + 1, not_before=None, intended=names)
    return new if world.ledger.replace(record, new) else None


def _perform(artifact: Artifact[Any], spec: Spec[Any], claimed: ArtifactRecord, *, is_first: bool) -> ArtifactRecord:
    known = Made(claimed.vendor_id, claimed.link, claimed.says) if claimed.vendor_id is not None else None
    if known is None and not is_first:
        known = artifact.find(spec)
    elif known is not None and not known.vendor_id and claimed.attempt > 1:
        known = artifact.find(spec) or known  # only spoken of so far, and perhaps made since by a try whose answer was lost
    made = artifact.make(spec) if known is None else artifact.change(known, spec)
    state = ArtifactState.MADE if made is not None and not made.put_away else ArtifactState.CLOSED
    done = replace(
        claimed, until=claimed.until - CLAIM, attempt=0, last_error=None, trouble="", state=state,
        fingerprint=spec.fingerprint_of(state), intended=(),
    )  # fmt: skip
    if made is None:
        return replace(done, vendor_id=known.vendor_id if known is not None else None, says=())
    made_at = claimed.made_at or (None if made.put_away else done.until)
    return replace(done, vendor_id=made.vendor_id, link=made.link, says=made.says, made_at=made_at)


def _failed(claimed: ArtifactRecord, error: IntegrationError, scene: Scene, world: World) -> Outcome:
    now = world.clock.now()
    kept = claimed
    if isinstance(error, Unfinished):
        kept = replace(claimed, vendor_id=error.so_far.vendor_id, link=error.so_far.link, says=error.so_far.says)
    if isinstance(error, TemporaryError):
        wait = timedelta(seconds=max(error.retry_after_s or 0, min(300, 5 * 2 ** min(claimed.attempt - 1, 6))))
    else:
        wait = PERMANENT_RETRY
    # The answer may be lost and the effect not: the claim runs on, and the next try looks first.
    not_before = max(claimed.until, now + wait) if kept.vendor_id is None else now + wait
    failed = replace(kept, until=now, not_before=not_before, last_error=str(error), trouble=_trouble(error, claimed.attempt))
    world.ledger.replace(claimed, failed)
    world.log.info("artifact_failed", issue=scene.incident.key, artifact=claimed.name, error=str(error))
    return Outcome(claimed.name, failed, due=not_before, pending=True, changed=True)


def _trouble(error: IntegrationError, attempt: int) -> str:
    """For people. What may be over in a moment is not worth a word, and what lasts is told in words that do not change."""
    if isinstance(error, TemporaryError) and not error.out_of_service:
        return f"{error.vendor} cannot be reached" if attempt >= WORTH_A_WORD else ""
    if isinstance(error, TemporaryError) and error.retry_after_s is not None:
        return f"{error.vendor} asks us to wait"
    return f"{error.vendor}: {error.message}"


WORTH_A_WORD = 3
"""Tries that fail before people are told of it."""
