"""From a webhook to the right person paged, exactly once, whatever goes wrong on the way."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import time
from typing import Any

import pytest

from chalicelib.artifacts.page_turns import accepted
from chalicelib.domain.alias import alias_of
from chalicelib.domain.durations import TimeFields
from chalicelib.domain.incident import Change, Incident, IssueId, Resolution, Severity, Status
from chalicelib.domain.paging import Alert, AlertStatus, PageState
from chalicelib.domain.policy import Mode, PagingPolicy
from chalicelib.domain.routing import BusinessHours, Delivery
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.intake.jira_event import JiraEvent
from chalicelib.metrics.facts import fact_of, newest
from chalicelib.metrics.rows import read_sighting
from chalicelib.metrics.sightings import Sighting
from chalicelib.ports.ledger import FOUND_BY_SWEEP, ArtifactRecord, ArtifactState, Book
from chalicelib.ports.pager import Pager
from chalicelib.ports.queue import Cause, Message, Orphan
from chalicelib.ports.tickets import Left, Missing
from chalicelib.reconcile.firebell import HIDDEN_FOR, Firebell
from chalicelib.reconcile.pages import ALWAYS
from simulation.twins import MemoryFacts, MemoryLedger
from tests.builders import EMMA, MIA, NOW, a_change, a_page, a_roster, a_routing_table, an_incident, seconds
from tests.reconcile.small_world import FakeTickets, SmallWorld, later

INCIDENT = an_incident()
NEVER_CLOSED = BusinessHours("UTC", frozenset(range(7)), time(0), time(23, 59))
DOUBTS = ('several severities are set: the worst counts; severity "Mia "M" Moore" is not mapped: treated as 2', 'status "x')
GUESSED = "several severities are set: the worst counts; severity (a value) is not mapped: treated as 2; status (a value)"


def a_world_with(incident: object = INCIDENT, **options: object) -> SmallWorld:
    world = SmallWorld(**options)  # type: ignore[arg-type]
    world.jira_has(incident)  # type: ignore[arg-type]
    return world


def a_paged_world(**options: object) -> SmallWorld:
    """Paged by the webhook, confirmed, ringing, and ten seconds old."""
    world = a_world_with(**options)
    world.webhook(INCIDENT)
    world.pass_time(10)
    assert world.states() == {"1:im": "confirmed"}
    return world


# --- once -------------------------------------------------------------------------------------------------------


def test_a_webhook_pages_the_on_call_manager_in_the_same_invocation():
    world = a_world_with()
    assert world.webhook(INCIDENT)
    assert world.pager.rings == [("bitbucket-im", "[HOT-42] Sev 1: Checkout is down")]
    assert len(world.queue) == 2


def test_the_queue_has_it_before_the_pager():
    world = a_world_with()
    world.pager.fail("open_page")
    assert not world.webhook(INCIDENT)
    assert len(world.queue) == 2


def test_an_event_that_is_not_durable_is_paged_and_reported():
    world = a_world_with()
    world.queue.error = TemporaryError("sqs", "send", "timed out")
    with pytest.raises(TemporaryError):
        world.webhook(INCIDENT)
    assert len(world.pager.rings) == 1


@pytest.mark.parametrize("deliveries", [1, 2, 5])
def test_however_often_it_is_delivered_it_rings_once(deliveries: int):
    world = a_world_with()
    for _ in range(deliveries):
        world.webhook(INCIDENT)
    world.pass_time(10)
    world.webhook(INCIDENT, is_retry=True)
    world.pass_time(60, sweeping=True)
    assert len(world.pager.rings) == 1


@pytest.mark.parametrize(
    "incident",
    [
        pytest.param(an_incident(severity=Severity.SEV3), id="severity 3"),
        pytest.param(an_incident(status=Status.RESOLVED), id="resolved"),
        pytest.param(an_incident(assignee=MIA, changes=(a_change("assignee", "acc-mia", MIA),)), id="taken"),
    ],
)
def test_nobody_is_woken_for(incident: object):
    world = a_world_with(replace(incident, service="Confluence"))  # type: ignore[type-var]
    world.webhook(incident)  # type: ignore[arg-type]
    world.pass_time(300, sweeping=True)
    assert world.pager.rings == []


@pytest.mark.parametrize(
    "how",
    [
        pytest.param({"is_retry": True}, id="a retried webhook"),
        pytest.param({"age_s": 121}, id="an old snapshot"),
    ],
)
def test_a_stale_snapshot_is_not_paged_from_but_the_issue_is_read(how: dict[str, object]):
    world = a_world_with()
    world.pass_time(float(how.get("age_s", 0)))  # type: ignore[arg-type]
    assert not world.webhook(INCIDENT, is_retry=bool(how.get("is_retry")))
    world.work()
    assert len(world.pager.rings) == 1


def test_a_late_created_webhook_for_something_resolved_pages_nobody():
    world = a_world_with(later(INCIDENT, 30, status=Status.RESOLVED))
    world.ring(INCIDENT)
    world.clock.at += seconds(60)
    assert not world.webhook(INCIDENT)
    world.pass_time(200, sweeping=True)
    assert world.pager.rings == []


def test_a_settled_incident_is_reconciled_without_a_single_write():
    world = a_paged_world()
    world.pager.act("a-1", AlertStatus.ACKED, "mia@example.com")
    world.ring(INCIDENT, Cause.PAGER)
    world.ring(INCIDENT)  # our own assignment is news
    before = world.writes()
    for cause in (Cause.CHANGED, Cause.SWEEP, Cause.WAKE, Cause.PAGER):
        world.ring(INCIDENT, cause, INCIDENT)
    assert world.writes() == before
    assert len(world.queue) == 0


def test_a_ringing_alert_that_nothing_happens_to_is_watched_without_a_single_write():
    world = a_paged_world()
    before = world.writes()
    world.ring(INCIDENT, Cause.SWEEP)
    assert world.writes() == before


def test_what_we_acknowledged_is_acknowledged_again_when_that_runs_out_and_else_read_without_a_single_write():
    world = a_paged_world()
    taken = later(INCIDENT, 20, assignee=MIA, changes=(a_change("assignee", "acc-mia", MIA, after_s=20),))
    world.jira_has(taken)
    world.ring(taken)
    world.pass_time(1800, sweeping=True)
    assert world.page().acked_by_us
    before, sent = world.writes(), world.pager.writes
    world.ring(taken, Cause.SWEEP)
    assert world.writes() == before
    world.pager.alerts = [replace(alert, status=AlertStatus.OPEN, rings_by_itself=True) for alert in world.pager.alerts]
    world.ring(taken, Cause.PAGER)
    world.ring(taken, Cause.SWEEP)
    assert [alert.status for alert in world.pager.alerts] == [AlertStatus.ACKED]
    assert world.pager.writes == sent + 1
    before = world.writes()
    world.ring(taken, Cause.SWEEP)
    assert world.writes() == before


# --- faults around the create -----------------------------------------------------------------------------------


def test_a_lost_answer_is_looked_up_and_not_repeated():
    world = a_world_with()
    world.pager.lost_answers.append(TemporaryError("opsgenie", "open_page", "timed out"))
    world.webhook(INCIDENT)
    world.pass_time(15)
    assert len(world.pager.rings) == 1
    assert world.states() == {"1:im": "confirmed"}


def test_a_create_that_never_arrived_is_repeated_within_fifteen_seconds():
    world = a_world_with()
    world.pager.fail("open_page")
    world.webhook(INCIDENT)
    world.pass_time(15)
    assert len(world.pager.rings) == 1


def test_a_pager_that_was_down_for_long_rings_soon_after_it_is_back():
    world = a_world_with()
    world.pager.fail("open_page", times=1000)
    world.webhook(INCIDENT)
    world.pass_time(600, sweeping=True)
    assert world.pager.rings == []
    world.pager.failures.clear()
    world.pass_time(20, sweeping=True)
    assert len(world.pager.rings) == 1


def test_no_more_than_one_wake_up_is_ever_pending():
    world = a_world_with()
    world.pager.fail("open_page", times=1000)
    world.webhook(INCIDENT)
    world.pass_time(5)
    for _ in range(100):
        world.pass_time(3)
        world.ring(INCIDENT, Cause.SWEEP)
        assert len(world.queue) <= 1


def test_a_wake_up_that_was_booked_for_another_time_books_no_second():
    world = a_world_with()
    world.pager.fail("open_page", times=1000)
    world.webhook(INCIDENT)
    world.pass_time(5)
    for _ in range(100):
        world.pass_time(3)
        world.ring(INCIDENT, Cause.WAKE)
        assert len(world.queue) <= 1


def test_while_nobody_could_be_paged_nothing_else_happens_for_a_minute_and_then_it_is_said():
    world = a_world_with()
    world.pager.fail("open_page", times=1000)
    world.webhook(INCIDENT)
    world.pass_time(59, sweeping=True)
    assert world.tickets.comments == {}
    world.pass_time(30, sweeping=True)
    assert "unpaged: True" in world.tickets.comments["c-1"]
    assert "not_paged" in world.log.alarms
    world.pager.failures.clear()
    world.pass_time(60, sweeping=True)
    assert len(world.tickets.comments) == 1
    assert "unpaged: False" in world.tickets.comments["c-1"]


# --- fallbacks --------------------------------------------------------------------------------------------------


def test_imoc_is_paged_when_nobody_acknowledges_in_time():
    world = a_paged_world()
    world.pass_time(289, sweeping=True)
    assert [roster for roster, _ in world.pager.rings] == ["bitbucket-im"]
    world.pass_time(10, sweeping=True)
    assert [roster for roster, _ in world.pager.rings] == ["bitbucket-im", "imoc"]


def test_when_nobody_in_the_chain_answers_the_owners_hear_of_it_once_and_jira_says_so():
    world = a_paged_world()
    world.pass_time(1200, sweeping=True)
    assert world.log.alarms == ["nobody_answers"]
    assert "nobody has answered, and nobody is left to call" in world.tickets.comments["c-1"]


def test_a_pager_that_shows_none_of_its_alerts_keeps_nobody_in_the_chain_from_being_rung():
    world = a_world_with()
    world.pager.shows = False
    world.webhook(INCIDENT)
    world.pass_time(300, sweeping=True)
    assert [roster for roster, _ in world.pager.rings] == ["bitbucket-im", "imoc"]
    assert world.log.alarms == ["alert_not_shown", "alert_not_shown", "nobody_answers"]
    assert set(world.states().values()) == {"confirmed"}


def test_a_lost_acknowledgement_wakes_nobody():
    world = a_paged_world()
    world.pager.act("a-1", AlertStatus.ACKED, "mia@example.com")
    world.pass_time(400, sweeping=True)
    assert len(world.pager.rings) == 1
    assert world.states() == {"1:im": "acked"}


def test_an_empty_roster_pages_imoc_at_once_and_says_so_in_jira():
    world = a_world_with()
    world.pager.empty_rosters.add("bitbucket-im")
    world.webhook(INCIDENT)
    world.pass_time(10)
    assert [roster for roster, _ in world.pager.rings] == ["bitbucket-im", "imoc"]
    assert "nobody_on_call: ('bitbucket-im',)" in world.tickets.comments["c-1"]


def test_a_refused_roster_pages_imoc_at_once():
    world = a_world_with()
    world.pager.refused_rosters.add("bitbucket-im")
    world.webhook(INCIDENT)
    world.work()
    assert [roster for roster, _ in world.pager.rings] == ["imoc"]


def test_a_pager_that_accepts_and_never_rings_is_found_out():
    world = a_world_with()
    world.pager.processes = False
    world.webhook(INCIDENT)
    world.pass_time(45, sweeping=True)
    assert world.states()["1:imoc1"] in ("sending", "accepted")
    world.pager.processes = True
    world.pass_time(75, sweeping=True)
    assert {"bitbucket-im", "imoc"} == {roster for roster, _ in world.pager.rings}


def test_the_second_pager_rings_when_the_first_is_down_for_a_minute():
    second = a_roster("im-pd", pager="pagerduty")
    world = a_world_with(table=a_routing_table(a_roster("bitbucket-im", second="im-pd"), second))
    for operation in ("open_page", "find"):
        world.pager.fail(operation, times=1000)
    world.webhook(INCIDENT)
    world.pass_time(59, sweeping=True)
    assert world.second.rings == []
    world.pass_time(20, sweeping=True)
    assert [roster for roster, _ in world.second.rings] == ["im-pd"]


# --- the life of a page -----------------------------------------------------------------------------------------


def test_an_acknowledgement_at_the_pager_is_kept_with_who_and_when():
    world = a_paged_world()
    world.pager.act("a-1", AlertStatus.ACKED, "mia@example.com")
    world.ring(INCIDENT, Cause.PAGER)
    page = world.page()
    assert (page.acked_by, page.acked_at) == ("mia@example.com", NOW + seconds(10))


def test_taking_it_in_jira_acknowledges_the_alert():
    world = a_paged_world()
    world.jira_has(later(INCIDENT, 20, assignee=MIA, changes=(a_change("assignee", "acc-mia", MIA),)))
    world.ring(INCIDENT)
    world.pass_time(5)
    assert world.pager.alerts[0].status is AlertStatus.ACKED
    assert world.states() == {"1:im": "acked"}


def test_an_assignment_by_somebody_else_neither_stops_nor_acknowledges_a_page():
    world = a_world_with(later(INCIDENT, 1, assignee=MIA, changes=(a_change("assignee", "acc-mia", EMMA),)))
    world.ring(INCIDENT)
    world.pass_time(10)
    assert [alert.status for alert in world.pager.alerts] == [AlertStatus.OPEN]


@pytest.mark.parametrize(
    "ending",
    [
        pytest.param(later(INCIDENT, 20, status=Status.RESOLVED), id="resolved"),
        pytest.param(later(INCIDENT, 20, severity=Severity.SEV3, service=None), id="lowered"),
        pytest.param(Left(INCIDENT.id, "it is in project OPS now"), id="moved away"),
    ],
)
def test_an_incident_that_needs_nobody_any_more_closes_its_alert(ending: object):
    world = a_paged_world()
    world.jira_has(ending)  # type: ignore[arg-type]
    world.pass_time(120, sweeping=True)
    assert world.pager.open_alerts() == []
    assert world.states() == {"1:im": "ended"}
    assert world.ledger.due(world.clock.at) == []


def test_a_deleted_issue_closes_its_alert_once_jira_has_said_so():
    world = a_paged_world()
    del world.tickets.issues[INCIDENT.id]
    world.pass_time(60, sweeping=True)
    assert len(world.pager.open_alerts()) == 1, "a 404 alone may be a lost permission"
    assert "issue_unreadable" in world.log.alarms
    world.ring(INCIDENT, Cause.DELETED)
    world.pass_time(10)
    assert world.pager.open_alerts() == []


@pytest.mark.parametrize(
    "leave",
    [
        pytest.param(lambda world: world.tickets.issues.pop(INCIDENT.id), id="deleted"),
        pytest.param(lambda world: world.jira_has(Left(INCIDENT.id, "it is in project OPS now")), id="moved away"),
    ],
)
def test_what_is_gone_counts_no_more_until_it_comes_back(leave: Callable[[SmallWorld], object]):
    store = MemoryFacts()

    def counted() -> list[tuple[str, str]]:
        rows = [fact_of(read_sighting(content.decode()), None) for content in store.files.values()]
        return [(fact.excluded, fact.seen.summary) for fact in rows]

    world = a_paged_world(facts=lambda: store)
    leave(world)
    world.ring(INCIDENT, Cause.DELETED)
    world.pass_time(60, sweeping=True)
    assert counted() == [("", INCIDENT.summary), ("gone", "")]
    assert world.ledger.due(world.clock.at) == []
    before = world.writes()
    world.ring(INCIDENT)
    assert (world.writes(), len(counted())) == (before, 2)
    world.jira_has(later(INCIDENT, 60))
    world.ring(INCIDENT)
    world.pass_time(30)
    assert counted()[-1] == ("", INCIDENT.summary)


TAKEN = later(INCIDENT, 5, changes=(a_change("assignee", MIA.account_id, MIA, after_s=4),), assignee=MIA)
KEPT_SECRET = replace(
    TAKEN, updated_at=NOW + seconds(60), is_private=True, changes_complete=False,
    changes=(a_change("private", "yes", EMMA, after_s=60),),
)  # fmt: skip


def test_what_became_private_and_hidden_from_us_loses_its_words_and_keeps_its_times():
    store = MemoryFacts()
    world = a_paged_world(facts=lambda: store)
    world.jira_has(TAKEN)
    world.ring(INCIDENT)
    world.pass_time(5)
    told = newest_of(store)
    del world.tickets.issues[INCIDENT.id]
    world.webhook(KEPT_SECRET)
    world.pass_time(30)
    hushed = newest_of(store)
    assert (told.summary, hushed.summary, hushed.is_private) == (INCIDENT.summary, "", True)
    assert hushed.acknowledged_at == told.acknowledged_at == TAKEN.changes[0].at
    assert hushed.engaged == told.engaged
    before = world.writes(), len(store.files)
    world.ring(INCIDENT, Cause.SWEEP)
    world.ring(INCIDENT, Cause.CHANGED, KEPT_SECRET)
    assert (world.writes(), len(store.files)) == before
    world.jira_has(later(TAKEN, 120))
    world.ring(INCIDENT)
    assert newest_of(store).summary == INCIDENT.summary


def test_what_is_private_and_hidden_is_paged_before_it_is_counted():
    store = MemoryFacts()
    world = SmallWorld(facts=lambda: store)
    world.pager.fail("open_page", times=1000)
    world.webhook(later(INCIDENT, 1, is_private=True))
    world.pass_time(120, sweeping=True)
    assert not store.files
    world.pager.failures.clear()
    world.pass_time(30, sweeping=True)
    assert newest_of(store).paged_at is not None


def newest_of(store: MemoryFacts) -> Sighting:
    return newest(read_sighting(content.decode()) for content in store.files.values())[INCIDENT.id]


class Shop(MemoryFacts):
    """May be closed."""

    closed = False

    def put(self, key: str, content: bytes, content_type: str) -> None:
        if self.closed:
            raise TemporaryError("s3", "put", "no answer")
        super().put(key, content, content_type)


def test_a_store_that_is_away_keeps_what_is_gone_due():
    store = Shop()
    world = a_paged_world(facts=lambda: store)
    store.closed = True
    world.jira_has(Left(INCIDENT.id, "it is in project OPS now"))
    world.pass_time(60, sweeping=True)
    assert INCIDENT.id in world.ledger.due(world.clock.at)
    store.closed = False
    world.pass_time(120, sweeping=True)
    assert world.ledger.due(world.clock.at) == []
    assert fact_of(read_sighting(list(store.files.values())[-1].decode()), None).excluded == "gone"


class Overtaken:
    """A ledger of which somebody who is faster reads and writes right after the first reading."""

    def __init__(self, inner: MemoryLedger, faster: Callable[[], object]) -> None:
        self.inner, self.faster = inner, faster

    def __getattr__(self, name: str) -> object:
        return getattr(self.inner, name)

    def read(self, issue_id: IssueId) -> Book:
        book = self.inner.read(issue_id)
        faster, self.faster = self.faster, lambda: None
        faster()
        return book


def test_of_two_leavings_at_one_moment_the_newer_counts_whichever_is_written_last():
    world = SmallWorld()
    first, back, again = (later(INCIDENT, s) for s in (1, 2, 3))
    told = [Message(INCIDENT.id, Cause.DELETED, gone_version=gone.updated_at) for gone in (first, again)]
    world.broken.inner = Overtaken(world.ledger, lambda: world.firebell.look_after(told[1]))  # type: ignore[assignment]
    world.firebell.look_after(told[0])
    assert not world.webhook(back)
    world.pass_time(60, sweeping=True)
    assert world.pager.rings == []


def test_whoever_loses_a_claim_to_somebody_who_knows_that_it_is_gone_rings_nobody():
    world = SmallWorld()
    world.ledger.see(INCIDENT, due_at=ALWAYS)
    world.ledger.insert(a_page(state=PageState.UNKNOWN))
    gone = Message(INCIDENT.id, Cause.DELETED, gone_version=later(INCIDENT, 1).updated_at)
    world.broken.inner = Overtaken(world.ledger, lambda: world.firebell.look_after(gone))  # type: ignore[assignment]
    world.ring(INCIDENT, Cause.WAKE)
    assert world.pager.rings == []


def test_an_issue_that_was_never_seen_is_looked_for_until_it_can_be():
    world = SmallWorld()
    world.ring(INCIDENT, Cause.CHANGED)
    before = world.writes()
    for cause in (Cause.SWEEP, Cause.CHANGED):
        world.ring(INCIDENT, cause)
    assert world.writes() == before, "waiting writes nothing"
    assert world.ledger.due(world.clock.at) == [INCIDENT.id]
    world.jira_has(INCIDENT)
    world.ring(INCIDENT, Cause.SWEEP)
    assert len(world.pager.rings) == 1


def test_an_issue_that_stays_hidden_is_forgotten_after_a_week():
    world = SmallWorld()
    world.ring(INCIDENT, Cause.CHANGED)
    world.clock.at += HIDDEN_FOR
    world.ring(INCIDENT, Cause.SWEEP)
    assert world.ledger.due(world.clock.at) == [INCIDENT.id]
    world.clock.at += seconds(1)
    world.ring(INCIDENT, Cause.SWEEP)
    assert world.ledger.due(world.clock.at) == []
    world.ring(INCIDENT, Cause.SWEEP)
    assert world.ledger.due(world.clock.at) == [], "only whoever is told of it begins anew"


def test_an_issue_of_which_we_only_know_that_it_is_no_incident_is_not_waited_for():
    world = SmallWorld()
    world.ring(INCIDENT, Cause.CHANGED)
    world.jira_has(Left(INCIDENT.id, "it is in project OPS now"))
    world.ring(INCIDENT, Cause.SWEEP)
    assert world.ledger.due(world.clock.at) == []


def test_an_issue_that_is_hidden_from_us_is_paged_from_its_snapshot():
    world = SmallWorld()
    world.ring(INCIDENT, Cause.CHANGED, INCIDENT)
    assert len(world.pager.rings) == 1
    assert "issue_unreadable" in world.log.alarms


def _is_reopened(world: SmallWorld) -> None:
    """Of an issue that existed before, a webhook tells its own change only."""
    change = a_change("status", Status.NEW, EMMA, old=Status.RESOLVED, after_s=0)
    world.jira_has(replace(INCIDENT, created_at=NOW - seconds(7200), changes=(change,)))
    world.webhook(replace(INCIDENT, created_at=NOW - seconds(7200), changes=(change,), changes_complete=False))


@pytest.mark.parametrize(
    "comes",
    [
        pytest.param(lambda world: world.webhook(INCIDENT), id="by its first webhook"),
        pytest.param(lambda world: world.ring(INCIDENT, Cause.SWEEP), id="by a sweep"),
        pytest.param(_is_reopened, id="reopened after another stage paged it"),
    ],
)
def test_what_somebody_closed_before_an_incident_began_does_not_keep_it_from_being_paged(comes: Callable[[SmallWorld], None]):
    """Of another stage, or from another Jira whose issue had the same id: its alias is the same, and no ledger knows it."""
    world = a_world_with()
    made_at = NOW - seconds(3600)
    world.pager.alerts.append(
        Alert("old", "firebell:10002", AlertStatus.CLOSED, made_at, "bob@example.com", made_at + seconds(60))
    )
    comes(world)
    world.pass_time(120, sweeping=True)
    assert world.pager.rings == [("bitbucket-im", "[HOT-42] Sev 1: Checkout is down")]
    assert world.states() == {"1:im": "confirmed"}


@pytest.mark.parametrize("status", [AlertStatus.OPEN, AlertStatus.ACKED])
def test_what_another_stage_left_behind_is_closed_and_its_issue_paged_when_it_is_reopened(status: AlertStatus):
    world = a_world_with()
    made_at = NOW - seconds(3600)
    world.pager.alerts.append(Alert("old", "firebell:10002", status, made_at, "bob@example.com", made_at + seconds(60)))
    _is_reopened(world)
    world.pass_time(30)
    assert [alert.id for alert in world.pager.open_alerts()] == ["a-2"]
    assert len(world.pager.rings) == 1
    assert world.states() == {"1:im": "ended", "2:im": "confirmed"}
    assert world.tickets.assigned == {}


@pytest.mark.parametrize("status", [AlertStatus.OPEN, AlertStatus.ACKED])
def test_an_alert_of_another_jira_neither_absorbs_a_page_nor_counts_as_one(status: AlertStatus):
    """Its issue has the same id, and both page through one account."""
    world = a_world_with(policy=PagingPolicy(own_account="acc-firebell", site_tag="0a1b2c"))
    theirs = Alert("theirs", alias_of(INCIDENT.id, "im", "ffffff"), status, NOW - seconds(60), "bob@example.com", NOW)
    world.pager.alerts.append(theirs)
    world.ring(INCIDENT, Cause.SWEEP)
    world.pass_time(10)
    assert (len(world.pager.rings), world.page().alias) == (1, "firebell-0a1b2c:10002")
    world.ring(later(INCIDENT, 20, status=Status.RESOLVED), snapshot=later(INCIDENT, 20, status=Status.RESOLVED))
    world.pass_time(60, sweeping=True)
    assert theirs in world.pager.alerts


def test_a_page_from_before_aliases_told_jiras_apart_is_followed_to_its_end():
    world = a_paged_world()
    policy = replace(world.policy, site_tag="0a1b2c")
    world.firebell = replace(world.firebell, rules=replace(world.firebell.rules, policy=policy))
    world.pager.act("a-1", AlertStatus.ACKED, "mia@example.com")
    world.firebell.look_after(Message(INCIDENT.id, Cause.PAGER, orphan=Orphan("im", "opsgenie", "a-1")))
    assert (world.page().state, world.page().acked_by) == (PageState.ACKED, "mia@example.com")
    for after_s, status in ((60, Status.RESOLVED), (120, Status.NEW)):
        world.jira_has(later(INCIDENT, after_s, status=status))
        world.ring(INCIDENT)
        world.pass_time(30)
    assert [alert.alias for alert in world.pager.open_alerts()] == ["firebell-0a1b2c:10002"]
    assert world.states() == {"1:im": "ended", "2:im": "confirmed"}


def test_an_alert_closed_by_a_human_is_not_rung_again():
    world = a_paged_world()
    world.pager.act("a-1", AlertStatus.CLOSED, "mia@example.com")
    world.pass_time(900, sweeping=True)
    world.jira_has(later(INCIDENT, 500, summary="Checkout is still down"))
    world.ring(INCIDENT)
    assert len(world.pager.rings) == 1
    assert world.states() == {"1:im": "closed"}


@pytest.mark.parametrize(
    "pause",
    [
        pytest.param({"severity": Severity.SEV3, "service": None}, id="lowered and raised"),
        pytest.param({"status": Status.RESOLVED}, id="resolved and reopened"),
    ],
)
def test_wanted_again_is_a_new_episode_and_a_new_ring(pause: dict[str, object]):
    world = a_paged_world()
    world.jira_has(later(INCIDENT, 20, **pause))
    world.ring(INCIDENT)
    world.pass_time(10)
    again = later(INCIDENT, 40)
    world.jira_has(again)
    world.webhook(again)
    world.pass_time(10)
    assert len(world.pager.rings) == 2
    assert world.states() == {"1:im": "ended", "2:im": "confirmed"}


def test_a_severity_raised_later_pages_then():
    low = an_incident(severity=Severity.SEV3, service="Confluence")
    world = a_world_with(low)
    world.webhook(low)
    world.pass_time(130, sweeping=True)
    high = later(low, 130, severity=Severity.SEV2)
    world.jira_has(high)
    assert world.webhook(high)
    assert [roster for roster, _ in world.pager.rings] == ["imoc"]


def test_raised_from_2_to_1_the_other_roster_is_rung_only_when_somebody_asks_for_it():
    severities = {Severity.SEV1: "all-hands", Severity.SEV2: "bitbucket-im"}
    second = an_incident(severity=Severity.SEV2)
    world = a_world_with(second, table=a_routing_table(a_roster("all-hands"), services={"bitbucket": severities}))
    world.webhook(second)
    world.pass_time(60, sweeping=True)
    for after_s, asked_for, rung in ((60, (), ["bitbucket-im"]), (90, ("Bitbucket",), ["bitbucket-im", "all-hands"])):
        first = later(second, after_s, severity=Severity.SEV1, escalate_to=asked_for)
        world.jira_has(first)
        world.webhook(first)
        world.pass_time(30, sweeping=True)
        assert [roster for roster, _ in world.pager.rings] == rung


@pytest.mark.parametrize(
    "broken", [pytest.param(("find", "read"), id="it cannot be asked"), pytest.param(("close",), id="it may not be told")]
)
def test_an_alert_that_cannot_be_closed_is_told_of_while_that_is_so(broken: tuple[str, ...]):
    world = a_paged_world()
    for operation in broken:
        world.pager.fail(operation, times=1_000, out_of_service=True)
    world.jira_has(later(INCIDENT, 20, status=Status.RESOLVED))
    world.ring(INCIDENT)
    world.pass_time(120, sweeping=True)
    assert "page_not_closed" not in world.log.alarms
    world.pass_time(720, sweeping=True)
    assert "page_not_closed" in world.log.alarms
    world.pager.failures.clear()
    world.pass_time(120, sweeping=True)
    assert world.pager.open_alerts() == []


def test_a_pager_that_takes_every_close_and_does_nothing_is_told_of(monkeypatch: pytest.MonkeyPatch):
    world = a_paged_world()
    monkeypatch.setattr(world.pager, "close", lambda alert_id, note: None)
    world.jira_has(later(INCIDENT, 20, status=Status.RESOLVED))
    world.ring(INCIDENT)
    world.pass_time(60, sweeping=True)
    assert "page_not_closed" not in world.log.alarms
    world.pass_time(240, sweeping=True)
    assert "page_not_closed" in world.log.alarms


def test_a_pager_that_asked_to_come_back_in_a_day_is_asked_within_the_hour():
    world = a_world_with()
    world.pager.fail("open_page", retry_after_s=86_400.0)
    world.ring(INCIDENT)
    world.pass_time(3700, sweeping=True)
    assert len(world.pager.rings) == 1


def test_a_page_is_read_while_its_pager_will_not_be_asked_to_acknowledge_it():
    world = a_paged_world()
    taken = later(INCIDENT, 20, assignee=MIA, changes=(a_change("assignee", "acc-mia", MIA, after_s=20),))
    world.pager.fail("acknowledge", retry_after_s=3600.0)
    world.jira_has(taken)
    world.ring(taken)
    assert world.pager.alerts[0].status is AlertStatus.OPEN
    world.pager.act("a-1", AlertStatus.ACKED, "mia@example.com")
    world.pass_time(120, sweeping=True)
    assert world.states() == {"1:im": "acked"}


# --- Jira, the ledger and the sweep -----------------------------------------------------------------------------


def test_without_jira_the_newest_snapshot_decides():
    world = SmallWorld()
    world.tickets.error = TemporaryError("jira", "read", "503")
    world.ring(INCIDENT, Cause.CHANGED, INCIDENT)
    world.pass_time(10)
    assert len(world.pager.rings) == 1


def test_an_older_reading_never_overrules_a_newer_one():
    world = a_world_with(later(INCIDENT, 50, status=Status.RESOLVED))
    world.ring(INCIDENT)
    world.jira_has(INCIDENT)
    world.ring(INCIDENT)
    world.pass_time(30)
    assert world.pager.rings == []


def test_a_lost_webhook_is_found_by_the_sweep():
    world = a_world_with()
    world.pass_time(61, sweeping=True)
    assert len(world.pager.rings) == 1
    assert world.tickets.searched == [61, 60]


@pytest.mark.parametrize(
    ("how", "is_saved"),
    [
        pytest.param(lambda world: world.pass_time(61, sweeping=True), True, id="the webhook is lost"),
        pytest.param(lambda world: (world.webhook(INCIDENT), world.pass_time(61, sweeping=True)), False, id="it comes"),
        pytest.param(lambda world: (world.sweep(), world.pass_time(61)), False, id="the sweep is faster"),
        pytest.param(lambda world: (world.pass_time(8), world.sweep(), world.pass_time(1)), False, id="just before it counts"),
        pytest.param(lambda world: (world.pass_time(10), world.sweep(), world.pass_time(1)), True, id="just when it counts"),
        pytest.param(
            lambda world: (world.pass_time(61, sweeping=True), world.webhook(INCIDENT), world.pass_time(61, sweeping=True)),
            True,
            id="it comes after the sweep",
        ),
    ],
)
def test_what_only_a_sweep_found_is_remembered_as_that(how: Callable[[SmallWorld], object], is_saved: bool):
    world = a_world_with()
    how(world)
    records = [record.name for record in world.ledger.read(INCIDENT.id).artifacts]
    assert (FOUND_BY_SWEEP in records) is is_saved
    assert world.log.alarms.count("found_by_sweep") == is_saved


@pytest.mark.parametrize(
    ("options", "is_said"),
    [
        pytest.param({"policy": PagingPolicy(go_live=NOW + seconds(1))}, False, id="adopted"),
        pytest.param({"mode": Mode.SHADOW}, False, id="shadow"),
        pytest.param({"mode": Mode.PAGE_ONLY}, True, id="nothing is counted"),
    ],
)
def test_what_nobody_had_to_tell_of_is_not_saved(options: dict[str, object], is_said: bool):
    world = a_world_with(**options)
    world.pass_time(61, sweeping=True)
    assert ("found_by_sweep" in world.log.alarms) is is_said
    assert FOUND_BY_SWEEP not in [record.name for record in world.ledger.read(INCIDENT.id).artifacts]


@pytest.mark.parametrize(
    ("became_after_s", "is_saved"),
    [pytest.param(2, True, id="since go-live"), pytest.param(59, False, id="just before the sweep"),
     pytest.param(0, False, id="before go-live")],
)  # fmt: skip
def test_an_older_issue_is_to_be_told_of_from_when_it_became_an_incident(became_after_s: float, is_saved: bool):
    became = a_change("incident", "yes", after_s=became_after_s)
    world = a_world_with(replace(INCIDENT, changes=(became,)), policy=PagingPolicy(go_live=NOW + seconds(1)))
    world.pass_time(61, sweeping=True)
    assert ("found_by_sweep" in world.log.alarms) is is_saved


def test_a_failing_search_does_not_keep_the_ledgers_incidents_waiting():
    world = a_paged_world()
    world.tickets.error = TemporaryError("jira", "search", "503")
    assert world.sweep() == 1
    assert "sweep_failed" in world.log.alarms
    assert world.ledger.swept_at() is None


def test_without_the_ledger_a_young_change_is_paged_once():
    world = a_world_with()
    world.broken.away = True
    world.webhook(INCIDENT)
    world.pass_time(90)
    assert len(world.pager.rings) == 1
    world.broken.away = False
    world.pass_time(60)
    assert world.states() == {"1:im": "confirmed"}
    assert len(world.pager.rings) == 1


class NoCredentials(UserDict[str, Pager]):
    """Pagers of which none can be built: the secrets cannot be read."""

    def __getitem__(self, name: str) -> Pager:
        raise TemporaryError("secrets_manager", "read", "timed out")


def test_without_the_ledger_and_the_pagers_credentials_a_message_is_put_off_and_then_pages():
    world = a_world_with()
    world.broken.away = True
    locked_out = replace(world.world, pagers=NoCredentials(world.world.pagers))
    Firebell(locked_out, world.firebell.rules).look_after(Message(INCIDENT.id, Cause.CHANGED))
    assert "blind_page_failed" in world.log.alarms
    world.pass_time(21)
    assert len(world.pager.rings) == 1


def test_without_the_ledger_an_old_change_is_not_paged_blindly():
    world = a_world_with()
    world.pass_time(130)
    world.broken.away = True
    world.ring(INCIDENT, Cause.CHANGED)
    assert world.pager.rings == []


def test_what_the_ledger_refuses_in_passing_is_only_put_off():
    world = a_world_with()
    world.broken.refuses = True
    world.ring(INCIDENT, Cause.CHANGED)
    world.pass_time(30)
    world.broken.refuses = False
    world.pass_time(60)
    assert world.states() == {"1:im": "confirmed"}
    assert len(world.pager.rings) == 1


def test_what_the_ledger_refuses_again_and_again_is_for_the_dead_letters():
    world = a_world_with()
    world.broken.refuses = True
    world.ring(INCIDENT, Cause.CHANGED)
    with pytest.raises(PermanentError, match="item too large"):
        world.pass_time(300)
    assert len(world.queue) == 1, "the look that the blind page asked for"
    assert len(world.pager.rings) == 1


def test_what_a_sweep_rang_for_is_put_off_and_left_to_a_later_one():
    world = a_world_with()
    world.broken.away = True
    world.ring(INCIDENT, Cause.SWEEP)
    assert len(world.queue) == 2, "itself, and the look that the blind page asked for"
    world.pass_time(130)
    assert len(world.queue) == 1


@pytest.mark.parametrize(
    ("handed_out", "is_put_off"),
    [
        pytest.param(1, True, id="for the first time"),
        pytest.param(2, False, id="again: a copy may have been taken"),
        pytest.param(4, False, id="and again"),
        pytest.param(5, True, id="for the last time"),
    ],
)
def test_without_the_ledger_what_was_handed_out_before_is_left_to_the_queue(handed_out: int, is_put_off: bool):
    world = a_world_with()
    world.pass_time(130)
    world.broken.away = True
    with nullcontext() if is_put_off else pytest.raises(TemporaryError):
        world.firebell.look_after(Message(INCIDENT.id, Cause.CHANGED), handed_out)
    assert len(world.queue) == is_put_off


def test_an_orphan_of_a_ledgerless_time_is_closed_when_the_incident_is_over():
    world = a_world_with()
    world.broken.away = True
    world.webhook(INCIDENT)
    world.jira_has(later(INCIDENT, 30, status=Status.RESOLVED))
    world.broken.away = False
    world.pass_time(60, sweeping=True)
    assert len(world.pager.rings) == 1
    assert world.pager.open_alerts() == []


def test_word_of_a_page_made_without_the_ledger_waits_for_whoever_is_sending_that_page():
    """They would write over what this pass remembers of it."""
    world = a_world_with()
    claimed = a_page(state=PageState.SENDING, until=NOW + seconds(8))
    world.ledger.insert(claimed)
    world.firebell.look_after(Message(INCIDENT.id, Cause.LOOK, INCIDENT, Orphan("im", "opsgenie", sent_at=NOW)))
    world.ledger.replace(claimed, accepted(claimed, "r-1", NOW))
    assert world.page().blind_sent_at is None
    world.pass_time(8)
    assert world.page().blind_sent_at == NOW


def _begins_a_page(ledger: MemoryLedger) -> None:
    ledger.insert(a_page(state=PageState.UNKNOWN, unwanted_since=NOW))


def _fails_at_an_artifact(ledger: MemoryLedger) -> None:
    again_at = NOW + seconds(300)
    ledger.insert(
        ArtifactRecord(
            INCIDENT.id,
            "room:resolved-1",
            ArtifactState.SENDING,
            "theirs",
            NOW,
            attempt=1,
            not_before=again_at,
            last_error="no",
        )
    )


def test_what_was_found_gone_while_jira_was_being_asked_rings_nobody(monkeypatch: pytest.MonkeyPatch):
    """Whoever asked later has been answered sooner, and has read the ledger's page before this one writes there."""
    world = a_world_with(INCIDENT)
    read = FakeTickets.read

    def gone_by_then(tickets: FakeTickets, issue_id: IssueId) -> Incident | Left | Missing:
        answer = read(tickets, issue_id)
        world.ledger.mark_deleted(issue_id, INCIDENT.updated_at + seconds(1), due_at=None)
        return answer

    monkeypatch.setattr(FakeTickets, "read", gone_by_then)
    world.ring(INCIDENT, Cause.CHANGED)
    assert world.pager.rings == []
    assert world.tickets.writes == 0


