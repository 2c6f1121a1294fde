"""Jira over HTTP, issues that are no incidents: making one, and linking two."""

from __future__ import annotations

from typing import Any

from flask import request

from sandbox.emulator import Answer
from sandbox.jira.edits import EditRefusedError
from sandbox.jira.http_edits import Face
from sandbox.jira.issues import create, link, link_type, other_end
from sandbox.jira.records import SITE


def register_issues(face: Face, base: str) -> None:
    model, vendor = face.model, face.vendor

    @face.operation("create_issue", "POST", f"{base}/issue", vendor=vendor, body=True)
    def create_issue() -> Answer:
        sent: Any = request.get_json(force=True, silent=True)
        if not isinstance(sent, dict) or set(sent) - {"fields", "update", "properties"}:
            return 400, {"errorMessages": ["Invalid request payload. Refer to the REST API documentation."], "errors": {}}
        try:
            made = create(model, sent, face.bot)
        except EditRefusedError as refusal:
            return _refused(refusal)
        return 201, {"id": made.id, "key": made.key, "self": f"{SITE}{base}/issue/{made.id}"}

    @face.operation("link_issue", "POST", f"{base}/issueLink", vendor=vendor, body=True)
    def link_issue() -> Answer:
        sent: Any = request.get_json(force=True, silent=True)
        if not isinstance(sent, dict) or set(sent) - {"type", "inwardIssue", "outwardIssue", "comment"}:
            return 400, {"errorMessages": ["Invalid request payload. Refer to the REST API documentation."], "errors": {}}
        try:
            kind = link_type(sent.get("type"))
            inward, outward = other_end(model, sent.get("inwardIssue")), other_end(model, sent.get("outwardIssue"))
            if answer := face.too_many_writes(inward):
                return answer
            link(model, kind, inward, outward, face.bot)
        except EditRefusedError as refusal:
            return _refused(refusal)
        return 201, None


def _refused(refusal: EditRefusedError) -> Answer:
    return refusal.status, {"errorMessages": refusal.messages, "errors": refusal.errors}
