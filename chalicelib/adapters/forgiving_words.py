"""Words that never fail an incident: where a company's template is broken, people get a plain text that is built in here.

First in the language that was chosen, then the templates themselves, then what is built in: for staff a list of the
values; for customers a sentence that holds none, since only a template says which of them may be public.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass

from jinja2 import TemplateError

from chalicelib.adapters.jinja_words import JinjaWords
from chalicelib.adapters.storage_format import storage_text
from chalicelib.adapters.wiki_markup import wiki_text
from chalicelib.domain.text import one_line
from chalicelib.ports.log import Log

PUBLIC = "public/"
PUBLIC_WORDS = "We are aware of an issue and are working on it. We will provide updates here soon."
PUBLIC_SUBJECT, PUBLIC_END = "Investigating an issue", "This incident has been resolved."
PUBLIC_BUILT_IN: Mapping[str, str] = {
    "public/subject.txt": PUBLIC_SUBJECT,
    "public/resolved.txt": PUBLIC_END,
    "public/ended.txt": PUBLIC_END,
    "public/topic.txt": "",
}

BROKEN = (TemplateError, ArithmeticError, AttributeError, LookupError, OSError, RecursionError, TypeError, ValueError)
"""What Jinja2 lets through of what a template does wrong, besides its own."""


@dataclass(frozen=True, slots=True)
class ForgivingWords:
    """words: in the order in which they are tried. Raises the alarm once for every template and place of it."""

    words: tuple[JinjaWords, ...]
    log: Log
    _told: set[tuple[int, str]] = field(default_factory=set, init=False, repr=False, compare=False)

    def render(self, template: str, **values: Hashable) -> str:
        for number, words in enumerate(self.words):
            try:
                return words.render(template, **values)
            except BROKEN as error:
                if (number, template) not in self._told:
                    self._told.add((number, template))
                    self.log.alarm("template_broken", template=template, language=words.language, error=str(error)[:300])
        return built_in(template, values)


def built_in(template: str, values: Mapping[str, Hashable]) -> str:
    """Pure; never raises."""
    if template.startswith(PUBLIC):
        return PUBLIC_BUILT_IN.get(template, PUBLIC_WORDS)
    # Some texts are read as templates once more, to put links into them: no value may pass for a place to fill.
    lines = [line.replace("{", "(").replace("}", ")") for line in _lines(values)]
    if template.endswith((".xml", ".html")):
        return "".join(f"<p>{storage_text(line)}</p>" for line in lines)
    if template.endswith(".wiki.j2"):
        return "\n".join(wiki_text(line) for line in lines)
    return "\n".join(lines)


def _lines(values: Mapping[str, object]) -> Iterator[str]:
    for name, value in values.items():
        title = name.replace("_", " ").capitalize()
        if value is True:
            yield title
        elif isinstance(value, tuple):
            yield from (f"- {_line(one)}" for one in value)
        elif value is not False and (line := _line(value)):
            yield f"{title}: {line}"


def _line(value: object) -> str:
    if is_dataclass(value) and not isinstance(value, type):
        parts = (_line(getattr(value, one.name)) for one in fields(value))
        return ", ".join(part for part in parts if part)
    if isinstance(value, tuple):
        return ", ".join(map(_line, value))
    return "" if value is None or isinstance(value, bool) else one_line(str(value))
