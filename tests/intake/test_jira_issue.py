from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain.incident import Incident, Person, Resolution, Severity, Status
from chalicelib.domain.schema import IncidentSchema
from chalicelib.errors import UnreadableEvent
from chalicelib.intake.jira_issue import NotAnIncident, PartialIssue, parse_issue
from tests.intake.samples import EMMA, MIA, SCHEMA, an_issue, sample, without

TEN = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


def parsed(issue: dict[str, Any], **options: Any) -> Incident:
    incident = parse_issue(issue, SCHEMA, changes=(), **options)
    assert isinstance(incident, Incident)
    return incident


def test_every_field_of_a_whole_issue_is_read() -> None:
    incident = parsed(sample("jira/issue_updated__severity_raised")["issue"])
    mia, emma = Person(MIA, "Mia Moore"), Person(EMMA, "Emma Reyes")
    assert incident == Incident(
        id=incident.id,
        key=incident.key,
        project="HOT",
        issue_type="Incident",
        summary="Checkout is down",
        severity=Severity.SEV1,
        status=Status.NEW,
        status_name="New",
        created_at=TEN.replace(minute=4, second=59, microsecond=535000),
        updated_at=TEN.replace(minute=6, microsecond=1000),
        description="h2. Impact\n* checkout returns {{500}}\n[dashboard|https://dashboard.example.com]",
        service="Bitbucket",
        products=("Payments", "Web"),
        reporter=emma,
        roles={"im": (mia,), "helpers": (mia, emma)},
        labels=("checkout",),
        impact_started_at=TEN.replace(minute=1),
        links={"call": "https://meet.example.com/hot-42"},
        url="https://example.atlassian.net/browse/HOT-42",
    )
    assert (incident.id, incident.key) == ("10002", "HOT-42")


def test_types_statuses_and_severities_are_known_by_id_when_names_are_translated() -> None:
    incident = parsed(sample("jira/issue_updated__translated_names")["issue"])
    assert (incident.status, incident.status_name, incident.severity) == (Status.FIXING, "In Behebung", Severity.SEV2)
    assert incident.summary == "Kasse fällt aus – 支付失败 💥"
    assert incident.doubts == ()


@pytest.mark.parametrize(
    ("severity", "expected", "is_doubtful"),
    [
        pytest.param({"value": "SEV1", "id": "99"}, Severity.SEV1, False, id="by name"),
        pytest.param({"value": "Schlimm", "id": "10101"}, Severity.SEV2, False, id="by id"),
        pytest.param({"id": 10101}, Severity.SEV2, False, id="by a numeric id alone"),
        pytest.param(" sev3 ", Severity.SEV3, False, id="plain string"),
        pytest.param([{"value": "SEV3"}], Severity.SEV3, False, id="list of one"),
        pytest.param([{"value": "SEV3"}, {"value": "SEV1"}], Severity.SEV1, True, id="several: the worst"),
        pytest.param(None, Severity.SEV2, True, id="empty"),
        pytest.param([], Severity.SEV2, True, id="empty list"),
        pytest.param({"value": "Blocker", "id": "7"}, Severity.SEV1, True, id="not mapped"),
        pytest.param({}, Severity.SEV2, True, id="nonsense object"),
        pytest.param(True, Severity.SEV2, True, id="nonsense boolean"),
        pytest.param(float("nan"), Severity.SEV1, True, id="not a number"),
    ],
)
def test_severity_is_interpreted_and_guesses_are_told(severity: Any, expected: Severity, is_doubtful: bool) -> None:
    schema = replace(SCHEMA, severity_when_empty=Severity.SEV2, severity_in_doubt=Severity.SEV1)
    incident = parse_issue(an_issue(customfield_10050=severity), schema)
    assert isinstance(incident, Incident)
    assert incident.severity is expected
    assert bool(incident.doubts) is is_doubtful


