"""Amazon SES as the emulator has it: what it takes, what it makes of a mail, and what it will not do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from boto3.session import Session
from botocore.exceptions import ClientError

from chalicelib.adapters.mail_format import Sender
from chalicelib.adapters.ses import Ses
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.ports.mailer import Sent
from sandbox.emulator import serve
from sandbox.mail.model import MailModel
from sandbox.mail.ses import REGION, SesEmulator
from tests.adapters.mail_world import LISTS, MAIL, OPS, SENDER
from tests.builders import NOW
from tests.reconcile.small_world import FakeClock

KEY = "access-key-0123456789"
SIMPLE = {"Subject": {"Data": "x"}, "Body": {"Text": {"Data": "x"}}}


@contextmanager
def an_ses(access_key: str = KEY) -> Iterator[tuple[SesEmulator, Any]]:
    """The emulator, and boto3's client of it."""
    clock = FakeClock(NOW)
    emulator = SesEmulator(MailModel(clock, {SENDER.address}, dict(LISTS)), clock, access_key=KEY)
    session = Session(aws_access_key_id=access_key, aws_secret_access_key="secret", region_name=REGION)
    with serve(emulator) as [url]:
        yield emulator, session.client("sesv2", endpoint_url=url)


def test_a_mail_gets_an_id_of_its_own_and_stays_in_its_thread():
    with an_ses() as (emulator, client):
        assert [Ses(SENDER, lambda: client).send(MAIL, to) for to in (MAIL.to, (OPS,))] == [Sent(), Sent()]
    first, second = emulator.model.received
    assert (first.to, second.to) == (MAIL.to, (OPS,))
    assert len({MAIL.message_id, first.message_id, second.message_id}) == 3
    assert first.references == MAIL.references
    [thread] = emulator.model.threads()
    assert len(thread.mails) == 2
    assert emulator.violations == []


def test_nobody_sends_for_an_address_that_was_not_verified():
    with an_ses() as (emulator, client), pytest.raises(PermanentError, match="MessageRejected"):
        Ses(Sender("stranger@example.com"), lambda: client).send(MAIL, MAIL.to)
    assert emulator.model.received == []


def test_a_stranger_is_not_let_in():
    with an_ses("another-key") as (emulator, client), pytest.raises(TemporaryError, match="UnrecognizedClient") as caught:
        Ses(SENDER, lambda: client).send(MAIL, MAIL.to)
    assert caught.value.out_of_service
    assert emulator.model.received == []


def test_one_mail_is_for_fifty_addresses_at_most():
    with an_ses() as (_, client), pytest.raises(PermanentError, match="Recipient count"):
        Ses(SENDER, lambda: client).send(MAIL, (OPS,) * 51)


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param({"Content": {"Raw": {"Data": b"x"}}}, id="to nobody"),
        pytest.param({"Destination": {"ToAddresses": [OPS]}, "Content": {"Simple": SIMPLE}}, id="not as it is"),
        pytest.param({"ReplyToAddresses": [OPS], "Content": {"Raw": {"Data": b"x"}}}, id="a member that nobody needs"),
    ],
)
def test_what_firebell_never_sends_is_a_violation(request_: dict[str, Any]):
    with an_ses() as (emulator, client), pytest.raises(ClientError, match="BadRequestException"):
        client.send_email(**request_)
    assert len(emulator.violations) == 1
