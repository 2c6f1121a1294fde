"""The room of a resolved incident is archived once it has been resolved for a while. What a human opens again stays open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.artifacts.artifact import Made, Scene, Spec, spec_of
from chalicelib.artifacts.in_room import ARCHIVE, ROOM, room_of, unless_closed
from chalicelib.domain.incident import resolved_since
from chalicelib.ports.chat import Chat, RefusedForGood

NOT_ARCHIVED = ""


@dataclass(frozen=True, slots=True)
class ArchivedRoom:
    """quiet: how long an incident must have been resolved; counted anew from every resolve.

    `Made.vendor_id` is the room's, or NOT_ARCHIVED.
    """

    chat: Callable[[], Chat]
    quiet: timedelta
    after: tuple[str, ...] = (ROOM,)
    name: str = ARCHIVE
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[str], ...]:
        room_id, resolved_at = room_of(scene), resolved_since(scene.incident)
        if room_id is None or resolved_at is None:
            return ()
        return (spec_of(self.name, scene.incident, room_id, room_id, resolved_at, not_before=resolved_at + self.quiet),)

    def find(self, spec: Spec[str]) -> Made | None:
        """Archiving twice is archiving once."""
        del spec
        return None

    def make(self, spec: Spec[str]) -> Made | None:
        """None: we are not inside any more, and it is theirs to close.

        Where only others may archive, they are asked to: else it would be tried for ever, for every incident there was.
        """

        def close() -> Made:
            try:
                self.chat().archive(spec.content)
            except RefusedForGood as error:
                return Made(
                    NOT_ARCHIVED,
                    says=(f"The room cannot be archived: {error.message}. Archive it by hand when nobody needs it.",),
                )
            return Made(spec.content)

        return unless_closed(close)

    def change(self, known: Made, spec: Spec[str]) -> Made | None:
        """Resolved once more."""
        del known
        return self.make(spec)
