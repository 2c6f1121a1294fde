"""Sees every effect at the moment it happens, keeps the facts, and asks the invariants after each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from chalicelib.domain.alias import is_beside, is_succession, makes_manager, parse_alias
from chalicelib.domain.incident import Incident, IssueId
from chalicelib.domain.paging import PageRecord, PageState
from chalicelib.ports.ledger import Record
from sandbox.jira.model import JiraIssue
from sandbox.pagers.desk import Desk, DeskAlert
from simulation.alerts import target_of
from simulation.company import SITE_TAG
from simulation.loop import Invocation, Loop
from simulation.taking import Edit
from simulation.truth import Timeline, Truth, is_gone

if TYPE_CHECKING:
    from simulation.wire import Struck


@dataclass(frozen=True, slots=True)
class PageAsked:
    """A create request that the pager took.

    sent_ms: when the call was begun. by: the function that sent it; None for what lands late. began_ms: when that began.
    ledger_failed, queue_failed: what it could not write to until then.
    """

    ms: int
    sent_ms: int
    pager: str
    alias: str
    roster: str
    by: Invocation | None
    began_ms: int
    ledger_failed: bool
    queue_failed: bool

    @property
    def is_late(self) -> bool:
        return self.by is None


@dataclass(frozen=True, slots=True)
class Looked:
    """A look at the pager's list that got an answer. by: the function that looked."""

    ms: int
    alias: str
    by: Invocation | None


@dataclass(slots=True)
class Facts:
    """Everything that happened, per incident. called_asked, called_alerts: of pages beside the chain.

    edits: our own of assignee and status. assigned_ms, moved_ms: when anybody last changed the assignee, the status; last: what
    they are.
    told_ms: when each change happened that we took in and answered for.
    gone_version: its `updated` as of which the ledger holds it as gone, gone_known_ms: since when.
    over_version: the issue's `updated` when nobody was wanted any more, over_known_ms: when the ledger first held one as new.
    needed_version, needed_known_ms: the same of when somebody was needed last whom nobody replaced.
    handed_out: when each message came to a worker, and whether it had waited, since all were busy with other incidents.
    stormy_ms: when the ledger first knew that a storm holds it; went_on_ms: when anything but page and comment was done first.
    """

    issue: JiraIssue
    truth: Truth = field(default_factory=Truth)
    asked: list[PageAsked] = field(default_factory=list)
    looked: list[Looked] = field(default_factory=list)
    alerts: list[tuple[str, DeskAlert]] = field(default_factory=list)
    called_asked: list[PageAsked] = field(default_factory=list)
    called_alerts: list[tuple[str, DeskAlert]] = field(default_factory=list)
    known_ids: set[str] = field(default_factory=set)
    durable_ms: list[int] = field(default_factory=list)
    queued_ms: list[int] = field(default_factory=list)  # messages that nobody told, but we ourselves
    handed_out: list[tuple[int, bool]] = field(default_factory=list)
    read_ms: list[int] = field(default_factory=list)
    states: dict[str, list[tuple[int, PageState]]] = field(default_factory=dict)
    marked: dict[str, Timeline] = field(default_factory=dict)  # whether a page that nobody has seen is known not to be wanted
    answered: set[str] = field(default_factory=set)  # those of them that a human acknowledged, as the ledger knows
    silenced: set[str] = field(default_factory=set)  # and those that we have acknowledged, or tried to
    keys: set[str] = field(default_factory=set)  # all that the issue has had
    edits: list[Edit] = field(default_factory=list)
    last: tuple[str | None, str] = (None, "")
    assigned_ms: int = 0
    moved_ms: int = 0
    gone_version: datetime | None = None
    gone_known_ms: int | None = None
    over_version: datetime | None = None
    over_known_ms: int | None = None
    needed_version: datetime | None = None
    needed_known_ms: int | None = None
    told_deleted: bool = False
    told_ms: list[int] = field(default_factory=list)
    was_hidden: bool = False
    struck: Sequence[Struck] = ()
    stormy_ms: int | None = None
    went_on_ms: int | None = None

    @property
    def successions(self) -> list[DeskAlert]:
        """Those by which somebody is asked to take over."""
        return [alert for _, alert in self.called_alerts if is_succession(target_of(alert.alias))]

    @property
    def for_managers(self) -> list[DeskAlert]:
        """Those whose acknowledgement makes an incident manager: of the chain, and to take over."""
        return [*(alert for _, alert in self.alerts if makes_manager(target_of(alert.alias))), *self.successions]

    def was_hidden_between(self, from_ms: int, to_ms: int) -> bool:
        return any(begin <= to_ms and end >= from_ms for begin, end in self.truth.hidden.stretches(to_ms))

    @property
    def is_left_unsaid(self) -> bool:
        """It was deleted, and Jira never told us, nor that it had been moved away before; or the word is a dead letter."""
        return self.issue.deleted and not self.told_deleted and self.gone_known_ms is None