@pytest.mark.parametrize("other", [_begins_a_page, _fails_at_an_artifact])
@pytest.mark.parametrize("has_read_it", [False, True], ids=["before the book is read", "after the book is read"])
def test_whoever_settles_an_incident_leaves_due_what_another_pass_has_begun_meanwhile(
    other: Callable[[MemoryLedger], None], has_read_it: bool, monkeypatch: pytest.MonkeyPatch
):
    """The other pass finds it due, and so writes nothing to keep it so."""
    world = a_world_with(over := replace(INCIDENT, status=Status.RESOLVED))
    world.ledger.see(over, due_at=ALWAYS)
    settle = Firebell._come_back
    set_due = MemoryLedger.set_due

    def begun_before_the_end(firebell: Firebell, *passed: Any) -> None:
        if not has_read_it:
            other(world.ledger)
        settle(firebell, *passed)

    def begun_before_it_is_settled(ledger: MemoryLedger, *settled: Any) -> bool:
        if has_read_it and settled[-1] != ALWAYS:
            other(ledger)
        return set_due(ledger, *settled)

    monkeypatch.setattr(Firebell, "_come_back", begun_before_the_end)
    monkeypatch.setattr(MemoryLedger, "set_due", begun_before_it_is_settled)
    world.ring(over)
    assert world.ledger.due(NOW) == [over.id]


