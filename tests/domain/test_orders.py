"""What a comment orders: told from its first line, read the same as markup and as rich text, and never guessed."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.announcement import Audience, ComponentState, Progress
from chalicelib.domain.orders import TEXT_LIMIT, Approval, Refused, Topic, Update, parse_order
from chalicelib.intake.adf import adf_to_text

STAFF, PUBLIC = Audience.STAFF, Audience.PUBLIC


def doc(*blocks: Any) -> str:
    return adf_to_text({"type": "doc", "version": 1, "content": list(blocks)}, 10_000)


def p(*texts: str | dict[str, Any]) -> dict[str, Any]:
    return {"type": "paragraph", "content": [bold(text, ()) if isinstance(text, str) else text for text in texts]}


def bold(text: str, marks: tuple[str, ...] = ("strong",)) -> dict[str, Any]:
    return {"type": "text", "text": text, "marks": [{"type": mark} for mark in marks]}


def link(text: str, address: str = "") -> dict[str, Any]:
    return {"type": "text", "text": text, "marks": [{"type": "link", "attrs": {"href": address or text}}]}


def h(text: str) -> dict[str, Any]:
    return {"type": "heading", "attrs": {"level": 3}, "content": [bold(text, ())]}


def ul(*items: str, kind: str = "bulletList") -> dict[str, Any]:
    return {"type": kind, "content": [{"type": "listItem", "content": [p(item)]} for item in items]}


BR = {"type": "hardBreak"}

WHOLE = Update(
    STAFF,
    summary="Baskets stay empty. One customer in ten is hit.",
    status=("The cache is restarted", "Orders are safe"),
    steps=("We watch the rate of errors",),
    answers=((Topic.CAUSE, "a full disk"), (Topic.NEXT, "10:30 UTC in the room")),
)

SAME = [
    pytest.param("update: All is slow.", doc(p("update: All is slow.")), Update(STAFF, summary="All is slow."), id="one line"),
    pytest.param(
        "*update:* All is slow.", doc(p(bold("update:"), " All is slow.")), Update(STAFF, summary="All is slow."), id="bold"
    ),
    pytest.param(
        "*Update*: _All_ is {{slow}}.",
        doc(p(bold("Update"), ": ", bold("All", ("em",)), " is ", bold("slow", ("code",)), ".")),
        Update(STAFF, summary="All is slow."),
        id="bold without its colon",
    ),
    pytest.param(
        "{*}update:{*} {color:red}All{color} is slow.",
        doc(p(bold("update:"), " ", bold("All", ("textColor",)), " is slow.")),
        Update(STAFF, summary="All is slow."),
        id="as the editor writes bold beside a letter, and colours",
    ),
    pytest.param(
        "update:\nAll is slow.", doc(p("update:"), p("All is slow.")), Update(STAFF, summary="All is slow."), id="next line"
    ),
    pytest.param(
        "public identified: Some payments fail.",
        doc(p("public identified: Some payments fail.")),
        Update(PUBLIC, progress=Progress.IDENTIFIED, summary="Some payments fail."),
        id="public, and how far it has come",
    ),
    pytest.param(
        """h3. update:
        Baskets stay empty. One customer in ten is hit.

        h4. Current status
        * The cache is restarted
        # Orders are safe
        *Next steps:*
        - We watch the rate of errors

        *Root cause:* a full disk
        * Next update: 10:30 UTC in the room""".replace("        ", ""),
        doc(
            h("update:"),
            p("Baskets stay empty. One customer in ten is hit."),
            h("Current status"),
            ul("The cache is restarted"),
            ul("Orders are safe", kind="orderedList"),
            p(bold("Next steps:")),
            ul("We watch the rate of errors"),
            p(bold("Root cause:"), " a full disk"),
            ul("Next update: 10:30 UTC in the room"),
        ),
        WHOLE,
        id="all of it",
    ),
    pytest.param(
        "update: Baskets stay empty.\\\\\nOne customer in ten is hit.\n"
        "current status: The cache is restarted\nOrders are safe\nNEXT STEPS\nWe watch the rate of errors\n"
        "Cause : a full disk\nnext update:10:30 UTC in the room",
        doc(
            p("update: Baskets stay empty.", BR, "One customer in ten is hit."),
            p("current status: The cache is restarted", BR, "Orders are safe"),
            p("NEXT STEPS", BR, "We watch the rate of errors"),
            p("Cause : a full disk", BR, "next update:10:30 UTC in the room"),
        ),
        WHOLE,
        id="all of it, typed plainly",
    ),
    pytest.param(
        "update: See [the page|https://example.com/a] and [https://example.com/b].",
        doc(p("update: See ", link("the page", "https://example.com/a"), " and ", link("https://example.com/b"), ".")),
        Update(STAFF, summary="See the page (https://example.com/a) and https://example.com/b."),
        id="links",
    ),
]


@pytest.mark.parametrize(("wiki", "plain", "meant"), SAME)
def test_markup_and_rich_text_read_the_same(wiki: str, plain: str, meant: Update):
    assert parse_order(wiki) == meant
    assert parse_order(plain) == meant


@pytest.mark.parametrize(
    ("first", "meant"),
    [
        pytest.param("UPDATE:", Update(STAFF), id="in any case"),
        pytest.param("  update :", Update(STAFF), id="space before the colon"),
        pytest.param("ｕｐｄａｔｅ：", Update(STAFF), id="full width"),
        pytest.param("up\u200bdate:", Update(STAFF), id="with what nobody sees"),
        pytest.param("* update:", Update(STAFF), id="as a bullet"),
        pytest.param("public:", Update(PUBLIC), id="public"),
        pytest.param("Public Monitoring:", Update(PUBLIC, progress=Progress.MONITORING), id="monitoring"),
        pytest.param("public investigating:", Update(PUBLIC, progress=Progress.INVESTIGATING), id="investigating"),
        pytest.param("public resolved:", Update(PUBLIC, progress=Progress.RESOLVED), id="resolved"),
        pytest.param("public partial_outage:", Update(PUBLIC, state=ComponentState.PARTIAL_OUTAGE), id="a product's state"),
        pytest.param("public Major Outage:", Update(PUBLIC, state=ComponentState.MAJOR_OUTAGE), id="in two words"),
        pytest.param("public degraded:", Update(PUBLIC, state=ComponentState.DEGRADED), id="in short"),
        pytest.param("public operational:", Update(PUBLIC, state=ComponentState.OPERATIONAL), id="well again"),
        pytest.param(
            "public identified partial-outage:",
            Update(PUBLIC, progress=Progress.IDENTIFIED, state=ComponentState.PARTIAL_OUTAGE),
            id="both",
        ),
        pytest.param(
            "public identified, partial_outage:",
            Update(PUBLIC, progress=Progress.IDENTIFIED, state=ComponentState.PARTIAL_OUTAGE),
            id="both, with a comma",
        ),
        pytest.param(
            "public identified / degraded:",
            Update(PUBLIC, progress=Progress.IDENTIFIED, state=ComponentState.DEGRADED),
            id="both, with a stroke",
        ),
        pytest.param("public (identified):", Update(PUBLIC, progress=Progress.IDENTIFIED), id="in brackets"),
        pytest.param("public – resolved!:", Update(PUBLIC, progress=Progress.RESOLVED), id="behind a dash"),
        pytest.param("draft: update:", Update(STAFF, is_draft=True), id="a draft"),
        pytest.param(
            "*Draft:* public identified:", Update(PUBLIC, is_draft=True, progress=Progress.IDENTIFIED), id="for customers"
        ),
        pytest.param("draft update:", Update(STAFF, is_draft=True), id="a draft without its colon"),
    ],
)
def test_the_first_line_decides(first: str, meant: Update):
    assert parse_order(f"{first} words") == Update(meant.audience, meant.is_draft, meant.progress, meant.state, summary="words")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n\n",
        "note: update: later",
        "updated: the docs",
        "We will update: soon",
        "public holidays are near, and so on",
        "the public: they see it",
        "drafted: update",
        "We approved: it",
        "approved by Mia: update it",
    ],
)
def test_an_ordinary_comment_is_none(text: str):
    assert parse_order(text) is None


def why_refused(text: str) -> str:
    refused = parse_order(text)
    assert isinstance(refused, Refused)
    return refused.why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("update:", "it says nothing", id="nothing said"),
        pytest.param("public identified:\n\n*Current status*\n*Next steps*", "it says nothing", id="headings alone"),
        pytest.param(
            "public fixed: It works", 'nobody knows what "fixed" means; after public may come investigating', id="word"
        ),
        pytest.param("public holidays: nobody here", 'nobody knows what "holidays" means', id="chatter with a colon"),
        pytest.param("public identified monitoring: x", '"monitoring" is one word too many', id="two of a kind"),
        pytest.param("draft: we are down", "after draft: comes update: or public:", id="a draft of nothing"),
        pytest.param(f"update: {'x' * TEXT_LIMIT}", "it is longer than 3,000 characters", id="too long"),
    ],
)
def test_what_looks_like_an_order_and_is_none_has_a_reason(text: str, why: str):
    assert why_refused(text).startswith(why)


@pytest.mark.parametrize("text", ["approved", "Approve", "*approved*", "Approved!", "approve:\nlooks good", "ａpproved."])
def test_a_second_person_agrees(text: str):
    assert parse_order(text) == Approval()


@pytest.mark.parametrize(
    ("text", "names"),
    [
        pytest.param("@Mia approved", (), id="typed"),
        pytest.param("[~accountid:712020:a] approved", (), id="of nobody known"),
        pytest.param("[~accountid:712020:a] approved.", (("712020:a", "Mia Moore"),), id="by name"),
        pytest.param("[~mmoore], [~accountid:b]: *Approved*", (("b", "Ana"), ("c", "Ana Lee")), id="of several"),
        pytest.param("{quote}\npublic: Slow.\n{quote}\n[~accountid:712020:a] approved", (), id="in a reply"),
    ],
)
def test_whoever_agrees_may_say_to_whom(text: str, names: Any):
    assert parse_order(text, names) == Approval()


@pytest.mark.parametrize(
    "text", ["@Mia has approved", "[~accountid:a] approved?", "@approved", "@Mia", "@Mia update: db is back", "approved @Mia ."]
)
def test_what_is_said_to_somebody_is_an_ordinary_comment(text: str):
    assert parse_order(text) is None


@pytest.mark.parametrize("text", ["public: draft: We lost data.", "public identified: *Draft*: words", "update: Draft: words"])
def test_a_draft_that_says_so_behind_what_it_orders_is_not_told(text: str):
    assert why_refused(text).startswith("it says draft behind what it orders")


@pytest.mark.parametrize("text", ["@Ana public: We lost data.", "[~accountid:a], draft: public identified: We lost data."])
def test_words_for_customers_that_are_addressed_to_somebody_are_refused(text: str):
    assert why_refused(text).startswith("it is addressed to somebody")


@pytest.mark.parametrize(
    "text", ["Some -or all- data", "-Data is lost.- It is slow.", "Slow.\n* {-}Data is lost{-}", "We lost {-}all{-}some of it"]
)
def test_words_that_are_struck_through_are_not_for_customers(text: str):
    assert why_refused(f"public: {text}").startswith("words in it are struck through")
    assert isinstance(parse_order(f"update: {text}"), Update)


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        pytest.param("Slow.\n{info}\nWe look at it.\n{info}", "{info}", id="a macro"),
        pytest.param("It is {status:colour=Yellow|title=SLOW}.", "{status:colour=yellow|title=slow}", id="with parameters"),
        pytest.param("Slow.\n||product||since||\n|Pay|10:00|", "|", id="a table"),
        pytest.param("See [what we do|#next].", "[what we do|#next]", id="a link within the comment"),
        pytest.param("See (!our shop.png!).", "!our shop.png!", id="a picture within words"),
        pytest.param("Slow.\n!the bank.drawio|thumbnail!", "!the bank.drawio|thumbnail!", id="one with a long ending"),
        pytest.param("Slow.\n!https://example.com/plan!", "!https://example.com/plan!", id="one by its address"),
    ],
)
def test_markup_that_customers_would_read_as_it_is_typed_is_not_for_them(text: str, typed: str):
    assert why_refused(f"public: {text}").casefold().startswith(f'"{typed}" would be read as it is typed')
    assert isinstance(parse_order(f"update: {text}"), Update)


@pytest.mark.parametrize(
    "picture",
    [
        "!slow.png!",
        "!grafana prod ledger.png|thumbnail!",
        '!Screenshot 2026-11-27 at 10.04.59\u202fAM.png|width=1234,height=567,alt="a graph"!',
        "[^dump of ledger.txt]",
    ],
)
def test_pictures_are_left_out(picture: str):
    assert parse_order(f"public: It is slow! {picture}\n{picture}") == Update(PUBLIC, summary="It is slow!")


@pytest.mark.parametrize(
    "text",
    ["Sorry! See example.com! Thanks!", "It is back !!! We watch", "{*}Slow{*}, [why|https://a.com] {color:red}x{color}"],
)
def test_what_is_no_markup_or_is_read_without_it_is_for_customers(text: str):
    assert isinstance(parse_order(f"public: {text}"), Update)


@pytest.mark.parametrize("text", ["E-mail- and web-orders fail", "from -5 to -10", "it is slow - we look - again", "a -- b --"])
def test_dashes_are_no_strokes(text: str):
    assert isinstance(parse_order(f"public: {text}"), Update)


@pytest.mark.parametrize(
    "another", ["update: A disk died.", "* note: legal was told", "draft: public: Fine.", "*Public identified*: A disk died."]
)
def test_what_else_begins_as_an_order_is_not_for_customers(another: str):
    assert why_refused(f"public: Some payments fail.\n\n{another}").startswith("another line in it begins as an order")


@pytest.mark.parametrize(
    "line", ["Note that mails are late: an hour.", "Our next update: 10:30 UTC", "The public: be patient."]
)
def test_other_lines_with_a_colon_are_for_customers(line: str):
    assert isinstance(parse_order(f"public: Some payments fail.\n{line}"), Update)


def test_a_space_as_html_writes_it_is_a_space():
    assert parse_order("&nbsp;public:&nbsp;It is&nbsp;slow.") == Update(PUBLIC, summary="It is slow.")


LOST = "public: We lost data."


@pytest.mark.parametrize(
    "quoted",
    [
        pytest.param(f"{{quote}}\n{LOST}\n{{quote}}\n\n", id="as Cloud's editor writes it"),
        pytest.param(f"{{quote}}{LOST}{{quote}} ", id="as Data Center's does"),
        pytest.param(f"{{QUOTE:author=Ana}}\r\n{LOST}\r\n{{quote}}\r\n", id="with parameters"),
        pytest.param(f"{{quote}}\n\n{{quote}}\nSlow.\n{{quote}}\n{LOST}\n{{quote}}\n", id="one in another"),
        pytest.param(f"{{quote}}\n{{quote}}\n{LOST}\n{{quote}}\nFine.\n{{quote}}\n", id="one in another that begins it"),
        pytest.param(f"{{color:red}}{{quote}}\n{LOST}\n{{quote}}{{color}}\n", id="in a colour"),
        pytest.param(f"{{code:java|title=a{{b}}.java}}\n{LOST}\n{{code}}\n", id="as code"),
        pytest.param(f"{{noformat}}\n{LOST}\n{{code}}\n{{quote}}\n{{noformat}}\n", id="as it is"),
        pytest.param(f"bq. {LOST}\\\\\n{LOST}\n", id="a line"),
        pytest.param(f"> {LOST}\n> {LOST}\n\n", id="of a mail"),
    ],
)
@pytest.mark.parametrize(
    ("own", "meant"),
    [
        pytest.param("Please do not say that yet.", None, id="said nothing"),
        pytest.param("public: We look at it.", Update(PUBLIC, summary="We look at it."), id="ordered in own words"),
        pytest.param("approved", Approval(), id="agreed"),
    ],
)
def test_a_quotation_orders_nothing(quoted: str, own: str, meant: Update | Approval | None):
    assert parse_order(f"{quoted}{own}") == meant


@pytest.mark.parametrize(
    "text",
    [
        f"{{quote}}\n{LOST}\n\nPlease do not say that yet.",
        f"{{noformat}}{LOST}",
        "{quote}\napproved\n{quote}\nSays who?",
        "{panel}\napproved\n{panel}\nSays who?",
    ],
)
def test_nor_does_one_without_an_end_and_nobody_agrees_by_quoting(text: str):
    assert parse_order(text) is None


TABLE = '{adf:display=block}\n{"type":"table","content":[{"type":"text","text":"Bob","marks":[{"type":"strike"}]}]}\n{adf}'
"""As Jira gives what its markup has no words for."""


@pytest.mark.parametrize(
    "block", ["{quote}\nRoot cause: Bob\n{quote}", "{code}\nx\n{code}", "{noformat}x", "bq. x", "> x", TABLE, TABLE[:-5]]
)
@pytest.mark.parametrize("first", ["update:", "draft: public identified:"])
def test_an_order_that_holds_a_quotation_is_refused_for_nobody_knows_whether_it_is_meant(first: str, block: str):
    assert why_refused(f"{first} It is slow.\n{block}\nWe look at it.").startswith(
        "it holds a quotation, a block of code or a table"
    )


@pytest.mark.parametrize(
    "text",
    [
        f"{{panel:title=Proposal}}\n{LOST}\n{{panel}}\nPlease do not say that yet.",
        f"{{quote}}Well?{{quote}}\n{{color:#ff0000}}{{panel}}{LOST}{{panel}}{{color}}",
        "{{public: ...}} is how you tell customers.",
        "*{{update:}}* is for staff",
        "{*}{{update:}}{*} is for staff",
    ],
)
def test_what_is_shown_rather_than_said_is_refused(text: str):
    assert why_refused(text).startswith("it begins in a panel or in code type")


@pytest.mark.parametrize("kind", ["blockquote", "codeBlock"])
def test_rich_text_quotes_too(kind: str):
    """A panel is there as well: its first line is refused as in markup."""
    shown = {"type": kind, "content": [p(LOST)]}
    assert parse_order(doc(shown, p("Please do not say that yet."))) is None
    assert isinstance(parse_order(doc(p("public: It is slow."), shown)), Refused)
    assert isinstance(parse_order(doc({"type": "panel", "content": [p(LOST)]})), Refused)


def test_of_two_answers_on_a_topic_the_last_one_counts():
    order = parse_order("update: Slow.\nETA: noon\nCustomers: 10\nestimated resolution: 13:00 UTC\nETA:")
    assert isinstance(order, Update)
    assert order.answers == ((Topic.OUTSIDE, "10"), (Topic.ETA, "13:00 UTC"))


def test_words_that_only_look_like_markup_stay():
    order = parse_order("update: 2 * 3 * 4, snake_case_name, a|b, C# and -x- {of} [it]")
    assert isinstance(order, Update)
    assert order.summary == "2 * 3 * 4, snake_case_name, a|b, C# and -x- {of} [it]"


MARKUP = st.lists(
    st.sampled_from(
        ["{quote}", "{code}", "{noformat}", "{panel}", "{{", "}}", "\n", "bq. ", "> ", "public: a", "approved", " "]
    )
).map("".join)


@settings(deadline=None)
@given(st.text(max_size=300) | st.text("update:pblicraft*_-{}[]|\\\n \u200b：", max_size=60) | MARKUP)
def test_no_text_breaks_the_reading(text: str):
    found = parse_order(text)
    if isinstance(found, Update):
        assert found.summary or found.status or found.steps or found.answers


@settings(deadline=None)
@given(st.text("abc:*_-#{}[]|\\\n .", max_size=200) | MARKUP)
def test_no_line_of_an_order_has_a_line_break_in_it(text: str):
    found = parse_order(f"public: words {text}")
    if isinstance(found, Update):
        assert not any("\n" in line for line in (found.summary, *found.status, *found.steps))
    else:
        assert isinstance(found, Refused)
