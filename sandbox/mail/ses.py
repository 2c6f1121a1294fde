"""Amazon SES over HTTP: SendEmail of its API v2, of a mail as it is, strictly.

It gives every mail a Message-ID and a Date of its own, and never says when to come again.
Sources: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html, and header-fields.html in its guide.
"""

from __future__ import annotations

import base64
import binascii
from email.parser import BytesParser
from email.policy import SMTP
from email.utils import format_datetime
from typing import Any

from flask import request

from chalicelib.ports.world import Clock
from sandbox.emulator import Answer, Emulator, Faults, Recorder
from sandbox.mail.model import MailModel, NoMailError

VENDOR = "ses"
PATH = "/v2/email/outbound-emails"
REGION = "eu-central-1"
ADDRESSES_LIMIT = 50
MEMBERS = frozenset(("Destination", "Content", "ConfigurationSetName"))


class SesEmulator(Emulator):
    """access_key: whose requests are taken for signed; signatures are not computed again."""

    def __init__(
        self,
        model: MailModel,
        clock: Clock,
        *,
        access_key: str,
        faults: Faults | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        super().__init__("ses", clock, faults or Faults(), recorder)
        self.model, self._access_key = model, access_key

        @self.operation("send_email", "POST", PATH, vendor=VENDOR, body=True)
        def send_email() -> Answer:
            return self._send(request.get_json(force=True, silent=True))

    def denied(self) -> Answer | None:
        given = request.headers.get("Authorization", "")
        is_ours = given.startswith(f"AWS4-HMAC-SHA256 Credential={self._access_key}/")
        if is_ours and f"/{REGION}/ses/aws4_request" in given:
            return None
        return _refusal(403, "UnrecognizedClientException", "The security token included in the request is invalid.")

    def _send(self, sent: Any) -> Answer:
        if not isinstance(sent, dict) or set(sent) - MEMBERS:
            return self._misunderstood("members that are unknown")
        try:
            to, raw = sent["Destination"]["ToAddresses"], base64.b64decode(sent["Content"]["Raw"]["Data"], validate=True)
        except (KeyError, TypeError, binascii.Error) as error:
            return self._misunderstood(f"no destination, or no raw mail ({error!r})")
        if not 1 <= len(to) <= ADDRESSES_LIMIT:
            return _refusal(400, "BadRequestException", f"Recipient count must be 1 to {ADDRESSES_LIMIT}.")
        message = BytesParser(policy=SMTP).parsebytes(raw)
        sender = next((one.addr_spec for one in message["From"].addresses), "") if message["From"] is not None else ""
        if sender not in self.model.senders:
            return _refusal(400, "MessageRejected", f"Email address is not verified: {sender}")
        message_id = f"{len(self.model.received) + 1:016x}-ses"
        del message["Message-ID"], message["Date"]
        message["Message-ID"] = f"<{message_id}@{REGION}.amazonses.com>"
        message["Date"] = format_datetime(self.clock.now())
        try:
            self.model.take(sender, to, message.as_bytes())
        except NoMailError as error:
            return _refusal(400, "BadRequestException", str(error))
        return 200, {"MessageId": message_id}

    def _misunderstood(self, what: str) -> Answer:
        self.violations.append(f"{self.name} {request.method} {request.path}: {what}")
        return _refusal(400, "BadRequestException", what)


def _refusal(status: int, code: str, words: str) -> Answer:
    return status, {"message": words}, {"x-amzn-ErrorType": code}