def test_whoever_acts_on_an_older_version_leaves_due_what_a_newer_one_made_due(monkeypatch: pytest.MonkeyPatch):
    world = a_world_with(over := replace(INCIDENT, status=Status.RESOLVED))
    world.ledger.see(over, due_at=ALWAYS)
    come_back = Firebell._come_back

    def another_ends_before(firebell: Firebell, message: Message, incident: Any, observed: Any, stage: Any, *ends: Any) -> None:
        world.ledger.see(later(over, 1), due_at=NOW + seconds(86400))
        stage.changed = True  # so the book is read again, and its revision is the newer one's
        come_back(firebell, message, incident, observed, stage, *ends)

    monkeypatch.setattr(Firebell, "_come_back", another_ends_before)
    world.ring(over)
    assert world.ledger.due(NOW + seconds(86400)) == [over.id]


# --- modes, go-live, storms -------------------------------------------------------------------------------------


def test_shadow_decides_and_touches_nothing_but_the_ledger():
    world = a_world_with(mode=Mode.SHADOW)
    world.webhook(INCIDENT)
    world.pass_time(120, sweeping=True)
    assert world.pager.writes + world.tickets.writes == 0
    would = [fields["would"] for event, fields in world.log.events if event == "shadow"]
    assert len(would) == 1
    assert "page bitbucket-im through opsgenie" in str(would[0])


