"""One pass over one incident: observe, page first, then the rest, then when to come back. And intake's share of it."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.artifacts import page_protocol as protocol
from chalicelib.artifacts.artifact import FACTS, Scene
from chalicelib.artifacts.page import can_be_decided_from_snapshot, is_wanted
from chalicelib.artifacts.page_plan import PageView
from chalicelib.artifacts.page_times import CLAIM, UNREACHABLE
from chalicelib.domain.alias import is_beside
from chalicelib.domain.codec import incident_to_json
from chalicelib.domain.deployments import deployments_in, lead_up
from chalicelib.domain.incident import Incident, doubts_without_values, incident_since
from chalicelib.domain.paging import PageRecord, PageState
from chalicelib.domain.policy import Mode
from chalicelib.domain.taken import taken_in_jira
from chalicelib.errors import IntegrationError, PermanentError
from chalicelib.intake.jira_event import JiraEvent
from chalicelib.ports.ledger import FOUND_BY_SWEEP, ArtifactRecord, ArtifactState, Book
from chalicelib.ports.queue import Cause, Message, Orphan
from chalicelib.reconcile.artifacts import PERMANENT_RETRY, Outcome, is_unfinished, owner_of, settle_artifacts
from chalicelib.reconcile.blind import LOOK_DELAY_S, page_blind
from chalicelib.reconcile.changes import with_changes
from chalicelib.reconcile.coming_back import move_due, wake
from chalicelib.reconcile.left_open import call_for_what_is_left_open
from chalicelib.reconcile.observe import HAS_LEFT, Observation, has_left_since, left_at, newest, observe, with_its_past
from chalicelib.reconcile.page_views import (
    beside,
    escalations_of,
    is_page_wanted,
    is_taken,
    link_of_orphan,
    nobodys_since,
    page_view,
)
from chalicelib.reconcile.pages import ALWAYS, PageStage
from chalicelib.reconcile.shadow import is_begun, say_what_would_happen
from chalicelib.reconcile.world import Rules, World

YOUNG = timedelta(seconds=30)
"""A snapshot older than this is not paged from: the worker reads the issue first.

Nothing is rung for what ended longer ago than a function may run, and a late webhook does not know what came after it.
What comes from as far in the future was written by a clock by which nobody can tell how late it is.
"""

PAGES_GIVE_UP = timedelta(seconds=15)
"""Time for the page stage of a pass; the worker's function has 30 s, and the artifacts need their share."""

ARTIFACTS_GIVE_UP = timedelta(seconds=22)
"""From the beginning of a pass: no artifact is begun later, so that the pass ends before its function does."""

INTAKE_GIVES_UP = timedelta(seconds=3)
"""The page stage's share of a webhook's answer."""

PAGE_FIRST_DELAY_S = 4
"""Delay of the message that only insures intake's own page: if intake dies, the worker takes over after this long."""

ASK_JIRA_AGAIN = timedelta(seconds=20)
"""Where Jira fails and nothing at all is known of an issue, nobody can tell whether it needs a page."""

HIDDEN_FOR = timedelta(days=7)
"""How long the sweep visits an issue that somebody told of and that we have never seen: it asks Jira every minute."""

SHOWN_FOR = timedelta(hours=1)
"""How long the sweep visits an issue that a search has shown and that cannot be read: by then it has been hidden since."""

HEARD_BY_THEN = timedelta(seconds=10)
"""A webhook about a new incident is here so long after it was raised; what a sweep finds before overtook it, no more."""

PUT_OFFS_BORNE = 5
"""A ledger that refuses may do so in passing; what is refused more often than that (an item too large, say) is for a human.

What a sweep rang for is put off as often: while the ledger is away for longer, no sweep is complete, and a later one finds it.
"""

HANDED_OUT = 5
"""So often does the queue hand out a message whose pass failed; then it is among the dead letters (.chalice/resources.json)."""


