"""`firebell import`: incidents from before Firebell, out of Jira's history into the fact store. Resumable: run it again.

An imported incident is version 0 of itself: whatever Firebell sees of it later counts instead.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Protocol, TypeVar

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from chalicelib.artifacts.impact_times import of_the_past
from chalicelib.domain.incident import Incident, IssueId, Severity
from chalicelib.domain.policy import PagingPolicy
from chalicelib.errors import PermanentError, SettingsError, TemporaryError, UnreadableEvent
from chalicelib.metrics import layout
from chalicelib.metrics.facts import month_of
from chalicelib.metrics.rows import line_of_sighting, read_sighting
from chalicelib.metrics.sightings import sighting_of
from chalicelib.ports.fact_store import FactStore
from chalicelib.ports.tickets import IssueRef, Left, Missing
from chalicelib.settings import Settings
from cli.fact_store import FolderOption, complain, fact_store
from cli.jira import jira_of
from cli.secrets import SECRETS_VARIABLE
from cli.settings_file import SHIPPED, SettingsOption, load_or_exit, say_problems

T = TypeVar("T")

BEFORE_FIREBELL = 0
"""The number of an imported version."""

TRIES, FIRST_WAIT_S, LONGEST_WAIT_S = 8, 2.0, 60.0
"""Of one request, while Jira cannot be reached or asks us to wait; some four minutes in all."""

GOES_ON = "run it again: it goes on where it was."
INTERRUPTED = 130
"""As shells tell of a Ctrl-C."""

JqlOption = Annotated[
    str, typer.Option("--jql", help='Which issues: "project = HOT AND created < 2026-11-01 ORDER BY created ASC".')
]
AgainOption = Annotated[
    bool, typer.Option("--again", help="Read those anew that were imported before; what Firebell has seen itself stays.")
]


class History(Protocol):
    """Raises TemporaryError or PermanentError."""

    def found_by(self, jql: str) -> Iterator[IssueRef]: ...

    def read(self, issue_id: IssueId) -> Incident | Left | Missing: ...


@dataclass
class Imported:
    """What became of the issues that were found. left_out: key -> why it is no incident; failed: key -> what was wrong."""

    found: int = 0
    written: int = 0
    known: int = 0
    left_out: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def _unseen(done: int, of: int) -> None:
    """Nobody looks."""
    del done, of


@dataclass
class Import:
    """jira is asked for one issue at a time. wait: sleeps so many seconds. said: what goes on, for people."""

    jira: History
    store: FactStore
    policy: PagingPolicy
    now: Callable[[], datetime]
    wait: Callable[[float], None]
    said: Callable[[str], None] = lambda _: None
    with_names: bool = False
    when_empty: Severity = Severity.SEV2

    def run(self, jql: str, *, again: bool, step: Callable[[int, int], None] = _unseen) -> Imported:
        """step: so many issues of so many are done. Raises TemporaryError when Jira or the store stays away, and
        PermanentError for a query that Jira does not take."""
        told = Imported()
        known = self._known(again=again)  # nothing is done yet: whoever named a wrong bucket hears it at once
        refs = self._patiently(lambda: {ref.id: ref for ref in self.jira.found_by(jql)})
        told.found = len(refs)
        for number, ref in enumerate(refs.values()):
            step(number, len(refs))
            if ref.id in known:
                told.known += 1
            else:
                self._take(ref, told)
        step(len(refs), len(refs))
        return told

    def _take(self, ref: IssueRef, told: Imported) -> None:
        try:
            found = self._patiently(lambda: self.jira.read(ref.id))
        except PermanentError as error:  # one that cannot be read is no reason to leave the others
            told.failed[ref.key] = error.message
            return
        if isinstance(found, Missing):
            told.left_out[ref.key] = "it cannot be seen any more"
        elif isinstance(found, Left):
            told.left_out[ref.key] = found.reason
        else:
            self._patiently(lambda: self._write(found))
            told.written += 1

    def _write(self, incident: Incident) -> None:
        at = self.now()
        seen = sighting_of(
            incident, self.policy, version=BEFORE_FIREBELL, observed_at=at,
            times=of_the_past(incident, at, self.policy.own_account), with_names=self.with_names, when_empty=self.when_empty,
        )  # fmt: skip
        key = layout.inbox_key(month_of(seen.created_at), seen.issue_id, seen.version)
        self.store.put(key, line_of_sighting(seen).encode("utf-8", "replace"), "application/json")

    def _known(self, *, again: bool) -> set[str]:
        """Ids of issues that need no reading. again: only those that Firebell has seen itself."""
        known = {
            issue_id
            for key in self.store.keys(layout.INBOX)
            if (told := layout.version_of_inbox_key(key)) is not None
            for issue_id, version in (told,)
            if version > BEFORE_FIREBELL or not again
        }
        for key in self.store.keys(layout.INCIDENTS):
            rows = map(read_sighting, layout.unpacked(self.store.get(key) or b""))
            known |= {seen.issue_id for seen in rows if seen.version > BEFORE_FIREBELL or not again}
        return known

    def _patiently(self, ask: Callable[[], T]) -> T:
        """Raises what it raised last; a refused token at once, since waiting does not help."""
        for number in range(TRIES):
            try:
                return ask()
            except TemporaryError as error:
                is_refused = error.out_of_service and error.retry_after_s is None
                if is_refused or number == TRIES - 1:
                    raise
                wait_s = error.retry_after_s or min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**number)
                self.said(f"{error.vendor} {error.message}: again in {wait_s:.0f} s")
                self.wait(wait_s)
        raise AssertionError("the last try returns or raises")


def import_history(
    jql: JqlOption, again: AgainOption = False, folder: FolderOption = None, settings: SettingsOption = SHIPPED
) -> None:
    """Count incidents from before Firebell: read them and their history from Jira, once. Run it again to go on.

    Needs the rights to read the issues, and FIREBELL_SECRETS with Jira's token. Writes nothing to Jira.
    """
    known, store = load_or_exit(settings), fact_store(folder)
    secrets = os.environ.get(SECRETS_VARIABLE)
    if not secrets:
        raise typer.BadParameter("set it to the JSON with jira_mail and jira_token", param_hint=SECRETS_VARIABLE)
    try:
        jira = jira_of(known, secrets)
    except SettingsError as error:
        say_problems(SECRETS_VARIABLE, error.problems)
        raise typer.Exit(1) from error
    try:
        told = _import(known, jira, store, jql, again=again)
    except PermanentError as error:
        raise complain(f"Nothing was imported: {error}") from error
    except (TemporaryError, UnreadableEvent, OSError) as error:
        raise complain(f"The import stopped: {error}\nOnce that is mended, {GOES_ON}") from error
    except KeyboardInterrupt as interrupt:
        typer.echo(f"Stopped. {GOES_ON.capitalize()}", err=True)
        raise typer.Exit(INTERRUPTED) from interrupt
    _tell(told)


def _import(known: Settings, jira: History, store: FactStore, jql: str, *, again: bool) -> Imported:
    """With a bar that shows how far it is."""
    with _progress() as progress:
        task = progress.add_task("asking Jira which", total=None)
        work = Import(
            jira, store, known.paging, lambda: datetime.now(UTC), time.sleep,
            lambda text: progress.console.print(escape(text)), known.metrics.with_names, known.schema.severity_when_empty,
        )  # fmt: skip
        return work.run(jql, again=again, step=lambda done, of: _show(progress, task, done, of))


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True, highlight=False, soft_wrap=True))


def _show(progress: Progress, task: TaskID, done: int, of: int) -> None:
    progress.update(task, completed=done, total=of, description="reading incidents")


def _tell(told: Imported) -> None:
    for key, why in (*told.left_out.items(), *told.failed.items()):
        typer.echo(f"{key}: {why}", err=True)
    if not told.found:
        typer.echo("Jira finds no issue for this query that its account may see")
        return
    then = ". The next rollup counts them (every hour, or ./firebell rollup)" if told.written else ""
    typer.echo(
        f"{told.found} found: {told.written} imported, {told.known} known already, {len(told.left_out)} no incidents, "
        f"{len(told.failed)} failed{then}"
    )
    if told.failed:
        raise typer.Exit(1)
