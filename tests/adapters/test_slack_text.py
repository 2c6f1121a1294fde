"""Our text in Slack's markup: nothing that people type has a meaning there, and nothing is cut in the middle."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.slack_text import (
    BLOCKS_LIMIT,
    CONTAINER,
    SECTION_LIMIT,
    TEXT_LIMIT,
    TOGETHER_LIMIT,
    message,
    to_slack,
    topic,
)
from chalicelib.adapters.slack_values import purpose_of
from chalicelib.domain.rich_text import Link, Mention, Piece, Strong, Text, compose, fill, plain
from chalicelib.domain.text import width
from chalicelib.intake.slack_notation import slack_to_plain
from chalicelib.ports.chat import Post

TYPED = st.text(st.sampled_from("ab &<>|!@#:/*é👩\u200d🚀🇸🇪\n"), max_size=40)
PIECES = TYPED | st.builds(Link, TYPED | st.just("https://x.example/?a=1&b=<2>"), TYPED) | st.builds(Strong, TYPED)
TEXTS = st.lists(PIECES | st.just(Mention("U123")), max_size=6).map(tuple)
MARKUP = re.compile(r"<(@U123|https?://[^<>|\s]+(\|[^<>|]+)?)>|&(amp|lt|gt);|[^<>&]")


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        pytest.param("a < b & c > d", "a &lt; b &amp; c &gt; d", id="plain text is escaped"),
        pytest.param("<!channel>", "&lt;!channel&gt;", id="a command is text"),
        pytest.param(("see ", Link("https://x.example", "the call")), "see <https://x.example|the call>", id="link"),
        pytest.param((Link("https://x.example/?a=1&b=2"),), "<https://x.example/?a=1&amp;b=2>", id="bare link"),
        pytest.param((Link("https://x.example/a|b>c d", "x|y>"),), "<https://x.example/a%7Cb%3Ec%20d|x¦y&gt;>", id="odd link"),
        pytest.param((Link("!channel", "click"),), "click (!channel)", id="an address that is none"),
        pytest.param((Link("javascript:x"),), "javascript:x", id="an address of another kind"),
        pytest.param((Mention("U123"),), "<@U123>", id="mention"),
        pytest.param((Mention("U1>!<here"),), "<@U1here>", id="odd mention"),
        pytest.param((Strong("Sev 1"), ": down"), "*Sev 1*: down", id="strong"),
        pytest.param((Strong("a*b "),), "*a∗b*", id="a star inside"),
        pytest.param((Strong("  "),), "", id="nothing strong"),
    ],
)
def test_what_becomes_of_each_piece(text: Text, marked: str):
    assert to_slack(text, 1000) == marked


@pytest.mark.parametrize(
    ("text", "limit", "marked"),
    [
        pytest.param("abcdef", 6, "abcdef", id="fits"),
        pytest.param("abcdef", 5, "abcd…", id="cut"),
        pytest.param("ab&c", 8, "ab&amp;c", id="an escape fits"),
        pytest.param("ab&c", 7, "ab…", id="an escape goes whole"),
        pytest.param(("ab ", Link("https://x.example"), " cd"), 22, "ab …", id="a link goes whole"),
        pytest.param(("ab", Mention("U123"), "cd"), 9, "ab…", id="a mention goes whole"),
        pytest.param(("abc", "def"), 4, "abc…", id="at the seam"),
        pytest.param(("abcd", "ef"), 4, "abc…", id="before the seam"),
        pytest.param("👩\u200d🚀👩\u200d🚀", 8, "👩\u200d🚀…", id="an emoji of several"),
    ],
)
def test_where_a_text_is_cut(text: Text, limit: int, marked: str):
    assert to_slack(text, limit) == marked


@given(TEXTS, st.integers(1, 80))
def test_cut_anywhere_it_is_well_formed_and_short_enough(text: tuple[Piece, ...], limit: int):
    marked = to_slack(text, limit)
    assert width(marked) <= limit
    assert "".join(match[0] for match in MARKUP.finditer(marked)) == marked


@given(TYPED)
def test_what_somebody_typed_reads_back_as_typed(typed: str):
    assert slack_to_plain(to_slack(typed, 1000)) == typed


@given(TYPED, st.integers(1, 60))
def test_a_topic_has_no_markup_and_fits_however_slack_counts(typed: str, limit: int):
    shown = topic(typed, limit)
    assert not set(shown) & set("<>\n")
    assert width(shown.replace("&", "&amp;")) <= limit


@given(TYPED.map(lambda typed: typed * 20))
def test_a_description_fits_with_its_marker_whole(words: str):
    purpose = purpose_of("firebell:10002", words)
    assert purpose.endswith("[firebell:10002]")
    assert width(purpose.replace("&", "&amp;")) <= 250


def test_a_message_without_sections_has_no_blocks_and_its_edit_takes_the_old_ones_away():
    assert "blocks" not in message(Post("x"))
    assert message(Post("x"), is_edit=True)["blocks"] == []


def test_empty_sections_are_left_out_and_too_many_end_in_an_ellipsis():
    blocks = message(Post("x", ("a", " ", (), *map(str, range(99)))))["blocks"]
    assert [block["text"]["text"] for block in blocks[:2]] == ["a", "0"]
    assert (len(blocks), blocks[-1]["text"]["text"]) == (BLOCKS_LIMIT, "…")


def test_texts_are_cut_to_slacks_limits():
    body = message(Post("&" * 99_999, ("&" * 99_999,)))
    assert TEXT_LIMIT - 5 < width(body["text"]) <= TEXT_LIMIT
    assert SECTION_LIMIT - 5 < width(body["blocks"][0]["text"]["text"]) <= SECTION_LIMIT


CALL = (Link("https://zoom.example/j/1"),)


@pytest.mark.parametrize(
    ("sections", "widths"),
    [
        pytest.param(("a" * 3_000,) * 3, (3_000,) * 3, id="all fit"),
        pytest.param(("a" * 3_000,) * 4, (2_420,) * 4, id="all as long"),
        pytest.param(("a" * 3_000, "b" * 9_999, "c" * 2_000, "d" * 3_000, CALL), (2_524, 2_524, 2_000, 2_524, 26), id="a call"),
        pytest.param(("&" * 9_999,) * 99, (121,) * 49 + (1,), id="too many, too"),
    ],
)
def test_what_is_too_long_together_is_cut_where_it_is_longest(sections: tuple[Text, ...], widths: tuple[int, ...]):
    """A brief loses no way to join to what is told before it."""
    said = [block["text"]["text"] for block in message(Post("x", sections))["blocks"]]
    assert tuple(width(text) for text in said) == widths
    assert sum(width(text) + CONTAINER for text in said) <= TOGETHER_LIMIT
    assert all(text.endswith("…") for text, whole in zip(said, sections, strict=False) if len(text) < len(plain(whole)))


@pytest.mark.parametrize(
    ("marked", "words"),
    [
        pytest.param("a &lt; b &amp;amp; c", "a < b &amp; c", id="escapes, undone once"),
        pytest.param("<https://x.example|call>", "call (https://x.example)", id="link with a label"),
        pytest.param("<https://x.example>", "https://x.example", id="link"),
        pytest.param("<http://x.example|http://x.example>", "http://x.example", id="link labelled as itself"),
        pytest.param("<mailto:a@x.example|a@x.example>", "a@x.example", id="mail"),
        pytest.param("<@U123> <@U123|mia> <#C1|general> <#C1>", "@U123 @mia #general #C1", id="people and rooms"),
        pytest.param("<!here> <!subteam^S1|@ops> <!date^1^{x}|noon>", "@here @ops noon", id="commands"),
        pytest.param("1 < 2 and 2 > 1", "1 < 2 and 2 > 1", id="no markup"),
    ],
)
def test_what_slack_writes_in_plain_words(marked: str, words: str):
    assert slack_to_plain(marked) == words


def test_a_template_is_filled_with_pieces_that_stay_what_they_are():
    text = compose("{{HOT-1}} {summary}: {call}.", summary="{call} <!here>", call=(Link("https://x.example", "join"),))
    assert plain(text) == "{HOT-1} {call} <!here>: join (https://x.example)."
    assert to_slack(text, 1000) == "{HOT-1} {call} &lt;!here&gt;: <https://x.example|join>."
    assert plain((Strong("a"), Mention("U1"), Link("https://x.example"))) == "a@U1https://x.example"
    with pytest.raises(KeyError):
        fill("{nothing}")
