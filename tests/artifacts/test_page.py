"""When a page is wanted, and what it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chalicelib.artifacts.page import (
    can_be_decided_from_snapshot,
    is_delivery_wanted,
    is_wanted,
    page_request,
    read_page_texts,
    wanted_since,
)
from chalicelib.domain.incident import Change, Severity, Status
from chalicelib.domain.paging import Urgency
from chalicelib.domain.policy import PagingPolicy
from tests.builders import MIA, NOW, a_change, a_page, a_roster, an_incident, seconds

TEMPLATES = Path(__file__).parents[2] / "templates" / "page"
TEXTS = read_page_texts(TEMPLATES)
LIVE_TOMORROW = PagingPolicy(go_live=NOW + seconds(100))


def severity(old: str, new: str, *, after_s: float) -> Change:
    return a_change("severity", new, MIA, old=old, after_s=after_s)


def reopened(*, after_s: float) -> Change:
    return a_change("status", Status.NEW, MIA, old=Status.RESOLVED, after_s=after_s)


def became_incident(*, after_s: float) -> Change:
    return a_change("incident", "yes", MIA, after_s=after_s)


@pytest.mark.parametrize(
    ("changes", "policy", "wanted"),
    [
        pytest.param({}, PagingPolicy(), True, id="severity 1"),
        pytest.param({"severity": Severity.SEV2}, PagingPolicy(), True, id="severity 2"),
        pytest.param({"severity": Severity.SEV3}, PagingPolicy(), False, id="severity 3"),
        pytest.param({"status": Status.FIXING}, PagingPolicy(), True, id="being fixed"),
        pytest.param({"status": Status.RESOLVED}, PagingPolicy(), False, id="resolved"),
        pytest.param({}, LIVE_TOMORROW, False, id="older than go-live"),
        pytest.param({"changes": (severity("3", "1", after_s=200),)}, LIVE_TOMORROW, True, id="raised since"),
        pytest.param({"changes": (severity("1", "2", after_s=200),)}, LIVE_TOMORROW, False, id="lowered since"),
        pytest.param({"changes": (severity("3", "1", after_s=50),)}, LIVE_TOMORROW, False, id="raised before"),
        pytest.param({"changes": (reopened(after_s=200),)}, LIVE_TOMORROW, True, id="reopened since"),
        pytest.param({"changes": (reopened(after_s=50),)}, LIVE_TOMORROW, False, id="reopened before"),
        pytest.param({"changes": (became_incident(after_s=200),)}, LIVE_TOMORROW, True, id="an incident since"),
        pytest.param({"changes": (became_incident(after_s=50),)}, LIVE_TOMORROW, False, id="an incident before"),
        pytest.param(
            {"changes": (a_change("incident", None, old="yes", after_s=200),)}, LIVE_TOMORROW, False, id="left since, no more"
        ),
        pytest.param(
            {"changes": (became_incident(after_s=200),), "status": Status.RESOLVED}, LIVE_TOMORROW, False, id="and is over"
        ),
        pytest.param({}, PagingPolicy(go_live=NOW), True, id="created at go-live"),
    ],
)
def test_when_a_page_is_wanted(changes: dict[str, Any], policy: PagingPolicy, wanted: bool):
    assert is_wanted(an_incident(**changes), policy) is wanted


@pytest.mark.parametrize(
    ("changes", "policy", "since_s"),
    [
        pytest.param((), PagingPolicy(), 0, id="from its creation"),
        pytest.param((severity("1", "2", after_s=30),), PagingPolicy(), 0, id="major all the time"),
        pytest.param((severity("3", "2", after_s=30), severity("2", "1", after_s=60)), PagingPolicy(), 30, id="made major"),
        pytest.param((reopened(after_s=40),), PagingPolicy(), 40, id="reopened"),
        pytest.param((became_incident(after_s=40),), PagingPolicy(), 40, id="became an incident"),
        pytest.param((a_change("status", Status.FIXING, old=Status.NEW, after_s=40),), PagingPolicy(), 0, id="taken"),
        pytest.param(
            (severity("2", "1", after_s=50), severity("2", "1", after_s=150)), LIVE_TOMORROW, 150, id="worse since live"
        ),
        pytest.param((severity("2", "1", after_s=150), severity("2", "1", after_s=200)), LIVE_TOMORROW, 150, id="and again"),
    ],
)
def test_since_when_a_page_is_wanted(changes: tuple[Change, ...], policy: PagingPolicy, since_s: int):
    assert wanted_since(an_incident(changes=changes), policy) == NOW + seconds(since_s)


@pytest.mark.parametrize(
    ("changes", "decidable"),
    [
        pytest.param({}, True, id="nobody's"),
        pytest.param({"assignee": MIA}, False, id="somebody's, and nobody knows since when"),
        pytest.param({"created_at": NOW - seconds(999)}, False, id="older than go-live: its history decides"),
    ],
)
def test_what_a_snapshot_alone_can_decide(changes: dict[str, Any], decidable: bool):
    incident = an_incident(**{"changes_complete": False, **changes})
    assert can_be_decided_from_snapshot(incident, PagingPolicy(go_live=NOW)) is decidable


def test_the_delivery_team_hears_of_an_open_severity_three_only():
    low = an_incident(severity=Severity.SEV3)
    assert is_delivery_wanted(low, PagingPolicy())
    assert not is_delivery_wanted(replace(low, status=Status.RESOLVED), PagingPolicy())
    assert not is_delivery_wanted(an_incident(), PagingPolicy())
    assert not is_delivery_wanted(low, LIVE_TOMORROW)
    assert is_delivery_wanted(replace(low, changes=(became_incident(after_s=200),)), LIVE_TOMORROW)


def test_a_page_says_what_is_wrong_where_and_why_you():
    request = page_request(an_incident(description="Carts fail with $500"), a_roster("bitbucket-im"), a_page(), TEXTS)
    assert request.message == "[HOT-42] Sev 1: Checkout is down"
    for fact in ("https://example.atlassian.net/browse/HOT-42", "Bitbucket", "Payments", "Emma Reyes", "Carts fail with $500"):
        assert fact in request.description
    assert "bitbucket-im is on call" in request.description
    assert (request.alias, request.urgency) == ("firebell:10002", Urgency.SEV1)


def test_a_page_says_what_had_to_be_guessed_and_still_what_it_is_about():
    doubts = ('severity "P1"\nis not mapped: treated as 2', *("x" * 20_000 for _ in range(20)))
    request = page_request(an_incident(doubts=doubts, description="Carts fail"), a_roster("x"), a_page(), TEXTS)
    assert 'In doubt: severity "P1" is not mapped: treated as 2\n' in request.description
    assert len(request.description) < 3_000
    assert "Carts fail" in request.description
    assert "In doubt" not in page_request(an_incident(), a_roster("x"), a_page(), TEXTS).description


def test_a_summary_with_line_breaks_or_placeholders_stays_one_plain_line():
    request = page_request(an_incident(summary="Down\r\n  $key ${why}"), a_roster("bitbucket-im"), a_page(), TEXTS)
    assert request.message == "[HOT-42] Sev 1: Down $key ${why}"


def test_a_page_in_a_storm_says_so():
    request = page_request(an_incident(), a_roster("bitbucket-im"), a_page(), TEXTS, stormy=True)
    assert request.message == "[HOT-42] Sev 1: [STORM] Checkout is down"
    assert "storm" in request.tags
    assert "one of many" in request.description


def test_a_broken_template_still_pages():
    broken = replace(TEXTS, message="[$key] $nonsense $ 100%: $summary")
    assert page_request(an_incident(), a_roster("x"), a_page(), broken).message == "[HOT-42] $nonsense $ 100%: Checkout is down"


def test_a_private_incident_is_paged_without_what_it_is_about():
    incident = an_incident(is_private=True, summary="Breach", description="Somebody read the database")
    request = page_request(incident, a_roster("bitbucket-im"), a_page(), TEXTS)
    assert request.message == "[HOT-42] Sev 1: A private incident: what it is about stands in the issue only."
    said = " ".join([request.message, request.description, *request.details.values()])
    assert "Breach" not in said
    assert "database" not in said
    assert incident.url in request.description


def test_a_drill_says_so_first():
    request = page_request(an_incident(is_drill=True), a_roster("bitbucket-im"), a_page(), TEXTS)
    assert request.message == "[HOT-42] Sev 1: [DRILL] Checkout is down"
    assert "drill" in request.tags


def test_a_page_says_how_to_join_where_there_is_something_to_join():
    join = ("Chat room: https://chat.example.com/C1", "Video call: https://video.example.com/1")
    request = page_request(an_incident(), a_roster("bitbucket-im"), a_page(), TEXTS, join=join)
    assert "\n".join(join) in request.description
