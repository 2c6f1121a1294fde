"""Orders in comments come into the ledger with their author and what was known then; what was told is frozen."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from chalicelib.artifacts.artifact import Scene
from chalicelib.artifacts.note_sources import CommentNotes
from chalicelib.artifacts.order_source import TOO_MANY
from chalicelib.artifacts.rulings import Standing, rulings
from chalicelib.domain.incident import INCIDENT, Person, Resolution, Severity, Status
from chalicelib.domain.notes import NOTES_LIMIT, ORDERS_LIMIT, note_from_json, note_to_json
from chalicelib.domain.ordered import Ordered, note_of_order, order_of_note, orders_in
from chalicelib.domain.orders import TEXT_LIMIT, TOO_LONG, Refused, parse_order
from chalicelib.domain.telling import Review, TellingPolicy
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from chalicelib.ports.tickets import Comment
from chalicelib.reconcile.artifacts import Outcome, settle_artifacts
from tests.builders import EMMA, FIREBELL, MIA, NOW, a_change, a_note, an_incident, seconds
from tests.reconcile.small_world import Killed, SmallWorld, later

ISSUE = an_incident().id


def a_comment(text: str = "update: All is slow.", id_: str = "10100", by: Person | None = MIA, **changes: Any) -> Comment:
    return replace(Comment(id_, NOW + seconds(60), by, text, NOW + seconds(60)), **changes)


class Passes:
    """A major incident without a wiki, whose comments are read again and again."""

    def __init__(self, **policy: Any) -> None:
        self.small = SmallWorld()
        self.incident = an_incident(assignee=MIA, impact={"customers": "ten"})
        self.tickets = self.small.tickets
        self.policy = TellingPolicy(**policy)
        self.go_live: datetime | None = None
        self.reads = 0

    def scene(self) -> Scene:
        book = self.small.ledger.read(ISSUE)
        return Scene(self.incident, self.small.clock.now(), records={one.name: one for one in book.artifacts}, notes=book.notes)

    def settle(self) -> list[Outcome]:
        def tickets() -> Any:
            self.reads += 1
            return self.tickets

        source = CommentNotes(tickets, lambda: self.small.world.ledger, FIREBELL.account_id, self.policy, self.go_live)
        return settle_artifacts([source], self.scene(), self.small.world, give_up_at=self.small.clock.now() + seconds(20))

    def said(self, *comments: Comment, **changes: Any) -> None:
        self.tickets.said[:] = comments
        since = (self.incident.updated_at - NOW).total_seconds() + 1
        self.incident = replace(later(self.incident, since), **changes)
        self.settle()

    def told(self, name: str = "mail:order-10100", vendor_id: str | None = "m-1") -> None:
        self.small.ledger.insert(ArtifactRecord(ISSUE, name, ArtifactState.MADE, "c", NOW, "f", vendor_id))

    @property
    def orders(self) -> tuple[Ordered, ...]:
        return orders_in(self.small.ledger.read(ISSUE).notes)

    @property
    def says(self) -> tuple[str, ...]:
        return next(one for one in self.small.ledger.read(ISSUE).artifacts if one.name == "notes:comments").says


def test_an_order_is_kept_with_its_author_its_times_and_what_was_known_then():
    passes = Passes()
    edited = a_comment(edited_at=NOW + seconds(90))
    passes.said(edited, a_comment("looking", "10101"))
    assert passes.orders == (
        Ordered(
            "10100", NOW + seconds(60), NOW + seconds(90), "acc-mia", "Mia Moore", "update: All is slow.",
            severity=Severity.SEV1, impact=(("customers", "ten"),), hands=("acc-mia",),
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("resolved_after_s", "is_of_after"),
    [
        pytest.param(61, True, id="in one go: the comment is stored first"),
        pytest.param(60, True, id="resolved, and then written"),
        pytest.param(66, False, id="written, and then resolved, before it is told"),
        pytest.param(125, False, id="told, and then resolved"),
    ],
)
def test_an_order_belongs_to_the_time_at_which_it_was_written_whoever_reads_it_when(resolved_after_s: float, is_of_after: bool):
    passes = Passes()
    resolve = a_change("status", Status.RESOLVED, after_s=resolved_after_s)
    passes.said(a_comment(), status=Status.RESOLVED, changes=(resolve,))
    assert [order.resolved for order in passes.orders] == [is_of_after]


@pytest.mark.parametrize(
    ("text", "resolution", "is_of_after"),
    [
        pytest.param("public: All is slow.", Resolution.DUPLICATE, False, id="customers were not told that it is over"),
        pytest.param("update: All is slow.", Resolution.DUPLICATE, True, id="staff were"),
        pytest.param("public: All is slow.", Resolution.CANCELLED, True, id="no incident"),
    ],
)
def test_what_is_written_for_customers_after_a_duplicate_was_closed_goes_on(
    text: str, resolution: Resolution, is_of_after: bool
):
    passes = Passes()
    resolve = a_change("status", Status.RESOLVED, after_s=30)
    passes.said(a_comment(text), status=Status.RESOLVED, resolution=resolution, changes=(resolve,))
    assert [order.resolved for order in passes.orders] == [is_of_after]


def test_an_edit_after_the_resolve_belongs_to_that_time():
    passes = Passes()
    resolve = a_change("status", Status.RESOLVED, after_s=70)
    passes.said(a_comment(edited_at=NOW + seconds(80)), status=Status.RESOLVED, changes=(resolve,))
    assert [order.resolved for order in passes.orders] == [True]


@pytest.mark.parametrize(
    ("changes", "severity"),
    [
        pytest.param([("1", "2", 50)], 2, id="before it was written"),
        pytest.param([("2", "1", 70)], 2, id="since it was written"),
        pytest.param([("3", "2", 70), ("2", "1", 80)], 2, id="not major then: as it was first"),
        pytest.param([(None, "3", 70), ("3", "2", 80)], 2, id="not said then"),
    ],
)
def test_an_order_keeps_the_severity_of_its_time(changes: list[tuple[str | None, str, float]], severity: int):
    passes = Passes()
    history = tuple(a_change("severity", new, old=old, after_s=after_s) for old, new, after_s in changes)
    passes.said(a_comment(), severity=Severity(int(changes[-1][1])), changes=history)
    [order] = passes.orders
    assert order.severity is Severity(severity)


@pytest.mark.parametrize(("text", "kept"), [("public: All is slow.", ("Payments", "Login")), ("update: All is slow.", None)])
def test_an_order_for_customers_keeps_the_products_until_it_is_told(text: str, kept: tuple[str, ...] | None):
    passes = Passes()
    passes.said(a_comment(text), products=("Payments",))
    passes.said(a_comment(text), products=("Payments", "Login"))
    assert [order.products for order in passes.orders] == [kept]
    passes.told("public_page:order-10100")
    passes.said(a_comment(text, edited_at=NOW + seconds(500)), products=("Login",))
    assert [order.products for order in passes.orders] == [kept]


def test_what_can_be_told_only_after_the_last_word_leaves_it_resolved():
    """Somebody agreed to it only then, say."""
    passes = Passes(review=Review.REQUIRED)
    over: dict[str, Any] = {"status": Status.RESOLVED, "changes": (a_change("status", Status.RESOLVED, after_s=70),)}
    passes.said(a_comment(), **over)
    assert not passes.orders[0].resolved
    passes.told("public_page:resolved-1")
    passes.said(a_comment(), a_comment("approved", "10101", EMMA), **over)
    assert not passes.orders[0].resolved, "that was the word to customers, and it is for staff"
    passes.told("mail:resolved-1")
    passes.said(a_comment(), a_comment("approved", "10101", EMMA), a_comment("looking", "10102"), **over)
    assert passes.orders[0].resolved


@pytest.mark.parametrize("products", [None, (), ("Payments", "Web shop")])
def test_what_is_kept_comes_back_as_it_was(products: tuple[str, ...] | None):
    impact, names, hands = (("a", "1"), ("b", "2")), (("7:a", "É"),), ("c",)
    order = Ordered(
        "7", NOW, NOW + seconds(5), "", "", "public: É", True, Severity.SEV2, True, impact, 3, names, products, hands
    )
    assert order_of_note(note_from_json(note_to_json(note_of_order(order)))) == order


def test_a_settled_incident_reads_and_writes_nothing():
    passes = Passes(order_groups=frozenset({"comms"}))
    passes.said(a_comment(by=EMMA))
    reads, writes = passes.reads, list(passes.small.mortality.effects)
    for _ in range(3):
        assert not any(outcome.changed or outcome.pending for outcome in passes.settle())
    assert (passes.reads, passes.small.mortality.effects) == (reads, writes)


def test_an_edit_that_changes_nothing_of_orders_writes_no_order_again():
    passes = Passes()
    passes.said(a_comment())
    before = passes.small.ledger.read(ISSUE).notes
    passes.said(a_comment(), a_comment("looking", "10101"))
    assert passes.small.ledger.read(ISSUE).notes == before


def test_an_edited_order_says_what_it_says_now_and_a_deleted_one_is_gone():
    passes = Passes()
    passes.said(a_comment())
    passes.said(a_comment("update: All is well.", edited_at=NOW + seconds(70)), severity=Severity.SEV2, impact={})
    [order] = passes.orders
    assert (order.text, order.edited_at, order.severity, order.impact) == (
        "update: All is well.", NOW + seconds(70), Severity.SEV2, (),
    )  # fmt: skip
    passes.said()
    assert passes.orders == ()


def test_an_order_of_a_refused_kind_is_kept_for_its_reason_to_be_told():
    passes = Passes()
    passes.said(a_comment("public fixed: all is well"))
    assert isinstance(parse_order(passes.orders[0].text), Refused)


def test_what_is_too_long_is_kept_as_such_and_never_as_a_shorter_order():
    passes = Passes()
    passes.said(a_comment(f"update: {'x' * TEXT_LIMIT}"))
    assert len(passes.orders[0].text) == TEXT_LIMIT + 1
    assert isinstance(parse_order(passes.orders[0].text), Refused)


@pytest.mark.parametrize("own", ["public: All is slow.", "approved"])
def test_what_is_too_long_says_so_also_where_a_quotation_is_all_that_is_kept(own: str):
    passes = Passes(review=Review.REQUIRED)
    passes.said(a_comment(f"{{quote}}{'x' * TEXT_LIMIT}{{quote}}\n{own}"))
    [ruling] = rulings(passes.policy, passes.scene())
    assert (ruling.standing, ruling.why) == (Standing.REFUSED, TOO_LONG.why)


def test_what_is_quoted_is_no_order():
    passes = Passes()
    passes.said(a_comment("{quote}\npublic: We lost data.\n{quote}\n\nPlease do not say that yet."))
    assert passes.orders == ()


def test_what_we_write_ourselves_is_no_order():
    passes = Passes()
    passes.said(a_comment(by=FIREBELL))
    assert passes.orders == ()


def test_agreeing_means_something_only_where_it_is_asked_for():
    for review, kept in ((Review.OFF, 0), (Review.SUGGESTED, 1), (Review.REQUIRED, 1)):
        passes = Passes(review=review)
        passes.said(a_comment("approved", by=EMMA))
        assert len(passes.orders) == kept


@pytest.mark.parametrize(
    ("incident", "is_read"),
    [
        pytest.param({"severity": Severity.SEV2}, True, id="major"),
        pytest.param({"severity": Severity.SEV3}, False, id="not major"),
        pytest.param({"is_private": True}, True, id="private: to tell why nothing is published"),
    ],
)
def test_orders_are_read_of_major_incidents(incident: dict[str, Any], is_read: bool):
    passes = Passes()
    passes.said(a_comment(), **incident)
    assert bool(passes.orders) is is_read


@pytest.mark.parametrize(
    ("name", "is_read"),
    [
        ("public_page:opening", True),
        ("mail:opening", True),
        ("room:question-question", False),
        ("staff_page_name", False),
    ],
)
def test_orders_of_a_lowered_incident_are_read_where_people_were_told_of_it(name: str, is_read: bool):
    passes = Passes()
    passes.told(name)
    passes.said(a_comment(), severity=Severity.SEV3)
    assert bool(passes.orders) is is_read


def test_orders_of_an_incident_that_is_not_major_any_more_are_followed():
    passes = Passes()
    passes.said(a_comment())
    passes.said(severity=Severity.SEV3)
    assert passes.orders == ()


@pytest.mark.parametrize(
    ("go_live_s", "read_after_s", "changes", "is_read"),
    [
        pytest.param(61, 120, [], False, id="of before go_live"),
        pytest.param(60, 120, [], True, id="of go_live"),
        pytest.param(0, 86_460, [], True, id="read after most of a day"),
        pytest.param(0, 86_461, [], False, id="read a day later: some comment of long ago"),
        pytest.param(0, 2_000, [("3", "2", 960)], True, id="raised in the quarter of an hour after it"),
        pytest.param(0, 2_000, [("3", "2", 961)], False, id="of a lesser incident, raised later"),
        pytest.param(0, 2_000, [("2", "3", 100), ("3", "2", 1_900)], True, id="of a major one, lowered and raised since"),
        pytest.param(0, 2_000, [("2", "1", 1_900)], True, id="of a major one, made worse since"),
    ],
)
def test_what_was_written_when_nobody_would_have_told_it_is_no_order(
    go_live_s: float, read_after_s: float, changes: list[tuple[str, str, float]], is_read: bool
):
    passes = Passes()
    passes.go_live = NOW + seconds(go_live_s)
    passes.small.clock.at = NOW + seconds(read_after_s)
    passes.said(a_comment(), changes=tuple(a_change("severity", new, old=old, after_s=at) for old, new, at in changes))
    assert bool(passes.orders) is is_read


@pytest.mark.parametrize(
    ("after_s", "is_read"),
    [
        pytest.param(960, True, id="in the quarter of an hour after it"),
        pytest.param(961, False, id="later: colleagues said so to each other"),
    ],
)
def test_what_was_written_before_it_was_an_incident_is_no_order(after_s: float, is_read: bool):
    passes = Passes()
    passes.small.clock.at = NOW + seconds(2_000)
    passes.said(a_comment(), changes=(a_change(INCIDENT, "yes", after_s=after_s),))
    assert bool(passes.orders) is is_read


def test_what_waits_to_be_told_is_not_forgotten_for_its_age():
    """Its author hears that it is too old (`rulings`)."""
    passes = Passes()
    passes.said(a_comment())
    passes.small.clock.at = NOW + seconds(900_000)
    passes.said(a_comment())
    assert len(passes.orders) == 1


# --- what was told ---------------------------------------------------------------------------------------------------


def test_what_was_told_is_frozen_but_for_its_authors_words():
    passes = Passes()
    passes.said(a_comment())
    passes.told()
    passes.said(
        a_comment("update: All is well.", edited_at=NOW + seconds(500)),
        severity=Severity.SEV2, impact={"customers": "a million"}, assignee=EMMA,
    )  # fmt: skip
    [order] = passes.orders
    assert (order.text, order.edited_at) == ("update: All is well.", NOW + seconds(500))
    assert (order.severity, order.impact, order.account_id) == (Severity.SEV1, (("customers", "ten"),), "acc-mia")


@pytest.mark.parametrize(
    ("amid", "why"),
    [
        ({"is_private": True}, "it was written while the incident was private"),
        ({"is_drill": True}, "it was written while this was a drill"),
    ],
)
@pytest.mark.parametrize("text", ["public: We lost data.", "update: We lost data."])
def test_what_was_written_amid_a_drill_or_in_private_is_told_only_when_it_is_written_again(
    amid: dict[str, Any], why: str, text: str
):
    passes = Passes()
    passes.said(a_comment(text), **amid)
    passes.said(a_comment(text), **dict.fromkeys(amid, False))
    [ruling] = rulings(passes.policy, passes.scene())
    assert (ruling.standing, ruling.why.startswith(why)) == (Standing.REFUSED, True)
    passes.small.clock.at += seconds(600)
    passes.said(a_comment(f"{text} All.", edited_at=NOW + seconds(600)))
    [ruling] = rulings(passes.policy, passes.scene())
    assert not ruling.why.startswith("it was written")


def test_what_customers_have_read_something_newer_than_is_not_told_any_more():
    passes = Passes()
    older, newer = a_comment("public: We do not know why.", at=NOW), a_comment("public monitoring: It works.", "10101")
    passes.said(older, replace(newer, at=NOW + seconds(600), edited_at=NOW + seconds(600)))
    passes.told("public_page:order-10101")
    refused = [one.why for one in rulings(passes.policy, passes.scene()) if one.order.comment_id == older.id]
    assert refused == ["customers have read something newer since; write it again if it is still to be told"]


def test_that_it_is_over_is_not_told_any_more_where_it_was_opened_again_since():
    passes = Passes()
    reopened = a_change("status", Status.FIXING, old=Status.RESOLVED, after_s=300)
    passes.said(a_comment("public resolved: All is well."), changes=(reopened,))
    [ruling] = rulings(passes.policy, passes.scene())
    assert ruling.why == "the incident was opened again since; write it again if it is still to be told"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("public: -We lost data.- All is slow.", ": words in it are struck through"),
        ("public: Slow.\n{quote}We lost data.{quote}", ": it holds a quotation"),
        ("We lost nothing.", ". What was told stands as it was."),
    ],
)
def test_whoever_takes_words_back_that_were_told_hears_where_that_is_in_vain(text: str, why: str):
    passes = Passes()
    passes.said(a_comment("public: We lost data."))
    passes.told("public_page:order-10100")
    passes.said(a_comment(text, edited_at=NOW + seconds(300)))
    [said] = passes.says
    assert said.startswith(f"{MIA.name} edited a comment that had been told, into what cannot be{why}")


def test_deleting_a_comment_that_was_told_deletes_nothing():
    passes = Passes()
    passes.said(a_comment())
    passes.told()
    passes.said()
    assert len(passes.orders) == 1


@pytest.mark.parametrize(
    "text",
    ["never mind", "public: All is well.", "draft: update: All is well.", "update:", f"update: {'x' * TEXT_LIMIT}"],
    ids=["no order", "for others", "a draft", "empty", "too long"],
)
def test_what_was_told_is_changed_by_an_update_of_its_kind_alone(text: str):
    passes = Passes()
    passes.said(a_comment())
    passes.told()
    passes.said(a_comment(text))
    assert [order.text for order in passes.orders] == ["update: All is slow."]


def test_an_order_is_whose_words_it_holds():
    passes = Passes()
    passes.said(a_comment("update: Gone.", edited_by=EMMA))
    assert [(order.account_id, order.by) for order in passes.orders] == [("acc-emma", "Emma Reyes")]


def test_whoever_had_a_hand_in_the_words_is_known_also_of_what_was_told():
    """They are not the second person who reads it."""
    passes = Passes(review=Review.REQUIRED)
    passes.said(a_comment("update: Slow.", edited_by=EMMA))
    assert [(order.account_id, order.hands) for order in passes.orders] == [("acc-emma", ("acc-emma", "acc-mia"))]
    passes.said(a_comment())
    passes.told()
    passes.said(a_comment("update: Gone.", edited_by=EMMA), roles={"communications_manager": (EMMA,)})
    assert [(order.account_id, order.hands) for order in passes.orders] == [("acc-mia", ("acc-emma", "acc-mia"))]


@pytest.mark.parametrize("is_told", [False, True])
def test_words_of_which_nobody_knows_whose_they_are_are_nobodys_order(is_told: bool):
    passes = Passes()
    passes.said(a_comment())
    if is_told:
        passes.told()
    passes.said(a_comment("update: Gone.", edited_at=NOW + seconds(70), edited_by=Person("", "")))
    [order] = passes.orders
    told = ("update: All is slow.", "acc-mia")
    assert (order.text, order.account_id) == (told if is_told else ("update: Gone.", ""))


@pytest.mark.parametrize(
    ("roles", "text"), [({}, "update: All is slow."), ({"communications_manager": (EMMA,)}, "update: Gone.")]
)
def test_what_was_told_is_changed_by_nobody_who_may_not_order(roles: dict[str, Any], text: str):
    passes = Passes()
    passes.said(a_comment())
    passes.told()
    passes.said(a_comment("update: Gone.", edited_by=EMMA), roles=roles)
    assert [(order.text, order.by) for order in passes.orders] == [(text, "Mia Moore")]


@pytest.mark.parametrize(
    ("name", "vendor_id"), [("mail:order-10100", None), ("room:draft-10100", "m-1"), ("mail:order-101001", "m-1")]
)
def test_what_was_not_told_is_not_frozen(name: str, vendor_id: str | None):
    passes = Passes()
    passes.said(a_comment())
    passes.told(name, vendor_id)
    passes.said()
    assert passes.orders == ()


# --- who is in which group -----------------------------------------------------------------------------------------------


def test_groups_are_asked_for_only_where_some_may_order_and_only_of_others():
    passes = Passes(order_groups=frozenset({"Comms"}))
    passes.tickets.groups = {"acc-emma": {"comms"}, "acc-mia": {"comms"}}
    passes.said(a_comment(), a_comment(id_="10101", by=EMMA))
    assert [order.in_group for order in passes.orders] == [False, True]
    passes.tickets.groups.clear()
    passes.said(*passes.tickets.said)
    assert [order.in_group for order in passes.orders] == [False, False]


def test_a_jira_that_tells_no_groups_keeps_no_other_order_back_and_is_asked_again():
    passes = Passes(order_groups=frozenset({"comms"}))
    passes.tickets.groups_error = TemporaryError("jira", "groups_of", "403 forbidden", out_of_service=True)
    passes.said(a_comment(), a_comment(id_="10101", by=EMMA))
    assert [order.comment_id for order in passes.orders] == ["10100", "10101"]
    passes.tickets.groups_error = None
    passes.tickets.groups = {"acc-emma": {"comms"}}
    passes.small.clock.at += seconds(400)
    passes.settle()
    assert [order.in_group for order in passes.orders] == [False, True]


# --- whom it mentions ----------------------------------------------------------------------------------------------------

LUKASZ = Person("712020:fd5c", "Łukasz Nowak")
ASKED = f"update: [~accountid:{LUKASZ.account_id}] asks [~accountid:acc-mia] and [~accountid:gone]."


def test_whoever_is_mentioned_is_kept_by_name_and_only_strangers_are_looked_up():
    passes = Passes()
    passes.tickets.accounts.append(LUKASZ)
    passes.said(a_comment(ASKED), a_comment("[~accountid:other] looks", "10101"))
    assert [order.names for order in passes.orders] == [((LUKASZ.account_id, "Łukasz Nowak"), ("acc-mia", "Mia Moore"))]
    assert passes.tickets.looked_up == [[LUKASZ.account_id, "gone"]]
    passes.said(*passes.tickets.said)
    assert passes.tickets.looked_up[1:] == [["gone"]]


def test_what_people_were_called_when_it_was_told_they_still_are():
    passes = Passes()
    passes.tickets.accounts.append(LUKASZ)
    passes.said(a_comment(ASKED))
    passes.told()
    married = replace(MIA, name="Mia Marsh")
    passes.said(a_comment(f"{ASKED} Soon."), assignee=married)
    assert dict(passes.orders[0].names)["acc-mia"] == "Mia Moore"


def test_a_jira_that_cannot_say_who_they_are_keeps_no_order_back_and_is_asked_again():
    passes = Passes()
    passes.tickets.accounts.append(LUKASZ)
    passes.tickets.people_error = TemporaryError("jira", "people", "timed out")
    passes.said(a_comment(ASKED), a_comment(f"{ASKED} [~accountid:more]", "10101"))
    assert [dict(order.names) for order in passes.orders] == [{"acc-mia": "Mia Moore"}] * 2
    assert len(passes.tickets.looked_up) == 1
    passes.tickets.people_error = None
    passes.small.clock.at += seconds(61)
    passes.settle()
    assert [dict(order.names).get(LUKASZ.account_id) for order in passes.orders] == ["Łukasz Nowak"] * 2


@pytest.mark.parametrize(
    "error", [PermanentError("jira", "people", "400"), TemporaryError("jira", "people", "403", out_of_service=True)]
)
def test_a_jira_that_shows_us_nobody_is_not_asked_again_for_that(error: Exception):
    passes = Passes()
    passes.tickets.people_error = error
    passes.said(a_comment(ASKED))
    passes.small.clock.at += seconds(400)
    assert not any(outcome.changed or outcome.pending for outcome in passes.settle())


# --- bounds and crashes ----------------------------------------------------------------------------------------------


def test_however_many_notes_there_are_orders_are_taken_and_too_many_orders_are_told_of():
    passes = Passes()
    for number in range(NOTES_LIMIT):
        passes.small.ledger.add_note(ISSUE, a_note(f"slack:C1:{number}"))
    passes.said(*(a_comment(id_=str(20_000 + number)) for number in range(ORDERS_LIMIT + 1)))
    assert len(passes.orders) == ORDERS_LIMIT
    assert passes.says == TOO_MANY


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("effect", range(5))
def test_killed_at_any_effect_every_order_is_there_once_in_the_end(effect: int, after: bool):
    passes = Passes()
    passes.small.mortality.kill_at, passes.small.mortality.after = effect, after
    comments = (a_comment(), a_comment(id_="10102"))
    try:
        passes.said(*comments)
    except Killed:
        passes.small.mortality.kill_at = None
    for _ in range(2):
        passes.small.clock.at += seconds(61)
        passes.settle()
    assert [order.comment_id for order in passes.orders] == ["10100", "10102"]
