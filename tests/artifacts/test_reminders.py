"""What people are reminded of, when, how often, and when not any more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.artifacts.artifact import Scene
from chalicelib.artifacts.chat_people import ChatPeople
from chalicelib.artifacts.reminders import (
    STALE,
    TIMES,
    About,
    Due,
    Known,
    Reminders,
    are_customers_affected,
    next_of,
    relief_for,
)
from chalicelib.domain.incident import IMPACT_ENDED, Incident, Resolution, Severity, Status
from chalicelib.domain.people import MANAGER, PeopleTable, Role, Told, told_by_jira
from chalicelib.domain.people import Known as Row
from chalicelib.domain.reminding import Night, ReminderPolicy
from chalicelib.domain.telling import TellingPolicy
from chalicelib.errors import PermanentError
from chalicelib.ports.chat import Chat
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from chalicelib.reconcile.artifacts import settle_artifacts
from sandbox.emulator import FaultKind
from tests.adapters.chat_world import MIA as MIA_AT_CHAT
from tests.artifacts.room_world import WORDS, RoomWorld, a_room_world
from tests.builders import EMMA, MIA, NOW, a_change, a_routing_table, an_incident, seconds
from tests.reconcile.small_world import OneAfterAnother

LATER = NOW + seconds(600)
POLICY = ReminderPolicy(night=Night("UTC", NOW.time(), NOW.time()))
"""No night, unless a test is about one."""
ROLES = (Role(MANAGER, "Incident manager"), Role("tech_lead", "Tech lead"))
TABLE = PeopleTable((Row("mia", ("mia@example.com",), "acc-mia", time_zone="Asia/Kolkata"),))


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def reminders(chat: Chat | None = None, known: Known = Known(), policy: ReminderPolicy = POLICY, **parts: Any) -> Reminders:  # noqa: B008
    def the_chat() -> Chat:
        assert chat is not None, "a decision asks nobody"
        return chat

    return Reminders(
        the_chat,
        WORDS,
        ChatPeople(the_chat, parts.pop("table", PeopleTable()), OneAfterAnother()),
        policy,
        TellingPolicy().next_update,
        lambda scene: known,
        ROLES,
        a_routing_table(),
        **parts,
    )


def dues(incident: Incident, known: Known = Known(), **parts: Any) -> dict[About, datetime]:  # noqa: B008
    """What is to be reminded of, and from when on."""
    scene = Scene(incident, LATER, wanted=incident.status is not Status.RESOLVED)
    return {due.about: due.at for due in reminders(None, known, **parts).dues(scene)}


MANAGED = an_incident(assignee=MIA)
RESOLVED = an_incident(
    status=Status.RESOLVED, resolution=Resolution.DONE, changes=(a_change("status", "resolved", after_s=900),)
)


# --- when -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("severity", "known", "at"),
    [
        pytest.param(Severity.SEV1, Known(), None, id="nothing was told yet"),
        pytest.param(Severity.SEV1, Known(NOW), NOW + minutes(30), id="severity 1"),
        pytest.param(Severity.SEV2, Known(NOW), NOW + minutes(60), id="severity 2"),
        pytest.param(Severity.SEV1, Known(NOW, NOW + minutes(10)), NOW + minutes(10), id="promised earlier"),
        pytest.param(Severity.SEV1, Known(NOW, NOW + hours(3)), NOW + hours(3), id="promised later"),
    ],
)
def test_the_next_update_is_due(severity: Severity, known: Known, at: datetime | None):
    assert dues(replace(MANAGED, severity=severity), known).get(About.UPDATE) == at


REOPENED = replace(
    MANAGED,
    status=Status.FIXING,
    changes=(
        a_change("status", "resolved", after_s=900),
        a_change("status", "new", old="resolved", after_s=4500),
        a_change("status", "fixing", old="new", after_s=4600),
    ),
)
AGAIN = NOW + seconds(4500)
"""When it was opened again."""


@pytest.mark.parametrize(
    ("known", "due"),
    [
        pytest.param(Known(NOW), ("update-20261123T030000", NOW + minutes(30), ""), id="nobody was told that it is over"),
        pytest.param(
            Known(NOW, NOW + hours(3)), ("update-20261123T030000", NOW + hours(3), "06:00 UTC"), id="as it was promised"
        ),
        pytest.param(
            Known(NOW, NOW + hours(3), staff_over=True), ("update-20261123T041500", AGAIN + minutes(30), ""), id="they read so"
        ),
    ],
)
def test_the_next_update_of_what_was_opened_again_is_due(known: Known, due: tuple[str, datetime, str]):
    [one, *_] = reminders(None, known).dues(Scene(REOPENED, LATER))
    assert (one.topic, one.at, one.said_for, one.reopened) == (*due, known.staff_over)


@pytest.mark.parametrize(
    ("known", "about"),
    [
        pytest.param(Known(NOW, public_can=True), {About.UPDATE: NOW + hours(1)}, id="who was told waits for more"),
        pytest.param(Known(NOW, NOW + hours(3)), {About.UPDATE: NOW + hours(3)}, id="as it was promised"),
        pytest.param(Known(public_can=True), {}, id="nobody was told"),
    ],
)
def test_of_a_lowered_incident_only_the_next_update_is_due(known: Known, about: dict[About, datetime]):
    lowered = Scene(an_incident(severity=Severity.SEV3, customer_visible=True), LATER, wanted=False)
    assert {due.about: due.at for due in reminders(None, known).dues(lowered)} == about


@pytest.mark.parametrize(
    ("incident", "at"),
    [
        pytest.param(an_incident(), NOW + minutes(10), id="never"),
        pytest.param(MANAGED, None, id="there is one"),
        pytest.param(
            an_incident(changes=(a_change("assignee", None, old="acc-mia", after_s=300),)), NOW + minutes(15), id="left it"
        ),
    ],
)
def test_nobody_is_the_manager(incident: Incident, at: datetime | None):
    assert dues(incident).get(About.MANAGER) == at


PUBLIC = Known(public_can=True)
PUBLIC_OVER = replace(PUBLIC, public_was=True, public_over=True)


@pytest.mark.parametrize(
    ("changes", "known", "at"),
    [
        pytest.param({"customer_visible": True}, PUBLIC, NOW + minutes(15), id="customers notice it"),
        pytest.param({"impact": {"customers": "10 %"}}, PUBLIC, NOW + minutes(15), id="by the answer"),
        pytest.param({}, PUBLIC, None, id="nobody said so"),
        pytest.param({"customer_visible": True}, replace(PUBLIC, public_was=True), None, id="they have been told"),
        pytest.param({"changes": REOPENED.changes}, PUBLIC_OVER, AGAIN + minutes(15), id="they read that it is over"),
        pytest.param({"changes": REOPENED.changes, "is_private": True}, PUBLIC_OVER, None, id="they do, and it is private"),
        pytest.param({}, PUBLIC_OVER, None, id="its history does not tell that it was ever resolved"),
        pytest.param({"customer_visible": True}, Known(), None, id="there is no page"),
        pytest.param({"customer_visible": True, "is_private": True}, PUBLIC, None, id="private"),
        pytest.param({"customer_visible": True, "is_drill": True}, PUBLIC, None, id="drill"),
    ],
)
def test_customers_have_been_told_nothing(changes: dict[str, Any], known: Known, at: datetime | None):
    assert dues(replace(MANAGED, **changes), known).get(About.PUBLIC) == at


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "0",
        "None",
        " nobody. ",
        "unknown",
        "?",
        "No customers",
        "0 customers",
        "none yet",
        "No, only staff.",
        "nobody\nso far",
    ],
)
def test_no_customer_is_affected(answer: str):
    assert not are_customers_affected(an_incident(impact={"customers_outside": answer, "security": "yes"}))


@pytest.mark.parametrize(
    "answer",
    [
        "10",
        "0.5 % of them",
        "none in Europe, 40 in Asia",
        "north of 40",
        "unknown number",
        "all",
        "No customer can log in",
        "no one can pay",
        "No. All of them are affected",
        "zero-day exploit hits everybody",
    ],
)
def test_some_are(answer: str):
    assert are_customers_affected(an_incident(impact={"customers_outside": answer}))


@pytest.mark.parametrize("name", ["customers_inside", "internal_customers", "staff_affected"])
def test_staff_are_no_customers(name: str):
    assert not are_customers_affected(an_incident(impact={name: "all of them"}))


@pytest.mark.parametrize(
    ("night", "table", "at"),
    [
        pytest.param(POLICY.night, PeopleTable(), NOW + hours(8), id="by day"),
        pytest.param(Night("UTC"), PeopleTable(), NOW + hours(8), id="the company's night is over by then"),
        pytest.param(Night("Australia/Sydney"), PeopleTable(), NOW + hours(8), id="18:00 in Sydney after four hours"),
        pytest.param(Night("Pacific/Auckland"), PeopleTable(), NOW + hours(6), id="the night begins after six hours"),
        pytest.param(Night("America/Denver"), PeopleTable(), NOW + hours(4), id="it is night after four hours"),
        pytest.param(Night("America/Denver"), TABLE, NOW + hours(8), id="their own is over"),
    ],
)
def test_somebody_has_had_a_role_for_long(night: Night, table: PeopleTable, at: datetime):
    """Since 3:00 UTC."""
    assert dues(MANAGED, policy=replace(POLICY, night=night), table=table)[About.HANDOVER] == at


ENDED_TWICE = an_incident(
    status=Status.RESOLVED, detected_at=NOW, impact_started_at=NOW, impact_ended_at=NOW + minutes(10),
    changes=(
        a_change("status", Status.RESOLVED, after_s=900), a_change("status", Status.FIXING, old=Status.RESOLVED, after_s=1_800),
        a_change("status", Status.RESOLVED, old=Status.FIXING, after_s=2_100),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("incident", "at", "missing"),
    [
        pytest.param(MANAGED, NOW + minutes(30), "when the impact began, when it was detected", id="open"),
        pytest.param(replace(MANAGED, detected_at=NOW), NOW + minutes(30), "when the impact began", id="one is known"),
        pytest.param(replace(MANAGED, detected_at=NOW, impact_started_at=NOW), None, "", id="its end is no question yet"),
        pytest.param(
            replace(RESOLVED, detected_at=NOW, impact_started_at=NOW), NOW + minutes(25), "when the impact ended", id="resolved"
        ),
        pytest.param(ENDED_TWICE, NOW + minutes(45), "when the impact ended" + STALE, id="its end is of the first time"),
        pytest.param(replace(ENDED_TWICE, impact_ended_at=NOW + minutes(33)), None, "", id="its end was told again"),
        pytest.param(
            replace(ENDED_TWICE, changes=(*ENDED_TWICE.changes, a_change(IMPACT_ENDED, "earlier", old="first", after_s=2_000))),
            None,
            "",
            id="its end was set right since",
        ),
        pytest.param(replace(RESOLVED, resolution=Resolution.DUPLICATE), None, "", id="it was another incident"),
    ],
)
def test_a_time_is_missing(incident: Incident, at: datetime | None, missing: str):
    scene = Scene(incident, LATER, wanted=incident.status is not Status.RESOLVED)
    found = [(due.at, due.said_for) for due in reminders(asked=TIMES).dues(scene) if due.about is About.TIMES]
    assert found == ([(at, missing)] if at is not None else [])


def test_a_time_without_a_field_is_not_asked_for():
    assert About.TIMES not in dues(MANAGED)


def test_what_is_over_reminds_of_nothing():
    scene = Scene(RESOLVED, LATER, wanted=False)
    assert list(reminders(None, Known(NOW, public_can=True)).dues(scene)) == []


# --- how often ------------------------------------------------------------------------------------------------------------

DUE = Due(About.MANAGER, "manager-x", NOW + minutes(10), 2)


def said(number: int, at: datetime | None, state: ArtifactState = ArtifactState.MADE) -> tuple[str, ArtifactRecord]:
    name = f"remind:manager-x:{number}"
    return name, ArtifactRecord(an_incident().id, name, state, "c", NOW, made_at=at)


@pytest.mark.parametrize(
    ("records", "following"),
    [
        pytest.param([], [("remind:manager-x:1", NOW + minutes(10))], id="the first"),
        pytest.param([said(1, NOW + minutes(10))], [("remind:manager-x:2", NOW + minutes(25))], id="the second"),
        pytest.param([said(1, NOW + minutes(50))], [("remind:manager-x:2", NOW + minutes(65))], id="after one that was late"),
        pytest.param(
            [said(1, None, ArtifactState.SENDING)], [("remind:manager-x:1", NOW + minutes(10))], id="it may have been lost"
        ),
        pytest.param(
            [said(1, None, ArtifactState.GONE)], [("remind:manager-x:1", NOW + minutes(10))], id="it was given up, unsaid"
        ),
        pytest.param([said(1, NOW), said(2, NOW)], [], id="often enough"),
        pytest.param(
            [said(1, None, ArtifactState.CLOSED)], [("remind:manager-x:1", NOW + minutes(10))], id="a human closed the room"
        ),
    ],
)
def test_the_next_reminder_is(records: list[tuple[str, ArtifactRecord]], following: list[tuple[str, datetime]]):
    assert list(next_of(DUE, dict(records), minutes(15))) == following


def test_never_is_a_number_too():
    assert list(next_of(replace(DUE, times=0), {}, minutes(15))) == []
    policy = replace(POLICY, times=0)
    found = reminders(None, Known(NOW), policy, asked=TIMES).dues(Scene(an_incident(), LATER))
    assert {due.times for due in found} == {0}


@pytest.mark.parametrize(
    ("role", "service", "relief"),
    [
        pytest.param(MANAGER, "Bitbucket", "Bitbucket Im", id="the service's managers"),
        pytest.param(MANAGER, None, "Imoc", id="the company's"),
        pytest.param("tech_lead", "Bitbucket", "Bitbucket Team", id="the delivery team"),
        pytest.param("tech_lead", None, "", id="nobody is known"),
    ],
)
def test_a_role_can_be_handed_over_to(role: str, service: str | None, relief: str):
    assert relief_for(role, an_incident(service=service), a_routing_table()) == relief


# --- in the room ----------------------------------------------------------------------------------------------------------

LINK = "<https://example.atlassian.net/browse/HOT-42|HOT-42>"


@pytest.fixture
def world() -> Iterator[RoomWorld]:
    with a_room_world(reporter=EMMA, assignee=MIA) as world:
        yield world


def remind(world: RoomWorld, known: Known = Known(), **parts: Any) -> list[str]:  # noqa: B008
    """One pass of the room's own artifacts, then of the reminders; what the room was told so far."""
    world.settle()
    artifact = reminders(world.killer, known, **{"asked": TIMES, **parts})
    settle_artifacts([artifact], world.scene(), world.small.world, give_up_at=world.small.clock.now() + seconds(20))
    return [message.text.replace(LINK, "HOT-42") for message in world.marked("remind:")]


