"""The benchmarks run and count what they promise to count. No test here looks at a time."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import requests
from typer.testing import CliRunner

from bench import canaries, exactly_once, ignored_webhook, time_to_page
from bench.__main__ import IN_TURN, app
from bench.bare import bare_script
from bench.measure import Quiet, quantile
from sandbox.emulator import serve
from sandbox.stack import running

ROOT = Path(__file__).parents[2]


def test_every_benchmark_is_listed_and_the_makefile_runs_them_all():
    shown = CliRunner().invoke(app, ["--help"]).stdout
    for name in (*(command.__name__ for command in IN_TURN), "payloads"):
        assert re.search(rf"\b{name}\b", shown), name
    assert "-m bench\n" in (ROOT / "Makefile").read_text("utf-8")


def test_payloads_needs_a_folder_that_exists(tmp_path: Path):
    assert CliRunner().invoke(app, ["payloads", str(tmp_path)]).exit_code == 0
    assert CliRunner().invoke(app, ["payloads", str(tmp_path / "nothing")]).exit_code != 0


def test_an_ignored_webhook_calls_nothing_in_aws_and_an_incidents_webhook_is_counted():
    found = ignored_webhook.measure(2)
    assert (found.aws_calls, found.control) == (0, 1)
    assert all(len(rounds) == 1 for cost in found.costs for rounds in cost.cpu_ms.values())


def test_repeated_webhooks_and_many_incidents_make_one_alert_each_where_the_bare_script_makes_two():
    found = exactly_once.measure(copies=2, incidents=2, speed=12.0)
    assert [case.alerts for case in found.firebell] == [(1,), (1, 1)]
    assert [case.requests for case in found.firebell] == [1, 2]
    assert [case.alerts for case in found.bare] == [(2,), (1, 1)]
    assert found.errors == []


def test_nothing_is_called_before_the_page_and_what_is_would_be_noticed():
    with running(log=Quiet(), workers=0) as stack:
        stack.sweeping = False
        nosy = bare_script(stack.urls["opsgenie"])

        @nosy.before_request
        def look_at_jira_first() -> None:
            requests.get(f"{stack.urls['jira']}/rest/api/2/issue/10001", timeout=3)

        with serve(nosy) as [url]:
            assert time_to_page.measure(stack, url, 1).called_before == ["get_issue"]
        assert time_to_page.measure(stack, stack.url, 1).called_before == []


def test_a_second_alert_fails_the_run(monkeypatch: pytest.MonkeyPatch):
    twice = exactly_once.Case("twice", 1, (1, 2), 3)
    monkeypatch.setattr(exactly_once, "measure", lambda *_: exactly_once.Findings([twice], [twice], []))
    assert exactly_once.main(2) == 1


@pytest.mark.parametrize(("aws_calls", "control"), [pytest.param(1, 1, id="a call"), pytest.param(0, 0, id="counts nothing")])
def test_a_call_to_aws_or_a_blind_counter_fails_the_run(monkeypatch: pytest.MonkeyPatch, aws_calls: int, control: int):
    monkeypatch.setattr(ignored_webhook, "measure", lambda _: ignored_webhook.Findings([], aws_calls, control))
    assert ignored_webhook.main(1) == 1


def test_no_canary_reaches_customers_and_a_guard_that_sleeps_fails_the_run(monkeypatch: pytest.MonkeyPatch):
    assert canaries.main(40) == 0
    monkeypatch.setattr("chalicelib.artifacts.announcements.find_internal", lambda *_: ())
    assert canaries.main(40) == 1


def test_a_quantile_is_one_of_the_values():
    assert [quantile([3, 1, 2], share) for share in (0, 0.5, 0.95, 1)] == [1, 2, 3, 3]
