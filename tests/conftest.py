"""The order of the test files."""

from __future__ import annotations

import pytest

LONGEST = ("test_life_over_http.py", "test_bugs.py", "test_roles.py")
"""Workers take whole files in order: none may sit over one of these alone when all others are done."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.path.name not in LONGEST)
