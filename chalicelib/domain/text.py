"""Cutting text to a vendor's limit without breaking what people see as one character.

Vendors do not say what they count. Here a character counts as UTF-16 does (an emoji is two): nobody counts more, and a
page that is refused for its length rings nobody.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

ELLIPSIS = "…"
_JOINER = "\u200d"


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, ending in an ellipsis when something is gone.

    Never ends between a letter and its accent, inside an emoji made of several, or between the two halves of a flag.
    """
    if width(text) <= limit:
        return text
    end = _longest_within(text, limit - len(ELLIPSIS))
    while end > 0 and not _is_boundary(text, end):
        end -= 1
    return text[:end].rstrip() + ELLIPSIS


def one_line(text: str) -> str:
    """Without line breaks, and no two spaces in a row."""
    return " ".join(text.split())


def plain_line(text: str) -> str:
    """One line without control characters and halves of characters: fit to be a header of a mail."""
    return one_line("".join(c for c in text if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs")))


def fits_a_header(text: str) -> bool:
    """Whether it can travel in a header of a request: printable ASCII. One copied from a document may hide what is neither."""
    return text.isascii() and text.isprintable()


def width(text: str) -> int:
    """How long a vendor may think the text is: what lies beyond the basic plane counts twice."""
    return len(text) if text.isascii() else len(text) + sum(character > "\uffff" for character in text)


def _longest_within(text: str, room: int) -> int:
    """How many code points from the beginning are at most `room` wide."""
    if text.isascii():
        return room
    used = 0
    for at, character in enumerate(text):
        used += 1 + (character > "\uffff")
        if used > room:
            return at
    return len(text)


def cut_details(details: Mapping[str, str], limit: int) -> dict[str, str]:
    """As many entries as fit into `limit` characters of names and values together, in order; empty ones left out."""
    kept: dict[str, str] = {}
    room = limit
    for name, value in details.items():
        if not value:
            continue
        room -= width(name)
        if room <= 0:
            break
        kept[name] = cut(value, room)
        room -= width(kept[name])
    return kept


def _is_boundary(text: str, at: int) -> bool:
    before, after = text[at - 1], text[at]
    if _JOINER in (before, after) or _attaches(after):
        return False
    if _is_flag_half(before) and _is_flag_half(after):
        halves = 0
        while halves < at and _is_flag_half(text[at - 1 - halves]):
            halves += 1
        return halves % 2 == 0
    return True


def _attaches(character: str) -> bool:
    """Accents, vowel signs, keycaps and variation selectors (marks), skin tones, and the tags that spell a region's flag."""
    is_tag = "\U000e0020" <= character <= "\U000e007f"
    return is_tag or _is_skin_tone(character) or unicodedata.category(character).startswith("M")


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _is_skin_tone(character: str) -> bool:
    return "\U0001f3fb" <= character <= "\U0001f3ff"
