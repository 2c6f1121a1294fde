"""Words: every sentence people read, from templates/."""

from __future__ import annotations

from typing import Protocol


class Words(Protocol):
    def render(self, template: str, **values: object) -> str:
        """The text of templates/<template> with these values. Values are plain; templates hold no logic worth the name."""
        ...
