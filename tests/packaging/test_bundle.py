"""What is in the zip, and that the same tree gives the same bytes."""

from __future__ import annotations

import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from deployment import bundle
from deployment.package import Package, package
from deployment.problems import DeploymentError
from deployment.tree import copy_tree, deployed_files
from tests.packaging.conftest import ROOT


def names_in(zip_path: Path) -> set[str]:
    with zipfile.ZipFile(zip_path) as archive:
        return set(archive.namelist())


def test_the_zip_is_small(built: Package) -> None:
    assert built.size <= 6_000_000


def test_the_zip_holds_the_words_and_the_settings(built: Package, checkout: Path) -> None:
    words = {path.as_posix() for path in deployed_files(checkout) if path.parts[0] == "templates"}
    assert words
    assert words | {"firebell.toml", "app.py", "chalicelib/reconcile/firebell.py"} <= names_in(built.zip)


def test_every_module_has_its_bytecode(built: Package) -> None:
    names = names_in(built.zip)
    modules = [Path(name) for name in names if name.startswith("chalicelib/") and name.endswith(".py")]
    assert modules
    for module in modules:
        assert [name for name in names if name.startswith(f"{module.parent}/__pycache__/{module.stem}.cpython-")], module


def test_bytecode_is_never_checked_against_its_source(built: Package) -> None:
    """Lambda gives files times of its own; PEP 552: flags 0b01 is hash-based, and not checked."""
    with zipfile.ZipFile(built.zip) as archive:
        flags = {archive.read(name)[4:8] for name in archive.namelist() if name.endswith(".pyc")}
    assert flags == {b"\x01\x00\x00\x00"}


def test_nothing_is_deployed_that_only_develops(built: Package) -> None:
    tops = {name.split("/")[0] for name in names_in(built.zip)}
    assert not tops & {
        "sandbox",
        "cli",
        "tests",
        "simulation",
        "deployment",
        "bench",
        "boto3",
        "botocore",
        "moto",
        "flask",
        "vendor",
    }


def test_the_same_tree_gives_the_same_bytes(built: Package, checkout: Path, tmp_path: Path) -> None:
    """Also elsewhere on the disk, and where Python has left its traces."""
    tree = tmp_path / "another checkout"
    tree.mkdir()
    assert copy_tree(checkout, tree) == []
    leftover = tree / "chalicelib" / "__pycache__" / "renamed_long_ago.cpython-311.pyc"
    leftover.parent.mkdir()
    leftover.write_bytes(b"stale")
    again = package(tree, tmp_path / "build", "dev")
    assert again.sha256 == built.sha256
    assert again.template.read_text("utf-8") == built.template.read_text("utf-8")


# --- trees that cannot be packaged ----------------------------------------------------------------------------------


def a_tree(folder: Path) -> Path:
    copy_tree(ROOT, folder)
    return folder


def flatten_link(tree: Path) -> None:
    """What a checkout without symbolic links makes of one."""
    (tree / "vendor" / "templates").unlink()
    (tree / "vendor" / "templates").write_text("../templates", "utf-8")


BROKEN_TREES: dict[str, tuple[Callable[[Path], object], str]] = {
    "no settings": (lambda tree: (tree / "firebell.toml").unlink(), "firebell.toml is missing"),
    "link became a file": (flatten_link, "vendor/templates is no link to templates"),
    "link gone": (lambda tree: (tree / "vendor" / "firebell.toml").unlink(), "vendor/firebell.toml is no link"),
    "no requirements": (lambda tree: (tree / "requirements.txt").unlink(), "requirements.txt is missing"),
}


@pytest.mark.parametrize(("damage", "problem"), BROKEN_TREES.values(), ids=BROKEN_TREES.keys())
def test_a_broken_tree_is_refused_before_anything_is_built(
    tmp_path: Path, damage: Callable[[Path], object], problem: str
) -> None:
    tree = a_tree(tmp_path / "tree")
    damage(tree)
    with pytest.raises(DeploymentError, match=problem):
        package(tree, tmp_path / "build", "dev")
    assert not (tmp_path / "build").exists()


# --- zips that are not what was meant --------------------------------------------------------------------------------


def rezipped(source: Path, target: Path, change: Callable[[dict[str, bytes]], object]) -> Path:
    with zipfile.ZipFile(source) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    change(files)
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target


def a_template_name() -> str:
    return next(path.as_posix() for path in deployed_files(ROOT) if path.parts[0] == "templates")


BROKEN_ZIPS: dict[str, tuple[Callable[[dict[str, bytes]], object], str]] = {
    "a template missing": (lambda files: files.pop(a_template_name()), "is not in the zip"),
    "an old template": (lambda files: files.update({a_template_name(): b"old"}), "is not the one in the tree"),
    "a renamed template's old name": (
        lambda files: files.update({"templates/old.j2": b""}),
        "templates/old.j2 is in the zip but",
    ),
    "no settings": (lambda files: files.pop("firebell.toml"), "firebell.toml is not in the zip"),
    "boto3": (lambda files: files.update({"boto3/__init__.py": b""}), "the Lambda runtime brings boto3"),
    "too large": (lambda files: files.update({"large": b"x" * 6_000_000}), "6000000 are allowed"),
}


@pytest.mark.parametrize(("change", "problem"), BROKEN_ZIPS.values(), ids=BROKEN_ZIPS.keys())
def test_a_broken_zip_is_noticed(
    built: Package, checkout: Path, tmp_path: Path, change: Callable[[dict[str, bytes]], object], problem: str
) -> None:
    assert list(bundle.problems_of(built.zip, checkout)) == []
    mutant = rezipped(built.zip, tmp_path / "mutant.zip", change)
    assert [found for found in bundle.problems_of(mutant, checkout) if problem in found]


# --- which files count ------------------------------------------------------------------------------------------------


def test_what_git_ignores_or_has_lost_does_not_count(tmp_path: Path) -> None:
    """The working tree as it is: changed and new files are in, ignored and deleted ones are not."""
    tree = a_tree(tmp_path / "tree")
    (tree / ".gitignore").write_text("*.local\n", "utf-8")
    git(tree, "init", "--quiet")
    git(tree, "add", "--all")
    (tree / "requirements.txt").unlink()
    for name in ("mine.local", "new.py"):
        (tree / "chalicelib" / name).write_text("", "utf-8")
    names = {path.as_posix() for path in deployed_files(tree)}
    assert "chalicelib/new.py" in names
    assert not names & {"chalicelib/mine.local", "requirements.txt"}


def git(tree: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=tree, check=True, capture_output=True)  # noqa: S603, S607  fixed words
