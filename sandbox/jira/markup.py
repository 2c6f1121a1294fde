"""Jira's wiki markup, as Jira reads it: which parts of a text are structure, and what people see of the rest.

Knows what a text can do there that is no mere text: macros, links, mentions, pictures, formats, headings, quotes, lists,
tables, rulers, faces, and breaks of line.
"""

from __future__ import annotations

import re

_ESCAPE = re.compile(r"\\([-#*_+?^~|%{}\[\]()!@])")
_AT_LINE_START = (
    ("heading", re.compile(r"h[1-6]\.")),
    ("quote", re.compile(r"bq\.")),
    ("ruler", re.compile(r"-{4,5}(?=\s|$)")),
    ("list", re.compile(r"(?:[*#]+|-) ")),
    ("table", re.compile(r"\|{1,2}")),
)
_ANYWHERE = (
    ("macro", re.compile(r"\{[a-zA-Z][^}\n]*\}")),
    ("link", re.compile(r"\[[^\]\n]+\]")),
    ("address", re.compile(r"(?:https?://|irc://|mailto:)\S+")),
    ("break", re.compile(r"\\\\")),
    ("picture", re.compile(r"![^\s!][^!\n]*!")),
    ("monospace", re.compile(r"\{\{[^\n]+?\}\}")),
    ("citation", re.compile(r"\?\?[^\s?][^\n]*?\?\?")),
    ("dash", re.compile(r"-{2,4}")),
    ("mention", re.compile(r"@[A-Za-z]")),
    ("face", re.compile(r":\)|:\(|[:;][DPp)]|\((?:[yni/x!+*?-]|on|off|\*[rgby])\)")),
)
_FORMATS = {"*": "strong", "_": "emphasis", "-": "deleted", "+": "inserted", "^": "superscript", "~": "subscript"}


def structure(text: str) -> list[str]:
    """Names of what is structure, in order."""
    return [name for name, _ in _parts(text) if name != "text"]


def shown(text: str) -> str:
    """What is mere text, as people see it; each break of line as one."""
    return "".join(words if name == "text" else "\n" if name == "line" else "" for name, words in _parts(text))


def _parts(text: str) -> list[tuple[str, str]]:
    parts: list[tuple[str, str]] = []
    for number, line in enumerate(text.splitlines()):
        if number:
            parts.append(("line", ""))
        at = len(line) - len(line.lstrip())
        for name, pattern in _AT_LINE_START:
            if match := pattern.match(line, at):
                parts.append((name, ""))
                at = match.end()
                break
        parts += _within(line, at)
    return parts


def _within(line: str, at: int) -> list[tuple[str, str]]:
    parts: list[tuple[str, str]] = []
    while at < len(line):
        # Two backslashes are a break, so a backslash after another one makes nothing plain.
        escaped = None if line.startswith("\\\\", at) else _ESCAPE.match(line, at)
        if escaped:
            parts.append(("text", escaped[1]))
            at = escaped.end()
            continue
        name, end = next(
            ((name, match.end()) for name, pattern in _ANYWHERE if (match := pattern.match(line, at))), _format(line, at)
        )
        parts.append((name, line[at:end]))
        at = end
    return parts


def _format(line: str, at: int) -> tuple[str, int]:
    """A sign on both sides of some words, which begin and end where words do; else the one character is text."""
    sign = re.escape(line[at])
    before = line[at - 1] if at else " "
    if line[at] in _FORMATS and not before.isalnum() and before != "\\":
        match = re.compile(rf"{sign}(?! )[^\n]*?(?<![ \\]){sign}(?![A-Za-z0-9])").match(line, at)
        if match and match.end() - at > 2:
            return _FORMATS[line[at]], match.end()
    return "text", at + 1
