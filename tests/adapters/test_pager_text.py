"""Texts are cut where a reader sees the end of a character, never inside one."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.text import cut, cut_details, width

PIECES = st.sampled_from(
    ["a", " ", "é", "e\u0301", "👩\u200d🚀", "🇸🇪", "👍🏽", "❤\ufe0f", "1\ufe0f\u20e3", "हि", "x\u0301\u0323"]
)


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        pytest.param("Checkout is down", 16, "Checkout is down", id="fits"),
        pytest.param("Checkout is down", 11, "Checkout i…", id="does not fit"),
        pytest.param("Checkout is down", 10, "Checkout…", id="no space before the ellipsis"),
        pytest.param("cafe\u0301s", 5, "caf…", id="a letter and its accent"),
        pytest.param("ab👩\u200d🚀cd", 5, "ab…", id="an emoji made of two"),
        pytest.param("ab👩\u200d🚀cd", 4, "ab…", id="cut at the joiner"),
        pytest.param("a👍🏽bc", 3, "a…", id="a skin tone"),
        pytest.param("🇸🇪🇳🇴🇩🇰", 7, "🇸🇪…", id="flags"),
        pytest.param("🔥" * 5, 10, "🔥" * 5, id="emojis that fit, each counted twice"),
        pytest.param("🔥" * 5, 9, "🔥" * 4 + "…", id="emojis that do not"),
        pytest.param("a1\ufe0f\u20e3b", 4, "a…", id="a keycap"),
        pytest.param("हिहि", 3, "हि…", id="a vowel sign"),
        pytest.param("a🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007fb", 6, "a…", id="the flag of England"),
        pytest.param("\u0301" * 9, 4, "…", id="nothing but accents"),
    ],
)
def test_a_text_is_cut_on_the_boundary_of_a_character(text: str, limit: int, expected: str):
    assert cut(text, limit) == expected


@given(st.lists(PIECES, max_size=40), st.integers(1, 60))
def test_whatever_the_text_a_cut_one_fits_and_ends_between_two_characters(pieces: list[str], limit: int):
    text = "".join(pieces)
    kept = cut(text, limit)
    assert width(kept) <= limit
    if kept != text:
        whole = {"".join(pieces[:count]).rstrip() + "…" for count in range(len(pieces))}
        assert kept in whole


@given(st.text(), st.integers(1, 60))
def test_no_text_at_all_leaves_a_dangling_mark_or_joiner_behind(text: str, limit: int):
    kept = cut(text, limit)
    assert width(kept) <= limit
    rest = text[len(kept) - 1 :]
    if kept != text and kept[:-1] and not rest[:1].isspace():
        assert not unicodedata.category(rest[0]).startswith("M")
        assert "\u200d" not in (kept[-2], rest[0])


def test_details_are_kept_in_order_while_there_is_room():
    assert cut_details({"a": "12345", "empty": "", "b": "67890", "c": "x"}, 10) == {"a": "12345", "b": "67…"}


@given(st.dictionaries(st.text(max_size=9), st.text(max_size=30), max_size=9), st.integers(0, 60))
def test_details_never_take_more_than_there_is(details: dict[str, str], limit: int):
    assert sum(width(name) + width(value) for name, value in cut_details(details, limit).items()) <= limit


@given(st.text())
def test_a_text_is_as_wide_as_its_utf_16(text: str):
    assert width(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2
