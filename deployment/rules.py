"""What no linter sees in the template. Pure: template in, problems out.

Takes the template before the SAM transform, where functions and their events are still one thing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

Template = Mapping[str, Any]

WORK_QUEUE = "WorkQueue"
LARGEST_MESSAGE = 1_048_576
VISIBILITY_FACTOR = 6
"""AWS asks for six times the function's time-out, or a throttled message counts towards its dead letter."""

LONGEST = {"APIHandler": 10, "Worker": 30, "Sweep": 60, "Rollup": 900}
VARIABLES = ("FIREBELL_TABLE", "FIREBELL_QUEUE_URL", "FIREBELL_DEAD_LETTER_URL", "FIREBELL_SECRET_ID", "FIREBELL_FACTS")
ALONE = ("Sweep", "Rollup")
"""Two of them at once would do the same, and one may overwrite what the other has written."""

WAKING = {
    "page_unanswered": ("nobody_answers", "alert_not_shown"),
    "not_paged": ("not_paged", "blind_page_failed", "blind_page_impossible"),
    "page_refused": ("page_refused",),
}
"""Metric -> the events it counts: those for which somebody must be told now, apart from all others and from each other.

CloudWatch tells of an alarm when it goes off, and not again while it stays so: what lasts would hide what comes later. What is
said once, what is said at every pass, and what is said every few minutes have a metric each (decision 0034).
"""
OTHERWISE = "alarms"
PAGING_LOGS = ("ApiHandlerLogGroup", "WorkerLogGroup")
"""Of the functions that page. In the logs of others every alarm is one of the rest."""


def problems_of(template: Template) -> list[str]:
    """Every broken promise of the template, one line each."""
    resources: Mapping[str, Any] = template["Resources"]
    nameless = [
        f"{name}: no Type, so nothing of that name was there to be changed" for name, r in resources.items() if "Type" not in r
    ]
    if nameless:
        return nameless
    return [
        *_functions(template),
        *_worker(resources),
        *_queues(resources),
        *_table(resources),
        *_facts(resources),
        *_kept(resources),
        *_api(resources),
        *_policies(resources),
        *_alarms(resources),
        *_logged_alarms(resources),
    ]


def _of_type(resources: Mapping[str, Any], kind: str) -> dict[str, Any]:
    return {name: resource["Properties"] for name, resource in resources.items() if resource["Type"] == kind}


def _functions(template: Template) -> Iterator[str]:
    functions = _of_type(template["Resources"], "AWS::Serverless::Function")
    if set(functions) != set(LONGEST):
        yield f"functions are {sorted(functions)}, expected {sorted(LONGEST)}"
    shared = template.get("Globals", {}).get("Function", {}).get("Environment", {}).get("Variables", {})
    for name, function in functions.items():
        own = function.get("Environment", {}).get("Variables", {})
        for variable in VARIABLES:
            if "Ref" not in (shared | own).get(variable, {}):
                yield f"{name}: {variable} does not refer to a resource"
        if (shared | own).get("FIREBELL_MODE") != {"Ref": "Mode"}:
            yield f"{name}: does not hear of the stack's mode; where one pages and another is in shadow, nobody looks after it"
        if function["Timeout"] != LONGEST.get(name):
            yield f"{name}: time-out {function['Timeout']} s, expected {LONGEST.get(name)} s"
        if function.get("Layers"):
            yield f"{name}: uses a layer; the templates would not be beside the code"
    if not functions.get("APIHandler", {}).get("ReservedConcurrentExecutions"):
        yield "APIHandler: no reserved concurrency; a busy worker could lock webhooks out"
    for name in ALONE:
        if functions.get(name, {}).get("ReservedConcurrentExecutions") != 1:
            yield f"{name}: may run twice at once"


