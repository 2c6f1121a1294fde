"""Our links reach their fields in one write, and never in the place of what a human wrote or took out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest

from chalicelib.artifacts.artifact import Artifact, Made, Scene, Spec
from chalicelib.artifacts.links import REFUSED_RETRY, LinkFields, Links
from chalicelib.domain.incident import Incident, IssueId
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from chalicelib.ports.tickets import FieldValue, Put
from sandbox.emulator import Fault, FaultKind
from sandbox.jira.model import JiraIssue
from sandbox.jira.schema import CHAT_ROOM, DOCUMENT, VIDEO_CALL, example_schema
from tests.adapters.jira_world import EMMA, MIA, JiraWorld, a_jira
from tests.artifacts.passes import EVERY_DEATH, Passes, is_settled
from tests.builders import NOW, TOO_LATE_S, an_incident
from tests.reconcile.small_world import FakeTickets, SmallWorld

FIELDS = example_schema().link_fields
ROOM, CALL, PAGE = "https://slack.example.com/C1", "https://zoom.example.com/j/92", "https://wiki.example.com/98304"
THEIRS = "https://meet.example.com/theirs"


def a_record(name: str, link: str, state: ArtifactState = ArtifactState.MADE) -> ArtifactRecord:
    return ArtifactRecord(an_incident().id, name, state, "c", NOW, vendor_id="1", link=link)


# --- what is wanted -------------------------------------------------------------------------------------------------------


def wanted(*records: ArtifactRecord, fields: Mapping[str, str] = FIELDS, **changes: Any) -> tuple[Spec[Links], ...]:
    scene = Scene(an_incident(**changes), NOW, records={record.name: record for record in records})
    return LinkFields(FakeTickets, fields).want(scene)


@pytest.mark.parametrize(
    ("records", "links"),
    [
        pytest.param((), [], id="nothing is made"),
        pytest.param(
            (a_record("chat_room", ROOM),), [(("chat_room", ROOM),)], id="what there is, without waiting for the rest"
        ),
        pytest.param((a_record("chat_room", ROOM, ArtifactState.CLOSED),), [], id="a human took it away"),
        pytest.param((a_record("video_call", "", ArtifactState.SENDING),), [], id="being made"),
        pytest.param((a_record("comment", "https://x.example.com"),), [], id="what has no field"),
    ],
)
def test_what_is_wanted_in_the_fields(records: tuple[ArtifactRecord, ...], links: list[Links]):
    assert [spec.content for spec in wanted(*records)] == links


def test_without_fields_nothing_is_wanted():
    assert wanted(a_record("chat_room", ROOM), fields={}) == ()


def test_what_is_in_the_fields_changes_nothing_in_what_is_wanted():
    [empty], [filled] = wanted(a_record("chat_room", ROOM)), wanted(a_record("chat_room", ROOM), links={"chat_room": THEIRS})
    assert empty.fingerprint == filled.fingerprint


# --- what is written ------------------------------------------------------------------------------------------------------


@dataclass
class Fields(Passes):
    """Jira with one incident, and a ledger that knows what else was made."""

    def begin(self, jira: JiraWorld, issue: JiraIssue) -> None:
        self.jira, self.issue = jira, issue

    def made(self, name: str, link: str) -> None:
        self.small.ledger.insert(replace(a_record(name, link), issue_id=self.incident.id))

    @property
    def shown(self) -> dict[str, str]:
        return {name: self.issue.fields[field] for name, field in FIELDS.items() if self.issue.fields[field]}

    def a_human_writes(self, name: str, link: str | None) -> None:
        self.jira.model.set_field(self.issue, FIELDS[name], link, EMMA)

    def asked(self) -> list[str]:
        """What was asked of Jira by the artifact since the last time, the reads of the passes left out."""
        asked = [f"{exchange['method']}" for exchange in self.jira.recorder.exchanges]
        self.jira.recorder.exchanges.clear()
        return asked


@contextmanager
def passes_at_jira(*, observing: bool = True) -> Iterator[Fields]:
    with a_jira() as jira:
        issue = jira.model.create_incident(EMMA, "Checkout is down")
        incident = jira.tickets.read(IssueId(issue.id))
        assert isinstance(incident, Incident)

        def artifacts(small: SmallWorld) -> tuple[Artifact[Any], ...]:
            tickets = small.mortality.wrap(jira.tickets, "jira")
            return (LinkFields(lambda: tickets, FIELDS),)

        passes = Fields(artifacts, incident, clock=jira.clock)
        passes.begin(jira, issue)
        if observing:
            passes.observe = lambda: cast(Incident, jira.tickets.read(IssueId(issue.id)))
        passes.asked()
        yield passes


def test_all_of_them_are_written_at_once_and_nobody_is_notified():
    with passes_at_jira(observing=False) as passes:
        mails = passes.jira.model.mails
        for name, link in (("chat_room", ROOM), ("video_call", CALL), ("state_document", PAGE)):
            passes.made(name, link)
        passes.settle()
        assert passes.asked() == ["GET", "PUT"]
        assert passes.shown == {"chat_room": ROOM, "video_call": CALL, "state_document": PAGE}
        assert passes.jira.model.mails == mails
        assert is_settled(passes.settle())
        assert passes.asked() == []


def test_what_comes_later_is_written_alone():
    with passes_at_jira() as passes:
        passes.made("chat_room", ROOM)
        passes.settle()
        before = len(passes.issue.histories)
        passes.made("state_document", PAGE)
        passes.settle()
        assert [item["fieldId"] for entry in passes.issue.histories[before:] for item in entry["items"]] == [DOCUMENT]
        assert is_settled(passes.settle())


def test_a_humans_value_wins_and_stays_even_if_it_came_since_the_pass_began():
    with passes_at_jira(observing=False) as passes:
        passes.a_human_writes("video_call", THEIRS)
        passes.made("chat_room", ROOM)
        passes.made("video_call", CALL)
        passes.settle()
        assert passes.shown == {"chat_room": ROOM, "video_call": THEIRS}


def test_where_humans_have_filled_everything_jira_is_not_asked():
    with passes_at_jira() as passes:
        passes.a_human_writes("video_call", THEIRS)
        passes.made("video_call", CALL)
        passes.settle()
        assert passes.asked() == ["GET"], "the pass's own"
        assert passes.shown == {"video_call": THEIRS}


@pytest.mark.parametrize("theirs", [None, THEIRS], ids=["emptied", "replaced"])
def test_what_a_human_does_to_our_link_stays_also_when_others_are_written(theirs: str | None):
    with passes_at_jira() as passes:
        passes.made("chat_room", ROOM)
        passes.settle()
        passes.a_human_writes("chat_room", theirs)
        assert is_settled(passes.settle())
        passes.made("state_document", PAGE)
        passes.settle()
        assert passes.shown == {**({"chat_room": theirs} if theirs else {}), "state_document": PAGE}


def test_where_a_human_takes_out_a_link_of_their_own_ours_comes_in_once():
    with passes_at_jira() as passes:
        passes.a_human_writes("video_call", THEIRS)
        passes.made("video_call", CALL)
        passes.settle()
        passes.a_human_writes("video_call", None)
        passes.settle_for(60)
        assert passes.shown == {"video_call": CALL}
        passes.a_human_writes("video_call", None)
        assert is_settled(passes.settle())
        assert passes.shown == {}


def test_what_was_written_is_remembered_for_as_long_as_links_come():
    with passes_at_jira() as passes:
        passes.made("chat_room", ROOM)
        passes.settle()
        passes.a_human_writes("chat_room", None)
        for name, link in (("video_call", CALL), ("state_document", PAGE)):
            passes.made(name, link)
            passes.settle()
        assert passes.shown == {"video_call": CALL, "state_document": PAGE}


def test_what_was_written_by_an_edit_whose_answer_was_lost_is_remembered_too():
    with passes_at_jira() as passes:
        passes.made("chat_room", ROOM)
        passes.jira.emulator.faults.switch_on("put_issue", Fault(FaultKind.TIMEOUT_AFTER, delay_s=TOO_LATE_S))
        passes.settle_for(60)
        passes.a_human_writes("chat_room", None)
        passes.made("state_document", PAGE)
        passes.settle()
        assert passes.shown == {"state_document": PAGE}


@pytest.mark.parametrize(
    ("theirs", "shown"),
    [
        pytest.param("ours", {"chat_room": f"{ROOM}/new"}, id="as we left it"),
        pytest.param(THEIRS, {"chat_room": THEIRS}, id="a human's"),
        pytest.param(None, {}, id="a human took it out"),
    ],
)
def test_a_link_of_ours_that_changed_takes_the_place_of_none_but_our_own(theirs: str | None, shown: dict[str, str]):
    with passes_at_jira() as passes:
        passes.made("chat_room", ROOM)
        passes.settle()
        if theirs != "ours":
            passes.a_human_writes("chat_room", theirs)
        old = passes.records["chat_room"]
        passes.small.ledger.replace(old, replace(old, link=f"{ROOM}/new"))
        passes.settle()
        assert passes.shown == shown


def test_a_field_that_jira_refuses_is_told_of_with_the_link_and_the_others_are_written():
    with passes_at_jira() as passes:
        passes.jira.model.off_screen.add(VIDEO_CALL)
        passes.made("chat_room", ROOM)
        passes.made("video_call", CALL)
        passes.settle()
        assert passes.shown == {"chat_room": ROOM}
        [said] = passes.records["links"].says
        assert said.startswith(f"Jira does not take {CALL} into the field of the video call (")
        assert said.endswith("; tried again every ten minutes")


def test_a_refused_field_is_tried_again_every_ten_minutes_and_said_once():
    with passes_at_jira() as passes:
        passes.jira.model.off_screen.add(VIDEO_CALL)
        passes.made("video_call", CALL)
        passes.settle()
        said = passes.records["links"].says
        [outcome] = passes.settle()
        assert (outcome.changed, outcome.pending) == (False, False)
        assert outcome.due == passes.records["links"].until + REFUSED_RETRY
        passes.pass_time(601)
        [outcome] = passes.settle()
        assert outcome.changed
        assert passes.records["links"].says == said
        passes.jira.model.off_screen.clear()
        passes.settle_for(700)
        assert (passes.shown, passes.records["links"].says) == ({"video_call": CALL}, ())
        assert is_settled(passes.settle())


def test_what_comes_while_a_field_is_refused_is_written_at_once_and_what_a_human_emptied_is_not():
    with passes_at_jira() as passes:
        passes.jira.model.off_screen.add(VIDEO_CALL)
        passes.made("chat_room", ROOM)
        passes.made("video_call", CALL)
        passes.settle()
        passes.a_human_writes("chat_room", None)
        passes.made("state_document", PAGE)
        passes.settle()
        assert passes.shown == {"state_document": PAGE}
        assert passes.settle()[0].changed is False


def test_a_refused_field_of_an_incident_that_is_over_is_let_be():
    with passes_at_jira() as passes:
        passes.jira.model.off_screen.add(VIDEO_CALL)
        passes.made("video_call", CALL)
        passes.settle()
        passes.wanted = False
        passes.settle()
        passes.pass_time(3600)
        [outcome] = passes.settle()
        assert (outcome.changed, outcome.due) == (False, None)


@pytest.mark.parametrize(("number", "after"), EVERY_DEATH)
def test_a_worker_that_dies_leaves_the_links_right(number: int, after: bool):
    with passes_at_jira() as passes:
        passes.made("chat_room", ROOM)
        passes.die(number, after=after)
        assert is_settled(passes.settle_for(120))
        assert passes.shown == {"chat_room": ROOM}
        assert passes.effects.count("jira.put_fields") <= 2
        passes.a_human_writes("chat_room", None)
        passes.settle_for(60)
        assert passes.shown == {}


def test_many_workers_write_once():
    with passes_at_jira() as passes:
        passes.made("chat_room", ROOM)
        passes.settle_by_many()
        passes.settle_for(60)
        assert passes.shown == {"chat_room": ROOM}
        assert passes.effects.count("jira.put_fields") == 1


@pytest.mark.parametrize("kind", [FaultKind.TIMEOUT_AFTER, FaultKind.RESET_BEFORE, FaultKind.UNAVAILABLE, FaultKind.CONFLICT])
def test_jira_that_stumbles_is_asked_again(kind: FaultKind):
    with passes_at_jira() as passes:
        passes.made("chat_room", ROOM)
        passes.jira.emulator.faults.switch_on("put_issue", Fault(kind, delay_s=TOO_LATE_S))
        passes.settle()
        assert is_settled(passes.settle_for(120))
        assert passes.shown == {"chat_room": ROOM}


def test_an_issue_that_has_left_in_this_moment_is_not_written_to_before_it_is_back():
    with passes_at_jira(observing=False) as passes:
        passes.made("chat_room", ROOM)
        passes.jira.model.move(passes.issue, "OPS", MIA)
        passes.settle()
        assert passes.shown == {}
        passes.jira.model.move(passes.issue, "HOT", MIA)
        assert is_settled(passes.settle_for(120))
        assert passes.shown == {"chat_room": ROOM}


def test_fields_are_written_quietly():
    class Tickets(FakeTickets):
        def put_fields(self, issue_id: Any, fields: Mapping[str, FieldValue], *, quiet: bool = False) -> Put:
            asked.append((dict(fields), quiet))
            return super().put_fields(issue_id, fields, quiet=quiet)

    asked: list[tuple[dict[str, FieldValue], bool]] = []
    tickets = Tickets({an_incident().id: an_incident()})
    [spec] = wanted(a_record("chat_room", ROOM), a_record("video_call", CALL))
    made = LinkFields(lambda: tickets, FIELDS).make(spec)
    assert asked == [({CHAT_ROOM: ROOM, VIDEO_CALL: CALL}, True)]
    assert made == Made(f"chat_room {ROOM} video_call {CALL}")