@pytest.mark.parametrize(
    ("status", "expected", "is_doubtful"),
    [
        pytest.param({"name": "NEW", "id": "1"}, Status.NEW, False, id="by name"),
        pytest.param({"name": "Paused", "statusCategory": {"key": "indeterminate"}}, Status.NEW, True, id="not mapped: new"),
        pytest.param(
            {"name": "Closed", "statusCategory": {"key": "done"}}, Status.RESOLVED, True, id="not mapped, done: resolved"
        ),
        pytest.param("[Object]", Status.NEW, True, id="flattened"),
        pytest.param(None, Status.NEW, True, id="empty"),
        pytest.param(7.5, Status.NEW, True, id="nonsense"),
    ],
)
def test_status_is_interpreted_and_guesses_are_told(status: Any, expected: Status, is_doubtful: bool) -> None:
    incident = parsed(an_issue(status=status))
    assert incident.status is expected
    assert bool(incident.doubts) is is_doubtful


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        pytest.param({"value": "Bitbucket", "id": "1"}, "Bitbucket", id="select"),
        pytest.param([{"name": "Bitbucket"}], "Bitbucket", id="component"),
        pytest.param("Bitbucket", "Bitbucket", id="text"),
        pytest.param({"value": "UNKNOWN", "id": "2"}, None, id="unknown"),
        pytest.param(None, None, id="empty"),
        pytest.param([], None, id="empty list"),
        pytest.param({"id": "7"}, "7", id="no name"),
    ],
)
def test_the_service_is_none_when_nobody_knows_it(service: Any, expected: str | None) -> None:
    assert parsed(an_issue(customfield_10051=service)).service == expected


AFFECTED, ASSET = {"id": "ari:cloud:graph::service/5/B"}, {"workspaceId": "w", "id": "w:12", "objectId": "12"}


@pytest.mark.parametrize(
    ("value", "service", "doubts"),
    [
        pytest.param([AFFECTED], AFFECTED["id"], 0, id="an affected service"),
        pytest.param([ASSET], "w:12", 1, id="an asset that settings do not know"),
        pytest.param([ASSET, AFFECTED], AFFECTED["id"], 1, id="the one that settings know"),
        pytest.param([{"value": "Unknown"}, {"value": "BitBucket"}], "BitBucket", 1, id="the known one, whatever comes first"),
        pytest.param([{"value": "Jira"}, {"value": "Wiki"}], "Jira", 1, id="the first, where they know none"),
        pytest.param({"value": "Bitbucket"}, "Bitbucket", 0, id="one"),
    ],
)
def test_of_several_services_the_first_that_settings_know_counts_by_name_or_id(value: Any, service: str, doubts: int) -> None:
    schema = replace(SCHEMA, services=frozenset({"bitbucket", "ari:cloud:graph::service/5/b"}))
    incident = parse_issue(an_issue(customfield_10051=value), schema)
    assert isinstance(incident, Incident)
    assert (incident.service, len(incident.doubts)) == (service, doubts)


@pytest.mark.parametrize(
    ("products", "expected"),
    [
        pytest.param(None, (), id="empty"),
        pytest.param([{"value": "Web"}, {"value": "App"}], ("Web", "App"), id="checkboxes"),
        pytest.param({"value": "Web"}, ("Web",), id="single select"),
        pytest.param("Web", ("Web",), id="text"),
        pytest.param([None, {}, ["Web"], 3], ("3",), id="nonsense"),
    ],
)
def test_products_may_be_one_many_or_none(products: Any, expected: tuple[str, ...]) -> None:
    assert parsed(an_issue(customfield_10052=products)).products == expected


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        pytest.param({"accountId": "a-1", "displayName": "Mia"}, Person("a-1", "Mia"), id="cloud, mail hidden"),
        pytest.param(
            {"key": "JIRAUSER7", "name": "mia", "displayName": "Mia", "emailAddress": "mia@example.com"},
            Person("JIRAUSER7", "Mia", "mia@example.com"),
            id="data center",
        ),
        pytest.param({"name": "mia"}, Person("mia", "mia"), id="old server"),
        pytest.param({"name": "mia", "emailAddress": "mia at example dot com"}, Person("mia", "mia"), id="no usable mail"),
        pytest.param({"accountId": "a-1", "accountType": "app"}, Person("a-1", "a-1", is_human=False), id="an app"),
        pytest.param({"accountId": "a-1", "active": False}, Person("a-1", "a-1", active=False), id="gone"),
        pytest.param({"displayName": "Mia"}, None, id="nobody in particular"),
        pytest.param("[Object]", None, id="flattened"),
    ],
)
def test_people_are_read_as_cloud_and_as_data_center_show_them(user: Any, expected: Person | None) -> None:
    incident = parsed(an_issue(assignee=user, customfield_10054=[user, None, 3]))
    assert incident.assignee == expected
    assert incident.roles.get("helpers", ()) == ((expected,) if expected else ())


PICKED = {"accountId": "a-1", "displayName": "Mia", "active": True}
MIA_PICKED = Person("a-1", "Mia")


