"""The plain text of an announcement has paragraphs and bullets, and nothing else has a meaning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.body import Block, blocks_of
from chalicelib.domain.text import plain_line


@pytest.mark.parametrize(
    ("body", "blocks"),
    [
        pytest.param("", (), id="nothing"),
        pytest.param("\n \n- \n", (), id="nothing but layout"),
        pytest.param("One.\nTwo.\n\nThree.", (Block(("One.", "Two.")), Block(("Three.",))), id="paragraphs"),
        pytest.param("- one\n- two", (Block(("one", "two"), is_list=True),), id="list"),
        pytest.param("Next\n- one\nEnd.", (Block(("Next",)), Block(("one",), is_list=True), Block(("End.",))), id="heading"),
        pytest.param("- one\n\n- two", (Block(("one",), is_list=True), Block(("two",), is_list=True)), id="two lists"),
        pytest.param("# text\n* text\n-text", (Block(("# text", "* text", "-text")),), id="no other marks"),
    ],
)  # fmt: skip
def test_empty_lines_part_and_dashes_make_bullets(body: str, blocks: tuple[Block, ...]):
    assert blocks_of(body) == blocks


@given(st.text(alphabet="a- \n\r\t\u2028", max_size=60))
def test_no_word_is_lost(body: str):
    words = "".join(line for block in blocks_of(body) for line in block.lines)
    assert words.count("a") == body.count("a")
    assert all(block.lines and all(line.strip() == line != "" for line in block.lines) for block in blocks_of(body))


@given(st.text(max_size=60))
def test_a_plain_line_is_one_line_however_lines_are_told_apart(text: str):
    line = plain_line(text)
    assert len(line.splitlines()) <= 1
    assert line.isprintable() or any(ord(character) > 126 for character in line)
    assert plain_line(line) == line


def test_a_plain_line_keeps_what_people_write():
    assert plain_line("Zahlung\r\nBcc: x\0 ist\u2028kaputt \ud83d🔥") == "Zahlung Bcc: x ist kaputt 🔥"
