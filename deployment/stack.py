"""`make deploy`: refuse what is not ready, upload the package, and bring the stack to it through a change set."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from deployment import bucket, owners, quota
from deployment.package import Package
from deployment.problems import DeploymentError, refuse_if

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
"""The stack makes roles, and SAM is a macro."""

_NEVER_CAME_UP = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "CREATE_FAILED")
_BEGINNINGS = ("CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS")
_TAKEN = ("already exists", "scheduled for deletion")
_LEFT_BEHIND = (
    "that name is taken by what an earlier stack of this name left behind, as it keeps its credentials and dead letters: "
    'delete that (docs/runbook.md, "Remove a stage"), or deploy under another name (FIREBELL_STACK)'
)
_NOTHING_TO_DO = ("didn't contain changes", "No updates are to be performed")


@dataclass(frozen=True, slots=True)
class Wishes:
    """What whoever deploys has to say. Empty where they did not; mode: None then, since "" ends what was said before."""

    stage: str
    stack: str
    bucket: str
    region: str
    owners_mail: str = ""
    mode: str | None = None
    settings: str = ""


@dataclass(frozen=True, slots=True)
class Clients:
    """boto3 clients; whoever holds others can deploy elsewhere."""

    s3: Any
    cloudformation: Any
    functions: Any
    sns: Any


def wishes_from(environ: Mapping[str, str], stage: str) -> Wishes:
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION") or ""
    return Wishes(
        stage=stage,
        stack=environ.get("FIREBELL_STACK") or f"firebell-{stage}",
        bucket=environ.get("FIREBELL_BUCKET", ""),
        region=region,
        owners_mail=environ.get("FIREBELL_OWNERS_MAIL", ""),
        mode=environ.get("FIREBELL_MODE"),
        settings=environ.get("FIREBELL_SETTINGS", ""),
    )


def refuse_unless_ready(wishes: Wishes, root: Path, *, has_credentials: Callable[[], bool] | None = None) -> None:
    """Raise DeploymentError naming everything that is missing; asks AWS nothing."""
    refuse_if(f"Not ready to deploy {wishes.stack}", _missing(wishes, root / "firebell.toml", has_credentials or _aws_knows_us))


def refuse_bucket_elsewhere(wishes: Wishes, s3: Any = None) -> None:
    """Raise DeploymentError where the packages' bucket is of no use; asks AWS, so after what needs no asking. s3: a client."""
    from botocore.exceptions import BotoCoreError

    try:
        problems = bucket.problems_of(wishes.bucket, wishes.region, s3 or _clients(wishes.region).s3)
    except BotoCoreError as error:
        raise DeploymentError("AWS did not say where the bucket is", [str(error)]) from error
    refuse_if(f"Not ready to deploy {wishes.stack}", problems)


def deploy(package: Package, wishes: Wishes, say: Callable[[str], object], clients: Clients | None = None) -> None:
    """Create or update the stack and wait for it. Raises DeploymentError when AWS refuses."""
    from botocore.exceptions import BotoCoreError, ClientError, WaiterError

    aws = clients or _clients(wishes.region)
    try:
        if _is_new(_status(wishes.stack, aws.cloudformation)):
            refuse_if(f"Not ready to make {wishes.stack}", _nobody_told(wishes))
            refuse_if(f"{wishes.stack} would not come up", quota.problems_of(package.template, aws.functions, say))
        template_url = _upload(package, wishes, aws.s3, say)
        if _change(package, wishes, aws.cloudformation, template_url, say):
            say(f"{wishes.stack} is up to date")
        _say_where(wishes, aws, say)
    except WaiterError as error:
        reasons = _failures(wishes, aws.cloudformation)
        raise DeploymentError(f"{wishes.stack} did not come up", reasons or [str(error)]) from error
    except (BotoCoreError, ClientError) as error:
        raise DeploymentError("AWS refused", [str(error)]) from error


