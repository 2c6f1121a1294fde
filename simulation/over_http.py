"""The table of faults once more, through the real adapters: what they make of each is what the simulator says they do.

Three things must agree for each cell (a request of an operation x a fault): what the table says, what the simulated port
does, and what the real adapter does over loopback HTTP to a strict emulator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from time import monotonic, sleep
from typing import Any

from chalicelib.adapters.jira_cloud import JiraCloud
from chalicelib.adapters.jsm_operations import JsmOperations
from chalicelib.adapters.opsgenie import Opsgenie
from chalicelib.adapters.pagerduty import PagerDuty
from chalicelib.domain.incident import IssueId, Person, Status
from chalicelib.domain.paging import PageRequest, Roster, RosterKind, Urgency
from chalicelib.errors import TemporaryError
from chalicelib.ports.pager import Confirmation, Pager
from chalicelib.ports.tickets import Missing, Tickets
from chalicelib.ports.world import Clock
from sandbox import emulator as http
from sandbox.company import BOT, EMMA, MIA
from sandbox.emulator import Emulator, FaultKind
from sandbox.jira.http import JiraEmulator
from sandbox.jira.model import JiraModel
from sandbox.jira.schema import CHAT_ROOM, example_schema
from sandbox.mail.server import MailServer
from sandbox.pagers.desk import ACKED, CLOSED, Desk, DeskRoster, NewAlert
from sandbox.pagers.jsm_operations import JsmEmulator
from sandbox.pagers.opsgenie import OpsgenieEmulator
from sandbox.pagers.pagerduty import PagerDutyEmulator
from simulation import faults, places_over_http, telling_over_http
from simulation.faults import Effect, Ending, Fault
from simulation.loop import Invocation, Loop
from simulation.operations import AGAIN, RAISES, Operation, operations_of
from simulation.places_over_http import PlaceDeeds
from simulation.places_watch import PlaceWatch, Unasked
from simulation.ports import DeskPager
from simulation.script import Strike
from simulation.telling_over_http import TellingDeeds
from simulation.telling_ports import CommentsOnWireAtPlaces
from simulation.twins import HandClock
from simulation.watch import Unchecked, Watch
from simulation.wire import FaultPlan, Wire

START = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
PATIENT_S = (5.0, 10.0)
IMPATIENT_S = (5.0, 0.5)
WAITS_S = 10.0
"""For whoever is still at work, on the busiest machine."""
HELD_BACK_S = 10.0
"""How long an emulator sits on an answer for which nobody waits so long."""

SYSTEMS = ("opsgenie", "jsm", "pagerduty", "jira", *places_over_http.REQUESTS, *telling_over_http.REQUESTS)
"""Who speaks HTTP, and SMTP."""
ROWS = {"jsm": "opsgenie", "ses": "mail", "smtp": "mail"}
"""As what they stand in the table. JSM Operations is Opsgenie's successor and equal; mail goes over either."""

