"""The plain text of an announcement, as its parts: an empty line parts paragraphs, and "- " begins a bullet. Pure."""

from __future__ import annotations

from dataclasses import dataclass

BULLET = "- "


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of a paragraph, or the bullets of a list. Each is one line of text, and there is at least one."""

    lines: tuple[str, ...]
    is_list: bool = False


def blocks_of(body: str) -> tuple[Block, ...]:
    """What is empty is left out; a list may follow its heading without an empty line."""
    blocks: list[Block] = []
    goes_on = False
    for line in body.split("\n"):
        is_bullet = line.startswith(BULLET)
        text = line.removeprefix(BULLET).strip()
        if not text:
            goes_on = False
            continue
        if goes_on and blocks[-1].is_list is is_bullet:
            blocks[-1] = Block((*blocks[-1].lines, text), is_bullet)
        else:
            blocks.append(Block((text,), is_bullet))
        goes_on = True
    return tuple(blocks)
