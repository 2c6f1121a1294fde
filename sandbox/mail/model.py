"""A mail server's rules without SMTP: who may send, which lists there are, what is no mail, and what people then see.

Strict: what is not well formed is refused and noted in `violations`. Nothing is deduplicated on the way in, since no server
does so for a client that sends again: `threads` shows what mail programs make of it. May be used from several threads.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import SMTP
from threading import RLock

from chalicelib.ports.world import Clock

LINE_LIMIT = 998
ONCE = ("From", "To", "Subject", "Date", "Message-ID", "Reply-To", "In-Reply-To", "References", "MIME-Version")
NEEDED = ("From", "Date", "Message-ID", "Subject")
_PREFIX = re.compile(r"^(re|fwd?):\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ReceivedMail:
    """to: the addresses that it was handed over for, which its header need not name."""

    number: int
    at: datetime
    sender: str
    to: tuple[str, ...]
    raw: bytes
    message: EmailMessage

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"]).strip("<> ")

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def references(self) -> tuple[str, ...]:
        named = f"{self.message['References'] or ''} {self.message['In-Reply-To'] or ''}"
        return tuple(dict.fromkeys(re.findall(r"<([^>]+)>", named)))

    @property
    def text(self) -> str:
        return self._body("plain")

    @property
    def html(self) -> str:
        return self._body("html")

    def _body(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()).replace("\r\n", "\n") if part is not None else ""


@dataclass(frozen=True, slots=True)
class Thread:
    """subject: as it began. mails: each once, however often it came."""

    subject: str
    mails: tuple[ReceivedMail, ...]


class NoMailError(Exception):
    """What was handed over is no mail. The text is for the client."""


@dataclass(slots=True)
class MailModel:
    """senders: addresses that may send. lists: address -> who is on it."""

    clock: Clock
    senders: Collection[str]
    lists: dict[str, tuple[str, ...]]
    received: list[ReceivedMail] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    _lock: RLock = field(default_factory=RLock, repr=False)

    def take(self, sender: str, to: Collection[str], raw: bytes) -> ReceivedMail:
        """Raises NoMailError."""
        message = BytesParser(policy=SMTP).parsebytes(raw)
        problem = next(iter(_problems(sender, raw, message)), None)
        with self._lock:
            if problem is not None:
                self.violations.append(problem)
                raise NoMailError(problem)
            mail = ReceivedMail(len(self.received) + 1, self.clock.now(), sender, tuple(to), raw, message)
            self.received.append(mail)
        return mail

    def mailbox(self, person: str) -> list[ReceivedMail]:
        """What this person was sent, over any list, repeated mails too."""
        lists = {address for address, people in self.lists.items() if person in people}
        return [mail for mail in list(self.received) if lists & set(mail.to)]

    def copies(self) -> Counter[str]:
        """How often each mail, by its Message-ID, was handed over for an address."""
        return Counter(f"{mail.message_id} {address}" for mail in list(self.received) for address in mail.to)

    def threads(self, person: str | None = None) -> list[Thread]:
        """As a mail program shows them, the oldest first: together is what refers to the same, directly or through others,
        and is called the same but for "Re:", as Gmail has it."""
        mails = {mail.message_id: mail for mail in reversed(self.received if person is None else self.mailbox(person))}
        found: list[tuple[set[str], list[ReceivedMail]]] = []
        for mail in sorted(mails.values(), key=lambda mail: mail.number):
            ids = {mail.message_id, *mail.references}
            thread = next((one for one in found if one[0] & ids and _bare(one[1][0].subject) == _bare(mail.subject)), None)
            if thread is None:
                thread = (set(), [])
                found.append(thread)
            thread[0].update(ids)
            thread[1].append(mail)
        return [Thread(_bare(mails[0].subject), tuple(mails)) for _, mails in found]


def _bare(subject: str) -> str:
    while (shorter := _PREFIX.sub("", subject)) != subject:
        subject = shorter
    return subject


def _problems(sender: str, raw: bytes, message: EmailMessage) -> list[str]:
    lines = raw.split(b"\r\n")
    head = raw.partition(b"\r\n\r\n")[0]
    names = Counter(name.lower() for name in message)
    parts = list(message.walk())
    found = [
        *(f"{name} stands there {names[name.lower()]} times" for name in ONCE if names[name.lower()] > 1),
        *(f"{name} is missing" for name in NEEDED if name not in message),
        *(f"a part is broken: {defect!r}" for part in parts for defect in part.defects),
        *(f"a header is broken: {name}: {defect!r}" for name, value in message.items() for defect in value.defects),
    ]
    if any(b"\n" in line or b"\r" in line for line in lines):
        found.append("a line ends in something else than CR LF")
    if any(len(line) > LINE_LIMIT for line in lines):
        found.append("a line is too long")
    if not head.isascii() or b"\0" in raw:
        found.append("something in it is not ASCII")
    if message["From"] is not None and [one.addr_spec for one in message["From"].addresses] != [sender]:
        found.append(f"it is from {message['From']}, but was handed over by {sender}")
    return found