def test_shadow_says_what_it_had_to_guess_and_no_value_that_may_name_somebody():
    world = a_world_with(replace(INCIDENT, doubts=DOUBTS), mode=Mode.SHADOW)
    world.webhook(replace(INCIDENT, doubts=DOUBTS))
    world.pass_time(10)
    [would] = [str(fields["would"]) for event, fields in world.log.events if event == "shadow"]
    assert would.endswith(f"; in doubt: {GUESSED}")


def test_the_log_of_intake_says_what_it_had_to_guess_or_why_it_could_not_page():
    world = a_world_with()
    doubtful = JiraEvent(INCIDENT.id, INCIDENT.key, Cause.CHANGED, replace(INCIDENT, doubts=DOUBTS), NOW, False, None)
    partial = replace(doubtful, snapshot=None, no_snapshot="it does not tell summary")
    for event in (doubtful, partial, replace(doubtful, snapshot=INCIDENT)):
        world.firebell.receive(event)
    told = [
        {name: fields.get(name) for name in ("doubts", "no_snapshot")}
        for event, fields in world.log.events
        if event == "queued"
    ]
    assert told == [
        {"doubts": GUESSED, "no_snapshot": None},
        {"doubts": None, "no_snapshot": "it does not tell summary"},
        {"doubts": None, "no_snapshot": None},
    ]


