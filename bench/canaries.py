"""Does anything internal reach customers? A word stands in every field of generated issues, which the real parser reads.

Half of the orders for customers hold it as well: those the guard has to hold back. The baseline is what the same texts are for
staff, where the word does stand: so the count cannot be 0 for want of anything to see.
"""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.measure import machine, verdict
from chalicelib.adapters.jinja_words import JinjaWords
from chalicelib.adapters.world import SystemClock
from chalicelib.artifacts.announcements import Announcements
from chalicelib.artifacts.artifact import Scene
from chalicelib.domain.announcement import ComponentState, Progress
from chalicelib.domain.incident import Change, Incident, IssueId, IssueKey, Linked, Person, Status
from chalicelib.domain.notes import Note, Source
from chalicelib.domain.ordered import Ordered, note_of_order
from chalicelib.domain.telling import Product, TellingPolicy
from chalicelib.intake.jira_issue import parse_issue
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from sandbox.jira import schema as names
from sandbox.jira.model import JiraModel, JiraUser

CANARY = "zqcanary"
SLIPS = (CANARY, f"{CANARY.upper()}-7", f"Zq {CANARY.title()}", f"{CANARY}@example.com", f"db.{CANARY}.internal", f"#{CANARY}")
HOSTILE = ("{{ ", " }}", "{% include %}", "\r\n", "<!channel>", "h1. ", "</p>", "public: ", "\u200b", "%s")
CLEAN = ("Some payments fail.", "Current status\n* We look", "Root cause: a full disk", "ETA: noon", "Next update: 04:00 UTC")
FIRSTS = tuple(f"public {word}:" for word in ("", *Progress, *ComponentState))
TOLD = ("public_page:opening", "mail:opening")


def main(incidents: int) -> int:
    """Print the figures; return the exit status."""
    print(f"a word in every field of an issue; {machine()}; {incidents:,} incidents")
    words = JinjaWords(Path(__file__).parents[1] / "templates")
    known = {CANARY: Product("Example Pay"), "web": Product("the web shop")}
    policy = TellingPolicy(products=known, guarded_words=frozenset({CANARY}), opens_on_fixing=True)
    announcer, count = Announcements(words, policy), Counter[str]()
    for number in range(incidents):
        _play(announcer, random.Random(number), count)
    for what in (
        "texts for customers",
        "of them with the word",
        "slips held back",
        "slips told",
        "texts for staff with the word",
    ):
        print(f"{what:32} {count[what]:9,}")
    seen = count["texts for customers"] > 0 and count["texts for staff with the word"] > 0 and count["slips held back"] > 0
    leaked = count["of them with the word"] + count["slips told"]
    return 0 if verdict("no word that belongs inside in any text for customers", seen and leaked == 0, str(leaked)) else 1


def _play(announcer: Announcements, chance: random.Random, count: Counter[str]) -> None:
    scene, slips = _scene(chance)
    for told in announcer.public(scene):
        count["texts for customers"] += 1
        count["of them with the word"] += CANARY in repr((told.id, told.subject, told.body, told.progress)).casefold()
        count["slips told"] += told.id in slips
    count["slips held back"] += sum(held.id in slips for held in announcer.held(scene))
    count["texts for staff with the word"] += sum(CANARY in told.body.casefold() for told in announcer.staff(scene))


def _scene(chance: random.Random) -> tuple[Scene, set[str]]:
    """And the ids of announcements whose authors let something slip."""
    incident = _incident(chance)
    author = incident.assignee
    assert author is not None
    orders, slips = [], set()
    for number in range(chance.randint(0, 2)):
        lines = [chance.choice(FIRSTS) + " " + chance.choice(CLEAN), *chance.sample(CLEAN, 2)]
        if chance.random() < 0.5:
            lines.append(f"* See {chance.choice(SLIPS)} for more")
            slips.add(f"order-{number}")
        orders.append(_order(str(number), "\n".join(lines), incident, author))
    orders.append(_order("9", f"update: {_text(chance)}\nRoot cause: {CANARY}", incident, author))
    notes = (*map(note_of_order, orders), Note("jira:1", incident.created_at, author.name, _text(chance), Source.COMMENT))
    records = {name: _record(name, incident) for name in chance.sample(TOLD, chance.randint(0, 2))}
    return Scene(incident, incident.created_at + timedelta(hours=1), notes=notes, records=records), slips


def _order(id_: str, text: str, incident: Incident, by: Person) -> Ordered:
    at = incident.created_at + timedelta(minutes=int(id_))
    impact = tuple(sorted(incident.impact.items()))
    return Ordered(id_, at, at, by.account_id, by.name, text, severity=incident.severity, impact=impact)


def _record(name: str, incident: Incident) -> ArtifactRecord:
    link = f"https://{CANARY}.example/{incident.id}"
    return ArtifactRecord(incident.id, name, ArtifactState.MADE, "c", incident.created_at, "f", CANARY, link=link)


def _incident(chance: random.Random) -> Incident:
    """Every field of the issue filled with the word, and read by the real parser; and what else an incident can hold."""
    model = JiraModel(SystemClock())
    spy = model.add_user(JiraUser(f"acc-{CANARY}", f"Zq {CANARY.title()}", f"{CANARY}@example.com"))
    issue = model.create_incident(
        spy, _text(chance), severity=chance.randint(1, 2), service=_text(chance), products=(CANARY, "Web", _text(chance)),
        description=_text(chance), assignee=spy,
    )  # fmt: skip
    for name, kind in names.FIELD_TYPES.items():
        issue.fields[name] = _value(kind, chance, spy) or issue.fields.get(name)
    parsed = parse_issue(model.issue_json(issue), _SCHEMA, changes=(), whole=True)
    assert isinstance(parsed, Incident)
    by = Person(spy.account_id, spy.name, spy.email)
    moved = [Change("status", parsed.created_at, by, None, chance.choice(list(Status))) for _ in range(chance.randint(0, 3))]
    return replace(
        parsed, key=IssueKey(f"{CANARY.upper()}-42"), id=IssueId(f"{CANARY}-1"), project=CANARY.upper(), assignee=by,
        status=chance.choice(list(Status)), status_name=_text(chance), customer_visible=chance.random() < 0.5,
        labels=(CANARY,), escalate_to=(CANARY,), changes=tuple(moved), url=f"https://{CANARY}.example.net/browse/X-1",
        impact={**parsed.impact, **dict.fromkeys(("root_cause", "eta", "next_update"), _text(chance))},
        linked=(Linked(IssueKey(f"{CANARY.upper()}-9"), _text(chance), _text(chance), _text(chance)),),
    )  # fmt: skip


def _value(kind: str, chance: random.Random, spy: JiraUser) -> Any:
    """None: left as it is."""
    return {
        "text": _text(chance), "url": f"https://{CANARY}.example/x", "user": spy.as_json(), "users": [spy.as_json()],
    }.get(kind)  # fmt: skip


def _text(chance: random.Random) -> str:
    return f"{chance.choice(HOSTILE)}{CANARY} {chance.choice(HOSTILE)} {CANARY}"


_SCHEMA = names.example_schema()
