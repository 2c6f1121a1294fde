"""What AWS puts around the handlers: API Gateway, the queue's event source, and the schedule. In threads, on loopback."""

from __future__ import annotations

import base64
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chalice.app import Chalice
from flask import Flask, Response, request

MAX_BODY_BYTES = 10_000_000
"""API Gateway answers 413 by itself above this."""


class Killed(BaseException):
    """The execution environment is gone, in the middle of whatever it did. Nothing may catch this but the platform."""


@dataclass(frozen=True, slots=True)
class Context:
    """The part of Lambda's context that is used."""

    function_name: str = "firebell"
    aws_request_id: str = "request-1"

    def get_remaining_time_in_millis(self) -> int:
        return 30_000


def separate_requests() -> None:
    """Chalice keeps the current request on the application, since a Lambda has one at a time. Here threads are the Lambdas."""
    own = threading.local()

    def get(_app: Chalice) -> Any:
        return getattr(own, "request", None)

    def put(_app: Chalice, value: Any) -> None:
        own.request = value

    Chalice.current_request = property(get, put)  # type: ignore[assignment]


def api_gateway(handler: Callable[[dict[str, Any], Context], dict[str, Any]]) -> Flask:
    """A thin front: HTTP in, the event that the Lambda handler gets, HTTP out. Not a byte of the body is touched."""
    app = Flask("front")

    @app.route("/", defaults={"path": ""}, methods=["GET"])
    @app.route("/<path:path>", methods=["GET", "POST", "PUT", "DELETE"])
    def proxy(path: str) -> Response:
        if (request.content_length or 0) > MAX_BODY_BYTES:
            return Response('{"message": "Request Too Long"}', 413, mimetype="application/json")
        try:
            answer = handler(proxy_event(f"/{path}", request.method, dict(request.headers), request.get_data()), Context())
        except Killed:
            return Response('{"message": "Internal server error"}', 502, mimetype="application/json")
        body = answer.get("body") or ""
        raw = base64.b64decode(body) if answer.get("isBase64Encoded") else body
        return Response(raw, answer["statusCode"], headers=answer.get("headers") or {})

    return app


def proxy_event(path: str, method: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """API Gateway's event for a Lambda proxy integration of a REST API: the body arrives as text where it is UTF-8."""
    try:
        text, is_base64 = body.decode("utf-8"), False
    except UnicodeDecodeError:
        text, is_base64 = base64.b64encode(body).decode(), True
    return {
        "resource": path,
        "path": path,
        "httpMethod": method,
        "headers": dict(headers),
        "multiValueHeaders": {name: [value] for name, value in headers.items()},
        "queryStringParameters": None,
        "multiValueQueryStringParameters": None,
        "pathParameters": {},
        "stageVariables": None,
        "requestContext": {
            "resourcePath": path,
            "httpMethod": method,
            "path": f"/api{path}",
            "identity": {"sourceIp": "127.0.0.1"},
        },
        "body": text or None,
        "isBase64Encoded": is_base64,
    }


def queue_event(body: str, message_id: str, received: int) -> dict[str, Any]:
    """SQS's event with one record."""
    record = {
        "messageId": message_id,
        "receiptHandle": "handle",
        "body": body,
        "attributes": {"ApproximateReceiveCount": str(received)},
        "messageAttributes": {},
        "md5OfBody": "",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:firebell-work",
        "awsRegion": "eu-central-1",
    }
    return {"Records": [record]}


SCHEDULE_EVENT = {
    "version": "0",
    "id": "schedule-1",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "123456789012",
    "time": "2026-11-23T00:00:00Z",
    "region": "eu-central-1",
    "resources": [],
    "detail": {},
}


@dataclass
class Poller:
    """Takes messages off the work queue and hands each to the worker; what raises or is killed comes back later."""

    sqs: Any
    queue_url: str
    worker: Callable[[dict[str, Any], Context], Any]
    stopped: threading.Event
    on_error: Callable[[BaseException], None]

    def run(self) -> None:
        while not self.stopped.is_set():
            answer = self.sqs.receive_message(
                QueueUrl=self.queue_url, MaxNumberOfMessages=1, WaitTimeSeconds=1, AttributeNames=["ApproximateReceiveCount"]
            )
            messages = answer.get("Messages", [])
            for message in messages:
                self._handle(message)
            if not messages:
                time.sleep(0.02)

    def _handle(self, message: Mapping[str, Any]) -> None:
        received = int(message.get("Attributes", {}).get("ApproximateReceiveCount", "1"))
        try:
            answer = self.worker(queue_event(message["Body"], message["MessageId"], received), Context())
        except (Killed, Exception) as error:  # noqa: BLE001  this is the platform: whatever the handler does, it goes on
            self.on_error(error)
            return
        if not (answer or {}).get("batchItemFailures"):
            self.sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
