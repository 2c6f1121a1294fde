"""`firebell serve`: the embedded stack, kept running, with a page to look at and act in."""

from __future__ import annotations

import signal
import threading

from rich.console import Console

from sandbox.pages import ShownLog, pages
from sandbox.stack import running


def serve(port: int) -> int:
    """Serve until interrupted. port: of the page; 0 takes a free one."""
    console, log, stopped = Console(), ShownLog(), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    with running(log=log, pages=lambda stack: pages(stack, log), pages_port=port) as stack:
        console.print(f"[bold]Firebell[/bold] is running. Look at {stack.urls['pages']}")
        console.print(f"[dim]Webhooks: {stack.url}/webhooks/jira, /opsgenie, /jsm, /pagerduty. Ctrl-C stops it.[/dim]")
        try:
            stopped.wait()
        except KeyboardInterrupt:
            console.print("[dim]Stopping.[/dim]")
    return 0
