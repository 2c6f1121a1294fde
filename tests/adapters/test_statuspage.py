"""Statuspage over HTTP: incidents that are found again, updates that are made once, and nobody told who should not be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from chalicelib.adapters.statuspage_text import page_body, page_name
from chalicelib.adapters.turns import unlimited
from chalicelib.domain.announcement import ComponentState, Progress
from chalicelib.domain.text import width
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.ports.status_pages import BODY_LIMIT, NAME_LIMIT, UnknownComponents
from sandbox.emulator import Fault, FaultKind
from sandbox.status.model import PageIncident
from sandbox.status.shown import shown_incident, shown_page
from tests.adapters.status_world import LOGIN, MARK, MARKER, PAYMENTS, PUBLIC, StatusWorld, a_post, a_statuspage
from tests.builders import TOO_LATE_S, seconds

LOST = (FaultKind.TIMEOUT_AFTER, FaultKind.RESET_AFTER, FaultKind.ERROR_AFTER, FaultKind.GARBAGE)
HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "<!-- <b>bold</b> --> & &amp; &lt; &copy &#60;i&#62;",
    "*bold* _it_ <https://evil.example|click> <!channel> `x`",
    "{{ 7*7 }} {% raw %} ${x}",
    "h1. Title\n{html}<u>{html} [link|http://evil.example]",
    "Subject: x\r\nBcc: everybody@example.com\r\n\r\nbody",
    "one\rtwo\u2028three\u0085four",
    "null\x00 bell\x07 esc\x1b[31m red",
    "]]></body></html>",
    'project = HOT AND summary ~ "x" ORDER BY created',
]


@pytest.fixture
def world() -> Iterator[StatusWorld]:
    with a_statuspage() as world:
        yield world


class Seen(HTMLParser):
    """The structure of a page, and the text in it."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.text += "\n" if tag == "br" else ""

    def handle_endtag(self, tag: str) -> None:
        self.tags.append(f"/{tag}")

    def handle_comment(self, data: str) -> None:
        self.tags.append("comment")

    def handle_data(self, data: str) -> None:
        self.text += data


def only(world: StatusWorld) -> PageIncident:
    [incident] = world.incidents
    return incident


# --- opening --------------------------------------------------------------------------------------------------------------


def test_an_incident_is_opened_with_one_call_and_its_first_update_carries_the_mark(world: StatusWorld):
    opened = world.open()
    made = only(world)
    assert (made.name, made.status, world.bodies()) == ("Issues with Payments", "investigating", ["We are investigating."])
    assert (opened.id, opened.link, opened.progress) == (made.id, made.link, Progress.INVESTIGATING)
    assert opened.posted == {MARK: made.updates[0].id}
    assert len(world.emulator.calls) == 1


def test_subscribers_are_told_unless_it_is_quiet(world: StatusWorld):
    world.open()
    assert len(world.model.notices) == 1
    world.open(notify=False)
    assert len(world.model.notices) == 1


def test_components_take_the_states_that_are_named_and_others_are_only_shown(world: StatusWorld):
    opened = world.open(components={PAYMENTS: ComponentState.PARTIAL_OUTAGE}, affected=(LOGIN,))
    assert opened.affected == {PAYMENTS: "partial_outage", LOGIN: "operational"}
    assert world.page.component_states() == {PAYMENTS: "partial_outage", LOGIN: "operational"}


def test_a_component_that_the_page_does_not_have_is_named_and_nothing_was_done(world: StatusWorld):
    with pytest.raises(UnknownComponents) as caught:
        world.open(components={PAYMENTS: ComponentState.PARTIAL_OUTAGE, "gone": ComponentState.DEGRADED}, affected=("away",))
    assert caught.value.ids == ("away", "gone")
    assert (world.incidents, world.model.notices) == ([], [])
    assert world.page.component_states()[PAYMENTS] == "operational"


def test_a_page_that_is_not_there_is_a_permanent_error(world: StatusWorld):
    with pytest.raises(PermanentError, match="404"):
        world.adapter("nosuchpage01").open(MARKER, MARK, a_post())


# --- finding --------------------------------------------------------------------------------------------------------------


def test_nothing_is_found_where_nothing_was_opened(world: StatusWorld):
    world.page.open("another", MARK, a_post())
    assert world.page.find(MARKER) is None


def test_an_open_incident_is_found_with_one_call_and_a_resolved_one_with_two(world: StatusWorld):
    opened = world.open()
    calls = len(world.emulator.calls)
    assert world.page.find(MARKER) == opened
    assert len(world.emulator.calls) == calls + 1
    world.model.change(PUBLIC, opened.id, {"status": "resolved", "body": "Done."})
    found = world.page.find(MARKER)
    assert found is not None
    assert (found.id, found.progress) == (opened.id, Progress.RESOLVED)
    assert len(world.emulator.calls) == calls + 3


