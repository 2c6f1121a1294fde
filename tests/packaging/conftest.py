"""The package, built once for all tests here from a copy of the working tree, which nobody edits meanwhile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deployment.package import Package, package
from deployment.tree import copy_tree

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkout")
    assert copy_tree(ROOT, folder) == []
    return folder


@pytest.fixture(scope="session")
def built(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Package:
    return package(checkout, tmp_path_factory.mktemp("build"), "dev")


@pytest.fixture(scope="session")
def template(built: Package) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(built.template.read_text("utf-8"))
    return parsed
