"""A mail as it goes over the wire: MIME, plain text and HTML side by side. Pure: the same mail is always the same bytes.

Nothing in a value can become a header, a part or a line of its own: header values with a line break of any kind are refused,
and both bodies are quoted-printable, where the boundary between them ("=_...") cannot occur (RFC 2045, section 6.7).
Bodies lose the control characters that mail cannot hold.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, quote

from chalicelib.errors import PermanentError
from chalicelib.ports.mailer import Mail

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_MESSAGE_ID = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")
_ID_LIMIT = 250
FOLD_AT = 76
EOL = "\r\n"


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom mail is from. reply_to: the address that somebody reads; "" where that is the sender's own."""

    address: str
    name: str = ""
    reply_to: str = ""


def mime_of(mail: Mail, sender: Sender) -> bytes:
    """Lines end in CR LF and are at most 998 octets long, 78 where that is possible; everything is ASCII.

    Raises PermanentError for a header value that is more than one line, and for addresses and ids that are none.
    """
    headers = [("Message-ID", _id(mail.message_id))]
    if mail.references:
        headers += [("In-Reply-To", _id(mail.references[-1])), ("References", _folded(map(_id, mail.references), ""))]
    headers += [
        ("From", _mailbox(sender)),
        ("To", _folded(map(_address, mail.to), ",")),
        *([("Reply-To", _address(sender.reply_to))] if sender.reply_to else []),
        ("Subject", _words("Subject", mail.subject)),
        ("Date", format_datetime(mail.date)),
        ("Auto-Submitted", "auto-generated"),
        ("X-Auto-Response-Suppress", "All"),  # Exchange's word for the line above
    ]
    body = EmailMessage(policy=SMTP)
    body.set_content(_body(mail.text), cte="quoted-printable")
    body.add_alternative(_body(mail.html), subtype="html", cte="quoted-printable")
    body.set_boundary(f"=_{hashlib.sha256(mail.message_id.encode()).hexdigest()[:32]}")
    return "".join(f"{name}: {value}{EOL}" for name, value in headers).encode("ascii") + body.as_bytes()


def _folded(values: Iterable[str], between: str) -> str:
    """One on each line."""
    return f"{between}{EOL} ".join(values)


def _mailbox(sender: Sender) -> str:
    if not sender.name:
        return _address(sender.address)
    name = f'"{quote(_line("From", sender.name))}"' if _is_plain(sender.name) else _words("From", sender.name)
    return f"{name} <{_address(sender.address)}>"


def _words(name: str, value: str) -> str:
    """Folded; all of it in encoded words where some of it must be.

    The standard library's own folding of messages loses spaces between a long word and one that is not ASCII.
    """
    charset = "us-ascii" if _is_plain(value) else "utf-8"
    return Header(_line(name, value), charset, FOLD_AT, name).encode(linesep=EOL)


def _is_plain(value: str) -> bool:
    """It can be read as it is, and by nobody as an encoded word."""
    return value.isascii() and "=?" not in value and all(len(word) < FOLD_AT // 2 for word in value.split(" "))


def _line(name: str, value: str) -> str:
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in value):
        raise PermanentError("mail", "send", f"a control character in {name}: {value!a:.100}")
    return value


def _address(address: str) -> str:
    if not _ADDRESS.fullmatch(address):
        raise PermanentError("mail", "send", f"not a mail address: {address!a:.100}")
    return address


def _id(message_id: str) -> str:
    if not _MESSAGE_ID.fullmatch(message_id) or len(message_id) > _ID_LIMIT:
        raise PermanentError("mail", "send", f"not a message id: {message_id!a:.100}")
    return f"<{message_id}>"


def _body(text: str) -> str:
    """With line feeds for every CR, and without what neither RFC 5322 nor UTF-8 can hold."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in lines if c in "\t\n" or unicodedata.category(c) not in ("Cc", "Cs"))
