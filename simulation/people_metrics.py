"""What people do about what is counted: they tell times, right and wrong, take them out, and run the rollup by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone

from chalicelib.intake.jira_values import read_time
from chalicelib.metrics.run import Rollup
from sandbox.company import EMMA, MIA, PIA
from sandbox.jira import schema as names
from sandbox.jira.model import JiraIssue, JiraModel
from sandbox.jira.records import jira_time
from sandbox.jira.schema import DRILL_LABEL, PRIVATE_LABEL
from simulation.metrics_bureau import Bureau

CountAct = Callable[[Bureau, JiraModel, JiraIssue], None]
Moment = Callable[[JiraModel, JiraIssue], datetime]

_ELSEWHERE = timezone(timedelta(hours=5, minutes=30))


def _after_creation(minutes: float) -> Moment:
    return lambda model, issue: issue.created + timedelta(minutes=minutes)


def _from_now(minutes: float) -> Moment:
    return lambda model, issue: model.clock.now() + timedelta(minutes=minutes)


def _say(field_id: str, moment: Moment, *, elsewhere: bool = False) -> CountAct:
    """elsewhere: Jira shows it in the zone of whoever entered it."""

    def done(bureau: Bureau, model: JiraModel, issue: JiraIssue) -> None:
        del bureau
        at = moment(model, issue).replace(microsecond=0)
        shown = at.astimezone(_ELSEWHERE).isoformat(timespec="milliseconds").replace("+05:30", "+0530")
        model.set_field(issue, field_id, shown if elsewhere else jira_time(at), EMMA)

    return done


def _correct(field_id: str, minutes: float) -> CountAct:
    def done(bureau: Bureau, model: JiraModel, issue: JiraIssue) -> None:
        del bureau
        if issue.fields.get(field_id):
            at = read_time(issue.fields[field_id]) + timedelta(minutes=minutes)
            model.set_field(issue, field_id, jira_time(at), PIA)

    return done


def _take_out(field_id: str) -> CountAct:
    return lambda bureau, model, issue: (
        model.set_field(issue, field_id, None, EMMA) if issue.fields.get(field_id) else None
    )  # fmt: skip


def _resolve(resolution: str) -> CountAct:
    return lambda bureau, model, issue: (
        model.transition(issue, "Resolved", MIA, resolution) if issue.status != "Resolved" else None
    )  # fmt: skip


def _label(*labels: str) -> CountAct:
    return lambda bureau, model, issue: model.set_field(issue, "labels", list(labels), EMMA)


COUNT_ACTS: Mapping[str, CountAct] = {
    "say when it began": _say(names.STARTED, _after_creation(-5)),
    "say elsewhere when it began": _say(names.STARTED, _after_creation(-20), elsewhere=True),
    "say that it began too late": _say(names.STARTED, _after_creation(3)),
    "say that it begins next year": _say(names.STARTED, _after_creation(60 * 24 * 365)),
    "say when it was detected": _say(names.DETECTED, _after_creation(-1)),
    "say that it was detected too early": _say(names.DETECTED, _after_creation(-40)),
    "say when it ended": _say(names.ENDED, _from_now(0)),
    "say that it ended too early": _say(names.ENDED, _after_creation(-60), elsewhere=True),
    "say that it will have ended": _say(names.ENDED, _from_now(30)),
    "correct the start": _correct(names.STARTED, -0.5),
    "correct the detection": _correct(names.DETECTED, 0.5),
    "correct the end": _correct(names.ENDED, 2),
    "take out the start": _take_out(names.STARTED),
    "take out the detection": _take_out(names.DETECTED),
    "take out the end": _take_out(names.ENDED),
    "resolve it as a duplicate": _resolve("Duplicate"),
    "resolve it as cancelled": _resolve("Cancelled"),
    "keep it secret": _label(PRIVATE_LABEL),
    "make it an exercise": _label(DRILL_LABEL),
    "label it with nothing": _label(),
    "say what detected it": lambda bureau, model, issue: model.set_field(issue, names.DETECTED_BY, {"value": "Alarm"}, EMMA),
    "roll up by hand": lambda bureau, model, issue: bureau.run(Rollup.run),
    "rebuild by hand": lambda bureau, model, issue: bureau.run(Rollup.rebuild),
}


def act_in_bureau(what: str, bureau: Bureau, model: JiraModel, issue: JiraIssue) -> None:
    if not issue.deleted:
        COUNT_ACTS[what](bureau, model, issue)
