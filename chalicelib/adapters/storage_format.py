"""Confluence's storage format: XML that is refused as a whole for one wrong character. Pure.

Source: https://confluence.atlassian.com/doc/confluence-storage-format-790796544.html
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Control characters, lone surrogates and U+FFFE: no escape makes them well formed."""

_WEB_ADDRESS = re.compile(r"https?://[^\s/]")
"""One that names a host."""


def clean(text: str) -> str:
    """The text without the characters that XML cannot hold at all."""
    return _NOT_IN_XML.sub("", text)


def storage_text(text: str) -> Markup:
    """Any text, escaped, as one run of storage format: well formed inside an element and inside an attribute."""
    return escape(clean(text))


def storage_lines(text: str) -> Markup:
    """The same with its line breaks kept, for a paragraph or a table cell."""
    return Markup("<br />").join(storage_text(line) for line in text.splitlines())


def storage_link(address: str, words: str = "") -> Markup:
    """A link with these words, or with the address itself. What is no web address becomes text: people fill in links too."""
    shown = storage_text(words or address)
    if not _WEB_ADDRESS.match(address):
        return shown
    return Markup('<a href="{}">{}</a>').format(storage_text(address), shown)


def marked(body: str, marker: str) -> str:
    """The body with an invisible anchor of that name in front: made in the same instant as the page, unlike a label."""
    anchor = f'<ac:parameter ac:name="">{storage_text(marker)}</ac:parameter>'
    return f'<p><ac:structured-macro ac:name="anchor">{anchor}</ac:structured-macro></p>{body}'


def is_marked(body: str, marker: str) -> bool:
    """Whether the anchor is there. Confluence adds attributes to a macro, but leaves its parameter's text alone."""
    return f">{storage_text(marker)}</ac:parameter>" in body
