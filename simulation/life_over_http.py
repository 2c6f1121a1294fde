"""An incident's whole life once more over HTTP: the real adapters, emulators on loopback, one clock moved by hand.

A signed webhook comes in, the page goes out, the sweep comes by every minute, somebody has it, it is resolved; and on the
first call of one request something goes wrong. Time passes only between calls, so every run is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from time import sleep
from typing import Any

from chalicelib.adapters.jinja_words import JinjaWords
from chalicelib.adapters.jira_cloud import JiraCloud
from chalicelib.adapters.jsm_operations import JsmOperations
from chalicelib.adapters.logging_json import JsonLog
from chalicelib.adapters.opsgenie import Opsgenie
from chalicelib.adapters.pagerduty import PagerDuty
from chalicelib.artifacts.every import Company, every_artifact
from chalicelib.artifacts.page import PageTexts, read_page_texts
from chalicelib.domain.incident import IssueId
from chalicelib.domain.paging import PageState
from chalicelib.domain.policy import Mode
from chalicelib.errors import TemporaryError
from chalicelib.intake.gate import SECRET_HEADER, Gate
from chalicelib.intake.reply import Reply
from chalicelib.intake.slack_desk import SlackDesk, read_command_texts
from chalicelib.ports.pager import Pager
from chalicelib.ports.queue import Cause, Message
from chalicelib.ports.secrets import Secrets
from chalicelib.reception import Reception
from chalicelib.reconcile.firebell import Firebell
from chalicelib.reconcile.sweep import sweep
from chalicelib.reconcile.world import Rules, World
from sandbox.company import BOT, EMMA, MIA
from sandbox.emulator import Emulator, serve
from sandbox.jira.http import JiraEmulator
from sandbox.jira.model import JiraIssue, JiraModel
from sandbox.jira.schema import example_schema
from sandbox.pagers.desk import ACKED, Desk
from sandbox.pagers.jsm_operations import JsmEmulator
from sandbox.pagers.opsgenie import OpsgenieEmulator
from sandbox.pagers.pagerduty import PagerDutyEmulator
from simulation import faults
from simulation.company import COMPANIES, USERS, SimulatedCompany
from simulation.faults import Fault
from simulation.operations import BY_NAME
from simulation.over_http import IMPATIENT_S, PATIENT_S, REQUESTS, SYSTEMS, http_fault, wait_while
from simulation.twins import CountedTokens, HandClock, MemoryLedger, MemoryQueue

START = datetime.fromisoformat("2026-11-23T03:00:30+00:00")
LONGEST = timedelta(hours=3)

_KEY, _MAIL, _HOOK = "secret-key-0123456789", "firebell@example.com", "the-signing-secret"
_TEMPLATES = Path(__file__).parents[1] / "templates"


@dataclass(frozen=True, slots=True)
class Plot:
    """pager: who rings. service: "Confluence" has nobody on call. taken: how somebody takes it, "pager" or "jira".

    hooks: False where the pagers tell us nothing, so that what became of a request has to be asked.
    """

    name: str
    pager: str
    second: str | None
    service: str
    taken: str
    hooks: bool = True


PLOTS = (
    Plot("acknowledged at the pager", "opsgenie", "pagerduty", "Bitbucket", "pager"),
    Plot("taken in Jira", "opsgenie", "pagerduty", "Bitbucket", "jira", hooks=False),
    Plot("nobody on call", "opsgenie", "pagerduty", "Confluence", "pager"),
    Plot("acknowledged in JSM", "jsm", "pagerduty", "Bitbucket", "pager"),
    Plot("taken in Jira, rung by JSM", "jsm", "pagerduty", "Bitbucket", "jira", hooks=False),
    Plot("acknowledged in PagerDuty", "pagerduty", None, "Bitbucket", "pager"),
    Plot("taken in Jira, rung by PagerDuty", "pagerduty", None, "Bitbucket", "jira", hooks=False),
)


@dataclass(frozen=True, slots=True)
class Struck:
    """The first call of an operation in a plot, and what strikes it."""

    plot: Plot
    system: str
    method: str
    fault: Fault

    @property
    def id(self) -> str:
        return f"{self.plot.name}, {self.system}.{self.method}: {self.fault.name}"


class Houses:
    """Four servers that outlive a life: starting and stopping them for each would take longer than the life."""

    def __init__(self) -> None:
        self._inside: dict[str, Emulator] = {}
        self.urls: dict[str, str] = {}

    @contextmanager
    def open(self) -> Iterator[Houses]:
        with serve(*(self._door(system) for system in SYSTEMS)) as urls:
            self.urls = dict(zip(SYSTEMS, urls, strict=True))
            yield self

    def move_in(self, emulators: Mapping[str, Emulator]) -> None:
        self._inside = dict(emulators)

    def _door(self, system: str) -> Callable[..., Any]:
        def answer(environ: Any, start_response: Any) -> Any:
            return self._inside[system].app(environ, start_response)  # whoever lives there now

        return answer


class OneAfterAnother:
    def run(self, tasks: Sequence[Callable[[], None]]) -> None:
        for task in tasks:
            task()


class HttpLife:
    """`play` it; then `wrong` holds what was not as promised, and `rings` whom it rang: alias -> how often."""

    def __init__(self, plot: Plot, houses: Houses) -> None:
        self.plot, self.wrong, self.log = plot, list[str](), list[str]()
        self.clock = HandClock(START)
        self.ledger, self.queue = MemoryLedger(), MemoryQueue(START)
        self.model = JiraModel(self.clock)
        for user in USERS:
            self.model.add_user(user)
        self._company = company = _company(plot)
        self.desks: dict[str, Desk] = {}
        self.emulators: dict[str, Emulator] = {"jira": self._jira()}
        self._ports: dict[str, tuple[Any, Any]] = {"jira": _both(partial(self._jira_port, houses.urls["jira"]))}
        for number, name in enumerate(filter(None, (plot.pager, plot.second)), 1):
            self.desks[name] = Desk(self.clock)
            self.desks[name].number_from(number * 10_000)
            for roster in company.rosters_at(name):
                self.desks[name].add_roster(roster)
            keys = {roster.name: f"key-{roster.id}" for roster in company.table.rosters.values() if roster.pager == name}
            self.emulators[name], make = _pager(name, self.desks[name], self.clock, houses.urls[name], keys)
            self._ports[name] = _both(make)
        houses.move_in(self.emulators)
        listening: Any = {name: _Listening(name, self._called) for name in self._ports}
        tickets = listening.pop("jira")
        self._world = World(
            ledger=self.ledger, queue=self.queue, tickets=lambda: tickets,
            pagers=listening, clock=self.clock,
            tokens=CountedTokens(), together=OneAfterAnother(), log=JsonLog(self.log.append, self.clock.now),
        )  # fmt: skip
        words = JinjaWords(_TEMPLATES)
        artifacts = every_artifact(Company(lambda: tickets, lambda: self._world.ledger, words, company.policy, company.people))
        rules = Rules(Mode.FULL, company.policy, company.table, _texts(), lambda: artifacts)
        self.firebell = Firebell(self._world, rules)
        secrets = Secrets(jira_webhook=(_HOOK,), opsgenie_webhook=(_HOOK,), jsm_webhook=(_HOOK,), pagerduty_webhook=(_HOOK,))
        gate = Gate(_Store(secrets))
        desk = SlackDesk(
            self._world.ledger, self.queue, self._world.log, rules.note_mark, lambda: read_command_texts(_TEMPLATES / "command")
        )
        self.reception = Reception(
            lambda: gate,
            example_schema,
            lambda: self.firebell,
            lambda: self.queue,
            self._world.log,
            self._world.clock,
            lambda: desk,
            lambda: self._world.ledger,
        )
        self.issue: JiraIssue | None = None
        self.path: set[tuple[str, str]] = set()
        self._planned: tuple[str, str, Fault] | None = None
        self._waits_long = False

    def _jira(self) -> JiraEmulator:
        return JiraEmulator(self.model, self.clock, bot=BOT, mail=_MAIL, token=_KEY, hook_url="jira", hook_secret=_HOOK)

    def _jira_port(self, url: str, timeouts_s: tuple[float, float]) -> JiraCloud:
        return JiraCloud(url, _MAIL, _KEY, example_schema(), timeouts_s=timeouts_s, clock=self.clock)

    # --- what happens --------------------------------------------------------------------------------------------------

    def strike(self, system: str, method: str, fault: Fault) -> None:
        """The first call of that operation that makes the request which the operation is about."""
        self._planned = (system, method, fault)
        self._waits_long = system == "jira" and fault is faults.RATE_LIMITED_3600

    def _called(self, system: str, method: str, call: Callable[[Any], Any]) -> Any:
        """Every call of a port. One that does not make the struck request leaves the strike to the next."""
        self.path.add((system, method))
        patient, impatient = self._ports[system]
        if self._planned is None or self._planned[:2] != (system, method):
            return call(patient)
        fault, planned = self._planned[2], self.emulators[system].faults
        if fault is faults.PART:
            self.desks[system].lose, self._planned = 1, None
            return call(patient)
        request = next((r for r in REQUESTS[system][method] if r.writes), REQUESTS[system][method][0])
        planned.switch_on(request.name, http_fault(fault, request))
        try:
            answer = call(impatient if fault.takes == "timeout" else patient)
            return iter(list(answer)) if method == "recently_updated" else answer
        except TemporaryError:
            # On a busy machine whoever asked may lose patience before anybody has begun to answer.
            wait_while(lambda: bool(planned.planned()))
            raise
        finally:
            if not planned.planned():
                self._planned = None
            planned.clear()

    def play(self) -> None:
        self.issue = issue = self.model.create_incident(EMMA, "Checkout is down", service=self.plot.service)
        self._pass_s(150)
        for desk in self.desks.values():
            if self.plot.taken == "pager" and desk.open_alerts():
                alert = desk.open_alerts()[-1]
                desk.acknowledge(alert.id, self._company.called(alert.roster.on_call))
        if self.plot.taken == "jira":
            self.model.transition(issue, "Fixing", MIA)
        self._pass_s(900)
        self.model.transition(issue, "Resolved", MIA)
        end = self.clock.at + LONGEST
        self._pass_s(180)
        while self.clock.at < end and not self._is_settled():
            self._pass_s(60)
        self._check_the_end()

    @property
    def rings(self) -> dict[str, int]:
        """Target -> how often somebody was rung for it."""
        aliases = [ring.alias for desk in self.desks.values() for ring in desk.rings]
        return {alias.partition(":")[2].partition(":")[2] or "im": aliases.count(alias) for alias in aliases}

    def _pass_s(self, s: float) -> None:
        """Everything that is due until then, in its order: the pagers' work and webhooks, the queue, the sweep."""
        end = self.clock.at + timedelta(seconds=s)
        self._work()
        while self.clock.at < end:
            minute = self.clock.at.replace(second=0, microsecond=0) + timedelta(minutes=1)
            moments = [self.queue.next_due(), *(desk.next_due() for desk in self.desks.values()), minute, end]
            later = [moment for moment in moments if moment is not None and moment > self.clock.at]
            self.clock.at = self.queue.now = min(later)
            if self.clock.at == minute:
                sweep(self._world)
            self._work()

    def _work(self) -> None:
        for _ in range(50):
            self._wait_for_late_effects()
            self.emulators["jira"].pump(self._deliver_jira)  # type: ignore[attr-defined]
            for name, desk in self.desks.items():
                deliver = getattr(self, f"_deliver_{name}") if self.plot.hooks else _lose
                self.emulators[name].pump(deliver)  # type: ignore[attr-defined]
                for alias in {alert.alias for alert in desk.open_alerts()}:
                    if len(desk.open_alerts(alias)) > 1:
                        self.wrong.append(f"two open alerts under {alias}")
            message = self.queue.receive()
            if message is None:
                return
            self.firebell.look_after(message)
        self.wrong.append("the queue never gets empty")

    def _wait_for_late_effects(self) -> None:
        while any(emulator.is_busy for emulator in self.emulators.values()):
            sleep(0.005)

    def _deliver_jira(self, _: str, headers: Mapping[str, str], body: bytes) -> int:
        return self._answered(self.reception.jira(body, _lower(headers)))

    def _deliver_opsgenie(self, _: str, headers: Mapping[str, str], body: bytes) -> int:
        return self._answered(self.reception.opsgenie(body, _lower(headers)))

    def _deliver_jsm(self, _: str, headers: Mapping[str, str], body: bytes) -> int:
        return self._answered(self.reception.jsm(body, _lower(headers)))

    def _deliver_pagerduty(self, _: str, headers: Mapping[str, str], body: bytes) -> int:
        return self._answered(self.reception.pagerduty(body, _lower(headers)))

    def _answered(self, reply: Reply) -> int:
        if not 200 <= reply.status < 300:
            self.wrong.append(f"a webhook got {reply.status}: {reply.detail}")
        return reply.status

    # --- what must be true ---------------------------------------------------------------------------------------------

    def _is_settled(self) -> bool:
        assert self.issue is not None
        book = self.ledger.read(IssueId(self.issue.id))
        return all(page.state is PageState.ENDED for page in book.pages) and not any(self._open_alerts())

    def _open_alerts(self) -> Iterator[str]:
        return (f"{alert.id} under {alert.alias}" for desk in self.desks.values() for alert in desk.open_alerts())

    def _check_the_end(self) -> None:
        assert self.issue is not None
        issue_id = IssueId(self.issue.id)
        self.wrong += [f"still open: {alert}" for alert in self._open_alerts()]
        book = self.ledger.read(issue_id)
        self.wrong += [f"{page.sk} is {page.state}" for page in book.pages if page.state is not PageState.ENDED]
        known = sorted((page.pager, id_) for page in book.pages for id_ in page.alert_ids)
        made = sorted((name, alert.id) for name, desk in self.desks.items() for alert in desk.alerts)
        if known != made:
            self.wrong.append(f"the ledger knows {known}, the pagers {made}")
        self.wrong += self._not_taken()
        if len([comment for comment in self.issue.comments if comment.properties]) > 1:
            self.wrong.append("more than one comment of ours")
        before = self._writes()
        self.firebell.look_after(Message(issue_id, Cause.SWEEP))
        if self._writes() != before:
            self.wrong.append(f"settled, and still writes: {before} -> {self._writes()}")
        for emulator in self.emulators.values():
            self.wrong += emulator.violations
        if self._planned is not None:
            self.wrong.append(f"nothing was struck: {self._planned}")

    def _not_taken(self) -> Iterator[str]:
        """Whoever acknowledged has it; whoever took it in Jira is left alone."""
        assert self.issue is not None
        alerts = [alert for desk in self.desks.values() for alert in desk.alerts]
        acked = {self._company.account_of(turn.by or "") for alert in alerts for turn in alert.turns if turn.status == ACKED}
        who = acked - {None, BOT.account_id}
        ours = {
            item["fieldId"]: item["to"] for entry in self.issue.histories for item in entry["items"]
            if entry["author"]["accountId"] == BOT.account_id
        }  # fmt: skip
        expected = {"assignee", "status"} if self.plot.taken == "pager" and who else set()
        if self._waits_long:  # Jira has asked for an hour, and the incident is over before
            expected &= set(ours)
        if set(ours) != expected or ("assignee" in ours and ours["assignee"] not in who):
            yield f"{who} acknowledged, and we changed {ours}"

    def _writes(self) -> tuple[int, ...]:
        pagers = [len(desk.requests) + sum(len(alert.turns) for alert in desk.alerts) for desk in self.desks.values()]
        return (self.ledger.writes, len(self.queue), *pagers, len(self.model.webhooks))


