"""What a comment in Jira orders to be published. Pure, never raises.

    update: Baskets stay empty for one customer in ten.       to staff
    Current status
    * The cache has been restarted
    Next steps
    * We watch the rate of errors
    Root cause: a full disk
    Next update: 10:30 UTC in the room

    public identified partial_outage: Some payments fail.     to customers: how far it has come, how the products do
    draft: public: ...                                        only shows what would be published
    approved                                                  a second person's word, where a company asks for it

The first line decides that is not quoted: a quotation orders nothing. What looks like an order and cannot be one is `Refused`,
with a reason for its author.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from itertools import dropwhile

from chalicelib.domain.announcement import Audience, ComponentState, Progress
from chalicelib.domain.text import cut
from chalicelib.domain.wiki_text import BULLET, Line, Names, begins_as_shown, lines_of

TEXT_LIMIT = 3_000
"""Characters of a comment that can be an order: what is longer is refused, never cut."""


class Topic(StrEnum):
    """What an update answers if it is complete."""

    IMPACT = "impact"
    INSIDE = "customers_inside"
    OUTSIDE = "customers_outside"
    CAUSE = "root_cause"
    ETA = "eta"
    NEXT = "next_update"


LABELS: dict[str, Topic] = {
    "impact": Topic.IMPACT,
    "actual impact": Topic.IMPACT,
    "customers inside": Topic.INSIDE,
    "internal customers": Topic.INSIDE,
    "staff affected": Topic.INSIDE,
    "customers outside": Topic.OUTSIDE,
    "external customers": Topic.OUTSIDE,
    "customers affected": Topic.OUTSIDE,
    "customers": Topic.OUTSIDE,
    "root cause": Topic.CAUSE,
    "cause": Topic.CAUSE,
    "eta": Topic.ETA,
    "estimated time of resolution": Topic.ETA,
    "estimated resolution": Topic.ETA,
    "next update": Topic.NEXT,
}
"""What a labelled line may begin with, casefolded."""


@dataclass(frozen=True, slots=True)
class Update:
    """What is to be published, in its author's words and without markup.

    progress, state: None where the first line does not say. summary: state and impact. status, steps: bullets.
    answers: of labelled lines; the last one on a topic counts.
    """

    audience: Audience
    is_draft: bool = False
    progress: Progress | None = None
    state: ComponentState | None = None
    summary: str = ""
    status: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    answers: tuple[tuple[Topic, str], ...] = ()

    @property
    def is_public(self) -> bool:
        """Customers are to read it."""
        return self.audience is Audience.PUBLIC


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody agrees to what waits to be published."""


@dataclass(frozen=True, slots=True)
class Refused:
    """It looks like an order, and nothing is published. why: a sentence's end, for its author."""

    why: str


TOO_LONG = Refused(f"it is longer than {TEXT_LIMIT:,} characters; please shorten it")

_AFTER_PUBLIC: dict[str, Progress | ComponentState] = {
    **{progress.value: progress for progress in Progress},
    **{state.value: state for state in ComponentState},
    "degraded": ComponentState.DEGRADED,
}
_TWO_WORDS = re.compile(r"(partial|major|degraded)\s+(outage|performance)")
_COLON = r"\s*:"
_MORE = r"(?:[\s,;/&(–—→]+[\w-]+){0,5}[)!.]*"
_ORDER = re.compile(rf"(?P<draft>draft\s*:?\s*)?(?:(?P<staff>update)|public(?P<more>{_MORE})){_COLON}")
_DRAFT = re.compile(rf"draft{_COLON}")
_ANOTHER = re.compile(rf"(?:draft\s*:?\s*)?(?:update|public{_MORE}){_COLON}|(?:draft|note){_COLON}")
_APPROVAL = re.compile(r"approved?\s*[.:!]?")
_ONE_WORD = r"[^\s,:]+"
_STRUCK = re.compile(r"(?<![\w-])-(?=[^\s-])[^\n]*?(?<=[^\s-])-(?![\w-])")
_TYPED = re.compile(
    r"\{[a-z]+(?::[^}]*)?\}"  # a macro
    r"|!\S[^!|]*\.\w{2,15}(?:\|[^!]*)?!|![a-z]+://[^!\s]+!"  # a picture
    r"|^\|"  # a row of a table
    r"|\[[^\]|]*\|[^\]]*\]",  # a link that leads nowhere from outside
    re.IGNORECASE,
)
"""Markup that is still there in a line as a person would read it."""

_COLONS = re.compile("[:：﹕︓]")
_SECTIONS = {"current status": "status", "next steps": "steps"}
_LABEL = re.compile(r"([^\W\d_][\w ]{0,40}?)\s*[:：﹕︓]\s*(.*)")


