"""The rules of Confluence's pages, without HTTP, and the strictness of its face."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import requests

from sandbox.emulator import serve
from sandbox.wiki.confluence import ConfluenceEmulator
from sandbox.wiki.model import ARCHIVED, BODY_LIMIT, CURRENT, TRASHED, Refusal, RefusedError, StoredPage, WikiModel
from sandbox.wiki.storage import problem_with
from tests.builders import NOW, seconds
from tests.reconcile.small_world import FakeClock

US, MIA = "acc-firebell", "acc-mia"


@pytest.fixture
def model() -> WikiModel:
    model = WikiModel(FakeClock(NOW))
    model.add_space("INC", "Incidents", MIA)
    return model


def space_id(model: WikiModel) -> str:
    return next(iter(model.spaces))


def a_page(model: WikiModel, title: str = "HOT-42", body: str = "<p>x</p>") -> StoredPage:
    return model.create(space_id(model), title, body, US)


def refused(reason: Refusal):
    return pytest.raises(RefusedError, check=lambda error: error.reason is reason)


def test_a_page_goes_under_the_spaces_home_unless_a_parent_is_named(model: WikiModel):
    page = a_page(model)
    child = model.create(space_id(model), "Timeline", "", US, parent_id=page.id)
    assert (page.parent_id, child.parent_id) == (model.spaces[space_id(model)].home, page.id)


@pytest.mark.parametrize("state", [CURRENT, ARCHIVED, TRASHED])
def test_a_title_is_one_page_of_a_space_whatever_its_case_trash_and_archive_included(model: WikiModel, state: str):
    a_page(model).state = state
    with refused(Refusal.TITLE_TAKEN):
        a_page(model, "hot-42")


def test_another_space_or_a_purge_frees_the_title(model: WikiModel):
    page = a_page(model)
    other = model.add_space("OPS", "Operations", MIA)
    model.create(other.id, "HOT-42", "", US)
    model.trash(page.id)
    model.purge(page.id)
    assert a_page(model).id != page.id


def test_a_trash_that_holds_no_titles_lets_them_go_and_then_refuses_the_restore(model: WikiModel):
    model.trash_holds_titles = False
    page = a_page(model)
    model.trash(page.id)
    a_page(model)
    with refused(Refusal.TITLE_TAKEN):
        model.restore(page.id)


def test_a_write_must_be_the_next_version(model: WikiModel):
    page = a_page(model)
    model.edit(page.id, "<p>mine</p>", MIA)
    with refused(Refusal.STALE):
        model.update(page.id, 2, "HOT-42", "<p>ours</p>", US)
    model.update(page.id, 3, "HOT-42", "<p>ours</p>", US)
    assert [(version.number, version.by) for version in page.versions] == [(1, US), (2, MIA), (3, US)]


def test_of_two_writes_at_once_one_is_stale(model: WikiModel):
    page = a_page(model)

    def write(number: int) -> None:
        with suppress(RefusedError):
            model.update(page.id, 2, "HOT-42", f"<p>{number}</p>", US)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(write, range(64)))
    assert page.version.number == len(page.versions) == 2


def test_of_many_creates_at_once_one_gets_the_title(model: WikiModel):
    def make(_: int) -> None:
        with suppress(RefusedError):
            a_page(model)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(make, range(64)))
    assert sum(page.title == "HOT-42" for page in model.pages.values()) == 1


def test_writing_to_a_trashed_page_only_brings_it_back(model: WikiModel):
    """As documented: its contents are not updated. So nobody must write to a page they have not just read."""
    page = a_page(model)
    model.trash(page.id)
    model.update(page.id, 2, "New title", "<p>new</p>", US)
    assert (page.state, page.title, page.version.body) == (CURRENT, "HOT-42", "<p>x</p>")


def test_a_retitled_page_keeps_its_id_and_its_labels_and_gets_a_version(model: WikiModel):
    page = a_page(model)
    model.label(page.id, "firebell-10002", US)
    model.retitle(page.id, "The great outage", MIA)
    assert (page.title, page.version.number, set(page.labels)) == ("The great outage", 2, {"firebell-10002"})


def test_moving_makes_no_version_and_takes_the_title_along(model: WikiModel):
    page = a_page(model)
    other = model.add_space("OPS", "Operations", MIA)
    model.move(page.id, other.home)
    assert (page.space_id, page.parent_id, page.version.number) == (other.id, other.home, 1)
    a_page(model)
    with refused(Refusal.TITLE_TAKEN):
        model.move(page.id, model.spaces[space_id(model)].home)


def test_the_children_of_a_trashed_page_move_up(model: WikiModel):
    page = a_page(model)
    child = model.create(space_id(model), "Timeline", "", US, parent_id=page.id)
    model.trash(page.id)
    assert (child.state, child.parent_id) == (CURRENT, page.parent_id)


def test_search_runs_behind_by_the_lag_and_shows_current_pages_only(model: WikiModel):
    model.lag = seconds(30)
    page = a_page(model)
    model.label(page.id, "firebell-10002", US)
    assert model.searched("firebell-10002") == []
    assert isinstance(model.clock, FakeClock)
    model.clock.at += seconds(30)
    assert model.searched("firebell-10002") == [page]
    model.trash(page.id)
    assert model.searched("firebell-10002") == []


def test_a_copy_has_the_labels_and_the_copiers_name(model: WikiModel):
    page = a_page(model)
    model.label(page.id, "firebell-10002", US)
    copy = model.copy(page.id, "Copy of HOT-42", MIA)
    assert (copy.author, set(copy.labels), copy.version.body) == (MIA, {"firebell-10002"}, "<p>x</p>")


def test_a_page_that_is_closed_to_some_is_edited_by_others_and_read_by_all(model: WikiModel):
    page = a_page(model)
    model.editors[page.id] = {MIA}
    with refused(Refusal.NO_PAGE):
        model.update(page.id, 2, "HOT-42", "<p>ours</p>", US)
    with refused(Refusal.READ_ONLY):
        model.label(page.id, "firebell-10002", US)
    model.edit(page.id, "<p>mine</p>", MIA)
    assert model.page(page.id) is page
    assert (page.version.body, page.labels) == ("<p>mine</p>", {})


@pytest.mark.parametrize("name", ["", "Firebell", "two words", "a:b", "x" * 256])
def test_a_label_that_is_none_is_refused(model: WikiModel, name: str):
    with refused(Refusal.BAD_LABEL):
        model.label(a_page(model).id, name, US)


@pytest.mark.parametrize(
    ("title", "body", "reason"),
    [
        pytest.param("", "", Refusal.NO_TITLE, id="no title"),
        pytest.param("x" * 256, "", Refusal.NO_TITLE, id="endless title"),
        pytest.param("x", "<p>", Refusal.MALFORMED, id="open element"),
        pytest.param("x", "x" * (BODY_LIMIT + 1), Refusal.TOO_LARGE, id="over 5 MB"),
    ],
)
def test_what_is_no_page_is_refused(model: WikiModel, title: str, body: str, reason: Refusal):
    with refused(reason):
        a_page(model, title, body)


@pytest.mark.parametrize("where", ["space", "parent", "archived space", "parent elsewhere"])
def test_a_page_needs_a_living_space_and_parent(model: WikiModel, where: str):
    archived = model.add_space("OLD", "Old", MIA, archived=True)
    target, parent, reason = {
        "space": ("1", None, Refusal.NO_SPACE),
        "archived space": (archived.id, None, Refusal.NO_SPACE),
        "parent": (space_id(model), "1", Refusal.NO_PARENT),
        "parent elsewhere": (space_id(model), archived.home, Refusal.NO_PARENT),
    }[where]
    with refused(reason):
        model.create(target, "x", "", US, parent_id=parent)


@pytest.mark.parametrize(
    "body", ["", "plain", "<p>&nbsp;&amp;</p>", '<ac:link><ri:page ri:content-title="x" /></ac:link><hr/>']
)
def test_storage_format_is_taken(body: str):
    assert problem_with(body) == ""


@pytest.mark.parametrize(
    "body", ["<p>", "</p>", "a & b", "&nosuch;", "<x:y/>", "<br>", "\x07", "\ud83d", "<p a=1/>", "</body>"]
)
def test_anything_else_is_not(body: str):
    assert problem_with(body).startswith("Error parsing xhtml")


# --- the face -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "violates"),
    [
        pytest.param("GET", "/wiki/api/v2/pages?space-id=INC", None, 400, False, id="a key where an id belongs"),
        pytest.param("GET", "/wiki/api/v2/pages?space_id=1", None, 400, True, id="unknown parameter"),
        pytest.param("GET", "/wiki/api/v2/pages?limit=251", None, 400, False, id="limit"),
        pytest.param("GET", "/wiki/api/v2/pages?status=gone", None, 400, False, id="status"),
        pytest.param("GET", "/wiki/rest/api/content", None, 404, True, id="removed operation"),
        pytest.param("POST", "/wiki/api/v2/pages/1/labels", [{}], 404, True, id="labels are set in v1 only"),
        pytest.param("DELETE", "/wiki/api/v2/pages/1", None, 405, True, id="unknown method"),
        pytest.param("POST", "/wiki/api/v2/pages", {"spaceId": "1", "title": "x"}, 400, False, id="no body"),
        pytest.param("POST", "/wiki/api/v2/pages", {"spaceKey": "INC"}, 400, True, id="unknown member"),
        pytest.param("POST", "/wiki/rest/api/content/1/label", [{"name": "x"}], 400, False, id="label without a prefix"),
        pytest.param("GET", "/wiki/rest/api/content/search?cql=label=x", None, 400, False, id="a query it does not know"),
    ],
)
def test_what_confluence_would_not_understand_is_an_error(
    model: WikiModel, method: str, path: str, sent: object, status: int, violates: bool
):
    emulator = ConfluenceEmulator(model, model.clock, account=US, mail="bot@example.com", token="t")
    with serve(emulator) as [url]:
        answer = requests.request(method, url + path, json=sent, auth=("bot@example.com", "t"), timeout=5)
    assert (answer.status_code, bool(emulator.violations)) == (status, violates)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/wiki/api/v2/spaces"), ("GET", "/wiki/api/v2/pages"), ("GET", "/wiki/api/v2/pages/1"),
        ("POST", "/wiki/api/v2/pages"), ("PUT", "/wiki/api/v2/pages/1"), ("POST", "/wiki/rest/api/content/1/label"),
        ("GET", "/wiki/rest/api/content/search"), ("GET", "/wiki/rest/api/user/current"),
    ],
)  # fmt: skip
def test_nobody_is_served_with_a_wrong_token(model: WikiModel, method: str, path: str):
    with serve(ConfluenceEmulator(model, model.clock, account=US, mail="bot@example.com", token="t")) as [url]:
        assert requests.request(method, url + path, auth=("bot@example.com", "u"), timeout=5).status_code == 401
