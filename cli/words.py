"""Do the words in templates/ fit what the code fills in? Every template is filled with samples, in every case there is."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path
from string import Template
from xml.etree import ElementTree

from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError

from chalicelib.adapters.jinja_words import JinjaWords
from chalicelib.adapters.report_pages import SCRIPTS, STYLE
from chalicelib.artifacts.page import PageTexts
from chalicelib.domain.people import Role
from chalicelib.domain.rich_text import fill
from chalicelib.intake.slack_desk import CommandTexts
from chalicelib.settings import Settings
from cli.samples import SAMPLES, Sample
from cli.samples_report import contents_of_samples

TEMPLATES = Path(__file__).resolve().parents[1] / "templates"
ROLES, REPORT = "roles", "report"
PAGE_NAMES = frozenset(
    {"key", "severity", "summary", "description", "service", "products", "reporter", "link", "why", "storm", "storm_mark"}
    | {"drill_mark", "join", "doubts"}
)
COMMAND_NAMES = frozenset({"command", "mark"})
_NAMESPACES = 'xmlns:ac="urn:ac" xmlns:ri="urn:ri"'


def problems_with_words_of(known: Settings, folder: Path = TEMPLATES) -> list[str]:
    """Of everything that these settings have filled in: what `firebell check` and `make deploy` refuse."""
    return problems_with_words(folder, known.roles.values(), known.telling.languages)


def problems_with_words(folder: Path, roles: Iterable[Role] = (), languages: Iterable[str] = ()) -> list[str]:
    """One line each: the file, its line where that can be told, what is wrong. Empty: everything fits.

    folder: templates/. roles: as in the settings; their texts are in files of their own. languages: folders below it.
    """
    words = JinjaWords(folder)
    return [
        *_of_roles(folder, roles),
        *(problem for name, sample in SAMPLES.items() for problem in _of_template(words, name, sample)),
        *(
            problem
            for path in sorted((folder / ROLES).glob("*.txt"))
            for problem in _of_template(words, f"{ROLES}/{path.name}")
        ),
        *_of_report(folder, words),
        *_of_plain(folder / "page", [field.name for field in fields(PageTexts)], PAGE_NAMES),
        *_of_plain(folder / "command", [field.name for field in fields(CommandTexts)], COMMAND_NAMES),
        *(problem for language in sorted(set(languages)) for problem in _of_language(folder, language)),
    ]


def _of_language(folder: Path, language: str) -> Iterator[str]:
    """What is not translated is said as templates/ says it, so nothing is missing there."""
    if not (folder / language).is_dir():
        yield f"templates/{language}: is missing; put the translated templates there, or take the language out of the settings"
        return
    words = JinjaWords(folder, language)
    for path in sorted(path for path in (folder / language).rglob("*") if path.is_file()):
        name = path.relative_to(folder / language).as_posix()
        if name in SAMPLES:
            yield from (f"templates/{language}: {problem}" for problem in _of_template(words, name, SAMPLES[name]))
        else:
            yield f"templates/{language}/{name}: stands for nothing; there is no template of that name that can be translated"


def _of_roles(folder: Path, roles: Iterable[Role]) -> Iterator[str]:
    for role in roles:
        if role.template and not (folder / ROLES / f"{role.template}.txt").is_file():
            yield (
                f"roles.{role.name}.template: there is no templates/{ROLES}/{role.template}.txt; "
                "write what the role does into it, or take the setting out"
            )


def _of_template(words: JinjaWords, name: str, sample: Sample = Sample()) -> Iterator[str]:  # noqa: B008  it is frozen
    """The first thing that is wrong: what comes after it is most often wrong for the same reason."""
    for case in sample.cases():
        try:
            text = words.render_once(name, **case)
        except TemplateNotFound:
            yield f"templates/{name}: is missing"
            return
        except TemplateSyntaxError as error:
            yield f"templates/{error.name or name}, line {error.lineno}: {error.message}"
            return
        except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
            yield f"{_place_of(error, name)}: {error}"
            return
        if problem := _misfit(text, name, sample):
            yield f"templates/{name}: {problem}"
            return


def _place_of(error: Exception, name: str) -> str:
    """Jinja2 puts the lines of templates into the traceback: the last is of the one that is wrong, which may be a part."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.endswith(".py")]
    if not frames:
        return f"templates/{name}"
    below = Path(frames[-1].filename).parts[-len(Path(name).parts) :]
    return f"templates/{'/'.join(below)}, line {frames[-1].lineno}"


def _misfit(text: str, name: str, sample: Sample) -> str:
    """What is wrong with a text that came out; "" for nothing."""
    if name.endswith(".xml"):
        try:
            ElementTree.fromstring(f"<page {_NAMESPACES}>{text}</page>")  # noqa: S314  our own
        except ElementTree.ParseError as error:
            return f"gives no well-formed XML: {error}"
    if sample.pieces is not None:
        try:
            fill(text, **dict.fromkeys(sample.pieces, "-"))
        except KeyError as error:
            return f"nothing fills {{{error.args[0]}}}; there are {', '.join(sample.pieces)}"
        except ValueError as error:
            return f"braces that do not match: {error}"
    return ""


def _of_report(folder: Path, words: JinjaWords) -> Iterator[str]:
    """Filled with contents of many and of few. It has no language: it stands beside English names of figures."""
    missing = [name for name in (STYLE, *SCRIPTS) if not (folder / REPORT / name).is_file()]
    yield from (f"templates/{REPORT}/{name}: is missing" for name in missing)
    yield from _of_template(words, f"{REPORT}/report.html", sample_of_report())


def sample_of_report() -> Sample:
    return Sample(values={"page": contents_of_samples(), "style": ("",), "scripts": (("",),), "allowed": ("",)})


def _of_plain(folder: Path, names: Iterable[str], known: frozenset[str]) -> Iterator[str]:
    """Those that are filled without Jinja2, by $names."""
    for name in names:
        path = folder / f"{name}.txt"
        where = f"templates/{folder.name}/{path.name}"
        if not path.is_file():
            yield f"{where}: is missing"
            continue
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            template = Template(line)
            if not template.is_valid():
                yield f"{where}, line {number}: a $ that begins no name; write $$ for one that is shown"
            for unknown in (one for one in template.get_identifiers() if one not in known):
                yield f"{where}, line {number}: nothing fills ${unknown}; there are {', '.join(sorted(known))}"
