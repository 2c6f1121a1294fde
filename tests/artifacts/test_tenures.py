"""Who has had which role, and since when."""

from __future__ import annotations

import json

import pytest

from chalicelib.artifacts.artifact import Scene
from chalicelib.artifacts.tenures import Tenure, names_of, tenures
from chalicelib.domain.incident import Change, Incident, Person
from chalicelib.domain.people import MANAGER, Known, PeopleTable
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from tests.builders import EMMA, MIA, NOW, ROBOT, a_change, an_incident, seconds

LATER = NOW + seconds(7200)


def assigned(new: str | None, old: str | None, after_s: float) -> Change:
    return a_change("assignee", new, old=old, after_s=after_s)


@pytest.mark.parametrize(
    ("incident", "managers"),
    [
        pytest.param(an_incident(), [], id="nobody"),
        pytest.param(an_incident(assignee=MIA), [Tenure("acc-mia", NOW)], id="from the beginning"),
        pytest.param(
            an_incident(assignee=MIA, changes=(assigned("acc-mia", None, 60),)),
            [Tenure("acc-mia", NOW + seconds(60))],
            id="since it was assigned",
        ),
        pytest.param(
            an_incident(assignee=EMMA, changes=(assigned("acc-mia", None, 60), assigned("acc-emma", "acc-mia", 600))),
            [Tenure("acc-mia", NOW + seconds(60), NOW + seconds(600)), Tenure("acc-emma", NOW + seconds(600))],
            id="handed over",
        ),
        pytest.param(
            an_incident(changes=(assigned(None, "acc-mia", 60),)),
            [Tenure("acc-mia", NOW, NOW + seconds(60))],
            id="left it",
        ),
        pytest.param(
            an_incident(
                assignee=MIA,
                changes=(assigned("acc-emma", "acc-mia", 60), assigned("acc-mia", "acc-emma", 120)),
            ),
            [
                Tenure("acc-mia", NOW, NOW + seconds(60)),
                Tenure("acc-emma", NOW + seconds(60), NOW + seconds(120)),
                Tenure("acc-mia", NOW + seconds(120)),
            ],
            id="to and fro",
        ),
        pytest.param(an_incident(assignee=ROBOT), [], id="a program"),
        pytest.param(
            an_incident(assignee=MIA, changes=(assigned("acc-mia", "acc-default", 60),)),
            [Tenure("acc-mia", NOW + seconds(60))],
            id="after a default assignee",
        ),
    ],
)
def test_managers_are_known_from_the_history(incident: Incident, managers: list[Tenure]):
    assert list(tenures(MANAGER, Scene(incident, LATER), {"acc-default"})) == managers


def said(number: int, ids: list[str], after_s: float, *, done: bool = True) -> ArtifactRecord:
    name, at = f"told:tech_lead:{number}", NOW + seconds(after_s)
    fingerprint = json.dumps(ids) if done else ""
    state = ArtifactState.MADE if done else ArtifactState.SENDING
    record = ArtifactRecord(an_incident().id, name, state, "c", at, fingerprint=fingerprint)
    return record if not done else ArtifactRecord(
        record.issue_id, name, state, "c", at, fingerprint=fingerprint, vendor_id="m", made_at=at
    )  # fmt: skip


@pytest.mark.parametrize(
    ("records", "now", "known"),
    [
        pytest.param([], (), [], id="nobody"),
        pytest.param([], (MIA,), [Tenure("acc-mia", LATER)], id="just now"),
        pytest.param([said(1, ["acc-mia"], 60)], (MIA,), [Tenure("acc-mia", NOW + seconds(60))], id="told"),
        pytest.param(
            [said(1, ["acc-mia"], 60), said(2, ["acc-emma", "acc-mia"], 600), said(10, ["acc-emma"], 900)],
            (EMMA,),
            [Tenure("acc-mia", NOW + seconds(60), NOW + seconds(900)), Tenure("acc-emma", NOW + seconds(600))],
            id="two for a while",
        ),
        pytest.param(
            [said(1, ["acc-mia"], 60), said(2, [], 600, done=False)],
            (),
            [Tenure("acc-mia", NOW + seconds(60), LATER)],
            id="being said just now",
        ),
    ],
)
def test_others_are_known_from_what_the_room_was_told(
    records: list[ArtifactRecord], now: tuple[Person, ...], known: list[Tenure]
):
    scene = Scene(an_incident(roles={"tech_lead": now}), LATER, records={record.name: record for record in records})
    assert list(tenures("tech_lead", scene)) == known


def test_people_are_called_as_the_issue_calls_them_else_as_the_table_does():
    incident = an_incident(assignee=MIA, reporter=EMMA)
    table = PeopleTable((Known("omar", ("omar@example.com",), "acc-omar"),))
    assert names_of(["acc-mia", "acc-omar", "acc-mia", "acc-gone"], incident, table) == ("Mia Moore", "omar", "somebody")
