"""`firebell check`: every mistake at once, what the settings mean, and the ids that pagers know."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from chalicelib.adapters.slack import SCOPES
from chalicelib.errors import SettingsError
from chalicelib.settings_reader import settings_from
from cli.__main__ import app
from cli.notes import notes_on
from cli.resolve import with_ids, write_ids
from sandbox.emulator import Fault, FaultKind, serve
from sandbox.jira import schema as names
from sandbox.pagers.desk import Desk, DeskRoster
from sandbox.pagers.jsm_operations import JsmEmulator
from sandbox.pagers.opsgenie import OpsgenieEmulator
from sandbox.pagers.pagerduty import PagerDutyEmulator
from tests.adapters.chat_world import TOKEN as BOT_TOKEN
from tests.adapters.chat_world import USER_TOKEN, a_chat
from tests.adapters.jira_world import MIA as MOORE
from tests.adapters.jira_world import TOKEN as JIRA_TOKEN
from tests.adapters.jira_world import JiraWorld, a_data_center, a_jira
from tests.adapters.status_world import TOKEN as PAGE_TOKEN
from tests.adapters.status_world import StatusWorld, a_statuspage
from tests.adapters.test_zoom import HOST, ZoomWorld, a_zoom
from tests.adapters.test_zoom import SECRET as ZOOM_SECRET
from tests.adapters.wiki_world import MIA, WikiWorld, a_confluence
from tests.adapters.wiki_world import TOKEN as WIKI_TOKEN
from tests.builders import NOW
from tests.documents import IN_ONE_LANGUAGE, LEFT_OUT, WHOLE, a_document
from tests.reconcile.small_world import FakeClock

ROOT = Path(__file__).resolve().parents[2]
LIVE = datetime(2026, 12, 31, 23, tzinfo=UTC)
"""When the company of `WHOLE` goes live."""
MAIL = "firebell@example.com"
SECRETS = {
    "opsgenie_key": "key-1",
    "jsm_integration_key": "key-2",
    "jsm_mail": MAIL,
    "jsm_token": "token-2",
    "pagerduty_token": "token-3",
    "pagerduty_routing_keys": {"imoc-two": "key-3"},
}


def run(settings: Path, *arguments: str, **environ: str | None) -> tuple[int, str, str]:
    runner = CliRunner(env={"COLUMNS": "200", "FIREBELL_MODE": None, "FIREBELL_SECRETS": None, **environ})
    result = runner.invoke(app, ["check", "--settings", str(settings), *arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "firebell.toml"
    path.write_text(IN_ONE_LANGUAGE, "utf-8")
    return path


# --- without asking anybody -------------------------------------------------------------------------------------------


def test_the_shipped_example_is_fine():
    code, shown, complaint = run(ROOT / "firebell.toml")
    assert (code, complaint) == (0, "")
    assert "firebell.toml has no mistakes" in shown


def test_the_settings_are_said_in_words(settings: Path):
    _, shown, _ = run(settings)
    lines = [" ".join(line.split()) for line in shown.splitlines()]
    assert "mode full: pages, and does everything else" in lines
    assert "go live 2026-12-31 23:00 UTC; older issues are not paged" in lines
    assert "incidents Incident in HOT at https://jira.example.com (cloud)" in lines
    assert "severity 1 10001, sev 1" in lines
    assert "otherwise empty: 3; not listed here: 1" in lines
    assert "storm more than 5 new majors within 60 s" in lines
    assert "staff hear on page kctbh9vrtdwd, by mail to staff@example.com" in lines
    assert "customers hear on page y2j98763l56x, of Jira" in lines
    assert "jira cloud imoc (or imoc-two) team team, Mon Sat 08:30-24:00 Asia/Kolkata" in lines
    assert "any other, or no answer imoc (or imoc-two), then imoc-two imoc (or imoc-two), then imoc-two Jira only" in lines


def test_where_nobody_is_told_that_is_said(settings: Path):
    document = IN_ONE_LANGUAGE.partition("[updates]")[0]
    settings.write_text(document, "utf-8")
    lines = [" ".join(line.split()) for line in run(settings)[1].splitlines()]
    assert {"staff hear in the room only", "customers hear nothing"} <= set(lines)


def test_a_language_that_nobody_wrote_is_a_mistake(settings: Path):
    settings.write_text(WHOLE, "utf-8")
    code, shown, complaint = run(settings)
    assert (code, shown) == (1, "")
    assert [line.split(":")[0].strip() for line in complaint.splitlines()[1:]] == ["✗ templates/de", "✗ templates/fr"]


def test_all_mistakes_are_said_one_a_line(settings: Path):
    settings.write_text(WHOLE.replace('mode = "full"', 'mode = "loud"').replace("storm_majors", "storm_major"), "utf-8")
    code, shown, complaint = run(settings)
    first, *problems = complaint.splitlines()
    assert (code, shown, first) == (1, "", f"2 problems in {settings}")
    assert [problem.split(":")[0].strip() for problem in problems] == ["✗ mode", "✗ paging.storm_major"]


def test_the_environment_counts(settings: Path):
    assert "mode" in run(settings, FIREBELL_MODE="shadow")[1]
    assert run(settings, FIREBELL_MODE="loud")[0] == 1


def test_no_settings_are_one_mistake(tmp_path: Path):
    code, _, complaint = run(tmp_path / "none.toml")
    assert (code, complaint.splitlines()[0]) == (1, f"1 problem in {tmp_path / 'none.toml'}")


@pytest.mark.parametrize(
    ("changes", "note"),
    [
        pytest.param(
            {"go_live": LEFT_OUT}, "go_live is not set: major incidents that are open already will be paged too", id="go live"
        ),
        pytest.param({"services": LEFT_OUT}, "no services: every major incident goes to the IMOC", id="no services"),
        pytest.param(
            {"services.Jira  Cloud.2": LEFT_OUT},
            "jira cloud has no roster for severity 2: that goes to the IMOC",
            id="half a service",
        ),
        pytest.param(
            {},
            "jira cloud: an open incident that is raised from severity 2 to 1 does not ring imoc",
            id="a roster for each severity",
        ),
        pytest.param(
            {"rosters.imoc.second": LEFT_OUT, "paging.imoc": ["imoc"]},
            "no roster of the IMOC chain has a second: while its pager is down, nobody is paged until it is back",
            id="one pager for the last in line",
        ),
        pytest.param(
            {"rosters.spare": {"pager": "jsm", "kind": "user", "title": "x", "id": "u"}},
            "rosters.spare is paged for nothing",
            id="spare",
        ),
        pytest.param(
            {"services": LEFT_OUT, "escalations": LEFT_OUT, "paging.drill": LEFT_OUT},
            "pagers.opsgenie has nobody to page",
            id="spare pager",
        ),
        pytest.param(
            {"paging.drill": LEFT_OUT},
            "paging.drill is not set: a drill wakes whoever an incident would, marked [DRILL]",
            id="no roster for drills",
        ),
        pytest.param(
            {"drill": LEFT_OUT}, "paging.drill is paged for nothing: no mark in [drill] tells a drill", id="no mark of drills"
        ),
        pytest.param(
            {"drill": LEFT_OUT, "paging.drill": LEFT_OUT},
            "no mark in [drill] tells a drill: status_pages.drills and mail.drills_to will hear of none, and an exercise is an "
            "incident to everybody",
            id="places for drills, and no mark",
        ),
        pytest.param(
            {"drill.values": LEFT_OUT},
            'drill.values is not set: whatever drill.field holds makes an incident a drill, an explicit "No" too',
            id="any value marks a drill",
        ),
        pytest.param(
            {"private.values": LEFT_OUT},
            'private.values is not set: whatever private.field holds makes an incident private, an explicit "No" too',
            id="any value marks what is private",
        ),
        pytest.param(
            {"jira.fields.links": {"chatrom": "customfield_8"}},
            "jira.fields.links.chatrom has no link: there are chat_room, video_call, state_document; did you mean 'chat_room'?",
            id="a link that nobody makes",
        ),
        pytest.param(
            {},
            "Opsgenie finds rosters without an id by their titles, which people change: team; run check --resolve",
            id="no id",
        ),
    ],
)
def test_what_may_surprise_is_noted(changes: dict[str, Any], note: str):
    assert note in notes_on(settings_from(a_document(changes), {}), LIVE)


UNSURPRISING = {"rosters.team.id": "t-1", "services.Jira  Cloud.1": "team"}


def test_what_surprises_nobody_is_not_noted():
    assert notes_on(settings_from(a_document(UNSURPRISING), {}), LIVE) == []


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"paging.drill": ["spare"]}, id="in drills"),
        pytest.param({"escalations.Databases.roster": "spare"}, id="when somebody asks for it"),
    ],
)
def test_a_roster_that_is_paged_for_this_alone_is_no_spare_one(changes: dict[str, Any]):
    changes |= {"rosters.spare": {"pager": "jsm", "kind": "user", "title": "x", "id": "u"}}
    notes = notes_on(settings_from(a_document(changes), {}), LIVE)
    assert "rosters.spare is paged for nothing" not in notes


@pytest.mark.parametrize(
    ("taken_out", "said"),
    [
        pytest.param(r"$^", "page team, and nobody else", id="their own rosters"),
        pytest.param(r'drill = \["team"\]\n', "page like incidents", id="no rosters"),
        pytest.param(r"\[drill\][\s\S]*?(?=\[roles)", "there are none: no mark in [drill] tells one", id="no marks"),
    ],
)
def test_whom_drills_page_is_shown(settings: Path, taken_out: str, said: str):
    settings.write_text(re.sub(taken_out, "", settings.read_text("utf-8"), count=1), "utf-8")
    assert f"drills {said}" in [" ".join(line.split()) for line in run(settings)[1].splitlines()]


def test_the_example_marks_its_drills():
    known = settings_from(tomllib.loads((ROOT / "firebell.toml").read_text("utf-8")), {})
    assert (known.schema.drill.labels, known.routing.drill) == (frozenset({"drill"}), ())


def test_shadow_needs_no_go_live():
    changes = {**UNSURPRISING, "mode": "shadow", "go_live": LEFT_OUT}
    assert notes_on(settings_from(a_document(changes), {}), LIVE) == []


def test_a_go_live_to_come_is_noted_because_until_then_nobody_is_paged():
    settings = settings_from(a_document(UNSURPRISING), {})
    [note] = notes_on(settings, LIVE - timedelta(microseconds=1))
    assert note.startswith("go_live is still to come: what is created before 2026-12-31 23:00 UTC pages nobody")


def test_the_example_shows_in_shadow_mode_whom_it_would_page():
    assert settings_from(tomllib.loads((ROOT / "firebell.toml").read_text("utf-8")), {}).paging.go_live is None


def test_notes_are_shown(settings: Path):
    assert "Worth knowing" in run(settings)[1]


def test_secrets_that_are_at_hand_are_looked_at_too(settings: Path):
    _, shown, _ = run(settings, FIREBELL_SECRETS=json.dumps({"jira_token": "t"}))
    assert "FIREBELL_SECRETS: slack_bot_token is missing, so no rooms are made" in shown
    misspelt = run(settings, FIREBELL_SECRETS=json.dumps({"opsgenie_kee": "hunter2", "jira_token": 1}))[1]
    assert "FIREBELL_SECRETS: secret opsgenie_kee: there is none of that name; did you mean 'opsgenie_key'?" in misspelt
    assert "FIREBELL_SECRETS: opsgenie_key is missing, so opsgenie rings nobody" in misspelt
    assert "FIREBELL_SECRETS: secret jira_token: write a text" in misspelt
    assert "hunter2" not in misspelt
    assert "FIREBELL_SECRETS: the secrets are not JSON" in run(settings, FIREBELL_SECRETS="hunter2")[1]
    assert "FIREBELL_SECRETS" not in run(settings)[1]


# --- asking the pagers ------------------------------------------------------------------------------------------------


@contextmanager
def three_pagers(settings: Path) -> Iterator[dict[str, Any]]:
    """Emulators that know the rosters of `WHOLE`, and a settings file without ids that points at them."""
    clock = FakeClock(NOW)
    desks = {name: Desk(clock) for name in ("opsgenie", "jsm", "pagerduty")}
    desks["opsgenie"].add_roster(DeskRoster("id-team", "Delivery", "team"))
    desks["jsm"].add_roster(DeskRoster("id-imoc", "IMOC", "schedule"))
    desks["pagerduty"].add_roster(DeskRoster("ID-SERVICE", "Incident managers", "service"))
    opsgenie = OpsgenieEmulator(desks["opsgenie"], clock, key="key-1")
    jsm = JsmEmulator(desks["jsm"], clock, key="key-2", cloud_id="cloud-1", mail=MAIL, token="token-2")
    pagerduty = PagerDutyEmulator(desks["pagerduty"], clock, token="token-3", routing_keys={}, users=frozenset({MAIL}))
    with serve(opsgenie, jsm, pagerduty) as [opsgenie_url, jsm_url, pagerduty_url]:
        text = IN_ONE_LANGUAGE.partition("[updates]")[0].replace('id = "s-1"\n', "").replace('schedule_id = "P1"\n', "")
        for written, url in {
            "https://api.eu.opsgenie.com": opsgenie_url,
            "https://jsm.example.com/ops/": f"{jsm_url}/jsm/ops",
            "http://127.0.0.1:8000/integration": f"{jsm_url}/jsm/ops/integration",
            "https://api.eu.pagerduty.com": pagerduty_url,
        }.items():
            text = text.replace(written, url)
        settings.write_text(text, "utf-8")
        yield {"opsgenie": opsgenie, "jsm": jsm, "pagerduty": pagerduty}
    assert [violation for emulator in (opsgenie, jsm, pagerduty) for violation in emulator.violations] == []


def test_missing_ids_are_asked_for_and_written(settings: Path):
    with three_pagers(settings):
        before = settings.read_text("utf-8")
        code, shown, complaint = run(settings, "--resolve", FIREBELL_SECRETS=json.dumps(SECRETS))
    assert (code, complaint) == (0, "")
    assert "wrote rosters.imoc.id = id-imoc" in shown
    assert "has no mistakes" in shown
    added = set(settings.read_text("utf-8").splitlines()) - set(before.splitlines())
    assert added == {'id = "id-imoc"', 'id = "id-team"', 'id = "ID-SERVICE"'}


def test_ids_that_are_written_are_asked_for_too_and_left_alone(settings: Path):
    with three_pagers(settings) as pagers:
        run(settings, "--resolve", FIREBELL_SECRETS=json.dumps(SECRETS))
        before = settings.read_text("utf-8")
        code, shown, complaint = run(settings, "--resolve", FIREBELL_SECRETS=json.dumps(SECRETS))
        asked = {"opsgenie": "get_team", "jsm": "list_schedules", "pagerduty": "list_services"}
        assert [pagers[name].count(operation) for name, operation in asked.items()] == [2, 2, 2]
    assert (code, complaint) == (0, "")
    assert "wrote" not in shown
    assert settings.read_text("utf-8") == before


@pytest.mark.parametrize(
    ("change", "secrets", "problem"),
    [
        pytest.param(
            ('id = "id-imoc"', 'id = "of-opsgenie"'), {},
            "rosters.imoc: id is 'of-opsgenie', and jsm says 'id-imoc' for schedule 'IMOC': one is wrong", id="another's id",
        ),
        pytest.param(
            ('title = "IMOC"', 'title = "IMOK"'), {},
            "rosters.imoc: jsm gave no id for schedule 'IMOK' to hold 'id-imoc' against: 0 of schedule 'IMOK'",
            id="a title that the pager does not know",
        ),
        pytest.param(
            ("", ""), {"opsgenie_key": "wrong"},
            "rosters.team: opsgenie gave no id for team 'Delivery' to hold 'id-team' against: 4", id="a wrong key",
        ),
        pytest.param(
            ("", ""), {"jsm_integration_key": "wrong"}, "secret jsm_integration_key: jsm does not take it: 4",
            id="a wrong key that only rings",
        ),
        pytest.param(("", ""), {"jsm_token": "wrong"}, "rosters.imoc: jsm gave no id for schedule 'IMOC'", id="a wrong token"),
        pytest.param(('kind = "schedule"', 'kind = "escalation"'), {}, "", id="what cannot be asked by name"),
    ],
)  # fmt: skip
def test_what_is_written_is_held_against_the_pagers_answer(
    settings: Path, change: tuple[str, str], secrets: dict[str, str], problem: str
):
    with three_pagers(settings):
        run(settings, "--resolve", FIREBELL_SECRETS=json.dumps(SECRETS))
        settings.write_text(settings.read_text("utf-8").replace(*change, 1), "utf-8")
        before = settings.read_text("utf-8")
        code, _, complaint = run(settings, "--resolve", FIREBELL_SECRETS=json.dumps(SECRETS | secrets))
    assert (code, problem in complaint) == (1 if problem else 0, True), complaint
    assert settings.read_text("utf-8") == before


def test_a_pager_without_an_answer_hides_no_other(settings: Path):
    with three_pagers(settings) as pagers:
        pagers["opsgenie"].faults.switch_on("*", Fault(FaultKind.UNAVAILABLE, times=None))
        code, shown, complaint = run(settings, "--resolve", FIREBELL_SECRETS=json.dumps(SECRETS))
    assert code == 1
    assert "wrote rosters.imoc.id" in shown
    assert "rosters.team: opsgenie gave no id for team 'Delivery': 503" in complaint
    assert tomllib.loads(settings.read_text("utf-8"))["rosters"]["imoc"]["id"] == "id-imoc"


def test_an_escalation_of_opsgenie_has_an_id_too(settings: Path):
    with three_pagers(settings) as pagers:
        pagers["opsgenie"].desk.add_roster(DeskRoster("id-esc", "Delivery, escalated", "escalation"))
        written = settings.read_text("utf-8").replace('kind = "team"', 'kind = "escalation"')
        settings.write_text(written.replace('title = "Delivery"', 'title = "Delivery, escalated"'), "utf-8")
        code, shown, complaint = run(settings, "--resolve", FIREBELL_SECRETS=json.dumps(SECRETS))
    assert (code, complaint) == (0, "")
    assert "wrote rosters.team.id = id-esc" in shown


def test_a_service_without_a_routing_key_is_a_mistake(settings: Path):
    with three_pagers(settings):
        code, shown, complaint = run(
            settings, "--resolve", FIREBELL_SECRETS=json.dumps(SECRETS | {"pagerduty_routing_keys": {}})
        )
    assert code == 1
    assert "wrote rosters.imoc-two.id = ID-SERVICE" in shown
    assert "rosters.imoc-two: the secrets hold no routing key for it" in complaint
    assert "key-2" not in complaint


def test_an_id_that_can_only_be_copied_is_asked_for(settings: Path):
    with three_pagers(settings):
        settings.write_text(settings.read_text("utf-8").replace('kind = "schedule"', 'kind = "escalation"', 1), "utf-8")
        code, _, complaint = run(settings, "--resolve", FIREBELL_SECRETS=json.dumps(SECRETS))
    assert code == 1
    assert "rosters.imoc: jsm gives no id for escalation 'IMOC': copy it from there by hand" in complaint


def test_a_name_that_the_pager_does_not_know_is_a_mistake(settings: Path):
    with three_pagers(settings):
        settings.write_text(settings.read_text("utf-8").replace('title = "IMOC"', 'title = "IMOK"'), "utf-8")
        code, _, complaint = run(settings, "--resolve", FIREBELL_SECRETS=json.dumps(SECRETS))
    assert code == 1
    assert "rosters.imoc: jsm gave no id for schedule 'IMOK'" in complaint


def test_other_mistakes_come_first_and_nobody_is_asked(settings: Path):
    with three_pagers(settings) as pagers:
        settings.write_text(settings.read_text("utf-8").replace('mode = "full"', 'mode = "loud"'), "utf-8")
        code, _, complaint = run(settings, "--resolve", FIREBELL_SECRETS=json.dumps(SECRETS))
        assert [pager.calls for pager in pagers.values()] == [[], [], []]
    assert (code, len(complaint.splitlines())) == (1, 2)


@pytest.mark.parametrize(
    ("secrets", "code", "said"),
    [
        pytest.param(None, 2, "set FIREBELL_SECRETS", id="none"),
        pytest.param("{opsgenie_key", 1, "the secrets are not JSON", id="no JSON"),
    ],
)
def test_without_keys_nobody_is_asked(settings: Path, secrets: str | None, code: int, said: str):
    before = settings.read_text("utf-8")
    found, _, complaint = run(settings, "--resolve", FIREBELL_SECRETS=secrets)
    assert found == code
    assert said in complaint
    assert "opsgenie_key" not in complaint
    assert settings.read_text("utf-8") == before


@pytest.mark.parametrize("before", ["", "file://"])
def test_a_file_of_secrets_is_no_secrets(settings: Path, before: str):
    path = settings.with_name("secret.json")
    path.write_text("{}", "utf-8")
    code, _, complaint = run(settings, "--resolve", FIREBELL_SECRETS=f"{before}{path}")
    assert (code, f'takes the JSON itself, not a file\'s name: write FIREBELL_SECRETS="$(cat {path})"' in complaint) == (
        1,
        True,
    )
    assert "not a file's name" in run(settings, FIREBELL_SECRETS=str(path))[1]


# --- writing ids ------------------------------------------------------------------------------------------------------

COMMENTED = """# ours
[rosters.a]   # first
title = "A"   # as at the pager
second = "b"

