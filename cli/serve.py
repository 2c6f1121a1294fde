"""`firebell serve`: the embedded stack, kept running, with a page to look at and act in."""

from __future__ import annotations

import os
import shlex
import signal
import threading
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from sandbox.pages import ShownLog, pages
from sandbox.stack import running

TOLD = (
    *("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"),
    *("FIREBELL_SETTINGS", "FIREBELL_SECRETS", "FIREBELL_FACTS", "no_proxy", "NO_PROXY"),
)
"""What the other commands read of the environment."""


def serve(port: int) -> int:
    """Serve until interrupted. port: of the page; 0 takes a free one."""
    console, log, stopped = Console(), ShownLog(), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    with running(log=log, pages=lambda stack: pages(stack, log), pages_port=port) as stack:
        console.print(f"[bold]Firebell[/bold] is running. Look at {stack.urls['pages']}")
        others = Path(os.environ["FIREBELL_SETTINGS"]).with_name("environment.sh")
        others.write_text(exports(os.environ), "utf-8")
        console.print(f"For other commands, in another shell:  . {others}", soft_wrap=True)
        console.print(f"[dim]Webhooks: {stack.url}/webhooks/jira, /opsgenie, /jsm, /pagerduty. Ctrl-C stops it.[/dim]")
        try:
            stopped.wait()
        except KeyboardInterrupt:
            console.print("[dim]Stopping.[/dim]")
    return 0


def exports(environment: Mapping[str, str]) -> str:
    """What a shell reads to have the other commands work on this stack."""
    return "".join(f"export {name}={shlex.quote(environment[name])}\n" for name in TOLD)
