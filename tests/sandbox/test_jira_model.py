"""The rules of Jira that its emulator keeps: what an edit leaves behind, who gets mail, what is refused, how often."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sandbox.jira.edits import EditRefusedError, assign, perform, put_fields, wait_before_write
from sandbox.jira.model import JiraIssue, JiraModel
from sandbox.jira.schema import BACKUP, CHAT_ROOM, CUSTOMERS, DETECTED, ESCALATE_TO, TECH_LEAD, VIDEO_CALL
from sandbox.jira.workflow import Transition, default_workflow, offered
from tests.adapters.jira_world import BOT, EMMA, MIA, OMAR, TOKEN, JiraWorld, a_jira, hire
from tests.builders import NOW, PATIENT_S
from tests.reconcile.small_world import FakeClock

ROOM = "https://chat.example.com/hot-1"


@pytest.fixture
def model() -> JiraModel:
    model = JiraModel(FakeClock(NOW))
    hire(model)
    return model


@pytest.fixture
def issue(model: JiraModel) -> JiraIssue:
    issue = model.create_incident(EMMA, "Checkout is down")
    model.take_due_webhooks()
    return issue


def refusal(call: Any, *arguments: Any) -> EditRefusedError:
    with pytest.raises(EditRefusedError) as raised:
        call(*arguments)
    return raised.value


# --- what an edit leaves behind ------------------------------------------------------------------------------------------


def test_one_edit_is_one_entry_and_one_webhook_with_a_line_for_each_field(model: JiraModel, issue: JiraIssue):
    put_fields(model, issue, {CHAT_ROOM: ROOM, TECH_LEAD: {"accountId": "acc-mia"}}, BOT)
    [entry], [hook] = issue.histories, model.webhooks
    assert hook.body["changelog"] == {"id": entry["id"], "items": entry["items"]}
    assert entry["items"] == [
        {
            "field": "Chat room", "fieldtype": "custom", "fieldId": CHAT_ROOM,
            "from": None, "fromString": None, "to": None, "toString": ROOM,
        },
        {
            "field": "Tech lead", "fieldtype": "custom", "fieldId": TECH_LEAD,
            "from": None, "fromString": None, "to": "acc-mia", "toString": "Mia Moore",
        },
    ]  # fmt: skip
    assert hook.body["issue"]["fields"][TECH_LEAD] == MIA.as_json()


def test_an_edit_that_changes_nothing_leaves_no_trace(model: JiraModel, issue: JiraIssue):
    updated = issue.updated
    put_fields(model, issue, {CHAT_ROOM: None, CUSTOMERS: ""}, BOT)
    assert (issue.histories, model.webhooks, issue.updated) == ([], [], updated)


def test_a_transition_is_a_change_of_status_by_whoever_made_it(model: JiraModel, issue: JiraIssue):
    start = default_workflow("HOT")[0]
    perform(model, issue, start.id, {}, BOT)
    [hook] = model.webhooks
    assert hook.body["user"]["accountId"] == BOT.account_id
    assert [(one["fieldId"], one["toString"]) for one in hook.body["changelog"]["items"]] == [("status", "Fixing")]


def test_people_on_an_issue_are_shown_as_they_are_now(model: JiraModel, issue: JiraIssue):
    assign(model, issue, "acc-mia", BOT)
    put_fields(model, issue, {BACKUP: [{"accountId": "acc-mia"}, {"accountId": "acc-omar"}]}, BOT)
    model.deactivate("acc-mia")
    fields = model.issue_json(issue)["fields"]
    assert [user["active"] for user in (fields["assignee"], *fields[BACKUP])] == [False, False, True]


def test_what_is_written_in_the_same_moment_never_takes_updated_back(model: JiraModel, issue: JiraIssue):
    for customers in ("All", "Some", "None"):
        put_fields(model, issue, {CUSTOMERS: customers}, MIA)
    changed = issue.updated
    comment = model.comment(issue, "I am looking", OMAR)
    model.edit_comment(issue, comment, "I have it", OMAR, notify=False)
    assert issue.updated >= changed


# --- mails ---------------------------------------------------------------------------------------------------------------


def test_watchers_reporter_and_assignee_get_one_mail_per_change_but_not_for_their_own(model: JiraModel, issue: JiraIssue):
    model.comment(issue, "I am looking", OMAR)
    assign(model, issue, "acc-mia", BOT)
    put_fields(model, issue, {CHAT_ROOM: ROOM, CUSTOMERS: "All"}, BOT)
    put_fields(model, issue, {CUSTOMERS: "Some"}, MIA)
    assert model.mails_to == {"acc-emma": 4, "acc-omar": 3, "acc-mia": 2}


def test_quiet_edits_internal_comments_and_people_who_left_cost_no_mail(model: JiraModel, issue: JiraIssue):
    put_fields(model, issue, {CHAT_ROOM: ROOM}, BOT, notify=False)
    model.comment(issue, "internal", BOT, [{"key": "sd.public.comment", "value": {"internal": True}}])
    model.deactivate("acc-emma")
    put_fields(model, issue, {CHAT_ROOM: None}, BOT)
    assert model.mails == 0


# --- what is refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        pytest.param({"customfield_99": "x"}, "It is not on the appropriate screen, or unknown.", id="unknown"),
        pytest.param({DETECTED: "2026-11-23T03:00:00Z"}, "yyyy-MM-dd'T'HH:mm:ss.SSSZ", id="a time in another spelling"),
        pytest.param({CHAT_ROOM: "chat"}, "A valid URL is required.", id="no address"),
        pytest.param({CUSTOMERS: 7}, "must be a string", id="a number for a text"),
        pytest.param({TECH_LEAD: {"accountId": "acc-gone"}}, "Specify a valid user.", id="unknown person"),
        pytest.param({TECH_LEAD: {"name": "mia"}}, "Specify a valid user.", id="a login name on Cloud"),
        pytest.param({BACKUP: {"accountId": "acc-mia"}}, "Specify valid users.", id="one person for several"),
        pytest.param({ESCALATE_TO: "Payments"}, "Specify a valid option.", id="a text for an option"),
    ],
)
def test_an_edit_with_one_wrong_field_is_refused_whole(model: JiraModel, issue: JiraIssue, fields: Any, why: str):
    error = refusal(put_fields, model, issue, {VIDEO_CALL: ROOM, **fields}, BOT)
    assert (error.status, list(error.errors)) == (400, list(fields))
    assert why in error.errors[next(iter(fields))]
    assert issue.histories == []


def test_only_administrators_may_keep_people_from_being_notified(model: JiraModel, issue: JiraIssue):
    model.is_admin = False
    with pytest.raises(EditRefusedError) as raised:
        put_fields(model, issue, {CHAT_ROOM: ROOM}, BOT, notify=False)
    assert (raised.value.status, issue.fields[CHAT_ROOM]) == (403, None)


def test_nobody_who_left_can_be_assigned(model: JiraModel, issue: JiraIssue):
    model.deactivate("acc-mia")
    assert "cannot be assigned" in refusal(assign, model, issue, "acc-mia", BOT).words
    assert "does not exist" in refusal(assign, model, issue, "acc-gone", BOT).words


@pytest.mark.parametrize(
    ("changes", "fields", "why"),
    [
        pytest.param({"sources": frozenset({"Fixing"})}, {}, "not valid for the current state", id="from another status"),
        pytest.param({"hidden_from": frozenset({BOT.account_id})}, {}, "not valid for the current", id="a condition says no"),
        pytest.param({"required": frozenset({CUSTOMERS})}, {}, "Customers affected is required.", id="required field empty"),
        pytest.param({}, {CHAT_ROOM: ROOM}, "not on the appropriate screen", id="field not on its screen"),
    ],
)
def test_a_transition_is_refused(model: JiraModel, issue: JiraIssue, changes: dict[str, Any], fields: Any, why: str):
    model.workflows["HOT"] = (replace(Transition("7", "Start", "Fixing", screen=(CUSTOMERS,)), **changes),)
    assert why in refusal(perform, model, issue, "7", fields, BOT).words
    assert issue.status == "New"


def test_a_transition_takes_the_fields_of_its_screen(model: JiraModel, issue: JiraIssue):
    model.workflows["HOT"] = (Transition("7", "Start", "Fixing", screen=(CUSTOMERS,), required=frozenset({CUSTOMERS})),)
    perform(model, issue, "7", {CUSTOMERS: "All"}, BOT)
    assert (issue.status, issue.fields[CUSTOMERS]) == ("Fixing", "All")


def test_only_transitions_from_the_present_status_are_offered(model: JiraModel, issue: JiraIssue):
    assert [one.to for one in offered(default_workflow("HOT"), issue, BOT)] == ["Fixing", "Resolved"]


# --- how much is too much ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pause_s", "first_refused", "wait_s"),
    [pytest.param(0.0, 20, 2.0, id="a burst"), pytest.param(0.2, 100, 10.0, id="a hundred in half a minute")],
)
def test_writes_to_one_issue_are_limited(model: JiraModel, issue: JiraIssue, pause_s: float, first_refused: int, wait_s: float):
    clock = model.clock
    assert isinstance(clock, FakeClock)
    waits = []
    for _ in range(first_refused + 1):
        waits.append(wait_before_write(model, issue))
        clock.at += timedelta(seconds=pause_s)
    assert waits[:first_refused] == [None] * first_refused
    assert waits[first_refused] == pytest.approx(wait_s)


def test_people_are_searched_by_the_beginnings_of_names_and_addresses(model: JiraModel):
    assert [model.search_users(text) for text in ("moo", "OMAR@exa", "oore", "", "  ")] == [[MIA], [OMAR], [], [], []]
    model.deactivate("acc-mia")
    assert model.search_users("moo") == []


# --- over HTTP -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def jira() -> Iterator[JiraWorld]:
    with a_jira(PATIENT_S) as world:
        hire(world.model)
        yield world


def test_too_many_writes_are_answered_as_jira_does(jira: JiraWorld):
    client, url = _client(jira), f"issue/{jira.model.create_incident(EMMA, 'Checkout is down').id}/comment"
    answers = [client("POST", url, {"body": "note"}) for _ in range(21)]
    assert [answer.status_code for answer in answers] == [201] * 20 + [429]
    headers = answers[-1].headers
    assert (headers["Retry-After"], headers["RateLimit-Reason"]) == ("2", "jira-per-issue-on-write")
    assert headers["X-RateLimit-Reset"] == "2026-11-23T03:00:02+00:00"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        pytest.param("PUT", "assignee", {"accountId": "acc-mia", "name": "mia"}, 400, id="two ways of naming an assignee"),
        pytest.param("PUT", "assignee", {}, 400, id="no assignee"),
        pytest.param("PUT", "", {"feilds": {}}, 400, id="unknown member"),
        pytest.param("POST", "transitions", {"transition": "11"}, 400, id="transition without an id"),
        pytest.param("PUT", "", {"fields": {}}, 204, id="nothing to change"),
    ],
)
def test_requests_are_taken_to_the_letter(jira: JiraWorld, method: str, path: str, body: Any, status: int):
    issue = jira.model.create_incident(EMMA, "Checkout is down")
    assert _client(jira)(method, f"issue/{issue.id}/{path}".rstrip("/"), body).status_code == status


def _client(jira: JiraWorld) -> Any:
    client = jira.emulator.app.test_client()

    def ask(method: str, path: str, body: Any) -> Any:
        return client.open(f"/rest/api/3/{path}", method=method, json=body, auth=("bot@example.com", TOKEN))

    return ask
