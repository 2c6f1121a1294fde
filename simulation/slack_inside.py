"""The real Slack adapter over the workspace's model, without HTTP: whatever it makes of an answer, it makes of it here too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from chalicelib.adapters.slack_http import SlackSession
from chalicelib.adapters.slack_messages import SlackMessages
from chalicelib.adapters.slack_people import SlackPeople
from chalicelib.adapters.slack_rooms import SlackRooms
from sandbox.chat.methods import METHODS, typed
from sandbox.chat.model import ChatModel
from sandbox.chat.values import ChatRefused

T = TypeVar("T")


class InsideSession(SlackSession):
    """Asks the model itself, as this user."""

    def __init__(self, model: ChatModel, user_id: str) -> None:
        self._model, self._user_id = model, user_id
        self._own_clock = model.clock
        self._secrets = ()
        self.scopes = None

    def ask(
        self,
        operation: str,
        method: str,
        path: str,
        take: Callable[[Any], T],
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
    ) -> T:
        called = METHODS[path.removeprefix("/")]
        asked = {name: typed(value, called.takes[name]) for name, value in (query or {}).items()}
        try:
            answer = called.run(self._model, self._user_id, asked if body is None else cast("Mapping[str, object]", body))
        except ChatRefused as refusal:
            errors = [{"user": user, "ok": False, "error": why} for user, why in refusal.errors.items()]
            raise self._error(operation, {"error": refusal.code, "errors": errors}, {}) from None
        return take(answer)


class SlackInside(SlackRooms, SlackMessages, SlackPeople):
    """As our bot; nobody's status can be set."""

    name = "slack"

    def __init__(self, model: ChatModel) -> None:
        super().__init__(InsideSession(model, model.bot.id), None)
