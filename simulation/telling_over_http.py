"""Status pages and mail for `over_http`: the requests of each operation, something to do with it, and who does it.

Mail goes over Amazon SES, which is HTTP, and over SMTP, whose steps stand here as requests: nobody has the mail before its text
is handed over, so only `data` writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Any

from boto3.session import Session
from botocore.config import Config

from chalicelib.adapters.aws import MAIL_ATTEMPTS
from chalicelib.adapters.mail_format import Sender
from chalicelib.adapters.ses import Ses
from chalicelib.adapters.smtp import Smtp
from chalicelib.adapters.statuspage import EVERY, Statuspage
from chalicelib.adapters.turns import Turns, unlimited
from chalicelib.artifacts.status_channel import Marks
from chalicelib.domain.announcement import PUBLIC_PAGE, ComponentState, Progress
from chalicelib.ports.mailer import Mail
from chalicelib.ports.status_pages import StatusIncident, StatusPost
from sandbox import company
from sandbox.emulator import Emulator, serve
from sandbox.mail.model import MailModel
from sandbox.mail.server import MailServer, serving
from sandbox.mail.ses import REGION, SesEmulator
from sandbox.status.model import StatusModel
from sandbox.status.statuspage import StatuspageEmulator
from simulation.faults import FORBIDDEN, Effect, Fault
from simulation.loop import Loop
from simulation.places_over_http import Became, Do, warm
from simulation.telling_ports import ModelMailer, ModelStatusPage
from simulation.telling_watch import TellingWatch, Unasked
from simulation.twins import HandClock, MemoryLedger
from simulation.wire import Wire

_KEY = "secret-key-0123456789"
_PAGE, _COMPONENT, _NO_COMPONENT = company.PUBLIC_PAGE, company.COMPONENTS["public"][0], "gone"
_MARK = "d4e5f6mark01"
_SENDER = Sender(company.SENDER, "Firebell", company.INCIDENT_DESK)
_TO = (company.STAFF_LIST,)

WRITES, READS, AS_SAID = True, False, ""
_WHY = ("list_components", READS, AS_SAID)
"""Asked after a refusal of whatever names components."""
REQUESTS: Mapping[str, Mapping[str, tuple[tuple[str, bool, str], ...]]] = {
    "statuspage": {
        "find": (("list_unresolved", READS, AS_SAID), ("list_incidents", READS, AS_SAID)),
        "open": (("create_incident", WRITES, AS_SAID), _WHY),
        "read": (("get_incident", READS, AS_SAID),),
        "update": (("update_incident", WRITES, AS_SAID), ("get_incident", READS, "none"), _WHY),
        "restate": (("update_incident", WRITES, AS_SAID), ("get_incident", READS, "false"), _WHY),
        "amend": (("amend_update", WRITES, AS_SAID),),
        "unresolved": (("list_unresolved", READS, AS_SAID),),
    },
    "ses": {"send": (("send_email", WRITES, AS_SAID),)},
    "smtp": {
        "send": (("connect", READS, AS_SAID), ("mail", READS, AS_SAID), ("rcpt", READS, AS_SAID), ("data", WRITES, AS_SAID)),
    },
}
"""Name at the emulator, whether it writes, and what a 404 of it means: as said of the operation, or of this request."""

UNKNOWN: Mapping[str, tuple[Fault, ...]] = {"smtp": (FORBIDDEN,)}
"""What a protocol has no word for: SMTP refuses a login (535, as a 401) or a mail (550, as a 404), and nothing between."""


@dataclass(slots=True)
class TellingDeeds:
    """Each operation on an incident of its own on a page, or with a mail of its own."""

    system: str
    clock: HandClock | Loop
    status: StatusModel = field(init=False)
    mail: MailModel = field(init=False)
    _numbers: count[int] = field(default_factory=lambda: count(10_002))

    def __post_init__(self) -> None:
        self.status = StatusModel(self.clock)
        self.status.add_page(_PAGE, "Example", {_COMPONENT: "Git"})
        self.mail = MailModel(self.clock, {_SENDER.address}, dict(company.MAILING_LISTS))

    def deed(self, method: str, request: str) -> tuple[Do, Became]:
        """request: which of its requests is struck, so that it is made."""
        number = next(self._numbers)
        if method == "send":
            return self._mailed(number)
        if method == "open":
            return self._opened(f"marker{number}", _post(request))
        if method == "find":
            return lambda page: page.find(f"marker{number}"), _nothing
        if method == "unresolved":
            return lambda page: page.unresolved(), _nothing
        return self._on_page(method, request, f"marker{number}")

    def _mailed(self, number: int) -> tuple[Do, Became]:
        mail = self._mail(number)
        return (
            lambda mailer: mailer.send(mail, _TO),
            lambda: _done(any(one.subject == mail.subject for one in self.mail.received)),
        )

    def _mail(self, number: int) -> Mail:
        text, html = "We are on it.", "<p>We are on it.</p>"
        return Mail(f"mail{number}@example.com", self.clock.now(), _TO, f"HOT-{number} is down", text, html)

    def _opened(self, marker: str, post: StatusPost) -> tuple[Do, Became]:
        def is_there() -> Effect:
            every = self.status.page(_PAGE).incidents.values()
            return _done(any(one.metadata["firebell"]["incident"] == marker for one in every))

        return lambda page: page.open(marker, _MARK, post), is_there

    def _on_page(self, method: str, request: str, marker: str) -> tuple[Do, Became]:
        beside = {"firebell": {"incident": marker, "updates": {}}}
        values = {"name": "Issues with Git", "body": "We look into it.", "status": "investigating", "metadata": beside}
        ours = self.status.open(_PAGE, values)
        [first] = ours.updates
        if method == "read":
            return lambda page: page.read(ours.id), _nothing
        if request == "get_incident":
            self.status.delete(_PAGE, ours.id)  # so that a change is refused, and has to be looked at
        post, known = _post(request), StatusIncident(ours.id, ours.link, Progress.INVESTIGATING, beside=beside)
        deeds: dict[str, tuple[Do, Became]] = {
            "update": (lambda page: page.update(known, _MARK, post), lambda: _done(len(ours.updates) > 1)),
            "restate": (
                lambda page: page.restate(known, name="Git is slow", components=post.components),
                lambda: _done(ours.name == "Git is slow"),
            ),
            "amend": (lambda page: page.amend(ours.id, first.id, "We know more."), lambda: _done(bool(first.edits))),
        }
        return deeds[method]

    # --- who does it -------------------------------------------------------------------------------------------

    def simulated(self, wire: Wire) -> Any:
        if self.system == "statuspage":
            return ModelStatusPage(self.status, _PAGE, PUBLIC_PAGE, unlimited, wire, a_watch())
        return ModelMailer(self.mail, _SENDER, wire, a_watch())

    def emulator(self) -> Emulator | MailServer:
        if self.system == "statuspage":
            return StatuspageEmulator(self.status, self.clock, token=_KEY)
        if self.system == "ses":
            return SesEmulator(self.mail, self.clock, access_key=_KEY)
        return MailServer(self.mail, self.clock)

    def adapter(self, url: str, timeouts_s: tuple[float, float]) -> Any:
        """Warm: what it asks once, it has asked."""
        if self.system == "smtp":
            host, _, port = url.rpartition(":")
            connect_s, read_s = timeouts_s
            return Smtp(host, int(port), _SENDER, security="none", timeouts_s=(connect_s, read_s, read_s))
        if self.system == "ses":
            client = _ses_client(url, timeouts_s)
            mailer = Ses(_SENDER, lambda: client)
            warm(partial(mailer.send, self._mail(0), _TO))
            return mailer
        assert isinstance(self.clock, HandClock)
        ledger = MemoryLedger()
        turn = Turns("statuspage", EVERY, lambda: ledger, self.clock, sleep=self.clock.pass_s)
        page = Statuspage(url, _PAGE, _KEY, turn=turn, timeouts_s=timeouts_s, clock=self.clock)
        warm(page.unresolved)
        return page


def a_watch() -> TellingWatch:
    return TellingWatch(Unasked(), Marks("what marks are made with"), list)


@contextmanager
def served(emulator: Emulator | MailServer) -> Iterator[str]:
    """Yields where it is: a URL, or host:port of a mail server."""
    if isinstance(emulator, MailServer):
        with serving(emulator) as (host, port):
            yield f"{host}:{port}"
    else:
        with serve(emulator) as [url]:
            yield url


def _ses_client(url: str, timeouts_s: tuple[float, float]) -> Any:
    connect_s, read_s = timeouts_s
    config = Config(
        connect_timeout=connect_s, read_timeout=read_s, retries={"total_max_attempts": MAIL_ATTEMPTS, "mode": "standard"}
    )
    session = Session(aws_access_key_id=_KEY, aws_secret_access_key=_KEY, region_name=REGION)
    return session.client("sesv2", endpoint_url=url, config=config)


def _post(request: str) -> StatusPost:
    """One that is refused for a component that is not there, where that is what is asked about."""
    component = _NO_COMPONENT if request == _WHY[0] else _COMPONENT
    return StatusPost(Progress.IDENTIFIED, "We know why.", "Issues with Git", {component: ComponentState.DEGRADED})


def _done(it_is: bool) -> Effect:
    return Effect.DONE if it_is else Effect.NONE


def _nothing() -> Effect:
    return Effect.NONE