def test_an_open_incident_is_found_among_more_than_a_hundred(world: StatusWorld):
    opened = world.open()
    for number in range(230):
        world.model.open(PUBLIC, {"name": f"Other {number}"})
    assert world.page.find(MARKER) == opened
    assert len(world.page.unresolved()) == 231


def test_of_two_with_one_marker_the_older_is_ours(world: StatusWorld):
    opened = world.open()
    world.clock.at += seconds(5)
    world.open()
    found = world.page.find(MARKER)
    assert found is not None
    assert found.id == opened.id


@pytest.mark.parametrize("kind", LOST)
def test_what_a_lost_answer_left_is_found_with_its_update(world: StatusWorld, kind: FaultKind):
    world.emulator.faults.switch_on("create_incident", Fault(kind, delay_s=TOO_LATE_S))
    with pytest.raises(TemporaryError):
        world.open()
    found = world.page.find(MARKER)
    assert found is not None
    assert found.posted == {MARK: only(world).updates[0].id}


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param({"firebell": {}}, id="emptied"),
        pytest.param({"firebell": {"incident": 7, "updates": ["x"]}}, id="of other types"),
        pytest.param({"jira": {"key": "HOT-1"}}, id="somebody else's"),
    ],
)
def test_metadata_that_people_wrote_by_hand_is_no_marker_and_stops_nothing(world: StatusWorld, metadata: dict[str, object]):
    made = world.model.open(PUBLIC, {"name": "By hand", "metadata": metadata})
    assert world.page.find(MARKER) is None
    read = world.page.read(made.id)
    assert read is not None
    assert world.page.update(read, "m", a_post()) is not None


# --- updating -------------------------------------------------------------------------------------------------------------


def test_an_update_is_one_write_that_brings_its_mark_with_it(world: StatusWorld):
    opened = world.open()
    calls = len(world.emulator.calls)
    updated = world.page.update(opened, "mark-2", a_post(progress=Progress.IDENTIFIED, body="Found it.", name=None))
    assert updated is not None
    assert len(world.emulator.calls) == calls + 1
    assert updated.posted == {MARK: only(world).updates[0].id, "mark-2": only(world).updates[1].id}
    assert (updated.progress, updated.name) == (Progress.IDENTIFIED, "Issues with Payments")
    assert world.page.read(opened.id) == updated
    assert len(world.model.notices) == 2


def test_updates_with_the_same_text_keep_their_own_ids(world: StatusWorld):
    incident = world.open(body="Still looking.")
    for number in (2, 3):
        world.clock.at += seconds(60)
        updated = world.page.update(incident, f"mark-{number}", a_post(body="Still looking."))
        assert updated is not None
        incident = updated
    ids = [update.id for update in only(world).updates]
    assert [incident.posted[mark] for mark in (MARK, "mark-2", "mark-3")] == ids


def test_what_others_keep_beside_the_incident_stays(world: StatusWorld):
    opened = world.open()
    world.model.change(PUBLIC, opened.id, {"metadata": {**only(world).metadata, "jira": {"key": "HOT-1"}}})
    read = world.page.read(opened.id)
    assert read is not None
    world.page.update(read, "mark-2", a_post(body="More."))
    assert only(world).metadata["jira"] == {"key": "HOT-1"}
    assert set(only(world).metadata["firebell"]["updates"]) == {MARK, "mark-2"}


@pytest.mark.parametrize("kind", LOST)
def test_an_update_whose_answer_was_lost_is_seen_in_what_was_posted(world: StatusWorld, kind: FaultKind):
    opened = world.open()
    world.emulator.faults.switch_on("update_incident", Fault(kind, delay_s=TOO_LATE_S))
    with pytest.raises(TemporaryError):
        world.page.update(opened, "mark-2", a_post(body="More."))
    read = world.page.read(opened.id)
    assert read is not None
    assert read.posted["mark-2"] == only(world).updates[1].id


def test_an_update_that_a_human_rewrote_or_took_away_is_posted_but_has_no_id(world: StatusWorld):
    opened = world.open()
    [update] = only(world).updates
    world.model.change_update(PUBLIC, opened.id, update.id, "In other words.", told=False)
    read = world.page.read(opened.id)
    assert read is not None
    assert read.posted == {MARK: ""}


