"""Whoever acknowledges has it in Jira, unless a human chose otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.artifacts.artifact import Made, Scene, Spec
from chalicelib.artifacts.taking import TAKING_OVER, Acknowledgement, Steps, TakingInJira, acknowledgements, steps_left
from chalicelib.domain.incident import Incident, Person, Severity, Status
from chalicelib.domain.paging import PageRecord, PageState
from chalicelib.domain.people import Known, PeopleTable
from chalicelib.domain.policy import PagingPolicy
from chalicelib.errors import TemporaryError
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from chalicelib.ports.tickets import Left, NotMoved, Refused
from tests.builders import EMMA, FIREBELL, MIA, NOW, ROBOT, a_change, a_page, an_incident, seconds
from tests.reconcile.small_world import FakeTickets

DESK = Person("acc-desk", "Service Desk")
POLICY = PagingPolicy(own_account="acc-firebell", default_assignees=frozenset({"acc-desk"}))
ACKED = a_page(state=PageState.ACKED, acked_at=NOW + seconds(30), acked_by="mia@example.com")
BY_OMAR = a_page("imoc1", PageState.ACKED, acked_at=NOW + seconds(20), acked_by="omar@example.com")
BOTH, NOTHING = Steps(assign=True, move=True), Steps(assign=False, move=False)
ONLY_MOVE, ONLY_ASSIGN = Steps(assign=False, move=True), Steps(assign=True, move=False)
OUR_MOVE, OUR_CHOICE = a_change("status", "fixing", FIREBELL, old="new"), a_change("assignee", "acc-mia", FIREBELL)


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        pytest.param({}, BOTH, id="nobody has it"),
        pytest.param({"assignee": DESK}, BOTH, id="a default assignee is nobody"),
        pytest.param({"assignee": EMMA}, ONLY_MOVE, id="somebody has it already"),
        pytest.param({"assignee": replace(EMMA, active=False)}, BOTH, id="so is an account that was switched off"),
        pytest.param({"status": Status.FIXING}, ONLY_ASSIGN, id="Fixing already"),
        pytest.param({"status": Status.RESOLVED}, NOTHING, id="resolved"),
        pytest.param({"severity": Severity.SEV3}, NOTHING, id="lowered to 3"),
        pytest.param({"status": Status.FIXING, "changes": (OUR_MOVE,)}, ONLY_ASSIGN, id="died between moving and assigning"),
        pytest.param({"changes": (OUR_MOVE, OUR_CHOICE, a_change("assignee", None, EMMA), a_change("status", "new", EMMA))},
                     NOTHING, id="a human undid both"),
        pytest.param({"changes": (OUR_MOVE, OUR_CHOICE, a_change("status", "new", EMMA, old="resolved"))}, BOTH,
                     id="reopened since"),
        pytest.param({"changes": (OUR_MOVE, OUR_CHOICE, a_change("severity", "3", EMMA, old="1"),
                                  a_change("severity", "2", EMMA, old="3"))}, BOTH, id="lowered and raised again since"),
        pytest.param({"changes": (OUR_MOVE, OUR_CHOICE, a_change("severity", "1", EMMA, old="2"))}, NOTHING,
                     id="made worse since"),
        pytest.param({"changes": (a_change("assignee", None, ROBOT), a_change("status", "new", EMMA, old="fixing"))}, BOTH,
                     id="what others changed before we did anything"),
    ],
)  # fmt: skip
def test_what_is_left_to_do(changes: dict[str, Any], left: Steps):
    assert steps_left(an_incident(**changes), POLICY) == left


@pytest.mark.parametrize(
    ("page", "by"),
    [
        pytest.param(ACKED, "mia@example.com", id="the incident's page"),
        pytest.param(BY_OMAR, "omar@example.com", id="the fallback's"),
        pytest.param(replace(ACKED, target="im.second"), "mia@example.com", id="its second's"),
        pytest.param(replace(ACKED, target="delivery"), None, id="never the delivery team's"),
        pytest.param(replace(ACKED, target="to.databases"), None, id="never an escalation's"),
        pytest.param(replace(ACKED, acked_by_us=True), None, id="ours, whatever the pager's clock says"),
        pytest.param(
            replace(ACKED, ack_sent_at=NOW + seconds(5)), "mia@example.com", id="we asked, for an alert that came late"
        ),
        pytest.param(replace(ACKED, state=PageState.CONFIRMED), "mia@example.com", id="another alert of it came late"),
        pytest.param(replace(ACKED, state=PageState.ENDING), None, id="it is over"),
        pytest.param(replace(ACKED, acked_by=None), "", id="the pager does not say whose"),
        pytest.param(a_page(), None, id="it rings"),
    ],
)
def test_whose_acknowledgement_counts(page: PageRecord, by: str | None):
    assert [one.by for one in acknowledgements([page])] == ([by] if by is not None else [])


# --- what is wanted ----------------------------------------------------------------------------------------------------


def taking(tickets: FakeTickets | None = None, table: PeopleTable | None = None) -> TakingInJira:
    return TakingInJira(lambda: tickets or FakeTickets(), POLICY, table or PeopleTable())


def wanted(*pages: PageRecord, record: ArtifactRecord | None = None, **scene: Any) -> Spec[Acknowledgement | None] | None:
    records = {"taking": record} if record is not None else {}
    specs = taking().want(replace(Scene(an_incident(), NOW, pages, records=records), **scene))
    assert len(specs) <= 1
    return specs[0] if specs else None


def test_whoever_takes_over_from_one_who_left_does_so_by_a_record_of_its_own_and_never_beside_the_first_taking():
    scene = Scene(an_incident(), NOW, (ACKED,), called=(replace(BY_OMAR, target="next.imoc1"),))
    [first], [second] = taking().want(scene), replace(taking(), name=TAKING_OVER).want(scene)
    assert [(spec.name, spec.content and spec.content.by, spec.sole_among) for spec in (first, second)] == [
        ("taking", "mia@example.com", "taking"), ("taking:next", "omar@example.com", "taking"),
    ]  # fmt: skip


def made_of(spec: Spec[Any] | None, **changes: Any) -> ArtifactRecord:
    assert spec is not None
    made = ArtifactRecord(spec.incident.id, "taking", ArtifactState.MADE, "c", NOW, spec.fingerprint, vendor_id="10002")
    return replace(made, **changes)


SENDING = ArtifactRecord(an_incident().id, "taking", ArtifactState.SENDING, "c", NOW, last_error="timed out")


@pytest.mark.parametrize(
    ("pages", "scene"),
    [
        pytest.param((), {}, id="nobody was paged"),
        pytest.param((a_page(),), {}, id="nobody has acknowledged"),
        pytest.param((ACKED,), {"wanted": False}, id="it is over"),
    ],
)
def test_nothing_is_taken_when(pages: tuple[PageRecord, ...], scene: dict[str, Any]):
    assert wanted(*pages, **scene) is None


def test_the_first_acknowledgement_counts():
    spec = wanted(ACKED, BY_OMAR)
    assert spec is not None
    assert spec.content == acknowledgements([BY_OMAR])[0]


def test_one_that_turns_up_later_takes_nothing_even_if_its_pagers_clock_says_it_was_first():
    first = wanted(ACKED)
    assert wanted(ACKED, BY_OMAR, record=made_of(first)) == first


def test_what_changes_on_the_issue_changes_nothing():
    later = wanted(ACKED, incident=an_incident(summary="Checkout is slow", assignee=EMMA))
    assert made_of(later).fingerprint == made_of(wanted(ACKED)).fingerprint


def test_a_new_episode_is_taken_anew():
    first = made_of(wanted(ACKED))
    second = wanted(replace(ACKED, episode=2), record=first)
    assert second is not None
    assert second.content is not None
    assert second.fingerprint != first.fingerprint


@pytest.mark.parametrize("record", [SENDING, replace(SENDING, vendor_id="10002", state=ArtifactState.MADE)])
def test_what_could_not_be_finished_is_dropped_when_it_is_over(record: ArtifactRecord):
    spec = wanted(record=record, wanted=False)
    assert spec is not None
    assert spec.content is None


def test_what_was_asked_of_people_is_not_said_any_more_once_they_did_it():
    spec = wanted(ACKED)
    told = made_of(spec, says=("mia@example.com acknowledged, but ...",))
    assert wanted(ACKED, record=told) == spec
    over = wanted(ACKED, record=told, incident=an_incident(assignee=EMMA, status=Status.FIXING))
    assert over is not None
    assert over.content is None
    undone = wanted(ACKED, record=made_of(over))
    assert made_of(undone).fingerprint == over.fingerprint


# --- what is done ------------------------------------------------------------------------------------------------------


def taken(tickets: FakeTickets, page: PageRecord = ACKED, table: PeopleTable | None = None) -> Made:
    spec = wanted(page)
    assert spec is not None
    return taking(tickets, table).make(spec)


def jira_with(incident: Incident | Left, *accounts: Person) -> FakeTickets:
    id_ = incident.id if isinstance(incident, Incident) else incident.issue_id
    return FakeTickets(issues={id_: incident}, accounts=list(accounts))


def test_it_is_moved_and_assigned():
    tickets = jira_with(an_incident(), MIA)
    assert taken(tickets) == Made("10002")
    assert (tickets.moved, tickets.assigned) == ({"10002": Status.FIXING}, {"10002": MIA})


@pytest.mark.parametrize(
    ("by", "table", "accounts"),
    [
        pytest.param("MIA@example.com", PeopleTable(), [replace(MIA, email="mia@example.com")], id="an address in any case"),
        pytest.param("5b10ac8d82e05b22cc7d4ef5", PeopleTable(), [replace(MIA, account_id="5b10ac8d82e05b22cc7d4ef5")],
                     id="an account id"),
        pytest.param("mia.m", PeopleTable((Known("mia", account_id="acc-mia", pager_names=("mia.m",)),)), [MIA],
                     id="a name that the table knows"),
    ],
)  # fmt: skip
def test_who_acknowledged_is_found(by: str, table: PeopleTable, accounts: list[Person]):
    tickets = jira_with(an_incident(), *accounts)
    tickets.find_people = lambda mail: tuple(accounts) if mail.casefold() == "mia@example.com" else ()  # type: ignore[method-assign]
    assert taken(tickets, replace(ACKED, acked_by=by), table).says == ()
    assert tickets.assigned == {"10002": accounts[0]}


@pytest.mark.parametrize(
    ("page", "accounts", "said"),
    [
        pytest.param(ACKED, [], "mia@example.com acknowledged, but Jira has nobody with the address mia@example.com; "
                     "add them to [people]; assign it to them yourself", id="nobody of that address"),
        pytest.param(replace(ACKED, acked_by="mia.m"), [MIA], "mia.m acknowledged, but mia.m alone does not tell who it is at "
                     "Jira; add them to [people]; assign it to them yourself", id="a name that nobody knows"),
        pytest.param(replace(ACKED, acked_by=None), [MIA], "somebody acknowledged, but no id and no address of them is known; "
                     "assign it to them yourself", id="nobody said who"),
        pytest.param(ACKED, [replace(MIA, is_human=False)], "mia@example.com acknowledged, but Mia Moore is no human at Jira; "
                     "assign it to them yourself", id="an app"),
        pytest.param(ACKED, [replace(MIA, account_id="acc-firebell")], "mia@example.com acknowledged, but Mia Moore is no "
                     "human at Jira; assign it to them yourself", id="ourselves"),
    ],
)  # fmt: skip
def test_who_cannot_be_matched_is_named_and_the_issue_moves_all_the_same(page: PageRecord, accounts: list[Person], said: str):
    tickets = jira_with(an_incident(), *accounts)
    assert taken(tickets, page).says == (said,)
    assert (tickets.assigned, tickets.moved) == ({}, {"10002": Status.FIXING})


def test_what_jira_refuses_is_said_and_keeps_nothing_else_from_being_done():
    tickets = jira_with(an_incident(), MIA)
    tickets.move_to = lambda issue_id, status: NotMoved("no transition leads there")  # type: ignore[method-assign]
    assert taken(tickets).says == (
        "mia@example.com acknowledged, but the issue was not moved to Fixing: no transition leads there; move it yourself",
    )
    assert tickets.assigned == {"10002": MIA}


def test_an_assignment_that_jira_refuses_is_said():
    tickets = jira_with(an_incident(), MIA)
    tickets.assign = lambda issue_id, person: Refused("Mia cannot be assigned issues")  # type: ignore[method-assign]
    assert taken(tickets).says == (
        "mia@example.com acknowledged, but the issue was not assigned to Mia Moore: Mia cannot be assigned issues; "
        "assign it yourself",
    )
    assert tickets.moved == {"10002": Status.FIXING}


def test_what_happened_since_the_pass_read_it_counts():
    tickets = jira_with(an_incident(assignee=EMMA, status=Status.FIXING), MIA)
    taken(tickets)
    assert tickets.writes == 0


@pytest.mark.parametrize(
    ("meanwhile", "kept"),
    [
        pytest.param({"assignee": EMMA}, EMMA, id="somebody assigned it"),
        pytest.param({"status": Status.RESOLVED}, None, id="it was resolved"),
        pytest.param({"severity": Severity.SEV3}, None, id="it was lowered"),
    ],
)
def test_what_a_human_does_while_we_look_who_it_is_stays(meanwhile: dict[str, Any], kept: Person | None):
    tickets = jira_with(an_incident(), MIA)
    find = tickets.find_people

    def find_slowly(mail: str) -> tuple[Person, ...]:
        tickets.issues[an_incident().id] = an_incident(**meanwhile)
        return find(mail)

    tickets.find_people = find_slowly  # type: ignore[method-assign]
    taken(tickets)
    issue = tickets.issues[an_incident().id]
    assert isinstance(issue, Incident)
    assert (issue.assignee, tickets.assigned) == (kept, {})


def test_a_look_up_that_fails_undoes_and_repeats_no_move():
    tickets = jira_with(an_incident(), MIA)
    find, asked = tickets.find_people, list[str]()

    def fail_once(mail: str) -> tuple[Person, ...]:
        asked.append(mail)
        if len(asked) == 1:
            raise TemporaryError("jira", "find_people", "timed out")
        return find(mail)

    tickets.find_people = fail_once  # type: ignore[method-assign]
    with pytest.raises(TemporaryError):
        taken(tickets)
    assert tickets.moved == {"10002": Status.FIXING}
    tickets.moved.clear()
    taken(tickets)
    assert (tickets.moved, tickets.assigned) == ({}, {"10002": MIA})


def test_an_issue_that_has_left_is_left_alone():
    tickets = jira_with(Left(an_incident().id, "it was moved to OPS"), MIA)
    assert taken(tickets) == Made("10002")
    assert tickets.writes == 0


def test_an_issue_that_cannot_be_seen_is_taken_once_it_can():
    with pytest.raises(TemporaryError, match="cannot be seen"):
        taken(FakeTickets())