@dataclass(frozen=True, slots=True)
class Firebell:
    """The reconciler. Safe to run any number of times, by any number of workers, on any message."""

    world: World
    rules: Rules

    # --- intake ------------------------------------------------------------------------------------------------

    def receive(self, event: JiraEvent) -> bool:
        """Make the event durable, then page if its snapshot proves that a page is wanted. True when it was paged here.

        Raises IntegrationError when the queue did not take it: the page, if wanted, has been tried all the same.
        """
        message = Message(event.issue_id, event.cause, event.snapshot, gone_version=event.gone_version)
        pages_now = self._pages_now(event)
        queue_error: IntegrationError | None = None
        try:
            self.world.queue.send(message, PAGE_FIRST_DELAY_S if pages_now else 0)
            self.world.log.info("queued", issue=event.key, pages_now=pages_now, **_why_in_doubt(event))
        except IntegrationError as error:
            queue_error = error
        paged = False
        if pages_now and event.snapshot is not None:
            paged = self._page_first(event.snapshot)
        if queue_error is not None:
            raise queue_error
        if pages_now:
            try:
                self.world.queue.send(message)
            except IntegrationError as error:
                # The first message is on the queue already; this one only saves the rest its four seconds.
                self.world.log.info("second_message_not_queued", issue=event.key, error=str(error))
        return paged

    def _pages_now(self, event: JiraEvent) -> bool:
        snapshot = event.snapshot
        if snapshot is None or event.is_retry or event.cause is Cause.DELETED or self.rules.mode is Mode.SHADOW:
            return False
        policy = self.rules.policy
        return (
            abs(self.world.clock.now() - snapshot.updated_at) < YOUNG
            and is_wanted(snapshot, policy)
            and can_be_decided_from_snapshot(snapshot, policy)
            and taken_in_jira(snapshot, policy) is None
        )

    def _page_first(self, snapshot: Incident) -> bool:
        stage: PageStage | None = None
        try:
            book = self.world.ledger.read(snapshot.id)
            if _is_outdated(snapshot, book) or _running(book.pages, wanted=True):
                return False
            stormy = self._counts_as_storm(snapshot, book)
            if not self.world.ledger.see(snapshot, due_at=ALWAYS, stormy=stormy):
                return False
            give_up_at = self.world.clock.now() + INTAKE_GIVES_UP
            stage = PageStage(self.world, self.rules, snapshot, book, give_up_at, stormy, marked_due=True)
            if book.pages or snapshot.changes_complete:
                stage.send_first(page_view(snapshot, None, book, self.rules, self.world.clock.now(), direct=True))
            else:
                # An issue that existed before, and no page of it is known: one may have been made blindly.
                stage.settle(
                    lambda latest: page_view(snapshot, None, latest, self.rules, self.world.clock.now(), first_sight=True)
                )
        except IntegrationError as error:
            self.world.log.alarm("ledger_away", issue=snapshot.key, error=str(error))
            if stage is None or not stage.tried:
                return page_blind(snapshot, self.world, self.rules)
        return stage.paged

    # --- the worker's pass -------------------------------------------------------------------------------------

    def look_after(self, message: Message, handed_out: int = 1) -> None:
        """One whole pass. Raises nothing that a later pass could repair: it books that pass instead.

        handed_out: how often the queue has handed this message out, now included.
        """
        if message.said is not None:
            from chalicelib.reconcile.notes import take_note  # the page needs none of it

            take_note(message, message.said, self.world, self.rules.note_mark)
            return
        incident = message.snapshot
        book: Book | None = None
        stage: PageStage | None = None
        try:
            book = self.world.ledger.read(message.issue_id)
            first_sight = book.incident is None or book.incident.latest is None
            observation = observe(message, book, self.world.tickets)
            self._report(message, observation)
            incident = observation.incident
            if incident is None:
                self._leave_alone(message, observation, book)
                return
            before = book
            book, incident = self._remember(message, observation, incident, before)
            if observation.gone and left_at(book, incident) is None:
                observation = replace(observation, gone=None)  # it has come back while Jira was being asked
            elif not observation.gone and has_left_since(before, book, incident):
                observation = replace(observation, gone=HAS_LEFT)  # as whoever asked Jira later has found
            if self.rules.mode is Mode.SHADOW:
                self._shadow(message, incident, observation, book)
                return
            stage = PageStage(
                self.world, self.rules, incident, book, self.world.clock.now() + PAGES_GIVE_UP,
                stormy=book.incident is not None and book.incident.stormy, told=message.orphan,
            )  # fmt: skip
            if self._is_new_major(incident, observation, book) and self._counts_as_storm(incident, book):
                self.world.ledger.see(incident, due_at=ALWAYS, stormy=True)
                stage.read_anew()
                stage.stormy = True

            def view_of(book: Book) -> PageView:
                return page_view(
                    incident, observation.gone, book, self.rules, self.world.clock.now(),
                    look_asked=_asks_for_a_look(message, book), first_sight=first_sight,
                    orphan=link_of_orphan(message, incident, self.rules), told=message.orphan,
                    unread=observation.trouble is not None,
                )  # fmt: skip

            due = stage.settle(view_of)
            if first_sight and self._is_saved(message, incident, observation):
                self.world.log.alarm("found_by_sweep", issue=incident.key)
                if self.rules.mode is Mode.FULL:
                    stage.book = self._remember_saved(incident, stage.book)
            self._pass_the_word_on(message, stage)
            outcomes, artifacts_due = self._settle_the_rest(message, incident, observation, stage, before)
            self._come_back(message, incident, observation, stage, outcomes, _earliest(due, artifacts_due))
        except IntegrationError as error:
            known = stage.book if stage is not None else book
            pages = _running(known.pages, wanted=True) if known is not None else ()
            is_rung = stage is not None and (stage.tried or stage.rings)
            paged = is_rung or any(page.accepted_at for page in pages if protocol.is_under_way(page))
            self._without_ledger(message, incident, known, error, paged=paged, is_second_hand=1 < handed_out < HANDED_OUT)

    def _pass_the_word_on(self, message: Message, stage: PageStage) -> None:
        """An alert is told of once. Whoever overtook us knows nothing of it, and whoever is sending its page writes over it."""
        told = message.orphan
        if told is None:
            return
        if stage.overtaken:
            self.world.queue.send(message, 1)
        elif _asks_for_a_look(message, stage.book) and _is_being_sent(told, stage.book):
            self.world.queue.send(message, math.ceil(CLAIM.total_seconds()))

    def _report(self, message: Message, observation: Observation) -> None:
        if observation.trouble is not None:
            key = observation.incident.key if observation.incident else message.issue_id
            self.world.log.alarm("issue_unreadable", issue=key, error=observation.trouble)

    def _leave_alone(self, message: Message, observation: Observation, book: Book) -> None:
        """Nothing is known of it. That it is gone is remembered: a late or repeated webhook must not bring it back.

        What cannot be seen is due from when it was told of, until it is seen or nobody waits for it any more.
        """
        rev, due_at = (book.incident.rev, book.incident.due_at) if book.incident is not None else (0, None)
        now = self.world.clock.now()
        # Or it was when last seen: a sweep may have found it back.
        is_gone = observation.gone and (message.cause is Cause.DELETED or not observation.is_unknown)
        if due_at is not None and (is_gone or now - due_at > HIDDEN_FOR):
            self.world.ledger.set_due(message.issue_id, rev, None)
        elif due_at is None and not observation.gone and message.cause is Cause.CHANGED:
            # A permission that comes back is no change: no search would show it, and no webhook tells.
            self.world.ledger.set_due(message.issue_id, rev, now)
        if observation.is_unknown and (due_at is None or now - due_at <= HIDDEN_FOR):
            wake(message, book, now + ASK_JIRA_AGAIN, now, self.world, key=message.issue_id)
        if message.orphan is not None and not observation.gone:
            self._ask_again_for_the_told(message, observation)
        if not observation.gone or message.cause is not Cause.DELETED:
            return
        known = book.incident.deleted_at if book.incident is not None else None
        version = message.gone_version or known or now
        if known is None or version > known:
            self.world.ledger.mark_deleted(message.issue_id, version, due_at=None)

    def _ask_again_for_the_told(self, message: Message, observation: Observation) -> None:
        """A pager tells once of what was sent without the ledger: that is kept until Jira says what it was for."""
        if observation.is_unknown or message.put_off < PUT_OFFS_BORNE:
            self.world.queue.send(replace(message, put_off=message.put_off + observation.hidden), LOOK_DELAY_S)

    def _remember(self, message: Message, observation: Observation, incident: Incident, book: Book) -> tuple[Book, Incident]:
        """Bring the ledger's view of the incident up to date; write only what is new."""
        known = book.incident
        changed = False
        told = (incident.updated_at, message.gone_version, observation.gone_version)
        version = max(moment for moment in told if moment is not None)
        if observation.gone and (known is None or known.deleted_at is None or version > known.deleted_at):
            # Which version is gone, by Jira's own clock: ours may differ, and a version is what `updated` is compared with.
            self.world.ledger.mark_deleted(incident.id, version, due_at=ALWAYS)
            changed = True
        latest = known.latest if known else None
        if latest is None or (incident != latest and incident_to_json(incident) != incident_to_json(latest)):
            # At first sight it is due until a whole pass has ended, whatever becomes of this one.
            self.world.ledger.see(incident, due_at=ALWAYS if latest is None else None)
            changed = True
        if not changed:
            return book, incident
        book = self.world.ledger.read(incident.id)
        return book, newest(incident, book.incident.latest if book.incident else None) or incident

    def _is_saved(self, message: Message, incident: Incident, observation: Observation) -> bool:
        """A sweep saw it first, though a webhook should have told of it. What became an incident before go_live is adopted."""
        begun, go_live = incident_since(incident), self.rules.policy.go_live
        is_overdue = self.world.clock.now() - begun >= HEARD_BY_THEN
        is_ours = observation.gone is None and (go_live is None or begun >= go_live)
        return message.cause is Cause.SWEEP and is_overdue and is_ours

    def _remember_saved(self, incident: Incident, book: Book) -> Book:
        """For its facts. After the page, which waits for nothing."""
        now = self.world.clock.now()
        saved = ArtifactRecord(incident.id, FOUND_BY_SWEEP, ArtifactState.MADE, self.world.tokens.token(), now, made_at=now)
        self.world.ledger.insert(saved)
        return replace(book, artifacts=(*book.artifacts, saved))

    def _is_wanted(self, incident: Incident, book: Book) -> bool:
        return is_page_wanted(incident, book, self.rules.policy)

    def _is_new_major(self, incident: Incident, observation: Observation, book: Book) -> bool:
        wanted = observation.gone is None and is_wanted(incident, self.rules.policy)
        return wanted and not _running(book.pages, wanted=True) and not is_taken(incident, book, self.rules.policy)

    def _counts_as_storm(self, incident: Incident, book: Book) -> bool:
        if incident.is_drill:
            return False  # an exercise must not hold back what is real, nor is it held back
        policy = self.rules.policy
        now, enough = self.world.clock.now(), policy.storm_majors + 1
        try:
            counted = self.world.ledger.count_major(incident.id, now, policy.storm_window_s, enough)
        except IntegrationError as error:
            # Whether it storms decides what a page says, never whether there is one.
            self.world.log.alarm("storm_not_counted", issue=incident.key, error=str(error))
            counted = 0
        if counted >= enough:
            self.world.log.alarm("storm", issue=incident.key, more_than=policy.storm_majors, window_s=policy.storm_window_s)
            return True
        return book.incident is not None and book.incident.stormy

    # --- everything that is not the page -----------------------------------------------------------------------

    def _settle_the_rest(
        self, message: Message, incident: Incident, observation: Observation, stage: PageStage, before: Book
    ) -> tuple[list[Outcome], datetime | None]:
        """The artifacts, once some pager has accepted the page or a minute has passed without. Returns when to retry.

        before: what the ledger knew before this pass.
        """
        if stage.overtaken:
            return [], None
        if observation.gone:
            call_for_what_is_left_open(incident, observation.gone, stage.book, self.world)
            return self._count(incident, stage, gone=True)
        if observation.hidden:
            return self._hush(with_its_past(incident, before.incident.latest if before.incident else None), stage)
        now = self.world.clock.now()
        wanted = self._is_wanted(incident, stage.book)
        is_manned = is_taken(incident, stage.book, self.rules.policy)
        if observation.trouble is not None and (is_manned or not wanted) and message.cause is Cause.CHANGED:
            # Word that somebody is needed by now may lie in the queue right behind this message.
            return [], now + ASK_JIRA_AGAIN
        pages = _running(stage.book.pages, wanted=wanted)
        taken = is_manned or any(p.is_acked for p in pages)
        under_way = [page for page in pages if protocol.is_under_way(page)]
        missing = wanted and not taken and not any(page.accepted_at for page in under_way)
        if missing:
            waits_until = min((page.since for page in under_way), default=now) + UNREACHABLE
            if now < waits_until and (under_way or not any(map(protocol.does_not_close, pages))):
                return [], waits_until
            self.world.log.alarm("not_paged", issue=incident.key, error=next((p.last_error for p in pages if p.last_error), ""))
        if self.rules.mode is not Mode.FULL:
            return [], None
        notes = with_changes(stage.book.notes, incident, self.world) if wanted else stage.book.notes
        scene = Scene(
            incident, now, pages, wanted=wanted, unpaged=missing, held=self._is_held(stage, wanted=wanted, taken=taken),
            unknown=escalations_of(incident, self.rules).unknown if wanted else (),
            called=tuple(page for page in stage.book.pages if is_beside(page.target) and page.state is not PageState.ENDED),
            records={record.name: record for record in stage.book.artifacts},
            rung=stage.book.pages, notes=notes, recent=lead_up(deployments_in(notes, incident.service), incident),
        )  # fmt: skip
        outcomes = settle_artifacts(self.rules.artifacts(), scene, self.world, give_up_at=_artifacts_give_up(stage))
        return outcomes, _earliest(*(outcome.due for outcome in outcomes))

    def _hush(self, incident: Incident, stage: PageStage) -> tuple[list[Outcome], datetime | None]:
        """Nothing can be written into an issue that is hidden from us. Became it private with that, it is counted without words
        from now on: after its page."""
        unfinished = any(map(is_unfinished, stage.book.artifacts))
        again = self.world.clock.now() + PERMANENT_RETRY if unfinished else None
        wanted = is_wanted(incident, self.rules.policy)
        is_rung = any(page.accepted_at or page.is_acked for page in _running(stage.book.pages, wanted=wanted))
        waits = wanted and not is_rung and not is_taken(incident, stage.book, self.rules.policy)
        if waits or not incident.is_private:
            return [], again
        outcomes, due = self._count(incident, stage, hidden=True)
        return outcomes, _earliest(again, due)

    def _count(
        self, incident: Incident, stage: PageStage, *, gone: bool = False, hidden: bool = False
    ) -> tuple[list[Outcome], datetime | None]:
        """Of what is gone or hidden nothing is made or changed any more but its facts."""
        if self.rules.mode is not Mode.FULL:
            return [], None
        scene = Scene(
            incident, self.world.clock.now(), wanted=False, gone=gone, hidden=hidden, rung=stage.book.pages,
            records={record.name: record for record in stage.book.artifacts},
        )  # fmt: skip
        facts = [artifact for artifact in self.rules.artifacts() if artifact.name == FACTS]
        outcomes = settle_artifacts(facts, scene, self.world, give_up_at=_artifacts_give_up(stage))
        return outcomes, _earliest(*(outcome.due for outcome in outcomes))

    def _is_held(self, stage: PageStage, *, wanted: bool, taken: bool) -> bool:
        """Declared in a storm, and waits for a human's word: somebody takes, resolves or lowers it. Given once for all.

        What has gone on since is finished, told to its end and put away, also where nobody has it any more; and what is wanted
        again is held no more.
        """
        if taken or not (wanted and stage.stormy):
            return False
        if any(page.is_of_the_chain and page.episode > 1 for page in stage.book.pages):
            return False
        silent = frozenset(artifact.name for artifact in self.rules.artifacts() if not artifact.speaks_when_held)
        return not any(owner_of(record.name, silent) for record in stage.book.artifacts)

    # --- coming back -------------------------------------------------------------------------------------------

    def _come_back(
        self, message: Message, incident: Incident, observation: Observation, stage: PageStage, outcomes: list[Outcome],
        due: datetime | None,
    ) -> None:  # fmt: skip
        """Tell the sweep from when on to visit this incident, and book a wake-up for what is due before the next one."""
        book = stage.book
        if stage.changed or any(outcome.changed for outcome in outcomes):
            book = self.world.ledger.read(incident.id)
        wanted = observation.gone is None and self._is_wanted(incident, book)
        is_needed = wanted and not is_taken(incident, book, self.rules.policy)
        now = self.world.clock.now()
        unfinished = (
            is_needed
            or self._waits_for_jira(incident, observation, book, wanted=wanted)
            or _is_unread(message, observation, book, now)
        )
        due_at = due if due is not None else _shown_at(observation, book, now)
        if book.has_living_pages or unfinished or any(outcome.pending for outcome in outcomes):
            due_at = ALWAYS
        outcome_records = (outcome.record for outcome in outcomes if outcome.record is not None)
        move_due(incident, book, due_at, (*stage.book.artifacts, *outcome_records), self.world)
        wake(message, book, due, now, self.world, key=incident.key)

    def _waits_for_jira(self, incident: Incident, observation: Observation, book: Book, *, wanted: bool) -> bool:
        """Something hangs on Jira's own word: that it can be read again rings no bell.

        Without its history nobody knows who has left an incident, and whoever is called besides is called on that word only.
        """
        if observation.trouble is None:
            return False
        if not incident.changes_complete:
            return wanted or not observation.hidden
        left_at = nobodys_since(incident, book, self.rules.policy)
        return wanted and bool(beside(incident, left_at, self.rules, self.world.clock.now()))

    def _without_ledger(
        self, message: Message, incident: Incident | None, known: Book | None, error: IntegrationError, *,
        paged: bool, is_second_hand: bool,
    ) -> None:  # fmt: skip
        """Nothing can be remembered: page what is young, and come back when the ledger does.

        known: what this pass had read before the ledger went away. An old message must not ring for what that says is over.
        Raises what the ledger refuses again and again: only a human can repair that, and the dead-letter queue calls one.
        So it does what was handed out before: the copy of it that could not be sent then may have been taken all the same, and
        where each try left another, there would be twice as many every minute.
        """
        key = incident.key if incident else message.issue_id
        self.world.log.alarm("ledger_away", issue=key, error=str(error))
        if message.cause is not Cause.LOOK and not paged and self.rules.mode is not Mode.SHADOW:
            book, policy = known or Book(None), self.rules.policy
            observation = observe(message, book, self.world.tickets)
            seen = observation.incident
            wanted = seen is not None and observation.gone is None and is_wanted(seen, policy)
            if seen is not None and wanted and not is_taken(seen, book, policy):
                page_blind(seen, self.world, self.rules)
        if is_second_hand:
            raise error
        is_counted = isinstance(error, PermanentError) or message.cause is Cause.SWEEP
        if not is_counted or message.put_off < PUT_OFFS_BORNE:
            # Never a redelivery: that comes only after minutes, and a few of them are the end of the message.
            self.world.queue.send(replace(message, put_off=message.put_off + is_counted), LOOK_DELAY_S)
        elif isinstance(error, PermanentError):
            raise error

    def _shadow(self, message: Message, incident: Incident, observation: Observation, book: Book) -> None:
        """Decide and say what would happen; touch nothing but the ledger.

        Due stays what would ring somebody, for the mode in which it does, and what another mode has begun: that one goes on.
        """
        view = page_view(incident, observation.gone, replace(book, pages=()), self.rules, self.world.clock.now())
        say_what_would_happen(incident, observation.gone, view, book, self.world)
        is_needed = view.wanted or view.delivery is not None
        is_unread = _is_unread(message, observation, book, self.world.clock.now())
        if is_needed or is_unread or self._waits_for_jira(incident, observation, book, wanted=view.wanted):
            move_due(incident, book, ALWAYS, (), self.world)
        elif not is_begun(book):
            move_due(incident, book, None, (), self.world)


