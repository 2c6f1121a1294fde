"""Who has it: only a human's own act takes an incident, and the history says whose it was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.incident import INCIDENT, Change, Status
from chalicelib.domain.policy import PagingPolicy
from chalicelib.domain.taken import left_without_manager, may_have_been_taken, taken_in_jira, was_given, was_given_back
from tests.builders import EMMA, FIREBELL, MIA, NOW, ROBOT, a_change, an_incident, seconds

POLICY = PagingPolicy(own_account="acc-firebell", default_assignees=frozenset({"acc-emma"}))
GAVE_IT_UP = (
    a_change("assignee", "acc-mia", MIA),
    a_change("assignee", None, MIA),
    a_change("assignee", "acc-mia", EMMA),
)
TO_FIXING = {"status": Status.FIXING, "status_name": "Fixing"}
TOOK_IT = a_change("assignee", "acc-mia", MIA, after_s=20)
FIXED = a_change("status", "fixing", MIA, old="new", after_s=20)
MADE_MAJOR = a_change("severity", "1", EMMA, old="3", after_s=95)
WORSE = a_change("severity", "1", EMMA, old="2", after_s=95)
CAME = a_change(INCIDENT, "yes", EMMA, after_s=95)
REOPENED = a_change("status", "new", MIA, old="resolved", after_s=95)


@pytest.mark.parametrize(
    ("changes", "by"),
    [
        pytest.param({}, None, id="new and nobody's"),
        pytest.param({**TO_FIXING, "changes": (a_change("status", "fixing", MIA),)}, MIA, id="a human moved it to Fixing"),
        pytest.param({**TO_FIXING, "changes": (a_change("status", "fixing", FIREBELL),)}, None, id="Firebell moved it"),
        pytest.param({**TO_FIXING, "changes": (a_change("status", "fixing", ROBOT),)}, None, id="automation moved it"),
        pytest.param({**TO_FIXING, "changes": (a_change("status", "fixing", None),)}, None, id="nobody knows who moved it"),
        pytest.param(TO_FIXING, None, id="created in Fixing"),
        pytest.param({"changes": (a_change("status", "fixing", MIA),)}, None, id="moved to Fixing and back"),
        pytest.param({"assignee": MIA, "changes": (a_change("assignee", "acc-mia", MIA),)}, MIA, id="assigned to themselves"),
        pytest.param({"assignee": MIA, "changes": (a_change("assignee", "acc-mia", EMMA),)}, None, id="assigned by another"),
        pytest.param({"assignee": MIA}, None, id="assigned at creation"),
        pytest.param(
            {"assignee": EMMA, "changes": (a_change("assignee", "acc-emma", EMMA),)}, None, id="a default assignee is nobody"
        ),
        pytest.param(
            {"assignee": FIREBELL, "changes": (a_change("assignee", "acc-firebell", FIREBELL),)}, None, id="Firebell is nobody"
        ),
        pytest.param({"assignee": MIA, "changes": GAVE_IT_UP}, None, id="gave it up and got it back from another"),
        pytest.param({"assignee": MIA, "changes": (TOOK_IT,), "created_at": NOW + seconds(60)}, MIA, id="imported as theirs"),
        pytest.param({"assignee": MIA, "changes": (TOOK_IT, REOPENED)}, None, id="theirs from before it was opened again"),
        pytest.param({**TO_FIXING, "changes": (FIXED, MADE_MAJOR)}, None, id="being fixed from before it was major"),
        pytest.param({**TO_FIXING, "changes": (FIXED, CAME)}, None, id="being fixed from before it was an incident"),
        pytest.param({**TO_FIXING, "changes": (FIXED, WORSE)}, MIA, id="being fixed, and worse since"),
        pytest.param(
            {"assignee": MIA, "changes": (REOPENED, replace(TOOK_IT, at=REOPENED.at))}, MIA, id="opened again as theirs"
        ),
        pytest.param({**TO_FIXING, "changes": (replace(REOPENED, new="fixing"),)}, MIA, id="opened again to be fixed"),
        pytest.param(
            {"assignee": MIA, "changes": (REOPENED, replace(TOOK_IT, at=NOW + seconds(120)))}, MIA, id="taken since then"
        ),
    ],
)
def test_who_has_taken_it(changes: dict[str, Any], by: object):
    taking = taken_in_jira(an_incident(**changes), POLICY)
    assert (taking.by if taking else None) == by


@pytest.mark.parametrize(
    ("changes", "doubtful"),
    [
        pytest.param({"assignee": MIA}, True, id="an assignee, and no history to say who did it"),
        pytest.param({"status": Status.FIXING}, True, id="Fixing, and no history to say who did it"),
        pytest.param({"assignee": EMMA}, False, id="only a default assignee"),
        pytest.param({}, False, id="nobody's"),
        pytest.param(
            {"assignee": MIA, "changes": (a_change("assignee", "acc-mia", MIA),)}, False, id="the webhook itself says"
        ),
        pytest.param({"assignee": MIA, "changes_complete": True}, False, id="the whole history is known"),
    ],
)
def test_a_snapshot_without_history_may_leave_it_open(changes: dict[str, Any], doubtful: bool):
    assert may_have_been_taken(an_incident(**{"changes_complete": False, **changes}), POLICY) is doubtful


UNASSIGNED = a_change("assignee", None, EMMA, old="acc-mia", after_s=90)
BACK_TO_NEW = a_change("status", "new", MIA, old="fixing", after_s=95)
FIXED_BY_ROBOT = a_change("status", "fixing", ROBOT, old="new", after_s=99)
GIVEN = a_change("assignee", "acc-mia", FIREBELL, after_s=10)
MOVED = a_change("status", "fixing", FIREBELL, old="new", after_s=10)


@pytest.mark.parametrize(
    ("changes", "left_after_s"),
    [
        pytest.param({**TO_FIXING, "changes": (UNASSIGNED,)}, 90, id="unassigned while it is being fixed"),
        pytest.param({"changes": (UNASSIGNED,)}, 90, id="given back before anybody fixed it"),
        pytest.param({"changes": (BACK_TO_NEW,)}, 95, id="nobody's, and moved back to New"),
        pytest.param({"changes": (UNASSIGNED, BACK_TO_NEW)}, 90, id="left, and moved back to New after that"),
        pytest.param(
            {"changes": (UNASSIGNED, a_change("status", "fixing", MIA, old="new", after_s=92), BACK_TO_NEW)}, 95,
            id="left, and moved to Fixing and back after that",
        ),
        pytest.param({"assignee": MIA, "changes": (TOOK_IT, BACK_TO_NEW)}, None, id="moved back to New by whoever has it"),
        pytest.param({"assignee": MIA, "changes": (GIVEN, MOVED, BACK_TO_NEW)}, None, id="moved back by whom we gave it"),
        pytest.param({"assignee": MIA, "changes": (MOVED, BACK_TO_NEW)}, 95, id="moved back, and its assignee took nothing"),
        pytest.param(
            {"assignee": MIA, "changes": (TOOK_IT, BACK_TO_NEW, replace(MADE_MAJOR, at=NOW + seconds(120)))}, 120,
            id="moved back by whoever had it until it was made major anew",
        ),
        pytest.param(
            {"assignee": MIA, "changes": (TOOK_IT, MADE_MAJOR, replace(BACK_TO_NEW, at=NOW + seconds(400)))}, 400,
            id="made major anew, and then moved back",
        ),
        pytest.param(
            {"assignee": MIA, "changes": (MOVED, BACK_TO_NEW, replace(MADE_MAJOR, at=NOW + seconds(120)))}, 95,
            id="moved back, and made major anew after that",
        ),
        pytest.param(
            {"assignee": MIA, "changes": (FIXED, BACK_TO_NEW, a_change("assignee", "acc-mia", EMMA, after_s=99))}, None,
            id="moved back to New, and given to somebody",
        ),
        pytest.param({"changes": (REOPENED,)}, 95, id="reopened, and nobody's"),
        pytest.param({"changes": (UNASSIGNED, REOPENED)}, 95, id="reopened: what was before does not count"),
        pytest.param({"changes": (REOPENED, replace(UNASSIGNED, at=NOW + seconds(97)))}, 97, id="left since it was reopened"),
        pytest.param({"assignee": MIA, "changes": (REOPENED,)}, None, id="reopened, and still theirs"),
        pytest.param(
            {"changes": (REOPENED, FIXED_BY_ROBOT, replace(BACK_TO_NEW, at=NOW + seconds(120)))}, 95,
            id="reopened, and fixed by a robot for a while",
        ),
        pytest.param({**TO_FIXING, "changes": (UNASSIGNED, FIXED_BY_ROBOT)}, 90, id="and fixed by a robot after that"),
        pytest.param({**TO_FIXING, "changes": (BACK_TO_NEW, FIXED_BY_ROBOT)}, 95, id="back in New, and fixed by a robot"),
        pytest.param({**TO_FIXING, "changes": (FIXED_BY_ROBOT,)}, None, id="only a robot fixes it"),
        pytest.param({"status": Status.RESOLVED, "changes": (UNASSIGNED,)}, None, id="resolved"),
        pytest.param({**TO_FIXING, "assignee": MIA, "changes": (UNASSIGNED,)}, None, id="somebody has it"),
        pytest.param(
            {**TO_FIXING, "changes": (UNASSIGNED, a_change("status", "fixing", MIA, after_s=95))}, None, id="moved later"
        ),
        pytest.param(TO_FIXING, None, id="nobody ever had it"),
        pytest.param(
            {**TO_FIXING, "assignee": EMMA, "changes": (replace(UNASSIGNED, new="acc-emma"),)}, 90, id="given to nobody"
        ),
        pytest.param(
            {**TO_FIXING, "assignee": replace(MIA, active=False), "changes": (a_change("assignee", "acc-mia", EMMA),)}, 60,
            id="their account was switched off",
        ),
        pytest.param(
            {**TO_FIXING, "assignee": EMMA, "changes": (UNASSIGNED, a_change("assignee", "acc-emma", ROBOT, after_s=95))}, 90,
            id="and given to nobody after that",
        ),
        pytest.param(
            {**TO_FIXING, "assignee": EMMA, "changes": (a_change("assignee", "acc-emma", ROBOT, after_s=95),)}, None,
            id="only ever given to nobody",
        ),
        pytest.param({**TO_FIXING, "changes": (UNASSIGNED,), "changes_complete": False}, None, id="half a history"),
    ],
)  # fmt: skip
def test_since_when_its_manager_has_left_it(changes: dict[str, Any], left_after_s: float | None):
    leaving = left_without_manager(an_incident(**changes), POLICY)
    assert (leaving and leaving.at) == (None if left_after_s is None else NOW + seconds(left_after_s))


@pytest.mark.parametrize(
    ("changes", "reopened"),
    [
        pytest.param((REOPENED,), True, id="reopened"),
        pytest.param((replace(REOPENED, new="fixing", by=ROBOT),), True, id="reopened by a robot, which fixes nothing"),
        pytest.param((REOPENED, replace(UNASSIGNED, at=NOW + seconds(97))), False, id="left since it was reopened"),
        pytest.param((BACK_TO_NEW,), False, id="moved back to New"),
    ],
)
def test_whether_it_is_nobodys_because_it_was_reopened(changes: tuple[Change, ...], reopened: bool):
    leaving = left_without_manager(an_incident(changes=changes), POLICY)
    assert leaving is not None
    assert leaving.reopened is reopened


@pytest.mark.parametrize(
    ("changes", "is_given_back"),
    [
        pytest.param({"changes": (GIVEN, MOVED, BACK_TO_NEW, UNASSIGNED)}, True, id="moved back, and unassigned"),
        pytest.param({"changes": (GIVEN, MOVED, UNASSIGNED, BACK_TO_NEW)}, True, id="unassigned, and moved back"),
        pytest.param({"changes": (MOVED, BACK_TO_NEW)}, True, id="only moved for whom nobody knows in Jira"),
        pytest.param({"assignee": replace(MIA, active=False), "changes": (GIVEN,)}, True, id="their account was switched off"),
        pytest.param({"changes": (UNASSIGNED,)}, False, id="we never gave it to anybody"),
        pytest.param(
            {"changes": (UNASSIGNED, replace(GIVEN, at=NOW + seconds(99)))}, False, id="given after that, and not shown so yet"
        ),
        pytest.param({"changes": (replace(GIVEN, at=NOW - seconds(1)), UNASSIGNED)}, False, id="given in the episode before"),
        pytest.param({"assignee": MIA, "changes": (GIVEN, BACK_TO_NEW)}, False, id="they still have it"),
    ],
)
def test_whether_whom_we_gave_it_to_has_given_it_back(changes: dict[str, Any], is_given_back: bool):
    assert was_given_back(an_incident(**changes), POLICY, since=NOW) is is_given_back


@pytest.mark.parametrize(
    ("changes", "is_theirs"),
    [
        pytest.param({"assignee": MIA, "changes": (GIVEN,)}, True, id="ours, and they still have it"),
        pytest.param({"assignee": MIA, "changes": (replace(GIVEN, at=NOW - seconds(1)),)}, False, id="in the episode before"),
        pytest.param({"assignee": MIA, "changes": (GIVEN, replace(GIVEN, by=EMMA))}, False, id="assigned by another since"),
        pytest.param({"assignee": replace(MIA, active=False), "changes": (GIVEN,)}, False, id="their account was switched off"),
        pytest.param({"changes": (GIVEN,)}, False, id="nobody's"),
        pytest.param({"assignee": MIA}, False, id="nobody knows who assigned it"),
    ],
)
def test_whether_it_is_theirs_whom_we_gave_it_to(changes: dict[str, Any], is_theirs: bool):
    assert was_given(an_incident(**changes), POLICY, since=NOW) is is_theirs
