"""Where `firebell report` and `firebell rollup` find incidents: the bucket, or a folder that looks like one."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Annotated

import typer

from chalicelib.ports.fact_store import FactStore

BUCKET = "FIREBELL_FACTS"
UNFINISHED = ".unfinished-"
"""So begins the name of a file that is being written."""
TEMPLATES = Path(__file__).resolve().parents[1] / "templates"

FolderOption = Annotated[
    Path | None,
    typer.Option(
        "--folder", help=f"Read and write files there instead of in the bucket {BUCKET}.", file_okay=False, exists=True
    ),
]


class FactFolder:
    """A FactStore in a folder, to try things out: one process at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keys(self, prefix: str) -> Iterator[str]:
        files = (path for path in self.folder.rglob("*") if path.is_file() and not path.name.startswith(UNFINISHED))
        found = (path.relative_to(self.folder).as_posix() for path in files)
        return iter(sorted(key for key in found if key.startswith(prefix)))

    def get(self, key: str) -> bytes | None:
        path = self.folder / key
        return path.read_bytes() if path.is_file() else None

    def put(self, key: str, content: bytes, content_type: str) -> None:  # noqa: ARG002  a file has none
        path = self.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f"{UNFINISHED}{path.name}")
        unfinished.write_bytes(content)
        unfinished.replace(path)  # whole or not at all, as in a bucket

    def replace(self, key: str, old: bytes | None, new: bytes) -> bool:
        if self.get(key) != old:
            return False
        self.put(key, new, "")
        return True

    def delete(self, keys: Collection[str]) -> None:
        for key in keys:
            (self.folder / key).unlink(missing_ok=True)


def fact_store(folder: Path | None) -> FactStore:
    """Exits with 2 where nothing says which."""
    if folder is not None:
        return FactFolder(folder)
    bucket = os.environ.get(BUCKET, "").strip()
    if not bucket:
        raise typer.BadParameter(f"set {BUCKET} to the bucket of facts, or give --folder", param_hint="--folder")
    from chalicelib.adapters import aws
    from chalicelib.adapters.s3 import S3FactStore

    return S3FactStore(bucket, lambda: aws.client("s3", patient=True))


def complain(problem: str) -> typer.Exit:
    """One line on stderr; raise what it returns."""
    typer.echo(problem, err=True)
    return typer.Exit(1)
