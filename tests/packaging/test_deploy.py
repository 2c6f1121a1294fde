"""`make deploy` refuses what is not ready with a list, and otherwise brings a stack up through a change set."""

from __future__ import annotations

import json
import shutil
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError, WaiterError

from deployment.__main__ import main
from deployment.package import Package
from deployment.problems import DeploymentError
from deployment.quota import problems_with
from deployment.stack import Clients, Wishes, deploy, refuse_bucket_elsewhere, refuse_unless_ready, wishes_from
from tests.adapters.aws_world import aws_in_memory
from tests.packaging.conftest import ROOT

READY = Wishes("prod", "firebell-prod", "packages", "eu-central-1", "owners@example.com")

NOBODY = "557058:00000000-0000-0000-0000-000000000000"
"""Of whom the example says that Firebell acts as them."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout whose settings somebody has made their own."""
    example = (ROOT / "firebell.toml").read_text("utf-8")
    settings = example.replace("https://example.atlassian.net", "https://acme.atlassian.net").replace(NOBODY, "557058:1f3a")
    (tmp_path / "firebell.toml").write_text(settings, "utf-8")
    shutil.copytree(ROOT / "templates", tmp_path / "templates")
    return tmp_path


def test_what_is_ready_is_not_refused(root: Path) -> None:
    refuse_unless_ready(READY, root, has_credentials=lambda: True)


def test_everything_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(DeploymentError) as refused:
        refuse_unless_ready(wishes_from({}, "dev"), ROOT, has_credentials=lambda: False)
    assert [problem.split(":")[0] for problem in refused.value.problems] == [
        "no bucket",
        "no region",
        "no AWS credentials",
        "firebell.toml is still the example",
    ]


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        pytest.param(None, "no firebell.toml", id="no settings"),
        pytest.param("mode = ", "not TOML", id="not TOML"),
        pytest.param("", "still the example", id="empty"),
        pytest.param('[jira]\nsite = "https://acme.atlassian.net"\n', "rosters", id="incomplete"),
    ],
)
def test_settings_that_would_fail_are_refused(root: Path, settings: str | None, problem: str) -> None:
    (root / "firebell.toml").unlink()
    if settings is not None:
        (root / "firebell.toml").write_text(settings, "utf-8")
    with pytest.raises(DeploymentError, match=problem):
        refuse_unless_ready(READY, root, has_credentials=lambda: True)


def test_settings_that_would_not_be_deployed_are_refused(root: Path) -> None:
    """Whoever checked that file with `firebell check` would deploy another."""
    wishes = wishes_from({"FIREBELL_BUCKET": "b", "AWS_REGION": "r", "FIREBELL_SETTINGS": str(root / "prod.toml")}, "dev")
    with pytest.raises(
        DeploymentError, match=r"FIREBELL_SETTINGS names .*prod\.toml, but .*firebell\.toml is what is packaged"
    ):
        refuse_unless_ready(wishes, root, has_credentials=lambda: True)


def test_settings_that_are_named_and_would_be_deployed_are_fine(root: Path) -> None:
    (root / "link.toml").symlink_to(root / "firebell.toml")
    refuse_unless_ready(replace(READY, settings=str(root / "link.toml")), root, has_credentials=lambda: True)


@pytest.mark.parametrize(
    ("bucket", "region", "problem"),
    [
        pytest.param("packages", "eu-central-1", "", id="here"),
        pytest.param(
            "packages", "eu-west-1", "packages is in eu-central-1, and Lambda takes code from eu-west-1", id="elsewhere"
        ),
        pytest.param(
            "nowhere", "eu-west-1", "no bucket nowhere; make it: aws s3 mb s3://nowhere --region eu-west-1", id="nowhere"
        ),
    ],
)
def test_a_bucket_that_is_of_no_use_is_refused_before_anything_is_built(
    monkeypatch: pytest.MonkeyPatch, bucket: str, region: str, problem: str
) -> None:
    with aws_in_memory(monkeypatch):
        boto3.client("s3", region_name="eu-central-1").create_bucket(
            Bucket="packages", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
        )
        wishes = replace(READY, bucket=bucket, region=region)
        with pytest.raises(DeploymentError, match=problem) if problem else nullcontext():
            refuse_bucket_elsewhere(wishes, boto3.client("s3", region_name=region))


