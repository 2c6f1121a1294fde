"""Statuspage as StatusPage: one page of an account. Source: https://developer.statuspage.io

It takes no key of ours on a create, but keeps metadata beside an incident, whose top-level values must be objects. Under
"firebell" stand the marker and, for every update of ours, its mark with its number and a print of its text: the
id of an update is known only after the write that brings the mark with it, and is found again by that print.

States are applied "to affected components", so whatever names some says as well that the incident shows them, and all that it
shows already, since that list is taken whole.

Not documented: whether a change of metadata replaces or merges, so all of it is sent; and what an unknown component is
answered with, so after any refusal the page is asked what components it has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import quote

from chalicelib.adapters.http import HttpSession
from chalicelib.adapters.statuspage_text import body_print, page_body, page_name
from chalicelib.domain.announcement import ComponentState, Progress
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.ports.status_pages import StatusIncident, StatusPost, UnknownComponents
from chalicelib.ports.world import Clock

T = TypeVar("T")

TIMEOUTS_S = (1.0, 3.0)
EVERY = timedelta(seconds=1.05)
"""Between one request and the next of the same token: what leaves us a second apart may arrive closer together."""
ROWS = 100
LISTS_LIMIT = 10
"""Of open incidents, or of components: more than a thousand are somebody's mistake."""
_OURS, _MARKER, _UPDATES = "firebell", "incident", "updates"
_PROGRESS = {progress.value: progress for progress in Progress} | {"postmortem": Progress.RESOLVED}
"""People publish a postmortem of what is over; the API for readers documents that word, the one that we use does not.
Source: https://www.mongodb.com/docs/api/doc/cloud-status/operation/operation-getallincidents
"""


