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
from chalicelib.artifacts.artifact import Made, Scene, Spec, Unfinished, spec_of
from chalicelib.artifacts.in_room import ROOM
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
AGAIN_AFTER_S = 30.0


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a sending; kept as the id of its record. left: whom it may not have reached. subject: of the thread."""

    left: tuple[str, ...]
    subject: str

    @classmethod
    def parse(cls, vendor_id: str) -> Fate:
        left, _, subject = vendor_id.partition(" ")
        return cls(tuple(left.split(",")) if left else (), subject)

    def __str__(self) -> str:
        return f"{','.join(self.left)} {self.subject}"


@dataclass(frozen=True, slots=True)
class Letter:
    """One sending of one announcement.

    to: everybody whom the mail names; recipients: those of them whom this sending is for. thread: what the thread is called;
    begins: this mail is its first. has_died: nobody knows what became of the last try. said: what people were told of others.
    """

    announcement: Announcement
    to: tuple[str, ...]
    recipients: tuple[str, ...]
    thread: str
    begins: bool
    is_second: bool
    has_died: bool
    said: frozenset[str] = frozenset()


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
        """Those that are to be sent next, and those that were begun and are not to be sent any more."""
        announcements = self._announcements(scene)
        known = {announcement.id for announcement in announcements}
        wanted: list[Spec[Letter | None]] = [
            spec_of(record.name, scene.incident, None, "over")
            for record in _mails(scene)
            if record.state is ArtifactState.SENDING and record.name.split(":")[1] not in known
        ]
        for announcement in announcements:
            open_ = list(self._open(announcement, scene))
            wanted += open_
            is_under_way = any(not _was_let_go(scene.records.get(spec.name)) for spec in open_)
            if is_under_way and not self._is_in_vain(announcement, scene):
                break
        return tuple(wanted)

    def find(self, spec: Spec[Letter | None]) -> Made | None:
        """What nobody can look at counts as sent, perhaps: only a second sending can make it sure."""
        letter = spec.content
        return _unclear(letter) if letter is not None and letter.has_died else None

    def make(self, spec: Spec[Letter | None]) -> Made | None:
        return self._send(spec.incident, spec.content) if spec.content is not None else None

    def change(self, known: Made, spec: Spec[Letter | None]) -> Made | None:
        """A first sending is over with. A second goes on for those whom the server put off: they have got nothing yet."""
        letter, left = spec.content, Fate.parse(known.vendor_id).left
        if letter is None or not letter.is_second or not left:
            return known
        letter = replace(letter, recipients=left)
        return _unclear(letter, known.says) if letter.has_died else self._send(spec.incident, letter, known.says)

    # --- what is to be sent --------------------------------------------------------------------------------------------

    def _announcements(self, scene: Scene) -> tuple[Announcement, ...]:
        """Nothing of what is private, and of a lowered incident only where people were told of it already."""
        incident = scene.incident
        is_known = any(record.vendor_id is not None or _has_died(record, scene) for record in _mails(scene))
        if incident.is_private or not self._lists(incident) or not (incident.severity.is_major or is_known):
            return ()
        return self.announcer.staff(scene)

    def _lists(self, incident: Incident) -> tuple[str, ...]:
        return self.drills_to if incident.is_drill else self.to

    def _open(self, announcement: Announcement, scene: Scene) -> Iterator[Spec[Letter | None]]:
        """What is left to do for this one."""
        name = f"{MAIL}:{announcement.id}"
        first, second = scene.records.get(name), scene.records.get(name + AGAIN)
        letter = self._letter(announcement, scene)
        if first is None or first.state is not ArtifactState.MADE:
            yield self._spec(name, replace(letter, has_died=_has_died(first, scene)), scene, announcement.not_before)
        fate = _fate(first) or (Fate(letter.to, letter.thread) if _has_died(first, scene) else None)
        if fate is not None and fate.left and (second is None or second.state is not ArtifactState.MADE):
            again = replace(letter, recipients=fate.left, is_second=True, has_died=_has_died(second, scene))
            waits = first.not_before if first is not None and first.not_before is not None else announcement.not_before
            yield self._spec(name + AGAIN, again, scene, max(waits, announcement.not_before))

    def _is_in_vain(self, announcement: Announcement, scene: Scene) -> bool:
        """Its second sending has failed too, so that it holds up no other. A server that is away keeps the order: there even
        the first is not over."""
        second = scene.records.get(f"{MAIL}:{announcement.id}{AGAIN}")
        return second is not None and bool(second.last_error)

    def _spec(self, name: str, letter: Letter, scene: Scene, not_before: datetime | None) -> Spec[Letter | None]:
        """Its fingerprint knows nothing of what the mail says: what was sent is not sent again for an edit."""
        facts: tuple[object, ...] = ()
        if letter is not None and _was_let_go(scene.records.get(name)):
            # What did not stand at the moment of the effect is tried again with the next version of the issue, or of its order.
            order = letter.announcement.order
            facts = (scene.incident.updated_at, order.at if order is not None else None)
        intended = letter.thread if letter is not None else ""
        return spec_of(name, scene.incident, letter, "send", *facts, not_before=not_before, intended=intended)

    def _letter(self, announcement: Announcement, scene: Scene) -> Letter:
        to = self._lists(scene.incident)
        own = f"{MAIL}:{announcement.id}"
        called = {record.name.removesuffix(AGAIN): title for record in _mails(scene) if (title := _thread_of(record))}
        others = [title for name, title in sorted(called.items()) if name != own]
        thread = others[0] if others else called.get(own) or plain_line(announcement.subject)
        said = frozenset(line for record in _mails(scene) if record.name.removesuffix(AGAIN) != own for line in record.says)
        return Letter(announcement, to, to, thread, not others, is_second=False, has_died=False, said=said)

    # --- sending -------------------------------------------------------------------------------------------------------

    def _send(self, incident: Incident, letter: Letter, says: tuple[str, ...] = ()) -> Made | None:
        """says: what people were told of this sending already. None: it may not be told now. Raises Unfinished where somebody
        got it, or may have."""
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
            raise Unfinished(Made(str(Fate(letter.recipients, letter.thread))), because) from error
        refused = (f"{address} gets no mail of ours: {why}" for address, why in sent.refused.items())
        told = (*says, *(line for line in refused if line not in letter.said))
        made = Made(str(Fate(sent.left, letter.thread)), says=tuple(dict.fromkeys(told)))
        if sent.left:
            raise _unfinished(made, f"mail for {', '.join(sent.left)}", "put off by the server")
        return made

    def _mail(self, incident: Incident, letter: Letter) -> Mail:
        announcement = letter.announcement
        title, key, link = plain_line(announcement.subject), incident.key, incident.url
        blocks = blocks_of(announcement.body)
        return Mail(
            message_id=f"firebell.{incident.id}.{announcement.id}@{self.domain}",
            date=announcement.not_before,
            to=letter.to,
            subject=letter.thread if letter.begins else f"Re: {letter.thread}",
            text=self.words.render("mail/announcement.txt", title=title, body=announcement.body, key=key, link=link),
            html=self.words.render("mail/announcement.html", title=title, blocks=blocks, key=key, link=link),
            references=(f"firebell.{incident.id}@{self.domain}",),
        )


def _unfinished(so_far: Made, vendor: str, message: str) -> Unfinished:
    return Unfinished(so_far, TemporaryError(vendor, "send", message, retry_after_s=AGAIN_AFTER_S))


def _unclear(letter: Letter, says: tuple[str, ...] = ()) -> Made:
    """Nobody knows who got it. After the second time that is said."""
    if not letter.is_second:
        return Made(str(Fate(letter.recipients, letter.thread)))
    who = ", ".join(letter.recipients)
    said = (
        f"the mail of {letter.announcement.not_before:%H:%M} UTC may not have reached {who}: the mail server did not say, twice"
    )
    return Made(str(Fate((), letter.thread)), says=(*says, said))


def _mails(scene: Scene) -> list[ArtifactRecord]:
    return [record for name, record in scene.records.items() if name.startswith(f"{MAIL}:")]


def _was_let_go(record: ArtifactRecord | None) -> bool:
    """Not sent, since it might not be told."""
    return record is not None and record.state is ArtifactState.CLOSED


def _fate(record: ArtifactRecord | None) -> Fate | None:
    return Fate.parse(record.vendor_id) if record is not None and record.vendor_id is not None else None


def _thread_of(record: ArtifactRecord) -> str:
    """What the thread is called by this mail, also where nobody knows whether it was sent; "" where it was not begun."""
    fate = _fate(record)
    return fate.subject if fate is not None else next(iter(record.intended), "")


def _has_died(record: ArtifactRecord | None, scene: Scene) -> bool:
    """Begun, and never heard of again: whoever fails says when to come back."""
    if record is None or record.state is not ArtifactState.SENDING:
        return False
    return record.not_before is None and scene.now >= record.until
