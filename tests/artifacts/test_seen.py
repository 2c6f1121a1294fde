"""What is said where more people read it than the issue is asked about once more, in the very moment."""

from __future__ import annotations

import pytest

from chalicelib.artifacts.seen import check_no_secret
from chalicelib.domain.incident import Incident
from chalicelib.errors import TemporaryError
from chalicelib.ports.tickets import Left, Missing
from tests.builders import an_incident
from tests.reconcile.small_world import FakeTickets

ISSUE = an_incident().id
AWAY = TemporaryError("jira", "read", "503")


def jira_shows(now: Incident | Left | Missing) -> FakeTickets:
    return FakeTickets({} if isinstance(now, Missing) else {ISSUE: now})


@pytest.mark.parametrize(
    "now",
    [
        pytest.param(an_incident(is_private=True), id="private"),
        pytest.param(Missing(ISSUE), id="hidden from us, by a security level perhaps"),
        pytest.param(Left(ISSUE, "moved to a project of few"), id="moved away"),
    ],
)
def test_nothing_is_said_of_what_has_become_a_secret_since(now: Incident | Left | Missing):
    with pytest.raises(TemporaryError, match="has become private, or cannot be seen"):
        check_no_secret(jira_shows(now), an_incident())


@pytest.mark.parametrize(
    "tickets",
    [
        pytest.param(jira_shows(an_incident(summary="Checkout is slow")), id="no secret"),
        pytest.param(FakeTickets(error=AWAY), id="Jira is away"),
    ],
)
def test_what_is_no_secret_is_said(tickets: FakeTickets):
    check_no_secret(tickets, an_incident())


def test_of_what_this_pass_knows_as_private_nobody_is_asked():
    check_no_secret(FakeTickets(error=AssertionError("not to be asked")), an_incident(is_private=True))
