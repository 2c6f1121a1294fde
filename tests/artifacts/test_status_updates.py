"""Announcements on status pages: once and in order, and only while they may be told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.artifacts.artifact import Scene
from chalicelib.artifacts.status_channel import Marks
from chalicelib.artifacts.status_held_back import LOOK_AGAIN, STILL_HELD
from chalicelib.artifacts.status_left_open import LEFT_OPEN
from chalicelib.artifacts.status_pages import StatusPages, status_page_artifacts
from chalicelib.artifacts.status_told import Told, is_over_on
from chalicelib.artifacts.status_updates import DELETED
from chalicelib.domain.announcement import ComponentState, Progress
from chalicelib.domain.incident import IssueId, Severity, Status
from chalicelib.domain.telling import TellingPolicy
from chalicelib.ports.ledger import ArtifactState
from chalicelib.ports.tickets import Left
from sandbox.status.model import PageIncident
from tests.adapters.status_world import DRILLS, LOGIN, PAYMENTS, PUBLIC, STAFF
from tests.artifacts.passes import is_settled
from tests.artifacts.status_page_world import (
    POLICY,
    RESOLVED_ISSUE,
    SECRET,
    Announced,
    PagesWorld,
    a_pages_world,
    an_announcement,
    for_public,
    the_end,
)
from tests.builders import NOW, seconds
from tests.reconcile.small_world import FakeTickets


@pytest.fixture
def world() -> Iterator[PagesWorld]:
    with a_pages_world() as world:
        yield world


def resolve(world: PagesWorld) -> None:
    world.is_now(**RESOLVED_ISSUE)


# --- telling staff --------------------------------------------------------------------------------------------------------


def test_the_first_announcement_opens_an_incident_with_one_call(world: PagesWorld):
    world.announcer.to_staff = [an_announcement()]
    world.settle()
    made = world.only()
    assert (made.name, made.status) == ("HOT-42 - Sev 1 - Checkout is down", "investigating")
    assert world.bodies() == ["We are investigating an incident affecting Payments."]
    record = world.record("staff_page:opening")
    assert (record.state, record.link) == (ArtifactState.MADE, made.link)
    assert Told.parse(record.vendor_id or "").incident_id == made.id
    assert (world.calls(), world.told()) == (1, 1)


def test_a_settled_incident_is_left_alone(world: PagesWorld):
    world.announcer.to_staff = [an_announcement(), world.ordered("1", "A cache is full")]
    world.settle(60)
    effects, calls = len(world.passes.effects), world.calls()
    assert is_settled(world.settle())
    assert (len(world.passes.effects), world.calls()) == (effects, calls)


def test_every_further_announcement_is_one_update_in_order_and_the_last_resolves_it(world: PagesWorld):
    orders = [world.ordered(f"{number}", f"Text {number}") for number in (1, 2)]
    world.announcer.to_staff = [an_announcement(), *orders]
    for expected in (1, 2, 3):
        world.settle()
        assert len(world.bodies()) == expected
    resolve(world)
    world.announcer.to_staff.append(the_end())
    world.settle()
    assert world.bodies()[1:] == ["Text 1 is what we know.", "Text 2 is what we know.", "The incident is resolved."]
    assert (world.only().status, world.told()) == ("resolved", 4)
    assert is_settled(world.settle())


def test_what_may_not_be_told_yet_waits_and_so_does_what_comes_after(world: PagesWorld):
    held = world.ordered("1", "Held", not_before=NOW + seconds(60))
    world.announcer.to_staff = [an_announcement(), held, world.ordered("2", "After it")]
    world.settle()
    outcomes = world.settle()
    assert len(world.bodies()) == 1
    assert [outcome.due for outcome in outcomes if outcome.due] == [NOW + seconds(60)]
    world.settle(62)
    world.settle()
    assert [body[:4] for body in world.bodies()[1:]] == ["Held", "Afte"]


def test_what_waited_for_an_announcement_is_due_as_soon_as_that_is_told(world: PagesWorld):
    world.announcer.to_staff = [an_announcement(), world.ordered("1", "After it")]
    assert [outcome.due for outcome in world.settle()] == [NOW]
    assert [outcome.due for outcome in world.settle() if outcome.changed] == [None]


def test_whatever_customers_are_told_makes_the_last_word_due_that_nobody_wants_before(world: PagesWorld):
    world.announcer.to_public = [for_public(an_announcement())]
    assert [outcome.due for outcome in world.settle()] == [NOW]
    resolve(world)
    world.announcer.to_public.append(for_public(the_end()))
    assert [outcome.due for outcome in world.settle() if outcome.changed] == [None]


def test_an_announcement_that_failed_is_told_before_the_next_one(world: PagesWorld):
    world.announcer.to_staff = [an_announcement()]
    world.settle()
    world.announcer.to_staff += [world.ordered("1", "x" * 10), world.ordered("2", "Second")]
    world.jira.error = RuntimeError("away")
    world.settle()
    world.jira.error = None
    world.settle(120)
    assert [body[:4] for body in world.bodies()[1:]] == ["xxxx", "Seco"]


def test_an_edited_announcement_amends_what_was_published_and_tells_nobody(world: PagesWorld):
    opening = an_announcement()
    world.announcer.to_staff = [opening, world.ordered("1", "A cache is full")]
    world.settle(60)
    edited = world.ordered("1", "A disk is full")
    world.announcer.to_staff = [replace(opening, body="Of Payments and Login."), edited]
    world.settle()
    assert world.bodies() == ["Of Payments and Login.", "A disk is full is what we know."]
    assert (world.told(), is_settled(world.settle())) == (2, True)


def test_an_update_that_would_be_said_otherwise_now_stays_as_it_was_told(world: PagesWorld):
    told = world.ordered("1", "A cache is full")
    world.announcer.to_staff = [an_announcement(), told]
    world.settle(60)
    world.announcer.to_staff = [an_announcement(), replace(told, body="A cache is full. Nobody knows why.")]
    assert is_settled(world.settle())
    assert world.bodies()[1:] == ["A cache is full is what we know."]


def test_an_order_that_is_deleted_after_it_was_published_stays_published(world: PagesWorld):
    world.announcer.to_staff = [an_announcement(), world.ordered("1", "A cache is full")]
    world.settle(60)
    world.announcer.to_staff.pop()
    world.jira.said.clear()
    assert is_settled(world.settle())
    assert len(world.bodies()) == 2


def test_nothing_is_opened_only_to_be_resolved(world: PagesWorld):
    resolve(world)
    world.announcer.to_staff = [the_end()]
    world.settle(60)
    assert is_settled(world.settle())
    assert world.incidents() == []


def test_what_is_ordered_after_a_reopening_opens_the_incident_on_the_page_again(world: PagesWorld):
    world.announcer.to_staff = [an_announcement()]
    world.settle()
    resolve(world)
    world.announcer.to_staff.append(the_end())
    world.settle()
    assert world.states()[PAYMENTS] == "operational"
    world.is_now(status=Status.NEW)
    world.announcer.to_staff = [an_announcement(), world.ordered("1", "It is back")]
    world.settle()
    assert (world.only().status, world.states()[PAYMENTS]) == ("investigating", "major_outage")
    resolve(world)
    world.announcer.to_staff.append(the_end(2))
    world.settle()
    assert (world.only().status, world.states()[PAYMENTS], len(world.bodies())) == ("resolved", "operational", 4)


# --- while it may be told -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "by_then",
    [
        pytest.param({"is_private": True}, id="private"),
        pytest.param({"is_drill": True}, id="a drill"),
        pytest.param({"severity": Severity.SEV3}, id="severity 3"),
    ],
)
def test_what_may_not_be_told_any_more_at_the_moment_of_the_effect_is_not(world: PagesWorld, by_then: dict[str, Any]):
    world.announcer.to_staff = [an_announcement()]
    world.behind(**by_then)
    world.settle()
    assert (world.incidents(), world.calls()) == ([], 0)
    world.is_now()
    world.settle(60)
    assert len(world.bodies()) == 1


def test_what_may_not_be_told_is_asked_for_again_only_when_the_issue_has_a_new_version(world: PagesWorld):
    world.announcer.to_staff = [an_announcement()]
    world.behind(is_private=True)
    world.settle()
    assert is_settled(world.settle())
    world.is_now()
    assert not is_settled(world.settle())
    assert is_settled(world.settle())
    assert world.told() == 1


def test_customers_are_told_nothing_that_a_human_has_unsaid_by_then(world: PagesWorld):
    world.announcer.to_public = [for_public(an_announcement())]
    world.behind(customer_visible=False)
    world.settle()
    assert (world.incidents(PUBLIC), world.record("public_page:opening").state) == ([], ArtifactState.CLOSED)


def test_an_issue_that_has_left_or_gone_by_then_is_told_nowhere(world: PagesWorld):
    world.announcer.to_staff = [an_announcement()]
    world.announcer.to_public = [for_public(an_announcement())]
    issue_id = world.passes.incident.id
    world.jira.issues[issue_id] = Left(issue_id, "moved to OPS")
    world.settle()
    del world.jira.issues[issue_id]
    world.settle(60)
    assert (world.incidents(STAFF), world.incidents(PUBLIC)) == ([], [])


def test_an_incident_that_turned_private_is_told_no_more_and_its_beginnings_are_given_up(world: PagesWorld):
    world.announcer.to_staff = [an_announcement()]
    world.behind(is_private=True)
    world.settle()
    world.is_now(is_private=True)
    world.settle(60)
    assert is_settled(world.settle())
    record = world.record("staff_page:opening")
    assert (record.state, record.trouble, world.incidents()) == (ArtifactState.CLOSED, "", [])
    world.is_now(is_private=False)
    world.settle()
    assert len(world.bodies()) == 1


def test_a_private_incident_is_told_nowhere_whatever_the_announcer_says(world: PagesWorld):
    world.announcer.to_staff = [an_announcement()]
    world.announcer.to_public = [for_public(an_announcement())]
    world.is_now(is_private=True)
    assert is_settled(world.settle())
    assert world.calls() == 0


def test_a_drill_is_told_on_the_drills_page_only(world: PagesWorld):
    world.is_now(is_drill=True)
    world.announcer.to_staff = [an_announcement()]
    world.announcer.to_public = [for_public(an_announcement(), state=ComponentState.MAJOR_OUTAGE)]
    world.settle()
    assert (len(world.incidents(DRILLS)), world.incidents(STAFF), world.incidents(PUBLIC)) == (1, [], [])
    assert "drill_page:opening" in world.passes.records


def test_without_a_page_for_drills_they_are_told_nowhere():
    pages = StatusPages(SECRET, staff=lambda: None)  # type: ignore[arg-type, return-value]
    made = status_page_artifacts(pages, Announced(), FakeTickets, TellingPolicy())
    assert [artifact.name for artifact in made] == [
        "staff_page",
        "staff_page_name",
        "staff_page_held_back",
        "staff_page_left_open",
    ]


@pytest.mark.parametrize("became", [None, "A disk is full"])
def test_an_order_that_is_gone_or_says_something_else_just_before_the_effect_is_not_published(
    world: PagesWorld, became: str | None
):
    world.announcer.to_staff = [an_announcement()]
    world.settle()
    calls = world.calls()
    world.announcer.to_staff.append(world.ordered("1", "A cache is full"))
    if became is None:
        world.jira.said.clear()
    else:
        world.ordered("1", became)
    assert not any(outcome.pending for outcome in world.settle())
    assert (len(world.bodies()), world.calls()) == (1, calls)
    assert world.record("staff_page:order-1").state is ArtifactState.CLOSED
    if became is not None:
        world.announcer.to_staff[-1] = world.ordered("1", became)
        world.settle()
        assert world.bodies()[1:] == ["A disk is full is what we know."]


def test_a_taken_back_order_keeps_none_that_comes_after_it_waiting(world: PagesWorld):
    world.announcer.to_staff = [an_announcement()]
    world.settle()
    world.announcer.to_staff.append(world.ordered("1", "Taken back"))
    world.jira.said.clear()
    world.settle()
    world.announcer.to_staff = [an_announcement(), world.ordered("2", "Second")]
    world.settle()
    assert world.bodies()[1:] == ["Second is what we know."]


# --- what people do on the page -------------------------------------------------------------------------------------------


def test_an_incident_that_a_human_deleted_is_not_opened_again_and_that_is_said_once(world: PagesWorld):
    world.announcer.to_staff = [an_announcement()]
    world.settle()
    world.status.model.delete(STAFF, world.only().id)
    world.announcer.to_staff.append(world.ordered("1", "A cache is full"))
    world.settle()
    world.announcer.to_staff.append(world.ordered("2", "A disk is full"))
    world.is_now(summary="Checkout is slow")
    calls = world.calls()
    assert is_settled(world.settle(60))
    assert (world.incidents(), world.calls()) == ([], calls)
    said = [text for record in world.passes.records.values() for text in record.says]
    assert said == [DELETED]
    assert world.record("staff_page:order-1").state is ArtifactState.CLOSED


def test_a_deleted_incident_is_noticed_by_an_amendment_too(world: PagesWorld):
    world.announcer.to_staff = [an_announcement()]
    world.settle()
    world.status.model.delete(STAFF, world.only().id)
    world.announcer.to_staff = [an_announcement(body="Other words.")]
    world.settle()
    assert world.record("staff_page:opening").says == (DELETED,)
    world.announcer.to_staff.append(world.ordered("1", "A cache is full"))
    assert is_settled(world.settle(60))
    assert world.incidents() == []


def test_an_update_that_a_human_deleted_stays_deleted(world: PagesWorld):
    world.announcer.to_staff = [an_announcement()]
    world.settle()
    incident = world.only()
    world.status.model.delete_update(STAFF, incident.id, incident.updates[0].id)
    world.announcer.to_staff = [an_announcement(body="Other words.")]
    assert not any(outcome.pending for outcome in world.settle())
    assert (world.bodies(), is_settled(world.settle(60))) == ([], True)


def test_an_incident_that_a_human_resolved_by_hand_is_not_resolved_again(world: PagesWorld):
    world.announcer.to_staff = [an_announcement()]
    world.settle()
    world.status.model.change(STAFF, world.only().id, {"status": "resolved", "body": "Fixed."})
    resolve(world)
    world.announcer.to_staff.append(the_end())
    world.settle()
    assert (world.bodies()[1:], world.told(), world.states()[PAYMENTS]) == (["Fixed."], 2, "operational")
    assert is_settled(world.settle(60))


def test_an_incident_whose_postmortem_stands_on_the_page_is_not_resolved_again(world: PagesWorld):
    world.announcer.to_public = [for_public(world.ordered("1", "All fail"), state=ComponentState.MAJOR_OUTAGE)]
    world.settle()
    world.status.model.change(PUBLIC, world.only(PUBLIC).id, {"status": "resolved"})
    world.status.model.publish_postmortem(PUBLIC, world.only(PUBLIC).id, "A disk was full.")
    resolve(world)
    world.announcer.to_public.append(for_public(the_end()))
    world.settle()
    assert (world.bodies(PUBLIC)[-1], world.states(PUBLIC)[PAYMENTS]) == ("A disk was full.", "operational")
    assert is_settled(world.settle(60))


def test_what_is_ordered_for_it_is_published_and_leaves_it_resolved(world: PagesWorld):
    world.announcer.to_staff = [an_announcement()]
    world.settle()
    world.status.model.change(STAFF, world.only().id, {"status": "resolved", "body": "Fixed."})
    world.announcer.to_staff += [world.ordered("1", "One more thing"), world.ordered("2", "And another")]
    world.settle(60)
    assert [update.status for update in world.only().updates] == ["investigating", "resolved", "resolved", "resolved"]


@pytest.mark.parametrize("became", [{"is_private": True}, {"is_drill": True}])
def test_an_incident_that_may_not_be_told_of_any_more_and_stands_open_on_a_page_is_for_people_to_end(
    world: PagesWorld, became: dict[str, Any]
):
    world.announcer.to_staff = [an_announcement()]
    world.settle()
    world.is_now(**became)
    world.announcer.to_staff = []
    world.settle()
    assert world.record("staff_page_left_open").says == (LEFT_OPEN,)
    assert is_settled(world.settle())
    world.is_now(is_private=False, is_drill=False)
    world.settle()
    assert (world.record("staff_page_left_open").says, world.calls()) == ((), 1)
    assert is_settled(world.settle())


def test_what_was_resolved_or_deleted_on_the_page_is_not_left_open(world: PagesWorld):
    world.announcer.to_staff = [an_announcement()]
    world.settle()
    resolve(world)
    world.announcer.to_staff.append(the_end())
    world.settle()
    world.is_now(is_private=True)
    assert is_settled(world.settle())


ANOTHER = {"name": "Another", "component_ids": [PAYMENTS], "components": {PAYMENTS: "partial_outage"}}

# --- components -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("severity", "state"), [(Severity.SEV1, "major_outage"), (Severity.SEV2, "partial_outage")])
def test_for_staff_components_do_as_bad_as_the_incident_until_it_is_resolved(world: PagesWorld, severity: Severity, state: str):
    world.is_now(severity=severity)
    world.announcer.to_staff = [an_announcement()]
    world.settle()
    assert world.states() == {PAYMENTS: state, LOGIN: "operational"}
    resolve(world)
    world.announcer.to_staff.append(the_end())
    world.settle()
    assert world.states() == {PAYMENTS: "operational", LOGIN: "operational"}


@pytest.mark.parametrize(
    ("severity", "there", "shown"),
    [
        pytest.param(Severity.SEV2, "major_outage", "major_outage", id="milder"),
        pytest.param(Severity.SEV2, "degraded_performance", "partial_outage", id="worse"),
        pytest.param(Severity.SEV2, "under_maintenance", "partial_outage", id="no outage"),
        pytest.param(Severity.SEV1, "partial_outage", "major_outage", id="as bad as can be"),
    ],
)
def test_the_worst_of_two_incidents_on_one_product_shows_for_staff(
    world: PagesWorld, severity: Severity, there: str, shown: str
):
    other = world.status.model.open(STAFF, {**ANOTHER, "components": {PAYMENTS: there}})
    world.is_now(severity=severity)
    world.announcer.to_staff = [an_announcement()]
    world.settle()
    assert world.states()[PAYMENTS] == shown
    assert [incident.component_ids for incident in world.incidents()] == [[PAYMENTS], [PAYMENTS]]
    resolve(world)
    world.announcer.to_staff.append(the_end())
    world.status.model.change(STAFF, other.id, {"status": "resolved"})
    world.settle()
    assert world.states()[PAYMENTS] == (there if shown == there else "operational"), "what is not ours is left"


def test_customers_are_shown_what_was_ordered_also_where_another_incident_is_worse(world: PagesWorld):
    world.status.model.open(PUBLIC, {**ANOTHER, "components": {PAYMENTS: "major_outage"}})
    world.announcer.to_public = [for_public(world.ordered("1", "Some fail"), state=ComponentState.PARTIAL_OUTAGE)]
    world.settle()
    assert world.states(PUBLIC)[PAYMENTS] == "partial_outage"


def test_an_update_leaves_a_state_that_a_human_set_on_the_page(world: PagesWorld):
    world.announcer.to_staff = [an_announcement()]
    world.settle()
    world.status.model.set_component(STAFF, PAYMENTS, "degraded_performance")
    world.announcer.to_staff.append(world.ordered("1", "A cache is full"))
    world.settle()
    assert world.states()[PAYMENTS] == "degraded_performance"


def test_the_public_sees_states_only_as_they_were_ordered(world: PagesWorld):
    world.announcer.to_public = [for_public(an_announcement())]
    world.settle()
    assert world.only(PUBLIC).component_ids == [PAYMENTS]
    assert world.states(PUBLIC) == {PAYMENTS: "operational", LOGIN: "operational"}
    ordered = for_public(world.ordered("1", "Some fail"), state=ComponentState.PARTIAL_OUTAGE)
    world.announcer.to_public.append(ordered)
    world.settle()
    assert world.states(PUBLIC)[PAYMENTS] == "partial_outage"
    world.is_now(severity=Severity.SEV2)
    world.settle()
    assert world.states(PUBLIC)[PAYMENTS] == "partial_outage"
    resolve(world)
    world.announcer.to_public.append(for_public(the_end()))
    world.settle()
    assert world.states(PUBLIC)[PAYMENTS] == "operational"


def test_an_edited_order_changes_the_state_that_it_ordered_if_nothing_came_after_it(world: PagesWorld):
    first = for_public(world.ordered("1", "Some fail"), state=ComponentState.PARTIAL_OUTAGE)
    world.announcer.to_public = [first]
    world.settle()
    world.announcer.to_public = [for_public(world.ordered("1", "All fail"), state=ComponentState.MAJOR_OUTAGE)]
    world.settle()
    assert (world.states(PUBLIC)[PAYMENTS], world.told(PUBLIC)) == ("major_outage", 1)
    second = for_public(world.ordered("2", "Some fail again"), state=ComponentState.PARTIAL_OUTAGE)
    world.announcer.to_public.append(second)
    world.settle()
    world.announcer.to_public[0] = for_public(world.ordered("1", "All failed"), state=ComponentState.MAJOR_OUTAGE)
    world.settle()
    assert (world.states(PUBLIC)[PAYMENTS], world.bodies(PUBLIC)[0]) == ("partial_outage", "All failed is what we know.")


def test_a_state_that_only_a_human_set_is_not_taken_back_at_the_end(world: PagesWorld):
    world.announcer.to_public = [for_public(an_announcement())]
    world.settle()
    world.status.model.set_component(PUBLIC, PAYMENTS, "partial_outage")
    resolve(world)
    world.announcer.to_public.append(for_public(the_end()))
    world.settle()
    assert (world.only(PUBLIC).status, world.states(PUBLIC)[PAYMENTS]) == ("resolved", "partial_outage")


def test_a_product_under_maintenance_stays_so_at_the_end(world: PagesWorld):
    world.announcer.to_staff = [an_announcement()]
    world.settle()
    world.status.model.set_component(STAFF, PAYMENTS, "under_maintenance")
    resolve(world)
    world.announcer.to_staff.append(the_end())
    world.settle()
    assert world.states()[PAYMENTS] == "under_maintenance"


def test_a_product_that_another_open_incident_affects_is_not_well_again(world: PagesWorld):
    world.announcer.to_staff = [an_announcement()]
    world.settle()
    other = world.status.model.open(STAFF, ANOTHER)
    resolve(world)
    world.announcer.to_staff.append(the_end())
    world.settle()
    [ours] = [incident for incident in world.incidents() if incident is not other]
    assert (ours.status, world.states()[PAYMENTS]) == ("resolved", "partial_outage")


def test_of_two_incidents_resolved_at_the_same_moment_the_later_one_sees_that_nothing_is_open(world: PagesWorld):
    """The other is open when we look before our update, and resolved when we look once more."""
    world.announcer.to_staff = [an_announcement()]
    world.settle()
    model = world.status.model
    other = model.open(STAFF, ANOTHER)

    class ResolvesTheOther:
        def record(self, exchange: dict[str, object]) -> None:
            if "/unresolved" in str(exchange["url"]):
                model.change(STAFF, other.id, {"status": "resolved"})

    world.status.emulator.recorder = ResolvesTheOther()
    resolve(world)
    world.announcer.to_staff.append(the_end())
    world.settle()
    assert world.states()[PAYMENTS] == "operational"


@pytest.fixture
def another(world: PagesWorld) -> PageIncident:
    """A human's, on the public page: it says nothing of how Payments do. Ours, which ordered an outage of them, is over."""
    ordered = for_public(world.ordered("1", "All fail"), state=ComponentState.MAJOR_OUTAGE)
    world.announcer.to_public = [ordered]
    world.settle()
    other = world.status.model.open(PUBLIC, {"name": "Another", "component_ids": [PAYMENTS]})
    resolve(world)
    world.announcer.to_public.append(for_public(the_end()))
    assert is_settled(world.settle(93))
    assert world.states(PUBLIC)[PAYMENTS] == "major_outage"
    return other