def _is_unread(message: Message, observation: Observation, book: Book, now: datetime) -> bool:
    """A sweep found it changed, perhaps for the only time, since what changed long ago it does not search for again.

    Until it has been read it stays due, whoever comes by meanwhile, and also where it was gone when it was last seen.
    """
    due_at = book.incident.due_at if book.incident is not None else None
    return observation.is_unknown and (message.cause is Cause.SWEEP or (due_at is not None and due_at <= now))


def _shown_at(observation: Observation, book: Book, now: datetime) -> datetime | None:
    """A search showed it, and reading it answers 404: it stays due from then until it is read, or for an hour.

    One such answer may be wrong, and a later search may not show it any more.
    """
    due_at = book.incident.due_at if book.incident is not None else None
    if not observation.hidden or due_at is None:
        return None
    return due_at if timedelta(0) <= now - due_at <= SHOWN_FOR else None


def _why_in_doubt(event: JiraEvent) -> dict[str, str]:
    """Why intake could not page from it, and what it had to guess."""
    doubts = doubts_without_values(event.snapshot) if event.snapshot is not None else ""
    return {name: why for name, why in (("no_snapshot", event.no_snapshot), ("doubts", doubts)) if why}


def _artifacts_give_up(stage: PageStage) -> datetime:
    return stage.give_up_at - PAGES_GIVE_UP + ARTIFACTS_GIVE_UP


def _running(pages: tuple[PageRecord, ...], *, wanted: bool) -> tuple[PageRecord, ...]:
    """The page records of the running episode, in the order they were begun."""
    ours = tuple(page for page in pages if page.is_of_the_chain)
    episode = protocol.current_episode(ours, wanted=wanted)
    return tuple(sorted((page for page in ours if page.episode == episode), key=lambda page: (page.since, page.sk)))


def _asks_for_a_look(message: Message, book: Book) -> bool:
    """Whether it tells of an alert that no record knows."""
    told = message.orphan
    if told is None or not told.alert_id:
        return message.cause is Cause.LOOK
    return not any(told.alert_id in page.alert_ids for page in book.pages)


def _is_being_sent(told: Orphan, book: Book) -> bool:
    return any(page.target == told.target and page.state is PageState.SENDING for page in book.pages)


def _is_outdated(snapshot: Incident, book: Book) -> bool:
    """The ledger has seen a newer version, or this one gone."""
    known = book.incident
    if known is None:
        return False
    is_older = known.latest is not None and known.latest.updated_at > snapshot.updated_at
    return is_older or (known.deleted_at is not None and known.deleted_at >= snapshot.updated_at)


def _earliest(*moments: datetime | None) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)
