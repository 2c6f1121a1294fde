"""What staff and customers are told: computed anew, in order, and nothing but what may be told now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.artifacts.announcements import NO_PRODUCTS, Announcements
from chalicelib.artifacts.artifact import Scene
from chalicelib.artifacts.rulings import Standing
from chalicelib.artifacts.staff_words import Reach
from chalicelib.artifacts.topic_words import said_unknown, title_of
from chalicelib.domain.announcement import Announcement, Audience, ComponentState, Order, Progress
from chalicelib.domain.incident import Resolution, Severity, Status
from chalicelib.domain.orders import Topic
from chalicelib.domain.telling import Review
from chalicelib.domain.text import width
from chalicelib.ports.ledger import ArtifactState
from tests.artifacts.telling_world import WORDS, a_policy, a_record, a_scene, an_announcer, an_order
from tests.builders import EMMA, FIREBELL, MIA, NOW, ROBOT, a_change, a_page, seconds

TAKEN: dict[str, Any] = {"status": Status.FIXING, "changes": (a_change("status", Status.FIXING),)}
ANNOUNCER = an_announcer()


def ids(announcements: tuple[Announcement, ...]) -> list[str]:
    return [one.id for one in announcements]


# --- staff: the opening ------------------------------------------------------------------------------------------


def test_staff_are_told_what_it_is_and_where_people_meet():
    scene = a_scene(products=("Payments", "Web", "Search"), links={"chat_room": "https://chat.example.com/hot-42"})
    [opening] = ANNOUNCER.staff(scene)
    assert opening.subject == "HOT-42 - Sev 1 - Checkout is down"
    assert opening.body == (
        "We are investigating an incident affecting Payments, Web and Search."
        " We will provide updates via email and Statuspage shortly.\n\n"
        "HOT-42: https://example.atlassian.net/browse/HOT-42\n\nChat room: https://chat.example.com/hot-42"
    )
    assert (opening.id, opening.audience, opening.progress) == ("opening", Audience.STAFF, Progress.INVESTIGATING)
    assert opening.components[0] == ("Payments", ComponentState.MAJOR_OUTAGE)


@pytest.mark.parametrize(
    ("reach", "opening", "update"),
    [
        pytest.param(Reach(), "updates via email and Statuspage shortly.", "latest, via email and Statuspage.", id="both"),
        pytest.param(Reach(page=False), "updates via email shortly.", "latest, via email.", id="mail alone"),
        pytest.param(Reach(mail=False), "updates on Statuspage shortly.", "latest, on Statuspage.", id="a page alone"),
        pytest.param(Reach(mail=False, page=False), "updates shortly.", "latest.", id="the room alone"),
    ],
)
@pytest.mark.parametrize("is_drill", [False, True])
def test_staff_are_told_where_to_look_only_where_they_find_it(reach: Reach, opening: str, update: str, is_drill: bool):
    reaches: dict[str, Any] = {
        ("drills_reach" if is_drill else "reach"): reach,
        ("reach" if is_drill else "drills_reach"): Reach(),
    }
    first, second = replace(ANNOUNCER, **reaches).staff(a_scene(an_order(), is_drill=is_drill))
    assert opening in first.body
    assert second.body.endswith(update)


def test_of_no_products_staff_are_told_that_they_are_not_known():
    [opening] = ANNOUNCER.staff(a_scene(products=()))
    assert opening.body.startswith("We are investigating an incident affecting products not yet known. We will")


def test_only_the_summary_is_shortened_and_a_drill_says_so_first():
    [opening] = ANNOUNCER.staff(a_scene(summary="🔥" * 300, is_drill=True))
    assert opening.subject.startswith("[DRILL] HOT-42 - Sev 1 - 🔥")
    assert opening.subject.endswith("🔥…")
    assert 200 < width(opening.subject) <= 255
    assert opening.body.startswith("This is a drill.\n\n")


@pytest.mark.parametrize(
    ("scene", "policy", "after"),
    [
        pytest.param(a_scene(), {}, timedelta(minutes=10), id="nobody took it: ten minutes"),
        pytest.param(a_scene(), {"opens_after": timedelta(minutes=5)}, timedelta(minutes=5), id="as settings say"),
        pytest.param(a_scene(), {"opens_at_once": True}, timedelta(), id="at once, if a company wants that"),
        pytest.param(a_scene(**TAKEN), {}, timedelta(), id="somebody took it in Jira"),
        pytest.param(replace(a_scene(), rung=(a_page(acked_at=NOW),)), {}, timedelta(), id="somebody acknowledged"),
        pytest.param(
            a_scene(status=Status.FIXING, changes=(a_change("status", Status.FIXING, FIREBELL),)),
            {}, timedelta(minutes=10), id="Firebell itself took it",
        ),
    ],
)  # fmt: skip
def test_staff_are_told_once_somebody_has_it_or_ten_minutes_after(scene: Scene, policy: dict[str, Any], after: timedelta):
    [opening] = an_announcer(a_policy(**policy)).staff(scene)
    assert opening.not_before == NOW + after


@pytest.mark.parametrize(
    "scene",
    [
        pytest.param(a_scene(an_order(), is_private=True, told=["mail:opening"]), id="private, told before or not"),
        pytest.param(a_scene(severity=Severity.SEV3), id="severity 3"),
        pytest.param(replace(a_scene(), wanted=False), id="resolved, or adopted at go-live"),
    ],
)
def test_staff_are_told_nothing_of(scene: Scene):
    assert ANNOUNCER.staff(scene) == ()


def test_what_was_told_follows_the_incident_whatever_becomes_of_it():
    scene = replace(a_scene(severity=Severity.SEV3, told=["mail:opening"]), wanted=False)
    assert [one.subject for one in ANNOUNCER.staff(scene)] == ["HOT-42 - Sev 3 - Checkout is down"]


# --- staff: updates ----------------------------------------------------------------------------------------------


def test_an_update_is_held_for_a_minute_from_its_last_edit():
    order = an_order(edited_at=NOW + seconds(200))
    _, update = ANNOUNCER.staff(a_scene(order))
    assert update.not_before == NOW + seconds(260)
    assert update.order == Order(order.comment_id, order.text, "Mia Moore", NOW + seconds(200))


def test_an_update_says_what_its_author_wrote_and_what_is_unknown():
    order = an_order(
        "update: Baskets stay empty for one in ten.\nCurrent status\n* The cache is restarted\nNext steps\n* We watch\n"
        "Root cause: a full disk",
        impact=(("customers", "about 4,000"),),
    )
    _, update = ANNOUNCER.staff(a_scene(order))
    assert update.body == (
        "Baskets stay empty for one in ten.\n\n"
        "Current status\n- The cache is restarted\n\n"
        "Next steps\n- We watch\n\n"
        "What is known\n- Customers affected outside: about 4,000\n- Root cause: a full disk\n\n"
        "The actual impact is currently unknown."
        " How many customers inside the company are affected is currently unknown."
        " There is currently no estimate of when it will be resolved.\n\n"
        "The next update follows by 03:33 UTC at the latest, via email and Statuspage."
    )
    assert update.progress is Progress.IDENTIFIED


@pytest.mark.parametrize(("cases", "told"), [(None, False), (0, True), (3, True)])
def test_an_update_tells_how_many_cases_of_customers_there_were_when_it_was_ordered(cases: int | None, told: bool):
    _, update = ANNOUNCER.staff(a_scene(an_order(cases=cases)))
    assert (f"Support cases: {cases}" in update.body) is told
    assert ("Support" in update.body) is told


def test_every_topic_has_a_title_and_a_sentence_for_when_it_is_unknown():
    for audience in Audience:
        assert all(title_of(WORDS, topic, audience) for topic in Topic)
    assert said_unknown(WORDS, [Topic.CAUSE]) == ("The root cause is currently unknown.",)
    assert all(said_unknown(WORDS, set(Topic) - {Topic.NEXT}))


def test_customers_are_called_so_before_themselves():
    assert title_of(WORDS, Topic.OUTSIDE, Audience.PUBLIC) == "Customers affected"
    assert title_of(WORDS, Topic.OUTSIDE) == "Customers affected outside"


def test_a_promised_time_is_said_as_it_was_promised_and_not_again_in_the_next_update():
    first = an_order("update: Slow.\nNext update: 04:00 UTC in the room")
    bodies = [one.body for one in ANNOUNCER.staff(a_scene(first, an_order("update: Still slow.", 240)))[1:]]
    assert bodies[0].endswith("\n\nNext update: 04:00 UTC in the room")
    assert bodies[1].endswith("The next update follows by 03:35 UTC at the latest, via email and Statuspage.")


def test_an_answer_holds_until_a_newer_one_and_never_changes_what_was_told():
    first = an_order("update: Slow.\nRoot cause: a full disk")
    second = an_order("update: Still slow.\nETA: noon", 240)
    third = an_order("update: Better.\nRoot cause: a loose cable", 360)
    alone = ANNOUNCER.staff(a_scene(first))[1]
    _, *updates = ANNOUNCER.staff(a_scene(first, second, third, impact={"customers": "all of them"}))
    assert updates[0] == alone
    assert "- Root cause: a full disk\n- Expected to be resolved: noon" in updates[1].body
    assert "- Root cause: a loose cable\n- Expected to be resolved: noon" in updates[2].body


def test_once_it_is_resolved_nothing_is_unknown_and_nothing_follows():
    scene = a_scene(an_order(resolved=True), told=["mail:opening"], status=Status.RESOLVED)
    update = ANNOUNCER.staff(scene)[-1]
    assert (update.progress, update.body) == (Progress.RESOLVED, "Baskets stay empty.")


@pytest.mark.parametrize("text", ["update: Baskets stay empty.", "public: Baskets stay empty."])
def test_what_was_ordered_while_it_was_resolved_does_not_say_so_when_it_is_open_again(text: str):
    order = an_order(text, resolved=True)
    over = a_scene(order, told=["mail:opening"], status=Status.RESOLVED)
    again = a_scene(order, told=["mail:opening"])
    tell = ANNOUNCER.public if text.startswith("public") else ANNOUNCER.staff
    before, after = tell(over)[-1], tell(again)[-1]
    assert (before.progress, after.progress) == (Progress.RESOLVED, Progress.INVESTIGATING)
    assert after.body == before.body == "Baskets stay empty."


def test_whoever_is_mentioned_is_called_by_name_also_in_what_is_known_since():
    first = an_order(
        "update: [~accountid:712020:fd5c] and [~accountid:gone] look at it.\nRoot cause: ask [~accountid:712020:fd5c]",
        names=(("712020:fd5c", "Łukasz Nowak"),),
    )
    _, update, later = ANNOUNCER.staff(a_scene(first, an_order("update: Still slow.", 240)))
    assert update.body.startswith("@Łukasz Nowak and @somebody look at it.")
    assert "Root cause: ask @Łukasz Nowak" in update.body
    assert "Root cause: ask @Łukasz Nowak" in later.body


@pytest.mark.parametrize("names", [(), (("712020:fd5c", "Łukasz Nowak"),)])
def test_whoever_is_mentioned_is_not_named_to_customers(names: Any):
    order = an_order("public: [~accountid:712020:fd5c] looks at it.", names=names)
    assert ANNOUNCER.public(a_scene(order)) == ()
    other = an_order("public: Nowak looks at it.", 240)
    assert [one.why for one in ANNOUNCER.held(a_scene(order, other))][1:] == (
        [('"nowak" is the name of a person',)] if names else []
    )


def test_updates_are_told_in_the_order_in_which_they_become_due_and_what_was_told_stays_first():
    first, second = an_order(edited_at=NOW + seconds(400)), an_order("update: Still.", 240)
    assert ids(ANNOUNCER.staff(a_scene(first, second)))[1:] == ["order-10240", "order-10120"]
    assert ids(ANNOUNCER.staff(a_scene(first, second, told=["mail:order-10120"])))[1:] == ["order-10120", "order-10240"]


# --- whose word counts -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scene", "why"),
    [
        pytest.param(a_scene(an_order(by=EMMA)), "only the incident manager, the communications manager can order", id="other"),
        pytest.param(a_scene(an_order(account_id="")), "only the incident manager", id="nobody knows whose"),
        pytest.param(a_scene(an_order("public fixed: x")), 'nobody knows what "fixed" means', id="unknown word"),
        pytest.param(a_scene(an_order("public resolved: x")), "the incident is not resolved yet", id="not resolved"),
        pytest.param(a_scene(an_order("public monitoring: x"), status=Status.RESOLVED), "the incident is resolved", id="over"),
        pytest.param(a_scene(an_order(), is_private=True), "the incident is private", id="private"),
        pytest.param(a_scene(an_order(), severity=Severity.SEV3), "only incidents of severity 1 and 2", id="not major"),
        pytest.param(a_scene(an_order("public: x"), is_drill=True), "this is a drill", id="customers of a drill"),
    ],
)
def test_an_order_that_does_not_count_says_why_and_is_told_nowhere(scene: Scene, why: str):
    [ruling] = ANNOUNCER.rulings(scene)
    assert ruling.why.startswith(why)
    assert not any(one.order for one in (*ANNOUNCER.staff(scene), *ANNOUNCER.public(scene)))


@pytest.mark.parametrize(
    ("text", "reaches", "why"),
    [
        pytest.param("public: x", {Audience.STAFF}, "there is no status page for customers", id="customers"),
        pytest.param("update: x", {Audience.PUBLIC}, "there is no room, no mail and no status page for staff", id="staff"),
        pytest.param("update: x", {Audience.STAFF}, "", id="only staff, of whom it asks"),
    ],
)
def test_an_order_for_whom_no_channel_reaches_says_so_at_once(text: str, reaches: set[Audience], why: str):
    announcer = replace(ANNOUNCER, policy=replace(ANNOUNCER.policy, reaches=frozenset(reaches)))
    [ruling] = announcer.rulings(a_scene(an_order(text)))
    assert (ruling.standing is Standing.REFUSED, ruling.why.startswith(why)) == (bool(why), True)


@pytest.mark.parametrize(
    ("text", "told", "counts"),
    [
        pytest.param("public monitoring: x", ["public_page:opening"], True, id="customers were told"),
        pytest.param("update: x", ["mail:opening"], True, id="staff were told"),
        pytest.param("update: x", [a_record("mail:opening", None, ArtifactState.SENDING)], True, id="they may have been"),
        pytest.param("public: x", ["staff_page:opening"], False, id="others were told"),
        pytest.param("update: x", ["room:draft-1"], False, id="nobody was told"),
    ],
)
def test_of_a_lowered_incident_those_are_told_more_who_were_told_of_it(text: str, told: list[Any], counts: bool):
    scene = a_scene(an_order(text), severity=Severity.SEV3, told=told)
    [ruling] = ANNOUNCER.rulings(scene)
    assert bool(ruling.why) is not counts
    assert any(one.order for one in (*ANNOUNCER.staff(scene), *ANNOUNCER.public(scene))) is counts


def test_a_draft_in_the_room_has_told_nobody():
    scene = a_scene(an_order("draft: update: x"), told=["room:draft-10120"], **RESOLVED)
    assert an_announcer(endings=(an_ending,)).staff(replace(scene, wanted=False)) == ()


@pytest.mark.parametrize(
    "order",
    [
        pytest.param(an_order(by=MIA), id="the manager"),
        pytest.param(an_order(by=EMMA), id="the communications manager"),
        pytest.param(an_order(by=ROBOT, in_group=True), id="a member of a group"),
    ],
)
def test_those_may_order(order: Any):
    scene = a_scene(order, roles={"communications_manager": (EMMA,)})
    assert ids(ANNOUNCER.staff(scene)) == ["opening", order.announcement_id]


@pytest.mark.parametrize("text", ["update: Baskets stay empty.", "public: Baskets stay empty."])
@pytest.mark.parametrize(
    ("after_s", "told", "counts"),
    [
        pytest.param(86_520, [], True, id="a vendor was away for most of a day"),
        pytest.param(86_521, [], False, id="it waited for longer than a day"),
        pytest.param(900_000, ["mail:order-10120", "public_page:order-10120"], True, id="it was told"),
    ],
)
def test_an_order_that_was_told_nowhere_within_a_day_is_told_no_more(text: str, after_s: float, told: list[str], counts: bool):
    scene = a_scene(an_order(text), told=told, after_s=after_s)
    assert any(one.order for one in (*ANNOUNCER.staff(scene), *ANNOUNCER.public(scene))) is counts
    [ruling] = ANNOUNCER.rulings(scene)
    assert ruling.why.startswith("" if counts else "it is more than a day old")


def test_what_is_true_now_decides_until_it_was_told():
    order = an_order(by=EMMA)
    assert ids(ANNOUNCER.staff(a_scene(order, assignee=EMMA))) == ["opening", "order-10120"]
    assert ids(ANNOUNCER.staff(a_scene(order, assignee=MIA))) == ["opening"]
    assert ids(ANNOUNCER.staff(a_scene(order, assignee=MIA, told=["staff_page:order-10120"]))) == ["opening", "order-10120"]


def test_where_a_second_person_has_to_read_it_nothing_is_told_before():
    announcer = an_announcer(a_policy(review=Review.REQUIRED))
    order, roles = an_order(), {"communications_manager": (EMMA,)}
    agreed = an_order("approved", 200, by=EMMA)
    for orders in (
        [order],
        [order, replace(agreed, account_id=MIA.account_id)],
        [order, replace(agreed, account_id="acc-else")],
        [order, replace(agreed, account_id="")],
        [replace(order, hands=("acc-emma", "acc-mia")), agreed],
        [replace(order, edited_at=NOW + seconds(201)), agreed],
    ):
        scene = a_scene(*orders, roles=roles)
        assert ids(announcer.staff(scene)) == ["opening"]
        assert announcer.rulings(scene)[0].why == 'somebody else who may order it has commented "approved"'
    assert announcer.staff(a_scene(order, agreed, roles=roles))[1].not_before == NOW + seconds(200)


@pytest.mark.parametrize(("text", "words"), [("update: Slow.", "update follows"), ("public: Slow.", "the next update")])
def test_when_people_hear_again_counts_from_when_they_may_be_told(text: str, words: str):
    announcer = an_announcer(a_policy(review=Review.REQUIRED))
    orders = an_order(text), an_order("approved", 2_820, by=EMMA)
    scene = a_scene(*orders, after_s=3_000, roles={"communications_manager": (EMMA,)})
    told = (announcer.public if text.startswith("public") else announcer.staff)(scene)[-1]
    assert f"{words} by 04:17 UTC" in told.body


def test_an_edit_that_nobody_has_read_yet_leaves_what_was_told_as_it_is():
    announcer = an_announcer(a_policy(review=Review.REQUIRED))
    scene = a_scene(an_order(), told=["mail:order-10120"])
    assert ids(announcer.staff(scene)) == ["opening"]


# --- customers ---------------------------------------------------------------------------------------------------


def test_customers_are_told_nothing_before_a_human_says_so():
    moved_by_us = (a_change("status", Status.FIXING, FIREBELL),)
    for announcer in (ANNOUNCER, an_announcer(a_policy(opens_on_fixing=True))):
        assert announcer.public(a_scene(status=Status.FIXING, changes=moved_by_us)) == ()
    assert ANNOUNCER.public(a_scene(**TAKEN)) == ()


@pytest.mark.parametrize(
    ("announcer", "said"),
    [
        pytest.param(ANNOUNCER, {"customer_visible": True}, id="the field says so"),
        pytest.param(an_announcer(a_policy(opens_on_fixing=True)), TAKEN, id="a human moved it to Fixing, where that counts"),
    ],
)
def test_a_human_opens_it_for_customers(announcer: Announcements, said: dict[str, Any]):
    [opening] = announcer.public(a_scene(products=("Payments", "Web  Shop", "Ledger", "Unheard"), **said))
    assert opening.subject == "Investigating issues with Example Pay and the web shop"
    assert opening.body == ("We are investigating issues with Example Pay and the web shop and will provide updates here soon.")
    assert (opening.audience, opening.components) == (Audience.PUBLIC, ())


@pytest.mark.parametrize(
    "scene",
    [
        pytest.param(a_scene(an_order("public: x"), is_private=True, customer_visible=True), id="private"),
        pytest.param(a_scene(an_order("public: x"), is_drill=True, customer_visible=True), id="a drill"),
        pytest.param(a_scene(severity=Severity.SEV3, customer_visible=True), id="severity 3"),
        pytest.param(a_scene(status=Status.RESOLVED, customer_visible=True), id="over before anybody said so"),
        pytest.param(
            replace(a_scene(customer_visible=True), wanted=False), id="adopted: said before there was anybody to tell"
        ),
    ],
)
def test_customers_are_told_nothing_of(scene: Scene):
    assert ANNOUNCER.public(scene) == ()
    assert ANNOUNCER.held(scene) == ()


def test_the_words_of_an_order_open_it():
    scene = a_scene(an_order("public identified: Some payments fail."), customer_visible=True)
    [update] = ANNOUNCER.public(scene)
    assert (update.id, update.progress) == ("order-10120", Progress.IDENTIFIED)
    assert update.subject == "Investigating issues with Example Pay"
    assert update.body == "Some payments fail.\n\nWe will provide the next update by 03:33 UTC."


@pytest.mark.parametrize("first", ["public:", *(f"public {one}:" for one in Progress)])
def test_customers_read_that_something_is_unknown_only_where_its_author_wrote_so(first: str):
    scene = a_scene(an_order(f"{first} A full disk keeps payments from going through."), told=["public_page:opening"])
    assert not any("unknown" in one.body for one in ANNOUNCER.public(scene))
    assert not any(one.unknown for one in ANNOUNCER.filled(scene))
    [_, said] = ANNOUNCER.public(a_scene(an_order("public: Slow.\nRoot cause: unknown"), told=["public_page:opening"]))
    assert "Root cause: unknown" in said.body


def test_what_opened_it_first_stays():
    scene = a_scene(an_order("public: Some payments fail."), told=["public_page:opening"])
    assert ids(ANNOUNCER.public(scene)) == ["opening", "order-10120"]


def test_how_far_it_has_come_need_not_be_said_again():
    orders = [
        an_order("public: Some fail.", 120), an_order("public identified: Found.", 180), an_order("public: Fewer fail.", 240),
    ]  # fmt: skip
    assert [one.progress for one in ANNOUNCER.public(a_scene(*orders))] == [
        Progress.INVESTIGATING, Progress.IDENTIFIED, Progress.IDENTIFIED,
    ]  # fmt: skip


def test_how_products_do_changes_only_as_the_order_says():
    plain, state = an_order("public: Slow."), an_order("public partial_outage: Some fail.", 180)
    components = [one.components for one in ANNOUNCER.public(a_scene(plain, state))]
    assert components == [(), (("Payments", ComponentState.PARTIAL_OUTAGE),)]


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        pytest.param(("Payments",), ("Payments",), id="a product that was named since is not its matter"),
        pytest.param(("Payments", "Ledger"), ("Payments", "Ledger"), id="nor is one that was taken out"),
        pytest.param((), (), id="none was named"),
        pytest.param(None, ("Payments", "Web shop"), id="from before they were kept"),
    ],
)
def test_an_order_says_how_the_products_do_that_were_named_when_it_was_read(
    kept: tuple[str, ...] | None, shown: tuple[str, ...]
):
    order = an_order("public major_outage: All fail.", products=kept)
    [update] = ANNOUNCER.public(a_scene(order, products=("Payments", "Web shop")))
    assert update.components == tuple((product, ComponentState.MAJOR_OUTAGE) for product in shown)


def test_customers_read_no_answer_that_was_not_meant_for_them():
    staff = an_order("update: Slow.\nRoot cause: mirror failed\nETA: noon")
    public = an_order("public: Some payments fail.", 180, impact=(("root_cause", "a spy"), ("eta", "never")))
    [update] = ANNOUNCER.public(a_scene(staff, public, impact={"root_cause": "a spy"}))
    assert update.body.startswith("Some payments fail.\n\nWe will provide the next update")
    assert not any(word in update.body for word in ("mirror", "noon", "spy", "never"))


def test_an_answer_for_customers_holds_in_later_updates_for_them():
    first = an_order("public identified: Slow.\nRoot cause: a full disk\nImpact: one in ten orders")
    second = an_order("public: Better.\nETA: noon", 180)
    one, two = ANNOUNCER.public(a_scene(first, second))
    assert one.body.startswith("Slow.\n\n- Impact: one in ten orders\n- Root cause: a full disk\n\nWe will")
    assert two.body.startswith("Better.\n\n- Root cause: a full disk\n- Expected to be resolved: noon\n\nWe will")


def test_after_a_resolve_an_order_for_customers_adds_to_what_is_over():
    order = an_order("public resolved: Payments failed for an hour.", resolved=True)
    [update, *_] = ANNOUNCER.public(a_scene(order, status=Status.RESOLVED))
    assert (update.progress, update.body) == (Progress.RESOLVED, "Payments failed for an hour.")


@pytest.mark.parametrize(
    ("text", "progress"),
    [
        ("public: Payments fail still.", Progress.INVESTIGATING),
        ("public monitoring: Payments work again.", Progress.MONITORING),
        ("public resolved: Payments work.", Progress.RESOLVED),
    ],
)
def test_customers_are_told_what_a_human_says_of_a_closed_duplicate(text: str, progress: Progress):
    closed: dict[str, Any] = {"status": Status.RESOLVED, "resolution": Resolution.DUPLICATE}
    [update] = ANNOUNCER.public(a_scene(an_order(text), told=["public_page:order-1"], **closed))
    assert update.progress is progress


@pytest.mark.parametrize("text", ["public: Payments fail.", "public resolved: Payments work."])
def test_a_closed_duplicate_of_which_customers_heard_nothing_opens_nothing_on_their_page(text: str):
    scene = a_scene(an_order(text), status=Status.RESOLVED, resolution=Resolution.DUPLICATE)
    assert ANNOUNCER.public(scene) == ()
    assert ANNOUNCER.rulings(scene)[0].why.startswith("it was closed as a duplicate, and customers have heard nothing of it")


def test_without_a_product_that_customers_know_it_is_held_and_says_so():
    cases: tuple[dict[str, Any], ...] = ({"customer_visible": True}, {})
    for said in cases:
        scene = a_scene(*([] if said else [an_order("public: Slow.")]), products=("Ledger",), **said)
        assert ANNOUNCER.public(scene) == ()
        [held] = ANNOUNCER.held(scene)
        assert held.why == (NO_PRODUCTS,)
    assert ANNOUNCER.held(a_scene(products=())) == ()


def test_a_product_that_was_taken_out_again_closes_nothing():
    scene = a_scene(an_order("public: Slow."), products=(), told=["public_page:opening"])
    opening, update = ANNOUNCER.public(scene)
    assert opening.subject == update.subject == "Investigating an issue"
    assert opening.body == "We are investigating an issue and will provide updates here soon."


# --- the guard ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("As in HOT-42", '"hot-42" is an issue key'),
        ("as in ops 7", '"ops 7" is an issue key'),
        ("Mia looks", '"mia" is the name of a person'),
        ("Quist looks", '"quist" is the name of a person'),
        ("acc-nora looks", '"acc-nora" is a word that stays inside'),
        ("The ledger is slow", '"ledger" is a word that stays inside'),
        ("Falcon is slow", '"falcon" is a word that stays inside'),
        ("on wiki.corp.example", '"wiki.corp.example" is an internal address'),
        ("on example.atlassian.net", '"example.atlassian.net" is an internal address'),
        ("at call.example.com", '"call.example.com" is an internal address'),
        ("at chat.example.com/r", '"chat.example.com" is an internal address'),
    ],
)
def test_a_word_that_belongs_inside_holds_the_post_back(words: str, why: str):
    policy = a_policy(guarded_words=frozenset({"falcon"}), guarded_hosts=frozenset({"corp.example"}))
    announcer = an_announcer(policy, projects=frozenset({"OPS"}))
    room = replace(a_record("chat_room"), link="https://chat.example.com/r")
    scene = a_scene(
        an_order(f"public: Slow.\n* {words}"), customer_visible=True,
        links={"video_call": "https://call.example.com/hot"}, told=[room],
    )  # fmt: skip
    assert announcer.public(scene) == ()
    [held] = announcer.held(scene)
    assert why in held.why
    assert held.id == "order-10120"


def test_what_is_held_back_holds_nothing_else_back():
    scene = a_scene(an_order("public: Mia looks"), an_order("public: Slow.", 180))
    assert ids(ANNOUNCER.public(scene)) == ["order-10180"]


@pytest.mark.parametrize(
    ("told", "progress"),
    [
        pytest.param([], Progress.INVESTIGATING, id="customers never read it"),
        pytest.param(
            ["public_page:order-10120"], Progress.IDENTIFIED, id="they read how far it had come, and it was edited since"
        ),
    ],
)
def test_nothing_of_what_is_held_back_goes_into_what_follows(told: list[str], progress: Progress):
    held = an_order("public identified: Slow.\nETA: noon\nRoot cause: Mia tripped")
    [update] = ANNOUNCER.public(a_scene(held, an_order("public: Payments are slow.", 180), told=told))
    assert (update.id, update.progress) == ("order-10180", progress)
    assert update.body.startswith("Payments are slow.\n\nWe will")


# --- asking ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scene", "asks"),
    [
        pytest.param(a_scene(**TAKEN), True, id="somebody has it, and nobody said"),
        pytest.param(a_scene(), False, id="nobody has it yet"),
        pytest.param(a_scene(customer_visible=True, **TAKEN), False, id="said"),
        pytest.param(a_scene(an_order("public: Slow."), **TAKEN), False, id="ordered"),
        pytest.param(a_scene(products=("Ledger",), **TAKEN), False, id="nothing that customers know"),
        pytest.param(a_scene(is_private=True, **TAKEN), False, id="private"),
        pytest.param(a_scene(is_drill=True, **TAKEN), False, id="a drill"),
        pytest.param(a_scene(told=["public_page:opening"], **TAKEN), False, id="told"),
    ],
)
def test_whoever_has_it_is_asked_whether_customers_notice_it(scene: Scene, asks: bool):
    assert (ANNOUNCER.public_draft(scene) is not None) is asks


# --- the last word ------------------------------------------------------------------------------------------------

RESOLVED: dict[str, Any] = {"status": Status.RESOLVED, "changes": (a_change("status", Status.RESOLVED, after_s=600),)}


def an_ending(_scene: Scene) -> tuple[Announcement, ...]:
    return (Announcement("resolved-1", Audience.STAFF, Progress.RESOLVED, "s", "b", NOW),)


def test_the_last_word_comes_last_and_only_to_those_who_heard_the_first():
    announcer = an_announcer(endings=(an_ending,))
    over: dict[str, Any] = {"after_s": 900.0, **RESOLVED}
    assert ids(announcer.staff(replace(a_scene(told=["mail:opening"], **over), wanted=False))) == ["opening", "resolved-1"]
    assert announcer.staff(replace(a_scene(**over), wanted=False)) == ()
    assert ids(announcer.public(a_scene(told=["public_page:opening"], **over))) == ["opening", "resolved-1"]
    assert announcer.public(a_scene(customer_visible=True, **over)) == ()


@pytest.mark.parametrize(
    ("record", "counts"),
    [
        (a_record("mail:opening", None, ArtifactState.SENDING), True),
        (a_record("mail:opening", None, ArtifactState.CLOSED), False),
        (a_record("mail:opening", "m-1", ArtifactState.CLOSED), True),
        (a_record("public_page:opening"), False),
    ],
)
def test_what_may_have_been_told_counts_as_told_and_what_was_let_go_does_not(record: Any, counts: bool):
    scene = replace(a_scene(told=[record]), wanted=False)
    assert bool(ANNOUNCER.staff(scene)) is counts


def test_nothing_that_is_told_hangs_on_who_asks_or_when():
    order = an_order()
    now, later = a_scene(order), a_scene(order, after_s=9_000)
    assert ANNOUNCER.staff(now) == ANNOUNCER.staff(later)
    assert ANNOUNCER.public(now) == ANNOUNCER.public(later)
