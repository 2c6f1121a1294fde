"""What people typed, in Jira's wiki markup: words on one line, and nothing else, as Jira reads it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.wiki_markup import wiki_text
from sandbox.jira.markup import shown, structure

HOSTILE = (
    "{code}rm -rf{code}",
    "{panel:title=x}y{panel}",
    "[~admin] [all|//evil.example.com] [^secret.pdf]",
    "!//evil.example.com/pixel.png!",
    "*bold* _it_ -gone- +new+ ^up^ ~down~ ??who?? {{mono}}",
    "a\nh1. Headline\nbq. quote\n* list\n# list\n----\n||head||\n|cell|",
    "back\\slash \\*star\\* \\\\ \\{code}",
    ":) ;) :D :P (y) (!) (on)",
    "@mia --- -- {color:red}x{color}",
    "{{7*7}} {% raw %} ${jndi:x}",
    "Sure: *x* \u2028 y \x00",
)


def as_read(text: str) -> str:
    """What people should see of it: one line, with another sign for a backslash, and no face."""
    spaced = "".join(" " if c < " " or c in "\x7f\u2028\u2029" else c for c in text)
    line = " ".join(spaced.split()).replace("\\", "\u2216")
    for colon in ":;":
        for letter in "DPp":
            line = line.replace(colon + letter, f"{colon}\u2060{letter}")
    return line


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_people_type_is_markup(text: str):
    assert structure(f"About: {text}") != [] or "7*7" in text
    written = f"About: {wiki_text(text)}"
    assert structure(written) == []
    assert shown(written) == f"About: {as_read(text)}"


@given(st.text(st.sampled_from("ab1 .-#*_+?^~|%{}[]()!@\\:;DPp\n,/&<>\u2028é💥")))
def test_whatever_it_is(text: str):
    written = f"About: {wiki_text(text)}"
    assert structure(written) == []
    assert shown(written) == f"About: {as_read(text)}".strip() or not text.strip()


def test_an_address_stays_one():
    assert structure(wiki_text("see https://status.example.com")) == ["address"]