class Checks(Protocol):
    """What `invariants` does after each effect; facts hold everything that happened before it."""

    def page_asked(self, facts: Facts, asked: PageAsked) -> None: ...

    def alert_made(self, facts: Facts, pager: str, alert: DeskAlert) -> None: ...

    def alert_changed(self, facts: Facts, method: str, alert: DeskAlert) -> None: ...

    def recorded(self, facts: Facts, new: PageRecord) -> None: ...

    def commented(self, facts: Facts) -> None: ...

    def edited(self, facts: Facts, edit: Edit) -> None: ...

    def queued(self, facts: Facts) -> None: ...


READ_BACK = frozenset(("notes:room", "inside"))


class Watch:
    """read_back: what was written because a room is looked at, and read back, every quarter of an hour in which anything else
    happens.

    stir_jira, stir_desk: tell the world that a model changed, so that it delivers what follows from that."""

    def __init__(self, loop: Loop, desks: Mapping[str, Desk], checks: Checks, struck: Sequence[Struck] = ()) -> None:
        self.loop, self.desks, self.checks, self.struck = loop, desks, checks, struck
        self.facts: dict[str, Facts] = {}
        self.stir_jira: Callable[[], None] = lambda: None
        self.stir_desk: Callable[[], None] = lambda: None
        self.jira_writes = 0
        self.pager_writes = 0
        self.read_back = 0
        self._ids: dict[str, str] = {}
        self._alert_ids: dict[str, str] = {}
        self._due_moved: dict[str, int] = {}

    # --- told by the ports -------------------------------------------------------------------------------------

    def page_requested(self, pager: str, alias: str, roster: str, *, sent_ms: int, is_late: bool) -> None:
        self.pager_writes += 1
        facts = self._facts_of_alias(alias)
        running = self.loop.running
        began, failed, unqueued = self.loop.now_ms, False, False
        if running is not None:
            began, failed = running.notes["began"], bool(running.notes.get("ledger_failed"))
            unqueued = bool(running.notes.get("queue_failed"))
        by = None if is_late else running
        asked = PageAsked(self.loop.now_ms, sent_ms, pager, alias, roster, by, began, failed, unqueued)
        if facts is not None:
            self.checks.page_asked(facts, asked)
            (facts.called_asked if _is_beside(alias) else facts.asked).append(asked)
        self.stir_desk()

    def looked(self, alias: str) -> None:
        facts = self._facts_of_alias(alias)
        if facts is not None:
            facts.looked.append(Looked(self.loop.now_ms, alias, self.loop.running))

    def alert_changed(self, pager: str, method: str, alert_id: str) -> None:
        self.pager_writes += 1
        alert = self.desks[pager].alert(alert_id)
        facts = self._facts_of_alias(alert.alias) if alert else None
        if facts is not None and alert is not None:
            self.checks.alert_changed(facts, method, alert)

    def alert_made(self, pager: str, alert: DeskAlert) -> None:
        self._alert_ids[alert.id] = alert.alias
        facts = self._facts_of_alias(alert.alias)
        if facts is not None:
            self.checks.alert_made(facts, pager, alert)
            (facts.called_alerts if _is_beside(alert.alias) else facts.alerts).append((pager, alert))

    def recorded(self, new: Record) -> None:
        if not isinstance(new, PageRecord):
            self.read_back += new.name in READ_BACK
            return
        facts = self.facts.get(new.issue_id)
        if facts is not None:
            facts.known_ids.update(new.alert_ids)
            if not is_beside(new.target):
                facts.states.setdefault(new.sk, []).append((self.loop.now_ms, new.state))
                facts.marked.setdefault(new.sk, Timeline()).note(
                    self.loop.now_ms, new.unwanted_since is not None or new.sent_before
                )
                if new.is_answered:
                    facts.answered.add(new.sk)
                if new.ack_sent_at is not None:
                    facts.silenced.add(new.sk)
            self.checks.recorded(facts, new)

    def commented(self, issue_id: str) -> None:
        self.jira_writes += 1
        facts = self.facts.get(issue_id)
        if facts is not None:
            self.checks.commented(facts)

    def edited(self, issue_id: str, what: str, new: str | None, read_ms: int | None) -> None:
        """Told before the issue is changed."""
        self.jira_writes += 1
        facts = self.facts.get(issue_id)
        if facts is not None:
            edit = Edit(self.loop.now_ms, what, new, read_ms)
            self.checks.edited(facts, edit)
            facts.edits.append(edit)

    def issue_read(self, issue_id: str) -> None:
        facts = self.facts.get(issue_id)
        if facts is not None:
            facts.read_ms.append(self.loop.now_ms)

    def queued(self, issue_id: str, *, is_news: bool, is_ours: bool) -> None:
        """is_news: it carries what Jira told, and rings more than a bell. is_ours: nobody rang, we ask for it ourselves."""
        facts = self.facts.get(issue_id)
        if facts is None:
            return
        if is_news:
            facts.durable_ms.append(self.loop.now_ms)
        if is_ours:
            facts.queued_ms.append(self.loop.now_ms)
            self.checks.queued(facts)

    def handed_out(self, issue_id: str, *, crowded_out: bool) -> None:
        facts = self.facts.get(issue_id)
        if facts is not None:
            facts.handed_out.append((self.loop.now_ms, crowded_out))

    def gone_known(self, issue_id: str, version: datetime) -> None:
        facts = self.facts.get(issue_id)
        if facts is None or not is_gone(facts.issue):
            return
        facts.gone_version = max(version, facts.gone_version or version)
        if facts.gone_known_ms is None:
            facts.gone_known_ms = self.loop.now_ms

    def seen(self, snapshot: Incident) -> None:
        facts = self.facts.get(snapshot.id)
        if facts is None:
            return
        if facts.gone_version is not None and snapshot.updated_at > facts.gone_version:
            facts.gone_version = facts.gone_known_ms = None  # that was word of an older departure: it has come back since
        if facts.over_version is not None and snapshot.updated_at >= facts.over_version and facts.over_known_ms is None:
            facts.over_known_ms = self.loop.now_ms
        if facts.needed_version is not None and snapshot.updated_at >= facts.needed_version and facts.needed_known_ms is None:
            facts.needed_known_ms = self.loop.now_ms

    def storm_known(self, issue_id: str) -> None:
        facts = self.facts.get(issue_id)
        if facts is not None and facts.stormy_ms is None:
            facts.stormy_ms = self.loop.now_ms

    def due_moved(self, issue_id: str, ms: int) -> None:
        self._due_moved[issue_id] = ms

    def due_moved_at(self, issue_id: str) -> int:
        return self._due_moved.get(issue_id, 0)

    # --- told by the world -------------------------------------------------------------------------------------

    def issue_changed(self, issue: JiraIssue) -> None:
        facts = self.facts.get(issue.id)
        if facts is None:
            facts = self.facts[issue.id] = Facts(issue, struck=self.struck)
        self._ids[issue.key] = issue.id
        facts.keys.add(issue.key)
        assignee = issue.assignee.account_id if issue.assignee else None
        if (assignee, issue.status) != facts.last:
            facts.assigned_ms = self.loop.now_ms if assignee != facts.last[0] else facts.assigned_ms
            facts.moved_ms = self.loop.now_ms if issue.status != facts.last[1] else facts.moved_ms
            facts.last = (assignee, issue.status)
        was_wanted, was_needed = facts.truth.wanted.now, facts.truth.needs_page.now
        facts.truth.note(self.loop.now_ms, issue)
        if facts.truth.needs_page.now and not was_needed:
            facts.needed_version, facts.needed_known_ms = issue.updated, None
        if was_wanted or facts.truth.wanted.now:
            is_told_by_version = not (facts.truth.wanted.now or issue.deleted)  # a deleted issue keeps its last one
            facts.over_version, facts.over_known_ms = issue.updated if is_told_by_version else None, None
        facts.was_hidden = facts.was_hidden or issue.hidden
        if not is_gone(issue):
            facts.gone_version = facts.gone_known_ms = None  # that it had left once tells nobody when it leaves again

    # --- asked by the ports ------------------------------------------------------------------------------------

    def id_of(self, key: str) -> str | None:
        return self._ids.get(key)

    def id_of_alias(self, alias: str) -> str | None:
        parsed = parse_alias(alias, SITE_TAG)
        return parsed[0] if parsed else None

    def id_of_alert(self, alert_id: str) -> str | None:
        alias = self._alert_ids.get(alert_id)
        return self.id_of_alias(alias) if alias else None

    def _facts_of_alias(self, alias: str) -> Facts | None:
        parsed = parse_alias(alias, SITE_TAG)
        return self.facts.get(IssueId(parsed[0])) if parsed else None


def _is_beside(alias: str) -> bool:
    return is_beside(target_of(alias))


class Unchecked:
    """For a watch that nobody asks: the ports of a world without promises."""

    def page_asked(self, facts: Facts, asked: PageAsked) -> None: ...

    def alert_made(self, facts: Facts, pager: str, alert: DeskAlert) -> None: ...

    def alert_changed(self, facts: Facts, method: str, alert: DeskAlert) -> None: ...

    def recorded(self, facts: Facts, new: PageRecord) -> None: ...

    def edited(self, facts: Facts, edit: Edit) -> None: ...

    def queued(self, facts: Facts) -> None: ...

    def commented(self, facts: Facts) -> None: ...
