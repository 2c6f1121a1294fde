"""`firebell serve` tells a shell how its other commands find the sandbox."""

from __future__ import annotations

import subprocess
from pathlib import Path

from cli.serve import TOLD, exports


def test_a_shell_reads_what_the_other_commands_need(tmp_path: Path):
    environment = {name: f"""{name} it's "quoted" $HOME""" for name in TOLD} | {"PATH": "not told"}
    file = tmp_path / "environment.sh"
    file.write_text(exports(environment), "utf-8")
    script = f'. {file}; printf %s "$FIREBELL_SECRETS"; printf %s "$PATH" >&2'
    shown = subprocess.run(["/bin/sh", "-c", script], capture_output=True, text=True, check=True, env={"PATH": "/bin"})  # noqa: S603
    assert (shown.stdout, shown.stderr) == (environment["FIREBELL_SECRETS"], "/bin")
