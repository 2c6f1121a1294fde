"""Any text whatsoever makes a well-formed page."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.storage_format import clean, is_marked, marked, storage_lines, storage_text
from sandbox.wiki.storage import problem_with

ANY_TEXT = st.text(st.characters())
"""Control characters and lone surrogates included: Jira cuts in the middle of an emoji."""


@given(ANY_TEXT)
def test_any_text_is_well_formed_in_an_element_and_in_an_attribute(text: str):
    assert problem_with(f'<p title="{storage_text(text)}">{storage_text(text)}</p>') == ""
    assert problem_with(f"<p>{storage_lines(text)}</p>") == ""


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        pytest.param("a < b & c", "a &lt; b &amp; c", id="markup"),
        pytest.param("</p><ac:link>", "&lt;/p&gt;&lt;ac:link&gt;", id="somebody who tries"),
        pytest.param("bell\x07\x00\ufffe\ud83d", "bell", id="what XML cannot hold"),
        pytest.param("né 🔥\t", "né 🔥\t", id="everything else as it is"),
    ],
)
def test_text_is_escaped(text: str, stored: str):
    assert str(storage_text(text)) == stored


def test_line_breaks_are_kept_where_asked_for():
    assert str(storage_lines("one\ntwo <b>")) == "one<br />two &lt;b&gt;"


@given(ANY_TEXT)
def test_cleaning_twice_is_cleaning_once(text: str):
    assert clean(clean(text)) == clean(text)


def test_a_marked_body_is_well_formed_and_known_by_exactly_its_marker():
    body = marked("<p>x</p>", "firebell-10002")
    assert problem_with(body) == ""
    assert is_marked(body, "firebell-10002")
    assert not is_marked(body, "firebell-1000")
    assert not is_marked("<p>firebell-10002</p>", "firebell-10002")


def test_a_marked_body_is_known_with_the_attributes_that_confluence_adds():
    body = marked("", "firebell-10002").replace('ac:name="anchor"', 'ac:name="anchor" ac:schema-version="1" ac:macro-id="4f"')
    assert is_marked(body, "firebell-10002")
