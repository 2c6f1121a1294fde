"""Any mail server as a Mailer, over SMTP (RFC 5321): one conversation for one mail, within a time that is bounded as a whole.

Nothing is repeated here. An answer that says no, at any stage, means that nobody got the mail. From the moment the text is on
its way until its answer has come nobody can tell, and that is AnswerLost: the protocol has no way to ask.
"""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from smtplib import (
    SMTP,
    SMTP_SSL,
    SMTPAuthenticationError,
    SMTPException,
    SMTPResponseException,
    SMTPServerDisconnected,
)
from typing import Literal, NoReturn

from chalicelib.adapters.mail_format import Sender, mime_of
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.ports.mailer import AnswerLost, Mail, Sent

Security = Literal["tls", "starttls", "none"]

CONNECT_S, STEP_S, ANSWER_S = 2.0, 3.0, 8.0
"""How long to wait for a connection, for an answer, and for the answer to the text, which a server may want to look through."""
BEFORE_TEXT_S = 8.0
"""How long everything before the text may take together: with the rest, well within a worker's claim."""
MESSAGE_LIMIT = 200
_AUTH = (530, 534, 535, 538)
_DOT = re.compile(rb"^\.", re.MULTILINE)


class Smtp:
    """security: "tls" from the first byte (port 465), "starttls" (587), or "none", where no password is sent.

    tls: what to trust; the system's own authorities when left out. timeouts_s: to connect, for a step, for the text's answer.
    """

    name = "smtp"

    def __init__(
        self,
        host: str,
        port: int,
        sender: Sender,
        *,
        security: Security = "starttls",
        user: str = "",
        password: str = "",
        tls: ssl.SSLContext | None = None,
        timeouts_s: tuple[float, float, float] = (CONNECT_S, STEP_S, ANSWER_S),
    ) -> None:
        self._host, self._port, self._sender, self._security = host, port, sender, security
        self._user, self._password = user, password
        self._tls = tls
        self._connect_s, self._step_s, self._answer_s = timeouts_s

    def __repr__(self) -> str:
        return f"Smtp({self._host}, {self._port}, {self._security})"

    def send(self, mail: Mail, to: tuple[str, ...]) -> Sent:
        content = mime_of(mail, self._sender)
        if self._user and self._security == "none":
            raise self._down("a password is not sent without TLS: choose starttls or tls, or take smtp_user out of the secrets")
        ends_at = time.monotonic() + BEFORE_TEXT_S
        with self._translated("connect"):
            server = self._server()
        try:
            with self._translated("send"):
                self._introduce(server, ends_at)
                sent = self._address(server, to, len(content), ends_at)
                self._expect(354, self._ask(server, ends_at, "DATA"))
            self._hand_over(server, content)
            return sent
        finally:
            self._part(server)

    def _server(self) -> SMTP:
        """Named after the sender's domain: finding out our own name asks the network. Raises OSError and SMTPException."""
        own_name = self._sender.address.rpartition("@")[2]
        if self._security == "tls":
            return SMTP_SSL(self._host, self._port, own_name, timeout=self._connect_s, context=self._context())
        return SMTP(self._host, self._port, own_name, timeout=self._connect_s)

    def _introduce(self, server: SMTP, ends_at: float) -> None:
        self._hurry(server, ends_at)
        self._expect(250, server.ehlo())
        if self._security == "starttls":
            if not server.has_extn("starttls"):
                raise self._down("the server offers no STARTTLS")
            self._hurry(server, ends_at)
            server.starttls(context=self._context())
            self._hurry(server, ends_at)
            self._expect(250, server.ehlo())
        if self._user:
            self._hurry(server, ends_at)
            server.login(self._user, self._password)

    def _address(self, server: SMTP, to: tuple[str, ...], size: int, ends_at: float) -> Sent:
        """Whom it goes to. Raises where that is nobody."""
        options = f" size={size}" if server.has_extn("size") else ""
        self._expect(250, self._ask(server, ends_at, f"MAIL FROM:<{self._sender.address}>{options}"))
        refused, left = {}, []
        for address in to:
            code, reply = self._ask(server, ends_at, f"RCPT TO:<{address}>")
            if code == 421 or code in _AUTH or not 200 <= code < 600:
                self._refuse(code, reply)
            elif code >= 500:
                refused[address] = self._words(code, reply)
            elif code >= 300:
                left.append(address)
            last = code, reply
        if len(refused) + len(left) == len(to):
            if left:
                raise TemporaryError(self.name, "send", f"not yet for {', '.join(left)}")
            self._refuse(*last)
        return Sent(refused, tuple(left))

    def _hand_over(self, server: SMTP, content: bytes) -> None:
        """Raises AnswerLost where something else than an answer came back."""
        assert server.sock is not None
        server.sock.settimeout(self._answer_s)
        try:
            server.send(_DOT.sub(b"..", content) + b".\r\n")
            code, reply = server.getreply()
        except (OSError, SMTPException) as error:
            raise AnswerLost(self.name, "send", _no_answer(error)) from None
        if not 200 <= code < 600:
            raise AnswerLost(self.name, "send", f"an answer that cannot be read ({self._words(code, reply)})")
        self._expect(250, (code, reply))

    def _part(self, server: SMTP) -> None:
        """Politely, but without waiting: whatever was to be known is known."""
        with suppress(OSError, SMTPException):
            if server.sock is not None:
                server.putcmd("QUIT")
        server.close()

    def _ask(self, server: SMTP, ends_at: float, command: str) -> tuple[int, bytes]:
        self._hurry(server, ends_at)
        return server.docmd(command)

    def _hurry(self, server: SMTP, ends_at: float) -> None:
        left_s = ends_at - time.monotonic()
        if left_s <= 0 or server.sock is None:
            raise TimeoutError
        server.sock.settimeout(min(self._step_s, left_s))

    def _context(self) -> ssl.SSLContext:
        return self._tls or ssl.create_default_context()

    @contextmanager
    def _translated(self, operation: str) -> Iterator[None]:
        """Until the text is sent, whatever goes wrong means that nobody got it."""
        try:
            yield
        except SMTPAuthenticationError as error:
            if 400 <= error.smtp_code < 500:
                self._refuse(error.smtp_code, error.smtp_error)
            raise self._down(self._words(error.smtp_code, error.smtp_error)) from None
        except SMTPResponseException as error:
            self._refuse(error.smtp_code, error.smtp_error)
        except ssl.SSLCertVerificationError as error:
            raise self._down(f"its certificate is not to be trusted: {error.verify_message}") from None
        except SMTPServerDisconnected as error:
            raise TemporaryError(self.name, operation, _no_answer(error)) from None
        except SMTPException as error:  # before OSError, which it is as well
            raise self._down(f"the server offers no login that we know ({type(error).__name__})") from None
        except OSError as error:
            raise TemporaryError(self.name, operation, _no_answer(error)) from None

    def _expect(self, wanted: int, answer: tuple[int, bytes]) -> None:
        code, reply = answer
        if code != wanted and not (wanted == 250 and 200 <= code < 300):
            self._refuse(code, reply)

    def _refuse(self, code: int, reply: bytes | str) -> NoReturn:
        """4xx: later, perhaps. 5xx: never, until a human has changed something."""
        words = self._words(code, reply)
        if code in _AUTH:
            raise self._down(words)
        if 500 <= code < 600:
            raise PermanentError(self.name, "send", words)
        raise TemporaryError(self.name, "send", words)

    def _down(self, words: str) -> TemporaryError:
        return TemporaryError(self.name, "send", words, out_of_service=True)

    def _words(self, code: int, reply: bytes | str) -> str:
        text = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
        if self._password:
            text = text.replace(self._password, "***")
        return f"{code} {' '.join(text.split())}"[:MESSAGE_LIMIT].strip()


def _no_answer(error: Exception) -> str:
    is_late = isinstance(error, TimeoutError) or "timed out" in str(error)  # smtplib keeps only the words of a time-out
    return "no answer in time" if is_late else f"connection failed ({type(error).__name__})"
