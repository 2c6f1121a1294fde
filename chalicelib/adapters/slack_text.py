"""Our text -> Slack's markup, harmless and short enough.

Slack reads <...> as links, mentions and commands such as <!channel>, and asks that &, < and > of people be escaped.
Source: https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chalicelib.domain.rich_text import Link, Mention, Piece, Strong, Text, pieces_of, plain
from chalicelib.domain.text import ELLIPSIS, cut, width
from chalicelib.ports.chat import Post

TEXT_LIMIT, EDITED_LIMIT, SECTION_LIMIT, BLOCKS_LIMIT, TOPIC_LIMIT, STATUS_LIMIT = 11_900, 3_900, 3_000, 50, 250, 100
"""Characters, and blocks. Slack truncates messages at 40,000 and shows them folded long before that; an edit of more than 4,000
it refuses (msg_too_long)."""
TOGETHER_LIMIT, CONTAINER = 10_000, 80
"""Characters of all blocks together, and how many of them each takes besides its text. Slack refuses more than about 12,000
(msg_blocks_too_long) and does not say how it counts; 11,341 without what is around them were too many for one. Sources:
https://github.com/slackapi/bolt-js/issues/2509 and https://github.com/slackapi/bolt-js/issues/2867"""

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_LOOK_ALIKES = str.maketrans({"<": "‹", ">": "›"})
_IN_ADDRESS = str.maketrans({"<": "%3C", ">": "%3E", "|": "%7C", "&": "&amp;", " ": "%20", "\n": "%0A"})


def escape(text: str) -> str:
    return text.translate(_ESCAPES)


def to_slack(text: Text, limit: int) -> str:
    """At most `limit` characters of markup. Cut, it ends in an ellipsis, never inside an escape, a link or a mention."""
    # Twice the limit is cut anyway, and whole log files get pasted into summaries.
    pieces = [piece[: 2 * limit] if isinstance(piece, str) else piece for piece in pieces_of(text)]
    whole = "".join(_marked(piece) for piece in pieces)
    if width(whole) <= limit:
        return whole
    done, room = "", limit - len(ELLIPSIS)
    for piece in pieces:
        marked = _marked(piece)
        if width(marked) > room:
            return done + _beginning_of(piece, room)
        done += marked
        room -= width(marked)
    return done  # not reached: the whole was too wide


def message(post: Post, *, is_edit: bool = False) -> dict[str, Any]:
    """The members of chat.postMessage and chat.update that say it.

    parse "none": addresses that people typed do not become links; those of a Link do. Blocks get the same by "verbatim".
    An edit always has blocks: without, the old ones would stay.
    """
    limit = EDITED_LIMIT if is_edit else TEXT_LIMIT
    body: dict[str, Any] = {"text": to_slack(post.text, limit), "parse": "none", "link_names": False}
    sections = [text for text in post.sections if plain(text).strip()]
    if len(sections) > BLOCKS_LIMIT:
        sections = [*sections[: BLOCKS_LIMIT - 1], ELLIPSIS]
    longest = _longest_each([width(to_slack(text, SECTION_LIMIT)) + CONTAINER for text in sections], TOGETHER_LIMIT) - CONTAINER
    blocks = [_section(text, min(longest, SECTION_LIMIT)) for text in sections]
    return body | ({"blocks": blocks} if blocks or is_edit else {})


def topic(text: str, limit: int = TOPIC_LIMIT) -> str:
    """One line. < and > become look-alikes, for Slack reads markup in topics too and does not say whether it unescapes them.

    Counted as escaped: that is how Slack keeps it.
    """
    return _cut_escaped(" ".join(text.split()).translate(_LOOK_ALIKES), limit)


def _longest_each(widths: Sequence[int], room: int) -> int:
    """How wide each may be at most so that all together fit: the long ones share what the short ones leave, so that no way to
    join is lost to what is told before it."""
    for place, next_wider in enumerate(sorted(widths)):
        share = room // (len(widths) - place)
        if next_wider > share:
            return share
        room -= next_wider
    return max(widths, default=room)


def _section(text: Text, limit: int) -> dict[str, Any]:
    marked = to_slack(text, limit)
    return {"type": "section", "text": {"type": "mrkdwn", "text": marked, "verbatim": True}}


def _marked(piece: Piece) -> str:
    match piece:
        case str():
            return escape(piece)
        case Strong(text):
            # A star inside would end the bold early; around nothing they would show.
            return f"*{escape(text.replace('*', '∗').strip())}*" if text.strip() else ""
        case Mention(user_id):
            return f"<@{''.join(letter for letter in user_id if letter.isalnum())}>"
        case Link(url, label):
            return _link(url, label)


def _link(url: str, label: str) -> str:
    """An address that is none is shown as text, so that "!channel" as an address rings nobody."""
    if not url.startswith(("https://", "http://")):
        return escape(f"{label} ({url})" if label else url)
    address = url.translate(_IN_ADDRESS)
    shown = " ".join(escape(label.replace("|", "¦")).split())
    return f"<{address}|{shown}>" if shown else f"<{address}>"


def _beginning_of(piece: Piece, room: int) -> str:
    """As much of plain text as fits, and the ellipsis that has its place beside `room`; nothing of anything else."""
    if not isinstance(piece, str):
        return ELLIPSIS
    # One that fits to the letter has text after it that is gone: the ellipsis makes it too long, and so stays.
    return escape(_cut_escaped(piece + ELLIPSIS, room + len(ELLIPSIS)))


def _cut_escaped(text: str, limit: int) -> str:
    """The text, not escaped yet, cut until it is at most `limit` wide when it is."""
    shortened = cut(text, limit)
    while (excess := width(escape(shortened)) - limit) > 0:
        # One character becomes at most five, so this never cuts more than it must.
        shortened = cut(text, width(shortened) - max(1, excess // 5))
    return shortened
