"""How Slack writes text and times, to ours and back. Pure.

In text, &, < and > of people are escaped, and <...> is a link, a mention or a command. A time is also a message's id.
Source: https://docs.slack.dev/messaging/formatting-message-text
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_MARKED = re.compile(r"<([@#!][^<>]*|[a-z][a-z0-9+.-]*:[^<>]*)>")
_TS = re.compile(r"(\d{1,11})\.(\d{1,6})", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def slack_to_plain(marked: str) -> str:
    """A link becomes "label (address)" or its address, a mention @name or @id, a room #name or #id. Never raises."""
    return unescape(_MARKED.sub(lambda match: _words_for(match[1]), marked))


def unescape(text: str) -> str:
    # The ampersand last, or an escaped escape would be undone twice.
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def time_of(ts: str) -> datetime:
    """ "1795403300.000123" -> aware UTC, to the microsecond, so that no two messages fall together. ValueError for no ts."""
    match = _TS.fullmatch(ts)
    if match is None:
        raise ValueError("no time of Slack's")
    return _EPOCH + timedelta(seconds=int(match[1]), microseconds=int(match[2].ljust(6, "0")))


def ts_of(moment: datetime) -> str:
    since = moment - _EPOCH
    return f"{since.days * 86_400 + since.seconds}.{since.microseconds:06d}"


def _words_for(inside: str) -> str:
    target, _, label = inside.partition("|")
    if target.startswith(("@", "#")):
        return target[0] + (label.lstrip("@#") or target[1:])
    if target.startswith("!"):
        return label or "@" + target[1:].partition("^")[0]
    if target.startswith("mailto:"):
        return label or target.removeprefix("mailto:")
    return f"{label} ({target})" if label and label != target else target
