"""The page as browsers get it: whatever people typed stays text, and nothing is loaded from anywhere."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import shutil
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.jinja_words import JinjaWords
from chalicelib.adapters.report_pages import SCRIPTS, ReportPages
from chalicelib.errors import PermanentError
from chalicelib.metrics.facts import Fact, fact_of
from chalicelib.metrics.rollup import figures_of, gather
from tests.metrics.incidents import OFFICE, RAISED, a_fact, many_sightings
from tests.metrics.test_report import NOW, contents

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
PAGES = ReportPages(TEMPLATES)
HOSTILE = (
    "</script><script>alert(1)</script>",
    "<!--<script>",
    '"><img src=x onerror=alert(1)>',
    "{{ 7 * 7 }}{% raw %}",
    "\u2028\x00\x0b\ud800 ]]> & < ' \"",
    "=HYPERLINK()",
)
VOID = {"meta", "br", "img", "link", "input"}


class Outline(HTMLParser):
    """Tags and the names of their attributes; texts apart. Tags must match."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.texts: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]
        self.ids += [value or "" for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


def page(facts: Iterable[Fact], **options: Any) -> str:
    return PAGES(contents(facts, **options)).decode()


def outline(facts: Iterable[Fact], **options: Any) -> Outline:
    return Outline(page(facts, **options))


def island(text: str) -> Any:
    [inside] = re.findall(r'<script type="application/json" id="figures">(.*?)</script>', text, re.DOTALL)
    return json.loads(inside)


MANY = [fact_of(seen, OFFICE) for seen in many_sightings(60, days=7)]


def an_open_one() -> Fact:
    return a_fact(status="fixing", impact_ended_at=None, resolved_at=None)


def typed(text: str) -> Fact:
    """An incident with this in everything that people type."""
    return a_fact(
        key=text, summary=text, service=text, products=(text,), detected_by=text, manager=text, rosters=(text,), url=text,
        engaged={text: RAISED}, impact_ended_at=None, impact_started_at=RAISED,
    )  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_people_type_does_not_change_the_structure(text: str):
    assert outline([typed(text)]).tags == outline([typed("harmless")]).tags


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_what_people_type_comes_to_the_charts_as_it_is(text: str):
    wrong = replace(typed(text).seen, impact_ended_at=RAISED)
    [dot] = island(page([fact_of(wrong, None)]))["dots"]["recover"]
    assert (dot[3], dot[4]) == (text, text)


def test_only_web_addresses_become_links():
    assert "javascript:alert(1)" not in outline([a_fact(url="javascript:alert(1)")]).links
    assert (
        "https://example.atlassian.net/browse/HOT-42"
        in outline([a_fact(url="https://example.atlassian.net/browse/HOT-42")]).links
    )


def test_nothing_is_loaded_and_nothing_runs_but_what_comes_with_it():
    text = page(MANY)
    [policy] = re.findall(r'Content-Security-Policy" content="([^"]+)"', text)
    rules = {name: rest for name, _, rest in (rule.strip().partition(" ") for rule in html.unescape(policy).split(";"))}
    scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'" for one in scripts]
    assert len(scripts) == len(SCRIPTS)
    assert (rules["default-src"], rules["script-src"]) == ("'none'", " ".join(hashes))
    assert not any(tag in ("link", "iframe", "img") for tag, _ in Outline(text).tags)
    assert all(link.startswith("#") for link in Outline(text).links)


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_ends_before_its_end_or_is_changed_by_a_browser(name: str):
    text = (TEMPLATES / "report" / name).read_bytes()
    assert re.search(rb"</script|<!--|\r|\0", text, re.IGNORECASE) is None


def test_the_scripts_that_we_ship_come_with_their_licences():
    licences = (TEMPLATES / "report" / "LICENSES.txt").read_text("utf-8")
    assert [name for name in SCRIPTS if name != "charts.js" and name not in licences] == []


def test_the_same_facts_give_the_same_bytes():
    assert ReportPages(TEMPLATES)(contents(MANY)) == PAGES(contents(reversed(MANY)))


def test_every_place_of_a_chart_is_there_and_every_link_leads_somewhere():
    found = outline(MANY, history=[("2026-10", []), ("2026-11", [])])
    drawn = re.findall(r'draw\("(\w+)"', (TEMPLATES / "report" / "charts.js").read_text("utf-8"))
    assert {*drawn, "recover-dots", "detect-dots"} <= set(found.ids)
    assert {link[1:] for link in found.links if link.startswith("#")} <= set(found.ids)
    assert len(found.ids) == len(set(found.ids))


def test_every_chart_is_named_for_who_cannot_see_it():
    charts = [
        attributes for tag, attributes in outline(MANY).tags if tag == "div" and "role" in attributes and "id" in attributes
    ]
    assert charts
    assert all("aria-label" in attributes for attributes in charts)


# --- what it says ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        pytest.param([], "No time to recover is known in this period, so nothing can be said of it.", id="no incident"),
        pytest.param([], "There were none.", id="an empty table"),
        pytest.param([a_fact()], "1 incident counts. Nothing was left out.", id="one incident"),
        pytest.param([a_fact()], "1 time to recover is too few to compare this period with another.", id="too few to compare"),
        pytest.param([a_fact()], "95 %: too few (1)", id="no interval of one"),
        pytest.param([a_fact()], "There is no other month to compare with yet.", id="no trend"),
        pytest.param([a_fact(is_drill=True)], "0 incidents count. Left out of everything: 1 drill.", id="a drill"),
        pytest.param([a_fact(status="fixing", impact_ended_at=None)], "open, 7 d 21 h", id="an open one"),
        pytest.param([a_fact(is_private=True, summary="a leak")], "private", id="a private one"),
        pytest.param([a_fact(manager="Mia Moore")], "Names are shown because the settings ask for them.", id="with names"),
        pytest.param([a_fact()], "No business hours are set, so every hour is one.", id="no hours"),
        pytest.param([an_open_one()], "1 incident counts, and is still open.", id="only an open one"),
        pytest.param([an_open_one()], "95 %: none known", id="no interval of none"),
        pytest.param([], "There is nothing to group.", id="no groups"),
        pytest.param([], "No incident was severity 1 or 2.", id="no promise to keep"),
        pytest.param([a_fact()], "The sweep did not have to find any incident", id="no webhook was lost"),
        pytest.param([a_fact(found_by_sweep=True)], "Of 1 incident no webhook had told: the sweep found it.", id="one was"),
        pytest.param([], "There is nothing to judge.", id="no quality"),
        pytest.param([a_fact()], "rollups/v1/period=2026-11/figures.json", id="where its figures lie"),
    ],
)
def test_it_says(facts: list[Fact], said: str):
    assert said in outline(facts).text.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("facts", "unsaid"),
    [
        pytest.param([a_fact(is_private=True, summary="a leak")], "a leak", id="the text of a private one"),
        pytest.param([a_fact(is_drill=True, key="HOT-7")], "HOT-7", id="a drill"),
        pytest.param([a_fact()], "Who managed incidents", id="names nobody asked for"),
        pytest.param([a_fact()], "must change by a factor", id="a change that so few cannot show"),
        pytest.param([], "None", id="what is missing, as Python says it"),
        pytest.param([a_fact()], "None", id="what is missing of one, as Python says it"),
        pytest.param([an_open_one()], "Half took – or less", id="the half of none"),
        pytest.param([], "Many groups are many comparisons", id="groups of none"),
        pytest.param([], "Paged within 5 s", id="promises to nobody"),
    ],
)
def test_it_does_not_say(facts: list[Fact], unsaid: str):
    assert re.search(rf"\b{unsaid}\b", outline(facts).text) is None