def test_each_thing_is_said_twice_and_then_no_more(world: RoomWorld):
    world.incident = replace(world.incident, assignee=None, created_at=world.small.clock.now())
    told = "Nobody is the incident manager of HOT-42. Whoever takes it: assign the issue to yourself."
    counts = []
    for _ in range(9):
        counts.append(len(remind(world, asked={})))
        world.pass_time(300)
    assert counts == [0, 0, 1, 1, 1, 2, 2, 2, 2]
    assert remind(world, asked={}) == [told, told]


def test_what_is_done_by_then_is_not_said(world: RoomWorld):
    world.incident = replace(world.incident, assignee=None, created_at=world.small.clock.now())
    remind(world, asked={})
    world.pass_time(700)
    world.incident = replace(world.incident, assignee=MIA)
    assert remind(world, asked={}) == []


def test_the_manager_is_asked_for_the_update_that_was_promised(world: RoomWorld):
    now = world.small.clock.now()
    [told] = remind(world, Known(now - hours(1), now - minutes(1)), asked={})
    assert told.startswith(f"<@{MIA_AT_CHAT}>: the next update on HOT-42 is due, it was promised for ")
    assert told.endswith(' UTC. Comment on the issue, with a first line that begins with "update:".')


def test_customers_who_notice_it_should_be_told(world: RoomWorld):
    now = world.small.clock.now()
    world.incident = replace(world.incident, customer_visible=True, created_at=now - hours(1))
    [told] = remind(world, PUBLIC, asked={})
    assert told.startswith(f"<@{MIA_AT_CHAT}>: customers notice HOT-42 and have been told nothing yet.")


