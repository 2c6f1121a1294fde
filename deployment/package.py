"""`make package`: build/deployment.zip and build/template.json, or a list of what is wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deployment import bundle, lint, rules
from deployment.problems import DeploymentError, refuse_if
from deployment.tree import copy_tree

STAGES = ("dev", "prod")
ZIP_NAME = "deployment.zip"
TEMPLATE_NAME = "template.json"


@dataclass(frozen=True, slots=True)
class Package:
    """size: bytes. sha256: of the zip; the same tree gives the same."""

    zip: Path
    template: Path
    sha256: str
    size: int


def package(root: Path, target: Path, stage: str) -> Package:
    """Build from the working tree at root into the folder target. Raises DeploymentError with everything that is wrong."""
    with tempfile.TemporaryDirectory(prefix="firebell-") as temporary:
        work = Path(temporary)
        tree, out, unpacked = work / "firebell", work / "out", work / "unpacked"
        tree.mkdir()
        refuse_if("The tree cannot be packaged", copy_tree(root, tree))
        chalice_package(tree, out, stage)
        template: dict[str, Any] = json.loads((out / "sam.json").read_text("utf-8"))
        refuse_if("The template breaks promises", rules.problems_of(template))
        refuse_if("The template does not pass the linter", lint.lint(template, work))
        zip_path = work / ZIP_NAME
        digest = bundle.bundle(out / ZIP_NAME, unpacked, zip_path)
        refuse_if("The zip is not what was meant", bundle.problems_of(zip_path, tree))
        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(zip_path, target / ZIP_NAME)
        (target / TEMPLATE_NAME).write_text(json.dumps(template, indent=2, sort_keys=True) + "\n", "utf-8")
    return Package(target / ZIP_NAME, target / TEMPLATE_NAME, digest, (target / ZIP_NAME).stat().st_size)


def chalice_package(tree: Path, out: Path, stage: str) -> None:
    """Let Chalice pack the application in tree into out. Raises DeploymentError with the end of what it said."""
    # Chalice imports app.py, which must not find our own environment, and asks for a region that the result does not hold.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "FIREBELL_", "PYTHON"))}
    environment = {**kept, "AWS_DEFAULT_REGION": lint.REGION, "PYTHONDONTWRITEBYTECODE": "1"}
    start = "import sys; from chalice.cli import main; sys.exit(main())"
    options = ["package", "--stage", stage, "--merge-template", ".chalice/resources.json", str(out)]
    run = subprocess.run(
        [sys.executable, "-c", start, *options], cwd=tree, env=environment, capture_output=True, text=True, check=False
    )
    output = f"{run.stdout}\n{run.stderr}"
    if run.returncode != 0 or "Could not install dependencies" in output:
        raise DeploymentError("chalice package failed", output.strip().splitlines()[-15:])
