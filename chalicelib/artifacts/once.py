"""What is made once and then left to people: it never changes, and nobody looks whether it is still there.

Where a human has put a link of their own into Jira before ours was made, none is made: theirs is shown everywhere. What was
begun and is needed no more before it could be made (resolved, lowered, a human's link) is looked for once, since a lost
answer may have left it, and else given up.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Generic, TypeVar

from chalicelib.artifacts.artifact import Made, Scene, Spec, spec_of

Content = TypeVar("Content")

NOTHING = Made("")
"""It was looked for and is not there, and nobody needs it."""


@dataclass(frozen=True, slots=True)
class Wish(Generic[Content]):
    """is_needed: False where it is only to be looked for."""

    content: Content
    is_needed: bool


def marker_of(issue_id: str) -> str:
    """The stable name of the incident's call and of its document at their vendors."""
    return f"firebell-{issue_id}"


class MadeOnce(ABC, Generic[Content]):
    """An `Artifact` but for its name and what it comes after. A link that is empty means that a human put the thing away."""

    __slots__ = ()

    name: str

    def want(self, scene: Scene) -> tuple[Spec[Wish[Content]], ...]:
        """Nothing once the vendor's id of it is known, also where a human deleted it since."""
        record = scene.records.get(self.name)
        if record is not None and record.vendor_id:
            return ()
        is_needed = scene.wanted and not scene.incident.links.get(self.name) and self._is_fit(scene)
        if record is None and not is_needed:
            return ()
        wish = Wish(self._content(scene), is_needed)
        return (spec_of(self.name, scene.incident, wish, is_needed),)

    def find(self, spec: Spec[Wish[Content]]) -> Made | None:
        return self._find(spec.content.content) or (None if spec.content.is_needed else NOTHING)

    def make(self, spec: Spec[Wish[Content]]) -> Made:
        return self._make(spec.content.content)

    def change(self, known: Made, spec: Spec[Wish[Content]]) -> Made | None:
        if not known.vendor_id and spec.content.is_needed:  # given up once, and needed again
            return self._find(spec.content.content) or self.make(spec)
        return known if known.link else None

    def _is_fit(self, scene: Scene) -> bool:
        """Whether such an incident may have one at all."""
        del scene
        return True

    @abstractmethod
    def _content(self, scene: Scene) -> Content:
        """Pure."""

    @abstractmethod
    def _find(self, content: Content) -> Made | None: ...

    @abstractmethod
    def _make(self, content: Content) -> Made: ...
