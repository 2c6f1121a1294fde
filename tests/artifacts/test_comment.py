"""The one comment is there when there is something to say, and never goes on saying what is over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.artifacts.artifact import Scene
from chalicelib.artifacts.comment import StatusComment
from chalicelib.domain.paging import PageRecord, PageState
from tests.builders import NOW, an_incident, seconds
from tests.reconcile.small_world import FakeTickets, PlainWords

INCIDENT = an_incident()
CONFIRMED = PageRecord(
    issue_id=INCIDENT.id, episode=1, target="im", alias="firebell:10002", roster="bitbucket-im", pager="opsgenie",
    state=PageState.CONFIRMED, claim="", since=NOW, until=NOW, accepted_at=NOW + seconds(1), confirmed_at=NOW + seconds(3),
)  # fmt: skip


def said(*pages: PageRecord, unpaged: bool = False, begun: bool = False) -> str | None:
    tickets = FakeTickets()
    scene = Scene(INCIDENT, pages, unpaged=unpaged, held=False, begun=frozenset({"comment"} if begun else ()))
    spec = StatusComment(lambda: tickets, PlainWords()).want(scene)
    return spec.content if spec else None


def test_a_page_that_went_well_needs_no_comment():
    assert said(CONFIRMED) is None


def test_what_was_said_once_stays_true():
    text = said(CONFIRMED, begun=True) or ""
    assert "unpaged: False" in text
    assert "ringing" in text


@pytest.mark.parametrize("state", [PageState.UNKNOWN, PageState.ENDED])
def test_a_page_that_was_missing_until_nobody_needed_it_is_said_too(state: PageState):
    given_up = replace(CONFIRMED, state=state, accepted_at=None, confirmed_at=None, unwanted_since=NOW + seconds(90))
    text = said(given_up, begun=True) or ""
    assert "unpaged: False" in text
    assert "never accepted, and not needed any more" in text


def test_an_orphan_that_was_only_looked_for_needs_no_comment():
    looked_for = replace(CONFIRMED, state=PageState.UNKNOWN, accepted_at=None, confirmed_at=None, unwanted_since=NOW)
    assert said(looked_for) is None