_A_FEW, _MORE_THAN_A_PAGE = 3, 101
"""The simulated ports know no pages."""
_MIA = Person(MIA.account_id, MIA.name)
_KEY, _MAIL, _MARKER = "secret-key-0123456789", "firebell@example.com", "status"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request of an operation. name: the emulator's word for it. skip: how many of that name go before.

    writes: whether the operation's effect is this request's. missing: what a 404 of it means, "" for what its operation says.
    """

    name: str
    skip: int = 0
    writes: bool = False
    missing: str = ""


_IS_IT_SEEN = Request("get_issue", missing=AGAIN)
"""Asked only where a part of it is missing."""

_OPSGENIE: dict[str, tuple[Request, ...]] = {
    "open_page": (Request("create_alert", writes=True),),
    "confirm": (Request("request_status"),),
    "find": (Request("list_alerts"),),
    "read": (Request("get_alert"),),
    "acknowledge": (Request("acknowledge_alert", writes=True),),
    "close": (Request("close_alert", writes=True),),
    "on_call": (Request("on_calls"),),
}
REQUESTS: dict[str, dict[str, tuple[Request, ...]]] = {
    "opsgenie": _OPSGENIE,
    "jsm": _OPSGENIE,
    "pagerduty": {
        "open_page": (Request("enqueue", writes=True),),
        "confirm": (Request("list_incidents"),),
        "find": (Request("list_incidents"),),
        "read": (Request("get_incident"),),
        "acknowledge": (Request("get_incident"), Request("put_incident", writes=True)),
        "close": (Request("put_incident", writes=True), Request("get_incident")),
        "on_call": (Request("oncalls"),),
    },
    "jira": {
        "read": (Request("get_issue"), Request("get_changelog")),
        "recently_updated": (Request("search"), Request("search", skip=1)),
        "find_comment": (Request("list_comments"), Request("list_comments", skip=1)),
        "add_comment": (Request("add_comment", writes=True),),
        "edit_comment": (Request("edit_comment", writes=True), _IS_IT_SEEN),
        "assign": (Request("assign", writes=True),),
        "move_to": (Request("list_transitions"), Request("transition", writes=True)),
        "find_people": (Request("search_users"),),
        "people": (Request("bulk_users"),),
        "put_fields": (Request("put_issue", writes=True),),
        "read_comments": (Request("list_comments"), Request("list_comments", skip=1)),
        "read_comment": (Request("get_comment"), _IS_IT_SEEN),
        "groups_of": (Request("user_groups"),),
    },
    **{
        system: {method: tuple(Request(name, writes=writes) for name, writes in asked) for method, asked in operations.items()}
        for system, operations in places_over_http.REQUESTS.items()
    },
    **{
        system: {
            method: tuple(Request(name, writes=writes, missing=missing) for name, writes, missing in asked)
            for method, asked in operations.items()
        }
        for system, operations in telling_over_http.REQUESTS.items()
    },
}
"""Every request that an operation makes, in order; what stands behind a request that writes (PagerDuty, Jira's
comments, Statuspage) is asked only when that was refused."""

_STRIKES: dict[str, http.Fault] = {
    faults.TIMEOUT_BEFORE.name: http.Fault(FaultKind.TIMEOUT_BEFORE, delay_s=HELD_BACK_S),
    faults.TIMEOUT_AFTER.name: http.Fault(FaultKind.TIMEOUT_AFTER, delay_s=HELD_BACK_S),
    faults.TIMEOUT_LATE.name: http.Fault(FaultKind.SLOW, delay_s=HELD_BACK_S),
    faults.RESET_BEFORE.name: http.Fault(FaultKind.RESET_BEFORE),
    faults.RESET_AFTER.name: http.Fault(FaultKind.RESET_AFTER),
    faults.RATE_LIMITED.name: http.Fault(FaultKind.RATE_LIMITED),
    faults.RATE_LIMITED_1.name: http.Fault(FaultKind.RATE_LIMITED, retry_after="1"),
    faults.RATE_LIMITED_30.name: http.Fault(FaultKind.RATE_LIMITED, retry_after="30"),
    faults.RATE_LIMITED_3600.name: http.Fault(FaultKind.RATE_LIMITED, retry_after="3600"),
    faults.RATE_LIMITED_GARBAGE.name: http.Fault(FaultKind.RATE_LIMITED, retry_after="soon"),
    faults.ERROR_BEFORE.name: http.Fault(FaultKind.ERROR_BEFORE),
    faults.ERROR_AFTER.name: http.Fault(FaultKind.ERROR_AFTER),
    faults.UNAUTHORIZED.name: http.Fault(FaultKind.UNAUTHORIZED),
    faults.FORBIDDEN.name: http.Fault(FaultKind.FORBIDDEN),
    faults.NOT_FOUND.name: http.Fault(FaultKind.NOT_FOUND),
    faults.CONFLICT.name: http.Fault(FaultKind.CONFLICT),
    faults.GARBAGE.name: http.Fault(FaultKind.GARBAGE),
    faults.ERROR_INSIDE.name: http.Fault(FaultKind.ERROR_INSIDE),
}
"""How an emulator does it. A part of an operation is no fault of HTTP: a deaf pager, or a search whose second page fails."""


def http_fault(fault: Fault, request: Request, *, times: int = 1) -> http.Fault:
    return replace(_STRIKES[fault.name], skip=request.skip, times=times)


@dataclass(frozen=True, slots=True)
class Cell:
    """One request of an operation, and what strikes it. place: which of the operation's requests, from 0."""

    system: str
    operation: Operation
    place: int
    fault: Fault

    @property
    def request(self) -> Request:
        return REQUESTS[self.system][self.operation.method][self.place]

    @property
    def is_main(self) -> bool:
        """Its request is the one that the simulated port stands for: the writing one, else the first."""
        return self.request.writes or (self.place == 0 and not self.operation.writes)

    @property
    def id(self) -> str:
        return f"{self.system}.{self.operation.method}/{self.request.name}{'+' * self.request.skip}: {self.fault.name}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """got: "an answer", an error's class, or what the adapter makes of a 404. effect: what became of it."""

    got: str
    effect: Effect
    retry_after_s: float | None = None
    out_of_service: bool = False