@pytest.mark.parametrize(
    ("change", "is_due"),
    [
        pytest.param({}, True, id="would ring"),
        pytest.param({"assignee": MIA, "changes": (a_change("assignee", "acc-mia", MIA),)}, True, id="taken, and goes on"),
        pytest.param({"severity": Severity.SEV3, "service": None}, False, id="rings nobody"),
        pytest.param({"status": Status.RESOLVED}, False, id="resolved"),
    ],
)
def test_shadow_comes_back_only_for_what_goes_on(change: dict[str, Any], is_due: bool):
    incident = later(INCIDENT, 0, **change)
    world = a_world_with(incident, mode=Mode.SHADOW)
    world.webhook(incident)
    world.pass_time(120, sweeping=True)
    assert world.ledger.due(NOW + seconds(86400)) == [incident.id] * is_due
    writes = world.ledger.writes
    world.ring(incident)
    assert world.ledger.writes == writes


def test_shadow_lets_go_of_what_was_resolved_and_comes_back_for_what_is_reopened():
    world = a_world_with(mode=Mode.SHADOW)
    for after_s, status, due in ((0, Status.NEW, [INCIDENT.id]), (30, Status.RESOLVED, []), (60, Status.NEW, [INCIDENT.id])):
        world.jira_has(later(INCIDENT, after_s, status=status))
        world.ring(INCIDENT)
        assert world.ledger.due(NOW + seconds(86400)) == due


