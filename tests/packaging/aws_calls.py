"""What a deployed function asks AWS for, and what its role in the template lets it do. moto asks no role anything."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from boto3.session import Session

from tests.adapters.aws_world import REGION

ACCOUNT = "123456789012"
LOGS = frozenset(("logs:CreateLogStream", "logs:PutLogEvents"))
QUEUE = frozenset(("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"))
PLATFORM = LOGS | QUEUE
"""What Lambda does in the function's name."""

Template = Mapping[str, Any]


@dataclass(frozen=True, order=True, slots=True)
class Asked:
    """An action as IAM calls it, on the ARN of one resource (in a statement: a pattern of ARNs)."""

    action: str
    arn: str


def arn(service: str, name: str) -> str:
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}"


@dataclass
class Calls:
    """Who asked for what; `during` says who is at work. Function -> what it asked for."""

    by: dict[str, set[Asked]] = field(default_factory=dict)
    at_work: str | None = None

    def listen_to(self, session: Session) -> None:
        """Hear every call of the clients that this session builds from now on."""
        session.events.register("before-parameter-build", self._hear)

    @contextmanager
    def during(self, function: str) -> Iterator[None]:
        self.at_work = function
        try:
            yield
        finally:
            self.at_work = None

    def _hear(self, *, params: Mapping[str, Any], model: Any, **_: Any) -> None:
        assert self.at_work is not None, f"{model.name} outside of every function"
        self.by.setdefault(self.at_work, set()).update(asked(model.service_model.service_name, model.name, params))


def asked(service: str, operation: str, params: Mapping[str, Any]) -> Iterator[Asked]:
    """What IAM is asked when this call is made. Raises NotImplementedError for a call that nobody has looked up yet.

    Sources: the "Actions" tables of the Service Authorization Reference; for conditions of writes to S3
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html, for raw mail
    https://docs.aws.amazon.com/ses/latest/dg/control-user-access.html
    """
    match service, operation:
        case "dynamodb", "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem" | "Query":
            index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
            yield Asked(f"dynamodb:{operation}", arn("dynamodb", f"table/{params['TableName']}{index}"))
        case "sqs", "SendMessage":
            yield Asked("sqs:SendMessage", arn("sqs", params["QueueUrl"].rpartition("/")[2]))
        case "secretsmanager", "GetSecretValue":
            yield Asked("secretsmanager:GetSecretValue", params["SecretId"])
        case "sesv2", "SendEmail":
            # The configuration set is none of ours: a sender may have one by default, and then it is asked for too.
            for action in ("ses:SendEmail", "ses:SendRawEmail"):
                yield Asked(action, arn("ses", "identity/firebell@example.com"))
                yield Asked(action, arn("ses", "configuration-set/default"))
        case "s3", "ListObjectsV2":
            yield Asked("s3:ListBucket", f"arn:aws:s3:::{params['Bucket']}")
        case "s3", "DeleteObjects":
            for one in params["Delete"]["Objects"]:
                yield Asked("s3:DeleteObject", f"arn:aws:s3:::{params['Bucket']}/{one['Key']}")
        case "s3", "GetObject" | "PutObject":
            key = f"arn:aws:s3:::{params['Bucket']}/{params['Key']}"
            yield Asked(f"s3:{operation}", key)
            if "IfMatch" in params:
                yield Asked("s3:GetObject", key)
        case _:
            raise NotImplementedError(f"{service} {operation}: which action of IAM is it?")


def allowed(template: Template, function: str, arns: Mapping[str, str]) -> set[Asked]:
    """What the role of this function allows. arns: logical id -> the ARN it has here."""
    resources = template["Resources"]
    role, _ = resources[function]["Properties"]["Role"]["Fn::GetAtt"]
    found = set()
    for policy in resources[role]["Properties"]["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            assert statement["Effect"] == "Allow"
            assert "Condition" not in statement, "a condition is not understood here"
            for action in _listed(statement["Action"]):
                found |= {Asked(action, _arn_of(one, arns)) for one in _listed(statement["Resource"])}
    return found


def is_allowed(call: Asked, rights: set[Asked]) -> bool:
    return any(_covers(right, call) for right in rights)


def unused(rights: set[Asked], calls: set[Asked]) -> list[Asked]:
    """Rights that no call needed, but for those that the platform uses."""
    idle = (right for right in rights if right.action not in PLATFORM)
    return sorted(right for right in idle if not any(_covers(right, call) for call in calls))


def _covers(right: Asked, call: Asked) -> bool:
    return right.action == call.action and fnmatchcase(call.arn, right.arn)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _arn_of(resource: Mapping[str, Any], arns: Mapping[str, str]) -> str:
    match resource:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), "Arn"]}:
            return arns[name]
        case {"Fn::Sub": str(text)}:
            pseudo = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT, "AWS::StackName": "firebell"}
            known = pseudo | {f"{name}.Arn": value for name, value in arns.items()}
            return re.sub(r"\$\{([^}]+)\}", lambda found: known[found[1]], text)
    raise AssertionError(f"a resource that is not understood here: {resource}")
