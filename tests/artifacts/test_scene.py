"""What an artifact sees of the others."""

from __future__ import annotations

import pytest

from chalicelib.artifacts.artifact import Scene, how_to_join
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from tests.builders import NOW, an_incident

THEIRS, OURS = "https://meet.example.com/theirs", "https://zoom.example.com/j/92"


def a_scene(theirs: str, state: ArtifactState | None) -> Scene:
    """theirs: what the field in Jira holds; state: of ours."""
    incident = an_incident(links={"video_call": theirs} if theirs else {})
    record = ArtifactRecord(incident.id, "video_call", state or ArtifactState.MADE, "c", NOW, vendor_id="92", link=OURS)
    return Scene(incident, NOW, records={"video_call": record} if state else {})


@pytest.mark.parametrize(
    ("theirs", "state", "link"),
    [
        pytest.param("", None, "", id="there is none"),
        pytest.param("", ArtifactState.MADE, OURS, id="ours"),
        pytest.param(OURS, ArtifactState.MADE, OURS, id="ours, in its field"),
        pytest.param(THEIRS, None, THEIRS, id="a human's, and none of ours"),
        pytest.param(THEIRS, ArtifactState.MADE, THEIRS, id="a human's wins"),
        pytest.param("", ArtifactState.CLOSED, "", id="a human took ours away"),
        pytest.param(THEIRS, ArtifactState.CLOSED, THEIRS, id="a human took ours away and put another there"),
    ],
)
def test_the_link_that_people_are_shown(theirs: str, state: ArtifactState | None, link: str):
    scene = a_scene(theirs, state)
    assert scene.link_of("video_call") == link
    assert how_to_join(scene.incident, tuple(scene.records.values())) == ((f"Video call: {link}",) if link else ())


@pytest.mark.parametrize(
    ("state", "begun", "id_"),
    [
        pytest.param(None, False, None, id="never begun"),
        pytest.param(ArtifactState.MADE, True, "92", id="made"),
        pytest.param(ArtifactState.CLOSED, True, None, id="a human took it away"),
    ],
)
def test_what_has_begun_and_what_is_there(state: ArtifactState | None, begun: bool, id_: str | None):
    scene = a_scene(THEIRS, state)
    assert (scene.has_begun("video_call"), scene.id_of("video_call")) == (begun, id_)
