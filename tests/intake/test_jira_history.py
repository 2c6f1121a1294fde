from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain.incident import Severity, Status
from chalicelib.domain.schema import Marks
from chalicelib.errors import UnreadableEvent
from chalicelib.intake.jira_history import parse_history, parse_own_changes
from tests.intake.samples import EMMA, MIA, SCHEMA, sample

AT = datetime(2026, 11, 23, 10, 6, tzinfo=UTC)


def changes_of(*items: dict[str, Any], user: Any = None, fields: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    changes = parse_own_changes({"items": list(items)}, SCHEMA, user=user, at=AT, fields=fields)
    return [(change.what, change.old, change.new) for change in changes]


def test_a_rest_history_is_read_oldest_first_and_only_what_matters() -> None:
    issue = sample("jira/rest_issue__history_and_document")
    changes = parse_history(issue["changelog"], SCHEMA, fields=issue["fields"])
    assert [(change.what, change.old, change.new, change.by and change.by.name) for change in changes] == [
        ("severity", "3", "2", "Emma Reyes"),
        ("severity", "2", None, "Emma Reyes"),
        ("status", Status.NEW, Status.FIXING, "Mia Moore"),
        ("assignee", EMMA, MIA, "Mia Moore"),
        ("status", Status.FIXING, Status.NEW, "Automation for Jira"),
    ]
    assert changes[2].at == datetime(2026, 11, 23, 10, 6, tzinfo=UTC)
    assert [change.by.is_human for change in changes if change.by] == [True, True, True, True, False]


@pytest.mark.parametrize(
    "wrap", [lambda h: {"histories": h}, lambda h: {"values": h}, lambda h: h], ids=["issue", "changelog", "list"]
)
def test_a_history_comes_in_three_wrappings(wrap: Any) -> None:
    histories = sample("jira/rest_issue__history_and_document")["changelog"]["histories"]
    assert len(parse_history(wrap(histories), SCHEMA)) == 5


@pytest.mark.parametrize("nothing", [None, {}, {"histories": None}, [], "x", 3, {"values": [None, 3, {}]}])
def test_no_history_is_no_changes(nothing: Any) -> None:
    assert parse_history(nothing, SCHEMA) == ()


def test_a_change_that_matters_must_say_when() -> None:
    histories = sample("jira/rest_issue__history_and_document")["changelog"]["histories"]
    histories[1]["created"] = "soon"
    with pytest.raises(UnreadableEvent, match="history entry 10129"):
        parse_history(histories, SCHEMA)


def test_entries_of_one_moment_keep_the_order_of_their_ids() -> None:
    moved = {"field": "status", "fieldId": "status"}
    newest_first = [
        {"id": "9", "created": 1795428000000, "items": [moved | {"from": "10011", "to": "10012"}]},
        {"id": "8", "created": 1795428000000, "items": [moved | {"fromString": "New", "to": "10011"}]},
    ]
    assert [change.new for change in parse_history(newest_first, SCHEMA)] == [Status.FIXING, Status.RESOLVED]


def test_the_field_id_decides_before_the_field_name() -> None:
    impostor = {"field": "status", "fieldId": "customfield_10777", "from": "1", "to": "10012"}
    translated = {"field": "Статус", "fieldId": "status", "fromString": "New", "to": "10012"}
    assert changes_of(impostor, translated) == [("status", "new", "resolved")]


def test_roles_and_impact_times_tell_that_somebody_set_or_changed_them() -> None:
    lead = {"field": "Tech lead", "fieldId": "customfield_10053", "from": None, "to": MIA, "toString": "Mia Moore"}
    started = {
        "field": "Start",
        "fieldId": "customfield_10055",
        "fromString": "1/Nov/26 3:00 AM",
        "toString": "1/Nov/26 3:10 AM",
    }
    assert changes_of(lead, started) == [
        ("role:im", None, MIA),
        ("impact_started", "1/Nov/26 3:00 AM", "1/Nov/26 3:10 AM"),
    ]


def test_data_center_knows_fields_by_name_only() -> None:
    event = sample("jira/issue_updated__data_center")
    changes = parse_own_changes(event["changelog"], SCHEMA, user=event["user"], at=AT, fields=event["issue"]["fields"])
    assert [(change.what, change.old, change.new) for change in changes] == [
        ("assignee", None, "JIRAUSER10100"),  # its history says "anna.schmidt", her account is JIRAUSER10100
        ("status", "new", "fixing"),
        ("severity", "2", "1"),
    ]


def test_where_a_history_gives_no_ids_jira_tells_the_names_of_fields() -> None:
    names = {"customfield_10053": "Tech lead", "customfield_10055": "Start of impact", "customfield_10777": "Story points"}
    lead = {"field": "Tech lead", "from": None, "to": "mia", "toString": "Mia Moore"}
    others = [{"field": "Story points", "to": "3"}, {"field": "Start of impact", "fieldId": "customfield_10999", "to": "x"}]
    history = [{"id": "1", "created": 1795428000000, "items": [lead, *others]}]
    assert [change.what for change in parse_history(history, SCHEMA, names=names)] == ["role:im"]
    assert parse_history(history, SCHEMA) == ()


def test_a_status_nobody_mapped_means_what_the_issue_says_it_means() -> None:
    closed = {"status": {"name": "Closed", "id": "6", "statusCategory": {"key": "done"}}}
    item = {"fieldId": "status", "from": "10011", "to": "6", "toString": "Closed"}
    assert changes_of(item, fields=closed) == [("status", "fixing", "resolved")]
    assert changes_of(item) == [("status", "fixing", "new")]


def test_a_change_between_two_that_mean_the_same_is_none() -> None:
    schema = replace(SCHEMA, statuses={**SCHEMA.statuses, "monitoring": Status.FIXING})
    item = {"fieldId": "status", "from": "10011", "to": "7", "toString": "Monitoring"}
    assert parse_own_changes({"items": [item]}, schema, user=None, at=AT) == ()


def test_a_severity_option_nobody_mapped_counts_as_the_one_in_doubt() -> None:
    schema = replace(SCHEMA, severity_in_doubt=Severity.SEV1)
    item = {"fieldId": "customfield_10050", "fromString": "SEV3", "toString": "Blocker", "to": "7"}
    [change] = parse_own_changes({"items": [item]}, schema, user=None, at=AT)
    assert (change.old, change.new, change.by) == ("3", "1", None)


@pytest.mark.parametrize("nonsense", [None, [], "x", {"items": None}, {"items": [None, [], {"field": 3, "to": {}}]}])
def test_a_changelog_that_makes_no_sense_is_no_changes(nonsense: Any) -> None:
    assert parse_own_changes(nonsense, SCHEMA, user="x", at=AT) == ()


LABELS = {"field": "labels", "fieldId": "labels", "from": None, "to": None}
LEVEL = {"field": "security", "fieldId": "security"}
FIELD = {"field": "Privacy", "fieldId": "customfield_10064"}


@pytest.mark.parametrize(
    ("item", "change"),
    [
        pytest.param(LABELS | {"fromString": "a b", "toString": "a Secret b"}, (None, "yes"), id="a label of ours"),
        pytest.param(LABELS | {"fromString": "a secret", "toString": "a"}, ("yes", None), id="it is taken off"),
        pytest.param(LABELS | {"fromString": "a", "toString": "a b"}, None, id="any other label"),
        pytest.param(LABELS | {"fromString": "secret", "toString": "secret b"}, None, id="any other beside it"),
        pytest.param(LEVEL | {"to": "10071", "toString": "Whoever"}, (None, "yes"), id="a level by its id"),
        pytest.param(LEVEL | {"from": "10071", "to": "10072", "toString": "Staff only"}, None, id="from one level to another"),
        pytest.param(LEVEL | {"to": "10075", "toString": "Everybody"}, None, id="a level that counts for nothing"),
        pytest.param(FIELD | {"from": "1", "fromString": "No", "to": "2", "toString": "Yes"}, (None, "yes"), id="a field"),
    ],
)
def test_what_makes_it_private_is_a_change(item: dict[str, Any], change: tuple[str | None, str | None] | None) -> None:
    assert changes_of(item) == ([("private", *change)] if change else [])


def test_labels_are_no_change_where_none_makes_it_private() -> None:
    item = {**LABELS, "fromString": "", "toString": "secret"}
    bare = replace(SCHEMA, private=Marks())
    assert parse_own_changes({"items": [item]}, bare, user=None, at=AT) == ()


TYPE = {"field": "Issue Type", "fieldId": "issuetype"}
OTHER_TYPE, OUR_TYPE = {"from": "10005", "fromString": "Bug"}, {"to": "10004", "toString": "Incident"}
OF_DATA_CENTER = {"field": "issuetype", "fieldtype": "jira"}
KEY = {"field": "Key", "from": None, "to": None}
NOW_CALLED = {"issuetype": {"id": "10004", "name": "Incident"}}


@pytest.mark.parametrize(
    ("item", "change"),
    [
        pytest.param(TYPE | OTHER_TYPE | OUR_TYPE, (None, "yes"), id="a type of ours"),
        pytest.param(OF_DATA_CENTER | OTHER_TYPE | OUR_TYPE, (None, "yes"), id="at data center"),
        pytest.param(TYPE | {"fromString": "Bug", "toString": "Incident"}, (None, "yes"), id="by the name it has now"),
        pytest.param(TYPE | {"from": "10004", "to": "10005", "toString": "Bug"}, ("yes", None), id="any other type"),
        pytest.param(TYPE | OTHER_TYPE | {"to": "10006", "toString": "Task"}, None, id="between two others"),
        pytest.param(TYPE | {"from": "10004", "fromString": "Störung"} | OUR_TYPE, None, id="called otherwise then"),
        pytest.param(KEY | {"fromString": "BACK-7", "toString": "HOT-43"}, (None, "yes"), id="moved in"),
        pytest.param(KEY | {"fromString": "HOT-43", "toString": "BACK-8"}, ("yes", None), id="moved away"),
        pytest.param(KEY | {"fromString": "HOT-43", "toString": "hot-44"}, None, id="within"),
        pytest.param(KEY | {"fromString": "BACK-7", "toString": "OPS-1"}, None, id="outside"),
        pytest.param(
            {"field": "project", "from": "10007", "to": "10000", "toString": "Hot incidents"}, None, id="ids and names"
        ),
    ],
)
def test_what_makes_it_an_incident_is_a_change(item: dict[str, Any], change: tuple[str | None, str | None] | None) -> None:
    assert changes_of(item, fields=NOW_CALLED) == ([("incident", *change)] if change else [])


def test_a_move_into_our_project_tells_when_the_issue_became_an_incident() -> None:
    event = sample("jira/issue_updated__moved_in")
    changes = parse_own_changes(event["changelog"], SCHEMA, user=event["user"], at=AT, fields=event["issue"]["fields"])
    assert {(change.what, change.old, change.new) for change in changes if change.what == "incident"} == {
        ("incident", None, "yes")
    }
