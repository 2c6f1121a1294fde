"""What may go wrong between us and Statuspage: every fault at every operation, and answers that make no sense."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.statuspage import Statuspage
from chalicelib.adapters.turns import unlimited
from chalicelib.domain.announcement import ComponentState
from chalicelib.errors import IntegrationError, PermanentError, TemporaryError
from chalicelib.ports.status_pages import StatusIncident, StatusPage
from sandbox.emulator import Fault, FaultKind, serve
from tests.adapters.status_world import MARK, MARKER, PAYMENTS, TOKEN, StatusWorld, a_post, a_statuspage
from tests.adapters.test_pager_http import a_vendor_that_answers
from tests.adapters.test_slack_faults import CannedAnswer
from tests.builders import TIMEOUTS_S, TOO_LATE_S

Operation = Callable[[StatusWorld, StatusIncident], object]
OPERATIONS: dict[str, tuple[str, Operation]] = {
    "find": ("list_unresolved", lambda world, _: world.page.find(MARKER)),
    "open": ("create_incident", lambda world, _: world.page.open("another", MARK, a_post())),
    "read": ("get_incident", lambda world, opened: world.page.read(opened.id)),
    "update": ("update_incident", lambda world, opened: world.page.update(opened, "mark-2", a_post())),
    "restate": ("update_incident", lambda world, opened: world.page.restate(opened, name="x")),
    "amend": ("amend_update", lambda world, opened: world.page.amend(opened.id, opened.posted[MARK], "x")),
    "unresolved": ("list_unresolved", lambda world, _: world.page.unresolved()),
    "component_states": ("list_components", lambda world, _: world.page.component_states()),
    "problems_with": ("list_components", lambda world, _: world.page.problems_with((PAYMENTS,))),
}
"""Each operation of the port, and the vendor's that is struck."""

DOWN = (FaultKind.UNAUTHORIZED, FaultKind.FORBIDDEN)
MISSING_IS_GONE = {"read": None, "amend": False}
"""What a 404 means there: a human deleted it. Where a change is answered with one, the incident itself is looked at."""


@pytest.fixture
def world() -> Iterator[StatusWorld]:
    with a_statuspage() as world:
        yield world


def test_every_operation_of_the_port_is_struck():
    assert set(OPERATIONS) == {name for name in vars(StatusPage) if not name.startswith("_")} - {"name"}


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind is not FaultKind.SLOW])
def test_every_fault_of_every_operation_is_one_of_our_errors_and_leaks_nothing(world: StatusWorld, name: str, kind: FaultKind):
    vendors, call = OPERATIONS[name]
    opened = world.open()
    before = world.emulator.count(vendors)
    world.emulator.faults.switch_on(vendors, Fault(kind, delay_s=TOO_LATE_S))
    if kind is FaultKind.NOT_FOUND and name in MISSING_IS_GONE:
        assert call(world, opened) is MISSING_IS_GONE[name]
        return
    lasting = kind in (FaultKind.NOT_FOUND, FaultKind.CONFLICT)
    with pytest.raises(PermanentError if lasting else TemporaryError) as caught:
        call(world, opened)
    error: IntegrationError = caught.value
    assert (error.vendor, error.operation) == ("statuspage", name)
    assert TOKEN not in f"{error!r} {error}"
    if isinstance(error, TemporaryError):
        assert error.out_of_service is (kind in DOWN)
    assert world.emulator.count(vendors) == before + 1, "nothing is tried twice"


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_slow_answer_is_an_answer(world: StatusWorld, name: str):
    vendors, call = OPERATIONS[name]
    opened = world.open()
    world.emulator.faults.switch_on(vendors, Fault(FaultKind.SLOW, delay_s=0.05))
    call(world, opened)


@pytest.mark.parametrize("status", ["420 Enhance Your Calm", "429 Too Many Requests"])
def test_a_limit_says_when_to_come_back_where_the_vendor_does(status: str):
    app = a_vendor_that_answers(status, b'{"error": "rate limit"}', ("Retry-After", "7"))
    with serve(app) as [url], pytest.raises(TemporaryError) as caught:
        a_page(url).read("i1")
    assert (caught.value.retry_after_s, caught.value.out_of_service) == (7.0, False)


@pytest.mark.parametrize("body", [b'{"message": "no"}', b'{"error": ["no"]}', b'{"error": "no"}'])
def test_the_vendors_words_are_kept_in_any_of_its_shapes(body: bytes):
    with serve(a_vendor_that_answers("422 Unprocessable Entity", body)) as [url], pytest.raises(PermanentError, match="422 no"):
        a_page(url).open(MARKER, MARK, a_post())


def test_a_refusal_whose_reason_cannot_be_asked_for_is_tried_again(world: StatusWorld):
    world.emulator.faults.switch_on("list_components", Fault(FaultKind.UNAVAILABLE))
    with pytest.raises(TemporaryError):
        world.open(components={"gone": ComponentState.DEGRADED})
    assert world.incidents == []


def test_more_open_incidents_than_anybody_has_are_not_searched_for_ever(world: StatusWorld):
    for number in range(1001):
        world.model.open(world.shown.id, {"name": f"Other {number}"})
    with pytest.raises(PermanentError, match="more than 1000"):
        world.page.find(MARKER)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["resolved", "i1", "2026-11-23T03:00Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "name", "status", "shortlink", "metadata", "firebell", "incident", "updates", "components",
                         "incident_updates", "body", "created_at"]),
        inner, max_size=6,
    ),
    max_leaves=12,
)  # fmt: skip


@given(JSON | st.lists(JSON, max_size=3))
@settings(max_examples=200, deadline=None)
def test_whatever_statuspage_answers_nothing_but_our_errors_comes_out(answer: Any):
    page, opened = a_page("http://statuspage.test"), StatusIncident("i1", "", None)
    page._http._session.mount("http://statuspage.test", CannedAnswer(answer))
    for call in (
        lambda: page.find(MARKER), lambda: page.open(MARKER, MARK, a_post()), lambda: page.read("i1"), page.unresolved,
        lambda: page.update(opened, MARK, a_post()), lambda: page.restate(opened, name="x"), page.component_states,
        lambda: page.amend("i1", "u1", "x"), lambda: page.problems_with((PAYMENTS,)),
    ):  # fmt: skip
        with suppress(IntegrationError):
            call()


def test_a_token_that_the_vendor_repeats_never_shows():
    body = json.dumps({"error": [f"strange {TOKEN}"]}).encode()
    for status in ("401 Unauthorized", "422 Unprocessable Entity"):
        with serve(a_vendor_that_answers(status, body)) as [url], pytest.raises(IntegrationError) as caught:
            a_page(url).read("i1")
        assert TOKEN not in f"{caught.value!r} {caught.value} {a_page(url)!r}"


def a_page(url: str) -> Statuspage:
    return Statuspage(url, "pagepublic01", TOKEN, turn=unlimited, timeouts_s=TIMEOUTS_S)
