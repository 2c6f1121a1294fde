"""What was promised of telling people: once, in order, only what a human may have said by then, and nothing internal outside.

Called at each effect by the ports and, once the world has healed, by `life`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from chalicelib.artifacts.order_source import JUST_BEFORE, TOLD_WITHIN
from chalicelib.domain.announcement import (
    CHANNELS,
    DRILL_PAGE,
    MAIL,
    OPENING,
    ORDER,
    PUBLIC_PAGE,
    RESOLVED,
    ROOM,
    STAFF_PAGE,
    ComponentState,
    Progress,
)
from chalicelib.domain.incident import IssueId
from chalicelib.domain.telling import TellingPolicy
from chalicelib.ports.ledger import ArtifactState
from sandbox.company import COMPONENTS, EMMA, MIA, OMAR, PIA, PRODUCTS
from sandbox.jira import schema as names
from sandbox.jira.model import JiraIssue
from simulation import invariants_storm
from simulation.faults import UNANSWERED, Effect, Ending
from simulation.invariants_places import CONVERGES_MS, FUNCTION_MS
from simulation.newsroom import PAGE_IDS, Newsroom
from simulation.operations import COUNTING
from simulation.telling_watch import PAGES, OrderFacts, TellingFacts, Told, Version
from simulation.truth import Timeline, is_gone, is_major
from simulation.wire import Struck

if TYPE_CHECKING:
    from simulation.invariants import Invariants
    from simulation.watch import Facts, Watch

ONCE = "nothing is told twice"
ALLOWED = "people are told only what may be told now"
SAID_BY_A_HUMAN = "customers are told only what a human said"
CLEAN = "nothing internal becomes public"
STANDS = "an order is told as it stands"
HELD = "an order is held"
FROZEN = "what was told stays as it was told"
IN_ORDER = "updates come in order"
ENDED_ONCE = "the last word is that of a resolve that lasted"
OVER = "customers are told that it is over by a resolve or by a human"
AS_ORDERED = "customers are shown how a product does only as it was ordered"
SAID_OPEN = "what is left open for people to end is said"
ENDED_BY_HAND = "what a human resolved on a page stays resolved"
ONE_INCIDENT = "one incident on a page"
ONE_THREAD = "one thread of mail"
LIMIT = "one request a second at the status pages"
PATIENT = "a status page that asks us to wait is waited for"
TOLD = "who is to be told is told"

_LEFT_OPEN = "so it stays open on the status page"
_COMPONENTS = dict(zip(PRODUCTS, COMPONENTS["public"], strict=True))
ORDERED_TO_BE_OVER = "public resolved"
BETWEEN_MS = 990
"""Between two requests of the same account. The vendor counts sixty in a minute; what booking a turn takes goes off one."""
GIVEN_UP = (*CHANNELS, *(f"{page}_{of}" for page in PAGES for of in ("name", "held_back")), "notes", "remind", "updates")
PATIENT_AT = ("statuspage.open", "statuspage.update", "statuspage.amend")
"""Looking is repeated sooner, by whichever artifact looks next."""
LANDS_MS = 60_000
"""How old the knowledge of an effect may be that lands late."""

LOWERED_WAITS = timedelta(hours=1)
"""How soon people hear again of what is not major, where nothing was promised."""
_UPDATE_DUE = re.compile(r"remind:update-(\d{8}T\d{6}):\d+")

_CANARIES = re.compile(
    r"HOT-\d|checkout is down|example\.com|atlassian|acc-|@|"
    + "|".join(rf"\b{re.escape(part)}\b" for user in (EMMA, MIA, OMAR, PIA) for part in user.name.split()),
    re.IGNORECASE,
)
"""What summary, description, key, links and names have, and no customer may read."""


@dataclass(slots=True)
class TellingInvariants:
    """policy: as the company has it."""

    checks: Invariants
    watch: Watch
    policy: TellingPolicy
    newsroom: Newsroom = field(init=False)

    def note(self, issue: JiraIssue) -> None:
        """The issue may have changed."""
        ours, now = self._of(issue.id), self.checks.loop.now_ms
        labels = issue.fields["labels"]
        ours.major.note(now, is_major(issue))
        ours.private.note(now, names.PRIVATE_LABEL in labels)
        ours.drill.note(now, names.DRILL_LABEL in labels)
        ids = frozenset(_COMPONENTS[one["value"]] for one in issue.fields.get(names.PRODUCTS) or ())
        if not ours.products or ours.products[-1][1] != ids:
            ours.products.append((now, ids))
        said = issue.fields.get(names.CUSTOMER_VISIBLE)
        ours.visible.note(now, said is not None and said["value"] == "Yes")
        is_resolved = issue.status == "Resolved"
        if is_resolved and not ours.resolved.now:
            ours.resolves.append(now)
        ours.resolved.note(now, is_resolved)
        ours.duplicate.note(now, is_resolved and issue.resolution == "Duplicate")
        speaks = issue.fields.get(names.COMMUNICATIONS)
        holders = [issue.assignee.account_id if issue.assignee else "", str(speaks["accountId"]) if speaks else ""]
        for account in filter(None, holders):
            ours.holders.setdefault(account, now)

    # --- at each effect ----------------------------------------------------------------------------------------

    def asks(self, before_ms: int, now_ms: int) -> None:
        if now_ms - before_ms < BETWEEN_MS - self.checks.script.worker_skew_s * 1000:
            self.checks.broken(LIMIT, f"two within {now_ms - before_ms} ms")

    def opens(self, issue_id: str, page: str) -> None:
        """One for ever, also when a human took the first away."""
        facts, ours = self._facts(issue_id), self._of(issue_id)
        if not ours.opened[page]:
            return
        if page in ours.deleted and self._was_uncertain(issue_id, "statuspage"):
            self.checks.excused["E8"] += 1  # deleted before anybody knew that it had been opened
        else:
            self.checks.broken(ONE_INCIDENT, f"another on {page} for {facts.issue.key}")

    def publishes(self, issue_id: str, channel: str, announcement: str, words: str, *, again: bool = False) -> None:
        """again: it was told before, and is said otherwise now; or it is mail, of which `mails` counts every copy."""
        facts, ours, now = self._facts(issue_id), self._of(issue_id), self.checks.loop.now_ms
        self.checks.page_first(facts, f"{announcement} on {channel}")
        invariants_storm.happened(self.checks, facts, f"{announcement} on {channel}")
        if not again and ours.was_told(channel, announcement):
            if channel in ours.deleted and self._was_uncertain(issue_id, "statuspage"):
                self.checks.excused["E8"] += 1
            else:
                self.checks.broken(ONCE, f"{announcement} again on {channel} for {facts.issue.key}")
        self._check_allowed(facts, channel)
        kind, _, rest = announcement.partition("-")
        token = ""
        if kind == OPENING:
            self._check_opening(facts, channel)
        elif kind == ORDER:
            token = self._check_order(facts, channel, rest, words, in_place=again and channel in PAGES)
        elif kind == RESOLVED and not ours.was_told(channel, announcement):
            self._check_ending(facts, channel, int(rest))
        if channel == PUBLIC_PAGE:
            self._check_clean(facts, words)
        if not ours.was_told(channel, announcement):
            ours.told.append(Told(now, channel, announcement, token))

    def said_in_room(self, issue_id: str, marker: str, words: str) -> None:
        """Updates are said there too; what it says about them (drafts, refusals) is no update."""
        channel, _, announcement = marker.partition(f"firebell:{issue_id}:")[2].partition(":")
        if channel == ROOM and announcement.startswith((f"{ORDER}-", f"{RESOLVED}-")):
            self.publishes(issue_id, ROOM, announcement, words)

    def amends(self, issue_id: str, announcement: str, before: str, words: str) -> None:
        """What was told of an order stays as it was told, until its author edits it."""
        kind, _, comment_id = announcement.partition("-")
        order = self._of(issue_id).orders.get(comment_id) if kind == ORDER else None
        same = [one.token for one in order.versions if one.token and one.token in before] if order is not None else []
        if before != words and any(token in words for token in same):
            self.checks.broken(FROZEN, f"{announcement} of {self._facts(issue_id).issue.key} reads {words!r}, not {before!r}")

    def renames(self, issue_id: str, page: str, name: str) -> None:
        facts = self._facts(issue_id)
        self._check_allowed(facts, page)
        if page == PUBLIC_PAGE:
            self._check_clean(facts, name)

    def shows(self, issue_id: str, page: str, states: Mapping[str, ComponentState]) -> None:
        """An outage is of a product that was named between an order for one and its being told; its end needs no order."""
        facts, ours = self._facts(issue_id), self._of(issue_id)
        if page != PUBLIC_PAGE:
            return
        for id_, state in states.items():
            ordered = [comment_id for comment_id, one in ours.orders.items() if one.asked.endswith(state.value)]
            spans = ((ours.orders[comment_id].versions[0].ms, self._first_told_ms(ours, comment_id)) for comment_id in ordered)
            is_meant = any(id_ in ours.named(from_ms - FUNCTION_MS, to_ms) for from_ms, to_ms in spans)
            if state is not ComponentState.OPERATIONAL and not is_meant:
                self.checks.broken(AS_ORDERED, f"{id_} is in {state} on {page}, by {facts.issue.key}")

    def _first_told_ms(self, ours: TellingFacts, comment_id: str) -> int:
        told = (one.ms for one in ours.told if (one.channel, one.announcement) == (PUBLIC_PAGE, f"{ORDER}-{comment_id}"))
        return next(told, self.checks.loop.now_ms)

    def moves(self, issue_id: str, page: str, announcement: str, status: str, new: str) -> None:
        """What a human resolved there stays resolved, until we have said so ourselves and it begins again."""
        ours = self._of(issue_id)
        if page == PUBLIC_PAGE and new == Progress.RESOLVED != status:
            self._check_over(issue_id, announcement)
        was_ours = any(one.channel == page and one.announcement.startswith(RESOLVED) for one in ours.told)
        ended_ms = ours.ended.get(page, self.checks.loop.now_ms)
        is_known = ended_ms < self.checks.loop.now_ms - FUNCTION_MS
        if status == Progress.RESOLVED and new != Progress.RESOLVED and is_known and not was_ours:
            self.checks.broken(ENDED_BY_HAND, f"{self._facts(issue_id).issue.key} is {new} on {page}")

    def _check_over(self, issue_id: str, announcement: str) -> None:
        """Whoever closes a duplicate does not say that it is over."""
        facts, ours = self._facts(issue_id), self._of(issue_id)
        order = ours.orders.get(announcement.partition("-")[2]) if announcement.startswith(ORDER) else None
        if not (order is not None and order.asked == ORDERED_TO_BE_OVER) and not self._was(ours.duplicate, False):
            self.checks.broken(OVER, f"{facts.issue.key} is a duplicate, and resolved on {PUBLIC_PAGE} by {announcement}")

    def mails(self, issue_id: str, message_id: str, address: str, words: str) -> None:
        """A second copy only where nobody knew of the first (0017), and never a third; the same mail both times."""
        ours, facts = self._of(issue_id), self._facts(issue_id)
        if ours.letters.setdefault((words, address), message_id) != message_id:
            self.checks.broken(ONCE, f"the same words to {address} in another mail, about {facts.issue.key}")
        count = ours.mails[message_id, address]
        ours.mails[message_id, address] += 1
        if count == 1 and self._was_uncertain(issue_id, "mail"):
            self.checks.excused["E9"] += 1
        elif count:
            self.checks.broken(ONCE, f"{message_id} for {address} once more, about {facts.issue.key}")

    # --- what may be told --------------------------------------------------------------------------------------

    def _check_allowed(self, facts: Facts, channel: str) -> None:
        ours, key = self._of(facts.issue.id), facts.issue.key
        if channel != ROOM and not self._was(ours.private, False):
            self.checks.broken(ALLOWED, f"{key} is private, and on {channel}")
        if channel in PAGES and not self._was(ours.drill, channel == DRILL_PAGE):
            self.checks.broken(ALLOWED, f"{key}, {'a drill' if ours.drill.now else 'no drill'}, on {channel}")

    def _check_opening(self, facts: Facts, channel: str) -> None:
        ours, key = self._of(facts.issue.id), facts.issue.key
        if not (self._was(ours.major, True) or ours.was_told(channel, OPENING)):
            self.checks.broken(ALLOWED, f"{key} is no major incident, and on {channel}")
        if channel == PUBLIC_PAGE and not (self._was(ours.visible, True) or ours.was_told(channel, OPENING)):
            self.checks.broken(SAID_BY_A_HUMAN, f"nobody said that customers notice {key}")

    def _check_order(self, facts: Facts, channel: str, comment_id: str, words: str, *, in_place: bool) -> str:
        """The token of the version that is told. in_place: what was told is amended where it stands, and overtakes nothing."""
        ours, key, now = self._of(facts.issue.id), facts.issue.key, self.checks.loop.now_ms
        order = ours.orders.get(comment_id)
        if order is None or order.is_public is not (channel == PUBLIC_PAGE):
            self.checks.broken(SAID_BY_A_HUMAN, f"nobody ordered {comment_id} of {key} for {channel}")
            return ""
        told = next((one for one in reversed(order.versions) if one.token and one.token in words), None)
        if told is None:
            self.checks.broken(STANDS, f"{comment_id} of {key} on {channel} has other words")
            return ""
        if order.account not in ours.holders:
            self.checks.broken(SAID_BY_A_HUMAN, f"{comment_id} of {key} is by somebody who may not order it")
        read_ms = self._as_of(self.newsroom.sees.comment_read_ms(comment_id))
        if told not in order.since(read_ms, now):
            self.checks.broken(STANDS, f"{told.token} of {key} on {channel}, which was taken back before")
        early_ms = self.policy.hold // timedelta(milliseconds=1) - self.checks.skew_ms() - (now - told.ms)
        if early_ms > 0:
            self.checks.broken(HELD, f"{comment_id} of {key} on {channel} {early_ms / 1000:.1f} s early")
        if not in_place:
            self._check_sequence(facts, channel, order, told)
        return told.token

    def _check_sequence(self, facts: Facts, channel: str, order: OrderFacts, told: Version) -> None:
        """Of the orders of one person, as they became due; not of what Jira said to be gone, and shows again."""
        if any(s.operation == "jira.read_comment" and s.fault.ending is Ending.MISSING for s in self.checks.struck):
            return
        ours = self._of(facts.issue.id)
        for before in ours.told:
            if before.channel != channel or not before.token:
                continue
            other = ours.orders[before.announcement.partition("-")[2]]
            version = next((one for one in other.versions if one.token == before.token), None)
            same = (other.account, other.asked) == (order.account, order.asked) and len(order.versions) == 1
            if same and version is not None and version.ms > told.ms:
                self.checks.broken(IN_ORDER, f"{told.token} of {facts.issue.key} on {channel} after {before.token}")

    def _check_ending(self, facts: Facts, channel: str, number: int) -> None:
        ours, key, now = self._of(facts.issue.id), facts.issue.key, self.checks.loop.now_ms
        if not self._was(ours.resolved, True):
            self.checks.broken(ENDED_ONCE, f"{key} is not resolved, and {channel} says so")
            return
        lasted_ms = now - ours.resolves[-1]
        early_ms = self.policy.final_after // timedelta(milliseconds=1) - self.checks.skew_ms() - lasted_ms
        if number != len(ours.resolves) or early_ms > 0:
            told = f"number {number} of {len(ours.resolves)}, {lasted_ms / 1000:.0f} s after it"
            self.checks.broken(ENDED_ONCE, f"{key} on {channel}: {told}")

    def _check_clean(self, facts: Facts, words: str) -> None:
        found = _CANARIES.search(words)
        if found is not None:
            self.checks.broken(CLEAN, f"{found[0]!r} of {facts.issue.key}: {words[:120]!r}")

    def _was(self, timeline: Timeline, value: bool) -> bool:
        """At the moment at which whoever acts now looked at the issue last."""
        read_ms = self._as_of(self.newsroom.sees.read_ms())
        return not timeline.held_throughout(not value, read_ms - 1, read_ms if not self._lands else self.checks.loop.now_ms)

    def _as_of(self, read_ms: int | None) -> int:
        """Whoever did not look has no excuse, and what lands late was known a while ago."""
        now = self.checks.loop.now_ms
        if self._lands:
            return now - LANDS_MS
        return read_ms if read_ms is not None and read_ms >= now - FUNCTION_MS else now

    @property
    def _lands(self) -> bool:
        return self.newsroom.wire.is_landing

    def _was_uncertain(self, issue_id: str, system: str) -> bool:
        """An answer was lost, or a function died, after something had happened at that system."""
        mine = (s for s in self.checks.struck if s.incident in (None, issue_id))
        return any(s.fault.is_death or s.operation.partition(".")[0] in (system, "ledger") for s in mine)

    # --- once the world has healed -----------------------------------------------------------------------------

    def healed(self, facts: Facts) -> None:
        issue, ours = facts.issue, self._of(facts.issue.id)
        self._check_left_behind(facts)
        self._check_thread(facts)
        self._check_patience(facts)
        if facts.was_hidden or ours.private.ever or ours.drill.ever:
            return
        if ours.resolved.now and not is_gone(issue):
            self._check_last_word(facts)
            self._check_left_open(facts)
        is_lowered = not (ours.major.now or ours.resolved.now) and not is_gone(issue)
        if not (facts.truth.wanted.now or is_lowered) or invariants_storm.is_held(self.checks, facts):
            return
        for channel, announcement, due_ms in self._due_when_lowered(facts) if is_lowered else self._due(facts):
            if self._is_closed(facts, channel) or due_ms >= self.checks.loop.now_ms:
                continue
            told = next((one for one in ours.told if (one.channel, one.announcement) == (channel, announcement)), None)
            if told is None and channel == MAIL and self._was_sent_twice_in_vain(facts):
                self.checks.excused["E9"] += 1
            elif told is None:
                self.checks.broken(TOLD, f"{channel} was not told {announcement} of {issue.key}")
            elif announcement == OPENING and channel != PUBLIC_PAGE:
                self._check_delay(facts, channel, told.ms, due_ms)

    def _check_last_word(self, facts: Facts) -> None:
        """Wherever something was told of it, the last resolve is told as well; customers hear of no duplicate."""
        ours, last = self._of(facts.issue.id), f"{RESOLVED}-{len(self._of(facts.issue.id).resolves)}"
        for channel in (STAFF_PAGE, MAIL, *(() if ours.duplicate.now else (PUBLIC_PAGE,))):
            is_missing = any(one.channel == channel for one in ours.told) and not ours.was_told(channel, last)
            if is_missing and not self._is_closed(facts, channel) and not self._was_sent_twice_in_vain(facts):
                self.checks.broken(TOLD, f"{channel} was not told {last} of {facts.issue.key}")

    def _check_left_behind(self, facts: Facts) -> None:
        """Of an issue that has left, an owner was called where it is open on a page; once we had been told that it left."""
        issue, ours = facts.issue, self._of(facts.issue.id)
        known = self.checks.ledger.read(IssueId(issue.id)).incident
        if not is_gone(issue) or known is None or known.latest is None or known.deleted_at is None:
            return
        if any((s.operation, s.fault.name) == ("statuspage.read", "404") for s in self.checks.struck):
            return  # the page said that there is nothing
        for page in (STAFF_PAGE, PUBLIC_PAGE, DRILL_PAGE):
            there = self.newsroom.status_model.page(PAGE_IDS[page]).incidents
            opened = [there[id_] for id_ in ours.opened[page] if id_ in there]
            is_open = page not in ours.ended and any(one.status != Progress.RESOLVED for one in opened)
            if is_open and not any(self.watch.id_of(key) == issue.id for key in self.checks.called_for_pages):
                self.checks.broken(SAID_OPEN, f"{known.latest.key} has left, is open on {page}, and nobody was called")

    def _check_left_open(self, facts: Facts) -> None:
        """Of a duplicate that customers read to go on, our comment says so; where nobody removed it, nor Jira said that."""
        issue, ours = facts.issue, self._of(facts.issue.id)
        there = self.newsroom.status_model.page(PAGE_IDS[PUBLIC_PAGE]).incidents
        opened = [there[id_] for id_ in ours.opened[PUBLIC_PAGE] if id_ in there]
        if not ours.duplicate.now or not any(one.status != Progress.RESOLVED for one in opened):
            return
        said = any(_LEFT_OPEN in comment.body for comment in issue.comments if comment.properties)
        was_removed = any(act.what == "remove our comment" for act in self.checks.script.acts)
        lied = any((s.operation, s.fault.name) == ("jira.edit_comment", "404") for s in self.checks.struck)
        if not (said or was_removed or lied):
            self.checks.broken(SAID_OPEN, f"{issue.key} is a duplicate, open on {PUBLIC_PAGE}, and no comment says so")

    def _due(self, facts: Facts) -> Iterator[tuple[str, str, int]]:
        """What should have been told, from when on."""
        ours, skew_ms = self._of(facts.issue.id), int(max(0.0, self.checks.script.jira_skew_s) * 1000)
        opens_ms = facts.truth.wanted.at_ms[0] + self.policy.opens_after // timedelta(milliseconds=1) + skew_ms
        yield from ((channel, OPENING, opens_ms) for channel in (STAFF_PAGE, MAIL))
        is_said = ours.visible.now and not self._has_no_products(facts.issue)
        if is_said and not any(order.is_public for order in ours.orders.values()):
            yield PUBLIC_PAGE, OPENING, ours.visible.since_ms
        yield from self._ordered(facts)

    def _due_when_lowered(self, facts: Facts) -> Iterator[tuple[str, str, int]]:
        """Whoever was told of it before hears what is ordered for them."""
        for channel, announcement, due_ms in self._ordered(facts):
            if any(one.channel == channel and one.ms < due_ms - LANDS_MS for one in self._of(facts.issue.id).told):
                yield channel, announcement, due_ms

    def _ordered(self, facts: Facts) -> Iterator[tuple[str, str, int]]:
        """By whom it is now, and as it is to be told if nothing speaks against it."""
        ours, hold_ms = self._of(facts.issue.id), self.policy.hold // timedelta(milliseconds=1)
        skew_ms = int(max(0.0, self.checks.script.jira_skew_s) * 1000)
        for comment_id, order in ours.orders.items():
            version = order.versions[-1]
            is_its_own = order.account == self._holder(facts.issue)
            is_lesser = ours.major.held_throughout(False, version.ms, version.ms + JUST_BEFORE // timedelta(milliseconds=1))
            if is_lesser and not any(one.ms < version.ms for one in ours.told):
                continue  # an order only shortly before it is raised, or for those who were told of it before
            if facts.truth.wanted.now and facts.truth.wanted.since_ms > version.ms + TOLD_WITHIN // timedelta(milliseconds=1):
                continue  # it was a day old when the incident was opened again
            if not (version.token and is_its_own) or order.asked not in ("update", "public", "public identified"):
                continue
            if order.is_public and (any(one.leaks for one in order.versions) or self._has_no_products(facts.issue)):
                continue
            for channel in (PUBLIC_PAGE,) if order.is_public else (STAFF_PAGE, MAIL):
                yield channel, f"{ORDER}-{comment_id}", version.ms + hold_ms + skew_ms

    def _check_delay(self, facts: Facts, channel: str, told_ms: int, due_ms: int) -> None:
        """Whatever happens to one channel, the others are told in time."""
        system = "mail" if channel == MAIL else "statuspage"
        others = {"statuspage", "mail", "slack", "confluence", "zoom", *COUNTING} - {system}
        script = self.checks.script
        disturbed = script.but(outages=tuple(o for o in script.outages if o.system.partition(".")[0] not in others))
        disturbing = [s.over_ms for s in self.checks.struck if s.operation.partition(".")[0] not in others]
        spoken_ms = invariants_storm.spoken_ms(self.checks, facts, told_ms)
        begin_ms = max([due_ms, spoken_ms, *facts.durable_ms[:1], *disturbing, disturbed.disturbed_until_ms])
        if told_ms > begin_ms + CONVERGES_MS:
            self.checks.broken(
                "no channel waits for another", f"{channel} of {facts.issue.key} only at +{told_ms / 1000:.0f} s"
            )

    def _check_thread(self, facts: Facts) -> None:
        mine = f"firebell.{facts.issue.id}."
        mails = self.newsroom.mail_model
        if (
            sum(ours == facts.issue.id for ours, _ in map(self.newsroom.sees.of_mail, (m.message_id for m in mails.received)))
            < 2
        ):
            return
        threads = [thread for thread in mails.threads() if thread.mails[0].message_id.startswith(mine)]
        if len(threads) > 1:
            self.checks.broken(ONE_THREAD, f"{len(threads)} of {facts.issue.key}: {[thread.subject for thread in threads]}")

    def _check_patience(self, facts: Facts) -> None:
        for struck in self.checks.struck:
            is_ours = struck.incident == facts.issue.id and struck.operation in PATIENT_AT
            if is_ours and struck.undercut_ms is not None and not self._was_uncertain(facts.issue.id, ""):
                self.checks.broken(PATIENT, f"{struck.operation} at +{struck.at_ms / 1000:.1f} s")

    def _is_closed(self, facts: Facts, channel: str) -> bool:
        """A human ended or deleted it there, or the vendor said that it is gone."""
        ours = self._of(facts.issue.id)
        lied = ("statuspage.read", "jira.read_comment")
        was_lied_to = any(s.operation in lied and s.fault.name == "404" for s in self.checks.struck)
        return channel in ours.deleted or channel in ours.ended or was_lied_to

    def _was_sent_twice_in_vain(self, facts: Facts) -> bool:
        """Either sending was refused, or nobody knows whether it was taken, and there is no third."""
        mine = [s for s in self.checks.struck if s.incident in (None, facts.issue.id)]
        return sum(map(_spends_a_sending, mine)) > 1

    def is_given_up(self, issue_id: str, artifact: str) -> bool:
        """Begun, and told no more; what had to be told is looked at by itself."""
        records = self.checks.ledger.read(IssueId(issue_id)).artifacts
        is_over = any(one.name == artifact and one.state is ArtifactState.GONE for one in records)
        return (is_over and artifact.partition(":")[0] in GIVEN_UP) or self._is_put_off(issue_id, artifact)

    def _is_put_off(self, issue_id: str, artifact: str) -> bool:
        """A reminder of the next update that failed when it was due, and is due later since: people wait longer for what was
        lowered."""
        told, facts = _UPDATE_DUE.fullmatch(artifact), self.watch.facts[issue_id]
        if told is None or facts.truth.wanted.now or facts.issue.status == "Resolved":
            return False
        told_at = datetime.strptime(told[1], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
        return self.checks.loop.moment(self.checks.loop.now_ms) < told_at + LOWERED_WAITS

    def _holder(self, issue: JiraIssue) -> str:
        return issue.assignee.account_id if issue.assignee is not None else ""

    def _has_no_products(self, issue: JiraIssue) -> bool:
        return not issue.fields.get(names.PRODUCTS)

    def _facts(self, issue_id: str) -> Facts:
        facts = self.watch.facts[issue_id]
        self.note(facts.issue)
        return facts

    def _of(self, issue_id: str) -> TellingFacts:
        return self.newsroom.sees.of(issue_id)


def _spends_a_sending(struck: Struck) -> bool:
    """A mail was refused for good, or nobody knows whether it was sent: its answer was lost, its function died, or it counts as
    dead, since its claim was written and nobody was told so."""
    fault = struck.fault
    is_refused = fault.ending in (Ending.MISSING, Ending.CONFLICT, Ending.PERMANENT)
    is_claimed_untold = fault.effect is not Effect.NONE and fault.ending is Ending.TEMPORARY
    return (
        fault.is_death
        or (struck.operation == "mail.send" and (is_refused or fault.name in UNANSWERED))
        or (struck.operation in ("ledger.insert", "ledger.replace") and is_claimed_untold)
    )