@dataclass(frozen=True, slots=True)
class Told:
    """How a life went: whom it rang, and what was wrong."""

    rings: Mapping[str, int]
    wrong: Sequence[str]


def paths() -> dict[Plot, set[tuple[str, str]]]:
    """The operations that each plot calls when nothing goes wrong."""
    with Houses().open() as houses:
        found = {}
        for plot in PLOTS:
            life = HttpLife(plot, houses)
            life.play()
            assert not life.wrong, (plot, life.wrong)
            found[plot] = life.path
        return found


ONE_OF_A_KIND = (
    faults.TIMEOUT_LATE, faults.RESET_AFTER, faults.RATE_LIMITED_3600, faults.UNAUTHORIZED, faults.NOT_FOUND,
    faults.ERROR_INSIDE, faults.PART,
)  # fmt: skip
"""For who has no three minutes: one fault of each kind."""


def strikes(chosen: Sequence[Fault] = faults.HTTP_FAULTS, *, once: bool = False) -> list[Struck]:
    """Every plot x operation on its path x fault of the table. A part of a search needs more incidents than a life has.

    once: each operation only in the first plot that calls it.
    """
    struck: list[Struck] = []
    seen: set[tuple[str, str]] = set()
    for plot, path in paths().items():
        for system, method in sorted(path - seen if once else path):
            known = BY_NAME[f"{'opsgenie' if system == 'jsm' else system}.{method}"].faults
            applicable = (f for f in known if f in chosen and not f.is_death and (f is not faults.PART or system != "jira"))
            struck += [Struck(plot, system, method, fault) for fault in applicable]
        seen |= path
    return struck