def test_shadow_keeps_what_a_sweep_has_found_until_jira_can_be_read():
    world = a_world_with(mode=Mode.SHADOW)
    world.jira_has(later(INCIDENT, 0, status=Status.RESOLVED))
    world.ring(INCIDENT)
    world.tickets.error = TemporaryError("jira", "read", "503")
    known = world.ledger.read(INCIDENT.id).incident
    assert known is not None
    assert world.ledger.set_due(INCIDENT.id, known.rev, NOW)
    world.ring(INCIDENT, Cause.SWEEP)
    assert world.ledger.due(NOW) == [INCIDENT.id]


def test_shadow_lets_go_of_nothing_that_another_mode_has_begun():
    world = a_paged_world()
    world.firebell = Firebell(world.world, replace(world.firebell.rules, mode=Mode.SHADOW))
    over = later(INCIDENT, 20, status=Status.RESOLVED)
    world.jira_has(over)
    world.ring(over)
    assert world.ledger.due(NOW + seconds(86400)) == [over.id]
    assert len(world.pager.open_alerts()) == 1


def test_shadow_lets_go_of_what_another_mode_has_ended():
    world = a_world_with(mode=Mode.PAGE_ONLY)
    world.webhook(INCIDENT)
    world.pass_time(30)
    world.jira_has(later(INCIDENT, 30, status=Status.RESOLVED))
    world.pass_time(120, sweeping=True)
    world.firebell = Firebell(world.world, replace(world.firebell.rules, mode=Mode.SHADOW))
    for after_s, status, due in ((150, Status.NEW, [INCIDENT.id]), (180, Status.RESOLVED, [])):
        world.jira_has(later(INCIDENT, after_s, status=status))
        world.ring(INCIDENT)
        assert world.ledger.due(NOW + seconds(86400)) == due


