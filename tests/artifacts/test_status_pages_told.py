"""Status pages and the announcer together: what people at Jira do, and what stands on the pages in the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from chalicelib.artifacts.last_word import StaffLastWord
from chalicelib.domain.incident import Change, Resolution, Severity, Status
from chalicelib.domain.ordered import note_of_order, order_of_note
from chalicelib.domain.telling import Review
from chalicelib.ports.tickets import Comment
from tests.adapters.status_world import DRILLS, LOGIN, PAYMENTS, PUBLIC, STAFF
from tests.artifacts.passes import is_settled
from tests.artifacts.status_page_world import POLICY, PagesWorld, a_pages_world
from tests.artifacts.telling_world import WORDS, an_announcer, an_order
from tests.builders import EMMA, MIA, NOW


@contextmanager
def a_company() -> Iterator[PagesWorld]:
    """With its real words, ten minutes before staff are told of what nobody took, and five before the last word."""
    announcer = an_announcer(POLICY, endings=(StaffLastWord(WORDS, POLICY),))
    with a_pages_world(announcer, assignee=MIA, customer_visible=False) as world:
        yield world


def order(world: PagesWorld, text: str) -> None:
    """Mia has just commented."""
    is_over = world.passes.incident.status is Status.RESOLVED
    after_s, products = (world.now - NOW).total_seconds(), world.passes.incident.products
    given = an_order(text, after_s, products=products, resolved=is_over)
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


def reopen(world: PagesWorld) -> None:
    change = Change("status", world.now, MIA, Status.RESOLVED, Status.FIXING)
    world.passes.wanted = True
    changes = (*world.passes.incident.changes, change)
    world.is_now(status=Status.FIXING, resolution=None, changes=changes, updated_at=world.now)


def edit(world: PagesWorld, text: str) -> None:
    """Mia edits her only comment, and the next pass reads it."""
    [comment], [note] = world.jira.said, world.passes.notes
    world.jira.said = [replace(comment, text=text, edited_at=world.now)]
    world.passes.notes = (note_of_order(replace(order_of_note(note), text=text, edited_at=world.now)),)
    world.is_now(updated_at=world.now)


def what_customers_read(world: PagesWorld) -> list[tuple[str, str]]:
    return [(update.status, update.body) for update in world.only(PUBLIC).updates]


def test_an_answer_that_is_taken_back_is_taken_from_the_updates_that_told_it_on():
    with a_company() as world:
        order(world, "public identified: Payments fail.\nRoot cause: an engineer dropped a table")
        world.settle(93)
        order(world, "public: Some payments work again.")
        world.settle(93)
        assert all("dropped" in body for _, body in what_customers_read(world))
        first, second = world.jira.said
        note, *others = world.passes.notes
        world.jira.said = [replace(first, text="public identified: Payments fail.", edited_at=world.now), second]
        edited = replace(order_of_note(note), text="public identified: Payments fail.", edited_at=world.now)
        world.passes.notes = (note_of_order(edited), *others)
        world.is_now(updated_at=world.now)
        world.settle(200)
        assert not any("dropped" in body for _, body in what_customers_read(world))


def test_customers_hear_that_it_is_back_after_they_heard_that_it_was_over():
    with a_company() as world:
        order(world, "public identified: Payments fail.")
        world.settle(93)
        resolve(world)
        world.settle(10)
        order(world, "public resolved: Payments work again.")
        world.settle(400)
        reopen(world)
        world.settle(60)
        order(world, "public: Payments fail again.")
        world.settle(93)
        assert world.only(PUBLIC).status == "identified"
        assert "Payments fail again." in world.bodies(PUBLIC)[-1]
        assert is_settled(world.settle(600))


def test_an_update_that_is_edited_into_the_last_word_before_it_is_over_silences_none_after_it():
    with a_company() as world:
        order(world, "public identified: Payments fail.")
        world.settle(93)
        edit(world, "public resolved: Payments work again.")
        world.settle(93)
        order(world, "public: No, payments still fail.")
        world.settle(93)
        status, body = what_customers_read(world)[-1]
        assert (status, body.partition("\n")[0]) == ("investigating", "No, payments still fail.")


def test_what_was_known_before_it_was_over_is_not_told_with_what_comes_after():
    with a_company() as world:
        order(world, "public identified: Payments fail.\nETA: 11:00 UTC\nRoot cause: a full disk")
        world.settle(93)
        before = what_customers_read(world)
        resolve(world)
        world.settle(10)
        order(world, "public resolved: Payments work again.")
        world.settle(93)
        assert what_customers_read(world)[-1] == ("resolved", "Payments work again.\n\n- Root cause: a full disk")
        world.settle(400)
        reopen(world)
        world.settle(60)
        order(world, "public investigating: Payments fail again.")
        world.settle(93)
        assert what_customers_read(world)[-1][1].startswith("Payments fail again.")
        assert "disk" not in what_customers_read(world)[-1][1]
        assert what_customers_read(world)[0] == before[0]


def test_an_edit_that_comes_while_the_issue_is_private_for_a_moment_is_told_after_that():
    with a_company() as world:
        order(world, "public: Payments of all banks fail.")
        world.settle(93)
        edit(world, "public: Payments of some banks fail.")
        world.behind(is_private=True)
        world.settle(93)
        assert "all banks" in world.bodies(PUBLIC)[0]
        world.is_now(updated_at=world.now)
        world.settle(300)
        assert "some banks" in world.bodies(PUBLIC)[0]


def test_the_opening_does_not_follow_an_update_that_waits_for_another_approval():
    policy = replace(POLICY, review=Review.REQUIRED)
    announcer = an_announcer(policy, endings=(StaffLastWord(WORDS, policy),))
    with a_pages_world(announcer, assignee=MIA, customer_visible=False) as world:
        order(world, "public identified: Some paymens fail.")
        world.settle(5)
        approval = an_order("approved", (world.now - NOW).total_seconds() + 1, by=EMMA, in_group=True)
        world.jira.said.append(Comment(approval.comment_id, approval.at, EMMA, "approved", approval.at))
        notes = world.passes.notes
        world.passes.notes = (*notes, note_of_order(approval))
        world.settle(93)
        assert [status for status, _ in what_customers_read(world)] == ["identified"]
        world.jira.said, world.passes.notes = world.jira.said[:1], notes
        world.is_now(customer_visible=True)
        edit(world, "public identified: Some payments fail.")
        world.settle(93)
        assert [status for status, _ in what_customers_read(world)] == ["identified"]