def test_whoever_was_told_that_it_is_resolved_should_be_told_that_it_goes_on(world: RoomWorld):
    now = world.small.clock.now()
    moves = (a_change("status", "resolved"), a_change("status", "fixing", old="resolved"))
    again = tuple(replace(move, at=now - hours(2) + minutes(n)) for n, move in enumerate(moves))
    world.incident = replace(world.incident, changes=again)
    known = Known(now - hours(3), now - hours(1), staff_over=True, public_can=True, public_was=True, public_over=True)
    assert remind(world, known, asked={}) == [
        f"<@{MIA_AT_CHAT}>: the next update on HOT-42 is due: it was opened again, and staff read that it is resolved. "
        'Comment on the issue, with a first line that begins with "update:".',
        f"<@{MIA_AT_CHAT}>: customers read that HOT-42 is resolved, and it was opened again. "
        'Comment on the issue, with a first line that begins with "public:".',
    ]


def test_whoever_has_had_a_role_for_long_is_told_who_could_have_it_next(world: RoomWorld):
    world.incident = replace(world.incident, created_at=world.small.clock.now() - hours(9))
    [told] = remind(world, asked={})
    assert told == (
        f"<@{MIA_AT_CHAT}> has been Incident manager of HOT-42 for a long time. Please hand over to whoever is on call in "
        "*Bitbucket Im*: put them into the issue, and they are told."
    )


