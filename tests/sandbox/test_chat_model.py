"""The rules of a workspace, without HTTP: what the app and people may do, and what the app hears of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sandbox.chat.events import ChatHook
from sandbox.chat.model import ChatModel
from sandbox.chat.values import ChatRefused, ChatRoom, ChatUser, as_people_type_it, as_slack_keeps_it
from tests.adapters.chat_world import BOT, EMMA, GONE, GUEST, MIA, ROOT, a_workspace
from tests.builders import NOW, seconds
from tests.reconcile.small_world import FakeClock


@pytest.fixture
def model() -> ChatModel:
    return a_workspace(FakeClock(NOW))


@pytest.fixture
def room(model: ChatModel) -> ChatRoom:
    """Public, made by the app, with Mia and Emma; what happened until here is not told."""
    room = model.create(BOT, "hot-1")
    model.invite(BOT, room.id, [MIA, EMMA])
    model.outbox.hooks.clear()
    return room


def pass_time(model: ChatModel, s: float) -> None:
    assert isinstance(model.clock, FakeClock)
    model.clock.at += seconds(s)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(ChatRefused) as caught:
        act()
    return caught.value.code


def told(model: ChatModel) -> list[dict[str, Any]]:
    return [hook.body["event"] for hook in model.outbox.take_due()]


# --- names -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "invalid_name_required"), ("x" * 81, "invalid_name_maxlength"), ("Hot-1", "invalid_name_specials"),
        ("hot 1", "invalid_name_specials"), ("hot.1", "invalid_name_specials"), ("höt-1", "invalid_name_specials"),
        ("-_-", "invalid_name_punctuation"),
    ],
)  # fmt: skip
def test_names_have_rules(model: ChatModel, room: ChatRoom, name: str, code: str):
    assert refusal(lambda: model.create(BOT, name)) == code
    assert refusal(lambda: model.rename(MIA, room.id, name)) == code


def test_a_name_is_free_only_once_its_room_was_deleted_or_renamed(model: ChatModel, room: ChatRoom):
    model.archive(MIA, room.id)
    assert refusal(lambda: model.create(BOT, "hot-1")) == "name_taken"
    model.unarchive(MIA, room.id)
    model.rename(MIA, room.id, "hot-one")
    second = model.create(BOT, "hot-1")
    model.delete_room(ROOT, second.id)
    third = model.create(BOT, "hot-1")
    assert len({room.id, second.id, third.id}) == 3
    assert (room.previous_names, model.room_named("hot-1")) == (["hot-1"], third)


def test_a_private_room_that_one_cannot_see_has_its_name_all_the_same(model: ChatModel):
    secret = model.create(MIA, "hot-9", private=True)
    assert refusal(lambda: model.create(BOT, "hot-9")) == "name_taken"
    assert refusal(lambda: model.room(BOT, secret.id)) == "channel_not_found"
    assert secret not in model.visible(BOT)


def test_many_at_once_make_one_room_of_a_name(model: ChatModel):
    def create(_: int) -> bool:
        try:
            model.create(BOT, "hot-1")
        except ChatRefused:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(create, range(64))) == 1


# --- closed rooms ----------------------------------------------------------------------------------------------


def writes(model: ChatModel, by: str, room: ChatRoom, ts: str) -> dict[str, Callable[[], object]]:
    return {
        "topic": lambda: model.set_topic(by, room.id, "x"),
        "purpose": lambda: model.set_purpose(by, room.id, "x"),
        "rename": lambda: model.rename(by, room.id, "other"),
        "invite": lambda: model.invite(by, room.id, [ROOT]),
        "post": lambda: model.post(by, room.id, "x"),
        "react": lambda: model.react(by, room.id, ts, "eyes"),
        "pin": lambda: model.pin(by, room.id, ts),
        "bookmark": lambda: model.add_bookmark(by, room.id, "x", "https://x.example"),
        "delete": lambda: model.delete_message(by, room.id, ts),
        "edit": lambda: model.edit(by, room.id, ts, "y"),
    }


@pytest.mark.parametrize(
    "write", ["topic", "purpose", "rename", "invite", "post", "react", "pin", "bookmark", "delete", "edit"]
)
def test_an_archived_room_takes_no_writes_and_one_must_be_inside(model: ChatModel, room: ChatRoom, write: str):
    ts = model.say(MIA, room.id, "x")
    assert refusal(writes(model, ROOT, room, ts)[write]) == "not_in_channel"
    model.archive(MIA, room.id)
    assert refusal(writes(model, MIA, room, ts)[write]) == ("is_inactive" if write == "edit" else "is_archived")
    assert refusal(lambda: model.join(ROOT, room.id)) == "is_archived"


def test_a_public_room_loses_its_members_when_it_is_archived_and_a_private_one_does_not(model: ChatModel, room: ChatRoom):
    private = model.create(BOT, "hot-2", private=True)
    model.invite(BOT, private.id, [MIA])
    ts = model.say(MIA, private.id, "x")
    for each in (room, private):
        model.archive(BOT, each.id)
    assert (room.members, private.members) == ([], [BOT, MIA])
    assert [message.ts for message in model.history(MIA, private.id) if not message.subtype] == [ts]
    assert refusal(lambda: model.history(MIA, room.id)) == "not_in_channel"
    model.unarchive(EMMA, room.id)
    assert room.members == [EMMA]


def test_archiving_twice_is_refused_and_only_people_can_undo_it(model: ChatModel, room: ChatRoom):
    assert refusal(lambda: model.unarchive(MIA, room.id)) == "not_archived"
    model.archive(BOT, room.id)
    assert refusal(lambda: model.archive(MIA, room.id)) == "already_archived"
    assert refusal(lambda: model.unarchive(BOT, room.id)) == "not_in_channel"
    model.unarchive(MIA, room.id)
    assert not room.is_archived


def test_a_deleted_room_is_gone_for_everybody(model: ChatModel, room: ChatRoom):
    model.delete_room(ROOT, room.id)
    assert refusal(lambda: model.room(MIA, room.id)) == "channel_not_found"
    assert model.visible(MIA) == []


# --- who is inside ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("users", "code"),
    [
        pytest.param([], "no_user", id="nobody"),
        pytest.param([ROOT, "U404"], "user_not_found", id="one unknown"),
        pytest.param([ROOT, MIA], "already_in_channel", id="one inside"),
        pytest.param([ROOT, BOT], "cant_invite_self", id="oneself"),
        pytest.param([ROOT, GONE], "cant_invite", id="one deactivated"),
        pytest.param([ROOT, GUEST], "user_is_restricted", id="a guest"),
        pytest.param([f"U{number}" for number in range(101)], "too_many_users", id="a crowd"),
    ],
)
def test_an_invitation_is_for_all_or_nobody(model: ChatModel, room: ChatRoom, users: list[str], code: str):
    assert refusal(lambda: model.invite(BOT, room.id, users)) == code
    assert ROOT not in room.members


def test_a_refused_invitation_names_everybody_to_blame(model: ChatModel, room: ChatRoom):
    with pytest.raises(ChatRefused) as caught:
        model.invite(BOT, room.id, ["U404", ROOT, MIA])
    assert caught.value.errors == {"U404": "user_not_found", MIA: "already_in_channel"}


def test_who_left_a_private_room_cannot_even_see_it(model: ChatModel):
    room = model.create(BOT, "hot-1", private=True)
    model.invite(BOT, room.id, [MIA])
    model.remove(MIA, room.id, BOT)
    assert refusal(lambda: model.history(BOT, room.id)) == "channel_not_found"
    assert refusal(lambda: model.join(BOT, room.id)) == "channel_not_found"


# --- what is said ----------------------------------------------------------------------------------------------


def test_no_two_messages_have_the_same_time_and_later_ones_are_later(model: ChatModel, room: ChatRoom):
    stamps = [model.say(MIA, room.id, "x") for _ in range(50)]
    pass_time(model, 1)
    stamps.append(model.say(MIA, room.id, "x"))
    assert stamps == sorted(set(stamps))
    assert stamps[-1].startswith(str(int(NOW.timestamp()) + 1))


@pytest.mark.parametrize(
    ("text", "blocks", "code"),
    [
        pytest.param(" ", [], "no_text", id="nothing"),
        pytest.param("x" * 40_001, [], "msg_too_long", id="too long"),
        pytest.param("x", [{"type": "section", "text": {"type": "mrkdwn", "text": "x"}}] * 51, "invalid_blocks", id="many"),
        pytest.param("x", [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}], "invalid_blocks", id="long"),
        pytest.param(
            "x", [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 2921}}] * 4, "msg_blocks_too_long", id="together"
        ),
        pytest.param("x", [{"type": "section", "text": {"type": "mrkdwn", "text": ""}}], "invalid_blocks", id="empty"),
        pytest.param("x", [{"type": "table"}], "invalid_blocks", id="strange"),
    ],
)
def test_messages_have_limits(model: ChatModel, room: ChatRoom, text: str, blocks: list[Any], code: str):
    assert refusal(lambda: model.post(BOT, room.id, text, blocks=blocks)) == code


def test_topics_and_purposes_have_limits_counted_as_kept(model: ChatModel, room: ChatRoom):
    for tell in (model.set_topic, model.set_purpose):
        tell(MIA, room.id, "x" * 250)
        assert refusal(lambda tell=tell: tell(MIA, room.id, "x" * 251)) == "too_long"  # type: ignore[misc]
        assert refusal(lambda tell=tell: tell(MIA, room.id, "&" * 51)) == "too_long"  # type: ignore[misc]


def test_a_topic_says_who_set_it_last(model: ChatModel, room: ChatRoom):
    assert room.topic.by == ""
    model.set_topic(BOT, room.id, "ours")
    model.set_topic(MIA, room.id, "hers")
    assert (room.topic.value, room.topic.by) == ("hers", MIA)


def test_only_its_author_edits_a_message_and_administrators_delete_any(model: ChatModel, room: ChatRoom):
    ts = model.post(BOT, room.id, "ours").ts
    assert refusal(lambda: model.edit(MIA, room.id, ts, "hers")) == "cant_update_message"
    assert refusal(lambda: model.delete_message(MIA, room.id, ts)) == "cant_delete_message"
    model.pin(MIA, room.id, ts)
    model.join(ROOT, room.id)
    model.delete_message(ROOT, room.id, ts)
    assert (room.message(ts), room.pins) == (None, [])
    assert refusal(lambda: model.update(BOT, room.id, ts, "again", [], None)) == "message_not_found"


def test_reactions_and_pins_are_once_each(model: ChatModel, room: ChatRoom):
    ts = model.say(MIA, room.id, "x")
    model.react(EMMA, room.id, ts, "pushpin")
    assert refusal(lambda: model.react(EMMA, room.id, ts, "pushpin")) == "already_reacted"
    model.unreact(EMMA, room.id, ts, "pushpin")
    assert refusal(lambda: model.unreact(EMMA, room.id, ts, "pushpin")) == "no_reaction"
    model.pin(MIA, room.id, ts)
    assert refusal(lambda: model.pin(BOT, room.id, ts)) == "already_pinned"
    model.unpin(MIA, room.id, ts)
    assert refusal(lambda: model.unpin(MIA, room.id, ts)) == "no_pin"


def test_answers_stand_in_their_thread_and_not_in_the_room(model: ChatModel, room: ChatRoom):
    first = model.say(MIA, room.id, "?")
    answer = model.say(EMMA, room.id, "!", thread_ts=first)
    assert answer not in [message.ts for message in model.history(MIA, room.id)]
    assert [message.ts for message in model.thread(MIA, room.id, answer)] == [first, answer]
    assert refusal(lambda: model.thread(MIA, room.id, "1.000001")) == "thread_not_found"


def test_two_people_have_one_direct_conversation(model: ChatModel):
    assert model.open_direct(BOT, MIA) is model.open_direct(BOT, MIA)
    assert refusal(lambda: model.open_direct(MIA, BOT)) == "cannot_dm_bot"
    assert refusal(lambda: model.open_direct(BOT, "U404")) == "channel_not_found"


@pytest.mark.parametrize(
    ("text", "rings"),
    [("<!channel> help", True), ("<!here|here>", True), ("&lt;!channel&gt;", False), ("@channel", False), ("<@UMIA>", False)],
)
def test_what_rings_a_whole_room_is_noted(model: ChatModel, room: ChatRoom, text: str, rings: bool):
    model.post(BOT, room.id, text)
    model.post(BOT, room.id, "x", blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": text}}])
    assert len(model.broadcasts) == 2 * rings


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a & b &amp; c", "a &amp; b &amp; c"),
        ("1 < 2 > 0", "1 &lt; 2 &gt; 0"),
        ("<@U1> <https://x.example|x>", "<@U1> <https://x.example|x>"),
        ("see https://x.example now", "see <https://x.example> now"),
    ],
)
def test_what_slack_makes_of_text(sent: str, kept: str):
    assert as_slack_keeps_it(sent, linkify=True) == kept


def test_people_cannot_type_markup():
    assert as_people_type_it("<!channel> https://x.example") == "&lt;!channel&gt; <https://x.example>"


# --- bookmarks and people --------------------------------------------------------------------------------------


def test_bookmarks_have_limits(model: ChatModel, room: ChatRoom):
    bookmark = model.add_bookmark(BOT, room.id, "A & B", "https://x.example")
    assert bookmark.title == "A &amp; B"
    assert refusal(lambda: model.add_bookmark(BOT, room.id, "x", "x.example")) == "invalid_link"
    assert refusal(lambda: model.edit_bookmark(BOT, room.id, "Bk404", "x", "https://x.example")) == "not_found"
    for _ in range(99):
        model.add_bookmark(BOT, room.id, "x", "https://x.example")
    assert refusal(lambda: model.add_bookmark(BOT, room.id, "x", "https://x.example")) == "too_many_bookmarks"


@pytest.mark.parametrize("mail", ["gone@example.com", "nobody@example.com", ""])
def test_only_living_accounts_are_found_by_mail(model: ChatModel, mail: str):
    assert model.user_with_mail("Mia@Example.COM").id == MIA
    assert refusal(lambda: model.user_with_mail(mail)) == "users_not_found"


@pytest.mark.parametrize(("text", "emoji"), [("x" * 101, ""), ("x", "fire")])
def test_a_status_has_rules(model: ChatModel, text: str, emoji: str):
    assert refusal(lambda: model.set_status(MIA, text, emoji, 0)) == "invalid_profile"


# --- what the app hears ----------------------------------------------------------------------------------------


def test_the_app_hears_what_happens_in_its_rooms_in_order(model: ChatModel, room: ChatRoom):
    ts = model.say(MIA, room.id, "x")
    model.react(EMMA, room.id, ts, "pushpin")
    model.unreact(EMMA, room.id, ts, "pushpin")
    model.edit(MIA, room.id, ts, "y")
    model.delete_message(MIA, room.id, ts)
    model.set_topic(MIA, room.id, "t")
    model.join(ROOT, room.id)
    model.leave(ROOT, room.id)
    model.rename(MIA, room.id, "other")
    model.archive(MIA, room.id)
    model.unarchive(MIA, room.id)
    assert [(event["type"], event.get("subtype", "")) for event in told(model)] == [
        ("message", ""), ("reaction_added", ""), ("reaction_removed", ""), ("message", "message_changed"),
        ("message", "message_deleted"), ("message", "channel_topic"), ("member_joined_channel", ""),
        ("member_left_channel", ""), ("channel_rename", ""), ("channel_archive", ""), ("channel_unarchive", ""),
    ]  # fmt: skip
    assert told(model) == []


def test_of_other_peoples_rooms_the_app_hears_little_and_of_private_ones_nothing(model: ChatModel):
    for name, private, heard in (("open", False, ["channel_archive"]), ("secret", True, [])):
        room = model.create(MIA, name, private=private)
        model.say(MIA, room.id, "x")
        model.archive(MIA, room.id)
        assert [event["type"] for event in told(model)] == heard


def test_every_event_has_its_own_id_and_a_double_has_the_same(model: ChatModel, room: ChatRoom):
    model.outbox.double = 1
    model.say(MIA, room.id, "x")
    model.say(MIA, room.id, "y")
    ids = [hook.body["event_id"] for hook in model.outbox.take_due()]
    assert (len(ids), len(set(ids))) == (3, 2)


def test_an_event_can_get_lost(model: ChatModel, room: ChatRoom):
    model.outbox.lose = 1
    model.say(MIA, room.id, "x")
    assert told(model) == []


def test_what_the_app_did_not_take_comes_again_at_once_after_a_minute_and_after_five(model: ChatModel, room: ChatRoom):
    model.say(MIA, room.id, "x")
    waits: list[float] = []
    [hook] = model.outbox.take_due()
    for status in (500, 0, 404):
        model.outbox.failed(hook, status)
        due = model.outbox.next_due()
        assert due is not None
        waits.append((due - model.clock.now()).total_seconds())
        pass_time(model, waits[-1])
        [hook] = model.outbox.take_due()
    model.outbox.failed(hook, 500)
    assert (waits, hook.tries, model.outbox.hooks) == ([0, 60, 300], 3, [])


def test_the_same_life_twice_is_the_same_to_the_letter():
    def live() -> tuple[list[ChatHook], dict[str, ChatRoom]]:
        model = a_workspace(FakeClock(NOW))
        room = model.create(BOT, "hot-1")
        model.invite(BOT, room.id, [MIA])
        model.react(MIA, room.id, model.post(BOT, room.id, "x").ts, "eyes")
        model.open_direct(BOT, EMMA)
        return model.outbox.hooks, model.rooms

    assert live() == live()


def test_a_person_can_be_added_any_time(model: ChatModel, room: ChatRoom):
    model.add_user(ChatUser("UNEW", "new", "new@example.com"))
    model.invite(BOT, room.id, ["UNEW"])
    assert "UNEW" in room.members
