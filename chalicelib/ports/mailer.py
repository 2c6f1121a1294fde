"""Mailer: mail to lists. Any SMTP server or Amazon SES provides it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail. message_id and references: without angle brackets, "name@domain"; the same for the same mail for ever.

    references: the thread, oldest first. text, html: the same words twice. Header values are one line each;
    whoever writes the mail refuses anything else.
    """

    message_id: str
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    references: tuple[str, ...] = ()


class Mailer(Protocol):
    """Raises TemporaryError or PermanentError; what the server refuses for good (a bad address, a size) is permanent.

    Mail cannot be looked at afterwards. A send whose answer was lost is sent once more with the same Message-ID, which mail
    programs show once; never silently dropped. See docs/decisions for what that promises.
    """

    name: str

    def send(self, mail: Mail) -> None: ...
