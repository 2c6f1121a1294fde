"""The package, built once from the working tree for all tests here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from deployment.package import Package, package

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return package(ROOT, tmp_path_factory.mktemp("build"), "dev")


@pytest.fixture(scope="session")
def template(built: Package) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(built.template.read_text("utf-8"))
    return parsed