def test_page_only_pages_and_writes_nothing_in_jira():
    world = a_world_with(mode=Mode.PAGE_ONLY)
    world.pager.empty_rosters.add("bitbucket-im")
    world.webhook(INCIDENT)
    world.pass_time(30)
    assert len(world.pager.rings) == 2
    assert world.tickets.writes == 0


def test_an_incident_older_than_go_live_pages_only_when_it_gets_worse():
    world = a_world_with(policy=PagingPolicy(go_live=NOW + seconds(10)))
    world.webhook(INCIDENT)
    world.pass_time(130, sweeping=True)
    assert world.pager.rings == []
    world.jira_has(later(INCIDENT, 130, changes=(a_change("severity", "1", MIA, old="2", after_s=130),)))
    world.pass_time(60, sweeping=True)
    assert len(world.pager.rings) == 1


@pytest.mark.parametrize(
    "since",
    [
        pytest.param(a_change("status", Status.NEW, MIA, old=Status.RESOLVED, after_s=130), id="reopened"),
        pytest.param(a_change("incident", "yes", MIA, after_s=130), id="became an incident"),
    ],
)
def test_an_issue_older_than_go_live_that_begins_after_it_pages_once(since: Change):
    world = a_world_with(replace(INCIDENT, status=Status.RESOLVED), policy=PagingPolicy(go_live=NOW + seconds(10)))
    world.pass_time(130, sweeping=True)
    begun = later(INCIDENT, 130, changes=(since,))
    world.jira_has(begun)
    world.webhook(replace(begun, changes_complete=False))
    world.pass_time(60, sweeping=True)
    assert len(world.pager.rings) == 1
    world.jira_has(later(INCIDENT, 200, changes=(since,), summary="Another word"))
    world.pass_time(60, sweeping=True)
    assert len(world.pager.rings) == 1


@pytest.mark.parametrize(
    ("now", "alert"),
    [
        pytest.param(Status.NEW, AlertStatus.OPEN, id="it goes on"),
        pytest.param(Status.RESOLVED, AlertStatus.CLOSED, id="that it is over is known"),
    ],
)
def test_while_its_history_cannot_be_read_no_page_ends_because_it_may_be_adopted(now: Status, alert: AlertStatus):
    world = a_world_with(replace(INCIDENT, status=Status.RESOLVED), policy=PagingPolicy(go_live=NOW + seconds(10)))
    world.pass_time(130, sweeping=True)
    reopened = a_change("status", Status.NEW, MIA, old=Status.RESOLVED, after_s=130)
    world.tickets.error = PermanentError("jira", "read", "401")
    world.webhook(later(INCIDENT, 130, changes=(reopened,), changes_complete=False))
    world.pass_time(30, sweeping=True)
    world.webhook(later(INCIDENT, 160, changes_complete=False, status=now, summary="Another word"))
    world.pass_time(120, sweeping=True)
    assert [one.status for one in world.pager.alerts] == [alert]
    world.tickets.error = None
    world.jira_has(later(INCIDENT, 160, changes=(reopened,), status=now, summary="Another word"))
    world.pass_time(60, sweeping=True)
    assert len(world.pager.rings) == 1


@pytest.mark.parametrize(
    ("changes", "table"),
    [
        pytest.param(
            {"severity": Severity.SEV3},
            {"deliveries": {"bitbucket": Delivery("bitbucket-team", NEVER_CLOSED)}},
            id="a delivery team's alert",
        ),
        pytest.param(
            {"escalate_to": ("Bitbucket",), "status": Status.FIXING}, {}, id="somebody who was asked for, beside who has it"
        ),
    ],
)
def test_nor_does_what_rings_beside_the_chain(changes: dict[str, Any], table: dict[str, Any]):
    """Reopened after go-live, which the next webhook about something else does not tell while Jira cannot be read."""
    policy = PagingPolicy(go_live=NOW + seconds(10))
    reopened = a_change("status", Status.NEW, MIA, old=Status.RESOLVED, after_s=130)
    fixing = a_change("status", Status.FIXING, MIA, old=Status.NEW, after_s=131)
    history = (reopened, fixing) if "status" in changes else (reopened,)
    world = a_world_with(replace(INCIDENT, status=Status.RESOLVED), policy=policy, table=a_routing_table(**table))
    world.pass_time(130, sweeping=True)
    world.jira_has(later(INCIDENT, 131, **changes, changes=history))
    world.ring(INCIDENT)
    world.pass_time(30, sweeping=True)
    [rung] = world.pager.alerts
    world.tickets.error = PermanentError("jira", "read", "401")
    world.webhook(later(INCIDENT, 170, **changes, changes_complete=False, summary="Another word"))
    world.pass_time(120, sweeping=True)
    assert [one.status for one in world.pager.alerts if one.alias == rung.alias] == [AlertStatus.OPEN]
    world.tickets.error = None
    world.jira_has(later(INCIDENT, 170, **changes, changes=history, summary="Another word"))
    world.pass_time(60, sweeping=True)
    assert [one.status for one in world.pager.alerts if one.alias == rung.alias] == [AlertStatus.OPEN]


def test_what_a_sweep_found_stays_due_until_jira_has_been_read():
    """Raised while Jira was away, its webhook lost: the first sweep after that shows it once, and the read fails again."""
    world = a_world_with(lesser := replace(INCIDENT, severity=Severity.SEV3, service=None))
    world.webhook(lesser)
    world.pass_time(130, sweeping=True)
    assert world.ledger.due(NOW + seconds(130)) == []
    world.jira_has(later(lesser, 131, severity=Severity.SEV1, changes=(a_change("severity", "1", old="3", after_s=131),)))
    world.tickets.error = TemporaryError("jira", "read", "half a body")
    world.ring(lesser, Cause.SWEEP)
    assert world.ledger.due(NOW + seconds(130)) == [lesser.id]
    world.tickets.error = None
    world.pass_time(60, sweeping=True)
    assert len(world.pager.rings) == 1


