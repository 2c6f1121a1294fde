"""Just before an announcement is made: does Jira still say what it was made of?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.announcement import OPENING, Announcement, Audience, Order, Progress
from chalicelib.domain.incident import Incident, IssueId, Severity, Status
from chalicelib.errors import TemporaryError
from chalicelib.ports.tickets import Comment, Left, Missing
from tests.artifacts.telling_world import a_policy, an_announcer
from tests.builders import MIA, NOW, a_change, an_incident, seconds
from tests.reconcile.small_world import FakeTickets

TEXT = "update: we look"
ISSUE = an_incident()
ANNOUNCER = an_announcer()
still_stands = ANNOUNCER.still_stands


def an_announcement(**changes: Any) -> Announcement:
    told = Announcement("order-10100", Audience.STAFF, Progress.INVESTIGATING, "HOT-42", "We look.", NOW)
    return replace(told, **{"order": Order("10100", TEXT, "Mia Moore", NOW), **changes})


def tickets(text: str = TEXT, **changes: Any) -> FakeTickets:
    jira = FakeTickets({ISSUE.id: an_incident(**changes)})
    jira.said.append(Comment("10100", NOW, MIA, text, NOW + seconds(5)))
    return jira


def test_an_order_that_says_what_it_said_stands():
    assert still_stands(tickets(), ISSUE, an_announcement())


def test_an_order_that_was_edited_or_deleted_does_not():
    assert not still_stands(tickets("update: we know"), ISSUE, an_announcement())
    jira = tickets()
    jira.said.clear()
    assert not still_stands(jira, ISSUE, an_announcement())


@pytest.mark.parametrize(
    ("now", "announcement"),
    [
        pytest.param({"is_private": True}, an_announcement(), id="private by now"),
        pytest.param({"is_drill": True}, an_announcement(), id="a drill by now"),
        pytest.param({"status": Status.FIXING}, an_announcement(progress=Progress.RESOLVED), id="open again"),
        pytest.param({"severity": Severity.SEV3}, an_announcement(id=OPENING), id="not major any more"),
    ],
)
def test_what_jira_has_changed_since_counts(now: dict[str, Any], announcement: Announcement):
    assert not still_stands(tickets(**now), ISSUE, announcement)


def test_customers_are_told_first_only_while_a_human_says_so():
    opening = an_announcement(id=OPENING, audience=Audience.PUBLIC, order=None)
    assert not still_stands(tickets(), ISSUE, opening)
    assert still_stands(tickets(customer_visible=True), ISSUE, opening)
    moved: dict[str, Any] = {"status": Status.FIXING, "changes": (a_change("status", Status.FIXING),)}
    assert not still_stands(tickets(**moved), ISSUE, opening)
    assert an_announcer(a_policy(opens_on_fixing=True)).still_stands(tickets(**moved), ISSUE, opening)


def test_of_an_issue_that_cannot_be_seen_nothing_is_decided():
    """It may come back as it was: what was let go now would be told after what comes next."""
    with pytest.raises(TemporaryError):
        still_stands(FakeTickets(), ISSUE, an_announcement())


def test_nor_of_an_order_whose_issue_has_just_become_hidden():
    class HiddenOnceRead(FakeTickets):
        def read(self, issue_id: IssueId) -> Incident | Left | Missing:
            now = super().read(issue_id)
            del self.issues[issue_id]
            return now

    with pytest.raises(TemporaryError):
        still_stands(HiddenOnceRead({ISSUE.id: ISSUE}), ISSUE, an_announcement())


def test_an_issue_that_is_gone_stands_for_nothing():
    assert not still_stands(FakeTickets({ISSUE.id: Left(ISSUE.id, "moved")}), ISSUE, an_announcement())


def test_what_nobody_ordered_needs_no_comment():
    assert still_stands(FakeTickets({ISSUE.id: ISSUE}), ISSUE, replace(an_announcement(), order=None))


def test_where_jira_cannot_say_nothing_is_decided():
    with pytest.raises(TemporaryError):
        still_stands(FakeTickets(error=TemporaryError("jira", "read", "timed out")), ISSUE, an_announcement())
