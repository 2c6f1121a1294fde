"""Makes every artifact but the page exactly once: intended, done, confirmed; looked for before it is ever repeated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.artifacts.artifact import Artifact, Scene, Spec
from chalicelib.errors import IntegrationError, TemporaryError
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState, Book
from chalicelib.reconcile.world import World

CLAIM = timedelta(seconds=30)
"""Longer than any adapter's calls for one artifact take together."""

PERMANENT_RETRY = timedelta(seconds=300)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one artifact in this pass. due: when to come back to it; pending: not what it should be yet."""

    name: str
    due: datetime | None = None
    pending: bool = False
    changed: bool = False
    error: str | None = None


def settle_artifacts(artifacts: tuple[Artifact, ...], scene: Scene, book: Book, world: World) -> list[Outcome]:
    """Bring all artifacts into line, concurrently; one that fails never stops or delays another."""
    outcomes: list[Outcome] = []
    records = {record.name: record for record in book.artifacts}

    def task(artifact: Artifact) -> Callable[[], None]:
        return lambda: outcomes.append(_settle(artifact, scene, records.get(artifact.name), world))

    world.together.run([task(artifact) for artifact in artifacts if not scene.held or artifact.speaks_when_held])
    return outcomes


def _settle(artifact: Artifact, scene: Scene, record: ArtifactRecord | None, world: World) -> Outcome:
    """The one place with a broad except: whatever a single artifact does, the others and the page go on."""
    try:
        return _bring_into_line(artifact, scene, record, world)
    except Exception as error:  # noqa: BLE001
        world.log.alarm("artifact_failed", issue=scene.incident.key, artifact=artifact.name, error=str(error)[:300])
        return Outcome(artifact.name, due=world.clock.now() + timedelta(seconds=30), pending=True, error=str(error)[:300])


def _bring_into_line(artifact: Artifact, scene: Scene, record: ArtifactRecord | None, world: World) -> Outcome:
    spec = artifact.want(scene)
    now = world.clock.now()
    if spec is None:
        return Outcome(artifact.name)
    if record is not None and (record.state is ArtifactState.CLOSED or _is_right(record, spec)):
        return Outcome(artifact.name)
    wait = max((t for t in (record.until, record.not_before) if t is not None), default=now) if record else now
    if record is not None and now < wait:
        return Outcome(artifact.name, due=wait, pending=True)
    claimed = _claim(artifact, scene, record, world, now)
    if claimed is None:
        return Outcome(artifact.name, due=now + timedelta(seconds=5), pending=True)
    try:
        result = _perform(artifact, spec, claimed, is_first=record is None)
    except IntegrationError as error:
        return _failed(claimed, error, scene, world)
    world.ledger.replace(claimed, result)
    world.log.info("artifact", issue=scene.incident.key, artifact=artifact.name, state=result.state)
    return Outcome(artifact.name, changed=True)


def _is_right(record: ArtifactRecord, spec: Spec) -> bool:
    return record.state is ArtifactState.MADE and record.fingerprint == spec.fingerprint


def _claim(
    artifact: Artifact, scene: Scene, record: ArtifactRecord | None, world: World, now: datetime
) -> ArtifactRecord | None:
    """The intent, before the effect; None when another worker holds it."""
    token = world.tokens.token()
    if record is None:
        new = ArtifactRecord(scene.incident.id, artifact.name, ArtifactState.SENDING, token, now + CLAIM, attempt=1)
        return new if world.ledger.insert(new) else None
    new = replace(record, claim=token, until=now + CLAIM, attempt=record.attempt + 1, not_before=None)
    return new if world.ledger.replace(record, new) else None


def _perform(artifact: Artifact, spec: Spec, claimed: ArtifactRecord, *, is_first: bool) -> ArtifactRecord:
    done = replace(
        claimed, state=ArtifactState.MADE, until=claimed.until - CLAIM, attempt=0, last_error=None, fingerprint=spec.fingerprint
    )
    vendor_id = claimed.vendor_id if claimed.vendor_id or is_first else artifact.find(spec)
    if vendor_id is None:
        return replace(done, vendor_id=artifact.make(spec))
    if not artifact.change(vendor_id, spec):
        return replace(done, vendor_id=vendor_id, state=ArtifactState.CLOSED)
    return replace(done, vendor_id=vendor_id)


def _failed(claimed: ArtifactRecord, error: IntegrationError, scene: Scene, world: World) -> Outcome:
    now = world.clock.now()
    if isinstance(error, TemporaryError):
        wait = timedelta(seconds=max(error.retry_after_s or 0, min(300, 5 * 2 ** min(claimed.attempt - 1, 6))))
    else:
        wait = PERMANENT_RETRY
    # The answer may be lost and the effect not: the claim runs on, and the next try looks first.
    not_before = max(claimed.until, now + wait) if claimed.vendor_id is None else now + wait
    world.ledger.replace(claimed, replace(claimed, until=now, not_before=not_before, last_error=str(error)))
    world.log.info("artifact_failed", issue=scene.incident.key, artifact=claimed.name, error=str(error))
    return Outcome(claimed.name, due=not_before, pending=True, changed=True, error=str(error))
