"""The video call port, over HTTP to a strict Zoom; `any_world` is the simulator's too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import pytest

from chalicelib.adapters.zoom import Zoom
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.ports.video_calls import Call, VideoCalls
from sandbox.emulator import Fault, FaultKind, ListRecorder, serve
from sandbox.video.model import CREATE, INSTANT, LIST, READ, VideoModel
from sandbox.video.zoom import ZoomEmulator
from simulation.loop import Loop
from simulation.places_ports import ModelVideo
from simulation.places_watch import PlaceWatch, Unasked
from simulation.wire import FaultPlan, Wire
from tests.adapters.test_pager_http import a_vendor_that_answers
from tests.adapters.wiki_world import keep_exchanges
from tests.builders import NOW, TIMEOUTS_S, TOO_LATE_S, seconds
from tests.reconcile.small_world import FakeClock

SECRET = "zoom-secret-0123456789"
HOST, SECOND, THIRD = "incidents@example.com", "more@example.com", "most@example.com"
MARKER, TOPIC = "firebell-10002", "HOT-42"
LASTING = (FaultKind.NOT_FOUND, FaultKind.CONFLICT, FaultKind.SLOW, FaultKind.UNAUTHORIZED)
TO_MIDNIGHT_S = 75_600.0
"""From NOW, 03:00 UTC."""


@dataclass
class AnyVideo:
    """Meetings, whatever stands behind the port."""

    calls: VideoCalls
    model: VideoModel
    clock: FakeClock

    def make(self, marker: str = MARKER, topic: str = TOPIC) -> Call:
        return self.calls.make_call(marker, topic, "Sev 1: Checkout is down")

    def find(self, marker: str = MARKER, topic: str = TOPIC) -> Call | None:
        return self.calls.find_call(marker, topic)


@dataclass
class ZoomWorld(AnyVideo):
    """Zoom over HTTP."""

    emulator: ZoomEmulator
    url: str

    def client(self, *, secret: str = SECRET, hosts: Sequence[str] = (HOST,), account: str = "account-1") -> Zoom:
        return Zoom(
            api_url=self.url, oauth_url=self.url, account_id=account, client_id="client-1", client_secret=secret, hosts=hosts,
            timeouts_s=TIMEOUTS_S, clock=self.clock,
        )  # fmt: skip


@contextmanager
def a_zoom() -> Iterator[ZoomWorld]:
    clock, recorder = FakeClock(NOW), ListRecorder()
    model = VideoModel(clock, hosts={HOST})
    emulator = ZoomEmulator(model, clock, account_id="account-1", client_id="client-1", client_secret=SECRET, recorder=recorder)
    with serve(emulator) as [url]:
        world = ZoomWorld(None, model, clock, emulator, url)  # type: ignore[arg-type]
        world.calls = world.client()
        yield world
    assert emulator.violations == []
    keep_exchanges(recorder)


@pytest.fixture
def world() -> Iterator[ZoomWorld]:
    with a_zoom() as world:
        yield world


@pytest.fixture(params=["zoom", "simulated"])
def any_world(request: pytest.FixtureRequest) -> Iterator[AnyVideo]:
    if request.param == "simulated":
        clock = FakeClock(NOW)
        model = VideoModel(clock, hosts={HOST})
        wire = Wire(Loop(NOW, None), FaultPlan(), None, None)
        yield AnyVideo(ModelVideo(model, HOST, wire, PlaceWatch(Unasked())), model, clock)
    else:
        with a_zoom() as world:
            yield world


# --- calls ----------------------------------------------------------------------------------------------------------------


def test_a_call_is_made_that_people_can_join_before_any_host(world: ZoomWorld):
    call = world.make()
    [meeting] = world.model.meetings.values()
    assert call == Call(str(meeting.id), meeting.join_url)
    assert (meeting.topic, meeting.host, meeting.type) == (TOPIC, HOST, 2)
    assert meeting.settings["join_before_host"] is True
    assert meeting.password


WAITING = f"Zoom keeps a waiting room here: somebody must sign in as {HOST} and let people in."
HOST_FIRST = f"Zoom lets nobody in before the host here: somebody must sign in as {HOST}."
SIGNED_IN = "Zoom lets in only people who are signed in there."


@pytest.mark.parametrize(
    ("locked", "says"),
    [
        pytest.param({}, (), id="nothing"),
        pytest.param({"waiting_room": True}, (WAITING,), id="a waiting room"),
        pytest.param({"join_before_host": False}, (HOST_FIRST,), id="the host first"),
        pytest.param({"waiting_room": True, "join_before_host": False}, (WAITING,), id="both, which is one"),
        pytest.param({"meeting_authentication": True}, (SIGNED_IN,), id="signed in"),
        pytest.param({"waiting_room": True, "meeting_authentication": True}, (WAITING, SIGNED_IN), id="two doors"),
    ],
)
def test_what_the_account_has_locked_is_said_also_of_a_call_that_was_found(
    world: ZoomWorld, locked: dict[str, bool], says: tuple[str, ...]
):
    world.model.locked = locked
    call = world.make()
    assert call.says == says
    assert world.find() == call


def test_a_call_whose_settings_cannot_be_read_is_found_all_the_same(world: ZoomWorld):
    world.model.locked = {"waiting_room": True}
    call = world.make()
    world.model.scopes = frozenset({LIST, CREATE})
    world.model.revoke_tokens()
    assert world.find() == replace(call, says=())


def test_an_answer_without_settings_says_nothing(world: ZoomWorld):
    answer = b'{"id": 92, "join_url": "https://example.zoom.us/j/92"}'
    made = a_vendor_that_answers("201 Created", answer)

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        return (world.emulator.app if environ["PATH_INFO"] == "/oauth/token" else made)(environ, start_response)

    with serve(app) as [world.url]:
        assert world.client().make_call(MARKER, TOPIC, "") == Call("92", "https://example.zoom.us/j/92")


def test_a_call_keeps_neither_the_hosts_link_nor_a_passcode(any_world: AnyVideo):
    call = any_world.make()
    [meeting] = any_world.model.meetings.values()
    for shown in (call, any_world.find(), any_world.calls.read_call(call.id)):
        assert meeting.start_url not in repr(shown)
        assert meeting.password not in repr(shown)
        assert "zak=" not in repr(shown)


def test_a_call_is_found_by_its_marker_or_by_its_topic(any_world: AnyVideo):
    call = any_world.make()
    any_world.model.retitle(int(call.id), "The great outage")
    assert any_world.find() == call
    assert any_world.find(marker="firebell-10003", topic="The great outage") == call
    assert any_world.find(marker="firebell-1000", topic="HOT-4") is None


def test_of_two_calls_the_older_one_is_found(any_world: AnyVideo):
    first = any_world.make()
    any_world.clock.at += seconds(5)
    any_world.make()
    assert any_world.find() == first


def test_a_call_is_found_on_a_later_page_too(world: ZoomWorld):
    for number in range(301):
        world.model.schedule_by_hand(HOST, f"Stand-up {number}")
    call = world.make()
    assert world.find() == call
    assert world.emulator.count("list_meetings") == 2


def test_a_host_with_thousands_of_meetings_is_not_searched_for_ever(world: ZoomWorld):
    for number in range(3001):
        world.model.schedule_by_hand(HOST, f"Stand-up {number}")
    with pytest.raises(PermanentError, match="its own host"):
        world.find()
    assert world.emulator.count("list_meetings") == 10


def test_instant_meetings_and_those_of_other_hosts_are_not_found(any_world: AnyVideo):
    any_world.model.hosts.add("mia@example.com")
    any_world.model.create(HOST, TOPIC, kind=INSTANT)
    any_world.model.create("mia@example.com", TOPIC)
    assert any_world.find() is None


def test_a_call_that_somebody_deleted_reads_as_none(any_world: AnyVideo):
    call = any_world.make()
    assert any_world.calls.read_call(call.id) == call
    any_world.model.delete(int(call.id))
    assert any_world.calls.read_call(call.id) is None
    assert any_world.find() is None


def test_endless_texts_are_cut_to_what_zoom_takes_and_the_marker_stays(any_world: AnyVideo):
    call = any_world.calls.make_call(MARKER, "x" * 999, "🔥" * 9999)
    [meeting] = any_world.model.meetings.values()
    assert (len(meeting.topic), meeting.agenda[:14]) == (200, MARKER)
    assert any_world.find() == call


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT_AFTER, FaultKind.RESET_AFTER, FaultKind.ERROR_AFTER, FaultKind.GARBAGE])
def test_what_a_lost_answer_made_is_found_by_looking(world: ZoomWorld, kind: FaultKind):
    world.emulator.faults.switch_on("create_meeting", Fault(kind, delay_s=TOO_LATE_S))
    with pytest.raises(TemporaryError):
        world.make()
    found = world.find()
    assert found is not None
    assert [found.id] == [str(meeting_id) for meeting_id in world.model.meetings]


# --- several hosts --------------------------------------------------------------------------------------------------------


@pytest.fixture
def hosts(world: ZoomWorld) -> ZoomWorld:
    """Three, none of which has had a call."""
    world.model.hosts |= {SECOND, THIRD}
    world.calls = world.client(hosts=(HOST, SECOND, THIRD))
    return world


def host_of(world: ZoomWorld, call: Call) -> str:
    return world.model.meetings[int(call.id)].host


def incidents(number: int) -> list[tuple[str, str]]:
    return [(f"firebell-{10002 + n}", f"HOT-{42 + n}") for n in range(number)]


def test_as_many_calls_as_there_are_hosts_have_a_host_each(hosts: ZoomWorld):
    made = []
    for incident in incidents(3):
        made.append(host_of(hosts, hosts.make(*incident)))
        hosts.clock.at += seconds(600)
    assert sorted(made) == sorted((HOST, SECOND, THIRD))


def test_one_call_more_goes_to_the_host_whose_last_one_is_the_oldest(hosts: ZoomWorld):
    made = []
    for incident in incidents(4):
        made.append(host_of(hosts, hosts.make(*incident)))
        hosts.clock.at += seconds(600)
    assert made[3] == made[0]


def test_a_host_without_a_call_for_hours_is_free_again(hosts: ZoomWorld):
    first = host_of(hosts, hosts.make())
    hosts.clock.at += seconds(8 * 3600 + 1)
    assert host_of(hosts, hosts.make()) == first, "the same incident, and all are free"


def test_incidents_at_one_moment_are_spread(hosts: ZoomWorld):
    """They do not see each other's calls."""
    met = set()
    for incident in incidents(20):
        met.add(host_of(hosts, hosts.make(*incident)))
        hosts.model.meetings.clear()
    assert met == {HOST, SECOND, THIRD}


