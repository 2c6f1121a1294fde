"""Jira as Tickets: the whole truth about an issue or an error, never half of it.

`any_jira` is the simulator's too; `jira` is for what only HTTP can do, and for webhooks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.adapters.jira_cloud import LONGEST_HISTORY, PAGE_SIZE, JiraCloud, comment_of, comments_of, recently_updated_jql
from chalicelib.adapters.jira_data_center import JiraDataCenter
from chalicelib.domain.incident import Incident, IssueId, Severity, Status
from chalicelib.domain.policy import PagingPolicy
from chalicelib.domain.taken import taken_in_jira
from chalicelib.errors import TemporaryError
from chalicelib.intake.jira_event import parse_jira_event
from chalicelib.intake.signature import verify_hub_signature
from chalicelib.ports.queue import Cause
from chalicelib.ports.tickets import Left, Missing, Tickets
from sandbox.emulator import Fault, FaultKind
from sandbox.jira.schema import STARTED, TECH_LEAD, example_schema
from tests.adapters.idle_world import a_vendor_that_forgets
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
from tests.builders import NOW, TIMEOUTS_S, TOO_LATE_S, seconds
from tests.reconcile.small_world import FakeClock

LASTING = (FaultKind.NOT_FOUND, FaultKind.CONFLICT, FaultKind.SLOW)
"""No passing fault: refusals, and what is no error at all."""


@pytest.fixture
def jira() -> Iterator[JiraWorld]:
    with a_jira() as world:
        yield world


@pytest.fixture(params=["over HTTP", "simulated"])
def any_jira(request: pytest.FixtureRequest) -> Iterator[TicketsWorld]:
    if request.param == "simulated":
        yield simulated_tickets()
    else:
        with a_jira() as world:
            yield world


def read(jira: TicketsWorld, issue_id: str) -> Incident:
    incident = jira.tickets.read(IssueId(issue_id))
    assert isinstance(incident, Incident)
    return incident


def test_an_issue_is_read_with_everything_the_process_needs(any_jira: TicketsWorld):
    issue = any_jira.model.create_incident(EMMA, "Checkout is down", products=("Payments", "Web"), description="h2. Carts")
    incident = read(any_jira, issue.id)
    assert (incident.key, incident.severity, incident.status) == ("HOT-1", Severity.SEV1, Status.NEW)
    assert (incident.service, incident.products, incident.description) == ("Bitbucket", ("Payments", "Web"), "h2. Carts")
    assert (incident.created_at, incident.changes_complete) == (NOW, True)
    assert incident.reporter is not None
    assert incident.reporter.email is None


def test_the_history_says_who_took_it(any_jira: TicketsWorld):
    issue = any_jira.model.create_incident(EMMA, "Checkout is down")
    any_jira.model.assign(issue, MIA, EMMA)
    assert taken_in_jira(read(any_jira, issue.id), PagingPolicy()) is None
    any_jira.model.transition(issue, "Fixing", MIA)
    taking = taken_in_jira(read(any_jira, issue.id), PagingPolicy())
    assert taking is not None
    assert taking.by.account_id == "acc-mia"


def test_the_history_tells_who_had_a_role_and_who_changed_a_time(wherever: TicketsWorld):
    model = wherever.model
    mia, emma = model.users[MIA.account_id], model.users[EMMA.account_id]
    issue = model.create_incident(emma, "Checkout is down")
    model.set_field(issue, TECH_LEAD, mia.as_json(), emma)
    model.set_field(issue, STARTED, "2026-11-23T03:00:00.000+0000", mia)
    changes = [(change.what, change.by and change.by.account_id) for change in read(wherever, issue.id).changes]
    assert changes == [("role:tech_lead", EMMA.account_id), ("impact_started", MIA.account_id)]


def test_a_history_longer_than_what_comes_with_the_issue_is_read_to_its_beginning(any_jira: TicketsWorld):
    issue = any_jira.model.create_incident(EMMA, "Checkout is down")
    any_jira.model.assign(issue, MIA, MIA)
    for number in range(230):
        any_jira.clock.at += timedelta(seconds=1)
        any_jira.model.edit_summary(issue, f"Checkout is down {number}", EMMA)
    assert taken_in_jira(read(any_jira, issue.id), PagingPolicy()) is not None
    if isinstance(any_jira, JiraWorld):
        assert any_jira.emulator.count("get_changelog") == 3


class FastClock(FakeClock):
    """Three seconds go by whenever somebody looks at it."""

    def now(self) -> datetime:
        self.at += seconds(3)
        return self.at


def a_history_too_long(jira: JiraWorld) -> IssueId:
    """Taken at once, edited by some machine ever since, and moved to Fixing at last."""
    issue = jira.model.create_incident(EMMA, "Checkout is down")
    jira.model.assign(issue, MIA, MIA)
    for number in range(LONGEST_HISTORY + 250):
        jira.model.edit_summary(issue, f"Checkout is down {number}", EMMA)
    jira.model.transition(issue, "Fixing", MIA)
    return IssueId(issue.id)


def test_of_a_history_that_no_pass_has_time_for_the_end_is_read(jira: JiraWorld):
    incident = read(jira, a_history_too_long(jira))
    assert [change.what for change in incident.changes] == ["status"]
    assert not incident.changes_complete
    assert jira.emulator.count("get_changelog") == LONGEST_HISTORY // PAGE_SIZE


def test_a_history_that_comes_whole_with_the_issue_is_complete_however_long():
    with a_data_center() as jira:
        incident = read(jira, a_history_too_long(jira))
    assert [change.what for change in incident.changes] == ["assignee", "status"]
    assert incident.changes_complete


def test_a_history_that_takes_too_long_is_left_for_the_page(jira: JiraWorld):
    issue_id = a_history_too_long(jira)
    tickets = JiraCloud(jira.url, "bot@example.com", TOKEN, example_schema(), timeouts_s=TIMEOUTS_S, clock=FastClock(NOW))
    with pytest.raises(TemporaryError, match="too long"):
        tickets.read(issue_id)
    assert jira.emulator.count("get_changelog") < LONGEST_HISTORY // PAGE_SIZE


@pytest.mark.parametrize("how", ["deleted", "hidden"])
def test_an_issue_that_is_not_there_is_missing(any_jira: TicketsWorld, how: str):
    issue = any_jira.model.create_incident(EMMA, "Checkout is down")
    setattr(issue, how, True)
    assert any_jira.tickets.read(IssueId(issue.id)) == Missing(IssueId(issue.id))


def test_a_moved_issue_is_followed_by_its_id_and_has_left(any_jira: TicketsWorld):
    issue = any_jira.model.create_incident(EMMA, "Checkout is down")
    any_jira.model.move(issue, "OPS", EMMA)
    assert isinstance(any_jira.tickets.read(IssueId(issue.id)), Left)


def test_the_search_finds_what_was_updated_page_by_page_and_lags_behind(any_jira: TicketsWorld):
    issues = [any_jira.model.create_incident(EMMA, f"Incident {number}") for number in range(205)]
    any_jira.model.create_incident(EMMA, "Not ours", project="OPS")
    any_jira.model.create_incident(EMMA, "A task", issue_type="Task")
    found = list(any_jira.tickets.recently_updated(15))
    assert [ref.id for ref in found] == [issue.id for issue in issues]
    assert {ref.updated_at for ref in found} == {any_jira.clock.at}
    if isinstance(any_jira, JiraWorld):
        assert any_jira.emulator.count("search") == 3
    newest = list(any_jira.tickets.recently_updated(15, newest_first=True))
    assert newest == found[::-1]
    any_jira.model.lag = timedelta(seconds=30)
    late = any_jira.model.create_incident(EMMA, "Late")
    assert late.id not in {ref.id for ref in any_jira.tickets.recently_updated(15)}


def test_a_search_that_fails_on_its_second_page_is_an_error_and_no_short_list(jira: JiraWorld):
    for number in range(101):
        jira.model.create_incident(EMMA, f"Incident {number}")
    refs = jira.tickets.recently_updated(15)
    next(refs)
    jira.emulator.faults.switch_on("search", Fault(FaultKind.UNAVAILABLE))
    with pytest.raises(TemporaryError):
        list(refs)


def test_names_in_a_search_cannot_break_out_of_their_quotes():
    from dataclasses import replace

    schema = replace(example_schema(), issue_types=frozenset({'In"cident\\'}))
    assert 'issuetype in ("In\\"cident\\\\")' in recently_updated_jql(schema, 16)


def test_our_comment_is_found_by_its_mark_whatever_else_was_said(any_jira: TicketsWorld):
    issue = any_jira.model.create_incident(EMMA, "Checkout is down")
    for number in range(120):
        any_jira.model.comment(issue, f"firebell status {number}", MIA)
    issue_id = IssueId(issue.id)
    assert any_jira.tickets.find_comment(issue_id, "status") is None
    mails = any_jira.model.mails
    comment_id = any_jira.tickets.add_comment(issue_id, "status", "*Firebell*")
    assert any_jira.tickets.find_comment(issue_id, "status") == comment_id
    assert any_jira.tickets.edit_comment(issue_id, comment_id, "*Firebell* again")
    assert issue.comments[-1].body == "*Firebell* again"
    assert any_jira.model.mails == mails, "an internal comment and a quiet edit send no mail"


def test_what_people_wrote_is_read_oldest_first_and_ours_is_not_among_it(any_jira: TicketsWorld):
    issue = any_jira.model.create_incident(EMMA, "Checkout is down")
    any_jira.tickets.add_comment(IssueId(issue.id), "status", "*Firebell*")
    for number in range(120):
        any_jira.clock.at += timedelta(seconds=1)
        any_jira.model.comment(issue, f"note: {number}", MIA)
    found = any_jira.tickets.read_comments(IssueId(issue.id))
    assert [comment.text for comment in found] == [f"note: {number}" for number in range(120)]
    assert (found[0].id, found[0].at) == (issue.comments[1].id, NOW + timedelta(seconds=1))
    assert {comment.by and comment.by.name for comment in found} == {MIA.name}


@pytest.fixture(params=["Cloud", "simulated", "Data Center"])
def wherever(request: pytest.FixtureRequest) -> Iterator[TicketsWorld]:
    """Any Jira there is, where everybody has an account."""
    if request.param == "simulated":
        world = simulated_tickets()
        hire(world.model)
        yield world
        return
    with a_jira() if request.param == "Cloud" else a_data_center() as world:
        if request.param == "Cloud":
            hire(world.model)
        yield world


def test_a_comment_is_read_as_it_is_now_with_the_times_it_was_written_and_edited(wherever: TicketsWorld):
    mia = wherever.model.users[MIA.account_id]
    issue = wherever.model.create_incident(EMMA, "Checkout is down")
    written = wherever.model.comment(issue, "update: we look", mia)
    wherever.clock.at += timedelta(seconds=40)
    wherever.model.edit_comment(issue, written, "update: we know", mia, notify=False)
    comment = wherever.tickets.read_comment(IssueId(issue.id), written.id)
    assert comment is not None
    assert (comment.text, comment.by and comment.by.name) == ("update: we know", "Mia Moore")
    assert (comment.at, comment.edited_at) == (NOW, NOW + timedelta(seconds=40))
    assert wherever.tickets.read_comments(IssueId(issue.id)) == (comment,)


def test_whoever_edits_what_another_wrote_is_told(wherever: TicketsWorld):
    mia, emma = (wherever.model.users[one.account_id] for one in (MIA, EMMA))
    issue = wherever.model.create_incident(EMMA, "Checkout is down")
    written = wherever.model.comment(issue, "update: we look", mia)
    wherever.model.edit_comment(issue, written, "update: we know", emma, notify=False)
    comment = wherever.tickets.read_comment(IssueId(issue.id), written.id)
    assert comment is not None
    assert comment.by is not None
    assert comment.edited_by is not None
    assert (comment.by.name, comment.edited_by.name) == ("Mia Moore", "Emma Reyes")


@pytest.mark.parametrize("editor", [{}, {"updateAuthor": None}, {"updateAuthor": {"active": False}}])
def test_whose_an_edit_is_stays_open_where_jira_does_not_tell(editor: dict[str, Any]):
    """Then it is not taken for the author's."""
    written = {
        "id": "7",
        "author": {"accountId": "acc-mia"},
        "body": "update: we look",
        "created": "2026-11-23T03:00:00.000+0000",
    }
    never_edited = comment_of({**written, **editor, "updated": written["created"]})
    edited = comment_of({**written, **editor, "updated": "2026-11-23T03:01:00.000+0000"})
    assert never_edited.edited_by is None
    assert edited.edited_by is not None
    assert edited.edited_by.account_id == ""


