"""Cases of support that belong to an incident: counted by their label while it lasts, and each told once when it is over.

Support labels a case with the incident's key, in capitals or not. The count is a search, so it may run behind; it is made
again every few minutes while the incident is open, and a last time some minutes after it was resolved: a mistaken resolve is
common. Then every case gets one note that customers cannot read. Where a comment cannot be kept from them, nothing is
written, and the incident's own comment says so. Drills have no cases; of private incidents nothing is noted anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.artifacts.artifact import Made, Scene, Spec, spec_of
from chalicelib.artifacts.seen import check_no_secret
from chalicelib.domain.incident import Incident, IssueId, Resolution, resolved_since
from chalicelib.errors import PermanentError
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from chalicelib.ports.tickets import Found, Tickets
from chalicelib.ports.words import Words

NAME, NOTE = "support_cases", "support_note"
MOST_NOTES = 100
"""Cases that are told; of so many, people know anyway."""

AT_ONCE, PAUSE = 10, timedelta(seconds=20)
"""Notes begun in one pass, and how long the next ones wait: a pass has no more than half a minute."""

GIVE_UP = timedelta(days=1)
"""After a resolve. A note that could not be left by then would say nothing new."""

MOST_NAMED = 10
_NOT_SEARCHED = "they could not be looked for in the day after the resolve, so no note was left; tell support yourself"
_NOT_TOLD = "a case of support could not be told in the day after the resolve; tell support yourself"


@dataclass(frozen=True, slots=True)
class Cases:
    """What the last search found. keys: every key that the incident ever had, as far as we saw. to_tell: ids of cases in which
    a note can be kept from customers. told_at: the resolve that it belongs to; "" while the incident was open."""

    keys: tuple[str, ...] = ()
    count: int = 0
    to_tell: tuple[IssueId, ...] = ()
    told_at: str = ""


@dataclass(frozen=True, slots=True)
class Search:
    """told_at: as in `Cases`."""

    keys: tuple[str, ...]
    told_at: str = ""
    is_given_up: bool = False

    @property
    def labels(self) -> tuple[str, ...]:
        """Jira's labels differ by case."""
        return tuple(sorted({label for key in self.keys for label in (key, key.lower())}))


def support_count(scene: Scene) -> int | None:
    """How many cases there are; None while nobody has looked. Pure."""
    cases = _cases(scene.records.get(NAME))
    return cases.count if cases is not None else None


def support_link(scene: Scene) -> str:
    """Where people see them; "" while nobody has looked. Pure."""
    record = scene.records.get(NAME)
    return record.link if record is not None else ""


@dataclass(frozen=True, slots=True)
class SupportCases:
    """projects: keys of the projects of support. refresh: how old the count may be. final_after: see `TellingPolicy`.

    `Made.vendor_id` holds the `Cases`.
    """

    tickets: Callable[[], Tickets]
    projects: Collection[str]
    final_after: timedelta
    refresh: timedelta = timedelta(minutes=10)
    after: tuple[str, ...] = ()
    name: str = NAME
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[Search], ...]:
        incident, record = scene.incident, scene.records.get(self.name)
        known = _cases(record) or Cases()
        keys = (*(key for key in known.keys if key != incident.key), incident.key)
        resolved_at = resolved_since(incident)
        is_ours = scene.wanted if resolved_at is None else record is not None or _was_never_looked_for(scene, resolved_at)
        if incident.is_drill or not is_ours:
            return ()
        if resolved_at is not None:
            last = Search(keys, resolved_at.isoformat())
            if scene.now >= resolved_at + GIVE_UP and known.told_at != last.told_at:
                return (spec_of(self.name, incident, replace(last, is_given_up=True), last.told_at, "given up"),)
            return (spec_of(self.name, incident, last, last.told_at, not_before=resolved_at + self.final_after),)
        if record is None or record.vendor_id is None:
            return (spec_of(self.name, incident, Search(keys), "first"),)
        # Each search is told from the one before by when that was.
        return (spec_of(self.name, incident, Search(keys), record.until, not_before=record.until + self.refresh),)

    def find(self, spec: Spec[Search]) -> Made | None:
        """Looking twice is looking once."""
        del spec
        return None

    def make(self, spec: Spec[Search]) -> Made:
        search, incident = spec.content, spec.incident
        if search.is_given_up:
            return Made("", says=(_NOT_SEARCHED,))
        found = self.tickets().find_issues(self.projects, search.labels)
        cases = [issue for issue in found.issues if issue.id != incident.id]
        quiet = tuple(issue.id for issue in cases if issue.takes_secrets)
        remembered = Cases(search.keys, len(cases), quiet[:MOST_NOTES], search.told_at)
        return Made(_written(remembered), found.link, _to_say(found, incident) if search.told_at else ())

    def change(self, known: Made, spec: Spec[Search]) -> Made:
        if spec.content.is_given_up:
            return replace(known, says=(_NOT_SEARCHED,))
        return self.make(spec)


