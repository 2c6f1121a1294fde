"""The rules that all three pagers share: what an alert is, when it is made, whom it rings. No HTTP, no threads.

A request is accepted at once and processed later. At most one alert per alias is open; a create under an open alias only
raises its count and rings nobody; after a close the same alias makes a new alert. Lists lag behind, single alerts do not.
A desk starts no threads, but several may use it: emulators answer on one each, and people act on another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import RLock

from chalicelib.ports.world import Clock

OPEN, ACKED, CLOSED = "open", "acked", "closed"


def iso(moment: datetime, timespec: str = "milliseconds") -> str:
    """A time as vendors write it: "2026-11-23T03:00:00.000Z"."""
    return moment.astimezone(UTC).isoformat(timespec=timespec).replace("+00:00", "Z")


class RefusedError(Exception):
    """The vendor says no: 422 and the words people would see."""


@dataclass(frozen=True, slots=True)
class DeskRoster:
    """kind: as the vendor spells it. on_call: who answers now; nobody if empty."""

    id: str
    name: str
    kind: str
    on_call: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """An alert's status from `at` on, and who made it so."""

    at: datetime
    status: str
    by: str | None = None


@dataclass(slots=True)
class DeskAlert:
    id: str
    tiny_id: str
    alias: str
    roster: DeskRoster
    message: str
    description: str
    priority: str
    tags: tuple[str, ...]
    details: Mapping[str, str]
    created_at: datetime
    turns: list[Turn]
    scope: str = ""
    count: int = 1
    notes: list[str] = field(default_factory=list)

    def turn_at(self, moment: datetime) -> Turn:
        """The status as it was then."""
        return next(turn for turn in reversed(self.turns) if turn.at <= moment or turn is self.turns[0])

    @property
    def status(self) -> str:
        return self.turns[-1].status


@dataclass(frozen=True, slots=True)
class NewAlert:
    """scope: within what an alias is one alert; PagerDuty's integration, and the whole account elsewhere."""

    alias: str
    roster_id: str
    message: str
    description: str = ""
    priority: str = "P3"
    tags: tuple[str, ...] = ()
    details: Mapping[str, str] = field(default_factory=dict)
    scope: str = ""


@dataclass(slots=True)
class DeskRequest:
    """A request that was accepted. done: processed; alert_id: what it made or met; error: why it was dropped."""

    id: str
    action: str
    process_at: datetime
    new: NewAlert | None = None
    alert_id: str | None = None
    by: str | None = None
    note: str = ""
    done: bool = False
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Ring:
    at: datetime
    alert_id: str
    alias: str
    roster: str
    people: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class Happening:
    """Something a webhook tells about: "create", "acknowledge", "unacknowledge" or "close"."""

    action: str
    alert: DeskAlert
    at: datetime
    by: str | None


