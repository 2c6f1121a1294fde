"""Mail to staff: each announcement once, in order, and all of an incident in one thread.

Nobody can look at a mail that was sent. So a record stands for one sending, "mail:<announcement>", and a second one,
"mail:<announcement>:again", for the only other that there may be: to whom the first may not have reached, because its answer
was lost, the worker died, or the server put them off or refused. What stays unclear then is said, not sent. Both times the
Message-ID, Date and references are the same.

The thread hangs on an id that no mail has, made of the issue's id: Amazon SES gives every mail an id of its own. All mails
are called as the first was, since Gmail parts a thread where its subject changes; what the incident is called by now
stands in the mail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.artifacts.announcements import Announcer
from chalicelib.artifacts.artifact import Made, Scene, Spec, Unfinished, is_dealt_with, spec_of
from chalicelib.artifacts.in_room import ROOM
from chalicelib.artifacts.told import still_news
from chalicelib.domain.announcement import MAIL, Announcement
from chalicelib.domain.body import blocks_of
from chalicelib.domain.incident import Incident
from chalicelib.domain.text import plain_line
from chalicelib.errors import PermanentError, TemporaryError
from chalicelib.ports.ledger import ArtifactRecord, ArtifactState
from chalicelib.ports.mailer import AnswerLost, Mail, Mailer
from chalicelib.ports.tickets import Tickets
from chalicelib.ports.words import Words

AGAIN = ":again"
REPLY = "Re: "
AGAIN_AFTER_S = 30.0


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a sending; kept as the id of its record. left: whom it may not have reached. date, subject: the mail's."""

    left: tuple[str, ...]
    date: datetime
    subject: str

    @classmethod
    def parse(cls, vendor_id: str) -> Fate:
        left, date, subject = vendor_id.split(" ", 2)
        return cls(tuple(left.split(",")) if left else (), datetime.fromisoformat(date), subject)

    def __str__(self) -> str:
        return f"{','.join(self.left)} {self.date.isoformat()} {self.subject}"


@dataclass(frozen=True, slots=True)
class Letter:
    """One sending of one announcement.

    date, subject: the same both times. to: everybody whom the mail names; recipients: those of them whom this sending is for.
    has_died: whoever gets hold of it knows that its last try died, and not what became of it. said: what people were told of
    other mails.
    """

    announcement: Announcement
    date: datetime
    subject: str
    to: tuple[str, ...]
    recipients: tuple[str, ...]
    is_second: bool
    has_died: bool
    said: frozenset[str] = frozenset()

    def fate(self, *left: str) -> str:
        return str(Fate(left, self.date, self.subject))


