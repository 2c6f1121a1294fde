"""Issues that are no incidents: counted by their label, made once with their link, and found again without the search.

`any_jira` is Cloud and Data Center over HTTP, and the simulated one; `http_jira` is both over HTTP, `jira` Cloud alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.adapters.jql import quoted
from chalicelib.domain.incident import Incident, IssueId, IssueKey, Linked
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.ports.tickets import FoundIssue, LinkTo, NewIssue, Refused
from sandbox.emulator import Fault, FaultKind
from sandbox.jira import issues
from sandbox.jira.model import JiraIssue
from sandbox.jira.records import JiraProject
from tests.adapters.jira_world import EMMA, JiraWorld, TicketsWorld, a_data_center, a_jira, hire, simulated_tickets
from tests.builders import TOO_LATE_S

HOSTILE = (
    'HOT-1" OR project = SEC OR labels = "x',
    "HOT-1\\",
    '\\" OR 1=1 --',
    "HOT-1\nORDER BY created",
    "a, b) OR (labels in (c",
    "\x00\x1f",
    "{{7*7}}{code}[~admin]",
    "支付💥",
)
BROWSE = "https://example.atlassian.net/browse"
HOT_1 = LinkTo("Relates", IssueKey("HOT-1"))
REVIEW = NewIssue("REV", "Task", "HOT-1: Checkout is down", "h2. What happened", "firebell-review-1", HOT_1)


def with_projects(world: TicketsWorld) -> TicketsWorld:
    if not world.model.users:
        hire(world.model)
    issues.add_project(world.model, JiraProject("SUP", "service_desk", ("Support",)))
    issues.add_project(world.model, JiraProject("CUS", issue_types=("Task",)))
    issues.add_project(world.model, JiraProject("REV", issue_types=("Epic", "Task")))
    return world


@pytest.fixture(params=["Cloud", "Data Center", "simulated"])
def any_jira(request: pytest.FixtureRequest) -> Iterator[TicketsWorld]:
    if request.param == "simulated":
        yield with_projects(simulated_tickets())
    else:
        with a_jira() if request.param == "Cloud" else a_data_center() as world:
            yield with_projects(world)


@pytest.fixture(params=["Cloud", "Data Center"])
def http_jira(request: pytest.FixtureRequest) -> Iterator[JiraWorld]:
    with a_jira() if request.param == "Cloud" else a_data_center() as world:
        with_projects(world)
        yield world


@pytest.fixture
def jira() -> Iterator[JiraWorld]:
    with a_jira() as world:
        with_projects(world)
        yield world


def an_issue(world: TicketsWorld) -> tuple[IssueId, JiraIssue]:
    issue = world.model.create_incident(world.model.users[EMMA.account_id], "Checkout is down")
    return IssueId(issue.id), issue


def a_case(world: TicketsWorld, *labels: str, project: str = "SUP") -> JiraIssue:
    return issues.raise_case(world.model, project, "My cart is empty", world.model.users[EMMA.account_id], *labels)


def a_review(issue: JiraIssue) -> NewIssue:
    return replace(REVIEW, linked=to(issue))


def to(issue: JiraIssue, kind: str = "Relates") -> LinkTo:
    return LinkTo(kind, IssueKey(issue.key))


def read(world: TicketsWorld, issue_id: IssueId) -> Incident:
    incident = world.tickets.read(issue_id)
    assert isinstance(incident, Incident)
    return incident


def reviews(world: TicketsWorld) -> list[JiraIssue]:
    return [issue for issue in world.model.issues.values() if issue.project == "REV"]


# --- found by a label -----------------------------------------------------------------------------------------------------


def test_issues_are_found_by_any_of_the_labels_and_it_is_known_where_comments_are_kept_from_customers(any_jira: TicketsWorld):
    upper, lower = a_case(any_jira, "HOT-1"), a_case(any_jira, "vip", "hot-1", project="CUS")
    for label in ("Hot-1", "HOT-11", "XHOT-1", "HOT-1,HOT-2"):
        a_case(any_jira, label)
    a_case(any_jira)
    found = any_jira.tickets.find_issues(["SUP", "CUS"], ["HOT-1", "hot-1"])
    assert found.issues == (
        FoundIssue(IssueId(upper.id), IssueKey(upper.key), f"{BROWSE}/{upper.key}", takes_secrets=True),
        FoundIssue(IssueId(lower.id), IssueKey(lower.key), f"{BROWSE}/{lower.key}", takes_secrets=False),
    )


def test_only_the_projects_that_were_named_are_searched(any_jira: TicketsWorld):
    a_case(any_jira, "HOT-1", project="CUS")
    assert any_jira.tickets.find_issues(["SUP"], ["HOT-1"]).issues == ()


def test_the_search_goes_through_every_page(http_jira: JiraWorld):
    cases = [a_case(http_jira, "HOT-1").id for _ in range(205)]
    assert [issue.id for issue in http_jira.tickets.find_issues(["SUP"], ["HOT-1"]).issues] == cases
    assert http_jira.emulator.count("search") == 3


def test_the_search_lags_behind_new_issues_and_behind_new_labels(any_jira: TicketsWorld):
    any_jira.model.lag = timedelta(seconds=30)
    case = a_case(any_jira, "HOT-1")
    assert any_jira.tickets.find_issues(["SUP"], ["HOT-1"]).issues == ()
    any_jira.clock.at += timedelta(seconds=30)
    issues.label(any_jira.model, case, ["HOT-2"], EMMA)
    assert len(any_jira.tickets.find_issues(["SUP"], ["HOT-1"]).issues) == 1
    any_jira.clock.at += timedelta(seconds=30)
    assert any_jira.tickets.find_issues(["SUP"], ["HOT-1"]).issues == ()


@pytest.mark.parametrize("kind", [FaultKind.UNAVAILABLE, FaultKind.GARBAGE, FaultKind.RESET_AFTER, FaultKind.RATE_LIMITED])
def test_a_page_that_fails_is_an_error_and_no_short_count(http_jira: JiraWorld, kind: FaultKind):
    for _ in range(101):
        a_case(http_jira, "HOT-1")
    http_jira.emulator.faults.switch_on("search", Fault(kind, skip=1))
    with pytest.raises(TemporaryError):
        http_jira.tickets.find_issues(["SUP"], ["HOT-1"])


def test_a_project_that_nobody_knows_is_named_in_jiras_words(any_jira: TicketsWorld):
    with pytest.raises(PermanentError, match="'NOPE' does not exist for the field 'project'"):
        any_jira.tickets.find_issues(["SUP", "NOPE"], ["HOT-1"])


@pytest.mark.parametrize("label", HOSTILE)
def test_a_hostile_label_finds_nothing_but_itself(any_jira: TicketsWorld, label: str):
    a_case(any_jira, "HOT-1")
    a_case(any_jira, "x")
    a_case(any_jira, "c")
    hostile = a_case(any_jira, label)
    assert [issue.id for issue in any_jira.tickets.find_issues(["SUP"], [label]).issues] == [hostile.id]


def test_people_see_the_same_by_the_link(http_jira: JiraWorld):
    case = a_case(http_jira, "HOT-1")
    address = urlsplit(http_jira.tickets.find_issues(["SUP"], ["HOT-1", '" OR &#?']).link)
    assert f"{address.scheme}://{address.netloc}{address.path}" == "https://example.atlassian.net/issues/"
    assert address.fragment == ""
    [jql] = parse_qs(address.query)["jql"]
    assert jql == 'project in ("SUP") AND labels in ("\\" OR &#?", "HOT-1") ORDER BY created ASC'
    assert case.id


@pytest.mark.parametrize(
    ("names", "spelled"),
    [
        pytest.param(["b", "a"], '"a", "b"', id="sorted"),
        pytest.param(['a"b'], '"a\\"b"', id="quote"),
        pytest.param(["a\\"], '"a\\\\"', id="backslash"),
        pytest.param(["a\nb\rc\td"], '"a\\nb\\rc\\td"', id="line breaks"),
        pytest.param(["\x00"], '"\\u0000"', id="control character"),
    ],
)
def test_nothing_in_a_name_can_end_its_string(names: list[str], spelled: str):
    assert quoted(names) == spelled


# --- made -----------------------------------------------------------------------------------------------------------------


def test_a_new_issue_is_linked_from_the_first_and_found_by_that_before_any_search_shows_it(any_jira: TicketsWorld):
    any_jira.model.lag = timedelta(hours=1)
    issue_id, issue = an_issue(any_jira)
    made = any_jira.tickets.create_issue(a_review(issue))
    assert (made.key, made.url) == ("REV-1", "https://example.atlassian.net/browse/REV-1")
    assert any_jira.tickets.find_issues(["REV"], ["firebell-review-1"]).issues == ()
    assert any_jira.tickets.find_linked(issue_id, "REV", "firebell-review-1") == made
    [new] = reviews(any_jira)
    assert (new.fields["summary"], new.fields["description"], new.fields["labels"]) == (
        "HOT-1: Checkout is down", "h2. What happened", ["firebell-review-1"],
    )  # fmt: skip
    assert read(any_jira, issue_id).linked == (Linked(made.key, "relates to", "Relates", "New", "Task"),)


def test_of_linked_issues_only_the_one_with_project_and_label_is_found(any_jira: TicketsWorld):
    issue_id, issue = an_issue(any_jira)
    for project, label in (("REV", "other"), ("SUP", "firebell-review-1"), ("REV", "firebell-review-12")):
        issues.link(any_jira.model, "Blocks", a_case(any_jira, label, project=project), issue, EMMA)
    assert any_jira.tickets.find_linked(issue_id, "REV", "firebell-review-1") is None
    ours = a_case(any_jira, "firebell-review-1", project="REV")
    issues.link(any_jira.model, "Blocks", ours, issue, EMMA)
    found = any_jira.tickets.find_linked(issue_id, "REV", "firebell-review-1")
    assert found is not None
    assert found.id == ours.id


def test_a_linked_issue_that_was_deleted_since_is_none(http_jira: JiraWorld):
    def somebody_deletes_it() -> None:
        for review in reviews(http_jira):
            review.deleted = http_jira.emulator.count("get_issue") > 0

    http_jira.emulator.app.before_request(somebody_deletes_it)
    issue_id, issue = an_issue(http_jira)
    http_jira.tickets.create_issue(a_review(issue))
    assert http_jira.tickets.find_linked(issue_id, "REV", "firebell-review-1") is None


def test_where_new_issues_cannot_be_linked_it_is_made_all_the_same_and_linked_afterwards(any_jira: TicketsWorld):
    issues.add_project(any_jira.model, JiraProject("REV", links_on_create=False))
    issue_id, issue = an_issue(any_jira)
    made = any_jira.tickets.create_issue(a_review(issue))
    assert any_jira.tickets.find_linked(issue_id, "REV", "firebell-review-1") is None
    for _ in range(2):
        assert any_jira.tickets.link_issue(made.id, to(issue)) is None
    assert any_jira.tickets.find_linked(issue_id, "REV", "firebell-review-1") == made
    assert len(any_jira.model.links) == len(reviews(any_jira)) == 1


def test_a_link_that_is_there_already_is_not_asked_for_again(http_jira: JiraWorld):
    _, issue = an_issue(http_jira)
    made = http_jira.tickets.create_issue(a_review(issue))
    assert http_jira.tickets.link_issue(made.id, to(issue)) is None
    assert http_jira.emulator.count("link_issue") == 0


def test_a_link_that_cannot_be_is_refused_in_jiras_words(any_jira: TicketsWorld):
    _, issue = an_issue(any_jira)
    issues.add_project(any_jira.model, JiraProject("REV", links_on_create=False))
    made = any_jira.tickets.create_issue(a_review(issue))
    answer = any_jira.tickets.link_issue(made.id, to(issue, "Reviews"))
    assert isinstance(answer, Refused)
    assert "No issue link type with name 'Reviews' found" in answer.why


def test_a_link_type_that_there_is_not_keeps_no_issue_from_being_made(http_jira: JiraWorld):
    _, issue = an_issue(http_jira)
    http_jira.tickets.create_issue(replace(REVIEW, linked=to(issue, "Reviews")))
    assert len(reviews(http_jira)) == 1


@pytest.mark.parametrize(
    ("project", "changes", "why"),
    [
        pytest.param(None, {"project": "NOPE"}, "Specify a valid project ID or key", id="no such project"),
        pytest.param(None, {"issue_type": "Bug"}, "Specify an issue type", id="no such type"),
        pytest.param(JiraProject("REV", required=("customfield_77",)), {}, "customfield_77 is required", id="asks for more"),
    ],
)
def test_what_a_project_does_not_take_is_refused_in_its_words(
    any_jira: TicketsWorld, project: JiraProject | None, changes: dict[str, str], why: str
):
    if project is not None:
        issues.add_project(any_jira.model, project)
    _, issue = an_issue(any_jira)
    with pytest.raises(PermanentError, match=why):
        any_jira.tickets.create_issue(replace(a_review(issue), **changes))  # type: ignore[arg-type]
    assert reviews(any_jira) == []
    if isinstance(any_jira, JiraWorld):
        assert any_jira.emulator.count("create_issue") == 1


@pytest.mark.parametrize("issue_type", ["Incident", "incident", "10100"])
def test_what_would_be_an_incident_itself_is_never_made(http_jira: JiraWorld, issue_type: str):
    issues.add_project(http_jira.model, JiraProject("HOT", issue_types=("Incident", "incident")))
    _, issue = an_issue(http_jira)
    with pytest.raises(PermanentError, match="may be an incident itself"):
        http_jira.tickets.create_issue(replace(a_review(issue), project="HOT", issue_type=issue_type))
    assert http_jira.emulator.count("create_issue") == 0


def test_of_an_issue_that_cannot_be_seen_nobody_knows_what_it_is_linked_to(any_jira: TicketsWorld):
    issue_id, issue = an_issue(any_jira)
    any_jira.tickets.create_issue(a_review(issue))
    issue.hidden = True
    with pytest.raises(TemporaryError, match="cannot be seen"):
        any_jira.tickets.find_linked(issue_id, "REV", "firebell-review-1")


def test_an_issue_that_cannot_be_seen_refuses_no_link(any_jira: TicketsWorld):
    """It may come back, and be linked then."""
    issues.add_project(any_jira.model, JiraProject("REV", links_on_create=False))
    _, issue = an_issue(any_jira)
    made = any_jira.tickets.create_issue(a_review(issue))
    issue.hidden = True
    with pytest.raises(TemporaryError, match="cannot be seen"):
        any_jira.tickets.link_issue(made.id, to(issue))
    issue.hidden = False
    assert any_jira.tickets.link_issue(made.id, to(issue)) is None
    assert len(any_jira.model.links) == 1


def test_an_issue_type_may_be_named_by_its_id(http_jira: JiraWorld):
    _, issue = an_issue(http_jira)
    http_jira.tickets.create_issue(replace(a_review(issue), issue_type="10101"))
    assert [one.issue_type for one in reviews(http_jira)] == ["Task"]


def test_a_summary_is_one_line_that_fits_and_a_description_fits(http_jira: JiraWorld):
    _, issue = an_issue(http_jira)
    http_jira.tickets.create_issue(replace(a_review(issue), summary="a\n" + "💥b" * 300, description="x" * 40_000))
    [new] = reviews(http_jira)
    assert new.fields["summary"].startswith("a 💥b💥b")
    assert len(new.fields["summary"].encode("utf-16-le")) // 2 <= 255
    assert len(new.fields["description"]) == 32_767


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_arrive_as_they_are(http_jira: JiraWorld, text: str):
    _, issue = an_issue(http_jira)
    http_jira.tickets.create_issue(replace(a_review(issue), summary=f"S {text}", description=text))
    [new] = reviews(http_jira)
    assert (new.fields["summary"], new.fields["description"]) == (" ".join(f"S {text}".split()), text)


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT_AFTER, FaultKind.RESET_AFTER, FaultKind.ERROR_AFTER, FaultKind.GARBAGE])
def test_an_answer_that_is_lost_leaves_an_issue_that_is_found_at_once(http_jira: JiraWorld, kind: FaultKind):
    http_jira.model.lag = timedelta(hours=1)
    issue_id, issue = an_issue(http_jira)
    http_jira.emulator.faults.switch_on("create_issue", Fault(kind, delay_s=TOO_LATE_S))
    with pytest.raises(TemporaryError):
        http_jira.tickets.create_issue(a_review(issue))
    assert http_jira.tickets.find_linked(issue_id, "REV", "firebell-review-1") is not None
    assert len(reviews(http_jira)) == 1


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT_BEFORE, FaultKind.RESET_BEFORE, FaultKind.UNAVAILABLE, FaultKind.FORBIDDEN])
@pytest.mark.parametrize("operation", ["create_issue", "link_issue", "get_issue"])
def test_a_passing_fault_is_worth_another_try(http_jira: JiraWorld, kind: FaultKind, operation: str):
    issue_id, issue = an_issue(http_jira)
    issues.add_project(http_jira.model, JiraProject("REV", links_on_create=False))
    case = a_case(http_jira, project="CUS")
    http_jira.emulator.faults.switch_on(operation, Fault(kind, delay_s=TOO_LATE_S))
    ask: dict[str, Callable[[], object]] = {
        "create_issue": lambda: http_jira.tickets.create_issue(a_review(issue)),
        "link_issue": lambda: http_jira.tickets.link_issue(IssueId(case.id), to(issue)),
        "get_issue": lambda: http_jira.tickets.find_linked(issue_id, "REV", "firebell-review-1"),
    }
    with pytest.raises(TemporaryError):
        ask[operation]()
    assert (reviews(http_jira), http_jira.model.links) == ([], [])
