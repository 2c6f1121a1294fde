"""`firebell demo`: incidents being paged on this machine, live, and the places set up where people meet; then things break,
and are repaired; then the promises.

Every line is something that was observed (a log event of Firebell's, a phone that rang at the emulated pager); every row of
the last table is computed from what the emulators and the ledger hold at the end.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
from rich.console import Console
from rich.table import Table

from chalicelib.domain.alias import CHAIN, FIRST, alias_of
from chalicelib.domain.incident import IssueId
from chalicelib.errors import TemporaryError
from chalicelib.ports.queue import Cause, Message
from cli.demo_counting import Counting
from cli.demo_meeting import Meeting
from cli.demo_telling import Telling
from sandbox.company import EMMA, MIA, OMAR
from sandbox.emulator import Fault, FaultKind, JsonLinesRecorder
from sandbox.jira.model import JiraIssue
from sandbox.stack import Stack, running

FAST = 12.0
PATIENCE_S = 90.0
"""For everything: a wake-up may be booked for a minute ahead, and is waited for."""
WRITTEN_TO = ("ledger", "alerts", "Jira", "chat", "wiki", "calls", "status pages", "mail", "queue")
_WORDS = {"sending": "paging", "unknown": "looking at the pager", "acked": "acknowledged", "ended": "no alert is open"}
_COLOURS = {
    "confirmed": "green",
    "acked": "bold green",
    "accepted": "cyan",
    "sending": "cyan",
    "closed": "green",
    "ended": "green",
}


class DemoLog:
    """Firebell's own log, shown as it happens, with the time since the incident was raised."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._raised: dict[str, float] = {}
        self._lock = threading.Lock()
        self.events: list[tuple[str, dict[str, object]]] = []

    def raised(self, key: str) -> None:
        self._raised[key] = time.monotonic()

    def info(self, event: str, **fields: object) -> None:
        self.events.append((event, fields))
        key = str(fields.get("issue", ""))
        if event == "queued":
            self.say(key, "queued", "durable on the queue" + (", paging at once" if fields.get("pages_now") else ""))
        elif event == "page_state":
            self._page_state(key, fields)
        elif event in ("pager_failed", "shadow"):
            self.say(key, event.replace("_", " "), str(fields.get("error") or fields.get("would")), "yellow")

    def alarm(self, event: str, **fields: object) -> None:
        self.events.append((event, fields))
        self.say(str(fields.get("issue", "")), "alarm", f"{event}: {fields.get('error', '')}", "bold red")

    def _page_state(self, key: str, fields: dict[str, object]) -> None:
        state = str(fields["state"])
        text = f"{fields['roster']}: {_WORDS.get(state, state)}"
        if state in ("sending", "unknown"):
            text += f", because {fields['why']}"
        self.say(key, "page", text, _COLOURS.get(state, "yellow"))

    def say(self, key: str, what: str, text: str, colour: str = "white") -> None:
        with self._lock:
            since = self._raised.get(key)
            after = f"+{(time.monotonic() - since) * 1000:6.0f} ms" if since is not None else " " * 10
            self._console.print(
                f"  [dim]{after}[/dim]  {key:<7} [{colour}]{what:<12} {text}[/{colour}]", highlight=False, soft_wrap=True
            )


