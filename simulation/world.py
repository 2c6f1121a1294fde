"""One life: the real code among simulated ports, on one clock, and all that AWS, Jira, the pagers and people do around it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from itertools import product
from pathlib import Path
from random import Random

from chalicelib.adapters.jinja_words import JinjaWords
from chalicelib.adapters.logging_json import JsonLog
from chalicelib.artifacts.page import PageTexts, read_page_texts
from chalicelib.domain.alias import CHAIN, FIRST, alias_of
from chalicelib.domain.incident import IssueId
from chalicelib.domain.policy import Mode
from chalicelib.intake.gate import SECRET_HEADER, Gate
from chalicelib.intake.reply import Reply
from chalicelib.intake.slack_desk import SlackDesk, read_command_texts
from chalicelib.ports.pager import Pager
from chalicelib.ports.queue import Cause, Message
from chalicelib.ports.secrets import Secrets
from chalicelib.ports.tickets import Tickets
from chalicelib.reception import Reception
from chalicelib.reconcile.firebell import Firebell
from chalicelib.reconcile.sweep import sweep
from chalicelib.reconcile.world import Rules, World
from sandbox.company import BOT, EMMA, PRODUCTS
from sandbox.jira.http import webhook_body, webhook_headers
from sandbox.jira.model import JiraIssue, JiraModel, Webhook
from sandbox.jira.schema import PRODUCTS as PRODUCTS_FIELD
from sandbox.jira.schema import example_schema
from sandbox.pagers import opsgenie_family, pagerduty
from sandbox.pagers.desk import ACKED, CLOSED, OPEN, Desk, Happening, NewAlert, Turn
from simulation.artifacts import artifacts_of
from simulation.company import COMPANIES, DEFAULT_ASSIGNEE, SITE_TAG, USERS
from simulation.invariants import Invariants
from simulation.invariants_metrics import CountInvariants
from simulation.invariants_telling import TellingInvariants
from simulation.loop import Invocation, Killed, Loop
from simulation.meeting import Meeting
from simulation.metrics_bureau import Bureau
from simulation.metrics_ports import COUNTED, CountedTickets
from simulation.newsroom import POLICY, Newsroom, set_up
from simulation.people import PAGER_ACTS, RUN_OUT, act_at_pager, act_in_jira, let_run_out
from simulation.people_metrics import COUNT_ACTS, act_in_bureau
from simulation.people_places import AT_PLACES, act_in_places
from simulation.people_telling import TELL_ACTS, act_in_newsroom
from simulation.places import PlacedTickets
from simulation.ports import DeskPager, ModelTickets, WiredLedger, WiredQueue, WiredSecrets
from simulation.script import Act, HookFate, Raise, Script
from simulation.telling_ports import CommentsOnWire, CommentsOnWireAtPlaces
from simulation.twins import CountedTokens, MemoryLedger
from simulation.watch import Watch
from simulation.wire import FaultPlan, Wire

INTAKE_MS, WORKER_MS, SWEEP_MS = 10_000, 30_000, 60_000
VISIBILITY_MS = 180_000
RECEIVES = 5
"""As .chalice sets them."""
LONG_AGO = timedelta(days=300)
LEFT_FROM_BEFORE = {"closed": (CLOSED, SITE_TAG), "left": (ACKED, SITE_TAG), "acked": (ACKED, ""), "open": (OPEN, "")}
_TOLD_BY_JIRA = (Cause.CHANGED, Cause.DELETED)
_OUR_OWN = (Cause.SWEEP, Cause.WAKE, Cause.LOOK)
"""What became of an alert, and the tag in its alias."""

_TEMPLATES = Path(__file__).parents[1] / "templates"
_SECRETS = Secrets(
    jira_webhook=("the-old-secret", "the-jira-signing-secret"),
    opsgenie_webhook=("the-opsgenie-header-secret",),
    pagerduty_webhook=("the-pagerduty-signing-secret",),
)


@dataclass(slots=True)
class SkewedClock:
    """The true time, as somebody's wrong clock shows it."""

    loop: Loop
    skew: timedelta

    def now(self) -> datetime:
        return self.loop.now() + self.skew


@dataclass(slots=True)
class FunctionClock:
    """The clock of whichever function runs now."""

    loop: Loop

    def now(self) -> datetime:
        running = self.loop.running
        return self.loop.now() + running.skew if running is not None else self.loop.now()


