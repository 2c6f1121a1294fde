"""From a webhook's first byte to the pager's create request, next to the least that could be done: one HMAC, one POST.

Both run behind the same thin front, in the same process, against the same emulator; so the difference is what Firebell adds:
parsing, the queue (moto), the ledger's claim (moto). No worker runs meanwhile: it could only add noise.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import requests

from bench.bare import bare_script
from bench.incidents import drain, raise_unheard
from bench.measure import Quiet, machine, quantile, verdict
from sandbox.emulator import serve
from sandbox.stack import Stack, running

VENDOR_LATENCY_S = 0.25
WARM_UP = 10


@dataclass
class Times:
    """ms: from posting each webhook to the arrival of its create request. called_before: vendors' operations before it."""

    ms: list[float] = field(default_factory=list)
    called_before: list[str] = field(default_factory=list)


def main(runs: int) -> int:
    """Print the figures; return the exit status."""
    print(f"webhook -> create request at the pager; {machine()}; {runs} warm runs each")
    with running(log=Quiet(), workers=0) as stack, serve(bare_script(stack.urls["opsgenie"])) as [bare]:
        stack.sweeping = False
        stack.company.opsgenie.hook_url = ""
        measure(stack, stack.url, WARM_UP), measure(stack, bare, WARM_UP)
        called_before: list[str] = []
        print(f"{'milliseconds':44}   p50    p95    max")
        for title, latency_s in (("vendors answer at once", 0.0), ("each vendor takes 250 ms", VENDOR_LATENCY_S)):
            for emulator in stack.company.emulators:
                emulator.latency_s = latency_s
            _show(f"bare script, {title}", measure(stack, bare, runs))
            times = measure(stack, stack.url, runs)
            _show(f"Firebell, {title}", times)
            called_before += times.called_before
    seen = f"{len(called_before)}{': ' + ', '.join(sorted(set(called_before))) if called_before else ''}"
    return 0 if verdict(f"vendor calls before the page, in {2 * runs} runs", not called_before, seen) else 1


def measure(stack: Stack, url: str, runs: int) -> Times:
    """Post `runs` new incidents to url, one after the other. Each must make exactly one create request."""
    emulators, session, times = stack.company.emulators, requests.Session(), Times()
    for _ in range(runs):
        drain(stack)
        incident = raise_unheard(stack)
        seen = {emulator.name: len(emulator.calls) for emulator in emulators}
        began = stack.clock.now()
        answer = session.post(f"{url}/webhooks/jira", data=incident.body, headers=incident.headers, timeout=15)
        assert answer.status_code == 202, answer.text
        calls = [call for emulator in emulators for call in emulator.calls[seen[emulator.name] :]]
        [page] = [call for call in calls if call.operation == "create_alert"]
        times.ms.append((page.at - began).total_seconds() * 1000)
        times.called_before += [call.operation for call in calls if call.at < page.at]
    return times


def _show(title: str, times: Times) -> None:
    print(f"{title:44} {quantile(times.ms, 0.5):6.1f} {quantile(times.ms, 0.95):6.1f} {max(times.ms):6.1f}")
