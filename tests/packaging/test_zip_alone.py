"""The zip, alone on the path of a fresh interpreter, answers a webhook and handles the message that it queued.

Alone but for boto3, which the Lambda runtime brings. AWS is moto's server; nothing else answers.
"""

from __future__ import annotations

import hashlib
import hmac
import importlib.util
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from deployment.package import Package
from tests.adapters.aws_world import REGION, resource

SECRET = "whsec-live"
RUNTIME_BRINGS = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3")
FIXTURES = Path(__file__).parents[1] / "fixtures" / "jira"

INVOKE = """
import json, sys
code, boto, handler, event = sys.argv[1:]
sys.path += [code, boto]
import app
class Context:
    function_name, aws_request_id = "firebell", "r-1"
    def get_remaining_time_in_millis(self): return 30000
answer = getattr(app, handler)(json.loads(event), Context())
elsewhere = [m.__name__ for m in list(sys.modules.values()) if "site-packages" in (getattr(m, "__file__", None) or "")]
print(json.dumps({"answer": answer, "elsewhere": elsewhere}))
"""


ZONES = """
import sys, zoneinfo
sys.path.append(sys.argv[1])
zoneinfo.reset_tzpath(to=())
print(zoneinfo.ZoneInfo("Europe/London"))
"""


@dataclass
class Alone:
    """The unpacked zip and the AWS around it."""

    code: Path
    boto: Path
    environment: dict[str, str]
    sqs: Any
    dynamodb: Any

    def invoke(self, handler: str, event: dict[str, Any]) -> Any:
        """Run the handler in a fresh interpreter that sees neither site-packages nor PYTHON* variables."""
        arguments = ["-I", "-S", "-E", "-B", "-c", INVOKE, str(self.code), str(self.boto), handler, json.dumps(event)]
        run = subprocess.run(  # noqa: S603  our own words
            [sys.executable, *arguments], env=self.environment, capture_output=True, text=True, check=False
        )
        assert run.returncode == 0, run.stderr
        result = json.loads(run.stdout.splitlines()[-1])
        assert result["elsewhere"] == []
        return result["answer"]

    def webhook(self, body: bytes, secret: str = SECRET) -> tuple[int, dict[str, Any]]:
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        answer = self.invoke("app", api_event("/webhooks/jira", body, {"X-Hub-Signature": f"sha256={signature}"}))
        return answer["statusCode"], json.loads(answer["body"])

    def queued(self) -> list[dict[str, Any]]:
        url = self.environment["FIREBELL_QUEUE_URL"]
        messages: list[dict[str, Any]] = self.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        return messages


def api_event(path: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    return {
        "requestContext": {"httpMethod": "POST", "resourcePath": path, "path": path, "identity": {"sourceIp": "192.0.2.1"}},
        "headers": {"Content-Type": "application/json"} | headers,
        "multiValueQueryStringParameters": None,
        "pathParameters": None,
        "stageVariables": None,
        "body": body.decode("utf-8"),
        "isBase64Encoded": False,
    }


def sqs_event(message: dict[str, Any]) -> dict[str, Any]:
    record = {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": {"ApproximateReceiveCount": "1"},
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:firebell-dev-work",
        "awsRegion": REGION,
    }
    return {"Records": [record]}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def alone(built: Package, endpoint: str, tmp_path_factory: pytest.TempPathFactory) -> Alone:
    folder = tmp_path_factory.mktemp("task")
    code, boto = folder / "task", folder / "runtime"
    with zipfile.ZipFile(built.zip) as archive:
        archive.extractall(code)
    boto.mkdir()
    for name in RUNTIME_BRINGS:
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        origin = Path(spec.origin)
        source = origin.parent if spec.submodule_search_locations else origin
        (boto / source.name).symlink_to(source)
    credentials = {
        "aws_access_key_id": "test",
        "aws_secret_access_key": "test",
        "region_name": REGION,
        "endpoint_url": endpoint,
    }
    sqs, dynamodb = boto3.client("sqs", **credentials), boto3.client("dynamodb", **credentials)  # type: ignore[call-overload]
    shape = resource("Ledger")
    names = ("AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "BillingMode")
    dynamodb.create_table(TableName="ledger", **{name: shape[name] for name in names})
    settings = (code / "firebell.toml").read_text("utf-8")
    nobody = 'base_url = "http://127.0.0.1:9"'  # Jira is away; the discard port is served by nobody
    local = folder / "firebell.toml"
    local.write_text(settings.replace("[jira]\n", f"[jira]\n{nobody}\n", 1), "utf-8")
    environment = {
        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": endpoint,
        "FIREBELL_SETTINGS": str(local),
        "FIREBELL_SECRETS": json.dumps({"jira_webhook": [SECRET], "jira_mail": "firebell@example.com", "jira_token": "t"}),
        "FIREBELL_TABLE": "ledger",
        "FIREBELL_QUEUE_URL": sqs.create_queue(QueueName="work")["QueueUrl"],
        "FIREBELL_DEAD_LETTER_URL": sqs.create_queue(QueueName="dead")["QueueUrl"],
        "PATH": os.environ["PATH"],
    }  # fmt: skip
    return Alone(code, boto, environment, sqs, dynamodb)


def test_the_zip_answers_a_webhook_and_handles_the_message_it_queued(alone: Alone) -> None:
    """In shadow mode, as shipped: the ledger remembers what would have happened."""
    status, answer = alone.webhook((FIXTURES / "issue_created__sev1.json").read_bytes())
    assert (status, answer["outcome"]) == (202, "queued")
    [message] = alone.queued()
    assert alone.invoke("worker", sqs_event(message)) == {"batchItemFailures": []}
    items = alone.dynamodb.scan(TableName="ledger")["Items"]
    assert {item["sk"]["S"] for item in items} == {"incident", "artifact#shadow"}


def test_the_zip_knows_time_zones_where_the_image_knows_none(alone: Alone) -> None:
    run = subprocess.run(  # noqa: S603  our own words
        [sys.executable, "-I", "-S", "-E", "-B", "-c", ZONES, str(alone.code)], capture_output=True, text=True, check=False
    )
    assert (run.stdout.strip(), run.stderr) == ("Europe/London", "")


def test_the_zip_turns_strangers_away(alone: Alone) -> None:
    status, _ = alone.webhook((FIXTURES / "issue_created__sev1.json").read_bytes(), secret="guessed")
    assert status == 401
    assert alone.queued() == []


def test_the_zip_ignores_what_is_no_incident(alone: Alone) -> None:
    status, answer = alone.webhook((FIXTURES / "issue_updated__other_project.json").read_bytes())
    assert (status, answer["outcome"]) == (200, "ignored")
    assert alone.queued() == []