def test_a_comment_that_was_deleted_is_none(wherever: TicketsWorld):
    issue = wherever.model.create_incident(EMMA, "Checkout is down")
    written = wherever.model.comment(issue, "update: we look", MIA)
    before = issue.updated
    wherever.model.delete_comment(issue, written, MIA)
    assert wherever.tickets.read_comment(IssueId(issue.id), written.id) is None
    assert issue.updated > before


@pytest.mark.parametrize("there", [True, False], ids=["it is there", "it was deleted"])
@pytest.mark.parametrize("how", ["hidden", "deleted"])
def test_of_a_comment_nobody_knows_whether_it_is_gone_while_its_issue_cannot_be_seen(
    wherever: TicketsWorld, how: str, there: bool
):
    """The issue may come back, and the comment with it. Of a deleted one only a "deleted" event tells."""
    issue = wherever.model.create_incident(EMMA, "Checkout is down")
    written = wherever.model.comment(issue, "update: we look", MIA)
    if not there:
        issue.comments.remove(written)
    setattr(issue, how, True)
    with pytest.raises(TemporaryError, match="cannot be seen"):
        wherever.tickets.read_comment(IssueId(issue.id), written.id)
    with pytest.raises(TemporaryError, match="cannot be seen"):
        wherever.tickets.edit_comment(IssueId(issue.id), written.id, "more")
    assert written.body == "update: we look"


