"""Mail servers: the real SMTP adapter over loopback to a real, strict SMTP server."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chalicelib.adapters.mail_format import Sender
from chalicelib.adapters.smtp import Smtp
from chalicelib.ports.mailer import Mail
from sandbox.mail.model import MailModel
from sandbox.mail.server import MailServer, serving
from tests.builders import NOW
from tests.reconcile.small_world import FakeClock

STAFF, OPS, DRILLS = "incidents@example.com", "ops@example.com", "drills@example.com"
LISTS = {
    STAFF: ("emma@example.com", "mia@example.com"),
    OPS: ("omar@example.com", "mia@example.com"),
    DRILLS: ("pia@example.com",),
}
SENDER = Sender("firebell@example.com", "Firebell", "im@example.com")
PASSWORD = "smtp-password-0123456789"
LOGIN = ("firebell", PASSWORD)
TIMEOUTS_S, HURRIED_S = (3.0, 3.0, 3.0), (3.0, 1.5, 1.5)
"""To connect, for a step, for the answer to the text. Hurried where a test is about a server that answers too late."""
MAIL = Mail(
    "firebell.10002.opening@example.com",
    NOW,
    (STAFF, OPS),
    "HOT-42 - Sev 1 - Checkout is down",
    "We are on it.",
    "<p>We are on it.</p>",
    ("firebell.10002@example.com",),
)


@dataclass
class MailWorld:
    model: MailModel
    server: MailServer
    clock: FakeClock
    smtp: Smtp
    host: str
    port: int

    def client(self, **how: Any) -> Smtp:
        return Smtp(self.host, self.port, SENDER, **{"security": "none", "timeouts_s": TIMEOUTS_S, **how})


def a_mail(**changes: Any) -> Mail:
    return replace(MAIL, **changes)


@contextmanager
def a_mail_server(**how: Any) -> Iterator[MailWorld]:
    clock = FakeClock(NOW)
    model = MailModel(clock, {SENDER.address}, dict(LISTS))
    server = MailServer(model, clock, **how)
    with serving(server) as (host, port):
        world = MailWorld(model, server, clock, None, host, port)  # type: ignore[arg-type]
        world.smtp = world.client()
        yield world
    assert model.violations == []


@cache
def certificate() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """(the server's side, a client's that trusts it): a certificate of its own for 127.0.0.1."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "server.pem"
        path.write_bytes(pem + secret)
        server.load_cert_chain(path)
    return server, ssl.create_default_context(cadata=pem.decode())
