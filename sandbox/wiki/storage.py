"""Whether a body is storage format: well-formed XML, with the prefixes and entities that Confluence knows."""

from __future__ import annotations

import re
from html.entities import name2codepoint
from xml.parsers import expat

_ENTITY = re.compile(r"&(\w+);")
_XML_ENTITIES = ("amp", "lt", "gt", "quot", "apos")
PREFIXES = ("ac", "ri", "at")


def problem_with(body: str) -> str:
    """What is wrong, in Confluence's words; empty when nothing is."""
    declared = " ".join(f'xmlns:{prefix}="urn:{prefix}"' for prefix in PREFIXES)
    parser = expat.ParserCreate("utf-8", " ")
    try:
        parser.Parse(f"<body {declared}>{_ENTITY.sub(_resolved, body)}</body>".encode(), True)
    except UnicodeEncodeError:
        return "Error parsing xhtml: Invalid UTF-8"
    except expat.ExpatError as error:
        return f"Error parsing xhtml: {expat.errors.messages[error.code]} at [row,col]: [{error.lineno},{error.offset}]"
    return ""


def _resolved(match: re.Match[str]) -> str:
    """XHTML's named entities are known to Confluence and not to XML."""
    name = match[1]
    return f"&#{name2codepoint[name]};" if name in name2codepoint and name not in _XML_ENTITIES else match[0]
