"""One contract, two ledgers: DynamoDB's (in moto, with the table of .chalice/resources.json) and the twin in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from chalicelib.adapters.dynamodb import DynamoDbLedger
from chalicelib.domain.deployments import DEPLOYMENTS_LIMIT, Deployment
from chalicelib.domain.incident import IssueId, Severity
from chalicelib.domain.notes import TEXT_LIMIT
from chalicelib.domain.paging import PageState
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState, Book, Ledger
from simulation.twins import MemoryLedger
from tests.adapters.aws_world import TABLE, aws_in_memory, lose_the_next_answer, make_table
from tests.builders import NOW, a_change, a_note, a_page, an_incident, seconds

ISSUE = IssueId("10002")
OTHER = IssueId("10003")


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with aws_in_memory(monkeypatch):
        yield make_table()


@pytest.fixture(params=["memory", "dynamodb"])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    if request.param == "memory":
        return MemoryLedger()
    client = request.getfixturevalue("client")
    return DynamoDbLedger(TABLE, lambda: client)


@pytest.fixture
def dynamodb(client: Any) -> DynamoDbLedger:
    return DynamoDbLedger(TABLE, lambda: client)


def an_artifact(**changes: Any) -> ArtifactRecord:
    return replace(ArtifactRecord(ISSUE, "comment", ArtifactState.SENDING, "c-1", NOW), **changes)


def the_incident(ledger: Ledger, issue_id: IssueId = ISSUE) -> Any:
    incident = ledger.read(issue_id).incident
    assert incident is not None
    return incident


# --- reading ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sk", "body"),
    [
        pytest.param("page#0001#im", '{"issue_id": "10002", "state": "snoozed"}', id="a state of a newer version"),
        pytest.param("page#0001#im", "{", id="no JSON"),
        pytest.param("page#0001#im", "[]", id="no object"),
        pytest.param("page#0001#im", None, id="nothing in it"),
        pytest.param("artifact#comment", '{"name": "comment"}', id="half an artifact"),
        pytest.param("incident", None, id="half an incident"),
    ],
)
def test_what_cannot_be_read_is_a_ledger_that_is_away_so_that_it_stops_no_page(
    client: Any, dynamodb: DynamoDbLedger, sk: str, body: str | None
) -> None:
    told = {"body": {"S": body}} if body else {"latest": {"S": '{"id": "10002"}'}}
    client.put_item(TableName=TABLE, Item={"pk": {"S": "issue#10002"}, "sk": {"S": sk}, **told})
    with pytest.raises(TemporaryError, match="issue 10002"):
        dynamodb.read(ISSUE)


def test_an_unknown_incident_has_an_empty_book(ledger: Ledger) -> None:
    assert ledger.read(ISSUE) == Book(None)


def test_what_was_written_is_read_back_equal(ledger: Ledger) -> None:
    pages = (a_page("im"), a_page("imoc1", PageState.SENDING, on_call=()))
    artifacts = (
        an_artifact(
            vendor_id="9", attempt=2, not_before=NOW + seconds(1.5), last_error="503", says=("a", "b"), intended=("hot-1",)
        ),
    )
    for record in (*pages, *artifacts):
        assert ledger.insert(record)
    assert ledger.read(ISSUE) == Book(None, pages, artifacts)


def test_books_of_different_incidents_are_apart(ledger: Ledger) -> None:
    ledger.insert(a_page())
    ledger.see(an_incident(), due_at=NOW)
    assert ledger.read(OTHER) == Book(None)


def test_a_book_of_several_pages_of_the_table_is_read_whole(dynamodb: DynamoDbLedger) -> None:
    """DynamoDB answers at most 1 MB at a time."""
    for number in range(8):
        dynamodb.insert(an_artifact(name=f"n-{number}", last_error="x" * 300_000))
    assert [record.name for record in dynamodb.read(ISSUE).artifacts] == [f"n-{number}" for number in range(8)]


# --- insert and replace ----------------------------------------------------------------------------------------


def test_only_one_of_sixteen_inserts_wins(ledger: Ledger) -> None:
    def insert(number: int) -> bool:
        return ledger.insert(a_page(state=PageState.SENDING, claim=f"c-{number}"))

    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(insert, range(16)))
    [page] = ledger.read(ISSUE).pages
    assert won.count(True) == 1
    assert page.claim == f"c-{won.index(True)}"


def test_only_one_of_sixteen_claims_wins(ledger: Ledger) -> None:
    old = a_page(state=PageState.UNKNOWN)
    ledger.insert(old)

    def claim(number: int) -> bool:
        return ledger.replace(old, replace(old, state=PageState.SENDING, claim=f"c-{number}"))

    with ThreadPoolExecutor(16) as pool:
        won = list(pool.map(claim, range(16)))
    assert won.count(True) == 1


def test_the_same_insert_twice_is_success(ledger: Ledger) -> None:
    assert [ledger.insert(an_artifact()), ledger.insert(an_artifact())] == [True, True]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"claim": "c-other"}, id="somebody claimed it"),
        pytest.param({"state": PageState.ACKED}, id="its state went on"),
    ],
)
def test_replace_fails_when_the_stored_record_has_moved_on(ledger: Ledger, changes: dict[str, Any]) -> None:
    read = a_page(state=PageState.ACCEPTED)
    stored = replace(read, **changes)
    ledger.insert(stored)
    assert not ledger.replace(read, replace(read, state=PageState.CONFIRMED))
    assert ledger.read(ISSUE).pages == (stored,)


def test_replace_does_not_mind_changes_beside_state_and_claim(ledger: Ledger) -> None:
    read = a_page(state=PageState.ACCEPTED)
    ledger.insert(replace(read, looks_failed=1))
    assert ledger.replace(read, replace(read, state=PageState.CONFIRMED))


def test_replace_of_nothing_fails(ledger: Ledger) -> None:
    assert not ledger.replace(a_page(), a_page(state=PageState.ACKED))
    assert ledger.read(ISSUE) == Book(None)


def test_the_same_replace_twice_is_success(ledger: Ledger) -> None:
    old, new = an_artifact(), an_artifact(state=ArtifactState.MADE, claim="c-2", vendor_id="9")
    ledger.insert(old)
    assert [ledger.replace(old, new), ledger.replace(old, new)] == [True, True]


# --- lost answers: the SDK repeats the call, and the repetition must not look like a defeat ------------------------

LOST: dict[str, tuple[str, Callable[[Ledger], bool]]] = {
    "insert": ("PutItem", lambda ledger: ledger.insert(an_artifact())),
    "see": ("UpdateItem", lambda ledger: ledger.see(an_incident(), due_at=NOW)),
    "add_note": ("PutItem", lambda ledger: ledger.add_note(ISSUE, a_note())),
    "set_due": ("UpdateItem", lambda ledger: ledger.set_due(ISSUE, 0, NOW)),
    "book_wake": ("UpdateItem", lambda ledger: ledger.book_wake(ISSUE, NOW + seconds(9), NOW)),
}


@pytest.mark.parametrize(("operation", "write"), LOST.values(), ids=LOST.keys())
def test_a_write_whose_answer_was_lost_is_success(
    client: Any, dynamodb: DynamoDbLedger, operation: str, write: Callable[[Ledger], bool]
) -> None:
    requests = lose_the_next_answer(client, operation)
    assert write(dynamodb)
    assert len(requests) == 2


def test_a_replace_whose_answer_was_lost_is_success(client: Any, dynamodb: DynamoDbLedger) -> None:
    dynamodb.insert(an_artifact())
    requests = lose_the_next_answer(client, "PutItem")
    assert dynamodb.replace(an_artifact(), an_artifact(state=ArtifactState.MADE, claim="c-2"))
    assert len(requests) == 2


# --- notes and rooms -----------------------------------------------------------------------------------------------


def test_notes_are_read_back_in_order_of_their_time(ledger: Ledger) -> None:
    late, early = a_note("jira:1", at=NOW + seconds(9), link="https://x.example"), a_note("slack:C1:2.000000", at=NOW, by="")
    assert [ledger.add_note(ISSUE, note) for note in (late, early)] == [True, True]
    assert ledger.read(ISSUE).notes == (early, late)
    assert ledger.read(OTHER).notes == ()


def test_the_same_note_told_again_is_one_note(ledger: Ledger) -> None:
    assert [ledger.add_note(ISSUE, a_note()) for _ in range(3)] == [True, False, False]
    assert ledger.read(ISSUE).notes == (a_note(),)


def test_only_one_of_sixteen_who_tell_the_same_note_is_the_first(ledger: Ledger) -> None:
    with ThreadPoolExecutor(16) as pool:
        added = list(pool.map(lambda _: ledger.add_note(ISSUE, a_note()), range(16)))
    assert added.count(True) == 1


def test_a_note_whose_text_was_edited_says_what_it_says_now(ledger: Ledger) -> None:
    ledger.add_note(ISSUE, a_note())
    assert ledger.add_note(ISSUE, a_note(text="Cache flushed twice"))
    assert ledger.read(ISSUE).notes == (a_note(text="Cache flushed twice"),)


def test_a_long_note_is_cut_the_same_way_everywhere(ledger: Ledger) -> None:
    long = a_note(text="é" * 3_000)
    assert [ledger.add_note(ISSUE, long), ledger.add_note(ISSUE, long)] == [True, False]
    assert ledger.read(ISSUE).notes == (a_note(text="é" * (TEXT_LIMIT - 1) + "…"),)


def test_a_note_that_was_taken_away_may_come_back(ledger: Ledger) -> None:
    ledger.add_note(ISSUE, a_note())
    for _ in range(2):
        ledger.remove_note(ISSUE, a_note().id)
    assert ledger.read(ISSUE).notes == ()
    assert ledger.add_note(ISSUE, a_note())


def test_a_note_is_no_new_revision_of_the_incident(ledger: Ledger) -> None:
    ledger.see(an_incident(), due_at=None)
    ledger.add_note(ISSUE, a_note())
    assert the_incident(ledger).rev == 1


@pytest.mark.parametrize(
    "body", ["{", '{"id": "jira:1", "at": "2026-11-23T03:00:00", "source": "comment"}', '{"source": "hearsay"}']
)
def test_a_note_that_cannot_be_read_is_left_out_and_stops_nothing(client: Any, dynamodb: DynamoDbLedger, body: str) -> None:
    client.put_item(TableName=TABLE, Item={"pk": {"S": "issue#10002"}, "sk": {"S": "note#jira:1"}, "body": {"S": body}})
    dynamodb.add_note(ISSUE, a_note())
    assert dynamodb.read(ISSUE).notes == (a_note(),)


def test_a_room_leads_to_its_incident(ledger: Ledger) -> None:
    assert ledger.issue_of_room("C1") is None
    for issue_id in (OTHER, ISSUE, ISSUE):
        ledger.set_room("C1", issue_id)
    assert (ledger.issue_of_room("C1"), ledger.issue_of_room("C2")) == (ISSUE, None)


# --- changes to services -------------------------------------------------------------------------------------------


def a_change_at(at_s: float = 0, what: str = "deploy", service: str = "Bit bucket") -> Deployment:
    return Deployment(service, what, NOW + seconds(at_s), "mia", "https://ci.example/1")


def test_changes_of_a_service_are_found_between_two_times_oldest_first_however_it_is_spelled(ledger: Ledger) -> None:
    for at_s in (0.0005, 60, 0, -0.001, 120, 120.001):
        ledger.add_change(a_change_at(at_s))
    ledger.add_change(a_change_at(service="Jira"))
    found = ledger.changes_of(" bit  BUCKET", NOW, NOW + seconds(120))
    assert found == tuple(a_change_at(at_s) for at_s in (0, 0.0005, 60, 120))


def test_the_same_change_told_again_is_one_and_another_at_the_same_time_is_another(ledger: Ledger) -> None:
    for what in ("deploy", "deploy", "flag on"):
        ledger.add_change(a_change_at(what=what))
    assert sorted(one.what for one in ledger.changes_of("bit bucket", NOW, NOW)) == ["deploy", "flag on"]


def test_of_very_many_changes_the_newest_are_found(ledger: Ledger) -> None:
    for number in range(DEPLOYMENTS_LIMIT + 3):
        ledger.add_change(a_change_at(number))
    found = ledger.changes_of("bit bucket", NOW, NOW + seconds(999))
    assert found == tuple(a_change_at(number) for number in range(3, DEPLOYMENTS_LIMIT + 3))


def test_a_change_expires_after_a_week(client: Any, dynamodb: DynamoDbLedger) -> None:
    dynamodb.add_change(a_change_at())
    [item] = client.scan(TableName=TABLE)["Items"]
    assert int(item["expires_at"]["N"]) == int(NOW.timestamp()) + 7 * 86_400


# --- the newest snapshot -------------------------------------------------------------------------------------------


def test_the_first_snapshot_is_kept_with_its_due_time(ledger: Ledger) -> None:
    incident = an_incident(changes=(a_change("severity", "1"),), changes_complete=False)
    assert ledger.see(incident, due_at=NOW + seconds(0.000123), stormy=True)
    known = the_incident(ledger)
    assert (known.latest, known.due_at, known.stormy, known.rev) == (incident, NOW + seconds(0.000123), True, 1)


@pytest.mark.parametrize(
    ("age_s", "seen"),
    [
        pytest.param(1, False, id="older"),
        pytest.param(0.001, False, id="older by a millisecond"),
        pytest.param(0, True, id="of the same age"),
        pytest.param(-1, True, id="newer"),
    ],
)
def test_a_snapshot_is_seen_unless_a_newer_one_was(ledger: Ledger, age_s: float, seen: bool) -> None:
    ledger.see(an_incident(), due_at=None)
    told = an_incident(severity=Severity.SEV2, updated_at=NOW - seconds(age_s))
    assert ledger.see(told, due_at=None) is seen
    known = the_incident(ledger)
    assert known.latest == (told if seen else an_incident())
    assert known.rev == 1 + seen


def test_a_snapshot_without_due_time_or_storm_leaves_both_alone(ledger: Ledger) -> None:
    ledger.see(an_incident(), due_at=NOW, stormy=True)
    ledger.see(an_incident(), due_at=None)
    known = the_incident(ledger)
    assert (known.due_at, known.stormy) == (NOW, True)


def test_a_long_description_is_cut_the_same_way_everywhere(ledger: Ledger) -> None:
    ledger.see(an_incident(description="é" * 40_000), due_at=None)
    latest = the_incident(ledger).latest
    assert latest.description == "é" * 3999 + "…"


# --- deletion, due times, wake-ups --------------------------------------------------------------------------------


def test_a_deletion_is_remembered_and_due(ledger: Ledger) -> None:
    ledger.see(an_incident(), due_at=NOW + seconds(3600))
    ledger.mark_deleted(ISSUE, NOW, due_at=NOW)
    known = the_incident(ledger)
    assert (known.deleted_at, known.due_at, known.rev) == (NOW, NOW, 2)
    assert list(ledger.due(NOW)) == [ISSUE]


def test_a_later_deletion_moves_the_time(ledger: Ledger) -> None:
    ledger.mark_deleted(ISSUE, NOW, due_at=NOW)
    ledger.mark_deleted(ISSUE, NOW + seconds(60), due_at=NOW)
    assert the_incident(ledger).deleted_at == NOW + seconds(60)


@pytest.mark.parametrize(
    ("due_at", "due", "rev"),
    [pytest.param(NOW, NOW, 2, id="and makes it due"), pytest.param(None, None, 1, id="and changes nothing")],
)
def test_an_older_deletion_that_comes_later_leaves_the_time(
    ledger: Ledger, due_at: datetime | None, due: datetime | None, rev: int
) -> None:
    ledger.mark_deleted(ISSUE, NOW + seconds(60), due_at=None)
    ledger.mark_deleted(ISSUE, NOW, due_at=due_at)
    known = the_incident(ledger)
    assert (known.deleted_at, known.due_at, known.rev) == (NOW + seconds(60), due, rev)


def test_the_due_time_moves_only_from_the_revision_that_was_read(ledger: Ledger) -> None:
    ledger.see(an_incident(), due_at=NOW)
    ledger.see(an_incident(), due_at=NOW)
    assert not ledger.set_due(ISSUE, 1, None)
    assert ledger.set_due(ISSUE, 2, NOW + seconds(60))
    known = the_incident(ledger)
    assert (known.due_at, known.rev) == (NOW + seconds(60), 3)


@pytest.mark.parametrize("booked", [False, True], ids=["nothing there", "only a wake-up there"])
def test_revision_zero_is_an_incident_not_seen_yet(ledger: Ledger, booked: bool) -> None:
    if booked:
        ledger.book_wake(ISSUE, NOW + seconds(9), NOW)
    assert ledger.set_due(ISSUE, 0, NOW)
    assert not ledger.set_due(ISSUE, 0, None)
    assert the_incident(ledger).due_at == NOW


def test_due_are_those_whose_time_has_come(ledger: Ledger) -> None:
    always = datetime(1970, 1, 1, tzinfo=UTC)
    for number, due_at in enumerate([NOW + seconds(0.001), NOW, always, None]):
        ledger.see(an_incident(id=IssueId(str(number))), due_at=due_at)
    assert list(ledger.due(NOW)) == ["2", "1"]


def test_an_incident_without_due_time_leaves_the_index(ledger: Ledger) -> None:
    ledger.see(an_incident(), due_at=NOW)
    assert list(ledger.due(NOW)) == [ISSUE]
    ledger.set_due(ISSUE, 1, None)
    assert list(ledger.due(NOW)) == []
    assert the_incident(ledger).due_at is None


@pytest.mark.parametrize(
    ("at_s", "now_s", "booked"),
    [
        pytest.param(10, 0, False, id="one at the same time"),
        pytest.param(20, 0, False, id="one sooner"),
        pytest.param(5, 0, True, id="one later"),
        pytest.param(20, 10, True, id="one that has just rung"),
        pytest.param(20, 9, False, id="one about to ring"),
    ],
)
def test_wake_ups_coalesce(ledger: Ledger, at_s: float, now_s: float, booked: bool) -> None:
    assert ledger.book_wake(ISSUE, NOW + seconds(10), NOW)
    assert ledger.book_wake(ISSUE, NOW + seconds(at_s), NOW + seconds(now_s)) is booked
    assert the_incident(ledger).wake_at == NOW + seconds(at_s if booked else 10)


def test_only_one_of_sixteen_wake_ups_at_the_same_time_is_sent(ledger: Ledger) -> None:
    with ThreadPoolExecutor(16) as pool:
        booked = list(pool.map(lambda _: ledger.book_wake(ISSUE, NOW + seconds(5), NOW), range(16)))
    assert booked.count(True) == 1


def test_a_wake_up_is_no_new_revision(ledger: Ledger) -> None:
    ledger.see(an_incident(), due_at=None)
    ledger.book_wake(ISSUE, NOW + seconds(10), NOW)
    assert the_incident(ledger).rev == 1


# --- storms and sweeps ---------------------------------------------------------------------------------------------


def test_majors_are_counted_in_the_window(ledger: Ledger) -> None:
    times = {"1": 0.0, "2": 100.0, "3": 300.0, "4": 300.001}
    counts = [ledger.count_major(IssueId(issue), NOW + seconds(at), 300, 9) for issue, at in times.items()]
    assert counts == [1, 2, 3, 3]


def test_one_incident_counts_once_however_often_it_is_told(ledger: Ledger) -> None:
    for at in (0, 10, 250):
        assert ledger.count_major(ISSUE, NOW + seconds(at), 300, 9) == 1
    assert ledger.count_major(OTHER, NOW + seconds(551), 300, 9) == 1


def test_nobody_counts_further_than_is_needed(ledger: Ledger) -> None:
    counts = [ledger.count_major(IssueId(str(number)), NOW, 300, 3) for number in range(9)]
    assert counts == [1, 2, 3, 3, 3, 3, 3, 3, 3]


def test_an_incident_that_is_major_again_after_the_window_counts_again(ledger: Ledger) -> None:
    ledger.count_major(ISSUE, NOW, 300, 9)
    assert ledger.count_major(ISSUE, NOW + seconds(301), 300, 9) == 1


def test_sixteen_majors_at_once_are_all_counted_by_the_last(ledger: Ledger) -> None:
    with ThreadPoolExecutor(16) as pool:
        counts = list(pool.map(lambda number: ledger.count_major(IssueId(str(number)), NOW, 300, 99), range(16)))
    assert max(counts) == 16


def test_what_expired_but_was_not_removed_does_not_count(client: Any, dynamodb: DynamoDbLedger) -> None:
    dynamodb.count_major(ISSUE, NOW, 300, 9)
    [item] = client.scan(TableName=TABLE)["Items"]
    assert int(item["expires_at"]["N"]) == int(NOW.timestamp()) + 600, "in seconds, as DynamoDB's expiry takes it"
    assert dynamodb.count_major(OTHER, NOW + seconds(9999), 300, 9) == 1


def test_a_sweep_is_remembered_and_never_moves_backwards(ledger: Ledger) -> None:
    assert ledger.swept_at() is None
    for at in (60, 120, 90):
        ledger.set_swept(NOW + seconds(at))
    assert ledger.swept_at() == NOW + seconds(120)


# --- turns at a limit that all share ---------------------------------------------------------------------------------


EVERY = timedelta(seconds=1.05)
SOON = NOW + seconds(3)


def take(ledger: Ledger, now: datetime = NOW, *, until: datetime = SOON, name: str = "statuspage") -> float:
    """Seconds after NOW."""
    return (ledger.take_turn(name, now, EVERY, until=until) - NOW).total_seconds()


def test_turns_are_as_far_apart_as_asked_for(ledger: Ledger) -> None:
    assert [take(ledger) for _ in range(3)] == [0, 1.05, 2.1]


def test_a_turn_too_late_to_wait_for_is_told_and_not_booked(ledger: Ledger) -> None:
    for _ in range(3):
        take(ledger)
    assert [take(ledger), take(ledger)] == [3.15, 3.15]
    assert take(ledger, until=NOW + seconds(4)) == 3.15


def test_a_limit_that_was_left_alone_is_free_at_once(ledger: Ledger) -> None:
    take(ledger)
    assert take(ledger, NOW + seconds(60), until=NOW + seconds(60)) == 60


def test_a_clock_that_lags_gets_a_turn_after_those_of_others(ledger: Ledger) -> None:
    take(ledger)
    assert take(ledger, NOW - seconds(1)) == 1.05


def test_each_limit_has_turns_of_its_own(ledger: Ledger) -> None:
    take(ledger)
    assert take(ledger, name="another") == 0


def test_no_two_of_sixteen_get_the_same_turn(ledger: Ledger) -> None:
    with ThreadPoolExecutor(16) as pool:
        turns = list(pool.map(lambda _: take(ledger, until=NOW + seconds(60)), range(16)))
    assert sorted(turns) == pytest.approx([1.05 * number for number in range(16)])


def test_a_turn_whose_answer_was_lost_costs_one_turn_and_nobody_gets_it(client: Any) -> None:
    ledger = DynamoDbLedger(TABLE, lambda: client)
    lose_the_next_answer(client, "UpdateItem")
    assert take(ledger) == 1.05
    assert take(ledger) == 2.1


# --- when DynamoDB does not do what we ask ---------------------------------------------------------------------------


class FailingClient:
    """Every call raises this."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, _name: str) -> Callable[..., Any]:
        def call(**_: Any) -> Any:
            raise self._error

        return call


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "no"}}, "Any")


