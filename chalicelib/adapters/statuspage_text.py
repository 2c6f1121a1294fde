"""Texts as Statuspage takes them: an update is shown as HTML, so what anybody wrote is escaped; a name is shown as text. Pure.

The page keeps line breaks. It knows no other notation in updates: "- " and an empty line look as they are written.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from html import escape

from chalicelib.domain.text import cut, one_line, width
from chalicelib.ports.status_pages import BODY_LIMIT, NAME_LIMIT

_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_UNSEEN = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def page_name(text: str) -> str:
    """One line, at most as long as a name may be."""
    return cut(_clean(one_line(text)), NAME_LIMIT)


def page_body(text: str) -> str:
    """Escaped, at most as long as an update may be, and never cut inside an escape."""
    plain = _clean(_LINE_ENDS.sub("\n", text)).strip()
    body = escape(plain, quote=False)
    while (excess := width(body) - BODY_LIMIT) > 0:
        plain = cut(plain, max(1, width(plain) - max(1, excess // 5)))  # no character becomes more than five
        body = escape(plain, quote=False)
    return body


def body_print(body: str, key: str) -> str:
    """What an update is known by as long as nobody rewrites it; it tells nothing of the text to whoever lacks the key."""
    return hmac.new(key.encode(), " ".join(body.split()).encode(), hashlib.sha256).hexdigest()[:16]


def _clean(text: str) -> str:
    return _UNSEEN.sub("", text)