@lru_cache(maxsize=1024)
def parse_order(text: str, names: Names = ()) -> Update | Approval | Refused | None:
    """None: an ordinary comment. names: of whom it mentions."""
    lines = tuple(dropwhile(lambda line: line.is_quoted, lines_of(text, names)))
    opening = lines[0].words.removeprefix(BULLET) if lines else ""
    first, to_somebody = _folded(opening), _folded(_spoken_to(names).sub("", opening))
    if _APPROVAL.fullmatch(to_somebody):
        return None if begins_as_shown(text) else Approval()
    found = _ORDER.match(first)
    if found is not None:
        return _objection(text, lines) or _update(found, opening, [line.words for line in lines[1:]], is_struck="{-}" in text)
    if _DRAFT.match(first):
        return Refused("after draft: comes update: or public:, and what you want to say")
    if (meant := _ORDER.match(to_somebody)) and not meant["staff"]:
        return Refused("it is addressed to somebody; please leave out whom, if it is to be published")
    return None


def _spoken_to(names: Names) -> re.Pattern[str]:
    """Mentions at the beginning, as replies have one."""
    called = (re.escape(name) for name in sorted({name for _, name in names}, key=len, reverse=True))
    return re.compile(rf"\A(?:@(?:{'|'.join([*called, _ONE_WORD])})[\s,:]+)+")


def _objection(text: str, lines: Sequence[Line]) -> Refused | None:
    """To the form of what begins like an order."""
    if len(text) > TEXT_LIMIT:
        return TOO_LONG
    if begins_as_shown(text):
        return Refused("it begins in a panel or in code type, as what is only shown does; please write it plainly")
    if any(line.is_quoted for line in lines):
        what = "a quotation, a block of code or a table"
        return Refused(f"it holds {what}; please say in your own words what is to be published")
    return None


def _update(found: re.Match[str], opening: str, others: Sequence[str], *, is_struck: bool) -> Update | Refused:
    """found: what the first line, opening, begins with. is_struck: words are, within a word or right beside one."""
    progress: Progress | None = None
    state: ComponentState | None = None
    for word in re.findall(r"[\w-]+", _TWO_WORDS.sub(r"\1_\2", found["more"] or "")):
        meant = _AFTER_PUBLIC.get(word.replace("-", "_"))
        if isinstance(meant, Progress) and progress is None:
            progress = meant
        elif isinstance(meant, ComponentState) and state is None:
            state = meant
        else:
            return Refused(_unknown(word, is_known=meant is not None))
    if found["staff"] is None and any(_ANOTHER.match(_folded(line.removeprefix(BULLET))) for line in others):
        return Refused("another line in it begins as an order or a note of its own does; please write a comment for each")
    rest = _COLONS.split(opening, maxsplit=found[0].count(":"))[-1].strip()
    audience = Audience.STAFF if found["staff"] else Audience.PUBLIC
    if _DRAFT.match(_folded(rest)):
        return Refused("it says draft behind what it orders; please write draft: before it, or leave it out")
    if audience is Audience.PUBLIC and (is_struck or any(_STRUCK.search(line) for line in (rest, *others))):
        return Refused("words in it are struck through; please delete them, for customers would read them")
    typed = next(filter(None, map(_TYPED.search, (rest, *others))), None)
    if audience is Audience.PUBLIC and typed is not None:
        return Refused(f'"{cut(typed[0], 40)}" would be read as it is typed; please say it without markup')
    update = _read(audience, (rest, *others))
    if not (update.summary or update.status or update.steps or update.answers):
        return Refused("it says nothing; please write what is to be published behind the colon")
    return replace(update, is_draft=bool(found["draft"]), progress=progress, state=state)


def _unknown(word: str, *, is_known: bool) -> str:
    if is_known:
        return f'"{word}" is one word too many: say once how far it has come, and once how the products do'
    return f'nobody knows what "{word}" means; after public may come {", ".join(_AFTER_PUBLIC)}'


def _read(audience: Audience, lines: Sequence[str]) -> Update:
    """The body: a line is a heading, a labelled answer, a bullet of its section, or, before any section, what is the matter."""
    summary: list[str] = []
    sections: dict[str, list[str]] = {"status": [], "steps": []}
    answers: dict[Topic, str] = {}
    section = ""
    for line in lines:
        words = line.removeprefix(BULLET)
        label, value = _labelled(words)
        if label in _SECTIONS:
            section = _SECTIONS[label]
            sections[section] += [value] if value else []
        elif label in LABELS:
            if value:
                answers[LABELS[label]] = value
        elif section or line.startswith(BULLET):
            sections[section or "status"].append(words)
        elif words:
            summary.append(words)
    told = tuple((topic, answers[topic]) for topic in Topic if topic in answers)
    return Update(
        audience, summary=" ".join(summary), status=tuple(sections["status"]), steps=tuple(sections["steps"]), answers=told
    )


def _labelled(words: str) -> tuple[str, str]:
    """The label, casefolded, and what follows it; a heading may stand without a colon."""
    heading = _folded(words)
    if heading in _SECTIONS:
        return heading, ""
    found = _LABEL.match(words)
    return (_folded(found[1]), found[2].strip()) if found else ("", "")


def _folded(words: str) -> str:
    """To recognise words by: whatever width they are typed in, and without what nobody sees."""
    shown = (one for one in unicodedata.normalize("NFKC", words) if unicodedata.category(one) not in ("Cf", "Mn"))
    return " ".join("".join(shown).split()).casefold()
