"""The rules all pagers share, without HTTP."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from sandbox.pagers.desk import ACKED, CLOSED, OPEN, Desk, DeskRoster, NewAlert, RefusedError
from tests.builders import NOW, seconds
from tests.reconcile.small_world import FakeClock

MIA, OMAR = "mia@example.com", "omar@example.com"
NEW = NewAlert("firebell:1", "im", "Checkout is down")


@pytest.fixture
def desk() -> Desk:
    desk = Desk(FakeClock(NOW), takes=timedelta(milliseconds=300))
    desk.add_roster(DeskRoster("im", "Incident managers", "schedule", (MIA, OMAR)))
    desk.add_roster(DeskRoster("empty", "Nobody", "schedule"))
    return desk


def pass_time(desk: Desk, s: float = 1) -> None:
    assert isinstance(desk.clock, FakeClock)
    desk.clock.at += seconds(s)
    desk.advance()


def an_alert(desk: Desk, new: NewAlert = NEW) -> str:
    request_id = desk.request_create(new)
    pass_time(desk)
    request = desk.request(request_id)
    assert request is not None
    assert request.alert_id is not None
    return request.alert_id


def test_a_request_is_processed_when_its_time_has_come_and_not_before(desk: Desk):
    request_id = desk.request_create(NEW)
    pass_time(desk, 0.2)
    assert desk.request(request_id) is None
    assert desk.alerts == []
    pass_time(desk, 0.1)
    assert desk.request(request_id) is not None
    assert [alert.status for alert in desk.alerts] == [OPEN]


def test_a_new_alert_rings_everybody_on_call_once(desk: Desk):
    alert_id = an_alert(desk)
    pass_time(desk, 3600)
    [ring] = desk.rings
    assert (ring.alert_id, ring.people, ring.at) == (alert_id, (MIA, OMAR), NOW + seconds(1))


@pytest.mark.parametrize("status", [OPEN, ACKED])
def test_an_alert_that_is_not_closed_absorbs_its_alias_and_rings_nobody_again(desk: Desk, status: str):
    first = an_alert(desk)
    if status == ACKED:
        desk.acknowledge(first, MIA)
    assert an_alert(desk) == first
    assert ([alert.count for alert in desk.alerts], len(desk.rings)) == ([2], 1)


def test_a_closed_alert_absorbs_nothing(desk: Desk):
    first = an_alert(desk)
    desk.close(first, MIA)
    assert an_alert(desk) != first
    assert [alert.status for alert in desk.alerts] == [CLOSED, OPEN]
    assert len(desk.rings) == 2


def test_two_requests_waiting_together_make_one_alert(desk: Desk):
    requests = [desk.request_create(NEW) for _ in range(2)]
    pass_time(desk)
    assert {request.alert_id for id_ in requests if (request := desk.request(id_))} == {desk.alerts[0].id}
    assert len(desk.rings) == 1


def test_an_alias_is_one_alert_within_its_scope_only(desk: Desk):
    an_alert(desk, NewAlert("firebell:1", "im", "Down", scope="key-1"))
    an_alert(desk, NewAlert("firebell:1", "im", "Down", scope="key-2"))
    assert len(desk.open_alerts("firebell:1")) == 2


def test_nobody_on_call_is_an_alert_that_rings_nobody(desk: Desk):
    an_alert(desk, NewAlert("firebell:1", "empty", "Down"))
    assert (len(desk.alerts), desk.rings) == (1, [])


def test_a_responder_that_does_not_exist_is_refused_at_once(desk: Desk):
    with pytest.raises(RefusedError):
        desk.request_create(NewAlert("firebell:1", "gone", "Down"))
    pass_time(desk)
    assert desk.alerts == []


def test_or_is_found_out_when_the_request_is_processed(desk: Desk):
    desk.refuses_late = True
    request_id = desk.request_create(NewAlert("firebell:1", "gone", "Down"))
    pass_time(desk)
    request = desk.request(request_id)
    assert request is not None
    assert (request.alert_id, request.error) == (None, "no responder 'gone'")


def test_a_change_of_an_unknown_alert_is_accepted_and_dropped(desk: Desk):
    request_id = desk.request_change("Close", "nothing", MIA)
    pass_time(desk)
    request = desk.request(request_id)
    assert request is not None
    assert request.error == "Alert does not exist"


def test_closed_is_closed_a_late_acknowledgement_changes_nothing(desk: Desk):
    alert_id = an_alert(desk)
    desk.close(alert_id, MIA)
    desk.acknowledge(alert_id, OMAR)
    assert [(turn.status, turn.by) for turn in desk.alerts[0].turns] == [(OPEN, None), (CLOSED, MIA)]


def test_a_list_shows_what_was_true_a_lag_ago_newest_first(desk: Desk):
    desk.lag = seconds(10)
    first = an_alert(desk)
    desk.close(first, MIA)
    pass_time(desk, 5)
    assert desk.listed("firebell:1") == []
    pass_time(desk, 6)
    second = an_alert(desk)
    assert [(alert.id, turn.status) for alert, turn in desk.listed("firebell:1")] == [(first, CLOSED)]
    pass_time(desk, 10)
    assert [alert.id for alert, _ in desk.listed("firebell:1")] == [second, first]


def test_a_deaf_pager_accepts_everything_and_catches_up_when_it_hears_again(desk: Desk):
    desk.deaf = True
    request_id = desk.request_create(NEW)
    pass_time(desk, 600)
    assert (desk.request(request_id), desk.rings) == (None, [])
    desk.deaf = False
    assert desk.request(request_id) is not None
    assert len(desk.rings) == 1


def test_what_happened_is_told_once_and_in_order(desk: Desk):
    alert_id = an_alert(desk)
    desk.acknowledge(alert_id, MIA)
    desk.close(alert_id, OMAR)
    assert [(told.action, told.by) for told in desk.take_outbox()] == [("create", None), ("acknowledge", MIA), ("close", OMAR)]
    assert desk.take_outbox() == []


def test_many_threads_that_look_at_once_process_each_request_once(desk: Desk):
    """Else the emulator would make second alerts by itself, and blame Firebell."""
    for number in range(200):
        desk.request_create(NewAlert(f"firebell:{number}", "im", "Down"))
    assert isinstance(desk.clock, FakeClock)
    desk.clock.at += seconds(1)
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda _: desk.advance(), range(64)))
    assert len(desk.alerts) == len({alert.alias for alert in desk.alerts}) == 200
    assert [alert.count for alert in desk.alerts] == [1] * 200


def test_an_acknowledgement_that_runs_out_rings_anew_and_is_told_of(desk: Desk):
    desk.ack_lasts = timedelta(seconds=1800)
    alert_id = an_alert(desk)
    desk.acknowledge(alert_id, MIA)
    desk.take_outbox()
    pass_time(desk, 1799)
    assert desk.alerts[0].status == ACKED
    pass_time(desk, 1)
    assert desk.alerts[0].status == OPEN
    assert len(desk.rings) == 2
    assert [happening.action for happening in desk.take_outbox()] == ["unacknowledge"]
