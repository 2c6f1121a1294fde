"""When the impact began is a human's answer. Where no room asks for it the comment in Jira does, until somebody has said so.

It touches nothing: what it says is in its record, and the comment shows it, as it does of every artifact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from chalicelib.artifacts.artifact import Made, Scene, Spec, spec_of
from chalicelib.artifacts.impact_times import START_DEFAULTS_AFTER
from chalicelib.artifacts.last_word import ending_of
from chalicelib.artifacts.page import is_adopted
from chalicelib.artifacts.reminders import AFTER_RESOLVE, TIMES_AFTER
from chalicelib.domain.policy import PagingPolicy

NAME, OVER = "start_in_question", "start_in_question:over"
QUESTION = (
    "nobody has said yet when it began. Please enter it in this issue; a day after the resolve the time of detection "
    "takes its place, unless the impact had ended before that, and no time to detect is computed"
)


@dataclass(frozen=True, slots=True)
class StartInQuestion:
    """The content is whether it is asked."""

    policy: PagingPolicy
    after: tuple[str, ...] = ("impact_times",)
    name: str = NAME
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[bool], ...]:
        """Asked of the incidents and at the times of which a room is reminded."""
        asked_from = None if is_adopted(scene.incident, self.policy) else _asked_from(scene)
        if asked_from is not None:
            asked = spec_of(self.name, scene.incident, True, "asked", not_before=asked_from)
            return (asked, *_of_its_end(scene))
        return (spec_of(self.name, scene.incident, False, "not asked"),) if scene.has_begun(self.name) else ()

    def find(self, spec: Spec[bool]) -> Made | None:
        """There is nothing in the world to find."""
        del spec
        return None

    def make(self, spec: Spec[bool]) -> Made:
        return Made(self.name, says=(QUESTION,) if spec.content else ())

    def change(self, known: Made, spec: Spec[bool]) -> Made:
        del known
        return self.make(spec)


def _of_its_end(scene: Scene) -> Iterator[Spec[bool]]:
    """For the date alone, as `impact_times` does it: where no start may be filled in then, nobody else comes by."""
    if ending := ending_of(scene.incident):
        yield spec_of(OVER, scene.incident, False, ending.number, not_before=ending.at + START_DEFAULTS_AFTER)


def _asked_from(scene: Scene) -> datetime | None:
    """From when on; None where it is known, is nobody's business, or will be filled in now."""
    incident, ending = scene.incident, ending_of(scene.incident)
    if incident.impact_started_at is not None or not incident.severity.is_major:
        return None
    if ending is None:
        return incident.created_at + TIMES_AFTER if scene.wanted else None
    if ending.is_quiet or scene.now >= ending.at + START_DEFAULTS_AFTER:
        return None
    return ending.at + AFTER_RESOLVE
