"""The queue in SQS: a standard queue for work, and its dead-letter queue for what cannot be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.aws import unreachable
from chalicelib.intake.queue_message import LONGEST_DELAY_S, grave_to_body, message_to_body
from chalicelib.ports.queue import Message

if TYPE_CHECKING:
    from mypy_boto3_sqs.client import SQSClient


class SqsQueue:
    """Every failure is a TemporaryError: whatever the reason, the message is not known to be durable.

    client: builds the boto3 client on first use.
    """

    def __init__(self, queue_url: str, dead_letter_url: str, client: Callable[[], SQSClient]) -> None:
        self._queue_url = queue_url
        self._dead_letter_url = dead_letter_url
        self._client = client

    def send(self, message: Message, delay_s: int = 0) -> None:
        if not 0 <= delay_s <= LONGEST_DELAY_S:
            raise ValueError(f"a delay of {delay_s} s; the queue takes 0 to {LONGEST_DELAY_S}")
        try:
            self._client().send_message(QueueUrl=self._queue_url, MessageBody=message_to_body(message), DelaySeconds=delay_s)
        except (BotoCoreError, ClientError) as error:
            raise unreachable("sqs", "send", error) from error

    def bury(self, body: bytes, reason: str) -> None:
        try:
            self._client().send_message(QueueUrl=self._dead_letter_url, MessageBody=grave_to_body(body, reason))
        except (BotoCoreError, ClientError) as error:
            raise unreachable("sqs", "bury", error) from error