def test_the_issue_is_asked_for_only_where_its_comment_is_not_found(jira: JiraWorld):
    issue = jira.model.create_incident(EMMA, "Checkout is down")
    written = jira.model.comment(issue, "update: we look", MIA)
    assert jira.tickets.read_comment(IssueId(issue.id), written.id) is not None
    assert jira.tickets.edit_comment(IssueId(issue.id), written.id, "more")
    assert jira.emulator.count("get_issue") == 0
    assert jira.tickets.read_comment(IssueId(issue.id), "77") is None
    assert jira.emulator.count("get_issue") == 1


@pytest.mark.parametrize("kind", [FaultKind.UNAVAILABLE, FaultKind.UNAUTHORIZED, FaultKind.GARBAGE])
def test_a_comment_is_not_gone_where_jira_cannot_say_whether_its_issue_is_there(jira: JiraWorld, kind: FaultKind):
    issue = jira.model.create_incident(EMMA, "Checkout is down")
    jira.emulator.faults.switch_on("get_issue", Fault(kind, times=2))
    with pytest.raises(TemporaryError):
        jira.tickets.read_comment(IssueId(issue.id), "77")
    with pytest.raises(TemporaryError):
        jira.tickets.edit_comment(IssueId(issue.id), "77", "more")


def test_groups_are_those_that_somebody_is_in_now(wherever: TicketsWorld):
    wherever.model.groups = {"comms": {MIA.account_id}, "staff": {MIA.account_id, EMMA.account_id}}
    assert wherever.tickets.groups_of(MIA.account_id) == {"comms", "staff"}
    wherever.model.groups["comms"].clear()
    assert wherever.tickets.groups_of(MIA.account_id) == {"staff"}
    assert wherever.tickets.groups_of("acc-nobody") == frozenset()


