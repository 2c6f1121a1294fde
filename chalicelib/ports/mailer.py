"""Mailer: mail to lists. Any SMTP server or Amazon SES provides it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from chalicelib.errors import TemporaryError


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail. message_id and references: without angle brackets, "name@domain"; the same for the same mail for ever.

    date: when it was ready to be sent; the same for the same mail too, since Exchange knows a repeated mail by both. to: the
    addresses in its header. references: the thread, oldest first. text, html: the same words twice. Header values are one
    line each; whoever writes the mail refuses anything else.
    """

    message_id: str
    date: datetime
    to: tuple[str, ...]
    subject: str
    text: str
    html: str
    references: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sent:
    """The server has it for everybody else. refused: address -> why it never gets it, in the server's words. left: who may get
    it when asked again later."""

    refused: Mapping[str, str] = field(default_factory=dict)
    left: tuple[str, ...] = ()


class AnswerLost(TemporaryError):
    """Nobody told whether the mail was taken: it may be on its way."""


class Mailer(Protocol):
    """Mail cannot be looked at afterwards, so an operation tries once and says how sure it is."""

    @property
    def name(self) -> str: ...

    def send(self, mail: Mail, to: tuple[str, ...]) -> Sent:
        """Hand it over for these addresses, all or some of its `to`.

        Raises TemporaryError or PermanentError where nobody got it, and AnswerLost where that is not known. A login that is
        refused is out of service.
        """
        ...
