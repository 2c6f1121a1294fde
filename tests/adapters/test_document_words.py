"""The templates of the pages in the wiki: well formed whatever people wrote, and nothing they wrote becomes markup."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Hashable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from chalicelib.adapters.jinja_words import JinjaWords
from chalicelib.adapters.storage_format import clean
from sandbox.wiki.storage import problem_with

WORDS = JinjaWords(Path(__file__).parents[2] / "templates")
ANY_TEXT = st.text(st.characters())
QUESTIONS = ("What do customers see?", "How many are affected?")


def a_row(**values: str) -> Hashable:
    """One row of a list that a template goes through."""
    return namedtuple("Row", values)(**values)


def values(text: str = "Checkout is down", **changes: Any) -> dict[str, Any]:
    """What both templates ask for, with this text wherever people's words go."""
    return {
        "key": text,
        "issue_link": "https://example.atlassian.net/browse/HOT-42",
        "summary": text,
        "severity": text,
        "drill": False,
        "roles": (a_row(name=text, person=text),),
        "links": (a_row(name=text, address=f"to {text}"), a_row(name="Chat room", address=f"https://example.com/{text}")),
        "questions": (a_row(text=text, answer=text),),
        "mark": "pushpin",
        "left_out": 0,
        "events": (a_row(at=text, who=text, what=text),),
        **changes,
    }


def read(page: str) -> ElementTree.Element:
    return ElementTree.fromstring(f'<page xmlns:ac="urn:ac" xmlns:ri="urn:ri">{page}</page>')  # noqa: S314  our own


def shown(page: str) -> list[list[str]]:
    """The text of each table cell, row by row."""
    return [["".join(cell.itertext()) for cell in row] for row in read(page).iter("tr")]


def elements(page: str) -> list[str]:
    return [element.tag for element in read(page).iter() if element.tag != "br"]


@pytest.mark.parametrize("template", ["document/state.xml", "document/timeline.xml"])
@given(text=ANY_TEXT)
def test_any_text_makes_a_well_formed_page_of_the_same_shape(template: str, text: str):
    page = WORDS.render(template, **values(text, summary=text or "x"))
    assert problem_with(page) == ""
    assert elements(page) == elements(WORDS.render(template, **values("x")))


@given(text=st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1))
def test_every_text_is_shown_as_it_was_written(text: str):
    rows = shown(WORDS.render("document/state.xml", **values(text)))
    assert ["Summary", clean(text)] in rows
    assert [clean(text), clean(text)] in rows
    assert [clean(text)] * 3 in shown(WORDS.render("document/timeline.xml", **values(text)))


def test_the_state_document_has_a_place_for_everything():
    page = WORDS.render("document/state.xml", **values())
    headings = [heading.text for heading in read(page).iter("h2")]
    assert headings == ["Impact", "Observations", "Theories", "Experiments", "Changes we made", "Streams of work"]
    assert ["Who", "What", "When (UTC)", "Why", "How to revert", "Reverted"] in shown(page)


def test_a_private_incidents_page_has_no_summary():
    assert ["Summary", ""] not in shown(WORDS.render("document/state.xml", **values(summary="")))


@pytest.mark.parametrize("template", ["document/state.xml", "document/timeline.xml"])
def test_a_drill_says_so(template: str):
    assert "[DRILL]" in WORDS.render(template, **values(drill=True))
    assert "[DRILL]" not in WORDS.render(template, **values())


def test_what_people_put_into_a_link_field_is_a_link_only_if_it_leads_to_the_web():
    links = (
        a_row(name="Room", address="javascript:alert(1)"),
        a_row(name="Doc", address="http://"),
        a_row(name="Call", address='https://example.com/"x'),
    )
    hrefs = [a.get("href") for a in read(WORDS.render("document/state.xml", **values(links=links))).iter("a")]
    assert hrefs == ["https://example.atlassian.net/browse/HOT-42", 'https://example.com/"x']


def test_events_are_shown_in_the_order_given_with_their_line_breaks():
    events = (a_row(at="03:00", who="Firebell", what="paged Mia"), a_row(at="03:04", who="Mia", what="one\ntwo"))
    page = WORDS.render("document/timeline.xml", **values(events=events))
    assert [row[0] for row in shown(page)[1:]] == ["03:00", "03:04"]
    assert "one<br />two" in page


def test_a_timeline_without_events_is_a_page_too():
    assert problem_with(WORDS.render("document/timeline.xml", **values(events=()))) == ""


def test_a_placeholder_that_nobody_fills_is_an_error():
    given_values = values()
    del given_values["severity"]
    with pytest.raises(UndefinedError):
        WORDS.render("document/state.xml", **given_values)


def test_jiras_own_markup_is_not_escaped():
    assert "a & b <c>" in WORDS.render(
        "comment.wiki.j2",
        key="a & b <c>",
        unpaged=False,
        held=False,
        nobody_on_call=(),
        notes=(),
        lines=(),
        shortened=False,
        left_out=0,
    )