@dataclass(frozen=True, slots=True)
class Mails:
    """domain: of the sender's address; part of every Message-ID, so that changing it parts threads. to: the lists of the
    staff. drills_to: those of drills; empty where drills send no mail. A content of None: not to be sent any more."""

    mailer: Callable[[], Mailer]
    tickets: Callable[[], Tickets]
    words: Words
    announcer: Announcer
    domain: str
    to: tuple[str, ...]
    drills_to: tuple[str, ...] = ()
    after: tuple[str, ...] = (ROOM,)
    name: str = MAIL
    speaks_when_held: bool = False

    def want(self, scene: Scene) -> tuple[Spec[Letter | None], ...]:
        """Those that are to be sent next, and those that were begun, that nobody got and that are not to be sent any more.

        What somebody got, or may have, is given up instead: its record has to know of that when it may be told again.
        """
        announcements = self._announcements(scene)
        known = {announcement.id for announcement in announcements}
        wanted: list[Spec[Letter | None]] = [
            spec_of(record.name, scene.incident, None, "over")
            for record in _mails(scene)
            if _is_surely_unsent(record) and record.name.split(":")[1] not in known
        ]
        for announcement in announcements:
            open_ = list(self._open(announcement, scene))
            is_last = announcement is announcements[-1]
            wanted += [spec if is_last else replace(spec, is_awaited=True) for spec in open_]
            if open_ and not self._is_in_vain(announcement, scene):
                break
        return tuple(wanted)

    def find(self, spec: Spec[Letter | None]) -> Made | None:
        """What nobody can look at counts as sent, perhaps: only a second sending can make it sure."""
        letter = spec.content
        return _unclear(letter) if letter is not None and letter.has_died else None

    def make(self, spec: Spec[Letter | None]) -> Made | None:
        return self._send(spec.incident, spec.content) if spec.content is not None else None

    def change(self, known: Made, spec: Spec[Letter | None]) -> Made | None:
        """A first sending is over with. A second goes on for those whom the server put off: they have got nothing yet.

        Where it may not be told at that very moment it is let go until it may, and what people were told of it stays.
        """
        letter, left = spec.content, Fate.parse(known.vendor_id).left
        if letter is None or not letter.is_second or not left:
            return known
        letter = replace(letter, recipients=left)
        if letter.has_died:
            return _unclear(letter, known.says)
        return self._send(spec.incident, letter, known.says) or replace(known, put_away=True)

    # --- what is to be sent --------------------------------------------------------------------------------------------

    def _announcements(self, scene: Scene) -> tuple[Announcement, ...]:
        """Nothing of what is private, and of a lowered incident only where people were told of it already."""
        incident = scene.incident
        is_known = any(record.vendor_id is not None or _has_died(record, scene) for record in _mails(scene))
        if incident.is_private or not self._lists(incident) or not (incident.severity.is_major or is_known):
            return ()
        return still_news(MAIL, scene, self.announcer.staff(scene))

    def _lists(self, incident: Incident) -> tuple[str, ...]:
        return self.drills_to if incident.is_drill else self.to

    def _open(self, announcement: Announcement, scene: Scene) -> Iterator[Spec[Letter | None]]:
        """What is left to do for this one."""
        name = f"{MAIL}:{announcement.id}"
        first, second = scene.records.get(name), scene.records.get(name + AGAIN)
        letter = self._letter(announcement, scene)
        sending = self._spec(name, replace(letter, has_died=_is_begun(first)), scene, announcement.not_before)
        if not is_dealt_with(first, sending):
            yield sending
        fate = _fate(first) or (Fate(letter.to, letter.date, letter.subject) if _has_died(first, scene) else None)
        if fate is None or not fate.left:
            return
        again = replace(letter, recipients=fate.left, is_second=True, has_died=_is_begun(second))
        waits = first.not_before if first is not None and first.not_before is not None else announcement.not_before
        repeat = self._spec(name + AGAIN, again, scene, max(waits, announcement.not_before))
        if not is_dealt_with(_as_unsent(second), repeat):
            yield repeat

    def _is_in_vain(self, announcement: Announcement, scene: Scene) -> bool:
        """Its second sending has failed too, so that it holds up no other. A server that is away keeps the order: there even
        the first is not over."""
        second = scene.records.get(f"{MAIL}:{announcement.id}{AGAIN}")
        return second is not None and bool(second.last_error)

    def _spec(self, name: str, letter: Letter, scene: Scene, not_before: datetime | None) -> Spec[Letter | None]:
        """Its fingerprint knows nothing of what the mail says: what was sent is not sent again for an edit. What did not stand
        when it was to be sent is asked for again when the issue has a new version, or the order does: one that could not be
        read was perhaps edited before the version that was."""
        order = letter.announcement.order
        versions = (scene.incident.updated_at.isoformat(), order.at.isoformat() if order is not None else "")
        subject = letter.subject
        spec: Spec[Letter | None] = spec_of(name, scene.incident, letter, *versions, not_before=not_before, intended=subject)
        return replace(spec, is_awaited=letter.has_died)  # by its second sending

    def _letter(self, announcement: Announcement, scene: Scene) -> Letter:
        to, own = self._lists(scene.incident), f"{MAIL}:{announcement.id}"
        others = [record for record in _mails(scene) if record.name.removesuffix(AGAIN) != own]
        said = frozenset(line for record in others for line in record.says)
        begun = scene.records.get(own)
        known, called = _fate(begun), _subject_of(begun)
        date = known.date if known is not None else announcement.not_before
        if called:
            return Letter(announcement, date, called, to, to, is_second=False, has_died=False, said=said)
        thread = next((title.removeprefix(REPLY) for title in map(_subject_of, others) if title), None)
        subject = f"{REPLY}{thread}" if thread is not None else plain_line(announcement.subject)
        return Letter(announcement, date, subject, to, to, is_second=False, has_died=False, said=said)

    # --- sending -------------------------------------------------------------------------------------------------------

    def _send(self, incident: Incident, letter: Letter, says: tuple[str, ...] = ()) -> Made | None:
        """None: it may not be told now. says: what people were told of this sending already.

        Raises Unfinished where somebody got it, or may have.
        """
        if not self.announcer.still_stands(self.tickets(), incident, letter.announcement):
            return None
        mail = self._mail(incident, letter)
        try:
            sent = self.mailer().send(mail, letter.recipients)
        except AnswerLost as error:
            if letter.is_second:
                return _unclear(letter, says)
            raise _unfinished(_unclear(letter), error.vendor, error.message) from error
        except PermanentError as error:
            if letter.is_second:
                raise
            because = TemporaryError(error.vendor, error.operation, error.message, out_of_service=True)
            raise Unfinished(Made(letter.fate(*letter.recipients)), because) from error
        refused = (f"{address} gets no mail of ours: {why}" for address, why in sent.refused.items())
        told = (*says, *(line for line in refused if line not in letter.said))
        made = Made(letter.fate(*sent.left), says=tuple(dict.fromkeys(told)))
        if sent.left:
            raise _unfinished(made, f"mail for {', '.join(sent.left)}", "put off by the server")
        return made

    def _mail(self, incident: Incident, letter: Letter) -> Mail:
        announcement = letter.announcement
        title, key, link = plain_line(announcement.subject), incident.key, incident.url
        blocks = blocks_of(announcement.body)
        return Mail(
            message_id=f"firebell.{incident.id}.{announcement.id}@{self.domain}",
            date=letter.date,
            to=letter.to,
            subject=letter.subject,
            text=self.words.render("mail/announcement.txt", title=title, body=announcement.body, key=key, link=link),
            html=self.words.render("mail/announcement.html", title=title, blocks=blocks, key=key, link=link),
            references=(f"firebell.{incident.id}@{self.domain}",),
        )


