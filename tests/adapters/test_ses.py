"""Mail over Amazon SES, in moto; and what boto3 makes of what goes wrong on the wire."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.parsers import ResponseParserError
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.ses.models import ses_backends

from chalicelib.adapters.aws import client, forget_clients
from chalicelib.adapters.ses import Ses
from chalicelib.errors import IntegrationError, PermanentError, TemporaryError
from chalicelib.ports.mailer import AnswerLost, Sent
from tests.adapters.aws_world import REGION, aws_in_memory
from tests.adapters.mail_world import MAIL, OPS, SENDER
from tests.adapters.test_mail_format import parsed

URL = "https://email.eu-central-1.amazonaws.com"


@contextmanager
def ses_in_memory(monkeypatch: Any) -> Iterator[Ses]:
    with aws_in_memory(monkeypatch):
        forget_clients()
        boto3.client("sesv2").create_email_identity(EmailIdentity="example.com")
        yield Ses(SENDER, lambda: client("sesv2"))
    forget_clients()


class FailingClient:
    def __init__(self, error: Exception) -> None:
        self.error = error
        self.requests: list[Mapping[str, Any]] = []

    def send_email(self, **request: Any) -> Mapping[str, Any]:
        self.requests.append(request)
        raise self.error


class AnsweringClient:
    def __init__(self, answer: Mapping[str, Any]) -> None:
        self.answer = answer

    def send_email(self, **request: Any) -> Mapping[str, Any]:
        return self.answer


def failure(error: Exception) -> IntegrationError:
    with pytest.raises(IntegrationError) as caught:
        Ses(SENDER, lambda: FailingClient(error)).send(MAIL, MAIL.to)
    return caught.value


def an_answer(code: str, status: int) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}, "ResponseMetadata": {"HTTPStatusCode": status}}, "SendEmail")  # type: ignore[typeddict-item]


def test_a_mail_goes_out_as_it_is_written(monkeypatch: pytest.MonkeyPatch):
    with ses_in_memory(monkeypatch) as ses:
        assert ses.send(MAIL, (OPS,)) == Sent()
        [sent] = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    message = parsed(sent.raw_data.encode())
    assert message["Subject"] == MAIL.subject
    assert message["References"] == "<firebell.10002@example.com>"
    assert len(message["To"].addresses) == len(MAIL.to)


def test_a_sender_that_nobody_verified_is_for_a_human(monkeypatch: pytest.MonkeyPatch):
    with aws_in_memory(monkeypatch):
        forget_clients()
        with pytest.raises(PermanentError, match="MessageRejected"):
            Ses(SENDER, lambda: client("sesv2")).send(MAIL, MAIL.to)
    forget_clients()


def test_it_is_for_those_whom_it_is_handed_over_for_whoever_its_header_names():
    failing = FailingClient(an_answer("MessageRejected", 400))
    with pytest.raises(PermanentError):
        Ses(SENDER, lambda: failing).send(MAIL, (OPS,))
    assert failing.requests[0]["Destination"] == {"ToAddresses": [OPS]}


def test_a_configuration_set_is_named_where_there_is_one():
    failing = FailingClient(an_answer("MessageRejected", 400))
    for name in ("", "incidents"):
        with pytest.raises(PermanentError):
            Ses(SENDER, lambda: failing, configuration_set=name).send(MAIL, MAIL.to)
    assert [request.get("ConfigurationSetName") for request in failing.requests] == [None, "incidents"]


@pytest.mark.parametrize(
    ("code", "status", "error", "down"),
    [
        ("TooManyRequestsException", 429, TemporaryError, False),
        ("ThrottlingException", 400, TemporaryError, False),
        ("LimitExceededException", 400, TemporaryError, False),
        ("InternalFailure", 500, TemporaryError, False),
        ("ServiceUnavailable", 503, TemporaryError, False),
        ("SendingPausedException", 400, TemporaryError, True),
        ("AccountSuspendedException", 400, TemporaryError, True),
        ("AccessDeniedException", 403, TemporaryError, True),
        ("ExpiredTokenException", 403, TemporaryError, True),
        ("MessageRejected", 400, PermanentError, False),
        ("MailFromDomainNotVerifiedException", 400, PermanentError, False),
        ("BadRequestException", 400, PermanentError, False),
    ],
)
def test_an_answer_that_says_no_means_that_nobody_got_it(code: str, status: int, error: type, down: bool):
    said = failure(an_answer(code, status))
    assert (type(said), getattr(said, "out_of_service", False)) == (error, down)
    assert said.message == f"{code}: no"


@pytest.mark.parametrize(
    "error",
    [
        ConnectTimeoutError(endpoint_url=URL),
        EndpointConnectionError(endpoint_url=URL, error="refused"),
        NoCredentialsError(),
    ],
)
def test_what_never_left_us_reached_nobody(error: Exception):
    assert type(failure(error)) is TemporaryError


@pytest.mark.parametrize(
    "error",
    [ReadTimeoutError(endpoint_url=URL, error="late"), ConnectionClosedError(endpoint_url=URL), ResponseParserError("garbage")],
)
def test_without_an_answer_nobody_can_tell(error: Exception):
    assert type(failure(error)) is AnswerLost


@pytest.mark.parametrize("answer", [{}, {"MessageId": ""}])
def test_an_answer_that_names_no_mail_is_none(answer: Mapping[str, Any]):
    """What boto3 makes of half a body, or of a page that somebody on the way put there."""
    with pytest.raises(AnswerLost):
        Ses(SENDER, lambda: AnsweringClient(answer)).send(MAIL, MAIL.to)


def test_boto3_itself_never_sends_a_mail_again(monkeypatch: pytest.MonkeyPatch):
    with ses_in_memory(monkeypatch):
        for service, attempts in (("sesv2", 1), ("sqs", 2)):
            config: Any = client(service).meta.config  # type: ignore[call-overload]
            assert config.retries["total_max_attempts"] == attempts
