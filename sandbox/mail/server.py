"""The SMTP face of a company's mail server: real SMTP over loopback, with TLS and logins where they are asked for.

Operations, for faults and the record of calls: "connect", "auth", "mail", "rcpt", "data". The kinds of faults that HTTP vendors
have mean here what a mail server would say instead (`_ANSWERS`).
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from chalicelib.ports.world import Clock
from sandbox.emulator import Call, Fault, FaultKind, Faults
from sandbox.mail.model import MailModel, NoMailError

HOST = "127.0.0.1"
SIZE_LIMIT = 1_000_000

_ANSWERS = {
    FaultKind.RATE_LIMITED: "454 4.7.1 Throttling failure: maximum sending rate exceeded",
    FaultKind.UNAVAILABLE: "421 4.3.2 Service not available, closing the channel",
    FaultKind.ERROR_BEFORE: "451 4.3.0 Local error in processing",
    FaultKind.ERROR_AFTER: "451 4.3.0 Local error in processing",
    FaultKind.UNAUTHORIZED: "535 5.7.8 Authentication credentials invalid",
    FaultKind.FORBIDDEN: "550 5.7.1 Not authorized",
    FaultKind.NOT_FOUND: "550 5.1.1 No such mailbox",
    FaultKind.CONFLICT: "552 5.3.4 Message too big for the system",
    FaultKind.GARBAGE: "ok",
    FaultKind.ERROR_INSIDE: "ok",
}
_AFTER = (FaultKind.TIMEOUT_AFTER, FaultKind.RESET_AFTER, FaultKind.ERROR_AFTER, FaultKind.GARBAGE)
_OPERATIONS = frozenset(("connect", "auth", "mail", "rcpt", "data"))


@dataclass
class MailServer:
    """login: name and password that are asked for, over TLS only; None for a relay that trusts who reaches it.

    tls: the server's certificate. implicit: TLS from the first byte, else by STARTTLS. answers: address -> what is said
    about it for now, instead of "250 OK".
    """

    model: MailModel
    clock: Clock
    login: tuple[str, str] | None = None
    tls: ssl.SSLContext | None = None
    implicit: bool = False
    name: str = "mail"
    faults: Faults = field(default_factory=Faults)
    calls: list[Call] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    connected: set[asyncio.BaseTransport] = field(default_factory=set)
    _under_way: int = 0

    @property
    def is_busy(self) -> bool:
        """A step is under way, perhaps one whose client has lost patience."""
        return self._under_way > 0

    @property
    def violations(self) -> list[str]:
        return self.model.violations

    def count(self, operation: str) -> int:
        return sum(call.operation == operation for call in self.calls)

    def conversation(self) -> SMTP:
        """One for each client that connects."""
        return _Conversation(
            self,
            hostname="mail.example.com",
            ident="ESMTP",
            data_size_limit=SIZE_LIMIT,
            tls_context=None if self.implicit else self.tls,
            auth_required=self.login is not None,
            authenticator=self._authenticate,
        )

    def strike(self, operation: str) -> Fault | None:
        assert operation in _OPERATIONS
        self.calls.append(Call(operation, self.clock.now()))
        return self.faults.take(operation)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1

    def hang_up(self) -> None:
        """On everybody, at once."""
        for transport in tuple(self.connected):
            transport.abort()  # type: ignore[attr-defined]

    def _authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        del server, session, envelope, mechanism
        fault = self.strike("auth")
        if fault is not None:
            return AuthResult(success=False, handled=False, message=_ANSWERS[fault.kind])
        is_right = isinstance(given, LoginPassword) and self.login == (given.login.decode(), given.password.decode())
        refusal = None if is_right else _ANSWERS[FaultKind.UNAUTHORIZED]
        return AuthResult(success=is_right, handled=False, message=refusal)

    # --- what aiosmtpd calls -------------------------------------------------------------------------------------------

    async def handle_MAIL(  # noqa: N802
        self, server: _Conversation, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del session, options

        async def accept() -> str:
            if address not in self.model.senders:
                return f"550 5.7.1 {address} may not send from here"
            envelope.mail_from = address
            return "250 OK"

        return await server.perform("mail", accept())

    async def handle_RCPT(  # noqa: N802
        self, server: _Conversation, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del session, options

        async def accept() -> str:
            if address in self.answers:
                return self.answers[address]
            if address not in self.model.lists:
                return _ANSWERS[FaultKind.NOT_FOUND]
            envelope.rcpt_tos.append(address)
            return "250 OK"

        return await server.perform("rcpt", accept())

    async def handle_DATA(self, server: _Conversation, session: Session, envelope: Envelope) -> str:  # noqa: N802
        del session

        async def accept() -> str:
            assert isinstance(envelope.content, bytes)
            assert envelope.mail_from is not None
            try:
                mail = self.model.take(envelope.mail_from, envelope.rcpt_tos, envelope.content)
            except NoMailError as error:
                return f"554 5.6.0 {error}".encode("ascii", "replace").decode()
            return f"250 2.0.0 Ok: queued as {mail.number}"

        return await server.perform("data", accept())


class _Conversation(SMTP):
    """With faults: it may answer nonsense, too late, or not at all."""

    def __init__(self, server: MailServer, **how: Any) -> None:
        super().__init__(server, **how)
        self._server = server
        if server.implicit:
            self._auth_require_tls = False  # it knows of no TLS but its own, and would warn when told to do without

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        assert self.transport is not None
        self._server.connected.add(self.transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._server.connected.discard(self.transport)
        super().connection_lost(error)

    async def _handle_client(self) -> None:
        fault = self._server.strike("connect")
        if fault is not None:
            with self._server.at_work():
                await self.push(await self._suffer(fault))
            if fault.kind is not FaultKind.SLOW:
                assert self.transport is not None
                self.transport.close()
                return
        await super()._handle_client()

    async def perform(self, operation: str, effect: Coroutine[Any, Any, str]) -> str:
        """The answer of this operation: what its effect says, or what a fault makes of it."""
        with self._server.at_work():
            return await self._performed(self._server.strike(operation), effect)

    async def _performed(self, fault: Fault | None, effect: Coroutine[Any, Any, str]) -> str:
        if fault is None:
            return await effect
        if fault.kind is FaultKind.SLOW:
            try:
                await asyncio.sleep(fault.delay_s)
            finally:  # also when whoever handed it over has hung up: aiosmtpd ends the conversation then
                answer = await effect
            return answer
        if fault.kind in _AFTER:
            await effect
        else:
            effect.close()
        answer = await self._suffer(fault)
        if fault.kind is FaultKind.UNAVAILABLE:
            self.loop.call_soon(self._hang_up)
        return answer

    async def _suffer(self, fault: Fault) -> str:
        match fault.kind:
            case FaultKind.TIMEOUT_BEFORE | FaultKind.TIMEOUT_AFTER | FaultKind.SLOW:
                await asyncio.sleep(fault.delay_s)
                return "451 4.4.2 Too late"
            case FaultKind.RESET_BEFORE | FaultKind.RESET_AFTER:
                assert self.transport is not None
                self.transport.abort()  # type: ignore[attr-defined]
                await asyncio.Event().wait()  # until the lost connection ends this conversation
                raise AssertionError("nobody sets it")
            case _:
                return _ANSWERS[fault.kind]

    def _hang_up(self) -> None:
        if self.transport is not None:
            self.transport.close()


@contextmanager
def serving(server: MailServer, port: int = 0) -> Iterator[tuple[str, int]]:
    """Serve it on loopback in a thread of its own; yields host and port. A free port unless given."""
    loop = asyncio.new_event_loop()
    started: list[asyncio.Server] = []
    is_up = threading.Event()

    async def start() -> None:
        context = server.tls if server.implicit else None
        started.append(await loop.create_server(server.conversation, HOST, port, ssl=context))

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(start())
        loop.call_soon(is_up.set)
        loop.run_forever()
        started[0].close()
        server.hang_up()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.run_until_complete(asyncio.sleep(0))  # for the sockets to be closed
        with suppress(RuntimeError):
            loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert is_up.wait(5), "the mail server does not start"
    try:
        yield HOST, started[0].sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=5)
