"""From a webhook's first byte to the pager's create request, next to the least that could be done: one HMAC, one POST.

    python -m bench.time_to_page [--runs 200]

Both run behind the same thin front, in the same process, against the same emulator; so the difference is what Firebell adds:
parsing, the queue (moto), the ledger's claim (moto). No worker runs meanwhile: it could only add noise.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import os
import platform
import statistics
from collections.abc import Callable
from typing import Any

import requests
from flask import Flask, Response, request

from sandbox.company import EMMA, SECRETS
from sandbox.emulator import serve
from sandbox.jira.model import Webhook
from sandbox.stack import Stack, running

VENDOR_LATENCY_S = 0.25


class Quiet:
    def info(self, event: str, **fields: object) -> None: ...

    def alarm(self, event: str, **fields: object) -> None: ...


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--runs", type=int, default=200)
    runs = arguments.parse_args().runs
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}; {runs} warm runs each, milliseconds"
    )
    with running(log=Quiet(), workers=0) as stack, serve(_bare(stack)) as [bare]:
        stack.sweeping = False
        stack.company.jira.hook_url = ""
        _measure(stack, stack.url, 10), _measure(stack, bare, 10)
        print(f"{'':44}   p50    p95    max")
        for title, latency_s in (("vendors answer at once", 0.0), ("each vendor takes 250 ms", VENDOR_LATENCY_S)):
            for emulator in stack.company.emulators:
                emulator.latency_s = latency_s
            _show(f"bare script, {title}", _measure(stack, bare, runs))
            _show(f"Firebell, {title}", _measure(stack, stack.url, runs))


def _measure(stack: Stack, url: str, runs: int) -> list[float]:
    """Milliseconds from posting each of `runs` new incidents to the arrival of its create request at the pager."""
    opsgenie, session = stack.company.opsgenie, requests.Session()
    times = []
    for _ in range(runs):
        _drain(stack)
        hook = _a_new_incident(stack)
        calls = len(opsgenie.calls)
        began = stack.clock.now()
        answer = session.post(
            f"{url}/webhooks/jira",
            data=stack.company.jira.body_of(hook),
            headers=stack.company.jira.headers_of(hook),
            timeout=15,
        )
        assert answer.status_code == 202, answer.text
        [call] = opsgenie.calls[calls:]
        times.append((call.at - began).total_seconds() * 1000)
    return times


def _drain(stack: Stack) -> None:
    """moto's queue grows slow with its depth, AWS's does not: take off, unmeasured, what nobody works on."""
    while messages := stack.sqs.receive_message(QueueUrl=stack.queue_url, MaxNumberOfMessages=10).get("Messages"):
        entries = [{"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]} for n, message in enumerate(messages)]
        stack.sqs.delete_message_batch(QueueUrl=stack.queue_url, Entries=entries)


def _a_new_incident(stack: Stack) -> Webhook:
    model = stack.company.jira_model
    model.create_incident(EMMA, "Checkout is down", description="Carts fail since noon. " * 40, products=("Payments", "Web"))
    [hook] = model.take_due_webhooks()
    return hook


def _bare(stack: Stack) -> Flask:
    """The least: verify one signature, make one POST."""
    app, session = Flask("bare"), requests.Session()
    secret = str(SECRETS["jira_webhook"][0]).encode()  # type: ignore[index]
    headers = {"Authorization": f"GenieKey {SECRETS['opsgenie_key']}"}

    @app.post("/webhooks/jira")
    def page() -> Response:
        body = request.get_data()
        expected = "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, request.headers["X-Hub-Signature"]):
            return Response(status=401)
        responders = [{"type": "schedule", "id": "sch-bitbucket"}]
        alert: dict[str, Any] = {
            "message": "Checkout is down",
            "alias": hashlib.sha256(body).hexdigest(),
            "responders": responders,
        }
        session.post(f"{stack.urls['opsgenie']}/v2/alerts", json=alert, headers=headers, timeout=3)
        return Response(status=202)

    return app


def _show(title: str, times: list[float]) -> None:
    ordered = sorted(times)
    quantile: Callable[[float], float] = lambda q: ordered[min(len(ordered) - 1, int(q * len(ordered)))]  # noqa: E731
    print(f"{title:44} {statistics.median(ordered):6.1f} {quantile(0.95):6.1f} {ordered[-1]:6.1f}")


if __name__ == "__main__":
    main()
