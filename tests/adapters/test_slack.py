"""Slack as Chat, over HTTP against the strict emulator: what each operation does, and what a human may have done before it.

And the simulator's chat, as far as it goes: `vendor` is for what only HTTP and tokens can do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from chalicelib.adapters.slack import SCOPES
from chalicelib.adapters.slack_messages import THREADS_READ
from chalicelib.domain.rich_text import Link, Mention
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.ports.chat import Bookmark, Closed, NameTaken, PersonStatus, Post, Reaction, RoomClosed, Setter
from tests.adapters.chat_world import (
    BOT,
    EMMA,
    GONE,
    GUEST,
    MARKER,
    MIA,
    ROOT,
    AnyChat,
    ChatWorld,
    a_chat,
    a_post,
    a_simulated_chat,
)
from tests.builders import NOW, seconds


@pytest.fixture(params=["slack", "simulated"])
def world(request: pytest.FixtureRequest) -> Iterator[AnyChat]:
    if request.param == "simulated":
        yield a_simulated_chat()
    else:
        with a_chat() as world:
            yield world


@pytest.fixture
def vendor() -> Iterator[ChatWorld]:
    with a_chat() as world:
        yield world


# --- who we are ------------------------------------------------------------------------------------------------


def test_who_we_are_and_what_we_may_do(vendor: ChatWorld):
    us = vendor.chat.who_am_i()
    assert (us.user_id, us.team_id, us.team, us.team_url) == (BOT, "T00000001", "Example", "https://example.slack.com/")
    assert us.scopes == SCOPES


def test_who_we_are_is_asked_once(vendor: ChatWorld):
    room = vendor.a_room()
    for _ in range(3):
        vendor.chat.read_room(room.id)
    assert vendor.emulator.count("auth.test") == 1


# --- rooms -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("private", [False, True])
def test_a_new_room_is_ours_open_and_not_marked_yet(world: AnyChat, private: bool):
    room = world.chat.open_room("hot-1234", private=private)
    assert (room.name, room.is_private, room.is_archived, room.topic) == ("hot-1234", private, False, "")
    assert (room.made_by_us, room.marker, room.topic_by) == (True, "", Setter.NOBODY)
    assert room.link == f"https://example.slack.com/archives/{room.id}"
    assert world.model.rooms[room.id].members == [BOT]


@pytest.mark.parametrize("state", ["open", "archived", "private"])
def test_a_name_is_taken_also_by_what_is_archived_or_invisible(world: AnyChat, state: str):
    other = world.model.create(MIA, "hot-1234", private=state == "private")
    if state == "archived":
        world.model.archive(MIA, other.id)
    with pytest.raises(NameTaken, match="hot-1234"):
        world.chat.open_room("hot-1234", private=False)


@pytest.mark.parametrize("name", ["", "HOT-1234", "hot 1234", "hot.1234", "x" * 81, "---"])
def test_a_name_that_slack_does_not_allow_is_a_mistake_that_says_the_rules(world: AnyChat, name: str):
    with pytest.raises(PermanentError, match="at most 80") as caught:
        world.chat.open_room(name, private=False)
    assert not isinstance(caught.value, NameTaken)


def test_a_private_room_is_found_by_its_name_even_archived(world: AnyChat):
    room = world.a_room(private=True)
    world.model.archive(BOT, room.id)
    [found] = world.chat.find_rooms(("hot-1234",), MARKER)
    assert (found.id, found.is_archived, found.is_private) == (room.id, True, True)


def test_a_room_is_found_among_more_than_one_page_of_ours(vendor: ChatWorld):
    for number in range(110):
        vendor.a_room(f"hot-{number}")
    room = vendor.a_room()
    [found] = vendor.chat.find_rooms(("hot-1234",), MARKER)
    assert found.id == room.id
    assert vendor.emulator.count("users.conversations") == 2


def test_a_workspace_of_any_size_is_searched_within_slacks_limits(vendor: ChatWorld):
    for number in range(6000):
        vendor.model.create(MIA, f"team-{number}")
    room = vendor.a_room()
    vendor.emulator.limits.on = True
    [found] = vendor.chat.find_rooms(("hot-1234",), MARKER)
    assert found.id == room.id


def test_several_names_are_looked_for_in_one_search(vendor: ChatWorld):
    for name in ("hot-1234", "hot-1234-3", "hot-5"):
        vendor.a_room(name)
    found = vendor.chat.find_rooms(("hot-1234", "hot-1234-2", "hot-1234-3"), MARKER)
    assert {room.name for room in found} == {"hot-1234", "hot-1234-3"}
    assert vendor.emulator.count("users.conversations") == 1


def test_the_search_ends_with_the_room_that_bears_the_marker(vendor: ChatWorld):
    room = vendor.a_room()
    vendor.chat.mark_room(room.id, MARKER, "Incident HOT-1234")
    for number in range(110):
        vendor.a_room(f"hot-{number}")
    [found] = vendor.chat.find_rooms(("hot-1234-2", "hot-1234"), MARKER)
    assert found.id == room.id
    assert vendor.emulator.count("users.conversations") == 1


def test_a_description_reads_back_as_it_was_written(world: AnyChat):
    room = world.a_room()
    world.chat.mark_room(room.id, MARKER, "Incident HOT-1234: https://example.atlassian.net/browse/HOT-1234?a=1&b=2")
    read = world.chat.read_room(room.id)
    assert read is not None
    assert read.description == f"Incident HOT-1234: https://example.atlassian.net/browse/HOT-1234?a=1&b=2 [{MARKER}]"


@pytest.mark.parametrize("name", ["hot-123", "hot-12345", "hot-9"])
def test_no_room_of_another_name_is_found(world: AnyChat, name: str):
    world.a_room()
    assert world.chat.find_rooms((name,), MARKER) == ()


@pytest.mark.parametrize("private", [False, True])
def test_a_room_that_we_are_not_in_is_not_found(world: AnyChat, private: bool):
    world.model.create(MIA, "hot-1234", private=private)
    assert world.chat.find_rooms(("hot-1234",), MARKER) == ()


def test_a_room_is_ours_by_its_marker_and_not_by_its_name(world: AnyChat):
    ours = world.chat.open_room("hot-1234", private=False)
    world.chat.mark_room(ours.id, MARKER, "Incident HOT-1234 & friends")
    theirs = world.model.create(MIA, "hot-77")
    world.model.invite(MIA, theirs.id, [BOT])
    [marked], [foreign] = world.chat.find_rooms(("hot-1234",), MARKER), world.chat.find_rooms(("hot-77",), MARKER)
    assert (marked.marker, marked.is_for(MARKER), marked.is_for("firebell:9")) == (MARKER, True, False)
    assert (foreign.made_by_us, foreign.is_for(MARKER)) == (False, False)


def test_a_room_that_we_made_and_had_no_time_to_mark_is_ours(world: AnyChat):
    world.chat.open_room("hot-1234", private=False)
    [room] = world.chat.find_rooms(("hot-1234",), MARKER)
    assert room.is_for(MARKER)


def test_a_marker_stays_whole_however_long_the_words_before_it(world: AnyChat):
    room = world.a_room()
    world.chat.mark_room(room.id, MARKER, "né&<👩\u200d🚀 " * 99)
    read = world.chat.read_room(room.id)
    assert read is not None
    assert read.marker == MARKER


def test_a_room_keeps_its_id_when_a_human_renames_it(world: AnyChat):
    room = world.a_room_with_people()
    world.model.rename(MIA, room.id, "checkout-is-down")
    read = world.chat.read_room(room.id)
    assert read is not None
    assert read.name == "checkout-is-down"


@pytest.mark.parametrize("how", ["deleted", "removed from a private one", "never there"])
def test_a_room_that_is_gone_reads_as_none(world: AnyChat, how: str):
    room = world.a_room_with_people(private=True)
    room_id = room.id
    if how == "deleted":
        world.model.delete_room(MIA, room.id)
    elif how == "never there":
        room_id = "C999"
    else:
        world.model.remove(MIA, room.id, BOT)
    assert world.chat.read_room(room_id) is None


@pytest.mark.parametrize(
    "topic",
    [
        pytest.param("Sev 1: Checkout is down · IM: Mia · https://example.atlassian.net/browse/HOT-1234?a=1&b=2", id="link"),
        pytest.param("Fish & chips", id="ampersand"),
    ],
)
def test_a_topic_reads_back_as_it_was_set(world: AnyChat, topic: str):
    room = world.a_room()
    world.chat.set_topic(room.id, topic)
    read = world.chat.read_room(room.id)
    assert read is not None
    assert (read.topic, read.topic_by) == (topic, Setter.US)


def test_a_topic_that_a_human_set_says_so(world: AnyChat):
    room = world.a_room_with_people()
    world.chat.set_topic(room.id, "Sev 1")
    world.model.set_topic(MIA, room.id, "We meet in room 5")
    read = world.chat.read_room(room.id)
    assert read is not None
    assert (read.topic, read.topic_by) == ("We meet in room 5", Setter.SOMEBODY)


def test_an_endless_topic_is_cut_and_commands_in_it_are_harmless(world: AnyChat):
    room = world.a_room()
    world.chat.set_topic(room.id, "<!channel> " + "&é👩\u200d🚀" * 200)
    assert "<!" not in room.topic.value
    assert room.topic.value.endswith("…")


@pytest.mark.parametrize("times", [1, 2])
def test_archiving_what_is_archived_is_success(world: AnyChat, times: int):
    room = world.a_room()
    for _ in range(times):
        world.chat.archive(room.id)
    assert room.is_archived


def test_archiving_what_is_gone_is_success(world: AnyChat):
    world.chat.archive("C999")


# --- who is inside ---------------------------------------------------------------------------------------------


def test_everybody_who_can_be_is_invited_and_the_others_are_named(vendor: ChatWorld):
    room = vendor.a_room()
    vendor.model.join(EMMA, room.id)
    refused = vendor.chat.invite(room.id, [MIA, EMMA, BOT, GONE, "U404", GUEST, ROOT, MIA])
    assert {one.user_id: one.why for one in refused} == {
        GONE: "cant_invite", "U404": "user_not_found", GUEST: "user_is_restricted"
    }  # fmt: skip
    assert sorted(room.members) == sorted([BOT, MIA, EMMA, ROOT])
    assert vendor.emulator.count("conversations.invite") == 2


def test_one_bad_id_among_many_is_found_also_when_slack_does_not_name_it(world: AnyChat):
    world.model.names_the_blamed = False
    room = world.a_room()
    refused = world.chat.invite(room.id, [MIA, "U404", EMMA, ROOT])
    assert [one.user_id for one in refused] == ["U404"]
    assert sorted(room.members) == sorted([BOT, MIA, EMMA, ROOT])


NEWER_WORDS = ("org_user_not_in_team", "no_external_invite_permission", "invitee_cant_see_channel")


@pytest.mark.parametrize(
    ("word", "names"),
    [
        *((word, names) for word in NEWER_WORDS for names in (True, False)),
        pytest.param("no_permission", True, id="a word that elsewhere is about the token"),
        pytest.param("a_word_of_next_year", True, id="an unknown word"),
    ],
)
def test_one_whom_slack_refuses_with_another_word_keeps_nobody_out(world: AnyChat, word: str, names: bool):
    world.model.names_the_blamed = names
    world.model.users[EMMA].refused_as = word
    room = world.a_room()
    refused = world.chat.invite(room.id, [MIA, EMMA, ROOT])
    assert [(one.user_id, one.why) for one in refused] == [(EMMA, word)]
    assert sorted(room.members) == sorted([BOT, MIA, ROOT])


def test_a_crowd_is_invited_a_hundred_at_a_time(world: AnyChat):
    people = [f"U{number:05d}" for number in range(250)]
    for person in people:
        world.model.add_user(type(world.model.bot)(person, person.lower()))
    room = world.a_room()
    assert world.chat.invite(room.id, people) == ()
    assert set(people) < set(room.members)
    assert world.chat.members(room.id) == {BOT, *people}


def test_inviting_nobody_asks_nothing(vendor: ChatWorld):
    room = vendor.a_room()
    assert vendor.chat.invite(room.id, []) == ()
    assert vendor.emulator.calls == []


# --- what is said ----------------------------------------------------------------------------------------------


def test_a_message_is_said_once_found_by_its_marker_and_edited_in_place(world: AnyChat):
    room = world.a_room_with_people()
    message_id = world.chat.post(room.id, a_post("Paged Mia", "*Paged* Mia", "At 3"), f"{MARKER}:brief")
    world.model.say(MIA, room.id, "I look")
    assert world.chat.find_message(room.id, f"{MARKER}:brief") == message_id
    assert world.chat.find_message(room.id, f"{MARKER}:bri") is None
    assert world.chat.edit_message(room.id, message_id, a_post("Mia has it"), f"{MARKER}:brief")
    [ours, _] = world.said(room)
    assert (ours.text, ours.blocks) == ("Mia has it", [])
    assert world.chat.find_message(room.id, f"{MARKER}:brief") == message_id


def test_a_marker_in_somebody_elses_message_is_not_ours(world: AnyChat):
    room = world.a_room_with_people()
    metadata = {"event_type": "firebell", "event_payload": {"marker": MARKER}}
    world.model.post(MIA, room.id, "Look at me", metadata=metadata)
    assert world.chat.find_message(room.id, MARKER) is None


def test_a_message_is_found_behind_hundreds_of_others_but_not_before_since(vendor: ChatWorld):
    room = vendor.a_room_with_people()
    ours = vendor.chat.post(room.id, a_post(), MARKER)
    vendor.pass_time(60)
    for number in range(450):
        vendor.model.say(MIA, room.id, f"{number}")
    assert vendor.chat.find_message(room.id, MARKER) == ours
    assert vendor.emulator.count("conversations.history") == 3
    assert vendor.chat.find_message(room.id, MARKER, since=NOW + seconds(30)) is None


def test_what_a_human_deleted_cannot_be_edited_or_pinned(world: AnyChat):
    room = world.a_room_with_people()
    message_id = world.chat.post(room.id, a_post(), MARKER)
    world.model.join(ROOT, room.id)
    world.model.delete_message(ROOT, room.id, message_id)
    assert world.chat.edit_message(room.id, message_id, a_post("again"), MARKER) is False
    assert world.chat.pin(room.id, message_id) is False
    assert world.chat.read_message(room.id, message_id) is None


def test_a_message_of_somebody_else_cannot_be_edited(world: AnyChat):
    room = world.a_room_with_people()
    message_id = world.model.say(MIA, room.id, "Mine")
    with pytest.raises(PermanentError, match="not ours"):
        world.chat.edit_message(room.id, message_id, a_post(), MARKER)


def test_a_pin_twice_is_success(world: AnyChat):
    room = world.a_room()
    message_id = world.chat.post(room.id, a_post(), MARKER)
    assert [world.chat.pin(room.id, message_id) for _ in range(2)] == [True, True]
    assert room.pins == [message_id]


@pytest.mark.parametrize("summary", ["<!channel> help", "<!here|x>", "<https://evil.example|our runbook>", "<@U0000MIA>"])
def test_no_summary_rings_a_room_or_hides_a_link(world: AnyChat, summary: str):
    room = world.a_room()
    message_id = world.chat.post(room.id, Post(summary, (summary, (summary,))), MARKER)
    world.chat.edit_message(room.id, message_id, Post(summary, (summary,)), MARKER)
    [message] = world.said(room)
    assert "<" not in message.text + message.blocks[0]["text"]["text"]
    assert world.model.broadcasts == []
    read = world.chat.read_message(room.id, message_id)
    assert read is not None
    assert read.text == summary


def test_an_address_that_somebody_typed_is_no_link_and_one_of_ours_is(world: AnyChat):
    room = world.a_room()
    world.chat.post(room.id, Post(("See https://evil.example or ", Link("https://ok.example/a|b", "this > that"))), MARKER)
    [message] = world.said(room)
    assert message.text == "See https://evil.example or <https://ok.example/a%7Cb|this &gt; that>"


def test_endless_texts_are_cut_to_what_slack_takes(world: AnyChat):
    room = world.a_room()
    long = "né&👩\u200d🚀🇸🇪" * 9000
    message_id = world.chat.post(room.id, Post(long, (long,) * 80), MARKER)
    [message] = world.said(room)
    assert (len(message.blocks), message.text[-1], len(message.text) < 12_000) == (50, "…", True)
    assert world.chat.edit_message(room.id, message_id, Post(long), MARKER)
    assert (message.blocks, message.text[-1], len(message.text) < 4_000) == ([], "…", True)


def test_a_brief_that_is_longer_than_slack_takes_is_cut_and_keeps_its_way_to_join(world: AnyChat):
    room = world.a_room()
    longest = Post("x", (*(letter * 9_999 for letter in "abcde"), (Link("https://zoom.example/j/1"),)))
    message_id = world.chat.post(room.id, longest, MARKER)
    assert world.chat.edit_message(room.id, message_id, longest, MARKER)
    [message] = world.said(room)
    assert [block["text"]["text"][-1] for block in message.blocks] == [*"……………", ">"]


def test_a_direct_message_is_found_and_edited_like_any_other(world: AnyChat):
    before = world.chat.find_direct_message(MIA, MARKER)
    ref = world.chat.direct_message(MIA, Post(("You are IM, ", Mention(MIA))), MARKER)
    assert (before, world.chat.find_direct_message(MIA, MARKER)) == (None, ref)
    assert world.chat.find_direct_message(MIA, "firebell:9") is None
    assert world.chat.edit_message(ref.room_id, ref.message_id, a_post("You were"), MARKER)
    assert [message.text for message in world.model.rooms[ref.room_id].messages] == ["You were"]


def test_a_direct_message_to_nobody_is_a_mistake_that_names_them(world: AnyChat):
    with pytest.raises(PermanentError, match="U404 cannot be written to"):
        world.chat.direct_message("U404", a_post(), MARKER)


# --- what a human closed ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("why", list(Closed))
@pytest.mark.parametrize("operation", ["set_topic", "mark_room", "invite", "post", "edit", "pin", "bookmark"])
def test_what_writes_to_a_closed_room_says_how_it_was_closed(world: AnyChat, operation: str, why: Closed):
    room = world.a_room_with_people()
    message_id = world.chat.post(room.id, a_post(), MARKER)
    if why is Closed.ARCHIVED:
        world.model.archive(MIA, room.id)
    elif why is Closed.GONE:
        world.model.delete_room(MIA, room.id)
    else:
        world.model.remove(MIA, room.id, BOT)
    chat = world.chat
    calls: dict[str, Callable[[], object]] = {
        "set_topic": lambda: chat.set_topic(room.id, "x"),
        "mark_room": lambda: chat.mark_room(room.id, MARKER, "x"),
        "invite": lambda: chat.invite(room.id, [ROOT]),
        "post": lambda: chat.post(room.id, a_post(), MARKER),
        "edit": lambda: chat.edit_message(room.id, message_id, a_post(), MARKER),
        "pin": lambda: chat.pin(room.id, message_id),
        "bookmark": lambda: chat.put_bookmark(room.id, "Issue", "https://example.com"),
    }
    with pytest.raises(RoomClosed) as caught:
        calls[operation]()
    assert caught.value.why is why


def test_an_archived_private_room_can_still_be_read(world: AnyChat):
    room = world.a_room_with_people(private=True)
    world.model.say(MIA, room.id, "It was the cache")
    world.chat.put_bookmark(room.id, "Issue", "https://example.com")
    world.model.archive(MIA, room.id)
    assert [said.text for said in world.chat.messages(room.id, NOW - seconds(1))] == ["It was the cache"]
    assert world.chat.members(room.id) == {BOT, MIA, EMMA}
    assert world.chat.read_bookmarks(room.id) == (Bookmark("Issue", "https://example.com"),)


def test_archiving_a_public_room_puts_everybody_out_and_we_can_enter_it_once_it_is_open_again(world: AnyChat):
    room = world.a_room_with_people()
    world.chat.archive(room.id)
    assert world.chat.members(room.id) == frozenset()
    with pytest.raises(RoomClosed) as caught:
        world.chat.join(room.id)
    assert caught.value.why is Closed.ARCHIVED
    world.model.unarchive(MIA, room.id)
    assert is_inside(world, room.id) is False
    for _ in range(2):
        world.chat.join(room.id)
    assert (is_inside(world, room.id), sorted(world.chat.members(room.id))) == (True, sorted((MIA, BOT)))


def is_inside(world: AnyChat, room_id: str) -> bool:
    read = world.chat.read_room(room_id)
    assert read is not None
    return read.is_inside


# --- bookmarks -------------------------------------------------------------------------------------------------


def test_a_bookmark_is_put_once_and_follows_its_address(world: AnyChat):
    room = world.a_room()
    puts = [
        world.chat.put_bookmark(room.id, "Call & chat", url)
        for url in ("https://a.example/?x=1&y=2", "https://a.example/?x=1&y=2", "https://b.example")
    ]
    world.chat.put_bookmark(room.id, "Document", "https://c.example")
    assert puts == [True, False, True]
    assert world.chat.read_bookmarks(room.id) == (
        Bookmark("Call & chat", "https://b.example"), Bookmark("Document", "https://c.example")
    )  # fmt: skip


# --- people ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mail", "user_id"),
    [("mia@example.com", MIA), ("MIA@Example.com", MIA), ("nobody@example.com", None), ("gone@example.com", None)],
)
def test_people_are_found_by_mail_while_they_have_an_account(world: AnyChat, mail: str, user_id: str | None):
    assert world.chat.find_user_by_mail(mail) == user_id


def test_a_status_is_set_for_somebody_and_reads_back(vendor: ChatWorld):
    status = PersonStatus("IM of HOT-1234 <&>", "fire_engine", NOW + timedelta(hours=8))
    assert vendor.chat.read_status(MIA) == PersonStatus()
    vendor.chat.set_status(MIA, status)
    assert vendor.chat.read_status(MIA) == status
    vendor.chat.set_status(MIA, PersonStatus())
    assert vendor.chat.read_status(MIA) == PersonStatus()


def test_the_owner_of_the_user_token_sets_their_own_status_without_being_administrator(vendor: ChatWorld):
    vendor.model.users[ROOT].is_admin = False
    vendor.chat.set_status(ROOT, PersonStatus("HOT-1234"))
    assert vendor.model.users[ROOT].status_text == "HOT-1234"
    with pytest.raises(PermanentError, match="administrator"):
        vendor.chat.set_status(MIA, PersonStatus("HOT-1234"))


def test_the_status_of_nobody_is_none(world: AnyChat):
    assert world.chat.read_status("U404") is None
    assert (world.chat.name_of(MIA), world.chat.name_of("U404")) == ("mia", None)


def test_without_a_user_token_no_status_can_be_set():
    with a_chat(user_token="") as world:
        assert not world.chat.can_set_status
        with pytest.raises(PermanentError, match="no user token"):
            world.chat.set_status(MIA, PersonStatus("x"))
        assert world.chat.read_status(MIA) == PersonStatus()


# --- read back -------------------------------------------------------------------------------------------------


def test_what_was_said_reads_back_oldest_first_with_who_when_and_reactions(world: AnyChat):
    room = world.a_room_with_people()
    world.model.say(MIA, room.id, "before")
    world.pass_time(60)
    since = world.clock.now()
    world.pass_time(1)
    first = world.model.say(MIA, room.id, "rolled back <v2> & restarted, see https://x.example")
    world.model.say(EMMA, room.id, "thanks", thread_ts=first)
    world.pass_time(1)
    world.chat.post(room.id, a_post("We said that"), MARKER)
    world.model.react(EMMA, room.id, first, "pushpin")
    world.model.react(MIA, room.id, first, "pushpin")
    rolled_back, thanks, ours = world.chat.messages(room.id, since)
    assert (rolled_back.id, rolled_back.by, rolled_back.at) == (first, MIA, NOW + seconds(61))
    assert rolled_back.text == "rolled back <v2> & restarted, see https://x.example"
    assert rolled_back.reactions == (Reaction("pushpin", (EMMA, MIA)),)
    assert (thanks.text, thanks.thread_id) == ("thanks", first)
    assert (ours.by, ours.marker, ours.text) == ("", MARKER, "We said that")


def test_of_very_many_threads_those_answered_last_are_read_back(vendor: ChatWorld):
    room = vendor.a_room_with_people()
    first, *others = [vendor.model.say(MIA, room.id, f"{number}") for number in range(THREADS_READ + 1)]
    for number, thread in enumerate((*others, first)):
        vendor.model.say(EMMA, room.id, f"answer {number}", thread_ts=thread)
    read = [said.text for said in vendor.chat.messages(room.id, NOW - seconds(1)) if said.thread_id]
    assert read == [f"answer {number}" for number in range(1, THREADS_READ + 1)]
    assert vendor.emulator.count("conversations.replies") == THREADS_READ


def test_one_message_reads_back_also_from_a_thread(world: AnyChat):
    room = world.a_room_with_people()
    first = world.model.say(MIA, room.id, "What now?")
    answer = world.model.say(EMMA, room.id, "Restart it", thread_ts=first)
    world.model.say(MIA, room.id, "Done", thread_ts=first)
    for message_id, text, thread_id in ((first, "What now?", ""), (answer, "Restart it", first)):
        read = world.chat.read_message(room.id, message_id)
        assert read is not None
        assert (read.text, read.thread_id) == (text, thread_id)


def test_reading_notes_from_a_room_that_we_were_removed_from_says_so(world: AnyChat):
    room = world.a_room_with_people()
    world.model.remove(MIA, room.id, BOT)
    with pytest.raises(RoomClosed) as caught:
        world.chat.messages(room.id, NOW)
    assert caught.value.why is Closed.NOT_INSIDE


# --- permissions -----------------------------------------------------------------------------------------------


def test_a_missing_scope_is_down_until_a_human_adds_it_and_says_which():
    with a_chat(scopes=SCOPES - {"groups:write"}) as world:
        world.chat.open_room("hot-1", private=False)
        with pytest.raises(TemporaryError, match=r"lacks the scope groups:write: add it") as caught:
            world.chat.open_room("hot-2", private=True)
        assert caught.value.out_of_service
