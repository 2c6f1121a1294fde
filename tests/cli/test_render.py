"""`firebell render`: what a template says, for the sample incident or for one of Jira's."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cli.words
from cli.__main__ import app
from cli.render import filled
from cli.samples import SAMPLES
from cli.settings_file import SHIPPED
from sandbox.emulator import serve
from tests.adapters.jira_world import MIA, TOKEN, a_jira
from tests.builders import PATIENT_S
from tests.documents import WHOLE

TEMPLATES = cli.words.TEMPLATES


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "firebell.toml"
    path.write_text(WHOLE, "utf-8")
    return path


def run(settings: Path, *arguments: str, **environ: str) -> tuple[int, str, str]:
    runner = CliRunner(env={"COLUMNS": "200", "FIREBELL_MODE": "", "FIREBELL_SECRETS": "", **environ})
    result = runner.invoke(app, ["render", *arguments, "--settings", str(settings)])
    return result.exit_code, result.stdout, result.stderr


WORDS = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.*") if path.parent.name != "report")
"""The report is a page with a program in it, which `firebell report` shows."""


@pytest.mark.parametrize("template", WORDS)
def test_every_template_can_be_shown(template: str):
    facts = {"key": "HOT-1", "issue": "HOT-1"}
    assert filled(TEMPLATES, template, facts, sorted(SAMPLES[template].flags) if template in SAMPLES else ()).strip()


def test_the_report_has_a_command_of_its_own(settings: Path):
    code, shown, said = run(settings, "report/report.html", "--issue", "HOT-1")
    assert (code, shown) == (2, "")
    assert "filled by: firebell report" in said


def test_a_sample_is_called_as_it_is_asked_to_be(settings: Path):
    code, shown, said = run(settings, "chat/headline.txt", "--issue", "HOT-1", "--with", "just_resolved")
    assert (code, said) == (0, "(a sample that is called HOT-1)\n")
    assert shown == "HOT-1 (https://example.atlassian.net/browse/HOT-1) is resolved. Thank you, everybody.\n"


def test_what_is_true_of_it_can_be_chosen(settings: Path):
    _, shown, _ = run(settings, "chat/reminder.txt", "--with", "about=handover", "--with", "relief", "--with", "drill")
    assert shown.startswith("[DRILL] Mia Moore has been <what> of HOT-42 (")
    assert shown.endswith(" to whoever is on call in Incident managers on call: put them into the issue, and they are told.\n")


def test_what_a_template_does_not_ask_for_is_a_mistake(settings: Path):
    code, _, said = run(settings, "public/resolved.txt", "--with", "summary=x")
    assert code == 2
    assert "does not ask for 'summary'; it asks for again, postmortem, products" in said


@pytest.mark.parametrize("template", ["chat/breif.txt", "../firebell.toml", "chat"])
def test_a_template_that_is_not_there_is_a_mistake(settings: Path, template: str):
    code, _, said = run(settings, template)
    assert code == 2
    assert f"there is no templates/{template}" in said


def test_a_translation_is_looked_into_first(settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "templates"
    shutil.copytree(TEMPLATES, folder)
    (folder / "de" / "public").mkdir(parents=True)
    (folder / "de" / "public" / "ended.txt").write_text("Der Vorfall ist behoben.")
    (folder / "call" / "agenda.txt").write_text("{{ kye }}")
    monkeypatch.setattr(cli.words, "TEMPLATES", folder)
    assert run(settings, "public/ended.txt", "--language", "de")[1] == "Der Vorfall ist behoben.\n"
    code, _, said = run(settings, "call/agenda.txt")
    assert code == 1
    assert "templates/call/agenda.txt is broken: 'kye' is undefined" in said


@pytest.fixture
def jira(tmp_path: Path) -> Iterator[Path]:
    """Settings of a company whose Jira has HOT-1."""
    with a_jira(PATIENT_S) as world, serve(world.emulator) as [url]:
        world.model.create_incident(MIA, "Baskets are\tempty", severity=2, products=("Jira Software", "Reactor"))
        path = tmp_path / "of-jira.toml"
        products = '[products."jira software"]\npublic = "Jira"\n'
        path.write_text(SHIPPED.read_text("utf-8").replace("[jira]\n", f'[jira]\nbase_url = "{url}"\n', 1) + products, "utf-8")
        yield path


def ask(jira: Path, *arguments: str, token: str = TOKEN) -> tuple[int, str, str]:
    return run(jira, *arguments, FIREBELL_SECRETS=json.dumps({"jira_mail": "bot@example.com", "jira_token": token}))


def test_an_incident_of_ones_own_is_read_from_jira(jira: Path):
    code, shown, said = ask(jira, "updates/resolved.txt", "--issue", "HOT-1")
    assert (code, said) == (0, "")
    assert shown.startswith("HOT-1 is resolved.\n\nSev 2: Baskets are empty\nAffected: Jira Software and Reactor\n")


def test_customers_are_shown_what_they_may_read(jira: Path):
    assert ask(jira, "public/resolved.txt", "--issue", "HOT-1")[1] == "Service has been restored for Jira.\n"


@pytest.mark.parametrize(
    ("key", "token", "why"),
    [
        pytest.param("HOT-99", TOKEN, "Jira has no such incident", id="not there"),
        pytest.param("HOT-1", "wrong", "the token is not accepted", id="refused"),
    ],
)
def test_where_jira_does_not_tell_the_sample_stands_in(jira: Path, key: str, token: str, why: str):
    code, shown, said = ask(jira, "updates/resolved.txt", "--issue", key, token=token)
    assert code == 0
    assert shown.startswith(f"{key} is resolved.")
    assert said.startswith(f"(a sample that is called {key}: ")
    assert why in said
