"""Zoom's rules without HTTP: whose token is good for what, whose meetings are listed, how many a day may be made.

Meetings belong to a host. Scheduled ones are listed until thirty days after their start; instant ones never are.
Days begin at midnight UTC. May be used from several threads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from threading import RLock
from typing import Any

from chalicelib.ports.world import Clock

CREATE, LIST, READ = "meeting:write:meeting:admin", "meeting:read:list_meetings:admin", "meeting:read:meeting:admin"
SCOPES = frozenset({CREATE, LIST, READ})
INSTANT, SCHEDULED = 1, 2
A_DAY = 100
TOPIC_LIMIT, AGENDA_LIMIT, SHOWN_AGENDA = 200, 2000, 250
KEPT = timedelta(days=30)
DEFAULTS: Mapping[str, Any] = {"waiting_room": False, "join_before_host": False, "meeting_authentication": False}


class Refusal(StrEnum):
    NO_HOST = "no such host"
    DAILY_LIMIT = "daily limit"
    INVALID = "invalid member"


class RefusedError(Exception):
    def __init__(self, reason: Refusal, words: str) -> None:
        super().__init__(words)
        self.reason = reason


@dataclass(slots=True)
class Meeting:
    id: int
    host: str
    topic: str
    agenda: str
    type: int
    created_at: datetime
    settings: Mapping[str, Any]
    password: str = ""

    @property
    def join_url(self) -> str:
        """What everybody gets: the passcode is in it, encrypted."""
        return f"https://example.zoom.us/j/{self.id}" + (f"?pwd=encrypted-{self.id}" if self.password else "")

    @property
    def start_url(self) -> str:
        """What only the host may have."""
        return f"https://example.zoom.us/s/{self.id}?zak=host-key-{self.id}"


@dataclass(slots=True)
class VideoModel:
    """lasts: how long a token is good. scopes: what new tokens may do. one_token: each new token ends the one before.

    locked: settings that the account's administrator has fixed for every meeting, whatever its maker asks.
    """

    clock: Clock
    hosts: set[str] = field(default_factory=set)
    meetings: dict[int, Meeting] = field(default_factory=dict)
    lasts: timedelta = timedelta(hours=1)
    scopes: frozenset[str] = SCOPES
    one_token: bool = False
    locked: Mapping[str, Any] = field(default_factory=dict)
    a_day: int = A_DAY
    tokens: dict[str, tuple[datetime, frozenset[str]]] = field(default_factory=dict)
    _made: Counter[tuple[str, date]] = field(default_factory=Counter)
    _numbers: int = 92_000_000_000
    _issued: int = 0
    _lock: RLock = field(default_factory=RLock, repr=False)

    # --- tokens ----------------------------------------------------------------------------------------------------

    def issue_token(self) -> str:
        with self._lock:
            if self.one_token:
                self.tokens.clear()
            self._issued += 1
            token = f"zoom-token-{self._issued:04d}"
            self.tokens[token] = (self.clock.now() + self.lasts, self.scopes)
        return token

    def revoke_tokens(self) -> None:
        """Somebody rotated the client's secret, or switched the app off and on."""
        self.tokens.clear()

    def scopes_of(self, token: str) -> frozenset[str] | None:
        """What a token may do; None when it is unknown, revoked or past its end."""
        until, scopes = self.tokens.get(token, (None, frozenset()))
        return scopes if until is not None and self.clock.now() < until else None

    # --- meetings --------------------------------------------------------------------------------------------------

    def create(
        self,
        host: str,
        topic: str,
        agenda: str = "",
        *,
        kind: int = SCHEDULED,
        settings: Mapping[str, Any] | None = None,
        with_password: bool = False,
    ) -> Meeting:
        """Over the API: it counts against the host's day."""
        with self._lock:
            if host not in self.hosts:
                raise RefusedError(Refusal.NO_HOST, f"User does not exist: {host}.")
            if len(topic) > TOPIC_LIMIT or len(agenda) > AGENDA_LIMIT:
                raise RefusedError(Refusal.INVALID, "Validation Failed.")
            day = (host, self.clock.now().astimezone(UTC).date())
            if self._made[day] >= self.a_day:
                words = (
                    f"You have exceeded the daily rate limit ({self.a_day}) of Meeting Create/Update API requests permitted "
                    "for this particular user. You may resume these requests at GMT 00:00:00."
                )
                raise RefusedError(Refusal.DAILY_LIMIT, words)
            self._made[day] += 1
            return self._add(host, topic, agenda, kind, settings or {}, with_password=with_password)

    def meeting(self, meeting_id: int) -> Meeting | None:
        found = self.meetings.get(meeting_id)
        return found if found is not None and self._is_kept(found) else None

    def listed(self, host: str) -> list[Meeting]:
        """A host's scheduled, unexpired meetings, oldest first."""
        if host not in self.hosts:
            raise RefusedError(Refusal.NO_HOST, f"User does not exist: {host}.")
        return [m for m in self.meetings.values() if m.host == host and m.type == SCHEDULED and self._is_kept(m)]

    # --- what people do --------------------------------------------------------------------------------------------

    def schedule_by_hand(self, host: str, topic: str, agenda: str = "") -> Meeting:
        """In Zoom's own app: no limit a day."""
        with self._lock:
            return self._add(host, topic, agenda, SCHEDULED, {}, with_password=True)

    def retitle(self, meeting_id: int, topic: str) -> None:
        self.meetings[meeting_id].topic = topic

    def delete(self, meeting_id: int) -> None:
        del self.meetings[meeting_id]

    def _add(
        self, host: str, topic: str, agenda: str, kind: int, settings: Mapping[str, Any], *, with_password: bool
    ) -> Meeting:
        self._numbers += 1
        password = f"pw{self._numbers % 10**8}" if with_password else ""
        held = {**DEFAULTS, **settings, **self.locked}
        made = Meeting(self._numbers, host, topic, agenda, kind, self.clock.now(), held, password)
        self.meetings[made.id] = made
        return made

    def _is_kept(self, meeting: Meeting) -> bool:
        return self.clock.now() < meeting.created_at + KEPT
