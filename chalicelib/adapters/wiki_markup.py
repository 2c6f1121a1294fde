"""Jira's wiki markup: what people typed, as text in which nothing is markup. Pure.

A backslash makes these characters plain, and no others; it cannot make itself plain, since two of them are a line break.
Sources: https://jira.atlassian.com/secure/WikiRendererHelpAction.jspa, and the editor's own parser of wiki markup.
"""

from __future__ import annotations

import re

from chalicelib.domain.text import one_line

_ESCAPED = re.compile(r"[-#*_+?^~|%{}\[\]()!@]")
_ADDRESS = re.compile(r"https?://[^\s{}\[\]|*^!\\\"<>]+")
_FACE = re.compile(r"([:;])(?=[DPp])")
_CONTROLS = re.compile("[\x00-\x1f\x7f\u2028\u2029]")
_NO_BACKSLASH = "\u2216"
"""The sign that looks most like one."""

_APART = "\u2060"
"""Nothing that is seen; it keeps a colon and a letter from becoming a face."""


def wiki_text(text: str) -> str:
    """The text on one line. What stands at the beginning of a line may still be read as a heading: put a word before it."""
    line = one_line(_CONTROLS.sub(" ", text)).replace("\\", _NO_BACKSLASH)
    return _FACE.sub(rf"\1{_APART}", _ESCAPED.sub(r"\\\g<0>", line))


def wiki_link(address: str) -> str:
    """An address as it is, where it is one and holds no markup; else the same as text: people fill in links too."""
    return address if _ADDRESS.fullmatch(address) else wiki_text(address)