def _missing(wishes: Wishes, settings: Path, has_credentials: Callable[[], bool]) -> Iterator[str]:
    if not wishes.bucket:
        yield "no bucket: set FIREBELL_BUCKET to an S3 bucket of yours that holds the deployment packages"
    if not wishes.region:
        yield "no region: set AWS_REGION, for example to eu-central-1"
    if wishes.owners_mail and "@" not in wishes.owners_mail:
        yield f"FIREBELL_OWNERS_MAIL: {wishes.owners_mail!r} is no mail address; name whom alarms tell"
    if not has_credentials():
        yield "no AWS credentials: log in, or set AWS_PROFILE"
    if wishes.settings and Path(wishes.settings).resolve() != settings.resolve():
        yield f"FIREBELL_SETTINGS names {wishes.settings}, but {settings} is what is packaged: put it there and unset this"
    if not settings.is_file():
        yield "no firebell.toml"
        return
    try:
        site = tomllib.loads(settings.read_text("utf-8")).get("jira", {}).get("site", "")
    except tomllib.TOMLDecodeError as error:
        yield f"firebell.toml is not TOML: {error}"
        return
    from cli.own_account import EXAMPLE_HOST

    if urlsplit(str(site)).hostname in (None, EXAMPLE_HOST):
        yield f"firebell.toml is still the example: jira.site is {site or 'empty'}; write your own projects, fields and rosters"
        return
    yield from _mistakes(settings, wishes.mode or "")


def _nobody_told(wishes: Wishes) -> Iterator[str]:
    """A stack that is there keeps the address that it has."""
    if not wishes.owners_mail:
        yield "no address for alarms: set FIREBELL_OWNERS_MAIL to whom alarms tell, or nobody hears that a page did not go out"


def _mistakes(settings: Path, mode: str) -> Iterator[str]:
    from chalicelib.errors import SettingsError
    from chalicelib.settings_reader import read_settings
    from cli.own_account import problems_with_placeholder
    from cli.words import problems_with_words_of

    try:
        known = read_settings(settings, {"FIREBELL_MODE": mode})
    except SettingsError as error:
        yield from error.problems
        return
    yield from problems_with_placeholder(known)
    yield from problems_with_words_of(known, settings.parent / "templates")


def _aws_knows_us() -> bool:
    from boto3.session import Session

    return Session().get_credentials() is not None


def _clients(region: str) -> Clients:
    from boto3.session import Session

    session = Session(region_name=region)
    return Clients(session.client("s3"), session.client("cloudformation"), session.client("lambda"), session.client("sns"))


def _upload(package: Package, wishes: Wishes, s3: Any, say: Callable[[str], object]) -> str:
    """Both files under names made from the zip's hash, so that nothing ever changes under a running stack."""
    folder = f"firebell/{package.sha256}"
    code = {"Bucket": wishes.bucket, "Key": f"{folder}/deployment.zip"}
    template = json.loads(package.template.read_text("utf-8"))
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = code
    s3.put_object(**code, Body=package.zip.read_bytes())
    key = f"{folder}/{wishes.stage}.json"
    s3.put_object(Bucket=wishes.bucket, Key=key, Body=json.dumps(template).encode())
    say(f"uploaded to s3://{wishes.bucket}/{folder}")
    return f"https://{wishes.bucket}.s3.{wishes.region}.amazonaws.com/{key}"


def _change(package: Package, wishes: Wishes, cloudformation: Any, template_url: str, say: Callable[[str], object]) -> bool:
    """Bring the stack to the template; True when there was nothing to do."""
    from botocore.exceptions import WaiterError

    status = _status(wishes.stack, cloudformation)
    if status in _NEVER_CAME_UP:
        delete = f"aws cloudformation delete-stack --stack-name {wishes.stack}"
        raise DeploymentError(
            f"{wishes.stack} is in {status}: its first deployment failed, and AWS cannot update it",
            [*_failures(wishes, cloudformation), f"mend what failed, delete the stack, then deploy again: {delete}"],
        )
    kind = "CREATE" if _is_new(status) else "UPDATE"
    name = f"firebell-{package.sha256[:12]}"
    which = {"StackName": wishes.stack, "ChangeSetName": name}
    if status is not None:
        cloudformation.delete_change_set(**which)  # left by a deployment of the same package that failed or was broken off
    cloudformation.create_change_set(
        **which,
        ChangeSetType=kind,
        TemplateURL=template_url,
        Capabilities=CAPABILITIES,
        Parameters=_parameters(wishes, {} if kind == "CREATE" else _known_parameters(wishes.stack, cloudformation)),
    )
    try:
        cloudformation.get_waiter("change_set_create_complete").wait(**which)
    except WaiterError:
        reason = cloudformation.describe_change_set(**which).get("StatusReason", "")
        if any(phrase in reason for phrase in _NOTHING_TO_DO):
            cloudformation.delete_change_set(**which)
            return True
        raise DeploymentError("CloudFormation refused the template", [reason or "it gave no reason"]) from None
    say(f"{kind.lower()} {wishes.stack}: this takes a few minutes")
    cloudformation.execute_change_set(**which)
    cloudformation.get_waiter(f"stack_{kind.lower()}_complete").wait(StackName=wishes.stack)
    return False


