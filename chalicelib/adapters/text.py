"""Cutting text to a vendor's limit without breaking what people see as one character."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

ELLIPSIS = "…"
_JOINER = "\u200d"


def cut(text: str, limit: int) -> str:
    """At most `limit` code points, ending in an ellipsis when something is gone.

    Never ends between a letter and its accent, inside an emoji made of several, or between the two halves of a flag.
    """
    if len(text) <= limit:
        return text
    end = limit - len(ELLIPSIS)
    while end > 0 and not _is_boundary(text, end):
        end -= 1
    return text[:end].rstrip() + ELLIPSIS


def cut_details(details: Mapping[str, str], limit: int) -> dict[str, str]:
    """As many entries as fit into `limit` characters of names and values together, in order; empty ones left out."""
    kept: dict[str, str] = {}
    room = limit
    for name, value in details.items():
        if not value:
            continue
        room -= len(name)
        if room <= 0:
            break
        kept[name] = cut(value, room)
        room -= len(kept[name])
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
