"""A broken template costs its own words and nothing else: never a value that customers may not see, never silence."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pytest

from chalicelib.adapters.forgiving_words import PUBLIC_WORDS, ForgivingWords
from chalicelib.adapters.jinja_words import JinjaWords
from chalicelib.domain.rich_text import compose, plain
from tests.reconcile.small_world import FakeLog


@dataclass(frozen=True, slots=True)
class Row:
    title: str
    text: str
    is_new: bool = False


def words(folder: Path, *languages: str, **templates: str) -> tuple[ForgivingWords, FakeLog]:
    """templates: "de__room" is de/room.txt."""
    for name, text in templates.items():
        path = folder / f"{name.replace('__', '/')}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    log = FakeLog()
    return ForgivingWords((*(JinjaWords(folder, language) for language in languages), JinjaWords(folder)), log), log


def test_a_language_is_looked_into_first(tmp_path: Path):
    german, log = words(tmp_path, "de", room="room {{ key }}", de__room="Raum {{ key }}", call="call")
    assert german.render("room.txt", key="HOT-42") == "Raum HOT-42"
    assert german.render("call.txt") == "call", "what is not translated"
    assert log.alarms == []


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param("{{ key", id="syntax"),
        pytest.param("{{ kye }}", id="a name nobody fills"),
        pytest.param("{{ key.summary.text }}", id="a part that it has not"),
        pytest.param("{{ 1 // 0 }}", id="arithmetic"),
        pytest.param("{{ key + 1 }}", id="types"),
        pytest.param("{{ '%d' % key }}", id="format"),
        pytest.param("{% include 'nowhere.txt' %}", id="includes what is not there"),
        pytest.param("{% include 'de__room.txt' %}", id="missing include"),
    ],
)
def test_a_broken_translation_falls_back_to_the_template_itself(tmp_path: Path, broken: str):
    german, log = words(tmp_path, "de", room="room {{ key }}", de__room=broken)
    for _ in range(3):
        assert german.render("room.txt", key="HOT-42") == "room HOT-42"
    assert log.alarms == ["template_broken"], "once"
    assert {"template": "room.txt", "language": "de"}.items() <= log.events[0][1].items()


def test_a_broken_template_falls_back_to_what_is_known(tmp_path: Path):
    plain_words, log = words(tmp_path, room="{{ oops }}")
    told = plain_words.render(
        "room.txt",
        key="HOT-42",
        drill=True,
        held=False,
        nobody=None,
        since_when="a\nb",
        lines=(Row("Tech lead", "Mia", True), "x", ("a", "b")),
    )
    assert told == "Key: HOT-42\nDrill\nSince when: a b\n- Tech lead, Mia\n- x\n- a, b"
    assert log.alarms == ["template_broken"]


def test_a_missing_template_is_a_broken_one(tmp_path: Path):
    assert words(tmp_path)[0].render("room.txt", key="HOT-42") == "Key: HOT-42"


def test_what_people_typed_is_no_place_to_fill_and_no_markup(tmp_path: Path):
    forgiving, _ = words(tmp_path)
    assert plain(compose(forgiving.render("room.txt", summary="{issue} {{"))) == "Summary: (issue) (("
    assert forgiving.render("mail.html", summary="<b>") == "<p>Summary: &lt;b&gt;</p>"
    page = forgiving.render("state.xml", summary="<b> & \x00", drill=True)
    assert [one.text for one in ElementTree.fromstring(f"<page>{page}</page>")] == ["Summary: <b> & ", "Drill"]  # noqa: S314
    assert forgiving.render("note.wiki.j2", summary="*bold* [~mia]") == "Summary: \\*bold\\* \\[\\~mia\\]"


@pytest.mark.parametrize(
    ("template", "told"),
    [
        pytest.param("public/opening.txt", PUBLIC_WORDS, id="opening"),
        pytest.param("public/update.txt", PUBLIC_WORDS, id="update"),
        pytest.param("public/subject.txt", "Investigating an issue", id="name"),
        pytest.param("public/resolved.txt", "This incident has been resolved.", id="resolved"),
        pytest.param("public/ended.txt", "This incident has been resolved.", id="ended"),
    ],
)
def test_customers_never_read_a_value_that_no_template_chose(tmp_path: Path, template: str, told: str):
    forgiving, log = words(tmp_path, "de", public__opening="{{ oops }}")
    assert forgiving.render(template, products="CANARY", words="CANARY", drill=True) == told
    assert log.alarms == ["template_broken", "template_broken"], "of the language, and of the templates"


def test_the_shipped_templates_end_as_the_built_in_words_do():
    shipped = Path(__file__).parents[2] / "templates"
    assert JinjaWords(shipped).render("public/ended.txt", products="").strip() == "This incident has been resolved."
