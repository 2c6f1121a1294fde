"""What Firebell changes in Jira: said once, quietly, and with a plain answer where Jira will not do it.

`any_jira` is Cloud and Data Center over HTTP, and the simulated one; `jira` is Cloud over HTTP alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta, timezone

import pytest

from chalicelib.domain.incident import Incident, IssueId, Person, Status
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.intake.jira_event import parse_jira_event
from chalicelib.ports.tickets import FieldValue, Moved, NotMoved, Put, Refused
from sandbox.emulator import Fault, FaultKind
from sandbox.jira.edits import put_fields
from sandbox.jira.model import JiraIssue, JiraUser
from sandbox.jira.records import option
from sandbox.jira.schema import (
    BACKUP,
    CHAT_ROOM,
    CUSTOMERS,
    DETECTED,
    DOCUMENT,
    ESCALATE_TO,
    TECH_LEAD,
    VIDEO_CALL,
    example_schema,
)
from sandbox.jira.workflow import Transition, default_workflow
from tests.adapters.jira_world import (
    BOT,
    EMMA,
    MIA,
    TOKEN,
    JiraWorld,
    TicketsWorld,
    a_data_center,
    a_jira,
    hire,
    simulated_tickets,
)
from tests.builders import NOW, TOO_LATE_S

LASTING = (FaultKind.NOT_FOUND, FaultKind.SLOW)
"""No passing fault: "not there", and what is no error at all."""

ROOM, CALL, PAGE = (f"https://{place}.example.com/hot-1" for place in ("chat", "call", "wiki"))
MIA_AT_JIRA = Person("acc-mia", "Mia Moore", "mia@example.com")


@pytest.fixture
def jira() -> Iterator[JiraWorld]:
    with a_jira() as world:
        hire(world.model)
        yield world


@pytest.fixture(params=["Cloud", "Data Center", "simulated"])
def any_jira(request: pytest.FixtureRequest) -> Iterator[TicketsWorld]:
    if request.param == "simulated":
        world = simulated_tickets()
        hire(world.model)
        yield world
    else:
        with a_jira() if request.param == "Cloud" else a_data_center() as http:
            if request.param == "Cloud":
                hire(http.model)
            yield http


def an_issue(jira: TicketsWorld) -> tuple[IssueId, JiraIssue]:
    """A new Sev 1 that Emma raised, and whose webhook was delivered."""
    issue = jira.model.create_incident(jira.model.users["acc-emma"], "Checkout is down")
    jira.model.take_due_webhooks()
    return IssueId(issue.id), issue


def read(jira: TicketsWorld, issue_id: IssueId) -> Incident:
    incident = jira.tickets.read(issue_id)
    assert isinstance(incident, Incident)
    return incident


# --- assignee ----------------------------------------------------------------------------------------------------------


def test_an_incident_is_assigned_and_taken_back(any_jira: TicketsWorld):
    issue_id, _ = an_issue(any_jira)
    assert any_jira.tickets.assign(issue_id, MIA_AT_JIRA) is None
    assert read(any_jira, issue_id).assignee == MIA_AT_JIRA
    assert any_jira.tickets.assign(issue_id, None) is None
    assert read(any_jira, issue_id).assignee is None


def test_assigning_it_to_whoever_has_it_leaves_no_trace(any_jira: TicketsWorld):
    issue_id, issue = an_issue(any_jira)
    any_jira.tickets.assign(issue_id, MIA_AT_JIRA)
    any_jira.tickets.assign(issue_id, MIA_AT_JIRA)
    assert len(issue.histories) == len(any_jira.model.webhooks) == 1


@pytest.mark.parametrize("who", ["deactivated", "unknown"])
def test_an_account_that_cannot_have_it_is_refused_in_jiras_words(any_jira: TicketsWorld, who: str):
    issue_id, issue = an_issue(any_jira)
    any_jira.model.deactivate("acc-mia")
    answer = any_jira.tickets.assign(issue_id, MIA_AT_JIRA if who == "deactivated" else Person("acc-gone", "Gone"))
    assert isinstance(answer, Refused)
    assert ("cannot be assigned" if who == "deactivated" else "does not exist") in answer.why
    assert issue.assignee is None


# --- transitions -------------------------------------------------------------------------------------------------------


def test_it_is_moved_by_whatever_transition_leads_there(any_jira: TicketsWorld):
    issue_id, _ = an_issue(any_jira)
    assert any_jira.tickets.move_to(issue_id, Status.FIXING) == Moved("Start work", "Fixing")
    incident = read(any_jira, issue_id)
    assert (incident.status, incident.changes[-1].by) == (Status.FIXING, Person("acc-firebell", "Firebell"))


def test_ids_of_transitions_are_never_known_beforehand(any_jira: TicketsWorld):
    assert {one.id for one in default_workflow("HOT")}.isdisjoint(one.id for one in default_workflow("OPS"))
    any_jira.model.workflows["HOT"] = (Transition("90210", "Anpacken", "Fixing"),)
    assert any_jira.tickets.move_to(an_issue(any_jira)[0], Status.FIXING) == Moved("Anpacken", "Fixing")


def test_where_no_transition_leads_there_those_that_exist_are_named(any_jira: TicketsWorld):
    any_jira.model.workflows["HOT"] = (
        Transition("1", "Resolve", "Resolved"),
        Transition("2", "Start work", "Fixing", hidden_from=frozenset({"acc-firebell"})),
    )
    issue_id, issue = an_issue(any_jira)
    assert any_jira.tickets.move_to(issue_id, Status.FIXING) == NotMoved(
        "no transition leads to a status that means fixing", ("Resolve -> Resolved",)
    )
    assert issue.status == "New"


def test_a_transition_that_asks_for_fields_is_not_used_and_the_fields_are_named(any_jira: TicketsWorld):
    any_jira.model.workflows["HOT"] = (
        Transition("1", "Start work", "Fixing", screen=(TECH_LEAD, CUSTOMERS), required=frozenset({TECH_LEAD})),
    )
    issue_id, issue = an_issue(any_jira)
    answer = any_jira.tickets.move_to(issue_id, Status.FIXING)
    assert answer == NotMoved('the transition "Start work" asks for Tech lead', ("Start work -> Fixing",), ("Tech lead",))
    assert issue.status == "New"


def test_of_two_transitions_the_one_that_asks_for_nothing_is_used(any_jira: TicketsWorld):
    any_jira.model.workflows["HOT"] = (
        Transition("1", "Start with a lead", "Fixing", screen=(TECH_LEAD,), required=frozenset({TECH_LEAD})),
        Transition("2", "Start", "Fixing", screen=(TECH_LEAD,)),
    )
    assert any_jira.tickets.move_to(an_issue(any_jira)[0], Status.FIXING) == Moved("Start", "Fixing")


def test_a_transition_that_jira_refuses_after_all_is_told_in_its_words(jira: JiraWorld):
    """Somebody moved the issue between our two requests."""
    issue_id, issue = an_issue(jira)

    def somebody_else_is_quicker() -> None:
        if jira.emulator.count("list_transitions"):
            jira.model.transition(issue, "Fixing", MIA)

    jira.emulator.app.before_request(somebody_else_is_quicker)
    answer = jira.tickets.move_to(issue_id, Status.FIXING)
    assert isinstance(answer, NotMoved)
    assert "not valid for the current state" in answer.why


# --- fields ------------------------------------------------------------------------------------------------------------


def test_all_fields_are_set_in_one_quiet_write(any_jira: TicketsWorld):
    issue_id, issue = an_issue(any_jira)
    detected = NOW.astimezone(timezone(timedelta(hours=5.5)))
    fields: dict[str, FieldValue] = {CHAT_ROOM: ROOM, VIDEO_CALL: CALL, DETECTED: detected}
    fields |= {TECH_LEAD: MIA_AT_JIRA, BACKUP: (MIA_AT_JIRA,)}
    assert any_jira.tickets.put_fields(issue_id, fields) == Put(tuple(fields), {}, quiet=True)
    incident = read(any_jira, issue_id)
    assert incident.links == {"chat_room": ROOM, "video_call": CALL}
    assert incident.roles == {"tech_lead": (MIA_AT_JIRA,), "backup_incident_manager": (MIA_AT_JIRA,)}
    assert incident.detected_at == NOW
    assert (len(issue.histories), len(any_jira.model.webhooks), any_jira.model.mails) == (1, 1, 0)


def test_none_empties_a_field(any_jira: TicketsWorld):
    issue_id, _ = an_issue(any_jira)
    any_jira.tickets.put_fields(issue_id, {CHAT_ROOM: ROOM})
    any_jira.tickets.put_fields(issue_id, {CHAT_ROOM: None})
    assert read(any_jira, issue_id).links == {}


def test_fields_that_hold_it_already_leave_no_trace(any_jira: TicketsWorld):
    issue_id, issue = an_issue(any_jira)
    for _ in range(2):
        any_jira.tickets.put_fields(issue_id, {CHAT_ROOM: ROOM, TECH_LEAD: MIA_AT_JIRA})
    assert len(issue.histories) == len(any_jira.model.webhooks) == 1


def test_unless_told_to_be_quiet_watchers_get_a_mail_each(any_jira: TicketsWorld):
    issue_id, issue = an_issue(any_jira)
    any_jira.model.comment(issue, "I am looking", any_jira.model.users["acc-omar"])
    any_jira.model.mails_to.clear()
    assert not any_jira.tickets.put_fields(issue_id, {CHAT_ROOM: ROOM}, quiet=False).quiet
    assert any_jira.model.mails_to == {"acc-emma": 1, "acc-omar": 1}


def test_a_field_that_is_not_on_the_screen_is_named_and_the_others_are_set(any_jira: TicketsWorld):
    any_jira.model.off_screen.add(VIDEO_CALL)
    issue_id, issue = an_issue(any_jira)
    put = any_jira.tickets.put_fields(issue_id, {CHAT_ROOM: ROOM, VIDEO_CALL: CALL, "customfield_99": "x", DOCUMENT: PAGE})
    assert put.written == (CHAT_ROOM, DOCUMENT)
    assert put.refused == {
        name: f"Field '{name}' cannot be set. It is not on the appropriate screen, or unknown."
        for name in (VIDEO_CALL, "customfield_99")
    }
    assert read(any_jira, issue_id).links == {"chat_room": ROOM, "state_document": PAGE}
    assert len(issue.histories) == 1


def test_fields_that_are_all_refused_are_all_named(any_jira: TicketsWorld):
    put = any_jira.tickets.put_fields(an_issue(any_jira)[0], {CHAT_ROOM: "no address"})
    assert (put.written, list(put.refused)) == ((), [CHAT_ROOM])


def test_no_fields_are_no_call(jira: JiraWorld):
    assert jira.tickets.put_fields(an_issue(jira)[0], {}) == Put()
    assert jira.emulator.calls == []


def test_without_the_right_to_be_quiet_it_is_written_all_the_same_and_remembered(any_jira: TicketsWorld):
    any_jira.model.is_admin = False
    issue_id, _ = an_issue(any_jira)
    assert any_jira.tickets.put_fields(issue_id, {CHAT_ROOM: ROOM}) == Put((CHAT_ROOM,), {}, quiet=False)
    assert any_jira.tickets.put_fields(issue_id, {VIDEO_CALL: CALL}) == Put((VIDEO_CALL,), {}, quiet=False)
    assert read(any_jira, issue_id).links == {"chat_room": ROOM, "video_call": CALL}
    if isinstance(any_jira, JiraWorld):
        assert (any_jira.emulator.count("put_issue"), any_jira.emulator.count("my_permissions")) == (3, 1)


def test_a_refusal_that_is_not_about_notifications_makes_no_noise(jira: JiraWorld):
    """Its token was revoked, or something in between said 403: with the right to be quiet we stay quiet."""
    issue_id, issue = an_issue(jira)
    jira.emulator.faults.switch_on("put_issue", Fault(FaultKind.FORBIDDEN))
    with pytest.raises(TemporaryError) as caught:
        jira.tickets.put_fields(issue_id, {CHAT_ROOM: ROOM})
    assert caught.value.out_of_service
    assert issue.fields[CHAT_ROOM] is None
    assert jira.tickets.put_fields(issue_id, {CHAT_ROOM: ROOM}).quiet


def test_two_edits_at_the_same_moment_are_worth_another_try(jira: JiraWorld):
    issue_id, _ = an_issue(jira)
    jira.emulator.faults.switch_on("put_issue", Fault(FaultKind.CONFLICT))
    with pytest.raises(TemporaryError, match="409"):
        jira.tickets.put_fields(issue_id, {CHAT_ROOM: ROOM})


def test_more_than_twenty_writes_in_two_seconds_are_refused_until_it_is_time(jira: JiraWorld):
    issue_id, _ = an_issue(jira)
    for number in range(20):
        jira.tickets.put_fields(issue_id, {CHAT_ROOM: f"{ROOM}/{number}"})
    with pytest.raises(TemporaryError) as caught:
        jira.tickets.put_fields(issue_id, {CHAT_ROOM: ROOM})
    assert caught.value.retry_after_s == 2.0
    jira.tickets.put_fields(an_issue(jira)[0], {CHAT_ROOM: ROOM})
    jira.clock.at += timedelta(seconds=2)
    assert jira.tickets.put_fields(issue_id, {CHAT_ROOM: ROOM}).written == (CHAT_ROOM,)


# --- people ------------------------------------------------------------------------------------------------------------


def test_people_are_found_by_their_address_in_any_case(any_jira: TicketsWorld):
    assert any_jira.tickets.find_people("Mia@Example.com") == (MIA_AT_JIRA,)
    assert any_jira.tickets.find_people("nobody@example.com") == ()


def test_whoever_hides_their_address_is_found_by_it_all_the_same(jira: JiraWorld):
    assert jira.tickets.find_people("omar@example.com") == (Person("acc-omar", "Omar Haddad"),)


def test_an_account_that_shows_another_address_is_not_found(any_jira: TicketsWorld):
    any_jira.model.add_user(replace(any_jira.model.users["acc-mia"], account_id="acc-2", email="mia@example.com.au"))
    any_jira.model.users["acc-mia"] = replace(any_jira.model.users["acc-mia"], email="m.moore@example.com")
    assert any_jira.tickets.find_people("mia@example.com") == ()


def test_a_deactivated_account_is_found_by_its_id_only(any_jira: TicketsWorld):
    any_jira.model.deactivate("acc-mia")
    assert any_jira.tickets.find_people("mia@example.com") == ()
    assert any_jira.tickets.people(["acc-mia", "acc-gone", "acc-mia"]) == {"acc-mia": replace(MIA_AT_JIRA, active=False)}


def test_many_accounts_are_asked_for_at_once(jira: JiraWorld):
    """Without saying how many, Jira would answer for ten."""
    for number in range(120):
        jira.model.add_user(JiraUser(f"acc-{number}", f"Number {number}"))
    wanted = [f"acc-{number}" for number in range(120)]
    assert list(jira.tickets.people(wanted)) == wanted
    assert jira.emulator.count("bulk_users") == 3
    assert jira.tickets.people([]) == {}


def test_an_incident_manager_who_is_deactivated_shows_on_the_issue(any_jira: TicketsWorld):
    issue_id, _ = an_issue(any_jira)
    any_jira.tickets.assign(issue_id, MIA_AT_JIRA)
    any_jira.tickets.put_fields(issue_id, {TECH_LEAD: MIA_AT_JIRA})
    assert read(any_jira, issue_id).assignee == MIA_AT_JIRA
    any_jira.model.deactivate("acc-mia")
    incident = read(any_jira, issue_id)
    assert incident.assignee == replace(MIA_AT_JIRA, active=False)
    assert incident.roles["tech_lead"] == (incident.assignee,)


# --- when Jira fails ---------------------------------------------------------------------------------------------------

CHANGES = ("assign", "move_to", "put_fields")
OPERATIONS: dict[str, tuple[str, Callable[[JiraWorld, IssueId], object]]] = {
    "assign": ("assign", lambda jira, issue_id: jira.tickets.assign(issue_id, MIA_AT_JIRA)),
    "move_to, looking": ("list_transitions", lambda jira, issue_id: jira.tickets.move_to(issue_id, Status.FIXING)),
    "move_to": ("transition", lambda jira, issue_id: jira.tickets.move_to(issue_id, Status.FIXING)),
    "put_fields": ("put_issue", lambda jira, issue_id: jira.tickets.put_fields(issue_id, {CHAT_ROOM: ROOM})),
    "find_people": ("search_users", lambda jira, _: jira.tickets.find_people("mia@example.com")),
    "people": ("bulk_users", lambda jira, _: jira.tickets.people(["acc-mia"])),
}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        pytest.param(name, kind, id=f"{name}: {kind}")
        for name in OPERATIONS
        for kind in FaultKind
        if kind not in LASTING and (kind is not FaultKind.CONFLICT or name in CHANGES)
    ],
)
def test_every_passing_fault_is_a_temporary_error_that_leaks_nothing(jira: JiraWorld, name: str, kind: FaultKind):
    issue_id, _ = an_issue(jira)
    operation, call = OPERATIONS[name]
    jira.emulator.faults.switch_on(operation, Fault(kind, delay_s=TOO_LATE_S, retry_after="7"))
    with pytest.raises(TemporaryError) as caught:
        call(jira, issue_id)
    assert TOKEN not in f"{caught.value} {caught.value!r} {caught.value.__cause__!r}"
    assert caught.value.out_of_service is (kind in (FaultKind.UNAUTHORIZED, FaultKind.FORBIDDEN))
    assert jira.emulator.count(operation) == 1, "one try"
    if kind is FaultKind.RATE_LIMITED:
        assert caught.value.retry_after_s == 7.0


@pytest.mark.parametrize("name", ["assign", "move_to, looking", "move_to", "put_fields"])
def test_an_issue_that_is_not_there_is_a_permanent_error(jira: JiraWorld, name: str):
    issue_id, issue = an_issue(jira)
    issue.hidden = True
    with pytest.raises(PermanentError, match="404") as raised:
        OPERATIONS[name][1](jira, issue_id)
    assert type(raised.value) is PermanentError


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_whose_answer_was_lost_is_safe_to_repeat(jira: JiraWorld, name: str):
    issue_id, issue = an_issue(jira)
    operation, call = OPERATIONS[name]
    jira.emulator.faults.switch_on(operation, Fault(FaultKind.RESET_AFTER))
    with pytest.raises(TemporaryError):
        call(jira, issue_id)
    call(jira, issue_id)
    assert len(issue.histories) == 1


# --- the echo ----------------------------------------------------------------------------------------------------------


def test_a_webhook_shows_roles_links_answers_and_marks_as_rest_does(jira: JiraWorld):
    _, issue = an_issue(jira)
    jira.model.set_field(issue, ESCALATE_TO, [option("Payments"), option("Web")], EMMA)
    jira.model.set_field(issue, "labels", ["drill"], EMMA)
    jira.model.set_field(issue, "security", {"id": "1", "name": "Staff only"}, EMMA)
    jira.model.take_due_webhooks()
    fields = {TECH_LEAD: {"accountId": "acc-mia"}, BACKUP: [{"accountId": "acc-omar"}], CHAT_ROOM: ROOM, CUSTOMERS: "All"}
    put_fields(jira.model, issue, fields, EMMA)
    [hook] = jira.model.take_due_webhooks()
    headers = {name.lower(): value for name, value in jira.emulator.headers_of(hook).items()}
    snapshot = parse_jira_event(jira.emulator.body_of(hook), headers, example_schema()).snapshot
    assert snapshot is not None
    whole = read(jira, IssueId(issue.id))
    assert replace(snapshot, changes=whole.changes, changes_complete=True) == whole
    assert (whole.escalate_to, whole.impact, whole.is_drill, whole.is_private) == (
        ("Payments", "Web"), {"customers": "All"}, True, True,
    )  # fmt: skip
    assert whole.roles == {"tech_lead": (MIA_AT_JIRA,), "backup_incident_manager": (Person("acc-omar", "Omar Haddad"),)}


def test_what_we_write_comes_back_as_our_own_change(jira: JiraWorld):
    issue_id, _ = an_issue(jira)
    jira.tickets.put_fields(issue_id, {CHAT_ROOM: ROOM, VIDEO_CALL: CALL})
    [hook] = jira.model.take_due_webhooks()
    assert hook.body["user"]["accountId"] == BOT.account_id
    assert [change["fieldId"] for change in hook.body["changelog"]["items"]] == [CHAT_ROOM, VIDEO_CALL]
