"""What the emulators of Jira say of what they do not find: Jira's own answers, which differ, and hide what may not be seen."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from sandbox.jira.data_center import JiraDataCenterEmulator
from sandbox.jira.http import JiraEmulator
from sandbox.jira.model import JiraIssue, JiraModel
from tests.adapters.jira_world import BOT, EMMA, TOKEN
from tests.builders import NOW
from tests.reconcile.small_world import FakeClock

NO_ISSUE = "Issue does not exist or you do not have permission to see it."
Face = tuple[FlaskClient, JiraIssue]


@pytest.fixture(params=["Cloud", "Data Center"])
def face(request: pytest.FixtureRequest) -> Face:
    clock = FakeClock(NOW)
    model = JiraModel(clock)
    emulator = (
        JiraEmulator(model, clock, bot=BOT, mail="bot@example.com", token=TOKEN)
        if request.param == "Cloud"
        else JiraDataCenterEmulator(model, clock, bot=BOT, token=TOKEN)
    )
    client = emulator.app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = emulator._expected
    issue = model.create_incident(EMMA, "Checkout is down")
    model.comment(issue, "We look.", EMMA)
    return client, issue


def asked(face: Face, method: str, path: str) -> tuple[int, list[str]]:
    body = {"body": "more"} if method == "PUT" else None
    answer = face[0].open(f"/rest/api/2/{path}", method=method, json=body)
    return answer.status_code, (answer.json or {}).get("errorMessages", [])


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_comment_that_is_gone_is_missed_by_its_id(face: Face, method: str):
    assert asked(face, method, f"issue/{face[1].id}/comment/77") == (404, ["Can not find a comment for the id: 77."])


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_where_an_issue_may_not_be_seen_nothing_of_its_comments_shows(face: Face, method: str):
    _, issue = face
    path = f"issue/{issue.id}/comment/{issue.comments[0].id}"
    assert asked(face, method, path)[0] == 200
    issue.hidden = True
    assert asked(face, method, path) == (404, [NO_ISSUE])
    assert asked(face, method, f"issue/{issue.id}/comment/77") == (404, [NO_ISSUE])


@pytest.mark.parametrize("face", ["Data Center"], indirect=True)
def test_a_comments_properties_show_as_long_as_it_does(face: Face):
    _, issue = face
    comment = issue.comments[0]
    path = f"comment/{comment.id}/properties"
    assert asked(face, "GET", path)[0] == 200
    issue.hidden = True
    assert asked(face, "GET", path) == (404, [f"Can not find a comment for the id: {comment.id}."])