class Demo:
    """The scenes, in order. `promises` collects what the last table shows."""

    def __init__(self, stack: Stack, log: DemoLog, console: Console) -> None:
        self.stack, self.log, self.console = stack, log, console
        self.model = stack.company.jira_model
        self.desk = stack.company.opsgenie.desk
        self.promises: list[tuple[str, bool, str]] = []
        self._shown_rings = 0
        self.speed = 1.0

    def play(self) -> None:
        self.stack.sweeping = False
        self.model.retry_pause = timedelta(seconds=60)
        first = self._known_service()
        meeting = Meeting(self, first)
        meeting.play()
        telling = Telling(self, first)
        telling.opened()
        self._unknown_service()
        self._severity_three()
        self._duplicate(first)
        self.speed = FAST
        self.stack.clock.run_at(self.speed)
        self.stack.sweeping = True
        self.console.print(f"\n[dim]From here on the clock runs {FAST:.0f} times as fast.[/dim]")
        telling.ordered()
        self._lost_webhook()
        self._failing_pager()
        self._killed_worker()
        self._resolve(first)
        meeting.over()
        telling.over()
        counting = Counting(self, first)
        counting.told()
        self._settle()
        meeting.settled()
        telling.settled()
        counting.counted()

    # --- scenes ------------------------------------------------------------------------------------------------

    def _known_service(self) -> JiraIssue:
        self.scene("Severity 1, service Bitbucket")
        issue = self._raise("Checkout is down", severity=1, service="Bitbucket", products=("Payments",))
        self.wait(lambda: self._state(issue) == "confirmed")
        self._acknowledge(issue, MIA.email or "")
        self.promise(
            "paged the incident manager of the faulty service", self._rung(issue) == [MIA.email], str(self._rung(issue))
        )
        calls = [call for emulator in self.stack.company.emulators for call in emulator.calls]
        first = min(calls, key=lambda call: call.at)
        self.promise("no vendor is called before the page", first.operation == "create_alert", f"first: {first.operation}")
        return issue

    def _unknown_service(self) -> None:
        self.scene("Severity 2, faulty service Unknown")
        issue = self._raise("Something is slow", severity=2, service="Unknown")
        self.wait(lambda: self._state(issue) == "confirmed")
        self._acknowledge(issue, OMAR.email or "")
        self.promise(
            "service unknown: the global roster (IMOC) is paged", self._rung(issue) == [OMAR.email], str(self._rung(issue))
        )

    def _severity_three(self) -> None:
        self.scene("Severity 3")
        issue = self._raise("A typo on the login page", severity=3, service="Bitbucket")
        self.rest()
        self.log.say(issue.key, "page", "nobody: severity 3 stays in Jira")
        self.promise("severity 3 wakes nobody", self._rung(issue) == [], "0 rings")

    def _duplicate(self, issue: JiraIssue) -> None:
        self.scene("The first webhook once more, five times at once")
        rings, hook = len(self.desk.rings), self._first_hook_of(issue)
        jira = self.stack.company.jira
        threads = [
            threading.Thread(target=self.stack.deliver, args=(jira.hook_url, jira.headers_of(hook), jira.body_of(hook)))
            for _ in range(5)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.rest()
        self.log.say(issue.key, "page", "nothing: it was paged already")
        self.promise("five more deliveries ring nobody", len(self.desk.rings) == rings, f"{len(self.desk.rings) - rings} rings")

    def _lost_webhook(self) -> None:
        self.scene("A webhook that Jira never delivers")
        self.model.lose = 1
        issue = self._raise("Search is down", severity=1, service="Bitbucket")
        self.wait(lambda: self._state(issue) == "confirmed")
        took = (self._rung_at(issue) - issue.created).total_seconds()
        self.log.say(issue.key, "sweep", f"found it: paged {took:.0f} s after it was raised", "green")
        self._acknowledge(issue, MIA.email or "")
        self.promise("a lost webhook is paged within 180 s", took <= 180, f"{took:.0f} s")

    def _failing_pager(self) -> None:
        self.scene("A pager that fails three times, then answers too late")
        opsgenie = self.stack.company.opsgenie
        opsgenie.faults.switch_on("create_alert", Fault(FaultKind.UNAVAILABLE, times=2))
        issue = self._raise("Payments fail", severity=1, service="Bitbucket")
        self.wait(lambda: "create_alert" not in opsgenie.faults.planned())
        opsgenie.faults.switch_on("create_alert", Fault(FaultKind.TIMEOUT_AFTER, delay_s=2.5))
        self.wait(lambda: self._state(issue) == "confirmed")
        took = (self._rung_at(issue) - issue.created).total_seconds()
        self._acknowledge(issue, MIA.email or "")
        self.promise("a failing pager rings once, when it can", len(self._rung(issue)) == 1, f"1 ring after {took:.0f} s")

    def _killed_worker(self) -> None:
        self.scene("The process is killed right after the pager has heard of it")
        self.stack.kill.armed = "after"
        issue = self._raise("Login is down", severity=1, service="Bitbucket")
        self.wait(lambda: self.stack.kill.armed is None)
        self.log.say(issue.key, "killed", "the ledger never learnt that the page went out", "bold red")
        self.wait(lambda: self._state(issue) == "confirmed")
        self._acknowledge(issue, MIA.email or "")
        self.promise(
            "killed in the middle: one alert, found by looking", len(self._rung(issue)) == 1, f"{len(self._rung(issue))} ring"
        )

    def _resolve(self, issue: JiraIssue) -> None:
        self.scene(f"{issue.key} is resolved")
        self.log.raised(issue.key)
        self.model.transition(issue, "Resolved", MIA)
        self.wait(lambda: self._state(issue) == "ended")
        still_open = self.desk.open_alerts(self.alias(issue, FIRST))
        self.promise("resolved: the alert is closed", not still_open, f"{len(still_open)} open")

    def _settle(self) -> None:
        """Everything once more, and nothing may happen."""
        incidents = [issue for issue in self.model.issues.values() if issue.issue_type == "Incident"]
        self.wait(lambda: {self._state(issue) for issue in incidents} <= {"acked", "ended", "none"})
        self.stack.sweeping = False
        self.stack.clock.run_at(1.0)
        for _ in range(2):  # what fell due while the clock ran fast is done first: only then nothing is left to do
            self._look_after(incidents)
        before = self._world()
        self._look_after(incidents)
        changed = [what for what, one, other in zip(WRITTEN_TO, before, self._world(), strict=True) if one != other]
        self.promise("a second reconcile of everything writes nothing", not changed, ", ".join(changed) or "0 writes")
        rings = [ring.alias for ring in self.desk.rings]
        self.promise("one ring per incident and target", len(rings) == len(set(rings)), f"{len(rings)} rings")
        violations = [v for emulator in self.stack.company.emulators for v in emulator.violations]
        self.promise("every request was one the vendors understand", not violations, f"{len(violations)} violations")
        errors = [error for error in self.stack.errors if type(error).__name__ != "Killed"]
        self.promise("no handler failed", not errors, "; ".join(map(repr, errors)) or "0 errors")

    def _look_after(self, incidents: list[JiraIssue]) -> None:
        from chalicelib import bootstrap

        self.rest()
        for issue in incidents:
            bootstrap.firebell().look_after(Message(issue.id, Cause.SWEEP))  # type: ignore[arg-type]
        self.rest()

    # --- small things ------------------------------------------------------------------------------------------

    def scene(self, title: str) -> None:
        self.console.print(f"\n[bold]{title}[/bold]")

    def _raise(self, summary: str, *, severity: int, service: str, products: tuple[str, ...] = ()) -> JiraIssue:
        key = f"HOT-{len(self.model.issues) + 1}"
        self.log.raised(key)
        self.log.say(key, "raised", f"{summary} (severity {severity}, {service})", "bold")
        return self.model.create_incident(EMMA, summary, severity=severity, service=service, products=products)

    def _acknowledge(self, issue: JiraIssue, by: str) -> None:
        aliases = [self.alias(issue, target) for target in (FIRST, f"{CHAIN}1")]
        alert = self.desk.open_alerts(aliases[0]) or self.desk.open_alerts(aliases[1])
        self.desk.acknowledge(alert[0].id, by)
        self.wait(lambda: self._state(issue) == "acked")

    def alias(self, issue: JiraIssue, target: str) -> str:
        from chalicelib import bootstrap

        return alias_of(IssueId(issue.id), target, bootstrap.settings().paging.site_tag)

    def wait(self, until: Callable[[], bool]) -> None:
        """Until it is so; shows phones that ring meanwhile. Raises TimeoutError when it does not come."""
        deadline = time.monotonic() + PATIENCE_S
        while not self._is_so(until):
            self._show_rings()
            if time.monotonic() > deadline:
                raise TimeoutError(f"the demo waited {PATIENCE_S:.0f} s in vain")
            time.sleep(0.01)
        self._show_rings()

    def rest(self) -> None:
        """Until nothing is under way."""
        self.wait(self.stack.is_idle)

    def _is_so(self, until: Callable[[], bool]) -> bool:
        """Not yet, where a busy machine does not answer in time."""
        try:
            return until()
        except TemporaryError:
            return False

    def _show_rings(self) -> None:
        for ring in self.desk.rings[self._shown_rings :]:
            self._shown_rings += 1
            key = ring.message.partition("]")[0].lstrip("[")
            self.log.say(key, "RINGS", f"{', '.join(ring.people)} ({ring.roster}): {ring.message}", "bold magenta")

    def _rung(self, issue: JiraIssue) -> list[str]:
        return [person for ring in self._rings_of(issue) for person in ring.people]

    def _rung_at(self, issue: JiraIssue) -> Any:
        return self._rings_of(issue)[0].at

    def _rings_of(self, issue: JiraIssue) -> list[Any]:
        return [ring for ring in self.desk.rings if ring.alias.split(":")[1] == issue.id]

    def _state(self, issue: JiraIssue) -> str:
        """The state of the issue's newest page, from the ledger."""
        pages = self._ledger().read(issue.id).pages
        return pages[-1].state.value if pages else "none"

    def _ledger(self) -> Any:
        from chalicelib import bootstrap

        return bootstrap.world().ledger

    def _first_hook_of(self, issue: JiraIssue) -> Any:
        from sandbox.jira.model import Webhook

        body = {"timestamp": int(issue.created.timestamp() * 1000), "webhookEvent": "jira:issue_created"}
        return Webhook("again", {**body, "user": EMMA.as_json(), "issue": self.model.issue_json(issue)}, issue.created)

    def _world(self) -> tuple[Any, ...]:
        """All that Firebell can write to: every item of the ledger, every alert, issue, room, page and call, every message."""
        stored = boto3.client("dynamodb", endpoint_url=self.stack.aws).scan(TableName="firebell")["Items"]
        items = [item for item in stored if item["pk"] != {"S": "sweep"}]  # when the last sweep was: of no incident
        alerts = [(alert.id, alert.status, alert.count) for alert in self.desk.alerts]
        issues = [(issue.fields, issue.status, issue.assignee, issue.comments) for issue in self.model.issues.values()]
        company = self.stack.company
        places = (company.slack.model.rooms, company.confluence.model.pages, company.zoom.model.meetings)
        told = (company.statuspage.model.pages, company.mail.model.received)
        return sorted(map(repr, items)), alerts, repr(issues), *map(repr, (*places, *told)), self.stack.waiting()

    def promise(self, what: str, kept: bool, seen: str) -> None:
        self.promises.append((what, kept, seen))


def play(record: Path | None = None) -> int:
    """Run the demo; 0 when every promise was kept. record: file for the HTTP exchanges, as JSON lines."""
    console = Console()
    log = DemoLog(console)
    recorder = JsonLinesRecorder(record) if record else None
    began = time.monotonic()
    console.print("[bold]Firebell[/bold] on this machine: moto is AWS, and every vendor is a strict emulator")
    with running(log=log, recorder=recorder) as stack:
        demo = Demo(stack, log, console)
        try:
            demo.play()
        except TimeoutError as error:
            demo.promises.append((str(error), False, ""))
    table = Table(title="\nPromises", title_justify="left", show_lines=False)
    for heading in ("", "promise", "seen"):
        table.add_column(heading)
    for what, kept, seen in demo.promises:
        table.add_row("[green]kept[/green]" if kept else "[bold red]BROKEN[/bold red]", what, seen)
    console.print(table)
    console.print(f"[dim]{time.monotonic() - began:.0f} s[/dim]")
    return 0 if all(kept for _, kept, _ in demo.promises) else 1
