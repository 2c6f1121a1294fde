"""The page protocol, rule by rule: what is done next, from what is wanted, remembered and seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from chalicelib.artifacts.page_plan import (
    ADOPTED,
    TOLD,
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
    record_of,
)
from chalicelib.artifacts.page_protocol import current_episode, decide
from chalicelib.artifacts.page_turns import accepted, close_failed, in_place_of, look_failed, refused, unanswered
from chalicelib.domain.incident import IssueId, Severity
from chalicelib.domain.paging import AlertStatus, PageRecord, PageState
from chalicelib.domain.policy import PagingPolicy
from chalicelib.domain.routing import Link, Route, route
from chalicelib.ports.pager import Confirmation
from tests.builders import NOW, a_page, a_roster, a_routing_table, an_alert, seconds

NOTHING_THERE = Sighting((), by_alias=True)
LOOK_FAILED = Sighting(None, by_alias=True, error="opsgenie find: timed out")


def a_view(*records: PageRecord, **changes: Any) -> PageView:
    view = PageView(
        issue_id=IssueId("10002"),
        wanted=True,
        taken=False,
        route=route("Bitbucket", Severity.SEV1, a_routing_table()),
        records=records,
        policy=PagingPolicy(),
    )
    return replace(view, **changes)


def plan(view: PageView, *, after_s: float = 0, seen: Seen | None = None) -> Plan:
    return decide(view, seen or Seen(), NOW + seconds(after_s), "c-new")


def saw(record: PageRecord, sighting: Sighting) -> Seen:
    return Seen(sightings={record.sk: sighting}, on_calls={record.sk: None})


def an_open_alert_seen(record: PageRecord) -> Seen:
    return saw(record, Sighting((an_alert(),), by_alias=True))


def the_only(steps: tuple[Step, ...]) -> Step:
    [step] = steps
    return step


def written(p: Plan) -> PageRecord:
    step = the_only(p.steps)
    assert isinstance(step, Write | Send | Close | Acknowledge), step
    return step.new


# --- the first page ---------------------------------------------------------------------------------------------


def test_a_first_webhook_claims_and_sends_at_once():
    step = the_only(plan(a_view(direct=True)).steps)
    assert isinstance(step, Send)
    assert step.old is None
    assert (step.new.target, step.new.state, step.new.alias) == ("im", PageState.SENDING, "firebell:10002")
    assert step.new.until == NOW + seconds(8)


def test_anybody_else_looks_before_sending():
    record = written(plan(a_view()))
    assert (record.state, record.target) == (PageState.UNKNOWN, "im")
    assert the_only(plan(a_view(record)).steps) == LookUp(record, by_alias=True)


def test_what_a_look_does_not_find_is_sent():
    record = a_page(state=PageState.UNKNOWN)
    step = the_only(plan(a_view(record), seen=saw(record, NOTHING_THERE)).steps)
    assert isinstance(step, Send)
    assert (step.new.state, step.new.claim, step.new.attempt) == (PageState.SENDING, "c-new", 2)


@pytest.mark.parametrize(
    ("status", "state"),
    [
        pytest.param(AlertStatus.OPEN, PageState.CONFIRMED, id="ringing"),
        pytest.param(AlertStatus.ACKED, PageState.ACKED, id="acknowledged"),
        pytest.param(AlertStatus.CLOSED, PageState.CLOSED, id="closed by a human"),
    ],
)
def test_what_a_look_finds_is_adopted_and_not_repeated(status: AlertStatus, state: PageState):
    record = a_page(state=PageState.UNKNOWN)
    adopted = written(plan(a_view(record), seen=saw(record, Sighting((an_alert(status=status),), by_alias=True))))
    assert (adopted.state, adopted.alert_ids) == (state, ("a-1",))


@pytest.mark.parametrize(
    ("made_s", "closed_s", "state"),
    [
        pytest.param(-600, -500, PageState.CLOSED, id="closed just before, as a wrong clock may show it"),
        pytest.param(-86_400, -599, PageState.CLOSED, id="made long before, and closed for this"),
        pytest.param(-86_400, -601, PageState.SENDING, id="closed before"),
        pytest.param(-86_400, None, PageState.SENDING, id="made before, and closed nobody knows when"),
        pytest.param(20, None, PageState.CLOSED, id="made since, and closed nobody knows when"),
    ],
)
def test_what_was_closed_before_the_page_was_wanted_is_not_this_page(made_s: int, closed_s: int | None, state: PageState):
    record, at = a_page(state=PageState.UNKNOWN), NOW + seconds(closed_s) if closed_s is not None else None
    old = an_alert("a-0", AlertStatus.CLOSED, created_at=NOW + seconds(made_s), at=at)
    p = plan(a_view(record, wanted_since=NOW), seen=saw(record, Sighting((old,), by_alias=True)))
    assert (written(p).state, written(p).alert_ids) == (state, ("a-0",) if state is PageState.CLOSED else ())


def test_an_old_alert_that_this_page_knows_stays_its_own():
    record = a_page(state=PageState.UNKNOWN, alert_ids=("a-0",))
    old = an_alert("a-0", AlertStatus.CLOSED, created_at=NOW - seconds(86_400), at=NOW - seconds(80_000))
    p = plan(a_view(record, wanted_since=NOW), seen=saw(record, Sighting((old,), by_alias=True)))
    assert (written(p).state, written(p).alert_ids) == (PageState.CLOSED, ("a-0",))


def test_an_old_alert_found_while_nobody_is_wanted_is_not_this_page_either():
    """It would count as closed by a human once somebody is wanted."""
    record = a_page(state=PageState.UNKNOWN, attempt=0, reason=ADOPTED, unwanted_since=NOW)
    old = an_alert("a-0", AlertStatus.CLOSED, created_at=NOW - seconds(86_400), at=NOW - seconds(80_000))
    looked = saw(record, Sighting((old,), by_alias=True))
    assert plan(a_view(record, wanted=False, wanted_since=NOW), seen=looked) == Plan((), NOW + seconds(120))


@pytest.mark.parametrize("status", [AlertStatus.OPEN, AlertStatus.ACKED])
@pytest.mark.parametrize(
    ("view", "made_s", "changes", "state"),
    [
        pytest.param({}, -601, {}, PageState.ENDING, id="it is ended, so that somebody is rung"),
        pytest.param({}, -600, {}, None, id="not where a wrong clock may show it so"),
        pytest.param({}, -86_400, {"alert_ids": ("a-0",)}, None, id="not where this page knows it"),
        pytest.param(
            {"wanted": False}, -86_400, {"unwanted_since": NOW, "attempt": 0}, None, id="nor at once while nobody is wanted"
        ),
    ],
)
def test_what_was_left_open_before_the_page_was_wanted(
    status: AlertStatus, view: dict[str, Any], made_s: int, changes: dict[str, Any], state: PageState | None
):
    """Of another stage: its pager rings nobody under an alias that is in use, and whoever had it, had something else."""
    record = a_page(state=PageState.UNKNOWN, **changes)
    left = an_alert("a-0", status, created_at=NOW + seconds(made_s))
    found = written(plan(a_view(record, wanted_since=NOW, **view), seen=saw(record, Sighting((left,), by_alias=True))))
    adopted = PageState.CONFIRMED if status is AlertStatus.OPEN else PageState.ACKED
    assert (found.state, found.alert_ids) == (state or adopted, ("a-0",))
    if state is PageState.ENDING:
        assert (found.accepted_at, found.acked_at) == (None, None)


@pytest.mark.parametrize(
    ("made_s", "shown", "state"), [(-86_400, False, "ending"), (-599, False, "acked"), (-86_400, True, "acked")]
)
def test_a_page_that_an_alert_of_long_ago_took_in_is_made_anew(made_s: float, shown: bool, state: str):
    """Its pager says that it was made; what it shows first tells that nobody was rung. What was shown before is the page."""
    record = a_page(state=PageState.CONFIRMED, shown=shown)
    left = an_alert(status=AlertStatus.ACKED, created_at=NOW + seconds(made_s))
    seen = saw(record, Sighting((left,)))
    while record.state is PageState.CONFIRMED:
        record = written(plan(a_view(record, wanted_since=NOW), seen=seen))
    assert record.state == state


def test_what_rings_beside_an_alert_of_long_ago_that_is_being_closed_was_sent_without_the_ledger_and_stays():
    record = a_page(state=PageState.ENDING, attempt=0, alert_ids=("a-1",))
    left, blind = an_alert("a-1", created_at=NOW - seconds(86_400)), an_alert("a-2")
    view = a_view(record, wanted_since=NOW)
    close = the_only(plan(view, seen=saw(record, Sighting((left, blind), by_alias=True))).steps)
    assert isinstance(close, Close)
    assert close.alert_ids == ("a-1",)
    left = replace(left, status=AlertStatus.CLOSED)
    ended = written(plan(view, seen=saw(record, Sighting((left, blind), by_alias=True))))
    assert (ended.state, ended.alert_ids) == (PageState.ENDED, ("a-1",))


def test_of_an_old_alert_and_one_that_rings_only_the_latter_is_known():
    record = a_page(state=PageState.UNKNOWN)
    old = an_alert("a-0", AlertStatus.CLOSED, created_at=NOW - seconds(86_400), at=NOW - seconds(80_000))
    p = plan(a_view(record, wanted_since=NOW), seen=saw(record, Sighting((an_alert(), old), by_alias=True)))
    assert (written(p).state, written(p).alert_ids) == (PageState.CONFIRMED, ("a-1",))


def test_of_two_alerts_the_living_one_decides():
    record = a_page(state=PageState.UNKNOWN)
    alerts = (an_alert("a-2", AlertStatus.CLOSED), an_alert("a-1"))
    adopted = written(plan(a_view(record), seen=saw(record, Sighting(alerts, by_alias=True))))
    assert (adopted.state, adopted.alert_ids) == (PageState.CONFIRMED, ("a-1", "a-2"))


@pytest.mark.parametrize("status", [AlertStatus.ACKED, AlertStatus.CLOSED])
def test_the_alert_that_decides_stands_first_also_once_another_was_taken_for_ringing(status: AlertStatus):
    """A list that lags shows what is closed as open for a while."""
    record = a_page(alert_ids=("a-1", "a-2"))
    alerts = (an_alert("a-2", status), an_alert("a-1", AlertStatus.CLOSED))
    assert written(plan(a_view(record), seen=saw(record, Sighting(alerts, by_alias=True)))).alert_ids == ("a-2", "a-1")


def test_one_request_in_flight_is_left_alone_until_its_claim_ends():
    record = a_page(state=PageState.SENDING, until=NOW + seconds(8))
    assert plan(a_view(record), after_s=7) == Plan((), NOW + seconds(8))
    assert the_only(plan(a_view(record), after_s=8).steps) == LookUp(record, by_alias=True)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"wanted": False}, id="resolved or lowered"),
        pytest.param({"taken": True}, id="taken in Jira"),
    ],
)
def test_nobody_is_paged_for_what_needs_nobody(changes: dict[str, Any]):
    assert plan(a_view(**changes)).steps == ()


# --- looks that fail --------------------------------------------------------------------------------------------


def test_a_failed_look_is_repeated_after_three_seconds():
    record = a_page(state=PageState.UNKNOWN)
    after = written(plan(a_view(record), seen=saw(record, LOOK_FAILED)))
    assert (after.looks_failed, after.not_before, after.state) == (1, NOW + seconds(3), PageState.UNKNOWN)


def test_a_pass_counts_one_failed_look_for_a_page():
    """The pager that kept it waiting is not asked again so soon: that it would not have answered proves nothing."""
    record = a_page(state=PageState.UNKNOWN, looks_failed=2)
    again = written(plan(a_view(record), seen=saw(record, replace(LOOK_FAILED, again=True))))
    assert (again.state, again.looks_failed, again.not_before) == (PageState.UNKNOWN, 2, NOW + seconds(3))


@pytest.mark.parametrize(
    ("looks_failed", "sighting"),
    [
        pytest.param(2, LOOK_FAILED, id="three looks failed"),
        pytest.param(0, replace(LOOK_FAILED, retry_after_s=3600.0), id="may look again in an hour only"),
        pytest.param(0, replace(LOOK_FAILED, out_of_service=True), id="may not look at all"),
    ],
)
def test_in_doubt_page(looks_failed: int, sighting: Sighting):
    record = a_page(state=PageState.UNKNOWN, looks_failed=looks_failed)
    step = the_only(plan(a_view(record), seen=saw(record, sighting)).steps)
    assert isinstance(step, Send)
    assert step.old == record


# --- from accepted to confirmed ---------------------------------------------------------------------------------


def test_an_accepted_request_is_followed_up_after_two_seconds():
    record = accepted(a_page(state=PageState.SENDING), "r-1", NOW)
    seen = Seen(on_calls={record.sk: None})
    assert plan(a_view(record), after_s=1, seen=seen) == Plan((), NOW + seconds(2))
    assert the_only(plan(a_view(record), after_s=2, seen=seen).steps) == AskConfirmation(record)


@pytest.mark.parametrize(
    ("confirmation", "state"),
    [
        pytest.param(Confirmation(alert_id="a-1"), PageState.CONFIRMED, id="made"),
        pytest.param(Confirmation(), PageState.ACCEPTED, id="no answer yet"),
    ],
)
def test_the_request_status_decides(confirmation: Confirmation, state: PageState):
    record = accepted(a_page(state=PageState.SENDING), "r-1", NOW)
    seen = replace(an_open_alert_seen(record), confirmations={record.sk: confirmation})
    assert written(plan(a_view(record), after_s=2, seen=seen)).state is state


def test_what_its_pager_dropped_is_refused_and_told_of_and_was_never_accepted():
    record = replace(accepted(a_page(state=PageState.SENDING), "r-1", NOW), on_call=("mia",))
    seen = Seen(confirmations={record.sk: Confirmation(failed="no such responder")})
    told = the_only(plan(a_view(record), after_s=2, seen=seen).steps)
    assert isinstance(told, TellOwners)
    assert (told.alarm, told.new.state, told.new.accepted_at) == ("page_refused", PageState.REFUSED, None)


@pytest.mark.parametrize(
    ("sighting", "shown"),
    [
        pytest.param(Sighting((an_alert(),)), True, id="shown"),
        pytest.param(Sighting(()), False, id="not shown"),
        pytest.param(Sighting(None), False, id="the look failed"),
    ],
)
def test_what_was_made_is_read_at_once_and_whether_it_is_shown_is_remembered(sighting: Sighting, shown: bool):
    record = accepted(a_page(state=PageState.SENDING), "r-1", NOW)
    made = Seen(confirmations={record.sk: Confirmation(alert_id="a-1")}, on_calls={record.sk: None})
    assert the_only(plan(a_view(record), after_s=2, seen=made).steps) == LookUp(
        replace(record, alert_ids=("a-1",)), by_alias=False
    )
    confirmed = written(plan(a_view(record), after_s=2, seen=replace(made, sightings={record.sk: sighting})))
    assert (confirmed.state, confirmed.alert_ids, confirmed.shown) == (PageState.CONFIRMED, ("a-1",), shown)


NEVER_SHOWN = a_page(shown=False)
NOT_THERE = saw(NEVER_SHOWN, Sighting(()))


@pytest.mark.parametrize(("status", "state"), [(AlertStatus.ACKED, PageState.ENDING), (AlertStatus.OPEN, PageState.CONFIRMED)])
def test_what_was_sent_into_an_alert_that_somebody_had_before_rang_nobody(status: AlertStatus, state: PageState):
    """The pager could not close it for a while, and the page was sent again: what is wanted again is new to everybody."""
    record = replace(accepted(a_page(state=PageState.SENDING), "r-2", NOW), former_ids=("a-1",), alert_ids=("a-1",))
    seen = saw(record, Sighting((an_alert(status=status),)))
    known = written(
        plan(a_view(record), after_s=2, seen=replace(seen, confirmations={record.sk: Confirmation(alert_id="a-1")}))
    )
    assert (known.state, known.shown) == (PageState.CONFIRMED, state is PageState.CONFIRMED)
    assert known.shown or written(plan(a_view(known), after_s=2, seen=seen)).state is state


def test_what_was_made_and_never_shown_is_doubted_and_not_taken_for_closed():
    """A token that may not see alerts gets empty lists: nobody's acknowledgement will ever be seen with it."""
    assert plan(a_view(NEVER_SHOWN), after_s=59, seen=NOT_THERE).steps == ()
    step = the_only(plan(a_view(NEVER_SHOWN), after_s=60, seen=NOT_THERE).steps)
    assert step == TellOwners(NEVER_SHOWN, replace(NEVER_SHOWN, unseen=True), "alert_not_shown")
    fallback = written(plan(a_view(step.new), after_s=61, seen=NOT_THERE))
    assert (fallback.target, "shows no alert" in fallback.reason) == ("imoc1", True)


