"""Text with a link, a mention or a strong word in it, in nobody's markup. What people typed is always a plain `str`.

An adapter writes it in its vendor's markup and makes plain text harmless there, so no summary can ring a whole company or
pass off a link of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from string import Formatter


@dataclass(frozen=True, slots=True)
class Link:
    """label: what is shown; the address itself if empty."""

    url: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """A person, by the chat's own id, who is notified."""

    user_id: str


@dataclass(frozen=True, slots=True)
class Strong:
    text: str


Piece = str | Link | Mention | Strong
Text = str | tuple[Piece, ...]


BROKEN = ("Something was to be said here, and its template is broken: ", ". Please look at the issue.")
"""Which pieces a template would have shown nobody knows, and not all of them are for everybody: none is shown but the issue."""


def compose(template: str, /, **pieces: Text) -> Text:
    """As `fill` does; never raises: a template whose braces fit nothing says so, rather than being silent."""
    try:
        return fill(template, **pieces)
    except (IndexError, KeyError, ValueError):
        return (BROKEN[0], *pieces_of(pieces.get("issue", "")), BROKEN[1])


def fill(template: str, /, **pieces: Text) -> Text:
    """The template with every {name} replaced; {{ and }} are braces. KeyError for a name that is not given, ValueError for
    braces that do not match.

    Values are never read as templates, so braces that people type stay braces.
    """
    composed: list[Piece] = []
    for literal, name, _, _ in Formatter().parse(template):
        if literal:
            composed.append(literal)
        if name is not None:
            composed.extend(pieces_of(pieces[name]))
    return tuple(composed)


def pieces_of(text: Text) -> tuple[Piece, ...]:
    return (text,) if isinstance(text, str) else text


def plain(text: Text) -> str:
    """For logs, and for places without markup: a link is its label and address, a mention the person's id."""
    return "".join(_plain_piece(piece) for piece in pieces_of(text))


def _plain_piece(piece: Piece) -> str:
    match piece:
        case str():
            return piece
        case Strong(text):
            return text
        case Mention(user_id):
            return f"@{user_id}"
        case Link(url, label):
            return f"{label} ({url})" if label else url