def cells() -> Iterator[Cell]:
    """Every operation of every system that speaks HTTP x every fault of the table that leaves its caller alive."""
    for system in SYSTEMS:
        for operation in operations_of(ROWS.get(system, system)):
            for place, _ in enumerate(REQUESTS[system][operation.method]):
                for fault in operation.faults:
                    is_known = not fault.is_death and fault not in telling_over_http.UNKNOWN.get(system, ())
                    if is_known and (fault is not faults.PART or place == 0):
                        yield Cell(system, operation, place, fault)


# --- what the table says -----------------------------------------------------------------------------------------------


def told_by_table(cell: Cell) -> Outcome:
    fault, operation = cell.fault, cell.operation
    if fault is faults.PART:
        return Outcome("TemporaryError" if operation.method in ("recently_updated", "invite") else "an answer", Effect.PART)
    lands = cell.request.writes and fault.effect in (Effect.DONE, Effect.LATE)
    effect = Effect.DONE if lands else Effect.NONE
    if operation.method == "recently_updated" and cell.request.skip:
        effect = Effect.PART
    is_lost = operation.believed and cell.request.writes and fault.name in faults.UNANSWERED
    got = {
        Ending.TEMPORARY: "AnswerLost" if is_lost else "TemporaryError",
        Ending.CONFLICT: operation.conflict if cell.request.writes else RAISES,
        Ending.MISSING: cell.request.missing or operation.missing,
    }[fault.ending]
    return Outcome(got, effect, fault.retry_after_s, fault.out_of_service)


# --- a stand: one port, its model, and something to do with it -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Deed:
    """call: the operation. effect: what became of it, asked when time has passed."""

    call: Callable[[Any], object]
    effect: Callable[[], Effect]


class PagerDeeds:
    """Each of a pager's operations on an alert of its own."""

    def __init__(self, system: str, desk: Desk, pass_s: Callable[[float], None]) -> None:
        self._desk, self._pass_s = desk, pass_s
        kind = RosterKind.SERVICE if system == "pagerduty" else RosterKind.SCHEDULE
        self._roster = Roster("im", system, kind, "Bitbucket IM", "ros-1", "ros-1")
        self._scope = "routing-1" if system == "pagerduty" else ""
        self._numbers = count(10002)
        desk.add_roster(DeskRoster("ros-1", "Bitbucket IM", kind.value, ("mia@example.com",)))

    def deed(self, method: str, request: Request) -> Deed:
        alias = f"firebell:{next(self._numbers)}"
        if method == "open_page":
            return Deed(lambda pager: pager.open_page(self._request(alias)), lambda: self._made(alias))
        if method == "on_call":
            return Deed(lambda pager: pager.on_call(self._roster), _nothing)
        request_id = self._desk.request_create(NewAlert(alias, "ros-1", "Checkout is down", scope=self._scope))
        self._pass_s(1)
        alert_id = self._desk.listed(alias)[0][0].id
        if method == "confirm":
            return Deed(lambda pager: pager.confirm(alias, request_id), _nothing)
        if method == "find":
            return Deed(lambda pager: pager.find(alias), _nothing)
        if method == "read":
            return Deed(lambda pager: pager.read(alert_id), _nothing)
        if method == "close" and not request.writes:
            self._desk.close(alert_id, "mia@example.com")  # so that ours is refused, and has to be looked at
            return Deed(lambda pager: pager.close(alert_id, "resolved"), _nothing)
        wanted = CLOSED if method == "close" else ACKED
        return Deed(
            lambda pager: getattr(pager, method)(alert_id, "why"),
            lambda: _done(self._status(alert_id) == wanted),
        )

    def _request(self, alias: str) -> PageRequest:
        return PageRequest(alias, self._roster, "[HOT-42] Sev 1", "Carts fail", Urgency.SEV1, ("sev1",), {"issue": "HOT-42"})

    def _made(self, alias: str) -> Effect:
        if self._desk.listed(alias):
            return Effect.DONE
        asked = any(request.new is not None and request.new.alias == alias for request in self._desk.requests.values())
        return Effect.PART if asked else Effect.NONE

    def _status(self, alert_id: str) -> str:
        alert = self._desk.alert(alert_id)
        assert alert is not None
        return alert.status