def test_what_is_shown_after_all_is_believed_from_then_on():
    doubted = replace(NEVER_SHOWN, unseen=True)
    shown = written(plan(a_view(doubted, a_page("imoc1", PageState.ACKED)), after_s=90, seen=an_open_alert_seen(doubted)))
    assert (shown.state, shown.shown, shown.unseen) == (PageState.CONFIRMED, True, False)
    assert written(plan(a_view(shown), after_s=90, seen=saw(shown, Sighting(())))).state is PageState.CLOSED


@pytest.mark.parametrize(
    ("other_s", "next_s"),
    [
        pytest.param(3, 7, id="too soon after this one"),
        pytest.param(4, 4, id="soon"),
        pytest.param(6.9, 6.9, id="just before"),
        pytest.param(8, 7, id="later"),
    ],
)
def test_pages_that_wait_to_be_seen_are_asked_after_together(other_s: float, next_s: float):
    im = accepted(a_page(state=PageState.SENDING), "r-1", NOW)
    imoc = accepted(a_page("imoc1", PageState.SENDING), "r-2", NOW)
    imoc = replace(imoc, until=NOW + seconds(other_s), on_call=("omar@example.com",))
    seen = Seen(confirmations={im.sk: Confirmation()}, on_calls={im.sk: None})
    assert written(plan(a_view(im, imoc), after_s=2, seen=seen)).until == NOW + seconds(next_s)


def test_an_alert_of_an_ended_episode_confirms_nothing():
    old = a_page(state=PageState.ENDED, alert_ids=("a-0",))
    new = accepted(a_page(state=PageState.SENDING, episode=2), "r-1", NOW)
    seen = Seen(confirmations={new.sk: Confirmation(alert_id="a-0")}, on_calls={new.sk: None})
    assert written(plan(a_view(old, new), after_s=2, seen=seen)).state is PageState.ACCEPTED


def test_no_trace_after_thirty_seconds_pages_the_next_in_the_chain():
    record = accepted(a_page(state=PageState.SENDING), "r-1", NOW)
    seen = replace(saw(record, NOTHING_THERE), confirmations={record.sk: Confirmation()})
    unseen = written(plan(a_view(record), after_s=31, seen=seen))
    assert unseen.unseen
    fallback = written(plan(a_view(unseen), after_s=31, seen=saw(record, NOTHING_THERE)))
    assert (fallback.target, fallback.state) == ("imoc1", PageState.UNKNOWN)
    assert "shows no alert" in fallback.reason


def test_no_trace_after_sixty_seconds_is_a_lost_request():
    record = accepted(a_page(state=PageState.SENDING), "r-1", NOW)
    seen = replace(saw(record, NOTHING_THERE), confirmations={record.sk: Confirmation()})
    assert written(plan(a_view(record), after_s=61, seen=seen)).state is PageState.UNKNOWN


# --- fallbacks --------------------------------------------------------------------------------------------------


def test_an_unacknowledged_page_wakes_imoc_after_the_ack_timeout():
    record = a_page()
    assert plan(a_view(record), after_s=299, seen=an_open_alert_seen(record)).steps == ()
    fallback = written(plan(a_view(record), after_s=300, seen=an_open_alert_seen(record)))
    assert (fallback.target, fallback.alias) == ("imoc1", "firebell:10002:imoc1")
    assert "did not acknowledge within 300 s" in fallback.reason


def test_the_alert_itself_is_read_before_anybody_else_is_woken():
    record = a_page()
    assert the_only(plan(a_view(record), after_s=300).steps) == LookUp(record, by_alias=False)
    acked = saw(record, Sighting((an_alert(status=AlertStatus.ACKED),)))
    assert written(plan(a_view(record), after_s=300, seen=acked)).state is PageState.ACKED


def test_three_failed_looks_wake_imoc_all_the_same():
    record = a_page(looks_failed=2)
    failed = written(plan(a_view(record), after_s=300, seen=saw(record, Sighting(None, error="timed out"))))
    assert failed.looks_failed == 3
    fallback = plan(a_view(failed), after_s=300).steps
    assert [step.new.target for step in fallback if isinstance(step, Write)] == ["imoc1"]


def test_a_roster_with_nobody_on_call_is_no_page():
    record = a_page(on_call=None)
    assert the_only(plan(a_view(record), seen=Seen(sightings=an_open_alert_seen(record).sightings)).steps) == AskRoster(record)
    told = Seen(sightings=an_open_alert_seen(record).sightings, on_calls={record.sk: ()})
    empty = written(plan(a_view(record), seen=told))
    assert empty.on_call == ()
    assert "nobody is on call" in written(plan(a_view(empty), seen=told)).reason


def test_a_refused_roster_wakes_the_next_at_once():
    record = refused(a_page(state=PageState.SENDING), "no such schedule", NOW)
    fallback = written(plan(a_view(record)))
    assert fallback.target == "imoc1"
    assert "no such schedule" in fallback.reason


@pytest.mark.parametrize(
    ("on_call", "again_s"),
    [pytest.param((), 30, id="and nobody is on call there"), pytest.param(("u-1",), 300, id="and somebody hears it")],
)
def test_whoever_was_refused_is_asked_again_soon_while_no_page_rings_anybody_though_one_was_accepted(
    on_call: tuple[str, ...], again_s: int
):
    accepted_one = a_page(on_call=on_call)
    last = refused(a_page("imoc1", PageState.SENDING, unanswered=True), "409", NOW)
    seen = an_open_alert_seen(accepted_one)
    assert plan(a_view(accepted_one, last), after_s=again_s - 1, seen=seen).steps == ()
    assert written(plan(a_view(accepted_one, last), after_s=again_s, seen=seen)).target == "imoc1"


@pytest.mark.parametrize("state", [PageState.ENDING, PageState.ENDED])
def test_a_page_that_is_over_rings_nobody_while_another_of_its_episode_is_refused(state: PageState):
    """Nobody was needed for a while, and some page was not seen closed by the time that somebody is needed again."""
    old = a_page(state=state, until=NOW + seconds(60))
    last = refused(a_page("imoc1", PageState.SENDING, unanswered=True), "404", NOW)
    steps = plan(a_view(old, last, route=route(None, Severity.SEV1, a_routing_table())), after_s=30).steps
    assert [step.new.state for step in steps if isinstance(step, Write) and step.new.target == "imoc1"] == [PageState.UNKNOWN]


