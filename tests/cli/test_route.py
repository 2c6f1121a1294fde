"""`firebell route`: what it prints, and how it exits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.__main__ import app
from tests.documents import WHOLE


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "firebell.toml"
    path.write_text(WHOLE, "utf-8")
    return path


def run(settings: Path, *arguments: str) -> tuple[int, str, str]:
    result = CliRunner(env={"COLUMNS": "200", "FIREBELL_MODE": ""}).invoke(
        app, ["route", "--settings", str(settings), *arguments]
    )
    return result.exit_code, result.stdout, result.stderr


def test_the_chain_is_shown_in_order_with_its_reasons(settings: Path):
    code, shown, _ = run(settings, "--service", "Jira Cloud", "--severity", "2")
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert code == 0
    assert [line for line in lines if line[:2] in ("1 ", "2 ", "3 ", "↳ ")] == [
        "1 team at once team is on call for Jira Cloud at severity 2",
        "2 imoc nobody on call, refused, or no acknowledgement for 120 s nobody before them has it",
        "↳ imoc-two jsm is down for a minute jsm cannot be reached",
        "3 imoc-two nobody on call, refused, or no acknowledgement for 120 s nobody before them has it",
    ]
    assert "opsgenie team: Delivery" in lines


def test_a_drill_has_a_chain_of_its_own(settings: Path):
    _, shown, _ = run(settings, "--service", "Jira Cloud", "--drill", "--json")
    assert [(link["target"], link["roster"]) for link in json.loads(shown)["chain"]] == [("drill1", "team")]


def test_the_answer_as_json_is_whole(settings: Path):
    code, shown, _ = run(settings, "--service", "Jira Cloud", "--severity", "1", "--json")
    answer = json.loads(shown)
    assert code == 0
    assert [link["target"] for link in answer["chain"]] == ["im", "im.second", "imoc2"]
    assert answer["chain"][0] == {
        "target": "im", "roster": "imoc", "pager": "jsm", "kind": "schedule", "title": "IMOC", "id": "s-1",
        "only_if_unreachable": False, "why": "imoc is on call for Jira Cloud at severity 1",
    }  # fmt: skip
    assert (answer["service"], answer["severity"], answer["delivery"]) == ("Jira Cloud", 1, None)


@pytest.mark.parametrize(
    "service",
    [
        pytest.param("UNKNOWN", id="as settings call it"),
        pytest.param("not sure", id="another name for it"),
        pytest.param("", id="none"),
    ],
)
def test_a_service_that_means_nobody_knows_is_not_known(settings: Path, service: str):
    _, shown, _ = run(settings, "--service", service, "--json")
    assert json.loads(shown)["why"] == "the faulty service is not known"


def test_a_service_that_is_not_in_the_table_comes_with_those_that_are(settings: Path):
    _, shown, _ = run(settings, "--service", "Jira")
    assert "Jira is not in the routing table. Services there: jira cloud" in shown


@pytest.mark.parametrize(("written", "severity"), [("3", 3), ("sev 1", 1), ("10001", 1)])
def test_a_severity_is_a_number_or_what_jira_calls_it(settings: Path, written: str, severity: int):
    _, shown, _ = run(settings, "--severity", written, "--json")
    assert json.loads(shown)["severity"] == severity


@pytest.mark.parametrize(
    ("at", "opens_at"),
    [
        pytest.param("2026-11-23T03:00", "2026-11-23T03:00:00+00:00", id="first minute, in UTC"),
        pytest.param("2026-11-23T08:30+05:30", "2026-11-23T03:00:00+00:00", id="first minute, as their clocks show it"),
        pytest.param("2026-11-23T02:59", "2026-11-23T03:00:00+00:00", id="a minute before"),
        pytest.param("2026-11-24T12:00", "2026-11-28T03:00:00+00:00", id="a Tuesday: they work on Mondays and Saturdays"),
    ],
)
def test_a_severity_3_tells_when_the_delivery_team_hears_of_it(settings: Path, at: str, opens_at: str):
    code, shown, _ = run(settings, "--service", "Jira Cloud", "--severity", "3", "--at", at, "--json")
    delivery = json.loads(shown)["delivery"]
    assert (code, delivery["roster"], delivery["opens_at"]) == (0, "team", opens_at)


def test_a_severity_3_is_shown_with_its_hours(settings: Path):
    _, shown, _ = run(settings, "--service", "Jira Cloud", "--severity", "3", "--at", "2026-11-24T12:00")
    assert "A low-urgency alert goes to team Sat 2026-11-28 03:00 UTC, when the team's hours begin (Asia/Kolkata)" in shown


def test_a_severity_3_of_another_service_wakes_nobody(settings: Path):
    assert "Nobody is paged: severity 3 stays in Jira" in run(settings, "--service", "Trello", "--severity", "3")[1]


def test_texts_of_the_settings_are_not_taken_for_markup(settings: Path):
    settings.write_text(WHOLE.replace('title = "Delivery"', 'title = "[red]Delivery[/red]"'), "utf-8")
    assert "[red]Delivery[/red]" in run(settings, "--service", "Jira Cloud", "--severity", "2")[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(["--severity", "4"], "'4' is none of 1, 2, 3, sev 1, 10001, sev 2, sev 3", id="no such severity"),
        pytest.param(["--at", "tomorrow"], "--at", id="no time"),
        pytest.param(["--sevrity", "1"], "No such option", id="no such option"),
    ],
)
def test_a_wrong_call_exits_with_2(settings: Path, arguments: list[str], said: str):
    code, shown, complaint = run(settings, *arguments)
    assert (code, shown) == (2, "")
    assert said in complaint


def test_wrong_settings_exit_with_1_and_say_why(settings: Path):
    settings.write_text(WHOLE.replace('mode = "full"', 'mode = "loud"'), "utf-8")
    code, shown, complaint = run(settings)
    assert (code, shown) == (1, "")
    assert "mode: is 'loud'" in complaint