class Statuspage:
    """base_url: https://api.statuspage.io. token: the API key. turn: asked before every request, see `adapters.turns`."""

    name = "statuspage"

    def __init__(
        self,
        base_url: str,
        page_id: str,
        token: str,
        *,
        turn: Callable[[str], None],
        timeouts_s: tuple[float, float] = TIMEOUTS_S,
        clock: Clock | None = None,
        by_proxy: bool = False,
    ) -> None:
        self._http = HttpSession(
            self.name,
            base_url,
            {"Authorization": f"OAuth {token}"},
            secrets=(token,),
            timeouts_s=timeouts_s,
            clock=clock,
            by_proxy=by_proxy,
        )
        self._page_id, self._turn, self._key = page_id, turn, token

    def __repr__(self) -> str:
        return f"Statuspage({self._page_id})"

    def find(self, marker: str) -> StatusIncident | None:
        def if_ours(found: Any) -> tuple[str, StatusIncident] | None:
            return (str(found["created_at"]), self._incident(found)) if _marker_of(found) == marker else None

        ours = self._all("find", "/incidents/unresolved", if_ours)
        if not ours:
            query = {"limit": str(ROWS)}
            ours = self._ask("find", "GET", "/incidents", lambda rows: _taken(rows, if_ours), query=query)
        return min(ours, key=lambda made: made[0])[1] if ours else None

    def open(self, marker: str, mark: str, post: StatusPost) -> StatusIncident:
        body = page_body(post.body)
        ours = {_MARKER: marker, _UPDATES: {mark: f"1 {body_print(body, self._key)}"}}
        sent = self._members(post, body) | {"metadata": {_OURS: ours}}
        try:
            return self._ask("open", "POST", "/incidents", self._incident, body={"incident": sent})
        except PermanentError as refusal:
            raise self._explained(refusal, sent.get("component_ids", ())) from None

    def read(self, incident_id: str) -> StatusIncident | None:
        try:
            return self._ask("read", "GET", _path(incident_id), self._incident)
        except PermanentError as error:
            if error.message.startswith("404"):
                return None
            raise

    def update(self, incident: StatusIncident, mark: str, post: StatusPost) -> StatusIncident | None:
        body, kept = page_body(post.body), dict(incident.beside)
        ours = _object(kept.get(_OURS))
        updates = _object(ours.get(_UPDATES))
        updates = {**updates, mark: f"{_last_number(updates) + 1} {body_print(body, self._key)}"}
        sent = self._members(post, body, incident.affected) | {"metadata": {**kept, _OURS: {**ours, _UPDATES: updates}}}
        return self._changed("update", incident.id, sent, self._incident, {*post.components, *post.affected})

    def restate(
        self,
        incident: StatusIncident,
        *,
        name: str | None = None,
        components: Mapping[str, ComponentState] | None = None,
        affected: Collection[str] = (),
    ) -> bool:
        sent: dict[str, Any] = {"deliver_notifications": False}
        sent |= _components(components or {}, incident.affected, affected)
        if name is not None:
            sent["name"] = page_name(name)
        named = {*(components or {}), *affected}
        return self._changed("restate", incident.id, sent, lambda answer: answer["id"] + "", named) is not None

    def amend(self, incident_id: str, update_id: str, body: str) -> bool:
        sent = {"incident_update": {"body": page_body(body), "deliver_notifications": False}}
        path = f"{_path(incident_id)}/incident_updates/{quote(update_id, safe='')}"
        try:
            self._ask("amend", "PATCH", path, lambda answer: answer["id"] + "", body=sent)
        except PermanentError as error:
            if error.message.startswith("404"):
                return False
            raise
        return True

    def unresolved(self) -> tuple[StatusIncident, ...]:
        return tuple(self._all("unresolved", "/incidents/unresolved", self._incident))

    def component_states(self) -> Mapping[str, str]:
        return self._states("component_states")

    def problems_with(self, component_ids: Collection[str]) -> tuple[str, ...]:
        try:
            self._ask("problems_with", "GET", "", lambda answer: answer["id"] + "")
        except PermanentError as error:
            if error.message.startswith("404"):
                return (f"there is no status page with the id {self._page_id!r}, or this token does not see it",)
            raise
        except TemporaryError as error:
            if error.out_of_service and error.retry_after_s is None:
                return (f"statuspage does not let us in: {error.message}",)
            raise
        known = self._states("problems_with")
        missing = [id_ for id_ in dict.fromkeys(component_ids) if id_ not in known]
        return tuple(f"the status page {self._page_id!r} has no component {id_!r}" for id_ in missing)

    # --- calls -----------------------------------------------------------------------------------------------------

    def _ask(
        self,
        operation: str,
        method: str,
        path: str,
        take: Callable[[Any], T],
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
    ) -> T:
        self._turn(operation)
        return self._http.ask(
            operation, method, f"/v1/pages/{quote(self._page_id, safe='')}{path}", take, query=query, body=body
        )

    def _changed(
        self, operation: str, incident_id: str, sent: Mapping[str, Any], take: Callable[[Any], T], named: Collection[str]
    ) -> T | None:
        """None: a human deleted it. What refused the change is asked for only then: a component may be the reason as well.

        named: components that are of the change. What the incident only shows still, and the page has no more, is left out.
        """
        try:
            return self._ask(operation, "PATCH", _path(incident_id), take, body={"incident": sent})
        except PermanentError as refusal:
            if refusal.message.startswith("404") and self.read(incident_id) is None:
                return None
            why = self._explained(refusal, sent.get("component_ids", ()))
            if not isinstance(why, UnknownComponents) or not set(why.ids).isdisjoint(named):
                raise why from None
        there = [id_ for id_ in sent["component_ids"] if id_ not in why.ids]
        return self._changed(operation, incident_id, {**sent, "component_ids": there}, take, named)

    def _explained(self, refusal: PermanentError, component_ids: Collection[str]) -> PermanentError:
        """The refusal, or that the page lacks components, where that was why."""
        if not component_ids:
            return refusal
        known = self._states(refusal.operation)
        missing = tuple(id_ for id_ in component_ids if id_ not in known)
        return UnknownComponents(self.name, refusal.operation, missing) if missing else refusal

    def _states(self, operation: str) -> dict[str, str]:
        return dict(self._all(operation, "/components", lambda found: (found["id"] + "", found["status"] + "")))

    def _all(self, operation: str, path: str, parse: Callable[[Any], T | None]) -> list[T]:
        """Of every row what `parse` makes of it, but for None."""
        found: list[T] = []
        for number in range(1, LISTS_LIMIT + 1):
            query = {"page": str(number), "per_page": str(ROWS)}
            taken, is_last = self._ask(
                operation, "GET", path, lambda rows: (_taken(rows, parse), len(rows) < ROWS), query=query
            )
            found += taken
            if is_last:
                return found
        raise PermanentError(self.name, operation, f"more than {ROWS * LISTS_LIMIT} rows in {path}")

    # --- the parts -------------------------------------------------------------------------------------------------

    def _members(self, post: StatusPost, body: str, shown: Collection[str] = ()) -> dict[str, Any]:
        sent: dict[str, Any] = {"status": post.progress.value, "body": body, "deliver_notifications": post.notify}
        if post.name is not None:
            sent["name"] = page_name(post.name)
        return sent | _components(post.components, shown, post.affected)

    def _incident(self, found: Any) -> StatusIncident:
        beside = _object(found.get("metadata"))
        return StatusIncident(
            id=found["id"] + "",
            link=str(found.get("shortlink") or ""),
            progress=_PROGRESS.get(found["status"]),
            name=str(found["name"]),
            posted=self._posted(_object(_object(beside.get(_OURS)).get(_UPDATES)), found["incident_updates"]),
            affected={str(one["id"]): str(one["status"]) for one in found.get("components") or ()},
            beside=beside,
        )

    def _posted(self, marks: Mapping[str, Any], updates: Any) -> dict[str, str]:
        """Of several updates with the same text, the first in time belongs to the first mark, and so on."""
        by_print: dict[str, list[str]] = defaultdict(list)
        for update in sorted(updates, key=lambda update: str(update["created_at"])):
            by_print[body_print(str(update["body"] or ""), self._key)].append(str(update["id"]))
        posted = {}
        for mark, text in sorted(marks.items(), key=lambda item: _number(item[1])):
            same = by_print[str(text).partition(" ")[2]]
            posted[mark] = same.pop(0) if same else ""
        return posted