@pytest.mark.parametrize("state", [PageState.ACKED, PageState.CLOSED])
def test_what_a_human_acknowledged_or_closed_wakes_nobody_else(state: PageState):
    assert plan(a_view(a_page(state=state)), after_s=3600) == Plan((), None)


THE_LAST = a_page("imoc1", alert_ids=("a-2",), since=NOW + seconds(300), confirmed_at=NOW + seconds(300))
BOTH_RING = Seen({"page#0001#im": Sighting((an_alert(),)), THE_LAST.sk: Sighting((an_alert("a-2"),))})


def test_the_owners_are_told_once_when_everybody_was_rung_and_nobody_has_answered():
    assert plan(a_view(a_page(), THE_LAST), after_s=599, seen=BOTH_RING) == Plan((), NOW + seconds(600))
    step = the_only(plan(a_view(a_page(), THE_LAST), after_s=600, seen=BOTH_RING).steps)
    assert step == TellOwners(THE_LAST, replace(THE_LAST, unanswered=True), "nobody_answers")
    assert plan(a_view(a_page(), step.new), after_s=601, seen=BOTH_RING) == Plan((), None)


def test_every_page_is_read_once_more_before_the_owners_are_told():
    steps = plan(a_view(a_page(), THE_LAST), after_s=600).steps
    assert steps == (LookUp(a_page(), by_alias=False), LookUp(THE_LAST, by_alias=False))


@pytest.mark.parametrize(
    ("pages", "taken"),
    [
        pytest.param((a_page(), replace(THE_LAST, confirmed_at=NOW + seconds(400))), False, id="the last still has time"),
        pytest.param((a_page(), replace(THE_LAST, state=PageState.ACKED)), False, id="somebody has it"),
        pytest.param((a_page(), replace(THE_LAST, state=PageState.CLOSED)), False, id="somebody closed it"),
        pytest.param((a_page(),), False, id="somebody is left to ring"),
        pytest.param((a_page(), THE_LAST), True, id="somebody took it in Jira"),
        pytest.param(
            tuple(a_page(target, PageState.REFUSED, until=NOW + seconds(600)) for target in ("im", "imoc1")), False,
            id="nobody was rung at all, which is told of as such",
        ),
    ],
)  # fmt: skip
def test_the_owners_are_not_told_where(pages: tuple[PageRecord, ...], taken: bool):
    steps = plan(a_view(*pages, taken=taken), after_s=600, seen=BOTH_RING).steps
    assert not any(isinstance(step, TellOwners) for step in steps)


def test_of_a_team_that_was_asked_for_and_does_not_answer_the_owners_are_not_told():
    team = a_page("to.bitbucket-team", alert_ids=("a-3",))
    beside = {team.target: Route((Link(team.target, a_roster("bitbucket-team"), "asked for"),))}
    seen = Seen({team.sk: Sighting((an_alert("a-3"),))})
    assert plan(a_view(a_page(state=PageState.ACKED), team, beside=beside), after_s=600, seen=seen).steps == ()


def test_an_imoc_that_was_paged_first_leaves_room_for_the_service_once_it_is_known():
    imoc = a_page("imoc1")
    im = written(plan(a_view(imoc), seen=an_open_alert_seen(imoc)))
    assert (im.target, im.roster) == ("im", "bitbucket-im")
    assert im.reason.startswith("bitbucket-im is on call for Bitbucket")


# --- a pager out of reach ---------------------------------------------------------------------------------------


def a_route_with_a_second() -> Any:
    second = a_roster("im-pd", pager="pagerduty")
    first = a_roster("bitbucket-im", second="im-pd")
    return route("Bitbucket", Severity.SEV1, a_routing_table(first, second))


def test_the_second_pager_is_asked_after_a_minute_without_an_answer():
    record = a_page(state=PageState.UNKNOWN, not_before=NOW + seconds(75), looks_failed=3)
    view = a_view(record, route=a_route_with_a_second())
    assert plan(view, after_s=59) == Plan((), NOW + seconds(60))
    assert written(plan(view, after_s=60)).target == "im.second"


@pytest.mark.parametrize(("held_s", "is_out"), [(-1, False), (3600, True)], ids=["was once", "still is"])
def test_what_is_wanted_again_is_out_of_reach_only_where_its_pager_still_is(held_s: float, is_out: bool):
    record = a_page(state=PageState.UNKNOWN, out_of_service=True, unwanted_since=NOW, not_before=NOW + seconds(held_s))
    assert written(plan(a_view(record), seen=saw(record, LOOK_FAILED))).out_of_service is is_out


def test_what_was_so_when_a_page_was_wanted_before_says_nothing_of_it_when_it_is_wanted_again():
    before = a_page(state=PageState.UNKNOWN, unwanted_since=NOW, accepted_at=NOW, confirmed_at=NOW, unseen=True)
    before = replace(before, unanswered=True, looks_failed=2, not_before=NOW + seconds(30), on_call=())
    again = written(plan(a_view(before), after_s=10))
    assert (again.since, again.not_before, again.looks_failed, again.on_call) == (NOW + seconds(10), None, 0, None)
    assert (again.accepted_at, again.confirmed_at, again.unseen, again.unanswered) == (None, None, False, False)


@pytest.mark.parametrize("state", [PageState.SENDING, PageState.UNKNOWN, PageState.ACCEPTED])
@pytest.mark.parametrize("changes", [{}, {"unwanted_since": NOW}, {"attempt": 0, "blind_sent_at": NOW}])
def test_what_was_sent_before_nobody_was_needed_is_remembered_as_such(state: PageState, changes: Any):
    record = a_page(state=state, **{"accepted_at": NOW, **changes})
    assert written(plan(a_view(record, wanted=False), after_s=9)) == replace(record, sent_before=True)


@pytest.mark.parametrize(("view", "attempt"), [({"taken": True}, 1), ({"wanted": False}, 0)], ids=["taken", "only looked for"])
def test_what_is_only_taken_or_was_never_sent_is_not_of_before(view: Any, attempt: int):
    assert not written(plan(a_view(a_page(state=PageState.UNKNOWN, attempt=attempt), **view), after_s=9)).sent_before


def test_what_is_found_while_nobody_is_needed_never_looks_answered():
    """Written down between two steps, it would count as the answer to what is wanted next."""
    record = a_page(state=PageState.UNKNOWN, unwanted_since=NOW, sent_before=True)
    for status in AlertStatus:
        found = saw(record, Sighting((an_alert(status=status),), by_alias=True))
        assert written(plan(a_view(record, wanted=False), after_s=9, seen=found)).state is PageState.ENDING


@pytest.mark.parametrize("state", [PageState.CONFIRMED, PageState.ACKED, PageState.CLOSED])
def test_a_page_that_nobody_needs_is_ended_whether_its_pager_can_be_asked_or_not(state: PageState):
    """What somebody answers after that must not look like an answer to what is wanted next."""
    held = a_page(state=state, not_before=NOW + seconds(60))
    ending = written(plan(a_view(held, wanted=False), after_s=1))
    assert (ending.state, ending.not_before) == (PageState.ENDING, held.not_before)


@pytest.mark.parametrize("status", [AlertStatus.CLOSED, AlertStatus.ACKED])
def test_who_answers_what_nobody_needs_does_not_answer_what_is_wanted_after_that(status: AlertStatus):
    unknown = a_page(state=PageState.UNKNOWN, sent_before=True, alert_ids=())
    found = Sighting((an_alert("a-1", status, at=NOW + seconds(40)),), by_alias=True)
    before, after = (a_view(unknown, wanted_again_at=NOW + seconds(s)) for s in (30, 60))
    assert written(plan(before, after_s=60, seen=saw(unknown, found))).state == PageState(status.value)
    again = written(plan(after, after_s=60, seen=saw(unknown, found)))
    assert (again.state, again.alert_ids, again.former_ids) == (PageState.UNKNOWN, ("a-1",), ("a-1",))
    then = the_only(plan(replace(after, records=(again,)), after_s=60, seen=saw(again, found)).steps)
    assert isinstance(then, Send) if status is AlertStatus.CLOSED else record_of(then).state is PageState.ENDING


@pytest.mark.parametrize(("blind_s", "state"), [(29, PageState.UNKNOWN), (30, PageState.ACKED)])
def test_what_was_sent_without_the_ledger_before_it_is_wanted_again_is_of_before(blind_s: float, state: PageState):
    unknown = a_page(state=PageState.UNKNOWN, sent_before=True, blind_sent_at=NOW + seconds(blind_s), alert_ids=())
    found = Sighting((an_alert("a-1", AlertStatus.ACKED, at=NOW + seconds(29)),), by_alias=True)
    view = a_view(unknown, wanted_again_at=NOW + seconds(30))
    assert written(plan(view, after_s=60, seen=saw(unknown, found))).state is state


@pytest.mark.parametrize("state", [PageState.ACCEPTED, PageState.UNKNOWN])
def test_where_nobody_knows_when_it_was_wanted_again_that_counts_from_when_we_saw_it(state: PageState):
    """Of who is called besides, and where Jira's history cannot be read."""
    record = a_page(state=state, sent_before=True, alert_ids=(), accepted_at=NOW - seconds(60), on_call=("mia",))
    for answered_s, becomes in ((-1, state if state is PageState.UNKNOWN else PageState.ACCEPTED), (1, PageState.ACKED)):
        found = Sighting((an_alert("a-1", AlertStatus.ACKED, at=NOW + seconds(answered_s)),), by_alias=True)
        seen = Seen({record.sk: found}, {record.sk: Confirmation()})
        assert written(plan(a_view(record), after_s=60, seen=seen)).state is becomes


def test_what_a_team_is_to_hear_by_day_is_needed_though_no_page_is_wanted():
    record = a_page("delivery", PageState.UNKNOWN)
    assert plan(a_delivery_view(record), after_s=9).steps == (LookUp(record, by_alias=True),)
    assert written(plan(a_delivery_view(record, delivery=None), after_s=9)).sent_before


@pytest.mark.parametrize(("status", "state"), [(AlertStatus.ACKED, PageState.ENDING), (AlertStatus.CLOSED, PageState.UNKNOWN)])
def test_what_was_sent_into_an_answered_alert_of_before_is_in_the_way_where_it_is_still_there(
    status: AlertStatus, state: PageState
):
    record = a_page(state=PageState.ACCEPTED, sent_before=True, accepted_at=NOW, on_call=("mia",), not_before=NOW + seconds(9))
    told = Sighting((an_alert("a-1", status, at=NOW + seconds(29)),))
    seen = Seen({record.sk: told}, {record.sk: Confirmation(alert_id="a-1")})
    again = written(plan(a_view(record, wanted_again_at=NOW + seconds(30)), after_s=60, seen=seen))
    assert (again.state, again.former_ids) == (state, ("a-1",))
    assert again.not_before is None or state is PageState.UNKNOWN  # a look that failed holds up no close


def test_what_is_not_believed_for_a_minute_is_lost():
    record = a_page(state=PageState.ACCEPTED, sent_before=True, accepted_at=NOW, on_call=("mia",), alert_ids=("a-1",))
    seen = Seen({record.sk: LOOK_FAILED}, {record.sk: Confirmation(alert_id="a-1")})
    for after_s, state, unseen in (
        (29, PageState.ACCEPTED, False),
        (30, PageState.ACCEPTED, True),
        (60, PageState.UNKNOWN, True),
    ):
        waits = written(plan(a_view(record), after_s=after_s, seen=seen))
        assert (waits.state, waits.unseen) == (state, unseen)


