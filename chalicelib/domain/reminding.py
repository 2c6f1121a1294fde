"""What a company decided about reminding people. Values, and when it is night; pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Night:
    """start <= local time < end, over midnight where start is later than end; never, where they are the same.

    time_zone: the company's; people whose own is known have their own night.
    """

    time_zone: str = "UTC"
    start: time = time(22)
    end: time = time(7)

    def contains(self, moment: datetime, time_zone: str = "") -> bool:
        local = moment.astimezone(ZoneInfo(time_zone or self.time_zone)).time()
        if self.start <= self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end


@dataclass(frozen=True, slots=True)
class ReminderPolicy:
    """times: how often each thing is said, at most; 0 for never. again_after: between one time and the next.

    manager_after: nobody is the incident manager so long after it was raised. public_after: customers notice it, and the public
    has heard nothing for so long. handover_after: somebody has had a role for so long; at_night_after: the same where it
    is night for them by then.
    """

    times: int = 2
    again_after: timedelta = timedelta(minutes=15)
    manager_after: timedelta = timedelta(minutes=10)
    public_after: timedelta = timedelta(minutes=15)
    handover_after: timedelta = timedelta(hours=8)
    at_night_after: timedelta = timedelta(hours=4)
    night: Night = field(default_factory=Night)
