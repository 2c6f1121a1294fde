"""The template keeps its promises, and every promise that is broken is noticed, by our own rules or by the linter."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from deployment import lint, rules

Resources = dict[str, Any]


def test_the_template_keeps_every_promise(template: dict[str, Any], tmp_path: Path) -> None:
    assert rules.problems_of(template) == []
    assert lint.lint(template, tmp_path) == []


def counted_as(template: dict[str, Any], group: str, event: str) -> list[str]:
    """The metrics that count an alarm of this name in that log. Reads patterns as CloudWatch does: comparisons, && and ||."""
    line = {"level": "ALARM", "event": event}
    found = []
    for each in template["Resources"].values():
        if each["Type"] != "AWS::Logs::MetricFilter" or each["Properties"]["LogGroupName"] != {"Ref": group}:
            continue
        pattern = each["Properties"]["FilterPattern"].strip("{} ")
        sentence = re.sub(r'\$\.(\w+) (!?=) "(\w+)"', lambda it: str((line[it[1]] == it[3]) is (it[2] == "=")), pattern)
        assert re.fullmatch(r"(?:True|False|[&|() ])+", sentence), pattern
        if eval(sentence.replace("&&", "and").replace("||", "or")):  # noqa: S307  nothing but True, False and how they are joined
            found.append(each["Properties"]["MetricTransformations"][0]["MetricName"])
    return found


@pytest.mark.parametrize("group", ["ApiHandlerLogGroup", "WorkerLogGroup", "SweepLogGroup", "RollupLogGroup"])
@pytest.mark.parametrize(
    "event", ["sweep_failed", "ledger_away", *(event for events in rules.WAKING.values() for event in events)]
)
def test_every_alarm_is_counted_once(template: dict[str, Any], group: str, event: str) -> None:
    assert len(counted_as(template, group, event)) == 1


def test_what_lasts_hides_nobody_who_is_not_rung(template: dict[str, Any]) -> None:
    """Jira's token expired on Friday and every sweep fails; on Saturday nobody answers a page."""
    [lasting] = counted_as(template, "SweepLogGroup", "sweep_failed")
    said = [
        counted_as(template, group, event)
        for group in rules.PAGING_LOGS
        for event in ("nobody_answers", "not_paged", "page_refused", "alert_not_shown", "blind_page_failed")
    ]
    assert all(lasting not in metrics for metrics in said)
    assert counted_as(template, "WorkerLogGroup", "not_paged") != counted_as(template, "WorkerLogGroup", "nobody_answers")


def test_what_is_said_of_a_stack_are_outputs_of_it(template: dict[str, Any]) -> None:
    assert {"EndpointURL", "CredentialsName", "OwnersTopic", "FactsBucket"} <= set(template["Outputs"])


def test_people_may_only_look_and_senders_may_only_send(template: dict[str, Any]) -> None:
    paths = template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    assert {path for path, methods in paths.items() if set(methods) == {"get"}} == {"/", "/incidents"}
    assert {path for path, methods in paths.items() if set(methods) == {"post"}} == {
        f"/webhooks/{sender}" for sender in ("jira", "opsgenie", "jsm", "pagerduty", "slack", "changes")
    }


def test_the_worker_may_send_mail_and_nobody_else(template: dict[str, Any]) -> None:
    roles = {name: found for name, found in template["Resources"].items() if found["Type"] == "AWS::IAM::Role"}
    may_send = {
        name
        for name, role in roles.items()
        for policy in role["Properties"]["Policies"]
        for one in policy["PolicyDocument"]["Statement"]
        if "ses:SendEmail" in one["Action"]
    }
    assert may_send == {"WorkerRole"}


def test_who_may_do_what_with_facts(template: dict[str, Any]) -> None:
    """The worker adds to the inbox. Only the rollup reads, and it deletes nothing but what it has merged."""
    allowed = {
        (name, action, str(one["Resource"]))
        for name, role in template["Resources"].items()
        if role["Type"] == "AWS::IAM::Role"
        for policy in role["Properties"]["Policies"]
        for one in policy["PolicyDocument"]["Statement"]
        for action in one["Action"]
        if action.startswith("s3:")
    }
    bucket, everything, inbox = (
        {"Fn::GetAtt": ["Facts", "Arn"]},
        {"Fn::Sub": "${Facts.Arn}/*"},
        {"Fn::Sub": "${Facts.Arn}/inbox/*"},
    )
    assert allowed == {
        ("WorkerRole", "s3:PutObject", str(inbox)),
        ("RollupRole", "s3:ListBucket", str(bucket)),
        ("RollupRole", "s3:GetObject", str(everything)),
        ("RollupRole", "s3:PutObject", str(everything)),
        ("RollupRole", "s3:DeleteObject", str(inbox)),
    }


def properties(name: str, **changes: Any) -> Callable[[Resources], None]:
    """Change properties of a resource; None removes one."""

    def mutate(resources: Resources) -> None:
        for key, value in changes.items():
            if value is None:
                del resources[name]["Properties"][key]
            else:
                resources[name]["Properties"][key] = value

    return mutate


