"""The real clock, tokens, threads, AWS clients and log."""

from __future__ import annotations

import json
from datetime import UTC, timedelta
from threading import Barrier
from typing import Any

import pytest

from chalicelib.adapters.aws import client, forget_clients
from chalicelib.adapters.logging_json import LONGEST_TEXT, JsonLog
from chalicelib.adapters.world import RandomTokens, SystemClock, Threads
from tests.builders import NOW


def test_the_clock_is_aware_and_in_utc() -> None:
    now = SystemClock().now()
    assert now.tzinfo is UTC
    assert now.utcoffset() == timedelta(0)


def test_no_two_tokens_are_alike() -> None:
    assert len({RandomTokens().token() for _ in range(1000)}) == 1000


def test_tasks_run_at_the_same_time() -> None:
    """Each waits for all the others: one after another, none would ever end."""
    barrier = Barrier(5)
    met: list[int] = []

    def meet() -> None:
        met.append(barrier.wait(timeout=10))

    Threads().run([meet] * 5)
    assert sorted(met) == [0, 1, 2, 3, 4]


def test_nothing_to_do_is_done_at_once() -> None:
    Threads().run([])


@pytest.mark.parametrize("others", [0, 3])
def test_a_task_with_a_bug_stops_no_other_and_is_not_hidden(others: int) -> None:
    done: list[int] = []

    def broken() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Threads().run([broken, *[lambda: done.append(1)] * others])
    assert len(done) == others


# --- AWS clients -----------------------------------------------------------------------------------------------------


def test_a_client_is_built_once_with_short_time_outs_at_the_endpoint_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", "http://127.0.0.1:1")
    forget_clients()
    try:
        built = client("sqs")
        assert built is client("sqs")
        assert built.meta.endpoint_url == "http://127.0.0.1:1"
        config: Any = built.meta.config
        assert (config.connect_timeout, config.read_timeout, config.retries["total_max_attempts"]) == (1, 1, 2)
    finally:
        forget_clients()


# --- the log ---------------------------------------------------------------------------------------------------------


def logged(event: str = "paged", **fields: object) -> dict[str, Any]:
    lines: list[str] = []
    JsonLog(lines.append, lambda: NOW).info(event, **fields)
    [line] = lines
    assert "\n" not in line
    parsed: dict[str, Any] = json.loads(line)
    return parsed


def test_an_event_is_one_line_of_json() -> None:
    at = "2026-11-23T03:00:00.000+00:00"
    assert logged(issue="HOT-42", tries=2, why=None, text="a\nb") == {
        "level": "INFO", "event": "paged", "at": at, "issue": "HOT-42", "tries": 2, "why": None, "text": "a\nb",
    }  # fmt: skip


def test_an_alarm_carries_the_level_that_is_counted() -> None:
    lines: list[str] = []
    JsonLog(lines.append, lambda: NOW).alarm("storm", majors=11)
    assert json.loads(lines[0])["level"] == "ALARM"


def test_the_log_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    JsonLog().info("swept", rung=3)
    assert json.loads(capsys.readouterr().out)["rung"] == 3


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("assigned to mia.moore+x@mail.example.com, twice", "assigned to <mail>, twice", id="a mail address"),
        pytest.param("GenieKey eb243592-faa2-4ba2-a551-1afdf565c889 refused", "GenieKey eb24*** refused", id="an Opsgenie key"),
        pytest.param("Token token=y_NbAkKc66ryYTWUXYEu", "Token toke***", id="a PagerDuty token"),
        pytest.param("Basic bWlhQGV4YW1wbGUuY29tOkFUQVRUM3hGZkdGMA==", "Basic bWlh***", id="basic authorization"),
        pytest.param("secret_store_unreachable_again", "secret_store_unreachable_again", id="an event name stays"),
        pytest.param("https://example.atlassian.net/browse/HOT-42", "https://example.atlassian.net/browse/HOT-42", id="a link"),
    ],
)
def test_nothing_that_must_not_be_logged_is_logged(text: str, shown: str) -> None:
    assert logged(why=text)["why"] == shown
    assert logged(why={"nested": [text]})["why"] == {"nested": [shown]}


def test_ids_of_vendors_stay_whole() -> None:
    alert_id = "70413a06-38d6-4c85-92b8-5ebc900d42e2-1517307378000"
    assert logged(alert_id=alert_id)["alert_id"] == alert_id


def test_names_of_rosters_stay_whole() -> None:
    names = {"roster": "payments-platform-2nd-level", "would": "page payments-platform-2nd-level through opsgenie"}
    assert logged(**names).items() >= names.items()


def test_half_a_character_can_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    JsonLog().alarm("page_refused", error="the message is too long: Checkout \ud83d", on_call=["\udc00"])
    line = json.loads(capsys.readouterr().out.encode("utf-8"))
    assert (line["error"], line["on_call"]) == ("the message is too long: Checkout ?", ["?"])


def test_a_field_named_like_a_secret_is_never_shown() -> None:
    assert logged(jira_token="x", headers={"Authorization": "y"}) | {"at": ""} == {
        "level": "INFO", "event": "paged", "at": "", "jira_token": "***", "headers": {"Authorization": "***"},
    }  # fmt: skip


def test_long_texts_are_cut() -> None:
    assert len(logged(error="long " * 1000)["error"]) == LONGEST_TEXT


def test_a_field_cannot_pose_as_the_level() -> None:
    assert logged(level="ALARM")["level"] == "INFO"
