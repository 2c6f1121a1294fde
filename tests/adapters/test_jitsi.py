"""Video calls that need no vendor to answer: Jitsi's derived rooms, and a fixed link."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.fixed_link import FixedLink
from chalicelib.adapters.jitsi import Jitsi
from chalicelib.errors import TemporaryError
from chalicelib.ports.video_calls import Call, VideoCalls

SECRET = "a-secret-for-rooms-only"
MARKER, TOPIC = "firebell-10002", "HOT-42"


def test_a_room_is_the_same_for_everybody_who_derives_it():
    first, second = (Jitsi("https://meet.example.com/", SECRET) for _ in range(2))
    made = first.make_call(MARKER, TOPIC, "Sev 1")
    assert made == first.find_call(MARKER, "renamed") == second.make_call(MARKER, TOPIC, "")
    assert second.read_call(made.id) == made


def test_a_room_never_changes_for_a_secret_and_an_issue():
    """Else a new version of Firebell would send people of one incident into two rooms."""
    call = Jitsi("https://meet.example.com", SECRET).make_call(MARKER, TOPIC, "")
    assert call == Call(call.id, f"https://meet.example.com/{call.id}")
    assert call.id == "firebell-me5xprul4tlxap6nghcwvzzxoixig4to"


def test_a_room_cannot_be_guessed():
    room = Jitsi("https://meet.example.com", SECRET).make_call(MARKER, TOPIC, "").id
    name = re.fullmatch(r"firebell-([a-z2-7]{32})", room)  # five bits a character
    assert name is not None
    assert len(name[1]) * 5 >= 128
    assert "10002" not in room


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=16), st.text(min_size=16))
def test_another_issue_or_another_secret_is_another_room(marker: str, other: str, secret: str, another: str):
    rooms = {
        (name, key): Jitsi("https://meet.example.com", key).make_call(name, TOPIC, "").id
        for name in (marker, other)
        for key in (secret, another)
    }
    assert len(set(rooms.values())) == len(rooms)


def test_with_a_short_secret_no_call_is_made_until_a_human_has_a_longer_one_and_a_good_one_is_never_shown():
    guessable = Jitsi("https://meet.example.com", "short")
    assert guessable.problems() == ("the secret for Jitsi rooms is shorter than 16 bytes: make a longer one",)
    with pytest.raises(TemporaryError, match="16 bytes") as made:
        guessable.make_call(MARKER, TOPIC, "")
    with pytest.raises(TemporaryError, match="16 bytes") as found:
        guessable.find_call(MARKER, TOPIC)
    assert made.value.out_of_service is found.value.out_of_service is True
    assert SECRET not in repr(Jitsi("https://meet.example.com", SECRET))
    assert Jitsi("https://meet.example.com", SECRET).problems() == ()


def test_a_fixed_link_is_everybodys_call():
    calls: VideoCalls = FixedLink("https://meet.example.com/war-room")
    made = calls.make_call(MARKER, TOPIC, "")
    assert made.join_link == "https://meet.example.com/war-room"
    assert made == calls.find_call("firebell-10003", "HOT-43") == calls.read_call(made.id)
    assert calls.problems() == ()


def test_a_fixed_link_that_is_no_link_is_named():
    assert FixedLink("room 4.2").problems() == ("the fixed link of the video call is no https:// link",)