def should_ring(struck: Struck) -> dict[str, int]:
    """Target -> how often: whoever is on call first, and whom a page that did not get through brings in besides or instead."""
    plot, fault = struck.plot, struck.fault
    first = "im" if plot.service == "Bitbucket" else "imoc1"
    if (struck.system, struck.method, fault) == ("pagerduty", "close", faults.RATE_LIMITED_3600):
        return {first: 2}  # it lets nobody close the alert for an hour, and acknowledgements run out in half of that
    second = ("im.second",) if plot.second else ()
    if struck.method != "open_page":
        targets: tuple[str, ...] = (first,)
    elif fault is faults.RATE_LIMITED_3600:
        targets = second  # the first pager has asked for an hour, and the incident is over before
    elif fault.out_of_service:
        targets = (first, *second)
    elif fault in (faults.NOT_FOUND, faults.CONFLICT):
        targets = ("imoc1",)
    elif fault is faults.PART:
        targets = (first, "imoc1")
    else:
        targets = (first,)
    return dict.fromkeys(targets, 1)


def live(struck: Struck, houses: Houses) -> Told:
    life = HttpLife(struck.plot, houses)
    life.strike(struck.system, struck.method, struck.fault)
    life.play()
    return Told(life.rings, life.wrong)


def table(chosen: Sequence[Struck], workers: int = 4) -> dict[Struck, Told]:
    """All these lives, some at a time."""
    shares = [chosen[number::workers] for number in range(workers)]

    def one_after_another(share: Sequence[Struck]) -> list[tuple[Struck, Told]]:
        with Houses().open() as houses:
            return [(struck, live(struck, houses)) for struck in share]

    with ThreadPoolExecutor(workers) as pool:
        told = {struck: told for lives in pool.map(one_after_another, shares) for struck, told in lives}
    return {struck: told[struck] for struck in chosen}


