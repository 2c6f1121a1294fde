"""The incident manager's own status in chat shows the issue while they manage it, and what it was before when they do no more.

Only where an administrator's token is configured; without it nothing is asked. A status that people set meanwhile stays.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from chalicelib.artifacts.artifact import Made, Scene, Spec, spec_of
from chalicelib.artifacts.chat_people import ChatPeople, holders
from chalicelib.domain.people import MANAGER, Told, Unmatched, told_by_jira
from chalicelib.ports.chat import Chat, PersonStatus

KIND = "status"
EMOJI = "fire_engine"
SAYING = "Incident manager of "
NOTHING = ""


@dataclass(frozen=True, slots=True)
class Managing:
    """who: None where what was set is to be taken back. text: what the status says of this incident. now: of this pass."""

    who: Told | None
    text: str
    now: datetime


@dataclass(frozen=True, slots=True)
class ManagerStatus:
    """One record for everybody who ever managed the incident. `Made.vendor_id` holds whose status it was, and what it said."""

    chat: Callable[[], Chat]
    people: ChatPeople
    default_assignees: Collection[str] = frozenset()
    after: tuple[str, ...] = ()
    name: str = KIND
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[Managing], ...]:
        incident = scene.incident
        text = f"{SAYING}{incident.key}"
        managers = holders(incident, MANAGER, self.default_assignees) if scene.wanted else ()
        now = {f"{KIND}:{manager.account_id}": told_by_jira(manager) for manager in managers}
        begun = (name for name in scene.records if name.startswith(f"{KIND}:") and name not in now)
        return (
            *(spec_of(name, incident, Managing(who, text, scene.now), "managing", text) for name, who in now.items()),
            *(spec_of(name, incident, Managing(None, text, scene.now), "over") for name in begun),
        )

    def find(self, spec: Spec[Managing]) -> Made | None:
        """`make` sees by the status itself whether it was set."""
        del spec
        return None

    def make(self, spec: Spec[Managing]) -> Made:
        return self._set(spec, NOTHING)

    def _set(self, spec: Spec[Managing], kept: str) -> Made:
        """kept: what we remember already of what theirs was."""
        managing, chat = spec.content, self.chat()
        if managing.who is None or not chat.can_set_status:
            return Made(NOTHING)
        user_id = self.people.find(managing.who)
        if isinstance(user_id, Unmatched):  # the members' artifact says so
            return Made(NOTHING)
        before = chat.read_status(user_id)
        if before is None:
            return Made(NOTHING)
        if before.text != managing.text:
            chat.set_status(user_id, PersonStatus(managing.text, EMOJI))
        if kept != NOTHING and before.text.startswith(SAYING):
            return Made(kept)
        # Ours already: of a try whose answer was lost, or of another incident, which may be over by then.
        return Made(_remembered(user_id, PersonStatus() if before.text.startswith(SAYING) else before))

    def change(self, known: Made, spec: Spec[Managing]) -> Made:
        if spec.content.who is not None:
            return self._set(spec, known.vendor_id)
        if known.vendor_id != NOTHING:
            user_id, before = _recalled(known.vendor_id)
            now = self.chat().read_status(user_id)
            if now is not None and now.text == spec.content.text:
                self.chat().set_status(user_id, before if not before.is_over(spec.content.now) else PersonStatus())
        return Made(NOTHING)


def _remembered(user_id: str, before: PersonStatus) -> str:
    until = before.until.isoformat() if before.until is not None else None
    return json.dumps([user_id, before.text, before.emoji, until])


def _recalled(vendor_id: str) -> tuple[str, PersonStatus]:
    user_id, text, emoji, until = json.loads(vendor_id)
    return user_id, PersonStatus(text, emoji, datetime.fromisoformat(until) if until is not None else None)
