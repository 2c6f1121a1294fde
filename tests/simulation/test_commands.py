"""`python -m simulation`: what people type, and the exit codes that machines read."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from simulation.__main__ import app
from simulation.campaign import Violation, fingerprint
from simulation.script import Script
from simulation.telling import replay_command
from tests.simulation.test_campaign import a_chunk


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_a_good_life_is_told_and_ends_with_zero():
    code, said = run("replay", "--script", "{}")
    assert code == 0
    assert "raise HOT-1" in said
    assert "every promise was kept" in said


def test_a_life_is_told_with_the_command_that_tells_it_again():
    script = Script(company="pagerduty", reactions=("ignore",))
    code, said = run("replay", "--script", '{"company":"pagerduty","reactions":["ignore"]}')
    assert code in (0, 1)
    assert replay_command(script) in said


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("replay",), id="nothing to replay"),
        pytest.param(("replay", "3", "--script", "{}"), id="two things to replay"),
        pytest.param(("replay", "--script", '{"colour":"red"}'), id="no script"),
        pytest.param(("replay", "--script", "{"), id="no JSON"),
        pytest.param(("campaign",), id="endless"),
        pytest.param(("campaign", "--seeds", "7"), id="no range"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments):
    assert run(*arguments)[0] == 2


def test_a_finished_campaign_reports_from_its_file(tmp_path):
    good = a_chunk()
    good.violations = []
    (tmp_path / "result.jsonl").write_text(good.as_json() + "\n", "utf-8")
    code, said = run("campaign", "--seeds", "0:100", "--jobs", "1", "--result", str(tmp_path / "result.jsonl"))
    assert code == 0
    assert "100 lives (seeds 0:100)" in said
    assert "every promise was kept" in said


def test_a_broken_promise_ends_a_campaign_with_one(tmp_path, monkeypatch):
    chunk = a_chunk()
    chunk.violations = [Violation(3, "a promise", "it broke", False)]
    shown = []
    monkeypatch.setattr(
        "simulation.__main__.tell_first_few", lambda console, violations, kind, budget: shown.extend(violations)
    )
    (tmp_path / "result.jsonl").write_text(chunk.as_json() + "\n", "utf-8")
    code, said = run("campaign", "--seeds", "0:100", "--result", str(tmp_path / "result.jsonl"))
    assert code == 1
    assert "a promise" in said
    assert [violation.seed for violation in shown] == [3]


def test_the_code_has_one_fingerprint():
    assert fingerprint() == fingerprint()
