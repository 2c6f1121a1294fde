"""What people have been told of an incident, and what is known of it: by the records, and by the orders that count. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from chalicelib.artifacts.artifact import Scene
from chalicelib.artifacts.order_source import TOLD_WITHIN, begun
from chalicelib.artifacts.reminders import Known
from chalicelib.artifacts.rulings import Ruling, Standing, rulings
from chalicelib.artifacts.status_told import is_over_on
from chalicelib.domain.announcement import OPENING, PUBLIC_CHANNELS, RESOLVED, STAFF_CHANNELS, Announcement, Audience, said_on
from chalicelib.domain.checklist import Answers, newest_answers
from chalicelib.domain.incident import Status
from chalicelib.domain.orders import Topic
from chalicelib.domain.reminding import promised_at
from chalicelib.domain.telling import TellingPolicy


def known_to_people(scene: Scene, policy: TellingPolicy, *, has_public_page: bool, time_zone: str) -> Known:
    """time_zone: in which people write a time of day without saying so."""
    told = [one for one in rulings(policy, scene) if one.is_told]
    staff_at = max(_told_at(scene, STAFF_CHANNELS), default=None)
    return Known(
        staff_at,
        _promised(told, time_zone),
        staff_over=staff_at is not None and any(at > staff_at for at in _ended_at(scene, STAFF_CHANNELS)),
        public_can=has_public_page,
        public_was=any(_told_at(scene, PUBLIC_CHANNELS)),
        public_over=any(is_over_on(channel, scene.records) for channel in PUBLIC_CHANNELS),
    )


def answers_known(scene: Scene, policy: TellingPolicy) -> Answers:
    """By updates for staff, and by the fields of the issue."""
    counting = [one for one in rulings(policy, scene) if one.standing is Standing.ACCEPTED and one.audience is Audience.STAFF]
    return newest_answers([one.order for one in counting], scene.incident.impact)


def still_news(channel: str, scene: Scene, announced: tuple[Announcement, ...]) -> tuple[Announcement, ...]:
    """Without what was due for longer than a day and not begun there: a channel that a company adds tells no old stories.

    Whatever its age, what is still open is opened, and what was told there is ended.
    """
    there, is_over = begun(scene.records, (channel,)), scene.incident.status is Status.RESOLVED

    def is_news(one: Announcement) -> bool:
        if one.id in there or scene.now - one.not_before <= TOLD_WITHIN:
            return True
        if one.id == OPENING:
            return not is_over
        return one.order is None and bool(there)

    return tuple(filter(is_news, announced))


def _told_at(scene: Scene, channels: tuple[str, ...]) -> Iterator[datetime]:
    return (record.made_at for _, record in said_on(scene.records, channels) if record.made_at is not None)


def _ended_at(scene: Scene, channels: tuple[str, ...]) -> Iterator[datetime]:
    """When a last word was told there."""
    ids = tuple(f"{channel}:{RESOLVED}-" for channel in channels)
    return (one.made_at for name, one in scene.records.items() if name.startswith(ids) and one.made_at is not None)


def _promised(told: list[Ruling], time_zone: str) -> datetime | None:
    """By the newest update for staff."""
    updates = [one for one in told if one.asked is not None and one.audience is Audience.STAFF]
    if not updates or updates[-1].asked is None:
        return None
    promise = dict(updates[-1].asked.answers).get(Topic.NEXT, "")
    return promised_at(promise, updates[-1].order.edited_at, time_zone)