class JiraDeeds:
    """Each of Jira's operations. rows: how many changes, comments and other issues there are."""

    def __init__(self, model: JiraModel, rows: int) -> None:
        self._model = model
        model.add_user(MIA)
        self._texts = count(1)
        model.groups["staff"] = {MIA.account_id}
        self._issue = model.create_incident(EMMA, "Checkout is down")
        for number in range(rows):
            model.edit_summary(self._issue, f"Checkout is down {number}", EMMA)
            model.comment(self._issue, "Any news?", EMMA)
            model.create_incident(EMMA, f"Another {number}")

    def deed(self, method: str, request: Request) -> Deed:
        issue, issue_id, text = self._issue, IssueId(self._issue.id), f"text {next(self._texts)}"
        is_gone = request is _IS_IT_SEEN
        looks: dict[str, Callable[[Any], object]] = {
            "read": lambda tickets: tickets.read(issue_id),
            "find_comment": lambda tickets: tickets.find_comment(issue_id, _MARKER),
            "read_comments": lambda tickets: tickets.read_comments(issue_id),
            "read_comment": lambda tickets: tickets.read_comment(issue_id, "gone" if is_gone else issue.comments[0].id),
            "find_people": lambda tickets: tickets.find_people(MIA.email),
            "people": lambda tickets: tickets.people([MIA.account_id]),
            "groups_of": lambda tickets: tickets.groups_of(MIA.account_id),
        }
        if method in looks:
            return Deed(looks[method], _nothing)
        if method == "assign":
            issue.assignee = None
            return Deed(lambda tickets: tickets.assign(issue_id, _MIA), lambda: _done(issue.assignee == MIA))
        if method == "move_to":
            issue.status = "New"
            return Deed(lambda tickets: tickets.move_to(issue_id, Status.FIXING), lambda: _done(issue.status == "Fixing"))
        if method == "put_fields":
            link = f"https://x.example/{text.replace(' ', '-')}"
            return Deed(
                lambda tickets: tickets.put_fields(issue_id, {CHAT_ROOM: link}), lambda: _done(issue.fields[CHAT_ROOM] == link)
            )
        if method == "recently_updated":
            seen: list[object] = []
            return Deed(
                lambda tickets: seen.extend(tickets.recently_updated(15)),
                lambda: Effect.PART if seen else Effect.NONE,
            )

        def lands() -> Effect:
            return _done(any(comment.body == text for comment in issue.comments))

        if method == "add_comment":
            return Deed(lambda tickets: tickets.add_comment(issue_id, _MARKER, text), lands)
        comment_id = "gone" if is_gone else self._model.comment(issue, "ours", BOT).id
        return Deed(lambda tickets: tickets.edit_comment(issue_id, comment_id, text), lands)


class AtPlaces:
    """Each of the operations at chat, wiki or video calls. in_part: the next deed will be done in part."""

    def __init__(self, system: str, clock: Clock) -> None:
        self.places, self.in_part = PlaceDeeds(system, clock), False

    def deed(self, method: str, _: Request) -> Deed:
        return Deed(*self.places.deed(method, in_part=self.in_part))


class AtTelling:
    """Each of the operations at a status page or at mail."""

    def __init__(self, system: str, clock: HandClock | Loop) -> None:
        self.told = TellingDeeds(system, clock)

    def deed(self, method: str, request: Request) -> Deed:
        return Deed(*self.told.deed(method, request.name))


Deeds = PagerDeeds | JiraDeeds | AtPlaces | AtTelling


def _nothing() -> Effect:
    return Effect.NONE


def _done(it_is: bool) -> Effect:
    return Effect.DONE if it_is else Effect.NONE