@dataclass(frozen=True, slots=True)
class CaseNote:
    """case_id: where. marker: by which it is found again. text: wiki markup."""

    case_id: IssueId
    marker: str
    text: str
    is_given_up: bool = False


@dataclass(frozen=True, slots=True)
class SupportNotes:
    """One record for every case, so that each is told once, however often the incident is resolved."""

    tickets: Callable[[], Tickets]
    words: Words
    final_after: timedelta
    after: tuple[str, ...] = (NAME,)
    name: str = NOTE
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[CaseNote], ...]:
        incident, cases = scene.incident, _cases(scene.records.get(NAME))
        resolved_at = resolved_since(incident)
        if cases is None or resolved_at is None or cases.told_at != resolved_at.isoformat():
            return ()
        if incident.is_private or incident.is_drill:
            return ()
        text, marker = self._text(incident), f"support:{incident.id}"
        if scene.now >= resolved_at + GIVE_UP:
            begun = ((id_, scene.records.get(f"{NOTE}:{id_}")) for id_ in cases.to_tell)
            return tuple(
                spec_of(one.name, incident, CaseNote(id_, marker, text, is_given_up=True), "told")
                for id_, one in begun if one is not None and one.state is ArtifactState.SENDING
            )  # fmt: skip
        begin = resolved_at + self.final_after
        return tuple(
            spec_of(
                f"{NOTE}:{id_}", incident, CaseNote(id_, marker, text), "told", not_before=begin + number // AT_ONCE * PAUSE
            )
            for number, id_ in enumerate(cases.to_tell)
        )

    def find(self, spec: Spec[CaseNote]) -> Made | None:
        note = spec.content
        if note.is_given_up:
            return None
        try:
            found = self.tickets().find_comment(note.case_id, note.marker)
        except PermanentError:  # `make` hears the same, and says it
            return None
        return Made(found) if found is not None else None

    def make(self, spec: Spec[CaseNote]) -> Made:
        note = spec.content
        if note.is_given_up:
            return Made("", says=(_NOT_TOLD,))
        check_no_secret(self.tickets(), spec.incident)
        try:
            return Made(self.tickets().add_comment(note.case_id, note.marker, note.text))
        except PermanentError as error:  # deleted, or closed to us: the same tomorrow
            return Made("", says=(f"a case of support took no note ({error.message})",))

    def change(self, known: Made, spec: Spec[CaseNote]) -> Made:
        """It was left there, before its answer was lost."""
        del spec
        return known

    def _text(self, incident: Incident) -> str:
        survivor, resolved_at = incident.survivor, resolved_since(incident)
        return self.words.render(
            "support/note.wiki.j2",
            key=incident.key,
            summary=incident.summary,
            ended=(incident.resolution or Resolution.DONE).value,
            survivor=survivor.key if survivor else "",
            resolved_at=f"{resolved_at:%Y-%m-%d %H:%M} UTC",
            link=incident.url,
        ).strip()


def _was_never_looked_for(scene: Scene, resolved_at: datetime) -> bool:
    """People were paged for it, and a storm held the rest until it was over."""
    return scene.now < resolved_at + GIVE_UP and any(page.is_of_the_chain for page in scene.rung)


def _to_say(found: Found, incident: Incident) -> tuple[str, ...]:
    """For people, once the incident is over."""
    cases = [issue for issue in found.issues if issue.id != incident.id]
    if not cases:
        return ()
    if incident.is_private:
        return (f"the incident is private, so no note was left in its {len(cases)}; tell support yourself",)
    says: list[str] = []
    open_ones = [issue.key for issue in cases if not issue.takes_secrets]
    if open_ones:
        named = ", ".join(open_ones[:MOST_NAMED]) + (" and others" if len(open_ones) > MOST_NAMED else "")
        says.append(f"no note was left in {named}: customers could read it there; tell support yourself")
    if len(cases) - len(open_ones) > MOST_NOTES:
        says.append(f"of {len(cases)}, the first {MOST_NOTES} got a note; tell support yourself about the rest")
    return tuple(says)


def _cases(record: ArtifactRecord | None) -> Cases | None:
    if record is None or not record.vendor_id:
        return None
    told = json.loads(record.vendor_id)
    return Cases(tuple(told["keys"]), told["count"], tuple(map(IssueId, told["to_tell"])), told["told_at"])


def _written(cases: Cases) -> str:
    return json.dumps(
        {"keys": cases.keys, "count": cases.count, "to_tell": cases.to_tell, "told_at": cases.told_at}, separators=(",", ":")
    )
