from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench import payloads
from tests.intake.samples import FIXTURES, sample


def test_every_sample_is_counted_and_nothing_breaks(capsys: pytest.CaptureFixture[str]) -> None:
    assert payloads.main(FIXTURES) == 0
    told = capsys.readouterr().out
    assert "ignored: another project holds no incidents" in told
    assert "incident (deleted)" in told
    assert payloads.BROKEN not in told


def test_bodies_that_are_no_json_are_counted_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "jira").mkdir()
    (tmp_path / "jira" / "broken.json").write_bytes(b"{")
    assert payloads.main(tmp_path) == 0
    assert capsys.readouterr().out.count("1  unreadable") == 2


def test_a_file_on_which_a_parser_breaks_fails_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_arguments: object) -> None:
        raise KeyError("alias")

    (tmp_path / "opsgenie").mkdir()
    (tmp_path / "opsgenie" / "close.json").write_text(json.dumps(sample("opsgenie/add_note")))
    monkeypatch.setattr(payloads, "parse_opsgenie_event", broken)
    assert payloads.main(tmp_path) == 1
    assert "BROKEN close.json: KeyError('alias')" in capsys.readouterr().out