def test_times_are_asked_for_between_the_two_of_us(world: RoomWorld):
    world.incident = replace(world.incident, created_at=world.small.clock.now() - hours(1))
    assert remind(world) == []
    assert _direct(world) == [
        f"<@{MIA_AT_CHAT}>: nobody has said in {LINK}: when the impact began, when it was detected. Please fill that in."
    ]
    assert remind(world) == []
    assert len(_direct(world)) == 1


def test_what_the_room_should_hear_waits_while_it_is_archived_and_what_one_person_should_does_not(world: RoomWorld):
    world.incident = replace(world.incident, created_at=world.small.clock.now() - hours(9))
    world.settle()
    world.slack.model.archive(world.slack.model.bot.id, world.room.id)
    world.pass_time(900)
    assert (remind(world), len(_direct(world))) == ([], 1)
    world.slack.model.unarchive(MIA_AT_CHAT, world.room.id)
    world.pass_time(900)
    assert len(remind(world)) == 1


@pytest.mark.parametrize("is_known", [False, True])
def test_what_found_the_room_archived_is_said_once_it_is_open_again(world: RoomWorld, is_known: bool):
    """is_known: we have seen it archived before the reminder was due; somebody asked alone, whom chat does not know, tries."""
    stranger = replace(MIA, account_id="acc-else", email="else@example.com")
    world.incident = replace(world.incident, created_at=world.small.clock.now() - hours(1), assignee=stranger)
    world.settle()
    world.slack.model.archive(world.slack.model.bot.id, world.room.id)
    if is_known:
        world.pass_time(900)
        world.settle()
    remind(world)
    assert world.records["remind:times:1"].state is ArtifactState.CLOSED
    world.pass_time(900)
    said = world.calls.count("chat.postMessage")
    assert (remind(world), world.calls.count("chat.postMessage")) == ([], said)
    world.slack.model.unarchive(MIA_AT_CHAT, world.room.id)
    world.pass_time(900)
    for _ in range(3):
        told = remind(world)
    assert [text.partition(":")[0] for text in told] == ["*Mia Moore*"]