def _worker(resources: Mapping[str, Any]) -> Iterator[str]:
    worker = resources.get("Worker", {}).get("Properties", {})
    if worker.get("RecursiveLoop") != "Allow":
        yield "Worker: RecursiveLoop is not Allow; Lambda would stop a pass that has come back by itself 16 times"
    sources = [event["Properties"] for event in worker.get("Events", {}).values() if event["Type"] == "SQS"]
    if len(sources) != 1:
        yield f"Worker: {len(sources)} queues, expected 1"
        return
    source = sources[0]
    if source.get("Queue") != {"Fn::Sub": f"${{{WORK_QUEUE}.Arn}}"}:
        yield f"Worker: reads {source.get('Queue')}, not {WORK_QUEUE}"
    if source.get("BatchSize") != 1:
        yield f"Worker: batch size {source.get('BatchSize')}; one poisoned incident would delay another's page"
    if source.get("MaximumBatchingWindowInSeconds", 0) != 0:
        yield "Worker: a batching window; a page would wait for it"
    if source.get("FunctionResponseTypes") != ["ReportBatchItemFailures"]:
        yield "Worker: ReportBatchItemFailures is not switched on"
    visibility = resources[WORK_QUEUE]["Properties"].get("VisibilityTimeout", 30)
    if visibility < VISIBILITY_FACTOR * worker["Timeout"]:
        wanted = VISIBILITY_FACTOR * worker["Timeout"]
        yield f"{WORK_QUEUE}: visible again after {visibility} s; {VISIBILITY_FACTOR} x the worker's time-out is {wanted} s"


def _queues(resources: Mapping[str, Any]) -> Iterator[str]:
    queues = _of_type(resources, "AWS::SQS::Queue")
    for name, queue in queues.items():
        if queue.get("MaximumMessageSize") != LARGEST_MESSAGE:
            yield f"{name}: MaximumMessageSize {queue.get('MaximumMessageSize')}, the code counts on {LARGEST_MESSAGE}"
        if queue.get("FifoQueue"):
            yield f"{name}: is FIFO; one incident's messages would hold up their own group"
    redrive = queues.get(WORK_QUEUE, {}).get("RedrivePolicy", {})
    if redrive.get("maxReceiveCount") != 5 or redrive.get("deadLetterTargetArn") != {"Fn::GetAtt": ["DeadLetters", "Arn"]}:
        yield f"{WORK_QUEUE}: after five failures a message must go to DeadLetters"


def _kept(resources: Mapping[str, Any]) -> Iterator[str]:
    """What must outlive the stack, and yet must not stand in the way when its very first creation failed."""
    for name in ("Ledger", "Credentials", "DeadLetters", "Facts"):
        resource = resources.get(name, {})
        if resource.get("DeletionPolicy") not in ("Retain", "RetainExceptOnCreate"):
            yield f"{name}: would be deleted with the stack"
        elif resource["DeletionPolicy"] == "Retain":
            yield f"{name}: a failed first deployment would leave it behind, and its name taken; RetainExceptOnCreate does not"


def _facts(resources: Mapping[str, Any]) -> Iterator[str]:
    """Rows of incidents are nobody's business outside, and what is counted from them cannot be counted again without them."""
    bucket = resources.get("Facts", {}).get("Properties", {})
    blocked = bucket.get("PublicAccessBlockConfiguration", {})
    doors = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    if any(blocked.get(door) is not True for door in doors):
        yield "Facts: could be made public"
    if not bucket.get("BucketEncryption"):
        yield "Facts: not encrypted"
    if bucket.get("VersioningConfiguration") != {"Status": "Enabled"}:
        yield "Facts: not versioned; what is overwritten by mistake would be lost"
    policies = _of_type(resources, "AWS::S3::BucketPolicy").values()
    statements = [
        one for policy in policies if policy["Bucket"] == {"Ref": "Facts"} for one in policy["PolicyDocument"]["Statement"]
    ]
    if not any(one["Effect"] == "Deny" and "aws:SecureTransport" in str(one.get("Condition")) for one in statements):
        yield "Facts: may be read without TLS"


def _table(resources: Mapping[str, Any]) -> Iterator[str]:
    table = resources.get("Ledger", {}).get("Properties", {})
    if not table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled"):
        yield "Ledger: no point-in-time recovery"
    if table.get("TimeToLiveSpecification") != {"AttributeName": "expires_at", "Enabled": True}:
        yield "Ledger: expires_at does not expire"
    keys = {
        index["IndexName"]: [key["AttributeName"] for key in index["KeySchema"]]
        for index in table.get("GlobalSecondaryIndexes", [])
    }
    if keys != {"due": ["due_shard", "due_at"]}:
        yield f"Ledger: indexes {keys}, the code reads due (due_shard, due_at)"


def _api(resources: Mapping[str, Any]) -> Iterator[str]:
    api = resources.get("RestAPI", {}).get("Properties", {})
    if api.get("EndpointConfiguration") not in ("REGIONAL", {"Type": "REGIONAL"}):
        yield "RestAPI: not REGIONAL"
    body = api.get("DefinitionBody", {})
    # The document's title may win over Name, and an alarm on a name that no API has never goes off.
    watched = {
        str(dimension["Value"])
        for alarm in _of_type(resources, "AWS::CloudWatch::Alarm").values()
        for dimension in alarm.get("Dimensions", [])
        if dimension["Name"] == "ApiName"
    }
    names = {str(api.get("Name")), str(body.get("info", {}).get("title"))}
    if names != watched:
        yield f"RestAPI: is called {' or '.join(sorted(names))}, its alarms watch {' and '.join(sorted(watched))}"
    if "application/json" in body.get("x-amazon-apigateway-binary-media-types", []):
        yield "RestAPI: application/json as a binary type; senders without Accept would get a 400"