def test_who_may_not_look_into_the_bucket_is_told_where_it_is_all_the_same() -> None:
    class Closed:
        def head_bucket(self, **_: Any) -> None:
            told = {"HTTPStatusCode": 403, "HTTPHeaders": {"x-amz-bucket-region": "us-east-1"}}
            raise ClientError({"Error": {"Code": "403", "Message": "Forbidden"}, "ResponseMetadata": told}, "HeadBucket")  # type: ignore[typeddict-item]

    refuse_bucket_elsewhere(replace(READY, region="us-east-1"), Closed())
    with pytest.raises(DeploymentError, match="is in us-east-1"):
        refuse_bucket_elsewhere(READY, Closed())


def test_words_that_would_fail_are_refused(root: Path) -> None:
    (root / "templates" / "chat" / "topic.txt").write_text("{{ facts.sumary }}", "utf-8")
    with pytest.raises(DeploymentError, match=r"templates/chat/topic\.txt, line 1: .* 'sumary'"):
        refuse_unless_ready(READY, root, has_credentials=lambda: True)


def test_the_examples_account_is_refused(root: Path) -> None:
    """Else what Firebell does itself would count as a human's."""
    settings = (root / "firebell.toml").read_text("utf-8").replace("557058:1f3a", NOBODY)
    (root / "firebell.toml").write_text(settings, "utf-8")
    with pytest.raises(DeploymentError, match=r"jira\.own_account: '557058:0.* is the example's"):
        refuse_unless_ready(READY, root, has_credentials=lambda: True)


def test_an_address_that_is_none_is_refused(root: Path) -> None:
    with pytest.raises(DeploymentError, match="FIREBELL_OWNERS_MAIL: 'not-a-mail' is no mail address"):
        refuse_unless_ready(replace(READY, owners_mail="not-a-mail"), root, has_credentials=lambda: True)


def test_a_language_without_words_is_refused(root: Path) -> None:
    settings = (root / "firebell.toml").read_text("utf-8").replace('kind = "ses"\n', 'kind = "ses"\nlanguage = "de"\n')
    (root / "firebell.toml").write_text(settings, "utf-8")
    with pytest.raises(DeploymentError, match="templates/de: is missing"):
        refuse_unless_ready(READY, root, has_credentials=lambda: True)