def _parameters(wishes: Wishes, known: Mapping[str, str]) -> list[dict[str, Any]]:
    """Whoever deploys without a word about them must not unsubscribe the owners, nor end a mode that was set in a hurry.

    known: the running stack's; an older one may lack some.
    """
    wanted = {"OwnersMail": wishes.owners_mail or None, "Mode": wishes.mode}
    return [
        {"ParameterKey": name, "UsePreviousValue": True}
        if value is None and name in known
        else {"ParameterKey": name, "ParameterValue": value or ""}
        for name, value in wanted.items()
    ]


def _status(stack: str, cloudformation: Any) -> str | None:
    """None when there is no such stack."""
    from botocore.exceptions import ClientError

    try:
        known = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return None
        raise
    return str(known[0]["StackStatus"]) if known else None


def _known_parameters(stack: str, cloudformation: Any) -> dict[str, str]:
    [known] = cloudformation.describe_stacks(StackName=stack)["Stacks"]
    return {each["ParameterKey"]: each.get("ParameterValue", "") for each in known.get("Parameters", [])}


def _is_new(status: str | None) -> bool:
    """A stack that only ever was a change set under review counts as none."""
    return status in (None, "REVIEW_IN_PROGRESS")


def _failures(wishes: Wishes, cloudformation: Any) -> list[str]:
    """What failed of late, the latest first, without what was only called off because of it; and what to do where a name is
    taken. Not of a stack that came up once: there the taken name may be its own."""
    events = list(_newest_operation(wishes.stack, cloudformation))
    failed = [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"
        for event in events
        if event.get("ResourceStatus", "").endswith("_FAILED") and "cancelled" not in event.get("ResourceStatusReason", "")
    ][:10]
    never_came_up = any(_begins(event) == "CREATE_IN_PROGRESS" for event in events)
    is_taken = any(words in reason for reason in failed for words in _TAKEN)
    return [*failed, *([_LEFT_BEHIND] if never_came_up and is_taken else [])]


def _newest_operation(stack: str, cloudformation: Any) -> Iterator[Mapping[str, Any]]:
    """Its events, the latest first and its beginning last: a stack remembers those of months."""
    for page in cloudformation.get_paginator("describe_stack_events").paginate(StackName=stack):
        for event in page["StackEvents"]:
            yield event
            if _begins(event):
                return


def _begins(event: Mapping[str, Any]) -> str:
    """The status with which an operation on the whole stack begins; "" for any other event."""
    is_of_the_stack = event.get("PhysicalResourceId") == event["StackId"]
    status = event.get("ResourceStatus", "")
    return status if is_of_the_stack and status in _BEGINNINGS else ""


def _say_where(wishes: Wishes, aws: Clients, say: Callable[[str], object]) -> None:
    [stack] = aws.cloudformation.describe_stacks(StackName=wishes.stack)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
    say(f"for people: {outputs.get('EndpointURL', '?')} (raise an incident) and {outputs.get('EndpointURL', '?')}incidents")
    say(f"webhooks: {outputs.get('EndpointURL', '?')}webhooks/jira (and /opsgenie, /jsm, /pagerduty, /slack, /changes)")
    say(f"credentials: fill in the secret {outputs.get('CredentialsName', '?')}")
    say(f"facts: FIREBELL_FACTS={outputs.get('FactsBucket', '?')} for ./firebell report, import and rollup")
    parameters = _known_parameters(wishes.stack, aws.cloudformation)
    if mode := parameters.get("Mode"):
        say(f"mode: {mode}, whatever firebell.toml says, until you deploy with FIREBELL_MODE= (set, and empty)")
    if words := owners.words_on(parameters.get("OwnersMail", ""), outputs["OwnersTopic"], aws.sns):
        say(words)