@pytest.mark.parametrize(
    ("picked", "expected"),
    [
        pytest.param(PICKED, (MIA_PICKED,), id="single user picker"),
        pytest.param([PICKED, {"accountId": "a-2"}], (MIA_PICKED, Person("a-2", "a-2")), id="multi-user picker"),
        pytest.param({"key": "JIRAUSER7", "name": "mia"}, (Person("JIRAUSER7", "mia"),), id="data center"),
        pytest.param([{"name": "mia", "active": False}], (Person("mia", "mia", active=False),), id="a deactivated account"),
        pytest.param(None, (), id="empty"),
        pytest.param([], (), id="emptied"),
    ],
)
def test_a_role_is_who_was_picked(picked: Any, expected: tuple[Person, ...]) -> None:
    assert parsed(an_issue(customfield_10054=picked)).roles.get("helpers", ()) == expected


def test_of_a_crowd_in_one_role_the_first_ten_are_kept() -> None:
    crowd = [{"accountId": f"a-{number}"} for number in range(60)]
    assert [one.account_id for one in parsed(an_issue(customfield_10054=crowd)).roles["helpers"]] == [
        f"a-{number}" for number in range(10)
    ]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        pytest.param([{"value": "Payments", "id": "1"}, {"value": "Web", "id": "2"}], ("Payments", "Web"), id="multi-select"),
        pytest.param({"value": "Payments", "id": "1"}, ("Payments",), id="single select"),
        pytest.param(None, (), id="nobody"),
    ],
)
def test_whoever_it_is_escalated_to_is_named(chosen: Any, expected: tuple[str, ...]) -> None:
    assert parsed(an_issue(customfield_10063=chosen)).escalate_to == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        pytest.param("All of *Europe*", "All of *Europe*", id="text"),
        pytest.param({"type": "doc", "content": [{"type": "text", "text": "All"}]}, "All", id="rich text"),
        pytest.param({"value": "Many", "id": "3"}, "Many", id="select"),
        pytest.param([{"value": "Shop"}, {"value": "App"}], "Shop, App", id="checkboxes"),
        pytest.param(250.0, "250", id="number"),
        pytest.param("x" * 900, "x" * 499 + "…", id="as long as you like"),
        pytest.param(None, None, id="no answer"),
        pytest.param("  ", None, id="blank"),
    ],
)
def test_answers_about_the_impact_come_from_any_kind_of_field(answer: Any, expected: str | None) -> None:
    assert parsed(an_issue(customfield_10061=answer)).impact.get("customers") == expected


@pytest.mark.parametrize(
    ("chosen", "expected", "doubt"),
    [
        pytest.param({"value": "Yes", "id": "1"}, True, None, id="yes"),
        pytest.param({"value": "Oui", "id": "10201"}, True, None, id="yes by id"),
        pytest.param([{"value": "YES", "id": "1"}], True, None, id="one checkbox"),
        pytest.param({"value": "No", "id": "2"}, False, None, id="no"),
        pytest.param({"value": "Yes, but do not say so", "id": "3"}, False, None, id="no plain yes"),
        pytest.param(None, False, None, id="not said"),
        pytest.param([], False, None, id="checkbox taken away"),
        pytest.param([{"value": "Yes"}, {"value": "No"}], False, "says yes and something else: treated as no", id="both"),
        pytest.param({"odd": 1}, False, "is unreadable: treated as no", id="unreadable"),
        pytest.param(True, False, "is unreadable: treated as no", id="no option at all"),
    ],
)
def test_customers_notice_it_only_when_a_human_plainly_said_yes(chosen: Any, expected: bool, doubt: str | None) -> None:
    incident = parsed(an_issue(customfield_10066=chosen))
    assert incident.customer_visible is expected
    assert incident.doubts == ((f"customer visible {doubt}",) if doubt else ())


def test_where_no_field_says_so_customers_notice_nothing() -> None:
    incident = parse_issue(an_issue(customfield_10066={"value": "Yes"}), replace(SCHEMA, customer_visible_field=None))
    assert isinstance(incident, Incident)
    assert not incident.customer_visible


