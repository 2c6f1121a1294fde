"""Words from templates/, filled by Jinja2. Imported only where something other than a page is written.

Templates named .xml are Confluence's storage format: every value in them is escaped, and what XML cannot hold is dropped.
Those named .html are mails and the report, and are escaped alike. Filters help there: `lines` keeps line breaks, `link` makes
a link of an address, `took` says seconds as people read them. In Jira's wiki markup nothing is escaped by itself: there
`wiki` makes one plain line of what people typed, and `address` leaves an address as it is.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_eval_context, select_autoescape
from jinja2.nodes import EvalContext
from markupsafe import Markup

from chalicelib.adapters.storage_format import clean, storage_lines, storage_link
from chalicelib.adapters.wiki_markup import wiki_link, wiki_text
from chalicelib.domain.durations import precisely


class JinjaWords:
    """Raises jinja2.TemplateError for a broken template; a placeholder nobody fills is an error, not a gap.

    language: the folder below templates/ that is looked into first; what is not there is said as templates/ says it.
    """

    def __init__(self, templates: Path, language: str = "") -> None:
        self.language = language
        self._environment = Environment(
            loader=FileSystemLoader([templates / language, templates] if language else templates),
            undefined=StrictUndefined,
            autoescape=select_autoescape(("xml", "html")),
            finalize=_fit,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,  # what is deployed does not change: nothing has to look whether a file did
        )
        self._environment.filters |= {"lines": storage_lines, "link": storage_link, "wiki": wiki_text, "address": wiki_link}
        self._environment.filters["took"] = _took
        # Every pass over an incident puts its comment together to see whether it still says so, and nearly always it does.
        self.render = lru_cache(maxsize=256, typed=True)(self.render_once)

    def render_once(self, template: str, **values: Any) -> str:
        """The same for what is large and never asked for twice: nothing of it is kept."""
        return self._environment.get_template(template).render(**values)


@pass_eval_context
def _fit(context: EvalContext, value: Any) -> Any:
    """Escaping alone leaves control characters, and one of them makes Confluence refuse the whole page."""
    return clean(value) if context.autoescape and isinstance(value, str) and not isinstance(value, Markup) else value


def _took(seconds: float | None) -> str:
    """Tenths only where they matter; a dash where nobody knows. It does not break at the end of a line."""
    if seconds is None:
        return "–"
    words = precisely(round(seconds)) if seconds >= 10 or seconds == round(seconds) else f"{seconds:.1f} s"
    return words.replace(" ", "\N{NO-BREAK SPACE}")
