"""The shape all artifacts but the page share, so that one runner can make each of them exactly once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from chalicelib.domain.incident import Incident
from chalicelib.domain.paging import PageRecord


@dataclass(frozen=True, slots=True)
class Scene:
    """What an artifact may decide on.

    pages: the records of the running episode, in the order they were begun. unpaged: a page has been wanted for a minute
    and no pager has accepted one. held: declared in a storm, so nothing beyond the page happens before a human's word.
    begun: names of the artifacts that exist, or may exist, already.
    """

    incident: Incident
    pages: tuple[PageRecord, ...]
    unpaged: bool
    held: bool
    begun: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Spec:
    """What should exist. fingerprint: changes exactly when the content does."""

    incident: Incident
    fingerprint: str
    content: str


class Artifact(Protocol):
    """want is pure; the rest touches the world through ports and raises TemporaryError or PermanentError.

    name: how the ledger and the log call it. speaks_when_held: exists even while a storm holds everything else back.
    """

    @property
    def name(self) -> str: ...

    @property
    def speaks_when_held(self) -> bool: ...

    def want(self, scene: Scene) -> Spec | None: ...

    def find(self, spec: Spec) -> str | None:
        """The vendor's id of what a lost answer or a crash left behind; by stable key, never by title."""
        ...

    def make(self, spec: Spec) -> str:
        """Make it and return the vendor's id."""
        ...

    def change(self, vendor_id: str, spec: Spec) -> bool:
        """Bring it into line. False: a human removed it on purpose."""
        ...
