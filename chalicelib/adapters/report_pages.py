"""The report as one HTML file that needs nothing else: templates/report/ filled, with its style and its charts inside.

The page may load nothing and run nothing but the scripts that come with it (its own content security policy, by their
hashes): a name of a service that somebody made a script of stays a name.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from markupsafe import Markup

from chalicelib.adapters.forgiving_words import BROKEN
from chalicelib.adapters.jinja_words import JinjaWords
from chalicelib.errors import PermanentError
from chalicelib.metrics.report import Contents

STYLE = "report.css"
SCRIPTS = ("vega.min.js", "vega-lite.min.js", "vega-embed.min.js", "charts.js")
"""In the order in which they need each other."""


class ReportPages:
    """templates: the folder. Files are read on first use. Raises PermanentError for a broken template."""

    def __init__(self, templates: Path) -> None:
        self._words = JinjaWords(templates)
        self._folder = templates / "report"

    def __call__(self, contents: Contents) -> bytes:
        try:
            scripts = [(self._folder / name).read_text("utf-8") for name in SCRIPTS]
            page = self._words.render_once(
                "report/report.html",
                page=contents,
                style=Markup((self._folder / STYLE).read_text("utf-8")),  # noqa: S704  our own
                scripts=[Markup(script) for script in scripts],  # noqa: S704  our own
                allowed=" ".join(f"'{_hash_of(script)}'" for script in scripts),
            )
        except BROKEN as error:
            raise PermanentError("report", "render", f"templates/report: {error}"[:300]) from error
        return page.encode("utf-8", "replace")


def _hash_of(script: str) -> str:
    """As a content security policy names it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"