def source(**changes: Any) -> Callable[[Resources], None]:
    """Change the worker's event source."""
    return lambda resources: resources["Worker"]["Properties"]["Events"]["WorkerSqsEventSource"]["Properties"].update(changes)


def statement(role: str, **changes: Any) -> Callable[[Resources], None]:
    """Change the first statement of a role's policy."""
    return lambda resources: resources[role]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"][0].update(changes)


def title(name: str) -> Callable[[Resources], None]:
    """Change the API's name in its OpenAPI document."""
    return lambda resources: resources["RestAPI"]["Properties"]["DefinitionBody"]["info"].update(title=name)


def transformation(**changes: Any) -> dict[str, Any]:
    """What a filter of the rest of the alarms counts, changed."""
    usual = {"MetricNamespace": {"Fn::Sub": "Firebell/${AWS::StackName}"}, "MetricName": "alarms", "MetricValue": "1"}
    return usual | {"DefaultValue": 0} | changes


def binary_json(resources: Resources) -> None:
    resources["RestAPI"]["Properties"]["DefinitionBody"]["x-amazon-apigateway-binary-media-types"].append("application/json")


OURS = {
    "batch of two": (source(BatchSize=2), "batch size 2"),
    "wake-ups taken for a runaway loop": (properties("Worker", RecursiveLoop=None), "RecursiveLoop"),
    "batching window": (source(MaximumBatchingWindowInSeconds=1), "batching window"),
    "whole batch retried": (source(FunctionResponseTypes=[]), "ReportBatchItemFailures"),
    "another queue": (source(Queue={"Fn::Sub": "${DeadLetters.Arn}"}), "not WorkQueue"),
    "no event source": (properties("Worker", Events={}), "0 queues"),
    "visible too early": (properties("WorkQueue", VisibilityTimeout=179), "visible again after 179 s"),
    "default visibility": (properties("WorkQueue", VisibilityTimeout=None), "visible again after 30 s"),
    "small messages": (properties("WorkQueue", MaximumMessageSize=262_144), "MaximumMessageSize"),
    "small dead letters": (properties("DeadLetters", MaximumMessageSize=None), "DeadLetters: MaximumMessageSize"),
    "FIFO": (properties("WorkQueue", FifoQueue=True), "is FIFO"),
    "no dead letters": (properties("WorkQueue", RedrivePolicy=None), "must go to DeadLetters"),
    "dead at once": (
        lambda found: found["WorkQueue"]["Properties"]["RedrivePolicy"].update(maxReceiveCount=1), "after five failures",
    ),
    "slow intake": (properties("APIHandler", Timeout=30), "time-out 30 s"),
    "slow worker": (properties("Worker", Timeout=60), "Worker: time-out 60 s"),
    "intake can be locked out": (properties("APIHandler", ReservedConcurrentExecutions=None), "no reserved concurrency"),
    "a layer": (properties("Worker", Layers=["arn:aws:lambda:eu-central-1:1:layer:x:1"]), "uses a layer"),
    "own variable that is no resource": (
        properties("Worker", Environment={"Variables": {"FIREBELL_TABLE": "elsewhere"}}), "FIREBELL_TABLE does not refer",
    ),
    "a function that would not hear of the mode": (
        properties("Worker", Environment={"Variables": {"FIREBELL_MODE": "full"}}), "Worker: does not hear of the",
    ),
    "shared role": (properties("Worker", Role={"Fn::GetAtt": ["SweepRole", "Arn"]}), "share a role"),
    "any action": (statement("WorkerRole", Action="dynamodb:*"), "wider than needed"),
    "any resource": (statement("SweepRole", Resource="*"), "wider than needed"),
    "no policy": (properties("ApiHandlerRole", Policies=[]), "ApiHandlerRole: no policy"),
    "edge API": (properties("RestAPI", EndpointConfiguration="EDGE"), "not REGIONAL"),
    "JSON as binary": (binary_json, "binary type"),
    "API called otherwise than its alarms think": (title("firebell"), "its alarms watch"),
    "API without the watched name": (properties("RestAPI", Name="firebell"), "its alarms watch"),
    "ledger deleted": (lambda resources: resources["Ledger"].update(DeletionPolicy="Delete"), "deleted with the stack"),
    "credentials deleted": (lambda resources: resources["Credentials"].pop("DeletionPolicy"), "deleted with the stack"),
    "failed creation leaves its names taken": (
        lambda resources: resources["DeadLetters"].update(DeletionPolicy="Retain"), "its name taken",
    ),
    "no recovery": (properties("Ledger", PointInTimeRecoverySpecification=None), "point-in-time"),
    "no expiry": (properties("Ledger", TimeToLiveSpecification=None), "does not expire"),
    "no index": (properties("Ledger", GlobalSecondaryIndexes=[]), "Ledger: indexes"),
    "silent alarm": (properties("DeadLettersWaiting", AlarmActions=[]), "DeadLettersWaiting: tells nobody"),
    "absent sweep unnoticed": (lambda resources: resources.pop("SweepAbsent"), "Sweep: no alarm watches Invocations"),
    "absent rollup unnoticed": (lambda resources: resources.pop("RollupAbsent"), "Rollup: no alarm watches Invocations"),
    "failing worker unnoticed": (lambda resources: resources.pop("WorkerErrors"), "Worker: no alarm watches Errors"),
    "failing rollup unnoticed": (lambda resources: resources.pop("RollupErrors"), "Rollup: no alarm watches Errors"),
    "two rollups at once": (properties("Rollup", ReservedConcurrentExecutions=None), "Rollup: may run twice at once"),
    "public facts": (properties("Facts", PublicAccessBlockConfiguration={"BlockPublicAcls": True}), "could be made public"),
    "readable facts": (properties("Facts", BucketEncryption=None), "not encrypted"),
    "facts overwritten for good": (properties("Facts", VersioningConfiguration=None), "not versioned"),
    "facts without TLS": (lambda resources: resources.pop("FactsOverTls"), "without TLS"),
    "facts deleted": (lambda resources: resources["Facts"].update(DeletionPolicy="Delete"), "Facts: would be deleted"),
    "logged alarms unnoticed": (lambda resources: resources.pop("AlarmLogged"), "no alarm watches alarms"),
    "sweep's alarms uncounted": (lambda resources: resources.pop("SweepAlarmLines"), "SweepLogGroup: no filter"),
    "silence of the chain unnoticed": (lambda resources: resources.pop("PageUnanswered"), "no alarm watches page_unanswered"),
    "missing pages unnoticed": (lambda resources: resources.pop("NotPaged"), "no alarm watches not_paged"),
    "intake's missing pages uncounted": (lambda resources: resources.pop("IntakeNotPagedLines"), "no filter counts not_paged"),
    "an event that no filter counts": (
        lambda resources: resources["WorkerUnansweredLines"]["Properties"].update(
            FilterPattern='{ $.level = "ALARM" && ($.event = "nobody_answers") }'
        ),
        "WorkerLogGroup: page_unanswered counts",
    ),
    "what lasts counted with what is said once": (
        lambda resources: resources["WorkerAlarmLines"]["Properties"].update(FilterPattern='{ $.level = "ALARM" }'),
        "WorkerLogGroup: alarms counts",
    ),
    "one more filter": (
        lambda resources: resources["SweepAlarmLines"]["Properties"].update(
            MetricTransformations=[transformation(MetricName="page_refused")]
        ),
        "SweepLogGroup: page_refused counts what another counts",
    ),
    "counted in another namespace": (
        lambda resources: resources["SweepAlarmLines"]["Properties"].update(
            MetricTransformations=[transformation(MetricNamespace="Firebell")]
        ),
        "no alarm watches alarms in Firebell",
    ),
    "an alarm that stays for minutes": (
        lambda resources: resources["SweepAlarmLines"]["Properties"].update(
            MetricTransformations=[transformation(DefaultValue=None)]
        ),
        "0 where there is none",
    ),
    "all is well a minute later": (properties("NotPaged", OKActions=[{"Ref": "Owners"}]), "would say that all is well"),
    "misspelt resource": (lambda resources: resources.update(Wroker={"Properties": {"Timeout": 30}}), "Wroker: no Type"),
    "a function more": (lambda resources: resources.update(Extra=copy.deepcopy(resources["Sweep"])), "functions are"),
}  # fmt: skip