def test_make_deploy_ends_with_the_list_and_status_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("FIREBELL_BUCKET", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    assert main(["deploy", "--stage", "prod"]) == 1
    said = capsys.readouterr().err
    assert "Not ready to deploy firebell-prod:\n  - no bucket: " in said


# --- deploying --------------------------------------------------------------------------------------------------------


class FakeCloudFormation:
    """Takes change sets and runs them; `status_reason` makes it refuse one, `broken` makes a stack fail to come up."""

    def __init__(self, *, status: str | None = None, status_reason: str = "", broken: bool = False) -> None:
        self.status = status
        self._reason = status_reason
        self._broken = broken
        self.failure = "limit reached"
        self.was_running = status == "UPDATE_COMPLETE"
        self.parameters = {"OwnersMail": "", "Mode": ""}
        self.left_over: set[str] = set()
        self.change_sets: list[dict[str, Any]] = []
        self.executed: list[str] = []

    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803  as AWS calls it
        if self.status is None:
            raise ClientError(
                {"Error": {"Code": "ValidationError", "Message": f"{StackName} does not exist"}}, "DescribeStacks"
            )
        outputs = {
            "EndpointURL": "https://api.example.com/api/",
            "CredentialsName": "firebell-prod/credentials",
            "OwnersTopic": "arn:owners",
            "FactsBucket": "firebell-prod-facts-1",
        }
        shown = [{"OutputKey": key, "OutputValue": value} for key, value in outputs.items()]
        parameters = [{"ParameterKey": name, "ParameterValue": value} for name, value in self.parameters.items()]
        return {"Stacks": [{"StackStatus": self.status, "Outputs": shown, "Parameters": parameters}]}

    def delete_change_set(self, ChangeSetName: str, **_: Any) -> None:  # noqa: N803
        assert self.status is not None, "AWS answers that there is no such stack"
        self.left_over.discard(ChangeSetName)

    def create_change_set(self, **call: Any) -> None:
        if call["ChangeSetName"] in self.left_over:
            raise ClientError({"Error": {"Code": "AlreadyExistsException", "Message": "it exists"}}, "CreateChangeSet")
        kept = [one["ParameterKey"] for one in call["Parameters"] if one.get("UsePreviousValue")]
        assert not kept or (self.status == "UPDATE_COMPLETE" and set(kept) <= set(self.parameters)), (
            "AWS knows no earlier value"
        )
        self.change_sets.append(call)

    def describe_change_set(self, **_: Any) -> dict[str, Any]:
        return {"StatusReason": self._reason}

    def execute_change_set(self, **call: Any) -> None:
        self.executed.append(call["ChangeSetName"])
        self.parameters |= {
            one["ParameterKey"]: one["ParameterValue"] for one in self.change_sets[-1]["Parameters"] if "ParameterValue" in one
        }
        self.status = "CREATE_COMPLETE"

    def get_paginator(self, operation: str) -> FakeCloudFormation:
        assert operation == "describe_stack_events"
        return self

    def paginate(self, StackName: str) -> list[dict[str, Any]]:  # noqa: N803
        """The latest first, beginning with what runs or ran last: a failure is far down, below all that it had called off."""
        operations = [_failed_operation(StackName, "UPDATE" if self.was_running else "CREATE", self.failure)]
        if self.was_running:
            operations.append(_failed_operation(StackName, "UPDATE", "a queue of that name already exists, a month ago"))
        return [{"StackEvents": events} for operation in operations for events in operation]

    def get_waiter(self, name: str) -> Any:
        fails = self._broken if name.startswith("stack") else bool(self._reason)

        class Waiter:
            def wait(self, **_: Any) -> None:
                if fails:
                    raise WaiterError(name, "failed", {})

        return Waiter()


def _failed_operation(stack: str, kind: str, why: str) -> list[list[dict[str, Any]]]:
    """The pages of one operation's events, as AWS tells them."""

    def of_the_stack(status: str) -> dict[str, Any]:
        return {"LogicalResourceId": stack, "PhysicalResourceId": "arn:stack", "ResourceStatus": status}

    called_off = {"ResourceStatus": f"{kind}_FAILED", "ResourceStatusReason": "Resource creation cancelled"}
    failure = {"ResourceStatus": f"{kind}_FAILED", "ResourceStatusReason": why}
    rolled_back = "ROLLBACK_COMPLETE" if kind == "CREATE" else "UPDATE_ROLLBACK_COMPLETE"
    pages: list[list[dict[str, Any]]] = [
        [of_the_stack(rolled_back)],
        [{"LogicalResourceId": f"Worker{n}", **called_off} for n in range(20)],
        [{"LogicalResourceId": "DeadLetters", **failure}],
        [{"LogicalResourceId": "Owners", "ResourceStatus": f"{kind}_COMPLETE"}, of_the_stack(f"{kind}_IN_PROGRESS")],
    ]
    return [[{"StackId": "arn:stack", **event} for event in events] for events in pages]


class FakeLambda:
    """An account that may run so many functions at once, of which so many are free."""

    def __init__(self, limit: int = 1000, free: int = 1000, *, refuses: str = "") -> None:
        self._limit, self._free, self._refuses = limit, free, refuses

    def get_account_settings(self) -> dict[str, Any]:
        if self._refuses:
            raise ClientError({"Error": {"Code": self._refuses, "Message": "no"}}, "GetAccountSettings")
        return {"AccountLimit": {"ConcurrentExecutions": self._limit, "UnreservedConcurrentExecutions": self._free}}


class FakeSns:
    """A topic with these subscriptions, shown one on each page: address -> ARN, or that it is not confirmed."""

    def __init__(self, known: dict[str, str] | None = None, *, refuses: str = "") -> None:
        self._known = {READY.owners_mail: "arn:owners:1"} if known is None else known
        self._refuses = refuses

    def get_paginator(self, operation: str) -> FakeSns:
        assert operation == "list_subscriptions_by_topic"
        return self

    def paginate(self, TopicArn: str) -> list[dict[str, Any]]:  # noqa: N803  as AWS calls it
        assert TopicArn == "arn:owners"
        if self._refuses:
            raise ClientError({"Error": {"Code": self._refuses, "Message": "no"}}, "ListSubscriptionsByTopic")
        return [{"Subscriptions": [{"Endpoint": whom, "SubscriptionArn": arn}]} for whom, arn in self._known.items()]


@pytest.fixture
def said() -> list[str]:
    return []


def deployed(
    built: Package,
    cloudformation: FakeCloudFormation,
    said: list[str],
    monkeypatch: pytest.MonkeyPatch,
    wishes: Wishes = READY,
    functions: FakeLambda | None = None,
    sns: FakeSns | None = None,
) -> Any:
    with aws_in_memory(monkeypatch):
        s3 = boto3.client("s3")
        s3.create_bucket(Bucket=READY.bucket, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        deploy(built, wishes, said.append, Clients(s3, cloudformation, functions or FakeLambda(), sns or FakeSns()))
        names = [entry["Key"] for entry in s3.list_objects_v2(Bucket=READY.bucket)["Contents"]]
        return {name: s3.get_object(Bucket=READY.bucket, Key=name)["Body"].read() for name in names}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        pytest.param(None, "CREATE", id="no stack yet"),
        pytest.param("REVIEW_IN_PROGRESS", "CREATE", id="a stack that never was more than a plan"),
        pytest.param("UPDATE_COMPLETE", "UPDATE", id="a running stack"),
    ],
)
def test_a_stack_is_created_or_updated(
    built: Package, said: list[str], monkeypatch: pytest.MonkeyPatch, status: str | None, kind: str
) -> None:
    cloudformation = FakeCloudFormation(status=status)
    if status is not None:
        cloudformation.left_over.add(f"firebell-{built.sha256[:12]}")  # of a deployment that failed
    stored = deployed(built, cloudformation, said, monkeypatch)
    [change] = cloudformation.change_sets
    assert change["ChangeSetType"] == kind
    assert change["Parameters"][0] == {"ParameterKey": "OwnersMail", "ParameterValue": "owners@example.com"}
    assert cloudformation.executed == [change["ChangeSetName"]]
    assert stored[f"firebell/{built.sha256}/deployment.zip"] == built.zip.read_bytes()
    template = json.loads(stored[change["TemplateURL"].partition(".amazonaws.com/")[2]])
    code = {"Bucket": "packages", "Key": f"firebell/{built.sha256}/deployment.zip"}
    assert [template["Resources"][name]["Properties"]["CodeUri"] for name in ("APIHandler", "Worker", "Sweep", "Rollup")] == [
        code
    ] * 4
    assert said[-3:] == [
        "webhooks: https://api.example.com/api/webhooks/jira (and /opsgenie, /jsm, /pagerduty, /slack, /changes)",
        "credentials: fill in the secret firebell-prod/credentials",
        "facts: FIREBELL_FACTS=firebell-prod-facts-1 for ./firebell report, import and rollup",
    ]


