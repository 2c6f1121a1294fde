"""The least that could be done, as the baseline: one HMAC and one POST; or one HMAC and one json.loads."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import requests
from flask import Flask, Response, request

from sandbox.company import SECRETS

SECRET = str(SECRETS["jira_webhook"][0]).encode()  # type: ignore[index]


def signature_of(body: bytes) -> str:
    return "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()


def bare_script(opsgenie: str) -> Flask:
    """Verify one signature, make one POST to the pager at this URL. Same body, same alias: the pager merges, while open."""
    app, session = Flask("bare"), requests.Session()
    headers = {"Authorization": f"GenieKey {SECRETS['opsgenie_key']}"}

    @app.post("/webhooks/jira")
    def page() -> Response:
        body = request.get_data()
        if not hmac.compare_digest(signature_of(body), request.headers["X-Hub-Signature"]):
            return Response(status=401)
        alert: dict[str, Any] = {
            "message": "Checkout is down",
            "alias": hashlib.sha256(body).hexdigest(),
            "responders": [{"type": "schedule", "id": "sch-bitbucket"}],
        }
        session.post(f"{opsgenie}/v2/alerts", json=alert, headers=headers, timeout=3)
        return Response(status=202)

    return app


def bare_handler(event: Mapping[str, Any], _context: object) -> dict[str, Any]:
    """A Lambda handler that verifies one HMAC, parses the body, and is not interested."""
    body = event["body"].encode()
    if not hmac.compare_digest(signature_of(body), event["headers"]["X-Hub-Signature"]):
        return {"statusCode": 401, "headers": {}, "body": ""}
    json.loads(body)
    return {"statusCode": 200, "headers": {}, "body": ""}
