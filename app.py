"""Routes, queue handlers, schedules: verify, parse, call, answer. Nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chalice import Chalice, Response  # type: ignore[attr-defined]
from chalice.app import CloudWatchEvent, SQSEvent

from chalicelib import bootstrap
from chalicelib.errors import IgnoredEvent, TemporaryError, Unauthentic, UnreadableEvent
from chalicelib.intake.jira_event import parse_jira_event
from chalicelib.intake.pager_events import PagerEvent, parse_opsgenie_event, parse_pagerduty_event
from chalicelib.ports.queue import Cause, Message

app = Chalice(app_name="firebell")

ANY_CONTENT = ["*/*"]
"""A webhook in an unexpected content type would get a 415 from Chalice, and Jira drops what gets a 4xx for good."""

MAX_BODY_BYTES = 5_500_000
"""Just under what Lambda takes in one invocation (6 MB with the event around it)."""


@app.route("/webhooks/jira", methods=["POST"], content_types=ANY_CONTENT)
def jira_webhook() -> Response:
    def ring(body: bytes, headers: dict[str, str]) -> Response:
        bootstrap.gate().admit_jira(body, headers)
        event = parse_jira_event(body, headers, bootstrap.settings().schema)
        paged = bootstrap.firebell().receive(event)
        return _answer(202, "paged" if paged else "queued", event.key)

    return _answered(ring)


@app.route("/webhooks/opsgenie", methods=["POST"], content_types=ANY_CONTENT)
def opsgenie_webhook() -> Response:
    def ring(body: bytes, headers: dict[str, str]) -> Response:
        bootstrap.gate().admit_opsgenie(headers)
        return _ring_for_alert(parse_opsgenie_event(body))

    return _answered(ring)


@app.route("/webhooks/jsm", methods=["POST"], content_types=ANY_CONTENT)
def jsm_webhook() -> Response:
    def ring(body: bytes, headers: dict[str, str]) -> Response:
        bootstrap.gate().admit_jsm(headers)
        return _ring_for_alert(parse_opsgenie_event(body))

    return _answered(ring)


@app.route("/webhooks/pagerduty", methods=["POST"], content_types=ANY_CONTENT)
def pagerduty_webhook() -> Response:
    def ring(body: bytes, headers: dict[str, str]) -> Response:
        bootstrap.gate().admit_pagerduty(body, headers)
        return _ring_for_alert(parse_pagerduty_event(body))

    return _answered(ring)


@app.on_sqs_message(queue="firebell-work", batch_size=1, name="worker")
def worker(event: SQSEvent) -> dict[str, Any]:
    """One incident per invocation. What raises is delivered again and ends on the dead-letter queue with an alarm."""
    for record in event:
        try:
            message = bootstrap.parse_message(record.body)
        except UnreadableEvent as error:
            bootstrap.queue().bury(record.body.encode("utf-8", "replace"), str(error))
            continue
        bootstrap.firebell().look_after(message)
    return {"batchItemFailures": []}


@app.schedule("rate(1 minute)", name="sweep")
def sweep(_event: CloudWatchEvent) -> dict[str, int]:
    return {"rung": bootstrap.sweep()}


def _ring_for_alert(event: PagerEvent) -> Response:
    """The alert is read by the worker: a webhook only says that something happened to it."""
    cause = Cause.LOOK if event.is_new else Cause.PAGER
    bootstrap.queue().send(Message(event.issue_id, cause))
    return _answer(202, "queued", event.issue_id)


def _answered(ring: Callable[[bytes, dict[str, str]], Response]) -> Response:
    """Turn what happened into the one answer the sender can act on: an authentic event gets a 2xx or a retried 5xx."""
    log = bootstrap.log()
    try:
        body, headers = _request()
        if len(body) > MAX_BODY_BYTES:
            log.alarm("body_too_large", bytes=len(body))
            return _answer(413, "too large", f"more than {MAX_BODY_BYTES} bytes")
        return ring(body, headers)
    except Unauthentic as error:
        log.info("unauthentic", why=str(error))
        return _answer(401, "unauthentic", str(error))
    except IgnoredEvent as error:
        log.info("ignored", why=str(error))
        return _answer(200, "ignored", str(error))
    except UnreadableEvent as error:
        return _bury(body, str(error))
    except TemporaryError as error:
        log.alarm("not_durable", error=str(error))
        return _answer(503, "try again", "the event could not be stored")


def _bury(body: bytes, why: str) -> Response:
    bootstrap.log().alarm("unreadable", why=why)
    try:
        bootstrap.queue().bury(body, why)
    except TemporaryError:
        return _answer(503, "try again", "the event could not be stored")
    return _answer(202, "kept for a human", why)


def _request() -> tuple[bytes, dict[str, str]]:
    request = app.current_request
    assert request is not None, "Chalice sets it before it calls a route"
    try:
        raw = request.raw_body
        body = raw.encode("utf-8") if isinstance(raw, str) else raw
    except UnicodeEncodeError as error:
        raise Unauthentic("the body is not what was signed: it holds a lone surrogate") from error
    return body, {name.lower(): value for name, value in request.headers.items()}


def _answer(status: int, outcome: str, detail: str) -> Response:
    return Response({"outcome": outcome, "detail": detail}, status_code=status)
