"""Incidents whose webhooks the benchmark delivers by itself, when and as often as it likes."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.company import EMMA
from sandbox.jira.model import JiraIssue, JiraModel, Webhook
from sandbox.stack import Stack


@dataclass(frozen=True, slots=True)
class Unheard:
    """An incident of which nobody has been told, and the webhook that would tell."""

    issue: JiraIssue
    headers: dict[str, str]
    body: bytes


def raise_unheard(stack: Stack, summary: str = "Checkout is down") -> Unheard:
    """Jira loses the webhook, which a pump would deliver otherwise. Nothing else may happen in Jira meanwhile."""
    model, jira = stack.company.jira_model, stack.company.jira
    model.lose = 1
    issue = model.create_incident(EMMA, summary, description="Carts fail since noon. " * 40, products=("Payments", "Web"))
    hook = created_webhook(model, issue)
    return Unheard(issue, jira.headers_of(hook), jira.body_of(hook))


def created_webhook(model: JiraModel, issue: JiraIssue) -> Webhook:
    body = {
        "timestamp": int(issue.created.timestamp() * 1000),
        "webhookEvent": "jira:issue_created",
        "issue_event_type_name": "issue_created",
        "user": issue.creator.as_json(),
        "issue": model.issue_json(issue),
    }
    return Webhook(f"hook-of-{issue.id}", body, issue.created)


def drain(stack: Stack) -> None:
    """moto's queue grows slow with its depth, AWS's does not: take off, unmeasured, what nobody works on."""
    while messages := stack.sqs.receive_message(QueueUrl=stack.queue_url, MaxNumberOfMessages=10).get("Messages"):
        entries = [{"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]} for n, message in enumerate(messages)]
        stack.sqs.delete_message_batch(QueueUrl=stack.queue_url, Entries=entries)