def test_resolving_leaves_components_alone_unless_their_state_is_said(world: StatusWorld):
    opened = world.open(components={PAYMENTS: ComponentState.MAJOR_OUTAGE, LOGIN: ComponentState.DEGRADED})
    done = a_post(progress=Progress.RESOLVED, body="Done.", components={LOGIN: ComponentState.OPERATIONAL})
    resolved = world.page.update(opened, "mark-2", done)
    assert resolved is not None
    assert resolved.affected == {PAYMENTS: "major_outage", LOGIN: "operational"}
    assert world.page.unresolved() == ()


def test_an_incident_with_a_postmortem_is_over(world: StatusWorld):
    opened = world.open()
    world.model.change(PUBLIC, opened.id, {"status": "resolved"})
    world.model.publish_postmortem(PUBLIC, opened.id, "A disk was full.")
    read = world.page.read(opened.id)
    assert read is not None
    assert (read.progress, world.page.unresolved()) == (Progress.RESOLVED, ())


def test_a_name_and_states_are_changed_without_an_update_and_nobody_is_told(world: StatusWorld):
    opened = world.open()
    assert world.page.restate(opened, name="Issues with Login", components={LOGIN: ComponentState.DEGRADED})
    assert (only(world).name, world.bodies(), len(world.model.notices)) == (
        "Issues with Login", ["We are investigating."], 1
    )  # fmt: skip
    assert world.page.component_states()[LOGIN] == "degraded_performance"


def test_a_product_that_is_named_later_is_shown_beside_what_was_there(world: StatusWorld):
    opened = world.open(affected=(PAYMENTS,))
    updated = world.page.update(opened, "mark-2", a_post(components={LOGIN: ComponentState.MAJOR_OUTAGE}))
    assert updated is not None
    assert updated.affected == {PAYMENTS: "operational", LOGIN: "major_outage"}
    assert world.page.restate(updated, components={PAYMENTS: ComponentState.DEGRADED})
    assert world.page.update(updated, "mark-3", a_post()) is not None
    assert only(world).component_ids == [PAYMENTS, LOGIN]


def test_an_update_is_amended_and_nobody_is_told(world: StatusWorld):
    opened = world.open()
    assert world.page.amend(opened.id, opened.posted[MARK], "We have investigated.")
    assert (world.bodies(), len(world.model.notices)) == (["We have investigated."], 1)


def test_an_unknown_component_in_an_update_is_named_and_nothing_was_done(world: StatusWorld):
    opened = world.open()
    with pytest.raises(UnknownComponents, match="gone"):
        world.page.update(opened, "mark-2", a_post(components={"gone": ComponentState.DEGRADED}))
    with pytest.raises(UnknownComponents, match="gone"):
        world.page.restate(opened, components={"gone": ComponentState.DEGRADED})
    assert len(only(world).updates) == 1


@pytest.mark.parametrize("named", [{}, {LOGIN: ComponentState.DEGRADED}], ids=["quiet", "of another"])
def test_what_an_incident_shows_still_and_the_page_has_no_more_stops_nothing(
    world: StatusWorld, named: dict[str, ComponentState]
):
    opened = replace(world.open(), affected={"gone": "operational", PAYMENTS: "operational"})
    assert world.page.update(opened, "mark-2", a_post(components=named, affected=(LOGIN,))) is not None
    assert only(world).component_ids == [PAYMENTS, LOGIN]
    assert world.page.restate(opened, components={PAYMENTS: ComponentState.DEGRADED})
    assert (only(world).component_ids, len(only(world).updates)) == ([PAYMENTS], 2)


def test_an_incident_that_a_human_deleted_is_gone_for_every_operation(world: StatusWorld):
    opened = world.open()
    world.model.delete(PUBLIC, opened.id)
    assert world.page.read(opened.id) is None
    assert world.page.find(MARKER) is None
    assert world.page.update(opened, "mark-2", a_post(components={PAYMENTS: ComponentState.DEGRADED})) is None
    assert world.page.restate(opened, name="x") is False
    assert world.page.amend(opened.id, opened.posted[MARK], "x") is False
    assert world.model.notices[1:] == []


def test_an_update_that_a_human_deleted_cannot_be_amended(world: StatusWorld):
    opened = world.open()
    world.model.delete_update(PUBLIC, opened.id, opened.posted[MARK])
    assert world.page.amend(opened.id, opened.posted[MARK], "x") is False