def test_a_call_is_found_at_whichever_host_it_is_and_in_whatever_order_they_are_listed(hosts: ZoomWorld):
    for incident in incidents(3):
        made = hosts.make(*incident)
        for listed in ((THIRD, SECOND, HOST), (SECOND, "new@example.com", HOST, THIRD)):
            assert hosts.client(hosts=listed).find_call(*incident) == made


def test_of_calls_at_two_hosts_the_older_one_is_found(hosts: ZoomWorld):
    first = hosts.client(hosts=(THIRD,)).make_call(MARKER, TOPIC, "")
    hosts.clock.at += seconds(5)
    hosts.client(hosts=(HOST,)).make_call(MARKER, TOPIC, "")
    assert hosts.find() == first


def test_a_host_that_is_gone_keeps_nobody_from_talking(hosts: ZoomWorld):
    hosts.model.hosts -= {SECOND, THIRD}
    made = [hosts.make(*incident) for incident in incidents(3)]
    assert {host_of(hosts, call) for call in made} == {HOST}
    assert hosts.find(*incidents(3)[2]) == made[2]
    assert hosts.find("firebell-1", "HOT-1") is None
    assert hosts.calls.problems() == tuple(
        f"zoom does not list the meetings of '{host}': 404 User does not exist: {host}." for host in (SECOND, THIRD)
    )