def test_a_product_that_was_held_back_is_well_again_once_nothing_shows_it_any_more(world: PagesWorld, another: PageIncident):
    world.status.model.change(PUBLIC, another.id, {"status": "resolved"})
    effects, looks_at = len(world.passes.effects), world.record("public_page_held_back").until + LOOK_AGAIN
    outcomes = world.settle()
    assert (is_settled(outcomes), len(world.passes.effects)) == (True, effects)
    assert [outcome.due for outcome in outcomes if outcome.due] == [looks_at], "somebody comes back for it"
    world.passes.pass_time(900)
    assert [outcome.due for outcome in world.settle() if outcome.due] == [world.now], "and for the next look, if there is one"
    assert (world.states(PUBLIC)[PAYMENTS], world.told(PUBLIC)) == ("operational", 4)
    effects = len(world.passes.effects)
    world.passes.pass_time(900)
    assert (is_settled(world.settle()), len(world.passes.effects)) == (True, effects)


def test_what_is_held_back_is_remembered_where_a_human_ended_ours_on_the_page(world: PagesWorld):
    world.announcer.to_public = [for_public(world.ordered("1", "All fail"), state=ComponentState.MAJOR_OUTAGE)]
    world.settle()
    ours = world.only(PUBLIC)
    other = world.status.model.open(PUBLIC, {"name": "Another", "component_ids": [PAYMENTS]})
    world.status.model.change(PUBLIC, ours.id, {"status": "resolved"})
    resolve(world)
    world.announcer.to_public.append(for_public(the_end()))
    assert is_settled(world.settle(93))
    assert (world.states(PUBLIC)[PAYMENTS], [update.status for update in ours.updates][2:]) == ("major_outage", [])
    assert not is_over_on("public_page", world.passes.records), "we told nobody so"
    world.status.model.change(PUBLIC, other.id, {"status": "resolved"})
    assert is_settled(world.settle(961))
    assert world.states(PUBLIC)[PAYMENTS] == "operational"