def test_of_two_lost_pages_none_waits_for_the_other():
    """Each is sent again every minute, and while it counts as accepted its looks are not counted."""
    im, imoc = [
        a_page(target, PageState.ACCEPTED, accepted_at=NOW, until=NOW + seconds(900), unseen=True, attempt=2, on_call=("mia",))
        for target in ("im", "imoc1")
    ]
    table = a_routing_table(a_roster("imoc-too"), imoc=("imoc", "imoc-too"))
    view = a_view(im, imoc, route=route("Bitbucket", Severity.SEV1, table))
    assert "imoc2" not in targets_of(plan(view, after_s=100).steps)
    assert "imoc2" in targets_of(plan(view, after_s=100, seen=Seen({im.sk: LOOK_FAILED, imoc.sk: LOOK_FAILED})).steps)


def test_what_a_team_answered_before_is_no_answer_to_what_is_opened_again():
    record = a_page("delivery", PageState.UNKNOWN, sent_before=True, alert_ids=())
    found = Sighting((an_alert("a-1", AlertStatus.ACKED, at=NOW + seconds(29)),), by_alias=True)
    view = a_delivery_view(record, wanted_again_at=NOW + seconds(30))
    assert written(plan(view, after_s=60, seen=saw(record, found))).state is PageState.UNKNOWN


def test_what_was_accepted_before_nobody_was_needed_is_ended_as_soon_as_it_is_known():
    record = a_page(state=PageState.ACCEPTED, sent_before=True, accepted_at=NOW)
    seen = Seen({record.sk: LOOK_FAILED}, {record.sk: Confirmation(alert_id="a-1")})
    assert written(plan(a_view(record, wanted=False), after_s=5, seen=seen)).state is PageState.ENDING


def test_looks_at_a_list_that_fails_are_counted_though_the_alert_itself_is_read():
    record = a_page(looks_failed=2, on_call=("mia",))
    read = replace(LOOK_FAILED, read=(an_alert(),))
    assert plan(a_view(record), after_s=5, seen=saw(record, read)).steps == ()
    assert written(plan(a_view(record), after_s=5, seen=an_open_alert_seen(record))).looks_failed == 0


def test_what_was_being_ended_and_goes_on_was_sent_before():
    record = a_page(state=PageState.ENDING, not_before=NOW + seconds(30))
    assert written(plan(a_view(record), after_s=1)).sent_before


def test_what_was_lost_before_is_rung_in_its_turn_when_it_is_wanted_again():
    im, imoc = [a_page(target, PageState.UNKNOWN, unwanted_since=NOW) for target in ("im", "imoc1")]
    steps = plan(a_view(im, imoc), after_s=75, seen=Seen({im.sk: NOTHING_THERE, imoc.sk: NOTHING_THERE})).steps
    assert [step.new.target for step in steps if isinstance(step, Write)] == ["im"]
    rings = a_page("im", since=NOW + seconds(75), confirmed_at=NOW + seconds(80))
    seen = Seen({rings.sk: Sighting((an_alert(),)), imoc.sk: NOTHING_THERE})
    begun = [step for step in plan(a_view(rings, imoc), after_s=380, seen=seen).steps if isinstance(step, Write)]
    assert [(step.old, step.new.target, step.new.attempt) for step in begun] == [(imoc, "imoc1", imoc.attempt)]


def test_a_pager_that_is_out_of_service_is_not_waited_for():
    record = unanswered(a_page(state=PageState.SENDING), "401", NOW, retry_after_s=None, out_of_service=True)
    view = a_view(record, route=a_route_with_a_second())
    assert written(plan(view, after_s=1)).target == "im.second"


@pytest.mark.parametrize(("closes", "then"), [(6, []), (7, ["im.second"])])
def test_a_pager_that_closes_nothing_is_not_waited_for(closes: int, then: list[str]):
    record = a_page(state=PageState.ENDING, looks_failed=closes, until=NOW + seconds(12))
    view = a_view(record, route=a_route_with_a_second())
    assert targets_of(plan(view, after_s=1, seen=an_open_alert_seen(record)).steps) == then


def test_what_did_not_close_for_minutes_is_looked_for_before_anybody_concludes_from_that():
    record = a_page(state=PageState.ENDING, looks_failed=7, until=NOW + seconds(12))
    view = an_escalation(record, route=a_route_with_a_second())
    assert plan(view, after_s=1).steps == (LookUp(record, by_alias=True),)
    closed = Sighting((an_alert("a-1", AlertStatus.CLOSED),), by_alias=True)
    assert written(plan(view, after_s=1, seen=saw(record, closed))).state is PageState.ENDED
    for seen in (an_open_alert_seen(record), saw(record, LOOK_FAILED)):
        still = plan(view, after_s=1, seen=seen)
        assert (targets_of(still.steps), still.due) == (["im.second", "to.dba"], NOW + seconds(12))


MAY_RING = {
    "is being closed": a_page(state=PageState.ENDING),
    "nobody knows": a_page(state=PageState.UNKNOWN, unwanted_since=NOW - seconds(600), sent_before=True),
}


@pytest.mark.parametrize("record", MAY_RING.values(), ids=list(MAY_RING))
@pytest.mark.parametrize(("failed", "is_told"), [(2, False), (13, False), (14, True), (15, False), (29, True)])
def test_a_page_that_nobody_needs_and_whose_pager_is_away_is_told_of_now_and_then(
    record: PageRecord, failed: int, is_told: bool
):
    record = replace(record, looks_failed=failed)
    step = the_only(plan(a_view(record, wanted=False), seen=saw(record, LOOK_FAILED)).steps)
    assert isinstance(step, TellOwners if is_told else Write)
    assert (step.new.looks_failed, step.new.state) == (failed + 1, record.state)


@pytest.mark.parametrize(
    ("record", "view"),
    [
        pytest.param(a_page(looks_failed=14), {"taken": True}, id="somebody has it: it is needed still"),
        pytest.param(
            a_page(state=PageState.UNKNOWN, looks_failed=14, unwanted_since=NOW, attempt=0), {"wanted": False}, id="never sent"
        ),
    ],
)
def test_what_does_not_ring_on_is_not_told_of(record: PageRecord, view: dict[str, Any]):
    written(plan(a_view(record, **view), seen=saw(record, LOOK_FAILED)))


def test_without_a_second_pager_the_same_dead_pager_is_not_rung_for_imoc():
    record = a_page(state=PageState.UNKNOWN, not_before=NOW + seconds(75), looks_failed=3)
    assert plan(a_view(record), after_s=70).steps == ()


def test_an_imoc_at_another_pager_is_reached_when_the_first_pager_is_down():
    table = a_routing_table(a_roster("imoc", pager="pagerduty"))
    record = a_page(state=PageState.UNKNOWN, not_before=NOW + seconds(75), looks_failed=3)
    assert written(plan(a_view(record, route=route("Bitbucket", Severity.SEV1, table)), after_s=70)).target == "imoc1"


def test_a_retry_after_is_never_undercut():
    record = unanswered(a_page(state=PageState.SENDING), "429", NOW, retry_after_s=45, out_of_service=False)
    assert plan(a_view(record), after_s=44).steps == ()
    assert the_only(plan(a_view(record), after_s=45).steps) == LookUp(record, by_alias=True)


@pytest.mark.parametrize(("asked_s", "waits_s"), [(3600, 3600), (3601, 3600), (86_400, 3600)])
def test_a_retry_after_is_believed_for_an_hour_at_most(asked_s: float, waits_s: float):
    sent = unanswered(a_page(state=PageState.SENDING), "429", NOW, retry_after_s=asked_s, out_of_service=True)
    unclosed = close_failed(a_page(state=PageState.ENDING), "429", NOW, asked_s)
    assert {page.not_before for page in (sent, unclosed)} == {NOW + seconds(waits_s)}


@pytest.mark.parametrize(("asked_s", "waits_s"), [(None, 3), (10, 10), (30, 30), (3600, 30)])
def test_a_page_is_looked_at_again_within_half_a_minute(asked_s: float | None, waits_s: float):
    looked = look_failed(a_page(state=PageState.UNKNOWN), replace(LOOK_FAILED, retry_after_s=asked_s), NOW)
    assert looked.not_before == NOW + seconds(waits_s)


@pytest.mark.parametrize(("attempt", "looks"), [(1, False), (2, True)])
def test_what_was_sent_before_is_looked_for_while_its_pager_wants_no_more(attempt: int, looks: bool):
    record = a_page(state=PageState.UNKNOWN, attempt=attempt, not_before=NOW + seconds(3600))
    p = plan(a_view(record), after_s=20)
    assert p.steps == ((LookUp(record, by_alias=True),) if looks else ())
    found = (
        written(plan(a_view(record), after_s=20, seen=saw(record, Sighting((an_alert(),), by_alias=True)))) if looks else None
    )
    assert found is None or found.state is PageState.CONFIRMED
    assert plan(a_view(record), after_s=20, seen=saw(record, NOTHING_THERE)).steps == ()


@pytest.mark.parametrize(("tries", "waits_s"), [(1, 3), (2, 6), (3, 12), (9, 12)])
def test_a_close_that_failed_is_asked_for_again_within_twelve_seconds_and_counts_once(tries: int, waits_s: float):
    failed = close_failed(a_page(state=PageState.ENDING, looks_failed=tries), "503", NOW, None)
    assert (failed.not_before, failed.looks_failed) == (NOW + seconds(waits_s), tries)


@pytest.mark.parametrize(("failed", "waits_s"), [(0, 3), (1, 6), (2, 12), (8, 12)])
def test_a_page_that_nobody_needs_is_looked_for_again_within_twelve_seconds(failed: int, waits_s: float):
    """Wanted anew, it would wait so long for its old alert."""
    record = look_failed(a_page(state=PageState.ENDING, looks_failed=failed), LOOK_FAILED, NOW, patient=True)
    assert (record.not_before, record.looks_failed) == (NOW + seconds(waits_s), failed + 1)


# --- the end ----------------------------------------------------------------------------------------------------


def test_an_unwanted_page_is_closed_by_id_and_believed_closed_only_when_seen():
    record = a_page()
    unwanted = {"wanted": False}
    ending = written(plan(a_view(record, **unwanted)))
    assert ending.state is PageState.ENDING
    assert the_only(plan(a_view(ending, **unwanted)).steps) == LookUp(ending, by_alias=True)
    close = the_only(plan(a_view(ending, **unwanted), seen=an_open_alert_seen(record)).steps)
    assert isinstance(close, Close)
    assert close.alert_ids == ("a-1",)
    closed = saw(record, Sighting((an_alert(status=AlertStatus.CLOSED),), by_alias=True))
    assert written(plan(a_view(close.new, **unwanted), after_s=3, seen=closed)).state is PageState.ENDED


def test_an_alert_that_is_not_shown_at_all_counts_as_closed_only_after_a_minute():
    record = a_page(state=PageState.ENDING)
    assert plan(a_view(record, wanted=False), after_s=59, seen=saw(record, NOTHING_THERE)) == Plan((), NOW + seconds(60))
    assert written(plan(a_view(record, wanted=False), after_s=60, seen=saw(record, NOTHING_THERE))).state is PageState.ENDED


MAY_RING_AGAIN = pytest.mark.parametrize(
    "twice",
    [
        pytest.param({"attempt": 2}, id="sent twice"),
        pytest.param({"reason": TOLD}, id="sent without the ledger"),
        pytest.param({"blind_sent_at": NOW}, id="sent without the ledger too"),
    ],
)


