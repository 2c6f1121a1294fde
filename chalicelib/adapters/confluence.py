"""Confluence Cloud as Wiki: REST v2, and v1 for what v2 lacks (labels, search, who we are).

Seen, not documented: titles are unique per space with trashed and archived pages counted in; a trashed page is answered
with its status or with 404; search runs behind. Source: https://developer.atlassian.com/cloud/confluence/rest/v2/
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

from chalicelib.adapters.http import HttpSession
from chalicelib.adapters.storage_format import is_marked, marked
from chalicelib.domain.text import cut
from chalicelib.errors import IntegrationError, PermanentError
from chalicelib.ports.wiki import Conflict, Locked, WikiPage, WikiPageState
from chalicelib.ports.world import Clock

V1, V2 = "/wiki/rest/api", "/wiki/api/v2"
TIMEOUTS_S = (1.0, 3.0)
TITLE_LIMIT = 255
NEWEST = 25
SPACES_AT_ONCE = 250
FEW_PAGES, ALL_PAGES = 2, 20
"""Of the list of spaces: as many as there is time for while others wait, and as many as a person waits for."""
ANY_STATE = "current,archived,trashed"
VERSION_MESSAGE = "Firebell"
_WITH_TITLE = re.compile(r"(/pages/\d+)/[^/?#]*")
"""A page's address as Confluence tells it. It leads there without the title too, which may be long, or tell a secret later."""


@dataclass(frozen=True, slots=True)
class _Space:
    """alias: what people see for the key; the key itself until somebody renames it."""

    id: str
    key: str
    alias: str
    is_archived: bool


