"""What was promised of the places where people meet: one of each for ever, nothing of a human's undone, nothing said twice.

Called at each effect by the ports and, once the world has healed, by `life`. `closed` and `left` are what people did.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.artifacts.comment import NAME as COMMENT
from chalicelib.domain.alias import first_of
from chalicelib.domain.incident import IssueId
from chalicelib.domain.paging import PageState
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from sandbox.chat.values import ChatRoom, Told
from sandbox.jira import schema as names
from sandbox.jira.model import JiraIssue
from sandbox.jira.schema import PRIVATE_LABEL
from sandbox.wiki.model import CURRENT
from simulation import invariants_storm
from simulation.operations import COUNTING
from simulation.people_places import LINK_FIELDS, NOTE, OWN_LINK
from simulation.places import Places
from simulation.places_watch import CALL, KINDS, PAGE, ROOM, TIMELINE, PlaceFacts

if TYPE_CHECKING:
    from simulation.invariants import Invariants
    from simulation.watch import Facts, Watch

FUNCTION_MS = 30_000
"""The longest that a function may act on what it read."""
LOOKED_AT_MS = 905_000
"""A room is looked at once in every quarter of an hour in which anything happens."""
ROOM_IS_CLOSED = ("The room is archived", "is not in the room any more", "The room was deleted")
CONVERGES_MS = 600_000
"""The promise: everything is there within ten minutes of the world's healing."""
ARRIVED, ARCHIVE, INSIDE, LINKS, MEMBERS = "arrived", "archive", "inside", "links", "members"
FOR_TIMELINE = ("timeline", "notes:comments")
IN_ROOM = (MEMBERS, "topic", "brief", "bookmarks", "told", "said", ARRIVED, ARCHIVE, "notes")
WHO_PROVIDES = {ROOM: "slack", CALL: "zoom", PAGE: "confluence"}