@MAY_RING_AGAIN
def test_one_that_was_looked_for_in_the_last_moment_is_heard_after_it(twice: dict[str, Any]):
    record = a_page(state=PageState.CLOSED, alert_ids=("a-1",), **twice)
    step = the_only(plan(a_view(record), after_s=359.9).steps)
    assert isinstance(step, LookUp)
    assert step.by_alias
    another = saw(record, Sighting((an_alert(id="a-9"), an_alert(id="a-1", status=AlertStatus.CLOSED)), by_alias=True))
    assert "a-9" in written(plan(a_view(record), after_s=360.2, seen=another)).alert_ids


@MAY_RING_AGAIN
def test_what_may_ring_again_goes_on_ending_for_six_minutes(twice: dict[str, Any]):
    record = a_page(state=PageState.ENDING, **twice)
    closed = saw(record, Sighting((an_alert(status=AlertStatus.CLOSED),), by_alias=True))
    assert plan(a_view(record, wanted=False), after_s=359, seen=closed) == Plan((), NOW + seconds(360))
    assert written(plan(a_view(record, wanted=False), after_s=360, seen=closed)).state is PageState.ENDED


def test_what_was_sent_without_the_ledger_goes_on_ending_for_six_minutes_after_we_were_told():
    record = a_page(state=PageState.ENDING, blind_sent_at=NOW + seconds(100))
    closed = saw(record, Sighting((an_alert(status=AlertStatus.CLOSED),), by_alias=True))
    assert plan(a_view(record, wanted=False), after_s=459, seen=closed) == Plan((), NOW + seconds(460))
    assert written(plan(a_view(record, wanted=False), after_s=460, seen=closed)).state is PageState.ENDED


def test_what_may_ring_again_ends_at_once_where_a_page_is_wanted_again():
    record = a_page(state=PageState.ENDING, attempt=2)
    closed = saw(record, Sighting((an_alert(status=AlertStatus.CLOSED),), by_alias=True))
    assert written(plan(a_view(record), after_s=3, seen=closed)).state is PageState.ENDED


def test_a_request_in_flight_is_waited_for_before_it_is_given_up():
    record = a_page(state=PageState.SENDING, until=NOW + seconds(8))
    marked = written(plan(a_view(record, wanted=False), after_s=7))
    assert (marked.state, marked.claim, marked.sent_before) == (PageState.SENDING, record.claim, True)
    assert plan(a_view(marked, wanted=False), after_s=7).steps == ()
    given_up = written(plan(a_view(marked, wanted=False), after_s=8))
    assert (given_up.state, given_up.unwanted_since) == (PageState.UNKNOWN, NOW + seconds(8))
    assert plan(a_view(given_up, wanted=False), after_s=367, seen=saw(record, NOTHING_THERE)).steps == ()
    assert written(plan(a_view(given_up, wanted=False), after_s=368, seen=saw(record, NOTHING_THERE))).state is PageState.ENDED


@pytest.mark.parametrize(
    ("target", "made_s", "goes_on"),
    [pytest.param("im", 30, True, id="for now"), pytest.param("im", 29, False, id="for before"),
     pytest.param("imoc1", 30, False, id="before its turn")],
)  # fmt: skip
def test_what_a_pager_makes_late_rings_on_where_the_old_alert_was_in_its_way(target: str, made_s: float, goes_on: bool):
    """Closed with the old one, and made anew, it would ring the same people twice."""
    record = a_page(target, PageState.ENDING, attempt=2)
    late = an_alert("a-2", created_at=NOW + seconds(made_s))
    seen = saw(record, Sighting((late, an_alert("a-1", AlertStatus.CLOSED)), by_alias=True))
    becomes = record_of(the_only(plan(a_view(record, wanted_again_at=NOW + seconds(30)), after_s=60, seen=seen).steps))
    assert becomes.state is (PageState.UNKNOWN if goes_on else PageState.ENDING)
    if goes_on:
        then = written(plan(a_view(becomes, wanted_again_at=NOW + seconds(30)), after_s=60, seen=seen))
        assert (then.state, then.alert_ids[0]) == (PageState.CONFIRMED, "a-2")


def test_an_alert_that_turns_up_late_is_closed():
    record = a_page(state=PageState.UNKNOWN, unwanted_since=NOW, sent_before=True)
    found = written(plan(a_view(record, wanted=False), after_s=120, seen=an_open_alert_seen(record)))
    assert (found.state, found.alert_ids) == (PageState.ENDING, ("a-1",))


def test_taken_in_jira_acknowledges_the_alert_once():
    record = a_page()
    step = the_only(plan(a_view(record, taken=True), seen=an_open_alert_seen(record)).steps)
    assert isinstance(step, Acknowledge)
    assert step.alert_ids == ("a-1",)
    waiting = plan(a_view(step.new, taken=True), after_s=1, seen=an_open_alert_seen(record))
    assert waiting == Plan((), NOW + seconds(2))


def test_an_acknowledged_page_stops_its_siblings_from_escalating():
    im, imoc = a_page(state=PageState.ACKED), a_page("imoc1", alert_ids=("a-2",))
    seen = saw(imoc, Sighting((an_alert("a-2"),)))
    step = the_only(plan(a_view(im, imoc), seen=seen).steps)
    assert isinstance(step, Acknowledge)
    assert step.alert_ids == ("a-2",)


TWO_RING = Sighting((an_alert("a-2"), an_alert("a-1")), by_alias=True)
ONE_IS_HAD = Sighting((an_alert("a-2", AlertStatus.ACKED, by="mia@example.com"), an_alert("a-1")), by_alias=True)


def test_of_two_alerts_that_ring_both_are_acknowledged():
    record = a_page(alert_ids=("a-2", "a-1"))
    step = the_only(plan(a_view(record, taken=True), seen=saw(record, TWO_RING)).steps)
    assert isinstance(step, Acknowledge)
    assert step.alert_ids == ("a-2", "a-1")


def test_of_two_alerts_the_one_that_rings_decides_and_is_acknowledged_for_whoever_has_the_other():
    record = a_page(alert_ids=("a-2", "a-1"))
    had = written(plan(a_view(record), seen=saw(record, ONE_IS_HAD)))
    assert (had.state, had.is_acked, had.acked_by) == (PageState.CONFIRMED, True, "mia@example.com")
    step = the_only(plan(a_view(had), seen=saw(had, ONE_IS_HAD)).steps)
    assert isinstance(step, Acknowledge)
    assert (step.alert_ids, step.new.ack_sent_at) == (("a-1",), None)  # it stays hers


def test_whoever_acknowledges_one_more_alert_of_a_page_that_was_closed_has_it():
    closed = a_page(state=PageState.CLOSED, attempt=2, closed_at=NOW)
    shown = (an_alert(status=AlertStatus.CLOSED), an_alert("a-2", AlertStatus.ACKED, created_at=NOW + seconds(9)))
    had = written(plan(a_view(closed), after_s=20, seen=saw(closed, Sighting(shown, by_alias=True))))
    assert (had.state, had.is_answered, had.alert_ids) == (PageState.ACKED, True, ("a-2", "a-1"))


def test_an_alert_that_rings_is_adopted_before_one_that_somebody_has():
    record = a_page(state=PageState.UNKNOWN, alert_ids=())
    adopted = written(plan(a_view(record), seen=saw(record, ONE_IS_HAD)))
    assert (adopted.state, adopted.alert_ids) == (PageState.CONFIRMED, ("a-1", "a-2"))


def test_one_more_alert_of_an_acknowledged_page_is_acknowledged_for_whoever_has_it():
    record = a_page(state=PageState.ACKED, acked_at=NOW + seconds(30), acked_by="mia@example.com")
    late = saw(record, Sighting((an_alert("a-2"), an_alert("a-1", AlertStatus.CLOSED)), by_alias=True))
    ringing = written(plan(a_view(record, look_asked=True), seen=late))
    assert (ringing.state, ringing.is_acked, ringing.alert_ids) == (PageState.CONFIRMED, True, ("a-2", "a-1"))
    step = the_only(plan(a_view(ringing), seen=saw(ringing, Sighting((an_alert("a-2"),)))).steps)
    assert isinstance(step, Acknowledge)
    done = written(plan(a_view(ringing), seen=saw(ringing, Sighting((an_alert("a-2", AlertStatus.ACKED, by="us"),)))))
    assert (done.state, done.acked_by, done.is_answered) == (PageState.ACKED, "mia@example.com", True)


def test_what_is_acknowledged_after_we_asked_for_it_was_answered_by_nobody():
    record = a_page(ack_sent_at=NOW)
    done = written(plan(a_view(record, taken=True), seen=saw(record, Sighting((an_alert("a-1", AlertStatus.ACKED, by="us"),)))))
    assert (done.is_acked, done.is_answered) == (True, False)


@pytest.mark.parametrize("state", [PageState.ENDING, PageState.ENDED])
@pytest.mark.parametrize("changes", [{}, {"reason": TOLD, "attempt": 0}], ids=["sent", "found"])
def test_what_we_acknowledged_for_whoever_answered_another_ends_with_that_one(state: PageState, changes: dict[str, Any]):
    """The issue had left, and is back: who was let go then does not have it now, and somebody has to be asked anew."""
    theirs = a_page("imoc1", state=state, acked_at=NOW, acked_by="omar@example.com")
    ours = replace(OURS_TO_KEEP, **changes)
    seen = saw(ours, Sighting((an_alert(status=AlertStatus.ACKED, by="us"),), by_alias=True))
    wrote = [step.new for step in plan(a_view(ours, theirs, unread=True), seen=seen).steps if isinstance(step, Write)]
    assert [(record.target, record.state) for record in wrote] == [("im", PageState.ENDING)]


@pytest.mark.parametrize(
    ("theirs", "taken"),
    [
        pytest.param({"state": PageState.ACKED, "acked_at": NOW}, False, id="who still has it"),
        pytest.param({"state": PageState.ENDED, "acked_at": NOW}, True, id="who left it to somebody else"),
        pytest.param({"state": PageState.ENDED}, False, id="who never answered"),
        pytest.param(
            {"state": PageState.ENDED, "acked_at": NOW, "until": NOW - seconds(1)}, False, id="whose page had ended before"
        ),
    ],
)
def test_what_we_acknowledged_stays_so_beside_one(theirs: dict[str, Any], taken: bool):
    other = a_page("imoc1", **theirs)
    assert the_only(plan(a_view(OURS_TO_KEEP, other, taken=taken)).steps) == LookUp(OURS_TO_KEEP, by_alias=False)


OURS_TO_KEEP = a_page(state=PageState.ACKED, acked_at=NOW, acked_by_us=True, ack_sent_at=NOW, until=NOW + seconds(30))
RUN_OUT = Sighting((an_alert(rings_by_itself=True),))


def test_what_we_acknowledged_is_read_at_every_pass_and_acknowledged_again_where_that_ran_out():
    assert the_only(plan(a_view(OURS_TO_KEEP), after_s=1800).steps) == LookUp(OURS_TO_KEEP, by_alias=False)
    step = the_only(plan(a_view(OURS_TO_KEEP), after_s=1800, seen=saw(OURS_TO_KEEP, RUN_OUT)).steps)
    assert isinstance(step, Acknowledge)
    assert (step.alert_ids, step.new.state, step.new.until) == (("a-1",), PageState.ACKED, NOW + seconds(1830))
    assert plan(a_view(step.new), after_s=1801, seen=saw(step.new, RUN_OUT)) == Plan((), NOW + seconds(1802))


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param((an_alert("a-1", AlertStatus.ACKED, by="us"),), id="still acknowledged"),
        pytest.param((an_alert(),), id="a human made it ring again"),
        pytest.param((an_alert("a-1", AlertStatus.CLOSED),), id="closed"),
        pytest.param((), id="not shown"),
        pytest.param(None, id="the pager did not answer"),
    ],
)
def test_what_we_acknowledged_is_left_alone_otherwise(shown: Any):
    assert plan(a_view(OURS_TO_KEEP), after_s=1800, seen=saw(OURS_TO_KEEP, Sighting(shown))) == Plan((), None)


