"""One contract, two queues: SQS's (in moto) and the twin in memory; and the envelope in which messages travel."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from chalicelib.adapters.sqs import SqsQueue
from chalicelib.domain.incident import IssueId
from chalicelib.errors import TemporaryError, UnreadableEvent
from chalicelib.intake.queue_message import LONGEST_BODY, grave_to_body, message_to_body, parse_message
from chalicelib.ports.queue import Cause, Message, Orphan, Queue
from simulation.twins import MemoryQueue
from tests.adapters.aws_world import aws_in_memory, make_queue
from tests.builders import EMMA, MIA, NOW, a_change, an_incident, seconds

DOORBELL = Message(IssueId("10002"), Cause.SWEEP)
WHOLE = Message(
    IssueId("10002"),
    Cause.CHANGED,
    an_incident(
        summary="Zahlung \u0000 kaputt 🔥", roles={"tech_lead": (EMMA,)}, changes=(a_change("assignee", MIA.account_id),)
    ),
)

PUT_OFF = Message(IssueId("10002"), Cause.LOOK, orphan=Orphan("im", "opsgenie", sent_at=NOW), gone_version=NOW, put_off=3)
WAKE = Message(IssueId("10002"), Cause.WAKE, booked=NOW + seconds(0.000001))


@dataclass
class Ends:
    """Both ends of a queue: what we send with, what arrives, and what is dead."""

    queue: Queue
    receive: Callable[[], Message | None]
    graves: Callable[[], list[tuple[str, str]]]


def memory_ends() -> Ends:
    queue = MemoryQueue(NOW)
    return Ends(queue, queue.receive, lambda: [(body.decode(errors="backslashreplace"), why) for body, why in queue.dead])


def sqs_ends() -> Ends:
    client, url = make_queue("work", "WorkQueue")
    _, dead_url = make_queue("dead", "DeadLetters")

    def bodies(queue_url: str) -> list[str]:
        received = client.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
        return [message["Body"] for message in received.get("Messages", [])]

    def graves() -> list[tuple[str, str]]:
        return [(grave["unreadable"], grave["reason"]) for grave in map(json.loads, bodies(dead_url))]

    return Ends(SqsQueue(url, dead_url, lambda: client), lambda: next(map(parse_message, bodies(url)), None), graves)


@pytest.fixture(params=["memory", "sqs"])
def ends(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ends]:
    if request.param == "memory":
        yield memory_ends()
        return
    with aws_in_memory(monkeypatch):
        yield sqs_ends()


@pytest.mark.parametrize("message", [DOORBELL, WHOLE, PUT_OFF, WAKE], ids=["doorbell", "with a snapshot", "put off", "wake"])
def test_what_is_sent_arrives_equal(ends: Ends, message: Message) -> None:
    ends.queue.send(message)
    assert ends.receive() == message


def test_a_received_message_is_not_there_for_others(ends: Ends) -> None:
    ends.queue.send(DOORBELL)
    assert [ends.receive(), ends.receive()] == [DOORBELL, None]


def test_a_delayed_message_is_not_there_yet(ends: Ends) -> None:
    ends.queue.send(DOORBELL, delay_s=900)
    assert ends.receive() is None


@pytest.mark.parametrize("delay_s", [-1, 901])
def test_a_delay_that_the_queue_cannot_keep_is_a_bug(ends: Ends, delay_s: int) -> None:
    with pytest.raises(ValueError, match="0 to 900"):
        ends.queue.send(DOORBELL, delay_s=delay_s)


def test_what_cannot_be_read_is_kept_with_the_reason(ends: Ends) -> None:
    ends.queue.bury(b'{"issue": \xff', "not JSON")
    assert ends.graves() == [('{"issue": \\xff', "not JSON")]


def test_the_twin_delivers_when_the_delay_is_over() -> None:
    queue = MemoryQueue(NOW)
    queue.send(DOORBELL, delay_s=4)
    queue.now = NOW + seconds(4)
    assert queue.receive() == DOORBELL


def test_sqs_takes_the_largest_grave(monkeypatch: pytest.MonkeyPatch) -> None:
    with aws_in_memory(monkeypatch):
        ends = sqs_ends()
        ends.queue.bury(b"\x00\xff" * 3_000_000, "too large")
        [(body, _)] = ends.graves()
    assert len(body) > 100_000


# --- the envelope --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"a" * 3_000_000, id="large"),
        pytest.param("é🔥".encode() * 900_000, id="large and not ASCII"),
        pytest.param(b"\x00" * 3_000_000, id="large, and six times larger when escaped"),
    ],
)
def test_a_grave_fits_and_holds_as_much_as_it_can(body: bytes) -> None:
    grave = grave_to_body(body, "why" * 1000)
    assert len(grave.encode()) <= LONGEST_BODY
    assert grave.isascii()
    kept = json.loads(grave)["unreadable"]
    assert body.decode("utf-8", "backslashreplace").startswith(kept[:-12])
    assert len(grave) > 0.9 * min(LONGEST_BODY, len(body))


def test_a_snapshot_that_does_not_fit_is_left_out_and_the_bell_still_rings() -> None:
    labels = tuple(f"{number:0200d}" for number in range(6000))
    body = message_to_body(Message(IssueId("10002"), Cause.CHANGED, an_incident(labels=labels)))
    assert parse_message(body) == Message(IssueId("10002"), Cause.CHANGED)


def test_the_envelope_is_small() -> None:
    assert len(message_to_body(DOORBELL)) < 60


def test_members_of_later_versions_are_ignored() -> None:
    later = json.loads(message_to_body(DOORBELL)) | {"priority": 1}
    assert parse_message(json.dumps(later)) == DOORBELL


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("", id="empty"),
        pytest.param("{", id="not JSON"),
        pytest.param("[" * 100_000, id="nested too deep"),
        pytest.param("[]", id="no object"),
        pytest.param('{"issue": "1", "cause": "sweep"}', id="no version"),
        pytest.param('{"v": 2, "issue": "1", "cause": "sweep"}', id="a version to come"),
        pytest.param('{"v": 1, "cause": "sweep"}', id="no issue"),
        pytest.param('{"v": 1, "issue": "", "cause": "sweep"}', id="empty issue"),
        pytest.param('{"v": 1, "issue": 1, "cause": "sweep"}', id="a number for an issue"),
        pytest.param('{"v": 1, "issue": "1", "cause": "boredom"}', id="unknown cause"),
        pytest.param('{"v": 1, "issue": "1", "cause": "sweep", "snapshot": {"id": "1"}}', id="half a snapshot"),
        pytest.param('{"v": 1, "issue": "1", "cause": "sweep", "snapshot": 1}', id="no snapshot at all"),
    ],
)
def test_a_broken_message_is_unreadable(body: str) -> None:
    with pytest.raises(UnreadableEvent, match=r"queue message|stored incident"):
        parse_message(body)


# --- when SQS does not do what we ask --------------------------------------------------------------------------------

REFUSED = ClientError({"Error": {"Code": "AWS.SimpleQueueService.NonExistentQueue", "Message": "no"}}, "SendMessage")


@pytest.mark.parametrize("error", [ConnectTimeoutError(endpoint_url="https://sqs"), REFUSED], ids=["no answer", "no queue"])
def test_whatever_the_reason_a_message_not_taken_is_temporary(error: Exception) -> None:
    class Failing:
        def send_message(self, **_: Any) -> None:
            raise error

    queue = SqsQueue("work", "dead", lambda: Failing())  # type: ignore[arg-type, return-value]
    with pytest.raises(TemporaryError, match=r"^sqs send: "):
        queue.send(DOORBELL)
    with pytest.raises(TemporaryError, match=r"^sqs bury: "):
        queue.bury(b"", "why")