class Confluence:
    """One site. base_url: https://<site>.atlassian.net, or https://api.atlassian.com/ex/confluence/<id> for scoped tokens.

    Scopes: read:page, write:page, read:space, read:label, write:label, search and read:content-details, all ":confluence".
    Setting a label needs both of its own.
    """

    name = "confluence"

    def __init__(
        self,
        base_url: str,
        mail: str,
        token: str,
        *,
        timeouts_s: tuple[float, float] = TIMEOUTS_S,
        clock: Clock | None = None,
        by_proxy: bool = False,
    ) -> None:
        basic = base64.b64encode(f"{mail}:{token}".encode()).decode()
        self._http = HttpSession(
            self.name,
            base_url,
            {"Authorization": f"Basic {basic}"},
            secrets=(token, basic),
            timeouts_s=timeouts_s,
            clock=clock,
            by_proxy=by_proxy,
        )
        self._fallback_url = base_url.rstrip("/") + "/wiki"
        self._space_ids: dict[str, str] = {}
        self._our_account = ""

    def __repr__(self) -> str:
        return f"Confluence({self._fallback_url})"

    def find_page(self, space_key: str, marker: str) -> WikiPage | None:
        return self._labelled(marker) or self._among_newest(space_key, marker)

    def create_page(self, space_key: str, parent_id: str | None, title: str, body: str, marker: str) -> WikiPage:
        space_id = self._space_id("create_page", space_key)
        plain = " ".join(title.split())
        for wanted in (cut(plain, TITLE_LIMIT), f"{cut(plain, TITLE_LIMIT - len(marker) - 3)} ({marker})"):
            try:
                made = self._post_page(space_id, parent_id, wanted, marked(body, marker))
            except PermanentError as refusal:
                ours = self._ours_of_title(space_id, wanted, marker, refusal)
                if ours is not None:
                    return ours
                continue
            return replace(made, labels=self._labels_set(made.id, marker))
        raise PermanentError(self.name, "create_page", f"other pages have the title {plain!r}, with our marker too")

    def label_page(self, page_id: str, marker: str) -> None:
        path = f"{V1}/content/{quote(page_id, safe='')}/label"
        body = [{"prefix": "global", "name": marker}]
        self._http.ask("label_page", "POST", path, lambda answer: answer["results"], body=body)

    def read_page(self, page_id: str) -> WikiPage | None:
        path = f"{V2}/pages/{quote(page_id, safe='')}"
        query = {"body-format": "storage", "status": ANY_STATE, "include-labels": "true"}
        us = self._us("read_page")

        def take(answer: Any) -> WikiPage | None:
            return None if answer["status"] == "deleted" else self._page(answer, us)

        try:
            return self._http.ask("read_page", "GET", path, take, query=query)
        except PermanentError as error:
            if error.message.startswith("404"):
                return None
            raise

    def space_of(self, page_id: str) -> str | None:
        query = {"status": WikiPageState.CURRENT.value}

        def take(answer: Any) -> str:
            return str(answer["spaceId"])

        try:
            space_id = self._http.ask("space_of", "GET", f"{V2}/pages/{quote(page_id, safe='')}", take, query=query)
        except PermanentError as error:
            if error.message.startswith("404"):
                return None
            raise
        known = next((key for key, id_ in tuple(self._space_ids.items()) if id_ == space_id), None)
        return known or self._key_of(space_id)

    def _key_of(self, space_id: str) -> str:
        def take(answer: Any) -> str:
            return _spaces_and_cursor(answer)[0][0].key

        key = self._http.ask("space_of", "GET", f"{V2}/spaces", take, query={"ids": space_id})
        self._space_ids[key] = space_id
        return key

    def replace_body(self, page: WikiPage, body: str, marker: str, *, title: str | None = None) -> WikiPage | Conflict | Locked:
        sent = {
            "id": page.id,
            "status": "current",
            "title": cut(title, TITLE_LIMIT) if title is not None else page.title,
            "body": _storage(marked(body, marker)),
            "version": {"number": page.version + 1, "message": VERSION_MESSAGE},
        }
        try:
            written = self._http.ask("replace_body", "PUT", f"{V2}/pages/{quote(page.id, safe='')}", self._own, body=sent)
        except PermanentError as error:
            if _is_stale(error):
                return Conflict(error.message)
            if error.message.startswith("404"):  # also what whoever may read a page is told, and may not edit it
                return Locked()
            raise
        return replace(written, labels=page.labels, body=marked(body, marker))

    def problems_with(self, space_key: str, parent_id: str | None) -> tuple[str, ...]:
        space = self._space("problems_with", space_key, ALL_PAGES)
        if space is None:
            return (f"there is no space with the key {space_key!r}, or {self.name} does not show it to us",)
        problems = []
        if space.is_archived:
            problems.append(f"the space {space_key!r} is archived")
        if space.alias != space.key:
            problems += self._problems_with_its_name(space_key, space)
        if parent_id is not None:
            problems += self._problems_with_parent(space_key, space.id, parent_id)
        return tuple(problems)

    def _problems_with_its_name(self, written: str, space: _Space) -> list[str]:
        """Of a space that was renamed: which of its two keys to write instead."""
        is_found_by_alias = self._space("problems_with", space.alias, FEW_PAGES) == space
        if is_found_by_alias and written != space.alias:
            return [f"the space {written!r} was renamed, and addresses say {space.alias!r}: write that"]
        if not is_found_by_alias and written != space.key:
            why = "there are too many spaces to look through for that whenever a document is made"
            return [f"the space {written!r} was renamed, and {why}: write its first key, {space.key!r}"]
        return []

    def _problems_with_parent(self, space_key: str, space_id: str, parent_id: str) -> list[str]:
        query = {"id": parent_id, "status": ANY_STATE}
        found = self._http.ask("problems_with", "GET", f"{V2}/pages", _results, query=query) if parent_id.isdigit() else []
        if not found:
            return [f"there is no page with the id {parent_id!r} to put documents under"]
        problems = []
        if found[0]["status"] != WikiPageState.CURRENT:
            problems.append(f"the page {parent_id} to put documents under is {found[0]['status']}")
        if str(found[0]["spaceId"]) != space_id:
            problems.append(f"the page {parent_id} to put documents under is not in the space {space_key!r}")
        return problems

    # --- looking ---------------------------------------------------------------------------------------------------

    def _labelled(self, marker: str) -> WikiPage | None:
        """By label, in every space. Search names ids only as far as we trust it: the pages themselves are read."""
        query = {"cql": f'type = page and label = "{marker}"', "limit": str(NEWEST)}
        ids = self._http.ask(
            "find_page",
            "GET",
            f"{V1}/content/search",
            lambda answer: [str(hit["id"]) for hit in answer["results"]],
            query=query,
        )
        if not ids:
            return None
        found = self._ours("find_page", {"id": ",".join(ids)}, lambda _: True)
        return replace(found, labels=frozenset({marker})) if found is not None else None

    def _among_newest(self, space_key: str, marker: str) -> WikiPage | None:
        """By the anchor in the body: what was made a moment ago, whether labelled, indexed, retitled or neither."""
        query = {
            "space-id": self._space_id("find_page", space_key),
            "sort": "-created-date",
            "limit": str(NEWEST),
            "body-format": "storage",
        }
        return self._ours("find_page", query, lambda page: is_marked(page["body"]["storage"]["value"], marker))

    def _ours_of_title(self, space_id: str, title: str, marker: str, refusal: PermanentError) -> WikiPage | None:
        """Our own page of this title; None when it is another's. Raises the refusal when the title was not its reason."""
        if not refusal.message.startswith(("400", "409")):
            raise refusal
        query = {"space-id": space_id, "title": title, "body-format": "storage"}
        ours = self._ours("create_page", query, lambda page: is_marked(page["body"]["storage"]["value"], marker))
        if ours is None and not self._is_taken(space_id, title, refusal):
            raise refusal
        return ours

    def _is_taken(self, space_id: str, title: str, refusal: PermanentError) -> bool:
        """By its words, since the page may be hidden from us; or by the page, since words change."""
        if "already exists" in refusal.message.casefold():
            return True
        query = {"space-id": space_id, "title": title, "status": ANY_STATE}
        return bool(self._http.ask("create_page", "GET", f"{V2}/pages", _results, query=query))

    def _ours(self, operation: str, query: Mapping[str, str], is_it: Callable[[dict[str, Any]], bool]) -> WikiPage | None:
        """The best of the pages listed that we made ourselves: a copy carries our label and our body, but its maker's name."""
        us = self._us(operation)

        def take(answer: Any) -> list[tuple[bool, str, WikiPage]]:
            base = answer.get("_links")
            ours = [page for page in answer["results"] if page["authorId"] == us and is_it(page)]
            return [(page["status"] != WikiPageState.CURRENT, page["createdAt"], self._page(page, us, base)) for page in ours]

        listed = self._http.ask(operation, "GET", f"{V2}/pages", take, query={**query, "status": ANY_STATE})
        return min(listed, key=lambda found: found[:2])[2] if listed else None

    def _us(self, operation: str) -> str:
        """Our own account id, asked for once."""
        if not self._our_account:
            self._our_account = self._http.ask(operation, "GET", f"{V1}/user/current", lambda answer: str(answer["accountId"]))
        return self._our_account

    # --- the parts -------------------------------------------------------------------------------------------------

    def _post_page(self, space_id: str, parent_id: str | None, title: str, body: str) -> WikiPage:
        sent: dict[str, Any] = {"spaceId": space_id, "status": "current", "title": title, "body": _storage(body)}
        if parent_id is not None:
            sent["parentId"] = parent_id
        return replace(self._http.ask("create_page", "POST", f"{V2}/pages", self._own, body=sent), body=body)

    def _labels_set(self, page_id: str, marker: str) -> frozenset[str]:
        """The page exists, and its id must not be lost for want of a label."""
        try:
            self.label_page(page_id, marker)
        except IntegrationError:
            return frozenset()
        return frozenset({marker})

    def _space_id(self, operation: str, space_key: str) -> str:
        """A space's id, asked for once: its key may be given to another only after it was deleted."""
        if space_key not in self._space_ids:
            space = self._space(operation, space_key, FEW_PAGES)
            if space is None:
                words = f"no space with the key {space_key!r}; of one that was renamed, write the first key"
                raise PermanentError(self.name, operation, words)
            self._space_ids[space_key] = space.id
        return self._space_ids[space_key]

    def _space(self, operation: str, space_key: str, pages: int) -> _Space | None:
        spaces = self._spaces(operation, space_key, pages)
        return next((space for space in spaces if space_key in (space.key, space.alias)), None)

    def _spaces(self, operation: str, space_key: str, pages: int) -> Iterator[_Space]:
        """Those with this key; then so many pages of all, as long as somebody wants more: none can be asked for by what it was
        renamed to."""
        query = {"keys": space_key}
        found, _ = self._http.ask(operation, "GET", f"{V2}/spaces", _spaces_and_cursor, query=query)
        yield from found
        query = {"limit": str(SPACES_AT_ONCE)}
        for _ in range(pages):
            found, query["cursor"] = self._http.ask(operation, "GET", f"{V2}/spaces", _spaces_and_cursor, query=query)
            yield from found
            if not query["cursor"]:
                return

    def _own(self, answer: Any) -> WikiPage:
        """The page in the answer to a write: its newest version is ours."""
        return self._page(answer, answer["version"]["authorId"])

    def _page(self, found: Mapping[str, Any], us: str, links: Mapping[str, Any] | None = None) -> WikiPage:
        """links: where the site's address is, for a page in a list."""
        stored = (found.get("body") or {}).get("storage") or {}
        labels = (found.get("labels") or {}).get("results") or ()
        base = (links or found["_links"]).get("base") or self._fallback_url
        return WikiPage(
            id=str(found["id"]),
            url=base + _WITH_TITLE.sub(r"\1", found["_links"]["webui"]),
            title=str(found["title"]),
            version=int(found["version"]["number"]),
            state=WikiPageState(found["status"]),
            labels=frozenset(str(label["name"]) for label in labels),
            by_us=found["version"]["authorId"] == us,
            body=stored.get("value"),
        )


def _spaces_and_cursor(answer: Any) -> tuple[list[_Space], str]:
    """What is listed, and what asks for the next page ("" on the last)."""
    following = (answer.get("_links") or {}).get("next") or ""
    cursor = parse_qs(urlsplit(following).query).get("cursor", [""])[0]
    spaces = [
        _Space(
            str(found["id"]),
            str(found["key"]),
            str(found.get("currentActiveAlias") or found["key"]),
            found.get("status") == "archived",
        )
        for found in answer["results"]
    ]
    return spaces, cursor


def _storage(body: str) -> dict[str, str]:
    return {"representation": "storage", "value": body}


def _results(answer: Any) -> list[dict[str, Any]]:
    return list(answer["results"])


def _is_stale(error: PermanentError) -> bool:
    """A version that was overtaken: 409, or 400 with these words. A taken title may be 409 too, and no re-reading cures it."""
    words = error.message.casefold()
    if "title" in words and "already exists" in words:
        return False
    return words.startswith("409") or "version must be incremented" in words