@dataclass(slots=True)
class PlaceInvariants:
    checks: Invariants
    watch: Watch
    places: Places | None = None
    said_too: Callable[[str, str, str], None] = lambda issue_id, marker, words: None
    """Asked of everything that is said in a room as well."""

    def note(self, issue: JiraIssue) -> None:
        """The issue may have changed."""
        ours, now = self._of(issue.id), self.checks.loop.now_ms
        people = _who_should_be_inside(issue)
        for mail in people - ours.people:
            ours.named.setdefault(mail, []).append(now)
        ours.people = people
        ours.private.note(now, PRIVATE_LABEL in issue.fields["labels"])
        for name in LINK_FIELDS.values():
            value = issue.fields.get(name)
            if str(value).startswith(OWN_LINK):
                ours.human_links.setdefault(name, now)
            elif value:
                ours.filled.add(name)
            elif name in ours.filled:
                ours.emptied.setdefault(name, now)

    # --- at each effect ----------------------------------------------------------------------------------------

    def wrote(self, issue_id: str, what: str) -> None:
        """Nothing is written before the page, and nothing is made of what was never a major incident."""
        facts = self.watch.facts[issue_id]
        self.note(facts.issue)
        self.checks.page_first(facts, what)
        invariants_storm.happened(self.checks, facts, what)

    def made(self, issue_id: str, kind: str, vendor_id: str, words: str) -> None:
        """One of each for ever: also when a human took the first away. Only for what is a major incident."""
        facts, ours = self.watch.facts[issue_id], self._of(issue_id)
        now = self.checks.loop.now_ms
        if ours.made[kind] and kind in ours.closed and self._was_uncertain(issue_id, WHO_PROVIDES[kind]):
            self.checks.excused["E8"] += 1  # deleted before anybody knew that it had been made
        elif kind == ROOM and ours.made[kind] and self._has_another_key(facts.issue) and self._was_uncertain(issue_id, "slack"):
            self.checks.excused["E8"] += 1  # it is looked for by its name, which is another one now
        elif kind == PAGE and ours.made[kind] and self._is_written_over(ours) and self._was_uncertain(issue_id, "confluence"):
            self.checks.excused["E8"] += 1  # all of it, our mark included, before its label was found
        elif ours.made[kind]:
            self.checks.broken(f"one {kind} per incident", f"{vendor_id} beside {ours.made[kind][0][1]} for {facts.issue.key}")
        # Ours may be a moment old, and a write of ours may land late.
        wanted_ms = now - 2 * FUNCTION_MS
        is_unwanted = kind != TIMELINE and facts.truth.wanted.held_throughout(False, wanted_ms, now)
        if is_unwanted and not self.checks.was_blind_to_jira(facts, now):
            self.checks.broken("no place for what is no major incident", f"{kind} {vendor_id} for {facts.issue.key}")
        self._check_secret(facts, words, is_open=kind != ROOM, where=f"{kind} {vendor_id}")

    def said(self, issue_id: str, room_id: str, marker: str, words: str) -> None:
        """Each marker once in a room, whatever became of the message; nothing of what is private in a public room."""
        facts, ours = self.watch.facts[issue_id], self._of(issue_id)
        if marker and ours.said[room_id, marker]:
            if (room_id, marker) in ours.deleted and self._was_uncertain(issue_id, "slack"):
                self.checks.excused["E8"] += 1  # removed before anybody knew that it had been said
            else:
                self.checks.broken("everything is said once", f"{marker} again in {room_id} of {facts.issue.key}")
        self._check_secret(facts, words, is_open=not self._model.chat_model.rooms[room_id].is_private, where=f"room {room_id}")
        self.said_too(issue_id, marker, words)

    def sets_topic(self, issue_id: str, room_id: str, before: Told, topic: str) -> None:
        """What a human wrote is theirs until they empty it, and what we wrote is written once. before: what stood there.

        Where others read of a private incident, it is ours: theirs may have the summary.
        """
        ours = self._of(issue_id)
        if before.value and before.by == self._model.chat_model.bot.id:
            set_ms, last = ours.topics[room_id]
            is_news = ours.private.since_ms > set_ms  # what may be said has changed, and perhaps not what is
            if last == topic and not is_news and not self._was_uncertain(issue_id, "slack"):
                self.checks.broken("a topic is set once", f"{topic!r} in {room_id} once more")
        elif before.value and not self._may_be_exposed(ours, room_id):
            running = self.checks.loop.running
            read_ms = running.notes.get(f"read {room_id}", 0) if running is not None else 0
            if ours.topic_ms.get(room_id, 0) >= read_ms:
                self.checks.excused["E7"] += 1
            else:
                self.checks.broken("a topic that a human set stays", f"{topic!r} over {before.value!r} in {room_id}")

    def _may_be_exposed(self, ours: PlaceFacts, room_id: str) -> bool:
        """A private incident in a room for all, as whoever is at work may have read it."""
        running, now = self.checks.loop.running, self.checks.loop.now_ms
        began_ms = running.notes["began"] if running is not None else now
        was_private = not ours.private.held_throughout(False, began_ms, now)
        return was_private and not self._model.chat_model.rooms[room_id].is_private

    def invited(self, issue_id: str, room_id: str, user_ids: Sequence[str]) -> None:
        """Whoever has left comes back by themselves, unless they were given something to do since."""
        ours, facts, chat = self._of(issue_id), self.watch.facts[issue_id], self._model.chat_model
        for user_id in user_ids:
            left_ms = ours.left.get((room_id, user_id))
            if left_ms is None:
                continue
            named_ms = ours.named.get(chat.users[user_id].email, ())
            if any(ms >= left_ms - FUNCTION_MS for ms in named_ms):
                continue
            if not self._is_known_to_be_asked(issue_id, user_id) and self._was_uncertain(issue_id, "slack"):
                self.checks.excused["E8"] += 1  # left before anybody knew that they had been asked in
            else:
                self.checks.broken(
                    "whoever has left is left alone", f"{user_id} is asked into {room_id} of {facts.issue.key} again"
                )

    def puts(self, issue_id: str, fields: Mapping[str, Any], read_ms: int | None) -> None:
        """Only what is ours is written, and never over what a human wrote or took away."""
        issue, ours = self.watch.facts[issue_id].issue, self._of(issue_id)
        for kind, name in LINK_FIELDS.items():
            if name not in fields:
                continue
            known, new = issue.fields.get(name), fields[name]
            if new is not None and new not in ours.links[kind]:
                self.checks.broken("a link leads to what is ours", f"{new!r} in {kind} of {issue.key}")
            if known and known not in ours.links[kind]:
                self._overwritten(issue, name, f"{known} in {kind} of {issue.key}", read_ms)
            elif not known and ours.emptied.get(name):
                self._overwritten(issue, name, f"nothing in {kind} of {issue.key}", read_ms)

    def _overwritten(self, issue: JiraIssue, name: str, what: str, read_ms: int | None) -> None:
        ours = self._of(issue.id)
        changed_ms = max(ours.human_links.get(name, 0), ours.emptied.get(name, 0))
        if read_ms is not None and changed_ms >= read_ms:
            self.checks.excused["E7"] += 1
        elif issue.fields.get(name) is None and self._was_uncertain(issue.id, "jira"):
            self.checks.excused["E8"] += 1  # emptied before anybody knew that it had been filled
        else:
            self.checks.broken("a link that a human wrote stays", what)

    def _is_known_to_be_asked(self, issue_id: str, user_id: str) -> bool:
        artifacts = self.checks.ledger.read(IssueId(issue_id)).artifacts
        return any(user_id in (record.vendor_id or "").split(",") for record in artifacts if record.name == MEMBERS)

    def _is_written_over(self, ours: PlaceFacts) -> bool:
        wiki = self._model.wiki_model
        page = wiki.pages[ours.made[PAGE][0][1]]
        is_found = any(since + wiki.lag <= wiki.clock.now() for since in page.labels.values())
        return not is_found and page.version.by != page.author

    def _has_another_key(self, issue: JiraIssue) -> bool:
        room = self._model.chat_model.rooms[self._of(issue.id).made[ROOM][0][1]]
        return not room.name.startswith(issue.key.lower())

    def _was_uncertain(self, issue_id: str, system: str) -> bool:
        """An answer was lost, or a function died, after something had happened at that system."""
        mine = (s for s in self.checks.struck if s.incident in (None, issue_id))
        return any(s.fault.is_death or s.operation.partition(".")[0] in (system, "ledger") for s in mine)

    def _check_secret(self, facts: Facts, words: str, *, is_open: bool, where: str) -> None:
        running = self.checks.loop.running
        began_ms = running.notes["began"] if running is not None else self.checks.loop.now_ms
        private = self._of(facts.issue.id).private
        is_secret = (
            private.now and private.since_ms < began_ms and not self.checks.was_blind_to_jira(facts, self.checks.loop.now_ms)
        )
        if is_open and is_secret and facts.issue.fields["summary"] in words:
            self.checks.broken("what is private stays in its room", f"the summary of {facts.issue.key} in {where}")

    # --- once the world has healed -----------------------------------------------------------------------------

    def healed(self, facts: Facts) -> None:
        issue, ours = facts.issue, self._of(facts.issue.id)
        self._check_links(issue, ours)
        if self.is_wanted(facts):
            for kind in KINDS:
                if not ours.made[kind]:
                    if not (LINK_FIELDS[kind] in ours.human_links or (kind == PAGE and ours.private.ever)):
                        self.checks.broken(f"there is a {kind}", f"none was ever made for {issue.key}")
                elif not self._is_there(kind, ours) and kind not in ours.closed and not self._is_archived_by_us(kind, ours):
                    self.checks.broken(f"there is a {kind}", f"that of {issue.key} is gone, and no human took it away")
                else:
                    self._check_shown(issue, kind, ours)
                    self._check_delay(facts, kind, ours)
            self._check_room(facts, ours)
            self._check_timeline(issue, ours)

    def settled(self, facts: Facts) -> None:
        """Asked at the very end, after passes that nothing disturbed. Where our room is closed to us while it is needed, people
        are told, once a quarter of an hour has passed; where they have opened it again and we are inside, it is kept right."""
        ours = self._of(facts.issue.id)
        if not (self.is_wanted(facts) and ours.made[ROOM] and ours.closed_ms):
            return
        room = self._model.chat_model.rooms[ours.made[ROOM][-1][1]]
        is_open = not (room.is_deleted or room.is_archived)
        if is_open and self._model.chat_model.bot.id in room.members:
            if ours.opened_ms:
                self._check_kept_right(facts, ours, room)
            return
        # Quarters are counted from when it was raised, by Jira's clock.
        is_known = self.checks.loop.now_ms > max(ours.closed_ms, ours.opened_ms) + LOOKED_AT_MS + self.checks.skew_ms()
        told = any(word in comment.body for comment in facts.issue.comments for word in ROOM_IS_CLOSED)
        if is_known and not told and not self._is_comment_removed(facts.issue):
            self.checks.broken("people know that their room is closed to us", f"{room.id} of {facts.issue.key}")

    def _is_comment_removed(self, issue: JiraIssue) -> bool:
        """By a human: then nothing is said there again."""
        artifacts = self.checks.ledger.read(IssueId(issue.id)).artifacts
        ours = next((record.vendor_id for record in artifacts if record.name == COMMENT), None)
        return ours is not None and all(comment.id != ours for comment in issue.comments)

    def is_given_up(self, issue_id: str, artifact: str) -> bool:
        """What was under way stays as it is where its place was closed, or nobody waits for it any more."""
        ours, kind = self._of(issue_id), artifact.partition(":")[0]
        if artifact in FOR_TIMELINE:
            return PAGE in ours.closed or ours.private.now
        facts = self.watch.facts[issue_id]
        is_resolved = facts.issue.status == "Resolved"
        if (kind == ARCHIVE and not is_resolved) or (kind == INSIDE and is_resolved) or (kind == LINKS and facts.was_hidden):
            return self._record_of(issue_id, artifact).state is ArtifactState.GONE
        is_over = kind == ARRIVED and self._has_ended(issue_id, *artifact.split(":")[1:])
        return is_over or (kind in IN_ROOM and (ROOM in ours.closed or ours.archived))

    def _record_of(self, issue_id: str, artifact: str) -> ArtifactRecord:
        artifacts = self.checks.ledger.read(IssueId(issue_id)).artifacts
        return next(record for record in artifacts if record.name == artifact)

    def _has_ended(self, issue_id: str, target: str, episode: str) -> bool:
        """The page of whoever was called."""
        pages = self.checks.ledger.read(IssueId(issue_id)).pages
        ours = (page for page in pages if (first_of(page.target), page.episode) == (target, int(episode)))
        return all(page.state is PageState.ENDED for page in ours)

    def is_wanted(self, facts: Facts) -> bool:
        """Major, open and visible, and not held back by a storm."""
        return facts.truth.wanted.now and not facts.was_hidden and not invariants_storm.is_held(self.checks, facts)

    def _check_links(self, issue: JiraIssue, ours: PlaceFacts) -> None:
        for kind, name in LINK_FIELDS.items():
            shown = issue.fields.get(name)
            if shown and shown not in ours.links[kind] and not str(shown).startswith(OWN_LINK):
                self.checks.broken("a link leads to what is ours", f"{shown} in {kind} of {issue.key}")

    def _check_shown(self, issue: JiraIssue, kind: str, ours: PlaceFacts) -> None:
        name = LINK_FIELDS[kind]
        if kind not in ours.closed and not issue.fields.get(name) and name not in ours.emptied:
            self.checks.broken("every place is linked", f"{issue.key} does not say where its {kind} is")

    def _check_delay(self, facts: Facts, kind: str, ours: PlaceFacts) -> None:
        """Whatever happens to one place, the others are there in time."""
        others, script = {system for other, system in WHO_PROVIDES.items() if other != kind}, self.checks.script
        others |= {*COUNTING}
        disturbed = script.but(outages=tuple(o for o in script.outages if o.system.partition(".")[0] not in others))
        disturbing = [s.over_ms for s in self.checks.struck if s.operation.partition(".")[0] not in others]
        asked = [asked.ms for asked in facts.asked]
        begin_ms = max(
            [facts.truth.wanted.at_ms[0], *facts.durable_ms[:1], *asked[:1], *disturbing, disturbed.disturbed_until_ms]
        )
        made_ms = ours.made[kind][0][0]
        begin_ms = max(begin_ms, invariants_storm.spoken_ms(self.checks, facts, made_ms))
        if made_ms > begin_ms + CONVERGES_MS:
            self.checks.broken("no place waits for another", f"{kind} of {facts.issue.key} only at +{made_ms / 1000:.0f} s")

    def _check_timeline(self, issue: JiraIssue, ours: PlaceFacts) -> None:
        """There is one below the document, and it shows what people noted in Jira."""
        if PAGE in ours.closed or not ours.made[PAGE] or ours.private.ever:
            return
        if not ours.made[TIMELINE]:
            self.checks.broken("there is a timeline", f"none was ever made for {issue.key}")
            return
        page = self._model.wiki_model.pages.get(ours.made[TIMELINE][0][1])
        noted = any(comment.body == NOTE for comment in issue.comments)
        if noted and page is not None and page.state == CURRENT and NOTE.partition(": ")[2] not in page.version.body:
            self.checks.broken("the timeline shows what was noted", f"{page.id} of {issue.key}")

    def _check_room(self, facts: Facts, ours: PlaceFacts) -> None:
        """Its topic is ours or a human's, and who has something to do is inside."""
        if ROOM in ours.closed or not ours.made[ROOM]:
            return
        chat = self._model.chat_model
        room = chat.rooms[ours.made[ROOM][-1][1]]  # of several (E8) the one that is known
        if not room.is_archived and not ours.opened_ms:  # what was opened again is asked about in `settled`
            self._check_kept_right(facts, ours, room)

    def _check_kept_right(self, facts: Facts, ours: PlaceFacts, room: ChatRoom) -> None:
        if not room.topic.value:
            self.checks.broken("a room has a topic", f"{room.id} of {facts.issue.key} has none")
        self._check_secret(facts, room.topic.value, is_open=not room.is_private, where=f"the topic of {room.id}")
        if f"firebell:{facts.issue.id}" not in room.purpose.value:
            self.checks.broken("a room is marked", f"{room.id} of {facts.issue.key}: {room.purpose.value!r}")
        for mail in _who_should_be_inside(facts.issue):
            users = self._model.chat_model.users.values()
            user = next((u for u in users if u.email == mail), None)
            if user is not None and user.id not in room.members and (room.id, user.id) not in ours.left:
                self.checks.broken(
                    "who has something to do is in the room", f"{user.name} is not in {room.id} of {facts.issue.key}"
                )
        said = [m.metadata["event_payload"]["marker"] for m in room.messages if m.is_bot and m.metadata]
        twice = {marker for marker in said if said.count(marker) > 1}
        if twice:
            self.checks.broken("everything is said once", f"{sorted(twice)} in {room.id} of {facts.issue.key}")

    def _is_there(self, kind: str, ours: PlaceFacts) -> bool:
        vendor_id = ours.made[kind][0][1]
        if kind == ROOM:
            room = self._model.chat_model.rooms[vendor_id]
            return not (room.is_deleted or room.is_archived)
        if kind == CALL:
            return int(vendor_id) in self._model.video_model.meetings
        page = self._model.wiki_model.pages.get(vendor_id)
        return page is not None and page.state == CURRENT

    def _is_archived_by_us(self, kind: str, ours: PlaceFacts) -> bool:
        """After a resolve that was taken back later."""
        return kind == ROOM and ours.archived

    def _of(self, issue_id: str) -> PlaceFacts:
        return self._model.sees.of(issue_id)

    @property
    def _model(self) -> Places:
        assert self.places is not None
        return self.places


def _who_should_be_inside(issue: JiraIssue) -> set[str]:
    """Mail addresses of the incident manager and of who has a role."""
    people = [issue.assignee.as_json() if issue.assignee else None]
    people += [issue.fields.get(name) for name in (names.TECH_LEAD, names.COMMUNICATIONS)]
    return {person["emailAddress"] for person in people if person and person.get("emailAddress")}