@dataclass(slots=True)
class Desk:
    """All alerts of one account. takes: how long a request waits to be processed; lag: how far lists lag behind.

    deaf: requests are accepted and never processed, as a broken pager does. refuses_late: a responder that does not exist
    is found out when the request is processed, not when it is made. lose: how many of the next creates are accepted and lost.
    ack_lasts: after so long an acknowledgement runs out, and the alert rings anew; None: never.
    """

    clock: Clock
    rosters: dict[str, DeskRoster] = field(default_factory=dict)
    takes: timedelta = timedelta(milliseconds=300)
    lag: timedelta = timedelta()
    deaf: bool = False
    refuses_late: bool = False
    lose: int = 0
    ack_lasts: timedelta | None = None
    alerts: list[DeskAlert] = field(default_factory=list)
    requests: dict[str, DeskRequest] = field(default_factory=dict)
    rings: list[Ring] = field(default_factory=list)
    outbox: list[Happening] = field(default_factory=list)
    _pending: list[DeskRequest] = field(default_factory=list)
    _numbers: int = 0
    _lock: RLock = field(default_factory=RLock, repr=False)

    def add_roster(self, roster: DeskRoster) -> None:
        self.rosters[roster.id] = roster

    def number_from(self, first: int) -> None:
        """So that the alerts of two desks are told apart by their ids."""
        self._numbers = first - 1

    def next_due(self) -> datetime | None:
        """When the next request will be processed; None when none waits, or nobody listens."""
        return min((request.process_at for request in self._pending), default=None) if not self.deaf else None

    def roster_named(self, name: str) -> DeskRoster | None:
        return next((roster for roster in self.rosters.values() if roster.name == name), None)

    def request_create(self, new: NewAlert) -> str:
        """Raises RefusedError for a responder that does not exist, unless that is found out later."""
        if new.roster_id not in self.rosters and not self.refuses_late:
            raise RefusedError(_no_responder(new))
        return self._accept(DeskRequest("", "Create", self.clock.now(), new=new))

    def request_change(self, action: str, alert_id: str, by: str | None, note: str = "") -> str:
        """action: "Acknowledge" or "Close". An alert that does not exist is found out when the request is processed."""
        return self._accept(DeskRequest("", action, self.clock.now(), alert_id=alert_id, by=by, note=note))

    def advance(self) -> None:
        """Process what is due by now, each request once, and let acknowledgements run out."""
        if self.deaf:
            return
        if self.ack_lasts is not None:
            self._let_run_out(self.clock.now() - self.ack_lasts)
        if not self._pending:
            return
        now = self.clock.now()
        with self._lock:
            due = [request for request in self._pending if request.process_at <= now]
            if due:
                self._pending = [request for request in self._pending if request.process_at > now]
                for request in due:
                    self._process(request)

    @property
    def is_busy(self) -> bool:
        """A request is being processed, or a webhook about what happened has not been taken yet."""
        return bool(self._pending or self.outbox)

    def take_outbox(self) -> list[Happening]:
        """What happened since this was last asked, oldest first."""
        self.advance()
        with self._lock:
            happened, self.outbox = self.outbox, []
        return happened

    def request(self, request_id: str) -> DeskRequest | None:
        """A request's status; None while it is not processed, as the vendors answer 404 then."""
        self.advance()
        request = self.requests.get(request_id)
        return request if request is not None and request.done else None

    def alert(self, alert_id: str) -> DeskAlert | None:
        self.advance()
        return next((alert for alert in self.alerts if alert.id == alert_id), None)

    def listed(self, alias: str) -> Sequence[tuple[DeskAlert, Turn]]:
        """Alerts of an alias as the list shows them, newest first: with the status of `lag` ago."""
        self.advance()
        then = self.clock.now() - self.lag
        shown = [alert for alert in self.alerts if alert.alias == alias and alert.created_at <= then]
        return [(alert, alert.turn_at(then)) for alert in reversed(shown)]

    def acknowledge(self, alert_id: str, by: str) -> None:
        """A human, in the pager's own app: takes effect at once."""
        self._turn(alert_id, ACKED, by, "acknowledge")

    def close(self, alert_id: str, by: str) -> None:
        self._turn(alert_id, CLOSED, by, "close")

    def run_out(self, alert_id: str) -> None:
        """Nobody has it any more, as far as the pager knows: it rings anew."""
        with self._lock:
            alert = next(alert for alert in self.alerts if alert.id == alert_id)
            now = self.clock.now()
            alert.turns.append(Turn(now, OPEN))
            self._ring(alert, now)
            self.outbox.append(Happening("unacknowledge", alert, now, None))

    def escalate(self, alert_id: str, by: str) -> None:
        """A human hands on what is acknowledged: it rings whoever comes next."""
        with self._lock:
            alert = next(alert for alert in self.alerts if alert.id == alert_id)
            alert.turns.append(Turn(self.clock.now(), OPEN, by))

    def reopen(self, alert_id: str, by: str) -> None:
        """Acknowledge what is closed: it is open again, in that person's hands, and rings nobody."""
        with self._lock:
            alert = next(alert for alert in self.alerts if alert.id == alert_id)
            alert.turns.append(Turn(self.clock.now(), ACKED, by))

    def hold_from_before(self, new: NewAlert, *turns: Turn) -> str:
        """An alert of whoever used this account before: it has rung, and no webhook tells of it. Its first turn made it."""
        with self._lock:
            return self._keep(new, turns).id

    def open_alerts(self, alias: str | None = None) -> list[DeskAlert]:
        return [alert for alert in self.alerts if alert.status != CLOSED and alias in (None, alert.alias)]

    def _accept(self, request: DeskRequest) -> str:
        with self._lock:
            self._numbers += 1
            request.id = f"request-{self._numbers:05d}"
            request.process_at = self.clock.now() + self.takes
            self.requests[request.id] = request
            if request.new is not None and self.lose:
                self.lose -= 1
            else:
                self._pending.append(request)
        return request.id

    def _process(self, request: DeskRequest) -> None:
        request.done = True
        if request.new is not None:
            if request.new.roster_id in self.rosters:
                request.alert_id = self._create(request.new)
            else:
                request.error = _no_responder(request.new)
            return
        assert request.alert_id is not None
        alert = next((alert for alert in self.alerts if alert.id == request.alert_id), None)
        if alert is None:
            request.error = "Alert does not exist"
        elif request.action == "Close":
            alert.notes.append(request.note)
            self._turn(alert.id, CLOSED, request.by, "close")
        else:
            alert.notes.append(request.note)
            self._turn(alert.id, ACKED, request.by, "acknowledge")

    def _create(self, new: NewAlert) -> str:
        living = [alert for alert in self.open_alerts(new.alias) if alert.scope == new.scope]
        if living:
            living[0].count += 1
            return living[0].id
        now = self.clock.now()
        alert = self._keep(new, (Turn(now, OPEN),))
        self._ring(alert, now)
        self.outbox.append(Happening("create", alert, now, None))
        return alert.id

    def _keep(self, new: NewAlert, turns: Sequence[Turn]) -> DeskAlert:
        self._numbers += 1
        alert = DeskAlert(
            f"alert-{self._numbers:05d}", str(self._numbers), new.alias, self.rosters[new.roster_id], new.message,
            new.description, new.priority, new.tags, new.details, turns[0].at, list(turns), new.scope,
        )  # fmt: skip
        self.alerts.append(alert)
        return alert

    def _ring(self, alert: DeskAlert, now: datetime) -> None:
        if alert.roster.on_call:
            self.rings.append(Ring(now, alert.id, alert.alias, alert.roster.name, alert.roster.on_call, alert.message))

    def _let_run_out(self, since: datetime) -> None:
        with self._lock:
            for alert in self.alerts:
                if alert.status == ACKED and alert.turns[-1].at <= since:
                    self.run_out(alert.id)

    def _turn(self, alert_id: str, status: str, by: str | None, action: str) -> None:
        with self._lock:
            alert = next(alert for alert in self.alerts if alert.id == alert_id)
            if alert.status in (CLOSED, status):
                return
            now = self.clock.now()
            alert.turns.append(Turn(now, status, by))
            self.outbox.append(Happening(action, alert, now, by))


def _no_responder(new: NewAlert) -> str:
    return f"no responder {new.roster_id!r}"
