"""One incident at Jira with support and reviews beside it: real adapters over HTTP, the real runner, a ledger in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from chalicelib.adapters.jinja_words import JinjaWords
from chalicelib.artifacts.artifact import Artifact
from chalicelib.domain.incident import Incident, Severity, Status
from chalicelib.intake.jira_history import parse_history
from chalicelib.intake.jira_issue import parse_issue
from chalicelib.ports.tickets import Tickets
from sandbox.emulator import Fault, FaultKind
from sandbox.jira import issues
from sandbox.jira.model import JiraComment, JiraIssue, JiraModel
from sandbox.jira.records import JiraProject
from sandbox.jira.schema import example_schema
from tests.adapters.jira_world import BOT, EMMA, MIA, JiraWorld, a_data_center, a_jira, hire
from tests.artifacts.passes import Passes
from tests.reconcile.small_world import SmallWorld

WORDS = JinjaWords(Path(__file__).parents[2] / "templates")
SCHEMA = example_schema()
FINAL_AFTER = timedelta(minutes=5)


@dataclass
class Desk:
    jira: JiraWorld
    passes: Passes
    issue: JiraIssue

    @property
    def model(self) -> JiraModel:
        return self.jira.model

    def a_case(self, *labels: str, project: str = "SUP") -> JiraIssue:
        return issues.raise_case(self.model, project, "My cart is empty", EMMA, *(labels or (self.issue.key,)))

    def resolve(self, resolution: str = "Done") -> None:
        self.model.transition(self.issue, "Resolved", MIA, resolution)

    def resolve_and_fail_for_a_day(self, operation: str, kind: FaultKind) -> None:
        """However often it is tried. Then one pass more."""
        self.passes.settle()
        self.resolve()
        self.jira.emulator.faults.switch_on(operation, Fault(kind, times=None))
        self.passes.settle_for(3600)
        self.passes.pass_time(86_400)
        self.passes.settle()

    def reopen(self) -> None:
        self.model.transition(self.issue, "Fixing", MIA)

    def notes(self, case: JiraIssue) -> list[JiraComment]:
        return [comment for comment in case.comments if comment.author.account_id == BOT.account_id]

    def reviews(self) -> list[JiraIssue]:
        return [issue for issue in self.model.issues.values() if issue.project == "REV"]

    def writes(self) -> int:
        """What changed at Jira or in the ledger, ever."""
        changed = ("add_comment", "create_issue", "link_issue", "edit_comment")
        return sum(map(self.jira.emulator.count, changed)) + len([e for e in self.passes.effects if e.startswith("ledger.")])


@contextmanager
def a_desk(
    artifacts: Callable[[Callable[[], Tickets]], tuple[Artifact[Any], ...]], *, data_center: bool = False, **incident: Any
) -> Iterator[Desk]:
    """artifacts: made of what gives them their Tickets. incident: what is special about it, as for `create_incident`."""
    with a_data_center() if data_center else a_jira() as jira:
        if not jira.model.users:
            hire(jira.model)
        issues.add_project(jira.model, JiraProject("SUP", "service_desk", ("Support",)))
        issues.add_project(jira.model, JiraProject("CUS"))
        issues.add_project(jira.model, JiraProject("REV"))
        issue = jira.model.create_incident(EMMA, incident.pop("summary", "Checkout is down"), **incident)

        def made(small: SmallWorld) -> tuple[Artifact[Any], ...]:
            tickets: Tickets = small.mortality.wrap(jira.tickets, "jira")
            return artifacts(lambda: tickets)

        passes = Passes(made, clock=jira.clock)

        def observe() -> Incident:
            """As a pass reads it; not over HTTP, so that only what is tested can meet a fault."""
            body = jira.model.issue_json(issue)
            changes = parse_history({"histories": issue.histories}, SCHEMA, fields=body["fields"])
            seen = parse_issue(body, SCHEMA, changes=changes, whole=True)
            assert isinstance(seen, Incident)
            passes.incident = seen
            passes.wanted = seen.status is not Status.RESOLVED and seen.severity is not Severity.SEV3
            return seen

        passes.observe = observe
        observe()
        yield Desk(jira, passes, issue)