@contextmanager
def lists_that(world: ZoomWorld, answer: Callable[[str, Callable[[], Any], Any], Any]) -> Iterator[None]:
    """Each list of meetings is `answer(host, go_on, start_response)`; everything else is Zoom's."""

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        def go_on() -> Any:
            return world.emulator.app(environ, start_response)

        path = environ["PATH_INFO"]
        is_list = environ["REQUEST_METHOD"] == "GET" and path.endswith("/meetings")
        return answer(path.split("/")[3], go_on, start_response) if is_list else go_on()

    with serve(app) as [world.url]:
        world.calls = world.client(hosts=(HOST, SECOND, THIRD))
        yield


@pytest.mark.parametrize(
    "status", ["500 Internal Server Error", "429 Too Many Requests", "400 Bad Request", "404 Not Found", "403 Forbidden"]
)
def test_a_host_whose_calls_cannot_be_seen_is_passed_over(hosts: ZoomWorld, status: str):
    def answer(host: str, go_on: Callable[[], Any], start_response: Any) -> Any:
        return a_vendor_that_answers(status, b"{}")({}, start_response) if host == SECOND else go_on()

    with lists_that(hosts, answer):
        made = {host_of(hosts, hosts.make(*incident)) for incident in incidents(8)}
    assert made == {HOST, THIRD}


