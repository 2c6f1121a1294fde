"""What a page's record becomes with each thing that is learnt or done: the arrows of docs/page-protocol.md, pure.

When an arrow is taken is `page_protocol`'s to decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.artifacts.page_plan import TOLD, Sighting
from chalicelib.artifacts.page_times import (
    CLAIM,
    CLOCKS_DIFFER,
    FAILURES_TOLD,
    FIRST_CHECK,
    LATER_AGAIN,
    LONGEST_LOOK_WAIT,
    LONGEST_WAIT,
    LOOK_AGAIN,
    LOOKS_BEFORE_DOUBT,
    LOST,
    ORPHAN_OWED,
    OURS_NO_MORE,
)
from chalicelib.domain.paging import Alert, AlertStatus, PageRecord, PageState


def sending(record: PageRecord, claim: str, now: datetime) -> PageRecord:
    """Claimed for one more create, which nobody else may send until the claim has passed."""
    return replace(
        record,
        state=PageState.SENDING,
        claim=claim,
        until=now + CLAIM,
        attempt=record.attempt + 1,
        looks_failed=0,
        request_id=None,
        not_before=None,
        unwanted_since=None,
    )


def accepted(record: PageRecord, request_id: str, now: datetime) -> PageRecord:
    """The record after the pager answered 2xx to a create: accepted, not yet confirmed."""
    return replace(
        record,
        state=PageState.ACCEPTED,
        request_id=request_id,
        accepted_at=now,
        until=now + FIRST_CHECK,
        not_before=None,
        out_of_service=False,
        last_error=None,
        looks_failed=0,
    )


def refused(record: PageRecord, why: str, now: datetime) -> PageRecord:
    """The record after the pager said no for good: the next in the chain is paged, and this one tried again much later."""
    nothing = replace(record, accepted_at=None, unseen=False)  # also where it was accepted before: nothing came of that
    return replace(nothing, state=PageState.REFUSED, last_error=why, until=now, not_before=None)


def unanswered(record: PageRecord, why: str, now: datetime, *, retry_after_s: float | None, out_of_service: bool) -> PageRecord:
    """The record after a create without a good answer: it may have rung, so the next thing is a look, never a repeat."""
    wait = max(believed(retry_after_s), timedelta(seconds=min(15, 5 * record.attempt)))
    # The claim runs on: what was sent may still be on its way, and a look before that would see nothing.
    return replace(
        record,
        state=PageState.UNKNOWN,
        last_error=why,
        not_before=max(record.until, now + wait),
        out_of_service=out_of_service,
    )


def look_failed(record: PageRecord, sighting: Sighting, now: datetime, *, patient: bool = False) -> PageRecord:
    """A look without an answer. patient: nobody waits for this page, so the next look may wait a little longer each time.

    One in a pass counts: a pager that hangs is not asked once more for each of its pages, nor for each turn that one takes.
    """
    too_late = sighting.out_of_service or (sighting.retry_after_s or 0) > LOOK_AGAIN.total_seconds()
    failures = max(record.looks_failed + (not sighting.again), LOOKS_BEFORE_DOUBT if too_late else 0)
    wait = max(min(believed(sighting.retry_after_s), LONGEST_LOOK_WAIT), try_again(failures if patient else 1))
    return replace(record, looks_failed=failures, not_before=now + wait, last_error=sighting.error)


def adopted(record: PageRecord, found: tuple[Alert, ...], now: datetime) -> PageRecord:
    """The record after a look found alerts of ours."""
    alert = liveliest(found)
    ids = joined((alert.id,), joined(tuple(a.id for a in found), record.alert_ids))
    known = replace(record, alert_ids=ids, shown=True, accepted_at=record.accepted_at or now)
    match alert.status:
        case AlertStatus.OPEN:
            return confirmed(known, now)
        case AlertStatus.ACKED:
            return acked(confirmed(known, now), alert, now)
        case AlertStatus.CLOSED:
            return closed(confirmed(known, now), alert, now)


def confirmed(record: PageRecord, now: datetime) -> PageRecord:
    """Its alert was seen: whatever was in doubt before is not any more."""
    return replace(
        record,
        state=PageState.CONFIRMED,
        confirmed_at=record.confirmed_at or now,
        until=now,
        not_before=None,
        looks_failed=0,
        unseen=False,
        unwanted_since=None,
        sent_before=False,
        out_of_service=False,
        last_error=None,
    )


def acked(record: PageRecord, alert: Alert, now: datetime) -> PageRecord:
    ids = joined((alert.id,), record.alert_ids)
    return replace(had_by(record, alert, now), state=PageState.ACKED, alert_ids=ids, not_before=None, looks_failed=0)


def had_by(record: PageRecord, alert: Alert, now: datetime) -> PageRecord:
    """Whoever acknowledged it first has it: one more alert of it does not change whose the page is."""
    if record.is_acked:
        return record
    return replace(record, acked_at=alert.at or now, acked_by=alert.by, acked_by_us=record.ack_sent_at is not None)


def closed(record: PageRecord, alert: Alert | None, now: datetime) -> PageRecord:
    by, at, ids = (alert.by, alert.at, (alert.id,)) if alert else (None, None, ())
    known = replace(record, alert_ids=joined(ids, record.alert_ids), not_before=None, looks_failed=0)
    return replace(known, state=PageState.CLOSED, closed_at=at or now, closed_by=by)


def known_by(
    record: PageRecord, found: tuple[Alert, ...], claim: str, now: datetime, wanted_since: datetime | None
) -> PageRecord:
    """What was found is this page's. But an old alert that we were ending, and that somebody had in hand before, is ended:
    now it is new to everybody.

    So is one that was made before the page was wanted, and left open or acknowledged: it rings nobody any more, and under its
    alias nobody else. Then nobody was paged by this, nor has answered. wanted_since: None while the page is not wanted.
    """
    known, first = adopted(record, found, now), liveliest(found)
    if is_in_hand_from_before(first, record):
        return ending(record, claim, now)
    if not record.alert_ids and is_left_over(first, record, wanted_since):
        return ending(replace(record, alert_ids=known.alert_ids, confirmed_at=now), claim, now)
    return known


def is_in_hand_from_before(alert: Alert, record: PageRecord) -> bool:
    """We were ending it, and somebody had it: of what is wanted again they know nothing, and under its alias nobody hears."""
    return alert.status is AlertStatus.ACKED and alert.id in record.former_ids


def is_left_over(alert: Alert, record: PageRecord, wanted_since: datetime | None) -> bool:
    """Made before the page was wanted, and before it was begun: what was begun goes on, over unseen reopenings too."""
    is_old = wanted_since is not None and alert.created_at < min(wanted_since, record.since) - CLOCKS_DIFFER
    return is_old and alert.status is not AlertStatus.CLOSED


def was_answered_before(alert: Alert, since: datetime) -> bool:
    """As far as two clocks can tell. What is rung once more then is better than what is never rung."""
    return alert.status is not AlertStatus.OPEN and alert.at is not None and alert.at < since


def proving_nothing(record: PageRecord, ids: tuple[str, ...]) -> PageRecord:
    """Whoever has these alerts, or closed them, knew nothing of what is wanted now."""
    return replace(record, alert_ids=joined(ids, record.alert_ids), former_ids=joined(ids, record.former_ids))


def begun_anew(record: PageRecord, now: datetime, *, out_of_service: bool = False) -> PageRecord:
    """Wanted again, and the pager will not be asked to close the old alert for a while: then the old page goes on.

    Nothing is known of it any more, so that a pager which cannot be reached is seen as such and its second rings.
    That its alert is found closed may be our own doing, and proves nothing. What was begun anew before, and found in its way
    the same alert, has been missing since then.
    """
    return replace(
        _forgotten(record),
        state=PageState.UNKNOWN,
        since=record.since if record.accepted_at is None else now,
        until=now,
        ack_sent_at=None,
        acked_at=None,
        acked_by=None,
        acked_by_us=False,
        former_ids=record.alert_ids,
        out_of_service=out_of_service,
        sent_before=True,
    )


def missed_anew(record: PageRecord, now: datetime) -> PageRecord:
    """Wanted again while nobody knows whether it exists: what was so when it was wanted before says nothing of its pager now.

    A Retry-After is kept where it answered a create. A look that failed while nobody waited holds nobody up.
    """
    not_before = None if record.looks_failed else record.not_before
    return replace(
        _forgotten(record),
        since=now,
        unwanted_since=None,
        not_before=not_before,
        out_of_service=record.out_of_service and not_before is not None and now < not_before,
    )


def _forgotten(record: PageRecord) -> PageRecord:
    """Without what was seen, heard or told of it before."""
    return replace(
        record,
        accepted_at=None,
        confirmed_at=None,
        shown=False,
        unseen=False,
        unanswered=False,
        on_call=None,
        looks_failed=0,
    )


def in_place_of(old: PageRecord, new: PageRecord, now: datetime) -> PageRecord:
    """A link begins whose record was left over, or only looked for: what was sent before may come late, or be told of, and a
    create that was to wait does."""
    held = missed_anew(old, now) if old.state is PageState.UNKNOWN else new
    return replace(
        new,
        alert_ids=old.alert_ids,
        former_ids=old.alert_ids,
        attempt=old.attempt,
        sent_before=old.sent_before,
        blind_sent_at=old.blind_sent_at,
        told_ids=old.told_ids,
        look_owed=old.look_owed,
        not_before=held.not_before,
        out_of_service=held.out_of_service,
    )


def ending(record: PageRecord, claim: str, now: datetime) -> PageRecord:
    """No longer wanted: to be looked for once more, and closed where it is open."""
    return replace(record, state=PageState.ENDING, claim=claim, until=now, looks_failed=0)


def close_failed(record: PageRecord, why: str, now: datetime, retry_after_s: float | None) -> PageRecord:
    """The pager did not take the request to close it, which was counted when it was sent.

    Asked again as soon as where it does not show: wanted anew, the page must not wait long for the old alert.
    """
    return replace(record, last_error=why, not_before=now + max(believed(retry_after_s), try_again(record.looks_failed)))


def try_again(tries: int) -> timedelta:
    """How long after so many looks without an answer in a row, or closes that do not show, comes the next."""
    wait: timedelta = LOOK_AGAIN * 2 ** min(tries - 1, 3)
    return min(LATER_AGAIN, wait)


def is_to_be_told(before: PageRecord, after: PageRecord) -> bool:
    """Whether this failure to end a page was one too many: what was sent may ring on, and only a human can tell. Pure."""
    was_sent = before.attempt > 0 or bool(before.alert_ids)
    return was_sent and after.looks_failed // FAILURES_TOLD > before.looks_failed // FAILURES_TOLD


def believed(retry_after_s: float | None) -> timedelta:
    """How long a pager is left alone that asks for it."""
    return min(timedelta(seconds=retry_after_s or 0), LONGEST_WAIT)


def ours_in(
    alerts: Sequence[Alert], record: PageRecord, not_ours: set[str], wanted_since: datetime | None
) -> tuple[Alert, ...]:
    """An alert of an ended episode is never ours again, nor is one that we were ending and that has ended.

    Nor is one that was over before anybody had to hear of this: who made that (another stage, another Jira, a ledger of before)
    is not known, and whoever closed it answered nothing of this. wanted_since: by Jira's clock.
    """
    return tuple(
        alert
        for alert in alerts
        if alert.id not in not_ours and not is_former(alert, record) and not _was_over(alert, record, wanted_since)
    )


def _was_over(alert: Alert, record: PageRecord, wanted_since: datetime | None) -> bool:
    if wanted_since is None or alert.status is not AlertStatus.CLOSED or alert.id in record.alert_ids:
        return False
    return (alert.at or alert.created_at) < wanted_since - CLOCKS_DIFFER


def is_former(alert: Alert, record: PageRecord) -> bool:
    if alert.status is not AlertStatus.CLOSED or alert.id not in record.former_ids:
        return False
    return alert.at is None or alert.at < record.since + OURS_NO_MORE


def hidden_until(record: PageRecord, shown: Sequence[Alert], now: datetime) -> datetime:
    """An alert that was seen and is not shown: one answer that does not know it may be wrong, and a list may lag."""
    is_shown = {alert.id for alert in shown}.issuperset(record.alert_ids)
    return now if is_shown or record.confirmed_at is None else record.confirmed_at + LOST


def was_repeated(record: PageRecord) -> bool:
    return record.attempt > 1 or record.reason == TOLD or record.blind_sent_at is not None


def owed_until(record: PageRecord) -> datetime:
    """So long may an alert come late of what was sent."""
    sent_at = record.accepted_at or record.since
    return max(sent_at, record.blind_sent_at or sent_at) + ORPHAN_OWED


def joined(newer: tuple[str, ...], older: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*newer, *older)))


def liveliest(alerts: Sequence[Alert]) -> Alert:
    """The newest that rings decides, else the newest that somebody has, else the newest."""
    return min(alerts, key=lambda alert: _LIVELY.index(alert.status))


_LIVELY = (AlertStatus.OPEN, AlertStatus.ACKED, AlertStatus.CLOSED)
