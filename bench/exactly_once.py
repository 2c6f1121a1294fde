"""Alerts per incident when the same webhook comes many times, and when many incidents come at once. One each, or exit 1.

The whole stack runs, with workers and sweeps. An open alert absorbs a repeated request under the same alias, so the number
of alerts alone would flatter: the create requests that reached the pager are shown too, and the last delivery comes after a
human has closed the alert, when the pager would ring again.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from bench.bare import bare_script
from bench.incidents import Unheard, raise_unheard
from bench.measure import Quiet, machine, verdict
from sandbox.company import MIA
from sandbox.emulator import serve
from sandbox.stack import Stack, running

COPIES = 5
WORKERS = 2
LOOKS = 3
PATIENCE_S = 60.0


@dataclass(frozen=True, slots=True)
class Case:
    """alerts: how many each incident got, whatever their alias. requests: create requests that reached the pager."""

    title: str
    deliveries: int
    alerts: tuple[int, ...]
    requests: int


@dataclass(frozen=True, slots=True)
class Findings:
    """errors: of Firebell's handlers."""

    bare: list[Case]
    firebell: list[Case]
    errors: list[BaseException]


def main(incidents: int) -> int:
    """Print the counts; return the exit status."""
    print(f"alerts per incident; {machine()}; {WORKERS} workers")
    print(f"{'':62} deliveries  alerts per incident  create requests")
    found = measure(COPIES, incidents)
    for who, cases in (("bare script", found.bare), ("Firebell", found.firebell)):
        for case in cases:
            _show(who, case)
    counts = [count for case in found.firebell for count in case.alerts]
    kept = verdict("exactly one alert", set(counts) == {1}, f"{counts.count(1)} of {len(counts)} incidents have one")
    kept &= verdict("no handler fails", not found.errors, "; ".join(map(repr, found.errors)) or "0 errors")
    return 0 if kept else 1


def measure(copies: int, incidents: int, speed: float = 1.0) -> Findings:
    """speed: of the clock; faster, pauses between two looks are shorter."""
    with running(log=Quiet(), workers=WORKERS) as stack, serve(bare_script(stack.urls["opsgenie"])) as [bare]:
        stack.clock.run_at(speed)
        firebell = [again_and_again(stack, stack.url, copies), at_once(stack, stack.url, incidents)]
        stack.sweeping = False  # it would find, and page, what is left to the bare script
        return Findings([again_and_again(stack, bare, copies), at_once(stack, bare, incidents)], firebell, stack.errors)


def again_and_again(stack: Stack, url: str, copies: int) -> Case:
    """The same webhook `copies` times at once, once more when all is settled, and once more when a human has closed it."""
    incident, desk = raise_unheard(stack), stack.company.opsgenie.desk
    requests = stack.company.opsgenie.count("create_alert")
    for times in (copies, 1):
        _deliver(stack, url, [incident] * times)
        _settle(stack)
    for alert in desk.open_alerts():
        desk.close(alert.id, MIA.email or "")
    _settle(stack)
    _deliver(stack, url, [incident])
    _settle(stack)
    title = f"one webhook: {copies} at once, 1 later, 1 after a close"
    return _counted(stack, title, copies + 2, [incident], requests)


def at_once(stack: Stack, url: str, incidents: int) -> Case:
    """As many incidents, each with its own webhook, all delivered at the same time."""
    raised = [raise_unheard(stack, f"Checkout is down, part {number}") for number in range(incidents)]
    requests = stack.company.opsgenie.count("create_alert")
    _deliver(stack, url, raised)
    _settle(stack)
    return _counted(stack, f"{incidents} incidents at once", incidents, raised, requests)


def _counted(stack: Stack, title: str, deliveries: int, incidents: Sequence[Unheard], requests_before: int) -> Case:
    opsgenie = stack.company.opsgenie
    alerts = tuple(sum(_is_about(alert.alias, incident) for alert in opsgenie.desk.alerts) for incident in incidents)
    return Case(title, deliveries, alerts, opsgenie.count("create_alert") - requests_before)


def _is_about(alias: str, incident: Unheard) -> bool:
    """Firebell's aliases hold the issue's id, the bare script's are the body's hash."""
    return alias.split(":")[1:2] == [incident.issue.id] or alias == hashlib.sha256(incident.body).hexdigest()


def _deliver(stack: Stack, url: str, incidents: Sequence[Unheard]) -> None:
    """All at the same time; returns when all are answered, each with a 2xx."""
    start, statuses = threading.Barrier(len(incidents)), list[int]()

    def post(incident: Unheard) -> None:
        start.wait()
        statuses.append(stack.deliver(f"{url}/webhooks/jira", incident.headers, incident.body))

    threads = [threading.Thread(target=post, args=(incident,)) for incident in incidents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(200 <= status < 300 for status in statuses), statuses


def _settle(stack: Stack) -> None:
    """Until nothing is queued, on its way, or being processed, a few looks in a row. Raises TimeoutError."""
    idle, deadline = 0, time.monotonic() + PATIENCE_S
    while idle < LOOKS:
        idle = idle + 1 if _is_idle(stack) else 0
        if time.monotonic() > deadline:
            raise TimeoutError(f"the stack did not settle within {PATIENCE_S:.0f} s")
        time.sleep(0.1)


def _is_idle(stack: Stack) -> bool:
    desk = stack.company.opsgenie.desk
    is_processed = all(request.done for request in list(desk.requests.values()))
    return is_processed and not desk.outbox and not stack.company.jira_model.webhooks and stack.waiting() == 0


def _show(who: str, case: Case) -> None:
    fewest, most = min(case.alerts), max(case.alerts)
    alerts = str(most) if fewest == most else f"{fewest} to {most}"
    print(f"{f'{who}, {case.title}':62} {case.deliveries:10} {alerts:>20} {case.requests:16}")