class _Listening:
    """A port that leaves each call to whoever listens, as what to do with the port that is to make it."""

    def __init__(self, system: str, called: Callable[[str, str, Callable[[Any], Any]], Any]) -> None:
        self._system, self._called = system, called

    def __getattr__(self, method: str) -> Any:
        return lambda *given, **named: self._called(self._system, method, lambda port: getattr(port, method)(*given, **named))


@dataclass(frozen=True, slots=True)
class _Store:
    secrets: Secrets

    def get(self) -> Secrets:
        return self.secrets

    def refresh(self) -> bool:
        return False


def _company(plot: Plot) -> SimulatedCompany:
    company = COMPANIES["two pagers" if plot.second else "pagerduty"]
    if plot.pager != "jsm":
        return company
    rosters = {
        name: replace(roster, pager="jsm") if roster.pager == "opsgenie" else roster
        for name, roster in company.table.rosters.items()
    }
    table = replace(company.table, rosters=rosters)
    return replace(company, table=table, people=COMPANIES["one pager"].people, names=COMPANIES["one pager"].names)


def _both(make: Callable[..., Any]) -> tuple[Any, Any]:
    """A port that waits, and one that soon loses patience: for what a time-out strikes, or a busy machine would strike too."""
    return make(timeouts_s=PATIENT_S), make(timeouts_s=IMPATIENT_S)


