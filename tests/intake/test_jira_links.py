from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.codec import LINKED_LIMIT, incident_from_json, incident_to_json
from chalicelib.domain.incident import Incident, IssueKey, Linked
from chalicelib.intake.jira_issue import parse_issue
from chalicelib.intake.jira_links import read_links
from tests.builders import an_incident
from tests.intake.samples import SCHEMA, an_issue

RELATES, BLOCKS, DUPLICATE = (
    {"id": number, "name": name, "inward": inward, "outward": outward}
    for number, name, inward, outward in (
        ("10003", "Relates", "relates to", "relates to"),
        ("10000", "Blocks", "is blocked by", "blocks"),
        ("10002", "Duplicate", "is duplicated by", "duplicates"),
    )
)


def a_link(key: str = "HOT-7", *, way: str = "outward", kind: Any = DUPLICATE, category: str = "new", **fields: Any) -> Any:
    """One link as REST v2, v3 and webhooks show it."""
    status = {"name": "Open", "id": "3", "statusCategory": {"id": 2, "key": category}}
    told = {"summary": "Carts are empty", "status": status, "issuetype": {"name": "Incident", "id": "10004"}} | fields
    return {"id": "28516", "type": kind, f"{way}Issue": {"id": "10007", "key": key, "fields": told}}


@pytest.mark.parametrize(
    ("link", "relation", "kind"),
    [
        pytest.param(a_link(), "duplicates", "Duplicate", id="outward"),
        pytest.param(a_link(way="inward"), "is duplicated by", "Duplicate", id="inward"),
        pytest.param(a_link(way="inward", kind=BLOCKS), "is blocked by", "Blocks", id="blocked"),
        pytest.param(a_link(kind=RELATES), "relates to", "Relates", id="the same both ways"),
        pytest.param(a_link(kind=None), "", "", id="of no kind"),
        pytest.param(a_link(kind={"name": 7, "outward": ["blocks"]}), "", "7", id="of an odd kind"),
    ],
)
def test_a_link_is_read_as_this_issue_reads_it(link: Any, relation: str, kind: str) -> None:
    [linked] = read_links([link])
    assert linked == Linked(IssueKey("HOT-7"), relation, kind, "Open", "Incident")


@pytest.mark.parametrize(("category", "done"), [("new", False), ("indeterminate", False), ("done", True), ("", False)])
def test_a_linked_issue_is_done_when_jira_counts_its_status_as_done(category: str, done: bool) -> None:
    [linked] = read_links([a_link(category=category)])
    assert linked.done is done


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(None, id="not told"),
        pytest.param("[Object]", id="flattened"),
        pytest.param({"outwardIssue": {"key": "HOT-7"}}, id="no list"),
        pytest.param([None, 3, [], {}], id="nonsense in a list"),
        pytest.param([{"type": RELATES}], id="linked to nothing"),
        pytest.param([{"type": RELATES, "outwardIssue": "HOT-7"}], id="a text for an issue"),
        pytest.param([{"type": RELATES, "outwardIssue": {"key": 'HOT-7" OR 1=1'}}], id="no key"),
    ],
)
def test_what_is_no_link_is_left_out(value: Any) -> None:
    assert read_links(value) == ()


def test_an_issue_of_which_nothing_but_its_key_is_shown_is_linked_all_the_same() -> None:
    """So Jira shows an issue that this account may not see in full."""
    assert read_links([{"type": BLOCKS, "inwardIssue": {"key": "SEC-1"}}]) == (
        Linked(IssueKey("SEC-1"), "is blocked by", "Blocks"),
    )


def test_of_many_links_what_it_duplicates_and_what_is_open_is_kept() -> None:
    done = [a_link(f"SUP-{number}", kind=RELATES, category="done") for number in range(500)]
    linked = read_links([*done, a_link("FIX-1", kind=RELATES), a_link("HOT-7")])
    assert len(linked) == LINKED_LIMIT
    assert [one.key for one in linked[:3]] == ["HOT-7", "FIX-1", "SUP-0"]


def test_texts_of_linked_issues_are_short_clean_and_on_one_line() -> None:
    [linked] = read_links([a_link(status={"name": "a\nb\x00" + "s" * 900}, kind={"outward": "r" * 900})])
    assert linked.status.startswith("a bss")
    assert (len(linked.status), len(linked.relation)) == (60, 60)


def test_links_are_part_of_an_incident_and_survive_the_queue() -> None:
    incident = parse_issue(an_issue(issuelinks=[a_link(summary="x" * 900), a_link("FIX-1", kind=RELATES)]), SCHEMA)
    assert isinstance(incident, Incident)
    assert [one.key for one in incident.linked] == ["HOT-7", "FIX-1"]
    assert incident_from_json(incident_to_json(incident)) == incident


@pytest.mark.parametrize(
    ("links", "survivor"),
    [
        pytest.param([a_link()], "HOT-7", id="the one it duplicates"),
        pytest.param([a_link(way="inward")], None, id="not one that duplicates it"),
        pytest.param([a_link(kind=RELATES)], None, id="not one that it merely relates to"),
        pytest.param([a_link("HOT-1", category="done"), a_link("HOT-2")], "HOT-2", id="an open one first"),
        pytest.param([], None, id="not linked"),
    ],
)
def test_of_a_duplicate_the_issue_that_stays_is_known(links: list[Any], survivor: str | None) -> None:
    found = an_incident(linked=read_links(links)).survivor
    assert (found.key if found else None) == survivor
