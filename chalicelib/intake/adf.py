"""Atlassian Document Format -> plain text. REST v3 gives rich text in it; REST v2 and webhooks give strings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_BLOCKS = frozenset({"paragraph", "heading", "codeBlock", "blockquote", "listItem", "tableRow", "rule", "panel", "taskItem"})
_ITEMS = frozenset({"listItem", "taskItem"})
_AS_MARKUP = {"blockquote": "{quote}", "codeBlock": "{code}", "panel": "{panel}"}
"""What is no more than shown is still told apart, as REST v2 gives it."""

_SHOWN = ("text", "shortName", "url")  # attributes of mentions and statuses, emojis, cards


def adf_to_text(document: Mapping[str, Any], limit: int) -> str:
    """The document's words, a line per block, "- " before what is in a list. Reading stops at about `limit` characters.

    Never raises. Walks with a list of its own: documents nested as deeply as JSON allows must not exhaust the stack.
    """
    words: list[str] = []
    length = 0
    pending: list[Any] = [document]
    while pending and length <= limit:
        node = pending.pop()
        if isinstance(node, str):
            word = node
        elif isinstance(node, Mapping):
            word = _own_text(node)
            content = node.get("content")
            kind = str(node.get("type"))
            if kind in _BLOCKS:
                pending.append("\n")
            if kind in _ITEMS:
                word = f"- {word}"
            if kind in _AS_MARKUP:
                pending.append(f"\n{_AS_MARKUP[kind]}")
                word = f"{_AS_MARKUP[kind]}\n"
            if isinstance(content, list):
                pending.extend(reversed([child for child in content if isinstance(child, Mapping)]))
        else:
            continue
        words.append(word)
        length += len(word)
    return "".join(words).strip()


def _own_text(node: Mapping[str, Any]) -> str:
    if node.get("type") == "hardBreak":
        return "\n"
    text = node.get("text")
    if isinstance(text, str):
        address = _address(node)
        return f"{text} ({address})" if address and address != text else text
    attributes = node.get("attrs")
    if isinstance(attributes, Mapping):
        return next((shown for name in _SHOWN if isinstance(shown := attributes.get(name), str)), "")
    return ""


def _address(node: Mapping[str, Any]) -> str:
    """Where a text links to; "" where it does not."""
    marks = node.get("marks")
    for mark in marks if isinstance(marks, list) else ():
        if isinstance(mark, Mapping) and mark.get("type") == "link" and isinstance(attributes := mark.get("attrs"), Mapping):
            return str(attributes.get("href") or "")
    return ""