def test_where_no_hosts_calls_can_be_seen_there_is_a_call_all_the_same_and_not_at_one_that_is_gone(hosts: ZoomWorld):
    hosts.model.hosts.remove(HOST)

    def answer(host: str, go_on: Callable[[], Any], start_response: Any) -> Any:
        return go_on() if host == HOST else a_vendor_that_answers("500 Internal Server Error", b"{}")({}, start_response)

    with lists_that(hosts, answer):
        made = {host_of(hosts, hosts.make(*incident)) for incident in incidents(8)}
    assert made == {SECOND, THIRD}


def test_without_a_token_no_host_is_chosen(hosts: ZoomWorld):
    with pytest.raises(TemporaryError, match="no token"):
        hosts.client(secret="nonsense-nonsense", hosts=(HOST, SECOND, THIRD)).make_call(MARKER, TOPIC, "")
    assert hosts.emulator.count("token") == 1


def test_slow_lists_are_not_waited_for_until_somebody_else_makes_a_second_call(hosts: ZoomWorld):
    """A claim lasts 30 s: looking, choosing and making together must end before."""
    hosts.model.hosts |= {f"{n}@example.com" for n in range(2)}
    five = (HOST, SECOND, THIRD, "0@example.com", "1@example.com")

    def slowly(host: str, go_on: Callable[[], Any], start_response: Any) -> Any:
        hosts.clock.at += seconds(3.9)
        return go_on()

    with lists_that(hosts, slowly):
        began, calls = hosts.clock.at, hosts.client(hosts=five)
        with pytest.raises(TemporaryError, match="no time left to list the meetings of 1@"):
            calls.find_call(MARKER, TOPIC)
        assert hosts.clock.at - began < seconds(16)
        began = hosts.clock.at
        assert host_of(hosts, calls.make_call(MARKER, TOPIC, "")) == HOST, "the only one that was seen"
        assert hosts.clock.at - began < seconds(7)


def test_where_all_are_gone_that_is_said(hosts: ZoomWorld):
    hosts.model.hosts.clear()
    with pytest.raises(PermanentError, match="User does not exist"):
        hosts.make()


def test_a_single_host_is_not_asked_before_a_call_is_made(world: ZoomWorld):
    world.make()
    assert world.emulator.count("list_meetings") == 0


# --- tokens ---------------------------------------------------------------------------------------------------------------


def test_a_token_serves_until_shortly_before_its_end(world: ZoomWorld):
    world.make()
    world.clock.at += seconds(3600 - 61)
    world.find()
    assert world.emulator.count("token") == 1
    world.clock.at += seconds(1)
    world.find()
    assert world.emulator.count("token") == 2


def test_a_token_revoked_before_its_time_is_replaced_and_the_call_goes_on(world: ZoomWorld):
    world.find()
    world.model.revoke_tokens()
    world.make()
    assert world.emulator.count("token") == 2
    assert len(world.model.meetings) == 1


def test_a_second_401_means_that_zoom_is_down_until_somebody_repairs_it(world: ZoomWorld):
    world.emulator.faults.switch_on("list_meetings", Fault(FaultKind.UNAUTHORIZED, times=None))
    with pytest.raises(TemporaryError) as caught:
        world.find()
    assert caught.value.out_of_service
    assert (world.emulator.count("list_meetings"), world.emulator.count("token")) == (2, 2)


def test_another_worker_whose_token_ends_ours_costs_one_more_token_each(world: ZoomWorld):
    world.model.one_token = True
    ours, theirs = world.client(), world.client()
    ours.find_call(MARKER, TOPIC)
    theirs.find_call(MARKER, TOPIC)
    assert ours.make_call(MARKER, TOPIC, "") == theirs.find_call(MARKER, TOPIC)


@pytest.mark.parametrize(
    "wrong", [pytest.param({"secret": "nonsense-nonsense"}, id="secret"), pytest.param({"account": "account-2"}, id="account")]
)
def test_wrong_credentials_are_400_at_zoom_and_out_of_service_here(world: ZoomWorld, wrong: dict[str, str]):
    with pytest.raises(TemporaryError, match="no token") as caught:
        world.client(**wrong).find_call(MARKER, TOPIC)
    assert caught.value.out_of_service


def test_a_scope_that_is_missing_is_named_and_out_of_service(world: ZoomWorld):
    world.model.scopes = frozenset({LIST, READ})
    with pytest.raises(TemporaryError, match=CREATE) as caught:
        world.make()
    assert caught.value.out_of_service


# --- when something is wrong ----------------------------------------------------------------------------------------------


