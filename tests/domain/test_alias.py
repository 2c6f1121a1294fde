from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.alias import alias_of, parse_alias, site_tag
from chalicelib.domain.incident import IssueId

TAG = "0a1b2c"


@pytest.mark.parametrize(
    ("target", "alias"),
    [
        ("im", "firebell-0a1b2c:10002"),
        ("imoc1", "firebell-0a1b2c:10002:imoc1"),
        ("im.second", "firebell-0a1b2c:10002:im.second"),
        ("delivery", "firebell-0a1b2c:10002:delivery"),
    ],
)
def test_the_alias_names_site_issue_and_target(target: str, alias: str) -> None:
    assert alias_of(IssueId("10002"), target, TAG) == alias
    assert parse_alias(alias, TAG) == ("10002", target)


@given(st.integers(0, 10**18), st.text(min_size=1, max_size=30), st.sampled_from([TAG, "", "123456"]))
def test_parsing_is_the_inverse(number: int, target: str, tag: str) -> None:
    assert parse_alias(alias_of(IssueId(str(number)), target, tag), tag) == (str(number), target)


def test_an_alias_without_a_tag_is_from_before_there_were_tags() -> None:
    assert parse_alias("firebell:10002:imoc1", TAG) == ("10002", "imoc1")


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
        "firebell-0a1b2c",
        "firebell-0a1b2c:",
        "firebell-0a1b2d:1",
        "firebell-:1",
        "other:1",
        "x",
    ],
)
def test_what_we_did_not_make_is_not_ours(alias: str) -> None:
    assert parse_alias(alias, TAG) is None


@pytest.mark.parametrize(
    "site",
    [
        "https://example.atlassian.net",
        "https://Example.Atlassian.net/",
        "http://example.atlassian.net",
        "example.atlassian.net",
    ],
)
def test_a_site_has_one_tag_however_it_is_written(site: str) -> None:
    assert site_tag(site) == site_tag("https://example.atlassian.net") == "04af5c"


def test_two_sites_are_told_apart_and_so_are_two_jiras_of_one_host() -> None:
    sites = (
        "https://example.atlassian.net",
        "https://example-sandbox.atlassian.net",
        "https://a.example/jira",
        "https://a.example/ops",
    )
    assert len({site_tag(site) for site in sites}) == 4