def _pager(name: str, desk: Desk, clock: HandClock, url: str, keys: Mapping[str, str]) -> tuple[Emulator, Callable[..., Pager]]:
    """The emulator, and how a port to it is made: with time-outs."""
    hooks = {SECRET_HEADER: _HOOK}
    match name:
        case "opsgenie":
            emulator: Emulator = OpsgenieEmulator(desk, clock, key=_KEY, hook_url=name, hook_headers=hooks)
            return emulator, partial(Opsgenie, url, _KEY)
        case "jsm":
            emulator = JsmEmulator(
                desk, clock, key=_KEY, cloud_id="cloud-1", mail=_MAIL, token=_KEY, hook_url=name, hook_headers=hooks
            )
            return emulator, partial(
                JsmOperations, integration_url=f"{url}/jsm/ops/integration", integration_key=_KEY, rest_url=f"{url}/jsm/ops",
                cloud_id="cloud-1", mail=_MAIL, token=_KEY,
            )  # fmt: skip
    routing = {key: key.removeprefix("key-") for key in keys.values()}
    emulator = PagerDutyEmulator(
        desk, clock, token=_KEY, routing_keys=routing, users=frozenset({_MAIL}), hook_url=name, hook_secret=_HOOK
    )
    return emulator, partial(PagerDuty, url, url, _KEY, keys, _MAIL)


def _lose(_: str, headers: Mapping[str, str], body: bytes) -> int:
    return 200


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _texts() -> PageTexts:
    return read_page_texts(_TEMPLATES / "page")
