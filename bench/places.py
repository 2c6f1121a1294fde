"""From a webhook to room, call and document made and linked in Jira, next to the longest chain of calls.

The chain: page the incident manager; read the issue; make the room; mark it as ours; make the document, which shows the room;
label it as ours; read the issue once more, so that no link of a human's is overwritten; write the links. Each needs what the
one before gave. The baseline is that many requests, one after the other, to an emulator that takes as long to answer.
"""

from __future__ import annotations

import time

import requests

from bench.incidents import raise_unheard
from bench.measure import Quiet, machine, quantile, verdict
from sandbox.jira.schema import CHAT_ROOM, DOCUMENT, VIDEO_CALL
from sandbox.stack import Stack, running

VENDOR_LATENCY_S = 0.25
CHAIN = (
    "create_alert", "get_issue", "conversations.create", "conversations.setPurpose", "create_page", "add_label", "get_issue",
    "put_issue",
)  # fmt: skip
WARM_UP = 2
PATIENCE_S = 30.0
AT_MOST = 1.3


def main(runs: int) -> int:
    """Print the figures; return the exit status."""
    print(f"webhook -> room, call and document linked in Jira; {machine()}; {runs} warm runs; each vendor takes 250 ms")
    print("chain: " + " -> ".join(CHAIN))
    with running(log=Quiet(), workers=4) as stack:
        stack.sweeping = False
        stack.company.opsgenie.hook_url = ""
        for emulator in stack.company.emulators:
            emulator.latency_s = VENDOR_LATENCY_S
        made = [linked_after_s(stack) for _ in range(WARM_UP + runs)][WARM_UP:]
        bare = [chain_s(stack) for _ in range(runs)]
    for title, seconds in ((f"{len(CHAIN)} calls, one after the other", bare), ("Firebell", made)):
        print(f"{title:44} p50 {quantile(seconds, 0.5):5.2f} s   p95 {quantile(seconds, 0.95):5.2f} s")
    ratio = quantile(made, 0.5) / quantile(bare, 0.5)
    return 0 if verdict(f"at most {AT_MOST} times the chain", ratio <= AT_MOST, f"{ratio:.2f}") else 1


def linked_after_s(stack: Stack) -> float:
    """Seconds from posting the webhook of a new incident until its three links stand in Jira."""
    incident = raise_unheard(stack)
    issue = incident.issue
    began = time.monotonic()
    answer = requests.post(f"{stack.url}/webhooks/jira", data=incident.body, headers=incident.headers, timeout=15)
    assert answer.status_code == 202, answer.text
    while not all(issue.fields.get(field) for field in (CHAT_ROOM, VIDEO_CALL, DOCUMENT)):
        assert time.monotonic() - began < PATIENCE_S, "the links did not come"
        time.sleep(0.005)
    seconds = time.monotonic() - began
    deadline = time.monotonic() + PATIENCE_S
    while not stack.is_idle() and time.monotonic() < deadline:
        time.sleep(0.05)
    return seconds


def chain_s(stack: Stack) -> float:
    """Seconds for as many requests as the chain has, one after the other, over one connection."""
    session, began = requests.Session(), time.monotonic()
    for _ in CHAIN:
        session.get(f"{stack.urls['opsgenie']}/v2/alerts/requests/none", timeout=5)
    return time.monotonic() - began