@pytest.mark.parametrize(
    ("fields", "is_private"),
    [
        pytest.param({}, False, id="nothing set"),
        pytest.param({"security": {"id": "9", "name": "Staff Only"}}, True, id="security level by name"),
        pytest.param({"security": {"id": "10071", "name": "Nur intern"}}, True, id="security level by id"),
        pytest.param({"security": {"id": "9", "name": "Everybody"}}, False, id="a level that hides nothing"),
        pytest.param({"labels": ["Secret"]}, True, id="label"),
        pytest.param({"labels": ["secretary"]}, False, id="another label"),
        pytest.param({"customfield_10064": [{"value": "Yes", "id": "1"}]}, True, id="field"),
        pytest.param({"customfield_10064": {"value": "No", "id": "2"}}, False, id="field says no"),
        pytest.param({"customfield_10064": {"odd": 1}}, True, id="unreadable: in doubt, say nothing"),
    ],
)
def test_an_incident_is_private_by_level_label_or_field(fields: dict[str, Any], is_private: bool) -> None:
    assert parsed(an_issue(**fields)).is_private is is_private


def test_unless_settings_say_otherwise_any_security_level_is_private() -> None:
    plain = IncidentSchema("https://x.example.com", frozenset(), frozenset(), "a", "b", "c")
    schema = replace(SCHEMA, private=plain.private)
    incident = parse_issue(an_issue(security={"id": "1", "name": "Any"}), schema)
    assert isinstance(incident, Incident)
    assert incident.is_private


@pytest.mark.parametrize(
    ("fields", "is_drill"),
    [
        pytest.param({}, False, id="nothing set"),
        pytest.param({"labels": ["DRILL"]}, True, id="label"),
        pytest.param({"customfield_10065": [{"value": "This is a drill"}]}, True, id="any value of the flag"),
        pytest.param({"customfield_10065": []}, False, id="flag taken away"),
        pytest.param({"customfield_10065": {"odd": 1}}, False, id="unreadable: in doubt, page"),
    ],
)
def test_an_incident_is_a_drill_by_label_or_flag(fields: dict[str, Any], is_drill: bool) -> None:
    assert parsed(an_issue(**fields)).is_drill is is_drill


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        pytest.param("2026-11-23T10:00:00.000+0000", TEN, id="offset without colon"),
        pytest.param("2026-11-23T15:30:00.000+05:30", TEN, id="offset with colon"),
        pytest.param("2026-11-23T10:00:00Z", TEN, id="zulu"),
        pytest.param(1795428000000, TEN, id="epoch milliseconds"),
        pytest.param("1795428000000", TEN, id="epoch milliseconds as a string"),
        pytest.param("2026-07-01", datetime(2026, 6, 30, 23, tzinfo=UTC), id="a date is its midnight in our zone"),
        pytest.param("2026-07-01T12:00", datetime(2026, 7, 1, 11, tzinfo=UTC), id="no offset: our zone"),
    ],
)
def test_times_become_aware_utc(written: Any, expected: datetime) -> None:
    incident = parsed(an_issue(updated=written, customfield_10056=written))
    assert (incident.updated_at, incident.detected_at) == (expected, expected)
    assert incident.updated_at.tzinfo is UTC


@pytest.mark.parametrize(
    "nonsense", ["yesterday", "0001-01-01T00:00:00+23:59", float("nan"), float("inf"), 10**300, True, [], {}]
)
def test_a_time_that_cannot_be_read_is_a_doubt_where_optional_and_an_error_where_required(nonsense: Any) -> None:
    incident = parsed(an_issue(customfield_10056=nonsense))
    assert incident.detected_at is None
    assert incident.doubts == ("customfield_10056 is not a time",)
    with pytest.raises(UnreadableEvent, match=r"issue 10002: fields\.updated is .*, not a time"):
        parse_issue(an_issue(updated=nonsense), SCHEMA)


@pytest.mark.parametrize(
    ("resolution", "status", "expected"),
    [
        pytest.param({"name": "Duplicate"}, "10012", Resolution.DUPLICATE, id="by name"),
        pytest.param({"name": "Verworfen", "id": "10004"}, "10012", Resolution.CANCELLED, id="by id"),
        pytest.param({"name": "Fixed"}, "10012", Resolution.DONE, id="not mapped"),
        pytest.param(None, "10012", Resolution.DONE, id="never set"),
        pytest.param({"name": "Duplicate"}, "10011", None, id="left behind on a reopened issue"),
    ],
)
def test_the_resolution_says_how_a_resolved_incident_ended(resolution: Any, status: str, expected: Resolution | None) -> None:
    assert parsed(an_issue(resolution=resolution, status={"id": status})).resolution is expected


@pytest.mark.parametrize("labels", ["checkout", {"a": 1}, 3])
def test_labels_of_another_type_are_none_and_a_doubt(labels: Any) -> None:
    incident = parsed(an_issue(labels=labels))
    assert incident.labels == ()
    assert incident.doubts == ("labels are not a list",)


