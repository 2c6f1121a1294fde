"""Nothing internal becomes public: a word that stands in every field of an issue stands in nothing that customers read."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.artifacts.artifact import Scene
from chalicelib.domain.announcement import ComponentState, Progress
from chalicelib.domain.incident import Change, IssueKey, Linked, Person, Severity, Status
from chalicelib.domain.notes import Note, Source
from chalicelib.domain.ordered import note_of_order
from chalicelib.domain.telling import Product, TellingPolicy
from tests.artifacts.telling_world import a_record, a_scene, an_announcer, an_order
from tests.builders import NOW, an_incident, seconds

CANARY = "zqcanary"
SPY = Person(f"acc-{CANARY}", f"Zq {CANARY.title()}", f"{CANARY}@example.com")
POLICY = TellingPolicy(products={CANARY: Product("Example Pay", f"s-{CANARY}", "p-pay"), "web": Product("the web shop")})
ANNOUNCER = an_announcer(POLICY)

hostile = st.sampled_from(["{{ ", " }}", "\r\n", "<!channel>", "h1. ", "%s", "{% x %}", "</p>", "\u200b", "public: "])
texts = st.lists(st.just(CANARY) | hostile, min_size=1, max_size=5).map(" ".join).map(lambda text: f"{text} {CANARY}")
lines = st.lists(
    st.sampled_from([
        "Some payments fail.", "Current status", "* We look at it", "Next steps", "Root cause: a full disk", "ETA: noon",
        "Impact: one in ten", "Next update: 04:00 UTC",
    ]),
    min_size=1, max_size=6,
).map("\n".join)  # fmt: skip
firsts = st.sampled_from(["public:", *(f"public {word}:" for word in [*Progress, *ComponentState])])


@st.composite
def scenes(draw: st.DrawFn) -> Scene:
    """An incident whose every text holds the canary; customers notice it, or somebody orders words for them, or both."""
    status = draw(st.sampled_from(Status))
    changes = tuple(
        Change("status", NOW + seconds(60 * number), SPY, None, new)
        for number, new in enumerate(draw(st.lists(st.sampled_from(Status), max_size=3)))
    )
    incident = an_incident(
        key=IssueKey(f"{CANARY.upper()}-42"), project=CANARY.upper(), issue_type=draw(texts), summary=draw(texts),
        description=draw(texts), service=draw(texts), products=(CANARY, draw(texts), "Web"), status=status,
        status_name=draw(texts), severity=draw(st.sampled_from(Severity)), assignee=SPY, reporter=SPY,
        roles={"communications_manager": (SPY,), CANARY: (SPY,)}, labels=(CANARY,), links={"chat_room": f"https://{CANARY}.example"},
        impact={name: draw(texts) for name in ("customers", "root_cause", "eta", "next_update", "symptoms", CANARY)},
        escalate_to=(CANARY,), customer_visible=draw(st.booleans()), url=f"https://{CANARY}.example.net/browse/X-1",
        linked=(Linked(IssueKey(f"{CANARY.upper()}-7"), draw(texts), draw(texts), draw(texts)),), changes=changes,
        doubts=(draw(texts),),
    )  # fmt: skip
    orders = [
        replace(
            an_order(f"{draw(firsts)} {draw(lines)}", 60 * (number + 1), SPY), impact=tuple(sorted(incident.impact.items()))
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    orders += [an_order(f"update: {draw(texts)}\nRoot cause: {draw(texts)}".replace("\n\n", "\n"), 30, SPY)]
    told: Any = draw(
        st.lists(st.sampled_from(["public_page:opening", "mail:opening", "room:opening"]), max_size=2, unique=True)
    )
    scene = a_scene(*orders, told=[replace(a_record(name), link=f"https://{CANARY}.example") for name in told])
    notes = (*scene.notes, Note("jira:1", NOW, SPY.name, draw(texts), Source.COMMENT))
    return replace(scene, incident=incident, notes=notes)


@settings(deadline=None)
@given(scenes())
def test_no_canary_reaches_customers(scene: Scene):
    for announcement in ANNOUNCER.public(scene):
        said = f"{announcement.id} {announcement.subject} {announcement.body} {announcement.progress}".casefold()
        assert CANARY not in said
        assert "{{" not in said


@settings(deadline=None)
@given(scenes(), st.sampled_from([CANARY, f"{CANARY.upper()}-42", SPY.name, f"{CANARY}.example.net", f"{CANARY}@example.com"]))
def test_what_an_author_lets_slip_is_held_back(scene: Scene, slip: str):
    order = an_order(f"public: Some payments fail, see {slip}.", 900, SPY)
    scene = replace(scene, notes=(*scene.notes, note_of_order(order)))
    assert order.announcement_id not in [one.id for one in ANNOUNCER.public(scene)]


def test_the_canaries_would_be_seen():
    """So that the property above cannot hold for want of anything to look at."""
    scene = a_scene(an_order("public: Some payments fail.", by=SPY), assignee=SPY, products=(CANARY,), customer_visible=True)
    [told] = ANNOUNCER.public(scene)
    assert told.subject == "Investigating issues with Example Pay"
    assert CANARY in repr(scene)
