"""What is made once and then left to people: it never changes, and nobody looks whether it is still there.

Where a human has put a link of their own into Jira before ours was made, none is made: theirs is shown everywhere. What was
begun and is needed no more before it could be made (resolved, lowered, a human's link) is looked for once, since a lost
answer may have left it, and else given up.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from chalicelib.artifacts.artifact import Made, Scene, Spec, spec_of
from chalicelib.artifacts.seen import check_no_secret
from chalicelib.domain.incident import Incident
from chalicelib.ports.tickets import Tickets

Content = TypeVar("Content")


@dataclass(frozen=True, slots=True)
class Wish(Generic[Content]):
    """is_needed: False where it is only to be looked for."""

    content: Content
    is_needed: bool


def stable_name(incident: Incident) -> str:
    """What the incident's call and its document are known by at their vendors; wikis' labels take no colon."""
    return f"firebell-{incident.id}"


class MadeOnce(ABC, Generic[Content]):
    """An `Artifact` but for its name and what it comes after. A link that is empty means that a human put the thing away."""

    __slots__ = ()

    name: str
    tickets: Callable[[], Tickets]

    def want(self, scene: Scene) -> tuple[Spec[Wish[Content]], ...]:
        """Nothing once the vendor's id of it is known, also where a human deleted it since."""
        record = scene.records.get(self.name)
        if record is not None and record.vendor_id is not None:
            return ()
        is_needed = scene.wanted and not scene.incident.links.get(self.name) and self._is_fit(scene)
        if record is None and not is_needed:
            return ()
        wish = Wish(self._content(scene), is_needed)
        return (spec_of(self.name, scene.incident, wish, is_needed, intended=self._place(scene)),)

    def find(self, spec: Spec[Wish[Content]]) -> Made | None:
        return self._find(spec.content.content)

    def make(self, spec: Spec[Wish[Content]]) -> Made | None:
        """None where it was looked for, is not there, and nobody needs it any more."""
        if not spec.content.is_needed:
            return None
        check_no_secret(self.tickets(), spec.incident)
        made = self._make(spec.content.content)
        return made if made.link else None

    def change(self, known: Made, spec: Spec[Wish[Content]]) -> Made | None:
        """Only what was found has come here: it stays as it is."""
        del spec
        return known if known.link else None

    def _is_fit(self, scene: Scene) -> bool:
        """Whether such an incident may have one at all."""
        del scene
        return True

    def _place(self, scene: Scene) -> str:
        """Where it will be made, if that may change: a lost answer is looked for there too."""
        del scene
        return ""

    @abstractmethod
    def _content(self, scene: Scene) -> Content:
        """Pure."""

    @abstractmethod
    def _find(self, content: Content) -> Made | None: ...

    @abstractmethod
    def _make(self, content: Content) -> Made: ...
