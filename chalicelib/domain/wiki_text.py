"""Jira's wiki markup -> the lines that a person would read aloud, with "- " before each bullet. Pure, never raises.

Text without markup comes back as it is, so that what an editor gives as rich text (read by `intake.adf`) and what it gives
as markup come out the same.
"""

from __future__ import annotations

import re

BULLET = "- "

_TAGS = re.compile(r"\{(?:color|panel|quote|noformat|code|anchor|expand)(?::[^{}\n]*)?\}", re.IGNORECASE)
_BRACED = re.compile(r"\{([*_+^~-])\}")
_MONO = re.compile(r"\{\{([^{}\n]+)\}\}")
_IMAGE = re.compile(r"(?<!\S)![^\s!|]+\.\w{2,5}(?:\|[^!\n]*)?!(?!\S)")
_MENTION = re.compile(r"\[~(?:accountid:)?([^\]\n]+)\]")
_LINK = re.compile(r"\[(?:([^|\]\n]+)\|)?([a-z][a-z0-9+.-]*:[^|\]\s]+)(?:\|[^\]\n]*)?\]", re.IGNORECASE)
_EMPHASIS = re.compile(r"(?<![\w*_])([*_]{1,3})(?=[^\s*_])([^\n]*?[^\s*_]|[^\s*_])\1(?![\w*_])")
_ESCAPED = re.compile(r"\\([*_{}\[\]!|#^~+-])")
_HEADING = re.compile(r"^\s*h[1-6]\.\s+")
_BULLET = re.compile(r"^\s*(?:[*#-]{1,6}|•|\d{1,2}[.)])\s+(?=\S)")


def plain_lines(text: str) -> tuple[str, ...]:
    """Without empty ones; one space where there were several."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\\\\\n", "\n")
    found = (_plain(line) for line in text.split("\n"))
    return tuple(line for line in found if line and line != BULLET.strip())


def _plain(line: str) -> str:
    line = _HEADING.sub("", line)
    mark = _BULLET.match(line)
    words = line[mark.end() :] if mark else line
    words = _BRACED.sub(r"\1", _TAGS.sub("", words))
    words = _LINK.sub(_link, _MENTION.sub(r"@\1", _IMAGE.sub("", words)))
    words = _MONO.sub(r"\1", words)
    words = _ESCAPED.sub(r"\1", _EMPHASIS.sub(r"\2", _EMPHASIS.sub(r"\2", words)))
    words = " ".join(words.split())
    return f"{BULLET}{words}" if mark and words else words


def _link(found: re.Match[str]) -> str:
    label, address = found[1], found[2]
    return address if not label or label.strip() == address else f"{label.strip()} ({address})"
