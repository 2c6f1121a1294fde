"""The rules of Zoom's meetings and tokens, without HTTP, and the strictness of its face."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
import requests

from sandbox.emulator import serve
from sandbox.video.model import A_DAY, INSTANT, SCOPES, Refusal, RefusedError, VideoModel
from sandbox.video.zoom import ZoomEmulator
from tests.builders import NOW, seconds
from tests.reconcile.small_world import FakeClock

HOST, MIA = "incidents@example.com", "mia@example.com"


@pytest.fixture
def model() -> VideoModel:
    return VideoModel(FakeClock(NOW), hosts={HOST, MIA})


def pass_time(model: VideoModel, s: float) -> None:
    assert isinstance(model.clock, FakeClock)
    model.clock.at += seconds(s)


def refused(reason: Refusal):
    return pytest.raises(RefusedError, check=lambda error: error.reason is reason)


def test_a_host_makes_a_hundred_meetings_a_day_and_no_more_until_midnight_utc(model: VideoModel):
    for number in range(A_DAY):
        model.create(HOST, f"HOT-{number}")
    with refused(Refusal.DAILY_LIMIT):
        model.create(HOST, "HOT-101")
    model.create(MIA, "HOT-101")
    pass_time(model, 21 * 3600 - 1)
    with refused(Refusal.DAILY_LIMIT):
        model.create(HOST, "HOT-101")
    pass_time(model, 1)
    model.create(HOST, "HOT-101")


def test_many_threads_make_no_more_than_a_day_allows(model: VideoModel):
    def make(number: int) -> None:
        with suppress(RefusedError):
            model.create(HOST, f"HOT-{number}")

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(make, range(300)))
    assert len(model.meetings) == A_DAY


def test_people_in_zooms_own_app_do_not_use_up_the_day(model: VideoModel):
    for number in range(A_DAY + 1):
        model.schedule_by_hand(HOST, f"Stand-up {number}")
    model.create(HOST, "HOT-42")


def test_two_meetings_may_have_one_topic(model: VideoModel):
    assert model.create(HOST, "HOT-42").id != model.create(HOST, "HOT-42").id


@pytest.mark.parametrize(("topic", "agenda"), [("x" * 201, ""), ("x", "y" * 2001)])
def test_what_is_too_long_is_refused(model: VideoModel, topic: str, agenda: str):
    with refused(Refusal.INVALID):
        model.create(HOST, topic, agenda)


def test_a_host_that_does_not_exist_is_refused(model: VideoModel):
    for act in (lambda: model.create("gone@example.com", "x"), lambda: model.listed("gone@example.com")):
        with refused(Refusal.NO_HOST):
            act()


def test_a_list_shows_scheduled_meetings_of_one_host_until_they_expire(model: VideoModel):
    meeting = model.create(HOST, "HOT-42")
    model.create(HOST, "now", kind=INSTANT)
    model.create(MIA, "HOT-42")
    assert model.listed(HOST) == [meeting]
    pass_time(model, timedelta(days=30).total_seconds())
    assert (model.listed(HOST), model.meeting(meeting.id)) == ([], None)


def test_a_deleted_meeting_is_gone(model: VideoModel):
    meeting = model.create(HOST, "HOT-42")
    model.delete(meeting.id)
    assert (model.listed(HOST), model.meeting(meeting.id)) == ([], None)


def test_a_token_ends_after_its_time_or_when_it_is_revoked(model: VideoModel):
    token, other = model.issue_token(), model.issue_token()
    pass_time(model, 3599)
    assert model.scopes_of(token) == model.scopes_of(other) == SCOPES
    pass_time(model, 1)
    assert model.scopes_of(token) is None
    fresh = model.issue_token()
    model.revoke_tokens()
    assert model.scopes_of(fresh) is None


def test_where_an_account_has_one_token_each_new_one_ends_the_last(model: VideoModel):
    model.one_token = True
    first, second = model.issue_token(), model.issue_token()
    assert (model.scopes_of(first), model.scopes_of(second)) == (None, SCOPES)


# --- the face -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "violates"),
    [
        pytest.param("GET", f"/v2/users/{HOST}/meetings?page_size=301", None, 400, False, id="page size"),
        pytest.param("GET", f"/v2/users/{HOST}/meetings?limit=1", None, 400, True, id="unknown parameter"),
        pytest.param("POST", f"/v2/users/{HOST}/meetings", {"subject": "x"}, 400, True, id="unknown member"),
        pytest.param(
            "POST", f"/v2/users/{HOST}/meetings", {"topic": "x", "settings": {"lobby": True}}, 400, True, id="setting"
        ),
        pytest.param("POST", f"/v2/users/{HOST}/meetings", {"topic": "x" * 201}, 400, False, id="endless topic"),
        pytest.param("POST", f"/v2/users/{HOST}/meetings", {"topic": "x", "type": 9}, 400, False, id="type"),
        pytest.param("POST", f"/v2/users/{HOST}/meetings", [], 400, False, id="no object"),
        pytest.param("POST", "/v2/users/gone@example.com/meetings", {"topic": "x"}, 404, False, id="host"),
        pytest.param("GET", "/v2/meetings/1", None, 404, False, id="meeting"),
        pytest.param("GET", "/v2/users/me", None, 404, True, id="unknown operation"),
    ],
)
def test_what_zoom_would_not_understand_is_an_error(
    model: VideoModel, method: str, path: str, sent: object, status: int, violates: bool
):
    emulator = ZoomEmulator(model, model.clock, account_id="a", client_id="c", client_secret="s")
    headers = {"Authorization": f"Bearer {model.issue_token()}"}
    with serve(emulator) as [url]:
        answer = requests.request(method, url + path, json=sent, headers=headers, timeout=5)
    assert (answer.status_code, bool(emulator.violations)) == (status, violates)


@pytest.mark.parametrize(
    ("query", "auth"),
    [
        pytest.param({"grant_type": "account_credentials", "account_id": "a"}, ("c", "wrong"), id="secret"),
        pytest.param({"grant_type": "account_credentials", "account_id": "b"}, ("c", "s"), id="account"),
        pytest.param({"grant_type": "client_credentials", "account_id": "a"}, ("c", "s"), id="grant type"),
    ],
)
def test_a_token_is_given_to_nobody_else(model: VideoModel, query: dict[str, str], auth: tuple[str, str]):
    with serve(ZoomEmulator(model, model.clock, account_id="a", client_id="c", client_secret="s")) as [url]:
        assert requests.post(f"{url}/oauth/token", params=query, auth=auth, timeout=5).status_code == 400
    assert model.tokens == {}
