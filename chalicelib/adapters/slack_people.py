"""People at Slack: found by mail, and the status beside their names."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from chalicelib.adapters.slack_calls import SlackCalls, identify
from chalicelib.adapters.slack_http import VENDOR, SlackRefused, SlackSession
from chalicelib.adapters.slack_text import STATUS_LIMIT
from chalicelib.domain.text import cut
from chalicelib.errors import PermanentError
from chalicelib.intake.slack_notation import unescape
from chalicelib.ports.chat import PersonStatus

T = TypeVar("T")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SlackPeople(SlackCalls):
    """user_session: with a person's token, for statuses: a bot can set nobody's."""

    def __init__(self, session: SlackSession, user_session: SlackSession | None) -> None:
        super().__init__(session)
        self._user_http = user_session
        self._owner_id = ""

    @property
    def can_set_status(self) -> bool:
        return self._user_http is not None

    def find_user_by_mail(self, mail: str) -> str | None:
        def take(answer: Any) -> str | None:
            user = answer["user"]
            return None if user.get("deleted") else str(user["id"])

        try:
            return self._http.read("find_user_by_mail", "users.lookupByEmail", {"email": mail}, take)
        except SlackRefused as error:
            if error.code == "users_not_found":
                return None
            raise

    def name_of(self, user_id: str) -> str | None:
        return self._profile("name_of", user_id, _name)

    def read_status(self, user_id: str) -> PersonStatus | None:
        return self._profile("read_status", user_id, _status)

    def _profile(self, operation: str, user_id: str, take: Callable[[Any], T]) -> T | None:
        try:
            return self._http.read(operation, "users.profile.get", {"user": user_id}, lambda answer: take(answer["profile"]))
        except SlackRefused as error:
            if error.code == "user_not_found":
                return None
            raise

    def set_status(self, user_id: str, status: PersonStatus) -> None:
        if self._user_http is None:
            raise PermanentError(VENDOR, "set_status", "no user token is configured, and a bot can set nobody's status")
        if not self._owner_id:
            self._owner_id = identify(self._user_http).user_id
        profile = {
            "status_text": cut(" ".join(status.text.split()), STATUS_LIMIT),
            "status_emoji": f":{status.emoji}:" if status.emoji else "",
            "status_expiration": _seconds(status.until) if status.until is not None else 0,
        }
        # Naming a user, even oneself, is for administrators of paid workspaces.
        whose = {} if user_id == self._owner_id else {"user": user_id}
        self._user_http.write("set_status", "users.profile.set", {**whose, "profile": profile}, lambda _: None)


def _name(profile: Any) -> str:
    """The name that they chose, or else the one they were entered with."""
    return unescape(str(profile.get("display_name") or profile.get("real_name") or ""))


def _status(profile: Any) -> PersonStatus:
    until = int(profile.get("status_expiration") or 0)
    return PersonStatus(
        unescape(str(profile["status_text"])),
        str(profile["status_emoji"]).strip(":"),
        _EPOCH + timedelta(seconds=until) if until else None,
    )


def _seconds(moment: datetime) -> int:
    return int((moment - _EPOCH).total_seconds())
