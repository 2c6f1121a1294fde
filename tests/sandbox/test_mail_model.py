"""The emulated mail server is strict: what a real one refuses it refuses, and it shows threads as mail programs do."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import pytest

from sandbox.emulator import Fault, FaultKind
from sandbox.mail.model import MailModel, NoMailError
from sandbox.mail.server import MailServer, serving
from tests.builders import NOW
from tests.reconcile.small_world import FakeClock

SENDER, STAFF, DRILLS = "firebell@example.com", "incidents@example.com", "drills@example.com"


@pytest.fixture
def model() -> MailModel:
    return MailModel(FakeClock(NOW), {SENDER}, {STAFF: ("mia@example.com", "emma@example.com"), DRILLS: ("mia@example.com",)})


@pytest.fixture
def client(model: MailModel) -> Iterator[smtplib.SMTP]:
    with serving(MailServer(model, model.clock)) as (host, port), smtplib.SMTP(host, port, "example.com", timeout=2) as client:
        yield client


def a_mail(message_id: str = "one@example.com", subject: str = "Down", references: str = "", **headers: str) -> bytes:
    message = EmailMessage(policy=SMTP)
    named = {"From": SENDER, "To": STAFF, "Subject": subject, "Date": format_datetime(NOW), "Message-ID": f"<{message_id}>"}
    for name, value in {**named, **({"References": references} if references else {}), **headers}.items():
        message[name] = value
    message.set_content("We are on it.")
    return message.as_bytes()


# --- what is no mail ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        pytest.param(a_mail().replace(b"Subject: Down\r\n", b""), "Subject is missing", id="no subject"),
        pytest.param(a_mail().replace(b"Message-ID", b"X-Id"), "Message-ID is missing", id="no id"),
        pytest.param(b"To: x@example.com\r\n" + a_mail(), "To stands there 2 times", id="a header twice"),
        pytest.param(a_mail().replace(b"\r\n", b"\n"), "CR LF", id="line feeds only"),
        pytest.param(a_mail() + b"x" * 999, "a line is too long", id="long line"),
        pytest.param(a_mail().replace(b"Down", "Ü".encode()), "not ASCII", id="8-bit header"),
        pytest.param(a_mail() + b"\0", "not ASCII", id="NUL"),
        pytest.param(a_mail(From="mia@example.com"), "handed over by", id="in somebody else's name"),
        pytest.param(a_mail().replace(b"text/plain", b"multipart/mixed"), "a part is broken", id="broken part"),
    ],
)  # fmt: skip
def test_what_is_not_well_formed_is_refused_and_noted(model: MailModel, raw: bytes, problem: str):
    with pytest.raises(NoMailError, match=problem):
        model.take(SENDER, [STAFF], raw)
    assert model.received == []
    assert len(model.violations) == 1


# --- who got what ---------------------------------------------------------------------------------------------------------


def test_a_mail_reaches_whoever_is_on_a_list_that_it_was_handed_over_for(model: MailModel):
    model.take(SENDER, [STAFF], a_mail())
    model.take(SENDER, [DRILLS], a_mail("two@example.com"))
    assert [mail.message_id for mail in model.mailbox("emma@example.com")] == ["one@example.com"]
    assert [mail.message_id for mail in model.mailbox("mia@example.com")] == ["one@example.com", "two@example.com"]
    assert model.mailbox("nobody@example.com") == []


def test_a_mail_that_came_twice_is_shown_once_and_counted_twice(model: MailModel):
    for _ in range(2):
        model.take(SENDER, [STAFF], a_mail())
    [thread] = model.threads()
    assert len(thread.mails) == 1
    assert model.copies() == {f"one@example.com {STAFF}": 2}


def test_what_refers_to_the_same_is_a_thread_also_where_nobody_has_that_mail(model: MailModel):
    for number in range(3):
        model.take(SENDER, [STAFF], a_mail(f"{number}@example.com", "Re: Down" if number else "Down", "<root@example.com>"))
    assert [len(thread.mails) for thread in model.threads()] == [3]


@pytest.mark.parametrize(
    "second",
    [
        pytest.param({"subject": "Re: Down, and out", "references": "<root@example.com>"}, id="other subject"),
        pytest.param({"subject": "Re: Down"}, id="no reference"),
    ],
)
def test_another_subject_or_no_reference_begins_another_thread(model: MailModel, second: dict[str, str]):
    model.take(SENDER, [STAFF], a_mail(references="<root@example.com>"))
    model.take(SENDER, [STAFF], a_mail("two@example.com", **second))
    assert [thread.subject for thread in model.threads()] == ["Down", second["subject"].removeprefix("Re: ")]


# --- over SMTP ------------------------------------------------------------------------------------------------------------


def test_a_client_can_hand_over_several_mails(client: smtplib.SMTP, model: MailModel):
    for number in range(2):
        assert client.sendmail(SENDER, [STAFF], a_mail(f"{number}@example.com")) == {}
    assert len(model.received) == 2


def test_a_stranger_may_not_send_and_nobody_gets_mail_who_is_not_there(client: smtplib.SMTP, model: MailModel):
    with pytest.raises(smtplib.SMTPSenderRefused):
        client.sendmail("mia@example.com", [STAFF], a_mail())
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        client.sendmail(SENDER, ["nobody@example.com"], a_mail())
    assert model.received == []


def test_what_is_no_mail_is_refused_over_smtp_too(client: smtplib.SMTP, model: MailModel):
    with pytest.raises(smtplib.SMTPDataError, match=r"554.*Subject is missing"):
        client.sendmail(SENDER, [STAFF], a_mail().replace(b"Subject: Down\r\n", b""))
    assert model.violations == ["Subject is missing"]


def test_a_fault_strikes_as_often_as_it_should_and_then_never_again(model: MailModel):
    server = MailServer(model, model.clock)
    server.faults.switch_on("data", Fault(FaultKind.RATE_LIMITED, times=2))
    with serving(server) as (host, port), smtplib.SMTP(host, port, "example.com", timeout=2) as client:
        for _ in range(2):
            with pytest.raises(smtplib.SMTPDataError, match="454"):
                client.sendmail(SENDER, [STAFF], a_mail())
        client.sendmail(SENDER, [STAFF], a_mail())
    assert (len(model.received), server.count("data")) == (1, 3)
