"""Confluence over HTTP: the operations of REST v2 and v1 that Firebell uses, strictly."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Set
from typing import Any
from urllib.parse import quote_plus

from flask import request

from chalicelib.ports.world import Clock
from sandbox.emulator import Answer, Emulator, Faults, Recorder
from sandbox.pagers.desk import iso
from sandbox.wiki.model import ARCHIVED, CURRENT, TRASHED, Refusal, RefusedError, StoredPage, WikiModel, WikiVersion

V1, V2 = "/wiki/rest/api", "/wiki/api/v2"
OLD, NEW = "confluence-v1", "confluence-v2"
BASE = "https://example.atlassian.net/wiki"
REQUEST_LIMIT = 5 * 1024 * 1024
_CQL = re.compile(r'type = page and label = "(?P<label>[^"]+)"')
_STATUS = {
    Refusal.TITLE_TAKEN: 400,
    Refusal.NO_TITLE: 400,
    Refusal.MALFORMED: 400,
    Refusal.BAD_LABEL: 400,
    Refusal.TOO_LARGE: 413,
    Refusal.STALE: 409,
    Refusal.NO_SPACE: 404,
    Refusal.NO_PARENT: 404,
    Refusal.NO_PAGE: 404,
    Refusal.READ_ONLY: 403,
}
NEEDED = {
    "list_spaces": {"read:space:confluence"},
    "list_pages": {"read:page:confluence"},
    "get_page": {"read:page:confluence"},
    "create_page": {"write:page:confluence"},
    "update_page": {"write:page:confluence"},
    "add_label": {"read:label:confluence", "write:label:confluence"},
    "search": {"read:content-details:confluence"},
    "current_user": {"read:content-details:confluence"},
}
"""Operation -> what a scoped token must be allowed to."""
SCOPES = frozenset[str]().union(*NEEDED.values())
CREATE_MEMBERS = frozenset({"spaceId", "status", "title", "parentId", "body", "subtype"})
UPDATE_MEMBERS = frozenset({"id", "status", "title", "spaceId", "parentId", "ownerId", "body", "version"})


class ConfluenceEmulator(Emulator):
    """account: the account id behind mail and token. scopes: what the token may do."""

    def __init__(
        self,
        model: WikiModel,
        clock: Clock,
        *,
        account: str,
        mail: str,
        token: str,
        faults: Faults | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        super().__init__("confluence", clock, faults or Faults(), recorder)
        self.model, self._account, self.scopes = model, account, SCOPES
        self._basic = "Basic " + base64.b64encode(f"{mail}:{token}".encode()).decode()
        self._register_reads()
        self._register_writes()
        self._register_v1()

    def denied(self) -> Answer | None:
        return None if request.headers.get("Authorization") == self._basic else refusal(401, "Unauthorized")

    def operation(self, name: str, *given: Any, **named: Any) -> Callable[[Callable[..., Answer]], Callable[..., Answer]]:
        """With the scopes that it takes."""
        register = super().operation(name, *given, **named)

        def with_scopes(handler: Callable[..., Answer]) -> Callable[..., Answer]:
            return register(lambda **arguments: self._lacking(NEEDED[name]) or handler(**arguments))

        return with_scopes

    def _lacking(self, needed: Set[str]) -> Answer | None:
        return None if needed <= self.scopes else refusal(401, "Unauthorized; scope does not match")

    def _register_reads(self) -> None:
        known = frozenset({"keys", "ids", "limit", "cursor"})

        @self.operation("list_spaces", "GET", f"{V2}/spaces", vendor=NEW, query=known)
        def list_spaces() -> Answer:
            keys, ids = _listed("keys"), _listed("ids")
            if problem := _problem_with_query():
                return refusal(400, problem)
            found = [space for space in self.model.spaces.values() if space.key in keys or space.id in ids or not keys + ids]
            size, start = int(request.args.get("limit", "25")), int(request.args.get("cursor", "0"))
            results = [
                {"id": s.id, "key": s.key, "currentActiveAlias": s.alias, "name": s.name, "type": "global",
                 "homepageId": s.home, "authorId": self._account, "status": "archived" if s.archived else "current",
                 "createdAt": iso(self.model.pages[s.home].created_at)}
                for s in found[start : start + size]
            ]  # fmt: skip
            more = {"next": f"{V2}/spaces?limit={size}&cursor={start + size}"} if start + size < len(found) else {}
            return 200, {"results": results, "_links": {"base": BASE} | more}

        known = frozenset({"id", "space-id", "status", "title", "sort", "limit", "body-format"})

        @self.operation("list_pages", "GET", f"{V2}/pages", vendor=NEW, query=known)
        def list_pages() -> Answer:
            if problem := _problem_with_query():
                return refusal(400, problem)
            ids, spaces, title = _listed("id"), _listed("space-id"), request.args.get("title")
            found = [
                page
                for page in self.model.listed(_listed("status") or [CURRENT, ARCHIVED])
                if (not ids or page.id in ids) and (not spaces or page.space_id in spaces) and title in (None, page.title)
            ]
            shown = found[: int(request.args.get("limit", "25"))]
            links = {"base": BASE} | ({"next": f"{V2}/pages?cursor=next"} if len(shown) < len(found) else {})
            return 200, {"results": [self._page_json(page, page.version) for page in shown], "_links": links}

        known = frozenset({"status", "body-format", "include-labels", "version"})

        @self.operation("get_page", "GET", f"{V2}/pages/<page_id>", vendor=NEW, query=known)
        def get_page(page_id: str) -> Answer:
            if problem := _problem_with_query():
                return refusal(400, problem)
            page = self.model.page(page_id)
            if page is None or page.state not in (_listed("status") or [CURRENT, ARCHIVED]):
                return refusal(404, f"Page {page_id} not found")
            number = int(request.args.get("version", page.version.number))
            version = next((version for version in page.versions if version.number == number), None)
            if version is None:
                return refusal(404, f"Version {number} not found")
            return 200, self._single_json(page, version)

    def _register_writes(self) -> None:
        @self.operation(
            "create_page", "POST", f"{V2}/pages", vendor=NEW, query=frozenset({"private", "root-level"}), body=True
        )  # fmt: skip
        def create_page() -> Answer:
            sent: Any = request.get_json(force=True, silent=True)
            if problem := self._problem_with_body(sent, CREATE_MEMBERS, required=("spaceId", "title", "body")):
                return problem
            if not str(sent["spaceId"]).isdigit():
                return refusal(400, f"spaceId {sent['spaceId']!r} is no number")
            try:
                page = self.model.create(
                    str(sent["spaceId"]), sent["title"], sent["body"]["value"], self._account, parent_id=sent.get("parentId")
                )
            except RefusedError as error:
                return refusal(_STATUS[error.reason], str(error))
            return 200, self._single_json(page, page.version)

        @self.operation("update_page", "PUT", f"{V2}/pages/<page_id>", vendor=NEW, body=True)
        def update_page(page_id: str) -> Answer:
            sent: Any = request.get_json(force=True, silent=True)
            required = ("id", "status", "title", "body", "version")
            if problem := self._problem_with_body(sent, UPDATE_MEMBERS, required=required):
                return problem
            version = sent["version"]
            if sent["id"] != page_id or not isinstance(version, dict) or not isinstance(version.get("number"), int):
                return refusal(400, "id and version.number must be those of the page")
            try:
                page = self.model.update(
                    page_id, version["number"], sent["title"], sent["body"]["value"], self._account, version.get("message", "")
                )
            except RefusedError as error:
                return refusal(_STATUS[error.reason], str(error))
            return 200, self._single_json(page, page.version)

    def _page_json(self, page: StoredPage, version: WikiVersion) -> dict[str, Any]:
        """As lists show it; the body only when asked for."""
        body = {"storage": {"representation": "storage", "value": version.body}} if request.args.get("body-format") else {}
        return {
            "id": page.id,
            "status": page.state,
            "title": version.title,
            "spaceId": page.space_id,
            **({"parentId": page.parent_id, "parentType": "page"} if page.parent_id else {}),
            "position": 1,
            "authorId": page.author,
            "ownerId": page.author,
            "lastOwnerId": None,
            "createdAt": iso(page.created_at),
            "version": {
                "createdAt": iso(version.at),
                "message": version.message,
                "number": version.number,
                "minorEdit": False,
                "authorId": version.by,
            },
            "body": body,
            "_links": {
                "webui": f"/spaces/{self.model.spaces[page.space_id].alias}/pages/{page.id}/{quote_plus(version.title)}",
                "editui": f"/pages/resumedraft.action?draftId={page.id}",
                "tinyui": f"/x/{page.id}",
            },
        }

    def _single_json(self, page: StoredPage, version: WikiVersion) -> dict[str, Any]:
        whole = self._page_json(page, version)
        whole["_links"]["base"] = BASE
        if request.args.get("include-labels") == "true":
            whole["labels"] = {"results": [label_json(name) for name in page.labels], "meta": {"hasMore": False}, "_links": {}}
        return whole

    def _register_v1(self) -> None:
        @self.operation("add_label", "POST", f"{V1}/content/<page_id>/label", vendor=OLD, body=True)
        def add_label(page_id: str) -> Answer:
            sent: Any = request.get_json(force=True, silent=True)
            labels = sent if isinstance(sent, list) else [sent]
            if not labels or any(not isinstance(label, dict) or set(label) != {"prefix", "name"} for label in labels):
                return old_refusal(400, "labels are {prefix, name}")
            try:
                for label in labels:
                    page = self.model.label(page_id, label["name"], self._account)
            except RefusedError as error:
                return old_refusal(_STATUS[error.reason], str(error))
            results = [{**label_json(name), "label": name} for name in page.labels]
            return 200, {"results": results, "start": 0, "limit": 200, "size": len(results), "_links": {"base": BASE}}

        @self.operation("search", "GET", f"{V1}/content/search", vendor=OLD, query=frozenset({"cql", "limit"}))
        def search() -> Answer:
            match = _CQL.fullmatch(request.args.get("cql", ""))
            if match is None:
                return old_refusal(400, f"Could not parse cql : {request.args.get('cql')}")
            found = self.model.searched(match["label"])[: int(request.args.get("limit", "25"))]
            results = [{"id": page.id, "type": "page", "status": page.state, "title": page.title} for page in found]
            return 200, {"results": results, "start": 0, "limit": 25, "size": len(results), "_links": {"base": BASE}}

        @self.operation("current_user", "GET", f"{V1}/user/current", vendor=OLD)
        def current_user() -> Answer:
            return 200, {"type": "known", "accountId": self._account, "accountType": "atlassian", "publicName": "Firebell"}

    def _problem_with_body(self, sent: Any, members: frozenset[str], required: tuple[str, ...]) -> Answer | None:
        if len(request.get_data()) > REQUEST_LIMIT:
            return refusal(413, "Request Entity Too Large")
        if not isinstance(sent, dict):
            return refusal(400, "the body is no JSON object")
        if unknown := sorted(set(sent) - members):
            self.violations.append(f"{self.name} {request.method} {request.path}: unknown members {unknown}")
            return refusal(400, f"unknown members {unknown}")
        if missing := [name for name in required if name not in sent]:
            return refusal(400, f"{', '.join(missing)} must not be missing")
        body = sent["body"]
        if not isinstance(body, dict) or set(body) != {"representation", "value"} or body["representation"] != "storage":
            return refusal(400, "this emulator understands bodies in storage format")
        if sent.get("status", "current") != "current":
            return refusal(400, "this emulator has no drafts")
        return None


def label_json(name: str) -> dict[str, str]:
    return {"id": str(sum(map(ord, name))), "name": name, "prefix": "global"}


def refusal(status: int, title: str) -> Answer:
    """As v2 refuses."""
    code = {400: "INVALID_REQUEST_PARAMETER", 401: "UNAUTHORIZED", 404: "NOT_FOUND", 409: "CONFLICT"}.get(status, "ERROR")
    return status, {"errors": [{"status": status, "code": code, "title": title, "detail": None}]}


def old_refusal(status: int, message: str) -> Answer:
    """As v1 refuses."""
    data: Mapping[str, Any] = {"authorized": True, "valid": False, "errors": [], "successful": False}
    return status, {"statusCode": status, "data": data, "message": message}


def _listed(name: str) -> list[str]:
    return [value for value in request.args.get(name, "").split(",") if value]


def _problem_with_query() -> str:
    args = request.args
    if any(not value.isdigit() for value in _listed("id") + _listed("space-id") + _listed("ids")):
        return "ids are numbers: a space's key is not its id"
    if set(_listed("status")) - {CURRENT, ARCHIVED, TRASHED, "deleted"}:
        return f"status {args['status']!r}"
    if args.get("sort", "-created-date") != "-created-date":
        return f"this emulator sorts by -created-date, not {args['sort']!r}"
    if args.get("body-format", "storage") != "storage":
        return f"this emulator shows storage format, not {args['body-format']!r}"
    limit = args.get("limit", "25")
    return "" if limit.isdigit() and 1 <= int(limit) <= 250 else f"limit {limit!r}"
