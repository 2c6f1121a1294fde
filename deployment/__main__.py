"""`python -m deployment package|deploy --stage STAGE`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from deployment.package import STAGES, package
from deployment.problems import DeploymentError

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"


def main(arguments: list[str]) -> int:
    """Return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m deployment", description=__doc__)
    parser.add_argument("command", choices=("package", "deploy"))
    parser.add_argument("--stage", choices=STAGES, default="dev")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.command == "deploy":
            from deployment import stack

            wishes = stack.wishes_from(os.environ, chosen.stage)
            stack.refuse_unless_ready(wishes, ROOT)
            stack.refuse_bucket_elsewhere(wishes)
        built = package(ROOT, BUILD, chosen.stage)
        print(f"{built.zip.relative_to(ROOT)}  {built.size / 1e6:.2f} MB  sha256 {built.sha256}")
        print(f"{built.template.relative_to(ROOT)}  stage {chosen.stage}, linted")
        if chosen.command == "deploy":
            stack.deploy(built, wishes, print)
    except DeploymentError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