# Everything about b
[rosters.b]
title = 'B'
"""


def test_an_id_stands_below_its_title_and_no_comment_moves():
    assert (
        with_ids(COMMENTED, {"a": "1", "b": "2"})
        == """# ours
[rosters.a]   # first
title = "A"   # as at the pager
id = "1"
second = "b"

# Everything about b
[rosters.b]
title = 'B'
id = "2"
"""
    )


def test_an_id_fits_into_a_roster_on_one_line():
    text = '[rosters]\nc = { title = "C" } # short\n'
    assert with_ids(text, {"c": "3"}) == '[rosters]\nc = { title = "C", id = "3"} # short\n'


def test_rosters_may_stand_apart():
    text = '[rosters.a]\ntitle = "A"\n[paging]\nimoc = ["a"]\n[rosters.b]\ntitle = "B"\n'
    rosters = tomllib.loads(with_ids(text, {"a": "1", "b": "2"}))["rosters"]
    assert rosters == {"a": {"title": "A", "id": "1"}, "b": {"title": "B", "id": "2"}}


def test_a_file_from_windows_stays_one(tmp_path: Path):
    path = tmp_path / "firebell.toml"
    path.write_bytes(b'[rosters.a]\r\ntitle = "A"\r\n# end\r\n')
    write_ids(path, {"a": "1"})
    assert path.read_bytes() == b'[rosters.a]\r\ntitle = "A"\r\nid = "1"\r\n# end\r\n'


def test_a_link_to_the_settings_stays_one(tmp_path: Path):
    target, link = tmp_path / "real.toml", tmp_path / "firebell.toml"
    target.write_text('[rosters.a]\ntitle = "A"\n', "utf-8")
    target.chmod(0o640)
    link.symlink_to(target)
    write_ids(link, {"a": "1"})
    assert link.is_symlink()
    assert (target.read_text("utf-8"), target.stat().st_mode & 0o777) == ('[rosters.a]\ntitle = "A"\nid = "1"\n', 0o640)


def test_a_file_that_cannot_be_changed_safely_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "firebell.toml"
    path.write_text('[rosters.a]\ntitle = "A"\n', "utf-8")
    monkeypatch.setattr("cli.resolve.with_ids", lambda text, ids: text)
    with pytest.raises(SettingsError) as raised:
        write_ids(path, {"a": "1"})
    assert raised.value.problems == ('rosters.a: write id = "1" there by hand',)
    assert path.read_text("utf-8") == '[rosters.a]\ntitle = "A"\n'


# --- the command as people call it ------------------------------------------------------------------------------------


def test_the_script_works_from_anywhere(tmp_path: Path):
    environ = {"PATH": os.environ["PATH"], "FIREBELL_PYTHON": sys.executable}
    command = [str(ROOT / "firebell"), "check"]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)  # noqa: S603
    assert (done.returncode, done.stderr) == (0, "")


def test_help_imports_nothing_heavy():
    code = "import sys, cli.__main__; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)  # noqa: S603
    heavy = {"requests", "boto3", "botocore", "moto", "flask", "jira", "jinja2", "chalice", "tomlkit", "sandbox"}
    assert heavy.isdisjoint(done.stdout.split())


# --- asking Statuspage ------------------------------------------------------------------------------------------------


@contextmanager
def two_pages(settings: Path, components: str = "comppayments") -> Iterator[StatusWorld]:
    with three_pagers(settings), a_statuspage() as world:
        pages = f"""
