"""Every webhook that rings: who is it, what is it about, make it durable, answer. Without Chalice, so that it can be simulated.

The answer is a decision, because it is all that a sender acts on: a 2xx once the event is durable or none of our business,
a 5xx that the sender repeats, 401 for strangers. An authentic event never gets another 4xx: Jira drops those for good.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from chalicelib.domain.alias import site_tag
from chalicelib.domain.schema import IncidentSchema
from chalicelib.errors import IgnoredEvent, IntegrationError, RefusedInput, Unauthentic, UnfitSecret, UnreadableEvent
from chalicelib.intake.gate import Gate
from chalicelib.intake.jira_event import parse_jira_event
from chalicelib.intake.pager_events import PagerEvent, parse_opsgenie_event, parse_pagerduty_event
from chalicelib.intake.reply import Reply
from chalicelib.ports.ledger import Ledger
from chalicelib.ports.log import Log
from chalicelib.ports.queue import Cause, Message, Orphan, Queue
from chalicelib.ports.world import Clock

if TYPE_CHECKING:
    from chalicelib.intake.slack_desk import SlackDesk
    from chalicelib.reconcile.firebell import Firebell

MAX_BODY_BYTES = 5_500_000
"""Just under what Lambda takes in one invocation (6 MB with the event around it)."""


@dataclass(frozen=True, slots=True)
class Reception:
    """schema, firebell and queue are functions: a webhook that is none of our business builds none of them it can do without.

    body: the raw bytes. headers: lower-case names.
    """

    gate: Callable[[], Gate]
    schema: Callable[[], IncidentSchema]
    firebell: Callable[[], Firebell]
    queue: Callable[[], Queue]
    log: Log
    clock: Clock
    slack_desk: Callable[[], SlackDesk]
    ledger: Callable[[], Ledger]

    def jira(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        def ring() -> Reply:
            event = parse_jira_event(body, headers, self.schema())
            paged = self.firebell().receive(event)
            return Reply(202, "paged" if paged else "queued", event.key)

        return self._answered(body, lambda: self.gate().admit_jira(body, headers), ring)

    def opsgenie(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        return self._answered(
            body,
            lambda: self.gate().admit_opsgenie(headers),
            lambda: self._ring_for_alert("opsgenie", parse_opsgenie_event(body, self._site_tag())),
        )

    def jsm(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        return self._answered(
            body,
            lambda: self.gate().admit_jsm(headers),
            lambda: self._ring_for_alert("jsm", parse_opsgenie_event(body, self._site_tag())),
        )

    def pagerduty(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        return self._answered(
            body,
            lambda: self.gate().admit_pagerduty(body, headers),
            lambda: self._ring_for_alert("pagerduty", parse_pagerduty_event(body, self._site_tag())),
        )

    def slack(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        """A repetition is taken like the first: what it leads to is the same, however often it is done."""
        from chalicelib.intake.slack_event import parse_slack_request  # the page needs none of it

        def ring() -> Reply:
            sent_at = datetime.fromtimestamp(int(headers["x-slack-request-timestamp"]), UTC)
            if number := headers.get("x-slack-retry-num"):
                self.log.info("slack_retry", number=number, why=headers.get("x-slack-retry-reason", ""))
            return self.slack_desk().take(parse_slack_request(body, headers.get("content-type", ""), sent_at))

        return self._answered(body, lambda: self.gate().admit_slack(body, headers, self.clock.now()), ring)

    def changes(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        from chalicelib.intake.change_event import parse_changes  # the page needs none of it

        def ring() -> Reply:
            told = parse_changes(body, self.clock.now())
            for deployment in told:
                self.ledger().add_change(deployment)
            self.log.info("changes_told", number=len(told))
            return Reply(200, "stored", str(len(told)))

        return self._answered(body, lambda: self.gate().admit_changes(body, headers), ring)

    def _site_tag(self) -> str:
        return site_tag(self.schema().site)

    def _ring_for_alert(self, pager: str, event: PagerEvent) -> Reply:
        """The alert is read by the worker: a webhook only says that something happened to it."""
        cause = Cause.LOOK if event.is_new else Cause.PAGER
        self.queue().send(Message(event.issue_id, cause, orphan=Orphan(event.target, pager, event.alert_id)))
        return Reply(202, "queued", event.issue_id)

    def _answered(self, body: bytes, admit: Callable[[], None], ring: Callable[[], Reply]) -> Reply:
        """Strangers first: nobody who does not belong can raise an alarm."""
        try:
            admit()
            if len(body) > MAX_BODY_BYTES:
                self.log.alarm("body_too_large", bytes=len(body))
                return Reply(413, "too large", f"more than {MAX_BODY_BYTES} bytes")
            return ring()
        except Unauthentic as error:
            self.log.info("unauthentic", why=str(error))
            return Reply(401, "unauthentic", str(error))
        except IgnoredEvent as error:
            self.log.info("ignored", why=str(error))
            return Reply(200, "ignored", str(error))
        except RefusedInput as error:
            self.log.info("refused", why=str(error))
            return Reply(400, "refused", str(error))
        except UnreadableEvent as error:
            return self._bury(body, str(error))
        except UnfitSecret as error:
            self.log.info("unauthentic", why=str(error))
            return Reply(503, "try again", "the secret for this cannot be used")
        except IntegrationError as error:
            self.log.alarm("not_durable", error=str(error))
            return Reply(503, "try again", "the event could not be stored")

    def _bury(self, body: bytes, why: str) -> Reply:
        self.log.alarm("unreadable", why=why)
        try:
            self.queue().bury(body, why)
        except IntegrationError:
            return Reply(503, "try again", "the event could not be stored")
        return Reply(202, "kept for a human", why)