def test_a_jira_that_cannot_say_is_no_jira_that_says_no(jira: JiraWorld):
    issue = jira.model.create_incident(EMMA, "Checkout is down")
    written = jira.model.comment(issue, "update: we look", MIA)
    jira.emulator.faults.switch_on("get_comment", Fault(FaultKind.UNAVAILABLE))
    jira.emulator.faults.switch_on("user_groups", Fault(FaultKind.UNAVAILABLE))
    with pytest.raises(TemporaryError):
        jira.tickets.read_comment(IssueId(issue.id), written.id)
    with pytest.raises(TemporaryError):
        jira.tickets.groups_of(MIA.account_id)


def test_a_comment_that_is_for_a_few_by_now_is_none(jira: JiraWorld):
    issue = jira.model.create_incident(EMMA, "Checkout is down")
    written = jira.model.comment(issue, "update: we look", MIA)
    written.visibility = {"type": "role", "value": "Administrators"}
    assert jira.tickets.read_comment(IssueId(issue.id), written.id) is None
    assert jira.tickets.read_comments(IssueId(issue.id)) == ()


def test_rich_text_is_read_and_what_is_for_a_few_is_not():
    document = {"type": "doc", "content": [{"type": "paragraph", "content": [{"type": "text", "text": "note: up"}]}]}
    told = {"id": 7, "created": "2026-11-23T03:00:00.000+0000", "body": document, "author": {"accountId": "acc-mia"}}
    few = {**told, "id": 8, "visibility": {"type": "role", "value": "Administrators"}}
    [comment] = comments_of([told, few])
    assert (comment.id, comment.text, comment.at) == ("7", "note: up", NOW)


