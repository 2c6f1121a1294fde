"""Many lives of one incident's mails, with faults of every kind at every step: what is promised holds in each of them."""

from __future__ import annotations

import random
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from chalicelib.domain.announcement import Announcement
from chalicelib.domain.incident import Severity
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.ports.mailer import AnswerLost, Mail, Sent
from tests.adapters.mail_world import OPS, STAFF
from tests.artifacts.passes import is_settled
from tests.artifacts.test_mails import OPENING, RESOLVED, UPDATE, Staff, staff_mail
from tests.builders import NOW, seconds
from tests.reconcile.small_world import Killed

LIVES = 200
PLANNED = [
    OPENING,
    UPDATE,
    *(replace(RESOLVED, id=f"resolved-{n}", not_before=NOW + seconds(100 + 90 * n), body=f"It is over, {n}.") for n in (1, 2)),
]


@dataclass
class Moody:
    """A mail server that a life's dice make take, refuse, put off, forget to answer, or kill whoever asks."""

    dice: random.Random
    calm: bool = False
    taken: list[tuple[Mail, str]] = field(default_factory=list)
    doubts: dict[str, int] = field(default_factory=dict)
    name: str = "smtp"

    def send(self, mail: Mail, to: tuple[str, ...]) -> Sent:
        mood = (
            "well" if self.calm else self.dice.choice(["well", "well", "away", "no", "put off", "lost", "late", "dies", "died"])
        )
        left = tuple(address for address in to if mood == "put off" and self.dice.random() < 0.7)
        if mood in ("well", "put off", "late", "died"):
            self.taken += [(mail, address) for address in to if address not in left]
        if mood in ("lost", "late", "dies", "died"):
            self.doubts[mail.message_id] = self.doubts.get(mail.message_id, 0) + 1
        match mood:
            case "away":
                raise TemporaryError("smtp", "connect", "no answer in time")
            case "no":
                raise PermanentError("smtp", "send", "554 no")
            case "lost" | "late":
                raise AnswerLost("smtp", "send", "no answer in time")
            case "dies" | "died":
                raise Killed
        if left == to:
            raise TemporaryError("smtp", "send", "not yet")
        return Sent(left=left)


def live(staff: Staff, dice: random.Random, moody: Moody) -> None:
    """Passes at odd moments, some of whose deaths fall between our own writes, over what is private now and then, or becomes so
    behind them for a moment; then an hour of calm."""
    for number in range(40):
        staff.announces.staff_ = PLANNED[: 1 + number // 8]
        if dice.random() < 0.1:
            staff.become(severity=dice.choice([Severity.SEV1, Severity.SEV2]), summary=f"Summary {number}")
        if dice.random() < 0.1:
            staff.become(is_private=not staff.passes.incident.is_private)
        is_hushed_behind = dice.random() < 0.2
        if is_hushed_behind:
            staff.in_jira(replace(staff.passes.incident, is_private=True))
        mortality = staff.passes.small.mortality
        mortality.kill_at = len(mortality.effects) + dice.randrange(6) if dice.random() < 0.15 else None
        mortality.after = dice.random() < 0.5
        with suppress(Killed):
            staff.passes.settle()
        if is_hushed_behind:
            staff.become()
        staff.passes.pass_time(dice.choice([1, 5, 31, 31, 61]))
    staff.passes.small.mortality.kill_at = None
    staff.become(is_private=False)
    moody.calm = True
    staff.passes.settle_for(3600)


@pytest.mark.parametrize("part", range(4))
def test_no_mail_is_lost_in_silence_or_sent_a_third_time(part: int):
    for seed in range(part * LIVES // 4, (part + 1) * LIVES // 4):
        dice = random.Random(seed)
        moody = Moody(dice)
        with staff_mail(*PLANNED) as staff:
            staff.mail.smtp.send = moody.send  # type: ignore[method-assign]
            live(staff, dice, moody)
            assert is_settled(staff.passes.settle()), seed
            for announcement in PLANNED:
                for address in (STAFF, OPS):
                    check(staff, moody, announcement, address, seed)
        check_threads(moody, seed)


def check(staff: Staff, moody: Moody, announcement: Announcement, address: str, seed: int) -> None:
    message_id = f"firebell.10002.{announcement.id}@example.com"
    copies = [mail for mail, to in moody.taken if (mail.message_id, to) == (message_id, address)]
    is_said = any(f"{announcement.not_before:%H:%M} UTC" in line and address in line for line in staff.says)
    assert len(copies) <= 2, (seed, announcement.id, address)
    assert copies or is_said, (seed, announcement.id, address)
    # A death of ours beside the server's own counts as well: nobody can tell the two apart.
    deaths = staff.passes.small.mortality.effects.count("smtp.send")
    assert len(copies) < 2 or moody.doubts.get(message_id) or deaths, (seed, announcement.id)


def check_threads(moody: Moody, seed: int) -> None:
    subjects: dict[str, Any] = {}
    for mail, _ in moody.taken:
        assert mail.references == ("firebell.10002@example.com",)
        assert subjects.setdefault(mail.message_id, (mail.subject, mail.date)) == (mail.subject, mail.date), seed
    assert len({subject.removeprefix("Re: ") for subject, _ in subjects.values()}) == 1
