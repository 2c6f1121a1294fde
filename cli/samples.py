"""What each template is filled with, as samples: the same names that the artifacts give, with every case that they can bring.

Whoever adds a template adds a line here; a test compares the names with what the code gives.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from chalicelib.artifacts.comment import Line, Note
from chalicelib.artifacts.state_document import LinkRow, QuestionRow, RoleRow
from chalicelib.artifacts.timeline_events import Row
from chalicelib.artifacts.topic import Facts, Held

LINK = "https://example.atlassian.net/browse/HOT-42"
SUMMARY = "Checkout <is> down & {out}"


@dataclass(frozen=True, slots=True)
class Sample:
    """flags: names of what is true or false. values: name -> what it may be. pieces: names that stand in braces in the text
    and are filled after it; None where nothing is, and braces are braces."""

    flags: tuple[str, ...] = ()
    values: Mapping[str, tuple[Hashable, ...]] = field(default_factory=dict)
    pieces: tuple[str, ...] | None = None

    @property
    def names(self) -> frozenset[str]:
        return frozenset({*self.flags, *self.values})

    def cases(self) -> Iterator[dict[str, Hashable]]:
        """Every combination."""
        choices = {**dict.fromkeys(self.flags, (False, True)), **self.values}
        return (dict(zip(choices, case, strict=True)) for case in product(*choices.values()))


_BARE = Facts(False, False, 1, "", "", (), LINK, "", "")
_WHOLE = Facts(True, True, 2, SUMMARY, "Mia Moore", (Held("Tech lead", "Emma Reyes"),), LINK, LINK, LINK)

SAMPLES: Mapping[str, Sample] = {
    "comment.wiki.j2": Sample(
        ("unpaged", "held"),
        {
            "key": ("HOT-42",),
            "lines": ((), (Line("10:04:59 UTC", "imoc", "opsgenie", "nobody is on call", "ringing"),)),
            "nobody_on_call": ((), ("imoc",)),
            "notes": ((), (Note("Chat room", "slack cannot be reached"),)),
        },
    ),
    "call/agenda.txt": Sample(("drill",), {"key": ("HOT-42",), "severity": ("1",), "summary": ("", SUMMARY)}),
    "chat/arrived.txt": Sample(("drill", "asked"), pieces=("issue", "who", "called", "manager")),
    "chat/bookmark.txt": Sample(values={"what": ("issue", "video_call", "state_document")}),
    "chat/brief.txt": Sample(
        ("drill", "resolved", "discreet", "questions", "scale", "changes", "call", "document"),
        pieces=(
            *("issue", "severity", "summary", "service", "products", "reporter", "since", "questions", "scale"),
            *("changes", "call", "document"),
        ),
    ),
    "chat/headline.txt": Sample(
        ("drill", "resolved", "reopened", "just_resolved", "worse", "better", "renamed", "discreet"),
        pieces=("issue", "severity", "before", "summary"),
    ),
    "chat/room.txt": Sample(("drill",), {"key": ("HOT-42",), "url": (LINK,)}),
    "chat/told.txt": Sample(
        ("drill", "new", "left", "held", "switched_off", "called"), pieces=("issue", "role", "new", "left", "holders")
    ),
    "chat/topic.txt": Sample(values={"facts": (_BARE, _WHOLE)}),
    "chat/visible.txt": Sample(("drill", "asked"), pieces=("issue", "manager", "things")),
    "document/state.xml": Sample(
        ("drill",),
        {
            "key": ("HOT-42",),
            "issue_link": (LINK,),
            "summary": ("", SUMMARY),
            "severity": ("1",),
            "roles": ((), (RoleRow("Tech lead", ""), RoleRow("Scribe", "Mia"))),
            "links": ((), (LinkRow("Chat room", ""), LinkRow("Video call", LINK))),
            "questions": ((), (QuestionRow("Since when?", ""), QuestionRow("How many?", SUMMARY))),
        },
    ),
    "document/timeline.xml": Sample(
        ("drill",),
        {
            "key": ("HOT-42",),
            "issue_link": (LINK,),
            "mark": ("pushpin",),
            "left_out": (0, 3),
            "events": ((), (Row("2026-11-23 03:00:00", "Mia Moore", SUMMARY),)),
        },
    ),
}
"""By the template's path below templates/."""
