"""`firebell rollup` and `firebell report` over a folder, and over the bucket."""

from __future__ import annotations

import json
from pathlib import Path

import boto3
import pytest
from typer.testing import CliRunner

from chalicelib.adapters.aws import forget_clients
from chalicelib.adapters.s3 import S3FactStore
from chalicelib.metrics import layout
from chalicelib.metrics.facts import month_of
from chalicelib.metrics.rows import line_of_sighting
from chalicelib.ports.fact_store import FactStore
from cli.__main__ import app
from cli.fact_store import FactFolder
from tests.adapters.aws_world import aws_in_memory
from tests.documents import WHOLE
from tests.metrics.incidents import many_sightings


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "firebell.toml"
    path.write_text(WHOLE, "utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "facts"
    folder.mkdir()
    fill(FactFolder(folder))
    return folder


def fill(store: FactStore) -> None:
    for seen in many_sightings(30, days=5):
        store.put(layout.inbox_key(month_of(seen.created_at), seen.issue_id, 1), line_of_sighting(seen).encode(), "")


def run(settings: Path, command: str, *arguments: str, bucket: str = "") -> tuple[int, str, str]:
    environment = {"COLUMNS": "200", "FIREBELL_MODE": "", "FIREBELL_FACTS": bucket}
    result = CliRunner(env=environment).invoke(app, [command, "--settings", str(settings), *arguments])
    return result.exit_code, result.stdout, result.stderr


def test_a_rollup_by_hand_writes_figures_and_reports(settings: Path, folder: Path):
    code, shown, _ = run(settings, "rollup", "--folder", str(folder))
    assert (code, shown) == (0, "merged 30 versions; 1 months, 1 quarters computed\n")
    store = FactFolder(folder)
    assert list(store.keys(layout.INBOX)) == []
    assert list(store.keys(layout.REPORTS)) == [layout.report_key("2026-11"), layout.report_key("2026-Q4")]


def test_a_rebuild_makes_everything_anew_out_of_the_events(settings: Path, folder: Path):
    run(settings, "rollup", "--folder", str(folder))
    store = FactFolder(folder)
    before = store.get(layout.incidents_key("2026-11"))
    store.delete([layout.incidents_key("2026-11"), layout.MANIFEST])
    code, shown, _ = run(settings, "rollup", "--rebuild", "--folder", str(folder))
    assert (code, shown) == (0, "merged 0 versions; 1 months, 1 quarters computed\n")
    assert store.get(layout.incidents_key("2026-11")) == before


def test_what_cannot_be_merged_is_said_and_fails(settings: Path, folder: Path):
    FactFolder(folder).put("inbox/v1/month=2026-11/10000-000009.json", b"{}", "")
    code, _, complaint = run(settings, "rollup", "--folder", str(folder))
    assert code == 1
    assert "fact_unreadable: key inbox/v1/month=2026-11/10000-000009.json" in complaint


@pytest.mark.parametrize(
    ("period", "title"), [("2026-11", "Incidents in November 2026"), ("2026-Q4", "Incidents in the fourth")]
)
def test_the_report_is_one_file(settings: Path, folder: Path, tmp_path: Path, period: str, title: str):
    run(settings, "rollup", "--folder", str(folder))
    out = tmp_path / "x.html"
    code, shown, _ = run(settings, "report", "--folder", str(folder), "--period", period, "--out", str(out))
    assert (code, shown.startswith(str(out))) == (0, True)
    assert f"<h1>{title}" in out.read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        pytest.param(
            ["--period", "2025-01"], 1, "Nothing is known of 2025-01. There is 2026-11.", id="a month without incidents"
        ),
        pytest.param(["--period", "2026-13"], 2, "neither a month (2026-11) nor a quarter", id="no month"),
        pytest.param(["--period", "November"], 2, "neither a month (2026-11) nor a quarter", id="a month by name"),
        pytest.param(
            ["--period", "2026-11", "--out", "/nowhere/x.html"], 1, "/nowhere/x.html: No such file", id="no such place"
        ),
        pytest.param(["--folder", "/nowhere", "--period", "2026-11"], 2, "does not exist", id="no such folder"),
    ],
)
def test_a_report_that_cannot_be_is_explained(settings: Path, folder: Path, arguments: list[str], code: int, said: str):
    run(settings, "rollup", "--folder", str(folder))
    where = [] if "--folder" in arguments else ["--folder", str(folder)]
    found, shown, complaint = run(settings, "report", *where, *arguments)
    assert (found, shown) == (code, "")
    assert said in complaint


def test_before_the_first_rollup_there_is_nothing_and_that_is_said(settings: Path, folder: Path):
    code, _, complaint = run(settings, "report", "--folder", str(folder), "--period", "2026-11")
    assert (code, complaint) == (1, "Nothing is known of 2026-11. The rollup has written no month yet.\n")


@pytest.mark.parametrize("command", ["report", "rollup"])
def test_without_bucket_and_folder_it_says_what_to_set(settings: Path, command: str):
    code, _, complaint = run(settings, command)
    assert code == 2
    assert "set FIREBELL_FACTS to the bucket of facts, or give --folder" in complaint


@pytest.mark.parametrize("command", ["report", "rollup"])
def test_a_bucket_that_cannot_be_read_is_an_answer(settings: Path, monkeypatch: pytest.MonkeyPatch, command: str):
    with aws_in_memory(monkeypatch):
        forget_clients()
        code, shown, complaint = run(settings, command, bucket="no-such-bucket")
        forget_clients()
    assert (code, shown) == (1, "")
    assert "NoSuchBucket" in complaint


def test_both_work_on_the_bucket(settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with aws_in_memory(monkeypatch):
        forget_clients()
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket="facts")
        fill(S3FactStore("facts", lambda: s3))
        made = run(settings, "rollup", bucket="facts")
        seen = run(settings, "report", "--period", "2026-11", "--out", str(tmp_path / "x.html"), bucket="facts")
        forget_clients()
    assert (made[0], made[1]) == (0, "merged 30 versions; 1 months, 1 quarters computed\n")
    assert (seen[0], (tmp_path / "x.html").exists()) == (0, True)


def test_a_damaged_file_is_an_answer_and_no_traceback(settings: Path, folder: Path):
    run(settings, "rollup", "--folder", str(folder))
    FactFolder(folder).put(layout.incidents_key("2026-11"), b"no gzip", "")
    code, _, complaint = run(settings, "report", "--folder", str(folder), "--period", "2026-11")
    assert (code, complaint.startswith("No report: ")) == (1, True)


def test_a_folder_keeps_what_a_store_keeps(tmp_path: Path):
    store = FactFolder(tmp_path)
    store.put("b/2", b"2", "")
    store.put("b/1", b"1", "")
    store.put("c", json.dumps({}).encode(), "")
    assert (list(store.keys("b/")), store.get("b/2"), store.get("a")) == (["b/1", "b/2"], b"2", None)
    store.delete(["b/1", "a"])
    assert list(store.keys("b/")) == ["b/2"]


def test_a_file_that_was_never_finished_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def interrupted(self: Path, content: bytes) -> int:
        write(self, content[:1])
        raise KeyboardInterrupt

    store, write = FactFolder(tmp_path), Path.write_bytes
    monkeypatch.setattr(Path, "write_bytes", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.put("a/1", b"whole", "")
    assert (list(store.keys("")), store.get("a/1")) == ([], None)
