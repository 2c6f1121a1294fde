"""Words: every sentence people read, from templates/."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Protocol


class Words(Protocol):
    def render(self, template: str, **values: Hashable) -> str:
        """The text of templates/<template> with these values. Values are plain; templates hold no logic worth the name."""
        ...