@pytest.mark.parametrize(("mutate", "problem"), OURS.values(), ids=OURS.keys())
def test_our_rules_notice(template: dict[str, Any], mutate: Callable[[Resources], None], problem: str) -> None:
    mutant = copy.deepcopy(template)
    mutate(mutant["Resources"])
    assert [found for found in rules.problems_of(mutant) if problem in found]


LINTERS = {
    "misspelt property": properties("WorkQueue", VisibiltyTimeout=180),
    "missing resource": properties("WorkerErrors", AlarmActions=[{"Ref": "Nobody"}]),
    "bad schedule": properties("Sweep", Events={"E": {"Type": "Schedule", "Properties": {"Schedule": "rate(1 minutes)"}}}),
    "concurrency of one": source(ScalingConfig={"MaximumConcurrency": 1}),
    "queue as text and reference": source(Queue={"Fn::Sub": "${WorkQueue.Arn}", "Fn::GetAtt": ["WorkQueue", "Arn"]}),
    "unknown runtime": properties("Worker", Runtime="python9.9"),
    "misspelt permission": statement("WorkerRole", Action=["logs:PutLogEvent"]),
    "key without attribute": properties("Ledger", AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}]),
    "log group that waits for its own function": statement("WorkerRole", Resource={"Fn::GetAtt": ["WorkerLogGroup", "Arn"]}),
}


@pytest.mark.parametrize("mutate", LINTERS.values(), ids=LINTERS.keys())
def test_the_linter_notices(template: dict[str, Any], tmp_path: Path, mutate: Callable[[Resources], None]) -> None:
    mutant = copy.deepcopy(template)
    mutate(mutant["Resources"])
    assert lint.lint(mutant, tmp_path)
