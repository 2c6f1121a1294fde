"""Status pages and the announcer together: what people at Jira do, and what stands on the pages in the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from chalicelib.artifacts.last_word import StaffLastWord
from chalicelib.domain.incident import Change, Resolution, Severity, Status
from chalicelib.domain.ordered import note_of_order
from chalicelib.ports.tickets import Comment
from tests.adapters.status_world import DRILLS, LOGIN, PAYMENTS, PUBLIC, STAFF
from tests.artifacts.passes import is_settled
from tests.artifacts.status_page_world import POLICY, PagesWorld, a_pages_world
from tests.artifacts.telling_world import WORDS, an_announcer, an_order
from tests.builders import MIA, NOW


@contextmanager
def a_company() -> Iterator[PagesWorld]:
    """With its real words, ten minutes before staff are told of what nobody took, and five before the last word."""
    announcer = an_announcer(POLICY, endings=(StaffLastWord(WORDS, POLICY),))
    with a_pages_world(announcer, assignee=MIA, customer_visible=False) as world:
        yield world


def order(world: PagesWorld, text: str) -> None:
    """Mia has just commented."""
    given = an_order(text, (world.now - NOW).total_seconds(), products=world.passes.incident.products)
    world.jira.said.append(Comment(given.comment_id, given.at, MIA, text, given.at))
    world.passes.notes = (*world.passes.notes, note_of_order(given))


def resolve(world: PagesWorld, how: Resolution = Resolution.DONE, **more: Any) -> None:
    change = Change("status", world.now, MIA, Status.FIXING, Status.RESOLVED)
    world.passes.wanted = False
    changes = (*world.passes.incident.changes, change)
    world.is_now(status=Status.RESOLVED, resolution=how, changes=changes, updated_at=world.now, **more)


def test_staff_hear_of_it_are_kept_up_to_date_and_hear_the_last_word():
    with a_company() as world:
        world.settle(570)
        assert world.incidents() == []
        world.settle(62)
        assert world.only().name == "HOT-42 - Sev 1 - Checkout is down"
        order(world, "update: Baskets stay empty.")
        world.settle(31)
        assert len(world.bodies()) == 1
        world.settle(62)
        assert "Baskets stay empty." in world.bodies()[1]
        world.is_now(severity=Severity.SEV2, summary="Checkout is slow")
        world.settle()
        assert (world.only().name, world.states()[PAYMENTS]) == ("HOT-42 - Sev 2 - Checkout is slow", "partial_outage")
        resolve(world)
        world.settle(279)
        assert world.only().status == "investigating"
        world.settle(62)
        assert (world.only().status, world.states()[PAYMENTS], len(world.bodies())) == ("resolved", "operational", 3)
        assert (world.told(), world.told(PUBLIC)) == (3, 0)
        assert is_settled(world.settle(600))


def test_a_drill_begins_and_ends_on_its_own_page():
    with a_company() as world:
        world.is_now(is_drill=True, customer_visible=True)
        world.settle(620)
        resolve(world)
        world.settle(400)
        assert (world.only(DRILLS).status, len(world.bodies(DRILLS))) == ("resolved", 2)
        assert (world.incidents(STAFF), world.incidents(PUBLIC)) == ([], [])
        assert is_settled(world.settle(600))


def test_customers_hear_what_was_said_for_them_and_nothing_from_inside():
    with a_company() as world:
        world.settle(120)
        assert world.incidents(PUBLIC) == []
        world.is_now(customer_visible=True)
        world.settle()
        assert (world.only(PUBLIC).name, world.states(PUBLIC)[PAYMENTS]) == (
            "Investigating issues with Example Pay", "operational"
        )  # fmt: skip
        order(world, "public identified partial_outage: Some payments fail.")
        world.settle(93)
        assert (world.only(PUBLIC).status, world.states(PUBLIC)[PAYMENTS]) == ("identified", "partial_outage")
        resolve(world)
        world.settle(400)
        made = world.only(PUBLIC)
        assert (made.status, world.states(PUBLIC)[PAYMENTS], len(made.updates)) == ("resolved", "operational", 3)
        read = repr((made.name, made.metadata, [update.body for update in made.updates]))
        for inside in ("HOT", "42", "Checkout", "Mia", "10002", "example.atlassian.net"):
            assert inside not in read
        assert is_settled(world.settle(600))


def test_what_was_closed_as_a_duplicate_goes_on_for_customers_until_a_human_says_that_it_is_over():
    with a_company() as world:
        order(world, "public major_outage: Payments fail.")
        world.settle(93)
        resolve(world, Resolution.DUPLICATE)
        world.settle(600)
        assert (world.only(PUBLIC).status, world.states(PUBLIC)[PAYMENTS]) == ("investigating", "major_outage")
        assert len(world.bodies(PUBLIC)) == 1
        order(world, "public monitoring: Payments work again, and we watch them.")
        world.settle(93)
        assert (world.only(PUBLIC).status, world.states(PUBLIC)[PAYMENTS]) == ("monitoring", "major_outage")
        order(world, "public resolved: Payments work.")
        world.settle(93)
        assert (world.only(PUBLIC).status, world.states(PUBLIC)[PAYMENTS]) == ("resolved", "operational")
        assert len(world.bodies(PUBLIC)) == 3
        assert is_settled(world.settle(600))


def test_a_duplicate_that_is_called_so_at_the_moment_of_the_effect_is_not_told_to_be_over():
    with a_company() as world:
        order(world, "public major_outage: Payments fail.")
        world.settle(93)
        resolve(world)
        world.settle(279)
        world.behind(resolution=Resolution.DUPLICATE)
        world.settle(93)
        assert (world.only(PUBLIC).status, world.states(PUBLIC)[PAYMENTS]) == ("investigating", "major_outage")


def test_whoever_names_another_product_shows_customers_no_outage_of_it_nor_undoes_a_hand():
    with a_company() as world:
        order(world, "public major_outage: Payments fail.")
        world.settle(93)
        page = world.status.model.pages[PUBLIC]
        page.components[PAYMENTS].status = "operational"
        world.is_now(products=("Payments", "Login"))
        world.settle(93)
        assert (world.states(PUBLIC)[PAYMENTS], world.states(PUBLIC)[LOGIN]) == ("operational", "operational")
        order(world, "public partial_outage: Some payments and logins fail.")
        world.settle(93)
        assert (world.states(PUBLIC)[PAYMENTS], world.states(PUBLIC)[LOGIN]) == ("partial_outage", "partial_outage")
