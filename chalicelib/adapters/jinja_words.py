"""Words from templates/, filled by Jinja2. Imported only where something other than a page is written."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined


class JinjaWords:
    """Raises jinja2.TemplateError for a broken template; a placeholder nobody fills is an error, not a gap."""

    def __init__(self, templates: Path) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(templates),
            undefined=StrictUndefined,
            autoescape=False,  # noqa: S701  what is rendered here is Jira wiki markup
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # what is deployed does not change: nothing has to look whether a file did
        )
        # Every pass over an incident puts its comment together to see whether it still says so, and nearly always it does.
        self.render = lru_cache(maxsize=256)(self._render)

    def _render(self, template: str, **values: Hashable) -> str:
        return self._environment.get_template(template).render(**values)