def test_what_we_acknowledged_for_whoever_has_left_since_silences_nothing_that_rings():
    rings = a_page("imoc1", alert_ids=("a-imoc",))
    seen = Seen({r.sk: Sighting((an_alert(r.alert_ids[0]),)) for r in (OURS_TO_KEEP, rings)}, on_calls={rings.sk: None})
    steps = plan(a_view(OURS_TO_KEEP, rings, beside_at=NOW + seconds(900)), after_s=800, seen=seen).steps
    assert not any(isinstance(step, Acknowledge | Send) for step in steps)
    assert not any(isinstance(step, Write) and step.old is None for step in steps)


def test_owners_hear_when_nobody_answers_beside_what_we_acknowledged_for_whoever_has_left_since():
    rings = a_page("imoc1", alert_ids=("a-imoc",))
    seen = Seen({r.sk: Sighting((an_alert(r.alert_ids[0]),)) for r in (OURS_TO_KEEP, rings)}, on_calls={rings.sk: None})
    view = a_view(OURS_TO_KEEP, rings, beside_at=NOW)
    before, after = (plan(view, after_s=s, seen=seen).steps for s in (299, 301))
    assert not any(isinstance(step, TellOwners) for step in before)
    assert [record_of(step).target for step in after if isinstance(step, TellOwners)] == ["imoc1"]


def test_what_we_acknowledged_for_whoever_has_left_since_may_ring_again():
    seen = saw(OURS_TO_KEEP, RUN_OUT)
    assert plan(a_view(OURS_TO_KEEP, beside_at=NOW), after_s=1800, seen=seen).steps == ()
    # Unless somebody has answered to take over, though they cannot be given it.
    assert isinstance(
        the_only(plan(a_view(OURS_TO_KEEP, beside_at=NOW, taken=True), after_s=1800, seen=seen).steps), Acknowledge
    )


def test_what_a_human_acknowledged_is_between_them_and_their_pager():
    hers = replace(OURS_TO_KEEP, acked_by_us=False, ack_sent_at=None)
    assert plan(a_view(hers), after_s=1800) == Plan((), None)


def test_a_pager_that_asked_to_wait_is_not_read_for_what_we_acknowledged():
    waiting = replace(OURS_TO_KEEP, not_before=NOW + seconds(3600))
    assert plan(a_view(waiting), after_s=1800) == Plan((), NOW + seconds(3600))


def test_a_page_that_nobody_accepted_is_not_sent_again_before_those_that_ring_are_read():
    unsent, ringing = a_page(state=PageState.UNKNOWN), a_page("imoc1", alert_ids=("a-2",))
    nothing = {unsent.sk: NOTHING_THERE}
    assert plan(a_view(unsent, ringing), seen=Seen(nothing)).steps == (LookUp(ringing, by_alias=False),)
    answered = Seen(nothing | {ringing.sk: Sighting((an_alert("a-2", AlertStatus.ACKED),))})
    assert written(plan(a_view(unsent, ringing), seen=answered)).state is PageState.ACKED
    unanswered_yet = Seen(nothing | {ringing.sk: Sighting((an_alert("a-2"),))})
    assert isinstance(the_only(plan(a_view(unsent, ringing), seen=unanswered_yet).steps), Send)


@pytest.mark.parametrize(
    ("after_s", "state"), [pytest.param(59, None, id="a list may lag"), pytest.param(60, PageState.CLOSED, id="it is gone")]
)
def test_an_alert_that_is_not_shown_any_more_counts_as_gone_after_a_minute(after_s: float, state: PageState | None):
    record = a_page()
    steps = plan(a_view(record), after_s=after_s, seen=saw(record, NOTHING_THERE)).steps
    assert [step.new.state for step in steps if isinstance(step, Write)] == ([state] if state else [])


# --- episodes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("records", "wanted", "episode"),
    [
        pytest.param((), True, 1, id="the first"),
        pytest.param((a_page(),), True, 1, id="going on"),
        pytest.param((a_page(state=PageState.ENDED),), True, 2, id="wanted again after it ended"),
        pytest.param((a_page(state=PageState.ENDED),), False, 1, id="over and not wanted"),
        pytest.param((a_page(state=PageState.ENDING),), True, 1, id="wanted again while still ending"),
        pytest.param((a_page(state=PageState.ENDED), a_page("imoc1")), True, 1, id="a sibling still open"),
    ],
)
def test_an_episode_begins_only_when_the_last_one_is_over(records: tuple[PageRecord, ...], wanted: bool, episode: int):
    assert current_episode(records, wanted=wanted) == episode


def test_an_alert_of_an_ended_episode_is_never_ours_again():
    old = a_page(state=PageState.ENDED)
    new = a_page(state=PageState.UNKNOWN, episode=2)
    seen = saw(new, Sighting((an_alert("a-1", AlertStatus.CLOSED),), by_alias=True))
    assert isinstance(the_only(plan(a_view(old, new), seen=seen).steps), Send)


def test_a_straggler_of_an_old_episode_does_not_close_the_new_page():
    straggler = a_page("imoc1", PageState.UNKNOWN)
    new = a_page("imoc1", PageState.ACCEPTED, episode=2, until=NOW + seconds(2), on_call=("x",))
    assert plan(a_view(straggler, new, route=route(None, Severity.SEV1, a_routing_table()))).steps == ()


def test_whoever_read_a_page_before_one_more_alert_was_known_cannot_write_over_it():
    record = a_page(state=PageState.CONFIRMED)
    seen = saw(record, Sighting((an_alert("a-2"), an_alert("a-1", AlertStatus.CLOSED)), by_alias=True))
    told = a_view(record, look_asked=True, orphan=a_view().route.chain[0], told_id="a-2")
    new = written(plan(told, seen=seen))
    assert (new.state, new.alert_ids, new.claim) == (PageState.CONFIRMED, ("a-2", "a-1"), "c-new")


def test_an_alert_that_we_were_closing_when_its_page_was_wanted_again_proves_nothing_once_closed():
    ending = a_page(state=PageState.ENDING, not_before=NOW + seconds(30))
    again = written(plan(a_view(ending)))
    assert (again.state, again.former_ids) == (PageState.UNKNOWN, ("a-1",))
    closed = Sighting((an_alert("a-1", AlertStatus.CLOSED),), by_alias=True)
    assert isinstance(the_only(plan(a_view(again), after_s=30, seen=saw(again, closed)).steps), Send)
    still_open = written(plan(a_view(again), after_s=30, seen=saw(again, Sighting((an_alert(),), by_alias=True))))
    assert still_open.state is PageState.CONFIRMED
    assert written(plan(a_view(still_open), after_s=35, seen=saw(again, closed))).state is PageState.UNKNOWN
    had_before = Sighting((an_alert("a-1", AlertStatus.ACKED),), by_alias=True)
    assert written(plan(a_view(again), after_s=30, seen=saw(again, had_before))).state is PageState.ENDING
    much_later = Sighting((an_alert("a-1", AlertStatus.CLOSED, at=NOW + seconds(420)),), by_alias=True)
    assert written(plan(a_view(still_open), after_s=430, seen=saw(again, much_later))).state is PageState.CLOSED


def test_a_page_that_ended_before_its_siblings_is_begun_anew_and_keeps_what_it_knew():
    ended, ending = a_page(state=PageState.ENDED), a_page("imoc1", PageState.ENDING, alert_ids=("a-2",), until=NOW + seconds(3))
    read = Seen({ending.sk: Sighting((an_alert("a-2"),), by_alias=True)})
    new = written(plan(a_view(ended, ending), seen=read))
    assert (new.state, new.alert_ids, new.former_ids) == (PageState.UNKNOWN, ("a-1",), ("a-1",))


# --- orphans ----------------------------------------------------------------------------------------------------


def test_an_incident_first_seen_when_nothing_is_wanted_is_checked_for_an_orphan():
    record = written(plan(a_view(wanted=False, first_sight=True)))
    assert (record.state, record.target) == (PageState.UNKNOWN, "im")


def test_a_hint_that_an_alert_exists_reopens_an_ended_record():
    ended = a_page(state=PageState.ENDED)
    assert plan(a_view(ended, wanted=False)).steps == ()
    assert written(plan(a_view(ended, wanted=False, look_asked=True))).state is PageState.UNKNOWN
    looked = Seen(sightings={ended.sk: NOTHING_THERE})
    assert plan(a_view(ended, wanted=False, look_asked=True), seen=looked).steps == ()


@pytest.mark.parametrize("state", [PageState.SENDING, PageState.UNKNOWN, PageState.ACCEPTED])
def test_what_a_pager_tells_of_is_looked_for_at_once_and_known_from_then_on(state: PageState):
    record = a_page(state=state, until=NOW + seconds(8))
    view = a_view(record, look_asked=True)
    assert plan(view).steps == (LookUp(record, by_alias=True),)
    assert written(plan(view, seen=an_open_alert_seen(record))).alert_ids == ("a-1",)
    assert plan(view, seen=saw(record, NOTHING_THERE)).steps == ()


TOLD_BLIND = {"look_asked": True, "orphan": Link("im", a_roster("bitbucket-im"), ""), "told_sent_at": NOW}


@pytest.mark.parametrize(
    "state", [PageState.UNKNOWN, PageState.ACCEPTED, PageState.CONFIRMED, PageState.ACKED, PageState.CLOSED]
)
def test_that_a_page_was_sent_without_the_ledger_too_is_remembered_also_where_no_alert_of_it_is_shown_yet(state: PageState):
    record = a_page(state=state)
    shown = saw(record, Sighting((an_alert(),), by_alias=True) if record.alert_ids else NOTHING_THERE)
    told = written(plan(a_view(record, **TOLD_BLIND), after_s=40, seen=shown))
    assert (told.state, told.blind_sent_at, told.claim) == (state, NOW, "c-new")
    again = plan(a_view(told, **TOLD_BLIND), after_s=41, seen=shown).steps
    assert not any(isinstance(step, Write) and step.new.blind_sent_at != NOW for step in again)
    later = plan(a_view(told, **TOLD_BLIND | {"told_sent_at": NOW + seconds(5)}), after_s=42, seen=shown).steps
    assert written(Plan(later, None)).blind_sent_at == NOW + seconds(5)


@pytest.mark.parametrize(
    ("state", "view"),
    [
        pytest.param(PageState.CLOSED, TOLD_BLIND, id="told of"),
        pytest.param(PageState.ACKED, {}, id="watched for one more"),
        pytest.param(PageState.ACCEPTED, TOLD_BLIND, id="told of, and waited for itself"),
    ],
)
def test_what_was_to_be_looked_for_is_looked_for_until_its_pager_has_answered_however_long_that_takes(
    state: PageState, view: dict[str, Any]
):
    record = a_page(state=state, attempt=2, accepted_at=NOW, until=NOW + seconds(2000))
    owed = written(plan(a_view(record, **view), after_s=350, seen=saw(record, LOOK_FAILED)))
    assert (owed.state, owed.look_owed) == (state, True)
    much_later = 1500.0
    assert plan(a_view(owed), after_s=much_later, seen=saw(owed, LOOK_FAILED)).steps == ()
    assert LookUp(owed, by_alias=True) in plan(a_view(owed), after_s=much_later).steps
    one_more = (an_alert("a-2"), an_alert("a-1", AlertStatus.CLOSED))
    found = written(plan(a_view(owed), after_s=much_later, seen=saw(owed, Sighting(one_more, by_alias=True))))
    assert (found.state, found.alert_ids[0], found.look_owed) == (PageState.CONFIRMED, "a-2", False)


