"""Whether alarms reach anybody: SNS sends nothing to an address until somebody there has followed the link in its first mail.

Source: https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PENDING = "PendingConfirmation"
"""What AWS shows instead of a subscription's ARN. What stays so is dropped after days, which CloudFormation does not notice."""


def words_on(owners_mail: str, topic: str, sns: Any) -> str:
    """What to say about the alarms' mail; nothing where it arrives. owners_mail: empty where none was named. sns: a client.

    Who may not ask is told what to look after.
    """
    from botocore.exceptions import ClientError

    try:
        known = _subscriptions(topic, sns)
    except ClientError as error:
        if not error.response["Error"]["Code"].startswith(("AccessDenied", "Authorization")):
            raise
        if owners_mail:
            return (
                f"alarms: {owners_mail} gets none before confirming AWS's mail; whether that was done may not be asked: {error}"
            )
        known = {}
    return words_with(owners_mail, topic, known)


def words_with(owners_mail: str, topic: str, known: Mapping[str, str]) -> str:
    """known: address -> ARN of its subscription, or PENDING."""
    state = known.get(owners_mail)
    if not owners_mail:
        if any(arn != PENDING for arn in known.values()):
            return ""
        return f"alarms: no mail goes to anybody; set FIREBELL_OWNERS_MAIL and deploy again, or subscribe to {topic}"
    if state == PENDING:
        first_mail = "AWS Notification - Subscription Confirmation"
        return f'alarms: {owners_mail} gets none until somebody there follows the link in the mail "{first_mail}"'
    if state is None:
        again = f"aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint {owners_mail}"
        return f"alarms: {owners_mail} is not subscribed any more, as happens when nobody confirms it in time; again: {again}"
    return ""


def _subscriptions(topic: str, sns: Any) -> dict[str, str]:
    pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic)
    return {each["Endpoint"]: each["SubscriptionArn"] for page in pages for each in page["Subscriptions"]}