def _perform(deed: Deed, port: Any, method: str) -> Outcome:
    """The outcome but for the effect, which takes time."""
    try:
        answer = deed.call(port)
    except TemporaryError as error:
        return Outcome(type(error).__name__, Effect.NONE, error.retry_after_s, error.out_of_service)
    except Exception as error:  # noqa: BLE001  an error that no port may raise is a finding, and stands in the table
        return Outcome(type(error).__name__, Effect.NONE)
    return Outcome(_named(method, answer), Effect.NONE)


def _named(method: str, answer: object) -> str:
    """An answer by the words of the table."""
    match method, answer:
        case "confirm", Confirmation() if answer.pending:
            return "pending"
        case "read" | "read_comment" | "update", None:
            return "none"
        case "read", Missing():
            return "missing"
        case "edit_comment" | "amend" | "restate", False:
            return "false"
        case "groups_of", frozenset() if not answer:
            return "nobody's"
    return "an answer"


# --- what the simulator does ---------------------------------------------------------------------------------------------


def in_simulation(cell: Cell) -> Outcome:
    """The same operation and fault at the simulated port."""
    loop = Loop(START, None)
    operation = cell.operation
    wire = Wire(loop, FaultPlan(strikes={operation.name: [Strike(operation.name, 1, cell.fault.name)]}), None, None)
    desk, model = Desk(loop), JiraModel(loop)
    watch = Watch(loop, {cell.system: desk, operation.system: desk}, Unchecked())
    deeds: Deeds
    port: Any
    if cell.system == "jira":
        deeds = JiraDeeds(model, _A_FEW)
        port = CommentsOnWireAtPlaces(model, example_schema(), BOT, wire, watch, PlaceWatch(Unasked()))
        port.follow(telling_over_http.a_watch())
    elif cell.system in telling_over_http.REQUESTS:
        deeds = AtTelling(cell.system, loop)
        port = deeds.told.simulated(wire)
    elif cell.system in places_over_http.REQUESTS:
        deeds = AtPlaces(cell.system, loop)
        deeds.in_part = cell.fault is faults.PART
        port = deeds.places.simulated(wire)
    else:
        deeds = PagerDeeds(cell.system, desk, lambda s: loop.run(loop.now_ms + int(s * 1000)))
        port = DeskPager(operation.system, desk, wire, watch, synchronous=cell.system == "pagerduty")
    deed = deeds.deed(operation.method, cell.request)
    outcomes: list[Outcome] = []
    function = Invocation("a function", loop.now_ms + 3_600_000, timedelta(), {"began": loop.now_ms})
    loop.spawn(function, lambda: outcomes.append(_perform(deed, port, operation.method)), lambda _: None)
    loop.run(loop.now_ms + 60_000)
    [outcome] = outcomes
    effect = deed.effect()
    if cell.fault is faults.PART and operation.method == "open_page":
        effect = Effect.PART if effect is Effect.NONE and watch.pager_writes else effect
    return replace(outcome, effect=effect)


# --- what the adapters do ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Stand:
    """One emulator and the real adapters before it: one that waits, and one that soon loses patience."""

    system: str
    emulator: Emulator | MailServer
    deeds: Deeds
    patient: Any
    impatient: Any
    clock: HandClock
    desk: Desk

    def play(self, cell: Cell) -> Outcome:
        method = cell.operation.method
        if isinstance(self.deeds, AtPlaces):
            self.deeds.in_part = cell.fault is faults.PART
        deed = self.deeds.deed(method, cell.request)
        calls = len(self.emulator.calls)
        if cell.fault is faults.PART and method == "open_page":
            self.desk.deaf = True
        elif cell.fault is faults.PART:
            name = places_over_http.FAILS_IN_PART.get(method, cell.request.name)
            self.emulator.faults.switch_on(name, http.Fault(FaultKind.UNAVAILABLE, skip=int(name == cell.request.name)))
        else:
            # Whoever gets a new token after a 401 asks once more, so that one alone would be no fault.
            times = 2 if cell.system == "zoom" and cell.fault is faults.UNAUTHORIZED else 1
            self.emulator.faults.switch_on(cell.request.name, http_fault(cell.fault, cell.request, times=times))
        outcome = _perform(deed, self.impatient if cell.fault.takes == "timeout" else self.patient, method)
        self._wait()
        self.clock.pass_s(1)
        outcome = replace(outcome, effect=deed.effect())
        self.desk.deaf = False
        assert len(self.emulator.calls) > calls, "nothing was asked"
        assert not self.emulator.faults.planned(), f"{cell.id}: the fault struck nothing"
        return outcome

    def _wait(self) -> None:
        """Until nobody is at work any more, also where whoever asked lost patience before anybody had begun."""
        wait_while(lambda: self.emulator.is_busy or bool(self.emulator.faults.planned()))


