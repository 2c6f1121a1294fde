"""The wiki port, over HTTP to a strict Confluence, and the simulator's. `vendor`: what only HTTP can do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from chalicelib.domain.text import width
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.ports.wiki import Conflict, Locked, WikiPage, WikiPageState
from sandbox.emulator import Fault, FaultKind
from tests.adapters.wiki_world import BODY, MARKER, MIA, TITLE, US, AnyWiki, WikiWorld, a_confluence, a_simulated_wiki
from tests.builders import TOO_LATE_S, seconds

LOST = (FaultKind.TIMEOUT_AFTER, FaultKind.RESET_AFTER, FaultKind.ERROR_AFTER, FaultKind.GARBAGE)


@pytest.fixture(params=["confluence", "simulated"])
def world(request: pytest.FixtureRequest) -> Iterator[AnyWiki]:
    if request.param == "simulated":
        yield a_simulated_wiki()
    else:
        with a_confluence() as world:
            yield world


@pytest.fixture
def vendor() -> Iterator[WikiWorld]:
    with a_confluence() as world:
        yield world


def lose(world: WikiWorld, operation: str, kind: FaultKind = FaultKind.ERROR_AFTER) -> None:
    world.emulator.faults.switch_on(operation, Fault(kind, delay_s=TOO_LATE_S))


def an_orphan(world: WikiWorld) -> str:
    """A page that Confluence made and never told us about."""
    lose(world, "create_page")
    with pytest.raises(TemporaryError):
        world.make()
    return world.ours()[0].id


# --- making ---------------------------------------------------------------------------------------------------------------


def test_a_page_is_made_under_the_spaces_home_with_our_label_on_it(world: AnyWiki):
    page = world.make()
    [made] = world.ours()
    assert (page.id, page.title, page.version, page.state, page.by_us) == (made.id, TITLE, 1, WikiPageState.CURRENT, True)
    assert page.url == f"https://example.atlassian.net/wiki/spaces/{world.space.key}/pages/{made.id}", (
        "without its title, which may tell a secret"
    )
    assert page.labels == set(made.labels) == {MARKER}
    assert made.parent_id == world.space.home
    assert made.version.body.endswith(BODY)


def test_a_child_page_is_made_under_its_parent(world: AnyWiki):
    parent = world.make()
    child = world.make("HOT-42 timeline", f"{MARKER}-timeline", parent_id=parent.id)
    assert world.model.pages[child.id].parent_id == parent.id


def test_a_first_page_takes_three_calls_and_a_second_two(vendor: WikiWorld):
    """The longest chain: which space, the page, its label."""
    vendor.make()
    assert len(vendor.emulator.calls) == 3
    vendor.make("Another", "firebell-10003")
    assert len(vendor.emulator.calls) == 5


def test_a_title_that_another_page_has_gets_our_marker_behind_it(world: AnyWiki):
    world.model.create(world.space.id, TITLE, "", MIA)
    assert world.make().title == f"{TITLE} ({MARKER})"


@pytest.mark.parametrize("put_away", ["trash", "archive"])
def test_so_does_a_title_that_a_page_in_the_trash_or_archive_still_holds(world: AnyWiki, put_away: str):
    other = world.model.create(world.space.id, TITLE, "", MIA)
    getattr(world.model, put_away)(other.id)
    assert world.make().title == f"{TITLE} ({MARKER})"


def test_so_does_a_title_of_a_page_that_is_hidden_from_us(world: AnyWiki):
    other = world.model.create(world.space.id, TITLE, "", MIA)
    world.model.hidden.add(other.id)
    assert world.make().title == f"{TITLE} ({MARKER})"


def test_two_incidents_of_one_title_have_a_page_each(world: AnyWiki):
    first, second = world.make(), world.make(marker="firebell-10003")
    assert first.id != second.id
    assert world.make(marker="firebell-10003", title=TITLE).id == second.id


def test_our_own_page_of_that_title_is_adopted(world: AnyWiki):
    assert world.make().id == world.make().id
    assert len(world.ours()) == 1


def test_a_page_of_ours_that_somebody_trashed_is_returned_as_trashed_and_not_made_again(world: AnyWiki):
    page = world.make()
    world.model.trash(page.id)
    again = world.make()
    assert (again.id, again.state) == (page.id, WikiPageState.TRASHED)


def test_endless_titles_and_line_breaks_are_made_to_fit(world: AnyWiki):
    first, second = (world.make("Down\nagain 🔥 " * 99, marker) for marker in (MARKER, "firebell-10003"))
    assert first.title.startswith("Down again 🔥 Down again")
    assert (width(first.title) <= 255, width(second.title) <= 255) == (True, True)
    assert second.title.endswith("(firebell-10003)")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("<p>Checkout", id="an open element"),
        pytest.param("<p>a & b</p>", id="a bare ampersand"),
        pytest.param("<p>" + "x" * 6_000_000 + "</p>", id="over 5 MB"),
    ],
)
def test_a_body_that_confluence_cannot_take_is_refused_for_good(world: AnyWiki, body: str):
    with pytest.raises(PermanentError):
        world.make(body=body)
    assert world.ours() == []


def test_a_space_or_a_parent_that_is_not_there_is_refused_for_good(world: AnyWiki):
    with pytest.raises(PermanentError, match="no space with the key 'GONE'"):
        world.wiki.create_page("GONE", None, TITLE, BODY, MARKER)
    parent = world.make()
    world.model.trash(parent.id)
    with pytest.raises(PermanentError, match="404"):
        world.make("Child", f"{MARKER}-timeline", parent_id=parent.id)


def test_a_label_that_could_not_be_set_is_missing_and_is_set_later(vendor: WikiWorld):
    vendor.emulator.faults.switch_on("add_label", Fault(FaultKind.UNAVAILABLE))
    page = vendor.make()
    assert page.labels == frozenset()
    for _ in range(2):
        vendor.wiki.label_page(page.id, MARKER)
    assert set(vendor.model.pages[page.id].labels) == {MARKER}


# --- finding --------------------------------------------------------------------------------------------------------------


def test_nothing_is_found_where_nothing_was_made(world: AnyWiki):
    world.make(marker="firebell-1000")
    assert world.wiki.find_page("INC", MARKER) is None


def test_a_page_is_found_by_its_label_whatever_people_made_of_it(world: AnyWiki):
    page = world.make()
    elsewhere = world.model.add_space("OPS", "Operations", MIA)
    world.model.edit(page.id, "<p>all new</p>", MIA)
    world.model.retitle(page.id, "The great outage", MIA)
    world.model.move(page.id, elsewhere.home)
    found = world.wiki.find_page("INC", MARKER)
    assert found is not None
    assert (found.id, found.title, found.version, found.by_us, found.labels) == (
        page.id, "The great outage", 3, False, frozenset({MARKER})
    )  # fmt: skip


def test_a_page_that_the_index_does_not_show_yet_is_found_by_its_body(world: AnyWiki):
    world.model.lag = seconds(60)
    page = world.make()
    world.model.retitle(page.id, "The great outage", MIA)
    found = world.wiki.find_page("INC", MARKER)
    assert found is not None
    assert found.id == page.id


def test_a_page_that_died_before_its_label_is_found_and_says_so(vendor: WikiWorld):
    orphan = an_orphan(vendor)
    found = vendor.wiki.find_page("INC", MARKER)
    assert found is not None
    assert (found.id, found.labels) == (orphan, frozenset())


def test_a_marker_that_begins_like_ours_is_not_ours(world: AnyWiki):
    world.model.lag = seconds(60)
    world.make("Timeline", f"{MARKER}-timeline")
    assert world.wiki.find_page("INC", MARKER) is None


def test_a_copy_that_somebody_made_is_not_ours(world: AnyWiki):
    page = world.make()
    world.model.copy(page.id, "Copy of it", MIA)
    found = world.wiki.find_page("INC", MARKER)
    assert found is not None
    assert found.id == page.id
    world.model.purge(page.id)
    assert world.wiki.find_page("INC", MARKER) is None


@pytest.mark.parametrize(("put_away", "state"), [("trash", WikiPageState.TRASHED), ("archive", WikiPageState.ARCHIVED)])
def test_a_page_that_people_put_away_is_found_as_such(world: AnyWiki, put_away: str, state: WikiPageState):
    page = world.make()
    getattr(world.model, put_away)(page.id)
    found = world.wiki.find_page("INC", MARKER)
    assert found is not None
    assert (found.id, found.state) == (page.id, state)


@pytest.mark.parametrize("kind", LOST)
def test_what_a_lost_answer_made_is_found_and_adopted_and_not_made_twice(vendor: WikiWorld, kind: FaultKind):
    lose(vendor, "create_page", kind)
    with pytest.raises(TemporaryError):
        vendor.make()
    found = vendor.wiki.find_page("INC", MARKER)
    adopted = vendor.make()
    assert found is not None
    assert found.id == adopted.id == vendor.ours()[0].id
    assert len(vendor.ours()) == 1


# --- reading and writing --------------------------------------------------------------------------------------------------


def test_a_page_is_read_with_its_body_its_labels_and_who_wrote_last(world: AnyWiki):
    page = world.make()
    assert world.wiki.read_page(page.id) == page
    world.model.edit(page.id, "<p>Theory: DNS</p>", MIA)
    read = world.wiki.read_page(page.id)
    assert read == replace(page, version=2, by_us=False, body="<p>Theory: DNS</p>")


def test_a_trashed_page_reads_as_trashed_and_a_purged_one_as_none(world: AnyWiki):
    page = world.make()
    world.model.trash(page.id)
    read = world.wiki.read_page(page.id)
    assert read is not None
    assert read.state is WikiPageState.TRASHED
    world.model.purge(page.id)
    assert world.wiki.read_page(page.id) is None


def test_a_page_hidden_from_us_reads_as_none(world: AnyWiki):
    page = world.make()
    world.model.hidden.add(page.id)
    assert world.wiki.read_page(page.id) is None


def test_a_new_body_is_a_new_version_and_keeps_title_parent_and_marker(world: AnyWiki):
    page = world.make()
    world.model.retitle(page.id, "The great outage", MIA)
    read = world.wiki.read_page(page.id)
    assert read is not None
    written = world.wiki.replace_body(read, "<p>new</p>", MARKER)
    assert isinstance(written, WikiPage)
    assert (written.version, written.title, written.by_us, written.labels) == (3, "The great outage", True, frozenset({MARKER}))
    assert world.wiki.read_page(page.id) == written
    assert (world.model.pages[page.id].version.by, world.model.pages[page.id].version.message) == (US, "Firebell")


def test_a_title_may_be_written_along(world: AnyWiki):
    written = world.wiki.replace_body(world.make(), BODY, MARKER, title="HOT-42: Timeline")
    assert isinstance(written, WikiPage)
    assert written.title == "HOT-42: Timeline"


def test_a_page_that_somebody_changed_meanwhile_is_a_conflict_and_stays_as_they_left_it(world: AnyWiki):
    page = world.make()
    world.model.edit(page.id, "<p>mine</p>", MIA)
    answer = world.wiki.replace_body(page, "<p>ours</p>", MARKER)
    assert isinstance(answer, Conflict)
    assert world.model.pages[page.id].version.body == "<p>mine</p>"


def test_a_page_that_people_have_closed_to_us_is_read_and_not_written(world: AnyWiki):
    page = world.make()
    world.model.editors[page.id] = {MIA}
    assert world.wiki.read_page(page.id) == page
    assert world.wiki.replace_body(page, "<p>ours</p>", MARKER) == Locked()
    assert world.model.pages[page.id].version.number == 1


def test_a_title_that_is_taken_is_no_conflict_to_be_read_away(world: AnyWiki):
    world.model.create(world.space.id, "Taken", "", MIA)
    with pytest.raises(PermanentError, match="already exists"):
        world.wiki.replace_body(world.make(), BODY, MARKER, title="Taken")


def test_an_answer_lost_after_a_write_is_seen_by_reading_again(vendor: WikiWorld):
    page = vendor.make()
    lose(vendor, "update_page")
    with pytest.raises(TemporaryError):
        vendor.wiki.replace_body(page, "<p>new</p>", MARKER)
    read = vendor.wiki.read_page(page.id)
    assert read is not None
    assert (read.version, read.by_us, (read.body or "").endswith("<p>new</p>")) == (2, True, True)


# --- spaces that were renamed ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["INC", "INCIDENTS"], ids=["the first key", "the one that people see"])
def test_a_renamed_space_is_known_by_either_key(world: AnyWiki, written: str):
    world.model.lag = seconds(60)
    world.model.rename_space(world.space.id, "INCIDENTS")
    made = world.wiki.create_page(written, None, TITLE, BODY, MARKER)
    assert "/spaces/INCIDENTS/pages/" in made.url
    found = world.wiki.find_page(written, MARKER)
    assert found is not None
    assert found.id == made.id


def test_a_space_is_found_by_its_new_key_among_hundreds_and_that_once(vendor: WikiWorld):
    for number in range(300):
        vendor.model.add_space(f"S{number}", "Another", MIA)
    last = vendor.model.add_space("OLD", "Renamed", MIA)
    vendor.model.rename_space(last.id, "NEW")
    for number in range(2):
        vendor.wiki.create_page("NEW", None, f"{TITLE} {number}", BODY, f"firebell-{number}")
    assert vendor.emulator.count("list_spaces") == 3, "by its key, and two pages of all"


def test_a_space_that_is_out_of_reach_by_its_new_key_is_written_by_its_first(vendor: WikiWorld):
    for number in range(500):
        vendor.model.add_space(f"S{number}", "Another", MIA)
    last = vendor.model.add_space("OLD", "Renamed", MIA)
    vendor.model.rename_space(last.id, "NEW")
    with pytest.raises(PermanentError, match="no space with the key 'NEW'; of one that was renamed, write the first key"):
        vendor.wiki.create_page("NEW", None, TITLE, BODY, MARKER)
    assert vendor.emulator.count("list_spaces") == 3, "every five minutes, for each incident"
    [problem] = vendor.wiki.problems_with("NEW", None)
    assert problem.endswith("write its first key, 'OLD'")
    assert vendor.wiki.problems_with("OLD", None) == ()
    assert vendor.wiki.create_page("OLD", None, TITLE, BODY, MARKER).url


def test_the_space_of_a_page_is_told_by_its_key_wherever_people_moved_it(world: AnyWiki):
    page = world.make()
    assert world.wiki.space_of(page.id) == "INC"
    elsewhere = world.model.add_space("OPS", "Operations", MIA)
    world.model.rename_space(elsewhere.id, "OPERATIONS")
    world.model.move(page.id, elsewhere.home)
    for _ in range(2):
        assert world.wiki.space_of(page.id) == "OPS"


@pytest.mark.parametrize("put_away", ["trash", "archive", "purge"])
def test_a_page_that_was_put_away_is_in_no_space(world: AnyWiki, put_away: str):
    page = world.make()
    getattr(world.model, put_away)(page.id)
    assert world.wiki.space_of(page.id) is None


# --- the check at start-up ------------------------------------------------------------------------------------------------


def test_a_space_with_a_page_to_put_documents_under_has_no_problems(vendor: WikiWorld):
    assert vendor.wiki.problems_with("INC", None) == ()
    assert vendor.wiki.problems_with("INC", vendor.space.home) == ()


def test_every_mistake_about_the_space_is_named(vendor: WikiWorld):
    archived = vendor.model.add_space("OLD", "Old", MIA, archived=True)
    vendor.model.trash(archived.home)
    assert vendor.wiki.problems_with("NONE", None) == (
        "there is no space with the key 'NONE', or confluence does not show it to us",
    )
    assert vendor.wiki.problems_with("OLD", vendor.space.home) == (
        "the space 'OLD' is archived",
        f"the page {vendor.space.home} to put documents under is not in the space 'OLD'",
    )
    renamed = vendor.model.add_space("SEC", "Secrets", MIA)
    vendor.model.rename_space(renamed.id, "SECRETS")
    assert vendor.wiki.problems_with("SECRETS", None) == ()
    assert vendor.wiki.problems_with("SEC", None) == ("the space 'SEC' was renamed, and addresses say 'SECRETS': write that",)
    assert vendor.wiki.problems_with("OLD", archived.home)[1] == f"the page {archived.home} to put documents under is trashed"
    assert "no page with the id" in vendor.wiki.problems_with("INC", "4711")[0]
    assert "no page with the id" in vendor.wiki.problems_with("INC", "Incident documents")[0]