# --- what people read -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text_in_names_and_updates(world: StatusWorld, text: str):
    world.open(body="plain", name="plain")
    plain = Seen(shown_page(world.shown)).tags
    world.model.delete(PUBLIC, only(world).id)
    opened = world.open(body=text, name=text)
    seen = Seen(shown_page(world.shown))
    assert [tag for tag in seen.tags if tag != "br"] == [tag for tag in plain if tag != "br"]
    for line in page_lines(text):
        assert line in seen.text
    world.page.amend(opened.id, opened.posted[MARK], text)
    assert Seen(shown_page(world.shown)).tags == seen.tags


def page_lines(text: str) -> list[str]:
    """What is left of a text's lines when no control character is."""
    visible = "".join(character for character in text if character in "\r\n" or not ("\0" <= character < " "))
    return [line.strip() for line in visible.splitlines() if line.strip()]


def test_paragraphs_and_bullets_keep_their_lines(world: StatusWorld):
    world.open(body="Payments fail.\r\n\r\nCurrent status:\r\n- one\r\n- two & three")
    assert "Payments fail.\n\nCurrent status:\n- one\n- two & three" in Seen(shown_incident(only(world))).text


@pytest.mark.parametrize("text", ["x" * 30_000, "<&>" * 20_000, "🔥 " * 20_000, "e\u0301" * 20_000])
def test_endless_text_is_cut_to_fit_and_never_inside_an_escape(world: StatusWorld, text: str):
    world.open(body=text, name=text)
    assert width(only(world).name) <= NAME_LIMIT
    [body] = world.bodies()
    assert BODY_LIMIT * 0.9 < width(body) <= BODY_LIMIT
    assert Seen(body).text == text[: len(Seen(body).text) - 1] + "…"


def test_a_text_that_fits_is_sent_whole_and_a_name_is_one_line():
    assert page_body("  a\n\n- b  ") == "a\n\n- b"
    assert page_name("Issues\r\nwith <b>Payments</b>") == "Issues with <b>Payments</b>"


# --- one call a second ----------------------------------------------------------------------------------------------------


def test_calls_wait_for_their_turn_a_second_apart(world: StatusWorld):
    begin = world.clock.at
    opened = world.open()
    world.page.read(opened.id)
    world.page.read(opened.id)
    assert world.slept == [1.0, 1.0]
    assert world.clock.at == begin + seconds(2)


def test_workers_that_share_nothing_but_the_ledger_share_the_limit(world: StatusWorld):
    """Sixty calls in a minute are all that the vendor allows; the world checks that none was refused."""
    workers = [world.adapter(page_id) for page_id in world.model.pages] * 3
    for number in range(100):
        workers[number % len(workers)].component_states()
    assert len(world.slept) == 99


def test_a_turn_that_is_not_soon_is_a_temporary_error_and_no_call(world: StatusWorld):
    for _ in range(3):
        world.ledger.take_turn("statuspage", world.clock.at, seconds(1), until=world.clock.at + seconds(9))
    with pytest.raises(TemporaryError) as caught:
        world.open()
    assert (caught.value.retry_after_s, caught.value.out_of_service) == (3.0, False)
    assert (world.emulator.calls, world.slept) == ([], [])
    world.clock.at += seconds(3)
    world.open()
    assert len(world.incidents) == 1


@pytest.mark.parametrize("status", [420, 429])
def test_a_limit_that_others_used_up_is_temporary(world: StatusWorld, status: int):
    world.emulator.limit_status = status
    page = world.adapter(turn=unlimited)
    for _ in range(60):
        page.component_states()
    with pytest.raises(TemporaryError, match=f"{status} You have exceeded"):
        page.component_states()
    world.clock.at += seconds(60)
    page.component_states()
    world.emulator.refused_for_limit = 0


# --- the check at start-up ------------------------------------------------------------------------------------------------


def test_a_page_with_all_its_components_has_no_problems(world: StatusWorld):
    assert world.adapter(turn=unlimited).problems_with((PAYMENTS, LOGIN)) == ()


def test_every_mistake_about_the_page_is_named(world: StatusWorld):
    assert world.page.problems_with((PAYMENTS, "gone", "gone", "away")) == (
        "the status page 'pagepublic01' has no component 'gone'",
        "the status page 'pagepublic01' has no component 'away'",
    )
    assert world.adapter("nosuchpage01").problems_with(()) == (
        "there is no status page with the id 'nosuchpage01', or this token does not see it",
    )
    assert world.adapter(token="another").problems_with(()) == (
        "statuspage does not let us in: 401 Could not authenticate",
    )  # fmt: skip


def test_the_check_raises_when_it_cannot_know(world: StatusWorld):
    world.emulator.faults.switch_on("get_page", Fault(FaultKind.UNAVAILABLE))
    with pytest.raises(TemporaryError):
        world.page.problems_with(())