@pytest.mark.parametrize(("sent_at_s", "steps"), [(0, 0), (4, 0), (5, 0), (6, 1)])
def test_word_of_a_page_that_was_sent_without_the_ledger_is_news_only_where_it_is_younger(sent_at_s: float, steps: int):
    record = a_page(state=PageState.ENDED, blind_sent_at=NOW + seconds(5))
    view = a_view(record, wanted=False, **TOLD_BLIND | {"told_sent_at": NOW + seconds(sent_at_s)})
    assert len(plan(view, after_s=1000).steps) == steps


def test_how_long_a_page_that_was_sent_without_the_ledger_is_owed_counts_from_when_it_was_sent():
    record = a_page(state=PageState.UNKNOWN, attempt=0, reason=TOLD, unwanted_since=NOW + seconds(300), sent_before=True)
    record = replace(record, blind_sent_at=NOW)
    view = a_view(record, wanted=False)
    assert plan(view, after_s=419, seen=saw(record, NOTHING_THERE)).steps == ()
    assert written(plan(view, after_s=420, seen=saw(record, NOTHING_THERE))).state is PageState.ENDED


def test_whoever_begins_a_page_for_what_was_sent_without_the_ledger_remembers_that():
    assert written(plan(a_view(**TOLD_BLIND), after_s=3)).blind_sent_at == NOW
    by_a_hook = {"look_asked": True, "orphan": TOLD_BLIND["orphan"], "told_id": "a-1"}
    assert written(plan(a_view(wanted=False, **by_a_hook))).blind_sent_at is None


@MAY_RING_AGAIN
@pytest.mark.parametrize("state", [PageState.CONFIRMED, PageState.ACKED, PageState.CLOSED])
def test_what_may_ring_again_is_looked_for_by_its_alias_for_six_minutes(state: PageState, twice: dict[str, Any]):
    record = a_page(state=state, **twice)
    assert plan(a_view(record), after_s=359).steps == (LookUp(record, by_alias=True),)
    one_more = saw(record, Sighting((an_alert("a-2"), an_alert("a-1", AlertStatus.CLOSED)), by_alias=True))
    found = written(plan(a_view(record), after_s=359, seen=one_more))
    assert (found.state, found.alert_ids) == (PageState.CONFIRMED, ("a-2", "a-1"))
    assert LookUp(record, by_alias=True) not in plan(a_view(record), after_s=360).steps


def test_what_an_earlier_episode_sent_twice_is_looked_for_by_the_page_of_the_next():
    old, new = a_page(state=PageState.ENDED, attempt=2), a_page(episode=2, alert_ids=("a-2",))
    assert plan(a_view(old, new), after_s=359).steps == (LookUp(new, by_alias=True),)
    late = saw(new, Sighting((an_alert("a-3"), an_alert("a-2"), an_alert("a-1", AlertStatus.CLOSED)), by_alias=True))
    assert written(plan(a_view(old, new), after_s=359, seen=late)).alert_ids == ("a-3", "a-2")
    assert plan(a_view(old, new), after_s=360).steps == (LookUp(new, by_alias=False),)


def test_what_may_ring_again_is_not_looked_for_before_its_pager_may_be_asked_again():
    record = a_page(attempt=2, not_before=NOW + seconds(30))
    assert plan(a_view(record), after_s=29) == Plan((), NOW + seconds(30))


def test_a_page_that_was_accepted_and_lost_keeps_nobody_behind_it_from_being_rung():
    lost = a_page("im", PageState.UNKNOWN, accepted_at=NOW, unseen=True, attempt=2, not_before=NOW + seconds(3600))
    imoc, table = a_page("imoc1"), a_routing_table(a_roster("imoc-too"), imoc=("imoc", "imoc-too"))
    view = a_view(lost, imoc, route=route("Bitbucket", Severity.SEV1, table))
    seen = Seen({imoc.sk: Sighting((an_alert(),), by_alias=False)})
    assert "imoc2" not in targets_of(plan(view, after_s=299, seen=seen).steps)
    assert plan(view, after_s=300, seen=seen).steps == (LookUp(lost, by_alias=True),)
    for looked in (NOTHING_THERE, LOOK_FAILED):
        assert "imoc2" in targets_of(plan(view, after_s=300, seen=Seen({**seen.sightings, lost.sk: looked})).steps)


def test_a_pager_that_refuses_every_page_has_its_second_rung():
    im, imoc = (
        a_page("im", PageState.REFUSED, until=NOW + seconds(59)),
        a_page("imoc1", PageState.REFUSED, until=NOW + seconds(59)),
    )
    view = a_view(im, imoc, route=a_route_with_a_second())
    assert targets_of(plan(view, after_s=59).steps) == []
    assert targets_of(plan(view, after_s=60).steps) == ["im.second"]
    rings = a_page("imoc1", on_call=("omar",))
    seen = Seen({rings.sk: Sighting((an_alert(),))})
    assert targets_of(plan(a_view(im, rings, route=a_route_with_a_second()), after_s=60, seen=seen).steps) == []


def test_what_is_still_being_ended_when_it_is_wanted_again_is_rung_in_its_turn():
    im, imoc = [a_page(target, PageState.ENDING, not_before=NOW + seconds(3)) for target in ("im", "imoc1")]
    anew = {step.new.target: step.new.unwanted_since for step in plan(a_view(im, imoc)).steps if isinstance(step, Write)}
    assert anew == {"im": None, "imoc1": NOW}


def test_whoever_is_needed_does_not_wait_for_a_record_that_nobody_needed_and_whose_pager_wants_none():
    im = a_page("im", PageState.ENDED)
    imoc = a_page("imoc1", PageState.UNKNOWN, unwanted_since=NOW, not_before=NOW + seconds(30), alert_ids=())
    steps = plan(a_view(im, imoc), after_s=1).steps
    assert [step.new.target for step in steps if isinstance(step, Write)] == ["im"]


def test_owners_are_told_again_of_what_is_accepted_and_was_not_wanted_meanwhile():
    record = replace(accepted(a_page(state=PageState.SENDING), "r-1", NOW), unanswered=True, unseen=True, sent_before=True)
    assert written(plan(a_view(record, wanted=False), after_s=1)).unanswered is False


def test_the_second_of_whom_nobody_tried_says_whose_pager_is_away():
    seconds_of = [a_roster(f"{name}-pd", pager="pagerduty") for name in ("im", "imoc")]
    table = a_routing_table(a_roster("bitbucket-im", second="im-pd"), a_roster("imoc", second="imoc-pd"), *seconds_of)
    im = a_page("im", PageState.UNKNOWN, last_error="503", out_of_service=True, not_before=NOW + seconds(900))
    second = a_page("im.second", pager="pagerduty", on_call=("mia",))
    view = a_view(im, second, route=route("Bitbucket", Severity.SEV1, table))
    begun = written(plan(view, after_s=400, seen=an_open_alert_seen(second)))
    assert (begun.target, begun.reason) == ("imoc1.second", "opsgenie cannot be reached (503)")


def test_what_takes_the_place_of_a_record_keeps_what_may_come_late_and_until_when_its_pager_wants_none():
    old = a_page("imoc1", PageState.UNKNOWN, attempt=2, told_ids=("a-7",), look_owed=True, alert_ids=("a-1",))
    old = replace(old, not_before=NOW + seconds(900), out_of_service=True, blind_sent_at=NOW)
    new = in_place_of(old, a_page("imoc1", PageState.UNKNOWN, alert_ids=()), NOW + seconds(300))
    assert (new.attempt, new.told_ids, new.look_owed, new.blind_sent_at) == (2, ("a-7",), True, NOW)
    assert (new.not_before, new.out_of_service, new.former_ids) == (NOW + seconds(900), True, ("a-1",))


@pytest.mark.parametrize(("state", "attempt"), [(PageState.ACCEPTED, 2), (PageState.UNKNOWN, 1), (PageState.SENDING, 2)])
def test_a_pager_that_accepts_and_rings_nobody_has_its_second_rung(state: PageState, attempt: int):
    first = a_roster("bitbucket-im", second="bitbucket-im-too")
    table = a_routing_table(first, a_roster("bitbucket-im-too", pager="pagerduty"))
    im, imoc = [
        a_page(target, state, accepted_at=NOW, until=NOW + seconds(95), unseen=True, attempt=attempt, on_call=("mia",))
        for target in ("im", "imoc1")
    ]
    view = a_view(im, imoc, route=route("Bitbucket", Severity.SEV1, table))
    seen = Seen({im.sk: NOTHING_THERE, imoc.sk: NOTHING_THERE})
    assert "im.second" not in targets_of(plan(view, after_s=89, seen=seen).steps)
    [second] = [
        step.new for step in plan(view, after_s=90, seen=seen).steps
        if isinstance(step, Write) and step.new.target == "im.second"
    ]  # fmt: skip
    assert second.reason == "opsgenie accepted the page for bitbucket-im and shows no alert"


def test_an_orphan_that_is_only_looked_for_keeps_nobody_from_being_rung():
    orphan = a_page("imoc1", PageState.UNKNOWN, reason=TOLD, attempt=0, unwanted_since=NOW, blind_sent_at=NOW)
    im = a_page()
    seen = Seen({im.sk: Sighting((an_alert(),), by_alias=False), orphan.sk: NOTHING_THERE})
    steps = plan(a_view(im, orphan), after_s=300, seen=seen).steps
    [begun] = [step for step in steps if isinstance(step, Write)]
    assert begun.old == orphan
    assert (begun.new.target, begun.new.unwanted_since, begun.new.blind_sent_at) == ("imoc1", None, NOW)


def test_an_old_alert_that_cannot_be_closed_does_not_put_off_for_ever_that_the_page_is_missed():
    record = a_page(state=PageState.ENDING, not_before=NOW + seconds(103), former_ids=("a-1",), accepted_at=None)
    again = written(plan(a_view(record), after_s=100))
    assert (again.state, again.since) == (PageState.UNKNOWN, NOW)
    first = replace(record, former_ids=(), accepted_at=NOW)
    assert written(plan(a_view(first), after_s=100)).since == NOW + seconds(100)


def test_what_was_sent_without_the_ledger_is_given_up_six_minutes_after_we_were_told():
    record = a_page(state=PageState.UNKNOWN, alert_ids=("a-1",), unwanted_since=NOW, blind_sent_at=NOW, sent_before=True)
    closed = saw(record, NOTHING_THERE)
    assert plan(a_view(record, wanted=False), after_s=359, seen=closed) == Plan((), NOW + seconds(360))
    assert written(plan(a_view(record, wanted=False), after_s=360, seen=closed)).state is PageState.ENDED


def test_a_page_found_while_jira_cannot_be_read_is_left_to_whoever_sent_it():
    found = a_page(state=PageState.ACKED, reason=ADOPTED, attempt=0)
    assert plan(a_view(found, wanted=False, unread=True), after_s=300).steps == ()
    assert written(plan(a_view(found, wanted=False), after_s=300)).state is PageState.ENDING


def test_a_page_just_found_is_left_to_whoever_sent_it_until_nobody_acts_on_an_older_word():
    found = a_page(reason=ADOPTED, attempt=0)
    view, seen = a_view(found, wanted=False), an_open_alert_seen(found)
    assert plan(view, after_s=19, seen=seen) == Plan((), NOW + seconds(20))
    assert written(plan(view, after_s=20, seen=seen)).state is PageState.ENDING