def test_what_may_be_adopted_is_not_paged_on_a_history_known_in_part():
    world = a_world_with(policy=PagingPolicy(go_live=NOW + seconds(10)))
    world.tickets.error = PermanentError("jira", "read", "401")
    world.pass_time(130, sweeping=True)
    world.webhook(later(INCIDENT, 130, changes_complete=False))
    world.pass_time(60, sweeping=True)
    assert world.pager.rings == []


def test_in_a_storm_everybody_is_paged_and_told_and_the_rest_waits():
    world = SmallWorld(policy=PagingPolicy(storm_majors=2))
    storm = [replace(INCIDENT, id=str(10002 + n), key=f"HOT-{42 + n}") for n in range(4)]  # type: ignore[arg-type]
    for incident in storm:
        world.jira_has(incident)
        world.webhook(incident)
    world.pass_time(5)
    assert len(world.pager.rings) == 4
    assert ["[STORM]" in message for _, message in world.pager.rings] == [False, False, True, True]
    assert sum("held: True" in text for text in world.tickets.comments.values()) == 2


def test_what_went_on_in_a_storm_is_not_held_again_once_it_is_resolved():
    world = SmallWorld(policy=PagingPolicy(storm_majors=0))
    world.jira_has(INCIDENT)
    world.webhook(INCIDENT)
    world.pass_time(5)
    assert "held: True" in next(iter(world.tickets.comments.values()))
    world.pager.act(world.pager.alerts[0].id, AlertStatus.ACKED, "mia@example.com")
    world.pass_time(120, sweeping=True)
    world.jira_has(replace(INCIDENT, status=Status.RESOLVED, updated_at=NOW + seconds(130)))
    world.pass_time(120, sweeping=True)
    assert "held: False" in next(iter(world.tickets.comments.values()))


def test_a_storm_holds_what_only_the_sweep_found():
    world = a_world_with(policy=PagingPolicy(storm_majors=0), times=TimeFields(detected="f-detected"))
    world.pass_time(130, sweeping=True)
    assert FOUND_BY_SWEEP in [record.name for record in world.ledger.read(INCIDENT.id).artifacts]
    [comment] = world.tickets.comments.values()
    assert "held: True" in comment
    assert world.tickets.fields == {}


def a_stormy_world() -> SmallWorld:
    """Everybody was paged for it, it is held, and nobody has answered for two minutes."""
    times = TimeFields(detected="f-detected", impact_ended="f-ended")
    world = a_world_with(policy=PagingPolicy(storm_majors=0), times=times)
    world.webhook(INCIDENT)
    world.pass_time(120, sweeping=True)
    [comment] = world.tickets.comments.values()
    assert "held: True" in comment
    assert world.tickets.fields == {}
    return world


@pytest.mark.parametrize("how", Resolution)
def test_what_was_held_and_is_resolved_untaken_waits_for_nobody_any_more(how: Resolution):
    world = a_stormy_world()
    world.jira_has(later(INCIDENT, 120, status=Status.RESOLVED, resolution=how))
    world.pass_time(120, sweeping=True)
    [comment] = world.tickets.comments.values()
    assert "held: False" in comment
    assert world.tickets.fields[INCIDENT.id] == {"f-detected": NOW, "f-ended": NOW + seconds(120)}


def test_what_was_held_and_is_lowered_waits_for_nobody_any_more():
    world = a_stormy_world()
    world.jira_has(later(INCIDENT, 120, severity=Severity.SEV3))
    world.pass_time(120, sweeping=True)
    [comment] = world.tickets.comments.values()
    assert "held: False" in comment
    assert world.tickets.fields[INCIDENT.id] == {"f-detected": NOW}


@pytest.mark.parametrize(
    "has", [{}, {"times": TimeFields(detected="f-detected")}], ids=["nothing was made", "times were filled in"]
)
def test_the_word_is_given_once_for_all_by_a_resolve_too(has: dict[str, object]):
    world = a_world_with(policy=PagingPolicy(storm_majors=0), **has)
    world.webhook(INCIDENT)
    world.pass_time(120, sweeping=True)
    world.jira_has(later(INCIDENT, 120, status=Status.RESOLVED))
    world.pass_time(120, sweeping=True)
    world.jira_has(later(INCIDENT, 240))
    world.pass_time(120, sweeping=True)
    assert ["[STORM]" in message for _, message in world.pager.rings] == [True, False]
    [comment] = world.tickets.comments.values()
    assert "held: False" in comment


# --- escalations ----------------------------------------------------------------------------------------------------


def test_whoever_escalate_to_names_is_paged_once_and_let_go_with_the_name():
    asks = replace(INCIDENT, escalate_to=("Databases", "Finance"), links={"chat_room": "https://chat.example.com/C1"})
    world = a_world_with(asks, table=a_routing_table(a_roster("dba"), escalations={"databases": "dba"}))
    world.webhook(asks)
    world.pass_time(200)
    assert world.pager.rings == [
        ("bitbucket-im", "[HOT-42] Sev 1: Checkout is down"),
        ("dba", "[HOT-42] Sev 1: Checkout is down"),
    ]
    assert "nobody is known for Finance" in next(iter(world.tickets.comments.values()))
    world.jira_has(replace(asks, escalate_to=(), updated_at=NOW + seconds(200)))
    world.ring(asks)
    world.pass_time(30)
    assert world.states() == {"1:im": "confirmed", "1:to.dba": "ended"}


TOOK_IT = a_change("assignee", "acc-mia", MIA, after_s=20)
GIVEN_BACK = a_change("assignee", None, MIA, old="acc-mia", after_s=30)


def test_what_somebody_took_and_gave_back_before_fixing_it_rings_for_somebody_else():
    """Its own page was acknowledged for them, and rings nobody any more."""
    world = a_world_with(INCIDENT)
    world.webhook(INCIDENT)
    world.pass_time(20)
    taken = later(INCIDENT, 20, assignee=MIA, changes=(TOOK_IT,))
    world.jira_has(taken)
    world.webhook(taken)
    world.pass_time(5)
    assert world.states() == {"1:im": "acked"}
    given_back = later(INCIDENT, 30, changes=(TOOK_IT, GIVEN_BACK))
    world.jira_has(given_back)
    world.webhook(given_back)
    world.pass_time(290, sweeping=True)
    assert world.states() == {"1:im": "acked"}, "whoever gave it back may take it again within five minutes"
    world.pass_time(60, sweeping=True)
    assert world.states()["1:next.imoc1"] == "confirmed"


def test_what_was_given_back_while_its_page_still_rings_calls_nobody_besides():
    given_back = later(INCIDENT, 1, changes=(replace(GIVEN_BACK, by=EMMA),))
    world = a_world_with(given_back)
    world.webhook(given_back)
    world.pass_time(290, sweeping=True)
    assert world.states() == {"1:im": "confirmed"}
    world.pass_time(60, sweeping=True)
    assert world.states() == {"1:im": "confirmed", "1:imoc1": "confirmed"}


def test_acknowledging_an_escalation_makes_nobody_incident_manager():
    asks = replace(INCIDENT, escalate_to=("Databases",))
    world = a_world_with(asks, table=a_routing_table(a_roster("dba"), escalations={"databases": "dba"}))
    world.webhook(asks)
    world.pass_time(10)
    dba = next(alert for alert in world.pager.alerts if alert.alias.endswith("to.dba"))
    world.pager.act(dba.id, AlertStatus.ACKED, "dba@example.com")
    world.pass_time(301)
    world.ring(asks)
    world.pass_time(10)
    assert [roster for roster, _ in world.pager.rings] == ["bitbucket-im", "dba", "imoc"]