def _components(states: Mapping[str, ComponentState], shown: Collection[str], affected: Collection[str] = ()) -> dict[str, Any]:
    """shown: by the incident already. Nothing where no component is named, so that it goes on showing what people chose."""
    if not (states or affected):
        return {}
    sent: dict[str, Any] = {"component_ids": [*dict.fromkeys((*shown, *affected, *states))]}
    return sent | {"components": {id_: state.value for id_, state in states.items()}} if states else sent


def _path(incident_id: str) -> str:
    return f"/incidents/{quote(incident_id, safe='')}"


def _taken(rows: Any, parse: Callable[[Any], T | None]) -> list[T]:
    if not isinstance(rows, list):
        raise TypeError("no list")
    return [taken for taken in map(parse, rows) if taken is not None]


def _marker_of(found: Any) -> str | None:
    marker = _object(_object(found.get("metadata")).get(_OURS)).get(_MARKER)
    return marker if isinstance(marker, str) else None


def _object(value: object) -> dict[str, Any]:
    """What people wrote there by hand may be anything."""
    return dict(value) if isinstance(value, Mapping) else {}


def _number(text: object) -> int:
    digits = str(text).partition(" ")[0]
    return int(digits) if digits.isascii() and digits.isdigit() else 0


def _last_number(marks: Mapping[str, Any]) -> int:
    return max(map(_number, marks.values()), default=0)
