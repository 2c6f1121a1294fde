"""What each template is filled with, as samples: the same names that the artifacts give, with every case that they can bring.

Whoever adds a template adds a line here; a test compares the names with what the code gives.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product

from chalicelib.artifacts.comment import Line, Note
from chalicelib.artifacts.last_word import Line as Fact
from chalicelib.artifacts.reminders import About
from chalicelib.artifacts.review_issue import Time
from chalicelib.artifacts.state_document import LinkRow, QuestionRow, RoleRow
from chalicelib.artifacts.timeline_events import Row
from chalicelib.artifacts.topic import Facts, Held
from chalicelib.domain.body import Block
from chalicelib.domain.incident import IssueKey, Linked
from chalicelib.domain.orders import Topic

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
        ("unpaged", "held", "shortened"),
        {
            "key": ("HOT-42",),
            "left_out": (0, 3),
            "lines": ((), (Line("10:04:59 UTC", "imoc", "opsgenie", "nobody is on call", "ringing"),)),
            "nobody_on_call": ((), ("imoc",)),
            "notes": ((), (Note("Chat room", "slack cannot be reached"),)),
        },
    ),
    "call/agenda.txt": Sample(("drill",), {"key": ("HOT-42",), "severity": ("1",), "summary": ("", SUMMARY)}),
    "chat/arrived.txt": Sample(("drill", "asked"), pieces=("issue", "who", "called", "manager")),
    "chat/bookmark.txt": Sample(values={"what": ("issue", "video_call", "state_document")}),
    "chat/brief.txt": Sample(
        ("drill", "resolved", "discreet", "questions", "scale", "changes", "cases", "call", "document"),
        pieces=(
            *("issue", "severity", "summary", "service", "products", "reporter", "since", "questions", "scale"),
            *("changes", "cases", "call", "document"),
        ),
    ),
    "chat/headline.txt": Sample(
        ("drill", "resolved", "reopened", "just_resolved", "worse", "better", "renamed", "discreet"),
        pieces=("issue", "severity", "before", "summary"),
    ),
    "chat/reminder.txt": Sample(
        ("drill", "asked", "promised", "relief", "reopened"),
        {"about": tuple(about.value for about in About)},
        pieces=("issue", "who", "what", "relief"),
    ),
    "chat/room.txt": Sample(("drill",), {"key": ("HOT-42",), "url": (LINK,)}),
    "chat/told.txt": Sample(
        ("drill", "new", "left", "held", "switched_off", "called"), pieces=("issue", "role", "new", "left", "holders")
    ),
    "chat/topic.txt": Sample(values={"facts": (_BARE, _WHOLE)}),
    "chat/updates.txt": Sample(
        ("drill", "why", "unknown"),
        {"kind": ("told", "over", "public", "draft", "waiting", "suggested", "refused", "held", "left_open", "question")},
        pieces=("issue", "title", "author", "audience", "why", "unknown"),
    ),
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
    "mail/announcement.html": Sample(
        values={
            "title": (f"HOT-42 - Sev 1 - {SUMMARY}",),
            "blocks": ((), (Block((SUMMARY, LINK)), Block((SUMMARY,), is_list=True))),
            "key": ("HOT-42",),
            "link": (LINK,),
        }
    ),
    "mail/announcement.txt": Sample(
        values={"title": (f"HOT-42 - Sev 1 - {SUMMARY}",), "body": (SUMMARY,), "key": ("HOT-42",), "link": (LINK,)}
    ),
    "public/ended.txt": Sample(values={"products": ("", "Jira and Bitbucket")}),
    "public/opening.txt": Sample(values={"products": ("Jira and Bitbucket",)}),
    "public/resolved.txt": Sample(("again", "postmortem"), {"products": ("", "Jira and Bitbucket")}),
    "public/subject.txt": Sample(values={"products": ("", "Jira and Bitbucket")}),
    "public/topic.txt": Sample(values={"topic": tuple(topic.value for topic in Topic)}),
    "public/update.txt": Sample(
        values={
            "summary": ("", "Some payments fail."),
            "status": ((), ("We have found what is broken", "We are repairing it")),
            "steps": ((), ("We add servers",)),
            "known": ((), (("Root cause", "a full disk"),)),
            "next_update": ("", "11:00 UTC here"),
            "next_by": ("", "11:30 UTC"),
        }
    ),
    "review/description.wiki.j2": Sample(
        values={
            "link": (LINK,),
            "summary": ("", SUMMARY),
            "severity": ("1",),
            "service": ("Bitbucket",),
            "products": ("Jira, Bitbucket",),
            "roles": ((), (RoleRow("Tech lead", "Mia Moore"),)),
            "times": ((), (Time("Raised", "2026-11-23 03:00 UTC"),)),
            "links": ((), (LinkRow("Chat room", LINK),)),
            "questions": ((), (QuestionRow("Since when?", ""), QuestionRow("How many?", SUMMARY))),
            "open": ((), (Linked(IssueKey("OPS-7"), "is fixed by", "Fix", "In progress"),)),
            "events": ((), (Row("2026-11-23 03:00:00", "Mia Moore", SUMMARY),)),
            "left_out": (0, 3),
        },
    ),
    "review/summary.txt": Sample(values={"key": ("HOT-42",), "summary": ("", SUMMARY)}),
    "support/note.wiki.j2": Sample(
        values={
            "ended": ("done", "duplicate", "cancelled"),
            "key": ("HOT-42",),
            "survivor": ("", "HOT-40"),
            "resolved_at": ("2026-11-23 04:05 UTC",),
            "summary": ("", SUMMARY),
            "link": (LINK,),
        },
    ),
    "updates/ended.txt": Sample(
        ("drill", "duplicate"), {"key": ("HOT-42",), "other": ("", "HOT-40"), "other_link": ("", f"{LINK[:-2]}40")}
    ),
    "updates/opening.txt": Sample(
        ("drill", "mail", "page"),
        {
            "products": ("", "Jira and Bitbucket"),
            "key": ("HOT-42",),
            "url": (LINK,),
            "room": ("", "https://chat.example.com/C1"),
        },
    ),
    "updates/resolved.txt": Sample(
        ("drill", "again", "review"),
        {
            "key": ("HOT-42",),
            "severity": ("Sev 1",),
            "summary": ("", SUMMARY),
            "products": ("", "Jira and Bitbucket"),
            "duration": ("1 h 5 min",),
            "impact": ((), (Fact("How many customers are affected?", SUMMARY),)),
            "times": ((Fact("Raised", "2026-11-23 03:00 UTC"), Fact("Resolved", "2026-11-23 04:05 UTC")),),
            "roles": ((), (Fact("Incident manager", "Mia Moore, then Emma Reyes"),)),
            "support": (None, 0, 3),
        },
    ),
    "updates/topic.txt": Sample(("answered",), {"topic": tuple(topic.value for topic in Topic)}),
    "updates/update.txt": Sample(
        ("drill", "mail", "page"),
        {
            "support": (None, 0, 3),
            "summary": ("", SUMMARY),
            "status": ((), ("The cache has been restarted",)),
            "steps": ((), ("We watch the rate of errors",)),
            "known": ((), (("Root cause", "a full disk"),)),
            "unknown": ((), ("The root cause is currently unknown.",)),
            "next_update": ("", "11:00 UTC in the room"),
            "next_by": ("", "11:30 UTC"),
        },
    ),
}
"""By the template's path below templates/."""
