"""A template that would fail in an incident fails before: named with its file and line."""

from __future__ import annotations

import ast
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.adapters.jinja_words import JinjaWords
from chalicelib.artifacts.page import page_request, read_page_texts
from chalicelib.domain.people import Role
from cli.samples import SAMPLES
from cli.words import PAGE_NAMES, TEMPLATES, problems_with_words, sample_of_report
from tests.builders import a_page, a_roster, an_incident

CODE = Path(__file__).resolve().parents[2] / "chalicelib"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "templates"
    shutil.copytree(TEMPLATES, copy)
    return copy


def test_what_is_shipped_fits():
    assert problems_with_words(TEMPLATES) == []


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        pytest.param("comment.wiki.j2", "{{ key }}\n{% if held %}", "line 2: Unexpected end of template", id="syntax"),
        pytest.param("chat/room.txt", "{{ key }}\n{{ ulr }}", "line 2: 'ulr' is undefined", id="a name nobody fills"),
        pytest.param(
            "chat/told.txt", "{% if left %}\n{{ key }}{% endif %}", "line 2: 'key' is undefined", id="in one case only"
        ),
        pytest.param("chat/topic.txt", "{{ facts.sev }}", "line 1: ", id="of a value, a part that it has not"),
        pytest.param("roles/tech_lead.txt", "{{ name }}", "line 1: 'name' is undefined", id="a role's text"),
        pytest.param(
            "chat/arrived.txt", "{whom} came", ": nothing fills {whom}; there are issue, who", id="a piece nobody has"
        ),
        pytest.param("chat/arrived.txt", "{who came", ": braces that do not match", id="half a brace"),
        pytest.param(
            "document/state.xml", "<p>{{ key }}<p>", ": gives no well-formed XML: mismatched tag", id="not well formed"
        ),
        pytest.param("page/message.txt", "$key\n$sumary", "line 2: nothing fills $sumary; there are", id="a page's name"),
        pytest.param("report/report.html", "{{ page.period }}\n{{ page.incidence }}", "line 2: ", id="the report"),
        pytest.param(
            "report/report.html", "{% if not page.incidents %}{{ non }}{% endif %}", "line 1: 'non'", id="of an empty month"
        ),
        pytest.param("report/report.html", "{% for row in page.wrong %}{{ row.wy }}{% endfor %}", "line 1: ", id="of one row"),
        pytest.param("command/help.txt", "costs 5 $", "line 1: a $ that begins no name", id="a lonely dollar"),
    ],
)
def test_a_broken_template_is_named_with_its_line(folder: Path, name: str, text: str, problem: str):
    (folder / name).write_text(text, "utf-8")
    [found] = problems_with_words(folder)
    assert found.startswith(f"templates/{name}{', ' if problem.startswith('line') else ''}{problem}")


@pytest.mark.parametrize(
    "name",
    [
        "report/charts.js",
        "report/report.css",
        "comment.wiki.j2",
        "chat/brief.txt",
        "page/storm.txt",
        "command/noted.txt",
        "report/report.html",
    ],
)
def test_a_missing_template_is_named(folder: Path, name: str):
    (folder / name).unlink()
    assert problems_with_words(folder) == [f"templates/{name}: is missing"]


def test_a_part_of_the_report_that_is_broken_is_named_with_its_own_line(folder: Path):
    words = folder / "report" / "words.html"
    words.write_text(words.read_text("utf-8").replace('{{ "{:,}".format(number) }} {{ noun }}', "\n{{ nuon }}"), "utf-8")
    [line] = [number for number, line in enumerate(words.read_text("utf-8").splitlines(), 1) if "nuon" in line]
    [found] = problems_with_words(folder)
    assert found.startswith(f"templates/report/words.html, line {line}: 'nuon' is undefined")


def test_every_branch_of_the_report_is_tried(folder: Path):
    """A sample that skips one would let it break unseen."""
    page, branches = folder / "report" / "report.html", []

    def marked(tag: re.Match[str]) -> str:
        branches.append(text[: tag.end()])
        return f"{tag[0]}@@{len(branches) - 1}@@"

    text = page.read_text("utf-8")
    page.write_text(re.sub(r"{% (?:if|for|elif|else)\b[^%]*%}", marked, text), "utf-8")
    words = JinjaWords(folder)
    shown = "".join(words.render_once("report/report.html", **case) for case in sample_of_report().cases())
    tried = {int(number) for number in re.findall(r"@@(\d+)@@", shown)}
    assert [before[-200:] for number, before in enumerate(branches) if number not in tried] == []
    assert len(tried) > 60


def test_a_role_whose_text_is_not_there_is_named():
    problems = problems_with_words(TEMPLATES, (Role("scribe", "Scribe", "scribbler"), Role("tech_lead", "Lead", "tech_lead")))
    assert problems == [
        "roles.scribe.template: there is no templates/roles/scribbler.txt; write what the role does into it, "
        "or take the setting out"
    ]


@pytest.mark.parametrize(
    ("translated", "problems"),
    [
        pytest.param({}, ["templates/de: is missing; put the translated"], id="no folder"),
        pytest.param({"public/ended.txt": "Behoben."}, [], id="one of them"),
        pytest.param(
            {"public/ended.txt": "{{ produkte }}"},
            ["templates/de: templates/public/ended.txt, line 1: 'produkte' is"],
            id="broken",
        ),
        pytest.param({"public/ende.txt": "Behoben."}, ["templates/de/public/ende.txt: stands for nothing"], id="misspelt"),
        pytest.param({"page/message.txt": "$key"}, ["templates/de/page/message.txt: stands for nothing"], id="a page"),
    ],
)
def test_a_language_is_a_folder_of_templates(folder: Path, translated: dict[str, str], problems: list[str]):
    for name, text in translated.items():
        path = folder / "de" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    found = problems_with_words(folder, (), ["de", "de"])
    assert [one[: len(problem)] for one, problem in zip(found, problems, strict=True)] == problems


# --- the samples are what the code gives ----------------------------------------------------------------------------------


def renders() -> Iterator[tuple[str, frozenset[str], tuple[str, ...] | None]]:
    """Template, the names that it is given, and the pieces that the same function fills its text with."""
    for path in CODE.rglob("*.py"):
        for function in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)):
            pieces = [
                tuple(ast.literal_eval(key) for key in node.value.keys if key is not None)
                for node in ast.walk(function)
                if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict) and ast.unparse(node.target) == "pieces"
            ]
            for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
                if ast.unparse(call.func).endswith("words.render") and isinstance(call.args[0], ast.Constant):
                    names = frozenset(keyword.arg for keyword in call.keywords if keyword.arg is not None)
                    yield str(call.args[0].value), names, pieces[0] if pieces else None


def test_every_template_has_samples_with_exactly_the_names_that_the_code_gives():
    assert {name: (names, frozenset(pieces or ())) for name, names, pieces in renders()} == {
        name: (sample.names, frozenset(sample.pieces or ())) for name, sample in SAMPLES.items()
    }


def test_every_template_is_used():
    shipped = {path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*") if path.is_file()}
    by_hand = {name for name in shipped if name.startswith(("page/", "command/", "roles/", "report/"))}
    assert shipped - by_hand == set(SAMPLES)


def test_the_names_of_a_page_are_those_that_it_is_filled_with():
    texts = read_page_texts(TEMPLATES / "page")
    every = "".join(f"${name} " for name in PAGE_NAMES)
    request = page_request(an_incident(), a_roster("imoc"), a_page(), type(texts)(every, every, texts.storm, texts.private))
    assert "$" not in request.message
