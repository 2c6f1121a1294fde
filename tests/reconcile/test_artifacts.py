"""The runner makes each artifact once, shows one what came before it, and lets no failure delay another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

import pytest

from chalicelib.artifacts.artifact import Artifact, Made, Scene, Spec, Unfinished, spec_of
from chalicelib.errors import IntegrationError, PermanentError, TemporaryError
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from chalicelib.reconcile.artifacts import CLAIM, Outcome, settle_artifacts
from simulation.twins import MemoryLedger
from tests.builders import an_incident, seconds
from tests.reconcile.small_world import SmallWorld

INCIDENT = an_incident()


@dataclass
class Thing:
    """An artifact at a vendor of its own, on which a test can lay its hands."""

    name: str
    after: tuple[str, ...] = ()
    speaks_when_held: bool = False
    words: Callable[[Scene], str] = lambda scene: scene.incident.summary
    exists: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    errors: list[Exception] = field(default_factory=list)
    error_after_effect: bool = False
    removed: bool = False
    place_is_closed: bool = False
    put_away: bool = False
    says: tuple[str, ...] = ()
    not_before: datetime | None = None
    is_wanted: bool = True

    def want(self, scene: Scene) -> tuple[Spec[str], ...]:
        if not self.is_wanted:
            return ()
        return (spec_of(self.name, scene.incident, self.words(scene), not_before=self.not_before),)

    def find(self, spec: Spec[str]) -> Made | None:
        self.calls.append("find")
        return self._made() if self.exists else None

    def make(self, spec: Spec[str]) -> Made | None:
        self.calls.append("make")
        if self.place_is_closed:
            return None
        if self.error_after_effect:
            self.exists.append(spec.content)
        self._fail()
        self.exists.append(spec.content)
        return self._made()

    def change(self, known: Made, spec: Spec[str]) -> Made | None:
        self.calls.append("change")
        if self.error_after_effect:
            self.exists[-1] = spec.content
        self._fail()
        if self.removed:
            return None
        self.exists[-1] = spec.content
        return self._made()

    def _made(self) -> Made:
        return Made(f"{self.name}-{len(self.exists)}", f"https://{self.name}.example.com", self.says, self.put_away)

    def _fail(self) -> None:
        if self.errors:
            raise self.errors.pop()


class Passes:
    """One incident that is looked after again and again."""

    def __init__(self, *things: Thing) -> None:
        self.small = SmallWorld()
        self.things: tuple[Artifact[str], ...] = things
        self.incident = INCIDENT

    def settle(self, *, held: bool = False, within_s: float = 20) -> list[Outcome]:
        now = self.small.clock.now()
        scene = Scene(self.incident, now, held=held, records=self.records)
        return settle_artifacts(self.things, scene, self.small.world, give_up_at=now + seconds(within_s))

    def settle_twice_later(self) -> None:
        """The first gives up what is wanted no more."""
        for _ in range(2):
            self.small.clock.at += seconds(6)
            self.settle()

    @property
    def records(self) -> dict[str, ArtifactRecord]:
        return {record.name: record for record in self.small.ledger.read(INCIDENT.id).artifacts}


def temporary(**kind: float | bool) -> IntegrationError:
    return TemporaryError("slack", "open_room", "timed out after 2 s", **kind)  # type: ignore[arg-type]


def test_what_is_made_is_made_once_and_then_left_alone():
    room = Thing("room")
    passes = Passes(room)
    passes.settle()
    again = passes.settle()
    assert room.calls == ["make"]
    assert not any(outcome.changed or outcome.pending for outcome in again)
    assert passes.records["room"].link == "https://room.example.com"


def test_what_shows_another_comes_after_it_and_sees_what_it_has_become():
    room = Thing("room")
    topic = Thing("topic", after=("room",), words=lambda scene: f"{scene.id_of('room')} {scene.link_of('room')}")
    passes = Passes(topic, room)
    passes.settle()
    assert topic.exists == ["room-1 https://room.example.com"]


def test_what_a_human_wrote_into_a_link_field_is_shown_instead_of_ours():
    room = Thing("room")
    topic = Thing("topic", after=("room",), words=lambda scene: scene.link_of("room"))
    passes = Passes(topic, room)
    passes.incident = replace(INCIDENT, links={"room": "https://their.example.com"})
    passes.settle()
    assert topic.exists == ["https://their.example.com"]


def test_one_that_fails_keeps_nobody_else_waiting_not_even_who_comes_after_it():
    room = Thing("room", errors=[temporary()])
    topic = Thing("topic", after=("room",), words=lambda scene: f"[{scene.link_of('room')}]")
    other = Thing("other")
    passes = Passes(room, topic, other)
    passes.settle()
    assert (room.exists, topic.exists, other.exists) == ([], ["[]"], ["Checkout is down"])


def test_one_whose_own_code_is_wrong_fails_alone_and_is_tried_again():
    def stumble(scene: Scene) -> str:
        raise KeyError("severity")

    broken, other = Thing("broken", words=stumble), Thing("other")
    passes = Passes(broken, other)
    outcomes = {outcome.name: outcome for outcome in passes.settle()}
    assert other.exists
    assert outcomes["broken"].pending
    assert passes.small.log.alarms == ["artifact_failed"]


def test_a_lost_answer_is_repaired_by_looking():
    room = Thing("room", errors=[temporary()], error_after_effect=True)
    passes = Passes(room)
    passes.settle()
    passes.settle()
    assert room.calls == ["make"]
    passes.small.clock.at += seconds(31)
    passes.settle()
    assert room.calls == ["make", "find", "change"]
    assert len(room.exists) == 1


def test_what_a_human_took_away_is_not_made_again_and_asked_for_only_when_it_should_look_otherwise():
    room = Thing("room")
    passes = Passes(room)
    passes.settle()
    room.removed = True
    passes.incident = replace(INCIDENT, summary="Checkout is slow")
    passes.settle()
    passes.settle()
    assert room.calls == ["make", "change"]
    assert passes.records["room"].state is ArtifactState.CLOSED
    room.removed = False
    passes.incident = replace(INCIDENT, summary="Checkout is back")
    passes.settle()
    assert room.exists == ["Checkout is back"]


@pytest.mark.parametrize(
    ("error", "tries", "told"),
    [
        (temporary(), 1, ""),
        (temporary(), 3, "slack cannot be reached"),
        (temporary(retry_after_s=120), 1, "slack asks us to wait"),
        (TemporaryError("slack", "open_room", "the token was revoked", out_of_service=True), 1, "slack: the token was revoked"),
        (PermanentError("slack", "open_room", "no such team"), 1, "slack: no such team"),
    ],
)
def test_what_lasts_is_told_in_words_that_do_not_change(error: IntegrationError, tries: int, told: str):
    room = Thing("room", errors=[error] * tries)
    passes = Passes(room)
    for _ in range(tries):
        passes.settle()
        passes.small.clock.at += seconds(301)
    assert passes.records["room"].trouble == told
    passes.small.clock.at += seconds(301)
    passes.settle()
    assert passes.records["room"].trouble == ""


def test_what_people_must_know_of_it_is_kept():
    passes = Passes(Thing("room", says=("Mia is not at Slack",)))
    passes.settle()
    assert passes.records["room"].says == ("Mia is not at Slack",)


def test_what_was_done_before_a_failure_is_kept_and_not_done_twice():
    half = Made("room-1", "https://room.example.com", ("Mia is not at Slack",))
    room = Thing("room", errors=[Unfinished(half, TemporaryError("slack", "mark_room", "timed out"))])
    passes = Passes(room)
    passes.settle()
    kept = passes.records["room"]
    assert (kept.state, kept.vendor_id, kept.says) == (ArtifactState.SENDING, "room-1", half.says)
    room.exists.append("half of it")
    passes.small.clock.at += seconds(6)
    passes.settle()
    assert room.calls == ["make", "change"]
    assert passes.records["room"].state is ArtifactState.MADE


def test_where_a_human_closed_the_place_nothing_is_made_until_it_should_look_otherwise():
    topic = Thing("topic", place_is_closed=True)
    passes = Passes(topic)
    passes.settle()
    passes.settle()
    assert (topic.calls, passes.records["topic"].state) == (["make"], ArtifactState.CLOSED)
    passes.incident = replace(INCIDENT, summary="Checkout is slow")
    passes.settle()
    assert topic.calls == ["make", "find", "make"]


def test_what_was_begun_and_is_wanted_no_more_is_given_up_and_told_of_no_longer():
    topic = Thing("topic", errors=[PermanentError("slack", "set_topic", "no such room")])
    passes = Passes(topic)
    passes.settle()
    topic.is_wanted = False
    passes.small.clock.at += seconds(31)
    passes.settle()
    record = passes.records["topic"]
    assert (record.state, record.trouble, record.last_error) == (ArtifactState.GONE, "", None)
    writes = passes.small.ledger.writes
    passes.settle()
    assert passes.small.ledger.writes == writes
    topic.is_wanted = True
    passes.settle()
    assert topic.calls == ["make", "find", "make"], "a lost answer may have left it"


def test_a_change_that_is_wanted_no_more_is_given_up_and_made_when_it_is_wanted_again():
    topic = Thing("topic")
    passes = Passes(topic)
    passes.settle()
    topic.errors.append(PermanentError("slack", "set_topic", "no such room"))
    passes.incident = replace(INCIDENT, summary="Checkout is slow")
    passes.settle()
    topic.is_wanted = False
    passes.settle()
    assert (passes.records["topic"].state, passes.records["topic"].trouble) == (ArtifactState.MADE, "")
    topic.is_wanted = True
    passes.incident = INCIDENT
    passes.settle()
    assert topic.calls == ["make", "change", "change"], "the change that failed may have come through"


def test_a_change_whose_answer_was_lost_is_taken_back_when_it_is_wanted_no_more():
    topic = Thing("topic")
    passes = Passes(topic)
    passes.settle()
    topic.error_after_effect, topic.errors = True, [temporary()]
    passes.incident = replace(INCIDENT, summary="Checkout is slow")
    passes.settle()
    assert topic.exists == ["Checkout is slow"]
    passes.incident = INCIDENT
    passes.small.clock.at += seconds(5)
    passes.settle()
    assert topic.exists == ["Checkout is down"]
    assert passes.records["topic"].last_error is None


def test_what_somebody_is_at_is_not_given_up():
    topic = Thing("topic", is_wanted=False)
    passes = Passes(topic)
    in_hand = ArtifactRecord(INCIDENT.id, "topic", ArtifactState.SENDING, "c", passes.small.clock.at + seconds(30))
    passes.small.ledger.insert(in_hand)
    [outcome] = passes.settle()
    assert passes.records["topic"] == in_hand
    assert (outcome.due, outcome.pending) == (in_hand.until, True), "whoever is at it may die"


@pytest.mark.parametrize("is_answered", [False, True], ids=["it died", "it failed"])
def test_what_is_given_up_still_shows_whether_anybody_knows_what_became_of_it(is_answered: bool):
    topic = Thing("topic", is_wanted=False)
    passes = Passes(topic)
    begun = ArtifactRecord(INCIDENT.id, "topic", ArtifactState.SENDING, "c", passes.small.clock.at, attempt=3)
    passes.small.ledger.insert(replace(begun, not_before=begun.until, last_error="no") if is_answered else begun)
    passes.settle()
    record = passes.records["topic"]
    assert (record.state, record.is_unanswered) == (ArtifactState.GONE, not is_answered)


def test_a_record_of_another_artifact_with_a_longer_name_is_left_alone():
    mail, final = Thing("mail", is_wanted=False), Thing("mail:final", errors=[temporary()])
    passes = Passes(mail, final)
    passes.settle()
    passes.settle()
    assert passes.records["mail:final"].state is ArtifactState.SENDING


def test_what_a_human_did_away_with_on_purpose_is_closed_and_what_people_must_know_of_it_is_kept():
    page = Thing("page", put_away=True, says=("somebody deleted it",))
    passes = Passes(page)
    passes.settle()
    passes.settle()
    record = passes.records["page"]
    assert (page.calls, record.state, record.says, record.made_at) == (
        ["make"], ArtifactState.CLOSED, ("somebody deleted it",), None
    )  # fmt: skip


# --- of which only one may be made at a time -------------------------------------------------------------------------------


@dataclass
class OneOfTwo(Thing):
    """Its first word opens a place that it shares with the other's. meanwhile: happens just before it does."""

    which: str = "a"
    meanwhile: Callable[[], object] = lambda: None

    def want(self, scene: Scene) -> tuple[Spec[str], ...]:
        return (
            replace(
                spec_of(f"{self.name}:{self.which}", scene.incident, self.which), sole_among="" if self.exists else self.name
            ),
        )

    def make(self, spec: Spec[str]) -> Made | None:
        self.meanwhile()
        return super().make(spec)