def wait_while(is_so: Callable[[], bool]) -> None:
    """Of what an emulator does by itself; not for ever."""
    ends_at = monotonic() + WAITS_S
    while is_so() and monotonic() < ends_at:
        sleep(0.005)


def translate(chosen: Sequence[Cell], workers: int = 8) -> dict[Cell, Outcome]:
    """What the real adapters make of each cell. Operations side by side, each at a stand of its own."""
    by_operation: dict[tuple[str, str], list[Cell]] = {}
    for cell in chosen:
        by_operation.setdefault((cell.system, cell.operation.method), []).append(cell)

    def at_one_stand(ours: list[Cell]) -> list[tuple[Cell, Outcome]]:
        with a_stand(ours[0].system) as stand:
            outcomes = [(cell, stand.play(cell)) for cell in ours]
        assert not stand.emulator.violations, stand.emulator.violations
        return outcomes

    with ThreadPoolExecutor(workers) as pool:
        return {cell: outcome for outcomes in pool.map(at_one_stand, by_operation.values()) for cell, outcome in outcomes}


@contextmanager
def a_stand(system: str) -> Iterator[Stand]:
    clock = HandClock(START)
    desk, model = Desk(clock), JiraModel(clock)
    deeds: Deeds
    emulator: Emulator | MailServer
    make: Callable[[str, tuple[float, float]], Any]
    if system in places_over_http.REQUESTS:
        deeds = AtPlaces(system, clock)
        emulator, make = deeds.places.emulator(), deeds.places.adapter
    elif system in telling_over_http.REQUESTS:
        deeds = AtTelling(system, clock)
        emulator, make = deeds.told.emulator(), deeds.told.adapter
    else:
        deeds = JiraDeeds(model, _MORE_THAN_A_PAGE) if system == "jira" else PagerDeeds(system, desk, clock.pass_s)
        emulator, make = an_emulator(system, clock, desk, model), partial(an_adapter, system, clock)
    with telling_over_http.served(emulator) as url:
        patient, impatient = (make(url, timeouts_s) for timeouts_s in (PATIENT_S, IMPATIENT_S))
        yield Stand(system, emulator, deeds, patient, impatient, clock, desk)


def an_emulator(system: str, clock: HandClock, desk: Desk, model: JiraModel) -> Emulator:
    match system:
        case "opsgenie":
            return OpsgenieEmulator(desk, clock, key=_KEY)
        case "jsm":
            return JsmEmulator(desk, clock, key=_KEY, cloud_id="cloud-1", mail=_MAIL, token=_KEY)
        case "pagerduty":
            return PagerDutyEmulator(desk, clock, token=_KEY, routing_keys={"routing-1": "ros-1"}, users=frozenset({_MAIL}))
    return JiraEmulator(model, clock, bot=BOT, mail=_MAIL, token=_KEY)


def an_adapter(system: str, clock: HandClock, url: str, timeouts_s: tuple[float, float]) -> Pager | Tickets:
    match system:
        case "opsgenie":
            return Opsgenie(url, _KEY, timeouts_s=timeouts_s)
        case "jsm":
            return JsmOperations(
                integration_url=f"{url}/jsm/ops/integration", integration_key=_KEY, rest_url=f"{url}/jsm/ops",
                cloud_id="cloud-1", mail=_MAIL, token=_KEY, timeouts_s=timeouts_s,
            )  # fmt: skip
        case "pagerduty":
            return PagerDuty(url, url, _KEY, {"im": "routing-1"}, _MAIL, timeouts_s=timeouts_s)
    return JiraCloud(url, _MAIL, _KEY, example_schema(), timeouts_s=timeouts_s, clock=clock)