def every_operation(world: ZoomWorld) -> dict[str, Callable[[], object]]:
    call = world.make()
    return {
        "create_meeting": world.make,
        "list_meetings": world.find,
        "get_meeting": lambda: world.calls.read_call(call.id),
        "token": lambda: world.client().find_call(MARKER, TOPIC),
    }


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind not in LASTING])
def test_every_passing_fault_of_every_operation_is_a_temporary_error_that_leaks_nothing(world: ZoomWorld, kind: FaultKind):
    for operation, call in every_operation(world).items():
        world.emulator.faults.switch_on(operation, Fault(kind, delay_s=TOO_LATE_S))
        with pytest.raises(TemporaryError) as caught:
            call()
        shown = f"{caught.value!r} {caught.value}"
        assert SECRET not in shown
        assert "zoom-token" not in shown
        assert caught.value.out_of_service is (kind is FaultKind.FORBIDDEN)
        world.emulator.faults.clear()


def test_a_slow_answer_is_an_answer(world: ZoomWorld):
    world.emulator.faults.switch_on("*", Fault(FaultKind.SLOW, times=None, delay_s=0.05))
    assert world.make() == world.find()


@pytest.mark.parametrize("kind", [FaultKind.NOT_FOUND, FaultKind.CONFLICT])
def test_a_refusal_of_a_create_is_permanent(world: ZoomWorld, kind: FaultKind):
    world.emulator.faults.switch_on("create_meeting", Fault(kind))
    with pytest.raises(PermanentError):
        world.make()


@pytest.mark.parametrize(
    ("header", "wait_s", "down"),
    [
        pytest.param("2", 2.0, False, id="two seconds"),
        pytest.param("3600", 3600.0, True, id="an hour counts as down"),
        pytest.param("2026-11-23T03:00:30Z", 30.0, False, id="a time, as Zoom writes it"),
        pytest.param(None, None, False, id="absent"),
    ],
)
def test_a_rate_limit_a_second_says_when_to_come_back(world: ZoomWorld, header: str | None, wait_s: float | None, down: bool):
    world.emulator.faults.switch_on("list_meetings", Fault(FaultKind.RATE_LIMITED, retry_after=header))
    with pytest.raises(TemporaryError) as caught:
        world.find()
    assert (caught.value.retry_after_s, caught.value.out_of_service) == (wait_s, down)


@pytest.mark.parametrize("tells_wait", [True, False])
def test_the_daily_limit_lasts_until_midnight_and_is_called_by_its_name(world: ZoomWorld, tells_wait: bool):
    world.emulator.tells_wait = tells_wait
    world.model.a_day = 2
    for number in range(2):
        world.make(f"firebell-{number}", f"HOT-{number}")
    with pytest.raises(TemporaryError, match="100 meetings a day; again at 00:00 UTC") as caught:
        world.make()
    assert (caught.value.retry_after_s, caught.value.out_of_service) == (TO_MIDNIGHT_S, True)
    world.clock.at = datetime.fromisoformat("2026-11-24T00:00:00Z")
    assert world.make() == world.find()


def test_the_daily_limit_in_the_words_of_the_contract_is_the_same(world: ZoomWorld):
    """The published document has a status of its own for it: 300."""
    body = b'{"code": 300, "message": "A maximum of 100 meetings can be created/updated for a single user in one day."}'
    limit = a_vendor_that_answers("300 Multiple Choices", body)

    def app(environ: dict[str, Any], start_response: Any) -> Any:
        return (world.emulator.app if environ["PATH_INFO"] == "/oauth/token" else limit)(environ, start_response)

    with serve(app) as [world.url], pytest.raises(TemporaryError, match="100 meetings a day") as caught:
        world.client().make_call(MARKER, TOPIC, "")
    assert caught.value.retry_after_s == TO_MIDNIGHT_S


# --- the check at start-up ------------------------------------------------------------------------------------------------


def test_good_settings_have_no_problems(world: ZoomWorld):
    assert world.calls.problems() == ()


def test_a_host_that_is_not_there_and_credentials_that_are_wrong_are_named(world: ZoomWorld):
    assert world.client(hosts=("gone@example.com",)).problems() == (
        "zoom does not list the meetings of 'gone@example.com': 404 User does not exist: gone@example.com.",
    )
    assert world.client(secret="nonsense-nonsense").problems() == ("zoom does not let us in: no token: 400 invalid_client",)
    world.model.scopes = frozenset({CREATE})
    assert LIST in world.client().problems()[0]


def test_an_outage_is_no_mistake_in_the_settings(world: ZoomWorld):
    world.emulator.faults.switch_on("list_meetings", Fault(FaultKind.UNAVAILABLE))
    with pytest.raises(TemporaryError):
        world.calls.problems()


def test_no_credential_shows_when_the_client_is_printed(world: ZoomWorld):
    assert SECRET not in repr(world.calls)