def passes_with(*, first: str) -> tuple[OneOfTwo, Passes]:
    page = OneOfTwo("page", which=first)
    return page, Passes(page)


def test_of_two_passes_that_would_open_the_same_place_the_later_one_waits():
    page, passes = passes_with(first="a")
    before = passes.records

    def another_pass() -> None:
        other = OneOfTwo("page", which="b", exists=page.exists, calls=page.calls)
        [outcome] = settle_with(passes, other, before)
        assert (outcome.pending, outcome.due) == (True, passes.small.clock.now() + seconds(5))

    page.meanwhile = another_pass
    passes.settle()
    assert (page.exists, page.calls) == (["a"], ["make"])


def test_where_both_have_begun_neither_opens_it_and_who_comes_next_looks_first(monkeypatch):
    page, passes = passes_with(first="a")
    insert = MemoryLedger.insert

    def insert_with_another(ledger: MemoryLedger, record: ArtifactRecord) -> bool:
        insert(ledger, replace(record, name="page:b", until=record.until - CLAIM))
        return insert(ledger, record)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(MemoryLedger, "insert", insert_with_another)
        [outcome] = passes.settle()
    assert (page.calls, outcome.pending) == ([], True)
    passes.settle_twice_later()
    assert (page.exists, page.calls) == (["a"], ["find", "make"])


