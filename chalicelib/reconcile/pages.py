"""Performs the steps of the page protocol, round after round, until the decision has nothing left to ask for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from chalicelib.artifacts import page_protocol as protocol
from chalicelib.artifacts import page_turns as turns
from chalicelib.artifacts.artifact import how_to_join
from chalicelib.artifacts.page import page_request
from chalicelib.artifacts.page_plan import (
    Acknowledge,
    AskConfirmation,
    AskRoster,
    Close,
    LookUp,
    PageView,
    Plan,
    Seen,
    Send,
    Sighting,
    Step,
    TellOwners,
    Write,
)
from chalicelib.artifacts.page_times import LOOK_AGAIN
from chalicelib.domain.incident import Incident
from chalicelib.domain.paging import Alert, AlertStatus, PageRecord, PageState
from chalicelib.errors import IntegrationError, PermanentError, TemporaryError
from chalicelib.ports.ledger import Book
from chalicelib.ports.pager import Confirmation, Pager
from chalicelib.ports.queue import Orphan
from chalicelib.reconcile.observe import has_left_since
from chalicelib.reconcile.world import Rules, World

T = TypeVar("T")

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
"""Due time of an incident that every sweep visits."""

LONGEST_CALL = timedelta(seconds=3)
"""After so long a round ends too: what it has read is acted on before more is read, for it is forgotten with the pass."""

IN_VAIN = timedelta(seconds=1)
"""Whoever waited so long for a failure will wait as long for the next: no connection takes 1 s, no answer 2 s more."""

READ_ONE_BY_ONE = 5
"""So many of a page's alerts are read by their ids, the newest: of an hour in which each create rang and none was answered
there may be a hundred, and no pass has time for them all."""

MAX_ROUNDS = 16
"""More rounds than any pass can need: every record changes state at most a few times before it waits for time to pass."""


class ClaimLostError(Exception):
    """Somebody else is faster on this incident: read the ledger again."""


@dataclass(slots=True)
class PageStage:
    """The page stage of one pass over one incident. Ledger errors pass through; pager errors become records."""

    world: World
    rules: Rules
    incident: Incident
    book: Book
    give_up_at: datetime
    stormy: bool = False
    marked_due: bool = False
    """The sweep knows already, and the incident's item was written in this pass."""
    told: Orphan | None = None
    """An alert that the pager itself told of: lists lag behind, so it is read by its id too."""
    paged: bool = False
    tried: bool = False
    """A create went out, whatever its answer: from here on only a look may tell, even if the ledger goes away."""
    changed: bool = False
    overtaken: bool = False
    """Somebody saw a newer version of the incident meanwhile, or that it is gone: nothing may be decided from ours any more."""
    _sightings: dict[str, Sighting] = field(default_factory=dict)
    _confirmations: dict[str, Confirmation] = field(default_factory=dict)
    _on_calls: dict[str, tuple[str, ...] | None] = field(default_factory=dict)
    _silent: dict[tuple[str, str, bool], tuple[datetime, TemporaryError]] = field(default_factory=dict)
    """Pager and kind of question -> until when that gets the answer that it kept us waiting for in vain."""
    _in_vain: set[str] = field(default_factory=set)
    """The pages, by record key, that were looked for in this pass without an answer."""

    @property
    def rings(self) -> bool:
        """This pass has seen an alert of the chain that nobody has closed, whether that could be written down or not."""
        looks = (self._sightings.get(page.sk) for page in self.book.pages if page.is_of_the_chain)
        return any(alert.status is not AlertStatus.CLOSED for look in looks if look for alert in look.shown)

    def settle(self, view_of: Callable[[Book], PageView]) -> datetime | None:
        """Perform steps until none is left or time is up; return when to come back, None when time changes nothing."""
        for _ in range(MAX_ROUNDS):
            if self.overtaken:
                break
            now = self.world.clock.now()
            plan = self._decide(view_of(self.book), now)
            if not plan.steps:
                return plan.due
            if now >= self.give_up_at:
                return now
            self._perform_all(plan.steps)
        return self.world.clock.now()

    def read_anew(self) -> None:
        """What is decided from here on is decided from the ledger as it is now, unless that knows better than this pass."""
        before, self.book = self.book, self.world.ledger.read(self.incident.id)
        self._sightings.clear()
        self.overtaken = _is_overtaken(self.incident, before, self.book)

    def send_first(self, view: PageView) -> None:
        """Intake's share: send the first page of an episode if that is the very next step, and nothing else."""
        for step in self._decide(view, self.world.clock.now()).steps:
            if isinstance(step, Send) and step.old is None:
                self._perform_all((step,))

    def _decide(self, view: PageView, now: datetime) -> Plan:
        seen = Seen(self._sightings, self._confirmations, self._on_calls)
        return protocol.decide(view, seen, now, self.world.tokens.token())

    def _perform_all(self, steps: tuple[Step, ...]) -> None:
        """As many as there is time for; what is left is decided anew."""
        ends_at = min(self.give_up_at, self.world.clock.now() + LONGEST_CALL)
        try:
            for step in steps:
                if self.world.clock.now() >= ends_at:
                    return
                self._perform(step)
        except ClaimLostError:
            self.read_anew()

    def _perform(self, step: Step) -> None:
        match step:
            case LookUp():
                self._sightings[step.record.sk] = self._look(step.record, by_alias=step.by_alias)
            case AskConfirmation():
                self._confirmations[step.record.sk] = self._ask_confirmation(step.record)
            case AskRoster():
                self._on_calls[step.record.sk] = self._ask_roster(step.record)
            case Write():
                self._write(step.old, step.new)
            case Send():
                self._send(step.old, step.new)
            case Acknowledge():
                self._acknowledge(step)
            case Close():
                self._close(step)
            case TellOwners():
                # The alarm first: of what is written down nobody hears any more. One said twice tells no untruth.
                self.world.log.alarm(step.alarm, issue=self.incident.key, roster=step.new.roster, pager=step.new.pager)
                self._write(step.old, step.new)

    # --- reads -------------------------------------------------------------------------------------------------

    def _ask(self, record: PageRecord, question: Callable[[Pager], T], kind: str) -> T:
        """What its pager answers. One that hangs is not waited for once more for each of its pages: there may be many, and
        a pass has no time for it. A record that is asked about again does wait: its next look is not due before `LOOK_AGAIN`.

        kind: of the question. A list that hangs says nothing of an alert that is read by its id.
        """
        pager, asked_at = self._pager(record), self.world.clock.now()
        # What is looked for though nobody would have to yet must not answer for what has to be asked.
        is_early = record.state is PageState.UNKNOWN and record.not_before is not None and asked_at < record.not_before
        for kept in (False, is_early):
            until, failure = self._silent.get((record.pager, kind, kept), (asked_at, None))
            if failure is not None and asked_at < until:
                raise failure
        try:
            return question(pager)
        except TemporaryError as error:
            now = self.world.clock.now()
            if now - asked_at >= IN_VAIN:
                self._silent[record.pager, kind, is_early] = (now + LOOK_AGAIN, error)
            raise

    def _look(self, record: PageRecord, *, by_alias: bool) -> Sighting:
        read: dict[str, Alert | None] = {}
        try:
            read, unread = self._read(record)
            alerts = self._ask(record, lambda pager: self._alerts_of(record, pager, read, by_alias=by_alias), "list")
            if unread is not None and not {alert.id for alert in alerts}.issuperset(record.alert_ids):
                raise unread  # what a list does not show may only lag
        except IntegrationError as error:
            self._log_failure("look", record, error)
            again = record.sk in self._in_vain
            self._in_vain.add(record.sk)
            shown = [alert for alert in read.values() if alert is not None]
            known = tuple(sorted(shown, key=_age)) if len(shown) == len(record.alert_ids) else ()
            failed = Sighting(None, by_alias, str(error), again=again, read=known)
            if isinstance(error, TemporaryError):
                failed = replace(failed, retry_after_s=error.retry_after_s, out_of_service=error.out_of_service)
            return failed
        return Sighting(tuple(sorted(alerts, key=_age)), by_alias)

    def _read(self, record: PageRecord) -> tuple[dict[str, Alert | None], TemporaryError | None]:
        """A list may lag behind; an alert itself does not. What is older than the newest few, a list has had time to show.

        Second: why none could be read. Then the list is believed where it shows them all.
        """
        ids = record.alert_ids[:READ_ONE_BY_ONE]
        try:
            return self._ask(record, lambda pager: {id_: pager.read(id_) for id_ in ids}, "alert") if ids else {}, None
        except TemporaryError as error:
            self._log_failure("look", record, error)
            return {}, error

    def _alerts_of(
        self, record: PageRecord, pager: Pager, read: Mapping[str, Alert | None], *, by_alias: bool
    ) -> Collection[Alert]:
        listed: dict[str, Alert] = {}
        if by_alias or None in read.values() or len(read) < len(record.alert_ids):
            # Nor is an alert gone because it was not found once: then the list has the last word.
            listed = {alert.id: alert for alert in pager.find(record.alias)}
        listed |= {alert_id: alert for alert_id, alert in read.items() if alert is not None}
        if by_alias:
            listed |= {alert.id: alert for alert in self._told_alerts(record, pager, listed) if alert.id not in read}
        return listed.values()

    def _told_alerts(self, record: PageRecord, pager: Pager, listed: Collection[str]) -> Iterator[Alert]:
        """Believed only when the pager shows them under our alias."""
        told = self.told.alert_id if self.told is not None and self._is_told_of(record) else ""
        newest = [alert_id for alert_id in dict.fromkeys((told, *record.told_ids)) if alert_id][:READ_ONE_BY_ONE]
        for alert_id in newest:
            try:
                alert = pager.read(alert_id)
            except TemporaryError:
                if alert_id not in listed:
                    raise
                continue
            if alert is not None and alert.alias == record.alias:
                yield alert

    def _is_told_of(self, record: PageRecord) -> bool:
        return self.told is not None and (self.told.target, self.told.pager) == (record.target, record.pager)

    def _ask_confirmation(self, record: PageRecord) -> Confirmation:
        try:
            return self._ask(record, lambda pager: pager.confirm(record.alias, record.request_id or ""), "request")
        except IntegrationError as error:
            self._log_failure("confirm", record, error)
            return Confirmation()

    def _ask_roster(self, record: PageRecord) -> tuple[str, ...] | None:
        roster = self.rules.routing.rosters.get(record.roster)
        if roster is None:
            return None
        try:
            return self._ask(record, lambda pager: pager.on_call(roster), "request")
        except IntegrationError as error:
            self._log_failure("on_call", record, error)
            return None

    # --- writes ------------------------------------------------------------------------------------------------

    def _write(self, old: PageRecord | None, new: PageRecord) -> None:
        if old is None or old.state is PageState.ENDED:
            self._mark_due()
        done = self.world.ledger.insert(new) if old is None else self.world.ledger.replace(old, new)
        if not done:
            raise ClaimLostError
        self.changed = True
        kept = tuple(page for page in self.book.pages if page.sk != new.sk)
        self.book = replace(self.book, pages=tuple(sorted((*kept, new), key=lambda page: page.sk)))
        self._confirmations.pop(new.sk, None)
        if (sighting := self._sightings.get(new.sk)) and not _shows(sighting, new):
            del self._sightings[new.sk]
        if old is None or old.state is not new.state:
            self.world.log.info(
                "page_state", issue=self.incident.key, target=new.target, episode=new.episode, roster=new.roster,
                state=new.state, why=new.last_error or new.reason,
            )  # fmt: skip

    def _mark_due(self) -> None:
        """Before a settled incident comes alive, make sure that the sweep knows, and that nobody settles it meanwhile."""
        if self.marked_due:
            return
        rev = self.book.incident.rev if self.book.incident else 0
        if not self.world.ledger.set_due(self.incident.id, rev, ALWAYS):
            raise ClaimLostError
        self.marked_due = True
        self.changed = True

    def _send(self, old: PageRecord | None, claimed: PageRecord) -> None:
        self._write(old, claimed)
        if self.world.clock.now() + LONGEST_CALL > claimed.until - timedelta(seconds=1):
            return  # too slow so far: a call begun now could outlive the claim
        try:
            roster = self.rules.routing.rosters.get(claimed.roster)
            if roster is None:
                raise PermanentError(claimed.pager, "open_page", f"roster {claimed.roster} is not in the settings")
            join = how_to_join(self.incident, self.book.artifacts)
            waits = self.stormy and claimed.episode == 1  # what is wanted again is held no more
            request = page_request(self.incident, roster, claimed, self.rules.page_texts, stormy=waits, join=join)
            pager = self._pager(claimed)
            self.tried = True
            request_id = pager.open_page(request)
        except TemporaryError as error:
            self._log_failure("open_page", claimed, error)
            result = turns.unanswered(
                claimed,
                str(error),
                self.world.clock.now(),
                retry_after_s=error.retry_after_s,
                out_of_service=error.out_of_service,
            )
        except PermanentError as error:
            self.world.log.alarm("page_refused", issue=self.incident.key, roster=claimed.roster, error=str(error))
            result = turns.refused(claimed, str(error), self.world.clock.now())
        else:
            self.paged = True
            result = turns.accepted(claimed, request_id, self.world.clock.now())
        self._write(claimed, result)

    def _acknowledge(self, step: Acknowledge) -> None:
        self._write(step.old, step.new)
        self._sightings.pop(step.new.sk, None)
        try:
            for alert_id in step.alert_ids:
                self._pager(step.new).acknowledge(alert_id, f"Somebody has {self.incident.key}: {self.incident.url}")
        except IntegrationError as error:
            self._log_failure("acknowledge", step.new, error)
            wait = turns.believed(error.retry_after_s if isinstance(error, TemporaryError) else None)
            if wait:  # with acknowledging, not with reading: somebody may acknowledge it, or nobody have it any more
                until = max(step.new.until, self.world.clock.now() + wait)
                self._write(step.new, replace(step.new, until=until))

    def _close(self, step: Close) -> None:
        self._write(step.old, step.new)
        self._sightings.pop(step.new.sk, None)
        for alert_id in step.alert_ids:
            try:
                self._pager(step.new).close(alert_id, f"{self.incident.key} needs nobody any more: {self.incident.url}")
            except IntegrationError as error:
                self._log_failure("close", step.new, error)
                wait_s = error.retry_after_s if isinstance(error, TemporaryError) else None
                failed = turns.close_failed(step.new, str(error), self.world.clock.now(), wait_s)
                self._write(step.new, failed)
                self._tell_if_it_rings_on(step.old, failed)
                return
        self._tell_if_it_rings_on(step.old, step.new)  # taken, as those before it were, and nothing came of them

    def _tell_if_it_rings_on(self, old: PageRecord, new: PageRecord) -> None:
        if turns.is_to_be_told(old, new):
            self.world.log.alarm("page_not_closed", issue=self.incident.key, roster=new.roster, pager=new.pager)

    def _pager(self, record: PageRecord) -> Pager:
        try:
            return self.world.pagers[record.pager]
        except KeyError:
            raise PermanentError(record.pager, "find", "no such pager in the settings") from None

    def _log_failure(self, operation: str, record: PageRecord, error: IntegrationError) -> None:
        self.world.log.info(
            "pager_failed", issue=self.incident.key, operation=operation, target=record.target, error=str(error)
        )


def _is_overtaken(incident: Incident, before: Book, book: Book) -> bool:
    """Whether the ledger knows better than what this pass has read. Whoever found it gone has read that before."""
    if book.incident is None:
        return False
    latest = book.incident.latest
    is_outdated = latest is not None and latest.updated_at > incident.updated_at
    return is_outdated or has_left_since(before, book, incident)


def _shows(sighting: Sighting, record: PageRecord) -> bool:
    """Whether it can tell of this record: an alert that was not known yet when it was looked for was not looked for."""
    return sighting.alerts is not None and {alert.id for alert in sighting.alerts} >= set(record.alert_ids)


def _age(alert: Alert) -> tuple[float, str]:
    """Newest first."""
    return (-alert.created_at.timestamp(), alert.id)