[products.Payments]
public = "Payments"
staff_component = "{components}"
public_component = "{components}"
[status_pages]
base_url = "{world.url}"
staff = {{ page_id = "pagestaff001" }}
public = {{ page_id = "pagepublic01" }}
"""
        settings.write_text(settings.read_text("utf-8") + pages, "utf-8")
        yield world


def test_pages_and_components_that_are_there_are_no_news(settings: Path):
    with two_pages(settings):
        secrets = json.dumps({**SECRETS, "statuspage_token": PAGE_TOKEN})
        code, _, complaint = run(settings, "--resolve", FIREBELL_SECRETS=secrets)
    assert (code, complaint) == (0, "")


@pytest.mark.parametrize(
    ("components", "token", "written", "problems"),
    [
        pytest.param("compnowhere", PAGE_TOKEN, {}, ["staff: the status page 'pagestaff001' has no component 'compnowhere'",
                     "public: the status page 'pagepublic01' has no component 'compnowhere'"], id="components"),
        pytest.param("comppayments", PAGE_TOKEN, {"pagestaff001": "pagestaff002"},
                     ["staff: there is no status page with the id 'pagestaff002'"], id="a page"),
        pytest.param("comppayments", "wrong", {}, ["staff: statuspage does not let us in", "public: statuspage does not"],
                     id="a token"),
    ],
)  # fmt: skip
def test_what_statuspage_does_not_know_is_named(
    settings: Path, components: str, token: str, written: dict[str, str], problems: list[str]
):
    with two_pages(settings, components):
        text = settings.read_text("utf-8")
        for before, after in written.items():
            text = text.replace(before, after)
        settings.write_text(text, "utf-8")
        secrets = json.dumps({**SECRETS, "statuspage_token": token})
        code, _, complaint = run(settings, "--resolve", FIREBELL_SECRETS=secrets)
    assert code == 1
    lines = [
        line.strip(" ✗").removeprefix("status_pages.").removeprefix("status_pages: ") for line in complaint.splitlines()[1:]
    ]
    assert [line[: len(problem)] for line, problem in zip(lines, problems, strict=True)] == problems


@pytest.mark.parametrize(
    ("scopes", "bot", "user", "problems"),
    [
        pytest.param(SCOPES, BOT_TOKEN, USER_TOKEN, [], id="all"),
        pytest.param(SCOPES, BOT_TOKEN, "", [], id="no user token"),
        pytest.param(SCOPES | {"team:read"}, BOT_TOKEN, "", [], id="more than needed"),
        pytest.param(
            SCOPES - {"pins:write", "groups:write"}, BOT_TOKEN, USER_TOKEN,
            ["secret slack_bot_token: lacks the scopes groups:write, pins:write; add them"], id="two of the bot's",
        ),
        pytest.param(
            SCOPES, BOT_TOKEN, BOT_TOKEN,
            ["secret slack_user_token: lacks the scopes users.profile:write; add them"], id="the bot's token as the user's",
        ),
        pytest.param(
            SCOPES, "wrong", USER_TOKEN, ["secret slack_bot_token: slack who_am_i: invalid_auth"], id="a wrong token"
        ),
    ],
)  # fmt: skip
def test_slack_is_asked_what_the_tokens_may_do(
    settings: Path, scopes: frozenset[str], bot: str, user: str, problems: list[str]
):
    with three_pagers(settings), a_chat(scopes=scopes, strict=False) as world:
        text = settings.read_text("utf-8").replace("https://slack.example.com/api", f"{world.url}/api")
        settings.write_text(text, "utf-8")
        secrets = json.dumps({**SECRETS, "slack_bot_token": bot, "slack_user_token": user})
        code, _, complaint = run(settings, "--resolve", FIREBELL_SECRETS=secrets)
    lines = [line.strip(" ✗") for line in complaint.splitlines()[1:]]
    assert [line[: len(problem)] for line, problem in zip(lines, problems, strict=True)] == problems
    assert code == (1 if problems else 0)


def test_a_slow_answer_of_slack_or_statuspage_is_waited_for_longer_than_a_function_would(settings: Path):
    """Nobody waits to be woken, and who checks must not be told that the settings are wrong."""
    slow = Fault(FaultKind.SLOW, delay_s=3.2)
    with two_pages(settings) as pages, a_chat() as world:
        world.emulator.faults.switch_on("auth.test", slow)
        pages.emulator.faults.switch_on("*", slow)
        text = settings.read_text("utf-8").replace("https://slack.example.com/api", f"{world.url}/api")
        settings.write_text(text, "utf-8")
        secrets = json.dumps({**SECRETS, "statuspage_token": PAGE_TOKEN, "slack_bot_token": BOT_TOKEN})
        code, _, complaint = run(settings, "--resolve", FIREBELL_SECRETS=secrets)
    assert (code, complaint) == (0, "")


# --- asking Jira ------------------------------------------------------------------------------------------------------

AT_JIRA = {
    1: names.SEVERITY, 2: names.SERVICE, 3: names.PRODUCTS, 4: names.STARTED, 5: names.DETECTED, 6: names.ENDED,
    7: names.TECH_LEAD, 8: names.CHAT_ROOM, 9: names.ESCALATE_TO, 10: names.CUSTOMERS, 11: names.SYMPTOMS, 12: names.SECURITY,
    13: names.CUSTOMER_VISIBLE, 14: names.TTR, 15: names.TTD, 16: names.TTR_TEXT, 17: names.TTD_TEXT, 18: names.DETECTED_BY,
}  # fmt: skip
"""Numbers of fields in `WHOLE` -> ids at the emulated Jira."""


@dataclass
class Asked:
    """Settings that fit the emulated Jira, and that Jira, where one incident was raised."""

    settings: Path
    jira: JiraWorld

    def check(self, *changes: tuple[str, str], token: str = JIRA_TOKEN) -> tuple[int, str, str]:
        text = self.settings.read_text("utf-8")
        for before, after in changes:
            assert before in text
            text = text.replace(before, after)
        self.settings.write_text(text, "utf-8")
        secrets = {**SECRETS, "jira_mail": "bot@example.com", "jira_token": token}
        return run(self.settings, "--resolve", FIREBELL_SECRETS=json.dumps(secrets))


@pytest.fixture(params=["cloud", "data-center"])
def asked(settings: Path, request: pytest.FixtureRequest) -> Iterator[Asked]:
    with three_pagers(settings), a_jira() if request.param == "cloud" else a_data_center() as jira:
        text = re.sub(r"\[wiki\][^\[]*", "", settings.read_text("utf-8")).replace("https://api.example.com/ex/jira/1", jira.url)
        text = re.sub(r'"customfield_(\d+)"', lambda match: f'"{AT_JIRA[int(match[1])]}"', text)
        for number, name in names.SEVERITIES.items():
            text = text.replace(f'{number} = ["Sev {number}"', f'{number} = ["{name}"')
        settings.write_text(text.replace('deployment = "cloud"', f'deployment = "{request.param}"'), "utf-8")
        jira.model.create_incident(MOORE, "Checkout is down")
        yield Asked(settings, jira)


def test_what_jira_has_is_no_news(asked: Asked):
    code, shown, complaint = asked.check()
    assert (code, complaint, "jira.s" in shown) == (0, "", False)
    once = ("myself", "search", "fields", "statuses", "edit_meta")
    assert {name: asked.jira.emulator.count(name) for name in once} == dict.fromkeys(once, 1)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        pytest.param(
            ("acc-firebell", "acc-mia"),
            "own_account: is 'acc-mia', and jira_token is a token of 'acc-firebell'",
            id="somebody else's token",
        ),
        pytest.param(
            (names.SEVERITY, "customfield_99999"), "fields.severity: there is no field 'customfield_99999'", id="no field"
        ),
        pytest.param(
            (names.DETECTED, "priority"),
            "fields.detected: 'priority' holds 'priority'; name a field that holds a date",
            id="a time that is none",
        ),
        pytest.param(
            (names.TTR, "labels"), "fields.ttr: 'labels' holds 'string'; name a field that holds a number", id="no number"
        ),
        pytest.param((names.TECH_LEAD, "components"), "fields.roles.tech_lead: 'components' holds 'component'", id="nobody"),
        pytest.param(
            (names.SERVICE, "assignee"),
            "fields.service: 'assignee' holds 'user'; name a field that holds options",
            id="no service",
        ),
        pytest.param(('"HOT"', '"HOT", "HTO"'), "projects, jira.issue_types: the sweep's search", id="no project"),
        pytest.param(
            ('"Incident"', '"Incidnt"'), "The value 'Incidnt' does not exist for the field 'issuetype'.", id="no type"
        ),
        pytest.param(
            (names.SEVERITIES[3], "Sev 3"),
            f'severities: severity "{names.SEVERITIES[3]}" is not mapped: treated as 1',
            id="a severity in doubt",
        ),
    ],
)
def test_what_jira_does_not_have_is_named(asked: Asked, change: tuple[str, str], problem: str):
    code, _, complaint = asked.check(change)
    assert (code, problem in complaint) == (1, True), complaint


def test_whom_jira_does_not_let_in_is_told_so_once(asked: Asked):
    code, _, complaint = asked.check(token="wrong")
    assert (code, len(complaint.splitlines())) == (1, 2)
    assert "jira.own_account: Jira does not say whose token jira_token is: " in complaint


def test_a_status_that_means_nothing_is_noted(asked: Asked):
    code, shown, _ = asked.check(('new = ["New"]', 'new = ["Old"]'))
    assert (code, 'jira.statuses: in HOT, status "New" is not mapped: treated as new' in shown) == (0, True)


@pytest.mark.parametrize(
    ("hidden", "why"),
    [
        pytest.param(True, "Jira shows no incident of the last week", id="no incident"),
        pytest.param(False, "HOT-1 does not show them for editing", id="not on the screen"),
    ],
)
def test_severities_that_nobody_could_look_at_are_noted(asked: Asked, hidden: bool, why: str):
    [incident] = asked.jira.model.issues.values()
    incident.hidden = hidden
    asked.jira.model.off_screen.add(names.SEVERITY)
    code, shown, _ = asked.check()
    assert (code, f"jira.severities was not held against the field's options: {why}" in shown) == (0, True)


def test_what_jira_does_not_answer_hides_nothing_else(asked: Asked):
    for operation in ("fields", "search", "statuses"):
        asked.jira.emulator.faults.switch_on(operation, Fault(FaultKind.UNAVAILABLE, times=None))
    code, _, complaint = asked.check()
    named = [line.strip(" ✗").split(": ")[0] for line in complaint.splitlines()[1:]]
    assert (code, named) == (1, ["jira.fields", "jira.projects, jira.issue_types", "jira.projects"])


# --- asking Confluence and Zoom ---------------------------------------------------------------------------------------


@dataclass
class Places:
    """A Confluence and a Zoom as the settings have them, and the secrets for both."""

    wiki: WikiWorld
    zoom: ZoomWorld
    secrets: dict[str, Any]

    def check(self, settings: Path, **secrets: str) -> tuple[int, list[str]]:
        """The exit code, and what is wrong with places."""
        code, _, complaint = run(settings, "--resolve", FIREBELL_SECRETS=json.dumps(SECRETS | self.secrets | secrets))
        return code, [line.strip(" ✗") for line in complaint.splitlines()[1:]]


@pytest.fixture
def places(settings: Path) -> Iterator[Places]:
    with three_pagers(settings), a_confluence() as wiki, a_zoom() as zoom:
        wiki.model.add_space("SECRET", "Secrets", MIA)
        text = (
            settings.read_text("utf-8").replace('"65601"', f'"{wiki.space.home}"').replace("https://wiki.example.com", wiki.url)
        )
        for url in ("https://zoom.example.com", "https://oauth.example.com"):
            text = text.replace(url, zoom.url)
        settings.write_text(text, "utf-8")
        ids = {"zoom_account_id": "account-1", "zoom_client_id": "client-1", "zoom_client_secret": ZOOM_SECRET}
        yield Places(wiki, zoom, {"wiki_mail": "bot@example.com", "wiki_token": WIKI_TOKEN, **ids})


def test_spaces_and_hosts_that_are_there_are_no_news(settings: Path, places: Places):
    assert places.check(settings) == (0, [])
    assert places.wiki.emulator.count("list_spaces") == 2
    assert places.zoom.emulator.count("list_meetings") == 1


def test_what_confluence_and_zoom_do_not_know_is_named(settings: Path, places: Places):
    places.wiki.model.trash(places.wiki.space.home)
    [secret] = (space.id for space in places.wiki.model.spaces.values() if space.key == "SECRET")
    places.wiki.model.rename_space(secret, "HUSH")
    places.zoom.model.hosts.clear()
    assert places.check(settings) == (
        1,
        [
            f"wiki: the page {places.wiki.space.home} to put documents under is trashed",
            "wiki: the space 'SECRET' was renamed, and addresses say 'HUSH': write that",
            f"video: zoom does not list the meetings of '{HOST}': 404 User does not exist: {HOST}.",
        ],
    )


def test_places_that_do_not_answer_are_one_line_each(settings: Path, places: Places):
    places.zoom.emulator.faults.switch_on("list_meetings", Fault(FaultKind.UNAVAILABLE, times=None))
    code, problems = places.check(settings, wiki_token="wrong")
    assert code == 1
    wiki, video = problems
    assert wiki.startswith("wiki: confluence gave no answer: 401")
    assert video.startswith("video: zoom gave no answer: 503")


@pytest.mark.parametrize("missing", ["wiki_token", "zoom_client_secret"])
def test_a_place_whose_secret_is_missing_is_not_asked(settings: Path, places: Places, missing: str):
    assert places.check(settings, **{missing: ""}) == (0, [])
    asked = places.wiki.emulator if missing == "wiki_token" else places.zoom.emulator
    assert asked.calls == []


@pytest.mark.parametrize("account", ["557058:00000000-0000-0000-0000-000000000000", "0000-0000", "00000"])
def test_the_examples_account_is_a_mistake_in_settings_that_are_somebodys_own(settings: Path, account: str):
    settings.write_text(IN_ONE_LANGUAGE.replace('own_account = "acc-firebell"', f'own_account = "{account}"'), "utf-8")
    code, _, complaint = run(settings)
    assert code == 1
    assert f"jira.own_account: {account!r} is the example's" in complaint


def test_without_a_token_nothing_is_asked_and_that_is_said(settings: Path):
    with two_pages(settings):
        code, shown, complaint = run(settings, "--resolve", FIREBELL_SECRETS=json.dumps(SECRETS))
    assert (code, complaint) == (0, "")
    assert "statuspage_token is missing, so nothing is told on status pages" in shown