def _unfinished(so_far: Made, vendor: str, message: str) -> Unfinished:
    return Unfinished(so_far, TemporaryError(vendor, "send", message, retry_after_s=AGAIN_AFTER_S))


def _unclear(letter: Letter, says: tuple[str, ...] = ()) -> Made:
    """Nobody knows who got it. After the second time that is said."""
    if not letter.is_second:
        return Made(letter.fate(*letter.recipients))
    who = ", ".join(letter.recipients)
    said = (
        f"the mail of {letter.announcement.not_before:%H:%M} UTC may not have reached {who}: the mail server did not say, twice"
    )
    return Made(letter.fate(), says=(*says, said))


def _mails(scene: Scene) -> list[ArtifactRecord]:
    return [record for name, record in scene.records.items() if name.startswith(f"{MAIL}:")]


def _is_surely_unsent(record: ArtifactRecord) -> bool:
    """Begun, and its tries were all answered by a no."""
    return record.state is ArtifactState.SENDING and record.vendor_id is None and not record.is_unanswered


def _as_unsent(second: ArtifactRecord | None) -> ArtifactRecord | None:
    """A second sending that was let go while the server put somebody off is as if it had reached nobody: it waits for them."""
    fate = _fate(second)
    return replace(second, vendor_id=None) if second is not None and fate is not None and fate.left else second


def _fate(record: ArtifactRecord | None) -> Fate | None:
    return Fate.parse(record.vendor_id) if record is not None and record.vendor_id is not None else None


def _subject_of(record: ArtifactRecord | None) -> str:
    """What it was called, also where nobody knows whether it was sent; "" where it was not begun."""
    fate = _fate(record)
    return fate.subject if fate is not None else next(iter(record.intended), "") if record is not None else ""


def _is_begun(record: ArtifactRecord | None) -> bool:
    """And not heard of since. What was let go or given up before keeps that state while it is tried."""
    return record is not None and record.is_unanswered


def _has_died(record: ArtifactRecord | None, scene: Scene) -> bool:
    """Begun, and never heard of again."""
    return record is not None and record.is_unanswered and scene.now >= record.until
