"""Who announces: every channel asks the same announcer, so that all of them say the same."""

from __future__ import annotations

from typing import Protocol

from chalicelib.artifacts.artifact import Scene
from chalicelib.domain.announcement import Announcement


class Announcer(Protocol):
    """Pure. In the order in which they are to be told; one that was told stays in the list, as it would read now."""

    def staff(self, scene: Scene) -> tuple[Announcement, ...]: ...

    def public(self, scene: Scene) -> tuple[Announcement, ...]: ...