@dataclass(slots=True)
class LoopTogether:
    loop: Loop

    def run(self, tasks: Sequence[Callable[[], None]]) -> None:
        if len(tasks) == 1 or self.loop.running is None:
            for task in tasks:
                task()
        elif tasks:
            self.loop.together(tasks)


@dataclass(slots=True)
class Letter:
    """A message on the queue. receives: how often it has been handed out. crowded_out: when it came, every worker was busy with
    other incidents."""

    message: Message
    receives: int = 0
    crowded_out: bool = False


@dataclass(slots=True)
class Life:
    """tell: told (who, what) of everything, for the story; None in a campaign, where only the verdict counts. at_work: whose
    messages the workers that are busy have in hand."""

    script: Script
    tell: Callable[[int, str, str], None] | None = None
    loop: Loop = field(init=False)
    watch: Watch = field(init=False)
    invariants: Invariants = field(init=False)
    wire: Wire = field(init=False)
    model: JiraModel = field(init=False)
    desks: dict[str, Desk] = field(init=False)
    ledger: MemoryLedger = field(init=False)
    firebell: Firebell = field(init=False)
    reception: Reception = field(init=False)
    issues: list[JiraIssue] = field(default_factory=list)
    dead_letters: list[Message] = field(default_factory=list)
    lost: list[Message] = field(default_factory=list)
    """Dead letters that need not have been: one that is handed out for the last time is put off, unless the function dies."""
    waiting: list[Letter] = field(default_factory=list)
    at_work: list[str] = field(default_factory=list)
    letters: int = 0
    _hooks: dict[str, int] = field(default_factory=dict)
    _fates: dict[tuple[str, int], HookFate] = field(default_factory=dict)
    _deliveries: int = 0
    _rings: int = 0
    _desk_stirs: set[int] = field(default_factory=set)
    _resting_until_ms: int = 0
    _world: World = field(init=False)
    meeting: Meeting | None = None
    newsroom: Newsroom | None = None
    promised: TellingInvariants | None = None
    bureau: Bureau | None = None
    counting: CountInvariants | None = None

    def __post_init__(self) -> None:
        script = self.script
        ties = Random(script.schedule * 2 + 1) if script.schedule else None
        self.loop = Loop(datetime.fromisoformat(script.begins), ties)
        plan = FaultPlan.of(script)
        self.wire = Wire(self.loop, plan, Random(script.schedule) if script.schedule else None, self._tell_fault())
        company = COMPANIES[script.company]
        self.model = _jira(SkewedClock(self.loop, timedelta(seconds=script.jira_skew_s)), script)
        self.desks = {name: self._desk(name) for name in ("opsgenie", "pagerduty")}
        self.ledger = MemoryLedger()
        self.invariants = Invariants(self.loop, script, company, self.wire.struck, self.ledger, self.desks, self.dead_letters)
        self.watch = Watch(self.loop, self.desks, self.invariants, self.wire.struck)
        self.watch.stir_jira, self.watch.stir_desk = self._jira_stirred, self._desk_stirred
        self._fates = {(fate.sender, fate.nth): fate for fate in script.fates}
        if script.places:
            self.meeting = Meeting(self.loop, self.wire, self.invariants, self.watch, timedelta(seconds=script.search_lag_s))
        if script.telling:
            self.promised = TellingInvariants(self.invariants, self.watch, POLICY)
            self.newsroom = set_up(self.loop, self.wire, self.promised, lambda: list(self.watch.facts))
            self.promised.newsroom = self.newsroom
            self._bear_given_up(self.promised.is_given_up)
            if self.meeting is not None:
                self.meeting.checks.said_too = self.promised.said_in_room
        if script.counted:
            self.counting = CountInvariants(self.invariants, self.watch)
            self._bear_given_up(self.counting.is_given_up)
            self.bureau = self.counting.bureau = Bureau(self.wire, self.counting, int(script.rollup_offset_s * 1000))
        self._build()
        self._begin()

    def _bear_given_up(self, too: Callable[[str, str], bool]) -> None:
        others = self.invariants.is_given_up
        self.invariants.is_given_up = lambda issue_id, name: others(issue_id, name) or too(issue_id, name)

    # --- building ----------------------------------------------------------------------------------------------

    def _desk(self, name: str) -> Desk:
        script = self.script
        desk = Desk(
            SkewedClock(self.loop, timedelta(seconds=script.pager_skew_s)),
            takes=timedelta(seconds=script.takes_s),
            lag=timedelta(seconds=script.list_lag_s),
        )
        for roster in COMPANIES[script.company].rosters_at(name):
            desk.add_roster(roster)
        desk.number_from(1 if name == "opsgenie" else 50_001)
        return desk

    def _build(self) -> None:
        wire, watch, loop = self.wire, self.watch, self.loop
        secrets = WiredSecrets(_SECRETS, wire, loop)
        tickets = self._tickets()
        pagers: dict[str, Pager] = {
            "opsgenie": DeskPager("opsgenie", self.desks["opsgenie"], wire, watch),
            "pagerduty": DeskPager("pagerduty", self.desks["pagerduty"], wire, watch, synchronous=True),
        }
        queue = WiredQueue(wire, self.push, lambda body, reason: None)

        def with_secrets() -> Tickets:
            secrets.get()
            return tickets

        self._world = World(
            ledger=WiredLedger(self.ledger, wire, watch, loop, timedelta(seconds=self.script.index_lag_s)),
            queue=queue,
            tickets=with_secrets,
            pagers=pagers,
            clock=FunctionClock(loop),
            tokens=CountedTokens(),
            together=LoopTogether(loop),
            log=JsonLog(self._log_line, loop.now),
        )
        company, places = COMPANIES[self.script.company], self.meeting.places if self.meeting is not None else None
        if self.bureau is not None:
            self.bureau.open(self._invoke, self._world.log)
        artifacts = artifacts_of(company, places, self.newsroom, self.bureau, with_secrets, self._world, _words())
        rules = Rules(Mode.FULL, company.policy, company.table, _texts(), lambda: artifacts)
        self.firebell = Firebell(self._world, rules)
        desk = SlackDesk(
            self._world.ledger, queue, self._world.log, rules.note_mark, lambda: read_command_texts(_TEMPLATES / "command")
        )
        self.reception = Reception(
            lambda: Gate(secrets),
            _schema,
            lambda: self.firebell,
            lambda: queue,
            self._world.log,
            self._world.clock,
            lambda: desk,
            lambda: self._world.ledger,
        )

    def _tickets(self) -> ModelTickets:
        known = (self.model, _schema(), BOT, self.wire, self.watch)
        of_places = (*known, self.meeting.sees) if self.meeting is not None else known
        kind: type[ModelTickets] = ModelTickets if self.meeting is None else PlacedTickets
        if self.newsroom is not None:
            kind = CommentsOnWire if self.meeting is None else CommentsOnWireAtPlaces
        tickets = (COUNTED[kind] if self.bureau is not None else kind)(*of_places)
        if self.newsroom is not None and isinstance(tickets, CommentsOnWire):
            tickets.follow(self.newsroom.sees)
        if self.bureau is not None and isinstance(tickets, CountedTickets):
            tickets.count_for(self.bureau.sees)
        return tickets

    def _begin(self) -> None:
        script, loop = self.script, self.loop
        for number, raised in enumerate(script.raises):
            self.issues.append(None)  # type: ignore[arg-type]
            loop.at(int(raised.at_s * 1000), partial(self._raise, number, raised))
        for act in script.acts:
            loop.at(int(act.at_s * 1000), partial(self._act, act))
        if any(act.what == "hide" for act in script.acts):
            loop.at(script.disturbed_until_ms + 1000, self._show_everything)
        loop.at(int(script.sweep_offset_s * 1000), self._sweep)

    # --- people ------------------------------------------------------------------------------------------------

    def _raise(self, number: int, raised: Raise) -> None:
        assignee = {"": None, "default": DEFAULT_ASSIGNEE, "emma": EMMA}[raised.assignee]
        issue = self.model.create_incident(
            EMMA, f"Checkout is down {number}", severity=raised.severity, service=raised.service, assignee=assignee
        )
        if self.newsroom is not None:
            issue.fields[PRODUCTS_FIELD] = [{"value": name} for name in PRODUCTS[:1]]
        self.issues[number] = issue
        self.wire.plan.numbers[number] = issue.id
        self._say("people", f"raise {issue.key}: severity {raised.severity}, service {raised.service}")
        if self.script.long_ago:
            self._leave_from_before(issue)
        self._issue_changed(issue)
        self._jira_stirred()

    def _leave_from_before(self, issue: JiraIssue) -> None:
        """At two places of the chain; at PagerDuty in each integration, for they know nothing of each other."""
        status, tag = LEFT_FROM_BEFORE[self.script.long_ago]
        for name, desk in self.desks.items():
            made_at = desk.clock.now() - LONG_AGO
            turns = [Turn(made_at, OPEN), Turn(made_at + timedelta(minutes=2), status, "somebody else")]
            rosters = list(desk.rosters) if name == "pagerduty" else list(desk.rosters)[:1]
            for roster_id, target in product(rosters, (FIRST, f"{CHAIN}1")):
                scope = roster_id if name == "pagerduty" else ""
                new = NewAlert(alias_of(IssueId(issue.id), target, tag), roster_id, "Another incident", scope=scope)
                desk.hold_from_before(new, *turns)

    def _issue_changed(self, issue: JiraIssue) -> None:
        self.watch.issue_changed(issue)
        if self.meeting is not None:
            self.meeting.checks.note(issue)
        if self.promised is not None:
            self.promised.note(issue)
        if self.counting is not None:
            self.counting.note(issue)

    def _act(self, act: Act) -> None:
        issue = self.issues[act.incident] if act.incident < len(self.issues) else None
        if issue is None:
            return
        self._say("people", f"{act.what}: {issue.key}")
        if act.what in PAGER_ACTS:
            act_at_pager(act.what, self.desks, issue, COMPANIES[self.script.company].called)
            self._desk_stirred()
        elif act.what == RUN_OUT:
            let_run_out(self.desks["pagerduty"], issue)
            self._desk_stirred()
        elif act.what in AT_PLACES:
            self._act_in_places(act.what, issue)
        elif act.what in TELL_ACTS:
            self._act_in_newsroom(act.what, issue)
        elif act.what in COUNT_ACTS:
            self._act_in_bureau(act.what, issue)
        else:
            act_in_jira(act.what, self.model, issue)
            self._issue_changed(issue)
            self._jira_stirred()

    def _act_in_places(self, what: str, issue: JiraIssue) -> None:
        if self.meeting is None:
            return
        updated = issue.updated
        act_in_places(what, self.meeting.places, self.model, issue)
        if issue.updated != updated:
            self._issue_changed(issue)
            self._jira_stirred()

    def _act_in_newsroom(self, what: str, issue: JiraIssue) -> None:
        if self.newsroom is not None:
            act_in_newsroom(what, self.newsroom, self.model, issue)
            self._issue_changed(issue)
            self._jira_stirred()

    def _act_in_bureau(self, what: str, issue: JiraIssue) -> None:
        if self.bureau is not None:
            act_in_bureau(what, self.bureau, self.model, issue)
            self._issue_changed(issue)
            self._jira_stirred()

    def _show_everything(self) -> None:
        """The permission comes back: nobody can promise anything about an issue that stays hidden."""
        for issue in self.issues:
            issue.hidden = False
            self.watch.issue_changed(issue)

    def _react(self, desk: Desk, alert_id: str, issue: JiraIssue | None, reaction: str) -> None:
        alert = desk.alert(alert_id)
        company = COMPANIES[self.script.company]
        by = company.called(alert.roster.on_call) if alert is not None else "somebody"
        if alert is None or issue is None or reaction == "ignore":
            return
        self._say("people", f"{by}: {reaction} {alert.alias}")
        match reaction:
            case "ack":
                desk.acknowledge(alert_id, by)
            case "close":
                desk.close(alert_id, by)
            case "fix" | "take":
                act_in_jira(reaction, self.model, issue)
                self._issue_changed(issue)
                self._jira_stirred()
        self._desk_stirred()

    # --- webhooks out of Jira and the pagers -------------------------------------------------------------------

    def _jira_stirred(self) -> None:
        for hook in self.model.webhooks:
            fate = self._fate("jira")
            if fate is not None and fate.fate == "lost":
                self._say("jira", f"a webhook is lost: {hook.body['webhookEvent']}")
                continue
            if fate is not None and fate.fate == "unreadable":
                self.loop.after(self._travel_ms(), partial(self._cut_short, hook))
                continue
            by_ms = int(fate.by_s * 1000) if fate is not None else 0
            self.wire.over_ms = max(self.wire.over_ms, self.loop.now_ms + by_ms)
            self._deliver_jira(hook, self._travel_ms() + (by_ms if fate is not None and fate.fate == "late" else 0))
            if fate is not None and fate.fate in ("doubled", "replayed"):
                self._deliver_jira(hook, self._travel_ms() + by_ms)
            if fate is not None and fate.fate == "forged":
                self.loop.after(self._travel_ms(), partial(self._forge, hook))
        self.model.webhooks.clear()

    def _deliver_jira(self, hook: Webhook, after_ms: int) -> None:
        body = webhook_body(hook)
        self.loop.after(after_ms, partial(self._post_jira, hook, body))

    def _post_jira(self, hook: Webhook, body: bytes) -> None:
        headers = webhook_headers(hook, body, _SECRETS.jira_webhook[1])
        lowered = {name.lower(): value for name, value in headers.items()}
        issue_id, began_ms = str(hook.body["issue"]["id"]), self.loop.now_ms
        self._say(
            "jira", f"webhook {hook.body['webhookEvent']} about {hook.body['issue']['key']}" + (" again" if hook.tries else "")
        )

        def answered(reply: Reply | None) -> None:
            status = reply.status if reply is not None else 502
            self._say("intake", f"answers {status} {reply.outcome if reply else 'nothing: it died'}")
            facts = self.watch.facts[issue_id]
            self.invariants.answered(facts, reply, began_ms)
            if hook.body["webhookEvent"] == "jira:issue_deleted" and status == 202:  # 200: of a project that is none of ours
                facts.told_deleted = True
            if 200 <= status < 300:
                happened_at = datetime.fromtimestamp(hook.body["timestamp"] / 1000, UTC)
                facts.told_ms.append(self.loop.ms_of(happened_at - timedelta(seconds=self.script.jira_skew_s)))
            else:
                self.model.failed(hook, status)
                for again in self.model.webhooks:
                    self._deliver_jira(again, int((again.due - self.model.clock.now()) / timedelta(milliseconds=1)))
                self.model.webhooks.clear()

        self._take_in(partial(self.reception.jira, body, lowered), answered)

    def _cut_short(self, hook: Webhook) -> None:
        """Authentic, and nobody can read it."""
        body = webhook_body(hook)[:-1]
        headers = {name.lower(): value for name, value in webhook_headers(hook, body, _SECRETS.jira_webhook[1]).items()}
        self._say("jira", f"webhook {hook.body['webhookEvent']} that nobody can read")
        self._take_in(partial(self.reception.jira, body, headers), self.invariants.pager_answered)

    def _forge(self, hook: Webhook) -> None:
        """Somebody without the secret says that the incident is over."""
        fields = {**hook.body["issue"]["fields"], "status": {"id": "5", "name": "Resolved"}}
        body = json.dumps({**hook.body, "issue": {**hook.body["issue"], "fields": fields}}).encode()
        headers = {name.lower(): value for name, value in webhook_headers(hook, body, "a guessed secret").items()}
        self._say("stranger", "forges a webhook")
        self._take_in(partial(self.reception.jira, body, headers), self.invariants.stranger_answered)

    def _desk_stirred(self) -> None:
        """Process what is due at the pagers now, and come back for what is due later."""
        for name, desk in self.desks.items():
            if self.script.deaf[1] and name == "opsgenie":
                desk.deaf = self._is_deaf()
            for happening in desk.take_outbox():
                self._tell_happening(name, happening)
            due = desk.next_due()
            if due is not None:
                self._stir_desk_at(max(self.loop.now_ms + 1, self.loop.ms_of(due - desk.clock.now() + self.loop.now())))

    def _stir_desk_at(self, ms: int) -> None:
        """Once, whoever asks for it: each time that asks for two more would be twice as many at every request."""
        if ms in self._desk_stirs:
            return

        def stir() -> None:
            self._desk_stirs.remove(ms)
            self._desk_stirred()

        self._desk_stirs.add(ms)
        self.loop.at(ms, stir)

    def _is_deaf(self) -> bool:
        begin, last = self.script.deaf
        now_s = self.loop.now_ms / 1000
        if begin <= now_s < begin + last:
            self._stir_desk_at(int((begin + last) * 1000))
            return True
        return False

    def _tell_happening(self, pager: str, happening: Happening) -> None:
        alert = happening.alert
        if happening.action == "create":
            self.watch.alert_made(pager, alert)
            self._say(pager, f"alert {alert.id} under {alert.alias} rings {', '.join(alert.roster.on_call) or 'nobody'}")
            if alert.roster.on_call:
                reactions = self.script.reactions
                what, _, seconds = reactions[min(self._rings, len(reactions) - 1)].partition(" ")
                self._rings += 1
                issue_id = self.watch.id_of_alias(alert.alias)
                issue = self.model.issues.get(issue_id) if issue_id else None
                self.loop.after(int(float(seconds or 0) * 1000), partial(self._react, self.desks[pager], alert.id, issue, what))
        else:
            self._say(pager, f"alert {alert.id} {happening.action} by {happening.by}")
        if not self.script.pager_hooks:
            return
        fate = self._fate("pager")
        if fate is not None and fate.fate == "lost":
            return
        by_ms = int(fate.by_s * 1000) if fate is not None else 0
        self.wire.over_ms = max(self.wire.over_ms, self.loop.now_ms + by_ms)
        post = self._pager_post(pager, happening)
        self.loop.after(self._travel_ms() + (by_ms if fate is not None and fate.fate == "late" else 0), post)
        if fate is not None and fate.fate in ("doubled", "replayed"):
            self.loop.after(self._travel_ms() + by_ms, post)

    def _pager_post(self, pager: str, happening: Happening) -> Callable[[], None]:
        if pager == "opsgenie":
            body = json.dumps(opsgenie_family.hook_body(happening, "Firebell hook")).encode()
            headers = {SECRET_HEADER: _SECRETS.opsgenie_webhook[0]}
            ring = partial(self.reception.opsgenie, body, headers)
        else:
            body = json.dumps(pagerduty.hook_body(happening)).encode()
            headers = {
                name.lower(): value for name, value in pagerduty.hook_headers(body, _SECRETS.pagerduty_webhook[0]).items()
            }
            ring = partial(self.reception.pagerduty, body, headers)
        return lambda: self._take_in(ring, self.invariants.pager_answered)

    def _take_in(self, ring: Callable[[], Reply], answered: Callable[[Reply | None], None]) -> None:
        replies: list[Reply] = []

        def ended(error: BaseException | None) -> None:
            if error is not None:
                self._say("intake", f"died: {error!r}")
            answered(replies[0] if replies else None)

        self._invoke("intake", INTAKE_MS, lambda: replies.append(ring()), ended)

    def _fate(self, sender: str) -> HookFate | None:
        nth = self._hooks[sender] = self._hooks.get(sender, 0) + 1
        return self._fates.get((sender, nth))

    def _travel_ms(self) -> int:
        if self.loop.ties is None:
            return 100
        return int(50 + self.loop.ties.random() * 700)

    # --- what AWS does -----------------------------------------------------------------------------------------

    def push(self, message: Message, delay_s: int) -> None:
        is_news, is_ours = message.cause in _TOLD_BY_JIRA, message.cause in _OUR_OWN
        self.watch.queued(message.issue_id, is_news=is_news, is_ours=is_ours)
        jitter_ms = int(self.loop.ties.random() * 1500) if self.loop.ties is not None and self.loop.ties.random() < 0.2 else 20
        self.letters += 1
        self.loop.after(delay_s * 1000 + jitter_ms, partial(self._arrive, Letter(message)))

    def _arrive(self, letter: Letter) -> None:
        letter.crowded_out = len(self.at_work) >= self.script.workers and letter.message.issue_id not in self.at_work
        self.waiting.append(letter)
        self._hand_out()

    def _hand_out(self) -> None:
        while self.waiting and len(self.at_work) < self.script.workers:
            letter = self.waiting.pop(0)
            letter.receives += 1
            self._deliveries += 1
            self._work_on(letter)
            if self._deliveries in self.script.redelivered:
                self.letters += 1
                self.loop.after(700, partial(self._arrive, Letter(letter.message)))

    def _work_on(self, letter: Letter) -> None:
        message = letter.message
        self.at_work.append(message.issue_id)
        self.watch.handed_out(message.issue_id, crowded_out=letter.crowded_out)

        def ended(error: BaseException | None) -> None:
            self.at_work.remove(message.issue_id)
            if error is None:
                self.letters -= 1
            else:
                self._say("worker", f"died: {error!r}")
                if letter.receives >= RECEIVES:
                    self.letters -= 1
                    self.dead_letters.append(message)
                    if message.cause is Cause.DELETED:
                        self.watch.facts[message.issue_id].told_deleted = False
                    if not isinstance(error, Killed):
                        self.lost.append(message)
                else:
                    self.loop.after(VISIBILITY_MS, partial(self._arrive, letter))
            self.loop.after(0, self._hand_out)

        def work() -> None:
            if self.loop.running is not None and message.snapshot is not None:
                self.loop.running.notes["told"] = message.snapshot.updated_at
            self.firebell.look_after(message, letter.receives)

        self._say("worker", f"looks after {message.issue_id} ({message.cause})")
        self._invoke("worker", WORKER_MS, work, ended)

    def rest_until(self, ms: int) -> None:
        """Leave out the sweeps until then: nothing has moved for a while, and nothing can move before."""
        self._resting_until_ms = ms

    def next_event_ms(self) -> int | None:
        """When something else than a sweep is due next."""
        return self.loop.next_ms(but=self._sweep)

    def _sweep(self) -> None:
        if self.loop.now_ms < self._resting_until_ms:
            self.loop.at(self._resting_until_ms, self._sweep)
            return
        self.loop.after(60_000, self._sweep)

        def ended(error: BaseException | None) -> None:
            if error is not None:
                self._say("sweep", f"died: {error!r}")

        self._invoke("sweep", SWEEP_MS, lambda: sweep(self._world), ended)

    def _invoke(
        self, name: str, last_ms: int, work: Callable[[], object], ended: Callable[[BaseException | None], None]
    ) -> None:
        skew_s = self.script.worker_skew_s
        if skew_s and self.loop.ties is not None:
            skew_s *= self.loop.ties.random()
        invocation = Invocation(name, self.loop.now_ms + last_ms, timedelta(seconds=skew_s), {"began": self.loop.now_ms})
        self.loop.spawn(invocation, work, ended)

    # --- telling -----------------------------------------------------------------------------------------------

    def _log_line(self, line: str) -> None:
        self.invariants.logged(line)
        if self.tell is not None:
            shown = json.loads(line)
            head = shown.pop("event")
            del shown["level"], shown["at"]
            self.tell(self.loop.now_ms, "log", f"{head} " + " ".join(f"{name}={value}" for name, value in shown.items()))

    def _say(self, who: str, what: str) -> None:
        if self.tell is not None:
            self.tell(self.loop.now_ms, who, what)

    def _tell_fault(self) -> Callable[[str, str], None] | None:
        return None if self.tell is None else self._say

    def settle_once_more(self, issue_id: str) -> tuple[int, int, int, int]:
        """Reconcile from outside, undisturbed; return the writes it made: ledger, pagers, Jira; and its calls at places."""
        before = self._written()
        self.firebell.look_after(Message(IssueId(issue_id), Cause.SWEEP))
        ledger, pagers, jira, places = (new - old for new, old in zip(self._written(), before, strict=True))
        return ledger, pagers, jira, places

    def _written(self) -> tuple[int, int, int, int]:
        calls = self.meeting.sees.calls if self.meeting is not None else 0
        calls += self.newsroom.sees.calls if self.newsroom is not None else 0
        calls += self.bureau.sees.calls if self.bureau is not None else 0
        return self.ledger.writes, self.watch.pager_writes, self.watch.jira_writes, calls

    @property
    def writes(self) -> int:
        """All there were, but for what only says that a room was read back."""
        places = self.meeting.sees.writes if self.meeting is not None else 0
        places += self.newsroom.sees.writes if self.newsroom is not None else 0
        places += self.bureau.sees.writes if self.bureau is not None else 0
        return self.ledger.writes + self.watch.pager_writes + self.watch.jira_writes + places - self.watch.read_back


def _jira(clock: SkewedClock, script: Script) -> JiraModel:
    model = JiraModel(clock, lag=timedelta(seconds=script.search_lag_s))
    for user in USERS:
        model.add_user(user)
    return model


_schema = cache(example_schema)


@cache
def _words() -> JinjaWords:
    return JinjaWords(_TEMPLATES)


@cache
def _texts() -> PageTexts:
    return read_page_texts(_TEMPLATES / "page")