def test_a_comment_that_a_human_deleted_is_not_made_again_by_an_edit(any_jira: TicketsWorld):
    issue = any_jira.model.create_incident(EMMA, "Checkout is down")
    comment_id = any_jira.tickets.add_comment(IssueId(issue.id), "status", "text")
    issue.comments.clear()
    assert not any_jira.tickets.edit_comment(IssueId(issue.id), comment_id, "more")


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind not in LASTING])
def test_every_passing_fault_is_a_temporary_error_that_leaks_nothing(jira: JiraWorld, kind: FaultKind):
    issue = jira.model.create_incident(EMMA, "Checkout is down")
    jira.emulator.faults.switch_on("get_issue", Fault(kind, delay_s=TOO_LATE_S, retry_after="7"))
    with pytest.raises(TemporaryError) as caught:
        jira.tickets.read(IssueId(issue.id))
    assert TOKEN not in f"{caught.value} {caught.value!r} {caught.value.__cause__!r}"
    assert caught.value.out_of_service is (kind in (FaultKind.UNAUTHORIZED, FaultKind.FORBIDDEN))
    if kind is FaultKind.RATE_LIMITED:
        assert caught.value.retry_after_s == 7.0


@pytest.mark.parametrize("token", [pytest.param(f"{TOKEN}\u200b", id="hidden"), pytest.param(f"{TOKEN}\n", id="line break")])
@pytest.mark.parametrize("deployment", ["cloud", "data-center"])
def test_a_token_that_no_header_can_hold_counts_as_down_and_does_not_show(deployment: str, token: str):
    url, schema = "http://127.0.0.1:9", example_schema()
    is_cloud = deployment == "cloud"
    tickets = JiraCloud(url, "bot@example.com", token, schema) if is_cloud else JiraDataCenter(url, token, schema)
    with pytest.raises(TemporaryError, match="a credential holds a character that no header can") as caught:
        tickets.read(IssueId("10001"))
    assert caught.value.out_of_service
    assert TOKEN not in repr(caught.value.__context__)


ASKED: dict[str, Callable[[Tickets, IssueId], object]] = {
    "a search": lambda tickets, _: list(tickets.recently_updated(15)),
    "an issue": lambda tickets, issue_id: tickets.read(issue_id),
    "its comments": lambda tickets, issue_id: tickets.find_comment(issue_id, "status"),
    "one of them": lambda tickets, issue_id: tickets.read_comment(issue_id, "77"),
    "a change": lambda tickets, issue_id: tickets.put_fields(issue_id, {"customfield_10100": None}),
    "people": lambda tickets, _: tickets.groups_of(MIA.account_id),
}


@pytest.mark.parametrize("ask", [pytest.param(ask, id=what) for what, ask in ASKED.items()])
@pytest.mark.parametrize("a_world", [pytest.param(a_jira, id="Cloud"), pytest.param(a_data_center, id="Data Center")])
def test_what_jira_tells_nobody_is_no_answer_to_us(
    a_world: Callable[[], AbstractContextManager[JiraWorld]], ask: Callable[[Tickets, IssueId], object]
):
    """A token expires after a year at most: then Cloud finds nothing, and shows no issue, as to any visitor."""
    with a_world() as world:
        issue = world.model.create_incident(EMMA, "Checkout is down")
        world.emulator._expected = "renewed"
        with pytest.raises(TemporaryError, match=r"401|not accepted \(AUTHENTICATED_FAILED\)") as caught:
            ask(world.tickets, IssueId(issue.id))
        assert caught.value.out_of_service


