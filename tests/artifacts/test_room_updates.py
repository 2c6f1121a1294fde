"""The room hears what staff are told, and whoever wrote an order hears what became of it: each once, in its place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from chalicelib.artifacts.announcements import Announcements
from chalicelib.artifacts.artifact import Artifact, Scene
from chalicelib.artifacts.chat_room import ChatRoom
from chalicelib.artifacts.inside import InsideRoom
from chalicelib.artifacts.note_sources import CommentNotes
from chalicelib.artifacts.room_updates import OrderAnswers, RoomUpdates
from chalicelib.artifacts.status_told import Told
from chalicelib.domain.announcement import PUBLIC_PAGE, Announcement, Audience, Progress
from chalicelib.domain.incident import Incident, IssueKey, Linked, Person, Resolution, Severity, Status
from chalicelib.domain.telling import Review
from chalicelib.ports.chat import Chat
from chalicelib.ports.tickets import Comment
from chalicelib.reconcile.artifacts import Outcome, settle_artifacts
from sandbox.emulator import FaultKind
from tests.adapters.chat_world import EMMA as EMMA_AT_CHAT
from tests.artifacts.passes import is_settled
from tests.artifacts.room_world import KilledWorker, RoomWorld, a_room_world, shown
from tests.artifacts.telling_world import WORDS, a_policy, a_record, a_scene, an_announcer
from tests.builders import EMMA, FIREBELL, MIA, NOW, a_change, an_incident, seconds
from tests.reconcile.small_world import later

ISSUE = an_incident().id
DUPLICATE: dict[str, Any] = {"status": Status.RESOLVED, "resolution": Resolution.DUPLICATE, "is_private": False}


@dataclass
class Desk:
    """An incident that Mia has, its comments, and its room if it has one. by_then: what is otherwise at the effect."""

    world: RoomWorld
    announcer: Announcements
    has_room: bool = True
    comments: dict[str, Comment] = field(default_factory=dict)
    by_then: dict[str, Any] = field(default_factory=dict)

    @property
    def tickets(self) -> Any:
        return self.world.small.tickets

    def artifacts(self) -> tuple[Artifact[Any], ...]:
        def chat() -> Chat:
            return self.world.killer

        return (
            *((ChatRoom(chat, lambda: self.tickets, WORDS), InsideRoom(chat)) if self.has_room else ()),
            CommentNotes(
                lambda: self.tickets, lambda: self.world.small.world.ledger, FIREBELL.account_id, self.announcer.policy
            ),
            RoomUpdates(chat, WORDS, self.announcer, lambda: self.tickets),
            OrderAnswers(WORDS, self.announcer),
        )

    def settle(self, **changes: Any) -> list[Outcome]:
        world = self.world
        world.incident = replace(world.incident, **changes)
        self.tickets.issues[ISSUE] = replace(world.incident, **self.by_then)
        self.tickets.said[:] = self.comments.values()
        now, book = world.small.clock.now(), world.small.ledger.read(ISSUE)
        is_open = world.incident.status is not Status.RESOLVED
        scene = Scene(world.incident, now, wanted=is_open, records=world.records, notes=book.notes)
        return settle_artifacts(self.artifacts(), scene, world.small.world, give_up_at=now + seconds(20))

    def comment(self, text: str, id_: str = "10100", by: Person | None = MIA) -> None:
        """Written, or edited."""
        now = self.world.small.clock.now()
        before = self.comments.get(id_)
        self.comments[id_] = Comment(id_, before.at if before else now, by, text, now)
        self.touch()

    def delete(self, id_: str = "10100") -> None:
        del self.comments[id_]
        self.touch()

    def touch(self) -> None:
        incident: Incident = self.world.incident
        self.world.incident = later(incident, (incident.updated_at - NOW).total_seconds() + 1)

    def settle_for(self, s: float, **changes: Any) -> list[Outcome]:
        outcomes = self.settle(**changes)
        for _ in range(int(s / 10) + 1):
            self.world.pass_time(10)
            outcomes = self.settle()
        return outcomes

    def said(self, what: str) -> list[str]:
        return [shown(message) or message.text for message in self.world.marked(f"room:{what}")]

    @property
    def says(self) -> tuple[str, ...]:
        record = self.world.records.get("updates")
        return record.says if record is not None else ()


@contextmanager
def a_desk(announcer: Announcements | None = None, *, has_room: bool = True, **changes: Any) -> Iterator[Desk]:
    with a_room_world(assignee=MIA, **changes) as world:
        desk = Desk(world, announcer or an_announcer(), has_room)
        desk.settle()
        yield desk


@pytest.fixture
def desk() -> Iterator[Desk]:
    with a_desk() as desk:
        yield desk


# --- updates -----------------------------------------------------------------------------------------------------


def test_an_update_is_said_in_the_room_a_minute_after_it_was_written(desk: Desk):
    desk.comment("update: Baskets stay empty.\n* The cache is restarted\nRoot cause: a full disk")
    desk.settle_for(40)
    assert desk.said("order") == []
    desk.settle_for(40)
    [text] = desk.said("order")
    assert text.startswith(
        "*Update*: <https://example.atlassian.net/browse/HOT-42|HOT-42> for everybody inside, by Mia Moore.\n\n"
        "Baskets stay empty.\n\nCurrent status\n• The cache is restarted\n\nWhat is known\n• Root cause: a full disk\n\n"
    )
    assert text.endswith(
        "Nobody has said yet: impact, customers affected inside the company, customers affected outside and expected to be"
        ' resolved. So it is said to be unknown. Add a line like "Root cause: ..." to the comment, and the update is corrected.'
    )


def test_the_opening_is_what_the_brief_says_already(desk: Desk):
    desk.settle_for(700)
    assert desk.said("") == []


def test_settled_it_writes_nothing_and_asks_nobody(desk: Desk):
    desk.comment("update: Slow.")
    desk.comment("draft: public: Slow.", "10101")
    desk.comment("public fixed: Slow.", "10102")
    desk.settle_for(100)
    calls, effects = len(desk.world.calls), list(desk.world.small.mortality.effects)
    for _ in range(3):
        desk.world.pass_time(100)
        assert is_settled(desk.settle())
    assert (len(desk.world.calls), desk.world.small.mortality.effects) == (calls, effects)


def test_an_order_that_is_edited_in_time_is_said_once_as_it_says_then(desk: Desk):
    desk.comment("update: Slow.")
    desk.settle_for(40)
    desk.comment("update: Quick again.")
    desk.settle_for(40)
    assert desk.said("order") == []
    desk.settle_for(40)
    [text] = desk.said("order")
    assert "Quick again." in text


def test_an_order_that_is_deleted_in_time_is_said_nowhere(desk: Desk):
    desk.comment("update: Slow.")
    desk.settle_for(40)
    desk.delete()
    desk.settle_for(100)
    assert desk.said("") == []


def test_an_order_that_is_deleted_at_the_last_moment_is_said_nowhere(desk: Desk):
    """The issue as we read it knew nothing of that: the comment is looked at just before."""
    desk.comment("update: Slow.\nNext update: noon")
    desk.settle_for(40)
    del desk.comments["10100"]
    desk.settle_for(100)
    assert desk.said("") == []
    desk.comment("update: Slow.\nNext update: noon", "10100")
    desk.settle_for(100)
    assert len(desk.said("order")) == 1, "put there again, it is said after all"


def test_an_order_that_is_edited_too_late_is_amended_in_its_place_a_minute_later(desk: Desk):
    desk.comment("update: Slow.")
    desk.settle_for(100)
    posts = desk.world.calls.count("chat.postMessage")
    desk.comment("update: Quick again.")
    desk.settle_for(40)
    assert "Slow." in desk.said("order")[0]
    desk.settle_for(40)
    assert "Quick again." in desk.said("order")[0]
    assert desk.world.calls.count("chat.postMessage") == posts


def test_an_order_that_is_deleted_too_late_stays(desk: Desk):
    desk.comment("update: Slow.")
    desk.settle_for(100)
    desk.delete()
    assert is_settled(desk.settle_for(100))
    assert "Slow." in desk.said("order")[0]


def test_an_update_stays_as_it_was_said_when_what_was_told_before_it_is_edited(desk: Desk):
    desk.comment("update: Slow.")
    desk.comment("update: Slower.", "10101")
    desk.settle_for(100)
    before = desk.said("order-10101")
    desk.comment("update: Slow.\nRoot cause: a full disk")
    desk.settle_for(100)
    assert desk.said("order-10101") == before
    assert "full disk" in desk.said("order-10100")[0]


def test_updates_are_said_one_after_the_other(desk: Desk):
    for number in range(4):
        desk.comment(f"update: Number {number}.", f"1010{number}")
    desk.settle_for(140)
    assert [text.partition("Number ")[2][0] for text in desk.said("order")] == ["0", "1", "2", "3"]


def test_what_was_let_go_is_said_one_after_the_other_once_the_issue_has_changed(desk: Desk):
    for number in range(3):
        desk.comment(f"update: Number {number}.", f"1010{number}")
    desk.by_then = {"is_private": True}
    assert is_settled(desk.settle_for(100))
    desk.by_then = {}
    desk.touch()
    desk.settle()
    assert len(desk.said("order")) == 1
    desk.settle_for(20)
    assert [text.partition("Number ")[2][0] for text in desk.said("order")] == ["0", "1", "2"]


def test_the_last_word_is_said_too():
    def ending(scene: Scene) -> tuple[Announcement, ...]:
        is_over = scene.incident.status is Status.RESOLVED
        told = Announcement("resolved-1", Audience.STAFF, Progress.RESOLVED, "s", "It is over.", NOW)
        return (told,) if is_over else ()

    with a_desk(an_announcer(endings=(ending,))) as desk:
        desk.comment("update: Slow.")
        desk.settle_for(100)
        desk.settle_for(20, status=Status.RESOLVED)
        [text] = desk.said("resolved-1")
        assert text.startswith("The last word on")
        assert text.endswith("\n\nIt is over.")


# --- what became of an order ---------------------------------------------------------------------------------------


def test_what_is_refused_tells_why_in_the_room_and_in_jira(desk: Desk):
    desk.comment("update: Slow.", by=EMMA)
    desk.settle()
    why = "because only the incident manager, the communications manager can order that."
    [text] = desk.said("refused")
    assert text.startswith("*Not published*: nothing is published of what Emma Reyes wrote in")
    assert why in text
    assert why in desk.says[0]


def test_a_draft_is_shown_and_not_published_and_changes_in_its_place(desk: Desk):
    desk.comment("draft: public identified: Mia found it.")
    desk.settle_for(100)
    [text] = desk.said("draft")
    assert text.startswith("*Draft*: a draft for customers, by Mia Moore. Nothing is published.")
    assert 'it would be held back, because "mia" is the name of a person' in text
    assert "\n\nMia found it.\n\n" in text
    assert desk.announcer.public(desk_scene(desk)) == ()
    desk.comment("draft: public identified: We found it.")
    desk.settle()
    [text] = desk.said("draft")
    assert "We found it." in text
    assert "held back" not in text


def test_words_that_are_not_for_customers_are_named_once(desk: Desk):
    desk.comment("public: As in HOT-42.")
    desk.settle_for(200)
    [text] = desk.said("held")
    assert text.startswith('*Held back*: customers are not told this, because "hot-42" is an issue key. Correct it in')
    assert len(desk.says) == 1
    desk.comment("public: Some payments fail.")
    desk.settle_for(100)
    assert desk.said("public")[0].startswith("*Customers*:")
    assert not desk.says


@pytest.mark.parametrize(
    ("linked", "named"), [((Linked(IssueKey("HOT-51"), "duplicates"),), " of HOT-51, which"), ((), " duplicate, which")]
)
def test_that_a_duplicate_stays_open_for_customers_is_said_in_the_room_and_in_jira(linked: tuple[Linked, ...], named: str):
    with a_desk() as desk:
        desk.world.small.ledger.insert(a_record(f"{PUBLIC_PAGE}:order-1", str(Told("i-1", "u-1", Progress.IDENTIFIED))))
        closed: dict[str, Any] = {"status": Status.RESOLVED, "resolution": Resolution.DUPLICATE, "linked": linked}
        desk.settle_for(20, **closed)
        [text] = desk.said("left_open")
        assert named in text
        assert "public resolved: ..." in desk.says[0]
        desk.world.small.ledger.insert(a_record(f"{PUBLIC_PAGE}:order-2", str(Told("i-1", "u-2", Progress.RESOLVED))))
        desk.settle_for(20)
        assert desk.says == ()


@pytest.mark.parametrize(
    ("told", "changes"),
    [
        pytest.param([], {}, id="they were told nothing"),
        pytest.param([Progress.IDENTIFIED], {"resolution": Resolution.DONE}, id="done: the last word says so"),
        pytest.param([Progress.IDENTIFIED], {"resolution": Resolution.CANCELLED}, id="no incident: the last word says so"),
        pytest.param([Progress.IDENTIFIED], {"status": Status.FIXING}, id="open"),
        pytest.param([Progress.IDENTIFIED, Progress.RESOLVED], {}, id="they were told already"),
        pytest.param([Progress.IDENTIFIED], {"is_private": True}, id="private: said elsewhere"),
    ],
)
def test_nothing_is_left_open_where(told: list[Progress], changes: dict[str, Any]):
    records = [a_record(f"{PUBLIC_PAGE}:order-{number}", str(Told("i-1", "u", how))) for number, how in enumerate(told)]
    closed: dict[str, Any] = {"status": Status.RESOLVED, "resolution": Resolution.DUPLICATE, **changes}
    assert not an_announcer().is_left_open(a_scene(told=records, **closed))
    assert an_announcer().is_left_open(a_scene(told=[a_record(f"{PUBLIC_PAGE}:order-0")], **{**closed, **DUPLICATE}))


def test_whoever_has_it_is_asked_once_whether_customers_notice_it(desk: Desk):
    taken: dict[str, Any] = {"status": Status.FIXING, "changes": (a_change("status", Status.FIXING),)}
    desk.settle_for(50, **taken)
    [text] = desk.said("question")
    assert text.startswith("*Customers*: do customers notice")
    assert text.endswith("We are investigating issues with Example Pay and will provide updates here soon.")
    assert is_settled(desk.settle_for(50, customer_visible=True))


@pytest.mark.parametrize(("review", "kind"), [(Review.SUGGESTED, "tells staff this in a moment"), (Review.REQUIRED, "wants")])
def test_a_second_person_is_asked_to_read_it(review: Review, kind: str):
    with a_desk(an_announcer(a_policy(review=review)), roles={"communications_manager": (EMMA,)}) as desk:
        desk.comment("update: Slow.")
        desk.settle_for(100)
        [text] = desk.said("waiting")
        assert kind in text
        assert len(desk.said("order")) == (review is Review.SUGGESTED)
        desk.comment("approved", "10101", by=EMMA)
        desk.settle()
        assert len(desk.said("order")) == 1
        assert desk.says == ()


def test_where_there_is_no_room_jira_says_it_all():
    with a_desk(has_room=False) as desk:
        desk.comment("draft: update: Slow.\n* one")
        desk.settle_for(100)
        [line] = desk.says
        assert line.startswith('Draft: a draft for staff, by Mia Moore. Nothing is published. This is what staff would read: "')
        assert '"Slow. Current status - one' in line


def test_while_the_room_is_archived_jira_says_it_all(desk: Desk):
    desk.world.slack.model.archive(desk.world.slack.model.bot.id, desk.world.room.id)
    desk.settle_for(900)
    desk.comment("draft: update: Slow.")
    desk.settle_for(100)
    [line] = desk.says
    assert line.startswith("Draft: a draft for staff, by Mia Moore.")
    desk.world.slack.model.unarchive(EMMA_AT_CHAT, desk.world.room.id)
    desk.settle_for(900)
    assert (len(desk.said("draft")), desk.says) == (1, ())


# --- private, and hostile --------------------------------------------------------------------------------------------


def test_of_a_private_incident_only_the_reason_is_said():
    with a_desk(is_private=True) as desk:
        desk.comment("update: Slow secret.")
        desk.comment("draft: public: Slow secret.", "10101")
        desk.settle_for(100)
        [text] = desk.said("")
        assert "because the incident is private, so nothing about it is published" in text
        assert "secret" not in text


def test_what_people_type_is_text_and_nothing_else(desk: Desk):
    desk.comment("update: <!channel> {issue} *now* <@U0000MIA>\nCurrent status\n* {why}", by=replace(MIA, name="<!here> {why}"))
    desk.settle_for(100)
    desk.comment("public fixed: <!channel>", "10101", by=replace(EMMA, name="<!here> {why}"))
    desk.settle()
    assert desk.world.slack.model.broadcasts == []
    assert "&lt;!channel&gt; {issue}" in desk.said("order")[0]
    assert "&lt;!here&gt; {why}" in desk.said("refused")[0]


def test_severity_3_says_why_nothing_is_published(desk: Desk):
    desk.comment("update: Slow.")
    desk.settle()
    desk.touch()
    desk.settle_for(100, severity=Severity.SEV3)
    assert "only incidents of severity 1 and 2 are told about" in desk.said("refused")[0]


# --- crashes and lost answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_while_it_is_said_it_is_said_once(desk: Desk, after: bool):
    desk.comment("update: Slow.")
    desk.settle_for(40)
    killer = desk.world.killer
    killer.kill_at, killer.after = len(killer.calls), after
    desk.world.pass_time(10)
    with pytest.raises(KilledWorker):
        desk.settle()
    killer.kill_at = None
    desk.settle_for(100)
    assert len(desk.said("order")) == 1


def test_a_lost_answer_leaves_it_said_once(desk: Desk):
    desk.comment("update: Slow.")
    desk.world.break_slack("chat.postMessage", FaultKind.RESET_AFTER, times=1)
    desk.settle_for(200)
    assert len(desk.said("order")) == 1


def desk_scene(desk: Desk) -> Scene:
    book = desk.world.small.ledger.read(ISSUE)
    return Scene(desk.world.incident, desk.world.small.clock.now(), records=desk.world.records, notes=book.notes)