def test_what_another_has_in_hands_is_waited_for():
    page, passes = passes_with(first="a")
    until = passes.small.clock.now() + seconds(20)
    passes.small.ledger.insert(ArtifactRecord(INCIDENT.id, "page:b", ArtifactState.SENDING, "another's", until))
    waiting = [outcome for outcome in passes.settle() if outcome.name == "page:a"]
    assert (page.calls, waiting) == ([], [Outcome("page:a", due=until, pending=True)])
    passes.small.clock.at += seconds(20)
    passes.settle_twice_later()
    assert page.calls == ["find", "make"]


def test_one_that_is_being_changed_is_waited_for_too():
    page, passes = passes_with(first="a")
    until = passes.small.clock.now() + seconds(20)
    passes.small.ledger.insert(ArtifactRecord(INCIDENT.id, "page", ArtifactState.MADE, "another's", until, attempt=1))
    waiting = [outcome for outcome in passes.settle() if outcome.name == "page:a"]
    assert (page.calls, waiting) == ([], [Outcome("page:a", due=until, pending=True)])


def test_one_whose_name_only_begins_the_same_is_no_other_of_them():
    page, passes = passes_with(first="a")
    until = passes.small.clock.now() + seconds(20)
    passes.small.ledger.insert(ArtifactRecord(INCIDENT.id, "page_name", ArtifactState.SENDING, "another's", until))
    passes.settle()
    assert page.calls == ["make"]