# --- the delivery team ------------------------------------------------------------------------------------------


def a_delivery_view(*records: PageRecord, opens_at: datetime = NOW, **changes: Any) -> PageView:
    low = route("Bitbucket", Severity.SEV3, a_routing_table())
    return a_view(*records, **{"wanted": False, "delivery": low.delivery, "delivery_opens_at": opens_at, **changes})


def test_a_severity_three_waits_for_business_hours():
    assert plan(a_delivery_view(opens_at=NOW + seconds(3600))) == Plan((), NOW + seconds(3600))
    assert written(plan(a_delivery_view())).target == "delivery"


def test_a_severity_three_that_becomes_major_pages_at_once_and_ends_the_quiet_alert():
    quiet = a_page("delivery", roster="bitbucket-team")
    steps = plan(a_view(quiet, direct=True), seen=an_open_alert_seen(quiet)).steps
    assert [step.new.target for step in steps if isinstance(step, Send)] == ["im"]
    assert [step.new.state for step in steps if isinstance(step, Write)] == [PageState.ENDING]


# --- escalations: whoever "Escalate to" names ------------------------------------------------------------------------------

DBA = Route((Link("to.dba", a_roster("dba"), "Databases is asked for"),))


def called(state: PageState = PageState.CONFIRMED, **changes: Any) -> PageRecord:
    return replace(a_page("to.dba", state, roster="dba"), alert_ids=("a-dba",), **changes)


def an_escalation(*records: PageRecord, **changes: Any) -> PageView:
    return a_view(*records, **{"beside": {"to.dba": DBA}, **changes})


def targets_of(steps: tuple[Step, ...]) -> list[str]:
    return [record_of(step).target for step in steps]


def test_whoever_is_asked_for_is_looked_for_and_then_paged_like_everybody():
    im = a_page("im", PageState.ACKED)
    [step] = plan(an_escalation(im)).steps
    assert isinstance(step, Write)
    assert (step.new.target, step.new.state, step.new.alias) == ("to.dba", PageState.UNKNOWN, "firebell:10002:to.dba")
    sent = plan(an_escalation(im, step.new), seen=saw(step.new, NOTHING_THERE)).steps
    assert [type(one) for one in sent] == [Send]


@pytest.mark.parametrize(
    ("im", "after_s", "begins"),
    [
        pytest.param((), 0, False, id="nobody paged yet"),
        pytest.param((a_page("im", PageState.UNKNOWN, not_before=NOW + seconds(99)),), 59, False, id="not accepted yet"),
        pytest.param((a_page("im", PageState.UNKNOWN, not_before=NOW + seconds(99)),), 61, True, id="not for a minute"),
        pytest.param((a_page("im", PageState.ACCEPTED),), 0, True, id="accepted"),
        pytest.param((a_page("im", PageState.ENDING, accepted_at=NOW),), 0, False, id="accepted before it was over"),
        pytest.param(
            (a_page("im", PageState.ENDING, looks_failed=7),), 0, True, id="nobody can be: the old one still does not close"
        ),
        pytest.param((a_page("im", PageState.UNKNOWN, unwanted_since=NOW),), 61, False, id="missing since before it was over"),
    ],
)
@pytest.mark.parametrize("before", [(), (called(PageState.ENDED),)], ids=["first time", "called before"])
def test_the_incident_manager_is_paged_first(
    im: tuple[PageRecord, ...], after_s: float, begins: bool, before: tuple[PageRecord, ...]
):
    seen = Seen({record.sk: Sighting((an_alert(),), by_alias=True) for record in im if record.looks_failed})
    assert ("to.dba" in targets_of(plan(an_escalation(*im, *before), after_s=after_s, seen=seen).steps)) is begins


@pytest.mark.parametrize(
    ("im", "taken", "sends"),
    [
        pytest.param((a_page(),), False, True, id="the page rings"),
        pytest.param((), True, True, id="somebody has it"),
        pytest.param((), False, False, id="wanted again, and not begun"),
        pytest.param((a_page("im", PageState.UNKNOWN, not_before=NOW + seconds(9)),), False, False, id="not accepted yet"),
    ],
)
def test_whoever_was_called_before_and_not_reached_is_called_behind_a_page_that_is_missing_now(
    im: tuple[PageRecord, ...], taken: bool, sends: bool
):
    before = called(PageState.UNKNOWN, accepted_at=None)
    steps = plan(an_escalation(*im, before, taken=taken), after_s=1, seen=saw(before, NOTHING_THERE)).steps
    assert any(isinstance(step, Send) and step.old == before for step in steps) is sends


def test_that_somebody_has_taken_the_incident_ends_no_escalation():
    found = plan(an_escalation(a_page("im", PageState.ENDED), called(), taken=True)).steps
    assert "to.dba" in targets_of(found)
    assert not any(isinstance(step, Acknowledge | Close) for step in found)


def test_an_acknowledged_escalation_takes_nothing_from_the_chain():
    im = a_page("im", PageState.CONFIRMED)
    acked = called(PageState.ACKED, acked_at=NOW, acked_by="dba@example.com")
    found = plan(an_escalation(im, acked), after_s=301, seen=saw(im, Sighting((an_alert(),)))).steps
    assert targets_of(found) == ["imoc1"]


@pytest.mark.parametrize("changes", [{"beside": {}}, {"wanted": False}], ids=["taken out again", "resolved"])
def test_what_is_not_asked_for_any_more_is_closed(changes: dict[str, Any]):
    record = called()
    view = an_escalation(a_page("im", PageState.ENDED), record, **changes)
    seen = saw(record, Sighting((an_alert("a-dba", alias="firebell:10002:to.dba"),), by_alias=True))
    [ending] = [step for step in plan(view, seen=seen).steps if record_of(step).target == "to.dba"]
    assert isinstance(ending, Write)
    assert ending.new.state is PageState.ENDING


def test_an_alert_of_an_escalation_that_nobody_knows_is_looked_for_there_and_nowhere_else():
    im = a_page("im", PageState.ACKED)
    found = plan(an_escalation(im, beside={}, look_asked=True, orphan=DBA.chain[0], told_id="a-dba")).steps
    assert targets_of(found) == ["to.dba"]


IMOC_TOO = Route((Link("next.imoc1", a_roster("imoc"), "left"), Link("next.imoc2", a_roster("imoc-too"), "nobody before")))


def test_when_its_manager_has_left_others_are_asked_one_after_the_other():
    im = a_page("im", PageState.ACKED)
    first = a_page("next.imoc1", PageState.CONFIRMED, on_call=())
    found = plan(a_view(im, first, beside={"next.": IMOC_TOO}), seen=saw(first, Sighting((an_alert(),)))).steps
    assert targets_of(found) == ["next.imoc2"]


def test_whoever_rings_in_the_chain_is_not_rung_again_to_take_over():
    rings = a_page("imoc1", alert_ids=("a-imoc",))
    seen = Seen({rings.sk: Sighting((an_alert("a-imoc"),))}, on_calls={rings.sk: None})
    view = a_view(a_page("im", PageState.ACKED), rings, beside={"next.": IMOC_TOO})
    assert not any(target.startswith("next.") for target in targets_of(plan(view, after_s=299, seen=seen).steps))
    assert "next.imoc2" in targets_of(plan(view, after_s=301, seen=seen).steps)


def test_whoever_turns_out_to_ring_in_the_chain_is_not_rung_to_take_over_though_that_was_begun():
    rings, begun = a_page("imoc1", alert_ids=("a-imoc",)), a_page("next.imoc1", PageState.UNKNOWN, attempt=0)
    seen = Seen({rings.sk: Sighting((an_alert("a-imoc"),)), begun.sk: NOTHING_THERE}, on_calls={rings.sk: None})
    view = a_view(a_page("im", PageState.ACKED), rings, begun, beside={"next.": IMOC_TOO})
    assert not any(target.startswith("next.") for target in targets_of(plan(view, after_s=299, seen=seen).steps))


def test_nobody_is_rung_to_take_over_in_the_round_in_which_the_page_is_found():
    found, begun = a_page("imoc1", PageState.UNKNOWN, unwanted_since=NOW), a_page("next.imoc1", PageState.UNKNOWN)
    seen = Seen({found.sk: Sighting((an_alert(),), by_alias=True), begun.sk: NOTHING_THERE})
    [step] = plan(a_view(a_page("im", PageState.ACKED), found, begun, beside={"next.": IMOC_TOO}), seen=seen).steps
    assert isinstance(step, Write)
    assert step.new.target == "imoc1"


@pytest.mark.parametrize("status", [AlertStatus.ACKED, AlertStatus.CLOSED])
def test_nobody_is_rung_again_in_the_round_in_which_an_answer_turns_out(status: AlertStatus):
    lost, answered = (a_page(target, PageState.SENDING, attempt=1) for target in ("imoc1", "imoc1.second"))
    seen = Seen({lost.sk: NOTHING_THERE, answered.sk: Sighting((an_alert(status=status),), by_alias=True)})
    [step] = plan(a_view(lost, answered), after_s=120, seen=seen).steps
    assert isinstance(step, Write)
    assert step.new.target == "imoc1.second"


def test_of_two_pages_for_one_end_that_are_begun_at_once_the_chains_is_sent():
    im, imoc, heir = a_page(), a_page("imoc1", PageState.UNKNOWN), a_page("next.imoc1", PageState.UNKNOWN)
    nothing = {record.sk: NOTHING_THERE for record in (imoc, heir)}
    seen = Seen({im.sk: Sighting((an_alert(),)), **nothing}, on_calls={im.sk: None})
    steps = plan(a_view(im, imoc, heir, beside={"next.": IMOC_TOO}), seen=seen).steps
    assert [step.new.target for step in steps if isinstance(step, Send)] == ["imoc1"]


def test_whoever_rings_to_take_over_is_not_rung_again_in_the_chain():
    im, heir = a_page("im"), a_page("next.imoc1", since=NOW + seconds(100), confirmed_at=NOW + seconds(100))
    seen = Seen({r.sk: Sighting((an_alert(),)) for r in (im, heir)}, on_calls={r.sk: None for r in (im, heir)})
    view = a_view(im, heir, beside={"next.": IMOC_TOO})
    assert not any(target.startswith("imoc") for target in targets_of(plan(view, after_s=399, seen=seen).steps))


def test_a_chain_of_its_own_is_begun_whoever_rings_besides():
    heir = a_page("next.imoc1")
    view = a_view(heir, route=route(None, Severity.SEV1, a_routing_table()), beside={"next.": IMOC_TOO})
    assert "imoc1" in targets_of(plan(view, seen=saw(heir, Sighting((an_alert(),)))).steps)


def test_time_alone_may_call_somebody_beside():
    view = a_view(a_page("im", PageState.ACKED), beside_at=NOW + seconds(200))
    assert plan(view).due == NOW + seconds(200)


def test_nobody_is_called_beside_the_chain_on_an_old_word():
    assert plan(an_escalation(a_page("im", PageState.ACKED), unread=True)).steps == ()


@pytest.mark.parametrize(("sighting", "is_of_before"), [(NOTHING_THERE, False), (LOOK_FAILED, True)])
def test_only_where_nothing_is_there_is_all_that_is_found_later_of_this_time(sighting: Sighting, is_of_before: bool):
    """By the pager's clock, which may be behind, an answer to it might seem to be one of before. But where nobody could
    look, the pager may take what is sent for one more of what somebody had."""
    again = a_page(state=PageState.UNKNOWN, sent_before=True, alert_ids=(), looks_failed=2)
    assert written(plan(a_view(again, wanted_again_at=NOW), after_s=9, seen=saw(again, sighting))).sent_before is is_of_before