def test_the_charts_do_not_hold_the_text_of_a_private_incident():
    assert "a leak" not in page([a_fact(is_private=True, summary="a leak")])


def test_it_says_what_so_many_can_show():
    known = next(one for one in figures_of("2026-11", gather(MANY, NOW)) if (one.by, one.metric) == ("all", "time_to_recover"))
    assert f"must change by a factor of at least {known.smallest_change:.2f}" in outline(MANY).text


@pytest.mark.parametrize(
    ("factor", "number", "said"),
    [
        pytest.param(1.0, 60, "no more than chance alone may bring about", id="no change"),
        pytest.param(8.0, 60, "more than chance alone brings about", id="a large one"),
        pytest.param(1 / 8, 60, "more than chance alone brings about", id="a large one for the better"),
        pytest.param(8.0, 10, "too few incidents to tell whether that is more than chance", id="of too few"),
    ],
)
def test_a_change_is_called_one_only_where_so_many_can_show_it(factor: float, number: int, said: str):
    def month(times: float) -> list[Fact]:
        ends = (RAISED + lasts * times for lasts in lasted)
        return [a_fact(issue_id=str(n), impact_started_at=RAISED, impact_ended_at=end) for n, end in enumerate(ends)]

    lasted = [timedelta(hours=1 + n % 7, minutes=n % 60) for n in range(number)]
    now, before = month(factor), month(1.0)
    history = [(name, list(figures_of(name, gather(facts, NOW)))) for name, facts in (("2026-10", before), ("2026-11", now))]
    assert said in outline(now, history=history).text