def settle_with(passes: Passes, thing: Thing, records: dict[str, ArtifactRecord]) -> list[Outcome]:
    """A pass that looked at the ledger a while ago."""
    now = passes.small.clock.now()
    scene = Scene(INCIDENT, now, held=False, records=records)
    return settle_artifacts((thing,), scene, passes.small.world, give_up_at=now + seconds(20))


# --- when ------------------------------------------------------------------------------------------------------------------


def test_a_storm_holds_back_all_but_what_speaks_in_it():
    room, comment = Thing("room"), Thing("comment", speaks_when_held=True)
    Passes(room, comment).settle(held=True)
    assert (room.exists, comment.exists) == ([], ["Checkout is down"])


def test_nothing_is_begun_when_the_time_is_up():
    room = Thing("room")
    outcomes = Passes(room).settle(within_s=0)
    assert room.calls == []
    assert outcomes[0].pending
    assert outcomes[0].due is not None


def test_two_that_come_after_each_other_are_a_mistake_of_ours():
    with pytest.raises(AssertionError, match="come after each other"):
        Passes(Thing("room", after=("topic",)), Thing("topic", after=("room",))).settle()


def test_what_is_wanted_later_is_due_then_and_pending_nowhere():
    tomorrow = INCIDENT.created_at + seconds(86_400)
    room = Thing("room", not_before=tomorrow)
    passes = Passes(room)
    [outcome] = passes.settle()
    assert (room.calls, outcome.due, outcome.pending, outcome.changed) == ([], tomorrow, False, False)
    passes.small.clock.at = tomorrow
    passes.settle()
    assert room.calls == ["make"]
