"""What becomes of Confluence's faults, refusals and limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.confluence import Confluence
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.ports.wiki import Conflict, Locked, WikiPage
from sandbox.emulator import Fault, FaultKind, serve
from sandbox.wiki.confluence import SCOPES
from tests.adapters.test_pager_http import a_vendor_that_answers
from tests.adapters.wiki_world import BODY, MARKER, TITLE, TOKEN, WikiWorld, a_confluence
from tests.builders import TOO_LATE_S

CONFIGURATION = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text("utf-8")
LASTING = (FaultKind.NOT_FOUND, FaultKind.CONFLICT, FaultKind.SLOW)


@pytest.fixture
def world() -> Iterator[WikiWorld]:
    with a_confluence() as world:
        yield world


def every_operation(world: WikiWorld) -> dict[str, Callable[[], object]]:
    page, wiki = world.make(), world.wiki
    return {
        "create_page": lambda: world.make("Another", "firebell-10003"),
        "search": lambda: wiki.find_page("INC", MARKER),
        "list_pages": lambda: wiki.find_page("INC", MARKER),
        "get_page": lambda: wiki.read_page(page.id),
        "update_page": lambda: wiki.replace_body(page, BODY, MARKER),
        "add_label": lambda: wiki.label_page(page.id, MARKER),
        "list_spaces": lambda: wiki.problems_with("INC", None),
    }


@pytest.mark.parametrize("kind", [kind for kind in FaultKind if kind not in LASTING])
def test_every_passing_fault_of_every_operation_is_a_temporary_error_that_leaks_nothing(world: WikiWorld, kind: FaultKind):
    for operation, call in every_operation(world).items():
        world.emulator.faults.switch_on(operation, Fault(kind, delay_s=TOO_LATE_S))
        with pytest.raises(TemporaryError) as caught:
            call()
        assert TOKEN not in f"{caught.value!r} {caught.value}"
        assert caught.value.out_of_service is (kind in (FaultKind.UNAUTHORIZED, FaultKind.FORBIDDEN))
        world.emulator.faults.clear()


@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_each_scope_that_is_needed_is_written_down_and_the_lack_of_it_counts_as_down(world: WikiWorld, scope: str):
    operations = every_operation(world)
    world.emulator.scopes -= {scope}
    refused = []
    for call in operations.values():
        try:
            call()
        except TemporaryError as error:
            refused.append(error.out_of_service)
    assert set(refused) == {True}
    assert f"`{scope}`" in CONFIGURATION


def test_a_slow_answer_is_an_answer(world: WikiWorld):
    world.emulator.faults.switch_on("*", Fault(FaultKind.SLOW, times=None, delay_s=0.05))
    assert world.make().labels == {MARKER}


@pytest.mark.parametrize("kind", [FaultKind.NOT_FOUND, FaultKind.CONFLICT])
def test_a_refusal_of_a_create_that_no_title_explains_is_permanent(world: WikiWorld, kind: FaultKind):
    world.emulator.faults.switch_on("create_page", Fault(kind))
    with pytest.raises(PermanentError):
        world.make()


def test_a_409_of_a_write_is_a_conflict_and_a_404_means_that_we_may_not_write_there(world: WikiWorld):
    page = world.make()
    world.emulator.faults.switch_on("update_page", Fault(FaultKind.CONFLICT))
    assert isinstance(world.wiki.replace_body(page, BODY, MARKER), Conflict)
    world.emulator.faults.switch_on("update_page", Fault(FaultKind.NOT_FOUND))
    assert world.wiki.replace_body(page, BODY, MARKER) == Locked()


@pytest.mark.parametrize(
    ("headers", "wait_s", "down"),
    [
        pytest.param({"Retry-After": "7"}, 7.0, False, id="seconds"),
        pytest.param({"Retry-After": "3600"}, 3600.0, True, id="an hour counts as down"),
        pytest.param({"X-RateLimit-Reset": "2026-11-23T03:00:40Z"}, 40.0, False, id="a moment"),
        pytest.param({}, None, False, id="nothing"),
        pytest.param({"Retry-After": "soon"}, None, False, id="nonsense"),
    ],
)
def test_a_rate_limit_says_when_to_come_back(world: WikiWorld, headers: dict[str, str], wait_s: float | None, down: bool):
    app = a_vendor_that_answers("429 Too Many Requests", b'{"message": "Rate limit exceeded."}', *headers.items())
    with serve(app) as [url], pytest.raises(TemporaryError) as caught:
        Confluence(url, "bot@example.com", TOKEN, clock=world.clock).read_page("1")
    assert (caught.value.retry_after_s, caught.value.out_of_service) == (wait_s, down)


@pytest.mark.parametrize(
    ("status", "words", "kind"),
    [
        pytest.param("409 Conflict", "OptimisticLockException", Conflict, id="409"),
        pytest.param("400 Bad Request", "Version must be incremented on update. Current version is: 5", Conflict, id="400"),
        pytest.param("409 Conflict", "A page with this title already exists", PermanentError, id="409 for a title"),
    ],
)
def test_a_stale_version_is_known_by_either_answer_of_confluence(status: str, words: str, kind: type[Any]):
    app = a_vendor_that_answers(status, ('{"message": "' + words + '"}').encode())
    page = WikiPage("1", "https://example.com", TITLE, 4)
    with serve(app) as [url]:
        wiki = Confluence(url, "bot@example.com", TOKEN)
        if kind is PermanentError:
            with pytest.raises(PermanentError):
                wiki.replace_body(page, BODY, MARKER)
        else:
            assert isinstance(wiki.replace_body(page, BODY, MARKER), kind)


def test_neither_the_token_nor_what_people_wrote_shows_when_things_are_printed(world: WikiWorld):
    page = world.make(body="<p>the password is hunter2</p>")
    assert "hunter2" not in repr(page)
    assert TOKEN not in repr(world.wiki)
