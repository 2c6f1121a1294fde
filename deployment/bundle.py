"""The zip that Lambda runs: Chalice's, with bytecode added, packed so that the same tree gives the same bytes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

LARGEST = 6_000_000
_EPOCH = (1980, 1, 1, 0, 0, 0)
_MODE = 0o644 << 16


def bundle(chalice_zip: Path, work: Path, target: Path) -> str:
    """Write the finished zip to target and return its SHA-256. work: an empty folder.

    Lambda's /var/task is read-only: without bytecode every cold start compiles every module it imports. Hash-based
    pycs, unchecked, because the default kind holds a time stamp, and is compared with the one the zip gives the source.
    """
    with zipfile.ZipFile(chalice_zip) as archive:
        archive.extractall(work)
    compile_all = [
        "-m",
        "compileall",
        "-q",
        "-j",
        "1",
        "--invalidation-mode",
        "unchecked-hash",
        "-s",
        ".",
        "-p",
        "/var/task",
        ".",
    ]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    subprocess.run([sys.executable, *compile_all], cwd=work, check=True, env=environment)
    _pack(work, target)
    return sha256(target)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def problems_of(zip_path: Path, tree: Path) -> Iterator[str]:
    """What is missing from the zip or too much: everything below templates/ and firebell.toml must be there as they are."""
    size = zip_path.stat().st_size
    if size > LARGEST:
        yield f"the zip has {size} bytes, {LARGEST} are allowed: cold start is part of the time to page"
    with zipfile.ZipFile(zip_path) as archive:
        packed = set(archive.namelist())
        expected = [path for path in (tree / "templates").rglob("*") if path.is_file()]
        for path in [*expected, tree / "firebell.toml", tree / "app.py"]:
            name = path.relative_to(tree).as_posix()
            if name not in packed:
                yield f"{name} is not in the zip"
            elif archive.read(name) != path.read_bytes():
                yield f"{name} in the zip is not the one in the tree"
        for name in sorted(packed):
            if name.startswith("templates/") and not (tree / name).exists():
                yield f"{name} is in the zip but not in the tree"
            if name.split("/")[0] in {"boto3", "botocore"}:
                yield f"{name}: the Lambda runtime brings boto3"
                break


def _pack(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _EPOCH)
            entry.external_attr = _MODE
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, path.read_bytes())
