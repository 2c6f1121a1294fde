"""Which moment is meant, out of the issue's history and the ledger's records."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from chalicelib.domain.incident import Change, Incident, Severity, Status
from chalicelib.domain.policy import PagingPolicy
from chalicelib.metrics.sightings import Sighting, sighting_of
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from tests.builders import EMMA, FIREBELL, MIA, NOW, ROBOT, a_change, a_page, an_incident, seconds

POLICY = PagingPolicy(own_account=FIREBELL.account_id, default_assignees=frozenset({"acc-nobody"}))


def seen(*changes: Change, pages: tuple[Any, ...] = (), records: Any = None, **of_incident: Any) -> Sighting:
    incident = an_incident(changes=changes, **of_incident)
    return sighting_of(incident, POLICY, version=1, observed_at=NOW + seconds(9_000), pages=pages, records=records)


def made(name: str, after_s: float) -> ArtifactRecord:
    return ArtifactRecord(an_incident().id, name, ArtifactState.MADE, "c", NOW, made_at=NOW + seconds(after_s))


@pytest.mark.parametrize(("name", "found"), [("found_by_sweep", True), ("shadow", False)])
def test_what_a_sweep_had_to_find_is_told(name: str, found: bool):
    assert seen(records={name: made(name, 60)}).found_by_sweep is found


@pytest.mark.parametrize(
    ("changes", "severity", "after_s"),
    [
        pytest.param((), Severity.SEV1, 0, id="raised as one"),
        pytest.param((a_change("severity", "2", old="3"),), Severity.SEV2, 60, id="raised to one"),
        pytest.param((a_change("severity", "3", old="1"),), Severity.SEV3, 0, id="lowered since"),
        pytest.param((a_change("severity", "1"),), Severity.SEV1, 0, id="empty at first, which counts as one"),
        pytest.param((a_change("incident", "yes"),), Severity.SEV1, 60, id="became an incident"),
        pytest.param(
            (a_change("severity", "1", after_s=30), a_change("incident", "yes")), Severity.SEV1, 60, id="major before"
        ),
        pytest.param(
            (a_change("incident", "yes"), a_change("severity", "2", old="3", after_s=90)), Severity.SEV2, 90, id="then"
        ),
        pytest.param(
            (a_change("incident", None, old="yes"), a_change("incident", "yes")), Severity.SEV1, 0, id="was away for a while"
        ),
        pytest.param((), Severity.SEV3, None, id="never"),
    ],
)
def test_it_is_major_since_it_first_was(changes: tuple[Change, ...], severity: Severity, after_s: float | None):
    at = seen(*changes, severity=severity).major_at
    assert at == (None if after_s is None else NOW + seconds(after_s))


def test_an_empty_severity_counts_as_settings_say():
    raised = an_incident(changes=(a_change("severity", "1"),))
    emptied = an_incident(severity=Severity.SEV2, changes=(a_change("severity", None, old="3"),))

    def major_at(incident: Incident, when_empty: Severity) -> datetime | None:
        return sighting_of(incident, POLICY, version=1, observed_at=NOW, when_empty=when_empty).major_at

    assert [major_at(raised, one) for one in (Severity.SEV3, Severity.SEV2)] == [NOW + seconds(60), NOW]
    assert [major_at(emptied, one) for one in (Severity.SEV3, Severity.SEV2)] == [None, NOW + seconds(60)]


def test_it_is_paged_when_a_pager_first_accepted_a_page_of_the_chain():
    pages = (
        a_page(accepted_at=NOW + seconds(5), target="imoc1"),
        a_page(accepted_at=NOW + seconds(3)),
        a_page(accepted_at=NOW + seconds(1), target="to.databases"),
    )
    assert seen(pages=pages).paged_at == NOW + seconds(3)


@pytest.mark.parametrize(
    ("change", "counts"),
    [
        pytest.param(a_change("assignee", MIA.account_id), True, id="assigned to themselves"),
        pytest.param(a_change("assignee", EMMA.account_id), False, id="assigned by somebody else"),
        pytest.param(a_change("status", Status.FIXING), True, id="moved to Fixing"),
        pytest.param(a_change("status", Status.FIXING, ROBOT), False, id="moved by automation"),
        pytest.param(a_change("status", Status.FIXING, FIREBELL), False, id="moved by us"),
    ],
)
def test_who_takes_it_in_jira_acknowledges_it(change: Change, counts: bool):
    assert seen(change).acknowledged_at == (change.at if counts else None)


def test_it_is_acknowledged_when_the_first_of_pager_and_jira_says_so():
    page = a_page(acked_at=NOW + seconds(40))
    assert seen(a_change("status", Status.FIXING), pages=(page,)).acknowledged_at == NOW + seconds(40)


def test_people_are_told_when_the_first_channel_told_them():
    records = {
        one.name: one for one in (made("mail:opening", 700), made("room:opening", 650), made("public_page:opening", 900))
    }
    told = seen(records=records)
    assert (told.told_staff_at, told.told_public_at) == (NOW + seconds(650), NOW + seconds(900))


def test_a_role_is_engaged_when_somebody_first_has_it():
    told = seen(
        a_change("role:tech_lead", "acc-emma", after_s=30),
        a_change("role:tech_lead", "acc-mia", old="acc-emma", after_s=90),
        a_change("assignee", "acc-nobody", after_s=10),
        a_change("assignee", MIA.account_id, old="acc-nobody", after_s=50),
        roles={"communications_manager": (EMMA,)},
    )
    assert told.engaged == {
        "communications_manager": NOW, "incident_manager": NOW + seconds(50), "tech_lead": NOW + seconds(30),
    }  # fmt: skip


def test_every_reopening_counts():
    told = seen(
        a_change("status", Status.RESOLVED, old=Status.FIXING, after_s=60),
        a_change("status", Status.FIXING, old=Status.RESOLVED, after_s=90),
        a_change("status", Status.RESOLVED, old=Status.FIXING, after_s=120),
        status=Status.RESOLVED,
    )
    assert (told.reopened, told.reopened_at, told.resolved_at) == (1, NOW + seconds(90), NOW + seconds(120))


def test_an_impact_time_that_a_human_changed_is_edited_and_one_that_they_entered_is_not():
    told = seen(
        a_change("impact_started", "a"),
        a_change("detected", "b", old="a"),
        a_change("impact_ended", "b", FIREBELL, old="a"),
    )
    assert told.edited == ("detected",)


def test_an_incident_that_is_gone_tells_no_text():
    gone = sighting_of(an_incident(), POLICY, version=2, observed_at=NOW, is_gone=True)
    assert (gone.is_gone, gone.summary) == (True, "")


def test_a_private_incident_tells_no_text():
    assert seen(is_private=True).summary == ""


def test_names_of_people_are_told_only_to_who_wants_them():
    incident = replace(an_incident(), assignee=MIA)
    assert sighting_of(incident, POLICY, version=1, observed_at=NOW).manager == ""
    assert sighting_of(incident, POLICY, version=1, observed_at=NOW, with_names=True).manager == "Mia Moore"


def test_an_incident_from_before_firebell_tells_what_its_history_can():
    told = seen(a_change("assignee", MIA.account_id), a_change("status", Status.RESOLVED, after_s=600), status=Status.RESOLVED)
    assert (told.paged_at, told.acknowledged_at, told.resolved_at) == (None, NOW + seconds(60), NOW + seconds(600))
    assert (told.pages, told.creates) == (0, 0)
