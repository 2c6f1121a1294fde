"""What people do: to an incident in Jira, and to an alert at the pager. What cannot be done at that moment is left undone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from chalicelib.domain.alias import FIRST, alias_of, parse_alias
from chalicelib.domain.incident import IssueId
from sandbox.company import EMMA, MIA, OMAR
from sandbox.jira.model import JiraIssue, JiraModel
from sandbox.jira.schema import ESCALATE_TO
from sandbox.pagers.desk import ACKED, Desk
from simulation.company import ASKED_FOR, DEFAULT_ASSIGNEE, ROBOT, SITE_TAG

JiraAct = Callable[[JiraModel, JiraIssue], None]


def _severity(number: int) -> JiraAct:
    return lambda model, issue: model.set_severity(issue, number, EMMA)


def _status(name: str, who: str = "mia") -> JiraAct:
    by = {"mia": MIA, "robot": ROBOT}[who]
    return lambda model, issue: model.transition(issue, name, by) if issue.status != name else None


def _ask_for(*names: str) -> JiraAct:
    options = [{"value": name} for name in names]
    return lambda model, issue: model.set_field(issue, ESCALATE_TO, options, EMMA)


def _hide(model: JiraModel, issue: JiraIssue) -> None:
    issue.hidden = True


def _show(model: JiraModel, issue: JiraIssue) -> None:
    issue.hidden = False


JIRA_ACTS: Mapping[str, JiraAct] = {
    "resolve": _status("Resolved"),
    "reopen": _status("New"),
    "fix": _status("Fixing"),
    "fix by a robot": _status("Fixing", "robot"),
    "lower to 3": _severity(3),
    "lower to 2": _severity(2),
    "raise to 2": _severity(2),
    "raise to 1": _severity(1),
    "take": lambda model, issue: model.assign(issue, MIA, MIA),
    "assign to somebody else": lambda model, issue: model.assign(issue, OMAR, EMMA),
    "assign to the default": lambda model, issue: model.assign(issue, DEFAULT_ASSIGNEE, ROBOT),
    "unassign": lambda model, issue: model.assign(issue, None, EMMA),
    "rename": lambda model, issue: model.edit_summary(issue, issue.fields["summary"] + "!", EMMA),
    "find the service": lambda model, issue: model.set_service(issue, "Bitbucket", EMMA),
    "forget the service": lambda model, issue: model.set_service(issue, None, EMMA),
    "ask for somebody": _ask_for(ASKED_FOR.capitalize()),
    "ask for nobody": _ask_for(),
    "comment": lambda model, issue: _comment(model, issue),  # noqa: PLW0108  defined below
    "remove our comment": lambda model, issue: _remove_our_comment(issue),
    "move away": lambda model, issue: model.move(issue, "OPS", EMMA),
    "move back": lambda model, issue: model.move(issue, "HOT", EMMA),
    "delete": lambda model, issue: model.delete(issue, EMMA),
    "hide": _hide,
    "show": _show,
}

PAGER_ACTS = ("acknowledge", "close")
"""At the pager, the newest open alert of the incident."""

RUN_OUT = "acknowledgements run out"
"""At PagerDuty, those of the incident's alerts, and by nobody: a service lets them last for so long only."""

ACTS = (*JIRA_ACTS, *PAGER_ACTS, RUN_OUT)


def act_in_jira(what: str, model: JiraModel, issue: JiraIssue) -> None:
    if not issue.deleted:
        JIRA_ACTS[what](model, issue)


def act_at_pager(what: str, desks: Mapping[str, Desk], issue: JiraIssue, called: Callable[[Sequence[str]], str]) -> None:
    """Whoever was rung does it. called: how the pager calls the first of those who are on call."""
    alias = alias_of(IssueId(issue.id), FIRST, SITE_TAG)
    for desk in desks.values():
        ours = [alert for alert in desk.open_alerts() if alert.alias == alias or alert.alias.startswith(f"{alias}:")]
        if ours:
            alert = ours[-1]
            by = called(alert.roster.on_call)
            if what == "close":
                desk.close(alert.id, by)
            else:
                desk.acknowledge(alert.id, by)
            return


def let_run_out(desk: Desk, issue: JiraIssue) -> None:
    for alert in desk.open_alerts():
        parsed = parse_alias(alert.alias, SITE_TAG)
        if alert.status == ACKED and parsed is not None and parsed[0] == issue.id:
            desk.run_out(alert.id)


def _comment(model: JiraModel, issue: JiraIssue) -> None:
    model.comment(issue, "Any news?", EMMA)


def _remove_our_comment(issue: JiraIssue) -> None:
    issue.comments = [comment for comment in issue.comments if not comment.properties]
