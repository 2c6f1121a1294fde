"""The shape all artifacts but the page share, so that one runner can make each of them exactly once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any, Generic, Protocol, TypeVar

from chalicelib.domain.deployments import Deployment
from chalicelib.domain.incident import Incident
from chalicelib.domain.notes import Note
from chalicelib.domain.paging import PageRecord
from chalicelib.errors import TemporaryError
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState

Content = TypeVar("Content")
Asked = TypeVar("Asked")
Answer = TypeVar("Answer")
FACTS = "facts"
"""The only artifact that there still is of an incident that is gone, or private and hidden from us: it must not count any more,
or tell no words."""

MEETING_PLACES = {"chat_room": "Chat room", "video_call": "Video call"}


@dataclass(frozen=True, slots=True)
class Scene:
    """What an artifact may decide on.

    pages: the records of the running episode, in the order they were begun. called: those beside the chain. unpaged: a page
    has been wanted for a minute and no pager has accepted one. unknown: names in "Escalate to" that lead to nobody.
    held: declared in a storm, so nothing beyond the page happens before a human's word. wanted: the incident is one that
    people are called for (see `artifacts.page.is_wanted`). gone: it was deleted, or is no incident
    any more. hidden: we may not see it, and know only what webhooks told. records: what the ledger holds of the artifacts, by
    name; those that an artifact comes after are as this pass has left them. rung: the records of every page there ever was.
    notes: what people noted down, in order. recent: what was changed at the faulty service in the two hours before the start of
    impact.
    """

    incident: Incident
    now: datetime
    pages: tuple[PageRecord, ...] = ()
    called: tuple[PageRecord, ...] = ()
    unknown: tuple[str, ...] = ()
    wanted: bool = True
    unpaged: bool = False
    held: bool = False
    gone: bool = False
    hidden: bool = False
    records: Mapping[str, ArtifactRecord] = field(default_factory=dict)
    rung: tuple[PageRecord, ...] = ()
    notes: tuple[Note, ...] = ()
    recent: tuple[Deployment, ...] = ()
    worked_out: dict[tuple[str, int], tuple[object, Any]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """See `once_per_scene`. Not copied to a changed scene."""

    def has_begun(self, name: str) -> bool:
        """It exists, or may exist, or a human took it away."""
        return name in self.records

    def id_of(self, name: str) -> str | None:
        """The vendor's id of what exists now; None also when a human took it away."""
        record = self.records.get(name)
        return record.vendor_id if record is not None and record.state is not ArtifactState.CLOSED else None

    def link_of(self, name: str) -> str:
        """Where people find it: what a human wrote into its field in Jira, else ours; "" when there is neither."""
        return link_of(name, self.incident, self.records.get(name))


def once_per_scene(work: Callable[[Asked, Scene], Answer]) -> Callable[[Asked, Scene], Answer]:
    """A scene never changes, and many artifacts ask the same of it: it is worked out once for each whom they ask."""

    @wraps(work)
    def known(asked: Asked, scene: Scene) -> Answer:
        key = (work.__qualname__, id(asked))
        if key not in scene.worked_out:
            scene.worked_out[key] = (asked, work(asked, scene))  # `asked` is kept, so that its id stays its own
        answer: Answer = scene.worked_out[key][1]
        return answer

    return known


def link_of(name: str, incident: Incident, record: ArtifactRecord | None) -> str:
    """What a human wrote into its field in Jira, else ours; "" when there is neither."""
    ours = record.link if record is not None and record.state is not ArtifactState.CLOSED else ""
    return incident.links.get(name) or ours


def how_to_join(incident: Incident, records: Sequence[ArtifactRecord]) -> tuple[str, ...]:
    """A line for each place where people meet."""
    made = {record.name: record for record in records}
    links = ((title, link_of(name, incident, made.get(name))) for name, title in MEETING_PLACES.items())
    return tuple(f"{title}: {link}" for title, link in links if link)


@dataclass(frozen=True, slots=True)
class Spec(Generic[Content]):
    """What should exist. name: its key in the ledger. fingerprint: changes exactly when the content does.

    if_closed: the fingerprint that is kept where nothing comes of it, so that it is tried again when that one changes.
    not_before: from when on; None: now. intended: by what name it will be made, where that may change and a lost answer is
    found by it only; kept in `ArtifactRecord.intended` until its id is known. is_awaited: another is wanted only once this one
    is over, and nothing else may happen by then that brings anybody here. sole_among: as long as another whose record has this
    name, or this name before a colon, is begun and may still be made, this one waits: each would make the same thing.
    """

    name: str
    incident: Incident
    content: Content
    fingerprint: str
    not_before: datetime | None = None
    intended: str = ""
    if_closed: str = ""
    is_awaited: bool = False
    sole_among: str = ""

    def fingerprint_of(self, state: ArtifactState) -> str:
        """The one that the record of it has in this state."""
        return self.if_closed or self.fingerprint if state is ArtifactState.CLOSED else self.fingerprint


def spec_of(
    name: str,
    incident: Incident,
    content: Content,
    *facts: object,
    not_before: datetime | None = None,
    intended: str = "",
) -> Spec[Content]:
    """facts: what to tell a change by, where that is not the whole content."""
    of = repr(facts) if facts else content if isinstance(content, str) else repr(content)
    return Spec(name, incident, content, hashlib.sha256(of.encode()).hexdigest(), not_before, intended)


def is_dealt_with(record: ArtifactRecord | None, spec: Spec[Any]) -> bool:
    """It is there, a human took it away, or it was let go as things are: what has to come after it may be begun.

    What was let go and is to be tried again, or is being tried, may be there in a moment.
    """
    if record is None or record.state is not ArtifactState.CLOSED:
        return record is not None and record.state is ArtifactState.MADE
    was_there = record.vendor_id is not None
    return record.attempt == 0 and (was_there or record.fingerprint == spec.fingerprint_of(record.state))


@dataclass(frozen=True, slots=True)
class Made:
    """vendor_id: the vendor's id of it. link: where people find it. says: what people must know about it, one sentence each.

    put_away: a human did away with it on purpose, and people must know.
    """

    vendor_id: str
    link: str = ""
    says: tuple[str, ...] = ()
    put_away: bool = False


class Unfinished(TemporaryError):
    """A part of it is there, the rest is worth another try. so_far: what is kept until then, so that nothing is done twice."""

    def __init__(self, so_far: Made, because: TemporaryError) -> None:
        super().__init__(
            because.vendor, because.operation, because.message,
            retry_after_s=because.retry_after_s, out_of_service=because.out_of_service,
        )  # fmt: skip
        self.so_far = so_far


class Artifact(Protocol[Content]):
    """want is pure; the rest touches the world through ports and raises TemporaryError (Unfinished where some of it was done)
    or PermanentError.

    name: how people and the log call it. after: artifacts whose links or ids it shows; they are settled first.
    speaks_when_held: exists even while a storm holds everything else back.
    """

    @property
    def name(self) -> str: ...

    @property
    def after(self) -> tuple[str, ...]: ...

    @property
    def speaks_when_held(self) -> bool: ...

    def want(self, scene: Scene) -> tuple[Spec[Content], ...]:
        """What should exist now, each with a name of its own. What is not named stays as it is."""
        ...

    def find(self, spec: Spec[Content]) -> Made | None:
        """What a lost answer or a crash left behind; by stable key, never by title."""
        ...

    def make(self, spec: Spec[Content]) -> Made | None:
        """None: a human closed the place where it would be."""
        ...

    def change(self, known: Made, spec: Spec[Content]) -> Made | None:
        """Bring what exists into line. None: a human removed it on purpose."""
        ...
