"""Jira's wiki markup -> the lines that a person would read aloud, with "- " before each bullet. Pure, never raises.

Text without markup comes back as it is, so that what an editor gives as rich text (read by `intake.adf`) and what it gives
as markup come out the same. What is quoted is told apart: it is somebody else's word, or a machine's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

BULLET = "- "
SOMEBODY = "somebody"

_TAGS = re.compile(r"\{(?:color|panel|quote|noformat|code|anchor|expand)(?::[^{}\n]*)?\}", re.IGNORECASE)
_BRACED = re.compile(r"\{([*_+^~-])\}")
_MONO = re.compile(r"\{\{([^{}\n]+)\}\}")
_FILE = re.compile(r"(?<!\S)!(?=\S)[^!|\n]+\.\w{2,5}(?:\|[^!\n]*)?!(?!\S)|\[\^[^\]\n]+\]")
"""A picture in the text, or an attachment: neither can be shown."""

_MENTION = re.compile(r"\[~(accountid:)?([^\]\n]+)\]", re.IGNORECASE)
_LINK = re.compile(r"\[(?:([^|\]\n]+)\|)?([a-z][a-z0-9+.-]*:[^|\]\s]+)(?:\|[^\]\n]*)?\]", re.IGNORECASE)
_EMPHASIS = re.compile(r"(?<![\w*_])([*_]{1,3})(?=[^\s*_])([^\n]*?[^\s*_]|[^\s*_])\1(?![\w*_])")
_ESCAPED = re.compile(r"\\([*_{}\[\]!|#^~+-])")
_QUOTE = r"\{quote(?::[^}\n]*)?\}"
_NESTED = re.compile(rf"{_QUOTE}\s*{_QUOTE}", re.IGNORECASE)
_QUOTED, _QUOTED_NESTED = (
    re.compile(
        rf"{_QUOTE}(?:{until_its_end}\{{quote\}}|.*)"
        r"|\{(noformat|code|adf)(?::[^}\n]*)?\}(?:.*?\{\1\}|.*)"
        r"|^[ \t]*(?:bq\.|>)(?:[^\n]*\\\\\n)*[^\n]*",
        re.IGNORECASE | re.DOTALL | re.MULTILINE,
    )
    for until_its_end in (".*?", ".*")
)
"""Blocks, which reach to the end of the text where nobody ended them; and lines, as mails quote too. An `adf` block is the
editor's JSON of what has no markup, a table with a layout, say.

Of quotations in one another no tag tells whether it begins or ends one: there all from the first to the last is quoted.
"""

_ONLY_SHOWN = re.compile(r"(?:[\s*_+#•-]|h[1-6]\.|\{(?:color[^}\n]*|[*_+-])\})*(?:\{\{|\{panel\b)", re.IGNORECASE)
_HEADING = re.compile(r"^\s*h[1-6]\.\s+")
_BULLET = re.compile(r"^\s*(?:[*#-]{1,6}|•|\d{1,2}[.)])\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class Line:
    """words: never empty, with one space where there were several. is_quoted: of a quotation, or a block of code."""

    words: str
    is_quoted: bool = False


Names = tuple[tuple[str, str], ...]
"""What people are called, each after their account id; in order of the ids."""


def mentioned(text: str) -> tuple[str, ...]:
    """Ids of the accounts that it mentions, each once. Data Center writes login names, which people can read as they are."""
    return tuple(dict.fromkeys(account_id for is_an_id, account_id in _MENTION.findall(text) if is_an_id))


def has_files(text: str) -> bool:
    """Pictures or attachments, which its lines leave out."""
    return _FILE.search(text) is not None


def lines_of(text: str, names: Names = ()) -> tuple[Line, ...]:
    """names: of whom it mentions. Whoever is not among them is "somebody"."""
    text, known, found, at = _in_one_way(text), dict(names), list[Line](), 0
    for quoted in _quotation_in(text).finditer(text):
        found += (Line(words) for words in _plain_lines(text[at : quoted.start()], known))
        found += (Line(words, is_quoted=True) for words in _plain_lines(quoted[0], known))
        at = quoted.end()
    return (*found, *(Line(words) for words in _plain_lines(text[at:], known)))


def begins_as_shown(text: str) -> bool:
    """What is no quotation of it begins in a panel or in code type: as what is shown to somebody, rather than said."""
    text = _in_one_way(text)
    return _ONLY_SHOWN.match(_quotation_in(text).sub("\n", text)) is not None


def _in_one_way(text: str) -> str:
    """Data Center's editor writes a space that is not to be broken at as HTML does."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("&nbsp;", " ")


def _quotation_in(text: str) -> re.Pattern[str]:
    return _QUOTED_NESTED if _NESTED.search(text) else _QUOTED


def _plain_lines(text: str, names: Mapping[str, str]) -> Iterator[str]:
    found = (_plain(line, names) for line in text.replace("\\\\\n", "\n").split("\n"))
    return (line for line in found if line and line != BULLET.strip())


def _plain(line: str, names: Mapping[str, str]) -> str:
    line = _HEADING.sub("", line)
    mark = _BULLET.match(line)
    words = line[mark.end() :] if mark else line
    words = _BRACED.sub(r"\1", _TAGS.sub("", words))
    words = _MENTION.sub(lambda found: f"@{names.get(found[2], SOMEBODY if found[1] else found[2])}", _FILE.sub("", words))
    words = _MONO.sub(r"\1", _LINK.sub(_link, words))
    words = _ESCAPED.sub(r"\1", _EMPHASIS.sub(r"\2", _EMPHASIS.sub(r"\2", words)))
    words = " ".join(words.split())
    return f"{BULLET}{words}" if mark and words else words


def _link(found: re.Match[str]) -> str:
    label, address = found[1], found[2]
    return address if not label or label.strip() == address else f"{label.strip()} ({address})"
