"""Amazon SES as a Mailer: SendEmail (API v2) with the mail as it is.

SES gives every mail a Message-ID and a Date of its own and keeps References, so the same mail sent twice is two mails there,
in one thread. At most 50 addresses to a mail.

Sources: https://docs.aws.amazon.com/ses/latest/dg/header-fields.html and manage-sending-quotas-errors.html beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.parsers import ResponseParserError

from chalicelib.adapters.aws import error_code
from chalicelib.adapters.mail_format import Sender, mime_of
from chalicelib.errors import IntegrationError, PermanentError, TemporaryError
from chalicelib.ports.mailer import AnswerLost, Mail, Sent

MESSAGE_LIMIT = 200
_PASSING = frozenset(("TooManyRequestsException", "LimitExceededException", "Throttling", "ThrottlingException"))
_DOWN = frozenset(
    ("AccountSuspendedException", "SendingPausedException", "AccessDenied", "AccessDeniedException", "ExpiredTokenException",
     "InvalidClientTokenId", "SignatureDoesNotMatch", "UnrecognizedClientException")
)  # fmt: skip


class SendsMail(Protocol):
    """The part of boto3's client that is used."""

    def send_email(self, **request: Any) -> Mapping[str, Any]: ...


class Ses:
    """client: builds the boto3 client on first use; it must not repeat a call by itself.

    configuration_set: "" for the account's default.
    """

    name = "ses"

    def __init__(self, sender: Sender, client: Callable[[], SendsMail], *, configuration_set: str = "") -> None:
        self._sender = sender
        self._client = client
        self._named = {"ConfigurationSetName": configuration_set} if configuration_set else {}

    def send(self, mail: Mail, to: tuple[str, ...]) -> Sent:
        content = mime_of(mail, self._sender)
        try:
            answer = self._client().send_email(
                Destination={"ToAddresses": list(to)}, Content={"Raw": {"Data": content}}, **self._named
            )
        except ClientError as error:
            raise self._refused(error) from error
        except (HTTPClientError, ResponseParserError) as error:
            # Not those of a connection that was never made: they are no HTTPClientError.
            raise AnswerLost(self.name, "send", str(error)[:MESSAGE_LIMIT]) from error
        except BotoCoreError as error:
            raise TemporaryError(self.name, "send", str(error)[:MESSAGE_LIMIT]) from error
        if not answer.get("MessageId"):
            # boto3 takes a 2xx without a body that it can read for an answer without members.
            raise AnswerLost(self.name, "send", "an answer that names no mail")
        return Sent()

    def _refused(self, error: ClientError) -> IntegrationError:
        """An answer that says no means that nobody got it."""
        code, status = error_code(error), error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        words = f"{code}: {error.response.get('Error', {}).get('Message', '')}"[:MESSAGE_LIMIT]
        if code in _DOWN or status in (401, 403):
            return TemporaryError(self.name, "send", words, out_of_service=True)
        if code in _PASSING or status == 429 or status >= 500:
            return TemporaryError(self.name, "send", words)
        return PermanentError(self.name, "send", words)