FAILURES = [
    pytest.param(ConnectTimeoutError(endpoint_url="https://dynamodb"), TemporaryError, id="no answer"),
    pytest.param(refusal("ProvisionedThroughputExceededException"), TemporaryError, id="throttled"),
    pytest.param(refusal("AccessDeniedException"), TemporaryError, id="not allowed"),
    pytest.param(refusal("ResourceNotFoundException"), TemporaryError, id="no such table"),
    pytest.param(refusal("ValidationException"), PermanentError, id="not valid"),
]
CALLS: list[Callable[[Ledger], object]] = [
    lambda ledger: ledger.read(ISSUE),
    lambda ledger: ledger.insert(a_page()),
    lambda ledger: ledger.replace(a_page(), a_page()),
    lambda ledger: ledger.add_note(ISSUE, a_note()),
    lambda ledger: ledger.remove_note(ISSUE, "jira:1"),
    lambda ledger: ledger.set_room("C1", ISSUE),
    lambda ledger: ledger.issue_of_room("C1"),
    lambda ledger: ledger.add_change(a_change_at()),
    lambda ledger: ledger.changes_of("bitbucket", NOW, NOW),
    lambda ledger: ledger.see(an_incident(), due_at=None),
    lambda ledger: ledger.mark_deleted(ISSUE, NOW, due_at=NOW),
    lambda ledger: ledger.set_due(ISSUE, 0, None),
    lambda ledger: ledger.book_wake(ISSUE, NOW, NOW),
    lambda ledger: ledger.due(NOW),
    lambda ledger: ledger.count_major(ISSUE, NOW, 300, 9),
    lambda ledger: ledger.take_turn("statuspage", NOW, seconds(1), until=NOW),
    lambda ledger: ledger.swept_at(),
    lambda ledger: ledger.set_swept(NOW),
]


@pytest.mark.parametrize(("error", "kind"), FAILURES)
def test_every_operation_translates_every_failure(error: Exception, kind: type[Exception]) -> None:
    ledger = DynamoDbLedger(TABLE, lambda: FailingClient(error))  # type: ignore[arg-type, return-value]
    for call in CALLS:
        with pytest.raises(kind, match=r"^dynamodb "):
            call(ledger)