def test_what_is_held_back_is_remembered_where_the_last_word_came_late(world: PagesWorld, another: PageIncident):
    """Whoever looked for it did not see it yet, and whoever was about to tell it does."""
    public = world.status.adapter(PUBLIC)
    [updates, *_] = status_page_artifacts(
        StatusPages(SECRET, public=lambda: public), world.announcer, lambda: world.jira, POLICY
    )
    [*_, last_word] = updates.want(Scene(world.passes.incident, world.now, records=world.passes.records))
    made = updates.make(last_word)
    assert made is not None
    assert Told.parse(made.vendor_id or "").held_back == {PAYMENTS: "major_outage"}


def test_what_a_human_says_of_a_product_that_was_held_back_stands(world: PagesWorld, another: PageIncident):
    world.status.model.set_component(PUBLIC, PAYMENTS, "degraded_performance")
    world.status.model.change(PUBLIC, another.id, {"status": "resolved"})
    assert is_settled(world.settle(961))
    assert world.states(PUBLIC)[PAYMENTS] == "degraded_performance"


def test_opened_again_nobody_looks_whether_a_product_is_well_again(world: PagesWorld, another: PageIncident):
    world.status.model.change(PUBLIC, another.id, {"status": "resolved"})
    world.is_now(status=Status.FIXING)
    world.announcer.to_public = world.announcer.to_public[:1]
    assert is_settled(world.settle(961))
    assert world.states(PUBLIC)[PAYMENTS] == "major_outage"


