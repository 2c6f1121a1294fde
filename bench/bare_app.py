"""The bare Chalice application whose package Firebell's is measured against: one route, one SQS client, nothing else.

It verifies one HMAC and puts the body on the queue. Packaged as app.py, so it may import nothing of ours.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os

import boto3
from chalice import Chalice, Response  # type: ignore[attr-defined]

app = Chalice(app_name="bare")
sqs = boto3.client("sqs")


@app.route("/webhooks/jira", methods=["POST"], content_types=["*/*"])
def jira_webhook() -> Response:
    request = app.current_request
    assert request is not None
    raw = request.raw_body
    body = raw.encode() if isinstance(raw, str) else raw
    expected = "sha256=" + hmac.new(os.environ["BARE_SECRET"].encode(), body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected, request.headers["X-Hub-Signature"]):
        return Response({}, status_code=401)
    message = json.dumps({"issue": json.loads(body)["issue"]["id"]})
    sqs.send_message(QueueUrl=os.environ["FIREBELL_QUEUE_URL"], MessageBody=message)
    return Response({}, status_code=202)