def _policies(resources: Mapping[str, Any]) -> Iterator[str]:
    functions = _of_type(resources, "AWS::Serverless::Function")
    roles = [str(function.get("Role")) for function in functions.values()]
    if len(set(roles)) != len(roles):
        yield "two functions share a role"
    for name, role in _of_type(resources, "AWS::IAM::Role").items():
        statements = [s for policy in role.get("Policies", []) for s in policy["PolicyDocument"]["Statement"]]
        if not statements:
            yield f"{name}: no policy"
        for statement in statements:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            if any("*" in action for action in actions) or statement["Resource"] == "*":
                yield f"{name}: {', '.join(actions)} is wider than needed"


def _alarms(resources: Mapping[str, Any]) -> Iterator[str]:
    alarms = _of_type(resources, "AWS::CloudWatch::Alarm")
    for name, alarm in alarms.items():
        if alarm.get("AlarmActions") != [{"Ref": "Owners"}]:
            yield f"{name}: tells nobody"
    seen_to = {(alarm["MetricName"], str(one["Value"])) for alarm in alarms.values() for one in alarm.get("Dimensions", ())}
    for name, metrics in {**dict.fromkeys(ALONE, ("Invocations", "Errors")), "Worker": ("Errors",)}.items():
        for metric in metrics:
            if (metric, str({"Ref": name})) not in seen_to:
                yield f"{name}: no alarm watches {metric}"
    watched = {alarm["MetricName"] for alarm in alarms.values()}
    for metric in ("ApproximateNumberOfMessagesVisible", "5XXError", OTHERWISE, *WAKING):
        if metric not in watched:
            yield f"no alarm watches {metric}"
    for name, alarm in alarms.items():
        if alarm["MetricName"] in WAKING and "OKActions" in alarm:
            yield f"{name}: would say that all is well a minute after the line, whether or not it is"


def _logged_alarms(resources: Mapping[str, Any]) -> Iterator[str]:
    """Every line of level ALARM, in every log, is counted by one metric that an alarm watches."""
    filters = list(_of_type(resources, "AWS::Logs::MetricFilter").values())
    counted = {alarm["MetricName"]: alarm["Namespace"] for alarm in _of_type(resources, "AWS::CloudWatch::Alarm").values()}
    for group in _of_type(resources, "AWS::Logs::LogGroup"):
        found: dict[str, str] = {}
        for each in filters:
            if each["LogGroupName"] != {"Ref": group}:
                continue
            [to] = each["MetricTransformations"]
            found[to["MetricName"]] = each["FilterPattern"]
            if (to["MetricValue"], to.get("DefaultValue")) != ("1", 0):
                # Where nothing stands for "no such line", CloudWatch looks farther back, and an alarm stays for minutes.
                yield f"{group}: {to['MetricName']} must count 1 for each line, and 0 where there is none"
            if to["MetricNamespace"] != counted.get(to["MetricName"]):
                yield f"{group}: no alarm watches {to['MetricName']} in {to['MetricNamespace']}"
        for metric, pattern in _patterns(group).items():
            if metric not in found:
                yield f"{group}: no filter counts {metric}"
            elif found[metric] != pattern:
                yield f"{group}: {metric} counts {found[metric]}, expected {pattern}"
        for metric in found.keys() - _patterns(group).keys():
            yield f"{group}: {metric} counts what another counts"


def _patterns(group: str) -> dict[str, str]:
    """Metric -> which lines of that log it counts, as CloudWatch writes it."""
    level = '$.level = "ALARM"'
    if group not in PAGING_LOGS:
        return {OTHERWISE: f"{{ {level} }}"}
    ours = {
        metric: f"{{ {level} && ({' || '.join(f'$.event = {json.dumps(event)}' for event in events)}) }}"
        for metric, events in WAKING.items()
    }
    none_of_them = (f"$.event != {json.dumps(event)}" for events in WAKING.values() for event in events)
    return ours | {OTHERWISE: f"{{ {' && '.join((level, *none_of_them))} }}"}
