"""`firebell import`: out of Jira's history into the fact store, over HTTP to its emulator, and again after a break."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from chalicelib.adapters.jira_cloud import JiraCloud
from chalicelib.domain.policy import PagingPolicy
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.metrics import layout
from chalicelib.metrics.facts import fact_of, newest
from chalicelib.metrics.rows import line_of_sighting, read_sighting
from chalicelib.metrics.run import Rollup
from chalicelib.metrics.sightings import Sighting
from cli.__main__ import app
from cli.history import TRIES, Import, Imported
from sandbox import company as companies
from sandbox.emulator import Fault, FaultKind
from sandbox.jira.model import JiraIssue
from sandbox.jira.schema import STARTED
from simulation.twins import MemoryFacts
from tests.adapters.jira_world import BOT, EMMA, MIA, TOKEN, JiraWorld, a_jira
from tests.builders import PATIENT_S
from tests.reconcile.small_world import FakeLog

JQL = "project = HOT ORDER BY created ASC"


@dataclass
class Past:
    """A Jira with incidents from before Firebell. waited: how many seconds, each time."""

    jira: JiraWorld
    store: MemoryFacts = field(default_factory=MemoryFacts)
    waited: list[float] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def incident(self, summary: str = "Checkout was down", *, over: bool = True) -> JiraIssue:
        """Taken after a minute, and over after an hour."""
        model = self.jira.model
        issue = model.create_incident(EMMA, summary)
        self.jira.clock.at += timedelta(minutes=1)
        model.assign(issue, MIA, MIA)
        if over:
            self.jira.clock.at += timedelta(minutes=59)
            model.transition(issue, "Resolved", MIA, "Done")
        self.jira.clock.at += timedelta(days=2)
        return issue

    def import_all(self, *, again: bool = False, jql: str = JQL) -> Imported:
        assert isinstance(self.jira.tickets, JiraCloud)
        policy = PagingPolicy(own_account="acc-firebell")
        work = Import(self.jira.tickets, self.store, policy, self.jira.clock.now, self.waited.append, self.said.append)
        return work.run(jql, again=again)

    def reads(self) -> int:
        found = [one for one in self.jira.recorder.exchanges if one["method"] == "GET"]
        self.jira.recorder.exchanges.clear()
        return len(found)

    def fails(self, operation: str, kind: FaultKind, **how: Any) -> None:
        self.jira.emulator.faults.switch_on(operation, Fault(kind, **how))

    @property
    def rows(self) -> dict[str, Sighting]:
        return newest(read_sighting(self.store.files[key].decode()) for key in self.store.keys(layout.INBOX))


@pytest.fixture
def past() -> Iterator[Past]:
    with a_jira(PATIENT_S) as jira:
        yield Past(jira)


def test_an_incident_from_before_firebell_is_counted_by_what_its_history_tells(past: Past):
    issue = past.incident()
    assert past.import_all() == Imported(found=1, written=1)
    seen = past.rows[issue.id]
    fact = fact_of(seen, None)
    assert (seen.version, seen.paged_at, seen.pages) == (0, None, 0)
    assert (fact.time_to_acknowledge_s, fact.time_to_recover_s, fact.time_to_page_s) == (60, 3600, None)
    assert fact.time_to_engage_s == {"incident_manager": 60}


def test_a_start_that_nobody_told_counts_in_no_time_to_detect(past: Past):
    issue = past.incident()
    past.import_all()
    fact = fact_of(past.rows[issue.id], None)
    assert fact.seen.defaulted == ("impact_started", "detected", "impact_ended")
    assert fact.time_to_detect_s is None


def test_what_people_told_of_the_impact_counts(past: Past):
    issue = past.incident()
    past.jira.model.set_field(issue, STARTED, "2026-11-23T02:50:00.000+0000", EMMA)
    past.import_all()
    seen = past.rows[issue.id]
    assert seen.defaulted == ("detected", "impact_ended")
    assert fact_of(seen, None).time_to_detect_s == (seen.created_at - seen.impact_started_at).total_seconds()  # type: ignore[operator]


def test_what_firebell_filled_in_before_is_no_humans(past: Past):
    issue = past.incident()
    past.jira.model.set_field(issue, STARTED, f"{issue.created:%Y-%m-%dT%H:%M:%S}.000+0000", BOT)
    past.import_all()
    fact = fact_of(past.rows[issue.id], None)
    assert "impact_started" in fact.seen.defaulted
    assert (fact.time_to_detect_s, fact.time_to_recover_s) == (None, 3600)


def test_one_that_goes_on_is_open_and_has_no_end(past: Past):
    issue = past.incident(over=False)
    past.import_all()
    fact = fact_of(past.rows[issue.id], None)
    assert (fact.is_open, fact.time_to_recover_s, fact.seen.impact_started_at) == (True, None, None)


def test_a_second_run_reads_nothing_that_is_there_also_after_a_rollup(past: Past):
    for number in range(3):
        past.incident(f"Incident {number}")
    past.import_all()
    past.reads()
    assert past.import_all() == Imported(found=3, known=3)
    Rollup(past.store, FakeLog()).run(past.jira.clock.now())
    past.incident("A new one")
    assert past.import_all() == Imported(found=4, known=3, written=1)
    assert past.reads() == 1


def test_again_reads_what_was_imported_and_never_what_firebell_has_seen(past: Past):
    imported, seen = past.incident("Imported"), past.incident("Seen")
    past.import_all()
    row = past.rows[seen.id]
    past.store.delete([layout.inbox_key("2026-11", seen.id, 0)])
    past.store.put(layout.inbox_key("2026-11", seen.id, 1), _line(row, version=1), "application/json")
    past.jira.model.set_field(imported, "summary", "Imported, and renamed", EMMA)
    assert past.import_all(again=True) == Imported(found=2, known=1, written=1)
    assert (past.rows[imported.id].summary, past.rows[seen.id].version) == ("Imported, and renamed", 1)


def _line(row: Sighting, **changes: Any) -> bytes:
    return line_of_sighting(replace(row, **changes)).encode()


def test_what_firebell_sees_later_counts_instead_of_what_was_imported(past: Past):
    issue = past.incident()
    past.import_all()
    known = past.rows[issue.id]
    assert newest([known, read_sighting(_line(known, version=1, service="Other").decode())])[issue.id].service == "Other"


def test_a_busy_jira_is_waited_for(past: Past):
    past.incident()
    past.fails("get_issue", FaultKind.RATE_LIMITED, times=1, retry_after="7")
    assert past.import_all().written == 1
    assert past.waited == [7]
    assert "again in 7 s" in past.said[0]


def test_a_search_that_breaks_off_begins_again(past: Past):
    past.incident()
    past.fails("search", FaultKind.UNAVAILABLE, times=2)
    assert past.import_all().written == 1
    assert past.waited == [2, 4]


def test_a_jira_that_stays_away_ends_it_and_the_next_run_goes_on(past: Past):
    issues = [past.incident(f"Incident {number}") for number in range(2)]
    past.import_all()
    past.store.delete([layout.inbox_key("2026-11", issues[1].id, 0)])
    past.fails("get_issue", FaultKind.UNAVAILABLE, times=None)
    with pytest.raises(TemporaryError):
        past.import_all()
    assert len(past.waited) == TRIES - 1
    past.jira.emulator.faults.clear("get_issue")
    assert past.import_all() == Imported(found=2, known=1, written=1)


def test_a_refused_token_is_not_tried_again(past: Past):
    past.incident()
    past.fails("search", FaultKind.UNAUTHORIZED, times=None)
    with pytest.raises(TemporaryError):
        past.import_all()
    assert past.waited == []


def test_a_query_that_jira_cannot_read_is_said_in_its_words(past: Past):
    with pytest.raises(PermanentError, match="Error in the JQL Query"):
        past.import_all(jql="projekt = HOT")


def test_what_is_no_incident_is_said_and_left_out(past: Past):
    past.jira.model.create_incident(EMMA, "A task", issue_type="Task")
    assert past.import_all() == Imported(found=1, left_out={"HOT-1": "issue type Task is no incident"})


def test_a_store_that_cannot_be_read_ends_it_before_jira_is_asked(past: Past):
    class Closed(MemoryFacts):
        def keys(self, prefix: str) -> Iterator[str]:
            raise TemporaryError("s3", "keys", "NoSuchBucket")

    past.store = Closed()
    with pytest.raises(TemporaryError, match="NoSuchBucket"):
        past.import_all()
    assert (past.waited, past.reads()) == ([], 0)


# --- the command ----------------------------------------------------------------------------------------------------------


def run(past_url: str, folder: Path, *arguments: str, secrets: str | None = None) -> tuple[int, str, str]:
    settings = folder / "firebell.toml"
    companies.write_settings(settings, companies.urls_at(past_url))
    told = {
        "FIREBELL_SECRETS": secrets
        if secrets is not None
        else json.dumps({"jira_mail": "bot@example.com", "jira_token": TOKEN})
    }
    result = CliRunner(env={"COLUMNS": "200", "FIREBELL_MODE": "", **told}).invoke(
        app, ["import", "--settings", str(settings), "--folder", str(folder), *arguments]
    )
    return result.exit_code, result.stdout, result.stderr


def test_the_command_says_what_it_needs(tmp_path: Path):
    code, _, said = run("http://127.0.0.1:1", tmp_path, "--jql", JQL, secrets="")
    assert (code, "Invalid value for FIREBELL_SECRETS: set it to the JSON with jira_mail and jira_token" in said) == (2, True)


@pytest.mark.parametrize(
    ("secrets", "problem"),
    [
        pytest.param('{"jira_mail":', "the secrets are not JSON", id="no JSON"),
        pytest.param('{"jira_mail": "bot@example.com"}', "jira_token: is missing", id="no token"),
        pytest.param('{"jira_token": "x"}', "jira_mail: is missing", id="no account"),
    ],
)
def test_the_command_says_what_is_wrong_with_the_secrets(tmp_path: Path, secrets: str, problem: str):
    code, _, said = run("http://127.0.0.1:1", tmp_path, "--jql", JQL, secrets=secrets)
    assert (code, said.splitlines()[0]) == (1, "1 problem in FIREBELL_SECRETS")
    assert problem in said


def test_the_command_imports_into_a_folder_and_says_how_many(past: Past, tmp_path: Path):
    past.incident()
    code, said, _ = run(past.jira.tickets._client.server_url, tmp_path, "--jql", JQL)  # type: ignore[attr-defined]
    assert (code, said.split(".")[0]) == (0, "1 found: 1 imported, 0 known already, 0 no incidents, 0 failed")
    assert [path.name for path in (tmp_path / "inbox").rglob("*.json")] == ["10001-000000.json"]


def test_the_command_says_in_one_line_why_it_stopped(past: Past, tmp_path: Path):
    code, _, said = run(past.jira.tickets._client.server_url, tmp_path, "--jql", "projekt = HOT")  # type: ignore[attr-defined]
    assert code == 1
    assert "Nothing was imported: jira search: 400 Error in the JQL Query" in said


def test_a_refused_token_is_said_and_what_then(past: Past, tmp_path: Path):
    secrets = json.dumps({"jira_mail": "bot@example.com", "jira_token": "wrong"})
    code, _, said = run(past.jira.tickets._client.server_url, tmp_path, "--jql", JQL, secrets=secrets)  # type: ignore[attr-defined]
    assert code == 1
    assert "The import stopped: jira search: the token is not accepted" in said
    assert "Once that is mended, run it again: it goes on where it was." in said


def test_nothing_found_is_said_to_be_perhaps_not_seen(past: Past, tmp_path: Path):
    code, said, _ = run(past.jira.tickets._client.server_url, tmp_path, "--jql", JQL)  # type: ignore[attr-defined]
    assert (code, said) == (0, "Jira finds no issue for this query that its account may see\n")


def test_a_run_that_has_nothing_to_do_promises_no_rollup(past: Past, tmp_path: Path):
    past.incident()
    run(past.jira.tickets._client.server_url, tmp_path, "--jql", JQL)  # type: ignore[attr-defined]
    code, said, _ = run(past.jira.tickets._client.server_url, tmp_path, "--jql", JQL)  # type: ignore[attr-defined]
    assert (code, said) == (0, "1 found: 0 imported, 1 known already, 0 no incidents, 0 failed\n")


def test_an_import_that_somebody_interrupts_says_how_it_goes_on(past: Past, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def interrupted(self: Import, incident: object) -> None:
        raise KeyboardInterrupt

    past.incident()
    monkeypatch.setattr(Import, "_write", interrupted)
    code, _, said = run(past.jira.tickets._client.server_url, tmp_path, "--jql", JQL)  # type: ignore[attr-defined]
    assert (code, said.splitlines()[-1]) == (130, "Stopped. Run it again: it goes on where it was.")