def test_what_nobody_can_be_asked_alone_is_not_tried_in_a_room_that_is_archived(world: RoomWorld):
    world.incident = replace(world.incident, created_at=world.small.clock.now() - hours(1), assignee=None)
    world.settle()
    world.slack.model.archive(world.slack.model.bot.id, world.room.id)
    world.pass_time(900)
    assert (remind(world), [name for name in world.records if name.startswith("remind:")]) == ([], [])


def test_a_manager_whom_chat_does_not_know_is_asked_in_the_room(world: RoomWorld):
    stranger = replace(MIA, account_id="acc-else", email="else@example.com")
    world.incident = replace(world.incident, created_at=world.small.clock.now() - hours(1), assignee=stranger)
    [told] = remind(world)
    assert told.startswith("*Mia Moore*: nobody has said in HOT-42:")


def test_a_manager_who_cannot_be_written_to_is_asked_in_the_room(world: RoomWorld, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise PermanentError("slack", "direct_message", "cannot_dm_bot")

    monkeypatch.setattr(world.slack.chat, "direct_message", refuse)
    world.incident = replace(world.incident, created_at=world.small.clock.now() - hours(1))
    [told] = remind(world)
    assert told.startswith(f"<@{MIA_AT_CHAT}>: nobody has said in HOT-42:")


@pytest.mark.parametrize("kill_after", [False, True])
def test_a_reminder_whose_answer_was_lost_is_said_once(world: RoomWorld, kill_after: bool):
    world.incident = replace(world.incident, assignee=None, created_at=world.small.clock.now() - minutes(11))
    world.settle()
    kind = FaultKind.TIMEOUT_AFTER if kill_after else FaultKind.UNAVAILABLE
    world.break_slack("chat.postMessage", kind, times=1)
    remind(world, asked={})
    world.pass_time(60)
    assert len(remind(world, asked={})) == 1


def _direct(world: RoomWorld) -> list[str]:
    rooms = [room for room in world.slack.model.rooms.values() if room.im_with]
    return [message.text for room in rooms for message in world.slack.said(room)]


def test_told_by_jira_is_who_is_asked():
    [due] = [due for due in reminders(None, Known(NOW)).dues(Scene(MANAGED, LATER)) if due.about is About.UPDATE]
    assert due.who == told_by_jira(MIA) == Told("Mia Moore", "mia@example.com", "acc-mia")


def test_whoever_opens_it_again_is_not_late_with_a_manager():
    changes = (
        a_change("status", "resolved", after_s=900),
        a_change("status", "new", old="resolved", after_s=90_000),
        a_change("status", "fixing", old="new", after_s=90_010),
    )
    incident = an_incident(assignee=None, status=Status.FIXING, changes=changes)
    scene = Scene(incident, NOW + timedelta(seconds=90_020), wanted=True)
    [due] = [one for one in reminders().dues(scene) if one.about is About.MANAGER]
    assert due.at > NOW + timedelta(seconds=90_000)