def test_of_thinned_dots_it_says_how_many_are_left(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("chalicelib.metrics.report_charts.DOTS", 20)
    monkeypatch.setattr("chalicelib.metrics.report_charts.ALWAYS", 5)
    number = len([fact for fact in MANY if not fact.excluded and (fact.is_open or fact.time_to_recover_s is not None)])
    assert f"20 of {number} incidents: evenly chosen by duration, the longest all" in outline(MANY).text


# --- its words ------------------------------------------------------------------------------------------------------------


def test_a_broken_template_is_named(tmp_path: Path):
    shutil.copytree(TEMPLATES / "report", tmp_path / "report")
    (tmp_path / "report" / "report.html").write_text("{{ page.incidence }}", "utf-8")
    with pytest.raises(PermanentError, match=r"templates/report: .*incidence"):
        ReportPages(tmp_path)(contents([]))


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (None, "–"),
        (0, "0\xa0s"),
        (1.5, "1.5\xa0s"),
        (2.0, "2\xa0s"),
        (10.4, "10\xa0s"),
        (119.0, "1\xa0min\xa059\xa0s"),
        (6120.0, "1\xa0h\xa042\xa0min"),
    ],
)
def test_durations_are_told_as_people_read_them_and_stay_on_one_line(tmp_path: Path, seconds: float | None, words: str):
    (tmp_path / "x.txt").write_text("{{ seconds | took }}", "utf-8")
    assert JinjaWords(tmp_path).render("x.txt", seconds=seconds) == words


@pytest.mark.parametrize(
    ("part", "whole", "share"),
    [
        (0, 0, "–"), (0, 300, "0%"), (1, 300, "0.4%"), (1, 100_000, "0.1%"), (3, 300, "1%"), (1, 3, "33%"), (297, 300, "99%"),
        (299, 300, "99.6%"), (99_999, 100_000, "99.9%"), (300, 300, "100%"),
    ],
)  # fmt: skip
def test_a_share_is_never_rounded_to_all_or_none(tmp_path: Path, part: int, whole: int, share: str):
    shutil.copytree(TEMPLATES / "report", tmp_path / "report")
    (tmp_path / "x.html").write_text('{% import "report/words.html" as say %}{{ say.of(part, whole) }}', "utf-8")
    assert JinjaWords(tmp_path).render("x.html", part=part, whole=whole).strip() == share
