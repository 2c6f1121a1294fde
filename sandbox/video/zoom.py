"""Zoom over HTTP: its token endpoint and the meetings of a host, strictly."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from flask import request

from chalicelib.ports.world import Clock
from sandbox.emulator import Answer, Emulator, Faults, Recorder
from sandbox.pagers.desk import iso
from sandbox.video.model import CREATE, LIST, READ, SHOWN_AGENDA, Meeting, Refusal, RefusedError, VideoModel

VENDOR = "zoom-meetings"
PAGE_LIMIT = 300
MEMBERS = frozenset(
    {"topic", "type", "agenda", "duration", "start_time", "timezone", "password", "default_password", "settings"}
)
SETTINGS = frozenset({"join_before_host", "jbh_time", "waiting_room", "mute_upon_entry", "meeting_authentication"})


class ZoomEmulator(Emulator):
    """tells_wait: whether the daily limit comes with its headers; the live service leaves them out at times."""

    def __init__(
        self,
        model: VideoModel,
        clock: Clock,
        *,
        account_id: str,
        client_id: str,
        client_secret: str,
        faults: Faults | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        super().__init__("zoom", clock, faults or Faults(), recorder)
        self.model, self.tells_wait = model, False
        self._account_id = account_id
        self._basic = "Basic " + base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self._register_oauth()
        self._register_meetings()

    def _register_oauth(self) -> None:
        @self.operation(
            "token", "POST", "/oauth/token", vendor=VENDOR, query=frozenset({"grant_type", "account_id"})
        )  # fmt: skip
        def token() -> Answer:
            if request.headers.get("Authorization") != self._basic:
                return 400, {"reason": "Invalid client_id or client_secret", "error": "invalid_client"}
            if request.args.get("grant_type") != "account_credentials":
                return 400, {"reason": "unsupported grant type", "error": "unsupported_grant_type"}
            if request.args.get("account_id") != self._account_id:
                return 400, {"reason": "Bad Request", "error": "invalid_request"}
            return 200, {
                "access_token": self.model.issue_token(),
                "token_type": "bearer",
                "expires_in": int(self.model.lasts.total_seconds()),
                "scope": " ".join(sorted(self.model.scopes)),
                "api_url": "https://api.zoom.us",
            }

    def _denied(self, scope: str) -> Answer | None:
        """Without a good token 401; without the scope 400, as Zoom has it."""
        scopes = self.model.scopes_of(request.headers.get("Authorization", "").removeprefix("Bearer "))
        if scopes is None:
            return 401, {"code": 124, "message": "Invalid access token."}
        if scope not in scopes:
            return 400, {"code": 4711, "message": f"Invalid access token, does not contain scopes:[{scope}]."}
        return None

    def _register_meetings(self) -> None:
        @self.operation("create_meeting", "POST", "/v2/users/<host>/meetings", vendor=VENDOR, body=True)
        def create_meeting(host: str) -> Answer:
            if answer := self._denied(CREATE):
                return answer
            sent: Any = request.get_json(force=True, silent=True)
            if problem := self._problem_with(sent):
                return problem
            try:
                meeting = self.model.create(
                    host,
                    sent["topic"],
                    sent.get("agenda", ""),
                    kind=sent.get("type", 2),
                    settings=sent.get("settings", {}),
                    with_password=sent.get("default_password", False),
                )
            except RefusedError as error:
                return self._refusal(error)
            return 201, whole_json(meeting)

        known = frozenset({"type", "page_size", "next_page_token"})

        @self.operation("list_meetings", "GET", "/v2/users/<host>/meetings", vendor=VENDOR, query=known)
        def list_meetings(host: str) -> Answer:
            if answer := self._denied(LIST):
                return answer
            size, start = request.args.get("page_size", "30"), request.args.get("next_page_token", "from-0")
            if not size.isdigit() or not 1 <= int(size) <= PAGE_LIMIT or request.args.get("type", "scheduled") != "scheduled":
                return 400, {"code": 300, "message": "Validation Failed."}
            try:
                found = self.model.listed(host)
            except RefusedError as error:
                return self._refusal(error)
            first = int(start.removeprefix("from-"))
            end = first + int(size)
            return 200, {
                "page_size": int(size),
                "total_records": len(found),
                "next_page_token": f"from-{end}" if end < len(found) else "",
                "meetings": [listed_json(meeting) for meeting in found[first:end]],
            }

        @self.operation("get_meeting", "GET", "/v2/meetings/<meeting_id>", vendor=VENDOR)
        def get_meeting(meeting_id: str) -> Answer:
            if answer := self._denied(READ):
                return answer
            meeting = self.model.meeting(int(meeting_id)) if meeting_id.isdigit() else None
            if meeting is None:
                return 404, {"code": 3001, "message": f"Meeting does not exist: {meeting_id}."}
            return 200, whole_json(meeting)

    def _refusal(self, error: RefusedError) -> Answer:
        match error.reason:
            case Refusal.NO_HOST:
                return 404, {"code": 1001, "message": str(error)}
            case Refusal.INVALID:
                return 400, {"code": 300, "message": str(error)}
            case Refusal.DAILY_LIMIT:
                body = {"code": 429, "message": str(error)}
                return (429, body, self._daily_headers()) if self.tells_wait else (429, body)

    def _daily_headers(self) -> Mapping[str, str]:
        """As documented: Retry-After is a time, in a form that HTTP does not know."""
        day = self.clock.now().date().toordinal() + 1
        midnight = self.clock.now().fromordinal(day).strftime("%Y-%m-%dT00:00:00Z")
        return {"X-RateLimit-Type": "Daily-limit", "X-RateLimit-Remaining": "0", "Retry-After": midnight}

    def _problem_with(self, sent: Any) -> Answer | None:
        if not isinstance(sent, dict):
            return 400, {"code": 300, "message": "Request Body should be a valid JSON object."}
        settings = sent.get("settings", {})
        if unknown := sorted((set(sent) - MEMBERS) | (set(settings) - SETTINGS)):
            self.violations.append(f"zoom POST {request.path}: unknown members {unknown}")
            return 400, {"code": 300, "message": f"Invalid field: {unknown}"}
        if not isinstance(sent.get("topic"), str) or sent.get("type", 2) not in (1, 2):
            return 400, {"code": 300, "message": "Validation Failed."}
        return None


def whole_json(meeting: Meeting) -> dict[str, Any]:
    """What a create and a read answer: with everything that must never be shown."""
    return {
        "uuid": f"uuid-{meeting.id}==",
        "id": meeting.id,
        "host_id": f"host-{meeting.host}",
        "host_email": meeting.host,
        "topic": meeting.topic,
        "type": meeting.type,
        "status": "waiting",
        "start_time": iso(meeting.created_at, "seconds"),
        "duration": 60,
        "timezone": "UTC",
        "agenda": meeting.agenda,
        "created_at": iso(meeting.created_at, "seconds"),
        "start_url": meeting.start_url,
        "join_url": meeting.join_url,
        "password": meeting.password,
        "h323_password": meeting.password,
        "encrypted_password": f"encrypted-{meeting.id}",
        "settings": dict(meeting.settings),
    }


def listed_json(meeting: Meeting) -> dict[str, Any]:
    """What a list shows: no secrets, and the beginning of the agenda."""
    shown = ("uuid", "id", "host_id", "topic", "type", "start_time", "duration", "timezone", "created_at", "join_url")
    whole = whole_json(meeting)
    return {name: whole[name] for name in shown} | {"agenda": meeting.agenda[:SHOWN_AGENDA]}