def test_a_rich_text_document_becomes_plain_text() -> None:
    incident = parsed(sample("jira/rest_issue__history_and_document"))
    assert incident.description == "Impact\n- checkout returns 500, says @Mia Moore"


def test_a_document_nested_as_deep_as_you_like_is_read() -> None:
    document: dict[str, Any] = {"type": "text", "text": "deep"}
    for _ in range(50_000):
        document = {"type": "paragraph", "content": [document]}
    assert parsed(an_issue(description=document)).description == "deep"


def test_texts_are_bounded_clean_and_on_one_line_where_that_matters() -> None:
    incident = parsed(an_issue(summary="a\nb\ud800\x00" + "x" * 9000, description="y" * 9000, labels=["l"] * 900))
    assert incident.summary.startswith("a b\ufffdx")
    assert (len(incident.summary), len(incident.description), len(incident.labels)) == (255, 4000, 50)


@pytest.mark.parametrize("summary", [None, "", "  ", [], {"a": 1}])
def test_a_missing_summary_stops_nothing(summary: Any) -> None:
    incident = parsed(an_issue(summary=summary))
    assert incident.summary == "(no summary)"
    assert incident.doubts


@pytest.mark.parametrize("priority", ["Minor", None, 3, {"name": "High"}])
def test_the_priority_does_not_matter(priority: Any) -> None:
    assert parsed(an_issue(priority=priority)) == parsed(an_issue())


@pytest.mark.parametrize("issue_id", ["10002", 10002])
def test_the_id_may_be_a_number(issue_id: Any) -> None:
    assert parsed(an_issue() | {"id": issue_id}).id == "10002"


@pytest.mark.parametrize("issue_id", [None, "", "HOT-42", True, 1.5, 10**30, [], "１２"])
def test_an_issue_without_a_usable_id_is_unreadable(issue_id: Any) -> None:
    with pytest.raises(UnreadableEvent, match=r"issue\.id"):
        parse_issue(an_issue() | {"id": issue_id}, SCHEMA)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("jira/issue_updated__other_project", "project BACK holds no incidents"),
        ("jira/issue_updated__other_type", "issue type Task is no incident"),
    ],
)
def test_issues_of_other_projects_and_types_are_no_incidents(name: str, reason: str) -> None:
    issue = sample(name)["issue"]
    assert parse_issue(issue, SCHEMA) == NotAnIncident(issue["id"], reason)


@pytest.mark.parametrize("field", ["updated", "created", "status", "summary", "customfield_10050"])
def test_an_issue_told_in_part_is_a_doorbell_only(field: str) -> None:
    partial = parse_issue(without(an_issue(), field), SCHEMA)
    assert isinstance(partial, PartialIssue)
    assert (partial.issue_id, partial.key) == ("10002", "HOT-42")
    assert field in partial.missing


@pytest.mark.parametrize("field", ["customfield_10051", "customfield_10052", "assignee", "labels", "description"])
def test_what_most_issues_leave_empty_may_be_absent(field: str) -> None:
    assert isinstance(parse_issue(without(an_issue(), field), SCHEMA), Incident)


def test_in_a_whole_issue_an_absent_field_is_empty() -> None:
    incident = parsed(without(an_issue(), "customfield_10050", "summary"), whole=True)
    assert incident.severity is SCHEMA.severity_when_empty
    assert len(incident.doubts) == 2


@pytest.mark.parametrize("field", ["updated", "created", "issuetype"])
def test_a_whole_issue_without_a_required_part_is_unreadable(field: str) -> None:
    with pytest.raises(UnreadableEvent, match="does not tell"):
        parse_issue(without(an_issue(), field), SCHEMA, whole=True)


def test_a_history_that_is_not_at_hand_is_not_complete() -> None:
    told, untold = parse_issue(an_issue(), SCHEMA, changes=()), parse_issue(an_issue(), SCHEMA)
    assert isinstance(told, Incident)
    assert isinstance(untold, Incident)
    assert (told.changes_complete, untold.changes_complete) == (True, False)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        pytest.param({"id": "10301", "value": "A customer"}, "A customer", id="chosen"),
        pytest.param([{"value": "An alarm"}, {"value": "Staff"}], "An alarm", id="the first of several"),
        pytest.param(None, "", id="empty"),
        pytest.param({"id": "10301"}, "", id="without a name"),
        pytest.param("An alarm", "An alarm", id="a bare name"),
    ],
)
def test_what_noticed_it_first_is_the_options_name(value: Any, told: str) -> None:
    assert parsed(an_issue(customfield_10067=value)).detected_by == told