def test_no_stack_is_made_whose_alarms_tell_nobody(built: Package, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    cloudformation = FakeCloudFormation()
    with pytest.raises(DeploymentError, match="no address for alarms: set FIREBELL_OWNERS_MAIL"):
        deployed(built, cloudformation, said, monkeypatch, replace(READY, owners_mail=""))
    assert cloudformation.change_sets == []


def test_a_deployment_that_names_no_owner_keeps_the_known_one(
    built: Package, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cloudformation = FakeCloudFormation(status="UPDATE_COMPLETE")
    cloudformation.parameters["OwnersMail"] = "owners@example.com"
    deployed(built, cloudformation, said, monkeypatch, replace(READY, owners_mail=""))
    [change] = cloudformation.change_sets
    assert change["Parameters"][0] == {"ParameterKey": "OwnersMail", "UsePreviousValue": True}
    assert not [line for line in said if line.startswith("alarms")]


@pytest.mark.parametrize(
    ("told", "known", "mode"),
    [
        pytest.param({}, {"Mode": "shadow"}, "shadow", id="no word about it keeps what was set in a hurry"),
        pytest.param({"FIREBELL_MODE": ""}, {"Mode": "shadow"}, "", id="an empty one ends it"),
        pytest.param({"FIREBELL_MODE": "page-only"}, {"Mode": ""}, "page-only", id="another"),
        pytest.param({}, {}, "", id="a stack from before there was one"),
    ],
)
def test_the_mode_of_the_stack_stays_until_somebody_says_otherwise(
    built: Package, said: list[str], monkeypatch: pytest.MonkeyPatch, told: dict[str, str], known: dict[str, str], mode: str
) -> None:
    cloudformation = FakeCloudFormation(status="UPDATE_COMPLETE")
    cloudformation.parameters = {"OwnersMail": "owners@example.com", **known}
    deployed(built, cloudformation, said, monkeypatch, replace(READY, mode=wishes_from(told, "prod").mode))
    assert cloudformation.parameters["Mode"] == mode
    assert [line.partition(",")[0] for line in said if line.startswith("mode")] == ([f"mode: {mode}"] if mode else [])


def test_a_mode_that_there_is_not_is_refused(root: Path) -> None:
    with pytest.raises(DeploymentError, match="FIREBELL_MODE: is 'shadows'"):
        refuse_unless_ready(replace(READY, mode="shadows"), root, has_credentials=lambda: True)


NOBODY_HEARS = "alarms: no mail goes to anybody; set FIREBELL_OWNERS_MAIL and deploy again, or subscribe to arn:owners"


@pytest.mark.parametrize(
    ("owners_mail", "sns", "words"),
    [
        pytest.param("", FakeSns({}), NOBODY_HEARS, id="nobody was named"),
        pytest.param(
            "", FakeSns({"ops@example.com": "PendingConfirmation"}), NOBODY_HEARS, id="only somebody who has not confirmed"
        ),
        pytest.param("", FakeSns({"ops@example.com": "arn:owners:2"}), "", id="somebody subscribed by themselves"),
        pytest.param(
            "", FakeSns(refuses="AuthorizationError"), NOBODY_HEARS, id="nobody was named, and who deploys may not ask"
        ),
        pytest.param("owners@example.com", FakeSns(), "", id="confirmed"),
        pytest.param(
            "owners@example.com",
            FakeSns({"ops@example.com": "arn:owners:2", "owners@example.com": "PendingConfirmation"}),
            'alarms: owners@example.com gets none until somebody there follows the link in the mail "AWS Not',
            id="not confirmed",
        ),
        pytest.param(
            "owners@example.com",
            FakeSns({"ops@example.com": "arn:owners:2"}),
            "alarms: owners@example.com is not subscribed any more, as happens when nobody confirms it in time; again: "
            "aws sns subscribe --topic-arn arn:owners --protocol email --notification-endpoint owners@example.com",
            id="dropped",
        ),
        pytest.param(
            "owners@example.com",
            FakeSns(refuses="AccessDenied"),
            "alarms: owners@example.com gets none before confirming AWS's mail; whether that was done may not be asked",
            id="who deploys may not ask",
        ),
    ],
)
def test_a_stack_whose_alarms_tell_nobody_says_so(
    built: Package, said: list[str], monkeypatch: pytest.MonkeyPatch, owners_mail: str, sns: FakeSns, words: str
) -> None:
    cloudformation = FakeCloudFormation(status="UPDATE_COMPLETE")
    deployed(built, cloudformation, said, monkeypatch, replace(READY, owners_mail=owners_mail), sns=sns)
    told = [line for line in said if line.startswith("alarms")]
    assert [line.startswith(words) for line in told] == ([True] if words else [])


def test_another_failure_to_ask_who_is_told_is_one(built: Package, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DeploymentError, match="InternalError"):
        deployed(built, FakeCloudFormation(), said, monkeypatch, sns=FakeSns(refuses="InternalError"))


def test_an_account_that_is_too_young_is_told_what_to_ask_for(
    built: Package, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cloudformation = FakeCloudFormation()
    with pytest.raises(
        DeploymentError, match=r"reserve 7 executions, .* of this account's 10 .* ask for 107 or more .*L-B99A9384"
    ):
        deployed(built, cloudformation, said, monkeypatch, functions=FakeLambda(10, 10))
    assert cloudformation.change_sets == []


def test_a_running_stack_is_not_asked_for_room_again(built: Package, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """What it has reserved is not free, and AWS lets it keep that."""
    cloudformation = FakeCloudFormation(status="UPDATE_COMPLETE")
    deployed(built, cloudformation, said, monkeypatch, functions=FakeLambda(110, 103))
    assert len(cloudformation.executed) == 1


def test_who_may_not_ask_for_the_quota_deploys_all_the_same(
    built: Package, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cloudformation = FakeCloudFormation()
    deployed(built, cloudformation, said, monkeypatch, functions=FakeLambda(refuses="AccessDeniedException"))
    assert said[0].startswith("lambda:GetAccountSettings is not allowed")
    assert len(cloudformation.executed) == 1


def test_another_failure_to_ask_for_the_quota_is_one(built: Package, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DeploymentError, match="ServiceException"):
        deployed(built, FakeCloudFormation(), said, monkeypatch, functions=FakeLambda(refuses="ServiceException"))


@pytest.mark.parametrize(
    ("wanted", "limit", "free", "to_ask_for"),
    [
        pytest.param(52, 1000, 1000, None, id="an account as most are"),
        pytest.param(7, 107, 107, None, id="just enough"),
        pytest.param(7, 106, 106, 107, id="one too few"),
        pytest.param(7, 50, 50, 107, id="a young account"),
        pytest.param(52, 1000, 140, 1012, id="others have reserved the rest"),
    ],
)
def test_what_is_reserved_must_leave_aws_its_share(wanted: int, limit: int, free: int, to_ask_for: int | None) -> None:
    problems = problems_with(wanted, limit, free)
    assert [f"ask for {to_ask_for} or more" in problem for problem in problems] == ([True] if to_ask_for else [])


def test_nothing_to_change_is_no_failure(built: Package, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    cloudformation = FakeCloudFormation(
        status="UPDATE_COMPLETE", status_reason="The submitted information didn't contain changes."
    )
    deployed(built, cloudformation, said, monkeypatch)
    assert "firebell-prod is up to date" in said
    assert cloudformation.executed == []


def test_a_refused_template_says_why(built: Package, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DeploymentError, match="Transform failed"):
        deployed(built, FakeCloudFormation(status_reason="Transform failed"), said, monkeypatch)


def test_a_stack_that_does_not_come_up_says_why(built: Package, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DeploymentError) as failed:
        deployed(built, FakeCloudFormation(broken=True), said, monkeypatch)
    assert failed.value.problems == ("DeadLetters: limit reached",)


def test_a_stack_that_never_came_up_says_what_to_do(built: Package, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DeploymentError, match="its first deployment failed") as refused:
        deployed(built, FakeCloudFormation(status="ROLLBACK_COMPLETE"), said, monkeypatch)
    why, what_to_do = refused.value.problems
    assert why == "DeadLetters: limit reached"
    assert "delete-stack --stack-name firebell-prod" in what_to_do


@pytest.mark.parametrize(
    "reason",
    [
        "Resource of type 'AWS::SQS::Queue' with identifier 'firebell-prod-dead-letters' already exists.",
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
    ],
)
@pytest.mark.parametrize(
    "status", [pytest.param(None, id="while it is deployed"), pytest.param("ROLLBACK_COMPLETE", id="after")]
)
def test_what_a_deleted_stack_left_behind_is_named(
    built: Package, said: list[str], monkeypatch: pytest.MonkeyPatch, status: str | None, reason: str
) -> None:
    """Else whoever deploys deletes the new stack again and again: its names are taken by what the old one kept."""
    cloudformation = FakeCloudFormation(status=status, broken=True)
    cloudformation.failure = reason
    with pytest.raises(DeploymentError, match="an earlier stack of this name left behind") as refused:
        deployed(built, cloudformation, said, monkeypatch)
    assert "Remove a stage" in str(refused.value)
    assert "**Remove a stage**" in (ROOT / "docs" / "runbook.md").read_text("utf-8")


@pytest.mark.parametrize("reason", ["limit reached", "a queue named firebell-prod-dead-letters already exists"])
def test_a_failed_update_names_what_failed_now_and_has_nothing_of_the_stack_deleted(
    built: Package, said: list[str], monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    """A taken name may be its own, and the credentials there are those that it runs with."""
    cloudformation = FakeCloudFormation(status="UPDATE_COMPLETE", broken=True)
    cloudformation.failure = reason
    with pytest.raises(DeploymentError) as failed:
        deployed(built, cloudformation, said, monkeypatch)
    assert failed.value.problems == (f"DeadLetters: {reason}",)


def test_a_bucket_that_is_not_there_says_so(built: Package, said: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with aws_in_memory(monkeypatch):
        clients = Clients(boto3.client("s3"), FakeCloudFormation(), FakeLambda(), FakeSns())
        with pytest.raises(DeploymentError, match="NoSuchBucket"):
            deploy(built, replace(READY, bucket="elsewhere"), said.append, clients)