def test_after_an_idle_spell_jira_is_asked_by_a_new_connection():
    clock = FakeClock(NOW)
    with a_vendor_that_forgets(clock) as (url, fates):
        tickets = JiraCloud(url, "bot@example.com", TOKEN, example_schema(), timeouts_s=TIMEOUTS_S, clock=clock)
        for _ in range(3):
            assert tickets.groups_of("acc-mia") == frozenset()
            clock.at += seconds(61)
        assert fates == ["answered"] * 3


@pytest.mark.parametrize("operation", ["recently_updated", "find_comment"])
def test_a_list_with_an_error_inside_is_a_temporary_error_and_no_empty_list(jira: JiraWorld, operation: str):
    issue_id = IssueId(jira.model.create_incident(EMMA, "Checkout is down").id)
    jira.emulator.faults.switch_on("*", Fault(FaultKind.ERROR_INSIDE))
    with pytest.raises(TemporaryError):
        list(jira.tickets.recently_updated(15)) if operation == "recently_updated" else jira.tickets.find_comment(issue_id, "m")


def test_an_issue_that_arrives_cut_in_half_is_not_logged(jira: JiraWorld, caplog: pytest.LogCaptureFixture):
    """Summaries, names and addresses of people are in it."""
    issue = jira.model.create_incident(EMMA, "Checkout is down")
    jira.emulator.faults.switch_on("get_issue", Fault(FaultKind.GARBAGE))
    with pytest.raises(TemporaryError):
        jira.tickets.read(IssueId(issue.id))
    assert "Checkout" not in caplog.text


# --- the webhooks that the emulator sends are ones that intake understands ------------------------------------------


def a_webhook_of(jira: JiraWorld) -> tuple[bytes, dict[str, str]]:
    [hook] = jira.model.take_due_webhooks()
    headers = {name.lower(): value for name, value in jira.emulator.headers_of(hook).items()}
    return jira.emulator.body_of(hook), headers


def test_a_webhook_is_signed_and_holds_the_issue_as_rest_shows_it(jira: JiraWorld):
    issue = jira.model.create_incident(EMMA, "Checkout is döwn 🔥")
    body, headers = a_webhook_of(jira)
    verify_hub_signature(body, headers["x-hub-signature"], (jira.secret,))
    event = parse_jira_event(body, headers, example_schema())
    assert event.snapshot == read(jira, issue.id)
    assert not event.is_retry


def test_a_comment_carries_the_issue_in_part_and_is_a_doorbell_only(jira: JiraWorld):
    issue = jira.model.create_incident(EMMA, "Checkout is down")
    jira.model.take_due_webhooks()
    jira.model.comment(issue, "looking", MIA)
    event = parse_jira_event(*a_webhook_of(jira), example_schema())
    assert (event.issue_id, event.snapshot) == (issue.id, None)


@pytest.mark.parametrize(
    ("what", "cause"),
    [pytest.param("delete", Cause.DELETED, id="deleted"), pytest.param("move", Cause.DELETED, id="moved away")],
)
def test_an_issue_that_leaves_still_rings(jira: JiraWorld, what: str, cause: Cause):
    issue = jira.model.create_incident(EMMA, "Checkout is down")
    jira.model.take_due_webhooks()
    jira.model.delete(issue, BOT) if what == "delete" else jira.model.move(issue, "OPS", EMMA)
    event = parse_jira_event(*a_webhook_of(jira), example_schema())
    assert (event.issue_id, event.cause) == (issue.id, cause)


def test_jira_tries_again_on_5xx_and_silence_and_drops_what_gets_a_4xx(jira: JiraWorld):
    jira.model.create_incident(EMMA, "Checkout is down")
    answers = iter([503, 0, 202])
    tried: list[dict[str, str]] = []

    def deliver(_url: str, headers: object, _body: bytes) -> int:
        tried.append(dict(headers))  # type: ignore[call-overload]
        return next(answers)

    for _ in range(5):
        jira.emulator.pump(deliver)
        jira.clock.at += jira.model.retry_pause
    assert len(tried) == 3
    assert len({headers["X-Atlassian-Webhook-Identifier"] for headers in tried}) == 1
    assert ["X-Atlassian-Webhook-Retry" in headers for headers in tried] == [False, True, True]
    jira.model.create_incident(EMMA, "Another")
    jira.emulator.pump(lambda *_: 404)
    assert jira.model.webhooks == []