def test_a_product_that_is_held_back_for_a_week_is_said_and_left(world: PagesWorld, another: PageIncident):
    world.passes.pass_time(6 * 24 * 3600)
    world.settle()
    assert world.record("public_page_held_back").says == ()
    world.passes.pass_time(24 * 3600)
    world.settle()
    assert world.record("public_page_held_back").says == (STILL_HELD,)
    calls = world.calls()
    world.status.model.change(PUBLIC, another.id, {"status": "resolved"})
    world.passes.pass_time(900)
    assert (is_settled(world.settle()), world.calls()) == (True, calls)


def test_a_component_that_the_page_does_not_have_is_said_and_stops_nothing(world: PagesWorld):
    del world.status.model.pages[STAFF].components[PAYMENTS]
    world.is_now(products=("Payments", "Login"))
    world.announcer.to_staff = [an_announcement()]
    world.settle()
    says = world.record("staff_page:opening").says
    assert says == (f"the page has no component {PAYMENTS}: correct it in the settings",)
    assert (world.only().component_ids, world.states()) == ([LOGIN], {LOGIN: "major_outage"})
    assert is_settled(world.settle())


# --- marks ----------------------------------------------------------------------------------------------------------------


def test_marks_are_stable_and_apart_for_every_channel_incident_and_announcement():
    marks, other = Marks(SECRET), Marks("another")
    issue, next_issue = IssueId("10002"), IssueId("10003")
    made = [
        marks.marker_of("staff_page", issue), marks.marker_of("public_page", issue), marks.marker_of("staff_page", next_issue),
        marks.mark_of("staff_page", issue, "opening"), marks.mark_of("staff_page", issue, "order-1"),
        other.marker_of("staff_page", issue), marks.mark_of("staff_page", next_issue, "opening"),
    ]  # fmt: skip
    assert len(set(made)) == len(made)
    assert made[0] == Marks(SECRET).marker_of("staff_page", issue)
    assert SECRET not in repr(marks)


def test_what_stands_beside_a_public_incident_reveals_nothing(world: PagesWorld):
    world.announcer.to_public = [for_public(an_announcement()), for_public(world.ordered("12345", "Some fail"))]
    world.settle(60)
    beside = repr(world.only(PUBLIC).metadata)
    for secret in ("10002", "HOT", "12345", "opening", "order", "Checkout", SECRET):
        assert secret not in beside


def test_what_was_told_is_read_back_as_it_was_written():
    told = Told("i1", "u1", Progress.RESOLVED, "print", ("c1", "c2"))
    assert Told.parse(str(told)) == told
    held_back = replace(told, held_back={"c1": "major_outage", "c2": "degraded_performance"})
    assert Told.parse(str(held_back)) == held_back
    assert Told.parse(str(Told("i1"))) == Told("i1")


def test_every_product_of_the_policy_is_known_by_however_jira_spells_it(world: PagesWorld):
    assert set(POLICY.products) == {"payments", "login"}
    world.is_now(products=("  PAYMENTS ", "Search"))
    world.announcer.to_staff = [an_announcement()]
    world.settle()
    assert world.only().component_ids == [PAYMENTS]
