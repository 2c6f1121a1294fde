from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.alias import alias_of, parse_alias
from chalicelib.domain.incident import IssueId


@pytest.mark.parametrize(
    ("target", "alias"),
    [
        ("im", "firebell:10002"),
        ("imoc1", "firebell:10002:imoc1"),
        ("im.second", "firebell:10002:im.second"),
        ("delivery", "firebell:10002:delivery"),
    ],
)
def test_the_alias_names_issue_and_target(target: str, alias: str) -> None:
    assert alias_of(IssueId("10002"), target) == alias
    assert parse_alias(alias) == ("10002", target)


@given(st.integers(0, 10**18), st.text(min_size=1, max_size=30))
def test_parsing_is_the_inverse(number: int, target: str) -> None:
    assert parse_alias(alias_of(IssueId(str(number)), target)) == (str(number), target)


@pytest.mark.parametrize(
    "alias",
    [
        "",
        "firebell",
        "firebell:",
        "firebell:HOT-42",
        "firebell:１２",
        "firebell:1 ",
        "firebell:1:",
        "firebell:1:im",
        "other:1",
        "x",
    ],
)
def test_what_we_did_not_make_is_not_ours(alias: str) -> None:
    assert parse_alias(alias) is None
