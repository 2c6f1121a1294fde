"""Routes, queue handlers, schedules: verify, parse, call, answer. Nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from chalice import Chalice, Response  # type: ignore[attr-defined]
from chalice.app import CloudWatchEvent, SQSEvent

from chalicelib import bootstrap
from chalicelib.errors import UnreadableEvent
from chalicelib.intake.reply import Reply

app = Chalice(app_name="firebell")

ANY_CONTENT = ["*/*"]
"""A webhook in an unexpected content type would get a 415 from Chalice, and Jira drops what gets a 4xx for good."""


@app.route("/webhooks/jira", methods=["POST"], content_types=ANY_CONTENT)
def jira_webhook() -> Response:
    return _answered(bootstrap.reception().jira)


@app.route("/webhooks/opsgenie", methods=["POST"], content_types=ANY_CONTENT)
def opsgenie_webhook() -> Response:
    return _answered(bootstrap.reception().opsgenie)


@app.route("/webhooks/jsm", methods=["POST"], content_types=ANY_CONTENT)
def jsm_webhook() -> Response:
    return _answered(bootstrap.reception().jsm)


@app.route("/webhooks/pagerduty", methods=["POST"], content_types=ANY_CONTENT)
def pagerduty_webhook() -> Response:
    return _answered(bootstrap.reception().pagerduty)


@app.route("/webhooks/slack", methods=["POST"], content_types=ANY_CONTENT)
def slack_webhook() -> Response:
    return _answered(bootstrap.reception().slack)


@app.route("/webhooks/changes", methods=["POST"], content_types=ANY_CONTENT)
def changes_webhook() -> Response:
    return _answered(bootstrap.reception().changes)


@app.route("/", methods=["GET"])
def raise_an_incident() -> Response:
    return _led_to(bootstrap.raise_url())


@app.route("/incidents", methods=["GET"])
def open_incidents() -> Response:
    return _led_to(bootstrap.open_incidents_url())


@app.on_sqs_message(queue="firebell-work", batch_size=1, name="worker")
def worker(event: SQSEvent) -> dict[str, Any]:
    """One incident per invocation. What raises is delivered again and ends on the dead-letter queue with an alarm."""
    for record in event:
        try:
            message = bootstrap.parse_message(record.body)
        except UnreadableEvent as error:
            bootstrap.queue().bury(record.body.encode("utf-8", "replace"), str(error))
            continue
        handed_out = int(record.to_dict()["attributes"]["ApproximateReceiveCount"])
        bootstrap.firebell().look_after(message, handed_out)
    return {"batchItemFailures": []}


@app.schedule("rate(1 minute)", name="sweep")
def sweep(_event: CloudWatchEvent) -> dict[str, int]:
    return {"rung": bootstrap.sweep()}


@app.schedule("rate(1 hour)", name="rollup")
def rollup(_event: CloudWatchEvent) -> dict[str, int]:
    return {"merged": bootstrap.rollup()}


def _led_to(url: str) -> Response:
    """Whoever asks may be anybody: what they may see, Jira decides."""
    headers: dict[str, str | list[str]] = {"Content-Type": "text/plain; charset=utf-8"}
    if not url:
        return Response("This leads nowhere yet: jira.raise_url is not set in firebell.toml.\n", headers, 404)
    return Response(f"{url}\n", headers | {"Location": url}, 302)


def _answered(ring: Callable[[bytes, Mapping[str, str]], Reply]) -> Response:
    request = app.current_request
    assert request is not None, "Chalice sets it before it calls a route"
    try:
        raw = request.raw_body
        body = raw.encode("utf-8") if isinstance(raw, str) else raw
    except UnicodeEncodeError:
        bootstrap.log().info("unauthentic", why="a lone surrogate")
        reply = Reply(401, "unauthentic", "the body is not what was signed: it holds a lone surrogate")
    else:
        reply = ring(body, {name.lower(): value for name, value in request.headers.items()})
    return Response(reply.body or {"outcome": reply.outcome, "detail": reply.detail}, status_code=reply.status)
