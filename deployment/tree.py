"""The files a deployment is made from, copied clean: no bytecode, no leftovers, nothing that git ignores.

Chalice packs whatever it finds, and its hash covers contents, not names: from a used checkout it would ship stale
bytecode, and after a renaming the old template.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

DEPLOYED = ("app.py", "chalicelib", "templates", "firebell.toml", "vendor", "requirements.txt", ".chalice")
LINKS = {"vendor/templates": "templates", "vendor/firebell.toml": "firebell.toml"}
_NEVER = frozenset({"__pycache__", "deployments", "deployed", "venv"})


def copy_tree(root: Path, target: Path) -> list[str]:
    """Copy what is deployed of the working tree at root into the empty folder target; return what is wrong with it.

    Takes tracked files as they are now and untracked ones that git does not ignore. Links stay links.
    """
    for name in deployed_files(root):
        source, copy = root / name, target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_symlink():
            copy.symlink_to(os.readlink(source))
        else:
            shutil.copyfile(source, copy)
    return list(_problems(target))


def deployed_files(root: Path) -> list[PurePosixPath]:
    """Paths below root, sorted, without those that are deleted in the working tree."""
    names = _listed_by_git(root) if (root / ".git").exists() else _walked(root)
    return sorted(PurePosixPath(name) for name in set(names) if (root / name).is_file() or (root / name).is_symlink())


def _listed_by_git(root: Path) -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *DEPLOYED]
    listed = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout
    return [name for name in listed.split("\0") if name]


def _walked(root: Path) -> Iterator[str]:
    """For a tree without git, e.g. an unpacked archive."""
    for name in DEPLOYED:
        start = root / name
        if start.is_symlink() or start.is_file():
            yield name
        for folder, folders, files in os.walk(start):
            links = [link for link in folders if Path(folder, link).is_symlink()]
            folders[:] = [entry for entry in folders if entry not in _NEVER and entry not in links]
            yield from (
                Path(folder, entry).relative_to(root).as_posix() for entry in [*files, *links] if not entry.endswith(".pyc")
            )


def _problems(tree: Path) -> Iterator[str]:
    for name in DEPLOYED:
        if not (tree / name).exists():
            yield f"{name} is missing"
    for link, meant in LINKS.items():
        if not (tree / link).is_symlink() or (tree / link).resolve() != (tree / meant).resolve():
            yield f"{link} is no link to {meant}: check out with `git config core.symlinks true`"
